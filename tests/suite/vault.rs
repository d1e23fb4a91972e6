//! The sealed file by its commands: what opens it, a new identity, and accounts that come and go.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::commit::pager;
use crate::sandbox::{Done, Sandbox};
use crate::upstream::{Answer, Upstream};

/// A private file in the home folder.
fn private(sandbox: &Sandbox, name: &str, text: &str) -> String {
    let path = sandbox.home().join(name);
    fs::write(&path, text).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    }
    path.display().to_string()
}

/// Stores a key under a name, in a file that this opens.
fn login(sandbox: &Sandbox, name: &str, store: &[&str]) -> Done {
    let args = [&["login", "openai", "--stdin", "--no-check", "--name", name][..], store].concat();
    sandbox.monster(&args).stdin(sandbox.key("openai")).done()
}

/// A vault that a key file opens, with one account.
fn with_keyfile() -> Sandbox {
    let sandbox = Sandbox::new();
    login(&sandbox, "work", &["--store", "keyfile", "--keyfile", "key.txt"]).ok();
    sandbox
}

/// A vault that a passphrase opens, with one account; the passphrase stands in a file that is named from now on.
fn with_passphrase() -> Sandbox {
    let mut sandbox = Sandbox::new();
    let file = private(&sandbox, "passphrase", "correct horse\n");
    sandbox.set("MONSTER_PASSPHRASE_FILE", &file);
    login(&sandbox, "work", &["--store", "passphrase"]).ok();
    sandbox
}

fn all(runs: &[Done]) -> String {
    runs.iter().map(Done::all).collect::<Vec<_>>().join("\n")
}

fn names(sandbox: &Sandbox) -> Vec<String> {
    let list = sandbox.monster(&["accounts", "--json"]).done().ok().json();
    list["accounts"].as_array().unwrap().iter().map(|a| a["name"].as_str().unwrap().to_owned()).collect()
}

/// No file below the folder holds the text.
fn nowhere(dir: &Path, text: &str) {
    for entry in fs::read_dir(dir).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            nowhere(&path, text);
        } else {
            let bytes = fs::read(&path).unwrap();
            assert!(!bytes.windows(text.len()).any(|w| w == text.as_bytes()), "{}", path.display());
        }
    }
}

#[test]
fn slots_come_and_go_and_the_accounts_stay() {
    let mut sandbox = with_keyfile();
    let file = private(&sandbox, "passphrase", "correct horse\n");
    sandbox.set("MONSTER_PASSPHRASE_FILE", &file);
    let sealed = fs::read(sandbox.config_dir().join("accounts.age")).unwrap();
    let run = |args: &[&str]| sandbox.monster(&[&["accounts", "slots"], args].concat()).done();
    insta::assert_snapshot!(
        "slots_come_and_go",
        all(&[
            run(&["add", "--store", "passphrase"]),
            run(&["add", "--store", "passphrase", "--name", "on paper"]),
            run(&["add", "--store", "plaintext"]),
            run(&[]),
            run(&["remove", "keyfile"]),
            run(&["remove", "plaintext"]),
            run(&["remove", "plaintext"]),
            run(&["remove", "on paper"]),
            run(&["remove", "passphrase"]),
            sandbox.monster(&["accounts"]).done(),
        ])
    );
    assert_eq!(fs::read(sandbox.config_dir().join("accounts.age")).unwrap(), sealed);
    let list = sandbox.monster(&["accounts", "slots", "--json"]).done().ok().json();
    assert_eq!(list["slots"], json!([{ "name": "passphrase", "kind": "passphrase", "note": "", "weak": false }]));
    let added = run(&["add", "--store", "keyfile", "--keyfile", "key.txt", "--json"]).ok().json();
    assert_eq!((&added["added"], &added["kind"]), (&json!("keyfile"), &json!("keyfile")));
    let removed = run(&["remove", "keyfile", "--json"]).ok().json();
    assert_eq!(removed["removed"], "keyfile");
}

#[test]
fn slots_that_cannot_be_added_say_what_is_missing() {
    let sandbox = with_keyfile();
    private(&sandbox, "other.txt", "my notes\n");
    let run = |args: &[&str]| sandbox.monster(&[&["accounts", "slots", "add"], args].concat()).done();
    insta::assert_snapshot!(
        "slots_refused",
        all(&[
            run(&["--store", "passphrase"]),
            run(&["--store", "keyfile"]),
            run(&["--store", "keyfile", "--keyfile", "other.txt"]),
            run(&["--store", "keyfile", "--keyfile", "x", "--machine-bound"]),
            run(&["--store", "plaintext", "--command", "pass show x"]),
            run(&["--store", "command", "--command", "echo hello"]),
            run(&["--store", "plaintext", "--name", "keyfile"]),
            Sandbox::new().monster(&["accounts", "slots", "add", "--store", "plaintext"]).done(),
        ])
    );
    assert_eq!(names(&sandbox), ["work"]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_machine_bound_key_file_is_called_weak_wherever_it_is_named() {
    if fs::read_to_string("/etc/machine-id").map_or(true, |id| id.trim().is_empty()) {
        eprintln!("skipped: this machine has no /etc/machine-id");
        return;
    }
    let sandbox = Sandbox::new();
    insta::assert_snapshot!(
        "machine_bound",
        all(&[
            login(&sandbox, "work", &["--store", "keyfile", "--machine-bound"]),
            sandbox.monster(&["accounts"]).done(),
            sandbox.monster(&["accounts", "slots"]).done(),
        ])
    );
    let doctor = sandbox.monster(&["doctor", "--offline"]).done();
    assert!(doctor.stdout.contains("weak: protects only copies of the folder"), "{}", doctor.stdout);
    nowhere(&sandbox.config_dir(), "AGE-SECRET-KEY");
    // The folder on another machine: as if its id were another.
    let (file, text) = fs::read_dir(sandbox.config_dir())
        .unwrap()
        .map(|e| e.unwrap().path())
        .find(|p| p.extension().is_some_and(|e| e == "key"))
        .map(|p| (p.clone(), fs::read_to_string(p).unwrap()))
        .unwrap();
    let mut moved: Value = serde_json::from_str(&text).unwrap();
    moved["salt"] = json!("00");
    fs::write(&file, moved.to_string()).unwrap();
    let told = sandbox.monster(&["accounts"]).done().exits(1).stderr.clone();
    assert!(told.contains("it was made on another machine"), "{told}");
}

#[test]
fn a_new_identity_shuts_out_whoever_knew_the_old_one() {
    let sandbox = with_keyfile();
    let old = fs::read_to_string(sandbox.home().join("key.txt")).unwrap();
    let copy = |name: &str| fs::read(sandbox.config_dir().join(name)).unwrap();
    let (sealed, slots) = (copy("accounts.age"), copy("slots.json"));
    login(&sandbox, "home", &[]).ok();
    insta::assert_snapshot!("rekey", sandbox.monster(&["accounts", "rekey"]).done().ok().all());
    let new = fs::read_to_string(sandbox.home().join("key.txt")).unwrap();
    assert_ne!(new, old);
    assert_eq!(names(&sandbox), ["work", "home"]);

    private(&sandbox, "key.txt", &old);
    sandbox.monster(&["accounts"]).done().exits(1);
    // Everything from before, as a thief of a backup would put it back.
    fs::write(sandbox.config_dir().join("accounts.age"), sealed).unwrap();
    fs::write(sandbox.config_dir().join("slots.json"), slots).unwrap();
    insta::assert_snapshot!("put_back", sandbox.monster(&["accounts"]).done().exits(1).all());
    let done = sandbox.monster(&["accounts", "rekey", "--accept-older", "--json"]).done().ok().json();
    assert_eq!(done["slots"], json!(["keyfile"]));
    assert_eq!(names(&sandbox), ["work"]);
}

#[test]
fn a_damaged_file_is_bad_to_the_doctor_until_it_is_written_anew() {
    let sandbox = with_keyfile();
    login(&sandbox, "home", &[]).ok();
    for damage in [|file: &Path| fs::write(file, "rubbish"), |file: &Path| fs::remove_file(file)] {
        damage(&sandbox.config_dir().join("accounts.age")).unwrap();
        let told = sandbox.monster(&["doctor", "--offline", "--json"]).done().exits(1).json();
        let accounts = told["checks"].as_array().unwrap().iter().find(|c| c["part"] == "accounts").unwrap();
        assert_eq!(accounts["state"], "bad", "{accounts}");
        assert!(accounts["hint"].as_str().unwrap().ends_with("monster accounts rekey"), "{accounts}");
        sandbox.monster(&["accounts", "rekey"]).done().ok();
        sandbox.monster(&["doctor", "--offline"]).done().ok();
    }
}

#[test]
fn accounts_made_anew_with_the_same_key_file_are_no_older_copy() {
    let sandbox = with_keyfile();
    login(&sandbox, "home", &[]).ok();
    for name in ["accounts.age", "accounts.age.bak"] {
        fs::remove_file(sandbox.config_dir().join(name)).unwrap();
    }
    login(&sandbox, "anew", &["--store", "keyfile", "--keyfile", "key.txt"]).ok();
    assert_eq!(names(&sandbox), ["anew"]);
}

#[test]
fn what_opens_a_file_that_is_there_is_not_changed_by_login_which_says_so() {
    let sandbox = with_keyfile();
    let told = login(&sandbox, "home", &["--store", "passphrase"]);
    assert!(told.ok().stderr.contains("monster accounts slots add --store passphrase"), "{}", told.stderr);
    let told = login(&sandbox, "home", &["--store", "keyfile", "--keyfile", "another.txt"]);
    assert!(told.ok().stderr.contains("monster accounts slots add --store keyfile"), "{}", told.stderr);
    for so in [&[][..], &["--store", "keyfile", "--keyfile", "key.txt"]] {
        assert!(!login(&sandbox, "third", so).ok().stderr.contains("--store"));
    }
}

#[test]
fn a_key_given_for_a_name_is_refused_and_not_repeated() {
    let sandbox = with_keyfile();
    let key = sandbox.key("openai");
    for done in [login(&sandbox, &key, &[]), sandbox.monster(&["accounts", "rename", "work", &key]).done()] {
        let told = done.exits(2).all();
        assert!(done.stderr.contains("it looks like a key") && !done.stderr.contains(&key), "{told}");
    }
    let done = sandbox.monster(&["accounts", "rename", "work", &"w".repeat(101)]).done();
    assert!(done.exits(1).stderr.contains("at most 100 characters"), "{}", done.stderr);
    assert_eq!(names(&sandbox), ["work"]);
}

#[test]
fn a_slot_that_cannot_take_a_new_identity_is_told_and_nothing_changes() {
    let sandbox = with_passphrase();
    let before = fs::read(sandbox.config_dir().join("slots.json")).unwrap();
    private(&sandbox, "passphrase", "battery staple\n");
    insta::assert_snapshot!("rekey_refused", sandbox.monster(&["accounts", "rekey"]).done().exits(1).all());
    assert_eq!(fs::read(sandbox.config_dir().join("slots.json")).unwrap(), before);
}

#[test]
fn files_of_a_newer_version_are_left_alone() {
    let sandbox = with_keyfile();
    let slots = sandbox.config_dir().join("slots.json");
    let text = fs::read_to_string(&slots).unwrap().replace("\"version\": 1", "\"version\": 9");
    fs::write(&slots, &text).unwrap();
    insta::assert_snapshot!("newer", all(&[sandbox.monster(&["accounts"]).done(), login(&sandbox, "more", &[])]));
    assert_eq!(fs::read_to_string(&slots).unwrap(), text);
}

#[cfg(unix)]
#[test]
fn a_passphrase_comes_through_a_pipe_that_only_monster_reads() {
    let mut sandbox = with_passphrase();
    sandbox.set("MONSTER_PASSPHRASE_FILE", "").set("MONSTER_PASSPHRASE_FD", "3");
    let repo = sandbox.repo("any");
    let monster = env!("CARGO_BIN_EXE_monster");
    // `doctor` opens the accounts more than once.
    for command in ["accounts", "doctor --offline"] {
        let line = format!("cat ~/passphrase | {monster} {command} 3<&0 </dev/null");
        let done = repo.any("sh", &["-c", &line]).done();
        assert!(done.stdout.contains("work") || done.stdout.contains("1 account in the sealed file"), "{}", done.all());
    }
    insta::assert_snapshot!("no_descriptor", sandbox.monster(&["accounts"]).done().exits(1).all());
}

#[cfg(target_os = "linux")]
#[test]
fn unlocked_once_is_unlocked_for_the_time_the_user_chose() {
    let upstream = Upstream::start();
    upstream
        .next(Answer::json(&json!({ "type": "fix", "scope": "pager", "subject": "count the last page", "body": "" })));
    let mut sandbox = with_passphrase();
    sandbox.config("[accounts]\nunlock_for = 60\n");
    sandbox.set("OPENAI_BASE_URL", &upstream.base("openai")).set("MONSTER_MODEL", "openai/gpt-4.1-mini");
    let first = sandbox.monster(&["accounts"]).done();
    if first.ok().stderr.contains("cannot be kept unlocked") {
        assert!(std::env::var_os("MONSTER_TEST_ALL").is_none(), "{}", first.stderr);
        eprintln!("skipped: {}", first.stderr);
        return;
    }
    sandbox.set("MONSTER_PASSPHRASE_FILE", "");
    assert_eq!(names(&sandbox), ["work"]);
    let repo = pager(&sandbox);
    repo.monster(&["hook", "install"]).done().ok();
    let out = sandbox.command("git", repo.path()).args(["commit"]).env("GIT_EDITOR", "true").output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    assert_eq!(repo.message(), "fix(pager): count the last page", "a hook, which asks nobody, has the key");
    insta::assert_snapshot!(
        "locked_again",
        all(&[
            sandbox.monster(&["accounts", "lock"]).done(),
            sandbox.monster(&["accounts", "lock"]).done(),
            sandbox.monster(&["accounts"]).done(),
        ])
    );
}

#[test]
fn a_locked_store_never_stops_a_commit_and_says_one_line() {
    let upstream = Upstream::start();
    let mut sandbox = with_passphrase();
    sandbox.set("OPENAI_BASE_URL", &upstream.base("openai")).set("MONSTER_PASSPHRASE_FILE", "");
    let repo = pager(&sandbox);
    repo.monster(&["hook", "install"]).done().ok();
    let editor = "cp .git/COMMIT_EDITMSG draft.txt; :";
    let out = sandbox.command("git", repo.path()).args(["commit"]).env("GIT_EDITOR", editor).output().unwrap();
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    assert!(out.status.success(), "{said}");
    let draft = repo.read("draft.txt");
    let lines: Vec<&str> = draft.lines().chain(said.lines()).filter(|l| l.contains("locked")).collect();
    insta::assert_snapshot!("hook_advice", lines.join("\n"));
    assert_eq!(lines.len(), 1, "{draft}\n{said}");
    assert!(upstream.calls().is_empty());
}

/// A vault that a program opens, which writes down each time it is asked and then does this.
#[cfg(unix)]
fn with_program(then: &str) -> Sandbox {
    let sandbox = with_keyfile();
    let home = sandbox.home().display().to_string();
    let program = |then: &str| private(&sandbox, "holder", &format!("echo >> '{home}/asked'\n{then}\n"));
    let command = format!("sh {}", program(&format!("cat '{home}/key.txt'")));
    sandbox.monster(&["accounts", "slots", "add", "--store", "command", "--command", &command]).done().ok();
    sandbox.monster(&["accounts", "slots", "remove", "keyfile"]).done().ok();
    program(then);
    fs::remove_file(sandbox.home().join("asked")).unwrap();
    sandbox
}

#[cfg(unix)]
#[test]
fn a_hook_asks_what_does_not_answer_once_and_not_for_long() {
    for (then, why) in [("exit 3", "it ended with code 3"), ("exec sleep 600", "longer than")] {
        let upstream = Upstream::start();
        let mut sandbox = with_program(then);
        sandbox.set("OPENAI_BASE_URL", &upstream.base("openai"));
        let repo = pager(&sandbox);
        repo.monster(&["hook", "install"]).done().ok();
        let editor = "cp .git/COMMIT_EDITMSG draft.txt; :";
        let out = sandbox.command("git", repo.path()).args(["commit"]).env("GIT_EDITOR", editor).output().unwrap();
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        assert_eq!(fs::read_to_string(sandbox.home().join("asked")).unwrap(), "\n", "{then}: asked once");
        assert!(repo.read("draft.txt").contains(why), "{}", repo.read("draft.txt"));
    }
}

#[test]
fn an_older_file_is_refused_also_where_nothing_of_a_call_is_kept() {
    let sandbox = with_keyfile();
    let file = sandbox.config_dir().join("accounts.age");
    let old = fs::read(&file).unwrap();
    login(&sandbox, "home", &["--no-store"]).ok();
    fs::write(&file, old).unwrap();
    for args in [&["accounts", "--no-store"][..], &["accounts"]] {
        let told = sandbox.monster(args).done().exits(1).stderr.clone();
        assert!(told.contains("somebody put a copy back"), "{told}");
    }
}

#[test]
fn accounts_move_to_another_machine_in_a_file_that_a_passphrase_opens() {
    let here = with_keyfile();
    let key = here.key("openai");
    private(&here, "moving", "battery staple\n");
    let export = |args: &[&str]| here.monster(&[&["accounts", "export", "moved.age"], args].concat()).done();
    insta::assert_snapshot!(
        "export",
        all(&[
            export(&[]),
            export(&["--passphrase-file", "moving", "--account", "nobody"]),
            export(&["--passphrase-file", "moving"]),
            export(&["--passphrase-file", "moving"]),
        ])
    );
    let moved = here.home().join("moved.age");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(&moved).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let text = fs::read_to_string(&moved).unwrap();
    assert!(text.starts_with("-----BEGIN AGE ENCRYPTED FILE-----"));
    nowhere(&here.home(), &key);

    let there = Sandbox::new();
    private(&there, "moving", "battery staple\n");
    private(&there, "wrong", "correct horse\n");
    fs::write(there.home().join("moved.age"), &text).unwrap();
    fs::write(there.home().join("cut.age"), &text[..text.len() / 2]).unwrap();
    fs::write(there.home().join("notes.txt"), "my notes\n").unwrap();
    let other = format!("{key}x");
    there
        .monster(&[
            "login",
            "openai",
            "--stdin",
            "--no-check",
            "--name",
            "work",
            "--store",
            "keyfile",
            "--keyfile",
            "k",
        ])
        .stdin(other)
        .done()
        .ok();
    let import = |args: &[&str]| there.monster(&[&["accounts", "import"], args].concat()).done();
    insta::assert_snapshot!(
        "import",
        all(&[
            import(&["moved.age"]),
            import(&["moved.age", "--passphrase-file", "wrong"]),
            import(&["cut.age", "--passphrase-file", "moving"]),
            import(&["notes.txt", "--passphrase-file", "moving"]),
            import(&["gone.age", "--passphrase-file", "moving"]),
            import(&["moved.age", "--passphrase-file", "moving"]),
            import(&["moved.age", "--passphrase-file", "moving"]),
        ])
    );
    assert_eq!(names(&there), ["work", "work-2"]);
    let again = import(&["moved.age", "--passphrase-file", "moving", "--json"]).ok().json();
    assert_eq!(again["accounts"], json!([{ "account": "work-2", "upstream": "openai", "added": false }]));
}

/// What opencode-auth-monster leaves: keys in the JSON, in base64, and tokens of other programs.
fn ancestor(sandbox: &Sandbox, rows: &[Value]) -> std::path::PathBuf {
    let dir = sandbox.home().join(".config/opencode");
    fs::create_dir_all(&dir).unwrap();
    fs::write(dir.join("auth-monster-accounts.json"), serde_json::to_string_pretty(rows).unwrap()).unwrap();
    // "apiKey:b" in base64, as it wrote secrets first.
    let coded = base64(&sandbox.key("deepseek"));
    fs::write(dir.join("auth-monster-secrets.json"), json!({ "apiKey:b": coded }).to_string()).unwrap();
    dir
}

fn base64(text: &str) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(text)
}

fn row(id: &str, provider: &str, key: &str, token: &str) -> Value {
    json!({ "id": id, "email": format!("{id}@example.org"), "provider": provider, "apiKey": key,
        "tokens": { "accessToken": token }, "isHealthy": true })
}

#[test]
fn the_ancestor_s_plain_files_are_taken_over_and_removed() {
    let sandbox = Sandbox::new();
    let (key, other) = (sandbox.key("openai"), sandbox.key("deepseek"));
    let dir = ancestor(&sandbox, &[row("a", "openai", &key, ""), row("b", "deepseek", "", "")]);
    let import = || {
        sandbox
            .monster(&["accounts", "import", ".config/opencode", "--store", "keyfile", "--keyfile", "key.txt"])
            .done()
    };
    insta::assert_snapshot!("taken_over", all(&[import(), import()]));
    assert_eq!(names(&sandbox), ["openai:a@example.org", "deepseek:b@example.org"]);
    let left: Vec<_> = fs::read_dir(&dir).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(left, ["auth-monster-accounts.json.migrated"]);
    for secret in [&key, &other, &base64(&other)] {
        nowhere(&sandbox.home(), secret);
    }
}

#[test]
fn what_belongs_to_other_programs_is_left_where_it_is() {
    let sandbox = Sandbox::new();
    let token = sandbox.key("anthropic");
    let dir = ancestor(
        &sandbox,
        &[
            row("a", "openai", &sandbox.key("openai"), ""),
            row("t", "anthropic", "", &token),
            row("w", "windsurf", &token, &token),
            row("z", "upstage", &token, ""),
            row("both", "deepseek", &sandbox.key("deepseek"), &token),
        ],
    );
    let import = |json: &[&str]| {
        let args = ["accounts", "import", ".config/opencode/auth-monster-accounts.json", "--store", "plaintext"];
        sandbox.monster(&[&args[..], json].concat()).done()
    };
    insta::assert_snapshot!("left_there", import(&[]).ok().all());
    assert_eq!(names(&sandbox), ["openai:a@example.org", "deepseek:both@example.org"]);
    let text = fs::read_to_string(dir.join("auth-monster-accounts.json")).unwrap();
    assert!(text.contains(&token) && !text.contains(&sandbox.key("openai")), "{text}");
    let again = import(&["--json"]).ok().json();
    assert_eq!((again["accounts"].as_array().unwrap().len(), again["left"].as_array().unwrap().len()), (1, 4));
    assert_eq!(again["originals"], "kept");
}

#[test]
fn what_holds_no_key_is_named_and_left_as_it_is() {
    let sandbox = Sandbox::new();
    let spoilt = format!("\"{}\"", sandbox.key("openai"));
    let mut number = row("n", "openai", "", "");
    number["apiKey"] = json!(123);
    let rows = [
        row("keychain", "openai", "", ""),
        number,
        row("spoilt", "openai", &spoilt, ""),
        json!({ "id": "whose", "apiKey": sandbox.key("openai") }),
        json!(null),
    ];
    let dir = ancestor(&sandbox, &rows);
    fs::remove_file(dir.join("auth-monster-secrets.json")).unwrap();
    let file = dir.join("auth-monster-accounts.json");
    let before = fs::read(&file).unwrap();
    let import = |json: &[&str]| {
        let args = ["accounts", "import", ".config/opencode", "--store", "plaintext"];
        sandbox.monster(&[&args[..], json].concat()).done()
    };
    let told = import(&[]).ok().all();
    for line in [
        "no account was taken over",
        "left openai (keychain@example.org): it holds no secret; newer versions",
        "left openai (n@example.org): where its key should stand is something that is no text",
        "left openai (spoilt@example.org): the key has quotes around it",
        "left an account (whose): it names no provider",
        "left an account: it holds no secret",
        "the plain originals are left as they are",
    ] {
        assert!(told.contains(line), "{line}: {told}");
    }
    assert!(!told.contains(&sandbox.key("openai")) && !told.contains("hint: SSDs"), "{told}");
    assert_eq!(fs::read(&file).unwrap(), before);
    assert_eq!(fs::read_dir(&dir).unwrap().count(), 1, "nor is anything noted");
    let told = import(&["--json"]).ok().json();
    assert_eq!((told["left"].as_array().unwrap().len(), &told["originals"]), (5, &json!("kept")));
    fs::write(&file, "[]").unwrap();
    import(&[]).ok();
    assert_eq!(fs::read(&file).unwrap(), b"[]");
}

#[test]
fn a_migration_that_cannot_be_stored_leaves_the_originals() {
    let sandbox = Sandbox::new();
    let dir = ancestor(&sandbox, &[row("a", "openai", &sandbox.key("openai"), "")]);
    let before = fs::read(dir.join("auth-monster-accounts.json")).unwrap();
    // Nobody is there to be asked for a passphrase, and there is no keychain.
    sandbox.monster(&["accounts", "import", ".config/opencode"]).done().exits(1);
    assert_eq!(fs::read(dir.join("auth-monster-accounts.json")).unwrap(), before);
    assert_eq!(fs::read_dir(&dir).unwrap().count(), 2, "nor is anything noted");
}

#[test]
fn a_secret_is_shown_to_a_person_on_a_terminal_only() {
    let sandbox = with_keyfile();
    let key = sandbox.key("openai");
    let piped = [&["accounts", "reveal", "work"][..], &["accounts", "reveal", "work", "--json"]]
        .map(|args| sandbox.monster(args).done());
    insta::assert_snapshot!("reveal_refused", all(&piped));
    #[cfg(target_os = "linux")]
    {
        let repo = sandbox.repo("any");
        let key_file = sandbox.home().join("key.txt").display().to_string();
        assert!(Path::new(&key_file).exists());
        let answered = |keys: &str| {
            let mut terminal = repo.terminal(&["accounts", "reveal", "work"]);
            terminal.until("[y/N]").keys(keys);
            terminal.left()
        };
        assert!(answered("y\n").exits(0).all.contains(&key));
        for keys in ["n\n", "\n"] {
            let declined = answered(keys);
            assert!(declined.exits(1).all.contains("nothing was shown") && !declined.all.contains(&key));
        }
    }
}
