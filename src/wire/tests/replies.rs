//! Answers written and read again are the same: whole, streamed, and from each dialect to each other.

use proptest::prelude::*;

use super::*;
use crate::model::{Citation, FinishReason, Service, Source};
use crate::wire::Reply;

fn reply() -> Reply {
    Reply { id: "answer-1".into(), model: "m".into(), created: 1_790_000_000, usage: true, ..Reply::default() }
}

fn as_stream(dialect: Dialect, events: &[Event], reply: &Reply) -> Vec<u8> {
    let mut writer = surface(dialect).writer(reply);
    let mut out = Vec::new();
    events.iter().for_each(|event| writer.push(event, &mut out));
    writer.end(&mut out);
    out
}

/// An answer as every dialect can tell it: a thought, a text, calls, then counts and the end.
fn answer(
    dialect: Dialect,
    thought: Option<(String, Option<String>)>,
    texts: &[String],
    calls: &[(String, String)],
    usage: Usage,
) -> Vec<Event> {
    let mut out = vec![Event::Start { id: "answer-1".into(), model: "m".into() }];
    let mut index = 0;
    // Ollama says no id.
    if dialect == Dialect::Ollama {
        out[0] = Event::Start { id: String::new(), model: "m".into() };
    }
    if let Some((text, seal)) = thought {
        out.push(Event::BlockStart { index, kind: BlockKind::Thought });
        out.push(Event::Thought { index, text });
        out.extend(seal.filter(|_| dialect != Dialect::Ollama).map(|seal| Event::Sealed { index, seal }));
        out.push(Event::BlockEnd { index });
        index += 1;
    }
    if !texts.is_empty() {
        out.push(Event::BlockStart { index, kind: BlockKind::Text });
        out.extend(texts.iter().map(|text| Event::Text { index, text: text.clone() }));
        out.push(Event::BlockEnd { index });
        index += 1;
    }
    for (number, (name, value)) in calls.iter().enumerate() {
        let id = format!("call-{number}");
        out.push(Event::BlockStart { index, kind: BlockKind::ToolCall { id, name: name.clone(), custom: false } });
        if matches!(dialect, Dialect::Gemini | Dialect::OpenAiChat) && number == 0 {
            out.push(Event::Sealed { index, seal: "c2lnbg==".into() });
        }
        out.push(Event::ToolInput { index, json: json!({ "a": value }).to_string() });
        out.push(Event::BlockEnd { index });
        index += 1;
    }
    out.push(Event::Usage(usage));
    out.push(Event::Finish(if calls.is_empty() { FinishReason::Stop } else { FinishReason::ToolCalls }));
    out
}

/// What the dialect has counters for.
fn counted(dialect: Dialect, mut usage: Usage) -> Usage {
    if matches!(dialect, Dialect::Gemini | Dialect::Ollama | Dialect::XaiGrpc) {
        usage.input += std::mem::take(&mut usage.cache_write_short) + std::mem::take(&mut usage.cache_write_long);
    }
    if dialect == Dialect::Ollama {
        usage.input += std::mem::take(&mut usage.cache_read);
        usage.reasoning = None;
    }
    if matches!(dialect, Dialect::OpenAiResponses | Dialect::XaiGrpc) {
        // The counter is always there.
        usage.reasoning = usage.reasoning.or(Some(0));
    }
    usage
}

/// Pieces joined, what says nothing left out, counts once before the end; made-up ids alike.
fn normal(dialect: Dialect, events: &[Event]) -> Vec<Event> {
    let (mut out, mut usage, mut finish): (Vec<Event>, _, _) = (Vec::new(), None, None);
    let mut calls = 0;
    for event in events {
        match (out.last_mut(), event) {
            (_, Event::Usage(used)) => usage = Some(Event::Usage(*used)),
            (_, Event::Finish(reason)) => finish = Some(Event::Finish(reason.clone())),
            // Where one ends among others is not told everywhere; that each ends is looked at by itself.
            (_, Event::About { .. } | Event::BlockEnd { .. }) => {}
            (Some(Event::Text { index: a, text }), Event::Text { index: b, text: more }) if a == b => {
                text.push_str(more)
            }
            (Some(Event::Thought { index: a, text }), Event::Thought { index: b, text: more }) if a == b => {
                text.push_str(more);
            }
            (Some(Event::ToolInput { index: a, json }), Event::ToolInput { index: b, json: more }) if a == b => {
                json.push_str(more);
            }
            (_, event) => out.push(event.clone()),
        }
        if let Some(Event::BlockStart { kind: BlockKind::ToolCall { id, .. }, .. }) = out.last_mut()
            && dialect == Dialect::Ollama
            && matches!(event, Event::BlockStart { .. })
        {
            *id = format!("n{calls}");
            calls += 1;
        }
    }
    out.into_iter().chain(usage).chain(finish).collect()
}

/// Compares as messages where a dialect tells a call's seal after the call began.
fn assert_told(dialect: Dialect, meant: &[Event], told: &Told, how: &str) {
    assert_eq!(told.failure, None, "{dialect:?} {how}");
    assert_well_formed(told);
    assert_eq!(normal(dialect, &told.events), normal(dialect, meant), "{dialect:?} {how}");
}

fn words() -> impl Strategy<Value = String> {
    "[a-zé\"\\\\\n]{1,9}"
}

fn usage() -> impl Strategy<Value = Usage> {
    let n = || 0_u64..10_000;
    (n(), n(), n(), n(), n(), prop::option::of(0_u64..100)).prop_map(|(input, read, short, long, output, reasoning)| {
        Usage {
            input,
            cache_read: read,
            cache_write_short: short,
            cache_write_long: long,
            output: output + reasoning.unwrap_or(0),
            reasoning,
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_is_read_again_streamed_whole_and_cut_anywhere(
        thought in prop::option::of((words(), prop::option::of(prop::sample::select(vec!["c2VhbA==".to_owned(), "id\nenc".to_owned()])))),
        texts in prop::collection::vec(words(), 0..3),
        calls in prop::collection::vec((prop::sample::select(vec!["add".to_owned(), "find".to_owned()]), words()), 0..3),
        usage in usage(), cuts in prop::collection::vec(1_usize..40, 1..5),
    ) {
        prop_assume!(!texts.is_empty() || !calls.is_empty());
        for dialect in Dialect::ALL {
            let usage = counted(dialect, usage);
            let meant = answer(dialect, thought.clone(), &texts, &calls, usage);
            let bytes = as_stream(dialect, &meant, &reply());
            let whole = pieces(dialect, &bytes, &[usize::MAX]);
            assert_told(dialect, &meant, &whole, "streamed");
            let cut = pieces(dialect, &bytes, &cuts);
            prop_assert_eq!(&cut.events, &whole.events, "{:?}", dialect);
            let body = surface(dialect).write_reply(&meant, &reply());
            let told = Told { events: named(wire(dialect).read_reply(&body).unwrap()), failure: None };
            assert_told(dialect, &meant, &told, "whole");
        }
    }

    #[test]
    fn whatever_events_come_a_writer_writes_what_its_reader_reads(
        events in prop::collection::vec(event(), 0..20),
    ) {
        for dialect in Dialect::ALL {
            let bytes = as_stream(dialect, &events, &reply());
            let told = pieces(dialect, &bytes, &[7]);
            assert_well_formed(&told);
            prop_assert_eq!(told.kind(), None, "{:?}: {}", dialect, String::from_utf8_lossy(&bytes));
            let body = surface(dialect).write_reply(&events, &reply());
            let whole: Result<Value, _> = serde_json::from_slice(&body);
            prop_assert!(whole.is_ok() || dialect.is_grpc());
            prop_assert!(wire(dialect).read_reply(&body).is_ok(), "{:?}: {}", dialect, String::from_utf8_lossy(&body));
        }
    }
}

/// Any event, in any order: blocks that were never opened, opened twice, left open.
fn event() -> impl Strategy<Value = Event> {
    let kind = prop_oneof![
        Just(BlockKind::Text),
        Just(BlockKind::Refusal),
        Just(BlockKind::Thought),
        prop::bool::ANY.prop_map(|custom| BlockKind::ToolCall { id: "c".into(), name: "add".into(), custom }),
        Just(BlockKind::Image(Source::data("image/png", "AAAA"))),
        prop::sample::select(Dialect::ALL.to_vec()).prop_map(|dialect| BlockKind::Opaque {
            dialect,
            value: json!({ "type": "x", "tool_call": { "id": "s", "type": 2 } })
        }),
    ];
    let citation = prop::sample::select(Dialect::ALL.to_vec()).prop_map(|dialect| Citation {
        url: Some("https://a.b".into()),
        title: None,
        quote: None,
        dialect,
        raw: json!({ "type": "url_citation" }),
    });
    let index = 0_usize..3;
    (index, kind, words(), citation, 0_u8..10).prop_map(|(index, kind, text, citation, which)| match which {
        0 | 1 => Event::BlockStart { index, kind },
        2 => Event::Text { index, text },
        3 => Event::Thought { index, text },
        4 => Event::ToolInput { index, json: text },
        5 => Event::Sealed { index, seal: text },
        6 => Event::Cited { index, citation },
        7 => Event::Served(Service::Flex),
        8 => Event::Finish(FinishReason::Length),
        _ => Event::BlockEnd { index },
    })
}

#[test]
fn calls_that_interleave_wait_for_each_other_where_one_block_is_open_at_a_time() {
    let kind = |id: &str| BlockKind::ToolCall { id: id.into(), name: "add".into(), custom: false };
    let input = |index, json: &str| Event::ToolInput { index, json: json.into() };
    let events = [
        Event::BlockStart { index: 0, kind: kind("a") },
        Event::BlockStart { index: 1, kind: kind("b") },
        input(0, "{\"a\""),
        input(1, "{\"a\":2}"),
        Event::BlockEnd { index: 1 },
        input(0, ":1}"),
        Event::BlockEnd { index: 0 },
        Event::Finish(FinishReason::ToolCalls),
    ];
    for dialect in Dialect::ALL.into_iter().filter(|d| *d != Dialect::Ollama) {
        let told = pieces(dialect, &as_stream(dialect, &events, &reply()), &[usize::MAX]);
        assert_well_formed(&told);
        let blocks = told.fold().message(None).blocks;
        assert_eq!(blocks, [call("a", "{\"a\":1}"), call("b", "{\"a\":2}")], "{dialect:?}");
    }
    let text = String::from_utf8(as_stream(Dialect::AnthropicMessages, &events, &reply())).unwrap();
    let stop = text.find("content_block_stop").unwrap();
    assert!(text[stop..].contains("\"index\":1"), "the second begins when the first has ended: {text}");
    assert!(!text[..stop].contains("\"index\":1"), "{text}");
}

#[test]
fn an_answer_that_was_cut_is_told_as_cut_and_not_as_whole() {
    for finish in
        [FinishReason::Length, FinishReason::Pause(Some("token".into())), FinishReason::Other("time_limit".into())]
    {
        for dialect in Dialect::ALL {
            let events = [
                Event::Start { id: "answer-1".into(), model: "m".into() },
                Event::BlockStart { index: 0, kind: BlockKind::Text },
                Event::Text { index: 0, text: "one".into() },
                Event::BlockEnd { index: 0 },
                Event::Finish(finish.clone()),
            ];
            let whole = wire(dialect).read_reply(&surface(dialect).write_reply(&events, &reply())).unwrap();
            let whole = Told { events: whole, failure: None };
            let stream = pieces(dialect, &as_stream(dialect, &events, &reply()), &[usize::MAX]);
            for told in [whole, stream] {
                let read = told.fold().finish.unwrap();
                let ends = matches!(read, FinishReason::Stop | FinishReason::StopSequence(_) | FinishReason::ToolCalls);
                assert!(!ends, "{finish:?} over {dialect:?} is {read:?}");
            }
        }
    }
}

#[test]
fn what_was_never_ended_is_ended_and_what_waited_for_it_is_told() {
    let kind = BlockKind::ToolCall { id: "c".into(), name: "add".into(), custom: false };
    let events = [
        Event::Start { id: "answer-1".into(), model: "m".into() },
        Event::BlockStart { index: 0, kind },
        Event::ToolInput { index: 0, json: "{}".into() },
        Event::BlockStart { index: 1, kind: BlockKind::Text },
        Event::Text { index: 1, text: "one".into() },
        Event::Finish(FinishReason::Stop),
    ];
    for dialect in Dialect::ALL {
        let bytes = as_stream(dialect, &events, &reply());
        let told = pieces(dialect, &bytes, &[usize::MAX]);
        assert_eq!(told.failure, None, "{dialect:?}");
        assert_well_formed(&told);
        let mut blocks = told.fold().message(None).blocks;
        for block in &mut blocks {
            if let Block::ToolCall { id, .. } = block {
                *id = "c".into();
            }
        }
        assert_eq!(blocks, [call("c", "{}"), Block::Text("one".into())], "{dialect:?}");
        if dialect == Dialect::AnthropicMessages {
            let count = |word: &str| String::from_utf8_lossy(&bytes).matches(word).count();
            assert_eq!((count("event: content_block_start"), count("event: content_block_stop")), (2, 2));
        }
    }
}

#[test]
fn what_a_model_says_after_a_call_is_told_after_it() {
    // A server of OpenAI's dialect ends no call before the answer ends.
    let chunk = |delta: Value| json!({ "id": "answer-1", "model": "m", "choices": [{ "index": 0, "delta": delta }] });
    let call = |index: u64, id: &str, piece: &str| {
        let function = json!({ "name": if id.is_empty() { None } else { Some("add") }, "arguments": piece });
        chunk(
            json!({ "tool_calls": [{ "index": index, "id": Some(id).filter(|id| !id.is_empty()), "function": function }] }),
        )
    };
    let read = streamed(
        Dialect::OpenAiChat,
        &sse(&[
            chunk(json!({ "content": "one" })),
            call(0, "a", "{\"a\""),
            chunk(json!({ "content": "two" })),
            call(1, "b", "{"),
            call(0, "", ":1}"),
            chunk(json!({ "reasoning_content": "hm" })),
            call(1, "", "}"),
            chunk(json!({ "content": "three" })),
            json!({ "choices": [{ "index": 0, "delta": {}, "finish_reason": "tool_calls" }] }),
        ]),
    );
    let said = |told: &Told| -> Vec<String> {
        let blocks = told.fold().message(None).blocks;
        let words = blocks.iter().map(|block| match block {
            Block::Text(text) | Block::Thought { text, .. } => text.clone(),
            Block::ToolCall { input, .. } => input.clone(),
            other => format!("{other:?}"),
        });
        words.collect()
    };
    let meant = ["one", "{\"a\":1}", "two", "{}", "hm", "three"];
    assert_eq!(said(&read), meant);
    for dialect in Dialect::ALL {
        let told = pieces(dialect, &as_stream(dialect, &read.events, &reply()), &[usize::MAX]);
        assert_well_formed(&told);
        assert_eq!(said(&told), meant, "{dialect:?}");
        // Two places of a whole message say nothing of an order there.
        if matches!(dialect, Dialect::OpenAiResponses | Dialect::AnthropicMessages | Dialect::Gemini) {
            let events = wire(dialect).read_reply(&surface(dialect).write_reply(&read.events, &reply())).unwrap();
            assert_eq!(said(&Told { events, failure: None }), meant, "{dialect:?}, whole");
        }
    }
}

#[test]
fn a_redacted_thought_stays_one_and_an_opaque_block_stays_what_it_was() {
    let dialect = Dialect::AnthropicMessages;
    let value = json!({ "type": "server_tool_use", "id": "s", "name": "web_search", "input": { "query": "x" } });
    let events = [
        Event::Start { id: "answer-1".into(), model: "m".into() },
        Event::BlockStart { index: 0, kind: BlockKind::Thought },
        Event::Sealed { index: 0, seal: "redacted\nZGF0YQ==".into() },
        Event::BlockEnd { index: 0 },
        Event::BlockStart { index: 1, kind: BlockKind::Opaque { dialect, value: value.clone() } },
        Event::BlockEnd { index: 1 },
        Event::BlockStart { index: 2, kind: BlockKind::Text },
        Event::Text { index: 2, text: "4".into() },
        Event::BlockEnd { index: 2 },
        Event::Finish(FinishReason::StopSequence(Some("###".into()))),
    ];
    let bytes = as_stream(dialect, &events, &reply());
    let text = String::from_utf8(bytes.clone()).unwrap();
    assert!(text.contains("{\"type\":\"redacted_thinking\",\"data\":\"ZGF0YQ==\"}"), "{text}");
    let told = pieces(dialect, &bytes, &[usize::MAX]);
    assert_eq!(
        normal(dialect, &told.events.iter().filter(|e| !matches!(e, Event::Usage(_))).cloned().collect::<Vec<_>>()),
        normal(dialect, &events)
    );
    // A block whose input comes in pieces is told whole.
    let pieces_of_it = typed_sse(&[
        json!({ "type": "message_start", "message": { "id": "a", "model": "m" } }),
        json!({ "type": "content_block_start", "index": 0, "content_block": { "type": "server_tool_use", "id": "s",
            "name": "web_search", "input": {} } }),
        json!({ "type": "content_block_delta", "index": 0, "delta": { "type": "input_json_delta", "partial_json": "{\"query\":" } }),
        json!({ "type": "content_block_delta", "index": 0, "delta": { "type": "input_json_delta", "partial_json": "\"x\"}" } }),
        json!({ "type": "content_block_stop", "index": 0 }),
        json!({ "type": "message_delta", "delta": { "stop_reason": "end_turn" } }),
        json!({ "type": "message_stop" }),
    ]);
    let told = streamed(dialect, &pieces_of_it);
    assert_eq!(told.fold().message(tag("a")).blocks, [Block::Opaque { dialect, value, tag: tag("a") }]);
}

#[test]
fn a_stream_whose_types_stand_in_the_names_of_its_events_is_read() {
    for (dialect, stream) in
        [(Dialect::AnthropicMessages, anthropic::recorded()), (Dialect::OpenAiResponses, openai_responses::recorded())]
    {
        let bare: String = stream
            .lines()
            .map(|line| {
                let Some(data) = line.strip_prefix("data: ") else { return format!("{line}\n") };
                let Ok(Value::Object(mut value)) = serde_json::from_str(data) else { return format!("{line}\n") };
                value.remove("type");
                format!("data: {}\n", Value::Object(value))
            })
            .collect();
        assert_ne!(bare, stream);
        assert_eq!(streamed(dialect, &bare).events, streamed(dialect, &stream).events);
    }
}

#[test]
fn a_stream_that_comes_as_something_else_is_read_as_one() {
    for (dialect, stream) in [
        (Dialect::OpenAiChat, openai_chat::recorded()),
        (Dialect::OpenAiResponses, openai_responses::recorded()),
        (Dialect::AnthropicMessages, anthropic::recorded()),
        (Dialect::Gemini, gemini::recorded()),
        (Dialect::Ollama, ollama::recorded()),
    ] {
        let told = named(crate::wire::read_whole(dialect, stream.as_bytes()).unwrap());
        assert_eq!(told, streamed(dialect, &stream).events, "{dialect:?}");
        let cut = crate::wire::read_whole(dialect, &stream.as_bytes()[..stream.len() / 2]).unwrap_err();
        assert_eq!(cut.kind, Kind::Truncated, "{dialect:?}");
    }
    let error = json!([{ "error": { "code": 429, "status": "RESOURCE_EXHAUSTED", "message": "slow" } }]);
    let failure = crate::wire::read_whole(Dialect::Gemini, error.to_string().as_bytes()).unwrap_err();
    assert_eq!(failure.kind, Kind::RateLimited, "{failure}");
}

#[test]
fn geminis_growing_array_holds_objects_of_somebody_else_s_as_they_are_wherever_they_were_cut() {
    let (one, two) = (r#"{"a": "\u00e9\n", "x":1.50}"#, r#"{"b":[null]}"#);
    let frames = format!("data: {one}\r\n\r\n: nothing\n\ndata:{two}");
    for size in 1..frames.len() {
        let mut writer = surface(Dialect::Gemini).writer(&Reply { array: true, ..reply() });
        let mut out = Vec::new();
        frames.as_bytes().chunks(size).for_each(|piece| out.extend(writer.passed(piece).unwrap()));
        writer.passed_all(&mut out);
        assert_eq!(String::from_utf8(out).unwrap(), format!("[{one},\r\n{two}]"), "in pieces of {size}");
    }
    let mut writer = surface(Dialect::Gemini).writer(&Reply { array: true, ..reply() });
    let mut out = writer.passed(format!("data: {one}\n\n").as_bytes()).unwrap();
    writer.interrupt(&Failure::broken("no"), &mut out);
    let all: Vec<Value> = serde_json::from_slice(&out).unwrap();
    assert!(all.len() == 2 && all[1]["error"]["code"].is_u64(), "{all:?}");
    let mut none = Vec::new();
    surface(Dialect::Gemini).writer(&Reply { array: true, ..reply() }).passed_all(&mut none);
    assert_eq!(none, b"[]");
}

#[test]
fn geminis_growing_array_holds_what_its_events_hold() {
    let told = streamed(Dialect::Gemini, &gemini::recorded());
    let array = as_stream(Dialect::Gemini, &told.events, &Reply { array: true, ..reply() });
    let events = as_stream(Dialect::Gemini, &told.events, &reply());
    let read = named(wire(Dialect::Gemini).read_reply(&array).unwrap());
    assert_eq!(read, pieces(Dialect::Gemini, &events, &[usize::MAX]).events);
}

#[test]
fn what_keeps_a_connection_alive_means_nothing_to_a_reader() {
    for dialect in Dialect::ALL {
        let mut writer = surface(dialect).writer(&reply());
        let mut out = Vec::new();
        writer.ping(&mut out);
        let text = [
            Event::BlockStart { index: 0, kind: BlockKind::Text },
            Event::Text { index: 0, text: "4".into() },
            Event::BlockEnd { index: 0 },
            Event::Finish(FinishReason::Stop),
        ];
        for event in &text {
            writer.push(event, &mut out);
            writer.ping(&mut out);
        }
        writer.end(&mut out);
        let told = pieces(dialect, &out, &[3]);
        assert_eq!((told.fold().text().as_str(), told.failure.clone()), ("4", None), "{dialect:?}");
    }
}

/// One answer of each dialect, as it streams.
fn streams() -> [(Dialect, String); 5] {
    [
        (Dialect::OpenAiChat, openai_chat::recorded()),
        (Dialect::OpenAiResponses, openai_responses::recorded()),
        (Dialect::AnthropicMessages, anthropic::recorded()),
        (Dialect::Gemini, gemini::recorded()),
        (Dialect::Ollama, ollama::recorded()),
    ]
}

#[test]
fn a_stream_that_comes_as_something_else_is_read_as_the_stream_it_is() {
    for (dialect, stream) in streams() {
        let whole = named(crate::wire::read_whole(dialect, stream.as_bytes()).unwrap());
        assert_eq!(whole, streamed(dialect, &stream).events, "{}", dialect.name());
        let framed = crate::wire::framed(stream.as_bytes());
        assert_eq!(framed, dialect != Dialect::Ollama, "{}: known by its first word", dialect.name());
        assert!(!crate::wire::framed(b"{\"data:\": 1}") && !crate::wire::framed(b"") && !crate::wire::framed(b"dat"));
    }
}

#[test]
fn an_event_whose_data_name_no_type_is_what_its_name_says() {
    for (dialect, stream) in [streams()[1].clone(), streams()[2].clone()] {
        let untyped: Vec<String> = stream
            .lines()
            .map(|line| match line.strip_prefix("data: ").map(serde_json::from_str::<Value>) {
                Some(Ok(mut value)) => {
                    value.as_object_mut().unwrap().remove("type");
                    format!("data: {value}")
                }
                _ => line.to_owned(),
            })
            .collect();
        let untyped = untyped.join("\n") + "\n\n";
        assert!(untyped.contains("event: "), "{untyped}");
        let (told, wanted) = (streamed(dialect, &untyped), streamed(dialect, &stream));
        assert_eq!((told.events, told.failure), (wanted.events, None), "{}", dialect.name());
    }
}

#[test]
fn a_call_of_nothing_is_told_as_an_object_that_callers_can_parse() {
    let kind = |custom| BlockKind::ToolCall { id: "c".into(), name: "now".into(), custom };
    let events = |custom: bool, pieces: &[&str], ended: bool| {
        let mut out = vec![
            Event::Start { id: "answer-1".into(), model: "m".into() },
            Event::BlockStart { index: 0, kind: kind(custom) },
        ];
        out.extend(pieces.iter().map(|piece| Event::ToolInput { index: 0, json: (*piece).into() }));
        out.extend(ended.then_some(Event::BlockEnd { index: 0 }));
        out.push(Event::Finish(FinishReason::ToolCalls));
        out
    };
    // What stands in a dialect's own place of arguments, put together as its SDK does.
    let inputs = |dialect: Dialect, told: Vec<Event>| {
        let told = Told { events: told, failure: None };
        match &told.fold().message(None).blocks[..] {
            [Block::ToolCall { input, .. }] => input.clone(),
            other => panic!("{dialect:?}: {other:?}"),
        }
    };
    for (pieces, ended) in [(&[][..], true), (&[][..], false), (&[""][..], true), (&[" "][..], true)] {
        let meant = events(false, pieces, ended);
        for dialect in [Dialect::OpenAiChat, Dialect::OpenAiResponses, Dialect::XaiGrpc] {
            let streamed = super::pieces(dialect, &as_stream(dialect, &meant, &reply()), &[usize::MAX]);
            assert_well_formed(&streamed);
            let whole = wire(dialect).read_reply(&surface(dialect).write_reply(&meant, &reply())).unwrap();
            for input in [inputs(dialect, streamed.events), inputs(dialect, whole)] {
                let parsed: Value = serde_json::from_str(&input).unwrap_or_else(|e| panic!("{dialect:?}: {e}"));
                assert_eq!(parsed, json!({}), "{dialect:?}");
            }
        }
        // These say arguments as objects.
        for (dialect, path) in [
            (Dialect::AnthropicMessages, "/content/0/input"),
            (Dialect::Gemini, "/candidates/0/content/parts/0/functionCall/args"),
            (Dialect::Ollama, "/message/tool_calls/0/function/arguments"),
        ] {
            let body: Value = serde_json::from_slice(&surface(dialect).write_reply(&meant, &reply())).unwrap();
            assert_eq!(body.pointer(path), Some(&json!({})), "{dialect:?}: {body}");
            let text = String::from_utf8(as_stream(dialect, &meant, &reply())).unwrap();
            let empty = ["\"input\":{}", "\"args\":{}", "\"arguments\":{}"].iter().any(|said| text.contains(said));
            assert!(empty, "{dialect:?}: {text}");
        }
    }
    // What came is told once, and plain text is no JSON.
    let chat = |events: &[Event]| String::from_utf8(as_stream(Dialect::OpenAiChat, events, &reply())).unwrap();
    assert!(!chat(&events(false, &["{\"a\":1}"], true)).contains("\"{}\""));
    assert!(!chat(&events(true, &[], true)).contains("{}\"") && chat(&events(true, &[], true)).contains("custom"));
}

#[test]
fn what_an_openai_server_says_after_a_call_is_told_when_it_comes() {
    let chunk = |delta: Value| json!({ "id": "answer-1", "model": "m", "choices": [{ "index": 0, "delta": delta }] });
    let call = |piece: &str| {
        let function = json!({ "name": "add", "arguments": piece });
        chunk(json!({ "tool_calls": [{ "index": 0, "id": "a", "function": function }] }))
    };
    let rest = |piece: &str| chunk(json!({ "tool_calls": [{ "index": 0, "function": { "arguments": piece } }] }));
    let text = |piece: &str| chunk(json!({ "content": piece }));
    for dialect in [Dialect::Gemini, Dialect::Ollama, Dialect::XaiGrpc, Dialect::AnthropicMessages] {
        for (chunks, now) in [
            (vec![call("{\"a\":1}"), text("later")], true),
            (vec![call("{\"a\""), rest(":\"}\"}"), text("later"), rest("\n")], true),
            // It may go on.
            (vec![call("{\"a\":"), text("later")], false),
            (vec![call(""), text("later")], false),
        ] {
            let (mut reader, mut events) = (wire(Dialect::OpenAiChat).reader(), Vec::new());
            let (mut writer, mut out) = (surface(dialect).writer(&reply()), Vec::new());
            reader.feed(sse(&chunks).as_bytes(), &mut events).unwrap();
            events.iter().for_each(|event| writer.push(event, &mut out));
            let told = String::from_utf8_lossy(&out).contains("later");
            assert_eq!(told, now, "{dialect:?}: {}", String::from_utf8_lossy(&out));
            events.clear();
            reader.feed(b"data: [DONE]\n\n", &mut events).unwrap();
            reader.end(&mut events).unwrap();
            events.iter().for_each(|event| writer.push(event, &mut out));
            writer.end(&mut out);
            let all = pieces(dialect, &out, &[usize::MAX]);
            assert_well_formed(&all);
            assert_eq!(all.fold().text(), "later", "{dialect:?}");
        }
    }
}
