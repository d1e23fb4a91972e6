//! Accounts on their way to another machine: one file that a passphrase opens, and nothing else.

use std::path::Path;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::account::Account;
use super::error::VaultError;
use super::{Opened, Vault, check_name, phrase, seal};
use crate::model::Secret;

const NAME: &[u8] = b"monster export ";
const VERSION: u64 = 1;

/// What is sealed, after a line with name and version.
#[derive(Serialize, Deserialize)]
struct Parcel {
    accounts: Vec<Account>,
}

/// What became of an account that was taken in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    /// It is stored under this name.
    Added(String),
    /// It was there already, under this name.
    Known(String),
}

impl Taken {
    /// The name it has now.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Added(name) | Self::Known(name) => name,
        }
    }
}

/// The passphrase in a private file.
///
/// # Errors
/// [`VaultError::Io`] when it cannot be read, others can read it, or it is empty.
pub fn read_passphrase(path: &Path) -> Result<Secret, VaultError> {
    phrase::from_file(path)
}

/// The bytes look like what [`Vault::pack`] makes.
#[must_use]
pub fn sealed_export(bytes: &[u8]) -> bool {
    [&b"-----BEGIN AGE ENCRYPTED FILE-----"[..], b"age-encryption.org/"].iter().any(|mark| bytes.starts_with(mark))
}

impl Vault {
    /// Seals accounts with a passphrase: an armored age file.
    ///
    /// # Errors
    /// [`VaultError`]; none is known to happen.
    pub fn pack(&self, accounts: &[Account], passphrase: &Secret) -> Result<Vec<u8>, VaultError> {
        let mut clear = Zeroizing::new(NAME.to_vec());
        clear.extend(format!("{VERSION}\n").bytes());
        let parcel = Parcel { accounts: accounts.to_vec() };
        let json = Zeroizing::new(serde_json::to_vec(&parcel).map_err(|e| VaultError::Export(e.to_string()))?);
        clear.extend(json.iter());
        phrase::seal(&clear, passphrase, self.work).map(String::into_bytes)
    }
}

/// Opens what [`Vault::pack`] made.
///
/// # Errors
/// `WrongPassphrase`; `Newer`; `Export` for what is damaged or no export.
pub fn unpack(sealed: &[u8], passphrase: &Secret) -> Result<Vec<Account>, VaultError> {
    let broken = |why: &str| VaultError::Export(why.to_owned());
    let clear = phrase::unseal(sealed, passphrase).map_err(|e| match e {
        VaultError::Sealed(why) => VaultError::Export(why),
        other => other,
    })?;
    let rest = clear.strip_prefix(NAME).ok_or_else(|| broken("it holds something else"))?;
    let line =
        rest.iter().position(|b| *b == b'\n').filter(|n| *n <= 9).ok_or_else(|| broken("it holds something else"))?;
    let version = std::str::from_utf8(&rest[..line]).ok().and_then(|v| v.parse().ok());
    match version {
        Some(VERSION) => {}
        Some(found) if found > VERSION => {
            return Err(VaultError::Newer { path: "the export".into(), found, known: VERSION });
        }
        _ => return Err(broken("it has no version")),
    }
    let parcel: Parcel = serde_json::from_slice(&rest[line + 1..])
        // A parser's message may quote what it read.
        .map_err(|e| VaultError::Export(format!("its content is not understood (column {})", e.column())))?;
    Ok(parcel.accounts)
}

impl Opened {
    /// Takes accounts in, all or none. One whose name is in use gets another, unless it is the same account; one that
    /// is there already under any name is left as it is.
    ///
    /// # Errors
    /// `Taken` for a name that no list could show; as for every change.
    pub fn take(&mut self, accounts: &[Account]) -> Result<Vec<Taken>, VaultError> {
        for account in accounts {
            check_name(&account.name)?;
        }
        let mut out = Vec::new();
        self.change(|known| {
            for account in accounts {
                if let Some(same) = known.iter().find(|k| same(k, account)) {
                    out.push(Taken::Known(same.name.clone()));
                    continue;
                }
                let free = |name: &String| known.iter().all(|k| k.name != *name);
                let counted = (2..).map(|n| format!("{}-{n}", account.name));
                let name = std::iter::once(account.name.clone()).chain(counted).find(free).unwrap_or_default();
                known.push(Account { name: name.clone(), ..account.clone() });
                out.push(Taken::Added(name));
            }
            Ok(())
        })?;
        Ok(out)
    }

    /// The accounts as they lie on disk now, read and opened anew.
    ///
    /// # Errors
    /// [`VaultError`] when the file cannot be read or opened.
    pub fn reread(&self) -> Result<Vec<Account>, VaultError> {
        let bytes = self.vault.present()??;
        Ok(seal::open(&self.identity, &bytes)?.accounts)
    }
}

/// The same credential at the same place, whatever it is called.
fn same(a: &Account, b: &Account) -> bool {
    let refresh = |account: &Account| account.grant.as_ref().and_then(|g| g.refresh.clone());
    a.upstream == b.upstream
        && a.provider == b.provider
        && a.secret == b.secret
        && refresh(a) == refresh(b)
        && a.grant.as_ref().map(|g| (g.by, g.client_id.clone()))
            == b.grant.as_ref().map(|g| (g.by, g.client_id.clone()))
}
