//! What monster itself needs again: masked before it comes here, sealed with a key of this machine that lies beside the
//! database and is none of the accounts', so that reading it asks nobody for a passphrase.

use std::path::Path;

use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use rusqlite::{Connection, OptionalExtension, params};
use zeroize::Zeroizing;

use super::{Store, StoreError};
use crate::world::{files, random};

/// The key's file in the state folder.
const KEY_FILE: &str = "kept.key";
/// A key has so many bytes.
const KEY: usize = 32;
/// A day (milliseconds).
const DAY: i64 = 86_400_000;

/// A discussion to keep.
pub struct NewVoices {
    /// The request that holds its calls.
    pub request_id: String,
    /// How long.
    pub days: u64,
    /// What was said, masked.
    pub clear: Vec<u8>,
}

/// What is kept of a discussion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Voices {
    /// Nothing, or nothing any more.
    None,
    /// This.
    Clear(Vec<u8>),
    /// Something that the key does not open: it was changed, moved, or the key is another.
    Broken,
}

/// Why nothing could be sealed or opened.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Unsealed;

/// The key, made when it is first needed.
fn key(folder: &Path, make: bool) -> Result<LessSafeKey, Unsealed> {
    let path = folder.join(KEY_FILE);
    let read = || files::read_private(&path, KEY as u64).map(Zeroizing::new);
    let bytes = match read() {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && make => {
            let new = Zeroizing::new(random::bytes::<KEY>().map_err(|_| Unsealed)?);
            // Another process may be first: its key is the one that counts.
            let _ = files::create_private(&path, new.as_slice());
            read().map_err(|_| Unsealed)?
        }
        bytes => bytes.map_err(|_| Unsealed)?,
    };
    UnboundKey::new(&CHACHA20_POLY1305, &bytes).map(LessSafeKey::new).map_err(|_| Unsealed)
}

/// Seals for this machine; `place` is what it can be opened for again.
fn seal(folder: &Path, place: &str, clear: &[u8]) -> Result<Vec<u8>, Unsealed> {
    let key = key(folder, true)?;
    let nonce: [u8; NONCE_LEN] = random::bytes().map_err(|_| Unsealed)?;
    let mut sealed = clear.to_vec();
    let place = Aad::from(place.as_bytes());
    key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), place, &mut sealed).map_err(|_| Unsealed)?;
    Ok([nonce.as_slice(), &sealed].concat())
}

/// Opens what [`seal`] made for the same place.
fn open(folder: &Path, place: &str, sealed: &[u8]) -> Result<Vec<u8>, Unsealed> {
    let (nonce, sealed) = sealed.split_first_chunk::<NONCE_LEN>().ok_or(Unsealed)?;
    let mut clear = sealed.to_vec();
    let place = Aad::from(place.as_bytes());
    let opened = key(folder, false)?.open_in_place(Nonce::assume_unique_for_key(*nonce), place, &mut clear);
    let length = opened.map_err(|_| Unsealed)?.len();
    clear.truncate(length);
    Ok(clear)
}

fn place(request: &str) -> String {
    format!("monster voices {request}")
}

/// Takes away what is past its time. How many.
pub(super) fn expire(c: &Connection, now_ms: i64) -> rusqlite::Result<usize> {
    c.prepare_cached("DELETE FROM voices WHERE kept_until_ms <= ?1")?.execute([now_ms])
}

impl Store {
    /// Seals and keeps a discussion in the background. A store in memory keeps nothing: it ends with the process.
    pub fn keep_voices(&self, new: NewVoices) {
        let Some(folder) = self.writer.folder() else { return };
        let Ok(sealed) = seal(folder, &place(&new.request_id), &new.clear) else { return };
        let made = self.clock.millis();
        let until = made.saturating_add(i64::try_from(new.days).unwrap_or(i64::MAX).saturating_mul(DAY));
        let id = new.request_id;
        self.writer.later(move |c| {
            expire(c, made)?;
            c.prepare_cached(
                "INSERT OR REPLACE INTO voices (request_id, made_ms, kept_until_ms, sealed)
                 SELECT ?1, ?2, ?3, ?4 WHERE EXISTS (SELECT 1 FROM request WHERE id = ?1)",
            )?
            .execute(params![id, made, until, sealed])
            .map(drop)
        });
    }

    /// What is kept of a discussion and not past its time.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn voices(&self, request: &str) -> Result<Voices, StoreError> {
        let (id, now) = (request.to_owned(), self.clock.millis());
        let sealed: Option<Vec<u8>> = self.writer.read(move |c| {
            c.query_row(
                "SELECT sealed FROM voices WHERE request_id = ?1 AND kept_until_ms > ?2",
                params![id, now],
                |r| r.get(0),
            )
            .optional()
        })?;
        Ok(match (sealed, self.writer.folder()) {
            (None, _) => Voices::None,
            (Some(sealed), Some(folder)) => {
                open(folder, &place(request), &sealed).map_or(Voices::Broken, Voices::Clear)
            }
            (Some(_), None) => Voices::Broken,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_for_one_place_opens_there_alone() {
        let dir = tempfile::tempdir().unwrap();
        let sealed = seal(dir.path(), "here", b"what was said").unwrap();
        assert!(!sealed.windows(8).any(|w| w == b"what was"));
        assert_eq!(open(dir.path(), "here", &sealed).unwrap(), b"what was said");
        assert_eq!(open(dir.path(), "there", &sealed), Err(Unsealed));
        let mut changed = sealed.clone();
        *changed.last_mut().unwrap() ^= 1;
        assert_eq!(open(dir.path(), "here", &changed), Err(Unsealed));
        assert_eq!(open(dir.path(), "here", &sealed[..4]), Err(Unsealed));
        let elsewhere = tempfile::tempdir().unwrap();
        assert_eq!(open(elsewhere.path(), "here", &sealed), Err(Unsealed), "another machine has another key");
        assert!(!elsewhere.path().join(KEY_FILE).exists(), "reading makes no key");
    }
}
