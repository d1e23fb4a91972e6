//! Reads answers, whole and streamed.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde_json::{Value, json};

use super::REDACTED;
use super::asked::citation;
use crate::model::{BlockKind, Dialect, Event, Failure, FinishReason, Service, Usage};
use crate::wire::emit::{Emit, Key};
use crate::wire::framed::Frames;
use crate::wire::json::{charged, count, error_value, items, parse, served, stated, text, truncated};

/// The events of a whole answer.
pub(super) fn whole(body: &[u8]) -> Result<Vec<Event>, Failure> {
    let value = parse(body)?;
    if value.get("content").and_then(Value::as_array).is_none() {
        // Some doors leave out the type of an error.
        return Err(if text(&value, "type") == "error" || value.get("error").is_some_and(|e| !e.is_null()) {
            stated(&error_value(&value))
        } else {
            Failure::unread("the answer holds no content")
        });
    }
    let (mut state, mut out) = (State::default(), Vec::new());
    state.emit.start(text(&value, "id"), text(&value, "model"), &mut out);
    for (place, block) in items(&value, "content").enumerate() {
        let place = place as u64;
        state.begin(place, block, &mut out);
        state.end(place, &mut out);
    }
    state.usage(value.get("usage").unwrap_or(&Value::Null), &mut out);
    state.why(&value, &mut out);
    out.extend(state.finish.take().map(Event::Finish));
    Ok(out)
}

#[derive(Default)]
pub(super) struct State {
    emit: Emit,
    usage: Usage,
    finish: Option<FinishReason>,
    done: bool,
    /// Blocks that only this dialect knows, and the pieces of their input.
    opaque: HashMap<u64, (Value, String)>,
    /// Calls of which no arguments came yet.
    bare: HashSet<u64>,
    /// Blocks that stood in the opening, by place: some doors tell a whole answer there.
    opening: BTreeMap<u64, Opened>,
}

/// A block that stood in the opening.
struct Opened {
    block: Value,
    /// No piece is added to it any more.
    over: bool,
    /// What of it came once more so far, where the stream began it anew.
    again: Option<String>,
}

impl Opened {
    /// What is new in a piece; `None` = nothing.
    fn fresh(&mut self, delta: &Value) -> Option<Value> {
        let (kind, field) = match text(delta, "type") {
            "text_delta" => ("text", "text"),
            "thinking_delta" => ("thinking", "thinking"),
            // Whole as it was, nothing is added to it.
            "signature_delta" if !text(&self.block, "signature").is_empty() => return None,
            "citations_delta" if items(&self.block, "citations").any(|told| delta.get("citation") == Some(told)) => {
                return None;
            }
            "input_json_delta" if self.block.get("input").and_then(Value::as_object).is_some_and(|i| !i.is_empty()) => {
                return None;
            }
            _ => return (!self.over).then(|| delta.clone()),
        };
        if self.over {
            return None;
        }
        let said = text(delta, field);
        let Some(again) = self.again.as_mut().filter(|_| text(&self.block, "type") == kind) else {
            return Some(delta.clone());
        };
        again.push_str(said);
        let told = text(&self.block, field);
        if told.starts_with(again.as_str()) {
            return None;
        }
        // It goes on from there, or it never was the same.
        let again = self.again.take().unwrap_or_default();
        let new = again.strip_prefix(told).unwrap_or(&again);
        Some(json!({ "type": text(delta, "type"), field: new }))
    }
}

/// A text or thought that says nothing yet.
fn empty(block: &Value) -> bool {
    let said = |field: &str| !text(block, field).is_empty();
    match text(block, "type") {
        "text" => !said("text") && items(block, "citations").len() == 0,
        "thinking" => !said("thinking") && !said("signature"),
        _ => false,
    }
}

impl State {
    /// A block begins, with what it holds already: all of it in a plain answer, usually nothing in a stream.
    fn begin(&mut self, place: u64, block: &Value, out: &mut Vec<Event>) {
        let key = Key::Number(place);
        let kind = match text(block, "type") {
            "text" => BlockKind::Text,
            "thinking" | "redacted_thinking" => BlockKind::Thought,
            "tool_use" => BlockKind::ToolCall {
                id: text(block, "id").to_owned(),
                name: text(block, "name").to_owned(),
                custom: false,
            },
            _ => {
                // Its pieces are put together before it is told, because it must be sent back as it was.
                self.opaque.insert(place, (block.clone(), String::new()));
                return;
            }
        };
        let index = self.emit.open(key, kind, out);
        let push = |t: &str, make: fn(usize, String) -> Event, out: &mut Vec<Event>| {
            if !t.is_empty() {
                out.push(make(index, t.to_owned()));
            }
        };
        if text(block, "type") == "redacted_thinking" {
            let data = text(block, "data");
            push(&format!("{REDACTED}{data}"), |index, seal| Event::Sealed { index, seal }, out);
        }
        push(text(block, "text"), |index, text| Event::Text { index, text }, out);
        push(text(block, "thinking"), |index, text| Event::Thought { index, text }, out);
        push(text(block, "signature"), |index, seal| Event::Sealed { index, seal }, out);
        out.extend(items(block, "citations").map(|raw| Event::Cited { index, citation: citation(raw) }));
        if let Some(input) = block.get("input").and_then(Value::as_object).filter(|i| !i.is_empty()) {
            push(&json!(input).to_string(), |index, json| Event::ToolInput { index, json }, out);
        } else if text(block, "type") == "tool_use" {
            self.bare.insert(place);
        }
    }

    /// What stands in the opening. Empty blocks there say nothing: the stream begins them.
    fn open(&mut self, message: &Value, out: &mut Vec<Event>) {
        let said: Vec<(u64, &Value)> =
            (0..).zip(items(message, "content")).filter(|(_, block)| !empty(block)).collect();
        let last = said.last().map(|(place, _)| *place);
        for (place, block) in said {
            self.begin(place, block, out);
            // The last may be gone on from.
            let over = Some(place) != last;
            if over {
                self.end(place, out);
            }
            self.opening.insert(place, Opened { block: block.clone(), over, again: None });
        }
    }

    /// A block begins in the stream; one that stood in the opening already is not told twice.
    fn start(&mut self, place: u64, block: &Value, out: &mut Vec<Event>) {
        match self.opening.get_mut(&place) {
            Some(opened) if text(&opened.block, "type") == text(block, "type") => {
                // Begun empty, its pieces may come once more.
                opened.again = empty(block).then(String::new);
            }
            known => {
                if known.is_some() {
                    self.end(place, out);
                    self.opening.remove(&place);
                }
                self.begin(place, block, out);
            }
        }
    }

    /// A block is over; what stood in the opening is not begun again.
    fn stop(&mut self, place: u64, out: &mut Vec<Event>) {
        self.opening.get_mut(&place).into_iter().for_each(|opened| opened.over = true);
        self.end(place, out);
    }

    fn piece(&mut self, place: u64, delta: &Value, out: &mut Vec<Event>) {
        let fresh = match self.opening.get_mut(&place) {
            Some(opened) => match opened.fresh(delta) {
                Some(fresh) => Some(fresh),
                None => return,
            },
            None => None,
        };
        let delta = fresh.as_ref().unwrap_or(delta);
        if let Some((_, input)) = self.opaque.get_mut(&place) {
            // Tools that the provider runs itself stream their input like others.
            input.push_str(text(delta, "partial_json"));
            return;
        }
        let key = Key::Number(place);
        let index = match (self.emit.find(&key), text(delta, "type")) {
            (Some(index), _) => index,
            // Some doors begin no block; what a call is called nobody knows then.
            (None, "text_delta") => self.emit.open(key, BlockKind::Text, out),
            (None, "thinking_delta") => self.emit.open(key, BlockKind::Thought, out),
            (None, _) => return,
        };
        let (piece, make): (&str, fn(usize, String) -> Event) = match text(delta, "type") {
            "text_delta" => (text(delta, "text"), |index, text| Event::Text { index, text }),
            "thinking_delta" => (text(delta, "thinking"), |index, text| Event::Thought { index, text }),
            "input_json_delta" => {
                if !text(delta, "partial_json").is_empty() {
                    self.bare.remove(&place);
                }
                (text(delta, "partial_json"), |index, json| Event::ToolInput { index, json })
            }
            "signature_delta" => (text(delta, "signature"), |index, seal| Event::Sealed { index, seal }),
            "citations_delta" => {
                out.extend(delta.get("citation").map(|raw| Event::Cited { index, citation: citation(raw) }));
                return;
            }
            _ => return,
        };
        // Empty pieces are frequent and say nothing.
        if !piece.is_empty() {
            out.push(make(index, piece.to_owned()));
        }
    }

    fn end(&mut self, place: u64, out: &mut Vec<Event>) {
        if let Some((mut value, input)) = self.opaque.remove(&place) {
            let input = serde_json::from_str::<Value>(&input).ok().filter(|_| !input.is_empty());
            // A block may be anything that JSON knows.
            if let (Some(input), Some(block)) = (input, value.as_object_mut()) {
                block.insert("input".to_owned(), input);
            }
            self.emit.opaque(Dialect::AnthropicMessages, &value, out);
        }
        // A call without arguments streams none; elsewhere they are an empty object.
        if let Some(index) = self.emit.find(&Key::Number(place)).filter(|_| self.bare.remove(&place)) {
            out.push(Event::ToolInput { index, json: "{}".to_owned() });
        }
        self.emit.close(&Key::Number(place), out);
    }

    /// Why it stopped; `value` holds `stop_reason` and what belongs to it.
    fn why(&mut self, value: &Value, out: &mut Vec<Event>) {
        if let Some(reason) = value.get("stop_reason").and_then(Value::as_str) {
            self.finish = Some(finish(reason, value));
        }
        if let Some(details) = value.get("stop_details").filter(|d| d.is_object()) {
            let (code, said) = (text(details, "category"), text(details, "explanation"));
            if !code.is_empty() || !said.is_empty() {
                out.push(Event::Why { code: code.to_owned(), text: said.to_owned() });
            }
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

    fn event(&mut self, name: &str, value: &Value, out: &mut Vec<Event>) -> Result<(), Failure> {
        let place = count(value, "index").unwrap_or(0);
        // Some doors say the type in the event's name alone.
        let kind = Some(text(value, "type")).filter(|t| !t.is_empty()).unwrap_or(name);
        match kind {
            "message_start" => {
                let message = value.get("message").unwrap_or(&Value::Null);
                self.emit.start(text(message, "id"), text(message, "model"), out);
                self.usage(message.get("usage").unwrap_or(&Value::Null), out);
                self.open(message, out);
                self.why(message, out);
            }
            "content_block_start" => self.start(place, value.get("content_block").unwrap_or(&Value::Null), out),
            "content_block_delta" => self.piece(place, value.get("delta").unwrap_or(&Value::Null), out),
            "content_block_stop" => self.stop(place, out),
            "message_delta" => {
                self.why(value.get("delta").unwrap_or(&Value::Null), out);
                self.usage(value.get("usage").unwrap_or(&Value::Null), out);
            }
            "message_stop" => {
                self.done = true;
                std::mem::take(&mut self.opening).into_keys().for_each(|place| self.end(place, out));
                self.emit.close_all(out);
                out.extend(self.finish.take().map(Event::Finish));
            }
            "error" => return Err(stated(&error_value(value))),
            "" if value.get("error").is_some_and(|e| !e.is_null()) => return Err(stated(&error_value(value))),
            _ => {}
        }
        Ok(())
    }
}

fn finish(reason: &str, value: &Value) -> FinishReason {
    match reason {
        "end_turn" => FinishReason::Stop,
        "stop_sequence" => {
            FinishReason::StopSequence(value.get("stop_sequence").and_then(Value::as_str).map(str::to_owned))
        }
        "max_tokens" | "model_context_window_exceeded" => FinishReason::Length,
        "tool_use" => FinishReason::ToolCalls,
        "refusal" => FinishReason::Refused,
        "pause_turn" => FinishReason::Pause(None),
        other => FinishReason::Other(other.to_owned()),
    }
}

impl Frames for State {
    fn frame(&mut self, name: &str, data: &str, out: &mut Vec<Event>) -> Result<(), Failure> {
        // Doors of other providers end with OpenAI's mark.
        if data == "[DONE]" || self.done { Ok(()) } else { self.event(name, &parse(data.as_bytes())?, out) }
    }

    fn over(&mut self, _: &mut Vec<Event>) -> Result<(), Failure> {
        if self.done { Ok(()) } else { Err(truncated()) }
    }

    fn done(&self) -> bool {
        self.done
    }
}
