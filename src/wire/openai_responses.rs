//! OpenAI Responses (openai-responses.md).

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use super::emit::{Emit, Key};
use super::json::{
    charged, count, error_body, error_value, items, parse, served, stated, system, text, truncated, whole,
};
use super::openai_chat::read_usage;
use super::sse::{Sse, SseEvent};
use super::{Adapted, ErrorBody, Reader, Thinking, Wire};
use crate::model::{
    Block, BlockKind, Dialect, Event, Failure, FinishReason, Kind, Request, Role, Scope, Source, ToolChoice,
};

/// The codec.
pub(super) struct OpenAiResponses;

impl Wire for OpenAiResponses {
    fn dialect(&self) -> Dialect {
        Dialect::OpenAiResponses
    }

    fn write_request(
        &self,
        model: &str,
        request: &Request,
        adapted: &Adapted,
        stream: bool,
    ) -> Result<Vec<u8>, Failure> {
        let mut body = Map::new();
        body.insert("model".into(), json!(model));
        let said = system(request, adapted);
        if !said.is_empty() {
            body.insert("instructions".into(), json!(said));
        }
        body.insert("input".into(), Value::Array(input(request, adapted)));
        // Nothing is kept at the provider, and reasoning travels with us.
        body.insert("store".into(), json!(false));
        if let Some(limit) = adapted.max_output {
            body.insert("max_output_tokens".into(), json!(limit));
        }
        if adapted.sampling {
            if let Some(t) = request.sampling.temperature {
                body.insert("temperature".into(), json!(t));
            }
            if let Some(p) = request.sampling.top_p {
                body.insert("top_p".into(), json!(p));
            }
        }
        let effort = match &adapted.thinking {
            Thinking::Level(level) => Some(level.name()),
            Thinking::Switch(true, Some(level)) => Some(level.name()),
            Thinking::Disabled | Thinking::Switch(false, _) => Some("none"),
            _ => None,
        };
        if let Some(level) = effort {
            body.insert("reasoning".into(), json!({ "effort": level }));
            if level != "none" {
                body.insert("include".into(), json!(["reasoning.encrypted_content"]));
            }
        }
        if !request.tools.is_empty() {
            body.insert("tools".into(), request.tools.iter().map(|t| {
                json!({ "type": "function", "name": t.name, "description": t.description, "parameters": t.parameters, "strict": false })
            }).collect());
            let choice = match &request.tool_choice {
                ToolChoice::Auto => json!("auto"),
                ToolChoice::None => json!("none"),
                ToolChoice::Required => json!("required"),
                ToolChoice::Among { .. } => json!("auto"),
                ToolChoice::Named(name) => json!({ "type": "function", "name": name }),
            };
            body.insert("tool_choice".into(), choice);
        }
        if let Some(schema) = request.schema.as_ref().filter(|_| adapted.structured) {
            body.insert(
                "text".into(),
                json!({ "format": { "type": "json_schema", "name": schema.name,
                "schema": schema.schema, "strict": adapted.quirks.strict } }),
            );
        }
        if stream {
            body.insert("stream".into(), json!(true));
            if adapted.quirks.obfuscation {
                body.insert("stream_options".into(), json!({ "include_obfuscation": false }));
            }
        }
        Ok(Value::Object(body).to_string().into_bytes())
    }

    fn read_reply(&self, body: &[u8]) -> Result<Vec<Event>, Failure> {
        let value = parse(body)?;
        if value.get("output").is_none() {
            return Err(match value.get("error").filter(|e| !e.is_null()) {
                Some(_) => stated(&error_value(&value)),
                None => Failure::broken("the answer holds no output"),
            });
        }
        let mut state = State::default();
        let mut out = Vec::new();
        state.emit.start(text(&value, "id"), text(&value, "model"), &mut out);
        for (place, item) in items(&value, "output").enumerate() {
            state.whole(place as u64, item, &mut out);
        }
        state.last(&value, &mut out)?;
        Ok(out)
    }

    fn reader(&self) -> Box<dyn Reader> {
        Box::new(Stream::default())
    }

    fn read_error(&self, body: &[u8]) -> ErrorBody {
        error_body(body)
    }
}

fn input(request: &Request, adapted: &Adapted) -> Vec<Value> {
    let mut out = Vec::new();
    for message in &request.messages {
        let mut parts: Vec<Value> = Vec::new();
        let flush = |parts: &mut Vec<Value>, out: &mut Vec<Value>| {
            if !parts.is_empty() {
                let role = if message.role == Role::User { "user" } else { "assistant" };
                out.push(json!({ "type": "message", "role": role, "content": std::mem::take(parts) }));
            }
        };
        for block in &message.blocks {
            match block {
                Block::Text(t) if message.role == Role::User => parts.push(json!({ "type": "input_text", "text": t })),
                Block::Text(t) => parts.push(json!({ "type": "output_text", "text": t, "annotations": [] })),
                Block::Image { source: Source::Data { media_type, data }, .. } => parts.push(json!({ "type": "input_image", "detail": "auto",
                    "image_url": format!("data:{media_type};base64,{data}") })),
                Block::Document { source: Source::Data { media_type, data }, name } => parts.push(json!({ "type": "input_file",
                    "filename": name.as_deref().unwrap_or("document"), "file_data": format!("data:{media_type};base64,{data}") })),
                Block::Thought { seal: Some(seal), tag, .. } if *tag == adapted.tag => {
                    flush(&mut parts, &mut out);
                    // A seal holds the item's id and its encrypted content.
                    if let Some((id, content)) = seal.split_once('\n') {
                        let mut item = json!({ "type": "reasoning", "summary": [], "encrypted_content": content });
                        if !id.is_empty() {
                            item["id"] = json!(id);
                        }
                        out.push(item);
                    }
                }
                Block::ToolCall { id, name, input, .. } => {
                    flush(&mut parts, &mut out);
                    out.push(json!({ "type": "function_call", "call_id": id, "name": name, "arguments": input }));
                }
                Block::ToolResult { id, content, is_error, .. } => {
                    flush(&mut parts, &mut out);
                    let content = if *is_error { format!("error: {content}") } else { content.clone() };
                    out.push(json!({ "type": "function_call_output", "call_id": id, "output": content }));
                }
                _ => {}
            }
        }
        flush(&mut parts, &mut out);
    }
    out
}

#[derive(Default)]
struct State {
    emit: Emit,
    /// Places of items of which pieces have come.
    heard: HashSet<u64>,
    called: bool,
    refused: bool,
    done: bool,
}

impl State {
    /// A whole output item.
    fn whole(&mut self, place: u64, item: &Value, out: &mut Vec<Event>) {
        let key = Key::Number(place);
        match text(item, "type") {
            "message" => {
                for part in items(item, "content") {
                    self.refused |= text(part, "type") == "refusal";
                    let said = [text(part, "text"), text(part, "refusal")]
                        .into_iter()
                        .find(|t| !t.is_empty())
                        .unwrap_or_default();
                    if !said.is_empty() {
                        let index = self.emit.open(key.clone(), BlockKind::Text, out);
                        out.push(Event::Text { index, text: said.to_owned() });
                    }
                }
                self.emit.close(&key, out);
            }
            "reasoning" => {
                let index = self.emit.open(key.clone(), BlockKind::Thought, out);
                for part in items(item, "summary").chain(items(item, "content")) {
                    if !text(part, "text").is_empty() {
                        out.push(Event::Thought { index, text: text(part, "text").to_owned() });
                    }
                }
                self.seal(index, item, out);
                self.emit.close(&key, out);
            }
            "function_call" | "custom_tool_call" => {
                self.called = true;
                let input = [text(item, "arguments"), text(item, "input")]
                    .into_iter()
                    .find(|t| !t.is_empty())
                    .unwrap_or_default();
                self.emit.call(key, text(item, "call_id"), text(item, "name"), input, out);
            }
            _ => self.emit.opaque(Dialect::OpenAiResponses, item, out),
        }
    }

    fn seal(&self, index: usize, item: &Value, out: &mut Vec<Event>) {
        let content = text(item, "encrypted_content");
        if !content.is_empty() {
            out.push(Event::Sealed { index, seal: format!("{}\n{content}", text(item, "id")) });
        }
    }

    /// The response object that ends an answer.
    fn last(&mut self, response: &Value, out: &mut Vec<Event>) -> Result<(), Failure> {
        self.done = true;
        out.extend(served(response, "service_tier"));
        if let Some(usage) = response.get("usage").filter(|u| u.is_object()) {
            out.push(Event::Usage(read_usage(usage)));
            out.extend(charged(usage).map(Event::Charged));
        }
        self.emit.close_all(out);
        let why = response.pointer("/incomplete_details/reason").and_then(Value::as_str).unwrap_or_default();
        let reason = match text(response, "status") {
            "failed" => return Err(stated(&error_value(response))),
            "cancelled" => return Err(Failure::new(Kind::Broken, Scope::Model, "the provider cancelled the answer")),
            "incomplete" if why == "max_output_tokens" => FinishReason::Length,
            "incomplete" if why == "content_filter" => FinishReason::Refused,
            "incomplete" => FinishReason::Other(why.to_owned()),
            _ if self.refused => FinishReason::Refused,
            _ if self.called => FinishReason::ToolCalls,
            _ => FinishReason::Stop,
        };
        out.push(Event::Finish(reason));
        Ok(())
    }

    fn event(&mut self, value: &Value, out: &mut Vec<Event>) -> Result<(), Failure> {
        let kind = text(value, "type");
        let number = count(value, "output_index").unwrap_or(0);
        let place = Key::Number(number);
        let delta = text(value, "delta");
        if !delta.is_empty() {
            self.heard.insert(number);
        }
        match kind {
            "response.created" | "response.in_progress" | "response.queued" => {
                let response = value.get("response").unwrap_or(&Value::Null);
                self.emit.start(text(response, "id"), text(response, "model"), out);
            }
            "response.output_item.added" => {
                let item = value.get("item").unwrap_or(&Value::Null);
                match text(item, "type") {
                    "function_call" | "custom_tool_call" => {
                        self.called = true;
                        let kind = BlockKind::ToolCall {
                            id: text(item, "call_id").to_owned(),
                            name: text(item, "name").to_owned(),
                            custom: false,
                        };
                        self.emit.open(place, kind, out);
                    }
                    "reasoning" => {
                        self.emit.open(place, BlockKind::Thought, out);
                    }
                    _ => {}
                }
            }
            "response.output_text.delta" | "response.refusal.delta" if !delta.is_empty() => {
                self.refused |= kind == "response.refusal.delta";
                let index = self.emit.open(place, BlockKind::Text, out);
                out.push(Event::Text { index, text: delta.to_owned() });
            }
            "response.reasoning_summary_text.delta" | "response.reasoning_text.delta" if !delta.is_empty() => {
                let index = self.emit.open(place, BlockKind::Thought, out);
                out.push(Event::Thought { index, text: delta.to_owned() });
            }
            "response.function_call_arguments.delta" | "response.custom_tool_call_input.delta" if !delta.is_empty() => {
                if let Some(index) = self.emit.find(&place) {
                    out.push(Event::ToolInput { index, json: delta.to_owned() });
                }
            }
            "response.output_item.done" => {
                let item = value.get("item").unwrap_or(&Value::Null);
                if self.heard.contains(&number) {
                    if let (Some(index), "reasoning") = (self.emit.find(&place), text(item, "type")) {
                        self.seal(index, item, out);
                    }
                    self.emit.close(&place, out);
                } else {
                    // There may be no deltas at all: the whole item stands here.
                    self.whole(number, item, out);
                }
            }
            "response.completed" | "response.incomplete" | "response.failed" => {
                self.last(value.get("response").unwrap_or(&Value::Null), out)?;
            }
            "error" => return Err(stated(&error_value(value))),
            _ => {}
        }
        Ok(())
    }
}

#[derive(Default)]
struct Stream {
    sse: Sse,
    state: State,
}

impl Stream {
    fn events(&mut self, events: Vec<SseEvent>, out: &mut Vec<Event>) -> Result<(), Failure> {
        for event in events {
            let data = event.data.trim();
            if !data.is_empty() && data != "[DONE]" && !self.state.done {
                self.state.event(&parse(data.as_bytes())?, out)?;
            }
        }
        Ok(())
    }
}

impl Reader for Stream {
    fn feed(&mut self, bytes: &[u8], out: &mut Vec<Event>) -> Result<(), Failure> {
        let mut events = Vec::new();
        let framed = self.sse.feed(bytes, &mut events);
        self.events(events, out)?;
        framed
    }

    fn end(&mut self, out: &mut Vec<Event>) -> Result<(), Failure> {
        let mut events = Vec::new();
        self.sse.end(&mut events);
        events.retain(|e| whole(&e.data));
        self.events(events, out)?;
        if self.state.done { Ok(()) } else { Err(truncated()) }
    }
}
