//! Reads requests.

use serde_json::Value;

use crate::model::{Block, Dialect, Effort, Extra, Failure, Message, Request, Role, Schema, ToolSpec};
use crate::wire::json::{beyond, items, number, object, one_of, signed, text, unwrapped, whole_number, within, words};
use crate::wire::loss::Loss;
use crate::wire::shape::misshapen;
use crate::wire::ties::tied;
use crate::wire::turns::{add, head};
use crate::wire::{Asked, Asking, bad};

/// Fields that have a place of their own.
const KNOWN: &[&str] = &["model", "messages", "tools", "format", "options", "stream", "think"];

/// Options that have one.
const OPTIONS: &[&str] =
    &["num_predict", "temperature", "top_p", "top_k", "seed", "stop", "presence_penalty", "frequency_penalty"];

/// Fields of a tool that have one.
const TOOL: &[&str] = &["type", "function", "name", "description", "parameters"];

pub(super) fn request(body: &[u8], asking: &Asking<'_>) -> Result<Asked, Failure> {
    let body = object(body)?;
    let value = |key: &str| body.get(key).unwrap_or(&Value::Null);
    let mut asked = Asked::new(asking, &body)?;
    asked.usage = true;
    asked.misfits(Dialect::Ollama, |path| within(path, value));
    asked.request.extras.extend(misshapen(Dialect::Ollama, value));
    let (request, losses) = (&mut asked.request, &mut asked.losses);
    // Streaming is on unless it is switched off.
    request.stream = asking.stream.or_else(|| value("stream").as_bool()).unwrap_or(true);
    let said = value("messages").as_array().ok_or_else(|| bad("messages: a list is wanted".to_owned()))?;
    for message in said {
        self::message(message, request, losses)?;
    }
    // There may be no ids: calls and results are tied by name and order.
    tied(&mut request.messages);
    for tool in value("tools").as_array().into_iter().flatten() {
        let function = tool.get("function").unwrap_or(tool);
        beyond("tools", tool, one_of(TOOL), losses);
        beyond("tools", function, one_of(TOOL), losses);
        let parameters = function.get("parameters").cloned().unwrap_or_default();
        request.tools.push(ToolSpec::new(text(function, "name"), text(function, "description"), parameters));
    }
    let options = value("options");
    request.max_output = options.get("num_predict").and_then(whole_number).and_then(|n| u32::try_from(n).ok());
    let wish = |name: &str| options.get(name).and_then(number);
    request.sampling.temperature = wish("temperature");
    request.sampling.top_p = wish("top_p");
    request.sampling.presence_penalty = wish("presence_penalty");
    request.sampling.frequency_penalty = wish("frequency_penalty");
    request.sampling.top_k = options.get("top_k").and_then(whole_number);
    request.sampling.seed = options.get("seed").and_then(signed);
    request.stop = options.get("stop").map(words).unwrap_or_default();
    for (name, value) in options.as_object().into_iter().flatten().filter(|(n, _)| !OPTIONS.contains(&n.as_str())) {
        let name = format!("options.{name}");
        request.extras.push(Extra { dialect: Dialect::Ollama, name, value: value.clone() });
    }
    request.effort = match value("think") {
        Value::Bool(false) => Effort::None,
        Value::String(level) => Effort::parse(level).unwrap_or(Effort::Auto),
        Value::Bool(true) => Effort::Medium,
        _ => Effort::Auto,
    }
    .into();
    match value("format") {
        Value::String(word) => request.json = word == "json",
        schema @ Value::Object(_) => request.schema = Some(Schema::new("answer", schema.clone())),
        _ => {}
    }
    asked.rest(Dialect::Ollama, body, KNOWN);
    Ok(asked)
}

fn message(message: &Value, request: &mut Request, losses: &mut Vec<Loss>) -> Result<(), Failure> {
    let role = match text(message, "role") {
        "system" => Role::System,
        "user" | "tool" => Role::User,
        "assistant" => Role::Assistant,
        other => return Err(bad(format!("messages: there is no role {other:?}"))),
    };
    let known = ["role", "content", "thinking", "images", "tool_calls", "tool_name", "tool_call_id"];
    beyond("messages", message, one_of(&known), losses);
    let said = text(message, "content");
    let mut blocks = Vec::new();
    if text(message, "role") == "tool" {
        let (id, name) = (text(message, "tool_call_id"), text(message, "tool_name"));
        blocks.push(Block::result(id, name, said, false));
    } else {
        let thought = text(message, "thinking");
        if !thought.is_empty() {
            blocks.push(Block::Thought { text: thought.to_owned(), seal: None, tag: None });
        }
        if !said.is_empty() {
            blocks.push(Block::Text(said.to_owned()));
        }
    }
    let images = items(message, "images").filter_map(Value::as_str);
    blocks.extend(images.map(|data| Block::image(media_type(data), data)));
    for call in items(message, "tool_calls") {
        let function = call.get("function").unwrap_or(&Value::Null);
        beyond("tool_calls", call, one_of(&["id", "type", "function"]), losses);
        beyond("tool_calls", function, one_of(&["index", "name", "arguments"]), losses);
        let input = match function.get("arguments") {
            Some(Value::String(input)) => input.clone(),
            Some(Value::Object(args)) if !args.is_empty() => unwrapped(args),
            _ => String::new(),
        };
        blocks.push(Block::call(text(call, "id"), text(function, "name"), input));
    }
    let turn = Message::new(role, blocks);
    if role == Role::System && request.messages.is_empty() {
        head(&turn, request, losses);
    } else {
        add(&mut request.messages, turn);
    }
    Ok(())
}

/// Images come without their type; their first bytes tell it.
fn media_type(data: &str) -> &'static str {
    match data.as_bytes() {
        [b'/', b'9', b'j', ..] => "image/jpeg",
        [b'R', b'0', b'l', b'G', ..] => "image/gif",
        [b'U', b'k', b'l', b'G', ..] => "image/webp",
        _ => "image/png",
    }
}
