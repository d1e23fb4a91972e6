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
