//! Gemini generateContent (gemini.md).

use serde_json::{Map, Value, json};

use super::emit::{Emit, Key};
use super::json::{
    arguments, call_id, count, error_body, error_value, items, parse, served, stated, system, text, truncated, whole,
};
use super::sse::{Sse, SseEvent};
use super::{Adapted, ErrorBody, Reader, Thinking, Wire};
use crate::model::{
    Block, Dialect, Effort, Event, Failure, FinishReason, Kind, Message, Request, Role, Scope, Source, ToolChoice,
    Usage,
};

/// The codec.
pub(super) struct Gemini;

/// Skips the check of a call's signature where the call came from another model (gemini.md, "Thinking").
const NO_SIGNATURE: &str = "c2tpcF90aG91Z2h0X3NpZ25hdHVyZV92YWxpZGF0b3I=";

impl Wire for Gemini {
    fn dialect(&self) -> Dialect {
        Dialect::Gemini
    }

    fn write_request(&self, _: &str, request: &Request, adapted: &Adapted, _: bool) -> Result<Vec<u8>, Failure> {
        let mut body = Map::new();
        body.insert("contents".into(), Value::Array(contents(request, adapted)));
        let said = system(request, adapted);
        if !said.is_empty() {
            body.insert("systemInstruction".into(), json!({ "parts": [{ "text": said }] }));
        }
        let mut config = Map::new();
        if let Some(limit) = adapted.max_output {
            config.insert("maxOutputTokens".into(), json!(limit));
        }
        if adapted.sampling {
            if let Some(t) = request.sampling.temperature {
                config.insert("temperature".into(), json!(t));
            }
            if let Some(p) = request.sampling.top_p {
                config.insert("topP".into(), json!(p));
            }
        }
        match &adapted.thinking {
            Thinking::Level(level) => {
                let shown = *level != Effort::None;
                config.insert(
                    "thinkingConfig".into(),
                    json!({ "thinkingLevel": level.name(), "includeThoughts": shown }),
                );
            }
            Thinking::Budget(tokens) => {
                config.insert(
                    "thinkingConfig".into(),
                    json!({ "thinkingBudget": tokens, "includeThoughts": *tokens > 0 }),
                );
            }
            Thinking::Disabled => {
                config.insert("thinkingConfig".into(), json!({ "thinkingBudget": 0 }));
            }
            _ => {}
        }
        if let Some(schema) = request.schema.as_ref().filter(|_| adapted.structured) {
            config.insert("responseMimeType".into(), json!("application/json"));
            config.insert("responseJsonSchema".into(), schema.schema.clone());
        }
        if !config.is_empty() {
            body.insert("generationConfig".into(), Value::Object(config));
        }
        if !request.tools.is_empty() {
            let declared: Vec<Value> = request
                .tools
                .iter()
                .map(|t| json!({ "name": t.name, "description": t.description, "parametersJsonSchema": t.parameters }))
                .collect();
            body.insert("tools".into(), json!([{ "functionDeclarations": declared }]));
            let choice = match &request.tool_choice {
                ToolChoice::Auto => json!({ "mode": "AUTO" }),
                ToolChoice::None => json!({ "mode": "NONE" }),
                ToolChoice::Required => json!({ "mode": "ANY" }),
                ToolChoice::Among { .. } => json!({ "mode": "AUTO" }),
                ToolChoice::Named(name) => json!({ "mode": "ANY", "allowedFunctionNames": [name] }),
            };
            body.insert("toolConfig".into(), json!({ "functionCallingConfig": choice }));
        }
        Ok(Value::Object(body).to_string().into_bytes())
    }

    fn read_reply(&self, body: &[u8]) -> Result<Vec<Event>, Failure> {
        let value = parse(body)?;
        if value.get("candidates").is_none() && value.get("promptFeedback").is_none() {
            return Err(match value.get("error") {
                Some(_) => stated(&error_value(&value)),
                None => Failure::broken("the answer holds no candidates"),
            });
        }
        let (mut state, mut out) = (State::default(), Vec::new());
        state.chunk(&value, &mut out)?;
        state.finish(&mut out)?;
        Ok(out)
    }

    fn reader(&self) -> Box<dyn Reader> {
        Box::new(Stream::default())
    }

    fn read_error(&self, body: &[u8]) -> ErrorBody {
        error_body(body)
    }
}

/// Turns that alternate and begin with the user (translation.md, "Roles and system"); all results of one step
/// stand in one of them.
fn contents(request: &Request, adapted: &Adapted) -> Vec<Value> {
    let mut out: Vec<(Role, Vec<Value>)> = Vec::new();
    for message in &request.messages {
        let parts = parts(message, adapted);
        match out.last_mut() {
            _ if parts.is_empty() => {}
            Some((role, before)) if *role == message.role => before.extend(parts),
            None if message.role == Role::Assistant => {
                out.extend([(Role::User, vec![json!({ "text": "." })]), (message.role, parts)]);
            }
            _ => out.push((message.role, parts)),
        }
    }
    let name = |role| if role == Role::User { "user" } else { "model" };
    out.into_iter().map(|(role, parts)| json!({ "role": name(role), "parts": parts })).collect()
}

fn parts(message: &Message, adapted: &Adapted) -> Vec<Value> {
    let mut parts: Vec<Value> = Vec::new();
    // A seal belongs to the part after it: a call, or the text.
    let mut seal: Option<String> = None;
    for block in &message.blocks {
        match block {
            Block::Text(t) if t.is_empty() => {}
            Block::Text(t) => {
                let mut part = json!({ "text": t });
                if let Some(seal) = seal.take() {
                    part["thoughtSignature"] = json!(seal);
                }
                parts.push(part);
            }
            Block::Image { source: Source::Data { media_type, data }, .. }
            | Block::Document { source: Source::Data { media_type, data }, .. } => {
                parts.push(json!({ "inlineData": { "mimeType": media_type, "data": data } }));
            }
            Block::Thought { seal: Some(own), tag, .. } if *tag == adapted.tag => seal = Some(own.clone()),
            Block::ToolCall { id, name, input, .. } => {
                let mut part = json!({ "functionCall": { "name": name, "args": arguments(input) } });
                if !id.starts_with("call_") {
                    part["functionCall"]["id"] = json!(id);
                }
                // Only the first call of a step carries a signature.
                let first = !parts.iter().any(|p| p.get("functionCall").is_some());
                if let Some(seal) = seal.take() {
                    part["thoughtSignature"] = json!(seal);
                } else if first {
                    part["thoughtSignature"] = json!(NO_SIGNATURE);
                }
                parts.push(part);
            }
            Block::ToolResult { id, name, content, is_error, .. } => {
                let response = match serde_json::from_str::<Value>(content) {
                    Ok(value) if value.is_object() && !is_error => value,
                    _ if *is_error => json!({ "error": content }),
                    _ => json!({ "output": content }),
                };
                let mut part = json!({ "functionResponse": { "name": name, "response": response } });
                if !id.starts_with("call_") {
                    part["functionResponse"]["id"] = json!(id);
                }
                parts.push(part);
            }
            _ => {}
        }
    }
    // The seal of a last part that was empty.
    if let Some(seal) = seal {
        parts.push(json!({ "text": "", "thoughtSignature": seal }));
    }
    parts
}

#[derive(Default)]
struct State {
    emit: Emit,
    calls: u64,
    finish: Option<String>,
    blocked: Option<String>,
}

impl State {
    fn chunk(&mut self, value: &Value, out: &mut Vec<Event>) -> Result<(), Failure> {
        if value.get("error").is_some_and(|e| !e.is_null()) {
            return Err(stated(&error_value(value)));
        }
        self.emit.start(text(value, "responseId"), text(value, "modelVersion"), out);
        if let Some(reason) = value.pointer("/promptFeedback/blockReason").and_then(Value::as_str) {
            self.blocked = Some(reason.to_owned());
        }
        if let Some(candidate) = items(value, "candidates").next() {
            for part in candidate.get("content").into_iter().flat_map(|c| items(c, "parts")) {
                self.part(part, out);
            }
            if let Some(reason) = candidate.get("finishReason").and_then(Value::as_str) {
                self.finish = Some(reason.to_owned());
            }
        }
        if let Some(usage) = value.get("usageMetadata").filter(|u| u.is_object()) {
            out.extend(served(usage, "serviceTier"));
            out.push(Event::Usage(read_usage(usage)));
        }
        Ok(())
    }

    fn part(&mut self, part: &Value, out: &mut Vec<Event>) {
        let seal = part.get("thoughtSignature").and_then(Value::as_str);
        if let Some(call) = part.get("functionCall") {
            self.calls += 1;
            let id = Some(text(call, "id")).filter(|i| !i.is_empty()).map_or_else(call_id, str::to_owned);
            let input = call.get("args").filter(|a| a.is_object()).map_or_else(String::new, Value::to_string);
            self.seal(seal, out);
            self.emit.call(Key::Number(self.calls), &id, text(call, "name"), &input, out);
        } else if part.get("thought").and_then(Value::as_bool) == Some(true) {
            self.emit.thought(text(part, "text"), out);
            self.seal(seal, out);
        } else {
            // The seal of a text part stands before it in our order, and returns with it.
            self.seal(seal, out);
            self.emit.text(text(part, "text"), out);
        }
    }

    /// A signature as a thought of its own.
    fn seal(&mut self, seal: Option<&str>, out: &mut Vec<Event>) {
        if let Some(seal) = seal {
            self.emit.close(&Key::Text, out);
            let index = self.emit.open(Key::Thought, crate::model::BlockKind::Thought, out);
            out.push(Event::Sealed { index, seal: seal.to_owned() });
            self.emit.close(&Key::Thought, out);
        }
    }

    fn finish(&mut self, out: &mut Vec<Event>) -> Result<(), Failure> {
        self.emit.close_all(out);
        if let Some(reason) = &self.blocked {
            return Err(Failure::new(
                Kind::Refused,
                Scope::Request,
                format!("the provider blocked the prompt ({reason})"),
            ));
        }
        let reason = match self.finish.as_deref() {
            None => return Err(truncated()),
            Some("STOP") if self.calls > 0 => FinishReason::ToolCalls,
            Some("STOP") => FinishReason::Stop,
            Some("MAX_TOKENS") => FinishReason::Length,
            Some("CONTINUATION") => FinishReason::Pause,
            Some("SAFETY" | "PROHIBITED_CONTENT" | "BLOCKLIST" | "SPII" | "RECITATION" | "MODEL_ARMOR") => {
                FinishReason::Refused
            }
            Some(
                broken @ ("MALFORMED_FUNCTION_CALL"
                | "UNEXPECTED_TOOL_CALL"
                | "MISSING_THOUGHT_SIGNATURE"
                | "MALFORMED_RESPONSE"),
            ) => {
                return Err(Failure::new(Kind::Broken, Scope::Model, format!("the model broke off ({broken})")));
            }
            Some(other) => FinishReason::Other(other.to_lowercase()),
        };
        out.push(Event::Finish(reason));
        Ok(())
    }
}

/// Prompt without its cached part; output with thoughts (translation.md, "Usage").
fn read_usage(usage: &Value) -> Usage {
    let n = |key: &str| count(usage, key).unwrap_or(0);
    let cached = n("cachedContentTokenCount").min(n("promptTokenCount"));
    Usage {
        input: (n("promptTokenCount") - cached).saturating_add(n("toolUsePromptTokenCount")),
        cache_read: cached,
        cache_write_short: 0,
        cache_write_long: 0,
        output: n("candidatesTokenCount").saturating_add(n("thoughtsTokenCount")),
        reasoning: count(usage, "thoughtsTokenCount"),
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
            if !data.is_empty() && data != "[DONE]" {
                self.state.chunk(&parse(data.as_bytes())?, out)?;
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
        self.state.finish(out)
    }
}
