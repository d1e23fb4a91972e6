//! Numbers in the arguments of calls, to the digit: what 64 bits and a float cannot hold (ids, amounts) goes as it was
//! spelled.

use std::borrow::Cow;
use std::sync::LazyLock;

use memchr::memmem::{self, Finder};
use serde::de::IgnoredAny;
use serde_json::Value;

use super::Asked;
use crate::model::{Block, Event};

/// Leads a text that stands for a number while a body is put together; no text has this code point.
const LEAD: &str = "\u{fdd0}number:";

/// The members in which dialects have arguments as objects.
static MEMBERS: LazyLock<[Finder<'static>; 3]> =
    LazyLock::new(|| ["\"input\"", "\"args\"", "\"arguments\""].map(Finder::new));

/// JSON text in which such numbers are texts, until it is written ([`mend`]).
pub(super) fn held(text: &str) -> Cow<'_, str> {
    let mut out = String::new();
    let mut from = 0;
    for (start, end) in numbers(text) {
        let number = &text[start..end];
        if inexact(number) {
            out.push_str(&text[from..start]);
            out.push_str(&format!("\"{LEAD}{number}\""));
            from = end;
        }
    }
    if from == 0 {
        return Cow::Borrowed(text);
    }
    out.push_str(&text[from..]);
    Cow::Owned(out)
}

/// The number that a text stands for.
pub(super) fn number_of(held: &str) -> Option<f64> {
    held.strip_prefix(LEAD)?.parse().ok()
}

/// Writes the numbers that were held in what was written from here on.
pub(super) fn mend(out: &mut Vec<u8>, from: usize) {
    if memmem::find(out.get(from..).unwrap_or_default(), LEAD.as_bytes()).is_some()
        && let Ok(text) = String::from_utf8(out.split_off(from))
    {
        out.extend_from_slice(released(text).as_bytes());
    }
}

/// JSON with the numbers that were held.
fn released(json: String) -> String {
    let lead = format!("\"{LEAD}");
    if !json.contains(&lead) {
        return json;
    }
    let mut pieces = json.split(lead.as_str());
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        match piece.split_once('"').filter(|(number, _)| inexact(number)) {
            Some((number, rest)) => out.extend([number, rest]),
            None => out.extend([lead.as_str(), piece]),
        }
    }
    out
}

/// What was read of this body, with the arguments of its calls as they stand there.
pub(super) fn request(body: &[u8], mut asked: Asked) -> Asked {
    let mut raw = arguments(body);
    if !raw.is_empty() {
        for block in asked.request.messages.iter_mut().flat_map(|message| &mut message.blocks) {
            if let Block::ToolCall { input, .. } = block {
                restore(input, &mut raw);
            }
        }
    }
    asked
}

/// As [`request`], of what was read of an answer or a piece of one.
pub(super) fn events(body: &[u8], events: &mut [Event]) {
    if events.iter().any(|event| matches!(event, Event::ToolInput { .. })) {
        let mut raw = arguments(body);
        for event in events {
            if let Event::ToolInput { json, .. } = event {
                restore(json, &mut raw);
                // Where none of it could be read as it stood, numbers were held.
                if json.contains(LEAD) {
                    *json = released(std::mem::take(json));
                }
            }
        }
    }
}

/// Deeper than this nothing is read (levels); serde_json takes 127.
const DEEPEST: usize = 100;

/// JSON without what lies too deep to be read.
pub(super) fn shallow(text: &str) -> String {
    let (mut out, mut from, mut depth) = (String::new(), 0, 0_usize);
    for (at, byte) in bare(text) {
        match byte {
            b'{' | b'[' => {
                depth += 1;
                if depth == DEEPEST {
                    out.push_str(&text[from..at]);
                    out.push_str("null");
                    from = text.len();
                }
            }
            b'}' | b']' => {
                if depth == DEEPEST {
                    from = at + 1;
                }
                depth = depth.saturating_sub(1);
            }
            _ => {}
        }
    }
    out.push_str(&text[from..]);
    out
}

/// Arguments as they were read, and as they stand there.
type Raw = Vec<(String, String)>;

fn restore(input: &mut String, raw: &mut Raw) {
    if let Some(at) = raw.iter().position(|(read, _)| read == input) {
        *input = raw.remove(at).1;
    }
}

/// Objects of arguments with numbers that reading changed, in their order.
fn arguments(body: &[u8]) -> Raw {
    let mut found: Vec<usize> = Vec::new();
    for member in &*MEMBERS {
        for at in member.find_iter(body) {
            let rest = body.get(at + member.needle().len()..).unwrap_or_default();
            let object = rest.trim_ascii_start().strip_prefix(b":").map(<[u8]>::trim_ascii_start);
            found.extend(object.filter(|object| object.starts_with(b"{")).map(|object| body.len() - object.len()));
        }
    }
    if found.is_empty() {
        return Raw::new();
    }
    let Ok(text) = std::str::from_utf8(body) else { return Raw::new() };
    found.sort_unstable();
    // What lies in the arguments of a call is no call's.
    let mut until = 0;
    let raw = found.into_iter().filter_map(|at| {
        if at < until {
            return None;
        }
        let object = first(text.get(at..)?)?;
        until = at + object.len();
        if !numbers(object).any(|(start, end)| inexact(&object[start..end])) {
            return None;
        }
        let read = serde_json::from_str::<Value>(object).ok()?.to_string();
        Some((read, tight(object)))
    });
    raw.collect()
}

/// The object that a text begins with.
fn first(text: &str) -> Option<&str> {
    let mut depth = 0_usize;
    for (at, byte) in bare(text) {
        match byte {
            b'{' => depth += 1,
            b'}' => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return text.get(..=at);
                }
            }
            _ => {}
        }
    }
    None
}

/// Without white space between what it says.
fn tight(object: &str) -> String {
    let blank: Vec<usize> = bare(object).filter(|(_, byte)| byte.is_ascii_whitespace()).map(|(at, _)| at).collect();
    let mut out = String::with_capacity(object.len());
    let mut from = 0;
    for at in blank {
        out.push_str(&object[from..at]);
        from = at + 1;
    }
    out.push_str(&object[from..]);
    out
}

/// Bytes outside of texts, with their places.
fn bare(text: &str) -> impl Iterator<Item = (usize, u8)> + use<'_> {
    let (mut quoted, mut escaped) = (false, false);
    text.bytes().enumerate().filter(move |(_, byte)| {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            _ => return !quoted,
        }
        false
    })
}

/// Where its numbers stand.
fn numbers(text: &str) -> impl Iterator<Item = (usize, usize)> + use<'_> {
    let mut bytes = bare(text).peekable();
    std::iter::from_fn(move || {
        let (start, _) = bytes.find(|(_, byte)| byte.is_ascii_digit() || *byte == b'-')?;
        let mut end = start + 1;
        let goes_on = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.' | b'e' | b'E');
        while bytes.next_if(|(at, byte)| *at == end && goes_on(*byte)).is_some() {
            end += 1;
        }
        Some((start, end))
    })
}

/// It is a number, and reading and writing it makes another text of it.
fn inexact(number: &str) -> bool {
    let begins = number.starts_with(|c: char| c.is_ascii_digit() || c == '-');
    begins
        && serde_json::from_str::<IgnoredAny>(number).is_ok()
        && !serde_json::from_str::<Value>(number).is_ok_and(|read| {
            let text = read.to_string();
            text == number
        })
}
