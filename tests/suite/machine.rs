//! `--json`: what every command says to programs.

use std::fs;

use serde_json::{Value, json};

use crate::commit::{connected, pager};
use crate::sandbox::Sandbox;
use crate::upstream::{Answer, Upstream};

/// One value on stdout, with the schema's name in it.
#[track_caller]
fn schema(value: &Value) -> String {
    value["schema"].as_str().unwrap_or_else(|| panic!("no schema is named: {value:#}")).to_owned()
}

#[test]
fn what_reads_answers_with_one_value() {
    let sandbox = Sandbox::new();
    let repo = pager(&sandbox);
    let cases: [(&[&str], &str); 14] = [
        (&["commit"], "monster.commit/1"),
        (&["review"], "monster.review/2"),
        (&["hook", "status"], "monster.hook/1"),
        (&["hook", "install"], "monster.hook/1"),
        (&["hook", "uninstall"], "monster.hook/1"),
        (&["accounts"], "monster.accounts/1"),
        (&["accounts", "slots"], "monster.slots/1"),
        (&["accounts", "test"], "monster.accounts.test/1"),
        (&["models"], "monster.models/1"),
        (&["history"], "monster.history/1"),
        (&["cost"], "monster.cost/1"),
        (&["config", "list"], "monster.config/1"),
        (&["config", "get", "effort"], "monster.config/1"),
        (&["doctor"], "monster.doctor/1"),
    ];
    for (command, name) in cases {
        let mut args = command.to_vec();
        args.push("--json");
        let done = repo.monster(&args).done();
        assert_eq!(schema(&done.ok().json()), name, "{}", done.all());
    }
}

#[test]
fn what_changes_something_answers_with_one_value_too() {
    let mut sandbox = Sandbox::new();
    let file = sandbox.home().join("passphrase");
    fs::write(&file, "correct horse battery staple\n").unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    }
    sandbox.set("MONSTER_PASSPHRASE_FILE", &file.display().to_string());
    let login = ["login", "openai", "--stdin", "--no-check", "--store", "passphrase", "--name", "work", "--json"];
    let value = sandbox.monster(&login).stdin(sandbox.key("openai")).done().ok().json();
    assert_eq!((schema(&value).as_str(), &value["account"]), ("monster.login/1", &json!("work")));
    let cases: [&[&str]; 8] = [
        &["accounts", "rename", "work", "main"],
        &["accounts", "disable", "main"],
        &["accounts", "enable", "main"],
        &["accounts", "remove", "main"],
        &["config", "set", "effort", "low"],
        &["config", "explain", "effort"],
        &["config", "unset", "effort"],
        &["config", "path"],
    ];
    for command in cases {
        let mut args = command.to_vec();
        args.push("--json");
        let done = sandbox.monster(&args).done();
        assert!(schema(&done.ok().json()).starts_with("monster."), "{}", done.all());
    }
}

#[test]
fn a_commit_answers_with_one_value_although_git_speaks_too() {
    let sandbox = Sandbox::new();
    let repo = pager(&sandbox);
    let value = repo.monster(&["commit", "-y", "--offline", "--json"]).done().ok().json();
    assert_eq!(value["commit"], repo.git(&["rev-parse", "HEAD"]));
    assert_eq!(value["message"], repo.message());
}

#[test]
fn a_locked_vault_is_one_value_and_exit_1() {
    let mut sandbox = Sandbox::new();
    let file = sandbox.home().join("passphrase");
    fs::write(&file, "correct horse battery staple\n").unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    }
    sandbox.set("MONSTER_PASSPHRASE_FILE", &file.display().to_string());
    let login = ["login", "openai", "--stdin", "--no-check", "--store", "passphrase"];
    sandbox.monster(&login).stdin(sandbox.key("openai")).done().ok();
    fs::write(&file, "wrong\n").unwrap();
    let done = sandbox.monster(&["accounts", "--json"]).done();
    let value = done.exits(1).json();
    assert!(value["locked"].as_str().is_some_and(|why| why.contains("passphrase")), "{value:#}");
    assert!(done.stderr.starts_with("error: "), "people are told on standard error: {}", done.stderr);
}

#[test]
fn an_answer_says_who_gave_it_and_what_it_cost() {
    let upstream = Upstream::start();
    upstream.always(|_| Answer::text("Yes.").thinking("Let me see.", 7));
    let sandbox = connected(&upstream);
    let value = sandbox.monster(&["ask", "why?", "--json", "--model", "anthropic/claude-haiku-4-5"]).done().ok().json();
    assert_eq!(schema(&value), "monster.ask/1");
    assert_eq!(value["answer"], "Yes.");
    assert_eq!((&value["model"], &value["maker"]), (&json!("anthropic/claude-haiku-4-5"), &json!("anthropic")));
    assert_eq!(value["usage"]["source"], "reported");
    assert_eq!((&value["usage"]["input"], &value["usage"]["output"]), (&json!(100), &json!(20)));
    assert_eq!(value["cost"]["nano_usd"], 200_000);
    assert_eq!(value["finish"], "stop");
}

#[test]
fn usage_is_read_alike_from_every_provider() {
    // 100 tokens in, 40 of them from the cache; 20 out, 7 of them thoughts.
    let models = [
        "openai/gpt-5.4-pro",
        "openai/gpt-5-mini",
        "gemini/gemini-3.5-flash",
        "deepseek/deepseek-v4-flash",
        "xai/grok-4.5",
        "openrouter/openai/gpt-5-mini",
    ];
    for model in models {
        let upstream = Upstream::start();
        let usage = crate::upstream::Usage { input: 100, cached: 40, output: 20 };
        upstream.always(move |_| Answer::text("Yes.").thinking("Let me see.", 7).usage(usage));
        let sandbox = connected(&upstream);
        {
            let args = ["ask", "why?", "--json", "--effort", "high", "--model", model];
            let value = sandbox.monster(&args).done().ok().json();
            let used = &value["usage"];
            let seen = (&used["input"], &used["cache_read"], &used["output"], &used["reasoning"]);
            assert_eq!(seen, (&json!(60), &json!(40), &json!(20), &json!(7)), "{model}: {used:#}");
        }
    }
}
