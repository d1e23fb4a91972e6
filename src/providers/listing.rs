//! Model listings: ids from every shape, and what some providers say of their models beside that.

use serde_json::Value;

use super::Upstream;
use super::adapt::LOCAL_WINDOW;
use super::amount::scaled;
use crate::model::{Control, Effort, Listed, Prices};
use crate::wire::models;

/// Nano-dollars per million tokens beyond which nothing is a price: a hundred thousand dollars.
const DEAREST: u64 = 100_000_000_000_000;

/// Model ids in a listing: `data[].id` (OpenAI, Anthropic, LM Studio), `models[].name` (Gemini, Ollama), a bare
/// list of such rows; what is no JSON is an answer of xAI's service.
pub(super) fn ids(body: &[u8]) -> Vec<String> {
    let Ok(value) = serde_json::from_slice::<Value>(body) else { return models(body) };
    rows(&value).filter_map(id).collect()
}

fn rows(value: &Value) -> impl Iterator<Item = &Value> {
    let rows = value.as_array().or_else(|| ["data", "models"].iter().find_map(|key| value.get(key)?.as_array()));
    rows.into_iter().flatten()
}

/// It is a list of models, which may be empty (or null, as servers in Go say it). What says an error beside it is none.
pub(super) fn is_list(body: &[u8]) -> bool {
    let value = serde_json::from_slice::<Value>(body).unwrap_or_default();
    if value.get("error").is_some_and(|error| !error.is_null()) {
        return false;
    }
    let named = |row: &Value| ["id", "name", "model"].iter().any(|key| row.get(key).is_some_and(Value::is_string));
    let listed = |of: &Value| of.as_array().is_some_and(|rows| rows.iter().all(named));
    let keys = ["data", "models", "publisherModels"];
    listed(&value) || keys.iter().filter_map(|key| value.get(key)).any(|of| of.is_null() || listed(of))
}

fn id(row: &Value) -> Option<String> {
    // Gemini lists models for embeddings too.
    if let Some(methods) = row.get("supportedGenerationMethods").and_then(Value::as_array)
        && !methods.iter().any(|m| m == "generateContent")
    {
        return None;
    }
    let name = ["id", "name", "model"].iter().find_map(|key| row.get(key)?.as_str())?;
    Some(name.strip_prefix("models/").unwrap_or(name).to_owned())
}

/// Where a provider says more of its models than where they are listed; `None` = nowhere.
pub(super) fn elsewhere(provider: &str, upstream: &Upstream) -> Option<String> {
    let root = upstream.base_url.strip_suffix("/v1").unwrap_or(&upstream.base_url);
    match provider {
        // With prices (xai.md, "REST"); the gRPC service lists names alone.
        "xai" if !upstream.dialect.is_some_and(crate::model::Dialect::is_grpc) => {
            Some(format!("{}/language-models", upstream.base_url))
        }
        // ollama-lmstudio.md, "LM Studio".
        "lmstudio" => Some(format!("{root}/api/v1/models")),
        _ => None,
    }
}

/// Where a server on this machine describes one model, and what it is sent; `None` = nowhere.
pub(super) fn about(provider: &str, upstream: &Upstream, id: &str) -> Option<(String, Option<Vec<u8>>)> {
    let root = upstream.base_url.strip_suffix("/v1").unwrap_or(&upstream.base_url);
    match provider {
        // ollama-lmstudio.md, "Native API".
        "ollama" => {
            let body = serde_json::json!({ "model": id }).to_string().into_bytes();
            Some((format!("{root}/api/show"), Some(body)))
        }
        // It serves one model; the address is [K], in none of our notes.
        "llamacpp" => Some((format!("{root}/props"), None)),
        _ => None,
    }
}

/// What such a description says.
pub(super) fn described(provider: &str, body: &[u8]) -> Listed {
    let mut out = Listed::default();
    let Ok(value) = serde_json::from_slice::<Value>(body) else { return out };
    match provider {
        "ollama" => {
            let can =
                |what: &str| Some(value.get("capabilities")?.as_array()?.iter().any(|c| c.as_str() == Some(what)));
            (out.tools, out.images) = (can("tools"), can("vision"));
            out.control = can("thinking").filter(|thinks| *thinks).map(|_| Control::Think);
            let info = value.get("model_info").and_then(Value::as_object);
            let window = info.and_then(|info| info.iter().find(|(key, _)| key.ends_with(".context_length")));
            // What the model was made for; the server has room for what it is asked for, and not for any length.
            let made_for = Listed::tokens(window.and_then(|(_, length)| length.as_u64()));
            out.context = made_for.map(|tokens| tokens.min(LOCAL_WINDOW));
            // The count is [K]; what the listing has beside, in words, is documented.
            let counted = info.and_then(|info| info.get("general.parameter_count")?.as_u64());
            let told = || Listed::size(value.pointer("/details/parameter_size")?.as_str()?);
            out.parameters = counted.filter(|n| *n > 0).or_else(told);
        }
        "llamacpp" => {
            let window = value.pointer("/default_generation_settings/n_ctx").or_else(|| value.get("n_ctx"));
            out.context = Listed::tokens(window.and_then(Value::as_u64));
            out.images = value.pointer("/modalities/vision").and_then(Value::as_bool);
        }
        _ => {}
    }
    out
}

/// What a listing says of each model, beside its name; fields that a provider does not document are not looked at.
pub(super) fn cards(provider: &str, body: &[u8]) -> Vec<Listed> {
    let Ok(value) = serde_json::from_slice::<Value>(body) else {
        return models(body).into_iter().map(Listed::new).collect();
    };
    let read = match provider {
        "anthropic" => anthropic,
        "gemini" => gemini,
        "openrouter" => openrouter,
        "xai" => xai,
        "mistral" => mistral,
        "vllm" => vllm,
        "lmstudio" => lmstudio,
        "llamacpp" => llamacpp,
        "ollama" => ollama,
        _ => |_: &Value, _: &mut Listed| true,
    };
    let card = |row: &Value| {
        let key = || row.get("key").and_then(Value::as_str).filter(|_| provider == "lmstudio").map(str::to_owned);
        let mut card = Listed::new(id(row).or_else(key)?);
        read(row, &mut card).then_some(card)
    };
    rows(&value).filter_map(card).collect()
}

fn number(row: &Value, path: &str) -> Option<u64> {
    Listed::tokens(row.pointer(path).and_then(Value::as_u64))
}

fn flag(row: &Value, path: &str) -> Option<bool> {
    row.pointer(path).and_then(Value::as_bool)
}

/// Whether a list of words holds one; `None` where there is no list.
fn names(row: &Value, path: &str, word: &str) -> Option<bool> {
    Some(row.pointer(path)?.as_array()?.iter().any(|w| w.as_str() == Some(word)))
}

/// `ModelInfo` (anthropic-messages.md, "Other endpoints" `[S]`): each ability is an object with `supported`.
fn anthropic(row: &Value, card: &mut Listed) -> bool {
    let can = |what: &str| {
        let said = row.pointer(&format!("/capabilities/{what}"))?;
        said.as_bool().or_else(|| said.get("supported")?.as_bool())
    };
    card.context = number(row, "/max_input_tokens");
    card.max_output = number(row, "/max_tokens");
    (card.images, card.documents) = (can("image_input"), can("pdf_input"));
    card.structured = can("structured_outputs");
    let types = |kind: &str| can(&format!("thinking/types/{kind}"));
    card.control = match (can("thinking"), types("adaptive"), types("enabled")) {
        (Some(false), ..) => Some(Control::None),
        (_, Some(true), _) => Some(Control::Adaptive),
        (_, _, Some(true)) => Some(Control::Budget),
        _ => None,
    };
    card.off = match (types("disabled"), types("between_tools")) {
        _ if card.control == Some(Control::None) => None,
        (Some(true), _) => Some("disabled".to_owned()),
        (_, Some(true)) => Some("between_tools".to_owned()),
        (Some(false), _) => Some(String::new()),
        (None, _) => None,
    };
    if can("effort") == Some(true) {
        let levels = [Effort::Low, Effort::Medium, Effort::High, Effort::XHigh, Effort::Max];
        card.efforts = levels.into_iter().filter(|e| can(&format!("effort/{}", e.name())) == Some(true)).collect();
    }
    let day = row.get("retires_at").and_then(Value::as_str).and_then(|at| at.get(..10));
    card.shutdown = day.filter(|day| day.parse::<jiff::civil::Date>().is_ok()).map(str::to_owned);
    row.get("lifecycle").and_then(Value::as_str) != Some("retired")
}

/// gemini.md, "Endpoints" `[S]`.
fn gemini(row: &Value, card: &mut Listed) -> bool {
    card.context = number(row, "/inputTokenLimit");
    card.max_output = number(row, "/outputTokenLimit");
    card.control = flag(row, "/thinking").map(|thinks| if thinks { Control::Unmapped } else { Control::None });
    true
}

/// openrouter.md: dollars per token as text, and the parameters that a model takes `[K]`.
fn openrouter(row: &Value, card: &mut Listed) -> bool {
    card.context = number(row, "/context_length");
    card.max_output = number(row, "/top_provider/max_completion_tokens");
    let price = |what: &str| row.pointer(&format!("/pricing/{what}")).and_then(dollars_per_token);
    let prices = Prices {
        input: price("prompt"),
        output: price("completion"),
        cache_read: price("input_cache_read"),
        cache_write: price("input_cache_write"),
        cache_write_long: None,
    };
    // Half a price would be charged as if the other half were free.
    let whole = prices.input.is_some() && prices.output.is_some();
    // Routers that choose among models say nothing, and write zero for it.
    let free = prices.input == Some(0) && prices.output == Some(0) && !card.id.ends_with(":free");
    card.prices = Some(prices).filter(|_| whole && !free);
    let takes = |word: &str| names(row, "/supported_parameters", word);
    (card.tools, card.structured) = (takes("tools"), takes("structured_outputs"));
    card.sampling = takes("temperature");
    card.images = names(row, "/architecture/input_modalities", "image");
    true
}

/// xai.md: integers in 1e-4 dollars per million tokens `[K]`; whoever keeps them holds them against known prices.
fn xai(row: &Value, card: &mut Listed) -> bool {
    let price = |what: &str| {
        let nano = row.get(what)?.as_u64()?.checked_mul(100_000)?;
        Some(nano).filter(|nano| (1..=DEAREST).contains(nano))
    };
    card.context = number(row, "/max_prompt_length");
    let prices = Prices {
        input: price("prompt_text_token_price"),
        output: price("completion_text_token_price"),
        cache_read: price("cached_prompt_text_token_price").or_else(|| price("cached_prompt_token_price")),
        ..Prices::default()
    };
    card.prices = Some(prices).filter(|p| p.input.is_some() && p.output.is_some());
    card.images = names(row, "/input_modalities", "image");
    true
}

/// `capabilities` of Mistral's model cards; in none of our notes (`[K]`).
fn mistral(row: &Value, card: &mut Listed) -> bool {
    card.context = number(row, "/max_context_length");
    card.tools = flag(row, "/capabilities/function_calling");
    card.images = flag(row, "/capabilities/vision");
    // What embeds or moderates is no model for us.
    flag(row, "/capabilities/completion_chat") != Some(false)
}

/// `details` of Ollama's listing (ollama-lmstudio.md, "Native API").
fn ollama(row: &Value, card: &mut Listed) -> bool {
    card.parameters = row.pointer("/details/parameter_size").and_then(Value::as_str).and_then(Listed::size);
    true
}

/// `meta` of llama.cpp's listing; in none of our notes (`[K]`).
fn llamacpp(row: &Value, card: &mut Listed) -> bool {
    card.parameters = row.pointer("/meta/n_params").and_then(Value::as_u64).filter(|n| *n > 0);
    true
}

/// `max_model_len` of vLLM's listing; in none of our notes (`[K]`).
fn vllm(row: &Value, card: &mut Listed) -> bool {
    card.context = number(row, "/max_model_len");
    true
}

/// ollama-lmstudio.md, "LM Studio" `[T]`; older servers list names alone. `max_context_length` is what the model was made
/// for: what is beyond the window it was loaded with is cut off, and of one that is not loaded nobody knows that window.
fn lmstudio(row: &Value, card: &mut Listed) -> bool {
    let loaded = row.get("loaded_instances").and_then(Value::as_array).into_iter().flatten();
    let windows = loaded.filter_map(|instance| number(instance, "/config/context_length"));
    card.context = windows.min();
    card.images = flag(row, "/capabilities/vision");
    card.tools = flag(row, "/capabilities/trained_for_tool_use");
    card.parameters = row.get("params_string").and_then(Value::as_str).and_then(Listed::size);
    row.get("type").and_then(Value::as_str) != Some("embedding")
}

/// Nano-dollars per million tokens from dollars a token; `None` for what is no amount, negative or absurd.
fn dollars_per_token(value: &Value) -> Option<u64> {
    // 10^15 nano-dollars a million tokens are one dollar a token.
    u64::try_from(scaled(value, 15)?).ok().filter(|nano| *nano <= DEAREST)
}
