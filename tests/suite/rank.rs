//! `monster accounts priority|weight|use|wake`: which of several accounts is asked.

use crate::account::with_passphrase;
use crate::sandbox::Sandbox;
use crate::upstream::{Answer, Upstream};

/// Two accounts at one upstream.
fn two(upstream: &Upstream) -> Sandbox {
    upstream.always(|_| Answer::text("Yes."));
    let sandbox = with_passphrase(upstream);
    for name in ["work", "home"] {
        sandbox
            .monster(&["login", "openai", "--stdin", "--no-check", "--store", "plaintext", "--name", name])
            .stdin(sandbox.key("openai"))
            .done()
            .ok();
    }
    sandbox
}

/// The account that serves the next question.
fn served(sandbox: &Sandbox) -> String {
    sandbox.monster(&["ask", "why?", "--model", "openai/gpt-4.1-mini", "--no-wait"]).done().ok();
    let list = sandbox.monster(&["history", "list", "--json"]).done().ok().json();
    list["requests"][0]["served_by"]["account"].as_str().unwrap().to_owned()
}

#[test]
fn the_first_stored_is_asked_until_somebody_says_otherwise() {
    let upstream = Upstream::start();
    let sandbox = two(&upstream);
    let say = |args: &[&str]| sandbox.monster(args).done().ok().all();
    assert_eq!(served(&sandbox), "work");
    insta::assert_snapshot!("priority", say(&["accounts", "priority", "home", "5"]));
    assert_eq!(served(&sandbox), "home");
    insta::assert_snapshot!("use", say(&["accounts", "use", "work", "--for", "2h"]));
    assert_eq!(served(&sandbox), "work", "a pin goes before priority");
    insta::assert_snapshot!("ranked", say(&["accounts"]));
    insta::assert_snapshot!("use_off", say(&["accounts", "use", "work", "--off"]));
    assert_eq!(served(&sandbox), "home");
    say(&["accounts", "priority", "home", "-1"]);
    assert_eq!(served(&sandbox), "work");
}

#[test]
fn a_pin_ends_when_its_time_is_over() {
    let upstream = Upstream::start();
    let mut sandbox = two(&upstream);
    sandbox.monster(&["accounts", "use", "home", "--for", "30m"]).done().ok();
    assert_eq!(served(&sandbox), "home");
    sandbox.set("MONSTER_NOW", "2026-11-24T11:00:01Z");
    assert_eq!(served(&sandbox), "work");
}

#[test]
fn an_account_with_a_share_is_asked_before_one_without() {
    let upstream = Upstream::start();
    let sandbox = two(&upstream);
    insta::assert_snapshot!("weight", sandbox.monster(&["accounts", "weight", "home", "3"]).done().ok().all());
    assert_eq!(served(&sandbox), "home");
    sandbox.monster(&["accounts", "weight", "home", "0"]).done().ok();
    assert_eq!(served(&sandbox), "work");
}

#[test]
fn a_cool_down_is_shown_and_ended_by_waking() {
    let upstream = Upstream::start();
    let sandbox = two(&upstream);
    upstream.next(Answer::rate_limited(900));
    assert_eq!(served(&sandbox), "home", "the other one takes over");
    assert_eq!(served(&sandbox), "home", "and every process knows it");
    let list = sandbox.monster(&["accounts"]).done();
    // How long exactly is drawn anew each time.
    assert!(list.ok().stdout.contains("ready, gpt-4.1-mini cools 1"), "{}", list.stdout);
    let wake = sandbox.monster(&["accounts", "wake", "work"]).done();
    insta::assert_snapshot!("wake", wake.ok().all());
    assert_eq!(served(&sandbox), "work");
    insta::assert_snapshot!("wake_nothing", sandbox.monster(&["accounts", "wake"]).done().ok().all());
}

#[test]
fn a_key_of_the_environment_is_woken_too_and_an_ended_cool_down_is_forgotten() {
    let upstream = Upstream::start();
    upstream.always(|_| Answer::text("Yes."));
    let mut sandbox = crate::commit::connected(&upstream);
    let ask = ["ask", "why?", "--model", "openai/gpt-4.1-mini", "--no-wait", "--no-fallback"];
    let cool = |sandbox: &Sandbox| {
        upstream.next(Answer::rate_limited(900));
        sandbox.monster(&ask).done().exits(5);
    };
    let wake = |sandbox: &Sandbox, name: &str| sandbox.monster(&["accounts", "wake", name]).done().ok().stdout.clone();
    cool(&sandbox);
    assert_eq!(wake(&sandbox, "anthropic/env"), "nothing was cooling down\n");
    assert_eq!(wake(&sandbox, "openai/env"), "1 cool-down ended\n");
    sandbox.monster(&ask).done().ok();
    cool(&sandbox);
    sandbox.set("MONSTER_NOW", "2026-11-24T11:00:00Z");
    assert_eq!(wake(&sandbox, "env"), "nothing was cooling down any more; what had ended is forgotten\n");
    assert_eq!(wake(&sandbox, "env"), "nothing was cooling down\n");
}

#[test]
fn a_key_of_the_environment_is_pinned_and_drained_and_says_why_it_keeps_nothing_else() {
    let upstream = Upstream::start();
    upstream.always(|_| Answer::text("Yes."));
    let sandbox = crate::commit::connected(&upstream);
    let say = |args: &[&str]| sandbox.monster(args).done().ok().stdout.clone();
    let refused = |code: i32, args: &[&str]| sandbox.monster(args).done().exits(code).stderr.clone();
    assert_eq!(say(&["accounts", "use", "openai/env"]), "env is tried first at openai\n");
    assert_eq!(say(&["accounts", "use", "openai/env", "--off"]), "env is tried in its turn again\n");
    let several = refused(2, &["accounts", "use", "env"]);
    assert!(several.contains("several accounts are called \"env\"") && several.contains("openai/env"), "{several}");
    say(&["accounts", "disable", "openai/env", "--drain"]);
    let drained = sandbox.monster(&["ask", "why?", "--model", "openai/gpt-4.1-mini"]).done();
    assert!(drained.exits(5).stderr.contains("drained"), "{}", drained.stderr);
    assert_eq!(say(&["accounts", "enable", "openai/env"]), "openai/env is used again\n");
    sandbox.monster(&["ask", "why?", "--model", "openai/gpt-4.1-mini"]).done().ok();
    for args in [&["priority", "openai/env", "5"][..], &["weight", "openai/env", "2"], &["disable", "openai/env"]] {
        let said = refused(1, &[&["accounts"], args].concat());
        assert!(said.contains("is the key in OPENAI_API_KEY: it is not stored"), "{said}");
        assert!(said.contains("monster login openai --name NAME") && said.contains("unset OPENAI_API_KEY"), "{said}");
    }
    let unknown = refused(1, &["ask", "why?", "--account", "nobody"]);
    assert!(unknown.contains("there are: env (anthropic, deepseek, gemini, openai, openrouter, xai)"), "{unknown}");
}

#[test]
fn what_cannot_be_meant_is_refused_with_a_way_on() {
    let upstream = Upstream::start();
    let sandbox = two(&upstream);
    let refused = |code: i32, args: &[&str]| sandbox.monster(args).done().exits(code).all();
    let all = [
        refused(1, &["accounts", "priority", "nobody", "5"]),
        refused(2, &["accounts", "priority", "work", "high"]),
        refused(2, &["accounts", "weight", "work", "-1"]),
        refused(1, &["accounts", "use", "nobody"]),
        refused(2, &["accounts", "use", "work", "--for", "soon"]),
        refused(1, &["accounts", "use", "work", "--off"]),
        refused(1, &["accounts", "wake", "nobody"]),
    ];
    insta::assert_snapshot!("refused", all.join("\n"));
}
