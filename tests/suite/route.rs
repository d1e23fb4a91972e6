//! Which model and which account is asked: aliases, chains and pools, turns, conversations, drains and pins, and
//! `monster route explain`, which says so beforehand.

use std::collections::BTreeMap;

use monster::store::{LimitRow, Store};
use monster::world::Clock;
use serde_json::{Value, json};

use crate::account::with_passphrase;
use crate::sandbox::{NOW, Repo, Sandbox};
use crate::upstream::{Answer, Upstream};

/// These accounts at openai.
fn accounts(upstream: &Upstream, names: &[&str]) -> Sandbox {
    upstream.always(|_| Answer::text("Yes."));
    let sandbox = with_passphrase(upstream);
    for name in names {
        sandbox
            .monster(&["login", "openai", "--stdin", "--no-check", "--store", "plaintext", "--name", name])
            .stdin(sandbox.key("openai"))
            .done()
            .ok();
    }
    sandbox
}

/// How often each account served.
fn served(sandbox: &Sandbox) -> BTreeMap<String, usize> {
    let list = sandbox.monster(&["history", "list", "--json", "--limit", "100"]).done().ok().json();
    let mut out = BTreeMap::new();
    for row in list["requests"].as_array().unwrap() {
        *out.entry(row["served_by"]["account"].as_str().unwrap_or("nobody").to_owned()).or_default() += 1;
    }
    out
}

/// The account that served last.
fn last(sandbox: &Sandbox) -> String {
    let list = sandbox.monster(&["history", "list", "--json"]).done().ok().json();
    list["requests"][0]["served_by"]["account"].as_str().unwrap().to_owned()
}

fn ask(sandbox: &Sandbox, model: &str) -> String {
    sandbox.monster(&["ask", "why?", "--model", model, "--no-wait"]).done().ok();
    last(sandbox)
}

/// A message for what is staged, which is one conversation with all others of this repository.
fn draft(repo: &Repo<'_>, sandbox: &Sandbox) -> String {
    repo.monster(&["commit", "--dry-run", "--no-wait"]).done().ok();
    last(sandbox)
}

/// A repository with something staged, and a model that writes messages.
fn staged<'a>(sandbox: &'a Sandbox, upstream: &Upstream) -> Repo<'a> {
    upstream
        .always(|_| Answer::json(&json!({ "type": "feat", "scope": "", "subject": "greet the world", "body": "" })));
    let repo = sandbox.repo("greeter");
    repo.history(&[("feat: begin", "main.rs", "fn main() {}\n")]);
    repo.stage("hello.rs", "pub fn hello() -> &'static str {\n    \"hello\"\n}\n");
    repo
}

fn explained(sandbox: &Sandbox, args: &[&str]) -> Value {
    let args = [&["route", "explain", "--json"], args].concat();
    sandbox.monster(&args).done().json()
}

#[test]
fn a_chain_falls_over_across_providers_and_every_member_has_its_own_effort() {
    let upstream = Upstream::start();
    let mut sandbox = Sandbox::new();
    sandbox.connect(&upstream, "openai").connect(&upstream, "anthropic");
    sandbox.config(
        "[aliases]\nsmart = [\"openai/gpt-5.5(high)\", \"anthropic/claude-haiku-5-5(low)\", \"deepseek/deepseek-v4-pro\"]\n",
    );
    upstream.next(Answer::rate_limited(900)).next(Answer::text("Because."));
    let done = sandbox.monster(&["ask", "why?", "--model", "smart", "--effort", "max", "--no-wait"]).done();
    insta::assert_snapshot!("chain", sandbox.normal(&done.ok().all()));
    let calls = upstream.calls();
    let sent: Vec<(&str, &str)> = calls
        .iter()
        .map(|c| {
            let effort = c.body["reasoning"]["effort"].as_str().or(c.body["output_config"]["effort"].as_str());
            (c.body["model"].as_str().unwrap(), effort.unwrap())
        })
        .collect();
    assert_eq!(sent, [("gpt-5.5", "high"), ("claude-haiku-5-5", "low")], "the level is no part of the name");
    // What cools down is the model, whatever effort was asked of it.
    let told = explained(&sandbox, &["openai/gpt-5.5(low)"]);
    assert_eq!(told["routes"][0]["state"], "cooling", "{told}");
    assert_eq!(told["routes"][0]["cool_down"]["covers"], "model:openai/env/gpt-5.5");
}

#[test]
fn eight_processes_take_turns_and_every_account_serves_as_often() {
    let upstream = Upstream::start();
    let sandbox = accounts(&upstream, &["one", "two", "three"]);
    sandbox.config("[accounts]\nstrategy = \"round-robin\"\n");
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..3 {
                    sandbox.monster(&["ask", "why?", "--model", "openai/gpt-4.1-mini"]).done().ok();
                }
            });
        }
    });
    let even = ["one", "two", "three"].map(|name| (name.to_owned(), 8));
    assert_eq!(served(&sandbox), even.into());
}

#[test]
fn a_pool_gives_its_members_turns_and_an_upstream_may_have_a_strategy_of_its_own() {
    let upstream = Upstream::start();
    let mut sandbox = Sandbox::new();
    upstream.always(|_| Answer::text("Yes."));
    sandbox.connect(&upstream, "openai").connect(&upstream, "anthropic");
    // An entry without an address means the provider of its name, at the address that the environment gives it.
    sandbox.config(
        "[upstreams.openai]\nstrategy = \"least-used\"\n[pools]\nhouse = { members = [\"openai/gpt-4.1-mini\", \"anthropic/claude-haiku-5-5\"] }\n",
    );
    for _ in 0..4 {
        sandbox.monster(&["ask", "why?", "--model", "house"]).done().ok();
    }
    let models: Vec<String> = upstream.calls().iter().map(|c| c.body["model"].as_str().unwrap().to_owned()).collect();
    assert_eq!(models, ["gpt-4.1-mini", "claude-haiku-5-5", "gpt-4.1-mini", "claude-haiku-5-5"]);
    let told = sandbox.monster(&["route", "explain", "house"]).done();
    insta::assert_snapshot!("pool", sandbox.normal(&told.ok().all()));
    assert_eq!(explained(&sandbox, &["house"]), explained(&sandbox, &["house"]), "looking takes nobody's turn");
}

#[test]
fn a_conversation_stays_where_its_beginning_is_cached_and_comes_back_after_a_short_rest() {
    let upstream = Upstream::start();
    let sandbox = accounts(&upstream, &["one", "two"]);
    sandbox.config("model = \"openai/gpt-4.1-mini\"\n[accounts]\nstrategy = \"round-robin\"\n");
    let repo = staged(&sandbox, &upstream);
    let first = draft(&repo, &sandbox);
    assert_eq!([draft(&repo, &sandbox), draft(&repo, &sandbox)], [first.clone(), first.clone()]);
    let asked = [ask(&sandbox, "openai/gpt-4.1-mini"), ask(&sandbox, "openai/gpt-4.1-mini")];
    assert_ne!(asked[0], asked[1], "who says nothing again takes turns");
    upstream.next(Answer::rate_limited(5));
    repo.monster(&["commit", "--dry-run", "--wait=30"]).done().ok();
    assert_ne!(last(&sandbox), first, "the other one helps out");
    sandbox.monster(&["accounts", "wake"]).done().ok();
    assert_eq!(draft(&repo, &sandbox), first, "and it is come back to");
    // Longer than anybody waits: the conversation moves.
    upstream.next(Answer::rate_limited(900));
    let other = draft(&repo, &sandbox);
    assert_ne!(other, first);
    sandbox.monster(&["accounts", "wake"]).done().ok();
    assert_eq!([draft(&repo, &sandbox), draft(&repo, &sandbox)], [other.clone(), other]);
}

#[test]
fn a_drained_account_takes_nothing_new_and_lets_what_runs_come_to_its_end() {
    let upstream = Upstream::start();
    let mut sandbox = accounts(&upstream, &["work", "home"]);
    sandbox.config("model = \"openai/gpt-4.1-mini\"\n");
    {
        let repo = staged(&sandbox, &upstream);
        assert_eq!(draft(&repo, &sandbox), "work");
        let say = |args: &[&str]| sandbox.monster(args).done().ok().all();
        insta::assert_snapshot!("drain", say(&["accounts", "disable", "work", "--drain"]));
        insta::assert_snapshot!("draining", say(&["accounts"]));
        assert_eq!(draft(&repo, &sandbox), "work", "the conversation goes on");
        assert_eq!(ask(&sandbox, "openai/gpt-4.1-mini"), "home", "a new one goes elsewhere");
        insta::assert_snapshot!("explain_drained", say(&["route", "explain"]));
    }
    sandbox.set("MONSTER_NOW", "2026-11-24T11:31:00Z");
    {
        let repo = sandbox.at("greeter");
        assert_eq!(draft(&repo, &sandbox), "home", "an hour later it has ended");
    }
    let list = sandbox.monster(&["accounts"]).done();
    assert!(list.ok().stdout.contains("drained: takes nothing new"), "{}", list.stdout);
    sandbox.monster(&["accounts", "disable", "home", "--drain"]).done().ok();
    let nobody = sandbox.monster(&["ask", "why?"]).done();
    insta::assert_snapshot!("all_drained", nobody.exits(5).all());
    sandbox.monster(&["route", "explain"]).done().exits(5);
    sandbox.monster(&["accounts", "enable", "work"]).done().ok();
    assert_eq!(ask(&sandbox, "openai/gpt-4.1-mini"), "work");
}

/// What a provider has said of an account.
fn saw(sandbox: &Sandbox, account: &str, remaining: u64, reset: &str) {
    let clock = Clock::fixed(NOW.parse().unwrap());
    let store = Store::at(&sandbox.state_dir(), &clock).unwrap();
    let reset_ms = Some(reset.parse::<jiff::Timestamp>().unwrap().as_millisecond());
    store.saw(vec![LimitRow {
        upstream: "openai".to_owned(),
        account: account.to_owned(),
        model: String::new(),
        what: "tokens".to_owned(),
        unit: "tokens".to_owned(),
        ceiling: Some(1_000),
        remaining: Some(remaining),
        reset_ms,
        seen_ms: clock.millis(),
        source: "header".to_owned(),
    }]);
    assert!(store.flush(std::time::Duration::from_secs(10)));
}

#[test]
fn a_pin_may_last_until_the_accounts_window_begins_anew() {
    let upstream = Upstream::start();
    let mut sandbox = accounts(&upstream, &["work", "home"]);
    let unknown = sandbox.monster(&["accounts", "use", "home", "--for", "until-reset"]).done();
    insta::assert_snapshot!("until_reset_unknown", unknown.exits(1).all());
    saw(&sandbox, "home", 10, "2026-11-24T13:00:00Z");
    let pinned = sandbox.monster(&["accounts", "use", "home", "--for", "until-reset"]).done();
    insta::assert_snapshot!("until_reset", pinned.ok().all());
    assert_eq!(ask(&sandbox, "openai/gpt-4.1-mini"), "home");
    let told = explained(&sandbox, &["openai/gpt-4.1-mini"]);
    assert_eq!(told["routes"][0]["why"], "pinned until 2026-11-24 13:00");
    sandbox.set("MONSTER_NOW", "2026-11-24T13:00:01Z");
    assert_eq!(ask(&sandbox, "openai/gpt-4.1-mini"), "work");
    sandbox.monster(&["accounts", "use", "home", "--for", "until-changed"]).done().ok();
    sandbox.monster(&["accounts", "rename", "home", "house"]).done().ok();
    assert_eq!(ask(&sandbox, "openai/gpt-4.1-mini"), "house", "a pin goes with the account to its new name");
}

#[test]
fn what_would_be_lost_soonest_and_what_was_used_least_goes_first() {
    let upstream = Upstream::start();
    let sandbox = accounts(&upstream, &["late", "soon", "empty"]);
    saw(&sandbox, "late", 10, "2026-11-27T00:00:00Z");
    saw(&sandbox, "soon", 10, "2026-11-24T13:00:00Z");
    saw(&sandbox, "empty", 0, "2026-11-24T11:00:00Z");
    let order = |strategy: &str| -> Vec<String> {
        sandbox.config(&format!("[upstreams.openai]\nstrategy = \"{strategy}\"\n"));
        let told = explained(&sandbox, &["openai/gpt-4.1-mini"]);
        let word = |r: &Value| format!("{}: {}", r["account"].as_str().unwrap(), r["why"].as_str().unwrap());
        told["routes"].as_array().unwrap().iter().map(word).collect()
    };
    insta::assert_snapshot!("soonest_reset", order("soonest-reset").join("\n"));
    ask(&sandbox, "openai/gpt-4.1-mini");
    insta::assert_snapshot!("least_used", order("least-used").join("\n"));
    assert_eq!(ask(&sandbox, "openai/gpt-4.1-mini"), "late", "soon has been used already");
    assert_eq!(ask(&sandbox, "openai/gpt-4.1-mini"), "empty");
}

#[test]
fn explain_says_what_is_skipped_and_why() {
    let upstream = Upstream::start();
    let mut sandbox = accounts(&upstream, &["work", "home", "off"]);
    sandbox.set("ANTHROPIC_BASE_URL", &upstream.base("anthropic"));
    sandbox.config(
        "[aliases]\nsmart = [\"openai/gpt-4.1-mini\", \"gpt-5.6-sool\", \"anthropic/claude-haiku-5-5\", \"house\"]\n[pools]\nhouse = { members = [\"openai/gpt-5.5(low)\", \"openai/gpt-99\"] }\n",
    );
    sandbox.monster(&["accounts", "disable", "off"]).done().ok();
    sandbox.monster(&["accounts", "priority", "home", "2"]).done().ok();
    sandbox.monster(&["accounts", "use", "work", "--for", "2h"]).done().ok();
    let say = |args: &[&str]| sandbox.normal(&sandbox.monster(args).done().all());
    insta::assert_snapshot!("explain", say(&["route", "explain", "smart"]));
    insta::assert_snapshot!("explain_large", say(&["route", "explain", "smart", "--tokens", "1100000"]));
    insta::assert_snapshot!(
        "explain_dear",
        say(&["route", "explain", "smart", "--tokens", "100000", "--max-cost", "0.10"])
    );
    insta::assert_snapshot!("explain_first_alone", say(&["route", "explain", "smart", "--no-fallback"]));
    insta::assert_snapshot!("explain_json", say(&["route", "explain", "openai/gpt-5.5(8192)", "--json"]));
    insta::assert_snapshot!("explain_unknown", say(&["route", "explain", "claude-haiku-5.5(high)"]));
    insta::assert_snapshot!("explain_no_key", say(&["route", "explain", "anthropic/claude-haiku-5-5"]));
}

#[test]
fn explain_says_what_a_budget_would_stop_or_thin_out() {
    let upstream = Upstream::start();
    upstream.always(|_| Answer::text("Yes."));
    let mut sandbox = crate::commit::connected(&upstream);
    let both = "openai/gpt-4.1-mini,anthropic/claude-haiku-4-5";
    let states = |told: &Value| -> Vec<String> {
        told["routes"].as_array().unwrap().iter().map(|r| r["state"].as_str().unwrap().to_owned()).collect()
    };
    sandbox.set("MONSTER_BUDGET_ACCOUNTS", "openai/env=0.0001/day");
    let told = explained(&sandbox, &[both]);
    assert_eq!(states(&told), ["over budget", "ready"], "{told:#}");
    assert_eq!(told["chosen"], "anthropic/claude-haiku-4-5");
    let now = told["routes"][0]["now"].as_str().unwrap();
    assert!(now.starts_with("skipped: budget.accounts (openai/env) is $0.0001: "), "{now}");
    // Nothing is reserved by looking.
    assert_eq!(explained(&sandbox, &[both]), told);
    sandbox.set("MONSTER_BUDGET_ON_LIMIT", "warn");
    let told = explained(&sandbox, &[both]);
    assert_eq!(states(&told), ["ready", "ready"], "{told:#}");
    assert!(told["warnings"][0].as_str().unwrap().starts_with("budget.accounts (openai/env) is"), "{told:#}");
    sandbox.set("MONSTER_BUDGET_ON_LIMIT", "stop").set("MONSTER_BUDGET_DAY", "0.0001");
    let told = sandbox.monster(&["route", "explain", both]).done();
    assert!(told.exits(5).stdout.contains("skipped: budget.day is $0.0001"), "{}", told.all());
    assert!(upstream.calls().is_empty());
}

#[test]
fn explain_says_that_everything_rests_and_until_when() {
    let upstream = Upstream::start();
    let mut sandbox = Sandbox::new();
    sandbox.connect(&upstream, "openai");
    upstream.next(Answer::rate_limited(900));
    sandbox.monster(&["ask", "why?", "--model", "openai/gpt-4.1-mini", "--no-wait"]).done().exits(5);
    let told = sandbox.monster(&["route", "explain", "openai/gpt-4.1-mini"]).done();
    assert!(told.exits(5).stdout.contains("cools until 2026-11-24 10:4"), "{}", told.stdout);
    assert!(told.stdout.contains("(seen by openai/gpt-4.1-mini at 2026-11-24 10:30)"), "{}", told.stdout);
    assert!(told.stderr.contains("nothing would be asked now"), "{}", told.stderr);
    // Half way one request may try, and explaining is none.
    sandbox.set("MONSTER_NOW", "2026-11-24T10:39:00Z");
    for _ in 0..2 {
        let told = explained(&sandbox, &["openai/gpt-4.1-mini"]);
        assert_eq!(told["routes"][0]["state"], "try", "{told}");
    }
}

#[test]
fn names_that_cannot_hold_are_told_with_their_line_and_the_rest_holds() {
    let upstream = Upstream::start();
    let mut sandbox = Sandbox::new();
    sandbox.connect(&upstream, "openai");
    sandbox.config(
        "[aliases]\nfast = \"openai/gpt-5.5\"\n\"a/b\" = \"x\"\nloop = [\"openai/gpt-5.5\", \"round(high)\"]\nnone = []\ngood = \"openai/gpt-4.1-mini\"\n\n[pools]\nround = { members = [\"loop\"] }\ngood = { members = [\"x\"] }\nodd = { members = [\"x\"], strategy = \"random\" }\nuneven = { members = [\"x\", \"y\"], strategy = \"weighted\", weights = [1] }\n",
    );
    insta::assert_snapshot!(
        "names_wrong",
        sandbox.normal(&sandbox.monster(&["config", "get", "aliases.good"]).done().ok().all())
    );
    let list = sandbox.monster(&["config", "list"]).done().ok().stdout.clone();
    assert!(list.lines().any(|l| l.starts_with("aliases.good") && l.contains("openai/gpt-4.1-mini")), "{list}");
    let told = sandbox.monster(&["config", "explain", "aliases.good"]).done();
    insta::assert_snapshot!("names_explained", sandbox.normal(&told.ok().stdout));
    sandbox.config("[aliases]\na = \"b\"\n");
    let set = |name: &str, value: &str| sandbox.monster(&["config", "set", name, value]).done();
    set("aliases.b", "openai/gpt-5.5(high), openai/gpt-4.1-mini").ok();
    assert_eq!(explained(&sandbox, &["a"])["chosen"], "openai/gpt-5.5");
    insta::assert_snapshot!(
        "names_refused",
        [set("aliases.b", "a").exits(2).all(), set("aliases.fast", "x").exits(2).all()].join("\n")
    );
    sandbox.monster(&["config", "unset", "aliases.b"]).done().ok();
    sandbox.monster(&["route", "explain", "a"]).done().exits(5);
}

#[test]
fn a_repository_gives_models_no_names() {
    let upstream = Upstream::start();
    let mut sandbox = Sandbox::new();
    sandbox.connect(&upstream, "openai");
    let repo = sandbox.repo("evil");
    repo.write(".monster.toml", "[aliases]\nfree = \"openai/gpt-4.1-mini\"\n[accounts]\nstrategy = \"round-robin\"\n");
    let done = repo.monster(&["ask", "why?", "--model", "free"]).done();
    insta::assert_snapshot!("repository", sandbox.normal(&done.exits(5).all()));
    assert!(upstream.calls().is_empty());
}
