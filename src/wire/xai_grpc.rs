//! xAI's own service (xai.md, "gRPC").

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::BytesMut;
use prost::Message as _;
use serde_json::json;

use super::emit::{Emit, Key};
use super::grpc::{Frames, error_body};
use super::json::{call_id, described, ticked, truncated, worded};
use super::loss::{Loss, Losses};
use super::openai_chat::{one_text, produced};
use super::proto::xai::{
    Content, Delta, FileContent, FinishReason as Reason, FormatType, Function, FunctionCall, GetChatCompletionChunk,
    GetChatCompletionResponse, GetCompletionsRequest, ImageDetail, ImageUrlContent, ListLanguageModelsResponse,
    Message as Turn, MessageRole, ReasoningEffort, ResponseFormat, SamplingUsage, ServiceTier, Tool, ToolCall,
    ToolCallType, ToolChoice as Choice, ToolMode, content, image_url_content, tool, tool_call, tool_choice,
};
use super::turns::told;
use super::{Adapted, ErrorBody, Reader, Thinking, Wire, Written};
use crate::model::{
    Block, BlockKind, Dialect, Effort, Event, Failure, FinishReason, Kind, Message, Request, Role, Scope, Service,
    Source, ToolChoice, ToolSpec, Usage,
};

/// The codec.
pub(super) struct XaiGrpc;

impl Wire for XaiGrpc {
    fn dialect(&self) -> Dialect {
        Dialect::XaiGrpc
    }

    /// The method says whether the answer is streamed: the message is the same.
    fn write_request(&self, model: &str, request: &Request, adapted: &Adapted, _: bool) -> Result<Written, Failure> {
        Written::of(Dialect::XaiGrpc, request, adapted, |request, losses| body(model, request, adapted, losses))
    }

    fn read_reply(&self, body: &[u8]) -> Result<Vec<Event>, Failure> {
        let answer = GetChatCompletionResponse::decode(body).map_err(|_| foreign(body))?;
        if answer.outputs.is_empty() {
            return Err(Failure::broken(format!("the answer holds no outputs: {}", described(body))));
        }
        let (mut state, mut out) = (State::default(), Vec::new());
        state.emit.start(&answer.id, &answer.model, &mut out);
        for output in answer.outputs {
            state.output(output.message, output.finish_reason, &mut out);
        }
        state.counted(answer.usage, answer.service_tier, &mut out);
        state.end(&mut out)?;
        Ok(out)
    }

    fn reader(&self) -> Box<dyn Reader> {
        Box::new(Stream::default())
    }

    fn read_error(&self, body: &[u8]) -> ErrorBody {
        error_body(body)
    }

    fn show(&self, body: &[u8]) -> String {
        GetCompletionsRequest::decode(body).map_or_else(|_| described(body), |request| format!("{request:#?}"))
    }
}

fn body(model: &str, request: &Request, adapted: &Adapted, losses: &mut Losses) -> Result<Vec<u8>, Failure> {
    let forced = matches!(
        request.tool_choice,
        ToolChoice::Required | ToolChoice::Named(_) | ToolChoice::Among { must: true, .. }
    );
    losses.when(forced && adapted.unforced && !request.tools.is_empty(), Loss::Forced);
    let kept = |block: &Block| !matches!(block, Block::Thought { tag, .. } if tag.is_none() || *tag != adapted.tag);
    losses.when(!request.messages.iter().flat_map(|m| &m.blocks).all(kept), Loss::Thoughts);
    let effort = match &adapted.thinking {
        Thinking::Level(level) | Thinking::Switch(true, Some(level)) => effort(*level),
        Thinking::Disabled | Thinking::Switch(false, _) => Some(ReasoningEffort::EffortNone),
        _ => None,
    };
    let sampling = Some(request.sampling).filter(|_| adapted.sampling).unwrap_or_default();
    let schema = request.schema.as_ref().filter(|_| adapted.structured);
    let body = GetCompletionsRequest {
        messages: turns(request, adapted)?,
        model: model.to_owned(),
        max_tokens: adapted.max_output.map(|limit| i32::try_from(limit).unwrap_or(i32::MAX)),
        response_format: schema.map(|schema| ResponseFormat {
            format_type: FormatType::JsonSchema.into(),
            schema: Some(schema.schema.to_string()),
        }),
        temperature: sampling.temperature.map(single),
        top_p: sampling.top_p.map(single),
        tools: chosen(request).map(offered).collect(),
        tool_choice: (!request.tools.is_empty())
            .then(|| Choice { tool_choice: Some(choice(&request.tool_choice, adapted.unforced)) }),
        reasoning_effort: effort.map(i32::from),
        // Reasoning travels with us, nothing is kept there.
        use_encrypted_content: effort.is_some_and(|level| level != ReasoningEffort::EffortNone),
    };
    Ok(body.encode_to_vec())
}

/// Names of models in an answer of `Models.ListLanguageModels`; none when it is something else.
#[must_use]
pub fn models(body: &[u8]) -> Vec<String> {
    let listed = ListLanguageModelsResponse::decode(body).unwrap_or_default();
    listed.models.into_iter().map(|model| model.name).filter(|name| !name.is_empty()).collect()
}

fn foreign(body: &[u8]) -> Failure {
    Failure::broken(format!("the answer is no message of xAI's service: {}", described(body)))
}

fn effort(level: Effort) -> Option<ReasoningEffort> {
    Some(match level {
        Effort::Auto => return None,
        Effort::None => ReasoningEffort::EffortNone,
        Effort::Minimal | Effort::Low => ReasoningEffort::EffortLow,
        Effort::Medium => ReasoningEffort::EffortMedium,
        Effort::High => ReasoningEffort::EffortHigh,
        Effort::XHigh | Effort::Max => ReasoningEffort::EffortXhigh,
    })
}

/// As much of a number as the wire holds.
#[allow(clippy::cast_possible_truncation)]
const fn single(number: f64) -> f32 {
    number as f32
}

/// Tools that may not be called now are not offered.
fn chosen(request: &Request) -> impl Iterator<Item = &ToolSpec> {
    request.tools.iter().filter(|tool| match &request.tool_choice {
        ToolChoice::Among { names, .. } => names.contains(&tool.name),
        _ => true,
    })
}

fn offered(spec: &ToolSpec) -> Tool {
    let parameters = match &spec.custom {
        Some(_) => one_text(),
        None if spec.parameters.is_null() => json!({ "type": "object", "properties": {} }),
        None => spec.parameters.clone(),
    };
    Tool {
        tool: Some(tool::Tool::Function(Function {
            name: spec.name.clone(),
            description: spec.description.clone(),
            strict: false,
            parameters: parameters.to_string(),
        })),
    }
}

fn choice(asked: &ToolChoice, unforced: bool) -> tool_choice::ToolChoice {
    let mode = match asked {
        ToolChoice::Named(name) if !unforced => return tool_choice::ToolChoice::FunctionName(name.clone()),
        ToolChoice::Required if !unforced => ToolMode::Required,
        ToolChoice::None => ToolMode::None,
        ToolChoice::Among { must: true, .. } if !unforced => ToolMode::Required,
        ToolChoice::Auto | ToolChoice::Required | ToolChoice::Named(_) | ToolChoice::Among { .. } => ToolMode::Auto,
    };
    tool_choice::ToolChoice::Mode(mode.into())
}

fn words(text: impl Into<String>) -> Content {
    Content { content: Some(content::Content::Text(text.into())) }
}

fn turns(request: &Request, adapted: &Adapted) -> Result<Vec<Turn>, Failure> {
    let mut out = Vec::new();
    let said = worded(request, adapted);
    if !said.is_empty() {
        out.push(turn(MessageRole::RoleSystem, vec![words(said)]));
    }
    for run in request.messages.chunk_by(|a, b| a.role == b.role) {
        for message in run {
            // Each call is answered before the user speaks, whichever message holds the answer.
            results(message, &mut out);
        }
        for message in run {
            match message.role {
                Role::User => user(message, &mut out)?,
                Role::System => {
                    let texts = message
                        .blocks
                        .iter()
                        .filter_map(|b| if let Block::Text(t) = b { Some(words(t)) } else { None });
                    out.push(turn(MessageRole::RoleSystem, texts.collect()));
                }
                Role::Assistant => assistant(message, adapted, &mut out),
            }
        }
    }
    Ok(out)
}

fn turn(role: MessageRole, content: Vec<Content>) -> Turn {
    Turn { role: role.into(), content, ..Turn::default() }
}

fn results(message: &Message, out: &mut Vec<Turn>) {
    for block in &message.blocks {
        if let Block::ToolResult { id, content, is_error, parts, .. } = block {
            let told = told(content, parts);
            let content = if *is_error { format!("error: {told}") } else { told };
            out.push(Turn { tool_call_id: Some(id.clone()), ..turn(MessageRole::RoleTool, vec![words(content)]) });
        }
    }
}

/// This dialect has no place for it.
fn unsaid(what: &str) -> Failure {
    Failure::new(Kind::BadRequest, Scope::Request, format!("{what} cannot be sent in this dialect"))
}

fn user(message: &Message, out: &mut Vec<Turn>) -> Result<(), Failure> {
    let mut parts = Vec::new();
    for block in &message.blocks {
        match block {
            Block::Text(text) => parts.push(words(text)),
            Block::Image { source, .. } => {
                let url = match source {
                    Source::Data { media_type, data } => format!("data:{media_type};base64,{data}"),
                    Source::Url(url) => url.clone(),
                    Source::Text(_) | Source::File { .. } => return Err(unsaid("an image that is stored elsewhere")),
                };
                let source = Some(image_url_content::Source::ImageUrl(url));
                let image = ImageUrlContent { detail: ImageDetail::DetailAuto.into(), source };
                parts.push(Content { content: Some(content::Content::ImageUrl(image)) });
            }
            Block::Document { source: Source::Text(text), .. } => parts.push(words(text)),
            Block::Document { source: Source::Data { media_type, data }, name } => {
                let data = STANDARD.decode(data).map_err(|_| {
                    Failure::new(Kind::BadRequest, Scope::Request, "a document of the request is no base64")
                })?;
                let filename = name.as_deref().unwrap_or("document").to_owned();
                let file = FileContent { data, filename, mime_type: media_type.clone() };
                parts.push(Content { content: Some(content::Content::File(file)) });
            }
            Block::Document { .. } => return Err(unsaid("a document that is stored elsewhere")),
            Block::Audio { .. } => return Err(unsaid("a sound")),
            _ => {}
        }
    }
    if !parts.is_empty() {
        out.push(turn(MessageRole::RoleUser, parts));
    }
    Ok(())
}

fn assistant(message: &Message, adapted: &Adapted, out: &mut Vec<Turn>) {
    let (mut said, mut thought, mut seals, mut calls) = (String::new(), String::new(), String::new(), Vec::new());
    for block in &message.blocks {
        match block {
            Block::Text(text) => said.push_str(text),
            // Whoever else made it could not read it.
            Block::Thought { text, seal, tag } if tag.is_some() && *tag == adapted.tag => {
                thought.push_str(text);
                seals.push_str(seal.as_deref().unwrap_or_default());
            }
            Block::ToolCall { id, name, input, custom, .. } => calls.push(ToolCall {
                id: id.clone(),
                r#type: ToolCallType::ClientSideTool.into(),
                tool: Some(tool_call::Tool::Function(FunctionCall {
                    name: name.clone(),
                    arguments: if *custom { json!({ "input": input }).to_string() } else { input.clone() },
                })),
                ..ToolCall::default()
            }),
            _ => {}
        }
    }
    if said.is_empty() && calls.is_empty() && seals.is_empty() {
        return;
    }
    out.push(Turn {
        tool_calls: calls,
        reasoning_content: Some(thought).filter(|text| !text.is_empty()),
        encrypted_content: seals,
        // A turn without words still has a content: its own client sends an empty one.
        ..turn(MessageRole::RoleAssistant, vec![words(said)])
    });
}

/// What is known between two messages.
#[derive(Default)]
struct State {
    emit: Emit,
    finish: Option<i32>,
    calls: u64,
    /// Encrypted reasoning, in pieces like everything else.
    seal: String,
    usage: Option<SamplingUsage>,
    tier: i32,
}

impl State {
    fn chunk(&mut self, chunk: GetChatCompletionChunk, out: &mut Vec<Event>) {
        self.emit.start(&chunk.id, &chunk.model, out);
        for output in chunk.outputs {
            self.output(output.delta, output.finish_reason, out);
        }
        self.counted(chunk.usage, chunk.service_tier, out);
    }

    fn output(&mut self, delta: Option<Delta>, finish: i32, out: &mut Vec<Event>) {
        if finish != i32::from(Reason::ReasonInvalid) {
            self.finish = Some(finish);
        }
        let Some(delta) = delta else { return };
        // What a tool of the server's own said is none of the model's words.
        if delta.role == i32::from(MessageRole::RoleTool) {
            self.emit.opaque(Dialect::XaiGrpc, &json!({ "tool_output": delta.content }), out);
            return;
        }
        self.emit.thought(&delta.reasoning_content, out);
        self.emit.text(&delta.content, out);
        self.seal.push_str(&delta.encrypted_content);
        for call in delta.tool_calls {
            let Some(tool_call::Tool::Function(function)) = call.tool else { continue };
            if call.r#type > i32::from(ToolCallType::ClientSideTool) {
                // The server's own; it answers them itself.
                let called = json!({ "tool_call": { "id": call.id, "type": call.r#type,
                    "name": function.name, "arguments": function.arguments } });
                self.emit.opaque(Dialect::XaiGrpc, &called, out);
                continue;
            }
            self.calls += 1;
            let id = Some(call.id).filter(|id| !id.is_empty()).unwrap_or_else(call_id);
            self.emit.call(Key::Number(self.calls), [&id, &function.name], &function.arguments, false, out);
        }
    }

    fn counted(&mut self, usage: Option<SamplingUsage>, tier: i32, out: &mut Vec<Event>) {
        if tier != self.tier && tier != i32::from(ServiceTier::Unspecified) {
            self.tier = tier;
            out.push(Event::Served(match ServiceTier::try_from(tier) {
                Ok(ServiceTier::Default | ServiceTier::Unspecified) => Service::Standard,
                Ok(ServiceTier::Priority) => Service::Priority,
                Err(_) => Service::Other,
            }));
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
            Ok(Reason::ReasonTimeLimit | Reason::ReasonInvalid) => FinishReason::Other("time_limit".to_owned()),
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

#[derive(Default)]
struct Stream {
    frames: Frames,
    state: State,
}

impl Reader for Stream {
    fn feed(&mut self, bytes: &[u8], out: &mut Vec<Event>) -> Result<(), Failure> {
        let mut messages: Vec<BytesMut> = Vec::new();
        let framed = self.frames.feed(bytes, &mut messages);
        for message in messages {
            let chunk = GetChatCompletionChunk::decode(message.as_ref()).map_err(|_| foreign(&message))?;
            self.state.chunk(chunk, out);
        }
        framed
    }

    fn end(&mut self, out: &mut Vec<Event>) -> Result<(), Failure> {
        self.state.end(out)
    }
}
