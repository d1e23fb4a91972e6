//! What is asked how long a prompt is.

use std::sync::Arc;

use super::tape::{Tape, at, client, clock};
use crate::client::count::Counter;
use crate::client::{Clean, Route};
use crate::model::{CountSource, Purpose, Request};
use crate::providers::Intent;

/// What is known of a long prompt's length for this route, whose window it may or may not fit.
async fn counted(mut route: Vec<Route>) -> Option<CountSource> {
    let client = client(Arc::new(Tape::default()), &clock(), Vec::new());
    let clean = Clean::redact(&client.redactor, Request::text("m", Purpose::Ask, "word ".repeat(1_000))).unwrap();
    let intent = Intent::of(clean.request(), clean.prompt_bytes());
    let counter = Counter { client: &client, clean: &clean, intent: &intent, deadline: None, limit: None };
    counter.doubtful(&mut route).await;
    route[0].count.map(|count| count.source)
}

fn small(provider: &str) -> Vec<Route> {
    let mut route = at("east1", "https://upstream.invalid/v1", provider);
    let mut card = (*route.card).clone();
    card.context = Some(1_100);
    route = Route::new(Arc::clone(&route.upstream), route.provider, card, route.credential.clone());
    vec![route]
}

#[tokio::test]
async fn the_tokenizer_counts_for_its_maker_s_models_in_builds_that_have_one() {
    let here = cfg!(feature = "tokenizer").then_some(CountSource::Tokenizer);
    assert_eq!(counted(small("openai")).await, here);
    assert_eq!(counted(small("groq")).await, None, "it is another maker's");
}
