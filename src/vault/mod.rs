//! Where keys rest: one sealed file, and the slots that can open it (DESIGN.md §5).
//!
//! `accounts.age` is encrypted with age to an X25519 identity. `slots.json` says what holds that identity: the
//! OS keychain, a passphrase, a key file, a command, or (only when asked for by name) nothing at all.
//! The payload carries a MAC keyed from the identity and a generation, because age gives secrecy, not authorship.

mod account;
pub mod ancestor;
mod cache;
mod error;
mod grant;
mod holder;
mod keychain;
mod machine;
mod phrase;
mod portable;
mod probe;
mod recipient;
mod rekey;
mod seal;
mod slots;

#[cfg(test)]
mod tests;

use std::fs::{File, TryLockError};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use age::x25519::Identity;

pub use account::Account;
pub use error::VaultError;
pub use grant::{By, Grant};
pub use holder::{Ask, Keep, Nobody};
pub use portable::{Taken, read_passphrase, sealed_export, unpack};
pub use recipient::Recipient;
pub use rekey::{Rekeyed, Renewal, Still};
pub use slots::{Kind, Slot};

use crate::model::{ENV, Secret, turns};
use crate::world::{Env, files};
use cache::Cache;
use holder::Fit;
use keychain::Keychain;
use seal::Payload;
use slots::Book;

const FILE: &str = "accounts.age";
const BACKUP: &str = "accounts.age.bak";
/// A file that could not be opened is kept under this name when the next change replaces it.
const DAMAGED: &str = "accounts.age.damaged";
const LOCK: &str = "accounts.lock";
/// An account's name is not longer than this (characters).
const NAME: usize = 100;
/// A sealed file larger than this is not ours (bytes).
const LIMIT: u64 = 16 << 20;
/// How long another process may hold the lock, a person typing a passphrase included.
const PATIENCE: Duration = Duration::from_secs(10);

/// The sealed file's place.
#[derive(Debug, Clone)]
pub struct Vault {
    dir: PathBuf,
    /// Where passphrases come from.
    given: phrase::Given,
    /// How hard passphrases are stretched: log2 of scrypt's N; `None` = about a second on this machine.
    work: Option<u8>,
    keychain: Keychain,
    cache: Cache,
    /// The machine's id; `None` = the system's.
    machine: Option<String>,
    patience: Duration,
    /// How long slots may take together; `None` = each as long as it usually may.
    hurry: Option<Duration>,
}

impl Vault {
    /// The vault in a folder; nothing is opened.
    #[must_use]
    pub fn at(dir: &Path, env: &Env) -> Self {
        Self {
            dir: dir.to_owned(),
            given: phrase::Given::of(env),
            work: None,
            keychain: Keychain::system(),
            cache: Cache::system(),
            machine: None,
            patience: PATIENCE,
            hurry: None,
        }
    }

    /// Gives up slots that take longer than this together: a hook stands in somebody's way.
    #[must_use]
    pub fn hurry(mut self, limit: Duration) -> Self {
        self.hurry = Some(limit);
        self
    }

    /// Keeps an identity that a passphrase or a command gave in the Linux kernel's keyring for so long; zero = not.
    #[must_use]
    pub fn cache(mut self, life: Duration) -> Self {
        self.cache.life = life;
        self
    }

    /// Forgets an identity that the kernel keeps; whether there was one.
    ///
    /// # Errors
    /// [`VaultError`] when the list of slots cannot be read, or the kernel refuses.
    pub fn forget_unlocked(&self) -> Result<bool, VaultError> {
        let Some(id) = slots::read(&self.dir)?.and_then(|book| book.id) else { return Ok(false) };
        self.cache.forget(&id).map_err(VaultError::Locked)
    }

    /// There is a sealed file, or what is left of one, or something that keeps us from looking: opening says what.
    #[must_use]
    pub fn exists(&self) -> bool {
        let found = |name: &&str| self.dir.join(name).symlink_metadata();
        [FILE, BACKUP].iter().any(|name| !found(name).is_err_and(|e| e.kind() == ErrorKind::NotFound))
    }

    /// What opens it; empty when there is none yet.
    ///
    /// # Errors
    /// [`VaultError`] when the list of slots is damaged or not private.
    pub fn slots(&self) -> Result<Vec<Slot>, VaultError> {
        Ok(slots::read(&self.dir)?.map(|book| book.all().cloned().collect()).unwrap_or_default())
    }

    /// The list of slots, which must be there.
    fn book(&self) -> Result<Book, VaultError> {
        match slots::read(&self.dir)? {
            Some(book) if book.all().next().is_some() => Ok(book),
            _ => Err(VaultError::NoSlot(self.dir.join(slots::FILE))),
        }
    }

    /// Makes the sealed file, opened by `keep`.
    ///
    /// # Errors
    /// `Exists`; `NoKeeper` when `auto` finds neither keychain nor anybody to ask. Nothing is left behind then.
    pub fn create(&self, keep: &Keep, ask: &dyn Ask) -> Result<Opened, VaultError> {
        self.create_after(keep, ask, &|_| 0)
    }

    /// As [`Self::create`], counting on from the newest generation that `seen` knows: a key file or a program may hold
    /// the identity of accounts that were moved away, and the new ones are no older copy of those.
    ///
    /// # Errors
    /// As [`Self::create`]; `NoKeeper` when the identity was given up by a rekeying.
    pub fn create_after(&self, keep: &Keep, ask: &dyn Ask, seen: &dyn Fn(&str) -> u64) -> Result<Opened, VaultError> {
        // A folder that was there before us may have come from a generous umask.
        files::private_dir(&self.dir)
            .and_then(|()| files::close_dir(&self.dir))
            .map_err(|e| VaultError::io(&self.dir, e))?;
        let lock = self.lock()?;
        if self.exists() {
            return Err(VaultError::Exists(self.dir.join(FILE)));
        }
        let (identity, given) = holder::keep(self, keep, ask)?;
        let mut payload = Payload::empty();
        let Some(generation) = seen(&id_of(&identity)).checked_add(1) else {
            holder::give_up(self, &given);
            let why = format!("the identity that the {} holds was given up by a rekeying", given.kind.name());
            return Err(VaultError::NoKeeper(why));
        };
        payload.generation = generation;
        let slot = Slot { name: given.kind.name().to_owned(), kind: given.kind.clone() };
        // The slot first: a sealed file that nothing opens would be lost, a slot without a file is replaced.
        let written = slots::keep_aside(&self.dir)
            .and_then(|()| slots::write(&self.dir, &Book::new(id_of(&identity), vec![slot])))
            .and_then(|()| self.replace(FILE, &seal::seal(&identity, &payload)?));
        if let Err(error) = written {
            holder::give_up(self, &given);
            return Err(error);
        }
        drop(lock);
        let warnings = given.warning.into_iter().collect();
        Ok(Opened { vault: self.clone(), identity, payload, recovered: false, warnings, passphrase: None })
    }

    /// Opens the sealed file. `seen` knows the newest generation that was met under an [`Opened::id`]: an older
    /// file is refused.
    ///
    /// # Errors
    /// [`VaultError`]: locked, a wrong passphrase, damaged beyond the previous generation, or put back from a copy.
    pub fn open(&self, ask: &dyn Ask, seen: &dyn Fn(&str) -> u64) -> Result<Opened, VaultError> {
        let book = self.book()?;
        files::check_dir(&self.dir).map_err(|e| VaultError::io(&self.dir, e))?;
        // Never reset: a file that is refused is told before anybody is asked for a passphrase.
        drop(self.present()?);
        let fits = |identity: &Identity| match self.present() {
            Ok(Ok(bytes)) if seal::fits(identity, &bytes) => Fit::Present,
            _ if self.backup().is_some_and(|bytes| seal::fits(identity, &bytes)) => Fit::Previous,
            _ => Fit::Nothing,
        };
        let holder::Held { identity, mut warnings, passphrase } = holder::open(self, &book, ask, &fits)?;
        // Whatever opened it: who reads that slot needs nothing else.
        let plain = book.all().filter(|slot| matches!(slot.kind, Kind::Plaintext { .. }));
        warnings.extend(plain.map(|slot| format!("the keys lie in plain text (slot {})", slot.name)));
        let seen = seen(&id_of(&identity));
        // Read only now: what another process has changed meanwhile may have been seen already.
        let (payload, recovered) = match self.present()?.and_then(|bytes| seal::open(&identity, &bytes)) {
            Ok(payload) if payload.generation < seen => {
                return Err(VaultError::Older { found: payload.generation, seen });
            }
            Ok(payload) => (payload, false),
            Err(newer @ VaultError::Newer { .. }) => return Err(newer),
            Err(broken) => {
                let what = format!(
                    "{} is damaged ({broken}); the previous generation was opened, and the last change is lost",
                    self.dir.join(FILE).display()
                );
                let payload = self.previous(&identity, seen, broken)?;
                warnings.push(what);
                (payload, true)
            }
        };
        Ok(Opened { vault: self.clone(), identity, payload, recovered, warnings, passphrase })
    }

    /// The sealed bytes. The inner error is one for which the previous generation may stand in.
    fn present(&self) -> Result<Result<Vec<u8>, VaultError>, VaultError> {
        let path = self.dir.join(FILE);
        match files::read_private(&path, LIMIT) {
            Ok(bytes) => Ok(Ok(bytes)),
            Err(e) if matches!(e.kind(), ErrorKind::NotFound | ErrorKind::InvalidData) => {
                Ok(Err(VaultError::io(&path, e)))
            }
            Err(e) => Err(VaultError::io(&path, e)),
        }
    }

    /// The sealed bytes of the previous generation, if there are any that we may read.
    fn backup(&self) -> Option<Vec<u8>> {
        files::read_private(&self.dir.join(BACKUP), LIMIT).ok()
    }

    /// The generation before the damaged one, in whose place it stands from now on.
    fn previous(&self, identity: &Identity, seen: u64, broken: VaultError) -> Result<Payload, VaultError> {
        let backup = self.backup().and_then(|bytes| seal::open(identity, &bytes).ok());
        let Some(mut payload) = backup else { return Err(broken) };
        let lost = payload.generation.saturating_add(1);
        if lost < seen {
            // Damage must not be a way to put an older copy back.
            return Err(VaultError::Older { found: payload.generation, seen });
        }
        payload.generation = lost;
        Ok(payload)
    }

    /// Another command has given the accounts a new identity.
    fn rekeyed(&self, id: &str) -> bool {
        matches!(slots::read(&self.dir), Ok(Some(book)) if book.next.is_empty() && book.id.as_ref().is_some_and(|known| known != id))
    }

    /// Waits for other processes that write, but not for ever.
    fn lock(&self) -> Result<File, VaultError> {
        files::check_dir(&self.dir).map_err(|e| VaultError::io(&self.dir, e))?;
        let path = self.dir.join(LOCK);
        let file = files::open_private(&path).map_err(|e| VaultError::io(&path, e))?;
        let step = Duration::from_millis(10);
        let mut waited = Duration::ZERO;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(file),
                Err(TryLockError::Error(e)) => return Err(VaultError::io(&path, e)),
                Err(TryLockError::WouldBlock) if waited >= self.patience => return Err(VaultError::Busy(path)),
                Err(TryLockError::WouldBlock) => {
                    std::thread::sleep(step);
                    waited += step;
                }
            }
        }
    }

    fn replace(&self, name: &str, bytes: &[u8]) -> Result<(), VaultError> {
        let path = self.dir.join(name);
        files::sweep(&path);
        files::replace(&path, bytes, 0o600).map_err(|e| VaultError::io(&path, e))
    }
}

/// What a vault is known by: its identity's public half.
fn id_of(identity: &Identity) -> String {
    identity.to_public().to_string()
}

/// An opened vault.
pub struct Opened {
    vault: Vault,
    identity: Identity,
    payload: Payload,
    /// The file was damaged, and the previous generation stands in.
    recovered: bool,
    warnings: Vec<String>,
    /// What opened it, if that was a passphrase: it is not asked for twice.
    passphrase: Option<Secret>,
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

    /// The file was damaged or missing, and the previous generation stands in until the next change.
    #[must_use]
    pub const fn recovered(&self) -> bool {
        self.recovered
    }

    /// What the vault is known by; it is not secret.
    #[must_use]
    pub fn id(&self) -> String {
        id_of(&self.identity)
    }

    /// Counts the changes of the file.
    #[must_use]
    pub const fn generation(&self) -> u64 {
        self.payload.generation
    }

    /// Adds an account, or replaces the one of that name at the same upstream.
    ///
    /// # Errors
    /// `Taken`, `Name`, `Elsewhere`; [`VaultError`]; the file is then as it was.
    pub fn put(&mut self, account: Account) -> Result<(), VaultError> {
        check_name(&account.name)?;
        self.change(|accounts| {
            match accounts.iter_mut().find(|a| a.name == account.name) {
                // A slip of the name must not cost another provider's key.
                Some(old) if old.upstream != account.upstream => {
                    return Err(VaultError::Elsewhere { name: old.name.clone(), upstream: old.upstream.clone() });
                }
                Some(old) => *old = account,
                None => accounts.push(account),
            }
            Ok(())
        })
    }

    /// Adds an account: under this name, in the place of one that has it at the same upstream, whose rank it takes
    /// over; without one under a free name made from the upstream's. Gives the name, and whether it replaced one.
    ///
    /// # Errors
    /// As [`Self::put`].
    pub fn add(&mut self, account: Account, name: Option<&str>) -> Result<(String, bool), VaultError> {
        let (mut chosen, mut replaced) = (String::new(), false);
        self.change(|accounts| {
            // Only here nobody else can take the name meanwhile.
            let at = name.and_then(|name| accounts.iter().position(|a| a.name == name));
            let name = name.map_or_else(|| free_name(&account.upstream, accounts), str::to_owned);
            check_name(&name)?;
            (chosen, replaced) = (name.clone(), at.is_some());
            let account = Account { name, ..account };
            match at.map(|at| &mut accounts[at]) {
                // A slip of the name must not cost another provider's key.
                Some(old) if old.upstream != account.upstream => {
                    return Err(VaultError::Elsewhere { name: old.name.clone(), upstream: old.upstream.clone() });
                }
                Some(old) => *old = Account { priority: old.priority, weight: old.weight, ..account },
                None => accounts.push(account),
            }
            Ok(())
        })?;
        Ok((chosen, replaced))
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
            check_name(new)?;
            if accounts.iter().any(|a| a.name == new) {
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

    /// Reads the file again: another process may have changed it.
    ///
    /// # Errors
    /// [`VaultError`]; what was read before then stands.
    pub fn reload(&mut self) -> Result<(), VaultError> {
        match self.vault.present()?.and_then(|bytes| seal::open(&self.identity, &bytes)) {
            Ok(payload) if payload.generation < self.payload.generation => {
                Err(VaultError::Older { found: payload.generation, seen: self.payload.generation })
            }
            Ok(payload) => {
                (self.payload, self.recovered) = (payload, false);
                Ok(())
            }
            // It was damaged when it was opened; what stands in for it is newer than nothing.
            Err(_) if self.recovered => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Changes an account as a user's setting or a renewal does; its name stays. Nobody else's change of it is lost.
    ///
    /// # Errors
    /// `NoAccount` when it was removed meanwhile; as above.
    pub fn alter(&mut self, name: &str, f: impl FnOnce(&mut Account)) -> Result<(), VaultError> {
        self.change(|accounts| {
            let at = place(accounts, name)?;
            f(&mut accounts[at]);
            Ok(())
        })
    }

    /// Changes the first account that `is` says it is, whatever it is called by now; `false`, and nothing written, when
    /// there is none.
    ///
    /// # Errors
    /// As above.
    pub fn alter_where(
        &mut self,
        is: impl Fn(&Account) -> bool,
        f: impl FnOnce(&mut Account),
    ) -> Result<bool, VaultError> {
        self.reload()?;
        if !self.payload.accounts.iter().any(&is) {
            return Ok(false);
        }
        let mut met = false;
        self.change(|accounts| {
            // Another process may have been in between.
            if let Some(account) = accounts.iter_mut().find(|a| is(a)) {
                met = true;
                f(account);
            }
            Ok(())
        })?;
        Ok(met)
    }

    /// Reads again under the lock, so that nobody's change is lost, changes, and writes.
    fn change(&mut self, f: impl FnOnce(&mut Vec<Account>) -> Result<(), VaultError>) -> Result<(), VaultError> {
        let lock = self.vault.lock()?;
        // What lies on disk counts, not what was read before. What cannot be opened (damaged since, or made anew
        // with another identity) is never written over, unless that is what we stand in for.
        let backup = match self.vault.present()?.and_then(|b| Ok((seal::open(&self.identity, &b)?, b))) {
            Ok((payload, _)) if payload.generation < self.payload.generation => {
                return Err(VaultError::Older { found: payload.generation, seen: self.payload.generation });
            }
            Ok((payload, bytes)) => {
                (self.payload, self.recovered) = (payload, false);
                bytes
            }
            Err(newer @ VaultError::Newer { .. }) => return Err(newer),
            Err(_) if self.vault.rekeyed(&self.id()) => return Err(VaultError::Rekeyed),
            Err(_) if self.recovered => seal::seal(&self.identity, &self.payload)?,
            Err(error) => return Err(error),
        };
        let mut next = self.payload.clone();
        next.generation += 1;
        f(&mut next.accounts)?;
        let sealed = seal::seal(&self.identity, &next)?;
        self.vault.replace(BACKUP, &backup)?;
        if self.recovered {
            // Somebody may want to look at it; until the next step the previous generation is all there is.
            let (from, to) = (self.vault.dir.join(FILE), self.vault.dir.join(DAMAGED));
            match std::fs::rename(&from, to) {
                Err(e) if e.kind() != ErrorKind::NotFound => return Err(VaultError::io(&from, e)),
                _ => {}
            }
        }
        self.vault.replace(FILE, &sealed)?;
        (self.payload, self.recovered) = (next, false);
        drop(lock);
        Ok(())
    }
}

fn place(accounts: &[Account], name: &str) -> Result<usize, VaultError> {
    accounts.iter().position(|a| a.name == name).ok_or_else(|| VaultError::NoAccount(name.to_owned()))
}

/// `openai`, then `openai-2`, …
fn free_name(upstream: &str, accounts: &[Account]) -> String {
    let counted = (2..).map(|n| format!("{upstream}-{n}"));
    let free = |name: &String| accounts.iter().all(|a| a.name != *name);
    std::iter::once(upstream.to_owned()).chain(counted).find(free).unwrap_or_default()
}

/// Refuses names that lists could not show, and `env`, which stands for keys from the environment.
///
/// # Errors
/// `Taken`, `Name`.
pub fn check_name(name: &str) -> Result<(), VaultError> {
    if name.chars().count() > NAME {
        return Err(VaultError::Name("a name has at most 100 characters"));
    }
    if name.contains(turns) {
        return Err(VaultError::Name("it holds marks that turn the direction of writing"));
    }
    let fits = !name.trim().is_empty() && name.trim() == name && !name.contains(char::is_control) && name != ENV;
    if fits { Ok(()) } else { Err(VaultError::Taken(name.to_owned())) }
}
