//! What callers of other dialects ask, as servers of OpenAI's take it (openai-chat.md).

use serde_json::{Value, json};

use super::*;
use crate::wire::Quirks;

const CHAT: Dialect = Dialect::OpenAiChat;

#[test]
fn plain_text_documents_are_told_as_text() {
    use crate::model::Source;
    use crate::wire::loss::Loss;
    let text = Block::Document { source: Source::Text("so".into()), name: Some("a.txt".into()) };
    let mut request = asked();
    request.messages = vec![Message::new(Role::User, vec![text, Block::document("text/csv", "YSxi", None)])];
    let sent = wire(CHAT).write_request("m", &request, &Adapted::default(), false).unwrap();
    assert_eq!(sent.losses, [Loss::DocumentAsText]);
    let body: Value = serde_json::from_slice(&sent.body).unwrap();
    assert_eq!(body["messages"][1]["content"], "a.txt:\nso\n\na,b");
}

#[test]
fn nothing_stands_between_calls_and_their_results() {
    let call = |id: &str| json!({ "type": "function_call", "call_id": id, "name": "add", "arguments": "{}" });
    let output = |id: &str| json!({ "type": "function_call_output", "call_id": id, "output": id });
    let said = |role: &str, id: &str, text: &str| {
        let kind = if role == "assistant" { "output_text" } else { "input_text" };
        json!({ "type": "message", "role": role, "id": id, "content": [{ "type": kind, "text": text }] })
    };
    let sent = |input: &[Value]| {
        let body = json!({ "model": "m", "store": false, "input": input });
        let asked = surface(Dialect::OpenAiResponses).read_request(body.to_string().as_bytes(), &requests::ASKING);
        let body = written(CHAT, &asked.unwrap().request, &Adapted::default(), false);
        let told = body["messages"].as_array().unwrap().iter().map(|message| {
            let calls = message["tool_calls"].as_array().map_or(0, Vec::len);
            format!("{} {} {calls}", message["role"].as_str().unwrap(), message["content"])
        });
        told.collect::<Vec<_>>()
    };
    let between = sent(&[call("a"), said("developer", "m", "be brief"), output("a"), said("user", "n", "so?")]);
    assert_eq!(between, ["assistant null 1", "tool \"a\" 0", "system \"be brief\" 0", "user \"so?\" 0"]);
    let [one, two] = [said("assistant", "msg_1", "one"), said("assistant", "msg_2", "two")];
    let mixed = sent(&[call("a"), one, call("b"), two, output("a"), output("b")]);
    assert_eq!(mixed, ["assistant \"one\\n\\ntwo\" 2", "tool \"a\" 0", "tool \"b\" 0"]);
    // An id that comes again is answered by its own result.
    let again = sent(&[call("a"), said("user", "m", "no"), call("a"), said("developer", "n", "so"), output("a")]);
    let kept = ["assistant null 1", "user \"no\" 0", "assistant null 1", "tool \"a\" 0", "system \"so\" 0"];
    assert_eq!(again, kept);
}

#[test]
fn a_form_is_strict_by_itself_only_where_strict_modes_take_it() {
    let strict = |schema: Value| {
        let mut request = asked();
        request.messages = vec![Message::new(Role::User, vec![Block::Text("go".into())])];
        request.schema = Some(Schema::new("sum", schema));
        let adapted =
            Adapted { structured: true, quirks: Quirks { strict: true, ..Quirks::default() }, ..Adapted::default() };
        let chat = written(CHAT, &request, &adapted, false);
        let responses = written(Dialect::OpenAiResponses, &request, &adapted, false);
        let told = [&chat["response_format"]["json_schema"]["strict"], &responses["text"]["format"]["strict"]];
        told.map(|strict| strict.as_bool().unwrap())
    };
    let inner = json!({ "type": "object", "properties": { "b": { "type": "string" } } });
    let closed = |a: &Value| json!({ "type": "object", "additionalProperties": false, "properties": { "a": a }, "required": ["a"] });
    assert_eq!(strict(closed(&json!({ "type": "string" }))), [true; 2]);
    assert_eq!(strict(inner.clone()), [false; 2]);
    assert_eq!(strict(closed(&inner)), [false; 2]);
}
