//! `monster serve`: programs that speak five dialects, one client behind them.

use std::io::{BufReader, Read, Write};
use std::net::TcpListener;
use std::time::Duration;

use serde_json::{Value, json};

use crate::caller::{House, hang_up, read};
use crate::commit::connected;
use crate::sandbox::Sandbox;
use crate::upstream::{Answer, Fault, Upstream};

const LONG: Duration = Duration::from_secs(60);
pub const MODEL: &str = "openai/gpt-4.1-mini";

pub fn world() -> (Upstream, Sandbox) {
    let upstream = Upstream::start();
    let mut sandbox = connected(&upstream);
    sandbox.live();
    (upstream, sandbox)
}

/// The same question in each dialect: path and body, whole or streamed, and what says the text of an answer.
pub fn asked(dialect: &str, model: &str, stream: bool) -> (String, String) {
    let user = json!([{ "role": "user", "content": "Name a colour." }]);
    let (path, body) = match dialect {
        "chat" => ("/v1/chat/completions".to_owned(), json!({ "model": model, "messages": user, "stream": stream })),
        "responses" => {
            ("/v1/responses".to_owned(), json!({ "model": model, "input": "Name a colour.", "stream": stream }))
        }
        "anthropic" => {
            ("/v1/messages".to_owned(), json!({ "model": model, "max_tokens": 99, "messages": user, "stream": stream }))
        }
        "gemini" => {
            let call = if stream { "streamGenerateContent?alt=sse" } else { "generateContent" };
            let body = json!({ "contents": [{ "role": "user", "parts": [{ "text": "Name a colour." }] }] });
            (format!("/v1beta/models/{}:{call}", model.replace('/', "%2F")), body)
        }
        "ollama" => ("/api/chat".to_owned(), json!({ "model": model, "messages": user, "stream": stream })),
        other => panic!("{other} is no dialect"),
    };
    (path, body.to_string())
}

pub const DIALECTS: [&str; 5] = ["chat", "responses", "anthropic", "gemini", "ollama"];

/// The text that a whole answer says.
pub fn said(dialect: &str, body: &Value) -> String {
    let text = match dialect {
        "chat" => &body["choices"][0]["message"]["content"],
        "responses" => {
            let items = body["output"].as_array().unwrap();
            &items.iter().find(|i| i["type"] == "message").unwrap()["content"][0]["text"]
        }
        "anthropic" => &body["content"][0]["text"],
        "gemini" => &body["candidates"][0]["content"]["parts"][0]["text"],
        _ => &body["message"]["content"],
    };
    text.as_str().unwrap_or_else(|| panic!("{body:#}")).to_owned()
}

/// The text that a stream says, put together.
pub fn streamed(dialect: &str, text: &str) -> String {
    let events = text.lines().filter_map(|line| {
        let line = if dialect == "ollama" { line } else { line.strip_prefix("data: ")? };
        serde_json::from_str::<Value>(line).ok()
    });
    let piece = |event: Value| -> Option<String> {
        let text = match dialect {
            "chat" => event.pointer("/choices/0/delta/content")?.clone(),
            "responses" if event["type"] == "response.output_text.delta" => event["delta"].clone(),
            "responses" => return None,
            "anthropic" => event.pointer("/delta/text")?.clone(),
            "gemini" => event.pointer("/candidates/0/content/parts/0/text")?.clone(),
            _ => event.pointer("/message/content")?.clone(),
        };
        Some(text.as_str()?.to_owned())
    };
    events.filter_map(piece).collect()
}

#[test]
fn every_dialect_reaches_every_provider_whole_and_streamed() {
    let (upstream, sandbox) = world();
    let house = House::open(&sandbox, &["--no-auth"]);
    let models = [MODEL, "anthropic/claude-sonnet-4-5", "gemini/gemini-2.5-flash", "deepseek/deepseek-chat"];
    for dialect in DIALECTS {
        for model in models {
            for stream in [false, true] {
                upstream.next(Answer::text("A quiet blue, \"of the sea\"."));
                let (path, body) = asked(dialect, model, stream);
                let came = house.post(&path, &[], &body).ok();
                let text = if stream { streamed(dialect, &came.text()) } else { said(dialect, &came.json()) };
                assert_eq!(text, "A quiet blue, \"of the sea\".", "{dialect} {model} {stream}: {}", came.text());
                assert_eq!(came.header("x-monster-route"), Some(model), "{dialect}");
                let id = came.header("x-monster-request-id");
                assert!(id.is_some_and(|id| id.starts_with('r')));
                // Where the dialect's SDKs look for it (`_request_id`), it stands too.
                let (openai, anthropic) = (["chat", "responses"].contains(&dialect), dialect == "anthropic");
                assert_eq!(came.header("x-request-id"), id.filter(|_| openai), "{dialect}");
                assert_eq!(came.header("request-id"), id.filter(|_| anthropic), "{dialect}");
            }
        }
    }
    assert_eq!(upstream.refusals(), Vec::<String>::new());
    // Each is in the ledger, with who asked.
    let ledger = sandbox.monster(&["history", "list", "--limit", "100", "--json"]).done();
    let rows = ledger.ok().json();
    assert_eq!(rows["requests"].as_array().unwrap().len(), 5 * 4 * 2, "{rows:#}");
    house.close(&sandbox).ok();
}

#[test]
fn failures_are_told_in_the_callers_own_words() {
    let (upstream, sandbox) = world();
    sandbox.config("[serve]\npark = 1\n");
    let house = House::open(&sandbox, &["--no-auth"]);
    upstream.may_refuse();
    for dialect in DIALECTS {
        for stream in [false, true] {
            upstream.next(Answer::status(400, "invalid_request_error", "the colour is not known here"));
            let (path, body) = asked(dialect, MODEL, stream);
            let came = house.post(&path, &[], &body);
            assert_eq!(came.status, 400, "{dialect}: {}", came.text());
            let body = came.json();
            let (message, kind) = match dialect {
                "anthropic" => (
                    &body["error"]["message"],
                    body["error"]["type"] == "invalid_request_error" && body["type"] == "error",
                ),
                "gemini" => (&body["error"]["message"], body["error"]["status"] == "INVALID_ARGUMENT"),
                "ollama" => (&body["error"], true),
                _ => (&body["error"]["message"], body["error"]["type"] == "invalid_request_error"),
            };
            assert!(message.as_str().unwrap().contains("the colour is not known here") && kind, "{dialect}: {body:#}");
        }
    }
    // A limit says when to come back.
    let mut patient = 0;
    for _ in 0..2 {
        upstream.next(Answer::rate_limited(90));
        let (path, body) = asked("anthropic", MODEL, false);
        let came = house.post(&path, &[], &body);
        assert_eq!(came.status, 429, "{}", came.text());
        patient += came.header("retry-after").unwrap().parse::<u64>().unwrap();
    }
    assert!(patient > 100, "{patient}");
    house.close(&sandbox).ok();
}

#[test]
fn what_nobody_serves_is_told_and_how_things_are_called() {
    let (_upstream, sandbox) = world();
    let house = House::open(&sandbox, &["--no-auth"]);
    assert_eq!(house.get("/healthz", &[]).ok().text(), "monster is running\n");
    assert_eq!(house.get("/readyz", &[]).ok().text(), "ready\n");
    assert_eq!(house.post("/v1/nonsense", &[], "{}").status, 404);
    let wrong = house.get("/v1/messages", &[]);
    assert_eq!((wrong.status, wrong.header("allow")), (405, Some("POST")));
    let none =
        house.post("/v1/chat/completions", &[], &json!({ "model": "no-such-model", "messages": [] }).to_string());
    assert_eq!(none.status, 404);
    assert!(none.text().contains("no connected provider serves the model"), "{}", none.text());
    assert_eq!(none.json()["error"]["code"], "model_not_found");
    assert_eq!(house.get("/v1/models/none", &[]).json()["error"]["code"], "model_not_found");
    assert_eq!(house.get("/v1/foo", &[]).json()["error"]["code"], Value::Null, "no model is meant");
    for (path, word) in [
        ("/v1/responses/resp_1", "not kept here"),
        ("/v1/completions", "without messages"),
        ("/v1/messages/batches", "batches"),
    ] {
        let came = house.post(path, &[], "{}");
        assert!(came.status == 404 && came.text().contains(word), "{path}: {} {}", came.status, came.text());
    }
    for body in ["", "{", "[]", "null", "{\"model\":3}", "{\"messages\":[]}", "\u{1}"] {
        let came = house.post("/v1/chat/completions", &[], body);
        assert_eq!(came.status, 400, "{body}: {}", came.text());
    }
    // Codex asks for a WebSocket first, and for an answer over HTTP once it hears that there is none.
    let socket = [("connection", "upgrade"), ("upgrade", "websocket"), ("sec-websocket-version", "13")];
    let came = house.get("/v1/responses", &socket);
    assert_eq!((came.status, came.json()["error"]["type"].as_str()), (426, Some("invalid_request_error")));
    assert!(came.text().contains("there is no WebSocket"), "{}", came.text());
    // The house is nobody's business but its owner's.
    assert_eq!(house.get("/monster/v1/status", &[]).status, 401);
    assert_eq!(house.look("GET", "/monster/v1/status").ok().json()["schema"], "monster.serve.house/1");
    house.close(&sandbox).ok();
}

#[test]
fn models_are_listed_as_each_client_wants_them() {
    let (_upstream, sandbox) = world();
    let house = House::open(&sandbox, &["--no-auth"]);
    let names = |list: &Value, at: &str, key: &str| -> Vec<String> {
        list[at].as_array().unwrap().iter().map(|m| m[key].as_str().unwrap().to_owned()).collect()
    };
    let openai = house.get("/v1/models", &[]).ok().json();
    let anthropic = house.get("/v1/models", &[("anthropic-version", "2023-06-01")]).ok().json();
    let gemini = house.get("/v1beta/models", &[]).ok().json();
    let ollama = house.get("/api/tags", &[]).ok().json();
    // What makes vectors stands behind all that answers, and in OpenAI's list alone.
    let (all, vectors): (Vec<String>, Vec<String>) =
        names(&openai, "data", "id").into_iter().partition(|name| !name.contains("embed"));
    assert!(vectors.contains(&"text-embedding-3-small".to_owned()), "{vectors:?}");
    assert_eq!(names(&anthropic, "data", "id"), all);
    assert_eq!(names(&gemini, "models", "name"), all.iter().map(|n| format!("models/{n}")).collect::<Vec<_>>());
    assert_eq!(names(&ollama, "models", "name"), all);
    for name in ["gpt-4.1-mini", "claude-sonnet-4-5", "monster/fast", "monster/reasoning", "monster/dialectic"] {
        assert!(all.iter().any(|n| n == name), "{name} is missing: {all:?}");
    }
    assert!(gemini["models"].as_array().unwrap().iter().all(|m| m.as_object().unwrap().values().all(|v| !v.is_null())));
    let one = house.get("/v1/models/gpt-4.1-mini", &[]).ok().json();
    assert_eq!((&one["id"], &one["object"]), (&json!("gpt-4.1-mini"), &json!("model")));
    assert_eq!(house.get("/v1/models/none", &[]).status, 404);
    let show = house.post("/api/show", &[], "{\"model\":\"gpt-4.1-mini:latest\"}").ok().json();
    assert!(show["capabilities"].as_array().unwrap().contains(&json!("tools")), "{show:#}");
    house.close(&sandbox).ok();
}

#[test]
fn a_dialectic_of_one_maker_is_not_offered_and_says_what_to_connect() {
    let upstream = Upstream::start();
    let mut sandbox = Sandbox::new();
    sandbox.connect(&upstream, "openai").live();
    let house = House::open(&sandbox, &["--no-auth"]);
    let listed = house.get("/v1/models", &[]).ok().text();
    assert!(listed.contains("monster/reasoning") && !listed.contains("monster/dialectic"), "{listed}");
    let (path, body) = asked("chat", "monster/dialectic", false);
    let came = house.post(&path, &[], &body);
    assert_eq!(came.status, 404);
    assert!(came.text().contains("connect an account with models of another maker: monster login"), "{}", came.text());
    house.close(&sandbox).ok();
}

#[test]
fn a_role_is_asked_by_name_and_the_answer_says_who_it_was() {
    let (upstream, sandbox) = world();
    sandbox.config("[roles]\nfast = [\"openai/gpt-4.1-mini\"]\n");
    let house = House::open(&sandbox, &["--no-auth"]);
    upstream.next(Answer::text("Green."));
    let (path, body) = asked("chat", "monster/fast", false);
    let came = house.post(&path, &[], &body).ok();
    assert_eq!(came.header("x-monster-route"), Some(MODEL));
    assert_eq!(upstream.only().model, "gpt-4.1-mini");
    house.close(&sandbox).ok();
}

#[test]
fn tools_over_chat_reach_models_that_take_them_over_responses_alone() {
    let (upstream, sandbox) = world();
    let house = House::open(&sandbox, &["--no-auth"]);
    upstream.always(|_| Answer::text("Green."));
    // One that takes nothing: over Responses that must be said, and Chat may leave it out.
    let tool = json!({ "type": "function", "function": { "name": "find" } });
    for (model, tools, effort, heard) in [
        ("openai/gpt-5.4", true, None, "openai-responses"),
        ("openai/gpt-5.4", true, Some("low"), "openai-responses"),
        // What the model takes over Chat goes on as it came.
        ("openai/gpt-5.4", true, Some("none"), "openai-chat"),
        ("openai/gpt-5.4", false, None, "openai-chat"),
        ("openai/gpt-5.2", true, Some("low"), "openai-chat"),
    ] {
        let mut body: Value = serde_json::from_str(&asked("chat", model, false).1).unwrap();
        if tools {
            body["tools"] = json!([tool]);
        }
        if let Some(effort) = effort {
            body["reasoning_effort"] = json!(effort);
        }
        let came = house.post("/v1/chat/completions", &[], &body.to_string()).ok();
        assert_eq!(said("chat", &came.json()), "Green.");
        assert_eq!(upstream.calls().last().unwrap().dialect, heard, "{body}");
    }
    house.close(&sandbox).ok();
}

#[test]
fn nothing_is_noted_of_what_goes_on_as_it_came() {
    let (upstream, sandbox) = world();
    let house = House::open(&sandbox, &["--no-auth"]);
    upstream.always(|_| Answer::text("Green."));
    // As a wish it would be one that this model has no word for; as it stands there, it is taken.
    let mut body: Value = serde_json::from_str(&asked("anthropic", "anthropic/claude-sonnet-4-6", false).1).unwrap();
    (body["max_tokens"], body["thinking"]) = (json!(4_000), json!({ "type": "enabled", "budget_tokens": 1_024 }));
    let came = house.post("/v1/messages", &[], &body.to_string()).ok();
    assert_eq!(upstream.only().body["thinking"], body["thinking"]);
    assert_eq!(came.header("x-monster-note"), None);
    house.close(&sandbox).ok();
}

#[test]
fn a_model_that_is_only_to_be_loaded_costs_nothing() {
    let (upstream, sandbox) = world();
    let house = House::open(&sandbox, &["--no-auth"]);
    for (path, body) in [
        ("/api/generate", json!({ "model": MODEL })),
        ("/api/generate", json!({ "model": MODEL, "prompt": "", "keep_alive": 0 })),
        ("/api/chat", json!({ "model": MODEL, "messages": [] })),
    ] {
        let came = house.post(path, &[], &body.to_string()).ok().json();
        assert_eq!((&came["done"], &came["done_reason"]), (&json!(true), &json!("load")), "{path} {body}");
    }
    for (path, body) in [
        ("/api/generate", json!({ "model": "no-such-model" })),
        ("/api/chat", json!({ "model": "no-such-model", "messages": [] })),
    ] {
        let came = house.post(path, &[], &body.to_string());
        assert_eq!(came.status, 404, "{path}: {}", came.text());
    }
    assert_eq!(upstream.calls().len(), 0);
    house.close(&sandbox).ok();
}

#[test]
fn a_translated_answer_says_again_what_was_asked() {
    let (upstream, sandbox) = world();
    upstream.always(|_| Answer::text("Green."));
    let house = House::open(&sandbox, &["--no-auth"]);
    let tools = json!([{ "type": "function", "name": "paint", "parameters": { "type": "object" } }]);
    let body = json!({ "model": "anthropic/claude-sonnet-4-5", "input": "Name a colour.", "instructions": "Be short.",
        "tools": tools, "tool_choice": "auto" });
    let came = house.post("/v1/responses", &[], &body.to_string()).ok().json();
    assert_eq!((&came["instructions"], &came["tools"]), (&body["instructions"], &tools));
    house.close(&sandbox).ok();
}

#[test]
fn the_history_has_a_request_as_soon_as_its_answer_has_come() {
    let (upstream, sandbox) = world();
    upstream.always(|_| Answer::text("Green."));
    let house = House::open(&sandbox, &["--no-auth"]);
    for _ in 0..5 {
        let (path, body) = asked("chat", MODEL, false);
        let id = house.post(&path, &[], &body).ok().header("x-monster-request-id").unwrap().to_owned();
        sandbox.monster(&["history", "show", &id]).done().ok();
        let id = house.post(&path, &[], &body).ok().header("x-monster-request-id").unwrap().to_owned();
        let shown = sandbox.monster(&["history", "show", "last", "--json"]).done().ok().json();
        assert_eq!(shown["request"]["id"], *id, "{shown:#}");
    }
    house.close(&sandbox).ok();
}

#[test]
fn a_prompt_is_counted() {
    let (upstream, sandbox) = world();
    upstream.counts(4_321);
    let house = House::open(&sandbox, &["--no-auth"]);
    let body = json!({ "model": "claude-sonnet-4-5", "messages": [{ "role": "user", "content": "hi" }] }).to_string();
    let came = house.post("/v1/messages/count_tokens", &[], &body).ok();
    assert_eq!((came.json(), came.header("x-monster-count")), (json!({ "input_tokens": 4_321 }), Some("provider")));
    let body =
        json!({ "generateContentRequest": { "model": "models/x", "contents": [{ "parts": [{ "text": "hi" }] }] } });
    let came = house.post("/v1beta/models/gemini-2.5-flash:countTokens", &[], &body.to_string()).ok();
    assert_eq!(came.json(), json!({ "totalTokens": 4_321 }));
    // Nobody counts for this one: the answer says that it is a guess.
    let body =
        json!({ "model": "deepseek/deepseek-chat", "messages": [{ "role": "user", "content": "hi" }] }).to_string();
    assert_eq!(house.post("/v1/messages/count_tokens", &[], &body).ok().header("x-monster-count"), Some("estimate"));
    house.close(&sandbox).ok();
}

/// An upstream that keeps what it got byte for byte, and says what it is told.
pub struct Echo {
    listener: TcpListener,
}

impl Echo {
    pub fn new() -> (Self, String) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        (Self { listener }, base)
    }

    /// Answers one call, and gives its head and body; who only looks whether somebody is there is no call.
    pub fn once(&self, kind: &str, answer: &str) -> (String, String) {
        'next: loop {
            let (mut stream, _) = self.listener.accept().unwrap();
            let mut got = Vec::new();
            let mut piece = [0; 4096];
            loop {
                let length = stream.read(&mut piece).unwrap_or(0);
                if length == 0 {
                    continue 'next;
                }
                got.extend_from_slice(&piece[..length]);
                let text = String::from_utf8_lossy(&got).into_owned();
                let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
                if head.starts_with("GET ") {
                    let _ =
                        stream.write_all(b"HTTP/1.1 404 Not Found\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
                    continue 'next;
                }
                let size = head
                    .lines()
                    .find_map(|l| l.to_ascii_lowercase().strip_prefix("content-length: ")?.parse::<usize>().ok());
                if body.len() >= size.unwrap_or(0) {
                    let (head, body) = (head.to_owned(), body.to_owned());
                    write!(stream, "HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{answer}", answer.len()).unwrap();
                    return (head, body);
                }
            }
        }
    }
}

#[test]
fn between_two_of_one_dialect_every_byte_stays_but_what_must_change() {
    let (echo, base) = Echo::new();
    let mut sandbox = Sandbox::new();
    sandbox.live().set("ANTHROPIC_API_KEY", &crate::key::key("anthropic")).set("ANTHROPIC_BASE_URL", &base);
    let house = House::open(&sandbox, &["--no-auth"]);
    let asked = "{ \"model\" : \"anthropic/claude-sonnet-4-5\",\"max_tokens\":77, \"x_future\": {\"b\":[1.50,null]},\n\
        \"system\":[{\"type\":\"text\",\"text\":\"s\",\"cache_control\":{\"type\":\"ephemeral\"}}],\
        \"thinking\":{\"type\":\"enabled\",\"budget_tokens\":1024,\"display\":\"omitted\"},\
        \"messages\":[{\"role\":\"user\",\"content\":\"hi\"},{\"role\":\"assistant\",\"content\":[{\"type\":\"thinking\",\"thinking\":\"\",\"signature\":\"RXJyb3I=\"},{\"type\":\"text\",\"text\":\"yes\"}]},{\"role\":\"user\",\"content\":\"on\"}] }";
    let answer = "{\"type\":\"message\", \"id\":\"msg_01\",\"role\":\"assistant\",\"model\":\"claude-x\",\"content\":[{\"type\":\"text\",\"text\":\"ok\",\"citations\":[]},{\"type\":\"new_block\",\"q\":1}],\"stop_reason\":\"end_turn\",\"usage\":{\"input_tokens\":3,\"output_tokens\":2,\"unheard_of\":7}, \"container\":null}";
    let headers = [("anthropic-version", "2023-06-01"), ("anthropic-beta", "one-2026-01-01,two"), ("x-secret", "no")];
    let (head, body, came) = std::thread::scope(|scope| {
        let heard = scope.spawn(|| echo.once("application/json", answer));
        let came = house.post("/v1/messages?beta=true", &headers, asked).ok();
        let (head, body) = heard.join().unwrap();
        (head, body, came)
    });
    assert_eq!(body, asked.replace("anthropic/claude-sonnet-4-5", "claude-sonnet-4-5"));
    assert_eq!(came.text(), answer);
    let head = head.to_ascii_lowercase();
    assert!(
        head.contains("anthropic-beta: one-2026-01-01,two") && head.contains("anthropic-version: 2023-06-01"),
        "{head}"
    );
    assert!(!head.contains("x-secret"), "{head}");

    let stream = "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"msg_02\",\"type\":\"message\",\"role\":\"assistant\",\"content\":[],\"model\":\"claude-x\",\"usage\":{\"input_tokens\":9,\"output_tokens\":1}},\"zz\":1}\n\n\
        event: ping\ndata: {\"type\": \"ping\"}\n\n\
        event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n\
        event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"h\\u00e9\"}}\n\n\
        event: unheard_of\ndata: {\"type\":\"unheard_of\",\"n\":1}\n\n\
        event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\n\
        event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\",\"stop_sequence\":null},\"usage\":{\"output_tokens\":4}}\n\n\
        event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";
    let wanted = asked.replace("\"max_tokens\":77,", "\"max_tokens\":77,\"stream\":true,");
    let came = std::thread::scope(|scope| {
        let heard = scope.spawn(|| echo.once("text/event-stream", stream));
        let came = house.post("/v1/messages", &headers, &wanted).ok();
        assert_eq!(heard.join().unwrap().1, wanted.replace("anthropic/claude-sonnet-4-5", "claude-sonnet-4-5"));
        came
    });
    assert_eq!(came.text(), stream);
    house.close(&sandbox).ok();
    // What was forwarded was metered.
    let rows = sandbox.monster(&["history", "list", "--json"]).done().ok().json();
    let text = rows.to_string();
    assert!(text.contains("\"output_tokens\":4") || text.contains("\"output\":4"), "{rows:#}");
}

#[test]
fn a_count_goes_to_the_caller_s_own_dialect_as_it_came() {
    let (echo, base) = Echo::new();
    let mut sandbox = Sandbox::new();
    sandbox.live().set("ANTHROPIC_API_KEY", &crate::key::key("anthropic")).set("ANTHROPIC_BASE_URL", &base);
    let house = House::open(&sandbox, &["--no-auth"]);
    let asked = "{ \"model\" : \"anthropic/claude-opus-4-8\", \"context_management\":{\"edits\":[]},\n\
        \"mcp_servers\":[{\"type\":\"url\",\"url\":\"https://x.example\",\"name\":\"m\"}],\"thinking\":{\"type\":\"adaptive\"},\
        \"tools\":[{\"name\":\"f\",\"input_schema\":{\"type\":\"object\"},\"defer_loading\":true,\"input_examples\":[{\"a\":1.0}]}],\
        \"messages\":[{\"role\":\"user\",\"content\":\"hi\"}] }";
    let headers = [("anthropic-version", "2023-06-01"), ("anthropic-beta", "one-2026-01-01,two")];
    let count = |body: &str| {
        std::thread::scope(|scope| {
            let heard = scope.spawn(|| echo.once("application/json", "{\"input_tokens\":41}"));
            let came = house.post("/v1/messages/count_tokens?beta=true", &headers, body).ok();
            assert_eq!(came.json(), json!({ "input_tokens": 41 }));
            heard.join().unwrap()
        })
    };
    let (head, body) = count(asked);
    assert!(head.to_ascii_lowercase().contains("anthropic-beta: one-2026-01-01,two"), "{head}");
    assert_eq!(body, asked.replace("anthropic/claude-opus-4-8", "claude-opus-4-8"));
    // What is about an answer nobody counts.
    let (_, body) = count(&asked.replace(" }", ", \"max_tokens\":9,\"stream\":false}"));
    assert!(!body.contains("max_tokens") && !body.contains("stream") && body.contains("mcp_servers"), "{body}");
    house.close(&sandbox).ok();
}

#[test]
fn secrets_stay_here_and_come_back_only_where_the_user_wants_it() {
    let secret = ["gh", "p_", &"aB3dE5gH1jK7mN9pQ2rS4tU6vW8xY0zA1bC2"[..36]].concat();
    for (mode, back) in [("off", false), ("text", true)] {
        let (upstream, sandbox) = world();
        sandbox.config(&format!("[serve]\nrestore = \"{mode}\"\n"));
        upstream.always(|call| Answer::text(format!("You said: {}", call.user())));
        let house = House::open(&sandbox, &["--no-auth"]);
        for dialect in DIALECTS {
            for stream in [false, true] {
                let (path, body) = asked(dialect, MODEL, stream);
                let came =
                    house.post(&path, &[], &body.replace("Name a colour.", &format!("my key is {secret} ok"))).ok();
                let text = if stream { streamed(dialect, &came.text()) } else { said(dialect, &came.json()) };
                assert_eq!(text.contains(&secret), back, "{mode} {dialect} {stream}: {text}");
                assert!(text.contains("MSEC_") || back, "{text}");
            }
        }
        for call in upstream.calls() {
            assert!(!call.body.to_string().contains(&secret) && call.user().contains("MSEC_"), "{}", call.body);
        }
        house.close(&sandbox).ok();
        let log = std::fs::read_to_string(sandbox.state_dir().join("serve.log")).unwrap();
        assert!(!log.contains(&secret) && log.lines().count() == 10, "{log}");
    }
}

#[test]
fn who_hangs_up_takes_the_upstream_with_him_and_what_came_is_booked() {
    let (upstream, sandbox) = world();
    let house = House::open(&sandbox, &["--no-auth"]);
    upstream.next(Answer::text("one two three four five").fault(Fault::Stall(2)));
    let (path, body) = asked("chat", MODEL, true);
    let line = house.begin(&path, &[], &body, "one");
    let seen = house.look("GET", "/monster/v1/requests").ok().json();
    assert_eq!(
        (&seen["open"][0]["state"], &seen["open"][0]["route"]),
        (&json!("answering"), &json!(MODEL)),
        "{seen:#}"
    );
    hang_up(&line);
    upstream.wait_for_hang_up(LONG);
    // Silence is left too: nobody writes, so nobody notices but by listening.
    upstream.next(Answer::text("never").slow_head(Duration::from_secs(50)));
    let mut line = house.line();
    write!(line, "POST {path} HTTP/1.1\r\nhost: {}\r\ncontent-length: {}\r\n\r\n{body}", house.address, body.len())
        .unwrap();
    upstream.wait_for_calls(2, LONG);
    hang_up(&line);
    let began = std::time::Instant::now();
    while !house.look("GET", "/monster/v1/requests").json()["open"].as_array().unwrap().is_empty() {
        assert!(began.elapsed() < Duration::from_secs(20), "the call outlives its caller");
        std::thread::sleep(Duration::from_millis(20));
    }
    house.close(&sandbox).ok();
    let rows = sandbox.monster(&["history", "list", "--json"]).done().ok().json();
    let rows = rows["requests"].as_array().unwrap_or_else(|| panic!("{rows:#}"));
    assert_eq!(rows.iter().map(|row| &row["outcome"]).collect::<Vec<_>>(), ["cancelled"; 2], "{rows:#?}");
    // The newest first: of the one that said something, what it said is paid for.
    let booked: Vec<Option<u64>> = rows.iter().map(|row| row["attempts"][0]["usage"]["output"].as_u64()).collect();
    assert!(booked[1].is_some_and(|output| output > 0) && booked[0].unwrap_or_default() == 0, "{rows:#?}");
}

#[test]
fn an_answer_that_breaks_off_says_so_inside() {
    let (upstream, sandbox) = world();
    let house = House::open(&sandbox, &["--no-auth"]);
    for dialect in DIALECTS {
        upstream.next(Answer::text("one two three four five six seven").fault(Fault::Drop(2)));
        let (path, body) = asked(dialect, MODEL, true);
        let came = house.post(&path, &[], &body).ok();
        let text = came.text();
        assert!(streamed(dialect, &text).starts_with("one"), "{dialect}: {text}");
        assert!(text.contains("error") || text.contains("\"response.failed\""), "{dialect}: {text}");
        // Clients count the events of Responses, and the last one goes on where the upstream's ended.
        let numbers = text.split("\"sequence_number\":").skip(1).map(|rest| {
            rest.trim_start().split(|c: char| !c.is_ascii_digit()).next().unwrap().parse::<usize>().unwrap()
        });
        let numbers: Vec<usize> = numbers.collect();
        assert_eq!(numbers, (0..numbers.len()).collect::<Vec<_>>(), "{text}");
        assert_eq!(numbers.is_empty(), dialect != "responses", "{text}");
    }
    house.close(&sandbox).ok();
}

#[test]
fn who_is_asked_to_end_lets_open_answers_come_to_theirs() {
    let (upstream, sandbox) = world();
    let house = House::open(&sandbox, &["--no-auth"]);
    upstream.next(Answer::text("one two three four").slow_head(Duration::from_secs(2)));
    let (path, body) = asked("anthropic", MODEL, true);
    let mut line = house.line();
    write!(line, "POST {path} HTTP/1.1\r\nhost: {}\r\ncontent-length: {}\r\n\r\n{body}", house.address, body.len())
        .unwrap();
    upstream.wait_for_calls(1, LONG);
    let address = house.address.clone();
    house.running.signal("TERM");
    let came = read(&mut BufReader::new(line)).unwrap().ok();
    assert_eq!(streamed("anthropic", &came.text()), "one two three four");
    let done = house.running.done(&sandbox);
    assert!(done.ok().stderr.contains("stopping: 1 open answer has 30 s"), "{}", done.all());
    assert!(std::net::TcpStream::connect(&address).is_err(), "nobody is let in any more");
    assert!(!sandbox.state_dir().join("serve.sock").exists(), "its socket is taken away");
}

#[test]
fn a_second_one_at_the_same_address_says_who_holds_it() {
    let (_upstream, sandbox) = world();
    let house = House::open(&sandbox, &["--no-auth"]);
    let second = sandbox.monster(&["serve", "--no-auth", "--listen", &house.address]).done();
    let told = &second.exits(1).stderr;
    assert!(told.contains(&format!("is taken by another monster serve (process {})", house.running.id())), "{told}");
    house.close(&sandbox).ok();
    // A socket that nobody listens at any more is no obstacle; a file is.
    let path = sandbox.home().join("s.sock");
    drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
    let listen = format!("unix:{}", path.display());
    let house = House::open(&sandbox, &["--no-auth", "--listen", &listen]);
    use std::os::unix::fs::PermissionsExt;
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    house.close(&sandbox).ok();
    std::fs::write(&path, "mine").unwrap();
    let refused = sandbox.monster(&["serve", "--listen", &listen]).done();
    assert!(refused.exits(1).stderr.contains("a file lies there that is no socket"), "{}", refused.all());
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "mine");
}

#[cfg(target_os = "linux")]
#[test]
fn a_name_without_a_file_is_a_door_for_its_own_user_and_no_key_is_asked_for() {
    use std::io::{Read as _, Write as _};
    use std::os::linux::net::SocketAddrExt as _;
    use std::os::unix::net::{SocketAddr, UnixStream};
    let (upstream, sandbox) = world();
    upstream.model("gpt-4.1-mini", |_| Answer::text("through the pipe"));
    let name = format!("monster-test-{}-{}", std::process::id(), sandbox.home().display().to_string().len());
    let listen = format!("pipe:{name}");
    let house = House::open(&sandbox, &["--listen", "127.0.0.1:0", "--listen", &listen]);
    let (path, body) = asked("chat", MODEL, false);
    let address = SocketAddr::from_abstract_name(&name).unwrap();
    let mut line = UnixStream::connect_addr(&address).unwrap();
    line.set_read_timeout(Some(LONG)).unwrap();
    let head =
        format!("POST {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", body.len());
    line.write_all((head + &body).as_bytes()).unwrap();
    let mut said = String::new();
    line.read_to_string(&mut said).unwrap();
    assert!(said.starts_with("HTTP/1.1 200") && said.contains("through the pipe"), "{said}");
    // Over TCP the same request wants a key.
    assert_eq!(house.post(&path, &[], &body).status, 401);
    let second = sandbox.monster(&["serve", "--listen", &listen]).done();
    let told = &second.exits(1).stderr;
    assert!(
        told.contains(&format!("{listen} is taken by another monster serve (process {})", house.running.id())),
        "{told}"
    );
    house.close(&sandbox).ok();
}

#[test]
fn settings_that_change_hold_for_the_next_request_and_an_open_one_goes_on() {
    let (upstream, sandbox) = world();
    sandbox.config("[roles]\nfast = [\"openai/gpt-4.1-mini\"]\n");
    let house = House::open(&sandbox, &["--no-auth"]);
    upstream.model("gpt-4.1-mini", |_| Answer::text("one two three four").fault(Fault::Stall(2)));
    upstream.model("claude-haiku-4-5", |_| Answer::text("another"));
    let (path, body) = asked("chat", "monster/fast", true);
    let open = house.begin(&path, &[], &body, "one");
    sandbox.config("[roles]\nfast = [\"anthropic/claude-haiku-4-5\"]\n");
    house.running.signal("HUP");
    let began = std::time::Instant::now();
    loop {
        let (path, body) = asked("chat", "monster/fast", false);
        upstream.model("gpt-4.1-mini", |_| Answer::text("old"));
        let came = house.post(&path, &[], &body).ok();
        if came.header("x-monster-route") == Some("anthropic/claude-haiku-4-5") {
            break;
        }
        assert!(began.elapsed() < LONG, "it was never read anew");
        std::thread::sleep(Duration::from_millis(50));
    }
    let seen = house.look("GET", "/monster/v1/requests").json();
    assert_eq!(seen["open"][0]["route"], MODEL, "the open one is where it was: {seen:#}");
    hang_up(&open);
    upstream.wait_for_hang_up(LONG);
    // What cannot be read leaves everything as it was.
    sandbox.config("[roles\n");
    house.running.signal("HUP");
    std::thread::sleep(Duration::from_millis(300));
    let (path, body) = asked("chat", "monster/fast", false);
    assert_eq!(house.post(&path, &[], &body).ok().header("x-monster-route"), Some("anthropic/claude-haiku-4-5"));
    let done = house.close(&sandbox);
    assert!(done.ok().stderr.contains("stay as they were"), "{}", done.all());
}

#[test]
fn killed_in_the_middle_the_ledger_has_its_row_and_the_next_one_starts() {
    let (upstream, sandbox) = world();
    let house = House::open(&sandbox, &["--no-auth"]);
    upstream.next(Answer::text("one two three four five").fault(Fault::Stall(2)));
    let (path, body) = asked("responses", MODEL, true);
    let _line = house.begin(&path, &[], &body, "one");
    house.running.signal("KILL");
    let _ = house.running.done(&sandbox);
    upstream.next(Answer::text("again"));
    let house = House::open(&sandbox, &["--no-auth"]);
    let (path, body) = asked("responses", MODEL, false);
    assert_eq!(said("responses", &house.post(&path, &[], &body).ok().json()), "again");
    house.close(&sandbox).ok();
    let rows = sandbox.monster(&["history", "list", "--json"]).done().ok().json();
    assert_eq!(rows["requests"].as_array().unwrap().len(), 2, "{rows:#}");
    assert!(rows.to_string().contains("interrupted"), "{rows:#}");
}

#[test]
fn whoever_ends_it_in_a_hurry_finds_in_the_ledger_how_every_answer_ended() {
    let (upstream, sandbox) = world();
    let house = House::open(&sandbox, &["--no-auth"]);
    upstream.always(|_| Answer::text("one two three four five").fault(Fault::Stall(2)));
    let (path, body) = asked("chat", MODEL, true);
    // On every thread that carries some.
    let open: Vec<_> = (0..8).map(|_| house.begin(&path, &[], &body, "one")).collect();
    house.running.signal("INT");
    std::thread::sleep(Duration::from_millis(200));
    house.running.signal("INT");
    house.running.done(&sandbox).ok();
    drop(open);
    let rows = sandbox.monster(&["history", "list", "--json"]).done().ok().json();
    let rows = rows["requests"].as_array().unwrap();
    assert_eq!(rows.len(), 8, "{rows:#?}");
    assert!(rows.iter().all(|row| row["outcome"] == "cancelled"), "{rows:#?}");
}

#[test]
fn addresses_beyond_this_machine_need_a_certificate() {
    let sandbox = Sandbox::new();
    let refused = sandbox.monster(&["serve", "--listen", "0.0.0.0:0"]).done();
    assert!(refused.exits(2).stderr.contains("can be reached from other machines"), "{}", refused.all());
    let wrong = sandbox.monster(&["serve", "--listen", "here"]).done();
    assert!(wrong.exits(2).stderr.contains("\"here\" is no address such as"), "{}", wrong.all());
}

#[test]
fn bad_http_gets_an_answer_or_the_door_and_the_house_stands() {
    let (upstream, sandbox) = world();
    sandbox.config("[serve]\nbody = 1\nconnections = 64\n");
    let house = House::open(&sandbox, &["--no-auth"]);
    for bytes in [
        "GET / HTTP/9.9\r\n\r\n",
        "\r\n\r\n\r\n",
        "POST /v1/messages HTTP/1.1\r\nhost: a\r\ncontent-length: -1\r\n\r\n",
        "POST /v1/messages HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nnonsense that is no frame",
        "\u{16}\u{3}\u{1}\u{2}",
    ] {
        let mut line = house.line();
        line.write_all(bytes.as_bytes()).unwrap();
        let _ = line.shutdown(std::net::Shutdown::Write);
        let mut rest = Vec::new();
        let _ = line.read_to_end(&mut rest);
    }
    let large = "x".repeat((1 << 20) + 1);
    let came = house.post("/v1/messages", &[], &large);
    assert_eq!(came.status, 413, "{}", came.text());
    assert_eq!(came.json()["type"], "error", "in the caller's dialect");
    assert_eq!(came.json()["error"]["type"], "request_too_large");
    let many: String = (0..200).map(|n| format!("x-{n}: y\r\n")).collect();
    let mut line = house.line();
    write!(line, "GET /healthz HTTP/1.1\r\nhost: a\r\n{many}\r\n").unwrap();
    assert!(read(&mut BufReader::new(line)).is_none_or(|came| came.status == 431));
    // Half a hundred who say nothing hold nobody up.
    let silent: Vec<_> = (0..50).map(|_| house.line()).collect();
    upstream.next(Answer::text("still here"));
    let (path, body) = asked("chat", MODEL, false);
    assert_eq!(said("chat", &house.post(&path, &[], &body).ok().json()), "still here");
    drop(silent);
    house.close(&sandbox).ok();
}

#[test]
fn a_dialectic_is_a_model_like_others() {
    let (upstream, sandbox) = world();
    upstream.always(|call| match call.schema() {
        Some(_) => Answer::json(&json!({ "agreed": [], "disagreed": [{ "claim": "the colour", "a": "Red", "b": "Blue",
            "settle": "it depends" }], "single": [], "answer": "Either will do.", "confidence": "low", "reason": "" })),
        // Whoever is asked first is A, whichever letter the reconciler sees.
        None => Answer::text(if call.provider == "openai" { "Red" } else { "Blue" }),
    });
    let house = House::open(&sandbox, &["--no-auth"]);
    for dialect in DIALECTS {
        for stream in [false, true] {
            let (path, body) = asked(dialect, "monster/dialectic", stream);
            let came = house.post(&path, &[], &body).ok();
            let text = if stream { streamed(dialect, &came.text()) } else { said(dialect, &came.json()) };
            assert!(text.contains("A is ") && text.contains("B is "), "{dialect} {stream}: {text}");
        }
    }
    let tools = json!({ "model": "monster/dialectic", "messages": [{ "role": "user", "content": "hi" }],
        "tools": [{ "type": "function", "function": { "name": "f", "parameters": { "type": "object", "properties": {} } } }] });
    let came = house.post("/v1/chat/completions", &[], &tools.to_string());
    assert!(came.status == 400 && came.text().contains("takes no tools"), "{}", came.text());
    house.close(&sandbox).ok();
}

#[test]
fn over_tcp_a_key_is_needed_however_a_client_sends_it() {
    let (upstream, sandbox) = world();
    upstream.always(|_| Answer::text("Come in."));
    let house = House::open(&sandbox, &[]);
    let (path, body) = asked("anthropic", MODEL, false);
    let refused = house.post(&path, &[], &body);
    assert_eq!((refused.status, &refused.json()["error"]["type"]), (401, &json!("authentication_error")));
    assert_eq!(upstream.calls().len(), 0);
    let made = sandbox.monster(&["serve", "key", "add", "editor", "--models", "*mini*", "--per-minute", "8"]).done();
    let key = made.ok().raw.trim().to_owned();
    std::thread::sleep(Duration::from_millis(300));
    let bearer = format!("Bearer {key}");
    for header in [("authorization", bearer.as_str()), ("x-api-key", &key), ("x-goog-api-key", &key), ("api-key", &key)]
    {
        assert_eq!(house.post(&path, &[header], &body).status, 200, "{}", header.0);
    }
    let (gemini, asks) = asked("gemini", MODEL, false);
    assert_eq!(house.post(&format!("{gemini}?key={key}"), &[], &asks).status, 200);
    assert_eq!(house.post(&path, &[("x-api-key", &format!("{key}x"))], &body).status, 401);
    // What the key may not ask for, and how often.
    let (path, other) = asked("chat", "anthropic/claude-sonnet-4-5", false);
    let refused = house.post(&path, &[("authorization", &bearer)], &other);
    assert!(refused.status == 403 && refused.text().contains("may not use this model"), "{}", refused.text());
    let (path, body) = asked("chat", MODEL, false);
    let last: Vec<u16> = (0..4).map(|_| house.post(&path, &[("authorization", &bearer)], &body).status).collect();
    assert_eq!(last, [200, 200, 429, 429]);
    // Who it was stands in the ledger; the key stands nowhere.
    sandbox.monster(&["serve", "key", "remove", "editor"]).done().ok();
    house.close(&sandbox).ok();
    let rows = sandbox.monster(&["history", "list", "--json", "--limit", "50"]).done().ok().json();
    assert_eq!(rows.to_string().matches("\"caller\":\"serve/editor\"").count(), 7, "{rows:#}");
    for entry in std::fs::read_dir(sandbox.state_dir()).unwrap().flatten() {
        let bytes = std::fs::read(entry.path()).unwrap_or_default();
        assert!(!bytes.windows(key.len()).any(|w| w == key.as_bytes()), "{}", entry.path().display());
    }
}

#[test]
fn pages_of_others_and_names_of_others_are_refused() {
    let (upstream, sandbox) = world();
    upstream.always(|_| Answer::text("Come in."));
    sandbox.config("[serve]\nhosts = [\"models.example\"]\n");
    let house = House::open(&sandbox, &["--no-auth"]);
    let (path, body) = asked("chat", MODEL, false);
    let own = format!("http://{}", house.address);
    for (headers, status) in [
        (vec![("host", "evil.example")], 403),
        (vec![("host", "models.example")], 200),
        (vec![("host", "localhost:7766")], 200),
        (vec![("origin", "https://evil.example")], 403),
        (vec![("origin", "null")], 403),
        (vec![("origin", own.as_str())], 200),
    ] {
        assert_eq!(house.post(&path, &headers, &body).status, status, "{headers:?}");
    }
    // A browser asks before it sends a key, and lets the page read what it may.
    let asks = house.send("OPTIONS", &path, &[("origin", &own), ("access-control-request-method", "POST")], "");
    assert_eq!((asks.status, asks.header("access-control-allow-origin")), (204, Some(own.as_str())));
    let read = house.post(&path, &[("origin", &own)], &body).ok();
    assert_eq!(read.header("access-control-allow-origin"), Some(own.as_str()));
    let foreign = house.send("OPTIONS", &path, &[("origin", "https://evil.example")], "");
    assert_eq!((foreign.status, foreign.header("access-control-allow-origin")), (405, None));
    let status = sandbox.monster(&["serve", "status"]).done();
    let running = format!("running: process {}, at ", house.running.id());
    assert!(status.ok().raw.contains(&running) && status.raw.contains(&house.address), "{}", status.all());
    let metrics = house.look("GET", "/metrics").ok().text();
    assert!(metrics.contains("monster_refused_total{why=\"host\"} 3"), "{metrics}");
    assert!(metrics.contains("monster_requests_total{dialect=\"openai-chat\",outcome=\"done\"} 4"), "{metrics}");
    house.close(&sandbox).ok();
}

#[test]
fn what_another_dialect_cannot_carry_is_told_and_what_goes_on_as_it_came_loses_nothing() {
    let (upstream, sandbox) = world();
    upstream.always(|_| Answer::text("Red."));
    let house = House::open(&sandbox, &["--no-auth"]);
    let body = |model: &str| {
        json!({ "model": model, "max_tokens": 9, "messages": [{ "role": "user", "content": "hi" }],
            "tools": [{ "name": "f", "defer_loading": true, "input_schema": { "type": "object", "properties": {} } }] })
        .to_string()
    };
    let told = house.post("/v1/messages", &[], &body(MODEL)).ok();
    assert!(
        told.header("x-monster-note").is_some_and(|note| note.contains("tools.defer_loading")),
        "{:?}",
        told.headers
    );
    upstream.may_refuse();
    let told = house.post("/v1/messages", &[], &body("anthropic/claude-sonnet-4-5"));
    assert_eq!(told.header("x-monster-note"), None, "{}", told.text());
    // What cannot be said in another dialect, nobody was asked for.
    let before = upstream.calls().len();
    let wrong = json!({ "model": "anthropic/claude-sonnet-4-5", "temperature": "hot",
        "messages": [{ "role": "user", "content": "hi" }] });
    let told = house.post("/v1/chat/completions", &[], &wrong.to_string());
    assert_eq!((told.status, told.header("x-monster-note")), (400, None), "{}", told.text());
    assert!(told.text().contains("temperature: a number is wanted"), "{}", told.text());
    assert_eq!(upstream.calls().len(), before);
    house.close(&sandbox).ok();
}

#[test]
fn a_whole_answer_where_a_stream_was_announced_is_streamed_to_who_speaks_the_same_dialect() {
    let (echo, base) = Echo::new();
    let mut sandbox = Sandbox::new();
    sandbox.live();
    for (key, place) in [("OPENAI_API_KEY", "OPENAI_BASE_URL"), ("ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL")] {
        sandbox.set(key, &crate::key::key(if key.starts_with('O') { "openai" } else { "anthropic" })).set(place, &base);
    }
    sandbox.set("GEMINI_API_KEY", &crate::key::key("gemini")).set("GOOGLE_GEMINI_BASE_URL", &base);
    let house = House::open(&sandbox, &["--no-auth"]);
    let usage = json!({ "input_tokens": 3, "output_tokens": 2 });
    let part = json!({ "type": "output_text", "text": "Red.", "annotations": [] });
    let item = json!({ "id": "m1", "type": "message", "role": "assistant", "status": "completed", "content": [part] });
    for (dialect, model, answer) in [
        (
            "chat",
            MODEL,
            json!({ "id": "c1", "model": "m", "choices": [{ "index": 0, "finish_reason": "stop",
            "message": { "role": "assistant", "content": "Red." } }] }),
        ),
        ("responses", MODEL, json!({ "id": "r1", "model": "m", "status": "completed", "output": [item] })),
        (
            "anthropic",
            "anthropic/claude-sonnet-4-5",
            json!({ "id": "a1", "type": "message", "role": "assistant",
            "model": "m", "content": [{ "type": "text", "text": "Red." }], "stop_reason": "end_turn", "usage": usage }),
        ),
        (
            "gemini",
            "gemini/gemini-2.5-flash",
            json!({ "candidates": [{ "index": 0, "finishReason": "STOP",
            "content": { "role": "model", "parts": [{ "text": "Red." }] } }] }),
        ),
    ] {
        let (path, body) = asked(dialect, model, true);
        let came = std::thread::scope(|scope| {
            let heard = scope.spawn(|| echo.once("text/event-stream", &answer.to_string()));
            let came = house.post(&path, &[], &body).ok();
            heard.join().unwrap();
            came
        });
        assert_eq!(streamed(dialect, &came.text()), "Red.", "{dialect}: {}", came.text());
    }
    house.close(&sandbox).ok();
}

#[test]
fn a_prompt_that_gemini_blocks_is_told_as_gemini_tells_it() {
    let (echo, base) = Echo::new();
    let mut sandbox = Sandbox::new();
    sandbox.live().set("GEMINI_API_KEY", &crate::key::key("gemini")).set("GOOGLE_GEMINI_BASE_URL", &base);
    let house = House::open(&sandbox, &["--no-auth"]);
    let blocked = json!({ "promptFeedback": { "blockReason": "BLOCKLIST" } });
    for (stream, dialect) in [(false, "gemini"), (true, "gemini"), (false, "chat"), (true, "chat")] {
        let (path, body) = asked(dialect, "gemini/gemini-2.5-flash", stream);
        let kind = if stream { "text/event-stream" } else { "application/json" };
        let answer = if stream { format!("data: {blocked}\r\n\r\n") } else { blocked.to_string() };
        let came = std::thread::scope(|scope| {
            let heard = scope.spawn(|| echo.once(kind, &answer));
            let came = house.post(&path, &[], &body);
            heard.join().unwrap();
            came
        });
        let text = came.text();
        match (dialect, stream) {
            ("gemini", false) => assert_eq!((came.status, came.json()), (200, blocked.clone()), "{text}"),
            ("gemini", true) => {
                let frames: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("data: ")).collect();
                assert!(came.status == 200 && frames.contains(&&*blocked.to_string()), "{text}");
            }
            _ => assert!(came.status == 400 && text.contains("content_filter") && text.contains("BLOCKLIST"), "{text}"),
        }
    }
    house.close(&sandbox).ok();
}
