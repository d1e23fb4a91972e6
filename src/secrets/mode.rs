//! What is done about secrets in text that would leave.

/// What happens to a secret found in a request. Ordered from the most lax to the strictest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Mode {
    /// Nothing is looked for and everything is sent.
    Off,
    /// Secrets are reported and sent.
    Warn,
    /// Secrets are replaced by placeholders.
    #[default]
    Redact,
    /// A request that holds a secret is not sent.
    Block,
}

impl Mode {
    /// Every mode, the most lax first.
    pub const ALL: [Self; 4] = [Self::Off, Self::Warn, Self::Redact, Self::Block];

    /// The mode of this name, as written in config and on the command line.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|m| m.name() == name)
    }

    /// Its name in config and on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Warn => "warn",
            Self::Redact => "redact",
            Self::Block => "block",
        }
    }

    /// The stricter of the two: how a repository's wish and the user's are put together.
    #[must_use]
    pub fn stricter(self, other: Self) -> Self {
        self.max(other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repository_may_only_tighten_what_the_user_chose() {
        assert_eq!(Mode::Redact.stricter(Mode::Off), Mode::Redact);
        assert_eq!(Mode::Redact.stricter(Mode::Block), Mode::Block);
    }

    #[test]
    fn every_name_reads_back_and_others_do_not() {
        for mode in Mode::ALL {
            assert_eq!(Mode::parse(mode.name()), Some(mode));
        }
        assert_eq!(Mode::parse("Redact "), None);
    }
}
