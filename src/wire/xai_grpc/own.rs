//! What a conversation holds that only this dialect knows: what the server's own tools did, compacted turns, sources of
//! statements, and seals that callers bring back.

use std::collections::VecDeque;

use serde_json::{Deserializer, Value, json};

use crate::model::{Citation, Dialect};
use crate::wire::json::{items, text};
use crate::wire::proto::xai::{
    CollectionsCitation, Delta, FunctionCall, InlineCitation, MessageRole, ToolCall, ToolCallType, WebCitation,
    inline_citation, tool_call,
};

/// Begins a seal that a caller got from us: with it stands the thought it seals, for there is one place for the thoughts
/// of an answer and one for its seals.
const OWN: &str = "monster:";

/// A seal as a caller gets it; the next may follow it.
pub(super) fn sealed(thought: &str, seal: &str) -> String {
    format!("{OWN}{}", json!({ "text": thought, "seal": seal }))
}

/// Thoughts with their seals, from what a caller got from us; `None` where it is xAI's own.
pub(super) fn seals(content: &str) -> Option<VecDeque<(String, String)>> {
    let (mut rest, mut out) = (content, VecDeque::new());
    while !rest.is_empty() {
        rest = rest.strip_prefix(OWN)?;
        let mut values = Deserializer::from_str(rest).into_iter::<Value>();
        let value = values.next()?.ok()?;
        rest = rest.get(values.byte_offset()..)?;
        out.push_back((text(&value, "text").to_owned(), text(&value, "seal").to_owned()));
    }
    Some(out).filter(|out| !out.is_empty())
}

/// The thoughts of a turn, each with its seal, from all that was thought in it and all that was sealed.
pub(super) fn thoughts(shown: &str, content: &str) -> Vec<(String, Option<String>)> {
    let Some(own) = seals(content) else {
        let seal = Some(content).filter(|seal| !seal.is_empty()).map(str::to_owned);
        return Some((shown.to_owned(), seal))
            .filter(|(text, seal)| !text.is_empty() || seal.is_some())
            .into_iter()
            .collect();
    };
    let (mut rest, mut out) = (shown, Vec::new());
    for (thought, seal) in own {
        if let Some((before, after)) = rest.split_once(thought.as_str()).filter(|_| !thought.is_empty()) {
            out.extend(Some((before.to_owned(), None)).filter(|_| !before.is_empty()));
            rest = after;
        }
        out.push((thought, Some(seal)));
    }
    match out.last_mut().filter(|(thought, _)| thought.is_empty()) {
        // xAI tells its seal last, apart from what it seals.
        Some((thought, _)) => rest.clone_into(thought),
        None => out.extend(Some((rest.to_owned(), None)).filter(|_| !rest.is_empty())),
    }
    out
}

/// The caller is to run it; the others are run by the server, which answers them itself.
pub(super) fn is_callers(call: &ToolCall) -> bool {
    call.r#type <= i32::from(ToolCallType::ClientSideTool)
}

/// A call of one of the server's own tools.
pub(super) fn called(call: &ToolCall) -> Value {
    let function = match &call.tool {
        Some(tool_call::Tool::Function(function)) => function.clone(),
        None => FunctionCall::default(),
    };
    let mut value = json!({ "id": call.id, "type": call.r#type, "status": call.status, "name": function.name,
        "arguments": function.arguments });
    if let Some(error) = &call.error_message {
        value["error"] = json!(error);
    }
    value
}

/// The way back.
pub(super) fn call(value: &Value) -> ToolCall {
    let (name, arguments) = (text(value, "name").to_owned(), text(value, "arguments").to_owned());
    ToolCall {
        id: text(value, "id").to_owned(),
        r#type: small(value, "type"),
        status: small(value, "status"),
        error_message: value.get("error").and_then(Value::as_str).map(str::to_owned),
        tool: Some(tool_call::Tool::Function(FunctionCall { name, arguments })),
    }
}

fn small(value: &Value, key: &str) -> i32 {
    value.get(key).and_then(Value::as_i64).and_then(|n| i32::try_from(n).ok()).unwrap_or_default()
}

/// What one of the server's own tools said, with the calls it answers where they stand beside it.
pub(super) fn said(content: &str, calls: &[ToolCall]) -> Value {
    let mut value = json!({ "tool_output": content });
    if let [call, more @ ..] = calls {
        value["tool_call"] = called(call);
        if !more.is_empty() {
            value["more_calls"] = more.iter().map(called).collect();
        }
    }
    value
}

/// The calls of it.
pub(super) fn calls(value: &Value) -> Vec<ToolCall> {
    value.get("tool_call").into_iter().chain(items(value, "more_calls")).map(call).collect()
}

/// A source, as it stands in an answer.
pub(super) enum Note {
    /// Of a place in the text.
    Inline(InlineCitation),
    /// Of the answer: an address.
    Found(String),
}

/// A source of the whole answer.
pub(super) fn found(url: &str) -> Citation {
    let url = url.to_owned();
    Citation { raw: json!(url), url: Some(url), title: None, quote: None, dialect: Dialect::XaiGrpc }
}

/// A source of a place in the text.
pub(super) fn inline(note: &InlineCitation) -> Citation {
    use inline_citation::Citation::{CollectionsCitation, WebCitation, XCitation};
    let mut raw = json!({ "id": note.id, "start_index": note.start_index, "end_index": note.end_index });
    let (mut url, mut quote) = (None, None);
    match &note.citation {
        Some(WebCitation(web)) => {
            raw["web_citation"] = json!({ "url": web.url });
            url = Some(web.url.clone());
        }
        Some(XCitation(web)) => {
            raw["x_citation"] = json!({ "url": web.url });
            url = Some(web.url.clone());
        }
        Some(CollectionsCitation(of)) => {
            raw["collections_citation"] = json!({ "file_id": of.file_id, "chunk_id": of.chunk_id,
                "chunk_content": of.chunk_content, "score": of.score, "collection_ids": of.collection_ids });
            quote = Some(of.chunk_content.clone());
        }
        None => {}
    }
    let some = |text: Option<String>| text.filter(|text| !text.is_empty());
    Citation { url: some(url), title: None, quote: some(quote), dialect: Dialect::XaiGrpc, raw }
}

/// The way back; of another dialect's source the address is told, for its places mean nothing here.
pub(super) fn note(citation: &Citation) -> Option<Note> {
    let raw = &citation.raw;
    if citation.dialect != Dialect::XaiGrpc || !raw.is_object() {
        return citation.url.clone().map(Note::Found);
    }
    let web = |value: &Value| WebCitation { url: text(value, "url").to_owned() };
    let of = |value: &Value| CollectionsCitation {
        file_id: text(value, "file_id").to_owned(),
        chunk_id: text(value, "chunk_id").to_owned(),
        chunk_content: text(value, "chunk_content").to_owned(),
        score: value.get("score").and_then(Value::as_f64).map_or(0.0, super::single),
        collection_ids: crate::wire::json::words(value.get("collection_ids").unwrap_or(&Value::Null)),
    };
    let citation = [
        raw.get("web_citation").map(|value| inline_citation::Citation::WebCitation(web(value))),
        raw.get("x_citation").map(|value| inline_citation::Citation::XCitation(web(value))),
        raw.get("collections_citation").map(|value| inline_citation::Citation::CollectionsCitation(of(value))),
    ];
    Some(Note::Inline(InlineCitation {
        id: text(raw, "id").to_owned(),
        start_index: small(raw, "start_index"),
        end_index: small(raw, "end_index"),
        citation: citation.into_iter().flatten().next(),
    }))
}

/// What one of the server's own tools said, as it stands in an answer; `None` where it is none of that.
pub(super) fn output(value: &Value) -> Option<Delta> {
    let content = value.get("tool_output").and_then(Value::as_str)?.to_owned();
    Some(Delta { role: MessageRole::RoleTool.into(), content, tool_calls: calls(value), ..Delta::default() })
}

/// The one text that a tool of plain text takes, as the object that stands for it.
pub(super) fn object(input: &str) -> String {
    json!({ "input": input }).to_string()
}
