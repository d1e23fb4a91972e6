//! The limit on money where all calls of a command count together.

use std::sync::{Mutex, PoisonError};

use crate::model::NanoUsd;

/// What the calls of a command have spent, and what those that run hold back. The default counts nothing: each call has
/// the whole limit for itself.
#[derive(Debug, Default)]
pub struct Purse(Option<Mutex<u64>>);

/// What a call that runs may cost at most.
pub(super) struct Held<'p> {
    purse: &'p Purse,
    most: u64,
}

impl Purse {
    /// One that counts.
    #[must_use]
    pub fn together() -> Self {
        Self(Some(Mutex::default()))
    }

    /// What is left of a limit.
    pub(super) fn left(&self, limit: Option<NanoUsd>) -> Option<NanoUsd> {
        limit.map(|limit| NanoUsd(limit.0.saturating_sub(self.taken(|taken| *taken))))
    }

    /// Holds back what a call may cost, until it is over.
    pub(super) fn hold(&self, most: Option<NanoUsd>) -> Held<'_> {
        let most = most.unwrap_or_default().0;
        self.taken(|taken| *taken = taken.saturating_add(most));
        Held { purse: self, most }
    }

    /// An attempt cost this.
    pub(super) fn spend(&self, cost: NanoUsd) {
        self.taken(|taken| *taken = taken.saturating_add(cost.0));
    }

    fn taken<T: Default>(&self, then: impl FnOnce(&mut u64) -> T) -> T {
        self.0.as_ref().map_or_else(T::default, |taken| then(&mut taken.lock().unwrap_or_else(PoisonError::into_inner)))
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.purse.taken(|taken| *taken = taken.saturating_sub(self.most));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_runs_is_held_back_and_what_was_spent_is_gone() {
        let (limit, purse) = (Some(NanoUsd(100)), Purse::together());
        let first = purse.hold(Some(NanoUsd(60)));
        assert_eq!(purse.left(limit), Some(NanoUsd(40)));
        let second = purse.hold(Some(NanoUsd(60)));
        assert_eq!(purse.left(limit), Some(NanoUsd(0)));
        purse.spend(NanoUsd(10));
        drop(first);
        drop(second);
        assert_eq!(purse.left(limit), Some(NanoUsd(90)));
        assert_eq!(purse.left(None), None);
        let each = Purse::default();
        let _held = each.hold(Some(NanoUsd(60)));
        each.spend(NanoUsd(60));
        assert_eq!(each.left(limit), limit, "each call for itself");
    }
}
