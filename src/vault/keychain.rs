//! The OS keychain, on a thread of its own with a deadline: one that waits for a person or hangs never hangs us.

use std::sync::mpsc::sync_channel;
use std::time::Duration;

use crate::model::Secret;

const SERVICE: &str = "monster";
/// How long a keychain may take; a person who must unlock it does so and tries again.
const DEADLINE: Duration = Duration::from_secs(3);

/// Keeps a secret under `entry`.
pub(super) fn put(entry: &str, secret: &Secret) -> Result<(), String> {
    let (entry, secret) = (entry.to_owned(), secret.clone());
    aside(move || keyring::Entry::new(SERVICE, &entry)?.set_password(secret.expose()))
}

/// The secret under `entry`.
pub(super) fn get(entry: &str) -> Result<Secret, String> {
    let entry = entry.to_owned();
    aside(move || keyring::Entry::new(SERVICE, &entry)?.get_password().map(Secret::new))
}

/// Forgets `entry`.
pub(super) fn forget(entry: &str) -> Result<(), String> {
    let entry = entry.to_owned();
    aside(move || keyring::Entry::new(SERVICE, &entry)?.delete_credential())
}

fn aside<T: Send + 'static>(work: impl FnOnce() -> keyring::Result<T> + Send + 'static) -> Result<T, String> {
    let (sent, got) = sync_channel(1);
    let started = std::thread::Builder::new().name("keychain".to_owned()).spawn(move || sent.send(work()));
    drop(started.map_err(|e| format!("the keychain could not be asked: {e}"))?);
    match got.recv_timeout(DEADLINE) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(format!("the keychain refused: {error}")),
        Err(_) => Err(format!("the keychain did not answer within {} s", DEADLINE.as_secs())),
    }
}
