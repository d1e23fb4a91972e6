//! How long a prompt is, as each dialect asks for it and is told.

use serde_json::{Value, json};

use super::reject::{Out, json};
use crate::model::{Count, CountSource, Dialect, Failure, Kind, Scope};

/// The prompt in the body of a count, as a request for an answer has it.
///
/// # Errors
/// `BadRequest`.
pub(super) fn prompt(body: &[u8]) -> Result<Vec<u8>, Failure> {
    // Either the contents alone, or the whole request one level deeper (gemini.md, "Count").
    let mut value: Value = serde_json::from_slice(body)
        .map_err(|e| Failure::new(Kind::BadRequest, Scope::Request, format!("the request is no JSON ({e})")))?;
    Ok(match value.get_mut("generateContentRequest") {
        Some(inner) => inner.take().to_string().into_bytes(),
        None => body.to_vec(),
    })
}

/// The answer. Where nobody counted, it is an estimate and says so in a header.
pub(super) fn told(dialect: Dialect, count: &Count) -> Out {
    let mut out = json(&match dialect {
        Dialect::Gemini => json!({ "totalTokens": count.tokens }),
        _ => json!({ "input_tokens": count.tokens }),
    });
    let source = match count.source {
        CountSource::Provider => "provider",
        CountSource::Tokenizer => "tokenizer",
        CountSource::Estimate => "estimate",
    };
    out.headers_mut().insert("x-monster-count", http::HeaderValue::from_static(source));
    out
}
