//! A second look at what a model claims: a verifier, a second model, and whether the model is to be believed at all.

use std::time::Duration;

use regex::Regex;
use serde_json::{Value, json};

use crate::commit::pager;
use crate::sandbox::{Repo, Sandbox};
use crate::upstream::{Answer, Call, Fault, Upstream};

const MODEL: &str = "openai/gpt-4.1-mini";
const CHANGED: &str = "items.div_ceil(size)";

fn finding(class: &str, severity: &str, quote: &str) -> Value {
    json!({ "file": "F1", "line": 3, "quote": quote, "severity": severity, "class": class,
        "title": format!("A case of {class}"), "why": "It happens with large numbers.", "fix": "" })
}

fn answer(findings: &[Value]) -> Answer {
    Answer::json(&json!({ "summary": "Counts the last page.", "findings": findings }))
}

fn verdict(id: &str, word: &str, evidence: &str) -> Value {
    json!({ "id": id, "verdict": word, "evidence": evidence, "reason": format!("The line says so of {id}.") })
}

fn verdicts(list: &[Value]) -> Answer {
    Answer::json(&json!({ "verdicts": list }))
}

/// The number of the claim of this class.
fn id(call: &Call, class: &str) -> String {
    let said = call.user();
    let claim = said.lines().find(|l| l.starts_with('C') && l.contains(&format!(", {class}")));
    claim.unwrap_or_else(|| panic!("no {class} in\n{said}")).split(':').next().unwrap().to_owned()
}

fn verifies(call: &Call) -> bool {
    call.system().contains("You check claims")
}

fn decides(call: &Call) -> bool {
    call.system().contains("Two reviewers")
}

/// Every provider, and what was said is known the next time.
fn connected(upstream: &Upstream) -> Sandbox {
    let mut sandbox = crate::commit::connected(upstream);
    sandbox.set("MONSTER_REVIEW_CACHE", "true");
    sandbox
}

/// As it is without settings: claims are looked at again.
fn verifying(upstream: &Upstream) -> Sandbox {
    let mut sandbox = connected(upstream);
    sandbox.set("MONSTER_REVIEW_VERIFY", "auto");
    sandbox
}

/// More settings after those that are there.
fn add(sandbox: &Sandbox, toml: &str) {
    let there = std::fs::read_to_string(sandbox.config_dir().join("config.toml")).unwrap();
    sandbox.config(&format!("{there}{toml}"));
}

/// A change of several lines in one file.
fn several(sandbox: &Sandbox) -> Repo<'_> {
    let repo = pager(sandbox);
    let lines: String = (1..=9).map(|n| format!("    let x{n} = items * {n};\n")).collect();
    repo.stage(
        "src/pager.rs",
        &format!("pub fn pages(items: usize, size: usize) -> usize {{\n    assert!(size > 0);\n{lines}    items.div_ceil(size)\n}}\n"),
    );
    repo
}

fn report(repo: &Repo<'_>, more: &[&str]) -> Value {
    let mut args = vec!["review", "--json", "--all", "--model", MODEL];
    args.extend(more);
    repo.monster(&args).done().ok().json()
}

#[test]
fn each_claim_is_confirmed_refuted_or_left_open_by_a_second_call() {
    let upstream = Upstream::start();
    upstream.always(|call| {
        if verifies(call) {
            let id = |class: &str| id(call, class);
            return verdicts(&[
                verdict(&id("overflow"), "confirmed", "    let x1 = items * 1;"),
                verdict(&id("crash"), "refuted", "    assert!(size > 0);"),
                verdict(&id("wrong-result"), "unsure", ""),
                // What it quotes stands nowhere: it has shown nothing.
                verdict(&id("injection"), "refuted", "let checked = items.checked_mul(4)?;"),
            ]);
        }
        answer(&[
            finding("overflow", "high", "let x1 = items * 1;"),
            finding("crash", "high", CHANGED),
            finding("wrong-result", "high", "let x3 = items * 3;"),
            finding("injection", "high", "let x4 = items * 4;"),
            finding("style", "low", "let x5 = items * 5;"),
        ])
    });
    let sandbox = verifying(&upstream);
    let repo = several(&sandbox);
    let all = report(&repo, &[]);
    let said: Vec<(String, String)> = all["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| (f["class"].as_str().unwrap().to_owned(), f["verification"].as_str().unwrap().to_owned()))
        .collect();
    let mut said: Vec<(&str, &str)> = said.iter().map(|(c, v)| (c.as_str(), v.as_str())).collect();
    said.sort_unstable();
    let wanted =
        [("injection", "unsure"), ("overflow", "confirmed"), ("style", "unverified"), ("wrong-result", "unsure")];
    assert_eq!(said, wanted, "{all:#}");
    assert_eq!(all["second_look"]["refuted"], 1, "{all:#}");
    let calls = upstream.calls();
    assert_eq!(calls.len(), 2, "one that finds, one that checks");
    assert!(calls[1].user().contains("assert!(size > 0);"), "the code around is shown\n{}", calls[1].user());
    assert!(!calls[1].user().contains("style"), "what is mild is not checked");
    insta::assert_snapshot!(repo.monster(&["review", "--model", MODEL]).done().ok().all());
    assert_eq!(upstream.calls().len(), 2, "verdicts are known too");
}

#[test]
fn another_makers_model_verifies_where_the_choice_is_open() {
    let upstream = Upstream::start();
    upstream.always(|call| {
        if verifies(call) {
            return verdicts(&[verdict("C1", "confirmed", CHANGED)]);
        }
        answer(&[finding("overflow", "high", CHANGED)])
    });
    let sandbox = verifying(&upstream);
    let repo = pager(&sandbox);
    repo.monster(&["review", "--json"]).done().ok();
    let calls = upstream.calls();
    assert_eq!(calls.len(), 2);
    assert_ne!(calls[0].provider, calls[1].provider, "{} and {}", calls[0].model, calls[1].model);
    repo.monster(&["review", "--json", "--no-cache", "--model", MODEL]).done().ok();
    let calls = upstream.calls();
    assert_eq!(
        (calls[3].provider.as_str(), calls[3].model.as_str()),
        ("openai", "gpt-4.1-mini"),
        "who named a model shows the change to no other"
    );
    add(&sandbox, "[review]\nverifier = \"anthropic/claude-sonnet-4-5\"\n");
    repo.monster(&["review", "--json", "--no-cache", "--model", MODEL]).done().ok();
    assert_eq!(upstream.calls()[5].provider, "anthropic", "but for whom the settings name");
}

#[test]
fn claims_go_four_at_a_time() {
    let upstream = Upstream::start();
    upstream.always(|call| {
        if verifies(call) {
            let all: Vec<Value> = (1..=4).map(|n| verdict(&format!("C{n}"), "confirmed", CHANGED)).collect();
            return verdicts(&all);
        }
        // Nine kinds, so that no two near each other are one.
        let kinds = ["off-by-one", "injection", "data-loss", "race", "deadlock", "crash", "slow", "overflow", "secret"];
        let claim = |(n, kind): (usize, &str)| finding(kind, "medium", &format!("let x{n} = items * {n};"));
        answer(&(1..).zip(kinds).map(claim).collect::<Vec<_>>())
    });
    let sandbox = verifying(&upstream);
    let all = report(&several(&sandbox), &[]);
    let confirmed = all["findings"].as_array().unwrap().iter().filter(|f| f["verification"] == "confirmed").count();
    assert_eq!((confirmed, upstream.calls().len()), (9, 1 + 3), "{all:#}");
}

#[test]
fn a_verifier_that_fails_leaves_claims_as_they_are_and_it_is_said() {
    let upstream = Upstream::start();
    upstream.always(|call| {
        if verifies(call) { Answer::text("LGTM!") } else { answer(&[finding("overflow", "high", CHANGED)]) }
    });
    let sandbox = verifying(&upstream);
    let repo = pager(&sandbox);
    let all = report(&repo, &[]);
    assert_eq!(all["findings"][0]["verification"], "unverified");
    let why = all["second_look"]["unverified"].as_str().unwrap();
    assert_eq!(why, "openai/gpt-4.1-mini gave no verdict that can be read");
    let shown = repo.monster(&["review", "--model", MODEL]).done();
    assert!(
        shown.ok().stdout.contains("not all findings are verified: openai/gpt-4.1-mini gave no verdict"),
        "{}",
        shown.all()
    );
    upstream.always(|call| {
        if verifies(call) {
            return Answer::status(401, "invalid_api_key", "Incorrect API key provided.");
        }
        answer(&[finding("overflow", "high", CHANGED)])
    });
    let all = report(&repo, &["--no-cache"]);
    assert_eq!(all["findings"][0]["verification"], "unverified");
    assert!(all["second_look"]["unverified"].is_string(), "{all:#}");
}

#[test]
fn nobody_checks_where_nobody_is_to() {
    let upstream = Upstream::start();
    upstream.always(|_| answer(&[finding("overflow", "high", CHANGED)]));
    let mut sandbox = verifying(&upstream);
    sandbox.set("MONSTER_REVIEW_VERIFY", "never");
    report(&pager(&sandbox), &[]);
    assert_eq!(upstream.calls().len(), 1);
}

#[test]
fn a_secret_near_a_claim_is_masked_for_the_verifier_too() {
    let upstream = Upstream::start();
    upstream.always(|call| {
        if verifies(call) {
            return verdicts(&[verdict("C1", "confirmed", "pub fn pages() {}")]);
        }
        answer(&[finding("overflow", "high", "pub fn pages() {}")])
    });
    let sandbox = verifying(&upstream);
    let repo = pager(&sandbox);
    let key = sandbox.key("anthropic");
    repo.stage("src/pager.rs", &format!("const KEY: &str = \"{key}\";\n")).commit("chore: add a key");
    repo.stage("src/pager.rs", &format!("const KEY: &str = \"{key}\";\n\npub fn pages() {{}}\n"));
    report(&repo, &[]);
    let calls = upstream.calls();
    assert_eq!(calls.len(), 2);
    assert!(calls[1].user().contains("MSEC_") && !calls[1].prompt().contains(&key), "{}", calls[1].user());
}

#[test]
fn of_a_long_line_near_a_claim_no_part_of_a_secret_goes_on() {
    let upstream = Upstream::start();
    upstream.always(|call| {
        if verifies(call) {
            return verdicts(&[verdict("C1", "confirmed", "pub fn pages() {}")]);
        }
        answer(&[finding("overflow", "high", "pub fn pages() {}")])
    });
    let sandbox = verifying(&upstream);
    let repo = pager(&sandbox);
    let secret = ["Qm7xV2n", "Rk9TzLp4WcY8s"].concat();
    // It lies across every place where a line could be cut.
    for before in [363, 1_963] {
        let line = format!("// {} postgres://admin:{secret}@db/x\n", "a".repeat(before));
        repo.stage("src/pager.rs", &line).commit("chore: add a place");
        repo.stage("src/pager.rs", &format!("{line}\n\n\n\n\n\n\npub fn pages() {{}}\n"));
        report(&repo, &["--no-cache"]);
        let calls = upstream.calls();
        assert!(calls.iter().all(|call| !call.prompt().contains(&secret[..12])), "{before}");
        repo.commit("feat: add pages");
    }
}

#[test]
fn a_line_that_says_monster_ignore_silences_a_model_as_it_does_a_rule() {
    let upstream = Upstream::start();
    upstream.always(|_| answer(&[finding("overflow", "high", CHANGED)]));
    let sandbox = connected(&upstream);
    let repo = pager(&sandbox);
    let text = |mark: &str| {
        format!(
            "pub fn pages(items: usize, size: usize) -> usize {{\n    assert!(size > 0);\n    items.div_ceil(size){mark}\n}}\n"
        )
    };
    repo.stage("src/pager.rs", &text(" // monster:ignore overflow items are few"));
    let all = report(&repo, &[]);
    assert_eq!((&all["findings"], &all["second_look"]["silenced"]), (&json!([]), &json!(1)), "{all:#}");
    repo.stage("src/pager.rs", &text(" // monster:ignore injection no database here"));
    assert_eq!(report(&repo, &[])["findings"].as_array().unwrap().len(), 1, "a mark for another class");
}

/// One model for each seat, each with its own view.
fn panel(upstream: &Upstream) -> [&'static str; 6] {
    upstream.model("gpt-4.1-mini", |_| {
        answer(&[finding("overflow", "high", "let x1 = items * 1;"), finding("race", "medium", "let x9 = items * 9;")])
    });
    upstream.model("claude-sonnet-4-5", |_| {
        answer(&[
            finding("arithmetic-overflow", "medium", "let x1 = items * 1;"),
            finding("resource-leak", "high", "let x5 = items * 5;"),
        ])
    });
    upstream.model("gemini-2.5-flash", |call| {
        assert!(decides(call), "only the third decides");
        let id = |class: &str| id(call, class);
        verdicts(&[
            verdict(&id("race"), "refuted", "let x9 = items * 9;"),
            verdict(&id("resource-leak"), "confirmed", "let x5 = items * 5;"),
            verdict(&id("overflow"), "confirmed", "let x1 = items * 1;"),
        ])
    });
    [
        "review",
        "--dialectic",
        "--models",
        "openai/gpt-4.1-mini,anthropic/claude-sonnet-4-5",
        "--synth",
        "gemini/gemini-2.5-flash",
    ]
}

fn with<'a>(args: &[&'a str], more: &[&'a str]) -> Vec<&'a str> {
    args.iter().chain(more).copied().collect()
}

#[test]
fn two_review_and_a_third_decides_about_each_finding() {
    let upstream = Upstream::start();
    let args = panel(&upstream);
    let sandbox = connected(&upstream);
    let repo = several(&sandbox);
    let all = repo.monster(&with(&args, &["--json", "--all"])).done().ok().json();
    assert_eq!(upstream.calls().len(), 3, "{all:#}");
    let third = upstream.calls().into_iter().find(decides).unwrap();
    for whose in ["overflow, found by X and Y", "race, found by X", "resource-leak, found by Y"] {
        assert!(third.user().contains(whose), "{whose}\n{}", third.user());
    }
    let findings = all["findings"].as_array().unwrap();
    assert_eq!(findings.len(), 2, "what was refuted is gone: {all:#}");
    for finding in findings {
        assert_eq!(finding["verification"], "confirmed");
        let note = &all["second_look"]["findings"][finding["id"].as_str().unwrap()];
        let by = note["found_by"].as_array().unwrap().len();
        assert_eq!(by, if finding["class"] == "resource-leak" { 1 } else { 2 }, "{note:#}");
        assert_eq!(note["by"], "gemini/gemini-2.5-flash");
    }
    assert_eq!(all["second_look"]["refuted"], 1);
    let history = sandbox.monster(&["history", "--json"]).done().ok().json();
    let rows = history["requests"].as_array().unwrap();
    assert!(
        rows.iter().any(|r| r["asked_model"].as_str().is_some_and(|a| a.contains(" + "))),
        "one row holds the three: {history:#}"
    );
    insta::assert_snapshot!(repo.monster(&args).done().ok().all());
    assert_eq!(upstream.calls().len(), 3, "and the second time nobody is asked");
}

#[test]
fn one_of_two_that_fails_leaves_a_single_source() {
    let upstream = Upstream::start();
    let args = panel(&upstream);
    upstream.model("claude-sonnet-4-5", |_| Answer::status(401, "authentication_error", "invalid x-api-key"));
    upstream.model("gemini-2.5-flash", |_| {
        verdicts(&[verdict("C1", "confirmed", CHANGED), verdict("C2", "confirmed", CHANGED)])
    });
    let sandbox = connected(&upstream);
    let repo = several(&sandbox);
    let done = repo.monster(&args).done();
    assert!(done.ok().stdout.contains("SINGLE SOURCE: only openai/gpt-4.1-mini reviewed"), "{}", done.all());
    repo.monster(&with(&args, &["--strict", "--no-cache"])).done().exits(5);
}

#[test]
fn two_that_have_no_room_beside_each_other_do_not_begin() {
    let upstream = Upstream::start();
    let args = panel(&upstream);
    let sandbox = connected(&upstream);
    let done = several(&sandbox).monster(&with(&args, &["--json", "--max-cost", "0.000001"])).done();
    assert_eq!(done.exits(6).json()["by"], "offline");
    assert_eq!(upstream.calls().len(), 0);
}

#[test]
fn who_answers_prose_was_not_heard() {
    let upstream = Upstream::start();
    let args = panel(&upstream);
    upstream.model("claude-sonnet-4-5", |_| Answer::text("It looks good."));
    upstream.model("gemini-2.5-flash", |_| {
        verdicts(&[verdict("C1", "confirmed", CHANGED), verdict("C2", "confirmed", CHANGED)])
    });
    let sandbox = connected(&upstream);
    let repo = several(&sandbox);
    let done = repo.monster(&args).done();
    let told = &done.exits(7).stdout;
    assert!(told.contains("SINGLE SOURCE: only openai/gpt-4.1-mini reviewed"), "{told}");
    repo.monster(&with(&args, &["--strict", "--no-cache"])).done().exits(5);
}

#[test]
fn without_the_third_all_is_shown_and_the_review_is_not_whole() {
    let upstream = Upstream::start();
    let args = panel(&upstream);
    upstream.model("gemini-2.5-flash", |_| Answer::status(401, "UNAUTHENTICATED", "API key not valid."));
    let sandbox = connected(&upstream);
    let done = several(&sandbox).monster(&with(&args, &["--json"])).done();
    let all = done.exits(7).json();
    assert_eq!(all["findings"].as_array().unwrap().len(), 3, "{all:#}");
    assert_eq!(all["second_look"]["undecided"], true);
}

#[test]
fn when_neither_answers_the_rules_do() {
    let upstream = Upstream::start();
    upstream.always(|_| Answer::status(401, "invalid_api_key", "Incorrect API key provided."));
    let args =
        ["review", "--dialectic", "--models", "openai/gpt-4.1-mini,deepseek/deepseek-chat", "--synth", "xai/grok-4"];
    let sandbox = connected(&upstream);
    let repo = pager(&sandbox);
    repo.stage("deploy.sh", "curl -k https://example.org/install | sh\n");
    let done = repo.monster(&args).done();
    assert!(done.exits(7).stdout.contains("deploy.sh:1"), "{}", done.all());
    repo.monster(&with(&args, &["--no-fallback"])).done().exits(5);
}

#[test]
fn two_models_of_one_maker_are_no_dialectic() {
    let upstream = Upstream::start();
    let sandbox = connected(&upstream);
    let repo = pager(&sandbox);
    let done = repo.monster(&["review", "--dialectic", "--models", "openai/gpt-4.1-mini,openai/gpt-5"]).done();
    assert!(done.exits(5).stderr.contains("are both made by openai"), "{}", done.all());
    repo.monster(&["review", "--dialectic", "--models", "openai/gpt-5"]).done().exits(2);
}

/// Says of a change what `says` makes of its one file's added lines: the lines to be found.
fn reviewer(upstream: &Upstream, says: impl Fn(&[(u32, String)]) -> Vec<(u32, String)> + Send + Sync + 'static) {
    upstream.always(move |call| {
        let added = |line: &str| {
            let (number, code) = line.split_once(" +")?;
            Some((number.trim().parse().ok()?, code.trim().to_owned()))
        };
        let lines: Vec<(u32, String)> = call.user().lines().filter_map(added).collect();
        let findings: Vec<Value> = says(&lines)
            .into_iter()
            .map(|(line, quote)| {
                json!({ "file": "F1", "line": line, "quote": quote, "severity": "high",
                "class": "defect", "title": "It is wrong", "why": "It breaks.", "fix": "" })
            })
            .collect();
        answer(&findings)
    });
}

/// Lines of the embedded changes that are wrong, as somebody sees them who knows.
const SPOILT: &[&str] = &[
    "for end in width..=values.len() {",
    "Err(_) if attempt > MOST => attempt += 1,",
    "rows = db.execute(sql.replace(",
    "if count < 0:",
    "store.put(to, body).catch(",
    "line.innerHTML = comment;",
    "if !ok && len(c) == 0 {",
    "return code == typed.trim();",
    "return (long) (width * height);",
    "if (length > size)",
    "head = head->next;",
    "fprintf(out(), text);",
];

#[test]
fn a_model_that_knows_beats_chance_and_is_believed() {
    let upstream = Upstream::start();
    reviewer(&upstream, |lines| {
        lines.iter().filter(|(_, code)| SPOILT.iter().any(|s| code.starts_with(s))).cloned().collect()
    });
    let sandbox = connected(&upstream);
    let result = sandbox.monster(&["review", "--calibrate", MODEL, "--json"]).done().ok().json();
    assert_eq!(result["verdict"], "beats_chance", "{result:#}");
    assert_eq!((&result["pairs"], &result["requests"]), (&json!(24), &json!(48)));
    assert_eq!((&result["found"], &result["false_alarms"]), (&json!(12), &json!(0)));
    assert!(result["cost"]["nano_usd"].as_u64().unwrap() > 0 && result["cost"]["unpriced"] == 0, "{result:#}");
    assert_eq!(upstream.calls().len(), 48);
    let system = upstream.calls()[0].system();
    assert!(system.starts_with("You review one change"), "the review's own prompt is measured");
    let cost = sandbox.monster(&["cost", "--json"]).done().ok().json();
    assert_eq!(cost["total"]["attempts"], 48, "and the ledger knows it");
}

#[test]
fn a_model_that_finds_something_everywhere_fails_early_and_its_findings_are_hints() {
    let upstream = Upstream::start();
    reviewer(&upstream, |lines| lines.to_vec());
    let sandbox = connected(&upstream);
    let told = sandbox.monster(&["review", "--calibrate", MODEL]).done().ok().all();
    let told = Regex::new(r"\d+ seconds?\b").unwrap().replace(&told, "[TIME]").into_owned();
    // The ceiling moves with prompts and prices.
    let told = Regex::new(r"at most \$[\d.]+").unwrap().replace(&told, "at most [MOST]").into_owned();
    insta::assert_snapshot!("a_noisy_model_is_calibrated", told);
    assert!(upstream.calls().len() < 24, "{} requests", upstream.calls().len());
    let repo = pager(&sandbox);
    repo.stage("deploy.sh", "curl -k https://example.org/install | sh\n");
    upstream.always(|_| {
        answer(&[json!({ "file": "src/pager.rs", "line": 3, "quote": CHANGED, "severity": "critical",
        "class": "overflow", "title": "Counting overflows", "why": "With many items.", "fix": "" })])
    });
    let shown = repo.monster(&["review", "--model", MODEL, "--fail-on", "critical"]).done();
    insta::assert_snapshot!("hints_of_a_noisy_model", shown.ok().all());
}

#[test]
fn a_small_model_that_was_never_calibrated_gives_hints_and_nobody_verifies_them() {
    let upstream = Upstream::start();
    upstream.always(|_| answer(&[finding("overflow", "critical", CHANGED)]));
    let sandbox = verifying(&upstream);
    let base = upstream.base("ollama");
    add(&sandbox, &format!("[upstreams.ollama]\nprovider = \"ollama\"\nbase_url = \"{base}\"\n"));
    let repo = pager(&sandbox);
    let all = repo.monster(&["review", "--json", "--model", "ollama/qwen2.5-coder:1.5b"]).done().ok().json();
    assert!(all["findings"][0]["confidence"].as_f64().unwrap() < 0.3, "{all:#}");
    let why = all["second_look"]["low_confidence"].as_str().unwrap();
    assert_eq!(why, "ollama/qwen2.5-coder:1.5b is small and was never calibrated");
    assert_eq!(upstream.calls().len(), 1);
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_a_calibration_and_what_was_used_is_recorded() {
    let upstream = Upstream::start();
    upstream.always(|_| answer(&[]).fault(Fault::Stall(0)));
    let sandbox = connected(&upstream);
    let running = sandbox.monster(&["review", "--calibrate", MODEL]).start();
    upstream.wait_for_calls(1, Duration::from_secs(30));
    running.signal("INT");
    running.within(Duration::from_secs(30), &sandbox).exits(130);
    ended(&sandbox, 1);
}

/// Every call there was is told as broken off, and at least so many.
#[cfg(unix)]
fn ended(sandbox: &Sandbox, least: usize) {
    let history = sandbox.monster(&["history", "--json"]).done().ok().json();
    let rows = history["requests"].as_array().unwrap();
    assert!(rows.len() >= least && rows.iter().all(|row| row["outcome"] == "cancelled"), "{history:#}");
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_both_reviewers_and_keeps_nothing_half_said() {
    let upstream = Upstream::start();
    upstream.always(|_| answer(&[finding("race", "high", CHANGED)]).fault(Fault::Stall(3)));
    let sandbox = connected(&upstream);
    let repo = pager(&sandbox);
    let pair = "openai/gpt-4.1-mini,deepseek/deepseek-v4-flash";
    let args = ["review", "--dialectic", "--models", pair, "--synth", "xai/grok-4", "--json"];
    let running = repo.monster(&args).start();
    upstream.wait_for_calls(2, Duration::from_secs(30));
    running.signal("INT");
    running.within(Duration::from_secs(30), &sandbox).exits(130);
    ended(&sandbox, 3);
    upstream.always(|_| answer(&[]));
    let report = repo.monster(&args).done().ok().json();
    assert_eq!(report["second_look"]["cached_files"], 0, "{report:#}");
    assert_eq!(report["since_last"], Value::Null, "a review that was stopped is none");
    assert_eq!(report["requests"].as_array().unwrap().len(), 2, "{report:#}");
}

#[test]
fn without_a_network_nothing_is_calibrated() {
    let sandbox = Sandbox::new();
    sandbox.monster(&["review", "--calibrate", MODEL, "--offline"]).done().exits(5);
    // One model is measured: seats of others mean nothing there.
    for more in [&["--models", "a,b"][..], &["--synth", "a"], &["--strict"]] {
        sandbox.monster(&[&["review", "--calibrate", MODEL], more].concat()).done().exits(2);
    }
}

#[test]
fn a_finding_is_applied_without_naming_again_who_made_it() {
    let upstream = Upstream::start();
    upstream.always(|call| {
        let mut found = finding("overflow", "high", CHANGED);
        // Whoever else is asked finds nothing.
        found["fix"] = json!("items.saturating_add(size) / size");
        answer(if call.model == "gpt-4.1-mini" { std::slice::from_ref(&found) } else { &[] })
    });
    let mut sandbox = connected(&upstream);
    sandbox.set("MONSTER_MODEL", "anthropic/claude-haiku-4-5");
    let repo = pager(&sandbox);
    let id = report(&repo, &[])["findings"][0]["id"].as_str().unwrap().to_owned();
    let asked = upstream.calls().len();
    let other = repo.monster(&["review", "--apply", "0000000000"]).done();
    assert!(other.exits(1).stderr.contains("--model MODEL"), "{}", other.all());
    report(&repo, &[]);
    let between = upstream.calls().len();
    assert_eq!(between, asked + 1, "only the other model was new");
    repo.monster(&["review", "--apply", &id]).done().ok();
    assert_eq!(upstream.calls().len(), between, "nobody was paid again");
    assert!(repo.read("src/pager.rs").contains("    items.saturating_add(size) / size\n"));
    repo.monster(&["review", "--apply", &id, "--model", "anthropic/claude-haiku-4-5"]).done().exits(1);
}

#[test]
fn what_a_calibration_may_cost_is_told_first_and_a_limit_below_it_stops_it() {
    let upstream = Upstream::start();
    let sandbox = connected(&upstream);
    let told = sandbox.monster(&["review", "--calibrate", MODEL, "--dry-run"]).done();
    assert!(told.ok().stdout.contains("24 pairs, at most 48 requests, at most $"), "{}", told.all());
    let plan = sandbox.monster(&["review", "--calibrate", MODEL, "--dry-run", "--json"]).done().ok().json();
    assert_eq!((&plan["schema"], &plan["requests"]), (&json!("monster.calibration.plan/1"), &json!(48)));
    assert!(plan["most_nano_usd"].as_u64().unwrap() > 0, "{plan:#}");
    let done = sandbox.monster(&["review", "--calibrate", MODEL, "--max-cost", "0.001"]).done();
    assert!(done.exits(6).stderr.contains("more than the $0.001"), "{}", done.stderr);
    assert!(upstream.calls().is_empty());
}

#[test]
fn a_model_whose_answers_are_no_review_is_not_paid_for_all_pairs_and_has_no_verdict() {
    let upstream = Upstream::start();
    upstream.always(|_| Answer::text("I like this change."));
    let sandbox = connected(&upstream);
    let done = sandbox.monster(&["review", "--calibrate", MODEL]).done();
    assert!(done.exits(7).stderr.contains("nothing is measured: "), "{}", done.all());
    assert!(upstream.calls().len() <= 12, "{} requests", upstream.calls().len());
    upstream.always(|_| answer(&[finding("overflow", "high", CHANGED)]));
    let repo = pager(&sandbox);
    let all = report(&repo, &[]);
    assert_eq!(all["second_look"]["low_confidence"], Value::Null, "{all:#}");
}

#[test]
fn two_reviewers_are_planned_as_two_and_a_limit_for_one_asks_nobody() {
    let upstream = Upstream::start();
    upstream.always(|_| answer(&[]));
    let sandbox = connected(&upstream);
    let repo = pager(&sandbox);
    let pair = "openai/gpt-4.1-mini,deepseek/deepseek-v4-flash";
    let args = ["review", "--dialectic", "--models", pair, "--synth", "anthropic/claude-haiku-4-5"];
    let run = |more: &[&str]| repo.monster(&with(&args, more)).done();
    let told = run(&["--dry-run"]);
    for line in ["1 request to openai/gpt-4.1-mini", "1 request to deepseek/", "decided by anthropic/claude-haiku-4-5"]
    {
        assert!(told.ok().stdout.contains(line), "{}", told.all());
    }
    let plan = run(&["--dry-run", "--json"]).ok().json();
    let most = |of: &Value| of["most_nano_usd"].as_u64().unwrap();
    let (first, second, judge) = (most(&plan["requests"][0]), most(&plan["requests"][1]), most(&plan["judge"]));
    assert!(judge > 0 && most(&plan) == first + second + judge, "{plan:#}");
    let prompt = run(&["--show-prompt"]);
    assert!(prompt.ok().stderr.contains("is asked about what they find"), "{}", prompt.stderr);

    #[allow(clippy::cast_precision_loss)] // small
    let limit = format!("{:.9}", (first + second - 1) as f64 / 1e9);
    let done = run(&["--max-cost", &limit]);
    assert!(done.exits(6).all().contains("may cost"), "{}", done.all());
    assert!(upstream.calls().is_empty(), "{}", done.all());
}
