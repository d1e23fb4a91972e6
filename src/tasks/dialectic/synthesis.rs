//! The reconciliation as data: its schema, its reading, and the check that nothing in it is made up.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::model::Schema;
use crate::tasks::fence::{fold, object};

/// What the reconciler is told.
pub(super) const PROMPT: &str = include_str!("../prompts/synthesis.md");

/// Whose claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Who {
    /// The first member.
    A,
    /// The second member.
    B,
}

/// A claim both make.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Agreed {
    /// The claim.
    pub claim: String,
    /// A's words.
    pub a: String,
    /// B's words.
    pub b: String,
}

/// A claim on which they differ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Disagreed {
    /// What it is about.
    pub claim: String,
    /// A's words.
    pub a: String,
    /// B's words.
    pub b: String,
    /// Who is right and why, or what would settle it.
    pub settle: String,
}

/// A claim only one makes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Single {
    /// Who makes it.
    pub who: Who,
    /// The claim.
    pub claim: String,
    /// Their words.
    pub quote: String,
}

/// A reconciliation whose quotes all hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Synthesis {
    /// Where they agree.
    pub agreed: Vec<Agreed>,
    /// Where they differ.
    pub disagreed: Vec<Disagreed>,
    /// What only one said.
    pub single: Vec<Single>,
    /// The one answer.
    pub answer: String,
    /// `low`, `medium` or `high`.
    pub confidence: String,
    /// Why that confidence.
    pub reason: String,
}

/// Why a reconciliation cannot be trusted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejected {
    /// Not the JSON that was asked for.
    #[error("it is not the JSON object that was asked for ({0})")]
    Shape(String),
    /// It puts words into a mouth.
    #[error("it quotes what {who} did not say: \"{quote}\"")]
    FalseQuote {
        /// `X` or `Y`, as the reconciler knows them.
        who: &'static str,
        /// The words, shortened.
        quote: String,
    },
    /// It has no answer.
    #[error("its answer is empty")]
    Empty,
}

/// The schema of the answer.
pub(super) fn schema() -> Schema {
    let text = || json!({ "type": "string" });
    let object = |fields: &[(&str, Value)]| {
        let properties: serde_json::Map<String, Value> =
            fields.iter().map(|(name, schema)| ((*name).to_owned(), schema.clone())).collect();
        let required: Vec<&str> = fields.iter().map(|(name, _)| *name).collect();
        json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
    };
    let list = |items: Value| json!({ "type": "array", "items": items });
    Schema {
        name: "reconciliation".to_owned(),
        schema: object(&[
            ("agreed", list(object(&[("claim", text()), ("x", text()), ("y", text())]))),
            ("disagreed", list(object(&[("claim", text()), ("x", text()), ("y", text()), ("settle", text())]))),
            (
                "single",
                list(object(&[
                    ("who", json!({ "type": "string", "enum": ["X", "Y"] })),
                    ("claim", text()),
                    ("quote", text()),
                ])),
            ),
            ("answer", text()),
            ("confidence", json!({ "type": "string", "enum": ["low", "medium", "high"] })),
            ("reason", text()),
        ]),
        ..Schema::default()
    }
}

#[derive(Deserialize)]
struct Raw {
    agreed: Vec<RawClaim>,
    disagreed: Vec<RawClaim>,
    single: Vec<RawSingle>,
    answer: String,
    confidence: String,
    #[serde(default)]
    reason: String,
}

#[derive(Deserialize)]
struct RawClaim {
    claim: String,
    x: String,
    y: String,
    #[serde(default)]
    settle: String,
}

#[derive(Deserialize)]
struct RawSingle {
    who: String,
    claim: String,
    quote: String,
}

/// Reads a reconciliation of `x` and `y`; `swapped` when X is B.
///
/// # Errors
/// [`Rejected`], worded for the reconciler.
pub(super) fn read(text: &str, x: &str, y: &str, swapped: bool) -> Result<Synthesis, Rejected> {
    let value = object(text).ok_or_else(|| Rejected::Shape("no object found".to_owned()))?;
    let raw: Raw = serde_json::from_value(value).map_err(|e| Rejected::Shape(e.to_string()))?;
    if raw.answer.trim().is_empty() {
        return Err(Rejected::Empty);
    }
    if !["low", "medium", "high"].contains(&raw.confidence.as_str()) {
        return Err(Rejected::Shape("confidence is none of low, medium, high".to_owned()));
    }
    let (x, y) = (fold(x), fold(y));
    for claim in raw.agreed.iter().chain(&raw.disagreed) {
        stands("X", &claim.x, &x)?;
        stands("Y", &claim.y, &y)?;
    }
    let mut single = Vec::new();
    for claim in raw.single {
        let is_x = match claim.who.as_str() {
            "X" => true,
            "Y" => false,
            other => return Err(Rejected::Shape(format!("\"who\" is \"{}\", neither X nor Y", short(other)))),
        };
        if is_x {
            stands("X", &claim.quote, &x)?
        } else {
            stands("Y", &claim.quote, &y)?
        }
        let who = if is_x == swapped { Who::B } else { Who::A };
        single.push(Single { who, claim: claim.claim, quote: claim.quote });
    }
    let sides = |x: String, y: String| if swapped { (y, x) } else { (x, y) };
    Ok(Synthesis {
        agreed: raw
            .agreed
            .into_iter()
            .map(|c| {
                let (a, b) = sides(c.x, c.y);
                Agreed { claim: c.claim, a, b }
            })
            .collect(),
        disagreed: raw
            .disagreed
            .into_iter()
            .map(|c| {
                let (a, b) = sides(c.x, c.y);
                Disagreed { claim: c.claim, a, b, settle: c.settle }
            })
            .collect(),
        single,
        answer: raw.answer,
        confidence: raw.confidence,
        reason: raw.reason,
    })
}

/// A quote must stand in the answer, word by word; only the white space may differ.
fn stands(who: &'static str, quote: &str, answer: &str) -> Result<(), Rejected> {
    let folded = fold(quote);
    if folded.chars().any(char::is_alphanumeric) && answer.contains(&folded) {
        Ok(())
    } else {
        Err(Rejected::FalseQuote { who, quote: short(quote) })
    }
}

fn short(text: &str) -> String {
    let mut out: String = text.chars().take(80).collect();
    if out.len() < text.len() {
        out.push('…');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const X: &str = "Rust has no garbage collector.\nIt frees memory when the owner goes.";
    const Y: &str = "There is no garbage collector in Rust. Cycles of Rc leak.";

    fn answer(agreed: Value, disagreed: Value, single: Value) -> String {
        json!({ "agreed": agreed, "disagreed": disagreed, "single": single, "answer": "It has none.",
                "confidence": "high", "reason": "both say so" })
        .to_string()
    }

    #[test]
    fn sections_hold_exactly_what_was_said_and_by_whom() {
        let text = answer(
            json!([{ "claim": "no collector", "x": "no garbage collector", "y": "no garbage collector in Rust" }]),
            json!([]),
            json!([{ "who": "Y", "claim": "cycles leak", "quote": "Cycles of Rc leak." }]),
        );
        let plain = read(&text, X, Y, false).unwrap();
        assert_eq!(plain.agreed.len(), 1);
        assert_eq!(
            plain.single,
            [Single { who: Who::B, claim: "cycles leak".into(), quote: "Cycles of Rc leak.".into() }]
        );
        let swapped = read(&text, X, Y, true).unwrap();
        assert_eq!(swapped.single[0].who, Who::A, "Y is A when the seats are swapped");
        assert_eq!(swapped.agreed[0].a, "no garbage collector in Rust");
    }

    #[test]
    fn a_quote_that_nobody_said_is_refused() {
        let text = answer(
            json!([{ "claim": "c", "x": "Rust has a collector", "y": "no garbage collector" }]),
            json!([]),
            json!([]),
        );
        assert_eq!(
            read(&text, X, Y, false),
            Err(Rejected::FalseQuote { who: "X", quote: "Rust has a collector".into() })
        );
    }

    #[test]
    fn a_quote_from_the_other_answer_is_refused() {
        let text = answer(json!([]), json!([]), json!([{ "who": "X", "claim": "c", "quote": "Cycles of Rc leak." }]));
        assert!(matches!(read(&text, X, Y, false), Err(Rejected::FalseQuote { who: "X", .. })));
    }

    #[test]
    fn a_quote_may_cross_a_line_break_but_may_not_be_empty() {
        let across =
            answer(json!([]), json!([]), json!([{ "who": "X", "claim": "c", "quote": "collector. It frees" }]));
        assert!(read(&across, X, Y, false).is_ok());
        let empty = answer(json!([]), json!([]), json!([{ "who": "X", "claim": "c", "quote": " . " }]));
        assert!(read(&empty, X, Y, false).is_err());
    }

    #[test]
    fn what_is_no_reconciliation_is_told_so() {
        assert!(matches!(read("I think X is right.", X, Y, false), Err(Rejected::Shape(_))));
        assert!(matches!(read("{\"answer\": \"x\"}", X, Y, false), Err(Rejected::Shape(_))));
        let mut value: Value = serde_json::from_str(&answer(json!([]), json!([]), json!([]))).unwrap();
        value["answer"] = json!("  ");
        assert_eq!(read(&value.to_string(), X, Y, false), Err(Rejected::Empty));
    }
}
