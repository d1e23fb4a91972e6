//! Whatever goes wrong with models, accounts, disks and repositories: `git commit` ends well, in the hook's deadline, with
//! a sane message or with the author's own.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::commit::{connected, pager};
use crate::sandbox::{Repo, Sandbox};
use crate::upstream::{Answer, Fault, Upstream};

/// The deadline that the stories set (seconds).
const DEADLINE: u64 = 2;
/// The deadline, the second that git has beside it, and one more for a machine that is busy with other tests.
const MOST: Duration = Duration::from_secs(DEADLINE + 2);
/// An author who takes the draft, and writes a message where there is none.
const AUTHOR: &str = "f() { grep -qv -e '^#' -e '^$' \"$1\" || echo 'in my own words' > \"$1\"; }; f";
/// What the author writes where there is no draft.
const OWN: &str = "in my own words";
/// What the rules write for the change of [`pager`].
const RULES: &str = "Update pages in pager.rs";

/// A sandbox on this upstream with a short deadline, where a model is asked.
fn hurried(upstream: &Upstream) -> Sandbox {
    let mut sandbox = connected(upstream);
    sandbox.set("MONSTER_MODEL", "openai/gpt-4.1-mini").set("MONSTER_HOOK_DEADLINE", &DEADLINE.to_string());
    sandbox
}

/// The same, where nobody is asked.
fn alone() -> Sandbox {
    let mut sandbox = Sandbox::new();
    sandbox.set("MONSTER_OFFLINE", "true").set("MONSTER_HOOK_DEADLINE", &DEADLINE.to_string());
    sandbox
}

fn git(sandbox: &Sandbox, repo: &Repo<'_>) -> Command {
    let mut git = sandbox.command("git", repo.path());
    git.arg("commit").env("GIT_EDITOR", AUTHOR);
    git
}

/// The commit is made, in time; its message, and what was said meanwhile.
#[track_caller]
fn commits(mut git: Command, repo: &Repo<'_>) -> (String, String) {
    let began = Instant::now();
    let out = git.output().unwrap();
    let took = began.elapsed();
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    assert!(out.status.success(), "the commit was stopped: {said}");
    assert!(took < MOST, "the commit took {took:?}: {said}");
    (repo.message(), said)
}

/// A hook of one's own.
#[cfg(unix)]
fn hook(repo: &Repo<'_>, script: &str) {
    repo.write(".git/hooks/prepare-commit-msg", &format!("#!/bin/sh\n{script}"));
    let path = repo.path().join(".git/hooks/prepare-commit-msg");
    crate::program::runnable(&path);
}

#[test]
fn a_model_that_fails_in_any_way_leaves_the_message_to_the_rules() {
    let long = Duration::from_secs(170);
    let body = |status: u16, text: &str| Answer::text("").fault(Fault::Body(status, "text/plain".into(), text.into()));
    let ways: Vec<(&str, Answer)> = vec![
        ("it closes the line", Answer::text("x").fault(Fault::Refuse)),
        ("it stalls before the head", Answer::text("never seen").slow_head(long)),
        ("it stalls in the stream", Answer::text("fix: a message that never ends").fault(Fault::Stall(2))),
        ("401", Answer::status(401, "invalid_request_error", "Incorrect API key provided.")),
        ("429 for a quarter of an hour", Answer::rate_limited(900)),
        ("500", Answer::status(500, "server_error", "The server had an error.")),
        ("nothing", Answer::text("x").fault(Fault::Empty)),
        ("garbage", Answer::text("x").fault(Fault::Garbage(0))),
        ("a page of a proxy", body(200, "<html>Sign in to the hotel's network</html>")),
        ("a refusal", Answer::text("I'm sorry, but I cannot help with that request.")),
        ("talk", Answer::text("Sure, happy to help! What would you like?")),
        ("marks", Answer::text("%%% \\0 {\"a\": [}")),
        ("marks with a NUL", Answer::text("%%% \u{0} {\"a\": [}")),
        ("half of the form", Answer::text("{\"type\": \"fix\", \"subject\": \"count the la")),
        ("a megabyte", Answer::text("word ".repeat(200_000))),
        ("a megabyte of one word", Answer::json(&json!({ "type": "fix", "subject": "x".repeat(1 << 20) }))),
    ];
    for (way, answer) in ways {
        let upstream = Upstream::start();
        upstream.may_refuse().always(move |_| answer.clone());
        let sandbox = hurried(&upstream);
        let repo = pager(&sandbox);
        repo.monster(&["hook", "install"]).done().ok();
        let (message, said) = commits(git(&sandbox, &repo), &repo);
        assert!(message.lines().next().unwrap().chars().count() <= 72, "{way}: {message:.200}\n{said}");
        assert_eq!(message, RULES, "{way}: {said}");
    }
}

#[test]
fn a_server_that_is_not_there_or_speaks_no_language_leaves_the_message_to_the_rules() {
    for bytes in
        [None, Some(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n\xff\xfe{\"\xc3\x28\":\x80}".as_slice())]
    {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let mut sandbox = alone();
        let key = sandbox.key("openai");
        sandbox.set("OPENAI_API_KEY", &key).set("OPENAI_BASE_URL", &format!("http://{address}/v1"));
        sandbox.set("MONSTER_OFFLINE", "false").set("MONSTER_MODEL", "openai/gpt-4.1-mini");
        match bytes {
            None => drop(listener),
            Some(bytes) => drop(std::thread::spawn(move || {
                for mut stream in listener.incoming().flatten() {
                    let _ = stream.read(&mut [0; 4096]);
                    let _ = stream.write_all(bytes);
                }
            })),
        }
        let repo = pager(&sandbox);
        repo.monster(&["hook", "install"]).done().ok();
        assert_eq!(commits(git(&sandbox, &repo), &repo).0, RULES);
    }
}

#[test]
fn a_file_of_sixty_thousand_lines_holds_no_commit() {
    let sandbox = alone();
    let repo = pager(&sandbox);
    let text: String = (0..60_000).map(|n| format!("pub fn generated_{n}() -> u32 {{ {n} }}\n")).collect();
    repo.stage("src/generated_table.rs", &text);
    repo.monster(&["hook", "install"]).done().ok();
    let (message, said) = commits(git(&sandbox, &repo), &repo);
    assert!(!message.is_empty(), "{said}");
}

#[test]
fn twenty_thousand_files_hold_no_commit() {
    let sandbox = alone();
    let repo = pager(&sandbox);
    for n in 0..20_000 {
        repo.write(&format!("assets/{}/{n}.txt", n % 100), &format!("asset {n}\n"));
    }
    repo.git(&["add", "assets"]);
    repo.monster(&["hook", "install"]).done().ok();
    // Git alone takes its time with so many files too.
    let began = Instant::now();
    repo.git(&["commit", "-q", "--dry-run"]);
    let own = began.elapsed();
    let began = Instant::now();
    let out = git(&sandbox, &repo).output().unwrap();
    let (took, said) = (began.elapsed(), String::from_utf8_lossy(&out.stderr).into_owned());
    assert!(out.status.success(), "{said}");
    assert!(took < MOST + own * 2, "{took:?}, of which git alone {own:?}: {said}");
    assert!(!repo.message().is_empty());
}

#[cfg(unix)]
#[test]
fn a_repository_that_never_answers_holds_no_commit() {
    let sandbox = alone();
    let repo = pager(&sandbox);
    // Nobody ever writes into this pipe. Git itself would wait for it too, so it stands there only as long as the hook.
    let monster = env!("CARGO_BIN_EXE_monster");
    hook(
        &repo,
        &format!(
            "rm -f .gitattributes; mkfifo .gitattributes\n'{monster}' hook run prepare-commit-msg \"$@\"\n\
             code=$?; rm .gitattributes; exit $code\n"
        ),
    );
    let (message, said) = commits(git(&sandbox, &repo), &repo);
    assert!(!message.is_empty(), "{said}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_leaves_the_message_to_its_author() {
    let sandbox = alone();
    let repo = pager(&sandbox);
    let monster = env!("CARGO_BIN_EXE_monster");
    hook(&repo, &format!("trap '' XFSZ; ulimit -f 0; '{monster}' hook run prepare-commit-msg \"$@\"\n"));
    let (message, said) = commits(git(&sandbox, &repo), &repo);
    assert_eq!(message, OWN);
    assert!(said.contains("no message was drafted: "), "{said}");
    let left = std::fs::read_dir(repo.path().join(".git")).unwrap().flatten();
    let left: Vec<String> = left.map(|e| e.file_name().to_string_lossy().into_owned()).collect();
    assert!(!left.iter().any(|name| name.ends_with(".tmp")), "{left:?}");
}

#[test]
fn a_message_file_that_cannot_be_written_is_left_to_git() {
    let sandbox = alone();
    let repo = pager(&sandbox);
    for file in [".git/no/such/folder/MSG", ".git", "/dev/null"] {
        let done = repo.monster(&["hook", "run", "prepare-commit-msg", file]).done();
        assert!(done.ok().stderr.contains("no message was drafted: "), "{file}: {}", done.all());
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_store_that_another_process_holds_costs_nobody_a_commit() {
    let upstream = Upstream::start();
    upstream.always(|_| {
        Answer::json(&json!({ "type": "fix", "scope": "pager", "subject": "count the last page", "body": "" }))
    });
    let sandbox = hurried(&upstream);
    let repo = pager(&sandbox);
    repo.monster(&["hook", "install"]).done().ok();
    repo.monster(&["commit", "--dry-run", "--offline"]).done().ok();
    let mut holder = rusqlite::Connection::open(sandbox.state_dir().join("monster.db")).unwrap();
    let held = holder.transaction_with_behavior(rusqlite::TransactionBehavior::Exclusive).unwrap();
    let (message, said) = commits(git(&sandbox, &repo), &repo);
    drop(held);
    assert!(message == RULES || message == "fix(pager): count the last page", "{message}: {said}");
}

#[test]
fn settings_and_surroundings_that_are_broken_cost_nobody_a_commit() {
    let sandbox = alone();
    sandbox.config("[[[[ this is = no TOML\n");
    let repo = pager(&sandbox);
    repo.monster(&["hook", "install"]).done().ok();
    assert_eq!(commits(git(&sandbox, &repo), &repo).0, RULES);

    let sandbox = alone();
    let repo = pager(&sandbox);
    repo.monster(&["hook", "install"]).done().ok();
    let mut git_alone = git(&sandbox, &repo);
    for name in ["HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME"] {
        git_alone.env_remove(name);
    }
    assert_eq!(commits(git_alone, &repo).0, RULES);
}

#[cfg(unix)]
#[test]
fn accounts_that_nobody_can_unlock_cost_nobody_a_commit() {
    use std::os::unix::fs::PermissionsExt;
    let mut sandbox = Sandbox::new();
    let file = sandbox.home().join("passphrase");
    std::fs::write(&file, "correct horse battery staple\n").unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    let login = sandbox.monster(&["login", "openai", "--stdin", "--no-check", "--store", "passphrase"]);
    let key = sandbox.key("openai");
    login.env("MONSTER_PASSPHRASE_FILE", &file.display().to_string()).stdin(key).done().ok();
    sandbox.set("MONSTER_HOOK_DEADLINE", &DEADLINE.to_string());
    let repo = pager(&sandbox);
    repo.monster(&["hook", "install"]).done().ok();
    assert_eq!(commits(git(&sandbox, &repo), &repo).0, RULES);
}

#[cfg(unix)]
#[test]
fn a_monster_that_was_removed_is_not_missed() {
    let sandbox = alone();
    let repo = pager(&sandbox);
    let elsewhere = sandbox.home().join("monster");
    crate::program::copied(env!("CARGO_BIN_EXE_monster"), &elsewhere);
    repo.any(&elsewhere.display().to_string(), &["hook", "install"]).done().ok();
    std::fs::remove_file(&elsewhere).unwrap();
    let (message, said) = commits(git(&sandbox, &repo), &repo);
    assert_eq!((message.as_str(), said.as_str()), (OWN, ""));
}

#[test]
fn where_a_secret_may_stop_a_commit_it_is_waited_for_and_still_stops_it() {
    let mut sandbox = alone();
    sandbox.set("MONSTER_REDACT_MODE", "block").set("MONSTER_HOOK_DEADLINE", "1");
    let repo = pager(&sandbox);
    let token = sandbox.key("anthropic");
    let text: String = (0..60_000).map(|n| format!("let value_{n} = {n};\n")).collect();
    repo.stage("src/long.js", &format!("{text}let last = \"{token}\";\n"));
    repo.monster(&["hook", "install"]).done().ok();
    let out = git(&sandbox, &repo).output().unwrap();
    let said = String::from_utf8_lossy(&out.stderr);
    assert!(!out.status.success(), "{said}");
    assert!(said.contains("the staged change adds a secret, and redact.mode is block"), "{said}");
}
