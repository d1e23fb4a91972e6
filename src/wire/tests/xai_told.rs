//! The other end of xAI's own service: what its callers are told (xai.md, "gRPC").

use prost::Message as _;

use super::xai_grpc::{chunk, says, told};
use super::xai_surface::{asks, brought_back, read, reply, turn};
use super::*;
use crate::model::{Citation, Cost, CostSource, FinishReason, NanoUsd, Service};
use crate::wire::prefix;
use crate::wire::proto::xai::{
    CollectionsCitation, Delta, GetChatCompletionChunk, GetChatCompletionResponse, InlineCitation, Message as Turn,
    WebCitation, inline_citation,
};

const GRPC: Dialect = Dialect::XaiGrpc;

#[test]
fn seals_of_several_thoughts_come_back_apart_although_there_is_one_place_for_them() {
    let thought = |index, text: &str, seal: Option<&str>| {
        let text = Event::Thought { index, text: text.into() };
        let seal = seal.map(|seal| Event::Sealed { index, seal: seal.into() });
        [Event::BlockStart { index, kind: BlockKind::Thought }, text]
            .into_iter()
            .chain(seal)
            .chain([Event::BlockEnd { index }])
    };
    let events: Vec<Event> = thought(0, "two ", Some("id\n\"s1\""))
        .chain(thought(1, "and ", None))
        .chain(thought(2, "two", Some("s2")))
        .chain([Event::Finish(FinishReason::Stop)])
        .collect();
    let blocks = |sealed: &[(&str, Option<&str>)]| -> Vec<Block> {
        sealed.iter().map(|(text, seal)| super::thought(text, *seal, None)).collect()
    };
    let meant = blocks(&[("two ", Some("id\n\"s1\"")), ("and ", None), ("two", Some("s2"))]);
    let body = surface(GRPC).write_reply(&events, &reply());
    let back = read(&brought_back(&body)).request;
    assert_eq!(back.messages[0].blocks, meant);
    let whole = Told { events: wire(GRPC).read_reply(&body).unwrap(), failure: None };
    assert_eq!(whole.fold().message(None).blocks, meant);
    // Whoever brings back the seals alone brings back what they seal.
    let message = GetChatCompletionResponse::decode(&body[..]).unwrap().outputs.remove(0).message.unwrap();
    let alone = Turn { encrypted_content: message.encrypted_content, ..turn(2, Vec::new()) };
    let back = read(&asks(vec![alone]).encode_to_vec()).request;
    assert_eq!(back.messages[0].blocks, blocks(&[("two ", Some("id\n\"s1\"")), ("two", Some("s2"))]));
    // xAI's own come last and apart from what they seal; they belong together when they come back.
    let native = told(&[
        chunk(Delta { reasoning_content: "hm".into(), ..says("4") }, 0, None),
        chunk(Delta { encrypted_content: "AB".into(), ..says("") }, 3, None),
    ]);
    let back = read(&brought_back(&surface(GRPC).write_reply(&native.events, &reply()))).request;
    assert_eq!(back.messages[0].blocks, [super::thought("hm", Some("AB"), None), Block::Text("4".into())]);
    let plain = Turn { reasoning_content: Some("hm".into()), encrypted_content: "AB".into(), ..turn(2, Vec::new()) };
    let back = read(&asks(vec![plain]).encode_to_vec()).request;
    assert_eq!(back.messages[0].blocks, [super::thought("hm", Some("AB"), None)]);
    // What only begins like ours is the server's own.
    for odd in ["monster:", "monster:{", "monster:{}x"] {
        let turn = Turn { encrypted_content: odd.into(), ..turn(2, Vec::new()) };
        let back = read(&asks(vec![turn]).encode_to_vec()).request;
        assert_eq!(back.messages[0].blocks, [super::thought("", Some(odd), None)]);
    }
}

fn source(at: i32, citation: inline_citation::Citation) -> InlineCitation {
    InlineCitation { id: "1".into(), start_index: at, end_index: at + 3, citation: Some(citation) }
}

#[test]
fn sources_are_told_in_their_places_and_each_address_once() {
    let web = |url: &str| WebCitation { url: url.into() };
    let of = CollectionsCitation {
        file_id: "f".into(),
        chunk_id: "c".into(),
        chunk_content: "two and two".into(),
        score: 0.5,
        collection_ids: vec!["k".into()],
    };
    let notes = vec![
        source(0, inline_citation::Citation::WebCitation(web("https://a.b"))),
        source(3, inline_citation::Citation::XCitation(web("https://x.y"))),
        source(6, inline_citation::Citation::CollectionsCitation(of)),
    ];
    let last = |citations: &[&str]| GetChatCompletionChunk {
        citations: citations.iter().map(|url| (*url).to_owned()).collect(),
        ..chunk(says(""), 3, None)
    };
    let upstream = told(&[
        chunk(Delta { citations: notes.clone(), ..says("[[1]](https://a.b)") }, 0, None),
        last(&["https://a.b", "https://c.d", "https://c.d"]),
    ]);
    let cited: Vec<Citation> = upstream
        .events
        .iter()
        .filter_map(|event| if let Event::Cited { citation, .. } = event { Some(citation.clone()) } else { None })
        .collect();
    let urls: Vec<Option<&str>> = cited.iter().map(|citation| citation.url.as_deref()).collect();
    assert_eq!(urls, [Some("https://a.b"), Some("https://x.y"), None, Some("https://c.d")]);
    assert_eq!(cited[2].quote.as_deref(), Some("two and two"));
    let mut events = upstream.events.clone();
    let foreign = Citation { dialect: Dialect::Gemini, raw: json!({ "uri": "https://e.f" }), ..cited[3].clone() };
    let foreign = Citation { url: Some("https://e.f".into()), ..foreign };
    events.insert(3, Event::Cited { index: 0, citation: foreign });
    let body = surface(GRPC).write_reply(&events, &reply());
    let answer = GetChatCompletionResponse::decode(&body[..]).unwrap();
    assert_eq!(answer.outputs[0].message.as_ref().unwrap().citations, notes);
    assert_eq!(answer.citations, ["https://e.f", "https://c.d"]);
    let mut bytes = Vec::new();
    let mut writer = surface(GRPC).writer(&reply());
    upstream.events.iter().for_each(|event| writer.push(event, &mut bytes));
    writer.end(&mut bytes);
    assert_eq!(pieces(GRPC, &bytes, &[11]).fold().message(None), upstream.fold().message(None));
}

#[test]
fn an_answer_tells_its_counts_its_price_its_tier_and_its_time() {
    let usage =
        Usage { input: 50, cache_read: 40, cache_write_short: 7, cache_write_long: 3, output: 20, reasoning: Some(8) };
    let ending = |finish| {
        vec![
            Event::BlockStart { index: 0, kind: BlockKind::Text },
            Event::Text { index: 0, text: "4".into() },
            Event::Usage(usage),
            Event::Charged(Cost { amount: NanoUsd(1_235), source: CostSource::Reported }),
            Event::Served(Service::Priority),
            Event::Finish(finish),
        ]
    };
    let body = surface(GRPC).write_reply(&ending(FinishReason::Stop), &reply());
    let answer = GetChatCompletionResponse::decode(&body[..]).unwrap();
    let counts = answer.usage.unwrap();
    assert_eq!((counts.prompt_tokens, counts.cached_prompt_text_tokens, counts.total_tokens), (100, 40, 120));
    assert_eq!((counts.completion_tokens, counts.reasoning_tokens), (12, 8), "thoughts stand beside what was said");
    assert_eq!((counts.cost_in_usd_ticks, answer.service_tier), (Some(12_350), 2));
    assert_eq!((answer.id.as_str(), answer.created.unwrap().seconds), ("answer-1", 1_790_000_000));
    let huge = Usage { input: u64::MAX, output: u64::MAX, ..usage };
    let body = surface(GRPC).write_reply(&[Event::Usage(huge)], &reply());
    assert_eq!(GetChatCompletionResponse::decode(&body[..]).unwrap().usage.unwrap().total_tokens, i32::MAX);
    for (finish, reason) in [
        (FinishReason::Stop, 3),
        (FinishReason::StopSequence(None), 3),
        (FinishReason::Refused, 3),
        (FinishReason::Length, 1),
        (FinishReason::ToolCalls, 4),
        (FinishReason::Other("time_limit".into()), 5),
        // Nobody can go on: it is no complete answer.
        (FinishReason::Pause(None), 1),
        (FinishReason::Pause(Some("token".into())), 1),
        (FinishReason::Other("x".into()), 3),
    ] {
        let body = surface(GRPC).write_reply(&ending(finish.clone()), &reply());
        assert_eq!(
            GetChatCompletionResponse::decode(&body[..]).unwrap().outputs[0].finish_reason,
            reason,
            "{finish:?}"
        );
    }
}

#[test]
fn calls_go_out_whole_and_a_tool_of_plain_text_is_called_with_an_object() {
    let kind = |custom| BlockKind::ToolCall { id: "c".into(), name: "add".into(), custom };
    let mut writer = surface(GRPC).writer(&reply());
    let mut out = Vec::new();
    for event in [
        Event::BlockStart { index: 0, kind: kind(true) },
        Event::ToolInput { index: 0, json: "1 \"and\"".into() },
        Event::ToolInput { index: 0, json: " 2".into() },
    ] {
        writer.push(&event, &mut out);
    }
    assert!(out.is_empty(), "nothing is known of it yet");
    writer.push(&Event::BlockEnd { index: 0 }, &mut out);
    let told = pieces(GRPC, &out, &[usize::MAX]);
    assert_eq!(told.fold().message(None).blocks, [call("c", "{\"input\":\"1 \\\"and\\\" 2\"}")]);
    assert_eq!(told.kind(), Some(Kind::Truncated), "it has not ended");
    // A seal of a call has no place, least of all among those of thoughts; and what was never closed is told at the end.
    let mut rest = Vec::new();
    for event in [
        Event::BlockStart { index: 1, kind: kind(false) },
        Event::Sealed { index: 1, seal: "c2lnbg==".into() },
        Event::ToolInput { index: 1, json: "{}".into() },
    ] {
        writer.push(&event, &mut rest);
    }
    assert!(rest.is_empty());
    writer.end(&mut rest);
    assert_eq!(pieces(GRPC, &rest, &[usize::MAX]).fold().message(None).blocks, [call("c", "{}")]);
    assert_eq!(writer.media_type(), "application/grpc");
    // A caller reads the arguments as JSON, also where there are none.
    let bare = [Event::BlockStart { index: 0, kind: kind(false) }, Event::BlockEnd { index: 0 }];
    let whole = wire(GRPC).read_reply(&surface(GRPC).write_reply(&bare, &reply())).unwrap();
    let mut writer = surface(GRPC).writer(&reply());
    let mut out = Vec::new();
    bare.iter().for_each(|event| writer.push(event, &mut out));
    writer.end(&mut out);
    for told in [Told { events: whole, failure: None }, pieces(GRPC, &out, &[usize::MAX])] {
        assert_eq!(told.fold().message(None).blocks, [call("c", "{}")]);
    }
}

#[test]
fn what_is_written_for_a_caller_is_cut_into_messages() {
    let events = [Event::BlockStart { index: 0, kind: BlockKind::Text }, Event::Text { index: 0, text: "4".into() }];
    let mut writer = surface(GRPC).writer(&reply());
    let mut out = Vec::new();
    events.iter().for_each(|event| writer.push(event, &mut out));
    assert_eq!(out[..5], prefix(out.len() - 5), "a message that can be sent as soon as it is written");
    let sent = GetChatCompletionChunk::decode(&out[5..]).unwrap();
    let delta = sent.outputs[0].delta.as_ref().unwrap();
    // Its own client keeps the role of the last message.
    assert_eq!((delta.role, delta.content.as_str(), sent.id.as_str()), (2, "4", "answer-1"));
    assert_eq!(sent.created.unwrap().seconds, 1_790_000_000);
}
