//! What was asked once is not asked again: `monster review` a second time.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::commit::pager;
use crate::sandbox::{Repo, Sandbox};
use crate::upstream::{Answer, Upstream};

const MODEL: &str = "openai/gpt-4.1-mini";

fn finding(file: &str, line: u32, quote: &str, class: &str) -> Value {
    json!({ "file": file, "line": line, "quote": quote, "severity": "high", "class": class,
        "title": format!("Something is wrong with {quote}"), "why": "It breaks in a case that will happen.", "fix": "" })
}

/// Every provider, and what was said is known the next time.
fn connected(upstream: &Upstream) -> Sandbox {
    let mut sandbox = crate::commit::connected(upstream);
    sandbox.set("MONSTER_REVIEW_CACHE", "true");
    sandbox
}

/// Says of every line with `bad(` that it is wrong.
fn finds_bad(upstream: &Upstream) {
    upstream.always(|call| {
        let (mut file, mut findings) = (String::new(), Vec::new());
        for line in call.user().lines() {
            if let Some(label) = line.strip_prefix("--- ").and_then(|l| l.split(' ').next()) {
                file = label.to_owned();
            }
            if let Some((number, code)) = line.split_once(" +").filter(|(_, code)| code.contains("bad(")) {
                let number = number.trim().parse().unwrap_or(0);
                findings.push(finding(&file, number, code.trim(), "race"));
            }
        }
        Answer::json(&json!({ "summary": "Adds calls.", "findings": findings }))
    });
}

fn review(repo: &Repo<'_>, more: &[&str]) -> Value {
    let mut args = vec!["review", "--json", "--all", "--model", MODEL];
    args.extend(more);
    repo.monster(&args).done().ok().json()
}

/// The same without what differs by being asked.
fn substance(mut report: Value) -> Value {
    for key in ["requests", "second_look", "since_last"] {
        report.as_object_mut().unwrap().remove(key);
    }
    report
}

fn calls(n: usize) -> String {
    (0..n).fold(String::new(), |mut text, i| {
        writeln!(text, "fn f{i}() {{ good({i}); }}").unwrap();
        text
    })
}

fn two_files(sandbox: &Sandbox) -> Repo<'_> {
    let repo = sandbox.repo("calls");
    repo.history(&[("feat: begin", "README.md", "# Calls\n")]);
    repo.stage("src/a.rs", &format!("{}fn g() {{ bad(1); }}\n", calls(3)));
    repo.stage("src/b.rs", &format!("{}fn h() {{ bad(2); }}\n", calls(5)));
    repo
}

#[test]
fn claims_that_do_not_hold_are_counted_alike_from_before() {
    let upstream = Upstream::start();
    let sandbox = connected(&upstream);
    let repo = two_files(&sandbox);
    let claim = |file: &str, quote: &str| finding(file, 4, quote, "race");
    let mut bare = claim("F1", "fn g() { bad(1); }");
    bare["quote"] = json!("");
    let findings = [
        claim("F1", "fn g() { bad(1); }"),
        claim("F1", "no such line at all"),
        claim("F9", "fn g() { bad(1); }"),
        claim("src/none.rs", "fn g() { bad(1); }"),
        bare,
    ];
    upstream.always(move |_| Answer::json(&json!({ "summary": "Adds calls.", "findings": findings })));
    let first = review(&repo, &[]);
    assert_eq!((&first["dropped"], first["findings"].as_array().unwrap().len()), (&json!(4), 1), "{first:#}");
    let second = review(&repo, &[]);
    assert_eq!(upstream.calls().len(), 1, "the second review asked nobody");
    assert_eq!(substance(first), substance(second));
}

#[test]
fn an_identical_review_asks_nobody_and_says_so() {
    let upstream = Upstream::start();
    finds_bad(&upstream);
    let sandbox = connected(&upstream);
    let repo = two_files(&sandbox);
    let first = review(&repo, &[]);
    assert_eq!(first["findings"].as_array().unwrap().len(), 2, "{first:#}");
    let second = review(&repo, &[]);
    assert_eq!(upstream.calls().len(), 1, "the second review asked nobody");
    assert_eq!(second["second_look"]["cached_files"], 2, "{second:#}");
    assert_eq!(second["requests"], json!([]));
    assert_eq!(substance(first), substance(second));
    let shown = repo.monster(&["review", "--model", MODEL]).done();
    let text = &shown.ok().stdout;
    assert!(text.contains("answers of before hold for 2 files; nothing was asked"), "{text}");
    assert!(text.contains("openai/gpt-4.1-mini"), "whose answers they are\n{text}");
    assert_eq!(upstream.calls().len(), 1);
}

#[test]
fn only_what_changed_is_asked_about_again_and_ids_stay() {
    let upstream = Upstream::start();
    finds_bad(&upstream);
    let sandbox = connected(&upstream);
    let repo = two_files(&sandbox);
    let first = review(&repo, &[]);
    repo.stage("src/b.rs", &format!("{}fn h() {{ bad(2); bad(3); }}\n", calls(5)));
    let second = review(&repo, &[]);
    let calls = upstream.calls();
    assert_eq!(calls.len(), 2);
    assert!(!calls[1].user().contains("src/a.rs"), "the file that is the same is not sent\n{}", calls[1].user());
    assert!(calls[1].user().contains("bad(3)"));
    let of = |report: &Value, file: &str| {
        let list = report["findings"].as_array().unwrap();
        list.iter().find(|f| f["file"] == file).map(|f| f["id"].clone())
    };
    assert_eq!(of(&first, "src/a.rs"), of(&second, "src/a.rs"), "{second:#}");
    assert_eq!(second["coverage"]["reviewed"].as_array().unwrap().len(), 2, "{second:#}");
}

#[test]
fn another_model_effort_or_rule_is_another_question() {
    let upstream = Upstream::start();
    finds_bad(&upstream);
    let sandbox = connected(&upstream);
    let repo = two_files(&sandbox);
    review(&repo, &[]);
    repo.monster(&["review", "--model", "openai/gpt-5", "--json"]).done().ok();
    assert_eq!(upstream.calls().len(), 2, "another model");
    repo.monster(&["review", "--model", "openai/gpt-5", "--effort", "low", "--json"]).done().ok();
    assert_eq!(upstream.calls().len(), 3, "another effort");
    repo.git(&["stash", "-q"]);
    repo.stage("REVIEW.md", "Look for races.\n").commit("docs: say what matters");
    repo.git(&["stash", "pop", "-q", "--index"]);
    review(&repo, &[]);
    assert_eq!(upstream.calls().len(), 4, "other rules");
    review(&repo, &[]);
    assert_eq!(upstream.calls().len(), 4, "and now it is known");
}

#[test]
fn nothing_is_kept_without_a_store_and_nothing_used_without_the_cache() {
    let upstream = Upstream::start();
    finds_bad(&upstream);
    let sandbox = connected(&upstream);
    let repo = two_files(&sandbox);
    review(&repo, &["--no-store"]);
    review(&repo, &["--no-store"]);
    assert_eq!(upstream.calls().len(), 2, "nothing was kept");
    assert!(!sandbox.state_dir().join("cache.key").exists());
    review(&repo, &["--no-cache"]);
    review(&repo, &[]);
    review(&repo, &["--no-cache"]);
    assert_eq!(upstream.calls().len(), 5, "neither kept nor used");
    review(&repo, &[]);
    assert_eq!(upstream.calls().len(), 5);
}

#[test]
fn an_answer_that_is_no_review_is_asked_for_again() {
    let upstream = Upstream::start();
    upstream.next(Answer::text("Looks good to me!"));
    finds_bad(&upstream);
    let sandbox = connected(&upstream);
    let repo = two_files(&sandbox);
    repo.monster(&["review", "--model", MODEL]).done().exits(7);
    review(&repo, &[]);
    assert_eq!(upstream.calls().len(), 2);
}

#[cfg(unix)]
#[test]
fn what_is_kept_is_sealed_masked_and_gone_after_thirty_days_or_a_purge() {
    let upstream = Upstream::start();
    finds_bad(&upstream);
    let mut sandbox = connected(&upstream);
    let key = sandbox.key("anthropic");
    let text = format!("let token = \"{key}\";\nfn xyzzy() {{ bad(1); }}\n");
    two_files(&sandbox).stage("src/c.rs", &text);
    review(&sandbox.at("calls"), &[]);
    for entry in std::fs::read_dir(sandbox.state_dir()).unwrap().flatten() {
        let bytes = std::fs::read(entry.path()).unwrap_or_default();
        let holds = |what: &str| bytes.windows(what.len()).any(|w| w == what.as_bytes());
        assert!(!holds("xyzzy") && !holds("is wrong with") && !holds(&key), "{} can be read", entry.path().display());
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(sandbox.state_dir().join("cache.key")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let asked = upstream.calls().len();
    review(&sandbox.at("calls"), &[]);
    assert_eq!(upstream.calls().len(), asked, "known, though placeholders are drawn anew each time");
    sandbox.monster(&["history", "purge", "--all", "--yes"]).done().ok();
    review(&sandbox.at("calls"), &[]);
    assert_eq!(upstream.calls().len(), asked + 1, "a purge forgets it");
    sandbox.set("MONSTER_NOW", "2026-12-25T10:30:00Z");
    review(&sandbox.at("calls"), &[]);
    assert_eq!(upstream.calls().len(), asked + 2, "and so do thirty days");
}

#[test]
fn a_blocked_secret_is_not_let_through_by_what_is_known() {
    let upstream = Upstream::start();
    finds_bad(&upstream);
    let sandbox = connected(&upstream);
    let repo = two_files(&sandbox);
    repo.stage("src/c.rs", &format!("let token = \"{}\";\n", sandbox.key("anthropic")));
    review(&repo, &[]);
    repo.monster(&["review", "--secrets", "block", "--model", MODEL]).done().exits(6);
}

#[cfg(unix)]
#[test]
fn what_is_new_what_still_stands_and_what_is_fixed() {
    let upstream = Upstream::start();
    finds_bad(&upstream);
    let mut sandbox = connected(&upstream);
    two_files(&sandbox);
    let first = review(&sandbox.at("calls"), &[]);
    assert_eq!(first["since_last"], Value::Null, "there was none before");
    sandbox.set("MONSTER_NOW", "2026-11-24T11:00:00Z");
    let repo = sandbox.at("calls");
    repo.stage("src/a.rs", &format!("{}fn g() {{ good(1); }}\n", calls(3)));
    repo.stage("src/b.rs", &format!("fn new() {{ bad(7); }}\n{}fn h() {{ bad(2); }}\n", calls(5)));
    let done = repo.monster(&["review", "--since-last", "--model", MODEL]).done();
    insta::assert_snapshot!(done.ok().all());
    let again = review(&repo, &["--since-last"]);
    let since = &again["since_last"];
    assert_eq!(since["still"].as_array().unwrap().len(), 2, "{again:#}");
    assert_eq!((&since["new"], &since["fixed"]), (&json!([]), &json!([])));
    assert!(repo.monster(&["review", "--since-last", "--model", MODEL]).done().ok().stdout.contains("nothing new"));
    let gated = |more: &[&str]| {
        repo.monster(&[&["review", "--since-last", "--fail-on", "high", "--model", MODEL], more].concat()).done()
    };
    let done = gated(&[]);
    let text = &done.exits(1).stdout;
    assert!(text.contains("nothing new") && text.contains("2 still there decide the exit (--fail-on)"), "{text}");
    assert!(gated(&["--format", "github"]).exits(1).stderr.contains("2 still there decide the exit"));
}

#[test]
fn the_first_review_has_nothing_to_compare_with_and_shows_all() {
    let upstream = Upstream::start();
    finds_bad(&upstream);
    let sandbox = connected(&upstream);
    let repo = pager(&sandbox);
    repo.stage("src/a.rs", "fn g() { bad(1); }\n");
    let done = repo.monster(&["review", "--since-last", "--model", MODEL]).done();
    assert!(done.ok().stderr.contains("there is no earlier review (staged)"), "{}", done.all());
    assert!(done.stdout.contains("1 finding"), "{}", done.all());
}

#[test]
fn a_dead_model_fixes_nothing() {
    let upstream = Upstream::start();
    finds_bad(&upstream);
    let sandbox = connected(&upstream);
    let repo = two_files(&sandbox);
    review(&repo, &[]);
    repo.stage("src/a.rs", &format!("{}fn g() {{ good(1); }}\n", calls(3)));
    upstream.always(|_| Answer::status(401, "invalid_api_key", "Incorrect API key provided."));
    let report = repo.monster(&["review", "--json", "--model", MODEL]).done().exits(7).json();
    assert_eq!(report["since_last"]["fixed"], json!([]), "{report:#}");
    finds_bad(&upstream);
    let report = review(&repo, &[]);
    let fixed = report["since_last"]["fixed"].as_array().unwrap();
    assert_eq!(fixed.len(), 1, "it was not forgotten either: {report:#}");
    assert_eq!(fixed[0]["file"], "src/a.rs");
}

#[test]
fn what_a_later_change_does_not_show_is_not_fixed_by_it() {
    let mut sandbox = Sandbox::new();
    sandbox.set("MONSTER_REVIEW_CACHE", "true");
    let repo = sandbox.repo("work");
    repo.stage("c.py", "import os\n\n\ndef run(x):\n    os.system(\"x \" + x)\n").commit("feat: run");
    let report = |args: &[&str]| repo.monster(args).done().ok().json();
    let first = report(&["review", "HEAD", "--offline", "--json"]);
    assert!(!first["findings"].as_array().unwrap().is_empty(), "{first:#}");
    let text = repo.read("c.py");
    repo.stage("c.py", &format!("{text}\n\nq = 2\n")).commit("feat: count");
    let later = report(&["review", "HEAD", "--offline", "--json"]);
    assert_eq!(later["since_last"], Value::Null, "{later:#}");
    // States of one change are compared: what was staged is mended before it is committed.
    repo.stage("d.py", "import os\n\n\ndef run(x):\n    os.system(\"x \" + x)\n");
    report(&["review", "--offline", "--json"]);
    repo.stage("d.py", "def run(x):\n    return x\n");
    let mended = report(&["review", "--offline", "--json"]);
    assert_eq!(mended["since_last"]["fixed"].as_array().unwrap().len(), 1, "{mended:#}");
}

#[test]
fn a_sentence_about_other_files_is_not_said_of_these() {
    let upstream = Upstream::start();
    finds_bad(&upstream);
    let sandbox = connected(&upstream);
    let repo = two_files(&sandbox);
    assert!(review(&repo, &[])["summary"].as_str().unwrap().contains("Adds calls."));
    assert!(review(&repo, &[])["summary"].as_str().unwrap().contains("Adds calls."), "of the same files it holds");
    let one = review(&repo, &["--path", "src/a.rs"]);
    assert_eq!(one["second_look"]["cached_files"], 1, "{one:#}");
    assert!(!one["summary"].as_str().unwrap().contains("Adds calls."), "it was said of two files: {one:#}");
    assert_eq!(upstream.calls().len(), 1);
}

#[test]
fn a_sentence_about_what_is_new_is_not_said_of_the_whole() {
    let upstream = Upstream::start();
    upstream.always(|call| {
        let said = if call.user().contains("src/a.rs") { "Adds one." } else { "The change only adds two." };
        Answer::json(&json!({ "summary": said, "findings": [] }))
    });
    let sandbox = connected(&upstream);
    let repo = two_files(&sandbox);
    repo.git(&["restore", "--staged", "src/b.rs"]);
    assert!(review(&repo, &["--staged"])["summary"].to_string().contains("Adds one."));
    repo.git(&["add", "src/b.rs"]);
    // Now, when only the second file is asked about, and later, when nothing is.
    for _ in 0..2 {
        let both = review(&repo, &["--staged"]);
        let summary = both["summary"].to_string();
        assert!(!summary.contains("only adds two") && !summary.contains("Adds one."), "{summary}");
        assert!(summary.contains('2'), "the rules still say what it is\n{summary}");
        assert_eq!(both["coverage"]["reviewed"].as_array().unwrap().len(), 2, "{both:#}");
    }
    assert_eq!(upstream.calls().len(), 2);
}

#[test]
fn a_plan_leaves_out_what_is_known() {
    let upstream = Upstream::start();
    finds_bad(&upstream);
    let sandbox = connected(&upstream);
    let repo = two_files(&sandbox);
    review(&repo, &[]);
    let plan = || repo.monster(&["review", "--dry-run", "--json", "--model", MODEL]).done().ok().json();
    assert_eq!((&plan()["requests"], &plan()["cached_files"]), (&json!([]), &json!(2)), "{:#}", plan());
    repo.stage("src/b.rs", "fn h() { bad(9); }\n");
    assert_eq!((plan()["requests"].as_array().unwrap().len(), &plan()["cached_files"]), (1, &json!(1)));
    let told = repo.monster(&["review", "--dry-run", "--model", MODEL]).done();
    assert!(told.ok().stdout.contains("answers of before hold for 1 file"), "{}", told.stdout);
    assert_eq!(upstream.calls().len(), 1);
}

#[test]
fn what_cannot_be_compared_is_said() {
    let upstream = Upstream::start();
    finds_bad(&upstream);
    let sandbox = connected(&upstream);
    let repo = two_files(&sandbox);
    review(&repo, &[]);
    for (flags, why) in [(["--no-cache"], "--no-cache keeps"), (["--no-store"], "--no-store keeps")] {
        let args = [&["review", "--since-last", "--model", MODEL][..], &flags].concat();
        let done = repo.monster(&args).done();
        assert!(done.ok().stderr.contains(why) && done.stderr.contains("all is shown"), "{}", done.all());
    }
    let patch = repo.git(&["diff", "--cached"]) + "\n";
    let done = repo.monster(&["review", "-", "--since-last", "--model", MODEL]).stdin(patch).done();
    assert!(done.ok().stderr.contains("a patch on standard input is not compared"), "{}", done.all());
}

#[test]
fn what_left_the_change_is_told_as_that_and_not_as_fixed() {
    let upstream = Upstream::start();
    finds_bad(&upstream);
    let sandbox = connected(&upstream);
    let repo = two_files(&sandbox);
    review(&repo, &[]);
    repo.git(&["rm", "-q", "--cached", "src/b.rs"]);
    let done = repo.monster(&["review", "--staged", "--since-last", "--model", MODEL]).done();
    let text = &done.ok().stdout;
    assert!(text.contains("0 fixed, 1 in files that are no longer in this change"), "{text}");
    assert!(text.contains("  no longer in this change: src/b.rs:6"), "{text}");
}

#[test]
fn a_purge_of_any_call_of_a_review_takes_what_is_remembered_of_it() {
    let upstream = Upstream::start();
    finds_bad(&upstream);
    let sandbox = connected(&upstream);
    let repo = two_files(&sandbox);
    let id = |report: &Value| report["requests"][0]["id"].as_str().unwrap().to_owned();
    let first = id(&review(&repo, &[]));
    repo.stage("src/b.rs", &format!("{}fn h() {{ bad(2); bad(3); }}\n", calls(5)));
    review(&repo, &[]);
    // The review that is remembered was answered by the second call, and repeats of the first what it said of one file.
    repo.monster(&["history", "purge", &first, "--yes"]).done().ok();
    let third = review(&repo, &[]);
    assert_eq!(third["since_last"], Value::Null, "{third:#}");
    assert_eq!(upstream.calls().len(), 3, "what it said is asked for again");
}
