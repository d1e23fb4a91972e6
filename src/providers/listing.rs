//! Model listings: five shapes, one reader.

use serde_json::Value;

use crate::wire::models;

/// Model ids in a listing: `data[].id` (OpenAI, Anthropic, LM Studio), `models[].name` (Gemini, Ollama), a bare
/// list of such rows; what is no JSON is an answer of xAI's service.
pub(super) fn ids(body: &[u8]) -> Vec<String> {
    let Ok(value) = serde_json::from_slice::<Value>(body) else { return models(body) };
    let rows = value.as_array().or_else(|| ["data", "models"].iter().find_map(|key| value.get(key)?.as_array()));
    rows.into_iter().flatten().filter_map(id).collect()
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
