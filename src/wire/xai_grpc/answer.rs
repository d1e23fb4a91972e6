//! Reads answers, whole and streamed.

use std::collections::HashSet;

use bytes::BytesMut;
use prost::Message as _;
use serde_json::json;

use super::own::{called, found, inline, is_callers, said, seals, thoughts};
use super::raw;
use crate::model::{BlockKind, Dialect, Event, Failure, FinishReason, Service, Usage};
use crate::wire::Reader;
use crate::wire::emit::{Emit, Key};
use crate::wire::grpc::Frames;
use crate::wire::json::{call_id, described, ticked, truncated};
use crate::wire::openai_chat::produced;
use crate::wire::proto::xai::{
    Delta, FinishReason as Reason, GetChatCompletionChunk, GetChatCompletionResponse, MessageRole, SamplingUsage,
    ServiceTier, ToolCall, tool_call,
};
use crate::wire::reply::TIME_LIMIT;

/// The events of a whole answer.
pub(super) fn whole(body: &[u8]) -> Result<Vec<Event>, Failure> {
    crowded(body, &[2, 3, 6, 5])?;
    let answer = GetChatCompletionResponse::decode(body).map_err(|_| foreign(body))?;
    if answer.outputs.is_empty() {
        return Err(Failure::broken(format!("the answer holds no outputs: {}", described(body))));
    }
    let (mut state, mut out) = (State::default(), Vec::new());
    state.emit.start(&answer.id, &answer.model, &mut out);
    state.found = answer.citations;
    for output in answer.outputs {
        state.stops(output.finish_reason);
        let Some(mut message) = output.message else { continue };
        // All thoughts and all seals of an answer stand together; those that a caller got from us are told apart.
        if seals(&message.encrypted_content).is_some() {
            for (thought, seal) in thoughts(&message.reasoning_content, &message.encrypted_content) {
                state.emit.thought(&thought, &mut out);
                match seal {
                    Some(seal) => state.sealed(seal, &mut out),
                    None => state.emit.close(&Key::Thought, &mut out),
                }
            }
            (message.reasoning_content, message.encrypted_content) = (String::new(), String::new());
        }
        state.delta(message, &mut out);
    }
    state.counted(answer.usage, answer.service_tier, &mut out);
    state.end(&mut out)?;
    Ok(out)
}

/// Nobody's answer has so many parts. `path` leads to the elements within elements: outputs, what each says, its sources,
/// and the collections of one.
fn crowded(body: &[u8], path: &[u32]) -> Result<(), Failure> {
    match raw::count(body, path) {
        None => Err(foreign(body)),
        Some(parts) if parts > raw::CROWD => Err(Failure::broken("the answer holds more parts than are read")),
        Some(_) => Ok(()),
    }
}

fn foreign(body: &[u8]) -> Failure {
    Failure::broken(format!("the answer is no message of xAI's service: {}", described(body)))
}

/// What is known between two messages.
#[derive(Default)]
struct State {
    emit: Emit,
    finish: Option<i32>,
    calls: u64,
    /// Encrypted reasoning, in pieces like everything else.
    seal: String,
    /// Addresses of the whole answer that wait for a text.
    found: Vec<String>,
    /// Those that were told, there or of a place in the text.
    told: HashSet<String>,
    usage: Option<SamplingUsage>,
    tier: i32,
}

impl State {
    fn chunk(&mut self, chunk: GetChatCompletionChunk, out: &mut Vec<Event>) {
        self.emit.start(&chunk.id, &chunk.model, out);
        for output in chunk.outputs {
            self.stops(output.finish_reason);
            if let Some(delta) = output.delta {
                self.delta(delta, out);
            }
        }
        self.found.extend(chunk.citations);
        self.sources(out);
        self.counted(chunk.usage, chunk.service_tier, out);
    }

    fn stops(&mut self, finish: i32) {
        if finish != i32::from(Reason::ReasonInvalid) {
            self.finish = Some(finish);
        }
    }

    fn delta(&mut self, delta: Delta, out: &mut Vec<Event>) {
        // What a tool of the server's own said is none of the model's words.
        if delta.role == i32::from(MessageRole::RoleTool) {
            self.emit.opaque(Dialect::XaiGrpc, &said(&delta.content, &delta.tool_calls), out);
            return;
        }
        self.emit.thought(&delta.reasoning_content, out);
        match seals(&delta.encrypted_content).filter(|_| self.seal.is_empty()) {
            Some(own) => own.into_iter().for_each(|(_, seal)| self.sealed(seal, out)),
            None => self.seal.push_str(&delta.encrypted_content),
        }
        self.emit.text(&delta.content, out);
        if let Some(index) = self.emit.find(&Key::Text) {
            for citation in delta.citations.iter().map(inline) {
                self.told.extend(citation.url.clone());
                out.push(Event::Cited { index, citation });
            }
        }
        self.sources(out);
        for call in delta.tool_calls {
            self.call(call, out);
        }
    }

    /// The seal of the running thought, which ends with it.
    fn sealed(&mut self, seal: String, out: &mut Vec<Event>) {
        self.emit.close(&Key::Text, out);
        let index = self.emit.open(Key::Thought, BlockKind::Thought, out);
        out.push(Event::Sealed { index, seal });
        self.emit.close(&Key::Thought, out);
    }

    /// Addresses of the whole answer belong to its text.
    fn sources(&mut self, out: &mut Vec<Event>) {
        let Some(index) = self.emit.find(&Key::Text) else { return };
        for url in std::mem::take(&mut self.found) {
            if !self.told.contains(&url) {
                out.push(Event::Cited { index, citation: found(&url) });
                self.told.insert(url);
            }
        }
    }

    fn call(&mut self, call: ToolCall, out: &mut Vec<Event>) {
        if !is_callers(&call) {
            self.emit.opaque(Dialect::XaiGrpc, &json!({ "tool_call": called(&call) }), out);
            return;
        }
        let Some(tool_call::Tool::Function(function)) = call.tool else { return };
        self.calls += 1;
        let id = Some(call.id).filter(|id| !id.is_empty()).unwrap_or_else(call_id);
        self.emit.call(Key::Number(self.calls), [&id, &function.name], &function.arguments, false, out);
    }

    fn counted(&mut self, usage: Option<SamplingUsage>, tier: i32, out: &mut Vec<Event>) {
        if tier != self.tier && tier != i32::from(ServiceTier::Unspecified) {
            self.tier = tier;
            out.push(Event::Served(super::asked::service(tier).unwrap_or(Service::Other)));
        }
        // Each message counts the answer so far; most say what the one before said.
        if let Some(usage) = usage.filter(|usage| self.usage.as_ref() != Some(usage)) {
            out.push(Event::Usage(read_usage(&usage)));
            let ticks = usage.cost_in_usd_ticks.and_then(|ticks| u64::try_from(ticks).ok());
            out.extend(ticks.map(|ticks| Event::Charged(ticked(ticks))));
            self.usage = Some(usage);
        }
    }

    fn end(&mut self, out: &mut Vec<Event>) -> Result<(), Failure> {
        if !self.seal.is_empty() {
            let index = self.emit.open(Key::Thought, BlockKind::Thought, out);
            out.push(Event::Sealed { index, seal: std::mem::take(&mut self.seal) });
        }
        self.emit.close_all(out);
        let finish = self.finish.ok_or_else(truncated)?;
        out.push(Event::Finish(match Reason::try_from(finish) {
            Ok(Reason::ReasonStop | Reason::ReasonToolCalls) if self.calls > 0 => FinishReason::ToolCalls,
            Ok(Reason::ReasonStop) => FinishReason::Stop,
            Ok(Reason::ReasonToolCalls) => FinishReason::ToolCalls,
            Ok(Reason::ReasonMaxLen | Reason::ReasonMaxContext) => FinishReason::Length,
            Ok(Reason::ReasonTimeLimit | Reason::ReasonInvalid) => FinishReason::Other(TIME_LIMIT.to_owned()),
            Err(_) => FinishReason::Other(format!("reason {finish}")),
        }));
        Ok(())
    }
}

/// Usage with the cached part taken out of the prompt (translation.md, "Usage").
fn read_usage(usage: &SamplingUsage) -> Usage {
    let n = |count: i32| u64::try_from(count).unwrap_or(0);
    let (prompt, reasoning) = (n(usage.prompt_tokens), Some(n(usage.reasoning_tokens)));
    let cache_read = n(usage.cached_prompt_text_tokens).min(prompt);
    Usage {
        input: prompt - cache_read,
        cache_read,
        output: produced(prompt, n(usage.completion_tokens), n(usage.total_tokens), reasoning),
        reasoning,
        ..Usage::default()
    }
}

/// Reads a stream: messages behind prefixes.
#[derive(Default)]
pub(super) struct Stream {
    frames: Frames,
    state: State,
}

impl Reader for Stream {
    fn feed(&mut self, bytes: &[u8], out: &mut Vec<Event>) -> Result<(), Failure> {
        let mut messages: Vec<BytesMut> = Vec::new();
        let framed = self.frames.feed(bytes, &mut messages);
        for message in messages {
            crowded(&message, &[2, 1, 6, 5])?;
            let chunk = GetChatCompletionChunk::decode(message.as_ref()).map_err(|_| foreign(&message))?;
            self.state.chunk(chunk, out);
        }
        framed
    }

    fn end(&mut self, out: &mut Vec<Event>) -> Result<(), Failure> {
        self.state.end(out)
    }
}
