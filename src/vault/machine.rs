//! A key file that opens on this machine only: it helps against copies of the folder, and against nothing else.
//!
//! Whoever can run programs here as this user can derive the passphrase as we do: it is obfuscation with a lock
//! on it, and every list says so.

use std::path::{Path, PathBuf};

use hkdf::Hkdf;
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::Vault;
use super::phrase;
use crate::model::Secret;
use crate::world::{files, machine, random};

const LIMIT: u64 = 64 << 10;
/// The passphrase has 256 bits: stretching it adds nothing (log2 of scrypt's N).
const WORK: u8 = 2;

/// The file.
#[derive(Serialize, Deserialize)]
struct Bound {
    /// 32 random bytes, hexadecimal.
    salt: String,
    /// The identity, sealed with age's scrypt, armored.
    sealed: String,
}

/// Makes such a file beside the sealed one; gives its name.
pub(super) fn put(vault: &Vault, identity: &Secret) -> Result<String, String> {
    let salt = hex(&random::bytes::<32>().map_err(|e| e.to_string())?);
    let sealed = phrase::seal(identity.expose().as_bytes(), &passphrase(vault, &salt)?, Some(WORK))
        .map_err(|e| e.to_string())?;
    let text = serde_json::to_vec_pretty(&Bound { salt, sealed }).map_err(|e| e.to_string())?;
    let file = format!("machine-{}.key", hex(&random::bytes::<4>().map_err(|e| e.to_string())?));
    files::create_private(&vault.dir.join(&file), &text).map_err(|e| format!("{file} cannot be made: {e}"))?;
    Ok(file)
}

/// The identity in such a file.
pub(super) fn get(vault: &Vault, file: &str) -> Result<Secret, String> {
    let path = place(vault, file)?;
    let told =
        |why: &dyn std::fmt::Display| format!("the machine-bound key file {} cannot be used: {why}", path.display());
    let bytes = files::read_private(&path, LIMIT).map_err(|e| told(&e))?;
    let bound: Bound = serde_json::from_slice(&bytes)
        .map_err(|e| told(&format!("it is damaged (line {}, column {})", e.line(), e.column())))?;
    let clear = phrase::unseal(bound.sealed.as_bytes(), &passphrase(vault, &bound.salt)?).map_err(|e| match e {
        super::VaultError::WrongPassphrase => {
            told(&"it was made on another machine or by another user, or this machine's id has changed")
        }
        other => told(&other),
    })?;
    let text = std::str::from_utf8(&clear).map_err(|_| told(&"it is damaged"))?;
    Ok(Secret::new(text.to_owned()))
}

/// Removes such a file.
pub(super) fn forget(vault: &Vault, file: &str) -> Result<(), String> {
    match std::fs::remove_file(place(vault, file)?) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(format!("{file} cannot be removed: {e}")),
        _ => Ok(()),
    }
}

/// The name stands in a list that somebody may have changed.
fn place(vault: &Vault, file: &str) -> Result<PathBuf, String> {
    if Path::new(file).file_name().is_some_and(|name| name == file) && file.starts_with("machine-") {
        Ok(vault.dir.join(file))
    } else {
        Err("the name of the machine-bound key file is none of ours".to_owned())
    }
}

fn passphrase(vault: &Vault, salt: &str) -> Result<Secret, String> {
    let id = match &vault.machine {
        Some(id) => id.clone(),
        None => machine::id().map_err(|e| format!("this machine has no id that a key file could be bound to: {e}"))?,
    };
    let user = machine::user().map_err(|e| e.to_string())?;
    let mut key = Zeroizing::new([0_u8; 32]);
    Hkdf::<Sha256>::new(Some(salt.as_bytes()), format!("{}\n{user}", id.trim()).as_bytes())
        .expand(b"monster machine-bound key file 1", key.as_mut())
        .map_err(|e| e.to_string())?;
    Ok(Secret::new(hex(key.as_ref())))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}
