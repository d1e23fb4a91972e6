//! Names of the definitions a change touches, read from single lines of the common languages.

use std::collections::HashSet;

use crate::git::{FileChange, LineKind};

/// Words that may stand before the word that says what is defined.
const MODIFIERS: &[&str] = &[
    "abstract",
    "async",
    "data",
    "declare",
    "default",
    "export",
    "extern",
    "final",
    "inline",
    "internal",
    "open",
    "override",
    "private",
    "protected",
    "pub",
    "public",
    "sealed",
    "static",
    "suspend",
    "unsafe",
    "virtual",
];

/// Words that say that a name follows.
const KEYWORDS: &[&str] = &[
    "class",
    "def",
    "defmodule",
    "enum",
    "fn",
    "fun",
    "func",
    "function",
    "function*",
    "interface",
    "macro_rules!",
    "module",
    "object",
    "protocol",
    "record",
    "struct",
    "trait",
    "type",
    "union",
];

/// The name a line defines, if it defines one: `pub async fn load(…)` → `load`.
pub(super) fn defined(line: &str) -> Option<&str> {
    let mut rest = line.trim_start();
    let mut exported = false;
    for _ in 0..6 {
        let (word, tail) = split_word(rest);
        if KEYWORDS.contains(&word) {
            return name_after(word, tail);
        }
        if word == "const" {
            // In JavaScript a function is often a constant; elsewhere the next word decides.
            let (next, after) = split_word(tail);
            return if KEYWORDS.contains(&next) {
                name_after(next, after)
            } else {
                arrow(tail).filter(|_| !word.is_empty())
            };
        }
        if !(MODIFIERS.contains(&word) || exported && word.is_empty()) {
            return None;
        }
        exported = true;
        rest = tail.trim_start();
        if let Some(inner) = rest.strip_prefix('(') {
            // `pub(crate)`; the string of `extern "C"` is passed over below.
            rest = inner.split_once(')').map_or("", |(_, r)| r).trim_start();
        }
        if let Some(inner) = rest.strip_prefix('"') {
            rest = inner.split_once('"').map_or("", |(_, r)| r).trim_start();
        }
    }
    None
}

/// The name in git's section heading: a definition, or the word before the first bracket (C, Java).
pub(super) fn of_section(section: &str) -> Option<&str> {
    if let Some(name) = defined(section) {
        return Some(name);
    }
    let head = section.split('(').next().filter(|h| h.len() < section.len())?;
    let name = head.rsplit(|c: char| !is_name(c)).next().unwrap_or("");
    // `x = make(`, `app.get(`, `setup(`, `useEffect(() => {`: calls. A definition has a type in front, or a body.
    let before = head.strip_suffix(name).unwrap_or_default();
    let bare = before.trim().is_empty() && (!section.trim_end().ends_with('{') || section.contains("=>"));
    let word = matches!(name, "if" | "for" | "while" | "switch" | "return" | "catch" | "describe" | "it" | "test");
    let call = word || bare || before.contains('=') || before.ends_with('.') || KEYWORDS.contains(&name);
    (name.len() > 1 && !call && !name.starts_with(|c: char| c.is_ascii_digit())).then_some(name)
}

/// What a file's hunks do to its definitions.
#[derive(Debug, Default)]
pub(super) struct Touched {
    /// Defined by added lines only.
    pub(super) added: Vec<String>,
    /// Defined by removed lines only.
    pub(super) removed: Vec<String>,
    /// Changed inside, or redefined.
    pub(super) updated: Vec<String>,
}

/// Reads them, each list in order of appearance and without repeats.
pub(super) fn touched(file: &FileChange) -> Touched {
    // Every line is asked for its definition once. Sets, because a generated file may define tens of thousands.
    let (mut added, mut removed, mut inside) = (Names::default(), Names::default(), Names::default());
    for hunk in &file.hunks {
        let mut around = Around::below(&hunk.section);
        // What was changed of the lines that lead to a definition: it belongs to that one, or else to what is around.
        let mut led: Option<Option<&str>> = None;
        for line in hunk.lines.iter().filter(|line| !line.text.trim().is_empty()) {
            let (text, name) = (line.text.as_str(), defined(&line.text));
            let changed = line.kind != LineKind::Context;
            if changed && name.is_none() && leads(text) {
                led = Some(led.unwrap_or_else(|| around.of(text)));
                continue;
            }
            if let Some(outer) = led.take_if(|_| !leads(text)) {
                let own = name.filter(|_| line.kind == LineKind::Context);
                own.or(outer.filter(|_| name.is_none())).into_iter().for_each(|name| inside.add(name));
            }
            match (line.kind, name) {
                (LineKind::Added, Some(name)) => added.add(name),
                (LineKind::Removed, Some(name)) => removed.add(name),
                (LineKind::Added | LineKind::Removed, None) => around.of(text).into_iter().for_each(|n| inside.add(n)),
                (LineKind::Context, _) => {}
            }
            if line.kind != LineKind::Removed {
                around.pass(text, name);
            }
        }
        led.flatten().into_iter().for_each(|name| inside.add(name));
    }
    let owned = |names: &mut dyn Iterator<Item = &&str>| names.map(|n| (*n).to_owned()).collect::<Vec<_>>();
    let mut updated = Names::default();
    added.order.iter().filter(|n| removed.has(n)).for_each(|n| updated.add(n));
    inside.order.iter().filter(|n| !added.has(n)).for_each(|n| updated.add(n));
    Touched {
        added: owned(&mut added.order.iter().filter(|n| !removed.has(n))),
        removed: owned(&mut removed.order.iter().filter(|n| !added.has(n))),
        updated: owned(&mut updated.order.iter()),
    }
}

/// An attribute, a decorator or a comment that documents: it belongs to what comes below it.
fn leads(text: &str) -> bool {
    let text = text.trim_start();
    ["#[", "@", "///", "/**", "* ", "*/"].iter().any(|mark| text.starts_with(mark)) || text == "*"
}

/// The definitions that a line stands in, as far as its hunk and what git names above it tell: by how far each begins to
/// the right. What begins no further to the right than a definition does not belong to it.
struct Around<'a>(Vec<(usize, &'a str)>);

impl<'a> Around<'a> {
    /// Git names the last line above a hunk that begins at the margin.
    fn below(section: &'a str) -> Self {
        Self(of_section(section).map(|name| (0, name)).into_iter().collect())
    }

    /// The innermost that this line stands in.
    fn of(&self, text: &str) -> Option<&'a str> {
        self.0.iter().rev().find(|(margin, _)| stands_in(*margin, text)).map(|(_, name)| *name)
    }

    /// Goes on below a line, which may end a definition or begin one.
    fn pass(&mut self, text: &str, name: Option<&'a str>) {
        let margin = margin(text);
        self.0.retain(|(of, _)| stands_in(*of, text) && (name.is_none() || *of < margin));
        match name {
            Some(name) => self.0.push((margin, name)),
            None if ends(text) => self.0.retain(|(of, _)| *of < margin),
            None => {}
        }
    }
}

/// How far a line begins to the right.
pub(super) fn margin(text: &str) -> usize {
    text.chars().take_while(|c| c.is_whitespace()).map(|c| if c == '\t' { 4 } else { 1 }).sum()
}

/// Further to the right than the definition, or what goes on with it and ends it.
fn stands_in(of: usize, text: &str) -> bool {
    const GOES_ON: [&str; 12] =
        ["{", "}", ")", "]", "where", "#if", "#el", "#endif", "#define", "#undef", "#pragma", "#error"];
    let at = margin(text);
    let text = text.trim_start();
    at > of || (at == of && (ends(text) || GOES_ON.iter().any(|mark| text.starts_with(mark))))
}

/// The line that ends a block.
fn ends(text: &str) -> bool {
    let text = text.trim_start();
    text.starts_with('}') || text.strip_prefix("end").is_some_and(|rest| !rest.starts_with(is_name))
}

/// Names in order of appearance, each once.
#[derive(Default)]
struct Names<'a> {
    order: Vec<&'a str>,
    seen: HashSet<&'a str>,
}

impl<'a> Names<'a> {
    fn add(&mut self, name: &'a str) {
        if self.seen.insert(name) {
            self.order.push(name);
        }
    }

    fn has(&self, name: &str) -> bool {
        self.seen.contains(name)
    }
}

/// The lines of a file's new side that its hunks show, each with the definition it stands in. Made once for a file, and
/// then asked for each finding: a generated file may have tens of thousands.
pub(in crate::tasks) struct Places<'a> {
    /// By number.
    rows: Vec<Place<'a>>,
}

struct Place<'a> {
    number: u32,
    text: &'a str,
    around: Option<&'a str>,
}

impl<'a> Places<'a> {
    /// Of this file.
    pub(in crate::tasks) fn new(file: &'a FileChange) -> Self {
        let mut rows = Vec::new();
        for hunk in &file.hunks {
            let mut around = of_section(&hunk.section);
            for line in hunk.lines.iter().filter(|l| l.kind != LineKind::Removed) {
                if let Some(number) = line.new {
                    rows.push(Place { number, text: &line.text, around });
                }
                around = defined(&line.text).or(around);
            }
        }
        // A patch from elsewhere may have its hunks in any order.
        rows.sort_by_key(|row| row.number);
        Self { rows }
    }

    fn row(&self, number: u32) -> Option<&Place<'a>> {
        let at = self.rows.partition_point(|row| row.number < number);
        self.rows.get(at).filter(|row| row.number == number)
    }

    /// What the line with this number says.
    pub(in crate::tasks) fn text(&self, number: u32) -> Option<&'a str> {
        self.row(number).map(|row| row.text)
    }

    /// The definition that the line with this number stands in, as far as its hunk tells.
    pub(in crate::tasks) fn around(&self, number: u32) -> Option<&'a str> {
        self.row(number)?.around
    }
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '$'
}

fn split_word(text: &str) -> (&str, &str) {
    let text = text.trim_start();
    let end = text.find(|c: char| !is_name(c) && c != '!' && c != '*').unwrap_or(text.len());
    text.split_at(end)
}

fn name_after<'a>(keyword: &str, tail: &'a str) -> Option<&'a str> {
    // A keyword is followed by white space; a Go method by its receiver.
    if !tail.starts_with([' ', '\t']) {
        return None;
    }
    let mut rest = tail.trim_start();
    if keyword == "func" && rest.starts_with('(') {
        rest = rest.split_once(')')?.1.trim_start();
    }
    let rest = if keyword == "def" { rest.strip_prefix("self.").unwrap_or(rest) } else { rest };
    let end = rest.find(|c: char| !is_name(c)).unwrap_or(rest.len());
    let name = rest.get(..end)?;
    let next = rest.get(end..).unwrap_or("").trim_start();
    let prose = next.starts_with(|c: char| c.is_alphabetic())
        && !["extends", "implements", "where", "for", "struct", "interface", "func", "is", "end"]
            .iter()
            .any(|w| next.starts_with(w));
    // `type Page,` among imports names what others have defined.
    let listed = keyword == "type" && (next.is_empty() || next.starts_with([',', '}']));
    (!name.is_empty() && !prose && !listed && !name.starts_with(|c: char| c.is_ascii_digit())).then_some(name)
}

fn arrow(tail: &str) -> Option<&str> {
    let (name, rest) = split_word(tail);
    let value = rest.split_once('=')?.1.trim_start();
    let function =
        value.starts_with("async") || value.starts_with("function") || (value.starts_with('(') && rest.contains("=>"));
    (function && !name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::{Hunk, Line, Status};

    #[test]
    fn definitions_are_read_in_many_languages() {
        for (line, name) in [
            ("pub(crate) async fn load(path: &str) {", Some("load")),
            ("    pub const fn name(self) -> &'static str {", Some("name")),
            ("pub unsafe extern \"C\" fn hook() {}", Some("hook")),
            ("export default function App() {", Some("App")),
            ("export const useThing = (a: number) => {", Some("useThing")),
            ("const limit = 3;", None),
            ("    async def fetch(self):", Some("fetch")),
            ("func (s *Server) Listen(addr string) error {", Some("Listen")),
            ("type Config struct {", Some("Config")),
            ("public final class Pager implements Page {", Some("Pager")),
            ("  type RolldownOutput,", None),
            ("  type Output", None),
            ("    type Output;", Some("Output")),
            ("class of things that happen", None),
            ("  return value", None),
            ("// fn is a keyword", None),
            ("", None),
        ] {
            assert_eq!(defined(line), name, "{line}");
        }
    }

    #[test]
    fn a_line_stands_in_the_last_definition_above_it_or_in_its_section() {
        let line = |kind, text: &str, new| Line { kind, text: text.into(), old: None, new, no_newline: false };
        let mut file = FileChange::new("a.rs".into(), Status::Modified);
        let lines = vec![
            line(LineKind::Context, "    one();", Some(7)),
            line(LineKind::Removed, "fn gone() {", None),
            line(LineKind::Added, "fn load() {", Some(8)),
            line(LineKind::Added, "    two();", Some(9)),
        ];
        file.hunks.push(Hunk { section: "fn main() {".into(), lines, ..Hunk::default() });
        let places = Places::new(&file);
        let around = |number| (places.text(number), places.around(number));
        assert_eq!(around(7), (Some("    one();"), Some("main")));
        assert_eq!(around(8), (Some("fn load() {"), Some("main")), "a definition is not inside itself");
        assert_eq!(around(9), (Some("    two();"), Some("load")));
        assert_eq!(around(10), (None, None));
    }

    #[test]
    fn a_definition_above_that_has_ended_is_not_touched() {
        let of = |section: &str, lines: &str| {
            let mut file = FileChange::new("a.rs".into(), Status::Modified);
            let line = |text: &str| {
                let kind = match text.as_bytes().first() {
                    Some(b'+') => LineKind::Added,
                    Some(b'-') => LineKind::Removed,
                    _ => LineKind::Context,
                };
                Line { kind, text: text.get(1..).unwrap_or_default().into(), old: None, new: None, no_newline: false }
            };
            let lines = lines.split('\n').map(line).collect();
            file.hunks.push(Hunk { section: section.into(), lines, ..Hunk::default() });
            touched(&file).updated
        };
        for (section, lines, updated) in [
            ("fn a() {", "     one();\n+    two();\n }", &["a"][..]),
            ("fn a() {", "     one();\n }\n \n+const LIMIT: u32 = 1;\n \n fn b() {", &[]),
            ("fn a() {", " }\n \n-const LIMIT: u32 = 1;\n+const LIMIT: u32 = 2;", &[]),
            ("fn a() {", "+use crate::page;\n use crate::pager;", &[]),
            ("fn a() {", " }\n \n+#[inline]\n+/// Counts.\n fn b() {\n     two();", &["b"]),
            ("fn a(", "     page: Page,\n ) -> usize\n where\n {\n+    two();\n }", &["a"]),
            ("fn a() {", "     fn b() {\n         one();\n     }\n+    two();\n }", &["a"]),
            ("def a():", "     one()\n \n \n+LIMIT = 1\n", &[]),
            ("def a():", "     one()\n \n+    two()\n", &["a"]),
            ("class A", "   def b\n     one\n   end\n \n+  two :c\n end", &["A"]),
            ("int count(void)", " {\n #ifdef X\n+    two();\n #endif", &["count"]),
        ] {
            assert_eq!(of(section, lines), updated, "{section}: {lines}");
        }
    }

    #[test]
    fn sections_of_c_and_java_name_their_function() {
        assert_eq!(of_section("static int page_count(const char *s)"), Some("page_count"));
        assert_eq!(of_section("public void run() {"), Some("run"));
        assert_eq!(of_section("fn page_count(text: &str) -> usize {"), Some("page_count"));
        assert_eq!(of_section("[dependencies]"), None);
        assert_eq!(of_section("pages() {"), Some("pages"));
        for call in
            ["describe('pager', () => {", "x = make(1)", "app.get('/', a => {", "setup(", "exports.a = function(b) {"]
        {
            assert_eq!(of_section(call), None, "{call}");
        }
    }
}
