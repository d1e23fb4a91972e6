//! Writes requests.

use serde_json::{Map, Value, json};

use super::REDACTED;
use crate::model::{Block, Citation, Dialect, Message, Request, Role, Service, Source, ToolChoice, ToolSpec, Ttl};
use crate::wire::file::{bytes, plain_text};
use crate::wire::ids::fitted;
use crate::wire::json::{extend, given, worded};
use crate::wire::loss::{CLEARING, Loss, Losses};
use crate::wire::reply::IMAGE;
use crate::wire::turns::alternate;
use crate::wire::wanted::unclearing;
use crate::wire::{Adapted, Thinking};

/// What the model is told that cannot be made to go on from its last words.
const GO_ON: &str = "Go on from where you stopped.";

/// Most cache marks of one request.
const MARKS: usize = 4;

pub(super) fn body(
    model: &str,
    request: &Request,
    adapted: &Adapted,
    stream: bool,
    losses: &mut Losses,
) -> Map<String, Value> {
    let mut body = Map::new();
    match adapted.versioned {
        Some(version) => body.insert("anthropic_version".into(), json!(version)),
        None => body.insert("model".into(), json!(model)),
    };
    // The dialect requires a limit.
    body.insert("max_tokens".into(), json!(adapted.max_output.unwrap_or(32_000)));
    let said = worded(request, adapted);
    if !said.trim().is_empty() {
        let spelled = match request.cache.system {
            Some(ttl) => json!([{ "type": "text", "text": said, "cache_control": mark(ttl, losses) }]),
            None => json!(said),
        };
        body.insert("system".into(), spelled);
    }
    let mut turns = messages(request, adapted, losses);
    if adapted.no_prefill && turns.last().is_some_and(|turn| turn["role"] == "assistant") {
        // Newer models refuse to go on from words put into their mouth (anthropic-messages.md, "Request").
        losses.add(Loss::Prefill);
        turns.push(json!({ "role": "user", "content": [{ "type": "text", "text": GO_ON }] }));
    }
    if let Some(Value::String(said)) = turns
        .last_mut()
        .filter(|turn| turn["role"] == "assistant")
        .and_then(|turn| turn["content"].as_array_mut()?.last_mut()?.get_mut("text"))
    {
        // Refused otherwise: "final assistant content cannot end with trailing whitespace" (anthropic-messages.md, "Request").
        said.truncate(said.trim_end().len());
    }
    let apart = [request.cache.tools, request.cache.system, request.cache.last].into_iter().flatten().count();
    fewer_marks(&mut turns, MARKS.saturating_sub(apart), losses);
    body.insert("messages".into(), Value::Array(turns));
    if let Some(ttl) = request.cache.last {
        body.insert("cache_control".into(), mark(ttl, losses));
    }
    thinking(&mut body, request, adapted);
    sampling(&mut body, request, adapted, losses);
    tools(&mut body, request, adapted, losses);
    let stop: Vec<&String> = request.stop.iter().filter(|stop| !super::blank(stop)).collect();
    if !stop.is_empty() {
        body.insert("stop_sequences".into(), json!(stop));
    }
    if let Some(user) = &request.user {
        body.insert("metadata".into(), json!({ "user_id": user }));
    }
    match request.service {
        Some(Service::Standard) => drop(body.insert("service_tier".into(), json!("standard_only"))),
        Some(Service::Fast) => drop(body.insert("speed".into(), json!("fast"))),
        Some(_) => losses.add(Loss::Service),
        None => {}
    }
    if stream {
        body.insert("stream".into(), json!(true));
    }
    extend(&mut body, request, Dialect::AnthropicMessages);
    let thinks = matches!(adapted.thinking, Thinking::Adaptive(_) | Thinking::Budget(_) | Thinking::Switch(true, _));
    if !thinks && let Some(kept) = body.get("context_management").and_then(unclearing) {
        losses.add(Loss::extra(CLEARING));
        match kept {
            Value::Null => drop(body.remove("context_management")),
            kept => drop(body.insert("context_management".into(), kept)),
        }
    }
    body
}

fn thinking(body: &mut Map<String, Value>, request: &Request, adapted: &Adapted) {
    let mut output = Map::new();
    let display = if request.shows() { "summarized" } else { "omitted" };
    match &adapted.thinking {
        Thinking::Adaptive(effort) => {
            body.insert("thinking".into(), json!({ "type": "adaptive", "display": display }));
            output.extend(effort.map(|e| ("effort".to_owned(), json!(e.name()))));
        }
        Thinking::Level(effort) => {
            output.insert("effort".into(), json!(effort.name()));
        }
        Thinking::Budget(tokens) => {
            body.insert("thinking".into(), json!({ "type": "enabled", "budget_tokens": tokens }));
        }
        Thinking::Disabled => {
            body.insert("thinking".into(), json!({ "type": "disabled" }));
        }
        Thinking::BetweenTools => {
            body.insert("thinking".into(), json!({ "type": "between_tools" }));
        }
        // DeepSeek's door of this dialect (deepseek.md, "Thinking").
        Thinking::Switch(on, effort) => {
            body.insert("thinking".into(), json!({ "type": if *on { "enabled" } else { "disabled" } }));
            output.extend(effort.filter(|_| *on).map(|e| ("effort".to_owned(), json!(e.name()))));
        }
        Thinking::Unset | Thinking::Think(_) | Thinking::Enable(..) => {}
    }
    if let Some(schema) = request.schema.as_ref().filter(|_| adapted.structured) {
        output.insert("format".into(), json!({ "type": "json_schema", "schema": schema.schema }));
    }
    if !output.is_empty() {
        body.insert("output_config".into(), Value::Object(output));
    }
}

fn sampling(body: &mut Map<String, Value>, request: &Request, adapted: &Adapted, losses: &mut Losses) {
    if !adapted.sampling {
        return;
    }
    let (wish, lost) = if adapted.single { request.sampling.single() } else { (request.sampling, false) };
    losses.when(lost && !wish.habit, Loss::TopP);
    if let Some(t) = wish.temperature {
        losses.when(!(0.0..=1.0).contains(&t), Loss::Temperature);
        body.insert("temperature".into(), json!(t.clamp(0.0, 1.0)));
    }
    if let Some(p) = wish.top_p {
        body.insert("top_p".into(), json!(p));
    }
    if let Some(k) = wish.top_k {
        body.insert("top_k".into(), json!(k));
    }
}

fn tools(body: &mut Map<String, Value>, request: &Request, adapted: &Adapted, losses: &mut Losses) {
    let offered: Vec<&ToolSpec> = match &request.tool_choice {
        ToolChoice::Among { names, .. } => request.tools.iter().filter(|t| names.contains(&t.name)).collect(),
        _ => request.tools.iter().collect(),
    };
    let own = request.extras.iter().filter(|e| e.dialect == Dialect::AnthropicMessages && e.name == "tools");
    let mut spelled: Vec<Value> = offered.into_iter().map(tool).chain(own.map(|e| e.value.clone())).collect();
    if spelled.is_empty() {
        return;
    }
    if let (Some(ttl), Some(last)) = (request.cache.tools, spelled.last_mut().and_then(Value::as_object_mut)) {
        last.insert("cache_control".into(), mark(ttl, losses));
    }
    body.insert("tools".into(), Value::Array(spelled));
    let forced = matches!(
        request.tool_choice,
        ToolChoice::Required | ToolChoice::Named(_) | ToolChoice::Among { must: true, .. }
    );
    losses.when(forced && adapted.unforced, Loss::Forced);
    let mut choice = match &request.tool_choice {
        ToolChoice::None => json!({ "type": "none" }),
        ToolChoice::Required | ToolChoice::Among { must: true, .. } if !adapted.unforced => json!({ "type": "any" }),
        ToolChoice::Named(name) if !adapted.unforced => json!({ "type": "tool", "name": name }),
        _ => json!({ "type": "auto" }),
    };
    if request.parallel == Some(false) && request.tool_choice != ToolChoice::None {
        choice["disable_parallel_tool_use"] = json!(true);
    }
    body.insert("tool_choice".into(), choice);
}

fn tool(tool: &ToolSpec) -> Value {
    let mut spelled = json!({ "name": tool.name });
    if !tool.description.is_empty() {
        spelled["description"] = json!(tool.description);
    }
    spelled["input_schema"] = match &tool.custom {
        Some(_) => json!({ "type": "object", "properties": { "input": { "type": "string" } }, "required": ["input"] }),
        None => opened(&tool.parameters),
    };
    if let Some(strict) = tool.strict {
        spelled["strict"] = json!(strict);
    }
    spelled
}

/// A schema as the dialect takes it, which refuses one that does not say that it is an object.
fn opened(schema: &Value) -> Value {
    let mut schema = if schema.is_null() { json!({}) } else { schema.clone() };
    if let Some(said) = schema.as_object_mut().filter(|said| !said.contains_key("type")) {
        said.insert("type".to_owned(), json!("object"));
        let elsewhere = ["$ref", "anyOf", "oneOf", "allOf"].into_iter().any(|word| said.contains_key(word));
        if !elsewhere {
            said.entry("properties").or_insert_with(|| json!({}));
        }
    }
    schema
}

/// A mark for the cache, with one of the two lifetimes that there are.
fn mark(ttl: Ttl, losses: &mut Losses) -> Value {
    if ttl == Ttl::Short {
        return json!({ "type": "ephemeral" });
    }
    let fitting = ttl.fit([Ttl::Five, Ttl::Hour]);
    losses.when(ttl != fitting, Loss::CacheTime);
    json!({ "type": "ephemeral", "ttl": fitting.name() })
}

/// The last marks count most: they hold what came before.
fn fewer_marks(turns: &mut [Value], most: usize, losses: &mut Losses) {
    let mut left = most;
    let blocks = |turn: &'_ mut Value| match turn.get_mut("content") {
        Some(Value::Array(blocks)) => std::mem::take(blocks),
        _ => Vec::new(),
    };
    for turn in turns.iter_mut().rev() {
        let mut held = blocks(turn);
        for block in held.iter_mut().rev() {
            unmark(block, &mut left, losses);
            if let Some(Value::Array(parts)) = block.get_mut("content") {
                parts.iter_mut().rev().for_each(|part| unmark(part, &mut left, losses));
            }
        }
        turn["content"] = Value::Array(held);
    }
}

fn unmark(block: &mut Value, left: &mut usize, losses: &mut Losses) {
    let Some(block) = block.as_object_mut().filter(|b| b.contains_key("cache_control")) else { return };
    match left.checked_sub(1) {
        Some(fewer) => *left = fewer,
        None => {
            block.remove("cache_control");
            losses.add(Loss::CacheMarks);
        }
    }
}

fn messages(request: &Request, adapted: &Adapted, losses: &mut Losses) -> Vec<Value> {
    let mut shown: Vec<Value> = Vec::new();
    let mut turns = alternate(
        request,
        &json!({ "type": "text", "text": "." }),
        |message| {
            let mut blocks = Vec::new();
            if message.role == Role::User {
                // Files of an earlier answer (`Loss::AnswerImage`).
                blocks.append(&mut shown);
            }
            for block in &message.blocks {
                match block {
                    Block::Image { source, .. } if message.role == Role::Assistant => shown.extend(image(source)),
                    // Refused in the model's turns (anthropic-messages.md, "Version 2026-10-21").
                    Block::Document { source, name } if message.role == Role::Assistant => {
                        shown.extend(document(source, name.as_deref()));
                    }
                    // And this in the user's.
                    Block::Cited(_) if message.role != Role::Assistant => losses.add(Loss::Citations),
                    _ => spell(block, adapted, &mut blocks, losses),
                }
            }
            blocks
        },
        |block| block["type"] == "tool_result",
    );
    match turns.last_mut() {
        _ if shown.is_empty() => {}
        Some((Role::User, blocks)) => blocks.append(&mut shown),
        last => {
            // Behind them nothing can be gone on from.
            losses.when(last.is_some(), Loss::Prefill);
            shown.push(json!({ "type": "text", "text": GO_ON }));
            turns.push((Role::User, shown));
        }
    }
    turns
        .into_iter()
        .map(|(role, blocks)| json!({ "role": if role == Role::User { "user" } else { "assistant" }, "content": blocks }))
        .collect()
}

fn spell(block: &Block, adapted: &Adapted, out: &mut Vec<Value>, losses: &mut Losses) {
    match block {
        // The dialect refuses text without a letter in it.
        Block::Text(t) | Block::Refusal(t) if t.trim().is_empty() => {}
        Block::Text(t) | Block::Refusal(t) => out.push(json!({ "type": "text", "text": t })),
        Block::Image { source, .. } => out.extend(image(source)),
        Block::Document { source, name } => out.extend(document(source, name.as_deref())),
        Block::Cited(citation) => {
            let spelled = Some(&citation.raw).filter(|_| citation.dialect == Dialect::AnthropicMessages);
            if let (Some(raw), Some(text)) = (spelled, out.last_mut().filter(|b| b["type"] == "text")) {
                match text.get_mut("citations") {
                    Some(Value::Array(all)) => all.push(raw.clone()),
                    _ => text["citations"] = json!([raw]),
                }
            }
        }
        Block::Mark(ttl) => {
            // Thoughts take none.
            if let Some(last) = out.last_mut().filter(|b| !b["type"].as_str().is_some_and(|t| t.ends_with("thinking")))
            {
                last.as_object_mut().map(|block| block.insert("cache_control".to_owned(), mark(*ttl, losses)));
            }
        }
        Block::Thought { text, seal: Some(seal), tag } if *tag == adapted.tag => {
            out.push(match seal.strip_prefix(REDACTED) {
                Some(data) => json!({ "type": "redacted_thinking", "data": data }),
                None => json!({ "type": "thinking", "thinking": text, "signature": seal }),
            })
        }
        // A thought without its seal, or from another place, is refused.
        Block::Thought { text, seal, .. } => losses.when(!text.is_empty() || seal.is_some(), Loss::Thoughts),
        Block::ToolCall { id, name, input, custom, .. } => {
            let input = if *custom { json!({ "input": input }) } else { given(input, losses) };
            out.push(json!({ "type": "tool_use", "id": fitted(id, Dialect::AnthropicMessages, &adapted.quirks), "name": name, "input": input }));
        }
        Block::ToolResult { id, content, is_error, parts, .. } => {
            let told = if parts.is_empty() {
                json!(if content.trim().is_empty() { "" } else { content.as_str() })
            } else {
                let mut told = Vec::new();
                spell(&Block::Text(content.clone()), adapted, &mut told, losses);
                parts.iter().for_each(|part| spell(part, adapted, &mut told, losses));
                Value::Array(told)
            };
            out.push(json!({ "type": "tool_result", "tool_use_id": fitted(id, Dialect::AnthropicMessages, &adapted.quirks), "content": told, "is_error": is_error }));
        }
        Block::Opaque { dialect: Dialect::AnthropicMessages, value, tag } if *tag == adapted.tag => {
            out.push(value.clone())
        }
        // Told by the table, or refused.
        Block::Opaque { .. } | Block::Audio { .. } => {}
    }
}

pub(super) fn image(source: &Source) -> Option<Value> {
    let source = match source {
        Source::Url(url) => json!({ "type": "url", "url": url }),
        Source::File { id, .. } => json!({ "type": "file", "file_id": id }),
        here => {
            let (media_type, data) = bytes(here)?;
            json!({ "type": "base64", "media_type": media_type, "data": data })
        }
    };
    Some(json!({ "type": "image", "source": source }))
}

fn document(source: &Source, name: Option<&str>) -> Option<Value> {
    // Base64 is for PDFs alone (anthropic-messages.md, "Content blocks").
    let source = match (source, plain_text(source)) {
        (_, Some(text)) => json!({ "type": "text", "media_type": "text/plain", "data": text }),
        (Source::Url(url), _) => json!({ "type": "url", "url": url }),
        (Source::File { id, .. }, _) => json!({ "type": "file", "file_id": id }),
        (here, _) => {
            let (media_type, data) = bytes(here)?;
            json!({ "type": "base64", "media_type": media_type, "data": data })
        }
    };
    let mut block = json!({ "type": "document", "source": source });
    if let Some(name) = name {
        block["title"] = json!(name);
    }
    Some(block)
}

/// A source as an answer tells it to the caller.
pub(super) fn cited(citation: &Citation) -> Option<Value> {
    if citation.dialect == Dialect::AnthropicMessages {
        return Some(citation.raw.clone());
    }
    let url = citation.url.as_ref()?;
    Some(json!({ "type": "web_search_result_location", "url": url, "title": citation.title,
        "cited_text": citation.quote.as_deref().unwrap_or_default(), "encrypted_index": "" }))
}

/// A turn of the model as an answer tells it; unlike in a request, thoughts are shown wherever they come from.
pub(super) fn answered(message: &Message) -> Vec<Value> {
    let mut out: Vec<Value> = Vec::new();
    let mut losses = Losses::default();
    for block in &message.blocks {
        match block {
            Block::Thought { text, seal, .. } if seal.as_ref().is_none_or(|s| !s.starts_with(REDACTED)) => {
                out.push(
                    json!({ "type": "thinking", "thinking": text, "signature": seal.as_deref().unwrap_or_default() }),
                );
            }
            Block::Cited(citation) => {
                if let (Some(raw), Some(text)) = (cited(citation), out.last_mut().filter(|b| b["type"] == "text")) {
                    match text.get_mut("citations") {
                        Some(Value::Array(all)) => all.push(raw),
                        _ => text["citations"] = json!([raw]),
                    }
                }
            }
            Block::Image { .. } => out.push(json!({ "type": "text", "text": IMAGE })),
            // Told as it was said, blank or not.
            Block::Text(t) | Block::Refusal(t) if !t.is_empty() => out.push(json!({ "type": "text", "text": t })),
            other => spell(other, &Adapted::default(), &mut out, &mut losses),
        }
    }
    out
}
