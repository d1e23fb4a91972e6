//! Suggestions together: which of them hold at the same time, and one patch of them.

use std::collections::HashMap;

use similar::TextDiff;

use crate::git::{ChangeSet, Contents, FileChange, LineKind, patch};
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
    let lines: Vec<&str> = before.split_inclusive('\n').collect();
    let (mut edits, mut done): (Vec<Edit>, Vec<&Finding>) = Default::default();
    for finding in findings {
        let own = edits_of(&lines, finding.suggestion.as_deref().unwrap_or_default());
        let meets = |edit: &Edit| edits.iter().any(|other| edit.touches(other));
        match own {
            Err(why) => out.left.push((finding, why)),
            Ok(own) if own.iter().any(meets) => {
                out.left.push((finding, "another suggestion changes the same lines or lines beside them"))
            }
            Ok(own) => {
                edits.extend(own);
                done.push(finding);
            }
        }
    }
    if done.is_empty() {
        return;
    }
    // Each at the very lines it was made for, and from above: none of them moves another.
    edits.sort_by_key(|edit| edit.first);
    done.sort_by_key(|finding| finding.line);
    let (mut after, mut at) = (String::with_capacity(before.len()), 0);
    for edit in &edits {
        after.extend(lines.get(at..edit.first).unwrap_or_default().iter().copied());
        after.push_str(&edit.text);
        at = edit.end;
    }
    after.extend(lines.get(at..).unwrap_or_default().iter().copied());
    out.files.push(Mended { file, before, after, findings: done });
}

/// Lines that go, by place from 0 to before `end`, and what comes instead.
struct Edit {
    first: usize,
    end: usize,
    text: String,
}

impl Edit {
    /// They change the same lines, or lines side by side: each was made beside the other one's as they were.
    const fn touches(&self, other: &Self) -> bool {
        self.first <= other.end && other.first <= self.end
    }
}

/// What a suggestion changes. What it shows round that has to stand exactly where it says.
fn edits_of(lines: &[&str], suggestion: &str) -> Result<Vec<Edit>, &'static str> {
    let text = format!("--- a/x\n+++ b/x\n{}", hunks(suggestion));
    let parsed = patch::parse(text.as_bytes()).map_err(|_| "it is no patch")?;
    let mut out: Vec<Edit> = Vec::new();
    for hunk in parsed.files.iter().flat_map(|f| &f.hunks) {
        let mut at = usize::try_from(hunk.old_start).unwrap_or(usize::MAX);
        // A hunk that takes nothing names the line it stands behind.
        at = if hunk.old_lines == 0 { at } else { at.saturating_sub(1) };
        let mut open: Option<Edit> = None;
        for line in &hunk.lines {
            if line.kind != LineKind::Added {
                let there = lines.get(at).copied().unwrap_or_default();
                if there.trim_end_matches(['\n', '\r']) != line.text.trim_end_matches('\r') || there.is_empty() {
                    return Err("it does not apply to the file");
                }
            }
            if line.kind == LineKind::Context {
                out.extend(open.take());
                at += 1;
                continue;
            }
            let edit = open.get_or_insert_with(|| Edit { first: at, end: at, text: String::new() });
            if line.kind == LineKind::Removed {
                at += 1;
                edit.end = at;
            } else {
                edit.text.push_str(&line.text);
                edit.text.push_str(if line.no_newline { "" } else { "\n" });
            }
        }
        out.extend(open.take());
    }
    if out.is_empty() { Err("it is no patch") } else { Ok(out) }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::Status;
    use crate::tasks::finding::{Severity, Source, Verification};

    const FILE: &str = "a\nb\nc\nd\ne\nf\ng\nh\na\nb\nc\nd\n";

    fn suggestion(before: &str, after: &str) -> String {
        TextDiff::from_lines(before, after).unified_diff().context_radius(3).to_string()
    }

    fn finding(id: &str, line: u32, suggestion: String) -> Finding {
        Finding {
            id: id.to_owned(),
            file: "a.txt".to_owned(),
            line,
            end_line: line,
            side: Side::New,
            severity: Severity::High,
            confidence: 0.6,
            class: "race".to_owned(),
            title: String::new(),
            why: String::new(),
            suggestion: Some(suggestion),
            source: Source::Model,
            verification: Verification::Unverified,
            rule: None,
        }
    }

    fn together_of(fixes: &[(u32, &str)]) -> (Option<String>, Vec<&'static str>) {
        let file = FileChange::new("a.txt".into(), Status::Modified);
        let of = |(n, (line, after)): (usize, &(u32, &str))| finding(&n.to_string(), *line, suggestion(FILE, after));
        let findings: Vec<Finding> = fixes.iter().enumerate().map(of).collect();
        let mut out = Together::default();
        mend(&file, FILE.to_owned(), findings.iter().collect(), &mut out);
        (out.files.first().map(|m| m.after.clone()), out.left.iter().map(|(_, why)| *why).collect())
    }

    #[test]
    fn suggestions_near_each_other_hold_together_where_they_change_different_lines() {
        let (after, left) = together_of(&[(2, &FILE.replacen("b\n", "B\n", 1)), (4, &FILE.replacen("d\n", "", 1))]);
        assert_eq!(after.as_deref(), Some("a\nB\nc\ne\nf\ng\nh\na\nb\nc\nd\n"));
        assert!(left.is_empty(), "{left:?}");
    }

    #[test]
    fn of_two_for_the_same_or_the_next_line_the_first_holds() {
        for second in ["b\n", "c\n", "a\n"] {
            let (after, left) =
                together_of(&[(2, &FILE.replacen("b\n", "B\n", 1)), (2, &FILE.replacen(second, "x\n", 1))]);
            assert_eq!(after.as_deref(), Some("a\nB\nc\nd\ne\nf\ng\nh\na\nb\nc\nd\n"), "{second}");
            assert_eq!(left, ["another suggestion changes the same lines or lines beside them"]);
        }
    }

    #[test]
    fn a_suggestion_in_two_places_keeps_both_when_another_makes_room_between_them() {
        // The same four lines stand twice: what moved could be taken for the other.
        let ends = "a\nb\nC\nd\ne\nf\ng\nh\na\nb\nC\nd\n";
        let (after, left) = together_of(&[(3, ends), (5, &FILE.replacen("f\n", "f\na\nb\nc\nd\n", 1))]);
        assert_eq!(after.as_deref(), Some("a\nb\nC\nd\ne\nf\na\nb\nc\nd\ng\nh\na\nb\nC\nd\n"));
        assert!(left.is_empty(), "{left:?}");
    }

    #[test]
    fn what_stands_elsewhere_than_it_says_is_left() {
        let moved = suggestion(&FILE.replacen("a\n", "new\na\n", 1), &FILE.replacen("a\nb", "new\na\nB", 1));
        let file = FileChange::new("a.txt".into(), Status::Modified);
        let (own, mut out) = (finding("0", 2, moved), Together::default());
        mend(&file, FILE.to_owned(), vec![&own], &mut out);
        assert!(out.files.is_empty());
        assert_eq!(out.left[0].1, "it does not apply to the file");
    }
}
