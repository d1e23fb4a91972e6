//! What models can do and what they cost: data with dates, sources, makers and ranks; no code per model.
//!
//! The table is `models.json`, embedded and parsed at first use; it is made from `data/` (tests/generated.rs). Prices
//! there are list prices in dollars per million tokens; in memory they are integers. A newer list that was fetched
//! (`feed`) and the user's own rows (`overlay`) lie above it, in this order.

mod feed;
mod layer;
mod listed;
mod maker;
mod near;
mod overlay;
mod pin;
mod price;
mod role;
mod row;
mod size;
mod vectors;

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::OnceLock;

pub use feed::{Changed, Feed, FeedError, Format, Line, Verdict, read as read_feed};
pub use layer::Layer;
pub use listed::{Listing, Listings, ListingsError};
pub use maker::{UNKNOWN, maker_of, named_maker};
pub use near::nearest;
pub use overlay::{Overlay, OverlayError};
pub use price::{When, most, price};
pub use role::Role;
pub use size::{few, narrow, small};
pub use vectors::{vectors, vectors_of};

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
    /// Which list it stands in.
    pub layer: Layer,
}

#[derive(Debug, Clone)]
struct Entry {
    card: ModelCard,
    source: Cow<'static, str>,
    as_of: Cow<'static, str>,
    checked: Option<&'static str>,
    layer: Layer,
    /// Which list its window stands in, where that comes from and of which day; `None` = the row's own.
    window: Option<Box<(Layer, String, String)>>,
}

/// The table of models.
#[derive(Debug, Default, Clone)]
pub struct Catalog {
    entries: Vec<Entry>,
    /// Provider id, then model id or alias, to the entry's place.
    by_name: HashMap<String, HashMap<String, usize>>,
    /// Places of a role's models, best first; in the order of [`Role::ALL`].
    roles: [Vec<usize>; 4],
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

    /// The card of a model at a provider: by its id, else by a documented alias, else by the name without the date it
    /// is pinned to. Never by a part of a name.
    #[must_use]
    pub fn card(&self, provider: &str, model: &str) -> Option<&ModelCard> {
        self.entry(provider, model).map(|e| &e.card)
    }

    /// The same to send: a name that pins a date is asked for as it was written, whatever card describes it.
    #[must_use]
    pub fn card_to_send(&self, provider: &str, model: &str) -> Option<ModelCard> {
        let mut card = self.card(provider, model)?.clone();
        if pin::unpinned(model).is_some() {
            model.clone_into(&mut card.id);
        }
        Some(card)
    }

    fn entry(&self, provider: &str, model: &str) -> Option<&Entry> {
        let names = self.by_name.get(provider)?;
        let place = names.get(model).or_else(|| names.get(pin::unpinned(model)?))?;
        self.entries.get(*place)
    }

    /// Whether a role ranks a model of this provider.
    #[must_use]
    pub fn ranks(&self, provider: &str) -> bool {
        self.roles.iter().flatten().filter_map(|p| self.entries.get(*p)).any(|e| e.card.provider == provider)
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
        nearest(name, self.all().flat_map(|c| std::iter::once(&c.id).chain(&c.aliases)).map(String::as_str))
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
        let entry = self.entry(provider, model)?;
        Some(Provenance { source: &entry.source, as_of: &entry.as_of, checked: entry.checked, layer: entry.layer })
    }

    /// Where the window of a model comes from.
    #[must_use]
    pub fn window(&self, provider: &str, model: &str) -> Option<Provenance<'_>> {
        let entry = self.entry(provider, model).filter(|entry| entry.card.context.is_some())?;
        Some(match entry.window.as_deref() {
            Some((layer, source, as_of)) => Provenance { source, as_of, checked: None, layer: *layer },
            None => self.provenance(provider, model)?,
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
