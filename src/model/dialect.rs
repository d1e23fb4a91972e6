//! How requests are spelled on the wire.

use serde::{Deserialize, Serialize};

/// A wire format. One file each in `src/wire`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Dialect {
    /// OpenAI Chat Completions and everything compatible with it.
    #[serde(rename = "openai-chat")]
    OpenAiChat,
    /// OpenAI Responses.
    #[serde(rename = "openai-responses")]
    OpenAiResponses,
    /// Anthropic Messages.
    #[serde(rename = "anthropic-messages")]
    AnthropicMessages,
    /// Gemini generateContent.
    #[serde(rename = "gemini-generate-content")]
    Gemini,
    /// Ollama's native chat.
    #[serde(rename = "ollama-chat")]
    Ollama,
    /// xAI's own service over gRPC.
    #[serde(rename = "xai-grpc")]
    XaiGrpc,
}

impl Dialect {
    /// All dialects, in the order documents list them.
    pub const ALL: [Self; 6] =
        [Self::OpenAiChat, Self::OpenAiResponses, Self::AnthropicMessages, Self::Gemini, Self::Ollama, Self::XaiGrpc];

    /// The name used in config, catalog and ledger.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::OpenAiChat => "openai-chat",
            Self::OpenAiResponses => "openai-responses",
            Self::AnthropicMessages => "anthropic-messages",
            Self::Gemini => "gemini-generate-content",
            Self::Ollama => "ollama-chat",
            Self::XaiGrpc => "xai-grpc",
        }
    }

    /// It is spoken in protobuf over gRPC; the others in JSON over HTTP.
    #[must_use]
    pub const fn is_grpc(self) -> bool {
        matches!(self, Self::XaiGrpc)
    }

    /// The dialect of that name, if we speak it.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|d| d.name() == name)
    }
}
