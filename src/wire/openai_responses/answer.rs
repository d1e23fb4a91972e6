//! Reads answers, whole and streamed.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::OWN;
use crate::model::{About, BlockKind, Citation, Dialect, Event, Failure, FinishReason, Kind, Scope, Source};
use crate::wire::emit::{Emit, Key};
use crate::wire::framed::Frames;
use crate::wire::json::{charged, count, error_value, items, parse, served, stated, text, truncated};
use crate::wire::openai_chat::read_usage;

/// The events of a whole answer.
pub(super) fn whole(body: &[u8]) -> Result<Vec<Event>, Failure> {
    let value = parse(body)?;
    if value.get("output").is_none() {
        return Err(match value.get("error").filter(|e| !e.is_null()) {
            Some(_) => stated(&error_value(&value)),
            None => Failure::unread("the answer holds no output"),
        });
    }
    let mut state = State::default();
    let mut out = Vec::new();
    state.emit.start(text(&value, "id"), text(&value, "model"), &mut out);
    for (place, item) in items(&value, "output").enumerate() {
        state.whole(place as u64, item, &mut out);
    }
    state.last(&value, &mut out)?;
    Ok(out)
}

fn about(item: &Value) -> About {
    let known = |key: &str| item.get(key).and_then(Value::as_str).filter(|t| !t.is_empty()).map(str::to_owned);
    About { name: None, phase: known("phase"), id: known("id") }
}

/// A note on a text.
pub(super) fn citation(raw: &Value) -> Citation {
    crate::wire::openai_chat::citation(Dialect::OpenAiResponses, raw)
}

#[derive(Default)]
pub(super) struct State {
    emit: Emit,
    /// Places of items of which pieces have come.
    heard: HashSet<u64>,
    /// Messages of which nothing has come yet, by place.
    heads: HashMap<u64, Value>,
    /// Places of messages whose phase was told when they began.
    phased: HashSet<u64>,
    called: bool,
    refused: bool,
    done: bool,
}

/// Stands between two parts of one thought.
const BREAK: &str = "\n\n";

impl State {
    /// A whole output item.
    fn whole(&mut self, place: u64, item: &Value, out: &mut Vec<Event>) {
        let key = Key::Number(place);
        match text(item, "type") {
            "message" => {
                for part in items(item, "content") {
                    let refusal = text(part, "type") == "refusal";
                    let said = text(part, if refusal { "refusal" } else { "text" });
                    if !said.is_empty() {
                        let index = self.text(place, item, refusal, out);
                        out.push(Event::Text { index, text: said.to_owned() });
                        out.extend(
                            items(part, "annotations").map(|raw| Event::Cited { index, citation: citation(raw) }),
                        );
                    }
                }
                self.emit.close(&key, out);
                self.emit.close(&Key::Refusal, out);
            }
            "reasoning" => {
                let index = self.emit.open(key.clone(), BlockKind::Thought, out);
                let parts = items(item, "summary").chain(items(item, "content")).map(|part| text(part, "text"));
                for (number, part) in parts.filter(|part| !part.is_empty()).enumerate() {
                    let gap = if number == 0 { "" } else { BREAK };
                    out.push(Event::Thought { index, text: format!("{gap}{part}") });
                }
                self.seal(index, item, out);
                self.emit.close(&key, out);
            }
            "function_call" | "custom_tool_call" => {
                self.called = true;
                let input = [text(item, "arguments"), text(item, "input")]
                    .into_iter()
                    .find(|t| !t.is_empty())
                    .unwrap_or_default();
                let custom = text(item, "type") == "custom_tool_call";
                self.emit.call(key, [text(item, "call_id"), text(item, "name")], input, custom, out);
            }
            "image_generation_call" if !text(item, "result").is_empty() => {
                let kind =
                    format!("image/{}", Some(text(item, "output_format")).filter(|f| !f.is_empty()).unwrap_or("png"));
                self.emit.whole(BlockKind::Image(Source::data(kind, text(item, "result"))), out);
            }
            _ => self.emit.opaque(Dialect::OpenAiResponses, item, out),
        }
    }

    /// A text block or a refusal, with what is said about its item; of the two, one is open at a time.
    fn text(&mut self, place: u64, item: &Value, refusal: bool, out: &mut Vec<Event>) -> usize {
        self.refused |= refusal;
        let (key, other, kind) = match refusal {
            true => (Key::Refusal, Key::Number(place), BlockKind::Refusal),
            false => (Key::Number(place), Key::Refusal, BlockKind::Text),
        };
        self.emit.close(&other, out);
        if let Some(index) = self.emit.find(&key) {
            return index;
        }
        let index = self.emit.open(key, kind, out);
        let about = about(item);
        if !about.is_empty() {
            out.push(Event::About { index, about });
        }
        index
    }

    fn seal(&self, index: usize, item: &Value, out: &mut Vec<Event>) {
        let content = text(item, "encrypted_content");
        if !content.is_empty() {
            let seal = match content.strip_prefix(OWN) {
                // Another monster passed it on: it is somebody else's.
                Some(own) => own.to_owned(),
                None => format!("{}\n{content}", text(item, "id")),
            };
            out.push(Event::Sealed { index, seal });
        }
    }

    /// The response object that ends an answer.
    fn last(&mut self, response: &Value, out: &mut Vec<Event>) -> Result<(), Failure> {
        self.done = true;
        out.extend(served(response, "service_tier"));
        if let Some(usage) = response.get("usage").filter(|u| u.is_object()) {
            out.push(Event::Usage(read_usage(usage)));
            out.extend(charged(usage).map(Event::Charged));
        }
        self.emit.close_all(out);
        let why = response.pointer("/incomplete_details/reason").and_then(Value::as_str).unwrap_or_default();
        let reason = match text(response, "status") {
            "failed" => return Err(stated(&error_value(response))),
            "cancelled" => return Err(Failure::new(Kind::Broken, Scope::Model, "the provider cancelled the answer")),
            "incomplete" if why == "max_output_tokens" => FinishReason::Length,
            "incomplete" if why == "content_filter" => FinishReason::Refused,
            "incomplete" => FinishReason::Other(why.to_owned()),
            _ if self.refused => FinishReason::Refused,
            _ if self.called => FinishReason::ToolCalls,
            _ => FinishReason::Stop,
        };
        out.push(Event::Finish(reason));
        Ok(())
    }

    fn event(&mut self, name: &str, value: &Value, out: &mut Vec<Event>) -> Result<(), Failure> {
        // Some doors say the type in the event's name alone.
        let kind = Some(text(value, "type")).filter(|t| !t.is_empty()).unwrap_or(name);
        let number = count(value, "output_index").unwrap_or(0);
        let place = Key::Number(number);
        let delta = text(value, "delta");
        match kind {
            "response.created" | "response.in_progress" | "response.queued" => {
                let response = value.get("response").unwrap_or(&Value::Null);
                self.emit.start(text(response, "id"), text(response, "model"), out);
            }
            "response.output_item.added" => {
                let item = value.get("item").unwrap_or(&Value::Null);
                match text(item, "type") {
                    "function_call" | "custom_tool_call" => {
                        self.called = true;
                        let kind = BlockKind::ToolCall {
                            id: text(item, "call_id").to_owned(),
                            name: text(item, "name").to_owned(),
                            custom: text(item, "type") == "custom_tool_call",
                        };
                        self.emit.open(place, kind, out);
                    }
                    "reasoning" => {
                        self.emit.open(place, BlockKind::Thought, out);
                    }
                    // It is opened by its first words.
                    "message" => drop(self.heads.insert(number, item.clone())),
                    _ => {}
                }
            }
            // Some doors give a text whole.
            "response.output_text.done" | "response.refusal.done" if !self.heard.contains(&number) => {
                let refusal = kind == "response.refusal.done";
                let said = text(value, if refusal { "refusal" } else { "text" });
                if !said.is_empty() {
                    self.heard.insert(number);
                    let head = self.heads.remove(&number).unwrap_or_default();
                    let index = self.text(number, &head, refusal, out);
                    out.push(Event::Text { index, text: said.to_owned() });
                }
            }
            "response.output_text.delta" | "response.refusal.delta" if !delta.is_empty() => {
                self.heard.insert(number);
                let head = self.heads.remove(&number).unwrap_or_default();
                if !text(&head, "phase").is_empty() {
                    self.phased.insert(number);
                }
                let index = self.text(number, &head, kind == "response.refusal.delta", out);
                out.push(Event::Text { index, text: delta.to_owned() });
            }
            "response.reasoning_summary_text.delta" | "response.reasoning_text.delta" if !delta.is_empty() => {
                self.heard.insert(number);
                let index = self.emit.open(place, BlockKind::Thought, out);
                out.push(Event::Thought { index, text: delta.to_owned() });
            }
            "response.reasoning_summary_part.added" => {
                if let Some(index) = self.emit.find(&place).filter(|_| self.heard.contains(&number)) {
                    out.push(Event::Thought { index, text: BREAK.to_owned() });
                }
            }
            "response.output_text.annotation.added" => {
                if let (Some(index), Some(raw)) = (self.emit.find(&place), value.get("annotation")) {
                    out.push(Event::Cited { index, citation: citation(raw) });
                }
            }
            "response.function_call_arguments.delta" | "response.custom_tool_call_input.delta" if !delta.is_empty() => {
                self.heard.insert(number);
                if let Some(index) = self.emit.find(&place) {
                    out.push(Event::ToolInput { index, json: delta.to_owned() });
                }
            }
            "response.output_item.done" => {
                let item = value.get("item").unwrap_or(&Value::Null);
                if self.heard.contains(&number) {
                    if let (Some(index), "reasoning") = (self.emit.find(&place), text(item, "type")) {
                        self.seal(index, item, out);
                    }
                    // What was not known when it began.
                    let said = self.emit.find(&place).or_else(|| self.emit.find(&Key::Refusal));
                    if let (Some(index), "message", false) = (said, text(item, "type"), text(item, "phase").is_empty())
                        && !self.phased.contains(&number)
                    {
                        out.push(Event::About { index, about: about(item) });
                    }
                    self.emit.close(&place, out);
                    if text(item, "type") == "message" {
                        self.emit.close(&Key::Refusal, out);
                    }
                } else {
                    // There may be no deltas at all: the whole item stands here.
                    self.whole(number, item, out);
                }
            }
            "response.completed" | "response.incomplete" | "response.failed" => {
                let response = value.get("response").unwrap_or(&Value::Null);
                // Or all of the answer at its end.
                if self.emit.empty() {
                    items(response, "output").zip(0..).for_each(|(item, place)| self.whole(place, item, out));
                }
                self.last(response, out)?;
            }
            "error" => return Err(stated(&error_value(value))),
            "" if value.get("error").is_some_and(|e| !e.is_null()) => return Err(stated(&error_value(value))),
            _ => {}
        }
        Ok(())
    }
}

impl Frames for State {
    fn frame(&mut self, name: &str, data: &str, out: &mut Vec<Event>) -> Result<(), Failure> {
        if data == "[DONE]" || self.done { Ok(()) } else { self.event(name, &parse(data.as_bytes())?, out) }
    }

    fn over(&mut self, _: &mut Vec<Event>) -> Result<(), Failure> {
        if self.done { Ok(()) } else { Err(truncated()) }
    }

    fn done(&self) -> bool {
        self.done
    }
}
