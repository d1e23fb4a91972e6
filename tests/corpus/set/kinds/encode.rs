//! Private keys as files hold them: real structure, random numbers.

use crate::set::draw::Rng;
use crate::set::mark::{CLOSE, GAP, OPEN, PAG};
use crate::set::sums;
use base64::Engine;

fn base64(bytes: &[u8]) -> String {
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

fn der(tag: u8, body: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    match body.len() {
        n @ 0..128 => out.push(n as u8),
        n @ 128..256 => out.extend([0x81, n as u8]),
        n => out.extend([0x82, (n >> 8) as u8, n as u8]),
    }
    out.extend_from_slice(body);
    out
}

fn integer(rng: &mut Rng, n: usize) -> Vec<u8> {
    let mut bytes = rng.bytes(n);
    if let Some(first) = bytes.first_mut() {
        *first |= 0x80;
    }
    bytes.insert(0, 0);
    der(2, &bytes)
}

fn rsa(rng: &mut Rng) -> Vec<u8> {
    let n = [128, 256][rng.below(2)];
    let mut body = der(2, &[0]);
    body.extend(integer(rng, n));
    body.extend(der(2, &[1, 0, 1]));
    body.extend(integer(rng, n));
    for _ in 0..5 {
        body.extend(integer(rng, n / 2));
    }
    der(0x30, &body)
}

fn elliptic(rng: &mut Rng) -> Vec<u8> {
    let mut body = der(2, &[1]);
    body.extend(der(4, &rng.bytes(32)));
    body.extend(der(0xa0, &der(6, &[0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7])));
    let mut point = vec![0, 4];
    point.extend(rng.bytes(64));
    body.extend(der(0xa1, &der(3, &point)));
    der(0x30, &body)
}

fn pkcs8(rng: &mut Rng) -> Vec<u8> {
    let mut body = der(2, &[0]);
    if rng.chance(40) {
        body.extend(der(0x30, &der(6, &[0x2b, 0x65, 0x70])));
        body.extend(der(4, &der(4, &rng.bytes(32))));
    } else {
        let mut algorithm = der(6, &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1]);
        algorithm.extend(der(5, &[]));
        body.extend(der(0x30, &algorithm));
        let inner = rsa(rng);
        body.extend(der(4, &inner));
    }
    der(0x30, &body)
}

fn openssh(rng: &mut Rng) -> Vec<u8> {
    let mut body =
        b"openssh-key-v1\0\0\0\0\x04none\0\0\0\x04none\0\0\0\0\0\0\0\x01\0\0\0\x33\0\0\0\x0bssh-ed25519\0\0\0 "
            .to_vec();
    body.extend(rng.bytes(32));
    body.extend([0, 0, 0, 0x90]);
    body.extend(rng.bytes(0x90));
    body
}

/// The label and the bytes of a private key.
pub fn key(rng: &mut Rng, label: &str) -> Vec<u8> {
    match label {
        "RSA PRIVATE KEY" => rsa(rng),
        "EC PRIVATE KEY" => elliptic(rng),
        "PRIVATE KEY" => pkcs8(rng),
        "OPENSSH PRIVATE KEY" => openssh(rng),
        _ => {
            let mut body = der(2, &[0]);
            for _ in 0..3 {
                body.extend(integer(rng, 128));
            }
            der(0x30, &body)
        }
    }
}

/// Armours bytes under a label: the marks stand round the whole, the first and last line are its form.
pub fn armour(label: &str, head: &str, bytes: &[u8], tail: &str) -> String {
    let encoded = base64(bytes);
    let lines: Vec<&str> =
        encoded.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap_or_default()).collect();
    format!(
        "{OPEN}{GAP}-----BEGIN {label}-----\n{head}{PAG}{}{GAP}\n{tail}-----END {label}-----{PAG}{CLOSE}",
        lines.join("\n")
    )
}

/// A private key as a file holds it, marked.
pub fn pem(rng: &mut Rng, label: &str) -> String {
    let bytes = key(rng, label);
    armour(label, "", &bytes, "")
}

/// A private key on one line, its line ends written `\n`, as JSON holds it, marked.
pub fn pem_line(rng: &mut Rng) -> String {
    let label = rng.pick(&["PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY"]);
    crate::set::mark::json(&(pem(rng, label) + "\n"))
}

/// A private key's whole armour as base64, without marks.
pub fn pem_base64(rng: &mut Rng) -> String {
    let label = rng.pick(&["RSA PRIVATE KEY", "EC PRIVATE KEY", "PRIVATE KEY"]);
    base64((crate::set::mark::plain(&pem(rng, label)) + "\n").as_bytes())
}

/// A certificate's armour as base64: public.
pub fn certificate_base64(rng: &mut Rng) -> String {
    base64((certificate(rng) + "\n").as_bytes())
}

/// A certificate: public.
pub fn certificate(rng: &mut Rng) -> String {
    let mut body = der(0xa0, &der(2, &[2]));
    body.extend(integer(rng, 16));
    body.extend(der(0x30, &rng.bytes(200)));
    let bytes = der(0x30, &der(0x30, &body));
    crate::set::mark::plain(&armour("CERTIFICATE", "", &bytes, ""))
}

/// A public key: public.
pub fn public_key(rng: &mut Rng) -> String {
    let mut algorithm = der(6, &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1]);
    algorithm.extend(der(5, &[]));
    let mut body = der(0x30, &algorithm);
    let number = integer(rng, 256);
    body.extend(der(3, &number));
    crate::set::mark::plain(&armour("PUBLIC KEY", "", &der(0x30, &body), ""))
}

/// An OpenPGP block with its checksum line, marked where it is private.
pub fn pgp(rng: &mut Rng, label: &str) -> String {
    let mut bytes = vec![0x95, 0x03, 0x98, 4];
    bytes.extend(rng.bytes(600));
    let sum = sums::crc24(&bytes).to_be_bytes();
    let head = rng.pick(&["\n", "Version: GnuPG v2\n\n", "Comment: https://gnupg.org\n\n"]);
    armour(label, head, &bytes, &format!("={}\n", base64(&sum[1..])))
}

/// PuTTY's format: the public lines are form, the private lines are the secret.
pub fn ppk(rng: &mut Rng, version: u8) -> String {
    let lines = |text: String| {
        text.as_bytes().chunks(64).map(|line| String::from_utf8_lossy(line).into_owned()).collect::<Vec<_>>()
    };
    let public = lines(base64(&rng.bytes(279)));
    let private = lines(base64(&rng.bytes(590)));
    let mac = rng.chars("0123456789abcdef", if version == 3 { 64 } else { 40 });
    format!(
        "PuTTY-User-Key-File-{version}: ssh-rsa\nEncryption: none\nComment: rsa-key-20240102\nPublic-Lines: {}\n{}\n\
         {OPEN}{GAP}Private-Lines: {}\n{PAG}{}{GAP}\nPrivate-MAC: {mac}{PAG}{CLOSE}",
        public.len(),
        public.join("\n"),
        private.len(),
        private.join("\n")
    )
}

/// Bytes in decimal with commas.
pub fn byte_list(rng: &mut Rng, n: usize) -> String {
    rng.bytes(n).iter().map(u8::to_string).collect::<Vec<_>>().join(", ")
}

/// Bytes in hexadecimal with commas.
pub fn hex_list(rng: &mut Rng, n: usize) -> String {
    rng.bytes(n).iter().map(|byte| format!("0x{byte:02x}")).collect::<Vec<_>>().join(", ")
}

/// What `AUTH PLAIN` sends: NUL user NUL password.
pub fn plain_auth(rng: &mut Rng) -> String {
    let text = format!("\0{}\0{}", rng.pick(crate::set::draw::PEOPLE), crate::set::passwords::plain(rng));
    base64(text.as_bytes())
}
