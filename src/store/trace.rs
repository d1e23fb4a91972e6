//! What happened to a request on its way, step by step. Metadata only: never a word of a prompt or an answer.

use std::collections::HashMap;

use rusqlite::{Connection, Row, params};

use super::{Store, StoreError};

/// One step of a request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TraceRow {
    /// Milliseconds since 1970.
    pub at_ms: i64,
    /// One word: `redact`, `route`, `skip`, `attempt`, `failed`, `failover`, `park`, `woke`, `content`, `usage`, `done`,
    /// `note`.
    pub step: String,
    /// The attempt it belongs to, from 1.
    pub attempt: Option<u32>,
    /// Upstream name.
    pub upstream: Option<String>,
    /// Account name.
    pub account: Option<String>,
    /// Model id.
    pub model: Option<String>,
    /// A failure's kind, or how the request ended.
    pub reason: Option<String>,
    /// How much the failure condemns.
    pub scope: Option<String>,
    /// What was done about it.
    pub action: Option<String>,
    /// A wait in milliseconds: what the server asked for, what is left of a cool-down, or the time to the first content.
    pub wait_ms: Option<i64>,
    /// Place in a queue, from 1.
    pub position: Option<u32>,
    /// One sentence, already free of secrets.
    pub said: Option<String>,
}

impl TraceRow {
    pub(super) fn insert(&self, c: &Connection, request: &str, seq: u32) -> rusqlite::Result<()> {
        c.prepare_cached(
            "INSERT OR REPLACE INTO trace (request_id, seq, at_ms, step, attempt, upstream, account, model, reason,
             scope, action, wait_ms, position, said) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
        )?
        .execute(params![
            request,
            seq,
            self.at_ms,
            self.step,
            self.attempt,
            self.upstream,
            self.account,
            self.model,
            self.reason,
            self.scope,
            self.action,
            self.wait_ms,
            self.position,
            self.said
        ])?;
        Ok(())
    }
}

impl Store {
    /// Writes steps of a request in the background, together; `first` is the first one's number.
    pub fn trace(&self, request: &str, first: u32, rows: Vec<TraceRow>) {
        let request = request.to_owned();
        self.writer.noted(move |c| (first..).zip(&rows).try_for_each(|(seq, row)| row.insert(c, &request, seq)));
    }

    /// The steps of a request, in order.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn steps(&self, request: &str) -> Result<Vec<TraceRow>, StoreError> {
        Ok(self.steps_of(&[request.to_owned()])?.remove(request).unwrap_or_default())
    }

    /// The steps of many requests, each list in order.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn steps_of(&self, requests: &[String]) -> Result<HashMap<String, Vec<TraceRow>>, StoreError> {
        let requests = requests.to_vec();
        self.writer.read(move |c| {
            let mut rows = c.prepare(
                "SELECT at_ms, step, attempt, upstream, account, model, reason, scope, action, wait_ms, position, said
                 FROM trace WHERE request_id = ?1 ORDER BY seq",
            )?;
            let mut out = HashMap::new();
            for request in &requests {
                let steps: Vec<TraceRow> = rows.query_map([request], row)?.collect::<Result<_, _>>()?;
                out.insert(request.clone(), steps);
            }
            Ok(out)
        })
    }

    /// Says in the background of which request this one is a replay.
    pub fn replays(&self, request: &str, original: &str) {
        let (request, original) = (request.to_owned(), original.to_owned());
        self.writer.later(move |c| {
            c.execute("INSERT OR REPLACE INTO replay (request_id, original) VALUES (?1, ?2)", [&request, &original])?;
            Ok(())
        });
    }

    /// The request that this one replays, and the requests that replay it, oldest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn replayed(&self, request: &str) -> Result<(Option<String>, Vec<String>), StoreError> {
        let request = request.to_owned();
        self.writer.read(move |c| {
            let list = |sql: &str| -> rusqlite::Result<Vec<String>> {
                c.prepare(sql)?.query_map([&request], |r| r.get(0))?.collect()
            };
            let of = list("SELECT original FROM replay WHERE request_id = ?1")?.into_iter().next();
            let by = list(
                "SELECT p.request_id FROM replay AS p JOIN request AS r ON r.id = p.request_id
                 WHERE p.original = ?1 ORDER BY r.rowid",
            )?;
            Ok((of, by))
        })
    }
}

fn row(r: &Row<'_>) -> rusqlite::Result<TraceRow> {
    Ok(TraceRow {
        at_ms: r.get(0)?,
        step: r.get(1)?,
        attempt: r.get(2)?,
        upstream: r.get(3)?,
        account: r.get(4)?,
        model: r.get(5)?,
        reason: r.get(6)?,
        scope: r.get(7)?,
        action: r.get(8)?,
        wait_ms: r.get(9)?,
        position: r.get(10)?,
        said: r.get(11)?,
    })
}
