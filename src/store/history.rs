//! Reading history: requests with their attempts.

use rusqlite::{Connection, Row, params};

use super::{Store, StoreError};
use crate::model::{Cost, CostSource, NanoUsd, Usage, UsageSource};
use crate::world::life;

/// A request older than this without an end was interrupted (milliseconds); no call lasts as long.
const STALE: i64 = 6 * 3_600_000;

/// Whether what nobody finished was left behind: its process is gone, or it is older than any call.
pub(super) fn left(process: Option<&str>, started_ms: i64, now: i64) -> bool {
    now.saturating_sub(started_ms) > STALE || process.and_then(life::runs) == Some(false)
}

/// Which requests.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HistoryFilter {
    /// Most rows; 0 = none.
    pub limit: usize,
    /// Begun at or after, milliseconds since 1970.
    pub since_ms: Option<i64>,
    /// Children of this request.
    pub parent: Option<String>,
    /// This request.
    pub id: Option<String>,
    /// Only those that gave no answer.
    pub failed: bool,
    /// Part of the model asked for, or of the `upstream/model` that answered.
    pub model: Option<String>,
    /// The account that was asked, whatever became of it: its name, or `upstream/name`.
    pub account: Option<String>,
    /// A work tree, or its last folder.
    pub repo: Option<String>,
    /// What it was made for.
    pub purpose: Option<String>,
}

/// One request.
#[derive(Debug, Clone)]
pub struct HistoryRow {
    /// Id.
    pub id: String,
    /// The request it belongs to.
    pub parent: Option<String>,
    /// Milliseconds since 1970.
    pub started_ms: i64,
    /// `None` while it runs, and when it was killed.
    pub ended_ms: Option<i64>,
    /// Why it was made.
    pub purpose: String,
    /// Work tree.
    pub repo: Option<String>,
    /// Branch.
    pub branch: Option<String>,
    /// Who asked.
    pub caller: Option<String>,
    /// The commit it ended in, or is about.
    pub commit: Option<String>,
    /// As asked.
    pub asked_model: String,
    /// As asked.
    pub asked_effort: String,
    /// Secrets found.
    pub redacted: u32,
    /// `done`, `cancelled`, `offline`, a failure's name, `running`, or `interrupted` when it was killed.
    pub outcome: String,
    /// Upstream, account and model that answered.
    pub served_by: Option<(String, String, String)>,
    /// Its attempts, in order.
    pub attempts: Vec<AttemptRow>,
}

/// One attempt.
#[derive(Debug, Clone)]
pub struct AttemptRow {
    /// From 1.
    pub number: u32,
    /// Milliseconds since 1970.
    pub started_ms: i64,
    /// `None` while it runs, and when it was killed.
    pub ended_ms: Option<i64>,
    /// When content began.
    pub first_content_ms: Option<i64>,
    /// Upstream name.
    pub upstream: String,
    /// Account name.
    pub account: String,
    /// Model id.
    pub model: String,
    /// Maker.
    pub maker: String,
    /// Dialect.
    pub dialect: String,
    /// HTTP status.
    pub status: Option<u16>,
    /// Kind, scope and message of the failure.
    pub failure: Option<(String, String, String)>,
    /// Tokens.
    pub usage: Option<(Usage, UsageSource)>,
    /// Money.
    pub cost: Option<Cost>,
    /// Whose prices made the cost: `provider`, `settings`, `catalog DATE`, `fetched DATE, SOURCE`.
    pub priced: Option<String>,
    /// It was killed: what it used is not known.
    pub interrupted: bool,
    /// Why the model stopped.
    pub finish: Option<String>,
    /// The level sent.
    pub effort_sent: Option<String>,
    /// Reasoning was seen.
    pub effort_confirmed: Option<bool>,
    /// The provider's id.
    pub upstream_id: Option<String>,
    /// Bytes sent and received, of a call that was passed on as it came.
    pub bytes: Option<(u64, u64)>,
}

impl Store {
    /// Requests, newest first; children stand after their parent.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn history(&self, filter: &HistoryFilter) -> Result<Vec<HistoryRow>, StoreError> {
        let filter = filter.clone();
        let now = self.clock.millis();
        self.writer.read(move |c| {
            let limit = i64::try_from(filter.limit).unwrap_or(i64::MAX);
            let mut rows = c.prepare_cached(&sql(&filter))?;
            // Killed calls have no outcome; there are few without one.
            let gone = if filter.failed { Some(killed(c, now)?) } else { None };
            let wanted = params![
                limit,
                filter.since_ms,
                filter.parent,
                filter.id,
                gone,
                filter.model,
                filter.repo,
                filter.purpose,
                filter.account
            ];
            let mut out: Vec<HistoryRow> = rows.query_map(wanted, |r| request(r, now))?.collect::<Result<_, _>>()?;
            let mut attempts = c.prepare_cached(
                "SELECT number, started_ms, ended_ms, first_content_ms, upstream, account, model, maker, dialect, status,
                        failure_kind, failure_scope, failure, input, cache_read, cache_write_short, cache_write_long, output,
                        reasoning, usage_source, cost_nano, cost_source, finish, effort_sent, effort_confirmed, upstream_id,
                        priced, process, sent_bytes, received_bytes
                 FROM attempt WHERE request_id = ?1 ORDER BY number",
            )?;
            for row in &mut out {
                row.attempts = attempts.query_map([&row.id], |r| attempt(r, now))?.collect::<Result<_, _>>()?;
            }
            Ok(out)
        })
    }
}

impl Store {
    /// A process may have rows that no other sees yet.
    #[must_use]
    pub fn behind(&self) -> bool {
        self.writer.folder().is_some_and(super::ahead::waits)
    }

    /// The ids that begin so, newest first, at most ten; `last` is the newest request that belongs to no other.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn ids(&self, prefix: &str) -> Result<Vec<String>, StoreError> {
        let prefix = prefix.to_owned();
        self.writer.read(move |c| {
            let sql = match prefix.as_str() {
                "last" => "SELECT id FROM request WHERE parent IS NULL AND ?1 = 'last' ORDER BY rowid DESC LIMIT 1",
                // A range, so that the key's index is used.
                _ => {
                    "SELECT id FROM request WHERE id >= ?1 AND id < ?1 || char(1114111)
                     ORDER BY id = ?1 DESC, rowid DESC LIMIT 10"
                }
            };
            c.prepare(sql)?.query_map([&prefix], |r| r.get(0))?.collect()
        })
    }
}

/// The rows of a filter: each with what belongs to it below it, the newest first.
///
/// Two walks from the newest on, one over rows that head a group and one over those below them, come already in that order
/// and are merged, so that a short list of a long history reads no more than it shows. One call, and the parts of one, are
/// found by their indexes.
pub(super) fn sql(filter: &HistoryFilter) -> String {
    let narrow = "(?2 IS NULL OR r.started_ms >= ?2)
        AND (?3 IS NULL OR r.parent = ?3) AND (?4 IS NULL OR r.id = ?4)
        AND (?5 IS NULL OR coalesce(r.outcome, iif(instr(?5, r.id || ' '), '', 'done')) NOT IN ('done', 'offline'))
        AND (?6 IS NULL OR instr(r.asked_model, ?6) OR instr(coalesce(r.upstream || '/' || r.model, ''), ?6))
        AND (?7 IS NULL OR r.repo = ?7 OR substr(r.repo, -length(?7) - 1) = '/' || ?7)
        AND (?8 IS NULL OR r.purpose = ?8)
        AND (?9 IS NULL OR EXISTS (SELECT 1 FROM attempt AS a
            WHERE a.request_id = r.id AND (a.account = ?9 OR a.upstream || '/' || a.account = ?9)))";
    let columns =
        "r.id, r.parent, r.started_ms, r.ended_ms, r.purpose, r.repo, r.branch, r.asked_model, r.asked_effort,
        r.redacted, r.outcome, r.upstream, r.account, r.model, r.caller, r.commit_id, r.process";
    match (&filter.id, &filter.parent) {
        (Some(_), _) => format!("SELECT {columns} FROM request AS r WHERE r.id = ?4 AND {narrow} LIMIT ?1"),
        (None, Some(_)) => {
            format!("SELECT {columns} FROM request AS r WHERE r.parent = ?3 AND {narrow} ORDER BY r.rowid LIMIT ?1")
        }
        // A row whose parent is gone heads a group; the second walk is left out where no row has a parent.
        (None, None) => format!(
            "SELECT {columns}, r.rowid, 0, r.rowid FROM request AS r
                WHERE (r.parent IS NULL OR NOT EXISTS (SELECT 1 FROM request AS p WHERE p.id = r.parent)) AND {narrow}
             UNION ALL SELECT {columns}, t.rowid, 1, r.rowid FROM request AS t CROSS JOIN request AS r
                WHERE (SELECT 1 FROM request WHERE parent IS NOT NULL LIMIT 1) = 1 AND r.parent = t.id AND {narrow}
             ORDER BY 18 DESC, 19, 20 LIMIT ?1"
        ),
    }
}

/// The ids of calls that were killed, a space behind each.
fn killed(c: &Connection, now: i64) -> rusqlite::Result<String> {
    let mut open = c.prepare_cached("SELECT id, process, started_ms FROM request WHERE outcome IS NULL")?;
    let rows = open.query_map([], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)))?;
    let rows: Vec<(String, Option<String>, i64)> = rows.collect::<Result<_, _>>()?;
    let gone = rows.into_iter().filter(|(_, process, started)| left(process.as_deref(), *started, now));
    Ok(gone.map(|(id, ..)| format!("{id} ")).collect())
}

fn request(r: &Row<'_>, now: i64) -> rusqlite::Result<HistoryRow> {
    let started_ms: i64 = r.get(2)?;
    let process: Option<String> = r.get(16)?;
    let unfinished = if left(process.as_deref(), started_ms, now) { "interrupted" } else { "running" };
    let served = (r.get(11)?, r.get(12)?, r.get(13)?);
    Ok(HistoryRow {
        id: r.get(0)?,
        parent: r.get(1)?,
        started_ms,
        ended_ms: r.get(3)?,
        purpose: r.get(4)?,
        repo: r.get(5)?,
        branch: r.get(6)?,
        caller: r.get(14)?,
        commit: r.get(15)?,
        asked_model: r.get(7)?,
        asked_effort: r.get(8)?,
        redacted: r.get(9)?,
        outcome: r.get::<_, Option<String>>(10)?.unwrap_or_else(|| unfinished.to_owned()),
        served_by: match served {
            (Some(upstream), Some(account), Some(model)) => Some((upstream, account, model)),
            _ => None,
        },
        attempts: Vec::new(),
    })
}

fn attempt(r: &Row<'_>, now: i64) -> rusqlite::Result<AttemptRow> {
    let tokens = |place: usize| r.get::<_, Option<i64>>(place).map(|n| n.and_then(|n| u64::try_from(n).ok()));
    let failure = (r.get(10)?, r.get(11)?, r.get(12)?);
    let source = r.get::<_, Option<String>>(19)?;
    let usage = Usage {
        input: tokens(13)?.unwrap_or(0),
        cache_read: tokens(14)?.unwrap_or(0),
        cache_write_short: tokens(15)?.unwrap_or(0),
        cache_write_long: tokens(16)?.unwrap_or(0),
        output: tokens(17)?.unwrap_or(0),
        reasoning: tokens(18)?,
    };
    let (started_ms, ended_ms): (i64, Option<i64>) = (r.get(1)?, r.get(2)?);
    let process: Option<String> = r.get(27)?;
    let cost = (tokens(20)?, r.get::<_, Option<String>>(21)?);
    Ok(AttemptRow {
        number: r.get(0)?,
        started_ms,
        ended_ms,
        interrupted: ended_ms.is_none() && left(process.as_deref(), started_ms, now),
        priced: r.get(26)?,
        first_content_ms: r.get(3)?,
        upstream: r.get(4)?,
        account: r.get(5)?,
        model: r.get(6)?,
        maker: r.get(7)?,
        dialect: r.get(8)?,
        status: r.get(9)?,
        failure: match failure {
            (Some(kind), Some(scope), Some(message)) => Some((kind, scope, message)),
            _ => None,
        },
        usage: source.map(|s| (usage, if s == "reported" { UsageSource::Reported } else { UsageSource::Estimated })),
        cost: match cost {
            (Some(nano), Some(source)) => Some(Cost { amount: NanoUsd(nano), source: cost_source(&source) }),
            _ => None,
        },
        finish: r.get(22)?,
        effort_sent: r.get(23)?,
        effort_confirmed: r.get(24)?,
        upstream_id: r.get(25)?,
        bytes: tokens(28)?.zip(tokens(29)?),
    })
}

fn cost_source(name: &str) -> CostSource {
    [CostSource::Reported, CostSource::Computed, CostSource::Local]
        .into_iter()
        .find(|s| s.name() == name)
        .unwrap_or(CostSource::Estimated)
}
