//! The ledger: nothing is lost, nothing is counted twice, everything says how it is known, and budgets hold.

use std::time::Duration;

use rusqlite::Connection;
use serde_json::{Value, json};

use crate::commit::{connected, pager};
use crate::sandbox::{Done, Repo, Sandbox};
use crate::upstream::{Answer, Fault, Upstream};

const LONG: Duration = Duration::from_secs(60);
const ASK: [&str; 4] = ["ask", "why?", "--model", "openai/gpt-4.1-mini"];

fn message(subject: &str) -> Answer {
    Answer::json(&json!({ "type": "fix", "scope": "pager", "subject": subject, "body": "" }))
}

/// `git commit` with this editor.
fn commit(sandbox: &Sandbox, repo: &Repo<'_>, editor: &str, args: &[&str]) -> bool {
    let mut git = sandbox.command("git", repo.path());
    git.arg("commit").args(args).env("GIT_EDITOR", editor).output().unwrap().status.success()
}

fn cost(sandbox: &Sandbox, args: &[&str]) -> Value {
    sandbox.monster(&[&["cost", "--json"], args].concat()).done().ok().json()
}

/// What each key cost, in nano-dollars, and how many calls that were.
fn by(sandbox: &Sandbox, what: &str) -> Vec<(String, u64, u64)> {
    let value = cost(sandbox, &["--by", what]);
    let rows = value["rows"].as_array().unwrap();
    let sum: u64 = rows.iter().filter_map(|row| row["nano_usd"].as_u64()).sum();
    assert_eq!(Some(sum), value["total"]["nano_usd"].as_u64(), "{value:#}");
    rows.iter()
        .map(|row| {
            (
                row["key"].as_str().unwrap().to_owned(),
                row["nano_usd"].as_u64().unwrap(),
                row["attempts"].as_u64().unwrap(),
            )
        })
        .collect()
}

fn database(sandbox: &Sandbox) -> Connection {
    Connection::open(sandbox.state_dir().join("monster.db")).unwrap()
}

#[test]
fn a_killed_call_is_seen_at_once_and_what_it_used_is_not_known() {
    let upstream = Upstream::start();
    upstream.next(Answer::text("Done.")).next(Answer::text("One two three").fault(Fault::Stall(1)));
    let sandbox = connected(&upstream);
    sandbox.monster(&ASK).done().ok();
    let running = sandbox.monster(&ASK).start();
    upstream.wait_for_stall(LONG);
    assert_eq!(cost(&sandbox, &[])["total"]["running"], 1);
    running.signal("KILL");
    let _ = running.done(&sandbox);
    let history = sandbox.monster(&["history", "--json"]).done().ok().json();
    let [killed, done] = history["requests"].as_array().unwrap().as_slice() else { panic!("{history:#}") };
    assert_eq!(killed["outcome"], "interrupted", "{killed:#}");
    assert_eq!(killed["attempts"][0]["known"], json!({ "usage": "unknown", "cost": "unknown", "priced": null }));
    assert_eq!(done["outcome"], "done");
    insta::assert_snapshot!("killed_history", sandbox.monster(&["history"]).done().ok().all());
    insta::assert_snapshot!("killed", sandbox.monster(&["cost"]).done().ok().all());
    let total = &cost(&sandbox, &[])["total"];
    assert_eq!((&total["interrupted"], &total["running"], &total["nano_usd"]), (&json!(1), &json!(0), &json!(72_000)));
}

#[test]
fn every_call_says_what_it_used_what_it_cost_who_asked_and_where() {
    let upstream = Upstream::start();
    let usage = crate::upstream::Usage { input: 1_000, cached: 400, output: 50 };
    upstream.always(move |_| Answer::text("Yes.").thinking("Hm.", 30).usage(usage));
    let sandbox = connected(&upstream);
    let repo = pager(&sandbox);
    repo.monster(&["review", "HEAD", "--model", "openai/gpt-5-mini", "--effort", "low", "--allow-incomplete"])
        .done()
        .ok();
    let history = sandbox.monster(&["history", "--json"]).done().ok().json();
    let row = &history["requests"].as_array().unwrap()[0];
    assert_eq!((&row["caller"], &row["branch"]), (&json!("monster review"), &json!("main")), "{row:#}");
    assert_eq!(row["commit"], repo.git(&["rev-parse", "HEAD"]), "a review is about its commit");
    assert!(row["repo"].as_str().unwrap().ends_with("pager"));
    let attempt = &row["attempts"][0];
    assert_eq!(
        attempt["usage"],
        json!({ "input": 600, "cache_read": 400, "cache_write_short": 0, "cache_write_long": 0, "output": 50,
            "reasoning": 30, "source": "reported" })
    );
    assert_eq!((&attempt["known"]["usage"], &attempt["known"]["cost"]), (&json!("reported"), &json!("computed")));
    assert!(attempt["known"]["priced"].as_str().unwrap().starts_with("catalog 20"), "{attempt:#}");
    assert!(attempt["first_content_ms"].is_u64(), "{attempt:#}");
}

#[test]
fn every_draft_counts_to_the_commit_it_ended_in() {
    let upstream = Upstream::start();
    upstream.always(|_| message("count the last page"));
    let mut sandbox = connected(&upstream);
    sandbox.set("MONSTER_MODEL", "openai/gpt-4.1-mini");
    let repo = pager(&sandbox);
    repo.monster(&["hook", "install"]).done().ok();

    // Two drafts of which the first was given up, and a third on the way for another change.
    assert!(!commit(&sandbox, &repo, "false", &[]), "an editor that fails stops the commit");
    assert!(commit(&sandbox, &repo, "true", &[]));
    let first = repo.git(&["rev-parse", "HEAD"]);
    repo.stage("src/pager.rs", "pub fn pages(items: usize, size: usize) -> usize {\n    items / size + 1\n}\n");
    assert!(!commit(&sandbox, &repo, "false", &[]));
    repo.git(&["reset", "-q", "--hard"]);
    let drafts = by(&sandbox, "commit");
    assert_eq!(drafts.iter().map(|(key, _, n)| (key.as_str(), *n)).collect::<Vec<_>>(), [(first.as_str(), 2), ("", 1)]);

    // One with -a and its own message, which no draft is for; then one by monster itself.
    repo.write("src/pager.rs", "pub fn pages() {}\n");
    assert!(commit(&sandbox, &repo, "true", &["-q", "-a", "-m", "mine"]));
    repo.write("src/pager.rs", "pub fn pages(items: usize) {}\n");
    repo.monster(&["commit", "-a", "-y"]).done().ok();
    let second = repo.git(&["rev-parse", "HEAD"]);
    repo.stage("src/pager.rs", "pub fn pages(items: u8) {}\n");
    repo.monster(&["commit", "--dry-run"]).done().ok();
    assert!(commit(&sandbox, &repo, "true", &["-q", "-m", "with the message that was printed"]));
    let third = repo.git(&["rev-parse", "HEAD"]);

    // Amended and rebased: the calls stay with the change that they were made for.
    assert!(commit(&sandbox, &repo, "true", &["-q", "--amend", "-m", "reworded"]));
    let reworded = repo.git(&["rev-parse", "HEAD"]);
    repo.git(&["rebase", "-q", "--force-rebase", "HEAD~3"]);
    assert_ne!(third, reworded);
    let found: Vec<(String, u64)> = by(&sandbox, "commit").into_iter().map(|(key, _, n)| (key, n)).collect();
    let of = |key: &str| found.iter().filter(|(k, _)| k == key).map(|(_, n)| *n).sum::<u64>();
    assert_eq!(of(&first), 2, "{found:?}");
    assert_eq!(of(&second), 1, "{found:?}");
    assert_eq!(of(&reworded), 1, "{found:?}");
    assert_eq!((of(""), found.len()), (1, 4), "{found:?}");
    let history = sandbox.monster(&["history", "--json"]).done().ok().json();
    assert_eq!(history["requests"][0]["commit"], reworded, "{history:#}");
    let commands: Vec<String> = by(&sandbox, "command").into_iter().map(|(key, ..)| key).collect();
    assert_eq!(commands, ["git hook", "monster commit"]);
}

#[test]
fn cost_is_told_by_whatever_is_asked_for() {
    let upstream = Upstream::start();
    upstream
        .next(Answer::text("Yes."))
        .next(Answer::text("word ".repeat(400)).fault(Fault::Drop(300)))
        .next(Answer::text("Free."))
        .next(Answer::text("Here."));
    let sandbox = connected(&upstream);
    let open = format!(
        "[upstreams.open]\nbase_url = \"{}\"\nkey_env = \"OPENAI_API_KEY\"\nmodels = [\"free-1\"]\n",
        upstream.base("openai")
    );
    sandbox.config(&open);
    let repo = pager(&sandbox);
    repo.git(&["switch", "-q", "-c", "=1+1,x"]);
    sandbox.monster(&ASK).done().ok();
    sandbox.monster(&["ask", "why?", "--model", "anthropic/claude-haiku-4-5"]).done().exits(5);
    sandbox.monster(&["ask", "why?", "--model", "open/free-1"]).done().ok();
    repo.monster(&["ask", "why?", "--with", "HEAD", "--model", "anthropic/claude-haiku-4-5"]).done().ok();
    insta::assert_snapshot!("by_model", sandbox.monster(&["cost"]).done().ok().all());
    insta::assert_snapshot!("by_day_json", sandbox.monster(&["cost", "--by", "day", "--json"]).done().ok().all());
    insta::assert_snapshot!("by_account", sandbox.monster(&["cost", "--by", "account"]).done().ok().all());
    insta::assert_snapshot!("by_branch", sandbox.monster(&["cost", "--by", "branch"]).done().ok().all());
    let csv = sandbox.monster(&["cost", "--csv", "--since", "month"]).done();
    insta::assert_snapshot!("csv", csv.ok().raw.replace('\r', "<CR>"));
    let branch = repo.monster(&["cost", "--csv", "--by", "branch"]).done();
    assert!(branch.ok().raw.contains("\"'=1+1,x\","), "no spreadsheet takes it for a formula: {}", branch.raw);
    let here = repo.monster(&["cost", "--repo", ".", "--by", "repo", "--json"]).done().ok().json();
    assert_eq!((&here["total"]["attempts"], here["rows"].as_array().unwrap().len()), (&json!(1), 1), "{here:#}");
    for what in ["day", "model", "account", "repo", "branch", "commit", "command"] {
        let value = cost(&sandbox, &["--by", what]);
        let of = |field: &str| value["rows"].as_array().unwrap().iter().filter_map(|r| r[field].as_u64()).sum::<u64>();
        assert_eq!(value["total"]["nano_usd"], of("nano_usd"), "{what}");
        assert_eq!(value["total"]["unpriced"], 1, "{what}");
        assert_eq!(value["total"]["attempts"], 4, "{what}");
    }
    insta::assert_snapshot!("wrong_since", sandbox.monster(&["cost", "--since", "yesterday"]).done().exits(2).all());
    insta::assert_snapshot!("two_forms", sandbox.monster(&["cost", "--csv", "--json"]).done().exits(2).all());
}

#[test]
fn the_day_is_the_user_s_own() {
    let upstream = Upstream::start();
    upstream.always(|_| Answer::text("Yes."));
    let mut sandbox = connected(&upstream);
    sandbox.set("TZ", "Asia/Kathmandu");
    for now in ["2026-11-24T18:14:59Z", "2026-11-24T18:15:00Z"] {
        sandbox.set("MONSTER_NOW", now);
        sandbox.monster(&ASK).done().ok();
    }
    let days = cost(&sandbox, &["--by", "day", "--since", "7d"]);
    let keys: Vec<&str> = days["rows"].as_array().unwrap().iter().map(|row| row["key"].as_str().unwrap()).collect();
    assert_eq!(keys, ["2026-11-24", "2026-11-25"], "midnight is a quarter past six in Greenwich");
    assert_eq!(days["time_zone"], "Asia/Kathmandu");
    assert_eq!(cost(&sandbox, &[])["total"]["attempts"], 1, "today has just begun");
}

// --- budgets

#[test]
fn a_budget_stops_before_anything_is_sent_and_says_what_helps() {
    let upstream = Upstream::start();
    upstream.always(|_| Answer::text("Yes."));
    let mut sandbox = connected(&upstream);
    sandbox.set("MONSTER_BUDGET_DAY", "0.0067");
    sandbox.monster(&ASK).done().ok();
    let second = sandbox.monster(&ASK).done();
    assert!(
        second.ok().stderr.contains("budget.day: <$0.0001 of $0.0067 is spent or reserved today"),
        "{}",
        second.stderr
    );
    sandbox.set("MONSTER_BUDGET_DAY", "0.0066");
    insta::assert_snapshot!("budget_day", sandbox.monster(&ASK).done().exits(6).all());
    // Nothing is left of it where nothing of this call is kept.
    sandbox.monster(&[&ASK[..], &["--no-store"]].concat()).done().exits(6);
    assert_eq!(upstream.calls().len(), 2);
    sandbox.set("MONSTER_NOW", "2026-11-25T00:00:00Z");
    sandbox.monster(&ASK).done().ok();
    sandbox.set("MONSTER_BUDGET_DAY", "5").set("MONSTER_BUDGET_MONTH", "0.0066");
    let month = sandbox.monster(&ASK).done();
    assert!(month.exits(6).stderr.contains("budget.month"), "{}", month.stderr);
    sandbox.set("MONSTER_BUDGET_ON_LIMIT", "warn");
    let warned = sandbox.monster(&ASK).done();
    assert!(warned.ok().stderr.contains("budget.month: $0.0002 of $0.0066"), "{}", warned.stderr);
    assert_eq!(upstream.calls().len(), 4);
}

/// What leaves no trace must not leave none in the budget: money is spent all the same.
#[test]
fn a_call_that_is_not_stored_counts_for_the_budget_and_keeps_no_word() {
    let upstream = Upstream::start();
    upstream.always(|_| Answer::text("Yes, it is the sky."));
    let mut sandbox = connected(&upstream);
    sandbox.config(&format!(
        "[upstreams.openai]\nprovider = \"openai\"\nbase_url = \"{}\"\n[history]\ncontent = \"all\"\n",
        upstream.base("openai")
    ));
    let unstored = [&ASK[..], &["--no-store"]].concat();
    sandbox.monster(&unstored).done().ok();
    assert_eq!(cost(&sandbox, &[])["rows"], json!([]), "without a budget nothing is kept");
    sandbox.set("MONSTER_BUDGET_DAY", "0.0067");
    let told = sandbox.monster(&unstored).done();
    assert!(
        told.ok()
            .stderr
            .contains("a budget is set: the ledger keeps what this call costs, and nothing of what it says"),
        "{}",
        told.stderr
    );
    assert_eq!(cost(&sandbox, &[])["total"]["attempts"], 1);
    let shown = sandbox.monster(&["history", "show", "last", "--content"]).done();
    assert!(!shown.all().contains("sky") && !shown.all().contains("why?"), "{}", shown.all());
    sandbox.set("MONSTER_BUDGET_DAY", "0.0066");
    assert!(sandbox.monster(&unstored).done().exits(6).stderr.contains("budget.day"));
    assert_eq!(upstream.calls().len(), 2);
}

#[test]
fn a_budget_that_stops_refuses_prices_that_nobody_knows() {
    let upstream = Upstream::start();
    upstream.always(|_| Answer::text("Yes."));
    let mut sandbox = connected(&upstream);
    sandbox.config(&format!(
        "[upstreams.open]\nbase_url = \"{}\"\nkey_env = \"OPENAI_API_KEY\"\nmodels = [\"free-1\"]\n",
        upstream.base("openai")
    ));
    sandbox.set("MONSTER_BUDGET_MONTH", "5");
    let ask = ["ask", "why?", "--model", "open/free-1"];
    insta::assert_snapshot!("budget_unpriced", sandbox.monster(&ask).done().exits(6).all());
    sandbox.set("MONSTER_BUDGET_ON_LIMIT", "warn");
    let warned = sandbox.monster(&ask).done();
    assert!(warned.ok().stderr.contains("cannot be watched for it"), "{}", warned.stderr);
}

#[test]
fn a_repository_may_tighten_a_budget_and_never_loosen_it() {
    let upstream = Upstream::start();
    upstream.always(|_| message("count the last page"));
    let mut sandbox = connected(&upstream);
    sandbox.set("MONSTER_MODEL", "openai/gpt-4.1-mini");
    sandbox.config("[budget]\nday = 0.5\n");
    let repo = pager(&sandbox);
    repo.write(
        ".monster.toml",
        "[budget]\nrepo_day = 0.0001\nday = 5\non_limit = \"warn\"\naccounts = [\"env=9/day\"]\n",
    );
    let dry = ["commit", "--dry-run"];
    let done = repo.monster(&dry).done();
    assert!(done.exits(6).stderr.contains("budget.repo_day is $0.0001"), "{}", done.stderr);
    for said in ["only tighten budget.day", "only tighten budget.on_limit", "may not set budget.accounts"] {
        assert!(done.stderr.contains(said), "{said}: {}", done.stderr);
    }
    assert!(upstream.calls().is_empty());
    // A commit is never stopped for it.
    repo.monster(&["hook", "install"]).done().ok();
    let editor = "cp .git/COMMIT_EDITMSG draft.txt; :";
    assert!(commit(&sandbox, &repo, editor, &[]));
    assert!(repo.read("draft.txt").contains("own rules wrote this: budget.repo_day"), "{}", repo.read("draft.txt"));
    // Elsewhere it does not hold.
    sandbox.monster(&ASK).done().ok();
}

#[test]
fn an_account_whose_budget_is_spent_leaves_the_work_to_another() {
    let upstream = Upstream::start();
    upstream.always(|_| Answer::text("Yes."));
    let mut sandbox = connected(&upstream);
    sandbox.set("MONSTER_BUDGET_ACCOUNTS", "openai/env=0.0001/day");
    let both = ["ask", "why?", "--model", "openai/gpt-4.1-mini,anthropic/claude-haiku-4-5"];
    sandbox.monster(&both).done().ok();
    assert_eq!(upstream.only().model, "claude-haiku-4-5");
    let alone = sandbox.monster(&ASK).done();
    assert!(alone.exits(6).stderr.contains("budget.accounts (openai/env) is $0.0001"), "{}", alone.stderr);
    sandbox.set("MONSTER_BUDGET_ACCOUNTS", "openai/env=0.0001");
    let wrong = sandbox.monster(&ASK).done();
    assert!(wrong.exits(1).stderr.contains("budget.accounts takes entries such as"), "{}", wrong.stderr);
}

#[test]
fn eight_that_begin_at_once_do_not_all_take_the_last_of_a_budget() {
    let upstream = Upstream::start();
    upstream.always(|_| Answer::text("Yes.").slow_head(Duration::from_secs(4)));
    let mut sandbox = connected(&upstream);
    // Room for three: each may cost $0.0066, and none of them costs as much.
    sandbox.set("MONSTER_BUDGET_DAY", "0.02");
    let all: Vec<_> = (0..8).map(|_| sandbox.monster(&ASK).start()).collect();
    let done: Vec<Done> = all.into_iter().map(|running| running.done(&sandbox)).collect();
    let refused = done.iter().filter(|done| done.stderr.contains("budget.day is $0.02")).count();
    assert_eq!((refused, upstream.calls().len()), (5, 3), "{}", done.iter().map(Done::all).collect::<String>());
    done.iter().filter(|done| !done.stderr.contains("budget.day is")).for_each(|done| _ = done.ok());
    // What they did not need is free again.
    sandbox.monster(&ASK).done().ok();
}

/// A day's budget of a cent, and a call that was killed while it was answered.
fn killed() -> (Upstream, Sandbox) {
    let upstream = Upstream::start();
    upstream.next(Answer::text("One two three").fault(Fault::Stall(1))).always(|_| Answer::text("Yes."));
    let mut sandbox = connected(&upstream);
    sandbox.set("MONSTER_BUDGET_DAY", "0.01");
    let running = sandbox.monster(&ASK).start();
    upstream.wait_for_stall(LONG);
    running.signal("KILL");
    let _ = running.done(&sandbox);
    (upstream, sandbox)
}

#[test]
fn what_was_killed_counts_with_all_it_may_have_cost() {
    let (_upstream, mut sandbox) = killed();
    let done = sandbox.monster(&ASK).done();
    assert!(done.exits(6).stderr.contains("$0.0066 is spent or reserved"), "{}", done.stderr);
    assert!(done.stderr.contains("$0.0066 of that is kept for calls that were killed"), "{}", done.stderr);
    // The next day has a budget of its own, the month has not: a day later it is given back.
    sandbox.set("MONSTER_BUDGET_MONTH", "0.01").set("MONSTER_NOW", "2026-11-25T10:00:00Z");
    let month = sandbox.monster(&ASK).done();
    assert!(month.exits(6).stderr.contains("budget.month is $0.01: $0.0066"), "{}", month.stderr);
    sandbox.set("MONSTER_NOW", "2026-11-25T10:31:00Z");
    sandbox.monster(&ASK).done().ok();
}

#[test]
fn a_killed_call_that_is_purged_counts_against_no_budget() {
    let (_upstream, sandbox) = killed();
    sandbox.monster(&ASK).done().exits(6);
    sandbox.monster(&["history", "purge", "last", "--ledger", "--yes"]).done().ok();
    sandbox.monster(&ASK).done().ok();
}

#[test]
fn what_was_spent_and_who_was_asked_is_told_of_one_account_or_model() {
    let upstream = Upstream::start();
    upstream.always(|_| Answer::text("Yes."));
    let sandbox = connected(&upstream);
    sandbox.monster(&ASK).done().ok();
    sandbox.monster(&["ask", "why?", "--model", "anthropic/claude-haiku-4-5"]).done().ok();
    let attempts = |args: &[&str]| cost(&sandbox, args)["total"]["attempts"].clone();
    assert_eq!(attempts(&[]), 2);
    assert_eq!(attempts(&["--account", "env"]), 2);
    assert_eq!(attempts(&["--account", "openai/env"]), 1);
    assert_eq!(attempts(&["--model", "haiku"]), 1);
    assert_eq!(attempts(&["--model", "anthropic/", "--account", "openai/env"]), Value::Null);
    let none = sandbox.monster(&["cost", "--account", "nobody"]).done();
    assert_eq!(none.ok().stdout, "nothing like that was spent today\n");
    let listed = |args: &[&str]| {
        let list = sandbox.monster(&[&["history", "list", "--json"], args].concat()).done().ok().json();
        list["requests"].as_array().unwrap().len()
    };
    let narrow = [&["--account", "env"][..], &["--account", "anthropic/env"], &["--account", "work"]];
    assert_eq!(narrow.map(listed), [2, 1, 0]);
    assert_eq!(listed(&["--account", "env", "--model", "gpt-4.1"]), 1);
}

// --- when it cannot be written

/// The answer comes all the same, and it is said that it is not recorded.
fn answered(what: &str, done: &Done) {
    assert_eq!(done.ok().stdout, "Yes.\n", "{what}");
    assert!(done.stderr.contains("recorded") || done.stderr.contains("is kept"), "{what}: {}", done.stderr);
}

#[test]
fn a_full_disk_costs_no_answer() {
    let upstream = Upstream::start();
    upstream.always(|_| Answer::text("Yes."));
    let sandbox = connected(&upstream);
    sandbox.monster(&ASK).done().ok();
    let repo = pager(&sandbox);
    let monster = env!("CARGO_BIN_EXE_monster");
    // No file may grow; the signal that would come with it is not wanted.
    let full = |line: &str| {
        let line = format!("trap '' XFSZ; ulimit -f 0; exec '{monster}' {line}");
        repo.any("sh", &["-c", &line]).done()
    };
    let done = full("ask 'why?' --model openai/gpt-4.1-mini");
    answered("ask", &done);
    insta::assert_snapshot!("disk_full", done.stderr);
    let review = full("review HEAD --allow-incomplete --model openai/gpt-4.1-mini");
    assert!(review.ok().stderr.contains("is kept"), "{}", review.all());
    let drafted = full("commit --dry-run --model openai/gpt-4.1-mini");
    assert!(drafted.ok().stderr.contains("is kept"), "{}", drafted.all());
    insta::assert_snapshot!("disk_full_cost", full("cost").exits(1).stderr);
    // It fills up in the middle of the work.
    let half = repo
        .any(
            "sh",
            &["-c", &format!("trap '' XFSZ; ulimit -f 64; exec '{monster}' ask 'why?' --model openai/gpt-4.1-mini")],
        )
        .done();
    answered("a disk that fills up", &half);
    assert_eq!(cost(&sandbox, &[])["total"]["attempts"], 1, "what was there is there");
}

#[test]
fn a_place_that_cannot_be_written_costs_no_answer() {
    let upstream = Upstream::start();
    upstream.always(|_| Answer::text("Yes."));
    let mut sandbox = connected(&upstream);
    // Nobody, not even root, makes a folder there.
    sandbox.set("MONSTER_STATE_DIR", "/proc/monster");
    answered("ask", &sandbox.monster(&ASK).done());
    let repo = pager(&sandbox);
    let review = repo.monster(&["review", "HEAD", "--allow-incomplete", "--model", "openai/gpt-4.1-mini"]).done();
    assert!(review.ok().stderr.contains("is kept"), "{}", review.stderr);
    insta::assert_snapshot!("no_place_cost", sandbox.monster(&["cost"]).done().exits(1).all());
    // A budget that cannot be kept is not silently dropped.
    sandbox.set("MONSTER_BUDGET_DAY", "5");
    insta::assert_snapshot!("no_place_budget", sandbox.monster(&ASK).done().exits(6).all());
}

#[test]
fn a_store_that_another_keeps_locked_costs_no_answer() {
    let upstream = Upstream::start();
    upstream.always(|_| Answer::text("Yes."));
    let sandbox = connected(&upstream);
    sandbox.monster(&ASK).done().ok();
    let other = database(&sandbox);
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let done = sandbox.monster(&ASK).done();
    answered("ask", &done);
    assert!(done.stderr.contains("locked"), "{}", done.stderr);
    assert_eq!(cost(&sandbox, &["--by", "commit"])["total"]["attempts"], 1, "who only reads waits for nobody");
    other.execute_batch("ROLLBACK").unwrap();
    sandbox.monster(&ASK).done().ok();
    assert_eq!(cost(&sandbox, &[])["total"]["attempts"], 2);
}

#[test]
fn a_store_of_a_newer_version_costs_no_answer_and_is_left_alone() {
    let upstream = Upstream::start();
    upstream.always(|_| Answer::text("Yes."));
    let sandbox = connected(&upstream);
    sandbox.monster(&ASK).done().ok();
    database(&sandbox).pragma_update(None, "user_version", 99).unwrap();
    answered("ask", &sandbox.monster(&ASK).done());
    let done = sandbox.monster(&["cost"]).done();
    assert!(done.exits(1).stderr.contains("was written by a newer monster"), "{}", done.stderr);
    assert!(done.stderr.contains("update monster"), "{}", done.stderr);
    let rows: i64 = database(&sandbox).query_row("SELECT count(*) FROM request", [], |r| r.get(0)).unwrap();
    assert_eq!(rows, 1);
}

// --- a storm

#[test]
fn kills_in_a_storm_cost_no_finished_row_and_every_sum_is_right() {
    const PROCESSES: usize = 8;
    const CALLS: usize = 10;
    let upstream = Upstream::start();
    upstream.always(|_| Answer::text("Yes.").slow_head(Duration::from_millis(30)));
    let mut sandbox = connected(&upstream);
    sandbox.set("MONSTER_BUDGET_DAY", "5");
    let ask = [&ASK[..], &["--json"]].concat();
    let ids: Vec<String> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..PROCESSES)
            .map(|worker| {
                let (sandbox, ask) = (&sandbox, &ask);
                scope.spawn(move || {
                    let mut ids = Vec::new();
                    for call in 0..CALLS {
                        let running = sandbox.monster(ask).start();
                        let killed = (worker + call) % 2 == 0;
                        if killed {
                            // Spread over everything a call does.
                            std::thread::sleep(Duration::from_millis((worker * 67 + call * 131) as u64 % 400));
                            running.signal("KILL");
                        }
                        let done = running.done(sandbox);
                        assert!(killed || done.raw.contains("\"answer\""), "{}", done.all());
                        if let Ok(value) = serde_json::from_str::<Value>(&done.raw) {
                            ids.push(value["id"].as_str().unwrap().to_owned());
                        }
                    }
                    ids
                })
            })
            .collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    assert!(ids.len() >= PROCESSES * CALLS / 2, "those that nobody killed have answered: {}", ids.len());
    let db = database(&sandbox);
    let one = |sql: &str| db.query_row(sql, [], |r| r.get::<_, i64>(0)).unwrap();
    assert_eq!(db.query_row("PRAGMA integrity_check", [], |r| r.get::<_, String>(0)).unwrap(), "ok");
    let history = sandbox.monster(&["history", "list", "-n", "999", "--json"]).done().ok().json();
    let rows = history["requests"].as_array().unwrap();
    let mut finished = 0;
    for id in &ids {
        let row = rows.iter().find(|row| row["id"] == *id).unwrap_or_else(|| panic!("{id} has answered and no row"));
        // One that was killed after it had answered and before it had said so to the store is known as killed.
        if row["outcome"] == "done" {
            finished += 1;
            assert_eq!(row["attempts"][0]["cost"]["nano_usd"], 72_000, "{row:#}");
        } else {
            assert_eq!(row["outcome"], "interrupted", "{row:#}");
        }
    }
    assert!(finished >= PROCESSES * CALLS / 2, "{finished} of {}", ids.len());
    assert!(rows.iter().all(|row| row["outcome"] != "running"), "nobody runs any more");
    let total = &cost(&sandbox, &[])["total"];
    assert_eq!(total["nano_usd"], one("SELECT sum(cost_nano) FROM attempt"));
    assert_eq!(total["interrupted"], one("SELECT count(*) FROM attempt WHERE ended_ms IS NULL"));
    assert_eq!(one("SELECT sum(exact_nano + guessed_nano) FROM spent"), one("SELECT sum(cost_nano) FROM attempt"));
    // Only those that were killed in the middle still hold a part of the budget.
    sandbox.monster(&ASK).done().ok();
    assert_eq!(
        one("SELECT count(*) FROM reserve"),
        one("SELECT count(*) FROM attempt WHERE ended_ms IS NULL"),
        "nobody is sure what those have cost"
    );
}
