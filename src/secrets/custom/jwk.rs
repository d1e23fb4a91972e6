//! JSON Web Keys: the private members of a key whose `kty` was seen.

use std::ops::Range;

use super::Cursor;
use crate::secrets::value;

/// How far from `kty` the members stand, in bytes; an RSA key of 4096 bits has its `n` between them.
const NEAR: usize = 2400;

/// `d` and the primes of RSA and EC keys, `k` of symmetric ones.
pub(in crate::secrets) fn jwk(text: &str, at: usize, out: &mut Vec<Range<usize>>) {
    let bytes = text.as_bytes();
    let floor = at.saturating_sub(NEAR);
    let Some(from) = bytes.get(floor..at).and_then(|b| memchr::memrchr2(b'{', b'}', b)) else {
        return;
    };
    let from = floor + from;
    if bytes.get(from) != Some(&b'{') {
        return;
    }
    // Many of the marks in one object: the first has looked already.
    let before = bytes.get(from..at).unwrap_or_default();
    if memchr::memmem::find_iter(before, "kty").any(|p| matches!(before.get(p + 3), Some(b'"' | b'\\'))) {
        return;
    }
    let window = Cursor::new(bytes, at).rest(2 * NEAR);
    let to = at + memchr::memchr2(b'{', b'}', window).unwrap_or(window.len());
    let mut i = from;
    while i < to {
        let mut c = Cursor::new(bytes, i);
        i += 1;
        if !matches!(c.peek(), b'"' | b'\'') {
            continue;
        }
        c.at += 1;
        let name = c.at;
        let length = c.run(3, |b| b.is_ascii_alphabetic());
        let member = text.get(name..name + length).unwrap_or_default();
        if !matches!(member, "d" | "p" | "q" | "dp" | "dq" | "qi" | "k") {
            continue;
        }
        c.run(4, |b| b == b'\\');
        if c.run(1, |b| matches!(b, b'"' | b'\'')) == 0 {
            continue;
        }
        c.run(8, |b| b.is_ascii_whitespace());
        if !c.eat(":") {
            continue;
        }
        c.run(8, |b| b.is_ascii_whitespace() || b == b'\\');
        if c.run(1, |b| matches!(b, b'"' | b'\'')) == 0 {
            continue;
        }
        let start = c.at;
        let length = c.run(4096, |b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'+' | b'/' | b'='));
        let word = text.get(start..start + length).unwrap_or_default();
        if length >= 16 && value::random(word) && !value::example(word) {
            out.push(start..start + length);
            i = c.at;
        }
    }
}
