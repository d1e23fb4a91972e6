//! `monster ask`, plain and dialectic.

use serde_json::{Value, json};

use crate::commit::{DIALECTS, connected, pager};
use crate::sandbox::Sandbox;
use crate::upstream::{Answer, Call, Fault, Upstream};

#[test]
fn every_hosted_dialect_answers_and_streams() {
    for (_, model, dialect) in DIALECTS {
        let upstream = Upstream::start();
        upstream.next(Answer::text("EXDEV means that a link would cross devices.").thinking("Let me see.", 7));
        let sandbox = connected(&upstream);
        let done = sandbox.monster(&["ask", "what does EXDEV mean?", "--model", model]).done();
        assert_eq!(done.ok().stdout, "EXDEV means that a link would cross devices.\n", "{model}");
        assert_eq!((upstream.only().dialect, upstream.only().stream), (dialect, true), "{model}");
    }
}

#[test]
fn the_answer_stands_alone_on_stdout_and_the_cost_on_stderr() {
    let upstream = Upstream::start();
    upstream.next(Answer::text("Because.\u{1b}[31m"));
    let sandbox = connected(&upstream);
    insta::assert_snapshot!(sandbox.monster(&["ask", "why?", "--model", "openai/gpt-4.1-mini"]).done().ok().all());
}

#[test]
fn without_a_model_ask_says_how_to_connect_one() {
    let sandbox = Sandbox::new();
    insta::assert_snapshot!(sandbox.monster(&["ask", "why?"]).done().exits(5).all());
}

#[test]
fn material_comes_from_a_file_a_revision_or_standard_input() {
    let upstream = Upstream::start();
    upstream.always(|_| Answer::text("Yes."));
    let sandbox = connected(&upstream);
    let repo = pager(&sandbox);
    let model = ["--model", "openai/gpt-4.1-mini"];
    repo.monster(&["ask", "is it right?", "--with", "README.md", model[0], model[1]]).done().ok();
    repo.monster(&["ask", "is it right?", "--with", "HEAD~1", model[0], model[1]]).done().ok();
    repo.monster(&["ask", "is it right?", "--with", "-", model[0], model[1]]).stdin("from a pipe").done().ok();
    let prompts: Vec<String> = upstream.calls().iter().map(Call::user).collect();
    assert!(prompts[0].contains("Counts pages."), "{}", prompts[0]);
    assert!(prompts[1].contains("+    assert!(size > 0);"), "{}", prompts[1]);
    assert!(prompts[2].contains("from a pipe"), "{}", prompts[2]);
}

#[test]
fn an_unknown_model_names_its_neighbours() {
    let upstream = Upstream::start();
    let sandbox = connected(&upstream);
    insta::assert_snapshot!(sandbox.monster(&["ask", "why?", "--model", "gpt-4.1-mni"]).done().exits(5).all());
}

#[test]
fn a_provider_that_dies_before_the_first_word_is_replaced_visibly() {
    let upstream = Upstream::start();
    upstream
        .model("gpt-4.1-mini", |_| Answer::status(503, "overloaded", "Overloaded."))
        .model("claude-haiku-4-5", |_| Answer::text("Here."));
    let sandbox = connected(&upstream);
    let done = sandbox.monster(&["ask", "why?", "--model", "openai/gpt-4.1-mini,anthropic/claude-haiku-4-5"]).done();
    insta::assert_snapshot!(done.ok().all());
    let history = sandbox.monster(&["history", "--json"]).done().ok().json();
    let attempts = history["requests"][0]["attempts"].as_array().unwrap();
    assert_eq!(attempts.len(), 2, "{history:#}");
    assert_eq!(attempts[0]["failure"]["kind"], "overloaded");
    assert_eq!(history["requests"][0]["served_by"]["model"], "claude-haiku-4-5");
}

#[test]
fn a_provider_that_dies_in_the_middle_is_not_replaced_in_silence() {
    let upstream = Upstream::start();
    upstream
        .model("gpt-4.1-mini", |_| Answer::text("One two three four five six seven eight nine.").fault(Fault::Drop(4)));
    upstream.model("claude-haiku-4-5", |_| Answer::text("Other."));
    let sandbox = connected(&upstream);
    let done = sandbox.monster(&["ask", "why?", "--model", "openai/gpt-4.1-mini,anthropic/claude-haiku-4-5"]).done();
    done.exits(5);
    assert!(done.stdout.starts_with("One two"), "what came is kept: {}", done.stdout);
    assert!(!done.stdout.contains("Other."), "nothing is glued to it: {}", done.stdout);
    assert_eq!(upstream.calls().len(), 1);
}

#[test]
fn faults_of_every_kind_fail_over() {
    let faults: Vec<(&str, Answer)> = vec![
        ("refused", Answer::default().fault(Fault::Refuse)),
        ("empty", Answer::default().fault(Fault::Empty)),
        ("garbage", Answer::text("x").fault(Fault::Garbage(0))),
        ("error event", Answer::text("x").fault(Fault::ErrorEvent(0))),
        ("no words", Answer::text("")),
        ("html", Answer::default().fault(Fault::Body(502, "text/html".into(), "<html>Bad Gateway</html>".into()))),
        (
            "no credit",
            Answer::status(
                429,
                "insufficient_quota",
                "You exceeded your current quota, please check your plan and billing details.",
            ),
        ),
    ];
    for (what, fault) in faults {
        let upstream = Upstream::start();
        upstream.model("gpt-4.1-mini", move |_| fault.clone()).model("claude-haiku-4-5", |_| Answer::text("Here."));
        let sandbox = connected(&upstream);
        let done =
            sandbox.monster(&["ask", "why?", "--model", "openai/gpt-4.1-mini,anthropic/claude-haiku-4-5"]).done();
        assert_eq!(done.ok().stdout, "Here.\n", "{what}: {}", done.stderr);
        assert!(done.stderr.contains("asking anthropic/claude-haiku-4-5 instead"), "{what}: {}", done.stderr);
    }
}

#[test]
fn a_rate_limit_is_waited_out_when_it_is_short_and_remembered() {
    let upstream = Upstream::start();
    upstream.next(Answer::rate_limited(1)).next(Answer::text("Now."));
    let sandbox = connected(&upstream);
    let done = sandbox.monster(&["ask", "why?", "--model", "openai/gpt-4.1-mini"]).done();
    assert_eq!(done.ok().stdout, "Now.\n");

    upstream.next(Answer::rate_limited(900));
    let done = sandbox.monster(&["ask", "why?", "--model", "openai/gpt-4.1-mini"]).done();
    assert!(done.exits(5).stderr.contains("cooling down"), "{}", done.stderr);
    let calls = upstream.calls().len();
    sandbox.monster(&["ask", "why?", "--no-wait", "--model", "openai/gpt-4.1-mini"]).done().exits(5);
    assert_eq!(upstream.calls().len(), calls, "another process knows of it and does not knock");
}

#[test]
fn a_budget_stops_before_anything_is_sent() {
    let upstream = Upstream::start();
    let sandbox = connected(&upstream);
    let done = sandbox.monster(&["ask", "why?", "--max-cost", "0.0000001", "--model", "openai/gpt-4.1-mini"]).done();
    insta::assert_snapshot!(done.exits(6).all());
    assert!(upstream.calls().is_empty());
}

#[test]
fn ctrl_c_hangs_up_and_leaves_a_finished_ledger() {
    let upstream = Upstream::start();
    upstream.next(Answer::text("One two three four five six.").fault(Fault::Stall(3)));
    let sandbox = connected(&upstream);
    let running = sandbox.monster(&["ask", "why?", "--model", "openai/gpt-4.1-mini"]).start();
    upstream.wait_for_stall(std::time::Duration::from_secs(60));
    running.signal("INT");
    running.done(&sandbox).exits(130);
    upstream.wait_for_hang_up(std::time::Duration::from_secs(60));
    let history = sandbox.monster(&["history", "--json"]).done().ok().json();
    assert_eq!(history["requests"][0]["outcome"], "cancelled", "{history:#}");
    assert_eq!(history["requests"][0]["attempts"][0]["failure"]["kind"], "cancelled", "{history:#}");
}

#[test]
fn every_call_is_in_history_and_cost() {
    let upstream = Upstream::start();
    upstream.always(|_| Answer::text("Yes."));
    let sandbox = connected(&upstream);
    sandbox.monster(&["ask", "why?", "--model", "openai/gpt-4.1-mini"]).done().ok();
    sandbox.monster(&["ask", "why?", "--model", "anthropic/claude-haiku-4-5"]).done().ok();
    let cost = sandbox.monster(&["cost", "--json"]).done().ok().json();
    // 100 in, 20 out: gpt-4.1-mini at $0.40 and $1.60, claude-haiku-4-5 at $1 and $5 a million.
    assert_eq!(cost["total"]["nano_usd"], 72_000 + 200_000, "{cost:#}");
    insta::assert_snapshot!("cost", sandbox.monster(&["cost"]).done().ok().all());
}

// --- dialectic

const A: &str = "Rust has no garbage collector. It frees memory when the owner goes out of scope.";
const B: &str = "There is no garbage collector in Rust. Rc cycles leak memory.";

/// Quotes from whichever of X and Y holds the words.
fn synthesis(call: &Call, single: &str) -> Value {
    let (x, y) = call.user().split_once("Answer Y").map(|(x, y)| (x.to_owned(), y.to_owned())).unwrap();
    let a_is_x = x.contains(A);
    let pick = |a: &str, b: &str| if a_is_x { (a.to_owned(), b.to_owned()) } else { (b.to_owned(), a.to_owned()) };
    let (qx, qy) = pick("no garbage collector", "no garbage collector in Rust");
    let (dx, dy) = pick("It frees memory when the owner goes out of scope.", "Rc cycles leak memory.");
    assert!(x.contains(A) || y.contains(A), "both answers are there");
    json!({
        "agreed": [{ "claim": "Rust has no collector", "x": qx, "y": qy }],
        "disagreed": [{ "claim": "whether memory is always freed", "x": dx, "y": dy, "settle": "Both hold: cycles are the exception." }],
        "single": [{ "who": if a_is_x { "Y" } else { "X" }, "claim": "cycles leak", "quote": single }],
        "answer": "Rust has no garbage collector; owners free memory, Rc cycles leak.",
        "confidence": "high", "reason": "both answers are consistent",
    })
}

fn dialectic(upstream: &Upstream) -> Sandbox {
    upstream.model("gpt-4.1-mini", |_| Answer::text(A)).model("claude-haiku-4-5", |_| Answer::text(B));
    connected(upstream)
}

const CAST: [&str; 7] = [
    "ask",
    "--dialectic",
    "has Rust a GC?",
    "--models",
    "openai/gpt-4.1-mini,anthropic/claude-haiku-4-5",
    "--synth",
    "gemini/gemini-3.5-flash",
];

#[test]
fn two_answers_are_reconciled_and_the_sections_hold_exactly_what_was_said() {
    let upstream = Upstream::start();
    upstream.model("gemini-3.5-flash", |call| Answer::json(&synthesis(call, "Rc cycles leak memory.")));
    let sandbox = dialectic(&upstream);
    let mut args = CAST.to_vec();
    args.push("--json");
    let value = sandbox.monster(&args).done().ok().json();
    assert_eq!(value["state"], "reconciled");
    let made = &value["synthesis"];
    assert_eq!(
        made["agreed"],
        json!([{ "claim": "Rust has no collector", "a": "no garbage collector", "b": "no garbage collector in Rust" }])
    );
    assert_eq!(made["disagreed"][0]["a"], "It frees memory when the owner goes out of scope.");
    assert_eq!(made["disagreed"][0]["b"], "Rc cycles leak memory.");
    assert_eq!(made["single"], json!([{ "who": "B", "claim": "cycles leak", "quote": "Rc cycles leak memory." }]));

    let history = sandbox.monster(&["history", "--json"]).done().ok().json();
    let rows = history["requests"].as_array().unwrap();
    let parent = value["id"].as_str().unwrap();
    assert_eq!(rows.iter().filter(|r| r["parent"] == parent).count(), 3, "three calls under one: {history:#}");
    assert!(rows.iter().any(|r| r["id"] == parent && r["outcome"] == "done"));
}

#[test]
fn a_dialectic_for_people() {
    let upstream = Upstream::start();
    upstream.model("gemini-3.5-flash", |call| Answer::json(&synthesis(call, "Rc cycles leak memory.")));
    let sandbox = dialectic(&upstream);
    let done = sandbox.monster(&CAST).done();
    done.ok();
    assert!(
        done.stdout.contains(&format!("A│ {A}\n")) && done.stdout.contains(&format!("B│ {B}\n")),
        "{}",
        done.stdout
    );
    let made = done.stdout.split_once("\nA is ").unwrap().1;
    insta::assert_snapshot!(made);
}

#[test]
fn a_synthesiser_that_quotes_what_neither_said_is_rejected() {
    let upstream = Upstream::start();
    upstream.model("gemini-3.5-flash", |call| Answer::json(&synthesis(call, "Rust is garbage collected.")));
    let sandbox = dialectic(&upstream);
    let done = sandbox.monster(&CAST).done();
    done.exits(7);
    assert!(done.stdout.contains("NOT RECONCILED"), "{}", done.stdout);
    assert!(
        done.stdout.contains(A) && done.stdout.contains(B),
        "both answers are printed all the same: {}",
        done.stdout
    );
    assert_eq!(upstream.calls().len(), 4, "it had one more chance");
}

#[test]
fn one_dead_member_leaves_a_single_source_and_says_so() {
    let upstream = Upstream::start();
    let sandbox = dialectic(&upstream);
    upstream.model("claude-haiku-4-5", |_| Answer::status(401, "authentication_error", "invalid x-api-key"));
    let done = sandbox.monster(&CAST).done();
    assert!(done.ok().stdout.contains("SINGLE SOURCE"), "{}", done.stdout);
    let mut strict = CAST.to_vec();
    strict.push("--strict");
    sandbox.monster(&strict).done().exits(5);
}

#[test]
fn equal_answers_need_no_reconciliation() {
    let upstream = Upstream::start();
    let sandbox = dialectic(&upstream);
    upstream.model("claude-haiku-4-5", |_| Answer::text(format!("**{A}**")));
    let done = sandbox.monster(&CAST).done();
    assert!(done.ok().stdout.contains("nothing to reconcile"), "{}", done.stdout);
    assert_eq!(upstream.calls().len(), 2);
}

#[test]
fn two_models_of_one_maker_are_refused_unless_allowed() {
    let upstream = Upstream::start();
    let sandbox = dialectic(&upstream);
    upstream.model("gpt-4o-mini", |_| Answer::text(B));
    let args = [
        "ask",
        "--dialectic",
        "why?",
        "--models",
        "openai/gpt-4.1-mini,openai/gpt-4o-mini",
        "--synth",
        "gemini/gemini-3.5-flash",
    ];
    insta::assert_snapshot!(sandbox.monster(&args).done().exits(5).all());
    assert!(upstream.calls().is_empty());
}

#[test]
fn the_open_seats_go_to_different_makers() {
    let upstream = Upstream::start();
    upstream.always(|call| {
        if call.schema().is_some() { Answer::status(500, "x", "x") } else { Answer::text(call.model.clone()) }
    });
    let sandbox = connected(&upstream);
    let value = sandbox.monster(&["ask", "--dialectic", "why?", "--json", "--no-wait"]).done().json();
    let makers = [&value["a"]["maker"], &value["b"]["maker"]];
    assert_ne!(makers[0], makers[1], "{value:#}");
}

#[test]
fn answers_without_a_reconciliation_are_printed_even_when_only_the_end_was_asked_for() {
    let upstream = Upstream::start();
    let sandbox = dialectic(&upstream);
    upstream.model("claude-haiku-4-5", |_| Answer::status(401, "authentication_error", "invalid x-api-key"));
    let mut args = CAST.to_vec();
    args.extend(["--show", "final"]);
    let done = sandbox.monster(&args).done();
    assert!(done.ok().stdout.contains(A), "{}", done.stdout);
}

#[test]
fn a_dialectic_that_fails_wholly_is_one_json_value() {
    let upstream = Upstream::start();
    upstream.always(|_| Answer::status(401, "authentication_error", "invalid x-api-key"));
    let sandbox = connected(&upstream);
    let mut args = CAST.to_vec();
    args.push("--json");
    let value = sandbox.monster(&args).done().exits(5).json();
    assert_eq!(value["state"], "nothing");
}

#[test]
fn a_rejected_reconciliation_is_paid_for_and_counted() {
    let upstream = Upstream::start();
    upstream.model("gemini-3.5-flash", |call| Answer::json(&synthesis(call, "Rust is garbage collected.")));
    let sandbox = dialectic(&upstream);
    let done = sandbox.monster(&CAST).done();
    assert!(done.exits(7).stderr.contains("4 requests"), "{}", done.stderr);
}

#[test]
fn without_fallback_a_dialectic_still_finds_its_seats() {
    let upstream = Upstream::start();
    upstream.always(|call| {
        if call.schema().is_some() { Answer::status(500, "x", "x") } else { Answer::text(call.model.clone()) }
    });
    let sandbox = connected(&upstream);
    let value = sandbox.monster(&["ask", "--dialectic", "why?", "--json", "--no-wait", "--no-fallback"]).done().json();
    assert_ne!(value["a"]["maker"], value["b"]["maker"], "{value:#}");
}

#[test]
fn material_that_is_cut_is_told() {
    let upstream = Upstream::start();
    upstream.always(|_| Answer::text("Yes."));
    let sandbox = connected(&upstream);
    let repo = pager(&sandbox);
    repo.write("large.txt", &"a line of material\n".repeat(40_000));
    let done = repo.monster(&["ask", "is it right?", "--with", "large.txt", "--model", "openai/gpt-4.1-mini"]).done();
    assert!(done.ok().stderr.contains("material cut: "), "{}", done.stderr);
    let args = ["ask", "is it right?", "--with", "large.txt", "--json", "--model", "openai/gpt-4.1-mini"];
    let value = repo.monster(&args).done().ok().json();
    let material = &value["material"][0];
    assert_eq!((&material["name"], &material["of"]), (&json!("The file large.txt"), &json!(760_000)), "{value:#}");
    assert!(material["sent"].as_u64().unwrap() < 760_000, "{value:#}");
}

#[test]
fn several_materials_stand_each_under_its_own_label() {
    let upstream = Upstream::start();
    upstream.always(|_| Answer::text("Yes."));
    let sandbox = connected(&upstream);
    let repo = pager(&sandbox);
    let args = ["ask", "do they fit?", "--with", "README.md", "--with", "HEAD~1", "--with", "-"];
    repo.monster(&[&args[..], &["--model", "openai/gpt-4.1-mini"]].concat()).stdin("from a pipe").done().ok();
    let prompt = upstream.only().user();
    let places: Vec<usize> =
        ["The file README.md, between", "Counts pages.", "The change ", "Standard input, between", "from a pipe"]
            .iter()
            .map(|part| prompt.find(part).unwrap_or_else(|| panic!("{part} is missing: {prompt}")))
            .collect();
    assert!(places.is_sorted(), "in the order in which they were named: {places:?}");
    let twice = repo.monster(&["ask", "why?", "--with", "-", "--with", "-"]).stdin("x").done();
    assert!(twice.exits(2).stderr.contains("only once"), "{}", twice.stderr);
    assert!(
        repo.monster(&["ask", "why?", "--with", "nothing.txt"])
            .done()
            .exits(2)
            .stderr
            .contains("nothing.txt is no file here, and no rev")
    );
}

// --- answers in a form

const FORM: &str = r#"{ "type": "object", "additionalProperties": false, "required": ["ports"],
    "properties": { "ports": { "type": "array", "items": { "type": "integer", "maximum": 65535 }, "minItems": 1 } } }"#;

fn formed(sandbox: &Sandbox, schema: &str, more: &[&str]) -> crate::sandbox::Done {
    std::fs::write(sandbox.home().join("form.json"), schema).unwrap();
    let args = ["ask", "name ports", "--schema", "form.json", "--model", "openai/gpt-4.1-mini"];
    sandbox.monster(&[&args[..], more].concat()).done()
}

#[test]
fn an_answer_in_a_form_is_asked_for_natively_and_checked() {
    let upstream = Upstream::start();
    upstream.always(|_| Answer::text("{\"ports\":[22,80]}"));
    let sandbox = connected(&upstream);
    let done = formed(&sandbox, FORM, &[]);
    assert_eq!(serde_json::from_str::<Value>(&done.ok().stdout).unwrap(), json!({ "ports": [22, 80] }));
    let schema = upstream.only().schema().expect("the schema goes along");
    assert_eq!(schema["properties"]["ports"]["items"]["type"], "integer");
    let value = formed(&sandbox, FORM, &["--json"]).ok().json();
    assert_eq!((&value["valid"], &value["value"]["ports"]), (&json!(true), &json!([22, 80])));
    assert_eq!((&value["faults"], &value["rejected"], &value["exit"]), (&json!([]), &json!(null), &json!(0)));
}

#[test]
fn an_answer_that_breaks_the_form_hears_why_and_has_one_more_chance() {
    let upstream = Upstream::start();
    upstream.next(Answer::text("{\"ports\":[99999]}")).next(Answer::text("{\"ports\":[443]}"));
    let sandbox = connected(&upstream);
    let done = formed(&sandbox, FORM, &[]);
    insta::assert_snapshot!("schema_retried", done.ok().all());
    let calls = upstream.calls();
    assert_eq!(calls.len(), 2);
    assert!(calls[1].user().contains("/ports/0: 99999 is greater than the maximum of 65535"), "{}", calls[1].user());
}

#[test]
fn an_answer_that_never_keeps_to_the_form_is_given_out_as_it_is() {
    let upstream = Upstream::start();
    upstream.always(|_| Answer::text("I would name 22 and 80."));
    let sandbox = connected(&upstream);
    insta::assert_snapshot!("schema_broken", formed(&sandbox, FORM, &[]).exits(7).all());
    let value = formed(&sandbox, FORM, &["--json"]).exits(7).json();
    assert_eq!((&value["answer"], &value["valid"]), (&json!("I would name 22 and 80."), &json!(false)));
    assert_eq!((&value["value"], &value["exit"]), (&json!(null), &json!(7)));
    assert!(value["faults"].as_array().is_some_and(|faults| !faults.is_empty()), "{value:#}");
    assert_eq!(value["rejected"]["answer"], "I would name 22 and 80.");
    assert_eq!(upstream.calls().len(), 4);
}

#[test]
fn a_form_that_no_route_takes_is_asked_for_in_words() {
    let upstream = Upstream::start();
    upstream.always(|_| Answer::text("```json\n[22, 80]\n```"));
    let sandbox = connected(&upstream);
    let list = r#"{ "type": "array", "items": { "type": "integer" } }"#;
    let done = formed(&sandbox, list, &[]);
    assert_eq!(serde_json::from_str::<Value>(&done.ok().stdout).unwrap(), json!([22, 80]));
    let call = upstream.only();
    assert!(call.schema().is_none() && call.user().contains("\"array\""), "{}", call.user());
}

#[test]
fn what_is_no_schema_is_refused_before_anything_is_sent() {
    let upstream = Upstream::start();
    let sandbox = connected(&upstream);
    insta::assert_snapshot!("schema_no_json", formed(&sandbox, "{", &[]).exits(2).all());
    insta::assert_snapshot!("schema_invalid", formed(&sandbox, r#"{"type":"strin"}"#, &[]).exits(2).all());
    let outside = formed(&sandbox, &format!("{{\"$ref\":\"{}/x.json\"}}", upstream.base("openai")), &[]);
    assert!(outside.exits(2).stderr.contains("no schema that an answer could be held to"), "{}", outside.stderr);
    let missing = sandbox.monster(&["ask", "why?", "--schema", "nothing.json"]).done();
    assert!(missing.exits(2).stderr.contains("nothing.json cannot be read"), "{}", missing.stderr);
    let both = sandbox.monster(&["ask", "why?", "--schema", "form.json", "--dialectic"]).done();
    both.exits(2);
    assert!(upstream.calls().is_empty() && upstream.others().is_empty(), "nothing outside is looked up either");
}

#[test]
fn a_folder_is_told_as_what_it_is() {
    let sandbox = Sandbox::new();
    let repo = pager(&sandbox);
    let done = repo.monster(&["ask", "is it right?", "--with", "src/"]).done();
    let told = &done.exits(2).stderr;
    assert!(told.contains("src is a folder") && told.contains("--with src/FILE"), "{told}");
}

#[test]
fn material_with_nothing_in_it_is_told_and_not_sent() {
    let upstream = Upstream::start();
    upstream.always(|_| Answer::text("Yes."));
    let sandbox = connected(&upstream);
    let repo = sandbox.repo("work");
    repo.history(&[("one", "README.md", "# Pager\n")]);
    repo.write("empty.txt", "\n");
    let asked = |with: &[&str]| {
        let words = [&["ask", "is it right?", "--model", "openai/gpt-4.1-mini"], with].concat();
        repo.monster(&words).stdin("").done()
    };
    for (with, told) in [
        ("HEAD..HEAD", "The change HEAD..HEAD is empty"),
        ("empty.txt", "The file empty.txt is empty"),
        ("-", "Standard input is empty"),
    ] {
        let done = asked(&["--with", with]);
        assert!(done.exits(4).stderr.contains(told), "{}", done.all());
    }
    assert!(asked(&["--with", "-", "--with", "HEAD..HEAD"]).exits(4).stderr.contains("HEAD..HEAD are empty"));
    assert!(upstream.calls().is_empty(), "nobody is asked about nothing");
    let done = asked(&["--with", "README.md", "--with", "HEAD..HEAD"]);
    let told = "warning: The change HEAD..HEAD is empty, and nothing of it is sent";
    assert!(done.ok().stderr.contains(told), "{}", done.all());
    let sent = upstream.calls().pop().unwrap().body.to_string();
    assert!(sent.contains("# Pager") && !sent.contains("HEAD..HEAD"), "{sent}");
}

#[test]
fn material_has_the_whole_name_of_its_file_and_may_be_a_part_of_it_or_what_a_commit_has() {
    let upstream = Upstream::start();
    upstream.always(|_| Answer::text("Yes."));
    let sandbox = connected(&upstream);
    let repo = pager(&sandbox);
    repo.write("docs/pager.rs", "one\ntwo\nthree\nfour\n");
    let asked =
        |with: &str| repo.monster(&["ask", "is it right?", "--model", "openai/gpt-4.1-mini", "--with", with]).done();
    let absolute = repo.path().join("src/pager.rs").display().to_string();
    for (with, label, text) in [
        ("./src/pager.rs", "The file src/pager.rs, between", "div_ceil"),
        (absolute.as_str(), "The file src/pager.rs, between", "div_ceil"),
        ("docs/pager.rs:2-3", "Lines 2 to 3 of the file docs/pager.rs, between", "\ntwo\nthree\nBOUNDARY"),
        ("HEAD:src/pager.rs", "The file src/pager.rs as it is in HEAD, between", "items / size"),
    ] {
        asked(with).ok();
        let sent = upstream.calls().pop().unwrap().user();
        assert!(sent.contains(label) && sent.contains(text), "{with}: {sent}");
    }
    let calls = upstream.calls().len();
    for (with, told) in [
        ("docs/pager.rs:9", "docs/pager.rs has no line 9: it ends with line 4"),
        ("HEAD:nothing.rs", "HEAD has no file nothing.rs that can be read"),
        ("", "--with names nothing"),
    ] {
        let done = asked(with);
        assert!(done.exits(2).stderr.contains(told), "{with}: {}", done.stderr);
    }
    std::fs::write(repo.path().join("latin.txt"), b"caf\xe9 au lait, and more of it\n").unwrap();
    let done = asked("latin.txt");
    assert!(done.exits(2).stderr.contains("iconv -f LATIN1"), "{}", done.stderr);
    assert_eq!(upstream.calls().len(), calls);
}

#[cfg(unix)]
#[test]
fn material_may_come_out_of_a_pipe_with_a_name() {
    let upstream = Upstream::start();
    upstream.always(|_| Answer::text("Yes."));
    let sandbox = connected(&upstream);
    let repo = pager(&sandbox);
    let pipe = repo.path().join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let writer = std::thread::spawn(move || std::fs::write(pipe, "what a command says\n"));
    repo.monster(&["ask", "is it right?", "--model", "openai/gpt-4.1-mini", "--with", "pipe"]).done().ok();
    writer.join().unwrap().unwrap();
    let sent = upstream.only().user();
    assert!(sent.contains("What pipe gives, between") && sent.contains("what a command says"), "{sent}");
}

#[test]
fn what_broke_off_is_marked_and_stands_in_the_json() {
    let upstream = Upstream::start();
    let sandbox = dialectic(&upstream);
    upstream.model("claude-haiku-4-5", |_| Answer::text(B).fault(Fault::Drop(4)));
    let done = sandbox.monster(&CAST).done();
    assert!(done.ok().stdout.contains("\nB│ (broken off)\n"), "{}", done.all());
    assert!(!done.stdout.contains("A│ (broken off)"), "{}", done.stdout);
    let value = sandbox.monster(&[&CAST[..], &["--json"]].concat()).done().ok().json();
    assert!(value["b"]["partial"].as_str().is_some_and(|text| B.starts_with(text.trim_end())), "{value:#}");
    let one = sandbox.monster(&["ask", "why?", "--json", "--model", "anthropic/claude-haiku-4-5"]).done();
    let error = one.exits(5).json();
    assert!(error["partial"].as_str().is_some_and(|text| B.starts_with(text.trim_end())), "{error:#}");
}

#[test]
fn the_prompt_of_a_dialectic_says_who_else_is_asked() {
    let upstream = Upstream::start();
    let sandbox = dialectic(&upstream);
    let done = sandbox.monster(&[&CAST[..], &["--show-prompt"]].concat()).done();
    let told = "the same is sent to anthropic/claude-haiku-4-5; what is asked after that holds their answers, and gemini/gemini-3.5-flash reconciles them";
    assert!(done.ok().stderr.contains(told), "{}", done.stderr);
    assert!(upstream.calls().is_empty());
}

#[test]
fn a_reconciliation_blames_an_answer_by_the_letter_that_people_see() {
    let upstream = Upstream::start();
    upstream.model("gemini-3.5-flash", |call| Answer::json(&synthesis(call, "Rust is garbage collected.")));
    let sandbox = dialectic(&upstream);
    let told = "it quotes what B did not say";
    let done = sandbox.monster(&CAST).done();
    assert!(done.exits(7).stdout.contains(told), "{}", done.stdout);
    let value = sandbox.monster(&[&CAST[..], &["--json"]].concat()).done().exits(7).json();
    assert!(value["why"].as_str().unwrap().contains(told), "{value:#}");
}
