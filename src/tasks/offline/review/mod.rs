//! A review by rule: what can be said for certain about added lines and changed files. Precision over recall:
//! a clean change gives no finding at all.

mod files;
mod lines;
mod syntax;

#[cfg(test)]
mod tests;

use super::classify::{Class, classify};
use crate::git::{ChangeSet, Contents, FileChange, FileKind, Path};
use crate::tasks::finding::{Finding, Origin, Severity, Side, identify};

/// Every finding, in the order of files and lines.
#[must_use]
pub fn review(change: &ChangeSet, contents: &dyn Contents) -> Vec<Finding> {
    let mut out = Vec::new();
    for file in &change.files {
        let class = classify(file);
        lines::check(file, class, &mut out);
        files::check(file, class, &mut out);
        syntax::check(file, contents, &mut out);
    }
    files::together(change, contents, &mut out);
    out.sort_by(|a, b| (&a.file, a.line).cmp(&(&b.file, b.line)));
    out
}

/// Staged conflict markers: path and line.
#[must_use]
pub fn conflict_markers(change: &ChangeSet) -> Vec<(Path, u32)> {
    change.files.iter().filter_map(|f| Some((f.path.clone(), lines::conflict(f)?))).collect()
}

/// A finding on an added line; `line` 0 means the whole file.
fn finding(
    file: &FileChange,
    line: u32,
    text: &str,
    class: &str,
    severity: Severity,
    title: &str,
    why: &str,
) -> Finding {
    Finding {
        id: identify(class, text.trim(), if line == 0 { file.path.as_str() } else { "" }, 0),
        file: file.path.as_str().to_owned(),
        line,
        end_line: line,
        side: Side::New,
        severity,
        confidence: 0.95,
        class: class.to_owned(),
        title: title.to_owned(),
        why: why.to_owned(),
        suggestion: None,
        origin: Origin::Static,
    }
}

/// Written by people: only there do rules about code make sense.
fn by_hand(file: &FileChange, class: Class) -> bool {
    matches!(file.kind, FileKind::Text)
        && !matches!(class, Class::Generated | Class::Vendored | Class::Lock | Class::Minified | Class::Asset)
}
