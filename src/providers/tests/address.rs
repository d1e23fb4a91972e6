//! URLs, headers and keys.

use super::*;

fn secret() -> Secret {
    Secret::new(format!("sk-{}", "k".repeat(8)))
}

fn at(id: &str, dialect: Dialect, model: &str, stream: bool) -> String {
    by_id(id).endpoint(&upstream(id), dialect, model, stream)
}

#[test]
fn each_provider_is_asked_where_its_document_says() {
    for (id, dialect, url, models) in [
        (
            "openai",
            Dialect::OpenAiChat,
            "https://api.openai.com/v1/chat/completions",
            "https://api.openai.com/v1/models",
        ),
        ("openai", Dialect::OpenAiResponses, "https://api.openai.com/v1/responses", "https://api.openai.com/v1/models"),
        (
            "anthropic",
            Dialect::AnthropicMessages,
            "https://api.anthropic.com/v1/messages",
            "https://api.anthropic.com/v1/models?limit=1000",
        ),
        (
            "gemini",
            Dialect::Gemini,
            "https://generativelanguage.googleapis.com/v1beta/models/m:generateContent",
            "https://generativelanguage.googleapis.com/v1beta/models?pageSize=1000",
        ),
        (
            "openrouter",
            Dialect::OpenAiChat,
            "https://openrouter.ai/api/v1/chat/completions",
            "https://openrouter.ai/api/v1/models",
        ),
        (
            "deepseek",
            Dialect::OpenAiChat,
            "https://api.deepseek.com/chat/completions",
            "https://api.deepseek.com/models",
        ),
        ("xai", Dialect::OpenAiChat, "https://api.x.ai/v1/chat/completions", "https://api.x.ai/v1/models"),
        ("ollama", Dialect::Ollama, "http://127.0.0.1:11434/api/chat", "http://127.0.0.1:11434/api/tags"),
        (
            "mistral",
            Dialect::OpenAiChat,
            "https://api.mistral.ai/v1/chat/completions",
            "https://api.mistral.ai/v1/models",
        ),
        (
            "groq",
            Dialect::OpenAiChat,
            "https://api.groq.com/openai/v1/chat/completions",
            "https://api.groq.com/openai/v1/models",
        ),
        (
            "together",
            Dialect::OpenAiChat,
            "https://api-inference.together.ai/v1/chat/completions",
            "https://api.together.ai/v1/models",
        ),
        (
            "cohere",
            Dialect::OpenAiChat,
            "https://api.cohere.ai/compatibility/v1/chat/completions",
            "https://api.cohere.ai/compatibility/v1/models",
        ),
        (
            "qwen",
            Dialect::OpenAiChat,
            "https://dashscope-intl.aliyuncs.com/compatible-mode/v1/chat/completions",
            "https://dashscope-intl.aliyuncs.com/compatible-mode/v1/models",
        ),
        (
            "zhipu",
            Dialect::OpenAiChat,
            "https://api.z.ai/api/paas/v4/chat/completions",
            "https://api.z.ai/api/paas/v4/models",
        ),
        (
            "minimax",
            Dialect::OpenAiChat,
            "https://api.minimax.io/v1/chat/completions",
            "https://api.minimax.io/v1/models",
        ),
        (
            "moonshot",
            Dialect::OpenAiChat,
            "https://api.moonshot.ai/v1/chat/completions",
            "https://api.moonshot.ai/v1/models",
        ),
        (
            "cerebras",
            Dialect::OpenAiChat,
            "https://api.cerebras.ai/v1/chat/completions",
            "https://api.cerebras.ai/v1/models",
        ),
        ("vllm", Dialect::OpenAiChat, "http://127.0.0.1:8000/v1/chat/completions", "http://127.0.0.1:8000/v1/models"),
        (
            "llamacpp",
            Dialect::OpenAiChat,
            "http://127.0.0.1:8080/v1/chat/completions",
            "http://127.0.0.1:8080/v1/models",
        ),
        (
            "lmstudio",
            Dialect::OpenAiChat,
            "http://127.0.0.1:1234/v1/chat/completions",
            "http://127.0.0.1:1234/v1/models",
        ),
    ] {
        assert_eq!(at(id, dialect, "m", false), url);
        assert_eq!(by_id(id).models_url(&upstream(id)), models);
    }
    let streamed = at("gemini", Dialect::Gemini, "m", true);
    assert_eq!(streamed, "https://generativelanguage.googleapis.com/v1beta/models/m:streamGenerateContent?alt=sse");
}

#[test]
fn a_version_is_put_into_the_path_unless_it_stands_there_and_a_host_is_no_version() {
    for (base, url) in [
        ("https://api.deepseek.com/anthropic", "https://api.deepseek.com/anthropic/v1/messages"),
        ("https://proxy/v1", "https://proxy/v1/messages"),
        ("https://proxy/v1beta", "https://proxy/v1beta/messages"),
        ("https://v2.example.com", "https://v2.example.com/v1/messages"),
        ("http://v2ray:8080", "http://v2ray:8080/v1/messages"),
        ("https://proxy/vé", "https://proxy/vé/v1/messages"),
        ("https://proxy/v", "https://proxy/v/v1/messages"),
    ] {
        let own = Upstream { base_url: base.into(), ..upstream("anthropic") };
        assert_eq!(by_id("anthropic").endpoint(&own, Dialect::AnthropicMessages, "m", true), url);
    }
}

#[test]
fn names_and_parameters_are_escaped() {
    let query = vec![("api-version".to_owned(), "a b&c=d".to_owned())];
    let own = |id: &str| Upstream { query: query.clone(), ..upstream(id) };
    let chat = by_id("openai").endpoint(&own("openai"), Dialect::OpenAiChat, "m", false);
    assert_eq!(chat, "https://api.openai.com/v1/chat/completions?api-version=a%20b%26c%3Dd");
    let gemini = by_id("gemini").endpoint(&own("gemini"), Dialect::Gemini, "a?b#é", true);
    assert!(
        gemini.ends_with("models/a%3Fb%23%C3%A9:streamGenerateContent?api-version=a%20b%26c%3Dd&alt=sse"),
        "{gemini}"
    );
}

#[test]
fn parameters_from_settings_are_sent_when_models_are_listed_too() {
    for id in ["openai", "anthropic", "gemini", "ollama", "generic"] {
        let own = Upstream { query: vec![("k".into(), "v".into())], ..upstream(id) };
        let url = by_id(id).models_url(&own);
        assert!(url.ends_with("?k=v") || url.ends_with("&k=v"), "{url}");
        assert_eq!(url.matches('?').count(), 1, "{url}");
    }
}

#[test]
fn the_key_travels_as_the_document_says_or_as_settings_say() {
    let key = secret();
    let bearer = ("authorization".to_owned(), format!("Bearer {}", key.expose()));
    let header = |name: &str| (name.to_owned(), key.expose().to_owned());
    let signed = |id: &str, auth: Option<Auth>, key: Option<&Secret>| {
        let own = Upstream { auth, ..upstream(id) };
        let dialect = by_id(id).dialect(&own, &card(id, "x"), &intent(Effort::Auto));
        by_id(id).sign(&own, dialect, key)
    };
    for id in ["openai", "openrouter", "deepseek", "xai", "lmstudio", "ollama", "generic"] {
        assert_eq!(signed(id, None, Some(&key)), std::slice::from_ref(&bearer), "{id}");
        assert_eq!(signed(id, None, None), [], "{id}");
        assert_eq!(signed(id, Some(Auth::None), Some(&key)), [], "{id}");
        assert_eq!(signed(id, Some(Auth::Header("API-Key".into())), Some(&key)), [header("api-key")], "{id}");
    }
    // gemini.md, "Endpoints"; anthropic-messages.md, "Headers".
    assert_eq!(signed("gemini", None, Some(&key)), [header("x-goog-api-key")]);
    let version = ("anthropic-version".to_owned(), "2023-06-01".to_owned());
    assert_eq!(signed("anthropic", None, Some(&key)), [version.clone(), header("x-api-key")]);
    assert_eq!(signed("anthropic", Some(Auth::Bearer), Some(&key)), [version, bearer]);
}

#[test]
fn headers_from_settings_are_added_and_an_own_version_is_kept() {
    let own = Upstream { headers: vec![("Anthropic-Version".into(), "2026-10-21".into())], ..upstream("anthropic") };
    let signed = by_id("anthropic").sign(&own, Dialect::AnthropicMessages, None);
    assert_eq!(signed, [("Anthropic-Version".to_owned(), "2026-10-21".to_owned())]);
}

#[test]
fn the_grpc_service_is_called_by_its_methods_with_and_without_the_version_of_rest() {
    for base in ["https://api.x.ai/v1", "https://api.x.ai"] {
        let own = Upstream { base_url: base.into(), dialect: Some(Dialect::XaiGrpc), ..upstream("xai") };
        let at = |stream: bool| by_id("xai").endpoint(&own, Dialect::XaiGrpc, "grok-4.5", stream);
        assert_eq!(at(true), "https://api.x.ai/xai_api.Chat/GetCompletionChunk");
        assert_eq!(at(false), "https://api.x.ai/xai_api.Chat/GetCompletion");
        assert_eq!(by_id("xai").models_url(&own), "https://api.x.ai/xai_api.Models/ListLanguageModels");
        let key = secret();
        let bearer = format!("Bearer {}", key.expose());
        assert_eq!(by_id("xai").sign(&own, Dialect::XaiGrpc, Some(&key)), [("authorization".to_owned(), bearer)]);
    }
}

#[test]
fn each_model_is_spoken_to_in_the_dialect_that_serves_it_best() {
    let of = |id: &str, model: &str| by_id(id).dialect(&upstream(id), &card(id, model), &intent(Effort::Auto));
    for (id, model, dialect) in [
        ("openai", "gpt-6-luna", Dialect::OpenAiResponses),
        ("openai", "gpt-5.5-pro", Dialect::OpenAiResponses),
        ("openai", "gpt-4.1", Dialect::OpenAiChat),
        ("openai", "gpt-99", Dialect::OpenAiResponses),
        ("anthropic", "claude-haiku-5-5", Dialect::AnthropicMessages),
        ("gemini", "gemini-3.8-flash", Dialect::Gemini),
        ("xai", "grok-4.6", Dialect::OpenAiChat),
        ("xai", "grok-4.20-multi-agent", Dialect::OpenAiResponses),
        ("deepseek", "deepseek-flash", Dialect::OpenAiChat),
        ("openrouter", "anthropic/claude-haiku-5.5", Dialect::OpenAiChat),
        ("ollama", "qwen3", Dialect::Ollama),
        ("lmstudio", "qwen3", Dialect::OpenAiChat),
    ] {
        assert_eq!(of(id, model), dialect, "{id}/{model}");
    }
    let proxy = Upstream { base_url: "https://proxy/v1".into(), ..upstream("openai") };
    assert_eq!(by_id("openai").dialect(&proxy, &card("openai", "gpt-99"), &intent(Effort::Auto)), Dialect::OpenAiChat);
    for one in all() {
        let forced = Upstream { dialect: Some(Dialect::AnthropicMessages), ..upstream(one.id()) };
        assert_eq!(one.dialect(&forced, &card(one.id(), "x"), &intent(Effort::Auto)), Dialect::AnthropicMessages);
    }
}

#[test]
fn settings_may_name_other_paths_and_another_way_to_send_the_key() {
    let mut house = Upstream::at("house", "generic", "https://llm.example/api");
    house.paths = (Some("/v2/{model}/chat".to_owned()), Some("/v2/models".to_owned()));
    house.query = vec![("tier".to_owned(), "a b".to_owned())];
    house.auth = Some(Auth::Prefixed("Authorization".to_owned(), "Token".to_owned()));
    let by = by_id("generic");
    let url = by.endpoint(&house, Dialect::OpenAiChat, "m 1", true);
    assert_eq!(url, "https://llm.example/api/v2/m%201/chat?tier=a%20b");
    assert_eq!(by.models_url(&house), "https://llm.example/api/v2/models?tier=a%20b");
    let signed = by.sign(&house, Dialect::OpenAiChat, Some(&secret()));
    assert_eq!(signed, [("authorization".to_owned(), format!("Token sk-{}", "k".repeat(8)))]);
}

#[test]
fn every_quirk_that_settings_may_name_changes_something() {
    use crate::model::TWEAKS;
    use crate::wire::Quirks;
    for name in TWEAKS {
        let set = |value: &str| Quirks::default().with(&[(name.to_owned(), value.to_owned())]);
        assert_ne!(set("true"), set("false"), "{name}");
    }
    assert_eq!(format!("{:?}", Quirks::default()).matches(": ").count(), TWEAKS.len(), "none is left out");
}
