//! What the placeholders of one conversation stand for: in memory, for a day, wiped when it is gone.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::guard;
use super::hit::Hit;
use super::redactor::line_ends;
use crate::model::Secret;

/// What is kept at most; the longest unused goes first.
const ENTRIES: usize = 10_000;
/// How long it is kept after it was last sent or restored.
const LIFE: Duration = Duration::from_secs(24 * 60 * 60);
/// Hosts remembered for one secret.
const HOSTS: usize = 16;
/// A longer value is not given back: whole files are no secrets that a model has to repeat.
const VALUE: usize = 64 * 1024;

/// Placeholders and their secrets. One per conversation; filled only where restoring is on.
#[derive(Default)]
pub struct Vault {
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    entries: HashMap<String, Entry>,
    /// Placeholders by last use.
    uses: BTreeMap<u64, String>,
    clock: u64,
}

struct Entry {
    value: Secret,
    fill: String,
    hosts: BTreeSet<String>,
    used: u64,
    at: Duration,
    /// Two values had this word: neither is given back.
    clash: bool,
}

/// One secret, taken out to be put back.
pub(super) struct Kept {
    pub(super) value: Secret,
    /// The line ends that stand behind a masked block in its place.
    pub(super) fill: String,
    /// Hosts it was sent to in the user's own words.
    pub(super) hosts: BTreeSet<String>,
}

impl Vault {
    /// An empty one.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Keeps what was masked in `text`. `own` says that the user wrote it (a prompt, a system text): hosts that a secret
    /// stands beside there are where it belongs; what models and tools said proves nothing. `now` is the time since any
    /// fixed moment.
    pub fn keep(&self, text: &str, hits: &[Hit], own: bool, now: Duration) {
        let mut inner = self.lock();
        inner.expire(now);
        for hit in hits {
            let Some(value) = text.get(hit.start..hit.end).filter(|v| v.len() <= VALUE) else { continue };
            let hosts = if own { guard::beside(text, hit.start..hit.end) } else { BTreeSet::new() };
            let fill = line_ends(text, &(hit.start..hit.end));
            inner.put(&hit.placeholder, value, fill, hosts, now);
        }
    }

    /// How many secrets it holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lock().entries.len()
    }

    /// It holds none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What this placeholder stands for.
    pub(super) fn take(&self, placeholder: &str, now: Duration) -> Option<Kept> {
        let mut inner = self.lock();
        inner.expire(now);
        inner.touch(placeholder, now);
        let entry = inner.entries.get(placeholder).filter(|e| !e.clash)?;
        Some(Kept { value: entry.value.clone(), fill: entry.fill.clone(), hosts: entry.hosts.clone() })
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn put(&mut self, placeholder: &str, value: &str, fill: String, hosts: BTreeSet<String>, now: Duration) {
        self.touch(placeholder, now);
        if let Some(entry) = self.entries.get_mut(placeholder) {
            entry.clash |= entry.value.expose() != value;
            entry.fill = fill;
            entry.hosts.extend(hosts);
            while entry.hosts.len() > HOSTS {
                entry.hosts.pop_last();
            }
            return;
        }
        while self.entries.len() >= ENTRIES {
            let Some((_, oldest)) = self.uses.pop_first() else { break };
            self.entries.remove(&oldest);
        }
        self.clock += 1;
        self.uses.insert(self.clock, placeholder.to_owned());
        let hosts = hosts.into_iter().take(HOSTS).collect();
        let value = Secret::new(value.to_owned());
        self.entries
            .insert(placeholder.to_owned(), Entry { value, fill, hosts, used: self.clock, at: now, clash: false });
    }

    fn touch(&mut self, placeholder: &str, now: Duration) {
        let Some(entry) = self.entries.get_mut(placeholder) else { return };
        self.uses.remove(&entry.used);
        self.clock += 1;
        // A restorer counts from its beginning, and another one may have used it since.
        (entry.used, entry.at) = (self.clock, entry.at.max(now));
        self.uses.insert(self.clock, placeholder.to_owned());
    }

    fn expire(&mut self, now: Duration) {
        while let Some((used, oldest)) = self.uses.first_key_value() {
            if self.entries.get(oldest).is_some_and(|e| now.saturating_sub(e.at) <= LIFE) {
                return;
            }
            let used = *used;
            if let Some(oldest) = self.uses.remove(&used) {
                self.entries.remove(&oldest);
            }
        }
    }
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Vault").field("entries", &self.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hit(at: usize, value: &str, placeholder: &str) -> Hit {
        Hit {
            start: at,
            end: at + value.len(),
            kind: "password",
            rule: "assignment",
            confidence: 0.8,
            checksum: false,
            placeholder: placeholder.to_owned(),
            label: None,
            mode: crate::secrets::Mode::Redact,
            fingerprint: [0; 16],
        }
    }

    fn keep(vault: &Vault, value: &str, placeholder: &str, now: Duration) {
        vault.keep(value, &[hit(0, value, placeholder)], true, now);
    }

    const HOUR: Duration = Duration::from_secs(3600);

    #[test]
    fn a_secret_lives_for_a_day_after_its_last_use() {
        let vault = Vault::new();
        keep(&vault, "hunter-two", "MSEC_a", Duration::ZERO);
        assert!(vault.take("MSEC_a", HOUR * 23).is_some());
        assert!(vault.take("MSEC_a", HOUR * 46).is_some());
        assert!(vault.take("MSEC_a", HOUR * 71).is_none());
        assert!(vault.is_empty());
    }

    #[test]
    fn an_answer_that_began_long_ago_makes_nothing_older() {
        let vault = Vault::new();
        keep(&vault, "hunter-two", "MSEC_a", HOUR * 20);
        assert!(vault.take("MSEC_a", Duration::ZERO).is_some());
        assert!(vault.take("MSEC_a", HOUR * 40).is_some());
    }

    #[test]
    fn the_longest_unused_makes_room() {
        let vault = Vault::new();
        for n in 0..ENTRIES {
            keep(&vault, &format!("value-{n}"), &format!("MSEC_{n}"), Duration::ZERO);
        }
        assert!(vault.take("MSEC_0", Duration::ZERO).is_some());
        keep(&vault, "one-more", "MSEC_more", Duration::ZERO);
        assert_eq!(vault.len(), ENTRIES);
        let there = |word: &str| vault.take(word, Duration::ZERO).is_some();
        assert!(there("MSEC_0") && !there("MSEC_1") && there("MSEC_2") && there("MSEC_more"));
    }

    #[test]
    fn a_word_that_two_values_have_is_given_back_for_neither() {
        let vault = Vault::new();
        keep(&vault, "one", "MSEC_a", Duration::ZERO);
        keep(&vault, "two", "MSEC_a", Duration::ZERO);
        keep(&vault, "one", "MSEC_a", Duration::ZERO);
        assert!(vault.take("MSEC_a", Duration::ZERO).is_none());
    }

    #[test]
    fn nothing_that_can_be_printed_shows_a_secret() {
        let vault = Vault::new();
        keep(&vault, "hunter-two", "MSEC_a", Duration::ZERO);
        assert_eq!(format!("{vault:?}"), "Vault { entries: 1, .. }");
    }
}
