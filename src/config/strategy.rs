//! How equals share the work: accounts of one upstream and priority, members of a pool.

/// Who of several equals is asked first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Strategy {
    /// The first until it can no more: prompt caches stay warm.
    #[default]
    FillFirst,
    /// Each in turn, over all processes.
    RoundRobin,
    /// Drawn by share.
    Weighted,
    /// Who used the fewest tokens lately.
    LeastUsed,
    /// Whose window ends first with something left in it, which would be lost.
    SoonestReset,
}

/// The words, as settings spell them.
pub(super) const WORDS: &[&str] = &["fill-first", "round-robin", "weighted", "least-used", "soonest-reset"];

impl Strategy {
    /// Every strategy, in the order of the words.
    pub const ALL: [Self; 5] = [Self::FillFirst, Self::RoundRobin, Self::Weighted, Self::LeastUsed, Self::SoonestReset];

    /// The word in settings.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::FillFirst => "fill-first",
            Self::RoundRobin => "round-robin",
            Self::Weighted => "weighted",
            Self::LeastUsed => "least-used",
            Self::SoonestReset => "soonest-reset",
        }
    }

    /// The strategy of that word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.name() == word)
    }
}
