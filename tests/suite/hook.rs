//! The hook, run by git itself.

use serde_json::json;

use crate::commit::{connected, pager};
use crate::sandbox::{Repo, Sandbox};
use crate::upstream::{Answer, Upstream};

/// `git commit` with an editor that changes nothing, as a person who accepts the draft.
fn accept(sandbox: &Sandbox, repo: &Repo<'_>) -> (bool, String) {
    let out = sandbox.command("git", repo.path()).args(["commit"]).env("GIT_EDITOR", "true").output().unwrap();
    (out.status.success(), String::from_utf8_lossy(&out.stderr).into_owned())
}

#[test]
fn git_commit_finds_the_draft_in_its_editor() {
    let upstream = Upstream::start();
    upstream
        .next(Answer::json(&json!({ "type": "fix", "scope": "pager", "subject": "count the last page", "body": "" })));
    let mut sandbox = connected(&upstream);
    sandbox.set("MONSTER_MODEL", "openai/gpt-4.1-mini");
    let repo = pager(&sandbox);
    repo.monster(&["hook", "install"]).done().ok();
    let (ok, said) = accept(&sandbox, &repo);
    assert!(ok, "{said}");
    assert_eq!(repo.message(), "fix(pager): count the last page");
}

#[test]
fn no_model_trouble_ever_stops_a_commit() {
    let upstream = Upstream::start();
    upstream.always(|_| Answer::status(500, "server_error", "The server had an error."));
    let mut sandbox = connected(&upstream);
    sandbox.set("MONSTER_MODEL", "openai/gpt-4.1-mini");
    let repo = pager(&sandbox);
    repo.monster(&["hook", "install"]).done().ok();
    repo.stage("README.md", "# Pager\n\nCounts all pages.\n");
    repo.git(&["restore", "--staged", "src/pager.rs"]);
    let (ok, said) = accept(&sandbox, &repo);
    assert!(ok, "{said}");
    assert_eq!(repo.message(), "docs: update README");
}

#[test]
fn a_stalled_model_costs_the_deadline_and_no_more() {
    let upstream = Upstream::start();
    upstream.always(|_| Answer::text("never seen").slow_head(std::time::Duration::from_secs(170)));
    let mut sandbox = connected(&upstream);
    sandbox.set("MONSTER_MODEL", "openai/gpt-4.1-mini").set("MONSTER_HOOK_DEADLINE", "1");
    let repo = pager(&sandbox);
    repo.monster(&["hook", "install"]).done().ok();
    let (ok, said) = accept(&sandbox, &repo);
    assert!(ok, "{said}");
    upstream.wait_for_hang_up(std::time::Duration::from_secs(60));
}

#[test]
fn messages_that_git_has_already_are_left_alone() {
    let upstream = Upstream::start();
    let sandbox = connected(&upstream);
    let repo = pager(&sandbox);
    repo.monster(&["hook", "install"]).done().ok();
    repo.git(&["commit", "-q", "-m", "my own words"]);
    assert_eq!(repo.message(), "my own words");
    assert!(upstream.calls().is_empty(), "no model is asked");
}

#[test]
fn install_refuses_where_a_hook_stands_and_uninstall_takes_only_ours() {
    let sandbox = Sandbox::new();
    let repo = pager(&sandbox);
    insta::assert_snapshot!("installed", repo.monster(&["hook", "install"]).done().ok().all());
    insta::assert_snapshot!("status", repo.monster(&["hook", "status"]).done().ok().all());
    insta::assert_snapshot!("uninstalled", repo.monster(&["hook", "uninstall"]).done().ok().all());
    assert!(!repo.path().join(".git/hooks/prepare-commit-msg").exists());

    repo.write(".git/hooks/prepare-commit-msg", "#!/bin/sh\necho theirs\n");
    insta::assert_snapshot!("another_hook_stands", repo.monster(&["hook", "install"]).done().exits(3).all());
    repo.monster(&["hook", "uninstall"]).done().exits(3);
    assert_eq!(repo.read(".git/hooks/prepare-commit-msg"), "#!/bin/sh\necho theirs\n", "theirs is untouched");

    std::fs::remove_file(repo.path().join(".git/hooks/prepare-commit-msg")).unwrap();
    repo.git(&["config", "core.hooksPath", ".husky"]);
    insta::assert_snapshot!("hooks_path_is_set", repo.monster(&["hook", "install"]).done().exits(3).all());
}
