//! Writes requests.

use serde_json::{Map, Value, json};

use crate::model::{Block, Dialect, Message, Request, Role, Source, ToolChoice, ToolSpec};
use crate::wire::file::{plain_text, titled};
use crate::wire::json::{extend, given, system};
use crate::wire::loss::{Loss, Losses};
use crate::wire::turns::{Called, told};
use crate::wire::{Adapted, Thinking};

pub(super) fn body(
    model: &str,
    request: &Request,
    adapted: &Adapted,
    stream: bool,
    losses: &mut Losses,
) -> Map<String, Value> {
    let mut body = Map::new();
    body.insert("model".into(), json!(model));
    let mut messages = Vec::new();
    let said = system(request, adapted);
    if !said.is_empty() {
        messages.push(json!({ "role": "system", "content": said }));
    }
    let called = Called::of(request);
    for message in &request.messages {
        turn(message, &called, adapted, &mut messages, losses);
    }
    body.insert("messages".into(), Value::Array(messages));
    // Streaming is on unless it is switched off.
    body.insert("stream".into(), json!(stream));
    let options = options(request, adapted);
    if !options.is_empty() {
        body.insert("options".into(), Value::Object(options));
    }
    match &adapted.thinking {
        Thinking::Think(on) => drop(body.insert("think".into(), json!(on))),
        Thinking::Level(level) => drop(body.insert("think".into(), json!(level.name()))),
        Thinking::Disabled => drop(body.insert("think".into(), json!(false))),
        _ => {}
    }
    if let Some(schema) = request.schema.as_ref().filter(|_| adapted.structured) {
        body.insert("format".into(), schema.schema.clone());
    } else if request.json && request.schema.is_none() {
        body.insert("format".into(), json!("json"));
    }
    // There is no tool policy here: tools that must not be called are not offered, and of a named one no other is.
    let offered: Vec<Value> = request
        .tools
        .iter()
        .filter(|tool| match &request.tool_choice {
            ToolChoice::None => false,
            ToolChoice::Named(name) => *name == tool.name,
            ToolChoice::Among { names, .. } => names.contains(&tool.name),
            ToolChoice::Auto | ToolChoice::Required => true,
        })
        .map(tool)
        .collect();
    if !offered.is_empty() {
        body.insert("tools".into(), Value::Array(offered));
    }
    extend(&mut body, request, Dialect::Ollama);
    body
}

fn options(request: &Request, adapted: &Adapted) -> Map<String, Value> {
    let mut options = Map::new();
    let wish = &request.sampling;
    options.extend(adapted.context.map(|context| ("num_ctx".to_owned(), json!(context))));
    options.extend(adapted.max_output.map(|limit| ("num_predict".to_owned(), json!(limit))));
    if adapted.sampling {
        let wishes = [
            ("temperature", wish.temperature),
            ("top_p", wish.top_p),
            ("presence_penalty", wish.presence_penalty),
            ("frequency_penalty", wish.frequency_penalty),
        ];
        options.extend(wishes.into_iter().filter_map(|(name, value)| Some((name.to_owned(), json!(value?)))));
        options.extend(wish.top_k.map(|k| ("top_k".to_owned(), json!(k))));
    }
    options.extend(wish.seed.map(|seed| ("seed".to_owned(), json!(seed))));
    if !request.stop.is_empty() {
        options.insert("stop".into(), json!(request.stop));
    }
    options
}

fn tool(tool: &ToolSpec) -> Value {
    let mut function = json!({ "name": tool.name });
    if !tool.description.is_empty() {
        function["description"] = json!(tool.description);
    }
    if tool.custom.is_some() {
        function["parameters"] = crate::wire::openai_chat::one_text();
    } else if !tool.parameters.is_null() {
        function["parameters"] = tool.parameters.clone();
    }
    json!({ "type": "function", "function": function })
}

/// What is said in one message.
#[derive(Default)]
struct Said {
    texts: Vec<String>,
    images: Vec<Value>,
}

impl Said {
    fn add(&mut self, block: &Block) {
        match block {
            Block::Text(text) | Block::Refusal(text) => self.texts.push(text.clone()),
            Block::Image { source: Source::Data { data, .. }, .. } => self.images.push(json!(data)),
            // Other documents were refused.
            Block::Document { source, name } => {
                self.texts.extend(plain_text(source).map(|text| titled(&text, name.as_ref())));
            }
            _ => {}
        }
    }

    fn told(self, role: &str, between: &str) -> Value {
        let mut value = json!({ "role": role, "content": self.texts.join(between) });
        if !self.images.is_empty() {
            value["images"] = Value::Array(self.images);
        }
        value
    }
}

fn turn(message: &Message, called: &Called<'_>, adapted: &Adapted, out: &mut Vec<Value>, losses: &mut Losses) {
    let (mut said, mut thought, mut calls) = (Said::default(), String::new(), Vec::new());
    // Files of results, which follow (`Loss::ResultFiles`).
    let mut files: Vec<&Block> = Vec::new();
    for block in &message.blocks {
        match block {
            Block::Thought { text, tag, .. } if *tag == adapted.tag => thought.push_str(text),
            Block::Thought { text, .. } => losses.when(!text.is_empty(), Loss::Thoughts),
            Block::ToolCall { name, input, custom, .. } => {
                let input = if *custom { json!({ "input": input }) } else { given(input, losses) };
                calls.push(json!({ "function": { "name": name, "arguments": input } }));
            }
            Block::ToolResult { id, name, content, is_error, parts } => {
                let told = told(content, parts);
                let told = if *is_error { format!("error: {told}") } else { told };
                files.extend(parts.iter().filter(|part| !matches!(part, Block::Text(_))));
                out.push(json!({ "role": "tool", "tool_name": called.name(id, name), "content": told }));
            }
            other => said.add(other),
        }
    }
    files.into_iter().for_each(|file| said.add(file));
    if said.texts.iter().all(String::is_empty) && said.images.is_empty() && calls.is_empty() {
        // A turn of a thought alone is none here.
        losses.when(!thought.is_empty(), Loss::Thoughts);
        return;
    }
    let role = match message.role {
        Role::System => "system",
        Role::User => "user",
        Role::Assistant => "assistant",
    };
    let mut value = said.told(role, if message.role == Role::Assistant { "" } else { "\n\n" });
    if !thought.is_empty() {
        value["thinking"] = json!(thought);
    }
    if !calls.is_empty() {
        value["tool_calls"] = Value::Array(calls);
    }
    out.push(value);
}
