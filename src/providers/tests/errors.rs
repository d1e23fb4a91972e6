//! What a failed answer means (rate-limits.md; the error tables of each provider's document).

use std::time::Duration;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::model::Kind::{
    BadRequest, Broken, Forbidden, NotFound, Overloaded, QuotaSpent, RateLimited, Refused, TimedOut, TooLong,
    Unauthorized,
};
use crate::model::Scope::{Account, Request};
use crate::model::{Kind, Scope};

type Row = (&'static str, u16, Value, Kind, Scope);

fn check(rows: Vec<Row>) {
    for (id, status, body, kind, scope) in rows {
        let failure = meant(id, status, &[], &body.to_string());
        assert_eq!((failure.kind, failure.scope), (kind, scope), "{id} {status} {body}");
        assert_eq!(failure.upstream.status, Some(status));
    }
}

fn openai(kind: &str, code: &str, message: &str) -> Value {
    json!({ "error": { "type": kind, "code": code, "message": message, "param": null } })
}

fn anthropic(kind: &str, code: Option<&str>, message: &str) -> Value {
    json!({ "type": "error", "error": { "type": kind, "message": message, "details": code.map(|c| json!({ "error_code": c })) } })
}

fn google(code: u16, status: &str, message: &str, details: Value) -> Value {
    json!({ "error": { "code": code, "message": message, "status": status, "details": details } })
}

#[test]
fn a_status_alone_decides_where_nothing_more_is_said() {
    // "By status, all providers".
    for (status, kind, scope) in [
        (400, BadRequest, Request),
        (405, BadRequest, Request),
        (415, BadRequest, Request),
        (418, BadRequest, Request),
        (422, BadRequest, Request),
        (401, Unauthorized, Account),
        (402, QuotaSpent, Account),
        (403, Forbidden, Scope::Model),
        (404, NotFound, Scope::Model),
        (408, TimedOut, Scope::Model),
        (409, Broken, Scope::Model),
        (413, TooLong, Request),
        (424, Broken, Scope::Model),
        (425, Broken, Scope::Model),
        (429, RateLimited, Scope::Model),
        (499, Broken, Scope::Model),
        (500, Broken, Scope::Model),
        (501, Broken, Scope::Provider),
        (502, Broken, Scope::Model),
        (503, Overloaded, Scope::Provider),
        (504, TimedOut, Scope::Model),
        (524, TimedOut, Scope::Model),
        (529, Overloaded, Scope::Provider),
        (599, Broken, Scope::Provider),
    ] {
        for one in all() {
            for body in ["", "<html>Bad Gateway</html>", "{}", "null"] {
                let failure = meant(one.id(), status, &[], body);
                assert_eq!((failure.kind, failure.scope), (kind, scope), "{} {status} {body}", one.id());
                assert!(failure.message.contains(one.label()) && failure.message.contains(&status.to_string()));
            }
        }
    }
}

#[test]
fn openais_codes_mean_what_its_table_says() {
    let request = "invalid_request_error";
    let rate = "Rate limit reached for x. You can increase your rate limit by adding a payment method to your account at https://platform.openai.com/account/billing.";
    let quota = "You exceeded your current quota, please check your plan and billing details.";
    check(vec![
        ("openai", 400, openai(request, "unsupported_value", "temperature"), BadRequest, Request),
        ("openai", 400, openai(request, "context_length_exceeded", "m"), TooLong, Request),
        ("openai", 400, openai(request, "invalid_prompt", "m"), BadRequest, Request),
        ("openai", 400, openai(request, "bio_policy", "m"), Refused, Request),
        ("openai", 401, openai(request, "invalid_api_key", "m"), Unauthorized, Account),
        ("openai", 403, openai(request, "unsupported_country_region_territory", "m"), Forbidden, Scope::Model),
        ("openai", 404, openai(request, "model_not_found", "m"), NotFound, Scope::Model),
        ("openai", 429, openai("requests", "rate_limit_exceeded", rate), RateLimited, Scope::Model),
        ("openai", 429, openai("rate_limit_error", "slow_down", "m"), RateLimited, Scope::Model),
        ("openai", 429, openai("insufficient_quota", "insufficient_quota", quota), QuotaSpent, Account),
        ("openai", 429, openai("x", "credit_balance_exhausted", "m"), QuotaSpent, Account),
        ("openai", 429, openai("x", "billing_hard_limit_reached", "m"), QuotaSpent, Account),
        ("openai", 500, openai("server_error", "", "m"), Broken, Scope::Model),
        ("openai", 503, openai("service_unavailable_error", "server_is_overloaded", "m"), Overloaded, Scope::Provider),
        ("openai", 503, openai("service_unavailable_error", "slow_down", "m"), Overloaded, Scope::Provider),
    ]);
}

#[test]
fn anthropics_codes_mean_what_its_table_says() {
    let limit = "You have reached your specified API usage limits. You will regain access on 2026-12-01.";
    check(vec![
        ("anthropic", 400, anthropic("invalid_request_error", None, "max_tokens: required"), BadRequest, Request),
        (
            "anthropic",
            400,
            anthropic("invalid_request_error", None, "prompt is too long: 1000001 tokens"),
            TooLong,
            Request,
        ),
        ("anthropic", 400, anthropic("invalid_request_error", None, limit), QuotaSpent, Account),
        ("anthropic", 400, anthropic("invalid_request_error", Some("organization_on_hold"), "m"), QuotaSpent, Account),
        ("anthropic", 401, anthropic("authentication_error", None, "m"), Unauthorized, Account),
        ("anthropic", 402, anthropic("billing_error", None, "m"), QuotaSpent, Account),
        ("anthropic", 403, anthropic("permission_error", None, "m"), Forbidden, Scope::Model),
        ("anthropic", 404, anthropic("not_found_error", None, "m"), NotFound, Scope::Model),
        ("anthropic", 413, anthropic("request_too_large", None, "m"), TooLong, Request),
        ("anthropic", 429, anthropic("rate_limit_error", None, "m"), RateLimited, Scope::Model),
        ("anthropic", 429, anthropic("rate_limit_error", Some("ramp_limit_exceeded"), "m"), RateLimited, Scope::Model),
        (
            "anthropic",
            429,
            anthropic("rate_limit_error", Some("enforced_spend_limit_reached"), "m"),
            QuotaSpent,
            Account,
        ),
        (
            "anthropic",
            429,
            anthropic("rate_limit_error", Some("contract_spend_limit_reached"), "m"),
            QuotaSpent,
            Account,
        ),
        (
            "anthropic",
            429,
            anthropic("rate_limit_error", Some("linked_organization_spend_limit_reached"), "m"),
            QuotaSpent,
            Account,
        ),
        ("anthropic", 500, anthropic("api_error", None, "m"), Broken, Scope::Model),
        ("anthropic", 504, anthropic("timeout_error", None, "m"), TimedOut, Scope::Model),
        ("anthropic", 529, anthropic("overloaded_error", None, "m"), Overloaded, Scope::Provider),
    ]);
}

#[test]
fn geminis_codes_mean_what_its_table_says() {
    // Its plain limits are worded like OpenAI's empty purse.
    let quota = "You exceeded your current quota, please check your plan and billing details. * limit: 15";
    let violation = |id: &str| json!([{ "@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [{ "quotaId": id }] }]);
    let reason = |r: &str| json!([{ "@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": r }]);
    let minute = || violation("GenerateRequestsPerMinutePerProjectPerModel-FreeTier");
    check(vec![
        ("gemini", 400, google(400, "INVALID_ARGUMENT", "m", json!([])), BadRequest, Request),
        ("gemini", 400, google(400, "INVALID_ARGUMENT", "key", reason("API_KEY_INVALID")), Unauthorized, Account),
        ("gemini", 400, google(400, "FAILED_PRECONDITION", "billing is not enabled", json!([])), QuotaSpent, Account),
        ("gemini", 401, google(401, "UNAUTHENTICATED", "m", json!([])), Unauthorized, Account),
        ("gemini", 402, google(402, "RESOURCE_EXHAUSTED", "m", json!([])), QuotaSpent, Account),
        ("gemini", 403, google(403, "PERMISSION_DENIED", "m", json!([])), Forbidden, Scope::Model),
        ("gemini", 404, google(404, "NOT_FOUND", "m", json!([])), NotFound, Scope::Model),
        ("gemini", 429, google(429, "RESOURCE_EXHAUSTED", quota, minute()), RateLimited, Scope::Model),
        ("gemini", 429, json!([google(429, "RESOURCE_EXHAUSTED", quota, json!([]))]), RateLimited, Scope::Model),
        (
            "gemini",
            429,
            google(429, "RESOURCE_EXHAUSTED", "quota, limit: 0, model: x", minute()),
            Forbidden,
            Scope::Model,
        ),
        ("gemini", 499, google(499, "CANCELLED", "m", json!([])), Broken, Scope::Model),
        ("gemini", 500, google(500, "INTERNAL", "m", json!([])), Broken, Scope::Model),
        ("gemini", 503, google(503, "UNAVAILABLE", "overloaded", json!([])), Overloaded, Scope::Model),
        ("gemini", 504, google(504, "DEADLINE_EXCEEDED", "m", json!([])), TimedOut, Scope::Model),
    ]);
    let day = violation("GenerateRequestsPerDayPerProjectPerModel-FreeTier");
    let wait = |body: Value| meant("gemini", 429, &[], &body.to_string()).retry_after;
    // It is eleven at night in California.
    assert_eq!(wait(google(429, "RESOURCE_EXHAUSTED", quota, day.clone())), Some(Duration::from_secs(3_600)));
    let mut both = day.as_array().unwrap().clone();
    both.insert(0, reason("RATE_LIMIT_EXCEEDED")[0].clone());
    assert_eq!(wait(google(429, "RESOURCE_EXHAUSTED", "m", json!(both))), Some(Duration::from_secs(3_600)));
    both.push(json!({ "@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "46s" }));
    assert_eq!(
        wait(google(429, "RESOURCE_EXHAUSTED", "m", json!(both))),
        Some(Duration::from_secs(46)),
        "its word is trusted"
    );
    assert_eq!(
        wait(google(429, "RESOURCE_EXHAUSTED", "the spend limit was hit", json!([]))),
        Some(Duration::from_secs(600))
    );
}

#[test]
fn a_key_check_understands_googles_errors_in_any_dialect() {
    let details = json!([{ "@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID" }]);
    let body = google(400, "INVALID_ARGUMENT", "API key expired. Please renew the API key.", details).to_string();
    for dialect in Dialect::ALL {
        let failure = by_id("gemini").classify("Gemini", dialect, &head(400, &[]), body.as_bytes(), NOW);
        assert_eq!(failure.kind, Unauthorized, "{}", dialect.name());
    }
}

#[test]
fn the_others_codes_mean_what_their_tables_say() {
    let router = |code: u16, message: &str, metadata: Value| json!({ "error": { "code": code, "message": message, "metadata": metadata } });
    let kind = |error_type: &str| json!({ "error_type": error_type });
    let behind = || json!({ "provider_name": "Upstream", "raw": "busy" });
    check(vec![
        // openrouter.md, "Errors".
        ("openrouter", 400, router(400, "m", kind("context_length_exceeded")), TooLong, Request),
        ("openrouter", 402, router(402, "m", kind("payment_required")), QuotaSpent, Account),
        ("openrouter", 402, router(402, "m", kind("weight_exceeds_budget")), QuotaSpent, Account),
        ("openrouter", 402, router(402, "m", kind("in_flight_budget_exhausted")), RateLimited, Account),
        (
            "openrouter",
            403,
            router(403, "m", json!({ "reasons": ["violence"], "error_type": "content_policy_violation" })),
            Refused,
            Request,
        ),
        ("openrouter", 403, router(403, "Your input was flagged", json!({})), Refused, Request),
        ("openrouter", 403, router(403, "m", kind("permission_denied")), Forbidden, Scope::Model),
        ("openrouter", 429, router(429, "m", behind()), RateLimited, Scope::Model),
        ("openrouter", 502, router(502, "m", behind()), Broken, Scope::Model),
        ("openrouter", 503, router(503, "m", behind()), Overloaded, Scope::Model),
        ("openrouter", 503, router(503, "m", json!({})), Overloaded, Scope::Provider),
        // deepseek.md, "Errors".
        (
            "deepseek",
            402,
            openai("unknown_error", "invalid_request_error", "Insufficient Balance"),
            QuotaSpent,
            Account,
        ),
        ("deepseek", 422, openai("invalid_request_error", "", "m"), BadRequest, Request),
        ("deepseek", 429, openai("x", "", "too fast"), RateLimited, Scope::Model),
        // xai.md: a code beside a bare string.
        (
            "xai",
            400,
            json!({ "code": "Client specified an invalid argument", "error": "Incorrect API key provided" }),
            Unauthorized,
            Account,
        ),
        ("xai", 403, json!({ "code": "x", "error": "team is blocked" }), Forbidden, Scope::Model),
        // ollama-lmstudio.md.
        ("ollama", 404, json!({ "error": "model 'x' not found" }), NotFound, Scope::Model),
        ("ollama", 400, json!({ "error": "x does not support tools" }), BadRequest, Request),
        ("ollama", 503, json!({ "error": "server busy" }), Overloaded, Scope::Provider),
        // azure-foundry.md and openai-compatible.md, by way of a generic endpoint.
        ("generic", 400, openai("", "content_filter", "m"), Refused, Request),
        ("generic", 404, openai("", "DeploymentNotFound", "m"), NotFound, Scope::Model),
        ("generic", 429, openai("exceeded_current_quota_error", "", "m"), QuotaSpent, Account),
        ("generic", 429, openai("engine_overloaded_error", "", "m"), RateLimited, Scope::Model),
        ("generic", 429, openai("", "Throttling.AllocationQuota", "m"), QuotaSpent, Account),
        ("generic", 429, openai("", "Throttling.RateQuota", "m"), RateLimited, Scope::Model),
        ("generic", 400, openai("", "Arrearage", "m"), QuotaSpent, Account),
        ("generic", 422, json!({ "detail": [{ "msg": "field required" }] }), BadRequest, Request),
    ]);
}

#[test]
fn a_wait_is_taken_from_wherever_it_is_stated_and_the_largest_counts() {
    let wait = |id: &str, status, headers: &[(&str, &str)], body: Value| {
        meant(id, status, headers, &body.to_string()).retry_after
    };
    let secs = |n| Some(Duration::from_secs(n));
    let words = openai("", "rate_limit_exceeded", "Please try again in 5s.");
    assert_eq!(wait("openai", 429, &[], words.clone()), secs(5));
    assert_eq!(wait("openai", 429, &[("retry-after", "3")], words.clone()), secs(5));
    assert_eq!(wait("openai", 429, &[("retry-after", "7")], words.clone()), secs(7));
    assert_eq!(wait("openai", 429, &[("retry-after", "NaN")], words.clone()), secs(5));
    // Only the bucket that is empty counts.
    let buckets = [
        ("x-ratelimit-remaining-requests", "9"),
        ("x-ratelimit-reset-requests", "50s"),
        ("x-ratelimit-remaining-tokens", "0"),
        ("x-ratelimit-reset-tokens", "9s"),
    ];
    assert_eq!(wait("openai", 429, &buckets, words), secs(9));
    let anthropic_reset =
        [("anthropic-ratelimit-tokens-remaining", "0"), ("anthropic-ratelimit-tokens-reset", "2026-11-22T07:00:20Z")];
    assert_eq!(wait("anthropic", 429, &anthropic_reset, anthropic("rate_limit_error", None, "m")), secs(20));
    assert_eq!(wait("openrouter", 429, &[("x-ratelimit-reset", "1795330860000")], json!({})), secs(60));
    assert_eq!(wait("openai", 503, &[], openai("", "slow_down", "m")), secs(30), "the document's least");
    assert_eq!(wait("generic", 503, &[], json!({ "error": "loading", "estimated_time": 20 })), secs(20));
    assert_eq!(wait("openai", 429, &[], json!({})), None);
    // What waiting does not help has no wait.
    assert_eq!(wait("openai", 401, &[("retry-after", "7")], json!({})), None);
    assert_eq!(wait("openai", 402, &[("retry-after", "7")], json!({})), None);
}

#[test]
fn of_anthropic_s_the_stated_wait_counts_and_else_the_earliest_bucket() {
    // rate-limits.md, "Per provider".
    let wait = |headers: &[(&str, &str)]| {
        let body = anthropic("rate_limit_error", None, "m").to_string();
        meant("anthropic", 429, headers, &body).retry_after.map(|wait| wait.as_secs())
    };
    let spent = |name, reset| [(name, "0"), reset];
    let requests =
        spent("anthropic-ratelimit-requests-remaining", ("anthropic-ratelimit-requests-reset", "2026-11-22T07:01:00Z"));
    let tokens =
        spent("anthropic-ratelimit-tokens-remaining", ("anthropic-ratelimit-tokens-reset", "2026-11-22T07:00:20Z"));
    let window =
        [("anthropic-ratelimit-unified-5h-status", "rejected"), ("anthropic-ratelimit-unified-5h-reset", "1795334400")];
    assert_eq!(wait(&[&requests[..], &[("retry-after", "2")]].concat()), Some(2));
    assert_eq!(wait(&[&requests[..], &tokens[..]].concat()), Some(20));
    assert_eq!(wait(&[&tokens[..], &window[..]].concat()), Some(3_600), "a window of a plan does not fill before");
    assert_eq!(wait(&[&window[..], &[("retry-after", "7")]].concat()), Some(7));
    // Where the header cannot be read, the counters are all there is.
    assert_eq!(wait(&[&tokens[..], &[("retry-after", "soon")]].concat()), Some(20));
}

#[test]
fn what_an_upstream_names_as_wrong_is_kept_whatever_its_status() {
    let body = json!({ "error": { "message": "no", "type": "t", "param": "model", "code": "its_own" } }).to_string();
    for status in [400, 401, 403, 404, 422, 429, 500] {
        let blamed = meant("openai", status, &[], &body).upstream.blamed.unwrap();
        assert_eq!((blamed.param.as_deref(), blamed.code.as_deref()), (Some("model"), Some("its_own")), "{status}");
    }
}

#[test]
fn a_person_reads_one_short_line_and_the_ids_are_kept() {
    let long = openai("server_error", "boom", &format!("line\none\u{7} {}", "x".repeat(900)));
    let failure = meant("openai", 500, &[("x-request-id", "req_1")], &long.to_string());
    assert!(failure.message.chars().count() < 340, "{}", failure.message);
    assert!(failure.message.starts_with("OpenAI answered 500: line one xxx"), "nothing that steers a terminal");
    assert_eq!(failure.upstream.request_id.as_deref(), Some("req_1"));
    assert_eq!(failure.upstream.code.as_deref(), Some("boom"));
    assert_eq!(meant("anthropic", 500, &[("request-id", "req_2")], "").upstream.request_id.as_deref(), Some("req_2"));
    let behind = json!({ "error": { "code": 502, "message": "Provider returned error", "metadata": { "provider_name": "Upstream", "raw": "busy" } } });
    assert!(
        meant("openrouter", 502, &[], &behind.to_string())
            .message
            .ends_with("Provider returned error (Upstream: busy)")
    );
}

proptest! {
    #[test]
    fn any_answer_has_a_meaning(
        status in any::<u16>(), body in prop::collection::vec(any::<u8>(), 0..120), words in "\\PC{0,60}", now in any::<i64>(),
    ) {
        let spelled = json!({ "error": { "code": words, "message": words, "type": words } }).to_string().into_bytes();
        for one in all() {
            for dialect in Dialect::ALL {
                for body in [&body, &spelled] {
                    let failure = one.classify(one.label(), dialect, &head(status, &[("retry-after", &words)]), body, now);
                    prop_assert!(!failure.message.is_empty());
                    prop_assert_eq!(failure.upstream.status, Some(status));
                }
            }
        }
    }
}
