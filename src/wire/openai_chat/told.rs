//! Writes answers, whole and streamed.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value, json};

use crate::model::{Block, BlockKind, Citation, Dialect, Event, Failure, FinishReason, Service, Usage};
use crate::wire::file::to_url;
use crate::wire::json::spelled;
use crate::wire::reply::{data, error, unfinished, written};
use crate::wire::{Fold, Reply, Writer};

/// The format of thoughts that a caller may bring back, seals and all, in the shape that routers gave it
/// (translation.md, "Reasoning").
pub(super) const OWN: &str = "monster";

/// A whole answer.
pub(super) fn whole(events: &[Event], reply: &Reply) -> Vec<u8> {
    let mut fold = Fold::default();
    events.iter().for_each(|event| fold.push(event));
    let (mut said, mut refusal, mut thought) = (String::new(), String::new(), String::new());
    let (mut details, mut calls, mut images, mut notes, mut parts) = (vec![], vec![], vec![], vec![], vec![]);
    for block in fold.message(None).blocks {
        match block {
            Block::Text(text) => said.push_str(&text),
            Block::Refusal(text) => refusal.push_str(&text),
            Block::Thought { text, seal, .. } => {
                thought.push_str(&text);
                details.extend(self::details(&text, seal.as_deref(), details.len()));
            }
            Block::ToolCall { id, name, input, custom, seal } => {
                let mut call = opening(&id, &name, custom);
                match custom {
                    true => call["custom"]["input"] = json!(input),
                    // Callers parse it, nothing too.
                    false => call["function"]["arguments"] = json!(spelled(&input)),
                }
                if let Some(seal) = seal {
                    call["extra_content"] = json!({ "google": { "thought_signature": seal.text } });
                }
                calls.push(call);
            }
            Block::Image { source, .. } => images.extend(to_url(&source).map(image)),
            Block::Cited(citation) => notes.extend(note(&citation)),
            Block::Opaque { dialect: Dialect::OpenAiChat, value, .. } => parts.push(value),
            _ => {}
        }
    }
    let refused = !refusal.is_empty();
    let wordless = said.is_empty() && (refused || !calls.is_empty() || !images.is_empty());
    let mut content = if wordless { Value::Null } else { json!(said) };
    if !parts.is_empty() {
        parts.insert(0, json!({ "type": "text", "text": said }));
        content = Value::Array(parts);
    }
    let mut message = Map::new();
    message.insert("role".into(), json!("assistant"));
    message.insert("content".into(), content);
    message.insert("refusal".into(), if refused { json!(refusal) } else { Value::Null });
    if !thought.is_empty() {
        message.insert("reasoning_content".into(), json!(thought));
    }
    for (name, list) in
        [("reasoning_details", details), ("images", images), ("annotations", notes), ("tool_calls", calls)]
    {
        if !list.is_empty() {
            message.insert(name.into(), Value::Array(list));
        }
    }
    let mut value = json!({ "id": reply.id, "object": "chat.completion", "created": reply.created, "model": reply.model,
        "choices": [{ "index": 0, "message": message, "logprobs": null, "finish_reason": finish(fold.finish.as_ref(), refused) }] });
    if let Some(used) = &fold.usage {
        value["usage"] = usage(used);
    }
    if let Some(tier) = fold.service.and_then(tier) {
        value["service_tier"] = json!(tier);
    }
    written(&value)
}

/// OpenAI's word for a tier.
pub(in crate::wire) const fn tier(service: Service) -> Option<&'static str> {
    match service {
        Service::Standard => Some("default"),
        Service::Flex => Some("flex"),
        Service::Priority => Some("priority"),
        Service::Batch | Service::Fast | Service::Other => None,
    }
}

/// What `refused` in words has come to its end: clients take a filter's word for an answer that was taken away.
fn finish(reason: Option<&FinishReason>, refused: bool) -> &'static str {
    match reason {
        cut if unfinished(cut) => "length",
        Some(FinishReason::ToolCalls) => "tool_calls",
        Some(FinishReason::Refused) if !refused => "content_filter",
        _ => "stop",
    }
}

/// Counts; cached parts are part of the prompt here.
pub(in crate::wire) fn usage(used: &Usage) -> Value {
    let written = used.cache_write_short + used.cache_write_long;
    let mut prompt = json!({ "cached_tokens": used.cache_read });
    if written > 0 {
        prompt["cache_write_tokens"] = json!(written);
        prompt["cache_write_tokens_details"] =
            json!({ "ttl_30m_tokens": used.cache_write_short, "ttl_12h_tokens": used.cache_write_long });
    }
    let mut value = json!({ "prompt_tokens": used.prompt(), "completion_tokens": used.output,
        "total_tokens": used.total(), "prompt_tokens_details": prompt });
    if let Some(thought) = used.reasoning {
        value["completion_tokens_details"] = json!({ "reasoning_tokens": thought });
    }
    value
}

fn opening(id: &str, name: &str, custom: bool) -> Value {
    if custom {
        json!({ "id": id, "type": "custom", "custom": { "name": name, "input": "" } })
    } else {
        json!({ "id": id, "type": "function", "function": { "name": name, "arguments": "" } })
    }
}

fn image(url: String) -> Value {
    json!({ "type": "image_url", "image_url": { "url": url } })
}

/// What a caller brings back with a thought: a router's own details as they came, every other seal in ours.
fn details(text: &str, seal: Option<&str>, index: usize) -> Vec<Value> {
    match seal {
        None => Vec::new(),
        Some(seal) => serde_json::from_str::<Vec<Value>>(seal).unwrap_or_else(|_| {
            vec![json!({ "type": "reasoning.text", "text": text, "signature": seal, "format": OWN, "index": index })]
        }),
    }
}

fn note(citation: &Citation) -> Option<Value> {
    if citation.dialect == Dialect::OpenAiChat {
        return Some(citation.raw.clone());
    }
    let url = citation.url.as_ref()?;
    // Offsets of another dialect mean nothing here.
    Some(json!({ "type": "url_citation", "url_citation": { "url": url,
        "title": citation.title.as_deref().unwrap_or_default(), "start_index": 0, "end_index": 0 } }))
}

/// A call that is being told.
struct Call {
    number: usize,
    custom: bool,
    /// It was given something, or ended.
    filled: bool,
}

/// Writes a stream.
pub(super) struct Stream {
    reply: Reply,
    started: bool,
    /// It holds more than thoughts.
    answered: bool,
    /// Calls by our number of their blocks.
    calls: HashMap<usize, Call>,
    /// Thoughts by our number of their blocks: a seal goes out with the text it seals.
    thoughts: HashMap<usize, String>,
    /// Blocks that hold a refusal.
    refusals: HashSet<usize>,
    sealed: usize,
    usage: Option<Usage>,
    service: Option<Service>,
    finish: Option<FinishReason>,
}

impl Stream {
    pub(super) fn new(reply: &Reply) -> Self {
        Self {
            reply: reply.clone(),
            started: false,
            answered: false,
            calls: HashMap::new(),
            thoughts: HashMap::new(),
            refusals: HashSet::new(),
            sealed: 0,
            usage: None,
            service: None,
            finish: None,
        }
    }

    fn chunk(&self, choices: Value) -> Value {
        let mut value = json!({ "id": self.reply.id, "object": "chat.completion.chunk",
            "created": self.reply.created, "model": self.reply.model, "choices": choices });
        if self.reply.usage {
            value["usage"] = Value::Null;
        }
        value
    }

    fn delta(&mut self, delta: &Value, out: &mut Vec<u8>) {
        if !std::mem::replace(&mut self.started, true) {
            // Clients add up what comes: what has no content may never get one.
            let content = if delta.get("content").is_some() { json!("") } else { Value::Null };
            self.say(&json!({ "role": "assistant", "content": content }), None, out);
        }
        self.answered |= ["content", "refusal", "tool_calls", "images"].iter().any(|name| delta.get(*name).is_some());
        self.say(delta, None, out);
    }

    fn say(&self, delta: &Value, finish: Option<&str>, out: &mut Vec<u8>) {
        data(&self.chunk(json!([{ "index": 0, "delta": delta, "logprobs": null, "finish_reason": finish }])), out);
    }

    /// A call that ends with nothing is given an empty object: callers parse what they were given.
    fn fill(&mut self, index: usize, out: &mut Vec<u8>) {
        if let Some(call) = self.calls.get_mut(&index).filter(|call| !call.filled) {
            call.filled = true;
            let call = json!({ "index": call.number, "function": { "arguments": "{}" } });
            self.delta(&json!({ "tool_calls": [call] }), out);
        }
    }

    fn begin(&mut self, index: usize, kind: &BlockKind, out: &mut Vec<u8>) {
        match kind {
            BlockKind::ToolCall { id, name, custom } => {
                let number = self.calls.len();
                self.calls.insert(index, Call { number, custom: *custom, filled: *custom });
                let mut call = opening(id, name, *custom);
                call["index"] = json!(number);
                self.delta(&json!({ "tool_calls": [call] }), out);
            }
            BlockKind::Image(source) => {
                if let Some(url) = to_url(source) {
                    self.delta(&json!({ "images": [image(url)] }), out);
                }
            }
            BlockKind::Opaque { dialect: Dialect::OpenAiChat, value } => {
                self.delta(&json!({ "content": [value] }), out)
            }
            BlockKind::Thought => drop(self.thoughts.insert(index, String::new())),
            BlockKind::Refusal => drop(self.refusals.insert(index)),
            BlockKind::Opaque { .. } | BlockKind::Text => {}
        }
    }
}

impl Writer for Stream {
    fn push(&mut self, event: &Event, out: &mut Vec<u8>) {
        match event {
            Event::BlockStart { index, kind } => self.begin(*index, kind, out),
            Event::Text { index, text } => {
                let field = if self.refusals.contains(index) { "refusal" } else { "content" };
                self.delta(&json!({ field: text }), out);
            }
            Event::Thought { index, text } => {
                self.thoughts.entry(*index).or_default().push_str(text);
                self.delta(&json!({ "reasoning_content": text }), out);
            }
            Event::Sealed { index, seal } => match self.calls.get(index) {
                Some(call) => {
                    let seal = json!({ "google": { "thought_signature": seal } });
                    let call = json!({ "index": call.number, "function": { "arguments": "" }, "extra_content": seal });
                    self.delta(&json!({ "tool_calls": [call] }), out);
                }
                None => {
                    let details = details(self.thoughts.get(index).map_or("", String::as_str), Some(seal), self.sealed);
                    self.sealed += 1;
                    self.delta(&json!({ "reasoning_details": details }), out);
                }
            },
            Event::ToolInput { index, json: piece } => {
                if let Some(call) = self.calls.get_mut(index) {
                    call.filled |= !piece.trim().is_empty();
                    let inner = if call.custom { json!({ "input": piece }) } else { json!({ "arguments": piece }) };
                    let kind = if call.custom { "custom" } else { "function" };
                    let call = json!({ "index": call.number, kind: inner });
                    self.delta(&json!({ "tool_calls": [call] }), out);
                }
            }
            Event::Cited { citation, .. } => {
                if let Some(note) = note(citation) {
                    self.delta(&json!({ "annotations": [note] }), out);
                }
            }
            Event::BlockEnd { index } => {
                self.thoughts.remove(index);
                self.fill(*index, out);
            }
            Event::Usage(used) => self.usage = Some(*used),
            Event::Served(service) => self.service = Some(*service),
            Event::Finish(reason) => self.finish = Some(reason.clone()),
            Event::Start { .. } | Event::About { .. } | Event::Why { .. } | Event::Charged(_) => {}
        }
    }

    fn end(&mut self, out: &mut Vec<u8>) {
        if !std::mem::replace(&mut self.started, true) {
            self.say(&json!({ "role": "assistant", "content": "" }), None, out);
            self.answered = true;
        }
        // Calls that were never ended.
        let mut open: Vec<usize> = self.calls.keys().copied().collect();
        open.sort_unstable();
        open.into_iter().for_each(|index| self.fill(index, out));
        let tier = self.service.and_then(tier);
        let reason = finish(self.finish.as_ref(), !self.refusals.is_empty());
        // An answer without a word is an empty one.
        let delta = if self.answered { json!({}) } else { json!({ "content": "" }) };
        let mut last = self.chunk(json!([{ "index": 0, "delta": delta, "logprobs": null, "finish_reason": reason }]));
        if let Some(tier) = tier {
            last["service_tier"] = json!(tier);
        }
        data(&last, out);
        if let Some(used) = self.usage.as_ref().filter(|_| self.reply.usage) {
            let mut counts = self.chunk(json!([]));
            counts["usage"] = usage(used);
            data(&counts, out);
        }
        out.extend_from_slice(b"data: [DONE]\n\n");
    }

    fn fail(&mut self, failure: &Failure, out: &mut Vec<u8>) {
        data(&error(Dialect::OpenAiChat, failure), out);
    }
}
