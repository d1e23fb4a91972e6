//! Cool-downs: known to every process, with cause and source. A row outlives its end for a while: until a request
//! has come through, one at a time may try.

use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{Store, StoreError};

/// How long an ended cool-down is remembered when nothing has come through since.
const MEMORY: Duration = Duration::from_secs(3_600);

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
    /// How many windows in a row it has met, this one included.
    pub strikes: u32,
    /// When a request began to try whether it is over, milliseconds since 1970.
    pub probe_ms: Option<i64>,
    /// Waiting for its end helps. Where it does not (no credit), it is only tried last.
    pub waits: bool,
}

const COLUMNS: &str = "key, until_ms, cause, source, set_ms, strikes, probe_ms, waits";

fn read(row: &Row<'_>) -> rusqlite::Result<CoolDown> {
    Ok(CoolDown {
        key: row.get(0)?,
        until_ms: row.get(1)?,
        cause: row.get(2)?,
        source: row.get(3)?,
        set_ms: row.get(4)?,
        strikes: row.get(5)?,
        probe_ms: row.get(6)?,
        waits: row.get(7)?,
    })
}

fn find(c: &Connection, key: &str) -> rusqlite::Result<Option<CoolDown>> {
    c.query_row(&format!("SELECT {COLUMNS} FROM cool_down WHERE key = ?1"), [key], read).optional()
}

impl Store {
    /// Begins a cool-down, or goes on with one, as `decide` says from what is known already; written in the
    /// background.
    pub fn cool(&self, key: String, decide: impl Fn(Option<CoolDown>) -> CoolDown + Send + 'static) {
        let oldest = self.clock.millis() - millis(MEMORY);
        self.writer.later(move |c| {
            c.execute("DELETE FROM cool_down WHERE until_ms < ?1", [oldest])?;
            let cool = decide(find(c, &key)?);
            c.execute(
                "INSERT INTO cool_down (key, until_ms, cause, source, set_ms, strikes, probe_ms, waits)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (key) DO UPDATE
                 SET until_ms = ?2, cause = ?3, source = ?4, set_ms = ?5, strikes = ?6, probe_ms = ?7, waits = ?8",
                params![
                    cool.key,
                    cool.until_ms,
                    cool.cause,
                    cool.source,
                    cool.set_ms,
                    cool.strikes,
                    cool.probe_ms,
                    cool.waits
                ],
            )?;
            Ok(())
        });
    }

    /// Ends a cool-down, because something came through or the user says so; written in the background.
    pub fn wake(&self, key: &str) {
        let key = key.to_owned();
        self.writer.later(move |c| c.execute("DELETE FROM cool_down WHERE key = ?1", [&key]).map(drop));
    }

    /// As [`Self::wake`], because the user says that it is over: what was said to be used up is not believed either.
    /// Written in the background.
    pub fn rouse(&self, key: &str) {
        self.wake(key);
        let key = key.to_owned();
        self.writer.later(move |c| {
            c.execute(
                "UPDATE limit_seen SET remaining = NULL WHERE remaining = 0 AND (
                     ?1 = 'provider:' || upstream OR ?1 = 'account:' || upstream || '/' || account
                     OR ?1 = 'model:' || upstream || '/' || account || '/' || model
                     OR (model = '' AND instr(?1, 'model:' || upstream || '/' || account || '/') = 1))",
                [&key],
            )
            .map(drop)
        });
    }

    /// Cool-downs, those too that have ended and through which nothing has come since.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn cool_downs(&self) -> Result<Vec<CoolDown>, StoreError> {
        let now = self.clock.millis();
        self.writer.glance(move |c| all(c, now))
    }

    /// Cool-downs that have not ended.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn cooling(&self) -> Result<Vec<CoolDown>, StoreError> {
        let now = self.clock.millis();
        Ok(self.cool_downs()?.into_iter().filter(|c| c.until_ms > now).collect())
    }
}

/// Cool-downs that are remembered at `now`.
pub(super) fn all(c: &Connection, now: i64) -> rusqlite::Result<Vec<CoolDown>> {
    let sql = format!("SELECT {COLUMNS} FROM cool_down WHERE until_ms > ?1 ORDER BY key");
    c.prepare_cached(&sql)?.query_map([now - millis(MEMORY)], read)?.collect()
}

pub(super) fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
