//! The tokens of sign-ins: fresh when they are asked for, and renewed once, however many tasks and processes ask.
//!
//! A renewal runs on a thread of its own, so that nobody's cancelling can fall between the endpoint's answer and
//! the write. In order: the lock of the credential, the file as it is now (somebody else may have renewed it), the
//! endpoint, the file, and only then the new token is used.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::lock::{self, Lock, LockError};
use super::token::{Granted, TokenError, exchange};
use super::{anthropic, azure, google, sealed};
use crate::model::{Failure, Kind, Scope, Secret};
use crate::net::Net;
use crate::store::Store;
use crate::vault::{Account, By, Grant, Opened, VaultError};
use crate::world::Clock;

/// A token is renewed when less than this is left, unless the sign-in says otherwise (sign-in.md, "Refresh").
const LEAD: i64 = 120;
/// What a token lives when its endpoint does not say (seconds; sign-in.md).
const LIFE: u64 = 3_600;

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

struct Inner {
    opened: Mutex<Opened>,
    store: Store,
    net: Arc<Net>,
    clock: Clock,
    /// Where lock files lie.
    dir: PathBuf,
    patience: Duration,
    /// One door an account: the tasks of this process renew one after the other.
    gates: Mutex<HashMap<String, Arc<tokio::sync::Mutex<()>>>>,
    /// Tokens that never reach our file: of other programs, or what could not be written.
    memory: Mutex<HashMap<String, Account>>,
    /// Renewals under way.
    running: (Mutex<usize>, Condvar),
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tokens")
    }
}

/// Why a renewal is wanted.
#[derive(Clone)]
enum Stale {
    /// Its time is up, or soon.
    Time,
    /// The provider refused this one.
    Refused(Secret),
}

impl Tokens {
    /// Over an opened vault; lock files lie below `dir`, the state folder.
    #[must_use]
    pub fn new(opened: Opened, store: Store, net: Arc<Net>, clock: Clock, dir: &Path) -> Self {
        Self(Arc::new(Inner {
            opened: Mutex::new(opened),
            store,
            net,
            clock,
            dir: dir.to_owned(),
            patience: lock::PATIENCE,
            gates: Mutex::default(),
            memory: Mutex::default(),
            running: (Mutex::new(0), Condvar::new()),
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
        let opened = self.0.opened();
        let renewed = |a: &&Account| a.enabled && a.grant.as_ref().is_some_and(|g| g.ended.is_none());
        opened
            .accounts()
            .iter()
            .filter(renewed)
            .filter_map(|a| Some((a.name.clone(), due(a.grant.as_ref()?)?)))
            .collect()
    }

    /// Reads the file again; what cannot be read now stands as it was.
    pub fn reload(&self) {
        drop(self.0.opened().reload());
    }

    /// Waits until no renewal is under way, at most `limit`: ending before would lose what an endpoint just gave.
    pub fn settle(&self, limit: Duration) {
        let (count, woken) = &self.0.running;
        let busy = count.lock().unwrap_or_else(PoisonError::into_inner);
        drop(woken.wait_timeout_while(busy, limit, |n| *n > 0));
    }

    async fn renewed(&self, name: &str, stale: Stale) -> Result<Fresh, Failure> {
        let gate = Arc::clone(locked(&self.0.gates).entry(name.to_owned()).or_default());
        let _one = gate.lock().await;
        if let Some(secret) = self.0.serves(name, &stale)? {
            return Ok(Fresh { secret, note: None });
        }
        let (sent, got) = tokio::sync::oneshot::channel();
        let (inner, who) = (Arc::clone(&self.0), name.to_owned());
        *locked(&inner.running.0) += 1;
        let spawned = std::thread::Builder::new().name("refresh".to_owned()).spawn(move || {
            let _ending = Ending(&inner);
            // Whoever asked may be gone; the token is in the file for the next one.
            drop(sent.send(inner.renew(&who, &stale)));
        });
        if let Err(error) = spawned {
            drop(Ending(&self.0));
            return Err(trouble(format!("no thread for renewing the token of {name} ({error})")));
        }
        got.await.unwrap_or_else(|_| Err(trouble(format!("renewing the token of {name} broke off"))))
    }
}

/// Counts a renewal as ended, also when it panics.
struct Ending<'a>(&'a Inner);

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        *locked(&self.0.running.0) -= 1;
        self.0.running.1.notify_all();
    }
}

impl Inner {
    fn opened(&self) -> MutexGuard<'_, Opened> {
        locked(&self.opened)
    }

    fn now(&self) -> i64 {
        self.clock.now().as_second()
    }

    /// The account as it was last read, or as only this process knows it.
    fn account(&self, name: &str) -> Result<Account, Failure> {
        if let Some(known) = locked(&self.memory).get(name) {
            return Ok(known.clone());
        }
        let opened = self.opened();
        let found = opened.accounts().iter().find(|a| a.name == name).cloned();
        found.ok_or_else(|| unauthorized(format!("the account {name} is gone")))
    }

    /// The token that is there, if it will do.
    fn serves(&self, name: &str, stale: &Stale) -> Result<Option<Secret>, Failure> {
        let account = self.account(name)?;
        let Some(grant) = &account.grant else { return Ok(Some(account.secret)) };
        let fits = match stale {
            Stale::Time => due(grant).is_none_or(|due| self.now() < due),
            Stale::Refused(refused) => account.secret != *refused && !expired(grant, self.now()),
        };
        if fits && !account.secret.is_empty() {
            return Ok(Some(account.secret));
        }
        match &grant.ended {
            // What still lasts is used to its end.
            Some(why) if matches!(stale, Stale::Refused(_)) || expired(grant, self.now()) => {
                Err(signed_out(&account, why))
            }
            Some(_) => Ok(Some(account.secret)),
            None => Ok(None),
        }
    }

    /// Gets the next token, on this thread.
    fn renew(&self, name: &str, stale: &Stale) -> Result<Fresh, Failure> {
        let account = self.account(name)?;
        let by = account.grant.as_ref().map_or(By::Never, |g| g.by);
        if by.foreign() {
            return self.read(account, stale);
        }
        let id = format!("{} {name}", self.opened().id());
        let mut lock = match Lock::take(&lock::place(&self.dir, &id), self.patience) {
            Ok(lock) => lock,
            Err(error) => {
                return self.make_do(&account, stale, &error.to_string(), matches!(error, LockError::Io { .. }));
            }
        };
        if let Err(error) = self.opened().reload() {
            return self.make_do(&account, stale, &error.to_string(), true);
        }
        if let Some(secret) = self.serves(name, stale)? {
            return Ok(Fresh { secret, note: None });
        }
        let account = self.account(name)?;
        let Some(grant) = account.grant.clone() else { return Ok(Fresh { secret: account.secret, note: None }) };
        if by == By::Never {
            return Err(signed_out(&account, "the token was refused"));
        }
        let cut = lock.left.take();
        lock.asking(&self.clock);
        match self.ask(&grant) {
            Ok(granted) => {
                let before = account.secret.clone();
                let next = renewed(account, granted, self.now());
                let note = self.keep(&next, &before);
                lock.settled();
                Ok(Fresh { secret: next.secret, note })
            }
            Err(error) if error.ends() => {
                let mut why = error.to_string();
                if let Some(cut) = cut {
                    why.push_str(&format!("; an earlier renewal was cut off before its answer was on disk ({cut})"));
                }
                let ended = why.clone();
                let marked = self.write(name, &account.secret, |a| {
                    if let Some(grant) = &mut a.grant {
                        grant.ended = Some(ended);
                    }
                });
                lock.settled();
                // Unmarked, the next one learns it from the endpoint again.
                drop(marked);
                Err(signed_out(&account, &why))
            }
            Err(error) => {
                // Whether the endpoint has used the old token up is not known when no answer came.
                if matches!(error, TokenError::Refused { .. }) {
                    lock.settled();
                }
                self.make_do(&account, stale, &error.to_string(), false)
            }
        }
    }

    /// Asks the endpoint, on a runtime of this thread's own.
    fn ask(&self, grant: &Grant) -> Result<Granted, TokenError> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|e| TokenError::Unavailable(format!("no runtime for renewing a token ({e})")))?;
        // Connections belong to the runtime that opened them.
        let net = self.net.again();
        runtime.block_on(async {
            match grant.by {
                By::Refresh | By::Client => refresh(&net, &self.clock, grant).await,
                By::Google => google::mint(&net, &self.clock, grant).await,
                By::Azure | By::Anthropic | By::Never => {
                    Err(TokenError::Unavailable("there is nothing to renew this token with".to_owned()))
                }
            }
        })
    }

    /// Reads the token of another program, which is neither refreshed nor stored.
    fn read(&self, account: Account, stale: &Stale) -> Result<Fresh, Failure> {
        let Some(grant) = &account.grant else { return Ok(Fresh { secret: account.secret, note: None }) };
        let read = match grant.by {
            By::Azure => azure::read(grant),
            _ => anthropic::read(grant, self.now()),
        };
        match read {
            Ok(granted) => {
                let again = matches!(stale, Stale::Refused(refused) if *refused == granted.access);
                let next = renewed(account, granted, self.now());
                if again {
                    return Err(signed_out(
                        &next,
                        "the program that owns the token still gives the one that was refused",
                    ));
                }
                let secret = next.secret.clone();
                locked(&self.memory).insert(next.name.clone(), next);
                Ok(Fresh { secret, note: None })
            }
            Err(error) => Err(unauthorized(format!("{}: {error}", account.name))),
        }
    }

    /// Writes the renewed account; a sentence when that failed.
    fn keep(&self, next: &Account, before: &Secret) -> Option<String> {
        let written = self.write(&next.name, before, |a| {
            (a.secret, a.grant) = (next.secret.clone(), next.grant.clone());
        });
        match written {
            Ok(()) => {
                locked(&self.memory).remove(&next.name);
                None
            }
            // Removed meanwhile: it serves this call, and is not put back.
            Err(VaultError::NoAccount(_)) => None,
            Err(error) => {
                locked(&self.memory).insert(next.name.clone(), next.clone());
                Some(format!(
                    "the new token of {} could not be written ({error}); when this process ends it is lost: sign in \
                     again if the account is refused then",
                    next.name
                ))
            }
        }
    }

    /// Changes the account in the file, unless somebody has signed in anew under its name since `before` was read.
    fn write(&self, name: &str, before: &Secret, f: impl FnOnce(&mut Account)) -> Result<(), VaultError> {
        let mut opened = self.opened();
        opened.alter(name, |account| {
            if account.secret == *before {
                f(account);
            }
        })?;
        // Losing this weakens only the protection against an older file being put back.
        drop(sealed::seen(&opened, &self.store));
        Ok(())
    }

    /// The old token while it lasts; an error when it does not.
    fn make_do(&self, account: &Account, stale: &Stale, why: &str, local: bool) -> Result<Fresh, Failure> {
        let lasts = account.grant.as_ref().is_some_and(|g| !expired(g, self.now()));
        let what = format!("the token of {} could not be renewed: {why}", account.name);
        if matches!(stale, Stale::Time) && lasts && !account.secret.is_empty() {
            return Ok(Fresh {
                secret: account.secret.clone(),
                note: Some(format!("{what}; the old one still lasts")),
            });
        }
        let kind = if local { Kind::Broken } else { Kind::Unreachable };
        Err(Failure::new(kind, Scope::Account, what))
    }
}

/// Asks for the next token with a refresh token or the client's own credentials.
async fn refresh(net: &Net, clock: &Clock, grant: &Grant) -> Result<Granted, TokenError> {
    let mut form: Vec<(&str, &str)> = Vec::new();
    match (grant.by, &grant.refresh) {
        (By::Client, _) => form.push(("grant_type", "client_credentials")),
        (_, Some(token)) => form.extend([("grant_type", "refresh_token"), ("refresh_token", token.expose())]),
        (_, None) => {
            let (code, said) = ("invalid_grant".to_owned(), "there is no refresh token".to_owned());
            return Err(TokenError::Refused { code, said });
        }
    }
    let secret = grant.client_secret.as_ref();
    let basic = match (grant.basic, &grant.client_id, secret) {
        (true, Some(id), Some(secret)) => Some((id.as_str(), secret)),
        _ => None,
    };
    if basic.is_none() {
        form.extend(grant.client_id.as_deref().map(|id| ("client_id", id)));
        form.extend(secret.map(|secret| ("client_secret", secret.expose())));
    }
    if !grant.scope.is_empty() {
        form.push(("scope", &grant.scope));
    }
    form.extend(grant.params.iter().map(|(n, v)| (n.as_str(), v.as_str())));
    exchange(net, clock, &grant.token_url, &form, basic).await
}

/// The account with what the endpoint gave.
fn renewed(mut account: Account, granted: Granted, now: i64) -> Account {
    account.secret = granted.access;
    if let Some(grant) = &mut account.grant {
        grant.refresh = granted.refresh.or(grant.refresh.take());
        grant.scope = granted.scope.unwrap_or_else(|| std::mem::take(&mut grant.scope));
        grant.obtained = now;
        grant.expires = Some(now.saturating_add_unsigned(granted.expires_in.unwrap_or(LIFE)));
        grant.ended = None;
    }
    account
}

/// When a token is to be renewed: its lead before it expires, but never in the first half of its life.
#[must_use]
pub fn due(grant: &Grant) -> Option<i64> {
    let expires = grant.expires?;
    let life = (expires - grant.obtained).max(0);
    Some(expires - grant.lead.map_or(LEAD, i64::from).min(life / 2))
}

fn expired(grant: &Grant, now: i64) -> bool {
    grant.expires.is_some_and(|at| now >= at)
}

fn signed_out(account: &Account, why: &str) -> Failure {
    unauthorized(format!(
        "{} is signed out: {why}; sign in again with: monster login {} --name {}",
        account.name, account.upstream, account.name
    ))
}

fn unauthorized(what: String) -> Failure {
    Failure::new(Kind::Unauthorized, Scope::Account, what)
}

fn trouble(what: String) -> Failure {
    Failure::new(Kind::Broken, Scope::Account, what)
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
