//! What is accepted, and what cannot be read: every place that judges a commit says the same of it.

use std::fs;

use serde_json::json;

use crate::chain::offline;
use crate::commit::{connected, pager};
use crate::key::{password, real_github};
use crate::sandbox::{Done, Repo, Sandbox};
use crate::upstream::{Answer, Upstream};

const MODEL: [&str; 4] = ["commit", "-y", "--model", "openai/gpt-4.1-mini"];

/// A model that writes the same message for everything.
fn writing() -> Upstream {
    let upstream = Upstream::start();
    upstream.always(|_| Answer::json(&json!({ "type": "fix", "scope": "", "subject": "say it", "body": "" })));
    upstream
}

/// Has this accepted by the commit before what is staged.
fn accepts(repo: &Repo<'_>, lines: &str) {
    repo.stage(".monster/ignore", lines);
    repo.git(&["commit", "-q", "--no-verify", "-m", "chore: accept", "--", ".monster/ignore"]);
}

/// What the hook has written for what is staged, and how it ended.
fn drafted(repo: &Repo<'_>) -> (Done, String) {
    repo.write("msg", "");
    let done = repo.monster(&["hook", "run", "prepare-commit-msg", "msg"]).done();
    let text = repo.read("msg");
    (done, text)
}

#[test]
fn paths_accept_no_secret_and_its_id_accepts_it_wherever_a_commit_is_judged() {
    let upstream = writing();
    let mut sandbox = connected(&upstream);
    sandbox.set("MONSTER_REDACT_MODE", "block").set("MONSTER_MODEL", "openai/gpt-4.1-mini");
    sandbox.set("MONSTER_HOOK_DEADLINE", "60");
    let repo = sandbox.repo("accepted");
    repo.history(&[("feat: begin", "src/a.py", "a = 1\n")]);
    repo.monster(&["hook", "install", "pre-commit"]).done().ok();
    let token = real_github("accepted");
    repo.stage("gen/a.py", &format!("a = '{token}'\n"));
    let gate = || repo.monster(&["hook", "run", "pre-commit"]).done();
    for line in ["gen/** * not written here", "** * x", "* * x y", "** secret made up"] {
        accepts(&repo, &format!("{line}\n"));
        let done = gate();
        assert!(done.exits(6).stdout.contains("gen/a.py:1"), "{line}: {}", done.all());
        let by_id = "each is accepted by its own id alone: write \"ID REASON\"; it is not obeyed";
        assert_eq!(done.stderr.contains(by_id), line.contains("secret"), "{line}: {}", done.stderr);
        drafted(&repo).0.exits(6);
        let done = repo.monster(&MODEL).done();
        assert!(done.exits(6).stderr.contains("by its id in a .monster/ignore"), "{line}: {}", done.all());
        let review = repo.monster(&["review", "--staged", "--offline", "--fail-on", "low"]).done();
        assert!(review.exits(1).stdout.contains("gen/a.py:1"), "{line}: {}", review.all());
    }
    let json = repo.monster(&["review", "--staged", "--offline", "--json"]).done().json();
    accepts(&repo, &format!("{} made up, by Ada\n", json["findings"][0]["id"].as_str().unwrap()));
    gate().ok();
    let (done, text) = drafted(&repo);
    assert!(!text.starts_with(['\n', '#']), "{} {text}", done.ok().all());
    assert!(text.contains("monster's own rules wrote this: the request holds 1 × GitHub token"), "{text}");
    let done = repo.monster(&MODEL).done();
    let why = "written by monster's own rules: the request holds 1 × GitHub token";
    assert!(done.ok().stderr.contains(why) && !done.all().contains(&token), "{}", done.all());
    assert_eq!(repo.git(&["status", "--porcelain", "gen"]), "");
    assert!(upstream.calls().is_empty(), "accepted is not sent");
    // Who wants no words but a model's gets none.
    repo.stage("gen/a.py", &format!("a = '{token}'\nb = 2\n"));
    repo.monster(&[&MODEL[..], &["--no-fallback"]].concat()).done().exits(6);
}

#[test]
fn what_a_line_allows_is_allowed_in_every_mode_and_sent_in_none() {
    let upstream = writing();
    let mut sandbox = connected(&upstream);
    sandbox.set("MONSTER_REDACT_MODE", "block").set("MONSTER_MODEL", "openai/gpt-4.1-mini");
    sandbox.set("MONSTER_HOOK_DEADLINE", "60");
    let repo = sandbox.repo("allowed");
    repo.history(&[("feat: begin", "src/a.py", "a = 1\n")]);
    let with = |mark: &str| _ = repo.stage("a.py", &format!("password = '{}'  # {mark}\n", password("allowed")));
    with("monster:ignore secret made up");
    repo.monster(&["hook", "run", "pre-commit"]).done().exits(6);
    drafted(&repo).0.exits(6);
    repo.monster(&MODEL).done().exits(6);
    with("monster:allow");
    repo.monster(&["hook", "run", "pre-commit"]).done().ok();
    drafted(&repo).0.ok();
    let done = repo.monster(&MODEL).done();
    assert!(done.ok().stderr.contains("written by monster's own rules: the request holds"), "{}", done.all());
    assert!(upstream.calls().is_empty());
}

#[test]
fn a_gate_that_a_slip_of_the_pen_opens_is_told() {
    let sandbox = offline();
    let repo = sandbox.repo("slip");
    repo.history(&[("feat: begin", "a.py", "a = 1\n")]);
    repo.write("msg", &format!("feat: {}\n", "very ".repeat(30)));
    let judged = |word: &str| {
        repo.monster(&["hook", "run", "commit-msg", "msg"])
            .env("MONSTER_HOOK_VALIDATE", word)
            .done()
            .ok()
            .stderr
            .clone()
    };
    let told = "a value of hook.validate cannot be read: warn holds for messages of commits";
    assert!(judged("blcok").contains(told) && !judged("warn").contains("cannot be read"), "{}", judged("blcok"));
    sandbox.config("[hook]\nvalidate = \"off\"\n");
    assert!(judged("blcok").contains(&told.replace("warn", "off")), "{}", judged("blcok"));
    sandbox.config("[hook]\nvalidate = \"blcok\"\n");
    let status = repo.monster(&["hook", "status"]).done();
    assert!(status.ok().stderr.contains(told), "{}", status.all());
}

#[test]
fn settings_about_secrets_that_cannot_hold_leave_a_draft_of_the_rules() {
    let upstream = writing();
    let mut sandbox = connected(&upstream);
    sandbox.set("MONSTER_MODEL", "openai/gpt-4.1-mini").set("MONSTER_HOOK_DEADLINE", "60");
    let path = sandbox.config_dir().join("config.toml");
    let before = fs::read_to_string(&path).unwrap();
    fs::write(&path, format!("{before}\n[[redact.rule]]\nname = \"ours\"\npattern = \"(\"\n")).unwrap();
    let repo = pager(&sandbox);
    let (done, text) = drafted(&repo);
    assert!(
        text.contains("pager.rs") && text.contains("monster's own rules wrote this: "),
        "{} {text}",
        done.ok().all()
    );
    assert!(text.contains("redact.rule") && done.stderr.contains("redact.rule"), "{} {text}", done.all());
    assert!(upstream.calls().is_empty(), "nothing is sent");
    // What can be read of them holds.
    sandbox.set("MONSTER_REDACT_MODE", "block");
    let repo = sandbox.at("pager");
    repo.stage("key.txt", &format!("{}\n", sandbox.key("anthropic")));
    drafted(&repo).0.exits(6);
}

#[test]
fn of_a_change_of_which_no_line_is_read_no_model_is_asked() {
    let upstream = writing();
    let sandbox = connected(&upstream);
    let repo = sandbox.repo("filtered");
    repo.stage(".gitattributes", "*.enc filter=enc\n");
    repo.history(&[("feat: begin", "a.enc", "a = 1\n"), ("feat: more", "b.py", "b = 1\n")]);
    repo.git(&["config", "filter.enc.clean", "tr a-z A-Z"]);
    repo.write("a.enc", "a = 2\n");
    let args = ["commit", "-a", "--dry-run", "--model", "openai/gpt-4.1-mini"];
    let done = repo.monster(&args).done();
    assert!(done.ok().stderr.contains("rules: no line of the change could be read"), "{}", done.all());
    assert!(done.stdout.contains("a.enc") && upstream.calls().is_empty(), "{}", done.all());
    repo.write("b.py", "b = 2\n");
    repo.monster(&args).done().ok();
    assert_eq!(upstream.calls().len(), 1);
}

#[test]
fn a_name_with_what_nobody_sees_is_shown_as_no_other() {
    let sandbox: Sandbox = offline();
    let repo = sandbox.repo("hidden");
    repo.history(&[("feat: begin", "a.py", "a = 1\n")]);
    let name = "a\u{202e}b\u{200b}.py";
    repo.stage(name, &format!("a = '{}'\n", sandbox.key("anthropic"))).stage("new\nline.py", "x = 1\n");
    let shown = "a\\xe2\\x80\\xaeb\\xe2\\x80\\x8b.py";
    for args in [
        &["review", "--staged"][..],
        &["review", "--staged", "--dry-run"],
        &["redact", "scan"],
        &["redact", "scan", "--staged"],
        &["hook", "run", "pre-commit"],
        &["commit", "--dry-run", "--body", "always"],
    ] {
        let said = repo.monster(args).done().all();
        assert!(said.contains(shown) && !said.contains(['\u{202e}', '\u{200b}']), "{args:?}: {said}");
    }
    // Markdown's own escapes.
    let said = repo.monster(&["review", "--staged", "--format", "markdown"]).done().all();
    assert!(said.contains("xe2") && !said.contains(['\u{202e}', '\u{200b}']), "{said}");
    let said = repo.monster(&["review", "--staged", "--format", "github"]).done().all();
    assert!(said.contains(&format!("file={name},line=1")), "{said}");
    // What joins the letters of a script stays.
    repo.stage("\u{645}\u{6cc}\u{200c}\u{62e}.py", "b = 1\n");
    let said = repo.monster(&["review", "--staged", "--dry-run"]).done().all();
    assert!(said.contains("\u{6cc}\u{200c}\u{62e}.py"), "{said}");
    // A name can be named, as git has it and as it is shown.
    for called in ["new\nline.py", "new\\x0aline.py", name] {
        let said = repo.monster(&["review", "--staged", "--dry-run", "--", called]).done();
        assert!(said.ok().stdout.contains(": 1 file\n"), "{called:?}: {}", said.all());
    }
}
