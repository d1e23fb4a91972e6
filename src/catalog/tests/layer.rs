//! Embedded, then fetched, then the user's own: by the date of each row.

use super::*;
use crate::catalog::feed::{Feed, Format, Line};
use crate::model::OffPeak;

fn feed(day: &str, models: Vec<Line>) -> Feed {
    let at = format!("{day}T12:00:00Z").parse().unwrap();
    Feed::new(Format::ModelsDev, "https://example.org/api.json", at, String::new(), models)
}

fn line(provider: &str, id: &str, input: u64, output: u64) -> Line {
    let nano = |dollars: u64| Some(dollars * 1_000_000_000);
    Line {
        provider: provider.to_owned(),
        id: id.to_owned(),
        context: Some(77),
        max_output: None,
        prices: Some(Prices { input: nano(input), output: nano(output), ..Prices::default() }),
        tiers: Vec::new(),
        services: Vec::new(),
    }
}

#[test]
fn the_younger_row_holds() {
    let lines = || vec![line("openai", "gpt-6-sol", 3, 12)];
    let younger = catalog().clone().with_feed(&feed("2026-11-24", lines()));
    assert_eq!(younger.card("openai", "gpt-6-sol").unwrap().prices.unwrap().input, Some(3_000_000_000));
    let older = catalog().clone().with_feed(&feed("2026-11-01", lines()));
    assert_eq!(older.card("openai", "gpt-6-sol"), catalog().card("openai", "gpt-6-sol"));
    assert_eq!(older.provenance("openai", "gpt-6-sol").unwrap().layer, Layer::Embedded);
}

#[test]
fn another_price_ends_what_was_known_of_tiers_hours_and_services() {
    let above = catalog().clone().with_feed(&feed(
        "2026-11-24",
        vec![line("openai", "gpt-6-sol", 3, 12), line("deepseek", "deepseek-flash", 1, 2)],
    ));
    let sol = above.card("openai", "gpt-6-sol").unwrap();
    assert_eq!((sol.context, sol.services.len()), (Some(77), 0));
    assert_eq!(sol.dialects, card("openai", "gpt-6-sol").dialects, "abilities stay");
    let long = Usage { input: 300_000, ..Usage::default() };
    assert!(price(card("openai", "gpt-6-sol"), &long).is_some());
    assert_eq!(price(sol, &long), None, "what a long prompt costs now nobody said: unpriced, not guessed");
    assert_eq!(above.card("deepseek", "deepseek-flash").unwrap().off_peak, None::<Box<OffPeak>>);
}

#[test]
fn a_change_that_was_announced_is_still_to_come() {
    let above = catalog().clone().with_feed(&feed("2026-11-24", vec![line("gemini", "gemini-4-argon", 3, 10)]));
    let argon = above.card("gemini", "gemini-4-argon").unwrap();
    let at = |day: &str| {
        let when = When::plainly(format!("{day}T00:00:00Z").parse().unwrap());
        price_when(argon, &Usage { input: 1_000_000, ..Usage::default() }, &when).unwrap().dollars()
    };
    assert!((at("2026-11-25") - 3.0).abs() < 1e-9 && (at("2026-12-01") - 4.0).abs() < 1e-9);
    let later = catalog().clone().with_feed(&feed("2026-12-02", vec![line("gemini", "gemini-4-argon", 4, 20)]));
    assert!(later.card("gemini", "gemini-4-argon").unwrap().dated.is_empty(), "the list has seen it");
}

#[test]
fn models_that_nobody_knew_are_added_and_have_no_rank() {
    let above = catalog().clone().with_feed(&feed(
        "2026-11-24",
        vec![
            line("openai", "gpt-9", 1, 2),
            line("openai", "gpt-6-sol-2026-09-22", 2, 10),
            line("openai", "gpt-6-sol-2026-10-22", 7, 8),
        ],
    ));
    assert_eq!(above.card("openai", "gpt-9").unwrap().maker.0, "openai");
    assert_eq!(above.all().count(), catalog().all().count() + 2, "the same price under a date is nothing new");
    let dated = above.card("openai", "gpt-6-sol-2026-10-22").unwrap();
    assert_eq!(dated.prices.unwrap().input, Some(7_000_000_000), "an exact id goes before a name without its date");
    assert_eq!(dated.reasoning, card("openai", "gpt-6-sol").reasoning);
    for role in Role::ALL {
        assert_eq!(above.role(role).len(), catalog().role(role).len());
    }
}

#[test]
fn the_users_own_row_lies_above_everything() {
    let overlay = Overlay::parse(
        "models.toml",
        "[[model]]\nprovider = \"openai\"\nid = \"gpt-6-sol\"\ninput = 1\noutput = 2\nas_of = \"2020-01-01\"\n",
        "2026-01-01",
    );
    let above = catalog().clone().with_feed(&feed("2026-11-24", vec![line("openai", "gpt-6-sol", 3, 12)]));
    let above = above.with_overlay(&overlay.unwrap());
    assert_eq!(above.card("openai", "gpt-6-sol").unwrap().prices.unwrap().input, Some(1_000_000_000));
    assert_eq!(above.provenance("openai", "gpt-6-sol").unwrap().layer, Layer::Overlay);
}
