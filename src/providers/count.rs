//! Where providers count the tokens of a prompt, free of charge, and how they are asked: mostly as for an answer, without
//! what is about the answer.

use serde_json::{Value, json};

use super::Upstream;
use super::compatible::{escaped, versioned, with_query};
use crate::model::Dialect;

/// How one prompt is counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counting {
    /// The full URL; asked with a POST.
    pub url: String,
    /// The dialect of what is sent.
    pub dialect: Dialect,
    form: Form,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// The call without any field but these.
    Fields(&'static [&'static str]),
    /// The whole call inside another (gemini.md, "Endpoints").
    Wrapped,
}

/// `MessageCountTokensParams` (anthropic-messages.md, "Other endpoints"; names read in the source of the SDK).
const ANTHROPIC: Form = Form::Fields(&[
    "anthropic_version",
    "cache_control",
    "messages",
    "model",
    "output_config",
    "system",
    "thinking",
    "tool_choice",
    "tools",
]);
/// openai-responses.md, "Related endpoints".
const RESPONSES: Form = Form::Fields(&[
    "input",
    "instructions",
    "model",
    "parallel_tool_calls",
    "reasoning",
    "text",
    "tool_choice",
    "tools",
    "truncation",
]);
/// `CountTokensConfig` on Vertex (names read in the source of the SDK, google-genai).
const VERTEX: Form = Form::Fields(&["contents", "generationConfig", "systemInstruction", "tools"]);
/// In none of our notes beyond its address (`[K]`).
const CHAT: Form = Form::Fields(&["messages", "model", "tools"]);

/// Where the number stands in an answer, whoever gives it.
const PLACES: [&str; 4] = ["/input_tokens", "/totalTokens", "/data/total_tokens", "/count"];
/// More than this is no count of anything that can be sent (tokens).
const MOST: u64 = 1 << 30;

/// Where a provider counts for a call of this dialect; `None` = nowhere that is known.
pub(super) fn at(provider: &str, upstream: &Upstream, dialect: Dialect, model: &str) -> Option<Counting> {
    if upstream.paths.0.is_some() {
        // Who says where calls go knows of no other path.
        return None;
    }
    let base = &upstream.base_url;
    let below = |rest: &str| versioned(base, Some(dialect), rest);
    let (url, dialect, form) = match (provider, dialect) {
        ("anthropic", Dialect::AnthropicMessages) => (below("messages/count_tokens"), dialect, ANTHROPIC),
        ("gemini", Dialect::Gemini) => {
            (below(&format!("models/{}:countTokens", escaped(model))), dialect, Form::Wrapped)
        }
        ("openai", Dialect::OpenAiResponses) => (below("responses/input_tokens"), dialect, RESPONSES),
        ("moonshot", Dialect::OpenAiChat) => (below("tokenizers/estimate-token-count"), dialect, CHAT),
        // It counts in Anthropic's dialect, whatever it is asked in for an answer.
        ("llamacpp", _) => (below("messages/count_tokens"), Dialect::AnthropicMessages, ANTHROPIC),
        ("vllm", Dialect::OpenAiChat) => {
            (format!("{}/tokenize", base.strip_suffix("/v1").unwrap_or(base)), dialect, CHAT)
        }
        _ => return None,
    };
    Some(Counting { url: with_query(&url, &upstream.query), dialect, form })
}

/// As [`at`], on Vertex, where the caller knows the address of a call.
pub(super) fn vertex(call: &str, dialect: Dialect) -> Option<Counting> {
    let (place, _) = call.rsplit_once("/models/")?;
    let (url, form) = match dialect {
        // `count-tokens` is a model to it (read in the source of the SDK, anthropic 2.14.0).
        Dialect::AnthropicMessages => (format!("{place}/models/count-tokens:rawPredict"), ANTHROPIC),
        Dialect::Gemini => (call.replace(":generateContent", ":countTokens"), VERTEX),
        _ => return None,
    };
    Some(Counting { url, dialect, form })
}

impl Counting {
    /// The whole call stands in another.
    #[must_use]
    pub fn wraps(&self) -> bool {
        matches!(self.form, Form::Wrapped)
    }

    /// What is sent, from what would be sent for an answer; `None` when that is no object.
    #[must_use]
    pub fn body(&self, call: &[u8], model: &str) -> Option<Vec<u8>> {
        let Value::Object(mut call) = serde_json::from_slice(call).ok()? else { return None };
        let body = match self.form {
            Form::Fields(known) => {
                call.retain(|name, _| known.contains(&name.as_str()));
                if known.contains(&"model") {
                    call.entry("model").or_insert_with(|| model.into());
                }
                Value::Object(call)
            }
            Form::Wrapped => {
                call.insert("model".to_owned(), format!("models/{model}").into());
                json!({ "generateContentRequest": call })
            }
        };
        serde_json::to_vec(&body).ok()
    }

    /// Tokens that an answer states; `None` where it states none that can be.
    #[must_use]
    pub fn read(&self, body: &[u8]) -> Option<u64> {
        let value: Value = serde_json::from_slice(body).ok()?;
        let number = PLACES.iter().find_map(|place| value.pointer(place)?.as_u64());
        number.filter(|tokens| (1..=MOST).contains(tokens))
    }
}
