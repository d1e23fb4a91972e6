//! Step: how long a prompt really is, asked where that decides something and the guess by bytes does not: by whoever
//! counts it for nothing, else by a tokenizer, else it stays a guess.

use std::collections::HashMap;
use std::time::Duration;

use futures_util::future::join_all;
use tokio::time::timeout;

use super::attempt::also;
use super::clean::Clean;
use super::lease::Lease;
use super::meter::DENSE;
use super::route::Route;
use super::transport::{Carriage, Outgoing};
use super::{CallError, Client};
use crate::model::{Count, CountSource, NanoUsd};
use crate::providers::{Counting, Intent};
use crate::wire::wire;

/// Bytes a token of the emptiest text, mostly blanks.
const SPARSE: usize = 8;
/// A call counts for so many models at most, those that stand first.
const MOST: usize = 4;
/// Nobody waits longer for a count.
const WAIT: Duration = Duration::from_secs(10);
/// Nor for more than this part of the whole call's time.
const SHARE: u32 = 4;
/// What says that a request itself is not taken: in other words it may be.
const REFUSED: [u16; 4] = [400, 404, 413, 422];
/// Most of a count (bytes): some tell every token's number beside (vLLM).
const ANSWER: usize = 16 << 20;

impl Client {
    /// How long a prompt is for the first of these routes: counted where somebody counts it for nothing, else by a
    /// tokenizer, else guessed.
    ///
    /// # Errors
    /// `NoRoute` where there are no routes.
    pub async fn measure(&self, routes: &[Route], clean: &Clean) -> Result<Count, CallError> {
        let intent = Intent::of(clean.request(), clean.prompt_bytes());
        let Some(first) = routes.first() else { return Err(CallError::NoRoute { notes: Vec::new() }) };
        let mut asked = [first.clone()];
        Counter { client: self, clean, intent: &intent, deadline: None, limit: self.max_cost }
            .all(&mut asked, |_| true)
            .await;
        let [route] = asked;
        Ok(route.prompt(&intent))
    }
}

/// Counts one call's prompt.
pub(super) struct Counter<'a> {
    pub client: &'a Client,
    pub clean: &'a Clean,
    pub intent: &'a Intent,
    /// The whole call's time.
    pub deadline: Option<Duration>,
    /// The most that it may cost.
    pub limit: Option<NanoUsd>,
}

impl Counter<'_> {
    /// Counts the prompt for the models of which its length decides whether they can be asked: it may fit their window or
    /// not, or keep the limit on money or not. What cannot be counted stays a guess.
    ///
    /// Those that stand behind one that can surely be asked are not told of the prompt: most requests never come to them.
    pub(super) async fn doubtful(&self, routes: &mut [Route]) {
        if !routes.iter().any(|route| self.doubt(route)) {
            return;
        }
        let cools = self.client.store.cooling().unwrap_or_default();
        let now_ms = self.client.clock.millis();
        let cooling = |route: &Route| {
            let keys = route.shared_keys();
            cools.iter().any(|cool| cool.until_ms > now_ms && keys.contains(&cool.key))
        };
        let sure = |route: &Route| !self.doubt(route) && self.fits(route) && !cooling(route);
        let first = routes.iter().position(sure).unwrap_or(routes.len());
        let (before, _) = routes.split_at_mut(first);
        self.all(before, |route| self.doubt(route) && !cooling(route)).await;
    }

    /// Its window and the limit on money hold the prompt, as far as the guess goes.
    fn fits(&self, route: &Route) -> bool {
        let dear = |limit| self.client.estimate(route, self.intent).is_none_or(|cost| cost > limit);
        route.holds(self.intent.prompt(DENSE)) && !self.limit.is_some_and(dear)
    }

    /// Counts it for those that cost something, where a budget refused the call by a guess of its length. Says whether
    /// anything is known that was not.
    pub(super) async fn refused(&self, error: &CallError, routes: &mut [Route]) -> bool {
        let known = |routes: &[Route]| routes.iter().filter(|route| route.count.is_some()).count();
        let before = known(routes);
        if matches!(error, CallError::Budget { .. }) {
            self.all(routes, |route| !route.local()).await;
        }
        known(routes) > before
    }

    async fn all(&self, routes: &mut [Route], wanted: impl Fn(&Route) -> bool) {
        let mut asked: Vec<Route> = Vec::new();
        for route in routes.iter().filter(|route| route.count.is_none() && wanted(route)) {
            if asked.len() < MOST && asked.iter().all(|other| other.name() != route.name()) {
                asked.push(route.clone());
            }
        }
        let wait = self.deadline.map_or(WAIT, |limit| WAIT.min(limit / SHARE));
        let counts = join_all(asked.iter().map(|route| async move {
            let told = timeout(wait, self.told(route)).await.ok().flatten();
            let told = told.map(|tokens| Count { tokens, source: CountSource::Provider });
            Some((route.name(), told.or_else(|| tokenized(route, self.clean, self.intent))?))
        }));
        let counts: HashMap<String, Count> = counts.await.into_iter().flatten().collect();
        for route in routes {
            route.count = route.count.or_else(|| counts.get(&route.name()).copied());
        }
    }

    /// Whether the guess leaves open if a route can be asked.
    fn doubt(&self, route: &Route) -> bool {
        let bytes = self.intent.prompt_bytes;
        let (most, least) = (bytes.div_ceil(DENSE) as u64, (bytes / SPARSE) as u64);
        if route.window().is_some_and(|window| (least..=most).contains(&window)) {
            return true;
        }
        let Some(limit) = self.limit else { return false };
        let beyond = |intent: &Intent| self.client.estimate(route, intent).is_some_and(|cost| cost > limit);
        let sparse = Count { tokens: least, source: CountSource::Estimate };
        beyond(self.intent) && !beyond(&Intent { count: Some(sparse), ..*self.intent })
    }

    /// What the provider counts. Whatever goes wrong, the call itself will tell it better.
    async fn told(&self, route: &Route) -> Option<u64> {
        let intent = &route.intent(self.intent);
        let (upstream, model) = (&*route.signed(), route.card.sent());
        let dialect = route.provider.dialect(upstream, &route.card, intent);
        let counting = route.provider.counting(upstream, dialect, model)?;
        let adapted = route.provider.adapt(upstream, counting.dialect, &route.card, intent);
        let lease = Lease::take(self.client, route, None).await.ok()?;
        let headers = route.provider.sign(&lease.upstream, dialect, lease.key.as_ref());
        let request = self.clean.request();
        // In the caller's own dialect it is counted as it came; where that is refused, as it is spelled anew.
        let own = self.clean.origin().filter(|origin| origin.dialect == counting.dialect);
        if let Some((origin, body)) =
            own.and_then(|own| Some((own, own.counted(model, request, intent, &adapted, counting.wraps())?)))
        {
            let headers = origin.headers().iter().fold(headers.clone(), |all, (name, value)| also(all, name, value));
            match self.asked(route, &lease, &counting, headers, body).await {
                Err(true) => {}
                told => return told.ok(),
            }
        }
        let call = wire(counting.dialect).write_request(model, request, &adapted, false).ok()?;
        let body = counting.body(&call.body, model)?;
        self.asked(route, &lease, &counting, headers, body).await.ok()
    }

    /// Its count; else whether the request itself is refused.
    async fn asked(
        &self,
        route: &Route,
        lease: &Lease,
        counting: &Counting,
        headers: Vec<(String, String)>,
        body: Vec<u8>,
    ) -> Result<u64, bool> {
        let via = lease.upstream.via_of(route.account());
        let limits = self.client.limits.of(&via);
        let outgoing = Outgoing { url: counting.url.clone(), headers, body: Some(body), carriage: Carriage::Http, via };
        let incoming = self.client.line.send(outgoing, limits).await.map_err(|_| false)?;
        if !incoming.ok() {
            return Err(REFUSED.contains(&incoming.head.status));
        }
        let answer = incoming.at_most(ANSWER).await.map_err(|_| false)?;
        counting.read(&answer).ok_or(false)
    }
}

/// What a tokenizer counts, in a build that has one: of texts alone, for models of whose maker it is.
#[cfg(feature = "tokenizer")]
fn tokenized(route: &Route, clean: &Clean, intent: &Intent) -> Option<Count> {
    if route.card.maker.0 != "openai" || intent.images || intent.documents {
        return None;
    }
    let tokens = super::tokenizer::count(&route.card.id, clean.request())?;
    Some(Count { tokens, source: CountSource::Tokenizer })
}

#[cfg(not(feature = "tokenizer"))]
const fn tokenized(_: &Route, _: &Clean, _: &Intent) -> Option<Count> {
    None
}
