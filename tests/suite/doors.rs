//! Where `monster serve` is called: several doors at once, doors that the system opened, who is in the way, and what comes
//! through them as it went in.

use std::fs;
use std::io::{BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::os::fd::OwnedFd;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::caller::{House, hang_up, read, send};
use crate::sandbox::Sandbox;
use crate::serve::{Echo, MODEL, asked, said, streamed, world};
use crate::upstream::Answer;

const LONG: Duration = Duration::from_secs(60);

fn key(sandbox: &Sandbox, args: &[&str]) -> String {
    let made = sandbox.monster(&[&["serve", "key", "add"], args].concat()).done();
    format!("Bearer {}", made.ok().raw.trim())
}

/// What is answered over a socket in the file system.
fn over(socket: &Path, path: &str, body: &str) -> (u16, String) {
    let mut line = UnixStream::connect(socket).unwrap();
    line.set_read_timeout(Some(LONG)).unwrap();
    let length = body.len();
    write!(line, "POST {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}")
        .unwrap();
    let came = read(&mut BufReader::new(line)).unwrap();
    (came.status, came.text())
}

fn listening(house: &House) -> Vec<String> {
    let status = house.look("GET", "/monster/v1/status").ok().json();
    status["listen"].as_array().unwrap().iter().map(|at| at.as_str().unwrap().to_owned()).collect()
}

#[test]
fn several_doors_are_open_at_once_and_none_holds_another_s_place() {
    let (upstream, sandbox) = world();
    upstream.always(|_| Answer::text("Come in."));
    sandbox.config("[serve]\nconnections = 1\n");
    let bearer = key(&sandbox, &["editor"]);
    let socket = sandbox.home().join("m.sock");
    let unix = format!("unix:{}", socket.display());
    // What is named twice is one door.
    let house = House::open(&sandbox, &["--listen", "127.0.0.1:0", "--listen", &unix, "--listen", &unix]);
    let doors = listening(&house);
    assert_eq!((doors.len(), doors.iter().filter(|at| **at == unix).count()), (4, 1), "{doors:?}");
    let (path, body) = asked("chat", MODEL, false);
    for _ in 0..2 {
        for address in &doors[..2] {
            assert_eq!(send(address, "POST", &path, &[], &body).status, 401, "{address}");
            assert_eq!(send(address, "POST", &path, &[("authorization", &bearer)], &body).status, 200, "{address}");
        }
        assert_eq!(over(&socket, &path, &body).0, 200);
    }
    house.close(&sandbox).ok();
    assert!(!socket.exists(), "what it made it takes away");
}

#[test]
fn doors_that_the_system_opened_are_taken_and_stay_the_system_s() {
    let (upstream, sandbox) = world();
    upstream.always(|_| Answer::text("Come in."));
    // What settings say is not listened at: what the system opened is what the user told the system.
    sandbox.config("[serve]\nlisten = [\"127.0.0.1:1\"]\n");
    let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = tcp.local_addr().unwrap().to_string();
    let socket = sandbox.home().join("given.sock");
    let unix = UnixListener::bind(&socket).unwrap();
    let mut command = sandbox.command("sh", &sandbox.home());
    let told = "exec 3<&0 4<&1 </dev/null >/dev/null 2>&1; LISTEN_FDS=2 LISTEN_PID=$$ exec \"$0\" serve run --no-auth";
    command.args(["-c", told, env!("CARGO_BIN_EXE_monster")]);
    command.stdin(Stdio::from(OwnedFd::from(tcp))).stdout(Stdio::from(OwnedFd::from(unix)));
    let mut child = command.spawn().unwrap();
    let inside = sandbox.state_dir().join("serve.sock");
    let began = Instant::now();
    while UnixStream::connect(&inside).is_err() {
        assert!(began.elapsed() < LONG && child.try_wait().unwrap().is_none(), "it never listened");
        std::thread::sleep(Duration::from_millis(20));
    }
    let (path, body) = asked("chat", MODEL, false);
    let came = send(&address, "POST", &path, &[], &body);
    assert_eq!(said("chat", &came.ok().json()), "Come in.");
    assert_eq!(over(&socket, &path, &body).0, 200);
    sandbox.command("kill", &sandbox.home()).arg(child.id().to_string()).status().unwrap();
    assert!(child.wait().unwrap().success());
    assert!(socket.exists() && !inside.exists(), "the file is the system's, and ours is not");
}

#[cfg(target_os = "linux")]
#[test]
fn whoever_is_in_the_way_is_named_whatever_he_is() {
    let (_upstream, sandbox) = world();
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = other.local_addr().unwrap().to_string();
    let name = fs::read_to_string("/proc/self/comm").unwrap();
    let refused = sandbox.monster(&["serve", "--no-auth", "--listen", &address]).done();
    let who = format!("is taken by {} (process {})", name.trim(), std::process::id());
    assert!(refused.exits(1).stderr.contains(&who), "{who}: {}", refused.all());
    // One with other files of its own is named too, and who has the socket of these.
    let house = House::open(&sandbox, &["--no-auth"]);
    let (_upstream, foreign) = world();
    let refused = foreign.monster(&["serve", "--no-auth", "--listen", &house.address]).done();
    let who = format!("is taken by another monster (process {})", house.running.id());
    assert!(refused.exits(1).stderr.contains(&who), "{}", refused.all());
    // At a socket, of whatever program, and at that of another state folder; and at a pipe.
    let socket = format!("unix:{}", sandbox.state_dir().join("serve.sock").display());
    let path = foreign.home().join("other.sock");
    let _other = UnixListener::bind(&path).unwrap();
    let foreigner = format!("is taken by {} (process {})", name.trim(), std::process::id());
    let pipe = format!("pipe:monster-test-{}", std::process::id());
    let (_upstream, piped) = world();
    let second = House::open(&piped, &["--no-auth", "--listen", &pipe]);
    let in_the_pipe = format!("is taken by another monster (process {})", second.running.id());
    for (at, who) in [(&socket, &who), (&format!("unix:{}", path.display()), &foreigner), (&pipe, &in_the_pipe)] {
        let refused = foreign.monster(&["serve", "--no-auth", "--listen", at]).done();
        assert!(refused.exits(1).stderr.contains(who.as_str()), "{who}: {}", refused.all());
    }
    second.close(&piped).ok();
    house.close(&sandbox).ok();
}

#[test]
fn who_asks_twice_on_one_line_and_hangs_up_takes_the_upstream_with_him() {
    let (upstream, sandbox) = world();
    let house = House::open(&sandbox, &["--no-auth"]);
    for (calls, stream) in [(1, false), (2, true)] {
        upstream.next(Answer::text("never").slow_head(Duration::from_secs(50)));
        let (path, body) = asked("chat", MODEL, stream);
        let mut line = house.line();
        let one =
            format!("POST {path} HTTP/1.1\r\nhost: {}\r\ncontent-length: {}\r\n\r\n{body}", house.address, body.len());
        line.write_all(format!("{one}{one}").as_bytes()).unwrap();
        upstream.wait_for_calls(calls, LONG);
        hang_up(&line);
        let began = Instant::now();
        while !house.look("GET", "/monster/v1/requests").json()["open"].as_array().unwrap().is_empty() {
            assert!(began.elapsed() < Duration::from_secs(20), "the call outlives its caller");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
    // Who says no more, and waits for what he asked, is answered.
    let mut line = house.line();
    line.write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").unwrap();
    line.shutdown(std::net::Shutdown::Write).unwrap();
    let mut told = String::new();
    line.read_to_string(&mut told).unwrap();
    assert!(told.starts_with("HTTP/1.1 200"), "{told}");
    house.close(&sandbox).ok();
}

#[test]
fn geminis_array_holds_the_upstream_s_own_objects() {
    let (echo, base) = Echo::new();
    let mut sandbox = Sandbox::new();
    sandbox.live().set("GEMINI_API_KEY", &crate::key::key("gemini")).set("GOOGLE_GEMINI_BASE_URL", &base);
    let house = House::open(&sandbox, &["--no-auth"]);
    let first = r#"{"candidates": [{"content": {"role":"model","parts": [{"text": "h\u00e9", "thoughtSignature": "c2ln"}]}, "x_new": 1.50}],"responseId": "own"}"#;
    let last = r#"{"candidates":[{"content":{"role":"model","parts":[{"text":"llo"}]},"finishReason":"STOP","groundingMetadata":{"b":[null]}}],"usageMetadata":{"promptTokenCount":3,"candidatesTokenCount":2,"totalTokenCount":5},"zz":2}"#;
    let stream = format!("data: {first}\r\n\r\ndata: {last}\r\n\r\n");
    let body = r#"{"contents":[{"role":"user","parts":[{"text":"hi"}]}],"x_future":{"b":[1.50,null]}}"#;
    for (alt, wanted) in [("?alt=sse", stream.clone()), ("", format!("[{first},\r\n{last}]"))] {
        let (head, sent, came) = std::thread::scope(|scope| {
            let heard = scope.spawn(|| echo.once("text/event-stream", &stream));
            let came = house.post(&format!("/v1beta/models/gemini-2.5-flash:streamGenerateContent{alt}"), &[], body);
            let (head, sent) = heard.join().unwrap();
            (head, sent, came.ok())
        });
        assert!(head.contains(":streamGenerateContent?alt=sse"), "{head}");
        assert_eq!((sent.as_str(), came.text()), (body, wanted), "{alt}");
        let kind = if alt.is_empty() { "application/json" } else { "text/event-stream" };
        assert_eq!(came.header("content-type"), Some(kind));
    }
    // One that breaks off ends as an array, with the error as its last element.
    let broken = format!(
        "data: {first}\r\n\r\ndata: {{\"error\":{{\"code\":503,\"message\":\"no\",\"status\":\"UNAVAILABLE\"}}}}\r\n\r\n"
    );
    let came = std::thread::scope(|scope| {
        scope.spawn(|| echo.once("text/event-stream", &broken));
        house.post("/v1beta/models/gemini-2.5-flash:streamGenerateContent", &[], body)
    });
    let all = came.ok().json();
    assert_eq!(all[0], serde_json::from_str::<Value>(first).unwrap());
    assert!(all.as_array().unwrap().last().unwrap()["error"]["code"].is_u64(), "{all:#}");
    house.close(&sandbox).ok();
}

#[test]
fn vectors_are_passed_on_as_they_are_asked_for_and_as_they_come() {
    let (echo, base) = Echo::new();
    let mut sandbox = Sandbox::new();
    let base = format!("{base}/v1");
    sandbox.live().set("OPENAI_API_KEY", &crate::key::key("openai")).set("OPENAI_BASE_URL", &base);
    let house = House::open(&sandbox, &["--no-auth"]);
    let asks = r#"{ "model" : "openai/text-embedding-3-small", "input":["a","b"],"encoding_format":"base64", "x_future":{"b":1.50} }"#;
    let answer = r#"{"object":"list","data":[{"object":"embedding","index":0,"embedding":"AACAPw==","zz":1}],"model":"text-embedding-3-small","usage":{"prompt_tokens":2,"total_tokens":2}}"#;
    let (head, sent, came) = std::thread::scope(|scope| {
        let heard = scope.spawn(|| echo.once("application/json", answer));
        let came = house.post("/v1/embeddings", &[], asks);
        let (head, sent) = heard.join().unwrap();
        (head, sent, came.ok())
    });
    assert!(head.starts_with("POST /v1/embeddings "), "{head}");
    assert_eq!(sent, asks.replace("openai/text", "text"));
    assert_eq!(came.text(), answer);
    house.close(&sandbox).ok();
}

#[test]
fn a_model_that_makes_vectors_is_found_by_its_plain_name_and_listed_behind_all_that_answer() {
    let (echo, base) = Echo::new();
    let mut sandbox = Sandbox::new();
    let (openai, gemini) = (crate::key::key("openai"), crate::key::key("gemini"));
    sandbox.live().set("OPENAI_API_KEY", &openai).set("OPENAI_BASE_URL", &format!("{base}/v1"));
    sandbox.set("GEMINI_API_KEY", &gemini).set("GOOGLE_GEMINI_BASE_URL", &base);
    sandbox.config(&format!(
        "[aliases]\nembed = \"text-embedding-3-large\"\n[upstreams.box]\nprovider = \"ollama\"\nbase_url = \"{base}\"\nmodels = [\"nomic-embed-text\"]\n"
    ));
    let house = House::open(&sandbox, &["--no-auth"]);
    let answer = r#"{"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.5]}],"model":"m","usage":{"prompt_tokens":2,"total_tokens":2}}"#;
    for (asked, sent_as, path, key) in [
        ("text-embedding-3-small", "text-embedding-3-small", "/v1/embeddings", Some(&openai)),
        ("embed", "text-embedding-3-large", "/v1/embeddings", Some(&openai)),
        ("gemini-embedding-001", "gemini-embedding-001", "/v1beta/openai/embeddings", Some(&gemini)),
        ("nomic-embed-text", "nomic-embed-text", "/v1/embeddings", None),
    ] {
        let asks = format!(r#"{{"input":"a", "model":"{asked}","x":1.50}}"#);
        let (head, sent, came) = std::thread::scope(|scope| {
            let heard = scope.spawn(|| echo.once("application/json", answer));
            let came = house.post("/v1/embeddings", &[], &asks);
            let (head, sent) = heard.join().unwrap();
            (head, sent, came)
        });
        assert!(head.starts_with(&format!("POST {path} ")), "{asked}: {head}");
        assert_eq!(sent, asks.replace(asked, sent_as), "{asked}");
        assert_eq!(came.ok().text(), answer, "{asked}");
        let bearer = head.lines().find_map(|line| line.strip_prefix("authorization: Bearer "));
        assert_eq!(bearer, key.map(String::as_str), "{asked}: {head}");
    }
    let names = |headers: &[(&str, &str)], rows: &str, name: &str| -> Vec<String> {
        let list = house.get("/v1/models", headers).ok().json();
        list[rows].as_array().unwrap().iter().map(|row| row[name].as_str().unwrap().to_owned()).collect()
    };
    let all = names(&[], "data", "id");
    let at = |name: &str| all.iter().position(|n| n == name);
    assert!(at("text-embedding-3-small") > at("monster/fast"), "{all:?}");
    assert!(at("gemini-embedding-001").is_some(), "{all:?}");
    assert_eq!(house.get("/v1/models/text-embedding-3-small", &[]).status, 200);
    // Nobody asks for vectors in the words of these.
    let others = names(&[("anthropic-version", "2023-06-01")], "data", "id");
    assert!(!others.contains(&"text-embedding-3-small".to_owned()), "{others:?}");
    let unknown = house.post("/v1/embeddings", &[], r#"{"model":"of-nobody","input":"a"}"#);
    assert_eq!(unknown.status, 404);
    assert!(unknown.text().contains("openai/of-nobody"), "{}", unknown.text());
    house.close(&sandbox).ok();
}

#[test]
fn names_that_lead_nowhere_are_in_no_list() {
    let (_upstream, sandbox) = world();
    sandbox.config(
        "[aliases]\nsmart = \"openai/gpt-4.1-mini\"\nghost = \"gpt-of-nobody\"\n[roles]\nlong = [\"mistral/mistral-large\"]\n",
    );
    let house = House::open(&sandbox, &["--no-auth"]);
    let list = house.get("/v1/models", &[]).ok().json();
    let names: Vec<&str> = list["data"].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap()).collect();
    assert!(names.contains(&"smart") && names.contains(&"monster/fast"), "{names:?}");
    assert!(!names.contains(&"ghost") && !names.contains(&"monster/long"), "{names:?}");
    assert_eq!(house.get("/v1/models/smart", &[]).status, 200);
    assert_eq!(house.get("/v1/models/ghost", &[]).status, 404);
    house.close(&sandbox).ok();
}

#[test]
fn a_key_that_may_ask_for_a_role_may_say_how_hard_it_thinks_on_every_surface() {
    let (upstream, sandbox) = world();
    upstream.always(|_| Answer::text("Green."));
    sandbox.config("[roles]\nfast = [\"openai/gpt-4.1-mini\"]\n");
    let (fast, other) = (key(&sandbox, &["fast", "--models", "fast"]), key(&sandbox, &["other", "--models", "long"]));
    let house = House::open(&sandbox, &[]);
    for dialect in crate::serve::DIALECTS {
        for name in ["monster/fast", "fast(none)", "monster/fast(none)", "fast:latest"] {
            for stream in [false, true] {
                let (path, body) = asked(dialect, name, stream);
                let came = house.post(&path, &[("authorization", &fast)], &body).ok();
                let text = if stream { streamed(dialect, &came.text()) } else { said(dialect, &came.json()) };
                assert_eq!(text, "Green.", "{dialect} {name} {stream}: {}", came.text());
                assert_eq!(house.post(&path, &[("authorization", &other)], &body).status, 403, "{dialect} {name}");
            }
        }
    }
    house.close(&sandbox).ok();
}

#[test]
fn each_key_has_its_own_word_about_secrets_and_how_much_it_may_ask() {
    let secret = ["gh", "p_", "aB3dE5gH1jK7mN9pQ2rS4tU6vW8xY0zA1bC2"].concat();
    let (upstream, sandbox) = world();
    upstream.always(|call| Answer::text(format!("You said: {}", call.user())));
    let keys = [
        ("plain", &[][..], 200, true, false),
        ("back", &["--restore", "text"], 200, true, true),
        ("open", &["--secrets", "off"], 200, false, true),
        ("shut", &["--secrets", "block"], 400, true, false),
    ]
    .map(|(name, flags, status, masked, back)| (key(&sandbox, &[&[name], flags].concat()), status, masked, back));
    let poor = key(&sandbox, &["poor", "--day", "0.00000001"]);
    let one = key(&sandbox, &["one", "--at-once", "1"]);
    let house = House::open(&sandbox, &[]);
    let (path, body) = asked("chat", MODEL, false);
    let holds = body.replace("Name a colour.", &format!("my key is {secret} ok"));
    for (key, status, masked, back) in &keys {
        let before = upstream.calls().len();
        let came = house.post(&path, &[("authorization", key)], &holds);
        assert_eq!((came.status, came.text().contains(&secret)), (*status, *back), "{}", came.text());
        let calls = &upstream.calls()[before..];
        assert_eq!(calls.len(), usize::from(*status == 200));
        assert!(calls.iter().all(|call| call.user().contains(&secret) != *masked), "{}", came.text());
    }
    let before = upstream.calls().len();
    let refused = house.post(&path, &[("authorization", &poor)], &body);
    assert!(refused.status == 429 || refused.status == 402, "{} {}", refused.status, refused.text());
    assert_eq!(upstream.calls().len(), before, "nothing is asked that cannot be paid");
    // While one is under way there is no room for another, and who hangs up makes some.
    upstream.next(Answer::text("never").slow_head(Duration::from_secs(50)));
    let mut line = house.line();
    let (host, length) = (&house.address, body.len());
    write!(
        line,
        "POST {path} HTTP/1.1\r\nhost: {host}\r\nauthorization: {one}\r\ncontent-length: {length}\r\n\r\n{body}"
    )
    .unwrap();
    upstream.wait_for_calls(before + 1, LONG);
    let refused = house.post(&path, &[("authorization", &one)], &body);
    assert_eq!((refused.status, refused.header("retry-after")), (429, Some("1")), "{}", refused.text());
    hang_up(&line);
    let began = Instant::now();
    while house.post(&path, &[("authorization", &one)], &body).status == 429 {
        assert!(began.elapsed() < Duration::from_secs(20), "his place is never free");
        std::thread::sleep(Duration::from_millis(20));
    }
    house.close(&sandbox).ok();
}

#[test]
fn a_budget_reserves_the_largest_limit_that_a_request_states_and_takes_none_that_is_no_number() {
    let (upstream, sandbox) = world();
    upstream.always(|_| Answer::text("Blue."));
    let (poor, free) = (key(&sandbox, &["poor", "--day", "0.02"]), key(&sandbox, &["free"]));
    let house = House::open(&sandbox, &[]);
    let (path, body) = asked("chat", "openai/gpt-4.1-mini", false);
    let post = |key: &str, limits: &str| {
        let body = body.replacen('{', &format!("{{{limits},"), 1);
        house.post(&path, &[("authorization", key)], &body)
    };
    post(&poor, "\"max_tokens\":100").ok();
    let before = upstream.calls().len();
    for (limits, status) in [
        ("\"max_completion_tokens\":1,\"max_tokens\":30000", 402),
        ("\"max_tokens\":\"30000\"", 400),
        ("\"max_tokens\":5000000000", 400),
    ] {
        let came = post(&poor, limits);
        assert_eq!(came.status, status, "{limits}: {}", came.text());
        assert!(status == 402 || came.text().contains("max_tokens: "), "{limits}: {}", came.text());
        assert_eq!(upstream.calls().len(), before, "{limits}");
    }
    post(&free, "\"max_tokens\":30000").ok();
    assert_eq!(upstream.calls().pop().unwrap().body["max_tokens"], json!(30_000));
    house.close(&sandbox).ok();
}

#[test]
fn a_key_for_some_models_or_some_money_names_no_further_models() {
    let (upstream, sandbox) = world();
    upstream.always(|_| Answer::text("Blue."));
    let listed = key(&sandbox, &["listed", "--models", "openai/gpt-4.1-mini"]);
    let thrifty = key(&sandbox, &["thrifty", "--day", "5"]);
    let house = House::open(&sandbox, &[]);
    for dialect in ["chat", "anthropic", "responses"] {
        let (path, body) = asked(dialect, MODEL, false);
        let post = |key: &str, more: &str| {
            house.post(&path, &[("authorization", key)], &body.replacen('{', &format!("{{{more}"), 1))
        };
        for bound in [&listed, &thrifty] {
            for (field, value) in [
                ("models", "[\"a/slow\"]"),
                ("route", "\"fallback\""),
                ("fallbacks", "[{\"x\":[\"y\"]}]"),
                ("preset", "\"mine\""),
            ] {
                let before = upstream.calls().len();
                let came = post(bound, &format!("\"{field}\":{value},"));
                let message = came.json()["error"]["message"].as_str().unwrap_or_default().to_owned();
                assert!(came.status == 400 && message.starts_with(&format!("{field}: ")), "{dialect}: {}", came.text());
                assert_eq!(upstream.calls().len(), before, "{dialect}, {field}");
            }
            post(bound, "").ok();
        }
    }
    house.close(&sandbox).ok();
}

#[test]
fn who_wants_an_answer_kept_or_packs_his_request_is_told_what_is_not_done() {
    let (upstream, sandbox) = world();
    upstream.always(|_| Answer::text("Green."));
    let house = House::open(&sandbox, &["--no-auth"]);
    for (path, stored) in [("responses", true), ("chat", true), ("responses", false)] {
        let (path, body) = asked(path, MODEL, false);
        let mut body: Value = serde_json::from_str(&body).unwrap();
        if stored {
            body["store"] = json!(true);
        }
        let came = house.post(&path, &[], &body.to_string()).ok();
        let told = came.header("x-monster-note").is_some_and(|note| note.contains("the answer is not kept"));
        assert_eq!(told, stored, "{path}: {:?}", came.headers);
    }
    assert!(upstream.calls().iter().all(|call| call.body["store"] != true));
    let (path, body) = asked("anthropic", MODEL, false);
    let packed = house.post(&path, &[("content-encoding", "gzip")], &body);
    assert_eq!((packed.status, &packed.json()["type"]), (415, &json!("error")), "{}", packed.text());
    assert_eq!(house.post(&path, &[("content-encoding", "identity")], &body).status, 200);
    house.close(&sandbox).ok();
}

#[test]
fn what_goes_on_as_it_came_comes_back_so_in_openai_s_and_ollama_s_dialects_too() {
    let lines = "{\"model\":\"l\",\"message\":{\"role\":\"assistant\",\"content\":\"h\\u00e9\",\"new\":1},\"done\":false}\n\
        {\"model\":\"l\",\"message\":{\"role\":\"assistant\",\"content\":\"\"},\"done\":true,\"done_reason\":\"stop\",\"zz\": [1],\"prompt_eval_count\":3,\"eval_count\":2}\n";
    // A server of this machine is looked at before it is asked, so it listens all the time.
    let (ollama, at) = Echo::new();
    let (tell, told) = std::sync::mpsc::channel();
    let told = std::sync::Mutex::new(told);
    std::thread::spawn(move || while tell.send(ollama.once("application/x-ndjson", lines)).is_ok() {});
    let (echo, base) = Echo::new();
    let mut sandbox = Sandbox::new();
    sandbox.live().set("OPENAI_API_KEY", &crate::key::key("openai")).set("OPENAI_BASE_URL", &format!("{base}/v1"));
    sandbox.config(&format!(
        "[upstreams.box]\nprovider = \"generic\"\nbase_url = \"{at}\"\ndialect = \"ollama-chat\"\nauth = \"none\"\nlocal = true\n"
    ));
    let house = House::open(&sandbox, &["--no-auth"]);
    let chat = r#"{"id":"chatcmpl-own","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":"h\u00e9","zz":1},"finish_reason":null}],"x_new": 1.50}"#;
    let done = r#"{"id":"chatcmpl-own","choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5,"unheard":1}}"#;
    let events = [
        r#"{"type":"response.created","sequence_number":0,"response":{"id":"resp_own","object":"response","status":"in_progress","output":[],"zz":1}}"#,
        r#"{"type":"response.output_item.added","sequence_number":1,"output_index":0,"item":{"type":"message","id":"msg_own","role":"assistant","content":[],"status":"in_progress"}}"#,
        r#"{"type":"response.unheard_of","sequence_number":2,"x": [null]}"#,
        r#"{"type":"response.output_text.delta","sequence_number":3,"item_id":"msg_own","output_index":0,"content_index":0,"delta":"h\u00e9","obfuscation":"q"}"#,
        r#"{"type":"response.completed","sequence_number":4,"response":{"id":"resp_own","object":"response","status":"completed","output":[{"type":"message","id":"msg_own","role":"assistant","status":"completed","content":[{"type":"output_text","text":"h\u00e9","annotations":[]}]}],"usage":{"input_tokens":3,"output_tokens":2,"total_tokens":5}}}"#,
    ];
    let responses: String = events.iter().map(|event| format!("data: {event}\n\n")).collect();
    for (path, asks, sent, kind, answer) in [
        (
            "/v1/chat/completions",
            r#"{ "model" : "openai/gpt-4.1-mini","stream":true,"stream_options":{"include_usage":true}, "x_future":{"b":[1.50,null]},"messages":[{"role":"user","content":"hi"}] }"#,
            r#"{ "model" : "gpt-4.1-mini","stream":true,"stream_options":{"include_usage":true}, "x_future":{"b":[1.50,null]},"messages":[{"role":"user","content":"hi"}] }"#,
            "text/event-stream",
            format!("data: {chat}\n\ndata: {done}\n\ndata: [DONE]\n\n"),
        ),
        (
            "/v1/responses",
            r#"{ "model" : "openai/gpt-4.1-mini","stream":true,"store":false, "x_future":{"b":[1.50,null]},"input":[{"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"c2ln"},{"role":"user","content":"hi"}] }"#,
            r#"{ "model" : "gpt-4.1-mini","stream":true,"store":false, "x_future":{"b":[1.50,null]},"input":[{"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"c2ln"},{"role":"user","content":"hi"}] }"#,
            "text/event-stream",
            responses,
        ),
        (
            "/api/chat",
            r#"{ "model" : "box/llama3", "x_future":{"b":[1.50,null]},"messages":[{"role":"user","content":"hi"}] }"#,
            r#"{ "model" : "llama3", "x_future":{"b":[1.50,null]},"messages":[{"role":"user","content":"hi"}] }"#,
            "application/x-ndjson",
            lines.to_owned(),
        ),
    ] {
        let headers = [("openai-beta", "one=v1, two=v2"), ("x-other", "no")];
        let (head, got, came) = std::thread::scope(|scope| {
            let heard = scope.spawn(|| match path {
                "/api/chat" => told.lock().unwrap().recv_timeout(LONG).unwrap(),
                _ => echo.once(kind, &answer),
            });
            let came = house.post(path, &headers, asks);
            let (head, got) = heard.join().unwrap();
            (head.to_ascii_lowercase(), got, came.ok())
        });
        assert_eq!((got.as_str(), came.text().as_str()), (sent, answer.as_str()), "{path}");
        assert!(!head.contains("x-other"), "{head}");
        assert_eq!(head.contains("openai-beta: one=v1, two=v2"), path.starts_with("/v1"), "{head}");
    }
    house.close(&sandbox).ok();
}

#[test]
fn what_is_lost_on_the_way_is_told_once_however_many_are_asked() {
    let (upstream, sandbox) = world();
    let failed = || Answer::status(500, "server_error", "The server had an error.");
    upstream.always(move |call| if call.body["model"] == "gpt-4.1-mini" { failed() } else { Answer::text("Green.") });
    sandbox.config("[roles]\nfast = [\"openai/gpt-4.1-mini\", \"openai/gpt-4.1\"]\n[serve]\npark = 0\n");
    let house = House::open(&sandbox, &["--no-auth"]);
    let (path, body) = asked("anthropic", "fast", false);
    let mut body: Value = serde_json::from_str(&body).unwrap();
    body["top_k"] = json!(3);
    let came = house.post(&path, &[], &body.to_string()).ok();
    let note = came.header("x-monster-note").unwrap_or_default().to_owned();
    assert_eq!(note.matches("top_k is left out").count(), 1, "{note}");
    let asked: std::collections::BTreeSet<String> =
        upstream.calls().iter().filter_map(|call| call.body["model"].as_str().map(str::to_owned)).collect();
    assert_eq!(asked.len(), 2, "{asked:?}");
    assert!(upstream.calls().iter().all(|call| call.body.get("top_k").is_none()));
    house.close(&sandbox).ok();
}
