//! A review as JSON: whole, or one object a line. `schema.json` beside the command says what stands in it.

use serde_json::{Map, Value, json};

use super::Told;
use crate::commands::review::silence::Suppressed;
use crate::commands::review::{By, second};
use crate::commands::show;
use crate::tasks::finding::Finding;
use crate::ui::escaped;

/// The whole review.
pub(in crate::commands::review) fn value(told: &Told<'_>) -> Value {
    let mut out = head(told);
    out["findings"] = json!(told.report.findings);
    out["suppressed"] = told.suppressed.iter().map(silenced).collect();
    out
}

/// First the review without its findings, then each finding and each suppressed one.
pub(super) fn lines(told: &Told<'_>) -> String {
    let first = typed("review", &head(told));
    let found = told.report.findings.iter().map(|f: &Finding| typed("finding", &json!(f)));
    let suppressed = told.suppressed.iter().map(|s| typed("suppressed", &silenced(s)));
    std::iter::once(first).chain(found).chain(suppressed).map(|line| escaped(&line.to_string()) + "\n").collect()
}

fn typed(kind: &str, value: &Value) -> Value {
    let mut out = Map::from_iter([("type".to_owned(), json!(kind))]);
    out.extend(value.as_object().cloned().unwrap_or_default());
    Value::Object(out)
}

fn head(told: &Told<'_>) -> Value {
    let (change, report) = (told.change, told.report);
    json!({
        "schema": "monster.review/2", "target": change.label, "summary": report.summary,
        "files": change.files.len(), "added": change.added(), "removed": change.removed(),
        "by": match told.by { By::Rules(_) | By::Unanswered(_) => "offline", By::Model(name) => name },
        "dropped": report.dropped, "over_limit": report.over, "withheld": report.withheld, "coverage": report.coverage,
        "second_look": second::json(report), "since_last": report.looks.since,
        "complete": report.complete(), "failure": report.failure.as_ref().map(ToString::to_string),
        "requests": report.replies.iter().map(show::reply_json).collect::<Vec<_>>(),
        "applied": told.applied, "exit": told.exit as u8,
    })
}

fn silenced(suppressed: &Suppressed) -> Value {
    let mut out = json!(suppressed.finding);
    out["suppressed"] = json!({ "by": suppressed.by, "reason": suppressed.reason });
    out
}
