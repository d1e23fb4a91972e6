//! A review as SARIF 2.1.0: every finding, the suppressed ones as such, and suggestions as fixes.

use serde_json::{Value, json};

use super::{Nth, Told, class, lines};
use crate::commands::review::mend;
use crate::commands::sarif::{Run, uri};
use crate::git::{LineKind, Path, patch};
use crate::tasks::finding::{Finding, Severity, Source};

/// The log.
pub(super) fn log(told: &Told<'_>) -> Value {
    let (mut rules, mut nth): (Vec<&str>, Nth<'_>) = Default::default();
    let mut places = std::collections::HashMap::new();
    let mut results = Vec::new();
    let open = told.report.findings.iter().map(|f| (f, None));
    let closed = told.suppressed.iter().map(|s| (&s.finding, Some(s)));
    for (finding, suppressed) in open.chain(closed) {
        let class = class(finding);
        let rule = *places.entry(class).or_insert_with(|| {
            rules.push(class);
            rules.len() - 1
        });
        let mut result = result(finding, rule, &nth.name(&finding.id), told.names.folder(&finding.file));
        // Where one result says whether it is suppressed, all have to.
        result["suppressions"] = match suppressed {
            Some(s) => {
                json!([{ "kind": "external", "status": "accepted", "justification": format!("{} ({})", s.reason, s.by) }])
            }
            None => json!([]),
        };
        results.push(result);
    }
    let rules = rules.into_iter().map(|class| {
        json!({ "id": class, "shortDescription": { "text": class.replace('-', " ") },
            "properties": { "tags": if crate::tasks::review::grave(class) { json!(["security"]) } else { json!(["correctness"]) } } })
    });
    Run {
        rules: rules.collect(),
        results,
        notices: notices(told),
        successful: told.report.complete(),
        exit: Some(told.exit as u8),
    }
    .log()
}

/// Where a file cannot be named, its `folder` stands for it: a reader would look for one that is not there.
fn result(finding: &Finding, rule: usize, print: &str, folder: Option<&str>) -> Value {
    let file = match folder {
        Some("") => "./".to_owned(),
        Some(folder) => uri(&Path::bytes_of(folder)) + "/",
        None => uri(&Path::bytes_of(&finding.file)),
    };
    let mut place = json!({ "artifactLocation": { "uri": file } });
    if let Some((first, last)) = lines(finding).filter(|_| folder.is_none()) {
        place["region"] = json!({ "startLine": first, "endLine": last });
    }
    let mut out = json!({
        "ruleId": class(finding), "ruleIndex": rule, "level": level(finding),
        "message": { "text": message(finding, folder.is_some()) },
        "locations": [{ "physicalLocation": place }],
        "partialFingerprints": { "monsterFinding/v1": print },
        "properties": {
            "id": finding.id, "severity": finding.severity, "confidence": finding.confidence,
            "source": finding.source, "verification": finding.verification, "side": finding.side, "line": finding.line,
            "rule": finding.rule,
        },
    });
    let replaced = finding.suggestion.as_deref().map(replacements).unwrap_or_default();
    if !replaced.is_empty() {
        out["fixes"] = json!([{
            "description": { "text": if finding.source == Source::Model { "A model's suggestion; it applies." } else { "It applies." } },
            "artifactChanges": [{ "artifactLocation": { "uri": file }, "replacements": replaced }],
        }]);
    }
    out
}

/// A message must not be empty. It says of which file where the place does not.
fn message(finding: &Finding, placeless: bool) -> String {
    let file = if placeless { finding.file.as_str() } else { "" };
    let parts = [finding.title.trim(), finding.why.trim(), file];
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    if parts.is_empty() { class(finding).to_owned() } else { parts.join(": ") }
}

/// A hint that decides nothing is one, however bad it would be.
fn level(finding: &Finding) -> &'static str {
    if !finding.counts() {
        return "note";
    }
    match finding.severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low => "note",
    }
}

/// What the review could not do.
fn notices(told: &Told<'_>) -> Vec<Value> {
    let failure = told.report.failure.as_ref().map(|e| format!("the model's part is missing: {e}"));
    let text = failure.into_iter().chain(told.gaps()).chain(told.change.notes.iter().cloned());
    text.filter(|text| !text.is_empty())
        .map(|text| json!({ "level": "warning", "message": { "text": text } }))
        .collect()
}

/// Lines that go and lines that come, whole with their ends.
struct Swap {
    first: u32,
    gone: u32,
    /// The last one that goes has no line feed.
    bare: bool,
    text: String,
}

impl Swap {
    fn value(self) -> Value {
        let region = if self.gone == 0 {
            json!({ "startLine": self.first, "startColumn": 1, "endLine": self.first, "endColumn": 1 })
        } else if self.bare {
            // To the end of the last line, and no further: there is nothing behind it.
            json!({ "startLine": self.first, "startColumn": 1, "endLine": self.first + self.gone - 1 })
        } else {
            json!({ "startLine": self.first, "startColumn": 1, "endLine": self.first + self.gone, "endColumn": 1 })
        };
        json!({ "deletedRegion": region, "insertedContent": { "text": self.text } })
    }
}

/// A suggestion as replacements of whole lines.
fn replacements(suggestion: &str) -> Vec<Value> {
    let text = format!("--- a/x\n+++ b/x\n{}", mend::hunks(suggestion));
    let Ok(change) = patch::parse(text.as_bytes()) else { return Vec::new() };
    let mut out = Vec::new();
    for hunk in change.files.iter().flat_map(|f| &f.hunks) {
        let mut at = hunk.old_start.max(1) + u32::from(hunk.old_lines == 0 && hunk.old_start > 0);
        let mut run: Option<Swap> = None;
        for line in &hunk.lines {
            if line.kind == LineKind::Context {
                out.extend(run.take().map(Swap::value));
                at += 1;
                continue;
            }
            let run = run.get_or_insert(Swap { first: at, gone: 0, bare: false, text: String::new() });
            if line.kind == LineKind::Removed {
                run.gone += 1;
                run.bare = line.no_newline;
                at += 1;
            } else {
                run.text.push_str(&line.text);
                run.text.push_str(if line.no_newline { "" } else { "\n" });
            }
        }
        out.extend(run.take().map(Swap::value));
    }
    out
}
