//! Writes answers, whole and streamed.

use std::collections::{HashMap, VecDeque};

use serde_json::{Value, json};

use super::REDACTED;
use super::ask::{answered, cited};
use crate::model::{BlockKind, Dialect, Event, Failure, FinishReason, Service, Usage};
use crate::wire::json::arguments;
use crate::wire::reply::{IMAGE, TIME_LIMIT, error, named, written};
use crate::wire::{Fold, Reply, Writer};

/// A whole answer.
pub(super) fn whole(events: &[Event], reply: &Reply) -> Vec<u8> {
    let mut fold = Fold::default();
    let mut ending = Ending::default();
    for event in events {
        fold.push(event);
        ending.hear(event);
    }
    let mut value = message(reply, Value::Array(answered(&fold.message(None))), ending.usage());
    if let (Some(value), Some(delta)) = (value.as_object_mut(), ending.delta().as_object()) {
        value.extend(delta.clone());
    }
    written(&value)
}

fn message(reply: &Reply, content: Value, usage: Value) -> Value {
    json!({ "id": reply.id, "type": "message", "role": "assistant", "model": reply.model, "content": content,
        "stop_reason": null, "stop_sequence": null, "usage": usage })
}

/// What is said at the end.
#[derive(Default)]
struct Ending {
    usage: Usage,
    service: Option<Service>,
    finish: Option<FinishReason>,
    why: Option<(String, String)>,
}

impl Ending {
    fn hear(&mut self, event: &Event) {
        match event {
            Event::Usage(usage) => self.usage = *usage,
            Event::Served(service) => self.service = Some(*service),
            Event::Finish(reason) => self.finish = Some(reason.clone()),
            Event::Why { code, text } => self.why = Some((code.clone(), text.clone())),
            _ => {}
        }
    }

    fn usage(&self) -> Value {
        let u = &self.usage;
        let mut value = json!({
            "input_tokens": u.input,
            "cache_creation_input_tokens": u.cache_write_short + u.cache_write_long,
            "cache_read_input_tokens": u.cache_read,
            "cache_creation": { "ephemeral_5m_input_tokens": u.cache_write_short, "ephemeral_1h_input_tokens": u.cache_write_long },
            "output_tokens": u.output,
        });
        if let Some(thinking) = u.reasoning {
            value["output_tokens_details"] = json!({ "thinking_tokens": thinking });
        }
        match self.service {
            Some(Service::Fast) => value["speed"] = json!("fast"),
            Some(Service::Standard) => value["service_tier"] = json!("standard"),
            Some(Service::Priority) => value["service_tier"] = json!("priority"),
            Some(Service::Batch) => value["service_tier"] = json!("batch"),
            // Tiers that the dialect has no word for.
            Some(Service::Flex | Service::Other) | None => {}
        }
        value
    }

    fn delta(&self) -> Value {
        let (reason, sequence) = match self.finish.as_ref() {
            None | Some(FinishReason::Stop) => ("end_turn", None),
            Some(FinishReason::StopSequence(which)) => ("stop_sequence", which.as_deref()),
            Some(FinishReason::Length) => ("max_tokens", None),
            Some(FinishReason::ToolCalls) => ("tool_use", None),
            Some(FinishReason::Refused) => ("refusal", None),
            Some(FinishReason::Pause(_)) => ("pause_turn", None),
            Some(FinishReason::Other(word)) if word == TIME_LIMIT => ("max_tokens", None),
            // No client knows a word of another dialect.
            Some(FinishReason::Other(_)) => ("end_turn", None),
        };
        let mut delta = json!({ "stop_reason": reason, "stop_sequence": sequence });
        if let Some((code, said)) = self.why.as_ref().filter(|_| self.finish == Some(FinishReason::Refused)) {
            let code = Some(code).filter(|c| !c.is_empty());
            delta["stop_details"] = json!({ "type": "refusal", "category": code, "explanation": said });
        }
        delta
    }
}

/// One block that is open at the caller.
struct Open {
    /// Ours.
    index: usize,
    kind: BlockKind,
    /// It was begun at the caller: a thought is held back until it is known whether it is a redacted one.
    begun: bool,
    /// Arguments that are no object, which become one at their end: text of a custom tool, and what a model made up.
    text: String,
    /// Arguments have begun as an object does, and go on as they come.
    object: bool,
}

/// Writes a stream. One block is open at a time: what interleaves waits.
pub(super) struct Stream {
    reply: Reply,
    started: bool,
    next: usize,
    open: Option<Open>,
    /// Of blocks that wait for the open one: which, in order, and what they hold.
    waiting: VecDeque<usize>,
    held: HashMap<usize, Vec<Event>>,
    ending: Ending,
}

impl Stream {
    pub(super) fn new(reply: &Reply) -> Self {
        Self {
            reply: reply.clone(),
            started: false,
            next: 0,
            open: None,
            waiting: VecDeque::new(),
            held: HashMap::new(),
            ending: Ending::default(),
        }
    }

    fn start(&mut self, out: &mut Vec<u8>) {
        if !std::mem::replace(&mut self.started, true) {
            let message = message(&self.reply, json!([]), self.ending.usage());
            named(&json!({ "type": "message_start", "message": message }), out);
        }
    }

    fn block(&mut self, index: usize, event: &Event, out: &mut Vec<u8>) {
        match &mut self.open {
            Some(open) if open.index != index => {
                let held = self.held.entry(index).or_insert_with(|| {
                    self.waiting.push_back(index);
                    Vec::new()
                });
                held.push(event.clone());
                return;
            }
            Some(_) => {}
            None => {
                if let Event::BlockStart { kind, .. } = event {
                    self.open =
                        Some(Open { index, kind: kind.clone(), begun: false, text: String::new(), object: false });
                }
            }
        }
        let Some(mut open) = self.open.take() else { return };
        let ended = self.piece(&mut open, event, out);
        // What was never begun has no number at the caller.
        self.next += usize::from(ended && open.begun);
        self.open = Some(open).filter(|_| !ended);
    }

    /// What waited for the open block to end.
    fn waited(&mut self, out: &mut Vec<u8>) {
        while self.open.is_none()
            && let Some(index) = self.waiting.pop_front()
        {
            let held = self.held.remove(&index).unwrap_or_default();
            held.iter().for_each(|event| self.block(index, event, out));
        }
    }

    /// True when the block ended.
    fn piece(&self, open: &mut Open, event: &Event, out: &mut Vec<u8>) -> bool {
        let begin = |open: &mut Open, block: Value, out: &mut Vec<u8>| {
            if !std::mem::replace(&mut open.begun, true) {
                named(&json!({ "type": "content_block_start", "index": self.next, "content_block": block }), out);
            }
        };
        let delta = |delta: Value, out: &mut Vec<u8>| {
            named(&json!({ "type": "content_block_delta", "index": self.next, "delta": delta }), out);
        };
        let empty = match &open.kind {
            BlockKind::Text | BlockKind::Refusal => json!({ "type": "text", "text": "" }),
            BlockKind::Thought => json!({ "type": "thinking", "thinking": "", "signature": "" }),
            BlockKind::ToolCall { id, name, .. } => json!({ "type": "tool_use", "id": id, "name": name, "input": {} }),
            BlockKind::Image(_) => json!({ "type": "text", "text": IMAGE }),
            BlockKind::Opaque { value, .. } => value.clone(),
        };
        let custom = matches!(open.kind, BlockKind::ToolCall { custom: true, .. });
        match event {
            Event::BlockStart { kind, .. } => match kind {
                BlockKind::Thought => {}
                BlockKind::Opaque { dialect, .. } if *dialect != Dialect::AnthropicMessages => {}
                _ => begin(open, empty, out),
            },
            Event::Text { text, .. } => delta(json!({ "type": "text_delta", "text": text }), out),
            Event::Thought { text, .. } => {
                begin(open, empty, out);
                delta(json!({ "type": "thinking_delta", "thinking": text }), out);
            }
            Event::Sealed { seal, .. } if open.kind == BlockKind::Thought => {
                if let (false, Some(data)) = (open.begun, seal.strip_prefix(REDACTED)) {
                    begin(open, json!({ "type": "redacted_thinking", "data": data }), out);
                } else {
                    begin(open, empty, out);
                    delta(json!({ "type": "signature_delta", "signature": seal }), out);
                }
            }
            Event::ToolInput { json, .. } if open.object => {
                delta(json!({ "type": "input_json_delta", "partial_json": json }), out);
            }
            Event::ToolInput { json, .. } => {
                open.text.push_str(json);
                if !custom && open.text.trim_start().starts_with('{') {
                    open.object = true;
                    let json = std::mem::take(&mut open.text);
                    delta(json!({ "type": "input_json_delta", "partial_json": json }), out);
                }
            }
            Event::Cited { citation, .. } => {
                if let Some(raw) = cited(citation) {
                    delta(json!({ "type": "citations_delta", "citation": raw }), out);
                }
            }
            Event::BlockEnd { .. } => {
                let input = match custom {
                    true => Some(json!({ "input": open.text })),
                    false => Some(arguments(&open.text)).filter(|_| !open.text.trim().is_empty()),
                };
                if let Some(input) = input.map(|input| input.to_string()) {
                    delta(json!({ "type": "input_json_delta", "partial_json": input }), out);
                }
                if open.kind == BlockKind::Thought {
                    begin(open, empty, out);
                }
                if open.begun {
                    named(&json!({ "type": "content_block_stop", "index": self.next }), out);
                }
                return true;
            }
            _ => {}
        }
        false
    }
}

impl Writer for Stream {
    fn push(&mut self, event: &Event, out: &mut Vec<u8>) {
        self.ending.hear(event);
        match event {
            Event::BlockStart { index, .. }
            | Event::Text { index, .. }
            | Event::Thought { index, .. }
            | Event::Sealed { index, .. }
            | Event::ToolInput { index, .. }
            | Event::Cited { index, .. }
            | Event::BlockEnd { index } => {
                self.start(out);
                self.block(*index, event, out);
                self.waited(out);
            }
            // The opening carries counts: it waits for the first block.
            _ => {}
        }
    }

    fn end(&mut self, out: &mut Vec<u8>) {
        self.start(out);
        // Blocks that were never ended, and what waited for their end.
        while let Some(index) = self.open.as_ref().map(|open| open.index) {
            self.block(index, &Event::BlockEnd { index }, out);
            self.waited(out);
        }
        let mut usage = self.ending.usage();
        // The split of what was written belongs into the opening: it stands here where that came too early to say it.
        if let Some(usage) = usage.as_object_mut().filter(|_| self.ending.usage.cache_write_long == 0) {
            usage.remove("cache_creation");
        }
        named(&json!({ "type": "message_delta", "delta": self.ending.delta(), "usage": usage }), out);
        named(&json!({ "type": "message_stop" }), out);
    }

    fn fail(&mut self, failure: &Failure, out: &mut Vec<u8>) {
        named(&error(Dialect::AnthropicMessages, failure), out);
    }

    fn ping(&self, out: &mut Vec<u8>) {
        named(&json!({ "type": "ping" }), out);
    }
}
