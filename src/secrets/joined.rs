//! Views of literals that a program puts together: `"ab" + "cd"`, neighbours, lists that are joined, lines that go on.

use std::ops::Range;

use super::view::View;

/// What stands between two pieces at most: an operator, a line end, indentation, a diff's mark.
const BETWEEN: usize = 120;
/// Longest piece.
const PIECE: usize = 400;
/// Most pieces of one value.
const PIECES: usize = 64;
/// What of the line before the first piece is kept: the name it is given to.
const BEFORE: usize = 96;
/// Words that make a list one string.
const JOINERS: [&str; 8] = ["join", "concat", "implode", "paste0", "strcat", "stringbuilder", "append", "path"];

/// Calls `found` with a view of each value that stands in several pieces.
pub(super) fn each(text: &str, mut found: impl FnMut(View)) {
    let bytes = text.as_bytes();
    let mut done = 0;
    for at in memchr::memchr3_iter(b'"', b'\'', b'`', bytes) {
        if at < done {
            continue;
        }
        let Some(next) = bytes.get(at + 1) else { break };
        if !matches!(next, b' ' | b'\t' | b'\n' | b'\r' | b'\\' | b'+' | b'.' | b'&' | b'|' | b'~' | b',' | b'<' | b')') {
            continue;
        }
        let Some(bytes_quote) = bytes.get(at).copied() else { continue };
        let Some((second, comma)) = tie(bytes, at + 1, bytes_quote) else { continue };
        let Some(first) = opening(bytes, at, done) else { continue };
        let mut pieces = vec![first + 1..at];
        let (mut open, mut commas) = (second, comma);
        let mut end = at + 1;
        while pieces.len() < PIECES {
            let Some(close) = closing(bytes, open) else { break };
            pieces.push(open + 1..close);
            end = close + 1;
            match tie(bytes, end, bytes.get(open).copied().unwrap_or(b'"')) {
                Some((next, comma)) => {
                    open = next;
                    commas |= comma;
                }
                None => break,
            }
        }
        done = end;
        if pieces.len() > 1 && (!commas || joins(text, first, end)) {
            found(view(text, first, &pieces, end));
        }
    }
    continued(text, &mut found);
}

/// From behind a closing quote to the next opening one, if nothing but a tie stands between: its place, and whether
/// the tie is a comma.
fn tie(bytes: &[u8], from: usize, quote: u8) -> Option<(usize, bool)> {
    let mut at = from;
    let limit = (from + BETWEEN).min(bytes.len());
    let (mut operators, mut comma, mut line) = (0, false, false);
    while at < limit {
        let byte = *bytes.get(at)?;
        match byte {
            b' ' | b'\t' | b'\r' => {}
            b'\n' => {
                line = true;
                // A diff's mark begins the next line.
                if matches!(bytes.get(at + 1), Some(b'+' | b'-')) {
                    at += 1;
                }
            }
            b'\\' if bytes.get(at + 1) == Some(&b'\n') || bytes.get(at + 1..at + 3) == Some(b"\r\n") => {}
            b'+' | b'.' | b'&' | b'|' | b'~' | b'<' | b'>' if operators < 3 => operators += 1,
            b',' if !comma && operators == 0 => comma = true,
            b'b' | b'f' | b'r' | b'u' | b'@' | b'$' if matches!(bytes.get(at + 1), Some(b'"' | b'\'')) => {}
            b'"' | b'\'' | b'`' => {
                // Neighbours without a tie on one line: only those of the same quotes.
                let near = operators > 0 || comma || line || byte == quote;
                return (near && at > from).then_some((at, comma));
            }
            _ => return None,
        }
        at += 1;
    }
    None
}

/// Where the literal that is closed at `close` begins.
fn opening(bytes: &[u8], close: usize, floor: usize) -> Option<usize> {
    let quote = *bytes.get(close)?;
    let from = close.saturating_sub(PIECE).max(floor);
    let mut at = close;
    while at > from {
        at -= 1;
        let byte = *bytes.get(at)?;
        if byte == b'\n' {
            return None;
        }
        if byte == quote && (at == 0 || bytes.get(at - 1) != Some(&b'\\')) {
            return Some(at);
        }
    }
    None
}

/// Where the literal that is opened at `open` ends.
fn closing(bytes: &[u8], open: usize) -> Option<usize> {
    let quote = *bytes.get(open)?;
    let mut at = open + 1;
    let limit = (open + PIECE).min(bytes.len());
    while at < limit {
        match *bytes.get(at)? {
            b'\n' => return None,
            b'\\' => at += 1,
            byte if byte == quote => return Some(at),
            _ => {}
        }
        at += 1;
    }
    None
}

/// Whether a list of literals is put together: the word before or behind it says so.
fn joins(text: &str, first: usize, end: usize) -> bool {
    let bytes = text.as_bytes();
    let plain = |b: &u8| b.is_ascii_alphanumeric() || *b == b'_';
    let says = |word: &[u8]| {
        JOINERS.iter().any(|j| word.len() >= j.len() && word.windows(j.len()).any(|w| w.eq_ignore_ascii_case(j.as_bytes())))
    };
    // `"".join(["a", "b"])`, `concat("a", "b")`
    let before = bytes.get(first.saturating_sub(40)..first).unwrap_or_default();
    let open = before.iter().rev().take_while(|b| !plain(b)).count();
    let word = before.iter().rev().skip(open).take_while(|b| plain(b)).count();
    let from = before.len() - open - word;
    if open > 0 && says(before.get(from..from + word).unwrap_or_default()) {
        return true;
    }
    // `["a", "b"].join("")`
    let after = bytes.get(end..(end + 40).min(bytes.len())).unwrap_or_default();
    let close = after.iter().take_while(|b| !plain(b)).count();
    after.get(..close).is_some_and(|c| c.contains(&b'.'))
        && says(after.get(close..).unwrap_or_default().split(|b| !plain(b)).next().unwrap_or_default())
}

fn view(text: &str, first: usize, pieces: &[Range<usize>], end: usize) -> View {
    let mut from = first.saturating_sub(BEFORE);
    while !text.is_char_boundary(from) {
        from += 1;
    }
    let lead = text.get(from..first).unwrap_or_default();
    let from = lead.rfind('\n').map_or(from, |p| from + p + 1);
    let mut view = View::new(BEFORE + pieces.iter().map(Range::len).sum::<usize>());
    view.copy(text.get(from..=first).unwrap_or_default(), from);
    for piece in pieces {
        view.copy(text.get(piece.clone()).unwrap_or_default(), piece.start);
    }
    view.copy(text.get(end - 1..end).unwrap_or_default(), end - 1);
    view
}

/// Lines that end in a backslash go on in the next.
fn continued(text: &str, found: &mut impl FnMut(View)) {
    let bytes = text.as_bytes();
    let mut done = 0;
    for at in memchr::memmem::find_iter(bytes, b"\\\n") {
        if at < done {
            continue;
        }
        let mut start = at.saturating_sub(PIECE);
        while !text.is_char_boundary(start) {
            start += 1;
        }
        let start = bytes.get(start..at).and_then(|b| memchr::memrchr(b'\n', b)).map_or(start, |p| start + p + 1);
        let mut view = View::new(PIECE);
        let (mut from, mut stop, mut lines) = (start, at, 0);
        loop {
            view.copy(text.get(from..stop).unwrap_or_default(), from);
            lines += 1;
            let mark = usize::from(matches!(bytes.get(stop + 2), Some(b'+' | b'-')));
            from = stop + 2 + mark;
            from += bytes.get(from..).unwrap_or_default().iter().take_while(|b| matches!(b, b' ' | b'\t')).count();
            let line = bytes.get(from..).unwrap_or_default();
            let length = memchr::memchr(b'\n', line).unwrap_or(line.len());
            let goes_on = length > 0 && line.get(length - 1) == Some(&b'\\');
            stop = from + length - usize::from(goes_on);
            if !goes_on || lines >= PIECES {
                view.copy(text.get(from..stop.min(from + PIECE)).unwrap_or_default(), from);
                break;
            }
        }
        done = stop;
        found(view);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn views(text: &str) -> Vec<String> {
        let mut out = Vec::new();
        each(text, |v| out.push(v.text().to_owned()));
        out
    }

    #[test]
    fn literals_in_pieces_are_read_as_one() {
        for (text, whole) in [
            (r#"k = "ab" + "cd""#, r#"k = "abcd""#),
            ("k = 'ab' .\n  'cd' . 'ef';", "k = 'abcdef'"),
            ("k = (\"ab\"\n     \"cd\")", "k = (\"abcd\""),
            ("+k = \"ab\" +\n+  \"cd\"", "+k = \"abcd\""),
            (r#"k = ["ab", "cd"].join("")"#, r#"k = ["abcd""#),
            (r#"k = "".join(["ab", "cd"])"#, r#"k = "".join(["abcd""#),
            ("k = \"ab\" \\\n  \"cd\"", "k = \"abcd\""),
            ("k = 'ab' || 'cd'", "k = 'abcd'"),
            ("export K=ab\\\n  cd\nnext", "export K=abcd"),
        ] {
            assert!(views(text).iter().any(|v| v == whole), "{text}: {:?}", views(text));
        }
        for text in [r#"f("ab", "cd")"#, r#"{"a": "b", "c": "d"}"#, "it's a 'b' c", r#""a" "#] {
            assert!(views(text).is_empty(), "{text}: {:?}", views(text));
        }
    }
}
