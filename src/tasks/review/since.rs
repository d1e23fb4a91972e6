//! What is new, what still stands and what is fixed since the last review of the same.

use serde::{Deserialize, Serialize};

use super::cache::Drawer;
use super::{NEAR, Report};
use crate::client::Shelf;
use crate::git::ChangeSet;
use crate::secrets::Redactor;
use crate::store::Store;
use crate::tasks::finding::{Finding, Source};

/// Against the last review.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Since {
    /// When that was, milliseconds since 1970.
    pub at_ms: i64,
    /// Ids of findings that were not there then.
    pub new: Vec<String>,
    /// Ids of findings that were.
    pub still: Vec<String>,
    /// Findings of then that are no more.
    pub fixed: Vec<Finding>,
}

/// A review as it is remembered.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Last {
    findings: Vec<Finding>,
}

/// Compares with the last review of this repository and label, and remembers this one instead. `None` when there was
/// none, or it is past its time.
#[must_use]
pub fn since(
    store: &Store,
    redactor: &Redactor,
    shelf: &Shelf,
    repo: &str,
    change: &ChangeSet,
    report: &Report,
) -> Option<Since> {
    let drawer = Drawer::new(shelf, store, redactor);
    let name = drawer.name(&["last", repo, &change.label]);
    let before = drawer.all::<Last>(std::slice::from_ref(&name)).pop().flatten();
    let (out, unsaid) = before.map(|(last, at_ms)| compared(last.findings, at_ms, change, report)).unzip();
    let mut findings = report.findings.clone();
    findings.extend(unsaid.unwrap_or_default());
    let request = report.replies.last().map(|r| r.id.as_str());
    drawer.put(&name, request, &Last { findings });
    out
}

/// The comparison, and findings of then of which this review says nothing: they are remembered on.
fn compared(before: Vec<Finding>, at_ms: i64, change: &ChangeSet, report: &Report) -> (Since, Vec<Finding>) {
    let mut out = Since { at_ms, ..Since::default() };
    let mut left = before;
    for finding in &report.findings {
        let list = match left.iter().position(|f| same(f, finding)) {
            Some(place) => {
                left.remove(place);
                &mut out.still
            }
            None => &mut out.new,
        };
        list.push(finding.id.clone());
    }
    // A file that is not in the change any more was committed or put back: nothing was fixed in it by this change.
    left.retain(|f| change.files.iter().any(|file| names(file, &f.file)));
    let (fixed, unsaid) = left.into_iter().partition(|f| looked(f, report));
    out.fixed = fixed;
    (out, unsaid)
}

fn names(file: &crate::git::FileChange, path: &str) -> bool {
    file.path.as_str() == path || file.old_path.as_ref().is_some_and(|old| old.as_str() == path)
}

/// The same problem, also when a model calls it by the same name a few lines further on.
fn same(a: &Finding, b: &Finding) -> bool {
    let near = || a.line.abs_diff(b.line) <= NEAR && a.source == Source::Model && b.source == Source::Model;
    a.id == b.id || (a.file == b.file && a.class == b.class && a.side == b.side && near())
}

/// Whoever found such a thing has looked again.
fn looked(finding: &Finding, report: &Report) -> bool {
    match finding.source {
        Source::Static => true,
        Source::Model => {
            let read = report.coverage.reviewed.contains(&finding.file);
            read && report.failure.is_none() && report.unreadable == 0
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::{FileChange, Status};
    use crate::tasks::finding::{Severity, Side, Verification, identify};

    fn finding(source: Source, file: &str, line: u32, class: &str) -> Finding {
        Finding {
            id: identify(class, &format!("{file}{line}"), "", 0),
            file: file.into(),
            line,
            end_line: line,
            side: Side::New,
            severity: Severity::High,
            confidence: 0.6,
            class: class.into(),
            title: String::new(),
            why: String::new(),
            suggestion: None,
            source,
            verification: Verification::Unverified,
            rule: None,
        }
    }

    fn change(files: &[&str]) -> ChangeSet {
        let file = |f: &&str| FileChange::new((*f).into(), Status::Modified);
        ChangeSet { files: files.iter().map(file).collect(), ..ChangeSet::default() }
    }

    #[test]
    fn findings_are_new_or_still_there_or_fixed() {
        let before = vec![
            finding(Source::Model, "a.rs", 10, "off-by-one"),
            finding(Source::Model, "a.rs", 40, "race"),
            finding(Source::Static, "b.rs", 1, "todo"),
            finding(Source::Static, "gone.rs", 1, "todo"),
        ];
        let mut report = Report::default();
        report.coverage.reviewed = vec!["a.rs".into(), "b.rs".into()];
        report.findings =
            vec![finding(Source::Model, "a.rs", 12, "off-by-one"), finding(Source::Model, "b.rs", 3, "leak")];
        let (since, unsaid) = compared(before, 7, &change(&["a.rs", "b.rs"]), &report);
        let fixed: Vec<(&str, &str)> = since.fixed.iter().map(|f| (f.file.as_str(), f.class.as_str())).collect();
        assert_eq!((since.still.len(), since.new.len()), (1, 1), "two lines further on it is the same");
        assert_eq!(fixed, [("a.rs", "race"), ("b.rs", "todo")], "a file that left the change is not fixed by it");
        assert!(unsaid.is_empty());
    }

    #[test]
    fn what_no_model_looked_at_again_is_not_fixed_and_not_forgotten() {
        let before = vec![finding(Source::Model, "a.rs", 10, "race"), finding(Source::Static, "a.rs", 1, "todo")];
        let (since, unsaid) = compared(before, 7, &change(&["a.rs"]), &Report::default());
        assert_eq!(since.fixed.len(), 1, "the rules did look");
        assert_eq!(unsaid.len(), 1, "the model did not");
    }
}
