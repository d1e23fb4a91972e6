//! Moments and service tiers, and the laws that every price follows.

use jiff::Timestamp;

use super::*;
use crate::catalog::price::{most, price};
use crate::model::{Dated, Offer, Service};

fn at(text: &str) -> When {
    When::plainly(text.parse::<Timestamp>().unwrap())
}

fn served(service: Service) -> When {
    When { service: Some(service), ..at("2026-11-24T11:00:00Z") }
}

const MILLION: u64 = 1_000_000;

fn input(tokens: u64) -> Usage {
    Usage { input: tokens, ..Usage::default() }
}

fn usd(dollars: f64) -> Option<NanoUsd> {
    NanoUsd::from_dollars(dollars)
}

#[test]
fn an_announced_price_applies_from_its_day_on_whenever_the_program_started() {
    let argon = card("gemini", "gemini-4-argon");
    assert_eq!(price(argon, &input(MILLION), &at("2026-11-30T23:59:59Z")), usd(2.0));
    assert_eq!(price(argon, &input(MILLION), &at("2026-12-01T00:00:00Z")), usd(4.0));
    let later = row::parse(DATA, "2027-01-01").unwrap();
    let argon = later.card("gemini", "gemini-4-argon").unwrap();
    assert_eq!(argon.prices.unwrap().input, Some(4_000_000_000), "the list shows what holds");
    assert_eq!(price(argon, &input(MILLION), &at("2026-11-30T12:00:00Z")), usd(2.0), "what was used before cost less");
}

#[test]
fn after_an_announced_change_nothing_is_known_of_service_tiers() {
    let argon = card("gemini", "gemini-4-argon");
    let flex = |day: &str| When { service: Some(Service::Flex), ..at(day) };
    assert_eq!(price(argon, &input(MILLION), &flex("2026-11-24T11:00:00Z")), usd(1.0));
    assert_eq!(price(argon, &input(MILLION), &flex("2026-12-24T11:00:00Z")), None);
}

#[test]
fn deepseek_costs_half_outside_its_peak() {
    // Peak: Monday to Friday 01:00-04:00 and 06:00-10:00 UTC. 2026-11-24 is a Tuesday.
    let flash = card("deepseek", "deepseek-flash");
    let used = Usage { input: MILLION, cache_read: MILLION, output: MILLION, ..Usage::default() };
    let (peak, low) = (usd(0.3 + 0.006 + 1.2), usd(0.15 + 0.003 + 0.6));
    for (moment, cost) in [
        ("2026-11-24T00:59:59Z", low),
        ("2026-11-24T01:00:00Z", peak),
        ("2026-11-24T03:59:59Z", peak),
        ("2026-11-24T04:00:00Z", low),
        ("2026-11-24T05:59:59Z", low),
        ("2026-11-24T06:00:00Z", peak),
        ("2026-11-24T09:59:59Z", peak),
        ("2026-11-24T10:00:00Z", low),
        ("2026-11-24T23:59:59Z", low),
        ("2026-11-27T08:00:00Z", peak),
        ("2026-11-28T08:00:00Z", low),
        ("2026-11-29T02:00:00Z", low),
    ] {
        assert_eq!(price(flash, &used, &at(moment)), cost, "{moment}");
    }
    assert_eq!(most(flash, &used), peak, "a limit is held against the dear hours");
}

#[test]
fn another_service_tier_has_prices_of_its_own() {
    let sol = card("openai", "gpt-6-sol");
    let base = price(sol, &input(1000), &served(Service::Standard));
    assert_eq!(base, price(sol, &input(1000), &at("2026-11-24T11:00:00Z")));
    for (service, offer) in &sol.services {
        let Offer::Prices(own) = offer else { panic!("OpenAI has no factors") };
        let expected = own.input.map(|p| NanoUsd(p / 1000));
        assert_eq!(price(sol, &input(1000), &served(*service)), expected, "{service:?}");
        assert_ne!(price(sol, &input(1000), &served(*service)), base);
    }
    assert!(sol.services.len() >= 2, "{:?}", sol.services);
    assert_eq!(price(sol, &input(1000), &served(Service::Other)), None, "a tier nobody knows is unpriced");
}

#[test]
fn a_tier_given_as_a_factor_multiplies_whatever_applies() {
    // Opus 5: 5 in, 25 out, 0.5 cache read; fast costs twice that.
    let opus = card("anthropic", "claude-opus-5");
    let used = Usage { input: 1000, cache_read: 3000, output: 100, ..Usage::default() };
    let plain = price(opus, &used, &served(Service::Standard)).unwrap().0;
    assert_eq!(plain, 5_000_000 + 1_500_000 + 2_500_000);
    assert_eq!(price(opus, &used, &served(Service::Fast)), Some(NanoUsd(plain * 2)));
    assert_eq!(price(card("anthropic", "claude-sonnet-5-5"), &used, &served(Service::Fast)), None);
}

#[test]
fn a_service_tier_takes_no_price_of_another_kind_and_none_of_a_long_prompt() {
    // Batch at Anthropic has no price for an hour's cache in this list; the plain tier has one, so it is not 3.125.
    let opus = card("anthropic", "claude-opus-5");
    let long_cache = Usage { cache_write_long: 10, ..Usage::default() };
    assert_eq!(price(opus, &long_cache, &served(Service::Batch)), None);
    let short = Usage { cache_write_short: MILLION, ..Usage::default() };
    assert_eq!(price(opus, &short, &served(Service::Batch)), usd(3.125));
    let haiku = card("anthropic", "claude-haiku-5-5");
    assert_eq!(price(haiku, &input(100_000), &served(Service::Batch)), usd(0.005));
    assert_eq!(price(haiku, &input(100_001), &served(Service::Batch)), None);
}

#[test]
fn an_hour_in_the_cache_costs_more_than_five_minutes() {
    let sonnet = card("anthropic", "claude-sonnet-5-5");
    let short = Usage { cache_write_short: MILLION, ..Usage::default() };
    let long = Usage { cache_write_long: MILLION, ..Usage::default() };
    assert_eq!(price(sonnet, &short, &noon()), usd(2.5));
    assert_eq!(price(sonnet, &long, &noon()), usd(4.0));
}

fn any_card() -> impl Strategy<Value = &'static ModelCard> {
    (0usize..453).prop_map(|place| catalog().all().nth(place).unwrap())
}

fn any_usage() -> impl Strategy<Value = Usage> {
    let n = || prop_oneof![Just(0u64), 1u64..5000, 1u64..1_500_000];
    (n(), n(), n(), n(), n()).prop_map(|(input, cache_read, cache_write_short, cache_write_long, output)| Usage {
        input,
        cache_read,
        cache_write_short,
        cache_write_long,
        output,
        reasoning: Some(output / 2),
    })
}

fn any_moment() -> impl Strategy<Value = When> {
    // From November 2026 to March 2027, over the announced change.
    (1_793_500_000i64..1_804_500_000).prop_map(|s| When::plainly(Timestamp::from_second(s).unwrap()))
}

proptest! {
    #[test]
    fn the_parts_cost_what_the_whole_costs_within_one_rounding_each(
        card in any_card(), usage in any_usage(), when in any_moment(),
    ) {
        // Below every bound, so that the parts stand in the same tier as the whole.
        let small = |n: u64| n % 1500;
        let usage = Usage {
            input: small(usage.input), cache_read: small(usage.cache_read), output: usage.output,
            cache_write_short: small(usage.cache_write_short), cache_write_long: small(usage.cache_write_long),
            reasoning: None,
        };
        let alone = [
            Usage { input: usage.input, ..Usage::default() },
            Usage { cache_read: usage.cache_read, ..Usage::default() },
            Usage { cache_write_short: usage.cache_write_short, ..Usage::default() },
            Usage { cache_write_long: usage.cache_write_long, ..Usage::default() },
            Usage { output: usage.output, ..Usage::default() },
        ];
        let parts: Option<Vec<u64>> = alone.iter().map(|u| price(card, u, &when).map(|n| n.0)).collect();
        match (price(card, &usage, &when), parts) {
            (Some(whole), Some(parts)) => {
                let sum: u64 = parts.iter().sum();
                prop_assert!(whole.0.abs_diff(sum) <= 3, "{} and {}", whole.0, sum);
            }
            (whole, parts) => prop_assert!(whole.is_none() || parts.is_none()),
        }
    }

    #[test]
    fn one_token_more_never_costs_less(
        card in any_card(), usage in any_usage(), when in any_moment(), kind in 0usize..5,
    ) {
        let mut more = usage;
        *[&mut more.input, &mut more.cache_read, &mut more.cache_write_short, &mut more.cache_write_long, &mut more.output][kind] += 1;
        // A longer prompt may move the request to another tier; every tier here is at least as dear.
        if let (Some(less), Some(greater)) = (price(card, &usage, &when), price(card, &more, &when)) {
            prop_assert!(less <= greater);
        }
    }

    #[test]
    fn cached_tokens_are_counted_once(
        card in any_card(), fresh in 0u64..40_000, cached in 0u64..40_000, output in 0u64..5000, when in any_moment(),
    ) {
        // The same prompt costs no more for having been read from a cache, and never what both together would.
        let read = Usage { input: fresh, cache_read: cached, output, ..Usage::default() };
        let plain = Usage { input: fresh + cached, output, ..Usage::default() };
        prop_assert_eq!(read.prompt(), plain.prompt());
        if let (Some(read), Some(plain)) = (price(card, &read, &when), price(card, &plain, &when)) {
            prop_assert!(read <= plain, "{}/{}", card.provider, card.id);
        }
    }

    #[test]
    fn thoughts_are_a_part_of_what_was_said(card in any_card(), usage in any_usage(), when in any_moment()) {
        let silent = Usage { reasoning: None, ..usage };
        let all = Usage { reasoning: Some(usage.output), ..usage };
        prop_assert_eq!(price(card, &silent, &when), price(card, &all, &when));
    }

    #[test]
    fn the_bound_itself_is_below_it(above in 1u64..1_000_000, low in 1u64..1000, factor in 2u64..9, cached in 0u64..1_000_000) {
        let mut card = priced(Prices { input: Some(low * MILLION), ..Prices::default() });
        let prices = Prices { input: Some(low * factor * MILLION), ..Prices::default() };
        card.tiers = vec![Tier { above_input_tokens: above, prices }];
        let cached = cached.min(above);
        let used = |prompt: u64| Usage { input: prompt - cached, cache_read: cached, ..Usage::default() };
        prop_assert_eq!(price(&card, &used(above), &noon()), Some(NanoUsd(above * low)));
        prop_assert_eq!(price(&card, &used(above + 1), &noon()), Some(NanoUsd((above + 1) * low * factor)));
    }

    #[test]
    fn no_hour_costs_more_than_the_most(card in any_card(), usage in any_usage(), when in any_moment()) {
        let most = most(card, &usage);
        // The list was read on a day before the change that was announced.
        if card.dated.is_empty() && let Some(now) = price(card, &usage, &when) {
            prop_assert!(Some(now) <= most);
        }
    }

    #[test]
    fn of_many_changes_the_youngest_that_is_due_holds(days in proptest::collection::btree_set(1i8..=28, 1..6), today in 1i8..=28) {
        let mut card = priced(Prices { input: Some(MILLION), ..Prices::default() });
        let dated = |from: String, n: u64| Dated {
            from, prices: Some(Prices { input: Some(n * MILLION), ..Prices::default() }), tiers: Vec::new(),
        };
        card.dated = vec![dated(String::new(), 100)];
        card.dated.extend(days.iter().map(|d| dated(format!("2026-11-{d:02}"), u64::try_from(*d).unwrap())));
        let due = days.range(..=today).next_back().map_or(100, |d| u64::try_from(*d).unwrap());
        let moment = at(&format!("2026-11-{today:02}T00:00:00Z"));
        prop_assert_eq!(price(&card, &input(1), &moment), Some(NanoUsd(due)));
    }
}
