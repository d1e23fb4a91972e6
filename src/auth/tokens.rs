//! The tokens of sign-ins: fresh when they are asked for, and renewed once, however many tasks and processes ask.
//!
//! A renewal runs on a thread of its own (`renewal.rs`), so that nobody's cancelling can fall between the endpoint's
//! answer and the write.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use super::lock;
use super::renewal::{due, expired, signed_out, trouble, unauthorized};
use crate::model::{Failure, Secret};
use crate::net::Net;
use crate::providers::Upstream;
use crate::store::Store;
use crate::vault::{Account, Opened};
use crate::world::Clock;

/// While the old token lasts, a caller waits only so long for the new one.
const BRIEF: Duration = Duration::from_secs(3);
/// The pause after a renewal that failed, and what it doubles to (seconds).
const PAUSE: [i64; 2] = [5, 300];
/// The longest pause of a token that is of no use any more (seconds).
const PAUSE_EXPIRED: i64 = 15;

/// A token to use now.
#[derive(Debug, Clone)]
pub struct Fresh {
    /// The token.
    pub secret: Secret,
    /// What the user should know, one sentence.
    pub note: Option<String>,
}

/// Keeps the tokens of one opened vault fresh; clones share everything.
#[derive(Clone)]
pub struct Tokens(Arc<Inner>);

/// What renewals share.
pub(super) struct Inner {
    /// For renewals alone: whoever holds it may wait for the disk and for other processes.
    opened: Mutex<Opened>,
    /// The accounts as they were last read.
    accounts: RwLock<Arc<Vec<Account>>>,
    pub(super) store: Store,
    pub(super) net: Arc<Net>,
    /// Where accounts are signed in to.
    pub(super) upstreams: Vec<Upstream>,
    pub(super) clock: Clock,
    /// Where lock files lie.
    pub(super) dir: PathBuf,
    pub(super) patience: Duration,
    /// One door an account: the tasks of this process renew one after the other.
    gates: Mutex<HashMap<String, Arc<tokio::sync::Mutex<()>>>>,
    /// Tokens of other programs, which never reach our file.
    pub(super) foreign: Mutex<HashMap<String, Account>>,
    /// What could not be written yet, and the secret on disk that it takes the place of.
    pub(super) unsaved: Mutex<HashMap<String, (Account, Secret)>>,
    /// Renewals that failed: when the next one may be tried (seconds since 1970), how often, and why.
    pub(super) failed: Mutex<HashMap<String, Pause>>,
    /// Renewals whose answer may not be lost.
    pub(super) running: (Mutex<usize>, Condvar),
    /// The process comes to its end: nothing is begun any more.
    pub(super) closing: AtomicBool,
}

/// Why a renewal waits.
#[derive(Debug, Clone)]
pub(super) struct Pause {
    until: i64,
    tries: u32,
    why: Failure,
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tokens")
    }
}

/// Why a renewal is wanted.
#[derive(Clone)]
pub(super) enum Stale {
    /// Its time is up, or soon.
    Time,
    /// The provider refused this one.
    Refused(Secret),
}

impl Tokens {
    /// Over an opened vault, whose accounts are at these upstreams; lock files lie below `dir`, the state folder.
    #[must_use]
    pub fn new(
        opened: Opened,
        upstreams: Vec<Upstream>,
        store: Store,
        net: Arc<Net>,
        clock: Clock,
        dir: &Path,
    ) -> Self {
        Self(Arc::new(Inner {
            accounts: RwLock::new(Arc::new(opened.accounts().to_vec())),
            opened: Mutex::new(opened),
            store,
            net,
            upstreams,
            clock,
            dir: dir.to_owned(),
            patience: lock::PATIENCE,
            gates: Mutex::default(),
            foreign: Mutex::default(),
            unsaved: Mutex::default(),
            failed: Mutex::default(),
            running: (Mutex::new(0), Condvar::new()),
            closing: AtomicBool::new(false),
        }))
    }

    /// With another patience for renewals of other processes.
    #[cfg(test)]
    pub(super) fn patient(mut self, patience: Duration) -> Self {
        if let Some(inner) = Arc::get_mut(&mut self.0) {
            inner.patience = patience;
        }
        self
    }

    /// The token of an account, renewed before if its time is up or nearly so.
    ///
    /// # Errors
    /// `Unauthorized` when the user has to sign in again; `Unreachable` when there is no usable token and none to be
    /// had now. One that is refused only for its age is never lost by a failure.
    pub async fn fresh(&self, name: &str) -> Result<Fresh, Failure> {
        match self.0.serves(name, &Stale::Time)? {
            Some(secret) => Ok(Fresh { secret, note: None }),
            None => self.renewed(name, Stale::Time).await,
        }
    }

    /// Another token than the one the provider refused: what lies in the file if that differs, else a new one.
    ///
    /// # Errors
    /// As [`Self::fresh`].
    pub async fn instead(&self, name: &str, refused: &Secret) -> Result<Fresh, Failure> {
        self.renewed(name, Stale::Refused(refused.clone())).await
    }

    /// Accounts with tokens that can be renewed, and when each is due (seconds since 1970).
    #[must_use]
    pub fn due(&self) -> Vec<(String, i64)> {
        let renewed = |a: &&Account| a.enabled && a.grant.as_ref().is_some_and(|g| g.ended.is_none());
        let all = self.0.accounts();
        all.iter().filter(renewed).filter_map(|a| Some((a.name.clone(), due(a.grant.as_ref()?)?))).collect()
    }

    /// Reads the file again, unless a renewal is at it; what cannot be read now stands as it was.
    pub fn reload(&self) {
        if let Ok(mut opened) = self.0.opened.try_lock()
            && opened.reload().is_ok()
        {
            self.0.show(&opened);
        }
    }

    /// An answer of an endpoint is under way or not on disk yet.
    #[must_use]
    pub fn busy(&self) -> bool {
        *locked(&self.0.running.0) > 0 || !locked(&self.0.unsaved).is_empty()
    }

    /// Begins nothing more, and waits until no answer is under way, at most `limit`: ending before would lose what an
    /// endpoint just gave. What could not be written is tried once more; `false` when something is lost.
    pub fn settle(&self, limit: Duration) -> bool {
        self.0.closing.store(true, Ordering::SeqCst);
        let (count, woken) = &self.0.running;
        let busy = count.lock().unwrap_or_else(PoisonError::into_inner);
        drop(woken.wait_timeout_while(busy, limit, |n| *n > 0));
        self.0.save();
        !self.busy()
    }

    async fn renewed(&self, name: &str, stale: Stale) -> Result<Fresh, Failure> {
        let gate = Arc::clone(locked(&self.0.gates).entry(name.to_owned()).or_default());
        let _one = gate.lock().await;
        if let Some(secret) = self.0.serves(name, &stale)? {
            return Ok(Fresh { secret, note: None });
        }
        let (sent, got) = tokio::sync::oneshot::channel();
        let (inner, who, why) = (Arc::clone(&self.0), name.to_owned(), stale.clone());
        let spawned = std::thread::Builder::new().name("refresh".to_owned()).spawn(move || {
            // Whoever asked may be gone; the token is in the file for the next one.
            drop(sent.send(inner.renew(&who, &why)));
        });
        if let Err(error) = spawned {
            return Err(trouble(format!("no thread for renewing the token of {name} ({error})")));
        }
        let broke = || Err(trouble(format!("renewing the token of {name} broke off")));
        match (stale, self.0.lasting(name)) {
            (Stale::Time, Some(secret)) => match tokio::time::timeout(BRIEF, got).await {
                Ok(done) => done.unwrap_or_else(|_| broke()),
                Err(_) => {
                    let note = format!("the token of {name} is being renewed, slowly; the old one still lasts");
                    Ok(Fresh { secret, note: Some(note) })
                }
            },
            _ => got.await.unwrap_or_else(|_| broke()),
        }
    }
}

impl Inner {
    /// The opened vault, for a renewal.
    pub(super) fn opened(&self) -> MutexGuard<'_, Opened> {
        locked(&self.opened)
    }

    /// Shows what was read to everybody.
    pub(super) fn show(&self, opened: &Opened) {
        let all = Arc::new(opened.accounts().to_vec());
        *self.accounts.write().unwrap_or_else(PoisonError::into_inner) = all;
    }

    fn accounts(&self) -> Arc<Vec<Account>> {
        Arc::clone(&self.accounts.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn now(&self) -> i64 {
        self.clock.now().as_second()
    }

    /// The account as it was last read, or as only this process knows it.
    pub(super) fn account(&self, name: &str) -> Result<Account, Failure> {
        let read = self.accounts().iter().find(|a| a.name == name).cloned();
        if let Some((ours, replaces)) = locked(&self.unsaved).get(name) {
            // Whoever signed in anew, or renewed it after all, has the newer word.
            if read.as_ref().is_none_or(|a| a.secret == *replaces) {
                return Ok(ours.clone());
            }
        }
        let known = locked(&self.foreign).get(name).cloned();
        match (read, known) {
            (Some(read), Some(known)) if read.grant.as_ref().is_some_and(|g| g.by.foreign()) => Ok(known),
            (Some(read), _) => Ok(read),
            (None, _) => Err(unauthorized(format!("the account {name} is gone"))),
        }
    }

    /// The token that is there, while it lasts.
    fn lasting(&self, name: &str) -> Option<Secret> {
        let account = self.account(name).ok()?;
        let lasts = account.grant.as_ref().is_none_or(|g| !expired(g, self.now()));
        Some(account.secret).filter(|s| lasts && !s.is_empty())
    }

    /// The token that is there, if it will do.
    pub(super) fn serves(&self, name: &str, stale: &Stale) -> Result<Option<Secret>, Failure> {
        let account = self.account(name)?;
        let Some(grant) = &account.grant else { return Ok(Some(account.secret)) };
        let fits = match stale {
            Stale::Time => due(grant).is_none_or(|due| self.now() < due),
            Stale::Refused(refused) => account.secret != *refused && !expired(grant, self.now()),
        };
        if fits && !account.secret.is_empty() {
            return Ok(Some(account.secret));
        }
        if let Some(why) = &grant.ended {
            // What still lasts is used to its end.
            return match stale {
                Stale::Time if !expired(grant, self.now()) => Ok(Some(account.secret)),
                _ => Err(signed_out(&account, why)),
            };
        }
        let paused = locked(&self.failed).get(name).filter(|p| p.until > self.now()).map(|p| p.why.clone());
        match (paused, stale) {
            (None, _) => Ok(None),
            (Some(why), Stale::Refused(_)) => Err(why),
            (Some(why), Stale::Time) => self.lasting(name).map(Some).ok_or(why),
        }
    }

    /// Remembers that a renewal failed: nobody asks again before a while.
    pub(super) fn paused(&self, name: &str, why: &Failure, lasts: bool) {
        let mut failed = locked(&self.failed);
        let tries = failed.get(name).map_or(0, |p| p.tries);
        let longest = if lasts { PAUSE[1] } else { PAUSE_EXPIRED };
        let pause = PAUSE[0].saturating_mul(1 << tries.min(8)).min(longest);
        failed.insert(name.to_owned(), Pause { until: self.now() + pause, tries: tries + 1, why: why.clone() });
    }
}

pub(super) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
