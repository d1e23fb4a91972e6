//! What somebody is shown who decides about claims, and what is believed of the decision.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::git::{ChangeSet, Contents, FileChange};
use crate::model::Schema;
use crate::secrets::{Redactor, private_keys};
use crate::tasks::fence::{fold, object};
use crate::tasks::finding::{Finding, Side};
use crate::tasks::keys;
use crate::tasks::pack::{Lines, file_id, pack_rest};
use crate::tasks::review::anchor::{strip, telling};
use crate::tasks::review::answer::words;
use crate::tasks::review::cache::parts;
use crate::tasks::review::context::{LEFT_OUT, secret_lines};

/// Lines of the file that are shown before and after a claim's own.
const BEFORE: u32 = 40;
const AFTER: u32 = 30;
/// The largest file that is looked into (bytes).
const LIMIT: u64 = 4 << 20;
/// A longer line around a claim is not shown (bytes).
const LINE: usize = 2_000;

/// What was decided about one claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(in crate::tasks::review) enum Word {
    /// It holds.
    Confirmed,
    /// It does not.
    Refuted,
    /// Nobody knows.
    Unsure,
}

/// A decision that was checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::tasks::review) struct Verdict {
    pub word: Word,
    /// A line that was really shown.
    pub evidence: Option<String>,
    pub reason: String,
    /// Who decided, `upstream/model`.
    pub by: String,
}

/// The schema of a decision.
pub(in crate::tasks::review) fn schema() -> Schema {
    let text = || json!({ "type": "string" });
    Schema {
        name: "verdicts".to_owned(),
        schema: json!({
            "type": "object", "additionalProperties": false, "required": ["verdicts"],
            "properties": { "verdicts": { "type": "array", "items": {
                "type": "object", "additionalProperties": false,
                "required": ["id", "verdict", "evidence", "reason"],
                "properties": {
                    "id": text(), "verdict": { "type": "string", "enum": ["confirmed", "refuted", "unsure"] },
                    "evidence": text(), "reason": text(),
                },
            } } },
        }),
        ..Schema::default()
    }
}

/// The change of the files that these findings are in, and the code around them, in about `room` bytes.
pub(in crate::tasks::review) fn code(
    change: &ChangeSet,
    contents: &dyn Contents,
    findings: &[&Finding],
    redactor: &Redactor,
    room: usize,
) -> String {
    let mut out = String::new();
    let mut files: Vec<usize> = Vec::new();
    for finding in findings {
        files.extend(place(change, finding).filter(|place| !files.contains(place)));
    }
    let share = room / files.len().max(1);
    for place in files {
        let Some(file) = change.files.get(place) else { continue };
        if keys::shown(file, contents) {
            continue;
        }
        let packed = pack_rest(change, &parts(change, place), share / 2, Lines::Numbered, "");
        // Its first line speaks of a part that was shown before.
        out.push_str(packed.text.split_once('\n').map_or("", |(_, hunks)| hunks));
        let own = |side: Side| findings.iter().filter(move |f| f.side == side && names(file, f)).map(|f| f.line);
        let sides = [(Side::New, contents.after(file, LIMIT)), (Side::Old, contents.before(file, LIMIT))];
        for (side, bytes) in sides {
            let Some(text) = bytes.and_then(|b| String::from_utf8(b).ok()) else { continue };
            let lines: Vec<u32> = own(side).filter(|line| *line > 0).collect();
            if !lines.is_empty() {
                let when = if side == Side::New { "after" } else { "before" };
                let _ = write!(out, "\nFrom {} as it is {when} the change:\n", file_id(place));
                let secret = secret_lines(&text, file, redactor);
                around(&mut out, &text, &secret, lines, share / 2);
            }
        }
    }
    out
}

/// Lines of a file around some of its lines, numbered; what lies in a secret is left out, and a line is whole or not there:
/// of a part of one nobody could tell what it held.
fn around(out: &mut String, text: &str, secret: &HashSet<u32>, mut lines: Vec<u32>, room: usize) {
    lines.sort_unstable();
    let spans: Vec<RangeInclusive<u32>> =
        lines.into_iter().map(|n| n.saturating_sub(BEFORE)..=n.saturating_add(AFTER)).collect();
    let hidden: Vec<RangeInclusive<u32>> = private_keys(text)
        .into_iter()
        .map(|span| number(text, span.start)..=number(text, span.end.saturating_sub(1)))
        .collect();
    let (mut last, begins) = (0, out.len());
    for (number, line) in (1_u32..).zip(text.lines()) {
        if !spans.iter().any(|span| span.contains(&number)) {
            continue;
        }
        if out.len() - begins > room {
            out.push_str("      (and more that is not shown)\n");
            return;
        }
        if last > 0 && last + 1 < number {
            out.push_str("      …\n");
        }
        last = number;
        if hidden.iter().any(|span| span.contains(&number)) {
            let _ = writeln!(out, "{number:>5}  (a line of a private key)");
        } else if secret.contains(&number) {
            let _ = writeln!(out, "{number:>5}  {LEFT_OUT}");
        } else if line.len() > LINE {
            let _ = writeln!(out, "{number:>5}  (a line of {} bytes that is not shown)", line.len());
        } else {
            let _ = writeln!(out, "{number:>5}  {line}");
        }
    }
}

/// The line that holds this byte, from 1.
fn number(text: &str, at: usize) -> u32 {
    let before = text.as_bytes().iter().take(at).filter(|b| **b == b'\n').count();
    u32::try_from(before + 1).unwrap_or(u32::MAX)
}

fn names(file: &FileChange, finding: &Finding) -> bool {
    file.path.as_str() == finding.file || file.old_path.as_ref().is_some_and(|old| old.as_str() == finding.file)
}

fn place(change: &ChangeSet, finding: &Finding) -> Option<usize> {
    change.files.iter().position(|file| names(file, finding))
}

/// The claims as they are told, `C1` the first; `whose` says who made each.
pub(in crate::tasks::review) fn claims(change: &ChangeSet, findings: &[&Finding], whose: &[String]) -> String {
    let mut out = String::new();
    for (n, finding) in findings.iter().enumerate() {
        let label = place(change, finding).map_or_else(|| finding.file.clone(), file_id);
        let side = if finding.side == Side::Old { " (a removed line, by its old number)" } else { "" };
        let by = whose.get(n).filter(|w| !w.is_empty()).map(|w| format!(", found by {w}")).unwrap_or_default();
        let _ = writeln!(
            out,
            "C{}: {label} line {}{side}, {}, {}{by}\n  {}\n  {}",
            n + 1,
            finding.line,
            finding.severity.name(),
            finding.class,
            finding.title,
            finding.why
        );
    }
    out
}

/// Reads what was decided about `count` claims; `None` where nothing usable was said about one. A decision for or
/// against a claim needs a line of what was shown, else it is none.
pub(in crate::tasks::review) fn read(text: &str, count: usize, shown: &str, by: &str) -> Option<Vec<Option<Verdict>>> {
    let value = object(text)?;
    let mut out: Vec<Option<Verdict>> = (0..count).map(|_| None).collect();
    let lines: HashSet<String> = shown.lines().filter(|l| is_code(l)).flat_map(forms).filter(|l| telling(l)).collect();
    for said in value.get("verdicts")?.as_array()?.iter().take(count * 2) {
        let id = said.get("id").and_then(Value::as_str).unwrap_or_default().trim().trim_start_matches(['C', 'c']);
        let Some(slot) = id.parse::<usize>().ok().and_then(|n| out.get_mut(n.checked_sub(1)?)) else { continue };
        let word = match said.get("verdict").and_then(Value::as_str).map(str::to_lowercase).as_deref() {
            Some("confirmed") => Word::Confirmed,
            Some("refuted") => Word::Refuted,
            Some("unsure") => Word::Unsure,
            _ => continue,
        };
        let quoted = said.get("evidence").and_then(Value::as_str).unwrap_or_default();
        let quoted = quoted.lines().find(|l| telling(l)).filter(|l| forms(l).iter().any(|form| lines.contains(form)));
        let evidence = quoted.map(strip);
        let word = if evidence.is_none() { Word::Unsure } else { word };
        let reason = words(&said["reason"], 300);
        *slot = Some(Verdict { word, evidence, reason, by: by.to_owned() });
    }
    Some(out)
}

/// A line of a file: it begins with its number, or with blanks where it has none any more. Names of files, headers of
/// hunks and what is said of lines that are not shown prove nothing.
fn is_code(line: &str) -> bool {
    let told = line.trim_start().trim_start_matches(|c: char| c.is_ascii_digit()).trim_start();
    line.starts_with(|c: char| c == ' ' || c.is_ascii_digit())
        && !told.starts_with(LEFT_OUT)
        && !["(a line of ", "(and more that is not shown)"].iter().any(|own| told.starts_with(own))
}

/// A line as it stands, and without the number and the mark that were put before it.
fn forms(line: &str) -> [String; 3] {
    let whole = fold(line);
    let bare = whole.trim_start_matches(|c: char| c.is_ascii_digit()).trim_start().to_owned();
    [strip(line), bare, whole]
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHOWN: &str = "--- F1 a.rs\n@@ -1,2 +1,2 @@ impl Items {\n@@ -1,2 +1,2 @@\n    1  fn last(items: &[u8]) -> u8 {\n    2 +    items[items.len()]\n      -    items[items.len() - 1]\n";

    fn decided(verdict: &str, evidence: &str) -> Word {
        let said = json!({ "verdicts": [{ "id": "C1", "verdict": verdict, "evidence": evidence, "reason": "so" }] });
        read(&said.to_string(), 1, SHOWN, "m").unwrap().remove(0).unwrap().word
    }

    #[test]
    fn a_verdict_needs_a_line_that_was_shown() {
        for line in ["    items[items.len()]", "    2 +    items[items.len()]", "items[items.len()]"] {
            assert_eq!(decided("confirmed", line), Word::Confirmed, "{line}");
        }
        assert_eq!(decided("refuted", "fn last(items: &[u8]) -> u8 {"), Word::Refuted, "context was shown too");
        assert_eq!(decided("refuted", "1  fn last(items: &[u8]) -> u8 {"), Word::Refuted, "with its number");
        for line in [
            "",
            "items.get(0)",
            "items[items.len()",
            "}",
            "the length is checked above",
            "--- F1 a.rs",
            "@@ -1,2 +1,2 @@",
            "@@ -1,2 +1,2 @@ impl Items {",
        ] {
            assert_eq!(decided("refuted", line), Word::Unsure, "{line}");
        }
        assert_eq!(decided("unsure", "items[items.len()]"), Word::Unsure);
    }

    #[test]
    fn nonsense_decides_nothing() {
        assert_eq!(read("LGTM", 1, SHOWN, "m"), None);
        let said = json!({ "verdicts": [{ "id": "C9", "verdict": "refuted" }, { "id": "C1", "verdict": "maybe" }, 7] });
        assert_eq!(read(&said.to_string(), 1, SHOWN, "m"), Some(vec![None]));
    }

    #[test]
    fn lines_of_a_private_key_around_a_claim_are_left_out() {
        let body = "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5\n".repeat(4);
        let word = "PRIVATE";
        let text = format!("a = 1\n-----BEGIN RSA {word} KEY-----\n{body}-----END RSA {word} KEY-----\nb = 2\n");
        let mut out = String::new();
        around(&mut out, &text, &HashSet::new(), vec![7], 100_000);
        assert!(out.contains("    1  a = 1") && out.contains("b = 2"), "{out}");
        assert!(!out.contains("QUJDREVG"), "{out}");
    }
}
