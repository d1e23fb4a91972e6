//! What models can do and what they cost: data with dates, sources, makers and ranks; no code per model.
//!
//! The table is `models.json`, embedded and parsed at first use. Prices there are list prices in dollars
//! per million tokens; in memory they are integers.

mod maker;
mod near;
mod price;
mod role;
mod row;

use std::collections::HashMap;
use std::sync::OnceLock;

pub use maker::{UNKNOWN, maker_of, named_maker};
pub use price::price;
pub use role::Role;

use crate::model::ModelCard;
use crate::world::Clock;

const DATA: &str = include_str!("models.json");

/// Where a card's numbers come from and how old they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Provenance<'a> {
    /// The page or list the prices were read from.
    pub source: &'a str,
    /// Day of the snapshot, `YYYY-MM-DD`.
    pub as_of: &'a str,
    /// Day somebody compared the row with the provider's own page, `YYYY-MM-DD`.
    pub checked: Option<&'a str>,
}

#[derive(Debug)]
struct Entry {
    card: ModelCard,
    source: usize,
    as_of: &'static str,
    checked: Option<&'static str>,
}

/// The table of models.
#[derive(Debug, Default)]
pub struct Catalog {
    entries: Vec<Entry>,
    /// Provider id, then model id or alias, to the entry's place.
    by_name: HashMap<String, HashMap<String, usize>>,
    /// Places of a role's models, best first; in the order of [`Role::ALL`].
    roles: [Vec<usize>; 4],
    sources: Vec<&'static str>,
    as_of: &'static str,
    ranked: &'static str,
    basis: &'static str,
}

impl Catalog {
    /// The table this program was built with, with price changes applied that were announced for today or earlier.
    #[must_use]
    pub fn embedded() -> &'static Self {
        static CATALOG: OnceLock<Catalog> = OnceLock::new();
        CATALOG.get_or_init(|| {
            let today = Clock::system().now().strftime("%Y-%m-%d").to_string();
            // The data is part of this program and tested: should it ever not parse, models are merely unknown.
            row::parse(DATA, &today).unwrap_or_default()
        })
    }

    /// The card of a model at a provider, by id or alias.
    #[must_use]
    pub fn card(&self, provider: &str, model: &str) -> Option<&ModelCard> {
        let place = *self.by_name.get(provider)?.get(model)?;
        self.entries.get(place).map(|e| &e.card)
    }

    /// The cards of that id or alias at all providers, in the table's order.
    #[must_use]
    pub fn by_id(&self, model: &str) -> Vec<&ModelCard> {
        let mut places: Vec<usize> = self.by_name.values().filter_map(|names| names.get(model)).copied().collect();
        places.sort_unstable();
        places.into_iter().filter_map(|p| self.entries.get(p)).map(|e| &e.card).collect()
    }

    /// All cards of a provider.
    pub fn of(&self, provider: &str) -> impl Iterator<Item = &ModelCard> {
        self.all().filter(move |card| card.provider == provider)
    }

    /// Every card.
    pub fn all(&self) -> impl Iterator<Item = &ModelCard> {
        self.entries.iter().map(|e| &e.card)
    }

    /// The models for a role, best first.
    #[must_use]
    pub fn role(&self, role: Role) -> Vec<&ModelCard> {
        self.roles[role.place()].iter().filter_map(|p| self.entries.get(*p)).map(|e| &e.card).collect()
    }

    /// Ids near to a mistyped one, nearest first, each once.
    #[must_use]
    pub fn nearest(&self, name: &str) -> Vec<String> {
        near::nearest(name, self.all().flat_map(|c| std::iter::once(&c.id).chain(&c.aliases)).map(String::as_str))
    }

    /// The day the prices were collected, `YYYY-MM-DD`.
    #[must_use]
    pub const fn as_of(&self) -> &str {
        self.as_of
    }

    /// The day the roles were ranked, `YYYY-MM-DD`, and on what ground.
    #[must_use]
    pub const fn ranked(&self) -> (&str, &str) {
        (self.ranked, self.basis)
    }

    /// Where the numbers of a model come from.
    #[must_use]
    pub fn provenance(&self, provider: &str, model: &str) -> Option<Provenance<'_>> {
        let entry = self.entries.get(*self.by_name.get(provider)?.get(model)?)?;
        Some(Provenance {
            source: self.sources.get(entry.source).copied()?,
            as_of: entry.as_of,
            checked: entry.checked,
        })
    }
}

/// The first two cards that are certainly of different makers, in the order given. A card whose maker nobody
/// knows is no member: it could be of any family.
#[must_use]
pub fn different<'a>(cards: &[&'a ModelCard]) -> Option<(&'a ModelCard, &'a ModelCard)> {
    let mut known = cards.iter().copied().filter(|c| c.maker.0 != UNKNOWN);
    let first = known.next()?;
    known.find(|c| c.maker != first.maker).map(|second| (first, second))
}

#[cfg(test)]
mod tests;
