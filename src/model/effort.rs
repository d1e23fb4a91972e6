//! How hard a model is asked to think.

use serde::{Deserialize, Serialize};

/// A reasoning level, ordered from none to most. `Auto` leaves it to the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default)]
#[serde(rename_all = "lowercase")]
pub enum Effort {
    /// Whatever the model does by itself.
    #[default]
    Auto,
    /// No reasoning.
    None,
    /// As little as the model allows.
    Minimal,
    /// Little.
    Low,
    /// Some.
    Medium,
    /// Much.
    High,
    /// More than high, where offered.
    XHigh,
    /// All the model has.
    Max,
}

impl Effort {
    /// Every level, weakest first after `Auto`.
    pub const ALL: [Self; 8] =
        [Self::Auto, Self::None, Self::Minimal, Self::Low, Self::Medium, Self::High, Self::XHigh, Self::Max];

    /// The spelling used on the command line, in config and by most providers.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::None => "none",
            Self::Minimal => "minimal",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::XHigh => "xhigh",
            Self::Max => "max",
        }
    }

    /// The level of that name; `off` is another word for `none`.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        if name == "off" {
            return Some(Self::None);
        }
        Self::ALL.into_iter().find(|e| e.name() == name)
    }

    /// The accepted level nearest to this one, the lower of two equally near
    /// (translation.md, "Reasoning"). `None` when nothing is accepted or this is `Auto`.
    #[must_use]
    pub fn nearest(self, accepted: &[Self]) -> Option<Self> {
        if self == Self::Auto {
            return None;
        }
        let rank = |e: Self| Self::ALL.iter().position(|x| *x == e).unwrap_or(0);
        let me = rank(self);
        accepted.iter().copied().filter(|e| *e != Self::Auto).min_by_key(|e| (rank(*e).abs_diff(me), rank(*e)))
    }

    /// Thinking tokens for dialects that take a budget (translation.md, "Reasoning");
    /// `None` where the model's own limit or default applies.
    #[must_use]
    pub const fn budget(self) -> Option<u32> {
        match self {
            Self::Auto | Self::Max => None,
            Self::None => Some(0),
            Self::Minimal => Some(1024),
            Self::Low => Some(2048),
            Self::Medium => Some(8192),
            Self::High => Some(16384),
            Self::XHigh => Some(32768),
        }
    }

    /// The level whose budget is nearest to so many thinking tokens, the lower of two equally near.
    #[must_use]
    pub fn of_budget(tokens: u64) -> Self {
        // `Max` has no budget of its own; models that take one go up to about this.
        let of = |e: Self| e.budget().map_or(128_000, u64::from);
        // Some tokens are some reasoning.
        let least = if tokens == 0 { 1 } else { 2 };
        Self::ALL.into_iter().skip(least).min_by_key(|e| of(*e).abs_diff(tokens)).unwrap_or_default()
    }

    /// Output tokens to add for reasoning on top of the visible answer (reasoning.md, rule 4).
    #[must_use]
    pub const fn headroom(self) -> u32 {
        match self {
            Self::None => 0,
            Self::Minimal | Self::Low => 4_096,
            Self::Auto | Self::Medium => 16_384,
            Self::High => 32_768,
            Self::XHigh | Self::Max => 65_536,
        }
    }
}

impl std::fmt::Display for Effort {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}
