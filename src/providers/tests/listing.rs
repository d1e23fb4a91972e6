//! Model listings, in the shapes the documents show.

use proptest::prelude::*;

use super::*;

fn ids(id: &str, body: &str) -> Vec<String> {
    by_id(id).read_models(body.as_bytes())
}

#[test]
fn each_shape_gives_the_ids_that_are_sent_as_model() {
    // openai-chat.md, "Other endpoints".
    let openai = r#"{"object":"list","data":[{"id":"gpt-x","object":"model","owned_by":"openai"},{"id":"gpt-y"}]}"#;
    assert_eq!(ids("openai", openai), ["gpt-x", "gpt-y"]);
    // anthropic-messages.md, "Other endpoints".
    let anthropic =
        r#"{"data":[{"id":"claude-x","display_name":"Claude X"}],"has_more":false,"first_id":"a","last_id":"a"}"#;
    assert_eq!(ids("anthropic", anthropic), ["claude-x"]);
    // gemini.md, "Endpoints": what only embeds is no model for us.
    let gemini = r#"{"models":[{"name":"models/gemini-x","supportedGenerationMethods":["generateContent","countTokens"]},
        {"name":"models/embedding-x","supportedGenerationMethods":["embedContent"]}],"nextPageToken":"t"}"#;
    assert_eq!(ids("gemini", gemini), ["gemini-x"]);
    // ollama-lmstudio.md, "Ollama".
    assert_eq!(ids("ollama", r#"{"models":[{"name":"qwen3:4b","model":"qwen3:4b","size":1}]}"#), ["qwen3:4b"]);
    // openrouter.md.
    assert_eq!(ids("openrouter", r#"{"data":[{"id":"x/y:free","name":"Y (free)"}]}"#), ["x/y:free"]);
    // A bare list, as some compatible servers answer.
    assert_eq!(ids("generic", r#"[{"id":"a"},{"id":"b"}]"#), ["a", "b"]);
    assert_eq!(ids("generic", r#"{"data":null,"models":[{"name":"a"}]}"#), ["a"]);
}

#[test]
fn what_is_no_listing_lists_nothing() {
    for body in ["", "<html>", "null", "{}", "[1]", r#"{"data":{}}"#, r#"{"data":[{"id":7},"x",null]}"#] {
        for one in all() {
            assert!(one.read_models(body.as_bytes()).is_empty(), "{body}");
        }
    }
}

proptest! {
    #[test]
    fn any_bytes_are_taken(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
        for one in all() {
            prop_assert!(one.read_models(&bytes).len() <= bytes.len());
        }
    }
}
