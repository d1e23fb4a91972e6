//! Secrets beside each other, and secrets as names of things: each has an id of its own, and none is told.

use serde_json::json;

use crate::chain::offline;
use crate::key::{github, password, real_github};
use crate::outgoing::{accept, ids};
use crate::push::{committed, gated, push};
use crate::redact::silent;
use crate::sandbox::{Repo, Sandbox};

#[test]
fn an_accepted_key_hides_no_other_beside_it() {
    let sandbox = offline();
    let repo = gated(&sandbox, "origin");
    repo.git(&["push", "-q", "--no-verify", "origin", "main"]);
    let (one, two, word) = (sandbox.key("anthropic"), sandbox.key("openai"), password("beside"));
    let two_keys = format!("k1 = \"{one}\"; k2 = \"{two}\";\n");
    let bring = |what: &str| match what {
        "a.js" => drop(committed(&repo, what, &two_keys)),
        "b.json" => {
            drop(committed(&repo, what, &format!("{{\"k1\":\"{one}\",\"password\":\"{word}\",\"k2\":\"{two}\"}}\n")));
        }
        // A later commit takes them out.
        "c.js" => drop([committed(&repo, what, &two_keys), committed(&repo, what, "none\n")]),
        "name of " => {
            drop(repo.stage(&format!("keys/{one} {two}.txt"), "").git(&["commit", "-q", "-m", "a name"]));
        }
        _ => drop(repo.git(&["commit", "-q", "--allow-empty", "-m", &format!("note\n\nused {one} and {two}")])),
    };
    for (what, many) in [("a.js", 2), ("b.json", 3), ("c.js", 2), ("name of ", 2), ("the message of ", 2)] {
        let before = repo.git(&["rev-parse", "HEAD"]);
        bring(what);
        let (ok, said) = push(&sandbox, &repo, &["origin", "main"]);
        let known = ids(&said, what);
        assert!(!ok && known.len() == many, "{what}: {said}");
        let of_one = ids(&said, "A secret is added: Anthropic key");
        assert!(of_one.len() == 1 && known.contains(&of_one[0]), "{what}: {said}");
        // The worst of them is accepted.
        repo.git(&["reset", "-q", "--hard", &before]);
        accept(&repo, &of_one);
        let base = repo.git(&["rev-parse", "HEAD"]);
        bring(what);
        let (ok, said) = push(&sandbox, &repo, &["origin", "main"]);
        let left: Vec<_> = known.iter().filter(|id| **id != of_one[0]).cloned().collect();
        assert!(!ok && ids(&said, what) == left, "{what}: {said}");
        if what == "a.js" {
            let review = repo.monster(&["review", "HEAD~1..HEAD", "--fail-on", "high"]).done();
            let told = &review.exits(1).stdout;
            assert!(told.contains(&left[0]) && told.contains("1 suppressed"), "{told}");
        }
        // All of them, and it goes out.
        repo.git(&["reset", "-q", "--hard", &base]);
        accept(&repo, &known);
        bring(what);
        let (ok, said) = push(&sandbox, &repo, &["origin", "main"]);
        assert!(ok && ids(&said, what).is_empty(), "{what}: {said}");
    }
}

/// A repository whose commits are looked through for secrets.
fn judged(sandbox: &Sandbox) -> Repo<'_> {
    let repo = sandbox.repo("judged");
    repo.history(&[("feat: begin", "a.py", "a = 1\n")]);
    repo.monster(&["hook", "install", "pre-commit"]).done().ok();
    repo
}

/// The ids of all secrets in what is staged.
fn staged(repo: &Repo<'_>) -> Vec<String> {
    let json = repo.monster(&["review", "--staged", "--json"]).done().json();
    let secrets = json["findings"].as_array().unwrap().iter().filter(|one| one["class"] == "secret");
    secrets.map(|one| one["id"].as_str().unwrap().to_owned()).collect()
}

/// Has these ids accepted by the commit before what is staged.
fn accepted(repo: &Repo<'_>, ids: &[String]) {
    let lines: String = ids.iter().map(|id| format!("{id} looked at\n")).collect();
    repo.stage(".monster/ignore", &lines);
    repo.git(&["commit", "-q", "--no-verify", "-m", "chore: accept", "--", ".monster/ignore"]);
}

#[test]
fn a_commit_is_told_every_id_that_a_review_knows_and_needs_them_all() {
    let sandbox = offline();
    let repo = judged(&sandbox);
    let gate = || repo.monster(&["hook", "run", "pre-commit"]).done();
    let (one, two, key) = (password("one"), password("two"), sandbox.key("anthropic"));
    let beside = format!("password = \"{one}\"; password = \"{two}\"\n");
    let in_names = |file: &str| format!("{file}/{key}.txt");
    let bring: [(&str, &dyn Fn()); 2] = [
        ("two of a kind on a line", &|| _ = repo.stage("a.py", &beside)),
        ("a key in two names", &|| _ = repo.stage(&in_names("a"), "").stage(&in_names("b"), "")),
    ];
    for (what, bring) in bring {
        bring();
        let known = staged(&repo);
        assert_eq!(known.len(), 2, "{what}");
        let done = gate();
        silent(&done, &key);
        let told = &done.exits(6).stdout;
        assert!(known.iter().all(|id| told.matches(id.as_str()).count() == 1), "{what}: {known:?} {told}");
        accepted(&repo, &known[..1]);
        gate().exits(6);
        accepted(&repo, &known);
        let done = gate();
        assert_eq!((done.ok().stdout.as_str(), done.stderr.as_str()), ("", ""), "{what}");
        repo.git(&["commit", "-q", "--no-verify", "-m", "feat: it"]);
    }
    // Of many, each is told once.
    let many: String = (0..300).map(|n| format!("f(\"{}\");", github(&format!("n{n}")))).collect();
    repo.stage("a.py", &format!("{many}\n"));
    let told = gate().exits(6).stdout.clone();
    assert!(told.len() < 300 * 300, "{}", told.len());
    let known = staged(&repo);
    assert!(known.len() == 300 && known.iter().all(|id| told.matches(id.as_str()).count() == 1), "{}", known.len());
    let review = repo.monster(&["review", "--staged"]).done();
    assert!(review.stdout.contains("10 shown · 290 hidden"), "{}", review.stdout);
}

#[test]
fn a_key_that_something_is_called_by_is_told_by_no_review_and_no_message() {
    let sandbox = offline();
    let repo = sandbox.repo("called");
    let key = real_github("called");
    let lock = |version: &str| {
        let package =
            |name: &str, version: &str| format!("[[package]]\nname = \"{name}\"\nversion = \"{version}\"\n\n");
        format!("version = 4\n\n{}{}", package("a", "1.0.0"), package(&key, version))
    };
    repo.history(&[("feat: begin", "src/lib.rs", "pub fn one() {}\n"), ("build: lock", "Cargo.lock", &lock("1.0.0"))]);
    let say = |args: &[&str]| {
        let done = repo.monster(args).done();
        silent(&done, &key);
        done.stdout
    };
    let draft = || {
        repo.write("msg", "");
        repo.monster(&["hook", "run", "prepare-commit-msg", "msg"]).done().ok();
        let text = repo.read("msg");
        assert!(!text.contains(&key), "{text}");
        text
    };
    repo.stage("src/lib.rs", &format!("pub fn one() {{}}\npub fn {key}() {{}}\n"));
    for format in ["text", "markdown", "json", "jsonl", "github", "sarif", "codeclimate"] {
        let said = say(&["review", "--staged", "--all", "--format", format]);
        let summary = match format {
            "text" | "json" | "jsonl" => "What: adds <hidden GitHub token>",
            "markdown" => "What: adds &lt;hidden GitHub token&gt;",
            _ => "",
        };
        assert!(said.contains(summary), "{format}: {said}");
    }
    let subject = "dd <hidden GitHub token>";
    assert!(say(&["commit", "--dry-run"]).contains(subject) && draft().contains(subject));
    assert!(say(&["commit", "--dry-run", "--json"]).contains(subject));
    // Gone again, the same holds.
    repo.git(&["commit", "-q", "--no-verify", "-m", "feat: it"]);
    repo.stage("src/lib.rs", "pub fn one() {}\n");
    assert!(say(&["review", "--staged", "--all"]).contains("What: removes <hidden GitHub token>"));
    say(&["commit", "--dry-run"]);
    repo.git(&["commit", "-q", "--no-verify", "-m", "fix: it"]);
    repo.stage("Cargo.lock", &lock("1.0.1"));
    let said = say(&["commit", "--dry-run"]);
    assert!(said.contains("bump <hidden GitHub token> 1.0.0 → 1.0.1") && draft().contains("bump <hidden "), "{said}");
    // What only a word gives away is no secret.
    repo.git(&["commit", "-q", "--no-verify", "-m", "build: it"]);
    repo.stage("src/lib.rs", "pub fn one() {}\npub fn password() {}\n");
    assert!(say(&["review", "--staged"]).contains("What: adds password\n"));
    assert!(say(&["commit", "--dry-run"]).contains("dd password to "));
}

#[test]
fn a_key_that_names_a_folder_stands_in_a_proposal_only_where_git_needs_it() {
    let sandbox = offline();
    let repo = sandbox.repo("proposed");
    let key = sandbox.key("anthropic");
    let file = format!("src/{key}/page.rs");
    repo.history(&[("feat: begin", "a.rs", "fn a() {}\n")]);
    repo.stage(&file, "pub fn page() {}\n").write(&file, "pub fn other() {}\n");
    let done = repo.monster(&["commit", "--split", "--dry-run"]).done();
    let (commands, notes): (Vec<&str>, Vec<&str>) = done.ok().stdout.lines().partition(|line| line.starts_with("git "));
    assert!(commands.len() == 1 && commands[0].ends_with(&file), "{}", done.all());
    assert!(notes.iter().all(|line| !line.contains(&key)) && !done.stderr.contains(&key), "{}", done.all());
    assert!(notes[0].starts_with("# 1 of 1: <hidden Anthropic key> ("), "{notes:?}");
    let differs = "# src/<hidden Anthropic key>/page.rs lies otherwise in the work tree";
    assert!(notes.iter().any(|line| line.starts_with(differs)), "{notes:?}");
    let told = repo.monster(&["commit", "--split", "--json"]).done().ok().json();
    assert_eq!(told["commits"][0]["area"], "<hidden Anthropic key>");
    assert_eq!(told["commits"][0]["files"], json!([file]));
}

#[cfg(unix)]
#[test]
fn a_proposal_for_a_program_has_names_as_git_has_them() {
    let sandbox = offline();
    let repo = sandbox.repo("named");
    repo.history(&[("feat: begin", "old.txt", "one\ntwo\nthree\n")]);
    repo.git(&["mv", "old.txt", "new.txt"]);
    repo.stage("a\tb.txt", "x\n").write("a\tb.txt", "y\n");
    let told = repo.monster(&["commit", "--split", "--json"]).done().ok().json();
    let commit = &told["commits"][0];
    assert_eq!(commit["files"], json!(["a\tb.txt", "new.txt", "old.txt"]), "of a move both: {told:#}");
    assert_eq!((commit.get("file_uris"), &commit["differs"]), (None, &json!(["a\tb.txt"])));
    let id = repo.git(&["rev-parse", ":new.txt"]);
    let entry = [b"100644 ", id.as_bytes(), b"\tcaf\xe9.txt\n"].concat();
    repo.any("git", &["update-index", "--index-info"]).stdin(entry).done().ok();
    let told = repo.monster(&["commit", "--split", "--json"]).done().ok().json();
    assert_eq!(told["commits"][0]["file_uris"], json!(["a%09b.txt", "caf%E9.txt", "new.txt", "old.txt"]), "{told:#}");
}
