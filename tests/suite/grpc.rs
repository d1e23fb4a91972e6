//! gRPC through `monster serve`: xAI's own surface, and services of others that the settings let through.

use std::time::{Duration, Instant};

use bytes::Bytes;
use h2::client::{ResponseFuture, SendRequest};
use h2::{RecvStream, SendStream};
use http::{HeaderMap, Method, Request};
use serde_json::{Value, json};
use tokio::runtime::Runtime;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::timeout;

use crate::caller::House;
use crate::commit::connected;
use crate::sandbox::Sandbox;
use crate::upstream::{Answer, Upstream};

const LONG: Duration = Duration::from_secs(30);
const ECHO: &str = "/acme.v1.Echo";

fn varint(mut value: u64) -> Vec<u8> {
    let mut out = Vec::new();
    while value >= 0x80 {
        out.push(u8::try_from(value & 0x7f).unwrap() | 0x80);
        value >>= 7;
    }
    out.push(u8::try_from(value).unwrap());
    out
}

/// A field of a message: its number, and text, bytes or a message within.
fn field(number: u64, value: impl AsRef<[u8]>) -> Vec<u8> {
    let value = value.as_ref();
    [varint(number << 3 | 2), varint(value.len() as u64), value.to_vec()].concat()
}

fn number(number: u64, value: u64) -> Vec<u8> {
    [varint(number << 3), varint(value)].concat()
}

fn framed(message: impl AsRef<[u8]>) -> Bytes {
    let message = message.as_ref();
    [&[0][..], &u32::try_from(message.len()).unwrap().to_be_bytes(), message].concat().into()
}

/// What the service saw.
#[derive(Debug, PartialEq, Eq)]
enum Saw {
    Call {
        path: String,
        headers: Vec<(String, String)>,
    },
    /// Bytes of a message, with what stands before them.
    Said(Vec<u8>),
    /// The caller is done.
    End,
    /// He hung up.
    Gone,
}

/// A service that says everything again, as it comes; the method's name says how it ends.
struct Echo {
    base: String,
    saw: UnboundedReceiver<Saw>,
}

impl Echo {
    fn start() -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let base = format!("http://{}/v1", listener.local_addr().unwrap());
        let (told, saw) = unbounded_channel();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async move {
                let listener = tokio::net::TcpListener::from_std(listener).unwrap();
                while let Ok((stream, _)) = listener.accept().await {
                    let told = told.clone();
                    tokio::spawn(async move {
                        let (die, mut dies) = unbounded_channel::<()>();
                        let Ok(mut connection) = h2::server::handshake(stream).await else { return };
                        loop {
                            tokio::select! {
                                call = connection.accept() => match call {
                                    Some(Ok((request, respond))) => {
                                        tokio::spawn(play(request, respond, told.clone(), die.clone()));
                                    }
                                    _ => return,
                                },
                                // The connection is gone in the middle of everything.
                                _ = dies.recv() => return,
                            }
                        }
                    });
                }
            });
        });
        Self { base, saw }
    }

    fn next(&mut self, runtime: &Runtime) -> Saw {
        runtime.block_on(async { timeout(LONG, self.saw.recv()).await }).expect("it saw nothing").unwrap()
    }

    fn nothing(&mut self) -> bool {
        self.saw.try_recv().is_err()
    }
}

async fn play(
    request: Request<RecvStream>,
    mut respond: h2::server::SendResponse<Bytes>,
    told: UnboundedSender<Saw>,
    die: UnboundedSender<()>,
) {
    let (head, mut body) = request.into_parts();
    let mut headers: Vec<(String, String)> = head
        .headers
        .iter()
        .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
        .collect();
    headers.sort();
    let path = head.uri.path().to_owned();
    let method = path.rsplit('/').next().unwrap().to_owned();
    let _ = told.send(Saw::Call { path, headers });
    let response =
        http::Response::builder().header("content-type", "application/grpc+proto").header("x-of-service", "head");
    if method == "Silent" {
        let gone = std::future::poll_fn(|cx| respond.poll_reset(cx)).await;
        drop(gone);
        let _ = told.send(Saw::Gone);
        return;
    }
    if method == "Refuses" {
        let response = response.header("grpc-status", "5").header("grpc-message", "no such thing").body(()).unwrap();
        let _ = respond.send_response(response, true);
        return;
    }
    if method == "Lacks" {
        let response = response.header("grpc-status", "12").header("grpc-message", "no method").body(()).unwrap();
        let _ = respond.send_response(response, true);
        return;
    }
    if method == "Empty" {
        let response = response.header("grpc-status", "0").header("x-bits-bin", "AAEC").body(()).unwrap();
        let _ = respond.send_response(response, true);
        return;
    }
    let Ok(mut stream) = respond.send_response(response.body(()).unwrap(), false) else { return };
    let (mut rest, mut count) = (Vec::new(), 0);
    loop {
        match body.data().await {
            Some(Ok(piece)) => {
                let _ = body.flow_control().release_capacity(piece.len());
                rest.extend_from_slice(&piece);
                while rest.len() >= 5 {
                    let length = u32::from_be_bytes(rest[1..5].try_into().unwrap()) as usize;
                    if rest.len() < 5 + length {
                        break;
                    }
                    let message: Vec<u8> = rest.drain(..5 + length).collect();
                    let _ = told.send(Saw::Said(message.clone()));
                    let _ = stream.send_data(message.into(), false);
                    count += 1;
                }
                if method == "Dies" && count == 1 {
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    let _ = die.send(());
                    return;
                }
                if method == "Resets" && count == 1 {
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    return stream.send_reset(h2::Reason::INTERNAL_ERROR);
                }
            }
            Some(Err(_)) => {
                let _ = told.send(Saw::Gone);
                return;
            }
            None => break,
        }
    }
    let _ = told.send(Saw::End);
    let mut trailers = HeaderMap::new();
    trailers.insert("grpc-status", "0".parse().unwrap());
    trailers.insert("x-of-service", format!("{count} messages").parse().unwrap());
    trailers.insert("x-bits-bin", "AAEC".parse().unwrap());
    let _ = stream.send_trailers(trailers);
}

/// A program that calls over HTTP/2.
struct Caller {
    send: SendRequest<Bytes>,
    address: String,
}

impl Caller {
    async fn of(house: &House) -> Self {
        let stream = tokio::net::TcpStream::connect(&house.address).await.unwrap();
        let (send, connection) = h2::client::handshake(stream).await.unwrap();
        tokio::spawn(async move { drop(connection.await) });
        Self { send, address: house.address.clone() }
    }

    async fn call(&mut self, path: &str, headers: &[(&str, &str)]) -> (ResponseFuture, SendStream<Bytes>) {
        let uri = format!("http://{}{path}", self.address);
        let mut request = Request::builder().method(Method::POST).uri(uri).header("te", "trailers");
        if !headers.iter().any(|(name, _)| *name == "content-type") {
            request = request.header("content-type", "application/grpc");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send = self.send.clone().ready().await.unwrap();
        self.send.send_request(request.body(()).unwrap(), false).unwrap()
    }

    /// One message, and all that comes back.
    async fn ask(&mut self, path: &str, headers: &[(&str, &str)], message: Bytes) -> Back {
        let (response, mut stream) = self.call(path, headers).await;
        let _ = stream.send_data(message, true);
        Back::of(response).await
    }
}

/// What came back.
#[derive(Debug)]
struct Back {
    http: u16,
    headers: HeaderMap,
    body: Vec<u8>,
    trailers: HeaderMap,
    /// The head ended the stream.
    alone: bool,
}

impl Back {
    async fn of(response: ResponseFuture) -> Self {
        let response = timeout(LONG, response).await.expect("a head").unwrap();
        let (head, mut body) = response.into_parts();
        let alone = body.is_end_stream();
        let mut all = Vec::new();
        while let Some(piece) = timeout(LONG, body.data()).await.expect("a piece") {
            let Ok(piece) = piece else { break };
            let _ = body.flow_control().release_capacity(piece.len());
            all.extend_from_slice(&piece);
        }
        let trailers = timeout(LONG, body.trailers()).await.expect("trailers").ok().flatten().unwrap_or_default();
        Self { http: head.status.as_u16(), headers: head.headers, body: all, trailers, alone }
    }

    /// Status and sentence, wherever they stand.
    fn status(&self) -> (String, String) {
        let of = |name: &str| {
            let value = self.trailers.get(name).or_else(|| self.headers.get(name));
            value.map_or_else(String::new, |v| v.to_str().unwrap().to_owned())
        };
        (of("grpc-status"), of("grpc-message").replace("%22", "\""))
    }
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap()
}

/// A house that lets the echo through, and the account's key for it.
fn world(settings: &str, flags: &[&str]) -> (Echo, Sandbox, House, String) {
    let echo = Echo::start();
    let mut sandbox = Sandbox::new();
    let key = crate::key::key("openai");
    sandbox.live().set("ACME_KEY", &key);
    sandbox.config(&format!(
        "[upstreams.acme]\nbase_url = \"{}\"\nkey_env = \"ACME_KEY\"\npass = [\"acme.v1.*\", \"other.Service\"]\n{settings}",
        echo.base
    ));
    let house = House::open(&sandbox, flags);
    (echo, sandbox, house, key)
}

fn rows(sandbox: &Sandbox) -> Vec<Value> {
    let rows = sandbox.monster(&["history", "list", "--json", "--limit", "50"]).done().ok().json();
    rows["requests"].as_array().unwrap().clone()
}

#[test]
fn a_call_goes_on_byte_for_byte_with_trailers_both_ways_and_our_key_in_the_place_of_the_caller_s() {
    let (mut echo, sandbox, house, key) = world("", &[]);
    let made = sandbox
        .monster(&["serve", "key", "add", "agent", "--models", "acme/acme.v1.*"])
        .done()
        .ok()
        .raw
        .trim()
        .to_owned();
    std::thread::sleep(Duration::from_millis(300));
    let bearer = format!("Bearer {made}");
    let runtime = runtime();
    let message = framed(field(1, "größer \u{1}\u{0}"));
    let headers = [
        ("authorization", bearer.as_str()),
        ("x-of-caller", "one"),
        ("x-of-caller-bin", "AAEC"),
        ("x-monster-hint", "ours"),
        ("content-type", "application/grpc+proto"),
        ("grpc-accept-encoding", "gzip"),
    ];
    let (came, refused, foreign, bare) = runtime.block_on(async {
        let mut caller = Caller::of(&house).await;
        let came = caller.ask(&format!("{ECHO}/Say"), &headers, message.clone()).await;
        // What the key may not, what nobody passes on, and no key at all.
        let refused = caller.ask("/other.Service/Say", &headers, message.clone()).await;
        let foreign = caller.ask("/foreign.Service/Say", &headers, message.clone()).await;
        let bare = caller.ask(&format!("{ECHO}/Say"), &[], message.clone()).await;
        (came, refused, foreign, bare)
    });
    assert_eq!((came.http, came.body.as_slice()), (200, &message[..]));
    assert_eq!(came.headers["x-of-service"], "head");
    assert_eq!(came.headers["content-type"], "application/grpc+proto");
    let told = |name: &str| came.trailers[name].to_str().unwrap().to_owned();
    assert_eq!([told("grpc-status"), told("x-of-service"), told("x-bits-bin")], ["0", "1 messages", "AAEC"]);
    let Saw::Call { path, headers } = echo.next(&runtime) else { panic!("no call") };
    assert_eq!(path, "/acme.v1.Echo/Say");
    let value = |name: &str| headers.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str());
    assert_eq!(value("authorization"), Some(format!("Bearer {key}").as_str()));
    assert_eq!(
        [value("x-of-caller"), value("x-of-caller-bin"), value("te")],
        [Some("one"), Some("AAEC"), Some("trailers")]
    );
    assert_eq!([value("grpc-accept-encoding"), value("x-monster-hint")], [Some("gzip"), None]);
    assert_eq!([echo.next(&runtime), echo.next(&runtime)], [Saw::Said(message.to_vec()), Saw::End]);
    assert_eq!(refused.status().0, "7", "{refused:?}");
    let (code, message) = foreign.status();
    assert!(code == "5" && message.contains("upstreams.NAME.pass"), "{code} {message}");
    assert_eq!(bare.status().0, "16", "{bare:?}");
    assert!(echo.nothing(), "none of these went on");
    house.close(&sandbox).ok();
    let rows = rows(&sandbox);
    assert_eq!(rows.len(), 1, "{rows:#?}");
    let (row, attempt) = (&rows[0], &rows[0]["attempts"][0]);
    assert_eq!([&row["caller"], &row["outcome"]], [&json!("serve/agent"), &json!("done")]);
    assert_eq!((&attempt["dialect"], &attempt["model"]), (&json!("grpc"), &json!("acme.v1.Echo/Say")));
    let length = came.body.len();
    assert_eq!(attempt["bytes"], json!({ "sent": length, "received": length }));
    let shown = sandbox.monster(&["history", "show", row["id"].as_str().unwrap()]).done().ok().raw.clone();
    assert!(shown.contains(&format!("{length} sent, {length} received")), "{shown}");
}

#[test]
fn messages_go_to_and_fro_while_both_ends_speak() {
    let (mut echo, sandbox, house, _) = world("", &["--no-auth"]);
    let runtime = runtime();
    runtime.block_on(async {
        let mut caller = Caller::of(&house).await;
        let (response, mut stream) = caller.call(&format!("{ECHO}/Talk"), &[]).await;
        let mut body: Option<RecvStream> = None;
        let mut response = Some(response);
        for n in 0..20 {
            let message = framed(field(1, format!("turn {n}")));
            // A message may come in pieces.
            let (a, b) = message.split_at(3);
            stream.send_data(Bytes::copy_from_slice(a), false).unwrap();
            stream.send_data(Bytes::copy_from_slice(b), false).unwrap();
            if let Some(response) = response.take() {
                body = Some(timeout(LONG, response).await.unwrap().unwrap().into_body());
            }
            let body = body.as_mut().unwrap();
            let mut got = Vec::new();
            while got.len() < message.len() {
                let piece = timeout(LONG, body.data()).await.expect("an answer before the next turn").unwrap().unwrap();
                let _ = body.flow_control().release_capacity(piece.len());
                got.extend_from_slice(&piece);
            }
            assert_eq!(got, message);
        }
        stream.send_data(Bytes::new(), true).unwrap();
        let trailers = timeout(LONG, body.unwrap().trailers()).await.unwrap().unwrap().unwrap();
        assert_eq!(
            (&trailers["grpc-status"], &trailers["x-of-service"]),
            (&"0".parse().unwrap(), &"20 messages".parse().unwrap())
        );
    });
    assert!(matches!(echo.next(&runtime), Saw::Call { .. }));
    house.close(&sandbox).ok();
}

#[test]
fn what_holds_a_secret_does_not_go_on_whatever_the_mode_for_keys_of_the_user_s_own() {
    let secret = ["gh", "p_", &"aB3dE5gH1jK7mN9pQ2rS4tU6vW8xY0zA1bC2"[..36]].concat();
    for mode in ["redact", "off"] {
        let (mut echo, sandbox, house, key) = world(&format!("[redact]\nmode = \"{mode}\"\n"), &["--no-auth"]);
        let runtime = runtime();
        for (what, text, stops) in [
            ("a key of somebody's", format!("use {secret} here"), mode == "redact"),
            ("the user's own key", format!("use {key} here"), true),
            ("nothing", "use none here".to_owned(), false),
        ] {
            let message = framed([field(1, "first"), field(2, field(1, text))].concat());
            let came = runtime
                .block_on(async { Caller::of(&house).await.ask(&format!("{ECHO}/Say"), &[], message.clone()).await });
            let (code, told) = came.status();
            assert_eq!(code, if stops { "3" } else { "0" }, "{mode} {what}: {told}");
            assert!(!told.contains(&secret) && !told.contains(&key), "{told}");
            let mut went = Vec::new();
            while let Ok(saw) = echo.saw.try_recv() {
                went.push(saw);
            }
            assert_eq!(went.contains(&Saw::Said(message.to_vec())), !stops, "{mode} {what}: {went:?}");
        }
        // Nor beside the messages, nor where it cannot be looked for.
        let (metadata, packed) = runtime.block_on(async {
            let mut caller = Caller::of(&house).await;
            let metadata = caller.ask(&format!("{ECHO}/Say"), &[("x-note", &key)], framed("")).await;
            let mut packed = framed(field(1, "packed")).to_vec();
            packed[0] = 1;
            (metadata, caller.ask(&format!("{ECHO}/Say"), &[("grpc-encoding", "gzip")], packed.into()).await)
        });
        assert_eq!(metadata.status().0, "3");
        assert!(packed.status().1.contains("compressed"), "{packed:?}");
        // Each is counted, and stands in the audit as what was not sent.
        let refused = if mode == "redact" { 3 } else { 2 };
        let metrics = house.look("GET", "/metrics").ok().text();
        assert!(metrics.contains(&format!("monster_refused_total{{why=\"secret\"}} {refused}\n")), "{metrics}");
        house.close(&sandbox).ok();
        let report = sandbox.monster(&["redact", "report", "--json"]).done().ok().json();
        let report = report["rows"].as_array().unwrap();
        assert!(report.len() >= refused && report.iter().all(|row| row["action"] == "block"), "{report:#?}");
        for entry in std::fs::read_dir(sandbox.state_dir()).unwrap().flatten() {
            let bytes = std::fs::read(entry.path()).unwrap_or_default();
            assert!(!bytes.windows(key.len()).any(|w| w == key.as_bytes()), "{}", entry.path().display());
        }
    }
}

#[test]
fn a_service_that_fails_is_told_in_the_words_of_grpc() {
    let (_echo, sandbox, house, _) = world("", &["--no-auth"]);
    let runtime = runtime();
    let message = framed(field(1, "hello"));
    // The connection that dies comes last: who calls while it does may still be sent over it.
    for (method, code, said) in [("Refuses", "5", true), ("Resets", "14", false), ("Dies", "14", false)] {
        let came = runtime.block_on(async {
            let mut caller = Caller::of(&house).await;
            let (response, mut stream) = caller.call(&format!("{ECHO}/{method}"), &[]).await;
            let _ = stream.send_data(message.clone(), false);
            Back::of(response).await
        });
        let (status, text) = came.status();
        assert_eq!(status, code, "{method}: {came:?}");
        assert_eq!(text == "no such thing", said, "{method}: {text}");
        // What it had said before is there.
        assert_eq!(came.body == message, !said, "{method}: {came:?}");
    }
    // Nobody is there at all.
    house.close(&sandbox).ok();
    sandbox.config("[upstreams.acme]\nbase_url = \"http://127.0.0.1:9\"\nauth = \"none\"\npass = [\"acme.v1.Echo\"]\n");
    let house = House::open(&sandbox, &["--no-auth"]);
    let came =
        runtime.block_on(async { Caller::of(&house).await.ask(&format!("{ECHO}/Say"), &[], message.clone()).await });
    assert_eq!(came.status().0, "14", "{came:?}");
    house.close(&sandbox).ok();
    // Nor a key for it: that has its row too.
    sandbox.config(
        "[upstreams.acme]\nbase_url = \"http://127.0.0.1:9\"\nkey_env = \"NO_KEY\"\npass = [\"acme.v1.Echo\"]\n",
    );
    let house = House::open(&sandbox, &["--no-auth"]);
    let came = runtime.block_on(async { Caller::of(&house).await.ask(&format!("{ECHO}/Say"), &[], message).await });
    assert_eq!(came.status().0, "16", "{came:?}");
    house.close(&sandbox).ok();
    let outcomes: Vec<String> =
        rows(&sandbox).iter().rev().map(|row| row["outcome"].as_str().unwrap().to_owned()).collect();
    assert_eq!(outcomes, ["not_found", "unreachable", "unreachable", "unreachable", "unauthorized"]);
}

#[test]
fn a_status_in_a_head_that_nothing_follows_ends_the_stream_there() {
    let (_echo, sandbox, house, _) = world("", &["--no-auth"]);
    let runtime = runtime();
    let message = framed(field(1, "hello"));
    for (method, status) in [("Refuses", ("5", "no such thing")), ("Empty", ("0", "")), ("Lacks", ("12", "no method"))]
    {
        let came = runtime
            .block_on(async { Caller::of(&house).await.ask(&format!("{ECHO}/{method}"), &[], message.clone()).await });
        let (code, text) = came.status();
        assert_eq!((code.as_str(), text.as_str()), status, "{method}: {came:?}");
        assert!(came.alone, "{method}: a piece follows the head: {came:?}");
        assert_eq!((came.http, &came.headers["x-of-service"]), (200, &"head".parse().unwrap()), "{method}: {came:?}");
        assert!(came.body.is_empty() && came.trailers.is_empty(), "{method}: {came:?}");
        assert_eq!(came.headers.contains_key("x-bits-bin"), method == "Empty", "{came:?}");
    }
    let board = house.look("GET", "/monster/v1/requests").ok().json();
    house.close(&sandbox).ok();
    let seen: Vec<&str> =
        board["finished"].as_array().unwrap().iter().map(|r| r["outcome"].as_str().unwrap()).collect();
    assert_eq!(seen, ["not_found", "done", "not_found"]);
    // Of one millisecond the ledger has no order.
    let mut outcomes: Vec<String> =
        rows(&sandbox).iter().map(|row| row["outcome"].as_str().unwrap().to_owned()).collect();
    outcomes.sort_unstable();
    assert_eq!(outcomes, ["done", "not_found", "not_found"]);
}

#[test]
fn what_a_budget_cannot_watch_is_not_passed_on() {
    let (_echo, sandbox, house, _) = world("[budget]\nday = 1.0\non_limit = \"warn\"\n", &[]);
    let key = |flags: &[&str]| {
        let made = sandbox.monster(&[&["serve", "key", "add"][..], flags].concat()).done();
        format!("Bearer {}", made.ok().raw.trim())
    };
    let (free, bound) = (key(&["free"]), key(&["bound", "--day", "0.5"]));
    std::thread::sleep(Duration::from_millis(300));
    let runtime = runtime();
    let ask = |bearer: &str| {
        let headers = [("authorization", bearer)];
        runtime.block_on(async { Caller::of(&house).await.ask(&format!("{ECHO}/Say"), &headers, framed("x")).await })
    };
    assert_eq!(ask(&free).status().0, "0", "a budget that only warns stops nobody");
    let came = ask(&bound);
    assert!(came.status().0 == "8" || came.status().0 == "7", "{came:?}");
    house.close(&sandbox).ok();
}

#[test]
fn who_hangs_up_or_waits_no_longer_takes_the_service_with_him() {
    let (mut echo, sandbox, house, _) = world("", &["--no-auth"]);
    let runtime = runtime();
    let gone = |echo: &mut Echo| {
        let began = Instant::now();
        while echo.next(&runtime) != Saw::Gone {
            assert!(began.elapsed() < LONG);
        }
    };
    // His own deadline, before a head and after it.
    for method in ["Silent", "Talk"] {
        let began = Instant::now();
        let came = runtime.block_on(async {
            let mut caller = Caller::of(&house).await;
            let (response, mut stream) = caller.call(&format!("{ECHO}/{method}"), &[("grpc-timeout", "400m")]).await;
            let _ = stream.send_data(framed("x"), false);
            Back::of(response).await
        });
        assert_eq!(came.status().0, "4", "{method}: {came:?}");
        assert!(
            (Duration::from_millis(300)..Duration::from_secs(10)).contains(&began.elapsed()),
            "{:?}",
            began.elapsed()
        );
        gone(&mut echo);
    }
    // He breaks it off.
    for method in ["Silent", "Talk"] {
        runtime.block_on(async {
            let mut caller = Caller::of(&house).await;
            let (response, mut stream) = caller.call(&format!("{ECHO}/{method}"), &[]).await;
            let _ = stream.send_data(framed("x"), false);
            tokio::time::sleep(Duration::from_millis(300)).await;
            stream.send_reset(h2::Reason::CANCEL);
            drop(response);
        });
        gone(&mut echo);
    }
    let began = Instant::now();
    while !house.look("GET", "/monster/v1/requests").json()["open"].as_array().unwrap().is_empty() {
        assert!(began.elapsed() < LONG, "a call outlives its caller");
        std::thread::sleep(Duration::from_millis(20));
    }
    house.close(&sandbox).ok();
    let outcomes: Vec<String> =
        rows(&sandbox).iter().rev().map(|row| row["outcome"].as_str().unwrap().to_owned()).collect();
    assert_eq!(outcomes, ["timed_out", "timed_out", "cancelled", "cancelled"]);
}

#[test]
fn who_reads_nothing_holds_the_service_no_longer_than_he_said() {
    let (mut echo, sandbox, house, _) = world("", &["--no-auth"]);
    let runtime = runtime();
    let (mut caller, response, mut stream) = runtime.block_on(async {
        let mut caller = Caller::of(&house).await;
        let (response, mut stream) = caller.call(&format!("{ECHO}/Talk"), &[("grpc-timeout", "700m")]).await;
        // More comes back than he leaves room for.
        for _ in 0..6 {
            let _ = stream.send_data(framed(vec![b'x'; 50_000]), false);
        }
        (caller, timeout(LONG, response).await.unwrap().unwrap(), stream)
    });
    let (began, mut gone) = (Instant::now(), false);
    while !gone {
        assert!(began.elapsed() < LONG);
        gone = runtime.block_on(async { timeout(Duration::from_millis(200), echo.saw.recv()).await })
            == Ok(Some(Saw::Gone));
    }
    while !house.look("GET", "/monster/v1/requests").json()["open"].as_array().unwrap().is_empty() {
        assert!(began.elapsed() < LONG, "it is held by who reads nothing");
        std::thread::sleep(Duration::from_millis(20));
    }
    // His line stands, and he is told when he reads.
    let told = runtime.block_on(async {
        let mut body = response.into_body();
        while let Some(Ok(piece)) = timeout(LONG, body.data()).await.unwrap() {
            let _ = body.flow_control().release_capacity(piece.len());
        }
        timeout(LONG, body.trailers()).await.unwrap().ok().flatten()
    });
    assert_eq!(told.unwrap()["grpc-status"], "4");
    let _ = stream.send_data(Bytes::new(), true);
    let came = runtime.block_on(caller.ask(&format!("{ECHO}/Talk"), &[], framed("y")));
    assert_eq!(came.status().0, "0", "{came:?}");
    house.close(&sandbox).ok();
    assert_eq!(rows(&sandbox).last().unwrap()["outcome"], "timed_out");
}

/// A request of xAI's clients: model, and one message of the user's with a tool to call.
fn xai(model: &str, text: &str) -> Bytes {
    let message = [field(1, field(1, text)), number(2, 1)].concat();
    let tool = |name: &str| field(17, field(1, [field(1, name), field(4, "{\"type\":\"object\"}")].concat()));
    framed([field(1, message), field(2, model), tool("Edit"), tool("note")].concat())
}

#[test]
fn over_xai_s_surface_secrets_come_back_as_over_every_other() {
    let secret = ["gh", "p_", &"aB3dE5gH1jK7mN9pQ2rS4tU6vW8xY0zA1bC2"[..36]].concat();
    let runtime = runtime();
    for (mode, text_back, tool_back) in [("off", false, false), ("text", true, false), ("tools", true, true)] {
        let upstream = Upstream::start();
        let mut sandbox = connected(&upstream);
        sandbox.live();
        sandbox.config(&format!("[serve]\nrestore = \"{mode}\"\n"));
        let house = House::open(&sandbox, &["--no-auth"]);
        for method in ["GetCompletion", "GetCompletionChunk"] {
            // What edits a file gets it back; of a tool of which nobody knows where it sends things, nothing does.
            for tool in [None, Some("Edit"), Some("note")] {
                upstream.always(move |call| {
                    let said = call.user();
                    let word = said.split_whitespace().find(|word| word.contains("MSEC_")).unwrap_or("none").to_owned();
                    match tool {
                        Some(name) => Answer::text("").tool(name, json!({ "text": format!("keep {word} safe") })),
                        None => Answer::text(format!("You said {word} to me")),
                    }
                });
                let came = runtime.block_on(async {
                    let asked = xai("openai/gpt-4.1-mini", &format!("my key is {secret} ok"));
                    Caller::of(&house).await.ask(&format!("/xai_api.Chat/{method}"), &[], asked).await
                });
                assert_eq!(came.status().0, "0", "{mode} {method}: {came:?}");
                let told = String::from_utf8_lossy(&came.body).into_owned();
                let back = if tool.is_some() { tool_back && tool == Some("Edit") } else { text_back };
                assert_eq!(told.contains(&secret), back, "{mode} {method} {tool:?}: {told}");
                assert_eq!(told.contains("MSEC_"), !back, "{mode} {method} {tool:?}: {told}");
            }
        }
        for call in upstream.calls() {
            assert!(!call.body.to_string().contains(&secret) && call.user().contains("MSEC_"), "{}", call.body);
        }
        house.close(&sandbox).ok();
    }
}
