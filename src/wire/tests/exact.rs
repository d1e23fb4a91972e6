//! Numbers in the arguments of calls, to the digit.

use super::requests::ASKING;
use super::*;
use crate::wire::Reply;

const ARGS: &str = r#"{"id":18446744073709551617,"a":[0.1234567890123456789012,{"b":1E5}],"c":"1E5, \"2.50\"","d":7}"#;

/// Of each dialect that has arguments as objects: a call in a request, and a whole answer with it.
fn calls(args: &str) -> Vec<(Dialect, String, String)> {
    let (tool, name) = (r#""type":"tool_use","id":"c1","name":"add","input":"#, r#""name":"add","arguments":"#);
    let turn = |call: &str| {
        format!(r#"{{"role":"assistant","content":"","tool_calls":[{{"id":"c1","function":{{{call}}}}}]}}"#)
    };
    let of_chat = turn(&format!("{name}{args}"));
    let part = format!(r#"{{"role":"model","parts":[{{"functionCall":{{"id":"c1","name":"add","args":{args}}}}}]}}"#);
    let block = format!(r#"{{"role":"assistant","content":[{{{tool}{args}}}]}}"#);
    let messages =
        |turn: &str| format!(r#"{{"model":"m","max_tokens":9,"messages":[{{"role":"user","content":"x"}},{turn}]}}"#);
    vec![
        (
            Dialect::AnthropicMessages,
            messages(&block),
            format!(r#"{{"content":[{{{tool}{args}}}],"stop_reason":"tool_use","usage":{{}}}}"#),
        ),
        (
            Dialect::Gemini,
            format!(r#"{{"contents":[{{"role":"user","parts":[{{"text":"x"}}]}},{part}]}}"#),
            format!(r#"{{"candidates":[{{"content":{part},"finishReason":"STOP"}}]}}"#),
        ),
        (
            Dialect::Ollama,
            messages(&of_chat),
            format!(r#"{{"model":"m","message":{of_chat},"done":true,"done_reason":"stop"}}"#),
        ),
        (
            Dialect::OpenAiChat,
            messages(&of_chat),
            format!(r#"{{"choices":[{{"index":0,"message":{of_chat},"finish_reason":"tool_calls"}}]}}"#),
        ),
    ]
}

fn input(blocks: &[Block]) -> String {
    let found = blocks.iter().find_map(|block| match block {
        Block::ToolCall { input, .. } => Some(input.clone()),
        _ => None,
    });
    found.unwrap()
}

#[test]
fn arguments_go_as_they_were_spelled_through_every_dialect() {
    let spaced = ARGS.replace(":[", " : [ ").replace(",\"d\"", ",\n \"d\"");
    for (dialect, asked, answered) in calls(&spaced) {
        let request = surface(dialect).read_request(asked.as_bytes(), &ASKING).unwrap().request;
        assert_eq!(input(&request.messages[1].blocks), ARGS, "{dialect:?}");
        for other in json_dialects() {
            let body = wire(other).write_request("m", &request, &Adapted::default(), false).unwrap().body;
            let body = String::from_utf8(body).unwrap();
            assert!(body.contains(ARGS) || body.contains(&json!(ARGS).to_string()), "{other:?} {body}");
        }
        let events = wire(dialect).read_reply(answered.as_bytes()).unwrap();
        let told = Told { events, failure: None };
        assert_eq!(input(&told.fold().message(None).blocks), ARGS, "{dialect:?}");
        for other in json_dialects() {
            let body = String::from_utf8(surface(other).write_reply(&told.events, &Reply::default())).unwrap();
            assert!(body.contains(ARGS) || body.contains(&json!(ARGS).to_string()), "{other:?} {body}");
            let mut writer = surface(other).writer(&Reply::default());
            let mut out = Vec::new();
            told.events.iter().for_each(|event| writer.push(event, &mut out));
            writer.end(&mut out);
            let out = String::from_utf8(out).unwrap();
            assert!(out.contains(ARGS) || out.contains(&json!(ARGS).to_string()), "{other:?} {out}");
        }
    }
}

#[test]
fn a_piece_of_a_stream_keeps_them_too() {
    let (_, _, answer) = calls(ARGS).remove(1);
    assert_eq!(input(&streamed(Dialect::Gemini, &format!("data: {answer}\n\n")).fold().message(None).blocks), ARGS);
    let (_, _, answer) = calls(ARGS).remove(2);
    assert_eq!(input(&streamed(Dialect::Ollama, &format!("{answer}\n")).fold().message(None).blocks), ARGS);
}

#[test]
fn what_is_no_object_and_what_only_looks_like_such_a_number_stays() {
    let kept = |args: &str| {
        let (dialect, asked, _) = calls(args).remove(0);
        input(&surface(dialect).read_request(asked.as_bytes(), &ASKING).unwrap().request.messages[1].blocks)
    };
    for args in [r#"{"a":1.5}"#, r#"{"a":"\ufdd0number:1E5"}"#, r#"{"a":{"args":{"b":1E5}}}"#, r#"{"a":-0}"#] {
        assert_eq!(kept(args).replace('\u{fdd0}', "\\ufdd0"), args);
    }
}

#[test]
fn what_no_float_holds_and_half_a_code_point_pass_through_every_dialect() {
    let args = r#"{"a":1e400,"b":[-2E999],"c":"1e400","d":"\\ud800"}"#;
    let reply = Reply { id: "a".into(), model: "m".into(), ..Reply::default() };
    for (dialect, _, answered) in calls(args) {
        let events = wire(dialect).read_reply(answered.as_bytes()).unwrap_or_else(|e| panic!("{dialect:?}: {e}"));
        let told = Told { events, failure: None };
        assert_eq!(input(&told.fold().message(None).blocks), args, "{dialect:?}");
        for other in json_dialects() {
            let body = surface(other).write_reply(&told.events, &reply);
            assert!(String::from_utf8(body).unwrap().contains("1e400"), "{dialect:?} -> {other:?}");
        }
    }
    let args = r#"{"a":1e400,"d":"x\ud800y\ude00"}"#;
    for (dialect, _, answered) in calls(args) {
        let events = wire(dialect).read_reply(answered.as_bytes()).unwrap_or_else(|e| panic!("{dialect:?}: {e}"));
        let told = Told { events, failure: None };
        let read = input(&told.fold().message(None).blocks);
        assert_eq!(read, "{\"a\":1e400,\"d\":\"x\u{fffd}y\u{fffd}\"}", "{dialect:?}");
    }
}
