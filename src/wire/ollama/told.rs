//! Writes answers, whole and streamed.

use std::collections::HashMap;

use serde_json::{Value, json};

use crate::model::{Block, BlockKind, Dialect, Event, Failure, FinishReason, Source, Usage};
use crate::wire::json::arguments;
use crate::wire::order::Order;
use crate::wire::reply::{error, spell, unfinished, written};
use crate::wire::{Fold, Reply, Writer};

/// A whole answer.
pub(super) fn whole(events: &[Event], reply: &Reply) -> Vec<u8> {
    let mut fold = Fold::default();
    events.iter().for_each(|event| fold.push(event));
    let (mut said, mut thought, mut calls, mut images) = (String::new(), String::new(), Vec::new(), Vec::new());
    for block in fold.message(None).blocks {
        match block {
            Block::Text(text) | Block::Refusal(text) => said.push_str(&text),
            Block::Thought { text, .. } => thought.push_str(&text),
            Block::ToolCall { name, input, custom, .. } => calls.push(call(&name, &input, custom)),
            Block::Image { source: Source::Data { data, .. }, .. } => images.push(json!(data)),
            _ => {}
        }
    }
    let mut message = json!({ "role": "assistant", "content": said });
    if !thought.is_empty() {
        message["thinking"] = json!(thought);
    }
    for (name, list) in [("tool_calls", calls), ("images", images)] {
        if !list.is_empty() {
            message[name] = Value::Array(list);
        }
    }
    written(&last(reply, &message, fold.finish.as_ref(), fold.usage.as_ref()))
}

fn line(reply: &Reply, message: &Value, done: bool) -> Value {
    let at = i64::try_from(reply.created).ok().and_then(|s| jiff::Timestamp::from_second(s).ok()).unwrap_or_default();
    json!({ "model": reply.model, "created_at": at.to_string(), "message": message, "done": done })
}

fn last(reply: &Reply, message: &Value, finish: Option<&FinishReason>, usage: Option<&Usage>) -> Value {
    let mut value = line(reply, message, true);
    value["done_reason"] = json!(if unfinished(finish) { "length" } else { "stop" });
    if let Some(used) = usage {
        value["prompt_eval_count"] = json!(used.prompt());
        value["eval_count"] = json!(used.output);
    }
    value
}

fn call(name: &str, input: &str, custom: bool) -> Value {
    let input = if custom { json!({ "input": input }) } else { arguments(input) };
    json!({ "function": { "name": name, "arguments": input } })
}

/// Writes a stream of JSON lines: texts as they come, calls when they are complete.
pub(super) struct Stream {
    reply: Reply,
    order: Order,
    /// Name, whether it takes plain text, and arguments so far, by our number.
    calls: HashMap<usize, (String, bool, String)>,
    usage: Option<Usage>,
    finish: Option<FinishReason>,
}

impl Stream {
    pub(super) fn new(reply: &Reply) -> Self {
        Self { reply: reply.clone(), order: Order::default(), calls: HashMap::new(), usage: None, finish: None }
    }

    fn say(&self, field: &str, value: Value, out: &mut Vec<u8>) {
        let mut message = json!({ "role": "assistant", "content": "" });
        message[field] = value;
        send(&line(&self.reply, &message, false), out);
    }

    fn tell(&mut self, event: &Event, out: &mut Vec<u8>) {
        match event {
            Event::BlockStart { index, kind: BlockKind::ToolCall { name, custom, .. } } => {
                self.calls.insert(*index, (name.clone(), *custom, String::new()));
            }
            Event::BlockStart { kind: BlockKind::Image(Source::Data { data, .. }), .. } => {
                self.say("images", json!([data]), out);
            }
            Event::Text { text, .. } => self.say("content", json!(text), out),
            Event::Thought { text, .. } => self.say("thinking", json!(text), out),
            Event::ToolInput { index, json: piece } => {
                if let Some((_, _, input)) = self.calls.get_mut(index) {
                    input.push_str(piece);
                }
            }
            Event::BlockEnd { index } => {
                if let Some((name, custom, input)) = self.calls.remove(index) {
                    self.say("tool_calls", json!([call(&name, &input, custom)]), out);
                }
            }
            Event::Usage(used) => self.usage = Some(*used),
            Event::Finish(reason) => self.finish = Some(reason.clone()),
            _ => {}
        }
    }
}

fn send(value: &Value, out: &mut Vec<u8>) {
    spell(value, out);
    out.push(b'\n');
}

impl Writer for Stream {
    fn push(&mut self, event: &Event, out: &mut Vec<u8>) {
        for event in self.order.take(event) {
            self.tell(&event, out);
        }
    }

    fn end(&mut self, out: &mut Vec<u8>) {
        for event in self.order.rest() {
            self.tell(&event, out);
        }
        let message = json!({ "role": "assistant", "content": "" });
        send(&last(&self.reply, &message, self.finish.as_ref(), self.usage.as_ref()), out);
    }

    fn fail(&mut self, failure: &Failure, out: &mut Vec<u8>) {
        send(&error(Dialect::Ollama, failure), out);
    }

    fn ping(&self, out: &mut Vec<u8>) {
        // Clients take no empty line.
        self.say("content", json!(""), out);
    }

    fn media_type(&self) -> &'static str {
        "application/x-ndjson"
    }
}
