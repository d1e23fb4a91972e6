//! Words that a directive of a server's or a router's configuration ends in.

use std::ops::Range;

use super::Cursor;
use crate::secrets::value;

/// The word behind `enable password `, `identified by `: one that nobody would write in a sentence.
pub(in crate::secrets) fn chosen(text: &str, at: usize, out: &mut Vec<Range<usize>>) {
    let mut c = Cursor::new(text.as_bytes(), at);
    if super::inside(c.bytes, at) {
        return;
    }
    // The key's words, each with its blank, up to the value.
    let mut start = c.at;
    for _ in 0..3 {
        c.run(24, |b| b.is_ascii_alphabetic());
        let told = text.get(start..c.at).is_some_and(|w| WORDS.split(' ').any(|k| k.eq_ignore_ascii_case(w)));
        if !told || !c.eat(" ") {
            break;
        }
        // The kind of a hash: `secret 5 …`.
        if c.peek().is_ascii_digit() && c.look(1) == b' ' {
            c.at += 2;
        }
        start = c.at;
    }
    c.at = start;
    c.run(120, |b| b.is_ascii_graphic() && !b"\"'<>;,`\\".contains(&b));
    let Some(word) = text.get(start..c.at).map(|w| w.trim_end_matches(['.', ')'])) else { return };
    if odd(word) && !value::dummy(word) && !value::reference(word) {
        out.push(start..start + word.len());
    }
}

/// Words that lead to a value.
const WORDS: &str = "enable password secret identified by";

/// Digits among letters, or capitals where no word has them.
fn odd(word: &str) -> bool {
    let shape = value::Shape::of(word);
    let turns =
        word.as_bytes().windows(2).filter(|w| matches!(w, [a, b] if a.is_ascii_lowercase() && b.is_ascii_uppercase()));
    word.len() >= 6
        && shape.letters() > 0
        && (shape.digits > 0 && !value::wordy(word) || turns.count() >= 2 && value::speech(word.as_bytes()).0 < 4.2)
}

/// `ann * secret *` as PPP's files of secrets have it: a client, a server, the secret, addresses.
pub(in crate::secrets) fn chap(text: &str, at: usize, out: &mut Vec<Range<usize>>) {
    let bytes = text.as_bytes();
    let floor = at.saturating_sub(160);
    let ahead = bytes.get(floor..at).unwrap_or_default();
    let begin = memchr::memrchr(b'\n', ahead).map_or(floor, |p| floor + p + 1);
    let Some(line) = text.get(text.ceil_char_boundary(begin)..at) else { return };
    let mut fields = line.split_ascii_whitespace().rev();
    let (Some(secret), Some("*"), Some(user)) = (fields.next(), fields.next(), fields.next()) else { return };
    let secret = secret.trim_matches('"');
    let named = user.bytes().any(|b| b.is_ascii_alphanumeric());
    if named && secret.len() >= 8 && value::random(secret) && !value::wordy(secret) && !value::dummy(secret) {
        let from = at - line.len() + line.rfind(secret).unwrap_or_default();
        out.push(from..from + secret.len());
    }
}
