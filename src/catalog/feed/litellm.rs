//! LiteLLM: one flat table by name, dollars per token.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{Line, believed, per_million, tiers};
use crate::model::{Offer, Prices, Service, Tier};

/// Their provider, ours, and what stands before the model's id there.
const PROVIDERS: &[(&str, &str, &str)] = &[
    ("openai", "openai", ""),
    ("anthropic", "anthropic", ""),
    ("gemini", "gemini", "gemini/"),
    ("xai", "xai", "xai/"),
    ("deepseek", "deepseek", "deepseek/"),
    ("openrouter", "openrouter", "openrouter/"),
    ("huggingface", "huggingface", "huggingface/"),
    ("github", "github", "github/"),
    ("mistral", "mistral", "mistral/"),
    ("groq", "groq", "groq/"),
    ("together_ai", "together", "together_ai/"),
    ("cohere_chat", "cohere", ""),
    ("dashscope", "qwen", "dashscope/"),
    ("zai", "zhipu", "zai/"),
    ("minimax", "minimax", "minimax/"),
    ("moonshot", "moonshot", "moonshot/"),
    ("azure", "azure", "azure/"),
    ("cerebras", "cerebras", "cerebras/"),
];

/// Every model for text that the list names.
pub(super) fn lines(table: &Map<String, Value>) -> Vec<Line> {
    let mut out = Vec::new();
    for (name, row) in table {
        let text = |key: &str| row.get(key).and_then(Value::as_str).unwrap_or_default();
        if !matches!(text("mode"), "chat" | "responses") {
            continue;
        }
        let Some((_, ours, prefix)) = PROVIDERS.iter().find(|(theirs, ..)| *theirs == text("litellm_provider")) else {
            continue;
        };
        let id = name.strip_prefix(prefix).unwrap_or(name);
        let prices = believed(id, prices(row, ""));
        let limit = |key: &str| row.get(key).and_then(Value::as_u64).filter(|n| *n > 0);
        let known = prices.is_some();
        out.push(Line {
            provider: (*ours).to_owned(),
            id: id.to_owned(),
            context: window(limit("max_input_tokens"), limit("max_output_tokens")),
            max_output: limit("max_output_tokens"),
            prices,
            tiers: if known { long(row) } else { Vec::new() },
            services: if known { services(row) } else { Vec::new() },
        });
    }
    // The same model with and without its prefix: the one that says its provider goes first.
    out.sort_by_key(|line| (line.provider.clone(), line.id.clone()));
    out
}

/// The whole window. OpenAI's newer models are told there by what is left of it for the prompt.
fn window(input: Option<u64>, output: Option<u64>) -> Option<u64> {
    match input? {
        left @ (272_000 | 922_000) => Some(left.saturating_add(output?)),
        whole => Some(whole),
    }
}

fn prices(row: &Value, suffix: &str) -> Prices {
    let of = |name: &str| {
        let token = row.get(format!("{name}{suffix}")).and_then(Value::as_f64);
        per_million(token.map(|dollars| dollars * 1e6))
    };
    Prices {
        input: of("input_cost_per_token"),
        output: of("output_cost_per_token"),
        cache_read: of("cache_read_input_token_cost"),
        cache_write: of("cache_creation_input_token_cost"),
        cache_write_long: of("cache_creation_input_token_cost_above_1hr")
            .or_else(|| of("cache_creation_input_token_cost_above_12hr")),
    }
}

fn long(row: &Value) -> Vec<Tier> {
    let mut out = BTreeMap::new();
    for name in row.as_object().into_iter().flatten().map(|(name, _)| name) {
        let bound = name.strip_prefix("input_cost_per_token_above_").and_then(|n| n.strip_suffix("k_tokens"));
        if let Some(thousands) = bound.and_then(|n| n.parse::<u64>().ok()).filter(|n| *n < 1_000_000) {
            out.insert(thousands * 1_000, prices(row, &format!("_above_{thousands}k_tokens")));
        }
    }
    tiers(out)
}

fn services(row: &Value) -> Vec<(Service, Offer)> {
    [(Service::Batch, "_batches"), (Service::Flex, "_flex"), (Service::Priority, "_priority")]
        .into_iter()
        .map(|(service, suffix)| (service, prices(row, suffix)))
        .filter(|(_, prices)| prices.input.is_some() || prices.output.is_some())
        .map(|(service, prices)| (service, Offer::Prices(prices)))
        .collect()
}
