//! What providers list to the user's own accounts, as it is kept between two updates.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use super::Catalog;
use super::feed::jumped;
use crate::model::Listed;

/// What the kept file says it is.
const SCHEMA: &str = "monster.listings/1";

/// All listings, one for each account that was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listings {
    schema: String,
    /// Oldest first.
    pub accounts: Vec<Listing>,
}

/// What one account was told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listing {
    /// The user's name for the upstream.
    pub upstream: String,
    /// The account's name.
    pub account: String,
    /// Provider id.
    pub provider: String,
    /// Day it was asked, `YYYY-MM-DD`.
    pub as_of: String,
    /// Its models.
    pub models: Vec<Listed>,
}

/// A kept file of another version, or damaged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("it is no file of listings that this version keeps")]
pub struct ListingsError;

impl Default for Listings {
    fn default() -> Self {
        Self { schema: SCHEMA.to_owned(), accounts: Vec::new() }
    }
}

impl Listings {
    /// Reads a kept file.
    ///
    /// # Errors
    /// [`ListingsError`].
    pub fn parse(bytes: &[u8]) -> Result<Self, ListingsError> {
        let kept: Self = serde_json::from_slice(bytes).map_err(|_| ListingsError)?;
        let day = |l: &Listing| l.as_of.len() == 10 && l.as_of.parse::<jiff::civil::Date>().is_ok();
        if kept.schema == SCHEMA && kept.accounts.iter().all(day) { Ok(kept) } else { Err(ListingsError) }
    }

    /// As it is kept.
    #[must_use]
    pub fn text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// What is known of one account.
    #[must_use]
    pub fn of(&self, upstream: &str, account: &str) -> Option<&Listing> {
        self.accounts.iter().find(|l| l.upstream == upstream && l.account == account)
    }

    /// Puts a listing in the place of what the account was told before. The youngest lies above the others.
    pub fn put(&mut self, listing: Listing) {
        self.accounts.retain(|l| l.upstream != listing.upstream || l.account != listing.account);
        self.accounts.push(listing);
        self.accounts.sort_by(|a, b| match a.as_of.cmp(&b.as_of) {
            Ordering::Equal => (&a.upstream, &a.account).cmp(&(&b.upstream, &b.account)),
            other => other,
        });
    }
}

impl Listing {
    /// How many of its models have a price.
    #[must_use]
    pub fn priced(&self) -> usize {
        self.models.iter().filter(|m| m.prices.is_some()).count()
    }

    pub(super) fn source(&self) -> String {
        format!("{} lists it to {}", self.upstream, self.account)
    }

    /// Holds prices against known ones: those that moved by more than ten times are taken out, all of them where most
    /// did or where there is nothing to hold them against, because then they are in another unit. How many went.
    pub fn judge(&mut self, catalog: &Catalog) -> usize {
        let before = self.priced();
        let (mut held, mut absurd) = (0_usize, 0_usize);
        for listed in &mut self.models {
            let known = catalog.card(&self.provider, &listed.id).and_then(|card| card.prices);
            let (Some(old), Some(new)) = (known, listed.prices) else { continue };
            held += 1;
            if jumped(old.input, new.input) || jumped(old.output, new.output) {
                absurd += 1;
                listed.prices = None;
            }
        }
        let known = catalog.of(&self.provider).any(|card| card.prices.is_some());
        if absurd * 2 > held || (held == 0 && known) {
            self.models.iter_mut().for_each(|listed| listed.prices = None);
        }
        before - self.priced()
    }
}
