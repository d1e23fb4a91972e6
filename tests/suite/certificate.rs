//! An authority and a server's certificate of it, made anew for each story: X.509 (RFC 5280) as far as TLS needs it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};

/// `ecdsa-with-SHA256`.
const SIGNED: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2];
/// `id-ecPublicKey` and `prime256v1`.
const KEY: [&[u8]; 2] = [&[0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1], &[0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7]];
/// `basicConstraints`, `subjectAltName`, `extKeyUsage` and its `serverAuth`, `commonName`.
const BASIC: &[u8] = &[0x55, 0x1d, 19];
const NAMES: &[u8] = &[0x55, 0x1d, 17];
const USAGE: &[u8] = &[0x55, 0x1d, 37];
const SERVER: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 1];
const COMMON: &[u8] = &[0x55, 4, 3];

/// What a server needs, and who trusts it.
pub struct Made {
    /// The authority's certificate, as a file holds it.
    pub authority: String,
    /// The server's certificate.
    pub certificate: Vec<u8>,
    /// The server's key, PKCS #8.
    pub key: Vec<u8>,
}

/// An authority, and a certificate of it for these names and for 127.0.0.1.
pub fn made(names: &[&str]) -> Made {
    let (root, _) = key();
    let (server, pkcs8) = key();
    let authority = signed(&root, &root, 1, "An authority", &[extension(BASIC, &sequence(&[&[1, 1, 0xff]]))]);
    let mut all: Vec<Vec<u8>> = names.iter().map(|name| tlv(0x82, name.as_bytes())).collect();
    all.push(tlv(0x87, &[127, 0, 0, 1]));
    let all: Vec<&[u8]> = all.iter().map(Vec::as_slice).collect();
    let extensions = [extension(NAMES, &sequence(&all)), extension(USAGE, &sequence(&[&tlv(6, SERVER)]))];
    let certificate = signed(&root, &server, 2, "A server", &extensions);
    let lines: Vec<String> =
        STANDARD.encode(authority).as_bytes().chunks(64).map(|l| String::from_utf8_lossy(l).into_owned()).collect();
    let authority = format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"));
    Made { authority, certificate, key: pkcs8 }
}

fn key() -> (EcdsaKeyPair, Vec<u8>) {
    let random = SystemRandom::new();
    let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random).unwrap();
    let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, pkcs8.as_ref(), &random).unwrap();
    (key, pkcs8.as_ref().to_vec())
}

/// A certificate for `subject`'s key, by the authority.
fn signed(authority: &EcdsaKeyPair, subject: &EcdsaKeyPair, serial: u8, name: &str, extensions: &[Vec<u8>]) -> Vec<u8> {
    let algorithm = sequence(&[&tlv(6, SIGNED)]);
    let named = |name: &str| {
        let pair = sequence(&[&tlv(6, COMMON), &tlv(0x0c, name.as_bytes())]);
        sequence(&[&tlv(0x31, &pair)])
    };
    let time = |text: &str| tlv(0x17, text.as_bytes());
    let point = [&[0], subject.public_key().as_ref()].concat();
    let spki = sequence(&[&sequence(&[&tlv(6, KEY[0]), &tlv(6, KEY[1])]), &tlv(3, &point)]);
    let extensions: Vec<&[u8]> = extensions.iter().map(Vec::as_slice).collect();
    let said = sequence(&[
        &tlv(0xa0, &[2, 1, 2]),
        &[2, 1, serial],
        &algorithm,
        &named("An authority"),
        &sequence(&[&time("200101000000Z"), &time("491231235959Z")]),
        &named(name),
        &spki,
        &tlv(0xa3, &sequence(&extensions)),
    ]);
    let signature = authority.sign(&SystemRandom::new(), &said).unwrap();
    sequence(&[&said, &algorithm, &tlv(3, &[&[0], signature.as_ref()].concat())])
}

/// A critical one where it is about the authority.
fn extension(id: &[u8], value: &[u8]) -> Vec<u8> {
    let critical: &[u8] = if id == BASIC { &[1, 1, 0xff] } else { &[] };
    sequence(&[&tlv(6, id), critical, &tlv(4, value)])
}

fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    tlv(0x30, &parts.concat())
}

/// Tag, length, value (DER).
fn tlv(tag: u8, value: &[u8]) -> Vec<u8> {
    let length = value.len();
    let mut out = vec![tag];
    match u8::try_from(length) {
        Ok(short @ 0..=127) => out.push(short),
        Ok(long) => out.extend([0x81, long]),
        Err(_) => out.extend([0x82, u8::try_from(length >> 8).unwrap(), u8::try_from(length & 0xff).unwrap()]),
    }
    out.extend_from_slice(value);
    out
}
