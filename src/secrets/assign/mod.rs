//! The assignment parser: a telling name, something that ties, a value; in JSON, YAML, TOML, env files, code, tables,
//! XML, manifests, command lines and prose. Names are found by the automaton, so most calls end at the first byte
//! behind the name; no pattern engine and no allocation stands on that way.

mod column;
mod extent;
mod ground;
mod judge;
mod pieces;
mod short;
mod tie;
mod told;

use std::ops::Range;

use super::names::set::{Packed, Set, count};
use super::names::{Weight, weigh};

/// What the parser found.
pub(super) struct Assigned {
    pub(super) span: Range<usize>,
    /// Further values of the same name: the cells below a header, the rest of a list.
    pub(super) more: Vec<Range<usize>>,
    pub(super) weight: Weight,
    /// Below 0.9: an assignment is never as sure as a structure.
    pub(super) confidence: f64,
}

/// How far a name reaches on either side of its key, in bytes.
const REACH: usize = 128;

/// What people call a key from which others are made.
const BASE: &str = " base";

/// Looks at the name round `key`. The second value says where the name ends, so that no name is read twice.
pub(super) fn find(text: &str, key: Range<usize>) -> (Option<Assigned>, usize) {
    let bytes = text.as_bytes();
    let mut name = name(bytes, key);
    // `secret key base: …`
    if bytes.get(name.end..name.end + BASE.len()).is_some_and(|b| b == BASE.as_bytes())
        && matches!(bytes.get(name.end + BASE.len()), Some(b':' | b' '))
    {
        name.end += BASE.len();
    }
    let end = name.end;
    if !tie::possible(bytes, end) {
        return (None, end);
    }
    let found = weight(text, &name).and_then(|weight| {
        ground::read(text, name.clone(), weight)
            .or_else(|| column::read(text, &name, weight))
            .or_else(|| ground::behind(text, &name, weight))
    });
    // What lies in a value is part of it.
    let reached =
        found.as_ref().map_or(end, |f| if f.span.start >= end && f.more.is_empty() { f.span.end } else { end });
    (found, reached.max(end))
}

/// What the name says; in a sentence the words before it belong to it: `Stripe api key`, `the public key`.
fn weight(text: &str, name: &Range<usize>) -> Option<Weight> {
    let alone = text.get(name.clone()).and_then(weigh);
    let pass = text.get(name.clone()).is_some_and(|n| n.eq_ignore_ascii_case("pass"));
    if (alone == Some(Weight::Password) && !pass) || !text.get(..name.start).is_some_and(|t| t.ends_with(' ')) {
        return alone;
    }
    const OTHER: &str = "let const var val mut export set my our local global type string str char int def func fn final static \
        new return the a an your this that in of for with and or to is as if else env arg declare dim readonly use used \
        old next current their its his her no any each every some which what got get bad wrong invalid good das der die el la \
        mon le un une mein dein";
    static OTHER_SET: Set<{ count(OTHER) }> = Set::new(OTHER);
    let bytes = text.as_bytes();
    let mut start = name.start;
    for _ in 0..2 {
        let Some(end) = start.checked_sub(1).filter(|e| bytes.get(*e) == Some(&b' ')) else { break };
        let length = bytes.get(..end)?.iter().rev().take(24).take_while(|b| b.is_ascii_alphanumeric()).count();
        let word = text.get(end - length..end)?;
        let before = (end - length).checked_sub(1).and_then(|i| bytes.get(i)).copied().unwrap_or(b' ');
        let plain = length >= 2
            && (matches!(before, b' ' | b'\n' | b'"' | b'\'' | b'|' | b'`' | b'*' | b'(' | b',' | b'>')
                || !before.is_ascii());
        if !plain || OTHER_SET.has(Packed::of(word.as_bytes())) {
            break;
        }
        start = end - length;
        if before != b' ' {
            break;
        }
    }
    if start == name.start { alone } else { weigh(text.get(start..name.end)?) }
}

/// The whole name that `key` is a part of.
fn name(bytes: &[u8], key: Range<usize>) -> Range<usize> {
    let foreign = bytes.get(key.clone()).is_some_and(|k| !k.is_ascii());
    let ascii = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.');
    // Scripts without blanks run on: a name in one of them is its key alone.
    let letter =
        |b: u8, next: u8| ascii(b) || (0xC3..=0xC9).contains(&b) || ((0xC3..=0xC9).contains(&next) && b >= 0x80);
    // Some keys hold the mark behind the name, for names that would be too frequent without it.
    let mut key = key;
    while key.end > key.start && bytes.get(key.end - 1).is_some_and(|b| matches!(b, b'=' | b':' | b'"' | b'\'' | b' '))
    {
        key.end -= 1;
    }
    let mut name = key.clone();
    while !foreign && key.start - name.start < REACH {
        let back = |n: usize| name.start.checked_sub(n).and_then(|i| bytes.get(i)).copied().unwrap_or_default();
        let (last, lead) = (back(1), back(2));
        if letter(last, lead) && (last.is_ascii() || (0xC3..=0xC9).contains(&lead)) {
            name.start -= if last.is_ascii() { 1 } else { 2 };
        } else {
            break;
        }
    }
    // A word of ASCII and a mark before it belong to it: `app_пароль`.
    let mark = |b: Option<&u8>| matches!(b, Some(b'_' | b'-' | b'.'));
    if foreign && mark(name.start.checked_sub(1).and_then(|i| bytes.get(i))) {
        let ahead = bytes.get(name.start.saturating_sub(REACH)..name.start).unwrap_or_default();
        name.start -= ahead.iter().rev().take_while(|b| ascii(**b)).count();
    }
    while name.end - key.end < REACH {
        let here = bytes.get(name.end).copied().unwrap_or_default();
        if ascii(here) {
            name.end += 1;
        } else if (0xC3..=0xC9).contains(&here) && !foreign {
            name.end += 2;
        } else {
            break;
        }
    }
    name.end = name.end.min(bytes.len());
    // An escape before the name is no part of it: `\nPASSWORD=`, `%26password=`.
    let before = name.start.checked_sub(1).and_then(|i| bytes.get(i)).copied().unwrap_or_default();
    if before == b'\\' && matches!(bytes.get(name.start), Some(b'n' | b'r' | b't')) && name.start < key.start {
        name.start += 1;
    } else if before == b'[' && name.start.checked_sub(2).and_then(|i| bytes.get(i)) == Some(&0x1b) {
        // A colour: `ESC[36mtoken`.
        let colour = bytes.get(name.start..key.start).unwrap_or_default();
        let digits = colour.iter().take_while(|b| b.is_ascii_digit()).count();
        if colour.get(digits) == Some(&b'm') {
            name.start += digits + 1;
        }
    } else if before == b'%'
        && name.start + 2 <= key.start
        && bytes.get(name.start..name.start + 2).is_some_and(|h| h.iter().all(u8::is_ascii_hexdigit))
    {
        name.start += 2;
    }
    // `->`, `x-` and trailing dots belong to what follows.
    while name.end > key.end && matches!(bytes.get(name.end - 1), Some(b'-' | b'.')) {
        name.end -= 1;
    }
    name
}
