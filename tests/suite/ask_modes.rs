//! `monster ask --dialectic` in all its ways: debates, councils, two readings, what is left when somebody fails, what it
//! costs, and one seat given to another model afterwards.

use std::time::Duration;

use serde_json::{Value, json};

use crate::account::with_passphrase;
use crate::commit::connected;
use crate::sandbox::{Done, NOW, Sandbox};
use crate::upstream::{Answer, Call, Fault, Upstream};

const A: &str = "Rust has no garbage collector. It frees memory when the owner goes out of scope.";
const B: &str = "There is no garbage collector in Rust. Rc cycles leak memory.";
const C: &str = "Rust counts on ownership. Nothing collects garbage.";
const A2: &str = "Rust has no garbage collector. Owners free memory, and Rc cycles leak.";
const B2: &str = "There is no garbage collector in Rust. Owners free memory. Rc cycles leak memory.";

const GPT: &str = "openai/gpt-4.1-mini";
const CLAUDE: &str = "anthropic/claude-haiku-4-5";
const FLASH: &str = "gemini/gemini-3.5-flash";
const DEEPSEEK: &str = "deepseek/deepseek-v4-flash";

/// What a call is for.
#[derive(Debug, PartialEq, Eq, Clone, Copy)]
enum Kind {
    Answer,
    Round,
    Ranking,
    Synthesis,
}

fn kind(call: &Call) -> Kind {
    match call.schema() {
        Some(schema) if schema["properties"]["ranking"].is_object() => Kind::Ranking,
        Some(_) => Kind::Synthesis,
        None if call.system().contains("Revised answer") => Kind::Round,
        None => Kind::Answer,
    }
}

/// The anonymous answers of a call: label and text, in the order they stand there.
fn answers(call: &Call) -> Vec<(String, String)> {
    let user = call.user();
    let mut out = Vec::new();
    for part in user.split("\nAnswer ").skip(1) {
        let (label, rest) = part.split_once(", between the two lines \"").unwrap();
        let (boundary, rest) = rest.split_once("\":\n").unwrap();
        let text = rest.split(boundary).nth(1).unwrap().trim();
        out.push((label.to_owned(), text.to_owned()));
    }
    out
}

/// A reconciliation of two answers that quotes their first sentences.
fn reconciled(call: &Call) -> Value {
    let answers = answers(call);
    let first = |at: usize| answers[at].1.split('.').next().unwrap().to_owned();
    let mut agreed = json!({ "claim": "Rust has no collector" });
    for (at, field) in ["x", "y", "z", "v", "w"].iter().enumerate().take(answers.len()) {
        agreed[field] = json!(first(at));
    }
    json!({ "agreed": [agreed], "disagreed": [], "single": [], "answer": "It has none.", "confidence": "high",
        "reason": "all say so" })
}

/// Longer answers rank before shorter ones.
fn ranking(call: &Call) -> Value {
    let mut answers = answers(call);
    answers.sort_by_key(|(_, text)| std::cmp::Reverse(text.len()));
    let order: Vec<&String> = answers.iter().map(|(label, _)| label).collect();
    json!({ "ranking": order, "why": "it says most" })
}

/// A model that says this, and what it should in every other part.
fn member(first: &'static str, second: &'static str) -> impl Fn(&Call) -> Answer + Send + Sync + 'static {
    move |call| match kind(call) {
        Kind::Answer => Answer::text(first),
        Kind::Round => Answer::text(format!("The other answer leaves something out.\n\nRevised answer\n{second}")),
        Kind::Ranking => Answer::json(&ranking(call)),
        Kind::Synthesis => Answer::json(&reconciled(call)),
    }
}

fn world(upstream: &Upstream) -> Sandbox {
    upstream.model("gpt-4.1-mini", member(A, A2)).model("claude-haiku-4-5", member(B, B2));
    upstream.model("deepseek-v4-flash", member(C, C)).model("gemini-3.5-flash", member("unasked", "unasked"));
    connected(upstream)
}

const QUESTION: &str = "has Rust a GC?";

fn ask(sandbox: &Sandbox, mode: &str, models: &[&str], more: &[&str]) -> Done {
    let (mode, models) = (format!("--dialectic={mode}"), models.join(","));
    let args = ["ask", QUESTION, &mode, "--models", &models, "--synth", FLASH];
    sandbox.monster(&[&args[..], more].concat()).done()
}

fn count(upstream: &Upstream, wanted: Kind) -> usize {
    upstream.calls().iter().filter(|call| kind(call) == wanted).count()
}

#[test]
fn a_debate_lets_each_read_the_other_and_answer_again() {
    let upstream = Upstream::start();
    let sandbox = world(&upstream);
    let done = ask(&sandbox, "debate", &[GPT, CLAUDE], &[]);
    insta::assert_snapshot!("debate", done.ok().all());
    assert_eq!((upstream.calls().len(), count(&upstream, Kind::Round)), (5, 2));
    for call in upstream.calls().iter().filter(|call| kind(call) == Kind::Round) {
        let (own, other) = if call.provider == "openai" { (A, B) } else { (B, A) };
        let user = call.user();
        let (mine, theirs) = user.split_once("The other answer, between the two lines").unwrap();
        assert!(
            mine.contains(own) && theirs.contains(other) && !user.contains("claude") && !user.contains("gpt"),
            "{user}"
        );
    }
    let last = upstream.calls().into_iter().find(|call| kind(call) == Kind::Synthesis).unwrap();
    assert!(last.user().contains(A2) && !last.user().contains("leaves something out"), "{}", last.user());
}

#[test]
fn a_debate_in_json_has_first_answers_criticism_and_what_each_cost() {
    let upstream = Upstream::start();
    let sandbox = world(&upstream);
    let value = ask(&sandbox, "debate", &[GPT, CLAUDE], &["--rounds", "2", "--json"]).ok().json();
    assert_eq!(
        (&value["mode"], &value["rounds"], &value["state"]),
        (&json!("debate"), &json!(2), &json!("reconciled"))
    );
    assert_eq!((&value["a"]["first"], &value["a"]["answer"]), (&json!(A), &json!(A2)));
    assert_eq!(value["b"]["critiques"].as_array().unwrap().len(), 2);
    assert_eq!(upstream.calls().len(), 7);
    let spent = &value["spent"];
    assert_eq!((&spent["a"]["requests"], &spent["total"]["requests"]), (&json!(3), &json!(7)));
    // 100 in and 20 out each: gpt-4.1-mini at $0.40 and $1.60, claude-haiku-4-5 at $1 and $5 a million.
    assert_eq!((&spent["a"]["nano_usd"], &spent["b"]["nano_usd"]), (&json!(3 * 72_000), &json!(3 * 200_000)));
    let cost = sandbox.monster(&["cost", "--json"]).done().ok().json();
    assert_eq!(cost["total"]["nano_usd"], spent["total"]["nano_usd"], "{cost:#}");
}

#[test]
fn a_council_ranks_without_names_and_in_another_order_for_each() {
    let upstream = Upstream::start();
    let sandbox = world(&upstream);
    let done = ask(&sandbox, "council", &[GPT, CLAUDE, DEEPSEEK], &[]);
    insta::assert_snapshot!("council", done.ok().all());
    assert_eq!((upstream.calls().len(), count(&upstream, Kind::Ranking)), (7, 3));
    let orders: Vec<Vec<String>> = upstream
        .calls()
        .iter()
        .filter(|call| kind(call) == Kind::Ranking)
        .map(|call| {
            assert!(!call.user().contains("gpt") && !call.user().contains("claude"), "{}", call.user());
            answers(call).into_iter().map(|(_, text)| text).collect()
        })
        .collect();
    assert!(orders.windows(2).any(|two| two[0] != two[1]), "one order for all: {orders:?}");
    let value = ask(&sandbox, "council", &[GPT, CLAUDE, DEEPSEEK], &["--json"]).ok().json();
    let ranking = &value["ranking"];
    assert_eq!((&ranking["borda"], &ranking["order"]), (&json!({ "a": 6, "b": 3, "c": 0 }), &json!(["A", "B", "C"])));
    assert_eq!(ranking["judges"][0]["order"], json!(["A", "B", "C"]), "{ranking:#}");
    assert_eq!(value["synthesis"]["agreed"][0]["c"], "Rust counts on ownership", "{value:#}");
}

#[test]
fn a_council_fills_its_seats_with_different_makers() {
    let upstream = Upstream::start();
    upstream.always(|call| match kind(call) {
        Kind::Answer => Answer::text(format!("{} says so.", call.model)),
        Kind::Ranking => Answer::json(&ranking(call)),
        _ => Answer::json(&reconciled(call)),
    });
    let sandbox = connected(&upstream);
    let value = sandbox.monster(&["ask", "--dialectic=council", "why?", "--json"]).done().ok().json();
    let makers: std::collections::BTreeSet<&str> =
        ["a", "b", "c"].iter().map(|at| value[at]["maker"].as_str().unwrap()).collect();
    assert_eq!(makers.len(), 3, "{value:#}");
    let six = [GPT, CLAUDE, DEEPSEEK, FLASH, "xai/a", "xai/b"];
    assert!(ask(&sandbox, "council", &six, &[]).exits(2).stderr.contains("two to five names"));
    assert!(ask(&sandbox, "two", &six[..3], &[]).exits(2).stderr.contains("--dialectic=council"));
}

#[test]
fn two_readings_that_differ_are_told() {
    let upstream = Upstream::start();
    let sandbox = world(&upstream);
    let steady = ask(&sandbox, "two", &[GPT, CLAUDE], &["--debias"]);
    assert!(steady.ok().stdout.contains("With the seats swapped the sections are the same."), "{}", steady.stdout);
    let readings: Vec<Vec<(String, String)>> =
        upstream.calls().iter().filter(|call| kind(call) == Kind::Synthesis).map(answers).collect();
    assert_eq!((readings.len(), &readings[0][0].1), (2, &readings[1][1].1), "the seats are swapped");

    // Whoever sits first is believed.
    upstream.model("gemini-3.5-flash", |call| {
        let mut value = reconciled(call);
        let (label, text) = answers(call).remove(0);
        let quote = text.split(". ").nth(1).unwrap().to_owned();
        value["single"] = json!([{ "who": label, "claim": "the first is right", "quote": quote }]);
        value["confidence"] = json!(if text == A { "high" } else { "low" });
        Answer::json(&value)
    });
    let done = ask(&sandbox, "two", &[GPT, CLAUDE], &["--debias", "--show", "final"]);
    insta::assert_snapshot!("unstable", done.ok().all());
    let value = ask(&sandbox, "two", &[GPT, CLAUDE], &["--debias", "--json"]).ok().json();
    let made = &value["synthesis"];
    assert_eq!((&made["swapped"]["stable"], &made["confidence"]), (&json!(false), &json!("low")), "{made:#}");
    assert_eq!(made["single"].as_array().unwrap().iter().filter(|claim| claim["unstable"] == true).count(), 2);
    assert!(made["agreed"][0]["unstable"].is_null());
}

#[test]
fn what_it_may_cost_is_told_before_and_a_limit_below_it_stops() {
    let upstream = Upstream::start();
    let sandbox = world(&upstream);
    let line = |done: &Done| done.stderr.lines().next().unwrap().to_owned();
    let two = ask(&sandbox, "two", &[GPT, CLAUDE], &["--effort", "none"]);
    let debate = ask(&sandbox, "debate", &[GPT, CLAUDE], &["--effort", "none"]);
    let council = ask(&sandbox, "council", &[GPT, CLAUDE, DEEPSEEK], &["--effort", "none", "--debias"]);
    insta::assert_snapshot!("plans", [line(two.ok()), line(debate.ok()), line(council.ok())].join("\n"));
    let calls = upstream.calls().len();
    let dear = ask(&sandbox, "two", &[GPT, CLAUDE], &["--effort", "none", "--max-cost", "0.002"]);
    assert!(dear.exits(6).stderr.contains("more than the limit of $0.002"), "{}", dear.stderr);
    assert_eq!(upstream.calls().len(), calls, "nothing was sent");
    // Each of the two first answers keeps it, and both together do not.
    let both = ask(&sandbox, "two", &[GPT, CLAUDE], &["--effort", "none", "--max-cost", "0.022"]);
    assert!(both.exits(6).stderr.contains("more than the limit of $0.022"), "{}", both.stderr);
    assert_eq!(upstream.calls().len(), calls, "nothing was sent");
}

#[test]
fn models_on_this_machine_have_no_price() {
    let upstream = Upstream::start();
    upstream.lists(&["one", "two"]).model("one", member(A, A2)).model("two", member(B, B2));
    let sandbox = Sandbox::new();
    sandbox.config(&format!("[upstreams.ollama]\nprovider = \"ollama\"\nbase_url = \"{}\"\n", upstream.base("ollama")));
    let args = ["ask", QUESTION, "--dialectic", "--same-family", "--models", "ollama/one,ollama/two", "--synth"];
    let done = sandbox.monster(&[&args[..], &["ollama/one"]].concat()).done();
    let plan = done.ok().stderr.lines().next().unwrap();
    assert_eq!(plan, "ollama/one + ollama/two → ollama/one, local, ≤ 4 calls, repeats aside");
    assert!(done.stderr.contains("A ollama/one · 1 request · 100 in / 20 out · local"), "{}", done.stderr);
}

#[test]
fn what_is_shown_can_be_chosen() {
    let upstream = Upstream::start();
    let sandbox = world(&upstream);
    let last = ask(&sandbox, "debate", &[GPT, CLAUDE], &["--show", "final"]);
    let both = ask(&sandbox, "debate", &[GPT, CLAUDE], &["--show", "both"]);
    assert!(!last.ok().stdout.contains('│') && last.stdout.contains("\nAnswer\n"), "{}", last.stdout);
    assert!(both.ok().stdout.starts_with(&format!("A│ {A2}\nB│ {B2}\n")), "{}", both.stdout);
    assert!(!both.stdout.contains("leaves something out"), "{}", both.stdout);
}

#[test]
fn settings_choose_the_mode_and_its_rounds() {
    let upstream = Upstream::start();
    let mut sandbox = world(&upstream);
    sandbox.set("MONSTER_ASK_MODE", "debate").set("MONSTER_ASK_ROUNDS", "2");
    let models = [GPT, CLAUDE].join(",");
    let args = ["ask", QUESTION, "--dialectic", "--models", &models, "--synth", FLASH, "--json"];
    let value = sandbox.monster(&args).done().ok().json();
    assert_eq!((&value["mode"], &value["rounds"]), (&json!("debate"), &json!(2)));
    let two = ask(&sandbox, "two", &[GPT, CLAUDE], &["--json"]).ok().json();
    assert_eq!(two["rounds"], 0, "two that criticise each other are a debate");
    assert!(ask(&sandbox, "two", &[GPT, CLAUDE], &["--rounds", "1"]).exits(2).stderr.contains("--dialectic=debate"));
}

// --- somebody fails

#[test]
fn whoever_fails_in_a_round_keeps_the_answer_before() {
    let upstream = Upstream::start();
    let sandbox = world(&upstream);
    upstream.model("claude-haiku-4-5", |call| match kind(call) {
        Kind::Round => Answer::status(401, "authentication_error", "invalid x-api-key"),
        _ => Answer::text(B),
    });
    let done = ask(&sandbox, "debate", &[GPT, CLAUDE], &[]);
    assert!(done.ok().stderr.contains("B did not come through round 1"), "{}", done.stderr);
    let last = upstream.calls().into_iter().find(|call| kind(call) == Kind::Synthesis).unwrap();
    assert!(last.user().contains(A2) && last.user().contains(B), "{}", last.user());
    // The failed request is told beside those that were answered.
    assert!(done.stderr.contains("B anthropic/claude-haiku-4-5 · 2 requests"), "{}", done.stderr);
}

#[test]
fn a_dead_member_leaves_a_single_source_in_every_mode() {
    for mode in ["two", "debate"] {
        let upstream = Upstream::start();
        let sandbox = world(&upstream);
        upstream.model("claude-haiku-4-5", |_| Answer::status(401, "authentication_error", "invalid x-api-key"));
        let done = ask(&sandbox, mode, &[GPT, CLAUDE], &[]);
        assert!(done.ok().stdout.contains("SINGLE SOURCE: only A answered"), "{mode}: {}", done.stdout);
        assert_eq!(upstream.calls().len(), 2, "{mode}: there is nobody to argue with");
        ask(&sandbox, mode, &[GPT, CLAUDE], &["--strict"]).exits(5);
    }
    let upstream = Upstream::start();
    let sandbox = world(&upstream);
    upstream.model("claude-haiku-4-5", |_| Answer::status(401, "authentication_error", "invalid x-api-key"));
    let done = ask(&sandbox, "council", &[GPT, CLAUDE, DEEPSEEK], &[]);
    assert!(done.ok().stdout.contains("reconciled by"), "two are left: {}", done.stdout);
    assert!(done.stderr.contains("B gave no answer"), "{}", done.stderr);
    assert_eq!(count(&upstream, Kind::Ranking), 2);
    ask(&sandbox, "council", &[GPT, CLAUDE, DEEPSEEK], &["--strict"]).exits(5);
}

#[test]
fn a_judge_who_ranks_nonsense_has_no_voice() {
    let upstream = Upstream::start();
    let sandbox = world(&upstream);
    upstream.model("claude-haiku-4-5", |call| match kind(call) {
        Kind::Ranking => Answer::json(&json!({ "ranking": ["X", "X", "X"], "why": "mine" })),
        _ => Answer::text(B),
    });
    let value = ask(&sandbox, "council", &[GPT, CLAUDE, DEEPSEEK], &["--json"]).ok().json();
    assert_eq!(value["ranking"]["borda"], json!({ "a": 4, "b": 2, "c": 0 }), "{value:#}");
    assert_eq!(value["ranking"]["judges"][1]["order"], json!([]));
    assert!(value["ranking"]["judges"][1]["why"].as_str().unwrap().contains("does not count"), "{value:#}");
}

#[test]
fn without_a_reconciler_all_answers_are_printed_in_every_mode() {
    for (mode, models) in
        [("two", &[GPT, CLAUDE][..]), ("debate", &[GPT, CLAUDE]), ("council", &[GPT, CLAUDE, DEEPSEEK])]
    {
        let upstream = Upstream::start();
        let sandbox = world(&upstream);
        upstream.model("gemini-3.5-flash", |_| Answer::status(401, "authentication_error", "API key not valid."));
        let done = ask(&sandbox, mode, models, &["--show", "final"]);
        assert!(done.exits(7).stdout.contains("NOT RECONCILED"), "{mode}: {}", done.stdout);
        let letters = ["A│", "B│", "C│"].iter().filter(|letter| done.stdout.contains(**letter)).count();
        assert_eq!(letters, models.len(), "{mode}: {}", done.stdout);
    }
}

#[test]
fn a_member_that_takes_too_long_is_left_behind() {
    let upstream = Upstream::start();
    let mut sandbox = world(&upstream);
    sandbox.set("MONSTER_ASK_DEADLINE", "1");
    upstream.model("claude-haiku-4-5", |_| Answer::text(B).fault(Fault::Stall(2)));
    let done = ask(&sandbox, "two", &[GPT, CLAUDE], &["--json"]);
    let value = done.ok().json();
    assert_eq!(value["state"], "single_source");
    assert!(value["b"]["error"].as_str().unwrap().contains("no answer within 1 s"), "{value:#}");
    // What was billed until then is told.
    assert!(value["spent"]["b"]["nano_usd"].as_u64().unwrap() > 0, "{value:#}");
}

#[cfg(unix)]
#[test]
fn stopped_in_the_middle_it_keeps_what_arrived_and_tells_its_cost() {
    let stop = |more: &[&str]| {
        let upstream = Upstream::start();
        let sandbox = world(&upstream);
        upstream.model("claude-haiku-4-5", |_| Answer::text(B).fault(Fault::Stall(4)));
        let models = [GPT, CLAUDE].join(",");
        let args = ["ask", QUESTION, "--dialectic", "--models", &models, "--synth", FLASH];
        let running = sandbox.monster(&[&args[..], more].concat()).start();
        upstream.wait_for_calls(2, Duration::from_secs(60));
        upstream.wait_for_stall(Duration::from_secs(60));
        std::thread::sleep(Duration::from_millis(1_000));
        running.signal("INT");
        let done = running.done(&sandbox);
        let history = sandbox.monster(&["history", "--json"]).done().ok().json();
        (done, history)
    };
    let (done, history) = stop(&[]);
    insta::assert_snapshot!("stopped", done.exits(130).all());
    let outcomes: Vec<&str> =
        history["requests"].as_array().unwrap().iter().map(|row| row["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == "cancelled").count(), 2, "B and the whole: {outcomes:?}");
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == "done").count(), 1, "{outcomes:?}");

    let (done, _) = stop(&["--show", "final"]);
    assert!(done.exits(130).stdout.contains(&format!("A│ {A}\nB│ There is no garbage\n")), "{}", done.stdout);

    let (done, _) = stop(&["--json"]);
    let value = done.exits(130).json();
    assert_eq!((&value["state"], &value["exit"]), (&json!("interrupted"), &json!(130)));
    assert_eq!((&value["a"]["answer"], &value["a"]["partial"]), (&json!(A), &json!(null)));
    assert_eq!(
        (&value["b"]["answer"], value["b"]["partial"].as_str().unwrap().trim()),
        (&json!(null), "There is no garbage")
    );
    assert_eq!(value["a"]["spent"]["nano_usd"], 72_000);
    assert!(value["spent"]["total"]["nano_usd"].as_u64().unwrap() > 72_000, "{value:#}");
}

#[cfg(unix)]
#[test]
fn stopped_while_it_is_reconciled_the_answers_are_kept() {
    let upstream = Upstream::start();
    let sandbox = world(&upstream);
    upstream.model("gemini-3.5-flash", |_| Answer::text("never").fault(Fault::Stall(0)));
    let models = [GPT, CLAUDE].join(",");
    let args = ["ask", QUESTION, "--dialectic=debate", "--models", &models, "--synth", FLASH];
    let running = sandbox.monster(&args).start();
    upstream.wait_for_calls(5, Duration::from_secs(60));
    upstream.wait_for_stall(Duration::from_secs(60));
    running.signal("INT");
    running.done(&sandbox).exits(130);
    let before = upstream.calls().len();
    let swap = format!("C={DEEPSEEK}");
    sandbox.monster(&["history", "replay", "last", "--swap", &swap]).done().ok();
    let calls = upstream.calls().split_off(before);
    assert_eq!((calls.len(), kind(&calls[0])), (1, Kind::Synthesis));
    assert!(calls[0].user().contains(A2) && calls[0].user().contains(B2), "the last word of both: {}", calls[0].user());
}

// --- what all see

#[test]
fn a_secret_is_one_placeholder_for_all_voices_and_is_kept_nowhere() {
    let upstream = Upstream::start();
    let sandbox = world(&upstream);
    let secret = sandbox.key("xai");
    upstream.model("gpt-4.1-mini", |call| match kind(call) {
        // A model repeats what it was asked.
        Kind::Answer => Answer::text(format!("{A} You said: {}", call.user())),
        _ => member(A, A2)(call),
    });
    let models = [GPT, CLAUDE].join(",");
    let question = format!("why does {secret} not work?");
    let args = ["ask", &question, "--dialectic=debate", "--models", &models, "--synth", FLASH, "--json"];
    let done = sandbox.monster(&args).done();
    done.ok();
    let mut placeholders = std::collections::BTreeSet::new();
    for call in upstream.calls() {
        let body = call.body.to_string();
        assert!(!body.contains(&secret), "{body}");
        let at = body.find("MSEC_").expect("every voice sees a placeholder");
        let end = body[at..].find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap();
        placeholders.insert(body[at..at + end].to_owned());
    }
    assert_eq!((upstream.calls().len(), placeholders.len()), (5, 1), "{placeholders:?}");
    assert!(!done.raw.contains(&secret));
    for entry in std::fs::read_dir(sandbox.state_dir()).unwrap().flatten() {
        let bytes = std::fs::read(entry.path()).unwrap_or_default();
        let holds = |text: &str| bytes.windows(text.len()).any(|w| w == text.as_bytes());
        assert!(!holds(&secret) && !holds("garbage collector"), "{} is readable", entry.path().display());
    }
}

// --- one seat given to another

fn last(sandbox: &Sandbox) -> String {
    let history = sandbox.monster(&["history", "list", "--json", "--limit", "20"]).done().ok().json();
    let rows = history["requests"].as_array().unwrap().clone();
    rows.iter().find(|row| row["parent"].is_null()).unwrap()["id"].as_str().unwrap().to_owned()
}

#[test]
fn another_reconciler_needs_one_call() {
    let upstream = Upstream::start();
    let sandbox = world(&upstream);
    ask(&sandbox, "debate", &[GPT, CLAUDE], &[]).ok();
    let (id, before) = (last(&sandbox), upstream.calls().len());
    let swap = format!("C={DEEPSEEK}");
    let done = sandbox.monster(&["history", "replay", "last", "--swap", &swap]).done();
    insta::assert_snapshot!("swapped", done.ok().all());
    let calls = upstream.calls().split_off(before);
    assert_eq!((calls.len(), calls[0].provider.as_str(), kind(&calls[0])), (1, "deepseek", Kind::Synthesis));
    assert!(calls[0].user().contains(A2) && calls[0].user().contains(B2), "what was said stands: {}", calls[0].user());
    let shown = sandbox.monster(&["history", "show", "last", "--json"]).done().ok().json();
    assert!(shown.to_string().contains(&id), "the new one says what it repeats: {shown:#}");
    // Of the replay a seat can be given away, too.
    let again = sandbox.monster(&["history", "replay", "last", "--swap", &format!("synth={FLASH}"), "--json"]).done();
    let value = again.ok().json();
    assert_eq!(
        (&value["a"]["kept"], &value["a"]["answer"], &value["mode"]),
        (&json!(true), &json!(A2), &json!("debate"))
    );
    assert_eq!(value["spent"]["total"]["requests"], 1);
}

#[test]
fn another_member_is_asked_with_all_that_depends_on_it() {
    let upstream = Upstream::start();
    let sandbox = world(&upstream);
    ask(&sandbox, "two", &[GPT, CLAUDE], &[]).ok();
    let before = upstream.calls().len();
    let swap = format!("b={DEEPSEEK}");
    let value = sandbox.monster(&["history", "replay", "last", "--swap", &swap, "--json"]).done().ok().json();
    let asked: Vec<(Kind, String)> =
        upstream.calls().split_off(before).iter().map(|call| (kind(call), call.provider.clone())).collect();
    assert_eq!(asked, [(Kind::Answer, "deepseek".to_owned()), (Kind::Synthesis, "gemini".to_owned())]);
    assert_eq!((&value["a"]["answer"], &value["b"]["answer"]), (&json!(A), &json!(C)), "{value:#}");

    // In a debate the others answer to it, and in a council all rank it.
    ask(&sandbox, "debate", &[GPT, CLAUDE], &[]).ok();
    let before = upstream.calls().len();
    sandbox.monster(&["history", "replay", "last", "--swap", &swap]).done().ok();
    let kinds: Vec<Kind> = upstream.calls().split_off(before).iter().map(kind).collect();
    assert_eq!(kinds.iter().filter(|kind| **kind == Kind::Round).count(), 2, "{kinds:?}");
    assert_eq!(kinds.len(), 4);
    ask(&sandbox, "council", &[GPT, CLAUDE], &[]).ok();
    let before = upstream.calls().len();
    sandbox.monster(&["history", "replay", "last", "--swap", &swap]).done().ok();
    assert_eq!(upstream.calls().len() - before, 4, "an answer, two rankings, a reconciliation");
}

#[test]
fn a_seat_is_given_only_where_there_is_one_and_to_another_maker() {
    let upstream = Upstream::start();
    let sandbox = world(&upstream);
    ask(&sandbox, "two", &[GPT, CLAUDE], &[]).ok();
    let replay = |swap: &str, more: &[&str]| {
        sandbox.monster(&[&["history", "replay", "last", "--swap", swap][..], more].concat()).done()
    };
    assert!(replay("D=openai/gpt-4o-mini", &[]).exits(2).stderr.contains("there are A, B and synth"));
    assert!(replay("nonsense", &[]).exits(2).stderr.contains("a seat and a model are wanted"));
    let same = replay("B=openai/gpt-4o-mini", &[]);
    assert!(same.exits(5).stderr.contains("both made by openai"), "{}", same.stderr);
    upstream.model("gpt-4o-mini", member(B, B2));
    replay("B=openai/gpt-4o-mini", &["--same-family"]).ok();
    // Allowed once, it is allowed for that discussion.
    upstream.model("gpt-4.1", member(A, A2));
    replay("A=openai/gpt-4.1", &[]).ok();
    let calls = upstream.calls().len();
    let dry = replay(&format!("C={DEEPSEEK}"), &["--dry-run"]);
    assert!(dry.ok().stdout.contains("Rc cycles leak memory."), "{}", dry.stdout);
    assert_eq!(upstream.calls().len(), calls);
    // Without a swap it is no request that could be sent again.
    let plain = sandbox.monster(&["history", "replay", "last"]).done();
    assert!(plain.exits(1).stderr.contains("--swap A=MODEL"), "{}", plain.stderr);
    assert!(
        !plain.stderr.contains("history.content"),
        "what keeps the content of calls would not help\n{}",
        plain.stderr
    );
}

#[test]
fn what_is_purged_too_old_or_not_to_be_kept_cannot_be_repeated() {
    let upstream = Upstream::start();
    let mut sandbox = world(&upstream);
    let swap = format!("C={DEEPSEEK}");
    let replay = |sandbox: &Sandbox| sandbox.monster(&["history", "replay", "last", "--swap", &swap]).done();
    ask(&sandbox, "two", &[GPT, CLAUDE], &[]).ok();
    let purged = sandbox.monster(&["history", "purge", "--content-only", "last", "--yes"]).done();
    assert!(purged.ok().stdout.contains("1 kept text"), "{}", purged.stdout);
    assert!(replay(&sandbox).exits(1).stderr.contains("no dialectic is kept"));

    ask(&sandbox, "two", &[GPT, CLAUDE], &[]).ok();
    sandbox.set("MONSTER_NOW", "2026-12-24T10:29:59Z");
    replay(&sandbox).ok();
    sandbox.monster(&["history", "purge", "--all", "--ledger", "--yes"]).done().ok();
    sandbox.set("MONSTER_NOW", NOW);
    ask(&sandbox, "two", &[GPT, CLAUDE], &[]).ok();
    sandbox.set("MONSTER_NOW", "2026-12-24T10:30:00Z");
    replay(&sandbox).exits(1);

    sandbox.set("MONSTER_ASK_KEEP", "0");
    ask(&sandbox, "two", &[GPT, CLAUDE], &[]).ok();
    assert!(replay(&sandbox).exits(1).stderr.contains("monster config set ask.keep"));
    // A budget keeps the ledger, and nothing of what was said.
    sandbox.set("MONSTER_ASK_KEEP", "30").set("MONSTER_BUDGET_DAY", "5");
    ask(&sandbox, "two", &[GPT, CLAUDE], &["--no-store"]).ok();
    replay(&sandbox).exits(1);
}

#[test]
fn a_key_that_is_another_s_opens_nothing() {
    let upstream = Upstream::start();
    let sandbox = world(&upstream);
    ask(&sandbox, "two", &[GPT, CLAUDE], &[]).ok();
    let key = sandbox.state_dir().join("cache.key");
    assert_eq!(std::fs::metadata(&key).unwrap().len(), 32);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
    }
    std::fs::remove_file(&key).unwrap();
    let done = sandbox.monster(&["history", "replay", "last", "--swap", "C=openai/gpt-4o-mini"]).done();
    assert!(done.exits(1).stderr.contains("cannot be read"), "{}", done.stderr);
    assert!(done.stderr.contains("history purge --content-only"), "{}", done.stderr);
}

// --- accounts that have little left

/// Accounts of one provider, the first of which has so many requests left for so long.
fn thin(upstream: &Upstream, names: &[&str], left: u64, reset: &str) -> Sandbox {
    let sandbox = with_passphrase(upstream);
    for name in names {
        let args = ["login", "openai", "--stdin", "--no-check", "--store", "plaintext", "--name", name];
        sandbox.monster(&args).stdin(sandbox.key("openai")).done().ok();
    }
    upstream.next(window(Answer::text("Yes."), left.to_string(), reset));
    sandbox.monster(&["ask", "why?", "--model", GPT, "--account", names[0]]).done().ok();
    for (model, first, second) in [("gpt-4.1-mini", A, A2), ("gpt-4o-mini", B, B2), ("gpt-4.1", C, C)] {
        let reset = reset.to_owned();
        // Of two calls at once, the counter tells the first alone.
        upstream.model(model, move |call| window(member(first, second)(call), (left - 1).to_string(), &reset));
    }
    sandbox
}

fn window(answer: Answer, left: String, reset: &str) -> Answer {
    answer
        .header("x-ratelimit-limit-requests", "60")
        .header("x-ratelimit-remaining-requests", &left)
        .header("x-ratelimit-reset-requests", reset)
}

fn voices(sandbox: &Sandbox, members: [&str; 2], synth: &str) -> (Done, Vec<String>) {
    let models = members.join(",");
    let args = ["ask", QUESTION, "--dialectic", "--same-family", "--models", &models, "--synth", synth];
    let done = sandbox.monster(&args).done();
    let history = sandbox.monster(&["history", "list", "--json", "--limit", "4"]).done().ok().json();
    let rows = history["requests"].as_array().unwrap().iter().filter(|row| !row["parent"].is_null());
    let mut accounts: Vec<String> =
        rows.map(|row| row["served_by"]["account"].as_str().unwrap_or("nobody").to_owned()).collect();
    accounts.sort_unstable();
    (done, accounts)
}

#[test]
fn an_account_with_two_requests_left_is_not_asked_for_three_voices() {
    let upstream = Upstream::start();
    let sandbox = thin(&upstream, &["work", "home"], 2, "10m0s");
    let (done, accounts) = voices(&sandbox, [GPT, "openai/gpt-4o-mini"], "openai/gpt-4.1");
    assert_eq!(accounts, ["home", "work", "work"], "{}", done.ok().stderr);
    assert!(
        done.stderr.contains("synthesis: the account work of openai has no request left for this voice"),
        "{}",
        done.stderr
    );
    assert!(done.stderr.contains("over the account home"), "{}", done.stderr);
}

#[test]
fn with_enough_left_all_voices_share_an_account() {
    let upstream = Upstream::start();
    let sandbox = thin(&upstream, &["work", "home"], 3, "10m0s");
    let (done, accounts) = voices(&sandbox, [GPT, "openai/gpt-4o-mini"], "openai/gpt-4.1");
    assert_eq!(accounts, ["work", "work", "work"], "{}", done.ok().stderr);
}

#[test]
fn without_another_account_the_third_voice_waits_for_the_window() {
    let upstream = Upstream::start();
    let sandbox = thin(&upstream, &["work"], 2, "2s");
    let twice = |reset: &'static str| {
        move |call: &Call| {
            window(member(if call.number.is_multiple_of(2) { A } else { B }, A)(call), "1".to_owned(), reset)
        }
    };
    upstream.model("gpt-4.1-mini", twice("2s"));
    let began = std::time::Instant::now();
    let (done, accounts) = voices(&sandbox, [GPT, GPT], GPT);
    assert_eq!(accounts, ["work", "work", "work"], "{}", done.ok().stderr);
    assert!(done.stderr.contains("synthesis: waiting 2 s until openai/gpt-4.1-mini wakes"), "{}", done.stderr);
    assert!(began.elapsed() >= Duration::from_secs(2));
    // Nobody waits longer than the user wants: it is said, and asked all the same.
    let sandbox = thin(&upstream, &["work"], 2, "10m0s");
    upstream.model("gpt-4.1-mini", twice("10m0s"));
    let (done, accounts) = voices(&sandbox, [GPT, GPT], GPT);
    assert_eq!(accounts.len(), 3, "{}", done.ok().stderr);
    assert!(done.stderr.contains("may have no request left for this voice; asking all the same"), "{}", done.stderr);
    // A counter of another model holds nobody up.
    let (done, accounts) = voices(&sandbox, ["openai/gpt-4o-mini", "openai/gpt-4.1"], "openai/gpt-4o-mini");
    assert_eq!(accounts.len(), 3, "{}", done.ok().stderr);
    assert!(!done.stderr.contains("no request left"), "{}", done.stderr);
}

// --- on a terminal

/// What a terminal shows in the end: lines, the cursor that goes up, and what is wiped.
#[cfg(target_os = "linux")]
fn screen(all: &str) -> Vec<String> {
    let (mut lines, mut row, mut column) = (vec![Vec::<char>::new()], 0_usize, 0_usize);
    let mut chars = all.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\r' => column = 0,
            '\n' => row += 1,
            '\u{1b}' if chars.peek() == Some(&'[') => {
                chars.next();
                let mut number = String::new();
                let end = loop {
                    match chars.next() {
                        Some(c) if c.is_ascii_alphabetic() => break c,
                        Some(c) => number.push(c),
                        None => return Vec::new(),
                    }
                };
                match end {
                    'A' => row = row.saturating_sub(number.parse().unwrap_or(1)),
                    'K' => lines[row].truncate(column),
                    'J' => {
                        lines.truncate(row + 1);
                        lines[row].truncate(column);
                    }
                    _ => {}
                }
            }
            c => {
                while lines[row].len() < column {
                    lines[row].push(' ');
                }
                if column < lines[row].len() {
                    lines[row][column] = c
                } else {
                    lines[row].push(c)
                }
                column += 1;
            }
        }
        while lines.len() <= row {
            lines.push(Vec::new());
        }
    }
    lines.iter().map(|line| line.iter().collect::<String>().trim_end().to_owned()).collect()
}

#[cfg(target_os = "linux")]
#[test]
fn on_a_wide_terminal_answers_grow_beside_each_other() {
    let upstream = Upstream::start();
    let sandbox = world(&upstream);
    let repo = sandbox.repo("here");
    let models = [GPT, CLAUDE].join(",");
    let args = ["ask", QUESTION, "--dialectic=debate", "--models", &models, "--synth", FLASH, "--no-color"];
    let left = repo.terminal_of(110, 24, &args).left();
    left.exits(0).whole();
    let screen = screen(&left.all);
    insta::assert_snapshot!("panes", sandbox.normal(&screen.join("\n")).trim_end());
    for line in &screen {
        assert!(line.chars().count() < 110 || !line.contains(" │ "), "a line is wider than the terminal: {line}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn answers_are_seen_while_they_grow_and_stay_when_it_is_stopped() {
    let upstream = Upstream::start();
    let sandbox = world(&upstream);
    upstream.model("claude-haiku-4-5", |_| Answer::text(B).fault(Fault::Stall(4)));
    let repo = sandbox.repo("here");
    let models = [GPT, CLAUDE].join(",");
    let args = ["ask", QUESTION, "--dialectic", "--models", &models, "--synth", FLASH, "--no-color"];
    let mut terminal = repo.terminal_of(110, 24, &args);
    upstream.wait_for_stall(Duration::from_secs(60));
    terminal.until("There is no garbage").until("working").keys("\u{3}");
    let left = terminal.left();
    left.exits(130).whole();
    let screen = screen(&left.all).join("\n");
    assert!(screen.contains(" │ There is no garbage\n"), "{screen}");
    assert_eq!(screen.matches("A openai/gpt-4.1-mini  ").count(), 1, "drawn in one place: {screen}");
    assert!(screen.contains("INTERRUPTED: A was whole, B broke off"), "{screen}");
}

/// What comes right after something else was drawn waits a moment and is seen, even where nothing follows it.
#[cfg(target_os = "linux")]
#[test]
fn the_last_words_before_a_long_silence_are_seen() {
    let upstream = Upstream::start();
    let sandbox = world(&upstream);
    upstream.model("gpt-4.1-mini", |_| Answer::text(A).fault(Fault::Stall(4)));
    upstream.model("claude-haiku-4-5", |_| Answer::text(B).fault(Fault::Stall(4)));
    let repo = sandbox.repo("here");
    let models = [GPT, CLAUDE].join(",");
    let args = ["ask", QUESTION, "--dialectic", "--models", &models, "--synth", FLASH, "--no-color"];
    let mut terminal = repo.terminal_of(110, 24, &args);
    let row = format!("{:<54}│ There is no garbage", "Rust has no garbage");
    terminal.until(&row).until("working").keys("\u{3}");
    terminal.left().exits(130).whole();
}

#[cfg(target_os = "linux")]
#[test]
fn on_a_narrow_terminal_and_for_three_lines_say_whose_they_are() {
    let upstream = Upstream::start();
    let sandbox = world(&upstream);
    let repo = sandbox.repo("here");
    for (columns, mode, models) in [(80, "two", &[GPT, CLAUDE][..]), (100, "council", &[GPT, CLAUDE, DEEPSEEK])] {
        let (mode, models) = (format!("--dialectic={mode}"), models.join(","));
        let args = ["ask", QUESTION, &mode, "--models", &models, "--synth", FLASH, "--no-color"];
        let left = repo.terminal_of(columns, 24, &args).left();
        left.exits(0).whole();
        assert!(left.all.contains(&format!("A│ {A}")) && left.all.contains(&format!("B│ {B}")), "{}", left.all);
    }
}
