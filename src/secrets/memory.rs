//! What was found in texts that were looked at before: an agent sends its whole history with every request.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use super::hit::Hit;

/// Texts remembered in each of two generations, and hits in them.
const TEXTS: usize = 32 * 1024;
const HITS: usize = 64 * 1024;

/// Verdicts by a keyed hash of the text. The texts themselves are not kept.
#[derive(Default)]
pub(super) struct Memory {
    hasher: RandomState,
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

    pub(super) fn key(&self, text: &str) -> u64 {
        self.hasher.hash_one(text)
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

    pub(super) fn put(&mut self, key: u64, text: &str, hits: Vec<Hit>) -> Arc<[Hit]> {
        let hits: Arc<[Hit]> = hits.into();
        self.insert(key, Verdict { length: text.len(), hits: Arc::clone(&hits) });
        hits
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
