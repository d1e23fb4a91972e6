//! What a call still may try: the routes in order, what condemned them, and until when.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use super::park;
use super::route::Route;
use crate::model::{Failure, Kind, Scope};

/// Tries of one route, and of one call (rate-limits.md, "General algorithm").
const TRIES_PER_ROUTE: u32 = 2;
const TRIES_PER_CALL: u32 = 6;
/// A cool-down without a stated time, and what it grows to: one model or account, and a whole provider.
const COOL: [Duration; 2] = [Duration::from_secs(15), Duration::from_secs(300)];
const COOL_PROVIDER: [Duration; 2] = [Duration::from_secs(30), Duration::from_secs(60)];
/// Longer than any server may silence a route without our asking again (DESIGN: cap 1 h unless stated).
const FOREVER: i64 = i64::MAX;

/// The state of one call's search for an answer.
pub(super) struct Plan<'a> {
    routes: &'a [Route],
    until: HashMap<String, i64>,
    /// Keys whose time is a pause of our own.
    pauses: HashSet<String>,
    tries: HashMap<String, u32>,
    total: u32,
}

/// What to do next.
pub(super) enum Pick<'a> {
    /// Try this.
    Ready(&'a Route),
    /// Nothing is ready; this wakes first.
    Wait {
        /// Which.
        route: &'a Route,
        /// After that long.
        wait: Duration,
        /// It is only our own pause between two tries, no cool-down.
        pause: bool,
    },
    /// Nothing is left.
    Spent,
}

/// A cool-down that other processes should know of.
pub(super) struct Cooled {
    /// What it covers.
    pub key: String,
    /// How long from now.
    pub wait: Duration,
}

impl<'a> Plan<'a> {
    /// A plan over routes in failover order, with the cool-downs known to all processes (key, end in ms since 1970).
    #[must_use]
    pub(super) fn new(routes: &'a [Route], known: impl IntoIterator<Item = (String, i64)>) -> Self {
        Self { routes, until: known.into_iter().collect(), pauses: HashSet::new(), tries: HashMap::new(), total: 0 }
    }

    /// The first route that is awake, else the one that wakes first.
    #[must_use]
    pub(super) fn pick(&self, now_ms: i64) -> Pick<'a> {
        if self.total >= TRIES_PER_CALL {
            return Pick::Spent;
        }
        let mut soonest: Option<(&Route, i64)> = None;
        for route in self.routes {
            let wakes = route.keys().iter().filter_map(|k| self.until.get(k)).copied().max().unwrap_or(0);
            if wakes <= now_ms {
                return Pick::Ready(route);
            }
            if wakes != FOREVER && soonest.is_none_or(|(_, at)| wakes < at) {
                soonest = Some((route, wakes));
            }
        }
        soonest.map_or(Pick::Spent, |(route, at)| {
            let last = route.keys().into_iter().max_by_key(|k| self.until.get(k).copied().unwrap_or(0));
            let pause = last.is_some_and(|key| self.pauses.contains(&key));
            Pick::Wait { route, wait: Duration::from_millis(u64::try_from(at - now_ms).unwrap_or(0)), pause }
        })
    }

    /// Takes a failure in: condemns what it covers. Returns the cool-down others should know of, if it is one.
    /// `dice` is one random byte.
    pub(super) fn condemn(&mut self, route: &Route, failure: &Failure, now_ms: i64, dice: u8) -> Option<Cooled> {
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
                let [first, most] = if failure.scope == Scope::Provider { COOL_PROVIDER } else { COOL };
                let unstated = first.saturating_mul(1 << (tries - 1).min(8)).min(most);
                // A server that says "at once" and refuses again is not believed twice.
                let stated = failure.retry_after.filter(|d| !d.is_zero() || tries < 2);
                let wait = stated.map_or(unstated, |d| park::jittered(d, dice));
                self.pauses.remove(&key);
                self.until.insert(key.clone(), ends(now_ms, wait));
                Some(Cooled { key, wait })
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
