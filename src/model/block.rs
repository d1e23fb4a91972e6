//! What a conversation is made of.

use serde::{Deserialize, Serialize};

/// Who speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// The person or program asking; tool results travel in its messages too.
    User,
    /// The model.
    Assistant,
}

/// One turn of a conversation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// Who speaks.
    pub role: Role,
    /// What is said, in order.
    pub blocks: Vec<Block>,
}

impl Message {
    /// A user turn of one text.
    pub fn user(text: impl Into<String>) -> Self {
        Self { role: Role::User, blocks: vec![Block::Text(text.into())] }
    }

    /// A model turn of one text.
    pub fn assistant(text: impl Into<String>) -> Self {
        Self { role: Role::Assistant, blocks: vec![Block::Text(text.into())] }
    }
}

/// Where a sealed payload came from; it is only ever sent back to the same place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tag {
    /// Provider id, as in the providers table.
    pub provider: String,
    /// Model id as sent.
    pub model: String,
    /// Account name.
    pub account: String,
}

/// One piece of a turn.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Block {
    /// Plain text, UTF-8.
    Text(String),
    /// An image: base64 data with its media type.
    Image {
        /// For example `image/png`.
        media_type: String,
        /// Standard base64 with padding.
        data: String,
    },
    /// A document, for example a PDF: base64 data with its media type.
    Document {
        /// For example `application/pdf`.
        media_type: String,
        /// Standard base64 with padding.
        data: String,
        /// File name shown to the model, if any.
        name: Option<String>,
    },
    /// Reasoning the model showed, with the provider's signature over it.
    Thought {
        /// The visible reasoning; may be empty.
        text: String,
        /// Opaque signature or encrypted content, echoed unchanged.
        seal: Option<String>,
        /// Where it came from; dropped when the next attempt goes elsewhere.
        tag: Option<Tag>,
    },
    /// A call the model asks for.
    ToolCall {
        /// Links the call to its result.
        id: String,
        /// Tool name.
        name: String,
        /// Arguments as JSON text; may be invalid JSON when a model erred.
        input: String,
    },
    /// What a tool answered.
    ToolResult {
        /// The call this answers.
        id: String,
        /// Tool name (Gemini and Ollama tie results by name).
        name: String,
        /// The answer.
        content: String,
        /// The tool failed.
        is_error: bool,
    },
    /// Something only one dialect knows; sent back to that dialect and tag alone.
    Opaque {
        /// The dialect that spelled it.
        dialect: super::Dialect,
        /// The raw value.
        value: serde_json::Value,
        /// Where it came from.
        tag: Option<Tag>,
    },
}

/// A tool the model may call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ToolSpec {
    /// `[A-Za-z0-9_-]{1,64}`: the narrowest rule of the dialects.
    pub name: String,
    /// What it does, for the model.
    pub description: String,
    /// JSON Schema of its arguments (an object schema).
    pub parameters: serde_json::Value,
}
