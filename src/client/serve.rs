//! Steps route and park: tries routes one after the other, waits for cooling ones in the order in which calls came, and
//! never sends a herd where one request has yet to find out whether a limit is over.

use std::pin::pin;
use std::time::Duration;

use super::attempt::{Attempt, Broke};
use super::budget::Payer;
use super::clean::Clean;
use super::cool::{self, Chill};
use super::error::{CallError, Tried};
use super::listener::{Listener, Notice};
use super::park::Patience;
use super::plan::{Pick, Plan, Why};
use super::record::Record;
use super::route::Route;
use super::seals::Whose;
use super::trace::Step;
use super::{Client, Reply, meter};
use crate::providers::Intent;
use crate::store::{CoolDown, NewTicket, Probe, Queued, Ticket, TicketRow};
use crate::world::random;

/// A pause between two tries that is not worth calling a wait.
const BREATH: Duration = Duration::from_secs(2);
/// A wait that is shorter than this is not told.
const GLANCE: Duration = Duration::from_millis(300);
/// Who waits looks this often whether it is over already.
const NAP: Duration = Duration::from_secs(1);

/// One call's search for an answer.
pub(super) struct Search<'a> {
    pub client: &'a Client,
    pub clean: &'a Clean,
    pub intent: &'a Intent,
    /// Whose budget it is.
    pub payer: &'a Payer,
    /// Whose seals may come back.
    pub whose: Option<Whose>,
    pub patience: Patience,
    /// How long handshake frames may be held back.
    pub hold: Option<Duration>,
    /// When nobody waits for an answer any more.
    pub until: Option<tokio::time::Instant>,
}

/// A call that waits.
#[derive(Default)]
struct Waiting {
    ticket: Option<Ticket>,
    /// How many came before it and wait for the same, and how many have a place in all.
    place: (usize, usize),
    /// What was told: when it wakes, and how many are before it.
    told: Option<(i64, usize)>,
}

impl Search<'_> {
    /// Tries until somebody answers or nothing is left.
    pub(super) async fn run(
        &mut self,
        routes: &[Route],
        record: &mut Record,
        listener: &mut dyn Listener,
    ) -> Result<Reply, CallError> {
        let known = self.client.store.traffic(None).unwrap_or_default();
        record.cooling(routes, &known.cool_downs);
        let mut waiting = Waiting::default();
        let mut plan = Plan::new(routes, known);
        if let Ok(left) = self.client.store.limits() {
            plan.budget(&left, meter::tokens(self.intent.prompt_bytes), self.client.clock.millis());
        }
        let mut tried: Vec<Tried> = Vec::new();
        // A failure is told once.
        let mut told = 0;
        // Given back with the end of the call, whatever that is.
        let mut probing: Vec<Probe> = Vec::new();
        loop {
            let now_ms = self.client.clock.millis();
            let mut pick = plan.pick(now_ms);
            if let Pick::Wait { wait, why, .. } = pick
                && why != Why::Pause
                && self.patience.left() < wait
            {
                // Nobody waits that long: what waiting does not help may still have been put right.
                pick = plan.resting(now_ms).unwrap_or(pick);
            }
            let route = match pick {
                Pick::Ready(route) => route,
                Pick::Spent => return Err(CallError::Exhausted(tried)),
                Pick::Probe { route, keys } => {
                    // Half way through a cool-down and at its end one request tries; without a store there is
                    // nobody to be in the way of.
                    let place = waiting.ticket.as_ref().map(Ticket::id);
                    let taken = self.client.store.probe(&keys, place, cool::STALE);
                    if !matches!(taken, Ok(None)) {
                        probing.extend(taken.ok().flatten());
                        plan.take(keys);
                        route
                    } else {
                        // Somebody else has it, or comes first; another route may be free.
                        plan.beaten(keys, now_ms + cool::LOOK);
                        self.look(&mut plan, &mut waiting);
                        continue;
                    }
                }
                Pick::Wait { route, wait, ends, why } => {
                    if why != Why::Pause && self.patience.left() < wait {
                        return Err(match why {
                            Why::Behind => {
                                let waiting = self.before(&plan, &waiting);
                                CallError::Crowded { waiting, wakes_in: ends, tried }
                            }
                            _ => CallError::Cooling { wakes_in: ends, known: plan.cooled(route).map(Box::new), tried },
                        });
                    }
                    let until = i64::try_from(wait.as_millis()).unwrap_or(i64::MAX);
                    let nap =
                        self.wait(&mut plan, &mut waiting, route, now_ms, until, why, record, listener, &mut tried);
                    nap.await?;
                    continue;
                }
            };
            // A try of another route's cool-downs is not ours any more: who wants it may have it. What of it covers this
            // route too is had anew first.
            let here = route.shared_keys();
            let mut shared = false;
            probing.retain(|probe| {
                let stays = probe.keys().iter().all(|key| here.contains(key));
                if !stays {
                    shared |= probe.keys().iter().any(|key| here.contains(key));
                    plan.give(probe.keys());
                }
                stays
            });
            if shared {
                continue;
            }
            if let Some(ticket) = &waiting.ticket {
                ticket.beat(true, None);
            }
            if let Some(last) = tried.last().filter(|_| told < tried.len())
                && (last.model != route.named() || last.account != route.account())
            {
                told = tried.len();
                let (mut from, mut to, failure) = (last.model.clone(), route.name(), last.failure.clone());
                if from == to {
                    // Only the account is another one.
                    (from, to) = (last.who(), format!("account {}", route.account()));
                }
                listener.notice(&Notice::FailedOver { from, to, failure });
            }
            record.chose(route, tried.last());
            listener.notice(&Notice::Trying { model: route.named().into(), account: route.account().into() });
            let intent = &route.intent(self.intent);
            let attempt = Attempt {
                client: self.client,
                clean: self.clean,
                intent,
                payer: self.payer,
                whose: self.whose.as_ref(),
                route,
                ends: plan.ends(route),
                hold: self.hold,
                until: self.until,
            };
            let began_ms = self.client.clock.millis();
            let outcome = pin!(attempt.run(record, listener)).await;
            let (failure, partial) = match outcome {
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
                        masked: self.clean.masked().len(),
                    });
                }
                Err(Broke::Before(failure)) => (failure, None),
                Err(Broke::After(failure, partial)) => (failure, Some(partial)),
            };
            let attempted = Tried { account: route.account().to_owned(), model: route.name(), failure };
            if let Some(partial) = partial {
                return Err(CallError::Broken { tried: Box::new(attempted), partial });
            }
            let now = self.client.clock.millis();
            let dice = random::bytes::<1>().map_or(128, |b| b[0]);
            if let Some(chill) = plan.condemn(route, &attempted.failure, began_ms, now, dice) {
                self.client.cool(chill);
            }
            tried.push(attempted);
            if let Some(ticket) = &waiting.ticket {
                ticket.beat(false, None);
            }
            // While this one was tried, others may have met what the next one would.
            self.look(&mut plan, &mut waiting);
        }
    }

    /// Waits for a moment, at most `until` (ms), and looks what has changed.
    #[allow(clippy::too_many_arguments)] // one loop's state, in one place
    async fn wait(
        &mut self,
        plan: &mut Plan<'_>,
        waiting: &mut Waiting,
        route: &Route,
        now_ms: i64,
        until: i64,
        why: Why,
        record: &mut Record,
        listener: &mut dyn Listener,
        tried: &mut Vec<Tried>,
    ) -> Result<(), CallError> {
        let wait = Duration::from_millis(u64::try_from(until).unwrap_or(0));
        // A breath between two tries of a broken answer is no parking, and costs no patience.
        let breath = why == Why::Pause && wait <= BREATH;
        if breath {
            if let (Some(last), true) = (tried.last(), wait > GLANCE) {
                let failure = last.failure.clone();
                listener.notice(&Notice::Retrying { model: route.name(), failure, delay: wait });
            }
            self.nap(wait).await;
            self.look(plan, waiting);
            return Ok(());
        }
        if wait > self.patience.left() {
            let tried = std::mem::take(tried);
            return Err(match why {
                Why::Pause if !tried.is_empty() => CallError::Exhausted(tried),
                Why::Behind => CallError::Crowded { waiting: self.before(plan, waiting), wakes_in: wait, tried },
                _ => CallError::Cooling { wakes_in: wait, known: plan.cooled(route).map(Box::new), tried },
            });
        }
        let wakes_ms = now_ms.saturating_add(until);
        if why != Why::Pause {
            self.stand(plan, waiting, wakes_ms, now_ms, record, tried)?;
        }
        let (ahead, all) = waiting.place;
        let news = waiting.told != Some((wakes_ms, ahead));
        let first = waiting.told.is_none() && why != Why::Pause;
        if first || (wait > GLANCE && news && why == Why::Cooling) {
            waiting.told = Some((wakes_ms, ahead));
            record.trace(Step::Parked { route, position: u32::try_from(ahead + 1).ok(), eta: wait });
            listener.notice(&Notice::Parked { model: route.name(), wait, position: ahead + 1, waiting: all.max(1) });
        }
        // In short naps: another process may have found out that it is over. Who stands further back has more time.
        let steps = u32::try_from(ahead.max(1)).unwrap_or(u32::MAX);
        let nap = if why == Why::Behind { wait.saturating_mul(steps) } else { wait }.min(NAP).min(self.patience.left());
        let began = tokio::time::Instant::now();
        self.nap(nap).await;
        self.look(plan, waiting);
        // A store that is busy costs time too.
        self.patience.spend(began.elapsed().clamp(nap, self.patience.left().max(nap)));
        if let Some(ticket) = &mut waiting.ticket {
            ticket.want(plan.wanted());
            ticket.beat(false, Some(wakes_ms));
        }
        Ok(())
    }

    /// How many wait for what this call wants, where it has no place of its own.
    fn before(&self, plan: &Plan<'_>, waiting: &Waiting) -> usize {
        if waiting.ticket.is_some() {
            return waiting.place.0;
        }
        let wanted = plan.wanted();
        let rival = |ticket: &TicketRow| !ticket.running && ticket.keys.iter().any(|k| wanted.contains(k));
        self.client.store.tickets().unwrap_or_default().iter().filter(|t| rival(t)).count()
    }

    /// Takes a place in the queue, if this call has none yet. Without a store there is no queue.
    fn stand(
        &self,
        plan: &mut Plan<'_>,
        waiting: &mut Waiting,
        wakes_ms: i64,
        now_ms: i64,
        record: &mut Record,
        tried: &mut Vec<Tried>,
    ) -> Result<(), CallError> {
        if waiting.ticket.is_some() {
            return Ok(());
        }
        let left = i64::try_from(self.patience.left().as_millis()).unwrap_or(i64::MAX);
        let request = self.clean.request();
        let new = NewTicket {
            request_id: record.id().to_owned(),
            purpose: request.purpose.name().to_owned(),
            model: request.model.0.clone(),
            keys: plan.wanted(),
            wakes_ms: Some(wakes_ms),
            gives_up_ms: now_ms.saturating_add(left),
        };
        match self.client.store.queue(new, self.client.queue) {
            Ok(Queued::In(ticket)) => waiting.ticket = Some(ticket),
            Ok(Queued::Full(waiting)) => {
                let wakes_in = Duration::from_millis(u64::try_from(wakes_ms.saturating_sub(now_ms)).unwrap_or(0));
                return Err(CallError::Crowded { waiting, wakes_in, tried: std::mem::take(tried) });
            }
            Err(_) => {}
        }
        self.look(plan, waiting);
        Ok(())
    }

    async fn nap(&self, span: Duration) {
        tokio::time::sleep(span).await;
        self.client.clock.advance(span);
    }

    /// Takes in what other processes have found out; without a store, what this call knows stands.
    fn look(&self, plan: &mut Plan<'_>, waiting: &mut Waiting) {
        if let Ok(known) = self.client.store.traffic(waiting.ticket.as_ref().map(Ticket::id)) {
            waiting.place = (known.before, known.waiting);
            plan.learn(known);
        }
    }
}

impl Client {
    /// Tells every process that a bucket is empty until it is full again. That is no failure: it counts as none, and
    /// takes nothing from a longer cool-down that was met meanwhile.
    pub(super) fn empty(&self, key: String, reset: Duration, what: &str, source: &str, now_ms: i64) {
        let until_ms = now_ms.saturating_add(i64::try_from(reset.as_millis()).unwrap_or(i64::MAX));
        let (cause, source) = (format!("no {what} left until the window ends"), source.to_owned());
        self.store.cool(key.clone(), move |known| match known {
            Some(known) if known.until_ms >= until_ms => known,
            known => CoolDown {
                key: key.clone(),
                until_ms,
                cause: cause.clone(),
                source: source.clone(),
                set_ms: now_ms,
                strikes: known.map_or(0, |k| k.strikes),
                probe_ms: None,
                waits: true,
            },
        });
    }

    /// Tells every process of a cool-down.
    pub(super) fn cool(&self, chill: Chill) {
        self.store.cool(chill.key.clone(), move |known| chill.over(known.as_ref()));
    }
}
