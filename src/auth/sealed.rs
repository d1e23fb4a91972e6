//! The sealed file as commands use it: opened with the memory of the newest generation this machine has seen.

use crate::store::{Store, StoreError};
use crate::vault::{Ask, Opened, Vault, VaultError};

/// The store's name for the newest generation.
const SEEN: &str = "vault:generation";

/// Opens the sealed file; an older one than was seen before is refused.
///
/// # Errors
/// [`VaultError`].
pub fn open(vault: &Vault, store: &Store, ask: &dyn Ask) -> Result<Opened, VaultError> {
    let seen = store.recall(SEEN).ok().flatten().and_then(|g| g.parse().ok()).unwrap_or(0);
    vault.open(ask, seen)
}

/// Remembers the generation of a file that was opened or written.
///
/// # Errors
/// [`StoreError`]: losing this weakens only the protection against an older file being put back.
pub fn seen(opened: &Opened, store: &Store) -> Result<(), StoreError> {
    let generation = opened.generation();
    let known = store.recall(SEEN)?.and_then(|g| g.parse::<u64>().ok());
    if known.is_some_and(|known| known >= generation) {
        return Ok(());
    }
    store.remember(SEEN, &generation.to_string())
}
