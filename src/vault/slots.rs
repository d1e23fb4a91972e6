//! The list of what opens the sealed file. It holds no secret, but for a plain-text slot that the user asked for.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use age::x25519::Identity;
use serde::{Deserialize, Serialize};

use super::error::VaultError;
use super::holder::{self, Ask, Keep};
use super::{Opened, Vault, id_of, seal};
use crate::world::files;

pub(super) const FILE: &str = "slots.json";
const LIMIT: u64 = 1 << 20;
const VERSION: u32 = 1;

/// One holder of the identity.
#[derive(Clone, Serialize, Deserialize)]
pub struct Slot {
    /// Its name, unique.
    pub name: String,
    /// What holds the identity.
    pub kind: Kind,
}

impl Slot {
    /// It is what this would make.
    #[must_use]
    pub fn is(&self, keep: &Keep) -> bool {
        match (&self.kind, keep) {
            (Kind::Keyfile { path }, Keep::Keyfile(wanted)) => std::path::absolute(wanted).is_ok_and(|w| w == *path),
            (Kind::Command { argv }, Keep::Command(wanted)) => argv == wanted,
            (Kind::Keychain { .. }, Keep::Keychain)
            | (Kind::Passphrase { .. }, Keep::Passphrase)
            | (Kind::Machine { .. }, Keep::Machine)
            | (Kind::Plaintext { .. }, Keep::Plaintext) => true,
            _ => false,
        }
    }
}

impl std::fmt::Debug for Slot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Slot({}, {})", self.name, self.kind.name())
    }
}

/// What holds the identity.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", tag = "is")]
pub enum Kind {
    /// The OS keychain, under this user name.
    Keychain {
        /// Which entry.
        entry: String,
    },
    /// A passphrase opens it.
    Passphrase {
        /// The identity, sealed with age's scrypt, armored.
        sealed: String,
    },
    /// A file holds it.
    Keyfile {
        /// Where.
        path: PathBuf,
    },
    /// A file beside the sealed one holds it, and opens on this machine only.
    Machine {
        /// Its name.
        file: String,
    },
    /// A program prints it.
    Command {
        /// Program and arguments.
        argv: Vec<String>,
    },
    /// It stands here, in plain text.
    Plaintext {
        /// The identity.
        identity: String,
    },
}

impl Kind {
    /// One word.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Keychain { .. } => "keychain",
            Self::Passphrase { .. } => "passphrase",
            Self::Keyfile { .. } => "keyfile",
            Self::Machine { .. } => "machine",
            Self::Command { .. } => "command",
            Self::Plaintext { .. } => "plaintext",
        }
    }

    /// What is weak about it; empty when nothing is.
    #[must_use]
    pub const fn note(&self) -> &'static str {
        match self {
            Self::Plaintext { .. } => "weak: whoever reads slots.json reads the keys",
            Self::Machine { .. } => "weak: protects only copies of the folder that leave this machine",
            Self::Keyfile { .. } => "as safe as the key file",
            _ => "",
        }
    }

    /// It protects little.
    #[must_use]
    pub const fn weak(&self) -> bool {
        matches!(self, Self::Plaintext { .. } | Self::Machine { .. })
    }
}

/// The list, as it lies on disk.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Book {
    version: u32,
    /// The identity's public half: what the vault is known by before it is opened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) id: Option<String>,
    /// What opens the file.
    pub(super) slots: Vec<Slot>,
    /// What opens it once the rekeying that goes on, or was interrupted, is done.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) next: Vec<Slot>,
}

/// All that is looked at in a list of another version.
#[derive(Deserialize)]
struct Version {
    version: u32,
}

impl Book {
    pub(super) fn new(id: String, slots: Vec<Slot>) -> Self {
        Self { version: VERSION, id: Some(id), slots, next: Vec::new() }
    }

    /// Every slot, those of an unfinished rekeying first.
    pub(super) fn all(&self) -> impl Iterator<Item = &Slot> {
        self.next.iter().chain(&self.slots)
    }

    /// The slots that hold the identity of this id, and those that hold another.
    pub(super) fn split(&self, id: &str) -> (Vec<Slot>, Vec<Slot>) {
        let (slots, next) = (self.slots.clone(), self.next.clone());
        if self.next.is_empty() || self.id.as_deref() == Some(id) { (slots, next) } else { (next, slots) }
    }

    /// A list that is not in the middle of something.
    fn settled(self) -> Result<Self, VaultError> {
        if self.next.is_empty() { Ok(self) } else { Err(VaultError::Unsettled) }
    }
}

/// The list; `None` when there is none yet.
pub(super) fn read(dir: &Path) -> Result<Option<Book>, VaultError> {
    let path = dir.join(FILE);
    let bytes = match files::read_private(&path, LIMIT) {
        Ok(bytes) => bytes,
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(VaultError::io(&path, e)),
    };
    let broken = |e: serde_json::Error| VaultError::Slots {
        path: path.clone(),
        why: format!("line {}, column {}", e.line(), e.column()),
    };
    // The version first: nothing else of a newer list need look as we know it.
    let Version { version } = serde_json::from_slice(&bytes).map_err(broken)?;
    match version {
        VERSION => serde_json::from_slice(&bytes).map_err(broken).map(Some),
        0 => Err(VaultError::Slots { path, why: "it has version 0".to_owned() }),
        _ => Err(VaultError::Newer { path, found: version.into(), known: VERSION.into() }),
    }
}

/// Replaces the list, under the lock.
pub(super) fn write(dir: &Path, book: &Book) -> Result<(), VaultError> {
    let path = dir.join(FILE);
    let text =
        serde_json::to_vec_pretty(book).map_err(|e| VaultError::Slots { path: path.clone(), why: e.to_string() })?;
    files::sweep(&path);
    files::replace(&path, &text, 0o600).map_err(|e| VaultError::io(&path, e))
}

/// Keeps a copy of a list whose sealed file was moved away: it may open that one.
pub(super) fn keep_aside(dir: &Path) -> Result<(), VaultError> {
    let path = dir.join(FILE);
    let bytes = match files::read_private(&path, LIMIT) {
        Ok(bytes) => bytes,
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(()),
        Err(e) => return Err(VaultError::io(&path, e)),
    };
    let old = (1..).map(|n| dir.join(format!("slots.old-{n}.json"))).find(|p| p.symlink_metadata().is_err());
    let old = old.unwrap_or_else(|| dir.join("slots.old.json"));
    files::create_private(&old, &bytes).map_err(|e| VaultError::io(&old, e))
}

/// `keychain`, then `keychain-2`, …
pub(super) fn free_name(kind: &Kind, taken: &[Slot]) -> String {
    let free = |name: &String| taken.iter().all(|s| s.name != *name);
    let name = kind.name().to_owned();
    if free(&name) {
        return name;
    }
    (2..).map(|n| format!("{}-{n}", kind.name())).find(free).unwrap_or_default()
}

impl Opened {
    /// Gives the identity to one more holder; the sealed file stays as it is. Gives the new slot and what the user
    /// should know.
    ///
    /// # Errors
    /// `NotAdded` when the holder cannot take it; `SlotTaken`; as for every change. Nothing is left behind then.
    pub fn add_slot(&self, keep: &Keep, name: Option<&str>, ask: &dyn Ask) -> Result<(Slot, Vec<String>), VaultError> {
        let vault = &self.vault;
        // Before a person is asked for a passphrase, and once more below.
        check_free(&vault.book()?.settled()?, name)?;
        let given = holder::give(vault, keep, &self.identity, ask).map_err(|error| match error {
            VaultError::NoKeeper(why) => VaultError::NotAdded(why),
            other => other,
        })?;
        let added = (|| {
            let lock = vault.lock()?;
            let mut book = vault.book()?.settled()?;
            check_free(&book, name)?;
            if book.id.as_ref().is_some_and(|id| *id != self.id()) {
                return Err(VaultError::Rekeyed);
            }
            let name = name.map_or_else(|| free_name(&given.kind, &book.slots), str::to_owned);
            let slot = Slot { name, kind: given.kind.clone() };
            book.id = Some(id_of(&self.identity));
            book.slots.push(slot.clone());
            write(&vault.dir, &book)?;
            drop(lock);
            Ok(slot)
        })();
        match added {
            Ok(slot) => Ok((slot, given.warning.into_iter().collect())),
            Err(error) => {
                holder::give_up(vault, &given);
                Err(error)
            }
        }
    }
}

fn check_free(book: &Book, name: Option<&str>) -> Result<(), VaultError> {
    let Some(name) = name else { return Ok(()) };
    let fits = !name.trim().is_empty() && name.trim() == name && !name.contains(char::is_control);
    let free = book.slots.iter().all(|s| s.name != name);
    if fits && free { Ok(()) } else { Err(VaultError::SlotTaken(name.to_owned())) }
}

impl Vault {
    /// Takes a slot off the list; the sealed file stays as it is. Whoever holds the identity still knows it: that
    /// ends with [`Vault::rekey`]. Gives the slot, and why its keychain entry or file could not be removed.
    ///
    /// # Errors
    /// `NoSuchSlot`; `LastSlot`; `OnlySlot` when no other gives the identity now; as for every change.
    pub fn remove_slot(&self, name: &str) -> Result<(Slot, Option<String>), VaultError> {
        let book = self.book()?.settled()?;
        if !book.slots.iter().any(|s| s.name == name) {
            return Err(VaultError::NoSuchSlot(name.to_owned()));
        }
        let others: Vec<&Slot> = book.slots.iter().filter(|s| s.name != name).collect();
        if others.is_empty() {
            return Err(VaultError::LastSlot(name.to_owned()));
        }
        // A keychain may have been emptied, a file deleted. Programs take their time: not under the lock.
        let present = self.present()?;
        let fits = |identity: &Identity| {
            book.id.as_deref() == Some(&id_of(identity))
                || present.as_ref().is_ok_and(|bytes| seal::fits(identity, bytes))
        };
        let stays = holder::working(self, &others, &fits)
            .map_err(|why| VaultError::OnlySlot { slot: name.to_owned(), why })?
            .name
            .clone();
        let lock = self.lock()?;
        let now = self.book()?.settled()?;
        let at = now.slots.iter().position(|s| s.name == name);
        let at = at.ok_or_else(|| VaultError::NoSuchSlot(name.to_owned()))?;
        if now.id != book.id || !now.slots.iter().any(|s| s.name == stays) {
            return Err(VaultError::Rekeyed);
        }
        let mut book = now;
        let slot = book.slots.remove(at);
        write(&self.dir, &book)?;
        drop(lock);
        // Last: until the list no longer names them they are needed.
        let left = holder::forget(self, &slot.kind).err();
        Ok((slot, left))
    }
}
