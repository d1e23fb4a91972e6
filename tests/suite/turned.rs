//! Requests to `monster serve` that end at the door, and what a caller may know of what he may not use.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::caller::House;
use crate::sandbox::Sandbox;
use crate::serve::{MODEL, asked, world};
use crate::upstream::{Answer, Call};

const LONG: Duration = Duration::from_secs(60);

fn key(sandbox: &Sandbox, args: &[&str]) -> String {
    let made = sandbox.monster(&[&["serve", "key", "add"], args].concat()).done();
    format!("Bearer {}", made.ok().raw.trim())
}

/// The log, once it has so many lines: they are written a moment later.
fn log(sandbox: &Sandbox, lines: usize) -> Vec<Value> {
    let until = Instant::now() + LONG;
    let text = loop {
        let text = std::fs::read_to_string(sandbox.state_dir().join("serve.log")).unwrap_or_default();
        if text.lines().count() >= lines && text.ends_with('\n') {
            break text;
        }
        assert!(Instant::now() < until, "{text}");
        std::thread::sleep(Duration::from_millis(10));
    };
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn names(list: &Value) -> Vec<&str> {
    list["data"].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap()).collect()
}

#[test]
fn whoever_is_refused_gets_an_id_and_the_log_has_a_line_of_it() {
    let (upstream, sandbox) = world();
    let bearer = key(&sandbox, &["narrow", "--models", "openai/other*", "--per-minute", "3"]);
    let house = House::open(&sandbox, &[]);
    let (path, body) = asked("anthropic", MODEL, false);
    let own = format!("http://{}", house.address);
    let known = [("authorization", bearer.as_str()), ("origin", own.as_str())];
    let asks = [
        (401, "unauthorized", house.post(&path, &[("origin", &own)], &body)),
        (403, "forbidden", house.post(&path, &known, &body)),
        (404, "not_found", house.post("/v1/nothing", &known, &body)),
        (405, "bad_request", house.send("PUT", &path, &known, "")),
        (400, "bad_request", house.post(&path, &known, "no request at all")),
        (429, "rate_limited", house.post(&path, &known, &body)),
        (403, "forbidden", house.post(&path, &[("host", "evil.example")], &body)),
    ];
    let mut told = Vec::new();
    for (status, kind, came) in asks {
        assert_eq!(came.status, status, "{kind}: {}", came.text());
        let id = came.header("x-monster-request-id").expect(kind).to_owned();
        // A page of ours may read why.
        let page = came.header("access-control-allow-origin").map(str::to_owned);
        assert_eq!(page.is_some(), told.len() < 6, "{status} {kind}: {page:?}");
        told.push((id, status));
    }
    let log = log(&sandbox, told.len());
    let lines: Vec<(String, u64)> =
        log.iter().map(|l| (l["id"].as_str().unwrap().to_owned(), l["status"].as_u64().unwrap())).collect();
    assert_eq!(lines, told.into_iter().map(|(id, status)| (id, u64::from(status))).collect::<Vec<_>>());
    let why: Vec<&str> = log.iter().map(|l| l["outcome"].as_str().unwrap()).collect();
    assert_eq!(why, ["key", "forbidden", "not_found", "bad_request", "bad_request", "limit", "host"]);
    let who: Vec<&str> = log.iter().map(|l| l["caller"].as_str().unwrap()).collect();
    assert_eq!(who, ["", "serve/narrow", "serve/narrow", "", "serve/narrow", "serve/narrow", ""]);
    let shown = sandbox.monster(&["serve", "logs", "-n", "1"]).done();
    assert!(shown.ok().stdout.contains("refused with 403 · a stranger"), "{}", shown.all());
    let metrics = house.look("GET", "/metrics").ok().text();
    assert!(
        metrics.contains("monster_requests_total{dialect=\"anthropic-messages\",outcome=\"forbidden\"} 1"),
        "{metrics}"
    );
    house.close(&sandbox).ok();
    assert!(upstream.calls().is_empty());
}

#[test]
fn strangers_fill_no_log() {
    let (_upstream, sandbox) = world();
    let house = House::open(&sandbox, &[]);
    let (path, body) = asked("chat", MODEL, false);
    for _ in 0..150 {
        assert_eq!(house.post(&path, &[], &body).status, 401);
    }
    let metrics = house.look("GET", "/metrics").ok().text();
    assert!(metrics.contains("monster_refused_total{why=\"key\"} 150"), "{metrics}");
    house.close(&sandbox).ok();
    let lines = log(&sandbox, 60).len();
    assert!((60..=120).contains(&lines), "{lines} lines");
}

#[test]
fn a_key_sees_the_models_that_it_may_use_and_no_others() {
    let (_upstream, sandbox) = world();
    sandbox.config("[aliases]\nmine = [\"openai/gpt-4.1-mini\"]\ntheirs = [\"anthropic/claude-haiku-4-5\"]\n");
    let bearer = key(&sandbox, &["narrow", "--models", "openai/*"]);
    let house = House::open(&sandbox, &[]);
    let head = [("authorization", bearer.as_str())];
    let list = house.send("GET", "/v1/models", &head, "").ok().json();
    let listed = names(&list);
    assert!(listed.contains(&"gpt-4.1-mini") && listed.contains(&"mine"), "{listed:?}");
    assert!(!listed.iter().any(|name| name.contains("claude") || *name == "theirs" || *name == "monster/dialectic"));
    let all = house.look("GET", "/v1/models").ok().json();
    assert!(names(&all).iter().any(|name| name.contains("claude")));
    for (name, status) in [
        ("gpt-4.1-mini", 200),
        // What is answered under a name is there under it.
        ("openai/gpt-4.1-mini", 200),
        ("gpt-4.1-mini(high)", 200),
        ("monster/fast", 200),
        ("anthropic/claude-haiku-4-5", 403),
        ("no-such-model", 404),
    ] {
        let came = house.send("GET", &format!("/v1/models/{name}"), &head, "");
        assert_eq!(came.status, status, "{name}: {}", came.text());
        let came = house.post("/api/show", &head, &json!({ "model": name }).to_string());
        assert_eq!(came.status, status, "show {name}: {}", came.text());
    }
    let tagged = house.post("/api/show", &head, r#"{"model":"openai/gpt-4.1-mini:latest"}"#).ok().json();
    assert_eq!(tagged["model_info"]["general.basename"], "openai/gpt-4.1-mini");
    house.close(&sandbox).ok();
}

#[test]
fn a_discussion_may_be_asked_for_with_how_hard_it_thinks() {
    let (upstream, sandbox) = world();
    upstream.always(|call| match call.schema() {
        Some(_) => Answer::json(&json!({ "agreed": [], "disagreed": [{ "claim": "the colour", "a": "Red", "b": "Blue",
            "settle": "it depends" }], "single": [], "answer": "Either will do.", "confidence": "low", "reason": "" })),
        None => Answer::text(if call.provider == "openai" { "Red" } else { "Blue" }),
    });
    let house = House::open(&sandbox, &["--no-auth"]);
    for name in ["monster/dialectic(low)", "monster/dialectic(low):latest", "monster/dialectic"] {
        let (path, body) = asked("chat", name, false);
        let came = house.post(&path, &[], &body).ok();
        assert!(came.text().contains("A is ") && came.text().contains("B is "), "{name}: {}", came.text());
    }
    let asked = |call: &Call| call.provider == "openai" && call.body["reasoning"]["effort"] == "low";
    let low = upstream.calls().iter().filter(|call| asked(call)).count();
    assert_eq!(low, 2, "what stands behind the name holds for its voices, and for that request alone");
    house.close(&sandbox).ok();
}

#[test]
fn a_budget_keeps_nobody_from_looking_while_the_ledger_is_locked() {
    let (upstream, sandbox) = world();
    upstream.always(|_| Answer::text("Blue."));
    let bearer = key(&sandbox, &["thrifty", "--day", "5"]);
    let house = House::open(&sandbox, &[]);
    let head = [("authorization", bearer.as_str())];
    let (path, body) = asked("chat", MODEL, false);
    house.post(&path, &head, &body).ok();
    let other = rusqlite::Connection::open(sandbox.state_dir().join("monster.db")).unwrap();
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let began = Instant::now();
    house.send("GET", "/v1/models", &head, "").ok();
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
    // What may cost waits, and is told that it is no matter of money.
    let came = house.post(&path, &head, &body);
    assert_eq!((came.status, came.header("retry-after")), (503, Some("1")), "{}", came.text());
    other.execute_batch("ROLLBACK").unwrap();
    house.post(&path, &head, &body).ok();
    house.close(&sandbox).ok();
}

#[test]
fn who_has_not_said_what_he_wants_keeps_nobody_from_going() {
    let (_upstream, sandbox) = world();
    let house = House::open(&sandbox, &["--no-auth"]);
    let mut lines = Vec::new();
    for half in [&b""[..], b"POST /v1/mess", b"POST /v1/messages HTTP/1.1\r\nhost: x\r\n", b"PRI * HTTP/2.0\r\n\r"] {
        let mut line = TcpStream::connect(&house.address).unwrap();
        line.set_read_timeout(Some(LONG)).unwrap();
        line.write_all(half).unwrap();
        lines.push(line);
    }
    // They are in.
    house.look("GET", "/monster/v1/status").ok();
    let began = Instant::now();
    house.close(&sandbox).ok();
    assert!(began.elapsed() < Duration::from_secs(6), "{:?}", began.elapsed());
    for mut line in lines {
        let _ = line.read(&mut [0; 16]);
    }
}

#[test]
fn who_is_in_the_way_of_an_address_is_named_however_it_is_spelled() {
    let (_upstream, sandbox) = world();
    key(&sandbox, &["editor"]);
    let house = House::open(&sandbox, &[]);
    let (_, port) = house.address.rsplit_once(':').unwrap();
    let second = sandbox.monster(&["serve", "--plain", "--listen", &format!("0.0.0.0:{port}")]).done();
    let who = format!("is taken by another monster serve (process {})", house.running.id());
    assert!(second.exits(1).stderr.contains(&who), "{}", second.all());
    house.close(&sandbox).ok();
}
