//! Writes answers, whole and streamed.

use std::collections::HashMap;

use prost::Message as _;

use super::own::{self, Note};
use crate::model::{Block, BlockKind, Cost, Dialect, Event, Failure, FinishReason, Service, Usage};
use crate::wire::grpc::{prefix, trailers};
use crate::wire::json::spelled;
use crate::wire::order::Order;
use crate::wire::proto::xai::{
    CompletionOutput, CompletionOutputChunk, Delta, FinishReason as Reason, FunctionCall, GetChatCompletionChunk,
    GetChatCompletionResponse, MessageRole, SamplingUsage, ServiceTier, Timestamp, ToolCall, ToolCallType, tool_call,
};
use crate::wire::reply::{IMAGE, TIME_LIMIT, unfinished};
use crate::wire::{Fold, Reply, Writer};

/// A whole answer.
pub(super) fn whole(events: &[Event], reply: &Reply) -> Vec<u8> {
    let mut fold = Fold::default();
    events.iter().for_each(|event| fold.push(event));
    let mut message = spoken();
    let (mut found, mut tools) = (Vec::new(), Vec::new());
    for block in fold.message(None).blocks {
        match block {
            Block::Text(text) | Block::Refusal(text) => message.content.push_str(&text),
            Block::Thought { text, seal, .. } => {
                message.reasoning_content.push_str(&text);
                message.encrypted_content.extend(seal.map(|seal| own::sealed(&text, &seal)));
            }
            Block::ToolCall { id, name, input, custom, .. } => {
                message.tool_calls.push(call(&Call { id, name, custom, input }));
            }
            Block::Image { .. } => message.content.push_str(IMAGE),
            Block::Cited(citation) => match own::note(&citation) {
                Some(Note::Inline(note)) => message.citations.push(note),
                Some(Note::Found(url)) if !found.contains(&url) => found.push(url),
                Some(Note::Found(_)) | None => {}
            },
            Block::Opaque { dialect: Dialect::XaiGrpc, value, .. } => match own::output(&value) {
                Some(said) => tools.push(said),
                None => message.tool_calls.extend(value.get("tool_call").map(own::call)),
            },
            _ => {}
        }
    }
    let finish_reason = finish(fold.finish.as_ref()).into();
    let mut outputs = vec![CompletionOutput { finish_reason, index: 0, message: Some(message) }];
    // What the server's own tools said are outputs of their own.
    outputs.extend(tools.into_iter().zip(1..).map(|(said, index)| CompletionOutput {
        index,
        message: Some(said),
        finish_reason: Reason::ReasonInvalid.into(),
    }));
    let answer = GetChatCompletionResponse {
        id: reply.id.clone(),
        model: reply.model.clone(),
        created: Some(created(reply)),
        outputs,
        usage: fold.usage.map(|used| usage(&used, fold.charged)),
        citations: found,
        service_tier: fold.service.map_or(ServiceTier::Unspecified, tier).into(),
    };
    answer.encode_to_vec()
}

fn spoken() -> Delta {
    Delta { role: MessageRole::RoleAssistant.into(), ..Delta::default() }
}

fn created(reply: &Reply) -> Timestamp {
    Timestamp { seconds: i64::try_from(reply.created).unwrap_or(i64::MAX) }
}

fn finish(reason: Option<&FinishReason>) -> Reason {
    match reason {
        Some(FinishReason::Other(word)) if word == TIME_LIMIT => Reason::ReasonTimeLimit,
        Some(FinishReason::ToolCalls) => Reason::ReasonToolCalls,
        cut if unfinished(cut) => Reason::ReasonMaxLen,
        _ => Reason::ReasonStop,
    }
}

const fn tier(service: Service) -> ServiceTier {
    match service {
        Service::Standard => ServiceTier::Default,
        Service::Priority => ServiceTier::Priority,
        Service::Batch | Service::Flex | Service::Fast | Service::Other => ServiceTier::Unspecified,
    }
}

/// Counts; cached parts are part of the prompt here, and thoughts stand beside what was said. Ticks are a tenth of a
/// nano-dollar (xai.md).
fn usage(used: &Usage, charged: Option<Cost>) -> SamplingUsage {
    let n = |count: u64| i32::try_from(count).unwrap_or(i32::MAX);
    let thought = used.reasoning.unwrap_or(0).min(used.output);
    SamplingUsage {
        prompt_tokens: n(used.prompt()),
        prompt_text_tokens: n(used.prompt()),
        cached_prompt_text_tokens: n(used.cache_read),
        completion_tokens: n(used.output - thought),
        reasoning_tokens: n(thought),
        total_tokens: n(used.total()),
        cost_in_usd_ticks: charged.and_then(|cost| i64::try_from(cost.amount.0.checked_mul(10)?).ok()),
    }
}

/// A call that is being told.
struct Call {
    id: String,
    name: String,
    custom: bool,
    input: String,
}

fn call(call: &Call) -> ToolCall {
    let arguments = if call.custom { own::object(&call.input) } else { spelled(&call.input).to_owned() };
    ToolCall {
        id: call.id.clone(),
        r#type: ToolCallType::ClientSideTool.into(),
        tool: Some(tool_call::Tool::Function(FunctionCall { name: call.name.clone(), arguments })),
        ..ToolCall::default()
    }
}

/// Writes a stream: texts as they come, calls when they are complete.
pub(super) struct Stream {
    reply: Reply,
    order: Order,
    /// Calls by our number of their blocks.
    calls: HashMap<usize, Call>,
    /// Thoughts by our number of their blocks: a seal goes out with the thought it seals.
    thoughts: HashMap<usize, String>,
    /// Outputs so far that are not the model's.
    outputs: i32,
    usage: Option<Usage>,
    charged: Option<Cost>,
    service: Option<Service>,
    finish: Option<FinishReason>,
    failure: Option<Failure>,
}

impl Stream {
    pub(super) fn new(reply: &Reply) -> Self {
        Self {
            reply: reply.clone(),
            order: Order::default(),
            calls: HashMap::new(),
            thoughts: HashMap::new(),
            outputs: 0,
            usage: None,
            charged: None,
            service: None,
            finish: None,
            failure: None,
        }
    }

    fn chunk(&self, outputs: Vec<CompletionOutputChunk>) -> GetChatCompletionChunk {
        GetChatCompletionChunk {
            id: self.reply.id.clone(),
            model: self.reply.model.clone(),
            created: Some(created(&self.reply)),
            outputs,
            ..GetChatCompletionChunk::default()
        }
    }

    fn say(&self, delta: Delta, out: &mut Vec<u8>) {
        send(&self.chunk(vec![piece(delta, Reason::ReasonInvalid, 0)]), out);
    }

    fn begin(&mut self, index: usize, kind: &BlockKind, out: &mut Vec<u8>) {
        match kind {
            BlockKind::ToolCall { id, name, custom } => {
                let (id, name) = (id.clone(), name.clone());
                self.calls.insert(index, Call { id, name, custom: *custom, input: String::new() });
            }
            BlockKind::Image(_) => self.say(Delta { content: IMAGE.to_owned(), ..spoken() }, out),
            BlockKind::Opaque { dialect: Dialect::XaiGrpc, value } => match own::output(value) {
                Some(said) => {
                    self.outputs = self.outputs.saturating_add(1);
                    send(&self.chunk(vec![piece(said, Reason::ReasonInvalid, self.outputs)]), out);
                }
                None => {
                    let calls: Vec<ToolCall> = value.get("tool_call").map(own::call).into_iter().collect();
                    if !calls.is_empty() {
                        self.say(Delta { tool_calls: calls, ..spoken() }, out);
                    }
                }
            },
            BlockKind::Thought => drop(self.thoughts.insert(index, String::new())),
            BlockKind::Opaque { .. } | BlockKind::Text | BlockKind::Refusal => {}
        }
    }

    fn tell(&mut self, event: &Event, out: &mut Vec<u8>) {
        match event {
            Event::BlockStart { index, kind } => self.begin(*index, kind, out),
            Event::Text { text, .. } => self.say(Delta { content: text.clone(), ..spoken() }, out),
            Event::Thought { index, text } => {
                self.thoughts.entry(*index).or_default().push_str(text);
                self.say(Delta { reasoning_content: text.clone(), ..spoken() }, out);
            }
            // A call has no place for a seal.
            Event::Sealed { index, .. } if self.calls.contains_key(index) => {}
            Event::Sealed { index, seal } => {
                let thought = self.thoughts.get(index).map_or("", String::as_str);
                self.say(Delta { encrypted_content: own::sealed(thought, seal), ..spoken() }, out);
            }
            Event::ToolInput { index, json } => {
                if let Some(call) = self.calls.get_mut(index) {
                    call.input.push_str(json);
                }
            }
            Event::Cited { citation, .. } => match own::note(citation) {
                Some(Note::Inline(note)) => self.say(Delta { citations: vec![note], ..spoken() }, out),
                Some(Note::Found(url)) => {
                    send(&GetChatCompletionChunk { citations: vec![url], ..self.chunk(Vec::new()) }, out);
                }
                None => {}
            },
            Event::BlockEnd { index } => {
                self.thoughts.remove(index);
                if let Some(done) = self.calls.remove(index) {
                    self.say(Delta { tool_calls: vec![call(&done)], ..spoken() }, out);
                }
            }
            Event::Usage(used) => self.usage = Some(*used),
            Event::Charged(cost) => self.charged = Some(*cost),
            Event::Served(service) => self.service = Some(*service),
            Event::Finish(reason) => self.finish = Some(reason.clone()),
            Event::Start { .. } | Event::About { .. } | Event::Why { .. } => {}
        }
    }
}

fn piece(delta: Delta, reason: Reason, index: i32) -> CompletionOutputChunk {
    CompletionOutputChunk { delta: Some(delta), finish_reason: reason.into(), index }
}

fn send(chunk: &GetChatCompletionChunk, out: &mut Vec<u8>) {
    let bytes = chunk.encode_to_vec();
    out.extend_from_slice(&prefix(bytes.len()));
    out.extend_from_slice(&bytes);
}

impl Writer for Stream {
    fn push(&mut self, event: &Event, out: &mut Vec<u8>) {
        for event in self.order.take(event) {
            self.tell(&event, out);
        }
    }

    fn end(&mut self, out: &mut Vec<u8>) {
        for event in self.order.rest() {
            self.tell(&event, out);
        }
        let last = GetChatCompletionChunk {
            usage: self.usage.map(|used| usage(&used, self.charged)),
            service_tier: self.service.map_or(ServiceTier::Unspecified, tier).into(),
            ..self.chunk(vec![piece(spoken(), finish(self.finish.as_ref()), 0)])
        };
        send(&last, out);
    }

    /// Messages tell of no failure: it stands in what follows them.
    fn fail(&mut self, failure: &Failure, _: &mut Vec<u8>) {
        self.failure = Some(failure.clone());
    }

    fn trailers(&self) -> Vec<(String, String)> {
        trailers(self.failure.as_ref())
    }

    /// A message without outputs.
    fn ping(&self, out: &mut Vec<u8>) {
        send(&self.chunk(Vec::new()), out);
    }

    fn media_type(&self) -> &'static str {
        "application/grpc"
    }
}
