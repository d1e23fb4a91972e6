//! The `Authorization` header with any scheme, in every quoting.

use std::ops::Range;

use super::{Cursor, reach};
use crate::secrets::{checksum, value};

/// The secret part of the header's value. With `SURE` only what can be nothing else: a long random token or credentials
/// that decode.
pub(in crate::secrets) fn authorization<const SURE: bool>(text: &str, at: usize, out: &mut Vec<Range<usize>>) {
    let bytes = text.as_bytes();
    if at.checked_sub(1).and_then(|i| bytes.get(i)).is_some_and(u8::is_ascii_alphanumeric) && !before(bytes, at) {
        return;
    }
    let mut c = Cursor::new(bytes, at + "authorization".len());
    c.run(8, |b| b == b'\\');
    c.run(1, |b| matches!(b, b'"' | b'\'' | b'`'));
    c.run(1, |b| matches!(b, b']' | b')'));
    c.blanks();
    if !(c.eat("=>") || c.run(2, |b| matches!(b, b':' | b'=' | b',')) > 0) {
        return;
    }
    c.blanks();
    if matches!(c.peek(), b'b' | b'f' | b'r' | b'u' | b'@' | b'$') && matches!(c.look(1), b'"' | b'\'' | b'`') {
        c.at += 1;
    }
    c.run(8, |b| b == b'\\');
    c.run(1, |b| matches!(b, b'"' | b'\'' | b'`'));
    c.blanks();
    let mut scheme = c;
    let length = scheme.run(32, |b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    let word = text.get(c.at..c.at + length).unwrap_or_default();
    let gap = scheme.run(4, |b| matches!(b, b' ' | b'+' | b'%'));
    if length == 0 || gap == 0 || scheme.at >= bytes.len() {
        if let Some(span) = opaque(text, c.at, 16)
            && !SURE
        {
            out.push(span);
        }
        return;
    }
    let start = scheme.at;
    let is = |name: &str| word.eq_ignore_ascii_case(name);
    if is("basic") {
        let span =
            start..start + Cursor::new(bytes, start).run(4096, |b| b.is_ascii_alphanumeric() || b"+/=_-".contains(&b));
        if text.get(span.clone()).is_some_and(|v| v.len() >= 8 && checksum::basic(v)) {
            out.push(span);
        }
    } else if is("digest") || is("oauth") || is("hawk") || is("signature") || value::begins(word, "aws4") || is("oss") {
        if SURE {
            parts(text, start, out);
        }
    } else if let Some(span) = opaque(text, start, if SURE { 20 } else { 8 }) {
        out.push(span);
    }
}

/// An escape, not a longer name, stands before the header's: `\nAuthorization`.
fn before(bytes: &[u8], at: usize) -> bool {
    at.checked_sub(2).and_then(|i| bytes.get(i)) == Some(&b'\\')
}

/// Bytes of a token in which marks may stand that tie names to values.
const SHORT: usize = 96;

/// A token that looks random, to its end.
fn opaque(text: &str, start: usize, least: usize) -> Option<Range<usize>> {
    let mut c = Cursor::new(text.as_bytes(), start);
    c.run(SHORT, |b| b.is_ascii_alphanumeric() || b"._~+/=:-|!%*$@#".contains(&b));
    // What is longer than any pair of names is a token alone.
    if c.at == start + SHORT {
        c.run(8 * 1024, |b| b.is_ascii_alphanumeric() || b"._~+/-%".contains(&b));
        c.run(2, |b| b == b'=');
    }
    let word = text.get(start..c.at)?;
    let word = word.trim_end_matches(['.', ':', '!']);
    let code = matches!(c.peek(), b'(' | b'[' | b'{') || value::reference(word) || value::dummy(word);
    let constant =
        word.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_') && word.contains('_');
    let drawn = value::random(word) || (least < 20 && word.len() >= 10 && value::odds(word) >= 6.0);
    let telling = drawn && !constant && (least >= 16 || !value::wordy(word)) && !value::path_of_names(word);
    let telling = telling && (least < 20 || !value::wordy(word));
    (word.len() >= least && telling && !code).then(|| start..start + word.len())
}

/// The parts of a header of many parts that prove the sender: `response="…"`, `Signature=…`, `mac="…"`.
fn parts(text: &str, start: usize, out: &mut Vec<Range<usize>>) {
    const PROOFS: [&str; 6] = ["response", "signature", "mac", "oauth_signature", "oauth_token", "cnonce"];
    let bytes = text.as_bytes();
    let mut c = Cursor::new(bytes, start);
    let own = reach::own(bytes, start, "authorization", 0, 2048);
    let end = own.start + memchr::memchr(b'\n', bytes.get(own.clone()).unwrap_or_default()).unwrap_or(own.len());
    while c.at < end {
        let from = c.at;
        let length = c.run(32, |b| b.is_ascii_alphabetic() || b == b'_');
        if length == 0 {
            c.at += 1;
            continue;
        }
        let name = text.get(from..from + length).unwrap_or_default();
        if !c.eat("=") || !PROOFS.iter().any(|p| p.eq_ignore_ascii_case(name)) {
            continue;
        }
        c.run(4, |b| b == b'\\');
        c.run(1, |b| matches!(b, b'"' | b'\''));
        let from = c.at;
        let length = c.run(2048, |b| b.is_ascii_alphanumeric() || b"+/=%_-.".contains(&b));
        let word = text.get(from..from + length).unwrap_or_default();
        if length >= 16 && value::random(word) && !value::dummy(word) {
            out.push(from..from + length);
        }
    }
}
