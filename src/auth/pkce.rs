//! Random words of a sign-in: the verifier whose hash goes first (RFC 7636), state and nonce.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};

use super::error::SignInError;
use crate::model::Secret;
use crate::world::random;

/// The one method there is.
pub(super) const METHOD: &str = "S256";

/// A verifier and its challenge.
#[derive(Debug)]
pub(super) struct Pkce {
    /// Kept until the code is exchanged.
    pub(super) verifier: Secret,
    /// Sent with the browser.
    pub(super) challenge: String,
}

impl Pkce {
    /// A new pair.
    pub(super) fn new() -> Result<Self, SignInError> {
        let verifier = word()?;
        Ok(Self { challenge: challenge(&verifier), verifier: Secret::new(verifier) })
    }
}

/// The hash of a verifier, as it is sent.
pub(super) fn challenge(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes()))
}

/// 256 random bits in 43 characters that need no escaping.
pub(super) fn word() -> Result<String, SignInError> {
    Ok(URL_SAFE_NO_PAD.encode(random::bytes::<32>().map_err(SignInError::Random)?))
}

/// Compares in time that depends on the lengths alone.
pub(super) fn same(a: &str, b: &str) -> bool {
    a.len() == b.len() && a.bytes().zip(b.bytes()).fold(0, |acc, (x, y)| acc | (x ^ y)) == 0
}
