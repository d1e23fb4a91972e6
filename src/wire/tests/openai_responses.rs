//! OpenAI Responses (openai-responses.md).

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::model::{FinishReason, Scope};
use crate::wire::{Echo, Quirks};

const RESPONSES: Dialect = Dialect::OpenAiResponses;

fn reasoning() -> Value {
    json!({ "type": "reasoning", "id": "rs_1", "summary": [{ "type": "summary_text", "text": "two and two" }],
        "encrypted_content": "enc==" })
}

fn message() -> Value {
    json!({ "type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "phase": "commentary",
        "content": [{ "type": "output_text", "text": "Let me see: é.", "annotations": [] }] })
}

fn function(id: &str, arguments: &str) -> Value {
    json!({ "type": "function_call", "id": format!("fc_{id}"), "call_id": id, "name": "add", "arguments": arguments })
}

fn usage() -> Value {
    json!({ "input_tokens": 100, "input_tokens_details": { "cached_tokens": 60, "cache_write_tokens": 10 },
        "output_tokens": 30, "output_tokens_details": { "reasoning_tokens": 20 }, "total_tokens": 130 })
}

fn reply(output: Value) -> Value {
    json!({ "id": "resp_1", "object": "response", "status": "completed", "model": "gpt-x", "output": output,
        "usage": usage(), "error": null, "incomplete_details": null })
}

/// openai-responses.md, "SSE events": reasoning, text, a call with deltas and one without.
pub(super) fn recorded() -> String {
    let added =
        |place, item: Value| json!({ "type": "response.output_item.added", "output_index": place, "item": item });
    let done = |place, item: Value| json!({ "type": "response.output_item.done", "output_index": place, "item": item });
    let delta = |kind: &str, place, piece: &str| json!({ "type": format!("response.{kind}.delta"), "output_index": place, "delta": piece });
    let begun = json!({ "id": "resp_1", "status": "in_progress", "model": "gpt-x", "output": [], "usage": null });
    let mut events = vec![
        json!({ "type": "response.created", "response": begun }),
        json!({ "type": "response.in_progress", "response": begun }),
        added(0, json!({ "type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "not-yet" })),
        json!({ "type": "response.reasoning_summary_part.added", "output_index": 0, "summary_index": 0, "part": {} }),
        delta("reasoning_summary_text", 0, "two and "),
        delta("reasoning_summary_text", 0, "two"),
        json!({ "type": "response.reasoning_summary_text.done", "output_index": 0, "text": "two and two" }),
        done(0, reasoning()),
        added(1, json!({ "type": "message", "id": "msg_1", "role": "assistant", "content": [] })),
        json!({ "type": "response.content_part.added", "output_index": 1, "part": { "type": "output_text", "text": "" } }),
        delta("output_text", 1, "Let me see: "),
        delta("output_text", 1, "é."),
        json!({ "type": "response.output_text.done", "output_index": 1, "text": "Let me see: é." }),
        done(1, message()),
        added(2, function("call_a", "")),
        added(3, function("call_b", "")),
        delta("function_call_arguments", 2, "{\"a\""),
        delta("function_call_arguments", 2, ":1}"),
        json!({ "type": "response.function_call_arguments.done", "output_index": 2, "arguments": "{\"a\":1}" }),
        done(2, function("call_a", "{\"a\":1}")),
        done(3, function("call_b", "{\"a\":2}")),
        json!({ "type": "response.completed", "response": reply(json!([])) }),
    ];
    for (number, event) in events.iter_mut().enumerate() {
        event["sequence_number"] = json!(number);
    }
    typed_sse(&events)
}

#[test]
fn a_stream_and_a_plain_answer_say_the_same() {
    let output = json!([reasoning(), message(), function("call_a", "{\"a\":1}"), function("call_b", "{\"a\":2}")]);
    let stream = streamed(RESPONSES, &recorded());
    assert_same(&stream, &plain(RESPONSES, &reply(output)));
    let fold = stream.fold();
    assert_eq!(fold.text(), "Let me see: é.");
    assert_eq!(fold.usage, used([30, 60, 10, 0, 30], Some(20)));
    assert_eq!(fold.finish, Some(FinishReason::ToolCalls));
    assert_eq!(stream.opening(), Some(("resp_1".into(), "gpt-x".into())));
    // call_id links call and result, never the item's own id; the seal is that of the done item.
    assert_eq!(fold.message(None).blocks[2..], [call("call_a", "{\"a\":1}"), call("call_b", "{\"a\":2}")]);
    assert_eq!(fold.message(None).blocks[0], thought("two and two", Some("rs_1\nenc=="), None));
}

#[test]
fn reasoning_goes_back_before_the_call_it_led_to_and_only_to_its_own_account() {
    // openai-responses.md, "Input items": the stateless loop.
    let answer = streamed(RESPONSES, &recorded()).fold().message(tag("a"));
    let request = Request { messages: vec![Message::user("2+2?"), answer], ..asked() };
    let back = |account: &str| {
        let adapted = Adapted { tag: tag(account), ..Adapted::default() };
        written(RESPONSES, &request, &adapted, false)["input"].as_array().unwrap()[1..].to_vec()
    };
    let own = json!({ "type": "reasoning", "id": "rs_1", "encrypted_content": "enc==",
        "summary": [{ "type": "summary_text", "text": "two and two" }] });
    assert_eq!(back("a")[0], own);
    assert_eq!(back("a")[1..], back("b"));
    let said = json!([{ "type": "output_text", "text": "Let me see: é.", "annotations": [] }]);
    assert_eq!(back("b")[0], json!({ "type": "message", "role": "assistant", "phase": "commentary", "content": said }));
    assert_eq!(
        back("b")[1],
        json!({ "type": "function_call", "call_id": "call_a", "name": "add", "arguments": "{\"a\":1}" })
    );
}

#[test]
fn a_stream_that_breaks_off_anywhere_is_truncated() {
    assert_cut_anywhere_is_truncated(RESPONSES, &recorded());
}

#[test]
fn items_that_come_without_any_delta_are_read_when_they_are_done() {
    let done = |place, item: Value| json!({ "type": "response.output_item.done", "output_index": place, "item": item });
    let search = json!({ "type": "web_search_call", "id": "ws_1" });
    let told = streamed(
        RESPONSES,
        &typed_sse(&[
            json!({ "type": "response.output_item.added", "output_index": 0, "item": { "type": "reasoning", "summary": [] } }),
            done(0, reasoning()),
            done(1, search.clone()),
            done(2, message()),
            json!({ "type": "response.completed", "response": reply(json!([])) }),
        ]),
    );
    assert_eq!(told.failure, None);
    assert_well_formed(&told);
    let blocks = told.fold().message(None).blocks;
    let search = Block::Opaque { dialect: RESPONSES, value: search, tag: None };
    let said = Block::Text("Let me see: é.".into());
    assert_eq!(blocks, [thought("two and two", Some("rs_1\nenc=="), None), search, said], "in its place");
}

#[test]
fn a_custom_tools_input_is_text() {
    let item = json!({ "type": "custom_tool_call", "call_id": "c", "name": "add", "input": "1 and 2" });
    let called =
        Block::ToolCall { id: "c".into(), name: "add".into(), input: "1 and 2".into(), custom: true, seal: None };
    assert_eq!(plain(RESPONSES, &reply(json!([item]))).fold().message(None).blocks, std::slice::from_ref(&called));
    let told = streamed(
        RESPONSES,
        &typed_sse(&[
            json!({ "type": "response.output_item.added", "output_index": 0, "item": item }),
            json!({ "type": "response.custom_tool_call_input.delta", "output_index": 0, "delta": "1 and 2" }),
            json!({ "type": "response.completed", "response": reply(json!([])) }),
        ]),
    );
    assert_eq!(told.fold().message(None).blocks, [called]);
}

#[test]
fn a_refusal_is_one_in_a_stream_and_in_a_plain_answer() {
    let item = json!({ "type": "message", "role": "assistant", "content": [{ "type": "refusal", "refusal": "No." }] });
    let stream = streamed(
        RESPONSES,
        &typed_sse(&[
            json!({ "type": "response.created", "response": reply(json!([])) }),
            json!({ "type": "response.refusal.delta", "output_index": 0, "delta": "No." }),
            json!({ "type": "response.output_item.done", "output_index": 0, "item": item }),
            json!({ "type": "response.completed", "response": reply(json!([])) }),
        ]),
    );
    assert_same(&stream, &plain(RESPONSES, &reply(json!([item]))));
    assert_eq!((stream.fold().text().as_str(), stream.fold().finish), ("No.", Some(FinishReason::Refused)));
}

#[test]
fn an_incomplete_answer_says_why() {
    for (reason, finish) in [
        ("max_output_tokens", FinishReason::Length),
        ("content_filter", FinishReason::Refused),
        ("steered", FinishReason::Other("steered".into())),
    ] {
        let mut response = reply(json!([function("call_a", "{}")]));
        response["status"] = json!("incomplete");
        response["incomplete_details"] = json!({ "reason": reason });
        assert_eq!(plain(RESPONSES, &response).fold().finish, Some(finish.clone()));
        let told = streamed(RESPONSES, &typed_sse(&[json!({ "type": "response.incomplete", "response": response })]));
        assert_eq!((told.failure.clone(), told.fold().finish), (None, Some(finish)));
    }
}

#[test]
fn a_failed_answer_and_an_error_event_mean_what_their_own_status_would() {
    // openai-responses.md, "Response": codes; openai-chat.md, "Errors".
    for (code, kind, scope) in [
        ("server_error", Kind::Broken, Scope::Provider),
        ("rate_limit_exceeded", Kind::RateLimited, Scope::Model),
        ("insufficient_quota", Kind::QuotaSpent, Scope::Account),
        ("server_is_overloaded", Kind::Overloaded, Scope::Provider),
        ("slow_down", Kind::RateLimited, Scope::Model),
        ("context_length_exceeded", Kind::TooLong, Scope::Request),
        ("invalid_prompt", Kind::BadRequest, Scope::Request),
        ("bio_policy", Kind::Refused, Scope::Request),
        ("misalignment_policy_violation", Kind::Refused, Scope::Request),
        ("image_content_policy_violation", Kind::Refused, Scope::Request),
    ] {
        let mut response = reply(json!([]));
        response["status"] = json!("failed");
        response["error"] = json!({ "code": code, "message": "m" });
        let failed = typed_sse(&[json!({ "type": "response.failed", "response": response })]);
        let event =
            typed_sse(&[json!({ "type": "error", "code": code, "message": "m", "param": null, "sequence_number": 1 })]);
        for told in [plain(RESPONSES, &response), streamed(RESPONSES, &failed), streamed(RESPONSES, &event)] {
            let failure = told.failure.unwrap();
            assert_eq!((failure.kind, failure.scope, failure.message.as_str()), (kind, scope, "m"), "{code}");
        }
    }
    let mut cancelled = reply(json!([]));
    cancelled["status"] = json!("cancelled");
    assert_eq!(plain(RESPONSES, &cancelled).kind(), Some(Kind::Broken));
}

#[test]
fn nothing_after_the_end_changes_the_answer() {
    let told = streamed(RESPONSES, &format!("{}{}data: [DONE]\n\n", recorded(), recorded()));
    assert_eq!(told.events, streamed(RESPONSES, &recorded()).events);
    assert_eq!(told.failure, None);
}

#[test]
fn a_request_is_written_as_the_document_says() {
    // openai-responses.md, "Request": instructions, flat schema, nothing stored, no include_usage.
    let input = json!([{ "type": "message", "role": "user", "content": [{ "type": "input_text", "text": "2+2?" }] }]);
    assert_eq!(
        body(RESPONSES, &asked()),
        json!({ "model": "m", "instructions": "Be short.", "input": input, "store": false })
    );
    let (request, takes) = warm();
    let quirks = Quirks { obfuscation: true, strict: true, ..Quirks::default() };
    let adapted = Adapted { quirks, max_output: Some(9), structured: true, ..takes };
    let request = Request { schema: with_schema().schema, ..request };
    let schema = request.schema.clone().unwrap().schema;
    assert_eq!(
        written(RESPONSES, &request, &adapted, true),
        json!({ "model": "m", "instructions": "Be short.", "input": input,
        "store": false, "max_output_tokens": 9, "temperature": 1.5, "top_p": 0.5,
        "text": { "format": { "type": "json_schema", "name": "sum", "schema": schema, "strict": true } },
        "stream": true, "stream_options": { "include_obfuscation": false } })
    );
}

#[test]
fn each_way_to_ask_for_reasoning_is_spelled_as_the_document_says() {
    // openai-responses.md, "Request": reasoning and include; deepseek.md, "Thinking": none means off.
    let sealed = json!(["reasoning.encrypted_content"]);
    for (way, effort, include) in [
        (Thinking::Unset, json!(null), json!(null)),
        (Thinking::Level(Effort::Minimal), json!("minimal"), sealed.clone()),
        (Thinking::Level(Effort::None), json!("none"), json!(null)),
        (Thinking::Disabled, json!("none"), json!(null)),
        (Thinking::Switch(true, Some(Effort::Max)), json!("max"), sealed),
        (Thinking::Switch(false, None), json!("none"), json!(null)),
    ] {
        let body = thinking(RESPONSES, way);
        assert_eq!((&body["reasoning"]["effort"], &body["include"]), (&effort, &include));
    }
}

#[test]
fn tools_calls_and_results_are_written_as_the_document_says() {
    // openai-responses.md, "Tools" and "Input items".
    let golden = body(RESPONSES, &after_calls());
    assert_eq!(
        golden["tools"],
        json!([{ "type": "function", "name": "add", "description": "Adds.", "strict": false,
        "parameters": { "type": "object", "properties": { "a": { "type": "integer" } } } }])
    );
    let text = |kind: &str, t: &str| json!([{ "type": kind, "text": t }]);
    let said = json!([{ "type": "output_text", "text": "Let me see.", "annotations": [] }]);
    assert_eq!(
        golden["input"].as_array().unwrap()[1..],
        [
            json!({ "type": "message", "role": "assistant", "content": said }),
            json!({ "type": "function_call", "call_id": "c1", "name": "add", "arguments": "{\"a\":2}" }),
            json!({ "type": "function_call", "call_id": "c2", "name": "add", "arguments": "not json" }),
            json!({ "type": "function_call_output", "call_id": "c1", "output": "4" }),
            json!({ "type": "function_call_output", "call_id": "c2", "output": "error: no such number" }),
            json!({ "type": "message", "role": "user", "content": text("input_text", "Go on.") }),
        ]
    );
    for (choice, golden) in [
        (ToolChoice::Auto, json!("auto")),
        (ToolChoice::None, json!("none")),
        (ToolChoice::Required, json!("required")),
        (ToolChoice::Named("add".into()), json!({ "type": "function", "name": "add" })),
    ] {
        assert_eq!(body(RESPONSES, &with_tools(choice))["tool_choice"], golden);
    }
}

#[test]
fn images_and_documents_are_written_as_the_document_says() {
    // openai-responses.md, "Input items".
    assert_eq!(
        body(RESPONSES, &with_files())["input"][0]["content"],
        json!([{ "type": "input_text", "text": "See:" },
        { "type": "input_image", "detail": "auto", "image_url": "data:image/png;base64,AAAA" },
        { "type": "input_file", "filename": "a.pdf", "file_data": "data:application/pdf;base64,BBBB" }])
    );
}

proptest! {
    #[test]
    fn any_chunking_gives_the_same_events(sizes in prop::collection::vec(1usize..60, 1..6)) {
        let (whole, cut) = (streamed(RESPONSES, &recorded()), pieces(RESPONSES, recorded().as_bytes(), &sizes));
        prop_assert_eq!((whole.events, whole.failure), (cut.events, cut.failure));
    }
}

#[test]
fn what_a_caller_of_responses_wants_beside_goes_back_and_is_told_elsewhere() {
    let tools = json!([{ "type": "web_search" }]);
    let body = json!({ "input": "2+2?", "tools": tools, "tool_choice": { "type": "web_search" },
        "include": ["web_search_call.results", "reasoning.encrypted_content"] });
    let responses = Dialect::OpenAiResponses;
    let request = surface(responses).read_request(body.to_string().as_bytes(), &requests::ASKING).unwrap().request;
    let again = written(responses, &request, &requests::able(responses, &request), true);
    assert_eq!(again["tool_choice"], body["tool_choice"]);
    assert_eq!(again["include"], json!(["reasoning.encrypted_content", "web_search_call.results"]));
    let bare = written(responses, &request, &Adapted { unforced: true, ..Adapted::default() }, true);
    assert_eq!((&bare["tool_choice"], &bare["include"]), (&json!("auto"), &json!(["web_search_call.results"])));
    for other in Dialect::ALL.into_iter().filter(|other| *other != responses) {
        let losses = wire(other).write_request("m", &request, &requests::able(other, &request), true).unwrap().losses;
        for name in ["include", "tool_choice"] {
            assert!(losses.contains(&crate::wire::Loss::extra(name)), "{other:?}: {losses:?}");
        }
    }
    // What is done anyway is no wish.
    let body = json!({ "input": "2+2?", "include": ["reasoning.encrypted_content"], "tool_choice": "auto" });
    let request = surface(responses).read_request(body.to_string().as_bytes(), &requests::ASKING).unwrap().request;
    assert_eq!(request.extras, []);
}

#[test]
fn what_ends_an_answer_of_its_own_dialect_is_called_as_its_upstream_called_it() {
    let ended = |code: Option<&str>| {
        let mut failure = Failure::new(Kind::Overloaded, Scope::Provider, "busy");
        failure.upstream.code = code.map(str::to_owned);
        let (mut writer, mut out) = (surface(Dialect::OpenAiResponses).writer(&crate::wire::Reply::default()), vec![]);
        writer.passed(b"data: {\"type\":\"response.created\",\"sequence_number\":6}\n\n");
        writer.interrupt(&failure, &mut out);
        let text = String::from_utf8(out).unwrap();
        serde_json::from_str::<Value>(text.split_once("data: ").unwrap().1).unwrap()
    };
    let told = ended(Some("server_is_overloaded"));
    assert_eq!((&told["code"], &told["sequence_number"]), (&json!("server_is_overloaded"), &json!(7)));
    for other in [None, Some("503"), Some("No such word!")] {
        assert_eq!(ended(other)["code"], "server_error", "{other:?}");
    }
}

#[test]
fn a_text_that_stands_only_in_the_last_event_or_in_its_own_is_read() {
    let part = json!({ "type": "output_text", "text": "well", "annotations": [] });
    let item = json!({ "id": "m1", "type": "message", "role": "assistant", "content": [part] });
    let call = json!({ "id": "f1", "type": "function_call", "call_id": "c", "name": "add", "arguments": "{\"a\":1}" });
    let created =
        json!({ "type": "response.created", "response": { "id": "r", "model": "m", "status": "in_progress" } });
    let completed = |output: Value| json!({ "type": "response.completed", "response": { "id": "r", "model": "m", "status": "completed", "output": output } });
    let last = streamed(Dialect::OpenAiResponses, &typed_sse(&[created.clone(), completed(json!([item, call]))]));
    assert_eq!(last.fold().text(), "well");
    assert_eq!(last.fold().message(None).blocks[1], Block::call("c", "add", "{\"a\":1}"));
    assert_eq!(last.fold().finish, Some(FinishReason::ToolCalls));
    let head = json!({ "id": "m1", "type": "message", "role": "assistant", "content": [] });
    let done = json!({ "type": "response.output_text.done", "output_index": 0, "content_index": 0, "text": "well" });
    let added = json!({ "type": "response.output_item.added", "output_index": 0, "item": head });
    let ended = json!({ "type": "response.output_item.done", "output_index": 0, "item": item });
    // Once, however often it stands there.
    for events in [
        vec![created.clone(), added.clone(), done.clone(), completed(json!([item]))],
        vec![created, added, done, ended, completed(json!([item]))],
    ] {
        assert_eq!(streamed(Dialect::OpenAiResponses, &typed_sse(&events)).fold().text(), "well");
    }
}

#[test]
fn an_answer_says_again_what_was_asked() {
    let tools = json!([{ "type": "function", "name": "add", "parameters": {} }]);
    let asked = json!({ "instructions": "Be short.", "tools": tools, "tool_choice": "required", "temperature": null });
    let looked = Arc::new(AtomicUsize::new(0));
    let (said, looks) = (asked.to_string(), Arc::clone(&looked));
    let echo = Echo::new(move || {
        looks.fetch_add(1, Ordering::Relaxed);
        said.clone()
    });
    let mut writer = surface(RESPONSES).writer(&crate::wire::Reply { asked: echo, ..crate::wire::Reply::default() });
    let mut stream = Vec::new();
    writer.passed(b"event: response.in_progress\ndata: {\"sequence_number\":1}\n\n");
    assert_eq!(looked.load(Ordering::Relaxed), 0, "what goes on as it came says it by itself");
    writer.push(&Event::Start { id: "resp_1".into(), model: "m".into() }, &mut stream);
    writer.push(&Event::Finish(FinishReason::Stop), &mut stream);
    writer.end(&mut stream);
    assert_eq!(looked.load(Ordering::Relaxed), 1);
    let stream = String::from_utf8(stream).unwrap();
    let responses = stream.lines().filter_map(|line| serde_json::from_str::<Value>(line.strip_prefix("data: ")?).ok());
    let responses: Vec<Value> = responses.filter_map(|event| event.get("response").cloned()).collect();
    assert!(responses.len() > 1, "{stream}");
    for response in responses {
        for (name, said) in asked.as_object().unwrap() {
            assert_eq!(response[name], *said);
        }
        assert_eq!((&response["parallel_tool_calls"], &response["metadata"]), (&json!(true), &json!({})));
    }
}

/// An answer as its caller is told of it.
fn first() -> crate::wire::Reply {
    crate::wire::Reply {
        id: "resp_1".into(),
        model: "m".into(),
        created: 1,
        usage: true,
        ..crate::wire::Reply::default()
    }
}

#[test]
fn a_call_that_the_limit_cut_is_incomplete_streamed_and_whole() {
    let reply = first();
    let told = |custom: bool, input: &str, finish: FinishReason| {
        let kind = |id: &str, custom| BlockKind::ToolCall { id: id.into(), name: "add".into(), custom };
        let piece = |index, json: &str| Event::ToolInput { index, json: json.into() };
        let mut events = vec![
            Event::Start { id: "resp_1".into(), model: "m".into() },
            Event::BlockStart { index: 0, kind: kind("a", false) },
            piece(0, "not json"),
            Event::BlockEnd { index: 0 },
            Event::BlockStart { index: 1, kind: kind("b", custom) },
        ];
        events.extend((!input.is_empty()).then(|| piece(1, input)));
        events.extend([Event::BlockEnd { index: 1 }, Event::Finish(finish)]);
        let mut writer = surface(RESPONSES).writer(&reply);
        let mut stream = Vec::new();
        events.iter().for_each(|event| writer.push(event, &mut stream));
        writer.end(&mut stream);
        let stream = String::from_utf8(stream).unwrap();
        let data = stream.lines().filter_map(|line| line.strip_prefix("data: "));
        let frames: Vec<Value> = data.map(|data| serde_json::from_str(data).unwrap()).collect();
        let done: Vec<&Value> = frames.iter().filter(|f| f["type"] == "response.output_item.done").collect();
        let last = &frames[frames.len() - 1];
        let whole: Value = serde_json::from_slice(&surface(RESPONSES).write_reply(&events, &reply)).unwrap();
        assert_eq!((&last["response"]["output"], &last["response"]["status"]), (&whole["output"], &whole["status"]));
        assert_eq!(last["type"], format!("response.{}", whole["status"].as_str().unwrap()));
        for (place, item) in whole["output"].as_array().unwrap().iter().enumerate() {
            assert_eq!(done[place]["item"], *item);
        }
        let status = |place: usize| whole["output"][place]["status"].as_str().unwrap().to_owned();
        let argued = whole["output"][1][if custom { "input" } else { "arguments" }].as_str().unwrap().to_owned();
        let reason = whole["incomplete_details"]["reason"].as_str().unwrap_or_default().to_owned();
        ([status(0), status(1)], argued, whole["status"].as_str().unwrap().to_owned(), reason)
    };
    let is = |item: &str, argued: &str, status: &str, reason: &str| {
        (["completed".to_owned(), item.to_owned()], argued.to_owned(), status.to_owned(), reason.to_owned())
    };
    let (cut, limit) = ("incomplete", "max_output_tokens");
    assert_eq!(told(false, "{\"a\":1", FinishReason::Length), is(cut, "{\"a\":1", cut, limit));
    assert_eq!(told(false, "", FinishReason::Length), is(cut, "", cut, limit));
    assert_eq!(told(true, "one", FinishReason::Length), is(cut, "one", cut, limit));
    // It was whole when the limit came.
    assert_eq!(told(false, "{\"a\":1}", FinishReason::Length), is("completed", "{\"a\":1}", cut, limit));
    // What a model makes up is whole as it is.
    for input in ["{\"a\":1", "{\"a\":1}"] {
        assert_eq!(told(false, input, FinishReason::ToolCalls), is("completed", input, "completed", ""));
    }
    assert_eq!(told(false, "", FinishReason::ToolCalls), is("completed", "{}", "completed", ""));
    assert_eq!(told(true, "one", FinishReason::ToolCalls), is("completed", "one", "completed", ""));
}

/// What a caller of this dialect gets for what an upstream of another streams: the items and why the response is not whole.
fn translated(dialect: Dialect, stream: &str) -> (Vec<Value>, String) {
    let told = streamed(dialect, stream);
    assert_eq!(told.failure, None);
    assert_well_formed(&told);
    let reply = first();
    let mut writer = surface(RESPONSES).writer(&reply);
    let mut out = Vec::new();
    told.events.iter().for_each(|event| writer.push(event, &mut out));
    writer.end(&mut out);
    let text = String::from_utf8(out).unwrap();
    let frames: Vec<Value> =
        text.lines().filter_map(|line| serde_json::from_str(line.strip_prefix("data: ")?).ok()).collect();
    let response = &frames[frames.len() - 1]["response"];
    let items = response["output"].as_array().unwrap().clone();
    for (place, item) in items.iter().enumerate() {
        let ended = frames.iter().find(|f| f["type"] == "response.output_item.done" && f["output_index"] == place);
        assert_eq!(ended.unwrap()["item"], *item);
    }
    let read = streamed(RESPONSES, &text);
    assert_well_formed(&read);
    (items, response["incomplete_details"]["reason"].as_str().unwrap_or_default().to_owned())
}

/// Kind, status and arguments of each item.
fn called(items: &[Value]) -> Vec<(String, String, String)> {
    let said = |item: &Value, name: &str| item[name].as_str().unwrap_or_default().to_owned();
    items.iter().map(|item| (said(item, "type"), said(item, "status"), said(item, "arguments"))).collect()
}

#[test]
fn a_call_of_a_chat_server_that_a_limit_or_a_filter_cut_is_incomplete_whatever_was_thought_before_or_told_beside() {
    let chunk = |delta: Value, finish: Value| json!({ "id": "c", "model": "m", "choices": [{ "index": 0, "delta": delta, "finish_reason": finish }] });
    let call = |at: usize, piece: &str| json!({ "tool_calls": [{ "index": at, "id": format!("c{at}"), "function": { "name": "add", "arguments": piece } }] });
    let more = |at: usize, piece: &str| json!({ "tool_calls": [{ "index": at, "function": { "arguments": piece } }] });
    let details = json!({ "reasoning_details": [{ "type": "reasoning.encrypted", "data": "x" }] });
    let told = |deltas: &[Value], finish: &str| {
        let mut chunks: Vec<Value> = deltas.iter().map(|delta| chunk(delta.clone(), Value::Null)).collect();
        chunks.push(chunk(json!({}), json!(finish)));
        let (items, why) = translated(Dialect::OpenAiChat, &sse(&chunks));
        (called(&items), why)
    };
    let item = |status: &str, input: &str| ("function_call".to_owned(), status.to_owned(), input.to_owned());
    let thought = ("reasoning".to_owned(), String::new(), String::new());
    for (finish, reason) in [("length", "max_output_tokens"), ("content_filter", "content_filter")] {
        let cut = item("incomplete", "{\"a\":1");
        assert_eq!(told(&[call(0, "{\"a\":1")], finish), (vec![cut.clone()], reason.to_owned()));
        let sealed = told(&[details.clone(), call(0, "{\"a\":1")], finish);
        assert_eq!(sealed, (vec![cut.clone(), thought.clone()], reason.to_owned()));
        // Side by side, any of them may be cut.
        let beside = told(&[call(0, "{\"a\""), call(1, "{\"b\":2}"), more(0, ":1")], finish);
        assert_eq!(beside, (vec![cut.clone(), item("completed", "{\"b\":2}")], reason.to_owned()));
        let whole = told(&[details.clone(), call(0, "{\"a\":1}")], finish);
        assert_eq!(whole, (vec![item("completed", "{\"a\":1}"), thought.clone()], reason.to_owned()));
        // One without arguments that another followed was whole.
        let followed = told(&[call(0, ""), call(1, "{\"a\":1")], finish);
        assert_eq!(followed, (vec![item("completed", "{}"), cut], reason.to_owned()));
        let worded = told(&[call(0, ""), json!({ "content": "so" })], finish);
        assert_eq!((&worded.0[0], worded.1.as_str()), (&item("completed", "{}"), reason));
    }
    // What the model says itself after a call is more than a seal.
    let spoken = told(&[call(0, "{\"a\":1"), details, call(1, "")], "tool_calls");
    assert_eq!(spoken, (vec![item("completed", "{\"a\":1"), item("completed", "{}"), thought], String::new()));
}

#[test]
fn a_call_of_claude_s_that_was_cut_before_its_first_argument_is_incomplete_and_one_without_arguments_is_not() {
    let block = |id: &str| json!({ "type": "tool_use", "id": id, "name": "now", "input": {} });
    let told = |calls: &[&str], stopped: bool, reason: &str| {
        let mut events = vec![json!({ "type": "message_start", "message": { "id": "m", "model": "x" } })];
        for (place, id) in calls.iter().enumerate() {
            events.push(json!({ "type": "content_block_start", "index": place, "content_block": block(id) }));
            if stopped {
                events.push(json!({ "type": "content_block_stop", "index": place }));
            }
        }
        events.push(json!({ "type": "message_delta", "delta": { "stop_reason": reason } }));
        events.push(json!({ "type": "message_stop" }));
        let (items, _) = translated(Dialect::AnthropicMessages, &typed_sse(&events));
        let content: Vec<Value> = calls.iter().map(|id| block(id)).collect();
        let whole = json!({ "id": "m", "type": "message", "model": "x", "content": content, "stop_reason": reason });
        let read = plain(Dialect::AnthropicMessages, &whole);
        assert_well_formed(&read);
        let reply = crate::wire::Reply { id: "resp_1".into(), ..crate::wire::Reply::default() };
        let whole: Value = serde_json::from_slice(&surface(RESPONSES).write_reply(&read.events, &reply)).unwrap();
        assert_eq!(called(whole["output"].as_array().unwrap()), called(&items));
        called(&items)
    };
    let item = |status: &str, input: &str| ("function_call".to_owned(), status.to_owned(), input.to_owned());
    for stopped in [true, false] {
        assert_eq!(told(&["a"], stopped, "max_tokens"), [item("incomplete", "")]);
        assert_eq!(told(&["a"], stopped, "refusal"), [item("incomplete", "")]);
        assert_eq!(told(&["a"], stopped, "tool_use"), [item("completed", "{}")]);
    }
    // The one before it was whole.
    assert_eq!(told(&["a", "b"], true, "max_tokens"), [item("completed", "{}"), item("incomplete", "")]);
}

#[test]
fn very_many_calls_that_are_told_in_turns_are_written_at_once() {
    // So many that whoever looks at all of them for each piece does not come to an end.
    const CALLS: usize = 20_000;
    let mut writer = surface(RESPONSES).writer(&first());
    let mut frames = Vec::new();
    let mut push = |event: &Event| {
        writer.push(event, &mut frames);
        frames.clear();
    };
    for index in 0..CALLS {
        let kind = BlockKind::ToolCall { id: index.to_string(), name: "add".into(), custom: false };
        push(&Event::BlockStart { index, kind });
    }
    for _ in 0..5 {
        (0..CALLS).for_each(|index| push(&Event::ToolInput { index, json: "[".into() }));
    }
    (0..CALLS).for_each(|index| push(&Event::BlockEnd { index }));
    push(&Event::Finish(FinishReason::Length));
    writer.end(&mut frames);
    let told = String::from_utf8(frames).unwrap();
    let cut = told.matches("\"status\":\"incomplete\"").count();
    assert!(cut >= CALLS, "{cut}: they were told in turns, so that none is known to be whole");
}
