//! The table is whole, roles resolve, prices match numbers worked out by hand.

mod feed;
mod layer;
mod listed;
mod overlay;
mod pin;
mod price;

use std::collections::HashSet;

use jiff::Timestamp;
use proptest::prelude::*;

use super::price::price as price_when;
use super::*;
use crate::model::{Control, Dialect, Effort, NanoUsd, Prices, Tier, Usage};

fn catalog() -> &'static Catalog {
    static AT: OnceLock<Catalog> = OnceLock::new();
    AT.get_or_init(|| row::parse(DATA, "2026-11-22").unwrap())
}

fn card(provider: &str, id: &str) -> &'static ModelCard {
    catalog().card(provider, id).unwrap_or_else(|| panic!("{provider}/{id} is missing"))
}

/// A working day's noon in Europe, at DeepSeek's peak no longer.
fn noon() -> When {
    When::plainly("2026-11-24T11:00:00Z".parse::<Timestamp>().unwrap())
}

/// What it costs at noon, in the plain service tier.
fn price(card: &ModelCard, usage: &Usage) -> Option<NanoUsd> {
    price_when(card, usage, &noon())
}

fn is_day(text: &str) -> bool {
    text.parse::<jiff::civil::Date>().is_ok() && text.len() == 10
}

#[test]
fn every_entry_has_a_maker_a_date_and_a_source() {
    assert_eq!(catalog().all().count(), 453);
    for entry in &catalog().entries {
        let key = format!("{}/{}", entry.card.provider, entry.card.id);
        assert!(!entry.card.maker.0.is_empty() && entry.card.maker.0 != UNKNOWN, "{key}: maker");
        let told = catalog().provenance(&entry.card.provider, &entry.card.id).unwrap();
        assert!(!told.source.is_empty(), "{key}: source");
        assert!(is_day(told.as_of), "{key}: date");
        assert!(told.checked.is_none_or(is_day), "{key}: checked");
        assert!(entry.card.shutdown.as_deref().is_none_or(is_day), "{key}: shutdown");
    }
    assert!(is_day(catalog().as_of()));
    let (day, basis) = catalog().ranked();
    assert!(is_day(day) && !basis.is_empty());
}

#[test]
fn the_makers_in_the_table_are_those_their_names_tell() {
    for card in catalog().all() {
        if let Some(named) = named_maker(&card.id) {
            assert_eq!(named, card.maker, "{}/{}", card.provider, card.id);
        }
    }
}

#[test]
fn every_row_names_a_dialect_that_somebody_speaks() {
    let table: serde_json::Value = serde_json::from_str(DATA).unwrap();
    for row in table["models"].as_array().unwrap() {
        let dialects = row["dialects"].as_array().unwrap();
        assert!(!dialects.is_empty(), "{row}");
        for dialect in dialects.iter().map(|d| d.as_str().unwrap()) {
            assert!(Dialect::parse(dialect).is_some() || dialect == "cohere-v2", "{dialect}");
        }
    }
    for card in catalog().all().filter(|c| crate::providers::provider(&c.provider).is_some()) {
        assert!(!card.dialects.is_empty(), "{} cannot be spoken to", card.id);
    }
}

#[test]
fn no_name_stands_for_two_models_of_one_provider() {
    for provider in catalog().all().map(|c| c.provider.as_str()).collect::<HashSet<_>>() {
        let mut seen = HashSet::new();
        for card in catalog().of(provider) {
            for name in std::iter::once(&card.id).chain(&card.aliases) {
                assert!(seen.insert(name), "{provider} has {name} twice");
            }
        }
    }
}

#[test]
fn every_role_has_models_that_exist_are_priced_and_come_from_three_makers() {
    for role in Role::ALL {
        let cards = catalog().role(role);
        assert!(cards.len() >= 5, "{role} is short: a key in the list names no model");
        let makers: HashSet<_> = cards.iter().map(|c| &c.maker).collect();
        assert!(makers.len() >= 3, "{role}");
        for card in &cards {
            assert!(price(card, &Usage { input: 1000, output: 1000, ..Usage::default() }).is_some(), "{}", card.id);
            assert!(card.shutdown.is_none(), "{role} recommends {} which is being shut down", card.id);
            assert!(!card.dialects.is_empty(), "{} cannot be spoken to", card.id);
        }
        assert_eq!(Role::parse(role.name()), Some(role));
        let (first, second) = different(&cards).unwrap();
        assert_eq!(first, cards[0]);
        assert_ne!(first.maker, second.maker);
    }
    assert!(catalog().role(Role::Long).iter().all(|c| c.context >= Some(1_000_000)));
    assert_eq!(Role::parse("cheap"), None);
}

#[test]
fn a_model_is_found_by_id_and_by_alias_and_only_at_its_provider() {
    assert_eq!(card("anthropic", "claude-haiku-4-5-20251001").id, "claude-haiku-4-5");
    assert!(catalog().card("openai", "claude-haiku-4-5").is_none());
    assert!(catalog().card("nobody", "gpt-5.5").is_none());
    let everywhere: Vec<&str> = catalog().by_id("gpt-5.5").iter().map(|c| c.provider.as_str()).collect();
    assert!(everywhere.contains(&"openai") && everywhere.contains(&"azure"), "{everywhere:?}");
    assert!(catalog().by_id("no-such-model").is_empty());
    assert_eq!(catalog().of("deepseek").count(), 3);
    assert!(catalog().of("openrouter").all(|c| c.id.contains('/')));
    assert!(catalog().of("github").next().is_none(), "no source here knows what GitHub charges");
    assert!(catalog().of("huggingface").all(|c| c.id.contains(':')), "only who serves it says what it costs");
}

#[test]
fn a_card_says_what_the_documents_say() {
    let opus = card("anthropic", "claude-opus-5-5");
    assert_eq!(opus.reasoning.control, Control::Adaptive);
    assert_eq!(opus.reasoning.default_effort, Some(Effort::Medium));
    assert!(opus.reasoning.always_on);
    assert_eq!(opus.sampling, Some(false));
    assert_eq!(card("anthropic", "claude-sonnet-5-5").reasoning.off.as_deref(), Some("between_tools"));
    assert_eq!(card("openai", "gpt-5.5-pro").dialects, [Dialect::OpenAiResponses]);
    assert_eq!(card("openai", "gpt-5-pro").reasoning.efforts, [Effort::High]);
    assert_eq!(card("deepseek", "deepseek-flash").reasoning.control, Control::SwitchAndEffort);
    assert_eq!(card("openai", "gpt-4.1").reasoning.control, Control::None);
    // A dialect that this program does not speak is left out, the others stay.
    assert_eq!(card("cohere", "command-a-03-2025").dialects, [Dialect::OpenAiChat]);
    assert_eq!(card("xai", "grok-4.5").dialects, [Dialect::OpenAiChat, Dialect::OpenAiResponses, Dialect::XaiGrpc]);
}

#[test]
fn prices_match_numbers_worked_out_by_hand() {
    // Sonnet 5.5: 2 in, 10 out, 0.1 cache read, per million: 1000*2 + 500*10 + 10000*0.1 = 8000 micro-dollars.
    let usage = Usage { input: 1000, output: 500, cache_read: 10_000, ..Usage::default() };
    assert_eq!(price(card("anthropic", "claude-sonnet-5-5"), &usage), Some(NanoUsd(8_000_000)));
    // Fable 5: writes at 12.5 (5 minutes) and 20 (1 hour): 400*12.5 + 100*20 = 7000 micro-dollars.
    let writes = Usage { cache_write_short: 400, cache_write_long: 100, ..Usage::default() };
    assert_eq!(price(card("anthropic", "claude-fable-5"), &writes), Some(NanoUsd(7_000_000)));
    // One token of deepseek-flash read from cache: 0.006 dollars a million = 6 nano-dollars, at the peak.
    let one = Usage { cache_read: 1, ..Usage::default() };
    assert_eq!(most(card("deepseek", "deepseek-flash"), &one), Some(NanoUsd(6)));
}

#[test]
fn a_long_prompt_moves_the_whole_request_to_the_dearer_tier_and_cached_tokens_count_for_it() {
    // Haiku 5.5: 0.1 / 0.5 up to 100,000 prompt tokens, 0.5 / 2.5 above, cache read 0.01 and 0.05.
    let haiku = card("anthropic", "claude-haiku-5-5");
    let at = Usage { input: 100_000, output: 1000, ..Usage::default() };
    assert_eq!(price(haiku, &at), Some(NanoUsd(10_500_000)));
    let above = Usage { input: 60_000, cache_read: 40_001, output: 1000, ..Usage::default() };
    // 60000*0.5 + 40001*0.05 + 1000*2.5 = 30000 + 2000.05 + 2500 micro-dollars
    assert_eq!(price(haiku, &above), Some(NanoUsd(34_500_050)));
}

fn priced(prices: Prices) -> ModelCard {
    let mut card = ModelCard::unknown("x", "m", Maker("x".into()), Vec::new());
    card.prices = Some(prices);
    card
}

use crate::model::Maker;

#[test]
fn rounding_is_half_up_and_happens_once() {
    // A price of half a nano-dollar a token: 1 token rounds up, 2 make one, 3 round up to two.
    let card = priced(Prices { input: Some(500_000), output: Some(500_000), ..Prices::default() });
    for (tokens, nano) in [(1, 1), (2, 1), (3, 2)] {
        assert_eq!(price(&card, &Usage { input: tokens, ..Usage::default() }), Some(NanoUsd(nano)));
    }
    // Two halves are one, not two: the sum is rounded, not the parts.
    assert_eq!(price(&card, &Usage { input: 1, output: 1, ..Usage::default() }), Some(NanoUsd(1)));
}

#[test]
fn an_unknown_price_is_never_free() {
    let usage = Usage { input: 10, output: 10, ..Usage::default() };
    let unpriced = ModelCard::unknown("x", "m", Maker("x".into()), Vec::new());
    assert_eq!(price(&unpriced, &usage), None);
    assert_eq!(price(&unpriced, &Usage::default()), None);
    let half = priced(Prices { input: Some(1_000_000), ..Prices::default() });
    assert_eq!(price(&half, &usage), None);
    assert_eq!(price(&half, &Usage { input: 10, ..Usage::default() }), Some(NanoUsd(10)));
    assert_eq!(price(card("cohere", "command-a-plus-05-2026"), &usage), None);
    // Beyond 256k this row bills reasoning apart, which a card cannot say.
    let long = Usage { input: 300_000, output: 10, ..Usage::default() };
    assert_eq!(price(card("qwen", "qwen-plus-latest"), &long), None);
}

#[test]
fn a_missing_cache_price_counts_as_input_within_its_own_tier() {
    let mut card = priced(Prices { input: Some(2_000_000), cache_read: Some(100_000), ..Prices::default() });
    card.tiers = vec![Tier { above_input_tokens: 100, prices: Prices { input: Some(4_000_000), ..Prices::default() } }];
    let read = |n| Usage { cache_read: n, ..Usage::default() };
    assert_eq!(price(&card, &read(100)), Some(NanoUsd(10)));
    assert_eq!(price(&card, &read(101)), Some(NanoUsd(404)));
    let long = Usage { cache_write_long: 10, ..Usage::default() };
    assert_eq!(price(&card, &long), Some(NanoUsd(20)));
}

#[test]
fn a_model_on_this_machine_costs_nothing_and_is_known_to() {
    let mut card = ModelCard::unknown("ollama", "qwen3", Maker("alibaba".into()), Vec::new());
    card.local = true;
    assert_eq!(price(&card, &Usage { input: 1, ..Usage::default() }), Some(NanoUsd(0)));
}

#[test]
fn makers_are_told_from_the_names_that_local_servers_and_routers_use() {
    for (name, maker) in [
        ("qwen2.5-coder:7b", "alibaba"),
        ("bartowski/Qwen2.5-Coder-1.5B-GGUF", "alibaba"),
        ("llama3.2:latest", "meta"),
        ("gemma3n:e4b", "google"),
        ("anthropic/claude-sonnet-5.5", "anthropic"),
        ("gpt-oss:20b", "openai"),
        ("o3", "openai"),
        ("o4-mini", "openai"),
        ("deepseek-r1-distill-qwen-7b", "deepseek"),
        ("phi4-mini", "microsoft"),
        ("x-ai/grok-4.6", "xai"),
        ("SmolLM2-135M-Instruct", "huggingface"),
        ("granite3.3:8b", "ibm"),
        ("mistral-small", "mistral"),
        ("moonshotai/kimi-k3", "moonshot"),
        ("z-ai/glm-5.3", "zhipu"),
    ] {
        assert_eq!(named_maker(name).map(|m| m.0).as_deref(), Some(maker), "{name}");
    }
    for nameless in ["", "my-finetune", "coder-1.5b", "ollama-thing", "o", "o99", "///"] {
        assert_eq!(named_maker(nameless), None, "{nameless}");
    }
    assert_eq!(maker_of("openai", "my-finetune").0, "openai");
    assert_eq!(maker_of("ollama", "my-finetune").0, UNKNOWN);
    assert_eq!(maker_of("openai", "qwen3").0, "alibaba");
}

#[test]
fn two_models_of_unknown_makers_are_not_called_different() {
    let make = |maker: &str| ModelCard::unknown("x", maker, Maker(maker.into()), Vec::new());
    let (a, b, c) = (make("unknown"), make("meta"), make("alibaba"));
    assert_eq!(different(&[&a, &b, &b]), None);
    assert_eq!(different(&[&a, &b, &b, &c]), Some((&b, &c)));
    assert_eq!(different(&[]), None);
}

#[test]
fn a_mistyped_name_finds_the_right_one_first() {
    for (typed, meant) in [
        ("claude-sonet-5-5", "claude-sonnet-5-5"),
        ("gpt5.5", "gpt-5.5"),
        ("gemini-4-agron", "gemini-4-argon"),
        ("Claude-Opus-5-5", "claude-opus-5-5"),
        ("deepseek-flsh", "deepseek-flash"),
    ] {
        assert_eq!(catalog().nearest(typed).first().map(String::as_str), Some(meant), "{typed}");
    }
    assert!(catalog().nearest("haiku").contains(&"claude-haiku-5-5".to_owned()));
    assert!(catalog().nearest("").is_empty());
    assert!(catalog().nearest("völlig-anderes-ding-ohne-sinn").is_empty());
}

proptest! {
    #[test]
    fn prices_never_overflow_and_never_fall_with_more_tokens(
        input in any::<u64>(), output in any::<u64>(), rate in 0..=u64::MAX, more in 0..1000u64,
    ) {
        let card = priced(Prices { input: Some(rate), output: Some(rate), ..Prices::default() });
        let less = price(&card, &Usage { input, output, ..Usage::default() });
        let greater = price(&card, &Usage { input: input.saturating_add(more), output, ..Usage::default() });
        if let (Some(a), Some(b)) = (less, greater) {
            prop_assert!(a <= b);
        }
    }

}

proptest! {
    // Each case holds a name against every name of the table.
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn names_of_any_kind_are_taken(name in ".{0,200}") {
        let _ = (named_maker(&name), catalog().nearest(&name), Role::parse(&name));
    }
}
