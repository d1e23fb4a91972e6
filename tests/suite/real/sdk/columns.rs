//! What callers of `monster serve` do beside asking and being answered: they send pictures and a megabyte, wish for
//! reasoning, are refused, and leave. The official SDKs of the dialects, litellm and langchain, each in front of every
//! dialect that an upstream speaks; how they spell it stands in `tests/real/sdk`.

use std::collections::HashMap;
use std::time::Duration;

use serde_json::{Value, json};

use super::{python, script};
use crate::caller::House;
use crate::commit::connected;
use crate::real::result;
use crate::upstream::{Answer, Call, Fault, Upstream};

const TEXT: &str = "Straßen: \"two\" 🦀";
const THOUGHTS: &str = "Is it größer?";
/// A red dot.
pub const PICTURE: &str =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==";
/// What is refused, in the words of the upstream.
const REFUSED: &str = "the colour is not known here";
const DIALECTS: [&str; 5] =
    ["openai-chat", "openai-responses", "anthropic-messages", "gemini-generate-content", "ollama-chat"];
/// One upstream for each dialect that is spoken there; all of them see pictures and have room for a megabyte.
const MODELS: [&str; 4] =
    ["openai/gpt-4.1-mini", "openai/gpt-5.4", "anthropic/claude-sonnet-4-6", "gemini/gemini-2.5-flash"];
/// The same with one of those who are spoken to in Chat that reasons.
const THINKERS: [&str; 4] =
    ["xai/grok-4.6", "openai/gpt-5.4", "anthropic/claude-sonnet-4-6", "gemini/gemini-2.5-flash"];

/// Those whose calls these are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Through {
    Official,
    Litellm,
    Langchain,
}

impl Through {
    fn label(self) -> &'static str {
        match self {
            Self::Official => "openai, anthropic, google-genai and ollama before each dialect",
            Self::Litellm => "litellm over each dialect before each",
            Self::Langchain => "langchain over each dialect before each",
        }
    }

    fn script(self) -> &'static str {
        match self {
            Self::Official => "call.py",
            Self::Litellm => "lite.py",
            Self::Langchain => "chain.py",
        }
    }
}

/// What a case is about; the upstream finds the word in the prompt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    Plain,
    Tools,
    Picture,
    Reasoning,
    Megabyte,
    /// Refused by the upstream.
    Refused,
    /// No such model.
    Unknown,
    /// No such key.
    Stranger,
    /// It breaks off in the middle.
    Broken,
    /// The caller leaves in the middle.
    Leaving,
    /// The caller does not wait for the first word.
    Impatient,
    /// Too many requests.
    Limited,
}

use Column::*;

/// What the upstream does with a prompt.
fn answer(call: &Call) -> Answer {
    let user = call.user();
    let about = |column: Column| user.contains(&format!("{column:?}"));
    if about(Leaving) {
        Answer::text("one two three four five").fault(Fault::Stall(2))
    } else if about(Impatient) {
        Answer::text("never").slow_head(Duration::from_secs(40))
    } else if about(Refused) {
        Answer::status(400, "invalid_request_error", REFUSED)
    } else if about(Broken) {
        Answer::text("one two three four five").fault(Fault::ErrorEvent(2))
    } else if about(Limited) {
        Answer::rate_limited(90)
    } else if about(Tools) {
        Answer::text(TEXT).tool("find", json!({ "path": "größe.rs" }))
    } else {
        Answer::text(TEXT).thinking(THOUGHTS, 7)
    }
}

struct Case {
    column: Column,
    dialect: &'static str,
    model: &'static str,
    asked: Value,
}

/// The cases of one column.
fn column(through: Through, house: &House, key: &str, cases: &mut Vec<Case>, column: Column, stream: bool) {
    let models = match column {
        Reasoning => &THINKERS[..],
        // Waiting and large ones take their time: where they go as they came or are translated, one of each is enough.
        Megabyte | Impatient => &MODELS[1..3],
        // Nobody is asked.
        Unknown | Stranger => &MODELS[..1],
        _ => &MODELS[..],
    };
    for dialect in DIALECTS {
        for &model in models {
            let base = match dialect {
                "openai-chat" | "openai-responses" => format!("http://{}/v1", house.address),
                _ => format!("http://{}", house.address),
            };
            let user = format!("case {} {column:?}.", cases.len());
            let mut asked = json!({ "dialect": dialect, "base": base, "key": key, "model": model, "user": user,
                "stream": stream, "max": 4_000, "again": true });
            match column {
                Tools => {
                    asked["tools"] = json!([{ "name": "find", "description": "Finds.",
                        "parameters": { "type": "object", "properties": { "path": { "type": "string" } },
                            "required": ["path"], "additionalProperties": false } }]);
                }
                Picture => asked["image"] = json!(PICTURE),
                Reasoning => {
                    asked["effort"] = json!("low");
                    asked["summary"] = json!("auto");
                    asked["think"] = json!("low");
                    asked["thinking"] = match dialect {
                        "anthropic-messages" => json!({ "type": "enabled", "budget_tokens": 1_024 }),
                        _ => json!({ "thinking_budget": 1_024, "include_thoughts": true }),
                    };
                    // Messages has both, and one excludes the other.
                    if (through, dialect) == (Through::Official, "anthropic-messages") {
                        asked.as_object_mut().unwrap().remove("effort");
                    }
                }
                Megabyte => asked["user"] = json!(format!("{user} {}", "mega byte ".repeat(100_000))),
                Unknown => asked["model"] = json!("no-such-model"),
                Stranger => asked["key"] = json!(format!("mk_{}", "a".repeat(43))),
                Leaving | Impatient => asked["cancel"] = json!(true),
                _ => {}
            }
            cases.push(Case { column, dialect, model, asked });
        }
    }
}

fn run(through: Through) {
    let Some(python) = python() else { return };
    let upstream = Upstream::start();
    let mut sandbox = connected(&upstream);
    sandbox.live();
    // Who is told to wait hears of it: nobody here has the time.
    let config = std::fs::read_to_string(sandbox.config_dir().join("config.toml")).unwrap();
    // The last one there is xAI's.
    sandbox.config(&format!("{config}dialect = \"openai-chat\"\n[serve]\npark = 1\n"));
    upstream.always(answer);
    let key = sandbox.monster(&["serve", "key", "add", "sdk"]).done().ok().raw.trim().to_owned();
    let house = House::open(&sandbox, &[]);
    let mut cases = Vec::new();
    for (about, stream) in [
        (Plain, false),
        (Plain, true),
        (Tools, false),
        (Tools, true),
        (Picture, true),
        (Reasoning, false),
        (Reasoning, true),
        (Megabyte, true),
        (Refused, false),
        (Refused, true),
        (Unknown, false),
        (Stranger, true),
        (Leaving, true),
        (Impatient, false),
        (Broken, true),
        (Limited, true),
    ] {
        column(through, &house, &key, &mut cases, about, stream);
    }
    let asked: Vec<Value> = cases.iter().map(|case| case.asked.clone()).collect();
    let told = script(&python, through.script(), &asked);
    let calls: HashMap<String, Call> = upstream
        .calls()
        .into_iter()
        .filter_map(|call| Some((call.user().split('.').next()?.split_once(' ')?.1.to_owned(), call)))
        .collect();
    let mut wrong = Vec::new();
    for (at, (case, told)) in cases.iter().zip(&told).enumerate() {
        let call = calls.get(&format!("{at} {:?}", case.column));
        if let Err(why) = holds(through, case, told, call) {
            let mut told = told.to_string();
            told.truncate(700);
            wrong.push(format!(
                "{:?} of {} to {} (stream {}): {why}\n  {told}",
                case.column, case.dialect, case.model, case.asked["stream"]
            ));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
    let gone = cases.iter().filter(|case| matches!(case.column, Leaving | Impatient)).count();
    upstream.wait_for_hang_ups(gone, Duration::from_secs(10));
    house.close(&sandbox).ok();
    // Each that was let in is in the history, under the name of the key.
    let rows = sandbox.monster(&["history", "list", "--json", "--limit", "500"]).done().ok().json().to_string();
    let strangers = cases.iter().filter(|case| case.column == Stranger).count();
    assert!(rows.matches("\"caller\":\"serve/sdk\"").count() >= cases.len() - strangers - 20, "{rows}");
    result("serve", through.label(), &format!("{} calls hold", cases.len()));
}

/// Whether what a caller was told, and what the upstream saw of it, is right.
fn holds(through: Through, case: &Case, told: &Value, call: Option<&Call>) -> Result<(), String> {
    let must = |holds: bool, what: &str| if holds { Ok(()) } else { Err(what.to_owned()) };
    let error = &told["error"];
    match case.column {
        Plain | Tools | Picture | Reasoning | Megabyte => {
            let call = call.ok_or("it did not arrive")?;
            must(told["text"] == TEXT, "the text is another")?;
            let calls = if case.column == Tools { json!([["find", { "path": "größe.rs" }]]) } else { json!([]) };
            must(told["tools"] == calls, "the calls are others")?;
            if through == Through::Official {
                strict(case, told)?;
            }
            match case.column {
                Picture => must(call.body.to_string().contains(PICTURE), "the picture did not arrive"),
                Reasoning => must(wish(call), &format!("no wish for reasoning arrived: {}", call.body)),
                Megabyte => must(call.user().len() > 1_000_000, "it did not arrive whole"),
                _ => Ok(()),
            }
        }
        Refused | Unknown | Stranger | Limited => {
            let status = match case.column {
                Refused => 400,
                Stranger => 401,
                Unknown => 404,
                _ => 429,
            };
            // A class of its own, or one above it that its users catch.
            let class = json!(class(through, case, status));
            let kinds = error["kinds"].as_array().is_some_and(|kinds| kinds.contains(&class));
            must(error["class"] == class || kinds, "the class is another")?;
            must(error["status"].is_null() || error["status"] == status, "the status is another")?;
            must(case.column != Refused || error["message"].to_string().contains(REFUSED), "the words are others")
        }
        Broken => must(error["message"].is_string(), "nothing failed"),
        // It asks for a whole answer where it takes a model for one that cannot stream, and hands it out in pieces.
        Leaving if waits(through, case) => must(error["class"] == "Timeout", "it did not leave"),
        Leaving => must(told["left"] == true, "it did not leave"),
        Impatient => must(error["class"].is_string(), "it did not leave"),
    }
}

/// The official SDKs have types, which must know every field, and read the counts.
fn strict(case: &Case, told: &Value) -> Result<(), String> {
    let unknown = told["unknown"].as_array().ok_or("no fields were looked at")?;
    // The service itself sends the first two; a tier is known at the end alone, and stands where the SDK has no type for it.
    // Over Chat, thoughts and their seals stand where the servers that show them put them, and xAI says what it charged.
    let known = [
        ".store",
        ".obfuscation",
        "Event.usage.service_tier",
        ".reasoning_content",
        ".reasoning_details",
        ".cost_in_usd_ticks",
    ];
    let unknown: Vec<&str> =
        unknown.iter().filter_map(Value::as_str).filter(|u| !known.iter().any(|own| u.ends_with(own))).collect();
    if !unknown.is_empty() {
        return Err(format!("the SDK does not know {unknown:?}"));
    }
    // Chat counts in a stream only if it is asked to; xAI does it anyway, and what it says goes on as it came.
    let quiet = case.dialect == "openai-chat" && case.asked["stream"] == true && !case.model.starts_with("xai/");
    if told["usage"].is_null() == quiet { Ok(()) } else { Err("the counts are wrong".to_owned()) }
}

/// Litellm does not stream what it knows by this name over Responses.
fn waits(through: Through, case: &Case) -> bool {
    (through, case.dialect) == (Through::Litellm, "openai-responses") && case.model.starts_with("gemini/")
}

/// A wish for reasoning in any dialect.
fn wish(call: &Call) -> bool {
    let places = [
        "/reasoning_effort",
        "/reasoning/effort",
        "/thinking/type",
        "/generationConfig/thinkingConfig",
        "/output_config/effort",
    ];
    places.iter().any(|place| call.body.pointer(place).is_some())
}

/// The class of a failure with this status.
fn class(through: Through, case: &Case, status: u16) -> &'static str {
    match (through, case.dialect, status) {
        (Through::Official, "gemini-generate-content", _) => "ClientError",
        (Through::Official | Through::Langchain, "ollama-chat", _) => "ResponseError",
        // It looks at the status with the first frame, and would take another model of its own then.
        (Through::Litellm, "gemini-generate-content", 429) if case.asked["stream"] == true => "MidStreamFallbackError",
        (Through::Langchain, "gemini-generate-content", 400) => "GoogleInvalidRequestError",
        (Through::Langchain, "gemini-generate-content", 401) => "GoogleAuthenticationError",
        (Through::Langchain, "gemini-generate-content", 404) => "GoogleModelNotFoundError",
        (Through::Langchain, "gemini-generate-content", _) => "GoogleRateLimitError",
        (_, _, 400) => "BadRequestError",
        (_, _, 401) => "AuthenticationError",
        (_, _, 404) => "NotFoundError",
        _ => "RateLimitError",
    }
}

#[test]
fn the_official_sdks_do_what_callers_do() {
    run(Through::Official);
}

#[test]
fn litellm_does_what_callers_do() {
    run(Through::Litellm);
}

#[test]
fn langchain_does_what_callers_do() {
    run(Through::Langchain);
}
