//! Gemini and Claude on Vertex, with Google's own credentials.

use std::fs;

use serde_json::json;

use crate::issuer::{self, Issuer};
use crate::sandbox::Sandbox;
use crate::upstream::{Answer, Upstream};

const LOGIN: [&str; 8] = ["login", "vertex", "--method", "adc", "--store", "keyfile", "--keyfile", "key.txt"];

/// A machine with a service account's file, and Vertex on loopback.
fn machine(issuer: &Issuer, upstream: &Upstream) -> Sandbox {
    let mut sandbox = Sandbox::new();
    let label = ["PRIVATE", "KEY"].join(" ");
    let key = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, issuer::der());
    let held = json!({ "type": "service_account", "client_email": "robot@example.org", "token_uri": issuer.url("/token"),
        "private_key": format!("-----BEGIN {label}-----\n{key}\n-----END {label}-----\n"), "quota_project_id": "payer" });
    let file = sandbox.home().join("service.json");
    fs::write(&file, held.to_string()).unwrap();
    sandbox.set("GOOGLE_APPLICATION_CREDENTIALS", &file.display().to_string());
    sandbox.set("GOOGLE_VERTEX_BASE_URL", &upstream.base("vertex"));
    sandbox
}

#[test]
fn gemini_and_claude_answer_on_vertex_with_google_s_own_credentials() {
    let (issuer, upstream) = (Issuer::start(), Upstream::start());
    upstream.lists(&["gemini-4-argon"]).always(|_| Answer::text("forty-two"));
    let mut sandbox = machine(&issuer, &upstream);
    let told = sandbox.monster(&LOGIN).done().ok().stderr.clone();
    assert!(told.contains("GOOGLE_CLOUD_PROJECT"), "{told}");
    sandbox.set("GOOGLE_CLOUD_PROJECT", "house-1");
    sandbox.monster(&["accounts", "test", "vertex"]).done().ok();
    sandbox.config("[upstreams.vertex]\nprovider = \"vertex\"\nlocation = \"europe-west4\"\n");
    for model in ["vertex/gemini-4-argon", "vertex/claude-opus-5"] {
        let out = sandbox.monster(&["ask", "--model", model, "what is it?"]).done();
        assert!(out.ok().stdout.contains("forty-two"), "{}", out.all());
    }
    let calls = upstream.calls();
    let place = "projects/house-1/locations/europe-west4/publishers";
    let [gemini, claude] = &calls[..] else { panic!("two calls, not {}", calls.len()) };
    assert!(gemini.path.contains(&format!("/v1beta1/{place}/google/models/gemini-4-argon:")), "{}", gemini.path);
    assert!(claude.path.contains(&format!("/v1/{place}/anthropic/models/claude-opus-5:")), "{}", claude.path);
    for call in &calls {
        assert!(call.header("authorization").is_some_and(|h| h.starts_with("Bearer ")));
        assert_eq!(call.header("x-goog-user-project"), Some("payer"));
        assert_eq!(call.header("x-goog-api-key"), None);
    }
    assert_eq!(claude.body["anthropic_version"], "2026-10-21");
    let listed = sandbox.monster(&["models", "list", "vertex"]).done();
    assert!(listed.ok().stdout.contains("vertex/claude-opus-5"), "{}", listed.all());
}

#[test]
fn listings_are_kept_by_the_names_that_are_asked_for() {
    let (issuer, upstream) = (Issuer::start(), Upstream::start());
    upstream.lists(&["gemini-of-tomorrow"]);
    let mut sandbox = machine(&issuer, &upstream);
    sandbox.set("GOOGLE_CLOUD_PROJECT", "house-1");
    sandbox.monster(&LOGIN).done().ok();
    let update = sandbox.monster(&["models", "update", "--accounts"]).done();
    assert!(update.ok().stdout.contains("vertex/vertex lists 1 model"), "{}", update.all());
    let listed = sandbox.monster(&["models", "list", "--all", "vertex"]).done();
    assert!(listed.ok().stdout.contains("vertex/gemini-of-tomorrow"), "{}", listed.all());
}

#[test]
fn no_listing_is_asked_for_while_the_location_is_none() {
    let (issuer, upstream) = (Issuer::start(), Upstream::start());
    upstream.lists(&["gemini-4-argon"]);
    let mut sandbox = machine(&issuer, &upstream);
    sandbox.set("GOOGLE_CLOUD_PROJECT", "house-1");
    sandbox.monster(&[&LOGIN[..], &["--no-check"]].concat()).done().ok();
    // With the usual address this would be the host that Google's token is sent to.
    sandbox.set("GOOGLE_CLOUD_LOCATION", "evil.example/");
    let update = sandbox.monster(&["models", "update", "--accounts"]).done();
    assert!(update.exits(1).stderr.contains("\"evil.example/\" is no location of vertex"), "{}", update.all());
    assert!(upstream.others().is_empty(), "{:?}", upstream.others());
}

#[test]
fn an_account_without_a_project_is_told_what_to_set() {
    let (issuer, upstream) = (Issuer::start(), Upstream::start());
    let mut sandbox = machine(&issuer, &upstream);
    sandbox.set("GOOGLE_CLOUD_PROJECT", "house-1");
    sandbox.monster(&[&LOGIN[..], &["--no-check"]].concat()).done().ok();
    sandbox.set("GOOGLE_CLOUD_PROJECT", "");
    let out = sandbox.monster(&["ask", "--model", "vertex/gemini-4-argon", "what is it?"]).done();
    assert!(out.stderr.contains("upstreams.vertex.project"), "{}", out.all());
    assert!(upstream.calls().is_empty());
}

#[cfg(target_os = "linux")]
#[test]
fn what_a_caller_of_claude_s_own_dialect_says_goes_to_vertex_as_it_came() {
    let (issuer, upstream) = (Issuer::start(), Upstream::start());
    upstream.always(|_| Answer::text("forty-two"));
    let mut sandbox = machine(&issuer, &upstream);
    sandbox.live();
    sandbox.monster(&LOGIN).done().ok();
    sandbox.set("GOOGLE_CLOUD_PROJECT", "house-1");
    let house = crate::caller::House::open(&sandbox, &["--no-auth"]);
    let schema = json!({ "type": "object", "properties": {} });
    let tool = json!({ "name": "add", "description": "Adds.", "input_schema": schema, "defer_loading": true });
    let body = json!({ "model": "vertex/claude-opus-5", "max_tokens": 99, "tools": [tool],
        "messages": [{ "role": "user", "content": "6 times 7?" }] });
    for version in ["2026-10-21", "2023-06-01"] {
        let headers = [("anthropic-version", version), ("anthropic-beta", "some-flag-2026-01-01")];
        let came = house.post("/v1/messages", &headers, &body.to_string()).ok();
        assert_eq!(came.header("x-monster-dropped"), None);
        assert_eq!(came.json()["content"][0]["text"], "forty-two");
        let calls = upstream.calls();
        let call = calls.last().unwrap();
        assert_eq!((&call.body["tools"][0], &call.body["model"]), (&tool, &json!(null)));
        assert_eq!(call.body["anthropic_version"], "2026-10-21");
        assert_eq!(call.header("anthropic-beta"), Some("some-flag-2026-01-01"));
    }
    // What says something twice is spelled anew, within the limit that the caller stated.
    let twice = body.to_string().replacen('{', "{\"metadata\":{},\"metadata\":{},", 1);
    house.post("/v1/messages", &[("anthropic-version", "2023-06-01")], &twice).ok();
    assert_eq!(upstream.calls().last().unwrap().body["max_tokens"], 99);
    house.close(&sandbox).ok();
}
