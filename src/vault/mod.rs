//! Where keys rest: one sealed file, and the slots that can open it (DESIGN.md §5).
//!
//! `accounts.age` is encrypted with age to an X25519 identity. `slots.json` says what holds that identity: the
//! OS keychain, a passphrase, a key file, a command, or (only when asked for by name) nothing at all.
//! The payload carries a MAC keyed from the identity and a generation, because age gives secrecy, not authorship.

mod account;
mod error;
mod holder;
mod keychain;
mod seal;
mod slots;

#[cfg(test)]
mod tests;

use std::fs::File;
use std::path::{Path, PathBuf};

use age::x25519::Identity;

pub use account::Account;
pub use error::VaultError;
pub use holder::{Ask, Keep};
pub use slots::{Kind, Slot};

use crate::world::{Env, files};
use seal::Payload;

const FILE: &str = "accounts.age";
const BACKUP: &str = "accounts.age.bak";
const LOCK: &str = "accounts.lock";
/// A sealed file larger than this is not ours (bytes).
const LIMIT: u64 = 16 << 20;

/// The sealed file's place.
#[derive(Debug, Clone)]
pub struct Vault {
    dir: PathBuf,
    /// `MONSTER_PASSPHRASE_FILE`.
    passphrase_file: Option<PathBuf>,
    /// How hard passphrases are stretched: log2 of scrypt's N; `None` = about a second on this machine.
    work: Option<u8>,
}

impl Vault {
    /// The vault in a folder; nothing is opened.
    #[must_use]
    pub fn at(dir: &Path, env: &Env) -> Self {
        let passphrase_file = env.get("MONSTER_PASSPHRASE_FILE").map(PathBuf::from);
        Self { dir: dir.to_owned(), passphrase_file, work: None }
    }

    /// There is a sealed file, or what is left of one.
    #[must_use]
    pub fn exists(&self) -> bool {
        [FILE, BACKUP].iter().any(|name| self.dir.join(name).symlink_metadata().is_ok())
    }

    /// What opens it; empty when there is none yet.
    ///
    /// # Errors
    /// [`VaultError`] when the list of slots is damaged or not private.
    pub fn slots(&self) -> Result<Vec<Slot>, VaultError> {
        slots::read(&self.dir)
    }

    /// Makes the sealed file, opened by `keep`.
    ///
    /// # Errors
    /// `Exists`; `NoKeeper` when `auto` finds neither keychain nor anybody to ask.
    pub fn create(&self, keep: &Keep, ask: &dyn Ask) -> Result<Opened, VaultError> {
        files::private_dir(&self.dir).map_err(|e| VaultError::io(&self.dir, e))?;
        let lock = self.lock()?;
        if self.exists() {
            return Err(VaultError::Exists(self.dir.join(FILE)));
        }
        let identity = holder::own_identity(keep)?.unwrap_or_else(Identity::generate);
        let (slot, warnings) = holder::keep(self, keep, &identity, ask)?;
        let payload = Payload { generation: 1, accounts: Vec::new() };
        // The slot first: a sealed file that nothing opens would be lost, a slot without a file is replaced.
        slots::write(&self.dir, &[slot])?;
        self.write(&identity, &payload)?;
        drop(lock);
        Ok(Opened { vault: self.clone(), identity, payload, warnings })
    }

    /// Opens the sealed file. `seen` is the newest generation the caller knows of: an older file is refused.
    ///
    /// # Errors
    /// [`VaultError`]: locked, a wrong passphrase, damaged beyond the previous generation, or put back from a copy.
    pub fn open(&self, ask: &dyn Ask, seen: u64) -> Result<Opened, VaultError> {
        let slots = self.slots()?;
        if slots.is_empty() {
            return Err(VaultError::NoSlot(self.dir.join(slots::FILE)));
        }
        // Never reset: a file that is refused for its mode or owner is told before anybody is asked for a passphrase.
        let bytes = files::read_private(&self.dir.join(FILE), LIMIT);
        if let Err(error) = &bytes
            && error.kind() == std::io::ErrorKind::PermissionDenied
        {
            return Err(VaultError::io(&self.dir.join(FILE), std::io::Error::new(error.kind(), error.to_string())));
        }
        let (identity, mut warnings) = holder::open(self, &slots, ask)?;
        let payload =
            match bytes.map_err(|e| VaultError::io(&self.dir.join(FILE), e)).and_then(|b| seal::open(&identity, &b)) {
                Ok(payload) => {
                    if payload.generation < seen {
                        return Err(VaultError::Older { found: payload.generation, seen });
                    }
                    payload
                }
                Err(broken) => {
                    let backup = files::read_private(&self.dir.join(BACKUP), LIMIT)
                        .map_err(|_| ())
                        .and_then(|b| seal::open(&identity, &b).map_err(|_| ()));
                    let Ok(payload) = backup else { return Err(broken) };
                    warnings.push(format!(
                        "{} is damaged ({broken}); the previous generation was opened, and the last change is lost",
                        self.dir.join(FILE).display()
                    ));
                    payload
                }
            };
        Ok(Opened { vault: self.clone(), identity, payload, warnings })
    }

    /// Waits for other processes that write.
    fn lock(&self) -> Result<File, VaultError> {
        let path = self.dir.join(LOCK);
        let file = files::open_private(&path).map_err(|e| VaultError::io(&path, e))?;
        file.lock().map_err(|e| VaultError::io(&path, e))?;
        Ok(file)
    }

    /// Keeps the present file as the previous generation, then replaces it.
    fn write(&self, identity: &Identity, payload: &Payload) -> Result<(), VaultError> {
        let (path, backup) = (self.dir.join(FILE), self.dir.join(BACKUP));
        let sealed = seal::seal(identity, payload)?;
        if let Ok(present) = files::read_private(&path, LIMIT)
            && seal::open(identity, &present).is_ok()
        {
            files::replace(&backup, &present, 0o600).map_err(|e| VaultError::io(&backup, e))?;
        }
        files::replace(&path, &sealed, 0o600).map_err(|e| VaultError::io(&path, e))
    }
}

/// An opened vault.
pub struct Opened {
    vault: Vault,
    identity: Identity,
    payload: Payload,
    warnings: Vec<String>,
}

impl std::fmt::Debug for Opened {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Opened({} accounts)", self.payload.accounts.len())
    }
}

impl Opened {
    /// The accounts, in the order they were made.
    #[must_use]
    pub fn accounts(&self) -> &[Account] {
        &self.payload.accounts
    }

    /// What the user should know.
    #[must_use]
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// Counts the changes of the file.
    #[must_use]
    pub const fn generation(&self) -> u64 {
        self.payload.generation
    }

    /// Adds an account, or replaces the one of that name.
    ///
    /// # Errors
    /// [`VaultError`]; the file is then as it was.
    pub fn put(&mut self, account: Account) -> Result<(), VaultError> {
        self.change(|accounts| {
            match accounts.iter_mut().find(|a| a.name == account.name) {
                Some(old) => *old = account,
                None => accounts.push(account),
            }
            Ok(())
        })
    }

    /// Forgets an account.
    ///
    /// # Errors
    /// `NoAccount`; as above.
    pub fn remove(&mut self, name: &str) -> Result<(), VaultError> {
        self.change(|accounts| {
            let at = place(accounts, name)?;
            accounts.remove(at);
            Ok(())
        })
    }

    /// Gives an account another name.
    ///
    /// # Errors
    /// `NoAccount`, `Taken`; as above.
    pub fn rename(&mut self, old: &str, new: &str) -> Result<(), VaultError> {
        self.change(|accounts| {
            let at = place(accounts, old)?;
            if new.trim().is_empty() || accounts.iter().any(|a| a.name == new) {
                return Err(VaultError::Taken(new.to_owned()));
            }
            new.clone_into(&mut accounts[at].name);
            Ok(())
        })
    }

    /// Uses an account, or keeps it unused.
    ///
    /// # Errors
    /// `NoAccount`; as above.
    pub fn set_enabled(&mut self, name: &str, enabled: bool) -> Result<(), VaultError> {
        self.change(|accounts| {
            let at = place(accounts, name)?;
            accounts[at].enabled = enabled;
            Ok(())
        })
    }

    /// Reads again under the lock, so that nobody's change is lost, changes, and writes.
    fn change(&mut self, f: impl FnOnce(&mut Vec<Account>) -> Result<(), VaultError>) -> Result<(), VaultError> {
        let lock = self.vault.lock()?;
        let path = self.vault.dir.join(FILE);
        if let Ok(present) = files::read_private(&path, LIMIT)
            && let Ok(payload) = seal::open(&self.identity, &present)
            && payload.generation > self.payload.generation
        {
            self.payload = payload;
        }
        let mut next = Payload { generation: self.payload.generation + 1, accounts: self.payload.accounts.clone() };
        f(&mut next.accounts)?;
        self.vault.write(&self.identity, &next)?;
        self.payload = next;
        drop(lock);
        Ok(())
    }
}

fn place(accounts: &[Account], name: &str) -> Result<usize, VaultError> {
    accounts.iter().position(|a| a.name == name).ok_or_else(|| VaultError::NoAccount(name.to_owned()))
}
