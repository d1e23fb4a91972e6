//! Refusals and failures, as a caller of each dialect gets them.

use http::{HeaderValue, Response, StatusCode};

use super::access::SOON;
use super::body::Body;
use super::flow::{Flow, headers};
use crate::client::CallError;
use crate::model::{Dialect, Failure, Kind, Scope};
use crate::wire::{Rejection, surface};

/// A response.
pub(super) type Out = Response<Body>;

/// A failure as a response; a status of its own where the dialect's would say less.
pub(super) fn failed(dialect: Dialect, failure: &Failure, status: Option<u16>) -> Out {
    if let Some((said, body)) = failure.refusal(dialect).filter(|_| status.is_none()) {
        return response(said, "application/json", Body::whole(body.to_owned()));
    }
    let Rejection { status: usual, headers: more, body } = surface(dialect).write_failure(failure);
    let status =
        if dialect.is_grpc() { usual } else { status.or_else(|| kept(dialect, usual, failure)).unwrap_or(usual) };
    let kind = if dialect.is_grpc() { "application/grpc" } else { "application/json" };
    let body = match (dialect, status) {
        // The one status of these that has a type of its own (translation.md, "Errors").
        (Dialect::AnthropicMessages, 413) => {
            let error = serde_json::json!({ "type": "request_too_large", "message": failure.message });
            serde_json::json!({ "type": "error", "error": error }).to_string().into_bytes()
        }
        // It says its status twice.
        (Dialect::Gemini, status) if status != usual => {
            let mut said: serde_json::Value = serde_json::from_slice(&body).unwrap_or_default();
            if let Some(code) = said.pointer_mut("/error/code") {
                *code = status.into();
            }
            said.to_string().into_bytes()
        }
        _ => body,
    };
    let mut out = response(status, kind, Body::whole(body));
    out.headers_mut().extend(headers(&more));
    out
}

/// The status of an upstream's own that says more than the dialect's usual one, where the dialect's clients know it
/// (translation.md, "Errors").
fn kept(dialect: Dialect, usual: u16, failure: &Failure) -> Option<u16> {
    let known: &[u16] = match dialect {
        Dialect::OpenAiChat | Dialect::OpenAiResponses | Dialect::Ollama => &[413, 422],
        Dialect::AnthropicMessages => &[413],
        Dialect::Gemini | Dialect::XaiGrpc => &[],
    };
    failure.upstream.status.filter(|status| usual == 400 && known.contains(status))
}

/// A response of this status and media type.
pub(super) fn response(status: u16, media_type: &'static str, body: Body) -> Out {
    let mut out = Response::new(body);
    *out.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    out.headers_mut().insert(http::header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    out
}

/// A response that comes piece by piece. What lies between us and the caller is asked to keep none of them back.
pub(super) fn flowing(media_type: &'static str, flow: Flow) -> Out {
    let mut out = response(200, media_type, Body::Flow(Box::new(flow)));
    out.headers_mut().insert(http::header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    // nginx collects an answer until it is told otherwise.
    out.headers_mut().insert("x-accel-buffering", HeaderValue::from_static("no"));
    out
}

/// JSON.
pub(super) fn json(value: &serde_json::Value) -> Out {
    response(200, "application/json", Body::whole(value.to_string()))
}

/// Why a call gave no answer, as a failure.
pub(super) fn failure(error: &CallError) -> Failure {
    let said = |kind: Kind| Failure::new(kind, Scope::Request, error.to_string());
    match error {
        CallError::NoRoute { notes } => {
            let mut what = "no model is connected to monster".to_owned();
            notes.iter().take(3).for_each(|note| what = format!("{what}; {note}"));
            Failure::new(Kind::Unreachable, Scope::Request, what)
        }
        CallError::Locked(locked) => {
            let hint = locked.hint.as_ref().map(|hint| format!("; {hint}")).unwrap_or_default();
            Failure::new(
                Kind::Unreachable,
                Scope::Request,
                format!("the accounts of monster are locked: {locked}{hint}"),
            )
        }
        CallError::UnknownModel { near, .. } if !near.is_empty() => {
            Failure::new(Kind::NotFound, Scope::Model, format!("{error}; near to it: {}", near.join(", ")))
        }
        CallError::UnknownModel { .. } => Failure { scope: Scope::Model, ..said(error.kind()) },
        CallError::Unwatched { .. } => Failure { retry_after: Some(SOON), ..said(error.kind()) },
        CallError::NoEffort { .. }
        | CallError::Blocked(_)
        | CallError::Unlimited(_)
        | CallError::Unable { .. }
        | CallError::TooLong { .. }
        | CallError::TooDear { .. }
        | CallError::Budget { .. }
        | CallError::Unpriced { .. }
        | CallError::Deadline(_) => said(error.kind()),
        CallError::Cooling { wakes_in, known, tried } => {
            // A caller who backs off wants to know from what: a limit of his own, or a provider that is not well.
            let wide = known.as_ref().is_some_and(|known| known.key.starts_with("provider:"));
            let usual = if wide { Kind::Overloaded } else { Kind::RateLimited };
            let last = tried.last();
            let passes = |kind: &Kind| {
                use Kind::{Broken, Overloaded, QuotaSpent, RateLimited, TimedOut, Unreachable};
                matches!(kind, Broken | Overloaded | QuotaSpent | RateLimited | TimedOut | Unreachable)
            };
            let mut failure = said(last.map(|last| last.failure.kind).filter(passes).unwrap_or(usual));
            last.inspect(|last| failure.message = format!("{}: {}", failure.message, last.failure.message));
            Failure { retry_after: Some(*wakes_in), ..failure }
        }
        CallError::Crowded { wakes_in, .. } => Failure { retry_after: Some(*wakes_in), ..said(Kind::RateLimited) },
        CallError::Exhausted(tried) => match tried.last() {
            // What the upstream said, with its own wait.
            Some(last) => last.failure.clone(),
            None => said(Kind::Unreachable),
        },
        CallError::Broken { tried, .. } => tried.failure.clone(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::client::Tried;

    #[test]
    fn who_finds_no_place_in_line_is_told_when_to_come_again() {
        let wakes_in = Duration::from_secs(9);
        let failure = failure(&CallError::Crowded { waiting: 64, wakes_in, tried: Vec::new() });
        assert_eq!((failure.kind, failure.retry_after), (Kind::RateLimited, Some(wakes_in)));
    }

    #[test]
    fn a_status_that_stands_in_the_body_too_is_the_same_in_both() {
        let failure = Failure::new(Kind::BadRequest, Scope::Request, "the body is larger than 64 MiB");
        for status in [None, Some(413), Some(415)] {
            let out = failed(Dialect::Gemini, &failure, status);
            let Body::Whole(Some(body)) = out.body() else { unreachable!() };
            let said: serde_json::Value = serde_json::from_slice(body).unwrap();
            assert_eq!(said["error"]["code"], out.status().as_u16(), "{said}");
            assert_eq!(out.status().as_u16(), status.unwrap_or(400));
        }
    }

    #[test]
    fn who_only_has_to_wait_is_not_told_that_his_key_is_wrong() {
        let cooling = |kind: Kind| {
            let met = Failure::new(kind, Scope::Account, "no such key");
            let tried = vec![Tried { account: "a".into(), model: "u/m".into(), failure: met }];
            failure(&CallError::Cooling { wakes_in: Duration::from_secs(7), known: None, tried })
        };
        let failure_kinds = [
            (Kind::Unauthorized, Kind::RateLimited),
            (Kind::NotFound, Kind::RateLimited),
            (Kind::Overloaded, Kind::Overloaded),
            (Kind::RateLimited, Kind::RateLimited),
        ];
        for (met, told) in failure_kinds {
            let failure = cooling(met);
            assert_eq!((failure.kind, failure.retry_after), (told, Some(Duration::from_secs(7))), "{met:?}");
            assert!(failure.message.ends_with("no such key"), "{failure}");
        }
    }
}
