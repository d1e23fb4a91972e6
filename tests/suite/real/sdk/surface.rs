//! The other end of each dialect: what the official SDKs send is read as what was meant, and what is written for them
//! parses in them.

use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use monster::model::{BlockKind, Dialect, Event, Failure, FinishReason, Kind, Message, Purpose, Request, Scope};
use monster::model::{ToolChoice, Usage};
use monster::wire::{Asking, Reply, surface};
use serde_json::{Value, json};

use super::{call, python};
use crate::upstream::http::Line;

/// A caller's address, by dialect.
const DOORS: [(Dialect, &str, &str); 5] = [
    (Dialect::OpenAiChat, "openai-chat", "/chat/v1"),
    (Dialect::OpenAiResponses, "openai-responses", "/responses/v1"),
    (Dialect::AnthropicMessages, "anthropic-messages", "/anthropic"),
    (Dialect::Gemini, "gemini-generate-content", "/gemini"),
    (Dialect::Ollama, "ollama-chat", "/ollama"),
];

pub(super) const THOUGHTS: &str = "Let me see. It is größer.";

/// An answer, by what was asked.
pub(super) fn events(asked: &str) -> Vec<Event> {
    let mut out = vec![Event::Start { id: "upstream-1".into(), model: "other".into() }];
    let mut index = 0;
    let mut block = |kind: BlockKind, pieces: Vec<Event>| {
        out.push(Event::BlockStart { index, kind });
        out.extend(pieces);
        out.push(Event::BlockEnd { index });
        index += 1;
    };
    let thoughts = vec![
        Event::Thought { index: 0, text: THOUGHTS[..10].into() },
        Event::Thought { index: 0, text: THOUGHTS[10..].into() },
        Event::Sealed { index: 0, seal: "c2VhbA==".into() },
    ];
    block(BlockKind::Thought, thoughts);
    if asked != "tool alone" {
        let text = |text: &str| Event::Text { index: 1, text: text.into() };
        block(BlockKind::Text, vec![text("Straßen: "), text("\"two\" 🦀")]);
    }
    if asked.contains("tool") {
        let at = if asked == "tool alone" { 1 } else { 2 };
        for (number, name) in ["find", "list"].into_iter().enumerate() {
            let kind = BlockKind::ToolCall { id: format!("call_{number}"), name: name.into(), custom: false };
            let json = |json: &str| Event::ToolInput { index: at + number, json: json.into() };
            block(kind, vec![json("{\"path\":"), json("\"größe.rs\"}")]);
        }
    }
    out.push(Event::Usage(Usage {
        input: 60,
        cache_read: 40,
        cache_write_short: 0,
        cache_write_long: 0,
        output: 20,
        reasoning: Some(7),
    }));
    out.push(Event::Finish(match asked {
        "cut" => FinishReason::Length,
        "tools" | "tool alone" => FinishReason::ToolCalls,
        _ => FinishReason::Stop,
    }));
    out
}

/// What was read, in the order it came.
type Heard = Arc<Mutex<Vec<Result<Request, String>>>>;

/// Answers one connection as a proxy would.
fn serve(mut line: Line, heard: &Heard) -> std::io::Result<()> {
    while let Some(request) = line.request()? {
        let (path, _) = request.path.split_once('?').unwrap_or((&request.path, ""));
        let Some((dialect, ..)) = DOORS.iter().find(|(.., door)| path.starts_with(door)) else {
            return line.answer(404, "application/json", &[], b"{}");
        };
        let verb = path.rsplit_once(':').filter(|_| *dialect == Dialect::Gemini);
        let model = verb.and_then(|(head, _)| head.rsplit('/').next());
        let stream = verb.map(|(_, verb)| verb == "streamGenerateContent");
        let asking = Asking { model, stream, purpose: Purpose::Ask };
        let end = surface(*dialect);
        let asked = match end.read_request(&request.body, &asking) {
            Ok(asked) => asked,
            Err(failure) => {
                heard.lock().unwrap().push(Err(failure.message.clone()));
                let told = end.write_failure(&failure);
                line.answer(told.status, "application/json", &told.headers, &told.body)?;
                continue;
            }
        };
        let user = asked.request.messages.last().and_then(|m| match m.blocks.last() {
            Some(monster::model::Block::Text(text)) => Some(text.clone()),
            _ => None,
        });
        let user = user.unwrap_or_default();
        heard.lock().unwrap().push(Ok(asked.request.clone()));
        let reply = Reply {
            id: "answer_1".into(),
            model: asked.request.model.0.clone(),
            created: 1_790_000_000,
            usage: asked.usage,
            ..Reply::default()
        };
        let mut failure = Failure::new(Kind::RateLimited, Scope::Account, "Slow down.");
        failure.retry_after = Some(std::time::Duration::from_secs(7));
        if user == "limit" {
            let told = end.write_failure(&failure);
            line.answer(told.status, "application/json", &told.headers, &told.body)?;
        } else if asked.request.stream {
            let mut writer = end.writer(&reply);
            line.begin(writer.media_type(), &[])?;
            let mut out = Vec::new();
            writer.ping(&mut out);
            for event in events(&user) {
                writer.push(&event, &mut out);
                line.frame(&std::mem::take(&mut out))?;
            }
            writer.end(&mut out);
            line.frame(&out)?;
            line.end()?;
        } else {
            line.answer(200, "application/json", &[], &end.write_reply(&events(&user), &reply))?;
        }
    }
    Ok(())
}

fn start(heard: &Heard) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let root = format!("http://{}", listener.local_addr().unwrap());
    let heard = Arc::clone(heard);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let heard = Arc::clone(&heard);
            std::thread::spawn(move || Line::new(stream).and_then(|line| serve(line, &heard)));
        }
    });
    root
}

fn asking(dialect: Dialect) -> Value {
    match dialect {
        Dialect::OpenAiChat => {
            json!({ "stream_options": { "include_usage": true }, "temperature": 0.5, "effort": "low" })
        }
        Dialect::OpenAiResponses => {
            json!({ "effort": "low", "summary": "auto", "include": ["reasoning.encrypted_content"] })
        }
        Dialect::AnthropicMessages => {
            json!({ "thinking": { "type": "enabled", "budget_tokens": 1024 }, "again": true })
        }
        Dialect::Gemini => json!({ "thinking": { "thinking_level": "LOW", "include_thoughts": true } }),
        Dialect::XaiGrpc => unreachable!("its callers have a story of their own"),
        Dialect::Ollama => json!({ "think": "low", "options": { "num_predict": 4096 } }),
    }
}

#[test]
fn what_the_official_sdks_send_is_read_and_what_is_written_for_them_parses() {
    let Some(python) = python() else { return };
    let heard = Heard::default();
    let root = start(&heard);
    let shape = json!({ "type": "object", "properties": { "path": { "type": "string" } }, "required": ["path"] });
    let find = json!({ "name": "find", "description": "Finds.", "parameters": shape });
    let mut cases = Vec::new();
    for (dialect, name, door) in DOORS {
        for asked in ["text", "cut", "tools", "tool alone"] {
            for stream in [false, true] {
                let mut case = json!({ "dialect": name, "base": format!("{root}{door}"), "key": "k", "model": "some-model",
                    "user": asked, "system": "Be short.", "max": 4096, "stream": stream, "tools": [find] });
                case.as_object_mut().unwrap().extend(asking(dialect).as_object().unwrap().clone());
                cases.push((dialect, asked, case));
            }
        }
    }
    let sent: Vec<Value> = cases.iter().map(|(.., case)| case.clone()).collect();
    let results = call(&python, &sent);
    let mut read = std::mem::take(&mut *heard.lock().unwrap());
    // One SDK asks twice, to join the pieces in its own way.
    read.dedup();
    assert_eq!(read.len(), cases.len());
    for (((dialect, asked, case), result), read) in cases.iter().zip(&results).zip(read) {
        let what = format!("{dialect:?} {asked}, stream {}: {result:#}", case["stream"]);
        let request = read.unwrap_or_else(|e| panic!("{what}: {e}"));
        assert_eq!(request.system, "Be short.", "{what}");
        assert_eq!(request.messages, [Message::user(*asked)], "{what}");
        assert_eq!((request.model.0.as_str(), request.max_output), ("some-model", Some(4096)), "{what}");
        assert_eq!(json!(request.stream), case["stream"], "{what}");
        let [tool] = &request.tools[..] else { panic!("{what}: {:?}", request.tools) };
        assert_eq!(
            (tool.name.as_str(), tool.description.as_str(), &tool.parameters),
            ("find", "Finds.", &shape),
            "{what}"
        );
        assert_eq!(request.tool_choice, ToolChoice::Auto, "{what}");
        assert!(!request.effort.idle(), "{what}");
        assert_eq!(request.extras, [], "{what}");

        let text = if *asked == "tool alone" { "" } else { "Straßen: \"two\" 🦀" };
        assert_eq!(result["text"], text, "{what}");
        assert_eq!(result["thinking"], THOUGHTS, "{what}");
        let calls = json!([["find", { "path": "größe.rs" }], ["list", { "path": "größe.rs" }]]);
        assert_eq!(result["tools"], if asked.contains("tool") { calls } else { json!([]) }, "{what}");
        let ends = match dialect {
            Dialect::OpenAiChat => ["stop", "length", "tool_calls"],
            Dialect::OpenAiResponses => ["completed", "incomplete", "completed"],
            Dialect::AnthropicMessages => ["end_turn", "max_tokens", "tool_use"],
            Dialect::Gemini => ["STOP", "MAX_TOKENS", "STOP"],
            Dialect::XaiGrpc => unreachable!("its callers have a story of their own"),
            Dialect::Ollama => ["stop", "length", "stop"],
        };
        let end = match *asked {
            "cut" => 1,
            "text" => 0,
            _ => 2,
        };
        assert_eq!(result["finish"], ends[end], "{what}");
        let counts = if *dialect == Dialect::Ollama { json!([100, 0, 20, 0]) } else { json!([100, 40, 20, 7]) };
        assert_eq!(result["usage"], counts, "{what}");
        // Fields that clients of the dialect take although its own SDK does not know them.
        let accents = ["reasoning_content", "reasoning_details", "store", "cache_write_tokens_details"];
        let strange: Vec<&str> = result["unknown"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        let strange: Vec<&&str> = strange.iter().filter(|at| !accents.iter().any(|a| at.contains(a))).collect();
        assert!(strange.is_empty(), "{what}: the SDK knows no {strange:?}");
    }
}

#[test]
fn a_failure_is_raised_by_the_official_sdk_as_its_own_error() {
    let Some(python) = python() else { return };
    let heard = Heard::default();
    let root = start(&heard);
    let cases: Vec<Value> = DOORS
        .iter()
        .map(|(dialect, name, door)| {
            let mut case = json!({ "dialect": name, "base": format!("{root}{door}"), "key": "k", "model": "some-model",
                "user": "limit", "max": 4096, "stream": false });
            case.as_object_mut().unwrap().extend(asking(*dialect).as_object().unwrap().clone());
            case
        })
        .collect();
    for ((dialect, ..), result) in DOORS.iter().zip(call(&python, &cases)) {
        let error = &result["error"];
        let class = match dialect {
            Dialect::Gemini => "ClientError",
            Dialect::Ollama => "ResponseError",
            _ => "RateLimitError",
        };
        assert_eq!(error["class"], class, "{dialect:?}: {result:#}");
        assert_eq!(error["status"], 429, "{dialect:?}: {result:#}");
        assert!(error["message"].as_str().is_some_and(|m| m.contains("Slow down.")), "{dialect:?}: {result:#}");
    }
}
