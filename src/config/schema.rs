//! The JSON Schema of the settings file, for editors.

use serde_json::{Map, Value, json};

use super::keys::{KEYS, Key, Kind as Form};
use super::{oauth, redact, served, strategy};
use crate::model::{Action, Dialect, Kind, Scope, TWEAKS};

/// The schema, made from the table of keys.
#[must_use]
pub fn schema() -> Value {
    let mut root = Map::new();
    for key in KEYS {
        match key.name.split_once('.') {
            None => {
                root.insert(key.name.to_owned(), one(key));
            }
            Some((group, name)) => {
                let entry = root
                    .entry(group)
                    .or_insert_with(|| json!({ "type": "object", "additionalProperties": false, "properties": {} }));
                entry["properties"][name] = one(key);
            }
        }
    }
    let text = json!({ "type": "string" });
    let texts = json!({ "type": "object", "additionalProperties": { "type": "string" } });
    let price = json!({ "type": "number", "minimum": 0, "description": "dollars per million tokens" });
    let mut sign_in: Map<String, Value> = oauth::TEXTS.iter().map(|name| ((*name).to_owned(), text.clone())).collect();
    sign_in.insert("scopes".to_owned(), json!({ "type": "array", "items": text }));
    sign_in.insert("params".to_owned(), texts.clone());
    sign_in.insert("token_params".to_owned(), texts.clone());
    sign_in.insert("lead".to_owned(), json!({ "type": "integer", "minimum": 0, "maximum": 86_400 }));
    sign_in.insert("basic".to_owned(), json!({ "type": "boolean" }));
    let kinds = [
        (&served::TEXTS[..], text.clone()),
        (&served::NUMBERS, json!({ "type": "integer" })),
        (&served::PRICES, price),
        (&served::SWITCHES, json!({ "type": "boolean" })),
        (&served::LISTS, json!({ "type": "array", "items": text })),
    ];
    let model: Map<String, Value> = kinds
        .iter()
        .flat_map(|(names, form)| names.iter().map(move |name| ((*name).to_owned(), form.clone())))
        .collect();
    let quirk =
        |(n, name): (usize, &&str)| ((*name).to_owned(), json!({ "type": if n == 0 { "string" } else { "boolean" } }));
    let quirks: Map<String, Value> = TWEAKS.iter().enumerate().map(quirk).collect();
    root.insert(
        "upstreams".to_owned(),
        json!({ "type": "object", "additionalProperties": {
        "type": "object", "additionalProperties": false,
        "properties": {
            "provider": text, "base_url": text, "dialect": { "enum": Dialect::ALL.map(Dialect::name) },
            "auth": { "type": "string", "description": "bearer, none, or a header's name" }, "key_env": text,
            "project": text, "location": text,
            "headers": texts, "query": texts, "local": { "type": "boolean", "description": "it runs on this machine and costs nothing; left out, this holds for model servers (ollama, lmstudio, llamacpp, vllm), and with auth = none for an address of this machine none of whose models has a price" }, "strategy": { "enum": strategy::WORDS },
            "models": { "type": "array", "items": { "anyOf": [text, { "type": "object", "additionalProperties": false,
                "required": ["id"], "properties": model }] } },
            "paths": { "type": "object", "additionalProperties": false, "properties": { "call": text, "models": text } },
            "quirks": { "type": "object", "additionalProperties": false, "properties": quirks },
            "proxy": { "type": "string", "description": "a proxy's URL, or none" }, "ca_file": text,
            "connect_timeout": { "type": "integer", "minimum": 1, "maximum": 600 },
            "first_byte_timeout": { "type": "integer", "minimum": 1, "maximum": 86_400 },
            "idle_timeout": { "type": "integer", "minimum": 1, "maximum": 86_400 },
            "oauth": { "type": "object", "additionalProperties": false, "properties": sign_in },
            "pass": { "type": "array", "items": text, "description": "gRPC services whose calls are passed on to it" },
        },
    } }),
    );
    let one_or_more = |item: &Value| json!({ "anyOf": [item, { "type": "array", "items": item }] });
    let names = |names: Vec<&str>| json!({ "enum": names });
    root.insert(
        "rules".to_owned(),
        json!({ "type": "array", "items": { "type": "object", "additionalProperties": false, "properties": {
            "by": { "type": "string", "description": "upstream or provider" },
            "status": one_or_more(&json!({ "type": "integer", "minimum": 100, "maximum": 599 })),
            "says": one_or_more(&text),
            "kind": names(Kind::ALL.iter().map(|k| k.name()).collect()),
            "covers": names(Scope::ALL.iter().map(|s| s.name()).collect()),
            "does": names(Action::ALL.iter().map(|a| a.name()).collect()),
            "for": { "type": "string", "pattern": "^[0-9]+[smhd]$" },
        } } }),
    );
    if let Some(redact) = root.get_mut("redact") {
        redact["properties"]["kinds"] = json!({ "type": "object", "additionalProperties": { "enum": redact::MODES },
            "description": "modes of single kinds, by rule or by the word in placeholders; see monster redact rules" });
        redact["properties"]["rule"] = json!({ "type": "array", "items": { "type": "object",
            "additionalProperties": false, "required": ["name"], "properties": { "name": text, "literal": text,
                "pattern": text, "kind": text, "slow": { "type": "boolean" },
                "group": { "type": "integer", "minimum": 0 },
                "min_entropy": { "type": "number", "minimum": 0, "maximum": 8 } } } });
    }
    let models = json!({ "type": "array", "minItems": 1, "items": text });
    root.insert(
        "aliases".to_owned(),
        json!({ "type": "object", "description": "names for a model, or for a chain of models in failover order",
            "additionalProperties": { "anyOf": [text, models] } }),
    );
    root.insert(
        "pools".to_owned(),
        json!({ "type": "object", "description": "names for models that share the work",
            "additionalProperties": { "type": "object", "additionalProperties": false, "required": ["members"],
                "properties": { "members": models, "strategy": { "enum": strategy::WORDS },
                    "weights": { "type": "array", "items": { "type": "integer", "minimum": 0 } } } } }),
    );
    json!({ "$schema": "https://json-schema.org/draft/2020-12/schema", "title": "monster settings",
        "type": "object", "additionalProperties": false, "properties": root })
}

fn one(key: &Key) -> Value {
    let mut out = match key.kind {
        Form::Text => json!({ "type": "string" }),
        Form::Bool => json!({ "type": "boolean" }),
        Form::Number(least, most) => json!({ "type": "integer", "minimum": least, "maximum": most }),
        Form::Dollars => json!({ "type": ["number", "string"] }),
        Form::Word(words) => json!({ "enum": words }),
        Form::Effort => json!({ "type": ["string", "integer"] }),
        Form::List => json!({ "type": "array", "items": { "type": "string" } }),
    };
    out["description"] = json!(key.means);
    out
}
