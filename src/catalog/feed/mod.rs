//! A newer list from elsewhere: read from the format of models.dev or of LiteLLM, judged, kept in a form of our own.
//!
//! Such a list knows no roles, ranks and dialects: only windows and prices are taken, and models that nobody here knew.

mod litellm;
mod modelsdev;

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Catalog;
use crate::model::{NanoUsd, Offer, Prices, Service, Tier};

/// What the kept file says it is.
const SCHEMA: &str = "monster.catalog/1";

/// Whose format a list has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Format {
    /// `https://models.dev/api.json`: providers, each with models.
    #[serde(rename = "models.dev")]
    ModelsDev,
    /// `model_prices_and_context_window.json`: one flat table.
    #[serde(rename = "litellm")]
    LiteLlm,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 2] = [Self::ModelsDev, Self::LiteLlm];

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ModelsDev => "models.dev",
            Self::LiteLlm => "litellm",
        }
    }

    /// Where its owner publishes it.
    #[must_use]
    pub const fn url(self) -> &'static str {
        match self {
            Self::ModelsDev => "https://models.dev/api.json",
            Self::LiteLlm => {
                "https://raw.githubusercontent.com/BerriAI/litellm/main/model_prices_and_context_window.json"
            }
        }
    }
}

/// One model of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Provider id, as we call it.
    pub provider: String,
    /// Model id.
    pub id: String,
    /// Window in tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context: Option<u64>,
    /// Output limit in tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_output: Option<u64>,
    /// Prices; `None` = not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prices: Option<Prices>,
    /// Prices for long prompts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tiers: Vec<Tier>,
    /// Other service tiers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub services: Vec<(Service, Offer)>,
}

/// A list as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Feed {
    schema: String,
    /// Whose format it came in.
    pub format: Format,
    /// Where it came from.
    pub url: String,
    /// When, RFC 3339.
    pub fetched_at: String,
    /// Day of that, `YYYY-MM-DD`.
    pub as_of: String,
    /// SHA-256 of what was fetched, in hex.
    pub sha256: String,
    /// Its models.
    pub models: Vec<Line>,
}

/// Why a list cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FeedError {
    /// No JSON.
    #[error("it is no JSON: {0}")]
    Garbage(String),
    /// JSON of another shape.
    #[error("it has neither the format of models.dev nor that of LiteLLM")]
    Format,
    /// Nothing in it for us.
    #[error("it has the format of {0} and names no model of a provider that monster knows")]
    Empty(&'static str),
    /// A kept file of another version, or damaged.
    #[error("it is no list that this version keeps")]
    Schema,
}

/// Reads a list as it was fetched: format, and the models of providers that `served` says are ours.
///
/// # Errors
/// [`FeedError`].
pub fn read(bytes: &[u8], served: &dyn Fn(&str) -> bool) -> Result<(Format, Vec<Line>), FeedError> {
    let value: Value = serde_json::from_slice(bytes).map_err(|e| FeedError::Garbage(e.to_string()))?;
    let table = value.as_object().ok_or(FeedError::Format)?;
    let format = if table.values().any(|v| v.get("models").is_some_and(Value::is_object)) {
        Format::ModelsDev
    } else if table.values().any(|v| v.get("litellm_provider").is_some()) {
        Format::LiteLlm
    } else {
        return Err(FeedError::Format);
    };
    let found = match format {
        Format::ModelsDev => modelsdev::lines(table),
        Format::LiteLlm => litellm::lines(table),
    };
    let mut seen = std::collections::HashSet::new();
    let lines: Vec<Line> = found
        .into_iter()
        .filter(|line| served(&line.provider) && named(&line.id))
        .filter(|line| seen.insert((line.provider.clone(), line.id.clone())))
        .collect();
    if lines.is_empty() { Err(FeedError::Empty(format.name())) } else { Ok((format, lines)) }
}

/// A name that may be shown and sent.
fn named(id: &str) -> bool {
    !id.is_empty() && id.len() <= 200 && !id.chars().any(|c| c.is_control() || c.is_whitespace())
}

impl Feed {
    /// A list fetched now.
    #[must_use]
    pub fn new(format: Format, url: &str, at: jiff::Timestamp, sha256: String, models: Vec<Line>) -> Self {
        Self {
            schema: SCHEMA.to_owned(),
            format,
            url: url.to_owned(),
            fetched_at: at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            as_of: at.strftime("%Y-%m-%d").to_string(),
            sha256,
            models,
        }
    }

    /// Reads a kept file.
    ///
    /// # Errors
    /// [`FeedError`].
    pub fn parse(bytes: &[u8]) -> Result<Self, FeedError> {
        let feed: Self = serde_json::from_slice(bytes).map_err(|e| FeedError::Garbage(e.to_string()))?;
        let whole = feed.schema == SCHEMA && feed.as_of.parse::<jiff::civil::Date>().is_ok() && feed.as_of.len() == 10;
        if whole { Ok(feed) } else { Err(FeedError::Schema) }
    }

    /// As it is kept.
    #[must_use]
    pub fn text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    pub(super) fn source(&self) -> String {
        format!("{} ({})", self.url, self.format.name())
    }

    /// How many of its models have a price.
    #[must_use]
    pub fn priced(&self) -> usize {
        self.models.iter().filter(|m| m.prices.is_some()).count()
    }

    /// Holds a list against the table it is to lie above and the list it is to replace. Rows whose price moved
    /// absurdly are taken out of it.
    pub fn judge(&mut self, catalog: &Catalog, previous: Option<&Self>) -> Verdict {
        let mut verdict = Verdict::default();
        let exact = |line: &Line| catalog.card(&line.provider, &line.id).filter(|card| card.id == line.id);
        let mut known = 0_usize;
        let mut absurd = Vec::new();
        for line in &self.models {
            let Some(card) = exact(line) else {
                verdict.added += 1;
                continue;
            };
            let (Some(old), Some(new)) = (card.prices, line.prices) else { continue };
            known += 1;
            let pairs = [(old.input, new.input), (old.output, new.output)];
            if pairs.iter().all(|(a, b)| a == b) {
                continue;
            }
            let changed = Changed { model: format!("{}/{}", line.provider, line.id), before: old, after: new };
            if pairs.iter().any(|(a, b)| jumped(*a, *b)) {
                absurd.push((line.provider.clone(), line.id.clone()));
                verdict.left_out.push(changed);
            } else {
                verdict.changed.push(changed);
            }
        }
        verdict.refused = self.refusal(catalog, previous, known, verdict.left_out.len());
        self.models.retain(|m| !absurd.iter().any(|(provider, id)| *provider == m.provider && *id == m.id));
        verdict
    }

    fn refusal(&self, catalog: &Catalog, previous: Option<&Self>, known: usize, absurd: usize) -> Option<String> {
        // Of the providers it speaks of, and of those alone.
        let mut wanted: HashMap<&str, usize> = HashMap::new();
        for card in catalog.entries.iter().map(|e| &e.card) {
            if card.prices.is_some() && self.models.iter().any(|m| m.provider == card.provider) {
                *wanted.entry(&card.provider).or_default() += 1;
            }
        }
        let wanted: usize = wanted.values().sum();
        let all = catalog.entries.iter().filter(|e| e.card.prices.is_some()).count();
        if known * 10 < all {
            return Some(format!("it has prices for {known} of {all} known models: fewer than a tenth"));
        }
        if known * 4 < wanted {
            return Some(format!(
                "it has prices for {known} of {wanted} known models of its providers: fewer than a quarter"
            ));
        }
        if let Some(previous) = previous {
            for (what, was, is) in
                [("models", previous.models.len(), self.models.len()), ("prices", previous.priced(), self.priced())]
            {
                if is * 3 < was * 2 {
                    return Some(format!("it has {is} {what}, and the list of {} has {was}", previous.as_of));
                }
            }
        }
        if absurd >= 3 && absurd * 20 > known {
            return Some(format!("{absurd} of {known} known prices moved by more than ten times"));
        }
        None
    }
}

/// What holding a list against what was known before says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Verdict {
    /// Known models whose price changed.
    pub changed: Vec<Changed>,
    /// Known models whose price moved by more than ten times: not believed.
    pub left_out: Vec<Changed>,
    /// Models nobody here knew.
    pub added: usize,
    /// Why the whole list is not believed.
    pub refused: Option<String>,
}

/// A price that is another than before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// `provider/id`.
    pub model: String,
    /// Before.
    pub before: Prices,
    /// After.
    pub after: Prices,
}

/// More than ten times as much or less than a tenth, or a price that is gone. Free is no price to compare with.
pub(super) fn jumped(before: Option<u64>, after: Option<u64>) -> bool {
    match (before, after) {
        (Some(before), Some(after)) if before > 0 => {
            after > before.saturating_mul(10) || after.saturating_mul(10) < before
        }
        (Some(before), None) => before > 0,
        _ => false,
    }
}

/// Nano-dollars per million tokens; nothing that is no price.
fn per_million(dollars: Option<f64>) -> Option<u64> {
    // A thousand dollars a token is no price.
    dollars.filter(|d| (0.0..=1e9).contains(d)).and_then(NanoUsd::from_dollars).map(|n| n.0)
}

/// Prices, unless input and output are both missing, or both zero for a model that nobody calls free: lists write zero
/// where they know nothing.
fn believed(id: &str, prices: Prices) -> Option<Prices> {
    match (prices.input, prices.output) {
        (None, None) => None,
        (Some(0) | None, Some(0) | None) if !id.ends_with(":free") => None,
        _ => Some(prices),
    }
}

/// Tiers by bound, ascending.
fn tiers(by_bound: BTreeMap<u64, Prices>) -> Vec<Tier> {
    by_bound.into_iter().map(|(above_input_tokens, prices)| Tier { above_input_tokens, prices }).collect()
}
