//! Anthropic Messages (anthropic-messages.md).

use serde_json::{Map, Value, json};

use super::emit::{Emit, Key};
use super::json::{
    arguments, charged, count, error_body, error_value, items, parse, served, stated, system, text, truncated, whole,
};
use super::sse::{Sse, SseEvent};
use super::{Adapted, ErrorBody, Reader, Thinking, Wire};
use crate::model::{
    Block, BlockKind, Dialect, Event, Failure, FinishReason, Message, Request, Role, Service, Source, ToolChoice, Usage,
};

/// The codec.
pub(super) struct AnthropicMessages;

/// A seal that begins with this is a redacted thinking block's data.
const REDACTED: &str = "redacted\n";

impl Wire for AnthropicMessages {
    fn dialect(&self) -> Dialect {
        Dialect::AnthropicMessages
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
        // The dialect requires a limit.
        body.insert("max_tokens".into(), json!(adapted.max_output.unwrap_or(32_000)));
        let said = system(request, adapted);
        if !said.is_empty() {
            body.insert("system".into(), json!(said));
        }
        body.insert("messages".into(), Value::Array(messages(request, adapted)));
        let mut output = Map::new();
        match &adapted.thinking {
            Thinking::Adaptive(effort) => {
                body.insert("thinking".into(), json!({ "type": "adaptive", "display": "summarized" }));
                output.extend(effort.map(|e| ("effort".to_owned(), json!(e.name()))));
            }
            Thinking::Level(effort) => {
                output.insert("effort".into(), json!(effort.name()));
            }
            Thinking::Budget(tokens) => {
                body.insert("thinking".into(), json!({ "type": "enabled", "budget_tokens": tokens }));
            }
            Thinking::Disabled => {
                body.insert("thinking".into(), json!({ "type": "disabled" }));
            }
            Thinking::BetweenTools => {
                body.insert("thinking".into(), json!({ "type": "between_tools" }));
            }
            // DeepSeek's door of this dialect (deepseek.md, "Thinking").
            Thinking::Switch(on, effort) => {
                body.insert("thinking".into(), json!({ "type": if *on { "enabled" } else { "disabled" } }));
                output.extend(effort.filter(|_| *on).map(|e| ("effort".to_owned(), json!(e.name()))));
            }
            Thinking::Unset | Thinking::Think(_) | Thinking::Enable(..) => {}
        }
        if let Some(schema) = request.schema.as_ref().filter(|_| adapted.structured) {
            output.insert("format".into(), json!({ "type": "json_schema", "schema": schema.schema }));
        }
        if !output.is_empty() {
            body.insert("output_config".into(), Value::Object(output));
        }
        if adapted.sampling {
            if let Some(t) = request.sampling.temperature {
                body.insert("temperature".into(), json!(t.clamp(0.0, 1.0)));
            }
            if let Some(p) = request.sampling.top_p {
                body.insert("top_p".into(), json!(p));
            }
        }
        if !request.tools.is_empty() {
            body.insert(
                "tools".into(),
                request
                    .tools
                    .iter()
                    .map(|t| json!({ "name": t.name, "description": t.description, "input_schema": t.parameters }))
                    .collect(),
            );
            let choice = match &request.tool_choice {
                ToolChoice::Auto => json!({ "type": "auto" }),
                ToolChoice::None => json!({ "type": "none" }),
                ToolChoice::Required => json!({ "type": "any" }),
                ToolChoice::Among { .. } => json!({ "type": "auto" }),
                ToolChoice::Named(name) => json!({ "type": "tool", "name": name }),
            };
            body.insert("tool_choice".into(), choice);
        }
        if stream {
            body.insert("stream".into(), json!(true));
        }
        Ok(Value::Object(body).to_string().into_bytes())
    }

    fn read_reply(&self, body: &[u8]) -> Result<Vec<Event>, Failure> {
        let value = parse(body)?;
        if text(&value, "type") == "error" {
            return Err(stated(&error_value(&value)));
        }
        if value.get("content").and_then(Value::as_array).is_none() {
            return Err(Failure::broken("the answer holds no content"));
        }
        let (mut state, mut out) = (State::default(), Vec::new());
        state.emit.start(text(&value, "id"), text(&value, "model"), &mut out);
        for (place, block) in items(&value, "content").enumerate() {
            let key = Key::Number(place as u64);
            state.begin(key.clone(), block, &mut out);
            state.whole(&key, block, &mut out);
            state.emit.close(&key, &mut out);
        }
        state.usage(value.get("usage").unwrap_or(&Value::Null), &mut out);
        out.extend(value.get("stop_reason").and_then(Value::as_str).map(|r| Event::Finish(finish(r))));
        Ok(out)
    }

    fn reader(&self) -> Box<dyn Reader> {
        Box::new(Stream::default())
    }

    fn read_error(&self, body: &[u8]) -> ErrorBody {
        error_body(body)
    }
}

/// Turns that alternate and begin with the user (translation.md, "Roles and system").
fn messages(request: &Request, adapted: &Adapted) -> Vec<Value> {
    let mut out: Vec<(Role, Vec<Value>)> = Vec::new();
    for message in &request.messages {
        let blocks = content(message, adapted);
        match out.last_mut() {
            _ if blocks.is_empty() => {}
            Some((role, before)) if *role == message.role => before.extend(blocks),
            None if message.role == Role::Assistant => {
                out.extend([(Role::User, vec![json!({ "type": "text", "text": "." })]), (message.role, blocks)]);
            }
            _ => out.push((message.role, blocks)),
        }
    }
    out.into_iter()
        .map(|(role, mut blocks)| {
            // Results come first in the turn after the call.
            blocks.sort_by_key(|b| role == Role::User && b["type"] != "tool_result");
            json!({ "role": if role == Role::User { "user" } else { "assistant" }, "content": blocks })
        })
        .collect()
}

fn content(message: &Message, adapted: &Adapted) -> Vec<Value> {
    let mut blocks: Vec<Value> = Vec::new();
    for block in &message.blocks {
        match block {
            // The dialect refuses empty text.
            Block::Text(t) if t.is_empty() => {}
            Block::Text(t) => blocks.push(json!({ "type": "text", "text": t })),
            Block::Image { source: Source::Data { media_type, data }, .. } => {
                blocks.push(
                    json!({ "type": "image", "source": { "type": "base64", "media_type": media_type, "data": data } }),
                );
            }
            Block::Document { source: Source::Data { media_type, data }, name } => {
                let mut value = json!({ "type": "document", "source": { "type": "base64", "media_type": media_type, "data": data } });
                if let Some(name) = name {
                    value["title"] = json!(name);
                }
                blocks.push(value);
            }
            Block::Thought { text, seal: Some(seal), tag } if *tag == adapted.tag => {
                blocks.push(match seal.strip_prefix(REDACTED) {
                    Some(data) => json!({ "type": "redacted_thinking", "data": data }),
                    None => json!({ "type": "thinking", "thinking": text, "signature": seal }),
                })
            }
            // A thought without its seal, or from another place, is refused.
            Block::Thought { .. } => {}
            Block::ToolCall { id, name, input, .. } => {
                blocks.push(json!({ "type": "tool_use", "id": id, "name": name, "input": arguments(input) }));
            }
            Block::ToolResult { id, content, is_error, .. } => {
                blocks.push(
                    json!({ "type": "tool_result", "tool_use_id": id, "content": content, "is_error": is_error }),
                );
            }
            Block::Opaque { dialect: Dialect::AnthropicMessages, value, tag } if *tag == adapted.tag => {
                blocks.push(value.clone())
            }
            _ => {}
        }
    }
    blocks
}

#[derive(Default)]
struct State {
    emit: Emit,
    usage: Usage,
    finish: Option<FinishReason>,
    done: bool,
}

impl State {
    fn begin(&mut self, key: Key, block: &Value, out: &mut Vec<Event>) {
        let kind = match text(block, "type") {
            "text" => BlockKind::Text,
            "thinking" | "redacted_thinking" => BlockKind::Thought,
            "tool_use" => BlockKind::ToolCall {
                id: text(block, "id").to_owned(),
                name: text(block, "name").to_owned(),
                custom: false,
            },
            _ => {
                // Whole; a streamed one is given when it ends.
                self.emit.opaque(Dialect::AnthropicMessages, block, out);
                return;
            }
        };
        let index = self.emit.open(key, kind, out);
        let data = text(block, "data");
        if text(block, "type") == "redacted_thinking" && !data.is_empty() {
            out.push(Event::Sealed { index, seal: format!("{REDACTED}{data}") });
        }
    }

    /// What a block holds already when it begins: all of it in a plain answer, usually nothing in a stream.
    fn whole(&mut self, key: &Key, block: &Value, out: &mut Vec<Event>) {
        let Some(index) = self.emit.find(key) else { return };
        let push = |t: &str, make: fn(usize, String) -> Event, out: &mut Vec<Event>| {
            if !t.is_empty() {
                out.push(make(index, t.to_owned()));
            }
        };
        push(text(block, "text"), |index, text| Event::Text { index, text }, out);
        push(text(block, "thinking"), |index, text| Event::Thought { index, text }, out);
        push(text(block, "signature"), |index, seal| Event::Sealed { index, seal }, out);
        if let Some(input) = block.get("input").and_then(Value::as_object).filter(|i| !i.is_empty()) {
            out.push(Event::ToolInput { index, json: Value::Object(input.clone()).to_string() });
        }
    }

    /// Running totals; what is null or missing keeps its value.
    fn usage(&mut self, usage: &Value, out: &mut Vec<Event>) {
        if !usage.is_object() {
            return;
        }
        let keep = |slot: &mut u64, value: Option<u64>| *slot = value.unwrap_or(*slot);
        keep(&mut self.usage.input, count(usage, "input_tokens"));
        keep(&mut self.usage.cache_read, count(usage, "cache_read_input_tokens"));
        keep(&mut self.usage.output, count(usage, "output_tokens"));
        let long = usage.get("cache_creation").and_then(|c| count(c, "ephemeral_1h_input_tokens"));
        if let Some(whole) = count(usage, "cache_creation_input_tokens") {
            // Later totals repeat the sum without its parts.
            self.usage.cache_write_long = long.unwrap_or(self.usage.cache_write_long).min(whole);
            self.usage.cache_write_short = whole - self.usage.cache_write_long;
        }
        if let Some(thinking) = usage.get("output_tokens_details").and_then(|d| count(d, "thinking_tokens")) {
            self.usage.reasoning = Some(thinking);
        }
        match text(usage, "speed") {
            "fast" => out.push(Event::Served(Service::Fast)),
            _ => out.extend(served(usage, "service_tier")),
        }
        out.extend(charged(usage).map(Event::Charged));
        out.push(Event::Usage(self.usage));
    }

    fn event(&mut self, value: &Value, out: &mut Vec<Event>) -> Result<(), Failure> {
        let key = Key::Number(count(value, "index").unwrap_or(0));
        match text(value, "type") {
            "message_start" => {
                let message = value.get("message").unwrap_or(&Value::Null);
                self.emit.start(text(message, "id"), text(message, "model"), out);
                self.usage(message.get("usage").unwrap_or(&Value::Null), out);
            }
            "content_block_start" => {
                let block = value.get("content_block").unwrap_or(&Value::Null);
                self.begin(key.clone(), block, out);
                self.whole(&key, block, out);
            }
            "content_block_delta" => {
                let delta = value.get("delta").unwrap_or(&Value::Null);
                let Some(index) = self.emit.find(&key) else { return Ok(()) };
                out.push(match text(delta, "type") {
                    "text_delta" => Event::Text { index, text: text(delta, "text").to_owned() },
                    "thinking_delta" => Event::Thought { index, text: text(delta, "thinking").to_owned() },
                    "input_json_delta" => Event::ToolInput { index, json: text(delta, "partial_json").to_owned() },
                    "signature_delta" => Event::Sealed { index, seal: text(delta, "signature").to_owned() },
                    _ => return Ok(()),
                });
                // Empty pieces are frequent and say nothing.
                if matches!(out.last(), Some(Event::Text { text: t, .. } | Event::Thought { text: t, .. } | Event::ToolInput { json: t, .. }) if t.is_empty())
                {
                    out.pop();
                }
            }
            "content_block_stop" => self.emit.close(&key, out),
            "message_delta" => {
                if let Some(reason) = value.pointer("/delta/stop_reason").and_then(Value::as_str) {
                    self.finish = Some(finish(reason));
                }
                self.usage(value.get("usage").unwrap_or(&Value::Null), out);
            }
            "message_stop" => {
                self.done = true;
                self.emit.close_all(out);
                out.extend(self.finish.take().map(Event::Finish));
            }
            "error" => return Err(stated(&error_value(value))),
            _ => {}
        }
        Ok(())
    }
}

fn finish(reason: &str) -> FinishReason {
    match reason {
        "end_turn" => FinishReason::Stop,
        "stop_sequence" => FinishReason::StopSequence(None),
        "max_tokens" | "model_context_window_exceeded" => FinishReason::Length,
        "tool_use" => FinishReason::ToolCalls,
        "refusal" => FinishReason::Refused,
        "pause_turn" => FinishReason::Pause,
        other => FinishReason::Other(other.to_owned()),
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
            // Doors of other providers end with OpenAI's mark.
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
