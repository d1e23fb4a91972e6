//! What counters of this field get wrong: cached tokens counted twice, the first event's usage forgotten, thoughts
//! beside the answer, tiers and charges unread.

use proptest::prelude::*;

use super::*;
use crate::model::{Cost, CostSource, NanoUsd, Service};

const CHAT: Dialect = Dialect::OpenAiChat;
const RESPONSES: Dialect = Dialect::OpenAiResponses;
const MESSAGES: Dialect = Dialect::AnthropicMessages;
const GEMINI: Dialect = Dialect::Gemini;

fn chat(more: &Value) -> Value {
    let mut reply = json!({ "id": "1", "model": "m", "choices": [{ "index": 0, "message": { "content": "4" },
        "finish_reason": "stop" }] });
    reply.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    reply
}

fn responses(more: &Value) -> Value {
    let mut reply = json!({ "id": "resp_1", "model": "m", "status": "completed", "output": [{ "type": "message",
        "content": [{ "type": "output_text", "text": "4" }] }] });
    reply.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    reply
}

fn messages(usage: &Value) -> Value {
    json!({ "id": "msg_1", "model": "m", "content": [{ "type": "text", "text": "4" }], "stop_reason": "end_turn",
        "usage": usage })
}

fn gemini(usage: &Value) -> Value {
    json!({ "candidates": [{ "content": { "parts": [{ "text": "4" }] }, "finishReason": "STOP" }], "usageMetadata": usage })
}

fn charged(usage: &Value) -> Option<u64> {
    let cost: Cost = plain(CHAT, &chat(&json!({ "usage": usage }))).fold().charged?;
    assert_eq!(cost.source, CostSource::Reported);
    Some(cost.amount.0)
}

#[test]
fn what_was_charged_is_read_where_the_body_had_to_be_mended() {
    let body = r#"{"id":"a","model":"m","x":1e400,"choices":[{"index":0,"message":{"role":"assistant","content":"a"},
        "finish_reason":"stop"}],"usage":{"prompt_tokens":5,"completion_tokens":2,"cost":0.00012345678901234567890}}"#;
    let events = wire(Dialect::OpenAiChat).read_reply(body.as_bytes()).unwrap();
    let told = Told { events, failure: None };
    assert_eq!(told.fold().charged.map(|cost| cost.amount), Some(NanoUsd(123_457)));
}

#[test]
fn the_service_tier_is_read_where_each_dialect_names_it() {
    let tier = |dialect, reply: &Value| plain(dialect, reply).fold().service;
    for (word, service) in [
        ("default", Service::Standard),
        ("auto", Service::Standard),
        ("flex", Service::Flex),
        ("priority", Service::Priority),
        ("scale", Service::Other),
    ] {
        assert_eq!(tier(CHAT, &chat(&json!({ "service_tier": word }))), Some(service), "{word}");
        assert_eq!(tier(RESPONSES, &responses(&json!({ "service_tier": word }))), Some(service), "{word}");
    }
    // anthropic-messages.md, "Response": the tier and the speed stand in the usage.
    assert_eq!(tier(MESSAGES, &messages(&json!({ "service_tier": "batch" }))), Some(Service::Batch));
    assert_eq!(
        tier(MESSAGES, &messages(&json!({ "service_tier": "standard", "speed": "fast" }))),
        Some(Service::Fast),
        "speed has its own price"
    );
    assert_eq!(
        tier(MESSAGES, &messages(&json!({ "service_tier": "standard", "speed": "standard" }))),
        Some(Service::Standard)
    );
    // gemini.md, "Response".
    assert_eq!(tier(GEMINI, &gemini(&json!({ "serviceTier": "FLEX" }))), Some(Service::Flex));
    for (dialect, silent) in [
        (CHAT, chat(&json!({ "service_tier": null }))),
        (RESPONSES, responses(&json!({}))),
        (MESSAGES, messages(&json!({ "output_tokens": 1 }))),
        (GEMINI, gemini(&json!({ "serviceTier": "" }))),
    ] {
        assert_eq!(tier(dialect, &silent), None);
    }
}

#[test]
fn a_stream_that_names_its_tier_late_is_believed() {
    let chunk = |tier: Value| {
        json!({ "id": "1", "choices": [{ "index": 0, "delta": { "content": "4" }, "finish_reason": "stop" }],
            "service_tier": tier })
    };
    let told = streamed(CHAT, &sse(&[chunk(Value::Null), chunk(json!("default")), chunk(json!("flex"))]));
    assert_eq!(told.fold().service, Some(Service::Flex));
}

#[test]
fn what_is_charged_for_a_key_of_ones_own_is_added_to_the_fee() {
    // openrouter.md, "Response additions".
    let usage =
        |own: Value| json!({ "cost": 0.0005, "is_byok": own, "cost_details": { "upstream_inference_cost": 0.01 } });
    assert_eq!(charged(&usage(json!(true))), Some(10_500_000));
    assert_eq!(charged(&usage(json!(false))), Some(500_000), "there the charge holds it already");
    assert_eq!(charged(&usage(Value::Null)), Some(500_000));
    assert_eq!(
        charged(&json!({ "cost": 0.0005, "is_byok": true, "cost_details": { "upstream_inference_cost": null } })),
        Some(500_000)
    );
    assert_eq!(charged(&json!({ "cost": 0 })), Some(0), "free is what the provider says");
}

#[test]
fn anthropics_answers_by_way_of_a_router_carry_the_charge_too() {
    let told = plain(MESSAGES, &messages(&json!({ "input_tokens": 1, "output_tokens": 1, "cost": 0.00014 })));
    assert_eq!(told.fold().charged, Some(Cost { amount: NanoUsd(140_000), source: CostSource::Reported }));
}

#[test]
fn what_was_written_to_the_longer_cache_is_told_apart() {
    // openai-responses.md, "Response".
    let usage = json!({ "input_tokens": 1000, "output_tokens": 5, "input_tokens_details": { "cached_tokens": 100,
        "cache_write_tokens": 300, "cache_write_tokens_details": { "ttl_30m_tokens": 200, "ttl_12h_tokens": 100 } } });
    let told = plain(RESPONSES, &responses(&json!({ "usage": usage })));
    assert_eq!(told.fold().usage, used([600, 100, 200, 100, 5], None));
}

#[test]
fn thoughts_beside_the_answer_are_counted_with_it() {
    // xai.md: the completion may leave them out; without a total only their number tells.
    let usage = json!({ "prompt_tokens": 10, "completion_tokens": 2, "completion_tokens_details": { "reasoning_tokens": 100 } });
    assert_eq!(plain(CHAT, &chat(&json!({ "usage": usage }))).fold().usage, used([10, 0, 0, 0, 102], Some(100)));
}

/// A stream whose usage comes at the beginning and in these later totals.
fn told_in_turns(start: &Value, totals: &[Value]) -> Fold {
    let mut events = vec![
        json!({ "type": "message_start", "message": { "id": "m", "model": "c", "content": [], "usage": start } }),
        json!({ "type": "content_block_start", "index": 0, "content_block": { "type": "text", "text": "" } }),
        json!({ "type": "content_block_delta", "index": 0, "delta": { "type": "text_delta", "text": "4" } }),
        json!({ "type": "content_block_stop", "index": 0 }),
    ];
    events.extend(
        totals
            .iter()
            .map(|usage| json!({ "type": "message_delta", "delta": { "stop_reason": "end_turn" }, "usage": usage })),
    );
    events.push(json!({ "type": "message_stop" }));
    streamed(MESSAGES, &typed_sse(&events)).fold()
}

proptest! {
    #[test]
    fn ticks_are_tenths_of_a_nano_dollar_rounded_once(ticks in any::<u64>()) {
        let exact = charged(&json!({ "cost_in_usd_ticks": ticks }));
        prop_assert_eq!(exact, Some(u64::try_from((u128::from(ticks) + 5) / 10).unwrap()));
    }

    #[test]
    fn dollars_are_exact_to_the_nano_dollar(nano in 0u64..4_000_000_000_000_000) {
        // As JSON writes it: the shortest decimal, read back as a double. Up to four million dollars nothing is lost.
        let text = format!("{}.{:09}", nano / 1_000_000_000, nano % 1_000_000_000);
        let usage: Value = serde_json::from_str(&format!("{{\"cost\":{text}}}")).unwrap();
        prop_assert_eq!(charged(&usage), Some(nano));
    }

    #[test]
    fn every_prompt_token_is_counted_once_where_cached_ones_are_included(
        prompt in 0u64..2_000_000, cached in 0u64..2_000_000, written in 0u64..2_000_000, output in 0u64..200_000,
    ) {
        let usage = json!({ "prompt_tokens": prompt, "completion_tokens": output, "total_tokens": prompt + output,
            "prompt_tokens_details": { "cached_tokens": cached, "cache_write_tokens": written } });
        let of = |told: Told| told.fold().usage.unwrap();
        let chat = of(plain(CHAT, &chat(&json!({ "usage": usage }))));
        prop_assert_eq!((chat.prompt(), chat.output), (prompt, output));
        prop_assert_eq!(chat.cache_read, cached.min(prompt));
        let usage = json!({ "promptTokenCount": prompt, "cachedContentTokenCount": cached, "candidatesTokenCount": output });
        let gemini = of(plain(GEMINI, &gemini(&usage)));
        prop_assert_eq!((gemini.prompt(), gemini.output), (prompt, output));
    }

    #[test]
    fn where_cached_tokens_stand_apart_they_are_added_once(
        input in 0u64..2_000_000, read in 0u64..2_000_000, short in 0u64..1_000_000, long in 0u64..1_000_000,
    ) {
        let usage = json!({ "input_tokens": input, "cache_read_input_tokens": read, "output_tokens": 1,
            "cache_creation_input_tokens": short + long,
            "cache_creation": { "ephemeral_5m_input_tokens": short, "ephemeral_1h_input_tokens": long } });
        let usage = plain(MESSAGES, &messages(&usage)).fold().usage;
        prop_assert_eq!(usage, used([input, read, short, long, 1], None));
    }

    #[test]
    fn what_the_first_event_counted_is_kept_whatever_later_totals_leave_out(
        input in 1u64..100_000, read in 0u64..100_000, written in 0u64..100_000,
        outputs in prop::collection::vec(1u64..100_000, 1..5), repeats in any::<[bool; 3]>(),
    ) {
        let start = json!({ "input_tokens": input, "cache_read_input_tokens": read,
            "cache_creation_input_tokens": written, "output_tokens": 1 });
        let or_null = |said: bool, n: u64| if said { json!(n) } else { Value::Null };
        let totals: Vec<Value> = outputs.iter().map(|output| json!({ "output_tokens": output,
            "input_tokens": or_null(repeats[0], input), "cache_read_input_tokens": or_null(repeats[1], read),
            "cache_creation_input_tokens": or_null(repeats[2], written) })).collect();
        // Totals replace: the last one holds, and what is null there holds from before.
        let last = *outputs.last().unwrap();
        prop_assert_eq!(told_in_turns(&start, &totals).usage, used([input, read, written, 0, last], None));
    }
}
