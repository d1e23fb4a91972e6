//! The reasoning of single models.

use globset::{Glob, GlobMatcher};

use crate::model::Demand;

/// How hard some models think.
#[derive(Debug, Clone)]
pub struct EffortRow {
    models: GlobMatcher,
    /// Its bounds always hold; its level holds where no command's user names one.
    pub wish: Demand,
}

impl EffortRow {
    /// Reads `anthropic/*=..medium`: `UPSTREAM/MODEL`, with `*` for any text, and a wish.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (models, wish) = text.rsplit_once('=')?;
        let models = models.trim();
        let glob = Glob::new(models).ok().filter(|_| !models.is_empty())?;
        Some(Self { models: glob.compile_matcher(), wish: Demand::parse(wish)? })
    }

    /// Whether it speaks of `upstream/model`.
    #[must_use]
    pub fn fits(&self, name: &str) -> bool {
        self.models.is_match(name)
    }
}

/// What an entry of `efforts` looks like.
pub(super) const TAKES: &str = "entries such as \"anthropic/*=..medium\" or \"openai/gpt-5.5=high\"";
