//! What stands in the way is said first, once, and with what helps.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use serde_json::json;

use crate::commit::pager;
use crate::sandbox::Sandbox;
use crate::upstream::{Answer, Upstream};

/// One account, and nothing at hand that opens it.
fn locked() -> Sandbox {
    let sandbox = Sandbox::new();
    let file = sandbox.home().join("passphrase");
    fs::write(&file, "correct horse battery staple\n").unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    sandbox
        .monster(&["login", "openai", "--stdin", "--no-check", "--store", "passphrase"])
        .env("MONSTER_PASSPHRASE_FILE", &file.display().to_string())
        .stdin(sandbox.key("openai"))
        .done()
        .ok();
    sandbox
}

#[test]
fn locked_accounts_are_what_is_told_and_not_that_no_model_is_connected() {
    let sandbox = locked();
    let ask = sandbox.monster(&["ask", "why?"]).done();
    insta::assert_snapshot!("ask_locked", ask.exits(5).all());
    insta::assert_snapshot!("models_locked", sandbox.monster(&["models", "list"]).done().exits(5).all());
    for flags in [
        ["--model", "openai/gpt-4.1-mini"],
        ["--model", "openai/gpt-4.1-mini,fast"],
        ["--account", "openai"],
        ["--dialectic", "--strict"],
    ] {
        let done = sandbox.monster(&[&["ask", "why?"][..], &flags].concat()).done();
        assert!(done.exits(5).stderr.starts_with("error: the accounts are locked: "), "{}", done.all());
    }
    // A key in the environment needs no account.
    let upstream = Upstream::start();
    upstream.always(|_| Answer::text("Yes."));
    let ask = sandbox.monster(&["ask", "why?", "--model", "anthropic/claude-haiku-4-5"]);
    let base = upstream.base("anthropic");
    let done = ask.env("ANTHROPIC_API_KEY", &sandbox.key("anthropic")).env("ANTHROPIC_BASE_URL", &base).done();
    assert_eq!(done.ok().stdout, "Yes.\n");
}

#[test]
fn with_locked_accounts_the_rules_write_and_review_and_say_how_to_unlock() {
    let sandbox = locked();
    let repo = pager(&sandbox);
    insta::assert_snapshot!("commit_locked", repo.monster(&["commit"]).done().ok().all());
    insta::assert_snapshot!("review_locked", repo.monster(&["review"]).done().ok().all());
    repo.monster(&["commit", "--no-fallback"]).done().exits(5);
    repo.monster(&["commit", "--show-prompt"]).done().ok();

    repo.monster(&["hook", "install"]).done().ok();
    let done = repo.any("git", &["commit"]).env("GIT_EDITOR", "cp .git/COMMIT_EDITMSG draft.txt; :").done();
    done.ok();
    let draft = repo.read("draft.txt");
    let advice: Vec<&str> = draft.lines().filter(|line| line.contains("locked")).collect();
    let told =
        "# monster's own rules wrote this: the accounts are locked: nobody gave the passphrase; unlock the keychain";
    assert!(advice.len() == 1 && advice[0].starts_with(told), "the commit goes on, with one line of advice: {draft}");
}

#[test]
fn doctor_looks_at_everything_else_when_settings_are_broken() {
    let mut sandbox = Sandbox::new();
    sandbox.config("effort = \"low\"\n[commit\nstyle = \"plain\"\n");
    let key = sandbox.key("openai");
    sandbox.set("OPENAI_API_KEY", &key);
    insta::assert_snapshot!("doctor_settings", sandbox.monster(&["doctor"]).done().exits(1).all());
    let done = sandbox.monster(&["accounts", "test"]).done();
    assert!(done.exits(1).stderr.contains("monster config edit"), "no key goes anywhere: {}", done.all());
    let login = sandbox.monster(&["login", "openai", "--stdin"]).stdin(key).done();
    assert!(login.exits(1).stderr.contains("monster config edit"), "nor a new one: {}", login.all());
}

#[test]
fn doctor_says_what_helps_where_nothing_can_be_kept() {
    let sandbox = Sandbox::new();
    let nowhere = sandbox.monster(&["doctor"]).env("XDG_STATE_HOME", "/dev/null/state").done();
    insta::assert_snapshot!("doctor_unwritable", nowhere.exits(1).all());
    let homeless = ["HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME"];
    let homeless = homeless.iter().fold(sandbox.monster(&["doctor"]), |run, name| run.env(name, "")).done();
    insta::assert_snapshot!("doctor_homeless", homeless.exits(1).all());
}

#[test]
fn keys_in_plain_text_are_warned_about_once_a_command() {
    let upstream = Upstream::start();
    upstream.lists(&["gpt-4.1-mini"]).always(|_| Answer::text("Yes."));
    let mut sandbox = Sandbox::new();
    sandbox.set("OPENAI_BASE_URL", &upstream.base("openai"));
    let login = ["login", "openai", "--stdin", "--store", "plaintext"];
    let warnings = |text: &str| text.matches("warning: ").count();
    let done = sandbox.monster(&login).stdin(sandbox.key("openai")).done();
    assert_eq!(warnings(&done.ok().stderr), 1, "{}", done.stderr);
    for command in [&["ask", "why?", "--model", "openai/gpt-4.1-mini"][..], &["accounts"], &["models"], &["doctor"]] {
        let done = sandbox.monster(command).done();
        assert_eq!(warnings(&done.ok().stderr), 1, "{}", done.all());
    }
}

#[test]
fn the_receipt_of_a_local_server_names_no_account() {
    let upstream = Upstream::start();
    upstream.next(Answer::json(&json!({ "type": "fix", "scope": "", "subject": "count the last page", "body": "" })));
    let sandbox = Sandbox::new();
    let rows = format!("[upstreams.ollama]\nprovider = \"ollama\"\nbase_url = \"{}\"\n", upstream.base("ollama"));
    sandbox.config(&rows);
    let repo = pager(&sandbox);
    let done = repo.monster(&["commit", "--model", "ollama/qwen3:4b"]).done();
    insta::assert_snapshot!("local_receipt", done.ok().all());
    upstream.always(|_| Answer::status(500, "server_error", "out of memory"));
    let done = repo.monster(&["ask", "why?", "--model", "ollama/qwen3:4b"]).done();
    assert!(!done.exits(5).stderr.contains("account"), "{}", done.stderr);
}
