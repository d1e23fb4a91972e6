//! Service tiers: the same model served faster, slower or later, at another price.

use serde::{Deserialize, Serialize};

/// The tier that an answer says it was served in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Service {
    /// The plain one: `default`, `standard`, `auto`, `on_demand`.
    Standard,
    /// Answers within hours.
    Batch,
    /// Answers when there is room.
    Flex,
    /// Answers before others.
    Priority,
    /// Anthropic's fast mode.
    Fast,
    /// One that we have no word for: its price is not known.
    Other,
}

impl Service {
    /// The tier a provider's word means.
    #[must_use]
    pub fn parse(word: &str) -> Self {
        let word = word.to_ascii_lowercase();
        match word.strip_prefix("service_tier_").unwrap_or(&word) {
            "" | "default" | "standard" | "standard_only" | "auto" | "on_demand" | "unspecified" => Self::Standard,
            "batch" => Self::Batch,
            "flex" => Self::Flex,
            // OpenAI takes `fast` and echoes `priority` (openai-chat.md); Anthropic's fast mode has a field of its own.
            "priority" | "fast" => Self::Priority,
            _ => Self::Other,
        }
    }

    /// One word.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Batch => "batch",
            Self::Flex => "flex",
            Self::Priority => "priority",
            Self::Fast => "fast",
            Self::Other => "other",
        }
    }
}
