//! The list of what opens the sealed file. It holds no secret, but for a plain-text slot that the user asked for.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::error::VaultError;
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
            Self::Command { .. } => "command",
            Self::Plaintext { .. } => "plaintext",
        }
    }

    /// What is weak about it; empty when nothing is.
    #[must_use]
    pub const fn note(&self) -> &'static str {
        match self {
            Self::Plaintext { .. } => "weak: whoever reads slots.json reads the keys",
            Self::Keyfile { .. } => "as safe as the key file",
            _ => "",
        }
    }
}

#[derive(Serialize, Deserialize)]
struct Book {
    version: u32,
    slots: Vec<Slot>,
}

/// The slots; empty when there is no list yet.
pub(super) fn read(dir: &Path) -> Result<Vec<Slot>, VaultError> {
    let path = dir.join(FILE);
    let bytes = match files::read_private(&path, LIMIT) {
        Ok(bytes) => bytes,
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(VaultError::io(&path, e)),
    };
    let broken = |why: String| VaultError::Slots { path: path.clone(), why };
    let book: Book =
        serde_json::from_slice(&bytes).map_err(|e| broken(format!("line {}, column {}", e.line(), e.column())))?;
    if book.version != VERSION {
        return Err(broken(format!("it has version {}, this monster knows {VERSION}", book.version)));
    }
    Ok(book.slots)
}

/// Replaces the list. What it held before is kept aside: it may open a file that was moved away.
pub(super) fn replace(dir: &Path, slots: &[Slot]) -> Result<(), VaultError> {
    let path = dir.join(FILE);
    let book = Book { version: VERSION, slots: slots.to_vec() };
    let text =
        serde_json::to_vec_pretty(&book).map_err(|e| VaultError::Slots { path: path.clone(), why: e.to_string() })?;
    if path.symlink_metadata().is_ok() {
        let old = (1..).map(|n| dir.join(format!("slots.old-{n}.json"))).find(|p| p.symlink_metadata().is_err());
        let old = old.unwrap_or_else(|| dir.join("slots.old.json"));
        std::fs::rename(&path, old).map_err(|e| VaultError::io(&path, e))?;
    }
    files::replace(&path, &text, 0o600).map_err(|e| VaultError::io(&path, e))
}
