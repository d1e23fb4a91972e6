//! What history keeps, shows, repeats, compares and forgets.

use std::fs;
use std::path::Path;
#[cfg(unix)]
use std::time::Duration;

use serde_json::Value;

use crate::commit::connected;
use crate::sandbox::{Done, Sandbox};
#[cfg(unix)]
use crate::upstream::Fault;
use crate::upstream::{Answer, Upstream};

const OPENAI: &str = "openai/gpt-4.1-mini";
const CLAUDE: &str = "anthropic/claude-haiku-4-5";

/// Accounts that a key file opens, and content kept as is said. Questions go over keys from the environment.
pub fn keeping(upstream: &Upstream, content: &str) -> Sandbox {
    let mut sandbox = connected(upstream);
    sandbox.set("MONSTER_HISTORY_CONTENT", content);
    login(&sandbox, &["--store", "keyfile", "--keyfile", "key.txt"]);
    sandbox
}

fn login(sandbox: &Sandbox, store: &[&str]) {
    let args = [&["login", "openrouter", "--stdin", "--no-check", "--name", "spare"][..], store].concat();
    sandbox.monster(&args).stdin(sandbox.key("openrouter")).done().ok();
}

fn ask(sandbox: &Sandbox, question: &str, model: &str) -> Done {
    sandbox.monster(&["ask", question, "--model", model, "--no-wait"]).done()
}

fn history(sandbox: &Sandbox, args: &[&str]) -> Done {
    sandbox.monster(&[&["history"], args].concat()).done()
}

fn shown(sandbox: &Sandbox, id: &str) -> Value {
    history(sandbox, &["show", id, "--content", "--json"]).ok().json()
}

/// The newest call's id, as it is.
fn last(sandbox: &Sandbox) -> String {
    let row = history(sandbox, &["show", "last", "--json"]).ok().json();
    row["request"]["id"].as_str().unwrap().to_owned()
}

/// Files below the folder that hold the text.
fn holders(dir: &Path, text: &str) -> Vec<String> {
    let mut out = Vec::new();
    for entry in fs::read_dir(dir).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            out.extend(holders(&path, text));
        } else if fs::read(&path).unwrap().windows(text.len()).any(|w| w == text.as_bytes()) {
            out.push(path.display().to_string());
        }
    }
    out
}

/// The public half that the list of slots names.
fn public(sandbox: &Sandbox) -> String {
    let text = fs::read_to_string(sandbox.config_dir().join("slots.json")).unwrap();
    serde_json::from_str::<Value>(&text).unwrap()["id"].as_str().unwrap().to_owned()
}

fn database(sandbox: &Sandbox) -> rusqlite::Connection {
    rusqlite::Connection::open(sandbox.state_dir().join("monster.db")).unwrap()
}

fn words(steps: &Value) -> Vec<String> {
    steps["trace"].as_array().unwrap().iter().map(|s| s["step"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_call_that_failed_over_is_told_step_by_step() {
    let upstream = Upstream::start();
    upstream.model("gpt-4.1-mini", |_| Answer::status(503, "overloaded", "Overloaded."));
    upstream.model("claude-haiku-4-5", |_| Answer::text("Here."));
    let mut sandbox = connected(&upstream);
    let secret = sandbox.key("xai");
    ask(&sandbox, &format!("why does {secret} fail?"), &format!("{OPENAI},{CLAUDE}")).ok();
    insta::assert_snapshot!("history_show", history(&sandbox, &["show", "last"]).ok().all());
    let told = history(&sandbox, &["show", "last", "--json"]).ok().json();
    assert_eq!(
        words(&told),
        ["redact", "route", "attempt", "failed", "failover", "attempt", "content", "usage", "done"],
        "{told:#}"
    );
    assert_eq!(told["trace"][3]["reason"], "overloaded");
    assert_eq!(told["kept"], serde_json::json!([]), "content is off unless somebody wants it");
    // A little later the route that failed is passed over, and it says why and for how long.
    sandbox.set("MONSTER_NOW", "2026-11-24T10:30:02Z");
    ask(&sandbox, "and now?", &format!("{OPENAI},{CLAUDE}")).ok();
    let told = history(&sandbox, &["show", "last", "--json"]).ok().json();
    let skip = told["trace"].as_array().unwrap().iter().find(|s| s["step"] == "skip").unwrap();
    assert_eq!((skip["upstream"].as_str(), skip["wait_ms"].is_u64()), (Some("openai"), true), "{skip:#}");
}

#[test]
fn ids_may_be_short_and_wrong_ones_are_told() {
    let upstream = Upstream::start();
    upstream.always(|_| Answer::text("Here."));
    let sandbox = connected(&upstream);
    insta::assert_snapshot!("history_no_calls", history(&sandbox, &["show", "last"]).exits(1).all());
    ask(&sandbox, "one", OPENAI).ok();
    ask(&sandbox, "two", OPENAI).ok();
    let id = last(&sandbox);
    let short = history(&sandbox, &["show", &id[..8], "--json"]).ok().json();
    assert_eq!(short["request"]["id"], id.as_str());
    let several = history(&sandbox, &["show", "r"]);
    assert!(several.exits(2).stderr.contains("several ids"), "{}", several.stderr);
    assert!(history(&sandbox, &["show", "nothing"]).exits(1).stderr.contains("there is no call \"nothing\""));
}

#[test]
fn the_parts_of_a_dialectic_stand_in_its_timeline() {
    let upstream = Upstream::start();
    upstream.always(|_| Answer::text("The same."));
    let sandbox = connected(&upstream);
    let models = format!("{OPENAI},{CLAUDE}");
    sandbox.monster(&["ask", "--dialectic", "why?", "--models", &models]).done().ok();
    let told = history(&sandbox, &["show", "last", "--json"]).ok().json();
    assert_eq!(told["children"].as_array().unwrap().len(), 2, "{told:#}");
    let text = history(&sandbox, &["show", "last"]).ok().stdout.clone();
    assert_eq!(text.matches("member").count(), 2, "{text}");
    assert!(text.contains(OPENAI) && text.contains(CLAUDE), "{text}");
}

#[test]
fn a_failed_request_is_asked_again_by_another_model_and_its_secret_is_nowhere() {
    let upstream = Upstream::start();
    upstream.model("gpt-4.1-mini", |_| Answer::status(400, "invalid_request_error", "No."));
    upstream.model("claude-haiku-4-5", |_| Answer::text("Because of this."));
    let sandbox = keeping(&upstream, "failed");
    let secret = sandbox.key("xai");
    ask(&sandbox, &format!("why does {secret} not work?"), OPENAI).exits(5);
    let failed = last(&sandbox);
    assert_eq!(holders(&sandbox.home(), &secret), Vec::<String>::new());
    let done = history(&sandbox, &["replay", &failed, "--model", CLAUDE]);
    assert_eq!(done.ok().stdout, "Because of this.\n");
    let again = upstream.calls().pop().unwrap();
    assert!(again.prompt().contains("why does MSEC_") && again.prompt().contains("not work?"), "{}", again.prompt());
    assert!(!again.body.to_string().contains(&secret));
    let told = history(&sandbox, &["show", "last", "--json"]).ok().json();
    assert_eq!(told["request"]["replay_of"], failed.as_str(), "{told:#}");
    assert_eq!(told["request"]["caller"], "monster history replay");
    let told = history(&sandbox, &["show", &failed, "--json"]).ok().json();
    assert_eq!(told["request"]["replays"][0], last(&sandbox).as_str());
    // The replay went well, so nothing of it is kept.
    let kept = history(&sandbox, &["show", "last", "--content"]);
    assert!(kept.exits(1).stderr.contains("history.content is \"failed\""), "{}", kept.stderr);
    assert_eq!(holders(&sandbox.home(), &secret), Vec::<String>::new());
    // What is sealed is no plain text either.
    assert_eq!(holders(&sandbox.home(), "not work?"), Vec::<String>::new());
}

#[test]
fn a_replay_may_only_be_looked_at_and_may_think_harder() {
    let upstream = Upstream::start();
    upstream.always(|_| Answer::text("Here."));
    let sandbox = keeping(&upstream, "all");
    ask(&sandbox, "why?", OPENAI).ok();
    let dry = history(&sandbox, &["replay", "last", "--model", CLAUDE, "--dry-run"]);
    assert!(dry.ok().stdout.contains("why?") && dry.stdout.contains("claude-haiku-4-5"), "{}", dry.stdout);
    assert_eq!(upstream.calls().len(), 1, "nothing was sent");
    let done = history(&sandbox, &["replay", "last", "--model", "openai/gpt-5.2", "--effort", "high", "--json"]);
    let reply = done.ok().json();
    assert_eq!((reply["answer"].as_str(), reply["effort"]["asked"].as_str()), (Some("Here."), Some("high")));
    assert_eq!(upstream.calls().pop().unwrap().model, "gpt-5.2");
}

#[test]
fn what_was_not_kept_cannot_be_repeated_and_the_error_says_how_to_keep_it() {
    let upstream = Upstream::start();
    upstream.always(|_| Answer::text("Here."));
    let sandbox = connected(&upstream);
    ask(&sandbox, "why?", OPENAI).ok();
    insta::assert_snapshot!("history_not_kept", history(&sandbox, &["replay", "last"]).exits(1).all());
}

#[test]
fn two_answers_are_compared_with_who_gave_them() {
    let upstream = Upstream::start();
    upstream.model("gpt-4.1-mini", |_| Answer::text("It is a race.\nUse a lock.\nThen test it."));
    upstream.model("claude-haiku-4-5", |_| Answer::text("It is a race.\nUse one channel.\nThen test it."));
    let sandbox = keeping(&upstream, "all");
    ask(&sandbox, "why?", OPENAI).ok();
    let first = last(&sandbox);
    history(&sandbox, &["replay", &first, "--model", CLAUDE]).ok();
    insta::assert_snapshot!("history_diff", {
        let lines = history(&sandbox, &["diff", &first, "last"]);
        let words = history(&sandbox, &["diff", &first, "last", "--words"]);
        sandbox.normal(&format!("{}\n{}", lines.ok().all(), words.ok().all()))
    });
    let json = history(&sandbox, &["diff", "last", "--json"]).ok().json();
    assert_eq!(json["first"]["id"], first.as_str(), "a replay is compared with what it repeats");
    assert!(history(&sandbox, &["diff", &first]).exits(2).stderr.contains("repeats no other"));
    assert_eq!((json["same"].as_bool(), json["changes"].as_array().unwrap().len()), (Some(false), 4), "{json:#}");
}

#[test]
fn an_export_holds_everything_and_replaces_nothing() {
    let upstream = Upstream::start();
    upstream.always(|_| Answer::text("Here."));
    let sandbox = keeping(&upstream, "all");
    ask(&sandbox, "one?", OPENAI).ok();
    ask(&sandbox, "two?", CLAUDE).ok();
    let plain = history(&sandbox, &["export"]);
    let lines: Vec<Value> = plain.ok().stdout.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    assert_eq!(lines.len(), 2);
    assert!(lines.iter().all(|l| l["schema"] == "monster.history.export/1" && l["trace"][0]["step"] == "redact"));
    assert!(!plain.stdout.contains("one?"), "content only where it is asked for");
    let done = history(&sandbox, &["export", "--content", "--out", "calls.jsonl"]);
    assert!(done.ok().stderr.contains("plain text"), "{}", done.stderr);
    let file = sandbox.home().join("calls.jsonl");
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.contains("one?") && text.contains("two?") && text.contains("Here."), "{text}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let again = history(&sandbox, &["export", "--format", "json", "--out", "calls.jsonl"]);
    assert!(again.exits(1).stderr.contains("--force"), "{}", again.stderr);
    assert_eq!(fs::read_to_string(&file).unwrap(), text);
    history(&sandbox, &["export", "--format", "json", "--out", "calls.jsonl", "--force", "--model", "claude"]).ok();
    let one: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    assert_eq!(one["requests"].as_array().unwrap().len(), 1, "only what was answered by claude");
}

#[test]
fn a_purge_forgets_for_good_and_what_was_spent_stays() {
    let upstream = Upstream::start();
    upstream.always(|_| Answer::text("Here."));
    let sandbox = keeping(&upstream, "all");
    ask(&sandbox, "one?", OPENAI).ok();
    ask(&sandbox, "two?", OPENAI).ok();
    let cost = sandbox.monster(&["cost", "--json"]).done().ok().stdout.clone();
    let sealed: Vec<u8> = database(&sandbox).query_row("SELECT sealed FROM content", [], |r| r.get(0)).unwrap();
    let there = |sealed: &[u8]| {
        let dir = fs::read_dir(sandbox.state_dir()).unwrap().flatten();
        // A piece from the middle: pages may cut the whole in two.
        let piece = &sealed[sealed.len() / 2..sealed.len() / 2 + 24];
        dir.filter(|e| e.path().is_file()).any(|e| fs::read(e.path()).unwrap().windows(24).any(|w| w == piece))
    };
    assert!(there(&sealed), "the story looks where it lies");
    let refused = history(&sandbox, &["purge", "--all"]);
    assert!(refused.exits(2).stderr.contains("--yes"), "{}", refused.stderr);
    assert!(there(&sealed));
    insta::assert_snapshot!("history_purge", {
        let one = history(&sandbox, &["purge", "--content-only", "last", "--yes"]);
        let all = history(&sandbox, &["purge", "--all", "--yes"]);
        let none = history(&sandbox, &["purge"]);
        [one.ok().all(), all.ok().all(), none.ok().all()].join("\n")
    });
    assert!(!there(&sealed), "it lies in the file or its log still");
    assert_eq!(sandbox.monster(&["cost", "--json"]).done().ok().stdout, cost);
    let told = history(&sandbox, &["show", "last", "--json"]).ok().json();
    assert_eq!((words(&told).len(), told["request"]["outcome"].as_str()), (0, Some("done")));
    history(&sandbox, &["purge", "--older-than", "1h", "--ledger", "--yes"]).ok();
    assert_ne!(last(&sandbox), "", "the calls are younger than an hour");
    assert_eq!(history(&sandbox, &["list", "-n", "0"]).ok().stdout, "", "whoever wants none is told nothing");
    history(&sandbox, &["purge", "--all", "--ledger", "--yes"]).ok();
    assert!(history(&sandbox, &["list"]).ok().stdout.contains("no calls yet"));
}

#[test]
fn kept_content_ends_with_its_time() {
    let upstream = Upstream::start();
    upstream.always(|_| Answer::text("Here."));
    let mut sandbox = keeping(&upstream, "all");
    ask(&sandbox, "one?", OPENAI).ok();
    sandbox.set("MONSTER_NOW", "2026-12-25T10:30:00Z");
    let rows = |sandbox: &Sandbox| -> i64 {
        database(sandbox).query_row("SELECT count(*) FROM content", [], |r| r.get(0)).unwrap()
    };
    assert_eq!(rows(&sandbox), 2, "nobody has looked or written since");
    let gone = history(&sandbox, &["show", "last", "--content"]);
    assert!(gone.exits(1).stderr.contains("kept no longer"), "{}", gone.stderr);
    assert_eq!(rows(&sandbox), 0, "who looks takes away what is past its time");
}

#[test]
fn without_a_sealed_file_nothing_is_kept_and_that_is_said_once() {
    let upstream = Upstream::start();
    upstream.always(|_| Answer::text("The same."));
    let mut sandbox = connected(&upstream);
    sandbox.set("MONSTER_HISTORY_CONTENT", "all");
    let done = ask(&sandbox, "why?", OPENAI);
    assert_eq!(done.ok().stdout, "The same.\n");
    assert_eq!(done.stderr.matches("is not kept").count(), 1, "{}", done.stderr);
    assert!(done.stderr.contains("monster login"), "{}", done.stderr);
    let models = format!("{OPENAI},{CLAUDE}");
    let two = sandbox.monster(&["ask", "--dialectic", "why?", "--models", &models]).done();
    assert_eq!(two.ok().stderr.matches("is not kept").count(), 1, "two calls, one word: {}", two.stderr);
    let told = history(&sandbox, &["show", "last"]).ok().stdout.clone();
    assert!(told.contains("not kept"), "{told}");
}

#[test]
fn a_locked_file_is_written_to_and_not_read_from() {
    let upstream = Upstream::start();
    upstream.always(|_| Answer::text("Here."));
    let mut sandbox = connected(&upstream);
    sandbox.set("MONSTER_HISTORY_CONTENT", "all");
    let file = sandbox.home().join("passphrase");
    fs::write(&file, "correct horse\n").unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    }
    let path = file.display().to_string();
    let args = ["login", "openrouter", "--stdin", "--no-check", "--name", "spare", "--store", "passphrase"];
    let run = sandbox.monster(&args).stdin(sandbox.key("openrouter"));
    run.env("MONSTER_PASSPHRASE_FILE", &path).done().ok();
    ask(&sandbox, "why?", OPENAI).ok();
    let told = history(&sandbox, &["show", "last"]).ok().stdout.clone();
    assert!(told.contains("show it with --content"), "kept without a passphrase: {told}");
    insta::assert_snapshot!("history_locked", history(&sandbox, &["show", "last", "--content"]).exits(1).all());
    let open = sandbox.monster(&["history", "show", "last", "--content"]).env("MONSTER_PASSPHRASE_FILE", &path).done();
    assert!(open.ok().stdout.contains("why?") && open.stdout.contains("Here."), "{}", open.stdout);
}

#[test]
fn a_kept_answer_cannot_drive_the_terminal() {
    let upstream = Upstream::start();
    upstream.always(|call| Answer::text(format!("fine {}\u{1b}]0;owned\u{7} \u{1b}[2J\u{202e}txet", call.number)));
    let sandbox = keeping(&upstream, "all");
    ask(&sandbox, "why\u{1b}[31m?", OPENAI).ok();
    let id = last(&sandbox);
    history(&sandbox, &["replay", &id]).ok();
    let runs = [
        history(&sandbox, &["show", "last", "--content"]),
        history(&sandbox, &["show", "last", "--content", "--json"]),
        history(&sandbox, &["diff", &id, "last"]),
        history(&sandbox, &["export", "--content"]),
    ];
    for run in &runs {
        assert!(run.ok().stdout.contains("fine"), "{}", run.stdout);
        assert!(!run.stdout.contains(['\u{1b}', '\u{7}']), "{:?}", run.stdout);
    }
}

#[test]
fn a_row_that_was_changed_or_moved_is_told_and_can_be_forgotten() {
    let upstream = Upstream::start();
    upstream.always(|_| Answer::text("Here."));
    let sandbox = keeping(&upstream, "all");
    ask(&sandbox, "one?", OPENAI).ok();
    let one = last(&sandbox);
    ask(&sandbox, "two?", OPENAI).ok();
    let two = last(&sandbox);
    let swap = "UPDATE content SET sealed = (SELECT sealed FROM content WHERE request_id = ?1 AND part = 'request')
                WHERE request_id = ?2 AND part = 'request'";
    database(&sandbox).execute(swap, [&one, &two]).unwrap();
    let moved = history(&sandbox, &["show", &two, "--content"]);
    assert!(moved.exits(1).stderr.contains("put in the place of another"), "{}", moved.stderr);
    let bytes: Vec<u8> = database(&sandbox)
        .query_row("SELECT sealed FROM content WHERE request_id = ?1 AND part = 'request'", [&one], |r| r.get(0))
        .unwrap();
    let mut changed = bytes;
    *changed.last_mut().unwrap() ^= 1;
    let change = "UPDATE content SET sealed = ?1 WHERE request_id = ?2 AND part = 'request'";
    database(&sandbox).execute(change, rusqlite::params![changed, one]).unwrap();
    let refused = history(&sandbox, &["replay", &one]);
    insta::assert_snapshot!("history_tampered", sandbox.normal(&refused.exits(1).all()));
    assert_eq!(upstream.calls().len(), 2, "nothing was sent");
    history(&sandbox, &["purge", "--content-only", &one, "--yes"]).ok();
    let told = history(&sandbox, &["show", &one]).ok().stdout.clone();
    assert!(told.contains("not kept"), "{told}");
}

#[test]
fn a_new_identity_reads_what_was_kept_before() {
    let upstream = Upstream::start();
    upstream.always(|_| Answer::text("Here."));
    let sandbox = keeping(&upstream, "all");
    ask(&sandbox, "before?", OPENAI).ok();
    let before = last(&sandbox);
    let slots = sandbox.config_dir().join("slots.json");
    let former = public(&sandbox);
    sandbox.monster(&["accounts", "rekey"]).done().ok();
    ask(&sandbox, "after?", OPENAI).ok();
    for (id, text) in [(before, "before?"), (last(&sandbox), "after?")] {
        assert!(shown(&sandbox, &id)["content"]["request"].to_string().contains(text));
    }
    // Who knew the identity that was given up gets nothing by putting its name back.
    fs::write(&slots, fs::read_to_string(&slots).unwrap().replace(&public(&sandbox), &former)).unwrap();
    let done = ask(&sandbox, "and now?", OPENAI);
    assert!(done.ok().stderr.contains("given up by a rekeying"), "{}", done.stderr);
}

#[test]
fn somebody_else_s_public_half_gets_nothing() {
    let upstream = Upstream::start();
    upstream.always(|_| Answer::text("Here."));
    let sandbox = keeping(&upstream, "all");
    ask(&sandbox, "why?", OPENAI).ok();
    // Another vault, whose identity somebody else knows.
    let other = Sandbox::new();
    login(&other, &["--store", "keyfile", "--keyfile", "key.txt"]);
    let slots = sandbox.config_dir().join("slots.json");
    let swapped = fs::read_to_string(&slots).unwrap().replace(&public(&sandbox), &public(&other));
    fs::write(&slots, swapped).unwrap();
    let done = ask(&sandbox, "and now?", OPENAI);
    assert_eq!(done.ok().stdout, "Here.\n");
    assert!(done.stderr.contains("never opened on this machine"), "{}", done.stderr);
    let told = history(&sandbox, &["show", "last", "--json"]).ok().json();
    assert_eq!(told["kept"], serde_json::json!([]));
}

#[test]
fn where_secrets_may_be_sent_they_are_kept_masked_all_the_same() {
    let upstream = Upstream::start();
    let sandbox = keeping(&upstream, "all");
    let secret = sandbox.key("xai");
    let said = secret.clone();
    upstream.always(move |_| Answer::text(format!("You said {said}.")));
    let args = ["ask", &format!("what is {secret}?"), "--model", OPENAI, "--secrets", "off"];
    sandbox.monster(&args).done().ok();
    assert!(upstream.only().prompt().contains(&secret), "it was sent, as was wished");
    let told = shown(&sandbox, "last").to_string();
    assert!(!told.contains(&secret) && told.contains("what is MSEC_") && told.contains("You said MSEC_"), "{told}");
}

#[test]
fn a_repository_may_keep_less_and_not_more() {
    let upstream = Upstream::start();
    upstream.always(|_| Answer::text("Here."));
    let sandbox = connected(&upstream);
    login(&sandbox, &["--store", "keyfile", "--keyfile", "key.txt"]);
    let repo = sandbox.repo("r");
    repo.write(".monster.toml", "[history]\ncontent = \"all\"\nkeep = 3000\n");
    let done = repo.monster(&["ask", "why?", "--model", OPENAI]).done();
    assert!(done.ok().stderr.contains("may only tighten history.content"), "{}", done.stderr);
    assert!(done.stderr.contains("may only tighten history.keep"), "{}", done.stderr);
    let told = history(&sandbox, &["show", "last", "--json"]).ok().json();
    assert_eq!(told["kept"], serde_json::json!([]));
    ask(&sandbox, "and elsewhere?", OPENAI).ok();
    let here = repo.monster(&["history", "list", "--repo", ".", "--json"]).done().ok().json();
    assert_eq!(here["requests"].as_array().unwrap().len(), 1, "of this repository alone: {here:#}");
    let out = repo.monster(&["history", "export", "--repo", "."]).done();
    assert_eq!(out.ok().stdout.lines().count(), 1, "{}", out.stdout);
}

#[test]
fn eight_processes_keep_what_each_of_them_was_told() {
    let upstream = Upstream::start();
    upstream.always(|call| Answer::text(format!("You asked {}.", call.user())));
    let sandbox = keeping(&upstream, "all");
    let questions: Vec<String> = (0..8).map(|n| format!("number {n}")).collect();
    let running: Vec<_> = questions.iter().map(|q| sandbox.monster(&["ask", q, "--model", OPENAI]).start()).collect();
    for run in running {
        run.done(&sandbox).ok();
    }
    let text = history(&sandbox, &["export", "--content"]).ok().stdout.clone();
    let calls: Vec<Value> = text.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    assert_eq!(calls.len(), 8);
    for question in &questions {
        let own = calls.iter().find(|c| c["content"]["request"].to_string().contains(question)).expect("it was kept");
        assert!(own["content"]["answer"]["text"].as_str().unwrap().contains(question), "{own:#}");
        assert_eq!(own["trace"].as_array().unwrap().last().unwrap()["step"], "done");
    }
}

#[cfg(unix)]
#[test]
fn a_call_that_was_stopped_or_killed_shows_how_far_it_came() {
    let upstream = Upstream::start();
    upstream.always(|_| Answer::text("Never.").fault(Fault::Stall(0)));
    let sandbox = keeping(&upstream, "all");
    let running = sandbox.monster(&["ask", "why?", "--model", OPENAI]).start();
    upstream.wait_for_stall(Duration::from_secs(60));
    running.signal("INT");
    running.done(&sandbox).exits(130);
    let told = history(&sandbox, &["show", "last", "--json"]).ok().json();
    assert_eq!(words(&told), ["redact", "route", "attempt", "done"], "{told:#}");
    assert_eq!(told["request"]["outcome"], "cancelled");
    assert_eq!(told["kept"].as_array().unwrap().len(), 1, "all means what was asked, too: {told:#}");

    let running = sandbox.monster(&["ask", "and now?", "--model", OPENAI]).start();
    upstream.wait_for_calls(2, Duration::from_secs(60));
    running.signal("KILL");
    drop(running.done(&sandbox).all());
    let told = history(&sandbox, &["show", "last", "--json"]).ok().json();
    assert_eq!(words(&told), ["redact", "route", "attempt"], "{told:#}");
}

#[cfg(unix)]
#[test]
fn a_wait_is_a_step_with_its_length() {
    let upstream = Upstream::start();
    upstream.next(Answer::rate_limited(1)).always(|_| Answer::text("Now."));
    let sandbox = connected(&upstream);
    sandbox.monster(&["ask", "why?", "--model", OPENAI]).done().ok();
    let told = history(&sandbox, &["show", "last", "--json"]).ok().json();
    let steps = words(&told);
    let place = |word: &str| steps.iter().position(|s| s == word).unwrap_or_else(|| panic!("no {word}: {told:#}"));
    assert!(place("failed") < place("park") && place("park") < place("woke"), "{told:#}");
    assert!(told["trace"][place("park")]["wait_ms"].as_i64().unwrap() >= 1_000, "{told:#}");
    assert_eq!(told["trace"][place("failed")]["wait_ms"], 1_000);
}
