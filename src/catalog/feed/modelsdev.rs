//! models.dev: `{provider: {models: {id: {cost: {input, output, …}, limit: {context, output}}}}}`, dollars per million.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{Line, believed, per_million, tiers};
use crate::model::Prices;

/// Their name and ours, where these differ.
const NAMES: &[(&str, &str)] = &[
    ("google", "gemini"),
    ("google-vertex", "vertex"),
    ("togetherai", "together"),
    ("alibaba", "qwen"),
    ("zai", "zhipu"),
    ("moonshotai", "moonshot"),
    ("github-models", "github"),
];

/// Every model that the list names.
pub(super) fn lines(table: &Map<String, Value>) -> Vec<Line> {
    let mut out = Vec::new();
    for (name, provider) in table {
        let ours = NAMES.iter().find(|(theirs, _)| theirs == name).map_or(name.as_str(), |(_, ours)| ours);
        for (key, model) in provider.get("models").and_then(Value::as_object).into_iter().flatten() {
            let id = model.get("id").and_then(Value::as_str).unwrap_or(key);
            let cost = model.get("cost").unwrap_or(&Value::Null);
            let prices = believed(id, prices(cost));
            let limit = |what: &str| model.pointer(&format!("/limit/{what}")).and_then(Value::as_u64);
            out.push(Line {
                provider: ours.to_owned(),
                id: id.to_owned(),
                context: limit("context").filter(|n| *n > 0),
                max_output: limit("output").filter(|n| *n > 0),
                tiers: if prices.is_some() { long(cost) } else { Vec::new() },
                prices,
                services: Vec::new(),
            });
        }
    }
    out
}

fn prices(cost: &Value) -> Prices {
    let of = |name: &str| per_million(cost.get(name).and_then(Value::as_f64));
    Prices {
        input: of("input"),
        output: of("output"),
        cache_read: of("cache_read"),
        cache_write: of("cache_write"),
        cache_write_long: None,
    }
}

/// `context_over_200k` and its like.
fn long(cost: &Value) -> Vec<crate::model::Tier> {
    let mut out = BTreeMap::new();
    for (name, value) in cost.as_object().into_iter().flatten() {
        let bound = name.strip_prefix("context_over_").and_then(|n| n.strip_suffix('k')).and_then(|n| n.parse().ok());
        if let Some(thousands) = bound.filter(|n: &u64| *n < 1_000_000) {
            out.insert(thousands * 1_000, prices(value));
        }
    }
    tiers(out)
}
