//! Who counts the tokens of a prompt, and what they take (`MessageCountTokensParams`, `CountTokensConfig`,
//! `responses.input_tokens`).

use serde_json::{Value, json};

use super::rules::{Check, Field, Kind, fields, required};

/// Whose way of counting.
#[derive(Debug, Clone, Copy)]
pub enum Counted {
    Anthropic,
    Responses,
    Gemini,
    Vertex,
}

const ANTHROPIC: &[Field] = &[
    ("anthropic_version", Kind::Text),
    ("messages", Kind::List),
    ("model", Kind::Text),
    ("cache_control", Kind::Object),
    ("output_config", Kind::Object),
    ("system", Kind::Any),
    ("thinking", Kind::Object),
    ("tool_choice", Kind::Object),
    ("tools", Kind::List),
];

const RESPONSES: &[Field] = &[
    ("conversation", Kind::Any),
    ("input", Kind::Any),
    ("instructions", Kind::Text),
    ("model", Kind::Text),
    ("parallel_tool_calls", Kind::Bool),
    ("previous_response_id", Kind::Text),
    ("reasoning", Kind::Object),
    ("text", Kind::Object),
    ("tool_choice", Kind::Any),
    ("tools", Kind::List),
    ("truncation", Kind::Text),
];

const GEMINI: &[Field] = &[("contents", Kind::List), ("generateContentRequest", Kind::Object)];

const VERTEX: &[Field] = &[
    ("contents", Kind::List),
    ("generationConfig", Kind::Object),
    ("systemInstruction", Kind::Object),
    ("tools", Kind::List),
];

impl Counted {
    /// Whether the real service would count this.
    pub fn check(self, body: &Value) -> Check {
        let (known, needed): (&[Field], &[&str]) = match self {
            Self::Anthropic => (ANTHROPIC, &["messages", "model"]),
            Self::Responses => (RESPONSES, &["input", "model"]),
            Self::Gemini => (GEMINI, &["generateContentRequest"]),
            Self::Vertex => (VERTEX, &["contents"]),
        };
        fields("", body, known, |name| format!("{name}: Extra inputs are not permitted"))?;
        required(body, "", needed)?;
        match self {
            Self::Gemini => {
                required(&body["generateContentRequest"], "generateContentRequest.", &["model", "contents"])
            }
            _ => Ok(()),
        }
    }

    /// The count, in the service's words.
    pub fn answer(self, tokens: u64) -> Value {
        match self {
            Self::Anthropic => json!({ "input_tokens": tokens }),
            Self::Responses => json!({ "object": "response.input_tokens", "input_tokens": tokens }),
            Self::Gemini | Self::Vertex => {
                json!({ "totalTokens": tokens, "promptTokensDetails": [{ "modality": "TEXT", "tokenCount": tokens }] })
            }
        }
    }
}
