//! Failures as callers of each dialect get them.

use std::time::Duration;

use super::*;
use crate::model::{FinishReason, Scope};
use crate::wire::Reply;

fn failure(kind: Kind) -> Failure {
    let mut failure = Failure::new(kind, Scope::Model, "not now");
    failure.retry_after = Some(Duration::from_millis(1_500));
    failure
}

#[test]
fn every_failure_has_the_status_and_the_words_of_its_dialect() {
    // translation.md, "Errors".
    for (kind, status, code, anthropic, google) in [
        (Kind::BadRequest, 400, Value::Null, "invalid_request_error", "INVALID_ARGUMENT"),
        (Kind::Unauthorized, 401, json!("invalid_api_key"), "authentication_error", "UNAUTHENTICATED"),
        (Kind::QuotaSpent, 402, json!("insufficient_quota"), "billing_error", "RESOURCE_EXHAUSTED"),
        (Kind::Forbidden, 403, Value::Null, "permission_error", "PERMISSION_DENIED"),
        (Kind::NotFound, 404, json!("model_not_found"), "not_found_error", "NOT_FOUND"),
        (Kind::TooLong, 400, json!("context_length_exceeded"), "invalid_request_error", "INVALID_ARGUMENT"),
        (Kind::RateLimited, 429, json!("rate_limit_exceeded"), "rate_limit_error", "RESOURCE_EXHAUSTED"),
        (Kind::Broken, 502, Value::Null, "api_error", "INTERNAL"),
        (Kind::Overloaded, 503, json!("server_is_overloaded"), "overloaded_error", "UNAVAILABLE"),
        (Kind::TimedOut, 504, Value::Null, "timeout_error", "DEADLINE_EXCEEDED"),
    ] {
        let told = |dialect| {
            let told = surface(dialect).write_failure(&failure(kind));
            assert_eq!(told.headers, [("retry-after".to_owned(), "2".to_owned())], "rounded up");
            (told.status, serde_json::from_slice::<Value>(&told.body).unwrap())
        };
        let (openai, body) = told(Dialect::OpenAiChat);
        assert_eq!((openai, &body["error"]["code"], &body["error"]["param"]), (status, &code, &Value::Null));
        assert_eq!(told(Dialect::OpenAiResponses), (openai, body));
        let (number, body) = told(Dialect::AnthropicMessages);
        assert_eq!(number, if kind == Kind::Overloaded { 529 } else { status });
        assert_eq!(body, json!({ "type": "error", "error": { "type": anthropic, "message": "not now" } }));
        let (number, body) = told(Dialect::Gemini);
        assert_eq!(
            (number, &body["error"]["code"], &body["error"]["status"]),
            (status, &json!(status), &json!(google))
        );
        assert_eq!(body["error"]["details"][0]["retryDelay"], "2s");
        assert_eq!(told(Dialect::Ollama), (status, json!({ "error": "not now" })));
    }
}

#[test]
fn only_a_model_that_is_not_there_is_called_so() {
    let gone = Failure::new(Kind::NotFound, Scope::Request, "there is nothing at /v1/foo");
    for dialect in [Dialect::OpenAiChat, Dialect::OpenAiResponses] {
        let told: Value = serde_json::from_slice(&surface(dialect).write_failure(&gone).body).unwrap();
        assert_eq!(told["error"]["code"], Value::Null, "{told}");
    }
}

#[test]
fn what_is_told_is_read_as_what_it_was() {
    for kind in Kind::ALL {
        for dialect in json_dialects() {
            let told = surface(dialect).write_failure(&failure(kind));
            let read = wire(dialect).read_error(&told.body);
            assert_eq!(read.message, "not now", "{dialect:?} {kind:?}");
            assert!((400..600).contains(&told.status));
            if dialect == Dialect::Gemini {
                assert_eq!(read.retry_after, Some(Duration::from_secs(2)));
            }
        }
    }
}

/// A gRPC call's end as its client reads it: by a library that is not ours.
fn ended(headers: &[(String, String)]) -> (u16, Vec<u8>) {
    let mut map = http::HeaderMap::new();
    for (name, value) in headers {
        map.insert(http::HeaderName::try_from(name.as_str()).unwrap(), value.parse().unwrap());
    }
    let told = tonic::Status::from_header_map(&map).unwrap();
    crate::wire::status(told.code().into(), told.message(), told.details())
}

#[test]
fn a_call_that_fails_says_so_in_its_headers_and_is_read_as_what_it_was() {
    for (kind, code) in [
        (Kind::RateLimited, 8),
        (Kind::QuotaSpent, 8),
        (Kind::Unauthorized, 16),
        (Kind::Forbidden, 7),
        (Kind::NotFound, 5),
        (Kind::Overloaded, 14),
        (Kind::TooLong, 3),
        (Kind::BadRequest, 3),
        (Kind::Refused, 3),
        (Kind::Broken, 13),
        (Kind::Unreachable, 14),
        (Kind::TimedOut, 4),
        (Kind::Truncated, 13),
        (Kind::Cancelled, 1),
    ] {
        let mut failure = failure(kind);
        failure.message = "100 %41\nof „größer“".to_owned();
        let told = surface(Dialect::XaiGrpc).write_failure(&failure);
        assert_eq!((told.status, told.body.is_empty()), (200, true));
        assert_eq!(told.headers[0], ("grpc-status".to_owned(), code.to_string()), "{kind:?}");
        assert!(told.headers.iter().all(|(_, value)| value.bytes().all(|b| matches!(b, b' '..=b'~'))));
        let (_, body) = ended(&told.headers);
        let read = crate::wire::stated(Dialect::XaiGrpc, &body);
        assert_eq!(read.message, "100 %41 of „größer“");
        assert_eq!(read.retry_after, failure.retry_after, "to the nanosecond");
        // A connection of ours is nobody else's: what comes of it is told as what it means for the caller.
        let means = match kind {
            Kind::Unreachable => Kind::Overloaded,
            Kind::Truncated | Kind::Cancelled => Kind::Broken,
            kind => kind,
        };
        assert_eq!(read.kind, means, "{:?}", told.headers);
        // The end of a stream is told in the same words.
        let reply = Reply { id: "r".into(), model: "m".into(), created: 1, usage: true, ..Reply::default() };
        let mut writer = surface(Dialect::XaiGrpc).writer(&reply);
        assert_eq!(writer.trailers(), [("grpc-status".to_owned(), "0".to_owned())]);
        let mut out = Vec::new();
        writer.push(&Event::BlockStart { index: 0, kind: BlockKind::Text }, &mut out);
        writer.push(&Event::Text { index: 0, text: "half".into() }, &mut out);
        let before = out.len();
        writer.fail(&failure, &mut out);
        assert_eq!((out.len(), writer.trailers()), (before, told.headers));
        let half = pieces(Dialect::XaiGrpc, &out, &[5]);
        assert_eq!((half.fold().text().as_str(), half.fold().finish), ("half", None));
    }
    for dialect in json_dialects() {
        let reply = Reply { id: "r".into(), model: "m".into(), created: 1, usage: true, ..Reply::default() };
        assert_eq!(surface(dialect).writer(&reply).trailers(), [], "{dialect:?} says it all within");
    }
}

#[test]
fn a_failure_inside_an_answer_ends_it_with_what_had_come() {
    let reply = Reply { id: "r".into(), model: "m".into(), created: 1, usage: true, ..Reply::default() };
    let begun = [Event::BlockStart { index: 0, kind: BlockKind::Text }, Event::Text { index: 0, text: "half".into() }];
    for kind in [Kind::RateLimited, Kind::Overloaded, Kind::Broken, Kind::Truncated] {
        for dialect in json_dialects() {
            for array in [false, true] {
                let mut writer = surface(dialect).writer(&Reply { array, ..reply.clone() });
                let mut out = Vec::new();
                begun.iter().for_each(|event| writer.push(event, &mut out));
                writer.fail(&failure(kind), &mut out);
                if array && dialect == Dialect::Gemini {
                    let frames: Vec<Value> = serde_json::from_slice(&out).unwrap();
                    assert_eq!(frames.last().unwrap()["error"]["message"], "not now");
                    continue;
                }
                let told = pieces(dialect, &out, &[5]);
                assert_eq!(told.fold().text(), "half", "{dialect:?}");
                let failure = told.failure.clone().unwrap();
                assert_eq!(failure.message, "not now", "{dialect:?}");
                assert_ne!(told.fold().finish, Some(FinishReason::Stop));
                if kind == Kind::RateLimited && dialect != Dialect::Ollama {
                    assert_eq!(failure.kind, kind, "{dialect:?}");
                }
            }
        }
    }
}

#[test]
fn one_answer_is_given_to_a_request_and_more_are_refused() {
    let chat = |n: Value| json!({ "messages": [{ "role": "user", "content": "2+2?" }], "n": n });
    let turns = json!([{ "role": "user", "parts": [{ "text": "2+2?" }] }]);
    let gemini = |config: Value| json!({ "contents": turns, "generationConfig": config });
    for (dialect, body) in [
        (Dialect::OpenAiChat, chat(json!(2))),
        (Dialect::OpenAiChat, chat(json!(3.0))),
        (Dialect::Gemini, gemini(json!({ "candidateCount": 2 }))),
        (Dialect::Gemini, gemini(json!({ "candidate_count": 8 }))),
    ] {
        let failure = surface(dialect).read_request(body.to_string().as_bytes(), &requests::ASKING).unwrap_err();
        assert_eq!((failure.kind, failure.scope), (Kind::BadRequest, Scope::Request));
        assert!(failure.message.ends_with("one answer is given to a request; ask as often as answers are wanted"));
    }
    // What says that it wants one says nothing.
    for (dialect, body) in [
        (Dialect::OpenAiChat, chat(json!(1))),
        (Dialect::OpenAiChat, chat(Value::Null)),
        (Dialect::Gemini, gemini(json!({ "candidateCount": 1 }))),
    ] {
        let asked = surface(dialect).read_request(body.to_string().as_bytes(), &requests::ASKING).unwrap();
        assert_eq!((asked.request.extras, asked.losses), (vec![], vec![]), "{dialect:?}");
    }
}
