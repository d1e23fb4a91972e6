//! Values: read from text or TOML, checked against the table.

use toml::de::DeValue;

use super::keys::{Key, Kind};
use crate::model::{DEMANDS, Demand, NanoUsd};

/// A checked value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    /// Text or word.
    Text(String),
    /// Switch.
    Bool(bool),
    /// Number.
    Number(u64),
    /// Money; `None` = no limit.
    Dollars(Option<NanoUsd>),
    /// List.
    List(Vec<String>),
}

impl Value {
    /// As people write it.
    pub(super) fn text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Bool(on) => on.to_string(),
            Self::Number(n) => n.to_string(),
            Self::Dollars(amount) => amount.map(|a| a.dollars().to_string()).unwrap_or_default(),
            Self::List(items) => serde_json::to_string(items).unwrap_or_default(),
        }
    }
}

/// What a setting takes, for errors and `explain`.
pub(super) fn takes(kind: Kind) -> String {
    match kind {
        Kind::Text => "a text".to_owned(),
        Kind::Bool => "true or false".to_owned(),
        Kind::Number(least, most) => format!("a whole number from {least} to {most}"),
        Kind::Dollars => "an amount in dollars such as 0.05".to_owned(),
        Kind::Word(words) => format!("one of {}", words.join(", ")),
        Kind::Effort => DEMANDS.to_owned(),
        Kind::List => "a list such as [\"a\", \"b\"]".to_owned(),
    }
}

/// From text: a variable, a flag, git's configuration, `config set`.
pub(super) fn from_text(key: &Key, text: &str) -> Option<Value> {
    let text = text.trim();
    Some(match key.kind {
        Kind::Text => Value::Text(text.to_owned()),
        Kind::Bool => Value::Bool(match text.to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" | "1" => true,
            "false" | "no" | "off" | "0" => false,
            _ => return None,
        }),
        Kind::Number(least, most) => Value::Number(text.parse().ok().filter(|n| (least..=most).contains(n))?),
        Kind::Dollars if text.is_empty() => Value::Dollars(None),
        Kind::Dollars => Value::Dollars(Some(NanoUsd::from_dollars(text.trim_start_matches('$').parse().ok()?)?)),
        Kind::Word(words) => Value::Text(words.contains(&text).then(|| text.to_owned())?),
        Kind::Effort if text.is_empty() => Value::Text(String::new()),
        Kind::Effort => Value::Text(Demand::parse(text)?.to_string()),
        Kind::List if text.starts_with('[') => match DeValue::parse(text).ok()?.into_inner() {
            DeValue::Array(items) => {
                Value::List(items.iter().map(|i| i.get_ref().as_str().map(str::to_owned)).collect::<Option<_>>()?)
            }
            _ => return None,
        },
        Kind::List => {
            Value::List(text.split(',').map(str::trim).filter(|t| !t.is_empty()).map(str::to_owned).collect())
        }
    })
}

/// From TOML.
pub(super) fn from_toml(key: &Key, value: &DeValue<'_>) -> Option<Value> {
    match (key.kind, value) {
        (Kind::Text | Kind::Word(_) | Kind::Dollars | Kind::Effort, DeValue::String(text)) => from_text(key, text),
        (Kind::Bool, DeValue::Boolean(on)) => Some(Value::Bool(*on)),
        (Kind::Number(..) | Kind::Dollars | Kind::Effort, DeValue::Integer(n)) => {
            from_text(key, &n.as_str().replace('_', ""))
        }
        (Kind::Dollars, DeValue::Float(n)) => from_text(key, &n.as_str().replace('_', "")),
        (Kind::List, DeValue::Array(items)) => {
            Some(Value::List(items.iter().map(|i| i.get_ref().as_str().map(str::to_owned)).collect::<Option<_>>()?))
        }
        _ => None,
    }
}

/// `new` is at least as strict as `old`: a later word of the list, a smaller number or amount, true.
pub(super) fn tightens(key: &Key, old: &Value, new: &Value) -> bool {
    match (key.kind, old, new) {
        (Kind::Word(words), Value::Text(old), Value::Text(new)) => {
            let place = |w: &String| words.iter().position(|x| x == w);
            place(new) >= place(old)
        }
        (_, Value::Number(old), Value::Number(new)) => new <= old,
        (_, Value::Bool(old), Value::Bool(new)) => *new || !*old,
        (_, Value::Dollars(old), Value::Dollars(new)) => match (old, new) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(old), Some(new)) => new <= old,
        },
        _ => false,
    }
}
