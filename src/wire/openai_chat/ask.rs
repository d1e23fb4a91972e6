//! Writes requests.

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::SPOKEN;
use crate::model::{Block, Custom, Dialect, Effort, Message, Request, Role, Schema, Source, ToolSpec, Ttl};
use crate::wire::file::{plain_text, titled, to_url};
use crate::wire::ids::person;
use crate::wire::json::{extend, spelled, system, unnamed, worded};
use crate::wire::loss::{Loss, Losses};
use crate::wire::offer::Offer;
use crate::wire::turns::joined;
use crate::wire::{Adapted, Thinking};

/// Most stop sequences.
const STOPS: usize = 4;

pub(super) fn body(
    model: &str,
    request: &Request,
    adapted: &Adapted,
    stream: bool,
    losses: &mut Losses,
) -> Map<String, Value> {
    let mut body = Map::new();
    body.insert("model".into(), json!(model));
    body.insert("messages".into(), Value::Array(messages(request, adapted, losses)));
    if let Some(limit) = adapted.max_output {
        body.insert(adapted.quirks.max_tokens_field.clone(), json!(limit));
    }
    sampling(&mut body, request, adapted, losses);
    thinking(&mut body, adapted);
    OFFER.write(&mut body, request, adapted, losses);
    if let Some(schema) = request.schema.as_ref().filter(|_| adapted.structured) {
        body.insert("response_format".into(), formed(schema, adapted, losses));
    } else if request.json && request.schema.is_none() {
        body.insert("response_format".into(), json!({ "type": "json_object" }));
    }
    if !request.stop.is_empty() && !adapted.cut_stops {
        losses.when(request.stop.len() > STOPS, Loss::ManyStops);
        body.insert("stop".into(), json!(request.stop.iter().take(STOPS).collect::<Vec<_>>()));
    }
    only_openai(&mut body, request, adapted, losses);
    if adapted.quirks.split_reasoning {
        body.insert("reasoning_split".into(), json!(true));
    }
    if adapted.quirks.parsed_reasoning {
        body.insert("reasoning_format".into(), json!("parsed"));
    }
    if adapted.quirks.store {
        body.insert("store".into(), json!(false));
    }
    if stream {
        body.insert("stream".into(), json!(true));
        let mut options = Map::new();
        if adapted.quirks.stream_usage {
            options.insert("include_usage".into(), json!(true));
        }
        if adapted.quirks.obfuscation {
            options.insert("include_obfuscation".into(), json!(false));
        }
        if !options.is_empty() {
            body.insert("stream_options".into(), Value::Object(options));
        }
    }
    extend(&mut body, request, Dialect::OpenAiChat);
    if adapted.quirks.require_parameters && matters(request, adapted) {
        // Beside what the caller said to the router, of privacy for example; what he said of this very thing stays.
        let provider = body.entry("provider").or_insert_with(|| json!({}));
        if let Some(provider) = provider.as_object_mut() {
            provider.entry("require_parameters").or_insert(json!(true));
        }
    }
    body
}

/// The form of the answer.
fn formed(schema: &Schema, adapted: &Adapted, losses: &mut Losses) -> Value {
    if adapted.quirks.schema_beside {
        losses.when(schema.description.is_some(), Loss::SchemaAbout);
        return json!({ "type": "json_object", "schema": schema.schema });
    }
    let mut inner = json!({ "name": schema.name, "schema": schema.schema });
    if let Some(about) = &schema.description {
        inner["description"] = json!(about);
    }
    if adapted.quirks.strict {
        inner["strict"] = json!(schema.enforced());
    }
    json!({ "type": "json_schema", "json_schema": inner })
}

/// The answer depends on a parameter that a router could drop: its form, its tools, or more thought than the least. A
/// wish for thought to which a model may be deaf is none: nobody would be left to ask.
fn matters(request: &Request, adapted: &Adapted) -> bool {
    let thinks = !adapted.hopes && matches!(adapted.thinking, Thinking::Level(effort) if effort > Effort::Low);
    !request.tools.is_empty() || (request.schema.is_some() && adapted.structured) || thinks
}

fn sampling(body: &mut Map<String, Value>, request: &Request, adapted: &Adapted, losses: &mut Losses) {
    let (wish, quirks) = (&request.sampling, &adapted.quirks);
    if adapted.sampling {
        let penalties = [("presence_penalty", wish.presence_penalty), ("frequency_penalty", wish.frequency_penalty)];
        let penalties = penalties.into_iter().filter(|(_, wished)| wished.is_some());
        losses.when(!quirks.penalties && penalties.clone().count() > 0, Loss::Penalties);
        body.extend(wish.top_k.filter(|_| quirks.top_k).map(|k| ("top_k".to_owned(), json!(k))));
        let wishes = [("temperature", wish.temperature), ("top_p", wish.top_p)];
        let wishes = wishes.into_iter().chain(penalties.filter(|_| quirks.penalties));
        body.extend(wishes.filter_map(|(name, value)| Some((name.to_owned(), json!(value?)))));
    }
    losses.when(wish.top_k.is_some() && !quirks.top_k, Loss::TopK);
    if let Some(seed) = wish.seed {
        body.insert(if quirks.random_seed { "random_seed" } else { "seed" }.into(), json!(seed));
    }
}

/// What servers other than OpenAI's do not know, or refuse.
fn only_openai(body: &mut Map<String, Value>, request: &Request, adapted: &Adapted, losses: &mut Losses) {
    let own = adapted.quirks.newest;
    let called = match &adapted.quirks {
        quirks if quirks.newest => Some("safety_identifier"),
        quirks if quirks.user_id => Some("user_id"),
        quirks => quirks.users.then_some("user"),
    };
    losses.when(called.is_none() && request.user.is_some(), Loss::User);
    body.extend(called.zip(request.user.as_ref()).map(|(field, user)| (field.to_owned(), json!(person(user)))));
    losses.when(!own && request.verbosity.is_some(), Loss::Verbosity);
    losses.when(!own && request.cache.key.is_some(), Loss::CacheKey);
    let tier = request.service.and_then(super::tier).filter(|_| own);
    losses.when(request.service.is_some() && tier.is_none(), Loss::Service);
    if own {
        body.extend(request.verbosity.map(|v| ("verbosity".to_owned(), json!(v.name()))));
        body.extend(request.cache.key.as_ref().map(|key| ("prompt_cache_key".to_owned(), json!(key))));
    }
    body.extend(tier.map(|tier| ("service_tier".to_owned(), json!(tier))));
    let cache = &request.cache;
    let lost = cache.tools.is_some() || cache.last.is_some() || (cache.system.is_some() && !adapted.breakpoints);
    losses.when(lost, Loss::CacheMarks);
}

/// How tools and the choice among them are spelled.
const OFFER: Offer = Offer {
    dialect: Dialect::OpenAiChat,
    tool,
    named: |kind, name| json!({ "type": kind, kind: { "name": name } }),
    among: |mode, tools| json!({ "type": "allowed_tools", "allowed_tools": { "mode": mode, "tools": tools } }),
};

fn tool(tool: &ToolSpec, adapted: &Adapted, losses: &mut Losses) -> Value {
    let mut inner = json!({ "name": tool.name });
    if !tool.description.is_empty() {
        inner["description"] = json!(tool.description);
    }
    if let Some(custom) = &tool.custom {
        if adapted.quirks.newest {
            inner["format"] = match custom {
                Custom::Text => json!({ "type": "text" }),
                Custom::Grammar { syntax, definition } => {
                    json!({ "type": "grammar", "grammar": { "definition": definition, "syntax": syntax } })
                }
            };
            return json!({ "type": "custom", "custom": inner });
        }
        losses.add(Loss::CustomTool);
        inner["parameters"] = one_text();
    } else if !tool.parameters.is_null() {
        inner["parameters"] = tool.parameters.clone();
    }
    match tool.strict {
        Some(strict) if adapted.quirks.strict => inner["strict"] = json!(strict),
        strict => losses.when(strict == Some(true), Loss::Strict),
    }
    json!({ "type": "function", "function": inner })
}

/// What stands for plain text where a tool takes objects alone.
pub(in crate::wire) fn one_text() -> Value {
    json!({ "type": "object", "properties": { "input": { "type": "string" } }, "required": ["input"] })
}

fn thinking(body: &mut Map<String, Value>, adapted: &Adapted) {
    let effort = match &adapted.thinking {
        Thinking::Level(level) => Some(level.name()),
        Thinking::Disabled => Some("none"),
        Thinking::Switch(on, level) => {
            body.insert("thinking".into(), json!({ "type": if *on { "enabled" } else { "disabled" } }));
            level.map(Effort::name).filter(|_| *on)
        }
        Thinking::Think(on) => {
            body.insert("chat_template_kwargs".into(), json!({ "enable_thinking": on }));
            None
        }
        Thinking::Enable(on, tokens) => {
            body.insert("enable_thinking".into(), json!(on));
            if let Some(tokens) = tokens.filter(|_| *on) {
                body.insert("thinking_budget".into(), json!(tokens));
            }
            None
        }
        Thinking::Budget(tokens) if adapted.quirks.reasoning_object => {
            body.insert("reasoning".into(), json!({ "max_tokens": tokens }));
            None
        }
        _ => None,
    };
    match effort {
        Some(level) if adapted.quirks.reasoning_object => body.insert("reasoning".into(), json!({ "effort": level })),
        Some(level) => body.insert("reasoning_effort".into(), json!(level)),
        None => None,
    };
}

fn messages(request: &Request, adapted: &Adapted, losses: &mut Losses) -> Vec<Value> {
    let mut out = Vec::new();
    let said = if unnamed(request, &request.system) { worded(request, adapted) } else { system(request, adapted) };
    let role = if adapted.quirks.developer_role { "developer" } else { "system" };
    if !said.is_empty() {
        let mut content = Content::new(adapted);
        content.text(&said);
        if let Some(ttl) = request.cache.system {
            content.mark(ttl, losses);
        }
        out.push(json!({ "role": role, "content": content.spelled("\n\n") }));
    }
    // Files of an earlier answer (`Loss::AnswerImage`).
    let mut shown = Vec::new();
    let messages = joined(&request.messages);
    for turn in messages.chunk_by(|a, b| a.role == b.role) {
        match turn.first().map(|first| first.role) {
            Some(Role::User) => {
                // Each call is answered before the user speaks, whichever message holds the answer.
                let mut files = std::mem::take(&mut shown);
                turn.iter().for_each(|message| results(message, adapted, &mut out, &mut files, losses));
                let mut content = Content::new(adapted);
                files.iter().for_each(|file| content.block(file, losses));
                if !content.parts.is_empty() {
                    out.push(json!({ "role": "user", "content": content.spelled("\n\n") }));
                }
                turn.iter().for_each(|message| said_by("user", message, adapted, &mut out, losses));
            }
            Some(Role::System) => turn.iter().for_each(|message| said_by(role, message, adapted, &mut out, losses)),
            Some(Role::Assistant) => {
                turn.iter().for_each(|message| assistant(message, adapted, &mut out, &mut shown, losses));
            }
            None => {}
        }
    }
    let mut content = Content::new(adapted);
    shown.iter().for_each(|image| content.block(image, losses));
    if !content.parts.is_empty() {
        out.push(json!({ "role": "user", "content": content.spelled("\n\n") }));
    }
    out
}

/// Tool results become messages of their own; files in them follow (`Loss::ResultFiles`).
fn results(message: &Message, adapted: &Adapted, out: &mut Vec<Value>, files: &mut Vec<Block>, losses: &mut Losses) {
    for block in &message.blocks {
        let Block::ToolResult { id, content, is_error, parts, .. } = block else { continue };
        let mut told = Content::new(adapted);
        if *is_error {
            told.text(&format!("error: {content}"));
        } else {
            told.text(content);
        }
        for part in parts {
            match part {
                Block::Text(_) | Block::Mark(_) => told.block(part, losses),
                file => files.push(file.clone()),
            }
        }
        let content = told.spelled("\n\n");
        out.push(json!({ "role": "tool", "tool_call_id": named(id, adapted), "content": content }));
    }
}

/// The content of a message: a string where that says it all, because compatible servers know strings best.
struct Content<'a> {
    adapted: &'a Adapted,
    parts: Vec<Value>,
}

/// A mark for the cache, with one of the two lifetimes that OpenAI has.
pub(in crate::wire) fn breakpoint(ttl: Ttl, losses: &mut Losses) -> Value {
    let fitting = ttl.fit([Ttl::Half, Ttl::Long]);
    losses.when(ttl != Ttl::Short && ttl != fitting, Loss::CacheTime);
    json!({ "mode": "explicit", "ttl": fitting.name() })
}

impl<'a> Content<'a> {
    const fn new(adapted: &'a Adapted) -> Self {
        Self { adapted, parts: Vec::new() }
    }

    fn text(&mut self, text: &str) {
        self.parts.push(json!({ "type": "text", "text": text }));
    }

    fn mark(&mut self, ttl: Ttl, losses: &mut Losses) {
        match self.parts.last_mut().filter(|_| self.adapted.breakpoints) {
            Some(last) => {
                let mark = breakpoint(ttl, losses);
                last.as_object_mut().map(|part| part.insert("prompt_cache_breakpoint".to_owned(), mark));
            }
            None => losses.add(Loss::CacheMarks),
        }
    }

    fn block(&mut self, block: &Block, losses: &mut Losses) {
        match block {
            Block::Text(t) | Block::Refusal(t) => self.text(t),
            Block::Image { source: Source::File { id, .. }, .. } => {
                self.parts.push(json!({ "type": "file", "file": { "file_id": id } }));
            }
            Block::Image { source, detail } => {
                let bare = match source {
                    Source::Data { data, .. } if self.adapted.quirks.bare_images => Some(data.clone()),
                    _ => to_url(source),
                };
                if let Some(url) = bare {
                    let mut image = json!({ "url": url });
                    if let Some(detail) = detail {
                        image["detail"] = json!(detail);
                    }
                    self.parts.push(json!({ "type": "image_url", "image_url": image }));
                }
            }
            Block::Document { source, name } => {
                // Files are PDFs (openai-chat.md); most other servers know none (`Loss::DocumentAsText`).
                if let Some(text) = plain_text(source) {
                    self.text(&titled(&text, name.as_ref()));
                    return;
                }
                let mut file = Map::new();
                match (source, name) {
                    (Source::File { id, .. }, _) => drop(file.insert("file_id".into(), json!(id))),
                    (_, name) => {
                        file.insert("filename".into(), json!(name.as_deref().unwrap_or("document")));
                        file.extend(to_url(source).map(|url| ("file_data".to_owned(), json!(url))));
                    }
                }
                self.parts.push(json!({ "type": "file", "file": file }));
            }
            Block::Audio { source: Source::Data { media_type, data } } => {
                let format = match media_type.rsplit('/').next().unwrap_or_default() {
                    "mpeg" | "mp3" => "mp3",
                    "x-wav" | "wave" => "wav",
                    other => other,
                };
                self.parts.push(json!({ "type": "input_audio", "input_audio": { "data": data, "format": format } }));
            }
            Block::Mark(ttl) => self.mark(*ttl, losses),
            Block::Opaque { dialect: Dialect::OpenAiChat, value, tag } if *tag == self.adapted.tag => {
                self.parts.push(value.clone());
            }
            // Told by the table, refused, or spelled elsewhere.
            Block::Audio { .. }
            | Block::Cited(_)
            | Block::Opaque { .. }
            | Block::Thought { .. }
            | Block::ToolCall { .. }
            | Block::ToolResult { .. } => {}
        }
    }

    /// `between` joins texts where the server takes strings alone.
    fn spelled(self, between: &str) -> Value {
        let plain = |part: &Value| part["type"] == "text" && part.as_object().is_some_and(|p| p.len() == 2);
        let several = self.parts.len() > 1 && self.adapted.quirks.newest;
        if !several && self.parts.iter().all(plain) {
            let texts: Vec<&str> = self.parts.iter().filter_map(|part| part["text"].as_str()).collect();
            return json!(texts.join(between));
        }
        Value::Array(self.parts)
    }
}

/// Who of several speakers it is, where that can be said.
fn speaker<'a>(message: &'a Message, adapted: &Adapted, losses: &mut Losses) -> Option<&'a str> {
    let name = message.about.name.as_deref();
    losses.when(name.is_some() && !adapted.quirks.speakers, Loss::SpeakerName);
    name.filter(|_| adapted.quirks.speakers)
}

fn said_by(role: &str, message: &Message, adapted: &Adapted, out: &mut Vec<Value>, losses: &mut Losses) {
    let mut content = Content::new(adapted);
    message.blocks.iter().for_each(|block| content.block(block, losses));
    let thoughts = message.blocks.iter().any(|b| matches!(b, Block::Thought { .. }));
    losses.when(thoughts, Loss::Thoughts);
    if !content.parts.is_empty() {
        let mut said = json!({ "role": role, "content": content.spelled("\n\n") });
        if let Some(name) = speaker(message, adapted, losses) {
            said["name"] = json!(name);
        }
        out.push(said);
    }
}

/// Thoughts of an earlier answer, as far as this server takes them back.
#[derive(Default)]
struct Thoughts {
    /// What they said.
    text: String,
    /// What those of its own said, where they go back beside the text.
    own: String,
    /// Mistral's parts.
    parts: Vec<Value>,
    /// OpenRouter's and MiniMax's.
    details: Vec<Value>,
    /// There is one that holds anything.
    any: bool,
}

impl Thoughts {
    fn add(&mut self, text: &str, seal: Option<&str>, own: bool, adapted: &Adapted, losses: &mut Losses) {
        self.text.push_str(text);
        let quirks = &adapted.quirks;
        if quirks.thought_parts && own {
            let mut part = json!({ "type": "thinking", "thinking": [{ "type": "text", "text": text }] });
            if let Some(seal) = seal {
                part["signature"] = json!(seal);
            }
            self.parts.push(part);
        }
        if quirks.thoughts_back && own {
            self.own.push_str(text);
        }
        // Whoever else made it could not read it.
        let mut details = None;
        if quirks.return_details && own {
            details = seal.and_then(|seal| serde_json::from_str::<Vec<Value>>(seal).ok());
        }
        let returns =
            ((quirks.thought_parts || quirks.thoughts_back) && own) || details.is_some() || quirks.return_reasoning;
        let any = !text.is_empty() || seal.is_some();
        losses.when(!returns && any, Loss::Thoughts);
        self.any |= any;
        self.details.extend(details.into_iter().flatten());
    }
}

fn assistant(message: &Message, adapted: &Adapted, out: &mut Vec<Value>, shown: &mut Vec<Block>, losses: &mut Losses) {
    let (mut said, mut thoughts, mut calls) = (Content::new(adapted), Thoughts::default(), Vec::new());
    let (mut spoken, mut refusal) = (None, String::new());
    for block in &message.blocks {
        match block {
            Block::Thought { text, seal, tag } => {
                thoughts.add(text, seal.as_deref(), *tag == adapted.tag, adapted, losses);
            }
            Block::ToolCall { id, name, input, custom, seal } => {
                let id = named(id, adapted);
                let mut call = match custom {
                    true if adapted.quirks.newest => {
                        json!({ "id": id, "type": "custom", "custom": { "name": name, "input": input } })
                    }
                    true => {
                        losses.add(Loss::CustomTool);
                        let input = json!({ "input": input }).to_string();
                        json!({ "id": id, "type": "function", "function": { "name": name, "arguments": input } })
                    }
                    false => {
                        let arguments = spelled(input);
                        json!({ "id": id, "type": "function", "function": { "name": name, "arguments": arguments } })
                    }
                };
                // Gemini behind this dialect (gemini.md, "OpenAI-compatible door").
                if let Some(seal) = seal.as_ref().filter(|seal| seal.tag == adapted.tag) {
                    call["extra_content"] = json!({ "google": { "thought_signature": seal.text } });
                }
                if adapted.quirks.indexed_calls {
                    call["index"] = json!(calls.len());
                }
                calls.push(call);
            }
            Block::Text(t) | Block::Refusal(t) if t.is_empty() => {}
            Block::Refusal(t) if adapted.quirks.newest => refusal.push_str(t),
            Block::Refusal(t) => {
                losses.add(Loss::Refusal);
                said.text(t);
            }
            Block::Image { .. } => shown.push(block.clone()),
            Block::Document { source, .. } if plain_text(source).is_none() => shown.push(block.clone()),
            Block::Opaque { dialect: Dialect::OpenAiChat, value, tag } if value.get(SPOKEN).is_some() => {
                spoken = value.get(SPOKEN).filter(|_| *tag == adapted.tag).or(spoken);
            }
            other => said.block(other, losses),
        }
    }
    let silent = said.parts.is_empty();
    if silent && calls.is_empty() && spoken.is_none() && refusal.is_empty() {
        // A turn of thoughts alone is none here.
        losses.when(thoughts.any, Loss::Thoughts);
        return;
    }
    let mut turn = Map::new();
    turn.insert("role".into(), json!("assistant"));
    if let Some(name) = speaker(message, adapted, losses) {
        turn.insert("name".into(), json!(name));
    }
    if !thoughts.parts.is_empty() {
        turn.insert("content".into(), thoughts.parts.into_iter().chain(said.parts).collect());
    } else if !silent {
        turn.insert("content".into(), said.spelled(""));
    } else if calls.is_empty() && !refusal.is_empty() {
        // Without calls there has to be a content (openai-chat.md, "Messages").
        let part = json!({ "type": "refusal", "refusal": std::mem::take(&mut refusal) });
        turn.insert("content".into(), json!([part]));
    } else if !adapted.quirks.bare_calls {
        turn.insert("content".into(), Value::Null);
    }
    if !refusal.is_empty() {
        turn.insert("refusal".into(), json!(refusal));
    }
    if let Some(audio) = spoken {
        turn.insert(SPOKEN.into(), audio.clone());
    }
    if !thoughts.details.is_empty() {
        turn.insert("reasoning_details".into(), Value::Array(thoughts.details));
    }
    // DeepSeek and Kimi refuse a turn with calls and without it (deepseek.md, "Loop rule").
    let needed = adapted.quirks.return_reasoning && !calls.is_empty();
    let thought = match needed {
        true if thoughts.text.is_empty() => " ",
        true => &thoughts.text,
        false => &thoughts.own,
    };
    if !thought.is_empty() {
        let field = if adapted.quirks.reasoning_named { "reasoning" } else { "reasoning_content" };
        turn.insert(field.into(), json!(thought));
    }
    if !calls.is_empty() {
        turn.insert("tool_calls".into(), Value::Array(calls));
    }
    out.push(Value::Object(turn));
}

/// A call's id as this server takes ids: the same for a call and its result.
fn named(id: &str, adapted: &Adapted) -> String {
    const LENGTH: usize = 9;
    if !adapted.quirks.short_ids || (id.len() == LENGTH && id.bytes().all(|b| b.is_ascii_alphanumeric())) {
        return id.to_owned();
    }
    let digit = |byte: &u8| char::from_digit(u32::from(*byte) % 36, 36);
    Sha256::digest(id).iter().filter_map(digit).take(LENGTH).collect()
}
