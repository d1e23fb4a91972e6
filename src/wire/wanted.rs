//! What a dialect's fields hold. A known field with something else in it is no wish that could be told in another
//! dialect, and dropping it would change what was asked: it is kept as it came, goes back to its own dialect, whose
//! server judges it, and is refused for every other.

use serde_json::Value;

use super::bad;
use super::json::{number, signed, text, whole_number};
use crate::model::Dialect::{self, AnthropicMessages, Gemini, Ollama, OpenAiChat, OpenAiResponses};
use crate::model::{Extra, Failure, Kind, Scope};

/// What a field may hold, and how that is called.
type Wanted = (fn(&Value) -> bool, &'static str);

const LIMIT: Wanted = (limit, "a whole number of tokens");
/// Below zero there is none: llama.cpp, LM Studio and Ollama take -1 so.
const LOOSE: Wanted = (|v| limit(v) || below(v), "a whole number of tokens");
const NUMBER: Wanted = (Value::is_number, "a number");
const WHOLE: Wanted = (|v| whole_number(v).is_some() || below(v), "a whole number");
const SIGNED: Wanted = (|v| signed(v).is_some() || v.is_u64(), "a whole number of at most 64 bits");
const TEXT: Wanted = (Value::is_string, "a text");
const FLAG: Wanted = (Value::is_boolean, "true or false");
const TEXTS: Wanted = (texts, "a list of texts");
const WORDS: Wanted = (|v| v.is_string() || texts(v), "a text or a list of texts");
const OBJECT: Wanted = (Value::is_object, "an object");

/// All, by the names they are kept under; a point leads into an object.
const WANTED: &[(Dialect, &str, Wanted)] = &[
    (OpenAiChat, "max_completion_tokens", LOOSE),
    (OpenAiChat, "max_tokens", LOOSE),
    (OpenAiChat, "temperature", NUMBER),
    (OpenAiChat, "top_p", NUMBER),
    (OpenAiChat, "top_k", WHOLE),
    (OpenAiChat, "seed", SIGNED),
    (OpenAiChat, "presence_penalty", NUMBER),
    (OpenAiChat, "frequency_penalty", NUMBER),
    (OpenAiChat, "n", NUMBER),
    (OpenAiChat, "stop", WORDS),
    (OpenAiChat, "reasoning_effort", TEXT),
    (OpenAiChat, "reasoning", (reasoning, "an object with an effort or a number of tokens")),
    (OpenAiChat, "verbosity", TEXT),
    (OpenAiChat, "parallel_tool_calls", FLAG),
    (OpenAiChat, "tool_choice", (chat_choice, "none, auto, required or a named tool")),
    (OpenAiChat, "function_call", (chat_choice, "none, auto or a named function")),
    (OpenAiChat, "response_format", (formed, "text, json_object or json_schema")),
    (OpenAiChat, "prompt_cache_key", TEXT),
    (OpenAiChat, "service_tier", TEXT),
    (OpenAiChat, "safety_identifier", TEXT),
    (OpenAiChat, "user", TEXT),
    (OpenAiResponses, "instructions", TEXT),
    (OpenAiResponses, "max_output_tokens", LIMIT),
    (OpenAiResponses, "temperature", NUMBER),
    (OpenAiResponses, "top_p", NUMBER),
    (OpenAiResponses, "reasoning", (reasoning, "an object with an effort")),
    (OpenAiResponses, "text", (text_form, "an object with a format of text, json_object or json_schema")),
    (OpenAiResponses, "parallel_tool_calls", FLAG),
    (OpenAiResponses, "tool_choice", (responses_choice, "none, auto, required or an object that names a tool")),
    (OpenAiResponses, "prompt_cache_key", TEXT),
    (OpenAiResponses, "service_tier", TEXT),
    (OpenAiResponses, "safety_identifier", TEXT),
    (OpenAiResponses, "user", TEXT),
    (AnthropicMessages, "max_tokens", LIMIT),
    (AnthropicMessages, "system", (|v| v.is_string() || v.is_array(), "a text or a list of texts")),
    (AnthropicMessages, "temperature", NUMBER),
    (AnthropicMessages, "top_p", NUMBER),
    (AnthropicMessages, "top_k", WHOLE),
    (AnthropicMessages, "stop_sequences", TEXTS),
    (AnthropicMessages, "tool_choice", (anthropic_choice, "an object of type auto, any, none or tool")),
    (AnthropicMessages, "thinking", (thinking, "an object with a type and a whole number of tokens")),
    (AnthropicMessages, "output_config", (|v| v.is_object() && within(v, "effort", TEXT), "an object")),
    (AnthropicMessages, "metadata", (|v| v.is_object() && within(v, "user_id", TEXT), "an object")),
    (AnthropicMessages, "service_tier", TEXT),
    (AnthropicMessages, "speed", TEXT),
    (Gemini, "generationConfig", OBJECT),
    (Gemini, "generationConfig.maxOutputTokens", (|v| limit(&amount(v)), "a whole number of tokens")),
    (Gemini, "generationConfig.temperature", (|v| amount(v).is_number(), "a number")),
    (Gemini, "generationConfig.topP", (|v| amount(v).is_number(), "a number")),
    (Gemini, "generationConfig.topK", (|v| whole_number(&amount(v)).is_some(), "a whole number")),
    (Gemini, "generationConfig.presencePenalty", (|v| amount(v).is_number(), "a number")),
    (Gemini, "generationConfig.frequencyPenalty", (|v| amount(v).is_number(), "a number")),
    (Gemini, "generationConfig.candidateCount", (|v| amount(v).is_number(), "a number")),
    (Gemini, "generationConfig.seed", (|v| signed(&amount(v)).is_some(), "a whole number")),
    (Gemini, "generationConfig.stopSequences", WORDS),
    (Gemini, "generationConfig.responseMimeType", TEXT),
    (Gemini, "generationConfig.responseSchema", OBJECT),
    (Gemini, "generationConfig.thinkingConfig", (thinking_config, "an object with a level or a number of tokens")),
    (Gemini, "toolConfig", (tool_config, "an object whose functionCallingConfig has a mode")),
    (Gemini, "serviceTier", TEXT),
    (Ollama, "options", OBJECT),
    (Ollama, "options.num_predict", LOOSE),
    (Ollama, "options.temperature", NUMBER),
    (Ollama, "options.top_p", NUMBER),
    (Ollama, "options.top_k", WHOLE),
    (Ollama, "options.seed", SIGNED),
    (Ollama, "options.presence_penalty", NUMBER),
    (Ollama, "options.frequency_penalty", NUMBER),
    (Ollama, "options.stop", WORDS),
    (Ollama, "think", (|v| v.is_boolean() || v.is_string(), "true, false or a level")),
    (Ollama, "format", (|v| v.is_object() || matches!(v.as_str(), Some("" | "json")), "json or a schema")),
];

/// What a request of this dialect holds where something else is wanted; `at` gives a field, null for none.
pub(super) fn misfits(dialect: Dialect, at: impl Fn(&str) -> Value) -> Vec<Extra> {
    let own = WANTED.iter().filter(|(known, ..)| *known == dialect);
    let found = own.filter_map(|(_, name, (fits, _))| {
        let value = at(name);
        (!value.is_null() && !fits(&value)).then(|| Extra { dialect, name: (*name).to_owned(), value })
    });
    found.collect()
}

/// The field holds something that it cannot: what is wanted there.
pub(super) fn misfit(extra: &Extra) -> Option<&'static str> {
    let own = WANTED.iter().find(|(dialect, name, _)| *dialect == extra.dialect && *name == extra.name);
    own.filter(|(.., (fits, _))| !fits(&extra.value)).map(|(.., (_, wanted))| *wanted)
}

/// Why it is told to nobody else.
pub(super) fn refused(extra: &Extra) -> Option<Failure> {
    let wanted = misfit(extra)?;
    // Whoever speaks the caller's own dialect may know better.
    let what = format!("{}: {wanted} is wanted", extra.name);
    Some(Failure::new(Kind::BadRequest, Scope::Model, what))
}

/// Protocol buffers in JSON may spell a number as a text (Gemini).
pub(super) fn amount(value: &Value) -> Value {
    let spelled = value.as_str().and_then(|text| text.parse::<serde_json::Number>().ok());
    spelled.map_or_else(|| value.clone(), Value::Number)
}

fn limit(value: &Value) -> bool {
    whole_number(value).is_some_and(|n| u32::try_from(n).is_ok())
}

fn below(value: &Value) -> bool {
    number(value).is_some_and(|n| n < 0.0)
}

fn texts(value: &Value) -> bool {
    value.as_array().is_some_and(|all| all.iter().all(Value::is_string))
}

/// Null, or as wanted.
fn within(value: &Value, name: &str, (fits, _): Wanted) -> bool {
    value.get(name).is_none_or(|inner| inner.is_null() || fits(inner))
}

/// OpenRouter's has a number of tokens, and may be a switch.
fn reasoning(value: &Value) -> bool {
    value.is_boolean() || (value.is_object() && within(value, "effort", TEXT) && within(value, "max_tokens", LOOSE))
}

fn thinking(value: &Value) -> bool {
    !text(value, "type").is_empty() && within(value, "budget_tokens", LIMIT)
}

fn thinking_config(value: &Value) -> bool {
    let tokens = |v: &Value| signed(&amount(v)).is_some();
    value.is_object()
        && ["thinkingLevel", "thinking_level"].into_iter().all(|name| within(value, name, TEXT))
        && ["thinkingBudget", "thinking_budget"].into_iter().all(|name| within(value, name, (tokens, "")))
        && ["includeThoughts", "include_thoughts"].into_iter().all(|name| within(value, name, FLAG))
}

fn tool_config(value: &Value) -> bool {
    let known = |config: &Value| {
        let mode = text(config, "mode").to_ascii_uppercase();
        config.is_object() && matches!(&*mode, "" | "MODE_UNSPECIFIED" | "AUTO" | "ANY" | "NONE" | "VALIDATED")
    };
    let names = ["functionCallingConfig", "function_calling_config"];
    value.is_object() && names.into_iter().all(|name| within(value, name, (known, "")))
}

/// A word, its object, or a tool by its name; a few clients say `auto` as Anthropic's do.
fn chat_choice(value: &Value) -> bool {
    let word = |word: &str| matches!(word, "" | "none" | "auto" | "required" | "any");
    let inner = ["function", "custom"].into_iter().find_map(|kind| value.get(kind)).unwrap_or(value);
    match (value.as_str(), text(value, "type")) {
        (Some(said), _) => word(said),
        (None, "allowed_tools") => {
            value.get("allowed_tools").unwrap_or(value).get("tools").is_some_and(Value::is_array)
        }
        (None, kind) => (!kind.is_empty() && word(kind)) || !text(inner, "name").is_empty(),
    }
}

/// A tool that the provider runs itself is named by its type.
fn responses_choice(value: &Value) -> bool {
    match (value.as_str(), text(value, "type")) {
        (Some(said), _) => matches!(said, "none" | "auto" | "required"),
        (None, "allowed_tools") => value.get("tools").is_some_and(Value::is_array),
        (None, "function" | "custom") => !text(value, "name").is_empty(),
        (None, kind) => !kind.is_empty(),
    }
}

fn anthropic_choice(value: &Value) -> bool {
    match text(value, "type") {
        "tool" => !text(value, "name").is_empty(),
        kind => matches!(kind, "auto" | "any" | "none"),
    }
}

/// The form of an answer; other servers' own forms are told to nobody else.
fn formed(value: &Value) -> bool {
    match text(value, "type") {
        "json_schema" => value.get("json_schema").or_else(|| value.get("schema")).is_some_and(Value::is_object),
        kind => matches!(kind, "text" | "json_object") || value.get("json_schema").is_some_and(Value::is_object),
    }
}

fn text_form(value: &Value) -> bool {
    let known = |format: &Value| match text(format, "type") {
        "json_schema" => format.get("schema").is_some_and(Value::is_object),
        kind => matches!(kind, "text" | "json_object"),
    };
    value.is_object() && within(value, "format", (known, "")) && within(value, "verbosity", TEXT)
}

/// Whether a stream is wanted, and which tools there are, has to be known here, whoever is asked.
pub(super) fn known(field: &str, wanted: &str, fits: bool) -> Result<(), Failure> {
    if fits { Ok(()) } else { Err(bad(format!("{field}: {wanted} is wanted"))) }
}
