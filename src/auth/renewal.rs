//! One renewal, on a thread of its own. In order: the lock of the credential, the file as it is now (somebody else may
//! have renewed it), the endpoint, the file, and only then the new token is used.

use std::path::Path;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::bearing::home;
use super::lock::{self, Lock, LockError};
use super::token::{Granted, TokenError, exchange};
use super::tokens::{Fresh, Inner, Stale, locked};
use super::{anthropic, azure, google, sealed, workload};
use crate::model::{Failure, Kind, Scope, Secret};
use crate::net::Net;
use crate::vault::{Account, By, Grant, VaultError};
use crate::world::{Clock, Env};

/// A token is renewed when less than this is left, unless the sign-in says otherwise (sign-in.md, "Refresh").
const LEAD: i64 = 120;
/// What a token lives when its endpoint does not say (seconds; sign-in.md).
const LIFE: u64 = 3_600;
/// A token that is younger is not replaced when it is refused: it is not its age that the provider minds (seconds).
const YOUNG: i64 = 60;

/// Counts a renewal as one whose answer may not be lost, until it is dropped, also by a panic.
struct Running<'a>(&'a Inner);

impl<'a> Running<'a> {
    fn begin(inner: &'a Inner) -> Self {
        *locked(&inner.running.0) += 1;
        Self(inner)
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        *locked(&self.0.running.0) -= 1;
        self.0.running.1.notify_all();
    }
}

/// A held lock of an account's renewals; freed when dropped.
pub struct Held(#[allow(dead_code)] Lock);

/// Waits until nobody renews the account's token, and keeps it so.
///
/// # Errors
/// A sentence: somebody does not come to an end, or the lock file cannot be used.
pub fn hold(dir: &Path, account: &Account, patience: Duration) -> Result<Held, String> {
    Lock::take(&place(dir, account), patience).map(Held).map_err(|e| e.to_string())
}

/// Where the lock of an account lies. Neither another name nor another identity of the vault changes it.
pub(super) fn place(dir: &Path, account: &Account) -> std::path::PathBuf {
    let token_url = account.grant.as_ref().map_or("", |g| g.token_url.as_str());
    lock::place(dir, &format!("{} {} {token_url}", account.upstream, account.created))
}

impl Inner {
    /// Gets the next token.
    pub(super) fn renew(&self, name: &str, stale: &Stale) -> Result<Fresh, Failure> {
        self.save();
        let account = self.account(name)?;
        let by = account.grant.as_ref().map_or(By::Never, |g| g.by);
        if by.foreign() {
            return self.read(account, stale);
        }
        let mut lock = match Lock::take(&place(&self.dir, &account), self.patience) {
            Ok(lock) => lock,
            Err(error) => {
                return self.make_do(&account, stale, &error.to_string(), matches!(error, LockError::Io { .. }));
            }
        };
        let reloaded = {
            let mut opened = self.opened();
            opened.reload().inspect(|()| self.show(&opened))
        };
        if let Err(error) = reloaded {
            return self.make_do(&account, stale, &error.to_string(), true);
        }
        if let Some(secret) = self.serves(name, stale)? {
            return Ok(Fresh { secret, note: None });
        }
        let account = self.account(name)?;
        let Some(grant) = account.grant.clone() else { return Ok(Fresh { secret: account.secret, note: None }) };
        if by == By::Never {
            let why = if expired(&grant, self.now()) { "its token has run out" } else { "its token was refused" };
            return Err(signed_out(&account, why));
        }
        let age = self.now() - grant.obtained;
        if matches!(stale, Stale::Refused(_)) && (0..YOUNG).contains(&age) {
            let what =
                format!("{} is refused with a token that is {age} s old: a new one would not help", account.name);
            return Err(unauthorized(what));
        }
        // From here on an answer may come that must not be lost.
        let _running = Running::begin(self);
        if self.closing.load(Ordering::SeqCst) {
            return self.make_do(&account, stale, "the command comes to its end", true);
        }
        let cut = lock.left.take();
        lock.asking(&self.clock);
        match self.ask(&account, &grant) {
            Ok(granted) => {
                locked(&self.failed).remove(name);
                let replaces = match locked(&self.unsaved).remove(name) {
                    Some((ours, on_disk)) if ours.secret == account.secret => on_disk,
                    _ => account.secret.clone(),
                };
                let next = renewed(account, granted, self.now());
                let secret = next.secret.clone();
                let note = self.keep(next, replaces);
                lock.settled();
                Ok(Fresh { secret, note })
            }
            Err(error) if error.ends() => {
                let mut why = error.to_string();
                if let Some(cut) = cut {
                    why.push_str(&format!("; an earlier renewal was cut off before its answer was on disk ({cut})"));
                }
                if !by.lasting() {
                    self.end(&account, &why);
                }
                lock.settled();
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
    fn ask(&self, account: &Account, grant: &Grant) -> Result<Granted, TokenError> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|e| TokenError::Unavailable(format!("no runtime for renewing a token ({e})")))?;
        let home = home(&self.upstreams, account);
        let net = self.net.again_about(&home.base_url, home.via);
        runtime.block_on(async {
            match grant.by {
                By::Refresh | By::Client => refresh(&net, &self.clock, grant).await,
                By::Google => google::mint(&net, &self.clock, grant).await,
                By::Machine => workload::machine_token(&net, &self.clock, &Env::system(), grant).await,
                By::Federation => workload::federated_token(&net, &self.clock, &Env::system(), grant).await,
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
                locked(&self.failed).remove(&account.name);
                let again = matches!(stale, Stale::Refused(refused) if *refused == granted.access);
                let next = renewed(account, granted, self.now());
                if again {
                    return Err(signed_out(
                        &next,
                        "the program that owns the token still gives the one that was refused",
                    ));
                }
                let secret = next.secret.clone();
                locked(&self.foreign).insert(next.name.clone(), next);
                Ok(Fresh { secret, note: None })
            }
            Err(error @ TokenError::Refused { .. }) => Err(unauthorized(format!("{}: {error}", account.name))),
            Err(error) => self.make_do(&account, stale, &error.to_string(), true),
        }
    }

    /// Writes the renewed account in the place of the one with the secret `replaces`; a sentence when that failed.
    fn keep(&self, next: Account, replaces: Secret) -> Option<String> {
        match self.write(&next, &replaces) {
            Ok(()) => None,
            Err(error) => {
                let what = format!(
                    "the new token of {} could not be written ({error}); it is tried again, and when this process ends \
                     before that, it is lost: sign in again if the account is refused then",
                    next.name
                );
                locked(&self.unsaved).insert(next.name.clone(), (next, replaces));
                Some(what)
            }
        }
    }

    /// Tries again to write what could not be written.
    pub(super) fn save(&self) {
        let waiting: Vec<(Account, Secret)> = locked(&self.unsaved).values().cloned().collect();
        for (account, replaces) in waiting {
            if self.write(&account, &replaces).is_ok() {
                locked(&self.unsaved).remove(&account.name);
            }
        }
    }

    /// Writes an account's secret parts, whatever it is called by now; not over somebody's new sign-in. One that was
    /// removed meanwhile is not put back.
    fn write(&self, next: &Account, replaces: &Secret) -> Result<(), VaultError> {
        self.change(next, replaces, |a| (a.secret, a.grant) = (next.secret.clone(), next.grant.clone()))
    }

    /// Notes that an account cannot be renewed any more. Unnoted, the next one learns it from the endpoint again.
    fn end(&self, account: &Account, why: &str) {
        drop(self.change(account, &account.secret, |a| {
            if let Some(grant) = &mut a.grant {
                grant.ended = Some(why.to_owned());
            }
        }));
    }

    fn change(&self, account: &Account, secret: &Secret, f: impl FnOnce(&mut Account)) -> Result<(), VaultError> {
        let mut opened = self.opened();
        let same = |a: &Account| a.upstream == account.upstream && a.created == account.created && a.secret == *secret;
        let done = opened.alter_where(same, f);
        self.show(&opened);
        match done {
            Ok(_) => {
                // Losing this weakens only the protection against an older file being put back.
                drop(sealed::seen(&opened, &self.store));
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    /// The old token while it lasts; an error when it does not.
    fn make_do(&self, account: &Account, stale: &Stale, why: &str, local: bool) -> Result<Fresh, Failure> {
        let lasts = account.grant.as_ref().is_some_and(|g| !expired(g, self.now())) && !account.secret.is_empty();
        let what = format!("the token of {} could not be renewed: {why}", account.name);
        let kind = if local { Kind::Broken } else { Kind::Unreachable };
        let failure = Failure::new(kind, Scope::Account, what.clone());
        self.paused(&account.name, &failure, lasts);
        if matches!(stale, Stale::Time) && lasts {
            return Ok(Fresh {
                secret: account.secret.clone(),
                note: Some(format!("{what}; the old one still lasts")),
            });
        }
        Err(failure)
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

/// When a token is to be renewed: its lead before it expires, but never in the first half of its life. One that nothing
/// renews is used to its end.
#[must_use]
pub fn due(grant: &Grant) -> Option<i64> {
    let expires = grant.expires?;
    if grant.by == By::Never {
        return Some(expires);
    }
    let life = (expires - grant.obtained).max(0);
    Some(expires - grant.lead.map_or(LEAD, i64::from).min(life / 2))
}

pub(super) fn expired(grant: &Grant, now: i64) -> bool {
    grant.expires.is_some_and(|at| now >= at)
}

pub(super) fn signed_out(account: &Account, why: &str) -> Failure {
    let again = again(&account.upstream, &account.name, account.grant.as_ref());
    unauthorized(format!("{} is signed out: {why}; sign in again with: {again}", account.name))
}

/// The command that signs in again; off a terminal the method has to be named.
#[must_use]
pub fn again(upstream: &str, name: &str, grant: Option<&Grant>) -> String {
    let method = grant.map(|g| format!(" --method {}", g.method)).unwrap_or_default();
    format!("monster login {}{method} --name {}", quoted(upstream), quoted(name))
}

/// A word as a shell takes it, for hints that are pasted.
#[must_use]
pub fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./@+:".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

pub(super) fn unauthorized(what: String) -> Failure {
    Failure::new(Kind::Unauthorized, Scope::Account, what)
}

pub(super) fn trouble(what: String) -> Failure {
    Failure::new(Kind::Broken, Scope::Account, what)
}
