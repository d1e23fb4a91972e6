//! Secrets that no one pattern describes: key blocks, cookie lists, pairs, manifests.

mod cursor;

pub(super) use cursor::Cursor;

use std::ops::Range;

use super::{gutter, value};

/// Looks round a key that was seen at this byte and reports the secret parts.
pub(super) type Custom = fn(&str, usize, &mut Vec<Range<usize>>);

/// Most of a key block that is looked at.
const BLOCK: usize = 64 * 1024;

/// PEM, OpenSSH and PGP private keys: raw, indented, in a diff, commented, in a string with `\n`, in joined
/// literals, or cut off. The whole body goes, the border lines stay.
pub(super) fn pem(text: &str, at: usize, out: &mut Vec<Range<usize>>) {
    let Some(rest) = text.get(at..).and_then(|t| t.strip_prefix("-----BEGIN ")) else { return };
    let Some((title, _)) = rest.split_once("-----") else { return };
    if title.len() > 48 || !(title.ends_with("PRIVATE KEY") || title.ends_with("PRIVATE KEY BLOCK")) {
        return;
    }
    let begin = at + "-----BEGIN -----".len() + title.len();
    body(text, begin, out);
}

fn body(text: &str, begin: usize, out: &mut Vec<Range<usize>>) {
    let (mut at, mut start, mut end, mut count) = (begin, None, begin, 0usize);
    while at < text.len() && at < begin + BLOCK {
        let (stop, next) = line_end(text, at);
        let Some(line) = text.get(at..stop) else { break };
        at = next;
        let left = bare(line);
        let core = left.trim_end_matches(behind);
        if core.is_empty() || aside(core) {
            continue;
        }
        let from = stop - left.len();
        let (skip, length) = if core.bytes().all(base64) {
            (0, core.len())
        } else {
            // Among other things, like the end border: `MIIE…-----END`.
            let Some(run) = run(core) else { break };
            run
        };
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

/// Nothing shorter is a whole line of a key.
const LINE: usize = 40;

const fn base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=')
}

/// What stands before a line of a key: marks of diffs and comments, quotes, blanks.
fn before(c: char) -> bool {
    c.is_whitespace() || "+->|*#/%<!\"'`,;:\\().".contains(c)
}

/// What stands behind it.
fn behind(c: char) -> bool {
    c.is_whitespace() || "+\"'`,;|*\\().".contains(c)
}

/// The line without what may stand before its data, in any order that occurs: `    3 +    # b"MIIE…`.
fn bare(line: &str) -> &str {
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
pub(super) fn pem_part(text: &str, at: usize, out: &mut Vec<Range<usize>>) {
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

/// Lines as wide as tools write base64.
const FULL: std::ops::RangeInclusive<usize> = 60..=76;
/// No key is longer; pictures are.
const MOST: usize = 200;
/// How base64 of pictures, fonts, archives and documents begins.
const FILES: &[&str] = &[
    "iVBORw0KGgo",
    "/9j/",
    "R0lGOD",
    "UklGR",
    "PHN2Zy",
    "PD94bW",
    "d09GR",
    "AAEAAAA",
    "JVBERi0",
    "UEsDB",
    "H4sI",
    "AAABAA",
];

/// Three full lines of base64 or more in a row, unless a border says that they are public.
fn hunk(text: &str, at: usize, out: &mut Vec<Range<usize>>) {
    let mut begin = at + line_length(text, at);
    // What stands below a line of a key is one too, with fewer to prove it.
    let least = if heading(text, at..begin, out) { 1 } else { 3 };
    let mut open = Run::default();
    let mut public = false;
    while begin < text.len() {
        let length = line_length(text, begin);
        let Some(line) = text.get(begin..begin + length) else { break };
        if line.starts_with('\\') {
            // No line feed at the end of the old side's file: the new side's lines may follow.
            begin += length;
            continue;
        }
        // The next hunk, or a line that is neither blank nor marked: the diff's text ends here.
        let ends = !line.trim_end().is_empty() && gutter::lead(line).is_empty();
        if ends || line.starts_with("@@ -") {
            break;
        }
        let left = bare(line);
        let core = left.trim_end_matches(behind);
        let from = begin + line.len() - left.len();
        begin += length;
        if core.bytes().all(base64) && FULL.contains(&core.len()) {
            open.take(from, core);
            continue;
        }
        if open.lines > 0 && !core.is_empty() && core.bytes().all(base64) {
            open.end = from + core.len();
            continue;
        }
        let other = |word: &str| line.contains(word) && !line.contains("PRIVATE KEY");
        public |= other("-----END ");
        std::mem::take(&mut open).close(public, least, out);
        public = other("-----BEGIN ");
    }
    open.close(public, least, out);
}

/// Git repeats above a hunk a line that stands before it and looks like a function's: one of a key often does.
fn heading(text: &str, head: Range<usize>, out: &mut Vec<Range<usize>>) -> bool {
    let line = text.get(head.clone()).unwrap_or_default();
    let found = line.get(2..).and_then(|l| l.split_once("@@")).map_or("", |(_, section)| section.trim());
    let telling = FULL.contains(&found.len()) && found.bytes().all(base64) && value::entropy(found) >= 4.5;
    if telling {
        let from = head.start + line.rfind(found).unwrap_or(0);
        out.push(from..from + found.len());
    }
    telling
}

/// The line at `at` with its line feed.
fn line_length(text: &str, at: usize) -> usize {
    text.as_bytes().iter().skip(at).position(|b| *b == b'\n').map_or(text.len() - at, |n| n + 1)
}

/// Lines of base64 in a row.
#[derive(Default)]
struct Run {
    start: usize,
    end: usize,
    lines: usize,
    data: String,
}

impl Run {
    fn take(&mut self, from: usize, core: &str) {
        if self.lines == 0 {
            self.start = from;
        }
        self.end = from + core.len();
        self.lines += 1;
        if self.lines <= MOST {
            self.data.push_str(core);
        }
    }

    fn close(self, public: bool, least: usize, out: &mut Vec<Range<usize>>) {
        let shape = value::Shape::of(&self.data);
        let dense = shape.upper > 0 && shape.lower > 0 && shape.digits > 0 && value::entropy(&self.data) >= 4.6;
        if !public && (least..=MOST).contains(&self.lines) && dense && !FILES.iter().any(|f| self.data.starts_with(f)) {
            out.push(self.start..self.end);
        }
    }
}

/// Where the line at `at` ends and the next begins; an escaped line end (`\n`, `\\r\\n`) counts too.
fn line_end(text: &str, at: usize) -> (usize, usize) {
    let bytes = text.as_bytes();
    let mut i = at;
    while let Some(byte) = bytes.get(i) {
        if *byte == b'\n' {
            return (i, i + 1);
        }
        if *byte == b'\\' {
            let slashes = bytes.iter().skip(i).take_while(|b| **b == b'\\').count();
            if matches!(bytes.get(i + slashes), Some(b'n' | b'r')) {
                return (i, i + slashes + 1);
            }
            i += slashes;
        } else {
            i += 1;
        }
    }
    (bytes.len(), bytes.len())
}

/// PuTTY's own format: the lines that `Private-Lines` counts.
pub(super) fn ppk(text: &str, at: usize, out: &mut Vec<Range<usize>>) {
    let Some(rest) = text.get(at..) else { return };
    let Some(found) = rest.find("Private-Lines:").filter(|p| *p < BLOCK) else { return };
    let begin = at + found + "Private-Lines:".len();
    let (end, next) = line_end(text, begin);
    if text.get(begin..end).is_some_and(|n| n.trim().parse::<u16>().is_ok()) {
        body(text, next, out);
    }
}

/// Each value of a `Cookie` or `Set-Cookie` header that looks random; names and attributes stay.
pub(super) fn cookies(text: &str, at: usize, out: &mut Vec<Range<usize>>) {
    let Some(rest) = text.get(at + "cookie".len()..) else { return };
    let after = rest.trim_start_matches(['"', '\'', '\\']).trim_start_matches([' ', '\t']);
    let Some(after) = after.strip_prefix([':', '=']) else { return };
    let mut start = text.len() - after.len();
    for part in after.lines().next().unwrap_or_default().split_inclusive(';') {
        if let Some((name, value)) = part.split_once('=') {
            let value = value.trim_end_matches(';');
            let value = value.split(['"', '\'', '\\', ' ', ',']).next().unwrap_or_default();
            let name = name.trim_matches([' ', '"', '\'', '\\']);
            let plain = !name.is_empty() && name.bytes().all(|b| b.is_ascii_graphic());
            if plain && value.len() >= 16 && value::random(value) && !value::reference(value) && !value::example(value)
            {
                let from = start + part.find('=').unwrap_or(0) + 1;
                out.push(from..from + value.len());
            }
        }
        start += part.len();
    }
}

/// The secret half of an AWS pair stands within a few lines of its id, under any name or none.
pub(super) fn aws_pair(text: &str, at: usize, out: &mut Vec<Range<usize>>) {
    let id = text.as_bytes().get(at..at + 20).unwrap_or_default();
    if !id.iter().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()) || id.is_empty() {
        return;
    }
    let (from, to) = (at.saturating_sub(400), (at + 600).min(text.len()));
    let inside = |b: u8| b.is_ascii_alphanumeric() || b == b'/' || b == b'+';
    let bytes = text.as_bytes();
    let mut i = from;
    while i < to {
        let run = bytes.iter().skip(i).take(64).take_while(|b| inside(**b)).count();
        if run == 40
            && let Some(word) = text.get(i..i + run)
        {
            let shape = value::Shape::of(word);
            if shape.upper > 0
                && shape.lower > 0
                && shape.digits > 0
                && value::entropy(word) >= 4.0
                && !value::example(word)
            {
                out.push(i..i + run);
            }
        }
        i += run.max(1);
    }
}

/// The values under `data:` and `stringData:` of a Kubernetes manifest of kind `Secret`.
pub(super) fn kube(text: &str, at: usize, out: &mut Vec<Range<usize>>) {
    let after = text.as_bytes().get(at + "kind: secret".len());
    if after.is_some_and(|b| !b.is_ascii_whitespace()) {
        return;
    }
    let floor = at.saturating_sub(4096);
    let from =
        text.as_bytes().get(floor..at).and_then(|b| b.windows(5).rposition(|w| w == b"\n---\n" || w == b"+---\n"));
    let mut start = from.map_or(floor, |p| floor + p + 5);
    while !text.is_char_boundary(start) {
        start += 1;
    }
    let mut inside: Option<usize> = None;
    for line in text.get(start..).unwrap_or_default().split_inclusive('\n') {
        let begin = start;
        start += line.len();
        if begin > at + 4096 || (begin > at && line.trim_start_matches('+').starts_with("---")) {
            break;
        }
        let shown = line.strip_prefix(['+', '-']).unwrap_or(line);
        let (trimmed, depth) = (shown.trim(), shown.len() - shown.trim_start().len());
        if trimmed == "data:" || trimmed == "stringData:" {
            inside = Some(depth);
            continue;
        }
        let Some(outer) = inside else { continue };
        if trimmed.is_empty() {
            continue;
        }
        if depth <= outer {
            inside = None;
            continue;
        }
        let Some((_, raw)) = trimmed.split_once(": ") else { continue };
        let found = raw.trim().trim_matches(['"', '\'']);
        if found.len() >= 4 && !found.contains(' ') && !value::dummy(found) && !value::reference(found) {
            let from = begin + line.rfind(found).unwrap_or(0);
            out.push(from..from + found.len());
        }
    }
}
