//! A review as JSON: whole, or one object a line. `schema.json` beside the command says what stands in it.

use serde_json::{Map, Value, json};

use super::{Told, exact};
use crate::commands::review::silence::Suppressed;
use crate::commands::review::{By, second};
use crate::commands::{sarif, show};
use crate::git::Path;
use crate::tasks::finding::Finding;
use crate::tasks::review::{Coverage, Since};
use crate::ui::escaped;

/// The whole review.
pub(in crate::commands::review) fn value(told: &Told<'_>) -> Value {
    let mut out = head(told);
    out["findings"] = told.report.findings.iter().map(found).collect();
    out["suppressed"] = told.suppressed.iter().map(silenced).collect();
    out
}

/// First the review without its findings, then each finding and each suppressed one.
pub(super) fn lines(told: &Told<'_>) -> String {
    let first = typed("review", &head(told));
    let found = told.report.findings.iter().map(|f| typed("finding", &found(f)));
    let suppressed = told.suppressed.iter().map(|s| typed("suppressed", &silenced(s)));
    std::iter::once(first).chain(found).chain(suppressed).map(|line| escaped(&line.to_string()) + "\n").collect()
}

fn typed(kind: &str, value: &Value) -> Value {
    let mut out = Map::from_iter([("type".to_owned(), json!(kind))]);
    out.extend(value.as_object().cloned().unwrap_or_default());
    Value::Object(out)
}

/// A finding, its file as git names it. Bytes that are no text stand as `\xNN`, and the address beside it holds them.
fn found(finding: &Finding) -> Value {
    let raw = Path::bytes_of(&finding.file);
    let mut out = json!(finding);
    out["file"] = json!(exact(&finding.file));
    if std::str::from_utf8(&raw).is_err() {
        out["file_uri"] = json!(sarif::uri(&raw));
    }
    out
}

/// What was looked at, by the names that git has.
fn coverage(coverage: &Coverage) -> Value {
    let all = |list: &[String]| list.iter().map(|file| json!(exact(file))).collect::<Value>();
    let why = |list: &[(String, String)]| list.iter().map(|(file, why)| json!([exact(file), why])).collect::<Value>();
    json!({
        "reviewed": all(&coverage.reviewed), "by_rules": all(&coverage.by_rules),
        "summarised": why(&coverage.summarised), "skipped": why(&coverage.skipped), "ignored": why(&coverage.ignored),
    })
}

/// What became of the findings of the last review, each with its file as git names it.
fn since(since: Option<&Since>) -> Value {
    let Some(since) = since else { return Value::Null };
    let mut out = json!(since);
    for (name, all) in [("fixed", &since.fixed), ("unseen", &since.unseen), ("left", &since.left)] {
        out[name] = all.iter().map(found).collect();
    }
    out
}

fn head(told: &Told<'_>) -> Value {
    let (change, report) = (told.change, told.report);
    json!({
        "schema": "monster.review/2", "target": change.label, "summary": report.summary,
        "files": change.files.len(), "added": change.added(), "removed": change.removed(),
        "by": match told.by { By::Rules(_) | By::Unanswered(_) => "offline", By::Model(name) => name },
        "dropped": report.dropped, "over_limit": report.over, "withheld": report.withheld, "coverage": coverage(&report.coverage),
        "second_look": second::json(report), "since_last": since(report.looks.since.as_ref()),
        "complete": report.complete(), "failure": report.failure.as_ref().map(ToString::to_string),
        "requests": report.replies.iter().map(show::reply_json).collect::<Vec<_>>(),
        "applied": told.applied, "exit": told.exit as u8,
    })
}

fn silenced(suppressed: &Suppressed) -> Value {
    let mut out = found(&suppressed.finding);
    out["suppressed"] = json!({ "by": suppressed.by, "reason": suppressed.reason });
    out
}
