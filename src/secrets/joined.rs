//! Views of literals that a program puts together: `"ab" + "cd"`, neighbours, lists that are joined, lines that go on.

use std::ops::Range;
use std::sync::OnceLock;

use memchr::memmem::Finder;

use super::lines::{Lines, Open};
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

/// What some of the ties are looked for with: made once, as many short texts are looked at.
struct Marks {
    dollar: Finder<'static>,
    hash: Finder<'static>,
    tags: Finder<'static>,
}

fn marks() -> &'static Marks {
    static MARKS: OnceLock<Marks> = OnceLock::new();
    MARKS.get_or_init(|| Marks { dollar: Finder::new("${"), hash: Finder::new("#{"), tags: Finder::new("><") })
}

/// Calls `found` with a view of each value that stands in several pieces.
/// `sums`: names are looked up, too.
pub(super) fn each(text: &str, sums: bool, lines: &Lines, mut found: impl FnMut(View)) {
    let bytes = text.as_bytes();
    // Where the literals that were read end, and where those end that were shown.
    let (mut done, mut shown) = (0, 0);
    for at in memchr::memchr3_iter(b'"', b'\'', b'`', bytes) {
        if at < done {
            continue;
        }
        // `a + "cd"`, `$a . 'cd'`
        if sums && at > 2 && bytes.get(at - 1) == Some(&b' ') && matches!(bytes.get(at - 2), Some(b'+' | b'.')) {
            summed(text, at, &mut found);
        }
        let Some(next) = bytes.get(at + 1) else { break };
        if !matches!(
            next,
            b' ' | b'\t' | b'\n' | b'\r' | b'\\' | b'+' | b'.' | b'&' | b'|' | b'~' | b',' | b'<' | b')' | b'*'
        ) {
            continue;
        }
        let Some(bytes_quote) = bytes.get(at).copied() else { continue };
        let Some((second, comma)) = tie(bytes, at + 1, bytes_quote) else { continue };
        let Some(first) = opening(bytes, at, done) else { continue };
        let mut pieces: Vec<Range<usize>> = std::iter::once(first + 1..at).collect();
        let (mut open, mut commas) = (second, comma);
        // `.concat(` says of the commas behind it what they are.
        let called = bytes.get(at + 1..second).is_some_and(|tie| tie.contains(&b'('));
        let mut end = at + 1;
        while pieces.len() < PIECES {
            let Some(close) = closing(bytes, open) else { break };
            // What only stands below or beside it belongs to it when it could be a token's rest.
            let tied = bytes.get(end..open).is_some_and(|t| t.iter().any(|b| !b.is_ascii_whitespace() && *b != b'\\'));
            let plain =
                |b: &u8| b.is_ascii_graphic() && !matches!(b, b'{' | b'}' | b'[' | b']' | b'<' | b'>' | b'(' | b')');
            if !tied && !bytes.get(open + 1..close).is_some_and(|piece| piece.iter().all(plain)) {
                break;
            }
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
        if pieces.len() > 1 && (!commas || called || joins(text, first, end)) {
            found(view(text, shown, first, &pieces, end));
            shown = end;
        }
    }
    continued(text, lines, &mut found);
    without(text, &marks().dollar, &["${\"", "\"}", "${'", "'}"], &mut found);
    without(text, &marks().hash, &["#{\"", "\"}", "#{'", "'}"], &mut found);
    untagged(text, &mut found);
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
            b'.' | b')' if let Some(length) = call(bytes.get(at..limit)?) => {
                operators += 1;
                at += length - 1;
            }
            b'+' | b'.' | b'&' | b'|' | b'~' | b'<' | b'>' | b'*' if operators < 3 => operators += 1,
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

/// Calls that put a string behind another, up to their bracket: `.concat(`, `).append(`.
fn call(rest: &[u8]) -> Option<usize> {
    const ADDING: [&str; 6] = [".concat(", ".append(", ".plus(", ".push_str(", ".write(", ".add("];
    let close = usize::from(rest.first() == Some(&b')'));
    let name = rest.get(close..)?;
    let found = ADDING.iter().find(|a| name.get(..a.len()).is_some_and(|n| n.eq_ignore_ascii_case(a.as_bytes())))?;
    Some(close + found.len())
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
        JOINERS
            .iter()
            .any(|j| word.len() >= j.len() && word.windows(j.len()).any(|w| w.eq_ignore_ascii_case(j.as_bytes())))
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

/// The pieces as one literal behind what the line says of it. What was shown with another literal, before `floor`, does
/// not speak of this one; so what is looked at again is no longer than the text, however many literals there are.
fn view(text: &str, floor: usize, first: usize, pieces: &[Range<usize>], end: usize) -> View {
    let mut from = first.saturating_sub(BEFORE).max(floor);
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

/// Lines that end in a backslash go on in the next; those that end in `=` do where mail wraps them, between two
/// characters of a token.
fn continued(text: &str, lines: &Lines, found: &mut impl FnMut(View)) {
    let (mut slashed, mut wrapped, mut mail) = (0, 0, None);
    for Open { stop, next, sign } in &lines.open {
        match sign {
            b'\\' if *stop >= slashed => {
                slashed = goes_on(text, *stop, *next, b'\\', |_| true, |_| true, found).unwrap_or(slashed);
            }
            b'=' if *stop >= wrapped => {
                let mail = *mail.get_or_insert_with(|| text.contains("quoted-printable"));
                let wraps = |line: &str| line.bytes().next_back().is_some_and(token);
                wrapped = goes_on(text, *stop, *next, b'=', wraps, |next| rest(next, mail), found).unwrap_or(wrapped);
            }
            _ => {}
        }
    }
}

const fn token(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'+' | b'/' | b'.')
}

/// The line begins with the rest of a token. An assignment on the next line is a line of its own, and a word is none of a
/// token's ends.
fn rest(next: &str, mail: bool) -> bool {
    let run = next.bytes().take_while(|b| token(*b)).count();
    let Some(end) = next.get(..run) else { return false };
    let digit = end.bytes().any(|b| b.is_ascii_digit());
    let humps = end.bytes().skip(1).any(|b| b.is_ascii_uppercase()) && end.bytes().any(|b| b.is_ascii_lowercase());
    let drawn = end.bytes().any(|b| b.is_ascii_alphabetic()) && (digit || humps);
    let named = matches!(next.as_bytes().get(run), Some(b'=' | b':'));
    (drawn || mail && run > 0)
        && (!named || next.get(run..).is_some_and(|r| r.trim_end() == "=" || r.starts_with("=\r")))
}

/// A view of the line that `sign` ends at `stop` and of those it goes on in, the first of which begins at `next`; where
/// the last of them ends.
fn goes_on(
    text: &str,
    mut stop: usize,
    mut next: usize,
    sign: u8,
    wraps: impl Fn(&str) -> bool,
    belongs: impl Fn(&str) -> bool,
    found: &mut impl FnMut(View),
) -> Option<usize> {
    let bytes = text.as_bytes();
    let floor = text.ceil_char_boundary(stop.saturating_sub(PIECE));
    let from = bytes.get(floor..stop).and_then(|b| memchr::memrchr(b'\n', b)).map_or(floor, |p| floor + p + 1);
    let first = text.get(from..stop).filter(|l| wraps(l))?;
    let mut view = View::new(PIECE);
    view.copy(first, from);
    for count in 1..=PIECES {
        let rest = bytes.get(next..).unwrap_or_default();
        let length = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        let Some(line) = text.get(next..next + length) else { break };
        let bare = line.strip_suffix('\r').unwrap_or(line);
        let lead = mark(bare);
        let own = bare.get(lead..).unwrap_or_default();
        if !belongs(own) {
            break;
        }
        let more = own.strip_suffix(char::from(sign)).filter(|l| wraps(l) && count < PIECES);
        stop = next + lead + more.unwrap_or(own).len();
        let piece = more.unwrap_or(own);
        view.copy(piece.get(..piece.floor_char_boundary(PIECE)).unwrap_or_default(), next + lead);
        next += length + 1;
        if more.is_none() {
            break;
        }
    }
    found(view);
    Some(stop)
}

/// What stands before the text of a line that continues another: a diff's mark, a quotation's, indentation.
fn mark(line: &str) -> usize {
    let marks = line.bytes().take(2).take_while(|b| matches!(b, b'+' | b'-' | b'>')).count();
    marks + line.bytes().skip(marks).take_while(|b| matches!(b, b' ' | b'\t')).count()
}

/// Lines with `cue` in them, without `parts`: literals inside of templates.
fn without(text: &str, cue: &Finder<'_>, parts: &[&str], found: &mut impl FnMut(View)) {
    let mut done = 0;
    for at in cue.find_iter(text.as_bytes()) {
        let opens = |rest: &str| parts.iter().find(|p| rest.starts_with(**p)).map(|p| p.len());
        if at < done || text.get(at..).and_then(opens).is_none() {
            continue;
        }
        let (from, to) = line(text, at);
        let mut view = View::new(to - from);
        let (mut copied, mut here) = (from, from);
        while here < to {
            match text.get(here..to).and_then(opens) {
                Some(length) => {
                    view.copy(text.get(copied..here).unwrap_or_default(), copied);
                    here += length;
                    copied = here;
                }
                None => here += 1,
            }
        }
        view.copy(text.get(copied..to).unwrap_or_default(), copied);
        done = to;
        found(view);
    }
}

/// Lines in which one mark-up element follows another at once, without their tags.
fn untagged(text: &str, found: &mut impl FnMut(View)) {
    let mut done = 0;
    for at in marks().tags.find_iter(text.as_bytes()) {
        if at < done {
            continue;
        }
        let (from, to) = line(text, at);
        let mut view = View::new(to - from);
        let mut copied = from;
        let mut rest = text.get(from..to).unwrap_or_default();
        while let Some(open) = rest.find('<') {
            let begin = to - rest.len() + open;
            let tag = rest.get(open + 1..).unwrap_or_default();
            let named = tag.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/');
            let Some(close) = tag.find('>').filter(|_| named) else {
                rest = tag;
                continue;
            };
            view.copy(text.get(copied..begin).unwrap_or_default(), copied);
            copied = begin + close + 2;
            rest = tag.get(close + 1..).unwrap_or_default();
        }
        view.copy(text.get(copied..to).unwrap_or_default(), copied);
        done = to;
        found(view);
    }
}

/// `a + "cd"` after `a = "ab"`: the literal that the name stands for is put in its place.
fn summed(text: &str, open: usize, found: &mut impl FnMut(View)) {
    let bytes = text.as_bytes();
    let word = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'$');
    let end = open - 2 - usize::from(bytes.get(open - 3) == Some(&b' '));
    let before = bytes.get(end.saturating_sub(BEFORE)..end).unwrap_or_default();
    let begin = end - before.iter().rev().take_while(|b| word(b)).count();
    let Some(name) = text.get(begin..end).filter(|n| !n.is_empty()) else { return };
    let floor = text.ceil_char_boundary(begin.saturating_sub(PIECE));
    let Some(source) = text.get(floor..begin) else { return };
    let Some(close) = closing(bytes, open) else { return };
    let given = memchr::memmem::rfind_iter(source.as_bytes(), name).take(4).find_map(|at| {
        let rest = source.get(at + name.len()..)?;
        let value = rest.trim_start().strip_prefix([':', '='])?.trim_start_matches(['=', ' ']);
        let quote = begin - value.len();
        matches!(bytes.get(quote), Some(b'"' | b'\'' | b'`')).then_some(quote)
    });
    let Some(first) = given else { return };
    let Some(stop) = closing(bytes, first).filter(|stop| *stop < begin) else { return };
    let (from, _) = line(text, end);
    let from = from.max(text.ceil_char_boundary(begin.saturating_sub(BEFORE)));
    let mut view = View::new(PIECE);
    view.copy(text.get(from..begin).unwrap_or_default(), from);
    // Out of order: the value of the name stands before the line that is read.
    view.copy(text.get(first..stop).unwrap_or_default(), first);
    view.copy(text.get(open + 1..=close).unwrap_or_default(), open + 1);
    found(view);
}

/// The line round `at`, no more of it than a value in pieces may take.
fn line(text: &str, at: usize) -> (usize, usize) {
    let bytes = text.as_bytes();
    let floor = text.ceil_char_boundary(at.saturating_sub(PIECE));
    let from = bytes.get(floor..at).and_then(|b| memchr::memrchr(b'\n', b)).map_or(floor, |p| floor + p + 1);
    let roof = text.floor_char_boundary((at + 2 * PIECE).min(bytes.len()));
    let to = bytes.get(at..roof).and_then(|b| memchr::memchr(b'\n', b)).map_or(roof, |p| at + p);
    (from, to)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn views(text: &str) -> Vec<String> {
        let mut out = Vec::new();
        each(text, true, &Lines::of(text), |v| out.push(v.text().to_owned()));
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
            ("export K=ab\\\r\n  cd\r\nnext", "export K=abcd"),
            ("> key is ab=\n> c2d soon", "> key is abc2d soon"),
            ("k = \"ab\".concat(\"cd\", \"ef\")", "k = \"abcdef\""),
            ("k = `ab${\"cd\"}`", "k = `abcd`"),
            ("<p>k: <b>ab</b><b>cd</b></p>", "k: abcd"),
            ("const a = \"ab\";\nconst k = a + \"cd\";", "const k = \"abcd\""),
        ] {
            assert!(views(text).iter().any(|v| v == whole), "{text}: {:?}", views(text));
        }
        for text in [r#"f("ab", "cd")"#, r#"{"a": "b", "c": "d"}"#, "it's a 'b' c", r#""a" "#] {
            assert!(views(text).is_empty(), "{text}: {:?}", views(text));
        }
    }
}
