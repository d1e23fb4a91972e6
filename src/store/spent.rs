//! Sums of the ledger.

use rusqlite::Row;

use super::{Store, StoreError};
use crate::model::{NanoUsd, Usage};

/// What sums are made by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpentBy {
    /// One sum.
    Total,
    /// `upstream/model`.
    Model,
    /// Account.
    Account,
    /// Repository.
    Repo,
}

/// One sum.
#[derive(Debug, Clone)]
pub struct SpentRow {
    /// What it is the sum of; `total` for the whole.
    pub key: String,
    /// Attempts that used something.
    pub requests: u64,
    /// Tokens.
    pub usage: Usage,
    /// Money; `None` when nothing in it is priced.
    pub cost: Option<NanoUsd>,
    /// Attempts whose price is not known; they are not in `cost`.
    pub unpriced: u64,
}

impl Store {
    /// What was spent at or after `since_ms` (milliseconds since 1970), the dearest first. Empty when nothing was.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn spent(&self, since_ms: i64, by: SpentBy) -> Result<Vec<SpentRow>, StoreError> {
        let key = match by {
            SpentBy::Total => "'total'",
            SpentBy::Model => "a.upstream || '/' || a.model",
            SpentBy::Account => "a.account",
            SpentBy::Repo => "coalesce(r.repo, '')",
        };
        // SQLite refuses a sum beyond 2^63; an attempt that is said to have cost more than a million dollars did not.
        // An attempt counts when it used tokens or was billed; one that was refused did neither.
        let sql = format!(
            "SELECT {key} AS k, count(*), total(input), total(cache_read), total(cache_write_short), total(cache_write_long),
                    total(output), sum(min(cost_nano, 1000000000000000)), sum(cost_nano IS NULL)
             FROM attempt AS a LEFT JOIN request AS r ON r.id = a.request_id
             WHERE a.started_ms >= ?1 AND (a.usage_source IS NOT NULL OR a.cost_nano IS NOT NULL)
             GROUP BY k ORDER BY 8 DESC, k"
        );
        self.writer.read(move |c| c.prepare_cached(&sql)?.query_map([since_ms], row)?.collect())
    }
}

fn row(r: &Row<'_>) -> rusqlite::Result<SpentRow> {
    // `total` gives a float and cannot overflow; tokens are counts far below where floats lose units.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let tokens = |place: usize| r.get::<_, f64>(place).map(|n| n.max(0.0) as u64);
    let count = |place: usize| r.get::<_, i64>(place).map(|n| u64::try_from(n).unwrap_or(0));
    Ok(SpentRow {
        key: r.get(0)?,
        requests: count(1)?,
        usage: Usage {
            input: tokens(2)?,
            cache_read: tokens(3)?,
            cache_write_short: tokens(4)?,
            cache_write_long: tokens(5)?,
            output: tokens(6)?,
            reasoning: None,
        },
        cost: r.get::<_, Option<i64>>(7)?.map(|n| NanoUsd(u64::try_from(n).unwrap_or(0))),
        unpriced: count(8)?,
    })
}
