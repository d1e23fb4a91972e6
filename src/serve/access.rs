//! Who may come in: keys of callers, and how much each may ask.
//!
//! [`presented`] finds the keys in a request, [`Access::recognise`] says whose they are, [`Access::admit`] counts the
//! request against its limits, and [`Caller::choose`] leaves the routes that the caller may use.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use http::{HeaderMap, HeaderName};
use tokio::time::{Instant, timeout};

use super::models::untagged;
use crate::catalog::Role;
use crate::model::{Demand, Failure, Kind, NanoUsd, Purpose, Scope, Secret};
use crate::secrets::{Mode, Restore};
use crate::store::{CallerRow, Ceiling, KeyHash, Mark, Offer, Permit, Store, StoreError, Wanted};
use crate::world::Clock;

/// What was changed by another process holds after this, without a signal.
const FRESH: Duration = Duration::from_secs(2);
/// A key that nobody knows is looked for anew, but not more often than so.
const AGAIN: Duration = Duration::from_millis(250);
/// The store may take so long to tell keys anew; then those that were known count.
const BRIEF: Duration = Duration::from_millis(500);
/// Over so long requests are counted.
const MINUTE: Duration = Duration::from_secs(60);
/// Who has too many requests under way may try again after this, and whom a busy ledger keeps waiting: nobody knows when
/// one ends.
pub(super) const SOON: Duration = Duration::from_secs(1);
/// What is longer is no key of ours (bytes).
const LONGEST: usize = 1_024;
/// Headers in which the clients of each dialect send a key, beside `Authorization` (anthropic-messages.md, gemini.md,
/// azure-foundry.md).
static HEADERS: [HeaderName; 3] = [
    HeaderName::from_static("x-api-key"),
    HeaderName::from_static("x-goog-api-key"),
    HeaderName::from_static("api-key"),
];

/// The keys in a request: as Bearer, as `x-api-key`, `x-goog-api-key` or `api-key`, or as `?key=`. Some clients send two
/// of them, so each counts.
#[must_use]
pub fn presented(headers: &HeaderMap, query: Option<&str>) -> Vec<Secret> {
    let named = HEADERS.iter().flat_map(|name| headers.get_all(name)).filter_map(|value| value.to_str().ok());
    let pairs = url::form_urlencoded::parse(query.unwrap_or_default().as_bytes());
    let asked = pairs.filter(|(name, _)| name == "key").map(|(_, key)| key.into_owned());
    let all = bearers(headers).chain(named.map(|key| key.trim().to_owned())).chain(asked);
    // More than these no client sends, and every one of them costs a hash.
    all.filter(|key| !key.is_empty() && key.len() <= LONGEST).take(HEADERS.len() + 2).map(Secret::new).collect()
}

/// What is sent as Bearer.
fn bearers(headers: &HeaderMap) -> impl Iterator<Item = String> {
    headers.get_all(http::header::AUTHORIZATION).iter().filter_map(|value| {
        let (scheme, key) = value.to_str().ok()?.trim().split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| key.trim().to_owned())
    })
}

/// The one thing that is sent as Bearer, where exactly one is.
#[must_use]
pub fn bearer(headers: &HeaderMap) -> Option<Secret> {
    let mut all = bearers(headers);
    let first = all.next().filter(|key| !key.is_empty() && key.len() <= LONGEST)?;
    all.next().is_none().then(|| Secret::new(first))
}

/// The keys there are. Clones of what it gives out stay as they were while it is read anew.
pub struct Access {
    store: Store,
    clock: Clock,
    known: RwLock<Known>,
    /// One reads, the others wait for it.
    reading: tokio::sync::Mutex<()>,
}

struct Known {
    keys: Vec<Arc<Key>>,
    /// When they were read, or found to be so still.
    at: Instant,
    /// How the store was before they were read.
    mark: Mark,
}

/// A key, and what is counted for it.
struct Key {
    row: CallerRow,
    /// `None` = every model.
    models: Option<GlobSet>,
    live: Arc<Mutex<Live>>,
}

/// What is counted for a key; it stays while the key does.
#[derive(Default)]
struct Live {
    /// Requests under way.
    now: u32,
    /// When those of the last minute came, the oldest first.
    recent: VecDeque<Instant>,
    /// When the store was last told that it is called with.
    told: Option<Instant>,
}

impl Access {
    /// The keys that the store has; it must be the one on disk.
    ///
    /// # Errors
    /// [`StoreError`]: nobody could come in.
    pub fn open(store: Store, clock: &Clock) -> Result<Self, StoreError> {
        let mark = store.mark();
        let keys = made(store.callers()?, &[]);
        let known = RwLock::new(Known { keys, at: Instant::now(), mark });
        Ok(Self { store, clock: clock.clone(), known, reading: tokio::sync::Mutex::default() })
    }

    /// There is no key: nobody can come in with one.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.known.read().unwrap_or_else(PoisonError::into_inner).keys.is_empty()
    }

    /// Reads the keys anew. What is counted for those that stay goes on; requests under way are let go on.
    ///
    /// # Errors
    /// [`StoreError`]; those that were known still are.
    pub fn reload(&self) -> Result<(), StoreError> {
        let mark = self.store.mark();
        let rows = self.store.callers()?;
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        *known = Known { keys: made(rows, &known.keys), at: Instant::now(), mark };
        Ok(())
    }

    /// Nobody has changed the store since they were read: then they are as good as read now.
    fn holds(&self) -> bool {
        let mark = self.known.read().unwrap_or_else(PoisonError::into_inner).mark;
        let same = mark.holds(&self.store);
        if same {
            let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
            // Another may have read them anew meanwhile.
            if known.mark == mark {
                known.at = Instant::now();
            }
        }
        same
    }

    /// Whose keys these are. A key that was made, changed or removed by another process counts so within two seconds.
    ///
    /// # Errors
    /// `Unauthorized`.
    pub async fn recognise(self: &Arc<Self>, presented: &[Secret]) -> Result<Caller, Failure> {
        if presented.is_empty() {
            return Err(unauthorized("a key is needed"));
        }
        let hashes: Vec<KeyHash> = presented.iter().map(KeyHash::of).collect();
        let (found, age) = self.find(&hashes);
        let patience = if found.is_some() { FRESH } else { AGAIN };
        let found = if age < patience || self.holds() {
            found
        } else {
            // A store that does not answer keeps nobody out who was in.
            let _ = timeout(BRIEF, self.renew(patience)).await;
            self.find(&hashes).0
        };
        found.map(|key| Caller(Some(key))).ok_or_else(|| unauthorized("this key is not known here"))
    }

    /// Every key is compared with every one that is known, whether or not one was found.
    fn find(&self, hashes: &[KeyHash]) -> (Option<Arc<Key>>, Duration) {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let mut found = None;
        for key in &known.keys {
            let mut same = false;
            for hash in hashes {
                same |= *hash == key.row.hash;
            }
            if same {
                found = Some(Arc::clone(key));
            }
        }
        (found, known.at.elapsed())
    }

    async fn renew(self: &Arc<Self>, patience: Duration) {
        let _one = self.reading.lock().await;
        let age = self.known.read().unwrap_or_else(PoisonError::into_inner).at.elapsed();
        if age < patience {
            // Another has just done it.
            return;
        }
        let access = Arc::clone(self);
        let _ = tokio::task::spawn_blocking(move || access.reload()).await;
    }

    /// Counts a request against the limits of its caller's key, until what it gives is dropped; where it may cost, something
    /// must be left of his budgets.
    ///
    /// # Errors
    /// `RateLimited` or, of a busy ledger, `Overloaded` with the wait, or `QuotaSpent`.
    pub async fn admit(&self, caller: &Caller, costs: bool) -> Result<Granted, Failure> {
        let Some(key) = &caller.0 else { return Ok(Granted { key: None }) };
        let granted = key.enter(Instant::now(), &self.store)?;
        let ceilings = self.ceilings(caller);
        if costs && !ceilings.is_empty() {
            self.affordable(key, ceilings).await?;
        }
        Ok(granted)
    }

    /// What the caller's requests may cost, for whoever reserves it ([`Store::admit`]).
    #[must_use]
    pub fn ceilings(&self, caller: &Caller) -> Vec<Ceiling> {
        let Some(key) = &caller.0 else { return Vec::new() };
        let Permit { day, month, .. } = key.row.permit;
        let ceiling = |most: NanoUsd, since: jiff::Timestamp| Ceiling {
            since_ms: since.as_millisecond(),
            repo: None,
            account: None,
            caller: Some(key.row.caller()),
            most,
        };
        let day = day.map(|most| ceiling(most, self.clock.day_start()));
        day.into_iter().chain(month.map(|most| ceiling(most, self.clock.month_start()))).collect()
    }

    /// Something is left of the key's budgets.
    async fn affordable(&self, key: &Key, ceilings: Vec<Ceiling>) -> Result<(), Failure> {
        let wanted = Wanted {
            id: String::new(),
            repo: None,
            caller: key.row.caller(),
            // What it will cost is seen once its route is known; here it is enough that it may cost anything.
            offers: vec![Offer { account: String::new(), most: NanoUsd(1) }],
            ceilings,
            stop: true,
        };
        let (store, asked) = (self.store.clone(), wanted.clone());
        let weighed = tokio::task::spawn_blocking(move || store.weigh(asked)).await;
        let Ok(Ok(weighed)) = weighed else {
            let busy = matches!(&weighed, Ok(Err(error)) if error.busy());
            let why = if busy { "another process has the ledger" } else { "the ledger cannot be read" };
            let what = format!("the budget of this key cannot be watched: {why}");
            return Err(Failure { retry_after: Some(SOON), ..Failure::new(Kind::Overloaded, Scope::Request, what) });
        };
        let beyond = weighed.beyond.first().copied().flatten();
        let Some((ceiling, taken)) = beyond.and_then(|at| Some((wanted.ceilings.get(at)?, weighed.taken.get(at)?)))
        else {
            return Ok(());
        };
        // The day's comes first, where there is one.
        let span = if key.row.permit.day.is_some() && beyond == Some(0) { "day" } else { "month" };
        let what = format!("the budget of this key is {:#} a {span}, and {taken} is spent or reserved", ceiling.most);
        Err(Failure::new(Kind::QuotaSpent, Scope::Request, what))
    }
}

impl std::fmt::Debug for Access {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Access")
    }
}

/// Keys by their rows; what is counted for those that were there goes on.
fn made(rows: Vec<CallerRow>, before: &[Arc<Key>]) -> Vec<Arc<Key>> {
    let key = |row: CallerRow| {
        let same = before.iter().find(|key| key.row.hash == row.hash && key.row.name == row.name);
        let live = same.map(|key| Arc::clone(&key.live)).unwrap_or_default();
        Arc::new(Key { models: globs(&row.permit.models), row, live })
    };
    rows.into_iter().map(key).collect()
}

/// A glob that is none fits nothing: the list gets shorter, never longer.
fn globs(models: &[String]) -> Option<GlobSet> {
    if models.is_empty() {
        return None;
    }
    let mut set = GlobSetBuilder::new();
    let good = models.iter().filter_map(|text| GlobBuilder::new(text).case_insensitive(true).build().ok());
    for glob in good {
        set.add(glob);
    }
    Some(set.build().unwrap_or_else(|_| GlobSet::empty()))
}

impl Key {
    fn enter(self: &Arc<Self>, now: Instant, store: &Store) -> Result<Granted, Failure> {
        let Permit { per_minute, at_once, .. } = self.row.permit;
        let mut live = self.live.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(most) = at_once.filter(|most| live.now >= *most) {
            return Err(limited(format!("this key may have {most} requests under way at once"), SOON));
        }
        if let Some(most) = per_minute {
            while live.recent.front().is_some_and(|came| now.duration_since(*came) >= MINUTE) {
                live.recent.pop_front();
            }
            // The one that has to be a minute old before there is room; more than one where the limit was lowered.
            let full = live.recent.len().checked_sub(usize::try_from(most).unwrap_or(usize::MAX));
            if let Some(came) = full.and_then(|over| live.recent.get(over)) {
                let wait = MINUTE.saturating_sub(now.duration_since(*came));
                return Err(limited(format!("this key may make {most} requests a minute"), wait));
            }
            live.recent.push_back(now);
        } else {
            live.recent.clear();
        }
        live.now += 1;
        if live.told.is_none_or(|told| now.duration_since(told) >= MINUTE) {
            live.told = Some(now);
            store.caller_called(&self.row.name);
        }
        Ok(Granted { key: Some(Arc::clone(self)) })
    }

    /// The list allows what was asked for: one model or role. Of several names, each could stand for the others.
    fn asks(&self, asked: &str) -> bool {
        let Some(globs) = &self.models else { return true };
        if asked.contains(',') {
            return false;
        }
        // A role has two names, and how hard it is to think and the tag of Ollama's clients say nothing of what is asked.
        let bare = untagged(asked);
        let bare = Demand::suffix(bare).map_or(bare, |(base, _)| untagged(base));
        let role = bare.strip_prefix("monster/").unwrap_or(bare);
        let known = Role::ALL.iter().any(|known| known.name() == role);
        [asked, bare, role].iter().any(|name| globs.is_match(name))
            || (known && globs.is_match(format!("monster/{role}")))
    }

    /// The list allows a route, by `upstream/model` or by the model alone.
    fn uses(&self, route: &str) -> bool {
        let Some(globs) = &self.models else { return true };
        globs.is_match(route) || route.split_once('/').is_some_and(|(_, model)| globs.is_match(model))
    }
}

fn unauthorized(what: &str) -> Failure {
    let what = format!("{what}; the owner of this monster makes one with: monster serve key add NAME");
    Failure::new(Kind::Unauthorized, Scope::Request, what)
}

fn limited(what: String, wait: Duration) -> Failure {
    Failure { retry_after: Some(wait), ..Failure::new(Kind::RateLimited, Scope::Request, what) }
}

/// Who calls.
#[derive(Clone)]
pub struct Caller(Option<Arc<Key>>);

impl std::fmt::Debug for Caller {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Caller").field(&self.name()).finish()
    }
}

impl Caller {
    /// The owner, over a socket of his own or where no key is asked for: nothing is limited.
    #[must_use]
    pub const fn owner() -> Self {
        Self(None)
    }

    /// As the ledger has it: `serve/NAME`, or `monster serve`.
    #[must_use]
    pub fn name(&self) -> String {
        self.0.as_ref().map_or_else(|| Purpose::Serve.caller().to_owned(), |key| key.row.caller())
    }

    /// Tells him from every other, also from one who had his name before.
    #[must_use]
    pub fn mark(&self) -> String {
        self.0.as_ref().map_or_else(String::new, |key| format!("{}/{}", key.row.name, key.row.hash.mark()))
    }

    /// What happens to secrets in his requests; `None` = as settings say. A word that this version does not know masks.
    #[must_use]
    pub fn secrets(&self) -> Option<Mode> {
        let word = self.0.as_ref()?.row.permit.secrets.as_deref()?;
        Some(Mode::parse(word).unwrap_or_default())
    }

    /// Where his placeholders become secrets again; `None` = as settings say. A word that this version does not know
    /// restores nothing.
    #[must_use]
    pub fn restore(&self) -> Option<Restore> {
        let word = self.0.as_ref()?.row.permit.restore.as_deref()?;
        Some(Restore::parse(word).unwrap_or_default())
    }

    /// Not every model is his to use, or not for any money.
    #[must_use]
    pub fn bound(&self) -> bool {
        let permit = self.0.as_ref().map(|key| &key.row.permit);
        permit.is_some_and(|permit| !permit.models.is_empty() || permit.day.is_some() || permit.month.is_some())
    }

    /// Whether he may use a route (`upstream/model`) for what he asked for.
    #[must_use]
    pub fn allows(&self, asked: &str, route: &str) -> bool {
        self.0.as_ref().is_none_or(|key| key.asks(asked) || key.uses(route))
    }

    /// The routes that he may use.
    ///
    /// # Errors
    /// `Forbidden` when there were some and none is left.
    pub fn choose<R>(&self, asked: &str, routes: Vec<R>, name: impl Fn(&R) -> String) -> Result<Vec<R>, Failure> {
        let some = !routes.is_empty();
        let left: Vec<R> = routes.into_iter().filter(|route| self.allows(asked, &name(route))).collect();
        if some && left.is_empty() {
            let what = "this key may not use this model; what it may use stands in: monster serve key list";
            return Err(Failure::new(Kind::Forbidden, Scope::Request, what));
        }
        Ok(left)
    }
}

/// A request that counts as long as this is kept.
#[must_use = "the request counts until this is dropped"]
pub struct Granted {
    key: Option<Arc<Key>>,
}

impl std::fmt::Debug for Granted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Granted")
    }
}

impl Drop for Granted {
    fn drop(&mut self) {
        if let Some(key) = &self.key {
            let mut live = key.live.lock().unwrap_or_else(PoisonError::into_inner);
            live.now = live.now.saturating_sub(1);
        }
    }
}

#[cfg(test)]
mod tests;
