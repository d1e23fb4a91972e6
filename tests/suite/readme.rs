//! The front page is held equal to the program: every command on it is run, every output on it is compared.

use std::process::Stdio;

use serde_json::json;

use crate::commit::connected;
use crate::sandbox::{Repo, Sandbox};
use crate::upstream::{Answer, Call, Upstream};

const PAGE: &str = include_str!("../../README.md");
const CI: &str = include_str!("../../.ci/run");

/// The blocks of one language.
fn blocks(language: &str) -> Vec<&'static str> {
    PAGE.split("\n```").filter_map(|part| part.strip_prefix(language)?.strip_prefix('\n')).collect()
}

/// The shop that the page's first example reviews.
fn shop(sandbox: &Sandbox) -> Repo<'_> {
    let repo = sandbox.repo("shop");
    let find = "import sqlite3\n\n\ndef find(db, customer):\n    return db.execute(\"select id, total from orders where customer = ?\", (customer,)).fetchall()\n";
    let total = "\n\ndef total(orders):\n    return sum(order[1] for order in orders)\n";
    repo.history(&[
        ("feat(orders): find orders of a customer", "src/orders.py", &format!("{find}{total}")),
        ("docs: say what it does", "README.md", "# Shop\n\nKeeps orders.\n"),
    ]);
    repo.git(&["checkout", "-q", "-b", "orders"]);
    repo.history(&[("docs: say more", "README.md", "# Shop\n\nKeeps orders and sums them up.\n")]);
    let joined = "import sqlite3\nimport requests\n\n\ndef find(db, customer, since=[]):\n    query = \"select id, total from orders where customer = '\" + customer + \"'\"\n    return db.execute(query).fetchall()\n";
    let sync = "\n\ndef sync(orders):\n    try:\n        requests.post(\"https://stock.example.org/orders\", json=orders, verify=False)\n    except:\n        pass\n";
    repo.stage("src/orders.py", &format!("{joined}{total}{sync}"));
    repo.write("deploy.sh", "#!/bin/sh\ncurl -s https://example.org/install | sh\n");
    repo.git(&["add", "deploy.sh"]);
    repo.git(&["update-index", "--chmod=+x", "deploy.sh"]);
    repo
}

fn scripted() -> Upstream {
    let upstream = Upstream::start();
    let message =
        json!({ "type": "fix", "scope": "orders", "subject": "find orders by a bound customer name", "body": "" });
    let a = "Rust has no garbage collector. It frees memory when the owner goes out of scope.";
    let b = "There is no garbage collector in Rust. Rc cycles leak memory.";
    upstream.always(move |call| match call.schema() {
        Some(_) if call.user().contains("Answer X") => Answer::json(&reconciled(call, a)),
        Some(schema) if schema.to_string().contains("findings") => {
            Answer::json(&json!({ "summary": "A change.", "findings": [] }))
        }
        Some(_) => Answer::json(&message),
        None if call.model.starts_with("claude") => Answer::text(b),
        None => Answer::text(a),
    });
    upstream
}

fn reconciled(call: &Call, a: &str) -> serde_json::Value {
    let a_is_x = call.user().split_once("Answer Y").unwrap().0.contains(a);
    let (x, y) = if a_is_x {
        ("no garbage collector", "no garbage collector in Rust")
    } else {
        ("no garbage collector in Rust", "no garbage collector")
    };
    json!({
        "agreed": [{ "claim": "Rust has no collector", "x": x, "y": y }], "disagreed": [],
        "single": [{ "who": if a_is_x { "Y" } else { "X" }, "claim": "cycles leak", "quote": "Rc cycles leak memory." }],
        "answer": "Rust has no garbage collector; owners free memory, and cycles of Rc leak.",
        "confidence": "high", "reason": "both answers are consistent",
    })
}

/// Runs a line of the page as a shell would.
fn shell(sandbox: &Sandbox, repo: &Repo<'_>, line: &str) -> (bool, String, String) {
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_monster")).parent().unwrap().display().to_string();
    let script = format!("PATH='{program}':$PATH; {line}");
    let out = sandbox.command("sh", repo.path()).args(["-c", &script]).stdin(Stdio::null()).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (out.status.success(), text(&out.stdout), text(&out.stderr))
}

#[test]
fn the_outputs_on_the_page_are_what_the_program_prints() {
    let upstream = scripted();
    let blocks = blocks("console");
    assert_eq!(blocks.len(), 3, "review, commit, dialectic");
    for block in blocks {
        let (command, shown) = block.strip_prefix("$ ").unwrap().split_once('\n').unwrap();
        // The first example needs no account.
        let sandbox = if command.contains("--model") { connected(&upstream) } else { Sandbox::new() };
        let repo = shop(&sandbox);
        let (ok, out, err) = shell(&sandbox, &repo, command);
        assert!(ok, "{command}\n{out}{err}");
        let mut shown: Vec<&str> = shown.lines().filter(|l| !l.trim().is_empty()).collect();
        let err: Vec<&str> = err.lines().filter(|l| shown.contains(l)).collect();
        shown.retain(|l| !err.contains(l));
        let mut printed: Vec<&str> = out.lines().filter(|l| !l.trim().is_empty()).collect();
        // Two members speak at once: whose line comes first is nobody's promise.
        let answers = printed.iter().take_while(|l| l.starts_with(['A', 'B']) && l.contains('│')).count();
        printed[..answers].sort_unstable();
        assert_eq!(shown, printed, "{command}");
    }
}

#[test]
fn every_command_on_the_page_runs() {
    let upstream = scripted();
    let sandbox = connected(&upstream);
    let repo = shop(&sandbox);
    let mut run = 0;
    for line in blocks("sh").iter().flat_map(|b| b.lines()).map(|l| l.split("  #").next().unwrap().trim()) {
        match line {
            "" => continue,
            // The two that need a whole checkout are steps of CI itself.
            "cargo run -- review HEAD" => {
                assert!(CI.contains("cargo run --locked --quiet -- review HEAD"))
            }
            "cargo test" => assert!(CI.contains("\ncargo test --locked\n")),
            // It serves until it is asked to end; the port of the page may be somebody's.
            "monster serve" => {
                if cfg!(target_os = "linux") {
                    let line = format!("MONSTER_SERVE_LISTEN='[\"127.0.0.1:0\"]' timeout --preserve-status 3 {line}");
                    let (ok, out, err) = shell(&sandbox, &repo, &line);
                    assert!(ok && out.starts_with("listening on http://127.0.0.1:"), "{line}\n{out}{err}");
                }
                run += 1;
            }
            _ => {
                let (ok, out, err) = shell(&sandbox, &repo, line);
                assert!(ok, "{line}\n{out}{err}");
                run += 1;
            }
        }
    }
    assert!(run > 15, "{run} commands were found");
}

#[test]
fn every_variable_a_key_is_looked_for_in_stands_on_the_page() {
    for provider in monster::providers::all() {
        let Some(name) = provider.sign_in().env.first() else { continue };
        assert!(PAGE.contains(&format!("`{name}`")), "{name}");
    }
}

#[test]
fn the_settings_on_the_page_are_settings() {
    let sandbox = Sandbox::new();
    sandbox.config(&blocks("toml").join("\n"));
    let done = sandbox.monster(&["config", "list"]).done();
    assert_eq!(done.ok().stderr, "", "no problem is told");
    let models = sandbox.monster(&["models", "list", "--json"]).env("WORK_API_KEY", "made-up").done().ok().json();
    assert_eq!(models["models"][0]["name"], "work/house-7b", "{models:#}");
    assert_eq!(models["models"][0]["usd_per_million"]["output"], 0.6);
}

#[test]
fn links_on_the_page_lead_somewhere() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    for link in PAGE.split("](").skip(1).filter_map(|rest| rest.split(')').next()).filter(|l| !l.contains("://")) {
        assert!(root.join(link).exists(), "{link} is not there");
    }
}
