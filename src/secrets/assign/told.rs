//! Values that say what a secret is instead of being one: a type of a module, a field of a record, `base64-encoded`.
//! An ending alone says nothing: all of what stands before it must be such a name too.

use crate::secrets::value;

/// What is said of a secret.
const SAID: [&str; 4] = ["-encoded", "-hashed", "-encrypted", "-protected"];
/// The last words of a type that holds a secret.
const KINDS: [&str; 6] = ["Key", "Token", "Secret", "Credential", "Credentials", "Password"];
/// The last words of a field that holds one.
const FIELDS: [&str; 6] = ["password", "passwd", "pwd", "token", "secret", "credentials"];
/// Names with digits in them, which are no secret's digits: of algorithms, encodings, protocols and versions.
const KNOWN: &str = "aes128 aes192 aes256 argon2 argon2d argon2i argon2id base16 base32 base58 base62 base64 base64url \
    base85 blake2 blake2b blake2s blake3 chacha20 curve25519 curve448 ec2 ed25519 ed448 es256 es384 es512 hs256 hs384 \
    hs512 http2 k256 k8s md4 md5 oauth1 oauth2 p12 p224 p256 p384 p521 pbkdf1 pbkdf2 pkcs1 pkcs12 pkcs5 pkcs7 pkcs8 poly1305 \
    ps256 ps384 ps512 ristretto255 rs256 rs384 rs512 rsa1024 rsa2048 rsa3072 rsa4096 s3 salsa20 secp256k1 secp256r1 \
    secp384r1 secp521r1 sha1 sha224 sha256 sha3 sha384 sha512 sr25519 tls12 tls13 utf16 utf8 v1 v2 v3 v4 v5 web3 x25519 \
    x448 x509 x963 xchacha20";
/// Names of ways to encode, hash and encrypt that do not sound like words.
const FORMS: &str = "aes bcrypt cbc crypt des gcm gpg hex hmac htpasswd jwe jws jwt kms md ntlm pgp rsa safe scrypt sha ssha \
    uri url utf xor yescrypt";

fn listed(list: &str, word: &str) -> bool {
    list.split_ascii_whitespace().any(|known| known.eq_ignore_ascii_case(word))
}

/// `base64-encoded`, `AES-256-encrypted`, `password-protected`.
pub(super) fn said(value: &str) -> bool {
    let Some(stem) = SAID.iter().find_map(|end| value.strip_suffix(end)) else { return false };
    let number = |part: &str| matches!(part, "16" | "32" | "64" | "128" | "192" | "256" | "384" | "512");
    let form = |part: &str| listed(FORMS, part) || listed(KNOWN, part) || number(part);
    // One word more is a word: `user-encrypted`. Of several, a passphrase could be made.
    let plain = (3..=12).contains(&stem.len())
        && stem.bytes().all(|b| b.is_ascii_lowercase())
        && value::speech(stem.as_bytes()).0 >= 4.5;
    plain || (!number(stem) && stem.split(['-', '_']).all(form))
}

/// `ed25519.Ed25519PrivateKey`: a type of a module.
pub(super) fn typed(value: &str) -> bool {
    value.rsplit_once('.').is_some_and(|(module, name)| {
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'_' | b'.');
        KINDS.iter().any(|kind| name.ends_with(kind))
            && name.starts_with(|c: char| c.is_ascii_uppercase())
            && name.bytes().all(|b| b.is_ascii_alphanumeric())
            && humps(name).all(|word| !word.contains(|c: char| c.is_ascii_digit()) || listed(KNOWN, word))
            && module.bytes().all(plain)
            && !module.split(['.', '_']).any(drawn)
    })
}

/// `cfg2.password`, `v1.Secret`: a field of something.
pub(super) fn field(value: &str) -> bool {
    value.rsplit_once('.').is_some_and(|(of, last)| {
        FIELDS.iter().any(|field| field.eq_ignore_ascii_case(last))
            && !of.split(|c: char| !c.is_ascii_alphanumeric()).any(drawn)
    })
}

/// `Ed25519`, `Private`, `Key`: the words of a name in humps.
fn humps(name: &str) -> impl Iterator<Item = &str> {
    let ends = name.as_bytes().windows(2).enumerate();
    let ends = ends.filter(|(_, w)| matches!(w, [a, b] if !a.is_ascii_uppercase() && b.is_ascii_uppercase()));
    let ends: Vec<usize> = ends.map(|(at, _)| at + 1).chain([name.len()]).collect();
    let mut start = 0;
    ends.into_iter().map(move |end| name.get(std::mem::replace(&mut start, end)..end).unwrap_or_default())
}

/// Digits among the letters, not as a number behind them: nobody names a module or a record so.
fn drawn(word: &str) -> bool {
    let stem = word.trim_end_matches(|c: char| c.is_ascii_digit());
    let within = stem.bytes().any(|b| b.is_ascii_digit()) || word.len() - stem.len() > 4;
    word.len() >= 8 && within && !value::wordy(word) && !listed(KNOWN, word)
}
