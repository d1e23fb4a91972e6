//! Ollama's native chat (ollama-lmstudio.md): its OpenAI-compatible door cuts long prompts silently.

use serde_json::{Map, Value, json};

use super::emit::{Emit, Key};
use super::json::{
    arguments, call_id, count, error_body, error_value, items, parse, stated, system, text, truncated, whole,
};
use super::{Adapted, ErrorBody, Lines, Reader, Thinking, Wire};
use crate::model::{
    Block, Dialect, Event, Failure, FinishReason, Kind, Message, Request, Role, Scope, Source, ToolChoice, Usage,
};

/// The codec.
pub(super) struct Ollama;

impl Wire for Ollama {
    fn dialect(&self) -> Dialect {
        Dialect::Ollama
    }

    fn write_request(
        &self,
        model: &str,
        request: &Request,
        adapted: &Adapted,
        stream: bool,
    ) -> Result<Vec<u8>, Failure> {
        if request.messages.iter().flat_map(|m| &m.blocks).any(|b| matches!(b, Block::Document { .. })) {
            // Leaving one out would let the model answer about what it never saw. Another route may take it.
            return Err(Failure::new(Kind::BadRequest, Scope::Model, "Ollama takes no documents"));
        }
        let mut body = Map::new();
        body.insert("model".into(), json!(model));
        let mut messages = Vec::new();
        let said = system(request, adapted);
        if !said.is_empty() {
            messages.push(json!({ "role": "system", "content": said }));
        }
        for message in &request.messages {
            turn(message, &mut messages);
        }
        body.insert("messages".into(), Value::Array(messages));
        // Streaming is on unless it is switched off.
        body.insert("stream".into(), json!(stream));
        let mut options = Map::new();
        if let Some(context) = adapted.context {
            options.insert("num_ctx".into(), json!(context));
        }
        if let Some(limit) = adapted.max_output {
            options.insert("num_predict".into(), json!(limit));
        }
        if adapted.sampling {
            if let Some(t) = request.sampling.temperature {
                options.insert("temperature".into(), json!(t));
            }
            if let Some(p) = request.sampling.top_p {
                options.insert("top_p".into(), json!(p));
            }
        }
        if !options.is_empty() {
            body.insert("options".into(), Value::Object(options));
        }
        match &adapted.thinking {
            Thinking::Think(on) => drop(body.insert("think".into(), json!(on))),
            Thinking::Level(level) => drop(body.insert("think".into(), json!(level.name()))),
            Thinking::Disabled => drop(body.insert("think".into(), json!(false))),
            _ => {}
        }
        if let Some(schema) = request.schema.as_ref().filter(|_| adapted.structured) {
            body.insert("format".into(), schema.schema.clone());
        }
        // There is no tool policy here: tools that must not be called are not offered.
        if !request.tools.is_empty() && request.tool_choice != ToolChoice::None {
            body.insert("tools".into(), request.tools.iter().map(|t| {
                json!({ "type": "function", "function": { "name": t.name, "description": t.description, "parameters": t.parameters } })
            }).collect());
        }
        Ok(Value::Object(body).to_string().into_bytes())
    }

    fn read_reply(&self, body: &[u8]) -> Result<Vec<Event>, Failure> {
        let value = parse(body)?;
        let (mut state, mut out) = (State::default(), Vec::new());
        state.line(&value, &mut out)?;
        if value.get("message").is_none() {
            return Err(Failure::broken("the answer holds no message"));
        }
        state.end(&mut out)?;
        Ok(out)
    }

    fn reader(&self) -> Box<dyn Reader> {
        Box::new(Stream::default())
    }

    fn read_error(&self, body: &[u8]) -> ErrorBody {
        error_body(body)
    }
}

fn turn(message: &Message, out: &mut Vec<Value>) {
    let (mut said, mut images, mut calls) = (String::new(), Vec::new(), Vec::new());
    for block in &message.blocks {
        match block {
            Block::Text(t) => said.push_str(t),
            Block::Image { source: Source::Data { data, .. }, .. } => images.push(json!(data)),
            Block::ToolCall { name, input, .. } => {
                calls.push(json!({ "function": { "name": name, "arguments": arguments(input) } }))
            }
            Block::ToolResult { name, content, is_error, .. } => {
                let content = if *is_error { format!("error: {content}") } else { content.clone() };
                out.push(json!({ "role": "tool", "tool_name": name, "content": content }));
            }
            // Documents were refused; foreign thoughts have no place here.
            _ => {}
        }
    }
    if said.is_empty() && images.is_empty() && calls.is_empty() {
        return;
    }
    let role = if message.role == Role::User { "user" } else { "assistant" };
    let mut value = json!({ "role": role, "content": said });
    if !images.is_empty() {
        value["images"] = Value::Array(images);
    }
    if !calls.is_empty() {
        value["tool_calls"] = Value::Array(calls);
    }
    out.push(value);
}

#[derive(Default)]
struct State {
    emit: Emit,
    calls: u64,
    finish: Option<FinishReason>,
}

impl State {
    fn line(&mut self, value: &Value, out: &mut Vec<Event>) -> Result<(), Failure> {
        if value.get("error").is_some_and(|e| !e.is_null()) {
            return Err(stated(&error_value(value)));
        }
        self.emit.start("", text(value, "model"), out);
        if let Some(message) = value.get("message") {
            self.emit.thought(text(message, "thinking"), out);
            self.emit.text(text(message, "content"), out);
            for call in items(message, "tool_calls") {
                self.calls += 1;
                let function = call.get("function").unwrap_or(&Value::Null);
                let id = Some(text(call, "id")).filter(|i| !i.is_empty()).map_or_else(call_id, str::to_owned);
                let input = match function.get("arguments") {
                    Some(Value::String(input)) => input.clone(),
                    Some(object @ Value::Object(_)) => object.to_string(),
                    _ => String::new(),
                };
                self.emit.call(Key::Number(self.calls), &id, text(function, "name"), &input, out);
            }
        }
        if value.get("done").and_then(Value::as_bool) == Some(true) {
            self.finish = Some(match text(value, "done_reason") {
                "stop" | "" if self.calls > 0 => FinishReason::ToolCalls,
                "stop" | "" => FinishReason::Stop,
                "length" => FinishReason::Length,
                other => FinishReason::Other(other.to_owned()),
            });
            if count(value, "eval_count").is_some() || count(value, "prompt_eval_count").is_some() {
                let n = |key: &str| count(value, key).unwrap_or(0);
                out.push(Event::Usage(Usage {
                    input: n("prompt_eval_count"),
                    output: n("eval_count"),
                    ..Usage::default()
                }));
            }
        }
        Ok(())
    }

    fn end(&mut self, out: &mut Vec<Event>) -> Result<(), Failure> {
        self.emit.close_all(out);
        out.push(Event::Finish(self.finish.take().ok_or_else(truncated)?));
        Ok(())
    }
}

#[derive(Default)]
struct Stream {
    lines: Lines,
    state: State,
}

impl Stream {
    fn all(&mut self, lines: &[String], out: &mut Vec<Event>) -> Result<(), Failure> {
        lines.iter().try_for_each(|line| self.state.line(&parse(line.as_bytes())?, out))
    }
}

impl Reader for Stream {
    fn feed(&mut self, bytes: &[u8], out: &mut Vec<Event>) -> Result<(), Failure> {
        let mut lines = Vec::new();
        let framed = self.lines.feed(bytes, &mut lines);
        self.all(&lines, out)?;
        framed
    }

    fn end(&mut self, out: &mut Vec<Event>) -> Result<(), Failure> {
        let mut lines = Vec::new();
        self.lines.end(&mut lines);
        lines.retain(|line| whole(line));
        self.all(&lines, out)?;
        self.state.end(out)
    }
}
