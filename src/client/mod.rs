//! The one way to a model: `redact -> intent -> record( route -> park -> lease -> adapt -> transport ->
//! meter -> commit point )`. Every command and every task goes through [`Client::call`].

mod attempt;
mod check;
mod clean;
mod cool;
mod error;
mod explain;
mod found;
mod lease;
mod listener;
mod meter;
pub mod park;
mod plan;
mod record;
mod resolve;
mod route;
mod speed;
mod standing;
mod sticky;
mod survey;
mod transport;

use std::sync::Arc;
use std::time::Duration;

pub use check::check;
pub use clean::{Blocked, Clean, kinds};
pub use error::{CallError, Locked, Tried};
pub use explain::{Choice, Explained, State};
pub use found::Cards;
pub use listener::{Deaf, Listener, Notice};
pub use meter::tokens;
pub use record::{Record, Used};
pub use resolve::Step;
pub use route::{Landscape, Place, Route};
pub use standing::{Lots, Standing, Strategies};
pub use sticky::conversation;
pub use survey::{Found, Survey, upstreams};
pub use transport::{Limits, Outgoing, send};

use self::attempt::{Attempt, Broke};
use self::cool::Chill;
use self::park::Patience;
use self::plan::{Pick, Plan};
use self::sticky::Thread;
use crate::auth::Tokens;
use crate::catalog::{Catalog, Role};
use crate::model::{Effort, FinishReason, Message, ModelName, NanoUsd, Purpose, Request, random_id};
use crate::net::Net;
use crate::providers::Intent;
use crate::secrets::Redactor;
use crate::store::{NewRequest, Outcome, RequestEnd, Store};
use crate::world::{Clock, random};

/// A pause between two tries that is not worth calling a wait.
const BREATH: Duration = Duration::from_secs(2);
/// A wait that is shorter than this is not told.
const GLANCE: Duration = Duration::from_millis(300);
/// Who waits looks this often whether it is over already.
const NAP: Duration = Duration::from_secs(1);

/// What the client works with and the user's rules for it.
pub struct Client {
    /// HTTP.
    pub net: Arc<Net>,
    /// Ledger, history, cool-downs.
    pub store: Store,
    /// What models can do and cost.
    pub catalog: &'static Catalog,
    /// Finds secrets; shared so that placeholders stay the same.
    pub redactor: Arc<Redactor>,
    /// Wall time.
    pub clock: Clock,
    /// Time-outs of one exchange.
    pub limits: Limits,
    /// What is connected.
    pub landscape: Landscape,
    /// Keeps tokens of sign-ins fresh; `None` when no vault is open.
    pub tokens: Option<Tokens>,
    /// The user's ordered models per role; empty = the catalog's ranks.
    pub roles: Box<dyn Fn(Role) -> Vec<String> + Send + Sync>,
    /// Most a request may cost.
    pub max_cost: Option<NanoUsd>,
    /// Take another route when one fails.
    pub fallback: bool,
    /// Repository and branch, for the ledger.
    pub place: (Option<String>, Option<String>),
}

/// One call.
pub struct Call<'a> {
    /// Routes in failover order, from [`Client::routes`].
    pub routes: &'a [Route],
    /// What is asked; not yet redacted.
    pub request: Request,
    /// The request this belongs to (dialectic).
    pub parent: Option<String>,
    /// What this goes on with: calls of one conversation stay with one account, so that its prompt cache is used. Any
    /// text; only a hash of it is kept. `None` = nothing that would be worth it.
    pub conversation: Option<String>,
    /// The sum of waits for cooling routes.
    pub patience: Duration,
    /// The whole call's time.
    pub deadline: Option<Duration>,
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The history id.
    pub id: String,
    /// The model's turn, block by block.
    pub message: Message,
    /// Its visible text.
    pub text: String,
    /// Why it stopped.
    pub finish: Option<FinishReason>,
    /// Who answered.
    pub route: Route,
    /// What it used.
    pub used: Used,
    /// The level asked and the level sent.
    pub effort: (Effort, Option<Effort>),
    /// Attempts that failed before.
    pub tried: Vec<Tried>,
    /// Secrets found in the request.
    pub masked: usize,
}

impl Client {
    /// The routes for a model name, in failover order; only the first and its equals when fallback is off, one of which
    /// [`Self::call`] takes.
    ///
    /// # Errors
    /// `NoRoute`, `UnknownModel`.
    pub fn routes(&self, asked: &ModelName) -> Result<Vec<Route>, CallError> {
        let mut routes = self.pool(asked)?;
        if !self.fallback {
            let first = routes.first().map(|r| r.place.group);
            routes.retain(|r| Some(r.place.group) == first);
        }
        Ok(routes)
    }

    /// As [`Self::routes`], also when fallback is off: for choosing among them.
    ///
    /// # Errors
    /// `NoRoute`, `UnknownModel`.
    pub fn pool(&self, asked: &ModelName) -> Result<Vec<Route>, CallError> {
        let mut lots = standing::Drawn { store: &self.store, standing: &self.landscape.standing };
        self.landscape.drawn(asked, self.catalog, &*self.roles, &mut lots)
    }

    /// Asks, and fails over until the first content has arrived.
    ///
    /// # Errors
    /// [`CallError`]; the ledger has a row for every attempt either way.
    pub async fn call(&self, call: Call<'_>, listener: &mut dyn Listener) -> Result<Reply, CallError> {
        let mut request = call.request;
        let asked = request.model.clone();
        if self.max_cost.is_some() && request.max_output.is_none() {
            // A limit on money needs a limit on what is bought.
            request.max_output = Some(meter::UNSAID_OUTPUT);
        }
        let clean = Clean::redact(&self.redactor, request)?;
        if !clean.masked().is_empty() {
            listener.notice(&Notice::Masked { what: kinds(clean.masked()) });
        }
        let intent = Intent::of(clean.request(), clean.prompt_bytes());
        let thread = Thread::find(&self.store, call.conversation.as_deref());
        let mut routes = thread.lead(call.routes)?;
        if !self.fallback {
            routes.truncate(1);
        }
        let routes = fitting(&routes, &intent)?;
        let routes = self.affordable(routes, &intent)?;
        let id = random_id("r", random::bytes().unwrap_or_default());
        let mut record = Record::open(&self.store, &self.clock, self.row(id, call.parent, &asked, &clean)).await;
        if let Some(why) = &record.unrecorded {
            listener.notice(&Notice::Note(why.clone()));
        }
        let patience = Patience::new(call.patience);
        let work = self.serve(&clean, &intent, &routes, patience, &mut record, listener);
        let outcome = match call.deadline {
            None => work.await,
            Some(limit) => tokio::time::timeout(limit, work).await.unwrap_or(Err(CallError::Deadline(limit))),
        };
        record.close(outcome.as_ref().map(|reply| &reply.route));
        if let Ok(reply) = &outcome {
            thread.keep(&self.store, &self.clock, &routes, &reply.route, &reply.tried, &patience);
        }
        outcome
    }

    /// The URL and the exact body that `route` would get for `request`, redacted as it would be sent.
    ///
    /// # Errors
    /// `Blocked`, or `Exhausted` with what cannot be written in the route's dialect.
    pub fn preview(&self, route: &Route, request: Request) -> Result<(String, Vec<u8>), CallError> {
        let clean = Clean::redact(&self.redactor, request)?;
        let intent = route.intent(&Intent::of(clean.request(), clean.prompt_bytes()));
        attempt::body(route, &clean, &intent).map_err(|failure| {
            let (account, model) = (route.account().to_owned(), route.name());
            CallError::Exhausted(vec![Tried { account, model, failure }])
        })
    }

    /// Opens a history row that holds the rows of several calls; closed as cancelled when dropped.
    pub async fn open_parent(&self, purpose: Purpose, asked: &ModelName, effort: Effort) -> Record {
        let row = NewRequest {
            id: random_id("r", random::bytes().unwrap_or_default()),
            parent: None,
            started_ms: self.clock.millis(),
            purpose,
            repo: self.place.0.clone(),
            branch: self.place.1.clone(),
            asked_model: asked.0.clone(),
            asked_effort: effort,
            redacted: 0,
            stream: true,
        };
        Record::open(&self.store, &self.clock, row).await
    }

    /// Records an answer that no model gave.
    pub async fn record_offline(&self, purpose: Purpose) {
        record_offline(&self.store, &self.clock, purpose, self.place.clone()).await;
    }

    async fn serve(
        &self,
        clean: &Clean,
        intent: &Intent,
        routes: &[Route],
        mut patience: Patience,
        record: &mut Record,
        listener: &mut dyn Listener,
    ) -> Result<Reply, CallError> {
        let known = self.store.cool_downs().unwrap_or_default();
        let mut plan = Plan::new(routes, known);
        let mut tried: Vec<Tried> = Vec::new();
        let mut told = None;
        loop {
            let now_ms = self.clock.millis();
            let route = match plan.pick(now_ms) {
                Pick::Ready(route) => route,
                Pick::Spent => return Err(CallError::Exhausted(tried)),
                Pick::Probe { route, keys } => {
                    // Half way through a cool-down and at its end one request tries; without a store there is
                    // nobody to be in the way of.
                    if keys.iter().all(|key| self.store.probe(key, cool::STALE).unwrap_or(true)) {
                        plan.take(keys);
                        route
                    } else {
                        self.look(&mut plan);
                        continue;
                    }
                }
                Pick::Wait { route, wait, ends: over, pause } => {
                    // A breath between two tries of a broken answer is no parking, and costs no patience.
                    let breath = pause && wait <= BREATH;
                    if !breath && wait > patience.left() {
                        return Err(if pause && !tried.is_empty() {
                            CallError::Exhausted(tried)
                        } else {
                            CallError::Cooling { wakes_in: over, tried }
                        });
                    }
                    let until = ends(now_ms, wait);
                    if told != Some(until) && wait > GLANCE {
                        told = Some(until);
                        listener.notice(&match tried.last() {
                            // A pause of a moment between two tries is no parking.
                            Some(last) if last.model == route.name() && wait <= Duration::from_secs(2) => {
                                let failure = last.failure.clone();
                                Notice::Retrying { model: route.name(), failure, delay: wait }
                            }
                            _ => Notice::Parked { model: route.name(), wait },
                        });
                    }
                    // In short naps: another process may have found out that it is over.
                    let nap = if breath { wait } else { wait.min(NAP) };
                    if !breath {
                        patience.spend(nap);
                    }
                    tokio::time::sleep(nap).await;
                    self.clock.advance(nap);
                    self.look(&mut plan);
                    continue;
                }
            };
            if let Some(last) = tried.last()
                && (last.model != route.name() || last.account != route.account())
            {
                let failure = last.failure.clone();
                listener.notice(&Notice::FailedOver { from: last.model.clone(), to: route.name(), failure });
            }
            listener.notice(&Notice::Trying { model: route.name(), account: route.account().to_owned() });
            let intent = &route.intent(intent);
            let attempt = Attempt { client: self, clean, intent, route, ends: plan.ends(route) };
            let began_ms = self.clock.millis();
            let (failure, partial) = match attempt.run(record, listener).await {
                Ok(served) => {
                    return Ok(Reply {
                        id: record.id().to_owned(),
                        text: served.fold.text(),
                        message: served.fold.message(served.tag),
                        finish: served.fold.finish,
                        route: route.clone(),
                        used: served.used,
                        effort: (intent.effort, served.sent),
                        tried,
                        masked: clean.masked().len(),
                    });
                }
                Err(Broke::Before(failure)) => (failure, None),
                Err(Broke::After(failure, partial)) => (failure, Some(partial)),
            };
            let attempted = Tried { account: route.account().to_owned(), model: route.name(), failure };
            if let Some(partial) = partial {
                return Err(CallError::Broken { tried: Box::new(attempted), partial });
            }
            let now = self.clock.millis();
            let dice = random::bytes::<1>().map_or(128, |b| b[0]);
            if let Some(chill) = plan.condemn(route, &attempted.failure, began_ms, now, dice) {
                self.cool(chill);
            }
            tried.push(attempted);
        }
    }

    /// Takes in what other processes have found out; without a store, what this call knows stands.
    fn look(&self, plan: &mut Plan<'_>) {
        if let Ok(known) = self.store.cool_downs() {
            plan.learn(known);
        }
    }

    /// Tells every process of a cool-down.
    fn cool(&self, chill: Chill) {
        self.store.cool(chill.key.clone(), move |known| chill.over(known.as_ref()));
    }

    /// The routes that keep the user's limit, whichever of them answers in the end.
    fn affordable(&self, routes: Vec<Route>, intent: &Intent) -> Result<Vec<Route>, CallError> {
        let Some(limit) = self.max_cost else { return Ok(routes) };
        let estimate = |route: &Route| self.most(route, &route.intent(intent));
        let least = routes.iter().filter_map(estimate).min();
        let unpriced = routes.first().map(Route::name).unwrap_or_default();
        let kept: Vec<Route> =
            routes.into_iter().filter(|route| estimate(route).is_some_and(|most| most <= limit)).collect();
        match (kept.is_empty(), least) {
            (false, _) => Ok(kept),
            (true, Some(estimate)) => Err(CallError::TooDear { estimate, limit }),
            (true, None) => Err(CallError::Unpriced { model: unpriced, limit }),
        }
    }

    /// Most that a request may cost over a route; `None` = unpriced.
    fn most(&self, route: &Route, intent: &Intent) -> Option<NanoUsd> {
        let dialect = route.provider.dialect(&route.upstream, &route.card, intent);
        let adapted = route.provider.adapt(&route.upstream, dialect, &route.card, intent);
        meter::ceiling(&route.card, route.local(), intent.prompt_bytes, adapted.max_output.or(intent.max_output))
    }

    fn row(&self, id: String, parent: Option<String>, asked: &ModelName, clean: &Clean) -> NewRequest {
        NewRequest {
            id,
            parent,
            started_ms: self.clock.millis(),
            purpose: clean.request().purpose,
            repo: self.place.0.clone(),
            branch: self.place.1.clone(),
            asked_model: asked.0.clone(),
            asked_effort: clean.request().effort,
            redacted: u32::try_from(clean.masked().len()).unwrap_or(u32::MAX),
            stream: clean.request().stream,
        }
    }
}

/// Keeps an answer of the offline rules in history.
pub async fn record_offline(store: &Store, clock: &Clock, purpose: Purpose, place: (Option<String>, Option<String>)) {
    let id = random_id("r", random::bytes().unwrap_or_default());
    let row = NewRequest {
        id: id.clone(),
        parent: None,
        started_ms: clock.millis(),
        purpose,
        repo: place.0,
        branch: place.1,
        asked_model: "offline".to_owned(),
        asked_effort: Effort::Auto,
        redacted: 0,
        stream: false,
    };
    if store.open_request(row).await.is_ok() {
        store.close_request(&id, RequestEnd { ended_ms: clock.millis(), outcome: Outcome::Offline, served_by: None });
    }
}

fn ends(now_ms: i64, wait: Duration) -> i64 {
    now_ms.saturating_add(i64::try_from(wait.as_millis()).unwrap_or(i64::MAX))
}

/// The routes whose window holds the prompt; an unknown window is given the benefit of the doubt.
fn fitting(routes: &[Route], intent: &Intent) -> Result<Vec<Route>, CallError> {
    let needed = tokens(intent.prompt_bytes);
    let fits: Vec<Route> = routes.iter().filter(|r| r.holds(needed)).cloned().collect();
    if fits.is_empty() {
        let largest = routes.iter().max_by_key(|r| r.window());
        return Err(largest.map_or(CallError::NoRoute { notes: Vec::new() }, |r| CallError::TooLong {
            model: r.name(),
            tokens: needed,
            window: r.window().unwrap_or(0),
        }));
    }
    Ok(fits)
}

#[cfg(test)]
mod tests;
