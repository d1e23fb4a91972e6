//! Reads answers, whole and streamed.

use std::collections::{HashMap, HashSet};

use serde_json::{Value, json};

use super::REDACTED;
use super::asked::citation;
use super::opening::Opening;
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
    state.settle(state.cut(), &mut out);
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
    /// The one of them that is over: what comes next tells whether it has none, or was cut before the first.
    hung: Option<u64>,
    opening: Opening,
}

impl State {
    /// A block begins, with what it holds already: all of it in a plain answer, usually nothing in a stream.
    fn begin(&mut self, place: u64, block: &Value, out: &mut Vec<Event>) {
        self.settle(false, out);
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

    /// What stood in the opening before this place is over, and what stands there has its turn.
    fn reach(&mut self, place: u64, out: &mut Vec<Event>) {
        while let Some((at, step)) = self.opening.step(place) {
            if let Some(block) = &step.begins {
                self.begin(at, block, out);
            }
            if step.ends {
                self.end(at, out);
            }
        }
    }

    /// A block begins in the stream; one that stood in the opening already is not told twice.
    fn start(&mut self, place: u64, block: &Value, out: &mut Vec<Event>) {
        self.reach(place, out);
        let stood = self.opening.stood(place);
        match self.opening.anew(place, block) {
            Some(fresh) => {
                if let Some((known, _)) = self.opaque.get_mut(&place).filter(|_| fresh.whole) {
                    known.clone_from(block);
                }
                fresh.deltas.iter().for_each(|delta| self.add(place, delta, out));
            }
            None => {
                if stood {
                    self.end(place, out);
                }
                self.begin(place, block, out);
            }
        }
    }

    /// A block is over; what stood in the opening is not begun again.
    fn stop(&mut self, place: u64, out: &mut Vec<Event>) {
        self.reach(place, out);
        self.opening.over(place);
        self.end(place, out);
    }

    fn piece(&mut self, place: u64, delta: &Value, out: &mut Vec<Event>) {
        self.reach(place, out);
        if let Some(delta) = self.opening.fresh(place, delta) {
            self.add(place, &delta, out);
        }
    }

    /// Something new is added to a block.
    fn add(&mut self, place: u64, delta: &Value, out: &mut Vec<Event>) {
        if let Some((_, input)) = self.opaque.get_mut(&place) {
            // Tools that the provider runs itself stream their input like others.
            input.push_str(text(delta, "partial_json"));
            return;
        }
        let key = Key::Number(place);
        let index = match (self.emit.find(&key), text(delta, "type")) {
            (Some(index), _) => index,
            // Some doors begin no block; what a call is called nobody knows then.
            (None, kind @ ("text_delta" | "thinking_delta")) => {
                self.settle(false, out);
                let kind = if kind == "text_delta" { BlockKind::Text } else { BlockKind::Thought };
                self.emit.open(key, kind, out)
            }
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
        let key = Key::Number(place);
        if self.bare.contains(&place) && self.emit.find(&key).is_some() {
            if self.hung != Some(place) {
                self.settle(false, out);
            }
            self.hung = Some(place);
        } else {
            self.emit.close(&key, out);
        }
    }

    /// A call without arguments streams none; elsewhere they are an empty object. One that was cut before them has none.
    fn settle(&mut self, cut: bool, out: &mut Vec<Event>) {
        let Some(place) = self.hung.take() else { return };
        let key = Key::Number(place);
        if let Some(index) = self.emit.find(&key).filter(|_| self.bare.remove(&place) && !cut) {
            out.push(Event::ToolInput { index, json: "{}".to_owned() });
        }
        self.emit.close(&key, out);
    }

    /// No block comes any more.
    fn rest(&mut self, out: &mut Vec<Event>) {
        self.reach(u64::MAX, out);
        self.settle(self.cut(), out);
    }

    /// The model was stopped in the middle of what it said.
    const fn cut(&self) -> bool {
        matches!(self.finish, Some(FinishReason::Length | FinishReason::Refused))
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
                self.opening = Opening::of(message);
                self.reach(0, out);
                self.why(message, out);
            }
            "content_block_start" => self.start(place, value.get("content_block").unwrap_or(&Value::Null), out),
            "content_block_delta" => self.piece(place, value.get("delta").unwrap_or(&Value::Null), out),
            "content_block_stop" => self.stop(place, out),
            "message_delta" => {
                let delta = value.get("delta").unwrap_or(&Value::Null);
                self.why(delta, out);
                if !text(delta, "stop_reason").is_empty() {
                    self.rest(out);
                }
                self.usage(value.get("usage").unwrap_or(&Value::Null), out);
            }
            "message_stop" => {
                self.done = true;
                self.rest(out);
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
