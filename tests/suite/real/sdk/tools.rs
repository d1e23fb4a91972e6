//! Tools, which no command offers yet: the client itself is held against the SDKs, over the same upstream.

use monster::client::Reply;
use monster::model::{Block, Purpose, Request, ToolChoice, ToolSpec};
use monster::providers::Upstream as Served;
use serde_json::{Value, json};

use super::requests::differences_of;
use super::{call, case, direct, python};
use crate::upstream::{Answer, Upstream};

fn schema() -> Value {
    json!({ "type": "object", "properties": { "path": { "type": "string" }, "line": { "type": "integer" } }, "required": ["path", "line"], "additionalProperties": false })
}

/// The same question with tools, through the client.
fn ask(upstream: &Upstream, name: &str, choice: ToolChoice, stream: bool) -> Reply {
    let served =
        ["openai", "anthropic", "gemini"].map(|provider| Served::at(provider, provider, &upstream.base(provider)));
    let mut request = Request::text(name, Purpose::Ask, "Where is it?");
    request.tools = vec![ToolSpec::new("find", "Finds a line.", schema())];
    request.tool_choice = choice;
    request.stream = stream;
    direct::ask(&direct::client(served.to_vec()), request)
}

/// Whom to ask, and how its SDK's users spell the choices: as you like, at least one, this one.
fn targets() -> [(&'static str, &'static str, &'static str, [Value; 3]); 4] {
    let function = json!({ "type": "function", "function": { "name": "find" } });
    let flat = json!({ "type": "function", "name": "find" });
    let typed = |kind: &str| json!({ "type": kind });
    let tool = json!({ "type": "tool", "name": "find" });
    [
        ("openai-chat", "openai", "gpt-4.1-mini", [json!("auto"), json!("required"), function]),
        ("openai-responses", "openai", "gpt-5.4-pro", [json!("auto"), json!("required"), flat]),
        ("anthropic-messages", "anthropic", "claude-haiku-4-5", [typed("auto"), typed("any"), tool]),
        ("gemini-generate-content", "gemini", "gemini-3.5-flash", [json!("AUTO"), json!("ANY"), json!("ANY find")]),
    ]
}

#[test]
fn tools_are_offered_and_calls_are_read_as_the_official_sdk_does() {
    let Some(python) = python() else { return };
    let upstream = Upstream::start();
    let arguments = json!({ "path": "größe.rs", "line": 3 });
    let made = arguments.clone();
    upstream.always(move |_| Answer::text("Let me look.").tool("find", made.clone()));
    let theirs = Upstream::start();
    theirs.always(|_| Answer::text("Yes."));
    let (mut ours, mut cases) = (Vec::new(), Vec::new());
    for (dialect, provider, model, spelled) in targets() {
        let choices = [ToolChoice::Auto, ToolChoice::Required, ToolChoice::Named("find".into())];
        for (choice, spelled) in choices.into_iter().zip(&spelled) {
            for stream in [true, false] {
                let reply = ask(&upstream, &format!("{provider}/{model}"), choice.clone(), stream);
                let calls: Vec<(&str, Value)> = reply
                    .message
                    .blocks
                    .iter()
                    .filter_map(|block| match block {
                        Block::ToolCall { name, input, .. } => {
                            Some((name.as_str(), serde_json::from_str(input).unwrap()))
                        }
                        _ => None,
                    })
                    .collect();
                assert_eq!(calls, [("find", arguments.clone())], "{model}, stream {stream}");
                let sent = upstream.calls().pop().unwrap();
                let mut tool = json!({ "name": "find", "description": "Finds a line.", "parameters": schema() });
                if dialect == "openai-responses" {
                    // Strict would be what it does when nothing is said.
                    tool["strict"] = json!(false);
                }
                let mut one = case(
                    &theirs,
                    dialect,
                    provider,
                    model,
                    json!({ "user": "Where is it?", "stream": stream, "tools": [tool] }),
                );
                super::requests::wish_always(&mut one, &sent);
                if dialect == "openai-responses" {
                    // It reasons unasked, and what it thought before a call goes back with the result.
                    one["include"] = json!(["reasoning.encrypted_content"]);
                }
                one["choice"] = spelled.clone();
                cases.push(one);
                ours.push((format!("{choice:?}, stream {stream}"), sent));
            }
        }
    }
    for (case, result) in cases.iter().zip(call(&python, &cases)) {
        assert!(result["error"].is_null() && result["invalid"].is_null(), "{case:#}: {result:#}");
    }
    let calls = theirs.calls();
    assert_eq!(calls.len(), ours.len());
    let found: Vec<String> =
        ours.iter().zip(&calls).flat_map(|((what, ours), theirs)| differences_of(what, ours, theirs)).collect();
    assert!(found.is_empty(), "{} differences\n{}", found.len(), found.join("\n"));
}
