//! Anthropic Messages (anthropic-messages.md).

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::model::{FinishReason, Sampling, Scope};
use crate::wire::Loss;

const MESSAGES: Dialect = Dialect::AnthropicMessages;

/// anthropic-messages.md, "SSE": thinking with its signature, redacted thinking, text, two calls.
pub(super) fn recorded() -> String {
    let start = |index, block: Value| json!({ "type": "content_block_start", "index": index, "content_block": block });
    let delta = |index, delta: Value| json!({ "type": "content_block_delta", "index": index, "delta": delta });
    let stop = |index| json!({ "type": "content_block_stop", "index": index });
    let call = |id: &str| json!({ "type": "tool_use", "id": id, "name": "add", "input": {} });
    let json_delta = |piece: &str| json!({ "type": "input_json_delta", "partial_json": piece });
    typed_sse(&[
        json!({ "type": "message_start", "message": { "id": "msg_1", "type": "message", "role": "assistant", "model": "claude-x",
            "content": [], "stop_reason": null, "usage": { "input_tokens": 30, "cache_creation_input_tokens": 50,
            "cache_read_input_tokens": 20, "cache_creation": { "ephemeral_5m_input_tokens": 10, "ephemeral_1h_input_tokens": 40 },
            "output_tokens": 1 } } }),
        json!({ "type": "ping" }),
        start(0, json!({ "type": "thinking", "thinking": "", "signature": "" })),
        delta(0, json!({ "type": "thinking_delta", "thinking": "two and " })),
        delta(0, json!({ "type": "thinking_delta", "thinking": "two" })),
        delta(0, json!({ "type": "signature_delta", "signature": "sig==" })),
        stop(0),
        start(1, json!({ "type": "redacted_thinking", "data": "secret==" })),
        stop(1),
        start(2, json!({ "type": "text", "text": "" })),
        delta(2, json!({ "type": "text_delta", "text": "Let me see: " })),
        json!({ "type": "ping" }),
        delta(2, json!({ "type": "text_delta", "text": "é." })),
        stop(2),
        start(3, call("toolu_a")),
        delta(3, json_delta("")),
        delta(3, json_delta("{\"a\":")),
        delta(3, json_delta("1}")),
        stop(3),
        start(4, call("toolu_b")),
        stop(4),
        json!({ "type": "message_delta", "delta": { "stop_reason": "tool_use", "stop_sequence": null },
            "usage": { "input_tokens": null, "cache_creation_input_tokens": 50, "cache_read_input_tokens": null,
            "output_tokens": 25, "output_tokens_details": { "thinking_tokens": 12 } } }),
        json!({ "type": "message_stop" }),
    ])
}

fn reply() -> Value {
    json!({ "id": "msg_1", "type": "message", "role": "assistant", "model": "claude-x", "stop_reason": "tool_use", "content": [
        { "type": "thinking", "thinking": "two and two", "signature": "sig==" },
        { "type": "redacted_thinking", "data": "secret==" },
        { "type": "text", "text": "Let me see: é." },
        { "type": "tool_use", "id": "toolu_a", "name": "add", "input": { "a": 1 } },
        { "type": "tool_use", "id": "toolu_b", "name": "add", "input": {} }],
        "usage": { "input_tokens": 30, "cache_creation_input_tokens": 50, "cache_read_input_tokens": 20, "output_tokens": 25,
            "cache_creation": { "ephemeral_5m_input_tokens": 10, "ephemeral_1h_input_tokens": 40 },
            "output_tokens_details": { "thinking_tokens": 12 } } })
}

#[test]
fn a_stream_and_a_plain_answer_say_the_same() {
    let stream = streamed(MESSAGES, &recorded());
    assert_same(&stream, &plain(MESSAGES, &reply()));
    let fold = stream.fold();
    assert_eq!(fold.usage, used([30, 20, 10, 40, 25], Some(12)), "the delta repeats the sum and keeps the parts");
    assert_eq!(fold.finish, Some(FinishReason::ToolCalls));
    assert_eq!(stream.opening(), Some(("msg_1".into(), "claude-x".into())));
    let blocks = fold.message(tag("a")).blocks;
    assert_eq!(blocks[0], thought("two and two", Some("sig=="), tag("a")));
    assert_eq!(blocks[3..], [call("toolu_a", "{\"a\":1}"), call("toolu_b", "{}")]);
}

#[test]
fn what_was_thought_goes_back_to_where_it_came_from_word_by_word() {
    // anthropic-messages.md, "Thinking rules": verbatim and in order.
    let answer = streamed(MESSAGES, &recorded()).fold().message(tag("a"));
    let request = Request { messages: vec![Message::user("2+2?"), answer], ..asked() };
    let back = |account: &str| {
        let adapted = Adapted { tag: tag(account), ..Adapted::default() };
        written(MESSAGES, &request, &adapted, false)["messages"][1]["content"].clone()
    };
    assert_eq!(back("a"), reply()["content"]);
    assert_eq!(back("b").as_array().unwrap()[..], reply()["content"].as_array().unwrap()[2..]);
}

#[test]
fn a_stream_that_breaks_off_anywhere_is_truncated() {
    assert_cut_anywhere_is_truncated(MESSAGES, &recorded());
}

#[test]
fn omitted_thinking_is_a_seal_alone_and_a_mark_of_another_dialect_does_no_harm() {
    let text = typed_sse(&[
        json!({ "type": "content_block_start", "index": 0, "content_block": { "type": "thinking", "thinking": "", "signature": "" } }),
        json!({ "type": "content_block_delta", "index": 0, "delta": { "type": "signature_delta", "signature": "sig" } }),
        json!({ "type": "content_block_stop", "index": 0 }),
        json!({ "type": "message_delta", "delta": { "stop_reason": "end_turn" } }),
        json!({ "type": "message_stop" }),
    ]);
    let told = streamed(MESSAGES, &format!("{text}data: [DONE]\n\n"));
    assert_eq!(told.failure, None);
    assert_eq!(told.fold().message(None).blocks, [thought("", Some("sig"), None)]);
}

#[test]
fn every_reason_to_stop_has_its_word() {
    for (reason, finish) in [
        ("end_turn", FinishReason::Stop),
        ("max_tokens", FinishReason::Length),
        ("model_context_window_exceeded", FinishReason::Length),
        ("stop_sequence", FinishReason::StopSequence(None)),
        ("tool_use", FinishReason::ToolCalls),
        ("pause_turn", FinishReason::Pause(None)),
        ("refusal", FinishReason::Refused),
        ("new_reason", FinishReason::Other("new_reason".into())),
    ] {
        let delta =
            json!({ "type": "message_delta", "delta": { "stop_reason": reason }, "usage": { "output_tokens": 1 } });
        let told = streamed(MESSAGES, &typed_sse(&[delta, json!({ "type": "message_stop" })]));
        assert_eq!(told.fold().finish, Some(finish.clone()));
        assert_eq!(plain(MESSAGES, &json!({ "content": [], "stop_reason": reason })).fold().finish, Some(finish));
    }
}

#[test]
fn thinking_that_is_not_counted_is_unknown_and_not_none() {
    let told = plain(MESSAGES, &json!({ "content": [], "usage": { "input_tokens": 3, "output_tokens": 4 } }));
    assert_eq!(told.fold().usage, used([3, 0, 0, 0, 4], None));
}

#[test]
fn an_error_in_a_stream_means_what_its_own_status_would() {
    // anthropic-messages.md, "Errors".
    for (kind_said, details, kind, scope) in [
        ("overloaded_error", json!(null), Kind::Overloaded, Scope::Provider),
        ("rate_limit_error", json!(null), Kind::RateLimited, Scope::Model),
        ("rate_limit_error", json!({ "error_code": "enforced_spend_limit_reached" }), Kind::QuotaSpent, Scope::Account),
        ("billing_error", json!(null), Kind::QuotaSpent, Scope::Account),
        ("authentication_error", json!(null), Kind::Unauthorized, Scope::Account),
        ("permission_error", json!(null), Kind::Forbidden, Scope::Model),
        ("not_found_error", json!(null), Kind::NotFound, Scope::Model),
        ("timeout_error", json!(null), Kind::TimedOut, Scope::Model),
        ("invalid_request_error", json!(null), Kind::BadRequest, Scope::Request),
        ("api_error", json!(null), Kind::Broken, Scope::Provider),
    ] {
        let error = json!({ "type": "error", "error": { "type": kind_said, "message": "m", "details": details }, "request_id": "r" });
        for told in [streamed(MESSAGES, &typed_sse(std::slice::from_ref(&error))), plain(MESSAGES, &error)] {
            let failure = told.failure.unwrap();
            assert_eq!((failure.kind, failure.scope, failure.message.as_str()), (kind, scope, "m"), "{kind_said}");
        }
    }
}

#[test]
fn a_request_is_written_as_the_document_says() {
    // anthropic-messages.md, "Request"; translation.md, "Sampling and limits": max_tokens is required.
    assert_eq!(
        body(MESSAGES, &asked()),
        json!({ "model": "m", "max_tokens": 32_000, "system": "Be short.",
        "messages": [{ "role": "user", "content": [{ "type": "text", "text": "2+2?" }] }] })
    );
    let (request, takes) = warm();
    let adapted =
        Adapted { max_output: Some(9), structured: true, thinking: Thinking::Adaptive(Some(Effort::XHigh)), ..takes };
    let request = Request { system: String::new(), schema: with_schema().schema, ..request };
    let schema = request.schema.clone().unwrap().schema;
    assert_eq!(
        written(MESSAGES, &request, &adapted, true),
        json!({ "model": "m", "max_tokens": 9,
        "messages": [{ "role": "user", "content": [{ "type": "text", "text": "2+2?" }] }],
        "thinking": { "type": "adaptive", "display": "summarized" },
        "output_config": { "effort": "xhigh", "format": { "type": "json_schema", "schema": schema } },
        "temperature": 1.0, "top_p": 0.5, "stream": true }),
        "temperature stops at 1 here"
    );
}

#[test]
fn each_way_to_think_is_spelled_as_the_document_says() {
    // anthropic-messages.md, "Request": thinking and output_config.
    for (way, golden, config) in [
        (Thinking::Unset, json!(null), json!(null)),
        (Thinking::Adaptive(None), json!({ "type": "adaptive", "display": "summarized" }), json!(null)),
        (Thinking::Budget(2048), json!({ "type": "enabled", "budget_tokens": 2048 }), json!(null)),
        (Thinking::Disabled, json!({ "type": "disabled" }), json!(null)),
        (Thinking::BetweenTools, json!({ "type": "between_tools" }), json!(null)),
        (Thinking::Level(Effort::Low), json!(null), json!({ "effort": "low" })),
    ] {
        let body = thinking(MESSAGES, way);
        assert_eq!((&body["thinking"], &body["output_config"]), (&golden, &config));
    }
    // deepseek.md, "Thinking": the Anthropic door.
    let body = thinking(MESSAGES, Thinking::Switch(true, Some(Effort::Max)));
    assert_eq!((&body["thinking"]["type"], &body["output_config"]), (&json!("enabled"), &json!({ "effort": "max" })));
    assert_eq!(thinking(MESSAGES, Thinking::Switch(false, None))["thinking"], json!({ "type": "disabled" }));
}

#[test]
fn a_tool_whose_schema_says_no_type_takes_an_object() {
    let schema = |parameters: Value| {
        let mut request = with_tools(ToolChoice::Auto);
        request.tools[0].parameters = parameters;
        body(MESSAGES, &request)["tools"][0]["input_schema"].clone()
    };
    let empty = json!({ "type": "object", "properties": {} });
    assert_eq!((schema(Value::Null), schema(json!({}))), (empty.clone(), empty));
    let named = json!({ "a": { "type": "integer" } });
    assert_eq!(schema(json!({ "properties": named })), json!({ "properties": named, "type": "object" }));
    assert_eq!(schema(json!({ "$ref": "#/$defs/a" })), json!({ "$ref": "#/$defs/a", "type": "object" }));
}

#[test]
fn results_come_first_in_the_one_turn_after_the_calls() {
    // anthropic-messages.md, "Content blocks" and "Tools"; translation.md, "Tools": order, and invalid arguments.
    let golden = body(MESSAGES, &after_calls());
    assert_eq!(
        golden["tools"],
        json!([{ "name": "add", "description": "Adds.",
        "input_schema": { "type": "object", "properties": { "a": { "type": "integer" } } } }])
    );
    assert_eq!(
        golden["messages"].as_array().unwrap()[1..],
        [
            json!({ "role": "assistant", "content": [{ "type": "text", "text": "Let me see." },
            { "type": "tool_use", "id": "c1", "name": "add", "input": { "a": 2 } },
            { "type": "tool_use", "id": "c2", "name": "add", "input": { "_raw": "not json" } }] }),
            json!({ "role": "user", "content": [
            { "type": "tool_result", "tool_use_id": "c1", "content": "4", "is_error": false },
            { "type": "tool_result", "tool_use_id": "c2", "content": "no such number", "is_error": true },
            { "type": "text", "text": "Go on." }] }),
        ]
    );
    for (choice, golden) in [
        (ToolChoice::Auto, json!({ "type": "auto" })),
        (ToolChoice::None, json!({ "type": "none" })),
        (ToolChoice::Required, json!({ "type": "any" })),
        (ToolChoice::Named("add".into()), json!({ "type": "tool", "name": "add" })),
    ] {
        assert_eq!(body(MESSAGES, &with_tools(choice))["tool_choice"], golden);
    }
}

#[test]
fn turns_alternate_and_begin_with_the_user_and_hold_no_empty_text() {
    // translation.md, "Roles and system".
    let messages = vec![
        Message::assistant("Hello."),
        Message::assistant("Well?"),
        Message::user(""),
        said(Role::Assistant, vec![thought("hm", None, None)]),
        Message::user("2+2?"),
    ];
    let text = |t: &str| json!({ "type": "text", "text": t });
    assert_eq!(
        body(MESSAGES, &Request { messages, ..asked() })["messages"],
        json!([
        { "role": "user", "content": [text(".")] },
        { "role": "assistant", "content": [text("Hello."), text("Well?")] },
        { "role": "user", "content": [text("2+2?")] }])
    );
}

#[test]
fn images_and_documents_are_written_as_the_document_says() {
    // anthropic-messages.md, "Content blocks".
    assert_eq!(
        body(MESSAGES, &with_files())["messages"][0]["content"],
        json!([{ "type": "text", "text": "See:" },
        { "type": "image", "source": { "type": "base64", "media_type": "image/png", "data": "AAAA" } },
        { "type": "document", "title": "a.pdf", "source": { "type": "base64", "media_type": "application/pdf", "data": "BBBB" } }])
    );
}

#[test]
fn a_block_that_is_no_object_is_kept_and_what_is_added_to_it_is_left_out() {
    for block in [json!("x"), json!([]), json!(5), json!(true), json!(null)] {
        let told = streamed(
            MESSAGES,
            &typed_sse(&[
                json!({ "type": "content_block_start", "index": 0, "content_block": block }),
                json!({ "type": "content_block_delta", "index": 0, "delta": { "partial_json": "1" } }),
                json!({ "type": "content_block_delta", "index": 0,
                    "delta": { "type": "input_json_delta", "partial_json": "1" } }),
                json!({ "type": "content_block_stop", "index": 0 }),
                json!({ "type": "message_stop" }),
            ]),
        );
        assert!(told.failure.is_none(), "{block}: {:?}", told.failure);
    }
}

proptest! {
    #[test]
    fn any_chunking_gives_the_same_events(sizes in prop::collection::vec(1usize..60, 1..6)) {
        let (whole, cut) = (streamed(MESSAGES, &recorded()), pieces(MESSAGES, recorded().as_bytes(), &sizes));
        prop_assert_eq!((whole.events, whole.failure), (cut.events, cut.failure));
    }

    #[test]
    fn arguments_may_be_cut_anywhere(cuts in prop::collection::vec(0usize..24, 0..5)) {
        let whole = "{\"path\":\"a\\\\b\",\"n\":[1]}";
        let mut cuts: Vec<usize> = cuts.into_iter().map(|c| c.min(whole.len())).chain([0, whole.len()]).collect();
        cuts.sort_unstable();
        let mut events = vec![json!({ "type": "content_block_start", "index": 0,
            "content_block": { "type": "tool_use", "id": "c", "name": "add", "input": {} } })];
        events.extend(cuts.windows(2).map(|w| json!({ "type": "content_block_delta", "index": 0,
            "delta": { "type": "input_json_delta", "partial_json": &whole[w[0]..w[1]] } })));
        events.extend([json!({ "type": "content_block_stop", "index": 0 }), json!({ "type": "message_stop" })]);
        prop_assert_eq!(streamed(MESSAGES, &typed_sse(&events)).fold().message(None).blocks, [call("c", whole)]);
    }
}

#[test]
fn blank_text_is_left_out() {
    let result = |id: &str, content: &str, parts| Block::ToolResult {
        id: id.into(),
        name: "add".into(),
        content: content.into(),
        is_error: false,
        parts,
    };
    let text = |said: &str| Block::Text(said.into());
    let mut request = asked();
    request.system = " \n".into();
    request.messages = vec![
        Message::new(Role::User, vec![text("go"), text("\n\n")]),
        Message::new(Role::Assistant, vec![text(" \t\n")]),
        Message::new(Role::User, vec![text("on")]),
        Message::new(Role::Assistant, vec![Block::call("c", "add", "{}"), Block::call("d", "add", "{}")]),
        Message::new(Role::User, vec![result("c", "\n", vec![]), result("d", " ", vec![text("\n"), text("4")])]),
    ];
    let body = written(Dialect::AnthropicMessages, &request, &Adapted::default(), false);
    assert_eq!(body.get("system"), None);
    // A message that holds nothing else is none.
    let said = |said: &str| json!({ "type": "text", "text": said });
    assert_eq!(body["messages"][0], json!({ "role": "user", "content": [said("go"), said("on")] }));
    let results = &body["messages"][2]["content"];
    assert_eq!((&results[0]["content"], &results[1]["content"]), (&json!(""), &json!([said("4")])));
}

#[test]
fn a_call_without_arguments_has_an_empty_object_of_them_whole_and_in_pieces() {
    let block = json!({ "type": "tool_use", "id": "c", "name": "list", "input": {} });
    let whole = json!({ "id": "m", "type": "message", "role": "assistant", "model": "x", "content": [block],
        "stop_reason": "tool_use", "usage": { "input_tokens": 1, "output_tokens": 1 } });
    let empty = json!({ "type": "input_json_delta", "partial_json": "" });
    let events = [
        json!({ "type": "message_start", "message": { "id": "m", "model": "x", "usage": { "input_tokens": 1 } } }),
        json!({ "type": "content_block_start", "index": 0, "content_block": block }),
        json!({ "type": "content_block_delta", "index": 0, "delta": empty }),
        json!({ "type": "content_block_stop", "index": 0 }),
        json!({ "type": "message_delta", "delta": { "stop_reason": "tool_use" }, "usage": { "output_tokens": 1 } }),
        json!({ "type": "message_stop" }),
    ];
    for told in [plain(Dialect::AnthropicMessages, &whole), streamed(Dialect::AnthropicMessages, &typed_sse(&events))] {
        assert_eq!(told.fold().message(None).blocks, [Block::call("c", "list", "{}")]);
    }
}

#[test]
fn of_temperature_and_top_p_one_is_sent_where_both_at_once_are_refused() {
    let told = |temperature, top_p, single| {
        let sampling = Sampling { temperature, top_p, ..Sampling::default() };
        let request = Request { sampling, ..asked() };
        let adapted = Adapted { sampling: true, single, ..Adapted::default() };
        let written = wire(Dialect::AnthropicMessages).write_request("m", &request, &adapted, false).unwrap();
        let body: Value = serde_json::from_slice(&written.body).unwrap();
        (body["temperature"].as_f64(), body["top_p"].as_f64(), written.losses)
    };
    let (half, most) = (Some(0.5), Some(0.9));
    assert_eq!(told(half, most, false), (half, most, vec![]));
    assert_eq!(told(half, most, true), (half, None, vec![Loss::TopP]));
    assert_eq!(told(None, most, true), (None, most, vec![]));
    assert_eq!(told(half, None, true), (half, None, vec![]));
    // Programs state what is usual: that is nothing to be told of.
    assert_eq!(told(half, Some(1.0), true), (half, None, vec![]));
    assert_eq!(told(Some(1.0), most, true), (None, most, vec![]));
    assert_eq!(told(Some(1.0), Some(1.0), true), (Some(1.0), None, vec![]));
}

#[test]
fn arguments_that_are_no_object_are_wrapped_in_a_stream_too() {
    let reply = crate::wire::Reply { id: "answer-1".into(), model: "m".into(), ..crate::wire::Reply::default() };
    let told = |given: &[&str]| {
        let kind = BlockKind::ToolCall { id: "c".into(), name: "add".into(), custom: false };
        let (mut writer, mut out) = (surface(Dialect::AnthropicMessages).writer(&reply), Vec::new());
        writer.push(&Event::BlockStart { index: 0, kind }, &mut out);
        given.iter().for_each(|json| writer.push(&Event::ToolInput { index: 0, json: (*json).into() }, &mut out));
        writer.push(&Event::BlockEnd { index: 0 }, &mut out);
        writer.end(&mut out);
        let text = String::from_utf8(out).unwrap();
        let deltas = text.lines().filter_map(|line| serde_json::from_str::<Value>(line.strip_prefix("data: ")?).ok());
        let pieces = deltas.filter_map(|delta| Some(delta.pointer("/delta/partial_json")?.as_str()?.to_owned()));
        pieces.collect::<Vec<_>>()
    };
    let raw = |said: &str| vec![json!({ "_raw": said }).to_string()];
    assert_eq!(told(&["1 \"an", "d\" 2"]), raw("1 \"and\" 2"));
    assert_eq!(told(&["[1", ",2]"]), raw("[1,2]"));
    // An object goes on as it comes, also where it breaks off: so does Anthropic's own.
    assert_eq!(told(&[" ", "{\"a\"", ":1}"]), [" {\"a\"", ":1}"]);
    assert_eq!(told(&["{\"a\":tr"]), ["{\"a\":tr"]);
    assert_eq!(told(&[]), [""; 0]);
    assert_eq!(told(&["", " "]), [""; 0]);
}

#[test]
fn a_block_that_nobody_began_is_begun_by_its_first_words() {
    let delta = |index: u8, kind: &str, name: &str, said: &str| json!({ "type": "content_block_delta", "index": index, "delta": { "type": kind, name: said } });
    let events = [
        json!({ "type": "message_start", "message": { "id": "m", "model": "x", "usage": { "input_tokens": 1 } } }),
        delta(0, "thinking_delta", "thinking", "hm"),
        json!({ "type": "content_block_stop", "index": 0 }),
        delta(1, "text_delta", "text", "we"),
        delta(1, "text_delta", "text", "ll"),
        json!({ "type": "content_block_stop", "index": 1 }),
        json!({ "type": "message_delta", "delta": { "stop_reason": "end_turn" }, "usage": { "output_tokens": 1 } }),
        json!({ "type": "message_stop" }),
    ];
    let told = streamed(Dialect::AnthropicMessages, &typed_sse(&events));
    assert_well_formed(&told);
    assert_eq!(told.fold().text(), "well");
}

#[test]
fn stop_sequences_of_white_space_are_cut_at_here() {
    let wire = wire(Dialect::AnthropicMessages);
    let stop = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    assert!(wire.leaves(&stop(&["x", "\n\n"])) && !wire.leaves(&stop(&["x", "\nUser:"])));
    let sent = |words: &[&str]| {
        let request = Request { stop: stop(words), ..asked() };
        written(Dialect::AnthropicMessages, &request, &Adapted::default(), false).get("stop_sequences").cloned()
    };
    assert_eq!(sent(&["x", " \n"]), Some(json!(["x"])));
    assert_eq!(sent(&["\n"]), None);
}

#[test]
fn an_answer_that_stands_in_the_opening_of_a_stream_is_read_there() {
    let thought = json!({ "type": "thinking", "thinking": "two and two", "signature": "s" });
    let text = json!({ "type": "text", "text": "4" });
    let use_it = json!({ "type": "tool_use", "id": "c", "name": "add", "input": {} });
    let searched = json!({ "type": "server_tool_use", "id": "d", "name": "web_search", "input": { "query": "4" } });
    let opening = |content: Value, reason: Value| {
        json!({ "type": "message_start", "message": { "id": "msg_1",
        "type": "message", "role": "assistant", "model": "m", "content": content, "stop_reason": reason,
        "usage": { "input_tokens": 3, "output_tokens": 5 } } })
    };
    let stop = json!({ "type": "message_stop" });
    let content = json!([thought, text, searched, use_it]);
    let told = streamed(MESSAGES, &typed_sse(&[opening(content.clone(), json!("tool_use")), stop.clone()]));
    let whole = json!({ "id": "msg_1", "type": "message", "role": "assistant", "model": "m", "content": content,
        "stop_reason": "tool_use", "usage": { "input_tokens": 3, "output_tokens": 5 } });
    assert_same(&told, &plain(MESSAGES, &whole));
    assert_eq!((told.fold().text(), told.fold().finish), ("4".to_owned(), Some(FinishReason::ToolCalls)));
    // Begun once more, and gone on from: nothing is told twice.
    let events = [
        opening(json!([text]), Value::Null),
        json!({ "type": "content_block_start", "index": 0, "content_block": text }),
        json!({ "type": "content_block_delta", "index": 0, "delta": { "type": "text_delta", "text": "2" } }),
        json!({ "type": "content_block_stop", "index": 0 }),
        json!({ "type": "content_block_start", "index": 1, "content_block": { "type": "text", "text": "" } }),
        json!({ "type": "content_block_delta", "index": 1, "delta": { "type": "text_delta", "text": "!" } }),
        json!({ "type": "content_block_stop", "index": 1 }),
        json!({ "type": "message_delta", "delta": { "stop_reason": "end_turn" }, "usage": { "output_tokens": 6 } }),
        stop,
    ];
    let told = streamed(MESSAGES, &typed_sse(&events));
    assert_well_formed(&told);
    assert_eq!((told.failure.is_none(), told.fold().text()), (true, "42!".to_owned()));
}

#[test]
fn what_stands_in_the_opening_of_a_stream_and_comes_again_is_told_once() {
    let opening = |content: Value| {
        json!({ "type": "message_start", "message": { "id": "msg_1", "type": "message", "role": "assistant",
        "model": "m", "content": content } })
    };
    let start = |at: u64, block: Value| json!({ "type": "content_block_start", "index": at, "content_block": block });
    let delta = |at: u64, delta: Value| json!({ "type": "content_block_delta", "index": at, "delta": delta });
    let text = |at: u64, said: &str| delta(at, json!({ "type": "text_delta", "text": said }));
    let stop = |at: u64| json!({ "type": "content_block_stop", "index": at });
    let blocks = |events: Vec<Value>| {
        let told = streamed(MESSAGES, &typed_sse(&[events, vec![json!({ "type": "message_stop" })]].concat()));
        assert_well_formed(&told);
        told.fold().message(None).blocks
    };
    let said = |said: &str| Block::Text(said.to_owned());
    let begun = json!({ "type": "text", "text": "" });
    let use_it = json!({ "type": "tool_use", "id": "c", "name": "add", "input": {} });
    let arguments = |at: u64| delta(at, json!({ "type": "input_json_delta", "partial_json": "{ \"a\": 1 }" }));
    // An empty block takes nobody's place, and another kind is another block.
    let called = vec![opening(json!([begun])), start(0, use_it.clone()), arguments(0), stop(0)];
    assert_eq!(blocks(called), [call("c", "{ \"a\": 1 }")]);
    let called =
        vec![opening(json!([{ "type": "text", "text": "4" }])), start(0, use_it.clone()), arguments(0), stop(0)];
    assert_eq!(blocks(called), [said("4"), call("c", "{ \"a\": 1 }")]);
    // All of it comes again.
    let thinking = json!({ "type": "thinking", "thinking": "two and two", "signature": "s" });
    let whole = json!([thinking, { "type": "text", "text": "42" },
        { "type": "tool_use", "id": "c", "name": "add", "input": { "a": 1 } }]);
    let again = vec![
        opening(whole),
        start(0, json!({ "type": "thinking", "thinking": "", "signature": "" })),
        delta(0, json!({ "type": "thinking_delta", "thinking": "two and two" })),
        delta(0, json!({ "type": "signature_delta", "signature": "s" })),
        stop(0),
        start(1, begun.clone()),
        text(1, "4"),
        text(1, "2"),
        stop(1),
        start(2, use_it),
        arguments(2),
        stop(2),
    ];
    let once = [thought("two and two", Some("s"), None), said("42"), call("c", "{\"a\":1}")];
    assert_eq!(blocks(again), once);
    // And is gone on from, or never was the same.
    for (pieces, all) in
        [(vec!["4", "2!"], "42!"), (vec!["4", "2", "!"], "42!"), (vec!["4", "!"], "424!"), (vec!["!"], "42!")]
    {
        let mut events = vec![opening(json!([{ "type": "text", "text": "42" }])), start(0, begun.clone())];
        events.extend(pieces.into_iter().map(|piece| text(0, piece)));
        assert_eq!(blocks(events), [said(all)]);
    }
    // What was over stays over.
    let late =
        vec![opening(json!([{ "type": "text", "text": "42" }])), stop(0), start(0, begun), text(0, "42"), stop(0)];
    assert_eq!(blocks(late), [said("42")]);
}
