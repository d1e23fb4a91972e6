//! OpenAI Chat and its relatives (openai-chat.md, openai-compatible.md, openrouter.md, deepseek.md, xai.md).

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::model::{Cost, CostSource, FinishReason, NanoUsd, Scope};
use crate::wire::Quirks;

const CHAT: Dialect = Dialect::OpenAiChat;

fn chunk(delta: Value, finish: Option<&str>) -> Value {
    let choice = json!({ "index": 0, "delta": delta, "finish_reason": finish });
    json!({ "id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "gpt-x",
        "choices": [choice], "usage": null, "obfuscation": "aZ" })
}

fn last(usage: Value) -> Value {
    json!({ "id": "chatcmpl-1", "model": "gpt-x", "choices": [], "usage": usage })
}

fn reply(message: Value, finish: &str, usage: Value) -> Value {
    json!({ "id": "chatcmpl-1", "object": "chat.completion", "model": "gpt-x", "usage": usage,
        "choices": [{ "index": 0, "message": message, "finish_reason": finish }] })
}

/// openai-chat.md, "Response": the usage of an answer with every part.
fn usage() -> Value {
    json!({ "prompt_tokens": 100, "completion_tokens": 30, "total_tokens": 130,
        "prompt_tokens_details": { "cached_tokens": 60, "cache_write_tokens": 10, "audio_tokens": 0 },
        "completion_tokens_details": { "reasoning_tokens": 20 } })
}

/// openai-chat.md, "Streaming": text, then two calls that interleave, then usage.
pub(super) fn recorded() -> String {
    let call = |index, id: &str, arguments: &str| json!({ "index": index, "id": id, "type": "function", "function": { "name": "add", "arguments": arguments } });
    let more = |index, arguments: &str| json!({ "index": index, "function": { "arguments": arguments } });
    let chunks = [
        chunk(json!({ "role": "assistant", "content": "" }), None),
        chunk(json!({ "content": "Let " }), None),
        chunk(json!({ "content": "me see: é." }), None),
        chunk(json!({ "tool_calls": [call(0, "call_a", "")] }), None),
        chunk(json!({ "tool_calls": [more(0, "{\"a\"")] }), None),
        chunk(json!({ "tool_calls": [call(1, "call_b", ""), more(0, ":1")] }), None),
        chunk(json!({ "tool_calls": [more(1, "{\"a\":2}"), more(0, "}")] }), None),
        chunk(json!({}), Some("tool_calls")),
        last(usage()),
    ];
    format!(": OPENROUTER PROCESSING\n\n{}data: [DONE]\n\n", sse(&chunks)).replace("\n\n", "\r\n\r\n")
}

#[test]
fn of_several_answers_the_first_is_read_and_none_is_mixed_with_another() {
    let at = |index: u64, delta: Value, finish: Option<&str>| json!({ "index": index, "delta": delta, "finish_reason": finish });
    let chunk = |choices: Value| json!({ "id": "a", "model": "m", "choices": choices });
    let calls = |id: &str, arguments: &str| {
        let function = json!({ "name": "add", "arguments": arguments });
        json!({ "tool_calls": [{ "index": 0, "id": id, "function": function }] })
    };
    let body = sse(&[
        chunk(json!([at(1, json!({ "content": "zwei" }), None)])),
        chunk(json!([at(0, json!({ "content": "two" }), None)])),
        chunk(json!([at(1, calls("b", "{\"b\":1}"), None), at(0, calls("a", "{\"a\":1}"), None)])),
        chunk(json!([at(1, json!({}), Some("length"))])),
        chunk(json!([at(0, json!({}), Some("tool_calls"))])),
    ]);
    let told = streamed(CHAT, &(body + "data: [DONE]\n\n"));
    assert_well_formed(&told);
    let fold = told.fold();
    assert_eq!(fold.message(None).blocks, [Block::Text("two".into()), Block::call("a", "add", "{\"a\":1}")]);
    assert_eq!(fold.finish, Some(FinishReason::ToolCalls));
    let said =
        |index: u64, text: &str| json!({ "index": index, "message": { "content": text }, "finish_reason": "stop" });
    let whole = json!({ "id": "a", "choices": [said(1, "zwei"), said(0, "two")] });
    assert_eq!(plain(CHAT, &whole).fold().text(), "two");
    // Some servers number nothing.
    let bare = json!({ "id": "a", "choices": [{ "message": { "content": "two" }, "finish_reason": "stop" }] });
    assert_eq!(plain(CHAT, &bare).fold().text(), "two");
}

#[test]
fn what_a_caller_says_to_a_router_stands_beside_what_we_say() {
    let tool = json!({ "type": "function", "function": { "name": "look", "parameters": { "type": "object" } } });
    let sent = |provider: Value| {
        let body = json!({ "model": "m", "messages": [{ "role": "user", "content": "go" }], "tools": [tool],
            "provider": provider });
        let asked = surface(CHAT).read_request(body.to_string().as_bytes(), &requests::ASKING).unwrap().request;
        let quirks = Quirks { require_parameters: true, ..Quirks::default() };
        let adapted = Adapted { quirks, ..Adapted::default() };
        let written = wire(CHAT).write_request("m", &asked, &adapted, false).unwrap();
        serde_json::from_slice::<Value>(&written.body).unwrap()["provider"].clone()
    };
    let private = json!({ "data_collection": "deny", "zdr": true });
    let both = json!({ "data_collection": "deny", "zdr": true, "require_parameters": true });
    assert_eq!(sent(private), both);
    assert_eq!(sent(json!({ "require_parameters": false })), json!({ "require_parameters": false }));
    assert_eq!(sent(json!({})), json!({ "require_parameters": true }));
}

#[test]
fn a_stream_and_a_plain_answer_say_the_same() {
    let call = |id: &str, arguments: &str| json!({ "id": id, "type": "function", "function": { "name": "add", "arguments": arguments } });
    let calls = [call("call_a", "{\"a\":1}"), call("call_b", "{\"a\":2}")];
    let message = json!({ "role": "assistant", "content": "Let me see: é.", "refusal": null, "tool_calls": calls });
    let stream = streamed(CHAT, &recorded());
    assert_same(&stream, &plain(CHAT, &reply(message, "tool_calls", usage())));
    let fold = stream.fold();
    assert_eq!(fold.text(), "Let me see: é.");
    assert_eq!(fold.usage, used([30, 60, 10, 0, 30], Some(20)));
    assert_eq!(fold.finish, Some(FinishReason::ToolCalls));
    assert_eq!(stream.opening(), Some(("chatcmpl-1".into(), "gpt-x".into())));
    let made = |id: &str, input: &str| Block::call(id, "add", input);
    assert_eq!(fold.message(None).blocks[1..], [made("call_a", "{\"a\":1}"), made("call_b", "{\"a\":2}")]);
}

#[test]
fn a_stream_that_breaks_off_anywhere_is_truncated() {
    assert_cut_anywhere_is_truncated(CHAT, &recorded());
}

#[test]
fn arguments_may_be_cut_at_any_character() {
    let arguments = "{\"path\":\"a\\\\b\",\"n\":[1,2]}";
    for at in 0..=arguments.len() {
        let (a, b) = arguments.split_at(at);
        let call = json!({ "index": 0, "id": "c", "type": "function", "function": { "name": "add", "arguments": a } });
        let more = json!({ "index": 0, "function": { "arguments": b } });
        let chunks = [
            chunk(json!({ "tool_calls": [call] }), None),
            chunk(json!({ "tool_calls": [more] }), None),
            chunk(json!({}), Some("tool_calls")),
        ];
        let told = streamed(CHAT, &format!("{}data: [DONE]\n\n", sse(&chunks)));
        assert_eq!(told.fold().message(None).blocks, [super::call("c", arguments)]);
    }
}

#[test]
fn calls_that_are_numbered_alike_or_not_at_all_stay_apart() {
    let piece = |index: Value, id: &str, name: &str, arguments: &str| {
        let mut call = json!({ "type": "function", "function": { "arguments": arguments } });
        for (field, value) in [("index", index), ("id", json!(id))] {
            if !value.is_null() {
                call[field] = value;
            }
        }
        call["function"]["name"] = json!(name);
        chunk(json!({ "tool_calls": [call] }), None)
    };
    let read = |pieces: &[Value]| {
        let told = streamed(CHAT, &(sse(pieces) + &sse(&[chunk(json!({}), Some("tool_calls"))]) + "data: [DONE]\n\n"));
        assert_well_formed(&told);
        told.fold().message(None).blocks
    };
    let both = [Block::call("a", "add", "{\"n\":1}"), Block::call("b", "sub", "{\"n\":2}")];
    for index in [json!(0), Value::Null] {
        let at = |id, name, arguments| piece(index.clone(), id, name, arguments);
        assert_eq!(read(&[at("a", "add", "{\"n\":1}"), at("b", "sub", "{\"n\":2}")]), both);
        // In pieces, which name their call or do not.
        let pieces = [at("a", "add", "{\"n\""), at("", "", ":1}"), at("b", "sub", ""), at("b", "", "{\"n\":2}")];
        assert_eq!(read(&pieces), both);
        let mixed = [at("a", "add", "{\"n\""), at("b", "sub", "{\"n\""), at("a", "add", ":1}"), at("b", "sub", ":2}")];
        assert_eq!(read(&mixed), both);
        // The same id, or a made-up one, with every piece is one call.
        let one = [Block::call("a", "add", "{\"n\":1}")];
        assert_eq!(read(&[at("a", "add", "{\"n\""), at("a", "add", ":1}")]), one);
        assert_eq!(read(&[at("a", "add", "{\"n\""), at("x", "", ":"), at("y", "", "1}")]), one);
        // Without ids a name and an object behind complete arguments are another call, and a name alone is none.
        let told = |pieces: &[(&str, &str)]| {
            let pieces: Vec<Value> = pieces.iter().map(|(name, said)| piece(index.clone(), "", name, said)).collect();
            let calls = read(&pieces).into_iter().map(|block| match block {
                Block::ToolCall { name, input, .. } => format!("{name}{input}"),
                other => format!("{other:?}"),
            });
            calls.collect::<Vec<_>>()
        };
        assert_eq!(told(&[("add", "{\"n\":1}"), ("sub", "{\"n\""), ("", ":2}")]), ["add{\"n\":1}", "sub{\"n\":2}"]);
        assert_eq!(told(&[("add", "{\"n\""), ("add", ":1}"), ("add", "{}")]), ["add{\"n\":1}", "add{}"]);
        assert_eq!(told(&[("add", ""), ("sub", "{}")]), ["add", "sub{}"]);
        assert_eq!(
            told(&[("add", "{\"n\":"), ("add", "{\"}\":1}"), ("add", "}"), ("add", "")]),
            ["add{\"n\":{\"}\":1}}"]
        );
        assert_eq!(told(&[("add", "{\"n\":\"}\\\"{\""), ("sub", "}")]), ["add{\"n\":\"}\\\"{\"}"]);
    }
    // In a whole answer each stands for itself.
    let calls = json!(
        [1, 2].map(|n| json!({ "index": 0, "function": { "name": "add", "arguments": format!("{{\"n\":{n}}}") } }))
    );
    let told = plain(CHAT, &reply(json!({ "role": "assistant", "tool_calls": calls }), "tool_calls", json!({})));
    assert_eq!(told.fold().message(None).blocks.len(), 2);
}

#[test]
fn reasoning_comes_under_two_names_and_in_mistrals_parts() {
    // deepseek.md, "Thinking"; openai-compatible.md, "Groq" and "Mistral".
    let parts = json!([{ "type": "thinking", "thinking": [{ "type": "text", "text": "hm" }] }, { "type": "text", "text": "4" }]);
    let deltas = [
        json!({ "reasoning_content": "hm", "content": null }),
        json!({ "reasoning": "hm", "reasoning_details": [{ "type": "reasoning.text", "text": "hm" }] }),
        json!({ "reasoning": "hm", "reasoning_content": "hm" }),
    ];
    for delta in deltas {
        let chunks = [chunk(delta, None), chunk(json!({ "content": "4" }), Some("stop"))];
        let told = streamed(CHAT, &sse(&chunks));
        // Details are kept for sending back; the words are said once.
        let blocks = told.fold().message(None).blocks;
        let said: Vec<&Block> = blocks.iter().filter(|b| !matches!(b, Block::Thought { seal: Some(_), .. })).collect();
        assert_eq!(said, [&thought("hm", None, None), &Block::Text("4".into())]);
    }
    let whole = plain(CHAT, &reply(json!({ "content": parts }), "stop", Value::Null));
    assert_same(&streamed(CHAT, &sse(&[chunk(json!({ "content": parts }), Some("stop"))])), &whole);
    assert_eq!(whole.fold().message(None).blocks, [thought("hm", None, None), Block::Text("4".into())]);
}

#[test]
fn a_refusal_and_a_filter_are_both_refusals() {
    for (message, finish) in
        [(json!({ "content": null, "refusal": "No." }), "stop"), (json!({ "content": "No." }), "content_filter")]
    {
        let whole = plain(CHAT, &reply(message.clone(), finish, Value::Null));
        assert_same(&streamed(CHAT, &sse(&[chunk(message, Some(finish))])), &whole);
        assert_eq!((whole.fold().text().as_str(), whole.fold().finish), ("No.", Some(FinishReason::Refused)));
    }
}

#[test]
fn every_reason_to_stop_has_its_word() {
    // openai-chat.md, "Response"; openai-compatible.md.
    for (reason, finish) in [
        ("stop", FinishReason::Stop),
        ("eos", FinishReason::Stop),
        ("length", FinishReason::Length),
        ("model_length", FinishReason::Length),
        ("model_context_window_exceeded", FinishReason::Length),
        ("function_call", FinishReason::ToolCalls),
        ("sensitive", FinishReason::Refused),
        ("new_reason", FinishReason::Other("new_reason".into())),
    ] {
        assert_eq!(streamed(CHAT, &sse(&[chunk(json!({ "content": "4" }), Some(reason))])).fold().finish, Some(finish));
    }
    // An answer that an error or the network ended is none (translation.md, "Stop reasons": broken call).
    for reason in ["error", "network_error"] {
        let told = streamed(CHAT, &sse(&[chunk(json!({ "content": "4" }), Some(reason))]));
        assert_eq!((told.kind(), told.fold().text().as_str()), (Some(Kind::Broken), "4"));
    }
}

#[test]
fn a_stop_after_calls_is_a_wish_for_their_results() {
    let call = json!({ "function": { "name": "add", "arguments": { "a": 1 } } });
    let told = plain(CHAT, &reply(json!({ "content": "", "tool_calls": [call] }), "stop", Value::Null));
    assert_eq!(told.fold().finish, Some(FinishReason::ToolCalls));
    let Block::ToolCall { id, input, .. } = &told.fold().message(None).blocks[0] else { panic!("no call") };
    assert_eq!((id.as_str(), input.as_str()), ("made-up-0", "{\"a\":1}"), "an id is made up, an object becomes text");
}

#[test]
fn a_server_that_forgets_its_end_mark_but_says_why_it_stopped_is_believed() {
    assert_eq!(streamed(CHAT, &sse(&[chunk(json!({ "content": "4" }), Some("stop"))])).failure, None);
    assert_eq!(streamed(CHAT, &sse(&[chunk(json!({ "content": "4" }), None)])).kind(), Some(Kind::Truncated));
    let nothing = streamed(CHAT, "data: [DONE]\n\n");
    assert!(nothing.failure.is_none() && !nothing.fold().has_content(), "an empty answer is an answer");
}

#[test]
fn tokens_are_counted_as_each_provider_spells_them() {
    let of = |usage: Value| plain(CHAT, &reply(json!({ "content": "4" }), "stop", usage)).fold();
    // deepseek.md, "Usage".
    let hit = json!({ "prompt_tokens": 9, "completion_tokens": 2, "prompt_cache_hit_tokens": 6, "prompt_cache_miss_tokens": 3 });
    assert_eq!(of(hit).usage, used([3, 6, 0, 0, 2], None));
    // Moonshot's cached tokens are nested in nothing, and its streams count inside the choice.
    let moonshot = json!({ "prompt_tokens": 100, "completion_tokens": 2, "total_tokens": 102, "cached_tokens": 90 });
    assert_eq!(of(moonshot.clone()).usage, used([10, 90, 0, 0, 2], None));
    let mut end = chunk(json!({}), Some("stop"));
    end["choices"][0]["usage"] = moonshot;
    let told = streamed(CHAT, &(sse(&[chunk(json!({ "content": "4" }), None), end]) + "data: [DONE]\n\n"));
    assert_eq!(told.fold().usage, used([10, 90, 0, 0, 2], None));
    // xai.md: reasoning is missing in the completion, not in the total; ticks of 1e-10 dollars.
    let ticks = json!({ "prompt_tokens": 10, "completion_tokens": 2, "total_tokens": 112, "cost_in_usd_ticks": 37_756_005,
        "completion_tokens_details": { "reasoning_tokens": 100 } });
    assert_eq!(of(ticks.clone()).usage, used([10, 0, 0, 0, 102], Some(100)));
    assert_eq!(of(ticks).charged, Some(Cost { amount: NanoUsd(3_775_601), source: CostSource::Reported }));
    // openrouter.md, "Response additions".
    let cost = json!({ "prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2, "cost": 0.00014 });
    assert_eq!(of(cost).charged, Some(Cost { amount: NanoUsd(140_000), source: CostSource::Reported }));
    for none in
        [json!({ "cost": -1 }), json!({ "cost": null }), json!({ "cost": { "total": 1 } }), json!({ "cost": 1e300 })]
    {
        assert_eq!(of(none).charged, None);
    }
    // What contradicts itself does not underflow.
    let odd = json!({ "prompt_tokens": 5, "total_tokens": 3, "prompt_tokens_details": { "cached_tokens": 9, "cache_write_tokens": 9 } });
    assert_eq!(of(odd).usage, used([0, 5, 0, 0, 0], None));
    // openai-compatible.md, "Groq": the last chunk, under a name of its own.
    let groq =
        json!({ "id": "1", "choices": [], "x_groq": { "usage": { "prompt_tokens": 3, "completion_tokens": 4 } } });
    let told = streamed(CHAT, &sse(&[chunk(json!({ "content": "4" }), Some("stop")), groq]));
    assert_eq!(told.fold().usage, used([3, 0, 0, 0, 4], None));
}

#[test]
fn an_error_in_a_stream_means_what_its_own_status_would() {
    // openrouter.md, "Response additions" and "Errors"; openai-chat.md, "Errors"; openai-compatible.md, "Mistral".
    let behind = json!({ "provider_name": "Upstream", "raw": "{\"why\":\"gone\"}" });
    for (error, kind, scope) in [
        (json!({ "error": { "code": 502, "message": "m", "metadata": behind } }), Kind::Broken, Scope::Model),
        (json!({ "error": { "code": 429, "message": "m" } }), Kind::RateLimited, Scope::Model),
        (json!({ "error": { "code": 402, "message": "m" } }), Kind::QuotaSpent, Scope::Account),
        (
            json!({ "error": { "code": 402, "message": "m", "metadata": { "error_type": "in_flight_budget_exhausted" } } }),
            Kind::RateLimited,
            Scope::Account,
        ),
        (
            json!({ "error": { "code": 503, "message": "m", "metadata": { "error_type": "provider_overloaded" } } }),
            Kind::Overloaded,
            Scope::Provider,
        ),
        (json!({ "error": { "code": 504, "message": "m" } }), Kind::TimedOut, Scope::Model),
        (json!({ "error": { "type": "server_error", "message": "m" } }), Kind::Broken, Scope::Provider),
        (
            json!({ "error": { "type": "invalid_request_error", "code": "context_length_exceeded", "message": "m" } }),
            Kind::TooLong,
            Scope::Request,
        ),
        (
            json!({ "error": { "type": "invalid_request_error", "code": "invalid_api_key", "message": "m" } }),
            Kind::Unauthorized,
            Scope::Account,
        ),
        (json!({ "error": { "type": "insufficient_quota", "message": "m" } }), Kind::QuotaSpent, Scope::Account),
        (json!({ "error": "m" }), Kind::Broken, Scope::Provider),
        (
            json!({ "object": "error", "message": "m", "type": "invalid_request_error", "code": null }),
            Kind::BadRequest,
            Scope::Request,
        ),
    ] {
        let told = streamed(CHAT, &sse(&[chunk(json!({ "content": "4" }), None), error.clone()]));
        let failure = told.failure.clone().unwrap();
        assert_eq!((failure.kind, failure.scope), (kind, scope), "{error}");
        assert!(failure.message.starts_with('m'), "{failure}");
        assert_eq!(told.fold().text(), "4", "what came before is kept");
        assert_eq!(plain(CHAT, &error).kind(), Some(kind), "{error}");
    }
}

#[test]
fn a_request_is_written_as_the_document_says() {
    // openai-chat.md, "Request" and "Messages".
    let golden = json!({ "model": "m", "messages": [{ "role": "system", "content": "Be short." }, { "role": "user", "content": "2+2?" }] });
    assert_eq!(body(CHAT, &asked()), golden);
    let quirks = Quirks {
        max_tokens_field: "max_completion_tokens".into(),
        developer_role: true,
        obfuscation: true,
        strict: true,
        store: true,
        ..Quirks::default()
    };
    let own = Adapted { quirks, max_output: Some(9), structured: true, sampling: true, ..Adapted::default() };
    let (warm, _) = warm();
    let request = Request { schema: with_schema().schema, ..warm };
    let schema = request.schema.clone().unwrap().schema;
    assert_eq!(
        written(CHAT, &request, &own, true),
        json!({ "model": "m",
        "messages": [{ "role": "developer", "content": "Be short." }, { "role": "user", "content": "2+2?" }],
        "max_completion_tokens": 9, "temperature": 1.5, "top_p": 0.5,
        "response_format": { "type": "json_schema", "json_schema": { "name": "sum", "schema": schema, "strict": true } },
        "store": false, "stream": true, "stream_options": { "include_usage": true, "include_obfuscation": false } })
    );
    let plain = written(CHAT, &asked(), &Adapted { max_output: Some(9), ..Adapted::default() }, true);
    assert_eq!((&plain["max_tokens"], &plain["stream_options"]), (&json!(9), &json!({ "include_usage": true })));
}

#[test]
fn tools_calls_and_results_are_written_as_the_document_says() {
    // openai-chat.md, "Tools"; one tool message for each call, directly after it (translation.md, "Tools").
    let golden = body(CHAT, &after_calls());
    assert_eq!(
        golden["tools"],
        json!([{ "type": "function", "function": { "name": "add", "description": "Adds.",
        "parameters": { "type": "object", "properties": { "a": { "type": "integer" } } } } }])
    );
    let call = |id: &str, arguments: &str| json!({ "id": id, "type": "function", "function": { "name": "add", "arguments": arguments } });
    assert_eq!(
        golden["messages"].as_array().unwrap()[2..5],
        [
            json!({ "role": "assistant", "content": "Let me see.", "tool_calls": [call("c1", "{\"a\":2}"), call("c2", "not json")] }),
            json!({ "role": "tool", "tool_call_id": "c1", "content": "4" }),
            json!({ "role": "tool", "tool_call_id": "c2", "content": "error: no such number" }),
        ]
    );
    assert_eq!(golden["messages"][5], json!({ "role": "user", "content": "Go on." }));
    for (choice, golden) in [
        (ToolChoice::Auto, json!("auto")),
        (ToolChoice::None, json!("none")),
        (ToolChoice::Required, json!("required")),
        (ToolChoice::Named("add".into()), json!({ "type": "function", "function": { "name": "add" } })),
    ] {
        assert_eq!(body(CHAT, &with_tools(choice))["tool_choice"], golden);
    }
}

#[test]
fn images_and_documents_are_written_as_the_document_says() {
    // openai-chat.md, "Messages".
    assert_eq!(
        body(CHAT, &with_files())["messages"][1]["content"],
        json!([{ "type": "text", "text": "See:" },
        { "type": "image_url", "image_url": { "url": "data:image/png;base64,AAAA" } },
        { "type": "file", "file": { "filename": "a.pdf", "file_data": "data:application/pdf;base64,BBBB" } }])
    );
}

#[test]
fn each_way_to_ask_for_reasoning_is_spelled_as_its_provider_does() {
    // openai-chat.md, deepseek.md "Thinking", openrouter.md "Request additions", openai-compatible.md "Together".
    let of = |way: Thinking| {
        let mut body = thinking(CHAT, way);
        body.as_object_mut().unwrap().retain(|key, _| key != "model" && key != "messages");
        body
    };
    assert_eq!(of(Thinking::Unset), json!({}));
    assert_eq!(of(Thinking::Level(Effort::XHigh)), json!({ "reasoning_effort": "xhigh" }));
    assert_eq!(of(Thinking::Disabled), json!({ "reasoning_effort": "none" }));
    assert_eq!(
        of(Thinking::Switch(true, Some(Effort::Max))),
        json!({ "thinking": { "type": "enabled" }, "reasoning_effort": "max" })
    );
    assert_eq!(of(Thinking::Switch(false, Some(Effort::Max))), json!({ "thinking": { "type": "disabled" } }));
    assert_eq!(of(Thinking::Think(false)), json!({ "chat_template_kwargs": { "enable_thinking": false } }));
    assert_eq!(of(Thinking::Enable(false, Some(9))), json!({ "enable_thinking": false }));
    assert_eq!(of(Thinking::Enable(true, Some(2048))), json!({ "enable_thinking": true, "thinking_budget": 2048 }));
    assert_eq!(of(Thinking::Enable(true, None)), json!({ "enable_thinking": true }));
    let quirks = Quirks { reasoning_object: true, ..Quirks::default() };
    for (way, golden) in [
        (Thinking::Level(Effort::Low), json!({ "effort": "low" })),
        (Thinking::Budget(2048), json!({ "max_tokens": 2048 })),
    ] {
        let body =
            written(CHAT, &asked(), &Adapted { thinking: way, quirks: quirks.clone(), ..Adapted::default() }, false);
        assert_eq!((body["reasoning"].clone(), body.get("reasoning_effort")), (golden, None));
    }
}

#[test]
fn reasoning_returns_with_calls_where_its_loss_would_be_refused_and_nowhere_else() {
    // deepseek.md, "Loop rule": a space passes where the text is lost.
    let returning = Adapted { quirks: Quirks { return_reasoning: true, ..Quirks::default() }, ..Adapted::default() };
    let turn = |blocks: Vec<Block>, adapted: &Adapted| {
        let request = Request { messages: vec![said(Role::Assistant, blocks)], ..asked() };
        written(CHAT, &request, adapted, false)["messages"].get(1).cloned()
    };
    let blocks = || vec![thought("hm", None, None), call("c", "{}")];
    assert_eq!(turn(blocks(), &returning).unwrap()["reasoning_content"], "hm");
    assert_eq!(turn(vec![call("c", "{}")], &returning).unwrap()["reasoning_content"], " ");
    assert_eq!(turn(blocks(), &Adapted::default()).unwrap().get("reasoning_content"), None);
    let said = turn(vec![thought("hm", None, None), Block::Text("4".into())], &returning).unwrap();
    assert_eq!(said, json!({ "role": "assistant", "content": "4" }));
    assert_eq!(turn(vec![thought("hm", None, None)], &returning), None, "an empty turn is refused by many");
}

#[test]
fn mistral_gets_short_ids_and_its_thoughts_as_parts() {
    // openai-compatible.md, "Mistral".
    let quirks = Quirks { short_ids: true, thought_parts: true, ..Quirks::default() };
    let adapted = Adapted { quirks, ..Adapted::default() };
    let turns = |id: &str| {
        let said = [
            said(Role::Assistant, vec![thought("hm", None, None), call(id, "{}")]),
            said(Role::User, vec![result(id, "3", false)]),
        ];
        let body = written(CHAT, &Request { messages: said.to_vec(), ..asked() }, &adapted, false);
        (body["messages"][1].clone(), body["messages"][2]["tool_call_id"].clone())
    };
    let (turn, answer) = turns("call_0123456789abcdef");
    let id = turn["tool_calls"][0]["id"].as_str().unwrap();
    assert!(id.len() == 9 && id.bytes().all(|b| b.is_ascii_alphanumeric()), "{id}");
    assert_eq!(answer, id, "a result says which call it answers");
    assert_eq!(turn["content"], json!([{ "type": "thinking", "thinking": [{ "type": "text", "text": "hm" }] }]));
    assert_ne!(turns("call_other").1.as_str(), Some(id));
    assert_eq!(turns("abcDEF123").1, "abcDEF123", "its own stay");
}

#[test]
fn a_call_that_cannot_be_demanded_is_left_to_the_model() {
    for (choice, word) in
        [(ToolChoice::Required, "auto"), (ToolChoice::Named("add".into()), "auto"), (ToolChoice::None, "none")]
    {
        let request = with_tools(choice);
        let adapted = Adapted { unforced: true, ..Adapted::default() };
        assert_eq!(written(CHAT, &request, &adapted, false)["tool_choice"], word);
    }
}

#[test]
fn details_of_thoughts_come_back_as_they_came_and_to_nobody_else() {
    // openrouter.md, "Response additions": pieces of a stream belong together by their index.
    let detail = |text: &str, signature: Value| json!([{ "type": "reasoning.text", "text": text, "signature": signature, "index": 0 }]);
    let sealed = json!([{ "type": "reasoning.encrypted", "data": "b64==", "index": 1 }]);
    let chunks = [
        chunk(json!({ "reasoning": "I th", "reasoning_details": detail("I th", Value::Null) }), None),
        chunk(json!({ "reasoning": "ink", "reasoning_details": detail("ink", json!("sig")) }), None),
        chunk(json!({ "reasoning_details": sealed }), None),
        chunk(json!({ "content": "4" }), Some("stop")),
    ];
    let told = streamed(CHAT, &format!("{}data: [DONE]\n\n", sse(&chunks)));
    let message = told.fold().message(tag("a"));
    let texts: Vec<&str> = message
        .blocks
        .iter()
        .filter_map(|b| match b {
            Block::Thought { text, .. } => Some(text.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(texts.concat(), "I think");
    let sent = |to: Option<Tag>, return_details: bool| {
        let adapted = Adapted { tag: to, quirks: Quirks { return_details, ..Quirks::default() }, ..Adapted::default() };
        written(CHAT, &Request { messages: vec![message.clone()], ..asked() }, &adapted, false)["messages"][1]["reasoning_details"].clone()
    };
    let whole = json!([
        { "type": "reasoning.text", "text": "I think", "signature": "sig", "index": 0 },
        { "type": "reasoning.encrypted", "data": "b64==", "index": 1 }
    ]);
    assert_eq!(sent(tag("a"), true), whole);
    assert_eq!(sent(tag("a"), false), Value::Null, "who does not know them refuses them");
    assert_eq!(sent(tag("b"), true), Value::Null, "another could not read them");
}

proptest! {
    #[test]
    fn any_chunking_gives_the_same_events(sizes in prop::collection::vec(1usize..60, 1..6)) {
        let (whole, cut) = (streamed(CHAT, &recorded()), pieces(CHAT, recorded().as_bytes(), &sizes));
        prop_assert_eq!((whole.events, whole.failure), (cut.events, cut.failure));
    }
}

#[test]
fn servers_that_call_things_otherwise_or_know_less_are_asked_in_their_own_words() {
    // openai-compatible.md: Mistral, Cohere, Z.ai, Together, Groq and Hugging Face.
    let with =
        |quirks: Quirks| Adapted { quirks, sampling: true, structured: true, tag: tag("a"), ..Adapted::default() };
    let sent = |request: &Request, quirks: Quirks| written(CHAT, request, &with(quirks), false);
    let usual = Quirks::default;

    let sampling =
        Sampling { seed: Some(7), presence_penalty: Some(0.5), temperature: Some(0.2), ..Sampling::default() };
    let request = Request { sampling, user: Some("u".into()), ..asked() };
    let body = sent(&request, Quirks { random_seed: true, users: false, penalties: false, ..usual() });
    assert_eq!((&body["random_seed"], &body["temperature"]), (&json!(7), &json!(0.2)));
    for name in ["seed", "user", "user_id", "presence_penalty"] {
        assert_eq!(body.get(name), None, "{name}");
    }
    assert_eq!(sent(&request, Quirks { user_id: true, ..usual() })["user_id"], "u");
    assert_eq!(sent(&request, usual())["user"], "u");

    let armed = Request { parallel: Some(false), ..with_tools(ToolChoice::Auto) };
    assert_eq!(sent(&armed, usual())["parallel_tool_calls"], false);
    assert_eq!(sent(&armed, Quirks { parallel: false, ..usual() }).get("parallel_tool_calls"), None);

    let about = crate::model::About { name: Some("Ann".into()), ..Default::default() };
    let named = Request { messages: vec![Message { about, ..Message::user("a") }], ..asked() };
    let turn = |quirks| sent(&named, quirks)["messages"].as_array().unwrap().last().cloned().unwrap();
    assert_eq!(turn(usual())["name"], "Ann");
    assert_eq!(turn(Quirks { speakers: false, ..usual() }).get("name"), None);

    let seen = Request { messages: vec![said(Role::User, vec![Block::image("image/png", "AAAA")])], ..asked() };
    let picture = |quirks| {
        sent(&seen, quirks)["messages"].as_array().unwrap().last().unwrap()["content"][0]["image_url"]["url"].clone()
    };
    assert_eq!(picture(usual()), "data:image/png;base64,AAAA");
    assert_eq!(picture(Quirks { bare_images: true, ..usual() }), "AAAA");

    let shaped = with_schema();
    let schema = shaped.schema.as_ref().unwrap().schema.clone();
    let format = sent(&shaped, Quirks { schema_beside: true, ..usual() })["response_format"].clone();
    assert_eq!(format, json!({ "type": "json_object", "schema": schema }));
}

#[test]
fn thoughts_go_back_beside_the_text_to_where_they_came_from_and_calls_are_numbered_where_they_must() {
    let quirks = Quirks { thoughts_back: true, reasoning_named: true, indexed_calls: true, ..Quirks::default() };
    let turn = |from: Option<Tag>, quirks: Quirks| {
        let blocks = vec![thought("hm", None, from), call("c", ""), call("d", "{}")];
        let request = Request { messages: vec![said(Role::Assistant, blocks)], ..asked() };
        let adapted = Adapted { quirks, tag: tag("a"), ..Adapted::default() };
        written(CHAT, &request, &adapted, false)["messages"][1].clone()
    };
    let own = turn(tag("a"), quirks.clone());
    assert_eq!((&own["reasoning"], &own["tool_calls"][1]["index"]), (&json!("hm"), &json!(1)));
    assert_eq!(own["tool_calls"][0]["function"]["arguments"], "{}", "no arguments are an empty object");
    assert_eq!(turn(tag("b"), quirks.clone()).get("reasoning"), None, "another's are nobody's");
    let elsewhere = turn(tag("a"), Quirks { reasoning_named: false, indexed_calls: false, ..quirks });
    assert_eq!(elsewhere["reasoning_content"], "hm");
    assert_eq!(elsewhere["tool_calls"][1].get("index"), None);
}
