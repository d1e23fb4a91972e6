//! `monster models update`, and rows of the user's own: where prices come from, and what is not believed.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use serde_json::{Map, Value, json};

use crate::commit::connected;
use crate::sandbox::Sandbox;
use crate::upstream::{Answer, Upstream};

/// A server that gives one file to everybody.
struct Host {
    address: String,
    says: Arc<Mutex<(u16, Vec<u8>)>>,
}

impl Host {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let says = Arc::new(Mutex::new((404, Vec::new())));
        let told = Arc::clone(&says);
        std::thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let mut reader = BufReader::new(stream.try_clone().unwrap());
                let mut line = String::new();
                while reader.read_line(&mut line).is_ok_and(|n| n > 2) {
                    line.clear();
                }
                let (status, body) = told.lock().unwrap().clone();
                let head = format!(
                    "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\nlocation: https://elsewhere.example/\r\n\
                     content-length: {}\r\nconnection: close\r\n\r\n",
                    body.len()
                );
                // Who has read enough hangs up.
                let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body));
            }
        });
        Self { address, says }
    }

    fn says(&self, body: impl Into<Vec<u8>>) {
        *self.says.lock().unwrap() = (200, body.into());
    }

    fn answers(&self, status: u16) {
        *self.says.lock().unwrap() = (status, b"no".to_vec());
    }

    fn url(&self) -> String {
        format!("{}/api.json", self.address)
    }
}

/// The list in the format of models.dev that says what the embedded one says.
fn list(sandbox: &Sandbox) -> Value {
    let listed = sandbox.monster(&["models", "list", "--all", "--json"]).done().ok().json();
    let mut providers: Map<String, Value> = Map::new();
    for model in listed["models"].as_array().unwrap() {
        let (ours, id) = model["name"].as_str().unwrap().split_once('/').unwrap();
        let theirs = if ours == "gemini" { "google" } else { ours };
        let provider = providers.entry(theirs).or_insert_with(|| json!({ "models": {} }));
        let usd = &model["usd_per_million"];
        provider["models"][id] = json!({ "id": id, "cost": { "input": usd["input"], "output": usd["output"] } });
    }
    Value::Object(providers)
}

fn prices_of(sandbox: &Sandbox, name: &str) -> Value {
    let listed = sandbox.monster(&["models", "list", "--all", "--json"]).done().ok().json();
    listed["models"].as_array().unwrap().iter().find(|m| m["name"] == name).unwrap().clone()
}

/// A checksum is another whenever the list is.
fn hashed(text: &str) -> String {
    regex::Regex::new("[0-9a-f]{64}").unwrap().replace_all(text, "[SHA256]").into_owned()
}

fn kept(sandbox: &Sandbox) -> std::path::PathBuf {
    sandbox.state_dir().join("models.json")
}

#[test]
fn a_newer_list_is_fetched_held_against_what_is_known_and_used() {
    let host = Host::start();
    let sandbox = Sandbox::new();
    let mut list = list(&sandbox);
    list["openai"]["models"]["gpt-6-sol"]["cost"] = json!({ "input": 1.75, "output": 9 });
    list["openai"]["models"]["gpt-6-luna"]["cost"] = json!({ "input": 2, "output": 4 });
    list["openai"]["models"]["gpt-99"] = json!({ "cost": { "input": 3, "output": 4 }, "limit": { "context": 5000 } });
    host.says(list.to_string());
    sandbox.config(&format!("[models]\nurl = \"{}\"\n", host.url()));

    insta::assert_snapshot!(
        "update_check",
        hashed(&sandbox.monster(&["models", "update", "--check"]).done().ok().all())
    );
    assert!(!kept(&sandbox).exists(), "--check keeps nothing");
    insta::assert_snapshot!("update", hashed(&sandbox.monster(&["models", "update"]).done().ok().all()));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(kept(&sandbox).metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }

    let sol = prices_of(&sandbox, "openai/gpt-6-sol");
    assert_eq!(sol["usd_per_million"]["input"], 1.75);
    assert_eq!(sol["prices_from"]["list"], "fetched");
    assert_eq!(sol["prices_from"]["as_of"], "2026-11-24");
    assert_eq!(sol["prices_from"]["age_days"], 0);
    assert!(sol["prices_from"]["source"].as_str().unwrap().ends_with("/api.json (models.dev)"));
    let luna = prices_of(&sandbox, "openai/gpt-6-luna");
    assert_eq!((&luna["usd_per_million"]["input"], &luna["prices_from"]["list"]), (&json!(0.1), &json!("embedded")));
    assert_eq!(luna["prices_from"]["age_days"], 2);
    // As large as one that may be fetched.
    let larger = std::fs::read_to_string(kept(&sandbox)).unwrap() + &" ".repeat(12 << 20);
    std::fs::write(kept(&sandbox), larger).unwrap();
    let new = prices_of(&sandbox, "openai/gpt-99");
    assert_eq!((new["context"].as_u64(), &new["usd_per_million"]["output"]), (Some(5000), &json!(4.0)));

    // The same again changes nothing, and the list before is kept.
    insta::assert_snapshot!("update_again", hashed(&sandbox.monster(&["models", "update"]).done().ok().all()));
    assert!(sandbox.state_dir().join("models.previous.json").exists());
}

#[test]
fn what_was_fetched_prices_the_next_request() {
    let host = Host::start();
    let upstream = Upstream::start();
    upstream.always(|_| Answer::text("Yes."));
    let sandbox = connected(&upstream);
    let mut list = list(&sandbox);
    list["openai"]["models"]["gpt-4.1-mini"]["cost"] = json!({ "input": 1, "output": 2 });
    host.says(list.to_string());
    let url = host.url();
    let spent = |sandbox: &Sandbox| {
        sandbox.monster(&["ask", "why?", "--model", "openai/gpt-4.1-mini", "--no-wait"]).done().ok();
        sandbox.monster(&["cost", "--json"]).done().ok().json()["total"]["nano_usd"].as_u64().unwrap()
    };
    // 100 tokens in, 20 out, at 0.4 and 1.6 dollars a million; then at 1 and 2.
    assert_eq!(spent(&sandbox), 40_000 + 32_000);
    sandbox.monster(&["models", "update", "--from", &url]).done().ok();
    assert_eq!(spent(&sandbox), 72_000 + 100_000 + 40_000, "what was spent before keeps its price");

    // The user's own row lies above.
    let own = "[[model]]\nprovider = \"openai\"\nid = \"gpt-4.1-mini\"\ninput = 10\noutput = 0\n";
    std::fs::write(sandbox.config_dir().join("models.toml"), own).unwrap();
    assert_eq!(spent(&sandbox), 212_000 + 1_000_000);
    let row = prices_of(&sandbox, "openai/gpt-4.1-mini");
    assert_eq!(row["prices_from"]["list"], "overlay");
    assert_eq!(row["prices_from"]["source"], "your overlay models.toml");

    // A repository has no say in prices.
    let repo = sandbox.repo("shop");
    repo.write("models.toml", "[[model]]\nprovider = \"openai\"\nid = \"gpt-4.1-mini\"\ninput = 0\noutput = 0\n");
    repo.monster(&["ask", "why?", "--model", "openai/gpt-4.1-mini", "--no-wait"]).done().ok();
    let total = sandbox.monster(&["cost", "--json"]).done().ok().json()["total"]["nano_usd"].as_u64().unwrap();
    assert_eq!(total, 2_212_000);
}

#[test]
fn a_list_that_shrank_or_that_nobody_can_believe_is_refused_and_nothing_changes() {
    let host = Host::start();
    let sandbox = Sandbox::new();
    let whole = list(&sandbox);
    host.says(whole.to_string());
    sandbox.config(&format!("[models]\nurl = \"{}\"\n", host.url()));
    let update = || sandbox.monster(&["models", "update"]);
    update().done().ok();
    let before = std::fs::read(kept(&sandbox)).unwrap();

    let mut few = whole.clone();
    few["openrouter"]["models"] = json!({});
    few["huggingface"]["models"] = json!({});
    few["anthropic"]["models"] = json!({});
    host.says(few.to_string());
    insta::assert_snapshot!("update_shrunk", update().done().exits(1).all());

    let mut cents = whole;
    for provider in cents.as_object_mut().unwrap().values_mut() {
        for model in provider["models"].as_object_mut().unwrap().values_mut() {
            if let Some(input) = model["cost"]["input"].as_f64() {
                model["cost"]["input"] = json!(input * 100.0);
            }
        }
    }
    host.says(cents.to_string());
    insta::assert_snapshot!("update_absurd", update().done().exits(1).all());

    host.says("<html>busy</html>");
    insta::assert_snapshot!("update_garbage", update().done().exits(1).all());
    host.says("{\"hello\":{\"world\":1}}");
    insta::assert_snapshot!("update_other_format", update().done().exits(1).all());
    host.says(vec![b' '; (16 << 20) + 1]);
    insta::assert_snapshot!("update_huge", update().done().exits(1).all());
    host.answers(404);
    insta::assert_snapshot!("update_missing", update().done().exits(1).all());
    host.answers(302);
    insta::assert_snapshot!("update_redirect", update().done().exits(1).all());
    assert_eq!(std::fs::read(kept(&sandbox)).unwrap(), before, "the list there was is the list there is");
}

#[test]
fn a_checksum_that_does_not_fit_is_an_error() {
    let host = Host::start();
    let sandbox = Sandbox::new();
    host.says(list(&sandbox).to_string());
    let url = host.url();
    let wrong = "0".repeat(64);
    let done = sandbox.monster(&["models", "update", "--from", &url, "--sha256", &wrong]).done();
    assert!(done.exits(1).stderr.contains("is another file") && done.stderr.contains(&wrong), "{}", done.stderr);
    assert!(!kept(&sandbox).exists());
    let told = sandbox.monster(&["models", "update", "--from", &url, "--check", "--json"]).done().ok().json();
    let right = told["sha256"].as_str().unwrap().to_uppercase();
    sandbox.monster(&["models", "update", "--from", &url, "--sha256", &right]).done().ok();
    let stored: Value = serde_json::from_slice(&std::fs::read(kept(&sandbox)).unwrap()).unwrap();
    assert_eq!(stored["sha256"], told["sha256"]);
    sandbox.monster(&["models", "update", "--sha256", "abc"]).done().exits(2);
}

#[test]
fn nothing_is_fetched_offline_or_in_the_clear() {
    let sandbox = Sandbox::new();
    insta::assert_snapshot!(
        "update_offline",
        sandbox.monster(&["models", "update", "--offline"]).done().exits(1).all()
    );
    let plain = sandbox.monster(&["models", "update", "--from", "http://example.org/api.json"]).done();
    insta::assert_snapshot!("update_plain", plain.exits(1).all());
    sandbox.monster(&["models", "update", "--source", "somebody"]).done().exits(2);
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let nobody = sandbox.monster(&["models", "update", "--from", &format!("http://{closed}/")]).done();
    assert!(nobody.exits(1).stderr.contains("could not be fetched"), "{}", nobody.stderr);
}

#[test]
fn a_damaged_list_or_a_wrong_row_is_told_and_breaks_nothing() {
    let upstream = Upstream::start();
    upstream.always(|_| Answer::text("Yes."));
    let sandbox = connected(&upstream);
    std::fs::create_dir_all(sandbox.state_dir()).unwrap();
    std::fs::write(kept(&sandbox), "{\"schema\":\"monster.catal").unwrap();
    let own = "[[model]]\nprovider = \"openai\"\nid = \"gpt-4.1-mini\"\ninptu = 10\n";
    std::fs::write(sandbox.config_dir().join("models.toml"), own).unwrap();
    let args = ["ask", "why?", "--model", "openai/gpt-4.1-mini", "--no-wait"];
    let done = sandbox.monster(&args).done();
    assert_eq!(done.ok().stdout, "Yes.\n");
    insta::assert_snapshot!("damaged_lists", sandbox.monster(&args).done().ok().all());
    let row = prices_of(&sandbox, "openai/gpt-4.1-mini");
    assert_eq!(row["prices_from"]["list"], "embedded");
}

#[test]
fn the_list_says_where_prices_come_from() {
    let upstream = Upstream::start();
    let sandbox = connected(&upstream);
    let done = sandbox.monster(&["models", "list", "deepseek"]).done();
    insta::assert_snapshot!("models_deepseek", done.ok().all());
    let list = sandbox.monster(&["models", "list", "--all", "--json"]).done().ok().json();
    for model in list["models"].as_array().unwrap() {
        let priced = !model["usd_per_million"]["input"].is_null();
        assert_eq!(priced, model["prices_from"]["as_of"].is_string(), "{model}");
        assert!(!priced || model["prices_from"]["source"].as_str().is_some_and(|s| !s.is_empty()), "{model}");
    }
}
