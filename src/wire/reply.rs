//! What an answer looks like to a caller who speaks a dialect: streamed, whole, and failed (translation.md, "Streams",
//! "Errors").

use std::sync::Arc;

use serde_json::{Value, json};

use super::exact;
use crate::model::{Dialect, Event, Failure, FinishReason, Kind, Scope};

/// What stands where an image would.
pub(super) const IMAGE: &str = "[an image, which this dialect cannot carry]";

/// What ends an answer that took too long (xAI's gRPC); no other dialect has a word for it.
pub(super) const TIME_LIMIT: &str = "time_limit";

/// An answer that never came to its end: told as cut, and not as whole, to callers that know one kind of cut.
pub(super) fn unfinished(finish: Option<&FinishReason>) -> bool {
    match finish {
        Some(FinishReason::Length | FinishReason::Pause(_)) => true,
        Some(FinishReason::Other(word)) => word == TIME_LIMIT,
        _ => false,
    }
}

/// What is said of an answer beside what the model says.
#[derive(Debug, Clone, Default)]
pub struct Reply {
    /// The answer's id in the caller's style, for example `chatcmpl-…`.
    pub id: String,
    /// The model as the caller named it.
    pub model: String,
    /// Unix time (seconds).
    pub created: u64,
    /// The caller wants token counts in a stream (OpenAI Chat asks for them).
    pub usage: bool,
    /// A stream is one growing JSON array instead of events (Gemini without `alt=sse`).
    pub array: bool,
    /// The caller asked for no thoughts: their seals stand where he looks for none (Gemini).
    pub unasked: bool,
    /// [`Self::ECHOED`] as the caller said them, a JSON object; empty where nothing is said again.
    pub asked: Echo,
}

/// What an answer says again of a request, looked up when it is first spelled: one that goes on as it came needs none of
/// it, and instructions and tools are long.
#[derive(Clone, Default)]
pub struct Echo(Option<Arc<dyn Fn() -> String + Send + Sync>>);

impl Echo {
    /// What this finds.
    pub fn new(find: impl Fn() -> String + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(find)))
    }

    /// It.
    pub(super) fn said(&self) -> String {
        self.0.as_ref().map(|find| find()).unwrap_or_default()
    }
}

impl std::fmt::Debug for Echo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Echo")
    }
}

impl Reply {
    /// Members of a request that an answer in OpenAI Responses says again.
    pub const ECHOED: [&'static str; 7] =
        ["instructions", "metadata", "parallel_tool_calls", "temperature", "tool_choice", "tools", "top_p"];
}

/// Writes a streamed answer.
pub trait Writer: Send {
    /// Appends what one event looks like; nothing for events that the dialect has no frame for.
    fn push(&mut self, event: &Event, out: &mut Vec<u8>);

    /// The answer is complete: appends what closes it.
    fn end(&mut self, out: &mut Vec<u8>);

    /// The answer broke off: appends the dialect's own error, after which nothing follows but [`Self::trailers`].
    fn fail(&mut self, failure: &Failure, out: &mut Vec<u8>);

    /// These frames of somebody else's, in this dialect, go to the caller: what goes in their place, where they do not go as
    /// they are.
    fn passed(&mut self, _frames: &[u8]) -> Option<Vec<u8>> {
        None
    }

    /// The last of them went: appends what closes the answer.
    fn passed_all(&mut self, _out: &mut Vec<u8>) {}

    /// As [`Self::fail`], after an answer that somebody else wrote in this dialect.
    fn interrupt(&mut self, failure: &Failure, out: &mut Vec<u8>) {
        self.fail(failure, out);
    }

    /// What follows the body, in HTTP/2's trailers, once the answer is complete or broke off; most dialects say it all
    /// within.
    fn trailers(&self) -> Vec<(String, String)> {
        Vec::new()
    }

    /// Appends what keeps a waiting connection alive, and means nothing.
    fn ping(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b": keep-alive\n\n");
    }

    /// The media type of the stream.
    fn media_type(&self) -> &'static str {
        "text/event-stream"
    }
}

/// A failure before the first byte: status, headers and body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    /// HTTP status.
    pub status: u16,
    /// Headers beside the content type.
    pub headers: Vec<(String, String)>,
    /// JSON; empty where the headers say it all (gRPC).
    pub body: Vec<u8>,
}

/// How a failure is called: HTTP status, then type and code of the OpenAI dialects, Anthropic's type, Google's status.
pub(super) struct Called {
    status: u16,
    pub openai: (&'static str, Option<&'static str>),
    anthropic: &'static str,
    pub google: &'static str,
}

pub(super) fn called(kind: Kind) -> Called {
    let (status, kind, code, anthropic, google) = match kind {
        Kind::RateLimited => {
            (429, "rate_limit_error", Some("rate_limit_exceeded"), "rate_limit_error", "RESOURCE_EXHAUSTED")
        }
        Kind::QuotaSpent => {
            (402, "insufficient_quota", Some("insufficient_quota"), "billing_error", "RESOURCE_EXHAUSTED")
        }
        Kind::Unauthorized => {
            (401, "authentication_error", Some("invalid_api_key"), "authentication_error", "UNAUTHENTICATED")
        }
        Kind::Forbidden => (403, "permission_error", None, "permission_error", "PERMISSION_DENIED"),
        Kind::NotFound => (404, "invalid_request_error", Some("model_not_found"), "not_found_error", "NOT_FOUND"),
        Kind::Overloaded => {
            (503, "service_unavailable_error", Some("server_is_overloaded"), "overloaded_error", "UNAVAILABLE")
        }
        Kind::TooLong => {
            (400, "invalid_request_error", Some("context_length_exceeded"), "invalid_request_error", "INVALID_ARGUMENT")
        }
        Kind::BadRequest => (400, "invalid_request_error", None, "invalid_request_error", "INVALID_ARGUMENT"),
        Kind::Refused => {
            (400, "invalid_request_error", Some("content_filter"), "invalid_request_error", "INVALID_ARGUMENT")
        }
        Kind::TimedOut => (504, "timeout", None, "timeout_error", "DEADLINE_EXCEEDED"),
        Kind::Unreachable => (503, "service_unavailable_error", None, "api_error", "UNAVAILABLE"),
        Kind::Cancelled => (499, "invalid_request_error", Some("cancelled"), "api_error", "CANCELLED"),
        Kind::Broken | Kind::Untrusted | Kind::Truncated => (502, "server_error", None, "api_error", "INTERNAL"),
    };
    Called { status, openai: (kind, code), anthropic, google }
}

/// Whole seconds, rounded up: a client that comes back a moment early is refused again.
fn seconds(failure: &Failure) -> Option<u64> {
    let wait = failure.retry_after?;
    Some(wait.as_secs() + u64::from(wait.subsec_nanos() > 0))
}

/// Why Gemini did not take a prompt. It says so in an answer without candidates, whose status is success (gemini.md,
/// "Response"), and programs look for it there.
fn blocked(failure: &Failure) -> Option<&str> {
    let said = failure.upstream.blamed.as_ref().filter(|said| said.dialect == Dialect::Gemini)?;
    said.code.as_deref().filter(|_| failure.kind == Kind::Refused && said.param.is_none())
}

/// The error object of a dialect, as it stands in a body and in a stream.
pub(super) fn error(dialect: Dialect, failure: &Failure) -> Value {
    let called = called(failure.kind);
    match dialect {
        Dialect::AnthropicMessages => {
            json!({ "type": "error", "error": { "type": called.anthropic, "message": failure.message } })
        }
        Dialect::Gemini if let Some(reason) = blocked(failure) => {
            json!({ "promptFeedback": { "blockReason": reason } })
        }
        Dialect::Gemini => {
            let mut error = json!({ "code": called.status, "message": failure.message, "status": called.google });
            if let Some(wait) = seconds(failure) {
                error["details"] = json!([{ "@type": "type.googleapis.com/google.rpc.RetryInfo",
                    "retryDelay": format!("{wait}s") }]);
            }
            json!({ "error": error })
        }
        Dialect::Ollama => json!({ "error": failure.message }),
        _ => {
            let (kind, code) = called.openai;
            // A path or a stored answer may be missing too.
            let code = code.filter(|_| failure.kind != Kind::NotFound || failure.scope == Scope::Model);
            // What an upstream of the caller's own dialect said of the request, programs look at.
            let blamed = failure.upstream.blamed.as_ref().filter(|blamed| blamed.dialect == dialect);
            let code = blamed.and_then(|blamed| blamed.code.as_deref()).or(code);
            let param = blamed.and_then(|blamed| blamed.param.as_deref());
            json!({ "error": { "message": failure.message, "type": kind, "param": param, "code": code } })
        }
    }
}

/// The failure as a caller of this dialect gets it.
pub(super) fn reject(dialect: Dialect, failure: &Failure) -> Rejection {
    let status = match (dialect, failure.kind) {
        // Anthropic's own number for "everybody is too busy".
        (Dialect::AnthropicMessages, Kind::Overloaded) => 529,
        (Dialect::Gemini, _) if blocked(failure).is_some() => 200,
        (_, kind) => called(kind).status,
    };
    let headers = seconds(failure).map(|wait| ("retry-after".to_owned(), wait.to_string()));
    let body = error(dialect, failure).to_string().into_bytes();
    Rejection { status, headers: headers.into_iter().collect(), body }
}

/// One server-sent event without a name.
pub(super) fn data(value: &Value, out: &mut Vec<u8>) {
    out.extend_from_slice(b"data: ");
    spell(value, out);
    out.extend_from_slice(b"\n\n");
}

/// A value as JSON.
pub(super) fn written(value: &Value) -> Vec<u8> {
    let mut out = Vec::new();
    spell(value, &mut out);
    out
}

/// Appends it as JSON, with numbers as they were spelled.
pub(super) fn spell(value: &Value, out: &mut Vec<u8>) {
    let from = out.len();
    super::spell::value(value, out);
    exact::mend(out, from);
}

/// One server-sent event named after the `type` inside.
pub(super) fn named(value: &Value, out: &mut Vec<u8>) {
    let name = value.get("type").and_then(Value::as_str).unwrap_or_default();
    out.extend_from_slice(format!("event: {name}\n").as_bytes());
    data(value, out);
}
