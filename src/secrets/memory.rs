//! What was found in texts that were looked at before: an agent sends its whole history with every request.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::Arc;

use super::hit::Hit;

/// Texts remembered in each of two generations, and hits in them.
const TEXTS: usize = 32 * 1024;
const HITS: usize = 64 * 1024;

/// A random key, and with it a hash at ten gigabytes a second: products of secret sums (NH, as UMAC has it: two texts of
/// one length collide once in 2^64, whoever chose them) for each kibibyte, and SipHash over those.
struct Key {
    words: [u64; BLOCK / 8],
    last: RandomState,
}

const BLOCK: usize = 1024;

impl Default for Key {
    fn default() -> Self {
        let first = RandomState::new();
        Self { words: std::array::from_fn(|at| first.hash_one(at)), last: RandomState::new() }
    }
}

impl Key {
    fn hash(&self, kind: u8, text: &str) -> u64 {
        let mut last = self.last.build_hasher();
        last.write_u8(kind);
        last.write_usize(text.len());
        for block in text.as_bytes().chunks(BLOCK) {
            let (pairs, tail) = block.as_chunks::<16>();
            let sum = pairs.iter().zip(self.words.as_chunks::<2>().0).fold(0u128, |sum, (pair, [j, k])| {
                let [a, b] = pair.as_chunks::<8>().0 else { return sum };
                let sums = (u64::from_le_bytes(*a).wrapping_add(*j), u64::from_le_bytes(*b).wrapping_add(*k));
                sum.wrapping_add(u128::from(sums.0) * u128::from(sums.1))
            });
            last.write_u128(sum);
            last.write(tail);
        }
        last.finish()
    }
}

/// Verdicts by a keyed hash of the text. The texts themselves are not kept.
#[derive(Default)]
pub(super) struct Memory {
    hash: Key,
    /// What is used now, and what was used before; what is found there moves over.
    recent: HashMap<u64, Verdict>,
    older: HashMap<u64, Verdict>,
    hits: usize,
    /// How much the redactor had learned when this was found.
    age: usize,
}

#[derive(Clone)]
struct Verdict {
    length: usize,
    hits: Arc<[Hit]>,
}

impl Memory {
    /// Forgets everything when the redactor has learned since.
    pub(super) fn at(&mut self, age: usize) {
        if self.age != age {
            *self = Self { age, ..Self::default() };
        }
    }

    /// `kind` keeps apart what is looked at in different ways.
    pub(super) fn key(&self, kind: u8, text: &str) -> u64 {
        self.hash.hash(kind, text)
    }

    pub(super) fn get(&mut self, key: u64, text: &str) -> Option<Arc<[Hit]>> {
        let fits = |v: &&Verdict| v.length == text.len();
        if let Some(verdict) = self.recent.get(&key).filter(fits) {
            return Some(Arc::clone(&verdict.hits));
        }
        let verdict = self.older.get(&key).filter(fits).cloned()?;
        let hits = Arc::clone(&verdict.hits);
        self.insert(key, verdict);
        Some(hits)
    }

    pub(super) fn put(&mut self, key: u64, text: &str, hits: &Arc<[Hit]>) {
        self.insert(key, Verdict { length: text.len(), hits: Arc::clone(hits) });
    }

    fn insert(&mut self, key: u64, verdict: Verdict) {
        if self.recent.len() >= TEXTS || self.hits >= HITS {
            self.older = std::mem::take(&mut self.recent);
            self.hits = 0;
        }
        if verdict.hits.len() <= HITS {
            self.hits += verdict.hits.len();
            self.recent.insert(key, verdict);
        }
    }

    /// Texts it knows.
    pub(super) fn len(&self) -> usize {
        self.recent.len() + self.older.len()
    }
}
