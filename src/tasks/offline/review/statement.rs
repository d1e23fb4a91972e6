//! Statements that go over several lines, each put on one, for rules that must see more than a line.
//!
//! A statement goes on where a bracket or a long string is open, where a line ends in an operator or the next one
//! begins with one. It holds unchanged lines too, but what fits without the added ones stood there before.

use std::sync::OnceLock;

use regex::bytes::{Regex, RegexBuilder};

use super::classes::{
    CODE_INJECTION, HTML_INJECTION, MUTABLE_DEFAULT, PIPE_TO_SHELL, Row, SHELL_INJECTION, SQL_INJECTION, SWALLOWED,
    TLS_OFF,
};
use super::lines::{LINE, begin, fits};
use crate::git::{FileChange, Hunk, Line, LineKind};

/// Classes that are looked for in statements; all others see one line at a time.
pub(super) const CLASSES: [Row; 8] = [
    CODE_INJECTION,
    HTML_INJECTION,
    MUTABLE_DEFAULT,
    PIPE_TO_SHELL,
    SHELL_INJECTION,
    SQL_INJECTION,
    SWALLOWED,
    TLS_OFF,
];

/// Lines of a statement that are joined, at most.
pub(super) const LINES: usize = 5;

/// What the first line of a statement holds if one of these rules may fit it: other statements are not joined.
const WORDS: &str = r"(?i)catch|except|\bdef\b|subprocess|popen|system|exec|eval|passthru|query|prepare|sql|select|insert|update|delete|drop|truncate|html|function|requests|httpx|aiohttp|session|client|\.(?:get|post|put|patch|head|options|request|send|stream)\(|curl|wget";

/// One statement.
pub(super) struct Statement {
    /// The first line of it that the change adds.
    pub(super) line: u32,
    /// All of it on one line.
    pub(super) text: String,
    /// Where its second line begins.
    first: usize,
    /// What of it stood there before, on one line.
    old: String,
}

impl Statement {
    /// Whether a rule fits it from its first line on. What begins further down is found there.
    pub(super) fn fits(&self, place: usize) -> bool {
        begin(place, &self.text).is_some_and(|at| at < self.first) && !fits(place, &self.old)
    }
}

/// The statements of a file that go over more than one line and have an added one.
pub(super) fn statements(file: &FileChange) -> Vec<Statement> {
    let all = file.hunks.iter().flat_map(|hunk| (0..hunk.lines.len()).map(move |at| (hunk, at)));
    all.filter_map(|(hunk, at)| statement(hunk, at)).collect()
}

fn statement(hunk: &Hunk, at: usize) -> Option<Statement> {
    let head = hunk.lines.get(at).filter(|l| l.kind != LineKind::Removed)?;
    let mut lines = hunk.lines.get(at + 1..)?.iter().filter(|l| l.kind != LineKind::Removed).peekable();
    let next = lines.peek()?.text.trim();
    if !(ends_open(&head.text) || leads(next) || meet(&head.text, next)) || !telling(&head.text) {
        return None;
    }
    let mut open = Open::default();
    open.read(&head.text);
    let (mut text, mut old) = (String::new(), String::new());
    take(head, &mut text, &mut old);
    let first = text.len();
    let mut line = added(head);
    for part in lines.take(LINES - 1) {
        let words = part.text.trim();
        let on = open.any() || hangs(&text) || leads(words) || meet(&text, words);
        if !on || text.len() + words.len() > LINE {
            break;
        }
        open.read(words);
        take(part, &mut text, &mut old);
        line = line.or_else(|| added(part));
    }
    Some(Statement { line: line?, text, first, old })
}

fn added(line: &Line) -> Option<u32> {
    (line.kind == LineKind::Added).then(|| line.new.unwrap_or(0))
}

fn take(line: &Line, text: &mut String, old: &mut String) {
    join(text, &line.text);
    if line.kind == LineKind::Context {
        join(old, &line.text);
    }
}

/// Whether one of the rules may fit a statement that begins so.
fn telling(text: &str) -> bool {
    static COMPILED: OnceLock<Option<Regex>> = OnceLock::new();
    let words = COMPILED.get_or_init(|| RegexBuilder::new(WORDS).unicode(false).build().ok());
    text.len() <= LINE && words.as_ref().is_some_and(|w| w.is_match(text.as_bytes()))
}

/// The line may leave something open, by its end.
fn ends_open(text: &str) -> bool {
    let text = text.trim_end();
    match text.as_bytes().last() {
        Some(b'(' | b'[' | b',' | b'`') => true,
        // Bodies are statements of their own, but for one that should say what becomes of an error.
        Some(b'{') => text.contains("catch"),
        Some(b'"') => text.ends_with("\"\"\""),
        _ => hangs(text),
    }
}

/// The line ends where a value must follow, or a block of one line.
fn hangs(text: &str) -> bool {
    let text = text.trim_end();
    match text.as_bytes().last() {
        Some(b'=' | b'+' | b'|' | b'\\') => true,
        Some(b':') => text.trim_start().starts_with("except"),
        _ => false,
    }
}

/// The line goes on with what stands above.
fn leads(text: &str) -> bool {
    text.starts_with(['+', '.', '%', '|'])
}

/// A string ends above and another one begins here: they are one.
fn meet(above: &str, text: &str) -> bool {
    seam(above, text).is_some()
}

/// Both strings without the quotes at which they meet, and whether the second one holds values.
fn seam<'a, 'b>(above: &'a str, text: &'b str) -> Option<(&'a str, &'b str, bool)> {
    let above = above.trim_end();
    let above = above.strip_suffix('+').map_or(above, str::trim_end);
    let text = text.strip_prefix('+').map_or(text, str::trim_start);
    let (text, holds) = text.strip_prefix('f').map_or((text, false), |rest| (rest, true));
    ['"', '\''].into_iter().find_map(|quote| {
        let (above, text) = (above.strip_suffix(quote)?, text.strip_prefix(quote)?);
        // Three of them are a quote of another kind, and two are an empty string.
        (!above.ends_with(quote) && !text.starts_with(quote)).then_some((above, text, holds))
    })
}

/// Puts a line behind what is there.
fn join(text: &mut String, line: &str) {
    if text.is_empty() {
        text.push_str(line.trim_end());
        return;
    }
    let line = line.trim();
    let Some((above, rest, holds)) = seam(text, line) else {
        let trimmed = text.trim_end().len();
        text.truncate(trimmed);
        text.push(' ');
        text.push_str(line);
        return;
    };
    let end = above.len();
    let quote = text.get(end..).and_then(|t| t.chars().next()).unwrap_or('"');
    text.truncate(end);
    if holds
        && let Some(at) = text.rfind(quote)
        && !text.get(..at).is_some_and(|before| before.ends_with('f'))
    {
        text.insert(at, 'f');
    }
    text.push_str(rest);
}

/// What the lines read so far leave open.
#[derive(Default)]
struct Open {
    brackets: usize,
    template: bool,
    long: bool,
}

impl Open {
    fn any(&self) -> bool {
        self.brackets > 0 || self.template || self.long
    }

    fn read(&mut self, text: &str) {
        if text.matches("\"\"\"").count() % 2 == 1 {
            self.long = !self.long;
        }
        let mut quote = self.template.then_some(b'`');
        let mut escaped = false;
        for byte in text.bytes() {
            match (quote, byte) {
                (Some(_), _) if escaped => escaped = false,
                (Some(_), b'\\') => escaped = true,
                (Some(open), _) if byte == open => quote = None,
                (None, b'"' | b'\'' | b'`') => quote = Some(byte),
                (None, b'(' | b'[' | b'{') => self.brackets += 1,
                (None, b')' | b']' | b'}') => self.brackets = self.brackets.saturating_sub(1),
                _ => {}
            }
        }
        // Other quotes that are open at a line's end are apostrophes.
        self.template = quote == Some(b'`');
    }
}
