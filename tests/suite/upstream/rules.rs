//! What the real services refuse: a small language for saying it.

use serde_json::{Map, Value};

/// Why a request is refused.
#[derive(Debug, Clone)]
pub struct Refusal {
    pub status: u16,
    pub kind: String,
    pub message: String,
    pub param: Option<String>,
}

/// What a check says.
pub type Check = Result<(), Refusal>;

/// A plain 400.
pub fn refuse(param: &str, message: impl Into<String>) -> Refusal {
    Refusal {
        status: 400,
        kind: "invalid_request_error".to_owned(),
        message: message.into(),
        param: Some(param.to_owned()),
    }
}

/// Fails unless `holds`.
pub fn must(holds: bool, param: &str, message: impl FnOnce() -> String) -> Check {
    if holds { Ok(()) } else { Err(refuse(param, message())) }
}

/// What a field holds.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    Text,
    Bool,
    Whole,
    Number,
    List,
    Object,
    Any,
    Word(&'static [&'static str]),
}

/// One field that a service knows.
pub type Field = (&'static str, Kind);

/// No field but these, each of its kind. `unknown` words the refusal of another name.
pub fn fields(place: &str, value: &Value, known: &[Field], unknown: fn(&str) -> String) -> Check {
    let object = value.as_object().ok_or_else(|| refuse(place, format!("{place}: an object is expected")))?;
    for (name, value) in object {
        let full = if place.is_empty() { name.clone() } else { format!("{place}.{name}") };
        let Some((_, kind)) = known.iter().find(|(n, _)| n == name) else {
            return Err(Refusal { kind: "unknown_parameter".to_owned(), ..refuse(&full, unknown(&full)) });
        };
        must(is(value, *kind), &full, || format!("Invalid value for '{full}': {value} is not {kind:?}"))?;
    }
    Ok(())
}

/// These are there.
pub fn required(object: &Value, place: &str, names: &[&str]) -> Check {
    for name in names {
        must(!object[*name].is_null(), name, || format!("Missing required parameter: '{place}{name}'."))?;
    }
    Ok(())
}

fn is(value: &Value, kind: Kind) -> bool {
    match kind {
        Kind::Text => value.is_string(),
        Kind::Bool => value.is_boolean(),
        Kind::Whole => value.as_u64().is_some(),
        Kind::Number => value.is_number(),
        Kind::List => value.is_array(),
        Kind::Object => value.is_object(),
        Kind::Any => true,
        Kind::Word(words) => value.as_str().is_some_and(|w| words.contains(&w)),
    }
}

/// A name as OpenAI and Anthropic take it for tools and schemas.
pub fn name(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}

/// OpenAI's strict schemas: every object closes its properties and requires all of them, at every depth.
pub fn strict(schema: &Value, place: &str) -> Check {
    if let Some(object) = schema.as_object() {
        if let Some(properties) = object.get("properties").and_then(Value::as_object) {
            must(object.get("additionalProperties") == Some(&Value::Bool(false)), place, || {
                format!(
                    "Invalid schema: In context=({place}), 'additionalProperties' is required to be supplied and to be false."
                )
            })?;
            let required = names(object);
            let missing = properties.keys().find(|k| !required.contains(&k.as_str()));
            must(missing.is_none(), place, || {
                format!(
                    "Invalid schema: In context=({place}), 'required' is required to be supplied and to be an array including every key in properties. Missing '{}'.",
                    missing.map_or("", |m| m)
                )
            })?;
        }
        for (key, inner) in object.iter().filter(|(k, _)| *k != "enum" && *k != "required") {
            strict(inner, &format!("{place}.{key}"))?;
        }
    }
    schema.as_array().into_iter().flatten().try_for_each(|inner| strict(inner, place))
}

fn names(object: &Map<String, Value>) -> Vec<&str> {
    object.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect()
}
