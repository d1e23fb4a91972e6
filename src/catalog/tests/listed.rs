//! What providers list themselves: above a fetched list, below the user's own rows, and not believed blindly.

use super::*;
use crate::catalog::listed::{Listing, Listings};
use crate::model::Listed;

fn listing(day: &str, account: &str, models: Vec<Listed>) -> Listing {
    let (upstream, provider) = ("openai".to_owned(), "openai".to_owned());
    Listing { upstream, account: account.to_owned(), provider, as_of: day.to_owned(), models }
}

fn above(listings: Vec<Listing>) -> Catalog {
    let mut all = Listings::default();
    listings.into_iter().for_each(|listing| all.put(listing));
    catalog().clone().with_listings(&all)
}

fn priced(id: &str, input: u64, output: u64) -> Listed {
    let nano = |dollars: u64| Some(dollars * 1_000_000_000);
    let prices = Prices { input: nano(input), output: nano(output), ..Prices::default() };
    Listed { prices: Some(prices), ..Listed::new(id) }
}

#[test]
fn windows_prices_and_abilities_of_a_younger_listing_hold_and_say_where_they_come_from() {
    let said = Listed { context: Some(55), images: Some(false), ..priced("gpt-6-sol", 3, 12) };
    let younger = above(vec![listing("2026-11-24", "work", vec![said.clone()])]);
    let sol = younger.card("openai", "gpt-6-sol").unwrap();
    assert_eq!((sol.context, sol.images, sol.prices.unwrap().input), (Some(55), Some(false), Some(3_000_000_000)));
    assert_eq!(sol.reasoning, card("openai", "gpt-6-sol").reasoning, "what is not said stays");
    let told = younger.provenance("openai", "gpt-6-sol").unwrap();
    assert_eq!((told.layer, told.source, told.as_of), (Layer::Listed, "openai lists it to work", "2026-11-24"));
    assert_eq!(younger.window("openai", "gpt-6-sol").unwrap().layer, Layer::Listed);
    // Where only the window is said, the price keeps its own source.
    let window = Listed { context: Some(55), ..Listed::new("gpt-6-sol") };
    let window = above(vec![listing("2026-11-24", "work", vec![window])]);
    assert_eq!(window.provenance("openai", "gpt-6-sol").unwrap().layer, Layer::Embedded);
    assert_eq!(window.window("openai", "gpt-6-sol").unwrap().layer, Layer::Listed);
    let older = above(vec![listing("2020-01-01", "work", vec![said])]);
    assert_eq!(older.card("openai", "gpt-6-sol"), catalog().card("openai", "gpt-6-sol"));
}

#[test]
fn a_listing_that_says_the_known_price_takes_nothing_of_what_is_known_beside_it() {
    let known = card("openai", "gpt-6-sol").clone();
    let prices = Prices { cache_read: None, cache_write: None, cache_write_long: None, ..known.prices.unwrap() };
    let same = Listed { prices: Some(prices), ..Listed::new("gpt-6-sol") };
    let same = above(vec![listing("2026-11-24", "work", vec![same])]);
    assert_eq!(*same.card("openai", "gpt-6-sol").unwrap(), known, "tiers, services and cache prices too");
    assert_eq!(same.provenance("openai", "gpt-6-sol").unwrap().layer, Layer::Listed);
}

#[test]
fn the_youngest_of_several_accounts_holds_and_an_account_is_kept_once() {
    let of = |account: &str, day: &str, window: u64| {
        listing(day, account, vec![Listed { context: Some(window), ..Listed::new("gpt-6-sol") }])
    };
    let several = vec![of("b", "2026-11-25", 2), of("a", "2026-11-24", 1), of("b", "2026-11-26", 3)];
    assert_eq!(above(several).card("openai", "gpt-6-sol").unwrap().context, Some(3));
    let mut all = Listings::default();
    all.put(of("a", "2026-11-24", 1));
    all.put(of("a", "2026-11-25", 2));
    assert_eq!(all.accounts.len(), 1);
    assert_eq!(Listings::parse(all.text().as_bytes()).unwrap(), all, "what is kept is what was kept");
    assert!(
        Listings::parse(b"{}").is_err()
            && Listings::parse(b"{\"schema\":\"monster.listings/9\",\"accounts\":[]}").is_err()
    );
}

#[test]
fn models_that_nobody_knew_are_known_with_what_is_said_of_them() {
    let new = Listed { control: Some(Control::Effort), efforts: vec![Effort::Low], ..Listed::new("gpt-99") };
    let above = above(vec![listing("2026-11-24", "work", vec![new])]);
    let new = above.card("openai", "gpt-99").unwrap();
    assert_eq!((new.reasoning.control, new.reasoning.efforts.clone()), (Control::Effort, vec![Effort::Low]));
    assert_eq!(new.prices, None, "unpriced, not free");
}

#[test]
fn prices_in_another_unit_are_not_believed() {
    let sol = card("openai", "gpt-6-sol").prices.unwrap().input.unwrap() / 1_000_000_000;
    let luna = Listed { context: Some(7), ..priced("gpt-6-luna", 900, 900) };
    let mut one = listing("2026-11-24", "work", vec![priced("gpt-6-sol", sol + 1, 12), luna, priced("gpt-99", 1, 2)]);
    assert_eq!(one.judge(catalog()), 1, "the one that jumped");
    assert_eq!((one.models[1].prices, one.models[1].context), (None, Some(7)), "its window stays");
    let mut all = listing("2026-11-24", "work", vec![priced("gpt-6-sol", 9_000, 9_000), priced("gpt-99", 1, 2)]);
    assert_eq!((all.judge(catalog()), all.priced()), (2, 0));
    let mut none = listing("2026-11-24", "work", vec![priced("gpt-99", 1, 2)]);
    assert_eq!(none.judge(catalog()), 1, "there is nothing to hold it against");
}
