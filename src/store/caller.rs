//! Keys of those who call `monster serve`: their hashes, and what each may do.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rusqlite::{Connection, ErrorCode, Row, params};
use sha2::{Digest, Sha256};

use super::{Store, StoreError};
use crate::model::{NanoUsd, Secret};

/// The SHA-256 of a key. A key of ours is 256 random bits: nobody finds it by trying, so that a slow hash with salt
/// would only cost time on every request. A key that the user chose is as hard to find as it was chosen, and the file it
/// lies in is readable by its owner alone.
#[derive(Debug, Clone, Copy, Eq)]
pub struct KeyHash([u8; 32]);

impl KeyHash {
    /// Its beginning, for whoever tells keys apart.
    #[must_use]
    pub fn mark(&self) -> String {
        self.0.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    }

    /// Of a key.
    #[must_use]
    pub fn of(key: &Secret) -> Self {
        Self(Sha256::digest(key.expose().as_bytes()).into())
    }
}

impl PartialEq for KeyHash {
    /// Compares in the same time wherever they differ.
    fn eq(&self, other: &Self) -> bool {
        self.0.iter().zip(&other.0).fold(0u8, |acc, (a, b)| acc | (a ^ b)) == 0
    }
}

/// What a key may do. Nothing said = no limit of its own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Permit {
    /// Globs of models, over names as they are asked for and over `upstream/model`; empty = all.
    pub models: Vec<String>,
    /// Most requests in a minute.
    pub per_minute: Option<u32>,
    /// Most requests at once.
    pub at_once: Option<u32>,
    /// Most that its requests may cost in a day of the user's.
    pub day: Option<NanoUsd>,
    /// The same, in a month.
    pub month: Option<NanoUsd>,
    /// A word of `redact.mode`; `None` = as settings say.
    pub secrets: Option<String>,
    /// A word of `serve.restore`; `None` = as settings say.
    pub restore: Option<String>,
}

/// A key that somebody may call with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallerRow {
    /// What the user calls it.
    pub name: String,
    /// Its hash: the key itself is kept nowhere.
    pub hash: KeyHash,
    /// When it was made, milliseconds since 1970.
    pub made_ms: i64,
    /// When it was last called with, to the minute, milliseconds since 1970.
    pub used_ms: Option<i64>,
    /// What it may do.
    pub permit: Permit,
}

impl CallerRow {
    /// Who asks, as the ledger has it.
    #[must_use]
    pub fn caller(&self) -> String {
        format!("serve/{}", self.name)
    }
}

/// Writes what a key may; the number of keys of this name.
fn permitted(c: &Connection, name: &str, permit: &Permit) -> rusqlite::Result<usize> {
    c.execute(
        "UPDATE caller SET models = ?2, per_minute = ?3, at_once = ?4, day_nano = ?5, month_nano = ?6,
                secrets = ?7, restore = ?8 WHERE name = ?1",
        params![
            name,
            written(&permit.models),
            permit.per_minute,
            permit.at_once,
            permit.day.map(nano),
            permit.month.map(nano),
            permit.secrets,
            permit.restore
        ],
    )
}

impl Store {
    /// Keeps a new key. `false` when its name or the key itself is there already.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn add_caller(&self, name: &str, hash: KeyHash, permit: Permit) -> Result<bool, StoreError> {
        let (name, now) = (name.to_owned(), self.clock.millis());
        self.changed(move |c| {
            let made = c.execute(
                "INSERT INTO caller (name, hash, made_ms, models) VALUES (?1, ?2, ?3, ?4)",
                params![name, hash.0, now, written(&permit.models)],
            );
            let made = made.and_then(|_| permitted(c, &name, &permit));
            match made {
                Err(e) if e.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) => Ok(0),
                made => made,
            }
        })
    }

    /// Gives a key other permit. `false` when there is none of this name.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn change_caller(&self, name: &str, permit: Permit) -> Result<bool, StoreError> {
        let name = name.to_owned();
        self.changed(move |c| permitted(c, &name, &permit))
    }

    /// Forgets a key. `false` when there is none of this name.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn remove_caller(&self, name: &str) -> Result<bool, StoreError> {
        let name = name.to_owned();
        self.changed(move |c| c.execute("DELETE FROM caller WHERE name = ?1", [&name]))
    }

    /// Every key, by name.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn callers(&self) -> Result<Vec<CallerRow>, StoreError> {
        self.writer.glance(|c| {
            let mut rows = c.prepare_cached(
                "SELECT name, hash, made_ms, used_ms, models, per_minute, at_once, day_nano, month_nano, secrets, restore
                 FROM caller ORDER BY name",
            )?;
            rows.query_map([], read)?.collect()
        })
    }

    /// Somebody calls with a key; written in the background.
    pub fn caller_called(&self, name: &str) {
        let (name, now) = (name.to_owned(), self.clock.millis());
        self.writer.later(move |c| {
            c.execute("UPDATE caller SET used_ms = max(coalesce(used_ms, 0), ?2) WHERE name = ?1", params![name, now])
                .map(drop)
        });
    }

    /// Changes rows, and says whether any was there to be changed.
    fn changed(
        &self,
        work: impl Fn(&Connection) -> rusqlite::Result<usize> + Send + 'static,
    ) -> Result<bool, StoreError> {
        // A job whose group fails runs again: the last answer counts.
        let rows = Arc::new(AtomicUsize::new(0));
        let told = Arc::clone(&rows);
        self.writer.now(move |c| work(c).map(|changed| told.store(changed, Ordering::SeqCst)))?;
        Ok(rows.load(Ordering::SeqCst) > 0)
    }
}

/// A line each: a glob holds no line feed.
fn written(models: &[String]) -> String {
    models.join("\n")
}

fn nano(amount: NanoUsd) -> i64 {
    i64::try_from(amount.0).unwrap_or(i64::MAX)
}

fn read(r: &Row<'_>) -> rusqlite::Result<CallerRow> {
    let money = |place: usize| -> rusqlite::Result<Option<NanoUsd>> {
        Ok(r.get::<_, Option<i64>>(place)?.map(|n| NanoUsd(u64::try_from(n).unwrap_or(0))))
    };
    Ok(CallerRow {
        name: r.get(0)?,
        hash: KeyHash(r.get(1)?),
        made_ms: r.get(2)?,
        used_ms: r.get(3)?,
        permit: Permit {
            models: r.get::<_, String>(4)?.lines().map(str::to_owned).collect(),
            per_minute: r.get(5)?,
            at_once: r.get(6)?,
            day: money(7)?,
            month: money(8)?,
            secrets: r.get(9)?,
            restore: r.get(10)?,
        },
    })
}
