//! Values that Terraform itself calls sensitive.

use std::ops::Range;

use super::Cursor;
use crate::secrets::value;

/// How far from the mark its value stands, in bytes.
const NEAR: usize = 600;

/// `"value"` beside `"sensitive": true`, `default` beside `sensitive = true`.
pub(in crate::secrets) fn sensitive(text: &str, at: usize, out: &mut Vec<Range<usize>>) {
    let bytes = text.as_bytes();
    let floor = at.saturating_sub(NEAR);
    let from = bytes.get(floor..at).and_then(|b| memchr::memrchr(b'{', b)).map_or(floor, |p| floor + p);
    let window = Cursor::new(bytes, at).rest(NEAR);
    let to = at + memchr::memchr(b'}', window).unwrap_or(window.len());
    // A list of nothing but marks is no object.
    if memchr::memmem::find_iter(bytes.get(from..to).unwrap_or_default(), "ensitive").count() > 6 {
        return;
    }
    let mut i = from;
    while i < to {
        let mut c = Cursor::new(bytes, i);
        i += 1;
        if super::inside(bytes, c.at) || !["value", "default"].iter().any(|w| c.eat(w)) {
            continue;
        }
        c.run(4, |b| b == b'\\');
        c.run(1, |b| b == b'"');
        c.run(24, |b| matches!(b, b' ' | b'\t'));
        if c.run(1, |b| matches!(b, b':' | b'=')) == 0 {
            continue;
        }
        c.blanks();
        let slashes = c.run(4, |b| b == b'\\');
        if !c.eat("\"") {
            continue;
        }
        let start = c.at;
        let length = c.run(4096, |b| !matches!(b, b'"' | b'\n'));
        let word = text.get(start..start + length.saturating_sub(slashes)).unwrap_or_default();
        if word.len() >= 4 && !value::dummy(word) && !value::template(word) {
            out.push(start..start + word.len());
        }
        i = c.at;
    }
}
