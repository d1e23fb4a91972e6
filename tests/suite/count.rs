//! How long a prompt is decides whether it can be asked; then whoever counts for nothing is asked first.

use crate::sandbox::Sandbox;
use crate::upstream::{Answer, Upstream};

/// A question of so many bytes.
fn long(bytes: usize) -> String {
    format!("what is this? {}", "word ".repeat(bytes / 5))
}

/// Model, the variable's provider, what counts.
const COUNTING: [(&str, &str, &str); 3] = [
    ("anthropic/claude-haiku-4-5", "anthropic", "POST /anthropic/v1/messages/count_tokens"),
    ("openai/o3", "openai", "POST /openai/v1/responses/input_tokens"),
    ("gemini/gemma-3-27b-it", "gemini", "POST /gemini/v1beta/models/gemma-3-27b-it:countTokens"),
];

#[test]
fn a_prompt_that_a_guess_finds_too_long_is_asked_when_its_count_fits() {
    for (model, provider, path) in COUNTING {
        let upstream = Upstream::start();
        upstream.counts(120_000).always(|_| Answer::text("words"));
        let mut sandbox = Sandbox::new();
        sandbox.connect(&upstream, provider);
        let out = sandbox.monster(&["ask", "--model", model, "-"]).stdin(long(900_000)).done();
        assert!(out.ok().stdout.contains("words"), "{}", out.all());
        assert_eq!(upstream.others(), [path]);
        assert_eq!(upstream.calls().len(), 1);
        let trace = sandbox.monster(&["history", "show", "last"]).done();
        let said = format!("for {model} the prompt has 120000 tokens (counted by the provider)");
        assert!(trace.ok().stdout.contains(&said), "{}", trace.all());
    }
}

#[test]
fn a_prompt_that_does_not_fit_costs_nothing_and_says_who_counted() {
    for (model, provider, path) in COUNTING {
        let upstream = Upstream::start();
        upstream.counts(250_000);
        let mut sandbox = Sandbox::new();
        sandbox.connect(&upstream, provider);
        // By its length it would fit: 400 kB are about 100,000 tokens.
        let out = sandbox.monster(&["ask", "--model", model, "-"]).stdin(long(480_000)).done();
        assert!(
            out.exits(5).stderr.contains("250000 tokens (counted by the provider), the window holds"),
            "{}",
            out.all()
        );
        assert_eq!((upstream.others(), upstream.calls().len()), (vec![path.to_owned()], 0));
    }
}

#[test]
fn nobody_is_asked_to_count_what_fits_or_misses_by_far() {
    let upstream = Upstream::start();
    upstream.counts(1).always(|_| Answer::text("words"));
    let mut sandbox = Sandbox::new();
    sandbox.connect(&upstream, "anthropic");
    let ask = |text: String| sandbox.monster(&["ask", "--model", "anthropic/claude-haiku-4-5", "-"]).stdin(text).done();
    ask(long(100_000)).ok();
    let out = ask(long(2_000_000));
    assert!(out.stderr.contains("tokens (estimated), the window holds 200000"), "{}", out.all());
    assert_eq!(upstream.others(), [""; 0]);
}

#[test]
fn who_cannot_count_is_no_reason_to_fail() {
    let upstream = Upstream::start();
    upstream.always(|_| Answer::text("words"));
    let mut sandbox = Sandbox::new();
    sandbox.connect(&upstream, "anthropic");
    let out = sandbox.monster(&["ask", "--model", "anthropic/claude-haiku-4-5", "-"]).stdin(long(480_000)).done();
    assert!(out.ok().stdout.contains("words"), "{}", out.all());
    assert_eq!(upstream.others(), ["POST /anthropic/v1/messages/count_tokens"], "it answered with 404");
}

#[test]
fn a_limit_on_money_is_held_to_the_count_where_a_guess_would_refuse() {
    let upstream = Upstream::start();
    upstream.counts(4_000).always(|_| Answer::text("words"));
    let mut sandbox = Sandbox::new();
    sandbox.connect(&upstream, "anthropic");
    let ask = |most: &str| {
        let args = ["ask", "--model", "anthropic/claude-haiku-4-5", "--max-cost", most, "-"];
        sandbox.monster(&args).stdin(long(20_000)).done()
    };
    let dear = ask("0.001");
    assert!(dear.stderr.contains("more than the limit"), "{}", dear.all());
    assert_eq!(upstream.others(), [""; 0], "not even the emptiest text of that length would be cheap enough");
    let out = ask("0.03");
    assert!(out.ok().stdout.contains("words"), "{}", out.all());
    assert_eq!((upstream.others().len(), upstream.calls().len()), (1, 1));
}

#[test]
fn a_budget_that_a_guess_would_go_beyond_is_asked_again_with_the_count() {
    let upstream = Upstream::start();
    upstream.counts(4_000).always(|_| Answer::text("words"));
    let mut sandbox = Sandbox::new();
    sandbox.connect(&upstream, "anthropic");
    sandbox.config("[budget]\nday = 0.031\non_limit = \"stop\"\n");
    let args = ["ask", "--model", "anthropic/claude-haiku-4-5", "-"];
    let out = sandbox.monster(&args).stdin(long(20_000)).done();
    assert!(out.ok().stdout.contains("words"), "{}", out.all());
    assert_eq!((upstream.others().len(), upstream.calls().len()), (1, 1));
}
