//! Why the vault cannot be used. No text here ever holds a secret.

use std::io;
use std::path::{Path, PathBuf};

/// Why the vault cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// A file cannot be read or written, or is not private.
    #[error("{} cannot be used: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// There is one already.
    #[error("{} is there already", .0.display())]
    Exists(PathBuf),
    /// Nothing would hold the identity.
    #[error("there is nothing to seal the accounts with: {0}")]
    NoKeeper(String),
    /// The list of slots is damaged.
    #[error("{} is damaged: {why}", path.display())]
    Slots {
        /// The file.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// A sealed file without anything that opens it.
    #[error("the accounts are sealed and {} names nothing that opens them", .0.display())]
    NoSlot(PathBuf),
    /// Nothing opened it.
    #[error("the accounts are locked: {0}")]
    Locked(String),
    /// The passphrase does not fit.
    #[error("this passphrase does not open the accounts")]
    WrongPassphrase,
    /// The file is damaged or was not made with this identity.
    #[error("it cannot be opened: {0}")]
    Sealed(String),
    /// An older file was put back.
    #[error(
        "the accounts file is older (generation {found}) than the one seen before ({seen}): somebody put a copy back"
    )]
    Older {
        /// Its generation.
        found: u64,
        /// The newest seen.
        seen: u64,
    },
    /// No such account.
    #[error("there is no account \"{0}\"")]
    NoAccount(String),
    /// The name is in use, reserved, or none.
    #[error("an account cannot be called {0:?}: the name is taken, reserved or empty")]
    Taken(String),
    /// The name is in use at another upstream.
    #[error("the account \"{name}\" is one of {upstream}")]
    Elsewhere {
        /// The name.
        name: String,
        /// Where.
        upstream: String,
    },
    /// Another process writes, or waits for somebody.
    #[error("another monster is changing the accounts and does not come to an end ({})", .0.display())]
    Busy(PathBuf),
}

impl VaultError {
    pub(super) fn io(path: &Path, source: io::Error) -> Self {
        Self::Io { path: path.to_owned(), source }
    }

    /// What helps.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::NoKeeper(_) => Some(
                "choose one: --store passphrase (with a terminal, or MONSTER_PASSPHRASE_FILE), --store keychain, --store keyfile --keyfile FILE".to_owned(),
            ),
            Self::Locked(_) => Some("unlock the keychain, or give MONSTER_PASSPHRASE_FILE; see what opens them: monster accounts slots".to_owned()),
            Self::NoAccount(_) => Some("see what there is: monster accounts".to_owned()),
            Self::Older { .. } => Some("if you restored a backup on purpose, remove monster.db from the state folder".to_owned()),
            Self::Slots { .. } | Self::NoSlot(_) | Self::Sealed(_) => Some("restore the file from a backup, or move it away and run: monster login".to_owned()),
            Self::WrongPassphrase => Some("try again; MONSTER_PASSPHRASE_FILE, if it is set, is read first".to_owned()),
            Self::Exists(_) => Some("another login made it at the same moment: run the command again".to_owned()),
            Self::Elsewhere { name, .. } => {
                Some(format!("give another name (--name NAME), or forget that one: monster accounts remove {name}"))
            }
            Self::Busy(_) => Some("end it, or answer what it asks, and run the command again".to_owned()),
            Self::Io { .. } | Self::Taken(_) => None,
        }
    }
}
