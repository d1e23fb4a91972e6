//! Lists from elsewhere: both formats, what is believed, and what is refused.

use serde_json::{Value, json};

use super::*;
use crate::catalog::feed::{Feed, FeedError, Format, Line, read};
use crate::model::{Offer, Service};

fn hosted(id: &str) -> bool {
    ["openai", "anthropic", "gemini", "deepseek", "openrouter", "xai", "huggingface", "github"].contains(&id)
}

fn lines(value: &Value) -> (Format, Vec<Line>) {
    read(value.to_string().as_bytes(), &hosted).unwrap()
}

#[test]
fn the_format_of_models_dev_is_read() {
    let (format, lines) = lines(&json!({
        "google": { "id": "google", "models": {
            "gemini-9": { "id": "gemini-9", "cost": { "input": 1.25, "output": 10, "cache_read": 0.31,
                "context_over_200k": { "input": 2.5, "output": 15 } }, "limit": { "context": 1_048_576, "output": 65_536 } } } },
        "github-models": { "models": { "openai/gpt-4o": { "cost": { "input": 0, "output": 0 }, "limit": { "context": 0 } } } },
        "openrouter": { "models": { "x/y:free": { "cost": { "input": 0, "output": 0 } } } },
        "somebody": { "models": { "z": { "cost": { "input": 1, "output": 1 } } } },
    }));
    assert_eq!(format, Format::ModelsDev);
    assert_eq!(lines.len(), 3, "providers that nobody here asks are left out");
    let gemini = &lines[0];
    assert_eq!(
        (gemini.provider.as_str(), gemini.context, gemini.max_output),
        ("gemini", Some(1_048_576), Some(65_536))
    );
    assert_eq!(gemini.prices.unwrap().cache_read, Some(310_000_000));
    assert_eq!(gemini.tiers[0].above_input_tokens, 200_000);
    assert_eq!(gemini.tiers[0].prices.input, Some(2_500_000_000));
    assert_eq!(
        (lines[1].provider.as_str(), lines[1].prices, lines[1].context),
        ("github", None, None),
        "zero is no price"
    );
    assert_eq!(lines[2].prices.unwrap().input, Some(0), "what calls itself free may be");
}

#[test]
fn the_format_of_litellm_is_read() {
    let (format, lines) = lines(&json!({
        "sample_spec": { "litellm_provider": "one of …", "mode": "one of …" },
        "gpt-9": { "litellm_provider": "openai", "mode": "chat", "input_cost_per_token": 2.5e-6, "output_cost_per_token": 1e-5,
            "cache_read_input_token_cost": 2.5e-7, "input_cost_per_token_above_272k_tokens": 5e-6,
            "output_cost_per_token_above_272k_tokens": 1.5e-5, "input_cost_per_token_flex": 1.25e-6,
            "output_cost_per_token_flex": 5e-6, "max_input_tokens": 272_000, "max_output_tokens": 128_000 },
        "claude-9": { "litellm_provider": "anthropic", "mode": "chat", "input_cost_per_token": 3e-6, "output_cost_per_token": 1.5e-5,
            "cache_creation_input_token_cost": 3.75e-6, "cache_creation_input_token_cost_above_1hr": 6e-6 },
        "xai/grok-9": { "litellm_provider": "xai", "mode": "chat", "input_cost_per_token": 2e-6, "output_cost_per_token": 6e-6 },
        "gpt-image-9": { "litellm_provider": "openai", "mode": "image_generation", "input_cost_per_token": 1e-6 },
    }));
    assert_eq!(format, Format::LiteLlm);
    let names: Vec<String> = lines.iter().map(|l| format!("{}/{}", l.provider, l.id)).collect();
    assert_eq!(names, ["anthropic/claude-9", "openai/gpt-9", "xai/grok-9"]);
    assert_eq!(lines[0].prices.unwrap().cache_write_long, Some(6_000_000_000));
    let gpt = &lines[1];
    assert_eq!(gpt.prices.unwrap().input, Some(2_500_000_000), "exact, though the list counts by the token");
    assert_eq!((gpt.tiers[0].above_input_tokens, gpt.tiers[0].prices.output), (272_000, Some(15_000_000_000)));
    assert_eq!(gpt.context, Some(400_000), "what is left for the prompt is not the window");
    let flex = Offer::Prices(Prices { input: Some(1_250_000_000), output: Some(5_000_000_000), ..Prices::default() });
    assert_eq!(gpt.services, [(Service::Flex, flex)]);
}

#[test]
fn what_is_no_list_is_told_apart() {
    let why = |text: &str| read(text.as_bytes(), &hosted).unwrap_err();
    assert!(matches!(why("<html>"), FeedError::Garbage(_)));
    assert!(matches!(why(""), FeedError::Garbage(_)));
    for other in ["[]", "{}", "3", "{\"a\":{\"b\":1}}", "{\"openai\":{\"models\":[]}}"] {
        assert_eq!(why(other), FeedError::Format, "{other}");
    }
    assert_eq!(why("{\"somebody\":{\"models\":{\"x\":{}}}}"), FeedError::Empty("models.dev"));
    assert_eq!(why("{\"openai\":{\"models\":{\"a b\":{}}}}"), FeedError::Empty("models.dev"), "that is no name");
}

/// A list that says what the table says.
fn same() -> Feed {
    let models = catalog().all().filter(|c| hosted(&c.provider)).map(|card| Line {
        provider: card.provider.clone(),
        id: card.id.clone(),
        context: card.context,
        max_output: card.max_output,
        prices: card.prices,
        tiers: Vec::new(),
        services: Vec::new(),
    });
    let at = "2026-11-24T10:30:00Z".parse().unwrap();
    Feed::new(Format::ModelsDev, "https://example.org/api.json", at, "ab".repeat(32), models.collect())
}

fn line<'f>(feed: &'f mut Feed, id: &str) -> &'f mut Line {
    feed.models.iter_mut().find(|m| m.id == id).unwrap()
}

#[test]
fn a_list_that_says_the_same_changes_nothing_but_its_age() {
    let mut feed = same();
    let verdict = feed.judge(catalog(), None);
    assert_eq!((verdict.changed.len(), verdict.left_out.len(), verdict.added, verdict.refused), (0, 0, 0, None));
    let above = catalog().clone().with_feed(&feed);
    for card in catalog().all() {
        assert_eq!(above.card(&card.provider, &card.id), Some(card));
    }
    assert_eq!(above.all().count(), catalog().all().count());
    let told = above.provenance("openai", "gpt-6-sol").unwrap();
    assert_eq!((told.layer, told.as_of), (Layer::Fetched, "2026-11-24"));
    assert_eq!(told.source, "https://example.org/api.json (models.dev)");
    assert_eq!(above.provenance("azure", "gpt-4o").unwrap().layer, Layer::Embedded);
}

#[test]
fn it_is_kept_and_read_back_and_what_is_damaged_is_refused() {
    let feed = same();
    let text = feed.text();
    assert_eq!(Feed::parse(text.as_bytes()), Ok(feed));
    for broken in [&text[..text.len() / 2], "", "{}", "null"] {
        assert!(matches!(Feed::parse(broken.as_bytes()), Err(FeedError::Garbage(_))), "{}", broken.len());
    }
    assert_eq!(Feed::parse(text.replace("monster.catalog/1", "monster.catalog/2").as_bytes()), Err(FeedError::Schema));
    assert_eq!(Feed::parse(text.replace("\"2026-11-24\"", "\"someday\"").as_bytes()), Err(FeedError::Schema));
}

#[test]
fn a_list_that_shrank_or_knows_next_to_nothing_is_refused() {
    let whole = same();
    let mut few = same();
    few.models.truncate(20);
    assert!(few.judge(catalog(), None).refused.unwrap().contains("fewer than"), "too few of what is known");
    let mut half = same();
    half.models.truncate(whole.models.len() / 2);
    assert!(half.judge(catalog(), Some(&whole)).refused.is_some(), "half of what it had before");
    let mut unpriced = same();
    unpriced.models.iter_mut().skip(120).for_each(|m| m.prices = None);
    let why = unpriced.judge(catalog(), Some(&whole)).refused.unwrap();
    assert!(why.contains("prices"), "{why}");
}

#[test]
fn one_absurd_price_is_left_out_and_many_spoil_the_list() {
    let mut feed = same();
    line(&mut feed, "gpt-6-sol").prices = Some(Prices { input: Some(1), output: Some(1), ..Prices::default() });
    line(&mut feed, "gpt-6-luna").prices =
        Some(Prices { input: Some(200_000_000), output: Some(900_000_000), ..Prices::default() });
    let verdict = feed.judge(catalog(), None);
    assert_eq!(verdict.refused, None);
    assert_eq!(verdict.left_out.iter().map(|c| c.model.as_str()).collect::<Vec<_>>(), ["openai/gpt-6-sol"]);
    assert_eq!(verdict.changed.iter().map(|c| c.model.as_str()).collect::<Vec<_>>(), ["openai/gpt-6-luna"]);
    let above = catalog().clone().with_feed(&feed);
    assert_eq!(above.card("openai", "gpt-6-sol"), catalog().card("openai", "gpt-6-sol"));
    assert_eq!(above.card("openai", "gpt-6-luna").unwrap().prices.unwrap().input, Some(200_000_000));

    let mut cents = same();
    for line in &mut cents.models {
        line.prices = line.prices.map(|p| Prices { input: p.input.map(|n| n * 100), ..p });
    }
    let why = cents.judge(catalog(), None).refused.unwrap();
    assert!(why.contains("more than ten times"), "{why}");
}

proptest! {
    #[test]
    fn whatever_is_fetched_nothing_panics(text in ".{0,400}") {
        let _ = (read(text.as_bytes(), &hosted), Feed::parse(text.as_bytes()));
    }

    #[test]
    fn no_number_makes_an_absurd_price(dollars in any::<f64>()) {
        let list = json!({ "openai": { "models": { "m": { "cost": { "input": dollars, "output": 1 } } } } });
        if let Ok((_, lines)) = read(list.to_string().as_bytes(), &hosted) {
            let input = lines[0].prices.unwrap().input;
            prop_assert!(input.is_none() || (0.0..=1e9).contains(&dollars), "{:?}", input);
        }
    }
}
