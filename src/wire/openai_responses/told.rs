//! Writes answers, whole and streamed.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use serde::de::IgnoredAny;
use serde_json::{Map, Value, json};

use super::OWN;
use crate::model::{About, BlockKind, Citation, Dialect, Event, Failure, FinishReason, Kind, Service, Source, Usage};
use crate::wire::openai_chat::tier;
use crate::wire::reply::{named, unfinished, written};
use crate::wire::{Reply, Writer};

/// A whole answer: what the stream of it ends with.
pub(super) fn whole(events: &[Event], reply: &Reply) -> Vec<u8> {
    let mut stream = Stream::new(reply);
    let mut frames = Vec::new();
    events.iter().for_each(|event| {
        stream.push(event, &mut frames);
        frames.clear();
    });
    stream.close(&mut frames);
    written(&stream.response(stream.status()))
}

/// An output item.
struct Item {
    kind: BlockKind,
    /// Place in the output.
    place: usize,
    id: String,
    about: About,
    /// Text, thought or arguments so far: the events that end an item repeat the whole.
    text: String,
    seal: Option<String>,
    notes: Vec<Value>,
    /// It was announced.
    begun: bool,
    /// Its first part was announced.
    parted: bool,
    /// The model has gone on to another.
    passed: bool,
    /// ... and has come back: pieces of several were told at a time.
    mixed: bool,
    /// The end of the answer cut it.
    cut: bool,
    done: bool,
}

impl Item {
    /// How it ended.
    const fn status(&self) -> &'static str {
        if self.cut { "incomplete" } else { "completed" }
    }

    /// A call that may have been cut: its arguments are no whole value, or of a kind that shows no end.
    fn open(&self) -> bool {
        self.endless() || self.broken()
    }

    /// A call of plain text: nothing in it says that it is whole.
    const fn endless(&self) -> bool {
        matches!(self.kind, BlockKind::ToolCall { custom: true, .. })
    }

    /// A call whose arguments are no whole value.
    fn broken(&self) -> bool {
        matches!(self.kind, BlockKind::ToolCall { custom: false, .. })
            && serde_json::from_str::<IgnoredAny>(&self.text).is_err()
    }
}

/// Writes a stream.
pub(super) struct Stream {
    reply: Reply,
    /// What it says again of the request, read when it is first needed: an answer that goes on as it came needs none.
    asked: OnceCell<Map<String, Value>>,
    started: bool,
    sequence: u64,
    /// By our number.
    items: BTreeMap<usize, Item>,
    /// Calls that ended and may have been cut: what comes next tells.
    held: Vec<usize>,
    /// The item that something was said in last.
    last: Option<usize>,
    usage: Option<Usage>,
    service: Option<Service>,
    finish: Option<FinishReason>,
}

impl Stream {
    pub(super) fn new(reply: &Reply) -> Self {
        Self {
            reply: reply.clone(),
            asked: OnceCell::new(),
            started: false,
            sequence: 0,
            items: BTreeMap::new(),
            held: Vec::new(),
            last: None,
            usage: None,
            service: None,
            finish: None,
        }
    }

    fn send(&mut self, mut event: Value, out: &mut Vec<u8>) {
        event["sequence_number"] = json!(self.sequence);
        self.sequence += 1;
        named(&event, out);
    }

    fn start(&mut self, out: &mut Vec<u8>) {
        if !std::mem::replace(&mut self.started, true) {
            for kind in ["response.created", "response.in_progress"] {
                let response = self.response("in_progress");
                self.send(json!({ "type": kind, "response": response }), out);
            }
        }
    }

    fn status(&self) -> &'static str {
        // A refusal in words is a whole answer; what a filter took away is none.
        let refusal = |item: &Item| item.kind == BlockKind::Refusal;
        let filtered = self.finish == Some(FinishReason::Refused) && !self.items.values().any(refusal);
        if filtered || unfinished(self.finish.as_ref()) { "incomplete" } else { "completed" }
    }

    fn response(&self, status: &str) -> Value {
        let mut output: Vec<&Item> = self.items.values().filter(|item| item.done).collect();
        output.sort_by_key(|item| item.place);
        let output: Vec<Value> = output.into_iter().map(|item| spelled(item, item.status())).collect();
        let why = match (status, &self.finish) {
            ("incomplete", cut) if unfinished(cut.as_ref()) => json!({ "reason": "max_output_tokens" }),
            ("incomplete", _) => json!({ "reason": "content_filter" }),
            _ => Value::Null,
        };
        let mut response = json!({
            "id": self.reply.id, "object": "response", "created_at": self.reply.created, "status": status,
            "error": null, "incomplete_details": why, "instructions": null, "metadata": {}, "model": self.reply.model,
            "output": output, "parallel_tool_calls": true, "temperature": null, "tool_choice": "auto", "tools": [],
            "top_p": null, "store": false,
        });
        let asked = self.asked.get_or_init(|| serde_json::from_str(&self.reply.asked.said()).unwrap_or_default());
        for (name, value) in asked.iter().filter(|(_, value)| !value.is_null()) {
            response[name.as_str()] = value.clone();
        }
        if let Some(used) = self.usage.as_ref().filter(|_| status != "in_progress") {
            response["usage"] = usage(used);
        }
        if let Some(tier) = self.service.and_then(tier) {
            response["service_tier"] = json!(tier);
        }
        response
    }

    /// The item is announced, unless it was.
    fn begin(&mut self, index: usize, out: &mut Vec<u8>) {
        let Some(item) = self.items.get_mut(&index) else { return };
        if std::mem::replace(&mut item.begun, true) {
            return;
        }
        let mut spelled = spelled(item, "in_progress");
        match item.kind {
            BlockKind::Text | BlockKind::Refusal => spelled["content"] = json!([]),
            BlockKind::Thought => spelled["summary"] = json!([]),
            _ => {}
        }
        let event = json!({ "type": "response.output_item.added", "output_index": item.place, "item": spelled });
        self.send(event, out);
    }

    /// The item's one part is announced, unless it was.
    fn part(&mut self, index: usize, out: &mut Vec<u8>) {
        self.begin(index, out);
        let Some(item) = self.items.get_mut(&index) else { return };
        if std::mem::replace(&mut item.parted, true) {
            return;
        }
        let (id, place) = (&item.id, item.place);
        let event = match item.kind {
            BlockKind::Text => json!({ "type": "response.content_part.added", "item_id": id, "output_index": place,
                "content_index": 0, "part": { "type": "output_text", "text": "", "annotations": [] } }),
            BlockKind::Refusal => json!({ "type": "response.content_part.added", "item_id": id, "output_index": place,
                "content_index": 0, "part": { "type": "refusal", "refusal": "" } }),
            BlockKind::Thought => json!({ "type": "response.reasoning_summary_part.added", "item_id": id,
                "output_index": place, "summary_index": 0, "part": { "type": "summary_text", "text": "" } }),
            _ => return,
        };
        self.send(event, out);
    }

    fn piece(&mut self, index: usize, piece: &str, out: &mut Vec<u8>) {
        self.part(index, out);
        let Some(item) = self.items.get_mut(&index) else { return };
        item.text.push_str(piece);
        let mut event = json!({ "type": "", "item_id": item.id, "output_index": item.place, "delta": piece });
        let kind = match item.kind {
            BlockKind::Text => {
                event["content_index"] = json!(0);
                event["logprobs"] = json!([]);
                "response.output_text.delta"
            }
            BlockKind::Refusal => {
                event["content_index"] = json!(0);
                "response.refusal.delta"
            }
            BlockKind::Thought => {
                event["summary_index"] = json!(0);
                "response.reasoning_summary_text.delta"
            }
            BlockKind::ToolCall { custom: true, .. } => "response.custom_tool_call_input.delta",
            BlockKind::ToolCall { .. } => "response.function_call_arguments.delta",
            BlockKind::Image(_) | BlockKind::Opaque { .. } => return,
        };
        event["type"] = json!(kind);
        self.send(event, out);
    }

    /// The item ended: its whole is told again.
    fn done(&mut self, index: usize, out: &mut Vec<u8>) {
        if self.items.get(&index).is_none_or(|item| item.done) {
            return;
        }
        if self.items.get(&index).is_some_and(|item| worded(&item.kind)) {
            self.part(index, out);
        }
        self.begin(index, out);
        let called = |item: &Item| matches!(item.kind, BlockKind::ToolCall { custom: false, .. });
        if self.items.get(&index).is_some_and(|item| called(item) && !item.cut && item.text.trim().is_empty()) {
            // Callers parse what they were given, nothing too.
            self.piece(index, "{}", out);
        }
        let Some(item) = self.items.get_mut(&index) else { return };
        item.done = true;
        let (id, place, text) = (&item.id, item.place, &item.text);
        let mut events = match &item.kind {
            BlockKind::Text => {
                let part = json!({ "type": "output_text", "text": text, "annotations": item.notes });
                vec![
                    json!({ "type": "response.output_text.done", "item_id": id, "output_index": place,
                        "content_index": 0, "text": text, "logprobs": [] }),
                    json!({ "type": "response.content_part.done", "item_id": id, "output_index": place,
                        "content_index": 0, "part": part }),
                ]
            }
            BlockKind::Refusal => vec![
                json!({ "type": "response.refusal.done", "item_id": id, "output_index": place, "content_index": 0,
                    "refusal": text }),
                json!({ "type": "response.content_part.done", "item_id": id, "output_index": place,
                    "content_index": 0, "part": { "type": "refusal", "refusal": text } }),
            ],
            BlockKind::Thought if item.parted => vec![
                json!({ "type": "response.reasoning_summary_text.done", "item_id": id, "output_index": place,
                    "summary_index": 0, "text": text }),
                json!({ "type": "response.reasoning_summary_part.done", "item_id": id, "output_index": place,
                    "summary_index": 0, "part": { "type": "summary_text", "text": text } }),
            ],
            BlockKind::ToolCall { custom: true, .. } => vec![json!({ "type": "response.custom_tool_call_input.done",
                "item_id": id, "output_index": place, "input": text })],
            BlockKind::ToolCall { .. } => vec![json!({ "type": "response.function_call_arguments.done",
                "item_id": id, "output_index": place, "arguments": text })],
            _ => Vec::new(),
        };
        events.push(json!({ "type": "response.output_item.done", "output_index": place,
            "item": spelled(item, item.status()) }));
        events.into_iter().for_each(|event| self.send(event, out));
    }

    /// The model says something in this item: calls that ended before were not cut, whatever their arguments are.
    fn more(&mut self, index: usize, out: &mut Vec<u8>) {
        let left = self.last.replace(index);
        if left != Some(index) {
            if let Some(item) = left.and_then(|left| self.items.get_mut(&left)) {
                item.passed = true;
            }
            if let Some(item) = self.items.get_mut(&index) {
                item.mixed |= std::mem::take(&mut item.passed);
            }
            let held = std::mem::take(&mut self.held);
            held.into_iter().for_each(|at| self.done(at, out));
        }
    }

    /// Items that were left open end; a call that the end of the answer cut is none to be made.
    fn close(&mut self, out: &mut Vec<u8>) {
        self.start(out);
        let (cut, last) = (self.status() == "incomplete", self.last);
        for (index, item) in self.items.iter_mut().filter(|(_, item)| !item.done) {
            // What was gone on from is whole, unless several were told at a time.
            let whole = item.passed && !item.mixed;
            item.cut = cut && !whole && (item.broken() || item.endless() && last == Some(*index));
        }
        let open: Vec<usize> = self.items.iter().filter(|(_, item)| !item.done).map(|(index, _)| *index).collect();
        open.into_iter().for_each(|index| self.done(index, out));
    }
}

/// It is a message.
const fn worded(kind: &BlockKind) -> bool {
    matches!(kind, BlockKind::Text | BlockKind::Refusal)
}

/// The item as it is so far.
fn spelled(item: &Item, status: &str) -> Value {
    let id = &item.id;
    match &item.kind {
        BlockKind::Text | BlockKind::Refusal => {
            let part = match item.kind {
                BlockKind::Refusal => json!({ "type": "refusal", "refusal": item.text }),
                _ => json!({ "type": "output_text", "text": item.text, "annotations": item.notes, "logprobs": [] }),
            };
            let mut value =
                json!({ "id": id, "type": "message", "status": status, "role": "assistant", "content": [part] });
            if let Some(phase) = &item.about.phase {
                value["phase"] = json!(phase);
            }
            value
        }
        BlockKind::Thought => {
            let summary =
                if item.text.is_empty() { json!([]) } else { json!([{ "type": "summary_text", "text": item.text }]) };
            let mut value = json!({ "id": id, "type": "reasoning", "summary": summary });
            if let Some(seal) = &item.seal {
                value["encrypted_content"] = json!(format!("{OWN}{seal}"));
            }
            value
        }
        BlockKind::ToolCall { id: call, name, custom: true } => json!({ "id": id, "type": "custom_tool_call",
            "status": status, "call_id": call, "name": name, "input": item.text }),
        BlockKind::ToolCall { id: call, name, .. } => json!({ "id": id, "type": "function_call", "status": status,
            "call_id": call, "name": name, "arguments": item.text }),
        BlockKind::Image(source) => {
            let data = if let Source::Data { data, .. } = source { json!(data) } else { Value::Null };
            json!({ "id": id, "type": "image_generation_call", "status": status, "result": data })
        }
        BlockKind::Opaque { value, .. } => value.clone(),
    }
}

fn note(citation: &Citation) -> Option<Value> {
    if citation.dialect == Dialect::OpenAiResponses {
        return Some(citation.raw.clone());
    }
    let url = citation.url.as_ref()?;
    // Offsets of another dialect mean nothing here.
    Some(json!({ "type": "url_citation", "url": url, "title": citation.title.as_deref().unwrap_or_default(),
        "start_index": 0, "end_index": 0 }))
}

fn usage(used: &Usage) -> Value {
    let written = used.cache_write_short + used.cache_write_long;
    let mut details = json!({ "cached_tokens": used.cache_read, "cache_write_tokens": written });
    if written > 0 {
        details["cache_write_tokens_details"] =
            json!({ "ttl_30m_tokens": used.cache_write_short, "ttl_12h_tokens": used.cache_write_long });
    }
    // Both details are required here: where nobody counted, nothing was thought.
    json!({ "input_tokens": used.prompt(), "input_tokens_details": details, "output_tokens": used.output,
        "output_tokens_details": { "reasoning_tokens": used.reasoning.unwrap_or(0) }, "total_tokens": used.total() })
}

impl Writer for Stream {
    fn push(&mut self, event: &Event, out: &mut Vec<u8>) {
        match event {
            Event::Start { .. } => self.start(out),
            Event::BlockStart { index, kind } => {
                if matches!(kind, BlockKind::Opaque { dialect, .. } if *dialect != Dialect::OpenAiResponses) {
                    return;
                }
                self.start(out);
                let place = self.items.len();
                let short = self.reply.id.trim_start_matches("resp_");
                let head = match kind {
                    BlockKind::Text | BlockKind::Refusal => "msg",
                    BlockKind::Thought => "rs",
                    BlockKind::ToolCall { custom: true, .. } => "ctc",
                    BlockKind::ToolCall { .. } => "fc",
                    BlockKind::Image(_) => "ig",
                    BlockKind::Opaque { .. } => "item",
                };
                let item = Item {
                    kind: kind.clone(),
                    place,
                    id: format!("{head}_{short}_{place}"),
                    about: About::default(),
                    text: String::new(),
                    seal: None,
                    notes: Vec::new(),
                    begun: false,
                    parted: false,
                    passed: false,
                    mixed: false,
                    cut: false,
                    done: false,
                };
                self.items.insert(*index, item);
                // A thought may be a seal alone, which is told when all else is said.
                if *kind != BlockKind::Thought {
                    self.more(*index, out);
                }
                // What is said about a text stands in its announcement.
                if !worded(kind) {
                    self.begin(*index, out);
                }
            }
            Event::About { index, about } => {
                if let Some(item) = self.items.get_mut(index) {
                    item.about = about.clone();
                }
            }
            Event::Text { index, text: piece }
            | Event::Thought { index, text: piece }
            | Event::ToolInput { index, json: piece } => {
                self.more(*index, out);
                self.piece(*index, piece, out);
            }
            Event::Sealed { index, seal } => {
                if let Some(item) = self.items.get_mut(index) {
                    item.seal = Some(seal.clone());
                }
            }
            Event::Cited { index, citation } => {
                self.part(*index, out);
                if let (Some(note), Some(item)) = (note(citation), self.items.get_mut(index)) {
                    item.notes.push(note.clone());
                    let event = json!({ "type": "response.output_text.annotation.added", "item_id": item.id,
                        "output_index": item.place, "content_index": 0, "annotation_index": item.notes.len() - 1,
                        "annotation": note });
                    self.send(event, out);
                }
            }
            Event::BlockEnd { index } => match self.items.get(index) {
                Some(item) if item.open() => self.held.push(*index),
                _ => self.done(*index, out),
            },
            Event::Usage(used) => self.usage = Some(*used),
            Event::Served(service) => self.service = Some(*service),
            Event::Finish(reason) => self.finish = Some(reason.clone()),
            Event::Why { .. } | Event::Charged(_) => {}
        }
    }

    fn end(&mut self, out: &mut Vec<u8>) {
        self.close(out);
        let status = self.status();
        let response = self.response(status);
        self.send(json!({ "type": format!("response.{status}"), "response": response }), out);
    }

    fn passed(&mut self, frames: &[u8]) -> Option<Vec<u8>> {
        self.sequence = next(frames).unwrap_or(self.sequence);
        None
    }

    fn interrupt(&mut self, failure: &Failure, out: &mut Vec<u8>) {
        // Whoever wrote the answer has a word of its own for it.
        let word = |code: &&str| code.bytes().all(|b| b == b'_' || b.is_ascii_lowercase()) && code.len() <= 64;
        let own = failure.upstream.code.as_deref().filter(word);
        let code = own.unwrap_or_else(|| code(failure.kind));
        let told = json!({ "type": "error", "code": code, "message": failure.message, "param": null });
        self.send(told, out);
    }

    fn fail(&mut self, failure: &Failure, out: &mut Vec<u8>) {
        self.start(out);
        let mut response = self.response("failed");
        response["error"] = json!({ "code": code(failure.kind), "message": failure.message });
        response["incomplete_details"] = Value::Null;
        self.send(json!({ "type": "response.failed", "response": response }), out);
    }
}

/// A failure's code in a response.
const fn code(kind: Kind) -> &'static str {
    match kind {
        Kind::RateLimited | Kind::QuotaSpent => "rate_limit_exceeded",
        Kind::BadRequest | Kind::TooLong | Kind::Refused => "invalid_prompt",
        _ => "server_error",
    }
}

/// The number that follows the last one in these frames.
fn next(frames: &[u8]) -> Option<u64> {
    const NAME: &[u8] = b"\"sequence_number\":";
    let after = frames.get(memchr::memmem::rfind(frames, NAME)? + NAME.len()..)?.trim_ascii_start();
    let digits = after.iter().take_while(|byte| byte.is_ascii_digit()).count();
    std::str::from_utf8(after.get(..digits)?).ok()?.parse::<u64>().ok()?.checked_add(1)
}
