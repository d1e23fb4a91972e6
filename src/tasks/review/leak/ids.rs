//! The ids of secrets.

use std::collections::HashMap;

use sha2::{Digest, Sha256};

use crate::tasks::finding::identify;

/// Whoever accepts an id accepts this secret in this place, and no other. A key as vendors draw them is part of its id: it is
/// not to be guessed from so short a hash. What somebody made up could be, with all values tried, and no key of a machine helps
/// where a team shares its ids: of that the id knows the place alone.
#[derive(Debug, Default)]
pub(super) struct Ids(HashMap<[u8; 32], usize>);

impl Ids {
    /// The next id for these words; equal ones are told apart by their order.
    pub(super) fn next(&mut self, words: &[&str], symbol: &str) -> String {
        let anchor = words.join("\0");
        // Words may be long, and there may be many of them: what is kept of them is not.
        let digest = Sha256::new().chain_update(&anchor).chain_update("\0").chain_update(symbol).finalize();
        let nth = self.0.entry(digest.into()).or_default();
        *nth += 1;
        identify("secret", &anchor, symbol, *nth - 1)
    }
}
