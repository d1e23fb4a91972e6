//! Keys that nothing but a name gives away.

use std::ops::Range;

use super::Token;
use super::class::{ALNUM, DIGIT, LOWER, UPPER, WORD, is};
use super::lot::Lot;
use super::read::{at, boundary, escape};

/// Longest way from a vendor's name to its key.
const REACH: usize = 128;

/// The same for tokens that only their vendor's name gives away: `key` is where that name was seen. The token must be
/// tied, in the same line or the next two, to a name that speaks of a secret.
pub(in crate::secrets) fn named(bytes: &[u8], key: Range<usize>, tokens: &[Token]) -> Option<Range<usize>> {
    let name = |b: &&u8| is(**b, WORD) || **b == b'.';
    let before = bytes.get(key.start.saturating_sub(32)..key.start)?.iter().rev().take_while(name).count();
    // `hexa` is not Exa, `fooExa` is.
    let inside = before > 0 && bytes.get(key.start - 1).is_some_and(|b| is(*b, LOWER | UPPER));
    if inside && bytes.get(key.start).is_some_and(|b| is(*b, LOWER)) && !escape(bytes, key.start) {
        return None;
    }
    let limit = bytes.len().min(key.end + REACH);
    let mut place = key.end + bytes.get(key.end..limit)?.iter().take_while(name).count();
    let mut lines = 0;
    while place < limit {
        let byte = *bytes.get(place)?;
        lines += u32::from(byte == b'\n');
        if lines > 2 {
            return None;
        }
        let word = bytes.get(place..)?.iter().take(512).take_while(|b| is(**b, WORD)).count();
        let begins = bytes.get(place - 1).is_some_and(|b| !is(*b, WORD) && !matches!(b, b'.' | b'$'));
        let fits = |t: &&Token| begins && t.begins(byte, word);
        if let Some(span) = tokens.iter().filter(fits).find_map(|t| at(bytes, place, t)) {
            return assigned(bytes.get(key.start - before..place)?).then_some(span);
        }
        // On to the next word.
        place += word.max(1);
    }
    None
}

/// Words one of which is in every name of a secret.
const SPEAKING: &[&[u8]] = &[
    b"key", b"token", b"secret", b"pass", b"pwd", b"auth", b"cred", b"pat", b"login", b"bearer", b"api", b"priv",
    b"wif", b"seed", b"dsn", b"ssws",
];
/// Words of names that hold no secret.
const OTHER: &[&[u8]] = &[
    b"sha1",
    b"sha2",
    b"sha5",
    b"hash",
    b"commit",
    b"digest",
    b"checksum",
    b"integrity",
    b"version",
    b"md5",
    b"public",
    b"search",
    b"client_id",
    b"fingerprint",
    b"secrets/",
    b"arn:",
];
/// How far before a value its name may end, when blanks alone tie the two: `the key to use is x`.
const PROSE: usize = 24;

/// From a vendor's name to a value: a name of a secret and something that ties the two.
fn assigned(between: &[u8]) -> bool {
    let has =
        |part: &[u8], words: &[&[u8]]| words.iter().any(|w| part.windows(w.len()).any(|b| b.eq_ignore_ascii_case(w)));
    let tie = between.iter().rev().take_while(|b| !is(**b, WORD) && **b != b'.').count();
    let (name, tie) = between.split_at_checked(between.len() - tie).unwrap_or_default();
    let id = name.len() >= 2 && name.get(name.len() - 2..).is_some_and(|b| b.eq_ignore_ascii_case(b"id"));
    if tie.is_empty() || id || has(between, OTHER) {
        return false;
    }
    let bound =
        tie.iter().any(|b| matches!(b, b'=' | b':' | b'>' | b'(' | b',' | b';' | b'|' | b'\t') || !b.is_ascii());
    has(if bound { between } else { name.get(name.len().saturating_sub(PROSE)..).unwrap_or_default() }, SPEAKING)
}

/// `acme_live_…`, `acme-prod-…`: what vendors nobody has listed call their keys. `at` is where the word between the
/// marks was seen; publishable keys are none.
pub(in crate::secrets) fn staged(text: &str, at: usize, out: &mut Vec<Range<usize>>) {
    let bytes = text.as_bytes();
    let head = bytes.get(at.saturating_sub(20)..at).unwrap_or_default();
    let length = head.iter().rev().take_while(|b| is(**b, LOWER | DIGIT) || **b == b'_' || **b == b'-').count();
    let begin = at - length;
    let vendor = bytes.get(begin..at).unwrap_or_default();
    let public = vendor.starts_with(b"pk") || vendor.windows(3).any(|w| w == b"pub");
    if !(2..=16).contains(&length)
        || public
        || !vendor.first().is_some_and(|b| is(*b, LOWER))
        || !boundary(bytes, begin)
    {
        return;
    }
    let word = bytes.get(at + 1..).unwrap_or_default().iter().take(12).take_while(|b| is(**b, LOWER)).count();
    let from = at + 1 + word + 1;
    let run = bytes.get(from..).unwrap_or_default().iter().take_while(|b| is(**b, ALNUM)).count();
    let body = bytes.get(from..from + run).unwrap_or_default();
    let mut lot = Lot::default();
    lot.mixed = true;
    lot.feed(body);
    if run >= 20 && lot.kinds & DIGIT != 0 && lot.drawn(true) && bytes.get(from + run).is_none_or(|b| !is(*b, WORD)) {
        out.push(begin..from + run);
    }
}
