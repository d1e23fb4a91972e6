//! Redaction of anything: positions lie in the text, a known secret never survives, and masking what is masked changes
//! nothing.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use monster::model::Secret;
use monster::secrets::{Known, Mode, Redactor};

static SECRET: LazyLock<String> = LazyLock::new(|| format!("{}{}", "kq7Zp2Vx9", "Lm4Tn8Rw3"));
static REDACTOR: LazyLock<Redactor> =
    LazyLock::new(|| Redactor::new(Mode::Redact, vec![Known::new("work", Secret::new(SECRET.clone()))], [7; 8]));

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let (redactor, secret) = (&*REDACTOR, SECRET.as_str());
    let half = text.floor_char_boundary(text.len() / 2);
    let planted = format!("{} {secret} {}", &text[..half], &text[half..]);
    for hit in redactor.scan(&planted) {
        assert!(hit.start < hit.end && planted.get(hit.start..hit.end).is_some());
    }
    let masked = redactor.redact(&planted).text;
    assert!(!masked.contains(secret));
    assert_eq!(redactor.redact(&masked).text, masked);
});
