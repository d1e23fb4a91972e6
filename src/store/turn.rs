//! Whose turn it is: counters that every process moves, what accounts have used lately, and small facts by prefix.

use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{Connection, params};

use super::{Store, StoreError};

/// What steers the choice among accounts, read at once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Steering {
    /// Facts that begin with one of the prefixes asked for.
    pub facts: Vec<(String, String)>,
    /// Counters by name: the number that is given out next.
    pub turns: Vec<(String, u64)>,
}

/// What an account has used since some moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Load {
    /// Upstream name.
    pub upstream: String,
    /// Account name.
    pub account: String,
    /// Tokens of all kinds that are known; attempts nobody counted add nothing.
    pub tokens: u64,
    /// Attempts, finished or not.
    pub attempts: u64,
}

impl Store {
    /// Takes the next number of a counter: 0, 1, 2, … Each is given out once, whichever process asks.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn turn(&self, name: &str) -> Result<u64, StoreError> {
        let name = name.to_owned();
        // A job whose group fails runs again: the last answer counts.
        let taken = Arc::new(Mutex::new(0));
        let told = Arc::clone(&taken);
        self.writer.now(move |c| {
            let number: i64 = c.query_row(
                "INSERT INTO turn (name, next) VALUES (?1, 1) ON CONFLICT (name) DO UPDATE SET next = next + 1
                 RETURNING next - 1",
                [&name],
                |r| r.get(0),
            )?;
            *told.lock().unwrap_or_else(PoisonError::into_inner) = u64::try_from(number).unwrap_or(0);
            Ok(())
        })?;
        let taken = *taken.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(taken)
    }

    /// Facts that begin with one of `prefixes`, and every counter; nothing is moved.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn steering(&self, prefixes: &'static [&'static str]) -> Result<Steering, StoreError> {
        self.writer.glance(move |c| {
            let mut out = Steering::default();
            for prefix in prefixes {
                out.facts.extend(facts(c, prefix)?);
            }
            let mut turns = c.prepare_cached("SELECT name, next FROM turn ORDER BY name")?;
            let row = |r: &rusqlite::Row<'_>| Ok((r.get(0)?, u64::try_from(r.get::<_, i64>(1)?).unwrap_or(0)));
            out.turns = turns.query_map([], row)?.collect::<Result<_, _>>()?;
            Ok(out)
        })
    }

    /// What each account has used since `since_ms` (milliseconds since 1970).
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn loads(&self, since_ms: i64) -> Result<Vec<Load>, StoreError> {
        self.writer.glance(move |c| {
            // `total` adds as floats and cannot overflow; unknown counts add nothing.
            let mut rows = c.prepare_cached(
                "SELECT upstream, account, total(input) + total(cache_read) + total(cache_write_short)
                        + total(cache_write_long) + total(output), count(*)
                 FROM attempt WHERE started_ms >= ?1 GROUP BY upstream, account",
            )?;
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
            // counts, far below where floats lose units
            let row = |r: &rusqlite::Row<'_>| {
                Ok(Load {
                    upstream: r.get(0)?,
                    account: r.get(1)?,
                    tokens: r.get::<_, f64>(2)?.max(0.0) as u64,
                    attempts: u64::try_from(r.get::<_, i64>(3)?).unwrap_or(0),
                })
            };
            rows.query_map(params![since_ms], row)?.collect()
        })
    }
}

fn facts(c: &Connection, prefix: &str) -> rusqlite::Result<Vec<(String, String)>> {
    let mut rows = c.prepare_cached(
        "SELECT key, value FROM fact WHERE key >= ?1 AND substr(key, 1, length(?1)) = ?1 ORDER BY key",
    )?;
    rows.query_map([prefix], |r| Ok((r.get(0)?, r.get(1)?)))?.collect()
}
