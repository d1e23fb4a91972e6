//! The one way to a model: `redact -> intent -> record( route -> park -> lease -> adapt -> transport ->
//! meter -> commit point )`. Every command and every task goes through [`Client::call`].

mod able;
mod attempt;
mod audit;
mod budget;
mod calls;
mod check;
mod clean;
mod cool;
mod count;
mod ease;
mod edits;
mod error;
mod explain;
mod fault;
mod fetch;
mod found;
mod frames;
mod grpc;
mod inline;
mod keep;
mod lease;
mod listener;
mod listings;
mod meter;
mod origin;
pub mod park;
mod pass;
mod plan;
mod purse;
mod quota;
mod record;
mod resolve;
mod route;
mod seals;
mod serve;
mod speed;
mod standing;
mod sticky;
mod stitch;
mod survey;
mod thoughts;
#[cfg(feature = "tokenizer")]
mod tokenizer;
mod trace;
mod transport;
mod tuned;
mod vectors;
mod veil;

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use smol_str::SmolStr;

pub use budget::Budgets;
pub use check::{Checked, check, checked};
pub use clean::{Blocked, Clean, bytes, counted, kinds};
pub use ease::Eased;
pub use error::{CallError, Locked, Tried};
pub use explain::{Choice, Explained, State};
pub use fetch::fetch;
pub use found::Cards;
pub use keep::{Answer, Keep, kept_answer, kept_request};
pub use listener::{Deaf, Listener, Notice};
pub use listings::Said;
pub use meter::tokens;
pub use origin::{Origin, Patched, Reads, Received, Taken, Task, Unread};
pub use pass::{Booking, Came, Carried, Pass, Passed, Sent};
pub use purse::Purse;
pub use quota::{Told, ask, endpoints, next_try};
pub use record::{Record, Used};
pub use resolve::Meaning;
pub use route::{Landscape, NO_KEY, Rank, Route};
pub use seals::Seals;
pub use standing::{Lots, Standing, Strategies};
pub use sticky::conversation;
pub use survey::{Found, Survey, upstreams};
pub use trace::Step;
pub use transport::{Carriage, Incoming, Limits, Line, Outgoing, send};

pub use crate::store::Shelf;

use self::park::Patience;
use self::serve::Search;
use self::sticky::Thread;
use crate::auth::Tokens;
use crate::catalog::{Catalog, Role};
use crate::config::RuleRow;
use crate::model::{
    Block, Demand, Failure, FinishReason, Kind, Message, ModelName, NanoUsd, Purpose, Request, Scope, random_id,
};
use crate::providers::Intent;
use crate::secrets::{Hit, Mode, Redactor};
use crate::store::{Ceiling, NewRequest, Outcome, Place, RequestEnd, Store, StoreError};
use crate::world::{Clock, random};

/// What the client works with and the user's rules for it.
pub struct Client {
    /// What carries an exchange: HTTP.
    pub line: Arc<dyn Line>,
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
    /// What failures mean, where the user knows better than the table.
    pub rules: Vec<RuleRow>,
    /// Most requests, of all processes, that wait for the same routes.
    pub queue: usize,
    /// Keeps tokens of sign-ins fresh; `None` when no vault is open.
    pub tokens: Option<Tokens>,
    /// The user's ordered models per role; empty = the catalog's ranks.
    pub roles: Box<dyn Fn(Role) -> Vec<String> + Send + Sync>,
    /// Most a request may cost, or all of a command's together.
    pub max_cost: Option<NanoUsd>,
    /// What was spent of that, where they count together.
    pub purse: Arc<Purse>,
    /// What may be spent, and what was.
    pub budgets: Budgets,
    /// Take another route when one fails.
    pub fallback: bool,
    /// Whose content history keeps.
    pub keep: Keep,
    /// What models refused in this process.
    pub eased: Eased,
    /// Where seals came from that callers of other dialects bring back.
    pub seals: Arc<Seals>,
    /// Where calls belong, for the ledger.
    pub place: Place,
}

/// One call.
pub struct Call<'a> {
    /// Routes in failover order, from [`Client::routes`].
    pub routes: &'a [Route],
    /// What is asked; not yet redacted.
    pub request: Request,
    /// How it is to be answered.
    pub terms: Terms,
}

/// How a request is to be answered, whatever it asks.
#[derive(Debug, Clone, Default)]
pub struct Terms {
    /// The request this belongs to (dialectic).
    pub parent: Option<String>,
    /// What this goes on with: calls of one conversation stay with one account, so that its prompt cache is used. Any
    /// text; only a hash of it is kept. `None` = nothing that would be worth it.
    pub conversation: Option<String>,
    /// The sum of waits for cooling routes.
    pub patience: Duration,
    /// The whole call's time.
    pub deadline: Option<Duration>,
    /// Whoever forwards an answer as it comes cannot leave its caller without a head for long: after this time what
    /// came before the first content is given out, and no other route is taken any more. [`HOLD`] is usual; `None` = as
    /// long as it takes, for callers that forward nothing but content.
    pub hold: Option<Duration>,
    /// Who asks, for the ledger; `None` = whoever such requests are usually made by.
    pub caller: Option<String>,
    /// What the caller may spend, beside the user's own budgets; nothing is asked beyond it.
    pub ceilings: Vec<Ceiling>,
    /// The request's id; empty = it gets one.
    pub id: SmolStr,
    /// Whoever asks for a whole answer of a proxy has the end of its row on disk himself before he answers
    /// ([`Client::sure`]).
    pub later: bool,
    /// When it came, milliseconds since 1970; `None` = now.
    pub began_ms: Option<i64>,
    /// What is left for it of the limit on money, where the calls before it count too; `None` = all of the limit.
    pub limit: Option<NanoUsd>,
}

impl<'a> Call<'a> {
    /// A call of its own that waits for nothing and as long as it takes.
    #[must_use]
    pub fn new(routes: &'a [Route], request: Request) -> Self {
        Self { routes, request, terms: Terms::default() }
    }
}

/// How long what comes before the first content is held back for a caller that forwards it (DESIGN.md §4).
pub const HOLD: Duration = Duration::from_secs(10);

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
    /// The reasoning asked for, and what was done for it: the level or the tokens sent, `words`; `None` = nothing.
    pub effort: (Demand, Option<String>),
    /// Attempts that failed before.
    pub tried: Vec<Tried>,
    /// Secrets found in the request.
    pub masked: usize,
}

impl Reply {
    /// Why what it says is no answer, where the model refused or a filter ended it.
    #[must_use]
    pub fn refused(&self) -> Option<&'static str> {
        // Words that were cut are no more of an answer.
        let refused = self.finish == Some(FinishReason::Refused) || self.in_words();
        refused.then(|| match self.in_words() {
            true => "the model refused to answer",
            false => "a filter of the provider, or the model itself, ended the answer",
        })
    }

    /// It refused in words of its own: nothing that it says is meant as an answer.
    #[must_use]
    pub fn in_words(&self) -> bool {
        self.message.blocks.iter().any(|block| matches!(block, Block::Refusal(_)))
    }

    /// The same as an error, to who cannot go on without an answer.
    #[must_use]
    pub fn refusal(&self) -> Option<CallError> {
        /// Most of its words that are told (characters).
        const MOST: usize = 300;
        let why = self.refused()?;
        let tried = |message| Tried {
            account: self.route.account().to_owned(),
            model: self.route.name(),
            failure: Failure::new(Kind::Refused, Scope::Request, message),
        };
        if self.in_words() {
            let said = self.text.split_whitespace().collect::<Vec<_>>().join(" ");
            let said: String = said.chars().take(MOST).collect();
            return Some(CallError::Exhausted(vec![tried(format!("{why}: \"{said}\""))]));
        }
        Some(CallError::Broken { tried: Box::new(tried(why.to_owned())), partial: self.text.clone() })
    }
}

/// Who may be asked.
struct Admitted {
    /// Those that can serve the request.
    fitting: Vec<Route>,
    /// Those that cannot, and why.
    unfit: Vec<(Route, able::Lack)>,
    /// Those of the fitting ones that limits on money allow.
    routes: Vec<Route>,
    /// What is reserved of budgets while the call runs.
    _held: budget::Held,
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
            let first = routes.first().map(|r| r.rank.group);
            routes.retain(|r| Some(r.rank.group) == first);
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
        let Call { routes, request, mut terms } = call;
        if terms.id.is_empty() {
            terms.id = random_id("r", random::bytes().unwrap_or_default()).into();
        }
        let caller = self.caller(request.purpose);
        let clean = Clean::redact(&self.redactor, request).inspect_err(|error| {
            if let Blocked::Secrets { hits, .. } = error {
                self.audited(&terms.id, &caller, hits);
            }
        })?;
        pin!(self.relay(routes, clean, terms, listener)).await
    }

    /// Writes into the audit what was found in a request that is sent by others, or not at all.
    pub fn audited(&self, id: &str, caller: &str, hits: &[Hit]) {
        if !hits.is_empty() {
            self.store.masked(audit::rows(id, caller, self.clock.millis(), hits));
        }
    }

    /// As [`Self::call`], of what was masked when it came in ([`Clean::received`]).
    ///
    /// # Errors
    /// As there.
    pub async fn relay(
        &self,
        routes: &[Route],
        mut clean: Clean,
        mut terms: Terms,
        listener: &mut dyn Listener,
    ) -> Result<Reply, CallError> {
        if self.bounded() || terms.limit.is_some() || !terms.ceilings.is_empty() {
            // A limit on money needs a limit on what is bought.
            let limited = clean.limit_output(meter::UNSAID_OUTPUT);
            // What costs nothing may say what it likes.
            limited.or_else(
                |what| if routes.iter().all(Route::local) { Ok(()) } else { Err(CallError::Unlimited(what)) },
            )?;
        }
        if terms.id.is_empty() {
            terms.id = random_id("r", random::bytes().unwrap_or_default()).into();
        }
        pin!(self.answer(routes, clean, terms, listener)).await
    }

    /// What is left of the limit on money; `None` = there is none.
    #[must_use]
    pub fn left(&self) -> Option<NanoUsd> {
        self.purse.left(self.max_cost)
    }

    /// Money is limited.
    fn bounded(&self) -> bool {
        self.max_cost.is_some() || self.budgets.stop()
    }

    async fn answer(
        &self,
        routes: &[Route],
        clean: Clean,
        terms: Terms,
        listener: &mut dyn Listener,
    ) -> Result<Reply, CallError> {
        let Terms { parent, conversation, patience, deadline, hold, caller, ceilings, id, later, began_ms, limit } =
            terms;
        // Counting is part of the call.
        let until = deadline.and_then(|limit| tokio::time::Instant::now().checked_add(limit));
        let caller = caller.unwrap_or_else(|| self.caller(clean.request().purpose));
        if !clean.masked().is_empty() {
            self.store.masked(audit::rows(&id, &caller, self.clock.millis(), clean.masked()));
            let (masked, sent): (Vec<Hit>, Vec<Hit>) =
                clean.masked().iter().cloned().partition(|hit| hit.mode >= Mode::Redact);
            if !masked.is_empty() {
                listener.notice(&Notice::Masked { what: kinds(&masked) });
            }
            if !sent.is_empty() {
                listener.notice(&Notice::Unmasked { what: kinds(&sent) });
            }
        }
        let through = self.redactor.policy().allow.listed.passed();
        if !through.is_empty() {
            listener.notice(&Notice::LetThrough { what: counted(through) });
        }
        let intent = Intent { vectors: clean.embeds(), ..Intent::of(clean.request(), clean.prompt_bytes()) };
        let thread = Thread::find(&self.store, conversation.as_deref());
        let mut led = thread.lead(routes)?;
        if !self.fallback {
            led.truncate(1);
        }
        let left = || limit.into_iter().chain(self.left()).min();
        let counting = count::Counter { client: self, clean: &clean, intent: &intent, deadline, limit: left() };
        pin!(counting.doubtful(&mut led)).await;
        // Requests that are made here hold their own thoughts.
        let whose = (clean.request().purpose == Purpose::Serve)
            .then(|| seals::Whose { caller: caller.clone(), conversation: conversation.clone() });
        let mut payer = budget::Payer { caller: caller.clone(), ceilings, limit: left() };
        let admitted = match self.admit(&led, &intent, &id, &payer, listener) {
            Err(error) if Box::pin(counting.refused(&error, &mut led)).await => {
                payer.limit = left();
                self.admit(&led, &intent, &id, &payer, listener)?
            }
            admitted => admitted?,
        };
        let Admitted { fitting, unfit, routes, _held } = admitted;
        let _money = self.purse.hold(routes.iter().filter_map(|route| self.estimate(route, &intent)).max());
        let began_ms = began_ms.unwrap_or_else(|| self.clock.millis());
        let asked_model = self.shown(&clean.request().model, &led);
        let row = self.row(id, parent, began_ms, caller, asked_model, &clean);
        let mut record = Record::open(&self.store, &self.clock, row).await;
        if let Some(why) = &record.unrecorded {
            listener.notice(&Notice::Note(why.clone()));
        }
        if let Some(why) = record.keep(&self.keep, &clean, &self.redactor) {
            listener.notice(&Notice::Note(why));
        }
        record.trace(Step::Redacted { what: &kinds(clean.masked()) });
        led.iter().for_each(|route| record.counted(route));
        unfit.iter().for_each(|(route, lack)| record.left_out(std::slice::from_ref(route), &[], &lack.why()));
        record.left_out(&fitting, &routes, "it may cost more than the limit");
        let patience = Patience::new(patience);
        let (client, clean, intent, payer) = (self, &clean, &intent, &payer);
        let mut search = Search { client, clean, intent, payer, whose, patience, hold, until };
        // Pinned where it is made: what is awaited by value is copied first, and this is large.
        let outcome = {
            let work = pin!(search.run(&routes, &mut record, listener));
            match deadline.zip(until) {
                None => work.await,
                Some((limit, until)) => {
                    tokio::time::timeout_at(until, work).await.unwrap_or(Err(CallError::Deadline(limit)))
                }
            }
        };
        record.finish(&outcome, later);
        if let Ok(reply) = &outcome {
            thread.keep(&self.store, &self.clock, &routes, &reply.route, &reply.tried, &search.patience);
        }
        outcome
    }

    /// Has the end of a proxy's row on disk, those of all calls that end in the same moment in one write; where it is `alone`,
    /// there are none to wait for.
    pub async fn sure(&self, id: &str, alone: bool) {
        if !alone {
            tokio::task::yield_now().await;
        }
        self.store.sure(id);
    }

    /// The URL and the exact body that `route` would get for `request`, redacted as it would be sent; protobuf as text.
    ///
    /// # Errors
    /// `Blocked`, or `Exhausted` with what cannot be written in the route's dialect.
    pub fn preview(&self, route: &Route, request: Request) -> Result<(String, String), CallError> {
        let clean = Clean::redact(&self.redactor, request)?;
        let intent = route.intent(&Intent::of(clean.request(), clean.prompt_bytes()));
        attempt::body(route, &clean, &intent).map_err(|failure| {
            let (account, model) = (route.account().to_owned(), route.name());
            CallError::Exhausted(vec![Tried { account, model, failure }])
        })
    }

    /// Opens a history row that holds the rows of several calls; closed as cancelled when dropped.
    pub async fn open_parent(
        &self,
        purpose: Purpose,
        asked: &ModelName,
        effort: Demand,
        caller: Option<&str>,
        id: Option<&str>,
    ) -> Record {
        let row = NewRequest {
            id: id.map_or_else(|| random_id("r", random::bytes().unwrap_or_default()).into(), SmolStr::new),
            parent: None,
            started_ms: self.clock.millis(),
            purpose,
            caller: caller.unwrap_or(purpose.caller()).to_owned(),
            place: self.place.clone(),
            asked_model: asked.0.clone(),
            asked_effort: effort,
            redacted: 0,
            stream: true,
        };
        Record::open(&self.store, &self.clock, row).await
    }

    /// Records an answer that no model gave.
    pub async fn record_offline(&self, purpose: Purpose) {
        // A record that could not be written is no reason to withhold the answer.
        drop(record_offline(&self.store, &self.clock, purpose, self.place.clone()).await);
    }

    /// Who may be asked, as far as abilities, the limit on money and budgets go.
    fn admit(
        &self,
        led: &[Route],
        intent: &Intent,
        id: &str,
        payer: &budget::Payer,
        listener: &mut dyn Listener,
    ) -> Result<Admitted, CallError> {
        let able::Able { fit: fitting, unfit } = able::able(led, intent)?;
        let routes = self.affordable(fitting.clone(), intent, payer.limit)?;
        let (routes, _held) = self.within_budgets(routes, intent, id, payer, listener)?;
        Ok(Admitted { fitting, unfit, routes, _held })
    }

    /// The routes that keep the user's limit, whichever of them answers in the end.
    fn affordable(&self, routes: Vec<Route>, intent: &Intent, limit: Option<NanoUsd>) -> Result<Vec<Route>, CallError> {
        let Some(limit) = limit else { return Ok(routes) };
        let estimate = |route: &Route| self.estimate(route, intent);
        let least = routes.iter().filter_map(estimate).min();
        let unpriced = routes.first().map(Route::name).unwrap_or_default();
        let kept: Vec<Route> =
            routes.into_iter().filter(|route| estimate(route).is_some_and(|most| most <= limit)).collect();
        match (kept.is_empty(), least) {
            (false, _) => Ok(kept),
            (true, Some(estimate)) => {
                let whole = self.max_cost.filter(|whole| *whole > limit);
                Err(CallError::TooDear { estimate, limit, whole })
            }
            (true, None) => Err(CallError::Unpriced { model: unpriced, limit }),
        }
    }

    /// Who asks: what is asked again keeps its purpose, and is asked by somebody else.
    fn caller(&self, purpose: Purpose) -> String {
        if self.keep.replay_of.is_some() { "monster history replay" } else { purpose.caller() }.to_owned()
    }

    /// A model's name as it is shown, logged and kept: people have put keys there.
    #[must_use]
    pub fn shown(&self, asked: &ModelName, routes: &[Route]) -> String {
        match routes.iter().any(|route| route.called(asked)) {
            true => asked.0.clone(),
            false => self.redactor.hide(&asked.0),
        }
    }

    fn row(
        &self,
        id: SmolStr,
        parent: Option<String>,
        started_ms: i64,
        caller: String,
        asked_model: String,
        clean: &Clean,
    ) -> NewRequest {
        NewRequest {
            id,
            parent,
            started_ms,
            purpose: clean.request().purpose,
            caller,
            place: self.place.clone(),
            asked_effort: behind(&clean.request().model.0).unwrap_or(clean.request().effort),
            asked_model,
            redacted: u32::try_from(clean.masked().len()).unwrap_or(u32::MAX),
            stream: clean.request().stream,
        }
    }
}

/// What is asked in parentheses behind a model's name: behind the first of several.
fn behind(asked: &str) -> Option<Demand> {
    let first = asked.split(',').find(|name| !name.trim().is_empty())?;
    Demand::suffix(first).map(|(_, wish)| wish)
}

/// Keeps an answer of the offline rules in history.
///
/// # Errors
/// [`StoreError`]; nothing is kept then.
pub async fn record_offline(store: &Store, clock: &Clock, purpose: Purpose, place: Place) -> Result<(), StoreError> {
    let id = random_id("r", random::bytes().unwrap_or_default());
    let row = NewRequest {
        id: SmolStr::new(&id),
        parent: None,
        started_ms: clock.millis(),
        purpose,
        caller: purpose.caller().to_owned(),
        place,
        asked_model: "offline".to_owned(),
        asked_effort: Demand::default(),
        redacted: 0,
        stream: false,
    };
    store.open_request(row).await?;
    store.close_request(&id, RequestEnd { ended_ms: clock.millis(), outcome: Outcome::Offline, served_by: None });
    Ok(())
}

#[cfg(test)]
mod tests;
