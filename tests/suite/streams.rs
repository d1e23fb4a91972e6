//! `monster serve` while an answer waits: what the caller sees meanwhile, and what may change around him.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::account::with_passphrase;
use crate::caller::{House, hang_up};
use crate::serve::{DIALECTS, MODEL, asked, streamed, world};
use crate::upstream::{Answer, Upstream};

const LONG: Duration = Duration::from_secs(60);
/// The head is held for no longer than this, and then some for a busy machine.
const HOLD: std::ops::Range<Duration> = Duration::from_secs(9)..Duration::from_secs(18);

/// An answer over time: its status, when its head came, when the first of its body, what that was, and all of it.
struct Watched {
    status: u16,
    head: Duration,
    first: Duration,
    sign: String,
    all: String,
}

/// Asks for a stream, and watches how it comes.
fn watch(address: &str, dialect: &str) -> Watched {
    let (path, body) = asked(dialect, MODEL, true);
    let mut line = TcpStream::connect(address).unwrap();
    line.set_read_timeout(Some(LONG)).unwrap();
    let length = body.len();
    let began = Instant::now();
    write!(
        line,
        "POST {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}"
    )
    .unwrap();
    let mut line = BufReader::new(line);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        assert!(line.read_line(&mut head).unwrap() > 0, "{head}");
    }
    let came = began.elapsed();
    // Who stands between is asked to pass everything on at once.
    assert!(
        head.contains("\r\nx-accel-buffering: no\r\n") && head.contains("\r\ncache-control: no-cache\r\n"),
        "{head}"
    );
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    let (mut all, mut first, mut sign) = (String::new(), Duration::ZERO, String::new());
    loop {
        let mut size = String::new();
        line.read_line(&mut size).unwrap();
        let Ok(size @ 1..) = usize::from_str_radix(size.trim(), 16) else { break };
        let mut piece = vec![0; size + 2];
        line.read_exact(&mut piece).unwrap();
        let piece = String::from_utf8(piece[..size].to_vec()).unwrap();
        if all.is_empty() {
            (first, sign) = (began.elapsed(), piece.clone());
        }
        all.push_str(&piece);
    }
    Watched { status, head: came, first, sign, all }
}

/// A sign of life, as clients of this dialect take it: for most a comment, for others what says nothing.
fn is_sign(dialect: &str, piece: &str) -> bool {
    match dialect {
        "anthropic" => piece == "event: ping\ndata: {\"type\":\"ping\"}\n\n",
        // Google's SDK takes a comment for a part of an answer.
        "gemini" => piece == "\n",
        "ollama" => serde_json::from_str::<Value>(piece)
            .is_ok_and(|line| line["message"]["content"] == "" && line["done"] == false && piece.ends_with('\n')),
        _ => piece == ": keep-alive\n\n",
    }
}

#[test]
fn who_waits_for_a_limit_gets_a_head_and_signs_of_life_in_his_dialect_and_then_the_answer() {
    let (upstream, sandbox) = world();
    upstream.next(Answer::rate_limited(14));
    upstream.always(|_| Answer::text("A quiet blue."));
    let house = House::open(&sandbox, &["--no-auth"]);
    std::thread::scope(|scope| {
        for (n, dialect) in DIALECTS.into_iter().enumerate() {
            let address = &house.address;
            scope.spawn(move || {
                let came = watch(address, dialect);
                let told = format!("{dialect}: head {:?}, first {:?}: {}", came.head, came.first, came.all);
                assert_eq!(came.status, 200, "{told}");
                assert!(HOLD.contains(&came.head) && HOLD.contains(&came.first), "{told}");
                assert!(is_sign(dialect, &came.sign), "{told}");
                assert_eq!(streamed(dialect, &came.all), "A quiet blue.", "{told}");
            });
            // The first one learns of the limit for all others.
            let began = Instant::now();
            while n == 0 && house.look("GET", "/monster/v1/requests").json()["open"][0]["state"] != "parked" {
                assert!(began.elapsed() < LONG);
                std::thread::sleep(Duration::from_millis(20));
            }
        }
    });
    assert_eq!(upstream.calls().len(), 1 + DIALECTS.len());
    house.close(&sandbox).ok();
}

#[test]
fn what_fails_after_the_head_is_told_inside_the_stream() {
    let (upstream, sandbox) = world();
    sandbox.config("[net]\nfirst_byte_timeout = 12\n[serve]\npark = 0\n");
    upstream.always(|_| Answer::text("never").slow_head(LONG));
    let house = House::open(&sandbox, &["--no-auth", "--no-fallback"]);
    std::thread::scope(|scope| {
        for dialect in DIALECTS {
            let address = &house.address;
            scope.spawn(move || {
                let came = watch(address, dialect);
                let told = format!("{dialect}: head {:?}, first {:?}: {}", came.head, came.first, came.all);
                assert_eq!(came.status, 200, "{told}");
                assert!(HOLD.contains(&came.head), "{told}");
                let error = match dialect {
                    "anthropic" => came.all.contains("event: error\n"),
                    "responses" => came.all.contains("\"response.failed\"") || came.all.contains("\"type\":\"error\""),
                    _ => came.all.contains("\"error\""),
                };
                assert!(error && !came.all.contains("never"), "{told}");
            });
        }
    });
    house.close(&sandbox).ok();
}

#[test]
fn who_hangs_up_while_he_waits_for_a_limit_leaves_the_line() {
    let (upstream, sandbox) = world();
    upstream.next(Answer::rate_limited(600));
    sandbox.config("[serve]\npark = 900\n");
    let house = House::open(&sandbox, &["--no-auth"]);
    let open = |count: usize, state: &str| {
        let began = Instant::now();
        loop {
            let seen = house.look("GET", "/monster/v1/requests").json()["open"].clone();
            let all = seen.as_array().unwrap();
            if all.len() == count && all.iter().all(|one| one["state"] == state) {
                return seen;
            }
            assert!(began.elapsed() < LONG, "{seen:#}");
            std::thread::sleep(Duration::from_millis(20));
        }
    };
    let ask = |stream| {
        let (path, body) = asked("chat", MODEL, stream);
        let mut line = house.line();
        let (host, length) = (&house.address, body.len());
        write!(line, "POST {path} HTTP/1.1\r\nhost: {host}\r\ncontent-length: {length}\r\n\r\n{body}").unwrap();
        line
    };
    let first = ask(true);
    open(1, "parked");
    let second = ask(false);
    let places = |seen: &Value| -> Vec<u64> {
        let mut all: Vec<u64> =
            seen.as_array().unwrap().iter().map(|one| one["parked"]["position"].as_u64().unwrap()).collect();
        all.sort_unstable();
        all
    };
    assert_eq!(places(&open(2, "parked")), [1, 2]);
    // Before his head and without a stream: nobody writes to them, so nobody notices but by listening.
    hang_up(&first);
    open(1, "parked");
    hang_up(&second);
    open(0, "");
    assert!(house.look("GET", "/metrics").text().contains("\nmonster_requests_parked 0\n"));
    assert_eq!(upstream.calls().len(), 1, "who waits asks nobody");
    house.close(&sandbox).ok();
}

/// An upstream that stops in the middle of its first answer until it is told to go on, and says whose key came.
fn slow() -> (String, Receiver<String>, Sender<()>) {
    fn one(line: TcpStream, keys: &Sender<String>, go: Option<Receiver<()>>) -> Option<()> {
        let mut line = BufReader::new(line);
        let (mut head, mut length) = (String::new(), 0);
        while !head.ends_with("\r\n\r\n") {
            let from = head.len();
            (line.read_line(&mut head).ok()? > 0).then_some(())?;
            let said = head[from..].to_ascii_lowercase();
            length = said.strip_prefix("content-length: ").map_or(length, |n| n.trim().parse().unwrap());
        }
        line.read_exact(&mut vec![0; length]).ok()?;
        let key = head.lines().find_map(|one| {
            one.to_ascii_lowercase()
                .strip_prefix("authorization: bearer ")
                .map(|_| one["authorization: bearer ".len()..].to_owned())
        });
        let _ = keys.send(key.unwrap_or_default());
        let frame = |text: &str, end: Option<&str>| {
            let frame = json!({ "id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m",
                "choices": [{ "index": 0, "delta": { "content": text }, "finish_reason": end }] });
            format!("data: {frame}\n\n")
        };
        let line = line.get_mut();
        write!(
            line,
            "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n{}",
            frame("one ", None)
        )
        .ok()?;
        if let Some(go) = go {
            let _ = go.recv_timeout(LONG);
        }
        write!(line, "{}{}data: [DONE]\n\n", frame("two", None), frame("", Some("stop"))).ok()
    }
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}/v1", listener.local_addr().unwrap());
    let ((keys, told), (go, wait)) = (channel(), channel());
    std::thread::spawn(move || {
        let mut wait = Some(wait);
        for line in listener.incoming().flatten() {
            let (keys, go) = (keys.clone(), wait.take());
            std::thread::spawn(move || one(line, &keys, go));
        }
    });
    (base, told, go)
}

#[test]
fn accounts_that_change_are_noticed_and_an_open_answer_ends_on_the_one_it_began_with() {
    let (base, keys, go) = slow();
    let nobody = Upstream::start();
    let mut sandbox = with_passphrase(&nobody);
    sandbox.live();
    sandbox.config(&format!("[upstreams.lab]\nbase_url = \"{base}\"\nmodels = [\"m\"]\n"));
    let login = |name: &str| {
        let args = ["login", "lab", "--stdin", "--no-check", "--store", "passphrase", "--name", name];
        sandbox.monster(&args).stdin(crate::key::key(name)).done().ok();
    };
    login("before");
    let house = House::open(&sandbox, &["--no-auth"]);
    let (path, body) = asked("chat", "lab/m", true);
    let mut open = house.begin(&path, &[], &body, "one");
    assert_eq!(keys.recv_timeout(LONG).unwrap(), crate::key::key("before"));
    // Another process writes the file; nobody tells the one that serves.
    login("after");
    sandbox.monster(&["accounts", "remove", "before"]).done().ok();
    let began = Instant::now();
    loop {
        let came = house.post(&path, &[], &body).ok();
        assert_eq!(streamed("chat", &came.text()), "one two");
        if keys.recv_timeout(LONG).unwrap() == crate::key::key("after") {
            break;
        }
        assert!(began.elapsed() < LONG, "it was never noticed");
        std::thread::sleep(Duration::from_millis(100));
    }
    go.send(()).unwrap();
    let mut rest = String::new();
    open.read_to_string(&mut rest).unwrap();
    assert!(rest.contains("two") && rest.contains("[DONE]"), "{rest}");
    house.close(&sandbox).ok();
    let rows = sandbox.monster(&["history", "list", "--json", "--limit", "500"]).done().ok().json();
    let rows = rows["requests"].as_array().unwrap();
    let ends: Vec<(&str, &str)> = [rows.last().unwrap(), &rows[0]]
        .map(|row| (row["outcome"].as_str().unwrap(), row["served_by"]["account"].as_str().unwrap()))
        .to_vec();
    assert_eq!(ends, [("done", "before"), ("done", "after")], "{rows:#?}");
}

#[test]
fn lines_of_the_log_are_shown_across_the_file_that_was_put_aside() {
    let sandbox = crate::sandbox::Sandbox::new();
    std::fs::create_dir_all(sandbox.state_dir()).unwrap();
    let log = sandbox.state_dir().join("serve.log");
    let aside = sandbox.state_dir().join("serve.log.1");
    let line =
        |n: usize| format!("{}\n", json!({ "event": "reloaded", "started_ms": 1, "message": format!("line {n};") }));
    let lines = |all: std::ops::RangeInclusive<usize>| all.map(line).collect::<String>();
    let numbers = |done: &crate::sandbox::Done| -> Vec<usize> {
        let said = done.raw.split("line ").skip(1);
        said.map(|rest| rest.split(';').next().unwrap().parse().unwrap()).collect()
    };
    std::fs::write(&aside, lines(1..=5)).unwrap();
    std::fs::write(&log, lines(6..=7)).unwrap();
    assert_eq!(numbers(sandbox.monster(&["serve", "logs", "-n", "4"]).done().ok()), [4, 5, 6, 7]);
    assert_eq!(numbers(sandbox.monster(&["serve", "logs", "-n", "2"]).done().ok()), [6, 7]);
    // It is put aside while somebody follows it, just after a line that he has not seen yet.
    let follows = sandbox.monster(&["serve", "logs", "-n", "1", "--follow"]).start();
    std::thread::sleep(Duration::from_millis(1_500));
    std::fs::write(&log, lines(6..=8)).unwrap();
    std::fs::rename(&log, &aside).unwrap();
    std::fs::write(&log, lines(9..=9)).unwrap();
    std::thread::sleep(Duration::from_millis(1_500));
    std::fs::OpenOptions::new().append(true).open(&log).unwrap().write_all(line(10).as_bytes()).unwrap();
    std::thread::sleep(Duration::from_millis(1_500));
    follows.signal("INT");
    assert_eq!(numbers(&follows.done(&sandbox)), [7, 8, 9, 10]);
}
