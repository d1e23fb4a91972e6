//! Where a value stands: what decides whether bare text is a value or an expression.

use std::ops::Range;

use super::Assigned;
use super::extent::{among, block, goes_on, quoted, until};
use super::judge::{Case, crowded, judge};
use super::pieces::{joined, list};
use super::tie::{self, Bond, Tie};
use crate::secrets::custom::Cursor;
use crate::secrets::names::Weight;
use crate::secrets::value;

/// The kind of place a value stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ground {
    /// In quotes: code, JSON, a manifest.
    Literal,
    /// `NAME=value` as shells and env files have it.
    Env,
    /// Alone behind its name on a line: YAML, INI, properties.
    Line,
    /// `&name=value`, `;Password=value;`, `--name value`: never an expression.
    Field,
    /// The text of an element or of a table's cell.
    Cell,
    /// A sentence.
    Prose,
    /// Bare, where code may stand.
    Code,
}

/// Words that tie a name to a bare value with a blank alone.
const SETTING: [&str; 19] = [
    "ENV ",
    "ARG ",
    "#define ",
    "define ",
    "set ",
    "set -x ",
    "set -gx ",
    "setenv ",
    "SetEnv ",
    "setx ",
    "export ",
    "set -Ux ",
    "git config ",
    "aws configure set ",
    "defaults write ",
    "config set ",
    "CONFIG SET ",
    "pass ",
    "SET ",
];

/// Names that servers' own configuration ties with a blank.
const DIRECTIVES: [&str; 9] = [
    "requirepass",
    "masterauth",
    "masterpass",
    "bindpw",
    "rootpw",
    "sasl-password",
    "auth-pass",
    "storepass",
    "insecure-password",
];

/// Reads what is assigned to `name`.
pub(super) fn read(text: &str, name: Range<usize>, weight: Weight) -> Option<Assigned> {
    let bytes = text.as_bytes();
    let tie = tie::read(bytes, &name)?;
    let word = text.get(name.clone())?;
    let line = line_before(text, name.start);
    let lead = opening(line);
    let near = name.start.checked_sub(1).and_then(|i| bytes.get(i)).copied().unwrap_or_default();
    if !bound(&tie, word, line, lead, near, bytes) {
        return None;
    }
    let case = |span: Range<usize>, ground| Case { text, span, name: word, weight, ground, call: false };
    if let Bond::Block(end) = tie.bond {
        let end = end.and_then(|(at, length)| text.get(at..at + length));
        let depth = line.len() - line.trim_start_matches(['+', ' ', '\t']).len();
        let span = block(text, tie.at, depth - usize::from(line.starts_with('+')), end)?;
        return judge(&case(span.clone(), Ground::Literal)).map(|c| one(span, weight, c));
    }
    if let Some(quote) = tie.quote {
        let span = inner(text, quoted(bytes, tie.at, quote)?);
        // A string that is a key itself: `{"type": …`.
        let mut after = Cursor::new(bytes, span.end);
        after.run(8, |b| b == b'\\');
        after.at += 1;
        after.blanks();
        if matches!(tie.bond, Bond::Comma | Bond::Colon | Bond::Blank) && after.peek() == b':' && after.look(1) != b':'
        {
            return None;
        }
        let literal = case(span.clone(), Ground::Literal);
        if !matches!(tie.bond, Bond::Comma | Bond::Cell | Bond::Blank)
            && let Some(found) = joined(&literal, quote, tie.pieces)
        {
            return Some(found);
        }
        let more = if tie.list { list(bytes, span.end, quote) } else { Vec::new() };
        let mut more = more.into_iter().filter(|m| judge(&case(m.clone(), Ground::Literal)).is_some());
        return match judge(&literal) {
            Some(c) => Some(Assigned { more: more.collect(), ..one(span, weight, c) }),
            None => more.next().map(|first| Assigned { more: more.collect(), ..one(first, weight, 0.8) }),
        };
    }
    if weight > Weight::Weak
        && let Some(span) = numbers(bytes, tie.at)
    {
        return Some(one(span, weight, 0.8));
    }
    bare(text, &tie, &name, lead, near, weight)
}

/// A key written as a list of bytes: `[11, 162, …]`, `{ 0x10, 0xc7, … }`.
fn numbers(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    let mut c = Cursor::new(bytes, at);
    if !matches!(c.peek(), b'[' | b'{') {
        return None;
    }
    c.at += 1;
    c.blanks();
    c.down();
    let start = c.at;
    let (mut count, mut seen) = (0, [false; 256]);
    loop {
        let from = c.at;
        let hex = c.fold("0x");
        let digits = c.run(4, |b| if hex { b.is_ascii_hexdigit() } else { b.is_ascii_digit() });
        if digits == 0 || digits > if hex { 2 } else { 3 } {
            return None;
        }
        count += 1;
        let digits = std::str::from_utf8(bytes.get(from..c.at)?).ok()?;
        let byte =
            digits.get(2..).filter(|_| hex).map_or_else(|| digits.parse(), |d| usize::from_str_radix(d, 16)).ok()?;
        *seen.get_mut(byte)? = true;
        let end = c.at;
        c.blanks();
        let more = c.eat(",");
        c.blanks();
        c.down();
        if matches!(c.peek(), b']' | b'}') || !more || count > 256 {
            return (matches!(c.peek(), b']' | b'}') && count >= 16 && seen.iter().filter(|s| **s).count() >= 12)
                .then_some(start..end);
        }
    }
}

fn one(span: Range<usize>, weight: Weight, confidence: f64) -> Assigned {
    Assigned { span, more: Vec::new(), weight, confidence }
}

/// Whether name and value belong together at all.
fn bound(tie: &Tie, word: &str, line: &str, lead: &str, near: u8, bytes: &[u8]) -> bool {
    let slash = near == b'/' && line.trim_end_matches('/').ends_with([' ', '\t']);
    let flag = word.starts_with('-') || (slash && word.len() > 3);
    // A part of a path or of a reference: `s3://a/key=1`, `aws:secret:a/b`.
    if (near == b'/' && !slash) || (near == b':' && matches!(tie.bond, Bond::Colon | Bond::Equals) && tie.tight) {
        return false;
    }
    // `Pass check=True to see it`: a verb, in a sentence that goes on.
    let verb = tie.bond == Bond::Blank && word.eq_ignore_ascii_case("pass") && goes_on(bytes, tie.at);
    if verb && !mixed(bytes, tie.at) {
        return false;
    }
    match tie.bond {
        Bond::Equals | Bond::Colon | Bond::Pair | Bond::Word | Bond::Block(_) => true,
        // A bare value after a type is an expression.
        Bond::Typed => tie.quote.is_some(),
        Bond::Fallback => line.contains("${"),
        // `setenv("DB_PASSWORD", "x")`, `{password, "x"}`.
        Bond::Comma if tie.quote.is_none() => tie.tight && lead.is_empty(),
        Bond::Comma => tie.closed || (lead.is_empty() && tie.tight) || matches!(near, b'{' | b'('),
        Bond::Cell if near == b'|' => line.trim_start_matches(['+', '-', ' ']).starts_with('|'),
        Bond::Cell => line.contains('|') || lead.is_empty(),
        Bond::Markup => near == b'<' || tie.closed || bytes.get(tie.at.wrapping_sub(1)) == Some(&b'>') && near == b'>',
        Bond::Call => tie.quote.is_some() && setter(word, near),
        Bond::Blank if tie.quote.is_some() => {
            flag || near == b':'
                || near == b'@'
                || tie.closed
                || lead.starts_with('(')
                || lead.ends_with("set(")
                || prose(lead)
                || lead.is_empty()
                || near == b'$'
                || setting(lead)
                || sql(lead, word)
                || lead.ends_with("--")
        }
        Bond::Blank => {
            flag || setting(lead)
                || word == "insecure-password"
                || (lead.is_empty() && (DIRECTIVES.contains(&word) || (!tie.closed && !tie.tight)))
                || (prose(spoken(lead)) && !tie.tight && mixed(bytes, tie.at))
        }
    }
}

fn setting(lead: &str) -> bool {
    SETTING.iter().any(|l| lead.starts_with(l) || lead == l.trim_end())
}

/// `CREATE ROLE a WITH PASSWORD '…'`, `ENCRYPTED PASSWORD '…'`.
fn sql(lead: &str, word: &str) -> bool {
    word.eq_ignore_ascii_case("password")
        && ["with", "encrypted", "set", "login", "superuser", "role", "user", "for", "valid"]
            .iter()
            .any(|w| value::within(lead, w))
}

/// `set_password`, `withToken`, `.password(`, `.secret_key(`.
fn setter(word: &str, near: u8) -> bool {
    near == b'.'
        || word.contains('.')
        || ["set", "with", "use", "put", "add"].iter().any(|s| {
            value::begins(word, s) && word.as_bytes().get(s.len()).is_some_and(|b| *b == b'_' || b.is_ascii_uppercase())
        })
}

/// A value without quotes.
fn bare(text: &str, tie: &Tie, name: &Range<usize>, lead: &str, near: u8, weight: Weight) -> Option<Assigned> {
    let bytes = text.as_bytes();
    let word = text.get(name.clone())?;
    let start = tie.at;
    let flag = word.starts_with('-');
    let equals = tie.bond == Bond::Equals && tie.tight;
    let screaming = word.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_' || !b.is_ascii());
    let env = equals
        && ((screaming
            && (lead.is_empty()
                || lead.ends_with(' ')
                || lead.ends_with("\\n")
                || lead.ends_with(['"', '\'', '(', ';'])))
            || setting(lead)
            || lead.ends_with("-e ")
            || lead.ends_with("--env ")
            || lead.ends_with("--from-literal="));
    let field = (equals || bytes.get(name.end) == Some(&b'%'))
        && (flag || matches!(near, b'?' | b'&' | b';') || ending(lead, "%26") || ending(lead, "&amp;"))
        && weight > Weight::Weak
        || (equals && matches!(near, b'?' | b'&'))
        || tie.bond == Bond::Blank && (flag || setting(lead) || DIRECTIVES.contains(&word))
        || (equals && near == b' ' && weight > Weight::Weak && fields(lead) && !humped(bytes, start))
        || (equals && near == b',' && [" -o ", "--set "].iter().any(|o| lead.contains(o)))
        || (equals
            && near == b' '
            && ["--set", "--set-string", "-var", "--build-arg"].iter().any(|o| lead.trim_end().ends_with(o)));
    static STOPS: [bool; 256] = among(b" \t\n\x0c\r\x1b\"'`,;&<>|()[]{}\\");
    let stops = |b: u8| STOPS[usize::from(b)];
    let ascii = until(bytes, start, stops);
    if matches!(tie.bond, Bond::Equals | Bond::Colon) && text.get(ascii.clone()).is_some_and(crowded) {
        return None;
    }
    let tied = bytes.get(name.end..start).unwrap_or_default();
    let compared = tied.windows(2).any(|w| matches!(w, b"!=" | b"==" | b"->"));
    // In a file of settings a value runs to the end of its line, whatever marks it holds.
    let alone = lead.is_empty() && matches!(tie.bond, Bond::Colon | Bond::Equals | Bond::Blank) && !compared;
    let whole = Some(start)
        .filter(|_| alone)
        .map(|start| line_rest(bytes, start))
        .filter(|whole| whole.end > ascii.end && text.get(whole.clone()).is_some_and(|v| literal(v, tie.tight)));
    let words =
        Some(start).filter(|_| weight == Weight::Password && tie.bond != Bond::Cell).and_then(|s| words(bytes, s));
    let (span, ground) = match tie.bond {
        Bond::Equals | Bond::Colon | Bond::Word if let Some(words) = words => (words, Ground::Cell),
        Bond::Markup => {
            let span = until(bytes, start, |b| matches!(b, b'<' | b'\n' | b'"' | b'\\'));
            if bytes.get(span.end) != Some(&b'<') {
                return None;
            }
            (span, Ground::Cell)
        }
        Bond::Cell => (cell(bytes, start), Ground::Cell),
        Bond::Comma => (until(bytes, start, |b| matches!(b, b',' | b'\n' | b'\r' | b'"')), Ground::Cell),
        Bond::Fallback => (until(bytes, start, |b| b == b'}' || b.is_ascii_whitespace()), Ground::Field),
        // ODBC puts braces round what holds marks.
        _ if equals && near == b';' && bytes.get(start) == Some(&b'{') => {
            (until(bytes, start + 1, |b| b == b'}' || b == b'\n'), Ground::Field)
        }
        // The default of `${redis.password:…}`.
        Bond::Colon if tie.tight && lead.rfind("${").is_some_and(|p| lead.rfind('}').is_none_or(|q| q < p)) => {
            (until(bytes, start, |b| b == b'}' || b.is_ascii_whitespace() || b == b'"'), Ground::Field)
        }
        _ if env => {
            let shell = matches!(bytes.get(name.start.wrapping_sub(1)), Some(b'"' | b'\'' | b'('));
            let stop = |b: u8| {
                b.is_ascii_whitespace() || matches!(b, b'"' | b'\'' | b'`' | b'\\' | 0x1b) || (shell && b == b')')
            };
            (until(bytes, start, stop), Ground::Env)
        }
        _ if field => {
            let query = !flag && !setting(lead);
            let stop = |b: u8| {
                b.is_ascii_whitespace()
                    || matches!(b, b'"' | b'\'' | b'`' | b'\\' | b'<' | b'>' | 0x1b)
                    || (query && matches!(b, b'&' | b';' | b'#' | b',' | b')' | b']' | b'}'))
            };
            (until(bytes, start, stop), Ground::Field)
        }
        Bond::Pair => (until(bytes, start, |b| b.is_ascii_whitespace() || b"\"'`,>}\\".contains(&b)), Ground::Field),
        _ if let Some(whole) = whole => (whole, Ground::Line),
        Bond::Colon if prose(lead) && !tie.closed => {
            (until(bytes, start, |b| b.is_ascii_whitespace() || b"\"'`<>\x1b".contains(&b)), Ground::Prose)
        }
        Bond::Word => {
            (until(bytes, start, |b| b.is_ascii_whitespace() || b"\"'`<>,;)]\x1b".contains(&b)), Ground::Prose)
        }
        // `ssh ann@host (password: …)`
        Bond::Colon
            if near == b'('
                && bytes.get(ascii.end) == Some(&b')')
                && !matches!(bytes.get(ascii.end + 1), Some(b':' | b'{'))
                && bytes.get(ascii.end + 1..ascii.end + 3) != Some(b" =")
                && bytes.get(ascii.end + 1..ascii.end + 3) != Some(b" {")
                && matches!(bytes.get(name.start.wrapping_sub(2)), Some(b' ' | b'\n')) =>
        {
            (ascii, Ground::Prose)
        }
        _ => {
            let alone = lead.is_empty() || matches!(lead, "\"" | "'");
            // `self.password = pass2`: a field of an object, given a variable.
            let own = value::begins(word, "self.") || value::begins(word, "this.");
            let over = |b: Option<&u8>| matches!(b, None | Some(b'\n' | b'\r'));
            let next = bytes.get(ascii.end);
            let comment = next == Some(&b' ')
                && bytes.get(ascii.end..).is_some_and(|r| {
                    let r = r.trim_ascii_start();
                    r.starts_with(b"#") || r.starts_with(b"//")
                });
            let escaped = next == Some(&b'\\') && matches!(bytes.get(ascii.end + 1), Some(b'n' | b'r' | b't'));
            let line = alone && (over(next) || comment || escaped) && !compared && !own;
            (ascii, if line { Ground::Line } else { Ground::Code })
        }
    };
    let span = native(text, floor(text, span));
    // `$request->password`: the value went on as code does.
    if bytes.get(span.clone()).is_some_and(|v| v.ends_with(b"-") && bytes.get(span.end) == Some(&b'>')) {
        return None;
    }
    let (span, continued) = continued(text, span, ground);
    let value = text.get(span.clone())?;
    let trimmed = match ground {
        Ground::Cell => value.trim_matches([' ', '\t', '`', '*', '"']),
        Ground::Env | Ground::Line => value.trim_end(),
        Ground::Field => value.trim_end_matches(['.', ':']),
        // The mark that ends a sentence may belong to the password, and costs nothing.
        _ => value.trim_end_matches(['.', ':', ',', ';', '?']).trim_end_matches('*'),
    };
    let span = {
        let from = span.start + value.find(trimmed).unwrap_or_default();
        from..from + trimmed.len()
    };
    let call = matches!(bytes.get(span.end), Some(b'(' | b'[' | b'{'));
    let ground = if ground == Ground::Code && matches!(tie.bond, Bond::Colon | Bond::Blank) && prose(lead) {
        Ground::Prose
    } else {
        ground
    };
    if let Some(whole) = continued {
        let case = Case { text: &whole, span: 0..whole.len(), name: word, weight, ground, call };
        return judge(&case).map(|c| one(span, weight, c));
    }
    judge(&Case { text, span: span.clone(), name: word, weight, ground, call }).map(|c| one(span, weight, c))
}

/// A line's own text, without what tools write before it: marks of diffs, comments, quoted mail and boxes, a log's prefix.
fn opening(line: &str) -> &str {
    let mut lead = line;
    // `2026-02-23T08:43:43.712Z shop-web | `
    if lead.starts_with(|c: char| c.is_ascii_digit())
        && let Some((prefix, rest)) = lead.split_once(" | ")
        && prefix.contains(':')
    {
        lead = rest;
    }
    // What a page puts round a listing.
    while let Some((tag, rest)) = lead.strip_prefix('<').and_then(|l| l.split_once('>'))
        && matches!(tag, "pre" | "code" | "p" | "li" | "td" | "div")
    {
        lead = rest;
    }
    lead.trim_start_matches(|c: char| c.is_whitespace() || "+->*#/;│┃┆|$\u{1b}".contains(c)).trim_start_matches("[36m")
}

/// `level=info user=ann token=…`: fields stand before this one.
fn fields(lead: &str) -> bool {
    lead.split(' ').any(|word| {
        word.split_once('=').is_some_and(|(name, value)| {
            !value.is_empty()
                && !word.contains(['(', ')', '{', '}', '[', ']', ';', '<'])
                && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'))
        })
    })
}

/// `dbPass2`: a variable of somebody's code.
fn humped(bytes: &[u8], at: usize) -> bool {
    let mut c = Cursor::new(bytes, at);
    let word = c.run(24, |b| b.is_ascii_alphanumeric());
    let value = bytes.get(at..at + word).unwrap_or_default();
    let humps = value.windows(2).filter(|w| matches!(w, [a, b] if a.is_ascii_lowercase() && b.is_ascii_uppercase()));
    value.first().is_some_and(u8::is_ascii_lowercase)
        && humps.count() > 0
        && std::str::from_utf8(value).is_ok_and(|v| value::odds(v) < 0.0)
}

/// A value in ASCII ends where another script begins: `は x9Kq2です`.
fn native(text: &str, span: Range<usize>) -> Range<usize> {
    let value = text.as_bytes().get(span.clone()).unwrap_or_default();
    let ascii = value.iter().take_while(|b| b.is_ascii()).count();
    let wide = value.get(ascii).is_some_and(|b| *b >= 0xE2);
    if ascii >= 6 && wide { span.start..span.start + ascii } else { span }
}

/// A value that goes on in the next line, behind a backslash; and the whole of it.
fn continued(text: &str, span: Range<usize>, ground: Ground) -> (Range<usize>, Option<String>) {
    let bytes = text.as_bytes();
    let mut end = span.end;
    let mut whole: Option<String> = None;
    if !matches!(ground, Ground::Line | Ground::Env | Ground::Code) {
        return (span, None);
    }
    for _ in 0..8 {
        let mut c = Cursor::new(bytes, end);
        if !c.eat("\\") || !c.down() {
            break;
        }
        let next = floor(text, until(bytes, c.at, |b| b.is_ascii_whitespace() || matches!(b, b'\\' | b'"' | b'\'')));
        if next.is_empty() {
            break;
        }
        let so_far = whole.get_or_insert_with(|| text.get(span.clone()).unwrap_or_default().to_owned());
        so_far.push_str(text.get(next.clone()).unwrap_or_default());
        end = next.end;
    }
    (span.start..end, whole)
}

/// Without escaped quotes inside the quotes: `"\"value\""`.
fn inner(text: &str, span: Range<usize>) -> Range<usize> {
    let value = text.get(span.clone()).unwrap_or_default();
    match value.strip_prefix("\\\"").and_then(|v| v.strip_suffix("\\\"")) {
        Some(inner) if !inner.is_empty() => span.start + 2..span.end - 2,
        _ => span,
    }
}

/// What follows holds small and capital letters and digits: no word of a sentence.
fn mixed(bytes: &[u8], at: usize) -> bool {
    let word = until(bytes, at, |b| !b.is_ascii_graphic());
    let word = bytes.get(word).unwrap_or_default();
    let has = |kind: fn(&u8) -> bool| word.iter().any(kind);
    let text = std::str::from_utf8(word).unwrap_or_default();
    word.len() >= 8
        && has(u8::is_ascii_digit)
        && has(u8::is_ascii_uppercase)
        && has(u8::is_ascii_lowercase)
        && !value::wordy(text)
}

/// Words stand before the name, not code.
fn prose(lead: &str) -> bool {
    lead.contains(' ')
        && lead.bytes().all(|b| !b.is_ascii() || b.is_ascii_alphanumeric() || b" '-*_`,.:!?#".contains(&b))
}

/// The sentence in a log's message: what stands behind the last quote and bracket.
fn spoken(lead: &str) -> &str {
    lead.rsplit(['"', '\'', ']', '|']).next().unwrap_or_default()
}

/// What a settings file would hold, not code: one word, no call, no list, no end of a statement.
fn literal(value: &str, tight: bool) -> bool {
    let bytes = value.as_bytes();
    let called = bytes.windows(2).any(|w| matches!(w, [a, b'(' | b'['] if a.is_ascii_alphanumeric() || *a == b'_'));
    !value.is_empty()
        && !value.contains(char::is_whitespace)
        && !value.ends_with([',', ';', '{', '(', '[', '\\', '>', '|'])
        && !value.starts_with(['{', '[', '(', '<', '|', '>', '&', '*', '"', '\'', '`'])
        && (tight || !called)
        && !value.contains("()")
        && !value.contains(['"', '`'])
        && value.split('\\').skip(1).all(|rest| rest.starts_with(['#', '=', ':', '!']))
        && value.bytes().any(|b| b.is_ascii_digit() || b.is_ascii_uppercase())
}

fn ending(lead: &str, tail: &str) -> bool {
    lead.ends_with(tail)
}

/// Longest value that runs to the end of its line, in bytes.
const LINE: usize = 1024;

/// To the end of the line, without blanks and without a comment.
fn line_rest(bytes: &[u8], start: usize) -> Range<usize> {
    let rest = Cursor::new(bytes, start).rest(LINE);
    let rest = rest.get(..memchr::memchr(b'\n', rest).unwrap_or(rest.len())).unwrap_or_default();
    let comment = rest.windows(2).position(|w| matches!(w, [b' ' | b'\t', b'#']));
    let rest = rest.get(..comment.unwrap_or(rest.len())).unwrap_or_default();
    start..start + rest.trim_ascii_end().len()
}

/// Four lower-case words or more and nothing else up to the line's end: a passphrase without quotes.
fn words(bytes: &[u8], start: usize) -> Option<Range<usize>> {
    let mut c = Cursor::new(bytes, start);
    for count in 1..=8 {
        if !(3..=12).contains(&c.run(13, |b| b.is_ascii_lowercase())) {
            return None;
        }
        if matches!(c.peek(), 0 | b'\n' | b'\r' | b'"' | b'\\' | b'<') {
            return (count >= 4).then_some(start..c.at);
        }
        if !c.eat(" ") {
            return None;
        }
    }
    None
}

/// To the bar that ends a table's cell.
fn cell(bytes: &[u8], start: usize) -> Range<usize> {
    let mut at = start;
    while let Some(byte) = bytes.get(at)
        && at < start + 256
    {
        match byte {
            b'|' | b'\n' => break,
            b'\\' if bytes.get(at + 1) == Some(&b'|') => at += 2,
            _ => at += 1,
        }
    }
    start..at.min(bytes.len())
}

/// How far before a name its comment begins at most.
const REMARK: usize = 28;

/// A value whose name follows in a comment: `"…"  # the password`.
pub(super) fn behind(text: &str, name: &Range<usize>, weight: Weight) -> Option<Assigned> {
    let near = text.as_bytes().get(name.start.saturating_sub(REMARK)..name.start)?;
    let words = near.iter().rev().take_while(|b| b.is_ascii_alphabetic() || **b == b' ').count();
    let marks = near.get(..near.len() - words)?;
    if near.get(marks.len()) != Some(&b' ') {
        return None;
    }
    let mark = ["#", "//", "<!--", "--"].iter().find(|m| marks.ends_with(m.as_bytes()))?;
    let line = line_before(text, name.start);
    let code = line.get(..line.len().checked_sub(words + mark.len())?)?;
    let code = code.trim_end().trim_end_matches([',', ';', ')']);
    let mark = *code.as_bytes().last()?;
    if !matches!(mark, b'"' | b'\'' | b'`') {
        return None;
    }
    let inner = code.get(..code.len() - 1)?;
    let open = inner.rfind(char::from(mark))?;
    let from = name.start - line.len() + open + 1;
    let span = from..name.start - line.len() + inner.len();
    let word = text.get(name.clone())?;
    let value = text.get(span.clone())?;
    // The only literal of its line, and random: the remark may speak of anything else.
    if inner.get(..open)?.contains(char::from(mark)) || !value::random(value) || value::wordy(value) || value.len() < 8
    {
        return None;
    }
    let case = Case { text, span: span.clone(), name: word, weight, ground: Ground::Literal, call: false };
    judge(&case).map(|c| one(span, weight, c.min(0.7)))
}

/// What stands before `at` on its line, as far back as matters.
fn line_before(text: &str, at: usize) -> &str {
    let from = text.ceil_char_boundary(at.saturating_sub(256));
    let ahead = text.get(from..at).unwrap_or_default();
    ahead.get(memchr::memrchr(b'\n', ahead.as_bytes()).map_or(0, |p| p + 1)..).unwrap_or_default()
}

/// A range that was cut by a limit ends at a whole character.
fn floor(text: &str, mut span: Range<usize>) -> Range<usize> {
    while !text.is_char_boundary(span.end) {
        span.end -= 1;
    }
    span
}
