//! The OS keychain, on a thread of its own with a deadline: one that waits for a person or hangs never hangs us.

use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, SendError, sync_channel};
use std::time::Duration;

use crate::model::Secret;

const SERVICE: &str = "monster";
/// How long a keychain may take; a person who must unlock it does so and tries again.
const DEADLINE: Duration = Duration::from_secs(3);

/// What keeps small secrets under names: the system, or a script in tests. An error is half a sentence.
pub(super) trait Ring: Send + Sync {
    /// Keeps a secret under `entry`.
    fn put(&self, entry: &str, secret: &Secret) -> Result<(), String>;
    /// The secret under `entry`.
    fn get(&self, entry: &str) -> Result<Secret, String>;
    /// Forgets `entry`.
    fn forget(&self, entry: &str) -> Result<(), String>;
}

/// A ring that is never waited for longer than the deadline.
#[derive(Clone)]
pub(super) struct Keychain {
    ring: Arc<dyn Ring>,
    deadline: Duration,
}

impl std::fmt::Debug for Keychain {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keychain")
    }
}

impl Keychain {
    /// The platform's own; it is not asked yet.
    pub(super) fn system() -> Self {
        Self { ring: Arc::new(System), deadline: DEADLINE }
    }

    /// Another ring, with another deadline.
    #[cfg(test)]
    pub(super) fn scripted(ring: Arc<dyn Ring>, deadline: Duration) -> Self {
        Self { ring, deadline }
    }

    /// The same ring, never waited for longer than this either.
    pub(super) fn within(&self, limit: Duration) -> Self {
        Self { ring: Arc::clone(&self.ring), deadline: self.deadline.min(limit) }
    }

    /// Keeps a secret under `entry`. What a keychain takes only when nobody waits for it any more, it forgets again:
    /// no list would name that entry.
    pub(super) fn put(&self, entry: &str, secret: &Secret) -> Result<(), String> {
        let (entry, secret) = (entry.to_owned(), secret.clone());
        let late = entry.clone();
        self.aside(move |ring| ring.put(&entry, &secret), move |ring| drop(ring.forget(&late)))
    }

    /// The secret under `entry`.
    pub(super) fn get(&self, entry: &str) -> Result<Secret, String> {
        let entry = entry.to_owned();
        self.aside(move |ring| ring.get(&entry), |_| {})
    }

    /// Forgets `entry`.
    pub(super) fn forget(&self, entry: &str) -> Result<(), String> {
        let entry = entry.to_owned();
        self.aside(move |ring| ring.forget(&entry), |_| {})
    }

    /// Does the work on a thread of its own; `late` follows it when it succeeded and nobody waited for that any more.
    fn aside<T: Send + 'static>(
        &self,
        work: impl FnOnce(&dyn Ring) -> Result<T, String> + Send + 'static,
        late: impl FnOnce(&dyn Ring) + Send + 'static,
    ) -> Result<T, String> {
        // Handed over or not handed over: nothing may lie in between when the time is up.
        let (sent, got) = sync_channel(0);
        let ring = Arc::clone(&self.ring);
        let started = std::thread::Builder::new().name("keychain".to_owned()).spawn(move || {
            if let Err(SendError(Ok(_))) = sent.send(work(&*ring)) {
                late(&*ring);
            }
        });
        drop(started.map_err(|e| format!("the keychain could not be asked: {e}"))?);
        match got.recv_timeout(self.deadline) {
            Ok(done) => done,
            Err(RecvTimeoutError::Timeout) => {
                Err(format!("the keychain did not answer within {:.0} s", self.deadline.as_secs_f64().ceil()))
            }
            Err(RecvTimeoutError::Disconnected) => Err("the keychain broke off".to_owned()),
        }
    }
}

/// Secret Service, Keychain or Credential Manager.
struct System;

impl Ring for System {
    fn put(&self, entry: &str, secret: &Secret) -> Result<(), String> {
        open(entry)?.set_password(secret.expose()).map_err(told)
    }

    fn get(&self, entry: &str) -> Result<Secret, String> {
        open(entry)?.get_password().map(Secret::new).map_err(told)
    }

    fn forget(&self, entry: &str) -> Result<(), String> {
        open(entry)?.delete_credential().map_err(told)
    }
}

fn open(entry: &str) -> Result<keyring::Entry, String> {
    keyring::Entry::new(SERVICE, entry).map_err(|error| match (error, keyring::Entry::store_status()) {
        (keyring::Error::NoDefaultStore, Err(why)) => format!("there is no keychain here ({why})"),
        (error, _) => told(error),
    })
}

fn told(error: keyring::Error) -> String {
    use keyring::Error::{Ambiguous, NoDefaultStore, NoEntry, NoStorageAccess};
    match error {
        NoDefaultStore => "there is no keychain here".to_owned(),
        NoEntry => "the keychain does not have the entry of these accounts".to_owned(),
        NoStorageAccess(why) => format!("the keychain is locked or not set up ({why})"),
        // The library would list them.
        Ambiguous(items) => format!("the keychain has {} entries of that name", items.len()),
        other => format!("the keychain refused ({other})"),
    }
}
