//! Writes requests.

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use super::{PROMPT, SEALED};
use crate::model::{Block, Custom, Dialect, Message, Request, Role, Source, Summary, ToolSpec, Ttl};
use crate::wire::file::to_url;
use crate::wire::ids::person;
use crate::wire::json::{ONE, extend, spelled, system, unnamed};
use crate::wire::loss::{Loss, Losses};
use crate::wire::offer::Offer;
use crate::wire::openai_chat::{breakpoint, tier};
use crate::wire::{Adapted, Thinking};

/// OpenAI refuses a lower limit of output tokens, in its own words: "integer below minimum value. Expected a value
/// >= 16" (openai-responses.md, "Request").
const LEAST: u32 = 16;

pub(super) fn body(
    model: &str,
    request: &Request,
    adapted: &Adapted,
    stream: bool,
    losses: &mut Losses,
) -> Map<String, Value> {
    let mut body = Map::new();
    body.insert("model".into(), json!(model));
    let said = system(request, adapted);
    if !said.is_empty() {
        body.insert("instructions".into(), json!(said));
    }
    if !(request.messages.is_empty() && own(request, PROMPT).is_some()) {
        body.insert("input".into(), Value::Array(input(request, adapted, losses)));
    }
    // Nothing is kept at the provider, and reasoning travels with us.
    body.insert("store".into(), json!(false));
    let low = |limit: Option<u32>| limit.is_some_and(|limit| limit < LEAST);
    losses.when(adapted.quirks.newest && low(adapted.max_output.or(request.max_output)), Loss::LeastOutput);
    if let Some(limit) = adapted.max_output {
        let limit = if adapted.quirks.newest { limit.max(LEAST) } else { limit };
        body.insert("max_output_tokens".into(), json!(limit));
    }
    if adapted.sampling {
        if let Some(t) = request.sampling.temperature {
            body.insert("temperature".into(), json!(t));
        }
        if let Some(p) = request.sampling.top_p {
            body.insert("top_p".into(), json!(p));
        }
    }
    reasoning(&mut body, request, adapted);
    OFFER.write(&mut body, request, adapted, losses);
    if let Some(choice) = own(request, "tool_choice") {
        losses.when(adapted.unforced, Loss::Forced);
        if !adapted.unforced {
            body.insert("tool_choice".into(), choice.clone());
        }
    }
    format(&mut body, request, adapted, losses);
    if let Some(user) = &request.user {
        body.insert(if adapted.quirks.newest { "safety_identifier" } else { "user" }.into(), json!(person(user)));
    }
    losses.when(!adapted.quirks.newest && request.cache.key.is_some(), Loss::CacheKey);
    if let Some(key) = request.cache.key.as_ref().filter(|_| adapted.quirks.newest) {
        body.insert("prompt_cache_key".into(), json!(key));
    }
    let served = request.service.and_then(tier).filter(|_| adapted.quirks.newest);
    losses.when(request.service.is_some() && served.is_none(), Loss::Service);
    body.extend(served.map(|tier| ("service_tier".to_owned(), json!(tier))));
    let cache = &request.cache;
    losses.when(cache.tools.or(cache.system).or(cache.last).is_some(), Loss::CacheMarks);
    if stream {
        body.insert("stream".into(), json!(true));
        if adapted.quirks.obfuscation {
            body.insert("stream_options".into(), json!({ "include_obfuscation": false }));
        }
    }
    extend(&mut body, request, Dialect::OpenAiResponses);
    body
}

fn reasoning(body: &mut Map<String, Value>, request: &Request, adapted: &Adapted) {
    let effort = match &adapted.thinking {
        Thinking::Level(level) => Some(level.name()),
        Thinking::Switch(true, Some(level)) => Some(level.name()),
        Thinking::Disabled | Thinking::Switch(false, _) => Some("none"),
        _ => None,
    };
    let reasons = effort.map_or(adapted.reasons, |level| level != "none");
    let mut wish = Map::new();
    wish.extend(effort.map(|level| ("effort".to_owned(), json!(level))));
    if reasons && request.show_thoughts == Some(true) {
        wish.insert("summary".into(), json!(request.summary.map_or("auto", Summary::name)));
    }
    if !wish.is_empty() {
        body.insert("reasoning".into(), Value::Object(wish));
    }
    // Without it a tool loop loses what was thought before the call; models that reason unasked do so, too.
    let sealed = reasons.then(|| json!(SEALED));
    let wished = own(request, "include").and_then(Value::as_array).into_iter().flatten().cloned();
    let include: Vec<Value> = sealed.into_iter().chain(wished).collect();
    if !include.is_empty() {
        body.insert("include".into(), Value::Array(include));
    }
}

/// What only this dialect knows, where it stands beside what we say ourselves.
fn own<'r>(request: &'r Request, name: &str) -> Option<&'r Value> {
    let extra = request.extras.iter().find(|extra| extra.dialect == Dialect::OpenAiResponses && extra.name == name)?;
    Some(&extra.value)
}

fn format(body: &mut Map<String, Value>, request: &Request, adapted: &Adapted, losses: &mut Losses) {
    let mut said = Map::new();
    if let Some(schema) = request.schema.as_ref().filter(|_| adapted.structured) {
        let mut format = json!({ "type": "json_schema", "name": schema.name, "schema": schema.schema,
            "strict": schema.strict.unwrap_or(adapted.quirks.strict && schema.enforced()) });
        if let Some(about) = &schema.description {
            format["description"] = json!(about);
        }
        said.insert("format".into(), format);
    } else if request.json && request.schema.is_none() {
        said.insert("format".into(), json!({ "type": "json_object" }));
    }
    match request.verbosity {
        Some(verbosity) if adapted.quirks.newest => drop(said.insert("verbosity".into(), json!(verbosity.name()))),
        verbosity => losses.when(verbosity.is_some(), Loss::Verbosity),
    }
    if !said.is_empty() {
        body.insert("text".into(), Value::Object(said));
    }
}

/// How tools and the choice among them are spelled.
const OFFER: Offer = Offer {
    dialect: Dialect::OpenAiResponses,
    tool,
    named: |kind, name| json!({ "type": kind, "name": name }),
    among: |mode, tools| json!({ "type": "allowed_tools", "mode": mode, "tools": tools }),
};

fn tool(tool: &ToolSpec, adapted: &Adapted, losses: &mut Losses) -> Value {
    let own = adapted.quirks.newest;
    let mut spelled =
        json!({ "type": if tool.custom.is_some() && own { "custom" } else { "function" }, "name": tool.name });
    if !tool.description.is_empty() {
        spelled["description"] = json!(tool.description);
    }
    match &tool.custom {
        Some(Custom::Text) if own => spelled["format"] = json!({ "type": "text" }),
        Some(Custom::Grammar { syntax, definition }) if own => {
            spelled["format"] = json!({ "type": "grammar", "definition": definition, "syntax": syntax });
        }
        custom => {
            losses.when(custom.is_some(), Loss::CustomTool);
            spelled["parameters"] = match custom {
                Some(_) => crate::wire::openai_chat::one_text(),
                // OpenAI takes `null` too; servers that speak like it do not.
                None if tool.parameters.is_null() => json!({ "type": "object", "properties": {} }),
                None => tool.parameters.clone(),
            };
            // True unless said otherwise (openai-responses.md, "Tools").
            spelled["strict"] = json!(tool.strict.unwrap_or(false));
        }
    }
    spelled
}

/// Items so far, and the parts of the message that comes next.
struct Input<'a> {
    adapted: &'a Adapted,
    items: Vec<Value>,
    parts: Vec<Value>,
    /// Calls of tools that take plain text: their results have a name of their own.
    custom: HashSet<&'a str>,
    /// Files of an earlier answer (`Loss::AnswerImage`).
    shown: Vec<Value>,
}

fn input(request: &Request, adapted: &Adapted, losses: &mut Losses) -> Vec<Value> {
    let custom = request.messages.iter().flat_map(|m| &m.blocks).filter_map(|block| match block {
        Block::ToolCall { id, custom: true, .. } if adapted.quirks.newest => Some(id.as_str()),
        _ => None,
    });
    let mut input =
        Input { adapted, items: Vec::new(), parts: Vec::new(), custom: custom.collect(), shown: Vec::new() };
    if unnamed(request, "") {
        // Instructions do not count.
        input.parts.extend(part(&Block::Text(ONE.to_owned())));
        input.flush(&Message::new(Role::System, Vec::new()));
    }
    for message in &request.messages {
        if message.role == Role::User {
            let shown = std::mem::take(&mut input.shown);
            input.parts.extend(shown);
        }
        for block in &message.blocks {
            input.block(block, message, losses);
        }
        input.flush(message);
    }
    input.parts = std::mem::take(&mut input.shown);
    input.flush(&Message::new(Role::User, Vec::new()));
    input.items
}

impl Input<'_> {
    /// What was said becomes a message.
    fn flush(&mut self, message: &Message) {
        if self.parts.is_empty() {
            return;
        }
        let role = match message.role {
            Role::System if self.adapted.quirks.developer_role => "developer",
            Role::System => "system",
            Role::User => "user",
            Role::Assistant => "assistant",
        };
        let mut item = json!({ "type": "message", "role": role, "content": std::mem::take(&mut self.parts) });
        if message.role == Role::Assistant && self.adapted.quirks.newest {
            // An item with an id wants the thoughts before it, with theirs.
            let all = message.blocks.iter().all(|b| match b {
                Block::Thought { seal, tag, .. } => seal.is_some() && *tag == self.adapted.tag,
                _ => true,
            });
            if let Some(id) = message.about.id.as_ref().filter(|_| all) {
                item["id"] = json!(id);
                item["status"] = json!("completed");
            }
        }
        if let Some(phase) = &message.about.phase {
            item["phase"] = json!(phase);
        }
        self.items.push(item);
    }

    fn block(&mut self, block: &Block, message: &Message, losses: &mut Losses) {
        let answer = message.role == Role::Assistant;
        match block {
            Block::Text(t) | Block::Refusal(t) if t.is_empty() => {}
            Block::Refusal(t) if answer && self.adapted.quirks.newest => {
                self.parts.push(json!({ "type": "refusal", "refusal": t }));
            }
            Block::Text(t) | Block::Refusal(t) if answer => {
                losses.when(matches!(block, Block::Refusal(_)), Loss::Refusal);
                self.parts.push(json!({ "type": "output_text", "text": t, "annotations": [] }));
            }
            Block::Image { .. } | Block::Document { .. } if answer => self.shown.extend(part(block)),
            Block::Text(_) | Block::Refusal(_) | Block::Image { .. } | Block::Document { .. } => {
                self.parts.extend(part(block));
            }
            Block::Cited(citation) => {
                let spelled = Some(&citation.raw).filter(|_| citation.dialect == Dialect::OpenAiResponses);
                let notes = self.parts.last_mut().and_then(|part| part.get_mut("annotations"));
                if let (Some(raw), Some(Value::Array(notes))) = (spelled, notes) {
                    notes.push(raw.clone());
                }
            }
            Block::Mark(ttl) => mark(&mut self.parts, *ttl, self.adapted, losses),
            Block::Thought { text, seal: Some(seal), tag } if *tag == self.adapted.tag => {
                self.flush(message);
                // A seal holds the item's id and its encrypted content.
                if let Some((id, content)) = seal.split_once('\n') {
                    let summary: Vec<Value> = Some(text)
                        .filter(|t| !t.is_empty())
                        .map(|t| json!({ "type": "summary_text", "text": t }))
                        .into_iter()
                        .collect();
                    let mut item = json!({ "type": "reasoning", "summary": summary, "encrypted_content": content });
                    if !id.is_empty() {
                        item["id"] = json!(id);
                    }
                    self.items.push(item);
                }
            }
            Block::Thought { text, seal, .. } => losses.when(!text.is_empty() || seal.is_some(), Loss::Thoughts),
            Block::ToolCall { id, name, input, custom, .. } => {
                self.flush(message);
                self.items.push(if self.custom.contains(id.as_str()) {
                    json!({ "type": "custom_tool_call", "call_id": id, "name": name, "input": input })
                } else {
                    losses.when(*custom, Loss::CustomTool);
                    let input = if *custom { json!({ "input": input }).to_string() } else { spelled(input).to_owned() };
                    json!({ "type": "function_call", "call_id": id, "name": name, "arguments": input })
                });
            }
            Block::ToolResult { id, content, is_error, parts, .. } => {
                self.flush(message);
                let content = if *is_error { format!("error: {content}") } else { content.clone() };
                let output = if parts.is_empty() {
                    json!(content)
                } else {
                    let mut told: Vec<Value> = part(&Block::Text(content)).into_iter().collect();
                    for inner in parts {
                        match inner {
                            Block::Mark(ttl) => mark(&mut told, *ttl, self.adapted, losses),
                            inner => told.extend(part(inner)),
                        }
                    }
                    Value::Array(told)
                };
                let custom = self.custom.contains(id.as_str());
                let kind = if custom { "custom_tool_call_output" } else { "function_call_output" };
                self.items.push(json!({ "type": kind, "call_id": id, "output": output }));
            }
            Block::Opaque { dialect: Dialect::OpenAiResponses, value, tag } if *tag == self.adapted.tag => {
                if value["type"].as_str().is_some_and(|kind| kind.starts_with("input_") || kind.starts_with("output_"))
                {
                    self.parts.push(value.clone());
                } else {
                    self.flush(message);
                    self.items.push(value.clone());
                }
            }
            // Told by the table, or refused.
            Block::Opaque { .. } | Block::Audio { .. } => {}
        }
    }
}

fn mark(parts: &mut [Value], ttl: Ttl, adapted: &Adapted, losses: &mut Losses) {
    match parts
        .last_mut()
        .filter(|part| adapted.breakpoints && !matches!(part["type"].as_str(), Some("output_text" | "refusal")))
    {
        Some(last) => {
            last["prompt_cache_breakpoint"] = breakpoint(ttl, losses);
        }
        None => losses.add(Loss::CacheMarks),
    }
}

/// A part of a message or of a result; empty texts are left out.
fn part(block: &Block) -> Option<Value> {
    match block {
        Block::Text(t) | Block::Refusal(t) if t.is_empty() => None,
        Block::Text(t) | Block::Refusal(t) => Some(json!({ "type": "input_text", "text": t })),
        Block::Image { source, detail } => {
            let mut part = json!({ "type": "input_image", "detail": detail.as_deref().unwrap_or("auto") });
            match source {
                Source::File { id, .. } => part["file_id"] = json!(id),
                source => part["image_url"] = json!(to_url(source)?),
            }
            Some(part)
        }
        Block::Document { source, name } => {
            let mut part = json!({ "type": "input_file" });
            match source {
                Source::File { id, .. } => part["file_id"] = json!(id),
                Source::Url(url) => part["file_url"] = json!(url),
                source => {
                    part["filename"] = json!(name.as_deref().unwrap_or("document"));
                    part["file_data"] = json!(to_url(source)?);
                }
            }
            Some(part)
        }
        _ => None,
    }
}
