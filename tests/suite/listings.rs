//! What providers list to connected accounts: windows, prices and abilities that override the tables.

use serde_json::{Value, json};

use crate::commit::connected;
use crate::sandbox::Sandbox;
use crate::upstream::{Answer, Upstream};

fn model(sandbox: &Sandbox, name: &str) -> Value {
    let listed = sandbox.monster(&["models", "list", "--all", "--json"]).done().ok().json();
    listed["models"].as_array().unwrap().iter().find(|m| m["name"] == name).unwrap_or(&Value::Null).clone()
}

fn row<'a>(update: &'a Value, account: &str) -> &'a Value {
    update["accounts"].as_array().unwrap().iter().find(|a| a["account"] == account).unwrap()
}

const ROUTER: &str = "/openrouter/api/v1/models";

/// OpenRouter sells a model of nobody else, and one that is known, at other prices.
fn router(prompt: &str) -> String {
    json!({ "data": [
        { "id": "lab/new-1", "context_length": 65_536, "supported_parameters": ["tools"],
          "architecture": { "input_modalities": ["text", "image"] },
          "pricing": { "prompt": prompt, "completion": "0.000008", "input_cache_read": "-1" } },
        { "id": "openai/gpt-4.1-mini", "context_length": 77_777,
          "pricing": { "prompt": "0.0000005", "completion": "0.000002" } } ] })
    .to_string()
}

#[test]
fn what_accounts_are_told_lies_above_the_tables_and_says_its_source_and_age() {
    let upstream = Upstream::start();
    upstream.always(|_| Answer::text("Yes.")).lists(&["claude-sonnet-4-6", "grok-4.5"]);
    let sandbox = connected(&upstream);
    upstream.page(ROUTER, &sandbox.key("openrouter"), 200, &router("0.000002"));
    let before = model(&sandbox, "anthropic/claude-sonnet-4-6");
    assert_eq!(before["context_from"]["list"], "embedded");

    let checked = sandbox.monster(&["models", "update", "--accounts", "--check", "--json"]).done().ok().json();
    assert_eq!(row(&checked, "openrouter/env")["priced"], 2);
    assert_eq!(model(&sandbox, "openrouter/lab/new-1"), Value::Null, "--check keeps nothing");

    let update = sandbox.monster(&["models", "update", "--accounts"]).done();
    assert!(update.ok().stdout.contains("openrouter/env lists 2 models, 2 of them priced"), "{}", update.stdout);
    let claude = model(&sandbox, "anthropic/claude-sonnet-4-6");
    assert_eq!(claude["context"], 200_000, "the provider knows best");
    assert_eq!(claude["context_from"]["list"], "listed");
    assert_eq!(claude["context_from"]["source"], "anthropic lists it to env");
    assert_eq!(claude["context_from"]["age_days"], 0);
    assert_eq!(claude["prices_from"]["list"], "embedded", "it says no prices");
    let new = model(&sandbox, "openrouter/lab/new-1");
    assert_eq!((&new["usd_per_million"]["input"], &new["usd_per_million"]["cache_read"]), (&json!(2.0), &Value::Null));
    assert_eq!((&new["tools"], &new["images"], &new["connected"]), (&json!(true), &json!(true), &json!(true)));
    let shown = sandbox.monster(&["models", "list", "openrouter"]).done();
    assert!(
        shown.ok().all().contains("listed prices of 2026-11-24 (today): openrouter lists it to env"),
        "{}",
        shown.all()
    );

    // A limit on money is held by it: 4,096 tokens out at 8 dollars a million are more than three cents.
    let ask = |most: &str| {
        let args = ["ask", "why?", "--model", "openrouter/lab/new-1", "--no-wait", "--max-cost", most];
        sandbox.monster(&args).done()
    };
    ask("0.04").ok();
    assert!(ask("0.03").exits(6).stderr.contains("$0.03"));

    // The user's own row lies above.
    let own = "[[model]]\nprovider = \"openrouter\"\nid = \"lab/new-1\"\ncontext = 99\n";
    std::fs::write(sandbox.config_dir().join("models.toml"), own).unwrap();
    let new = model(&sandbox, "openrouter/lab/new-1");
    assert_eq!((&new["context"], &new["context_from"]["list"]), (&json!(99), &json!("overlay")));
}

#[test]
fn an_account_that_cannot_be_asked_keeps_what_it_was_told_and_breaks_nothing() {
    let upstream = Upstream::start();
    upstream.lists(&["claude-sonnet-4-6"]);
    let sandbox = connected(&upstream);
    let key = sandbox.key("openrouter");
    upstream.page(ROUTER, &key, 200, &router("0.000002"));
    sandbox.monster(&["models", "update", "--accounts"]).done().ok();
    upstream.page(ROUTER, &key, 500, "no");
    let update = sandbox.monster(&["models", "update", "--accounts"]).done();
    assert!(update.ok().stderr.contains("2 models of 2026-11-24 stay"), "{}", update.stderr);
    assert_eq!(model(&sandbox, "openrouter/lab/new-1")["usd_per_million"]["input"], 2.0);
    // A price nobody can believe is left out, and the rest is taken.
    let dear = router("0.000002").replace("0.0000005", "0.5").replace("65536", "1000");
    upstream.page(ROUTER, &key, 200, &dear);
    let update = sandbox.monster(&["models", "update", "--accounts", "--json"]).done().ok().json();
    let told = row(&update, "openrouter/env");
    assert_eq!((&told["models"], &told["failure"]), (&json!(2), &Value::Null));
    let known = model(&sandbox, "openrouter/openai/gpt-4.1-mini");
    assert_eq!(known["prices_from"]["list"], "embedded", "half a million dollars is no price");
    assert_eq!(known["context"], 77_777);
    // A damaged file is told and left out.
    std::fs::write(sandbox.state_dir().join("models.listed.json"), "{\"schema\":").unwrap();
    let shown = sandbox.monster(&["models", "list", "openrouter"]).done();
    assert!(shown.ok().stderr.contains("what providers listed to your accounts"), "{}", shown.stderr);
}

#[test]
fn an_account_that_was_not_asked_this_time_keeps_what_it_was_told() {
    let upstream = Upstream::start();
    upstream.lists(&["claude-sonnet-4-6", "grok-4.5"]);
    let sandbox = connected(&upstream);
    upstream.page(ROUTER, &sandbox.key("openrouter"), 200, &router("0.000002"));
    let login = ["login", "openrouter", "--stdin", "--no-check", "--name", "work", "--store", "plaintext"];
    sandbox.monster(&login).stdin(sandbox.key("openrouter")).done().ok();
    let update =
        |more: &[&str]| drop(sandbox.monster(&[more, &["models", "update", "--accounts"]].concat()).done().ok().all());
    let kept = || {
        let text = std::fs::read_to_string(sandbox.state_dir().join("models.listed.json")).unwrap();
        let kept: Value = serde_json::from_str(&text).unwrap();
        let name = |row: &Value| format!("{}/{}", row["upstream"].as_str().unwrap(), row["account"].as_str().unwrap());
        let mut names: Vec<String> = kept["accounts"].as_array().unwrap().iter().map(name).collect();
        names.sort();
        names
    };
    update(&[]);
    let all = kept();
    assert!(all.len() > 4 && all.contains(&"openrouter/work".to_owned()), "{all:?}");
    update(&["--account", "work"]);
    assert_eq!(kept(), all, "one account alone was asked");
    // What roles mean is no matter: a role that the environment serves leaves the sealed file shut.
    sandbox.monster(&["config", "set", "roles.balanced", "[\"openai/gpt-5.4\"]"]).done().ok();
    update(&[]);
    assert_eq!(kept(), all);
    sandbox.monster(&["accounts", "disable", "work"]).done().ok();
    update(&[]);
    assert_eq!(kept(), all, "it is there, if not in use");
    sandbox.monster(&["accounts", "remove", "work"]).done().ok();
    update(&[]);
    assert_eq!(kept().len(), all.len() - 1, "of one that is gone nothing is kept");
}

#[test]
fn when_no_account_can_be_asked_the_command_fails_and_says_why() {
    let upstream = Upstream::start();
    upstream.refuses_keys();
    let sandbox = connected(&upstream);
    let done = sandbox.monster(&["models", "update", "--accounts"]).done();
    assert!(done.exits(1).stderr.contains("anthropic/env could not be asked for its list"), "{}", done.stderr);
    let nobody = Sandbox::new();
    nobody.monster(&["models", "update", "--accounts"]).done().ok();
    nobody.monster(&["models", "update", "--accounts", "--from", "https://example.org"]).done().exits(2);
}

#[test]
fn accounts_that_stay_locked_are_no_success() {
    let sandbox = Sandbox::new();
    let login = ["login", "openai", "--stdin", "--no-check", "--store", "keyfile", "--keyfile", "key.txt"];
    sandbox.monster(&login).stdin(sandbox.key("openai")).done().ok();
    std::fs::remove_file(sandbox.home().join("key.txt")).unwrap();
    let out = sandbox.monster(&["models", "update", "--accounts", "--json"]).done();
    assert_eq!(out.exits(1).json()["locked"], true, "{}", out.all());
}
