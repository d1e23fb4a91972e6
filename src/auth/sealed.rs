//! The sealed file as commands use it: opened with the memory of the newest generation this machine has seen.

use std::any::Any;
use std::path::Path;

use super::lock;
use super::renewal::{Held, hold};
use crate::store::{Store, StoreError};
use crate::vault::{Account, Ask, Keep, Opened, Recipient, Rekeyed, Renewal, Vault, VaultError};
use crate::world::random;

/// Opens the sealed file; an older one than was seen before is refused.
///
/// # Errors
/// [`VaultError`].
pub fn open(vault: &Vault, store: &Store, ask: &dyn Ask) -> Result<Opened, VaultError> {
    // Asked only once the file was read: a generation that another process writes meanwhile is not held against it.
    vault.open(ask, &|id| recall(store, id).unwrap_or(0))
}

/// Makes the sealed file; of an identity that was met before, it counts on from the newest generation seen.
///
/// # Errors
/// [`VaultError`].
pub fn create(vault: &Vault, store: &Store, keep: &Keep, ask: &dyn Ask) -> Result<Opened, VaultError> {
    vault.create_after(keep, ask, &|id| recall(store, id).unwrap_or(0))
}

/// Remembers the generation of a file that was opened or written.
///
/// # Errors
/// [`StoreError`]: losing this weakens only the protection against an older file being put back.
pub fn seen(opened: &Opened, store: &Store) -> Result<(), StoreError> {
    let (id, generation) = (opened.id(), opened.generation());
    if recall(store, &id).is_some_and(|known| known >= generation) {
        return Ok(());
    }
    // Another process may have seen a newer one since.
    store.raise(&fact(&id), generation)
}

/// Gives the accounts a new identity. Whatever is sealed to the old one is refused from then on, the newest included.
///
/// # Errors
/// [`VaultError`].
pub fn rekey(vault: &Vault, store: &Store, ask: &dyn Ask, wish: &Renewal, state: &Path) -> Result<Rekeyed, VaultError> {
    // A renewal under way would come back with a token that it can no longer seal.
    let still = |accounts: &[Account]| {
        let renewed = accounts.iter().filter(|a| a.grant.as_ref().is_some_and(|g| !g.by.foreign()));
        let held: Result<Vec<Held>, String> = renewed.map(|a| hold(state, a, lock::PATIENCE)).collect();
        held.map(|held| Box::new(held) as Box<dyn Any>).map_err(|_| VaultError::Busy(state.join("refresh")))
    };
    let done = vault.rekey(ask, &|id| recall(store, id).unwrap_or(0), wish, &still)?;
    // Losing these weakens only the protection against an older file being put back.
    drop(store.raise(&fact(&done.former), u64::MAX));
    drop(seen(&done.opened, store));
    Ok(done)
}

/// To whom history is sealed, without opening anything; an error is half a sentence.
///
/// The list of slots names the public half, and whoever can write to it could put their own there. So it counts only when
/// this machine has opened the accounts under it: then the state folder knows its generation. One that was given up by
/// a rekeying is refused, because somebody may know what opens it.
///
/// # Errors
/// Why there is nobody to seal it to.
pub fn recipient(vault: &Vault, store: &Store) -> Result<Recipient, String> {
    if !vault.exists() {
        return Err("there is no sealed file of accounts to seal it to (monster login makes one)".to_owned());
    }
    let named = vault.recipient().map_err(|e| e.to_string())?;
    let recipient =
        named.ok_or("slots.json does not name the public half of the accounts (monster accounts rekey adds it)")?;
    match recall(store, &recipient.id()) {
        Some(u64::MAX) => Err("slots.json names an identity that was given up by a rekeying".to_owned()),
        Some(_) => Ok(recipient),
        None => Err("the accounts were never opened on this machine under the name that slots.json gives \
                     (monster accounts test opens them)"
            .to_owned()),
    }
}

/// An id of this installation, made once. A store that keeps nothing gets a new one each time.
#[must_use]
pub fn installation(store: &Store) -> String {
    const FACT: &str = "installation";
    if let Ok(Some(known)) = store.recall(FACT) {
        return known;
    }
    let mut bytes = random::bytes::<16>().unwrap_or_default();
    // RFC 9562: version 4, drawn at random.
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex: String = bytes.iter().map(|b| format!("{b:02x}")).collect();
    let id = format!("urn:uuid:{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]);
    // Without it the next sign-in looks like another installation's, and works all the same.
    let _ = store.remember(FACT, &id);
    id
}

fn recall(store: &Store, id: &str) -> Option<u64> {
    store.recall(&fact(id)).ok().flatten()?.parse().ok()
}

/// Under the vault's own name: several may share one state folder.
fn fact(id: &str) -> String {
    format!("vault:generation:{id}")
}
