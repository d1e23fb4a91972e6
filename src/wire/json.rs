//! Tolerant reading of JSON: what is missing or of another type is empty, never an error.

use serde_json::{Value, json};

use super::ErrorBody;
use crate::model::{Cost, CostSource, Failure, Kind, NanoUsd, Request, Scope, random_id};
use crate::world::random;

/// A string, or empty.
pub(super) fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// A count, or `None`. Negative and fractional counts are none.
pub(super) fn count(value: &Value, key: &str) -> Option<u64> {
    value.get(key).and_then(Value::as_u64)
}

/// The elements of an array, or none.
pub(super) fn items<'v>(value: &'v Value, key: &str) -> impl Iterator<Item = &'v Value> + use<'v> {
    value.get(key).and_then(Value::as_array).into_iter().flatten()
}

/// A JSON document.
pub(super) fn parse(bytes: &[u8]) -> Result<Value, Failure> {
    serde_json::from_slice(bytes).map_err(|e| {
        // What came is often a web page; its beginning tells more than the parser does.
        let begin: String =
            String::from_utf8_lossy(bytes.get(..80).unwrap_or(bytes)).chars().filter(|c| !c.is_control()).collect();
        Failure::broken(format!("the answer is no JSON ({e}): \"{begin}\""))
    })
}

/// A tool call id where the dialect has none: `call_` and 16 letters.
pub(super) fn call_id() -> String {
    random_id("call_", random::bytes().unwrap_or_default())
}

/// Arguments as an object; what is none is wrapped, so that nothing a model said is lost (translation.md, "Tools").
pub(super) fn arguments(input: &str) -> Value {
    if input.trim().is_empty() {
        return json!({});
    }
    match serde_json::from_str::<Value>(input) {
        Ok(value) if value.is_object() => value,
        _ => json!({ "_raw": input }),
    }
}

/// The system text, with the schema stated in words where the dialect or model does not take it natively.
pub(super) fn system(request: &Request, structured: bool) -> String {
    match &request.schema {
        Some(schema) if !structured => format!(
            "{}\n\nAnswer with one JSON object and nothing else. It must follow this JSON Schema:\n{}",
            request.system, schema.schema
        )
        .trim_start()
        .to_owned(),
        _ => request.system.clone(),
    }
}

/// What a stream or a body states as its failure.
pub(super) fn stated(error: &ErrorBody) -> Failure {
    let said = format!("{} {}", error.code, error.class).to_ascii_lowercase();
    let has = |words: &[&str]| words.iter().any(|w| said.contains(w));
    let (kind, scope) = if has(&["insufficient_quota", "billing", "credit"]) {
        (Kind::QuotaSpent, Scope::Account)
    } else if has(&["rate_limit", "resource_exhausted", "slow_down"]) {
        (Kind::RateLimited, Scope::Account)
    } else if has(&["overloaded", "unavailable"]) {
        (Kind::Overloaded, Scope::Provider)
    } else if has(&["context_length", "too_long", "string_above_max"]) {
        (Kind::TooLong, Scope::Request)
    } else if has(&["authentication", "api_key", "unauthenticated"]) {
        (Kind::Unauthorized, Scope::Account)
    } else if has(&["content_policy", "content_filter", "moderation", "policy_violation", "bio_policy"]) {
        (Kind::Refused, Scope::Request)
    } else if has(&["invalid_request", "invalid_prompt", "invalid_argument"]) {
        (Kind::BadRequest, Scope::Request)
    } else {
        (Kind::Broken, Scope::Provider)
    };
    let message = if error.message.is_empty() {
        "the provider reported an error without saying which".to_owned()
    } else {
        error.message.clone()
    };
    let mut failure = Failure::new(kind, scope, message);
    failure.retry_after = error.retry_after;
    failure.upstream.code = [&error.code, &error.class].into_iter().find(|c| !c.is_empty()).cloned();
    failure
}

/// The dialect's own end was not seen: the server's fault.
pub(super) fn truncated() -> Failure {
    Failure::new(Kind::Truncated, Scope::Provider, "the answer ended before its end mark")
}

/// `error.code`, `error.type`, `error.message` as OpenAI and most compatible servers spell them; also a bare string.
pub(super) fn error_body(body: &[u8]) -> ErrorBody {
    let Ok(value) = serde_json::from_slice::<Value>(body) else { return ErrorBody::default() };
    error_value(&value)
}

/// As [`error_body`], of a parsed document.
pub(super) fn error_value(value: &Value) -> ErrorBody {
    let value = value.as_array().and_then(|a| a.first()).unwrap_or(value);
    let error = value.get("error").unwrap_or(value);
    if let Some(message) = error.as_str() {
        return ErrorBody { message: message.to_owned(), code: text(value, "code").to_owned(), ..ErrorBody::default() };
    }
    let code = match error.get("code") {
        Some(Value::String(code)) => code.clone(),
        _ => error.pointer("/details/error_code").and_then(Value::as_str).unwrap_or_default().to_owned(),
    };
    let message =
        [text(error, "message"), text(value, "message"), text(value, "detail")].into_iter().find(|m| !m.is_empty());
    ErrorBody {
        code,
        class: text(error, "type").to_owned(),
        message: message.unwrap_or_default().to_owned(),
        retry_after: None,
    }
}

/// What a provider says it charged: dollars (OpenRouter), or ticks of 1e-10 dollars (xAI, xai.md).
pub(super) fn charged(usage: &Value) -> Option<Cost> {
    let amount = match count(usage, "cost_in_usd_ticks") {
        Some(ticks) => NanoUsd(ticks.saturating_add(5) / 10),
        None => NanoUsd::from_dollars(usage.get("cost")?.as_f64()?)?,
    };
    Some(Cost { amount, source: CostSource::Reported })
}
