//! The gates: what keeps a secret out of a commit, whatever the repository says and git can read.

use std::fs;

use serde_json::json;

use crate::commit::connected;
use crate::sandbox::{Repo, Sandbox};
use crate::upstream::{Answer, Upstream};

fn offline() -> Sandbox {
    let mut sandbox = Sandbox::new();
    sandbox.set("MONSTER_OFFLINE", "true");
    sandbox
}

#[test]
fn a_file_of_the_repository_stops_drafts_and_no_gate() {
    let sandbox = offline();
    let repo = sandbox.repo("theirs");
    repo.history(&[("feat: begin", "a.py", "a = 1\n")]);
    repo.monster(&["hook", "install", "--all"]).done().ok();
    repo.write(".monster.toml", "[hook]\nenabled = false\n");
    let status = repo.monster(&["hook", "status"]).done();
    let told = "hook.enabled is false (";
    let what = ".monster.toml:2): no message is drafted; the other hooks do their work";
    assert!(status.ok().stderr.contains(told) && status.stderr.contains(what), "{}", status.stderr);
    let json = repo.monster(&["hook", "status", "--json"]).done().ok().json();
    assert_eq!((&json["drafts"], &json["judges"]), (&json!(false), &json!(true)));
    repo.stage("a.py", &format!("a = '{}'\n", sandbox.key("anthropic")));
    let said = repo.any("git", &["commit", "-m", "feat: two"]).done().exits(1).stderr.clone();
    assert!(said.contains("the commit was stopped: what is staged holds a secret"), "{said}");
    // The user's own word switches all of them off.
    repo.git(&["config", "monster.hook", "false"]);
    let status = repo.monster(&["hook", "status"]).done();
    let what = "hook.enabled is false (git config monster.hook): the hooks do nothing";
    assert!(status.ok().stderr.contains(what), "{}", status.stderr);
    repo.any("git", &["commit", "-m", "feat: two"]).done().ok();
}

/// A clone without contents, in which the old side of what is staged is not here and the new one adds `line`.
fn partial<'s>(sandbox: &'s Sandbox, line: &str) -> Repo<'s> {
    let whole = sandbox.repo("whole");
    whole.history(&[("feat: begin", "a.py", "a = 1\nb = 1\n"), ("feat: two", "a.py", "a = 2\nb = 1\n")]);
    whole.git(&["config", "uploadpack.allowFilter", "true"]);
    let from = format!("file://{}", whole.path().display());
    let to = whole.path().with_file_name("part").display().to_string();
    whole.git(&["clone", "-q", "--filter=blob:none", &from, &to]);
    let repo = sandbox.at("part");
    repo.git(&["reset", "-q", "--soft", "HEAD~1"]);
    repo.stage("a.py", &format!("a = 2\nb = 1\n{line}\n"));
    repo
}

#[test]
fn what_git_can_read_one_side_of_alone_is_looked_through() {
    let sandbox = offline();
    let repo = partial(&sandbox, &format!("k = '{}'", sandbox.key("anthropic")));
    repo.monster(&["hook", "install", "pre-commit"]).done().ok();
    let said = repo.any("git", &["commit", "-q", "-m", "squashed"]).done().exits(1).all();
    assert!(said.contains("a.py:3") && said.contains("what is staged holds a secret"), "{said}");
    repo.monster(&["redact", "scan", "--staged"]).done().exits(1);
    for args in [&["commit", "-y", "--secrets", "block"][..], &["commit", "-a", "-y", "--secrets", "block"]] {
        let said = repo.monster(args).done().exits(6).stderr.clone();
        assert!(said.contains("a.py:3: A secret is added"), "{args:?}: {said}");
    }
    // Without one it goes through.
    repo.stage("a.py", "a = 2\nb = 1\nc = 3\n");
    repo.monster(&["redact", "scan", "--staged"]).done().ok();
    repo.any("git", &["commit", "-q", "-m", "squashed"]).done().ok();
}

#[test]
fn what_nobody_can_read_passes_no_gate() {
    let sandbox = offline();
    let repo = sandbox.repo("damaged");
    repo.history(&[("feat: begin", "a.py", "a = 1\n")]);
    repo.monster(&["hook", "install", "pre-commit"]).done().ok();
    repo.stage("a.py", "a = 2\n");
    let id = repo.git(&["rev-parse", ":a.py"]);
    fs::remove_file(repo.path().join(".git/objects").join(&id[..2]).join(&id[2..])).unwrap();
    let done = repo.monster(&["redact", "scan", "--staged"]).done();
    assert!(done.exits(2).stderr.contains("a.py cannot be read: its content is missing"), "{}", done.stderr);
    let done = repo.monster(&["hook", "run", "pre-commit"]).done();
    assert!(done.exits(6).stderr.contains("could not be looked through as a whole"), "{}", done.stderr);
    let done = repo.monster(&["commit", "-y", "--secrets", "block"]).done();
    assert!(done.exits(6).stderr.contains("a.py cannot be looked through for secrets"), "{}", done.stderr);
    repo.write("msg", "");
    let done = repo.monster(&["hook", "run", "prepare-commit-msg", "msg"]).env("MONSTER_REDACT_MODE", "block").done();
    assert!(done.exits(6).stderr.contains("a.py cannot be looked through for secrets"), "{}", done.stderr);
}

#[test]
fn what_no_model_saw_of_a_change_is_told() {
    let upstream = Upstream::start();
    upstream.always(|_| Answer::json(&json!({ "type": "feat", "scope": "", "subject": "add a constant", "body": "" })));
    let mut sandbox = connected(&upstream);
    sandbox.set("MONSTER_MODEL", "openai/gpt-4.1-mini");
    let repo = partial(&sandbox, "c = 3");
    let why = "a.py: its content is not here (partial clone)";
    let done = repo.monster(&["commit", "--dry-run", "--json"]).done();
    assert_eq!(done.ok().json()["unread"], json!({ "parts": 1, "of": 1, "why": why }));
    assert!(done.stderr.contains(&format!("1 of 1 parts of the change were not read: {why}")), "{}", done.stderr);
    repo.write("msg", "");
    repo.monster(&["hook", "run", "prepare-commit-msg", "msg"]).done().ok();
    let draft = repo.read("msg");
    assert!(draft.contains("# warning: a.py was not read: its content is not here (partial clone)"), "{draft}");
}
