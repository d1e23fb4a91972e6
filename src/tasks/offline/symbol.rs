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
    let call = matches!(name, "if" | "for" | "while" | "switch" | "return" | "catch" | "describe" | "it" | "test");
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
        // The section names what stands before the hunk; a definition among its own lines takes over from there on.
        let mut current = of_section(&hunk.section);
        for line in &hunk.lines {
            let name = defined(&line.text);
            match (line.kind, name) {
                (LineKind::Added, Some(name)) => added.add(name),
                (LineKind::Removed, Some(name)) => removed.add(name),
                (LineKind::Added | LineKind::Removed, None) if !line.text.trim().is_empty() => {
                    if let Some(current) = current {
                        inside.add(current);
                    }
                }
                _ => {}
            }
            if line.kind != LineKind::Removed && name.is_some() {
                current = name;
            }
        }
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
    (!name.is_empty() && !prose && !name.starts_with(|c: char| c.is_ascii_digit())).then_some(name)
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
    fn sections_of_c_and_java_name_their_function() {
        assert_eq!(of_section("static int page_count(const char *s)"), Some("page_count"));
        assert_eq!(of_section("public void run() {"), Some("run"));
        assert_eq!(of_section("fn page_count(text: &str) -> usize {"), Some("page_count"));
        assert_eq!(of_section("[dependencies]"), None);
        assert_eq!(of_section("describe('pager', () => {"), None);
    }
}
