//! What `monster commit` makes of flags that do not go together, or mean something else than they seem to.

use serde_json::{Value, json};

use crate::commit::{connected, pager, resolved};
use crate::sandbox::{Repo, Sandbox};
use crate::upstream::{Answer, Upstream};

const MODEL: [&str; 2] = ["--model", "openai/gpt-4.1-mini"];

/// What history says of the messages that were written, the newest first.
fn outcomes(sandbox: &Sandbox) -> Vec<String> {
    let history = sandbox.monster(&["history", "--json"]).done().ok().json();
    let rows: Vec<Value> = history["requests"].as_array().unwrap().clone();
    rows.iter().map(|row| row["outcome"].as_str().unwrap().to_owned()).collect()
}

/// A last commit that adds a file of source, and a line more in the README that is not staged.
fn ahead<'a>(sandbox: &'a Sandbox, name: &str) -> Repo<'a> {
    let repo = sandbox.repo(name);
    repo.history(&[("docs: begin", "README.md", "# A\n"), ("feat: add a", "src/a.rs", "pub fn a() {}\n")]);
    repo.write("README.md", "# A\n\nMore.\n");
    repo
}

#[test]
fn an_amend_of_all_tracked_files_is_described_as_a_whole() {
    let upstream = Upstream::start();
    upstream.always(|_| Answer::json(&json!({ "type": "feat", "scope": "", "subject": "add a and tell", "body": "" })));
    let sandbox = connected(&upstream);
    let repo = ahead(&sandbox, "rules");
    repo.monster(&["commit", "--amend", "-a", "-y", "--offline", "-t", "feat"]).done().ok();
    let told = repo.message();
    assert!(told.starts_with("feat: add a.rs"), "{told}");
    assert_eq!(repo.git(&["show", "--format=", "--name-only"]).trim(), "README.md\nsrc/a.rs");
    let repo = ahead(&sandbox, "model");
    repo.monster(&[&["commit", "--amend", "-a", "-y"], &MODEL[..]].concat()).done().ok();
    let prompt = upstream.only().prompt();
    assert!(prompt.contains("pub fn a() {}") && prompt.contains("+More."), "{prompt}");
    // Of the first commit there is no parent.
    let repo = sandbox.repo("first");
    repo.history(&[("feat: begin", "a.rs", "pub fn a() {}\n")]);
    repo.write("a.rs", "pub fn b() {}\n");
    repo.monster(&["commit", "--amend", "-a", "-y", "--offline", "-t", "feat"]).done().ok();
    assert!(repo.message().starts_with("feat: add a.rs"), "{}", repo.message());
}

#[cfg(unix)]
#[test]
fn a_kept_message_for_such_an_amend_is_for_both_parts_of_it() {
    let sandbox = Sandbox::new();
    let repo = ahead(&sandbox, "kept");
    crate::commit::hook(&repo, "commit-msg", "exit 1");
    repo.monster(&["commit", "--amend", "-a", "-y", "--offline", "-t", "feat"]).done().exits(1);
    crate::commit::hook(&repo, "commit-msg", "exit 0");
    repo.write("README.md", "# A\n\nLess.\n");
    repo.monster(&["commit", "--retry"]).done().exits(1);
    repo.write("README.md", "# A\n\nMore.\n");
    repo.monster(&["commit", "--retry"]).done().ok();
    assert!(repo.message().starts_with("feat: add a.rs"), "{}", repo.message());
    assert_eq!(repo.git(&["rev-list", "--count", "HEAD"]).trim(), "2");
}

#[test]
fn paths_that_git_takes_otherwise_are_refused_before_anything_is_paid() {
    let upstream = Upstream::start();
    let sandbox = connected(&upstream);
    let repo = pager(&sandbox);
    repo.write("README.md", "# Pager!\n");
    let before = repo.git(&["rev-parse", "HEAD"]);
    for flags in [
        &["--amend", "--", "README.md"][..],
        &["--amend", "--", "--only"],
        &["--amend", "--", "-so"],
        &["-a", "--", "README.md"],
        &["--", "--only"],
    ] {
        let done = repo.monster(&[&["commit", "-y"], &MODEL[..], flags].concat()).done();
        assert!(done.exits(2).stderr.contains("hint: "), "{flags:?}: {}", done.stderr);
    }
    assert!(upstream.calls().is_empty(), "nothing is paid for");
    assert_eq!(repo.git(&["rev-parse", "HEAD"]), before);
    repo.monster(&["commit", "-y", "--offline", "--", "-o", "README.md"]).done().ok();
    assert_eq!(repo.message(), "docs: update README");
}

#[cfg(unix)]
#[test]
fn gits_own_flag_for_the_editor_leaves_no_remark_behind() {
    let mut sandbox = Sandbox::new();
    sandbox.set("GIT_EDITOR", "sh -c 'cat \"$0\" > .git/SEEN'");
    let repo = pager(&sandbox);
    for flags in [&["-e"][..], &["--edit"], &["-se"]] {
        repo.write(".git/SEEN", "");
        repo.monster(&[&["commit", "-y", "--offline", "-t", "fix", "--"], flags].concat()).done().ok();
        let told = repo.message();
        assert!(told.starts_with("fix(pager): ") && !told.contains('#'), "{flags:?}: {told}");
        assert_eq!(told.contains("Signed-off-by: "), flags[0].contains('s'), "{flags:?}: {told}");
        assert!(repo.read(".git/SEEN").contains("# "), "{flags:?}: git's remarks are there to be read");
        repo.git(&["reset", "-q", "--soft", "HEAD~1"]);
    }
}

#[test]
fn a_scope_of_the_users_own_stands_whoever_writes_the_rest() {
    let upstream = Upstream::start();
    upstream.always(|_| Answer::json(&json!({ "type": "fix", "scope": "", "subject": "count up", "body": "" })));
    let sandbox = connected(&upstream);
    let repo = pager(&sandbox);
    for scope in ["api,web", "@acme/pager", "a-scope-of-thirty-two-characters"] {
        for flags in [&MODEL[..], &["--offline"]] {
            let args = ["commit", "--dry-run", "-t", "fix", "-s", scope];
            let done = repo.monster(&[&args, flags].concat()).done();
            assert!(done.ok().stdout.starts_with(&format!("fix({scope}): ")), "{scope}: {}", done.all());
            assert!(!done.stderr.contains("-s does not show"), "{}", done.stderr);
        }
    }
}

#[test]
fn a_style_that_is_asked_to_be_learned_is_learned_whatever_is_set() {
    let sandbox = Sandbox::new();
    let repo = pager(&sandbox);
    repo.write(".monster.toml", "[commit]\nstyle = \"plain\"\n");
    let said = |flags: &[&str]| {
        let done = repo.monster(&[&["commit", "--dry-run", "--offline"], flags].concat()).done();
        done.ok().stdout.trim_end().to_owned()
    };
    repo.git(&["reset", "-q", "--hard"]);
    repo.stage("README.md", "# Pager!\n");
    repo.write(".monster.toml", "[commit]\nstyle = \"plain\"\n");
    assert_eq!(said(&[]), "Update README");
    assert_eq!(said(&["--style", "auto"]), "docs: update README");
    assert_eq!(said(&["--style", "auto", "-t", "fix"]), "fix: update README");
}

#[test]
fn in_a_merge_no_flag_about_the_message_vanishes() {
    let sandbox = Sandbox::new();
    let repo = resolved(&sandbox, "merge", &["merge", "other"]);
    repo.stage("a.txt", "both\n");
    for flags in [["--issue", "ABC-7"], ["--max-bytes", "2000"], ["--commitlint-json", "/nonexistent"]] {
        let done = repo.monster(&[&["commit", "-y"], &flags[..]].concat()).done();
        assert!(done.exits(3).stderr.contains("git has a message for it already"), "{flags:?}: {}", done.stderr);
    }
}

#[test]
fn the_prompt_that_is_shown_is_one_that_would_be_sent() {
    let upstream = Upstream::start();
    let sandbox = connected(&upstream);
    let repo = sandbox.repo("lock");
    let lock = |version: &str| format!("[[package]]\nname = \"serde\"\nversion = \"{version}\"\n");
    repo.stage("Cargo.lock", &lock("1.0.1")).commit("build: lock");
    repo.stage("Cargo.lock", &lock("1.0.2"));
    let show = || repo.monster(&[&["commit", "--show-prompt"], &MODEL[..]].concat()).done();
    let done = show();
    assert_eq!(done.ok().stdout, "", "{}", done.all());
    assert!(done.stderr.contains("nothing would be sent"), "{}", done.stderr);
    repo.git(&["reset", "-q", "--hard"]);
    let lines = |n: usize| (0..6_000).map(|line| format!("let value{n}_{line} = {line};\n")).collect::<String>();
    for n in 0..4 {
        repo.stage(&format!("src/a{n}.rs"), &lines(n));
    }
    let done = show();
    assert!(done.ok().stderr.contains("this is the first of "), "{}", done.stderr);
    assert_eq!(done.json()["model"], "gpt-4.1-mini");
    assert!(upstream.calls().is_empty());
}

#[cfg(target_os = "linux")]
#[test]
fn a_secret_is_named_before_it_is_asked_about_also_where_warnings_are_silent() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("secret");
    repo.history(&[("docs: begin", "README.md", "# A\n")]);
    let key = ["gh", "p_", &"aB3dE5gH1jK7mN9pQ2rS4tU6vW8xY0zA1bC2"[..36]].concat();
    repo.stage("b.txt", &format!("token = {key}\n"));
    let mut terminal = repo.terminal(&["commit", "-q", "--offline"]);
    terminal.until("b.txt:1: ").until("Commit it all the same?").until("\u{1b}[?25l").keys("n\r");
    terminal.left().exits(1);
}

#[cfg(unix)]
#[test]
fn a_bare_repository_is_told_as_such() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("bare");
    repo.git(&["init", "-q", "--bare", "b.git"]);
    let done = sandbox.at("bare/b.git").monster(&["commit", "-y", "--offline"]).done();
    let told = &done.exits(3).stderr;
    assert!(told.contains("git worktree add") && !told.contains("monster review"), "{told}");
}

#[test]
fn whatever_the_rules_write_is_offline_in_history() {
    let upstream = Upstream::start();
    upstream.always(|_| Answer::text("{}"));
    let sandbox = connected(&upstream);
    let repo = pager(&sandbox);
    // The model has nothing to say.
    repo.monster(&[&["commit", "-y"], &MODEL[..]].concat()).done().ok();
    let first = outcomes(&sandbox);
    assert_eq!(first.iter().filter(|outcome| *outcome == "offline").count(), 1, "{first:?}");
    // It is not asked.
    let lock = |version: &str| format!("[[package]]\nname = \"serde\"\nversion = \"{version}\"\n");
    repo.stage("Cargo.lock", &lock("1.0.1")).commit("build: lock");
    repo.stage("Cargo.lock", &lock("1.0.2"));
    repo.monster(&[&["commit", "-y"], &MODEL[..]].concat()).done().ok();
    assert_eq!(repo.message(), "build: bump serde 1.0.1 → 1.0.2");
    let second = outcomes(&sandbox);
    assert_eq!(second.iter().filter(|outcome| *outcome == "offline").count(), 2, "{second:?}");
    // The same in the hook.
    repo.monster(&["hook", "install"]).done().ok();
    repo.stage("Cargo.lock", &lock("1.0.3"));
    repo.any("git", &["commit", "-q"]).env("GIT_EDITOR", "true").env("MONSTER_MODEL", MODEL[1]).done().ok();
    assert_eq!(repo.message(), "build: bump serde 1.0.2 → 1.0.3");
    let third = outcomes(&sandbox);
    assert_eq!(third.iter().filter(|outcome| *outcome == "offline").count(), 3, "{third:?}");
    assert_eq!(third.len(), second.len() + 1, "once for a message: {third:?}");
}

#[test]
fn english_is_what_the_rules_write_in() {
    let sandbox = Sandbox::new();
    let repo = pager(&sandbox);
    for english in ["English", "en", "en-AU", "en_US", "en_US.UTF-8"] {
        let done = repo.monster(&["commit", "--dry-run", "--offline", "--lang", english]).done();
        assert!(!done.ok().stderr.contains("--lang"), "{english}: {}", done.stderr);
    }
    let done = repo.monster(&["commit", "--dry-run", "--offline", "--lang", "de_DE"]).done();
    assert!(done.ok().stderr.contains("--lang is for a model"), "{}", done.stderr);
}

/// A merge of a branch that added a file.
fn merged<'a>(sandbox: &'a Sandbox, name: &str) -> Repo<'a> {
    let repo = sandbox.repo(name);
    repo.history(&[("feat: begin", "a.txt", "one\n")]);
    repo.git(&["switch", "-qc", "other"]);
    repo.stage("b.txt", "two\n").commit("feat: two");
    repo.git(&["switch", "-q", "main"]);
    repo.stage("c.txt", "three\n").commit("feat: three");
    repo.git(&["merge", "-q", "--no-ff", "-m", "Merge branch 'other'", "other"]);
    repo
}

#[test]
fn a_merge_that_is_amended_keeps_its_words() {
    let upstream = Upstream::start();
    let sandbox = connected(&upstream);
    let repo = merged(&sandbox, "merged");
    repo.stage("a.txt", "two\n");
    let amend = ["commit", "--amend"];
    let done = repo.monster(&[&amend[..], &MODEL].concat()).done();
    assert_eq!(done.ok().stdout.trim_end(), "Merge branch 'other'");
    assert!(done.stderr.contains("the last commit is a merge: its own message stays"), "{}", done.stderr);
    let done = repo.monster(&[&amend[..], &["-y", "-t", "fix"]].concat()).done();
    assert!(done.exits(3).stderr.contains("monster commit --amend -e"), "{}", done.stderr);
    repo.monster(&[&amend[..], &["-y"], &MODEL].concat()).done().ok();
    assert_eq!(repo.message(), "Merge branch 'other'");
    assert_eq!(repo.git(&["show", "HEAD:a.txt"]).trim(), "two");
    assert_eq!(repo.git(&["rev-list", "--parents", "-n", "1", "HEAD"]).split_whitespace().count(), 3, "still a merge");
    assert!(upstream.calls().is_empty());
}

#[test]
fn where_every_message_must_have_a_type_the_rules_name_one() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("typed");
    let lines: String = (0..30).map(|n| format!("line {n}\n")).collect();
    repo.history(&[
        ("feat: begin", ".commitlintrc.json", "{\"extends\": [\"@commitlint/config-conventional\"]}\n"),
        ("feat: go on", "notes.src", &lines),
    ]);
    repo.stage("notes.src", &lines.replace("line 7\n", "line seven\n"));
    let done = repo.monster(&["commit", "--dry-run", "--offline"]).done();
    let said = done.ok().stdout.clone();
    assert!(!done.stderr.contains("breaks a rule"), "{}", done.stderr);
    assert!(done.stderr.contains("types that may fit: "), "{}", done.stderr);
    assert!(said.contains(": update notes.src"), "{said}");
}

#[test]
fn a_breaking_change_that_is_declared_is_marked_whatever_the_model_made_of_it() {
    let upstream = Upstream::start();
    let sandbox = connected(&upstream);
    let repo = pager(&sandbox);
    let said = |type_: &str, subject: &str, flags: &[&str]| {
        let answer = Answer::json(&json!({ "type": type_, "scope": "pager", "subject": subject, "body": "" }));
        upstream.always(move |_| answer.clone());
        let done = repo.monster(&[&["commit"], &MODEL[..], flags].concat()).done();
        (done.ok().stdout.trim_end().to_owned(), done.stderr.clone())
    };
    let intent = ["-i", "BREAKING CHANGE: callers get two"];
    let all = [
        ("feat!", "return two"),
        ("feat(pager)!", "return two"),
        ("feat", "feat!: return two"),
        ("feat", "feat(pager)!: return two"),
        ("feat", "return two"),
    ];
    for (type_, subject) in all {
        let (text, told) = said(type_, subject, &intent);
        assert_eq!(text, "feat(pager)!: return two", "{type_}, {subject}");
        assert!(!told.contains("does not show"), "{told}");
        // Nobody has declared it.
        assert_eq!(said(type_, subject, &[]).0, "feat(pager): return two", "{type_}, {subject}");
    }
    let (text, told) = said("feat", "return two", &[&intent[..], &["--style", "plain"]].concat());
    assert_eq!(text, "Return two");
    assert!(told.contains("the breaking change that -i declares does not show"), "{told}");
    let done = repo.monster(&["commit", "--offline", "-t", "feat", intent[0], intent[1]]).done();
    assert!(done.ok().stdout.starts_with("feat(pager)!: "), "{}", done.stdout);
    // GitVersion counts by its own marks: told once, and in the style that shows nothing else, too.
    repo.stage("GitVersion.yml", "mode: ContinuousDelivery\n").commit("build: count versions");
    repo.stage("src/pager.rs", "pub fn pages() -> usize {\n    2\n}\n");
    assert_eq!(said("feat", "return two", &intent).0, "feat(pager)!: return two\n\n+semver: major");
    assert_eq!(
        said("feat", "return two", &["-i", "+semver: breaking"]).0,
        "feat(pager)!: return two\n\n+semver: major"
    );
    let (text, told) = said("feat", "return two", &[&intent[..], &["--style", "plain"]].concat());
    assert_eq!(text, "Return two\n\n+semver: major");
    assert!(!told.contains("does not show"), "{told}");
    assert_eq!(said("feat", "return two", &[]).0, "feat(pager): return two");
    repo.stage("GitVersion.yml", "major-version-bump-message: '^[a-z]+!:'\n").commit("build: count by types");
    repo.stage("src/pager.rs", "pub fn pages() -> usize {\n    2\n}\n// two\n");
    assert_eq!(said("feat", "return two", &intent).0, "feat(pager)!: return two");
}

#[test]
fn what_models_sign_break_or_take_for_a_merge_is_mended_or_asked_for_again() {
    let upstream = Upstream::start();
    let sandbox = connected(&upstream);
    let repo = pager(&sandbox);
    let answer = |subject: &str, body: &str| Answer::json(&json!({ "type": "fix", "subject": subject, "body": body }));
    upstream.next(answer("Merge branch 'pages' into main", ""));
    upstream
        .next(answer("count the\nlast page", "It was lost.\n\n\u{1f916} Generated with [Claude Code](https://a.b)"));
    let done = repo.monster(&[&["commit", "--style", "plain"], &MODEL[..]].concat()).done();
    assert_eq!(done.ok().stdout.trim_end(), "Count the last page\n\nIt was lost.");
    let asked = upstream.calls().last().unwrap().prompt();
    assert!(asked.contains("it holds \"Merge branch\", which tools act upon"), "{asked}");
}
