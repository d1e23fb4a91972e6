//! Models that make vectors: they answer nothing, so they stand in no list of models to talk to, and are found by their
//! names where vectors are asked for. Names as their providers document them; in none of our notes (`[K]`). Of what is
//! not here, its provider written before it says where it lies (`openai/NAME`).

use super::maker_of;
use crate::model::{Dialect, ModelCard};

/// By provider. All are asked in OpenAI's way, at the address beside Chat.
const TABLE: [(&str, &[&str]); 8] = [
    ("openai", &["text-embedding-3-small", "text-embedding-3-large", "text-embedding-ada-002"]),
    // A deployment has the name of its model where its owner gave it no other.
    ("azure", &["text-embedding-3-small", "text-embedding-3-large", "text-embedding-ada-002"]),
    ("gemini", &["gemini-embedding-001"]),
    ("mistral", &["mistral-embed", "codestral-embed"]),
    ("cohere", &["embed-v4.0", "embed-english-v3.0", "embed-multilingual-v3.0"]),
    ("qwen", &["text-embedding-v4", "text-embedding-v3"]),
    ("github", &["openai/text-embedding-3-small", "openai/text-embedding-3-large"]),
    ("openrouter", &["openai/text-embedding-3-small", "openai/text-embedding-3-large", "google/gemini-embedding-001"]),
];

/// Those of a provider.
#[must_use]
pub fn vectors_of(provider: &str) -> &'static [&'static str] {
    TABLE.iter().find(|(id, _)| *id == provider).map_or(&[], |(_, models)| models)
}

/// The card of one of them, at a provider that has it.
#[must_use]
pub fn vectors(provider: &str, model: &str) -> Option<ModelCard> {
    vectors_of(provider)
        .contains(&model)
        .then(|| ModelCard::unknown(provider, model, maker_of(provider, model), vec![Dialect::OpenAiChat]))
}
