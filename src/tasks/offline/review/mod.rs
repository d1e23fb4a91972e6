//! A review by rule: what can be said for certain about added lines and changed files. Precision over recall:
//! a clean change gives no finding at all.

mod files;
mod hidden;
mod lines;
mod manifest;
mod migration;
mod silence;
mod syntax;
mod table;
mod together;

#[cfg(test)]
mod tests;

use std::collections::HashMap;

pub(in crate::tasks) use silence::silenced;

use super::classify::{Class, classify};
use super::symbol;
use crate::git::{ChangeSet, Contents, FileChange, FileKind, Path};
use crate::tasks::finding::{Finding, Severity, Side, Source, Verification, identify};

/// Characters of a title, at most.
const TITLE: usize = 80;

/// A finding with the text its id is made of.
struct Found {
    finding: Finding,
    anchor: String,
}

/// Every finding, in the order of files and lines.
#[must_use]
pub fn review(change: &ChangeSet, contents: &dyn Contents) -> Vec<Finding> {
    let mut out = Vec::new();
    for file in &change.files {
        let class = classify(file);
        lines::check(file, class, contents, &mut out);
        files::check(file, class, contents, &mut out);
        syntax::check(file, class, contents, &mut out);
    }
    together::check(change, contents, &mut out);
    let files: HashMap<&str, &FileChange> = change.files.iter().map(|f| (f.path.as_str(), f)).collect();
    out.retain(|f| !files.get(f.finding.file.as_str()).is_some_and(|file| silenced(file, &f.finding)));
    out.sort_by(|a, b| (&a.finding.file, a.finding.line).cmp(&(&b.finding.file, b.finding.line)));
    named(out, &files)
}

/// Gives each finding its id: lines that look the same in the same function are told apart by their order.
fn named(found: Vec<Found>, files: &HashMap<&str, &FileChange>) -> Vec<Finding> {
    let mut seen: HashMap<(String, String, String), usize> = HashMap::new();
    found
        .into_iter()
        .map(|Found { mut finding, anchor }| {
            let symbol = match files.get(finding.file.as_str()) {
                // The whole file is meant: its name is the place.
                _ if finding.line == 0 => finding.file.clone(),
                Some(file) => symbol::around(file, finding.line).unwrap_or_default(),
                None => String::new(),
            };
            let anchor: String = anchor.split_whitespace().collect();
            let ordinal = seen.entry((finding.class.clone(), anchor.clone(), symbol.clone())).or_default();
            finding.id = identify(&finding.class, &anchor, &symbol, *ordinal);
            *ordinal += 1;
            finding
        })
        .collect()
}

/// Staged conflict markers: path and line.
#[must_use]
pub fn conflict_markers(change: &ChangeSet) -> Vec<(Path, u32)> {
    change.files.iter().filter_map(|f| Some((f.path.clone(), lines::conflict(f)?))).collect()
}

/// A finding on an added line; `line` 0 means the whole file. `anchor` is what its id is made of.
fn finding(
    file: &FileChange,
    line: u32,
    anchor: &str,
    class: &str,
    severity: Severity,
    title: &str,
    why: &str,
) -> Found {
    let finding = Finding {
        id: String::new(),
        file: file.path.as_str().to_owned(),
        line,
        end_line: line,
        side: Side::New,
        severity,
        confidence: 0.95,
        class: class.to_owned(),
        // Names of files can be longer than a title may be.
        title: title.chars().take(TITLE).collect(),
        why: why.to_owned(),
        suggestion: None,
        source: Source::Static,
        verification: Verification::Confirmed,
        rule: None,
    };
    Found { finding, anchor: anchor.to_owned() }
}

/// Written by people: only there do rules about code make sense.
fn by_hand(file: &FileChange, class: Class) -> bool {
    matches!(file.kind, FileKind::Text)
        && !matches!(class, Class::Generated | Class::Vendored | Class::Lock | Class::Minified | Class::Asset)
}
