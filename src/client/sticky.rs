//! Step: a conversation stays with the account that has its beginning cached. Only the account's own failure, or a
//! cool-down longer than the caller waits, ends that; through a shorter one another account helps out.

use sha2::{Digest, Sha256};

use super::error::{CallError, Tried};
use super::park::Patience;
use super::route::{Route, drained};
use crate::auth::Why;
use crate::model::{Kind, hex};
use crate::store::{Binding, Store};
use crate::world::Clock;

/// The name of a conversation made of what is said again in each of its calls: a hash, so that nothing of it is kept.
#[must_use]
pub fn conversation(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        // With its length, so that no two lists of parts are one text.
        hash.update(part.len().to_le_bytes());
        hash.update(part.as_bytes());
    }
    hash.finalize().get(..16).map(hex).unwrap_or_default()
}

/// That a binding is still used is not told again within this (milliseconds): it holds for an hour.
const LATELY: i64 = 60_000;

/// A conversation and what it is bound to.
pub(super) struct Thread {
    conversation: Option<String>,
    bound: Vec<Binding>,
}

impl Thread {
    /// What a conversation is bound to; nothing where there is none.
    pub(super) fn find(store: &Store, conversation: Option<&str>) -> Self {
        let conversation = conversation.map(|text| self::conversation(&[text]));
        let bound = conversation.as_deref().map(|name| store.bound(name).unwrap_or_default()).unwrap_or_default();
        Self { conversation, bound }
    }

    /// The routes with those in front, each in its group, that the conversation is bound to; without those that are
    /// drained, unless it is bound to them.
    ///
    /// # Errors
    /// `NoRoute` when all are drained.
    pub(super) fn lead(&self, routes: &[Route]) -> Result<Vec<Route>, CallError> {
        let mut out: Vec<Route> = Vec::with_capacity(routes.len());
        for group in routes.chunk_by(|a, b| a.rank.group == b.rank.group) {
            let place = self.bound.iter().find_map(|b| group.iter().position(|r| is(b, r) && free(r, group)));
            if let Some(place) = place {
                let mut first = group[place].clone();
                first.rank.why = Why::Bound;
                out.push(first);
            }
            let others = group.iter().enumerate().filter(|(n, r)| Some(*n) != place && !r.draining());
            out.extend(others.map(|(_, r)| r.clone()));
        }
        if out.is_empty() && !routes.is_empty() {
            let notes = routes.iter().filter(|r| r.draining()).map(drained).collect();
            return Err(CallError::NoRoute { notes });
        }
        Ok(out)
    }

    /// Keeps who served. `routes` are those of [`Self::lead`].
    pub(super) fn keep(
        &self,
        store: &Store,
        clock: &Clock,
        routes: &[Route],
        served: &Route,
        tried: &[Tried],
        patience: &Patience,
    ) {
        let Some(conversation) = &self.conversation else { return };
        let equals = || routes.iter().filter(|r| r.rank.group == served.rank.group);
        let old = self.bound.iter().find_map(|b| Some((b, equals().find(|r| is(b, r) && r.rank.why == Why::Bound)?)));
        let now_ms = clock.millis();
        let instead = match old {
            // It was told just now.
            Some((binding, _)) if is(binding, served) && now_ms.saturating_sub(binding.used_ms) < LATELY => return,
            Some((binding, _)) if is(binding, served) => None,
            // It comes back to the one that only rests.
            Some((_, route)) if !lost(route, tried) && !rests_long(route, store, clock, patience) => return,
            Some((binding, _)) => Some(binding.clone()),
            None => None,
        };
        let binding = Binding {
            conversation: conversation.clone(),
            upstream: served.upstream.name.clone(),
            model: served.card.id.clone(),
            account: served.account().to_owned(),
            used_ms: now_ms,
        };
        store.bind(binding, instead);
    }
}

fn is(binding: &Binding, route: &Route) -> bool {
    binding.upstream == route.upstream.name && binding.model == route.card.id && binding.account == route.account()
}

/// Nothing the user said stands before the binding, and its sign-in has not ended.
fn free(route: &Route, group: &[Route]) -> bool {
    let pinned = |r: &Route| r.rank.why == Why::Pinned && r.upstream.name == route.upstream.name;
    route.rank.why != Why::SignedOut && (pinned(route) || !group.iter().any(pinned))
}

/// Its key failed, or its money is gone.
fn lost(route: &Route, tried: &[Tried]) -> bool {
    tried.iter().any(|t| {
        t.account == route.account()
            && t.model == route.name()
            && matches!(t.failure.kind, Kind::Unauthorized | Kind::Forbidden | Kind::QuotaSpent)
    })
}

/// It cools down for longer than the caller waits.
fn rests_long(route: &Route, store: &Store, clock: &Clock, patience: &Patience) -> bool {
    let now_ms = clock.millis();
    let waits = i64::try_from(patience.left().as_millis()).unwrap_or(i64::MAX);
    let keys = route.shared_keys();
    let cools = store.cooling().unwrap_or_default();
    cools.iter().any(|c| keys.contains(&c.key) && c.until_ms.saturating_sub(now_ms) > waits)
}
