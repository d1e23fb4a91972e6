//! `monster quota`: what calls already made and documented endpoints say, seen by another process.

use crate::account::with_passphrase;
use crate::commit::connected;
use crate::sandbox::{Done, Sandbox};
use crate::upstream::{Answer, Upstream};

const KEY: &str = r#"{"data":{"label":"x","limit":100,"limit_remaining":4.5,"limit_reset":"monthly","usage":95.5,
    "usage_daily":1.25,"usage_weekly":2,"usage_monthly":95.5,"is_free_tier":false}}"#;
const BALANCE: &str = r#"{"is_available":true,"balance_infos":[{"currency":"USD","total_balance":"9.50"},
    {"currency":"CNY","total_balance":"110.00"}]}"#;
const KEY_PATH: &str = "/openrouter/api/v1/key";
const BALANCE_PATH: &str = "/deepseek/user/balance";

/// Both endpoints answer as they should.
fn pages(upstream: &Upstream, sandbox: &Sandbox) {
    upstream.page(KEY_PATH, &sandbox.key("openrouter"), 200, KEY);
    upstream.page(BALANCE_PATH, &sandbox.key("deepseek"), 200, BALANCE);
}

fn ask(sandbox: &Sandbox, model: &str) -> Done {
    sandbox.monster(&["ask", "why?", "--no-wait", "--model", model]).done()
}

fn lane(value: &serde_json::Value, upstream: &str, account: &str) -> serde_json::Value {
    let all = value["accounts"].as_array().unwrap();
    all.iter().find(|a| a["upstream"] == upstream && a["account"] == account).cloned().unwrap_or_default()
}

fn line(lane: &serde_json::Value, what: &str) -> serde_json::Value {
    lane["lines"].as_array().into_iter().flatten().find(|l| l["what"] == what).cloned().unwrap_or_default()
}

/// Without the little that is added to a server's word by chance, and the width it takes.
fn steady(text: &str) -> String {
    let rules = [
        (r"10:4\d \(in 1\d min( \d+ s)?\)(, one request tries 10:\d\d)?", "[BY CHANCE]"),
        (r#""2026-11-24T10:(3[4-9]|4\d):[\d.]+Z""#, "\"[BY CHANCE]\""),
        (r"(\S)   +", "$1  "),
    ];
    let rule =
        |text: String, (from, to): (&str, &str)| regex::Regex::new(from).unwrap().replace_all(&text, to).into_owned();
    rules.into_iter().fold(text.to_owned(), rule)
}

#[test]
fn what_answers_state_is_shown_to_another_process_with_source_and_age() {
    let upstream = Upstream::start();
    upstream.model("gpt-4.1-mini", |_| {
        Answer::text("Yes.")
            .header("x-ratelimit-remaining-requests", "20")
            .header("x-ratelimit-reset-requests", "1h0m0s")
            .header("openai-organization", "org-a")
    });
    upstream.model("claude-haiku-4-5", |_| Answer::rate_limited(900));
    let mut sandbox = connected(&upstream);
    pages(&upstream, &sandbox);
    ask(&sandbox, "openai/gpt-4.1-mini").ok();
    ask(&sandbox, "anthropic/claude-haiku-4-5").exits(5);
    sandbox.set("MONSTER_NOW", "2026-11-24T10:32:00Z");
    let done = sandbox.monster(&["quota"]).done();
    insta::assert_snapshot!("quota", steady(&done.ok().all()));
    let told = sandbox.monster(&["quota", "--json"]).done().ok().json();
    insta::assert_snapshot!("quota_json", steady(&format!("{told:#}")));
    let requests = line(&lane(&told, "openai", "env"), "requests");
    assert_eq!((&requests["left"], &requests["percent_left"]), (&20.into(), &4.into()));
    assert_eq!((&requests["source"]["letter"], &requests["source"]["age_seconds"]), (&"H".into(), &120.into()));
    let refused = lane(&told, "anthropic", "env");
    assert_eq!(line(&refused, "requests")["source"]["letter"], "E");
    assert_eq!(refused["checks"][0], "parked", "{refused:#}");
    let mut asked = upstream.others();
    asked.sort();
    assert_eq!(asked, ["GET /deepseek/user/balance", "GET /openrouter/api/v1/key"], "once in ten minutes");
    assert_eq!(upstream.calls().len(), 2, "nothing was generated for it");
    let history = sandbox.monster(&["history", "--json"]).done().ok().json();
    assert_eq!(history["requests"].as_array().unwrap().len(), 2, "looking is no request");
}

#[test]
fn a_window_that_has_ended_is_said_to_be_full_and_not_confirmed() {
    let upstream = Upstream::start();
    upstream.always(|_| {
        Answer::text("Yes.").header("x-ratelimit-remaining-requests", "0").header("x-ratelimit-reset-requests", "2m0s")
    });
    let mut sandbox = connected(&upstream);
    ask(&sandbox, "openai/gpt-4.1-mini").ok();
    let quota = |sandbox: &Sandbox| sandbox.monster(&["quota", "openai", "--offline"]).done().ok().stdout.clone();
    let empty = quota(&sandbox);
    let row = empty.lines().find(|l| l.starts_with("!  requests gpt-4.1-mini")).unwrap_or_else(|| panic!("{empty}"));
    assert!(row.contains("0 of 500 requests left (0 %)") && row.contains("10:32 (in 2 min)"), "{row}");
    assert!(empty.contains("openai/env  partly parked"), "{empty}");
    sandbox.set("MONSTER_NOW", "2026-11-24T10:36:00Z");
    let full = quota(&sandbox);
    assert!(full.contains("requests full again, not confirmed  since 10:32  H 6 min ago"), "{full}");
    assert!(!full.contains(" 0 of"), "{full}");
    assert!(upstream.others().is_empty(), "offline asks nobody");
}

#[test]
fn an_endpoint_that_does_not_answer_as_it_should_costs_nobody_elses_numbers() {
    for (status, body, says) in [
        (401, r#"{"error":{"message":"No auth credentials found"}}"#, "No auth credentials found"),
        (402, r#"{"error":{"message":"Insufficient balance"}}"#, "Insufficient balance"),
        (403, r#"{"error":{"message":"Not for you"}}"#, "Not for you"),
        (429, r#"{"error":{"message":"Slow down"}}"#, "Slow down"),
        (503, "<html>down</html>", "answered 503"),
        (200, "<html>hello</html>", "not what its document promises"),
        (200, r#"{"data":null}"#, "not what its document promises"),
    ] {
        let upstream = Upstream::start();
        let sandbox = connected(&upstream);
        pages(&upstream, &sandbox);
        upstream.page(KEY_PATH, &sandbox.key("openrouter"), status, body);
        let done = sandbox.monster(&["quota"]).done();
        let text = &done.ok().stdout;
        let row = text.lines().find(|l| l.starts_with("!  GET /key")).unwrap_or_else(|| panic!("{text}"));
        assert!(row.contains(says) && row.ends_with("V now GET /key"), "{row}");
        assert!(text.contains("$9.50 left") && text.contains("110.00 CNY left"), "{text}");
        assert!(!done.stdout.contains(&sandbox.key("openrouter")));
    }
}

#[test]
fn an_endpoint_that_is_silent_is_given_up() {
    let upstream = Upstream::start();
    let sandbox = connected(&upstream);
    pages(&upstream, &sandbox);
    upstream.silent_page(KEY_PATH, &sandbox.key("openrouter"));
    let done = sandbox.monster(&["quota"]).done();
    let text = &done.ok().stdout;
    assert!(text.contains("the server did not begin to answer within 10 s"), "{text}");
    assert!(text.contains("$9.50 left"), "{text}");
}

#[test]
fn what_was_said_before_stays_when_an_endpoint_fails_later() {
    let upstream = Upstream::start();
    let mut sandbox = connected(&upstream);
    pages(&upstream, &sandbox);
    let quota = |sandbox: &Sandbox, args: &[&str]| {
        sandbox.monster(&[&["quota", "deepseek"], args].concat()).done().ok().stdout.clone()
    };
    quota(&sandbox, &[]);
    upstream.page(BALANCE_PATH, &sandbox.key("deepseek"), 500, "{}");
    let cached = quota(&sandbox, &[]);
    assert!(cached.contains("$9.50 left") && !cached.contains('!'), "it was asked a moment ago: {cached}");
    sandbox.set("MONSTER_NOW", "2026-11-24T10:45:00Z");
    let failed = quota(&sandbox, &[]);
    assert!(failed.contains("!  GET /user/balance"), "{failed}");
    assert!(failed.contains("$9.50 left, stale") && failed.contains("V 15 min ago GET /user/balance"), "{failed}");
    upstream.page(
        BALANCE_PATH,
        &sandbox.key("deepseek"),
        200,
        r#"{"is_available":false,"balance_infos":[{"currency":"USD","total_balance":"0.00"}]}"#,
    );
    let gone = quota(&sandbox, &["--refresh"]);
    assert!(gone.contains("!  balance") && gone.contains("$0 left, not available for calls"), "{gone}");
    assert_eq!(upstream.others().len(), 3);
}

/// Logs a key in without asking the provider.
fn login(sandbox: &Sandbox, provider: &str, name: &str, key: &str) {
    let login = ["login", provider, "--stdin", "--no-check", "--store", "plaintext", "--name", name];
    sandbox.monster(&login).stdin(key).done().ok();
}

#[test]
fn an_administrators_key_is_asked_what_was_spent_and_never_generates() {
    let upstream = Upstream::start();
    let sandbox = with_passphrase(&upstream);
    let admin = sandbox.key("openai admin");
    upstream.always(|_| Answer::text("Yes."));
    let costs = r#"{"object":"page","data":[{"object":"bucket","results":[{"amount":{"value":12.34,"currency":"usd"}}]}],"has_more":false}"#;
    upstream.page("/openai/v1/organization/costs", &admin, 200, costs);
    // Stored as any other, and checked by what it is for.
    let stored = sandbox
        .monster(&["login", "openai", "--stdin", "--store", "plaintext", "--name", "billing"])
        .stdin(admin)
        .done();
    stored.ok();
    let none = ask(&sandbox, "openai/gpt-4.1-mini");
    assert!(none.exits(5).stderr.contains("billing at openai is an administrator's key"), "{}", none.stderr);
    assert!(upstream.calls().is_empty(), "it is never called with");
    login(&sandbox, "openai", "work", &sandbox.key("openai"));
    ask(&sandbox, "openai/gpt-4.1-mini").ok();
    assert_eq!(upstream.only().key(), sandbox.key("openai"));
    let quota = sandbox.monster(&["quota"]).done();
    let text = &quota.ok().stdout;
    assert!(text.contains("openai/billing  for quota only"), "{text}");
    assert!(text.contains("spent this month by the organisation (UTC)  $12.34 used"), "{text}");
    assert!(sandbox.monster(&["accounts"]).done().ok().stdout.contains("for quota only"));
    let asked = upstream.others().into_iter().filter(|o| o.contains("costs")).count();
    assert_eq!(asked, 2, "once at login, once for quota: {:?}", upstream.others());
}

#[test]
fn accounts_that_cannot_be_used_say_why() {
    let upstream = Upstream::start();
    upstream.always(|_| Answer::text("Yes."));
    let mut sandbox = with_passphrase(&upstream);
    let pass = ["login", "openai", "--stdin", "--no-check", "--store", "passphrase", "--name", "work"];
    sandbox.monster(&pass).stdin(sandbox.key("openai")).done().ok();
    ask(&sandbox, "openai/gpt-4.1-mini").ok();
    sandbox.monster(&["accounts", "disable", "work"]).done().ok();
    let disabled = sandbox.monster(&["quota"]).done();
    assert!(disabled.ok().stdout.contains("openai/work  disabled"), "{}", disabled.stdout);
    assert!(disabled.stderr.contains("monster accounts enable work"), "{}", disabled.stderr);
    sandbox.set("MONSTER_PASSPHRASE_FILE", "/nonexistent");
    let locked = sandbox.monster(&["quota"]).done();
    assert!(locked.ok().stdout.contains("openai/work  locked"), "{}", locked.stdout);
    assert!(locked.stderr.contains("the sealed accounts are locked"), "{}", locked.stderr);
    let json = sandbox.monster(&["quota", "--json"]).done().ok().json();
    assert!(json["locked"].is_string() && lane(&json, "openai", "work")["state"] == "locked", "{json:#}");
}

#[test]
fn scripts_can_ask_whether_enough_is_left() {
    let upstream = Upstream::start();
    let sandbox = connected(&upstream);
    pages(&upstream, &sandbox);
    sandbox.monster(&["quota", "openrouter", "--fail-below", "5"]).done().exits(1);
    sandbox.monster(&["quota", "openrouter", "--fail-below", "4"]).done().ok();
    sandbox.monster(&["quota", "deepseek", "--fail-below", "100"]).done().ok();
    let nobody = sandbox.monster(&["quota", "nobody"]).done();
    assert!(nobody.exits(1).stderr.contains("there is no account or upstream \"nobody\""), "{}", nobody.stderr);
    assert!(nobody.stderr.contains("openrouter/env"), "{}", nobody.stderr);
    let bare = Sandbox::new();
    let none = bare.monster(&["quota"]).done();
    assert_eq!(none.ok().stdout, "no accounts\n");
    assert!(none.stderr.contains("monster login"));
}

#[test]
fn credits_are_asked_for_only_with_a_key_that_manages() {
    let upstream = Upstream::start();
    let sandbox = connected(&upstream);
    let key = sandbox.key("openrouter");
    upstream.page("/openrouter/api/v1/credits", &key, 200, r#"{"data":{"total_credits":110.5,"total_usage":10.5}}"#);
    upstream.page(KEY_PATH, &key, 200, KEY);
    sandbox.monster(&["quota", "openrouter"]).done().ok();
    assert_eq!(upstream.others(), ["GET /openrouter/api/v1/key"]);
    upstream.page(KEY_PATH, &key, 200, &KEY.replace("\"is_free_tier\"", "\"is_management_key\":true,\"is_free_tier\""));
    let quota = sandbox.monster(&["quota", "openrouter", "--refresh"]).done();
    assert!(quota.ok().stdout.contains("$100.00 of $110.50 left (90 %)"), "{}", quota.stdout);
}

#[cfg(unix)]
#[test]
fn watching_off_a_terminal_gives_a_line_per_change() {
    let upstream = Upstream::start();
    upstream.always(|_| Answer::text("Yes."));
    let sandbox = connected(&upstream);
    let watching = sandbox.monster(&["quota", "openai", "--watch", "--json"]).start();
    std::thread::sleep(std::time::Duration::from_millis(2_500));
    ask(&sandbox, "openai/gpt-4.1-mini").ok();
    std::thread::sleep(std::time::Duration::from_millis(2_500));
    watching.signal("INT");
    let done = watching.done(&sandbox);
    let lines: Vec<serde_json::Value> =
        done.exits(130).stdout.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    let (first, last) = (lines.first().unwrap(), lines.last().unwrap());
    assert_eq!(lane(first, "openai", "env")["checks"][0], "unknown");
    assert_eq!(line(&lane(last, "openai", "env"), "requests")["left"], 499, "{last:#}");
    assert!((2..=3).contains(&lines.len()), "only changes are told: {}", done.stdout);
    assert!(upstream.others().is_empty(), "nobody is asked");
}

#[cfg(target_os = "linux")]
#[test]
fn watching_on_a_terminal_redraws_and_leaves_it_whole() {
    let upstream = Upstream::start();
    upstream.always(|_| Answer::text("Yes."));
    let sandbox = connected(&upstream);
    let repo = sandbox.repo("any");
    let mut terminal = repo.terminal(&["quota", "openai", "--watch"]);
    terminal.until("no answer has stated any yet").until("ledger on this machine");
    ask(&sandbox, "openai/gpt-4.1-mini").ok();
    terminal.until("\u{1b}[H").until("499 of 500 requests left").until("ledger on this machine");
    let left = terminal.keys("\u{3}").left();
    left.exits(130).whole();
    assert!(left.all.trim_end().ends_with("interrupted"), "{:?}", left.all);
}
