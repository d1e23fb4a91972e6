//! What an attempt used and cost.

use super::*;
use crate::catalog::{Catalog, Overlay, When};
use crate::client::meter::{ceiling, confirmed, cost, tokens, usage};
use crate::client::record::{counts, listed};
use crate::model::{Cost, CostSource, Count, CountSource, IN_WORDS, Kind, NanoUsd, Prices, Purpose, Request, Tier};
use crate::model::{Usage, UsageSource};
use crate::providers::Intent;

fn priced() -> ModelCard {
    let mut card = card("openai", "x");
    card.prices = Some(Prices {
        input: Some(2_000_000),
        output: Some(8_000_000),
        cache_read: Some(500_000),
        ..Prices::default()
    });
    card.tiers = vec![Tier {
        above_input_tokens: 1_000,
        prices: Prices { input: Some(4_000_000), output: Some(16_000_000), ..Prices::default() },
    }];
    card
}

fn bytes(prompt_bytes: usize) -> Intent {
    Intent { prompt_bytes, ..Intent::of(&Request::text("m", Purpose::Ask, ""), 0) }
}

fn used(input: u64, cache_read: u64, output: u64) -> Usage {
    Usage { input, cache_read, output, ..Usage::default() }
}

fn of(card: &ModelCard, usage: &Usage, source: UsageSource) -> Option<Cost> {
    cost(card, false, None, usage, source, &noon())
}

fn noon() -> When {
    When::plainly("2026-11-24T11:00:00Z".parse().unwrap())
}

#[test]
fn tokens_nobody_counted_are_guessed_from_bytes_and_marked() {
    assert_eq!((tokens(0), tokens(1), tokens(4), tokens(5)), (0, 1, 1, 2));
    assert_eq!(usage(None, true, 400, 41), (used(100, 0, 11), UsageSource::Estimated));
    let reported = used(1, 2, 3);
    assert_eq!(usage(Some(reported), true, 400, 41), (reported, UsageSource::Reported));
    let begun = used(100, 0, 1);
    let broken = usage(Some(begun), false, 400, 10_000);
    assert_eq!(
        broken,
        (used(100, 0, 2_500), UsageSource::Estimated),
        "what was counted before the words says nothing of them"
    );
    assert_eq!(usage(Some(reported), false, 400, 0).1, UsageSource::Reported, "nothing came: the count stands");
}

#[test]
fn a_cost_is_tokens_times_prices_and_says_how_it_is_known() {
    let amount = |n| NanoUsd(n);
    let computed = of(&priced(), &used(100, 200, 10), UsageSource::Reported);
    assert_eq!(computed, Some(Cost { amount: amount(200 + 100 + 80), source: CostSource::Computed }));
    let estimated = of(&priced(), &used(100, 0, 0), UsageSource::Estimated);
    assert_eq!(estimated, Some(Cost { amount: amount(200), source: CostSource::Estimated }));
    // Cached tokens count for the tier, and cost plain input there: it has no cache price of its own.
    let tier = of(&priced(), &used(900, 101, 1), UsageSource::Reported).unwrap();
    assert_eq!(tier.amount, amount(1_001 * 4 + 16));
}

#[test]
fn what_the_provider_charged_is_better_than_any_table() {
    let charged = Cost { amount: NanoUsd(7), source: CostSource::Reported };
    assert_eq!(cost(&priced(), false, Some(charged), &used(1, 0, 1), UsageSource::Reported, &noon()), Some(charged));
    assert_eq!(
        cost(&card("openrouter", "x"), false, Some(charged), &used(1, 0, 1), UsageSource::Estimated, &noon()),
        Some(charged)
    );
}

#[test]
fn what_was_charged_up_to_where_an_answer_broke_off_is_no_more_than_a_beginning() {
    let charged = Cost { amount: NanoUsd(7), source: CostSource::Reported };
    let broken = |used: &Usage| cost(&priced(), false, Some(charged), used, UsageSource::Estimated, &noon());
    assert_eq!(broken(&used(1, 0, 1_000)), Some(Cost { amount: NanoUsd(8_002), source: CostSource::Estimated }));
    assert_eq!(broken(&used(1, 0, 0)), Some(charged), "the beginning cost more than what is counted here");
}

#[test]
fn an_unpriced_model_is_never_shown_as_free_and_a_local_one_always() {
    assert_eq!(of(&card("openai", "x"), &used(1, 0, 1), UsageSource::Reported), None);
    let free = Cost { amount: NanoUsd(0), source: CostSource::Local };
    assert_eq!(cost(&card("ollama", "x"), true, None, &used(1, 0, 1), UsageSource::Reported, &noon()), Some(free));
    let mut half = card("openai", "x");
    half.prices = Some(Prices { input: Some(1), ..Prices::default() });
    assert_eq!(of(&half, &used(1, 0, 1), UsageSource::Reported), None, "one price of two is no price");
}

#[test]
fn sums_that_no_64_bits_hold_are_no_price_and_fractions_round_once() {
    let mut dear = card("openai", "x");
    dear.prices = Some(Prices { input: Some(u64::MAX), output: Some(u64::MAX), ..Prices::default() });
    assert_eq!(of(&dear, &used(u64::MAX, 0, u64::MAX), UsageSource::Reported), None);
    dear.prices = Some(Prices { input: Some(u64::MAX), output: Some(u64::MAX), ..Prices::default() });
    assert_eq!(of(&dear, &used(500_000, 0, 500_000), UsageSource::Reported).unwrap().amount, NanoUsd(u64::MAX));
    dear.prices = Some(Prices { input: Some(250_000), output: Some(250_000), ..Prices::default() });
    assert_eq!(of(&dear, &used(1, 0, 1), UsageSource::Reported).unwrap().amount, NanoUsd(1));
}

#[test]
fn the_ceiling_counts_every_byte_and_the_whole_output_limit() {
    assert_eq!(ceiling(&priced(), false, &bytes(400), Some(10)), Some(NanoUsd(200 * 2 + 10 * 8)));
    assert_eq!(ceiling(&priced(), false, &bytes(400), None), Some(NanoUsd(200 * 2 + 4_096 * 8)));
    // Vectors are no output.
    let vectors = Intent { vectors: true, ..bytes(400) };
    assert_eq!(ceiling(&priced(), false, &vectors, Some(4_096)), Some(NanoUsd(200 * 2)));
    assert_eq!(ceiling(&card("openai", "x"), false, &bytes(400), Some(10)), None);
    assert_eq!(ceiling(&card("ollama", "x"), true, &bytes(400), Some(10)), Some(NanoUsd(0)));
}

#[test]
fn the_ceiling_of_a_counted_prompt_is_its_count_and_a_little() {
    let counted = Intent { count: Some(Count { tokens: 96, source: CountSource::Provider }), ..bytes(400) };
    assert_eq!(ceiling(&priced(), false, &counted, Some(10)), Some(NanoUsd((96 + 3) * 2 + 10 * 8)));
}

#[test]
fn the_ceiling_takes_the_dearest_way_a_prompt_may_be_booked() {
    let mut card = priced();
    let prices = card.prices.as_mut().unwrap();
    (prices.cache_write, prices.cache_write_long) = (Some(2_500_000), Some(4_000_000));
    assert_eq!(
        ceiling(&card, false, &bytes(400), Some(10)),
        Some(NanoUsd(200 * 4 + 10 * 8)),
        "written to the long cache"
    );
    card.prices.as_mut().unwrap().cache_write_long = Some(1_000_000);
    assert_eq!(ceiling(&card, false, &bytes(400), Some(10)), Some(NanoUsd(200 * 25 / 10 + 10 * 8)), "to the short one");
    let mut odd = priced();
    odd.tiers[0].prices = Prices { input: Some(1_000_000), output: Some(1_000_000), ..Prices::default() };
    assert_eq!(
        ceiling(&odd, false, &bytes(4_000), Some(10)),
        Some(NanoUsd(2_000 * 2 + 10 * 8)),
        "nobody knows the tier yet"
    );
}

#[test]
fn a_prompt_that_was_taken_and_then_left_counts_and_a_refused_one_does_not() {
    let counts = |failure, status, known| counts(failure, status, known, false);
    for kind in [Kind::Truncated, Kind::TimedOut, Kind::Cancelled] {
        assert!(counts(Some(kind), Some(200), false), "{kind:?}");
        assert!(!counts(Some(kind), None, false), "{kind:?}: nothing was sent");
        assert!(!counts(Some(kind), Some(503), false), "{kind:?}");
    }
    assert!(!counts(Some(Kind::RateLimited), Some(200), false), "stated inside the answer: refused");
    assert!(counts(Some(Kind::RateLimited), Some(200), true), "after words had come");
    assert!(counts(None, Some(200), false));
    let sent = |kind, status| super::super::record::counts(Some(kind), status, false, true);
    assert!(sent(Kind::Cancelled, None) && sent(Kind::TimedOut, None), "sent, and left before a head came");
    assert!(!sent(Kind::Unreachable, None) && !sent(Kind::Cancelled, Some(503)));
    assert_eq!(usage(None, false, 400, 0), (used(100, 0, 0), UsageSource::Estimated), "then the prompt is guessed");
}

#[test]
fn whose_prices_made_a_cost_is_told_by_the_list_in_use() {
    let own = r#"[[model]]
        provider = "openai"
        id = "gpt-5.5"
        input = 1.0
        output = 2.0
    "#;
    let known = Catalog::embedded();
    assert!(listed(known, "openai", "gpt-5.5").unwrap().starts_with("catalog 20"));
    let overlay = Overlay::parse("models.toml", own, "2026-11-24").unwrap();
    let told = listed(&known.clone().with_overlay(&overlay), "openai", "gpt-5.5").unwrap();
    assert!(told.starts_with("overlay 2026-11-24, "), "{told}");
    assert_eq!(listed(known, "openai", "nothing-like-it"), None);
}

#[test]
fn reasoning_that_was_asked_for_is_confirmed_by_tokens_or_a_thought() {
    // reasoning.md, "Enforcement rules", 7.
    let of = |sent, reasoning, thought| confirmed(sent, &Usage { reasoning, ..Usage::default() }, thought);
    assert_eq!(of(None, Some(9), true), None);
    assert_eq!((of(Some("none"), Some(9), false), of(Some("none"), Some(0), false)), (Some(false), Some(true)));
    assert_eq!((of(Some("none"), None, true), of(Some("none"), None, false)), (Some(false), None));
    assert_eq!(of(Some("low"), Some(9), false), Some(true));
    assert_eq!(of(Some("low"), Some(0), false), Some(false));
    assert_eq!(of(Some("low"), Some(0), true), Some(true));
    assert_eq!(of(Some("low"), None, false), None, "who does not count cannot confirm");
    // Asked for in words: what was thought stands in the answer.
    assert_eq!(of(Some(IN_WORDS), None, true), Some(true));
    assert_eq!(of(Some(IN_WORDS), None, false), Some(false));
}
