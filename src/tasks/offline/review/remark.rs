//! What stands beside a line: a comment above it or behind it that says why it is so.

use std::cell::OnceCell;
use std::collections::HashMap;

use super::classes::{CI_WIDENED, Row, SKIPPED_TEST, SWALLOWED, TODO};
use super::excuse::is_comment;
use super::once;
use crate::git::message::issue;
use crate::git::{FileChange, LineKind};

/// Lines of one comment that are read, at most.
const LINES: usize = 20;
/// Lines between `try` and `catch` that are read, at most.
const TRIED: usize = 6;
/// Fewer words are no reason.
const WORDS: usize = 3;

/// Whether what stands beside this line says why it is as it is.
pub(super) fn explained(class: Row, extension: &str, beside: &Beside<'_>, number: u32) -> bool {
    if ![CI_WIDENED, SKIPPED_TEST, SWALLOWED, TODO].contains(&class) {
        return false;
    }
    let Some((lines, at)) = beside.around(number) else { return false };
    let line = lines.get(at).copied().unwrap_or_default();
    let mut said = above(lines, at).chain(trailing(line));
    match class {
        CI_WIDENED => said.any(weighed),
        SKIPPED_TEST => said.any(|text| refers(text) || gives_reason(text)),
        TODO => {
            // Another one is about something else.
            let own = |text: &&str| !marked(text);
            let below = lines.iter().skip(at + 1).take(LINES).copied().take_while(|text| is_comment(text));
            above(lines, at).take_while(own).chain(below.take_while(own)).any(refers)
        }
        // Python's own rule knows comments, and a bare except stops more than its reason says.
        _ => extension != "py" && (said.any(|text| text.split_whitespace().count() > WORDS) || tried(lines, at)),
    }
}

/// The new side of a file's hunks. Every line that a rule fits asks for it, so it is read once, when first asked for.
pub(super) struct Beside<'a> {
    file: &'a FileChange,
    sides: OnceCell<Sides<'a>>,
}

/// The lines of each hunk, and in which hunk and where in it each number stands.
type Sides<'a> = (Vec<Vec<&'a str>>, HashMap<u32, (usize, usize)>);

impl<'a> Beside<'a> {
    pub(super) fn new(file: &'a FileChange) -> Self {
        Self { file, sides: OnceCell::new() }
    }

    /// The lines of the hunk on the new side, and where this one stands among them.
    pub(super) fn around(&self, number: u32) -> Option<(&[&'a str], usize)> {
        let (hunks, places) = self.sides.get_or_init(|| sides(self.file));
        let (hunk, at) = *places.get(&number)?;
        Some((hunks.get(hunk)?, at))
    }
}

fn sides(file: &FileChange) -> Sides<'_> {
    let mut places = HashMap::new();
    let mut hunks = Vec::new();
    for hunk in &file.hunks {
        let mut lines = Vec::new();
        for line in hunk.lines.iter().filter(|l| l.kind != LineKind::Removed) {
            if let Some(number) = line.new {
                places.entry(number).or_insert((hunks.len(), lines.len()));
            }
            lines.push(line.text.as_str());
        }
        hunks.push(lines);
    }
    (hunks, places)
}

/// The comment right above, its last line first.
fn above<'a>(lines: &[&'a str], at: usize) -> impl Iterator<Item = &'a str> {
    let lines: Vec<&str> =
        lines.iter().take(at).rev().take(LINES).copied().take_while(|text| is_comment(text)).collect();
    lines.into_iter()
}

/// The comment behind what stands on a line.
fn trailing(line: &str) -> Option<&str> {
    let mark = once!(r"\S\s+(?://|#|/\*)\s");
    line.get(mark?.find(line)?.end()..).filter(|_| !is_comment(line))
}

/// An issue's number or key, or an address.
fn refers(text: &str) -> bool {
    let place = once!(r"https?://|#[1-9]\d*\b|\bGH-[1-9]");
    let key = once!(r"\b([A-Z][A-Z0-9]+)-[1-9]\d*\b");
    let keys = || key.into_iter().flat_map(|k| k.captures_iter(text)).filter_map(|found| found.get(1));
    place.is_some_and(|p| p.is_match(text)) || keys().any(|project| !issue::standard(project.as_str()))
}

/// A sentence that says what is in the way. Most comments above a test say what it is about.
fn gives_reason(text: &str) -> bool {
    let words = once!(
        r"(?i)\b(?:because|blocked|until|unless|upstream|broken|bug|fails?|failing|crash\w*|hangs?|times out|unsupported|disabled|skipp?(?:ed|ing)?|waiting|(?:does|do|is|are|can)(?:n[o']?t|\s+not)\s|not\s+(?:yet\s+)?(?:implemented|supported|available|working))"
    );
    text.split_whitespace().count() > WORDS && words.is_some_and(|w| w.is_match(text))
}

/// Whoever lets strangers' changes run with rights has told a checker so.
fn weighed(text: &str) -> bool {
    ["zizmor: ignore[", "SAFETY:"].iter().any(|mark| text.contains(mark))
}

fn marked(text: &str) -> bool {
    once!(r"\b(?:TODO|FIXME|XXX|HACK)\b").is_some_and(|word| word.is_match(text))
}

/// What is tried makes a value better that stands there already (`path = real(path)`), or a comment above it says that
/// it may fail.
fn tried(lines: &[&str], at: usize) -> bool {
    let Some(body) = lines.iter().take(at).rev().take(TRIED).position(|text| text.trim_end().ends_with("try {")) else {
        return false;
    };
    let own = once!(r"^\s*([\w$.]+)\s*=\s*(?:await\s+)?[\w$.]+\(\s*([\w$.]+)\s*[,)]");
    let itself = |text: &str| {
        let found = own.and_then(|own| own.captures(text));
        found.is_some_and(|f| f.get(1).map(|m| m.as_str()) == f.get(2).map(|m| m.as_str()))
    };
    let may_fail = once!(
        r"(?i)\b(?:best[ -]effort|ignor\w+|(?:can|may|might|could|not)\s+(?:be\s+)?(?:possible|fail|throw|miss)\w*|fails?|throws?)\b"
    );
    let mut said = above(lines, at - 1 - body);
    (body == 1 && lines.get(at - 1).is_some_and(|text| itself(text)))
        || said.any(|text| may_fail.is_some_and(|m| m.is_match(text)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::patch::parse;

    /// Whether the line that holds `mark` is explained.
    fn said(class: Row, name: &str, text: &str, mark: &str) -> bool {
        let count = text.lines().count();
        let lines: String = text.lines().map(|l| format!("+{l}\n")).collect();
        let patch = format!(
            "diff --git a/{name} b/{name}\nnew file mode 100644\n--- /dev/null\n+++ b/{name}\n@@ -0,0 +1,{count} @@\n{lines}"
        );
        let change = parse(patch.as_bytes()).unwrap();
        let at = text.lines().position(|l| l.contains(mark)).unwrap();
        explained(
            class,
            name.rsplit('.').next().unwrap(),
            &Beside::new(&change.files[0]),
            u32::try_from(at + 1).unwrap(),
        )
    }

    #[test]
    fn a_skipped_test_may_say_why_above_or_behind() {
        let skipped = |text: &str| said(SKIPPED_TEST, "a.test.ts", text, "test.skip");
        assert!(skipped("// Blocked by https://example.org/issues/7\ntest.skip('a', f)"));
        assert!(skipped("// see #12,\n// which is open\ntest.skip('a', f)"));
        assert!(skipped("test.skip('a', f) // ABC-7"));
        assert!(skipped("// this does not work on the new compiler yet\ntest.skip('a', f)"));
        assert!(!skipped("// flaky\ntest.skip('a', f)"));
        assert!(!skipped("// counts the pages of an empty list\ntest.skip('a', f)"));
        assert!(!skipped("// see #12\n\ntest.skip('a', f)"), "it is about something else");
        assert!(!skipped("test.skip('opens https://example.org/7', f)"));
        assert!(said(SKIPPED_TEST, "a.rs", "#[ignore] // until #12 is closed\nfn a() {}", "ignore"));
        assert!(!said(SKIPPED_TEST, "a.rs", "#[ignore] // flaky\nfn a() {}", "ignore"));
    }

    #[test]
    fn a_todo_may_name_its_issue_on_another_line_of_the_comment() {
        let todo = |text: &str| said(TODO, "a.ts", text, "TODO: it");
        assert!(todo("// TODO: it is dropped\n// (some/repo#23) and so on\nf();"));
        assert!(todo("// See https://example.org/7.\n// TODO: it\nf();"));
        assert!(!todo("// TODO: it is dropped\nf(); // #23"));
        assert!(!todo("// TODO: it\n// TODO(#12): that\nf();"), "that is another one");
        assert!(!todo("// TODO: it is UTF-8\n// and SHA-256\nf();"));
    }

    #[test]
    fn an_empty_catch_may_say_why_or_leave_a_value_as_it_was() {
        let caught = |text: &str| said(SWALLOWED, "a.ts", text, "catch {}");
        assert!(caught("try {\n  f();\n} catch {} // an error is thrown when the length is wrong\n"));
        assert!(caught("try {\n  root = real(root)\n} catch {}\n"));
        assert!(caught("// it may fail to parse, so this is a best effort\ntry {\n  add(new URL(x))\n} catch {}\n"));
        assert!(!caught("try {\n  f();\n} catch {}\n"));
        assert!(!caught("try {\n  a = real(b)\n} catch {}\n"));
        assert!(!caught("try {\n  root = real(root)\n  save(root)\n} catch {}\n"));
        assert!(!caught("// Saves the page.\ntry {\n  save(page)\n} catch {}\n"));
        assert!(!said(
            SWALLOWED,
            "a.py",
            "try:\n    f()\nexcept:  # nothing else is to be done here\n    pass\n",
            "except"
        ));
    }

    #[test]
    fn a_line_is_looked_at_in_its_own_hunk() {
        let patch = "diff --git a/a.ts b/a.ts\n--- a/a.ts\n+++ b/a.ts\n@@ -1,2 +1,3 @@\n // see #12\n-old();\n+// TODO: a\n+f();\n@@ -8,1 +9,2 @@\n g();\n+// TODO: b\n";
        let change = parse(patch.as_bytes()).unwrap();
        let beside = Beside::new(&change.files[0]);
        assert_eq!(beside.around(2), Some((["// see #12", "// TODO: a", "f();"].as_slice(), 1)));
        assert_eq!(beside.around(10), Some((["g();", "// TODO: b"].as_slice(), 1)));
        assert_eq!(beside.around(5), None, "it is in no hunk");
        assert!(explained(TODO, "ts", &beside, 2) && !explained(TODO, "ts", &beside, 10));
    }

    #[test]
    fn each_of_many_lines_finds_its_own_comment() {
        let text: String = (1..=20_000).map(|n| format!("// see #{n}\n// TODO: it\nf();\n// TODO: that\n")).collect();
        let lines: String = text.lines().map(|l| format!("+{l}\n")).collect();
        let patch = format!(
            "diff --git a/a.ts b/a.ts\nnew file mode 100644\n--- /dev/null\n+++ b/a.ts\n@@ -0,0 +1,80000 @@\n{lines}"
        );
        let change = parse(patch.as_bytes()).unwrap();
        let beside = Beside::new(&change.files[0]);
        let said = |of: u32| (0..20_000).filter(|n| explained(TODO, "ts", &beside, n * 4 + of)).count();
        assert_eq!((said(2), said(4)), (20_000, 19_999), "the comment goes on below it, but at the end");
    }

    #[test]
    fn rights_that_were_weighed_say_so() {
        let widened = |text: &str| said(CI_WIDENED, ".github/workflows/a.yml", text, "  pull_request_target:");
        assert!(widened(
            "on:\n  # zizmor: ignore[dangerous-triggers]\n  # SAFETY: nothing of it is run:\n  # - no\n  pull_request_target:\n"
        ));
        assert!(widened("on:\n  pull_request_target: # zizmor: ignore[dangerous-triggers]\n"));
        assert!(!widened("on:\n  # for forks\n  pull_request_target:\n"));
    }
}
