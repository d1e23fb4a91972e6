//! What is allowed although it was found: by the user for a value, by a repository for a value in a place, by a mark on
//! the line. Nothing that a repository says covers a token whose own check holds, or a value that is known to be secret.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use globset::GlobMatcher;
use hmac::digest::KeyInit;
use hmac::{Hmac, Mac};
use sha2::Sha256;

/// What a line says that may hold what was found on it.
pub const MARK: &str = "monster:allow";
/// How far from a finding the mark may stand on its line (bytes): a file of one line is no line.
const NEAR: usize = 1024;
/// Most values that are stretched in one run for a repository's list, where somebody only wants to send something: each
/// takes its time, and the list is not ours.
const SENT: usize = 20;
/// As many where somebody asked to look through files: there entries count for their own paths alone.
const REPORTED: usize = 200;

/// Who allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// The user, for the value wherever it stands.
    User,
    /// The repository's list.
    Repository,
    /// A mark on the line.
    Line,
}

/// Makes fingerprints that say nothing about a value to whoever does not have the key: a plain hash of a weak password
/// could be guessed.
#[derive(Clone)]
pub struct Key([u8; 64]);

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key")
    }
}

impl Default for Key {
    /// Fingerprints that compare with nothing: for redactors whose findings nobody keeps.
    fn default() -> Self {
        Self([0; 64])
    }
}

impl Key {
    /// A key of 32 random bytes.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        // HMAC pads short keys with zeros to its block of 64 bytes; done here, it cannot fail.
        let mut key = [0; 64];
        for (to, from) in key.iter_mut().zip(bytes) {
            *to = from;
        }
        Self(key)
    }

    /// Of a value, 16 bytes.
    #[must_use]
    pub fn fingerprint(&self, value: &str) -> [u8; 16] {
        let mut mac = <Hmac<Sha256> as KeyInit>::new((&self.0).into());
        mac.update(b"monster redact fingerprint 1\0");
        mac.update(value.as_bytes());
        let whole: [u8; 32] = mac.finalize().into_bytes().into();
        let mut out = [0; 16];
        for (to, from) in out.iter_mut().zip(whole) {
            *to = from;
        }
        out
    }
}

/// The hash that a repository's list holds of a value: salted, and slow enough that a password is not found by trying.
///
/// `None` only when the salt is longer than any hash takes.
#[must_use]
pub fn stretch(salt: &[u8], value: &str) -> Option<[u8; 32]> {
    let params = scrypt::Params::new(14, 8, 1, 32).ok()?;
    let mut out = [0; 32];
    scrypt::scrypt(value.as_bytes(), salt, &params, &mut out).ok()?;
    Some(out)
}

/// A line of a repository's list. All three must fit: whoever writes it must know the value and say where it stands.
#[derive(Debug)]
pub struct Entry {
    /// The rule that finds it.
    pub rule: String,
    /// Where it stands.
    pub path: GlobMatcher,
    /// [`stretch`] of it.
    pub hash: [u8; 32],
}

/// A repository's list.
#[derive(Debug, Default)]
pub struct Listed {
    /// The file's own.
    pub salt: Vec<u8>,
    /// Its lines, without those past their time.
    pub entries: Vec<Entry>,
    /// What was stretched already, by the value's fingerprint.
    done: Mutex<HashMap<[u8; 16], Option<[u8; 32]>>>,
    /// Values were left out because there were too many.
    full: Arc<AtomicBool>,
    /// What of it was let through in what is sent, and not yet told: what each value is, by its fingerprint.
    through: Mutex<BTreeMap<[u8; 16], &'static str>>,
}

impl Listed {
    /// A list.
    #[must_use]
    pub fn new(salt: Vec<u8>, entries: Vec<Entry>) -> Self {
        Self { salt, entries, ..Self::default() }
    }

    /// Remembers that a value is let through in what is sent.
    pub(super) fn pass(&self, fingerprint: [u8; 16], kind: &'static str) {
        self.through.lock().unwrap_or_else(PoisonError::into_inner).insert(fingerprint, kind);
    }

    /// What was let through in what is sent since this was last asked: the kind of each value, once.
    #[must_use]
    pub fn passed(&self) -> Vec<&'static str> {
        let mut through = self.through.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *through).into_values().collect()
    }

    /// Turns true when so many values had to be compared with the list that more of them are not.
    #[must_use]
    pub fn full(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.full)
    }

    fn allows(&self, key: &Key, asked: &Asked<'_>) -> bool {
        let (rule, path, value) = (asked.rule, asked.path, asked.value);
        // In a request nothing says which file a text came from: there rule and value decide.
        let fits = |e: &&Entry| e.rule == rule && path.is_none_or(|path| e.path.is_match(path));
        if !self.entries.iter().any(|e| fits(&e)) {
            return false;
        }
        let mut done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
        let most = if path.is_some() { REPORTED } else { SENT };
        let print = key.fingerprint(value);
        if !done.contains_key(&print) && done.len() >= most {
            self.full.store(true, Ordering::Relaxed);
            return false;
        }
        let hash = *done.entry(print).or_insert_with(|| stretch(&self.salt, value));
        hash.is_some_and(|hash| self.entries.iter().filter(fits).any(|e| e.hash == hash))
    }
}

/// What is allowed.
#[derive(Debug, Default)]
pub struct Allow {
    /// Makes fingerprints.
    pub key: Key,
    /// Fingerprints of the user's values, without those past their time.
    pub user: BTreeSet<[u8; 16]>,
    /// The repository's list.
    pub listed: Listed,
}

/// What is asked about.
pub(super) struct Asked<'a> {
    pub(super) rule: &'a str,
    pub(super) value: &'a str,
    /// A check inside it holds, or it is known.
    pub(super) certain: bool,
    pub(super) path: Option<&'a str>,
    /// The line round it, where a mark may stand; empty where marks do not count.
    pub(super) line: &'a str,
}

impl Allow {
    /// Nothing is allowed, whatever a text says.
    pub(super) fn is_empty(&self) -> bool {
        self.user.is_empty() && self.listed.entries.is_empty()
    }

    pub(super) fn by(&self, asked: &Asked<'_>) -> Option<By> {
        if !self.user.is_empty() && self.user.contains(&self.key.fingerprint(asked.value)) {
            return Some(By::User);
        }
        if asked.certain {
            return None;
        }
        if asked.line.contains(MARK) {
            return Some(By::Line);
        }
        self.listed.allows(&self.key, asked).then_some(By::Repository)
    }
}

/// What stands on the lines of `start..end` in `text`, near it. A line ends also where JSON and strings write `\n`.
pub(super) fn line(text: &str, start: usize, end: usize) -> &str {
    let floor = |at: usize| text.floor_char_boundary(at.min(text.len()));
    let (from, to) = (floor(start.saturating_sub(NEAR)), floor(end.saturating_add(NEAR)));
    let before = text.get(from..start).unwrap_or_default();
    let begin = [before.rfind('\n').map(|p| p + 1), before.rfind("\\n").map(|p| p + 2)].into_iter().flatten().max();
    let after = text.get(end..to).unwrap_or_default();
    let stop = [after.find('\n'), after.find("\\n")].into_iter().flatten().min();
    text.get(from + begin.unwrap_or(0)..end + stop.unwrap_or(after.len())).unwrap_or_default()
}
