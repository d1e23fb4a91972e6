//! One client's conversation: its placeholders, what was looked at already, and what may be given back.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::body::{self, Masked};
use super::hit::Hit;
use super::known::KNOWN_MIN;
use super::memory::Memory;
use super::mode::Mode;
use super::redactor::Redactor;
use super::refused::BodyError;
use super::restore::Restorer;
use super::sink::{Channel, Restore};
use super::vault::Vault;

/// What `serve` keeps for a conversation. The same secret has the same placeholder in all of its requests, and what was
/// sent before costs no second look.
pub struct Conversation {
    redactor: Arc<Redactor>,
    restore: Restore,
    vault: Option<Arc<Vault>>,
    memory: Mutex<Memory>,
    looked: AtomicU64,
}

impl Conversation {
    /// A new one. Secrets are kept only where `restore` may give them back.
    #[must_use]
    pub fn new(redactor: Arc<Redactor>, restore: Restore) -> Self {
        let vault = (restore != Restore::Off).then(|| Arc::new(Vault::new()));
        Self { redactor, restore, vault, memory: Mutex::default(), looked: AtomicU64::new(0) }
    }

    /// Masks the body of a request in any of the five dialects: every byte outside of what was found stays as it was.
    /// `now` is the time since any fixed moment.
    ///
    /// # Errors
    /// [`BodyError`] when the body cannot be read, or holds a secret where nothing may be changed: it must not be sent.
    pub fn body<'a>(&self, body: &'a [u8], now: Duration) -> Result<Masked<'a>, BodyError> {
        if self.redactor.idle() {
            let text = std::str::from_utf8(body).map_err(|e| BodyError::Encoding(e.valid_up_to()))?;
            return Ok(Masked { body: text.into(), hits: Vec::new(), members: None });
        }
        body::mask(self, body, now)
    }

    /// Restores one channel of an answer, where the mode allows it.
    #[must_use]
    pub fn restorer(&self, channel: Channel<'_>, now: Duration) -> Option<Restorer> {
        self.restore.restorer(channel, self.vault.as_ref()?, now)
    }

    /// Remembers what was masked in a text that came in, where it may be given back. `own` says that the user wrote it
    /// ([`Vault::keep`]).
    pub fn keep(&self, text: &str, hits: &[Hit], own: bool, now: Duration) {
        let Some(vault) = &self.vault else { return };
        // What holds an escape may be a part of JSON, and the secret is without.
        let plain = |hit: &&Hit| {
            hit.mode == Mode::Redact && text.get(hit.start..hit.end).is_some_and(|value| !value.contains('\\'))
        };
        let hits: Vec<Hit> = hits.iter().filter(plain).cloned().collect();
        if !hits.is_empty() {
            vault.keep(text, &hits, own, now);
        }
    }

    /// What finds its secrets.
    #[must_use]
    pub fn redactor(&self) -> &Redactor {
        &self.redactor
    }

    /// Bytes that were searched so far; what was sent again is not among them.
    #[must_use]
    pub fn looked(&self) -> u64 {
        self.looked.load(Ordering::Relaxed)
    }

    /// What it can give back.
    pub(super) fn vault(&self) -> Option<&Vault> {
        self.vault.as_deref()
    }

    /// Grows with what its redactor learns: taken before a look, it says whether the verdict still holds after it.
    pub(super) fn age(&self) -> usize {
        self.redactor.age()
    }

    /// What is in this text, looked up or looked for.
    pub(super) fn look(&self, text: &str) -> Arc<[Hit]> {
        if text.len() < KNOWN_MIN {
            return Arc::from([]);
        }
        if let Some(hits) = self.recall(0, text) {
            return hits;
        }
        let age = self.age();
        self.looked.fetch_add(u64::try_from(text.len()).unwrap_or(u64::MAX), Ordering::Relaxed);
        let hits: Arc<[Hit]> = self.redactor.found(text).into();
        self.store(age, 0, text, &hits);
        hits
    }

    /// Nothing was found in this piece of a body when it was looked at in this way; it need not even be decoded.
    pub(super) fn clean(&self, way: u8, raw: &str) -> bool {
        self.recall(way, raw).is_some()
    }

    /// Remembers that nothing was found in it when it was looked at from this [age](Self::age) on.
    pub(super) fn cleared(&self, age: usize, way: u8, raw: &str) {
        self.store(age, way, raw, &Arc::from([]));
    }

    fn recall(&self, way: u8, text: &str) -> Option<Arc<[Hit]>> {
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        memory.at(self.age());
        let key = memory.key(way, text);
        memory.get(key, text)
    }

    /// Keeps a verdict, unless something was learned since `age`: what was looked at then may hold it.
    fn store(&self, age: usize, way: u8, text: &str, hits: &Arc<[Hit]>) {
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.age();
        memory.at(now);
        if now == age {
            let key = memory.key(way, text);
            memory.put(key, text, hits);
        }
    }
}

impl std::fmt::Debug for Conversation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let texts = self.memory.lock().unwrap_or_else(PoisonError::into_inner).len();
        f.debug_struct("Conversation").field("restore", &self.restore).field("texts", &texts).finish_non_exhaustive()
    }
}
