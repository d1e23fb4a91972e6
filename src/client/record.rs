//! Step: what history and ledger keep of a request. A failing store never costs the answer.

use std::sync::Arc;
use std::time::Duration;

use smol_str::SmolStr;

use super::error::CallError;
use super::keep::{Keep, Kept};
use super::meter;
use super::purse::Purse;
use super::route::{Route, Way};
use super::trace::{Step, Trail};
use super::{Clean, Client, Reply};
use crate::catalog::{Catalog, Layer, When};
use crate::model::{Cost, CostSource, Failure, Kind, Purpose, Scope, Usage, UsageSource};
use crate::secrets::Redactor;
use crate::store::{AttemptEnd, AttemptSlot, NewAttempt, NewRequest, Outcome, RequestEnd, Store, StoreError};
use crate::wire::{Fold, Loss};
use crate::world::Clock;

/// The request's row; closed as cancelled when dropped without an outcome.
pub struct Record {
    store: Store,
    clock: Clock,
    id: SmolStr,
    attempts: u32,
    closed: bool,
    /// It is a proxy's: nobody waits for the database.
    ahead: bool,
    trail: Trail,
    kept: Option<Kept>,
    /// Why nothing is recorded, said once.
    pub unrecorded: Option<String>,
    /// What a dialect could not carry, said once.
    lost: Vec<Loss>,
}

impl Record {
    /// Opens the row.
    pub async fn open(store: &Store, clock: &Clock, row: NewRequest) -> Self {
        let (id, ahead) = (row.id.clone(), row.purpose == Purpose::Serve);
        let unrecorded = match row.purpose {
            // Nobody is told of it before the first attempt's row is there, and that is written after this one.
            Purpose::Serve => {
                store.note_request(row);
                None
            }
            _ => store.open_request(row).await.err().map(|e| format!("this call is not recorded: {e}")),
        };
        let (store, clock, closed) = (store.clone(), clock.clone(), unrecorded.is_some());
        let trail = Trail::new(&store, &clock, id.clone(), !closed, ahead);
        Self { store, clock, id, attempts: 0, closed, ahead, trail, kept: None, unrecorded, lost: Vec::new() }
    }

    /// Those losses that were not told yet.
    pub(super) fn news(&mut self, losses: Vec<Loss>) -> Vec<Loss> {
        let news: Vec<Loss> = losses.into_iter().filter(|loss| !self.lost.contains(loss)).collect();
        self.lost.extend(news.iter().cloned());
        news
    }

    /// The request's id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    pub(super) fn now_ms(&self) -> i64 {
        self.clock.millis()
    }

    /// The row of the next attempt over this route.
    pub fn attempt(&mut self, route: &Route, dialect: &'static str) -> NewAttempt {
        self.attempts += 1;
        let started_ms = self.clock.millis();
        self.trail.attempt(self.attempts, route, started_ms);
        NewAttempt {
            request_id: self.id.clone(),
            number: self.attempts,
            started_ms,
            provider: SmolStr::new(&route.upstream.provider),
            upstream: SmolStr::new(&route.upstream.name),
            account: SmolStr::new(route.account()),
            model: SmolStr::new(&route.card.id),
            maker: SmolStr::new(&route.card.maker.0),
            dialect: SmolStr::new_static(dialect),
        }
    }

    /// Has the row of an attempt on disk.
    pub(super) async fn slot(&self, row: NewAttempt) -> Result<AttemptSlot, StoreError> {
        match self.ahead {
            true => self.store.note_attempt(row).await,
            false => self.store.open_attempt(row).await,
        }
    }

    /// Writes down a step. Never prompt or answer: what a failure or a note says is masked before it comes here.
    pub fn trace(&mut self, step: Step<'_>) {
        self.trail.step(step);
    }

    /// From now on the request, and later its answer, are kept as `keep` says. A sentence when they cannot be, the first
    /// time.
    pub(super) fn keep(&mut self, keep: &Keep, clean: &Clean, redactor: &Arc<Redactor>) -> Option<String> {
        if self.closed {
            return None;
        }
        if let Some(original) = &keep.replay_of {
            self.store.replays(&self.id, original);
        }
        match keep.start(clean.request(), redactor) {
            Ok(kept) => self.kept = kept,
            Err(why) => {
                let told = format!("the content of this call is not kept: {why}");
                self.trail.step(Step::Note(&told));
                return keep.once().then_some(told);
            }
        }
        None
    }

    /// Closes the row with how a call ended, and with what it said. `later` = whoever asked has it on disk before anybody is
    /// answered ([`Store::sure`]).
    pub(super) fn finish(&mut self, outcome: &Result<Reply, CallError>, later: bool) {
        if let Some(kept) = &mut self.kept {
            kept.hear(outcome);
        }
        if let Ok(reply) = outcome {
            self.trail.step(Step::Used { usage: &reply.used.usage, source: reply.used.source, cost: reply.used.cost });
        }
        self.ended(outcome.as_ref().map(|reply| &reply.route), later);
    }

    /// Closes the row with how it ended.
    pub fn close(&mut self, served: Result<&Route, &CallError>) {
        self.ended(served, false);
    }

    fn ended(&mut self, served: Result<&Route, &CallError>, later: bool) {
        let outcome = match served {
            Ok(_) => Outcome::Done,
            Err(error) => Outcome::Failed(error.kind()),
        };
        let served_by = served.ok().map(Route::served);
        self.end(RequestEnd { ended_ms: self.clock.millis(), outcome, served_by }, later);
    }

    /// Closes the row of a call that was passed on.
    pub(super) fn passed(mut self, end: RequestEnd) {
        self.end(end, false);
    }

    fn end(&mut self, end: RequestEnd, later: bool) {
        if !self.closed {
            self.closed = true;
            self.trail.at(end.ended_ms, Step::Done { outcome: end.outcome.name() });
            self.trail.flush();
            let (outcome, at) = (end.outcome, end.ended_ms);
            match self.ahead {
                true => self.store.note_end(&self.id, end),
                false => self.store.close_request(&self.id, end),
            }
            if self.ahead && !later {
                self.store.sure(&self.id);
            }
            // Last: sealing takes its time, and the rows do not wait for it.
            if let Some(kept) = self.kept.take() {
                kept.store(&self.store, &self.id, outcome, at);
            }
        }
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        if !self.closed {
            let ended_ms = self.clock.millis();
            self.end(RequestEnd { ended_ms, outcome: Outcome::Cancelled, served_by: None }, false);
        }
    }
}

/// One attempt while it runs: whatever happens to it, its row is finished, with what was used so far.
pub(super) struct Running {
    slot: Option<AttemptSlot>,
    clock: Clock,
    catalog: &'static Catalog,
    route: Route,
    purse: Arc<Purse>,
    prompt_bytes: usize,
    started_ms: i64,
    /// What has arrived.
    pub fold: Fold,
    /// HTTP status, once known.
    pub status: Option<u16>,
    /// What was done for the wish for reasoning, as `wire::Adapted::said` has it.
    pub sent: Option<String>,
    /// The provider's id of this answer or request.
    pub upstream_id: Option<String>,
    /// It was sent: what nobody heard an answer to may have been read, and is billed then.
    asked: bool,
    /// The answer is whole, and its rest was left to the provider: what was counted is no more than a beginning.
    pub left: bool,
    first_content_ms: Option<i64>,
    finished: bool,
}

/// What an attempt used and cost in the end.
#[derive(Debug, Clone, Copy)]
pub struct Used {
    /// Tokens.
    pub usage: Usage,
    /// How they are known.
    pub source: UsageSource,
    /// Money; `None` = unpriced.
    pub cost: Option<Cost>,
    /// Reasoning asked for and seen.
    pub confirmed: Option<bool>,
    /// From sending to the first content.
    pub first_content: Option<Duration>,
    /// From sending to the end.
    pub took: Duration,
}

impl Running {
    /// Begins; `slot` is `None` when the store did not take the row.
    #[must_use]
    pub(super) fn new(
        slot: Option<AttemptSlot>,
        client: &Client,
        route: &Route,
        prompt_bytes: usize,
        started_ms: i64,
    ) -> Self {
        Self {
            slot,
            clock: client.clock.clone(),
            catalog: client.catalog,
            route: route.clone(),
            purse: Arc::clone(&client.purse),
            prompt_bytes,
            started_ms,
            fold: Fold::default(),
            status: None,
            sent: None,
            upstream_id: None,
            asked: false,
            left: false,
            first_content_ms: None,
            finished: false,
        }
    }

    /// It is on its way; its row follows ([`Self::takes`]).
    pub(super) const fn goes(mut self) -> Self {
        self.asked = true;
        self
    }

    /// Its row.
    pub(super) fn takes(&mut self, slot: AttemptSlot) {
        self.slot = Some(slot);
    }

    /// When content began to arrive, milliseconds since 1970.
    pub(super) const fn began(&self) -> Option<i64> {
        self.first_content_ms
    }

    /// Content has begun to arrive.
    pub(super) fn content(&mut self) {
        if self.first_content_ms.is_none() {
            self.first_content_ms = Some(self.clock.millis());
        }
    }

    /// Ends well.
    pub(super) fn done(&mut self) -> Used {
        self.finish(None)
    }

    /// Ends badly.
    pub(super) fn failed(&mut self, failure: &Failure) {
        self.finish(Some(failure));
    }

    /// Whose prices made a cost: what a model costs tomorrow changes no row of today.
    fn priced(&self, source: CostSource) -> Option<String> {
        match source {
            CostSource::Reported => Some("provider".to_owned()),
            CostSource::Local => None,
            CostSource::Computed | CostSource::Estimated => {
                let Way { upstream, card, .. } = &*self.route;
                let own = upstream.models.iter().any(|m| m.id == card.id && m.prices.is_some());
                if own { Some("settings".to_owned()) } else { listed(self.catalog, &card.provider, &card.id) }
            }
        }
    }

    fn finish(&mut self, failure: Option<&Failure>) -> Used {
        self.finished = true;
        let now = self.clock.millis();
        let output_bytes = self.fold.bytes();
        let whole = self.fold.finish.is_some() && !self.left;
        let (usage, mut source) = meter::usage(self.fold.usage, whole, self.prompt_bytes, output_bytes);
        if self.left {
            source = UsageSource::Estimated;
        }
        let at = jiff::Timestamp::from_millisecond(self.started_ms).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        let when = When { at, service: self.fold.service };
        let cost = meter::cost(&self.route.card, self.route.local(), self.fold.charged, &usage, source, &when);
        let confirmed = meter::confirmed(self.sent.as_deref(), &usage, self.fold.thought());
        let known = output_bytes > 0 || self.fold.usage.is_some() || failure.is_some_and(Failure::is_unread);
        let counted = counts(failure.map(|f| f.kind), self.status, known, self.asked);
        let used = Used {
            usage,
            source,
            cost,
            confirmed,
            first_content: self.first_content_ms.map(|at| span(self.started_ms, at)),
            took: span(self.started_ms, now),
        };
        // Also of one that broke off: who bills it does not ask how it ended.
        self.purse.spend(cost.filter(|_| counted).map(|cost| cost.amount).unwrap_or_default());
        if let Some(mut slot) = self.slot.take() {
            slot.finish(AttemptEnd {
                ended_ms: now,
                status: self.status,
                failure: failure.map(|f| (f.kind, f.scope, f.message.clone())),
                usage: counted.then_some((usage, source)),
                cost: if counted { cost } else { None },
                priced: if counted { cost.and_then(|c| self.priced(c.source)) } else { None },
                finish: self.fold.finish.as_ref().map(|f| SmolStr::new(f.name())),
                effort_sent: self.sent.clone(),
                effort_confirmed: confirmed,
                first_content_ms: self.first_content_ms,
                upstream_id: self.upstream_id.take(),
                bytes: None,
            });
        }
        used
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if !self.finished {
            self.finish(Some(&Failure::new(Kind::Cancelled, Scope::Request, "stopped before the end")));
        }
    }
}

/// Whether an attempt used something; `known` says that something came or was counted.
///
/// A refused request used nothing that anybody bills; one that broke while answering did. Where usage comes last, a prompt
/// that was taken (a success status) and then cut, timed out or left by us is billed too, though nobody counted it for us;
/// and so is one that was `asked` and left before any head came: a whole answer's head comes with its end.
pub(super) fn counts(failure: Option<Kind>, status: Option<u16>, known: bool, asked: bool) -> bool {
    let taken = status.is_some_and(|status| (200..300).contains(&status));
    let left = matches!(failure, Some(Kind::Truncated | Kind::TimedOut | Kind::Cancelled | Kind::Unreachable));
    let unheard = asked && status.is_none() && matches!(failure, Some(Kind::TimedOut | Kind::Cancelled));
    failure.is_none() || known || unheard || (taken && left)
}

/// Which list a model's prices stand in, of which day, and for lists that change where they were read.
pub(super) fn listed(catalog: &Catalog, provider: &str, model: &str) -> Option<String> {
    let told = catalog.provenance(provider, model)?;
    Some(match told.layer {
        Layer::Embedded => format!("catalog {}", told.as_of),
        Layer::Fetched | Layer::Listed | Layer::Overlay => {
            format!("{} {}, {}", told.layer.name(), told.as_of, told.source)
        }
    })
}

fn span(from_ms: i64, to_ms: i64) -> Duration {
    Duration::from_millis(u64::try_from(to_ms.saturating_sub(from_ms)).unwrap_or(0))
}
