//! JSON with comments, edited by spans: nothing is formatted anew.

use std::ops::Range;

use serde_json::Value;

use super::edit::{Damage, line_end};

/// Deeper than this no settings file is.
const DEEPEST: usize = 100;

/// A value and where it stands.
struct Node {
    span: Range<usize>,
    kind: Kind,
}

enum Kind {
    Object(Vec<Member>),
    Array(Vec<Node>),
    Scalar(Value),
}

struct Member {
    name: String,
    /// Where its name begins.
    start: usize,
    value: Node,
}

impl Node {
    /// The last member of that name, which is the one that counts.
    fn member(&self, name: &str) -> Option<&Member> {
        let Kind::Object(members) = &self.kind else { return None };
        members.iter().rev().find(|m| m.name == name)
    }

    fn find(&self, at: &[String]) -> Option<&Self> {
        at.iter().try_fold(self, |node, name| node.member(name).map(|m| &m.value))
    }

    fn value(&self) -> Value {
        match &self.kind {
            Kind::Object(members) => Value::Object(members.iter().map(|m| (m.name.clone(), m.value.value())).collect()),
            Kind::Array(items) => Value::Array(items.iter().map(Self::value).collect()),
            Kind::Scalar(value) => value.clone(),
        }
    }
}

pub(super) fn get(text: &str, at: &[String]) -> Result<Option<Value>, Damage> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    Ok(parse(text)?.find(at).map(Node::value))
}

pub(super) fn set(text: &str, at: &[String], value: &Value) -> Result<String, Damage> {
    let text = if text.trim().is_empty() { "{}\n" } else { text };
    let root = parse(text)?;
    let mut node = &root;
    for (depth, name) in at.iter().enumerate() {
        if !matches!(node.kind, Kind::Object(_)) {
            let what = format!("\"{}\" is no object", at.get(..depth).unwrap_or_default().join("."));
            return Err(Damage::at(text, node.span.start, what));
        }
        let Some(member) = node.member(name) else {
            // What lies between becomes objects of one member each.
            let inner = at.get(depth + 1..).unwrap_or_default().iter().rev();
            let value =
                inner.fold(value.clone(), |value, name| Value::Object([(name.clone(), value)].into_iter().collect()));
            return Ok(insert(text, &root, node, name, &value));
        };
        node = &member.value;
    }
    let indent = indent_at(text, node.span.start);
    let flat = !matches!(&node.kind, Kind::Object(_) | Kind::Array(_)) || spanned(text, &node.span).contains('\n');
    let said = if flat { pretty(value, indent, &unit(text, &root), line_end(text)) } else { value.to_string() };
    Ok(replaced(text, node.span.clone(), &said))
}

pub(super) fn carry(text: &str, at: &[String], from: &str) -> Result<String, Damage> {
    let root = parse(text)?;
    let old = if from.trim().is_empty() { None } else { Some(parse(from)?) };
    let Some(node) = root.find(at) else {
        return match old.as_ref().and_then(|old| old.find(at)) {
            Some(taken) => set(text, at, &taken.value()),
            None => Ok(text.to_owned()),
        };
    };
    if let Some(old) = old.as_ref().and_then(|old| old.find(at)) {
        return Ok(replaced(text, node.span.clone(), spanned(from, &old.span)));
    }
    // An object that held nothing else goes too, if it was not there before.
    let mut upto = at.len();
    while upto > 1 {
        let above = at.get(..upto - 1).unwrap_or_default();
        let alone = root.find(above).is_some_and(|n| matches!(&n.kind, Kind::Object(m) if m.len() == 1));
        if !alone || old.as_ref().is_some_and(|old| old.find(above).is_some()) {
            break;
        }
        upto -= 1;
    }
    let at = at.get(..upto).unwrap_or_default();
    Ok(match at.split_last() {
        Some((name, above)) => match root.find(above) {
            Some(parent) => removed(text, parent, name),
            None => text.to_owned(),
        },
        None => text.to_owned(),
    })
}

pub(super) fn cover(
    text: &str,
    at: &[String],
    word: impl Fn(&Value) -> Option<&'static str>,
) -> Result<String, Damage> {
    if text.trim().is_empty() {
        return Ok(text.to_owned());
    }
    let root = parse(text)?;
    let mut nodes = vec![&root];
    for name in at {
        let inner = nodes.into_iter().flat_map(|node| match &node.kind {
            Kind::Object(members) => members.as_slice(),
            _ => &[],
        });
        nodes = inner.filter(|member| member.name == *name).map(|member| &member.value).collect();
    }
    // From the end, so that the places before stay where they are.
    let words = nodes.into_iter().rev().filter_map(|node| Some((node.span.clone(), word(&node.value())?)));
    Ok(words.fold(text.to_owned(), |text, (span, word)| replaced(&text, span, &Value::from(word).to_string())))
}

/// The text with one more member at the end of an object.
fn insert(text: &str, root: &Node, object: &Node, name: &str, value: &Value) -> String {
    let Kind::Object(members) = &object.kind else { return text.to_owned() };
    let (end, unit) = (line_end(text), unit(text, root));
    let close = object.span.end.saturating_sub(1);
    let name = Value::from(name).to_string();
    let outer = indent_at(text, object.span.start);
    let Some(last) = members.last() else {
        let inner = text.get(object.span.start + 1..close).unwrap_or_default();
        let kept = object.span.start + 1 + inner.trim_end().len();
        let indent = format!("{outer}{unit}");
        let member = format!("{end}{indent}{name}: {}{end}{outer}", pretty(value, &indent, &unit, end));
        return replaced(text, kept..close, &member);
    };
    let after = last.value.span.end;
    let comma = comma(text, after, close);
    if !spanned(text, &object.span).contains('\n') {
        let (place, lead) = comma.map_or((after, ", "), |comma| (comma + 1, " "));
        let tail = if comma.is_some() { "," } else { "" };
        return replaced(text, place..place, &format!("{lead}{name}: {value}{tail}"));
    }
    let own = line_start(text, last.start);
    let lead = text.get(own..last.start).unwrap_or_default();
    let indent = if lead.trim().is_empty() { lead.to_owned() } else { format!("{outer}{unit}") };
    // Behind what is said of the last member on its own line.
    let place = rest_of_line(text, comma.map_or(after, |comma| comma + 1), close);
    let tail = if comma.is_some() { "," } else { "" };
    let member = format!("{end}{indent}{name}: {}{tail}", pretty(value, &indent, &unit, end));
    let with = replaced(text, place..place, &member);
    if comma.is_some() { with } else { replaced(&with, after..after, ",") }
}

/// The text without a member.
fn removed(text: &str, object: &Node, name: &str) -> String {
    let Kind::Object(members) = &object.kind else { return text.to_owned() };
    let Some(index) = members.iter().rposition(|m| m.name == name) else { return text.to_owned() };
    let close = object.span.end.saturating_sub(1);
    let Some(member) = members.get(index) else { return text.to_owned() };
    let (mut start, mut end) = (member.start, member.value.span.end);
    let next = members.get(index + 1).map_or(close, |m| m.start);
    let own = comma(text, end, next);
    end = own.map_or(end, |comma| comma + 1);
    let own_line = line_start(text, start);
    let begins = text.get(own_line..start).is_some_and(|lead| lead.trim().is_empty());
    let rest = rest_of_line(text, end, next);
    let ends = text.as_bytes().get(rest).is_some_and(|b| b"\r\n".contains(b));
    if begins && ends {
        // The line goes, and what is said of the member on it; the line's end before it, where there is one.
        end = rest;
        start = own_line.saturating_sub(if text.get(..own_line).is_some_and(|t| t.ends_with("\r\n")) { 2 } else { 1 });
    } else if index + 1 < members.len() {
        end += text.get(end..next).map_or(0, |gap| gap.len() - gap.trim_start_matches([' ', '\t']).len());
    } else {
        start = text.get(..start).map_or(start, |t| t.trim_end_matches([' ', '\t']).len());
    }
    let mut out = replaced(text, start..end, "");
    // The last member had no comma: now the one before it is the last.
    let before = index.checked_sub(1).and_then(|i| members.get(i));
    if let (None, Some(before)) = (own, before.filter(|_| index + 1 == members.len())) {
        if let Some(comma) = comma(&out, before.value.span.end, out.len()) {
            out = replaced(&out, comma..comma + 1, "");
        }
    } else if members.len() == 1 && text.get(object.span.start + 1..close).is_some_and(|t| only(t, member, object)) {
        let inner = out.get(object.span.start + 1..).and_then(|t| t.find('}'));
        if let Some(inner) = inner {
            out = replaced(&out, object.span.start + 1..object.span.start + 1 + inner, "");
        }
    }
    out
}

/// Nothing stood in the object but this member: no comment either.
fn only(inner: &str, member: &Member, object: &Node) -> bool {
    let from = object.span.start + 1;
    let (start, end) = (member.start.saturating_sub(from), member.value.span.end.saturating_sub(from));
    let around = [inner.get(..start), inner.get(end..)];
    around.into_iter().flatten().all(|t| t.chars().all(|c| c.is_whitespace() || c == ','))
}

fn spanned<'a>(text: &'a str, span: &Range<usize>) -> &'a str {
    text.get(span.clone()).unwrap_or_default()
}

fn replaced(text: &str, span: Range<usize>, with: &str) -> String {
    let (before, after) = (text.get(..span.start).unwrap_or_default(), text.get(span.end..).unwrap_or_default());
    format!("{before}{with}{after}")
}

fn line_start(text: &str, at: usize) -> usize {
    text.get(..at).and_then(|t| t.rfind('\n')).map_or(0, |n| n + 1)
}

/// The blank beginning of the line that this byte stands on.
fn indent_at(text: &str, at: usize) -> &str {
    let line = text.get(line_start(text, at)..at).unwrap_or_default();
    line.get(..line.len() - line.trim_start_matches([' ', '\t']).len()).unwrap_or_default()
}

/// By how much the first member of the text is indented; two blanks where nothing tells.
fn unit(text: &str, root: &Node) -> String {
    let first = match &root.kind {
        Kind::Object(members) => members.first(),
        _ => None,
    };
    let lead = first.and_then(|m| text.get(line_start(text, m.start)..m.start));
    lead.filter(|lead| !lead.is_empty() && lead.trim().is_empty()).unwrap_or("  ").to_owned()
}

/// The comma that follows, with nothing but blanks and comments before it.
fn comma(text: &str, from: usize, upto: usize) -> Option<usize> {
    let at = skip(text, from).ok()?;
    (at < upto && text.as_bytes().get(at) == Some(&b',')).then_some(at)
}

/// Behind blanks and comments on the same line.
fn rest_of_line(text: &str, from: usize, upto: usize) -> usize {
    let mut at = from;
    loop {
        let rest = text.get(at..upto).unwrap_or_default();
        let blank = rest.len() - rest.trim_start_matches([' ', '\t']).len();
        let after = rest.get(blank..).unwrap_or_default();
        if after.starts_with("//") {
            let line = after.find('\n').unwrap_or(after.len());
            return at + blank + after.get(..line).unwrap_or_default().trim_end_matches('\r').len();
        }
        match after.strip_prefix("/*").and_then(|c| c.find("*/")) {
            Some(end) if !after.get(..end).unwrap_or_default().contains('\n') => at += blank + end + 4,
            _ if after.starts_with(['\n', '\r']) || after.is_empty() => return at + blank,
            _ => return at,
        }
    }
}

/// A value over several lines, as the file indents.
fn pretty(value: &Value, indent: &str, unit: &str, end: &str) -> String {
    let inner = format!("{indent}{unit}");
    match value {
        Value::Object(members) if !members.is_empty() => {
            let lines: Vec<String> = members
                .iter()
                .map(|(name, value)| {
                    format!("{inner}{}: {}", Value::from(name.as_str()), pretty(value, &inner, unit, end))
                })
                .collect();
            format!("{{{end}{}{end}{indent}}}", lines.join(&format!(",{end}")))
        }
        Value::Array(items) if items.iter().any(|v| v.is_object() || v.is_array()) => {
            let lines: Vec<String> =
                items.iter().map(|value| format!("{inner}{}", pretty(value, &inner, unit, end))).collect();
            format!("[{end}{}{end}{indent}]", lines.join(&format!(",{end}")))
        }
        value => value.to_string(),
    }
}

fn parse(text: &str) -> Result<Node, Damage> {
    let start = if text.starts_with('\u{feff}') { 3 } else { 0 };
    let root = node(text, skip(text, start)?, 0)?;
    let rest = skip(text, root.span.end)?;
    if rest < text.len() {
        return Err(Damage::at(text, rest, "something follows the end of the JSON"));
    }
    if !matches!(root.kind, Kind::Object(_)) {
        return Err(Damage::whole("it is no JSON object"));
    }
    Ok(root)
}

/// Behind blanks and comments.
fn skip(text: &str, from: usize) -> Result<usize, Damage> {
    let mut at = from;
    loop {
        let rest = text.get(at..).unwrap_or_default();
        let blank = rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r']).len();
        at += blank;
        let rest = text.get(at..).unwrap_or_default();
        if rest.starts_with("//") {
            at += rest.find('\n').unwrap_or(rest.len());
        } else if rest.starts_with("/*") {
            let Some(end) = rest.get(2..).and_then(|r| r.find("*/")) else {
                return Err(Damage::at(text, at, "a comment has no end"));
            };
            at += end + 4;
        } else {
            return Ok(at);
        }
    }
}

fn node(text: &str, at: usize, depth: usize) -> Result<Node, Damage> {
    if depth > DEEPEST {
        return Err(Damage::at(text, at, "it is nested too deeply"));
    }
    match text.as_bytes().get(at) {
        Some(b'{') => object(text, at, depth),
        Some(b'[') => array(text, at, depth),
        Some(b'"') => {
            let end = string_end(text, at)?;
            Ok(Node { span: at..end, kind: Kind::Scalar(scalar(text, at..end)?) })
        }
        Some(_) => {
            let rest = text.get(at..).unwrap_or_default();
            let length = rest.find(|c: char| !(c.is_ascii_alphanumeric() || "+-.".contains(c))).unwrap_or(rest.len());
            let span = at..at + length;
            Ok(Node { span: span.clone(), kind: Kind::Scalar(scalar(text, span)?) })
        }
        None => Err(Damage::at(text, at, "the JSON ends too early")),
    }
}

fn object(text: &str, start: usize, depth: usize) -> Result<Node, Damage> {
    let (mut at, mut members) = (skip(text, start + 1)?, Vec::new());
    loop {
        match text.as_bytes().get(at) {
            Some(b'}') => return Ok(Node { span: start..at + 1, kind: Kind::Object(members) }),
            Some(b'"') => {}
            Some(_) => return Err(Damage::at(text, at, "a name in quotes was expected")),
            None => return Err(Damage::at(text, at, "the JSON ends too early")),
        }
        let end = string_end(text, at)?;
        let name = match scalar(text, at..end)? {
            Value::String(name) => name,
            _ => return Err(Damage::at(text, at, "a name in quotes was expected")),
        };
        let colon = skip(text, end)?;
        if text.as_bytes().get(colon) != Some(&b':') {
            return Err(Damage::at(text, colon, "a colon was expected"));
        }
        let value = node(text, skip(text, colon + 1)?, depth + 1)?;
        let after = value.span.end;
        members.push(Member { name, start: at, value });
        at = behind(text, after, b'}')?;
    }
}

fn array(text: &str, start: usize, depth: usize) -> Result<Node, Damage> {
    let (mut at, mut items) = (skip(text, start + 1)?, Vec::new());
    while text.as_bytes().get(at) != Some(&b']') {
        let item = node(text, at, depth + 1)?;
        at = behind(text, item.span.end, b']')?;
        items.push(item);
    }
    Ok(Node { span: start..at + 1, kind: Kind::Array(items) })
}

/// Where the next member begins, or the end stands.
fn behind(text: &str, after: usize, close: u8) -> Result<usize, Damage> {
    let at = skip(text, after)?;
    match text.as_bytes().get(at) {
        Some(b',') => skip(text, at + 1),
        Some(byte) if *byte == close => Ok(at),
        Some(_) => Err(Damage::at(text, at, "a comma or an end was expected")),
        None => Err(Damage::at(text, at, "the JSON ends too early")),
    }
}

fn string_end(text: &str, start: usize) -> Result<usize, Damage> {
    let mut escaped = false;
    for (at, byte) in text.as_bytes().iter().enumerate().skip(start + 1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return Ok(at + 1),
            b'\n' => break,
            _ => {}
        }
    }
    Err(Damage::at(text, start, "a string has no end"))
}

fn scalar(text: &str, span: Range<usize>) -> Result<Value, Damage> {
    let start = span.start;
    serde_json::from_str(spanned(text, &span)).map_err(|_| Damage::at(text, start, "this is no JSON value"))
}
