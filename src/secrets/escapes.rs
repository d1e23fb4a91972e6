//! Views of a piece of text without its escapes: backslashes, percent signs, entities, quoted-printable, colours.

use std::ops::Range;

use super::digits::number;
use super::view::View;

/// Whether an escape begins in `places`: worth a closer look.
pub(super) fn hinted(text: &str, places: Range<usize>) -> bool {
    let bytes = text.as_bytes();
    let from = places.start;
    bytes.get(places).unwrap_or_default().iter().enumerate().any(|(n, byte)| match byte {
        b'\\' | b'%' | b'&' => text.get(from + n..).and_then(escape).is_some(),
        b'=' => bytes.get(from + n + 1).is_some_and(|next| matches!(next, b'3' | b'\n' | b'\r')),
        _ => false,
    })
}

/// Whether characters are written by their numbers anywhere in the text: `\u002d`, `&#45;`.
pub(super) fn numbered(text: &str) -> bool {
    let bytes = text.as_bytes();
    memchr::memmem::find(bytes, b"\\u00").is_some() || memchr::memmem::find(bytes, b"&#").is_some()
}

/// Where a text is written in percent signs throughout, as forms and addresses are: in order, apart from each other.
pub(super) fn dense(text: &str) -> Vec<Range<usize>> {
    let mut out = Vec::new();
    let (mut open, mut count) = (0..0, 0);
    let mut close = |span: &Range<usize>, count: usize| {
        if count >= DENSE {
            let start = text.as_bytes().get(..span.start).unwrap_or_default().iter().rev().take(NEAR);
            let start = span.start - start.take_while(|b| b.is_ascii_graphic()).count();
            let end = text.as_bytes().get(span.end..).unwrap_or_default().iter().take(LONG);
            let end = span.end + end.take_while(|b| b.is_ascii_graphic()).count();
            let floor = out.last().map_or(0, |last: &Range<usize>| last.end);
            out.push(text.floor_char_boundary(start.max(floor))..text.floor_char_boundary(end));
        }
    };
    for at in memchr::memchr_iter(b'%', text.as_bytes()) {
        if hexed(text.get(at + 1..at + 3)).is_none() || at < open.start {
            continue;
        }
        if at > open.end + NEAR || open.len() > PIECE {
            close(&open, count);
            (open, count) = (at..at, 0);
        }
        open.end = at + 3;
        count += 1;
    }
    close(&open, count);
    out
}

/// So many percent signs with digits, each near the next, are no accident.
const DENSE: usize = 6;
/// What near is (bytes).
const NEAR: usize = 64;
/// Longest value behind the last of them.
const LONG: usize = 512;
/// Longest piece that is decoded at once.
const PIECE: usize = 64 * 1024;

/// The text in `span` without its escapes; `None` when there is none.
pub(super) fn view(text: &str, span: Range<usize>) -> Option<View> {
    let source = text.get(span.clone())?;
    let soft = source.contains("=3D") || source.contains("=\n") && source.contains("quoted-printable");
    let mut view = View::new(source.len());
    let (mut at, mut copied, mut any) = (0, 0, false);
    let bytes = source.as_bytes();
    let marked = |rest: &[u8]| match soft {
        true => rest.iter().position(|b| matches!(b, b'\\' | b'%' | b'&' | b'=')),
        false => memchr::memchr3(b'\\', b'%', b'&', rest),
    };
    while let Some(mark) = bytes.get(at..).and_then(marked) {
        at += mark;
        let rest = source.get(at..).unwrap_or_default();
        let read = match bytes.get(at) {
            Some(b'=') if rest.starts_with("=\r\n") || rest.starts_with("=\n") => {
                Some((None, rest.find('\n').unwrap_or(0) + 1))
            }
            Some(b'=') => hexed(rest.get(1..3)).map(|c| (Some(c), 3)),
            _ => escape(rest),
        };
        let Some((char, length)) = read else {
            at += 1;
            continue;
        };
        any = true;
        view.copy(source.get(copied..at).unwrap_or_default(), span.start + copied);
        if let Some(char) = char {
            view.put(char.encode_utf8(&mut [0; 4]), span.start + at..span.start + at + length);
        }
        at += length;
        copied = at;
    }
    view.copy(source.get(copied..).unwrap_or_default(), span.start + copied);
    any.then_some(view)
}

/// An escape: the character it stands for, none for one that only colours or continues a line, and its bytes.
type Escape = (Option<char>, usize);

fn escape(rest: &str) -> Option<Escape> {
    match rest.as_bytes().first()? {
        b'\\' => backslash(rest),
        b'%' => hexed(rest.get(1..3)).map(|c| (Some(c), 3)),
        b'&' => entity(rest),
        _ => None,
    }
}

fn backslash(rest: &str) -> Option<Escape> {
    let second = *rest.as_bytes().get(1)?;
    match second {
        b'"' | b'\'' | b'\\' | b'/' | b'`' | b'$' | b'=' | b':' | b'-' | b'.' | b'&' | b'@' => {
            Some((Some(char::from(second)), 2))
        }
        b'n' => Some((Some('\n'), 2)),
        b'r' => Some((Some('\r'), 2)),
        b't' => Some((Some('\t'), 2)),
        b'\n' => Some((None, 2 + blank(rest.get(2..)?))),
        b'\r' if rest.as_bytes().get(2) == Some(&b'\n') => Some((None, 3 + blank(rest.get(3..)?))),
        b'u' => {
            let (code, length) = match rest.get(2..6).and_then(number) {
                Some(code) => (code, 6),
                // Rust's and Swift's form.
                None => {
                    let inner = rest.get(2..)?.strip_prefix('{')?;
                    let close = inner.bytes().take(7).position(|b| b == b'}')?;
                    (number(inner.get(..close)?)?, close + 4)
                }
            };
            if code == 0x1B { colour(rest, length) } else { Some((Some(char::from_u32(code)?), length)) }
        }
        b'x' => {
            let code = number(rest.get(2..4)?)?;
            if code == 0x1B { colour(rest, 4) } else { Some((Some(ascii(code)?), 4)) }
        }
        b'e' => colour(rest, 2),
        b'0' if rest.starts_with("\\033") => colour(rest, 4),
        _ => None,
    }
}

/// The indentation of a line that continues another, and a diff's mark before it.
fn blank(rest: &str) -> usize {
    rest.bytes().take_while(|b| matches!(b, b' ' | b'\t')).count()
}

/// One byte that is a character by itself.
fn ascii(code: u32) -> Option<char> {
    char::from_u32(code).filter(|c| c.is_ascii_graphic() || matches!(c, ' ' | '\n' | '\t'))
}

fn hexed(digits: Option<&str>) -> Option<char> {
    ascii(number(digits.filter(|d| d.len() == 2)?)?)
}

/// A colour code after its escape character of `length` bytes.
fn colour(rest: &str, length: usize) -> Option<Escape> {
    let inner = rest.get(length..)?.strip_prefix('[')?;
    let digits = inner.bytes().take(24).take_while(|b| b.is_ascii_digit() || *b == b';').count();
    matches!(inner.as_bytes().get(digits), Some(b'm' | b'K')).then_some((None, length + digits + 2))
}

fn entity(rest: &str) -> Option<Escape> {
    const NAMED: [(&str, char); 8] = [
        ("&quot;", '"'),
        ("&amp;", '&'),
        ("&lt;", '<'),
        ("&gt;", '>'),
        ("&apos;", '\''),
        ("&nbsp;", ' '),
        ("&equals;", '='),
        ("&colon;", ':'),
    ];
    if let Some((name, char)) = NAMED.iter().find(|(name, _)| rest.starts_with(name)) {
        return Some((Some(*char), name.len()));
    }
    let inner = rest.strip_prefix("&#")?;
    let close = inner.bytes().take(8).position(|b| b == b';')?;
    let digits = inner.get(..close)?;
    let code = match digits.strip_prefix(['x', 'X']) {
        Some(hex) => number(hex)?,
        None => digits.parse().ok()?,
    };
    Some((Some(ascii(code)?), close + 3))
}

/// A text with real colour codes in it, without them; `None` when it has none.
pub(super) fn colourless(text: &str) -> Option<View> {
    memchr::memchr(0x1B, text.as_bytes())?;
    let mut view = View::new(text.len());
    let mut copied = 0;
    for at in memchr::memchr_iter(0x1B, text.as_bytes()) {
        let Some((_, length)) = text.get(at..).and_then(|rest| colour(rest, 1)) else { continue };
        view.copy(text.get(copied..at).unwrap_or_default(), copied);
        copied = at + length;
    }
    view.copy(text.get(copied..).unwrap_or_default(), copied);
    (copied > 0).then_some(view)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(text: &str) -> Option<String> {
        view(text, 0..text.len()).map(|v| v.text().to_owned())
    }

    #[test]
    fn escapes_of_many_tongues_are_read() {
        for (from, to) in [
            (r#"{\"a\": \"b\\c\"}"#, r#"{"a": "b\c"}"#),
            (r"password\u003dx\n", "password=x\n"),
            ("a%3Db%20c", "a=b c"),
            ("&quot;a&#x3D;b&#39;", "\"a=b'"),
            (r"\u{3d}\x3D", "=="),
            (r"\u001b[31mred\x1b[0m\e[1mx\033[0m", "redx"),
            ("a=3Db=\nc", "a=bc"),
            ("one\\\n    two", "onetwo"),
        ] {
            assert_eq!(decoded(from).as_deref(), Some(to), "{from}");
        }
        for none in ["plain", r"\d+\s*", "100% sure", "a & b", "key=AB12"] {
            assert_eq!(decoded(none), None, "{none}");
        }
    }

    #[test]
    fn colours_are_left_out_and_nothing_else() {
        let view = colourless("\u{1b}[1;31mkey\u{1b}[0m=v\u{1b}x").map(|v| v.text().to_owned());
        assert_eq!(view.as_deref(), Some("key=v\u{1b}x"));
        assert!(colourless("plain").is_none());
    }
}
