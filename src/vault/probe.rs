//! Whether the keychain works, where something of ours lies in it.

use super::Vault;
use super::error::VaultError;
use super::slots::Kind;
use crate::model::{Secret, random_id};
use crate::world::random;

impl Vault {
    /// Gives the keychain something, asks for it and has it forgotten again, and looks for what lies there of ours. `None`
    /// when no slot uses it; the inner error is half a sentence.
    ///
    /// # Errors
    /// [`VaultError`] when the list of slots cannot be read.
    pub fn probe_keychain(&self) -> Result<Option<Result<(), String>>, VaultError> {
        let slots = self.slots()?;
        let entries: Vec<&str> = slots
            .iter()
            .filter_map(|slot| if let Kind::Keychain { entry } = &slot.kind { Some(entry.as_str()) } else { None })
            .collect();
        Ok((!entries.is_empty()).then(|| self.try_keychain(&entries)))
    }

    fn try_keychain(&self, entries: &[&str]) -> Result<(), String> {
        let made = |head: &str| random::bytes().map(|bytes| random_id(head, bytes)).map_err(|e| e.to_string());
        let (entry, text) = (made("probe-")?, Secret::new(made("probe ")?));
        self.keychain.put(&entry, &text)?;
        let back = self.keychain.get(&entry);
        let gone = self.keychain.forget(&entry);
        if back? != text {
            return Err("the keychain gives back something else than it was given".to_owned());
        }
        gone?;
        entries.iter().try_for_each(|entry| self.keychain.get(entry).map(drop))
    }
}
