//! Vertex: addresses by project, location and publisher, and what Claude's body has to say there.

use super::*;

fn row(location: Option<&str>) -> Upstream {
    let (project, location) = (Some("house-1".to_owned()), location.map(str::to_owned));
    Upstream { project, location, ..upstream("vertex") }
}

fn url(upstream: &Upstream, model: &str, stream: bool) -> String {
    let (by, card) = (by_id("vertex"), card("vertex", model));
    by.endpoint(upstream, by.dialect(upstream, &card, &intent(Effort::Auto)), card.sent(), stream)
}

#[test]
fn the_location_chooses_the_host_and_the_maker_the_publisher() {
    let place = |at: &str| format!("projects/house-1/locations/{at}/publishers");
    for (location, host) in [
        (None, "https://aiplatform.googleapis.com"),
        (Some("global"), "https://aiplatform.googleapis.com"),
        (Some("eu"), "https://aiplatform.eu.rep.googleapis.com"),
        (Some("us"), "https://aiplatform.us.rep.googleapis.com"),
        (Some("europe-west4"), "https://europe-west4-aiplatform.googleapis.com"),
    ] {
        let (upstream, at) = (row(location), place(location.unwrap_or("global")));
        let gemini = url(&upstream, "gemini-4-argon", true);
        assert_eq!(gemini, format!("{host}/v1beta1/{at}/google/models/gemini-4-argon:streamGenerateContent?alt=sse"));
        let claude = url(&upstream, "claude-opus-5", true);
        assert_eq!(claude, format!("{host}/v1/{at}/anthropic/models/claude-opus-5:streamRawPredict"));
        let listed = by_id("vertex").models_url(&upstream);
        assert_eq!(listed, format!("{host}/v1beta1/publishers/google/models?pageSize=1000"));
    }
    let upstream = row(None);
    assert!(url(&upstream, "gemini-4-argon", false).ends_with("/google/models/gemini-4-argon:generateContent"));
    let dated = url(&upstream, "claude-of-tomorrow@20270101", false);
    assert!(dated.ends_with("/anthropic/models/claude-of-tomorrow%4020270101:rawPredict"), "{dated}");
    let own = Upstream { base_url: "https://proxy.example.com/v1".to_owned(), ..row(None) };
    assert!(url(&own, "gemini-4-argon", false).starts_with("https://proxy.example.com/v1/projects/house-1/"));
}

#[test]
fn nothing_is_asked_before_the_project_is_known() {
    let lacks = |upstream: &Upstream| by_id("vertex").lacks(upstream).unwrap_or_default();
    assert!(lacks(&upstream("vertex")).contains("GOOGLE_CLOUD_PROJECT"));
    assert_eq!(lacks(&row(None)), "");
    assert_eq!(lacks(&row(Some("us-central1"))), "");
    assert!(lacks(&row(Some("evil.example/"))).contains("no location"), "it would be a host");
    let slashed = Upstream { project: Some("a/../b".to_owned()), ..upstream("vertex") };
    assert!(lacks(&slashed).contains("no project"));
}

#[test]
fn whatever_the_location_is_called_the_host_is_google_s() {
    for location in ["evil.example/", "evil.example#", "a/b", "user@evil.example/", ""] {
        let upstream = row(Some(location));
        assert!(by_id("vertex").lacks(&upstream).is_some(), "{location:?}");
        let listing = by_id("vertex").models_url(&upstream);
        for address in [listing, url(&upstream, "gemini-4-argon", true), url(&upstream, "claude-opus-5", false)] {
            let host = address.strip_prefix("https://").and_then(|rest| rest.split('/').next()).unwrap_or_default();
            assert_eq!(host, "aiplatform.googleapis.com", "{address}");
        }
    }
}

#[test]
fn a_token_is_a_bearer_and_claude_s_version_stands_in_the_body() {
    let (by, upstream) = (by_id("vertex"), row(None));
    let key = Secret::new("k".repeat(9));
    let bearer = vec![("authorization".to_owned(), format!("Bearer {}", "k".repeat(9)))];
    for dialect in [Dialect::Gemini, Dialect::AnthropicMessages] {
        assert_eq!(by.sign(&upstream, dialect, Some(&key)), bearer, "and no version among the headers");
    }
    let adapted = |model: &str, dialect| by.adapt(&upstream, dialect, &card("vertex", model), &intent(Effort::Auto));
    let claude = adapted("claude-opus-4-6", Dialect::AnthropicMessages);
    assert_eq!((claude.versioned, claude.sampling), (Some("2026-10-21"), false));
    assert_eq!(adapted("gemini-4-argon", Dialect::Gemini).versioned, None);
    let mut request = crate::model::Request::text("m", Purpose::Ask, "hello");
    request.sampling.temperature = Some(0.5);
    let written = crate::wire::wire(Dialect::AnthropicMessages).write_request("m", &request, &claude, true).unwrap();
    let body: serde_json::Value = serde_json::from_slice(&written.body).unwrap();
    assert_eq!(body["anthropic_version"], "2026-10-21");
    assert!(body.get("model").is_none() && body.get("temperature").is_none() && body["stream"] == true);
}

#[test]
fn listed_models_are_named_as_they_are_asked_for() {
    let body = br#"{"publisherModels":[{"name":"publishers/google/models/gemini-4-argon"},{"odd":1}]}"#;
    assert_eq!(by_id("vertex").read_models(body), ["gemini-4-argon"]);
    assert!(by_id("vertex").read_models(b"<html>").is_empty());
}
