//! What endpoints say of money (openrouter.md, deepseek.md; the administration references of OpenAI and Anthropic).

use proptest::prelude::*;

use super::*;
use crate::providers::{Opens, Reading};

fn read(provider: &str, at: usize, body: &str) -> Option<Vec<Reading>> {
    (by_id(provider).balances()[at].read)(body.as_bytes(), NOW)
}

/// Name, unit, and what is used, left and at most.
type Numbers<'a> = (&'a str, &'a str, Option<u64>, Option<u64>, Option<u64>);

fn numbers(readings: &[Reading]) -> Vec<Numbers<'_>> {
    readings.iter().map(|r| (r.what.as_str(), r.unit.as_str(), r.used, r.left, r.ceiling)).collect()
}

const KEY: &str = r#"{"data":{"label":"sk-or-v1-au7…890","limit":100,"limit_remaining":74.5,"limit_reset":"weekly",
    "usage":25.5,"usage_daily":0.000001,"usage_weekly":2,"usage_monthly":25.5,"is_free_tier":false,
    "free_model_daily_requests":{"limit":50,"used":50,"remaining":0},"rate_limit":{"requests":-1}}}"#;

#[test]
fn openrouter_says_what_a_key_may_spend_and_has_spent() {
    let all = read("openrouter", 0, KEY).unwrap();
    assert_eq!(
        numbers(&all),
        [
            ("key limit", "usd", Some(25_500_000_000), Some(74_500_000_000), Some(100_000_000_000)),
            ("spent today (UTC)", "usd", Some(1_000), None, None),
            ("spent this week (UTC)", "usd", Some(2_000_000_000), None, None),
            ("spent this month (UTC)", "usd", Some(25_500_000_000), None, None),
            ("free models", "requests", Some(50), Some(0), Some(50)),
        ]
    );
    // A Sunday: the week ends at midnight, and so does the day.
    let midnight = Some((NOW + 17 * 3_600) * 1_000);
    assert_eq!((all[0].reset_ms, all[4].reset_ms), (midnight, midnight));
}

#[test]
fn a_key_without_a_limit_has_none_and_not_zero() {
    let body = r#"{"data":{"limit":null,"limit_remaining":null,"limit_reset":null,"usage":0,"is_free_tier":true}}"#;
    let all = read("openrouter", 0, body).unwrap();
    assert_eq!(numbers(&all), [("key limit", "usd", Some(0), None, None)]);
    assert_eq!(all[0].note.as_deref(), Some("free tier"));
    assert_eq!(read("openrouter", 0, r#"{"data":{"limit":null,"usage":1}}"#).unwrap()[0].reset_ms, None);
}

#[test]
fn credits_are_asked_for_only_with_a_key_that_manages() {
    let key = &by_id("openrouter").balances()[0];
    let (may, credits) = key.then.unwrap();
    assert!(!may(KEY.as_bytes()) && !may(b"x"));
    assert!(may(br#"{"data":{"is_management_key":true}}"#));
    assert!(may(br#"{"data":{"is_provisioning_key":true}}"#));
    let said = (credits.read)(br#"{"data":{"total_credits":110.5,"total_usage":120}}"#, NOW).unwrap();
    let told = ("credits", "usd", Some(120_000_000_000), Some(0), Some(110_500_000_000));
    assert_eq!(numbers(&said), [told], "more used than there was is nothing left");
}

#[test]
fn deepseek_counts_in_several_currencies_and_in_words() {
    let body = r#"{"is_available":true,"balance_infos":[
        {"currency":"CNY","total_balance":"110.00","granted_balance":"10.00","topped_up_balance":"100.00"},
        {"currency":"USD","total_balance":"0.07","granted_balance":"0","topped_up_balance":"0.07"}]}"#;
    let all = read("deepseek", 0, body).unwrap();
    assert_eq!(
        numbers(&all),
        [("balance", "cny", None, Some(110_000_000_000), None), ("balance", "usd", None, Some(70_000_000), None)]
    );
    assert!(all.iter().all(|r| !r.barred));
    let gone = r#"{"is_available":false,"balance_infos":[{"currency":"USD","total_balance":"-0.02"}]}"#;
    let all = read("deepseek", 0, gone).unwrap();
    assert_eq!((all[0].left, all[0].barred), (Some(0), true));
    let odd = r#"{"is_available":true,"balance_infos":[{"currency":"USD","total_balance":"a lot"}]}"#;
    assert_eq!(read("deepseek", 0, odd).unwrap()[0].left, None, "unknown is not zero");
}

#[test]
fn what_an_organisation_spent_is_the_sum_of_all_buckets() {
    let openai = r#"{"object":"page","data":[
        {"object":"bucket","results":[{"amount":{"value":0.06,"currency":"usd"},"line_item":null},
                                      {"amount":{"value":1.1,"currency":"usd"},"line_item":"x"}]},
        {"object":"bucket","results":[]},
        {"object":"bucket","results":[{"amount":{"value":3e-7,"currency":"usd"}}]}],"has_more":false}"#;
    let all = read("openai", 0, openai).unwrap();
    assert_eq!((all.len(), all[0].used, all[0].left, all[0].note.clone()), (1, Some(1_160_000_300), None, None));
    let anthropic = r#"{"data":[{"results":[{"amount":"123.45","currency":"USD"},{"amount":"0.5","currency":"USD"}]}],
        "has_more":true}"#;
    let all = read("anthropic", 0, anthropic).unwrap();
    assert_eq!(all[0].used, Some(1_239_500_000), "cents");
    assert!(all[0].note.as_ref().unwrap().starts_with("at least"));
    let usage = r#"{"data":[{"results":[{"uncached_input_tokens":1500,"cache_creation":{"ephemeral_1h_input_tokens":1000,
        "ephemeral_5m_input_tokens":500},"cache_read_input_tokens":200,"output_tokens":500}]}],"has_more":false}"#;
    let all = read("anthropic", 1, usage).unwrap();
    assert_eq!((all[0].used, all[1].used), (Some(3_200), Some(500)));
    let unread = r#"{"data":[{"results":[{"amount":{"value":"much","currency":"usd"}}]}]}"#;
    assert_eq!(read("openai", 0, unread), None, "what cannot be read is not left out of a sum");
}

#[test]
fn each_endpoint_is_where_its_document_says_and_takes_the_key_it_names() {
    let month = "2026-11-01T00:00:00Z".parse::<jiff::Timestamp>().unwrap().as_second();
    for (provider, at, opens, url) in [
        ("openrouter", 0, Opens::Key, "https://openrouter.ai/api/v1/key".to_owned()),
        ("deepseek", 0, Opens::Key, "https://api.deepseek.com/user/balance".to_owned()),
        (
            "openai",
            0,
            Opens::Admin,
            format!("https://api.openai.com/v1/organization/costs?start_time={month}&bucket_width=1d&limit=31"),
        ),
        (
            "anthropic",
            0,
            Opens::Admin,
            "https://api.anthropic.com/v1/organizations/cost_report?starting_at=2026-11-01T00:00:00Z&bucket_width=1d&limit=31"
                .to_owned(),
        ),
    ] {
        let balance = &by_id(provider).balances()[at];
        assert_eq!(((balance.url)(&upstream(provider), NOW), balance.opens), (url, opens), "{provider}");
    }
    for id in ["gemini", "xai", "github", "huggingface", "ollama", "lmstudio", "generic"] {
        assert!(by_id(id).balances().is_empty(), "{id}: no documented endpoint, so none is asked");
    }
    let versioned = Upstream::at("d", "deepseek", "https://api.deepseek.com/v1");
    assert_eq!((by_id("deepseek").balances()[0].url)(&versioned, NOW), "https://api.deepseek.com/user/balance");
}

#[test]
fn garbage_is_no_balance() {
    for provider in ["openrouter", "deepseek", "openai", "anthropic"] {
        for at in 0..by_id(provider).balances().len() {
            for body in ["", "x", "null", "[]", "{}", "<html>", r#"{"data":null}"#, r#"{"data":{}}"#, r#"{"error":{}}"#]
            {
                assert_eq!(read(provider, at, body), None, "{provider} {body}");
            }
        }
    }
}

proptest! {
    #[test]
    fn an_amount_is_read_to_the_last_billionth(whole in 0..9_000_000_000_u64, nano in 0..1_000_000_000_u64) {
        let body = format!(r#"{{"is_available":true,"balance_infos":[{{"currency":"USD","total_balance":"{whole}.{nano:09}"}}]}}"#);
        let read = read("deepseek", 0, &body).unwrap();
        prop_assert_eq!(read[0].left, Some(whole * 1_000_000_000 + nano));
    }

    #[test]
    fn any_number_is_an_amount_or_unknown(
        text in prop_oneof!["[0-9.eE+-]{0,80}", "\\PC{0,20}", any::<f64>().prop_map(|n| n.to_string())],
        number in any::<f64>(),
        now in any::<i64>(),
    ) {
        let text = serde_json::Value::from(text);
        let info = serde_json::json!({ "is_available": true, "balance_infos": [
            { "currency": "USD", "total_balance": text }, { "currency": "CNY", "total_balance": number }] });
        for balance in ["openrouter", "deepseek", "openai", "anthropic"].iter().flat_map(|id| by_id(id).balances()) {
            let said = (balance.read)(info.to_string().as_bytes(), now).unwrap_or_default();
            prop_assert!(said.iter().all(|r| r.left.is_none_or(|n| i64::try_from(n).is_ok())));
            prop_assert!((balance.url)(&upstream("openai"), now).starts_with("https://"));
        }
        let key = serde_json::json!({ "data": { "usage": number, "limit": text, "limit_reset": "monthly" } });
        drop((by_id("openrouter").balances()[0].read)(key.to_string().as_bytes(), now));
    }
}
