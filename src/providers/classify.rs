//! What a failed answer means: the table of model/rule.rs, and how long what it condemns rests.

use std::time::Duration;

use jiff::{Timestamp, ToSpan, tz::TimeZone};
use serde_json::Value;
use url::Url;

use super::limits::PLAN;
use super::{Head, Limit, Provider, retry};
use crate::model::{Action, Blamed, Dialect, Failure, Kind, Refusal, Rest, Said, Scope, meaning, short};
use crate::wire::wire;

/// Nobody needs more words to refuse a request (bytes).
const LONGEST: usize = 64 << 10;

/// What a non-success answer means. `now` is seconds since 1970.
pub(super) fn classify(by: &dyn Provider, who: &str, dialect: Dialect, head: &Head, body: &[u8], now: i64) -> Failure {
    let said = wire(dialect).read_error(body);
    let code = format!("{} {}", said.code, said.class).to_ascii_lowercase();
    let text = said.message.to_ascii_lowercase();
    // Nobody follows it, and nothing is wrong with what was asked.
    let moved = (300..400).contains(&head.status);
    let rule = meaning(&Said { by: by.id(), status: Some(head.status), code: &code, message: &text });
    let rule = rule.filter(|_| !moved);
    let (kind, scope, mut action, rest) = match rule {
        Some(rule) => (rule.kind, rule.scope, rule.action, rule.rest),
        None if moved => (Kind::Broken, Scope::Provider, Action::Next, Rest::Stated),
        None if head.status >= 500 => (Kind::Broken, Scope::Provider, Action::Retry, Rest::Stated),
        None => (Kind::BadRequest, Scope::Request, Action::Stop, Rest::Stated),
    };
    // A router's other models may well work.
    let scope = if said.behind && scope == Scope::Provider { Scope::Model } else { scope };
    // A status of a call has a name; the number is our own.
    let answered = match dialect.is_grpc() && !said.class.is_empty() {
        true => said.class.clone(),
        false => head.status.to_string(),
    };
    let message = if moved {
        format!("{who} answered {answered}: it sends on to {}: is the base URL right?", aim(head))
    } else if said.message.is_empty() {
        format!("{who} answered {answered} without a reason")
    } else {
        format!("{who} answered {answered}: {}", short(&said.message))
    };
    let mut failure = Failure::new(kind, scope, message);
    if matches!(kind, Kind::RateLimited | Kind::Overloaded | Kind::Broken | Kind::TimedOut) {
        let after = retry::after(head, now);
        // A full bucket of one account says nothing of when a server works again.
        let spent = match kind {
            Kind::RateLimited => spent_until(dialect, &super::limits::limits(head, now), after),
            _ => None,
        };
        let plain_reset =
            head.get("x-ratelimit-reset").and_then(|v| retry::reset(v, now)).filter(|_| kind == Kind::RateLimited);
        let stated = [after, said.retry_after, spent, plain_reset, retry::in_words(&said.message)];
        failure.retry_after = stated.into_iter().flatten().max();
    } else if kind == Kind::QuotaSpent {
        // No wait brings money, but some say when access comes back.
        failure.retry_after = retry::on_date(&said.message, now);
    }
    failure.retry_after = rested(rest, failure.retry_after, now);
    // The official SDKs believe this header over the status (rate-limits.md, rule 8). Money and keys are no matter of
    // trying again, and a stated time is waited for, not tried against.
    match head.get("x-should-retry") {
        Some("false") if action == Action::Retry || (action == Action::Park && failure.retry_after.is_none()) => {
            action = Action::Next;
        }
        Some("true") if kind == Kind::BadRequest => action = Action::Retry,
        _ => {}
    }
    failure.action = action;
    let id = head.id().map(str::to_owned);
    *failure.upstream = said.upstream(head.status, id);
    if matches!(dialect, Dialect::OpenAiChat | Dialect::OpenAiResponses) {
        let (param, code) = said.blamed;
        failure.upstream.blamed = (param.is_some() || code.is_some()).then_some(Blamed { dialect, param, code });
    }
    failure.upstream.refusal = refusal(dialect, head.status, kind, body);
    failure
}

/// Statuses that say something of the request itself; what others say is between the upstream and whoever has the account.
const OF_REQUESTS: [u16; 4] = [400, 413, 415, 422];
/// Members that name the account at the upstream, which a proxy's callers need not know (openrouter.md; Google's details).
const OWNERS: [&str; 9] = [
    "user_id",
    "account",
    "account_id",
    "organization",
    "organization_id",
    "org_id",
    "project",
    "project_id",
    "consumer",
];

/// A refusal that its caller can be told as it came, but for whose account it is.
fn refusal(dialect: Dialect, status: u16, kind: Kind, body: &[u8]) -> Option<Refusal> {
    let of_request = OF_REQUESTS.contains(&status) || (status == 403 && kind == Kind::Refused);
    let told = of_request && !dialect.is_grpc() && body.len() <= LONGEST;
    let text = std::str::from_utf8(body).ok().filter(|_| told)?;
    let mut body = Value::Object(serde_json::from_str(text).ok()?);
    let body = if disowned(&mut body) { body.to_string() } else { text.to_owned() };
    Some(Refusal { dialect, body })
}

/// Takes out who has the account; whether anything said it.
fn disowned(value: &mut Value) -> bool {
    match value {
        Value::Object(members) => {
            let before = members.len();
            members.retain(|name, _| !OWNERS.contains(&name.as_str()));
            let gone = members.len() < before;
            members.values_mut().fold(gone, |gone, value| disowned(value) | gone)
        }
        Value::Array(list) => list.iter_mut().fold(false, |gone, value| disowned(value) | gone),
        _ => false,
    }
}

/// When what is used up is there again. Anthropic's own word, `retry-after`, goes before its counters (rate-limits.md, "Per
/// provider"): its buckets fill all the time, and their reset tells when they will be full. Windows of a plan do not.
fn spent_until(dialect: Dialect, limits: &[Limit], after: Option<Duration>) -> Option<Duration> {
    let spent = || limits.iter().filter(|l| l.remaining == Some(0)).filter_map(|l| Some((l.what == PLAN, l.reset?)));
    if dialect != Dialect::AnthropicMessages {
        return spent().map(|(_, reset)| reset).max();
    }
    let plan = spent().filter(|(plan, _)| *plan).map(|(_, reset)| reset).max();
    let bucket = spent().filter(|(plan, _)| !plan).map(|(_, reset)| reset).min();
    plan.max(bucket).filter(|_| after.is_none())
}

/// Where a redirect leads, by its host alone: what stands behind that may hold a key.
fn aim(head: &Head) -> String {
    let url = head.get("location").map(Url::parse);
    match url.as_ref().map(|url| url.as_ref().ok().and_then(Url::host_str)) {
        Some(Some(host)) => host.to_owned(),
        Some(None) => "another path".to_owned(),
        None => "another address".to_owned(),
    }
}

/// As [`classify`], of what stands inside an answer with a success status: there are no headers to look at, but words
/// and the table's times hold as they do for an error with a status of its own.
pub(super) fn inside(by: &str, mut failure: Failure, now: i64) -> Failure {
    let said = [&failure.upstream.code, &failure.upstream.class];
    let code = said.into_iter().flatten().cloned().collect::<Vec<_>>().join(" ").to_ascii_lowercase();
    if code.is_empty() {
        return failure;
    }
    let status = failure.upstream.code.as_ref().and_then(|c| c.parse().ok()).filter(|s| (400..600).contains(s));
    let text = failure.message.to_ascii_lowercase();
    let Some(rule) = meaning(&Said { by, status, code: &code, message: &text }) else { return failure };
    // Narrower where somebody behind the one we asked failed.
    if failure.scope != Scope::Model || rule.scope != Scope::Provider {
        failure.scope = rule.scope;
    }
    (failure.kind, failure.action) = (rule.kind, rule.action);
    let words = match rule.kind {
        Kind::RateLimited | Kind::Overloaded => retry::in_words(&failure.message),
        Kind::QuotaSpent => retry::on_date(&failure.message, now),
        _ => None,
    };
    failure.retry_after = rested(rule.rest, failure.retry_after.max(words), now);
    failure
}

/// How long it rests, from now.
fn rested(rest: Rest, stated: Option<Duration>, now: i64) -> Option<Duration> {
    match rest {
        Rest::Stated => stated,
        Rest::Usually(usual) => stated.or(Some(usual)),
        Rest::Least(least) => Some(stated.unwrap_or_default().max(least)),
        Rest::Pacific => stated.or_else(|| {
            let zone = TimeZone::get("America/Los_Angeles").unwrap_or_else(|_| TimeZone::fixed(jiff::tz::offset(-8)));
            next(now, zone, 1.day())
        }),
        Rest::Day => stated.or_else(|| next(now, TimeZone::UTC, 1.day())),
        Rest::Month => stated.or_else(|| next(now, TimeZone::UTC, 1.month())),
    }
}

/// Until the next day or month begins in a time zone.
fn next(now: i64, zone: TimeZone, step: jiff::Span) -> Option<Duration> {
    let here = Timestamp::from_second(now).ok()?.to_zoned_datetime(zone);
    let begun = if step.get_months() > 0 { here.first_of_month().ok()? } else { here };
    let begins = begun.start_of_day().ok()?.checked_add(step).ok()?.start_of_day().ok()?;
    u64::try_from(begins.timestamp().as_second().saturating_sub(now)).ok().map(Duration::from_secs)
}
