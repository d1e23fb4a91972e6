//! Interruptions and readers that go away: nothing is lost, nothing is half-written.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::commit::{connected, pager};
use crate::sandbox::{Repo, Sandbox};
use crate::upstream::{Answer, Fault, Upstream};

const LONG: Duration = Duration::from_secs(60);

/// Everything of a repository that a commit changes.
fn state(repo: &Repo<'_>) -> (String, String, bool) {
    let head = repo.git(&["rev-parse", "HEAD"]);
    let staged = repo.git(&["diff", "--cached"]);
    (head, staged, repo.path().join(".git/index.lock").exists())
}

fn message() -> Answer {
    Answer::json(&json!({ "type": "fix", "scope": "pager", "subject": "count the last page", "body": "" }))
}

#[test]
fn ctrl_c_while_the_message_is_written_leaves_everything_as_it_was() {
    let upstream = Upstream::start();
    upstream.next(message().fault(Fault::Stall(1)));
    let sandbox = connected(&upstream);
    let repo = pager(&sandbox);
    let before = state(&repo);
    let running = repo.monster(&["commit", "-y", "--model", "openai/gpt-4.1-mini"]).start();
    upstream.wait_for_stall(LONG);
    running.signal("INT");
    let done = running.done(&sandbox);
    insta::assert_snapshot!("commit_interrupted", done.exits(130).all());
    upstream.wait_for_hang_up(LONG);
    assert_eq!(state(&repo), before);
    let history = sandbox.monster(&["history", "--json"]).done().ok().json();
    assert_eq!(history["requests"][0]["outcome"], "cancelled", "{history:#}");

    upstream.next(message());
    repo.monster(&["commit", "-y", "--model", "openai/gpt-4.1-mini"]).done().ok();
    assert_eq!(repo.message(), "fix(pager): count the last page", "and the next try goes through");
}

/// A hook of git that says it was reached and then takes its time.
fn slow_hook(sandbox: &Sandbox, repo: &Repo<'_>) -> std::path::PathBuf {
    let reached = sandbox.home().join("reached");
    repo.write(".git/hooks/pre-commit", &format!("#!/bin/sh\n: > '{}'\nsleep 60\n", reached.display()));
    let hook = repo.path().join(".git/hooks/pre-commit");
    crate::program::runnable(hook);
    reached
}

#[test]
fn ctrl_c_while_git_commits_leaves_no_half_commit() {
    let upstream = Upstream::start();
    upstream.always(|_| message());
    let sandbox = connected(&upstream);
    let repo = pager(&sandbox);
    let before = state(&repo);
    let reached = slow_hook(&sandbox, &repo);
    let running = repo.monster(&["commit", "-y", "--model", "openai/gpt-4.1-mini"]).start_group();
    let patience = Instant::now();
    while !reached.exists() {
        assert!(patience.elapsed() < LONG, "git never ran its hook");
        std::thread::sleep(Duration::from_millis(20));
    }
    // A terminal sends it to everybody in the foreground: monster, git and the hook.
    running.signal_group("INT");
    insta::assert_snapshot!("git_interrupted", running.done(&sandbox).exits(130).all());
    assert_eq!(state(&repo), before);
    std::fs::remove_file(repo.path().join(".git/hooks/pre-commit")).unwrap();
    repo.monster(&["commit", "-y", "--model", "openai/gpt-4.1-mini"]).done().ok();
    assert_eq!(repo.message(), "fix(pager): count the last page");
}

#[test]
fn ctrl_c_in_the_hook_stops_the_commit_with_nothing_half_written() {
    let upstream = Upstream::start();
    upstream.next(message().fault(Fault::Stall(1)));
    let mut sandbox = connected(&upstream);
    sandbox.set("MONSTER_MODEL", "openai/gpt-4.1-mini").set("MONSTER_HOOK_DEADLINE", "60").set("GIT_EDITOR", "true");
    let repo = pager(&sandbox);
    repo.monster(&["hook", "install"]).done().ok();
    let before = state(&repo);
    let running = repo.any("git", &["commit"]).start_group();
    upstream.wait_for_stall(LONG);
    running.signal_group("INT");
    let done = running.done(&sandbox);
    assert!(!done.stderr.contains("panicked"), "{}", done.stderr);
    upstream.wait_for_hang_up(LONG);
    assert_eq!(state(&repo), before);
    let draft = std::fs::read_to_string(repo.path().join(".git/COMMIT_EDITMSG")).unwrap_or_default();
    assert!(!draft.contains("count"), "no piece of an answer reached the message file: {draft}");
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let upstream = Upstream::start();
    upstream.always(|_| Answer::text("One two three four five six seven eight nine."));
    let sandbox = connected(&upstream);
    let repo = pager(&sandbox);
    let ask = ["ask", "why?", "--model", "openai/gpt-4.1-mini"];
    let commands: [&[&str]; 9] = [
        &["--help"],
        &["models", "list", "--all"],
        &["models", "list", "--all", "--json"],
        &["completions", "bash"],
        &["config", "list"],
        &["doctor"],
        &["review", "--offline"],
        &["commit", "--offline"],
        &ask,
    ];
    for command in commands {
        let done = repo.monster(command).no_reader().done();
        assert!(!done.ok().stderr.contains("panicked"), "{}", done.all());
        assert!(!done.stderr.contains("error"), "{}", done.all());
    }
}
