//! Values of an `INSERT`, by the names of their columns.

use std::ops::Range;

use super::Cursor;
use crate::secrets::names::{Weight, weigh};
use crate::secrets::value;

/// How far before `WHERE` the value stands at most, in bytes.
const BEFORE: usize = 600;

/// `UPDATE settings SET value = '…' WHERE name = 'smtp_password'`: the row is named behind its value.
pub(in crate::secrets) fn update(text: &str, at: usize, out: &mut Vec<Range<usize>>) {
    let bytes = text.as_bytes();
    let mut c = Cursor::new(bytes, at);
    c.run(40, |b| b != b'\'');
    c.eat("'");
    let start = c.at;
    let length = c.run(64, |b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'));
    let Some(weight) = text.get(start..start + length).and_then(weigh) else { return };
    let floor = at.saturating_sub(BEFORE);
    let ahead = bytes.get(floor..at).unwrap_or_default();
    let from = memchr::memrchr(b';', ahead).map_or(0, |p| p + 1);
    let Some(set) = ahead.get(from..).and_then(|a| a.windows(5).rposition(|w| w.eq_ignore_ascii_case(b" set "))) else {
        return;
    };
    // The pieces of one literal: `'…' || '…'`.
    let mut c = Cursor::new(bytes, floor + from + set);
    let (mut pieces, mut whole) = (Vec::new(), String::new());
    while c.at < at {
        c.run(BEFORE, |b| b != b'\'' && b != b'\n');
        if !c.eat("'") || c.at >= at {
            break;
        }
        let start = c.at;
        c.run(BEFORE, |b| b != b'\'');
        if c.at >= at {
            break;
        }
        whole.push_str(text.get(start..c.at).unwrap_or_default());
        pieces.push(start..c.at);
        c.at += 1;
    }
    let random = weight == Weight::Password || value::random(&whole) && !value::wordy(&whole) && whole.len() >= 12;
    if random && whole.len() >= 6 && !whole.contains(' ') && !value::dummy(&whole) && !value::template(&whole) {
        out.extend(pieces);
    }
}

/// Most rows of one statement that are read.
const ROWS: usize = 200;

/// The literals under columns of passwords, keys and tokens.
pub(in crate::secrets) fn insert(text: &str, at: usize, out: &mut Vec<Range<usize>>) {
    let bytes = text.as_bytes();
    let mut c = Cursor::new(bytes, at + "insert into".len());
    c.run(128, |b| b != b'(' && b != b';');
    if !c.eat("(") {
        return;
    }
    let start = c.at;
    let length = c.run(1024, |b| b != b')');
    let Some(head) = text.get(start..start + length) else { return };
    let trim = |cell: &str| cell.trim_matches(|ch: char| ch.is_whitespace() || "`\"'[]+".contains(ch)).to_owned();
    let weights: Vec<Option<Weight>> = head.split(',').map(|cell| weigh(&trim(cell))).collect();
    if !weights.iter().any(Option::is_some) {
        return;
    }
    c.at += 1;
    let blank = |c: &mut Cursor<'_>| c.run(64, |b| b.is_ascii_whitespace() || b == b'+');
    blank(&mut c);
    if !c.fold("values") {
        return;
    }
    for _ in 0..ROWS {
        blank(&mut c);
        if !c.eat("(") {
            break;
        }
        for weight in &weights {
            blank(&mut c);
            c.run(1, |b| matches!(b, b'N' | b'E'));
            if !c.eat("'") {
                c.run(256, |b| !matches!(b, b',' | b')' | b'\n'));
            } else {
                let from = c.at;
                loop {
                    c.run(4096, |b| b != b'\'');
                    if c.look(1) != b'\'' || c.peek() == 0 {
                        break;
                    }
                    c.at += 2;
                }
                let span = from..c.at;
                let word = text.get(span.clone()).unwrap_or_default();
                let random =
                    *weight == Some(Weight::Password) || value::random(word) && !value::wordy(word) && word.len() >= 12;
                if weight.is_some() && word.len() >= 4 && random && !value::dummy(word) && !value::template(word) {
                    out.push(span);
                }
                c.eat("'");
            }
            blank(&mut c);
            c.eat(",");
        }
        c.run(64, |b| b.is_ascii_whitespace());
        if !c.eat(")") {
            break;
        }
        c.run(1, |b| b == b',');
    }
}
