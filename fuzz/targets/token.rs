//! Answers of token endpoints and ID tokens from anybody: an error or a token, never a panic, and no secret in an error.
#![no_main]

use libfuzzer_sys::fuzz_target;
use monster::auth::identity::{Claim, verify};
use monster::auth::token::{Heard, granted};
use monster::model::Secret;

const SECRET: &str = "the-refresh-token-of-this-account";

fuzz_target!(|data: &[u8]| {
    let status = data.first().map_or(200, |b| 100 + u16::from(*b) * 2);
    let heard = Heard { host: "id.example".to_owned(), status, skew: None, body: data.to_vec() };
    match heard.meaning(&[Secret::new(SECRET.to_owned())]).and_then(granted) {
        Ok(granted) => assert!(granted.access.expose().bytes().all(|b| b.is_ascii_graphic())),
        Err(error) => assert!(!error.to_string().contains(SECRET)),
    }
    let text = String::from_utf8_lossy(data);
    let keys = serde_json::from_slice(data).unwrap_or_default();
    let claim = Claim { issuer: Some("https://id.example"), client: "us", nonce: Some("n"), now: 0 };
    assert!(verify(&text, &keys, claim).is_err(), "nobody can sign without a key");
});
