//! What the user's own `[[rules]]` make of a provider's failures.

use crate::commit::connected;
use crate::sandbox::{Done, Sandbox};
use crate::upstream::{Answer, Call, Upstream};

const ONE: &str = "openai/gpt-4.1-mini";
const TWO: &str = "openai/gpt-4.1-mini,anthropic/claude-haiku-4-5";

/// A sandbox with these rules beside its settings.
fn ruled(upstream: &Upstream, rules: &str) -> Sandbox {
    let sandbox = connected(upstream);
    let path = sandbox.config_dir().join("config.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, format!("{text}\n{rules}")).unwrap();
    sandbox
}

fn ask(sandbox: &Sandbox, model: &str) -> Done {
    sandbox.monster(&["ask", "why?", "--model", model]).done()
}

#[test]
fn a_code_that_nobody_knows_is_made_to_wait() {
    let busy = || Answer::status(400, "house_busy", "The house is full.");
    let upstream = Upstream::start();
    upstream.next(busy());
    let plain = connected(&upstream);
    assert!(ask(&plain, ONE).exits(5).stderr.contains("The house is full."));
    assert_eq!(upstream.calls().len(), 1, "a bad request is not sent twice");

    let upstream = Upstream::start();
    upstream.next(busy()).always(|_| Answer::text("Here."));
    let rule =
        "[[rules]]\nstatus = 400\nsays = \"house_busy\"\nkind = \"rate_limited\"\ndoes = \"park\"\nfor = \"1s\"\n";
    let sandbox = ruled(&upstream, rule);
    let done = ask(&sandbox, ONE);
    assert_eq!(done.ok().stdout, "Here.\n", "{}", done.all());
    let history = sandbox.monster(&["history", "--json"]).done().ok().json();
    let first = &history["requests"][0]["attempts"][0]["failure"];
    assert_eq!(first["kind"], "rate_limited", "{history:#}");
}

#[test]
fn a_limit_is_made_to_end_the_request() {
    let limit = |_: &Call| Answer::status(429, "tier_locked", "Your tier is locked.");
    let rule = "[[rules]]\nby = \"openai\"\nsays = [\"tier_locked\"]\ndoes = \"stop\"\n";
    let upstream = Upstream::start();
    upstream.model("gpt-4.1-mini", limit).always(|_| Answer::text("Here."));
    assert_eq!(ask(&connected(&upstream), TWO).ok().stdout, "Here.\n", "without the rule another one answers");

    let upstream = Upstream::start();
    upstream.model("gpt-4.1-mini", limit).always(|_| Answer::text("Here."));
    let done = ask(&ruled(&upstream, rule), TWO);
    assert!(done.exits(5).stderr.contains("Your tier is locked."), "{}", done.all());
    assert_eq!(upstream.calls().len(), 1);

    // It speaks of one provider.
    let upstream = Upstream::start();
    upstream.model("gpt-4.1-mini", limit).always(|_| Answer::text("Here."));
    let other = ruled(&upstream, &rule.replace("\"openai\"", "\"gemini\""));
    assert_eq!(ask(&other, TWO).ok().stdout, "Here.\n");
}

#[test]
fn what_a_failure_covers_and_for_how_long_is_kept_for_the_next_process() {
    let upstream = Upstream::start();
    upstream.model("gpt-4.1-mini", |_| Answer::status(403, "region_locked", "Not from here."));
    upstream.model("gpt-4.1", |_| Answer::text("Never."));
    upstream.always(|_| Answer::text("Here."));
    let rule =
        "[[rules]]\nstatus = [403]\nsays = \"region_locked\"\ncovers = \"account\"\ndoes = \"next\"\nfor = \"2h\"\n";
    let sandbox = ruled(&upstream, rule);
    assert_eq!(ask(&sandbox, TWO).ok().stdout, "Here.\n");
    assert_eq!(upstream.calls().len(), 2);
    // Another model of that account is not asked either, while somebody else can answer.
    assert_eq!(ask(&sandbox, "openai/gpt-4.1,anthropic/claude-haiku-4-5").ok().stdout, "Here.\n");
    assert_eq!(upstream.calls().len(), 3);
}

#[test]
fn without_credit_an_account_is_left_alone_by_the_next_process_and_asked_where_it_is_the_only_one() {
    let upstream = Upstream::start();
    let spent = "You exceeded your current quota, please check your plan and billing details.";
    upstream.model("gpt-4.1-mini", move |_| Answer::status(429, "insufficient_quota", spent));
    upstream.always(|_| Answer::text("Here."));
    let sandbox = connected(&upstream);
    let patient = sandbox.monster(&["ask", "why?", "--wait=600", "--model", ONE]).done();
    assert!(patient.exits(5).stderr.contains("add credit"), "{}", patient.all());
    assert_eq!(upstream.calls().len(), 1, "nobody waits for money");
    assert_eq!(ask(&sandbox, TWO).ok().stdout, "Here.\n");
    assert_eq!(upstream.calls().len(), 2, "the empty one is not asked first");
    ask(&sandbox, ONE).exits(5);
    assert_eq!(upstream.calls().len(), 3, "somebody may have paid in the meantime");
}

#[test]
fn a_rule_that_cannot_be_read_is_shown_with_line_and_column() {
    let upstream = Upstream::start();
    upstream.always(|_| Answer::text("Here."));
    let wrong = [
        ("[[rules]]\nstatus = 999\ndoes = \"stop\"\n", "status takes a number from 100 to 599"),
        ("[[rules]]\nstatus = 400\ndoes = \"panic\"\n", "does takes one of stop, next, park, retry, refresh"),
        ("[[rules]]\nstatus = 400\nkind = \"odd\"\n", "kind takes one of rate_limited"),
        ("[[rules]]\nstatus = 400\ncovers = \"town\"\n", "covers takes one of request, model, account, provider"),
        ("[[rules]]\nstatus = 400\nfor = \"32d\"\n", "at most 31 days"),
        ("[[rules]]\ndoes = \"stop\"\n", "a rule needs status or says"),
        ("[[rules]]\nstatus = 400\n", "a rule needs one of kind, covers, does, for"),
        ("[[rules]]\nstatus = 400\nwhen = \"now\"\n", "there is no setting \"when\" for a rule"),
        ("rules = 3\n", "rules takes tables such as [[rules]]"),
    ];
    let place = regex::Regex::new(r"config\.toml:1:\d+").unwrap();
    for (rule, why) in wrong {
        let sandbox = connected(&upstream);
        sandbox.config(rule);
        let done = ask(&sandbox, ONE);
        assert!(done.ok().stderr.contains(why), "{rule}{}", done.all());
        assert!(place.is_match(&done.stderr), "{rule}{}", done.all());
    }
}

#[test]
fn a_repository_may_not_say_what_failures_mean() {
    let upstream = Upstream::start();
    upstream.next(Answer::status(400, "house_busy", "The house is full.")).always(|_| Answer::text("Here."));
    let sandbox = connected(&upstream);
    let repo = sandbox.repo("pager");
    repo.write(".monster.toml", "[[rules]]\nstatus = 400\nsays = \"house_busy\"\ndoes = \"park\"\nfor = \"1s\"\n");
    let done = repo.monster(&["ask", "why?", "--model", ONE]).done();
    assert!(done.exits(5).stderr.contains("rules"), "it is said that it has no effect: {}", done.all());
    assert_eq!(upstream.calls().len(), 1);
}

#[test]
fn the_schema_knows_rules() {
    let sandbox = Sandbox::new();
    let schema = sandbox.monster(&["config", "schema"]).done().ok().json();
    let rule = &schema["properties"]["rules"]["items"]["properties"];
    for name in ["by", "status", "says", "kind", "covers", "does", "for"] {
        assert!(rule[name].is_object(), "{name}: {rule:#}");
    }
    let kinds = rule["kind"]["enum"].as_array().unwrap();
    assert!(kinds.contains(&"rate_limited".into()) && kinds.len() == 15, "{kinds:?}");
}
