//! Reads requests.

use serde_json::{Value, json};

use super::answer::citation;
use super::{OWN, SEALED};
use crate::model::{
    Block, Dialect, Effort, Extra, Failure, Message, Request, Role, Source, Summary, ToolChoice, ToolSpec, Verbosity,
};
use crate::wire::file::from_url;
use crate::wire::json::{beyond, items, number, object, one_of, text, whole_number, within};
use crate::wire::loss::Loss;
use crate::wire::openai_chat::{custom, filename, formed, mark, schema, service};
use crate::wire::shape::misshapen;
use crate::wire::ties::tied;
use crate::wire::turns::{add, head, result};
use crate::wire::wanted::summary;
use crate::wire::{Asked, Asking, bad};

/// Fields that have a place of their own.
const KNOWN: &[&str] = &[
    "model",
    "input",
    "instructions",
    "max_output_tokens",
    "temperature",
    "top_p",
    "reasoning",
    "text",
    "tools",
    "tool_choice",
    "parallel_tool_calls",
    "stream",
    "stream_options",
    "store",
    "include",
    "prompt_cache_key",
    "service_tier",
    "safety_identifier",
    "user",
];

/// Names what lies at OpenAI.
pub(in crate::wire) const PROMPT: &str = "prompt";

pub(super) fn request(body: &[u8], asking: &Asking<'_>) -> Result<Asked, Failure> {
    let body = object(body)?;
    let value = |key: &str| body.get(key).unwrap_or(&Value::Null);
    for kept in ["previous_response_id", "conversation"] {
        if !value(kept).is_null() {
            // What was not kept cannot be gone on from.
            return Err(bad(format!("{kept}: answers are not kept here; send the whole conversation as input")));
        }
    }
    if value("background").as_bool() == Some(true) {
        return Err(bad(
            "background: answers are not kept here until somebody comes for them; ask without it, as a stream",
        ));
    }
    let mut asked = Asked::new(asking, &body)?;
    asked.usage = true;
    if value("store").as_bool() == Some(true) {
        asked.losses.push(Loss::extra("store"));
    }
    let at = |path: &str| within(path, value);
    asked.misfits(Dialect::OpenAiResponses, at);
    asked.request.extras.extend(misshapen(Dialect::OpenAiResponses, value));
    let (request, losses) = (&mut asked.request, &mut asked.losses);
    request.system = value("instructions").as_str().unwrap_or_default().to_owned();
    match value("input") {
        Value::String(said) => request.messages.push(Message::user(said.clone())),
        Value::Array(list) => list.iter().try_for_each(|i| item(i, request, losses))?,
        // A prompt that lies at OpenAI may hold all that is said.
        Value::Null if value(PROMPT).is_object() => {}
        _ => return Err(bad("input: a text or a list of items is wanted")),
    }
    tied(&mut request.messages);
    request.max_output = whole_number(value("max_output_tokens")).and_then(|n| u32::try_from(n).ok());
    request.sampling.temperature = number(value("temperature"));
    request.sampling.top_p = number(value("top_p"));
    let reasoning = value("reasoning");
    request.effort = Effort::parse(text(reasoning, "effort")).unwrap_or_default().into();
    // The second is the older name.
    let shown =
        ["summary", "generate_summary"].into_iter().find_map(|name| reasoning.get(name).filter(|word| !word.is_null()));
    request.show_thoughts = shown.filter(|word| summary(word)).map(|_| true);
    request.summary = shown.and_then(Value::as_str).and_then(Summary::parse);
    let format = value("text").get("format").unwrap_or(&Value::Null);
    request.json = text(format, "type") == "json_object";
    request.schema = (text(format, "type") == "json_schema").then(|| schema(format));
    request.verbosity = Verbosity::parse(text(value("text"), "verbosity"));
    value("tools").as_array().into_iter().flatten().for_each(|t| tool(t, request, losses));
    request.tool_choice = choice(value("tool_choice"));
    let own = |name: &str, value: Value| Extra { dialect: Dialect::OpenAiResponses, name: name.to_owned(), value };
    if hosted(value("tool_choice")) {
        request.extras.push(own("tool_choice", value("tool_choice").clone()));
    }
    // Sealed thoughts are asked for anyway.
    let include = value("include").as_array().into_iter().flatten().filter(|wish| wish.as_str() != Some(SEALED));
    let include: Vec<Value> = include.cloned().collect();
    if !include.is_empty() {
        request.extras.push(own("include", Value::Array(include)));
    }
    request.parallel = value("parallel_tool_calls").as_bool();
    request.user = [value("safety_identifier"), value("user")].into_iter().find_map(Value::as_str).map(str::to_owned);
    request.cache.key = value("prompt_cache_key").as_str().map(str::to_owned);
    request.service = service(value("service_tier"));
    asked.members(Dialect::OpenAiResponses, at);
    asked.rest(Dialect::OpenAiResponses, body, KNOWN);
    Ok(asked)
}

/// Fields of a tool that have a place of their own.
const TOOL: &[&str] = &["type", "name", "description", "parameters", "strict", "format"];

fn tool(tool: &Value, request: &mut Request, losses: &mut Vec<Loss>) {
    if matches!(text(tool, "type"), "function" | "custom") {
        beyond("tools", tool, one_of(TOOL), losses);
        formed(tool, losses);
    }
    let empty = json!({ "type": "object", "properties": {} });
    let spec = || ToolSpec {
        // False is what we say where nothing was said.
        strict: tool.get("strict").and_then(Value::as_bool).filter(|strict| *strict),
        ..ToolSpec::new(
            text(tool, "name"),
            text(tool, "description"),
            tool.get("parameters").filter(|schema| **schema != empty).cloned().unwrap_or_default(),
        )
    };
    match text(tool, "type") {
        "function" => request.tools.push(spec()),
        "custom" => {
            let custom = Some(custom(tool.get("format").unwrap_or(&Value::Null)));
            request.tools.push(ToolSpec { custom, ..spec() });
        }
        _ => {
            let value = tool.clone();
            request.extras.push(Extra { dialect: Dialect::OpenAiResponses, name: "tools".to_owned(), value });
        }
    }
}

/// A tool that the provider runs itself is to be called.
fn hosted(choice: &Value) -> bool {
    choice.is_object() && !matches!(text(choice, "type"), "allowed_tools" | "function" | "custom")
}

fn choice(value: &Value) -> ToolChoice {
    let name = |tool: &Value| text(tool, "name").to_owned();
    match (value.as_str(), text(value, "type")) {
        (Some("none"), _) => ToolChoice::None,
        (Some("required"), _) => ToolChoice::Required,
        (_, "allowed_tools") => ToolChoice::Among {
            must: text(value, "mode") == "required",
            names: items(value, "tools").map(name).collect(),
        },
        (_, "function" | "custom") => ToolChoice::Named(name(value)),
        _ => ToolChoice::Auto,
    }
}

fn item(item: &Value, request: &mut Request, losses: &mut Vec<Loss>) -> Result<(), Failure> {
    let opaque = || Block::Opaque { dialect: Dialect::OpenAiResponses, value: item.clone(), tag: None };
    let answered = |block: Block| Message::new(Role::Assistant, vec![block]);
    let kind = text(item, "type");
    if kind == "item_reference" {
        // What was not kept cannot be named.
        return Err(bad(format!("input: {kind}: answers are not kept here; send the whole conversation as input")));
    }
    let fields: &[&str] = match kind {
        "message" | "" => &["role", "content", "phase"],
        "function_call" => &["call_id", "name", "arguments"],
        "custom_tool_call" => &["call_id", "name", "input"],
        "function_call_output" | "custom_tool_call_output" => &["call_id", "output"],
        "reasoning" => &["summary", "content", "encrypted_content"],
        "image_generation_call" if drawn(item) => &["result"],
        _ => &[],
    };
    if !fields.is_empty() {
        let of = if matches!(kind, "message" | "") { "messages" } else { kind };
        beyond(of, item, |name| matches!(name, "type" | "id" | "status") || fields.contains(&name), losses);
    }
    let turn = match text(item, "type") {
        "message" | "" => match message(item, request, losses)? {
            Some(turn) => turn,
            None => return Ok(()),
        },
        "function_call" => answered(Block::call(text(item, "call_id"), text(item, "name"), text(item, "arguments"))),
        "custom_tool_call" => answered(Block::ToolCall {
            id: text(item, "call_id").to_owned(),
            name: text(item, "name").to_owned(),
            input: text(item, "input").to_owned(),
            custom: true,
            seal: None,
        }),
        "function_call_output" | "custom_tool_call_output" => {
            let mut parts = Vec::new();
            content(item.get("output").unwrap_or(&Value::Null), &mut parts, losses);
            Message::new(Role::User, vec![result(text(item, "call_id"), "", parts, false)])
        }
        "reasoning" => answered(thought(item, losses)),
        "image_generation_call" if drawn(item) => answered(Block::image("image/png", text(item, "result"))),
        // Whatever else the model did, or the API put there.
        _ => answered(opaque()),
    };
    // What a model did before it spoke belongs to the same turn as what it said.
    match request.messages.last_mut() {
        Some(last) if last.role == turn.role && turn.about.is_empty() => last.blocks.extend(turn.blocks),
        Some(last)
            if last.role == turn.role
                && last.about.is_empty()
                && !last.blocks.iter().any(|b| matches!(b, Block::Text(_) | Block::Refusal(_))) =>
        {
            last.blocks.extend(turn.blocks);
            last.about = turn.about;
        }
        _ => add(&mut request.messages, turn),
    }
    Ok(())
}

/// An image of the model's is here.
fn drawn(item: &Value) -> bool {
    !text(item, "result").is_empty()
}

fn thought(item: &Value, losses: &mut Vec<Loss>) -> Block {
    let pieces = items(item, "summary").chain(items(item, "content"));
    pieces.for_each(|piece| beyond("reasoning", piece, one_of(&["type", "text"]), losses));
    let said: Vec<&str> = items(item, "summary")
        .chain(items(item, "content"))
        .map(|p| text(p, "text"))
        .filter(|t| !t.is_empty())
        .collect();
    let content = text(item, "encrypted_content");
    let seal = match content.strip_prefix(OWN) {
        Some(own) => Some(own.to_owned()),
        None => (!content.is_empty()).then(|| format!("{}\n{content}", text(item, "id"))),
    };
    Block::Thought { text: said.join("\n\n"), seal, tag: None }
}

/// What an item is sealed with.
pub(in crate::wire) fn seal(item: &Value) -> Option<String> {
    let thought = (text(item, "type") == "reasoning").then(|| thought(item, &mut Vec::new()))?;
    thought.seal().map(str::to_owned)
}

/// A message; `None` when it was instructions before all else, which are the system text.
fn message(item: &Value, request: &mut Request, losses: &mut Vec<Loss>) -> Result<Option<Message>, Failure> {
    let role = match text(item, "role") {
        "system" | "developer" => Role::System,
        "user" => Role::User,
        "assistant" => Role::Assistant,
        other => return Err(bad(format!("input: there is no role {other:?}"))),
    };
    let mut blocks = Vec::new();
    content(item.get("content").unwrap_or(&Value::Null), &mut blocks, losses);
    let mut turn = Message::new(role, blocks);
    if role == Role::System && request.messages.is_empty() {
        head(&turn, request, losses);
        return Ok(None);
    }
    let known = |key: &str| item.get(key).and_then(Value::as_str).filter(|t| !t.is_empty()).map(str::to_owned);
    if role == Role::Assistant {
        (turn.about.id, turn.about.phase) = (known("id"), known("phase"));
    }
    Ok(Some(turn))
}

/// A string, or parts.
fn content(value: &Value, out: &mut Vec<Block>, losses: &mut Vec<Loss>) {
    match value {
        Value::String(said) if !said.is_empty() => out.push(Block::Text(said.clone())),
        Value::Array(parts) => parts.iter().for_each(|p| part(p, out, losses)),
        _ => {}
    }
}

fn part(part: &Value, out: &mut Vec<Block>, losses: &mut Vec<Loss>) {
    let kind = text(part, "type");
    let fields: &[&str] = match kind {
        "input_text" | "output_text" | "text" => &["text", "annotations"],
        "refusal" => &["refusal"],
        "input_image" => &["image_url", "file_id", "detail"],
        "input_file" => &["file_id", "file_url", "file_data", "filename"],
        _ => &[],
    };
    if !fields.is_empty() {
        let marks = ["type", "prompt_cache_breakpoint", "cache_control"];
        beyond(kind, part, |name| fields.contains(&name) || marks.contains(&name), losses);
    }
    let file = |id: &str| Source::File { dialect: Dialect::OpenAiResponses, id: id.to_owned(), media_type: None };
    match text(part, "type") {
        "input_text" | "output_text" | "text" => {
            out.push(Block::Text(text(part, "text").to_owned()));
            out.extend(items(part, "annotations").map(|raw| Block::Cited(citation(raw))));
        }
        "refusal" => out.push(Block::Refusal(text(part, "refusal").to_owned())),
        "input_image" => {
            let source = match text(part, "file_id") {
                "" => from_url(text(part, "image_url")),
                id => file(id),
            };
            let detail = Some(text(part, "detail")).filter(|d| !d.is_empty() && *d != "auto").map(str::to_owned);
            out.push(Block::Image { source, detail });
        }
        "input_file" => {
            let source = match (text(part, "file_id"), text(part, "file_url")) {
                ("", "") => from_url(text(part, "file_data")),
                ("", url) => Source::Url(url.to_owned()),
                (id, _) => file(id),
            };
            out.push(Block::Document { source, name: filename(part) });
        }
        _ => out.push(Block::Opaque { dialect: Dialect::OpenAiResponses, value: part.clone(), tag: None }),
    }
    out.extend(mark(part, losses).map(Block::Mark));
}
