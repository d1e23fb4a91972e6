//! How the table of rules is held against added lines. A file's lines are read once, and a rule's own pattern runs only
//! where one look at all of them said that it may fit.

use std::collections::HashMap;
use std::sync::OnceLock;

use regex::bytes::{Regex, RegexBuilder, RegexSet, RegexSetBuilder};

use super::classes::{CONFLICT, HTML_INJECTION, SQL_INJECTION, SWALLOWED, TODO, UNWRAP};
use super::table::{Rule, Where, rules as all};
use super::{Found, Looked, by_hand, finding, hidden};
use crate::git::{Contents, FileChange, FileKind, Line};
use crate::tasks::offline::classify::{Class, is_sideshow};

/// Longer lines are no work of people (bytes).
const LINE: usize = 2_000;

/// A rule's own pattern. Words and blanks are those of ASCII: programs are written in them, and patterns stay small.
fn pattern(place: usize) -> Option<&'static Regex> {
    static COMPILED: OnceLock<Vec<OnceLock<Option<Regex>>>> = OnceLock::new();
    let compiled = COMPILED.get_or_init(|| all().iter().map(|_| OnceLock::new()).collect());
    let rule = all().get(place)?;
    let make = || RegexBuilder::new(rule.pattern).unicode(false).build().ok();
    compiled.get(place)?.get_or_init(make).as_ref()
}

/// Whether a rule's pattern fits a line and nothing on the line excuses it.
pub(super) fn fits(place: usize, text: &str) -> bool {
    let fits = pattern(place).is_some_and(|p| p.is_match(text.as_bytes()));
    fits && all().get(place).is_some_and(|rule| !excused(rule, text))
}

fn excused(rule: &Rule, text: &str) -> bool {
    let holds = |words: &[&str]| words.iter().any(|w| text.contains(w));
    match rule.class {
        TODO => has_reference(text),
        // Text about code runs nowhere.
        _ if is_comment(text) => true,
        // Cleaned on the way, or copied from the page itself.
        HTML_INJECTION => {
            let lower = text.to_lowercase();
            lower.trim_end().trim_end_matches(';').ends_with(".innerhtml")
                || ["sanitize", "sanitise", "purify", "escape"].iter().any(|w| lower.contains(w))
        }
        // Its linter was told already, and mostly because it is raised again.
        SWALLOWED => text.contains("noqa"),
        SQL_INJECTION => ["placeholder", "qmarks"].iter().any(|w| text.to_lowercase().contains(w)),
        // A poisoned lock has no better answer, writing to a string does not fail, and what is constant cannot fail at run
        // time alone.
        UNWRAP => {
            holds(&[".lock().unwrap()", ".read().unwrap()", ".write().unwrap()", "Regex::new(", "NonZero"])
                || text.contains("write!(")
                || text.contains("writeln!(")
        }
        _ => false,
    }
}

/// An issue key, a number, a person in brackets or an address.
fn has_reference(text: &str) -> bool {
    static REFERENCE: OnceLock<Option<regex::Regex>> = OnceLock::new();
    let pattern = REFERENCE.get_or_init(|| {
        regex::Regex::new(
            r"(?:TODO|FIXME|XXX|HACK)\s*\(|(?:TODO|FIXME|XXX|HACK)\b.*(?:#\d|\b[A-Z][A-Z0-9]+-\d|\bhttps?://)",
        )
        .ok()
    });
    pattern.as_ref().is_some_and(|p| p.is_match(text))
}

/// Nothing but a comment stands on the line.
fn is_comment(text: &str) -> bool {
    let text = text.trim_start();
    ["//", "/*", "* ", "<!--", "-- "].iter().any(|mark| text.starts_with(mark))
        || text.strip_prefix('#').is_some_and(|rest| !rest.starts_with(['[', '!', '{']))
}

/// What is kept from file to file.
#[derive(Default)]
pub(super) struct Lines {
    /// The patterns that hold in files of one kind, by which rules these are, and the rules' places.
    sets: HashMap<u128, (Option<RegexSet>, Vec<usize>)>,
    /// A file's added lines.
    text: String,
}

impl Lines {
    pub(super) fn check(&mut self, it: &Looked<'_>, contents: &dyn Contents, out: &mut Vec<Found>) {
        let file = it.file;
        if let Some(line) = conflict(file) {
            out.push(finding(file, line, "conflict", CONFLICT));
        }
        if !matches!(file.kind, FileKind::Text) {
            return;
        }
        let rules = if by_hand(file, it.class) && it.class != Class::Docs { rules(it) } else { 0 };
        self.text.clear();
        for line in file.added_lines() {
            if !line.text.is_ascii() {
                hidden::check(it, line, out);
            }
            if rules != 0 && line.text.len() <= LINE {
                self.text.push_str(&line.text);
                self.text.push('\n');
            }
        }
        if rules == 0 {
            return;
        }
        let mut end = None;
        for place in self.likely(rules) {
            let Some(rule) = all().get(place) else { continue };
            for line in file.added_lines().filter(|l| l.text.len() <= LINE && fits(place, &l.text)) {
                let number = line.new.unwrap_or(0);
                let mut end = || {
                    let seen = || if it.extension == "rs" { product_end(file, contents) } else { Some(u32::MAX) };
                    *end.get_or_insert_with(seen)
                };
                let holds = match rule.place {
                    // A panic is judged by where it stands: what cannot be told apart is left alone.
                    Where::Product if rule.class == UNWRAP => !may_stop(file) && end().is_some_and(|end| number < end),
                    Where::Product => end().is_none_or(|end| number < end),
                    _ => true,
                };
                if holds {
                    out.push(finding(file, number, &line.text, rule.class).saying(rule.title, rule.why));
                }
            }
        }
    }

    /// Which of these rules may fit a line of the text.
    fn likely(&mut self, rules: u128) -> Vec<usize> {
        let (set, places) = self.sets.entry(rules).or_insert_with(|| {
            let places: Vec<usize> = (0..all().len()).filter(|n| rules >> n & 1 == 1).collect();
            let patterns = places.iter().filter_map(|n| all().get(*n)).map(|rule| rule.pattern);
            (RegexSetBuilder::new(patterns).unicode(false).multi_line(true).build().ok(), places)
        });
        let Some(set) = set else { return places.clone() };
        set.matches(self.text.as_bytes()).iter().filter_map(|n| places.get(n).copied()).collect()
    }
}

/// Which rules hold in this file: a bit for each.
fn rules(it: &Looked<'_>) -> u128 {
    let product = it.class == Class::Source && !is_sideshow(&it.file.path);
    let holds = |rule: &Rule| {
        let here = match rule.place {
            Where::Any => true,
            Where::Code => it.class != Class::Test,
            Where::Product => product,
            Where::Tests => it.class == Class::Test || it.extension == "rs",
            Where::Ci => it.class == Class::Ci,
        };
        here && (rule.extensions.is_empty() || rule.extensions.contains(&it.extension.as_str()))
    };
    all().iter().enumerate().fold(0, |bits, (n, rule)| if holds(rule) { bits | 1 << n } else { bits })
}

/// A program's top and its build script may stop as they like.
fn may_stop(file: &FileChange) -> bool {
    matches!(file.path.file_name(), "main.rs" | "build.rs")
}

/// The line where a Rust file's tests begin; `u32::MAX` when it has none, `None` when it cannot be seen whole.
fn product_end(file: &FileChange, contents: &dyn Contents) -> Option<u32> {
    let text = match contents.after(file, 4 << 20) {
        Some(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        None if file.status == crate::git::Status::Added => {
            file.added_lines().map(|l| l.text.as_str()).collect::<Vec<_>>().join("\n")
        }
        None => return None,
    };
    let tests = text
        .lines()
        .position(|l| ["#[cfg(test)]", "#[test]", "#[cfg(all(test"].iter().any(|m| l.trim_start().starts_with(m)));
    Some(tests.map_or(u32::MAX, |at| u32::try_from(at + 1).unwrap_or(u32::MAX)))
}

/// The first line of a whole conflict that this change adds.
pub(super) fn conflict(file: &FileChange) -> Option<u32> {
    let (mut begin, mut middle) = (None::<&Line>, false);
    for line in file.added_lines() {
        let text = line.text.as_str();
        match (text.as_bytes().first(), begin) {
            (Some(b'<'), None) if text.starts_with("<<<<<<< ") => begin = Some(line),
            (Some(b'='), Some(_)) => middle = middle || text.trim_end() == "=======",
            (Some(b'>'), Some(begin)) if middle && text.starts_with(">>>>>>> ") => {
                return Some(begin.new.unwrap_or(1));
            }
            _ => {}
        }
    }
    None
}
