//! Answers in which the model refuses, in words and by a filter (translation.md, "Content", "Stop reasons").

use proptest::prelude::*;

use super::requests::{ASKING, able};
use super::*;
use crate::model::FinishReason;
use crate::wire::{Loss, Quirks, Reply};

const CHAT: Dialect = Dialect::OpenAiChat;
const RESPONSES: Dialect = Dialect::OpenAiResponses;

/// The dialects that have a place for it.
fn marks(dialect: Dialect) -> bool {
    matches!(dialect, CHAT | RESPONSES)
}

fn reply() -> Reply {
    Reply { id: "answer-1".into(), model: "m".into(), created: 1, usage: true, ..Reply::default() }
}

fn block(index: usize, kind: BlockKind, pieces: &[&str]) -> Vec<Event> {
    let mut out = vec![Event::BlockStart { index, kind }];
    out.extend(pieces.iter().map(|piece| Event::Text { index, text: (*piece).to_owned() }));
    out.push(Event::BlockEnd { index });
    out
}

/// `said`, then a refusal in these words.
fn refused(said: Option<&str>, words: &[&str]) -> Vec<Event> {
    let mut out = vec![Event::Start { id: "answer-1".into(), model: "m".into() }];
    out.extend(said.into_iter().flat_map(|said| block(0, BlockKind::Text, &[said])));
    out.extend(block(usize::from(said.is_some()), BlockKind::Refusal, words));
    out.push(Event::Finish(FinishReason::Refused));
    out
}

fn as_stream(dialect: Dialect, events: &[Event]) -> Vec<u8> {
    let (mut writer, mut out) = (surface(dialect).writer(&reply()), Vec::new());
    events.iter().for_each(|event| writer.push(event, &mut out));
    writer.end(&mut out);
    out
}

fn as_whole(dialect: Dialect, events: &[Event]) -> Told {
    let body = surface(dialect).write_reply(events, &reply());
    Told { events: wire(dialect).read_reply(&body).unwrap(), failure: None }
}

/// What OpenAI sends where a model refuses an answer that has a schema, after `said`.
fn recorded(dialect: Dialect, said: &str) -> (Value, String) {
    let begun = json!({ "id": "resp_1", "status": "in_progress", "model": "m", "output": [] });
    match dialect {
        CHAT => {
            let content = Some(said).filter(|said| !said.is_empty());
            let whole = json!({ "id": "a", "model": "m", "choices": [{ "index": 0, "finish_reason": "stop",
                "message": { "role": "assistant", "content": content, "refusal": "I can't do that." } }] });
            let chunk = |delta: Value, finish: Option<&str>| {
                json!({ "id": "a", "model": "m",
                "choices": [{ "index": 0, "delta": delta, "finish_reason": finish }] })
            };
            let mut chunks = vec![chunk(json!({ "role": "assistant", "content": null, "refusal": "" }), None)];
            chunks.extend(content.map(|said| chunk(json!({ "content": said }), None)));
            chunks.push(chunk(json!({ "refusal": "I can't" }), None));
            chunks.push(chunk(json!({ "refusal": " do that." }), None));
            chunks.push(chunk(json!({}), Some("stop")));
            (whole, format!("{}data: [DONE]\n\n", sse(&chunks)))
        }
        _ => {
            let mut parts = vec![json!({ "type": "output_text", "text": said, "annotations": [] })];
            parts.retain(|part| part["text"] != "");
            let before = parts.len();
            parts.push(json!({ "type": "refusal", "refusal": "I can't do that." }));
            let item = json!({ "id": "msg_1", "type": "message", "role": "assistant", "status": "completed",
                "phase": "final_answer", "content": parts });
            let whole = json!({ "id": "resp_1", "object": "response", "status": "completed", "model": "m",
                "output": [item], "error": null, "incomplete_details": null });
            let head = json!({ "id": "msg_1", "type": "message", "role": "assistant", "phase": "final_answer",
                "content": [] });
            let mut events = vec![
                json!({ "type": "response.created", "response": begun }),
                json!({ "type": "response.output_item.added", "output_index": 0, "item": head }),
            ];
            if before > 0 {
                events.push(json!({ "type": "response.output_text.delta", "output_index": 0, "content_index": 0,
                    "delta": said }));
            }
            for piece in ["I can't", " do that."] {
                events.push(json!({ "type": "response.refusal.delta", "output_index": 0, "content_index": before,
                    "delta": piece }));
            }
            events.push(json!({ "type": "response.refusal.done", "output_index": 0, "content_index": before,
                "refusal": "I can't do that." }));
            events.push(json!({ "type": "response.output_item.done", "output_index": 0, "item": item }));
            events.push(json!({ "type": "response.completed", "response": whole }));
            (whole, typed_sse(&events))
        }
    }
}

#[test]
fn a_refusal_in_words_is_read_as_one_whole_streamed_and_cut_anywhere() {
    for dialect in [CHAT, RESPONSES] {
        for said in ["", "Well. "] {
            let (whole, stream) = recorded(dialect, said);
            let mut blocks = vec![Block::Text(said.to_owned()), Block::Refusal("I can't do that.".into())];
            blocks.retain(|block| *block != Block::Text(String::new()));
            let mut all = vec![plain(dialect, &whole), streamed(dialect, &stream)];
            all.extend((1..9).map(|size| pieces(dialect, stream.as_bytes(), &[size])));
            for told in all {
                assert_eq!(told.failure, None);
                assert_well_formed(&told);
                let fold = told.fold();
                assert_eq!(fold.message(None).blocks, blocks, "{dialect:?}");
                assert_eq!(
                    (fold.text(), fold.finish.clone()),
                    (format!("{said}I can't do that."), Some(FinishReason::Refused))
                );
                assert!(fold.has_content() && !fold.only_calls());
                if dialect == RESPONSES {
                    assert_eq!(fold.message(None).about.phase.as_deref(), Some("final_answer"));
                }
            }
        }
    }
    // Old answers, and routers, say it as a part.
    let parts = json!({ "role": "assistant", "content": [{ "type": "refusal", "refusal": "No." }] });
    let body = json!({ "id": "a", "model": "m", "choices": [{ "message": parts, "finish_reason": "stop" }] });
    assert_eq!(plain(CHAT, &body).fold().message(None).blocks, [Block::Refusal("No.".into())]);
}

#[test]
fn a_refusal_in_words_is_told_in_the_field_of_the_caller_and_has_come_to_its_end() {
    let events = refused(None, &["I can't", " do that."]);
    // What its client reads of it.
    let body: Value = serde_json::from_slice(&surface(CHAT).write_reply(&events, &reply())).unwrap();
    let choice = &body["choices"][0];
    assert_eq!(choice["finish_reason"], "stop", "a client takes content_filter for an answer that was taken away");
    let message = json!({ "role": "assistant", "content": null, "refusal": "I can't do that." });
    assert_eq!(choice["message"], message);
    let text = String::from_utf8(as_stream(CHAT, &events)).unwrap();
    let deltas: Vec<Value> = text
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line.strip_prefix("data: ")?).ok())
        .map(|chunk| chunk["choices"][0].clone())
        .collect();
    assert_eq!(deltas[0]["delta"], json!({ "role": "assistant", "content": null }));
    assert_eq!(deltas[1]["delta"], json!({ "refusal": "I can't" }));
    assert_eq!(deltas.last().unwrap()["finish_reason"], "stop");
    assert!(deltas.iter().all(|delta| delta["delta"]["content"].is_null()), "{text}");

    let body: Value = serde_json::from_slice(&surface(RESPONSES).write_reply(&events, &reply())).unwrap();
    assert_eq!((&body["status"], &body["incomplete_details"]), (&json!("completed"), &Value::Null));
    assert_eq!(body["output"][0]["content"], json!([{ "type": "refusal", "refusal": "I can't do that." }]));
    let text = String::from_utf8(as_stream(RESPONSES, &events)).unwrap();
    let kinds: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("event: response.")).collect();
    let wanted = [
        "created",
        "in_progress",
        "output_item.added",
        "content_part.added",
        "refusal.delta",
        "refusal.delta",
        "refusal.done",
        "content_part.done",
        "output_item.done",
        "completed",
    ];
    assert_eq!(kinds, wanted);
    assert!(text.contains(r#""refusal":"I can't do that.""#) && !text.contains("output_text"), "{text}");

    // Where the answer was cut, that is what is told.
    let mut cut = refused(None, &["I can"]);
    *cut.last_mut().unwrap() = Event::Finish(FinishReason::Length);
    for dialect in [CHAT, RESPONSES] {
        let text = String::from_utf8(surface(dialect).write_reply(&cut, &reply())).unwrap();
        assert!(text.contains(r#""length""#) || text.contains("max_output_tokens"), "{text}");
    }
    let body =
        br#"{"choices":[{"message":{"role":"assistant","content":null,"refusal":"I can"},"finish_reason":"length"}]}"#;
    let read = wire(CHAT).read_reply(body).unwrap();
    assert_eq!(read.last(), Some(&Event::Finish(FinishReason::Length)), "{read:?}");
}

#[test]
fn what_one_dialect_refuses_every_other_tells() {
    for from in [CHAT, RESPONSES] {
        for said in ["", "Well. "] {
            let read = streamed(from, &recorded(from, said).1);
            for to in Dialect::ALL {
                for told in [pieces(to, &as_stream(to, &read.events), &[usize::MAX]), as_whole(to, &read.events)] {
                    assert_eq!(told.failure, None, "{from:?} -> {to:?}");
                    assert_well_formed(&told);
                    let fold = told.fold();
                    assert_eq!(fold.text(), format!("{said}I can't do that."), "{from:?} -> {to:?}");
                    let words = Block::Refusal("I can't do that.".into());
                    assert_eq!(fold.message(None).blocks.contains(&words), marks(to), "{from:?} -> {to:?}");
                    // docs/TRANSLATION.md, "Answers".
                    let silent = matches!(to, Dialect::Ollama | Dialect::XaiGrpc);
                    let end = if silent { FinishReason::Stop } else { FinishReason::Refused };
                    assert_eq!(fold.finish, Some(end), "{from:?} -> {to:?}");
                }
            }
        }
    }
}

#[test]
fn what_a_filter_ended_stays_what_it_was() {
    let usage = json!({ "input_tokens": 1, "output_tokens": 1 });
    let body = json!({ "id": "a", "type": "message", "role": "assistant", "model": "m", "usage": usage,
        "content": [{ "type": "text", "text": "First, take" }], "stop_reason": "refusal",
        "stop_details": { "type": "refusal", "category": "bio", "explanation": "Not this." } });
    let told = plain(Dialect::AnthropicMessages, &body);
    assert_eq!(told.fold().message(None).blocks, [Block::Text("First, take".into())]);
    let chat: Value = serde_json::from_slice(&surface(CHAT).write_reply(&told.events, &reply())).unwrap();
    assert_eq!(chat["choices"][0]["finish_reason"], "content_filter");
    assert_eq!(chat["choices"][0]["message"]["content"], "First, take");
    assert_eq!(chat["choices"][0]["message"]["refusal"], Value::Null);
    let answer: Value = serde_json::from_slice(&surface(RESPONSES).write_reply(&told.events, &reply())).unwrap();
    assert_eq!(answer["incomplete_details"], json!({ "reason": "content_filter" }));
    let own: Value =
        serde_json::from_slice(&surface(Dialect::AnthropicMessages).write_reply(&told.events, &reply())).unwrap();
    assert_eq!((&own["stop_reason"], &own["stop_details"]), (&body["stop_reason"], &body["stop_details"]));
    // The words of another's refusal are text to Anthropic's callers, and the end says what they are.
    let events = refused(None, &["No."]);
    let own: Value =
        serde_json::from_slice(&surface(Dialect::AnthropicMessages).write_reply(&events, &reply())).unwrap();
    assert_eq!(own["content"], json!([{ "type": "text", "text": "No." }]));
    assert_eq!(own["stop_reason"], "refusal");
}

#[test]
fn an_earlier_refusal_goes_back_in_the_field_of_the_dialect() {
    let turn = json!({ "role": "assistant", "content": null, "refusal": "No." });
    let chat = json!({ "model": "m", "messages": [{ "role": "user", "content": "a" }, turn, { "role": "user", "content": "b" }] });
    let item = json!({ "type": "message", "role": "assistant", "content": [{ "type": "refusal", "refusal": "No." }] });
    let responses = json!({ "model": "m", "input": [{ "role": "user", "content": "a" }, item, { "role": "user", "content": "b" }] });
    for (from, body) in [(CHAT, &chat), (RESPONSES, &responses)] {
        let asked = surface(from).read_request(body.to_string().as_bytes(), &ASKING).unwrap();
        assert_eq!(asked.losses, []);
        let request = asked.request;
        assert_eq!(request.messages[1].blocks, [Block::Refusal("No.".into())]);
        for to in Dialect::ALL {
            for newest in [true, false] {
                let mut adapted = able(to, &request);
                adapted.quirks = Quirks { newest, ..adapted.quirks };
                let written = wire(to).write_request("m", &request, &adapted, false).unwrap();
                let kept = marks(to) && newest;
                assert_eq!(written.losses.contains(&Loss::Refusal), !kept, "{to:?}");
                let read = surface(to).read_request(&written.body, &ASKING).unwrap().request;
                let words = if kept { Block::Refusal("No.".into()) } else { Block::Text("No.".into()) };
                assert_eq!(read.messages[1].blocks, [words], "{to:?}");
                let body: Value = serde_json::from_slice(&written.body).unwrap_or_default();
                match (to, kept) {
                    (CHAT, true) => assert_eq!(
                        body["messages"][1],
                        json!({ "role": "assistant", "content": [{ "type": "refusal", "refusal": "No." }] })
                    ),
                    (RESPONSES, true) => assert_eq!(body["input"][1]["content"], item["content"]),
                    _ => {}
                }
            }
        }
    }
}

#[test]
fn what_has_no_content_is_given_none_by_its_stream_either() {
    let thought = [
        Event::BlockStart { index: 7, kind: BlockKind::Thought },
        Event::Thought { index: 7, text: "hm".into() },
        Event::BlockEnd { index: 7 },
    ];
    // What its SDK puts together: the first text that is none stays none.
    let content = |events: &[Event]| {
        let text = String::from_utf8(as_stream(CHAT, events)).unwrap();
        let chunks = text.lines().filter_map(|line| serde_json::from_str::<Value>(line.strip_prefix("data: ")?).ok());
        let pieces = chunks.filter_map(|chunk| Some(chunk.pointer("/choices/0/delta/content")?.as_str()?.to_owned()));
        pieces.reduce(|said, more| said + &more)
    };
    let mut events = refused(None, &["No."]);
    events.splice(1..1, thought.clone());
    assert_eq!(content(&events), None);
    let mut events = refused(Some("Well."), &["No."]);
    events.splice(1..1, thought.clone());
    assert_eq!(content(&events).as_deref(), Some("Well."));
    // Without a word it is an empty answer, as it is when it comes whole.
    for events in [&thought[..], &[]] {
        assert_eq!(content(events).as_deref(), Some(""));
        let whole: Value = serde_json::from_slice(&surface(CHAT).write_reply(events, &reply())).unwrap();
        assert_eq!(whole["choices"][0]["message"]["content"], "");
    }
}

#[test]
fn a_stream_of_one_whole_message_is_an_answer() {
    let whole = json!({ "id": "a", "model": "m", "choices": [{ "index": 0, "finish_reason": "stop",
        "message": { "role": "assistant", "content": "well" } }] });
    assert_eq!(streamed(CHAT, &sse(std::slice::from_ref(&whole))).fold().text(), "well");
    // What was said in pieces is not said again.
    let piece = json!({ "id": "a", "model": "m", "choices": [{ "index": 0, "delta": { "content": "well" } }] });
    assert_eq!(streamed(CHAT, &sse(&[piece, whole])).fold().text(), "well");
}

fn words() -> impl Strategy<Value = String> {
    "[a-zé\"\\\\\n]{1,9}"
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn a_refusal_that_is_written_is_read_again_streamed_whole_and_cut_anywhere(
        said in prop::option::of(words()),
        refusal in prop::collection::vec(words(), 1..4),
        cuts in prop::collection::vec(1_usize..40, 1..5),
    ) {
        let refusal: Vec<&str> = refusal.iter().map(String::as_str).collect();
        let events = refused(said.as_deref(), &refusal);
        let meant = Told { events: events.clone(), failure: None }.fold().message(None).blocks;
        for dialect in [CHAT, RESPONSES] {
            let bytes = as_stream(dialect, &events);
            let whole = pieces(dialect, &bytes, &[usize::MAX]);
            let cut = pieces(dialect, &bytes, &cuts);
            prop_assert_eq!(&cut.events, &whole.events, "{:?}", dialect);
            for told in [whole, as_whole(dialect, &events)] {
                prop_assert_eq!(&told.failure, &None);
                prop_assert_eq!(told.fold().message(None).blocks, meant.clone(), "{:?}", dialect);
                prop_assert_eq!(told.fold().finish, Some(FinishReason::Refused), "{:?}", dialect);
            }
            // The caller sends back what it got.
            let request = Request {
                messages: vec![Message::user("a"), Message::new(Role::Assistant, meant.clone()), Message::user("b")],
                ..asked()
            };
            let written = wire(dialect).write_request("m", &request, &able(dialect, &request), true).unwrap();
            prop_assert_eq!(&written.losses, &[]);
            let read = surface(dialect).read_request(&written.body, &ASKING).unwrap().request;
            prop_assert_eq!(read.messages, request.messages);
        }
    }
}

#[test]
fn a_piece_of_a_conversation_that_holds_what_it_cannot_is_refused_by_name() {
    use Dialect::{AnthropicMessages, Gemini, Ollama, OpenAiChat, OpenAiResponses};
    let said =
        |content: Value| json!({ "model": "m", "max_tokens": 9, "messages": [{ "role": "user", "content": content }] });
    let calls = |calls: Value| json!({ "model": "m", "messages": [{ "role": "user", "content": "x" }, { "role": "assistant", "tool_calls": calls }] });
    let items = |item: Value| json!({ "model": "m", "input": [{ "role": "user", "content": "x" }, item] });
    let parts = "a text or a list of parts";
    for (dialect, body, place, wanted) in [
        (OpenAiChat, said(json!({ "a": 1 })), "messages.content", parts),
        (OpenAiChat, said(json!(["a"])), "messages.content", parts),
        (OpenAiChat, said(json!([{ "type": "text", "text": 5 }])), "messages.content.text", "a text"),
        (OpenAiChat, said(json!([{ "type": "image_url" }])), "messages.content.image_url", "an image's address"),
        (
            OpenAiChat,
            said(json!([{ "type": "image_url", "image_url": { "url": "" } }])),
            "messages.content.image_url",
            "an image's address",
        ),
        (OpenAiChat, calls(json!("x")), "messages.tool_calls", "a list of objects"),
        (
            OpenAiChat,
            calls(json!([{ "id": "a", "type": "function", "function": { "name": "f", "arguments": 5 } }])),
            "messages.tool_calls.function.arguments",
            "a text or an object",
        ),
        (
            OpenAiChat,
            json!({ "model": "m", "messages": [{ "role": "user", "content": "x" }], "tools": [{ "type": "function" }] }),
            "tools.function",
            "an object with a name",
        ),
        (AnthropicMessages, said(json!(5)), "messages.content", parts),
        (
            AnthropicMessages,
            said(json!([{ "type": "tool_result", "tool_use_id": "a", "content": { "a": 1 } }])),
            "messages.content.content",
            parts,
        ),
        (
            AnthropicMessages,
            said(json!([{ "type": "image", "source": { "type": "url" } }])),
            "messages.content.source.url",
            "an address",
        ),
        (
            OpenAiResponses,
            items(json!({ "type": "function_call_output", "call_id": "a", "output": { "r": 1 } })),
            "input.output",
            parts,
        ),
        (
            OpenAiResponses,
            items(json!({ "role": "user", "content": [{ "type": "input_image" }] })),
            "input.content",
            "an image's address or its id",
        ),
        (Ollama, said(json!([{ "type": "text", "text": "arr" }])), "messages.content", "a text"),
        (
            Gemini,
            json!({ "contents": [{ "parts": [{ "functionCall": { "name": "f", "args": "x" } }] }] }),
            "contents.parts.functionCall.args",
            "an object",
        ),
    ] {
        let asked = surface(dialect).read_request(body.to_string().as_bytes(), &ASKING).unwrap();
        for other in Dialect::ALL {
            let failure = wire(other).write_request("m", &asked.request, &Adapted::default(), false).unwrap_err();
            let told = (failure.kind, failure.scope, failure.message);
            let named = format!("{place}: {wanted} is wanted");
            assert_eq!(told, (Kind::BadRequest, crate::wire::Scope::Model, named), "{body} in {other:?}");
        }
        // A caller's own name that looks like one is none.
        let mut body = json!({ "messages": [{ "role": "user", "content": "x" }], "input": "x",
            "contents": [{ "parts": [{ "text": "x" }] }] });
        body[place] = json!("a text");
        let asked = surface(dialect).read_request(body.to_string().as_bytes(), &ASKING).unwrap();
        assert!(wire(dialect).write_request("m", &asked.request, &Adapted::default(), false).is_ok(), "{place}");
    }
    let nothing = json!([
        { "role": "user", "content": "x", "name": null, "tool_calls": null },
        { "role": "assistant", "content": null, "refusal": null, "function_call": null, "tool_calls": [] },
        { "role": "user", "content": [] },
    ]);
    let body = json!({ "model": "m", "messages": nothing, "tools": [] });
    let request = surface(OpenAiChat).read_request(body.to_string().as_bytes(), &ASKING).unwrap().request;
    assert_eq!(request.extras, []);
}

#[test]
fn a_tool_is_not_to_be_called_where_there_are_none() {
    let choice = json!({ "type": "function", "function": { "name": "f" } });
    let mut body = json!({ "model": "m", "messages": [{ "role": "user", "content": "x" }], "tool_choice": choice });
    let sent = |body: &Value| {
        let asked = surface(Dialect::OpenAiChat).read_request(body.to_string().as_bytes(), &ASKING).unwrap();
        wire(Dialect::Gemini).write_request("m", &asked.request, &Adapted::default(), false).map_err(|e| e.message)
    };
    assert_eq!(sent(&body).unwrap_err(), "tool_choice: it names a tool, and no tools are offered");
    body["tools"] = json!([{ "type": "function", "function": { "name": "f" } }]);
    assert!(sent(&body).is_ok());
}

#[test]
fn a_call_that_is_demanded_where_there_are_no_tools_is_told() {
    let mut body = json!({ "model": "m", "messages": [{ "role": "user", "content": "x" }], "tool_choice": "required" });
    let lost = |body: &Value, to: Dialect| {
        let asked = surface(Dialect::OpenAiChat).read_request(body.to_string().as_bytes(), &ASKING).unwrap();
        let sent = wire(to).write_request("m", &asked.request, &Adapted::default(), false).unwrap();
        sent.losses.iter().map(Loss::sentence).collect::<Vec<_>>()
    };
    for to in Dialect::ALL {
        let told = ["tool_choice is left out: it demands a call, and no tools are offered"];
        assert_eq!(lost(&body, to), told, "{to:?}");
    }
    body["tool_choice"] = json!("auto");
    assert!(lost(&body, Dialect::AnthropicMessages).is_empty());
    // A choice that only another dialect knows is another matter.
    let tools = json!([{ "type": "function", "name": "f", "parameters": {} }, { "type": "web_search" }]);
    let body = json!({ "model": "m", "input": "x", "tools": tools, "tool_choice": { "type": "web_search" } });
    let asked = surface(Dialect::OpenAiResponses).read_request(body.to_string().as_bytes(), &ASKING).unwrap();
    let sent = wire(Dialect::AnthropicMessages).write_request("m", &asked.request, &Adapted::default(), false).unwrap();
    let told: Vec<String> =
        sent.losses.iter().map(Loss::sentence).filter(|told| told.contains("tool_choice")).collect();
    assert_eq!(told, ["tool_choice is left out: it is not taken over into another dialect"]);
}

#[test]
fn a_prompt_that_lies_at_openai_is_refused_elsewhere() {
    let body = json!({ "model": "m", "prompt": { "id": "pmpt_1" } });
    let asked = surface(Dialect::OpenAiResponses).read_request(body.to_string().as_bytes(), &ASKING).unwrap();
    let sent = |to: Dialect| wire(to).write_request("m", &asked.request, &Adapted::default(), false);
    let own: Value = serde_json::from_slice(&sent(Dialect::OpenAiResponses).unwrap().body).unwrap();
    assert_eq!((&own["prompt"], own.get("input")), (&body["prompt"], None));
    for to in Dialect::ALL.into_iter().filter(|to| *to != Dialect::OpenAiResponses) {
        let told = "prompt: it lies at OpenAI, and nobody else can read it; send what it says as input";
        assert_eq!(sent(to).unwrap_err().message, told, "{to:?}");
        // An empty text says nothing either.
        for (input, refused) in
            [(json!(""), true), (json!([{ "role": "user", "content": "" }]), true), (json!("x"), false)]
        {
            let body = json!({ "model": "m", "prompt": { "id": "pmpt_1" }, "input": input });
            let asked = surface(Dialect::OpenAiResponses).read_request(body.to_string().as_bytes(), &ASKING).unwrap();
            let sent = wire(to).write_request("m", &asked.request, &Adapted::default(), false);
            assert_eq!(
                sent.err().map(|failure| failure.message).as_deref(),
                refused.then_some(told),
                "{to:?}: {input}"
            );
        }
    }
    let nothing = surface(Dialect::OpenAiResponses).read_request(b"{\"model\":\"m\"}", &ASKING).unwrap_err();
    assert_eq!(nothing.message, "input: a text or a list of items is wanted");
}

#[test]
fn an_answer_that_comes_later_is_refused() {
    let read = |later: bool| {
        let body = json!({ "model": "m", "input": "x", "background": later }).to_string();
        surface(Dialect::OpenAiResponses).read_request(body.as_bytes(), &ASKING).map_err(|failure| failure.message)
    };
    assert!(read(true).unwrap_err().starts_with("background: answers are not kept here") && read(false).is_ok());
}

#[test]
fn an_item_that_was_not_kept_cannot_be_named() {
    let body = json!({ "model": "m", "input": [{ "type": "item_reference", "id": "x" }] });
    let refused = surface(Dialect::OpenAiResponses).read_request(body.to_string().as_bytes(), &ASKING);
    let told = "input: item_reference: answers are not kept here; send the whole conversation as input";
    assert_eq!(refused.unwrap_err().message, told);
}
