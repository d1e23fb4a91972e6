//! Reading a token where its key was seen.

use std::ops::Range;

use super::class::{ALNUM, CLASSES, DIGIT, HEX, LOWER, RADIX, UPPER, WORD, is};
use super::lot::Lot;
use super::{LONG, Part, Token};

/// Bytes of a run that show whether it is drawn by lot.
const PROOF: usize = 256;

/// Where the secret part of `token` lies, when `key` is where its first literal was seen.
pub(in crate::secrets) fn read(bytes: &[u8], key: Range<usize>, token: &Token) -> Option<Range<usize>> {
    let (fewest, most) = token.before;
    let begin = if fewest == most {
        key.start.checked_sub(usize::from(most))?
    } else {
        let Some(Part::Run(class, ..)) = token.parts.first() else { return None };
        let most = usize::from(most);
        let ahead = bytes.get(key.start.saturating_sub(most + 1)..key.start)?;
        let length = ahead.iter().rev().take_while(|b| is(**b, 1 << class)).count();
        if length > most || length < usize::from(fewest) {
            return None;
        }
        key.start - length
    };
    at(bytes, begin, token)
}

/// Reads the token that begins at `begin`.
pub(super) fn at(bytes: &[u8], begin: usize, token: &Token) -> Option<Range<usize>> {
    if !left(bytes, begin, token) {
        return None;
    }
    let mut place = begin;
    let (mut from, mut to, mut kept, mut run) = (begin, None, None, 0..0);
    let mut lot = Lot::default();
    let mut last = ALNUM;
    for part in &token.parts {
        let next = match *part {
            Part::End => break,
            Part::Open => {
                from = place;
                (lot, run) = (Lot::default(), place..place);
                Some(place)
            }
            Part::Close => {
                to = Some(place);
                Some(place)
            }
            Part::Maybe => {
                kept = Some((place, last));
                Some(place)
            }
            literal @ Part::Literal(..) => {
                last = ALNUM;
                same(bytes, place, token.literal(literal))
            }
            Part::Run(class, min, max) => {
                let class = 1 << class;
                last = class | ALNUM;
                let more = bytes.get(place..)?.iter().take(usize::from(max)).take_while(|b| is(**b, class)).count();
                if more >= usize::from(min) {
                    lot.feed(bytes.get(run)?);
                    lot.mixed |= is(b'0', class);
                    run = place..place + more;
                }
                (more >= usize::from(min)).then_some(place + more)
            }
        };
        match (next, kept) {
            (Some(next), _) => place = next,
            (None, Some((back, class))) => {
                (place, last) = (back, class);
                break;
            }
            (None, None) => return None,
        }
    }
    // A token's last run goes on as long as its class does; whether it is one, its first bytes tell.
    let end = token.parts.iter().rev().find(|p| !matches!(p, Part::End | Part::Close));
    if let Some(Part::Run(class, _, LONG)) = end
        && last & 1 << class != 0
    {
        if run.len() >= PROOF {
            lot.feed(bytes.get(run.start..run.start + PROOF)?);
            if !lot.drawn(token.alone) {
                return None;
            }
            run = place..place;
        }
        let more = bytes.get(place..)?.iter().take_while(|b| is(**b, 1 << class)).count();
        to = to.map(|to| to + more);
        place += more;
        run.end = place.min(run.start + PROOF);
    }
    let rest = bytes.get(place..)?;
    if rest.first().is_some_and(|b| is(*b, last) || token.alone && is(*b, WORD))
        || token.plain && by_chance(rest.iter())
    {
        return None;
    }
    lot.feed(bytes.get(run)?);
    lot.drawn(token.alone).then_some(from..to.unwrap_or(place))
}

/// What comes after `literal` when it stands at `place`, also with the escapes that JSON and URLs put into addresses.
fn same(bytes: &[u8], place: usize, literal: &[u8]) -> Option<usize> {
    if bytes.get(place..)?.starts_with(literal) {
        return Some(place + literal.len());
    }
    let mut at = place;
    for want in literal {
        let rest = bytes.get(at..)?;
        at += match (*want, rest) {
            (want, [byte, ..]) if want == *byte => 1,
            (b'/', [b'\\', b'/', ..]) => 2,
            (b'/', [b'%', b'2', b'f' | b'F', ..])
            | (b':', [b'%', b'3', b'a' | b'A', ..])
            | (b'=', [b'%', b'3', b'd' | b'D', ..])
            | (b'@', [b'%', b'4', b'0', ..])
            | (b'$', [b'%', b'2', b'4', ..]) => 3,
            (b'&', [b'&', b'a', b'm', b'p', b';', ..]) => 5,
            (b'&', [b'\\', b'u', b'0', b'0', b'2', b'6', ..])
            | (b'=', [b'\\', b'u', b'0', b'0', b'3', b'd' | b'D', ..]) => 6,
            _ => return None,
        };
    }
    Some(at)
}

/// A token may begin at `at`: nothing of its own alphabet stands before it, unless that belongs to an escape.
fn left(bytes: &[u8], at: usize, token: &Token) -> bool {
    let Some(last) = at.checked_sub(1).and_then(|p| bytes.get(p)).copied() else { return true };
    if is(last, ALNUM) {
        return bytes.get(at).is_some_and(|b| !is(*b, ALNUM)) || escape(bytes, at) || token.telling;
    }
    if token.alone && (is(last, WORD) || last == b'.') {
        return false;
    }
    !(token.plain && is(last, RADIX) && by_chance(bytes.get(..at).unwrap_or_default().iter().rev()))
}

/// A token may begin at `at`: what precedes it is no letter or digit, or belongs to an escape (`\n`, `%20`,
/// `\u003d`, `=3D`, a colour code).
pub(in crate::secrets) fn boundary(bytes: &[u8], at: usize) -> bool {
    !bytes.get(at).is_some_and(|b| is(*b, ALNUM))
        || at.checked_sub(1).and_then(|p| bytes.get(p)).is_none_or(|b| !is(*b, ALNUM))
        || escape(bytes, at)
}

pub(super) fn escape(bytes: &[u8], at: usize) -> bool {
    match bytes.get(at.saturating_sub(6)..at).unwrap_or_default() {
        [.., b'\\', b'n' | b'r' | b't' | b'b' | b'f' | b'v' | b'a' | b'e' | b'0'] => true,
        [.., b'%', x, y] if is(*x, HEX) && is(*y, HEX) => true,
        // Quoted-printable writes capitals.
        [.., b'=', x, y] if is(*x, HEX) && is(*y, HEX) && !is(*x, LOWER) && !is(*y, LOWER) => true,
        [.., b'%', b'2', b'5', x, y] | [.., b'\\', b'x', x, y] if is(*x, HEX) && is(*y, HEX) => true,
        [.., b'\\', b'u', b'0', b'0', x, y] if is(*x, HEX) && is(*y, HEX) => true,
        [.., b'm'] => {
            let code = bytes.get(at.saturating_sub(16)..at - 1).unwrap_or_default();
            let digits = code.iter().rev().take_while(|b| is(**b, DIGIT) || **b == b';').count();
            code.iter().rev().nth(digits) == Some(&b'[')
        }
        _ => false,
    }
}

/// These bytes, read away from a token, are the rest of one long random run: it is none, but a piece of it.
fn by_chance<'a>(run: impl Iterator<Item = &'a u8>) -> bool {
    let (mut length, mut turns, mut seen, mut last) = (0u32, 0u32, 0u32, 0u32);
    for byte in run.take(40).take_while(|b| is(**b, RADIX)) {
        let class = CLASSES.get(usize::from(*byte)).copied().unwrap_or_default() & (DIGIT | LOWER | UPPER);
        turns += u32::from(class != last && class != 0 && last != 0);
        (length, seen, last) = (length + 1, seen | class, class);
    }
    length >= 16 && seen == DIGIT | LOWER | UPPER && turns * 5 >= length * 2
}
