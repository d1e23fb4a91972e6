//! Discussions that monster itself needs again: masked before they come here, sealed with this machine's key ([`Shelf`]).

use rusqlite::{Connection, OptionalExtension, params};

use super::{Shelf, Store, StoreError};

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
        let sealed = Shelf::open(folder).and_then(|shelf| shelf.seal(&place(&new.request_id), &new.clear));
        let Ok(sealed) = sealed else { return };
        let made = self.clock.millis();
        let until = made.saturating_add(i64::try_from(new.days).unwrap_or(i64::MAX).saturating_mul(DAY));
        let (id, gone) = (new.request_id, self.writer.gone());
        self.writer.later(move |c| {
            gone.tell(expire(c, made)?);
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
                let opened = Shelf::there(folder).ok().and_then(|shelf| shelf.unseal(&place(request), &sealed));
                opened.map_or(Voices::Broken, Voices::Clear)
            }
            (Some(_), None) => Voices::Broken,
        })
    }
}
