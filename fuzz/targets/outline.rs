//! Code from anywhere: what is half-written or no code at all has an outline whose lines are in it, or none.
#![no_main]

use libfuzzer_sys::fuzz_target;
use monster::code::{self, Language};

fuzz_target!(|data: &[u8]| {
    let Some((first, rest)) = data.split_first() else { return };
    let text = String::from_utf8_lossy(rest);
    let language = Language::ALL[usize::from(*first) % Language::ALL.len()];
    let Some(outline) = code::outline(&text, language) else { return };
    let lines = text.split('\n').count();
    for definition in &outline.definitions {
        assert!(1 <= definition.first && definition.first <= definition.last && definition.last as usize <= lines);
    }
    assert!(code::compare(&outline, &outline).is_empty());
});
