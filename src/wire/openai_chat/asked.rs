//! Reads requests.

use serde_json::{Map, Value};

use super::told::OWN;
use crate::model::{
    Block, Custom, Demand, Dialect, Effort, Extra, Failure, Message, Request, Role, Schema, Seal, Service, Source,
    ToolChoice, ToolSpec, Ttl, Verbosity,
};
use crate::wire::file::from_url;
use crate::wire::json::{demand, items, number, object, text, whole_number, words};
use crate::wire::loss::Loss;
use crate::wire::turns::{add, head, name_results, result};
use crate::wire::{Asked, Asking, bad, one_answer};

/// Fields that have a place of their own.
const KNOWN: &[&str] = &[
    "model",
    "messages",
    "max_completion_tokens",
    "max_tokens",
    "temperature",
    "top_p",
    "top_k",
    "stop",
    "seed",
    "presence_penalty",
    "frequency_penalty",
    "reasoning_effort",
    "reasoning",
    "verbosity",
    "tools",
    "tool_choice",
    "parallel_tool_calls",
    "response_format",
    "stream",
    "stream_options",
    "store",
    "prompt_cache_key",
    "service_tier",
    "safety_identifier",
    "user",
    "functions",
    "function_call",
    "n",
];

pub(super) fn request(body: &[u8], asking: &Asking<'_>) -> Result<Asked, Failure> {
    let body = object(body)?;
    let value = |key: &str| body.get(key).unwrap_or(&Value::Null);
    one_answer("n", number(value("n")))?;
    let mut asked = Asked::new(asking, &body)?;
    asked.usage = value("stream_options").get("include_usage").and_then(Value::as_bool).unwrap_or(false);
    if value("store").as_bool() == Some(true) {
        asked.losses.push(Loss::extra("store"));
    }
    let (request, losses) = (&mut asked.request, &mut asked.losses);
    let said = body.get("messages").and_then(Value::as_array).ok_or_else(|| bad("messages: a list is wanted"))?;
    for message in said {
        self::message(message, request, losses)?;
    }
    name_results(&mut request.messages);
    let limit = [value("max_completion_tokens"), value("max_tokens")].into_iter().find_map(whole_number);
    request.max_output = limit.and_then(|n| u32::try_from(n).ok());
    request.sampling.temperature = number(value("temperature"));
    request.sampling.top_p = number(value("top_p"));
    request.sampling.top_k = whole_number(value("top_k"));
    request.sampling.seed = value("seed").as_i64();
    request.sampling.presence_penalty = number(value("presence_penalty"));
    request.sampling.frequency_penalty = number(value("frequency_penalty"));
    request.stop = words(value("stop"));
    let effort = value("reasoning_effort").as_str().or_else(|| value("reasoning").get("effort")?.as_str());
    let budget = value("reasoning").get("max_tokens").and_then(whole_number);
    let budget = budget.and_then(|n| u32::try_from(n).ok());
    let level = effort.and_then(Effort::parse).map(Demand::from);
    request.effort = level.or_else(|| budget.map(demand)).unwrap_or_default();
    request.verbosity = value("verbosity").as_str().and_then(Verbosity::parse);
    request.parallel = value("parallel_tool_calls").as_bool();
    request.user = [value("safety_identifier"), value("user")].into_iter().find_map(Value::as_str).map(str::to_owned);
    request.cache.key = value("prompt_cache_key").as_str().map(str::to_owned);
    request.service = service(value("service_tier"));
    let format = value("response_format");
    request.json = text(format, "type") == "json_object";
    request.schema = format.get("json_schema").map(schema);
    for tool in items(&Value::Object(body.clone()), "tools") {
        self::tool(tool, request);
    }
    // The old form of tools.
    request.tools.extend(value("functions").as_array().into_iter().flatten().map(function));
    request.tool_choice = match value("tool_choice") {
        Value::Null => choice(value("function_call")),
        stated => choice(stated),
    };
    asked.rest(Dialect::OpenAiChat, body, KNOWN);
    Ok(asked)
}

/// `auto` leaves it to the account.
pub(in crate::wire) fn service(value: &Value) -> Option<Service> {
    value.as_str().filter(|tier| *tier != "auto").map(Service::parse)
}

/// A schema with what is said about it.
pub(in crate::wire) fn schema(value: &Value) -> Schema {
    Schema {
        description: value.get("description").and_then(Value::as_str).map(str::to_owned),
        strict: value.get("strict").and_then(Value::as_bool),
        ..Schema::new(text(value, "name"), value.get("schema").cloned().unwrap_or_default())
    }
}

fn function(function: &Value) -> ToolSpec {
    let parameters = function.get("parameters").cloned().unwrap_or_default();
    ToolSpec {
        strict: function.get("strict").and_then(Value::as_bool),
        ..ToolSpec::new(text(function, "name"), text(function, "description"), parameters)
    }
}

/// What a tool of plain text takes.
pub(in crate::wire) fn custom(format: &Value) -> Custom {
    let grammar = format.get("grammar").unwrap_or(format);
    match text(format, "type") {
        "grammar" => Custom::Grammar {
            syntax: text(grammar, "syntax").to_owned(),
            definition: text(grammar, "definition").to_owned(),
        },
        _ => Custom::Text,
    }
}

fn tool(tool: &Value, request: &mut Request) {
    match (tool.get("function"), tool.get("custom")) {
        (Some(inner), _) => request.tools.push(function(inner)),
        (None, Some(inner)) => request
            .tools
            .push(ToolSpec { custom: Some(custom(inner.get("format").unwrap_or(&Value::Null))), ..function(inner) }),
        (None, None) => {
            let value = tool.clone();
            request.extras.push(Extra { dialect: Dialect::OpenAiChat, name: "tools".to_owned(), value });
        }
    }
}

fn choice(value: &Value) -> ToolChoice {
    let name = |tool: &Value| {
        let inner = tool.get("function").or_else(|| tool.get("custom")).unwrap_or(tool);
        text(inner, "name").to_owned()
    };
    match (value.as_str(), text(value, "type")) {
        (Some("none"), _) => ToolChoice::None,
        (Some("required" | "any"), _) => ToolChoice::Required,
        (_, "allowed_tools") => {
            let allowed = value.get("allowed_tools").unwrap_or(value);
            ToolChoice::Among {
                must: text(allowed, "mode") == "required",
                names: items(allowed, "tools").map(name).collect(),
            }
        }
        (None, _) if value.is_object() => ToolChoice::Named(name(value)),
        _ => ToolChoice::Auto,
    }
}

fn message(message: &Value, request: &mut Request, losses: &mut Vec<Loss>) -> Result<(), Failure> {
    let role = match text(message, "role") {
        "system" | "developer" => Role::System,
        "user" | "tool" | "function" => Role::User,
        "assistant" => Role::Assistant,
        other => return Err(bad(format!("messages: there is no role {other:?}"))),
    };
    let mut blocks = Vec::new();
    if role == Role::Assistant {
        thoughts(message, &mut blocks);
    }
    content(message.get("content").unwrap_or(&Value::Null), &mut blocks);
    if matches!(text(message, "role"), "tool" | "function") {
        let id = [text(message, "tool_call_id"), text(message, "name")].into_iter().find(|id| !id.is_empty());
        blocks = vec![result(id.unwrap_or_default(), blocks, false)];
    }
    if role == Role::Assistant {
        let refusal = text(message, "refusal");
        blocks.extend((!refusal.is_empty()).then(|| Block::Text(refusal.to_owned())));
        blocks.extend(items(message, "tool_calls").map(call));
        if let Some(old) = message.get("function_call").filter(|f| f.is_object()) {
            blocks.push(Block::call(text(old, "name"), text(old, "name"), text(old, "arguments")));
        }
    }
    let mut turn = Message::new(role, blocks);
    if !matches!(text(message, "role"), "tool" | "function") {
        turn.about.name = Some(text(message, "name")).filter(|n| !n.is_empty()).map(str::to_owned);
    }
    if role == Role::System && request.messages.is_empty() {
        head(&turn, request, losses);
    } else {
        add(&mut request.messages, turn);
    }
    Ok(())
}

fn call(call: &Value) -> Block {
    let custom = call.get("function").is_none() && call.get("custom").is_some();
    let inner = call.get("function").or_else(|| call.get("custom")).unwrap_or(&Value::Null);
    let input = match inner.get("arguments").or_else(|| inner.get("input")) {
        Some(Value::String(input)) => input.clone(),
        Some(object @ Value::Object(_)) => object.to_string(),
        _ => String::new(),
    };
    let seal = call.pointer("/extra_content/google/thought_signature").and_then(Value::as_str);
    Block::ToolCall {
        id: text(call, "id").to_owned(),
        name: text(inner, "name").to_owned(),
        input,
        custom,
        seal: seal.map(|seal| Seal { text: seal.to_owned(), tag: None }),
    }
}

/// Thoughts that the caller brings back: ours with their seals, others as the router's details or as text.
fn thoughts(message: &Value, out: &mut Vec<Block>) {
    let shown = ["reasoning_content", "reasoning"].map(|field| text(message, field));
    let shown = shown.into_iter().find(|piece| !piece.trim().is_empty()).unwrap_or_default();
    let details: Vec<&Value> = items(message, "reasoning_details").collect();
    let (own, others): (Vec<&Value>, Vec<&Value>) = details.into_iter().partition(|d| text(d, "format") == OWN);
    for detail in &own {
        let seal = Some(text(detail, "signature")).filter(|s| !s.is_empty()).map(str::to_owned);
        out.push(Block::Thought { text: text(detail, "text").to_owned(), seal, tag: None });
    }
    if !own.is_empty() {
        return;
    }
    let seal = (!others.is_empty()).then(|| Value::Array(others.into_iter().cloned().collect()).to_string());
    if !shown.is_empty() || seal.is_some() {
        out.push(Block::Thought { text: shown.to_owned(), seal, tag: None });
    }
}

/// A string, or parts.
fn content(value: &Value, out: &mut Vec<Block>) {
    match value {
        Value::String(said) if !said.is_empty() => out.push(Block::Text(said.clone())),
        Value::Array(parts) => parts.iter().for_each(|p| part(p, out)),
        _ => {}
    }
}

fn part(part: &Value, out: &mut Vec<Block>) {
    let inner = |key: &str| part.get(key).unwrap_or(&Value::Null);
    match text(part, "type") {
        "text" => out.push(Block::Text(text(part, "text").to_owned())),
        "refusal" => out.push(Block::Text(text(part, "refusal").to_owned())),
        "image_url" => {
            let image = inner("image_url");
            let url = image.as_str().unwrap_or_else(|| text(image, "url"));
            let detail = image.get("detail").and_then(Value::as_str).map(str::to_owned);
            out.push(Block::Image { source: from_url(url), detail });
        }
        "input_audio" => {
            let sound = inner("input_audio");
            let kind = if text(sound, "format") == "mp3" { "mpeg" } else { text(sound, "format") };
            out.push(Block::Audio { source: Source::data(format!("audio/{kind}"), text(sound, "data")) });
        }
        "file" => {
            let file = inner("file");
            let source = match text(file, "file_id") {
                "" => from_url(text(file, "file_data")),
                id => Source::File { dialect: Dialect::OpenAiChat, id: id.to_owned(), media_type: None },
            };
            out.push(Block::Document { source, name: filename(file) });
        }
        // Mistral's.
        "thinking" => {
            let said: String = items(part, "thinking").map(|t| text(t, "text")).collect();
            let seal = Some(text(part, "signature")).filter(|s| !s.is_empty()).map(str::to_owned);
            out.push(Block::Thought { text: said, seal, tag: None });
        }
        _ => out.push(Block::Opaque { dialect: Dialect::OpenAiChat, value: part.clone(), tag: None }),
    }
    out.extend(mark(part).map(Block::Mark));
}

/// The name of a file, unless it is the one that stands for none.
pub(in crate::wire) fn filename(file: &Value) -> Option<String> {
    Some(text(file, "filename")).filter(|n| !n.is_empty() && *n != "document").map(str::to_owned)
}

/// A part worth caching up to: OpenAI's mark, or the one that routers take over from Anthropic.
pub(in crate::wire) fn mark(part: &Value) -> Option<Ttl> {
    let mark = ["prompt_cache_breakpoint", "cache_control"].into_iter().find_map(|k| part.get(k))?;
    mark.as_object().map(|mark: &Map<String, Value>| match mark.get("ttl").and_then(Value::as_str) {
        Some("12h" | "1h") => Ttl::Long,
        _ => Ttl::Short,
    })
}
