//! What callers want, by method, address and headers, and the body behind it: always a target, and a request or an error
//! that can be told in the caller's dialect. What belongs to the house is reached by its own paths alone.
#![no_main]

use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use libfuzzer_sys::fuzz_target;
use monster::model::{Dialect, Kind, Purpose};
use monster::serve::api::{Admin, Target, target};
use monster::wire::{Asking, surface};

const HEADERS: [(&str, &str); 6] = [
    ("anthropic-version", "2023-06-01"),
    ("x-goog-api-key", "k"),
    ("upgrade", "websocket"),
    ("content-type", "application/grpc"),
    ("content-type", "application/grpc-web"),
    ("content-type", "application/json"),
];
/// Places that are served, for the fuzzer to begin with.
const PATHS: [&str; 15] = [
    "",
    "/v1/chat/completions",
    "/v1/responses",
    "/v1/messages",
    "/v1/messages/count_tokens",
    "/v1/embeddings",
    "/v1/models/",
    "/v1beta/models/",
    "/v1beta/models/m:streamGenerateContent",
    "/v1/models/m:generateContent",
    "/v1beta/models/m:countTokens",
    "/api/chat",
    "/api/",
    "/xai_api.Chat/GetCompletionChunk",
    "/monster/v1/",
];

fn asked(dialect: Dialect, model: Option<&str>, stream: Option<bool>, body: &[u8]) {
    let asking = Asking { model, stream, purpose: Purpose::Serve };
    if let Err(failure) = surface(dialect).read_request(body, &asking) {
        assert_eq!(failure.kind, Kind::BadRequest);
        let told = surface(dialect).write_failure(&failure);
        assert!((200..600).contains(&told.status));
        assert!(dialect.is_grpc() || serde_json::from_slice::<serde_json::Value>(&told.body).is_ok());
    }
}

fuzz_target!(|data: &[u8]| {
    let Some(([how, which, headers], rest)) = data.split_first_chunk::<3>().map(|(head, rest)| (*head, rest)) else {
        return;
    };
    let (line, body) = rest.split_at(rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len()));
    let body = body.get(1..).unwrap_or_default();
    let start = PATHS[usize::from(which) % PATHS.len()];
    let Ok(uri) = Uri::try_from([start.as_bytes(), line].concat()) else { return };
    let method =
        [Method::POST, Method::GET, Method::HEAD, Method::OPTIONS, Method::DELETE][usize::from(how) % 5].clone();
    let named = HEADERS.iter().enumerate().filter(|(at, _)| headers >> at & 1 == 1);
    let headers: HeaderMap =
        named.map(|(_, (name, value))| (HeaderName::from_static(name), HeaderValue::from_static(value))).collect();
    let wanted = target(&method, &uri, &headers);
    let dialect = wanted.dialect();
    match wanted {
        Target::Answer(answer) => {
            assert_eq!(method, Method::POST);
            assert_eq!(answer.dialect, dialect);
            asked(dialect, answer.model.as_deref(), answer.stream, body);
        }
        Target::Count { model, .. } => asked(dialect, model.as_deref(), Some(false), body),
        Target::Admin(what) => {
            let path = uri.path();
            assert!(path.starts_with("/monster/v1/") || path.trim_end_matches('/') == "/metrics");
            assert_eq!(method == Method::POST, what == Admin::Reload);
        }
        Target::Pass => assert!(method == Method::POST && !uri.path().starts_with("/xai_api.Chat/")),
        // None of them is read.
        _ => {}
    }
});
