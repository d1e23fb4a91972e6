//! Answers that commands need again: sealed before they come here, under names that say nothing.

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension, params};

use super::limit::AHEAD;
use super::{Store, StoreError};

/// How long one is kept: 30 days (milliseconds).
const KEPT: i64 = 30 * 86_400_000;

/// An answer to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCache {
    /// Its name; what lay there goes.
    pub name: String,
    /// The calls that gave it: it goes with the content of any of them.
    pub calls: BTreeSet<String>,
    /// As it will lie there.
    pub sealed: Vec<u8>,
}

/// A kept answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CacheRow {
    /// Milliseconds since 1970.
    pub made_ms: i64,
    /// The calls that gave it.
    pub calls: BTreeSet<String>,
    /// As it lies there.
    pub sealed: Vec<u8>,
}

/// Takes away what is past its time, and what a clock that was set back made far in the future.
pub(super) fn expire(c: &Connection, now_ms: i64) -> rusqlite::Result<usize> {
    c.prepare_cached("DELETE FROM cache WHERE kept_until_ms <= ?1 OR made_ms > ?2")?
        .execute([now_ms, now_ms.saturating_add(AHEAD)])
}

impl Store {
    /// Keeps an answer in the background; what is past its time goes.
    pub fn shelve(&self, row: NewCache) {
        let (now, gone) = (self.clock.millis(), self.writer.gone());
        // One column, as it was when an answer had one call: ids hold no blank.
        let calls = row.calls.into_iter().collect::<Vec<_>>().join(" ");
        self.writer.later(move |c| {
            gone.tell(expire(c, now)?);
            c.prepare_cached(
                "INSERT OR REPLACE INTO cache (name, request_id, made_ms, kept_until_ms, sealed)
                 VALUES (?1, ?2, ?3, ?4, ?5)",
            )?
            .execute(params![
                row.name,
                Some(&calls).filter(|calls| !calls.is_empty()),
                now,
                now.saturating_add(KEPT),
                row.sealed
            ])
            .map(drop)
        });
    }

    /// What lies under these names and is not past its time, in their order.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn shelved(&self, names: &[String]) -> Result<Vec<Option<CacheRow>>, StoreError> {
        let (names, now) = (names.to_vec(), self.clock.millis());
        self.writer.read(move |c| {
            let mut rows =
                c.prepare("SELECT made_ms, sealed, request_id FROM cache WHERE name = ?1 AND kept_until_ms > ?2")?;
            let mut find = |name: &String| {
                rows.query_row(params![name, now], |r| {
                    let calls: Option<String> = r.get(2)?;
                    let calls = calls.unwrap_or_default().split_whitespace().map(str::to_owned).collect();
                    Ok(CacheRow { made_ms: r.get(0)?, calls, sealed: r.get(1)? })
                })
                .optional()
            };
            names.iter().map(&mut find).collect()
        })
    }
}
