//! Reads requests.

use serde_json::{Map, Value, json};

use super::REDACTED;
use crate::model::Failure;
use crate::model::{
    Block, Citation, Custom, Demand, Dialect, Effort, Extra, Message, Request, Role, Schema, Service, Source,
    ToolChoice, ToolSpec, Ttl,
};
use crate::wire::file::from_data;
use crate::wire::json::{beyond, demand, items, number, object, one_of, text, unwrapped, whole_number, within};
use crate::wire::loss::Loss;
use crate::wire::shape::misshapen;
use crate::wire::ties::tied;
use crate::wire::turns::{add, head, result};
use crate::wire::wanted::timeless;
use crate::wire::{Asked, Asking, bad};

/// Fields that have a place of their own.
const KNOWN: &[&str] = &[
    "model",
    "max_tokens",
    "messages",
    "system",
    "tools",
    "tool_choice",
    "thinking",
    "output_config",
    "stop_sequences",
    "stream",
    "metadata",
    "cache_control",
    "service_tier",
    "speed",
    "temperature",
    "top_p",
    "top_k",
];

pub(super) fn request(body: &[u8], asking: &Asking<'_>) -> Result<Asked, Failure> {
    let body = object(body)?;
    let value = |key: &str| body.get(key).unwrap_or(&Value::Null);
    let mut asked = Asked::new(asking, &body)?;
    let at = |path: &str| within(path, value);
    asked.misfits(Dialect::AnthropicMessages, at);
    asked.request.extras.extend(misshapen(Dialect::AnthropicMessages, value));
    let request = &mut asked.request;
    for message in items_or_bad(&body, "messages")? {
        let role = match text(message, "role") {
            "assistant" => Role::Assistant,
            "system" => Role::System,
            "user" => Role::User,
            other => return Err(bad(format!("messages: there is no role {other:?}"))),
        };
        beyond("messages", message, one_of(&["role", "content"]), &mut asked.losses);
        let blocks = content(message.get("content").unwrap_or(&Value::Null), &mut asked.losses);
        add(&mut request.messages, Message::new(role, blocks));
    }
    tied(&mut request.messages);
    system(value("system"), request, &mut asked.losses);
    for tool in value("tools").as_array().into_iter().flatten() {
        self::tool(tool, request, &mut asked.losses);
    }
    let choice = value("tool_choice");
    request.tool_choice = match text(choice, "type") {
        "any" => ToolChoice::Required,
        "none" => ToolChoice::None,
        "tool" => ToolChoice::Named(text(choice, "name").to_owned()),
        _ => ToolChoice::Auto,
    };
    request.parallel = choice.get("disable_parallel_tool_use").and_then(Value::as_bool).map(|never| !never);
    request.max_output = whole_number(value("max_tokens")).and_then(|n| u32::try_from(n).ok());
    request.sampling.temperature = number(value("temperature"));
    request.sampling.top_p = number(value("top_p"));
    request.sampling.top_k = whole_number(value("top_k"));
    request.stop =
        value("stop_sequences").as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect();
    request.user = value("metadata").get("user_id").and_then(Value::as_str).map(str::to_owned);
    request.cache.last = ttl(value("cache_control"));
    request.service = match (value("service_tier").as_str(), value("speed").as_str()) {
        (_, Some("fast")) => Some(Service::Fast),
        (Some("standard_only"), _) => Some(Service::Standard),
        _ => None,
    };
    thinking(value("thinking"), value("output_config"), request);
    asked.members(Dialect::AnthropicMessages, at);
    asked.rest(Dialect::AnthropicMessages, body, KNOWN);
    Ok(asked)
}

fn items_or_bad<'v>(body: &'v Map<String, Value>, key: &str) -> Result<&'v Vec<Value>, Failure> {
    body.get(key).and_then(Value::as_array).ok_or_else(|| bad(format!("{key}: a list is wanted")))
}

fn thinking(thinking: &Value, output: &Value, request: &mut Request) {
    let effort = Effort::parse(text(output, "effort"));
    let budget = thinking.get("budget_tokens").and_then(whole_number).and_then(|n| u32::try_from(n).ok());
    request.effort = match (text(thinking, "type"), effort) {
        ("disabled", _) => Effort::None.into(),
        // The least that some models allow.
        ("between_tools", effort) => effort.unwrap_or(Effort::Minimal).into(),
        ("enabled", None) if budget.is_some() => budget.map(demand).unwrap_or_default(),
        // As much as the model likes, which is high on nearly all of them (reasoning.md).
        ("enabled" | "adaptive", None) => Demand::some(Effort::High),
        ("enabled" | "adaptive", Some(effort)) => effort.into(),
        (_, Some(effort)) => Demand { still: true, ..effort.into() },
        (_, None) => Demand::default(),
    };
    request.show_thoughts = match text(thinking, "display") {
        "summarized" => Some(true),
        "omitted" => Some(false),
        _ => None,
    };
    if let Some(schema) = output.pointer("/format/schema") {
        request.schema = Some(Schema::new("answer", schema.clone()));
    }
}

fn system(value: &Value, request: &mut Request, losses: &mut Vec<Loss>) {
    let said = content(value, losses);
    head(&Message::new(Role::System, said), request, losses);
}

fn tool(tool: &Value, request: &mut Request, losses: &mut Vec<Loss>) {
    if let Some(ttl) = mark(tool, losses) {
        request.cache.tools = Some(ttl);
    }
    if !matches!(text(tool, "type"), "" | "custom") {
        let value = tool.clone();
        request.extras.push(Extra { dialect: Dialect::AnthropicMessages, name: "tools".to_owned(), value });
        return;
    }
    let schema = tool.get("input_schema").cloned().unwrap_or_default();
    let empty = json!({ "type": "object", "properties": {} });
    let known = ["name", "description", "input_schema", "strict", "type", "cache_control"];
    beyond("tools", tool, one_of(&known), losses);
    request.tools.push(ToolSpec {
        strict: tool.get("strict").and_then(Value::as_bool),
        custom: None::<Custom>,
        ..ToolSpec::new(
            text(tool, "name"),
            text(tool, "description"),
            if schema == empty { Value::Null } else { schema },
        )
    });
}

fn ttl(value: &Value) -> Option<Ttl> {
    value.is_object().then(|| Ttl::parse(text(value, "ttl")).unwrap_or(Ttl::Short))
}

/// What is worth caching up to here.
fn mark(value: &Value, losses: &mut Vec<Loss>) -> Option<Ttl> {
    let mark = value.get("cache_control")?;
    beyond("cache_control", mark, one_of(&["type", "ttl"]), losses);
    losses.extend(timeless(mark).then_some(Loss::Word("cache_control.ttl")));
    ttl(mark)
}

/// A string, or blocks.
fn content(value: &Value, losses: &mut Vec<Loss>) -> Vec<Block> {
    let mut out = Vec::new();
    match value {
        Value::String(said) => out.push(Block::Text(said.clone())),
        Value::Array(blocks) => blocks.iter().for_each(|b| block(b, &mut out, losses)),
        _ => {}
    }
    out
}

fn block(value: &Value, out: &mut Vec<Block>, losses: &mut Vec<Loss>) {
    let opaque = || Block::Opaque { dialect: Dialect::AnthropicMessages, value: value.clone(), tag: None };
    let kind = match text(value, "type") {
        "" if value.get("text").is_some_and(Value::is_string) => "text",
        kind => kind,
    };
    let fields: &[&str] = match kind {
        "text" => &["text", "citations"],
        "image" => &["source"],
        "document" => &["source", "title"],
        "thinking" => &["thinking", "signature"],
        "redacted_thinking" => &["data"],
        "tool_use" => &["id", "name", "input"],
        "tool_result" => &["tool_use_id", "content", "is_error"],
        _ => &[],
    };
    // What goes on as it came has all of them.
    let whole = matches!(kind, "image" | "document") && source(value).is_none();
    if !fields.is_empty() && !whole {
        beyond(kind, value, |name| matches!(name, "type" | "cache_control") || fields.contains(&name), losses);
        let source = value.get("source").unwrap_or(&Value::Null);
        beyond("source", source, one_of(&["type", "media_type", "data", "url", "file_id", "content"]), losses);
        items(source, "content").for_each(|part| beyond("source", part, one_of(&["type", "text"]), losses));
    }
    match kind {
        "text" => {
            out.push(Block::Text(text(value, "text").to_owned()));
            out.extend(items(value, "citations").map(|raw| Block::Cited(citation(raw))));
        }
        "image" => out.push(match source(value) {
            Some(source) => Block::Image { source, detail: None },
            None => opaque(),
        }),
        "document" => out.push(match source(value) {
            Some(source) => {
                let name = value.get("title").and_then(Value::as_str).map(str::to_owned);
                Block::Document { source, name }
            }
            None => opaque(),
        }),
        "thinking" => out.push(Block::Thought {
            text: text(value, "thinking").to_owned(),
            seal: Some(text(value, "signature").to_owned()).filter(|s| !s.is_empty()),
            tag: None,
        }),
        "redacted_thinking" => out.push(Block::Thought {
            text: String::new(),
            seal: Some(format!("{REDACTED}{}", text(value, "data"))),
            tag: None,
        }),
        "tool_use" => {
            let input = match value.get("input") {
                Some(Value::Object(args)) if args.is_empty() => String::new(),
                Some(Value::Object(args)) => unwrapped(args),
                other => other.map(Value::to_string).unwrap_or_default(),
            };
            out.push(Block::call(text(value, "id"), text(value, "name"), input));
        }
        "tool_result" => {
            let parts = content(value.get("content").unwrap_or(&Value::Null), losses);
            let failed = value.get("is_error").and_then(Value::as_bool).unwrap_or(false);
            out.push(result(text(value, "tool_use_id"), "", parts, failed));
        }
        _ => out.push(opaque()),
    }
    out.extend(mark(value, losses).map(Block::Mark));
}

/// What a block is sealed with.
pub(in crate::wire) fn seal(value: &Value) -> Option<String> {
    let mut out = Vec::new();
    if matches!(text(value, "type"), "thinking" | "redacted_thinking") {
        block(value, &mut out, &mut Vec::new());
    }
    out.first()?.seal().map(str::to_owned)
}

fn source(value: &Value) -> Option<Source> {
    let source = value.get("source")?;
    let data = text(source, "data");
    Some(match text(source, "type") {
        "base64" => from_data(text(source, "media_type"), data),
        "text" => Source::Text(data.to_owned()),
        "url" => Source::Url(text(source, "url").to_owned()),
        "file" => Source::File {
            dialect: Dialect::AnthropicMessages,
            id: text(source, "file_id").to_owned(),
            media_type: None,
        },
        // Texts of a document in pieces.
        "content" => match source.get("content") {
            Some(Value::String(said)) => Source::Text(said.clone()),
            Some(Value::Array(parts)) if parts.iter().all(|p| text(p, "type") == "text") => {
                Source::Text(parts.iter().map(|p| text(p, "text")).collect::<Vec<_>>().join("\n\n"))
            }
            _ => return None,
        },
        _ => return None,
    })
}

/// A source, as answers and histories spell it.
pub(super) fn citation(raw: &Value) -> Citation {
    let known = |keys: [&str; 2]| keys.map(|k| text(raw, k)).into_iter().find(|t| !t.is_empty()).map(str::to_owned);
    Citation {
        url: known(["url", "source"]),
        title: known(["title", "document_title"]),
        quote: known(["cited_text", ""]),
        dialect: Dialect::AnthropicMessages,
        raw: raw.clone(),
    }
}
