//! Reads answers, whole and streamed.

use serde_json::Value;

use super::told::OWN;
use crate::model::{BlockKind, Citation, Dialect, Event, Failure, FinishReason, Kind, Scope, Usage};
use crate::wire::ErrorBody;
use crate::wire::emit::{Emit, Key};
use crate::wire::file::from_url;
use crate::wire::framed::Frames;
use crate::wire::json::{call_id, charged, count, error_value, items, look, served, stated, text, truncated};
use crate::wire::tree::{Look, Tree};

/// The events of a whole answer.
pub(super) fn whole(body: &[u8]) -> Result<Vec<Event>, Failure> {
    let value = look(body)?;
    let mut state = Chat::default();
    // What nearly every answer has: a beginning, a text in three events, its end and its counts.
    let mut out = Vec::with_capacity(8);
    state.chunk(&value, "message", &mut out)?;
    if value.member("choices").is_none() {
        return Err(Failure::unread("the answer holds no choices"));
    }
    state.finish(&mut out);
    Ok(out)
}

/// What is known between two chunks.
#[derive(Default)]
pub(super) struct Chat {
    emit: Emit,
    finish: Option<FinishReason>,
    called: bool,
    refused: bool,
    done: bool,
    /// What the thoughts are sent back as.
    details: Vec<Value>,
    /// Calls so far, all of which stay open.
    calls: Vec<Begun>,
}

/// A call that was begun.
struct Begun {
    /// Its number at the server, or its place among those that came with it.
    number: u64,
    id: String,
    /// The tool's; empty where nothing tells whether its input is complete.
    name: String,
    input: Object,
    /// The block's.
    index: usize,
    /// It was told as complete.
    ended: bool,
}

/// How far the JSON object of a call's arguments has come.
#[derive(Default)]
struct Object {
    begun: bool,
    depth: usize,
    quoted: bool,
    escaped: bool,
}

impl Object {
    fn feed(&mut self, piece: &str) {
        for byte in piece.bytes() {
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' if self.quoted => self.escaped = true,
                b'"' => self.quoted = !self.quoted,
                b'{' | b'[' if !self.quoted => self.depth += 1,
                b'}' | b']' if !self.quoted => self.depth = self.depth.saturating_sub(1),
                _ => {}
            }
            self.begun |= !byte.is_ascii_whitespace();
        }
    }

    /// Nothing can follow.
    const fn whole(&self) -> bool {
        self.begun && self.depth == 0 && !self.quoted
    }
}

impl Begun {
    /// Another call, from a server that numbers all alike and names none: a tool's name and an object stand behind
    /// arguments that were complete. The same name again goes on with the call otherwise: some servers repeat it.
    fn followed(&self, name: &str, piece: &str) -> bool {
        if name.is_empty() || self.name.is_empty() {
            return false;
        }
        match self.name == name {
            true => self.input.whole() && piece.trim_start().starts_with('{'),
            false => self.input.whole() || !self.input.begun,
        }
    }
}

impl Chat {
    /// One chunk, or a whole answer; `part` is `delta` or `message`.
    fn chunk(&mut self, value: &Tree<'_>, part: &str, out: &mut Vec<Event>) -> Result<(), Failure> {
        // Mistral's errors have no object around them.
        if value.member("error").is_some_and(|e| *e != Tree::Null) || text(value, "object") == "error" {
            return Err(stated(&error_value(&value.kept())));
        }
        // MiniMax's come with a success status (openai-compatible.md; not verified).
        if let Some(said) = value.member("base_resp")
            && let Some(code) =
                said.member("status_code").and_then(|code| code.kept().as_i64()).filter(|code| *code != 0)
        {
            let message = text(said, "status_msg").to_owned();
            return Err(stated(&ErrorBody { code: format!("minimax_{code}"), message, ..ErrorBody::default() }));
        }
        if value.member("choices").is_some() || value.member("id").is_some() {
            self.emit.start(text(value, "id"), text(value, "model"), out);
        }
        // One answer was asked for.
        let choice = items(value, "choices").find(|choice| count(*choice, "index").unwrap_or(0) == 0);
        if let Some(choice) = choice {
            if let Some(delta) = choice.member(part) {
                self.delta(delta, part == "message", out);
            } else if let Some(message) = choice.member("message").filter(|_| self.emit.empty()) {
                // Some doors stream an answer as one whole message.
                self.delta(message, true, out);
            }
            if let Some(reason) = choice.member("finish_reason").and_then(Tree::said) {
                self.finish = Some(finish(reason)?);
            }
        }
        out.extend(served(value, "service_tier"));
        let usage = value.member("usage").filter(|usage| usage.object());
        let usage = usage.or_else(|| value.member("x_groq")?.member("usage"));
        // Moonshot's stands in the last choice of a stream.
        let usage = usage.or_else(|| choice?.member("usage").filter(|usage| usage.object()));
        if let Some(usage) = usage {
            out.push(Event::Usage(read_usage(usage)));
            out.extend(charged(usage).map(Event::Charged));
        }
        Ok(())
    }

    fn delta(&mut self, delta: &Tree<'_>, whole: bool, out: &mut Vec<Event>) {
        let fields = ["reasoning_content", "reasoning"].map(|field| text(delta, field));
        let piece = fields.into_iter().find(|piece| !piece.is_empty());
        if let Some(piece) = piece {
            self.thought(piece, out);
        }
        for detail in items(delta, "reasoning_details") {
            // Thoughts that another monster passed on: their seal is somebody else's.
            if text(detail, "format") == OWN {
                self.emit.only(Some(&Key::Thought), out);
                let index = self.emit.open(Key::Thought, BlockKind::Thought, out);
                out.push(Event::Sealed { index, seal: text(detail, "signature").to_owned() });
                self.emit.close(&Key::Thought, out);
                continue;
            }
            // The text stands here alone where it does not stand beside it.
            if piece.is_none() {
                self.thought(text(detail, "text"), out);
            }
            self.detail(&detail.kept());
        }
        match delta.member("content") {
            Some(Tree::Text(piece)) => self.text(piece, out),
            // Mistral sends parts, thoughts among them.
            Some(Tree::List(parts)) => {
                for part in parts {
                    match text(part, "type") {
                        "thinking" => {
                            items(part, "thinking").for_each(|t| self.thought(text(t, "text"), out));
                            let seal = text(part, "signature");
                            if let (false, Some(index)) = (seal.is_empty(), self.emit.find(&Key::Thought)) {
                                out.push(Event::Sealed { index, seal: seal.to_owned() });
                            }
                        }
                        "text" | "" => self.text(text(part, "text"), out),
                        "refusal" => self.refusal(text(part, "refusal"), out),
                        _ => self.emit.opaque(Dialect::OpenAiChat, &part.kept(), out),
                    }
                }
            }
            _ => {}
        }
        self.refusal(text(delta, "refusal"), out);
        // What routers draw.
        for image in items(delta, "images") {
            let url = image.member("image_url").map_or("", |image| text(image, "url"));
            if !url.is_empty() {
                self.emit.whole(BlockKind::Image(from_url(url)), out);
            }
        }
        for note in items(delta, "annotations") {
            if let Some(index) = self.emit.find(&Key::Text) {
                out.push(Event::Cited { index, citation: citation(Dialect::OpenAiChat, &note.kept()) });
            }
        }
        for (place, call) in items(delta, "tool_calls").enumerate() {
            // In a whole answer each stands for itself, whatever it is numbered.
            let number = count(call, "index").filter(|_| !whole).unwrap_or(place as u64);
            self.call(call, number, out);
        }
        // The old spelling of one call.
        if let Some(function) = delta.member("function_call").filter(|function| function.object()) {
            self.calls(&Tree::Null, function, false, 0, out);
        }
    }

    fn text(&mut self, piece: &str, out: &mut Vec<Event>) {
        self.settle(piece, out);
        self.emit.text(piece, out);
    }

    fn refusal(&mut self, piece: &str, out: &mut Vec<Event>) {
        self.refused |= !piece.is_empty();
        self.settle(piece, out);
        self.emit.refusal(piece, out);
    }

    fn thought(&mut self, piece: &str, out: &mut Vec<Event>) {
        self.settle(piece, out);
        self.emit.thought(piece, out);
    }

    /// What is said after a call ends it, if its arguments are complete: some callers are told of a call when it has
    /// ended, and of what follows after that.
    fn settle(&mut self, piece: &str, out: &mut Vec<Event>) {
        if piece.is_empty() {
            return;
        }
        let whole = |begun: &Begun| !begun.ended && !begun.name.is_empty() && begun.input.whole();
        for (number, begun) in self.calls.iter_mut().enumerate().filter(|(_, begun)| whole(begun)) {
            begun.ended = true;
            self.emit.close(&Key::Number(number as u64), out);
        }
    }

    /// Pieces of one detail are put together again.
    fn detail(&mut self, piece: &Value) {
        let same = |a: &Value, field: &str| a.get(field) == piece.get(field);
        let last = self
            .details
            .last_mut()
            .filter(|last| same(last, "type") && same(last, "index") && piece.get("index").is_some());
        let (Some(Value::Object(last)), Some(piece)) = (last, piece.as_object()) else {
            self.details.push(piece.clone());
            return;
        };
        for (name, value) in piece {
            match (last.get_mut(name), value) {
                (Some(Value::String(known)), Value::String(more))
                    if matches!(name.as_str(), "text" | "summary" | "data") =>
                {
                    known.push_str(more);
                }
                (_, Value::Null) => {}
                _ => {
                    last.insert(name.clone(), value.clone());
                }
            }
        }
    }

    fn call(&mut self, call: &Tree<'_>, number: u64, out: &mut Vec<Event>) {
        let (function, custom) = (call.member("function"), call.member("custom"));
        let named = function.or(custom).unwrap_or(&Tree::Null);
        self.calls(call, named, function.is_none() && custom.is_some(), number, out);
    }

    /// The call that a piece goes on with. Some servers number all calls alike, or not at all: another id beside a name
    /// is another call. An id alone is not, because some servers make up a new one for each piece.
    fn begun(&mut self, number: u64, id: &str, name: &str, piece: &str) -> Option<&mut Begun> {
        let mut same = self.calls.iter_mut().rev().filter(|begun| begun.number == number);
        let last = same.next()?;
        if id.is_empty() {
            return Some(last).filter(|last| !last.followed(name, piece));
        }
        if last.id == id {
            return Some(last);
        }
        match same.find(|begun| begun.id == id) {
            Some(earlier) => Some(earlier),
            None => name.is_empty().then_some(last),
        }
    }

    /// `function` is what of the call says which tool is called, and with what.
    fn calls(&mut self, call: &Tree<'_>, function: &Tree<'_>, custom: bool, number: u64, out: &mut Vec<Event>) {
        self.called = true;
        let (id, name) = (text(call, "id"), text(function, "name"));
        let piece = match function.member("arguments").or_else(|| function.member("input")) {
            Some(Tree::Text(piece)) => piece.clone().into_owned(),
            // Some servers send the object itself.
            Some(object @ Tree::Object(_)) => object.kept().to_string(),
            _ => String::new(),
        };
        let index = match self.begun(number, id, name, &piece) {
            // Nothing can follow a whole object.
            Some(begun) if begun.ended => return,
            Some(begun) => {
                begun.input.feed(&piece);
                begun.index
            }
            None => self.begin(number, [id, name], custom, &piece, out),
        };
        // Gemini behind this dialect (gemini.md, "OpenAI-compatible door").
        let google = call.member("extra_content").and_then(|extra| extra.member("google"));
        if let Some(seal) = google.and_then(|google| google.member("thought_signature")?.said()) {
            out.push(Event::Sealed { index, seal: seal.to_owned() });
        }
        if !piece.is_empty() {
            out.push(Event::ToolInput { index, json: piece });
        }
    }

    /// Begins a call.
    fn begin(&mut self, number: u64, [id, name]: [&str; 2], custom: bool, piece: &str, out: &mut Vec<Event>) -> usize {
        self.emit.only(None, out);
        let made = if id.is_empty() { call_id() } else { id.to_owned() };
        let kind = BlockKind::ToolCall { id: made.clone(), name: name.to_owned(), custom };
        let index = self.emit.open(Key::Number(self.calls.len() as u64), kind, out);
        let mut input = Object::default();
        input.feed(piece);
        // A tool of plain text never says that it has it all.
        let name = if custom { String::new() } else { name.to_owned() };
        self.calls.push(Begun { number, id: made, name, input, index, ended: false });
        index
    }

    fn finish(&mut self, out: &mut Vec<Event>) {
        if !self.details.is_empty() {
            let seal = Value::Array(std::mem::take(&mut self.details)).to_string();
            let index = self.emit.open(Key::Thought, BlockKind::Thought, out);
            out.push(Event::Sealed { index, seal });
        }
        self.emit.close_all(out);
        let stated = self.finish.take();
        let reason = match stated {
            Some(FinishReason::Length) => Some(FinishReason::Length),
            _ if self.refused => Some(FinishReason::Refused),
            // Some servers say "stop" although they call tools.
            Some(FinishReason::Stop) if self.called => Some(FinishReason::ToolCalls),
            other => other,
        };
        out.extend(reason.map(Event::Finish));
    }
}

fn finish(reason: &str) -> Result<FinishReason, Failure> {
    Ok(match reason {
        "stop" | "eos" | "end_turn" => FinishReason::Stop,
        "length" | "max_tokens" | "model_length" | "model_context_window_exceeded" => FinishReason::Length,
        "tool_calls" | "function_call" => FinishReason::ToolCalls,
        "content_filter" | "sensitive" => FinishReason::Refused,
        "error" | "network_error" => {
            return Err(Failure::new(Kind::Broken, Scope::Model, format!("the model broke off ({reason})")));
        }
        other => FinishReason::Other(other.to_owned()),
    })
}

/// Usage with cached parts taken out of the prompt (translation.md, "Usage").
pub(in crate::wire) fn read_usage<L: Look>(usage: &L) -> Usage {
    let details = |group: &str, key: &str| usage.member(group).and_then(|d| count(d, key));
    let prompt = count(usage, "prompt_tokens").or_else(|| count(usage, "input_tokens")).unwrap_or(0);
    let completion = count(usage, "completion_tokens").or_else(|| count(usage, "output_tokens")).unwrap_or(0);
    let cache_read = details("prompt_tokens_details", "cached_tokens")
        .or_else(|| details("input_tokens_details", "cached_tokens"))
        .or_else(|| count(usage, "prompt_cache_hit_tokens"))
        .or_else(|| count(usage, "cached_tokens"))
        .unwrap_or(0)
        .min(prompt);
    let written = details("prompt_tokens_details", "cache_write_tokens")
        .or_else(|| details("input_tokens_details", "cache_write_tokens"))
        .unwrap_or(0)
        .min(prompt - cache_read);
    let total = count(usage, "total_tokens").unwrap_or(0);
    let reasoning = details("completion_tokens_details", "reasoning_tokens")
        .or_else(|| details("output_tokens_details", "reasoning_tokens"));
    // The longer-lived part of what was written (openai-responses.md).
    let long = ["prompt_tokens_details", "input_tokens_details"]
        .into_iter()
        .find_map(|group| count(usage.member(group)?.member("cache_write_tokens_details")?, "ttl_12h_tokens"))
        .unwrap_or(0)
        .min(written);
    Usage {
        input: prompt - cache_read - written,
        cache_read,
        cache_write_short: written - long,
        cache_write_long: long,
        output: produced(prompt, completion, total, reasoning),
        reasoning,
    }
}

/// Everything the model made, in tokens: xAI leaves reasoning out of the completion, but never out of the total (xai.md).
pub(in crate::wire) fn produced(prompt: u64, completion: u64, total: u64, reasoning: Option<u64>) -> u64 {
    let output = completion.max(total.saturating_sub(prompt));
    // More thought than was said at all: the thoughts were left out, and no total told.
    let apart = reasoning.filter(|thought| *thought > output).unwrap_or(0);
    output.saturating_add(apart)
}

/// A note on a text, as the OpenAI dialects spell it: nested in one, flat in the other.
pub(in crate::wire) fn citation(dialect: Dialect, raw: &Value) -> Citation {
    let inner = raw.get("url_citation").unwrap_or(raw);
    let known = |key: &str| inner.get(key).and_then(Value::as_str).filter(|t| !t.is_empty()).map(str::to_owned);
    Citation {
        url: known("url"),
        title: known("title").or_else(|| known("filename")),
        quote: None,
        dialect,
        raw: raw.clone(),
    }
}

impl Frames for Chat {
    fn frame(&mut self, _: &str, data: &str, out: &mut Vec<Event>) -> Result<(), Failure> {
        if data == "[DONE]" {
            self.done = true;
            return Ok(());
        }
        self.chunk(&look(data.as_bytes())?, "delta", out)
    }

    fn over(&mut self, out: &mut Vec<Event>) -> Result<(), Failure> {
        // Some servers forget the end mark; none that was cut off has said why it stopped.
        if !self.done && self.finish.is_none() {
            return Err(truncated());
        }
        self.finish(out);
        Ok(())
    }

    fn done(&self) -> bool {
        self.done
    }
}
