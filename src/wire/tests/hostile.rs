//! Bytes that no document describes: nothing panics, and the events stay well formed.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::{Dialect, Kind, Told, assert_well_formed, named, pieces, streamed};
use crate::model::Event;
use crate::wire::wire;

/// What the dialects call things.
const WORDS: &[&str] = &[
    "id",
    "model",
    "type",
    "index",
    "choices",
    "delta",
    "message",
    "content",
    "role",
    "finish_reason",
    "tool_calls",
    "function",
    "name",
    "arguments",
    "input",
    "usage",
    "prompt_tokens",
    "completion_tokens",
    "total_tokens",
    "cost",
    "prompt_tokens_details",
    "cached_tokens",
    "cache_write_tokens",
    "error",
    "code",
    "status",
    "details",
    "@type",
    "google.rpc.RetryInfo",
    "retryDelay",
    "text",
    "thinking",
    "signature",
    "output",
    "output_index",
    "item",
    "response",
    "summary",
    "encrypted_content",
    "call_id",
    "refusal",
    "reasoning",
    "reasoning_content",
    "content_block",
    "partial_json",
    "stop_reason",
    "candidates",
    "parts",
    "functionCall",
    "args",
    "thought",
    "thoughtSignature",
    "finishReason",
    "usageMetadata",
    "promptTokenCount",
    "cachedContentTokenCount",
    "promptFeedback",
    "blockReason",
    "done",
    "done_reason",
    "eval_count",
    "incomplete_details",
    "reason",
    "cost_in_usd_ticks",
    "cache_creation",
    "cache_creation_input_tokens",
    "ephemeral_1h_input_tokens",
    "metadata",
    "provider_name",
    "raw",
    "object",
];

/// What the dialects say.
const SAYINGS: &[&str] = &[
    "message_start",
    "content_block_start",
    "content_block_delta",
    "content_block_stop",
    "message_delta",
    "message_stop",
    "text_delta",
    "thinking_delta",
    "input_json_delta",
    "signature_delta",
    "tool_use",
    "redacted_thinking",
    "response.created",
    "response.output_item.added",
    "response.output_item.done",
    "response.output_text.delta",
    "response.refusal.delta",
    "response.reasoning_summary_text.delta",
    "response.function_call_arguments.delta",
    "response.completed",
    "response.failed",
    "response.incomplete",
    "error",
    "function_call",
    "custom_tool_call",
    "reasoning",
    "message",
    "stop",
    "tool_calls",
    "STOP",
    "SAFETY",
    "incomplete",
    "failed",
    "[DONE]",
    "",
    "é",
    "5s",
    "call_1",
    "end_turn",
    "refusal",
];

fn json_like() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<u64>().prop_map(|n| json!(n)),
        (0u64..4).prop_map(|n| json!(n)),
        any::<f64>().prop_map(|n| json!(n)),
        prop::sample::select(SAYINGS).prop_map(|s| json!(s)),
    ];
    leaf.prop_recursive(6, 64, 6, |inner| {
        let fields = prop::collection::vec((prop::sample::select(WORDS), inner.clone()), 0..7);
        prop_oneof![
            1 => prop::collection::vec(inner, 0..4).prop_map(Value::Array),
            3 => fields.prop_map(|f| Value::Object(f.into_iter().map(|(k, v)| (k.to_owned(), v)).collect::<Map<_, _>>())),
        ]
    })
}

fn framed(dialect: Dialect, values: &[Value]) -> String {
    let lines = dialect == Dialect::Ollama;
    values.iter().map(|v| if lines { format!("{v}\n") } else { format!("data: {v}\n\n") }).collect()
}

#[test]
fn what_is_not_the_dialect_is_broken_and_nothing_at_all_is_truncated() {
    for dialect in Dialect::ALL {
        let garbage = if dialect == Dialect::Ollama { "<html>\n" } else { "data: <html>\n\n" };
        assert_eq!(streamed(dialect, garbage).kind(), Some(Kind::Broken), "{}", dialect.name());
        assert_eq!(streamed(dialect, "").kind(), Some(Kind::Truncated), "{}", dialect.name());
        for body in ["", "<html>", "{}", "[]", "null", "7", "\"text\""] {
            let failure = wire(dialect).read_reply(body.as_bytes()).unwrap_err();
            assert_eq!(failure.kind, Kind::Broken, "{} {body}", dialect.name());
        }
    }
}

#[test]
fn what_came_before_a_failure_is_told_first() {
    let mut long = b"data: {\"id\":\"1\",\"choices\":[{\"delta\":{\"content\":\"4\"}}]}\n\ndata: ".to_vec();
    long.resize(long.len() + (33 << 20), b'x');
    let told = pieces(Dialect::OpenAiChat, &long, &[usize::MAX]);
    assert_eq!((told.kind(), told.fold().text().as_str()), (Some(Kind::Broken), "4"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_bytes_are_taken(bytes in prop::collection::vec(any::<u8>(), 0..200), size in 1usize..50) {
        for dialect in Dialect::ALL {
            assert_well_formed(&pieces(dialect, &bytes, &[size]));
            let _ = wire(dialect).read_reply(&bytes);
            let _ = wire(dialect).read_error(&bytes);
        }
    }

    #[test]
    fn any_json_gives_well_formed_events_in_any_chunking(
        values in prop::collection::vec(json_like(), 1..8), sizes in prop::collection::vec(1usize..40, 1..5),
    ) {
        for dialect in Dialect::ALL {
            let text = framed(dialect, &values);
            let (whole, cut) = (streamed(dialect, &text), pieces(dialect, text.as_bytes(), &sizes));
            assert_well_formed(&whole);
            prop_assert_eq!(whole.events, cut.events);
            prop_assert_eq!(whole.failure, cut.failure);
            for value in &values {
                let bytes = value.to_string();
                let _ = wire(dialect).read_error(bytes.as_bytes());
                if let Ok(events) = wire(dialect).read_reply(bytes.as_bytes()) {
                    assert_well_formed(&Told { events: named(events), failure: None });
                }
            }
        }
    }
}

/// The last of two members with one name counts, as in every JSON reader that the providers' own clients use.
#[test]
fn a_name_that_stands_twice_is_read_once() {
    let twice = [
        (
            Dialect::OpenAiChat,
            r#"{"choices":[{"index":0,"message":{"content":"first","content":"last"},"finish_reason":"stop"}]}"#,
        ),
        (
            Dialect::OpenAiResponses,
            r#"{"id":"r","status":"incomplete","status":"completed","output":[{"type":"message","role":"assistant",
                "content":[{"type":"output_text","text":"first","text":"last"}]}]}"#,
        ),
        (
            Dialect::AnthropicMessages,
            r#"{"type":"message","content":[{"type":"text","text":"first","text":"last"}],"stop_reason":"end_turn"}"#,
        ),
        (
            Dialect::Gemini,
            r#"{"candidates":[{"content":{"parts":[{"text":"first","text":"last"}]},"finishReason":"STOP"}]}"#,
        ),
        (Dialect::Ollama, r#"{"message":{"role":"assistant","content":"first","content":"last"},"done":true}"#),
    ];
    for (dialect, body) in twice {
        let events = wire(dialect).read_reply(body.as_bytes()).unwrap_or_else(|e| panic!("{dialect:?}: {e:?}"));
        let texts: Vec<&str> = events
            .iter()
            .filter_map(|e| if let Event::Text { text, .. } = e { Some(text.as_str()) } else { None })
            .collect();
        assert_eq!(texts, ["last"], "{dialect:?}: {events:?}");
    }
}
