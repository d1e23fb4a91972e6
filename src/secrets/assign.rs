//! The assignment parser: a telling name, an operator, a value; in JSON, YAML, TOML, env files, code, tables,
//! XML, manifests and command lines.

use std::ops::Range;
use std::sync::OnceLock;

use regex::bytes::Regex;

use super::names::{Weight, weigh};
use super::value::{self, Shape};

/// Longest bare value that is read as one; a text of nothing but names costs this much for each of them.
const BARE: usize = 1024;

/// What the parser found.
pub(super) struct Assigned {
    pub(super) span: Range<usize>,
    pub(super) weight: Weight,
    pub(super) confidence: f64,
}

/// From the end of a name to the first byte of its value. Groups say how they are tied.
fn ties() -> Option<&'static Regex> {
    static TIES: OnceLock<Option<Regex>> = OnceLock::new();
    const PATTERN: &str = r#"(?x)^
        (?P<close>(?:\\{0,3}["'`]|&quot;)?[\])]?)
        [\ \t]{0,40}
        (?:
          (?P<pair>,?(?:[\ \t]*\r?\n[+\ -]?)?[\ \t]*\\{0,3}["']?(?:value|Value)\\{0,3}["']?[\ \t]*[:=][\ \t]*)
        | (?P<typed>:?[\ \t]*[&A-Za-z<][A-Za-z0-9_&<>'\[\]?.\ |:*]{0,40}?[\ \t]+:?=[\ \t]+)
        | (?P<op>(?::=|=>|={1,3}|!=|<-|->|:)[\ \t]*)
        | (?P<comma>,[\ \t]*)
        | (?P<bar>\|[\ \t]*)
        | (?P<tag>>[\ \t]*)
        | (?P<word>(?:is|was)[\ \t]+)
        | (?P<blank>)
        )
        (?:
          (?:[A-Za-z_:.]{0,24}(?:new|from|Some|String|Secret|str|bytes|Ok|of)\(|[brfuL@]{1,2})?
          (?P<quote>"""|'''|\\{0,3}["'`]|&quot;)
        )?"#;
    TIES.get_or_init(|| regex::bytes::RegexBuilder::new(PATTERN).unicode(false).size_limit(1 << 20).build().ok())
        .as_ref()
}

/// Looks at the name round `key`. The second value says where the name ends, so that no name is read twice.
pub(super) fn find(text: &str, key: Range<usize>) -> (Option<Assigned>, usize) {
    let bytes = text.as_bytes();
    let named = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.') || !b.is_ascii();
    let before = bytes.get(..key.start).unwrap_or_default().iter().rev().take(128).take_while(|b| named(b)).count();
    let after = bytes.get(key.end..).unwrap_or_default().iter().take(128).take_while(|b| named(b)).count();
    let mut name = (key.start - before)..(key.end + after);
    // An escape before the name is no part of it: `\nPASSWORD=`.
    if name.start > 0
        && bytes.get(name.start - 1) == Some(&b'\\')
        && matches!(bytes.get(name.start), Some(b'n' | b'r' | b't'))
    {
        name.start += 1;
    }
    while !text.is_char_boundary(name.start) {
        name.start += 1;
    }
    while !text.is_char_boundary(name.end) {
        name.end -= 1;
    }
    // `->`, `x-` and trailing dots belong to what follows.
    while name.end > key.end && matches!(bytes.get(name.end - 1), Some(b'-' | b'.')) {
        name.end -= 1;
    }
    (assigned(text, name.clone()), name.end)
}

fn assigned(text: &str, name: Range<usize>) -> Option<Assigned> {
    let bytes = text.as_bytes();
    let end = name.end;
    let word = text.get(name.clone())?;
    let weight = weigh(word)?;
    let rest = bytes.get(end..(end + 400).min(bytes.len()))?;
    if rest.starts_with(b"::") || rest.starts_with(b"(") || rest.starts_with(b"()") {
        return None;
    }
    let ties = ties()?.captures(rest)?;
    let has = |group: &str| ties.name(group).is_some_and(|m| !m.is_empty());
    let quote = ties.name("quote").map(|m| m.as_bytes());
    let start = end + ties.get(0)?.end();
    let flag = word.starts_with('-');
    let line = line_before(text, name.start);
    let lead = line.trim_start_matches(['+', '-', ' ', '\t']);
    let bound = if has("comma") {
        // `setenv("DB_PASSWORD", "x")`
        ties.name("close").is_some_and(|m| !m.is_empty()) && quote.is_some()
    } else if has("tag") {
        line.ends_with('<')
    } else if has("bar") {
        line.contains('|')
    } else if has("op") || has("pair") || has("typed") || has("word") {
        true
    } else {
        // Only a flag, `ENV NAME value` and `#define NAME value` are tied by a blank alone.
        (flag
            || ["ENV ", "ARG ", "#define ", "define ", "set "].iter().any(|l| lead.starts_with(l) || lead == l.trim()))
            && rest.first().is_some_and(|b| matches!(b, b' ' | b'\t'))
    };
    if !bound {
        return None;
    }
    // A bare value after a typed name is an expression.
    if has("typed") && quote.is_none() {
        return None;
    }
    let env = has("op")
        && rest.first() == Some(&b'=')
        && word.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
        && (lead.is_empty()
            || ["export ", "ENV ", "ARG ", "set "].contains(&lead)
            || lead.ends_with("-e ")
            || lead.ends_with("\\n"));
    // `?user=a&password=b`, `Uid=sa;Password=b;` and `--password=b` hold values, never expressions.
    let near = name.start.checked_sub(1).and_then(|i| bytes.get(i)).copied();
    let query =
        rest.first() == Some(&b'=') && (flag || matches!(near, Some(b'?' | b'&' | b';'))) && weight > Weight::Weak;
    let span = match quote {
        Some(quote) => quoted(bytes, start, quote)?,
        None if has("tag") => until(bytes, start, |b| b == b'<' || b.is_ascii_whitespace()),
        None if env => until(bytes, start, |b| b.is_ascii_whitespace() || matches!(b, b'"' | b'\'' | b'`' | b'\\')),
        None => until(bytes, start, |b| b.is_ascii_whitespace() || b"\"'`,;&<>|()[]{}\\".contains(&b)),
    };
    let next = bytes.get(span.end).copied();
    let value = text.get(span.clone())?;
    let value = if quote.is_none() { value.trim_end_matches(['.', ':', ',', ';']) } else { value };
    let span = span.start..span.start + value.len();
    let whole_line =
        matches!(next, None | Some(b'\n' | b'\r' | b'\\')) && lead.len() + usize::from(lead.starts_with('"')) <= 2;
    let place = Place {
        quoted: quote.is_some() || has("pair") || query,
        env,
        whole_line,
        prose: has("word") || has("bar"),
        call: matches!(next, Some(b'(' | b'[' | b'{')),
    };
    let confidence = judge(value, word, weight, &place)?;
    Some(Assigned { span, weight, confidence })
}

/// What stands before `at` on its line, as far back as matters.
fn line_before(text: &str, at: usize) -> &str {
    let mut from = at.saturating_sub(256);
    while !text.is_char_boundary(from) {
        from += 1;
    }
    text.get(from..at).and_then(|t| t.rsplit('\n').next()).unwrap_or_default()
}

struct Place {
    quoted: bool,
    env: bool,
    whole_line: bool,
    prose: bool,
    call: bool,
}

fn quoted(bytes: &[u8], start: usize, quote: &[u8]) -> Option<Range<usize>> {
    let mut at = start;
    let limit = (start + 4096).min(bytes.len());
    while at < limit {
        let rest = bytes.get(at..limit)?;
        if rest.starts_with(quote) {
            return Some(start..at);
        }
        match rest.first()? {
            b'\n' => return None,
            // The same quote, escaped, is part of the value.
            b'\\' if !quote.starts_with(b"\\") => at += 2,
            _ => at += 1,
        }
    }
    None
}

fn until(bytes: &[u8], start: usize, stop: impl Fn(u8) -> bool) -> Range<usize> {
    let run = bytes.get(start..).unwrap_or_default().iter().take(BARE).take_while(|b| !stop(**b)).count();
    start..start + run
}

fn judge(value: &str, name: &str, weight: Weight, place: &Place) -> Option<f64> {
    if value.len() < 4 || value::dummy(value) || value::reference(value) {
        return None;
    }
    let shape = Shape::of(value);
    let entropy = value::entropy(value);
    if shape.spaces > 0 || (shape.foreign > 0 && shape.digits == 0) {
        return None;
    }
    if weight == Weight::Weak
        && (value::uuid(value) || value::digest(value) && !name.to_ascii_lowercase().ends_with("token"))
    {
        return None;
    }
    // Numbers alone are limits, ports and times; a PIN would be quoted under a password's name.
    if shape.letters() == 0 && shape.marks == 0 {
        return (weight == Weight::Password && place.quoted && value.len() >= 6).then_some(0.6);
    }
    let lower = value.to_ascii_lowercase();
    let speaks =
        ["password", "passwd", "secret", "token", "apikey", "api_key", "credential"].iter().any(|w| lower.contains(w));
    let names_only = value::path_of_names(value);
    let plain = shape.digits == 0 && shape.marks == 0;
    if !place.quoted && !place.env {
        // Bare words in code are expressions: calls, fields, variables.
        let identifier = value.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.'));
        let odd =
            value.len() >= 16 && entropy >= 3.2 && (shape.digits >= 3 || shape.digits >= 1 && value::jumpy(value));
        if place.call
            || names_only
            || (identifier && !odd && !(place.whole_line && weight == Weight::Password && shape.digits > 0))
        {
            return None;
        }
        if speaks && identifier && !odd {
            return None;
        }
        if place.prose && (shape.digits == 0 || value.len() < 6) {
            return None;
        }
    }
    if names_only && !(place.env && weight == Weight::Password && value.len() >= 16) {
        return None;
    }
    if plain {
        // Letters alone: a label or a word, unless humps or length speak against it.
        let inner_upper = value.chars().skip(1).any(|c| c.is_ascii_uppercase()) && shape.lower > 0;
        return match weight {
            Weight::Password if speaks => None,
            Weight::Password if place.env && value.len() >= 8 => Some(0.6),
            Weight::Password
                if place.quoted && value.len() >= 9 && (inner_upper || shape.upper == 0) && entropy >= 2.5 =>
            {
                Some(0.55)
            }
            Weight::Strong if value.len() >= 20 && inner_upper && entropy >= 3.6 => Some(0.7),
            _ => None,
        };
    }
    if speaks && shape.digits < 3 && weight != Weight::Password {
        return None;
    }
    match weight {
        Weight::Password if value.len() >= 5 => Some(0.8),
        Weight::Strong if value.len() >= 8 && shape.letters() > 0 && shape.digits > 0 && entropy >= 2.5 => Some(0.8),
        Weight::Strong if value.len() >= 16 && entropy >= 3.3 && shape.lower > 0 && shape.upper > 0 => Some(0.7),
        Weight::Weak if value.len() >= 16 && value::random(value) && entropy >= 3.0 && shape.digits >= 2 => Some(0.65),
        _ => None,
    }
}
