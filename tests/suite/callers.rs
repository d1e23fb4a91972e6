//! `monster serve key` and `monster serve env`: who may call, and how tools find us.

use serde_json::json;

use crate::sandbox::{Done, Sandbox};

/// The one line of a command's answer, which was a key.
fn drawn(done: &Done) -> String {
    let key = done.raw.trim_end().to_owned();
    assert!(key.starts_with("mk_") && key.len() == 46, "256 bits after the prefix: {} characters", key.len());
    assert!(key.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b)));
    key
}

/// Every file below a folder, as it lies there.
fn files(dir: &std::path::Path) -> Vec<(std::path::PathBuf, Vec<u8>)> {
    let mut out = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap().flatten() {
        match entry.path().is_dir() {
            true => out.extend(files(&entry.path())),
            false => out.push((entry.path(), std::fs::read(entry.path()).unwrap())),
        }
    }
    out
}

#[test]
fn a_key_is_shown_once_and_kept_nowhere() {
    let sandbox = Sandbox::new();
    let done = sandbox.monster(&["serve", "key", "add", "editor"]).done();
    let key = drawn(done.ok());
    insta::assert_snapshot!("made", done.all().replace(&key, "[KEY]"));
    let other = drawn(sandbox.monster(&["serve", "key", "add", "agent"]).done().ok());
    assert_ne!(key, other);
    let kept = files(&sandbox.state_dir());
    assert!(!kept.is_empty());
    for (path, bytes) in kept {
        assert!(!bytes.windows(key.len()).any(|w| w == key.as_bytes()), "{path:?} holds the key");
    }
    let list = sandbox.monster(&["serve", "key", "list"]).done();
    assert!(!list.ok().all().contains(&key));
    insta::assert_snapshot!("listed", list.all());
}

#[test]
fn a_key_has_limits_that_are_changed_and_taken_away() {
    let sandbox = Sandbox::new();
    let say = |args: &[&str]| sandbox.monster(&[&["serve", "key"], args].concat()).done();
    let all = [
        "add",
        "agent",
        "--models",
        "gpt-*",
        "--models",
        "anthropic/*",
        "--per-minute",
        "60",
        "--at-once",
        "4",
        "--day",
        "5",
        "--month",
        "$100.50",
        "--secrets",
        "block",
        "--restore",
        "tools",
    ];
    drawn(say(&all).ok());
    insta::assert_snapshot!("limits", say(&["list"]).ok().all());
    insta::assert_snapshot!("changed", say(&["change", "agent", "--day", "7.25", "--models", "fast"]).ok().all());
    let reset = ["models", "per-minute", "at-once", "day", "month", "secrets", "restore"];
    let args: Vec<&str> = reset.iter().flat_map(|what| ["--reset", *what]).collect();
    insta::assert_snapshot!("reset", say(&[&["change", "agent"], &args[..]].concat()).ok().all());
    say(&["change", "agent"]).exits(4);
    insta::assert_snapshot!("removed", say(&["remove", "agent"]).ok().all());
    insta::assert_snapshot!("none_left", say(&["list"]).ok().all());
    insta::assert_snapshot!("unknown", say(&["remove", "agent"]).exits(1).all());
    say(&["change", "agent", "--day", "1"]).exits(1);
}

#[test]
fn who_lets_secrets_through_is_told() {
    let sandbox = Sandbox::new();
    let done = sandbox.monster(&["serve", "key", "add", "local", "--secrets", "off"]).done();
    let key = drawn(done.ok());
    insta::assert_snapshot!("not_masked", done.all().replace(&key, "[KEY]"));
}

#[test]
fn the_user_s_own_key_comes_on_standard_input() {
    let sandbox = Sandbox::new();
    let own = format!("own-key-{}", "0123456789".repeat(3));
    let add =
        |name: &str, key: &str| sandbox.monster(&["serve", "key", "add", name, "--stdin"]).stdin(key.to_owned()).done();
    let done = add("laptop", &format!("{own}\n"));
    assert!(!done.ok().all().contains(&own), "it is known already, and not repeated");
    insta::assert_snapshot!("own", done.all());
    insta::assert_snapshot!("twice", add("phone", &own).exits(1).all());
    insta::assert_snapshot!("taken", add("laptop", "whatever").exits(1).all());
    for wrong in ["short", "a key with spaces that is long enough", "schlüssel-der-lang-genug-wäre-doch"] {
        let done = add("phone", wrong);
        assert!(!done.exits(2).all().contains(wrong), "{}", done.all());
    }
    insta::assert_snapshot!("short", add("phone", "short").exits(2).all());
}

#[test]
fn what_cannot_be_is_refused_before_a_key_is_made() {
    let sandbox = Sandbox::new();
    let wrong: [&[&str]; 7] = [
        &["x", "--models", "["],
        &["x", "--models", ""],
        &["x", "--per-minute", "0"],
        &["x", "--at-once", "-1"],
        &["x", "--day", "much"],
        &["x", "--restore", "all"],
        &["x", "--secrets", "none"],
    ];
    for flag in ["--day", "--month"] {
        let done = sandbox.monster(&["serve", "key", "add", "x", flag, "-1"]).done();
        assert!(done.exits(2).stderr.contains("an amount of 0 or more, such as 5"), "{}", done.all());
    }
    for args in wrong {
        sandbox.monster(&[&["serve", "key", "add"], args].concat()).done().exits(2);
    }
    for name in ["", " editor", "two\nlines", &sandbox.key("openai")] {
        let done = sandbox.monster(&["serve", "key", "add", name]).done();
        assert!(!done.raw.contains("mk_"), "{}", done.all());
        assert!(done.all().contains("a key cannot be called"), "{}", done.all());
    }
    insta::assert_snapshot!("still_none", sandbox.monster(&["serve", "key", "list"]).done().ok().all());
}

#[test]
fn programs_read_the_same() {
    let sandbox = Sandbox::new();
    let say = |args: &[&str]| sandbox.monster(&[&["serve", "key"], args, &["--json"]].concat()).done().ok().json();
    let made = say(&["add", "agent", "--models", "gpt-*", "--day", "5"]);
    assert_eq!(made["schema"], "monster.serve.key/1");
    assert!(made["key"].as_str().unwrap().starts_with("mk_"));
    assert_eq!(made["permit"]["day_nano_usd"], 5_000_000_000_u64);
    let list = say(&["list"]);
    let row = &list["keys"][0];
    assert_eq!((&row["name"], &row["caller"]), (&json!("agent"), &json!("serve/agent")));
    assert_eq!(row["created"], crate::sandbox::NOW);
    assert_eq!((&row["used"], &row["permit"]["models"]), (&json!(null), &json!(["gpt-*"])));
    assert!(row.get("hash").is_none() && row.get("key").is_none(), "{row}");
    assert_eq!(say(&["change", "agent", "--at-once", "2"])["permit"]["at_once"], 2);
    assert_eq!(say(&["remove", "agent"])["removed"], true);
}

#[test]
fn other_tools_find_us_by_their_own_variables() {
    let sandbox = Sandbox::new();
    sandbox.config("[serve]\nlisten = [\"unix:/run/monster.sock\", \"127.0.0.1:4711\"]\n");
    // The address is the point here.
    let shown = |args: &[&str]| {
        let done = sandbox.monster(&[&["serve", "env"], args].concat()).done();
        done.ok().all().replace(&done.stdout, &done.raw)
    };
    insta::assert_snapshot!("posix", shown(&[]));
    insta::assert_snapshot!("fish", shown(&["--shell", "fish"]));
    insta::assert_snapshot!("powershell", shown(&["--shell", "powershell"]));
    let value = sandbox.monster(&["serve", "env", "--json"]).done().ok().json();
    assert_eq!(value["variables"]["ANTHROPIC_BASE_URL"], "http://127.0.0.1:4711");
    assert_eq!(value["variables"]["OPENAI_API_KEY"], json!(null));
}

#[cfg(unix)]
#[test]
fn a_shell_takes_the_lines_and_puts_the_key_in() {
    let mut sandbox = Sandbox::new();
    sandbox.set("MONSTER_KEY", "a \"key\" of $HOME");
    let lines = sandbox.monster(&["serve", "env"]).done().ok().raw.clone();
    let script = format!("{lines}\nprintf '%s|%s|%s' \"$OPENAI_BASE_URL\" \"$OPENAI_API_KEY\" \"$OLLAMA_HOST\"");
    let out = sandbox.command("sh", &sandbox.home()).args(["-c", &script]).output().unwrap();
    let said = String::from_utf8(out.stdout).unwrap();
    assert_eq!(said, "http://127.0.0.1:7766/v1|a \"key\" of $HOME|http://127.0.0.1:7766");
}

#[test]
fn the_address_is_one_that_can_be_called() {
    let sandbox = Sandbox::new();
    let base = |toml: &str| {
        sandbox.config(toml);
        sandbox.monster(&["serve", "env", "--json"]).done().ok().json()["address"].as_str().unwrap().to_owned()
    };
    assert_eq!(base("[serve]\nlisten = [\"0.0.0.0:1\"]\n"), "http://127.0.0.1:1");
    assert_eq!(base("[serve]\nlisten = [\"[::]:1\"]\n"), "http://[::1]:1");
    let tls = "[serve]\nlisten = [\"0.0.0.0:1\"]\ncertificate = \"/c.pem\"\nkey = \"/k.pem\"\nhosts = ";
    assert_eq!(base(&format!("{tls}[\"proxy.example\"]\n")), "https://proxy.example:1");
    assert_eq!(base(&format!("{tls}[\"a'b;c\"]\n")), "https://127.0.0.1:1", "nothing of it reaches a shell");
    sandbox.config("[serve]\nlisten = [\"unix:/run/monster.sock\"]\n");
    insta::assert_snapshot!("no_address", sandbox.monster(&["serve", "env"]).done().exits(1).all());
}
