//! xAI's own SDK against `monster serve`, over gRPC and in front of every dialect; the others stand in `columns.rs`.

use std::time::Duration;

use serde_json::{Value, json};

use super::columns::PICTURE;
use super::python;
use crate::caller::House;
use crate::commit::connected;
use crate::real::result;
use crate::upstream::{Answer, Fault, Upstream};

const TEXT: &str = "Straßen: \"two\" 🦀";
/// One upstream for each dialect that is spoken there.
const MODELS: [&str; 4] =
    ["openai/gpt-4.1-mini", "openai/gpt-5.4", "anthropic/claude-sonnet-4-6", "gemini/gemini-2.5-flash"];

/// The key that a caller was given.
fn key(sandbox: &crate::sandbox::Sandbox) -> String {
    sandbox.monster(&["serve", "key", "add", "sdk"]).done().ok().raw.trim().to_owned()
}

#[test]
fn xais_sdk_is_answered_over_grpc() {
    let Some(python) = python() else { return };
    let upstream = Upstream::start();
    let mut sandbox = connected(&upstream);
    sandbox.live();
    upstream.always(|call| {
        let user = call.user();
        if user.contains("REFUSE") {
            Answer::status(400, "invalid_request_error", "the colour is not known here")
        } else if user.contains("STALL") {
            Answer::text("one two three four five").fault(Fault::Stall(2))
        } else if user.contains("TOOL") {
            Answer::text(TEXT).tool("find", json!({ "path": "größe.rs" }))
        } else {
            Answer::text(TEXT).thinking("Is it größer?", 7)
        }
    });
    let key = key(&sandbox);
    let house = House::open(&sandbox, &[]);
    let port = house.address.rsplit(':').next().unwrap().parse().unwrap();
    let url = format!("data:image/png;base64,{PICTURE}");
    let large = "mega byte ".repeat(100_000);
    let mut cases = Vec::new();
    for model in MODELS {
        for stream in [false, true] {
            let ask = |user: Value, more: Value| {
                let mut case = json!({ "model": model, "stream": stream, "max_tokens": 4_000, "user": user });
                case.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
                case
            };
            let text = |text: &str| json!([{ "text": text }]);
            let tool = json!({ "name": "find", "description": "Finds.",
                "parameters": { "type": "object", "properties": { "path": { "type": "string" } } } });
            cases.push(("plain", ask(text("Hi."), json!({}))));
            cases.push(("tools", ask(text("TOOL"), json!({ "tools": [tool] }))));
            cases.push(("picture", ask(json!([{ "text": "What is it?" }, { "image": url }]), json!({}))));
            cases.push(("refused", ask(text("REFUSE"), json!({}))));
            if stream {
                cases.push(("left", ask(text("STALL"), json!({ "cancel": true }))));
                cases.push(("megabyte", ask(text(&large), json!({}))));
            }
            if model != MODELS[0] {
                cases.push(("reasoning", ask(text("THINK"), json!({ "reasoning_effort": "low" }))));
            }
        }
    }
    cases.push(("unknown", json!({ "model": "no-such-model", "stream": false, "user": [{ "text": "Hi." }] })));
    let asked: Vec<Value> = cases.iter().map(|(_, case)| case.clone()).collect();
    let told = super::grpc::call_with(&python, port, &key, &asked);
    for ((what, case), told) in cases.iter().zip(&told) {
        let mut shown = format!("{what}: {case}");
        shown.truncate(300);
        let shown = format!("{shown}: {told:#}");
        match *what {
            "left" => assert_eq!(told["left"], true, "{shown}"),
            "unknown" => assert_eq!(told["code"], "NOT_FOUND", "{shown}"),
            "refused" => {
                assert_eq!(told["code"], "INVALID_ARGUMENT", "{shown}");
                assert!(told["message"].to_string().contains("the colour is not known here"), "{shown}");
            }
            _ => {
                assert_eq!(told["text"], TEXT, "{shown}");
                let calls = told["calls"].as_array().unwrap().len();
                assert_eq!(calls, usize::from(*what == "tools"), "{shown}");
            }
        }
    }
    let calls = upstream.calls();
    let bodies: Vec<String> = calls.iter().map(|call| call.body.to_string()).collect();
    let count = |holds: &dyn Fn(&str) -> bool| bodies.iter().filter(|body| holds(body)).count();
    assert_eq!(count(&|body| body.contains(PICTURE)), 2 * MODELS.len(), "pictures");
    assert_eq!(count(&|body| body.len() > 1_000_000), MODELS.len(), "megabytes");
    let wishes = ["\"effort\":\"low\"", "\"reasoning_effort\"", "\"thinkingConfig\"", "\"thinking\":{"];
    let thinks = |body: &str| body.contains("THINK") && wishes.iter().any(|wish| body.contains(wish));
    assert_eq!(count(&thinks), 2 * (MODELS.len() - 1), "wishes for reasoning");
    upstream.wait_for_hang_ups(MODELS.len(), Duration::from_secs(10));
    let refused = super::grpc::call_with(&python, port, "none", &asked[..1]);
    assert_eq!(refused[0]["code"], "UNAUTHENTICATED", "{refused:#?}");
    house.close(&sandbox).ok();
    result("serve", "xai-sdk over gRPC before each dialect", &format!("{} calls hold", cases.len() + 1));
}
