//! Limits, failures and what takes over, over every dialect.

use std::time::Duration;

use crate::commit::{DIALECTS, connected};
use crate::upstream::{Answer, Fault, Upstream};

#[test]
fn every_dialect_s_way_of_saying_wait_is_understood() {
    for (_, model, dialect) in DIALECTS {
        let upstream = Upstream::start();
        upstream.next(Answer::rate_limited(1)).next(Answer::text("Now."));
        let sandbox = connected(&upstream);
        let done = sandbox.monster(&["ask", "why?", "--model", model]).done();
        assert_eq!(done.ok().stdout, "Now.\n", "{model}: {}", done.stderr);
        assert_eq!(upstream.calls().len(), 2, "{dialect}: once too early, once in time");

        upstream.next(Answer::rate_limited(900));
        let done = sandbox.monster(&["ask", "why?", "--model", model]).done();
        assert!(done.exits(5).stderr.contains("1"), "{}", done.stderr);
        assert!(done.stderr.contains("min"), "{model}: a quarter of an hour is longer than ask waits: {}", done.stderr);
    }
}

#[test]
fn every_dialect_s_errors_fail_over() {
    for (_, model, dialect) in DIALECTS {
        let spare =
            if model.starts_with("openrouter") { "openai/gpt-4o-mini" } else { "openrouter/openai/gpt-4o-mini" };
        let faults = [
            ("an outage", Answer::status(503, "overloaded", "Overloaded.")),
            ("a defect", Answer::status(500, "server_error", "The server had an error.")),
            ("no money", Answer::status(402, "insufficient_quota", "Your credit is used up.")),
            ("an error in the stream", Answer::text("x").fault(Fault::ErrorEvent(0))),
            ("a cut before the first word", Answer::text("x").fault(Fault::Drop(0))),
            ("an empty stream", Answer::text("x").fault(Fault::Empty)),
        ];
        for (what, fault) in faults {
            let upstream = Upstream::start();
            let dead = model.split_once('/').unwrap().1;
            upstream.model(dead, move |_| fault.clone()).always(|_| Answer::text("Here."));
            let sandbox = connected(&upstream);
            let both = format!("{model},{spare}");
            let done = sandbox.monster(&["ask", "why?", "--model", &both]).done();
            assert_eq!(done.ok().stdout, "Here.\n", "{dialect}, {what}: {}", done.stderr);
            assert!(done.stderr.contains(&format!("{model} failed")), "{dialect}, {what}: {}", done.stderr);
        }
    }
}

#[test]
fn an_upstream_that_sends_on_is_at_fault_itself_and_another_is_asked() {
    let upstream = Upstream::start();
    let moved = Fault::Body(307, "text/html".to_owned(), "<html>moved</html>".to_owned());
    let there = "https://login.example/v1/chat/completions?token=hunter2";
    upstream.model("gpt-4.1-mini", move |_| Answer::text("x").fault(moved.clone()).header("location", there));
    upstream.model("claude-haiku-4-5", |_| Answer::text("Here."));
    let sandbox = connected(&upstream);
    let both = "openai/gpt-4.1-mini,anthropic/claude-haiku-4-5";
    let done = sandbox.monster(&["ask", "why?", "--model", both]).done();
    assert_eq!(done.ok().stdout, "Here.\n", "{}", done.stderr);
    let told = "answered 307: it sends on to login.example: is the base URL right?";
    assert!(done.stderr.contains(told) && !done.stderr.contains("hunter2"), "{}", done.stderr);
    assert_eq!(upstream.calls().len(), 2, "it is not asked twice");
}

#[test]
fn a_cut_in_the_middle_is_told_in_every_dialect() {
    for (_, model, dialect) in DIALECTS {
        let upstream = Upstream::start();
        upstream.next(Answer::text("One two three four five six.").fault(Fault::Drop(2)));
        let sandbox = connected(&upstream);
        let done = sandbox.monster(&["ask", "why?", "--model", model]).done();
        assert_eq!(done.exits(5).stdout.trim_end(), "One two", "{dialect}: what came is kept");
        assert!(done.stderr.contains("in the middle of its answer"), "{dialect}: {}", done.stderr);
        assert_eq!(upstream.calls().len(), 1, "{dialect}: and not asked again");
    }
}

#[test]
fn the_output_limit_is_told_in_every_dialect() {
    for (_, model, dialect) in DIALECTS {
        let upstream = Upstream::start();
        upstream.next(Answer::text("One two").cut());
        let sandbox = connected(&upstream);
        let done = sandbox.monster(&["ask", "why?", "--model", model]).done();
        assert!(done.exits(7).stderr.contains("cut off"), "{dialect}: {}", done.stderr);
    }
}

#[test]
fn history_shows_who_failed_and_who_took_over() {
    let upstream = Upstream::start();
    upstream.model("gpt-4.1-mini", |_| Answer::status(503, "overloaded", "Overloaded."));
    upstream.model("claude-haiku-4-5", |_| Answer::text("Here."));
    let sandbox = connected(&upstream);
    sandbox.monster(&["ask", "why?", "--model", "openai/gpt-4.1-mini,anthropic/claude-haiku-4-5"]).done().ok();
    let history = sandbox.monster(&["history", "--json"]).done().ok().json();
    let attempts = &history["requests"][0]["attempts"];
    assert_eq!(attempts[0]["upstream"], "openai");
    assert_eq!(attempts[0]["status"], 503);
    assert_eq!(attempts[1]["upstream"], "anthropic");
    assert_eq!(attempts[1]["dialect"], "anthropic-messages");
    assert!(attempts[1]["failure"].is_null(), "{history:#}");
    insta::assert_snapshot!("history_after_failover", sandbox.monster(&["history"]).done().ok().all());
}

#[test]
fn ctrl_c_while_a_limit_is_waited_out_ends_at_once() {
    let upstream = Upstream::start();
    upstream.next(Answer::rate_limited(30));
    let sandbox = connected(&upstream);
    let running = sandbox.monster(&["ask", "why?", "--model", "openai/gpt-4.1-mini"]).start();
    upstream.wait_for_calls(1, Duration::from_secs(60));
    // The refusal has been sent; what follows is the wait.
    std::thread::sleep(Duration::from_millis(500));
    running.signal("INT");
    running.done(&sandbox).exits(130);
    assert_eq!(upstream.calls().len(), 1);
}

#[test]
fn a_limit_on_cost_holds_for_every_route_and_where_no_price_is_known() {
    let upstream = Upstream::start();
    upstream.model("gpt-4.1-mini", |_| Answer::status(500, "server_error", "Broken."));
    upstream.model("house-1", |_| Answer::text("Dear."));
    let mut sandbox = connected(&upstream);
    sandbox.set("HOUSE_KEY", &sandbox.key("openai"));
    let house = |price: &str| {
        format!(
            "[upstreams.house]\nbase_url = \"{}\"\nkey_env = \"HOUSE_KEY\"\nmodels = [{{ id = \"house-1\"{price} }}]\n",
            upstream.base("openai")
        )
    };
    sandbox.config(&house(", input = 5000, output = 5000"));
    let ask = |limit: &str, model: &str| {
        sandbox.monster(&["ask", "why?", "--no-wait", "--max-cost", limit, "--model", model]).done()
    };
    ask("0.05", "openai/gpt-4.1-mini,house/house-1").exits(5);
    assert!(
        upstream.calls().iter().all(|c| c.model != "house-1"),
        "the dear one is not asked when the cheap one fails"
    );
    sandbox.config(&house(""));
    let unknown = ask("0.05", "house/house-1");
    assert!(unknown.exits(6).stderr.contains("price of house/house-1 is not known"), "{}", unknown.stderr);
    assert!(upstream.calls().iter().all(|c| c.model != "house-1"));
}

#[test]
fn what_takes_no_key_is_free_only_where_it_runs_on_this_machine() {
    let upstream = Upstream::start();
    upstream.lists(&["house-1"]).always(|_| Answer::text("Here."));
    let sandbox = connected(&upstream);
    let house = |local: &str| {
        format!("[upstreams.house]\nbase_url = \"{}\"\nauth = \"none\"\n{local}", upstream.base("lmstudio"))
    };
    // By its name alone it is found in what the server lists.
    let ask = || sandbox.monster(&["ask", "why?", "--no-wait", "--max-cost", "0.05", "--model", "house-1"]).done();
    sandbox.config(&house(""));
    ask().ok();
    sandbox.config(&house("local = false\n"));
    let done = ask();
    assert!(done.exits(6).stderr.contains("price of house/house-1 is not known"), "{}", done.stderr);
    assert_eq!(upstream.calls().len(), 1);
}

#[test]
fn a_key_that_an_upstream_repeats_is_shown_and_kept_nowhere() {
    let upstream = Upstream::start();
    upstream
        .always(|call| Answer::status(401, "invalid_api_key", &format!("Incorrect API key provided: {}.", call.key())));
    let sandbox = connected(&upstream);
    let key = sandbox.key("openai");
    let done = sandbox.monster(&["ask", "why?", "--model", "openai/gpt-4.1-mini"]).done();
    done.exits(5);
    assert!(!done.stderr.contains(&key), "{}", done.stderr);
    assert!(done.stderr.contains("MSEC_") || done.stderr.contains("[PLACEHOLDER]"), "{}", done.stderr);
    let doctor = sandbox.monster(&["doctor", "--json"]).done();
    assert!(!doctor.stdout.contains(&key) && !doctor.stderr.contains(&key));
    let kept = std::fs::read(sandbox.state_dir().join("monster.db")).unwrap();
    let wal = std::fs::read(sandbox.state_dir().join("monster.db-wal")).unwrap_or_default();
    for bytes in [kept, wal] {
        assert!(!bytes.windows(key.len()).any(|w| w == key.as_bytes()), "the ledger holds the key");
    }
}

#[test]
fn an_answer_that_breaks_off_is_counted_by_its_words() {
    let upstream = Upstream::start();
    let long = "word ".repeat(400);
    upstream.model("claude-haiku-4-5", move |_| Answer::text(long.clone()).fault(Fault::Drop(300)));
    let sandbox = connected(&upstream);
    sandbox.monster(&["ask", "why?", "--model", "anthropic/claude-haiku-4-5"]).done().exits(5);
    let history = sandbox.monster(&["history", "--json"]).done().ok().json();
    let usage = &history["requests"][0]["attempts"][0]["usage"];
    assert_eq!(usage["source"], "estimated", "{history:#}");
    assert!(usage["output"].as_u64().unwrap() > 50, "{usage:#}");
}

#[test]
fn without_patience_the_failure_itself_is_told() {
    let upstream = Upstream::start();
    upstream.always(|_| Answer::status(500, "server_error", "The server had an error."));
    let sandbox = connected(&upstream);
    let done = sandbox.monster(&["ask", "why?", "--no-wait", "--model", "openai/gpt-4.1-mini"]).done();
    assert!(done.exits(5).stderr.contains("The server had an error."), "{}", done.stderr);
    assert_eq!(upstream.calls().len(), 3, "a breath between two tries needs no patience");
}

#[test]
fn only_this_account_means_no_door_without_a_key_either() {
    let upstream = Upstream::start();
    upstream.model("gpt-4.1-mini", |_| Answer::status(401, "invalid_api_key", "Incorrect API key provided."));
    upstream.model("free-1", |_| Answer::text("Free."));
    let sandbox = connected(&upstream);
    sandbox.config(&format!(
        "[upstreams.open]\nbase_url = \"{}\"\nauth = \"none\"\nmodels = [\"free-1\"]\n",
        upstream.base("openai")
    ));
    let done =
        sandbox.monster(&["ask", "why?", "--account", "env", "--model", "openai/gpt-4.1-mini,open/free-1"]).done();
    done.exits(5);
    assert!(upstream.calls().iter().all(|c| c.model != "free-1"));
}

#[test]
fn half_way_through_a_long_cool_down_one_request_tries_and_everybody_is_awake_again() {
    let upstream = Upstream::start();
    upstream.next(Answer::rate_limited(900)).always(|_| Answer::text("Here."));
    let mut sandbox = connected(&upstream);
    let ask = ["ask", "why?", "--model", "openai/gpt-4.1-mini", "--no-wait"];
    sandbox.monster(&ask).done().exits(5);
    sandbox.set("MONSTER_NOW", "2026-11-24T10:36:00Z");
    let asleep = sandbox.monster(&ask).done();
    assert!(asleep.exits(5).stderr.contains("the first wakes in"), "{}", asleep.stderr);
    assert_eq!(upstream.calls().len(), 1, "nobody asked before half its time was over");
    sandbox.set("MONSTER_NOW", "2026-11-24T10:38:30Z");
    assert_eq!(sandbox.monster(&ask).done().ok().stdout, "Here.\n");
    // What came through has ended it for everybody, long before the server's own word.
    sandbox.set("MONSTER_NOW", "2026-11-24T10:38:31Z");
    assert_eq!(sandbox.monster(&ask).done().ok().stdout, "Here.\n");
    assert_eq!(upstream.calls().len(), 3);
}

#[test]
fn a_try_that_fails_leaves_the_others_waiting() {
    let upstream = Upstream::start();
    upstream.next(Answer::rate_limited(900)).next(Answer::rate_limited(600)).always(|_| Answer::text("Here."));
    let mut sandbox = connected(&upstream);
    let ask = ["ask", "why?", "--model", "openai/gpt-4.1-mini", "--no-wait"];
    sandbox.monster(&ask).done().exits(5);
    sandbox.set("MONSTER_NOW", "2026-11-24T10:38:30Z");
    sandbox.monster(&ask).done().exits(5);
    sandbox.monster(&ask).done().exits(5);
    assert_eq!(upstream.calls().len(), 2, "the one try was had");
}
