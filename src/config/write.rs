//! Changing the user's file: comments and order stay, and a file with a mistake in it is not touched.

use std::path::Path;

use globset::Glob;
use toml_edit::{Array, DocumentMut, Item, Table, value};

use super::file;
use super::keys::{self, Key};
use super::load::entries;
use super::problem::{ConfigError, Problem};
use super::value::{Value, from_text, takes};
use crate::world::files;

/// Sets a key in a file, making the file when it is not there.
///
/// # Errors
/// [`ConfigError`]; the file is as it was.
pub fn set(path: &Path, name: &str, text: &str) -> Result<(), ConfigError> {
    let key = if is_alias(name) { &keys::ALIAS } else { known(name)? };
    if looks_secret(text) {
        return Err(ConfigError::Secret);
    }
    let checked = from_text(key, text).ok_or_else(|| ConfigError::Value {
        key: name.to_owned(),
        takes: takes(key.kind),
        value: text.to_owned(),
    })?;
    fits(key, name, &checked)?;
    let mut document = open(path)?;
    let known = file::read(path, &document.to_string()).problems;
    let before: Vec<String> = known.into_iter().map(|p| p.what).collect();
    let mut table: &mut Table = document.as_table_mut();
    let mut parts: Vec<&str> = name.split('.').collect();
    let last = parts.pop().unwrap_or(name);
    for part in parts {
        let entry = table.entry(part).or_insert_with(|| Item::Table(Table::new()));
        table = entry.as_table_mut().ok_or_else(|| {
            ConfigError::Malformed(Problem {
                place: path.display().to_string(),
                what: format!("\"{part}\" is written as an inline table; change it by hand"),
                line: None,
                unread: false,
            })
        })?;
    }
    let mut item = as_item(&checked);
    // A comment behind the old value stays behind the new one.
    if let (Some(old), Some(new)) = (table.get(last).and_then(Item::as_value), item.as_value_mut()) {
        *new.decor_mut() = old.decor().clone();
    }
    table.insert(last, item);
    // Whether a name may be called that, and does not lead back to itself, is known with all others.
    let wrong = |p: &Problem| is_alias(name) && !before.contains(&p.what);
    if let Some(problem) = file::read(path, &document.to_string()).problems.into_iter().find(wrong) {
        return Err(ConfigError::Name(problem.what.trim_end_matches("; ignored").to_owned()));
    }
    save(path, &document)
}

/// What stands in a list has a shape of its own: what would be reported later, or match nothing, is not written.
fn fits(key: &Key, name: &str, checked: &Value) -> Result<(), ConfigError> {
    let Value::List(items) = checked else { return Ok(()) };
    let wrong = |takes: &str, value: &str| {
        Err(ConfigError::Value { key: name.to_owned(), takes: takes.to_owned(), value: value.to_owned() })
    };
    for item in items {
        match key.name {
            "review.ignore" => {
                if let Err(error) = Glob::new(item) {
                    return wrong(&format!("globs ({error})"), item);
                }
            }
            name => {
                if let Some(shape) = entries(name).filter(|shape| !(shape.fits)(item)) {
                    return wrong(shape.takes, &(shape.shown)(item));
                }
            }
        }
    }
    Ok(())
}

/// Takes a key out of a file. `false` when it was not there.
///
/// # Errors
/// [`ConfigError`]; the file is as it was.
pub fn unset(path: &Path, name: &str) -> Result<bool, ConfigError> {
    if !is_alias(name) && !name.starts_with("pools.") {
        known(name)?;
    }
    let mut document = open(path)?;
    let mut table: &mut Table = document.as_table_mut();
    let mut parts: Vec<&str> = name.split('.').collect();
    let last = parts.pop().unwrap_or(name);
    for part in parts {
        match table.get_mut(part).and_then(Item::as_table_mut) {
            Some(inner) => table = inner,
            None => return Ok(false),
        }
    }
    if table.remove(last).is_none() {
        return Ok(false);
    }
    save(path, &document)?;
    Ok(true)
}

/// What is wrong with a file.
#[must_use]
pub fn check(path: &Path) -> Vec<Problem> {
    match std::fs::read_to_string(path) {
        Ok(text) => file::read(path, &text).problems,
        Err(error) => {
            vec![Problem { place: path.display().to_string(), what: error.to_string(), line: None, unread: true }]
        }
    }
}

fn is_alias(name: &str) -> bool {
    name.strip_prefix("aliases.").is_some_and(|rest| !rest.is_empty() && !rest.contains('.'))
}

fn known(name: &str) -> Result<&'static Key, ConfigError> {
    keys::find(name).ok_or_else(|| ConfigError::Unknown { key: name.to_owned(), near: keys::near(name) })
}

fn open(path: &Path) -> Result<DocumentMut, ConfigError> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(source) => return Err(ConfigError::Io { path: path.to_owned(), source }),
    };
    text.parse().map_err(|_| {
        let problem = file::read(path, &text).problems.into_iter().find(|p| p.unread);
        ConfigError::Malformed(problem.unwrap_or_else(|| Problem {
            place: path.display().to_string(),
            what: "it is no TOML".to_owned(),
            line: None,
            unread: true,
        }))
    })
}

fn save(path: &Path, document: &DocumentMut) -> Result<(), ConfigError> {
    let io = |source| ConfigError::Io { path: path.to_owned(), source };
    // A file that lies elsewhere (a folder of dotfiles) is changed there; the link stays.
    let path = &path.canonicalize().unwrap_or_else(|_| path.to_owned());
    if let Some(dir) = path.parent() {
        files::private_dir(dir).map_err(io)?;
    }
    files::replace(path, document.to_string().as_bytes(), 0o600).map_err(io)
}

fn as_item(checked: &Value) -> Item {
    match checked {
        Value::Text(text) => value(text),
        Value::Bool(on) => value(*on),
        Value::Number(n) => value(i64::try_from(*n).unwrap_or(i64::MAX)),
        Value::Dollars(Some(amount)) => value(amount.dollars()),
        Value::Dollars(None) => value(""),
        Value::List(items) => value(items.iter().collect::<Array>()),
    }
}

/// One long word of mixed letters and digits with a known beginning: keys look like that, settings do not.
fn looks_secret(text: &str) -> bool {
    let prefixes = ["sk-", "xai-", "AIza", "ghp_", "gho_", "github_pat_", "glpat-", "hf_", "gsk_", "AKIA", "eyJ"];
    text.len() >= 20 && !text.contains(char::is_whitespace) && prefixes.iter().any(|p| text.starts_with(p))
}
