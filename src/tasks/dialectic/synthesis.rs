//! The reconciliation as data: its schema, its reading, and the check that nothing in it is made up.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::quote;
use super::seat::{field, key, label, letter, listed, place};
use crate::model::Schema;
use crate::tasks::fence::object;

const TWO: &str = include_str!("../prompts/synthesis.md");
const MANY: &str = include_str!("../prompts/council.md");

/// A member's own words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quote {
    /// The member, 0 is A.
    pub who: usize,
    /// The words, as they stand in its answer.
    pub text: String,
}

/// A claim and who said what of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// The claim.
    pub claim: String,
    /// Whose words show it, by member.
    pub quotes: Vec<Quote>,
    /// Who is right and why, or what would settle it, where they differ.
    pub settle: Option<String>,
    /// Read with the seats swapped, it was not found so.
    pub unstable: bool,
}

impl Claim {
    /// `claim`, the quotes under their members' letters, `settle` and `unstable` where they say something.
    #[must_use]
    pub fn json(&self) -> Value {
        let mut out = Map::new();
        out.insert("claim".to_owned(), json!(self.claim));
        for quote in &self.quotes {
            out.insert(key(quote.who).to_owned(), json!(quote.text));
        }
        if let Some(settle) = &self.settle {
            out.insert("settle".to_owned(), json!(settle));
        }
        self.mark(&mut out);
        Value::Object(out)
    }

    fn single(&self) -> Value {
        let mut out = Map::new();
        if let Some(quote) = self.quotes.first() {
            out.insert("who".to_owned(), json!(letter(quote.who)));
            out.insert("quote".to_owned(), json!(quote.text));
        }
        out.insert("claim".to_owned(), json!(self.claim));
        self.mark(&mut out);
        Value::Object(out)
    }

    fn mark(&self, out: &mut Map<String, Value>) {
        if self.unstable {
            out.insert("unstable".to_owned(), json!(true));
        }
    }
}

/// A reconciliation whose quotes all hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Synthesis {
    /// Where they agree.
    pub agreed: Vec<Claim>,
    /// Where they differ.
    pub disagreed: Vec<Claim>,
    /// What only one said.
    pub single: Vec<Claim>,
    /// The one answer.
    pub answer: String,
    /// `low`, `medium` or `high`.
    pub confidence: String,
    /// Why that confidence.
    pub reason: String,
    /// It was read a second time with the seats swapped.
    pub swapped: Option<Swapped>,
}

/// What came of the second reading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Swapped {
    /// Sections and confidence are the same; the answer, where it is worded otherwise.
    Stable(Option<String>),
    /// Something differs: the second answer, where it is another, and both confidences.
    Differs {
        /// The answer of the second reading, where it is worded otherwise.
        answer: Option<String>,
        /// The confidence of the first reading.
        first: String,
        /// The confidence of the second.
        second: String,
    },
    /// There is none that can be trusted; why, one sentence.
    Missing(String),
}

impl Synthesis {
    /// As programs see it.
    #[must_use]
    pub fn json(&self) -> Value {
        let claims = |claims: &[Claim]| claims.iter().map(Claim::json).collect::<Vec<_>>();
        let mut out = json!({ "agreed": claims(&self.agreed), "disagreed": claims(&self.disagreed),
            "single": self.single.iter().map(Claim::single).collect::<Vec<_>>(), "answer": self.answer,
            "confidence": self.confidence, "reason": self.reason });
        let swapped = match &self.swapped {
            None => return out,
            Some(Swapped::Stable(answer)) => json!({ "stable": true, "answer": answer }),
            Some(Swapped::Differs { answer, first, second }) => {
                json!({ "stable": false, "answer": answer, "confidence": [first, second] })
            }
            Some(Swapped::Missing(why)) => json!({ "stable": null, "why": why }),
        };
        out["swapped"] = swapped;
        out
    }
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
        /// `X` or `Y` and so on, as the reconciler knows them.
        who: &'static str,
        /// The words, shortened.
        quote: String,
    },
    /// One short word, which shows nothing.
    #[error("its quote from {who} is too short to show anything: \"{quote}\"")]
    Thin {
        /// As above.
        who: &'static str,
        /// The words.
        quote: String,
    },
    /// What only one is to have said, another says in the same words.
    #[error("it says that only {who} said \"{quote}\", and {other} says so, too")]
    Shared {
        /// As above.
        who: &'static str,
        /// Who says it, too.
        other: &'static str,
        /// The words, shortened.
        quote: String,
    },
    /// It has no answer.
    #[error("its answer is empty")]
    Empty,
}

impl Rejected {
    /// Worded for people, who know the answers under their members' letters: `seats` are the members in the order the
    /// reconciler saw them.
    #[must_use]
    pub(super) fn told(&self, seats: &[usize]) -> String {
        let name =
            |who: &'static str| place(who, seats.len()).and_then(|at| seats.get(at)).map_or(who, |at| letter(*at));
        let mut known = self.clone();
        match &mut known {
            Self::FalseQuote { who, .. } | Self::Thin { who, .. } => *who = name(who),
            Self::Shared { who, other, .. } => (*who, *other) = (name(who), name(other)),
            Self::Shape(_) | Self::Empty => {}
        }
        known.to_string()
    }
}

/// What the reconciler of so many answers is told.
pub(super) fn prompt(answers: usize) -> String {
    match answers {
        2 => TWO.to_owned(),
        more => {
            let fields: Vec<String> = (0..more).map(|at| format!("\"{}\"", field(at))).collect();
            MANY.replace("{names}", &listed(more)).replace("{fields}", &fields.join(", "))
        }
    }
}

/// The schema of the reconciliation of so many answers.
pub(super) fn schema(answers: usize) -> Schema {
    let text = || json!({ "type": "string" });
    let object = |fields: Vec<(&str, Value)>| {
        let properties: Map<String, Value> =
            fields.iter().map(|(name, schema)| ((*name).to_owned(), schema.clone())).collect();
        let required: Vec<&str> = fields.iter().map(|(name, _)| *name).collect();
        json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
    };
    let list = |items: Value| json!({ "type": "array", "items": items });
    let claim = |more: &[&'static str]| {
        let names = ["claim"].into_iter().chain((0..answers).map(field)).chain(more.iter().copied());
        object(names.map(|name| (name, text())).collect())
    };
    let who: Vec<&str> = (0..answers).map(label).collect();
    Schema {
        name: "reconciliation".to_owned(),
        schema: object(vec![
            ("agreed", list(claim(&[]))),
            ("disagreed", list(claim(&["settle"]))),
            (
                "single",
                list(object(vec![
                    ("who", json!({ "type": "string", "enum": who })),
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
    agreed: Vec<Map<String, Value>>,
    disagreed: Vec<Map<String, Value>>,
    single: Vec<RawSingle>,
    answer: String,
    confidence: String,
    #[serde(default)]
    reason: String,
}

#[derive(Deserialize)]
struct RawSingle {
    who: String,
    claim: String,
    quote: String,
}

/// Reads a reconciliation of `answers`, each with the member that gave it, in the order the reconciler saw them.
///
/// # Errors
/// [`Rejected`], worded for the reconciler.
pub(super) fn read(text: &str, answers: &[(usize, &str)]) -> Result<Synthesis, Rejected> {
    let value = object(text).ok_or_else(|| Rejected::Shape("no object found".to_owned()))?;
    let raw: Raw = serde_json::from_value(value).map_err(|e| Rejected::Shape(e.to_string()))?;
    if raw.answer.trim().is_empty() {
        return Err(Rejected::Empty);
    }
    if !["low", "medium", "high"].contains(&raw.confidence.as_str()) {
        return Err(Rejected::Shape("confidence is none of low, medium, high".to_owned()));
    }
    let claims =
        |rows: &[Map<String, Value>]| rows.iter().map(|row| claim(row, answers)).collect::<Result<Vec<_>, _>>();
    let (agreed, disagreed) = (claims(&raw.agreed)?, claims(&raw.disagreed)?);
    let mut single = Vec::new();
    for row in raw.single {
        let at = place(&row.who, answers.len());
        let Some((at, (who, answer))) = at.and_then(|at| Some((at, answers.get(at)?))) else {
            let what = format!("\"who\" is \"{}\", which is none of {}", short(&row.who), listed(answers.len()));
            return Err(Rejected::Shape(what));
        };
        holds(label(at), &row.quote, answer)?;
        let other = answers.iter().enumerate().find(|(n, (_, text))| *n != at && quote::stands(text, &row.quote));
        if let Some((other, _)) = other {
            let (who, other) = (label(at), label(other));
            return Err(Rejected::Shared { who, other, quote: short(&row.quote) });
        }
        let quotes = vec![Quote { who: *who, text: row.quote }];
        single.push(Claim { claim: row.claim, quotes, settle: None, unstable: false });
    }
    let Raw { answer, confidence, reason, .. } = raw;
    Ok(Synthesis { agreed, disagreed, single, answer, confidence, reason, swapped: None })
}

fn claim(row: &Map<String, Value>, said: &[(usize, &str)]) -> Result<Claim, Rejected> {
    let text = |name: &str| match row.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(Rejected::Shape(format!("\"{name}\" of a claim is no text"))),
    };
    let missing = |name: &str| Rejected::Shape(format!("a claim has no \"{name}\""));
    let mut quotes = Vec::new();
    for (at, (who, answer)) in said.iter().enumerate() {
        let words = text(field(at))?.ok_or_else(|| missing(field(at)))?;
        // Of more than two, not every one speaks of everything.
        if words.trim().is_empty() && said.len() > 2 {
            continue;
        }
        holds(label(at), &words, answer)?;
        quotes.push(Quote { who: *who, text: words });
    }
    if quotes.len() < 2 {
        return Err(Rejected::Shape("a claim that is agreed or disagreed needs the words of two at least".to_owned()));
    }
    quotes.sort_by_key(|quote| quote.who);
    let claim = text("claim")?.ok_or_else(|| missing("claim"))?;
    Ok(Claim { claim, quotes, settle: text("settle")?, unstable: false })
}

/// A quote must stand in the answer, word by word, and show something.
fn holds(who: &'static str, quote: &str, answer: &str) -> Result<(), Rejected> {
    if !quote::stands(answer, quote) {
        return Err(Rejected::FalseQuote { who, quote: short(quote) });
    }
    if quote::shows(answer, quote) { Ok(()) } else { Err(Rejected::Thin { who, quote: short(quote) }) }
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
    const PLAIN: [(usize, &str); 2] = [(0, X), (1, Y)];
    const SWAPPED: [(usize, &str); 2] = [(1, X), (0, Y)];

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
        let plain = read(&text, &PLAIN).unwrap().json();
        assert_eq!(
            plain["agreed"],
            json!([{ "claim": "no collector", "a": "no garbage collector", "b": "no garbage collector in Rust" }])
        );
        assert_eq!(plain["single"], json!([{ "who": "B", "claim": "cycles leak", "quote": "Cycles of Rc leak." }]));
        let swapped = read(&text, &SWAPPED).unwrap().json();
        assert_eq!(swapped["single"][0]["who"], "A", "Y is A when the seats are swapped");
        assert_eq!(swapped["agreed"][0]["a"], "no garbage collector in Rust");
    }

    #[test]
    fn a_quote_that_nobody_said_is_refused() {
        let text = answer(
            json!([{ "claim": "c", "x": "Rust has a collector", "y": "no garbage collector" }]),
            json!([]),
            json!([]),
        );
        assert_eq!(read(&text, &PLAIN), Err(Rejected::FalseQuote { who: "X", quote: "Rust has a collector".into() }));
    }

    #[test]
    fn a_quote_from_the_other_answer_is_refused() {
        let text = answer(json!([]), json!([]), json!([{ "who": "X", "claim": "c", "quote": "Cycles of Rc leak." }]));
        assert!(matches!(read(&text, &PLAIN), Err(Rejected::FalseQuote { who: "X", .. })));
    }

    #[test]
    fn a_quote_may_cross_a_line_break_but_may_not_be_empty() {
        let across =
            answer(json!([]), json!([]), json!([{ "who": "X", "claim": "c", "quote": "collector. It frees" }]));
        assert!(read(&across, &PLAIN).is_ok());
        let empty = answer(json!([]), json!([]), json!([{ "who": "X", "claim": "c", "quote": " . " }]));
        assert!(read(&empty, &PLAIN).is_err());
        let unsaid = answer(json!([{ "claim": "c", "x": "no garbage collector", "y": "" }]), json!([]), json!([]));
        assert!(matches!(read(&unsaid, &PLAIN), Err(Rejected::FalseQuote { who: "Y", .. })));
    }

    #[test]
    fn of_three_one_may_be_silent_but_two_must_speak() {
        let three = [(0, X), (2, Y), (1, "It has one.")];
        let text = answer(
            json!([{ "claim": "no collector", "x": "no garbage collector", "y": "no garbage collector", "z": "" }]),
            json!([{ "claim": "c", "x": "no garbage collector", "y": "", "z": "It has one.", "settle": "read the book" }]),
            json!([]),
        );
        let made = read(&text, &three).unwrap().json();
        assert_eq!(
            made["agreed"][0],
            json!({ "claim": "no collector", "a": "no garbage collector", "c": "no garbage collector" })
        );
        assert_eq!(made["disagreed"][0]["b"], "It has one.");
        let alone = answer(json!([{ "claim": "c", "x": "Rust has", "y": " ", "z": "" }]), json!([]), json!([]));
        assert!(matches!(read(&alone, &three), Err(Rejected::Shape(_))));
    }

    #[test]
    fn a_quote_is_whole_words_that_show_something() {
        let told = |x: &str, answers: &[(usize, &str)]| {
            let text = answer(json!([{ "claim": "c", "x": x, "y": "no garbage collector" }]), json!([]), json!([]));
            read(&text, answers)
        };
        let unsafe_ = [(1, "The migration is unsafe."), (0, Y)];
        let false_quote = told("safe", &unsafe_).unwrap_err();
        assert_eq!(false_quote, Rejected::FalseQuote { who: "X", quote: "safe".into() });
        assert_eq!(false_quote.told(&[1, 0]), "it quotes what B did not say: \"safe\"", "people know it as B");
        let thin = told("has", &PLAIN).unwrap_err();
        assert_eq!(thin.to_string(), "its quote from X is too short to show anything: \"has\"");
    }

    #[test]
    fn what_two_say_in_the_same_words_is_not_what_only_one_said() {
        let text = answer(json!([]), json!([]), json!([{ "who": "X", "claim": "c", "quote": "garbage collector" }]));
        let shared = read(&text, &PLAIN).unwrap_err();
        assert_eq!(shared.told(&[0, 1]), "it says that only A said \"garbage collector\", and B says so, too");
    }

    #[test]
    fn what_is_no_reconciliation_is_told_so() {
        assert!(matches!(read("I think X is right.", &PLAIN), Err(Rejected::Shape(_))));
        assert!(matches!(read("{\"answer\": \"x\"}", &PLAIN), Err(Rejected::Shape(_))));
        let mut value: Value = serde_json::from_str(&answer(json!([]), json!([]), json!([]))).unwrap();
        value["answer"] = json!("  ");
        assert_eq!(read(&value.to_string(), &PLAIN), Err(Rejected::Empty));
        let stranger = answer(json!([]), json!([]), json!([{ "who": "Z", "claim": "c", "quote": "Rust" }]));
        assert!(matches!(read(&stranger, &PLAIN), Err(Rejected::Shape(_))));
    }
}
