//! How hard models think: what each command wishes by itself, what people say, and what becomes of it.

use serde_json::{Value, json};

use crate::caller::House;
use crate::commit::{connected, pager};
use crate::sandbox::Sandbox;
use crate::serve::{asked, world};
use crate::upstream::{Answer, Call, Upstream};

const THINKER: &str = "openai/gpt-5.4";

fn effort(call: &Call) -> &Value {
    call.body.get("reasoning_effort").unwrap_or(&call.body["reasoning"]["effort"])
}

fn drafted() -> Answer {
    Answer::json(&json!({ "type": "fix", "scope": "pager", "subject": "count the last page", "body": "" }))
}

fn ask(sandbox: &Sandbox, more: &[&str]) -> String {
    let args = [&["ask", "why?"], more].concat();
    sandbox.monster(&args).done().ok().all()
}

#[test]
fn a_commit_asks_for_the_least_and_a_review_for_much() {
    let upstream = Upstream::start();
    upstream.always(|call| {
        if call.schema().is_some_and(|s| s.to_string().contains("subject")) {
            drafted()
        } else {
            Answer::json(&json!({ "findings": [] }))
        }
    });
    let sandbox = connected(&upstream);
    let repo = pager(&sandbox);
    repo.monster(&["commit", "--dry-run", "--model", THINKER]).done().ok();
    let said = repo.monster(&["review", "--model", THINKER]).done().ok().all();
    repo.monster(&["ask", "why?", "--model", THINKER]).done().ok();
    let sent: Vec<Value> = upstream.calls().iter().map(|call| effort(call).clone()).collect();
    assert_eq!(sent, [json!("none"), json!("high"), Value::Null], "{said}");
    // A model that cannot be kept from thinking is asked for the least, and as nobody asked, nothing is said of it.
    let said = repo.monster(&["commit", "--dry-run", "--model", "openai/gpt-5.4-pro"]).done().ok().all();
    assert_eq!(effort(upstream.calls().last().unwrap()), "medium");
    assert!(!said.contains("effort"), "{said}");
}

#[test]
fn the_flag_goes_before_the_commands_setting_and_that_before_the_common_one() {
    let upstream = Upstream::start();
    upstream.always(|_| Answer::text("Because."));
    let sandbox = connected(&upstream);
    let set = |name: &str, value: &str| drop(sandbox.monster(&["config", "set", name, value]).done().ok().all());
    let asked = |more: &[&str]| {
        ask(&sandbox, &[&["--model", THINKER], more].concat());
        effort(upstream.calls().last().unwrap()).clone()
    };
    set("effort", "low");
    assert_eq!(asked(&[]), "low");
    set("ask.effort", "medium");
    assert_eq!(asked(&[]), "medium");
    assert_eq!(asked(&["--effort", "high"]), "high");
    set("ask.effort", "..medium");
    assert_eq!(asked(&[]), "low");
    assert_eq!(asked(&["--effort", "high"]), "medium", "a ceiling holds for flags");
    set("efforts", "openai/*=..none");
    assert_eq!(asked(&["--effort", "high"]), "none", "and that of a model too");
    let said = ask(&sandbox, &["--model", THINKER, "--effort", "high"]);
    assert!(said.contains("effort high was asked for, and none is allowed"), "{said}");
}

#[test]
fn tokens_go_to_models_that_take_a_number() {
    let upstream = Upstream::start();
    upstream.always(|_| Answer::text("Because."));
    let sandbox = connected(&upstream);
    ask(&sandbox, &["--model", "anthropic/claude-haiku-4-5", "--effort", "3000"]);
    ask(&sandbox, &["--model", "anthropic/claude-haiku-4-5(5000)"]);
    let shown = sandbox.monster(&["history", "show", "last"]).done().ok().stdout.clone();
    assert!(shown.contains("asked 5000, sent 5000"), "{shown}");
    ask(&sandbox, &["--model", THINKER, "--effort", "3000"]);
    let calls = upstream.calls();
    assert_eq!(calls[0].body["thinking"]["budget_tokens"], 3_000);
    assert!(calls[0].body["max_tokens"].as_u64().unwrap() > 3_000, "there is room for the answer");
    assert_eq!(calls[1].body["thinking"]["budget_tokens"], 5_000);
    assert_eq!(effort(&calls[2]), "low", "others get the level nearest to it");
}

#[test]
fn a_model_without_a_control_is_asked_in_words_and_its_thoughts_are_no_part_of_the_answer() {
    let upstream = Upstream::start();
    upstream.always(|_| Answer::text("<think>\nLinks stay on one device.\n</think>\n\nBecause."));
    let sandbox = connected(&upstream);
    let done = sandbox.monster(&["ask", "why?", "--model", "openai/gpt-4.1-mini", "--effort", "high"]).done();
    assert_eq!(done.ok().stdout, "Because.\n");
    assert!(done.stderr.contains("it was asked in words to think first"), "{}", done.stderr);
    assert!(upstream.only().system().contains("think step by step"), "{}", upstream.only().system());
    let shown = sandbox.monster(&["history", "show", "last"]).done().ok().stdout.clone();
    assert!(shown.contains("asked high, asked for in words, obtained: the model reasoned"), "{shown}");
    // Whoever does not think is told so.
    upstream.always(|_| Answer::text("Because."));
    let done = sandbox.monster(&["ask", "why?", "--model", "openai/gpt-4.1-mini", "--effort", "high", "--json"]).done();
    let effort = &done.ok().json()["effort"];
    assert_eq!(*effort, json!({ "asked": "high", "sent": "words", "confirmed": false }));
}

#[test]
fn strict_asks_nobody_who_cannot_be_held_to_it() {
    let upstream = Upstream::start();
    upstream.always(|_| Answer::text("Because."));
    let sandbox = connected(&upstream);
    let strict = |model: &str, level: &str| {
        sandbox.monster(&["ask", "why?", "--model", model, "--effort", level, "--effort-strict"]).done()
    };
    let done = strict("openai/gpt-4.1-mini", "high");
    done.exits(5);
    assert!(upstream.calls().is_empty(), "nothing was sent");
    insta::assert_snapshot!(done.all());
    strict(&format!("openai/gpt-4.1-mini,{THINKER}"), "high").ok();
    assert_eq!(upstream.only().model, "gpt-5.4", "the next that can is asked");
    strict(THINKER, "max").exits(5);
    strict(THINKER, "low..high").ok();
    let shown =
        sandbox.monster(&["route", "explain", "openai/gpt-4.1-mini", "--effort", "high", "--effort-strict"]).done();
    assert!(shown.all().contains("skipped: not as demanded"), "{}", shown.all());
}

#[test]
fn thoughts_that_an_open_model_prints_do_not_get_into_a_message() {
    let upstream = Upstream::start();
    let draft = r#"<think>The last page was lost.</think>{"type":"fix","scope":"pager","subject":"count the last page","body":""}"#;
    upstream.always(move |_| Answer::text(draft));
    let sandbox = connected(&upstream);
    let repo = pager(&sandbox);
    let done = repo.monster(&["commit", "--dry-run", "--model", "deepseek/deepseek-v4-flash"]).done();
    assert!(done.ok().stdout.starts_with("fix(pager): count the last page"), "{}", done.all());
    assert!(!done.stdout.contains("think"), "{}", done.stdout);
}

#[test]
fn what_is_no_effort_is_refused_with_what_is_one() {
    let sandbox = Sandbox::new();
    insta::assert_snapshot!(sandbox.monster(&["ask", "why?", "--effort", "huge"]).done().exits(2).all());
    insta::assert_snapshot!(sandbox.monster(&["config", "set", "efforts", "openai/*=huge"]).done().exits(2).all());
}

#[test]
fn a_router_that_finds_nobody_for_every_parameter_is_asked_once_more_and_may_drop_some() {
    let upstream = Upstream::start();
    upstream.always(|call| {
        if call.body["provider"]["require_parameters"] == true {
            let none = "No endpoints found that can handle the requested parameters.";
            return Answer::status(404, "not_found", none);
        }
        if call.model == "openai/gpt-4o" && call.body.get("reasoning").is_none() {
            return Answer::status(400, "invalid_request", "the wish was not passed on");
        }
        Answer::json(&json!({ "findings": [] }))
    });
    let sandbox = connected(&upstream);
    let model = ["--model", "openrouter/openai/gpt-4o", "--no-wait"];
    // Nobody knows whether it thinks: it is asked to, and nothing is required.
    ask(&sandbox, &[&model[..], &["--effort", "high"]].concat());
    assert_eq!(upstream.calls().len(), 1);
    // A review wants its answer in a form, which is required first.
    let repo = pager(&sandbox);
    let said = repo.monster(&[&["review"], &model[..]].concat()).done().ok().all();
    let calls = upstream.calls();
    let [_, first, second] = &calls[..] else { panic!("{} calls\n{said}", calls.len()) };
    assert_eq!(first.body["provider"]["require_parameters"], true);
    assert!(second.body.get("response_format").is_none(), "it would be dropped in silence");
    assert!(second.body["messages"].to_string().contains("JSON Schema"), "{}", second.body["messages"]);
    assert!(said.contains("asking again without it"), "{said}");
}

#[test]
fn callers_of_serve_are_held_to_the_bounds_of_the_settings_and_get_their_level_where_they_name_none() {
    let (upstream, sandbox) = world();
    upstream.always(|_| Answer::text("so"));
    let sent = |settings: &str, model: &str, wish: Option<&str>| {
        sandbox.config(settings);
        let house = House::open(&sandbox, &["--no-auth"]);
        let (path, body) = asked("chat", model, false);
        let mut body: Value = serde_json::from_str(&body).unwrap();
        body["max_completion_tokens"] = json!(77);
        wish.into_iter().for_each(|wish| body["reasoning_effort"] = json!(wish));
        let note =
            house.post(&path, &[], &body.to_string()).ok().header("x-monster-note").unwrap_or_default().to_owned();
        house.close(&sandbox).ok();
        let call = upstream.calls().pop().unwrap();
        let most = call.body.get("max_completion_tokens").unwrap_or(&call.body["max_output_tokens"]).clone();
        (effort(&call).as_str().unwrap_or_default().to_owned(), most, note)
    };
    let model = "openai/gpt-5.4";
    assert_eq!(sent("", model, Some("high")).0, "high");
    let (level, _, note) = sent("effort = \"..low\"\n", model, Some("high"));
    assert_eq!(level, "low");
    assert!(note.contains("low"), "{note}");
    assert_eq!(sent("efforts = [\"openai/*=medium\"]\n", model, None).0, "medium");
    assert_eq!(sent("efforts = [\"openai/*=medium\"]\n", model, Some("high")).0, "high");
    // A limit is the caller's whole limit, whatever the model thinks by itself.
    assert_eq!(sent("", model, None).1, json!(77));
}

#[test]
fn what_a_caller_allows_is_not_raised_on_the_way_to_another_dialect() {
    let (upstream, sandbox) = world();
    upstream.always(|_| Answer::text("so"));
    let house = House::open(&sandbox, &["--no-auth"]);
    for (dialect, model) in [
        ("anthropic", "openai/gpt-5.4"),
        ("chat", "anthropic/claude-haiku-4-5"),
        ("responses", "gemini/gemini-2.5-flash"),
    ] {
        let (path, body) = asked(dialect, model, false);
        let mut body: Value = serde_json::from_str(&body).unwrap();
        body[if dialect == "responses" { "max_output_tokens" } else { "max_tokens" }] = json!(99);
        house.post(&path, &[], &body.to_string()).ok();
        let sent = upstream.calls().pop().unwrap().body.to_string();
        assert!(sent.contains(":99"), "{model}: {sent}");
    }
    house.close(&sandbox).ok();
}
