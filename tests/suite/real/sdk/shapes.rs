//! Everything the scripted upstream sends, read by the official SDKs: they must find in it what the script says.

use serde_json::{Value, json};

use super::{call, case, python};
use crate::upstream::{Answer, Fault, Upstream, Usage};

/// How a dialect is asked, and what its SDK calls things.
struct Way {
    dialect: &'static str,
    provider: &'static str,
    model: &'static str,
    /// What asks for thoughts.
    ask: Value,
    /// The thoughts can be read, not only counted.
    shown: bool,
    /// It counts cached and thought tokens.
    counts: bool,
    /// Ends: natural, at the limit, with tool calls.
    ends: [&'static str; 3],
    /// Fields that the provider has and the SDK of its dialect does not know.
    accent: &'static [&'static str],
}

fn ways() -> Vec<Way> {
    let chat = ["stop", "length", "tool_calls"];
    vec![
        Way {
            dialect: "openai-chat",
            provider: "openai",
            model: "gpt-4.1-mini",
            ask: json!({ "stream_options": { "include_usage": true } }),
            shown: false,
            counts: true,
            ends: chat,
            accent: &[],
        },
        Way {
            dialect: "openai-responses",
            provider: "openai",
            model: "gpt-5.4-pro",
            ask: json!({ "effort": "high", "summary": "auto", "include": ["reasoning.encrypted_content"], "store": false }),
            shown: true,
            counts: true,
            ends: ["completed", "incomplete", "completed"],
            // The protocol notes name both; the SDK's types do not yet.
            accent: &["store", "obfuscation"],
        },
        Way {
            dialect: "anthropic-messages",
            provider: "anthropic",
            model: "claude-haiku-4-5",
            ask: json!({ "thinking": { "type": "enabled", "budget_tokens": 1024 }, "max": 4096, "again": true }),
            shown: true,
            counts: true,
            ends: ["end_turn", "max_tokens", "tool_use"],
            accent: &[],
        },
        Way {
            dialect: "gemini-generate-content",
            provider: "gemini",
            model: "gemini-3.5-flash",
            ask: json!({ "thinking": { "thinking_level": "HIGH", "include_thoughts": true } }),
            shown: true,
            counts: true,
            ends: ["STOP", "MAX_TOKENS", "STOP"],
            accent: &[],
        },
        Way {
            dialect: "ollama-chat",
            provider: "ollama",
            model: "qwen3",
            ask: json!({ "think": true }),
            shown: true,
            counts: false,
            ends: ["stop", "length", "stop"],
            accent: &[],
        },
        Way {
            dialect: "openai-chat",
            provider: "deepseek",
            model: "deepseek-v4-flash",
            ask: json!({ "system_role": "system", "stream_options": { "include_usage": true } }),
            shown: true,
            counts: true,
            ends: chat,
            accent: &["reasoning_content", "prompt_cache_hit_tokens", "prompt_cache_miss_tokens"],
        },
        Way {
            dialect: "openai-chat",
            provider: "xai",
            model: "grok-4.5",
            ask: json!({ "stream_options": { "include_usage": true } }),
            shown: true,
            counts: true,
            ends: chat,
            accent: &["reasoning_content", "cost_in_usd_ticks"],
        },
        Way {
            dialect: "openai-chat",
            provider: "openrouter",
            model: "openai/gpt-5-mini",
            ask: json!({ "stream_options": { "include_usage": true } }),
            shown: true,
            counts: true,
            ends: chat,
            accent: &["reasoning", "reasoning_details", "provider", "cost"],
        },
    ]
}

const THOUGHTS: &str = "Let me see. It is größer than it looks.";

/// The script: an answer by what was asked.
fn scripted(asked: &str) -> Answer {
    let usage = Usage { input: 100, cached: 40, output: 20 };
    let answer = match asked {
        "text" => Answer::text("Straßen und Brücken:\n\n1. one\n2. two — \"three\" 🦀"),
        "cut" => Answer::text("One two").cut(),
        "tools" => {
            Answer::text("Let me look.").tool("find", json!({ "path": "a.rs", "line": 3 })).tool("list", json!({}))
        }
        "tool alone" => Answer::default().tool("find", json!({ "path": "größe.rs" })),
        other => panic!("{other} is not in the script"),
    };
    answer.usage(usage).thinking(THOUGHTS, 7)
}

#[test]
fn every_answer_parses_in_the_official_sdk_and_says_what_the_script_says() {
    let Some(python) = python() else { return };
    let upstream = Upstream::start();
    upstream.always(|call| scripted(&call.user()));
    let find = json!({ "name": "find", "description": "Finds a line.", "parameters": { "type": "object", "properties": {}, "required": [], "additionalProperties": false } });
    let (mut cases, mut expected) = (Vec::new(), Vec::new());
    for way in ways() {
        for (asked, end) in [("text", 0), ("cut", 1), ("tools", 2), ("tool alone", 2)] {
            for stream in [false, true] {
                let mut one = case(&upstream, way.dialect, way.provider, way.model, way.ask.clone());
                one["user"] = json!(asked);
                one["stream"] = json!(stream);
                one["tools"] = json!([find]);
                cases.push(one);
                let answer = scripted(asked);
                let tools: Vec<Value> = answer.tools.iter().map(|(name, arguments)| json!([name, arguments])).collect();
                let (cached, thought) = if way.counts { (40, 7) } else { (0, 0) };
                expected.push(
                    json!({ "text": answer.text, "thinking": if way.shown { THOUGHTS } else { "" }, "tools": tools,
                    "finish": way.ends[end], "usage": [100, cached, 20, thought] }),
                );
            }
        }
    }
    let results = call(&python, &cases);
    let accents: Vec<&[&str]> = ways().iter().flat_map(|w| std::iter::repeat_n(w.accent, 8)).collect();
    for (((case, result), expected), accent) in cases.iter().zip(&results).zip(&expected).zip(accents) {
        let what = format!("{} at {}, stream {}, {}", case["dialect"], case["base"], case["stream"], case["user"]);
        let mut seen = result.clone();
        let unknown =
            seen.as_object_mut().and_then(|r| r.remove("unknown")).unwrap_or_else(|| panic!("{what}: {result:#}"));
        assert_eq!(&seen, expected, "{what}");
        let strange: Vec<&str> = unknown
            .as_array()
            .unwrap()
            .iter()
            .filter_map(Value::as_str)
            .filter(|place| !accent.iter().any(|a| place.ends_with(a)))
            .collect();
        assert!(strange.is_empty(), "{what}: the SDK knows no {strange:?}");
    }
    let raw: Vec<Value> = upstream
        .calls()
        .iter()
        .filter(|c| ["gemini-generate-content", "ollama-chat"].contains(&c.dialect))
        .map(|c| json!({ "dialect": c.dialect, "raw": Upstream::raw(c, &scripted(&c.user())) }))
        .collect();
    for (case, result) in raw.iter().zip(call(&python, &raw)) {
        assert_eq!(result["unknown"], json!([]), "{case:#}: {result:#}");
    }
}

#[test]
fn every_error_is_told_to_the_official_sdk_in_its_own_words() {
    let Some(python) = python() else { return };
    let upstream = Upstream::start();
    upstream.always(|call| match call.user().as_str() {
        "bad request" => Answer::status(400, "invalid_value", "No such thing."),
        "not there" => Answer::status(404, "model_not_found", "No such model."),
        "limit" => Answer::rate_limited(7),
        "defect" => Answer::status(500, "server_error", "A defect."),
        "outage" => Answer::status(503, "overloaded", "An outage."),
        _ => Answer::text("One two").fault(Fault::ErrorEvent(1)),
    });
    let (mut cases, mut expected) = (Vec::new(), Vec::new());
    for way in ways().into_iter().take(5) {
        let named = |openai: &str, gemini: &str| match way.dialect {
            "gemini-generate-content" => gemini.to_owned(),
            "ollama-chat" => "ResponseError".to_owned(),
            _ => openai.to_owned(),
        };
        let told = [
            ("bad request", 400, named("BadRequestError", "ClientError"), "No such thing."),
            ("not there", 404, named("NotFoundError", "ClientError"), "No such model."),
            ("limit", 429, named("RateLimitError", "ClientError"), "Rate limit reached for requests per minute."),
            ("defect", 500, named("InternalServerError", "ServerError"), "A defect."),
            (
                "outage",
                503,
                named(
                    if way.provider == "anthropic" { "ServiceUnavailableError" } else { "InternalServerError" },
                    "ServerError",
                ),
                "An outage.",
            ),
        ];
        for (asked, status, class, message) in told {
            let mut one = case(&upstream, way.dialect, way.provider, way.model, way.ask.clone());
            one["user"] = json!(asked);
            cases.push(one);
            expected.push((json!(status), Some(class), message));
        }
        let mut one = case(&upstream, way.dialect, way.provider, way.model, way.ask.clone());
        one["user"] = json!("in the stream");
        one["stream"] = json!(true);
        cases.push(one);
        expected.push((Value::Null, None, "The model is overloaded."));
    }
    let results = call(&python, &cases);
    for ((case, result), (status, class, message)) in cases.iter().zip(&results).zip(&expected) {
        let what = format!("{}, {}: {result:#}", case["dialect"], case["user"]);
        let error = &result["error"];
        assert!(error["message"].as_str().is_some_and(|m| m.contains(message)), "{what}");
        if let Some(class) = class {
            assert_eq!((&error["class"], &error["status"]), (&json!(class), status), "{what}");
        }
        if case["user"] == "limit"
            && ["openai-chat", "openai-responses", "anthropic-messages"].contains(&case["dialect"].as_str().unwrap())
        {
            assert_eq!(error["retry_after"], "7", "{what}");
        }
    }
}

#[test]
fn a_wrong_key_and_the_list_of_models_are_what_the_official_sdk_expects() {
    let Some(python) = python() else { return };
    let upstream = Upstream::start();
    upstream.lists(&["one", "two"]);
    let (mut lists, mut wrong) = (Vec::new(), Vec::new());
    for way in ways() {
        let mut one = case(&upstream, way.dialect, way.provider, way.model, way.ask);
        one["list"] = json!(true);
        lists.push(one.clone());
        if way.provider != "ollama" {
            one["key"] = json!("not-the-key");
            wrong.push(one.clone());
            one["list"] = json!(false);
            wrong.push(one);
        }
    }
    for (case, result) in lists.iter().zip(call(&python, &lists)) {
        let named = result["text"].as_str().map(|t| t.replace("models/", ""));
        assert_eq!(named.as_deref(), Some("one two"), "{case:#}: {result:#}");
        assert_eq!(result["unknown"], json!([]), "{case:#}");
    }
    for (case, result) in wrong.iter().zip(call(&python, &wrong)) {
        let gemini = case["dialect"] == "gemini-generate-content";
        let (class, status) = if gemini { ("ClientError", 400) } else { ("AuthenticationError", 401) };
        assert_eq!(
            (&result["error"]["class"], &result["error"]["status"]),
            (&json!(class), &json!(status)),
            "{case:#}: {result:#}"
        );
    }
}
