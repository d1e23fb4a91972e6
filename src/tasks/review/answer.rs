//! A model's review as data: its schema, and a reading that keeps what is usable.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::class;
use crate::model::Schema;
use crate::tasks::fence::object;
use crate::tasks::finding::Severity;

/// One claim, not yet checked against the code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Claim {
    /// `F1`, or a path.
    pub file: String,
    /// As the model counts.
    pub line: u32,
    /// Code it says stands there.
    pub quote: String,
    /// How bad it says it is.
    pub severity: Severity,
    /// One of the closed list.
    pub class: String,
    /// At most 80 characters.
    pub title: String,
    /// Trigger and effect.
    pub why: String,
    /// Replacement code or a diff; may be empty.
    pub fix: String,
    /// The repository's rule it rests on, `FILE:LINE`; may be empty or made up.
    pub rule: String,
}

/// A whole answer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Answer {
    /// What the change does.
    pub summary: String,
    /// Claims, in the model's order.
    pub claims: Vec<Claim>,
    /// Claims that lacked a file, a quote or a title.
    pub unusable: usize,
}

/// The schema of the answer.
pub(super) fn schema() -> Schema {
    let text = || json!({ "type": "string" });
    let classes: Vec<&str> = class::names().collect();
    let names: Vec<&str> = Severity::ALL.iter().rev().map(|s| s.name()).collect();
    Schema {
        name: "review".to_owned(),
        schema: json!({
            "type": "object", "additionalProperties": false, "required": ["summary", "findings"],
            "properties": { "summary": text(), "findings": { "type": "array", "items": {
                "type": "object", "additionalProperties": false,
                "required": ["file", "line", "quote", "severity", "class", "title", "why", "fix", "rule"],
                "properties": {
                    "file": text(), "line": { "type": "integer" }, "quote": text(),
                    "severity": { "type": "string", "enum": names },
                    "class": { "type": "string", "enum": classes },
                    "title": text(), "why": text(), "fix": text(), "rule": text(),
                },
            } } },
        }),
        ..Schema::default()
    }
}

/// Reads an answer; `None` when there is no object in it that looks like a review.
#[must_use]
pub(super) fn read(text: &str) -> Option<Answer> {
    let value = object(text)?;
    let findings = value.get("findings")?.as_array()?;
    let mut out = Answer { summary: words(&value["summary"], 400), ..Answer::default() };
    for finding in findings.iter().take(200) {
        match claim(finding) {
            Some(claim) => out.claims.push(claim),
            None => out.unusable += 1,
        }
    }
    Some(out)
}

fn claim(value: &Value) -> Option<Claim> {
    let text = |key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
    let number = |v: &Value| v.as_u64().or_else(|| v.as_str()?.trim().parse().ok());
    Some(Claim {
        file: text("file")?.trim().to_owned(),
        line: value.get("line").and_then(number).and_then(|n| u32::try_from(n).ok()).unwrap_or(0),
        quote: text("quote")?,
        severity: text("severity").and_then(|s| Severity::parse(&s.to_lowercase())).unwrap_or(Severity::Medium),
        class: class::class(&words(&value["class"], 40)).to_owned(),
        title: Some(words(&value["title"], 80)).filter(|t| !t.is_empty())?,
        why: words(&value["why"], 600),
        fix: text("fix").unwrap_or_default(),
        rule: words(&value["rule"], 200),
    })
}

/// A string on one line, cut at a word to at most `most` characters.
pub(super) fn words(value: &Value, most: usize) -> String {
    let folded = crate::tasks::fence::fold(value.as_str().unwrap_or_default());
    if folded.chars().count() <= most {
        return folded;
    }
    let cut: String = folded.chars().take(most).collect();
    cut.rsplit_once(' ').map_or(cut.clone(), |(head, _)| head.to_owned())
}
