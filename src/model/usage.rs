//! Tokens counted.

use serde::{Deserialize, Serialize};

/// Tokens of one attempt. `input` excludes cached tokens; `output` includes reasoning
/// (translation.md, "Usage"). Total = input + cache_read + cache_write_* + output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Usage {
    /// Prompt tokens neither read from nor written to a cache.
    pub input: u64,
    /// Prompt tokens read from a cache.
    pub cache_read: u64,
    /// Prompt tokens written to the short-lived cache.
    pub cache_write_short: u64,
    /// Prompt tokens written to the long-lived cache.
    pub cache_write_long: u64,
    /// Everything the model produced, reasoning included.
    pub output: u64,
    /// The reasoning part of `output`; `None` when the provider does not say.
    pub reasoning: Option<u64>,
}

impl Usage {
    /// All prompt tokens, cached or not.
    #[must_use]
    pub const fn prompt(&self) -> u64 {
        self.input
            .saturating_add(self.cache_read)
            .saturating_add(self.cache_write_short)
            .saturating_add(self.cache_write_long)
    }

    /// Together with another attempt's.
    #[must_use]
    pub fn plus(&self, other: &Self) -> Self {
        Self {
            input: self.input.saturating_add(other.input),
            cache_read: self.cache_read.saturating_add(other.cache_read),
            cache_write_short: self.cache_write_short.saturating_add(other.cache_write_short),
            cache_write_long: self.cache_write_long.saturating_add(other.cache_write_long),
            output: self.output.saturating_add(other.output),
            reasoning: match (self.reasoning, other.reasoning) {
                (Some(one), Some(other)) => Some(one.saturating_add(other)),
                (one, other) => one.or(other),
            },
        }
    }

    /// Prompt and output together.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.prompt().saturating_add(self.output)
    }
}

/// How the token counts are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum UsageSource {
    /// The provider reported them.
    Reported,
    /// We guessed from bytes, because the stream broke before usage came or none was sent.
    Estimated,
}

impl UsageSource {
    /// One word for the ledger.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Reported => "reported",
            Self::Estimated => "estimated",
        }
    }
}
