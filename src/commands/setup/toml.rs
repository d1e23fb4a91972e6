//! TOML with its comments and its order.

use serde_json::Value;
use toml_edit::{DocumentMut, Item, Table, TableLike, value};

use super::edit::{Damage, named};

pub(super) fn get(text: &str, at: &[String]) -> Result<Option<Value>, Damage> {
    let (document, _) = parse(text)?;
    Ok(find(document.as_item(), at).map(plain))
}

pub(super) fn set(text: &str, at: &[String], new: &Value) -> Result<String, Damage> {
    let (mut document, windows) = parse(text)?;
    let Some((last, above)) = at.split_last() else { return Ok(text.to_owned()) };
    let mut table: &mut dyn TableLike = document.as_table_mut();
    for (depth, name) in above.iter().enumerate() {
        let item = table.entry(name).or_insert_with(|| {
            let mut table = Table::new();
            // No head of its own unless values stand in it.
            table.set_implicit(true);
            Item::Table(table)
        });
        let part = at.get(..=depth).unwrap_or_default();
        table = item.as_table_like_mut().ok_or_else(|| Damage::whole(format!("\"{}\" is no table", named(part))))?;
    }
    let mut item = item(new)?;
    // A comment behind the old value stays behind the new one.
    if let (Some(old), Some(new)) = (table.get(last).and_then(Item::as_value), item.as_value_mut()) {
        *new.decor_mut() = old.decor().clone();
    }
    put(table, last, item);
    Ok(ended(&document, windows))
}

/// Sets a key; one that is there keeps its place and the comments before it.
fn put(table: &mut dyn TableLike, key: &str, item: Item) {
    match table.get_mut(key) {
        Some(there) => *there = item,
        None => drop(table.insert(key, item)),
    }
}

pub(super) fn carry(text: &str, at: &[String], from: &str) -> Result<String, Damage> {
    let (mut document, windows) = parse(text)?;
    let (old, _) = parse(from)?;
    let before = find(old.as_item(), at);
    let mut upto = at.len();
    while before.is_none() && upto > 1 {
        let above = at.get(..upto - 1).unwrap_or_default();
        let alone = find(document.as_item(), above).and_then(Item::as_table_like).is_some_and(|t| t.len() == 1);
        if !alone || find(old.as_item(), above).is_some() {
            break;
        }
        upto -= 1;
    }
    let Some((last, above)) = at.get(..upto).and_then(<[String]>::split_last) else { return Ok(text.to_owned()) };
    let mut table: &mut dyn TableLike = document.as_table_mut();
    for name in above {
        match table.get_mut(name).and_then(Item::as_table_like_mut) {
            Some(inner) => table = inner,
            None => return Ok(text.to_owned()),
        }
    }
    match before {
        Some(before) => put(table, last, before.clone()),
        None => drop(table.remove(last)),
    }
    Ok(cut(ended(&document, windows), &[text, from]))
}

/// Every line that is written is ended. The last one of a text that had no end there loses it again, as long as it is
/// still the last.
fn cut(mut text: String, ends: &[&str]) -> String {
    let last = |text: &str| text.lines().next_back().map(str::to_owned);
    let open = |end: &&str| !end.ends_with('\n') && last(end).is_some_and(|end| last(&text) == Some(end));
    if ends.iter().any(open) {
        text.truncate(text.trim_end_matches(['\r', '\n']).len());
    }
    text
}

fn parse(text: &str) -> Result<(DocumentMut, bool), Damage> {
    let windows = text.contains("\r\n");
    let plain = text.replace("\r\n", "\n");
    if windows && text.matches('\n').count() != text.matches("\r\n").count() {
        return Err(Damage::whole("its lines end in two different ways"));
    }
    let document: DocumentMut = plain.parse().map_err(|error: toml_edit::TomlError| {
        let what = error.message().lines().next().unwrap_or("it is no TOML").to_owned();
        error.span().map_or_else(|| Damage::whole(what.clone()), |span| Damage::at(&plain, span.start, what.clone()))
    })?;
    // The end of the last line may be missing.
    if document.to_string().strip_suffix('\n').is_none_or(|text| text != plain) && document.to_string() != plain {
        return Err(Damage::whole("it cannot be edited without changing how the rest is written"));
    }
    Ok((document, windows))
}

fn ended(document: &DocumentMut, windows: bool) -> String {
    let text = document.to_string();
    if windows { text.replace('\n', "\r\n") } else { text }
}

fn find<'a>(item: &'a Item, at: &[String]) -> Option<&'a Item> {
    at.iter().try_fold(item, |item, name| item.as_table_like()?.get(name))
}

fn plain(item: &Item) -> Value {
    if let Some(table) = item.as_table_like() {
        return Value::Object(table.iter().map(|(name, item)| (name.to_owned(), plain(item))).collect());
    }
    match item.as_value() {
        Some(toml_edit::Value::String(text)) => Value::from(text.value().as_str()),
        Some(toml_edit::Value::Integer(number)) => Value::from(*number.value()),
        Some(toml_edit::Value::Boolean(on)) => Value::from(*on.value()),
        Some(other) => Value::from(other.to_string().trim()),
        None => Value::from(item.to_string()),
    }
}

fn item(new: &Value) -> Result<Item, Damage> {
    match new {
        Value::String(text) => Ok(value(text)),
        Value::Bool(on) => Ok(value(*on)),
        Value::Number(number) => number.as_i64().map(value).ok_or_else(|| Damage::whole("a number is too large")),
        _ => Err(Damage::whole("only words, numbers and switches are written into TOML")),
    }
}
