//! Bodies from anywhere: what was JSON stays JSON, what lies outside of hits stays as it was, a known secret never
//! leaves, and what is no JSON is an error.
#![no_main]

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use monster::model::Secret;
use monster::secrets::{BodyError, Conversation, Known, Mode, Redactor, Restore};

static SECRET: LazyLock<String> = LazyLock::new(|| format!("{}{}", "kq7Zp2Vx9", "Lm4Tn8Rw3"));
static REDACTOR: LazyLock<Arc<Redactor>> = LazyLock::new(|| {
    Arc::new(Redactor::new(Mode::Redact, vec![Known::new("work", Secret::new(SECRET.clone()))], [7; 8]))
});

fuzz_target!(|data: &[u8]| {
    let conversation = Conversation::new(Arc::clone(&REDACTOR), Restore::Tools);
    // A mark in the input stands for the secret, so that it comes to lie anywhere.
    let body = String::from_utf8_lossy(data).replace('\u{1}', &SECRET);
    let value: Result<serde_json::Value, _> = serde_json::from_str(&body);
    let masked = match conversation.body(body.as_bytes(), Duration::ZERO) {
        Ok(masked) => masked,
        Err(BodyError::Sealed { .. }) => return,
        Err(error) => {
            assert!(value.is_err(), "{error}");
            return;
        }
    };
    if value.is_ok() {
        let again: Result<serde_json::Value, _> = serde_json::from_str(&masked.body);
        assert!(again.is_ok_and(|v| !v.to_string().contains(SECRET.as_str())));
    }
    let first = masked.hits.iter().map(|h| h.hit.start).min().unwrap_or(body.len());
    let last = masked.hits.iter().map(|h| h.hit.end).max().unwrap_or(0);
    assert!(masked.body.starts_with(&body[..first]) && masked.body.ends_with(&body[last..]));
    if !masked.hits.iter().any(|h| h.masked) {
        assert_eq!(masked.body, body);
    }
    let looked = conversation.looked();
    let again = conversation.body(body.as_bytes(), Duration::ZERO).map(|m| m.body.into_owned());
    assert_eq!(again.ok().as_deref(), Some(masked.body.as_ref()));
    assert_eq!(conversation.looked(), looked);
});
