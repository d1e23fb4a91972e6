//! What a dialect's fields hold. A known field with something else in it is no wish that could be told in another
//! dialect, and dropping it would change what was asked: it is kept as it came, goes back to its own dialect, whose
//! server judges it, and is refused for every other.

use serde_json::Value;

use super::bad;
use super::gemini::snake;
use super::json::{beyond, number, signed, text, whole_number};
use super::loss::Loss;
use super::shape;
use super::tree::Look;
use crate::model::Dialect::{self, AnthropicMessages, Gemini, Ollama, OpenAiChat, OpenAiResponses};
use crate::model::{Effort, Extra, Failure, Kind, Scope, Ttl, Verbosity};

/// Whether a field may hold this.
type Fits = fn(&Value) -> bool;

/// What a field may hold, and how that is called.
type Wanted = (Fits, &'static str);

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

/// Fields whose words are known here, or whose numbers mean something: any other may well be known to its own server. It
/// goes there as it came, and is told elsewhere, where what it says has no name.
const MEANT: &[(Dialect, &str, Fits)] = &[
    (OpenAiChat, "reasoning_effort", level),
    (OpenAiChat, "reasoning.effort", level),
    (OpenAiChat, "verbosity", length),
    (OpenAiResponses, "reasoning.effort", level),
    (OpenAiResponses, "reasoning.summary", summary),
    (OpenAiResponses, "reasoning.generate_summary", summary),
    (OpenAiResponses, "text.verbosity", length),
    (AnthropicMessages, "thinking", way),
    (AnthropicMessages, "output_config.effort", level),
    (AnthropicMessages, "cache_control.ttl", |v| v.as_str().is_some_and(lifetime)),
    (AnthropicMessages, "service_tier", |v| one(v, &["", "auto", "standard_only"])),
    (AnthropicMessages, "speed", |v| one(v, &["", "standard", "fast"])),
    (Gemini, "generationConfig.thinkingConfig.thinkingLevel", high),
    (Gemini, "generationConfig.thinkingConfig.thinkingBudget", |v| limit(&amount(v)) || amount(v) == -1),
    (Ollama, "think", |v| v.is_boolean() || level(v)),
];

/// Fields of most requests that none of these are, or stand in.
pub(super) const PLAIN: &[&str] = &["model", "messages", "tools", "stream"];

/// How long what is cached may be wished to live (anthropic-messages.md, openai-responses.md); routers take both.
fn lifetime(word: &str) -> bool {
    word.is_empty() || Ttl::parse(word).is_some()
}

/// A mark for the cache says how long in a word that nobody knows here.
pub(super) fn timeless<L: Look>(mark: &L) -> bool {
    mark.member("ttl").is_some_and(|ttl| !ttl.nothing() && !ttl.said().is_some_and(lifetime))
}

/// Objects, or lists of them, and the members of theirs that have a place of their own or say nothing elsewhere.
const MEMBERS: &[(Dialect, &str, &[&str])] = &[
    (OpenAiChat, "stream_options", &["include_usage"]),
    (OpenAiChat, "reasoning", &["effort", "max_tokens", "enabled"]),
    (OpenAiChat, "response_format", &["type", "json_schema", "schema"]),
    (OpenAiChat, "response_format.json_schema", SCHEMA),
    (OpenAiChat, "tool_choice", CHOICE),
    (OpenAiChat, "tool_choice.function", &["name"]),
    (OpenAiChat, "tool_choice.custom", &["name"]),
    (OpenAiChat, "tool_choice.tools", CHOICE),
    (OpenAiChat, "tool_choice.allowed_tools", &["mode", "tools"]),
    (OpenAiChat, "tool_choice.allowed_tools.tools", CHOICE),
    (OpenAiChat, "tool_choice.allowed_tools.tools.function", &["name"]),
    (OpenAiChat, "tool_choice.allowed_tools.tools.custom", &["name"]),
    (OpenAiChat, "function_call", CHOICE),
    (OpenAiResponses, "stream_options", &[]),
    (OpenAiResponses, "reasoning", &["effort", "summary", "generate_summary"]),
    (OpenAiResponses, "text", &["format", "verbosity"]),
    (OpenAiResponses, "text.format", &["type", "name", "description", "schema", "strict"]),
    (OpenAiResponses, "tool_choice", CHOICE),
    (OpenAiResponses, "tool_choice.tools", CHOICE),
    (AnthropicMessages, "thinking", &["type", "budget_tokens", "display"]),
    (AnthropicMessages, "output_config", &["effort", "format"]),
    (AnthropicMessages, "output_config.format", &["type", "schema"]),
    (AnthropicMessages, "metadata", &["user_id"]),
    (AnthropicMessages, "tool_choice", &["type", "name", "disable_parallel_tool_use"]),
    (AnthropicMessages, "cache_control", &["type", "ttl"]),
    (Gemini, "generationConfig.thinkingConfig", &["thinkingLevel", "thinkingBudget", "includeThoughts"]),
    (Gemini, "toolConfig.functionCallingConfig", &["mode", "allowedFunctionNames"]),
];

const SCHEMA: &[&str] = &["name", "description", "schema", "strict"];

/// How OpenAI's dialects name a tool, or some of them.
const CHOICE: &[&str] = &["type", "name", "function", "custom", "mode", "tools", "allowed_tools"];

/// What a request of this dialect holds where something else is wanted, or known; `at` gives a field, null for none.
pub(super) fn misfits(dialect: Dialect, at: impl Fn(&str) -> Value) -> Vec<Extra> {
    let own = WANTED.iter().filter(|(known, ..)| *known == dialect);
    let mut found = Vec::new();
    let mut look = |name: &str, fits: Fits| {
        let value = at(name);
        if !value.is_null() && !fits(&value) && !held(name, &found) {
            found.push(Extra { dialect, name: name.to_owned(), value });
        }
    };
    own.for_each(|(_, name, (fits, _))| look(name, *fits));
    MEANT.iter().filter(|(known, ..)| *known == dialect).for_each(|(_, name, fits)| look(name, *fits));
    found
}

/// Goes as it came: it, or what it stands in.
fn held(name: &str, kept: &[Extra]) -> bool {
    kept.iter().any(|extra| leads(&extra.name, name))
}

/// The field of that name is the one at the path, or holds it.
pub(super) fn leads(name: &str, path: &str) -> bool {
    // Asked of every field for every path: hardly ever does one end where the other's name does.
    matches!(path.as_bytes().get(name.len()), None | Some(b'.')) && path.starts_with(name)
}

/// The name of a field that says what is not known here.
pub(crate) fn strange(extra: &Extra) -> Option<&'static str> {
    let own = MEANT.iter().find(|(dialect, name, _)| *dialect == extra.dialect && *name == extra.name);
    own.filter(|(.., fits)| !fits(&extra.value)).map(|(_, name, _)| *name)
}

/// It is kept as it came, because its own server may have no other word for it, and means something elsewhere too: how hard
/// a model is to think.
pub(super) fn read(extra: &Extra) -> bool {
    let known = |name: &String| ["type", "budget_tokens", "token_budget"].contains(&name.as_str());
    extra.dialect == OpenAiChat
        && match extra.name.as_str() {
            "enable_thinking" => extra.value.is_boolean(),
            "thinking_budget" => limit(&extra.value),
            "thinking" => {
                extra.value.as_object().is_some_and(|said| said.keys().all(known))
                    && matches!(text(&extra.value, "type"), "enabled" | "disabled" | "adaptive")
            }
            _ => false,
        }
}

/// What known objects hold beside all that is known of them; not of those that are kept as they came.
pub(super) fn members(dialect: Dialect, at: impl Fn(&str) -> Value, kept: &[Extra], losses: &mut Vec<Loss>) {
    let own = MEMBERS.iter().filter(|(known, name, _)| *known == dialect && !held(name, kept));
    for (_, name, members) in own {
        let known = |said: &str| members.iter().any(|m| *m == said || (dialect == Gemini && snake(m) == said));
        match at(name) {
            Value::Array(all) => all.iter().for_each(|one| beyond(name, one, known, losses)),
            one => beyond(name, &one, known, losses),
        }
    }
}

/// The field holds something that it cannot: what is wanted there.
pub(super) fn misfit(extra: &Extra) -> Option<&'static str> {
    let own = WANTED.iter().find(|(dialect, name, _)| *dialect == extra.dialect && *name == extra.name);
    own.filter(|(.., (fits, _))| !fits(&extra.value)).map(|(.., (_, wanted))| *wanted)
}

/// The names that lead to a field: a point in one of ours leads into an object. Callers name theirs as they like, points
/// and all.
pub(super) fn path(extra: &Extra) -> Vec<&str> {
    let own = |dialect: Dialect, name: &str| dialect == extra.dialect && name == extra.name;
    let wanted = WANTED.iter().any(|(dialect, name, _)| own(*dialect, name));
    if wanted || shape::known(extra.dialect, &extra.name) || MEANT.iter().any(|(dialect, name, _)| own(*dialect, name))
    {
        return extra.name.split('.').collect();
    }
    let whole: &[&str] = match extra.dialect {
        Gemini => &["generationConfig", "toolConfig"],
        Ollama => &["options"],
        _ => &[],
    };
    match extra.name.split_once('.') {
        Some((outer, inner)) if whole.contains(&outer) => vec![outer, inner],
        _ => vec![&extra.name],
    }
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

/// One answer is given to a request; `field` says how many are wanted.
pub(super) fn one_answer(field: &str, wanted: Option<f64>) -> Result<(), Failure> {
    match wanted {
        Some(wanted) if wanted > 1.0 => {
            Err(bad(format!("{field}: one answer is given to a request; ask as often as answers are wanted")))
        }
        _ => Ok(()),
    }
}

fn limit(value: &Value) -> bool {
    whole_number(value).is_some_and(|n| u32::try_from(n).is_ok())
}

fn below(value: &Value) -> bool {
    number(value).is_some_and(|n| n < 0.0)
}

/// No other word stands there.
fn one(value: &Value, known: &[&str]) -> bool {
    value.as_str().is_some_and(|word| known.contains(&word))
}

fn level(value: &Value) -> bool {
    value.as_str().is_some_and(|word| word.is_empty() || Effort::parse(word).is_some())
}

/// How thoughts are shown (OpenAI Responses).
pub(super) fn summary(value: &Value) -> bool {
    one(value, &["", "auto", "concise", "detailed"])
}

/// The same in capitals (Gemini).
fn high(value: &Value) -> bool {
    let word = value.as_str().unwrap_or_default().to_ascii_lowercase();
    word == "thinking_level_unspecified" || level(&word.into())
}

fn length(value: &Value) -> bool {
    value.as_str().is_some_and(|word| word.is_empty() || Verbosity::parse(word).is_some())
}

/// A way of thinking (Anthropic).
fn way(value: &Value) -> bool {
    let shown = value.get("display").is_none_or(|shown| shown.is_null() || one(shown, &["summarized", "omitted"]));
    shown && matches!(text(value, "type"), "enabled" | "disabled" | "adaptive" | "between_tools")
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

/// Anthropic's `context_management` for a model that is not asked to think, which then takes nothing that clears thoughts
/// (anthropic-messages.md, "Request"): what stays of it, null where nothing does. `None` = it stays as it is.
pub(crate) fn unclearing(said: &Value) -> Option<Value> {
    let clears = |edit: &Value| text(edit, "type").starts_with("clear_thinking_");
    let mut kept = said.as_object()?.clone();
    let edits = kept.get_mut("edits")?.as_array_mut()?;
    let all = edits.len();
    edits.retain(|edit| !clears(edit));
    if edits.len() == all {
        return None;
    }
    if edits.is_empty() {
        kept.remove("edits");
    }
    Some(if kept.is_empty() { Value::Null } else { Value::Object(kept) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_looked_for_in_the_fields_that_are_passed_over() {
        let wanted = WANTED.iter().map(|(_, path, _)| *path);
        let all = wanted.chain(MEANT.iter().map(|(_, path, _)| *path)).chain(MEMBERS.iter().map(|(_, path, _)| *path));
        let over: Vec<&str> = all.filter(|path| PLAIN.iter().any(|name| leads(name, path))).collect();
        assert!(over.is_empty(), "{over:?}");
    }
}
