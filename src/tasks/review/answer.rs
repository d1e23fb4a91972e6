//! A model's review as data: its schema, and a reading that keeps what is usable.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::class;
use crate::model::Schema;
use crate::tasks::fence::{object, unthink};
use crate::tasks::finding::Severity;

/// More findings of one answer are not read.
const MOST: usize = 200;

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
    /// The text ended before the list did.
    pub cut: bool,
}

/// The schema of the answer. `most` bounds its findings and their words, for servers here, which keep to that as they
/// write: small models come to no end by themselves. Elsewhere such keywords are not taken everywhere.
pub(super) fn schema(most: Option<usize>) -> Schema {
    let text = || json!({ "type": "string" });
    let classes: Vec<&str> = class::names().collect();
    let names: Vec<&str> = Severity::ALL.iter().rev().map(|s| s.name()).collect();
    let mut schema = Schema {
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
    };
    if let Some(most) = most {
        let whole = &mut schema.schema["properties"];
        whole["findings"]["maxItems"] = json!(most);
        whole["summary"]["maxLength"] = json!(400);
        let one = &mut whole["findings"]["items"]["properties"];
        for (field, longest) in
            [("file", 200), ("quote", 300), ("title", 80), ("why", 400), ("fix", 400), ("rule", 100)]
        {
            one[field]["maxLength"] = json!(longest);
        }
    }
    schema
}

/// Reads an answer; `None` when there is no object in it that looks like a review.
#[must_use]
pub(super) fn read(text: &str) -> Option<Answer> {
    whole(text).or_else(|| torn(unthink(text)))
}

fn whole(text: &str) -> Option<Answer> {
    let value = object(text)?;
    let mut out = Answer { summary: words(&value["summary"], 400), ..Answer::default() };
    value.get("findings")?.as_array()?.iter().take(MOST).for_each(|finding| out.take(finding));
    Some(out)
}

/// What stands before the place where an answer was cut off, as small models do that come to no end.
fn torn(text: &str) -> Option<Answer> {
    let text = text.split_once('{')?.1;
    let (head, rest) = text.split_once("\"findings\"")?;
    let mut rest = rest.trim_start().strip_prefix(':')?.trim_start().strip_prefix('[')?;
    let head = format!("{{{}}}", head.trim_end().trim_end_matches(','));
    let head: Value = serde_json::from_str(&head).unwrap_or_default();
    let mut out = Answer { summary: words(&head["summary"], 400), cut: true, ..Answer::default() };
    for _ in 0..MOST {
        rest = rest.trim_start_matches(|c: char| c == ',' || c.is_whitespace());
        let mut stream = serde_json::Deserializer::from_str(rest).into_iter::<Value>();
        let Some(Ok(finding @ Value::Object(_))) = stream.next() else { break };
        out.take(&finding);
        rest = &rest[stream.byte_offset()..];
    }
    Some(out)
}

impl Answer {
    fn take(&mut self, finding: &Value) {
        match claim(finding) {
            // A model that goes round in circles says the same again and again.
            Some(claim) if self.claims.contains(&claim) => {}
            Some(claim) => self.claims.push(claim),
            None => self.unusable += 1,
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(line: u32) -> String {
        format!(
            r#"{{"file":"F1","line":{line},"quote":"x","severity":"high","class":"logic","title":"[t]","why":"w","fix":"","rule":""}}"#
        )
    }

    #[test]
    fn of_an_answer_that_is_cut_off_the_whole_findings_are_kept() {
        let (one, two) = (finding(1), finding(2));
        let whole = format!(r#"{{"summary": "It does.", "findings": [{one}, {two}, {two}, {one}]}}"#);
        let answer = read(&whole).unwrap();
        assert!(!answer.cut, "{answer:?}");
        assert_eq!(answer.claims.iter().map(|c| c.line).collect::<Vec<_>>(), [1, 2], "and none is kept twice");
        for end in 0..whole.len() - 1 {
            let Some(torn) = read(&whole[..end]) else { continue };
            assert!(torn.cut && answer.claims.starts_with(&torn.claims), "{end}: {torn:?}");
            assert_eq!(torn.summary, "It does.");
        }
        let torn = read(&format!("<think>a {{ b</think>{}", &whole[..whole.len() - 10])).unwrap();
        assert_eq!((torn.claims.len(), torn.unusable, torn.cut), (2, 0, true));
        assert_eq!(read(r#"{"findings": "#), None);
    }
}
