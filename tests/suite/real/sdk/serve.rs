//! The official SDKs against `monster serve`, each in front of every dialect: the whole way, with keys.

use serde_json::{Value, json};

use super::{call, python};
use crate::caller::House;
use crate::commit::connected;
use crate::upstream::{Answer, Upstream};

const TEXT: &str = "Straßen: \"two\" 🦀";
/// One upstream for each dialect that is spoken there.
const MODELS: [&str; 4] =
    ["openai/gpt-4.1-mini", "openai/gpt-5.2", "anthropic/claude-sonnet-4-5", "gemini/gemini-2.5-flash"];

/// The key that a caller was given.
fn key(sandbox: &crate::sandbox::Sandbox) -> String {
    sandbox.monster(&["serve", "key", "add", "sdk"]).done().ok().raw.trim().to_owned()
}

fn case(house: &House, key: &str, dialect: &str, model: &str, stream: bool, tools: bool) -> Value {
    let base = match dialect {
        "openai-chat" | "openai-responses" => format!("http://{}/v1", house.address),
        _ => format!("http://{}", house.address),
    };
    let mut case = json!({ "dialect": dialect, "base": base, "key": key, "model": model, "user": "hi", "stream": stream,
        "max": 2_000, "again": true });
    if tools {
        case["tools"] = json!([{ "name": "find", "description": "Finds.",
            "parameters": { "type": "object", "properties": { "path": { "type": "string" } }, "required": ["path"],
                "additionalProperties": false } }]);
    }
    case
}

#[test]
fn every_sdk_is_answered_by_every_provider() {
    let Some(python) = python() else { return };
    let upstream = Upstream::start();
    let mut sandbox = connected(&upstream);
    sandbox.live();
    upstream.always(|call| {
        let offered = call.body.get("tools").is_some_and(|tools| tools.as_array().is_some_and(|list| !list.is_empty()));
        match offered {
            true => Answer::text(TEXT).tool("find", json!({ "path": "größe.rs" })),
            false => Answer::text(TEXT),
        }
    });
    let key = key(&sandbox);
    let house = House::open(&sandbox, &["--no-auth"]);
    let mut cases = Vec::new();
    for dialect in ["openai-chat", "openai-responses", "anthropic-messages", "gemini-generate-content", "ollama-chat"] {
        for model in MODELS {
            for (stream, tools) in [(false, false), (true, false), (false, true), (true, true)] {
                cases.push(case(&house, &key, dialect, model, stream, tools));
            }
        }
    }
    for (case, told) in cases.iter().zip(call(&python, &cases)) {
        let what = format!("{case}: {told:#}");
        assert_eq!(told["text"], TEXT, "{what}");
        let calls = if case.get("tools").is_some() { json!([["find", { "path": "größe.rs" }]]) } else { json!([]) };
        assert_eq!(told["tools"], calls, "{what}");
        // The service itself sends the first two; a tier is known at the end alone, and stands where the SDK has no type for it.
        let unknown: Vec<&Value> = told["unknown"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|u| {
                ![".store", ".obfuscation", "Event.usage.service_tier"]
                    .iter()
                    .any(|own| u.as_str().unwrap().ends_with(own))
            })
            .collect();
        assert_eq!(unknown, Vec::<&Value>::new(), "{what}");
        // Chat counts in a stream only if it is asked to.
        let quiet = case["dialect"] == "openai-chat" && case["stream"] == true;
        assert_eq!(told["usage"].is_null(), quiet, "{what}");
    }
    assert_eq!(upstream.refusals(), Vec::<String>::new());
    house.close(&sandbox).ok();
    let rows = sandbox.monster(&["history", "list", "--json", "--limit", "500"]).done().ok().json().to_string();
    // Ollama's client sends no key.
    assert!(rows.matches("\"caller\":\"serve/sdk\"").count() >= 4 * MODELS.len() * 4, "{rows}");
}

#[test]
fn xais_sdk_is_answered_over_grpc() {
    let Some(python) = python() else { return };
    let upstream = Upstream::start();
    let mut sandbox = connected(&upstream);
    sandbox.live();
    upstream.always(|_| Answer::text(TEXT));
    let key = key(&sandbox);
    let house = House::open(&sandbox, &[]);
    let port = house.address.rsplit(':').next().unwrap().parse().unwrap();
    let cases: Vec<Value> = MODELS
        .iter()
        .flat_map(|model| {
            [false, true].map(|stream| json!({ "model": model, "stream": stream, "user": [{ "text": "Hi." }] }))
        })
        .chain([json!({ "model": "no-such-model", "stream": false, "user": [{ "text": "Hi." }] })])
        .collect();
    let told = super::grpc::call_with(&python, port, &key, &cases);
    for (case, told) in cases.iter().zip(&told).take(cases.len() - 1) {
        assert_eq!(told["text"], TEXT, "{case}: {told:#}");
    }
    assert_eq!(told.last().unwrap()["code"], "NOT_FOUND", "{:#}", told.last().unwrap());
    let refused = super::grpc::call_with(&python, port, "none", &cases[..1]);
    assert_eq!(refused[0]["code"], "UNAUTHENTICATED", "{refused:#?}");
    house.close(&sandbox).ok();
}
