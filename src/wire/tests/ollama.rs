//! Ollama's native chat (ollama-lmstudio.md, "Ollama").

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::model::{FinishReason, Scope};
use crate::wire::read_whole;

const OLLAMA: Dialect = Dialect::Ollama;

fn line(message: Value) -> Value {
    json!({ "model": "qwen3", "created_at": "t", "message": message, "done": false })
}

fn done(reason: &str) -> Value {
    json!({ "model": "qwen3", "created_at": "t", "message": { "role": "assistant", "content": "" }, "done": true,
        "done_reason": reason, "prompt_eval_count": 26, "eval_count": 298, "total_duration": 1, "load_duration": 1 })
}

fn lines(values: &[Value]) -> String {
    values.iter().map(|v| format!("{v}\n")).collect()
}

fn calls() -> Value {
    json!([{ "function": { "name": "add", "arguments": { "a": 1 } } }, { "id": "own", "function": { "name": "add", "arguments": {} } }])
}

pub(super) fn recorded() -> String {
    lines(&[
        line(json!({ "role": "assistant", "content": "", "thinking": "two and " })),
        line(json!({ "role": "assistant", "content": "", "thinking": "two" })),
        line(json!({ "role": "assistant", "content": "Let me " })),
        line(json!({ "role": "assistant", "content": "see: é." })),
        line(json!({ "role": "assistant", "content": "", "tool_calls": calls() })),
        done("stop"),
    ])
}

#[test]
fn a_stream_and_a_plain_answer_say_the_same() {
    let mut whole = done("stop");
    whole["message"] =
        json!({ "role": "assistant", "thinking": "two and two", "content": "Let me see: é.", "tool_calls": calls() });
    let stream = streamed(OLLAMA, &recorded());
    assert_same(&stream, &plain(OLLAMA, &whole));
    let fold = stream.fold();
    assert_eq!(fold.usage, used([26, 0, 0, 0, 298], None));
    assert_eq!(fold.finish, Some(FinishReason::ToolCalls));
    assert_eq!(
        fold.message(None).blocks,
        [
            thought("two and two", None, None),
            Block::Text("Let me see: é.".into()),
            call("made-up-2", "{\"a\":1}"),
            call("own", "{}"),
        ]
    );
}

#[test]
fn a_stream_that_breaks_off_anywhere_is_truncated() {
    assert_cut_anywhere_is_truncated(OLLAMA, &recorded());
}

#[test]
fn arguments_that_are_text_or_missing_do_no_harm() {
    for (arguments, input) in [(json!("{\"a\":1}"), "{\"a\":1}"), (json!(null), ""), (json!([1]), "")] {
        let called = json!([{ "id": "c", "function": { "name": "add", "arguments": arguments } }]);
        let told = streamed(OLLAMA, &lines(&[line(json!({ "tool_calls": called })), done("stop")]));
        assert_eq!(told.fold().message(None).blocks, [call("c", input)]);
    }
}

#[test]
fn every_reason_to_stop_has_its_word() {
    for (reason, finish) in
        [("stop", FinishReason::Stop), ("length", FinishReason::Length), ("other", FinishReason::Other("other".into()))]
    {
        assert_eq!(streamed(OLLAMA, &lines(&[done(reason)])).fold().finish, Some(finish));
    }
    for reason in ["load", "unload"] {
        let told = streamed(OLLAMA, &lines(&[done(reason)]));
        assert_eq!(told.kind(), Some(Kind::Broken), "a server that was busy with the model did not answer");
    }
}

#[test]
fn an_error_may_be_a_line_in_a_stream_that_began_well() {
    let error = json!({ "error": "model requires more system memory" });
    let told = streamed(OLLAMA, &lines(&[line(json!({ "content": "4" })), error.clone()]));
    let failure = told.failure.clone().unwrap();
    assert_eq!((failure.kind, failure.message.as_str()), (Kind::Broken, "model requires more system memory"));
    assert_eq!(told.fold().text(), "4");
    assert_eq!(plain(OLLAMA, &error).failure, Some(failure));
}

#[test]
fn a_request_is_written_as_the_document_says() {
    // Streaming is on unless it is switched off; limits and sampling are options; the window must be asked for.
    let messages = json!([{ "role": "system", "content": "Be short." }, { "role": "user", "content": "2+2?" }]);
    assert_eq!(body(OLLAMA, &asked()), json!({ "model": "m", "messages": messages, "stream": false }));
    let (request, takes) = warm();
    let request = Request { schema: with_schema().schema, ..request };
    let schema = request.schema.clone().unwrap().schema;
    let adapted = Adapted { max_output: Some(9), context: Some(8192), structured: true, ..takes };
    assert_eq!(
        written(OLLAMA, &request, &adapted, true),
        json!({ "model": "m", "messages": messages, "stream": true,
        "options": { "num_ctx": 8192, "num_predict": 9, "temperature": 1.5, "top_p": 0.5 }, "format": schema })
    );
}

#[test]
fn each_way_to_think_is_spelled_as_the_document_says() {
    for (way, golden) in [
        (Thinking::Unset, json!(null)),
        (Thinking::Think(true), json!(true)),
        (Thinking::Think(false), json!(false)),
        (Thinking::Disabled, json!(false)),
        (Thinking::Level(Effort::Medium), json!("medium")),
    ] {
        assert_eq!(thinking(OLLAMA, way)["think"], golden);
    }
}

#[test]
fn calls_carry_objects_and_results_are_tied_by_name() {
    let golden = body(OLLAMA, &after_calls());
    assert_eq!(
        golden["tools"],
        json!([{ "type": "function", "function": { "name": "add", "description": "Adds.",
        "parameters": { "type": "object", "properties": { "a": { "type": "integer" } } } } }])
    );
    let call = |arguments: Value| json!({ "function": { "name": "add", "arguments": arguments } });
    assert_eq!(
        golden["messages"].as_array().unwrap()[2..],
        [
            json!({ "role": "assistant", "content": "Let me see.",
            "tool_calls": [call(json!({ "a": 2 })), call(json!({ "_raw": "not json" }))] }),
            json!({ "role": "tool", "tool_name": "add", "content": "4" }),
            json!({ "role": "tool", "tool_name": "add", "content": "error: no such number" }),
            json!({ "role": "user", "content": "Go on." }),
        ]
    );
    assert_eq!(body(OLLAMA, &with_tools(ToolChoice::None)).get("tools"), None, "there is no other way to forbid them");
}

#[test]
fn an_image_is_sent_beside_the_text_and_a_document_is_refused_instead_of_left_out() {
    let mut request = with_files();
    let failure = wire(OLLAMA).write_request("m", &request, &Adapted::default(), false).unwrap_err();
    assert_eq!((failure.kind, failure.scope), (Kind::BadRequest, Scope::Model), "another route may take it");
    request.messages[0].blocks.pop();
    let golden = json!({ "role": "user", "content": "See:", "images": ["AAAA"] });
    assert_eq!(body(OLLAMA, &request)["messages"][1], golden);
}

#[test]
fn an_answer_over_several_lines_that_breaks_off_broke_off() {
    let whole = json!({ "model": "m", "message": { "role": "assistant", "content": "a" }, "done": true });
    let text = serde_json::to_string_pretty(&whole).unwrap();
    assert!(read_whole(OLLAMA, text.as_bytes()).is_ok());
    let failure = read_whole(OLLAMA, &text.as_bytes()[..text.len() - 20]).unwrap_err();
    assert_eq!(failure.kind, Kind::Truncated, "{failure}");
}

proptest! {
    #[test]
    fn any_chunking_gives_the_same_events(sizes in prop::collection::vec(1usize..60, 1..6)) {
        let (whole, cut) = (streamed(OLLAMA, &recorded()), pieces(OLLAMA, recorded().as_bytes(), &sizes));
        prop_assert_eq!((whole.events, whole.failure), (cut.events, cut.failure));
    }
}
