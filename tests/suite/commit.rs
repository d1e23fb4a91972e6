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
    assert!(said(&["--offline", "-t", "feat"]).starts_with("✨ "));
}

/// What a model says that lies: subject and body.
const LIES: [(&str, &str); 14] = [
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
fn forged_trailers_and_scopes_that_nobody_knows_are_taken_out() {
    let upstream = Upstream::start();
    let sandbox = connected(&upstream);
    let repo = pager(&sandbox);
    let body = "Integer division lost it.\n\nSigned-off-by: Linus Torvalds <l@example.org>\nCo-authored-by: A <a@b.c>\nFixes: #12\nBREAKING CHANGE: yes";
    let told = json!({ "type": "fix", "scope": "totals", "subject": "count the last page", "body": body });
    upstream.always(move |_| Answer::json(&told));
    repo.git(&["commit", "-q", "-m", "fix: without a habit of scopes", "--allow-empty"]);
    repo.stage("lib/count.py", "def count(items, size):\n    return -(-items // size)\n");
    repo.monster(&["commit", "-y", "--model", "openai/gpt-4.1-mini"]).done().ok();
    assert_eq!(repo.message(), "fix: count the last page\n\nInteger division lost it.");
}
