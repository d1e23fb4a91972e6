//! `monster:ignore class reason`: a person has looked at it. Without a class it holds for all of them.

use crate::git::{FileChange, LineKind};
use crate::tasks::finding::Finding;

const MARK: &str = "monster:ignore";

/// Whether the finding's line, or a comment alone on the line above, says to leave it.
pub(in crate::tasks) fn silenced(file: &FileChange, finding: &Finding) -> bool {
    if finding.line == 0 {
        return false;
    }
    let text = |number: u32| {
        let mut lines = file.hunks.iter().flat_map(|h| &h.lines).filter(|l| l.kind != LineKind::Removed);
        lines.find(|l| l.new == Some(number)).map(|l| l.text.as_str())
    };
    let above = finding.line.checked_sub(1).and_then(text).filter(|t| alone(t));
    [text(finding.line), above].into_iter().flatten().any(|t| names(t, &finding.class))
}

/// The mark is the first thing on its line but for the comment's own signs.
fn alone(text: &str) -> bool {
    text.split_once(MARK).is_some_and(|(before, _)| !before.contains(char::is_alphanumeric))
}

/// The mark stands there and names this class or none. A hyphenated or single word that is no class of ours cannot
/// be told from a reason, so only the classes of rules bind.
fn names(text: &str, class: &str) -> bool {
    let Some((_, rest)) = text.split_once(MARK) else { return false };
    let word = rest.split_whitespace().next().unwrap_or("").trim_end_matches([':', ',', '*', '/']);
    word == class || !CLASSES.contains(&word)
}

/// Every class a rule gives, so that a mark for one does not hide another.
pub(super) const CLASSES: &[&str] = &[
    "api-removed",
    "assignment-in-condition",
    "build-output",
    "case-collision",
    "ci-injection",
    "ci-widened",
    "code-injection",
    "conflict-marker",
    "debug-print",
    "debugger",
    "focused-test",
    "generated-edited",
    "hidden-direction",
    "html-injection",
    "illegal-name",
    "invisible-character",
    "key-file",
    "large-file",
    "licence-header",
    "lookalike",
    "merge-leftover",
    "migration",
    "mode",
    "mutable-default",
    "open-permissions",
    "pipe-to-shell",
    "shell-injection",
    "skipped-test",
    "sql-injection",
    "stale-lock",
    "stale-manifest",
    "swallowed-error",
    "symlink",
    "syntax",
    "test-removed",
    "tls-off",
    "todo",
    "unfinished",
    "unpinned-action",
    "unwrap",
];
