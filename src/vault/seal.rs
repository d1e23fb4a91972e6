//! The payload and its sealing.

use std::io::{Read, Write};

use age::x25519::Identity;
use age::{Decryptor, Encryptor};
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::account::Account;
use super::error::VaultError;
use crate::model::Secret;
use age::secrecy::ExposeSecret;

/// What the clear text begins with, whatever its version.
const NAME: &[u8] = b"monster accounts ";
const VERSION: u64 = 1;
const MAGIC: &[u8] = b"monster accounts 1\n";
/// The clear text is filled up to a multiple of this, so that its size tells little (bytes).
const STEP: usize = 4_096;
const MAC: usize = 32;

/// What is sealed.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Payload {
    /// Counts changes, from 1.
    pub(super) generation: u64,
    /// The accounts.
    pub(super) accounts: Vec<Account>,
    /// Identities from before the last rekeyings, oldest first: history that was sealed to them stays readable.
    #[serde(default, skip_serializing_if = "Vec::is_empty", with = "former")]
    pub(super) former: Vec<Secret>,
    /// What a newer `monster` wrote and this one does not know: kept as it is.
    #[serde(flatten)]
    pub(super) other: serde_json::Map<String, serde_json::Value>,
}

impl std::fmt::Debug for Payload {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Unknown fields may be secrets.
        write!(f, "Payload(generation {}, {} accounts)", self.generation, self.accounts.len())
    }
}

impl Payload {
    pub(super) fn empty() -> Self {
        Self { generation: 1, accounts: Vec::new(), former: Vec::new(), other: serde_json::Map::new() }
    }
}

/// Identities are written out into the sealed payload only.
mod former {
    use serde::{Deserialize, Deserializer, Serializer};

    use crate::model::Secret;

    pub(super) fn serialize<S: Serializer>(list: &[Secret], to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(list.iter().map(Secret::expose))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Secret>, D::Error> {
        Ok(Vec::<String>::deserialize(from)?.into_iter().map(Secret::new).collect())
    }
}

/// Seals a payload: magic, MAC, JSON, blanks; all encrypted to the identity.
pub(super) fn seal(identity: &Identity, payload: &Payload) -> Result<Vec<u8>, VaultError> {
    let broken = |e: &dyn std::fmt::Display| VaultError::Sealed(e.to_string());
    let mut json = Zeroizing::new(serde_json::to_vec(payload).map_err(|e| broken(&e))?);
    let whole = (MAGIC.len() + MAC + json.len()).next_multiple_of(STEP);
    json.resize(whole - MAGIC.len() - MAC, b' ');
    let recipient = identity.to_public();
    let encryptor =
        Encryptor::with_recipients(std::iter::once(&recipient as &dyn age::Recipient)).map_err(|e| broken(&e))?;
    let mut out = Vec::new();
    let mut writer = encryptor.wrap_output(&mut out).map_err(|e| broken(&e))?;
    let tag = mac(identity, &json)?.finalize().into_bytes();
    for part in [MAGIC, &tag, &json] {
        writer.write_all(part).map_err(|e| broken(&e))?;
    }
    writer.finish().map_err(|e| broken(&e))?;
    Ok(out)
}

/// Opens a sealed payload and checks that whoever made it knew the identity.
pub(super) fn open(identity: &Identity, sealed: &[u8]) -> Result<Payload, VaultError> {
    let broken = |e: &dyn std::fmt::Display| VaultError::Sealed(e.to_string());
    let decryptor = Decryptor::new_buffered(sealed).map_err(|e| broken(&e))?;
    let mut clear = Zeroizing::new(Vec::new());
    let mut reader = decryptor.decrypt(std::iter::once(identity as &dyn age::Identity)).map_err(|e| broken(&e))?;
    reader.read_to_end(&mut clear).map_err(|e| broken(&e))?;
    let rest = match clear.strip_prefix(MAGIC) {
        Some(rest) => rest,
        None => return Err(newer(&clear).unwrap_or_else(|| broken(&"it is no accounts file"))),
    };
    let (tag, json) = rest.split_at_checked(MAC).ok_or_else(|| broken(&"it is too short"))?;
    mac(identity, json)?.verify_slice(tag).map_err(|_| broken(&"its authenticity mark is wrong"))?;
    serde_json::from_slice(json).map_err(|e| {
        // A parser's message may quote what it read.
        broken(&format!("its content is not understood (line {}, column {})", e.line(), e.column()))
    })
}

/// The header names this identity: what comes after it may still be damaged.
pub(super) fn fits(identity: &Identity, sealed: &[u8]) -> bool {
    Decryptor::new_buffered(sealed).is_ok_and(|d| d.decrypt(std::iter::once(identity as &dyn age::Identity)).is_ok())
}

/// The version, if it is one that we do not know yet. Another version may have its mark elsewhere: it is not checked.
fn newer(clear: &[u8]) -> Option<VaultError> {
    let rest = clear.strip_prefix(NAME)?;
    let digits = rest.iter().position(|b| *b == b'\n').filter(|n| *n <= 9)?;
    let found: u64 = std::str::from_utf8(&rest[..digits]).ok()?.parse().ok()?;
    (found > VERSION).then(|| VaultError::Newer { path: super::FILE.into(), found, known: VERSION })
}

fn mac(identity: &Identity, json: &[u8]) -> Result<Hmac<Sha256>, VaultError> {
    let text = identity.to_string();
    let mut key = Zeroizing::new([0_u8; 32]);
    Hkdf::<Sha256>::new(None, text.expose_secret().as_bytes())
        .expand(b"monster accounts authenticity 1", key.as_mut())
        .map_err(|e| VaultError::Sealed(e.to_string()))?;
    let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(key.as_ref()).map_err(|e| VaultError::Sealed(e.to_string()))?;
    mac.update(json);
    Ok(mac)
}
