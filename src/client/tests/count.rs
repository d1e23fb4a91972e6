//! What is asked how long a prompt is.

use std::sync::Arc;

use std::time::Duration;

use serde_json::json;

use super::tape::{Piece, Take, Tape, at, client, clock, speaking};
use crate::client::count::Counter;
use crate::client::origin::{Received, Task};
use crate::client::{Clean, Route};
use crate::model::{CountSource, Dialect, Purpose, Request};
use crate::providers::Intent;
use crate::secrets::{Conversation, Restore};

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

#[tokio::test]
async fn a_count_is_asked_for_in_other_words_only_where_the_words_were_refused() {
    let dialect = Dialect::AnthropicMessages;
    let body = r#"{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}"#;
    let counts = || Take::whole(200, json!({ "input_tokens": 7 }).to_string());
    let broken = || Take::stream([Piece::Breaks]);
    let fails = |status: u16| (status.to_string(), Take::error(status, "x", "no"));
    let again = [400, 404, 413, 422].map(|status| (fails(status), true));
    let once = [401, 403, 429, 500, 503, 529].map(|status| (fails(status), false));
    let strange = [("broken".to_owned(), broken()), ("no count".to_owned(), Take::whole(200, "{}"))];
    for ((what, take), again) in again.into_iter().chain(once).chain(strange.map(|take| (take, false))) {
        let tape = Arc::new(Tape::default());
        tape.put("east1", take).put("east1", counts());
        let line: Arc<dyn crate::client::Line> = Arc::<Tape>::clone(&tape);
        let client = client(line, &clock(), Vec::new());
        let talk = Conversation::new(Arc::clone(&client.redactor), Restore::Off);
        let received = Received {
            dialect,
            task: Task::Answer,
            body: body.as_bytes(),
            reads: None,
            model: None,
            stream: None,
            headers: Vec::new(),
        };
        let clean = Clean::received(&talk, received, Duration::ZERO).map(|taken| taken.clean).unwrap();
        let route = speaking("east1", "https://upstream.invalid/v1", "anthropic", dialect);
        let count = client.measure(&[route], &clean).await.unwrap();
        assert_eq!(tape.asked().len(), if again { 2 } else { 1 }, "{what}");
        assert_eq!(count.source == CountSource::Provider, again, "{what}");
    }
}
