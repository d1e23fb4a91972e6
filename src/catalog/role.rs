//! What a model is wanted for, when the user names no model.

/// A kind of work that the catalog ranks models for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Quick and cheap: commit messages.
    Fast,
    /// The everyday choice.
    Balanced,
    /// Hard questions.
    Reasoning,
    /// Prompts of many hundred thousand tokens.
    Long,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 4] = [Self::Fast, Self::Balanced, Self::Reasoning, Self::Long];

    /// The word in config and on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fast => "fast",
            Self::Balanced => "balanced",
            Self::Reasoning => "reasoning",
            Self::Long => "long",
        }
    }

    /// The role of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|r| r.name() == name)
    }

    pub(super) const fn place(self) -> usize {
        match self {
            Self::Fast => 0,
            Self::Balanced => 1,
            Self::Reasoning => 2,
            Self::Long => 3,
        }
    }
}

impl std::fmt::Display for Role {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}
