//! How many tokens a prompt has, and who says so.

/// English and code run at about this many bytes a token; used only where nobody counted.
const BYTES: usize = 4;

/// Who counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CountSource {
    /// The provider, of this very prompt.
    Provider,
    /// The tokenizer that the model's maker published, without what the provider puts around texts.
    Tokenizer,
    /// Nobody: the prompt's length says it.
    Estimate,
}

/// Tokens of a prompt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    /// How many.
    pub tokens: u64,
    /// Who says so.
    pub source: CountSource,
}

impl Count {
    /// What a count may be off by: one token in so many.
    pub const DRIFT: u64 = 32;

    /// Of a prompt of so many bytes, when nobody counted.
    #[must_use]
    pub const fn guess(bytes: usize) -> Self {
        Self { tokens: bytes.div_ceil(BYTES) as u64, source: CountSource::Estimate }
    }

    /// Bytes of a prompt that [`Self::guess`] takes for so many tokens.
    #[must_use]
    pub fn bytes(tokens: u64) -> usize {
        usize::try_from(tokens).unwrap_or(usize::MAX).saturating_mul(BYTES)
    }

    /// Whether somebody counted.
    #[must_use]
    pub const fn known(self) -> bool {
        !matches!(self.source, CountSource::Estimate)
    }
}

impl std::fmt::Display for Count {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let tokens = self.tokens;
        match self.source {
            CountSource::Provider => write!(f, "{tokens} tokens (counted by the provider)"),
            CountSource::Tokenizer => write!(f, "about {tokens} tokens (counted by a tokenizer)"),
            CountSource::Estimate => write!(f, "about {tokens} tokens (estimated)"),
        }
    }
}
