//! YAML by lines: a map of plain keys at the left edge, lists of small maps below them, or such a list alone. What is
//! written otherwise is refused, and no line is touched that is not ours.

use std::ops::Range;

use serde_json::{Map, Value};

use super::edit::{Damage, line_end};

/// A file and where its keys stand.
struct Page<'a> {
    /// With their ends.
    lines: Vec<&'a str>,
    /// Keys at the left edge; none where the file is a list.
    tops: Vec<Entry>,
    /// The file is a list.
    list: bool,
}

/// A key and its lines.
struct Entry {
    key: String,
    lines: Range<usize>,
}

/// A member of a list.
struct Member {
    lines: Range<usize>,
    fields: Vec<Entry>,
    /// Where its keys begin.
    column: usize,
}

/// What an address names.
#[derive(Clone, Copy)]
struct Address<'a> {
    top: Option<&'a str>,
    member: Option<(&'a str, &'a str)>,
    field: Option<&'a str>,
}

impl<'a> Address<'a> {
    fn of(at: &'a [String]) -> Result<Self, Damage> {
        let (top, rest) = match at.split_first() {
            Some((first, rest)) if !first.contains('=') => (Some(first.as_str()), rest),
            _ => (None, at),
        };
        let member = rest.first().and_then(|part| part.split_once('='));
        let field = rest.get(1).map(String::as_str);
        let fits = rest.len() <= 2 && (member.is_some() || (rest.is_empty() && top.is_some()));
        fits.then_some(Self { top, member, field }).ok_or_else(|| Damage::whole("this cannot be written into YAML"))
    }
}

pub(super) fn get(text: &str, at: &[String]) -> Result<Option<Value>, Damage> {
    let (page, address) = (read(text)?, Address::of(at)?);
    let Some((name, is)) = address.member else {
        let found = address.top.and_then(|key| page.top(key));
        return Ok(found.map(|entry| page.value(entry)));
    };
    let Some(member) = page.member(address.top, name, is)? else { return Ok(None) };
    Ok(match address.field {
        Some(field) => member.fields.iter().find(|f| f.key == field).map(|f| page.value(f)),
        None => {
            let all: Map<String, Value> = member.fields.iter().map(|f| (f.key.clone(), page.value(f))).collect();
            Some(Value::Object(all))
        }
    })
}

pub(super) fn set(text: &str, at: &[String], value: &Value) -> Result<String, Damage> {
    let (page, address) = (read(text)?, Address::of(at)?);
    let (end, said) = (line_end(text), written(value)?);
    let Some((name, is)) = address.member else {
        let key = address.top.unwrap_or_default();
        return match page.top(key) {
            Some(entry) => page.changed(entry, &said),
            None if page.list => Err(Damage::whole("it is a list, and keys were expected")),
            None => Ok(page.with(page.lines.len(), &format!("{key}: {said}{end}"))),
        };
    };
    let field = address.field.ok_or_else(|| Damage::whole("a list's member has fields"))?;
    if let Some(member) = page.member(address.top, name, is)? {
        return match member.fields.iter().find(|f| f.key == field) {
            Some(entry) => page.changed(entry, &said),
            None => {
                let line = format!("{}{field}: {said}{end}", " ".repeat(member.column));
                Ok(page.with(member.lines.end, &line))
            }
        };
    }
    let block = page.block(address.top)?;
    let indent = match page.members(block.clone()).first() {
        Some(first) => first.column.saturating_sub(2),
        None => 2 * usize::from(address.top.is_some()),
    };
    let blank = " ".repeat(indent);
    let identity = if field == name { String::new() } else { format!("{blank}  {field}: {said}{end}") };
    let member = format!("{blank}- {name}: {}{end}{identity}", written(&Value::from(is))?);
    let Some(key) = address.top else { return Ok(page.with(block.end, &member)) };
    match page.top(key) {
        None => Ok(page.with(page.lines.len(), &format!("{key}:{end}{member}"))),
        Some(top) => {
            // An empty list on the line of its key gives way to ours.
            let line = page.lines.get(top.lines.start).copied().unwrap_or_default();
            if parted(line).is_some_and(|(_, value)| bare(value) == "[]") {
                let line = line.replacen("[]", "", 1);
                let line = format!("{}{end}", line.trim_end());
                return Ok(page.instead(top.lines.clone(), &format!("{line}{member}")));
            }
            Ok(page.with(block.end, &member))
        }
    }
}

pub(super) fn carry(text: &str, at: &[String], from: &str) -> Result<String, Damage> {
    let (page, old, address) = (read(text)?, read(from)?, Address::of(at)?);
    let Some(here) = page.place(address)? else { return Ok(text.to_owned()) };
    if let Some(there) = old.place(address)? {
        return Ok(page.instead(here, &old.lines.get(there).unwrap_or_default().concat()));
    }
    let Some((name, is)) = address.member else { return Ok(page.instead(here, "")) };
    let Some(member) = page.member(address.top, name, is)? else { return Ok(text.to_owned()) };
    let whole = old.member(address.top, name, is)?.is_none();
    let bare = |f: &Entry| f.key == name || Some(f.key.as_str()) == address.field;
    if address.field.is_some() && !(whole && member.fields.iter().all(bare)) {
        return Ok(page.instead(here, ""));
    }
    let alone = page.members(page.block(address.top)?).len() == 1;
    match address.top.and_then(|key| page.top(key)).filter(|_| alone) {
        Some(top) => {
            let before = address.top.and_then(|key| old.top(key));
            let line = before.and_then(|entry| old.lines.get(entry.lines.clone())).unwrap_or_default().concat();
            Ok(page.instead(top.lines.clone(), &line))
        }
        None => Ok(page.instead(member.lines, "")),
    }
}

impl Page<'_> {
    fn top(&self, key: &str) -> Option<&Entry> {
        self.tops.iter().find(|entry| entry.key == key)
    }

    /// The lines that hold a list: below a key, or all of them.
    fn block(&self, top: Option<&str>) -> Result<Range<usize>, Damage> {
        let Some(key) = top else {
            if !self.tops.is_empty() {
                return Err(Damage::whole("it has keys, and a list was expected"));
            }
            let end = self.lines.iter().rposition(|line| !silent(line)).map_or(self.lines.len(), |n| n + 1);
            return Ok(0..end);
        };
        if self.list {
            return Err(Damage::whole("it is a list, and keys were expected"));
        }
        let Some(entry) = self.top(key) else { return Ok(self.lines.len()..self.lines.len()) };
        let value =
            self.lines.get(entry.lines.start).and_then(|line| parted(line)).map_or("", |(_, value)| bare(value));
        if !["", "[]"].contains(&value) {
            return Err(Damage::line(
                entry.lines.start,
                format!("\"{key}\" is not written as a list with one member a line"),
            ));
        }
        Ok(entry.lines.start + 1..entry.lines.end)
    }

    fn members(&self, block: Range<usize>) -> Vec<Member> {
        let mut out: Vec<Member> = Vec::new();
        let mut dash = None;
        for n in block {
            let Some(line) = self.lines.get(n).copied().filter(|line| !silent(line)) else { continue };
            let (indent, body) = (indent(line), line.trim());
            if let Some(after) = body.strip_prefix('-').filter(|_| dash.is_none_or(|dash| dash == indent)) {
                dash = Some(indent);
                let column = indent + 1 + (after.len() - after.trim_start().len()).max(1);
                let first = parted(after.trim_start()).map(|(key, _)| Entry { key, lines: n..n + 1 });
                out.push(Member { lines: n..n + 1, fields: first.into_iter().collect(), column });
            } else if let Some(member) = out.last_mut() {
                member.lines.end = n + 1;
                match parted(body).filter(|_| indent == member.column) {
                    Some((key, _)) => member.fields.push(Entry { key, lines: n..n + 1 }),
                    None => drop(member.fields.last_mut().map(|field| field.lines.end = n + 1)),
                }
            }
        }
        out
    }

    fn member(&self, top: Option<&str>, name: &str, is: &str) -> Result<Option<Member>, Damage> {
        let fits = |m: &Member| m.fields.iter().any(|f| f.key == name && self.value(f) == is);
        Ok(self.members(self.block(top)?).into_iter().find(fits))
    }

    /// The lines of what an address names.
    fn place(&self, address: Address<'_>) -> Result<Option<Range<usize>>, Damage> {
        let Some((name, is)) = address.member else {
            return Ok(address.top.and_then(|key| self.top(key)).map(|entry| entry.lines.clone()));
        };
        let Some(member) = self.member(address.top, name, is)? else { return Ok(None) };
        Ok(match address.field {
            Some(field) => member.fields.into_iter().find(|f| f.key == field).map(|f| f.lines),
            None => Some(member.lines),
        })
    }

    /// What a key says; text that goes over several lines as it is written.
    fn value(&self, entry: &Entry) -> Value {
        let lines = self.lines.get(entry.lines.clone()).unwrap_or_default();
        match lines {
            [line] => scalar(parted(undashed(line)).map_or("", |(_, value)| value)),
            lines => Value::from(lines.concat()),
        }
    }

    /// The text with another value behind a key, and its comment kept.
    fn changed(&self, entry: &Entry, said: &str) -> Result<String, Damage> {
        let line = self.lines.get(entry.lines.start).copied().unwrap_or_default();
        let value = parted(undashed(line)).map_or("", |(_, value)| value);
        if entry.lines.len() > 1 || ["|", ">", "{", "[", "&", "*", "!"].iter().any(|c| value.starts_with(c)) {
            let what = format!("\"{}\" is no plain value on one line; change it by hand", entry.key);
            return Err(Damage::line(entry.lines.start, what));
        }
        let body = line.trim_end();
        let start = body.len() - value.len();
        let (head, comment) =
            (body.get(..start).unwrap_or_default(), value.get(bare(value).len()..).unwrap_or_default());
        let gap = if head.ends_with(':') { " " } else { "" };
        let end = line.get(body.len()..).unwrap_or_default();
        Ok(self.instead(entry.lines.clone(), &format!("{head}{gap}{said}{comment}{end}")))
    }

    /// The text with more lines before one.
    fn with(&self, before: usize, more: &str) -> String {
        let (head, tail) = self.lines.split_at(before.min(self.lines.len()));
        let head = head.concat();
        // The last line of a file may have no end.
        let gap = if head.is_empty() || head.ends_with('\n') { "" } else { line_end(&head) };
        format!("{head}{gap}{more}{}", tail.concat())
    }

    fn instead(&self, lines: Range<usize>, with: &str) -> String {
        let head = self.lines.get(..lines.start).unwrap_or_default().concat();
        format!("{head}{with}{}", self.lines.get(lines.end..).unwrap_or_default().concat())
    }
}

fn read(text: &str) -> Result<Page<'_>, Damage> {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let (mut tops, mut list): (Vec<Entry>, bool) = (Vec::new(), false);
    for (n, line) in lines.iter().enumerate().filter(|(_, line)| !silent(line)) {
        let body = line.trim_end();
        if line.starts_with('\t') {
            return Err(Damage::line(n, "a tab cannot indent YAML"));
        }
        let dash = body == "-" || body.starts_with("- ");
        if indent(line) > 0 || (dash && !tops.is_empty()) {
            if !list && tops.is_empty() {
                return Err(Damage::line(n, "a key at the left edge was expected"));
            }
            tops.last_mut().into_iter().for_each(|entry| entry.lines.end = n + 1);
        } else if dash {
            list = true;
        } else if body == "---" && tops.is_empty() && !list {
            // A document may begin so.
        } else if let Some((key, _)) = parted(body).filter(|_| !list) {
            if tops.iter().any(|entry| entry.key == key) {
                return Err(Damage::line(n, format!("\"{key}\" is said twice")));
            }
            tops.push(Entry { key, lines: n..n + 1 });
        } else {
            return Err(Damage::line(n, "this is neither a key at the left edge nor below one"));
        }
    }
    let page = Page { lines, tops, list };
    for entry in &page.tops {
        closed(&page, entry)?;
    }
    Ok(page)
}

/// Quotes and brackets that a value opens are closed before the next key.
fn closed(page: &Page<'_>, entry: &Entry) -> Result<(), Damage> {
    let all = page.lines.get(entry.lines.clone()).unwrap_or_default().concat();
    let value = all.split_once(':').map_or("", |(_, value)| value).trim();
    let open = match value.chars().next() {
        Some(quote @ ('"' | '\'')) => quote_end(value, quote).is_none(),
        Some('[') => !value.contains(']'),
        Some('{') => !value.contains('}'),
        _ => false,
    };
    if open {
        Err(Damage::line(entry.lines.start, format!("the value of \"{}\" has no end", entry.key)))
    } else {
        Ok(())
    }
}

/// Behind the closing quote.
fn quote_end(value: &str, quote: char) -> Option<usize> {
    let mut chars = value.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' if quote == '"' => drop(chars.next()),
            c if c == quote && quote == '\'' && chars.peek().is_some_and(|(_, c)| *c == '\'') => drop(chars.next()),
            c if c == quote => return Some(at + c.len_utf8()),
            _ => {}
        }
    }
    None
}

/// Blank, or a comment.
fn silent(line: &str) -> bool {
    let body = line.trim();
    body.is_empty() || body.starts_with('#')
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

fn undashed(line: &str) -> &str {
    let body = line.trim_start();
    if body.starts_with("- ") { body.trim_start_matches('-').trim_start() } else { line }
}

/// Key and value of a line; the value with its comment.
fn parted(line: &str) -> Option<(String, &str)> {
    let body = line.trim();
    let (key, rest) = match body.chars().next()? {
        quote @ ('"' | '\'') => {
            let end = quote_end(body, quote)?;
            let rest = body.get(end..)?.trim_start().strip_prefix(':')?;
            (body.get(1..end - 1)?.to_owned(), rest)
        }
        c if "{}[]&*!|>%@`?-#,".contains(c) => return None,
        _ => {
            let at = body
                .match_indices(':')
                .map(|(at, _)| at)
                .find(|at| body.get(at + 1..).is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t'])))?;
            (body.get(..at)?.trim_end().to_owned(), body.get(at + 1..)?)
        }
    };
    Some((key, rest.trim_start()))
}

/// A value without the comment behind it.
fn bare(value: &str) -> &str {
    let end = match value.chars().next() {
        Some(quote @ ('"' | '\'')) => quote_end(value, quote),
        Some('#') => Some(0),
        _ => value.find(" #").map(|at| value.get(..at).unwrap_or_default().trim_end().len()),
    };
    value.get(..end.unwrap_or(value.len())).unwrap_or(value).trim_end()
}

fn scalar(value: &str) -> Value {
    let plain = bare(value);
    let inner = || plain.get(1..plain.len().saturating_sub(1)).unwrap_or_default();
    match plain.chars().next() {
        Some('"') => serde_json::from_str(plain).unwrap_or_else(|_| Value::from(inner())),
        Some('\'') => Value::from(inner().replace("''", "'")),
        _ if plain == "true" || plain == "false" => Value::from(plain == "true"),
        _ => Value::from(plain),
    }
}

/// A value as YAML reads it back.
fn written(value: &Value) -> Result<String, Damage> {
    match value {
        Value::Bool(on) => Ok(on.to_string()),
        Value::String(text) => {
            let safe = |c: char| c.is_ascii_alphanumeric() || "-_./:".contains(c);
            let word =
                text.chars().all(safe) && text.starts_with(|c: char| c.is_ascii_alphabetic()) && !text.ends_with(':');
            let other = ["true", "false", "yes", "no", "on", "off", "null", "y", "n"];
            let plain = word && !other.contains(&text.to_ascii_lowercase().as_str());
            Ok(if plain { text.clone() } else { Value::from(text.as_str()).to_string() })
        }
        _ => Err(Damage::whole("only words and switches are written into YAML")),
    }
}
