//! Suggestions together: which of them hold at the same time, and one patch of them.

use std::collections::HashMap;

use similar::TextDiff;

use crate::git::{ChangeSet, Contents, FileChange, patch};
use crate::tasks::finding::{Finding, Side};

/// The largest file that is mended (bytes).
pub(super) const LIMIT: u64 = 4 << 20;

/// The hunks of a patch of one file, without the lines that name it.
pub(super) fn hunks(patch: &str) -> &str {
    let begins = |at: usize| patch.get(at..).unwrap_or_default();
    if patch.starts_with("@@ ") { patch } else { patch.find("\n@@ ").map_or("", |at| begins(at + 1)) }
}

/// A file with suggestions worked in.
pub(super) struct Mended<'a> {
    pub file: &'a FileChange,
    /// After the change, and before the suggestions.
    pub before: String,
    pub after: String,
    /// What is worked in.
    pub findings: Vec<&'a Finding>,
}

/// What became of suggestions.
#[derive(Default)]
pub(super) struct Together<'a> {
    pub files: Vec<Mended<'a>>,
    /// What is not worked in, and why.
    pub left: Vec<(&'a Finding, &'static str)>,
}

/// Works the suggestions of these findings into the files after the change. Where two of them touch the same lines, the
/// first one holds.
pub(super) fn together<'a>(
    change: &'a ChangeSet,
    contents: &dyn Contents,
    findings: impl IntoIterator<Item = &'a Finding>,
) -> Together<'a> {
    let places: HashMap<&str, usize> = change.files.iter().enumerate().map(|(n, f)| (f.path.as_str(), n)).collect();
    let mut by_file: Vec<Vec<&Finding>> = vec![Vec::new(); change.files.len()];
    let mut out = Together::default();
    for finding in findings.into_iter().filter(|f| f.suggestion.is_some()) {
        match places.get(finding.file.as_str()).and_then(|n| by_file.get_mut(*n)).filter(|_| finding.side == Side::New)
        {
            Some(of_file) => of_file.push(finding),
            None => out.left.push((finding, "its file is not part of the change")),
        }
    }
    for (file, findings) in change.files.iter().zip(by_file).filter(|(_, findings)| !findings.is_empty()) {
        let before = contents.after(file, LIMIT).and_then(|bytes| String::from_utf8(bytes).ok());
        match before {
            Some(before) => mend(file, before, findings, &mut out),
            None => out.left.extend(findings.into_iter().map(|f| (f, "its file cannot be read"))),
        }
    }
    out
}

fn mend<'a>(file: &'a FileChange, before: String, findings: Vec<&'a Finding>, out: &mut Together<'a>) {
    let mut taken: Vec<(u32, u32)> = Vec::new();
    let mut chosen: Vec<(u32, &Finding)> = Vec::new();
    for finding in findings {
        let spans = spans(finding.suggestion.as_deref().unwrap_or_default());
        let meets = |(a, b): &(u32, u32)| taken.iter().any(|(c, d)| a < d && c < b);
        match spans.first() {
            None => out.left.push((finding, "it is no patch")),
            Some(_) if spans.iter().any(meets) => out.left.push((finding, "another suggestion changes the same lines")),
            Some((first, _)) => {
                chosen.push((*first, finding));
                taken.extend(spans);
            }
        }
    }
    // From below, so that no line moves before its turn.
    chosen.sort_by_key(|(first, _)| std::cmp::Reverse(*first));
    let (mut after, mut done) = (before.clone(), Vec::new());
    for (_, finding) in chosen {
        match patch::apply(&after, hunks(finding.suggestion.as_deref().unwrap_or_default())) {
            Ok(mended) => {
                after = mended;
                done.push(finding);
            }
            Err(_) => out.left.push((finding, "it does not apply to the file")),
        }
    }
    done.reverse();
    if !done.is_empty() {
        out.files.push(Mended { file, before, after, findings: done });
    }
}

/// Lines that each hunk needs as they are, from the first to before the last; an insertion needs the border it stands at.
fn spans(patch: &str) -> Vec<(u32, u32)> {
    let text = format!("--- a/x\n+++ b/x\n{}", hunks(patch));
    let parsed = patch::parse(text.as_bytes()).unwrap_or_default();
    parsed.files.iter().flat_map(|f| &f.hunks).map(|h| (h.old_start, h.old_start + h.old_lines.max(1))).collect()
}

impl Mended<'_> {
    /// The hunks that lead from before to after.
    pub(super) fn hunks(&self) -> String {
        let diff = TextDiff::from_lines(&self.before, &self.after);
        diff.unified_diff().context_radius(3).to_string()
    }
}

impl Together<'_> {
    /// One patch that `git apply` takes; empty where there is nothing to suggest.
    pub(super) fn patch(&self) -> String {
        let mut out = String::new();
        for mended in &self.files {
            for finding in &mended.findings {
                // What stands before a file's first line is for people.
                let title = finding.title.split_whitespace().collect::<Vec<_>>().join(" ");
                out.push_str(&format!("# {} {}: {}\n", finding.id, finding.severity.name(), crate::ui::plain(&title)));
            }
            let raw = mended.file.path.raw();
            let (old, new) = (quoted("a/", raw), quoted("b/", raw));
            // Git ends a name with a blank in it by a tab.
            let tab = if !new.starts_with('"') && new.contains(' ') { "\t" } else { "" };
            out.push_str(&format!("diff --git {old} {new}\n--- {old}{tab}\n+++ {new}{tab}\n{}", mended.hunks()));
        }
        out
    }
}

/// A name as git writes it in patches: quoted where it holds more than letters, signs and blanks.
fn quoted(side: &str, raw: &[u8]) -> String {
    let odd = |b: &u8| !(0x20..0x7f).contains(b) || matches!(b, b'"' | b'\\');
    if !raw.iter().any(odd) {
        return format!("{side}{}", String::from_utf8_lossy(raw));
    }
    let mut out = format!("\"{side}");
    for b in raw {
        match b {
            b'\n' => out.push_str("\\n"),
            b'\t' => out.push_str("\\t"),
            b'\r' => out.push_str("\\r"),
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            b if odd(b) => out.push_str(&format!("\\{b:03o}")),
            b => out.push(char::from(*b)),
        }
    }
    out + "\""
}
