//! Where a prompt is counted, and what is sent and read there.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::model::Dialect;
use crate::providers::Counting;

const CALL: &str = r#"{"model":"m","messages":[{"role":"user","content":"hi"}],"contents":[1],"input":[2],"system":"s",
    "max_tokens":9,"stream":true,"temperature":1,"tools":[]}"#;

fn counting(id: &str, dialect: Dialect) -> Option<Counting> {
    let mut upstream = upstream(id);
    upstream.project = Some("house".to_owned());
    by_id(id).counting(&upstream, dialect, "m/1")
}

fn sent(counting: &Counting) -> Value {
    serde_json::from_slice(&counting.body(CALL.as_bytes(), "m").unwrap()).unwrap()
}

#[test]
fn each_provider_is_asked_at_its_own_address_for_no_more_than_it_takes() {
    let chat = json!({ "model": "m", "messages": [{ "role": "user", "content": "hi" }], "tools": [] });
    let mut anthropic = chat.clone();
    anthropic["system"] = "s".into();
    let whole: Value = serde_json::from_str(CALL).unwrap();
    let mut wrapped = json!({ "model": "models/m" });
    wrapped
        .as_object_mut()
        .unwrap()
        .extend(whole.as_object().unwrap().clone().into_iter().filter(|(n, _)| n != "model"));
    let place = "https://aiplatform.googleapis.com/v1/projects/house/locations/global/publishers/anthropic/models";
    let google = "https://aiplatform.googleapis.com/v1beta1/projects/house/locations/global/publishers/google/models";
    for (id, dialect, url, body) in [
        (
            "anthropic",
            Dialect::AnthropicMessages,
            "https://api.anthropic.com/v1/messages/count_tokens".to_owned(),
            &anthropic,
        ),
        (
            "openai",
            Dialect::OpenAiResponses,
            "https://api.openai.com/v1/responses/input_tokens".to_owned(),
            &json!({ "model": "m", "input": [2], "tools": [] }),
        ),
        (
            "gemini",
            Dialect::Gemini,
            "https://generativelanguage.googleapis.com/v1beta/models/m/1:countTokens".to_owned(),
            &json!({ "generateContentRequest": wrapped }),
        ),
        (
            "moonshot",
            Dialect::OpenAiChat,
            "https://api.moonshot.ai/v1/tokenizers/estimate-token-count".to_owned(),
            &chat,
        ),
        ("llamacpp", Dialect::OpenAiChat, "http://127.0.0.1:8080/v1/messages/count_tokens".to_owned(), &anthropic),
        ("vllm", Dialect::OpenAiChat, "http://127.0.0.1:8000/tokenize".to_owned(), &chat),
        ("vertex", Dialect::AnthropicMessages, format!("{place}/count-tokens:rawPredict"), &anthropic),
        ("vertex", Dialect::Gemini, format!("{google}/m/1:countTokens"), &json!({ "contents": [1], "tools": [] })),
    ] {
        let counting = counting(id, dialect).unwrap_or_else(|| panic!("{id} counts"));
        assert_eq!((counting.url.as_str(), &sent(&counting)), (url.as_str(), body), "{id}");
    }
    for (id, dialect) in [("openai", Dialect::OpenAiChat), ("ollama", Dialect::Ollama), ("xai", Dialect::XaiGrpc)] {
        assert_eq!(counting(id, dialect), None, "{id} counts nothing");
    }
}

#[test]
fn where_the_settings_say_where_calls_go_nobody_is_asked_elsewhere() {
    let mut own = upstream("anthropic");
    own.paths.0 = Some("/ask".to_owned());
    assert_eq!(by_id("anthropic").counting(&own, Dialect::AnthropicMessages, "m"), None);
}

#[test]
fn a_count_is_read_in_every_spelling_and_nothing_else_is_one() {
    let any = counting("anthropic", Dialect::AnthropicMessages).unwrap();
    let read = |body: &str| any.read(body.as_bytes());
    assert_eq!(read(r#"{"input_tokens":14}"#), Some(14));
    assert_eq!(read(r#"{"totalTokens":31,"promptTokensDetails":[]}"#), Some(31));
    assert_eq!(read(r#"{"data":{"total_tokens":80}}"#), Some(80));
    assert_eq!(read(r#"{"count":7,"max_model_len":4096,"tokens":[1]}"#), Some(7));
    for odd in ["", "14", "{}", r#"{"input_tokens":0}"#, r#"{"input_tokens":-1}"#, r#"{"input_tokens":"14"}"#, "<html>"]
    {
        assert_eq!(read(odd), None, "{odd}");
    }
    assert_eq!(read(&format!(r#"{{"input_tokens":{}}}"#, u64::MAX)), None);
}

proptest! {
    #[test]
    fn any_bytes_are_taken(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
        let any = counting("gemini", Dialect::Gemini).unwrap();
        prop_assert!(any.read(&bytes).is_none_or(|tokens| tokens > 0));
        prop_assert!(any.body(&bytes, "m").is_none_or(|body| !body.is_empty()));
    }
}
