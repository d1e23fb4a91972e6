//! Gemini generateContent (gemini.md).

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::model::{FinishReason, Scope};

const GEMINI: Dialect = Dialect::Gemini;
/// gemini.md, "Thinking": the base64 of `skip_thought_signature_validator`.
const PLACEHOLDER: &str = "c2tpcF90aG91Z2h0X3NpZ25hdHVyZV92YWxpZGF0b3I=";

fn chunk(parts: Value, finish: Option<&str>, usage: Value) -> Value {
    let mut candidate = json!({ "index": 0, "content": { "role": "model", "parts": parts } });
    if let Some(finish) = finish {
        candidate["finishReason"] = json!(finish);
    }
    json!({ "candidates": [candidate], "usageMetadata": usage, "modelVersion": "gemini-x", "responseId": "r1" })
}

fn usage(candidates: u64, thoughts: u64) -> Value {
    json!({ "promptTokenCount": 100, "cachedContentTokenCount": 60, "toolUsePromptTokenCount": 5,
        "candidatesTokenCount": candidates, "thoughtsTokenCount": thoughts, "totalTokenCount": 105 + candidates + thoughts })
}

fn parts() -> [Value; 4] {
    [
        json!({ "text": "two and two", "thought": true }),
        json!({ "text": "Let me see: é." }),
        json!({ "functionCall": { "id": "f1", "name": "add", "args": { "a": 1 } }, "thoughtSignature": "sig==" }),
        json!({ "functionCall": { "name": "add", "args": {} } }),
    ]
}

/// gemini.md, "Streaming": new parts in every chunk, running totals, no end mark.
pub(super) fn recorded() -> String {
    let [_, _, first, second] = parts();
    sse(&[
        chunk(json!([{ "text": "two ", "thought": true }]), None, json!({ "promptTokenCount": 100 })),
        chunk(json!([{ "text": "and two", "thought": true }, { "text": "Let me " }]), None, usage(1, 10)),
        chunk(json!([{ "text": "see: é." }]), None, usage(5, 10)),
        chunk(json!([first, second]), Some("STOP"), usage(20, 10)),
    ])
}

#[test]
fn a_stream_and_a_plain_answer_say_the_same() {
    let stream = streamed(GEMINI, &recorded());
    assert_same(&stream, &plain(GEMINI, &chunk(json!(parts()), Some("STOP"), usage(20, 10))));
    let fold = stream.fold();
    assert_eq!(fold.text(), "Let me see: é.");
    assert_eq!(fold.usage, used([45, 60, 0, 0, 30], Some(10)));
    assert_eq!(fold.finish, Some(FinishReason::ToolCalls), "calls end with STOP here");
    assert_eq!(stream.opening(), Some(("r1".into(), "gemini-x".into())));
}

#[test]
fn of_several_candidates_the_first_is_read() {
    let said = |index: u64, text: &str| {
        let content = json!({ "role": "model", "parts": [{ "text": text }] });
        json!({ "index": index, "content": content, "finishReason": "STOP" })
    };
    let both = json!({ "candidates": [said(1, "zwei"), said(0, "two")] });
    assert_eq!(plain(GEMINI, &both).fold().text(), "two");
    let apart = sse(&[json!({ "candidates": [said(1, "zwei")] }), json!({ "candidates": [said(0, "two")] })]);
    assert_eq!(streamed(GEMINI, &apart).fold().text(), "two");
}

#[test]
fn a_signature_returns_on_the_part_it_came_on_and_only_to_its_own_account() {
    // gemini.md, "Thinking": unchanged, on the same part; for other histories the documented placeholder.
    let answer = streamed(GEMINI, &recorded()).fold().message(tag("a"));
    let request = Request { messages: vec![Message::user("2+2?"), answer], ..asked() };
    let back = |account: &str| {
        let adapted = Adapted { tag: tag(account), ..Adapted::default() };
        written(GEMINI, &request, &adapted, false)["contents"][1]["parts"].clone()
    };
    let [_, text, first, mut second] = parts();
    second["functionCall"]["id"] = json!("made-up-3");
    assert_eq!(back("a"), json!([text, first, second]));
    let mut foreign = first;
    foreign["thoughtSignature"] = json!(PLACEHOLDER);
    assert_eq!(back("b"), json!([text, foreign, second]));
}

#[test]
fn a_signature_on_a_text_part_even_an_empty_one_returns_with_it() {
    for (parts, golden) in [
        (json!([{ "text": "4", "thoughtSignature": "s" }]), json!([{ "text": "4", "thoughtSignature": "s" }])),
        (
            json!([{ "text": "4" }, { "text": "", "thoughtSignature": "s" }]),
            json!([{ "text": "4" }, { "text": "", "thoughtSignature": "s" }]),
        ),
        (
            json!([{ "text": "a" }, { "text": "b", "thoughtSignature": "s" }]),
            json!([{ "text": "a" }, { "text": "b", "thoughtSignature": "s" }]),
        ),
    ] {
        let answer = plain(GEMINI, &chunk(parts, Some("STOP"), json!({}))).fold().message(tag("a"));
        let request = Request { messages: vec![Message::user("2+2?"), answer], ..asked() };
        let adapted = Adapted { tag: tag("a"), ..Adapted::default() };
        assert_eq!(written(GEMINI, &request, &adapted, false)["contents"][1]["parts"], golden);
    }
}

#[test]
fn a_stream_that_breaks_off_anywhere_is_truncated() {
    assert_cut_anywhere_is_truncated(GEMINI, &recorded());
}

#[test]
fn every_reason_to_stop_has_its_word() {
    // gemini.md, "Response"; translation.md, "Stop reasons".
    for (reason, finish) in [
        ("STOP", FinishReason::Stop),
        ("MAX_TOKENS", FinishReason::Length),
        ("CONTINUATION", FinishReason::Pause(None)),
        ("SAFETY", FinishReason::Refused),
        ("PROHIBITED_CONTENT", FinishReason::Refused),
        ("BLOCKLIST", FinishReason::Refused),
        ("SPII", FinishReason::Refused),
        ("RECITATION", FinishReason::Refused),
        ("MODEL_ARMOR", FinishReason::Refused),
        ("LANGUAGE", FinishReason::Other("language".into())),
    ] {
        let told = streamed(GEMINI, &sse(&[chunk(json!([{ "text": "4" }]), Some(reason), json!({}))]));
        assert_eq!((told.failure.clone(), told.fold().finish), (None, Some(finish)));
    }
    for reason in ["MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "MISSING_THOUGHT_SIGNATURE", "MALFORMED_RESPONSE"]
    {
        let failure = streamed(GEMINI, &sse(&[chunk(json!([]), Some(reason), json!({}))])).failure.unwrap();
        assert_eq!((failure.kind, failure.scope), (Kind::Broken, Scope::Model), "{reason}");
    }
}

#[test]
fn a_blocked_prompt_is_a_refusal_although_the_status_says_success() {
    for reason in ["SAFETY", "OTHER", "BLOCKLIST", "PROHIBITED_CONTENT", "IMAGE_SAFETY", "MODEL_ARMOR", "JAILBREAK"] {
        let blocked =
            json!({ "promptFeedback": { "blockReason": reason }, "usageMetadata": { "promptTokenCount": 9 } });
        for told in [plain(GEMINI, &blocked), streamed(GEMINI, &sse(std::slice::from_ref(&blocked)))] {
            let failure = told.failure.unwrap();
            assert_eq!((failure.kind, failure.scope), (Kind::Refused, Scope::Request));
            assert!(failure.message.contains(reason));
        }
    }
}

#[test]
fn an_error_in_a_stream_means_what_its_own_status_would() {
    // gemini.md, "Streaming" and "Errors".
    for (code, status, kind, scope) in [
        (429, "RESOURCE_EXHAUSTED", Kind::RateLimited, Scope::Model),
        (503, "UNAVAILABLE", Kind::Overloaded, Scope::Provider),
        (500, "INTERNAL", Kind::Broken, Scope::Provider),
        (504, "DEADLINE_EXCEEDED", Kind::TimedOut, Scope::Model),
        (400, "INVALID_ARGUMENT", Kind::BadRequest, Scope::Request),
        (401, "UNAUTHENTICATED", Kind::Unauthorized, Scope::Account),
        (403, "PERMISSION_DENIED", Kind::Forbidden, Scope::Model),
        (404, "NOT_FOUND", Kind::NotFound, Scope::Model),
    ] {
        let info = json!([{ "@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "0.847655010s" }]);
        let error = json!({ "error": { "code": code, "message": "m", "status": status, "details": info } });
        let told = streamed(GEMINI, &sse(&[chunk(json!([{ "text": "4" }]), None, json!({})), error]));
        let failure = told.failure.clone().unwrap();
        assert_eq!((failure.kind, failure.scope, failure.message.as_str()), (kind, scope, "m"), "{status}");
        assert_eq!(failure.retry_after, Some(std::time::Duration::from_nanos(847_655_010)));
        assert_eq!(told.fold().text(), "4");
    }
}

#[test]
fn a_request_is_written_as_the_document_says() {
    // gemini.md, "Request".
    let contents = json!([{ "role": "user", "parts": [{ "text": "2+2?" }] }]);
    let system = json!({ "parts": [{ "text": "Be short." }] });
    for stream in [false, true] {
        let golden = json!({ "contents": contents, "systemInstruction": system });
        assert_eq!(written(GEMINI, &asked(), &Adapted::default(), stream), golden, "streaming is said in the path");
    }
    let (request, takes) = warm();
    let request = Request { schema: with_schema().schema, ..request };
    let schema = request.schema.clone().unwrap().schema;
    let adapted = Adapted { max_output: Some(9), structured: true, ..takes };
    assert_eq!(
        written(GEMINI, &request, &adapted, false),
        json!({ "contents": contents, "systemInstruction": system,
        "generationConfig": { "maxOutputTokens": 9, "temperature": 1.5, "topP": 0.5,
            "responseMimeType": "application/json", "responseJsonSchema": schema } })
    );
}

#[test]
fn each_way_to_think_is_spelled_as_the_document_says_and_never_two_at_once() {
    // gemini.md, "Thinking".
    for (way, golden) in [
        (Thinking::Unset, json!(null)),
        (Thinking::Level(Effort::Minimal), json!({ "thinkingLevel": "minimal", "includeThoughts": true })),
        (Thinking::Budget(2048), json!({ "thinkingBudget": 2048, "includeThoughts": true })),
        (Thinking::Budget(0), json!({ "thinkingBudget": 0, "includeThoughts": false })),
        (Thinking::Disabled, json!({ "thinkingBudget": 0 })),
    ] {
        assert_eq!(thinking(GEMINI, way)["generationConfig"]["thinkingConfig"], golden);
    }
}

#[test]
fn a_program_that_wants_thought_is_shown_it_where_the_model_is_left_to_choose_how_much() {
    use crate::model::{Demand, Purpose};
    let config = |name: &str, effort: Demand, show_thoughts: Option<bool>| {
        let request = Request { effort, show_thoughts, ..Request::text(name, Purpose::Serve, "hi") };
        let adapted = Adapted { reasons: true, ..Adapted::default() };
        written(GEMINI, &request, &adapted, false)["generationConfig"]["thinkingConfig"].clone()
    };
    let (some, shown) = (Demand::some(Effort::High), json!({ "includeThoughts": true }));
    assert_eq!(config("m", some, None), shown);
    assert_eq!(config("m(high)", Demand::default(), None), shown);
    assert_eq!(config("m", some, Some(false)), json!(null));
    assert_eq!(config("m", Demand::default(), None), json!(null));
    assert_eq!(config("m", Demand::default(), Some(true)), shown);
}

#[test]
fn all_results_of_a_step_stand_in_one_turn_and_are_objects() {
    // gemini.md, "Request": function results; translation.md, "Tools".
    let golden = body(GEMINI, &after_calls());
    assert_eq!(
        golden["tools"],
        json!([{ "functionDeclarations": [{ "name": "add", "description": "Adds.",
        "parametersJsonSchema": { "type": "object", "properties": { "a": { "type": "integer" } } } }] }])
    );
    assert_eq!(
        golden["contents"].as_array().unwrap()[1..],
        [
            json!({ "role": "model", "parts": [{ "text": "Let me see." },
            { "functionCall": { "name": "add", "args": { "a": 2 }, "id": "c1" }, "thoughtSignature": PLACEHOLDER },
            { "functionCall": { "name": "add", "args": { "_raw": "not json" }, "id": "c2" } }] }),
            json!({ "role": "user", "parts": [
            { "functionResponse": { "name": "add", "response": { "output": "4" }, "id": "c1" } },
            { "functionResponse": { "name": "add", "response": { "error": "no such number" }, "id": "c2" } },
            { "text": "Go on." }] }),
        ]
    );
    let called = said(Role::Assistant, vec![call("call_1", "{}")]);
    let object = said(Role::User, vec![result("call_1", "{\"sum\":4}", false)]);
    let part = body(GEMINI, &Request { messages: vec![called, object], ..asked() })["contents"][2]["parts"][0].clone();
    assert_eq!(
        part,
        json!({ "functionResponse": { "name": "add", "response": { "sum": 4 } } }),
        "a made-up id stays here"
    );
    for (choice, golden) in [
        (ToolChoice::Auto, json!({ "mode": "AUTO" })),
        (ToolChoice::None, json!({ "mode": "NONE" })),
        (ToolChoice::Required, json!({ "mode": "ANY" })),
        (ToolChoice::Named("add".into()), json!({ "mode": "ANY", "allowedFunctionNames": ["add"] })),
    ] {
        assert_eq!(body(GEMINI, &with_tools(choice))["toolConfig"], json!({ "functionCallingConfig": golden }));
    }
}

#[test]
fn turns_alternate_and_begin_with_the_user() {
    // translation.md, "Roles and system".
    let messages =
        vec![Message::assistant("Hello."), Message::assistant("Well?"), Message::user(""), Message::user("2+2?")];
    assert_eq!(
        body(GEMINI, &Request { messages, ..asked() })["contents"],
        json!([
        { "role": "user", "parts": [{ "text": "." }] },
        { "role": "model", "parts": [{ "text": "Hello." }, { "text": "Well?" }] },
        { "role": "user", "parts": [{ "text": "2+2?" }] }])
    );
}

#[test]
fn images_and_documents_are_written_as_the_document_says() {
    // gemini.md, "Request": exactly one data field a part.
    assert_eq!(
        body(GEMINI, &with_files())["contents"][0]["parts"],
        json!([{ "text": "See:" },
        { "inlineData": { "mimeType": "image/png", "data": "AAAA" } },
        { "inlineData": { "mimeType": "application/pdf", "data": "BBBB" } }])
    );
}

proptest! {
    #[test]
    fn any_chunking_gives_the_same_events(sizes in prop::collection::vec(1usize..60, 1..6)) {
        let (whole, cut) = (streamed(GEMINI, &recorded()), pieces(GEMINI, recorded().as_bytes(), &sizes));
        prop_assert_eq!((whole.events, whole.failure), (cut.events, cut.failure));
    }
}

#[test]
fn comments_of_somebody_else_s_do_not_reach_googles_sdk_which_takes_them_for_answers() {
    let reply = crate::wire::Reply {
        id: "a".into(),
        model: "m".into(),
        created: 0,
        usage: false,
        ..crate::wire::Reply::default()
    };
    let passed = |dialect, frames: &str| surface(dialect).writer(&reply).passed(frames.as_bytes());
    let told = passed(Dialect::Gemini, ": keep-alive\n\ndata: {\"a\":1}\n\n:\n").unwrap();
    assert_eq!(String::from_utf8(told).unwrap(), "\ndata: {\"a\":1}\n\n");
    assert_eq!(passed(Dialect::Gemini, "data: {\"a\":\":b\"}\n\n"), None, "what has none is not copied");
    assert_eq!(passed(Dialect::OpenAiChat, ": keep-alive\n\n"), None, "everybody else knows them");
}

#[test]
fn what_is_said_beside_a_part_is_said_of_no_other() {
    use crate::wire::tests::requests::ASKING;
    let low = json!({ "level": "MEDIA_RESOLUTION_LOW" });
    let turn = json!({ "role": "model", "parts": [
        { "text": "4", "partMetadata": { "of": "text" } },
        // A thought that nobody sealed does not go back.
        { "text": "two and two", "thought": true, "partMetadata": { "of": "thought" } },
    ] });
    let body = json!({ "contents": [{ "role": "user", "parts": [{ "text": "2+2?" }] }, turn] });
    let mut request = surface(GEMINI).read_request(body.to_string().as_bytes(), &ASKING).unwrap().request;
    let beside = |value: &Value| Block::Opaque { dialect: GEMINI, value: value.clone(), tag: None };
    let foreign = Block::Opaque { dialect: Dialect::OpenAiChat, value: json!({ "type": "x" }), tag: None };
    // Within a result as well.
    request.messages.push(said(Role::Assistant, vec![call("c", "{}")]));
    request.messages.push(Message::new(
        Role::User,
        vec![Block::ToolResult {
            id: "c".into(),
            name: "add".into(),
            content: String::new(),
            is_error: false,
            parts: vec![Block::image("image/png", "AAAA"), foreign, beside(&json!({ "mediaResolution": low }))],
        }],
    ));
    let written = wire(GEMINI).write_request("m", &request, &Adapted::default(), false).unwrap();
    let sent: Value = serde_json::from_slice(&written.body).unwrap();
    // The thought is gone with what was said of it; behind the text stands the call.
    assert_eq!(sent["contents"][1]["parts"][0], json!({ "text": "4", "partMetadata": { "of": "text" } }));
    assert_eq!(sent["contents"][1]["parts"].as_array().map(Vec::len), Some(2));
    assert_eq!(sent["contents"][1]["parts"][1]["partMetadata"], Value::Null);
    let inner = &sent["contents"][2]["parts"][0]["functionResponse"]["parts"];
    assert_eq!(*inner, json!([{ "inlineData": { "mimeType": "image/png", "data": "AAAA" } }]));
}
