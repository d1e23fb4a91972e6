//! What a model says as a commit message: sanitised, repaired, and valid afterwards or refused.
#![no_main]

use libfuzzer_sys::fuzz_target;
use monster::git::message::{self, Rules};
use monster::tasks::fence;

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    drop(fence::object(&text));
    let rules = Rules { subject_max: 72, comment: "#".to_owned(), ..Rules::default() };
    let clean = message::sanitise(&text);
    assert!(!clean.contains('\u{1b}'), "no terminal control survives");
    let repaired = message::repair(&clean, &rules);
    if message::validate(&repaired, &rules).is_ok() {
        assert!(!repaired.trim().is_empty());
        assert!(!repaired.starts_with('#'), "git would take it for a comment");
    }
});
