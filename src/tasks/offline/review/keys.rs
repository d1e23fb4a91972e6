//! Files that hold keys: by their names where these leave no doubt, else by how they begin.

use super::Looked;
use crate::git::Contents;
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

/// How the name of a value in a `.env` file ends that is a secret.
pub const WORDS: &[&str] = &[
    "ACCESS_KEY",
    "API_KEY",
    "APIKEY",
    "APP_KEY",
    "CREDENTIALS",
    "PASSWD",
    "PASSWORD",
    "PRIVATE_KEY",
    "SECRET",
    "SECRET_KEY",
    "SECRET_KEY_BASE",
    "TOKEN",
];

/// Larger files are no keys (bytes).
const LIMIT: u64 = 64 << 10;

/// Whether a new file holds a key.
pub(super) fn holds(it: &Looked<'_>, contents: &dyn Contents) -> bool {
    let (file, name, extension) = (it.file, it.file.path.file_name(), it.extension.as_str());
    // Android's tools make a key of this name for everybody, with a password that everybody knows.
    if NAMES.contains(&name) || (EXTENSIONS.contains(&extension) && name != "debug.keystore") {
        return true;
    }
    if environment(name) {
        return file.added_lines().any(|l| gives_secret(&l.text));
    }
    let may_be = BYTES.contains(&extension);
    if matches!(it.class, Class::Docs | Class::Source) && !may_be && !extension.is_empty() {
        return false;
    }
    let looked = if may_be { usize::MAX } else { 1 };
    file.added_lines().take(looked).any(|l| private(&l.text))
        || (may_be && contents.after(file, LIMIT).is_some_and(|bytes| der(&bytes)))
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

/// `.env` and `.env.production`, not what shows others how one looks.
fn environment(name: &str) -> bool {
    const SHOWN: [&str; 10] =
        ["ci", "default", "defaults", "dist", "example", "sample", "schema", "template", "test", "testing"];
    name.strip_prefix(".env").is_some_and(|rest| {
        rest.is_empty() || rest.strip_prefix('.').is_some_and(|rest| !rest.split('.').any(|part| SHOWN.contains(&part)))
    })
}

/// A line that gives a value to what is a secret by its name; a word that stands for one is none.
fn gives_secret(line: &str) -> bool {
    const STANDINS: [&str; 13] = [
        "<",
        "$",
        "change",
        "dummy",
        "encrypted:",
        "example",
        "fake",
        "placeholder",
        "replace",
        "todo",
        "xxx",
        "your",
        "{{",
    ];
    let line = line.trim_start().strip_prefix("export ").unwrap_or(line.trim_start());
    let Some((name, value)) = line.split_once('=').filter(|_| !line.starts_with('#')) else { return false };
    let (name, value) = (name.trim_end().to_ascii_uppercase(), value.trim().trim_matches(['"', '\'']));
    let lower = value.to_ascii_lowercase();
    // What a page shows to everybody is no secret.
    let open = ["NEXT_PUBLIC_", "PUBLIC_", "REACT_APP_", "VITE_"].iter().any(|p| name.starts_with(p));
    let word = value.bytes().all(|b| b.is_ascii_lowercase()) || value.bytes().all(|b| b.is_ascii_digit());
    !open
        && !word
        && value.len() >= 8
        && !value.contains(' ')
        && WORDS.iter().any(|end| name.ends_with(end))
        && !STANDINS.iter().any(|standin| lower.contains(standin))
}
