//! Lists that lie above the embedded one: a newer list that was fetched, what providers list themselves, then the
//! user's own rows.

use super::feed::{Feed, Line};
use super::listed::Listings;
use super::overlay::{Overlay, Own};
use super::row::unpriced;
use super::{Catalog, Entry, maker_of, pin};
use crate::model::{Dated, Maker, ModelCard, Prices};

/// Which list a row stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Layer {
    /// The table this program was built with.
    #[default]
    Embedded,
    /// A list that `monster models update` fetched.
    Fetched,
    /// What a provider listed to one of the user's accounts.
    Listed,
    /// The user's own file.
    Overlay,
}

impl Layer {
    /// One word.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Embedded => "embedded",
            Self::Fetched => "fetched",
            Self::Listed => "listed",
            Self::Overlay => "overlay",
        }
    }
}

/// Where a line comes from.
struct Told<'a> {
    source: String,
    as_of: &'a str,
    layer: Layer,
}

impl Catalog {
    /// This table with a fetched list above it: of a model in both, the younger row's window and prices hold.
    #[must_use]
    pub fn with_feed(mut self, feed: &Feed) -> Self {
        let told = Told { source: feed.source(), as_of: &feed.as_of, layer: Layer::Fetched };
        for line in &feed.models {
            self.take(line, &told);
        }
        self
    }

    /// This table with what providers listed above it: of a model in both, the younger row's window and prices hold,
    /// and abilities unless this program is younger. A price that differs only by what is not said stays.
    #[must_use]
    pub fn with_listings(mut self, listings: &Listings) -> Self {
        let built = self.as_of;
        for listing in &listings.accounts {
            let told = Told { source: listing.source(), as_of: &listing.as_of, layer: Layer::Listed };
            for listed in &listing.models {
                let line = Line {
                    provider: listing.provider.clone(),
                    id: listed.id.clone(),
                    context: listed.context,
                    max_output: listed.max_output,
                    prices: listed.prices,
                    tiers: Vec::new(),
                    services: Vec::new(),
                };
                self.take(&line, &told);
                let place = self.by_name.get(&line.provider).and_then(|names| names.get(&line.id)).copied();
                let entry = place.and_then(|p| self.entries.get_mut(p)).filter(|_| *listing.as_of >= *built);
                // What is said of another name may be about a later or an earlier model.
                if let Some(entry) = entry.filter(|entry| entry.card.id == line.id) {
                    listed.describe(&mut entry.card);
                }
            }
        }
        self
    }

    /// This table with the user's own rows above it.
    #[must_use]
    pub fn with_overlay(mut self, overlay: &Overlay) -> Self {
        for own in &overlay.models {
            self.own(own, overlay);
        }
        self
    }

    fn take(&mut self, line: &Line, told: &Told<'_>) {
        let place = self.by_name.get(&line.provider).and_then(|names| names.get(&line.id)).copied();
        let Some(entry) = place.and_then(|p| self.entries.get_mut(p)) else {
            // A dated name of a model that is known and costs the same is nothing new.
            let base = pin::unpinned(&line.id).and_then(|name| self.card(&line.provider, name));
            if base.is_none_or(|card| differs(line, card)) {
                let card = base.map_or_else(|| unknown(&line.provider, &line.id), |card| named(card, &line.id));
                self.add(set(card, line), told.source.clone(), told.as_of, told.layer);
            }
            return;
        };
        if *told.as_of < *entry.as_of {
            return;
        }
        if entry.card.id != line.id {
            // An alias that has a row of its own there; the same price says nothing new.
            if differs(line, &entry.card) {
                let card = set(named(&entry.card, &line.id), line);
                entry.card.aliases.retain(|alias| *alias != line.id);
                self.add(card, told.source.clone(), told.as_of, told.layer);
            }
            return;
        }
        if line.context.is_some() {
            entry.card.context = line.context;
            entry.window = Some(Box::new((told.layer, told.source.clone(), told.as_of.to_owned())));
        }
        entry.card.max_output = line.max_output.or(entry.card.max_output);
        // A provider's own listing that says the same says nothing of hours, tiers and announced changes.
        if told.layer == Layer::Listed && line.prices.is_some() && !differs(line, &entry.card) {
            (entry.source, entry.as_of) = (told.source.clone().into(), told.as_of.to_owned().into());
            entry.layer = Layer::Listed;
        } else if line.prices.is_some() {
            adopt(&mut entry.card, line, told.as_of);
            (entry.source, entry.as_of) = (told.source.clone().into(), told.as_of.to_owned().into());
            (entry.checked, entry.layer) = (None, told.layer);
        }
    }

    fn own(&mut self, own: &Own, overlay: &Overlay) {
        let names = self.by_name.get(&own.provider);
        let place = names.and_then(|n| n.get(&own.id)).copied();
        let place = match place.and_then(|p| Some((p, self.entries.get_mut(p)?))) {
            Some((place, entry)) if entry.card.id == own.id => place,
            // What was an alias has a row of its own now, with the same abilities.
            Some((_, entry)) => {
                let card = named(&entry.card, &own.id);
                entry.card.aliases.retain(|alias| *alias != own.id);
                self.add(card, String::new(), "", Layer::Overlay)
            }
            None => {
                let base = self.card(&own.provider, &own.id);
                let card = base.map_or_else(|| unknown(&own.provider, &own.id), |card| named(card, &own.id));
                self.add(card, String::new(), "", Layer::Overlay)
            }
        };
        let Some(entry) = self.entries.get_mut(place) else { return };
        let card = &mut entry.card;
        if own.context.is_some() {
            card.context = own.context;
            let source = format!("your overlay {}", overlay.name);
            entry.window = Some(Box::new((Layer::Overlay, source, own.as_of.clone())));
        }
        card.max_output = own.max_output.or(card.max_output);
        if let Some(maker) = &own.maker {
            card.maker = Maker(maker.clone());
        }
        for alias in &own.aliases {
            if !card.aliases.contains(alias) {
                card.aliases.push(alias.clone());
            }
        }
        if let Some(prices) = own.prices {
            // What is said here is the whole truth about its price.
            (card.prices, card.dated, card.off_peak) = (Some(prices), Vec::new(), None);
            (card.tiers, card.services) = (own.tiers.clone(), own.services.clone());
        }
        entry.source = format!("your overlay {}", overlay.name).into();
        entry.as_of = own.as_of.clone().into();
        (entry.checked, entry.layer) = (None, Layer::Overlay);
        for alias in &own.aliases {
            self.by_name.entry(own.provider.clone()).or_default().insert(alias.clone(), place);
        }
    }

    /// A new row; a name that was another's alias is now its own.
    fn add(&mut self, card: ModelCard, source: String, as_of: &str, layer: Layer) -> usize {
        let place = self.entries.len();
        self.by_name.entry(card.provider.clone()).or_default().insert(card.id.clone(), place);
        let (source, as_of) = (source.into(), as_of.to_owned().into());
        self.entries.push(Entry { card, source, as_of, checked: None, layer, window: None });
        place
    }
}

fn unknown(provider: &str, id: &str) -> ModelCard {
    ModelCard::unknown(provider, id, maker_of(provider, id), Vec::new())
}

/// Whether a line has a price that is another than the card's; what it does not say is no difference.
fn differs(line: &Line, card: &ModelCard) -> bool {
    line.prices.is_some_and(|new| {
        let old = card.prices.unwrap_or_default();
        (new.input, new.output) != (old.input, old.output) || filled(new, old) != old
    })
}

/// The same model under a name of its own.
fn named(card: &ModelCard, id: &str) -> ModelCard {
    ModelCard { id: id.to_owned(), aliases: Vec::new(), ..card.clone() }
}

/// Window and prices of a row that nothing was known of before.
fn set(mut card: ModelCard, line: &Line) -> ModelCard {
    card.context = line.context.or(card.context);
    card.max_output = line.max_output.or(card.max_output);
    (card.prices, card.tiers, card.services) = (line.prices, line.tiers.clone(), line.services.clone());
    (card.dated, card.off_peak) = (Vec::new(), None);
    card
}

/// Takes a younger price. What the other list does not say stays only while the price that both say is the same.
fn adopt(card: &mut ModelCard, line: &Line, as_of: &str) {
    let Some(new) = line.prices else { return };
    let old = card.prices.unwrap_or_default();
    let same = (old.input, old.output) == (new.input, new.output);
    card.prices = Some(if same { filled(new, old) } else { new });
    if !line.tiers.is_empty() {
        card.tiers.clone_from(&line.tiers);
    } else if !same {
        card.tiers = unpriced(&card.tiers);
    }
    if !line.services.is_empty() || !same {
        card.services.clone_from(&line.services);
    }
    if !same {
        card.off_peak = None;
    }
    // What was announced for a later day than that of the list is still to come.
    card.dated.retain(|d| *d.from > *as_of);
    if !card.dated.is_empty() {
        let now = Dated { from: String::new(), prices: card.prices, tiers: card.tiers.clone() };
        card.dated.insert(0, now);
    }
}

fn filled(new: Prices, old: Prices) -> Prices {
    Prices {
        input: new.input,
        output: new.output,
        cache_read: new.cache_read.or(old.cache_read),
        cache_write: new.cache_write.or(old.cache_write),
        cache_write_long: new.cache_write_long.or(old.cache_write_long),
    }
}
