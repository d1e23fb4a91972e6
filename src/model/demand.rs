//! How much reasoning is wished for: a level, a number of tokens, or bounds.

use serde::{Deserialize, Serialize};

use super::Effort;

/// What a wish looks like, for messages.
pub const DEMANDS: &str = "one of auto, none, minimal, low, medium, high, xhigh, max, bounds such as low..high, ..medium or high.., or tokens such as 8192";

/// What stands in a level's place where a model without a control was asked in words to think.
pub const IN_WORDS: &str = "words";

/// A wish for reasoning. Written `high`, `8192` (thinking tokens), `low..high`, `medium..` or `..low`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Demand {
    /// The level; `Auto` = what the model does by itself, within the bounds.
    pub level: Effort,
    /// Thinking tokens, for models that take a number; others get the level nearest to it.
    pub budget: Option<u32>,
    /// Some thought is wished, and how much is the model's own matter: about this where that is not known, or none. It says
    /// something where no level is named.
    pub some: Option<Effort>,
    /// The level is for how an answer is written: what thinks only when it is asked to is not asked (Anthropic's
    /// `output_config.effort` without `thinking`).
    pub still: bool,
    /// No less than this.
    pub least: Option<Effort>,
    /// No more than this.
    pub most: Option<Effort>,
    /// A model that cannot be held to it is not asked.
    pub strict: bool,
    /// Nobody said so: it is what a command wishes by itself, and where it cannot be had nothing is said.
    pub usual: bool,
}

impl Demand {
    /// What a command wishes by itself.
    #[must_use]
    pub fn usual(level: Effort) -> Self {
        Self { usual: true, ..level.into() }
    }

    /// Reads a wish; `None` = it is none. `off` is another word for `none`, and `-1` for `auto`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let level = |word: &str| Effort::parse(word.trim()).filter(|level| *level != Effort::Auto);
        if let Some((least, most)) = text.split_once("..") {
            let bound = |word: &str| if word.trim().is_empty() { Some(None) } else { level(word).map(Some) };
            let (least, most) = (bound(least)?, bound(most)?);
            let fits = least.or(most).is_some() && least.zip(most).is_none_or(|(least, most)| least <= most);
            return fits.then(|| Self { least, most, ..Self::default() });
        }
        match text {
            "-1" => Some(Self::default()),
            _ => match text.parse::<u32>() {
                Ok(0) => Some(Effort::None.into()),
                Ok(tokens) => Some(Self { budget: Some(tokens), ..Effort::of_budget(u64::from(tokens)).into() }),
                Err(_) => Effort::parse(text).map(Self::from),
            },
        }
    }

    /// A model's name and the wish in parentheses behind it: `model(high)`, `model(none)`, `model(8192)`. `None` when
    /// there is no such wish.
    #[must_use]
    pub fn suffix(name: &str) -> Option<(&str, Self)> {
        let (base, word) = name.trim_end().strip_suffix(')')?.rsplit_once('(')?;
        let base = base.trim_end();
        Self::parse(&word.to_ascii_lowercase()).filter(|_| !base.is_empty()).map(|wish| (base, wish))
    }

    /// The word in parentheses behind a model's name that is no wish, as in `model(huge)` and `model()`.
    #[must_use]
    pub fn misspelt(name: &str) -> Option<&str> {
        let (base, word) = name.trim_end().strip_suffix(')')?.rsplit_once('(')?;
        (Self::suffix(name).is_none() && !base.trim_end().is_empty()).then(|| word.trim())
    }

    /// A wish for thought, and not for how much of it.
    #[must_use]
    pub fn some(about: Effort) -> Self {
        Self { some: Some(about), ..Self::default() }
    }

    /// Nothing is wished.
    #[must_use]
    pub fn idle(&self) -> bool {
        self.level == Effort::Auto && self.some.is_none() && self.least.is_none() && self.most.is_none()
    }

    /// Thought is wished, and how much is the model's own matter.
    #[must_use]
    pub fn open(&self) -> bool {
        self.level == Effort::Auto && self.some.is_some()
    }

    /// A level or a number of tokens is named, not bounds alone.
    #[must_use]
    pub fn named(&self) -> bool {
        self.level != Effort::Auto || self.open() || self.idle()
    }

    /// This wish with what stands nearer to the model: its level takes this one's place, and the bounds of both hold.
    #[must_use]
    pub fn with(self, nearer: Option<Self>) -> Self {
        let Some(nearer) = nearer else { return self };
        let out = self.within(nearer);
        if !nearer.named() {
            return out;
        }
        // What leaves the level to the model does not keep it from thinking.
        let some = if nearer.level == Effort::Auto { nearer.some.or(self.some) } else { None };
        Self { level: nearer.level, budget: nearer.budget, some, still: nearer.still, usual: nearer.usual, ..out }
    }

    /// This wish within the bounds of another too. Where they leave nothing, the upper one holds.
    #[must_use]
    pub fn within(self, bounds: Self) -> Self {
        let most = match (self.most, bounds.most) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        let least = self.least.max(bounds.least);
        let least = least.map(|least| most.map_or(least, |most| least.min(most)));
        Self { least, most, strict: self.strict || bounds.strict, ..self }
    }

    /// A level held within the bounds.
    #[must_use]
    pub fn held(&self, level: Effort) -> Effort {
        let level = self.least.map_or(level, |least| level.max(least));
        self.most.map_or(level, |most| level.min(most))
    }

    /// The tokens that are wished, held within those of the bounds.
    #[must_use]
    pub fn tokens(&self) -> Option<u32> {
        let tokens = self.budget?;
        let tokens = self.least.and_then(Effort::budget).map_or(tokens, |least| tokens.max(least));
        Some(self.most.and_then(Effort::budget).map_or(tokens, |most| tokens.min(most)))
    }

    /// Bounds alone are wished, and a model that does any of these by itself stays within them.
    #[must_use]
    pub fn content(&self, own: &[Effort]) -> bool {
        self.level == Effort::Auto && own.iter().all(|level| self.held(*level) == *level)
    }

    /// The level at which a model thinks that is asked to, and not how much; `own` is what it does by itself, where that is
    /// known.
    #[must_use]
    pub fn about(&self, own: Option<Effort>) -> Option<Effort> {
        self.some.filter(|_| self.open()).map(|about| own.filter(|own| *own > Effort::None).unwrap_or(about))
    }

    /// The level to aim at for a model that thinks at `own` by itself (`None` = not known); `None` = leave it to the
    /// model.
    #[must_use]
    pub fn aim(&self, own: Option<Effort>) -> Option<Effort> {
        if self.idle() {
            return None;
        }
        let level = match self.level {
            Effort::Auto => self.about(own).or(own).or(self.least).or(self.most)?,
            level => level,
        };
        Some(self.held(level))
    }

    /// The accepted level that comes nearest to `aim`: within the bounds where any is, and else nearest to them, the
    /// lower of two equally near. `None` when nothing is accepted.
    #[must_use]
    pub fn choose(&self, aim: Effort, accepted: &[Effort]) -> Option<Effort> {
        let within: Vec<Effort> = accepted.iter().copied().filter(|e| self.held(*e) == *e).collect();
        // Whoever asks for some reasoning gets some, as long as there is any within the bounds.
        let some: Vec<Effort> = within.iter().copied().filter(|e| aim == Effort::None || *e != Effort::None).collect();
        let near = if aim == Effort::None { within.first().copied().filter(|e| *e == Effort::None) } else { None };
        near.or_else(|| aim.nearest(&some)).or_else(|| aim.nearest(&within)).or_else(|| aim.nearest(accepted))
    }
}

impl From<Effort> for Demand {
    fn from(level: Effort) -> Self {
        Self { level, ..Self::default() }
    }
}

impl std::fmt::Display for Demand {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.budget, self.level, self.least, self.most) {
            (Some(tokens), ..) => write!(f, "{tokens}"),
            (None, Effort::Auto, None, None) => f.write_str("auto"),
            (None, Effort::Auto, least, most) => {
                let word = |bound: Option<Effort>| bound.map_or("", Effort::name);
                write!(f, "{}..{}", word(least), word(most))
            }
            (None, level, ..) => f.write_str(level.name()),
        }
    }
}

impl From<Demand> for String {
    fn from(wish: Demand) -> Self {
        wish.to_string()
    }
}

impl TryFrom<String> for Demand {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or_else(|| format!("\"{text}\" is no effort: {DEMANDS}"))
    }
}
