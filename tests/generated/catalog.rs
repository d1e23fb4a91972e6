//! Makes `src/catalog/models.json` out of `data/`: what was collected (`models.json`, `routers.json`) and what this
//! project adds to it (`edits.json`: roles, notes, corrections).

use monster::catalog::maker_of;
use serde_json::{Map, Value, json};

/// The names a row's prices have, in the source and in the table.
const PRICES: [&str; 5] = ["input", "output", "cache_read", "cache_write", "cache_write_long"];

/// The table's text, one model a line.
pub(crate) fn table(collected: &[&str], edits: &str) -> String {
    let edits: Value = serde_json::from_str(edits).unwrap();
    let files: Vec<Value> = collected.iter().map(|text| serde_json::from_str(text).unwrap()).collect();
    let mut sources: Vec<String> = Vec::new();
    let mut rows: Vec<String> = Vec::new();
    let mut edited = 0;
    for source in files.iter().flat_map(|file| file["models"].as_array().unwrap()) {
        let mut row = row(source, &mut sources);
        if let Some(edit) = edits["rows"].get(source["key"].as_str().unwrap()) {
            edited += 1;
            merge(&mut row, edit);
        }
        rows.push(row.to_string());
    }
    assert_eq!(edited, edits["rows"].as_object().unwrap().len(), "an edit names a model that is not there");
    let lines = |list: &[String]| list.join(",\n");
    let texts = |list: &Value| lines(&list.as_array().unwrap().iter().map(Value::to_string).collect::<Vec<_>>());
    let roles: Vec<String> =
        edits["roles"].as_object().unwrap().iter().map(|(name, list)| format!("\"{name}\":{list}")).collect();
    let sources: Vec<String> = sources.iter().map(|s| json!(s).to_string()).collect();
    format!(
        "{{\n\"as_of\":{},\n\"unit\":\"USD per million tokens\",\n\"notes\":[\n{}],\n\"roles\":{{{}}},\n\"sources\":[\n{}],\n\"models\":[\n{}\n]}}\n",
        files[0]["as_of"],
        texts(&edits["notes"]),
        lines(&roles),
        lines(&sources),
        lines(&rows)
    )
}

/// One model of a source as a line of the table; what is null or empty there is left out.
fn row(source: &Value, sources: &mut Vec<String>) -> Value {
    let (provider, id) = (source["provider"].as_str().unwrap(), source["id"].as_str().unwrap());
    let mut out = Map::new();
    let mut put = |name: &str, value: Value| {
        let empty = match &value {
            Value::Null => true,
            Value::Array(list) => list.is_empty(),
            Value::Object(map) => map.is_empty(),
            _ => false,
        };
        if !empty {
            out.insert(name.to_owned(), value);
        }
    };
    put("provider", json!(provider));
    put("id", json!(id));
    put("aliases", source["aliases"].clone());
    put("maker", json!(maker_of(provider, id).0));
    put("dialects", source["apis"].clone());
    put("context", source["context_tokens"].clone());
    put("max_output", source["max_output_tokens"].clone());
    put("price", prices(&source["price"]));
    put("tiers", source["tiers"].as_array().unwrap().iter().map(tier).collect());
    put("services", services(&source["service_tiers"]));
    put("scheduled", source["scheduled"].as_array().unwrap().iter().map(change).collect());
    put("off_peak", off_peak(&source["off_peak"]));
    put("reasoning", reasoning(&source["reasoning"]));
    for (name, feature) in [
        ("tools", "tools"),
        ("forced", "forced_tool_choice"),
        ("structured", "structured_output"),
        ("sampling", "sampling_params"),
    ] {
        put(name, source["features"][feature].clone());
    }
    if let Some(takes) = source["takes"].as_array() {
        put("images", json!(takes.contains(&json!("image"))));
        put("documents", json!(takes.contains(&json!("pdf"))));
    }
    put("shutdown", source["shutdown_date"].clone());
    let from = origin(&source["source"]);
    let place = sources.iter().position(|s| *s == from).unwrap_or_else(|| {
        sources.push(from);
        sources.len() - 1
    });
    put("source", json!(place));
    put("as_of", source["as_of"].clone());
    put("checked", source["checked"]["date"].clone());
    Value::Object(out)
}

/// The five prices a card holds.
fn prices(source: &Value) -> Value {
    let known = PRICES.iter().filter(|name| !source[**name].is_null());
    Value::Object(known.map(|name| ((*name).to_owned(), source[*name].clone())).collect())
}

fn tier(source: &Value) -> Value {
    assert_eq!(source["applies_to"], "whole_request");
    let mut out = Map::new();
    out.insert("above".to_owned(), source["above_input_tokens"].clone());
    let Value::Object(mut known) = prices(source) else { unreachable!() };
    if !source["reasoning"].is_null() {
        // Reasoning is billed apart there, which a card cannot say: what output costs is not known then.
        known.remove("output");
    }
    out.extend(known);
    Value::Object(out)
}

/// Prices of other service tiers; a factor stays a number.
fn services(source: &Value) -> Value {
    let mut out = Map::new();
    for (name, offer) in source.as_object().unwrap() {
        match name.as_str() {
            "fast_multiplier" => out.insert("fast".to_owned(), json!(offer.as_f64().unwrap())),
            "batch" | "flex" | "priority" => out.insert(name.clone(), prices(offer)),
            other => panic!("a service tier that nobody here knows: {other}"),
        };
    }
    Value::Object(out)
}

fn change(source: &Value) -> Value {
    json!({ "from": source["from"], "price": prices(&source["price"]) })
}

fn off_peak(source: &Value) -> Value {
    let Value::Object(mut out) = prices(source) else { unreachable!() };
    if source.is_null() {
        return Value::Null;
    }
    let windows = source["windows_utc"].as_array().unwrap().iter().map(|window| {
        let hours = window["hours"].as_array().unwrap().iter().map(|h| span(h.as_str().unwrap()));
        json!({ "days": window["weekdays_iso"], "minutes": hours.collect::<Vec<_>>() })
    });
    out.insert("windows".to_owned(), windows.collect());
    Value::Object(out)
}

/// `10:00-00:00` as minutes of the day; midnight at the end is the day's end.
fn span(text: &str) -> [u32; 2] {
    let minute = |clock: &str| {
        let (hours, minutes) = clock.split_once(':').unwrap();
        hours.parse::<u32>().unwrap() * 60 + minutes.parse::<u32>().unwrap()
    };
    let (from, to) = text.split_once('-').unwrap();
    let to = if minute(to) == 0 { 24 * 60 } else { minute(to) };
    assert!(minute(from) < to, "{text}");
    [minute(from), to]
}

fn reasoning(source: &Value) -> Value {
    if source["supported"] != true {
        return Value::Null;
    }
    let control = match source["control"].as_str().unwrap() {
        // Where levels are known they go as `reasoning_effort`, as with those who were first to have them.
        "provider-specific" if source["efforts"].as_array().is_some_and(|list| !list.is_empty()) => "effort",
        "provider-specific" => "unmapped",
        "enable_thinking+budget" => "enable",
        "thinking-switch+effort" => "switch-and-effort",
        "fixed-by-model-name" => "fixed",
        "adaptive-or-budget" => "adaptive",
        same => same,
    };
    let mut out = Map::new();
    out.insert("control".to_owned(), json!(control));
    if source["efforts"].as_array().is_some_and(|list| !list.is_empty()) {
        out.insert("efforts".to_owned(), source["efforts"].clone());
    }
    if !source["default_effort"].is_null() {
        out.insert("default".to_owned(), source["default_effort"].clone());
    }
    if source["always_on"] == true {
        out.insert("always_on".to_owned(), json!(true));
    }
    if !source["off"].is_null() {
        out.insert("off".to_owned(), source["off"].clone());
    }
    Value::Object(out)
}

/// Where the row's numbers were read, and through which package.
fn origin(source: &Value) -> String {
    let page = source["upstream"].as_str().unwrap_or("first-party API list price");
    match (source["package"].as_str(), source["note"].as_str()) {
        (Some(package), _) => format!("{page} by way of {package} {}", source["version"].as_str().unwrap()),
        (None, Some(note)) => format!("{page} ({note})"),
        (None, None) => page.to_owned(),
    }
}

/// Fields of an edit replace those of the row, within objects too.
fn merge(row: &mut Value, edit: &Value) {
    match (row.as_object_mut(), edit.as_object()) {
        (Some(row), Some(edit)) => {
            for (name, value) in edit {
                merge(row.entry(name.clone()).or_insert(Value::Null), value);
            }
        }
        _ => *row = edit.clone(),
    }
}
