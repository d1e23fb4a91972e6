//! What a call still may try: the routes in order, what condemned them, and until when.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use super::cool::{Chill, Stands, stands};
use super::park;
use super::route::Route;
use crate::model::{Action, Failure, Kind, Scope};
use crate::store::{CoolDown, LimitRow, Traffic};

/// Tries of one route, and of one call (rate-limits.md, "General algorithm").
const TRIES_PER_ROUTE: u32 = 3;
const TRIES_PER_CALL: u32 = 6;
/// Tries of a route that could not be reached, or did not come to its end in time: each may cost minutes.
const TRIES_SLOW: u32 = 2;
/// Not again in this call.
const FOREVER: i64 = i64::MAX;
/// Who may go, but has somebody before it, looks again after this (ms).
pub(super) const BEHIND: i64 = 50;

/// The state of one call's search for an answer.
pub(super) struct Plan<'a> {
    routes: &'a [Route],
    /// Per route: what a failure of each width condemns.
    keys: Vec<&'a [String; 3]>,
    /// What this call has met, and until when it leaves that alone (ms since 1970).
    until: HashMap<String, i64>,
    /// Keys whose time is a pause of our own.
    pauses: HashSet<String>,
    /// Cool-downs that all processes know.
    cold: HashMap<String, CoolDown>,
    /// Cool-downs whose one try is ours.
    ours: HashSet<String>,
    /// Cool-downs whose try was lost to another just now, and until when that counts (ms since 1970). Each has a time of
    /// its own: of two that are lost, the second must not make the first worth asking for again at once.
    beaten: HashMap<String, i64>,
    /// Keys that somebody waits for who came before us.
    ahead: HashSet<String>,
    /// Routes, by place, that have less left than this call needs, and until when (ms since 1970).
    thin: HashMap<usize, i64>,
    tries: HashMap<String, u32>,
    total: u32,
    /// Answers that came whole and could not be read: each was paid for.
    unread: u32,
}

/// What to do next.
pub(super) enum Pick<'a> {
    /// Try this.
    Ready(&'a Route),
    /// Try this if the one try of these cool-downs can be had.
    Probe {
        /// Which.
        route: &'a Route,
        /// Whose try is needed.
        keys: Vec<String>,
    },
    /// Nothing is ready; this wakes first.
    Wait {
        /// Which.
        route: &'a Route,
        /// After that long something may be tried.
        wait: Duration,
        /// After that long it is over, as far as is known.
        ends: Duration,
        /// Why.
        why: Why,
    },
    /// Nothing is left.
    Spent,
}

/// Why a call waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Why {
    /// A cool-down.
    Cooling,
    /// Our own pause between two tries.
    Pause,
    /// It is free, but others wait for it who came first.
    Behind,
}

/// How a route stands.
enum State {
    Awake,
    Probe(Vec<String>),
    Sleeps {
        until: i64,
        ends: i64,
        why: Why,
    },
    /// Waiting does not help; it is tried when nothing else is left, with the one try of these cool-downs.
    Rests(Vec<String>),
}

impl<'a> Plan<'a> {
    /// A plan over routes in failover order, with what all processes know.
    #[must_use]
    pub(super) fn new(routes: &'a [Route], known: Traffic) -> Self {
        let mut plan = Self {
            routes,
            keys: routes.iter().map(Route::shared_keys).collect(),
            until: HashMap::new(),
            pauses: HashSet::new(),
            cold: HashMap::new(),
            ours: HashSet::new(),
            beaten: HashMap::new(),
            ahead: HashSet::new(),
            thin: HashMap::new(),
            tries: HashMap::new(),
            total: 0,
            unread: 0,
        };
        plan.learn(known);
        plan
    }

    /// Takes in what all processes know now.
    pub(super) fn learn(&mut self, known: Traffic) {
        self.cold = known.cool_downs.into_iter().map(|c| (c.key.clone(), c)).collect();
        let cold = &self.cold;
        self.ours.retain(|key| cold.contains_key(key));
        self.ahead = known.ahead;
    }

    /// Takes in what providers said is left: a route with less than this call needs is tried after the others.
    pub(super) fn budget(&mut self, left: &[LimitRow], tokens: u64, now_ms: i64) {
        for (at, route) in self.routes.iter().enumerate() {
            let short = |row: &&LimitRow| {
                // A bucket that is empty cools down; what would not fit a full one either is the server's to judge.
                let fits = row.unit == "tokens" && row.ceiling.is_none_or(|most| tokens <= most);
                row.upstream == route.upstream.name
                    && row.account == route.account()
                    && (row.model.is_empty() || row.model == route.card.id)
                    && row.seen_ms <= now_ms
                    && fits
                    && row.remaining.is_some_and(|left| left > 0 && left < tokens)
                    && row.reset_ms.is_some_and(|reset| reset > now_ms)
            };
            if let Some(reset) = left.iter().filter(short).filter_map(|row| row.reset_ms).max() {
                self.thin.insert(at, reset);
            }
        }
    }

    /// Cool-downs that a success over this route ends.
    pub(super) fn ends(&self, route: &Route) -> Vec<String> {
        route.shared_keys().iter().filter(|k| self.cold.contains_key(*k)).cloned().collect()
    }

    /// The one try of these cool-downs is this call's.
    pub(super) fn take(&mut self, keys: Vec<String>) {
        self.ours.extend(keys);
    }

    /// The one try of these cool-downs is given back.
    pub(super) fn give(&mut self, keys: &[String]) {
        self.ours.retain(|key| !keys.contains(key));
    }

    /// The one try of these cool-downs is another's, who is waited for until then (ms since 1970).
    pub(super) fn beaten(&mut self, keys: Vec<String>, until_ms: i64) {
        self.beaten.extend(keys.into_iter().map(|key| (key, until_ms)));
    }

    /// What this call waits for: every route that it may still try, and whatever wider than that cools it down.
    pub(super) fn wanted(&self) -> Vec<String> {
        let mut out: Vec<String> = Vec::new();
        for keys in self.keys.iter().filter(|keys| !keys.iter().any(|k| self.until.get(k) == Some(&FOREVER))) {
            let [model, wider @ ..] = keys;
            out.push(model.clone());
            out.extend(wider.iter().filter(|k| self.cold.contains_key(*k)).cloned());
        }
        out.sort_unstable();
        out.dedup();
        out
    }

    fn state(&self, at: usize, now_ms: i64) -> State {
        let Some(keys) = self.keys.get(at) else { return State::Awake };
        let mine = keys.iter().filter_map(|k| Some((*self.until.get(k)?, k))).max_by_key(|(until, _)| *until);
        let why = |key: &String| if self.pauses.contains(key) { Why::Pause } else { Why::Cooling };
        let mut sleeps = mine.filter(|(until, _)| *until > now_ms).map(|(until, key)| (until, until, why(key)));
        let mut probes = Vec::new();
        let mut rests = false;
        for cool in keys.iter().filter(|k| !self.ours.contains(*k)).filter_map(|k| self.cold.get(k)) {
            let beaten = self.beaten.get(&cool.key).copied().filter(|until| now_ms < *until);
            match (stands(cool, now_ms), beaten) {
                (Stands::Probe, Some(until)) => {
                    if sleeps.is_none_or(|(known, ..)| until > known) {
                        sleeps = Some((until, until, Why::Behind));
                    }
                }
                (Stands::Probe, None) => probes.push(cool.key.clone()),
                (Stands::Holds(_), _) if !cool.waits => rests = true,
                (Stands::Holds(until), _) if sleeps.is_none_or(|(known, ..)| until > known) => {
                    sleeps = Some((until, cool.until_ms.max(until), Why::Cooling));
                }
                (Stands::Holds(_), _) => {}
            }
        }
        match sleeps {
            Some((until, ends, why)) => State::Sleeps { until, ends, why },
            None if rests => State::Rests(probes),
            None if keys.iter().any(|k| self.ahead.contains(k)) => {
                State::Sleeps { until: now_ms + BEHIND, ends: now_ms + BEHIND, why: Why::Behind }
            }
            None if probes.is_empty() => State::Awake,
            None => State::Probe(probes),
        }
    }

    /// The first route that is awake or may be tried, else the one that wakes first.
    #[must_use]
    pub(super) fn pick(&self, now_ms: i64) -> Pick<'a> {
        if self.total >= TRIES_PER_CALL {
            return Pick::Spent;
        }
        let mut soonest: Option<(&Route, i64, i64, Why)> = None;
        let (mut thin, mut resting) = (None, None);
        for (at, route) in self.routes.iter().enumerate() {
            match self.state(at, now_ms) {
                State::Awake if self.thin.get(&at).is_some_and(|reset| *reset > now_ms) => {
                    thin = thin.or(Some(route));
                }
                State::Awake => return Pick::Ready(route),
                State::Probe(keys) => return Pick::Probe { route, keys },
                State::Rests(keys) => resting = resting.or(Some(last(route, keys))),
                State::Sleeps { until: FOREVER, .. } => {}
                State::Sleeps { until, ends, why } if soonest.is_none_or(|(_, at, ..)| until < at) => {
                    soonest = Some((route, until, ends, why));
                }
                State::Sleeps { .. } => {}
            }
        }
        let span = |at: i64| Duration::from_millis(u64::try_from(at - now_ms).unwrap_or(0));
        match (thin, soonest, resting) {
            (Some(route), ..) => Pick::Ready(route),
            (None, Some((route, at, ends, why)), _) => Pick::Wait { route, wait: span(at), ends: span(ends), why },
            (None, None, Some(pick)) => pick,
            (None, None, None) => Pick::Spent,
        }
    }

    /// What this route was cooled down by, as all processes know it.
    pub(super) fn cooled(&self, route: &Route) -> Option<CoolDown> {
        let known = route.shared_keys().iter().filter_map(|key| self.cold.get(key));
        known.max_by_key(|cool| cool.until_ms).cloned()
    }

    /// A route that waiting does not help, for when there is no time to wait for another.
    #[must_use]
    pub(super) fn resting(&self, now_ms: i64) -> Option<Pick<'a>> {
        let rests = |(at, route): (usize, &'a Route)| match self.state(at, now_ms) {
            State::Rests(keys) => Some(last(route, keys)),
            _ => None,
        };
        self.routes.iter().enumerate().filter(|_| self.total < TRIES_PER_CALL).find_map(rests)
    }

    /// Takes a failure in: condemns what it covers. Returns the cool-down others should know of, if it is one.
    /// `began_ms` is when the attempt began, `dice` one random byte.
    pub(super) fn condemn(
        &mut self,
        route: &Route,
        failure: &Failure,
        began_ms: i64,
        now_ms: i64,
        dice: u8,
    ) -> Option<Chill> {
        self.total += 1;
        let [model, account, provider] = route.keys();
        let key = match failure.scope {
            Scope::Request | Scope::Model => model.clone(),
            Scope::Account => account,
            Scope::Provider => provider,
        };
        let tries = self.tries.entry(model).or_insert(0);
        *tries += 1;
        let tries = *tries;
        let most = if failure.kind == Kind::Broken { TRIES_PER_ROUTE } else { TRIES_SLOW };
        // Money and a user's own rule are remembered, so that the next call does not ask in vain first.
        let rests = failure.kind == Kind::QuotaSpent || failure.retry_after.is_some();
        let waits = failure.action == Action::Park;
        // One more route may say it so that it can be read; a third time nobody pays for it.
        self.unread += u32::from(failure.is_unread());
        let action = if failure.is_unread() && self.unread > 1 { Action::Stop } else { failure.action };
        match action {
            Action::Retry if tries < most => {
                // Another route goes first; this one is tried again only if nothing else is there.
                let wait = failure.retry_after.unwrap_or_else(|| park::backoff(tries - 1, dice));
                self.pauses.insert(key.clone());
                self.until.insert(key, ends(now_ms, wait));
                None
            }
            Action::Stop => {
                for keys in &self.keys {
                    self.until.insert(keys[0].clone(), FOREVER);
                }
                None
            }
            Action::Next if failure.kind == Kind::TooLong => {
                // Only a larger window helps; one that nobody knows may be larger.
                let smaller = |other: &Route| other.window().zip(route.window()).is_some_and(|(its, mine)| its <= mine);
                for (other, keys) in self.routes.iter().zip(&self.keys) {
                    let same = other.upstream.name == route.upstream.name && other.card.id == route.card.id;
                    if same || smaller(other) {
                        self.until.insert(keys[0].clone(), FOREVER);
                    }
                }
                None
            }
            Action::Park | Action::Next if waits || rests => {
                let chill = Chill {
                    key: key.clone(),
                    wide: failure.scope == Scope::Provider,
                    waits,
                    stated: failure.retry_after,
                    began_ms,
                    now_ms,
                    cause: failure.message.clone(),
                    source: route.name(),
                    dice,
                };
                let cool = chill.over(self.cold.get(&key));
                self.pauses.remove(&key);
                self.ours.remove(&key);
                if !waits {
                    self.until.insert(key.clone(), FOREVER);
                }
                self.cold.insert(key, cool);
                Some(chill)
            }
            _ => {
                self.until.insert(key, FOREVER);
                None
            }
        }
    }
}

fn ends(now_ms: i64, wait: Duration) -> i64 {
    now_ms.saturating_add(i64::try_from(wait.as_millis()).unwrap_or(i64::MAX - 1)).min(FOREVER - 1)
}

/// How a route is asked that waiting does not help.
fn last(route: &Route, keys: Vec<String>) -> Pick<'_> {
    if keys.is_empty() { Pick::Ready(route) } else { Pick::Probe { route, keys } }
}
