//! Seed phrases of wallets and one-time backup codes, behind a name that tells.

use std::ops::Range;

use super::Cursor;
use crate::secrets::value;

/// What stands between a name and a list, and between its elements.
fn between(byte: u8) -> bool {
    byte.is_ascii_whitespace() || b",\"'`[](){}:=;|*\\-+.".contains(&byte)
}

/// 12 to 24 lower-case words, as BIP39 has them.
pub(in crate::secrets) fn mnemonic(text: &str, at: usize, out: &mut Vec<Range<usize>>) {
    const COMMON: &str = "the and for are with from not was but has have which when where into its can may use used using \
        phrase words word seed mnemonic wallet must should";
    let bytes = text.as_bytes();
    let mut c = Cursor::new(bytes, at);
    c.run(40, |b| b.is_ascii_alphabetic() || b == b'_');
    // `seed phrase`, `mnemonic words:`, `recovery phrase is`.
    for _ in 0..3 {
        let mut next = c;
        next.run(3, |b| matches!(b, b' ' | b'_' | b'-'));
        if !["phrase", "words", "seed", "is", "was"].iter().any(|w| next.fold(w)) {
            break;
        }
        c = next;
    }
    if c.run(12, between) == 0 {
        return;
    }
    let (start, mut end, mut count, mut first, mut repeated) = (c.at, c.at, 0usize, "", 0usize);
    let opening = bytes.get(start.wrapping_sub(1)).copied().unwrap_or_default();
    while count <= 24 {
        let from = c.at;
        let length = c.run(9, |b| b.is_ascii_lowercase());
        let word = text.get(from..from + length).unwrap_or_default();
        if !(3..=8).contains(&length) || COMMON.split_ascii_whitespace().any(|w| w == word) {
            break;
        }
        first = if count == 0 { word } else { first };
        repeated += usize::from(word == first);
        count += 1;
        end = c.at;
        let gap = c.run(6, |b| matches!(b, b' ' | b',' | b'"' | b'\'' | b'\n' | b'\\'));
        let ended = bytes.get(end).copied().unwrap_or(b'\n');
        // A quote ends the phrase, unless each word stands in its own.
        if gap == 0
            || (matches!(ended, b'"' | b'\'' | b'\n' | b'\\')
                && !(c.peek().is_ascii_lowercase()
                    && opening == ended
                    && bytes.get(c.at.wrapping_sub(1)) == Some(&ended)))
        {
            break;
        }
    }
    if matches!(count, 12 | 15 | 18 | 21 | 24) && repeated * 2 <= count {
        out.push(start..end);
    }
}

/// Codes that stand in for a second factor, each one.
pub(in crate::secrets) fn codes(text: &str, at: usize, out: &mut Vec<Range<usize>>) {
    let bytes = text.as_bytes();
    let mut c = Cursor::new(bytes, at);
    c.run(24, |b| b.is_ascii_alphabetic() || matches!(b, b'_' | b' ' | b'-'));
    if c.run(16, between) == 0 {
        return;
    }
    let mut found: Vec<Range<usize>> = Vec::new();
    let mut dashed = false;
    while found.len() < 24 {
        // A numbered list: `1. abcd-1234`.
        let mut number = c;
        let digits = number.run(2, |b| b.is_ascii_digit());
        if digits > 0 && number.run(2, |b| matches!(b, b'.' | b')')) > 0 {
            number.blanks();
            c = number;
        }
        let start = c.at;
        let length = c.run(40, |b| b.is_ascii_alphanumeric() || b == b'-');
        let word = text.get(start..start + length).unwrap_or_default().trim_end_matches('-');
        let digits = word.bytes().filter(u8::is_ascii_digit).count();
        let parts = word.split('-').all(|p| (3..=12).contains(&p.len()));
        let date = word.len() == 10 && word.matches('-').count() == 2;
        if word.len() < 6 || digits < 2 || !parts || date || value::dummy(word) || value::wordy(word) {
            break;
        }
        dashed |= word.contains('-') || word.len() >= 8;
        found.push(start..start + word.len());
        if c.run(8, |b| between(b) || b == b'>') == 0 {
            break;
        }
    }
    if found.len() >= 3 || (dashed && !found.is_empty()) {
        out.append(&mut found);
    }
}
