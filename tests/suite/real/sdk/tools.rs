//! Tools, which no command offers yet: the client itself is held against the SDKs, over the same upstream.

use std::sync::Arc;
use std::time::Duration;

use monster::auth::{Credential, Source};
use monster::catalog::Catalog;
use monster::client::{Budgets, Call as Asking, Client, Deaf, Landscape, Limits, Reply, upstreams};
use monster::config::{Config, Inputs};
use monster::model::{Block, ModelName, Purpose, Request, Secret, ToolChoice, ToolSpec};
use monster::net::Net;
use monster::secrets::{Mode, Redactor};
use monster::store::{Place, Store};
use monster::world::{Clock, Env};
use serde_json::{Value, json};

use super::requests::differences_of;
use super::{call, case, python};
use crate::key::key;
use crate::upstream::{Answer, Upstream};

/// A client of this upstream alone.
fn client(upstream: &Upstream) -> Client {
    let home = std::env::temp_dir();
    let bases =
        [("OPENAI_BASE_URL", "openai"), ("ANTHROPIC_BASE_URL", "anthropic"), ("GOOGLE_GEMINI_BASE_URL", "gemini")];
    let env = Env::fixed(bases.map(|(name, provider)| (name, upstream.base(provider))), &home);
    let inputs = Inputs {
        user_file: None,
        repo_file: None,
        git_global: Vec::new(),
        git_local: Vec::new(),
        env: &env,
        flags: Vec::new(),
    };
    let config = Config::load(inputs).config;
    let landscape = Landscape {
        upstreams: upstreams(&config, &env).into_iter().map(Arc::new).collect(),
        credentials: bases
            .iter()
            .map(|(_, provider)| {
                let secret = Secret::new(key(provider));
                Arc::new(Credential::key("test", provider, secret, Source::Vault))
            })
            .collect(),
        ..Landscape::default()
    };
    let clock = Clock::system();
    Client {
        line: Arc::new(Net::new(config.net)),
        rules: Vec::new(),
        queue: 64,
        store: Store::memory(&clock),
        catalog: Catalog::embedded(),
        redactor: Arc::new(Redactor::new(Mode::Redact, Vec::new(), [7; 8])),
        limits: Limits { first_byte: Duration::from_secs(60), idle: Duration::from_secs(60) },
        landscape,
        tokens: None,
        roles: Box::new(|_| Vec::new()),
        max_cost: None,
        budgets: Budgets { limits: config.budget, ledger: Store::memory(&clock) },
        keep: monster::client::Keep::default(),
        eased: monster::client::Eased::default(),
        fallback: false,
        place: Place::default(),
        clock,
    }
}

fn schema() -> Value {
    json!({ "type": "object", "properties": { "path": { "type": "string" }, "line": { "type": "integer" } }, "required": ["path", "line"], "additionalProperties": false })
}

/// The same question with tools, through the client.
fn ask(upstream: &Upstream, name: &str, choice: ToolChoice, stream: bool) -> Reply {
    let client = client(upstream);
    let asked = ModelName(name.to_owned());
    let routes = client.routes(&asked).unwrap();
    let mut request = Request::text(name, Purpose::Ask, "Where is it?");
    request.tools = vec![ToolSpec::new("find", "Finds a line.", schema())];
    request.tool_choice = choice;
    request.stream = stream;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let asking = Asking::new(&routes, request);
    runtime.block_on(client.call(asking, &mut Deaf)).unwrap()
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
