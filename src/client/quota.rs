//! What is left: learned for free from the head of every answer, and asked for on demand where an endpoint is documented.

use std::time::Duration;

use http::HeaderName;

use super::Client;
use super::check::{self, get};
use super::cool::{self, Stands};
use super::route::Route;
use super::transport::Limits;
use crate::auth::admin;
use crate::model::{Failure, Kind, Scope, Secret};
use crate::net::Net;
use crate::providers::{Balance, Head, Limit, Opens, Reading, Upstream, provider};
use crate::store::{CoolDown, LimitRow};

/// Headers that name the organization that pays (rate-limits.md).
static ORGANIZATIONS: [HeaderName; 2] =
    [HeaderName::from_static("openai-organization"), HeaderName::from_static("anthropic-organization-id")];
/// An endpoint that sends forever is not waited for longer.
const LONGEST: Duration = Duration::from_secs(20);

/// Keeps the counters that the head of an answer or of an error states, and gives them. Written in the background: nobody
/// waits.
pub(super) fn learn(client: &Client, route: &Route, head: &Head) -> Vec<Limit> {
    let now_ms = client.clock.millis();
    let source = if (200..300).contains(&head.status) { "header" } else { "error" };
    let (upstream, account) = (&route.upstream.name, route.account());
    let limits = route.provider.limits(head, now_ms / 1_000);
    let row = |limit: Limit| LimitRow {
        upstream: upstream.clone(),
        account: account.to_owned(),
        model: if limit.wide { String::new() } else { route.card.id.clone() },
        what: limit.name(),
        unit: limit.unit,
        ceiling: limit.limit,
        remaining: limit.remaining,
        reset_ms: limit.reset.map(|d| now_ms.saturating_add(i64::try_from(d.as_millis()).unwrap_or(i64::MAX))),
        seen_ms: now_ms,
        source: source.to_owned(),
    };
    client.store.saw(limits.iter().cloned().map(row).collect());
    let named = ORGANIZATIONS.iter().find_map(|name| head.get(name));
    if let Some(organization) = named.filter(|o| !o.is_empty() && o.len() <= 100) {
        client.store.belongs(upstream, account, organization);
    }
    limits
}

/// What one endpoint answered.
#[derive(Debug)]
pub struct Told {
    /// Which endpoint.
    pub source: &'static str,
    /// What it said, or why it did not.
    pub said: Result<Vec<Reading>, Failure>,
}

/// The endpoints that this key opens.
#[must_use]
pub fn endpoints(upstream: &Upstream, key: &Secret) -> Vec<&'static Balance> {
    let opens = if admin(&upstream.provider, key) { Opens::Admin } else { Opens::Key };
    let all = provider(&upstream.provider).map(|p| p.balances()).unwrap_or_default();
    all.iter().filter(|b| b.opens == opens).collect()
}

/// Asks the documented endpoints what is left or spent. `now` is seconds since 1970. One that fails stops no other.
pub async fn ask(net: &Net, limits: Limits, upstream: &Upstream, key: &Secret, now: i64) -> Vec<Told> {
    let mut out = Vec::new();
    for balance in endpoints(upstream, key) {
        let mut next = Some(balance);
        while let Some(balance) = next.take() {
            let url = (balance.url)(upstream, now);
            let got = tokio::time::timeout(LONGEST, get(net, limits, upstream, url, Some(key), now)).await;
            let body = got.unwrap_or_else(|_| Err(slow()));
            if let Ok(body) = &body {
                next = balance.then.filter(|(may, _)| may(body)).map(|(_, more)| more);
            }
            let said = body.and_then(|body| {
                (balance.read)(&body, now).ok_or_else(|| {
                    let what = format!("{} answered, but not what its document promises", check::label(upstream));
                    Failure::new(Kind::Broken, Scope::Account, what)
                })
            });
            out.push(Told { source: balance.source, said });
        }
    }
    out
}

fn slow() -> Failure {
    let what = format!("the server did not come to an end within {}", super::park::spell(LONGEST));
    Failure::new(Kind::TimedOut, Scope::Account, what)
}

/// When the next request may try whether a cool-down is over, milliseconds since 1970; `None` when only its end is.
#[must_use]
pub fn next_try(cool: &CoolDown, now_ms: i64) -> Option<i64> {
    match cool::stands(cool, now_ms) {
        Stands::Probe => Some(now_ms),
        Stands::Holds(until) => Some(until).filter(|until| *until < cool.until_ms),
    }
}
