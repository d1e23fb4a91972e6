//! xAI's gRPC service, as a server made of the official SDK's own stubs (`tests/real/sdk/xai.py`): the built binary and
//! the client talk to it, and what arrives from them is held against what arrives from the SDK for the same call.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use monster::auth::{Credential, Source};
use monster::catalog::Catalog;
use monster::client::{Budgets, Call as Asking, CallError, Client, Deaf, Keep, Landscape, Limits, Reply, check};
use monster::config::{Budget, Network};
use monster::model::{
    Block, CostSource, Dialect, Effort, FinishReason, Kind, Message, ModelName, NanoUsd, Purpose, Request, Role,
    Sampling, Schema, Secret, ToolChoice, ToolSpec,
};
use monster::net::Net;
use monster::providers::Upstream;
use monster::secrets::{Mode, Redactor};
use monster::store::{HistoryFilter, Place, Store};
use monster::world::Clock;
use serde_json::{Value, json};

use super::super::result;
use super::{python, skip};
use crate::key::key;
use crate::patience::ended;
use crate::sandbox::Sandbox;

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/real/sdk/xai.py");
/// No step takes long; the cap is for a machine that is very busy.
const HUNG: Duration = Duration::from_secs(120);
const WORDS: &str = "Straßen und Brücken:\n\n1. one\n2. two — \"three\" 🦀";
const THOUGHTS: &str = "Let me see. It is größer than it looks.";
const SEAL: &str = "c2VhbGVkIHJlYXNvbmluZw==";

fn script(python: &Path, args: &[&str]) -> Child {
    Command::new(python)
        .arg(SCRIPT)
        .args(args)
        // Keys, addresses and proxies of the developer are no part of this.
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("PYTHONPYCACHEPREFIX", python.with_file_name("bytecode"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// The server; it ends when its standard input is closed.
struct Server {
    child: Child,
    port: u64,
    lines: Receiver<Value>,
}

impl Server {
    fn start(python: &Path, more: &[&str]) -> Self {
        let key = key("xai");
        let mut child = script(python, &[&["serve", &key][..], more].concat());
        let out = BufReader::new(child.stdout.take().unwrap());
        let (told, lines) = channel();
        std::thread::spawn(move || {
            out.lines()
                .map_while(Result::ok)
                .filter_map(|l| serde_json::from_str(&l).ok())
                .try_for_each(|v| told.send(v))
        });
        let first: Value = lines.recv_timeout(HUNG).unwrap();
        Self { child, port: first["port"].as_u64().unwrap(), lines }
    }

    fn base(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// What it says next.
    fn says(&self) -> Value {
        self.lines.recv_timeout(HUNG).unwrap()
    }

    /// Lets the SDK make these calls; what it understood.
    fn called_by_sdk(&self, python: &Path, cases: &[Value]) -> Vec<Value> {
        call(python, u16::try_from(self.port).unwrap(), cases)
    }
}

/// Lets the SDK make these calls to whoever listens on a port; what it understood.
pub(super) fn call(python: &Path, port: u16, cases: &[Value]) -> Vec<Value> {
    call_with(python, port, &key("xai"), cases)
}

/// As [`call`], with this key.
pub(super) fn call_with(python: &Path, port: u16, key: &str, cases: &[Value]) -> Vec<Value> {
    let mut child = script(python, &["call", &port.to_string(), key]);
    child.stdin.take().unwrap().write_all(json!(cases).to_string().as_bytes()).unwrap();
    let done = ended(child, Duration::from_secs(300), "the SDK");
    assert!(done.status.success());
    serde_json::from_slice(&done.stdout).unwrap()
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let began = Instant::now();
        while began.elapsed() < HUNG && matches!(self.child.try_wait(), Ok(None)) {
            std::thread::sleep(Duration::from_millis(10));
        }
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// A machine that is connected to this address alone.
fn sandbox(base: &str, more: &str) -> Sandbox {
    let mut sandbox = Sandbox::new();
    sandbox.set("XAI_API_KEY", &key("xai"));
    sandbox
        .config(&format!("[upstreams.xai]\nprovider = \"xai\"\nbase_url = \"{base}\"\ndialect = \"xai-grpc\"\n{more}"));
    sandbox
}

fn net() -> Net {
    Net::new(Network::within(60))
}

fn upstream(base: &str) -> Upstream {
    let mut upstream = Upstream::at("xai", "xai", base);
    upstream.dialect = Some(Dialect::XaiGrpc);
    upstream
}

/// A client of this address alone.
fn client(base: &str) -> Client {
    let secret = Secret::new(key("xai"));
    let landscape = Landscape {
        upstreams: vec![Arc::new(upstream(base))],
        credentials: vec![Arc::new(Credential::key("test", "xai", secret, Source::Vault))],
        ..Landscape::default()
    };
    let clock = Clock::system();
    Client {
        line: Arc::new(net()),
        rules: Vec::new(),
        queue: 64,
        store: Store::memory(&clock),
        catalog: Catalog::embedded(),
        redactor: Arc::new(Redactor::new(Mode::Redact, Vec::new(), [7; 8])),
        limits: Limits { first_byte: Duration::from_secs(60), idle: Duration::from_secs(60) },
        landscape,
        tokens: None,
        roles: Box::new(|_| Vec::new()),
        max_cost: None,
        purse: Arc::default(),
        budgets: Budgets { limits: Budget::default(), ledger: Store::memory(&clock) },
        keep: Keep::default(),
        eased: monster::client::Eased::default(),
        seals: Arc::default(),
        fallback: false,
        place: Place::default(),
        clock,
    }
}

/// The catalog says of the one that it reads no files; what it does not know is given the benefit of the doubt.
fn asked(request: &Request) -> &'static str {
    if request.messages.iter().flat_map(|m| &m.blocks).any(Block::is_pdf) { "grok-next" } else { "grok-4.5" }
}

fn ask(client: &Client, request: Request) -> Result<Reply, CallError> {
    let routes = client.routes(&ModelName(format!("xai/{}", asked(&request)))).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(client.call(Asking::new(&routes, request), &mut Deaf))
}

fn text(words: &str, stream: bool) -> Request {
    Request { stream, ..Request::text("xai/grok-4.5", Purpose::Ask, words) }
}

/// A request as the stubs parsed it, with JSON inside texts read, so that spaces in it say nothing; and without what the
/// SDK says although it is so anyway.
fn plain(line: &Value) -> Value {
    let mut request = line["request"].clone();
    request.as_object_mut().unwrap().remove("n");
    fn read(value: &mut Value) {
        match value {
            Value::Object(fields) => {
                for (name, inner) in fields.iter_mut() {
                    match inner.as_str().filter(|_| ["schema", "parameters", "arguments"].contains(&name.as_str())) {
                        Some(text) => *inner = serde_json::from_str(text).unwrap(),
                        None => read(inner),
                    }
                }
            }
            Value::Array(items) => items.iter_mut().for_each(read),
            _ => {}
        }
    }
    read(&mut request);
    json!({ "method": line["method"], "auth": line["metadata"]["authorization"], "request": request })
}

#[test]
fn the_binary_is_answered_in_pieces_and_what_arrives_is_what_the_sdk_sends() {
    let Some(python) = python() else { return };
    let server = Server::start(&python, &[]);
    let sandbox = sandbox(&server.base(), "");
    let args = ["ask", "Where is it?", "--model", "xai/grok-4.5", "--effort", "high"];
    let done = sandbox.monster(&args).done();
    assert_eq!(done.ok().stdout.trim_end(), WORDS);
    let ours = server.says();
    assert_eq!(ours["method"], "GetCompletionChunk");
    let left = ours["left"].as_f64().unwrap();
    assert!((1.0..=1_620.0).contains(&left), "it knows how long anybody waits: {left}");
    let listed = sandbox.monster(&["history", "list", "--json"]).done().ok().json();
    let text = listed.to_string();
    assert!(text.contains("\"xai-grpc\"") && text.contains("reported"), "{listed:#}");

    let said = |role: &str| {
        let messages = ours["request"]["messages"].as_array().unwrap();
        messages.iter().find(|m| m["role"] == role).map(|m| m["content"][0]["text"].clone())
    };
    let mut case = json!({ "model": "grok-4.5", "user": [{ "text": said("ROLE_USER").unwrap() }], "stream": true,
        "reasoning_effort": "high", "use_encrypted_content": true });
    if let Some(system) = said("ROLE_SYSTEM") {
        case["system"] = system;
    }
    let told = server.called_by_sdk(&python, &[case]);
    assert_eq!((&told[0]["text"], &told[0]["cost"]), (&json!(WORDS), &json!(0.000_123_456_7)));
    assert_eq!(plain(&ours), plain(&server.says()));
    // The whole body, readable, and nothing is sent.
    let shown = sandbox.monster(&[&args[..], &["--show-prompt"]].concat()).done();
    assert!(shown.ok().stdout.contains("GetCompletionsRequest {"), "{}", shown.all());
    assert!(server.lines.try_recv().is_err());
}

fn find() -> ToolSpec {
    let parameters = json!({ "type": "object", "properties": { "path": { "type": "string" }, "line": { "type": "integer" } },
        "required": ["path", "line"], "additionalProperties": false });
    ToolSpec::new("find", "Finds a line.", parameters)
}

#[test]
fn everything_a_request_may_hold_arrives_as_from_the_sdk() {
    let Some(python) = python() else { return };
    let server = Server::start(&python, &[]);
    let client = client(&server.base());
    let schema = json!({ "type": "object", "properties": { "n": { "type": "integer" } }, "required": ["n"],
        "additionalProperties": false });
    let image = Block::image("image/png", "iVBORw0KGgo=");
    let document = Block::document("application/pdf", "JVBERi0=", Some("größe.pdf".into()));
    let mut files = text("See:", true);
    files.messages[0].blocks.extend([image, document]);
    let tools = |choice: ToolChoice| Request { tools: vec![find()], tool_choice: choice, ..text("Where?", false) };
    let offered = json!([{ "name": "find", "description": "Finds a line.", "parameters": find().parameters }]);
    let user = |words: &str| json!([{ "text": words }]);
    let pairs: Vec<(Request, Value)> = vec![
        (text("Hi.", false), json!({ "user": user("Hi.") })),
        (
            Request { system: "Be short.".into(), ..text("Hi.", true) },
            json!({ "user": user("Hi."), "system": "Be short." }),
        ),
        (
            files,
            json!({ "user": [{ "text": "See:" }, { "image": "data:image/png;base64,iVBORw0KGgo=" },
                { "file": "JVBERi0=", "name": "größe.pdf", "mime": "application/pdf" }] }),
        ),
        (tools(ToolChoice::Auto), json!({ "user": user("Where?"), "tools": offered, "choice": "auto" })),
        (tools(ToolChoice::None), json!({ "user": user("Where?"), "tools": offered, "choice": "none" })),
        (tools(ToolChoice::Required), json!({ "user": user("Where?"), "tools": offered, "choice": "required" })),
        (
            tools(ToolChoice::Named("find".into())),
            json!({ "user": user("Where?"), "tools": offered, "choice": { "name": "find" } }),
        ),
        (
            Request { schema: Some(Schema::new("sum", schema.clone())), ..text("2+2?", true) },
            json!({ "user": user("2+2?"), "schema": schema }),
        ),
        (
            Request { effort: Effort::Low.into(), ..text("2+2?", true) },
            json!({ "user": user("2+2?"), "reasoning_effort": "low", "use_encrypted_content": true }),
        ),
        (
            // A reasoning model takes no sampling, and its limit has room for thoughts.
            Request { effort: Effort::High.into(), max_output: Some(64), ..text("2+2?", true) },
            json!({ "user": user("2+2?"), "reasoning_effort": "high", "use_encrypted_content": true, "max_tokens": 0 }),
        ),
    ];
    let (mut ours, mut cases) = (Vec::new(), Vec::new());
    for (request, mut case) in pairs {
        case["model"] = json!(asked(&request));
        case["stream"] = json!(request.stream);
        if case["model"] == "grok-4.5" {
            // It reasons unasked, and its sealed thoughts are wanted back.
            case["use_encrypted_content"] = json!(true);
        }
        ask(&client, request).unwrap_or_else(|e| panic!("{case}: {e}"));
        let arrived = server.says();
        if case["max_tokens"] == 0 {
            // How much room is a matter of our own.
            case["max_tokens"] = arrived["request"]["max_tokens"].clone();
            assert!(case["max_tokens"].as_u64() > Some(64), "{arrived:#}");
        }
        ours.push(arrived);
        cases.push(case);
    }
    let sampled = Request {
        sampling: Sampling { temperature: Some(0.5), top_p: Some(0.25), ..Sampling::default() },
        ..text("Hi.", true)
    };
    let routes = client.routes(&ModelName("xai/grok-4.20-non-reasoning".to_owned())).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(client.call(Asking::new(&routes, sampled), &mut Deaf)).unwrap();
    ours.push(server.says());
    assert_eq!(ours.last().unwrap()["request"]["temperature"], 0.5, "{ours:#?}");
    cases.push(json!({ "model": "grok-4.20-non-reasoning", "user": user("Hi."), "stream": true, "temperature": 0.5,
        "top_p": 0.25 }));
    let told = server.called_by_sdk(&python, &cases);
    assert_eq!((told.len(), ours.len()), (cases.len(), cases.len()));
    for ((case, told), ours) in cases.iter().zip(&told).zip(&ours) {
        assert_eq!(told["finish"], "REASON_STOP", "{case}: {told}");
        assert_eq!(plain(ours), plain(&server.says()), "{case}");
    }
    result("sdk", "xAI over gRPC, judged by xai-sdk", &format!("{} requests and answers agree", cases.len()));
}

#[test]
fn a_tool_is_called_answered_and_the_sealed_thoughts_go_back_as_from_the_sdk() {
    let Some(python) = python() else { return };
    for stream in [true, false] {
        let server = Server::start(&python, &[]);
        let client = client(&server.base());
        let mut request = Request { tools: vec![find()], effort: Effort::High.into(), ..text("tools", stream) };
        let reply = ask(&client, request.clone()).unwrap();
        assert_eq!(reply.finish, Some(FinishReason::ToolCalls));
        let thought = |block: &Block| match block {
            Block::Thought { text, seal, .. } => Some((text.clone(), seal.clone().unwrap_or_default())),
            _ => None,
        };
        let thoughts: Vec<(String, String)> = reply.message.blocks.iter().filter_map(thought).collect();
        let joined = thoughts.iter().fold((String::new(), String::new()), |(t, s), (a, b)| (t + a, s + b));
        assert_eq!(joined, (THOUGHTS.to_owned(), SEAL.to_owned()));
        let Some(Block::ToolCall { id, name, input, .. }) =
            reply.message.blocks.iter().find(|b| matches!(b, Block::ToolCall { .. })).cloned()
        else {
            panic!("{:?}", reply.message)
        };
        let arguments: Value = serde_json::from_str(&input).unwrap();
        assert_eq!((id.as_str(), name.as_str(), &arguments["path"]), ("call-1", "find", &json!("größe.rs")));
        let result = Block::result(id, name, "found", false);
        request.messages.extend([reply.message, Message::new(Role::User, vec![result])]);
        let reply = ask(&client, request).unwrap();
        assert_eq!(reply.text, WORDS);
        let rows = client.store.history(&HistoryFilter { limit: 10, ..HistoryFilter::default() }).unwrap();
        for attempt in rows.iter().flat_map(|row| &row.attempts) {
            let (usage, cost) = (attempt.usage.unwrap().0, attempt.cost.unwrap());
            assert_eq!((usage.input, usage.cache_read, usage.output, usage.reasoning), (60, 40, 27, Some(7)));
            assert_eq!((cost.amount, cost.source), (NanoUsd(123_457), CostSource::Reported));
        }
        let ours = [server.says(), server.says()];
        let case = json!({ "model": "grok-4.5", "user": [{ "text": "tools" }], "stream": stream, "results": ["found"],
            "tools": [{ "name": "find", "description": "Finds a line.", "parameters": find().parameters }],
            "choice": "auto", "reasoning_effort": "high", "use_encrypted_content": true });
        server.called_by_sdk(&python, &[case]);
        for ours in ours {
            assert_eq!(plain(&ours), plain(&server.says()), "stream {stream}");
        }
    }
}

#[test]
fn each_status_of_a_real_server_has_its_meaning_and_its_time() {
    let Some(python) = python() else { return };
    let server = Server::start(&python, &[]);
    for (words, kind) in [
        ("UNAVAILABLE", Kind::Overloaded),
        ("RESOURCE_EXHAUSTED", Kind::RateLimited),
        ("UNAUTHENTICATED", Kind::Unauthorized),
        ("PERMISSION_DENIED", Kind::Forbidden),
        ("INVALID_ARGUMENT", Kind::BadRequest),
        ("NOT_FOUND", Kind::NotFound),
        ("DEADLINE_EXCEEDED", Kind::TimedOut),
        ("INTERNAL", Kind::Broken),
        ("UNKNOWN", Kind::Broken),
    ] {
        for stream in [true, false] {
            // A client of its own: what one status condemns is none of the next one's business.
            let error = ask(&client(&server.base()), text(words, stream)).unwrap_err();
            let failure = error.failure().unwrap_or_else(|| panic!("{words}: {error}"));
            assert_eq!(failure.kind, kind, "{words}: {failure}");
            assert!(failure.message.contains(&format!("{words}: It says {words}: größer.")), "{failure}");
        }
    }
    let error = ask(&client(&server.base()), text("limit", true)).unwrap_err();
    let failure = error.failure().unwrap();
    assert_eq!((failure.kind, failure.retry_after), (Kind::RateLimited, Some(Duration::from_secs(7))));
    let error = ask(&client(&server.base()), text("late", true)).unwrap_err();
    let CallError::Broken { tried, partial } = error else { panic!("{error}") };
    assert_eq!((tried.failure.kind, partial.as_str()), (Kind::Overloaded, WORDS));

    let limits = Limits { first_byte: HUNG, idle: HUNG };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let checked =
        |key: String| runtime.block_on(check(&net(), limits, &upstream(&server.base()), Some(&Secret::new(key)), 0));
    assert_eq!(checked(key("xai")).unwrap(), ["grok-4.5", "grok-4.6"]);
    assert_eq!(checked(key("another")).unwrap_err().kind, Kind::Unauthorized);
}

#[test]
#[cfg(unix)]
fn a_command_that_is_interrupted_ends_the_call_at_the_server() {
    let Some(python) = python() else { return };
    let server = Server::start(&python, &[]);
    let sandbox = sandbox(&server.base(), "");
    let running = sandbox.monster(&["ask", "hang", "--model", "xai/grok-4.5"]).start();
    assert_eq!(server.says()["method"], "GetCompletionChunk");
    running.signal("INT");
    assert_eq!(server.says(), json!({ "hung_up": true }));
    running.done(&sandbox).exits(130);
}

/// A proxy on loopback, and the first lines that it is sent.
fn tunnel() -> (String, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let (told, lines) = channel();
    std::thread::spawn(move || {
        while let Ok((mut near, _)) = listener.accept() {
            let (mut head, mut byte) = (Vec::new(), [0]);
            while !head.ends_with(b"\r\n\r\n") && near.read(&mut byte).is_ok_and(|n| n == 1) {
                head.push(byte[0]);
            }
            let line = String::from_utf8_lossy(&head).lines().next().unwrap_or_default().to_owned();
            let to = line.split(' ').nth(1).unwrap_or_default().to_owned();
            let _ = told.send(line);
            let Ok(mut far) = TcpStream::connect(to) else { return };
            near.write_all(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
            let (mut back, mut forth) = (far.try_clone().unwrap(), near.try_clone().unwrap());
            std::thread::spawn(move || drop(std::io::copy(&mut back, &mut forth)));
            std::thread::spawn(move || drop(std::io::copy(&mut near, &mut far)));
        }
    });
    (address, lines)
}

#[test]
fn a_server_behind_tls_is_trusted_by_the_users_own_certificates_and_by_no_others() {
    let Some(python) = python() else { return };
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name).display().to_string();
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"])
        .args(["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-addext", "basicConstraints=critical,CA:FALSE"])
        .args(["-keyout", &at("key.pem"), "-out", &at("ca.pem")])
        .stderr(Stdio::null())
        .status();
    if !made.is_ok_and(|status| status.success()) {
        return skip("sdk", "openssl is missing");
    }
    let server = Server::start(&python, &[&at("ca.pem"), &at("key.pem")]);
    let base = format!("https://localhost:{}", server.port);
    let args = ["ask", "Where is it?", "--model", "xai/grok-4.5"];
    let trusting = sandbox(&base, &format!("[net]\nca_file = \"{}\"\n", at("ca.pem")));
    let done = trusting.monster(&args).done();
    assert_eq!(done.ok().stdout.trim_end(), WORDS);
    assert_eq!(server.says()["method"], "GetCompletionChunk");
    // The same through a proxy, which sees where it goes and nothing else.
    let (proxy, tunnels) = tunnel();
    let through = sandbox(&base, &format!("[net]\nca_file = \"{}\"\nproxy = \"{proxy}\"\n", at("ca.pem")));
    let done = through.monster(&args).done();
    assert_eq!(done.ok().stdout.trim_end(), WORDS);
    assert_eq!(server.says()["method"], "GetCompletionChunk");
    assert_eq!(tunnels.recv_timeout(HUNG).unwrap(), format!("CONNECT localhost:{} HTTP/1.1", server.port));
    let done = sandbox(&base, "").monster(&args).done();
    assert!(done.exits(5).stderr.contains("certificate"), "{}", done.all());
    assert!(server.lines.try_recv().is_err(), "no call and no key arrived");
}
