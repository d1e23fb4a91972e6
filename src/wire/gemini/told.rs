//! Writes answers, whole and streamed.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::ask::file;
use super::{ALONE, LED, NEXT};
use crate::model::{BlockKind, Citation, Dialect, Event, Failure, FinishReason, Service, Usage};
use crate::wire::json::arguments;
use crate::wire::order::Order;
use crate::wire::reply::{data, error, written};
use crate::wire::sse::Sse;
use crate::wire::{Reply, Writer};

/// Begins a seal that is no base64 of its own: another dialect's.
pub(super) const OWN: &str = "monster:";

/// A whole answer.
pub(super) fn whole(events: &[Event], reply: &Reply) -> Vec<u8> {
    let mut stream = Stream::new(reply);
    let (mut parts, mut notes): (Vec<Value>, Vec<Value>) = (Vec::new(), Vec::new());
    let mut order = Order::default();
    let told: Vec<Event> = events.iter().flat_map(|event| order.take(event)).collect();
    for event in told.into_iter().chain(order.rest()) {
        if let Event::Cited { citation, .. } = &event {
            notes.extend(note(citation));
        }
        for part in stream.parts(&event) {
            // Pieces of one text are one part; a signed one stays alone.
            match parts.last_mut().filter(|last| piece(last) && piece(&part) && last["thought"] == part["thought"]) {
                Some(last) if last.get("thoughtSignature").is_none() && joins(&part) => {
                    if let (Some(Value::String(said)), Some(more)) = (last.get_mut("text"), part["text"].as_str()) {
                        said.push_str(more);
                    }
                    if let Some(seal) = part.get("thoughtSignature") {
                        last["thoughtSignature"] = seal.clone();
                    }
                }
                _ => parts.push(part),
            }
        }
    }
    let mut candidate = json!({ "content": { "role": "model", "parts": parts }, "index": 0 });
    if !notes.is_empty() {
        candidate["citationMetadata"] = json!({ "citations": notes });
    }
    written(&stream.last(candidate))
}

/// A part of text or thought.
fn piece(part: &Value) -> bool {
    part.get("text").is_some()
}

/// The part goes on what was said, or seals the thought before it.
fn joins(part: &Value) -> bool {
    part.get("thoughtSignature").is_none() || part["thought"] == true
}

fn note(citation: &Citation) -> Option<Value> {
    if citation.dialect == Dialect::Gemini {
        return Some(citation.raw.clone());
    }
    Some(json!({ "uri": citation.url.as_ref()?, "title": citation.title.as_deref().unwrap_or_default() }))
}

/// Signatures are base64 here.
fn signature(seal: &str) -> String {
    match STANDARD.decode(seal) {
        Ok(bytes) if !bytes.starts_with(OWN.as_bytes()) => seal.to_owned(),
        _ => STANDARD.encode(format!("{OWN}{seal}")),
    }
}

/// A call that is being told.
struct Call {
    id: String,
    name: String,
    custom: bool,
    input: String,
    seal: Option<String>,
    /// What the thought before it is sealed with.
    led: Option<String>,
}

/// Writes a stream: texts as they come, calls when they are complete.
pub(super) struct Stream {
    reply: Reply,
    order: Order,
    /// Frames so far.
    frames: usize,
    calls: HashMap<usize, Call>,
    /// The seal of the text that comes next.
    next: Option<String>,
    /// The seal of a thought that a call may follow, for a caller who asked for no thoughts.
    led: Option<String>,
    usage: Option<Usage>,
    service: Option<Service>,
    finish: Option<FinishReason>,
    why: Option<String>,
    /// Somebody else's events that become elements of the array.
    passing: Sse,
}

impl Stream {
    pub(super) fn new(reply: &Reply) -> Self {
        Self {
            reply: reply.clone(),
            order: Order::default(),
            frames: 0,
            calls: HashMap::new(),
            next: None,
            led: None,
            usage: None,
            service: None,
            finish: None,
            why: None,
            passing: Sse::default(),
        }
    }

    fn response(&self, candidate: Value) -> Value {
        json!({ "candidates": [candidate], "modelVersion": self.reply.model, "responseId": self.reply.id })
    }

    fn frame(&mut self, value: &Value, out: &mut Vec<u8>) {
        if self.reply.array {
            self.element(&written(value), out);
        } else {
            data(value, out);
            self.frames += 1;
        }
    }

    /// One more element of the growing array.
    fn element(&mut self, json: &[u8], out: &mut Vec<u8>) {
        out.extend_from_slice(if self.frames == 0 { b"[" } else { b",\r\n" });
        out.extend_from_slice(json);
        self.frames += 1;
    }

    /// The parts that an event completes.
    fn parts(&mut self, event: &Event) -> Vec<Value> {
        match event {
            Event::BlockStart { index, kind } => match kind {
                BlockKind::ToolCall { id, name, custom } => {
                    let (id, name) = (id.clone(), name.clone());
                    let led = self.led.take();
                    let call = Call { id, name, custom: *custom, input: String::new(), seal: None, led };
                    self.calls.insert(*index, call);
                    Vec::new()
                }
                BlockKind::Image(source) => file(source).into_iter().collect(),
                BlockKind::Opaque { dialect: Dialect::Gemini, value } => vec![value.clone()],
                BlockKind::Opaque { .. } | BlockKind::Text | BlockKind::Refusal | BlockKind::Thought => Vec::new(),
            },
            Event::Text { text, .. } => {
                let mut part = json!({ "text": text });
                if let Some(seal) = self.next.take() {
                    part["thoughtSignature"] = json!(seal);
                }
                vec![part]
            }
            Event::Thought { text, .. } => vec![json!({ "text": text, "thought": true })],
            Event::Sealed { index, seal } => {
                if let Some(call) = self.calls.get_mut(index) {
                    call.seal = Some(signature(seal));
                    // It has room for one.
                    call.led.take().map(|seal| sealed(&seal)).into_iter().collect()
                } else if let Some(seal) = seal.strip_prefix(NEXT) {
                    self.next = Some(signature(seal));
                    Vec::new()
                } else if let Some(seal) = seal.strip_prefix(ALONE) {
                    vec![json!({ "text": "", "thoughtSignature": signature(seal) })]
                } else if self.reply.unasked {
                    self.led.replace(seal.clone()).map(|seal| sealed(&seal)).into_iter().collect()
                } else {
                    vec![sealed(seal)]
                }
            }
            Event::ToolInput { index, json: piece } => {
                if let Some(call) = self.calls.get_mut(index) {
                    call.input.push_str(piece);
                }
                Vec::new()
            }
            Event::BlockEnd { index } => self.calls.remove(index).map(whole_call).into_iter().collect(),
            Event::Usage(used) => {
                self.usage = Some(*used);
                Vec::new()
            }
            Event::Served(service) => {
                self.service = Some(*service);
                Vec::new()
            }
            Event::Finish(reason) => {
                self.finish = Some(reason.clone());
                Vec::new()
            }
            Event::Why { text, .. } => {
                self.why = Some(text.clone()).filter(|text| !text.is_empty());
                Vec::new()
            }
            Event::Start { .. } | Event::Cited { .. } | Event::About { .. } | Event::Charged(_) => Vec::new(),
        }
    }

    fn tell(&mut self, event: &Event, out: &mut Vec<u8>) {
        let parts = self.parts(event);
        let mut candidate = json!({ "content": { "role": "model", "parts": parts }, "index": 0 });
        if let Event::Cited { citation, .. } = event {
            let Some(note) = note(citation) else { return };
            candidate["citationMetadata"] = json!({ "citations": [note] });
        } else if candidate["content"]["parts"].as_array().is_none_or(Vec::is_empty) {
            return;
        }
        let value = self.response(candidate);
        self.frame(&value, out);
    }

    /// The last response, with this candidate in it.
    fn last(&mut self, mut candidate: Value) -> Value {
        if let Some(Value::Array(parts)) = candidate.pointer_mut("/content/parts") {
            parts.extend(self.led.take().map(|seal| sealed(&seal)));
            parts.extend(self.next.take().map(|seal| json!({ "text": "", "thoughtSignature": seal })));
        }
        candidate["finishReason"] = json!(match &self.finish {
            Some(FinishReason::Length) => "MAX_TOKENS",
            Some(FinishReason::Refused) => "SAFETY",
            Some(FinishReason::Pause(_)) => "CONTINUATION",
            Some(FinishReason::Other(_)) => "OTHER",
            _ => "STOP",
        });
        if let Some(FinishReason::Pause(Some(token))) = &self.finish {
            candidate["continuationToken"] = json!(token);
        }
        if let Some(why) = &self.why {
            candidate["finishMessage"] = json!(why);
        }
        let mut value = self.response(candidate);
        if let Some(used) = &self.usage {
            value["usageMetadata"] = usage(used);
            if let Some(tier @ (Service::Standard | Service::Flex | Service::Priority)) = self.service {
                value["usageMetadata"]["serviceTier"] = json!(tier.name());
            }
        }
        value
    }
}

/// A thought that is shown in no words.
fn sealed(seal: &str) -> Value {
    json!({ "text": "", "thought": true, "thoughtSignature": signature(seal) })
}

fn whole_call(call: Call) -> Value {
    let args = if call.custom { json!({ "input": call.input }) } else { arguments(&call.input) };
    let mut part = json!({ "functionCall": { "id": call.id, "name": call.name, "args": args } });
    if let Some(seal) = call.seal.or_else(|| call.led.map(|seal| signature(&format!("{LED}{seal}")))) {
        part["thoughtSignature"] = json!(seal);
    }
    part
}

/// Counts; thoughts stand beside the visible answer here.
fn usage(used: &Usage) -> Value {
    let thought = used.reasoning.unwrap_or(0).min(used.output);
    let mut value = json!({ "promptTokenCount": used.prompt(), "candidatesTokenCount": used.output - thought,
        "totalTokenCount": used.total() });
    if used.cache_read > 0 {
        value["cachedContentTokenCount"] = json!(used.cache_read);
    }
    if used.reasoning.is_some() {
        value["thoughtsTokenCount"] = json!(thought);
    }
    value
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
        let value = self.last(json!({ "content": { "role": "model", "parts": [] }, "index": 0 }));
        self.frame(&value, out);
        if self.reply.array {
            out.extend_from_slice(b"]");
        }
    }

    fn passed(&mut self, frames: &[u8]) -> Option<Vec<u8>> {
        if !self.reply.array {
            // Google's own SDK takes a comment for a part of an answer.
            let lines = || frames.split_inclusive(|byte| *byte == b'\n');
            let told = |line: &&[u8]| !line.starts_with(b":");
            return lines().any(|line| !told(&line)).then(|| lines().filter(told).flatten().copied().collect());
        }
        // The same objects, each as it came.
        let (mut events, mut out) = (Vec::new(), Vec::new());
        let whole = self.passing.feed(frames, &mut events);
        events.iter().filter(|_| whole.is_ok()).for_each(|event| self.element(event.data.as_bytes(), &mut out));
        Some(out)
    }

    fn passed_all(&mut self, out: &mut Vec<u8>) {
        if self.reply.array {
            let mut events = Vec::new();
            self.passing.end(&mut events);
            events.iter().for_each(|event| self.element(event.data.as_bytes(), out));
            out.extend_from_slice(if self.frames == 0 { b"[]" } else { b"]" });
        }
    }

    fn fail(&mut self, failure: &Failure, out: &mut Vec<u8>) {
        self.frame(&error(Dialect::Gemini, failure), out);
        if self.reply.array {
            out.extend_from_slice(b"]");
        }
    }

    fn ping(&self, out: &mut Vec<u8>) {
        // Google's own SDK takes a comment for a part of an answer; an empty line means nothing, between events and between
        // the elements of an array.
        out.push(b'\n');
    }

    fn media_type(&self) -> &'static str {
        if self.reply.array { "application/json" } else { "text/event-stream" }
    }
}
