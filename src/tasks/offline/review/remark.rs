//! What stands beside a line: a comment above it or behind it that says why it is so.

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
pub(super) fn explained(class: Row, extension: &str, file: &FileChange, number: u32) -> bool {
    if ![CI_WIDENED, SKIPPED_TEST, SWALLOWED, TODO].contains(&class) {
        return false;
    }
    let Some((lines, at)) = around(file, number) else { return false };
    let line = lines.get(at).copied().unwrap_or_default();
    let mut said = above(&lines, at).chain(trailing(line));
    match class {
        CI_WIDENED => said.any(weighed),
        SKIPPED_TEST => said.any(|text| refers(text) || gives_reason(text)),
        TODO => {
            // Another one is about something else.
            let own = |text: &&str| !marked(text);
            let below = lines.iter().skip(at + 1).take(LINES).copied().take_while(|text| is_comment(text));
            above(&lines, at).take_while(own).chain(below.take_while(own)).any(refers)
        }
        // Python's own rule knows comments, and a bare except stops more than its reason says.
        _ => extension != "py" && (said.any(|text| text.split_whitespace().count() > WORDS) || tried(&lines, at)),
    }
}

/// The lines of the hunk on the new side, and where this one stands among them.
fn around(file: &FileChange, number: u32) -> Option<(Vec<&str>, usize)> {
    let hunk = file.hunks.iter().find(|hunk| hunk.lines.iter().any(|l| l.new == Some(number)))?;
    let new = || hunk.lines.iter().filter(|l| l.kind != LineKind::Removed);
    Some((new().map(|l| l.text.as_str()).collect(), new().position(|l| l.new == Some(number))?))
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
        explained(class, name.rsplit('.').next().unwrap(), &change.files[0], u32::try_from(at + 1).unwrap())
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
    fn rights_that_were_weighed_say_so() {
        let widened = |text: &str| said(CI_WIDENED, ".github/workflows/a.yml", text, "  pull_request_target:");
        assert!(widened(
            "on:\n  # zizmor: ignore[dangerous-triggers]\n  # SAFETY: nothing of it is run:\n  # - no\n  pull_request_target:\n"
        ));
        assert!(widened("on:\n  pull_request_target: # zizmor: ignore[dangerous-triggers]\n"));
        assert!(!widened("on:\n  # for forks\n  pull_request_target:\n"));
    }
}
