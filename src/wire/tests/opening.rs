//! What stands in the opening of a stream of Anthropic's dialect, and what follows it.

use serde_json::{Value, json};

use super::*;

const MESSAGES: Dialect = Dialect::AnthropicMessages;

fn opening(content: &Value) -> Value {
    json!({ "type": "message_start", "message": { "id": "msg_1", "type": "message", "role": "assistant",
        "model": "m", "content": content } })
}

fn start(at: u64, block: &Value) -> Value {
    json!({ "type": "content_block_start", "index": at, "content_block": block })
}

fn delta(at: u64, delta: &Value) -> Value {
    json!({ "type": "content_block_delta", "index": at, "delta": delta })
}

fn stop(at: u64) -> Value {
    json!({ "type": "content_block_stop", "index": at })
}

fn words(at: u64, said: &str) -> Value {
    delta(at, &json!({ "type": "text_delta", "text": said }))
}

fn arguments(at: u64, piece: &str) -> Value {
    delta(at, &json!({ "type": "input_json_delta", "partial_json": piece }))
}

fn spoken(said: &str) -> Value {
    json!({ "type": "text", "text": said })
}

fn used(id: &str, name: &str) -> Value {
    json!({ "type": "tool_use", "id": id, "name": name, "input": {} })
}

fn ended(mut events: Vec<Value>, reason: &str) -> String {
    events.push(json!({ "type": "message_delta", "delta": { "stop_reason": reason } }));
    events.push(json!({ "type": "message_stop" }));
    typed_sse(&events)
}

fn blocks(events: Vec<Value>) -> Vec<Block> {
    let told = streamed(MESSAGES, &ended(events, "tool_use"));
    assert_eq!(told.failure, None);
    assert_well_formed(&told);
    told.fold().message(None).blocks
}

#[test]
fn every_block_of_an_opening_may_still_be_filled() {
    let both = json!([used("a", "add"), used("b", "sub")]);
    let filled = [Block::call("a", "add", "{\"n\":1}"), Block::call("b", "sub", "{\"n\":2}")];
    let replayed = vec![
        opening(&both),
        start(0, &used("a", "add")),
        arguments(0, "{\"n\":"),
        arguments(0, "1}"),
        stop(0),
        start(1, &used("b", "sub")),
        arguments(1, "{\"n\":2}"),
        stop(1),
    ];
    assert_eq!(blocks(replayed), filled);
    // Nor need they be begun again, or be stopped.
    assert_eq!(blocks(vec![opening(&both), arguments(0, "{\"n\":1}"), arguments(1, "{\"n\":2}")]), filled);
    // A call that a provider runs itself, and the seal of a thought.
    let searched = |input: Value| json!({ "type": "server_tool_use", "id": "s", "name": "web_search", "input": input });
    let all = json!([{ "type": "thinking", "thinking": "hm" }, searched(json!({})), spoken("4")]);
    let seal = delta(0, &json!({ "type": "signature_delta", "signature": "sig" }));
    let found = Block::Opaque { dialect: MESSAGES, value: searched(json!({ "query": "4" })), tag: None };
    let told = [thought("hm", Some("sig"), None), found, Block::Text("4".into())];
    let pieces = arguments(1, "{\"query\":\"4\"}");
    assert_eq!(blocks(vec![opening(&all), seal.clone(), stop(0), pieces, stop(1), start(2, &spoken("4"))]), told);
    let begun = start(1, &searched(json!({ "query": "4" })));
    assert_eq!(blocks(vec![opening(&all), seal, begun]), told);
    // The arguments may come with the block that begins anew.
    let mut full = used("a", "add");
    full["input"] = json!({ "n": 1 });
    assert_eq!(blocks(vec![opening(&json!([used("a", "add")])), start(0, &full), stop(0)]), filled[..1]);
}

#[test]
fn another_block_in_the_place_of_one_of_the_opening_is_told_as_another() {
    let called =
        vec![opening(&json!([used("a", "add")])), start(0, &used("b", "sub")), arguments(0, "{\"n\":2}"), stop(0)];
    assert_eq!(blocks(called), [Block::call("a", "add", "{}"), Block::call("b", "sub", "{\"n\":2}")]);
    let text = |said: &str| Block::Text(said.into());
    for (begun, pieces, all) in [
        ("Hello", vec![], vec!["4", "Hello"]),
        ("Hello", vec![", you"], vec!["4", "Hello, you"]),
        // The same goes on, or comes once more.
        ("4", vec!["2"], vec!["42"]),
        ("42", vec!["!"], vec!["42!"]),
    ] {
        let mut events = vec![opening(&json!([spoken("4")])), start(0, &spoken(begun))];
        events.extend(pieces.iter().map(|piece| words(0, piece)));
        events.push(stop(0));
        assert_eq!(blocks(events), all.iter().map(|said| text(said)).collect::<Vec<_>>(), "{begun}");
    }
    let half = vec![opening(&json!([spoken("Hello")])), start(0, &spoken("He")), words(0, "l"), words(0, "lo!")];
    assert_eq!(blocks(half), [text("Hello!")]);
    // One that is over takes nothing more: what is new stands behind it.
    let late = vec![
        opening(&json!([spoken("42")])),
        stop(0),
        start(0, &spoken("")),
        words(0, "4"),
        words(0, "2!"),
        words(0, "?"),
        stop(0),
    ];
    assert_eq!(blocks(late), [text("42"), text("!?")]);
}

#[test]
fn what_follows_a_block_of_the_opening_waits_for_nothing() {
    let result = json!({ "type": "web_search_tool_result", "tool_use_id": "s", "content": [] });
    let opened = |next: &Value| {
        let (mut reader, mut events) = (wire(MESSAGES).reader(), Vec::new());
        let so_far = [opening(&json!([spoken("4")])), start(1, next), words(1, "2")];
        reader.feed(typed_sse(&so_far).as_bytes(), &mut events).unwrap();
        events
    };
    let (mut writer, mut out) = (surface(MESSAGES).writer(&crate::wire::Reply::default()), Vec::new());
    opened(&spoken("")).iter().for_each(|event| writer.push(event, &mut out));
    let told = String::from_utf8(out).unwrap();
    assert!(told.contains("\"text\":\"4\"") && told.contains("\"text\":\"2\""), "{told}");
    let ends = opened(&result).iter().position(|event| *event == Event::BlockEnd { index: 0 });
    assert!(ends.is_some());
    let told = blocks(vec![opening(&json!([spoken("4")])), start(1, &result), stop(1)]);
    assert_eq!(told, [Block::Text("4".into()), Block::Opaque { dialect: MESSAGES, value: result, tag: None }]);
}

#[test]
fn a_long_opening_that_comes_once_more_is_looked_through_once() {
    // Whoever compares all that came so far with each piece is not done in a minute.
    let piece = "0123456789abcdef".repeat(8);
    let many = 65_536;
    let all = piece.repeat(many);
    let mut reader = wire(MESSAGES).reader();
    let mut events = Vec::new();
    let head = typed_sse(&[opening(&json!([spoken(&all)])), start(0, &spoken(""))]);
    reader.feed(head.as_bytes(), &mut events).unwrap();
    let again = typed_sse(&[words(0, &piece)]);
    (0..many).for_each(|_| reader.feed(again.as_bytes(), &mut events).unwrap());
    reader.feed(ended(vec![words(0, "!"), stop(0)], "end_turn").as_bytes(), &mut events).unwrap();
    let told = Told { events, failure: None };
    let text = told.fold().text();
    assert_eq!((text.len(), text.ends_with("f!")), (all.len() + 1, true));
    // The same of its sources.
    let source = |n: usize| json!({ "type": "char_location", "cited_text": "four", "document_index": n });
    let sources: Vec<Value> = (0..20_000).map(source).collect();
    let mut reader = wire(MESSAGES).reader();
    let mut events = Vec::new();
    let cited = json!([{ "type": "text", "text": "4", "citations": sources }]);
    reader.feed(typed_sse(&[opening(&cited), start(0, &spoken(""))]).as_bytes(), &mut events).unwrap();
    for source in sources.iter().rev() {
        let again = delta(0, &json!({ "type": "citations_delta", "citation": source }));
        reader.feed(typed_sse(&[again]).as_bytes(), &mut events).unwrap();
    }
    let new = delta(0, &json!({ "type": "citations_delta", "citation": source(20_000) }));
    reader.feed(ended(vec![new, stop(0)], "end_turn").as_bytes(), &mut events).unwrap();
    assert_eq!(events.iter().filter(|event| matches!(event, Event::Cited { .. })).count(), sources.len() + 1);
}
