//! Stories about dialects: what providers send, as their documents in `docs/protocols` write it down, and what is
//! sent to them.

mod anthropic;
mod asked;
mod exact;
mod failures;
mod files;
mod fold;
mod framing;
mod gemini;
mod hostile;
mod losses;
mod matrix;
mod members;
mod ollama;
mod openai_chat;
mod openai_responses;
mod opening;
mod pairs;
mod refusals;
mod replies;
mod requests;
mod spelled;
mod strict;
mod think;
mod ties;
mod usage;
mod wanted;
mod xai_grpc;
mod xai_surface;
mod xai_told;

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{Adapted, Fold, Thinking, surface, wire};
use crate::model::{
    Block, BlockKind, Dialect, Effort, Event, Failure, Kind, Message, Purpose, Request, Role, Sampling, Schema, Tag,
    ToolChoice, ToolSpec, Usage,
};

/// The dialects whose requests and answers are JSON.
fn json_dialects() -> impl Iterator<Item = Dialect> {
    Dialect::ALL.into_iter().filter(|dialect| !dialect.is_grpc())
}

/// Events until the end or the failure.
struct Told {
    events: Vec<Event>,
    failure: Option<Failure>,
}

impl Told {
    fn fold(&self) -> Fold {
        let mut fold = Fold::default();
        self.events.iter().for_each(|e| fold.push(e));
        fold
    }

    fn kind(&self) -> Option<Kind> {
        self.failure.as_ref().map(|f| f.kind)
    }

    fn opening(&self) -> Option<(String, String)> {
        self.events.iter().find_map(|e| match e {
            Event::Start { id, model } => Some((id.clone(), model.clone())),
            _ => None,
        })
    }
}

/// Reads a stream that arrives in pieces of these sizes, over and over.
fn pieces(dialect: Dialect, bytes: &[u8], sizes: &[usize]) -> Told {
    let mut reader = wire(dialect).reader();
    let (mut events, mut rest, mut sizes) = (Vec::new(), bytes, sizes.iter().cycle());
    let mut failure = None;
    while !rest.is_empty() && failure.is_none() {
        let (piece, after) = rest.split_at((*sizes.next().unwrap()).clamp(1, rest.len()));
        failure = reader.feed(piece, &mut events).err();
        rest = after;
    }
    let failure = failure.or_else(|| reader.end(&mut events).err());
    Told { events: named(events), failure }
}

fn streamed(dialect: Dialect, text: &str) -> Told {
    pieces(dialect, text.as_bytes(), &[usize::MAX])
}

fn plain(dialect: Dialect, body: &Value) -> Told {
    match wire(dialect).read_reply(body.to_string().as_bytes()) {
        Ok(events) => Told { events: named(events), failure: None },
        Err(failure) => Told { events: Vec::new(), failure: Some(failure) },
    }
}

/// Ids that we made up are the same in every run, so that runs compare.
fn named(mut events: Vec<Event>) -> Vec<Event> {
    for event in &mut events {
        if let Event::BlockStart { index, kind: BlockKind::ToolCall { id, .. } } = event
            && id.starts_with("call_")
            && id.len() == 21
        {
            *id = format!("made-up-{index}");
        }
    }
    events
}

/// Unnamed events of a stream.
fn sse(values: &[Value]) -> String {
    values.iter().map(|v| format!("data: {v}\n\n")).collect()
}

/// Events named after the `type` inside.
fn typed_sse(values: &[Value]) -> String {
    values.iter().map(|v| format!("event: {}\ndata: {v}\n\n", v["type"].as_str().unwrap())).collect()
}

/// Brackets and numbers hold whatever the provider sent.
fn assert_well_formed(told: &Told) {
    let (mut open, mut next) = (BTreeSet::new(), 0);
    for event in &told.events {
        match event {
            Event::BlockStart { index, .. } => {
                assert_eq!(*index, next, "blocks are numbered in order: {:?}", told.events);
                next += 1;
                open.insert(*index);
            }
            Event::BlockEnd { index } => assert!(open.remove(index), "{index} was not open: {:?}", told.events),
            Event::Text { index, .. }
            | Event::Thought { index, .. }
            | Event::ToolInput { index, .. }
            | Event::Sealed { index, .. } => assert!(open.contains(index), "{index} is not open: {:?}", told.events),
            _ => {}
        }
    }
    let many = |f: fn(&Event) -> bool| told.events.iter().filter(|e| f(e)).count();
    assert!(many(|e| matches!(e, Event::Start { .. })) <= 1);
    assert!(many(|e| matches!(e, Event::Finish(_))) <= 1);
    if told.failure.is_none() {
        assert!(open.is_empty(), "left open: {:?}", told.events);
    }
}

/// A stream and a plain answer that say the same.
fn assert_same(stream: &Told, plain: &Told) {
    for told in [stream, plain] {
        assert_eq!(told.failure, None);
        assert_well_formed(told);
    }
    let (a, b) = (stream.fold(), plain.fold());
    assert_eq!(a.message(None), b.message(None));
    assert_eq!((a.text(), a.usage, a.charged, a.finish), (b.text(), b.usage, b.charged, b.finish));
    assert_eq!(stream.opening(), plain.opening());
}

/// Wherever a stream is cut it ends as truncated, or, when all that matters had come, as the whole one.
fn assert_cut_anywhere_is_truncated(dialect: Dialect, stream: &str) {
    let whole = streamed(dialect, stream);
    assert_eq!(whole.failure, None);
    let mut truncated = 0;
    for at in 0..stream.len() {
        let told = pieces(dialect, &stream.as_bytes()[..at], &[usize::MAX]);
        assert_well_formed(&told);
        match told.kind() {
            Some(kind) => {
                assert_eq!(kind, Kind::Truncated, "cut at {at}: {:?}", told.failure);
                truncated += 1;
            }
            None => {
                let (a, b) = (told.fold(), whole.fold());
                assert_eq!((a.message(None), a.finish), (b.message(None), b.finish), "cut at {at}");
            }
        }
    }
    assert!(truncated > stream.len() / 2);
}

/// A usage in one line: input, cache read, cache written short and long, output, reasoning.
fn used(parts: [u64; 5], reasoning: Option<u64>) -> Option<Usage> {
    let [input, cache_read, cache_write_short, cache_write_long, output] = parts;
    Some(Usage { input, cache_read, cache_write_short, cache_write_long, output, reasoning })
}

/// Two and two, asked of a model in the test.
fn asked() -> Request {
    Request { system: "Be short.".into(), ..Request::text("m", Purpose::Ask, "2+2?") }
}

fn written(dialect: Dialect, request: &Request, adapted: &Adapted, stream: bool) -> Value {
    let written = wire(dialect).write_request("m", request, adapted, stream).unwrap();
    serde_json::from_slice(&written.body).unwrap()
}

fn body(dialect: Dialect, request: &Request) -> Value {
    written(dialect, request, &Adapted::default(), false)
}

fn thinking(dialect: Dialect, thinking: Thinking) -> Value {
    written(dialect, &asked(), &Adapted { thinking, ..Adapted::default() }, false)
}

fn with_schema() -> Request {
    let schema = json!({ "type": "object", "properties": { "n": { "type": "integer" } }, "required": ["n"], "additionalProperties": false });
    Request { schema: Some(Schema::new("sum", schema)), ..asked() }
}

fn with_tools(tool_choice: ToolChoice) -> Request {
    let parameters = json!({ "type": "object", "properties": { "a": { "type": "integer" } } });
    let tool = ToolSpec::new("add", "Adds.", parameters);
    Request { tools: vec![tool], tool_choice, ..asked() }
}

fn warm() -> (Request, Adapted) {
    let sampling = Sampling { temperature: Some(1.5), top_p: Some(0.5), ..Sampling::default() };
    (Request { sampling, ..asked() }, Adapted { sampling: true, ..Adapted::default() })
}

fn said(role: Role, blocks: Vec<Block>) -> Message {
    Message::new(role, blocks)
}

fn tag(account: &str) -> Option<Tag> {
    Some(Tag { upstream: "p".into(), model: "m".into(), account: account.into() })
}

fn call(id: &str, input: &str) -> Block {
    Block::call(id, "add", input)
}

fn result(id: &str, content: &str, is_error: bool) -> Block {
    Block::result(id, "add", content, is_error)
}

fn thought(text: &str, seal: Option<&str>, tag: Option<Tag>) -> Block {
    Block::Thought { text: text.into(), seal: seal.map(str::to_owned), tag }
}

/// Two calls, their results in two turns, and a word from the user.
fn after_calls() -> Request {
    let messages = vec![
        Message::user("2+2?"),
        said(Role::Assistant, vec![Block::Text("Let me see.".into()), call("c1", "{\"a\":2}"), call("c2", "not json")]),
        said(Role::User, vec![Block::Text("Go on.".into()), result("c1", "4", false)]),
        said(Role::User, vec![result("c2", "no such number", true)]),
    ];
    Request { messages, ..with_tools(ToolChoice::Auto) }
}

fn with_files() -> Request {
    let image = Block::image("image/png", "AAAA");
    let document = Block::document("application/pdf", "BBBB", Some("a.pdf".into()));
    Request { messages: vec![said(Role::User, vec![Block::Text("See:".into()), image, document])], ..asked() }
}

#[test]
fn every_dialect_has_its_own_codec() {
    for dialect in Dialect::ALL {
        assert_eq!(wire(dialect).dialect(), dialect);
        assert_eq!(Dialect::parse(dialect.name()), Some(dialect));
    }
}

#[test]
fn a_schema_that_cannot_be_sent_natively_is_stated_in_words_after_the_system_text() {
    for dialect in json_dialects() {
        let text = body(dialect, &with_schema()).to_string();
        let (system, schema) = (text.find("Be short.").unwrap(), text.find("JSON Schema:").unwrap());
        assert!(system < schema, "{text}");
        assert!(text.contains(r#"\"integer\""#), "{text}");
        let native = written(dialect, &with_schema(), &Adapted { structured: true, ..Adapted::default() }, false);
        assert!(!native.to_string().contains("JSON Schema:"), "{native}");
        assert!(native.to_string().contains(r#""integer""#), "{native}");
    }
}

#[test]
fn sampling_is_sent_only_where_the_model_takes_it() {
    let (request, takes) = warm();
    for dialect in json_dialects() {
        let (with, without) =
            (written(dialect, &request, &takes, false).to_string(), body(dialect, &request).to_string());
        assert!(with.contains("temperature") && (with.contains("top_p") || with.contains("topP")), "{with}");
        assert!(!without.contains("temperature") && !without.contains("top_p") && !without.contains("topP"));
    }
}

#[test]
fn a_thought_from_another_account_is_never_sent_back() {
    // reasoning.md, "Enforcement rules", 5.
    for dialect in json_dialects() {
        let own = thought("mine", Some("id\nown-seal"), tag("a"));
        let foreign = thought("theirs", Some("id\nforeign-seal"), tag("b"));
        let unknown = thought("whose", Some("id\nnameless-seal"), None);
        let answer = said(Role::Assistant, vec![own, foreign, unknown, Block::Text("4".into())]);
        let request = Request { messages: vec![Message::user("2+2?"), answer, Message::user("sure?")], ..asked() };
        let adapted = Adapted { tag: tag("a"), ..Adapted::default() };
        let text = written(dialect, &request, &adapted, false).to_string();
        assert!(!text.contains("foreign-seal") && !text.contains("nameless-seal"), "{text}");
        assert!(!text.contains("theirs") && !text.contains("whose"), "{text}");
        let seals = !matches!(dialect, Dialect::OpenAiChat | Dialect::Ollama);
        assert_eq!(text.contains("own-seal"), seals, "{text}");
    }
}

#[test]
fn what_is_no_json_is_described_and_never_quoted() {
    for (bytes, what) in [
        ("<html>a word of the prompt", "26 bytes, it begins like a web page"),
        ("a word of the prompt", "20 bytes, it begins like text"),
        ("{\"text\": \"a word of the prompt", "30 bytes, it begins like JSON"),
    ] {
        for dialect in Dialect::ALL {
            let told = wire(dialect).read_reply(bytes.as_bytes()).unwrap_err().message;
            assert!(told.ends_with(what), "{told}");
            assert!(!told.contains("word"), "{told}");
        }
    }
}

#[test]
fn of_what_an_upstream_states_inside_an_answer_a_line_of_300_characters_is_kept() {
    let long = "much\nto say ".repeat(400);
    let stated = json!({ "error": { "code": 503, "message": long } });
    let behind = json!({ "error": { "message": "Provider returned error",
        "metadata": { "provider_name": "House", "raw": long } } });
    for value in [&stated, &behind] {
        let told = wire(Dialect::OpenAiChat).read_reply(value.to_string().as_bytes()).unwrap_err().message;
        assert_eq!(told.chars().count(), 301, "{told}");
        assert!(told.ends_with('…') && !told.contains('\n'), "{told}");
    }
    let refused = wire(Dialect::OpenAiChat).read_error(behind.to_string().as_bytes()).message;
    assert!(refused.chars().count() < 350, "what a router passes on is short in itself: {refused}");
}

#[test]
fn an_error_means_the_same_whichever_door_passes_it_on() {
    // Google's details behind the OpenAI door (gemini.md, "Errors" and "OpenAI-compatible door").
    let google = json!([{ "error": { "code": 429, "message": "slow", "status": "RESOURCE_EXHAUSTED", "details": [
        { "@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "RATE_LIMIT_EXCEEDED" },
        { "@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [{ "quotaId": "RequestsPerDay-FreeTier" }] },
        { "@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "7.5s" }] } }]);
    for dialect in Dialect::ALL {
        let error = wire(dialect).read_error(google.to_string().as_bytes());
        assert_eq!((error.code.as_str(), error.class.as_str()), ("RequestsPerDay-FreeTier", "RESOURCE_EXHAUSTED"));
        assert_eq!(error.retry_after, Some(std::time::Duration::from_millis(7_500)));
        // openai-compatible.md: Mistral's two shapes, Hugging Face's loading model (rate-limits.md).
        let mistral = json!({ "detail": [{ "loc": ["body"], "msg": "field required" }] });
        assert_eq!(wire(dialect).read_error(mistral.to_string().as_bytes()).message, "field required");
        let loading = json!({ "error": "Model is loading", "estimated_time": 20.0 });
        let error = wire(dialect).read_error(loading.to_string().as_bytes());
        assert_eq!(error.message, "Model is loading");
        assert_eq!(error.retry_after, Some(std::time::Duration::from_secs(20)));
        assert_eq!(wire(dialect).read_error(b"<html>").message, "");
    }
}

#[test]
fn a_stated_wait_that_is_no_time_is_ignored() {
    for delay in ["-1s", "NaNs", "1e300s", "infs", "2678401s", "soon", "", "5"] {
        let info = json!({ "@type": "x/google.rpc.RetryInfo", "retryDelay": delay });
        let body = json!({ "error": { "code": 429, "status": "RESOURCE_EXHAUSTED", "details": [info] } });
        assert_eq!(wire(Dialect::Gemini).read_error(body.to_string().as_bytes()).retry_after, None, "{delay}");
    }
}
