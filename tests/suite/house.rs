//! What `monster serve` counts, refuses and says of itself, and how it ends what is open.

use std::io::{Read as _, Write as _};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::caller::House;
use crate::commit::connected;
use crate::sandbox::Sandbox;
use crate::serve::{DIALECTS, MODEL, asked, said, world};
use crate::upstream::{Answer, Fault, Upstream};

const LONG: Duration = Duration::from_secs(60);

fn metric(house: &House, line: &str) -> bool {
    house.look("GET", "/metrics").ok().text().lines().any(|l| l == line)
}

fn rows(sandbox: &Sandbox) -> Vec<Value> {
    let told = sandbox.monster(&["history", "list", "--json", "--limit", "50"]).done().ok().json();
    told["requests"].as_array().unwrap().clone()
}

#[test]
fn what_is_not_sent_for_its_secrets_is_counted_and_stands_in_the_audit() {
    let secret = ["gh", "p_", &"aB3dE5gH1jK7mN9pQ2rS4tU6vW8xY0zA1bC2"[..36]].concat();
    let (upstream, sandbox) = world();
    sandbox.config("[redact]\nmode = \"block\"\n");
    let house = House::open(&sandbox, &["--no-auth"]);
    let mut ids = Vec::new();
    for dialect in DIALECTS {
        let (path, body) = asked(dialect, MODEL, false);
        let came = house.post(&path, &[], &body.replace("Name a colour.", &format!("my key is {secret} ok")));
        assert!(came.status == 400 && came.text().contains("GitHub token"), "{dialect}: {}", came.text());
        assert!(!came.text().contains(&secret));
        ids.push(came.header("x-monster-request-id").unwrap().to_owned());
    }
    assert_eq!(upstream.calls().len(), 0);
    assert!(metric(&house, "monster_refused_total{why=\"secret\"} 5"));
    house.close(&sandbox).ok();
    let report = sandbox.monster(&["redact", "report", "--json"]).done().ok().json();
    let report = report["rows"].as_array().unwrap();
    assert_eq!(report.len(), 5, "{report:#?}");
    assert!(report.iter().all(|row| row["action"] == "block"), "{report:#?}");
    assert!(ids.iter().all(|id| json!(report).to_string().contains(id.as_str())), "{ids:?} {report:#?}");
}

#[test]
fn several_models_are_neither_counted_nor_made_into_vectors_and_that_is_said() {
    let (_upstream, sandbox) = world();
    let house = House::open(&sandbox, &["--no-auth"]);
    let user = json!([{ "role": "user", "content": "hi" }]);
    let anthropic = json!({ "model": "monster/dialectic", "messages": user }).to_string();
    let gemini = json!({ "contents": [{ "role": "user", "parts": [{ "text": "hi" }] }] }).to_string();
    let embed = json!({ "model": "monster/dialectic", "input": "hi" }).to_string();
    for (path, body, kind, word) in [
        ("/v1/messages/count_tokens", &anthropic, "/error/type", "count for one of them"),
        ("/v1beta/models/monster%2Fdialectic:countTokens", &gemini, "/error/status", "count for one of them"),
        ("/v1/embeddings", &embed, "/error/type", "makes no vectors"),
    ] {
        let came = house.post(path, &[], body);
        assert_eq!(came.status, 400, "{path}: {}", came.text());
        assert!(came.text().contains("monster/dialectic cannot do that") && came.text().contains(word), "{path}");
        let kind = came.json().pointer(kind).unwrap().as_str().unwrap().to_lowercase();
        assert!(kind.starts_with("invalid_"), "{path}: {kind}");
    }
    house.close(&sandbox).ok();
}

#[test]
fn a_discussion_names_all_who_took_part_and_its_calls_belong_to_the_request() {
    let secret = ["gh", "p_", &"aB3dE5gH1jK7mN9pQ2rS4tU6vW8xY0zA1bC2"[..36]].concat();
    let (upstream, sandbox) = world();
    upstream.always(|call| match call.schema() {
        Some(_) => {
            Answer::json(&json!({ "agreed": [], "disagreed": [{ "claim": "the colour", "x": "It is", "y": "It is",
            "settle": "it depends" }], "single": [], "answer": "Either.", "confidence": "low", "reason": "" }))
        }
        None => Answer::text(if call.provider == "openai" { "It is Red or Blue" } else { "It is Blue or Red" }),
    });
    let house = House::open(&sandbox, &["--no-auth"]);
    let (path, body) = asked("chat", "monster/dialectic", false);
    let body = body.replace("Name a colour.", &format!("Name a colour. {secret}"));
    let came = house.post(&path, &[], &body).ok();
    let (id, route) = (came.header("x-monster-request-id").unwrap(), came.header("x-monster-route").unwrap());
    let text = said("chat", &came.json());
    for letter in ["A", "B"] {
        let model = text.lines().find_map(|line| line.strip_prefix(&format!("{letter} is "))).unwrap();
        assert!(route.contains(&format!("{letter} {model}")), "{route}: {text}");
    }
    let reconciler = text.lines().find_map(|line| line.strip_prefix("reconciled by ")).unwrap();
    assert!(route.ends_with(&format!("reconciled by {reconciler}")), "{route}");
    let (id, route) = (id.to_owned(), route.to_owned());
    house.close(&sandbox).ok();
    let rows = rows(&sandbox);
    assert_eq!(rows.iter().filter(|row| row["parent"] == id.as_str()).count(), 3, "{rows:#?}");
    assert!(rows.iter().any(|row| row["id"] == id.as_str() && row["outcome"] == "done"), "{route} {rows:#?}");
    // Those who were asked saw nothing of it: the request itself has it in the audit.
    let report = sandbox.monster(&["redact", "report", "--json"]).done().ok().json();
    let report = report["rows"].as_array().unwrap();
    assert!(report.len() == 1 && report[0].to_string().contains(&id), "{report:#?}");
}

#[test]
fn two_models_that_nobody_knows_the_maker_of_may_be_one_maker_s() {
    let upstream = Upstream::start();
    let mut sandbox = Sandbox::new();
    let key = sandbox.key("openai");
    sandbox.set("HOUSE_KEY", &key);
    let base = upstream.base("openai");
    sandbox.config(&format!(
        "[upstreams.house]\nbase_url = \"{base}\"\nkey_env = \"HOUSE_KEY\"\nmodels = [\"zorp-one\", \"zorp-two\"]\n\
         [roles]\nreasoning = [\"house/zorp-one\", \"house/zorp-two\"]\n"
    ));
    let house = House::open(&sandbox, &["--no-auth"]);
    let (path, body) = asked("chat", "monster/dialectic", false);
    let came = house.post(&path, &[], &body);
    assert!(came.text().contains("nobody knows who made house/zorp-one"), "{} {}", came.status, came.text());
    assert_eq!((came.status, upstream.calls().len()), (404, 0));
    house.close(&sandbox).ok();
}

#[test]
fn what_an_upstream_blames_in_a_request_its_caller_hears_with_the_upstream_s_own_name() {
    let upstream = Upstream::start();
    let mut sandbox = Sandbox::new();
    let key = sandbox.key("openai");
    sandbox.set("HOUSE_KEY", &key);
    sandbox.config(&format!(
        "[upstreams.house]\nbase_url = \"{}\"\nkey_env = \"HOUSE_KEY\"\nmodels = [\"m\"]\n",
        upstream.base("openai")
    ));
    upstream.may_refuse();
    let house = House::open(&sandbox, &["--no-auth"]);
    let refused = json!({ "error": { "message": format!("Invalid value; you sent {key}."), "type": "invalid_request_error",
        "param": "messages[0].colour", "code": "invalid_colour" } });
    let told = |dialect: &str, refused: &Value| {
        upstream.next(Answer::text("").fault(Fault::Body(400, "application/json".to_owned(), refused.to_string())));
        let (path, body) = asked(dialect, "house/m", false);
        let came = house.post(&path, &[], &body);
        assert_eq!(came.status, 400, "{dialect}: {}", came.text());
        assert!(!came.text().contains(&key), "{}", came.text());
        came.json()["error"].clone()
    };
    let error = told("chat", &refused);
    assert_eq!((&error["param"], &error["code"]), (&json!("messages[0].colour"), &json!("invalid_colour")));
    assert!(error["message"].as_str().unwrap().starts_with("Invalid value; you sent "), "{error}");
    // Another dialect's members are called otherwise.
    let error = told("responses", &refused);
    assert_eq!((&error["param"], &error["code"]), (&Value::Null, &Value::Null));
    assert!(error["message"].as_str().unwrap().starts_with("house answered 400: "), "{error}");
    // One that repeats a key.
    let strange = json!({ "error": { "message": "no", "type": "invalid_request_error", "code": key } });
    let error = told("chat", &strange);
    assert!(error["code"].as_str().unwrap().contains("MSEC_"), "{error}");
    house.close(&sandbox).ok();
}

#[test]
fn what_an_upstream_of_the_same_dialect_refuses_comes_back_as_it_was_said_and_elsewhere_with_its_status() {
    let upstream = Upstream::start();
    let mut sandbox = Sandbox::new();
    let mut settings = String::new();
    for (name, dialect, provider) in [
        ("chat", "openai-chat", "local"),
        ("responses", "openai-responses", "local"),
        ("anthropic", "anthropic-messages", "anthropic"),
        ("gemini", "gemini-generate-content", "gemini"),
        ("ollama", "ollama-chat", "ollama"),
    ] {
        let (base, key) = (
            upstream.base(provider),
            sandbox.key(if ["anthropic", "gemini"].contains(&name) { name } else { "openai" }),
        );
        let variable = format!("{}_KEY_OF_HOUSE", name.to_uppercase());
        sandbox.set(&variable, &key);
        settings.push_str(&format!(
            "[upstreams.{name}]\nbase_url = \"{base}\"\ndialect = \"{dialect}\"\nkey_env = \"{variable}\"\nmodels = [\"m\"]\n"
        ));
    }
    sandbox.config(&settings);
    upstream.may_refuse();
    let house = House::open(&sandbox, &["--no-auth"]);
    let ask = |dialect: &str, of: &str, stream: bool, status: u16, refused: &str| {
        upstream.next(Answer::text("").fault(Fault::Body(status, "application/json".to_owned(), refused.to_owned())));
        let (path, body) = asked(dialect, &format!("{of}/m"), stream);
        house.post(&path, &[], &body)
    };
    let said = [
        ("chat", 413, r#"{"detail":[{"loc":["body"],"msg":"too large"}]}"#),
        ("chat", 422, r#"{"error":{"message":"no","type":"x","param":null,"code":null,"more":1.50}}"#),
        ("responses", 400, r#"{"error":{"message":"no","type":"invalid_request_error","param":"input","code":"c"}}"#),
        (
            "anthropic",
            413,
            r#"{"type":"error","error":{"type":"request_too_large","message":"Request exceeds the maximum size"},"request_id":"req_011CSHoEeqs5C35K2UUqR7Fy"}"#,
        ),
        (
            "gemini",
            400,
            r#"{"error":{"code":400,"message":"no","status":"FAILED_PRECONDITION","details":[{"@type":"t","a":[1]}]}}"#,
        ),
        ("ollama", 400, r#"{"error":"m does not support tools"}"#),
    ];
    for (dialect, status, refused) in said {
        for stream in [false, true] {
            let came = ask(dialect, dialect, stream, status, refused);
            let told = format!("{dialect}, stream {stream}");
            assert_eq!((came.status, came.text().as_str()), (status, refused), "{told}");
            let route = format!("{dialect}/m");
            assert_eq!(came.header("content-type"), Some("application/json"), "{told}");
            assert_eq!(came.header("x-monster-route").unwrap_or(&route), route, "{told}");
        }
    }
    // In another dialect it is told in that one's words, and the status stays where its clients know it.
    for (dialect, status, told) in
        [("anthropic", 413, 413), ("anthropic", 422, 400), ("responses", 422, 422), ("gemini", 413, 400)]
    {
        let came = ask(dialect, "chat", false, status, r#"{"error":{"message":"no","type":"x"}}"#);
        assert_eq!(came.status, told, "{dialect}: {}", came.text());
        let message = came.json()["error"]["message"].as_str().unwrap_or_default().to_owned();
        assert!(message.contains(&format!("chat answered {status}: no")), "{dialect}: {message}");
    }
    let came = ask("anthropic", "chat", false, 413, r#"{"error":{"message":"no","type":"x"}}"#);
    assert_eq!(came.json()["error"]["type"], "request_too_large");
    // Whose account it is at the upstream is no caller's to know, and neither is what a proxy on the way wants.
    let owned =
        r#"{"error":{"message":"no","code":400,"metadata":{"consumer":"projects/7","raw":"r"}},"user_id":"org_9"}"#;
    let came = ask("chat", "chat", false, 400, owned);
    assert_eq!(came.text(), r#"{"error":{"message":"no","code":400,"metadata":{"raw":"r"}}}"#);
    let came = ask("chat", "chat", false, 407, r#"{"error":"Proxy Authentication Required","realm":"corp"}"#);
    assert_ne!(came.status, 407);
    assert!(!came.text().contains("realm"), "{}", came.text());
    house.close(&sandbox).ok();
}

#[test]
fn broken_settings_are_told_where_they_are_looked_for_and_what_held_before_goes_on_holding() {
    let (upstream, sandbox) = world();
    upstream.always(|_| Answer::text("still here"));
    let house = House::open(&sandbox, &["--no-auth"]);
    sandbox.config("[roles\n");
    house.running.signal("HUP");
    let log = sandbox.state_dir().join("serve.log");
    let began = Instant::now();
    let line = loop {
        let text = std::fs::read_to_string(&log).unwrap_or_default();
        if let Some(line) = text.lines().find(|line| line.contains("reload_failed")) {
            break line.to_owned();
        }
        assert!(began.elapsed() < LONG, "nothing was said: {text}");
        std::thread::sleep(Duration::from_millis(50));
    };
    let (path, body) = asked("chat", MODEL, false);
    assert_eq!(said("chat", &house.post(&path, &[], &body).ok().json()), "still here");
    let told = sandbox.monster(&["serve", "logs", "-n", "2"]).done();
    assert!(told.stdout.contains("reload_failed  settings and accounts stay as they were"), "{}", told.all());
    let done = house.close(&sandbox);
    for said in [&line, &done.ok().stderr] {
        assert!(said.contains("stay as they were") && said.contains("config.toml"), "{said}");
        assert!(!said.contains("nothing is sent"), "{said}");
    }
    assert!(done.stderr.contains("requests are served as before"), "{}", done.stderr);
}

#[test]
fn a_model_s_name_forges_no_line_and_drives_no_terminal_of_whoever_looks() {
    let (upstream, sandbox) = world();
    upstream.always(|_| Answer::text("it has a name"));
    let house = House::open(&sandbox, &["--no-auth"]);
    let name = "openai/x\u{1b}]0;pwned\u{7}\u{1b}[2Jy\u{9b}31m\n2026-11-30 12:00:00  done  forged";
    let (path, body) = asked("chat", name, false);
    let came = house.post(&path, &[], &body);
    let id = came.header("x-monster-request-id").unwrap().to_owned();
    house.close(&sandbox).ok();
    for told in [
        sandbox.monster(&["serve", "logs"]).done(),
        sandbox.monster(&["serve", "logs", "--json"]).done(),
        sandbox.monster(&["history", "show", &id]).done(),
        sandbox.monster(&["history", "list"]).done(),
        sandbox.monster(&["cost", "--by", "model"]).done(),
    ] {
        let said = &told.ok().raw;
        assert!(said.chars().all(|c| c == '\n' || !c.is_control()), "{said:?}");
        assert!(!said.lines().any(|line| line.starts_with("2026-11-30 12:00:00")), "{said}");
    }
}

#[test]
fn asked_twice_to_end_it_ends_open_answers_in_their_own_words() {
    for dialect in DIALECTS {
        let (upstream, sandbox) = world();
        upstream.always(|_| Answer::text("one two three four").fault(Fault::Stall(2)));
        let house = House::open(&sandbox, &["--no-auth"]);
        let (path, body) = asked(dialect, MODEL, true);
        let mut open = house.begin(&path, &[], &body, "one");
        house.running.signal("TERM");
        let began = Instant::now();
        while sandbox.state_dir().join("serve.sock").exists() {
            assert!(began.elapsed() < LONG);
            std::thread::sleep(Duration::from_millis(20));
        }
        house.running.signal("TERM");
        let mut rest = String::new();
        open.read_to_string(&mut rest).unwrap();
        assert!(rest.contains("is being stopped before the answer was complete"), "{dialect}: {rest}");
        assert!(rest.ends_with("0\r\n\r\n"), "{dialect}: the body has its end: {rest}");
        let done = house.running.done(&sandbox);
        assert!(done.ok().stderr.contains("1 answer was cut off"), "{}", done.all());
        upstream.wait_for_hang_up(LONG);
        let rows = rows(&sandbox);
        assert!(rows.len() == 1 && rows[0]["outcome"] != "interrupted", "{rows:#?}");
        assert!(!rows[0]["outcome"].is_null(), "{rows:#?}");
    }
}

#[test]
fn an_answer_that_outlasts_the_drain_is_told_so_too() {
    let (upstream, sandbox) = world();
    sandbox.config("[serve]\ndrain = 1\n");
    upstream.always(|_| Answer::text("one two three four").fault(Fault::Stall(2)));
    let house = House::open(&sandbox, &["--no-auth"]);
    let (path, body) = asked("anthropic", MODEL, true);
    let mut open = house.begin(&path, &[], &body, "one");
    // One that is told as a whole gets a status.
    let (path, body) = asked("chat", MODEL, false);
    let mut whole = house.line();
    write!(whole, "POST {path} HTTP/1.1\r\nhost: {}\r\ncontent-length: {}\r\n\r\n{body}", house.address, body.len())
        .unwrap();
    upstream.wait_for_calls(2, LONG);
    house.running.signal("TERM");
    let mut rest = String::new();
    open.read_to_string(&mut rest).unwrap();
    assert!(rest.contains("event: error") && rest.contains("is being stopped"), "{rest}");
    rest.clear();
    whole.read_to_string(&mut rest).unwrap();
    assert!(rest.starts_with("HTTP/1.1 503 ") && rest.contains("is being stopped"), "{rest}");
    assert!(house.running.done(&sandbox).ok().stderr.contains("2 answers were cut off"));
}

#[test]
fn a_placeholder_among_a_tool_s_arguments_is_counted_and_told() {
    let secret = ["gh", "p_", &"aB3dE5gH1jK7mN9pQ2rS4tU6vW8xY0zA1bC2"[..36]].concat();
    // What a tool of an unknown name does with its arguments nobody knows.
    for (mode, tool, counted) in [("off", "Edit", 2), ("tools", "Edit", 0), ("tools", "tell", 2)] {
        let upstream = Upstream::start();
        let mut sandbox = connected(&upstream);
        sandbox.live();
        sandbox.config(&format!("[serve]\nrestore = \"{mode}\"\n"));
        upstream.always(move |call| {
            let user = call.user();
            let mark = user.split(' ').find(|word| word.starts_with("MSEC_")).unwrap_or("none").to_owned();
            Answer::text("").tool(tool, json!({ "path": "a.txt", "content": mark }))
        });
        let house = House::open(&sandbox, &["--no-auth"]);
        let tools = json!([{ "type": "function", "function": { "name": tool, "parameters": { "type": "object",
            "properties": { "path": { "type": "string" }, "content": { "type": "string" } } } } }]);
        for stream in [false, true] {
            let body = json!({ "model": MODEL, "stream": stream, "tools": tools,
                "messages": [{ "role": "user", "content": format!("write {secret} there") }] });
            let came = house.post("/v1/chat/completions", &[], &body.to_string()).ok();
            assert_eq!(came.text().contains(&secret), counted == 0, "{mode} {stream}: {}", came.text());
        }
        assert!(metric(&house, &format!("monster_placeholders_in_arguments_total {counted}")), "{mode}");
        let seen = house.look("GET", "/monster/v1/requests").ok().json();
        let finished = seen["finished"].as_array().unwrap();
        let told = finished.iter().filter(|request| request["placeholder_in_arguments"] == true).count();
        assert_eq!(told, counted, "{mode}: {seen:#}");
        let status = sandbox.monster(&["serve", "status"]).done().ok().stdout.clone();
        let line = format!("placeholders: {counted} answers had some in arguments of tools");
        assert_eq!(status.contains(&line), counted > 0, "{status}");
        assert_eq!(status.contains("puts the secrets back there"), mode == "off", "{status}");
        let unknown = "serve.restore is tools, which leaves out calls that could send a secret to somebody, and all";
        assert_eq!(status.contains(unknown), tool == "tell", "{status}");
        house.close(&sandbox).ok();
    }
}

#[test]
fn a_name_that_no_model_has_stands_in_no_list_and_no_row() {
    let (upstream, sandbox) = world();
    let house = House::open(&sandbox, &["--no-auth"]);
    let long = format!("openai/{}", "m".repeat(100_000));
    for dialect in DIALECTS.into_iter().filter(|dialect| *dialect != "gemini") {
        let (path, body) = asked(dialect, &long, false);
        let came = house.post(&path, &[], &body);
        assert!(
            came.status == 400 && came.text().contains("the model's name has 100007 bytes"),
            "{dialect}: {}",
            came.text()
        );
    }
    assert!(house.look("GET", "/monster/v1/requests").text().len() < 10_000);
    house.close(&sandbox).ok();
    assert!(upstream.calls().is_empty() && !json!(rows(&sandbox)).to_string().contains(&"m".repeat(300)));
}

#[test]
fn headers_that_go_on_go_on_whole_and_without_secrets() {
    let secret = ["gh", "p_", &"aB3dE5gH1jK7mN9pQ2rS4tU6vW8xY0zA1bC2"[..36]].concat();
    let (upstream, sandbox) = world();
    upstream.next(Answer::text("Blue."));
    let house = House::open(&sandbox, &["--no-auth"]);
    let (path, body) = asked("anthropic", "anthropic/claude-haiku-4-5", false);
    house.post(&path, &[("anthropic-beta", "one"), ("anthropic-beta", "two, three")], &body).ok();
    assert_eq!(upstream.only().header("anthropic-beta"), Some("one,two, three"));
    let came = house.post(&path, &[("anthropic-beta", &secret)], &body);
    assert!(came.status == 400 && came.text().contains("the header anthropic-beta holds"), "{}", came.text());
    assert!(!came.text().contains(&secret));
    assert_eq!(upstream.calls().len(), 1);
    assert!(metric(&house, "monster_refused_total{why=\"secret\"} 1"));
    house.close(&sandbox).ok();
}

#[test]
fn a_key_in_the_place_of_a_model_goes_nowhere_and_stands_nowhere() {
    let secret = ["gh", "p_", &"aB3dE5gH1jK7mN9pQ2rS4tU6vW8xY0zA1bC2"[..36]].concat();
    let (upstream, sandbox) = world();
    let house = House::open(&sandbox, &["--no-auth"]);
    let (path, body) = asked("gemini", "openai/MODEL", false);
    let came = house.post(&path.replace("MODEL", &secret), &[], &body);
    assert!(came.status == 400 && came.text().contains("the model's name holds"), "{}", came.text());
    assert!(!came.text().contains(&secret));
    assert!(!house.look("GET", "/monster/v1/requests").text().contains(&secret));
    house.close(&sandbox).ok();
    assert!(upstream.calls().is_empty() && !json!(rows(&sandbox)).to_string().contains(&secret));
}

#[test]
fn what_a_path_is_not_called_with_is_said_in_its_own_dialect() {
    let (_upstream, sandbox) = world();
    let house = House::open(&sandbox, &["--no-auth"]);
    for (path, pointer) in [
        ("/v1/messages", "/error/type"),
        ("/v1beta/models/x:generateContent", "/error/status"),
        ("/v1/chat/completions", "/error/type"),
    ] {
        let came = house.send("PUT", path, &[], "");
        assert!(came.status == 405 && came.json().pointer(pointer).is_some(), "{path}: {}", came.text());
    }
    assert_eq!(house.send("DELETE", "/v1/messages", &[], "").json()["type"], "error");
    assert!(house.send("PUT", "/api/chat", &[], "").json()["error"].is_string());
    house.close(&sandbox).ok();
}

#[test]
fn a_key_that_is_shown_over_the_socket_holds_there_too() {
    let (upstream, sandbox) = world();
    upstream.always(|_| Answer::text("Blue."));
    let made = sandbox.monster(&["serve", "key", "add", "narrow", "--models", "openai/other*"]).done();
    let bearer = format!("Bearer {}", made.ok().raw.trim());
    let house = House::open(&sandbox, &[]);
    let (path, body) = asked("chat", MODEL, false);
    let ask = |head: &str| {
        let mut line = std::os::unix::net::UnixStream::connect(sandbox.state_dir().join("serve.sock")).unwrap();
        line.set_read_timeout(Some(LONG)).unwrap();
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{head}content-length: {}\r\n\r\n",
            body.len()
        );
        line.write_all((head + &body).as_bytes()).unwrap();
        let mut said = String::new();
        line.read_to_string(&mut said).unwrap();
        said.split(' ').nth(1).unwrap().to_owned()
    };
    assert_eq!(ask(""), "200", "the owner needs none");
    assert_eq!(ask(&format!("authorization: {bearer}\r\n")), "403");
    assert_eq!(ask("authorization: Bearer whatever-a-client-sends\r\n"), "200");
    house.close(&sandbox).ok();
}

#[test]
fn a_key_that_was_known_stays_secret_when_its_upstream_is_taken_out() {
    let (upstream, mut sandbox) = world();
    // Nothing but that it is known makes a secret of it.
    let key = ["orchard", "lamp", "violet", "river"].join("-");
    sandbox.set("HOUSE_KEY", &key);
    let settings = |house: &str, fast: &str| format!("[roles]\nfast = [\"{fast}\"]\n{house}");
    let house = format!(
        "[upstreams.house]\nbase_url = \"{}\"\nkey_env = \"HOUSE_KEY\"\nmodels = [\"m\"]\n",
        upstream.base("openai")
    );
    sandbox.config(&settings(&house, "openai/gpt-4.1-mini"));
    let running = House::open(&sandbox, &["--no-auth"]);
    upstream.always(|_| Answer::text("yes"));
    let ask = || {
        let (path, _) = asked("chat", "monster/fast", false);
        let body =
            json!({ "model": "monster/fast", "messages": [{ "role": "user", "content": format!("is {key} fine?") }] });
        running.post(&path, &[], &body.to_string()).ok()
    };
    ask();
    sandbox.config(&settings("", "anthropic/claude-haiku-4-5"));
    running.running.signal("HUP");
    let began = Instant::now();
    while ask().header("x-monster-route") != Some("anthropic/claude-haiku-4-5") {
        assert!(began.elapsed() < LONG, "it was never read anew");
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(upstream.calls().iter().all(|call| !call.body.to_string().contains(&key)));
    running.close(&sandbox).ok();
}
