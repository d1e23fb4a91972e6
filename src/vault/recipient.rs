//! Sealing for whoever can open the accounts, without opening them: history needs only the public half.

use std::io::{Read, Write};

use age::x25519::{Identity, Recipient as Public};
use age::{Decryptor, Encryptor};

use super::error::VaultError;
use super::{Opened, Vault, holder, slots};

/// The public half of a vault's identity.
#[derive(Clone)]
pub struct Recipient(Public);

impl std::fmt::Debug for Recipient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Recipient({})", self.0)
    }
}

impl Recipient {
    /// What the vault is known by.
    #[must_use]
    pub fn id(&self) -> String {
        self.0.to_string()
    }

    /// Seals; only an opened vault of this id, or one that it was rekeyed to, reads it again. It says nothing about who
    /// sealed it.
    ///
    /// # Errors
    /// `Sealed`.
    pub fn seal(&self, clear: &[u8]) -> Result<Vec<u8>, VaultError> {
        let broken = |e: &dyn std::fmt::Display| VaultError::Sealed(e.to_string());
        let to = std::iter::once(&self.0 as &dyn age::Recipient);
        let encryptor = Encryptor::with_recipients(to).map_err(|e| broken(&e))?;
        let mut out = Vec::with_capacity(clear.len() + 512);
        let mut writer = encryptor.wrap_output(&mut out).map_err(|e| broken(&e))?;
        writer.write_all(clear).map_err(|e| broken(&e))?;
        writer.finish().map_err(|e| broken(&e))?;
        Ok(out)
    }
}

impl Vault {
    /// The public half as the list of slots names it; nothing is opened, and nothing proves that it is the right one:
    /// ask whether this machine has opened the accounts under that id before. `None` when the list names none.
    ///
    /// # Errors
    /// [`VaultError`] when the list is damaged or not private.
    pub fn recipient(&self) -> Result<Option<Recipient>, VaultError> {
        let Some(id) = slots::read(&self.dir)?.and_then(|book| book.id) else { return Ok(None) };
        let why = |why: &str| VaultError::Slots { path: self.dir.join(slots::FILE), why: why.to_owned() };
        id.parse().map(|key| Some(Recipient(key))).map_err(why)
    }
}

impl Opened {
    /// Opens what was sealed to this vault, or to an identity that it had before.
    ///
    /// # Errors
    /// `Sealed`: damaged, or sealed to somebody else.
    pub fn unseal(&self, sealed: &[u8]) -> Result<Vec<u8>, VaultError> {
        let broken = |e: &dyn std::fmt::Display| VaultError::Sealed(e.to_string());
        let former: Vec<Identity> =
            self.payload.former.iter().rev().filter_map(|text| holder::parse(text).ok()).collect();
        let decryptor = Decryptor::new_buffered(sealed).map_err(|e| broken(&e))?;
        let keys = std::iter::once(&self.identity).chain(&former).map(|key| key as &dyn age::Identity);
        let mut clear = Vec::new();
        let mut reader = decryptor.decrypt(keys).map_err(|e| broken(&e))?;
        reader.read_to_end(&mut clear).map_err(|e| broken(&e))?;
        Ok(clear)
    }
}
