//! Model listings, in the shapes the documents show.

use proptest::prelude::*;

use super::*;
use crate::model::{Control, Effort, Listed};

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
fn a_listing_names_the_same_models_to_whoever_checks_a_key_and_to_whoever_keeps_them() {
    let (gemini, vertex) = (r#"{"name":"models/g-1"}"#, r#"{"name":"publishers/google/models/v-1"}"#);
    for body in [
        r#"{"data":[{"id":"a-1"},{"id":"a-2"}]}"#.to_owned(),
        format!(r#"{{"models":[{gemini},{{"name":"g-2:4b"}}]}}"#),
        format!(r#"{{"publisherModels":[{vertex},{{"odd":1}}]}}"#),
    ] {
        for one in all() {
            let cards = one.read_cards(body.as_bytes()).into_iter().map(|card| card.id);
            assert_eq!(cards.collect::<Vec<_>>(), one.read_models(body.as_bytes()), "{}: {body}", one.id());
        }
    }
}

#[test]
fn what_is_no_listing_lists_nothing() {
    for body in ["", "<html>", "null", "{}", "[1]", r#"{"data":{}}"#, r#"{"data":[{"id":7},"x",null]}"#] {
        for one in all() {
            assert!(one.read_models(body.as_bytes()).is_empty(), "{body}");
        }
    }
}

#[test]
fn an_empty_list_is_one_and_an_error_beside_it_says_that_there_is_none() {
    let lists = |body: &str| by_id("ollama").lists(Dialect::Ollama, body.as_bytes());
    for body in [r#"{"data":[]}"#, r#"{"models":null}"#, "[]", r#"{"data":null,"error":null}"#] {
        assert!(lists(body), "{body}");
    }
    for body in [r#"{"data":null,"error":{"message":"no"}}"#, r#"{"models":[],"error":"no"}"#, r#"{"error":"no"}"#] {
        assert!(!lists(body), "{body}");
    }
}

proptest! {
    #[test]
    fn any_bytes_are_taken(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
        for one in all() {
            prop_assert!(one.read_models(&bytes).len() <= bytes.len());
            prop_assert!(one.read_cards(&bytes).len() <= bytes.len());
            prop_assert_eq!(one.read_about(&bytes).id, "");
        }
    }
}

fn card(id: &str, body: &str) -> Listed {
    by_id(id).read_cards(body.as_bytes()).into_iter().next().unwrap()
}

#[test]
fn anthropic_says_what_its_models_can_do() {
    // anthropic-messages.md, "Other endpoints", with members as the SDK types them.
    let yes = r#"{"supported":true}"#;
    let no = r#"{"supported":false}"#;
    let body = format!(
        r#"{{"data":[{{"id":"claude-x","lifecycle":"deprecated","retires_at":"2027-02-01T00:00:00Z","max_input_tokens":300000,
        "max_tokens":90000,"capabilities":{{"image_input":{yes},"pdf_input":{no},"structured_outputs":{yes},
        "thinking":{{"supported":true,"types":{{"adaptive":{yes},"enabled":{no},"disabled":{no},"between_tools":{yes}}}}},
        "effort":{{"supported":true,"low":{yes},"medium":{no},"high":{yes},"xhigh":null,"max":{yes}}}}}}},
        {{"id":"claude-gone","lifecycle":"retired"}},{{"id":"claude-y","capabilities":null,"max_input_tokens":0}}]}}"#
    );
    let cards = by_id("anthropic").read_cards(body.as_bytes());
    let names: Vec<&str> = cards.iter().map(|c| c.id.as_str()).collect();
    assert_eq!(names, ["claude-x", "claude-y"], "what is retired is not served");
    let x = &cards[0];
    assert_eq!((x.context, x.max_output), (Some(300_000), Some(90_000)));
    assert_eq!((x.images, x.documents, x.structured), (Some(true), Some(false), Some(true)));
    assert_eq!((x.control, x.off.as_deref()), (Some(Control::Adaptive), Some("between_tools")));
    assert_eq!(x.efforts, [Effort::Low, Effort::High, Effort::Max]);
    assert_eq!(x.shutdown.as_deref(), Some("2027-02-01"));
    assert_eq!(cards[1], Listed::new("claude-y"), "nothing is made up");
}

#[test]
fn prices_are_read_digit_by_digit() {
    let price = |prompt: &str| {
        let body = format!(r#"{{"data":[{{"id":"x/y","pricing":{{"prompt":{prompt},"completion":"0.00001"}}}}]}}"#);
        card("openrouter", &body).prices.and_then(|p| p.input)
    };
    // Dollars a token to nano-dollars a million: times 10^15.
    assert_eq!(price(r#""0.00000125""#), Some(1_250_000_000));
    assert_eq!(price(r#""0.0000000000000014""#), Some(1));
    assert_eq!(price(r#""1.25e-6""#), Some(1_250_000_000));
    assert_eq!(price("0.000003"), Some(3_000_000_000));
    for absurd in
        [r#""-1""#, r#""1""#, r#""NaN""#, r#""1e400""#, r#""0x1""#, r#""""#, "null", "{}", r#""1e30""#, "1e99"]
    {
        assert_eq!(price(absurd), None, "{absurd}");
    }
    let whole = r#"{"data":[{"id":"x/y","context_length":65536,"pricing":{"prompt":"0.000001","completion":"0.000002","input_cache_read":"0.0000001"},
        "top_provider":{"max_completion_tokens":4096},"supported_parameters":["tools","temperature"],
        "architecture":{"input_modalities":["text","image"]}},
        {"id":"x/auto","pricing":{"prompt":"0","completion":"0"}},{"id":"x/z:free","pricing":{"prompt":"0","completion":"0"}}]}"#;
    let cards = by_id("openrouter").read_cards(whole.as_bytes());
    assert_eq!(cards[0].prices.unwrap().cache_read, Some(100_000_000));
    assert_eq!((cards[0].context, cards[0].max_output), (Some(65_536), Some(4_096)));
    assert_eq!((cards[0].tools, cards[0].structured, cards[0].images), (Some(true), Some(false), Some(true)));
    assert_eq!(cards[1].prices, None, "zero is said where nothing is known");
    assert_eq!(cards[2].prices.unwrap().input, Some(0));
}

#[test]
fn the_others_say_what_their_documents_name() {
    let gemini = card(
        "gemini",
        r#"{"models":[{"name":"models/g","inputTokenLimit":1000,"outputTokenLimit":10,"thinking":false,
        "supportedGenerationMethods":["generateContent"]}]}"#,
    );
    assert_eq!((gemini.id.as_str(), gemini.context, gemini.max_output), ("g", Some(1_000), Some(10)));
    assert_eq!(gemini.control, Some(Control::None));
    let xai = card(
        "xai",
        r#"{"models":[{"id":"grok-x","prompt_text_token_price":20000,"completion_text_token_price":100000,
        "max_prompt_length":256000,"input_modalities":["text","image"]}]}"#,
    );
    assert_eq!(xai.prices.unwrap().input, Some(2_000_000_000), "two dollars");
    assert_eq!((xai.context, xai.images), (Some(256_000), Some(true)));
    let mistral = card(
        "mistral",
        r#"{"data":[{"id":"embeds","capabilities":{"completion_chat":false}},
        {"id":"m","max_context_length":32768,"capabilities":{"completion_chat":true,"function_calling":true,"vision":false}}]}"#,
    );
    assert_eq!((mistral.id.as_str(), mistral.context), ("m", Some(32_768)));
    assert_eq!((mistral.tools, mistral.images), (Some(true), Some(false)));
    assert_eq!(card("vllm", r#"{"data":[{"id":"v","max_model_len":8192}]}"#).context, Some(8_192));
    let studio = card(
        "lmstudio",
        r#"{"models":[{"key":"e","type":"embedding"},{"key":"l","type":"llm",
        "capabilities":{"vision":true,"trained_for_tool_use":false}}]}"#,
    );
    assert_eq!((studio.id.as_str(), studio.images, studio.tools), ("l", Some(true), Some(false)));
    let props =
        by_id("llamacpp").read_about(br#"{"default_generation_settings":{"n_ctx":2048},"modalities":{"vision":true}}"#);
    assert_eq!((props.context, props.images), (Some(2_048), Some(true)));
    let shown = br#"{"capabilities":["completion","vision"],"model_info":{"qwen2.context_length":32768}}"#;
    let shown = by_id("ollama").read_about(shown);
    assert_eq!((shown.context, shown.images, shown.tools), (Some(32_768), Some(true), Some(false)));
    // A field that another provider documents is not looked at.
    assert_eq!(card("openai", r#"{"data":[{"id":"o","max_model_len":8192}]}"#), Listed::new("o"));
}

#[test]
fn the_window_of_a_local_model_is_what_its_server_has_room_for() {
    let studio = |loaded: &str| {
        let model = format!(r#"{{"key":"l","type":"llm","max_context_length":131072{loaded}}}"#);
        card("lmstudio", &format!(r#"{{"models":[{model}]}}"#)).context
    };
    let instance = |window: u64| format!(r#"{{"id":"l:{window}","config":{{"context_length":{window}}}}}"#);
    let (small, large) = (instance(4_096), instance(16_384));
    assert_eq!(studio(&format!(r#","loaded_instances":[{large},{small}]"#)), Some(4_096), "either may answer");
    assert_eq!(studio(r#","loaded_instances":[{"id":"l"}]"#), None);
    assert_eq!((studio(r#","loaded_instances":[]"#), studio("")), (None, None), "it is loaded with what is not known");
    let ollama = |window: u64| {
        let shown = format!(r#"{{"capabilities":[],"model_info":{{"llama.context_length":{window}}}}}"#);
        by_id("ollama").read_about(shown.as_bytes()).context
    };
    assert_eq!((ollama(8_192), ollama(131_072)), (Some(8_192), Some(32_768)), "nobody asked for 128 Ki tokens of room");
}

#[test]
fn absurd_windows_are_none() {
    for window in ["0", "-1", "1e9", "100000001", "\"8192\"", "null"] {
        assert_eq!(card("vllm", &format!(r#"{{"data":[{{"id":"v","max_model_len":{window}}}]}}"#)).context, None);
    }
}
