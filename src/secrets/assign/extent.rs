//! How far a value reaches.

use std::ops::Range;

use memchr::memmem;

use super::tie::Quote;
use crate::secrets::custom::Cursor;

/// Longest bare value that is read as one.
const BARE: usize = 1024;
/// Bytes of a bare value in which marks may stand that tie names to values of their own: a text of nothing but names
/// and marks costs this much for each of them.
const TIED: usize = 64;
/// Longest quoted one.
const QUOTED: usize = 4096;

/// Up to the quote that closes what `quote` opened.
pub(super) fn quoted(bytes: &[u8], start: usize, quote: Quote) -> Option<Range<usize>> {
    let limit = bytes.len().min(start + QUOTED);
    let rest = bytes.get(start..limit)?;
    let length = match quote {
        Quote::Mark(mark, slashes) => return marked(bytes, start, limit, mark, slashes),
        Quote::Triple(mark) => memmem::find(rest, &[mark; 3])?,
        Quote::Raw => memmem::find(rest, b"\"#")?,
        Quote::Cdata => memmem::find(rest, b"]]>")?,
        Quote::Entity(entity) => {
            let end = memmem::find(rest, entity.as_bytes())?;
            if rest.get(..end)?.contains(&b'\n') {
                return None;
            }
            end
        }
    };
    let block = rest.get(..length)?;
    let lead = block.iter().take_while(|b| b.is_ascii_whitespace()).count();
    let tail = block.iter().rev().take_while(|b| b.is_ascii_whitespace()).count();
    (lead + tail < length).then_some(start + lead..start + length - tail)
}

fn marked(bytes: &[u8], start: usize, limit: usize, mark: u8, slashes: usize) -> Option<Range<usize>> {
    let mut at = start;
    while at < limit {
        match *bytes.get(at)? {
            b'\n' => return None,
            b'\\' => {
                let run = Cursor::new(bytes, at).rest(16).iter().take_while(|b| **b == b'\\').count();
                let next = bytes.get(at + run).copied().unwrap_or_default();
                if next == mark && slashes > 0 && run <= slashes {
                    return Some(start..at);
                }
                // An escaped quote, or an escape of another kind, is part of the value.
                at += run;
                at += usize::from(if slashes == 0 { run % 2 == 1 } else { next == mark });
            }
            b if b == mark => {
                // PowerShell, SQL and YAML double a quote to escape it.
                if slashes == 0 && mark == b'\'' && bytes.get(at + 1) == Some(&b'\'') && at > start {
                    at += 2;
                    continue;
                }
                return Some(start..at);
            }
            _ => at += 1,
        }
    }
    None
}

/// Words follow on the line behind the one at `start`: a sentence goes on.
pub(super) fn goes_on(bytes: &[u8], start: usize) -> bool {
    let rest = bytes.get(start..bytes.len().min(start + BARE)).unwrap_or_default();
    let line = rest.split(|b| matches!(b, b'\n' | b'\r')).next().unwrap_or_default();
    let word = line.iter().take_while(|b| !b.is_ascii_whitespace()).count();
    let after = line.get(word..).unwrap_or_default().trim_ascii_start();
    after.first().is_some_and(u8::is_ascii_alphabetic)
}

/// Up to the first byte that stops it, which is none that tokens have.
pub(super) fn until(bytes: &[u8], start: usize, stop: impl Fn(u8) -> bool) -> Range<usize> {
    let rest = bytes.get(start..).unwrap_or_default();
    let run = rest.iter().take(TIED).take_while(|b| !stop(**b)).count();
    if run < TIED {
        return start..start + run;
    }
    // What is longer than a password is a token, and tokens hold no other marks; `=` ends them or ties the
    // next name, as `%3D` does in an address.
    let more = rest.get(TIED..rest.len().min(BARE)).unwrap_or_default();
    let mark = |at: usize| match rest.get(TIED + at..) {
        Some([b'=', ..]) => 1,
        Some([b'%', b'3', b'D' | b'd', ..]) => 3,
        _ => 0,
    };
    let ties = |at: usize| {
        let next = at + mark(at);
        next > at && mark(next) == 0 && rest.get(TIED + next).is_some_and(|b| token(*b))
    };
    let end = more.iter().enumerate().position(|(at, b)| !token(*b) || matches!(b, b'=' | b'%') && ties(at));
    start..start + TIED + end.unwrap_or(more.len())
}

/// A byte that tokens are made of.
fn token(byte: u8) -> bool {
    static TOKEN: [bool; 256] = among(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-+/.~%=");
    TOKEN[usize::from(byte)]
}

/// For every byte whether it is one of these: quicker to ask for each byte of a text than the list.
pub(super) const fn among(marks: &[u8]) -> [bool; 256] {
    let (mut table, mut at) = ([false; 256], 0);
    while at < marks.len() {
        table[marks[at] as usize] = true;
        at += 1;
    }
    table
}

/// The lines of a block: to the end word of a heredoc, or while they are indented deeper than `depth`.
pub(super) fn block(text: &str, start: usize, depth: usize, end: Option<&str>) -> Option<Range<usize>> {
    let (mut at, mut first, mut last) = (start, None, start);
    for line in text.get(start..)?.split_inclusive('\n').take(64) {
        let begin = at;
        at += line.len();
        if at > start + QUOTED {
            break;
        }
        let shown = line.strip_prefix(['+', '-']).filter(|_| line.len() > 1).unwrap_or(line);
        let inner = shown.trim();
        let indent = shown.len() - shown.trim_start().len();
        let over = match end {
            Some(word) => inner.trim_end_matches([';', ')']) == word,
            None => !inner.is_empty() && indent <= depth,
        };
        if over {
            break;
        }
        if !inner.is_empty() {
            let from = begin + line.find(inner)?;
            first.get_or_insert(from);
            last = from + inner.len();
        }
    }
    first.map(|first| first..last)
}
