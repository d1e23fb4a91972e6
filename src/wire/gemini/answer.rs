//! Reads answers, whole and streamed.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::told::OWN;
use super::{ALONE, NEXT};
use crate::model::{Blamed, BlockKind, Citation, Dialect, Event, Failure, FinishReason, Kind, Scope, Source, Usage};
use crate::wire::emit::{Emit, Key};
use crate::wire::framed::Frames;
use crate::wire::json::{call_id, count, error_value, items, parse, served, stated, text, truncated};

/// The events of a whole answer, which is one response or, streamed without events, an array of them.
pub(super) fn whole(body: &[u8]) -> Result<Vec<Event>, Failure> {
    let value = parse(body)?;
    let (mut state, mut out) = (State::default(), Vec::new());
    if value.as_array().is_some_and(Vec::is_empty) {
        return Err(Failure::unread("the answer holds no candidates"));
    }
    let responses = value.as_array().map_or(std::slice::from_ref(&value), Vec::as_slice);
    for response in responses {
        if response.get("candidates").is_none() && response.get("promptFeedback").is_none() {
            return Err(match response.get("error") {
                Some(_) => stated(&error_value(response)),
                None => Failure::unread("the answer holds no candidates"),
            });
        }
        state.chunk(response, &mut out)?;
    }
    state.finish(&mut out)?;
    Ok(out)
}

/// A signature; one of another dialect was wrapped so that it is base64.
pub(super) fn seal_of(signature: &str) -> String {
    let wrapped = STANDARD.decode(signature).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    match wrapped.as_deref().and_then(|text| text.strip_prefix(OWN)) {
        Some(seal) => seal.to_owned(),
        None => signature.to_owned(),
    }
}

fn citation(raw: &Value) -> Citation {
    let inner = raw.get("web").unwrap_or(raw);
    let known = |key: &str| inner.get(key).and_then(Value::as_str).filter(|t| !t.is_empty()).map(str::to_owned);
    Citation { url: known("uri"), title: known("title"), quote: None, dialect: Dialect::Gemini, raw: raw.clone() }
}

#[derive(Default)]
pub(super) struct State {
    emit: Emit,
    calls: u64,
    finish: Option<String>,
    blocked: Option<String>,
    /// What the next request goes on with.
    token: Option<String>,
}

impl State {
    fn chunk(&mut self, value: &Value, out: &mut Vec<Event>) -> Result<(), Failure> {
        if value.get("error").is_some_and(|e| !e.is_null()) {
            return Err(stated(&error_value(value)));
        }
        self.emit.start(text(value, "responseId"), text(value, "modelVersion"), out);
        if let Some(reason) = value.pointer("/promptFeedback/blockReason").and_then(Value::as_str) {
            self.blocked = Some(reason.to_owned());
        }
        // One answer was asked for.
        if let Some(candidate) = items(value, "candidates").find(|one| count(*one, "index").unwrap_or(0) == 0) {
            for part in candidate.get("content").into_iter().flat_map(|c| items(c, "parts")) {
                self.part(part, out);
            }
            let cited = candidate.get("citationMetadata").into_iter().flat_map(|m| items(m, "citations"));
            let found = candidate.get("groundingMetadata").into_iter().flat_map(|m| items(m, "groundingChunks"));
            if let Some(index) = self.emit.find(&Key::Text) {
                out.extend(cited.chain(found).map(|raw| Event::Cited { index, citation: citation(raw) }));
            }
            let why = text(candidate, "finishMessage");
            if !why.is_empty() {
                out.push(Event::Why { code: String::new(), text: why.to_owned() });
            }
            if let Some(token) = candidate.get("continuationToken").and_then(Value::as_str) {
                self.token = Some(token.to_owned());
            }
            if let Some(reason) = candidate.get("finishReason").and_then(Value::as_str) {
                self.finish = Some(reason.to_owned());
            }
        }
        if let Some(usage) = value.get("usageMetadata").filter(|u| u.is_object()) {
            out.extend(served(usage, "serviceTier"));
            out.push(Event::Usage(read_usage(usage)));
        }
        Ok(())
    }

    fn part(&mut self, part: &Value, out: &mut Vec<Event>) {
        let seal = part.get("thoughtSignature").and_then(Value::as_str).map(seal_of);
        if let Some(call) = part.get("functionCall") {
            self.calls += 1;
            let id = Some(text(call, "id")).filter(|i| !i.is_empty()).map_or_else(call_id, str::to_owned);
            let input = call.get("args").filter(|a| a.is_object()).map_or_else(|| "{}".to_owned(), Value::to_string);
            self.emit.close(&Key::Text, out);
            self.emit.close(&Key::Thought, out);
            let key = Key::Number(self.calls);
            let kind = BlockKind::ToolCall { id, name: text(call, "name").to_owned(), custom: false };
            let index = self.emit.open(key.clone(), kind, out);
            out.extend(seal.map(|seal| Event::Sealed { index, seal }));
            out.push(Event::ToolInput { index, json: input });
            self.emit.close(&key, out);
        } else if part.get("thought").and_then(Value::as_bool) == Some(true) {
            self.emit.thought(text(part, "text"), out);
            if let Some(seal) = seal {
                self.emit.close(&Key::Text, out);
                let index = self.emit.open(Key::Thought, BlockKind::Thought, out);
                out.push(Event::Sealed { index, seal });
                self.emit.close(&Key::Thought, out);
            }
        } else if let Some(data) = part.get("inlineData") {
            let source = Source::data(text(data, "mimeType"), text(data, "data"));
            self.emit.whole(BlockKind::Image(source), out);
        } else if let Some(said) = part.get("text").and_then(Value::as_str) {
            match seal {
                // A signed part is never merged with another (gemini.md, "Thinking").
                Some(seal) => {
                    let place = if said.is_empty() { ALONE } else { NEXT };
                    self.seal(format!("{place}{seal}"), out);
                    self.emit.text(said, out);
                    self.emit.close(&Key::Text, out);
                }
                None => self.emit.text(said, out),
            }
        } else if part.as_object().is_some_and(|part| !part.is_empty()) {
            self.emit.opaque(Dialect::Gemini, part, out);
        }
    }

    /// The seal of a text, as a thought of its own before it.
    fn seal(&mut self, seal: String, out: &mut Vec<Event>) {
        self.emit.close(&Key::Text, out);
        self.emit.close(&Key::Thought, out);
        let index = self.emit.open(Key::Thought, BlockKind::Thought, out);
        out.push(Event::Sealed { index, seal });
        self.emit.close(&Key::Thought, out);
    }

    fn finish(&mut self, out: &mut Vec<Event>) -> Result<(), Failure> {
        self.emit.close_all(out);
        if let Some(reason) = self.blocked.take() {
            let said = format!("the provider blocked the prompt ({reason})");
            let mut failure = Failure::new(Kind::Refused, Scope::Request, said);
            failure.upstream.blamed = Some(Blamed { dialect: Dialect::Gemini, param: None, code: Some(reason) });
            return Err(failure);
        }
        let reason = match self.finish.as_deref() {
            None => return Err(truncated()),
            Some("STOP") if self.calls > 0 => FinishReason::ToolCalls,
            Some("STOP") => FinishReason::Stop,
            Some("MAX_TOKENS") => FinishReason::Length,
            Some("CONTINUATION") => FinishReason::Pause(self.token.take()),
            Some(
                "SAFETY"
                | "PROHIBITED_CONTENT"
                | "BLOCKLIST"
                | "SPII"
                | "RECITATION"
                | "MODEL_ARMOR"
                | "IMAGE_SAFETY"
                | "IMAGE_PROHIBITED_CONTENT"
                | "IMAGE_RECITATION",
            ) => FinishReason::Refused,
            Some(
                broken @ ("MALFORMED_FUNCTION_CALL"
                | "UNEXPECTED_TOOL_CALL"
                | "TOO_MANY_TOOL_CALLS"
                | "MISSING_THOUGHT_SIGNATURE"
                | "MALFORMED_RESPONSE"),
            ) => {
                return Err(Failure::new(Kind::Broken, Scope::Model, format!("the model broke off ({broken})")));
            }
            Some(other) => FinishReason::Other(other.to_lowercase()),
        };
        out.push(Event::Finish(reason));
        Ok(())
    }
}

/// Prompt without its cached part; output with thoughts (translation.md, "Usage").
fn read_usage(usage: &Value) -> Usage {
    let n = |key: &str| count(usage, key).unwrap_or(0);
    let cached = n("cachedContentTokenCount").min(n("promptTokenCount"));
    Usage {
        input: (n("promptTokenCount") - cached).saturating_add(n("toolUsePromptTokenCount")),
        cache_read: cached,
        cache_write_short: 0,
        cache_write_long: 0,
        output: n("candidatesTokenCount").saturating_add(n("thoughtsTokenCount")),
        reasoning: count(usage, "thoughtsTokenCount"),
    }
}

impl Frames for State {
    fn frame(&mut self, _: &str, data: &str, out: &mut Vec<Event>) -> Result<(), Failure> {
        if data == "[DONE]" { Ok(()) } else { self.chunk(&parse(data.as_bytes())?, out) }
    }

    fn over(&mut self, out: &mut Vec<Event>) -> Result<(), Failure> {
        self.finish(out)
    }
}
