//! `monster serve` where something breaks: no panic, no lost row, and a caller who is told in his own words.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::caller::{House, send};
use crate::sandbox::Sandbox;
use crate::serve::{DIALECTS, MODEL, asked, said, streamed, world};
use crate::upstream::{Answer, Fault};

const LONG: Duration = Duration::from_secs(60);

/// Rows of the ledger, the newest first.
fn rows(sandbox: &Sandbox) -> Vec<Value> {
    let list = sandbox.monster(&["history", "list", "--json", "--limit", "500"]).done().ok().json();
    list["requests"].as_array().unwrap().clone()
}

/// Waits until nothing is under way.
fn quiet(house: &House) {
    let began = Instant::now();
    while !house.look("GET", "/monster/v1/requests").json()["open"].as_array().unwrap().is_empty() {
        assert!(began.elapsed() < LONG, "something never ends: {}", house.look("GET", "/monster/v1/requests").text());
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// An error as clients of this dialect know it, whole.
fn is_error(dialect: &str, body: &Value) -> bool {
    match dialect {
        "anthropic" => body["type"] == "error" && body["error"]["message"].is_string(),
        "gemini" => body["error"]["code"].is_number() && body["error"]["status"].is_string(),
        "ollama" => body["error"].is_string(),
        _ => body["error"]["message"].is_string() && body["error"].get("type").is_some(),
    }
}

/// An error inside a stream.
fn says_error(dialect: &str, text: &str) -> bool {
    match dialect {
        "anthropic" => text.contains("event: error"),
        "responses" => text.contains("response.failed") || text.contains("\"type\":\"error\""),
        _ => text.contains("\"error\""),
    }
}

#[test]
fn who_finds_every_route_cooling_is_told_by_what() {
    // (what the upstream says, what the caller hears: the one that met it, and the next; and what is written down)
    let cases = [
        (
            Answer::status(503, "overloaded", "Come back when it is quiet."),
            [503, 503],
            "Come back when it is quiet.",
            "overloaded",
        ),
        (Answer::rate_limited(900), [429, 429], "Rate limit", "rate_limited"),
    ];
    for (answer, statuses, words, outcome) in cases {
        let (upstream, sandbox) = world();
        upstream.may_refuse();
        upstream.always(move |_| answer.clone());
        sandbox.config("[serve]\npark = 0\n");
        let house = House::open(&sandbox, &["--no-auth"]);
        let (path, body) = asked("chat", MODEL, false);
        for status in statuses {
            let came = house.post(&path, &[], &body);
            let told = came.json()["error"]["message"].as_str().unwrap_or_default().to_owned();
            assert_eq!(came.status, status, "{told}");
            assert!(told.contains("every route is cooling down") && told.contains(words), "{told}");
        }
        drop(house.close(&sandbox));
        let outcomes: Vec<Value> = rows(&sandbox).iter().map(|row| row["outcome"].clone()).collect();
        assert_eq!(outcomes, [outcome, outcome]);
        let log = std::fs::read_to_string(sandbox.state_dir().join("serve.log")).unwrap();
        assert_eq!(log.matches(&format!("\"outcome\":\"{outcome}\"")).count(), 2, "{log}");
    }
}

#[test]
fn every_fault_of_an_upstream_is_an_error_in_the_callers_own_words() {
    std::thread::scope(|scope| {
        for dialect in DIALECTS {
            scope.spawn(move || faults_in(dialect));
        }
    });
}

fn faults_in(dialect: &str) {
    let (upstream, sandbox) = world();
    upstream.may_refuse();
    sandbox.config("[net]\nidle_timeout = 1\nfirst_byte_timeout = 5\n[serve]\npark = 0\n");
    let house = House::open(&sandbox, &["--no-auth"]);
    let body = |status, kind: &str, text: &str| Fault::Body(status, kind.to_owned(), text.to_owned());
    let faults: Vec<(&str, Fault)> = vec![
        ("refuse", Fault::Refuse),
        ("empty", Fault::Empty),
        ("garbage", Fault::Garbage(1)),
        ("error", Fault::ErrorEvent(1)),
        ("drop", Fault::Drop(1)),
        ("stall", Fault::Stall(1)),
        ("page", body(502, "text/html", "<html>bad gateway</html>")),
        ("page of success", body(200, "text/html", "<html>Sign in to the hotel's network</html>")),
        ("page under another name", body(200, "application/json", "<html>Sign in</html>")),
        ("error of success", body(200, "application/json", "{\"error\":{\"message\":\"no\",\"code\":\"x\"}}")),
        ("cut", body(200, "application/json", "{\"id\":\"1\",\"choices\":[{\"message\":{\"content\":\"one")),
        ("of no type", body(200, "image/png", "\u{fffd}PNG")),
    ];
    for stream in [false, true] {
        let (path, body) = asked(dialect, MODEL, stream);
        for (name, fault) in &faults {
            // Whatever is tried again meets the same.
            let answer = Answer::text("one two three four").fault(fault.clone());
            upstream.always(move |_| answer.clone());
            let came = house.post(&path, &[], &body);
            let told = format!("{dialect}, {name}, stream {stream}: {} {}", came.status, came.text());
            if came.status == 200 && stream {
                assert!(says_error(dialect, &came.text()), "{told}");
            } else {
                assert!((400..600).contains(&came.status), "{told}");
                assert!(is_error(dialect, &came.json()), "{told}");
            }
        }
    }
    quiet(&house);
    let done = house.close(&sandbox);
    assert!(!done.ok().stderr.contains("panicked"), "{}", done.all());
    let rows = rows(&sandbox);
    assert_eq!(rows.len(), 2 * faults.len());
    assert!(rows.iter().all(|row| row["outcome"] != "done" && row["outcome"] != "interrupted"), "{rows:#?}");
}

#[test]
fn who_stops_reading_is_left_at_the_deadline_and_so_is_the_upstream() {
    let sandbox = Sandbox::new();
    let (address, left) = talker();
    sandbox.config(&format!(
        "[serve]\ndeadline = 3\n[upstreams.talker]\nprovider = \"generic\"\nbase_url = \"http://{address}/v1\"\n\
         models = [\"m\"]\n"
    ));
    let house = House::open(&sandbox, &["--no-auth"]);
    let (path, body) = asked("chat", "talker/m", true);
    let line = house.begin(&path, &[], &body, "word");
    // Nothing of the rest is taken.
    let began = Instant::now();
    let said = left.recv_timeout(LONG).expect("the upstream is left");
    assert!(began.elapsed() > Duration::from_secs(2), "not before its time");
    // Both kernels' buffers on both ways hold some.
    assert!(said < 32 << 20, "what nobody takes is not read on: {said} bytes");
    quiet(&house);
    drop(line);
    house.close(&sandbox).ok();
    let rows = rows(&sandbox);
    assert_eq!(rows.len(), 1);
    // Whichever of the two was first: the answer's deadline, or that nothing was taken for as long.
    assert!(["cancelled", "timed_out"].contains(&rows[0]["outcome"].as_str().unwrap()), "{:#}", rows[0]);
}

/// An upstream that says more than anybody wants to hear, and how many bytes it had said when it was left.
fn talker() -> (std::net::SocketAddr, std::sync::mpsc::Receiver<usize>) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (told, left) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let (mut line, _) = listener.accept().unwrap();
        let mut head = [0; 8192];
        let _ = line.read(&mut head);
        let _ = line.write_all(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n");
        let words = "word ".repeat(2_000);
        let frame = json!({ "id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m",
            "choices": [{ "index": 0, "delta": { "content": words }, "finish_reason": null }] });
        let frame = format!("data: {frame}\n\n");
        let mut said = 0;
        while line.write_all(frame.as_bytes()).is_ok() {
            said += frame.len();
        }
        let _ = told.send(said);
    });
    (address, left)
}

#[test]
fn a_store_that_another_keeps_locked_holds_no_answer_up_and_has_every_row_in_the_end() {
    let (upstream, sandbox) = world();
    let house = House::open(&sandbox, &["--no-auth"]);
    let (path, body) = asked("anthropic", MODEL, false);
    upstream.next(Answer::text("first"));
    house.post(&path, &[], &body).ok();
    let other = rusqlite::Connection::open(sandbox.state_dir().join("monster.db")).unwrap();
    std::thread::sleep(Duration::from_millis(200));
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let began = Instant::now();
    for _ in 0..30 {
        upstream.next(Answer::text("meanwhile"));
        assert_eq!(said("anthropic", &house.post(&path, &[], &body).ok().json()), "meanwhile");
    }
    // Each of them would have waited for as long as SQLite waits.
    assert!(began.elapsed() < LONG, "{:?}", began.elapsed());
    other.execute_batch("COMMIT").unwrap();
    house.close(&sandbox).ok();
    let rows = rows(&sandbox);
    assert_eq!(rows.len(), 31);
    assert!(rows.iter().all(|row| row["outcome"] == "done"), "{rows:#?}");
}

#[test]
fn half_a_head_holds_nobody_up_and_is_shut_the_door_on() {
    let (upstream, sandbox) = world();
    sandbox.config("[serve]\nconnections = 400\n");
    let house = House::open(&sandbox, &["--no-auth"]);
    let slow: Vec<TcpStream> = (0..300)
        .map(|n| {
            let mut line = house.line();
            write!(line, "POST /v1/messages HTTP/1.1\r\nhost: a\r\nx-{n}:").unwrap();
            line
        })
        .collect();
    upstream.next(Answer::text("meanwhile"));
    let (path, body) = asked("responses", MODEL, false);
    assert_eq!(said("responses", &house.post(&path, &[], &body).ok().json()), "meanwhile");
    // They dribble, which makes them no quicker.
    for mut line in slow {
        let _ = line.write_all(b"y");
        let mut rest = Vec::new();
        // Shut, or told that it took too long; not still open.
        if let Err(error) = line.read_to_end(&mut rest) {
            assert!(matches!(error.kind(), ErrorKind::ConnectionReset | ErrorKind::BrokenPipe), "{error}");
        }
        let rest = String::from_utf8_lossy(&rest);
        assert!(rest.is_empty() || rest.starts_with("HTTP/1.1 408") || rest.starts_with("HTTP/1.1 400"), "{rest}");
    }
    house.close(&sandbox).ok();
}

#[test]
fn what_no_surface_can_read_is_a_bad_request_in_its_own_words() {
    let (upstream, sandbox) = world();
    let house = House::open(&sandbox, &["--no-auth"]);
    let deep = format!("{}{}", "[".repeat(5_000), "]".repeat(5_000));
    let bodies: Vec<Vec<u8>> =
        vec![
        Vec::new(),
        b"{".to_vec(),
        b"null".to_vec(),
        b"[]".to_vec(),
        b"{\"model\":7}".to_vec(),
        b"{\"model\":\"".iter().copied().chain([0xff, 0xfe]).chain(*b"\"}").collect(),
        deep.clone().into_bytes(),
        format!("{{\"model\":\"m\",\"messages\":{deep},\"input\":{deep},\"contents\":{deep}}}").into_bytes(),
        json!({ "model": MODEL, "messages": "no list", "input": { "a": 1 }, "contents": 3 }).to_string().into_bytes(),
        json!({ "model": MODEL, "messages": [{ "role": 5, "content": { "x": [] } }], "input": [[]], "contents": [1] })
            .to_string()
            .into_bytes(),
        json!({ "model": "\u{0}\r\nx: y", "messages": [{ "role": "user", "content": "x" }], "input": "x",
            "contents": [] }).to_string().into_bytes(),
    ];
    for dialect in DIALECTS {
        let (path, _) = asked(dialect, MODEL, false);
        for body in &bodies {
            let mut line = house.line();
            write!(line, "POST {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n", house.address).unwrap();
            write!(line, "content-type: application/json\r\ncontent-length: {}\r\n\r\n", body.len()).unwrap();
            line.write_all(body).unwrap();
            let came = crate::caller::read(&mut std::io::BufReader::new(line)).expect("an answer");
            let told = format!("{dialect}, {:.60}: {} {}", String::from_utf8_lossy(body), came.status, came.text());
            assert!([400, 404, 413, 422].contains(&came.status), "{told}");
            assert!(is_error(dialect, &came.json()), "{told}");
            assert!(upstream.calls().is_empty(), "nobody is asked what cannot be read: {told}");
        }
    }
    let done = house.close(&sandbox);
    assert!(!done.ok().stderr.contains("panicked"), "{}", done.all());
}

#[test]
fn a_disk_that_is_full_costs_rows_and_no_answers() {
    let (upstream, mut sandbox) = world();
    let Some(small) = Small::mount() else {
        return eprintln!("skipped: this user may not mount a small disk");
    };
    let state = small.0.path().join("state");
    sandbox.set("MONSTER_STATE_DIR", state.to_str().unwrap());
    let key = sandbox.monster(&["serve", "key", "add", "agent", "--day", "5"]).done().ok().raw.trim().to_owned();
    let house = sandbox.monster(&["serve", "--listen", "127.0.0.1:0", "--no-auth"]).start();
    let house = House::at(house, &state.join("serve.sock"));
    let (path, body) = asked("chat", MODEL, true);
    upstream.next(Answer::text("before"));
    assert_eq!(streamed("chat", &house.post(&path, &[], &body).ok().text()), "before");
    // What was asked before is in the database by then, and nothing of its file is left to be written to.
    std::thread::sleep(Duration::from_millis(500));
    // Nothing is left, not a byte.
    let mut fill = std::fs::File::create(small.0.path().join("fill")).unwrap();
    while fill.write_all(&[0; 4096]).is_ok() {}
    for _ in 0..5 {
        upstream.next(Answer::text("meanwhile"));
        assert_eq!(streamed("chat", &house.post(&path, &[], &body).ok().text()), "meanwhile");
    }
    // A process that is killed now would lose them: whoever looks is told, and his own terminal too.
    let unwritten = |many: &str| house.look("GET", "/metrics").text().contains(&format!("requests_unwritten {many}\n"));
    let ready = || house.get("/readyz", &[]).ok().text();
    assert!(unwritten("5") && ready() == "ready, but rows of requests lie nowhere on disk\n", "{}", ready());
    std::thread::sleep(Duration::from_millis(2_500));
    // What a key may spend cannot be kept: that is no lack of money, and passes.
    for dialect in DIALECTS {
        let (path, body) = asked(dialect, MODEL, false);
        let came = house.post(&path, &[("authorization", &format!("Bearer {key}"))], &body);
        // Anthropic's clients know it by a number of their own.
        let status = if dialect == "anthropic" { 529 } else { 503 };
        assert_eq!(came.status, status, "{dialect}: {}", came.text());
        assert!(is_error(dialect, &came.json()) && came.text().contains("budget cannot be kept"), "{}", came.text());
    }
    drop(fill);
    std::fs::remove_file(small.0.path().join("fill")).unwrap();
    upstream.next(Answer::text("after"));
    assert_eq!(streamed("chat", &house.post(&path, &[], &body).ok().text()), "after");
    let began = Instant::now();
    while !unwritten("0") {
        assert!(began.elapsed() < LONG, "it is never over");
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(ready(), "ready\n");
    std::thread::sleep(Duration::from_millis(2_500));
    let done = house.close(&sandbox);
    assert!(!done.ok().stderr.contains("panicked"), "{}", done.all());
    let said = &done.stderr;
    assert!(said.contains("rows of requests wait in memory alone") && said.contains("disk is full"), "{said}");
    assert_eq!(said.matches("rows of requests lie on disk again").count(), 1, "{said}");
    // What could not be written then waited in memory, begin and end.
    let rows = rows(&sandbox);
    assert_eq!(rows.len(), 7, "{rows:#?}");
    for row in &rows {
        let attempts = row["attempts"].as_array().unwrap();
        assert!(row["outcome"] == "done" && attempts.len() == 1 && attempts[0]["usage"].is_object(), "{row:#}");
    }
}

/// A disk of two megabytes.
struct Small(tempfile::TempDir);

impl Small {
    fn mount() -> Option<Self> {
        let at = tempfile::tempdir().unwrap();
        let mut mount = std::process::Command::new("mount");
        let mount = mount.args(["-t", "tmpfs", "-o", "size=2m,mode=700", "none"]).arg(at.path()).output().ok()?;
        mount.status.success().then_some(Self(at))
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        let _ = std::process::Command::new("umount").arg("-l").arg(self.0.path()).status();
    }
}

#[test]
fn killed_after_a_storm_every_answer_that_was_given_has_its_row() {
    let (upstream, sandbox) = world();
    let house = House::open(&sandbox, &["--no-auth"]);
    for round in 0..3 {
        for _ in 0..40 {
            upstream.next(Answer::text("yes"));
        }
        let (path, body) = asked("chat", MODEL, round == 1);
        let address = &house.address;
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..5 {
                        send(address, "POST", &path, &[], &body).ok();
                    }
                });
            }
        });
    }
    // The last of them was answered just now.
    house.running.signal("KILL");
    let _ = house.running.done(&sandbox);
    let rows = sandbox.monster(&["history", "list", "--json", "--limit", "500"]).done().ok().json();
    let rows = rows["requests"].as_array().unwrap();
    assert_eq!(rows.len(), 120);
    for row in rows {
        assert_eq!(row["outcome"], "done", "{row:#}");
        assert_eq!(row["attempts"][0]["usage"]["source"], "reported", "{row:#}");
    }
    let left = std::fs::read_dir(sandbox.state_dir()).unwrap();
    let left: Vec<String> = left.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    assert!(left.iter().all(|name| !name.starts_with("ahead-")), "{left:?}");
}
