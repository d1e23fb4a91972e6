//! OpenAI Chat Completions, and everybody who is compatible with it (openai-chat.md, openai-compatible.md).

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::emit::{Emit, Key};
use super::json::{
    call_id, charged, count, error_body, error_value, items, parse, served, stated, system, text, truncated, whole,
};
use super::sse::{Sse, SseEvent};
use super::{Adapted, ErrorBody, Reader, Thinking, Wire};
use crate::model::{
    Block, BlockKind, Dialect, Event, Failure, FinishReason, Kind, Message, Request, Role, Scope, Source, ToolChoice,
    Usage,
};

/// The codec.
pub(super) struct OpenAiChat;

impl Wire for OpenAiChat {
    fn dialect(&self) -> Dialect {
        Dialect::OpenAiChat
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
        body.insert("messages".into(), Value::Array(messages(request, adapted)));
        if let Some(limit) = adapted.max_output {
            body.insert(adapted.quirks.max_tokens_field.clone(), json!(limit));
        }
        if adapted.sampling {
            if let Some(t) = request.sampling.temperature {
                body.insert("temperature".into(), json!(t));
            }
            if let Some(p) = request.sampling.top_p {
                body.insert("top_p".into(), json!(p));
            }
        }
        thinking(&mut body, adapted);
        if !request.tools.is_empty() {
            body.insert("tools".into(), request.tools.iter().map(|t| {
                json!({ "type": "function", "function": { "name": t.name, "description": t.description, "parameters": t.parameters } })
            }).collect());
            let choice = match &request.tool_choice {
                ToolChoice::Auto => json!("auto"),
                ToolChoice::None => json!("none"),
                ToolChoice::Required if !adapted.unforced => json!("required"),
                ToolChoice::Named(name) if !adapted.unforced => {
                    json!({ "type": "function", "function": { "name": name } })
                }
                ToolChoice::Required | ToolChoice::Named(_) | ToolChoice::Among { .. } => json!("auto"),
            };
            body.insert("tool_choice".into(), choice);
        }
        if let Some(schema) = request.schema.as_ref().filter(|_| adapted.structured) {
            let mut inner = json!({ "name": schema.name, "schema": schema.schema });
            if adapted.quirks.strict {
                inner["strict"] = json!(true);
            }
            body.insert("response_format".into(), json!({ "type": "json_schema", "json_schema": inner }));
        }
        if adapted.quirks.split_reasoning {
            body.insert("reasoning_split".into(), json!(true));
        }
        if adapted.quirks.store {
            body.insert("store".into(), json!(false));
        }
        if stream {
            body.insert("stream".into(), json!(true));
            let mut options = Map::new();
            if adapted.quirks.stream_usage {
                options.insert("include_usage".into(), json!(true));
            }
            if adapted.quirks.obfuscation {
                options.insert("include_obfuscation".into(), json!(false));
            }
            if !options.is_empty() {
                body.insert("stream_options".into(), Value::Object(options));
            }
        }
        Ok(Value::Object(body).to_string().into_bytes())
    }

    fn read_reply(&self, body: &[u8]) -> Result<Vec<Event>, Failure> {
        let value = parse(body)?;
        let mut state = Chat::default();
        let mut out = Vec::new();
        state.chunk(&value, "message", &mut out)?;
        if value.get("choices").is_none() {
            return Err(Failure::broken("the answer holds no choices"));
        }
        state.finish(&mut out);
        Ok(out)
    }

    fn reader(&self) -> Box<dyn Reader> {
        Box::new(Stream::default())
    }

    fn read_error(&self, body: &[u8]) -> ErrorBody {
        error_body(body)
    }
}

fn thinking(body: &mut Map<String, Value>, adapted: &Adapted) {
    let effort = match &adapted.thinking {
        Thinking::Level(level) => Some(level.name()),
        Thinking::Disabled => Some("none"),
        Thinking::Switch(on, level) => {
            body.insert("thinking".into(), json!({ "type": if *on { "enabled" } else { "disabled" } }));
            level.map(crate::model::Effort::name).filter(|_| *on)
        }
        Thinking::Think(on) => {
            body.insert("chat_template_kwargs".into(), json!({ "enable_thinking": on }));
            None
        }
        Thinking::Enable(on, tokens) => {
            body.insert("enable_thinking".into(), json!(on));
            if let Some(tokens) = tokens.filter(|_| *on) {
                body.insert("thinking_budget".into(), json!(tokens));
            }
            None
        }
        Thinking::Budget(tokens) if adapted.quirks.reasoning_object => {
            body.insert("reasoning".into(), json!({ "max_tokens": tokens }));
            None
        }
        _ => None,
    };
    match effort {
        Some(level) if adapted.quirks.reasoning_object => body.insert("reasoning".into(), json!({ "effort": level })),
        Some(level) => body.insert("reasoning_effort".into(), json!(level)),
        None => None,
    };
}

fn messages(request: &Request, adapted: &Adapted) -> Vec<Value> {
    let mut out = Vec::new();
    let said = system(request, adapted);
    if !said.is_empty() {
        let role = if adapted.quirks.developer_role { "developer" } else { "system" };
        out.push(json!({ "role": role, "content": said }));
    }
    for turn in request.messages.chunk_by(|a, b| a.role == b.role) {
        match turn[0].role {
            Role::System | Role::User => {
                // Each call is answered before the user speaks, whichever message holds the answer.
                turn.iter().for_each(|message| results(message, adapted, &mut out));
                turn.iter().for_each(|message| user(message, &mut out));
            }
            Role::Assistant => turn.iter().for_each(|message| assistant(message, adapted, &mut out)),
        }
    }
    out
}

/// Tool results become messages of their own.
fn results(message: &Message, adapted: &Adapted, out: &mut Vec<Value>) {
    for block in &message.blocks {
        if let Block::ToolResult { id, content, is_error, .. } = block {
            let content = if *is_error { format!("error: {content}") } else { content.clone() };
            out.push(json!({ "role": "tool", "tool_call_id": named(id, adapted), "content": content }));
        }
    }
}

fn user(message: &Message, out: &mut Vec<Value>) {
    let mut parts = Vec::new();
    for block in &message.blocks {
        match block {
            Block::Text(t) => parts.push(json!({ "type": "text", "text": t })),
            Block::Image { source: Source::Data { media_type, data }, .. } => {
                parts.push(json!({ "type": "image_url", "image_url": { "url": format!("data:{media_type};base64,{data}") } }));
            }
            Block::Document { source: Source::Data { media_type, data }, name } => parts.push(json!({ "type": "file", "file": {
                "filename": name.as_deref().unwrap_or("document"), "file_data": format!("data:{media_type};base64,{data}") } })),
            _ => {}
        }
    }
    match parts.as_slice() {
        [] => {}
        // Compatible servers know plain strings best.
        [only] if only["type"] == "text" => out.push(json!({ "role": "user", "content": only["text"] })),
        _ => out.push(json!({ "role": "user", "content": parts })),
    }
}

fn assistant(message: &Message, adapted: &Adapted, out: &mut Vec<Value>) {
    let (mut said, mut thought, mut calls, mut details) = (String::new(), String::new(), Vec::new(), Vec::new());
    for block in &message.blocks {
        match block {
            Block::Text(t) => said.push_str(t),
            Block::Thought { text, seal, tag } => {
                thought.push_str(text);
                // Whoever else made it could not read it.
                let seal = seal.as_deref().filter(|_| adapted.quirks.return_details && *tag == adapted.tag);
                if let Some(Value::Array(own)) = seal.and_then(|seal| serde_json::from_str(seal).ok()) {
                    details.extend(own);
                }
            }
            Block::ToolCall { id, name, input, .. } => {
                let id = named(id, adapted);
                calls.push(json!({ "id": id, "type": "function", "function": { "name": name, "arguments": input } }));
            }
            _ => {}
        }
    }
    if said.is_empty() && calls.is_empty() {
        return;
    }
    let mut turn = Map::new();
    turn.insert("role".into(), json!("assistant"));
    let content = match said.is_empty() {
        _ if adapted.quirks.thought_parts && !thought.is_empty() => {
            let mut parts = vec![json!({ "type": "thinking", "thinking": [{ "type": "text", "text": thought }] })];
            parts.extend((!said.is_empty()).then(|| json!({ "type": "text", "text": said })));
            Value::Array(parts)
        }
        true => Value::Null,
        false => json!(said),
    };
    turn.insert("content".into(), content);
    if !details.is_empty() {
        turn.insert("reasoning_details".into(), Value::Array(details));
    }
    if adapted.quirks.return_reasoning && !calls.is_empty() {
        // DeepSeek and Kimi refuse a turn with calls and without it (deepseek.md, "Loop rule").
        turn.insert("reasoning_content".into(), json!(if thought.is_empty() { " " } else { &thought }));
    }
    if !calls.is_empty() {
        turn.insert("tool_calls".into(), Value::Array(calls));
    }
    out.push(Value::Object(turn));
}

/// A call's id as this server takes ids: the same for a call and its result.
fn named(id: &str, adapted: &Adapted) -> String {
    const LENGTH: usize = 9;
    if !adapted.quirks.short_ids || (id.len() == LENGTH && id.bytes().all(|b| b.is_ascii_alphanumeric())) {
        return id.to_owned();
    }
    let digit = |byte: &u8| char::from_digit(u32::from(*byte) % 36, 36);
    Sha256::digest(id).iter().filter_map(digit).take(LENGTH).collect()
}

/// What is known between two chunks.
#[derive(Default)]
struct Chat {
    emit: Emit,
    finish: Option<FinishReason>,
    called: bool,
    refused: bool,
    done: bool,
    /// What the thoughts are sent back as.
    details: Vec<Value>,
}

impl Chat {
    /// One chunk, or a whole answer; `part` is `delta` or `message`.
    fn chunk(&mut self, value: &Value, part: &str, out: &mut Vec<Event>) -> Result<(), Failure> {
        // Mistral's errors have no object around them.
        if value.get("error").is_some_and(|e| !e.is_null()) || text(value, "object") == "error" {
            return Err(stated(&error_value(value)));
        }
        // MiniMax's come with a success status (openai-compatible.md; not verified).
        if let Some(code) = value.pointer("/base_resp/status_code").and_then(Value::as_i64).filter(|code| *code != 0) {
            let message = text(&value["base_resp"], "status_msg").to_owned();
            return Err(stated(&ErrorBody { code: format!("minimax_{code}"), message, ..ErrorBody::default() }));
        }
        if value.get("choices").is_some() || value.get("id").is_some() {
            self.emit.start(text(value, "id"), text(value, "model"), out);
        }
        if let Some(choice) = items(value, "choices").next() {
            if let Some(delta) = choice.get(part) {
                self.delta(delta, out);
            }
            if let Some(reason) = choice.get("finish_reason").and_then(Value::as_str) {
                self.finish = Some(finish(reason)?);
            }
        }
        out.extend(served(value, "service_tier"));
        let usage = value.get("usage").filter(|u| u.is_object()).or_else(|| value.pointer("/x_groq/usage"));
        if let Some(usage) = usage {
            out.push(Event::Usage(read_usage(usage)));
            out.extend(charged(usage).map(Event::Charged));
        }
        Ok(())
    }

    fn delta(&mut self, delta: &Value, out: &mut Vec<Event>) {
        let fields = ["reasoning_content", "reasoning"].map(|field| text(delta, field));
        let piece = fields.into_iter().find(|piece| !piece.is_empty());
        if let Some(piece) = piece {
            self.emit.thought(piece, out);
        }
        for detail in items(delta, "reasoning_details") {
            // The text stands here alone where it does not stand beside it.
            if piece.is_none() {
                self.emit.thought(text(detail, "text"), out);
            }
            self.detail(detail);
        }
        match delta.get("content") {
            Some(Value::String(piece)) => self.emit.text(piece, out),
            // Mistral sends parts, thoughts among them.
            Some(Value::Array(parts)) => {
                for part in parts {
                    match text(part, "type") {
                        "thinking" => items(part, "thinking").for_each(|t| self.emit.thought(text(t, "text"), out)),
                        _ => self.emit.text(text(part, "text"), out),
                    }
                }
            }
            _ => {}
        }
        let refusal = text(delta, "refusal");
        if !refusal.is_empty() {
            self.refused = true;
            self.emit.text(refusal, out);
        }
        for (place, call) in items(delta, "tool_calls").enumerate() {
            self.call(call, place, out);
        }
    }

    /// Pieces of one detail are put together again.
    fn detail(&mut self, piece: &Value) {
        let same = |a: &Value, field: &str| a.get(field) == piece.get(field);
        let last = self
            .details
            .last_mut()
            .filter(|last| same(last, "type") && same(last, "index") && piece.get("index").is_some());
        let (Some(Value::Object(last)), Some(piece)) = (last, piece.as_object()) else {
            self.details.push(piece.clone());
            return;
        };
        for (name, value) in piece {
            match (last.get_mut(name), value) {
                (Some(Value::String(known)), Value::String(more))
                    if matches!(name.as_str(), "text" | "summary" | "data") =>
                {
                    known.push_str(more);
                }
                (_, Value::Null) => {}
                _ => {
                    last.insert(name.clone(), value.clone());
                }
            }
        }
    }

    fn call(&mut self, call: &Value, place: usize, out: &mut Vec<Event>) {
        self.called = true;
        let key = Key::Number(count(call, "index").unwrap_or(place as u64));
        let function = call.get("function").or_else(|| call.get("custom")).unwrap_or(&Value::Null);
        let index = match self.emit.find(&key) {
            Some(index) => index,
            None => {
                self.emit.close(&Key::Text, out);
                self.emit.close(&Key::Thought, out);
                let id = Some(text(call, "id")).filter(|i| !i.is_empty()).map_or_else(call_id, str::to_owned);
                let kind = BlockKind::ToolCall { id, name: text(function, "name").to_owned(), custom: false };
                self.emit.open(key, kind, out)
            }
        };
        let piece = match function.get("arguments").or_else(|| function.get("input")) {
            Some(Value::String(piece)) => piece.clone(),
            // Some servers send the object itself.
            Some(object @ Value::Object(_)) => object.to_string(),
            _ => String::new(),
        };
        if !piece.is_empty() {
            out.push(Event::ToolInput { index, json: piece });
        }
    }

    fn finish(&mut self, out: &mut Vec<Event>) {
        if !self.details.is_empty() {
            let seal = Value::Array(std::mem::take(&mut self.details)).to_string();
            let index = self.emit.open(Key::Thought, BlockKind::Thought, out);
            out.push(Event::Sealed { index, seal });
        }
        self.emit.close_all(out);
        let stated = self.finish.take();
        let reason = match stated {
            _ if self.refused => Some(FinishReason::Refused),
            // Some servers say "stop" although they call tools.
            Some(FinishReason::Stop) if self.called => Some(FinishReason::ToolCalls),
            other => other,
        };
        out.extend(reason.map(Event::Finish));
    }
}

fn finish(reason: &str) -> Result<FinishReason, Failure> {
    Ok(match reason {
        "stop" | "eos" | "end_turn" => FinishReason::Stop,
        "length" | "max_tokens" | "model_length" | "model_context_window_exceeded" => FinishReason::Length,
        "tool_calls" | "function_call" => FinishReason::ToolCalls,
        "content_filter" | "sensitive" => FinishReason::Refused,
        "error" | "network_error" => {
            return Err(Failure::new(Kind::Broken, Scope::Model, format!("the model broke off ({reason})")));
        }
        other => FinishReason::Other(other.to_owned()),
    })
}

/// Usage with cached parts taken out of the prompt (translation.md, "Usage").
pub(super) fn read_usage(usage: &Value) -> Usage {
    let details = |group: &str, key: &str| usage.get(group).and_then(|d| count(d, key));
    let prompt = count(usage, "prompt_tokens").or_else(|| count(usage, "input_tokens")).unwrap_or(0);
    let completion = count(usage, "completion_tokens").or_else(|| count(usage, "output_tokens")).unwrap_or(0);
    let cache_read = details("prompt_tokens_details", "cached_tokens")
        .or_else(|| details("input_tokens_details", "cached_tokens"))
        .or_else(|| count(usage, "prompt_cache_hit_tokens"))
        .unwrap_or(0)
        .min(prompt);
    let written = details("prompt_tokens_details", "cache_write_tokens")
        .or_else(|| details("input_tokens_details", "cache_write_tokens"))
        .unwrap_or(0)
        .min(prompt - cache_read);
    let total = count(usage, "total_tokens").unwrap_or(0);
    let reasoning = details("completion_tokens_details", "reasoning_tokens")
        .or_else(|| details("output_tokens_details", "reasoning_tokens"));
    // The longer-lived part of what was written (openai-responses.md).
    let long = ["prompt_tokens_details", "input_tokens_details"]
        .into_iter()
        .find_map(|group| count(usage.get(group)?.get("cache_write_tokens_details")?, "ttl_12h_tokens"))
        .unwrap_or(0)
        .min(written);
    Usage {
        input: prompt - cache_read - written,
        cache_read,
        cache_write_short: written - long,
        cache_write_long: long,
        output: produced(prompt, completion, total, reasoning),
        reasoning,
    }
}

/// Everything the model made, in tokens: xAI leaves reasoning out of the completion, but never out of the total (xai.md).
pub(super) fn produced(prompt: u64, completion: u64, total: u64, reasoning: Option<u64>) -> u64 {
    let output = completion.max(total.saturating_sub(prompt));
    // More thought than was said at all: the thoughts were left out, and no total told.
    let apart = reasoning.filter(|thought| *thought > output).unwrap_or(0);
    output.saturating_add(apart)
}

#[derive(Default)]
struct Stream {
    sse: Sse,
    chat: Chat,
}

impl Stream {
    fn events(&mut self, events: Vec<SseEvent>, out: &mut Vec<Event>) -> Result<(), Failure> {
        for event in events {
            if event.data.trim() == "[DONE]" {
                self.chat.done = true;
            } else if !event.data.trim().is_empty() {
                self.chat.chunk(&parse(event.data.as_bytes())?, "delta", out)?;
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
        // Some servers forget the end mark; none that was cut off has said why it stopped.
        if !self.chat.done && self.chat.finish.is_none() {
            return Err(truncated());
        }
        self.chat.finish(out);
        Ok(())
    }
}
