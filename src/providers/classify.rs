//! What a failed answer means, as a table (rate-limits.md): first line that fits.

use std::time::Duration;

use super::{Head, retry};
use crate::model::{Dialect, Failure, Kind, Scope};
use crate::wire::wire;

/// One line: statuses (empty = any), words of which one must stand in code, class or message (empty = any).
struct Line {
    status: &'static [u16],
    says: &'static [&'static str],
    kind: Kind,
    scope: Scope,
}

const fn line(status: &'static [u16], says: &'static [&'static str], kind: Kind, scope: Scope) -> Line {
    Line { status, says, kind, scope }
}

/// The table.
const TABLE: &[Line] = &[
    // Money and entitlement: waiting never helps.
    line(&[402], &["in_flight_budget"], Kind::RateLimited, Scope::Account),
    line(&[402], &[], Kind::QuotaSpent, Scope::Account),
    line(
        &[400, 403, 429],
        &[
            "insufficient_quota",
            "credit_balance",
            "spend_limit_reached",
            "organization_on_hold",
            "exceeded_current_quota",
            "allocationquota",
            "arrearage",
        ],
        Kind::QuotaSpent,
        Scope::Account,
    ),
    line(&[429], &["limit: 0"], Kind::Forbidden, Scope::Model),
    // A code that names a rate is believed before words: the texts of plain rate limits speak of billing too.
    line(&[429], &["resource_exhausted", "rate_limit_", "slow_down"], Kind::RateLimited, Scope::Model),
    line(
        &[400, 403, 429],
        &["billing", "credit balance", "exceeded your current quota, please check", "specified api usage limits"],
        Kind::QuotaSpent,
        Scope::Account,
    ),
    // Keys.
    line(&[401], &[], Kind::Unauthorized, Scope::Account),
    line(
        &[400, 403],
        &["api_key_invalid", "api key not valid", "invalid_api_key", "incorrect api key"],
        Kind::Unauthorized,
        Scope::Account,
    ),
    // Content.
    line(
        &[400, 403, 422],
        &["content_filter", "content_policy", "moderation", "flagged", "policy_violation", "bio_policy", "safety"],
        Kind::Refused,
        Scope::Request,
    ),
    line(&[403], &[], Kind::Forbidden, Scope::Model),
    // Too long.
    line(
        &[400, 413, 422],
        &[
            "context_length",
            "context length",
            "context window",
            "maximum context",
            "too long",
            "too many tokens",
            "token limit",
            "exceeds the limit",
            "exceed_context_size",
            "max_tokens_exceeded",
            "string_above_max",
        ],
        Kind::TooLong,
        Scope::Request,
    ),
    line(&[413], &[], Kind::TooLong, Scope::Request),
    // No such model.
    line(
        &[400, 404],
        &["model_not_found", "model not found", "does not exist", "not found, try pulling", "unknown model"],
        Kind::NotFound,
        Scope::Model,
    ),
    line(&[404], &[], Kind::NotFound, Scope::Model),
    // Load.
    line(&[429], &[], Kind::RateLimited, Scope::Model),
    line(&[503, 529], &[], Kind::Overloaded, Scope::Provider),
    line(&[500], &["overloaded"], Kind::Overloaded, Scope::Provider),
    line(&[408, 504, 524], &[], Kind::TimedOut, Scope::Model),
    line(&[409, 424, 425, 499, 500, 502], &[], Kind::Broken, Scope::Model),
    // The request's own fault: nobody else would do better.
    line(&[400, 405, 415, 422], &[], Kind::BadRequest, Scope::Request),
];

/// What limits that state no time come back within (rate-limits.md, "Per provider").
const UNSTATED: [(&str, Duration); 3] = [
    ("perday", Duration::from_secs(86_400)),
    (" spend", Duration::from_secs(600)),
    ("slow_down", Duration::from_secs(30)),
];

/// What a non-success answer means. `now` is seconds since 1970.
pub(super) fn classify(label: &str, dialect: Dialect, head: &Head, body: &[u8], now: i64) -> Failure {
    let said = wire(dialect).read_error(body);
    let text = format!("{} {} {}", said.code, said.class, said.message).to_ascii_lowercase();
    let fits = |l: &&Line| {
        (l.status.is_empty() || l.status.contains(&head.status))
            && (l.says.is_empty() || l.says.iter().any(|w| text.contains(w)))
    };
    let (kind, scope) = match TABLE.iter().find(fits) {
        Some(line) => (line.kind, line.scope),
        None if head.status >= 500 => (Kind::Broken, Scope::Provider),
        None => (Kind::BadRequest, Scope::Request),
    };
    // A router's other models may well work.
    let scope = if said.behind && scope == Scope::Provider { Scope::Model } else { scope };
    let message = if said.message.is_empty() {
        format!("{label} answered {} without a reason", head.status)
    } else {
        format!("{label} answered {}: {}", head.status, short(&said.message))
    };
    let mut failure = Failure::new(kind, scope, message);
    let waits = matches!(kind, Kind::RateLimited | Kind::Overloaded | Kind::Broken | Kind::TimedOut);
    if waits {
        let spent = super::limits::limits(head, now)
            .into_iter()
            .filter(|l| l.remaining == Some(0))
            .filter_map(|l| l.reset)
            .max();
        let plain_reset =
            head.get("x-ratelimit-reset").and_then(|v| retry::reset(v, now)).filter(|_| kind == Kind::RateLimited);
        let usual = UNSTATED.iter().find(|(word, _)| text.contains(word)).map(|(_, wait)| *wait);
        failure.retry_after =
            [retry::after(head, now), said.retry_after, spent, plain_reset, retry::in_words(&said.message)]
                .into_iter()
                .flatten()
                .max()
                .or(usual);
    }
    let id = ["x-request-id", "request-id"].iter().find_map(|n| head.get(n)).map(str::to_owned);
    failure.upstream = said.upstream(head.status, id);
    failure
}

/// One line of at most 300 characters.
fn short(message: &str) -> String {
    let line: String = message.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= 300 { line } else { line.chars().take(300).chain(['…']).collect() }
}
