//! The trail of a request: each step as it happens, written in batches beside the ledger.

use std::time::Duration;

use smol_str::SmolStr;

use super::error::Tried;
use super::record::Record;
use super::route::Route;
use crate::model::{Cost, Failure, Usage, UsageSource};
use crate::store::{CoolDown, Outcome, Store, TraceRow};
use crate::world::Clock;

/// A step of a request. Texts are free of secrets, and of prompts and answers.
#[derive(Debug, Clone, Copy)]
pub enum Step<'a> {
    /// Secrets were looked for.
    Redacted {
        /// How many and which kinds; empty = none.
        what: &'a str,
    },
    /// A route was chosen.
    Routed {
        /// Which.
        route: &'a Route,
        /// Why this one; empty = it stands first.
        why: &'a str,
    },
    /// A route was passed over.
    Skipped {
        /// Which.
        route: &'a Route,
        /// Why.
        why: &'a str,
        /// When it may be used again, from now.
        wakes_in: Option<Duration>,
    },
    /// A route is asked; [`Record::attempt`] says it.
    Trying {
        /// Which.
        route: &'a Route,
    },
    /// An attempt failed.
    Failed {
        /// Why, masked.
        failure: &'a Failure,
        /// What was done about it; empty = another route, if there is one.
        action: &'a str,
    },
    /// Another route takes over.
    FailedOver {
        /// Which.
        route: &'a Route,
    },
    /// The request waits.
    Parked {
        /// For this route, which wakes first.
        route: &'a Route,
        /// Its place in the queue, from 1.
        position: Option<u32>,
        /// How long, as far as is known.
        eta: Duration,
    },
    /// The wait is over; said by itself before the next attempt.
    Woke,
    /// Content began to arrive: from here on no other route is taken.
    Committed {
        /// When, milliseconds since 1970; `None` = now.
        at_ms: Option<i64>,
        /// When the attempt began, milliseconds since 1970.
        since_ms: i64,
    },
    /// What the answer used.
    Used {
        /// Tokens.
        usage: &'a Usage,
        /// How they are known.
        source: UsageSource,
        /// Money; `None` = unpriced.
        cost: Option<Cost>,
    },
    /// The end.
    Done {
        /// One word.
        outcome: &'a str,
    },
    /// Something else worth knowing.
    Note(&'a str),
}

/// The step of a request that goes straight on.
fn straight(step: &Step<'_>) -> bool {
    match step {
        Step::Redacted { what } => what.is_empty(),
        Step::Done { outcome } => *outcome == Outcome::Done.name(),
        Step::Routed { .. } | Step::Trying { .. } | Step::Committed { .. } | Step::Used { .. } => true,
        Step::Skipped { .. }
        | Step::Failed { .. }
        | Step::FailedOver { .. }
        | Step::Parked { .. }
        | Step::Woke
        | Step::Note(_) => false,
    }
}

/// A step that was taken down: spelled as a row where rows are written, and kept as it is where they hardly ever are.
enum Taken {
    Row(Box<TraceRow>),
    /// One word, when.
    Word(&'static str, i64),
    /// On a route, when.
    On(&'static str, Route, i64, Option<u32>),
    /// Content began: when, and how long after the attempt.
    Content(i64, Option<i64>, Option<u32>),
    /// What was used, when.
    Used(Usage, UsageSource, Option<Cost>, i64, Option<u32>),
}

impl Taken {
    /// `spare` = it is likely that nobody ever reads it.
    fn of(step: Step<'_>, at_ms: i64, attempt: Option<u32>, spare: bool) -> Self {
        match step {
            Step::Redacted { what: "" } if spare => Self::Word("redact", at_ms),
            Step::Routed { route, why: "" } if spare => Self::On("route", route.clone(), at_ms, None),
            Step::Trying { route } if spare => Self::On("attempt", route.clone(), at_ms, attempt),
            Step::Committed { at_ms: at, since_ms } if spare => Self::Content(at_ms, waited(at, since_ms), attempt),
            Step::Used { usage, source, cost } if spare => Self::Used(*usage, source, cost, at_ms, attempt),
            step => {
                let whole = matches!(
                    step,
                    Step::Redacted { .. } | Step::Routed { .. } | Step::FailedOver { .. } | Step::Done { .. }
                );
                Self::Row(Box::new(TraceRow { at_ms, attempt: attempt.filter(|_| !whole), ..row(step) }))
            }
        }
    }

    fn row(self) -> TraceRow {
        match self {
            Self::Row(row) => *row,
            Self::Word(word, at_ms) => TraceRow { at_ms, ..plain(word) },
            Self::On(word, route, at_ms, attempt) => TraceRow { at_ms, attempt, ..on(word, &route) },
            Self::Content(at_ms, wait_ms, attempt) => TraceRow { at_ms, attempt, wait_ms, ..plain("content") },
            Self::Used(usage, source, cost, at_ms, attempt) => {
                TraceRow { at_ms, attempt, ..row(Step::Used { usage: &usage, source, cost }) }
            }
        }
    }
}

/// A request that goes straight on has no more.
const STEPS: usize = 8;

/// Steps that wait to be written, together.
pub(super) struct Trail {
    store: Store,
    clock: Clock,
    id: SmolStr,
    /// `false` = the request has no row, and its steps are kept nowhere.
    written: bool,
    next: u32,
    attempt: Option<u32>,
    parked: bool,
    waiting: Vec<Taken>,
    /// Nothing is written as long as all goes straight on: a proxy's requests are many, and their rows say as much.
    spare: bool,
}

impl Trail {
    pub(super) fn new(store: &Store, clock: &Clock, id: SmolStr, written: bool, spare: bool) -> Self {
        let (store, clock) = (store.clone(), clock.clone());
        Self {
            store,
            clock,
            id,
            written,
            next: 0,
            attempt: None,
            parked: false,
            waiting: Vec::with_capacity(STEPS),
            spare,
        }
    }

    /// An attempt begins: what was done so far is written with its row, so that a kill leaves it visible.
    pub(super) fn attempt(&mut self, number: u32, route: &Route, at_ms: i64) {
        if std::mem::take(&mut self.parked) {
            self.at(at_ms, Step::Woke);
        }
        self.attempt = Some(number);
        self.at(at_ms, Step::Trying { route });
        self.flush();
    }

    /// Takes a step down; a wait is written at once.
    pub(super) fn step(&mut self, step: Step<'_>) {
        let at_ms = match step {
            Step::Committed { at_ms: Some(at), .. } => at,
            _ => self.clock.millis(),
        };
        self.at(at_ms, step);
    }

    /// As [`Self::step`], of what happened then (milliseconds since 1970).
    pub(super) fn at(&mut self, at_ms: i64, step: Step<'_>) {
        self.spare &= straight(&step);
        if self.spare && matches!(step, Step::Done { .. }) {
            // Nothing follows that would have it written.
            return;
        }
        self.waiting.push(Taken::of(step, at_ms, self.attempt, self.spare));
        if matches!(step, Step::Parked { .. }) {
            self.parked = true;
            self.flush();
        }
    }

    /// Writes what waits, in the background.
    pub(super) fn flush(&mut self) {
        if self.spare {
            return;
        }
        let rows: Vec<TraceRow> = std::mem::take(&mut self.waiting).into_iter().map(Taken::row).collect();
        if self.written && !rows.is_empty() {
            let first = self.next;
            self.next = self.next.saturating_add(u32::try_from(rows.len()).unwrap_or(u32::MAX));
            self.store.trace(&self.id, first, rows);
        }
    }
}

impl Record {
    /// Takes a failure down; `action` is what was done about it, empty = another route, if there is one.
    pub(super) fn failed(&mut self, failure: &Failure, action: &str) {
        self.trace(Step::Failed { failure, action });
    }

    /// Takes down the routes that are in the one list and not in the other.
    pub(super) fn left_out(&mut self, all: &[Route], kept: &[Route], why: &str) {
        for route in all.iter().filter(|route| kept.iter().all(|k| k.shared_keys()[0] != route.shared_keys()[0])) {
            self.trace(Step::Skipped { route, why, wakes_in: None });
        }
    }

    /// Takes down how long the prompt is for a route, where somebody counted.
    pub(super) fn counted(&mut self, route: &Route) {
        if let Some(count) = route.count {
            self.trace(Step::Note(&format!("for {} the prompt has {count}", route.name())));
        }
    }

    /// Takes down which routes are cooling, and why.
    pub(super) fn cooling(&mut self, routes: &[Route], known: &[CoolDown]) {
        let now = self.now_ms();
        for route in routes {
            let keys = route.shared_keys();
            let over = |c: &&CoolDown| c.until_ms > now && keys.contains(&c.key);
            if let Some(cool) = known.iter().filter(over).max_by_key(|c| c.until_ms) {
                let left = Duration::from_millis(u64::try_from(cool.until_ms.saturating_sub(now)).unwrap_or(0));
                self.trace(Step::Skipped { route, why: &cool.cause, wakes_in: Some(left) });
            }
        }
    }

    /// Takes down which route is taken, unless it is the one that was tried last.
    pub(super) fn chose(&mut self, route: &Route, last: Option<&Tried>) {
        match last {
            None => self.trace(Step::Routed { route, why: "" }),
            Some(last) if last.model == route.named() && last.account == route.account() => {}
            Some(_) => self.trace(Step::FailedOver { route }),
        }
    }
}

fn on(word: &str, route: &Route) -> TraceRow {
    TraceRow {
        upstream: Some(route.upstream.name.clone()),
        account: Some(route.account().to_owned()),
        model: Some(route.card.id.clone()),
        ..plain(word)
    }
}

fn plain(word: &str) -> TraceRow {
    TraceRow { step: word.to_owned(), ..TraceRow::default() }
}

/// How long after its attempt content began.
fn waited(at_ms: Option<i64>, since_ms: i64) -> Option<i64> {
    at_ms.map(|at| at.saturating_sub(since_ms).max(0))
}

fn row(step: Step<'_>) -> TraceRow {
    let said = |text: &str| Some(text.to_owned()).filter(|t| !t.is_empty());
    let span = |d: Duration| i64::try_from(d.as_millis()).ok();
    match step {
        Step::Redacted { what } => TraceRow { said: said(what), ..plain("redact") },
        Step::Routed { route, why } => TraceRow { said: said(why), ..on("route", route) },
        Step::Skipped { route, why, wakes_in } => {
            TraceRow { said: said(why), wait_ms: wakes_in.and_then(span), ..on("skip", route) }
        }
        Step::Trying { route } => on("attempt", route),
        Step::Failed { failure, action } => TraceRow {
            reason: said(failure.kind.name()),
            scope: said(failure.scope.name()),
            action: said(action),
            wait_ms: failure.retry_after.and_then(span),
            said: said(&failure.message),
            ..plain("failed")
        },
        Step::FailedOver { route } => on("failover", route),
        Step::Parked { route, position, eta } => TraceRow { position, wait_ms: span(eta), ..on("park", route) },
        Step::Woke => plain("woke"),
        Step::Committed { at_ms, since_ms } => TraceRow { wait_ms: waited(at_ms, since_ms), ..plain("content") },
        Step::Used { usage, source, cost } => {
            let mut text = format!("in {}", usage.prompt());
            if usage.cache_read > 0 {
                text.push_str(&format!(" (cached {})", usage.cache_read));
            }
            text.push_str(&format!(" out {}", usage.output));
            if let Some(reasoning) = usage.reasoning {
                text.push_str(&format!(" reasoning {reasoning}"));
            }
            text.push_str(&match cost {
                Some(cost) => format!(", {} {}", cost.amount, cost.source.name()),
                None => ", unpriced".to_owned(),
            });
            TraceRow { reason: said(source.name()), said: Some(text), ..plain("usage") }
        }
        Step::Done { outcome } => TraceRow { reason: said(outcome), ..plain("done") },
        Step::Note(text) => TraceRow { said: said(text), ..plain("note") },
    }
}
