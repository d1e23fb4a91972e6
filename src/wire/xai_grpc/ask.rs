//! Writes requests.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use prost::Message as _;
use serde_json::{Value, json};

use super::asked::{CONTENT, MESSAGES, TOOLS, numbered};
use super::{own, raw, single};
use crate::model::{
    Block, Dialect, Effort, Failure, Kind, Message, Request, Role, Scope, Service, Source, ToolChoice, ToolSpec,
};
use crate::wire::file::titled;
use crate::wire::json::{items, spelled, system};
use crate::wire::loss::{Loss, Losses};
use crate::wire::openai_chat::one_text;
use crate::wire::proto::xai::{
    Content, FileContent, FormatType, Function, FunctionCall, GetCompletionsRequest, ImageDetail, ImageUrlContent,
    Message as Turn, MessageRole, ReasoningEffort, ResponseFormat, ServiceTier, Tool, ToolCall, ToolCallType,
    ToolChoice as Choice, ToolMode, content, image_url_content, tool, tool_call, tool_choice,
};
use crate::wire::turns::{joined, told};
use crate::wire::{Adapted, Thinking};

pub(super) fn body(model: &str, request: &Request, adapted: &Adapted, losses: &mut Losses) -> Result<Vec<u8>, Failure> {
    let effort = match &adapted.thinking {
        Thinking::Level(level) | Thinking::Switch(true, Some(level)) => effort(*level),
        Thinking::Disabled | Thinking::Switch(false, _) => Some(ReasoningEffort::EffortNone),
        _ => None,
    };
    let sampling = Some(request.sampling).filter(|_| adapted.sampling).unwrap_or_default();
    let seed = request.sampling.seed.map(i32::try_from);
    losses.when(matches!(seed, Some(Err(_))), Loss::Seed);
    let tier = request.service.and_then(tier);
    losses.when(request.service.is_some() && tier.is_none(), Loss::Service);
    let mut body = GetCompletionsRequest {
        model: model.to_owned(),
        max_tokens: adapted.max_output.map(|limit| i32::try_from(limit).unwrap_or(i32::MAX)),
        response_format: format(request, adapted),
        temperature: sampling.temperature.map(single),
        top_p: sampling.top_p.map(single),
        presence_penalty: sampling.presence_penalty.map(single),
        frequency_penalty: sampling.frequency_penalty.map(single),
        seed: seed.and_then(Result::ok),
        stop: if adapted.cut_stops { Vec::new() } else { request.stop.clone() },
        user: request.user.clone().unwrap_or_default(),
        service_tier: tier.unwrap_or_default().into(),
        reasoning_effort: effort.map(i32::from),
        // Reasoning travels with us, nothing is kept there; that of models that reason unasked does so, too.
        use_encrypted_content: effort.map_or(adapted.reasons, |level| level != ReasoningEffort::EffortNone),
        ..GetCompletionsRequest::default()
    };
    let provided: Vec<&Value> = own_extras(request).filter(|(name, _)| *name == "tools").map(|(_, v)| v).collect();
    tools(&mut body, request, adapted, !provided.is_empty(), losses);
    let mut bytes = Vec::new();
    for turn in turns(request, adapted, losses)? {
        raw::bytes(MESSAGES, &turn, &mut bytes);
    }
    bytes.extend(body.encode_to_vec());
    provided.into_iter().for_each(|tool| raw::write(TOOLS, tool, &mut bytes));
    for (name, values) in own_extras(request) {
        // Fields that may stand more than once are kept as a list of all their values.
        for value in numbered(name)
            .into_iter()
            .flat_map(|number| values.as_array().into_iter().flatten().map(move |v| (number, v)))
        {
            raw::write(value.0, value.1, &mut bytes);
        }
    }
    Ok(bytes)
}

/// What only this dialect knows, by name.
fn own_extras(request: &Request) -> impl Iterator<Item = (&str, &Value)> {
    let own = request.extras.iter().filter(|extra| extra.dialect == Dialect::XaiGrpc);
    own.map(|extra| (extra.name.as_str(), &extra.value))
}

fn format(request: &Request, adapted: &Adapted) -> Option<ResponseFormat> {
    let (kind, schema) = match &request.schema {
        Some(schema) if adapted.structured => (FormatType::JsonSchema, Some(schema.schema.to_string())),
        None if request.json => (FormatType::JsonObject, None),
        // Stated in words.
        Some(_) | None => return None,
    };
    Some(ResponseFormat { format_type: kind.into(), schema })
}

const fn tier(service: Service) -> Option<ServiceTier> {
    match service {
        Service::Standard => Some(ServiceTier::Default),
        Service::Priority => Some(ServiceTier::Priority),
        Service::Batch | Service::Flex | Service::Fast | Service::Other => None,
    }
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

fn tools(body: &mut GetCompletionsRequest, request: &Request, adapted: &Adapted, provided: bool, losses: &mut Losses) {
    let strict = adapted.quirks.strict;
    losses.when(!strict && request.tools.iter().any(|tool| tool.strict == Some(true)), Loss::Strict);
    // Tools that may not be called now are not offered.
    let chosen = request.tools.iter().filter(|tool| match &request.tool_choice {
        ToolChoice::Among { names, .. } => names.contains(&tool.name),
        _ => true,
    });
    body.tools = chosen.map(|spec| offered(spec, strict)).collect();
    if request.tools.is_empty() && !provided {
        return;
    }
    let forced = matches!(
        request.tool_choice,
        ToolChoice::Required | ToolChoice::Named(_) | ToolChoice::Among { must: true, .. }
    );
    losses.when(forced && adapted.unforced, Loss::Forced);
    body.tool_choice = Some(Choice { tool_choice: Some(choice(&request.tool_choice, adapted.unforced)) });
    body.parallel_tool_calls = request.parallel;
}

fn offered(spec: &ToolSpec, strict: bool) -> Tool {
    let parameters = match &spec.custom {
        Some(_) => one_text(),
        None if spec.parameters.is_null() => json!({ "type": "object", "properties": {} }),
        None => spec.parameters.clone(),
    };
    Tool {
        tool: Some(tool::Tool::Function(Function {
            name: spec.name.clone(),
            description: spec.description.clone(),
            strict: strict && spec.strict == Some(true),
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

/// The turns, each as the bytes of its message.
fn turns(request: &Request, adapted: &Adapted, losses: &mut Losses) -> Result<Vec<Vec<u8>>, Failure> {
    let mut out = Vec::new();
    let said = system(request, adapted);
    if !said.is_empty() {
        out.push(turn(MessageRole::RoleSystem, vec![words(said)]).encode_to_vec());
    }
    for run in joined(&request.messages).chunk_by(|a, b| a.role == b.role) {
        for message in run {
            // Each call is answered before the user speaks, whichever message holds the answer.
            results(message, &mut out);
        }
        for message in run {
            match message.role {
                Role::User | Role::System => spoken(message, adapted, losses, &mut out)?,
                Role::Assistant => assistant(message, adapted, losses, &mut out),
            }
        }
    }
    Ok(out)
}

fn turn(role: MessageRole, content: Vec<Content>) -> Turn {
    Turn { role: role.into(), content, ..Turn::default() }
}

fn results(message: &Message, out: &mut Vec<Vec<u8>>) {
    for block in &message.blocks {
        if let Block::ToolResult { id, content, is_error, parts, .. } = block {
            let told = told(content, parts);
            let content = if *is_error { format!("error: {told}") } else { told };
            let turn = Turn { tool_call_id: Some(id.clone()), ..turn(MessageRole::RoleTool, vec![words(content)]) };
            out.push(turn.encode_to_vec());
        }
    }
}

/// A turn of the user, or instructions in the middle.
fn spoken(message: &Message, adapted: &Adapted, losses: &mut Losses, out: &mut Vec<Vec<u8>>) -> Result<(), Failure> {
    let role = if message.role == Role::System { MessageRole::RoleSystem } else { MessageRole::RoleUser };
    let mut said = Turn { name: message.about.name.clone().unwrap_or_default(), ..turn(role, Vec::new()) };
    // Parts that have no type here follow as they are.
    let mut strange = Vec::new();
    for block in &message.blocks {
        if let Block::Opaque { dialect: Dialect::XaiGrpc, value, tag } = block {
            if *tag != adapted.tag {
                continue;
            }
            if let Some(sealed) = value.get("compacted").and_then(Value::as_str) {
                out.push(Turn { encrypted_content: sealed.to_owned(), ..turn(role, Vec::new()) }.encode_to_vec());
            }
            strange.extend(value.get("content").map(raw::bytes_of));
            continue;
        }
        let Some(part) = part(block, losses)? else { continue };
        said.content.push(Content { content: Some(part) });
    }
    if !said.content.is_empty() || !strange.is_empty() {
        out.push(with(&said, &strange));
    }
    Ok(())
}

/// The bytes of a turn with parts that only their bytes are known of.
fn with(turn: &Turn, strange: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = turn.encode_to_vec();
    strange.iter().for_each(|part| raw::bytes(CONTENT, part, &mut bytes));
    bytes
}

/// This dialect has no place for it.
fn unsaid(what: &str) -> Failure {
    Failure::new(Kind::BadRequest, Scope::Request, format!("{what} cannot be sent in this dialect"))
}

fn part(block: &Block, losses: &mut Losses) -> Result<Option<content::Content>, Failure> {
    Ok(Some(match block {
        Block::Text(text) | Block::Refusal(text) => content::Content::Text(text.clone()),
        Block::Image { source, detail } => {
            let source = match source {
                Source::Data { media_type, data } => {
                    image_url_content::Source::ImageUrl(format!("data:{media_type};base64,{data}"))
                }
                Source::Url(url) => image_url_content::Source::ImageUrl(url.clone()),
                Source::File { id, .. } => image_url_content::Source::FileId(id.clone()),
                Source::Text(_) => return Err(unsaid("an image that is a text")),
            };
            let known = match detail.as_deref() {
                Some("low") => ImageDetail::DetailLow,
                Some("high") => ImageDetail::DetailHigh,
                other => {
                    losses.when(other.is_some_and(|other| other != "auto"), Loss::Detail);
                    ImageDetail::DetailAuto
                }
            };
            content::Content::ImageUrl(ImageUrlContent { detail: known.into(), source: Some(source) })
        }
        Block::Document { source: Source::Text(text), name } => content::Content::Text(titled(text, name.as_ref())),
        Block::Document { source, name } => {
            let filename = name.clone().unwrap_or_default();
            content::Content::File(match source {
                Source::Data { media_type, data } => {
                    let data = STANDARD.decode(data).map_err(|_| {
                        Failure::new(Kind::BadRequest, Scope::Request, "a document of the request is no base64")
                    })?;
                    let filename = name.as_deref().unwrap_or("document").to_owned();
                    FileContent { data, filename, mime_type: media_type.clone(), ..FileContent::default() }
                }
                Source::File { id, media_type, .. } => {
                    let mime_type = media_type.clone().unwrap_or_default();
                    FileContent { file_id: id.clone(), filename, mime_type, ..FileContent::default() }
                }
                Source::Url(url) | Source::Text(url) => {
                    FileContent { url: url.clone(), filename, ..FileContent::default() }
                }
            })
        }
        Block::Audio { .. } => return Err(unsaid("a sound")),
        _ => return Ok(None),
    }))
}

/// An answer, as far as it is put together.
#[derive(Default)]
struct Said {
    text: String,
    thought: String,
    seal: String,
    calls: Vec<ToolCall>,
    strange: Vec<Vec<u8>>,
}

impl Said {
    fn end(&mut self, name: Option<&String>, losses: &mut Losses, out: &mut Vec<Vec<u8>>) {
        let Self { text, thought, seal, calls, strange } = std::mem::take(self);
        if text.is_empty() && calls.is_empty() && seal.is_empty() && strange.is_empty() {
            // A turn of a thought alone is none here.
            losses.when(!thought.is_empty(), Loss::Thoughts);
            return;
        }
        let turn = Turn {
            name: name.cloned().unwrap_or_default(),
            tool_calls: calls,
            reasoning_content: Some(thought).filter(|text| !text.is_empty()),
            encrypted_content: seal,
            // A turn without words still has a content: its own client sends an empty one.
            ..turn(MessageRole::RoleAssistant, vec![words(text)])
        };
        out.push(with(&turn, &strange));
    }
}

fn assistant(message: &Message, adapted: &Adapted, losses: &mut Losses, out: &mut Vec<Vec<u8>>) {
    let mut said = Said::default();
    let name = message.about.name.as_ref();
    for block in &message.blocks {
        match block {
            Block::Text(text) | Block::Refusal(text) => said.text.push_str(text),
            // Other files in an answer were refused.
            Block::Document { source: Source::Text(text), name } => said.text.push_str(&titled(text, name.as_ref())),
            Block::Thought { text, seal, tag } if *tag == adapted.tag => {
                // A turn has one seal: the next begins another turn.
                if seal.is_some() && !said.seal.is_empty() {
                    said.end(name, losses, out);
                }
                said.thought.push_str(text);
                said.seal.push_str(seal.as_deref().unwrap_or_default());
            }
            // Whoever else made it could not read it.
            Block::Thought { text, seal, .. } => losses.when(!text.is_empty() || seal.is_some(), Loss::Thoughts),
            Block::ToolCall { id, name, input, custom, .. } => said.calls.push(ToolCall {
                id: id.clone(),
                r#type: ToolCallType::ClientSideTool.into(),
                tool: Some(tool_call::Tool::Function(FunctionCall {
                    name: name.clone(),
                    arguments: if *custom { own::object(input) } else { spelled(input).to_owned() },
                })),
                ..ToolCall::default()
            }),
            Block::Opaque { dialect: Dialect::XaiGrpc, value, tag } if *tag == adapted.tag => {
                let calls = own::calls(value);
                if let Some(output) = value.get("tool_output").and_then(Value::as_str) {
                    said.end(name, losses, out);
                    let id = value.get("tool_call_id").and_then(Value::as_str);
                    let turn = Turn {
                        tool_call_id: id.or_else(|| Some(&calls.first()?.id)).map(str::to_owned),
                        tool_calls: calls,
                        ..turn(MessageRole::RoleTool, vec![words(output)])
                    };
                    let parts: Vec<Vec<u8>> = items(value, "parts").map(raw::bytes_of).collect();
                    out.push(with(&turn, &parts));
                } else {
                    said.calls.extend(calls);
                }
                said.strange.extend(value.get("content").map(raw::bytes_of));
            }
            _ => {}
        }
    }
    said.end(name, losses, out);
}
