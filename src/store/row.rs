//! What is written about a request and its attempts.

use rusqlite::{Connection, params};

use crate::model::{Cost, Demand, Kind, Purpose, Scope, Usage, UsageSource};
use crate::world::life;

/// Where a request belongs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place {
    /// Work tree.
    pub repo: Option<String>,
    /// Branch.
    pub branch: Option<String>,
    /// The commit it is about, if it is there already.
    pub commit: Option<String>,
    /// What the commit would be known by that it drafts a message for: `PARENT:TREE`, or a word of the caller's own.
    pub draft: Option<String>,
}

/// A request that begins.
#[derive(Debug, Clone)]
pub struct NewRequest {
    /// Its id.
    pub id: String,
    /// The request it belongs to (dialectic).
    pub parent: Option<String>,
    /// Milliseconds since 1970.
    pub started_ms: i64,
    /// Why it is made.
    pub purpose: Purpose,
    /// Who asked: `monster ask`, `git hook`, a key's name.
    pub caller: String,
    /// Where it belongs.
    pub place: Place,
    /// As the user asked.
    pub asked_model: String,
    /// As the user asked.
    pub asked_effort: Demand,
    /// Secrets found in it.
    pub redacted: u32,
    /// Pieces were wanted.
    pub stream: bool,
}

impl NewRequest {
    pub(super) fn insert(&self, c: &Connection) -> rusqlite::Result<()> {
        c.prepare_cached(
            "INSERT INTO request (id, parent, started_ms, purpose, repo, branch, asked_model, asked_effort, redacted, stream,
             caller, commit_id, draft, process) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
        )?
        .execute(params![
            self.id, self.parent, self.started_ms, self.purpose.name(), self.place.repo, self.place.branch,
            self.asked_model, self.asked_effort.to_string(), self.redacted, self.stream, self.caller, self.place.commit,
            self.place.draft, life::own()
        ])?;
        Ok(())
    }
}

/// How a request ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Answered.
    Done,
    /// Not answered.
    Failed(Kind),
    /// The user or a signal ended it.
    Cancelled,
    /// Answered by rules.
    Offline,
}

impl Outcome {
    /// One word.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Failed(kind) => kind.name(),
            Self::Cancelled => "cancelled",
            Self::Offline => "offline",
        }
    }
}

/// The end of a request.
#[derive(Debug, Clone)]
pub struct RequestEnd {
    /// Milliseconds since 1970.
    pub ended_ms: i64,
    /// How.
    pub outcome: Outcome,
    /// Upstream, account and model that answered.
    pub served_by: Option<(String, String, String)>,
}

impl RequestEnd {
    pub(super) fn update(&self, c: &Connection, id: &str) -> rusqlite::Result<()> {
        let (upstream, account, model) = match &self.served_by {
            Some((u, a, m)) => (Some(u), Some(a), Some(m)),
            None => (None, None, None),
        };
        c.prepare_cached(
            "UPDATE request SET ended_ms = ?2, outcome = ?3, upstream = ?4, account = ?5, model = ?6, process = NULL
             WHERE id = ?1",
        )?
        .execute(params![id, self.ended_ms, self.outcome.name(), upstream, account, model])?;
        Ok(())
    }
}

/// An attempt that begins.
#[derive(Debug, Clone)]
pub struct NewAttempt {
    /// The request.
    pub request_id: String,
    /// From 1.
    pub number: u32,
    /// Milliseconds since 1970.
    pub started_ms: i64,
    /// Provider id.
    pub provider: String,
    /// Upstream name.
    pub upstream: String,
    /// Account name.
    pub account: String,
    /// Model id.
    pub model: String,
    /// Who made the model.
    pub maker: String,
    /// Dialect name.
    pub dialect: String,
}

impl NewAttempt {
    pub(super) fn insert(&self, c: &Connection) -> rusqlite::Result<()> {
        c.prepare_cached(
            "INSERT INTO attempt (request_id, number, started_ms, provider, upstream, account, model, maker, dialect, process)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        )?
        .execute(params![
            self.request_id,
            self.number,
            self.started_ms,
            self.provider,
            self.upstream,
            self.account,
            self.model,
            self.maker,
            self.dialect,
            life::own()
        ])?;
        Ok(())
    }
}

/// The end of an attempt.
#[derive(Debug, Clone, Default)]
pub struct AttemptEnd {
    /// Milliseconds since 1970.
    pub ended_ms: i64,
    /// HTTP status; `None` when no answer came.
    pub status: Option<u16>,
    /// Why it failed.
    pub failure: Option<(Kind, Scope, String)>,
    /// Tokens; `None` when nothing was used.
    pub usage: Option<(Usage, UsageSource)>,
    /// Money; `None` with usage = unpriced.
    pub cost: Option<Cost>,
    /// Whose prices made the cost: `provider`, `settings`, `catalog DATE`, `fetched DATE, SOURCE`.
    pub priced: Option<String>,
    /// Why the model stopped.
    pub finish: Option<String>,
    /// The level sent.
    pub effort_sent: Option<String>,
    /// Reasoning asked for was seen.
    pub effort_confirmed: Option<bool>,
    /// When content began, milliseconds since 1970.
    pub first_content_ms: Option<i64>,
    /// The provider's id.
    pub upstream_id: Option<String>,
    /// Bytes sent and received, of a call that was passed on as it came.
    pub bytes: Option<(u64, u64)>,
}

impl AttemptEnd {
    pub(super) fn update(&self, c: &Connection, request: &str, number: u32) -> rusqlite::Result<()> {
        // SQLite counts to 2^63; a provider that reports more tokens than that is wrong anyway.
        let whole = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
        let tokens = |f: fn(&Usage) -> u64| self.usage.map(|(u, _)| whole(f(&u)));
        let (kind, scope, message) = match &self.failure {
            Some((kind, scope, message)) => (Some(kind.name()), Some(scope.name()), Some(message)),
            None => (None, None, None),
        };
        c.prepare_cached(
            "UPDATE attempt SET ended_ms = ?3, first_content_ms = ?4, status = ?5, failure_kind = ?6, failure_scope = ?7,
             failure = ?8, input = ?9, cache_read = ?10, cache_write_short = ?11, cache_write_long = ?12, output = ?13,
             reasoning = ?14, usage_source = ?15, cost_nano = ?16, cost_source = ?17, finish = ?18, effort_sent = ?19,
             effort_confirmed = ?20, upstream_id = ?21, priced = ?22, sent_bytes = ?23,
             received_bytes = ?24, process = NULL WHERE request_id = ?1 AND number = ?2",
        )?
        .execute(params![
            request,
            number,
            self.ended_ms,
            self.first_content_ms,
            self.status,
            kind,
            scope,
            message,
            tokens(|u| u.input),
            tokens(|u| u.cache_read),
            tokens(|u| u.cache_write_short),
            tokens(|u| u.cache_write_long),
            tokens(|u| u.output),
            self.usage.and_then(|(u, _)| u.reasoning).map(whole),
            self.usage.map(|(_, source)| source.name()),
            self.cost.map(|c| whole(c.amount.0)),
            self.cost.map(|c| c.source.name()),
            self.finish,
            self.effort_sent,
            self.effort_confirmed,
            self.upstream_id,
            self.priced,
            self.bytes.map(|(sent, _)| whole(sent)),
            self.bytes.map(|(_, received)| whole(received)),
        ])?;
        Ok(())
    }
}
