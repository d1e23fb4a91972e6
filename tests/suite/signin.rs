//! `monster login` and `logout` with sign-ins: a browser, a code, a program's own secret, and what other programs keep.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use regex::Regex;
use serde_json::{Value, json};

use crate::issuer::{self, CLIENT, Issuer};
use crate::sandbox::Sandbox;

/// No step of a story comes near it.
const HUNG: Duration = Duration::from_secs(60);

/// A sandbox with an upstream `mine` whose sign-in is published by the issuer.
fn desk(issuer: &Issuer) -> Sandbox {
    desk_with(issuer, "scopes = [\"openid\", \"offline_access\"]")
}

fn desk_with(issuer: &Issuer, more: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.config(&format!(
        "[upstreams.mine]\nbase_url = \"{}\"\n[upstreams.mine.oauth]\nissuer = \"{}\"\nclient_id = \"{CLIENT}\"\n{more}\n",
        issuer.url("/v1"),
        issuer.url(""),
    ));
    sandbox
}

const BROWSER: [&str; 8] = ["login", "mine", "--method", "browser", "--store", "keyfile", "--keyfile", "key.txt"];
const DEVICE: [&str; 8] = ["login", "mine", "--method", "device", "--store", "keyfile", "--keyfile", "key.txt"];

/// A login that goes on while the story does something else.
struct Session<'a> {
    sandbox: &'a Sandbox,
    child: Child,
    lines: Receiver<String>,
    seen: Vec<String>,
    line: String,
}

impl<'a> Session<'a> {
    fn start(sandbox: &'a Sandbox, args: &[&str]) -> Self {
        let mut command = sandbox.command(env!("CARGO_BIN_EXE_monster"), &sandbox.home());
        let mut child =
            command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (sent, lines) = channel();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        std::thread::spawn(move || stderr.lines().map_while(Result::ok).all(|line| sent.send(line).is_ok()));
        Self { sandbox, child, lines, seen: Vec::new(), line: format!("monster {}", args.join(" ")) }
    }

    /// Waits for a line on stderr.
    #[track_caller]
    fn until(&mut self, holds: impl Fn(&str) -> bool) -> String {
        loop {
            match self.lines.recv_timeout(HUNG) {
                Ok(line) => {
                    self.seen.push(line.clone());
                    if holds(&line) {
                        return line;
                    }
                }
                Err(RecvTimeoutError::Disconnected) => panic!("it ended:\n{}", self.seen.join("\n")),
                Err(RecvTimeoutError::Timeout) => panic!("it hung:\n{}", self.seen.join("\n")),
            }
        }
    }

    /// The address that a person is asked to visit.
    #[track_caller]
    fn page(&mut self) -> String {
        self.until(|line| line.starts_with("http"))
    }

    fn paste(&mut self, text: &str) {
        let stdin = self.child.stdin.as_mut().unwrap();
        stdin.write_all(format!("{text}\n").as_bytes()).unwrap();
        stdin.flush().unwrap();
    }

    /// Waits for its end: exit code, standard output, and everything a person saw.
    #[track_caller]
    fn done(mut self) -> (i32, String, String) {
        drop(self.child.stdin.take());
        loop {
            match self.lines.recv_timeout(HUNG) {
                Ok(line) => self.seen.push(line),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => {
                    drop(self.child.kill());
                    panic!("it hung:\n{}", self.seen.join("\n"));
                }
            }
        }
        let mut stdout = String::new();
        self.child.stdout.take().unwrap().read_to_string(&mut stdout).unwrap();
        let code = self.child.wait().unwrap().code().unwrap_or(-1);
        let stderr = self.seen.join("\n");
        let shown = format!("$ {}\nexit {code}\n--- stdout\n{stdout}--- stderr\n{stderr}\n", self.line);
        (code, stdout, steady(&self.sandbox.normal(&shown)))
    }
}

/// Random words of a sign-in under fixed names.
fn steady(text: &str) -> String {
    let rules = [
        (r"(state|nonce|code_challenge)=[\w-]{43}", "$1=[RANDOM]"),
        (r"(127\.0\.0\.1|localhost)%3A\d+", "$1%3A[PORT]"),
        (r"callback%2F[\w-]{43}", "callback%2F[RANDOM]"),
        (r"port \d{5}", "port [PORT]"),
        (r"urn%3Auuid%3A[0-9a-f-]{36}", "[INSTALLATION]"),
    ];
    rules
        .iter()
        .fold(text.to_owned(), |text, (from, to)| Regex::new(from).unwrap().replace_all(&text, *to).into_owned())
}

/// What a browser does with an address of this machine: status, place, body.
fn visit(url: &str) -> (u16, Option<String>, String) {
    visit_as(url, None)
}

fn visit_as(url: &str, host: Option<&str>) -> (u16, Option<String>, String) {
    let parsed = url::Url::parse(url).unwrap();
    let authority = format!("{}:{}", parsed.host_str().unwrap(), parsed.port().unwrap());
    let mut stream = TcpStream::connect(&authority).unwrap();
    stream.set_read_timeout(Some(HUNG)).unwrap();
    let target = &url[url.find(&authority).unwrap() + authority.len()..];
    let target = if target.is_empty() { "/" } else { target };
    let target = if target.starts_with('?') { format!("/{target}") } else { target.to_owned() };
    let host = host.unwrap_or(&authority);
    stream.write_all(format!("GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").as_bytes()).unwrap();
    let mut reader = BufReader::new(stream);
    let mut head = Vec::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap() == 0 || line.trim().is_empty() {
            break;
        }
        head.push(line.trim().to_owned());
    }
    let status = head[0].split(' ').nth(1).unwrap().parse().unwrap();
    let field = |name: &str| head.iter().find_map(|l| l.split_once(": ").filter(|(n, _)| n.eq_ignore_ascii_case(name)));
    let length: usize = field("content-length").map_or(0, |(_, v)| v.parse().unwrap());
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let place = field("location").map(|(_, v)| v.to_owned());
    (status, place, format!("{}\n\n{}", head.join("\n"), String::from_utf8(body).unwrap()))
}

/// Signs in at the issuer: where the browser is sent back to.
fn agree(page: &str) -> String {
    let (status, place, body) = visit(page);
    assert_eq!(status, 302, "the issuer refuses: {body}");
    place.unwrap()
}

/// A whole sign-in with a browser that is somebody else's.
fn browse(sandbox: &Sandbox, args: &[&str]) -> (i32, String, String) {
    let mut session = Session::start(sandbox, args);
    let back = agree(&session.page());
    assert_eq!(visit(&back).0, 200);
    session.done()
}

/// A browser that only writes down where it was sent, in `page`.
#[cfg(unix)]
fn browser(sandbox: &Sandbox) -> String {
    let script = sandbox.home().join("browser");
    let text = "#!/bin/sh\nprintf '%s' \"$1\" > \"$HOME/page.new\" && mv \"$HOME/page.new\" \"$HOME/page\"\n";
    fs::write(&script, text).unwrap();
    crate::program::runnable(&script);
    script.display().to_string()
}

/// What a program aside writes, once it has.
#[cfg(unix)]
fn written(file: &Path) -> String {
    let step = Duration::from_millis(10);
    for _ in 0..HUNG.as_millis() / step.as_millis() {
        if let Ok(text) = fs::read_to_string(file) {
            return text;
        }
        std::thread::sleep(step);
    }
    panic!("{} was never written", file.display())
}

fn accounts(sandbox: &Sandbox) -> Vec<Value> {
    let list = sandbox.monster(&["accounts", "--json"]).done().ok().json();
    let stored = |a: &&Value| !a["secret_lies"].as_str().unwrap().starts_with("environment");
    list["accounts"].as_array().unwrap().iter().filter(stored).cloned().collect()
}

fn leaves_no_trace(sandbox: &Sandbox, secrets: &[String]) {
    fn walk(dir: &Path, secrets: &[String]) {
        for entry in fs::read_dir(dir).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                walk(&path, secrets);
            } else {
                let bytes = fs::read(&path).unwrap();
                let held = secrets.iter().find(|s| bytes.windows(s.len()).any(|w| w == s.as_bytes()));
                assert!(held.is_none(), "a secret stands in {}", path.display());
            }
        }
    }
    assert!(!secrets.is_empty());
    walk(&sandbox.home(), secrets);
}

#[test]
fn without_a_browser_the_address_is_printed_and_the_sign_in_is_stored_checked_and_given_back() {
    let issuer = Issuer::start();
    let sandbox = desk(&issuer);
    let mut session = Session::start(&sandbox, &BROWSER);
    let page = session.page();
    let back = agree(&page);
    let (status, _, shown) = visit(&back);
    assert_eq!(status, 200);
    insta::assert_snapshot!("final_page", shown);
    let (code, _, all) = session.done();
    assert_eq!(code, 0, "{all}");
    insta::assert_snapshot!("browser", all);

    let asked = issuer.last("/authorize");
    assert_eq!(asked["code_challenge_method"], "S256");
    assert_ne!(asked["state"], asked["nonce"]);
    let token = issuer.last("/token");
    assert_eq!(token["redirect_uri"], asked["redirect_uri"]);
    assert_eq!(issuer.play().calls.len(), 1, "the token was checked");
    let kept: Vec<Value> = accounts(&sandbox);
    assert_eq!((kept.len(), kept[0]["name"].as_str()), (1, Some("mine")));
    let secrets = issuer.secrets();
    assert!(secrets.iter().all(|secret| !all.contains(secret)), "nor is any printed");
    leaves_no_trace(&sandbox, &secrets);

    insta::assert_snapshot!("logout", sandbox.monster(&["logout", "mine"]).done().ok().all());
    assert_eq!(issuer.last("/revoke")["token_type_hint"], "refresh_token");
    assert_eq!(accounts(&sandbox).len(), 0);
    insta::assert_snapshot!("logout_unknown", sandbox.monster(&["logout", "mine"]).done().exits(1).all());
    leaves_no_trace(&sandbox, &secrets);
}

#[cfg(unix)]
#[test]
fn the_browser_of_the_user_is_opened_and_json_stays_one_value() {
    let issuer = Issuer::start();
    let mut sandbox = desk(&issuer);
    sandbox.set("BROWSER", &browser(&sandbox));
    let args: Vec<&str> = BROWSER.iter().copied().chain(["--json"]).collect();
    let mut session = Session::start(&sandbox, &args);
    session.until(|line| line.contains("is open in your browser"));
    let printed = session.page();
    let opened = written(&sandbox.home().join("page"));
    assert_eq!(opened, printed);
    visit(&agree(&opened));
    let (code, stdout, all) = session.done();
    assert_eq!(code, 0, "{all}");
    let value: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!((value["method"].as_str(), value["expires"].as_str()), (Some("browser"), Some("2026-11-24T11:30:00Z")));
    let out = sandbox.monster(&["logout", "mine", "--json"]).done().ok().json();
    assert_eq!((out["revoked"].as_bool(), out["account"].as_str()), (Some(true), Some("mine")));
}

#[test]
fn what_does_not_belong_to_the_sign_in_is_turned_away_and_the_wait_goes_on() {
    let issuer = Issuer::start();
    let sandbox = desk(&issuer);
    let mut session = Session::start(&sandbox, &BROWSER);
    let back = agree(&session.page());
    let state = Regex::new(r"state=[\w-]{43}").unwrap();
    let (status, _, wrong) = visit(&state.replace(&back, "state=another"));
    assert_eq!(status, 400);
    insta::assert_snapshot!("wrong_state_page", wrong.split_once("<body>").unwrap().1);
    session.until(|line| line.contains("belongs to another sign-in"));
    assert_eq!(visit(&back.replace("/callback", "/elsewhere")).0, 404);
    assert_eq!(visit_as(&back, Some("evil.example")).0, 421, "a name that was made to point here");
    let port = url::Url::parse(&back).unwrap().port().unwrap();
    let mut post = TcpStream::connect(("127.0.0.1", port)).unwrap();
    write!(post, "POST /callback HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n").unwrap();
    let mut said = String::new();
    BufReader::new(post).read_line(&mut said).unwrap();
    assert!(said.contains("405"), "{said}");
    // Browsers open lines in advance and say nothing.
    let idle = TcpStream::connect(("127.0.0.1", port)).unwrap();
    assert_eq!(visit(&back).0, 200);
    drop(idle);
    let (code, _, all) = session.done();
    assert_eq!(code, 0, "{all}");
    assert_eq!(issuer.count("/token"), 1);
}

#[test]
fn an_answer_of_another_server_ends_the_sign_in() {
    let issuer = Issuer::start();
    let sandbox = desk(&issuer);
    let mut session = Session::start(&sandbox, &BROWSER);
    let back = agree(&session.page());
    let iss = Regex::new(r"iss=[^&]+").unwrap();
    assert_eq!(visit(&iss.replace(&back, "iss=https%3A%2F%2Fevil.example")).0, 400);
    let (code, _, all) = session.done();
    assert_eq!(code, 1, "{all}");
    insta::assert_snapshot!("wrong_issuer", all);
    assert_eq!(issuer.count("/token"), 0, "its code goes nowhere");
}

#[cfg(unix)]
#[test]
fn the_address_can_be_pasted_where_the_browser_is_on_another_machine() {
    let issuer = Issuer::start();
    let sandbox = desk(&issuer);
    let mut session = Session::start(&sandbox, &BROWSER);
    let back = agree(&session.page());
    session.paste("what do you mean?");
    session.until(|line| line.contains("not the address"));
    session.paste(&back);
    let (code, _, all) = session.done();
    assert_eq!(code, 0, "{all}");
    assert_eq!(accounts(&sandbox).len(), 1);
}

#[test]
fn a_port_that_is_taken_is_told_before_any_browser_opens() {
    let issuer = Issuer::start();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let sandbox = desk_with(&issuer, &format!("redirect = \"http://127.0.0.1:{port}/cb\""));
    let done = sandbox.monster(&BROWSER).done();
    insta::assert_snapshot!("port_taken", steady(&done.exits(1).all()));
    assert_eq!(issuer.count("/authorize"), 0);
    drop(taken);
    let (code, _, all) = browse(&sandbox, &BROWSER);
    assert_eq!(code, 0, "and serves once it is free: {all}");
    assert_eq!(issuer.last("/authorize")["redirect_uri"], format!("http://127.0.0.1:{port}/cb"));
}

#[test]
fn what_would_not_hold_the_sign_in_is_told_before_any_browser_opens() {
    let issuer = Issuer::start();
    let sandbox = desk(&issuer);
    // Nobody is there to be asked for a passphrase, and there is no keychain.
    let done = sandbox.monster(&BROWSER[..4]).done();
    assert!(done.exits(1).stderr.contains("nobody to ask for a passphrase"), "{}", done.all());
    assert!(!done.stderr.contains("/authorize"), "{}", done.all());
    assert!(issuer.play().calls.is_empty());
}

#[test]
fn a_no_of_the_user_is_one() {
    let issuer = Issuer::start();
    issuer.play().denies = true;
    let sandbox = desk(&issuer);
    let (code, _, all) = browse(&sandbox, &BROWSER);
    assert_eq!(code, 1);
    insta::assert_snapshot!("declined", all);
    assert!(accounts(&sandbox).is_empty());
}

#[test]
fn a_token_endpoint_with_trouble_costs_nothing_that_was_stored() {
    let issuer = Issuer::start();
    let sandbox = desk(&issuer);
    assert_eq!(browse(&sandbox, &BROWSER).0, 0);
    let html = "<html><body>Sign in to the hotel's network</body></html>";
    let mut said = Vec::new();
    for (status, kind, body) in [
        (200, "text/html", html),
        (500, "text/plain", "oops"),
        (200, "application/json", "{\"access_token\":"),
        (200, "application/json", "{\"token_type\":\"Bearer\"}"),
        (400, "application/json", "{\"error\":\"invalid_grant\",\"error_description\":\"used already\"}"),
        (404, "text/plain", ""),
    ] {
        issuer.instead("/token", status, kind, body);
        let (code, _, all) = browse(&sandbox, &BROWSER);
        assert_eq!(code, 1, "{all}");
        said.extend(all.lines().filter(|l| l.starts_with("error:") || l.starts_with("hint:")).map(str::to_owned));
    }
    insta::assert_snapshot!("token_trouble", said.join("\n"));
    assert_eq!(accounts(&sandbox).len(), 1);
    let test = sandbox.monster(&["accounts", "test"]).done();
    assert!(test.ok().stdout.contains("mine"), "what was stored still serves");
}

#[test]
fn a_clock_that_is_wrong_is_named() {
    let issuer = Issuer::start();
    let sandbox = desk(&issuer);
    issuer.play().ahead = Some(42);
    issuer.instead(
        "/token",
        400,
        "application/json",
        "{\"error\":\"invalid_grant\",\"error_description\":\"too early\"}",
    );
    let (_, _, all) = browse(&sandbox, &BROWSER);
    assert!(all.contains("this machine's clock is 42 min behind the server's"), "{all}");
    issuer.play().ahead = None;
    issuer.play().claims = json!({ "exp": 1_795_516_200 - 301 });
    let (_, _, all) = browse(&sandbox, &BROWSER);
    assert!(all.contains("does this machine's clock run ahead?"), "{all}");
}

#[test]
fn an_id_token_that_proves_nothing_is_refused() {
    let issuer = Issuer::start();
    let sandbox = desk(&issuer);
    let mut said = Vec::new();
    for claims in [
        json!({ "nonce": "another" }),
        json!({ "iss": "https://evil.example" }),
        json!({ "aud": "another-app" }),
        json!({ "aud": [CLIENT, "another-app"] }),
        json!({ "exp": null }),
    ] {
        issuer.play().claims = claims;
        let (code, _, all) = browse(&sandbox, &BROWSER);
        assert_eq!(code, 1, "{all}");
        said.extend(all.lines().filter(|l| l.starts_with("error:")).map(str::to_owned));
    }
    issuer.play().claims = json!({});
    issuer.play().forged = true;
    let (code, _, all) = browse(&sandbox, &BROWSER);
    assert_eq!(code, 1, "{all}");
    said.extend(all.lines().filter(|l| l.starts_with("error:")).map(str::to_owned));
    insta::assert_snapshot!("identity", said.join("\n"));
    assert!(accounts(&sandbox).is_empty());
    assert_eq!(issuer.play().calls.len(), 0, "and no token of it was used");
}

#[test]
fn where_no_keys_are_published_the_answer_still_belongs_to_this_sign_in() {
    let issuer = Issuer::start();
    let sandbox = Sandbox::new();
    sandbox.config(&format!(
        "[upstreams.huggingface]\nprovider = \"huggingface\"\nbase_url = \"{}\"\n[upstreams.huggingface.oauth]\n\
        authorize_url = \"{}\"\ntoken_url = \"{}\"\nclient_id = \"{CLIENT}\"\nscopes = [\"openid\", \"inference-api\"]\n",
        issuer.url("/v1"),
        issuer.url("/authorize"),
        issuer.url("/token")
    ));
    let args = ["login", "huggingface", "--method", "browser", "--store", "keyfile", "--keyfile", "key.txt"];
    for claims in [json!({ "nonce": "another" }), json!({ "aud": "another-app" }), json!({ "exp": 1 })] {
        issuer.play().claims = claims;
        let (code, _, all) = browse(&sandbox, &args);
        assert_eq!(code, 1, "{all}");
        assert!(all.contains("does not prove who signed in"), "{all}");
    }
    issuer.play().claims = json!({});
    let (code, _, all) = browse(&sandbox, &args);
    assert_eq!(code, 0, "{all}");
    assert!(all.contains("signed in as ada@example.org"), "{all}");
}

#[test]
fn endpoints_of_somebody_else_are_not_believed() {
    let issuer = Issuer::start();
    let sandbox = desk(&issuer);
    issuer.play().document = json!({ "issuer": "https://evil.example" });
    insta::assert_snapshot!("foreign_issuer", sandbox.monster(&BROWSER).done().exits(1).all());
    issuer.play().document = json!({ "token_endpoint": "http://collector.example/token" });
    insta::assert_snapshot!("plain_endpoint", sandbox.monster(&BROWSER).done().exits(1).all());
    issuer.play().document = json!({ "code_challenge_methods_supported": ["plain"] });
    assert!(sandbox.monster(&BROWSER).done().exits(1).all().contains("S256"));
    assert_eq!(issuer.count("/authorize"), 0);
}

#[test]
fn a_code_is_shown_and_asked_for_until_it_was_entered() {
    let issuer = Issuer::start();
    issuer.polls(&[(400, r#"{"error":"authorization_pending"}"#), (200, r#"{"error":"authorization_pending"}"#)]);
    let sandbox = desk_with(&issuer, "scopes = [\"offline_access\"]");
    let done = sandbox.monster(&DEVICE).done();
    insta::assert_snapshot!("device", done.ok().all());
    assert_eq!(issuer.count("/token"), 3);
    assert_eq!(accounts(&sandbox).len(), 1);
    leaves_no_trace(&sandbox, &issuer.secrets());
}

#[test]
fn a_code_that_ran_out_or_was_declined_ends_and_trouble_on_the_way_does_not() {
    let issuer = Issuer::start();
    let sandbox = desk_with(&issuer, "scopes = [\"offline_access\"]");
    let told = |polls: &[(u16, &str)], code: i32| {
        issuer.polls(polls);
        let done = sandbox.monster(&DEVICE).done();
        let lines: Vec<String> = done
            .exits(code)
            .all()
            .lines()
            .filter(|l| l.starts_with("error:") || l.starts_with("hint:"))
            .map(str::to_owned)
            .collect();
        lines.join("\n")
    };
    insta::assert_snapshot!(
        "device_ends",
        [
            told(&[(400, r#"{"error":"expired_token"}"#)], 1),
            told(&[(400, r#"{"error":"access_denied"}"#)], 1),
            told(&[(200, r#"{"error":"device_flow_disabled","error_description":"Switch it on."}"#)], 1),
        ]
        .join("\n")
    );
    assert_eq!(accounts(&sandbox).len(), 0);
    assert_eq!(told(&[(502, "<html>Bad Gateway</html>")], 0), "");
}

#[test]
fn a_program_signs_in_with_its_own_secret_which_is_never_on_the_command_line() {
    let issuer = Issuer::start();
    let secret = crate::key::key("client");
    issuer.play().secret = Some(secret.clone());
    issuer.play().basic = true;
    let sandbox = desk_with(&issuer, "scopes = [\"api\"]\nbasic = true");
    let args = ["login", "mine", "--method", "client", "--stdin", "--store", "keyfile", "--keyfile", "key.txt"];
    let done = sandbox.monster(&args).stdin(format!("{secret}\n")).done();
    insta::assert_snapshot!("client", done.ok().all());
    assert_eq!(issuer.last("/token")["scope"], "api");
    leaves_no_trace(&sandbox, std::slice::from_ref(&secret));
    let wrong = sandbox.monster(&args).stdin("wrong-secret").done();
    insta::assert_snapshot!("client_refused", wrong.exits(1).all());
    let nobody = sandbox.monster(&["login", "mine", "--method", "client"]).done();
    assert!(nobody.exits(2).stderr.contains("--stdin"), "{}", nobody.stderr);
}

#[test]
fn a_token_that_the_upstream_does_not_take_is_not_stored() {
    let issuer = Issuer::start();
    let sandbox = desk(&issuer);
    issuer.instead("/v1/models", 401, "application/json", r#"{"error":{"message":"not for you"}}"#);
    let (code, _, all) = browse(&sandbox, &BROWSER);
    assert_eq!(code, 1, "{all}");
    assert!(all.contains("mine does not take this sign-in"), "{all}");
    assert!(accounts(&sandbox).is_empty());
    assert_eq!(issuer.last("/revoke")["token_type_hint"], "refresh_token", "it is given back");
    let unchecked: Vec<&str> = BROWSER.iter().copied().chain(["--no-check"]).collect();
    assert_eq!(browse(&sandbox, &unchecked).0, 0);
    issuer.instead("/v1/models", 403, "application/json", r#"{"error":{"message":"not for you"}}"#);
    assert_eq!(browse(&sandbox, &BROWSER).0, 1);
    assert_eq!(issuer.count("/revoke"), 1, "the stored sign-in could end with it");
    sandbox.monster(&["accounts", "test"]).done().ok();
}

#[test]
fn openrouter_makes_a_key_of_the_sign_in() {
    let issuer = Issuer::start();
    let sandbox = desk(&issuer);
    sandbox.config(&format!(
        "[upstreams.openrouter]\nprovider = \"openrouter\"\nbase_url = \"{}\"\n[upstreams.openrouter.oauth]\n\
        authorize_url = \"{}\"\ntoken_url = \"{}\"\n",
        issuer.url("/v1"),
        issuer.url("/auth"),
        issuer.url("/keys")
    ));
    let args = ["login", "openrouter", "--method", "browser", "--store", "keyfile", "--keyfile", "key.txt"];
    let (code, _, all) = browse(&sandbox, &args);
    assert_eq!(code, 0, "{all}");
    insta::assert_snapshot!("openrouter", all);
    let asked = issuer.last("/auth");
    assert!(!asked.contains_key("client_id") && !asked.contains_key("state"));
    let out = sandbox.monster(&["logout", "openrouter"]).done();
    assert!(out.ok().stderr.contains("the key itself is still good at OpenRouter"), "{}", out.stderr);
    issuer.instead("/keys", 403, "application/json", r#"{"error":{"code":403,"message":"Invalid code_verifier"}}"#);
    let (code, _, all) = browse(&sandbox, &args);
    assert_eq!(code, 1);
    assert!(all.contains("Invalid code_verifier (403)"), "{all}");
}

#[test]
fn chatgpt_is_tried_only_on_request_and_keeps_the_client_that_was_made_for_it() {
    let issuer = Issuer::start();
    let sandbox = desk(&issuer);
    sandbox.config(&format!(
        "[upstreams.openai]\nprovider = \"openai\"\nbase_url = \"{}\"\n[upstreams.openai.oauth]\nissuer = \"{}\"\n",
        issuer.url("/v1"),
        issuer.url("")
    ));
    let args =
        ["login", "openai", "--method", "browser", "--store", "keyfile", "--keyfile", "key.txt", "--experimental"];
    let plain = sandbox.monster(&args[..8]).done();
    insta::assert_snapshot!("chatgpt_off", plain.exits(2).all());

    issuer.play().makes = Some("client-made-here".to_owned());
    issuer.play().document = json!({ "jwks_uri": null });
    let keyless = sandbox.monster(&args).done();
    assert!(keyless.exits(1).stderr.contains("ChatGPT publishes no keys"), "{}", keyless.stderr);
    issuer.play().document = json!({});
    let (code, _, all) = browse(&sandbox, &args);
    assert_eq!(code, 0, "{all}");
    insta::assert_snapshot!("chatgpt", all);
    let first = issuer.last("/authorize");
    assert!(first["ext_agent_host_id"].starts_with("urn:uuid:") && first["agent_name_hint"] == "monster");
    assert_eq!(issuer.last("/token")["client_id"], "client-made-here");
    assert_eq!(issuer.last("/token")["resource"], "https://api.openai.com/v1");

    let (code, _, all) = browse(&sandbox, &args);
    assert_eq!(code, 0, "{all}");
    let second = issuer.last("/authorize");
    assert_eq!(second["client_id"], "client-made-here");
    assert!(!second.contains_key("ext_agent_host_id"), "it is known there by now");

    issuer.play().grants = Some("openid offline_access".to_owned());
    let name: Vec<&str> = args.iter().copied().chain(["--name", "no-plan"]).collect();
    let (code, _, all) = browse(&sandbox, &name);
    assert_eq!(code, 0, "{all}");
    assert!(all.contains("use an API key"), "{all}");
    let kept: BTreeMap<String, bool> = accounts(&sandbox)
        .iter()
        .map(|a| (a["name"].as_str().unwrap().to_owned(), a["enabled"].as_bool().unwrap()))
        .collect();
    assert!(!kept["no-plan"]);
}

#[test]
fn github_takes_an_app_of_the_user_s_own() {
    let issuer = Issuer::start();
    let sandbox = desk(&issuer);
    sandbox.config(&format!(
        "[upstreams.github]\nprovider = \"github\"\nbase_url = \"{}\"\n[upstreams.github.oauth]\ntoken_url = \"{}\"\n\
        device_url = \"{}\"\n",
        issuer.url("/inference"),
        issuer.url("/token"),
        issuer.url("/device")
    ));
    let args = ["login", "github", "--method", "device", "--store", "keyfile", "--keyfile", "key.txt"];
    insta::assert_snapshot!("own_app", sandbox.monster(&args).done().exits(2).all());
    let own: Vec<&str> = args.iter().copied().chain(["--client-id", CLIENT]).collect();
    sandbox.monster(&own).done().ok();
    assert_eq!(issuer.count("/catalog/models"), 1);
    let out = sandbox.monster(&["logout", "github", "--keep-remote"]).done();
    assert!(out.ok().stderr.contains("as you asked"), "{}", out.stderr);
    insta::assert_snapshot!(
        "no_such_method",
        sandbox.monster(&["login", "github", "--method", "az"]).done().exits(2).all()
    );
}

#[test]
fn google_s_own_credentials_serve_and_stay_where_they_are() {
    let issuer = Issuer::start();
    let mut sandbox = desk(&issuer);
    let file = sandbox.home().join("service.json");
    let label = ["PRIVATE", "KEY"].join(" ");
    let key = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, issuer::der());
    let held = json!({ "type": "service_account", "client_email": "robot@example.org", "token_uri": issuer.url("/token"),
        "private_key": format!("-----BEGIN {label}-----\n{key}\n-----END {label}-----\n"), "quota_project_id": "p1" });
    fs::write(&file, held.to_string()).unwrap();
    sandbox.set("GOOGLE_APPLICATION_CREDENTIALS", &file.display().to_string());
    sandbox.set("GOOGLE_GEMINI_BASE_URL", &issuer.url(""));
    let args = ["login", "gemini", "--method", "adc", "--store", "keyfile", "--keyfile", "key.txt"];
    insta::assert_snapshot!("adc", sandbox.monster(&args).done().ok().all());
    let call = issuer.play().calls[0].clone();
    assert_eq!(call["x-goog-user-project"], "p1");
    assert!(call["authorization"].starts_with("Bearer ") && !call.contains_key("x-goog-api-key"));
    sandbox.monster(&["accounts", "test", "gemini"]).done().ok();
    let later = issuer.play().calls.last().unwrap().clone();
    assert_eq!((&later["x-goog-user-project"], later.contains_key("x-goog-api-key")), (&"p1".to_owned(), false));
    let out = sandbox.monster(&["logout", "gemini"]).done();
    assert!(out.ok().stderr.contains("other program is untouched"), "{}", out.stderr);
    assert_eq!(fs::read_to_string(&file).unwrap(), held.to_string());
    fs::write(&file, r#"{"type":"external_account"}"#).unwrap();
    insta::assert_snapshot!("adc_external", sandbox.monster(&args).done().exits(1).all());
}

#[test]
fn a_profile_of_anthropic_s_own_program_is_read_and_nothing_of_it_kept() {
    let issuer = Issuer::start();
    let mut sandbox = desk(&issuer);
    let token = crate::key::key("profile");
    let dir = sandbox.home().join("anthropic");
    fs::create_dir_all(dir.join("credentials")).unwrap();
    let file = dir.join("credentials/default.json");
    let put = |expires: i64| fs::write(&file, json!({ "access_token": token, "expires_at": expires }).to_string());
    put(1_795_516_200 + 600).unwrap();
    sandbox.set("ANTHROPIC_CONFIG_DIR", &dir.display().to_string());
    sandbox.set("ANTHROPIC_BASE_URL", &issuer.url(""));
    let args = ["login", "anthropic", "--method", "profile", "--store", "keyfile", "--keyfile", "key.txt"];
    insta::assert_snapshot!("profile_refused", sandbox.monster(&args).done().exits(1).all());
    issuer.instead("/v1/models", 200, "application/json", r#"{"data":[{"id":"claude"}]}"#);
    insta::assert_snapshot!("profile", sandbox.monster(&args).done().ok().all());
    let call = issuer.play().calls[0].clone();
    assert_eq!(call["anthropic-beta"], "oauth-2025-04-20");
    assert_eq!(call["authorization"], format!("Bearer {token}"));
    assert_eq!(accounts(&sandbox).len(), 1);
    // The next program over there wrote another token, and that one is used.
    let next = crate::key::key("next profile");
    fs::write(&file, json!({ "access_token": next, "expires_at": 1_795_516_200 + 900 }).to_string()).unwrap();
    sandbox.monster(&["accounts", "test"]).done().exits(1);
    let later = issuer.play().calls.last().unwrap().clone();
    assert_eq!(
        (&later["authorization"], &later["anthropic-beta"]),
        (&format!("Bearer {next}"), &call["anthropic-beta"])
    );
    put(1_795_516_200 - 1).unwrap();
    insta::assert_snapshot!("profile_expired", sandbox.monster(&args).done().exits(1).all());
}

#[cfg(unix)]
#[test]
fn the_azure_cli_s_token_is_asked_for_and_never_stored() {
    let issuer = Issuer::start();
    let mut sandbox = desk(&issuer);
    sandbox.config(&format!(
        "[upstreams.azure]\nprovider = \"openai\"\nbase_url = \"{}\"\n[upstreams.azure.oauth]\npreset = \"entra\"\n",
        issuer.url("/v1")
    ));
    let bin = sandbox.home().join("bin");
    fs::create_dir_all(&bin).unwrap();
    let az = |script: &str| {
        fs::write(bin.join("az"), format!("#!/bin/sh\n{script}\n")).unwrap();
        crate::program::runnable(bin.join("az"));
    };
    sandbox.set("PATH", &format!("{}:/usr/bin:/bin", bin.display()));
    let args = [
        "login",
        "azure",
        "--method",
        "az",
        "--store",
        "keyfile",
        "--keyfile",
        "key.txt",
        "--tenant",
        "contoso.example",
    ];
    az("echo 'ERROR: Please run az login to setup account.' >&2; exit 1");
    insta::assert_snapshot!("az_signed_out", sandbox.monster(&args).done().exits(1).all());
    az("echo \"$@\" > \"$HOME/words\"; echo '{\"accessToken\":\"az.token\",\"expires_on\":4102444800}'");
    issuer.instead("/v1/models", 200, "application/json", r#"{"data":[]}"#);
    insta::assert_snapshot!("az", sandbox.monster(&args).done().ok().all());
    let words = fs::read_to_string(sandbox.home().join("words")).unwrap();
    let scope = "https://cognitiveservices.azure.com/.default";
    assert_eq!(words.trim(), format!("account get-access-token -o json --scope {scope} --tenant contoso.example"));
    fs::remove_file(sandbox.home().join("words")).unwrap();
    issuer.instead("/v1/models", 200, "application/json", r#"{"data":[]}"#);
    sandbox.monster(&["accounts", "test", "azure"]).done().ok();
    assert!(sandbox.home().join("words").exists(), "it is asked again, because nothing of it was kept");
    fs::remove_file(bin.join("az")).unwrap();
    assert!(sandbox.monster(&args).done().exits(1).stderr.contains("(az) is not installed"));
}

#[cfg(target_os = "linux")]
#[test]
fn on_a_terminal_the_code_can_be_copied() {
    let issuer = Issuer::start();
    let sandbox = desk_with(&issuer, "scopes = [\"offline_access\"]");
    let repo = sandbox.repo("notes");
    let mut terminal = repo.terminal(&DEVICE);
    terminal.until("[c]opy the code").keys("c").until("\u{1b}]52;c;V0RKQi1NSkhU\u{7}").until("[w]ait").keys("w");
    terminal.until("stored the sign-in of mine").left().exits(0).whole();
}

#[cfg(target_os = "linux")]
#[test]
fn a_pasted_address_is_read_from_a_terminal_and_what_is_typed_later_is_not() {
    let issuer = Issuer::start();
    let mut sandbox = desk(&issuer);
    sandbox.set("BROWSER", &browser(&sandbox));
    let repo = sandbox.repo("notes");
    let mut terminal = repo.terminal(&BROWSER);
    terminal.until("paste here the address");
    let back = agree(&written(&sandbox.home().join("page")));
    terminal.keys("\rhello\r").until("not the address").keys(&format!("{back}\r"));
    terminal.until("stored the sign-in of mine").left().exits(0).whole();
}

#[cfg(target_os = "linux")]
#[test]
fn an_interrupt_while_the_browser_is_away_stores_no_account() {
    let issuer = Issuer::start();
    let sandbox = desk(&issuer);
    let repo = sandbox.repo("notes");
    repo.terminal(&BROWSER).until("paste here the address").keys("\u{3}").left().exits(130).whole();
    assert!(accounts(&sandbox).is_empty());
}

#[cfg(target_os = "linux")]
#[test]
fn an_interrupt_at_the_code_ends_the_sign_in() {
    let issuer = Issuer::start();
    let sandbox = desk_with(&issuer, "scopes = [\"offline_access\"]");
    let repo = sandbox.repo("notes");
    let mut terminal = repo.terminal(&DEVICE);
    terminal.until("[w]ait").keys("\u{3}").left().exits(130).whole();
    assert_eq!(issuer.count("/token"), 0);
}

#[cfg(target_os = "linux")]
#[test]
fn without_arguments_a_person_is_guided_to_provider_method_and_place() {
    let issuer = Issuer::start();
    let sandbox = desk_with(&issuer, "scopes = [\"offline_access\"]");
    let repo = sandbox.repo("notes");
    let mut terminal = repo.terminal(&["login"]);
    terminal.until("Which provider?").until("mine").keys("\r");
    terminal.until("How?").until("a client's id").keys("\u{1b}[B\u{1b}[B\r");
    terminal.until("Where shall it lie?").until("(weak)").keys("\u{1b}[B\u{1b}[B\u{1b}[B\r");
    terminal.until("enter the code WDJB-MJHT at").until("[w]ait").keys("w");
    terminal.until("stored the sign-in of mine").left().exits(0).whole();
    assert_eq!(accounts(&sandbox).len(), 1);
}

#[test]
fn a_token_for_github_s_other_services_changes_nothing_by_itself() {
    let mut sandbox = Sandbox::new();
    sandbox.set("GITHUB_TOKEN", &crate::key::key("github"));
    let repo = sandbox.repo("notes");
    repo.stage("README.md", "# Notes\n");
    let done = repo.monster(&["commit"]).done();
    assert!(done.ok().stdout.contains("README"), "{}", done.all());
    assert!(accounts(&sandbox).is_empty(), "it is no key for models unless the user says so");
}
