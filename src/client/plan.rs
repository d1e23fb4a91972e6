//! What a call still may try: the routes in order, what condemned them, and until when.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use super::cool::{Chill, Stands, stands};
use super::park;
use super::route::Route;
use crate::model::{Failure, Kind, Scope};
use crate::store::CoolDown;

/// Tries of one route, and of one call (rate-limits.md, "General algorithm").
const TRIES_PER_ROUTE: u32 = 2;
const TRIES_PER_CALL: u32 = 6;
/// Not again in this call.
const FOREVER: i64 = i64::MAX;

/// The state of one call's search for an answer.
pub(super) struct Plan<'a> {
    routes: &'a [Route],
    /// What this call has met, and until when it leaves that alone (ms since 1970).
    until: HashMap<String, i64>,
    /// Keys whose time is a pause of our own.
    pauses: HashSet<String>,
    /// Cool-downs that all processes know.
    cold: HashMap<String, CoolDown>,
    /// Cool-downs whose one try is ours.
    ours: HashSet<String>,
    tries: HashMap<String, u32>,
    total: u32,
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
        /// It is only our own pause between two tries, no cool-down.
        pause: bool,
    },
    /// Nothing is left.
    Spent,
}

/// How a route stands.
enum State {
    Awake,
    Probe(Vec<String>),
    Sleeps { until: i64, ends: i64, pause: bool },
}

impl<'a> Plan<'a> {
    /// A plan over routes in failover order, with the cool-downs known to all processes.
    #[must_use]
    pub(super) fn new(routes: &'a [Route], known: Vec<CoolDown>) -> Self {
        let mut plan = Self {
            routes,
            until: HashMap::new(),
            pauses: HashSet::new(),
            cold: HashMap::new(),
            ours: HashSet::new(),
            tries: HashMap::new(),
            total: 0,
        };
        plan.learn(known);
        plan
    }

    /// Takes in what all processes know now.
    pub(super) fn learn(&mut self, known: Vec<CoolDown>) {
        self.cold = known.into_iter().map(|c| (c.key.clone(), c)).collect();
        let cold = &self.cold;
        self.ours.retain(|key| cold.contains_key(key));
    }

    /// Cool-downs that a success over this route ends.
    pub(super) fn ends(&self, route: &Route) -> Vec<String> {
        route.keys().into_iter().filter(|k| self.cold.contains_key(k)).collect()
    }

    /// The one try of these cool-downs is this call's.
    pub(super) fn take(&mut self, keys: Vec<String>) {
        self.ours.extend(keys);
    }

    fn state(&self, route: &Route, now_ms: i64) -> State {
        let keys = route.keys();
        let mine = keys.iter().filter_map(|k| Some((*self.until.get(k)?, k))).max_by_key(|(until, _)| *until);
        let mut sleeps =
            mine.filter(|(until, _)| *until > now_ms).map(|(until, key)| (until, until, self.pauses.contains(key)));
        let mut probes = Vec::new();
        for cool in keys.iter().filter(|k| !self.ours.contains(*k)).filter_map(|k| self.cold.get(k)) {
            match stands(cool, now_ms) {
                Stands::Probe => probes.push(cool.key.clone()),
                Stands::Holds(until) if sleeps.is_none_or(|(known, ..)| until > known) => {
                    sleeps = Some((until, cool.until_ms.max(until), false));
                }
                Stands::Holds(_) => {}
            }
        }
        match sleeps {
            Some((until, ends, pause)) => State::Sleeps { until, ends, pause },
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
        let mut soonest: Option<(&Route, i64, i64, bool)> = None;
        for route in self.routes {
            match self.state(route, now_ms) {
                State::Awake => return Pick::Ready(route),
                State::Probe(keys) => return Pick::Probe { route, keys },
                State::Sleeps { until: FOREVER, .. } => {}
                State::Sleeps { until, ends, pause } if soonest.is_none_or(|(_, at, ..)| until < at) => {
                    soonest = Some((route, until, ends, pause));
                }
                State::Sleeps { .. } => {}
            }
        }
        let span = |at: i64| Duration::from_millis(u64::try_from(at - now_ms).unwrap_or(0));
        soonest.map_or(Pick::Spent, |(route, at, ends, pause)| Pick::Wait {
            route,
            wait: span(at),
            ends: span(ends),
            pause,
        })
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
        match failure.kind {
            Kind::RateLimited | Kind::Overloaded => {
                let chill = Chill {
                    key: key.clone(),
                    wide: failure.scope == Scope::Provider,
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
                self.cold.insert(key, cool);
                Some(chill)
            }
            Kind::Broken | Kind::Unreachable | Kind::TimedOut | Kind::Truncated if tries < TRIES_PER_ROUTE => {
                // Another route goes first; this one is tried again only if nothing else is there.
                let wait = failure.retry_after.unwrap_or_else(|| park::backoff(tries - 1, dice));
                self.pauses.insert(key.clone());
                self.until.insert(key, ends(now_ms, wait));
                None
            }
            Kind::TooLong => {
                // Only a larger window helps.
                let mine = route.window().unwrap_or(0);
                for other in self.routes.iter().filter(|r| r.window().unwrap_or(0) <= mine) {
                    self.until.insert(other.keys()[0].clone(), FOREVER);
                }
                None
            }
            Kind::BadRequest | Kind::Refused | Kind::Cancelled if failure.scope == Scope::Request => {
                for other in self.routes {
                    self.until.insert(other.keys()[0].clone(), FOREVER);
                }
                None
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
