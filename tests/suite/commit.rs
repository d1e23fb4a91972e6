//! `monster commit` and its hook, as somebody types them.

use serde_json::json;

use crate::sandbox::{Repo, Sandbox};
use crate::upstream::{Answer, Upstream};

/// One model of each hosted dialect, and the provider whose key it takes.
pub const DIALECTS: [(&str, &str, &str); 5] = [
    ("openai", "openai/gpt-4.1-mini", "openai-chat"),
    ("openai", "openai/gpt-5.4-pro", "openai-responses"),
    ("anthropic", "anthropic/claude-haiku-4-5", "anthropic-messages"),
    ("gemini", "gemini/gemini-3.5-flash", "gemini-generate-content"),
    ("deepseek", "deepseek/deepseek-v4-flash", "openai-chat"),
];

/// Puts every hosted provider on the scripted upstream.
pub fn connected(upstream: &Upstream) -> Sandbox {
    let mut sandbox = Sandbox::new();
    for provider in ["openai", "anthropic", "gemini", "openrouter", "deepseek", "xai"] {
        sandbox.connect(upstream, provider);
    }
    let row = |provider: &str| {
        format!("[upstreams.{provider}]\nprovider = \"{provider}\"\nbase_url = \"{}\"\n", upstream.base(provider))
    };
    sandbox.config(&["openrouter", "deepseek", "xai"].map(row).concat());
    // Second looks and what is known have stories of their own; in the others one review is one request.
    sandbox.set("MONSTER_REVIEW_VERIFY", "never").set("MONSTER_REVIEW_CACHE", "false");
    sandbox
}

/// A repository with a conventional history and one staged change that no rule can name.
pub fn pager(sandbox: &Sandbox) -> Repo<'_> {
    let repo = sandbox.repo("pager");
    repo.history(&[
        (
            "feat(pager): add paging",
            "src/pager.rs",
            "pub fn pages(items: usize, size: usize) -> usize {\n    items / size\n}\n",
        ),
        (
            "fix(pager): refuse a size of zero",
            "src/pager.rs",
            "pub fn pages(items: usize, size: usize) -> usize {\n    assert!(size > 0);\n    items / size\n}\n",
        ),
        ("docs: describe paging", "README.md", "# Pager\n\nCounts pages.\n"),
    ]);
    repo.stage(
        "src/pager.rs",
        "pub fn pages(items: usize, size: usize) -> usize {\n    assert!(size > 0);\n    items.div_ceil(size)\n}\n",
    );
    repo
}

fn message(type_: &str, subject: &str) -> Answer {
    Answer::json(&json!({ "type": type_, "scope": "pager", "subject": subject, "body": "" }))
}

#[test]
fn every_hosted_dialect_writes_a_message_that_git_commits() {
    for (_, model, dialect) in DIALECTS {
        let upstream = Upstream::start();
        upstream.always(|_| message("fix", "Count the last page."));
        let sandbox = connected(&upstream);
        let repo = pager(&sandbox);
        repo.monster(&["commit", "-y", "--model", model]).done().ok();
        assert_eq!(repo.message(), "fix(pager): count the last page", "{model}");
        assert_eq!(upstream.only().dialect, dialect, "{model}");
        assert!(upstream.only().prompt().contains("items.div_ceil(size)"), "{model}: the change is in the prompt");
    }
}

#[test]
fn off_a_terminal_the_message_is_printed_and_nothing_is_committed() {
    let upstream = Upstream::start();
    upstream.next(message("fix", "count the last page"));
    let sandbox = connected(&upstream);
    let repo = pager(&sandbox);
    let before = repo.git(&["rev-parse", "HEAD"]);
    let done = repo.monster(&["commit", "--model", "openai/gpt-4.1-mini"]).done();
    insta::assert_snapshot!(done.ok().all());
    assert_eq!(repo.git(&["rev-parse", "HEAD"]), before);
}

#[test]
fn without_any_model_the_rules_write_the_message_and_say_so() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("notes");
    repo.history(&[("docs: begin", "README.md", "# Notes\n")]);
    repo.stage("README.md", "# Notes\n\nMore of them.\n");
    let done = repo.monster(&["commit"]).done();
    insta::assert_snapshot!(done.ok().all());
    repo.monster(&["commit", "-y"]).done().ok();
    assert_eq!(repo.message(), "docs: update README");
}

#[test]
fn nothing_staged_is_exit_4_and_no_repository_is_exit_3() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("empty");
    let done = repo.monster(&["commit"]).done();
    insta::assert_snapshot!("unborn_and_empty", done.exits(4).all());
    repo.history(&[("docs: begin", "README.md", "# A\n")]).write("README.md", "# B\n");
    insta::assert_snapshot!("not_staged", repo.monster(&["commit"]).done().exits(4).all());
    insta::assert_snapshot!("no_repository", sandbox.monster(&["commit"]).done().exits(3).all());
}

#[test]
fn the_first_commit_of_a_repository_works() {
    let upstream = Upstream::start();
    upstream.next(Answer::json(&json!({ "type": "feat", "scope": "", "subject": "greet the world", "body": "" })));
    let sandbox = connected(&upstream);
    let repo = sandbox.repo("new");
    repo.stage("main.py", "print('hello')\n");
    repo.monster(&["commit", "-y", "-t", "feat", "--style", "conventional", "--model", "openai/gpt-4.1-mini"])
        .done()
        .ok();
    assert_eq!(repo.message(), "feat: greet the world");
}

#[test]
fn a_secret_never_leaves_the_machine() {
    let upstream = Upstream::start();
    upstream.always(|_| message("feat", "read the token"));
    let sandbox = connected(&upstream);
    let repo = pager(&sandbox);
    let token = sandbox.key("anthropic");
    repo.stage("deploy.sh", &format!("export DEPLOY={token}\ncurl -H \"x-api-key: {token}\" https://example.org\n"));
    let done = repo.monster(&["commit", "--model", "openai/gpt-4.1-mini"]).done();
    done.ok();
    assert!(!upstream.only().body.to_string().contains(&token), "the token was sent");
    assert!(upstream.only().prompt().contains("MSEC_"), "and a placeholder stands where it stood");
    assert!(done.stderr.contains("deploy.sh:1"), "the author is told: {}", done.stderr);
    assert!(!done.stdout.contains(&token) && !done.stderr.contains(&token), "nor is it printed");
    let blocked = repo.monster(&["commit", "--secrets", "block", "--model", "openai/gpt-4.1-mini"]).done();
    blocked.exits(6);
    assert_eq!(upstream.calls().len(), 1, "with block, nothing is sent at all");
}

#[test]
fn an_answer_that_is_no_message_is_asked_for_again_and_then_the_rules_write_it() {
    let upstream = Upstream::start();
    upstream.next(Answer::json(&json!({ "type": "nonsense", "scope": "", "subject": "", "body": "" })));
    upstream.next(message("fix", "count the last page"));
    let sandbox = connected(&upstream);
    let repo = pager(&sandbox);
    repo.monster(&["commit", "-y", "--model", "openai/gpt-4.1-mini"]).done().ok();
    assert_eq!(repo.message(), "fix(pager): count the last page");
    assert_eq!(upstream.calls().len(), 2);

    upstream.always(|_| Answer::json(&json!({ "type": "", "scope": "", "subject": "", "body": "" })));
    repo.stage("README.md", "# Pager\n\nCounts pages, the last one too.\n");
    let done = repo.monster(&["commit", "-y", "--model", "openai/gpt-4.1-mini"]).done();
    assert!(done.ok().stderr.contains("monster's own rules"), "{}", done.stderr);
    assert_eq!(repo.message(), "docs: update README");
}

#[test]
fn what_surrounds_an_answer_does_not_reach_the_commit() {
    let upstream = Upstream::start();
    let dressed = "<think>The user wants…</think>\nSure! Here is the message:\n```json\n{\"type\":\"fix\",\"scope\":\"pager\",\"subject\":\"fix(pager): Count the last page.\\u001b[31m\",\"body\":\"\"}\n```\nHope that helps!";
    upstream.next(Answer::text(dressed));
    let sandbox = connected(&upstream);
    let repo = pager(&sandbox);
    repo.monster(&["commit", "-y", "--model", "openai/gpt-4.1-mini"]).done().ok();
    assert_eq!(repo.message(), "fix(pager): count the last page");
}

#[test]
fn a_dead_model_does_not_cost_the_commit_and_no_fallback_says_so() {
    let upstream = Upstream::start();
    upstream.always(|_| Answer::status(401, "invalid_api_key", "Incorrect API key provided."));
    let sandbox = connected(&upstream);
    let repo = pager(&sandbox);
    let done = repo.monster(&["commit", "--model", "openai/gpt-4.1-mini"]).done();
    insta::assert_snapshot!("wrong_key_falls_back", done.ok().all());
    let done = repo.monster(&["commit", "--no-fallback", "--model", "openai/gpt-4.1-mini"]).done();
    insta::assert_snapshot!("wrong_key_without_fallback", done.exits(5).all());
}

#[test]
fn staged_conflict_markers_are_refused() {
    let sandbox = Sandbox::new();
    let repo = pager(&sandbox);
    repo.stage("src/pager.rs", "<<<<<<< HEAD\nlet a = 1;\n=======\nlet a = 2;\n>>>>>>> branch\n");
    let done = repo.monster(&["commit", "-y"]).done();
    assert!(done.exits(1).stderr.contains("src/pager.rs"), "{}", done.stderr);
    // Half of one is not resolved either.
    let halves = [
        ("let a = 1;\n=======\nlet a = 2;\n>>>>>>> branch\n", "src/pager.rs, line 4\n"),
        ("let a = 1;\n>>>>>>> branch\n", "src/pager.rs, line 2\n"),
        ("<<<<<<< HEAD\nlet a = 1;\n", "src/pager.rs, line 1\n"),
        ("||||||| base\nlet a = 1;\n>>>>>>> a\n<<<<<<< b\n", "src/pager.rs, line 1, and in 1 more place\n"),
    ];
    for (text, place) in halves {
        repo.stage("src/pager.rs", text);
        let done = repo.monster(&["commit", "-y", "--offline"]).done();
        assert!(done.exits(1).stderr.contains(place), "{}", done.stderr);
    }
    repo.monster(&["commit", "-y", "--offline", "--force"]).done().ok();
}

#[test]
fn flags_after_the_dashes_are_gits_own() {
    let sandbox = Sandbox::new();
    let repo = pager(&sandbox);
    repo.stage("README.md", "# Pager!\n");
    repo.monster(&["commit", "-y", "--", "--signoff"]).done().ok();
    assert!(repo.message().contains("Signed-off-by: Ada Example"), "{}", repo.message());
}

#[test]
fn the_prompt_is_shown_and_nothing_is_sent() {
    let upstream = Upstream::start();
    let sandbox = connected(&upstream);
    let repo = pager(&sandbox);
    let done = repo.monster(&["commit", "--show-prompt", "--model", "anthropic/claude-haiku-4-5"]).done();
    assert_eq!(done.ok().json()["model"], "claude-haiku-4-5");
    assert!(upstream.calls().is_empty());
}

#[test]
fn flags_and_settings_hold_for_the_rules_messages_too() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("notes");
    repo.history(&[("docs: begin", "README.md", "# Notes\n"), ("docs: go on", "README.md", "# More notes\n")]);
    repo.stage("README.md", "# Notes\n\nMore of them.\n");
    let said = |flags: &[&str]| {
        let mut all = vec!["commit", "--offline", "--style", "conventional"];
        all.extend(flags);
        repo.monster(&all).done().ok().stdout.trim_end().to_owned()
    };
    assert_eq!(said(&["-t", "fix", "-s", "core"]), "fix(core): update README");
    assert_eq!(said(&["--body", "always"]), "docs: update README\n\n- README.md: +3 -1");
    sandbox.config("[commit]\ntypes = [\"feature\", \"bug\"]\n");
    assert_eq!(said(&[]), "Update README", "docs is no type here");
    assert_eq!(said(&["-t", "bug"]), "bug: update README");
}

#[test]
fn flags_that_cannot_be_obeyed_are_not_passed_over_in_silence() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("notes");
    repo.history(&[("Begin", "README.md", "# A\n"), ("Go on", "README.md", "# B\n"), ("End", "README.md", "# C\n")]);
    repo.stage("a.rs", "pub fn a() {}\n");
    let said = |flags: &[&str]| repo.monster(&[&["commit", "--offline"], flags].concat()).done();
    for flags in
        [["--style", "plain", "-t", "fix"], ["--style", "subsystem", "-t", "fix"], ["--style", "gitmoji", "-s", "core"]]
    {
        assert!(said(&flags).exits(2).stderr.contains("contradict each other"), "{flags:?}");
    }
    assert!(said(&["-t", "fix"]).ok().stderr.contains("-t does not show: subjects have no type here"));
    assert!(said(&["--style", "conventional", "-s", "core"]).ok().stderr.contains("-s does not show"));
    assert!(said(&["--lang", "German"]).ok().stderr.contains("--lang is for a model"));
    assert!(said(&["-i", "reports"]).ok().stderr.contains("-i is for a model"));
    assert_eq!(said(&["--style", "conventional", "-t", "fix", "-s", "core"]).ok().stderr.matches("warning").count(), 0);
    repo.monster(&["commit", "--split", "--lang", "German"]).done().exits(2);
}

#[test]
fn the_key_that_is_missing_is_that_of_the_upstream_in_the_settings() {
    let sandbox = Sandbox::new();
    sandbox.config("[upstreams.work]\nprovider = \"anthropic\"\n");
    let repo = pager(&sandbox);
    let done = repo.monster(&["commit"]).done();
    let hint = "hint: there is no key for work; store one with: monster login work";
    assert!(done.ok().stderr.contains(hint) && !done.stderr.contains("OPENAI"), "{}", done.stderr);
}

#[test]
fn scopes_of_history_that_are_not_allowed_are_left_out() {
    let upstream = Upstream::start();
    upstream.always(|_| message("fix", "count the last page"));
    let sandbox = connected(&upstream);
    let repo = pager(&sandbox);
    let said = || repo.monster(&["commit", "--model", "openai/gpt-4.1-mini"]).done().ok().stdout.trim_end().to_owned();
    assert_eq!(said(), "fix(pager): count the last page");
    sandbox.config("[commit]\nscopes = [\"core\"]\n");
    assert_eq!(said(), "fix: count the last page");
}

#[test]
fn a_part_of_the_project_in_front_is_kept_by_rules_and_models() {
    let upstream = Upstream::start();
    let sandbox = connected(&upstream);
    let repo = sandbox.repo("kernel");
    let text = |n: u8| format!("int packets(void)\n{{\n    return {n};\n}}\n");
    let texts: Vec<String> = (0..4).map(text).collect();
    repo.history(&[
        ("net: count packets", "net/core.c", &texts[0]),
        ("net: count the last packet", "net/core.c", &texts[1]),
        ("fs/ext4: close files", "fs/ext4.c", &texts[0]),
        ("net: count no packet twice", "net/core.c", &texts[2]),
    ]);
    repo.stage("net/core.c", &texts[3]);
    let said = |flags: &[&str]| {
        repo.monster(&[&["commit", "--dry-run"], flags].concat()).done().ok().stdout.trim_end().to_owned()
    };
    assert_eq!(said(&["--offline"]), "net: update core.c");
    for (scope, subject, told) in [
        ("", "return three packets", "net: return three packets"),
        ("net", "net: return three packets", "net: return three packets"),
        ("fs/ext4", "Return three packets", "net: return three packets"),
    ] {
        let answer = Answer::json(&json!({ "type": "fix", "scope": scope, "subject": subject, "body": "" }));
        upstream.always(move |_| answer.clone());
        assert_eq!(said(&["--model", "openai/gpt-4.1-mini"]), told, "{scope}, {subject}");
    }
    let asked = upstream.calls().last().unwrap().prompt();
    assert!(!asked.contains("The type is"), "{asked}");
    repo.stage("sched.c", &texts[3]);
    let answer = Answer::json(&json!({ "type": "fix", "scope": "", "subject": "fs/ext4: add a file", "body": "" }));
    upstream.always(move |_| answer.clone());
    assert_eq!(said(&["--model", "openai/gpt-4.1-mini"]), "fs/ext4: add a file", "it stands there once");
    // A part may be called as models call what is none.
    repo.stage("docs/message.md", "Messages.\n");
    for (subject, told) in [
        ("message: say what they are", "message: say what they are"),
        ("docs: say what messages are", "docs: say what messages are"),
        ("commit: say what messages are", "say what messages are"),
        ("fix: say what messages are", "say what messages are"),
    ] {
        let answer = Answer::json(&json!({ "type": "docs", "scope": "", "subject": subject, "body": "" }));
        upstream.always(move |_| answer.clone());
        assert_eq!(said(&["--model", "openai/gpt-4.1-mini"]), told);
    }
}

/// A configured length is kept by words, and no name is cut for it.
#[test]
fn a_short_subject_holds_no_half_of_a_name() {
    let sandbox = Sandbox::new();
    let repo = pager(&sandbox);
    let name = "it_does_not_panic_if_the_title_is_wider_than_the_area";
    repo.stage("src/pager.rs", &format!("pub fn {name}() -> usize {{\n    1\n}}\n"));
    for (most, told) in [(72, "fix(pager): "), (40, "fix(pager): update pager.rs"), (24, "fix: update pager.rs")] {
        sandbox.config(&format!("[commit]\nsubject_max = {most}\n"));
        let done = repo.monster(&["commit", "--dry-run", "--offline", "-t", "fix"]).done();
        let said = done.ok().stdout.lines().next().unwrap_or_default().to_owned();
        assert!(said.starts_with(told) && said.chars().count() <= most, "{most}: {said}");
        assert!(said.contains(name) || !said.contains("it_does"), "{most}: {said}");
    }
}

#[test]
fn gitmoji_dresses_a_models_words_like_the_rules() {
    let upstream = Upstream::start();
    let sandbox = connected(&upstream);
    let repo = sandbox.repo("notes");
    repo.history(&[("📝 begin", "README.md", "# Notes\n")]);
    repo.stage("src/a.rs", "pub fn a() -> u8 {\n    1\n}\n");
    upstream.next(message("feat", "✨ Answer with one"));
    let said = |flags: &[&str]| {
        let mut all = vec!["commit", "--style", "gitmoji"];
        all.extend(flags);
        repo.monster(&all).done().ok().stdout.trim_end().to_owned()
    };
    assert_eq!(said(&["--model", "openai/gpt-4.1-mini"]), "✨ answer with one");
    for (answer, told) in [
        (Answer::text("✨ Answer with one"), "✨ answer with one"),
        (Answer::text(":sparkles: Answer with one"), "✨ answer with one"),
        (Answer::text("⚡️ Answer with one"), "⚡ answer with one"),
        // What it stands for says more than what it is called.
        (message("chore", ":heavy_plus_sign: answer with one"), "➕ answer with one"),
        (message("chore", "🐛 answer with one"), "🐛 answer with one"),
        // It is the right one, and a model's word for it is another.
        (message("feat", "📈 answer with one"), "📈 answer with one"),
        (message("feat", "🦀 answer with one"), "✨ answer with one"),
        (message("feat", "answer with one"), "✨ answer with one"),
    ] {
        upstream.next(answer);
        assert_eq!(said(&["--model", "openai/gpt-4.1-mini"]), told);
    }
    // Elsewhere it is an ornament.
    upstream.next(message("feat", "✨ answer with one"));
    let done = repo.monster(&["commit", "--style", "plain", "--model", "openai/gpt-4.1-mini"]).done();
    assert_eq!(done.ok().stdout.trim_end(), "Answer with one");
    // What is decided has its own.
    upstream.next(message("feat", "🐛 answer with one"));
    assert_eq!(said(&["--model", "openai/gpt-4.1-mini", "-t", "feat"]), "✨ answer with one");
    let breaking = ["-i", "breaking: callers get one"];
    upstream.next(message("feat", "✨ answer with one"));
    assert_eq!(said(&[&["--model", "openai/gpt-4.1-mini"], &breaking[..]].concat()), "💥 answer with one");
    assert!(said(&[&["--offline", "-t", "feat"], &breaking[..]].concat()).starts_with("💥 "));
    assert!(said(&["--offline", "-t", "feat"]).starts_with("✨ "));
}

/// What a model says that lies: subject and body.
const LIES: [(&str, &str); 18] = [
    ("I cannot help with that request", ""),
    ("As an AI language model I am unable to do so", ""),
    ("Sure, happy to help! What would you like?", ""),
    ("Here is what this commit changes", ""),
    ("round up in compute_totals", ""),
    ("teach `LastPage` to round", ""),
    ("fix src/totals.rs", ""),
    ("count as @octocat says", ""),
    ("count the last page (#1234)", ""),
    ("count as https://evil.example/x says", ""),
    ("count the last page", "It calls compute_totals now."),
    ("count the last page", "See JIRA-77 for more."),
    ("count the last page", "All users must change: BREAKING CHANGE of pages."),
    ("count the last page", "Let me know if you need more."),
    ("fixup! count the last page", ""),
    ("#count the last page", ""),
    ("Option 1: count the last page", "Option 2: round pages up"),
    ("count the last page", "It was lost. +semver: major"),
];

#[test]
fn a_model_that_lies_invents_nothing_in_any_style() {
    for style in ["conventional", "plain", "gitmoji", "subsystem"] {
        let upstream = Upstream::start();
        let sandbox = connected(&upstream);
        let repo = pager(&sandbox);
        for (subject, body) in LIES {
            let before = upstream.calls().len();
            let lie = Answer::json(&json!({ "type": "fix", "scope": "totals", "subject": subject, "body": body }));
            upstream.always(move |_| lie.clone());
            let done = repo.monster(&["commit", "--style", style, "--model", "openai/gpt-4.1-mini"]).done();
            let said = done.ok().stdout.trim_end();
            assert!(said.ends_with("pages in pager.rs"), "{style}, {subject}: {said}");
            assert!(done.stderr.contains("monster's own rules"), "{style}, {subject}: {}", done.stderr);
            assert_eq!(upstream.calls().len() - before, 2, "{style}, {subject}: asked once more, with the reason");
            assert!(upstream.calls().last().unwrap().prompt().contains("cannot be used"), "{subject}");
        }
    }
}

#[test]
fn messages_to_choose_from_are_no_message() {
    for talk in [
        "Option 1:\nfix: count the last page\n\nOption 2:\nfix: round pages up",
        "1. fix: count the last page\n2. fix: round pages up",
    ] {
        let upstream = Upstream::start();
        upstream.next(Answer::text(talk));
        upstream.next(message("fix", "count the last page"));
        let sandbox = connected(&upstream);
        let repo = pager(&sandbox);
        repo.monster(&["commit", "-y", "--model", "openai/gpt-4.1-mini"]).done().ok();
        assert_eq!(repo.message(), "fix(pager): count the last page", "{talk}");
        assert_eq!(upstream.calls().len(), 2, "{talk}: asked once more");
    }
}

#[test]
fn a_head_in_front_of_a_models_own_subject_stands_once() {
    for subject in
        ["commit: fix(pager): count the last page", "wip: count the last page", "fix(pager):count the last page"]
    {
        let upstream = Upstream::start();
        upstream.next(message("fix", subject));
        let sandbox = connected(&upstream);
        let repo = pager(&sandbox);
        repo.monster(&["commit", "-y", "--model", "openai/gpt-4.1-mini"]).done().ok();
        assert_eq!(repo.message(), "fix(pager): count the last page", "{subject}");
    }
}

#[test]
fn a_change_is_a_revert_where_git_or_its_author_says_so_and_no_model() {
    let upstream = Upstream::start();
    let sandbox = connected(&upstream);
    let repo = pager(&sandbox);
    let flags = ["commit", "--model", "openai/gpt-4.1-mini"];
    upstream.next(message("revert", "count the last page"));
    upstream.next(message("perf", "count the last page"));
    let done = repo.monster(&flags).done();
    assert!(!done.ok().stdout.contains("revert"), "{}", done.stdout);
    assert!(!upstream.calls()[0].body.to_string().contains("revert"), "it is not offered");
    upstream.next(message("revert", "count the last page"));
    let done = repo.monster(&[flags.as_slice(), &["-i", "revert to the old count"]].concat()).done();
    assert_eq!(done.ok().stdout.trim_end(), "revert(pager): count the last page");
}

#[test]
fn forged_trailers_and_scopes_that_nobody_knows_are_taken_out() {
    let upstream = Upstream::start();
    let sandbox = connected(&upstream);
    let repo = pager(&sandbox);
    let body = "Integer division lost it.\n\nSigned-off-by: Linus Torvalds <l@example.org>\nCo-authored-by: A <a@b.c>\nFixes: #12\nBREAKING CHANGE: yes\n\nfix(pager)!: pages begin at 1";
    let told = json!({ "type": "fix", "scope": "totals", "subject": "count the last page", "body": body });
    upstream.always(move |_| Answer::json(&told));
    repo.git(&["commit", "-q", "-m", "fix: without a habit of scopes", "--allow-empty"]);
    repo.stage("lib/count.py", "def count(items, size):\n    return -(-items // size)\n");
    repo.monster(&["commit", "-y", "--model", "openai/gpt-4.1-mini"]).done().ok();
    assert_eq!(repo.message(), "fix: count the last page\n\nInteger division lost it.");
}

#[test]
fn flags_that_would_commit_something_else_than_was_read_are_refused() {
    let upstream = Upstream::start();
    let sandbox = connected(&upstream);
    let repo = pager(&sandbox);
    let before = repo.git(&["rev-parse", "HEAD"]);
    for flags in [&["-a"][..], &["-qm", "mine"], &["--amend"], &["--dry-run"], &["--include", "README.md"]] {
        let done = repo.monster(&[&["commit", "-y", "--"], flags].concat()).done();
        assert!(done.exits(2).stderr.contains(flags[0]), "{}", done.stderr);
    }
    assert!(upstream.calls().is_empty(), "nothing is paid for");
    assert_eq!(repo.git(&["rev-parse", "HEAD"]), before);
    repo.monster(&["commit", "-y", "--offline", "--", "--author", "Bo <bo@example.org>", "--trailer", "Refs: 1"])
        .done()
        .ok();
    assert_eq!(repo.git(&["log", "-1", "--format=%an %(trailers)"]).trim_end(), "Bo Refs: 1");
}

/// Lets a hook of the repository's own refuse, or not.
#[cfg(unix)]
pub fn hook(repo: &Repo<'_>, name: &str, script: &str) {
    let file = format!(".git/hooks/{name}");
    repo.write(&file, &format!("#!/bin/sh\n{script}\n"));
    crate::program::runnable(repo.path().join(file));
}

#[cfg(unix)]
#[test]
fn a_message_that_a_hook_refuses_is_committed_later_and_costs_nothing_more() {
    let upstream = Upstream::start();
    upstream.next(message("fix", "count the last page"));
    let sandbox = connected(&upstream);
    let repo = pager(&sandbox);
    let before = repo.git(&["rev-parse", "HEAD"]);
    hook(&repo, "pre-commit", "echo not on main >&2; exit 1");
    let done = repo.monster(&["commit", "-y", "--model", "openai/gpt-4.1-mini", "--", "--signoff"]).done();
    insta::assert_snapshot!("refused_by_a_hook", done.exits(1).all());
    assert_eq!(
        repo.monster(&["commit", "--retry", "--dry-run"]).done().ok().stdout,
        "fix(pager): count the last page\n"
    );
    repo.monster(&["commit", "--retry"]).done().exits(1);
    assert_eq!(repo.git(&["rev-parse", "HEAD"]), before);
    // The same change, on a branch where the hook agrees.
    repo.git(&["switch", "-qc", "topic"]);
    repo.git(&["config", "core.hooksPath", "/dev/null"]);
    let done = repo.monster(&["commit", "--retry", "--json"]).done();
    assert_eq!(done.ok().json()["source"], "kept");
    let said = "fix(pager): count the last page\n\nSigned-off-by: Ada Example <ada@example.org>";
    assert_eq!(repo.message(), said);
    assert_eq!(upstream.calls().len(), 1, "the model was asked once");
    let done = repo.monster(&["commit", "--retry"]).done();
    insta::assert_snapshot!("nothing_kept", done.exits(4).all());
}

#[cfg(unix)]
#[test]
fn a_kept_message_is_for_the_change_it_was_written_for_and_no_other() {
    let sandbox = Sandbox::new();
    let repo = pager(&sandbox);
    hook(&repo, "pre-commit", "exit 1");
    repo.monster(&["commit", "-y"]).done().exits(1);
    let kept = repo.read(".git/MONSTER_MSG");
    hook(&repo, "pre-commit", "exit 0");
    repo.stage("README.md", "# Pager, another\n");
    let before = repo.git(&["rev-parse", "HEAD"]);
    let done = repo.monster(&["commit", "--retry"]).done();
    insta::assert_snapshot!("kept_for_another_change", done.exits(1).all());
    assert_eq!((repo.git(&["rev-parse", "HEAD"]), repo.read(".git/MONSTER_MSG")), (before, kept));
    // As it was again.
    repo.git(&["restore", "--staged", "README.md"]);
    repo.monster(&["commit", "--retry"]).done().ok();

    // With -a the work tree counts, and what lay there before is not committed under the old message.
    repo.write("src/pager.rs", "pub fn pages() {}\n");
    hook(&repo, "pre-commit", "exit 1");
    repo.monster(&["commit", "-a", "-y"]).done().exits(1);
    hook(&repo, "pre-commit", "exit 0");
    repo.write("src/pager.rs", "pub fn sheets() { }\n");
    repo.monster(&["commit", "--retry"]).done().exits(1);
    repo.write("src/pager.rs", "pub fn pages() {}\n");
    repo.monster(&["commit", "-a", "-y", "--", "--no-verify"]).done().ok();
    assert_eq!(repo.git(&["status", "--porcelain"]), "");
}

#[cfg(unix)]
#[test]
fn what_a_person_wrote_in_the_editor_is_what_is_kept() {
    let mut sandbox = Sandbox::new();
    sandbox.set("GIT_EDITOR", "sh -c 'echo fix: my own words > \"$0\"'");
    let repo = pager(&sandbox);
    hook(&repo, "commit-msg", "exit 1");
    repo.monster(&["commit", "-e"]).done().exits(1);
    hook(&repo, "commit-msg", "exit 0");
    repo.monster(&["commit", "--retry"]).done().ok();
    assert_eq!(repo.message(), "fix: my own words");
    // A hook that refuses before there is an editor leaves the words of the last commit in git's file.
    repo.stage("README.md", "# Pager!\n");
    hook(&repo, "pre-commit", "exit 1");
    repo.monster(&["commit", "-e"]).done().exits(1);
    assert_eq!(repo.read(".git/MONSTER_MSG"), "docs: update README\n");
}

#[test]
fn candidates_are_printed_once_each_and_the_first_is_committed() {
    let upstream = Upstream::start();
    let one = |subject: &str| json!({ "type": "fix", "scope": "pager", "subject": subject, "body": "" });
    let several = json!({ "messages": [one("count the last page"), one("Count the last  page"), one("call compute_totals"),
        one("round pages up"), one("divide upwards"), one("add a page")] });
    upstream.always(move |_| Answer::json(&several));
    let sandbox = connected(&upstream);
    let repo = pager(&sandbox);
    let commit = |flags: &[&str]| {
        let mut all = vec!["commit", "--model", "openai/gpt-4.1-mini"];
        all.extend(flags);
        repo.monster(&all).done()
    };
    // The second is the first once more, and the third holds a name that stands nowhere.
    let told = ["fix(pager): count the last page", "fix(pager): round pages up", "fix(pager): divide upwards"];
    assert_eq!(commit(&["-n", "3"]).ok().stdout.trim_end(), told.join("\n\n---\n\n"));
    let schema = upstream.only().schema().unwrap();
    assert_eq!(schema["properties"]["messages"]["items"]["required"], json!(["type", "scope", "subject", "body"]));
    assert_eq!(commit(&["-n", "2", "--json"]).ok().json()["candidates"], json!(told[..2]));
    commit(&["-n", "3", "-y"]).ok();
    assert_eq!(repo.message(), told[0]);
    assert_eq!(upstream.calls().len(), 3, "one request each time");
    commit(&["-n", "6"]).exits(2);
    commit(&["-n", "0"]).exits(2);
}

#[test]
fn a_weak_model_is_asked_for_one_subject_at_a_time_and_told_what_it_said() {
    let upstream = Upstream::start();
    for subject in ["count the last page", "round pages up", "Round  pages up"] {
        upstream.next(Answer::json(&json!({ "subject": subject })));
    }
    let sandbox = connected(&upstream);
    let repo = pager(&sandbox);
    let done = repo.monster(&["commit", "-n", "5", "--model", "openrouter/qwen/qwen2.5-coder-1.5b-instruct"]).done();
    let told: Vec<&str> = done.ok().stdout.trim_end().split("\n\n---\n\n").collect();
    assert_eq!(told.len(), 2, "who repeats themselves is not asked again: {told:?}");
    assert!(told[0].ends_with("count the last page") && told[1].ends_with("round pages up"), "{told:?}");
    assert!(upstream.calls()[2].user().contains(told[1]), "{}", upstream.calls()[2].user());
}

#[test]
fn the_rules_offer_the_types_that_may_fit_as_candidates() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("any");
    repo.history(&[("chore: begin", "src/a.rs", "pub fn a() -> u8 {\n    1\n}\n")]);
    repo.stage("src/a.rs", "pub fn a() -> u8 {\n    2\n}\n");
    let done = repo.monster(&["commit", "--offline", "-n", "3"]).done();
    insta::assert_snapshot!("candidates_of_the_rules", done.ok().all());
    let mut sandbox = Sandbox::new();
    sandbox.set("GIT_EDITOR", "sh -c 'cat \"$0\" >&2'");
    let repo = sandbox.repo("any");
    repo.history(&[("chore: begin", "src/a.rs", "pub fn a() -> u8 {\n    1\n}\n")]);
    repo.stage("src/a.rs", "pub fn a() -> u8 {\n    2\n}\n");
    let done = repo.monster(&["commit", "--offline", "-e"]).done();
    assert!(done.ok().stderr.contains("\n# types that may fit: "), "in the editor, as a comment: {}", done.stderr);
    assert!(!repo.message().contains("types that may fit"), "{}", repo.message());
}

#[test]
fn a_flag_says_how_much_of_the_change_is_sent() {
    let upstream = Upstream::start();
    upstream.always(|_| message("feat", "count more"));
    let sandbox = connected(&upstream);
    let repo = pager(&sandbox);
    for n in 0..8 {
        let lines: String = (0..100).map(|k| format!("pub fn count_{n}_{k}() -> u64 {{ {k} * {n} + 1 }}\n")).collect();
        repo.stage(&format!("src/many{n}.rs"), &lines);
    }
    let sent = |flags: &[&str]| {
        let before = upstream.calls().len();
        let mut all = vec!["commit", "--model", "openai/gpt-4.1-mini"];
        all.extend(flags);
        repo.monster(&all).done().ok();
        upstream.calls()[before..].iter().map(|call| call.user().len()).max().unwrap()
    };
    let (whole, part) = (sent(&[]), sent(&["--max-bytes", "4000"]));
    assert!(whole > 30_000 && part < 8_000, "{whole} bytes, then {part}");
    repo.monster(&["commit", "--max-bytes", "10"]).done().exits(2);
}

/// A change of three areas.
fn areas(sandbox: &Sandbox) -> Repo<'_> {
    let repo = sandbox.repo("areas");
    repo.history(&[
        ("docs: begin", "README.md", "# Areas\n"),
        ("feat: add parts", "src/web/page.rs", "pub fn page() -> u8 {\n    1\n}\n"),
        ("feat: add a server", "src/serve/port.rs", "pub fn port() -> u16 {\n    80\n}\n"),
        ("feat: move", "src/web/old name.rs", "pub fn moved() -> &'static str {\n    \"here and there\"\n}\n"),
    ]);
    repo.stage("README.md", "# Areas\n\nThree of them.\n");
    repo.stage("src/web/page.rs", "pub fn page() -> u8 {\n    2\n}\n");
    repo.stage("src/web/it's new.rs", "pub fn new() {}\n");
    repo.git(&["mv", "src/web/old name.rs", "src/web/other.rs"]);
    repo.stage("src/serve/port.rs", "pub fn port() -> u16 {\n    8080\n}\n");
    repo
}

#[test]
fn a_change_is_proposed_in_parts_and_none_of_them_is_committed() {
    let sandbox = Sandbox::new();
    let repo = areas(&sandbox);
    let before = (repo.git(&["rev-parse", "HEAD"]), repo.git(&["status", "--porcelain"]));
    let done = repo.monster(&["commit", "--split"]).done();
    insta::assert_snapshot!("split", done.ok().all());
    let told = repo.monster(&["commit", "--split", "--json"]).done();
    let commits = told.ok().json()["commits"].as_array().unwrap().clone();
    assert_eq!(commits.iter().map(|c| c["area"].as_str().unwrap()).collect::<Vec<_>>(), ["serve", "web", "docs"]);
    assert_eq!(
        commits[1]["files"],
        json!(["src/web/it's new.rs", "src/web/old name.rs", "src/web/other.rs", "src/web/page.rs"])
    );
    assert_eq!((repo.git(&["rev-parse", "HEAD"]), repo.git(&["status", "--porcelain"])), before);
    for flags in [["--split", "-y"], ["--split", "--amend"], ["--split", "--retry"]] {
        repo.monster(&["commit", flags[0], flags[1]]).done().exits(2);
    }
}

#[test]
fn code_is_called_no_documentation_whatever_its_branch_is_about() {
    let sandbox = Sandbox::new();
    let repo = areas(&sandbox);
    repo.git(&["switch", "-qc", "docs/three-areas"]);
    let told = repo.monster(&["commit", "--split", "--json"]).done();
    let said: Vec<String> = told.ok().json()["commits"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| c["message"].as_str().unwrap().to_owned())
        .collect();
    assert!(said[2].starts_with("docs: ") && !said[0].starts_with("docs") && !said[1].starts_with("docs"), "{said:?}");
    assert!(told.json()["source"] == "offline");
}

#[cfg(unix)]
#[test]
fn the_proposed_commands_do_what_they_say_from_a_folder_below_too() {
    let sandbox = Sandbox::new();
    let repo = areas(&sandbox);
    repo.write("src/web/page.rs", "pub fn page() -> u8 {\n    3\n}\n");
    let below = sandbox.at("areas/src/web");
    let told = below.monster(&["commit", "--split"]).done();
    let note = "# src/web/page.rs lies otherwise in the work tree";
    assert!(told.ok().stdout.contains(note), "{}", told.stdout);
    below.any("sh", &[]).stdin(told.raw).done().ok();
    assert_eq!(repo.git(&["status", "--porcelain"]), "");
    let made = repo.git(&["log", "-3", "--reverse", "--format=%s", "--name-only"]);
    insta::assert_snapshot!("split_run", made);
}

/// A repository in the middle of something that conflicted, with the conflict resolved.
pub fn resolved<'a>(sandbox: &'a Sandbox, name: &str, words: &[&str]) -> Repo<'a> {
    let repo = sandbox.repo(name);
    repo.history(&[("feat: begin", "a.txt", "one\n")]);
    repo.git(&["switch", "-qc", "other"]);
    repo.stage("a.txt", "two\n").commit("feat: two");
    repo.git(&["switch", "-q", "main"]);
    repo.stage("a.txt", "three\n").commit("feat: three");
    let done = repo.any("git", words).env("GIT_EDITOR", "true").done();
    done.exits(1);
    repo
}

#[test]
fn whatever_git_is_in_the_middle_of_its_own_message_is_committed_and_nothing_is_sent() {
    let upstream = Upstream::start();
    let sandbox = connected(&upstream);
    let cases: [(&str, &[&str], &str); 5] = [
        ("a merge", &["merge", "other"], "Merge branch 'other'"),
        ("a squash", &["merge", "--squash", "other"], "Squashed commit of the following:"),
        ("a cherry-pick", &["cherry-pick", "other"], "feat: two"),
        ("a revert", &["revert", "HEAD~1"], "Revert \"feat: begin\""),
        ("a rebase", &["rebase", "other"], "feat: three"),
    ];
    for (n, (what, words, subject)) in cases.into_iter().enumerate() {
        let repo = resolved(&sandbox, &format!("r{n}"), words);
        let done = repo.monster(&["commit", "-y"]).done();
        assert!(done.exits(3).stderr.contains("unmerged files"), "{what}: {}", done.stderr);
        repo.git(&["add", "a.txt"]);
        if n == 0 {
            let done = repo.monster(&["commit", "-y"]).done();
            assert!(done.exits(1).stderr.contains("conflict marker is staged in a.txt"), "{what}: {}", done.stderr);
        }
        repo.stage("a.txt", "both\n");
        let done = repo.monster(&["commit"]).done();
        assert!(done.ok().stdout.starts_with(subject), "{what}: {}", done.stdout);
        assert!(done.stderr.contains(&format!("{what} is in progress")), "{what}: {}", done.stderr);
        let done = repo.monster(&["commit", "-y", "-t", "fix"]).done();
        assert!(done.exits(3).stderr.contains("git has a message for it already"), "{what}: {}", done.stderr);
        repo.monster(&["commit", "-y"]).done().ok();
        assert!(repo.message().starts_with(subject), "{what}: {}", repo.message());
        assert!(!repo.message().contains("# Conflicts"), "{what}: {}", repo.message());
    }
    assert!(upstream.calls().is_empty());
}

#[test]
fn a_squash_without_a_conflict_keeps_its_message_too() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("squash");
    repo.history(&[("feat: begin", "a.txt", "one\n")]);
    repo.git(&["switch", "-qc", "other"]);
    repo.stage("b.txt", "two\n").commit("feat: two");
    repo.git(&["switch", "-q", "main"]);
    repo.git(&["merge", "-q", "--squash", "other"]);
    let done = repo.monster(&["commit", "--dry-run"]).done();
    assert!(done.ok().stdout.starts_with("Squashed commit of the following:"), "{}", done.stdout);
    repo.monster(&["commit", "-y"]).done().ok();
    assert!(repo.message().contains("feat: two"), "{}", repo.message());
    // The next commit is one like any other.
    repo.stage("README.md", "# Squash\n");
    repo.monster(&["commit", "-y"]).done().ok();
    assert_eq!(repo.message(), "docs: add README");
}

#[test]
fn the_beginning_of_a_flag_is_the_flag() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("work");
    repo.stage("a.txt", "one\n").commit("feat: first");
    repo.stage("b.txt", "two\n");
    for flag in ["--amen", "--mess=hello", "--dry", "--short", "--porcelain", "-z"] {
        repo.monster(&["commit", "-y", "--offline", "--", flag]).done().exits(2);
    }
    assert_eq!(repo.git(&["log", "--format=%s"]).trim(), "feat: first");
}

#[test]
fn hooks_that_judge_do_so_for_our_own_command_too() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("work");
    repo.stage("a.txt", "one\n").commit("feat: first");
    repo.monster(&["hook", "install", "pre-commit"]).done().ok();
    let key = ["gh", "p_", &"aB3dE5gH1jK7mN9pQ2rS4tU6vW8xY0zA1bC2"[..36]].concat();
    repo.stage("b.txt", &format!("token = {key}\n"));
    let done = repo.monster(&["commit", "-y", "--offline"]).done();
    done.exits(1);
    assert_eq!(repo.git(&["log", "--format=%s"]).trim(), "feat: first", "{}", done.all());
}

#[test]
fn the_same_line_at_another_place_is_no_revert() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("work");
    let yaml = |a: bool, b: bool| format!("a:\n  one: 1\n  enabled: {a}\nb:\n  two: 2\n  enabled: {b}\n");
    repo.stage("x.conf", &yaml(true, false)).commit("chore: add settings");
    repo.stage("x.conf", &yaml(false, false)).commit("feat: disable a");
    repo.stage("x.conf", &yaml(false, true));
    let done = repo.monster(&["commit", "--dry-run", "--offline"]).done();
    assert!(!done.ok().stdout.to_lowercase().contains("revert"), "{}", done.all());
    repo.stage("x.conf", &yaml(true, false));
    let done = repo.monster(&["commit", "--dry-run", "--offline"]).done();
    assert!(done.ok().stdout.to_lowercase().contains("revert"), "{}", done.all());
}

#[test]
fn why_no_model_was_asked_is_told_as_it_is() {
    let upstream = Upstream::start();
    let sandbox = connected(&upstream);
    let repo = sandbox.repo("work");
    repo.stage("x.conf", "a: 1\nb: 1\n").commit("chore: add settings");
    repo.stage("x.conf", "a: 2\nb: 2\n").commit("feat: raise both");
    repo.stage("x.conf", "a: 1\nb: 1\n");
    let done = repo.monster(&["commit", "--dry-run", "--model", "openai/gpt-4.1-mini"]).done();
    let said = &done.ok().stderr;
    assert!(said.contains("own rules: it takes back another commit, whose words say it all"), "{}", done.all());
    assert!(!said.contains("packages") && upstream.calls().is_empty(), "{said}");
}
