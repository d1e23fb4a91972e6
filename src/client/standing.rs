//! What steers the choice among equals, as it stands at one moment: pins, drains, counters, what was used, windows.

use std::collections::{HashMap, HashSet};

use crate::auth::{DRAIN, PIN, Window, pin_of};
use crate::config::{Config, Strategy};
use crate::store::{LimitRow, Store, StoreError};
use crate::world::random;

/// Use before this does not count (ms): the window of most subscriptions.
const LATELY: i64 = 5 * 3_600_000;
/// A window that is shorter paces requests and holds nothing that would be lost (ms).
const PACE: i64 = 300_000;

/// How accounts of one upstream and priority share the work.
#[derive(Debug, Clone, Default)]
pub struct Strategies {
    usual: Strategy,
    own: HashMap<String, Strategy>,
}

impl Strategies {
    /// As the user's settings say.
    #[must_use]
    pub fn of(config: &Config) -> Self {
        let own = config.upstreams.iter().filter_map(|row| Some((row.name.clone(), row.strategy?))).collect();
        Self { usual: config.accounts.strategy, own }
    }

    /// The strategy of an upstream.
    #[must_use]
    pub fn at(&self, upstream: &str) -> Strategy {
        self.own.get(upstream).copied().unwrap_or(self.usual)
    }
}

/// What is known of a window.
#[derive(Debug, Clone)]
struct Known {
    upstream: String,
    account: String,
    /// Empty = every model.
    model: String,
    window: Window,
}

/// The state of the choice.
#[derive(Debug, Clone, Default)]
pub struct Standing {
    /// Upstream to the account pinned there, and until when.
    pins: HashMap<String, (String, Option<i64>)>,
    /// `upstream/account`, drained.
    drains: HashSet<String>,
    turns: HashMap<String, u64>,
    /// Upstream, then account, to tokens and attempts.
    used: HashMap<String, HashMap<String, (u64, u64)>>,
    windows: Vec<Known>,
    /// Keys of what cools down.
    cold: HashSet<String>,
}

impl Standing {
    /// Reads it; nothing is moved. What no strategy of the user's looks at is not read.
    ///
    /// # Errors
    /// [`StoreError`]; without a store the order is that of priority and storing.
    pub fn read(store: &Store, config: &Config, now_ms: i64) -> Result<Self, StoreError> {
        let steering = store.steering(&[PIN, DRAIN])?;
        let mut out = Self { turns: steering.turns.into_iter().collect(), ..Self::default() };
        for (key, value) in steering.facts {
            if let Some(upstream) = key.strip_prefix(PIN) {
                out.pins.extend(pin_of(&value, now_ms).map(|pin| (upstream.to_owned(), pin)));
            } else if let (Some(account), false) = (key.strip_prefix(DRAIN), value.is_empty()) {
                out.drains.insert(account.to_owned());
            }
        }
        let chosen = |wanted: Strategy| {
            let pools = config.names.iter().filter_map(|row| Some(row.sharing.as_ref()?.strategy));
            let rows = config.upstreams.iter().filter_map(|row| row.strategy);
            pools.chain(rows).chain([config.accounts.strategy]).any(|s| s == wanted)
        };
        if chosen(Strategy::LeastUsed) {
            for load in store.loads(now_ms.saturating_sub(LATELY))? {
                out.used.entry(load.upstream).or_default().insert(load.account, (load.tokens, load.attempts));
            }
        }
        if chosen(Strategy::RoundRobin) {
            out.cold = store.cooling()?.into_iter().map(|cool| cool.key).collect();
        }
        if chosen(Strategy::SoonestReset) {
            out.windows = windows(&store.limits()?, now_ms);
        }
        Ok(out)
    }

    /// Who is pinned at an upstream, and until when.
    #[must_use]
    pub fn pin(&self, upstream: &str) -> Option<(&str, Option<i64>)> {
        self.pins.get(upstream).map(|(name, until)| (name.as_str(), *until))
    }

    /// The account takes no new conversations.
    #[must_use]
    pub fn draining(&self, upstream: &str, account: &str) -> bool {
        !self.drains.is_empty() && self.drains.contains(&format!("{upstream}/{account}"))
    }

    /// Something cools down, and turns are taken somewhere.
    #[must_use]
    pub fn cold(&self) -> bool {
        !self.cold.is_empty()
    }

    /// One of these keys cools down.
    #[must_use]
    pub fn cooling(&self, keys: &[String; 3]) -> bool {
        self.cold() && keys.iter().any(|key| self.cold.contains(key))
    }

    /// The number a counter gives out next.
    #[must_use]
    pub fn turn(&self, name: &str) -> u64 {
        self.turns.get(name).copied().unwrap_or(0)
    }

    /// Tokens and attempts of late: of an account, or of all accounts at an upstream.
    #[must_use]
    pub fn used(&self, upstream: &str, account: Option<&str>) -> (u64, u64) {
        let Some(accounts) = self.used.get(upstream) else { return (0, 0) };
        match account {
            Some(account) => accounts.get(account).copied().unwrap_or((0, 0)),
            None => accounts.values().fold((0, 0), |sum, (tokens, attempts)| {
                (u64::saturating_add(sum.0, *tokens), u64::saturating_add(sum.1, *attempts))
            }),
        }
    }

    /// The window for a model that ends first: of an account, or of any account at an upstream.
    #[must_use]
    pub fn window(&self, upstream: &str, account: Option<&str>, model: &str) -> Option<Window> {
        let of = |w: &&Known| {
            w.upstream == upstream && account.is_none_or(|a| a == w.account) && (w.model.is_empty() || w.model == model)
        };
        let rank = |w: &Window| match (w, account) {
            // One empty window of an account shuts it; of several accounts the one with something left counts.
            (Window::Empty(at), Some(_)) => (0, -at),
            (Window::Left(at), _) => (1, *at),
            (Window::Empty(at), None) => (2, *at),
        };
        self.windows.iter().filter(of).map(|w| w.window).min_by_key(rank)
    }
}

fn windows(rows: &[LimitRow], now_ms: i64) -> Vec<Known> {
    let known = |row: &LimitRow| {
        let ends = row.reset_ms.filter(|at| *at > now_ms)?;
        let window = match row.remaining? {
            0 => Window::Empty(ends),
            _ if ends - row.seen_ms < PACE => return None,
            _ => Window::Left(ends),
        };
        let (upstream, account, model) = (row.upstream.clone(), row.account.clone(), row.model.clone());
        Some(Known { upstream, account, model, window })
    };
    rows.iter().filter_map(known).collect()
}

/// Counters and dice.
pub trait Lots {
    /// Takes the next number of a counter.
    fn turn(&mut self, name: &str) -> u64;
    /// A number evenly drawn from `0..n`.
    fn dice(&mut self, n: u64) -> u64;
}

/// Looks, and moves nothing: the number that comes next, and dice that fall on the first.
pub(super) struct Still<'a>(pub &'a Standing);

impl Lots for Still<'_> {
    fn turn(&mut self, name: &str) -> u64 {
        self.0.turn(name)
    }

    fn dice(&mut self, _: u64) -> u64 {
        0
    }
}

/// The counters that all processes share, and real dice.
pub(super) struct Drawn<'a> {
    pub store: &'a Store,
    pub standing: &'a Standing,
}

impl Lots for Drawn<'_> {
    fn turn(&mut self, name: &str) -> u64 {
        // Without a store there is nobody to take turns with.
        self.store.turn(name).unwrap_or_else(|_| self.standing.turn(name))
    }

    fn dice(&mut self, n: u64) -> u64 {
        // Without randomness the first is as good as any.
        u64::from_le_bytes(random::bytes().unwrap_or_default()) % n.max(1)
    }
}
