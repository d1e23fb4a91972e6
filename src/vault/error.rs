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
    /// A newer `monster` wrote it.
    #[error("{} was written by a newer monster (version {found}; this one knows {known})", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: u64,
        /// The newest known here.
        known: u64,
    },
    /// An older file was put back.
    #[error("{}", older(*found, *seen))]
    Older {
        /// Its generation.
        found: u64,
        /// The newest seen; the largest number there is = it was rekeyed since.
        seen: u64,
    },
    /// No such account.
    #[error("there is no account \"{0}\"")]
    NoAccount(String),
    /// The name is in use, reserved, or none.
    #[error("an account cannot be called {0:?}: the name is taken, reserved or empty")]
    Taken(String),
    /// The name is one that no list should show; it is not repeated.
    #[error("an account cannot be called that: {0}")]
    Name(&'static str),
    /// The name is in use at another upstream.
    #[error("the account \"{name}\" is one of {upstream}")]
    Elsewhere {
        /// The name.
        name: String,
        /// Where.
        upstream: String,
    },
    /// The accounts were given a new identity, or other slots, while we worked.
    #[error("another command has given the accounts a new identity or other slots meanwhile")]
    Rekeyed,
    /// A rekeying came to no end.
    #[error("a rekeying of the accounts was interrupted")]
    Unsettled,
    /// A slot cannot be given the new identity.
    #[error("the slot {slot} cannot take a new identity: {why}")]
    Unwilling {
        /// The slot.
        slot: String,
        /// Why.
        why: String,
    },
    /// A holder cannot take the identity.
    #[error("nothing more opens the accounts than before: {0}")]
    NotAdded(String),
    /// No such slot.
    #[error("there is no slot {0:?}")]
    NoSuchSlot(String),
    /// A slot's name is in use, or none.
    #[error("a slot cannot be called {0:?}: the name is taken or empty")]
    SlotTaken(String),
    /// The only slot.
    #[error("{0} is the last slot: without it nothing opens the accounts")]
    LastSlot(String),
    /// No other slot works.
    #[error("without the slot {slot} nothing would open the accounts: {why}")]
    OnlySlot {
        /// The slot.
        slot: String,
        /// What is wrong with the others.
        why: String,
    },
    /// A program prints an identity that does not open the file.
    #[error("the command {0} prints another identity than the one that opens the accounts")]
    OtherIdentity(String),
    /// An export that is none.
    #[error("this is no export of monster's accounts: {0}")]
    Export(String),
    /// Another program has changed what was to be removed.
    #[error("{} was changed while its accounts were taken over, and is left as it is", .0.display())]
    Changed(PathBuf),
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
            Self::Older { .. } => Some("if you restored a backup on purpose, take it with: monster accounts rekey --accept-older".to_owned()),
            Self::Newer { .. } => Some("update monster; the file is left as it is".to_owned()),
            Self::Rekeyed => Some("run the command again".to_owned()),
            Self::Unsettled => Some("finish it first: monster accounts rekey".to_owned()),
            Self::Unwilling { slot, .. } => Some(format!("nothing was changed; mend it, or remove the slot first: monster accounts slots remove {slot}")),
            Self::NoSuchSlot(_) | Self::SlotTaken(_) => Some("see what there is: monster accounts slots".to_owned()),
            Self::LastSlot(_) => Some("add another first: monster accounts slots add --store passphrase".to_owned()),
            Self::OnlySlot { .. } => Some("mend or unlock one of the others, or add one first: monster accounts slots add --store passphrase".to_owned()),
            Self::OtherIdentity(_) => Some("give it this one first: monster accounts slots add --store keyfile --keyfile FILE writes it to FILE".to_owned()),
            Self::Export(_) => Some("import takes what monster accounts export wrote, and the auth-monster-accounts.json of opencode-auth-monster".to_owned()),
            Self::Slots { .. } | Self::NoSlot(_) | Self::Sealed(_) => Some("restore the file from a backup, or move it away and run: monster login".to_owned()),
            Self::NotAdded(why) if why.contains("passphrase") => Some("use a terminal, or put the passphrase into a private file and set MONSTER_PASSPHRASE_FILE".to_owned()),
            Self::WrongPassphrase => Some("try again; MONSTER_PASSPHRASE_FILE or MONSTER_PASSPHRASE_FD, if it is set, is read first".to_owned()),
            Self::Exists(_) => Some("another login made it at the same moment: run the command again".to_owned()),
            Self::Elsewhere { name, .. } => {
                Some(format!("give another name (--name NAME), or forget that one: monster accounts remove {name}"))
            }
            Self::Busy(_) => Some("end it, or answer what it asks, and run the command again".to_owned()),
            Self::Io { .. } | Self::Changed(_) | Self::Taken(_) | Self::Name(_) | Self::NotAdded(_) => None,
        }
    }
}

fn older(found: u64, seen: u64) -> String {
    let since = match seen {
        u64::MAX => "its accounts were rekeyed since".to_owned(),
        seen => format!("the one seen before has {seen}"),
    };
    format!("the accounts file is older (generation {found}; {since}): somebody put a copy back")
}
