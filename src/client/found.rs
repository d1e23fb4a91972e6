//! What decisions share: cards, and the routes that a name led to before. A decision orders them anew; it does not make
//! them again.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::route::{Landscape, Route};
use crate::model::{Demand, ModelCard};

/// A model at an upstream.
#[derive(Debug)]
pub(super) struct Hit {
    /// Over each account, in the order of storing; one without an account where none is needed. Never empty.
    pub routes: Vec<Route>,
    /// The counter of the upstream's accounts.
    pub counter: String,
}

/// What a model's name leads to.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// The level in parentheses behind it.
    pub effort: Option<Demand>,
    /// Where it is served; empty = nowhere.
    pub hits: Vec<Hit>,
}

/// Cards and routes that were made before. They are made anew when something was connected, or taken away, since.
#[derive(Debug, Default)]
pub struct Cards(Mutex<Made>);

impl Clone for Cards {
    /// What is connected in a copy may become something else.
    fn clone(&self) -> Self {
        Self::default()
    }
}

/// More names, and more models of one upstream, are not remembered.
const MOST: usize = 1_024;

#[derive(Debug, Default)]
struct Made {
    /// What it was made from.
    stamp: u64,
    /// By upstream and model id.
    cards: HashMap<String, HashMap<String, Arc<ModelCard>>>,
    found: HashMap<String, Arc<Found>>,
}

impl Cards {
    fn made(&self) -> MutexGuard<'_, Made> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The card of that model, made when it is asked for first.
    pub(super) fn card(&self, upstream: &str, id: &str, make: impl FnOnce() -> ModelCard) -> Arc<ModelCard> {
        let mut made = self.made();
        if let Some(known) = made.cards.get(upstream).and_then(|cards| cards.get(id)) {
            return Arc::clone(known);
        }
        let card = Arc::new(make());
        let cards = made.cards.entry(upstream.to_owned()).or_default();
        if cards.len() >= MOST {
            cards.clear();
        }
        cards.insert(id.to_owned(), Arc::clone(&card));
        card
    }

    /// Begins a decision: what was made from anything else is forgotten.
    pub(super) fn begin(&self, land: &Landscape) {
        let stamp = stamp(land);
        let mut made = self.made();
        if made.stamp != stamp {
            *made = Made { stamp, ..Made::default() };
        }
    }

    /// What a name led to before.
    pub(super) fn found(&self, name: &str) -> Option<Arc<Found>> {
        self.made().found.get(name).cloned()
    }

    /// Keeps what a name leads to. Names of people and settings are few; those of a proxy's callers may be any.
    pub(super) fn keep(&self, name: &str, found: Found) -> Arc<Found> {
        let found = Arc::new(found);
        let mut made = self.made();
        if made.found.len() >= MOST {
            made.found.clear();
        }
        made.found.insert(name.to_owned(), Arc::clone(&found));
        found
    }
}

/// Names what routes are made from, by where it lies: what was made holds it, so that nothing else comes to lie there.
fn stamp(land: &Landscape) -> u64 {
    let upstreams = land.upstreams.iter().map(|u| Arc::as_ptr(u).addr());
    let credentials = land.credentials.iter().map(|c| Arc::as_ptr(c).addr());
    let sizes = [land.listed.len(), land.names.len(), land.keyed.len(), usize::from(land.locked.is_some())];
    let mix = |sum: u64, n: usize| (sum ^ n as u64).wrapping_mul(0x0100_0000_01b3).rotate_left(23);
    upstreams.chain(credentials).chain(sizes).fold(1, mix)
}
