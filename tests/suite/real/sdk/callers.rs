//! xAI's own SDK as a caller of the other end of its dialect: what it sends over gRPC is read as what was meant, and what
//! is written for it parses in it: whole, streamed and failed. The calls stand in `tests/real/sdk/xai.py`.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use h2::RecvStream;
use h2::server::SendResponse;
use http::{HeaderMap, Response};
use monster::model::{
    Block, Citation, Cost, CostSource, Dialect, Effort, Event, Failure, Kind, Message, NanoUsd, Purpose, Request, Role,
    Sampling, Schema, Scope, Service, ToolChoice, ToolSpec,
};
use monster::wire::{Adapted, Asked, Asking, Frames, Loss, Reply, prefix, surface, trailers, wire};
use serde_json::{Value, json};

use super::grpc::call;
use super::python;
use super::surface::{THOUGHTS, events};

const GRPC: Dialect = Dialect::XaiGrpc;
const FOUND: &str = "https://example.com/größe";

/// What was read, in the order it came.
type Heard = Arc<Mutex<Vec<Asked>>>;

/// Answers every call as a proxy would; the port it listens on.
fn start(heard: &Heard) -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port();
    let heard = Arc::clone(heard);
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async move {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            while let Ok((stream, _)) = listener.accept().await {
                let heard = Arc::clone(&heard);
                tokio::spawn(async move {
                    let Ok(mut connection) = h2::server::handshake(stream).await else { return };
                    while let Some(Ok((request, respond))) = connection.accept().await {
                        tokio::spawn(answer(request, respond, Arc::clone(&heard)));
                    }
                });
            }
        });
    });
    port
}

/// How a call fails, by what was asked.
fn failure(kind: Kind) -> Failure {
    let mut failure = Failure::new(kind, Scope::Account, "Slow down: 100 % größer.");
    failure.retry_after = (kind == Kind::RateLimited).then(|| Duration::from_millis(7_500));
    failure
}

fn headers(pairs: Vec<(String, String)>) -> HeaderMap {
    let pair = |(name, value): (String, String)| (name.parse::<http::HeaderName>().unwrap(), value.parse().unwrap());
    pairs.into_iter().map(pair).collect()
}

async fn answer(request: http::Request<RecvStream>, mut respond: SendResponse<Bytes>, heard: Heard) {
    let (head, mut body) = request.into_parts();
    let (mut frames, mut messages) = (Frames::default(), Vec::new());
    while let Some(Ok(piece)) = body.data().await {
        drop(body.flow_control().release_capacity(piece.len()));
        frames.feed(&piece, &mut messages).unwrap();
    }
    let stream = match head.uri.path() {
        "/xai_api.Chat/GetCompletionChunk" => true,
        "/xai_api.Chat/GetCompletion" => false,
        other => panic!("nobody calls {other}"),
    };
    let end = surface(GRPC);
    let asked = end.read_request(&messages[0], &Asking { model: None, stream: Some(stream), purpose: Purpose::Ask });
    let words = asked.as_ref().ok().and_then(|asked| match asked.request.messages.last()?.blocks.last()? {
        Block::Text(words) => Some(words.clone()),
        _ => None,
    });
    let words = words.unwrap_or_default();
    let kind = Kind::ALL.into_iter().find(|kind| kind.name() == words);
    let response = || Response::builder().header("content-type", "application/grpc");
    let reject = |failure: &Failure| {
        let told = end.write_failure(failure);
        assert!(told.body.is_empty());
        let mut response = response().status(told.status).body(()).unwrap();
        response.headers_mut().extend(headers(told.headers));
        response
    };
    let asked = match (asked, kind) {
        (Err(failure), _) => return drop(respond.send_response(reject(&failure), true)),
        (Ok(asked), Some(kind)) => {
            heard.lock().unwrap().push(asked);
            return drop(respond.send_response(reject(&failure(kind)), true));
        }
        (Ok(asked), None) => asked,
    };
    heard.lock().unwrap().push(asked.clone());
    let reply = Reply {
        id: "answer_1".into(),
        model: asked.request.model.0,
        created: 1_790_000_000,
        usage: asked.usage,
        ..Reply::default()
    };
    let mut events = events(&words);
    if let Some(last) = events.iter().rposition(|event| matches!(event, Event::Text { .. })) {
        let (url, raw) = (Some(FOUND.to_owned()), json!({ "uri": FOUND }));
        let citation = Citation { url, title: None, quote: None, dialect: Dialect::Gemini, raw };
        events.insert(last + 1, Event::Cited { index: 1, citation });
    }
    events.push(Event::Charged(Cost { amount: NanoUsd(123_457), source: CostSource::Reported }));
    events.push(Event::Served(Service::Priority));
    let mut sending = respond.send_response(response().body(()).unwrap(), false).unwrap();
    let mut send = |bytes: Vec<u8>| sending.send_data(bytes.into(), false).unwrap();
    if !stream {
        let whole = end.write_reply(&events, &reply);
        send([&prefix(whole.len())[..], &whole].concat());
        return drop(sending.send_trailers(headers(trailers(None))));
    }
    let mut writer = end.writer(&reply);
    let mut out = Vec::new();
    writer.ping(&mut out);
    for event in events {
        if words == "late" && matches!(event, Event::BlockEnd { index: 1 }) {
            writer.fail(&failure(Kind::Overloaded), &mut out);
            break;
        }
        writer.push(&event, &mut out);
        send(std::mem::take(&mut out));
        writer.ping(&mut out);
    }
    if words != "late" {
        writer.end(&mut out);
    }
    send(out);
    drop(sending.send_trailers(headers(writer.trailers())));
}

fn find() -> ToolSpec {
    let parameters = json!({ "type": "object", "properties": { "path": { "type": "string" } }, "required": ["path"] });
    ToolSpec::new("find", "Finds.", parameters)
}

fn text(words: &str, stream: bool) -> Request {
    Request { stream, ..Request::text("grok-4.5", Purpose::Ask, words) }
}

fn case(request: &Request, more: &Value) -> Value {
    let mut case = json!({ "model": request.model.0, "stream": request.stream, "user": [{ "text": "Hi." }] });
    case.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    case
}

#[test]
fn what_xais_own_sdk_sends_is_read_as_what_was_meant() {
    let Some(python) = python() else { return };
    let heard = Heard::default();
    let port = start(&heard);
    let offered = json!([{ "name": "find", "description": "Finds.", "parameters": find().parameters }]);
    let tools = |choice: ToolChoice| Request { tools: vec![find()], tool_choice: choice, ..text("Hi.", false) };
    let schema = json!({ "type": "object", "properties": { "n": { "type": "integer" } }, "required": ["n"] });
    let mut files = text("Hi.", true);
    files.messages[0].blocks.extend([
        Block::image("image/png", "iVBORw0KGgo="),
        Block::document("application/pdf", "JVBERi0=", Some("größe.pdf".into())),
    ]);
    let sampling = Sampling {
        temperature: Some(0.7),
        top_p: Some(0.9),
        seed: Some(-7),
        presence_penalty: Some(-0.5),
        frequency_penalty: Some(0.1),
        ..Sampling::default()
    };
    let pairs: Vec<(Request, Value)> = vec![
        (text("Hi.", false), json!({})),
        (Request { system: "Be short.".into(), ..text("Hi.", true) }, json!({ "system": "Be short." })),
        (
            files,
            json!({ "user": [{ "text": "Hi." }, { "image": "data:image/png;base64,iVBORw0KGgo=" },
                { "file": "JVBERi0=", "name": "größe.pdf", "mime": "application/pdf" }] }),
        ),
        (tools(ToolChoice::Auto), json!({ "tools": offered, "choice": "auto" })),
        (tools(ToolChoice::None), json!({ "tools": offered, "choice": "none" })),
        (tools(ToolChoice::Required), json!({ "tools": offered, "choice": "required" })),
        (
            Request { parallel: Some(false), ..tools(ToolChoice::Named("find".into())) },
            json!({ "tools": offered, "choice": { "name": "find" }, "parallel_tool_calls": false }),
        ),
        (
            Request { schema: Some(Schema::new("answer", schema.clone())), ..text("Hi.", true) },
            json!({ "schema": schema }),
        ),
        (Request { json: true, ..text("Hi.", true) }, json!({ "response_format": "json_object" })),
        (
            Request { effort: Effort::XHigh.into(), ..text("Hi.", true) },
            json!({ "reasoning_effort": "xhigh", "use_encrypted_content": true }),
        ),
        (Request { effort: Effort::None.into(), ..text("Hi.", true) }, json!({ "reasoning_effort": "none" })),
        (
            Request {
                sampling,
                stop: vec!["###".into(), "end".into()],
                max_output: Some(64),
                user: Some("u-1".into()),
                service: Some(Service::Priority),
                ..text("Hi.", true)
            },
            json!({ "temperature": 0.7, "top_p": 0.9, "seed": -7, "presence_penalty": -0.5, "frequency_penalty": 0.1,
                "stop": ["###", "end"], "max_tokens": 64, "end_user": "u-1", "service_tier": "priority" }),
        ),
    ];
    let cases: Vec<Value> = pairs.iter().map(|(request, more)| case(request, more)).collect();
    let told = call(&python, port, &cases);
    assert_eq!(told.len(), cases.len());
    let read = std::mem::take(&mut *heard.lock().unwrap());
    assert_eq!(read.len(), pairs.len());
    for ((meant, more), read) in pairs.into_iter().zip(read) {
        assert_eq!(read.losses, [], "{more}");
        assert_eq!(read.request, meant, "{more}");
    }
    // What only xAI knows is kept and sent on; what nobody keeps here is told, or refused.
    let search =
        json!({ "search": ["a.b"], "max_turns": 3, "include": ["web_search_call_output"], "store_messages": true });
    let goes_on = json!({ "previous_response_id": "answer_0" });
    let told = call(&python, port, &[case(&text("Hi.", true), &search), case(&text("Hi.", false), &goes_on)]);
    let [asked] = &heard.lock().unwrap()[..] else { panic!("{told:#?}") };
    let names: Vec<&str> = asked.request.extras.iter().map(|extra| extra.name.as_str()).collect();
    assert_eq!(
        (names, &asked.losses[..]),
        (vec!["tools", "max_turns", "include"], &[Loss::Extra("store_messages".into())][..])
    );
    let again = wire(GRPC).write_request("grok-4.5", &asked.request, &Adapted::default(), true).unwrap().body;
    let again = surface(GRPC).read_request(&again, &Asking { model: None, stream: Some(true), purpose: Purpose::Ask });
    assert_eq!(again.unwrap().request, asked.request);
    assert_eq!(told[1]["code"], "INVALID_ARGUMENT");
    assert!(told[1]["message"].as_str().unwrap().contains("send the whole conversation"), "{:#}", told[1]);
}

#[test]
fn what_is_written_for_xais_own_sdk_parses_whole_and_in_pieces() {
    let Some(python) = python() else { return };
    let heard = Heard::default();
    let port = start(&heard);
    let mut cases = Vec::new();
    for asked in ["text", "cut", "tools", "tool alone"] {
        for stream in [false, true] {
            cases.push(case(&text("", stream), &json!({ "user": [{ "text": asked }] })));
        }
    }
    for (case, told) in cases.iter().zip(call(&python, port, &cases)) {
        let (asked, what) = (case["user"][0]["text"].as_str().unwrap(), format!("{case}: {told:#}"));
        let text = if asked == "tool alone" { "" } else { "Straßen: \"two\" 🦀" };
        assert_eq!((&told["text"], &told["thoughts"]), (&json!(text), &json!(THOUGHTS)), "{what}");
        let arguments = json!({ "path": "größe.rs" }).to_string();
        let calls = json!([["find", arguments], ["list", arguments]]);
        assert_eq!(told["calls"], if asked.contains("tool") { calls } else { json!([]) }, "{what}");
        let finish = match asked {
            "cut" => "REASON_MAX_LEN",
            "text" => "REASON_STOP",
            _ => "REASON_TOOL_CALLS",
        };
        assert_eq!((&told["finish"], &told["cost"]), (&json!(finish), &json!(0.000_123_457)), "{what}");
        // What was thought stands beside what was said.
        assert_eq!((&told["usage"], &told["tier"]), (&json!([100, 40, 13, 7, 120]), &json!(2)), "{what}");
        assert_eq!((&told["id"], &told["created"]), (&json!("answer_1"), &json!(1_790_000_000)), "{what}");
        let found = if text.is_empty() { json!([]) } else { json!([FOUND]) };
        assert_eq!((&told["model"], &told["citations"]), (&json!("grok-4.5"), &found), "{what}");
        assert_eq!((&told["outputs"], &told["unknown"]), (&json!(1), &json!([])), "{what}");
        let pieces =
            if text.is_empty() || case["stream"] == false { json!([]) } else { json!(["Straßen: ", "\"two\" 🦀"]) };
        assert_eq!(told["pieces"], pieces, "{what}");
    }
}

#[test]
fn parallel_calls_are_answered_and_the_sealed_thoughts_come_back_as_they_were() {
    let Some(python) = python() else { return };
    let heard = Heard::default();
    let port = start(&heard);
    let tools = json!({ "user": [{ "text": "tools" }], "each": ["one", "two"], "choice": "auto",
        "tools": [{ "name": "find", "description": "Finds.", "parameters": find().parameters }] });
    for stream in [false, true] {
        let told = call(&python, port, &[case(&text("", stream), &tools)]);
        let read = std::mem::take(&mut *heard.lock().unwrap());
        let [_, second] = &read[..] else { panic!("{told:#?}") };
        let calls = ["find", "list"].into_iter().enumerate();
        let calls = calls.map(|(n, name)| Block::call(format!("call_{n}"), name, r#"{"path":"größe.rs"}"#));
        let mut said = vec![
            Block::Thought { text: THOUGHTS.into(), seal: Some("c2VhbA==".into()), tag: None },
            Block::Text("Straßen: \"two\" 🦀".into()),
        ];
        said.extend(calls);
        let results =
            vec![Block::result("call_0", "find", "one", false), Block::result("call_1", "list", "two", false)];
        let messages = [Message::user("tools"), Message::new(Role::Assistant, said), Message::new(Role::User, results)];
        assert_eq!(second.request.messages, messages, "stream {stream}");
    }
}

#[test]
fn a_failure_is_raised_by_xais_own_sdk_as_the_status_it_is() {
    let Some(python) = python() else { return };
    let port = start(&Heard::default());
    let codes = [
        (Kind::RateLimited, "RESOURCE_EXHAUSTED", "RATE_LIMIT_EXCEEDED"),
        (Kind::QuotaSpent, "RESOURCE_EXHAUSTED", "INSUFFICIENT_QUOTA"),
        (Kind::Unauthorized, "UNAUTHENTICATED", "INVALID_API_KEY"),
        (Kind::Forbidden, "PERMISSION_DENIED", ""),
        (Kind::NotFound, "NOT_FOUND", "MODEL_NOT_FOUND"),
        (Kind::TooLong, "INVALID_ARGUMENT", "CONTEXT_LENGTH_EXCEEDED"),
        (Kind::BadRequest, "INVALID_ARGUMENT", ""),
        (Kind::TimedOut, "DEADLINE_EXCEEDED", ""),
        (Kind::Overloaded, "UNAVAILABLE", "SERVER_IS_OVERLOADED"),
        (Kind::Broken, "INTERNAL", ""),
    ];
    for stream in [false, true] {
        let cases: Vec<Value> = codes
            .iter()
            .map(|(kind, ..)| case(&text("", stream), &json!({ "user": [{ "text": kind.name() }] })))
            .collect();
        for ((kind, code, reason), told) in codes.iter().zip(call(&python, port, &cases)) {
            assert_eq!(
                (&told["code"], &told["message"]),
                (&json!(code), &json!("Slow down: 100 % größer.")),
                "{told:#}"
            );
            assert_eq!(told["ErrorInfo"]["reason"].as_str().unwrap_or_default(), *reason, "{told:#}");
            let wait = if *kind == Kind::RateLimited { json!("7.500s") } else { Value::Null };
            assert_eq!(told["RetryInfo"]["retryDelay"], wait, "{told:#}");
        }
    }
    let late = call(&python, port, &[case(&text("", true), &json!({ "user": [{ "text": "late" }] }))]);
    assert_eq!(late[0]["code"], "UNAVAILABLE", "after half of the answer: {late:#?}");
}
