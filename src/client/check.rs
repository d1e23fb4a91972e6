//! Whether a key is good: the provider is asked for its models, which costs nothing.

use super::transport::{Limits, Outgoing, send};
use crate::model::{Dialect, Failure, Kind, Listed, Scope, Secret};
use crate::net::Net;
use crate::providers::{Head, Opens, Provider, Upstream, provider};
use crate::secrets::{Known, Mode, Redactor};
use crate::world::random;

/// What a provider said when a key was shown to it.
pub struct Checked {
    /// The models that the key may use, or what the answer means.
    pub said: Result<Vec<String>, Failure>,
    /// The provider's own time, if it was told: seconds since 1970.
    pub date: Option<i64>,
    /// Whether a list of models was read, were it an empty one.
    pub listed: bool,
}

/// Asks for the models that `key` may use. An administrator's key serves none: it is asked what it is for.
///
/// # Errors
/// What the provider's answer means, for example `Unauthorized`; `now` is seconds since 1970.
pub async fn check(
    net: &Net,
    limits: Limits,
    upstream: &Upstream,
    key: Option<&Secret>,
    now: i64,
) -> Result<Vec<String>, Failure> {
    checked(net, limits, upstream, key, now).await.said
}

/// As [`check`], with the provider's time.
pub async fn checked(net: &Net, limits: Limits, upstream: &Upstream, key: Option<&Secret>, now: i64) -> Checked {
    let mut head = None;
    let said = listed(net, limits, upstream, key, now, &mut head).await;
    let listed = said.as_ref().is_ok_and(|(_, listed)| *listed);
    Checked { said: said.map(|(models, _)| models), date: head.as_ref().and_then(date), listed }
}

async fn listed(
    net: &Net,
    limits: Limits,
    upstream: &Upstream,
    key: Option<&Secret>,
    now: i64,
    head: &mut Option<Head>,
) -> Result<(Vec<String>, bool), Failure> {
    let served = served(upstream)?;
    let dialect = upstream.dialect.unwrap_or(Dialect::OpenAiChat);
    let headers = served.sign(upstream, dialect, key);
    let admin = key.is_some_and(|key| crate::auth::admin(&upstream.provider, key));
    if let Some(balance) = served.balances().iter().find(|b| admin && b.opens == Opens::Admin) {
        let outgoing = Outgoing::get((balance.url)(upstream, now), headers);
        asked(net, limits, upstream, outgoing, key, now, head).await?;
        return Ok((Vec::new(), false));
    }
    let listing = Outgoing::listing(served.models_url(upstream), headers, upstream.dialect);
    let body = asked(net, limits, upstream, listing, key, now, head).await?;
    Ok((served.read_models(&body), served.lists(dialect, &body)))
}

/// Asks what the models that `key` may use can do and cost.
///
/// # Errors
/// As [`check`].
pub(super) async fn cards(
    net: &Net,
    limits: Limits,
    upstream: &Upstream,
    key: Option<&Secret>,
    now: i64,
) -> Result<Vec<Listed>, Failure> {
    let served = served(upstream)?;
    let dialect = upstream.dialect.unwrap_or(Dialect::OpenAiChat);
    let (first, plain) = (served.cards_url(upstream), served.models_url(upstream));
    let listing = |url| Outgoing::listing(url, served.sign(upstream, dialect, key), upstream.dialect);
    let body = match asked(net, limits, upstream, listing(first.clone()), key, now, &mut None).await {
        // An older server, or one between, that knows the plain listing alone.
        Err(failure) if failure.kind == Kind::NotFound && first != plain => {
            asked(net, limits, upstream, listing(plain), key, now, &mut None).await?
        }
        said => said?,
    };
    Ok(served.read_cards(&body))
}

/// When an answer was made, by the clock of who made it: `Date`, and `Age` where a cache kept it (RFC 9110, 9111).
fn date(head: &Head) -> Option<i64> {
    let at = jiff::fmt::rfc2822::parse(head.get("date")?.trim()).ok()?.timestamp().as_second();
    let kept = head.get("age").and_then(|age| age.trim().parse::<u32>().ok()).unwrap_or(0);
    Some(at.saturating_add(kept.into()))
}

fn served(upstream: &Upstream) -> Result<&'static dyn Provider, Failure> {
    provider(&upstream.provider).ok_or_else(|| {
        Failure::new(Kind::NotFound, Scope::Provider, format!("there is no provider \"{}\"", upstream.provider))
    })
}

/// Whoever answers, for people.
pub(super) fn label(upstream: &Upstream) -> &str {
    provider(&upstream.provider).map_or(upstream.name.as_str(), |served| served.called(upstream))
}

/// One request that only reads; what it means when it is refused.
pub(super) async fn get(
    net: &Net,
    limits: Limits,
    upstream: &Upstream,
    url: String,
    key: Option<&Secret>,
    now: i64,
) -> Result<Vec<u8>, Failure> {
    let served = served(upstream)?;
    let dialect = upstream.dialect.unwrap_or(Dialect::OpenAiChat);
    let outgoing = Outgoing::get(url, served.sign(upstream, dialect, key));
    asked(net, limits, upstream, outgoing, key, now, &mut None).await
}

/// Sends it, once all is known that the address is made of: a key goes nowhere before that.
async fn asked(
    net: &Net,
    limits: Limits,
    upstream: &Upstream,
    outgoing: Outgoing,
    key: Option<&Secret>,
    now: i64,
    seen: &mut Option<Head>,
) -> Result<Vec<u8>, Failure> {
    let served = served(upstream)?;
    if let Some(lack) = served.lacks(upstream) {
        return Err(Failure::new(Kind::NotFound, Scope::Provider, lack));
    }
    let dialect = upstream.dialect.unwrap_or(Dialect::OpenAiChat);
    let incoming = send(net, outgoing.via(&upstream.via), limits).await?;
    let (ok, head) = (incoming.ok(), incoming.head.clone());
    *seen = Some(head.clone());
    let body = incoming.whole().await?;
    if ok {
        return Ok(body);
    }
    let mut failure = served.classify(served.called(upstream), dialect, &head, &body, now);
    // Some servers repeat the key they refuse.
    let known = key.map(|key| Known::new("key", key.clone())).into_iter().collect();
    let redactor = Redactor::new(Mode::Redact, known, random::bytes().unwrap_or_default());
    failure.message = redactor.hide(&failure.message);
    Err(failure)
}
