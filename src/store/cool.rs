//! Cool-downs: known to every process, with cause and source.

use rusqlite::params;

use super::{Store, StoreError};

/// The time something is not to be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CoolDown {
    /// What it covers: `model:…`, `account:…`, `provider:…`.
    pub key: String,
    /// When it ends, milliseconds since 1970.
    pub until_ms: i64,
    /// Why.
    pub cause: String,
    /// Which call met it.
    pub source: String,
    /// When it began, milliseconds since 1970.
    pub set_ms: i64,
}

impl Store {
    /// Begins or replaces a cool-down; written in the background.
    pub fn cool(&self, cool: CoolDown) {
        self.writer.later(move |c| {
            c.execute(
                "INSERT INTO cool_down (key, until_ms, cause, source, set_ms) VALUES (?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT (key) DO UPDATE SET until_ms = ?2, cause = ?3, source = ?4, set_ms = ?5",
                params![cool.key, cool.until_ms, cool.cause, cool.source, cool.set_ms],
            )?;
            Ok(())
        });
    }

    /// Ends a cool-down; written in the background.
    pub fn wake(&self, key: &str) {
        let key = key.to_owned();
        self.writer.later(move |c| c.execute("DELETE FROM cool_down WHERE key = ?1", [&key]).map(drop));
    }

    /// Cool-downs that have not ended.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn cool_downs(&self) -> Result<Vec<CoolDown>, StoreError> {
        let now = self.clock.millis();
        self.writer.read(move |c| {
            let mut rows = c.prepare(
                "SELECT key, until_ms, cause, source, set_ms FROM cool_down WHERE until_ms > ?1 ORDER BY key",
            )?;
            rows.query_map([now], |r| {
                Ok(CoolDown {
                    key: r.get(0)?,
                    until_ms: r.get(1)?,
                    cause: r.get(2)?,
                    source: r.get(3)?,
                    set_ms: r.get(4)?,
                })
            })?
            .collect()
        })
    }
}
