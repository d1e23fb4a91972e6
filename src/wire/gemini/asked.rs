//! Reads requests; names in either spelling, `generationConfig` and `generation_config`.

use serde_json::{Map, Value, json};

use super::answer::seal_of;
use super::{ALONE, BESIDE, LED, NEXT, NO_SIGNATURE};
use crate::model::{
    Block, Demand, Dialect, Effort, Extra, Failure, Message, Request, Role, Schema, Seal, Service, Source, ToolChoice,
    ToolSpec,
};
use crate::wire::file::from_data;
use crate::wire::json::{beyond, demand, number, object, signed, text, unwrapped, whole_number, words};
use crate::wire::loss::{Loss, stored};
use crate::wire::shape::misshapen;
use crate::wire::ties::tied;
use crate::wire::turns::{add, head};
use crate::wire::wanted::{amount, one_answer};
use crate::wire::{Asked, Asking, bad};

/// Fields that have a place of their own.
const KNOWN: &[&str] = &[
    "model",
    "contents",
    "systemInstruction",
    "system_instruction",
    "tools",
    "toolConfig",
    "tool_config",
    "generationConfig",
    "generation_config",
    "serviceTier",
    "service_tier",
];

/// Fields of `generationConfig` that have one.
const CONFIG: &[&str] = &[
    "maxOutputTokens",
    "temperature",
    "topP",
    "topK",
    "presencePenalty",
    "frequencyPenalty",
    "seed",
    "stopSequences",
    "thinkingConfig",
    "responseMimeType",
    "responseJsonSchema",
    "responseSchema",
    "candidateCount",
];

/// Those of them that say which form an answer has.
const FORM: &[&str] = &["responseMimeType", "responseJsonSchema", "responseSchema"];

/// Fields of a turn.
const SAID: &[&str] = &["role", "parts"];

/// Fields of a function's declaration that have one.
const FUNCTION: &[&str] = &["name", "description", "parameters", "parametersJsonSchema"];

/// A field in either spelling.
fn at<'v>(value: &'v Value, name: &str) -> &'v Value {
    value.get(name).or_else(|| value.get(snake(name))).unwrap_or(&Value::Null)
}

pub(in crate::wire) fn snake(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() {
            out.push('_');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}

/// Protocol buffers in JSON take one for a list of one.
fn list<'v>(value: &'v Value, name: &str) -> impl Iterator<Item = &'v Value> + use<'v> {
    match at(value, name) {
        Value::Array(list) => list.iter(),
        one @ Value::Object(_) => std::slice::from_ref(one).iter(),
        _ => [].iter(),
    }
}

pub(super) fn request(body: &[u8], asking: &Asking<'_>) -> Result<Asked, Failure> {
    let mut body = object(body)?;
    // Protocol buffers in JSON take one for a list of one.
    for name in ["tools", "contents"] {
        if let Some(one @ Value::Object(_)) = body.get_mut(name) {
            *one = json!([one.take()]);
        }
    }
    let mut asked = Asked::new(asking, &body)?;
    asked.usage = true;
    let value = Value::Object(body);
    let field = |path: &str| path.split('.').fold(&value, at).clone();
    asked.misfits(Dialect::Gemini, field);
    asked.request.extras.extend(misshapen(Dialect::Gemini, |name| at(&value, name)));
    let request = &mut asked.request;
    if at(&value, "contents").as_array().is_none_or(Vec::is_empty) {
        return Err(bad("contents: a list is wanted, with something in it".to_owned()));
    }
    for content in list(&value, "contents") {
        if !content.is_object() {
            return Err(bad("contents: each must be an object with parts".to_owned()));
        }
        let role = match text(content, "role") {
            "model" => Role::Assistant,
            "user" | "function" | "" => Role::User,
            other => return Err(bad(format!("contents: there is no role {other:?}"))),
        };
        beyond("contents", content, |name| SAID.contains(&name), &mut asked.losses);
        let mut blocks = Vec::new();
        list(content, "parts").for_each(|p| part(p, &mut blocks, &mut asked.losses));
        add(&mut request.messages, Message::new(role, blocks));
    }
    // Ids may be left out: calls and results are tied by name and order.
    tied(&mut request.messages);
    let system = at(&value, "systemInstruction");
    beyond("systemInstruction", system, |name| SAID.contains(&name), &mut asked.losses);
    let mut said: Vec<Block> = system.as_str().map(|said| Block::Text(said.to_owned())).into_iter().collect();
    list(system, "parts").for_each(|p| part(p, &mut said, &mut asked.losses));
    head(&Message::new(Role::System, said), request, &mut asked.losses);
    for tool in list(&value, "tools") {
        self::tool(tool, request);
    }
    request.tool_choice = choice(at(at(&value, "toolConfig"), "functionCallingConfig"));
    let beside = at(&value, "toolConfig").as_object().into_iter().flatten();
    for (name, value) in
        beside.filter(|(name, _)| !matches!(name.as_str(), "functionCallingConfig" | "function_calling_config"))
    {
        let name = format!("toolConfig.{name}");
        request.extras.push(Extra { dialect: Dialect::Gemini, name, value: value.clone() });
    }
    one_answer("candidateCount", number(&amount(at(at(&value, "generationConfig"), "candidateCount"))))?;
    config(at(&value, "generationConfig"), request);
    asked.members(Dialect::Gemini, field);
    let request = &mut asked.request;
    request.service = at(&value, "serviceTier").as_str().map(Service::parse);
    if let Value::Object(body) = value {
        asked.rest(Dialect::Gemini, body, KNOWN);
    }
    Ok(asked)
}

fn config(config: &Value, request: &mut Request) {
    let told = |of: &Value, name: &str| amount(at(of, name));
    request.max_output = whole_number(&told(config, "maxOutputTokens")).and_then(|n| u32::try_from(n).ok());
    request.sampling.temperature = number(&told(config, "temperature"));
    request.sampling.top_p = number(&told(config, "topP"));
    request.sampling.top_k = whole_number(&told(config, "topK"));
    request.sampling.presence_penalty = number(&told(config, "presencePenalty"));
    request.sampling.frequency_penalty = number(&told(config, "frequencyPenalty"));
    request.sampling.seed = signed(&told(config, "seed"));
    request.stop = words(at(config, "stopSequences"));
    let thinking = at(config, "thinkingConfig");
    let level = at(thinking, "thinkingLevel").as_str().and_then(|l| Effort::parse(&l.to_ascii_lowercase()));
    let budget = signed(&told(thinking, "thinkingBudget")).and_then(|n| match n {
        // As much as the model likes (reasoning.md, "Gemini").
        -1 => Some(Demand::some(Effort::High)),
        n => u32::try_from(n).ok().map(demand),
    });
    request.effort = level.map(Demand::from).or(budget).unwrap_or_default();
    // They are shown to whoever says so, and to nobody else.
    request.show_thoughts = at(thinking, "includeThoughts").as_bool().or(thinking.is_object().then_some(false));
    let form = at(config, "responseMimeType").as_str().unwrap_or_default();
    // Another form is no JSON, whatever schema stands beside it: one of a few words (`text/x.enum`), for example.
    let strange = !matches!(form, "" | "text/plain" | "application/json");
    if !strange {
        let plain = at(config, "responseJsonSchema");
        let schema = if plain.is_null() { json_schema(at(config, "responseSchema")) } else { plain.clone() };
        request.schema = (!schema.is_null()).then(|| Schema::new("answer", schema));
        request.json = request.schema.is_none() && form == "application/json";
    }
    for (name, value) in config.as_object().into_iter().flatten() {
        let known = CONFIG.iter().any(|known| known == name || snake(known) == *name);
        if !known || (strange && named(FORM, name) && !value.is_null()) {
            let name = format!("generationConfig.{name}");
            request.extras.push(Extra { dialect: Dialect::Gemini, name, value: value.clone() });
        }
    }
}

fn tool(tool: &Value, request: &mut Request) {
    let declared = at(tool, "functionDeclarations");
    for function in declared.as_array().into_iter().flatten() {
        let plain = at(function, "parametersJsonSchema");
        let schema = if plain.is_null() { json_schema(at(function, "parameters")) } else { plain.clone() };
        let own = function.as_object().into_iter().flatten();
        let own = own.filter(|(name, _)| !FUNCTION.iter().any(|known| known == name || snake(known) == **name));
        let extra = |(name, value): (&String, &Value)| Extra {
            dialect: Dialect::Gemini,
            name: name.clone(),
            value: value.clone(),
        };
        let extras = own.map(extra).collect();
        let named = ToolSpec::new(text(function, "name"), text(function, "description"), schema);
        request.tools.push(ToolSpec { extras, ..named });
    }
    // The others are run by the provider.
    let rest: Map<String, Value> = tool
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(name, _)| !matches!(name.as_str(), "functionDeclarations" | "function_declarations"))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    if !rest.is_empty() {
        let value = Value::Object(rest);
        request.extras.push(Extra { dialect: Dialect::Gemini, name: "tools".to_owned(), value });
    }
}

fn choice(value: &Value) -> ToolChoice {
    let mut names = words(at(value, "allowedFunctionNames"));
    match text(value, "mode").to_ascii_uppercase().as_str() {
        "NONE" => ToolChoice::None,
        "ANY" if names.is_empty() => ToolChoice::Required,
        "ANY" if names.len() == 1 => ToolChoice::Named(names.remove(0)),
        "ANY" => ToolChoice::Among { must: true, names },
        "VALIDATED" if !names.is_empty() => ToolChoice::Among { must: false, names },
        _ => ToolChoice::Auto,
    }
}

/// The older schema, whose types are upper case, as JSON Schema.
fn json_schema(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let nullable = map.get("nullable").and_then(Value::as_bool) == Some(true);
            let spelled = map.iter().filter(|(name, _)| *name != "nullable").map(|(name, value)| {
                let value = match (name.as_str(), value) {
                    ("type", Value::String(kind)) if nullable => json!([kind.to_ascii_lowercase(), "null"]),
                    ("type", Value::String(kind)) => json!(kind.to_ascii_lowercase()),
                    // A property may have any name, `type` too.
                    ("properties", Value::Object(of)) => {
                        of.iter().map(|(name, schema)| (name.clone(), json_schema(schema))).collect()
                    }
                    ("enum" | "required" | "description" | "default" | "example" | "title" | "format", value) => {
                        value.clone()
                    }
                    (_, value) => json_schema(value),
                };
                (if name == "any_of" { "anyOf".to_owned() } else { name.clone() }, value)
            });
            Value::Object(spelled.collect())
        }
        Value::Array(items) => items.iter().map(json_schema).collect(),
        other => other.clone(),
    }
}

/// Fields of a part that have a place of their own.
const PART: &[&str] =
    &["text", "thought", "thoughtSignature", "functionCall", "functionResponse", "inlineData", "fileData"];

/// Fields within them that have one.
const INSIDE: [(&str, &[&str]); 4] = [
    ("functionCall", &["id", "name", "args"]),
    ("functionResponse", &["id", "name", "response", "parts"]),
    ("inlineData", &["mimeType", "data", "displayName"]),
    ("fileData", &["mimeType", "fileUri", "displayName"]),
];

/// It is one of these, in either spelling.
fn named(fields: &[&str], name: &str) -> bool {
    fields.iter().any(|known| *known == name || snake(known) == name)
}

/// One part, and what is said of it beside what it holds.
fn part(part: &Value, out: &mut Vec<Block>, losses: &mut Vec<Loss>) {
    let before = out.len();
    held(part, out, losses);
    let kept = |block: &Block| !matches!(block, Block::Opaque { .. });
    if out.len() > before && out.last().is_some_and(kept) {
        beyond("parts", part, |name| named(PART, name) || named(BESIDE, name), losses);
        for (kind, fields) in INSIDE {
            // What is no document has no name.
            let nameless = !matches!(out.last(), Some(Block::Document { .. }));
            beyond(
                kind,
                at(part, kind),
                |name| named(fields, name) && !(nameless && named(&["displayName"], name)),
                losses,
            );
        }
        let said = part.as_object().into_iter().flatten();
        let said = said.filter(|(name, _)| named(BESIDE, name));
        let said: Map<String, Value> = said.map(|(name, value)| (name.clone(), value.clone())).collect();
        if !said.is_empty() {
            out.push(Block::Opaque { dialect: Dialect::Gemini, value: Value::Object(said), tag: None });
        }
    }
}

/// What a part is sealed with.
pub(in crate::wire) fn seal(part: &Value) -> Option<String> {
    let mut out = Vec::new();
    if at(part, "thoughtSignature").is_string() {
        held(part, &mut out, &mut Vec::new());
    }
    out.first()?.seal().map(str::to_owned)
}

fn held(part: &Value, out: &mut Vec<Block>, losses: &mut Vec<Loss>) {
    let seal = at(part, "thoughtSignature").as_str().filter(|seal| *seal != NO_SIGNATURE).map(seal_of);
    let thought = |text: &str, seal: String| Block::Thought { text: text.to_owned(), seal: Some(seal), tag: None };
    let (call, result) = (at(part, "functionCall"), at(part, "functionResponse"));
    if call.is_object() {
        let args = at(call, "args").as_object().filter(|a| !a.is_empty());
        let led = seal.as_deref().and_then(|seal| seal.strip_prefix(LED)).map(str::to_owned);
        let seal = seal.filter(|_| led.is_none());
        out.extend(led.map(|seal| thought("", seal)));
        out.push(Block::ToolCall {
            id: text(call, "id").to_owned(),
            name: text(call, "name").to_owned(),
            input: args.map_or_else(String::new, unwrapped),
            custom: false,
            seal: seal.map(|text| Seal { text, tag: None }),
        });
    } else if result.is_object() {
        let (content, is_error) = answered(at(result, "response"));
        let mut parts = Vec::new();
        list(result, "parts").for_each(|p| self::part(p, &mut parts, losses));
        let [id, name] = ["id", "name"].map(|field| text(result, field).to_owned());
        out.push(Block::ToolResult { id, name, content, is_error, parts });
    } else if let Some(source) = source(part) {
        out.push(source);
    } else if let Some(said) = part.get("text").and_then(Value::as_str) {
        let shown = part.get("thought").and_then(Value::as_bool) == Some(true);
        match seal {
            _ if shown => out.push(Block::Thought { text: said.to_owned(), seal, tag: None }),
            Some(seal) if said.is_empty() => out.push(thought("", format!("{ALONE}{seal}"))),
            Some(seal) => out.extend([thought("", format!("{NEXT}{seal}")), Block::Text(said.to_owned())]),
            None => out.push(Block::Text(said.to_owned())),
        }
    } else {
        out.push(Block::Opaque { dialect: Dialect::Gemini, value: part.clone(), tag: None });
    }
}

/// What a tool answered, and whether it failed.
fn answered(response: &Value) -> (String, bool) {
    let only = response.as_object().filter(|o| o.len() == 1).and_then(|o| o.iter().next());
    match only {
        Some((name, Value::String(said))) if name == "output" => (said.clone(), false),
        Some((name, Value::String(said))) if name == "error" => (said.clone(), true),
        _ => (response.to_string(), false),
    }
}

fn source(part: &Value) -> Option<Block> {
    let (inline, file) = (at(part, "inlineData"), at(part, "fileData"));
    let (kind, source) = if inline.is_object() {
        let kind = at(inline, "mimeType").as_str().unwrap_or_default();
        (kind, from_data(kind, text(inline, "data")))
    } else if file.is_object() {
        let kind = at(file, "mimeType").as_str();
        let id = at(file, "fileUri").as_str().unwrap_or_default().to_owned();
        // What lies elsewhere, everybody may look up.
        let fetched = kind.is_some_and(|kind| kind.starts_with("image/") || kind == "application/pdf");
        let source = if fetched && id.starts_with("https://") && !stored(Dialect::Gemini, &id) {
            Source::Url(id)
        } else {
            Source::File { dialect: Dialect::Gemini, id, media_type: kind.map(str::to_owned) }
        };
        (kind.unwrap_or_default(), source)
    } else {
        return None;
    };
    Some(match kind.split('/').next() {
        Some("image") => Block::Image { source, detail: None },
        Some("audio") => Block::Audio { source },
        _ => {
            let named = [inline, file].into_iter().find_map(|of| at(of, "displayName").as_str());
            Block::Document { source, name: named.filter(|name| !name.is_empty()).map(str::to_owned) }
        }
    })
}
