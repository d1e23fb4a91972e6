//! How the table of rules is held against added lines.

use std::sync::OnceLock;

use regex::Regex;

use super::table::{RULES, Where};
use super::{Found, by_hand, finding, hidden};
use crate::git::{Contents, FileChange, FileKind, Line};
use crate::tasks::finding::Severity;
use crate::tasks::offline::classify::{Class, is_sideshow};

fn compiled() -> &'static [Option<Regex>] {
    static COMPILED: OnceLock<Vec<Option<Regex>>> = OnceLock::new();
    COMPILED.get_or_init(|| RULES.iter().map(|r| Regex::new(r.pattern).ok()).collect())
}

/// Whether a rule's pattern fits a line and nothing on the line excuses it.
pub(super) fn fits(place: usize, text: &str) -> bool {
    let Some(Some(pattern)) = compiled().get(place) else { return false };
    pattern.is_match(text) && !excused(RULES[place].class, text)
}

fn excused(class: &str, text: &str) -> bool {
    match class {
        "todo" => has_reference(text),
        // Text about code runs nowhere.
        _ if is_comment(text) => true,
        // Cleaned on the way, or copied from the page itself.
        "html-injection" => {
            let lower = text.to_lowercase();
            lower.trim_end().trim_end_matches(';').ends_with(".innerhtml")
                || ["sanitize", "sanitise", "purify", "escape"].iter().any(|w| lower.contains(w))
        }
        "sql-injection" => ["placeholder", "qmarks"].iter().any(|w| text.to_lowercase().contains(w)),
        // A poisoned lock has no better answer, and a constant pattern cannot fail at run time alone.
        "unwrap" => [".lock().unwrap()", ".read().unwrap()", ".write().unwrap()", "Regex::new("]
            .iter()
            .any(|w| text.contains(w)),
        _ => false,
    }
}

/// An issue key, a number, a person in brackets or an address.
fn has_reference(text: &str) -> bool {
    static REFERENCE: OnceLock<Option<Regex>> = OnceLock::new();
    let pattern = REFERENCE.get_or_init(|| {
        Regex::new(r"(?:TODO|FIXME|XXX|HACK)\s*\(|(?:TODO|FIXME|XXX|HACK)\b.*(?:#\d|\b[A-Z][A-Z0-9]+-\d|\bhttps?://)")
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

pub(super) fn check(file: &FileChange, class: Class, contents: &dyn Contents, out: &mut Vec<Found>) {
    if let Some(line) = conflict(file) {
        out.push(finding(
            file,
            line,
            "conflict",
            "conflict-marker",
            Severity::Critical,
            "A conflict marker is committed",
            "The file holds both sides of an unresolved merge and will not work.",
        ));
    }
    if !matches!(file.kind, FileKind::Text) {
        return;
    }
    hidden::check(file, class, out);
    if !by_hand(file, class) || class == Class::Docs {
        return;
    }
    let extension = file.path.extension();
    for (place, rule) in RULES.iter().enumerate() {
        let here = match rule.place {
            Where::Any => true,
            Where::Code => class != Class::Test,
            Where::Product => class == Class::Source && !is_sideshow(&file.path),
            Where::Tests => class == Class::Test || extension == "rs",
            Where::Ci => class == Class::Ci,
        };
        if !here || !(rule.extensions.is_empty() || rule.extensions.contains(&extension.as_str())) {
            continue;
        }
        let lines: Vec<&Line> = file.added_lines().filter(|l| l.text.len() <= 2_000 && fits(place, &l.text)).collect();
        let end = if lines.is_empty() || extension != "rs" { Some(u32::MAX) } else { product_end(file, contents) };
        let inside = |line: &&Line| match (rule.class, end) {
            // A panic is judged by where it stands: what cannot be told apart is left alone.
            ("unwrap", end) => end.is_some_and(|end| line.new.unwrap_or(0) < end) && !may_stop(file),
            (_, Some(end)) if rule.place == Where::Product => line.new.unwrap_or(0) < end,
            _ => true,
        };
        for line in lines.into_iter().filter(inside) {
            out.push(finding(file, line.new.unwrap_or(0), &line.text, rule.class, rule.severity, rule.title, rule.why));
        }
    }
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
    let added: Vec<_> = file.added_lines().collect();
    let begin = added.iter().position(|l| l.text.starts_with("<<<<<<< "))?;
    let rest = &added[begin..];
    let middle = rest.iter().position(|l| l.text.trim_end() == "=======")?;
    rest[middle..].iter().any(|l| l.text.starts_with(">>>>>>> ")).then(|| added[begin].new.unwrap_or(1))
}
