//! Stories about addresses: what clients call, and what that means here.

use http::{HeaderMap, Method, Uri};

use super::*;

fn of_(method: &str, path: &str, headers: &[(&'static str, &'static str)]) -> Target {
    let headers: HeaderMap = headers
        .iter()
        .map(|(name, value)| (http::HeaderName::from_static(name), http::HeaderValue::from_static(value)))
        .collect();
    target(&method.parse::<Method>().unwrap(), &path.parse::<Uri>().unwrap(), &headers)
}

fn answers(target: &Target) -> &Answer {
    match target {
        Target::Answer(answer) => answer,
        other => panic!("{other:?}"),
    }
}

#[test]
fn each_client_finds_its_call_with_the_version_in_its_base_url_or_without() {
    for (path, dialect) in [
        ("/v1/chat/completions", Dialect::OpenAiChat),
        ("/chat/completions", Dialect::OpenAiChat),
        ("/v1/chat/completions/", Dialect::OpenAiChat),
        ("/v1/responses", Dialect::OpenAiResponses),
        ("/responses", Dialect::OpenAiResponses),
        ("/v1/messages?beta=true", Dialect::AnthropicMessages),
        ("/messages", Dialect::AnthropicMessages),
        ("/api/chat", Dialect::Ollama),
        ("/xai_api.Chat/GetCompletion", Dialect::XaiGrpc),
    ] {
        assert_eq!(answers(&of_("POST", path, &[])).dialect, dialect, "{path}");
        assert_eq!(of_("DELETE", path, &[]), Target::Method(dialect, "POST"), "{path}");
    }
    assert!(answers(&of_("POST", "/api/generate", &[])).plain);
    assert_eq!(answers(&of_("POST", "/xai_api.Chat/GetCompletionChunk", &[])).stream, Some(true));
}

#[test]
fn gemini_names_model_and_way_in_the_path() {
    for version in ["v1", "v1beta", "v1alpha"] {
        for (path, model, stream, array) in [
            ("models/gemini-2.5-flash:generateContent", "gemini-2.5-flash", false, false),
            ("models/gemini-2.5-flash:streamGenerateContent?alt=sse", "gemini-2.5-flash", true, false),
            ("models/gemini-2.5-flash:streamGenerateContent", "gemini-2.5-flash", true, true),
            ("models/anthropic%2Fclaude:generateContent?key=k", "anthropic/claude", false, false),
            ("models/anthropic/claude-x:generateContent", "anthropic/claude-x", false, false),
            ("models/llama3:8b:generateContent", "llama3:8b", false, false),
            ("models/a+b:generateContent", "a+b", false, false),
        ] {
            let path = format!("/{version}/{path}");
            let target = of_("POST", &path, &[]);
            let answer = answers(&target);
            let told = (answer.dialect, answer.model.as_deref(), answer.stream, answer.array);
            assert_eq!(told, (Dialect::Gemini, Some(model), Some(stream), array), "{path}");
        }
    }
    let count = Target::Count { dialect: Dialect::Gemini, model: Some("m".to_owned()) };
    assert_eq!(of_("POST", "/v1beta/models/m:countTokens", &[]), count);
    assert!(matches!(of_("POST", "/v1beta/models/m:embedContent", &[]), Target::Absent(Dialect::Gemini, _)));
    // Azure's clients name the model in the path too.
    for (path, name) in [
        ("/openai/deployments/gpt-4.1/chat/completions?api-version=1", Some("gpt-4.1")),
        ("/v1/deployments/monster%2Ffast/chat/completions", Some("monster/fast")),
        ("/openai/deployments/monster/fast/chat/completions", Some("monster/fast")),
        ("/openai/v1/chat/completions", None),
    ] {
        let model = name.map(str::to_owned);
        let wanted = Target::Answer(Answer { model, ..of(Dialect::OpenAiChat) });
        assert_eq!(of_("POST", path, &[]), wanted, "{path}");
    }
    assert_eq!(of_("POST", "/openai/deployments/e/embeddings", &[]), Target::Embed);
    assert_eq!(of_("POST", "/openai/responses", &[]), Target::Answer(of(Dialect::OpenAiResponses)));
    assert!(matches!(of_("POST", "/openai/deployments/chat/completions", &[]), Target::Unknown(_)));
    // What is not kept and what is not done are two things.
    for (method, path, said) in [
        ("POST", "/v1/responses/input_tokens", "count_tokens"),
        ("POST", "/v1/responses/compact", "only answers"),
        ("GET", "/v1/responses/resp_1", "not kept"),
        ("POST", "/v1/responses/resp_1/cancel", "not kept"),
    ] {
        let target = of_(method, path, &[]);
        assert!(
            matches!(&target, Target::Absent(Dialect::OpenAiResponses, what) if what.contains(said)),
            "{path}: {target:?}"
        );
    }
}

#[test]
fn stored_completions_are_refused_with_a_sentence() {
    for (method, path) in [
        ("GET", "/v1/chat/completions?limit=1"),
        ("GET", "/v1/chat/completions/cc1"),
        ("POST", "/v1/chat/completions/cc1"),
        ("GET", "/openai/chat/completions/cc1/messages"),
        ("DELETE", "/chat/completions/cc1"),
    ] {
        let target = of_(method, path, &[]);
        let told = matches!(&target, Target::Absent(Dialect::OpenAiChat, what) if what.contains("no stored"));
        assert!(told, "{method} {path}: {target:?}");
    }
}

#[test]
fn a_list_of_models_is_spelled_for_whoever_asks() {
    for (headers, path, list) in [
        (&[][..], "/v1/models", List::OpenAi),
        (&[("anthropic-version", "2023-06-01")], "/v1/models", List::Anthropic),
        (&[("x-goog-api-key", "k")], "/v1/models", List::Gemini),
        (&[], "/v1/models?key=k", List::Gemini),
        (&[], "/v1beta/models", List::Gemini),
        (&[], "/api/tags", List::Ollama),
    ] {
        assert_eq!(of_("GET", path, headers), Target::Models(list), "{path}");
    }
    assert_eq!(of_("GET", "/v1/models/a/b", &[]), Target::Model(List::OpenAi, "a/b".to_owned()));
    assert_eq!(of_("GET", "/v1beta/models/a%2Fb", &[]), Target::Model(List::Gemini, "a/b".to_owned()));
}

proptest::proptest! {
    #[test]
    fn no_path_is_too_strange(path in "(/[a-z0-9:%.~*+-]{0,12}){0,6}", method in "GET|POST|PUT|HEAD") {
        if let Ok(uri) = path.parse::<Uri>() {
            let target = target(&method.parse::<Method>().unwrap(), &uri, &HeaderMap::new());
            let _ = target.dialect();
        }
    }
}
