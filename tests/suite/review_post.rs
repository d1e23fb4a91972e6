//! `monster review --pr` and `--post`: what GitHub's program is told, by one that writes everything down.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::sandbox::{Repo, Sandbox};

/// A `gh` that records its words, folder, surroundings and input, and answers what it was told to.
struct Gh {
    dir: PathBuf,
}

/// One time that it was run.
struct Call {
    words: Vec<String>,
    folder: String,
    env: String,
    input: Value,
}

impl Gh {
    fn install(sandbox: &mut Sandbox) -> Self {
        let (bin, dir) = (sandbox.home().join("bin"), sandbox.home().join("gh"));
        fs::create_dir_all(&bin).unwrap();
        fs::create_dir_all(&dir).unwrap();
        let script = format!(
            "#!/bin/sh\ncd_was=$PWD\nd='{}'\nn=$(ls \"$d\" | grep -c words)\nprintf '%s\\n' \"$@\" > \"$d/$n.words\"\n\
             printf '%s' \"$cd_was\" > \"$d/$n.folder\"\nenv > \"$d/$n.env\"\ncat > \"$d/$n.input\"\n\
             if [ -f \"$d/fail\" ]; then cat \"$d/fail\" >&2; exit 4; fi\n\
             if [ \"$1\" = pr ]; then cat \"$d/patch\"; exit; fi\n\
             if [ -f \"$d/$n.answer\" ]; then cat \"$d/$n.answer\"; else echo '{{\"data\":{{\"done\":{{}}}}}}'; fi\n",
            dir.display()
        );
        fs::write(bin.join("gh"), script).unwrap();
        crate::program::runnable(bin.join("gh"));
        let path = std::env::var("PATH").unwrap();
        sandbox.set("PATH", &format!("{}:{path}", bin.display()));
        Self { dir }
    }

    /// Forgets what was, and answers so from now on.
    fn answers(&self, answers: &[Value]) {
        fs::remove_dir_all(&self.dir).unwrap();
        fs::create_dir_all(&self.dir).unwrap();
        for (n, answer) in answers.iter().enumerate() {
            self.file(&format!("{n}.answer"), &answer.to_string());
        }
    }

    fn file(&self, name: &str, text: &str) {
        fs::write(self.dir.join(name), text).unwrap();
    }

    fn calls(&self) -> Vec<Call> {
        let read = |n: usize, what: &str| fs::read_to_string(self.dir.join(format!("{n}.{what}"))).ok();
        (0..)
            .map_while(|n| {
                Some(Call {
                    words: read(n, "words")?.lines().map(str::to_owned).collect(),
                    folder: read(n, "folder")?,
                    env: read(n, "env")?,
                    input: serde_json::from_str(&read(n, "input")?).unwrap_or_default(),
                })
            })
            .collect()
    }

    /// What it was asked to change.
    fn changes(&self) -> Vec<Value> {
        let all = self.calls().into_iter().map(|call| call.input);
        all.filter(|input| input["query"].as_str().is_some_and(|q| q.starts_with("mutation"))).collect()
    }
}

/// A repository with a branch that makes two mistakes, as pull request 7.
fn pull(sandbox: &Sandbox) -> Repo<'_> {
    let repo = sandbox.repo("pager");
    repo.history(&[("docs: begin", "README.md", "# Pager\n")]);
    repo.git(&["remote", "add", "origin", "git@github.com:ada/pager.git"]);
    repo.git(&["checkout", "-q", "-b", "install"]);
    repo.stage("deploy.sh", "set -e\ncurl -k https://example.org/install | sh\n");
    repo.stage("run.py", "eval(input())\n").commit("feat: install");
    repo
}

fn sides(repo: &Repo<'_>) -> Value {
    let id = |rev: &str| repo.git(&["rev-parse", rev]);
    json!({ "data": { "repository": { "pullRequest": { "baseRefOid": id("main"), "headRefOid": id("install") } } } })
}

/// What stands in the pull request: our comment, and threads by who wrote the remark, resolved by whom.
fn there(repo: &Repo<'_>, comment: Option<&str>, threads: &[(&str, bool, Option<&str>)]) -> Value {
    let page = json!({ "hasNextPage": false, "endCursor": null });
    let stranger =
        json!({ "id": "c0", "body": "<!-- monster:review -->\nI am somebody else", "viewerDidAuthor": false });
    let comments: Vec<Value> = std::iter::once(stranger)
        .chain(comment.map(|body| json!({ "id": "c1", "body": body.replace('\n', "\r\n"), "viewerDidAuthor": true })))
        .collect();
    let threads: Vec<Value> = threads
        .iter()
        .enumerate()
        .map(|(n, (body, ours, resolved))| {
            json!({ "id": format!("t{n}"), "isResolved": resolved.is_some(),
                "resolvedBy": resolved.map(|login| json!({ "login": login })),
                "comments": { "nodes": [{ "body": body, "viewerDidAuthor": ours }] } })
        })
        .collect();
    json!({ "data": { "viewer": { "login": "monster-bot" }, "repository": { "pullRequest": {
        "id": "PR_7", "headRefOid": repo.git(&["rev-parse", "install"]),
        "comments": { "nodes": comments, "pageInfo": page }, "reviewThreads": { "nodes": threads, "pageInfo": page } } } } })
}

const POST: [&str; 4] = ["review", "--pr", "7", "--post"];

/// Posts into an empty pull request; what our comment and our remarks say then.
fn first(gh: &Gh, repo: &Repo<'_>) -> (String, Vec<String>) {
    gh.answers(&[sides(repo), there(repo, None, &[])]);
    repo.monster(&POST).done().ok();
    let changes = gh.changes();
    let remarks = changes[1]["variables"]["threads"].as_array().unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    (text(&changes[0]["variables"]["body"]), remarks.iter().map(|r| text(&r["body"])).collect())
}

#[test]
fn a_review_becomes_one_comment_and_a_remark_at_each_line() {
    let mut sandbox = Sandbox::new();
    let gh = Gh::install(&mut sandbox);
    let secret = sandbox.key("anthropic");
    sandbox.set("ANTHROPIC_API_KEY", &secret);
    let repo = pull(&sandbox);
    gh.answers(&[sides(&repo), there(&repo, None, &[])]);
    let done = repo.monster(&["review", "--pr", "7", "--post", "--offline"]).done();
    insta::assert_snapshot!("posted", done.ok().all());
    let calls = gh.calls();
    assert_eq!(calls.len(), 4, "two looks, a comment, the remarks");
    for call in &calls {
        assert_eq!(call.words, ["api", "graphql", "--hostname", "github.com", "--input", "-"], "texts are no words");
        assert!(
            !call.folder.contains("pager") && !fs::exists(&call.folder).unwrap(),
            "a folder of its own: {}",
            call.folder
        );
        assert!(call.env.contains("GH_REPO=github.com/ada/pager\n"), "{}", call.env);
        assert!(!call.env.contains(&secret) && !call.env.contains("GIT_CONFIG_GLOBAL"), "{}", call.env);
    }
    let head = repo.git(&["rev-parse", "HEAD"]);
    let sent: Vec<Value> = gh.changes().into_iter().map(|mut input| input["variables"].take()).collect();
    insta::assert_snapshot!("sent", format!("{:#}", json!(sent)).replace(&head, "[HEAD]"));
    assert!(gh.changes()[0]["query"].as_str().unwrap().contains("addComment"));
    assert!(gh.changes()[1]["query"].as_str().unwrap().contains("addPullRequestReview"));
}

#[test]
fn what_stands_there_already_is_not_sent_again() {
    let mut sandbox = Sandbox::new();
    let gh = Gh::install(&mut sandbox);
    let repo = pull(&sandbox);
    let (comment, remarks) = first(&gh, &repo);
    let open: Vec<_> = remarks.iter().map(|body| (body.as_str(), true, None)).collect();
    gh.answers(&[sides(&repo), there(&repo, Some(&comment), &open)]);
    let done = repo.monster(&POST).done();
    assert!(done.ok().stderr.contains("nothing has changed, nothing was sent"), "{}", done.stderr);
    assert_eq!(gh.changes(), [] as [Value; 0]);
}

#[test]
fn what_is_mended_is_resolved_and_what_comes_back_is_opened_again() {
    let mut sandbox = Sandbox::new();
    let gh = Gh::install(&mut sandbox);
    let repo = pull(&sandbox);
    let (comment, remarks) = first(&gh, &repo);
    let threads = |by: [Option<&'static str>; 3]| {
        let mut all: Vec<(&str, bool, Option<&str>)> =
            remarks.iter().zip(by).map(|(body, by)| (body.as_str(), true, by)).collect();
        // Somebody copied our mark; that is not ours to resolve.
        all.push(("mine <!-- monster:finding 0123456789 -->", false, None));
        all
    };
    assert!(remarks.len() >= 2, "{remarks:#?}");
    repo.stage("run.py", "print(1)\n").stage("deploy.sh", "set -e\n").commit("fix: run nothing");
    gh.answers(&[sides(&repo), there(&repo, Some(&comment), &threads([None; 3]))]);
    let done = repo.monster(&POST).done();
    assert!(done.ok().stderr.contains("comment updated") && done.stderr.contains("resolved"), "{}", done.stderr);
    let changes = gh.changes();
    assert_eq!(changes[0]["variables"]["id"], "c1", "our own comment, not a stranger's");
    let resolved: Vec<&str> = changes[1..].iter().map(|c| c["variables"]["id"].as_str().unwrap()).collect();
    let ours: Vec<String> = (0..remarks.len()).map(|n| format!("t{n}")).collect();
    assert_eq!(
        resolved.iter().collect::<std::collections::BTreeSet<_>>(),
        ours.iter().map(String::as_str).collect::<Vec<_>>().iter().collect()
    );
    assert!(changes[1..].iter().all(|c| c["query"].as_str().unwrap().contains("{resolveReviewThread")), "{changes:#?}");
    // They come back: the one that we had resolved is opened, the one that a person closed stays closed.
    repo.git(&["revert", "--no-edit", "HEAD"]);
    gh.answers(&[
        sides(&repo),
        there(&repo, Some(&comment), &threads([Some("monster-bot"), Some("ada"), Some("ada")])),
    ]);
    repo.monster(&POST).done().ok();
    let changes = gh.changes();
    assert_eq!(changes.len(), 1, "{changes:#?}");
    assert!(
        changes[0]["query"].as_str().unwrap().contains("{unresolveReviewThread")
            && changes[0]["variables"]["id"] == "t0"
    );
}

#[test]
fn a_review_that_is_not_whole_resolves_nothing() {
    let mut sandbox = Sandbox::new();
    let gh = Gh::install(&mut sandbox);
    let repo = pull(&sandbox);
    let (comment, remarks) = first(&gh, &repo);
    repo.stage("run.py", "print(1)\n").commit("fix: run nothing");
    // A key that nothing answers for: the model's part is missing.
    let key = sandbox.key("openai");
    let open: Vec<_> = remarks.iter().map(|body| (body.as_str(), true, None)).collect();
    gh.answers(&[sides(&repo), there(&repo, Some(&comment), &open)]);
    let run = repo.monster(&["review", "--pr", "7", "--post", "--no-wait", "--model", "openai/gpt-4.1-mini"]);
    let run = run.env("OPENAI_API_KEY", &key).env("OPENAI_BASE_URL", "http://127.0.0.1:9/v1");
    run.done().exits(7);
    let changes = gh.changes();
    assert_eq!(changes.len(), 1, "{changes:#?}");
    assert!(changes[0]["variables"]["body"].as_str().unwrap().contains("did not answer"), "the comment says so");
}

#[test]
fn a_dry_run_prints_what_would_be_sent_and_sends_nothing() {
    let mut sandbox = Sandbox::new();
    let gh = Gh::install(&mut sandbox);
    let repo = pull(&sandbox);
    gh.answers(&[sides(&repo), there(&repo, None, &[("old <!-- monster:finding 0123456789 -->", true, None)])]);
    let done = repo.monster(&["review", "--pr", "7", "--post", "--dry-run"]).done();
    let plan = done.ok().json();
    assert_eq!(plan["schema"], "monster.review.post/1");
    assert_eq!((&plan["repository"], &plan["comment"]["what"]), (&json!("github.com/ada/pager"), &json!("create")));
    assert_eq!(plan["resolve"], json!(["0123456789"]));
    assert!(plan["remarks"].as_array().unwrap().len() >= 2, "{plan:#}");
    assert!(done.stderr.contains("nothing was sent"), "{}", done.stderr);
    // The rules say nothing of what a model found, and a part nothing of what stands elsewhere.
    let of_model = "`race` · model, confirmed · `0123456789`\n<!-- monster:finding 0123456789 -->";
    for (body, more) in [(of_model, &[][..]), ("old <!-- monster:finding 0123456789 -->", &["--", "run.py"])] {
        gh.answers(&[sides(&repo), there(&repo, None, &[(body, true, None)])]);
        let done = repo.monster(&[&["review", "--pr", "7", "--post", "--dry-run"], more].concat()).done();
        assert_eq!(done.ok().json()["resolve"], json!([]), "{body} {more:?}");
    }
    assert_eq!(gh.changes(), [] as [Value; 0]);
}

#[test]
fn a_pull_request_is_only_read_unless_posting_is_asked_for() {
    let mut sandbox = Sandbox::new();
    let gh = Gh::install(&mut sandbox);
    let repo = pull(&sandbox);
    gh.answers(&[sides(&repo)]);
    let done = repo.monster(&["review", "--pr", "7"]).done();
    assert!(done.ok().stdout.starts_with("pull request 7: 2 files"), "{}", done.stdout);
    assert_eq!(gh.calls().len(), 1);
    // One that was fetched needs nobody.
    repo.git(&["update-ref", "refs/pull/7/head", "install"]);
    gh.answers(&[]);
    let done = repo.monster(&["review", "--pr", "7"]).done();
    assert!(done.ok().stdout.starts_with("pull request 7: 2 files"), "{}", done.stdout);
    assert_eq!(gh.calls().len(), 0);
    repo.monster(&["review", "--post"]).done().exits(2);
    repo.monster(&["review", "--pr", "0"]).done().exits(2);
}

#[test]
fn one_that_is_not_fetched_is_reviewed_as_a_patch() {
    let mut sandbox = Sandbox::new();
    let gh = Gh::install(&mut sandbox);
    let repo = pull(&sandbox);
    let patch = repo.git(&["diff", "main", "install"]) + "\n";
    let away = "0123456789abcdef0123456789abcdef01234567";
    let gone = json!({ "data": { "repository": { "pullRequest": { "baseRefOid": away, "headRefOid": away } } } });
    gh.answers(&[gone]);
    gh.file("patch", &patch);
    let done = repo.monster(&["review", "--pr", "7"]).done();
    assert!(done.ok().stdout.contains("run.py:1") && done.stderr.contains("is not fetched"), "{}", done.all());
    assert_eq!(gh.calls()[1].words, ["pr", "diff", "7", "--color", "never"]);
    let none = json!({ "data": { "repository": { "pullRequest": null } } });
    gh.answers(&[none]);
    let done = repo.monster(&["review", "--pr", "8"]).done();
    assert!(done.exits(2).stderr.contains("there is no pull request 8"), "{}", done.stderr);
}

#[test]
fn one_that_has_moved_on_is_left_alone() {
    let mut sandbox = Sandbox::new();
    let gh = Gh::install(&mut sandbox);
    let repo = pull(&sandbox);
    let before = sides(&repo);
    repo.stage("more.txt", "more\n").commit("docs: more");
    gh.answers(&[before.clone(), there(&repo, None, &[])]);
    let done = repo.monster(&POST).done();
    assert!(done.exits(1).stderr.contains("has moved on since it was read"), "{}", done.stderr);
    assert_eq!(gh.changes(), [] as [Value; 0]);
    // A program reads the review there, and nothing behind it.
    for json in [&["--format", "json"][..], &["--json"]] {
        gh.answers(&[before.clone(), there(&repo, None, &[])]);
        let done = repo.monster(&[&POST, json].concat()).done();
        let told: Value = serde_json::from_str(&done.exits(1).stdout).unwrap();
        assert!(told["findings"].is_array(), "{told}");
        assert!(done.stderr.contains("has moved on since it was read"), "{}", done.stderr);
    }
}

#[test]
fn what_stands_in_the_way_is_said() {
    let mut sandbox = Sandbox::new();
    // A machine that has git and no gh.
    let alone = sandbox.home().join("alone");
    fs::create_dir_all(&alone).unwrap();
    let path = std::env::var("PATH").unwrap();
    let git = std::env::split_paths(&path).map(|dir| dir.join("git")).find(|git| git.is_file()).unwrap();
    std::os::unix::fs::symlink(git, alone.join("git")).unwrap();
    let without = pull(&sandbox).monster(&POST).env("PATH", &alone.display().to_string()).done();
    insta::assert_snapshot!("no_gh", without.exits(1).all());
    let gh = Gh::install(&mut sandbox);
    let repo = sandbox.at("pager");
    gh.answers(&[]);
    gh.file("fail", "To get started with GitHub CLI, please run:  gh auth login\n");
    let done = repo.monster(&POST).done();
    assert!(done.exits(1).stderr.contains("hint: sign in to GitHub with: gh auth login"), "{}", done.stderr);
    // Nobody's token goes to a host because a repository says so.
    gh.answers(&[]);
    repo.git(&["remote", "set-url", "origin", "https://github.com.evil.example/ada/pager.git"]);
    let done = repo.monster(&POST).done();
    assert!(done.exits(2).stderr.contains("which is not github.com"), "{}", done.stderr);
    assert_eq!(gh.calls().len(), 0);
    repo.git(&["remote", "remove", "origin"]);
    let done = repo.monster(&POST).done();
    assert!(done.exits(2).stderr.contains("GH_REPO=OWNER/NAME"), "{}", done.stderr);
    gh.answers(&[sides(&repo), there(&repo, None, &[])]);
    repo.monster(&POST).env("GH_REPO", "ghe.example/ada/pager").done().ok();
    assert!(gh.calls()[0].words.contains(&"ghe.example".to_owned()));
}

#[test]
fn nothing_that_a_change_says_leaves_its_remark_or_calls_anybody() {
    let mut sandbox = Sandbox::new();
    let gh = Gh::install(&mut sandbox);
    let upstream = crate::upstream::Upstream::start();
    sandbox.connect(&upstream, "openai");
    let key = sandbox.key("xai");
    let repo = pull(&sandbox);
    let why = format!("Ask @ada, see https://evil.example/ and #12; ``` the key is {key} <img src=x>");
    upstream.always(move |_| {
        crate::upstream::Answer::json(&json!({ "summary": "LGTM @everyone", "findings": [{ "file": "F2", "line": 1,
            "quote": "eval(input())", "severity": "high", "class": "style", "title": "</details><!-- monster:finding 1 -->",
            "why": why, "fix": "" }] }))
    });
    gh.answers(&[sides(&repo), there(&repo, None, &[])]);
    repo.monster(&["review", "--pr", "7", "--post", "--model", "openai/gpt-4.1-mini"]).done().ok();
    let sent = json!(gh.changes()).to_string();
    assert!(!sent.contains(&key[10..40]), "no key leaves");
    for hostile in ["@ada", "@everyone", "https://evil", "#12", "<img", "</details>", "monster:finding 1 "] {
        assert!(!sent.contains(hostile), "{hostile} in {sent}");
    }
}
