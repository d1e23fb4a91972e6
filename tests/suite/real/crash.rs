//! Commands that change the sealed file, killed at every system call that writes: with strace, which ends the process
//! as `kill -9` would, before the call.

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::patience;
use crate::sandbox::Sandbox;

/// Every call by which a file comes, changes or goes. Between two of them nothing on disk is different.
const CALLS: [&str; 8] = ["write", "fsync", "rename", "link", "unlink", "fchmod", "ftruncate", "copy_file_range"];

/// What is put back before each run.
const STATE: [&str; 4] = [".config/monster", ".config/opencode", ".local/state/monster", "keys"];

fn copy(from: &Path, to: &Path) {
    drop(fs::remove_dir_all(to));
    if !from.exists() {
        return;
    }
    fs::create_dir_all(to).unwrap();
    fs::set_permissions(to, fs::metadata(from).unwrap().permissions()).unwrap();
    for entry in fs::read_dir(from).unwrap().flatten() {
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy(&path, &target)
        } else {
            let _ = fs::copy(&path, &target).unwrap();
        }
    }
}

fn names(sandbox: &Sandbox) -> Vec<String> {
    let list = sandbox.monster(&["accounts", "--json"]).done().ok().json();
    list["accounts"].as_array().unwrap().iter().map(|a| a["name"].as_str().unwrap().to_owned()).collect()
}

/// Kills the command at every call, and looks each time at what it left.
fn killed_everywhere(sandbox: &Sandbox, args: &[&str], stdin: &str, look: &dyn Fn(&str)) -> usize {
    let (home, saved) = (sandbox.home(), sandbox.home().join("saved"));
    for part in STATE {
        copy(&home.join(part), &saved.join(part));
    }
    let back = || STATE.iter().for_each(|part| copy(&saved.join(part), &home.join(part)));
    let mut kills = 0;
    for call in CALLS {
        for when in 1.. {
            back();
            let mut command = sandbox.command("strace", &home);
            command.args(["-f", "-o", "/dev/null", "-e", &format!("trace={call}")]);
            command.args(["-e", &format!("inject={call}:signal=KILL:when={when}")]);
            command.arg(env!("CARGO_BIN_EXE_monster")).args(args).stdin(Stdio::piped());
            let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
            drop(std::io::Write::write_all(&mut child.stdin.take().unwrap(), stdin.as_bytes()));
            let ended = patience::ended(child, Duration::from_secs(180), "strace").status;
            if ended.signal() != Some(9) {
                assert!(ended.success(), "{args:?} at {call} {when}: {ended}");
                break;
            }
            kills += 1;
            look(&format!("monster {} was killed at {call} {when}", args.join(" ")));
        }
    }
    back();
    kills
}

/// One of these lists of accounts is found, and the next command goes on from there.
fn one_of(sandbox: &Sandbox, lists: &[&[&str]], place: &str) {
    let found = names(sandbox);
    assert!(lists.iter().any(|list| found == *list), "{place}: {found:?}");
    sandbox.monster(&["accounts", "rekey"]).done().ok();
    assert_eq!(names(sandbox), found, "{place}, then rekeyed");
}

/// A command, what it reads, and the lists of accounts that may be found then.
type Change<'a> = (&'a [&'a str], &'a str, &'a [&'a [&'a str]]);

#[test]
fn killed_at_every_step_the_sealed_file_opens_with_the_old_content_or_the_new() {
    let strace = Command::new("strace").args(["-o", "/dev/null", "true"]).output();
    if !strace.is_ok_and(|done| done.status.success()) {
        return super::skip("crash", "strace missing, or it may trace nothing");
    }
    let sandbox = Sandbox::new();
    let key = format!("{}\n", sandbox.key("openai"));
    fs::create_dir_all(sandbox.home().join("keys")).unwrap();
    let login = |name: &'static str| ["login", "openai", "--stdin", "--no-check", "--name", name];
    let first = [&login("work")[..], &["--store", "keyfile", "--keyfile", "keys/one"]].concat();
    let mut kills = killed_everywhere(&sandbox, &first, &key, &|place| {
        if !sandbox.config_dir().join("accounts.age").exists() {
            // As if nothing had happened: the same command is simply given again.
            sandbox.monster(&first).stdin(key.clone()).done().ok();
        }
        one_of(&sandbox, &[&[], &["work"]], place);
    });

    sandbox.monster(&first).stdin(key.clone()).done().ok();
    sandbox.monster(&login("home")).stdin(key.clone()).done().ok();
    for slot in [&["--store", "plaintext"][..], &["--store", "keyfile", "--keyfile", "keys/two"]] {
        sandbox.monster(&[&["accounts", "slots", "add"], slot].concat()).done().ok();
    }
    // One that holds more is kept aside by a new identity.
    let two = sandbox.home().join("keys/two");
    let more = format!("# from age-keygen\n{}", fs::read_to_string(&two).unwrap());
    fs::write(&two, more).unwrap();
    let same: &[&str] = &["work", "home"];
    let changes: [Change<'_>; 5] = [
        (&login("more"), &key, &[same, &["work", "home", "more"]]),
        (&["accounts", "remove", "home"], "", &[same, &["work"]]),
        (&["accounts", "slots", "add", "--store", "plaintext"], "", &[same]),
        (&["accounts", "slots", "remove", "plaintext"], "", &[same]),
        (&["accounts", "rekey"], "", &[same]),
    ];
    for (args, stdin, lists) in changes {
        kills += killed_everywhere(&sandbox, args, stdin, &|place| one_of(&sandbox, lists, place));
    }

    let (opencode, plain) = (sandbox.home().join(".config/opencode"), sandbox.key("anthropic"));
    fs::create_dir_all(&opencode).unwrap();
    let row =
        |id: &str, provider: &str, key: &str| serde_json::json!({ "id": id, "provider": provider, "apiKey": key });
    let rows = serde_json::json!([row("a", "anthropic", &plain), row("b", "deepseek", "")]);
    fs::write(opencode.join("auth-monster-accounts.json"), rows.to_string()).unwrap();
    // In base64, "secret-of-b-secret-of-b".
    let secrets = serde_json::json!({ "apiKey:b": "c2VjcmV0LW9mLWItc2VjcmV0LW9mLWI=" });
    fs::write(opencode.join("auth-monster-secrets.json"), secrets.to_string()).unwrap();
    let import = ["accounts", "import", ".config/opencode"];
    kills += killed_everywhere(&sandbox, &import, "", &|place| {
        sandbox.monster(&import).done().ok();
        assert_eq!(names(&sandbox), ["work", "home", "anthropic", "deepseek"], "{place}");
        let mut left: Vec<_> = fs::read_dir(&opencode).unwrap().map(|e| e.unwrap().file_name()).collect();
        left.sort();
        // Killed between the two files, an entry stays whose secret is gone already: what holds none is named and left.
        if left.first().is_some_and(|name| name == "auth-monster-accounts.json") {
            let text = fs::read_to_string(opencode.join(left.remove(0))).unwrap();
            assert!(!text.contains(&plain) && text.contains("deepseek"), "{place}: {text}");
        }
        assert_eq!(left, ["auth-monster-accounts.json.migrated"], "{place}");
    });
    assert!(kills > 100, "{kills}");
    super::result(
        "crash",
        "login, changes, slots, rekeying and migration killed at each writing call",
        &format!("{kills} kills"),
    );
}
