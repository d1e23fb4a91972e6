//! Exact id, then documented alias, then the name without its date; never a part of a name.

use super::*;
use crate::catalog::pin::unpinned;

#[test]
fn only_a_day_that_exists_is_a_date() {
    assert_eq!(unpinned("gpt-4o-mini-2024-07-18"), Some("gpt-4o-mini"));
    assert_eq!(unpinned("claude-opus-5-20260723"), Some("claude-opus-5"));
    assert_eq!(unpinned("openai/gpt-6-sol-20260922"), Some("openai/gpt-6-sol"));
    for none in [
        "",
        "gpt-4o",
        "-2024-07-18",
        "-20260723",
        "x-2024-13-01",
        "x-20260230",
        "x-2024-7-18",
        "x20240718",
        "x-1924-07-18",
        "grok-4-0709",
        "mistral-large-2512",
        "x-2024-07-18-preview",
        "é20240718",
        "qwen3-235b-a22b-thinking-2507",
    ] {
        assert_eq!(unpinned(none), None, "{none}");
    }
}

#[test]
fn a_dated_name_has_the_price_of_its_own_model_and_never_of_a_shorter_name() {
    let at = |model: &str| catalog().card("openai", model).map(|c| c.id.as_str());
    assert_eq!(at("gpt-4o-mini-2024-07-18"), Some("gpt-4o-mini"), "a documented alias");
    assert_eq!(at("gpt-4o-mini-2031-01-31"), Some("gpt-4o-mini"), "a date nobody has heard of");
    assert_eq!(at("gpt-4o-2031-01-31"), Some("gpt-4o"));
    for stranger in ["gpt-4o-maxi-2024-07-18", "gpt-4o-mini-high", "gpt-4", "gpt", "4o", "gpt-4o-mini-2024-07-18-eu"] {
        assert_eq!(at(stranger), None, "{stranger} is unpriced");
    }
}

#[test]
fn what_pins_a_date_is_sent_as_it_was_written() {
    let sent = |model: &str| catalog().card_to_send("anthropic", model).unwrap();
    assert_eq!(sent("claude-haiku-4-5-20251001").id, "claude-haiku-4-5-20251001");
    assert_eq!(sent("claude-opus-5-20260723").id, "claude-opus-5-20260723");
    assert_eq!(sent("claude-opus-5").id, "claude-opus-5");
    assert_eq!(sent("claude-opus-5-20260723").prices, card("anthropic", "claude-opus-5").prices);
}

#[test]
fn where_providers_disagree_the_price_is_that_of_the_one_that_is_asked() {
    let of = |provider: &str, model: &str| card(provider, model).prices.unwrap().input;
    assert_eq!(of("anthropic", "claude-opus-5-5"), Some(4_000_000_000));
    assert_ne!(of("huggingface", "openai/gpt-oss-120b:groq"), of("huggingface", "openai/gpt-oss-120b:cerebras"));
    assert!(catalog().card("huggingface", "openai/gpt-oss-120b").is_none(), "who would serve it is not known");
    assert!(catalog().card("openrouter", "claude-opus-5-5").is_none(), "a router's names have its own form");
    assert!(catalog().card("github", "openai/gpt-4o").is_none());
}

proptest! {
    #[test]
    fn a_date_changes_no_price(place in 0usize..400, year in 2020i16..2040, month in 1i8..=12, day in 1i8..=28) {
        let card = catalog().all().nth(place).unwrap();
        for name in [format!("{}-{year}-{month:02}-{day:02}", card.id), format!("{}-{year}{month:02}{day:02}", card.id)] {
            let found = catalog().card(&card.provider, &name).unwrap();
            // An alias or an id of its own goes before the name without its date.
            prop_assert!(found.id == card.id || found.id == name || found.aliases.contains(&name), "{}", name);
            prop_assert_eq!(catalog().card_to_send(&card.provider, &name).unwrap().id, name);
        }
    }

    #[test]
    fn no_name_is_found_by_a_part_of_it(place in 0usize..453, cut in 1usize..40, tail in "[a-z]{1,8}") {
        let card = catalog().all().nth(place).unwrap();
        let exact = |name: &str| catalog().of(&card.provider).any(|c| c.id == name || c.aliases.iter().any(|a| a == name));
        for name in [format!("{}{tail}", card.id), format!("{}-{tail}", card.id), card.id.chars().skip(cut).collect()] {
            if !exact(&name) && unpinned(&name).is_none() {
                prop_assert!(catalog().card(&card.provider, &name).is_none(), "{}", name);
            }
        }
    }
}
