//! What is one vendor's own: doors, headers, and spelling that others refuse.

use super::*;
use crate::model::{Block, Control, Message, Request, Role, Schema, ToolSpec};
use crate::wire::wire;

fn adapted(id: &str, card: &ModelCard, effort: Effort) -> crate::wire::Adapted {
    by_id(id).adapt(&upstream(id), Dialect::OpenAiChat, card, &intent(effort))
}

fn body(id: &str, card: &ModelCard, effort: Effort, request: &Request) -> serde_json::Value {
    let written = wire(Dialect::OpenAiChat).write_request("m", request, &adapted(id, card, effort), false).unwrap();
    serde_json::from_slice(&written.body).unwrap()
}

fn thinker(provider: &str, id: &str, maker: &str, control: Control) -> ModelCard {
    let mut card = ModelCard::unknown(provider, id, crate::model::Maker(maker.into()), vec![Dialect::OpenAiChat]);
    card.reasoning.control = control;
    card
}

#[test]
fn the_doors_for_anthropic_s_dialect_stand_where_the_vendors_have_them() {
    let dialect = Dialect::AnthropicMessages;
    for (id, base, models) in [
        ("deepseek", "https://api.deepseek.com/anthropic", "https://api.deepseek.com/models"),
        ("zhipu", "https://api.z.ai/api/anthropic", "https://api.z.ai/api/paas/v4/models"),
        ("minimax", "https://api.minimax.io/anthropic", "https://api.minimax.io/v1/models"),
    ] {
        let door = Upstream { dialect: Some(dialect), ..upstream(id) };
        let by = by_id(id);
        assert_eq!(by.endpoint(&door, dialect, "m", true), format!("{base}/v1/messages"));
        assert_eq!(by.models_url(&door), models);
        let key = Secret::new("k".repeat(9));
        let names: Vec<String> = by.sign(&door, dialect, Some(&key)).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["anthropic-version", "authorization"], "{id}: one key opens both doors in one way");
        let own = Upstream { base_url: "https://proxy.example.com".to_owned(), ..door };
        assert_eq!(by.endpoint(&own, dialect, "m", true), "https://proxy.example.com/v1/messages");
    }
}

#[test]
fn groq_is_sent_no_null_and_asked_for_thoughts_beside_the_text() {
    let mut request = Request::text("m", Purpose::Ask, "go");
    let call = Block::call("c1", "look", "{}");
    request.messages.push(Message { role: Role::Assistant, blocks: vec![call], ..Message::user("") });
    let qwen = thinker("groq", "qwen/qwen3.8-27b", "qwen", Control::Unmapped);
    let sent = body("groq", &qwen, Effort::Auto, &request);
    assert_eq!(sent["reasoning_format"], "parsed");
    assert!(sent["messages"][1].get("content").is_none(), "{sent}");
    let gpt = thinker("groq", "openai/gpt-oss-120b", "openai", Control::Effort);
    assert!(body("groq", &gpt, Effort::Auto, &request).get("reasoning_format").is_none());
    assert!(body("openai", &gpt, Effort::Auto, &request)["messages"][1].get("content").is_some());
}

#[test]
fn a_model_of_qwen_s_that_may_think_is_asked_to_stream() {
    let card = card("qwen", "qwen3-next-80b-a3b-thinking");
    for (effort, streamed) in [(Effort::Auto, true), (Effort::High, true), (Effort::None, false)] {
        assert_eq!(adapted("qwen", &card, effort).streamed(false), streamed, "{effort:?}");
    }
    let plain = ModelCard::unknown("qwen", "x", crate::model::Maker("qwen".into()), vec![]);
    assert!(
        !adapted("qwen", &plain, Effort::Auto).streamed(false) && adapted("qwen", &plain, Effort::Auto).streamed(true)
    );
}

#[test]
fn openrouter_may_drop_nothing_that_the_answer_depends_on() {
    let must = |request: &Request, effort| {
        let card = thinker("openrouter", "some/model", "some", Control::Effort);
        body("openrouter", &card, effort, request)["provider"]["require_parameters"] == true
    };
    let plain = Request::text("m", Purpose::Ask, "go");
    assert!(!must(&plain, Effort::Auto) && !must(&plain, Effort::None));
    assert!(must(&plain, Effort::High));
    let mut formed = plain.clone();
    formed.schema = Some(Schema {
        name: "answer".into(),
        schema: serde_json::json!({ "type": "object" }),
        description: None,
        strict: None,
    });
    assert!(must(&formed, Effort::Auto));
    let mut armed = plain;
    armed.tools = vec![ToolSpec::new("look", "looks", serde_json::json!({ "type": "object" }))];
    assert!(must(&armed, Effort::Auto));
}

#[test]
fn of_a_model_that_may_have_no_thoughts_openrouter_is_not_told_to_require_them() {
    let card = thinker("openrouter", "some/model", "some", Control::None);
    let plain = Request::text("m", Purpose::Ask, "go");
    let sent = body("openrouter", &card, Effort::High, &plain);
    assert_eq!(sent["reasoning"]["effort"], "high", "it is wished for all the same");
    assert!(sent.get("provider").is_none(), "nobody would be left to ask: {sent}");
    let mut demanded = intent(Effort::High);
    demanded.effort.strict = true;
    let adapted = by_id("openrouter").adapt(&upstream("openrouter"), Dialect::OpenAiChat, &card, &demanded);
    let written = wire(Dialect::OpenAiChat).write_request("m", &plain, &adapted, false).unwrap();
    let sent: serde_json::Value = serde_json::from_slice(&written.body).unwrap();
    assert_eq!(sent["provider"]["require_parameters"], true, "a demand is no wish");
}

#[test]
fn ollama_s_cloud_takes_a_key_and_is_no_machine_of_one_s_own() {
    let (cloud, here) = (by_id("ollama-cloud"), by_id("ollama"));
    assert_eq!((cloud.local(), here.local()), (false, true));
    let upstream = upstream("ollama-cloud");
    assert_eq!(cloud.endpoint(&upstream, Dialect::Ollama, "m", true), "https://ollama.com/api/chat");
    assert_eq!(cloud.models_url(&upstream), "https://ollama.com/api/tags");
    let key = Secret::new("k".repeat(9));
    let bearer = ("authorization".to_owned(), format!("Bearer {}", "k".repeat(9)));
    assert_eq!(cloud.sign(&upstream, Dialect::Ollama, Some(&key)), [bearer]);
}

#[test]
fn each_vendor_is_asked_in_the_words_of_its_own_sdk() {
    // openai-compatible.md; `tests/suite/real/sdk/vendors.rs` holds it against the SDKs themselves.
    let mut request = Request::text("m", Purpose::Ask, "go");
    request.user = Some("u".into());
    request.sampling.seed = Some(7);
    request.parallel = Some(true);
    request.tools = vec![ToolSpec::new("look", "looks", serde_json::json!({ "type": "object" }))];
    request.schema = Some(Schema::new("answer", serde_json::json!({ "type": "object" })));
    let said = |id: &str| {
        let card = thinker(id, "x", "some", Control::None);
        let wish = Intent { max_output: Some(9), structured: true, tools: true, ..intent(Effort::Auto) };
        let adapted = by_id(id).adapt(&upstream(id), Dialect::OpenAiChat, &card, &wish);
        let written = wire(Dialect::OpenAiChat).write_request("m", &request, &adapted, true).unwrap();
        serde_json::from_slice::<serde_json::Value>(&written.body).unwrap()
    };
    let optional =
        ["user", "user_id", "safety_identifier", "seed", "random_seed", "parallel_tool_calls", "stream_options"];
    let form = |body: &serde_json::Value| body["response_format"]["type"].as_str().map(str::to_owned);
    for (id, limit, has, schema) in [
        ("mistral", "max_tokens", &["random_seed", "parallel_tool_calls"][..], Some("json_schema")),
        (
            "groq",
            "max_completion_tokens",
            &["user", "seed", "parallel_tool_calls", "stream_options"],
            Some("json_schema"),
        ),
        ("together", "max_tokens", &["seed", "stream_options"], Some("json_schema")),
        ("cohere", "max_tokens", &["user", "seed", "stream_options"], Some("json_object")),
        ("qwen", "max_tokens", &["seed", "parallel_tool_calls", "stream_options"], Some("json_schema")),
        ("zhipu", "max_tokens", &["user_id", "seed"], None),
        (
            "cerebras",
            "max_completion_tokens",
            &["user", "seed", "parallel_tool_calls", "stream_options"],
            Some("json_schema"),
        ),
        ("huggingface", "max_tokens", &["seed", "stream_options"], Some("json_schema")),
    ] {
        let body = said(id);
        assert_eq!(body[limit], 9, "{id}");
        let found: Vec<&str> = optional.into_iter().filter(|name| body.get(name).is_some()).collect();
        assert_eq!(found, has, "{id}");
        assert_eq!(form(&body).as_deref(), schema, "{id}");
    }
}

#[test]
fn only_the_likeliest_tokens_are_asked_for_where_the_vendor_documents_it() {
    use crate::wire::Loss;
    // openai-compatible.md, openrouter.md, ollama-lmstudio.md.
    let knows = ["mistral", "together", "qwen", "openrouter", "lmstudio", "llamacpp", "vllm"];
    let mut request = Request::text("m", Purpose::Ask, "go");
    request.sampling.top_k = Some(7);
    for provider in all() {
        let id = provider.id();
        let card = thinker(id, "x", "some", Control::None);
        let dialect = Dialect::OpenAiChat;
        let adapted = provider.adapt(&upstream(id), dialect, &card, &intent(Effort::Auto));
        let written = wire(dialect).write_request("m", &request, &adapted, false).unwrap();
        let body: serde_json::Value = serde_json::from_slice(&written.body).unwrap();
        let sent = adapted.sampling && knows.contains(&id);
        assert_eq!(body.get("top_k").is_some(), sent, "{id}: {body}");
        assert_eq!(written.losses.contains(&Loss::TopK), !knows.contains(&id), "{id}: {:?}", written.losses);
    }
}

#[test]
fn together_s_chat_has_an_address_of_its_own_and_its_models_are_listed_at_the_usual_one() {
    let (together, at) = (by_id("together"), upstream("together"));
    let called = together.endpoint(&at, Dialect::OpenAiChat, "m", true);
    assert_eq!(called, "https://api-inference.together.ai/v1/chat/completions");
    assert_eq!(together.models_url(&at), "https://api.together.ai/v1/models");
    let own = Upstream { base_url: "https://proxy.example.com/v1".to_owned(), ..at };
    assert_eq!(
        together.endpoint(&own, Dialect::OpenAiChat, "m", true),
        "https://proxy.example.com/v1/chat/completions"
    );
}
