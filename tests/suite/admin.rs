//! Whoever looks into a running `monster serve`: over its socket, or over TCP with the token.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::caller::House;
use crate::commit::connected;
use crate::sandbox::Sandbox;
use crate::upstream::{Answer, Upstream};

const MODEL: &str = "openai/gpt-4.1-mini";

fn world() -> (Upstream, Sandbox) {
    let upstream = Upstream::start();
    let mut sandbox = connected(&upstream);
    sandbox.live();
    (upstream, sandbox)
}

fn token(sandbox: &Sandbox, flags: &[&str]) -> String {
    let shown = sandbox.monster(&[&["serve", "token"], flags].concat()).done();
    let token = shown.ok().raw.trim().to_owned();
    assert!(token.starts_with("ma_") && token.len() == 46, "{}", shown.all());
    token
}

#[test]
fn the_token_is_masked_wherever_it_stands() {
    let (_upstream, sandbox) = world();
    let token = token(&sandbox, &[]);
    let done = sandbox.monster(&["redact"]).stdin(format!("it is {token}, and that is all\n")).done();
    assert!(!done.ok().stdout.contains(&token) && done.stdout.contains("[PLACEHOLDER]"), "{}", done.all());
}

fn asked(stream: bool) -> String {
    json!({ "model": MODEL, "stream": stream, "messages": [{ "role": "user", "content": "Name a colour." }] })
        .to_string()
}

fn ask(house: &House, stream: bool) -> crate::caller::Came {
    house.post("/v1/chat/completions", &[], &asked(stream))
}

/// The live feed, read over TCP.
struct Feed {
    line: BufReader<TcpStream>,
}

impl Feed {
    fn open(house: &House, token: &str, accept: &str) -> Self {
        let mut line = house.line();
        write!(
            line,
            "GET /monster/v1/events HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {token}\r\naccept: {accept}\r\n\r\n",
            house.address
        )
        .unwrap();
        let mut feed = Self { line: BufReader::new(line) };
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert!(feed.line.read_line(&mut head).unwrap() > 0, "{head}");
        }
        assert!(head.starts_with("HTTP/1.1 200") && head.contains(&format!("content-type: {accept}")), "{head}");
        feed
    }

    /// The next thing that is told. Sizes of pieces, signs of life and empty lines are none.
    fn next(&mut self) -> Value {
        loop {
            let mut line = String::new();
            assert!(self.line.read_line(&mut line).unwrap() > 0, "the feed ended");
            let text = line.trim().strip_prefix("data: ").unwrap_or(line.trim());
            if text.starts_with('{') {
                return serde_json::from_str(text).unwrap();
            }
        }
    }

    /// Words, up to the end of one request.
    fn story(&mut self) -> (Vec<String>, Value) {
        let mut words = Vec::new();
        loop {
            let told = self.next();
            words.push(told["event"].as_str().unwrap().to_owned());
            if told["event"] == "finished" {
                return (words, told);
            }
        }
    }
}

#[test]
fn the_token_opens_the_house_over_tcp_and_nothing_else_does() {
    let (upstream, sandbox) = world();
    upstream.always(|_| Answer::text("Come in."));
    let house = House::open(&sandbox, &[]);
    let file = sandbox.state_dir().join("serve.token");
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let admin = format!("Bearer {}", token(&sandbox, &[]));
    let key = sandbox.monster(&["serve", "key", "add", "editor"]).done().ok().raw.trim().to_owned();
    std::thread::sleep(Duration::from_millis(300));
    let caller = format!("Bearer {key}");
    let own = format!("http://{}", house.address);
    for path in ["/monster/v1/status", "/monster/v1/requests", "/monster/v1/openapi.json", "/metrics"] {
        for (headers, status) in [
            (vec![], 401),
            (vec![("authorization", admin.as_str())], 200),
            (vec![("authorization", admin.as_str()), ("origin", own.as_str())], 200),
            (vec![("authorization", admin.as_str()), ("host", "evil.example")], 403),
            (vec![("authorization", admin.as_str()), ("origin", "https://evil.example")], 403),
            (vec![("authorization", caller.as_str())], 403),
            (vec![("authorization", &admin[..admin.len() - 1])], 401),
            (vec![("authorization", admin.as_str()), ("authorization", admin.as_str())], 401),
            // It is sent as Bearer, and in no address that a log would keep.
            (vec![("x-api-key", &admin["Bearer ".len()..])], 401),
        ] {
            let came = house.get(path, &headers);
            assert_eq!(came.status, status, "{path} {headers:?}: {}", came.text());
            assert_eq!(came.header("www-authenticate").is_some(), status == 401, "{path} {headers:?}");
        }
        assert_eq!(house.get(&format!("{path}?key={}", &admin["Bearer ".len()..]), &[]).status, 401);
    }
    // The token asks no model.
    let body = json!({ "model": MODEL, "messages": [{ "role": "user", "content": "hi" }] }).to_string();
    assert_eq!(house.post("/v1/chat/completions", &[("authorization", &admin)], &body).status, 401);
    assert_eq!(house.post("/v1/chat/completions", &[("authorization", &caller)], &body).status, 200);
    let reload = house.post("/monster/v1/reload", &[("authorization", &admin)], "");
    assert_eq!(reload.status, 202, "{}", reload.text());
    assert_eq!(house.post("/monster/v1/reload", &[("authorization", &caller)], "").status, 403);
    // Another one holds at once; one that others could read opens nothing.
    let other = format!("Bearer {}", token(&sandbox, &["--new"]));
    assert_eq!(house.get("/monster/v1/status", &[("authorization", &admin)]).status, 401);
    assert_eq!(house.get("/monster/v1/status", &[("authorization", &other)]).status, 200);
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
    assert_eq!(house.get("/monster/v1/status", &[("authorization", &other)]).status, 401);
    let refused = sandbox.monster(&["serve", "token"]).done();
    assert!(refused.exits(1).stderr.contains("serve.token"), "{}", refused.all());
    // Over the socket nobody needs it, and nothing that is kept or printed has it.
    let metrics = house.look("GET", "/metrics").ok().text();
    assert!(metrics.contains("monster_refused_total{why=\"token\"}"), "{metrics}");
    let done = house.close(&sandbox);
    for said in [&done.ok().raw, &done.stderr, &std::fs::read_to_string(sandbox.state_dir().join("serve.log")).unwrap()]
    {
        assert!(!said.contains("ma_"), "{said}");
    }
}

#[test]
fn the_document_says_how_to_come_in_and_names_what_is_there() {
    let (_upstream, sandbox) = world();
    let house = House::open(&sandbox, &[]);
    let document = house.look("GET", "/monster/v1/openapi.json").ok().json();
    assert_eq!(document["security"], json!([{ "token": [] }]));
    assert_eq!(document["components"]["securitySchemes"]["token"]["scheme"], "bearer");
    let bearer = format!("Bearer {}", token(&sandbox, &[]));
    for (path, calls) in document["paths"].as_object().unwrap() {
        let open = calls["get"]["security"] == json!([]);
        let method = if calls["post"].is_object() { "POST" } else { "GET" };
        if path.ends_with("/events") {
            continue;
        }
        assert_eq!(house.send(method, path, &[], "").status, if open { 200 } else { 401 }, "{path}");
        let status = house.send(method, path, &[("authorization", &bearer)], "").status;
        assert!(calls[method.to_lowercase()]["responses"][status.to_string()].is_object(), "{path}: {status}");
    }
    // Every reference leads somewhere.
    let text = document.to_string();
    for name in text.split("#/components/schemas/").skip(1).map(|rest| rest.split('"').next().unwrap()) {
        assert!(document["components"]["schemas"][name].is_object(), "{name}");
    }
    house.close(&sandbox).ok();
}

/// A schema of the document, strict: what is answered and not in it is an error.
fn strict(document: &Value, schema: &Value) -> jsonschema::Validator {
    fn close(schema: &mut Value) {
        match schema {
            Value::Object(members) => {
                if members.get("properties").is_some_and(Value::is_object) {
                    members.insert("additionalProperties".to_owned(), json!(false));
                }
                members.values_mut().for_each(close);
            }
            Value::Array(all) => all.iter_mut().for_each(close),
            _ => {}
        }
    }
    let mut schemas = document["components"]["schemas"].clone();
    // What a failure says beside its message, and what else is in an OpenAPI document, is for others to say.
    ["Failure", "Document"].iter().for_each(|open| drop(schemas.as_object_mut().unwrap().remove(*open)));
    close(&mut schemas);
    for open in ["Failure", "Document"] {
        schemas[open] = document["components"]["schemas"][open].clone();
    }
    let mut whole = schema.clone();
    whole["components"] = json!({ "schemas": schemas });
    jsonschema::options().build(&whole).unwrap()
}

#[test]
fn what_is_answered_is_what_the_document_says_member_for_member() {
    let (upstream, sandbox) = world();
    let house = House::open(&sandbox, &["--no-auth"]);
    let document = house.look("GET", "/monster/v1/openapi.json").ok().json();
    let token = token(&sandbox, &[]);
    let mut feed = Feed::open(&house, &token, "application/x-ndjson");
    // One that failed over, waited and was answered; one that failed; one that is still open.
    upstream.next(Answer::rate_limited(1));
    upstream.next(Answer::text("A quiet blue."));
    ask(&house, true).ok();
    upstream.may_refuse();
    upstream.next(Answer::status(400, "invalid_request_error", "not so"));
    assert_eq!(ask(&house, false).status, 400);
    upstream.next(Answer::text("late").slow_head(Duration::from_secs(2)));
    let open = house.line();
    let body = asked(true);
    let (host, length) = (&house.address, body.len());
    write!(&open, "POST /v1/chat/completions HTTP/1.1\r\nhost: {host}\r\ncontent-length: {length}\r\n\r\n{body}")
        .unwrap();
    let event = strict(&document, &json!({ "$ref": "#/components/schemas/Event" }));
    let mut ends = 0;
    while ends < 3 {
        let told = feed.next();
        assert!(
            event.is_valid(&told),
            "{told:#}\n{:?}",
            event.iter_errors(&told).map(|e| e.to_string()).collect::<Vec<_>>()
        );
        ends += usize::from(told["event"] == "finished");
    }
    let bearer = format!("Bearer {token}");
    let wrong = ("authorization", "Bearer nobody's");
    let foreign = ("origin", "https://evil.example");
    let mut seen = 0;
    for (path, calls) in document["paths"].as_object().unwrap() {
        let (method, call) = calls.as_object().unwrap().iter().next().unwrap();
        let right = ("authorization", bearer.as_str());
        for headers in [vec![right], vec![], vec![wrong], vec![right, foreign]] {
            // The feed has no end, and was looked at.
            if path.ends_with("/events") && headers.len() == 1 && headers[0] == right {
                continue;
            }
            let came = house.send(&method.to_uppercase(), path, &headers, "");
            let said = &call["responses"][came.status.to_string()];
            let told = format!("{path} {headers:?}: {} {}", came.status, came.text());
            let kind = came.header("content-type").unwrap().split(';').next().unwrap().to_owned();
            let schema = &said["content"][&kind]["schema"];
            assert!(schema.is_object(), "{told}: {said:#}");
            let value = if kind == "application/json" { came.json() } else { json!(came.text()) };
            let schema = strict(&document, schema);
            let errors: Vec<String> = schema.iter_errors(&value).map(|error| error.to_string()).collect();
            assert!(errors.is_empty(), "{told}\n{errors:?}");
            for header in said["headers"].as_object().into_iter().flat_map(|all| all.keys()) {
                assert!(came.header(header).is_some(), "{told}: {header}");
            }
            seen += 1;
        }
    }
    assert_eq!(seen, 31, "8 paths, 4 ways each, but for the feed");
    // Those that were said to have ended: of each kind there was one.
    let all = house.look("GET", "/monster/v1/requests").ok().json();
    let outcomes: Vec<&str> =
        all["finished"].as_array().unwrap().iter().map(|r| r["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, ["done", "bad_request", "done"]);
    house.close(&sandbox).ok();
}

#[test]
fn whoever_watches_sees_a_request_begin_wait_be_answered_and_end() {
    let (upstream, sandbox) = world();
    let house = House::open(&sandbox, &["--no-auth"]);
    let token = token(&sandbox, &[]);
    for accept in ["text/event-stream", "application/x-ndjson"] {
        let mut feed = Feed::open(&house, &token, accept);
        let now = feed.next();
        assert_eq!((&now["event"], &now["requests"]["open"]), (&json!("now"), &json!([])));
        let mut seq = now["seq"].as_u64().unwrap();
        upstream.next(Answer::rate_limited(1));
        upstream.next(Answer::text("A quiet blue."));
        ask(&house, true).ok();
        let mut states = Vec::new();
        loop {
            let told = feed.next();
            seq += 1;
            assert_eq!(told["seq"], seq, "none is missing: {told}");
            let request = &told["request"];
            states.push((told["event"].as_str().unwrap().to_owned(), request["state"].as_str().unwrap().to_owned()));
            match told["event"].as_str().unwrap() {
                "parked" => assert!(
                    request["parked"]["position"] == 1
                        && request["parked"]["wakes_ms"].as_i64() > request["started_ms"].as_i64(),
                    "{told}"
                ),
                "finished" => {
                    assert_eq!((&request["outcome"], &request["route"]), (&json!("done"), &json!(MODEL)), "{told}");
                    assert!(
                        request["output_tokens"].as_u64() > Some(0) && request["took_ms"].as_u64() >= Some(1_000),
                        "{told}"
                    );
                    break;
                }
                _ => {}
            }
            assert!(!told.to_string().contains("colour") && !told.to_string().contains("blue"), "{told}");
        }
        let words: Vec<&str> = states.iter().map(|(word, _)| word.as_str()).collect();
        assert_eq!(words, ["started", "trying", "parked", "trying", "answering", "finished"], "{states:?}");
        let states: Vec<&str> = states.iter().map(|(_, state)| state.as_str()).collect();
        assert_eq!(states, ["starting", "waiting", "parked", "waiting", "answering", "finished"]);
    }
    house.close(&sandbox).ok();
}

#[test]
fn one_who_does_not_read_holds_nobody_up_and_one_who_comes_again_sees_what_is() {
    let (upstream, sandbox) = world();
    upstream.always(|_| Answer::text("Blue."));
    let house = House::open(&sandbox, &["--no-auth"]);
    let token = token(&sandbox, &[]);
    let mut lazy = Feed::open(&house, &token, "application/x-ndjson");
    let mut eager = Feed::open(&house, &token, "text/event-stream");
    assert_eq!(eager.next()["event"], "now");
    for _ in 0..30 {
        ask(&house, false).ok();
        assert_eq!(eager.story().0, ["started", "trying", "answering", "finished"]);
    }
    drop(eager);
    // A request that stays open, and somebody who comes while it is.
    upstream.next(Answer::text("late").slow_head(Duration::from_secs(3)));
    let mut line = house.line();
    let (address, body) = (&house.address, asked(false));
    let head =
        format!("POST /v1/chat/completions HTTP/1.1\r\nhost: {address}\r\ncontent-length: {}\r\n\r\n", body.len());
    line.write_all((head + &body).as_bytes()).unwrap();
    let began = Instant::now();
    while house.look("GET", "/monster/v1/requests").json()["open"].as_array().unwrap().is_empty() {
        assert!(began.elapsed() < Duration::from_secs(20));
        std::thread::sleep(Duration::from_millis(10));
    }
    let mut again = Feed::open(&house, &token, "text/event-stream");
    let now = again.next();
    let id = now["requests"]["open"][0]["id"].clone();
    assert_eq!(now["requests"]["finished"].as_array().unwrap().len(), 30, "{now}");
    let (_, end) = again.story();
    assert_eq!(end["request"]["id"], id, "the one that was open is told to its end");
    // Who read nothing all the while has missed nothing that was kept for him.
    let mut seq = lazy.next()["seq"].as_u64().unwrap();
    for _ in 0..31 {
        let (words, end) = lazy.story();
        seq += words.len() as u64;
        assert_eq!(end["seq"], seq);
    }
    let done = house.close(&sandbox);
    assert!(done.ok().stderr.is_empty() || !done.stderr.contains("cut off"), "watchers are no answers: {}", done.all());
}
