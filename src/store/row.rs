//! What is written about a request and its attempts.

use rusqlite::Connection;
use smol_str::SmolStr;

use super::verb::{Cells, Verb, cell, cells};
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
    pub id: SmolStr,
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
    pub(super) fn cells(self) -> Cells {
        cells(
            Verb::WholeRequest,
            [
                cell(self.id),
                cell(self.parent),
                cell(self.started_ms),
                cell(self.purpose.name()),
                cell(self.place.repo),
                cell(self.place.branch),
                cell(self.asked_model),
                cell(self.asked_effort.to_string()),
                cell(self.redacted),
                cell(self.stream),
                cell(self.caller),
                cell(self.place.commit),
                cell(self.place.draft),
                cell(life::own()),
            ],
        )
    }

    pub(super) fn insert(&self, c: &Connection) -> rusqlite::Result<()> {
        Verb::Request.run(c, &self.clone().cells())
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
    pub served_by: Option<(SmolStr, SmolStr, SmolStr)>,
}

impl RequestEnd {
    pub(super) fn cells(self, id: SmolStr) -> Cells {
        let (upstream, account, model) = match self.served_by {
            Some((u, a, m)) => (cell(u), cell(a), cell(m)),
            None => (None, None, None),
        };
        vec![cell(id), cell(self.ended_ms), cell(self.outcome.name()), upstream, account, model]
    }
}

/// An attempt that begins.
#[derive(Debug, Clone)]
pub struct NewAttempt {
    /// The request.
    pub request_id: SmolStr,
    /// From 1.
    pub number: u32,
    /// Milliseconds since 1970.
    pub started_ms: i64,
    /// Provider id.
    pub provider: SmolStr,
    /// Upstream name.
    pub upstream: SmolStr,
    /// Account name.
    pub account: SmolStr,
    /// Model id.
    pub model: SmolStr,
    /// Who made the model.
    pub maker: SmolStr,
    /// Dialect name.
    pub dialect: SmolStr,
}

impl NewAttempt {
    pub(super) fn cells(self) -> Cells {
        cells(
            Verb::WholeAttempt,
            [
                cell(self.request_id),
                cell(self.number),
                cell(self.started_ms),
                cell(self.provider),
                cell(self.upstream),
                cell(self.account),
                cell(self.model),
                cell(self.maker),
                cell(self.dialect),
                cell(life::own()),
            ],
        )
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
    pub finish: Option<SmolStr>,
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
    pub(super) fn cells(self, request: SmolStr, number: u32) -> Cells {
        // SQLite counts to 2^63; a provider that reports more tokens than that is wrong anyway.
        let whole = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
        let usage = self.usage;
        let tokens = |f: fn(&Usage) -> u64| cell(usage.map(|(u, _)| whole(f(&u))));
        let (kind, scope, failure) = match self.failure {
            Some((kind, scope, message)) => (Some(kind), Some(scope), Some(message)),
            None => (None, None, None),
        };
        vec![
            cell(request),
            cell(number),
            cell(self.ended_ms),
            cell(self.first_content_ms),
            cell(self.status.map(i64::from)),
            cell(kind.map(Kind::name)),
            cell(scope.map(Scope::name)),
            cell(failure),
            tokens(|u| u.input),
            tokens(|u| u.cache_read),
            tokens(|u| u.cache_write_short),
            tokens(|u| u.cache_write_long),
            tokens(|u| u.output),
            cell(usage.and_then(|(u, _)| u.reasoning).map(whole)),
            cell(usage.map(|(_, source)| source.name())),
            cell(self.cost.map(|c| whole(c.amount.0))),
            cell(self.cost.map(|c| c.source.name())),
            cell(self.finish),
            cell(self.effort_sent),
            cell(self.effort_confirmed.map(i64::from)),
            cell(self.upstream_id),
            cell(self.priced),
            cell(self.bytes.map(|(sent, _)| whole(sent))),
            cell(self.bytes.map(|(_, received)| whole(received))),
        ]
    }
}
