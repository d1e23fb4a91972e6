//! Patches from anywhere: what is read can be written and read again, and applying never panics.
#![no_main]

use libfuzzer_sys::fuzz_target;
use monster::git::patch;
use monster::tasks::offline;

fuzz_target!(|data: &[u8]| {
    if let Ok(change) = patch::parse(data) {
        let again = patch::render(&change);
        let _ = patch::parse(again.as_bytes());
        drop(offline::review::review(&change, &patch::Bare));
    }
    let text = String::from_utf8_lossy(data);
    if let Some((before, patch)) = text.split_once("\n\n") {
        drop(patch::apply(before, patch));
    }
});
