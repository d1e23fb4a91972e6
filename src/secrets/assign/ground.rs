//! Where a value stands: what decides whether bare text is a value or an expression.

use std::ops::Range;

use super::Assigned;
use super::extent::{block, quoted, until};
use super::judge::{Case, judge};
use super::tie::{self, Bond, Quote, Tie};
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
const DIRECTIVES: [&str; 8] =
    ["requirepass", "masterauth", "masterpass", "bindpw", "rootpw", "sasl-password", "auth-pass", "storepass"];

/// Reads what is assigned to `name`.
pub(super) fn read(text: &str, name: Range<usize>, weight: Weight) -> Option<Assigned> {
    let bytes = text.as_bytes();
    let tie = tie::read(bytes, &name)?;
    let word = text.get(name.clone())?;
    let line = line_before(text, name.start);
    let lead = line.trim_start_matches(['+', '-', ' ', '\t', '>', '*']);
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
        let span = quoted(bytes, tie.at, quote)?;
        let confidence = judge(&case(span.clone(), Ground::Literal));
        let more = if tie.list { list(bytes, span.end, quote) } else { Vec::new() };
        let more: Vec<_> = more.into_iter().filter(|m| judge(&case(m.clone(), Ground::Literal)).is_some()).collect();
        return match confidence {
            Some(c) => Some(Assigned { more, ..one(span, weight, c) }),
            None => joined(&case(span, Ground::Literal), quote),
        };
    }
    bare(text, &tie, &name, lead, near, weight)
}

fn one(span: Range<usize>, weight: Weight, confidence: f64) -> Assigned {
    Assigned { span, more: Vec::new(), weight, confidence }
}

/// Whether name and value belong together at all.
fn bound(tie: &Tie, word: &str, line: &str, lead: &str, near: u8, bytes: &[u8]) -> bool {
    let flag = word.starts_with('-') || (near == b'/' && word.len() > 3);
    match tie.bond {
        Bond::Equals | Bond::Colon | Bond::Pair | Bond::Word | Bond::Block(_) => true,
        // A bare value after a type is an expression.
        Bond::Typed => tie.quote.is_some(),
        Bond::Fallback => line.contains("${"),
        // `setenv("DB_PASSWORD", "x")`, `{password, "x"}`.
        Bond::Comma => tie.quote.is_some() && (tie.closed || matches!(near, b'{' | b'(' | b':')),
        Bond::Cell => line.contains('|'),
        Bond::Markup => near == b'<' || tie.closed || bytes.get(tie.at.wrapping_sub(1)) == Some(&b'>') && near == b'>',
        Bond::Call => tie.quote.is_some() && setter(word, near),
        Bond::Blank if tie.quote.is_some() => {
            flag || near == b':'
                || lead.is_empty()
                || near == b'$'
                || setting(lead)
                || sql(lead, word)
                || lead.ends_with("--")
        }
        Bond::Blank => {
            flag || setting(lead) || (lead.is_empty() && (DIRECTIVES.contains(&word) || (!tie.closed && !tie.tight)))
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
    let screaming = word.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
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
        || tie.bond == Bond::Blank && (flag || setting(lead) || DIRECTIVES.contains(&word));
    let stops = |b: u8| b.is_ascii_whitespace() || b"\"'`,;&<>|()[]{}\\".contains(&b);
    let ascii = until(bytes, start, stops);
    let whole = line_rest(bytes, start);
    // In a file of settings a value runs to the end of its line, whatever marks it holds.
    let settled = lead.is_empty()
        && matches!(tie.bond, Bond::Colon | Bond::Equals | Bond::Blank)
        && whole.end > ascii.end
        && text.get(whole.clone()).is_some_and(|v| literal(v, tie.tight));
    let (span, ground) = match tie.bond {
        Bond::Markup => (until(bytes, start, |b| b == b'<' || b == b'\n'), Ground::Cell),
        Bond::Cell => (cell(bytes, start), Ground::Cell),
        Bond::Fallback => (until(bytes, start, |b| b == b'}' || b.is_ascii_whitespace()), Ground::Field),
        _ if env => {
            let shell = matches!(bytes.get(name.start.wrapping_sub(1)), Some(b'"' | b'\'' | b'('));
            let stop =
                |b: u8| b.is_ascii_whitespace() || matches!(b, b'"' | b'\'' | b'`' | b'\\') || (shell && b == b')');
            (until(bytes, start, stop), Ground::Env)
        }
        _ if field => {
            let query = !flag && !setting(lead);
            let stop = |b: u8| {
                b.is_ascii_whitespace()
                    || matches!(b, b'"' | b'\'' | b'`' | b'\\' | b'<' | b'>')
                    || (query && matches!(b, b'&' | b';' | b'#' | b',' | b')' | b']' | b'}'))
            };
            (until(bytes, start, stop), Ground::Field)
        }
        Bond::Pair => (until(bytes, start, |b| b.is_ascii_whitespace() || b"\"'`,>}\\".contains(&b)), Ground::Field),
        _ if settled => (whole.clone(), Ground::Line),
        Bond::Word => (until(bytes, start, |b| b.is_ascii_whitespace() || b"\"'`<>,;)".contains(&b)), Ground::Prose),
        _ => {
            let alone = lead.is_empty() || matches!(lead, "\"" | "'");
            let over = |b: Option<&u8>| matches!(b, None | Some(b'\n' | b'\r'));
            let next = bytes.get(ascii.end);
            let comment = next == Some(&b' ')
                && bytes.get(ascii.end..).is_some_and(|r| {
                    let r = r.trim_ascii_start();
                    r.starts_with(b"#") || r.starts_with(b"//")
                });
            let escaped = next == Some(&b'\\') && matches!(bytes.get(ascii.end + 1), Some(b'n' | b'r' | b't'));
            let line = alone && (over(next) || comment || escaped);
            (ascii.clone(), if line { Ground::Line } else { Ground::Code })
        }
    };
    let value = text.get(floor(text, span.clone()))?;
    let trimmed = match ground {
        Ground::Cell => value.trim_matches([' ', '\t', '`', '*', '"']),
        Ground::Env | Ground::Line => value.trim_end(),
        Ground::Field => value.trim_end_matches(['.', ':']),
        _ => value.trim_end_matches(['.', ':', ',', ';', '!', '?']).trim_end_matches('*'),
    };
    let span = {
        let from = span.start + value.find(trimmed).unwrap_or_default();
        from..from + trimmed.len()
    };
    let call = matches!(bytes.get(span.end), Some(b'(' | b'[' | b'{'));
    let ground = if ground == Ground::Code && tie.bond == Bond::Colon && prose(lead) { Ground::Prose } else { ground };
    judge(&Case { text, span: span.clone(), name: word, weight, ground, call }).map(|c| one(span, weight, c))
}

/// Words stand before the name, not code.
fn prose(lead: &str) -> bool {
    lead.contains(' ')
        && lead.bytes().all(|b| !b.is_ascii() || b.is_ascii_alphanumeric() || b" '-*_`,.:!?#".contains(&b))
}

/// What a settings file would hold, not code: one word, no call, no list, no end of a statement.
fn literal(value: &str, tight: bool) -> bool {
    let bytes = value.as_bytes();
    let called = bytes.windows(2).any(|w| matches!(w, [a, b'(' | b'['] if a.is_ascii_alphanumeric() || *a == b'_'));
    !value.is_empty()
        && !value.contains(char::is_whitespace)
        && !value.ends_with([',', ';', '{', '(', '[', '\\', '>', '|'])
        && !value.starts_with(['{', '[', '(', '<', '|', '>', '&', '*', '"', '\'', '`'])
        && !(called && !tight)
        && !value.contains("()")
        && !value.contains(['"', '`', '\\'])
        && value.bytes().any(|b| b.is_ascii_digit() || b.is_ascii_uppercase())
}

fn ending(lead: &str, tail: &str) -> bool {
    lead.ends_with(tail)
}

/// To the end of the line, without blanks and without a comment.
fn line_rest(bytes: &[u8], start: usize) -> Range<usize> {
    let line = until(bytes, start, |b| b == b'\n');
    let rest = bytes.get(line.clone()).unwrap_or_default();
    let comment = rest.windows(2).position(|w| matches!(w, [b' ' | b'\t', b'#']));
    let rest = rest.get(..comment.unwrap_or(rest.len())).unwrap_or_default();
    start..start + rest.trim_ascii_end().len()
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

/// Further elements of a list of literals.
fn list(bytes: &[u8], end: usize, quote: Quote) -> Vec<Range<usize>> {
    let Quote::Mark(mark, slashes) = quote else { return Vec::new() };
    let mut out = Vec::new();
    let mut at = end;
    while out.len() < 32 {
        let mut c = crate::secrets::custom::Cursor::new(bytes, at);
        c.run(slashes, |b| b == b'\\');
        c.at += 1;
        if !c.eat(",") {
            break;
        }
        c.blanks();
        c.down();
        c.run(slashes, |b| b == b'\\');
        if c.peek() != mark {
            break;
        }
        let Some(next) = quoted(bytes, c.at + 1, quote) else { break };
        at = next.end;
        out.push(next);
    }
    out
}

/// A literal cut in pieces, none of which says enough alone: `"a1b2" + "c3d4"`, `"a1b2" "c3d4"`.
fn joined(case: &Case<'_>, quote: Quote) -> Option<Assigned> {
    let Quote::Mark(mark, slashes) = quote else { return None };
    let bytes = case.text.as_bytes();
    let mut whole = case.text.get(case.span.clone())?.to_owned();
    let mut pieces = vec![case.span.clone()];
    let mut at = case.span.end;
    while pieces.len() < 16 {
        let mut c = crate::secrets::custom::Cursor::new(bytes, at);
        c.run(slashes, |b| b == b'\\');
        c.at += 1;
        c.blanks();
        c.down();
        let plus = c.run(2, |b| matches!(b, b'+' | b'.' | b'&' | b'\\')) > 0;
        c.blanks();
        let lower = c.down();
        c.run(slashes, |b| b == b'\\');
        if c.peek() != mark || !(plus || lower || bytes.get(c.at.wrapping_sub(1)) == Some(&b' ')) {
            break;
        }
        let Some(next) = quoted(bytes, c.at + 1, quote) else { break };
        whole.push_str(case.text.get(next.clone())?);
        at = next.end;
        pieces.push(next);
    }
    if pieces.len() < 2 {
        return None;
    }
    let inner = Case { text: &whole, span: 0..whole.len(), ..*case };
    let confidence = judge(&inner)?;
    let mut pieces = pieces.into_iter().filter(|p| !p.is_empty());
    let span = pieces.next()?;
    Some(Assigned { span, more: pieces.collect(), weight: case.weight, confidence })
}

/// A value whose name follows in a comment: `"…"  # the password`.
pub(super) fn behind(text: &str, name: &Range<usize>, weight: Weight) -> Option<Assigned> {
    let line = line_before(text, name.start);
    let (code, remark) =
        ["# ", "// ", "-- ", "<!-- "].iter().find_map(|m| line.rsplit_once(m)).filter(|(_, r)| r.len() <= 24)?;
    if !remark.bytes().all(|b| b.is_ascii_alphabetic() || b == b' ') {
        return None;
    }
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
    let mut from = at.saturating_sub(256);
    while !text.is_char_boundary(from) {
        from += 1;
    }
    text.get(from..at).and_then(|t| t.rsplit('\n').next()).unwrap_or_default()
}

/// A range that was cut by a limit ends at a whole character.
fn floor(text: &str, mut span: Range<usize>) -> Range<usize> {
    while !text.is_char_boundary(span.end) {
        span.end -= 1;
    }
    span
}
