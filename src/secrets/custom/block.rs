//! Private keys: PEM, OpenSSH, PGP and PuTTY, whole or in parts.

use std::ops::Range;

use base64::Engine;

use super::hunk::hunk;
use super::{Cursor, reach};
use crate::secrets::digits::STANDARD;
use crate::secrets::{gutter, value};

/// Most of a key block that is looked at.
const BLOCK: usize = 64 * 1024;

/// Longest name of a block.
const TITLE: usize = 48;

/// PEM, OpenSSH and PGP private keys: raw, indented, in a diff, commented, in a string with `\n`, in joined
/// literals, or cut off. The whole body goes, the border lines stay.
pub(in crate::secrets) fn pem(text: &str, at: usize, out: &mut Vec<Range<usize>>) {
    let rest = text.get(at..).unwrap_or_default();
    if let Some(body_at) = rest.strip_prefix("---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----") {
        return body(text, text.len() - body_at.len(), out);
    }
    let Some(rest) = rest.strip_prefix("-----BEGIN ") else { return };
    let Some((title, _)) = rest.get(..rest.floor_char_boundary(TITLE + 5)).and_then(|r| r.split_once("-----")) else {
        return;
    };
    if !(title.ends_with("PRIVATE KEY") || title.ends_with("PRIVATE KEY BLOCK") || title.ends_with("Static key V1")) {
        return;
    }
    let begin = at + "-----BEGIN -----".len() + title.len();
    body(text, begin, out);
}

fn body(text: &str, begin: usize, out: &mut Vec<Range<usize>>) {
    /// How pages break lines.
    const BREAKS: [&str; 5] = ["<br>", "<br/>", "<br />", "&#10;", "</p>"];
    let (mut at, mut start, mut end, mut count) = (begin, None, begin, 0usize);
    // What a log writes before each line, in bytes.
    let mut prefix = 0;
    while at < text.len() && at < begin + BLOCK {
        let (stop, next) = line_end(text, at);
        let Some(line) = text.get(at..stop) else { break };
        let first = std::mem::replace(&mut at, next);
        let line = BREAKS.iter().fold(line, |l, b| l.trim_end().strip_suffix(b).unwrap_or(l));
        let left = bare(line);
        let mut core = left.trim_end_matches(behind);
        if core.is_empty() || aside(core) {
            continue;
        }
        let mut from = first + line.len() - left.len();
        let logged = line.get(prefix..).map(|l| l.trim_end_matches(behind)).filter(|l| prefix > 0 && !l.is_empty());
        let (skip, mut length) = if core.bytes().all(base64) {
            (0, core.len())
        } else if let Some(rest) = logged.filter(|l| l.bytes().all(base64)) {
            (from, core) = (first + prefix, rest);
            (0, rest.len())
        } else {
            // Among other things, like the end border: `MIIE…-----END`.
            let Some(run) = run(core) else { break };
            if run.0 > 0 {
                prefix = from + run.0 - first;
            }
            run
        };
        length += spread(core.get(skip + length..).unwrap_or_default());
        start.get_or_insert(from + skip);
        end = from + skip + length;
        count += length;
        if core.get(skip + length..).is_some_and(|rest| !rest.is_empty() && (length < LINE || rest.contains("-----"))) {
            break;
        }
    }
    if let Some(start) = start
        && count >= 32
    {
        out.push(start..end);
    }
}

/// Further words of base64 on the same line, up to a border or of a whole line's width.
fn spread(rest: &str) -> usize {
    let run = rest.bytes().take_while(|b| base64(*b) || *b == b' ').count();
    let Some((words, behind)) = rest.split_at_checked(run) else { return 0 };
    let wide = words.split(' ').find(|w| !w.is_empty()).is_some_and(|w| w.len() >= LINE);
    if words.starts_with(' ') && (wide || behind.starts_with("-----")) { words.trim_end().len() } else { 0 }
}

/// Nothing shorter is a whole line of a key.
const LINE: usize = 40;

pub(super) const fn base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=')
}

/// What stands before a line of a key: marks of diffs and comments, quotes, blanks.
fn before(c: char) -> bool {
    c.is_whitespace() || "+->|*#/%<!\"'`,;:\\().".contains(c)
}

/// What stands behind it.
pub(super) fn behind(c: char) -> bool {
    c.is_whitespace() || "+\"'`,;|*\\().".contains(c)
}

/// The line without what may stand before its data, in any order that occurs: `    3 +    # b"MIIE…`.
pub(super) fn bare(line: &str) -> &str {
    let mut left = line.trim_start_matches(before);
    // A listing's number is one only with something behind it: data begins with digits too.
    let digits = left.bytes().take_while(u8::is_ascii_digit).count();
    let after = left.get(digits..).unwrap_or_default();
    if (1..10).contains(&digits)
        && (after.starts_with(|c: char| c.is_whitespace() || c == '|' || c == ':') || after.is_empty() && digits < 4)
    {
        left = after.trim_start_matches(before);
    }
    let letters =
        left.bytes().take(2).take_while(|b| matches!(b.to_ascii_lowercase(), b'b' | b'r' | b'u' | b'f')).count();
    match left.get(letters..) {
        Some(quoted) if letters > 0 && quoted.starts_with(['"', '\'']) => quoted.trim_start_matches(before),
        _ => left,
    }
}

/// Lines between the borders that hold no data: headers, and where one hunk of a diff ends and the next begins.
fn aside(core: &str) -> bool {
    ["Proc-Type:", "DEK-Info:", "Comment:", "Version:", "Hash:", "@@ -"].iter().any(|h| core.starts_with(h))
}

/// Place and length of the data in a line that holds other things too.
fn run(core: &str) -> Option<(usize, usize)> {
    let bytes = core.as_bytes();
    let mut at = 0;
    while at < bytes.len().min(64) {
        let length = bytes.iter().skip(at).take_while(|b| base64(**b)).count();
        let telling = || core.get(at..at + length).is_some_and(value::random);
        if length >= 16 && (at == 0 || length >= LINE && telling()) {
            return Some((at, length));
        }
        at += length + 1;
    }
    None
}

/// Lines of a key whose BEGIN is not there: before an END border, or between the lines of a diff's hunk.
pub(in crate::secrets) fn pem_part(text: &str, at: usize, out: &mut Vec<Range<usize>>) {
    let Some(rest) = text.get(at..) else { return };
    if rest.starts_with("@@ -") {
        if at == 0 || text.as_bytes().get(at - 1) == Some(&b'\n') {
            hunk(text, at, out);
        }
    } else if let Some((title, _)) = rest.get("-----END ".len()..).and_then(|t| t.split_once("-----"))
        && title.len() <= 48
        && (title.ends_with("PRIVATE KEY") || title.ends_with("PRIVATE KEY BLOCK"))
    {
        tail(text, at, out);
    }
}

/// The lines above an END border.
fn tail(text: &str, at: usize, out: &mut Vec<Range<usize>>) {
    let (mut stop, mut start, mut end, mut count) = (at, at, at, 0usize);
    let floor = at.saturating_sub(BLOCK);
    while stop > floor {
        let begin = text.as_bytes().get(floor..stop).and_then(|b| b.iter().rposition(|b| *b == b'\n'));
        let Some(begin) = begin.map(|p| floor + p + 1).or((floor == 0).then_some(0)) else { break };
        let Some(line) = text.get(begin..stop) else { break };
        let left = bare(line);
        let core = left.trim_end_matches(behind);
        let from = stop - left.len();
        if !core.is_empty() && !aside(core) {
            // Only the last line of a key is short; where it is changed it stands there twice.
            let last = count == 0 || gutter::lead(line).ends_with(['+', '-']);
            if !core.bytes().all(base64) || (!last && core.len() < LINE) {
                break;
            }
            end = if count == 0 { from + core.len() } else { end };
            start = from;
            count += core.len();
        }
        let Some(next) = begin.checked_sub(1) else { break };
        stop = next;
    }
    if count >= 16 && !text.get(start..end).is_some_and(value::example) {
        out.push(start..end);
    }
}

/// Longest line that is read at once.
const WIDE: usize = 16 * 1024;

/// Where the line at `at` ends and the next begins; an escaped line end (`\n`, `\\r\\n`) and a border end it too.
fn line_end(text: &str, at: usize) -> (usize, usize) {
    let bytes = text.as_bytes();
    let limit = text.floor_char_boundary(at.saturating_add(WIDE).min(bytes.len()));
    let mut i = at;
    while let Some(found) = bytes.get(i..limit).and_then(|rest| memchr::memchr3(b'\n', b'\\', b'-', rest)) {
        i += found;
        match bytes.get(i) {
            Some(b'\n') => return (i, i + 1),
            Some(b'\\') => {
                let slashes = bytes.iter().skip(i).take(64).take_while(|b| **b == b'\\').count();
                if matches!(bytes.get(i + slashes), Some(b'n' | b'r')) {
                    return (i, i + slashes + 1);
                }
                i += slashes;
            }
            // A border at the line's begin is that line.
            _ if i > at + 6 && bytes.get(i..i + 5) == Some(b"-----") => return (i, i),
            _ => i += 1,
        }
    }
    (limit, limit)
}

/// Most of a PuTTY file before its private part: comment and public key.
const PUBLIC: usize = 8 * 1024;

/// PuTTY's own format: the lines that `Private-Lines` counts.
pub(in crate::secrets) fn ppk(text: &str, at: usize, out: &mut Vec<Range<usize>>) {
    let Some(rest) = text.get(at..) else { return };
    let own = reach::own(text.as_bytes(), at, "putty-user-key-file-", 0, PUBLIC);
    let most = rest.floor_char_boundary(own.end - at);
    let Some(found) = rest.get(..most).and_then(|r| r.find("Private-Lines:")) else { return };
    let begin = at + found + "Private-Lines:".len();
    let (end, next) = line_end(text, begin);
    if text.get(begin..end).is_some_and(|n| n.trim().parse::<u16>().is_ok()) {
        body(text, next, out);
    }
}

/// Base64 of a whole key file: `LS0tLS1CRUdJTi…`.
pub(in crate::secrets) fn encoded(text: &str, at: usize, out: &mut Vec<Range<usize>>) {
    let bytes = text.as_bytes();
    let head = Cursor::new(bytes, at).rest(64);
    let head = head.get(..head.len() / 4 * 4).unwrap_or_default();
    if !STANDARD.decode(head).is_ok_and(|d| d.windows(7).any(|w| w == b"PRIVATE")) {
        return;
    }
    let mut length = 0;
    // Lines of base64 follow one another, each as deep as the first.
    loop {
        length += Cursor::new(bytes, at + length).run(BLOCK, base64);
        let mut next = Cursor::new(bytes, at + length);
        let down = next.down() || (next.eat("\\n") && next.peek() != b'"');
        let more = next.rest(20).iter().take_while(|b| base64(**b)).count();
        if !down || more < 20 || length >= BLOCK {
            break;
        }
        length = next.at - at;
    }
    if length >= 64 {
        out.push(at..at + length);
    }
}
