//! Lines of `NAME=value`.

use serde_json::Value;

use super::edit::{Damage, line_end};

/// One assignment and the lines it takes.
struct Line<'a> {
    name: &'a str,
    start: usize,
    /// Behind its last byte, without the line's end.
    end: usize,
    /// Behind its value: what follows is a comment.
    upto: usize,
    value: String,
}

pub(super) fn get(text: &str, at: &[String]) -> Result<Option<Value>, Damage> {
    // Of several, the last one counts.
    Ok(parse(text)?.into_iter().rev().find(|line| [line.name] == at).map(|line| Value::from(line.value)))
}

pub(super) fn set(text: &str, at: &[String], value: &Value) -> Result<String, Damage> {
    let [name] = at else { return Err(Damage::whole("a variable has one name")) };
    let said = format!("{name}={}", quoted(value.as_str().unwrap_or_default()));
    match parse(text)?.into_iter().rev().find(|line| line.name == name) {
        Some(line) => {
            let export = text.get(line.start..line.end).is_some_and(|t| t.trim_start().starts_with("export "));
            Ok(replaced(text, line.start, line.upto, &if export { format!("export {said}") } else { said }))
        }
        None => {
            let end = line_end(text);
            let gap = if text.is_empty() || text.ends_with('\n') { "" } else { end };
            Ok(format!("{text}{gap}{said}{end}"))
        }
    }
}

pub(super) fn cover(
    text: &str,
    at: &[String],
    word: impl Fn(&Value) -> Option<&'static str>,
) -> Result<String, Damage> {
    let mut out = text.to_owned();
    // From the end, so that the places before stay where they are.
    for line in parse(text)?.into_iter().rev().filter(|line| [line.name] == at) {
        if let Some(word) = word(&Value::from(line.value.as_str())) {
            let said = text.get(line.start..line.upto).unwrap_or_default();
            let head = said.split_once('=').map_or(line.name, |(head, _)| head);
            out = replaced(&out, line.start, line.upto, &format!("{head}={}", quoted(word)));
        }
    }
    Ok(out)
}

pub(super) fn carry(text: &str, at: &[String], from: &str) -> Result<String, Damage> {
    let find =
        |text| Ok(parse(text)?.into_iter().rev().find(|line| [line.name] == at).map(|line| (line.start, line.end)));
    let Some((start, end)) = find(text)? else { return Ok(text.to_owned()) };
    if let Some((old, upto)) = find(from)? {
        return Ok(replaced(text, start, end, from.get(old..upto).unwrap_or_default()));
    }
    let rest = text.get(end..).unwrap_or_default();
    let line = if rest.starts_with("\r\n") { 2 } else { usize::from(rest.starts_with('\n')) };
    Ok(replaced(text, start, end + line, ""))
}

fn replaced(text: &str, start: usize, end: usize, with: &str) -> String {
    format!("{}{with}{}", text.get(..start).unwrap_or_default(), text.get(end..).unwrap_or_default())
}

fn quoted(value: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=+@%,".contains(c);
    if value.chars().all(plain) { value.to_owned() } else { format!("'{value}'") }
}

fn parse(text: &str) -> Result<Vec<Line<'_>>, Damage> {
    let (mut out, mut at) = (Vec::new(), 0);
    while at < text.len() {
        let rest = text.get(at..).unwrap_or_default();
        let length = rest.find('\n').unwrap_or(rest.len());
        let line = rest.get(..length).unwrap_or_default().trim_end_matches('\r');
        let mut next = at + length + 1;
        let body = line.trim_start();
        let body = body.strip_prefix("export ").unwrap_or(body);
        if let Some((name, value)) = body.split_once('=').filter(|_| !body.starts_with('#')) {
            let value = value.trim_start();
            let from = at + line.len() - value.len();
            let (value, end, upto) = match value.chars().next().filter(|c| "\"'`".contains(*c)) {
                // A quoted value may go over several lines.
                Some(quote) => {
                    let inner = text.get(from + 1..).unwrap_or_default();
                    let Some(close) = inner.find(quote) else {
                        return Err(Damage::at(text, from, "a quoted value has no end"));
                    };
                    let behind = from + 1 + close + 1;
                    let tail = text.get(behind..).unwrap_or_default();
                    let tail = tail.find('\n').unwrap_or(tail.len());
                    next = behind + tail + 1;
                    let end = behind + text.get(behind..behind + tail).unwrap_or_default().trim_end_matches('\r').len();
                    (inner.get(..close).unwrap_or_default().to_owned(), end, behind)
                }
                None => {
                    let plain = value.split(" #").next().unwrap_or_default().trim_end();
                    (plain.to_owned(), at + line.len(), from + plain.len())
                }
            };
            out.push(Line { name: name.trim(), start: at, end, upto, value });
        }
        at = next;
    }
    Ok(out)
}
