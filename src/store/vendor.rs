//! What documented endpoints answered, and what each account spent by our own ledger.

use rusqlite::params;

use super::limit::AHEAD;
use super::{Store, StoreError};
use crate::model::NanoUsd;

/// One endpoint of an account, as it was last asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VendorRow {
    /// Upstream name.
    pub upstream: String,
    /// Account name.
    pub account: String,
    /// Which endpoint: `GET /key`.
    pub source: String,
    /// When it was last asked, milliseconds since 1970.
    pub asked_ms: i64,
    /// Why it did not answer then.
    pub failure: Option<String>,
    /// What it last answered, as JSON, and when.
    pub said: Option<(String, i64)>,
}

/// What one account spent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PurseRow {
    /// Upstream name.
    pub upstream: String,
    /// Account name.
    pub account: String,
    /// Attempts that used something.
    pub attempts: u64,
    /// Money; `None` when nothing in it is priced.
    pub cost: Option<NanoUsd>,
    /// Attempts whose price is not known; they are not in `cost`.
    pub unpriced: u64,
}

impl Store {
    /// Keeps how an endpoint answered; what it said before stands when it did not. Written in the background.
    pub fn asked(&self, row: VendorRow) {
        self.writer.later(move |c| {
            let (said, said_ms) = row.said.as_ref().map(|(said, ms)| (said, ms)).unzip();
            c.prepare_cached(
                "INSERT INTO vendor_seen (upstream, account, source, asked_ms, failure, said, said_ms)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (upstream, account, source) DO UPDATE
                 SET asked_ms = ?4, failure = ?5, said = coalesce(?6, said), said_ms = coalesce(?7, said_ms)
                 WHERE asked_ms <= ?4 OR asked_ms > ?4 + ?8",
            )?
            .execute(params![row.upstream, row.account, row.source, row.asked_ms, row.failure, said, said_ms, AHEAD])
            .map(drop)
        });
    }

    /// Every endpoint that was asked, by upstream, account and endpoint.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn vendors(&self) -> Result<Vec<VendorRow>, StoreError> {
        self.writer.read(|c| {
            c.prepare_cached(
                "SELECT upstream, account, source, asked_ms, failure, said, said_ms FROM vendor_seen
                 ORDER BY upstream, account, source",
            )?
            .query_map([], |r| {
                Ok(VendorRow {
                    upstream: r.get(0)?,
                    account: r.get(1)?,
                    source: r.get(2)?,
                    asked_ms: r.get(3)?,
                    failure: r.get(4)?,
                    said: r.get::<_, Option<String>>(5)?.zip(r.get(6)?),
                })
            })?
            .collect()
        })
    }

    /// What each account spent at or after `since_ms` (milliseconds since 1970), by upstream and account.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn purses(&self, since_ms: i64) -> Result<Vec<PurseRow>, StoreError> {
        self.writer.read(move |c| {
            // What cost more than a million dollars did not; a sum beyond 2^63 would be refused.
            c.prepare_cached(
                "SELECT upstream, account, count(*), sum(min(cost_nano, 1000000000000000)), sum(cost_nano IS NULL)
                 FROM attempt WHERE started_ms >= ?1 AND (usage_source IS NOT NULL OR cost_nano IS NOT NULL)
                 GROUP BY upstream, account ORDER BY upstream, account",
            )?
            .query_map([since_ms], |r| {
                let count = |place: usize| r.get::<_, i64>(place).map(|n| u64::try_from(n).unwrap_or(0));
                Ok(PurseRow {
                    upstream: r.get(0)?,
                    account: r.get(1)?,
                    attempts: count(2)?,
                    cost: r.get::<_, Option<i64>>(3)?.map(|n| NanoUsd(u64::try_from(n).unwrap_or(0))),
                    unpriced: count(4)?,
                })
            })?
            .collect()
        })
    }

    /// Keeps which organisation an account belongs to: its accounts share their limits. Written in the background.
    pub fn belongs(&self, upstream: &str, account: &str, organization: &str) {
        let (key, value) = (format!("organization:{upstream}/{account}"), organization.to_owned());
        self.writer.later(move |c| {
            c.prepare_cached(
                "INSERT INTO fact (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = ?2
                 WHERE value <> ?2",
            )?
            .execute(params![key, value])
            .map(drop)
        });
    }

    /// Accounts (`upstream/account`) whose organisation is known, and that.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn organizations(&self) -> Result<Vec<(String, String)>, StoreError> {
        self.writer.read(|c| {
            c.prepare_cached("SELECT substr(key, 14), value FROM fact WHERE key GLOB 'organization:*' ORDER BY key")?
                .query_map([], |r| Ok((r.get(0)?, r.get(1)?)))?
                .collect()
        })
    }
}
