//! Renewals ahead of time, for processes that stay: one loop sleeps until the soonest token is due.
//!
//! A heap of (due, account). What fails comes back later and later; what is signed out comes back when somebody
//! says that the accounts have changed.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio::sync::Notify;

use super::Tokens;
use crate::model::{Failure, Kind};
use crate::world::Clock;

/// The first pause after a failure, and the longest (seconds).
const PAUSE: [i64; 2] = [30, 300];
/// Nothing is slept through longer than this: a clock that was set, or a lid that was closed, is noticed (seconds).
const NAP: i64 = 60;
/// Renewals at once: one slow endpoint does not hold up the others.
const AT_ONCE: usize = 8;

/// What the loop renews.
pub trait Renewing {
    /// Accounts that can be renewed and when each is due, seconds since 1970.
    fn due(&self) -> Vec<(String, i64)>;
    /// Renews one.
    fn renew(&self, name: &str) -> impl Future<Output = Result<(), Failure>>;
}

impl Renewing for Tokens {
    fn due(&self) -> Vec<(String, i64)> {
        self.reload();
        Self::due(self)
    }

    async fn renew(&self, name: &str) -> Result<(), Failure> {
        self.fresh(name).await.map(drop)
    }
}

/// The loop.
pub struct Schedule<R> {
    what: R,
    clock: Clock,
    changed: Notify,
}

impl<R: Renewing> Schedule<R> {
    /// Over accounts; nothing runs yet.
    #[must_use]
    pub fn new(what: R, clock: Clock) -> Self {
        Self { what, clock, changed: Notify::new() }
    }

    /// Looks at the accounts anew: one was added, removed, or signed in again.
    pub fn changed(&self) {
        self.changed.notify_one();
    }

    /// Renews until it is dropped.
    pub async fn run(&self) {
        let mut heap = self.heap(&HashMap::new());
        let mut failed: HashMap<String, (u32, i64)> = HashMap::new();
        loop {
            let now = self.now();
            let mut ready = Vec::new();
            while let Some(Reverse((due, _))) = heap.peek()
                && *due <= now
            {
                ready.extend(heap.pop().map(|Reverse((_, name))| name));
            }
            if ready.is_empty() {
                let wait = heap.peek().map_or(NAP, |Reverse((due, _))| (due - now).clamp(1, NAP));
                let wait = Duration::from_secs(wait.unsigned_abs());
                tokio::select! {
                    () = tokio::time::sleep(wait) => self.clock.advance(wait),
                    () = self.changed.notified() => {
                        failed.clear();
                        heap = self.heap(&failed);
                    }
                }
                continue;
            }
            let mut waiting = ready.into_iter();
            let mut running = FuturesUnordered::new();
            loop {
                while running.len() < AT_ONCE
                    && let Some(name) = waiting.next()
                {
                    running.push(async { (self.what.renew(&name).await, name) });
                }
                match running.next().await {
                    None => break,
                    Some((done, name)) => self.note(&mut failed, name, done),
                }
            }
            heap = self.heap(&failed);
        }
    }

    /// Remembers when what failed is tried again; `i64::MAX` = not until something changes.
    fn note(&self, failed: &mut HashMap<String, (u32, i64)>, name: String, done: Result<(), Failure>) {
        match done {
            // Renewed by half a measure (the old token still lasts), it is due again at once: that needs a pause.
            Ok(()) if self.what.due().iter().any(|(n, due)| *n == name && *due <= self.now()) => {
                self.pause(failed, name)
            }
            Ok(()) => {
                failed.remove(&name);
            }
            Err(failure) if failure.kind == Kind::Unauthorized => {
                failed.insert(name, (0, i64::MAX));
            }
            Err(_) => self.pause(failed, name),
        }
    }

    fn pause(&self, failed: &mut HashMap<String, (u32, i64)>, name: String) {
        let (tries, again) = failed.entry(name).or_insert((0, 0));
        let pause = PAUSE[0].saturating_mul(1 << (*tries).min(8)).min(PAUSE[1]);
        (*tries, *again) = (*tries + 1, self.now() + pause);
    }

    /// What is due when.
    fn heap(&self, failed: &HashMap<String, (u32, i64)>) -> BinaryHeap<Reverse<(i64, String)>> {
        let at = |name: &String, due: i64| match failed.get(name) {
            Some((_, again)) => due.max(*again),
            None => due,
        };
        let due = self.what.due().into_iter().map(|(name, due)| Reverse((at(&name, due), name)));
        due.filter(|Reverse((at, _))| *at != i64::MAX).collect()
    }

    fn now(&self) -> i64 {
        self.clock.now().as_second()
    }
}
