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

/// What git commits where this model drafts and the draft is accepted.
fn drafted(upstream: &Upstream) -> String {
    let mut sandbox = connected(upstream);
    sandbox.set("MONSTER_MODEL", "openai/gpt-4.1-mini");
    let repo = pager(&sandbox);
    repo.monster(&["hook", "install"]).done().ok();
    let (ok, said) = accept(&sandbox, &repo);
    assert!(ok, "{said}");
    repo.message()
}

#[test]
fn git_commit_finds_the_draft_in_its_editor() {
    let upstream = Upstream::start();
    upstream
        .next(Answer::json(&json!({ "type": "fix", "scope": "pager", "subject": "count the last page", "body": "" })));
    assert_eq!(drafted(&upstream), "fix(pager): count the last page");
}

#[test]
fn what_a_model_puts_around_its_words_is_no_part_of_the_message() {
    for answer in [
        "**fix: count the last page**",
        "### Fix: count the last page\n\nnull",
        "\"subject\": \"fix: count the last page\",\n\"body\": \"\"",
        "{\"type\": \"fix\", \"subject\": \"count the last page\", \"body\": \"null\"}",
        "fix: count the last page\"}",
    ] {
        let upstream = Upstream::start();
        upstream.always(move |_| Answer::text(answer));
        let message = drafted(&upstream);
        assert!(message.starts_with("fix") && message.ends_with(": count the last page"), "{answer}: {message}");
        assert_eq!(upstream.calls().len(), 1, "{answer}");
    }
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
    sandbox.set("MONSTER_MODEL", "openai/gpt-4.1-mini").set("MONSTER_HOOK_DEADLINE", "3");
    let repo = pager(&sandbox);
    repo.monster(&["hook", "install"]).done().ok();
    let (ok, said) = accept(&sandbox, &repo);
    assert!(ok, "{said}");
    upstream.wait_for_hang_up(std::time::Duration::from_secs(60));
}

#[test]
fn half_a_conflict_is_told_above_the_draft() {
    let mut sandbox = Sandbox::new();
    sandbox.set("MONSTER_OFFLINE", "true");
    let repo = pager(&sandbox);
    repo.stage("src/pager.rs", "fn pages() {}\n<<<<<<< HEAD\n");
    repo.write("msg", "");
    repo.monster(&["hook", "run", "prepare-commit-msg", "msg"]).done().ok();
    let draft = repo.read("msg");
    assert!(draft.contains("# warning: src/pager.rs:2: a conflict marker is staged"), "{draft}");
    // Where git would keep a comment, it is told on the terminal.
    repo.git(&["config", "commit.cleanup", "scissors"]);
    repo.write("msg", "");
    let said = repo.monster(&["hook", "run", "prepare-commit-msg", "msg"]).done().ok().stderr.clone();
    assert!(said.contains("warning: src/pager.rs:2: a conflict marker is staged"), "{said}");
    assert!(!repo.read("msg").contains("conflict"), "{}", repo.read("msg"));
}

#[test]
fn a_lock_file_that_goes_takes_no_package_from_the_project() {
    let mut sandbox = Sandbox::new();
    sandbox.set("MONSTER_OFFLINE", "true");
    let repo = sandbox.repo("locked");
    let lock = "version = 4\n\n[[package]]\nname = \"serde\"\nversion = \"1.0.0\"\n\n[[package]]\nname = \"syn\"\nversion = \"2.0.0\"\n";
    repo.history(&[("feat: begin", "a.rs", "fn a() {}\n")]);
    repo.stage("Cargo.lock", lock);
    let said =
        || repo.monster(&["commit", "--dry-run", "--style", "conventional"]).done().ok().stdout.trim_end().to_owned();
    assert_eq!(said(), "build: add Cargo.lock");
    repo.commit("build: lock");
    // Else it would be a revert.
    repo.stage("Cargo.lock", &lock.replace("2.0.0", "2.1.0")).commit("build: bump syn");
    repo.git(&["rm", "-q", "Cargo.lock"]);
    assert_eq!(said(), "build: remove Cargo.lock");
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
fn what_is_installed_is_shown_and_removed_again() {
    let sandbox = Sandbox::new();
    let repo = pager(&sandbox);
    insta::assert_snapshot!("installed", repo.monster(&["hook", "install"]).done().ok().all());
    insta::assert_snapshot!("status", repo.monster(&["hook", "status"]).done().ok().all());
    insta::assert_snapshot!("uninstalled", repo.monster(&["hook", "uninstall"]).done().ok().all());
    assert!(!repo.path().join(".git/hooks/prepare-commit-msg").exists());
    repo.git(&["config", "core.hooksPath", ".husky"]);
    let told = repo.monster(&["hook", "install"]).done().exits(3).all();
    insta::assert_snapshot!("hooks_path_is_set", told.replace(env!("CARGO_PKG_VERSION"), "[VERSION]"));
    repo.git(&["config", "core.hooksPath", "/dev/null"]);
    insta::assert_snapshot!("hooks_path_is_nowhere", repo.monster(&["hook", "install"]).done().exits(3).all());
}

#[cfg(unix)]
#[test]
fn husky_keeps_hooks_where_its_scripts_lie_and_runs_them_when_it_has_made_its_folder() {
    let sandbox = crate::chain::offline();
    let repo = pager(&sandbox);
    // As husky 9 does it for a package below the top.
    repo.git(&["config", "core.hooksPath", "web/.husky/_"]);
    repo.write("web/.husky/pre-commit", "true\n");
    let done = repo.monster(&["hook", "install", "--write"]).done();
    assert!(done.ok().all().contains("then run: npx husky"), "{}", done.all());
    assert!(repo.read("web/.husky/prepare-commit-msg").contains("monster hook run prepare-commit-msg"));
    // A fresh clone has the scripts and not what runs them.
    let status = || repo.monster(&["hook", "status"]).done().ok().all();
    assert!(status().contains("leads nowhere") && status().contains("make it with: npx husky"), "{}", status());
    let doctor = repo.monster(&["doctor"]).done().all();
    assert!(doctor.contains("make it with: npx husky"), "{doctor}");
    repo.write("web/.husky/_/prepare-commit-msg", "#!/usr/bin/env sh\n. \"$(dirname \"$0\")/h\"\n");
    assert!(status().contains("leads nowhere"), "git runs nothing that is not executable: {}", status());
    let made = repo.path().join("web/.husky/_/prepare-commit-msg");
    crate::program::runnable(made);
    assert!(status().contains("installed: "), "{}", status());
}

#[test]
fn the_hook_that_judges_waits_for_nothing_without_end() {
    let sandbox = Sandbox::new();
    let repo = pager(&sandbox);
    let many: Vec<String> = (0..60_000).map(|n| format!("\"K{n}-\"")).collect();
    let rules = format!(
        "{{\"parserPreset\": {{\"parserOpts\": {{\"issuePrefixes\": [{}]}}}}, \"rules\": {{\"references-empty\": [2, \"never\"]}}}}",
        many.join(",")
    );
    repo.stage(".commitlintrc.json", &rules).commit("chore: declare rules");
    repo.monster(&["hook", "install", "commit-msg"]).done().ok();
    let judged = |message: &str| {
        repo.write("README.md", &format!("# {}\n", message.len()));
        repo.write("message", message);
        let began = std::time::Instant::now();
        let done = repo.any("git", &["commit", "-q", "-F", "message", "README.md"]).done();
        assert!(began.elapsed().as_secs() < 60, "{:?}", began.elapsed());
        done.ok().stderr.clone()
    };
    let trailers: String = (0..20_000).map(|n| format!("Refs: PAY-{n}\n")).collect();
    assert!(judged(&format!("fix: count\n\n{trailers}")).contains("the commit message: "), "it is judged");
    let long = format!("fix: count\n\n{}", "closes nothing at all, and more of it\n".repeat(550_000));
    assert!(judged(&long).contains("longer than 1 MB and was not judged"));
}

#[test]
fn a_draft_names_its_author_and_the_secrets_that_are_staged() {
    let upstream = Upstream::start();
    upstream.next(Answer::json(&json!({ "type": "feat", "scope": "", "subject": "deploy with a token", "body": "" })));
    let mut sandbox = connected(&upstream);
    sandbox.set("MONSTER_MODEL", "openai/gpt-4.1-mini");
    let repo = pager(&sandbox);
    repo.monster(&["hook", "install"]).done().ok();
    let token = sandbox.key("anthropic");
    repo.stage("deploy.sh", &format!("export DEPLOY={token}\n"));
    let editor = "cp .git/COMMIT_EDITMSG draft.txt; :";
    let out = sandbox.command("git", repo.path()).args(["commit"]).env("GIT_EDITOR", editor).output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let draft = repo.read("draft.txt");
    assert!(draft.contains("# openai/gpt-4.1-mini drafted this"), "{draft}");
    assert!(draft.contains("# warning: deploy.sh:1: A secret is added"), "{draft}");
    assert!(!draft.contains(&token), "{draft}");
    assert_eq!(repo.message(), "feat: deploy with a token", "comments are no part of the message");
}

#[cfg(unix)]
#[test]
fn the_lines_that_are_advised_stop_nobody_who_lacks_monster() {
    let sandbox = Sandbox::new();
    let repo = pager(&sandbox);
    repo.git(&["config", "core.hooksPath", ".husky"]);
    let told = repo.monster(&["hook", "install"]).done();
    let lines = told.exits(3).stderr.split_once(" yourself:\n").unwrap().1;
    repo.write(".husky/prepare-commit-msg", &format!("#!/bin/sh\n{lines}\n"));
    let hook = repo.path().join(".husky/prepare-commit-msg");
    crate::program::runnable(&hook);
    let (ok, said) = accept(&sandbox, &repo);
    // Without monster nobody drafts, so git finds an empty message; with one of one's own the commit goes through.
    assert!(!ok && said.contains("empty commit message"), "{said}");
    repo.git(&["commit", "-q", "-m", "my own words"]);
    assert_eq!(repo.message(), "my own words");
}

#[test]
fn what_git_writes_itself_is_kept_and_nobody_is_asked() {
    let upstream = Upstream::start();
    let mut sandbox = connected(&upstream);
    sandbox.set("MONSTER_MODEL", "openai/gpt-4.1-mini").set("GIT_EDITOR", "true");
    let repo = pager(&sandbox);
    repo.git(&["commit", "-q", "-m", "count the last page"]);
    repo.git(&["switch", "-qc", "side"]);
    repo.stage("a.txt", "a\n").commit("add a");
    repo.stage("b.txt", "b\n").commit("add b");
    repo.git(&["switch", "-q", "main"]);
    repo.stage("c.txt", "c\n").commit("add c");
    repo.monster(&["hook", "install", "--all"]).done().ok();
    let start = repo.git(&["rev-parse", "HEAD"]);
    let anew = || drop(repo.git(&["reset", "-q", "--hard", &start]));
    repo.git(&["merge", "-q", "--no-ff", "--edit", "side"]);
    assert_eq!(repo.message(), "Merge branch 'side'");
    anew();
    repo.git(&["merge", "-q", "--squash", "side"]);
    repo.git(&["commit", "-q"]);
    assert!(repo.message().starts_with("Squashed commit of the following:"), "{}", repo.message());
    anew();
    repo.git(&["cherry-pick", "-e", "side"]);
    assert_eq!(repo.message(), "add b");
    repo.git(&["revert", "-e", "HEAD"]);
    assert!(repo.message().starts_with("Revert \"add b\""), "{}", repo.message());
    anew();
    repo.git(&["switch", "-q", "side"]);
    repo.git(&["-c", "sequence.editor=sed -i.bak s/^pick/reword/", "rebase", "-q", "-i", "main"]);
    assert_eq!(repo.git(&["log", "-3", "--format=%s"]), "add b\nadd a\nadd c");
    // One that stops in a conflict.
    repo.git(&["switch", "-q", "-c", "other", "main"]);
    repo.stage("a.txt", "other\n").commit("add another a");
    assert!(!repo.any("git", &["rebase", "-q", "side"]).done().stderr.is_empty());
    repo.stage("a.txt", "both\n").git(&["rebase", "--continue"]);
    assert_eq!(repo.message(), "add another a");
    assert!(upstream.calls().is_empty(), "no model is asked");
}

#[test]
fn a_merge_is_stopped_by_what_it_adds_itself_and_not_by_what_the_other_side_has() {
    for format in ["sha1", "sha256"] {
        let mut sandbox = Sandbox::new();
        sandbox.set("MONSTER_OFFLINE", "true").set("GIT_DEFAULT_HASH", format);
        let repo = pager(&sandbox);
        let (theirs, own) = (sandbox.key("anthropic"), sandbox.key("openai"));
        repo.stage("both.txt", "1\n2\n3\n4\n5\n6\n7\n8\n").stage("a.txt", "a\n");
        repo.git(&["commit", "-q", "-m", "count the last page"]);
        repo.git(&["switch", "-qc", "side"]);
        repo.stage("key.txt", &format!("{theirs}\n")).stage("a.txt", "side\n");
        repo.stage("both.txt", &format!("1\n2\n3\n4\n5\n6\n7\n8\n{theirs}\n")).git(&["commit", "-q", "-m", "side"]);
        repo.git(&["switch", "-q", "main"]);
        repo.stage("both.txt", "0\n1\n2\n3\n4\n5\n6\n7\n8\n").stage("a.txt", "main\n");
        repo.git(&["commit", "-q", "-m", "main"]);
        repo.monster(&["hook", "install", "pre-commit"]).done().ok();
        let merge = || drop(repo.any("git", &["merge", "-q", "side"]).done());
        merge();
        repo.stage("a.txt", &format!("{own}\n"));
        let said = repo.any("git", &["commit", "-q", "--no-edit"]).done().exits(1).stderr.clone();
        assert!(said.contains("a.txt:1") && !said.contains("key.txt") && !said.contains("both.txt"), "{said}");
        repo.stage("a.txt", "merged\n");
        repo.any("git", &["commit", "-q", "--no-edit"]).done().ok();
        // Outside of a merge it is told as ever.
        repo.stage("more.txt", &format!("{theirs}\n"));
        let said = repo.any("git", &["commit", "-q", "-m", "more"]).done().exits(1).stderr.clone();
        assert!(said.contains("more.txt:1"), "{said}");
    }
}

#[test]
fn what_cannot_be_installed_keeps_nothing_else_from_it_and_all_of_it_goes_again() {
    let sandbox = Sandbox::new();
    let python = "#!/usr/bin/env python3\nimport sys\n";
    for (name, set, files) in [
        ("lefthook", None, vec![("lefthook.yml", "pre-commit:\n  commands:\n    lint:\n      run: lint\n")]),
        ("hooks", Some("hooks"), vec![("hooks/commit-msg", python), ("hooks/pre-commit", "#!/bin/sh\ntrue\n")]),
        ("husky", Some(".husky/_"), vec![(".husky/commit-msg", python), (".husky/pre-push", "npm test\n")]),
    ] {
        let repo = sandbox.repo(name);
        repo.history(&[("feat: begin", "a.rs", "fn a() {}\n")]);
        if let Some(path) = set {
            repo.git(&["config", "core.hooksPath", path]);
        }
        for (file, text) in &files {
            repo.write(file, text);
        }
        let done = repo.monster(&["hook", "install", "--all", "--write"]).done();
        let told = done.exits(7).all().replace(env!("CARGO_PKG_VERSION"), "[VERSION]");
        insta::assert_snapshot!(format!("partly_{name}"), told);
        let json = repo.monster(&["hook", "install", "--all", "--write", "--json"]).done().exits(7).stdout.clone();
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        let count = |key: &str| json[key].as_array().map_or(0, Vec::len);
        assert_eq!(count("hooks") + count("failed"), 4, "{json}");
        repo.monster(&["hook", "uninstall"]).done().ok();
        for (file, text) in &files {
            assert_eq!(repo.read(file), *text, "{file}");
        }
        assert_eq!(repo.git(&["status", "--porcelain", "-uall"]).lines().count(), files.len(), "nothing is left over");
    }
    // Where none could be installed, the end is what it was: nothing is half done.
    let repo = sandbox.repo("framework");
    repo.write(".pre-commit-config.yaml", "repos: []\nci:\n  skip: []\n");
    let told = repo.monster(&["hook", "install", "--all", "--write"]).done().exits(3).stderr.clone();
    for hook in ["prepare-commit-msg", "commit-msg", "pre-commit", "pre-push"] {
        assert!(told.contains(&format!("{hook} was not installed")) && told.contains(&format!("id: monster-{hook}")));
    }
}
