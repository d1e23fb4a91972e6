//! Writes requests.

use serde_json::{Map, Value, json};

use super::{ALONE, NEXT, NO_SIGNATURE, beside};
use crate::model::{Block, Dialect, Effort, Message, Request, Role, Service, Source, ToolChoice, ToolSpec};
use crate::wire::file::bytes;
use crate::wire::json::{extend, given, system};
use crate::wire::loss::{Loss, Losses, stored};
use crate::wire::turns::{Called, alternate, told};
use crate::wire::{Adapted, Thinking};

/// Most stop sequences.
const STOPS: usize = 5;

pub(super) fn body(request: &Request, adapted: &Adapted, losses: &mut Losses) -> Map<String, Value> {
    let mut body = Map::new();
    body.insert("contents".into(), Value::Array(contents(request, adapted, losses)));
    let said = system(request, adapted);
    if !said.is_empty() {
        body.insert("systemInstruction".into(), json!({ "parts": [{ "text": said }] }));
    }
    let config = config(request, adapted, losses);
    if !config.is_empty() {
        body.insert("generationConfig".into(), Value::Object(config));
    }
    tools(&mut body, request, adapted, losses);
    match request.service {
        Some(tier @ (Service::Standard | Service::Flex | Service::Priority)) => {
            body.insert("serviceTier".into(), json!(tier.name()));
        }
        tier => losses.when(tier.is_some(), Loss::Service),
    }
    extend(&mut body, request, Dialect::Gemini);
    body
}

fn config(request: &Request, adapted: &Adapted, losses: &mut Losses) -> Map<String, Value> {
    let mut config = Map::new();
    let wish = &request.sampling;
    if let Some(limit) = adapted.max_output {
        config.insert("maxOutputTokens".into(), json!(limit));
    }
    if adapted.sampling {
        let wishes = [
            ("temperature", wish.temperature),
            ("topP", wish.top_p),
            ("presencePenalty", wish.presence_penalty),
            ("frequencyPenalty", wish.frequency_penalty),
        ];
        config.extend(wishes.into_iter().filter_map(|(name, value)| Some((name.to_owned(), json!(value?)))));
        config.extend(wish.top_k.map(|k| ("topK".to_owned(), json!(k))));
    }
    config.extend(wish.seed.map(|seed| ("seed".to_owned(), json!(seed))));
    if !request.stop.is_empty() {
        losses.when(request.stop.len() > STOPS, Loss::ManyStops);
        config.insert("stopSequences".into(), json!(request.stop.iter().take(STOPS).collect::<Vec<_>>()));
    }
    let shown = request.shows();
    let thinking = match &adapted.thinking {
        Thinking::Level(level) => {
            json!({ "thinkingLevel": level.name(), "includeThoughts": shown && *level != Effort::None })
        }
        Thinking::Budget(tokens) => json!({ "thinkingBudget": tokens, "includeThoughts": shown && *tokens > 0 }),
        Thinking::Disabled => json!({ "thinkingBudget": 0 }),
        // Whoever wants thought may have left it to the model how much.
        _ if adapted.reasons && request.show_thoughts.unwrap_or(request.awaits()) => json!({ "includeThoughts": true }),
        _ => Value::Null,
    };
    if !thinking.is_null() {
        config.insert("thinkingConfig".into(), thinking);
    }
    if let Some(schema) = request.schema.as_ref().filter(|_| adapted.structured) {
        config.insert("responseMimeType".into(), json!("application/json"));
        config.insert("responseJsonSchema".into(), schema.schema.clone());
    } else if request.json && request.schema.is_none() {
        config.insert("responseMimeType".into(), json!("application/json"));
    }
    config
}

fn tools(body: &mut Map<String, Value>, request: &Request, adapted: &Adapted, losses: &mut Losses) {
    let declared: Vec<Value> = request.tools.iter().map(tool).collect();
    let mut offered: Vec<Value> = Vec::new();
    if !declared.is_empty() {
        offered.push(json!({ "functionDeclarations": declared }));
    }
    let own = request.extras.iter().filter(|e| e.dialect == Dialect::Gemini && e.name == "tools");
    offered.extend(own.map(|e| e.value.clone()));
    if offered.is_empty() {
        return;
    }
    body.insert("tools".into(), Value::Array(offered));
    if request.tools.is_empty() {
        return;
    }
    let forced = !adapted.unforced;
    let choice = match &request.tool_choice {
        ToolChoice::Auto => json!({ "mode": "AUTO" }),
        ToolChoice::None => json!({ "mode": "NONE" }),
        ToolChoice::Required if forced => json!({ "mode": "ANY" }),
        ToolChoice::Named(name) if forced => json!({ "mode": "ANY", "allowedFunctionNames": [name] }),
        ToolChoice::Among { must: true, names } if forced => json!({ "mode": "ANY", "allowedFunctionNames": names }),
        ToolChoice::Among { must, names } => {
            losses.when(*must, Loss::Forced);
            json!({ "mode": "VALIDATED", "allowedFunctionNames": names })
        }
        ToolChoice::Required | ToolChoice::Named(_) => {
            losses.add(Loss::Forced);
            json!({ "mode": "AUTO" })
        }
    };
    body.insert("toolConfig".into(), json!({ "functionCallingConfig": choice }));
}

fn tool(tool: &ToolSpec) -> Value {
    let mut spelled = json!({ "name": tool.name });
    if !tool.description.is_empty() {
        spelled["description"] = json!(tool.description);
    }
    if tool.custom.is_some() {
        spelled["parametersJsonSchema"] = crate::wire::openai_chat::one_text();
    } else if !tool.parameters.is_null() {
        spelled["parametersJsonSchema"] = tool.parameters.clone();
    }
    for extra in tool.extras.iter().filter(|extra| extra.dialect == Dialect::Gemini) {
        spelled[&extra.name] = extra.value.clone();
    }
    spelled
}

/// Turns that alternate and begin with the user; all results of one step stand in one of them.
fn contents(request: &Request, adapted: &Adapted, losses: &mut Losses) -> Vec<Value> {
    let called = Called::of(request);
    let turns = alternate(
        request,
        &json!({ "text": "." }),
        |message| parts(message, &called, adapted, losses),
        |part| part.get("functionResponse").is_some(),
    );
    turns
        .into_iter()
        .map(|(role, mut parts)| {
            if role != Role::User {
                // Only the first call of a step carries a signature.
                let first = parts.iter_mut().find(|p| p.get("functionCall").is_some());
                if let Some(first) = first.filter(|call| call.get("thoughtSignature").is_none()) {
                    first["thoughtSignature"] = json!(NO_SIGNATURE);
                }
            }
            json!({ "role": if role == Role::User { "user" } else { "model" }, "parts": parts })
        })
        .collect()
}

fn parts(message: &Message, called: &Called<'_>, adapted: &Adapted, losses: &mut Losses) -> Vec<Value> {
    let mut parts: Vec<Value> = Vec::new();
    // A seal that belongs to the text after it.
    let mut next: Option<&str> = None;
    // The block before this one is the last part: what is said beside is said of it, and of nothing else.
    let mut spelled = false;
    for block in &message.blocks {
        if let Block::Opaque { dialect: Dialect::Gemini, value, .. } = block
            && beside(value)
        {
            if spelled {
                say(&mut parts, value);
            }
            continue;
        }
        let before = parts.len();
        let sealed = next.take();
        match block {
            Block::Text(t) | Block::Refusal(t) if t.is_empty() => {}
            Block::Text(t) | Block::Refusal(t) => {
                let mut part = json!({ "text": t });
                if let Some(seal) = sealed {
                    part["thoughtSignature"] = json!(seal);
                }
                parts.push(part);
                spelled = true;
                continue;
            }
            _ => {}
        }
        // Its text was empty.
        parts.extend(sealed.map(|seal| json!({ "text": "", "thoughtSignature": seal })));
        match block {
            Block::Image { source, .. } | Block::Document { source, .. } | Block::Audio { source } => {
                parts.extend(file(source));
            }
            Block::Thought { text, seal: Some(seal), tag } if *tag == adapted.tag => {
                if let Some(seal) = seal.strip_prefix(NEXT) {
                    next = Some(seal);
                } else if let Some(seal) = seal.strip_prefix(ALONE) {
                    parts.push(json!({ "text": "", "thoughtSignature": seal }));
                } else {
                    parts.push(json!({ "text": text, "thought": true, "thoughtSignature": seal }));
                }
            }
            Block::Thought { text, seal, tag } => {
                let foreign = *tag != adapted.tag;
                losses.when(seal.is_some() || (foreign && !text.is_empty()), Loss::Thoughts);
            }
            Block::ToolCall { id, name, input, custom, seal } => {
                let args = if *custom { json!({ "input": input }) } else { given(input, losses) };
                let mut part = json!({ "functionCall": { "name": name, "args": args } });
                if !id.starts_with("call_") {
                    part["functionCall"]["id"] = json!(id);
                }
                if let Some(seal) = seal.as_ref().filter(|seal| seal.tag == adapted.tag) {
                    part["thoughtSignature"] = json!(seal.text);
                }
                parts.push(part);
            }
            Block::ToolResult { id, name, content, is_error, parts: files } => {
                let told = told(content, files);
                let response = match serde_json::from_str::<Value>(&told) {
                    Ok(value) if value.is_object() && !is_error => value,
                    _ if *is_error => json!({ "error": told }),
                    _ => json!({ "output": told }),
                };
                let mut part = json!({ "functionResponse": { "name": called.name(id, name), "response": response } });
                if !id.starts_with("call_") {
                    part["functionResponse"]["id"] = json!(id);
                }
                let (mut inner, mut spelled): (Vec<Value>, bool) = (Vec::new(), false);
                for block in files {
                    match block {
                        Block::Opaque { dialect: Dialect::Gemini, value, .. } if beside(value) => {
                            if spelled {
                                say(&mut inner, value);
                            }
                            continue;
                        }
                        Block::Image { source, .. } | Block::Document { source, .. } | Block::Audio { source } => {
                            let part = file(source);
                            spelled = part.is_some();
                            inner.extend(part);
                        }
                        _ => spelled = false,
                    }
                }
                if !inner.is_empty() {
                    part["functionResponse"]["parts"] = Value::Array(inner);
                }
                parts.push(part);
            }
            Block::Opaque { dialect: Dialect::Gemini, value, tag } if *tag == adapted.tag => parts.push(value.clone()),
            // Told by the table.
            Block::Opaque { .. } | Block::Cited(_) | Block::Mark(_) | Block::Text(_) | Block::Refusal(_) => {}
        }
        spelled = parts.len() > before;
    }
    parts.extend(next.map(|seal| json!({ "text": "", "thoughtSignature": seal })));
    parts
}

/// Says of the last part what is said beside what it holds.
fn say(parts: &mut [Value], said: &Value) {
    if let (Some(Value::Object(part)), Some(said)) = (parts.last_mut(), said.as_object()) {
        part.extend(said.clone());
    }
}

/// A part with a file's bytes, or with its address at the provider.
pub(super) fn file(source: &Source) -> Option<Value> {
    if let Source::File { id, media_type, .. } = source {
        let mut data = json!({ "fileUri": id });
        if let Some(media_type) = media_type {
            data["mimeType"] = json!(media_type);
        }
        return Some(json!({ "fileData": data }));
    }
    if let Source::Url(url) = source {
        return stored(Dialect::Gemini, url).then(|| json!({ "fileData": { "fileUri": url } }));
    }
    let (media_type, data) = bytes(source)?;
    Some(json!({ "inlineData": { "mimeType": media_type, "data": data } }))
}
