//! Reads requests.

use std::collections::HashSet;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use prost::Message as _;
use serde_json::{Value, json};

use super::own::{called, is_callers, said, thoughts};
use super::raw::{self, Fields};
use super::wide;
use crate::model::{
    Block, Dialect, Effort, Extra, Failure, Message, Request, Role, Schema, Service, Source, ToolChoice, ToolSpec,
};
use crate::wire::file::from_url;
use crate::wire::json::described;
use crate::wire::loss::Loss;
use crate::wire::proto::xai::{
    Content, FileContent, FormatType, Function, GetCompletionsRequest, ImageDetail, ImageUrlContent, Message as Turn,
    MessageRole, ReasoningEffort, ResponseFormat, ServiceTier, ToolCall, ToolChoice as Choice, ToolMode, content,
    image_url_content, tool, tool_call, tool_choice,
};
use crate::wire::ties::tied;
use crate::wire::turns::{add, head, result};
use crate::wire::wanted::one_answer;
use crate::wire::{Asked, Asking, bad};

/// Numbers of the request's lists whose elements may be of a kind that has no place here.
pub(super) const MESSAGES: u32 = 1;
pub(super) const TOOLS: u32 = 17;
/// The parts of a turn.
pub(super) const CONTENT: u32 = 1;

/// Fields that have a place of their own.
const KNOWN: &[u32] = &[MESSAGES, 2, 3, 7, 8, 9, 10, 11, 12, 14, 15, 16, TOOLS, 18, 19, 21, 22, 23, 24, 31, 34];

/// Names of fields that have none (xai.md, "gRPC").
const NAMES: &[(u32, &str)] = &[
    (5, "logprobs"),
    (6, "top_logprobs"),
    (20, "search_parameters"),
    (25, "max_turns"),
    (26, "include"),
    (29, "agent_count"),
    (39, "guidelines"),
];

/// The highest number of a field in a turn that is known.
const LAST_OF_TURN: u32 = 7;

/// Most fields without a place.
const MOST_KEPT: usize = 256;

/// Objects within objects in a schema: as deep as every dialect can carry it.
const DEEPEST: usize = 120;

/// What a field without a place is called.
fn name(number: u32) -> String {
    let known = NAMES.iter().find(|(known, _)| *known == number);
    known.map_or_else(|| format!("field_{number}"), |(_, name)| (*name).to_owned())
}

/// The field without a place that is called so.
pub(super) fn numbered(name: &str) -> Option<u32> {
    let known = NAMES.iter().find(|(_, known)| *known == name).map(|(number, _)| *number);
    known.or_else(|| name.strip_prefix("field_")?.parse().ok()).filter(|number| !KNOWN.contains(number) && *number > 0)
}

pub(super) fn request(body: &[u8], asking: &Asking<'_>) -> Result<Asked, Failure> {
    let foreign = || bad(format!("the body is no request of xAI's service: {}", described(body)));
    if raw::count(body, &[MESSAGES, CONTENT]).ok_or_else(foreign)? > raw::CROWD {
        return Err(bad("the body holds more parts than are read"));
    }
    let mut sent = GetCompletionsRequest::decode(body).map_err(|_| foreign())?;
    if sent.previous_response_id.as_ref().is_some_and(|id| !id.is_empty()) {
        // What was not kept cannot be gone on from.
        return Err(bad("previous_response_id: answers are not kept here; send the whole conversation as messages"));
    }
    // The SDK always says how many.
    one_answer("n", sent.n.map(f64::from))?;
    let mut asked = Asked::named(asking, Some(&sent.model), None)?;
    asked.usage = true;
    if sent.store_messages {
        asked.losses.push(Loss::extra("store_messages"));
    }
    let request = &mut asked.request;
    let mut reading = Reading { servers: HashSet::new(), room: raw::ROOM, losses: Vec::new() };
    let turns = elements(body, MESSAGES);
    for (turn, raw) in std::mem::take(&mut sent.messages).into_iter().zip(turns) {
        message(turn, raw, request, &mut reading)?;
        let strange = Fields(raw).flatten().map(|field| field.number).filter(|number| *number > LAST_OF_TURN);
        asked.losses.extend(strange.map(|number| Loss::extra(&format!("messages.field_{number}"))));
    }
    asked.losses.append(&mut reading.losses);
    // A result may come without the id of its call.
    tied(&mut request.messages);
    for (tool, raw) in
        std::mem::take(&mut sent.tools).into_iter().zip(Fields(body).flatten().filter(|field| field.number == TOOLS))
    {
        match tool.tool {
            Some(tool::Tool::Function(function)) => request.tools.push(spec(function)?),
            // The provider runs it itself.
            None => request.extras.push(Extra {
                dialect: Dialect::XaiGrpc,
                name: "tools".to_owned(),
                value: raw.shown(&mut reading.room),
            }),
        }
    }
    asked.losses.extend(unknown(&sent));
    request.tool_choice = choice(sent.tool_choice);
    request.parallel = sent.parallel_tool_calls;
    request.max_output = sent.max_tokens.and_then(|n| u32::try_from(n).ok());
    request.sampling.temperature = sent.temperature.and_then(wide);
    request.sampling.top_p = sent.top_p.and_then(wide);
    request.sampling.presence_penalty = sent.presence_penalty.and_then(wide);
    request.sampling.frequency_penalty = sent.frequency_penalty.and_then(wide);
    request.sampling.seed = sent.seed.map(i64::from);
    request.stop = sent.stop;
    request.user = [sent.safety_identifier.unwrap_or_default(), sent.user].into_iter().find(|user| !user.is_empty());
    request.effort = sent.reasoning_effort.map_or(Effort::Auto, effort).into();
    request.service = service(sent.service_tier);
    format(sent.response_format, request)?;
    rest(body, request, &mut reading.room)?;
    asked.tidy();
    Ok(asked)
}

/// The elements of a list, as they stand.
fn elements(message: &[u8], number: u32) -> impl Iterator<Item = &[u8]> {
    Fields(message).flatten().filter(move |field| field.number == number).filter_map(|field| field.bytes())
}

/// Fields without a place of their own are kept for the dialect that knows them.
fn rest(body: &[u8], request: &mut Request, room: &mut usize) -> Result<(), Failure> {
    let mut kept: Vec<(u32, Vec<Value>)> = Vec::new();
    let strange = Fields(body).flatten().filter(|field| !KNOWN.contains(&field.number));
    for (count, field) in strange.enumerate() {
        if count == MOST_KEPT {
            return Err(bad("the body holds more unknown fields than are kept"));
        }
        match kept.iter_mut().find(|(number, _)| *number == field.number) {
            Some((_, values)) => values.push(field.shown(room)),
            None => kept.push((field.number, vec![field.shown(room)])),
        }
    }
    let extra = |(number, values)| Extra { dialect: Dialect::XaiGrpc, name: name(number), value: Value::Array(values) };
    request.extras.extend(kept.into_iter().map(extra));
    Ok(())
}

fn effort(level: i32) -> Effort {
    match ReasoningEffort::try_from(level) {
        Ok(ReasoningEffort::EffortNone) => Effort::None,
        Ok(ReasoningEffort::EffortLow) => Effort::Low,
        Ok(ReasoningEffort::EffortMedium) => Effort::Medium,
        Ok(ReasoningEffort::EffortHigh) => Effort::High,
        Ok(ReasoningEffort::EffortXhigh) => Effort::XHigh,
        Ok(ReasoningEffort::InvalidEffort) | Err(_) => Effort::Auto,
    }
}

/// A tier; `None` where none was named.
pub(super) fn service(tier: i32) -> Option<Service> {
    match ServiceTier::try_from(tier) {
        Ok(ServiceTier::Unspecified) => None,
        Ok(ServiceTier::Default) => Some(Service::Standard),
        Ok(ServiceTier::Priority) => Some(Service::Priority),
        Err(_) => Some(Service::Other),
    }
}

fn format(format: Option<ResponseFormat>, request: &mut Request) -> Result<(), Failure> {
    let Some(format) = format else { return Ok(()) };
    match FormatType::try_from(format.format_type) {
        Ok(FormatType::JsonObject) => request.json = true,
        Ok(FormatType::JsonSchema) => {
            let schema = schema(&format.schema.unwrap_or_default(), "response_format")?;
            request.schema = Some(Schema::new("answer", schema));
        }
        Ok(FormatType::Invalid | FormatType::Text) | Err(_) => {}
    }
    Ok(())
}

/// A schema, which is a text here; null where there is none.
fn schema(text: &str, place: &str) -> Result<Value, Failure> {
    if text.trim().is_empty() {
        return Ok(Value::Null);
    }
    let schema = serde_json::from_str(text).map_err(|e| {
        // Never its text: it may be a part of a prompt.
        bad(format!("{place}: the schema is no JSON (line {}, column {})", e.line(), e.column()))
    })?;
    if depth(&schema) > DEEPEST {
        return Err(bad(format!("{place}: the schema goes deeper than {DEEPEST} levels")));
    }
    Ok(schema)
}

fn depth(value: &Value) -> usize {
    let inner = match value {
        Value::Array(items) => items.iter().map(depth).max(),
        Value::Object(fields) => fields.values().map(depth).max(),
        _ => return 0,
    };
    1 + inner.unwrap_or(0)
}

fn spec(function: Function) -> Result<ToolSpec, Failure> {
    let parameters = schema(&function.parameters, "tools")?;
    let empty = json!({ "type": "object", "properties": {} });
    Ok(ToolSpec {
        strict: Some(true).filter(|_| function.strict),
        ..ToolSpec::new(function.name, function.description, if parameters == empty { Value::Null } else { parameters })
    })
}

/// What says a word that a later version knows.
fn unknown(sent: &GetCompletionsRequest) -> impl Iterator<Item = Loss> + use<> {
    let level = sent.reasoning_effort.is_some_and(|level| ReasoningEffort::try_from(level).is_err());
    let form = sent.response_format.as_ref().is_some_and(|form| FormatType::try_from(form.format_type).is_err());
    let mode = match &sent.tool_choice {
        Some(Choice { tool_choice: Some(tool_choice::ToolChoice::Mode(mode)) }) => ToolMode::try_from(*mode).is_err(),
        _ => false,
    };
    let said = [("reasoning_effort", level), ("response_format", form), ("tool_choice", mode)];
    said.into_iter().filter(|(_, unknown)| *unknown).map(|(name, _)| Loss::Word(name))
}

fn choice(choice: Option<Choice>) -> ToolChoice {
    match choice.and_then(|choice| choice.tool_choice) {
        Some(tool_choice::ToolChoice::FunctionName(name)) => ToolChoice::Named(name),
        Some(tool_choice::ToolChoice::Mode(mode)) => match ToolMode::try_from(mode) {
            Ok(ToolMode::None) => ToolChoice::None,
            Ok(ToolMode::Required) => ToolChoice::Required,
            Ok(ToolMode::Auto | ToolMode::Invalid) | Err(_) => ToolChoice::Auto,
        },
        None => ToolChoice::Auto,
    }
}

/// What is known between two turns.
struct Reading {
    /// Calls that the server answers itself.
    servers: HashSet<String>,
    /// How many fields without a place may still be kept.
    room: usize,
    losses: Vec<Loss>,
}

fn message(mut turn: Turn, raw: &[u8], request: &mut Request, reading: &mut Reading) -> Result<(), Failure> {
    let opaque = |value: Value| Block::Opaque { dialect: Dialect::XaiGrpc, value, tag: None };
    let kind = MessageRole::try_from(turn.role).unwrap_or(MessageRole::InvalidRole);
    let mut blocks = Vec::new();
    let role = match kind {
        MessageRole::RoleSystem | MessageRole::RoleDeveloper => Role::System,
        MessageRole::RoleUser => Role::User,
        MessageRole::RoleAssistant => Role::Assistant,
        MessageRole::RoleFunction | MessageRole::RoleTool => {
            let id = turn.tool_call_id.take();
            let theirs = turn.tool_calls.first().is_some_and(|call| !is_callers(call))
                || id.as_ref().is_some_and(|id| reading.servers.contains(id));
            if theirs {
                // What the server's own tools said belongs to the answer.
                let told: String = turn.content.iter().filter_map(words).collect();
                let mut value = said(&told, &turn.tool_calls);
                let beside = turn.tool_calls.first().map(|call| call.id.as_str());
                if let Some(id) = id.filter(|id| !id.is_empty() && beside != Some(id)) {
                    value["tool_call_id"] = json!(id);
                }
                let parts = turn.content.iter().zip(elements(raw, CONTENT)).filter(|(part, _)| words(part).is_none());
                let parts: Vec<Value> = parts.map(|(_, raw)| raw::kept(raw, &mut reading.room)).collect();
                if !parts.is_empty() {
                    value["parts"] = Value::Array(parts);
                }
                add(&mut request.messages, Message::new(Role::Assistant, vec![opaque(value)]));
                return Ok(());
            }
            let mut parts = Vec::new();
            contents(turn.content, raw, reading, &mut parts);
            let told = result(&id.unwrap_or_default(), "", parts, false);
            add(&mut request.messages, Message::new(Role::User, vec![told]));
            return Ok(());
        }
        MessageRole::InvalidRole => return Err(bad(format!("messages: there is no role {}", turn.role))),
    };
    if role == Role::Assistant {
        let shown = turn.reasoning_content.take().unwrap_or_default();
        let own = thoughts(&shown, &turn.encrypted_content).into_iter();
        blocks.extend(own.map(|(text, seal)| Block::Thought { text, seal, tag: None }));
    } else if !turn.encrypted_content.is_empty() {
        // A conversation that the service has put together into one turn.
        blocks.push(opaque(json!({ "compacted": turn.encrypted_content })));
    }
    contents(turn.content, raw, reading, &mut blocks);
    blocks.extend(turn.tool_calls.into_iter().map(|call| call_block(call, &mut reading.servers)));
    let mut said = Message::new(role, blocks);
    said.about.name = Some(turn.name).filter(|name| !name.is_empty());
    if role == Role::System && request.messages.is_empty() {
        head(&said, request, &mut reading.losses);
        return Ok(());
    }
    if !said.blocks.is_empty() || !said.about.is_empty() {
        add(&mut request.messages, said);
    }
    Ok(())
}

fn call_block(call: ToolCall, servers: &mut HashSet<String>) -> Block {
    if !is_callers(&call) {
        servers.insert(call.id.clone());
        let value = json!({ "tool_call": called(&call) });
        return Block::Opaque { dialect: Dialect::XaiGrpc, value, tag: None };
    }
    let (name, arguments) = match call.tool {
        Some(tool_call::Tool::Function(function)) => (function.name, function.arguments),
        None => (String::new(), String::new()),
    };
    Block::call(call.id, name, arguments)
}

fn words(part: &Content) -> Option<&str> {
    match &part.content {
        Some(content::Content::Text(text)) => Some(text),
        _ => None,
    }
}

/// The parts of a turn; `raw` is the turn as it stands.
fn contents(parts: Vec<Content>, raw: &[u8], reading: &mut Reading, out: &mut Vec<Block>) {
    for (part, raw) in parts.into_iter().zip(elements(raw, CONTENT)) {
        out.push(match part.content {
            Some(content::Content::Text(text)) if text.is_empty() => continue,
            Some(content::Content::Text(text)) => Block::Text(text),
            Some(content::Content::ImageUrl(ImageUrlContent { detail, source: Some(source) })) => {
                let detail = match ImageDetail::try_from(detail) {
                    Ok(ImageDetail::DetailLow) => Some("low".to_owned()),
                    Ok(ImageDetail::DetailHigh) => Some("high".to_owned()),
                    Ok(ImageDetail::DetailInvalid | ImageDetail::DetailAuto) | Err(_) => None,
                };
                let source = match source {
                    image_url_content::Source::ImageUrl(url) => from_url(&url),
                    image_url_content::Source::FileId(id) => stored(id, None),
                };
                Block::Image { source, detail }
            }
            Some(content::Content::File(file)) => document(file, &mut reading.losses),
            // Parts of a kind that has no place here.
            Some(content::Content::ImageUrl(ImageUrlContent { source: None, .. })) | None => {
                let value =
                    Value::Object([("content".to_owned(), raw::kept(raw, &mut reading.room))].into_iter().collect());
                Block::Opaque { dialect: Dialect::XaiGrpc, value, tag: None }
            }
        });
    }
}

fn stored(id: String, media_type: Option<String>) -> Source {
    Source::File { dialect: Dialect::XaiGrpc, id, media_type }
}

/// A document by its id, its address or its bytes, which stay bytes.
fn document(file: FileContent, losses: &mut Vec<Loss>) -> Block {
    let source = if !file.file_id.is_empty() {
        stored(file.file_id, Some(file.mime_type).filter(|kind| !kind.is_empty()))
    } else if !file.url.is_empty() {
        // An address tells its kind itself.
        losses.extend((!file.mime_type.is_empty()).then(|| Loss::extra("messages.file.mime_type")));
        Source::Url(file.url)
    } else {
        Source::data(file.mime_type, STANDARD.encode(file.data))
    };
    // One of the two stands for no name.
    Block::Document { source, name: Some(file.filename).filter(|name| !name.is_empty() && name != "document") }
}
