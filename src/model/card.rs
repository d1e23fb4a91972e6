//! What one model can do and what it costs: the shape of the catalog's rows.

use serde::{Deserialize, Serialize};

use super::{Dialect, Effort, Maker, Service};

/// How a model's reasoning is controlled (reasoning.md).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Control {
    /// Not a reasoning model: sending an effort is an error.
    #[default]
    None,
    /// `reasoning_effort` / `reasoning.effort`.
    Effort,
    /// Anthropic's adaptive thinking with `output_config.effort`.
    Adaptive,
    /// Anthropic's older `thinking.budget_tokens`, or Gemini's `thinkingBudget`.
    Budget,
    /// Gemini's `thinkingLevel`.
    Level,
    /// DeepSeek's `thinking.type` switch with `reasoning_effort`.
    SwitchAndEffort,
    /// `think: true|false|level` (Ollama).
    Think,
    /// Qwen's `enable_thinking` with `thinking_budget`.
    Enable,
    /// Reasons or not by its name alone; nothing to send.
    Fixed,
    /// The provider has a way that we do not map.
    Unmapped,
}

impl Control {
    /// Every way.
    pub const ALL: [Self; 10] = [
        Self::None,
        Self::Effort,
        Self::Adaptive,
        Self::Budget,
        Self::Level,
        Self::SwitchAndEffort,
        Self::Think,
        Self::Enable,
        Self::Fixed,
        Self::Unmapped,
    ];

    /// Its name in settings and in the catalog.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Effort => "effort",
            Self::Adaptive => "adaptive",
            Self::Budget => "budget",
            Self::Level => "level",
            Self::SwitchAndEffort => "switch-and-effort",
            Self::Think => "think",
            Self::Enable => "enable",
            Self::Fixed => "fixed",
            Self::Unmapped => "unmapped",
        }
    }
}

/// A model's reasoning abilities.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Reasoning {
    /// How it is asked for.
    pub control: Control,
    /// Levels the model accepts; empty = not known.
    pub efforts: Vec<Effort>,
    /// What it does when nothing is sent.
    pub default_effort: Option<Effort>,
    /// Cannot be switched off.
    pub always_on: bool,
    /// How "off" is spelled, if it can be: `none`, `disabled`, `between_tools`, `budget:0`.
    pub off: Option<String>,
    /// The largest thinking budget, in tokens, where one may be set and the model has a bound of its own.
    pub most_budget: Option<u32>,
}

/// Prices in nano-dollars per million tokens. `None` = not known, never free.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Prices {
    /// Uncached prompt tokens.
    pub input: Option<u64>,
    /// Output tokens, reasoning included.
    pub output: Option<u64>,
    /// Prompt tokens read from a cache; falls back to `input`.
    pub cache_read: Option<u64>,
    /// Prompt tokens written to the short cache; falls back to `input`.
    pub cache_write: Option<u64>,
    /// Prompt tokens written to the long cache; falls back to `cache_write`.
    pub cache_write_long: Option<u64>,
}

/// Other prices for requests whose whole prompt is larger than a bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tier {
    /// Applies to every token when prompt tokens (cached included) exceed this.
    pub above_input_tokens: u64,
    /// The prices then.
    pub prices: Prices,
}

/// What another service tier costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Offer {
    /// Prices of its own.
    Prices(Prices),
    /// A factor on whatever price applies, in thousandths.
    Factor(u64),
}

/// Hours of some days of the week, in UTC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hours {
    /// Days, Monday is 1.
    pub days: Vec<i8>,
    /// From and to, in minutes of the day; `to` is no longer part of it.
    pub minutes: Vec<(u16, u16)>,
}

/// Other prices at some hours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OffPeak {
    /// The prices then; what is not said costs the same as ever.
    pub prices: Prices,
    /// When.
    pub hours: Vec<Hours>,
}

/// Prices from a day on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dated {
    /// First day, `YYYY-MM-DD` in UTC; empty = what held before every announced change.
    pub from: String,
    /// The prices then; `None` = unpriced.
    pub prices: Option<Prices>,
    /// For long prompts, ascending.
    pub tiers: Vec<Tier>,
}

/// Everything we know of one model at one provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelCard {
    /// Provider id.
    pub provider: String,
    /// Model id as sent on the wire.
    pub id: String,
    /// The name it is asked for by, where that is another: an Azure deployment.
    pub deployment: Option<String>,
    /// Other ids for the same model.
    pub aliases: Vec<String>,
    /// Who made it.
    pub maker: Maker,
    /// Dialects it is served in, best first.
    pub dialects: Vec<Dialect>,
    /// Context window in tokens; `None` = not known.
    pub context: Option<u64>,
    /// Output limit in tokens; `None` = not known.
    pub max_output: Option<u64>,
    /// Prices as they stand when the card is read, to look at; `None` = unpriced. What something costs says
    /// `catalog::price`, which knows the moment.
    pub prices: Option<Prices>,
    /// Prices for long prompts, ascending.
    pub tiers: Vec<Tier>,
    /// Where a change was announced: all prices by their first day. Empty = `prices` hold always.
    pub dated: Vec<Dated>,
    /// Other prices at some hours.
    pub off_peak: Option<Box<OffPeak>>,
    /// What other service tiers cost.
    pub services: Vec<(Service, Offer)>,
    /// Runs on this machine: costs nothing.
    pub local: bool,
    /// Reasoning abilities.
    pub reasoning: Reasoning,
    /// Function tools work; `None` = not known.
    pub tools: Option<bool>,
    /// A call can be demanded; `None` = not known.
    pub forced: Option<bool>,
    /// Images are understood; `None` = not known.
    pub images: Option<bool>,
    /// PDF documents are understood; `None` = not known.
    pub documents: Option<bool>,
    /// A JSON Schema for the answer is honoured; `None` = not known.
    pub structured: Option<bool>,
    /// Temperature and top_p are accepted; `None` = not known.
    pub sampling: Option<bool>,
    /// Parameters, all of a mixture's; `None` = not known.
    pub parameters: Option<u64>,
    /// It writes one good line and no more; `None` = nobody said.
    pub weak: Option<bool>,
    /// Last day it is served, `YYYY-MM-DD`.
    pub shutdown: Option<String>,
}

impl ModelCard {
    /// The name it is asked for by on the wire.
    #[must_use]
    pub fn sent(&self) -> &str {
        self.deployment.as_deref().unwrap_or(&self.id)
    }

    /// What the settings leave out is as another card of the same model has it; reasoning and maker are.
    #[must_use]
    pub fn over(self, known: &Self) -> Self {
        // A price of the settings stands alone: dated or tiered ones are those of another price.
        let priced = self.prices.is_some();
        Self {
            maker: known.maker.clone(),
            dialects: if self.dialects.is_empty() { known.dialects.clone() } else { self.dialects },
            context: self.context.or(known.context),
            max_output: self.max_output.or(known.max_output),
            prices: self.prices.or(known.prices),
            tiers: if priced { self.tiers } else { known.tiers.clone() },
            dated: if priced { self.dated } else { known.dated.clone() },
            off_peak: if priced { self.off_peak } else { known.off_peak.clone() },
            services: if priced { self.services } else { known.services.clone() },
            reasoning: known.reasoning.clone(),
            tools: self.tools.or(known.tools),
            forced: self.forced.or(known.forced),
            images: self.images.or(known.images),
            documents: self.documents.or(known.documents),
            structured: self.structured.or(known.structured),
            sampling: self.sampling.or(known.sampling),
            parameters: self.parameters.or(known.parameters),
            weak: self.weak.or(known.weak),
            shutdown: self.shutdown.or_else(|| known.shutdown.clone()),
            ..self
        }
    }

    /// A card for a model nobody has told us about: assume little.
    #[must_use]
    pub fn unknown(provider: &str, id: &str, maker: Maker, dialects: Vec<Dialect>) -> Self {
        Self {
            provider: provider.to_owned(),
            id: id.to_owned(),
            deployment: None,
            aliases: Vec::new(),
            maker,
            dialects,
            context: None,
            max_output: None,
            prices: None,
            tiers: Vec::new(),
            dated: Vec::new(),
            off_peak: None,
            services: Vec::new(),
            local: false,
            reasoning: Reasoning::default(),
            tools: None,
            forced: None,
            images: None,
            documents: None,
            structured: None,
            sampling: None,
            parameters: None,
            weak: None,
            shutdown: None,
        }
    }
}
