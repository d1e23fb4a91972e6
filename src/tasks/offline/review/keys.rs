//! Files that hold keys: by their names where these leave no doubt, else by how they begin.

use super::{Around, Looked, beside};
use crate::tasks::offline::classify::Class;

/// Files that are secrets by their name.
pub const NAMES: &[&str] = &[
    ".git-credentials",
    ".htpasswd",
    ".netrc",
    ".pgpass",
    ".pypirc",
    "credentials.json",
    "id_dsa",
    "id_ecdsa",
    "id_ecdsa_sk",
    "id_ed25519",
    "id_ed25519_sk",
    "id_rsa",
];

/// Files that hold a key, whatever their name.
pub const EXTENSIONS: &[&str] = &["jks", "kdbx", "keystore", "p12", "pfx", "ppk"];

/// Files that are looked into for the bytes of a private key (DER).
pub const BYTES: &[&str] = &["der", "key", "p8", "pem", "pk8"];

/// What shows others how a `.env` file looks: where it stands beside one, that one is for its owner alone.
pub const SHOWN: &[&str] = &[".env.dist", ".env.example", ".env.sample", ".env.template"];

/// Larger files are no keys (bytes).
const LIMIT: u64 = 64 << 10;

/// Whether a new file holds a key.
pub(super) fn holds(it: &Looked<'_>, around: &Around<'_>) -> bool {
    let (file, name, extension) = (it.file, it.file.path.file_name(), it.extension.as_str());
    // Android's tools make a key of this name for everybody, with a password that everybody knows.
    if NAMES.contains(&name) || (EXTENSIONS.contains(&extension) && name != "debug.keystore") {
        return true;
    }
    if name.starts_with(".env") {
        return environment(it, around);
    }
    let may_be = BYTES.contains(&extension);
    if matches!(it.class, Class::Docs | Class::Source) && !may_be && !extension.is_empty() {
        return false;
    }
    let looked = if may_be { usize::MAX } else { 1 };
    file.added_lines().take(looked).any(|l| private(&l.text))
        || (may_be && around.contents.after(file, LIMIT).is_some_and(|bytes| der(&bytes)))
}

/// The first line of a private key in PEM.
fn private(line: &str) -> bool {
    let Some(title) = line.trim_end().strip_prefix("-----BEGIN ").and_then(|t| t.strip_suffix("-----")) else {
        return false;
    };
    title.ends_with("PRIVATE KEY") || title.ends_with("PRIVATE KEY BLOCK")
}

/// The head of a private key in DER: a sequence that begins with its version (PKCS #1, #8 and #12, SEC 1), or PKCS #8
/// under a password. Certificates, requests and public keys begin with something else.
pub(super) fn der(bytes: &[u8]) -> bool {
    match sequence(bytes) {
        // The key itself (PKCS #1), or what kind it is of (PKCS #8).
        Some([2, 1, 0, 2 | 0x30, ..]) => true,
        // The number alone (SEC 1), or PKCS #8 with the public key behind.
        Some([2, 1, 1, 4 | 0x30, ..]) => true,
        // PKCS #12.
        Some([2, 1, 3, 0x30, ..]) => true,
        // 1.2.840.113549.1.5: how it is made from a password.
        Some(body) => {
            sequence(body).is_some_and(|b| b.starts_with(&[6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05]))
        }
        None => false,
    }
}

/// What stands in a sequence of DER.
fn sequence(bytes: &[u8]) -> Option<&[u8]> {
    let (length, rest) = bytes.strip_prefix(&[0x30])?.split_first()?;
    // Bytes of a long length follow.
    let skip = if length & 0x80 == 0 { 0 } else { usize::from(length & 0x7f) };
    rest.get(skip..)
}

/// `.env.local`, and `.env` and its like where a file shows how to write one.
fn environment(it: &Looked<'_>, around: &Around<'_>) -> bool {
    let name = it.file.path.file_name();
    let Some(rest) = name.strip_prefix(".env").filter(|rest| rest.is_empty() || rest.starts_with('.')) else {
        return false;
    };
    let stage = matches!(rest, "" | ".dev" | ".development" | ".prod" | ".production" | ".staging");
    (rest.ends_with(".local") || (stage && SHOWN.iter().any(|other| around.stands(&beside(&it.file.path, other)))))
        && it.file.added_lines().any(|l| l.text.contains('=') && !l.text.trim_start().starts_with('#'))
}
