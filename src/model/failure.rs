//! Why an attempt failed, how much of the plan that condemns, and when to come back.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Dialect;

/// What went wrong, in the words a client acts on (rate-limits.md).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Too fast; waiting helps.
    RateLimited,
    /// Money or entitlement is gone; waiting does not help.
    QuotaSpent,
    /// The key is wrong, expired or revoked.
    Unauthorized,
    /// The key may not do this (model, region, moderation).
    Forbidden,
    /// No such model or endpoint.
    NotFound,
    /// The provider has too much to do.
    Overloaded,
    /// The prompt does not fit the model.
    TooLong,
    /// The request is wrong in itself; another account will not help.
    BadRequest,
    /// The provider or the model refused the content.
    Refused,
    /// The provider answered with an error of its own, or with garbage.
    Broken,
    /// No connection: refused, DNS, reset.
    Unreachable,
    /// The certificate was not accepted.
    Untrusted,
    /// Nothing came in time.
    TimedOut,
    /// The answer stopped in the middle.
    Truncated,
    /// We were told to stop.
    Cancelled,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 15] = [
        Self::RateLimited,
        Self::QuotaSpent,
        Self::Unauthorized,
        Self::Forbidden,
        Self::NotFound,
        Self::Overloaded,
        Self::TooLong,
        Self::BadRequest,
        Self::Refused,
        Self::Broken,
        Self::Unreachable,
        Self::Untrusted,
        Self::TimedOut,
        Self::Truncated,
        Self::Cancelled,
    ];

    /// One word for ledger and `--json`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::RateLimited => "rate_limited",
            Self::QuotaSpent => "quota_spent",
            Self::Unauthorized => "unauthorized",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not_found",
            Self::Overloaded => "overloaded",
            Self::TooLong => "too_long",
            Self::BadRequest => "bad_request",
            Self::Refused => "refused",
            Self::Broken => "broken",
            Self::Unreachable => "unreachable",
            Self::Untrusted => "untrusted",
            Self::TimedOut => "timed_out",
            Self::Truncated => "truncated",
            Self::Cancelled => "cancelled",
        }
    }
}

/// How much of the plan a failure condemns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Only this request: no other route would do better.
    Request,
    /// This model on this account.
    Model,
    /// The whole account.
    Account,
    /// The whole provider, whatever the account.
    Provider,
}

impl Scope {
    /// Every scope, the narrowest first.
    pub const ALL: [Self; 4] = [Self::Request, Self::Model, Self::Account, Self::Provider];

    /// One word for ledger, settings and `--json`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Model => "model",
            Self::Account => "account",
            Self::Provider => "provider",
        }
    }
}

/// What a request does about a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// No other route would do better: the request ends.
    Stop,
    /// Another route is taken; waiting for this one would not help.
    Next,
    /// What failed cools down, for every process; another route is taken, and where there is none the request waits.
    Park,
    /// Another route is taken; where there is none, this one is tried again after a pause.
    Retry,
    /// A token is renewed once and tried again, else as `Next`.
    Refresh,
}

impl Action {
    /// Every action.
    pub const ALL: [Self; 5] = [Self::Stop, Self::Next, Self::Park, Self::Retry, Self::Refresh];

    /// One word for settings and `--json`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Stop => "stop",
            Self::Next => "next",
            Self::Park => "park",
            Self::Retry => "retry",
            Self::Refresh => "refresh",
        }
    }

    /// What is done about a kind of failure where no rule says otherwise (rate-limits.md, "By status").
    #[must_use]
    pub const fn usual(kind: Kind, scope: Scope) -> Self {
        match (kind, scope) {
            (Kind::RateLimited | Kind::Overloaded, _) => Self::Park,
            (Kind::Unauthorized, _) => Self::Refresh,
            (Kind::Broken | Kind::Unreachable | Kind::TimedOut | Kind::Truncated, _) => Self::Retry,
            (Kind::BadRequest | Kind::Refused | Kind::Cancelled, Scope::Request) => Self::Stop,
            _ => Self::Next,
        }
    }
}

/// What the upstream itself said, for people and logs. Never holds a credential.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct UpstreamError {
    /// HTTP status; `None` when no answer came.
    pub status: Option<u16>,
    /// The provider's machine-readable type or code, if any.
    pub code: Option<String>,
    /// The broader type beside a code, if any.
    pub class: Option<String>,
    /// The provider's request id, if any.
    pub request_id: Option<String>,
    /// What it said of the request, for a caller of its own dialect.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blamed: Option<Blamed>,
    /// The whole of a refusal, for a caller of its own dialect; it is told and not kept.
    #[serde(skip)]
    pub refusal: Option<Refusal>,
}

/// The body of a refusal as it came: a JSON object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Whose words these are.
    pub dialect: Dialect,
    /// What was said, free of credentials.
    pub body: String,
}

/// What of a request an upstream did not like, as the OpenAI dialects say it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Blamed {
    /// Whose words these are.
    pub dialect: Dialect,
    /// `error.param`: the member that is wrong.
    pub param: Option<String>,
    /// `error.code`.
    pub code: Option<String>,
}

/// A failed attempt.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    /// What went wrong.
    pub kind: Kind,
    /// How much it condemns.
    pub scope: Scope,
    /// What the request does about it.
    pub action: Action,
    /// When the server says to come back, measured from now.
    pub retry_after: Option<Duration>,
    /// One sentence for a person, already free of secrets.
    pub message: String,
    /// What the upstream said.
    pub upstream: Box<UpstreamError>,
}

/// One line of at most 300 characters: as much as is shown and kept of what an upstream says.
#[must_use]
pub fn short(message: &str) -> String {
    let line: String = message.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= 300 { line } else { line.chars().take(300).chain(['…']).collect() }
}

impl Failure {
    /// A failure with nothing known of the upstream.
    pub fn new(kind: Kind, scope: Scope, message: impl Into<String>) -> Self {
        let action = Action::usual(kind, scope);
        Self { kind, scope, action, retry_after: None, message: message.into(), upstream: Box::default() }
    }

    /// Status and body with which an upstream of this dialect refused a request for what stands in it: its caller has to
    /// hear just that.
    #[must_use]
    pub fn refusal(&self, dialect: Dialect) -> Option<(u16, &str)> {
        let final_word = matches!(self.kind, Kind::BadRequest | Kind::TooLong | Kind::Refused);
        let said = self.upstream.refusal.as_ref().filter(|said| final_word && said.dialect == dialect)?;
        Some((self.upstream.status?, &said.body))
    }

    /// The answer could not be understood.
    pub fn broken(message: impl Into<String>) -> Self {
        Self::new(Kind::Broken, Scope::Provider, message)
    }

    /// The answer came whole, and cannot be read: it was paid for, and to ask for it again would cost as much and say the
    /// same.
    pub fn unread(message: impl Into<String>) -> Self {
        Self { action: Action::Next, ..Self::new(Kind::Broken, Scope::Model, message) }
    }

    /// It is [`Self::unread`], and no word of an upstream.
    #[must_use]
    pub fn is_unread(&self) -> bool {
        let said = &self.upstream;
        self.kind == Kind::Broken && self.action == Action::Next && said.status.is_none() && said.code.is_none()
    }
}
