//! `monster login` and `monster accounts`: keys go in once and never come out again.

use std::fs;

use crate::sandbox::Sandbox;
use crate::upstream::{Answer, Upstream};

/// A sandbox whose sealed file is opened by a passphrase from a file.
pub fn with_passphrase(upstream: &Upstream) -> Sandbox {
    let mut sandbox = Sandbox::new();
    let file = sandbox.home().join("passphrase");
    fs::write(&file, "correct horse battery staple\n").unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    }
    sandbox.set("MONSTER_PASSPHRASE_FILE", &file.display().to_string());
    sandbox.set("OPENAI_BASE_URL", &upstream.base("openai"));
    sandbox
}

#[test]
fn a_key_goes_in_over_standard_input_and_serves_calls() {
    let upstream = Upstream::start();
    upstream.lists(&["gpt-4.1-mini"]).always(|_| Answer::text("Yes."));
    let sandbox = with_passphrase(&upstream);
    let key = sandbox.key("openai");
    let login = sandbox
        .monster(&["login", "openai", "--stdin", "--store", "passphrase", "--name", "work"])
        .stdin(format!("{key}\n"))
        .done();
    insta::assert_snapshot!("login", login.ok().all());
    assert_eq!(upstream.others(), ["GET /openai/v1/models"], "the key was checked");

    insta::assert_snapshot!("accounts", sandbox.monster(&["accounts"]).done().ok().all());
    sandbox.monster(&["ask", "why?", "--model", "openai/gpt-4.1-mini"]).done().ok();
    assert_eq!(upstream.only().key(), key);
    for file in files_below(&sandbox.home()) {
        let bytes = fs::read(&file).unwrap();
        assert!(!contains(&bytes, key.as_bytes()), "the key stands in {}", file.display());
    }
}

#[test]
fn a_wrong_key_is_not_stored() {
    let upstream = Upstream::start();
    upstream.refuses_keys();
    let sandbox = with_passphrase(&upstream);
    let key = sandbox.key("openai");
    let done = sandbox.monster(&["login", "openai", "--stdin", "--store", "passphrase"]).stdin(key.clone()).done();
    done.exits(1);
    assert!(!done.stderr.contains(&key), "nor is it repeated");
    assert!(!sandbox.config_dir().join("accounts.age").exists());
}

#[test]
fn accounts_are_renamed_disabled_and_removed() {
    let upstream = Upstream::start();
    let sandbox = with_passphrase(&upstream);
    let login = |name: &str| {
        sandbox
            .monster(&["login", "openai", "--stdin", "--no-check", "--store", "passphrase", "--name", name])
            .stdin(sandbox.key("openai"))
            .done()
            .ok();
    };
    login("one");
    login("two");
    sandbox.monster(&["accounts", "rename", "one", "first"]).done().ok();
    sandbox.monster(&["accounts", "disable", "two"]).done().ok();
    let list = sandbox.monster(&["accounts", "--json"]).done().ok().json();
    let rows: Vec<(&str, bool)> = list["accounts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|a| (a["name"].as_str().unwrap(), a["enabled"].as_bool().unwrap()))
        .collect();
    assert_eq!(rows, [("first", true), ("two", false)]);
    sandbox.monster(&["accounts", "remove", "first"]).done().ok();
    insta::assert_snapshot!("unknown_account", sandbox.monster(&["accounts", "remove", "first"]).done().exits(1).all());
    sandbox.monster(&["accounts", "enable", "two"]).done().ok();
}

#[test]
fn off_a_terminal_without_keychain_login_names_the_way() {
    let sandbox = Sandbox::new();
    let done = sandbox.monster(&["login", "openai", "--stdin", "--no-check"]).stdin(sandbox.key("openai")).done();
    // Why there is no keychain is the platform's to say.
    let ways: Vec<&str> = done.exits(1).stderr.lines().filter(|l| l.starts_with("hint: ")).collect();
    insta::assert_snapshot!("no_holder", ways.join("\n"));
    assert!(!sandbox.config_dir().join("accounts.age").exists(), "and never stores in plain text by itself");
    // What it says is run as it stands.
    let weak = done.stderr.lines().find_map(|l| l.split_once("for this machine only: monster ")).unwrap().1;
    let words: Vec<&str> = weak.split_whitespace().collect();
    sandbox.monster(&words).stdin(sandbox.key("openai")).done().ok();
    insta::assert_snapshot!("nobody_to_ask", sandbox.monster(&["login", "openai"]).done().exits(2).all());
}

#[test]
fn a_wrong_passphrase_and_a_damaged_file_lose_nothing() {
    let upstream = Upstream::start();
    let sandbox = with_passphrase(&upstream);
    sandbox
        .monster(&["login", "openai", "--stdin", "--no-check", "--store", "passphrase"])
        .stdin(sandbox.key("openai"))
        .done()
        .ok();
    let good = fs::read_to_string(sandbox.home().join("passphrase")).unwrap();
    fs::write(sandbox.home().join("passphrase"), "wrong\n").unwrap();
    sandbox.monster(&["accounts"]).done().exits(1);
    let login = sandbox
        .monster(&["login", "openai", "--stdin", "--no-check", "--name", "b"])
        .stdin(sandbox.key("openai"))
        .done();
    login.exits(1);
    fs::write(sandbox.home().join("passphrase"), good).unwrap();
    let list = sandbox.monster(&["accounts", "--json"]).done().ok().json();
    assert_eq!(list["accounts"].as_array().unwrap().len(), 1);
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|w| w == needle)
}

fn files_below(dir: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut out = Vec::new();
    for entry in fs::read_dir(dir).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() { out.extend(files_below(&path)) } else { out.push(path) }
    }
    out
}

#[test]
fn an_upstream_with_accounts_is_never_asked_without_one() {
    let upstream = Upstream::start();
    let mut sandbox = with_passphrase(&upstream);
    sandbox.config(&format!(
        "[upstreams.house]\nbase_url = \"{}\"\nmodels = [\"gpt-4.1-mini\"]\n",
        upstream.base("openai")
    ));
    let login = ["login", "house", "--stdin", "--no-check", "--store", "passphrase"];
    sandbox.monster(&login).stdin(sandbox.key("openai")).done().ok();
    let ask = ["ask", "why?", "--model", "house/gpt-4.1-mini"];
    sandbox.monster(&["accounts", "disable", "house"]).done().ok();
    let off = [&ask[..], &["ask", "why?", "--account", "house"]].map(|args| sandbox.monster(args).done());
    sandbox.monster(&["accounts", "enable", "house"]).done().ok();
    sandbox.set("MONSTER_PASSPHRASE_FILE", "/nowhere/passphrase");
    let locked = sandbox.monster(&ask).done();
    let all: Vec<String> = off.iter().chain([&locked]).map(|done| done.all()).collect();
    assert!(all.iter().all(|said| !said.contains("exit 0")), "{}", all.join("\n"));
    insta::assert_snapshot!("never_without", all.join("\n"));
    assert!(upstream.calls().is_empty(), "nothing was sent");
}
