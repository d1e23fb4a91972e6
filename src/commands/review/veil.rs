//! Suggestions that show a secret. A patch repeats the lines round what it changes, and a terminal may be a build's log:
//! no form of a review shows such a one. `--apply` writes it all the same, as the file has the secret already.

use std::collections::HashMap;
use std::ops::RangeInclusive;

use super::mend::{self, LIMIT};
use crate::git::{ChangeSet, Contents, FileChange, patch};
use crate::secrets::{Place, Redactor};
use crate::tasks::finding::Finding;

/// Takes the suggestions that show a secret out of these findings. Ids of those that had one.
pub(super) fn veil<'f>(
    redactor: &Redactor,
    change: &ChangeSet,
    contents: &dyn Contents,
    findings: impl IntoIterator<Item = &'f mut Finding>,
) -> Vec<String> {
    let mut out = Vec::new();
    let files: HashMap<&str, &FileChange> = change.files.iter().map(|f| (f.path.as_str(), f)).collect();
    let mut secrets: HashMap<String, Vec<RangeInclusive<u32>>> = HashMap::new();
    for finding in findings {
        let Some(suggestion) = &finding.suggestion else { continue };
        let of_file = secrets.entry(finding.file.clone()).or_insert_with(|| {
            let file = files.get(finding.file.as_str());
            let text = file.and_then(|file| contents.after(file, LIMIT)).and_then(|b| String::from_utf8(b).ok());
            text.map(|text| lines(redactor, &finding.file, &text)).unwrap_or_default()
        });
        // A key has lines that say nothing by themselves: the file tells which they are.
        let meets = |first: u32, end: u32| of_file.iter().any(|lines| *lines.start() < end && first <= *lines.end());
        let shows = spans(suggestion).into_iter().any(|(first, end)| meets(first, end));
        let place = Place { path: Some(finding.file.as_str()), report: true };
        if shows || !redactor.scan_in(&unmarked(suggestion), place).is_empty() {
            finding.suggestion = None;
            out.push(finding.id.clone());
        }
    }
    out
}

/// The lines of a file that its secrets stand on.
fn lines(redactor: &Redactor, name: &str, text: &str) -> Vec<RangeInclusive<u32>> {
    let starts: Vec<usize> = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
    let line = |at: usize| u32::try_from(starts.partition_point(|start| *start <= at)).unwrap_or(u32::MAX);
    let hits = redactor.scan_in(text, Place { path: Some(name), report: true });
    hits.iter().map(|hit| line(hit.start)..=line(hit.end.saturating_sub(1))).collect()
}

/// The lines that each hunk shows of the file as it is, the second one past the last.
fn spans(suggestion: &str) -> Vec<(u32, u32)> {
    let text = format!("--- a/x\n+++ b/x\n{}", mend::hunks(suggestion));
    let parsed = patch::parse(text.as_bytes()).unwrap_or_default();
    let hunks = parsed.files.iter().flat_map(|f| &f.hunks);
    hunks.map(|h| (h.old_start, h.old_start.saturating_add(h.old_lines))).collect()
}

/// The lines without the signs of a patch before them.
fn unmarked(suggestion: &str) -> String {
    mend::hunks(suggestion).lines().filter_map(|line| line.get(1..)).collect::<Vec<_>>().join("\n")
}
