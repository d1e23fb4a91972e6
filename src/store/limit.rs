//! What providers said is left, with where they said it and when.

use std::sync::PoisonError;

use rusqlite::params;

use super::{Store, StoreError};

/// Clocks of one machine's processes agree better than this (milliseconds). What was seen later than so long from now was
/// seen before the clock was set back, and is no younger than anything.
pub const AHEAD: i64 = 300_000;

/// One counter or balance of an account, as last seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LimitRow {
    /// Upstream name.
    pub upstream: String,
    /// Account name.
    pub account: String,
    /// Model id; empty when it covers the account.
    pub model: String,
    /// Which counter, with its window behind a slash: `requests`, `tokens/minute`, `plan/5h`, …
    pub what: String,
    /// What is counted: `requests`, `tokens`, `percent`, …
    pub unit: String,
    /// The ceiling; `None` = not said.
    pub ceiling: Option<u64>,
    /// What is left; `None` = not said, which is not zero.
    pub remaining: Option<u64>,
    /// When it is full again, milliseconds since 1970; `None` = not said.
    pub reset_ms: Option<i64>,
    /// When it was said, milliseconds since 1970.
    pub seen_ms: i64,
    /// Where: `header`, or `error` for the headers of a refusal.
    pub source: String,
}

impl Store {
    /// Keeps what was said; the newest word counts. Written in the background.
    pub fn saw(&self, rows: Vec<LimitRow>) {
        if rows.is_empty() {
            return;
        }
        self.writer.later(move |c| {
            let mut insert = c.prepare_cached(
                "INSERT INTO limit_seen (upstream, account, model, what, unit, ceiling, remaining, reset_ms, seen_ms, source)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT (upstream, account, model, what) DO UPDATE
                 SET unit = ?5, ceiling = ?6, remaining = ?7, reset_ms = ?8, seen_ms = ?9, source = ?10
                 WHERE seen_ms <= ?9 OR seen_ms > ?9 + ?11",
            )?;
            for row in &rows {
                let whole = |n: Option<u64>| n.map(|n| i64::try_from(n).unwrap_or(i64::MAX));
                insert.execute(params![
                    row.upstream, row.account, row.model, row.what, row.unit, whole(row.ceiling), whole(row.remaining),
                    row.reset_ms, row.seen_ms, row.source, AHEAD
                ])?;
            }
            Ok(())
        });
    }

    /// Everything that was said, by upstream, account, model and counter.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn limits(&self) -> Result<Vec<LimitRow>, StoreError> {
        if let Some(limits) = self.still(|lately| &mut lately.limits, |_| true) {
            return Ok(limits);
        }
        let seen = self.seen();
        let limits: Vec<LimitRow> = self.writer.glance(|c| {
            let whole = |n: Option<i64>| n.and_then(|n| u64::try_from(n).ok());
            c.prepare_cached(
                "SELECT upstream, account, model, what, unit, ceiling, remaining, reset_ms, seen_ms, source
                 FROM limit_seen ORDER BY upstream, account, model, what",
            )?
            .query_map([], |r| {
                Ok(LimitRow {
                    upstream: r.get(0)?,
                    account: r.get(1)?,
                    model: r.get(2)?,
                    what: r.get(3)?,
                    unit: r.get(4)?,
                    ceiling: whole(r.get(5)?),
                    remaining: whole(r.get(6)?),
                    reset_ms: r.get(7)?,
                    seen_ms: r.get(8)?,
                    source: r.get(9)?,
                })
            })?
            .collect()
        })?;
        self.lately.lock().unwrap_or_else(PoisonError::into_inner).limits = Some((seen, limits.clone()));
        Ok(limits)
    }
}
