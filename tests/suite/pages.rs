//! The pages about accounts and history are held equal to the program: each session is played from the first line to the
//! last.

use std::fs;
use std::process::Stdio;

use crate::issuer::Issuer;
use crate::key::{password, real_github};
use crate::sandbox::Sandbox;
use crate::upstream::{Answer, Upstream};

const ACCOUNTS: &str = include_str!("../../docs/ACCOUNTS.md");
const TRAFFIC: &str = include_str!("../../docs/TRAFFIC.md");
const HISTORY: &str = include_str!("../../docs/HISTORY.md");
const REDACTION: &str = include_str!("../../docs/REDACTION.md");

fn blocks(page: &'static str, language: &str) -> Vec<&'static str> {
    page.split("\n```").filter_map(|part| part.strip_prefix(language)?.strip_prefix('\n')).collect()
}

#[test]
fn the_session_on_the_page_is_what_happens() {
    let (upstream, issuer) = (Upstream::start(), Issuer::start());
    upstream.lists(&["gpt-4.1-mini", "gpt-5.2"]);
    let mut sandbox = Sandbox::new();
    sandbox.set("OPENAI_BASE_URL", &upstream.base("openai"));
    // The page has names that people can read; here the scripted servers stand behind them.
    let real = [("https://login.example.com", issuer.url("")), ("https://models.example.com/v1", issuer.url("/v1"))];
    let settings = real.iter().fold(blocks(ACCOUNTS, "toml").concat(), |text, (name, place)| text.replace(name, place));
    sandbox.config(&settings);
    private(&sandbox, "openai.key", &sandbox.key("openai"));
    private(&sandbox, "passphrase", "correct horse battery staple\n");
    play(ACCOUNTS, &sandbox, &real);
}

#[test]
fn the_history_on_the_page_is_what_is_shown() {
    let upstream = Upstream::start();
    upstream.lists(&["gpt-4.1-mini", "gpt-5.2"]);
    upstream.model("gpt-4.1-mini", |_| Answer::text("A rename works inside one file system.\nCopy, then remove."));
    upstream.model("gpt-5.2", |_| Answer::text("A rename works inside one file system.\nCopy, sync, then remove."));
    let mut sandbox = Sandbox::new();
    sandbox.set("OPENAI_BASE_URL", &upstream.base("openai"));
    private(&sandbox, "openai.key", &sandbox.key("openai"));
    play(HISTORY, &sandbox, &[]);
}

#[test]
fn the_traffic_on_the_page_is_what_happens() {
    let upstream = Upstream::start();
    upstream.model("gpt-5.2", |_| Answer::rate_limited(5));
    upstream.model("claude-haiku-5-5", |_| Answer::text("Air scatters blue light more than red."));
    let mut sandbox = Sandbox::new();
    sandbox.connect(&upstream, "openai").connect(&upstream, "anthropic");
    sandbox.config(blocks(TRAFFIC, "toml")[0]);
    // Every block of settings on the page is one that is taken, the user's rows of models too.
    play(TRAFFIC, &sandbox, &[]);
    for block in &blocks(TRAFFIC, "toml")[..2] {
        sandbox.config(block);
        let listed = sandbox.monster(&["config", "list"]).done();
        assert_eq!((listed.exits(0).stderr.as_str(), block.is_empty()), ("", false), "{block}");
    }
}

#[test]
fn the_redaction_on_the_page_is_what_happens() {
    let upstream = Upstream::start();
    upstream.model("gpt-4.1-mini", |_| Answer::text("The second line carries a token in its address."));
    let mut sandbox = Sandbox::new();
    sandbox.connect(&upstream, "openai");
    fs::create_dir_all(sandbox.home().join("shop")).unwrap();
    fs::create_dir_all(sandbox.state_dir()).unwrap();
    // Fingerprints are made by this machine's key.
    private(&sandbox, ".local/state/monster/redact.key", &"k".repeat(32));
    let (token, word) = (real_github("page"), password("page"));
    let other = password("log on the page");
    let log = format!(
        "10:02:11 login ann from 10.0.0.7\n10:02:12 GET /api?user=ann&token={token}\n10:02:12 connected to postgres://app:{other}@db.example.org/shop\n"
    );
    for (name, text) in [
        ("server.log", log),
        ("shop/db.py", format!("import db\n\n    db.connect(user=\"app\", password=\"{word}\")\n")),
        ("shop/prod.env", format!("HOST=db.example.org\nTOKEN={token}\n")),
        ("shop/logo.png", "\u{0}PNG".to_owned()),
    ] {
        fs::write(sandbox.home().join(name), text).unwrap();
    }
    play(REDACTION, &sandbox, &[]);
    sandbox.config(&blocks(REDACTION, "toml").concat());
    let rules = sandbox.monster(&["redact", "rules"]).done();
    assert_eq!(rules.ok().stderr, "", "the settings on the page hold");
}

fn private(sandbox: &Sandbox, name: &str, text: &str) {
    fs::write(sandbox.home().join(name), text).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(sandbox.home().join(name), fs::Permissions::from_mode(0o600)).unwrap();
    }
}

/// Runs what the page types, and holds what it prints against the page. `real` gives names on the page their places.
fn play(page: &'static str, sandbox: &Sandbox, real: &[(&str, String)]) {
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_monster")).parent().unwrap().display().to_string();
    let mut played = String::new();
    for block in blocks(page, "console") {
        let line = block.strip_prefix("$ ").unwrap().lines().next().unwrap();
        let script = format!("PATH='{program}':$PATH; {{ {line}; }} 2>&1");
        let out = sandbox.command("sh", &sandbox.home()).args(["-c", &script]).stdin(Stdio::null()).output().unwrap();
        let said = String::from_utf8(out.stdout).unwrap();
        assert!(out.status.success(), "{line}\n{said}");
        let said = real.iter().fold(said, |text, (name, place)| text.replace(place.as_str(), name));
        let home = sandbox.home().display().to_string();
        played.push_str(&format!("$ {line}\n{}\n\n", said.replace(&home, "/home/ada").trim_end()));
    }
    let page: String = blocks(page, "console").iter().map(|block| format!("{}\n\n", block.trim_end())).collect();
    // Ids differ from run to run.
    let (page, played) = (sandbox.normal(&page), sandbox.normal(&played));
    assert_eq!(page, played, "\nwhat happens:\n{played}");
}
