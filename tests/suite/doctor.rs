//! `monster doctor`: every check where it is good, and each where it is bad.

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use serde_json::json;
use sha2::{Digest, Sha256};

use crate::proxy::{Proxy, away, socks_place, told};
use crate::sandbox::{Repo, Sandbox};
use crate::upstream::{Answer, Upstream};

/// The sandbox's moment, as HTTP says it.
const DATE: &str = "Tue, 24 Nov 2026 10:30:00 GMT";

/// A provider that lists two models, at the sandbox's time.
fn provider() -> Upstream {
    let upstream = Upstream::start();
    upstream.lists(&["gpt-4.1-mini", "gpt-4.1"]).dates(DATE);
    upstream
}

/// A key of that provider in the environment.
fn keyed(upstream: &Upstream) -> Sandbox {
    let mut sandbox = Sandbox::new();
    sandbox.connect(upstream, "openai");
    sandbox
}

/// The line of one part, with what mends it.
#[track_caller]
fn line(sandbox: &Sandbox, part: &str) -> String {
    let json = sandbox.monster(&["doctor", "--json"]).done().json();
    let all = json["checks"].as_array().unwrap();
    let found = all.iter().find(|c| c["part"] == part).unwrap_or_else(|| panic!("no line for {part}: {json:#}"));
    format!("{} {}", found["state"].as_str().unwrap(), found["says"].as_str().unwrap())
}

#[test]
fn where_all_is_well_every_part_says_what_was_tried() {
    let upstream = provider();
    let mut sandbox = keyed(&upstream);
    let house = Upstream::start();
    house.lists(&["qwen3:4b"]);
    sandbox.config(&format!(
        "[roles]\nfast = [\"openai/gpt-4.1-mini(low)\"]\n[upstreams.house]\nprovider = \"ollama\"\nbase_url = \"{}\"\n",
        house.base("ollama")
    ));
    let key = sandbox.key("openai");
    let login = ["login", "openai", "--stdin", "--name", "work", "--store", "keyfile", "--keyfile", "key.txt"];
    sandbox.monster(&login).stdin(key).done().ok();
    sandbox.set("OPENAI_API_KEY", "");
    let repo = sandbox.repo("notes");
    repo.stage("README.md", "# Notes\n").commit("docs: begin");
    repo.monster(&["hook", "install"]).done().ok();
    let before = (repo.git(&["status", "--porcelain"]), repo.git(&["log", "--format=%H"]));
    insta::assert_snapshot!("good", repo.monster(&["doctor"]).done().ok().all());
    assert_eq!((repo.git(&["status", "--porcelain"]), repo.git(&["log", "--format=%H"])), before);
    assert!(upstream.calls().is_empty() && house.calls().is_empty(), "no model is asked");
    let history = sandbox.monster(&["history", "--json"]).done().ok().json();
    assert_eq!(history["requests"].as_array().map(Vec::len), Some(0), "the commit that was tried is not kept");
    let left = fs::read_dir(sandbox.home().parent().unwrap()).unwrap();
    let left: Vec<_> =
        left.flatten().map(|e| e.file_name()).filter(|n| n.to_string_lossy().contains("doctor")).collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn a_key_that_is_refused_is_bad_and_what_mends_it_is_said() {
    let upstream = provider();
    upstream.refuses_keys();
    let sandbox = keyed(&upstream);
    insta::assert_snapshot!("key_refused", sandbox.monster(&["doctor"]).done().exits(1).all());
}

#[test]
fn an_account_that_nobody_can_be_asked_about_is_bad() {
    let mut sandbox = Sandbox::new();
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let row = format!("[upstreams.work]\nprovider = \"generic\"\nbase_url = \"http://127.0.0.1:{free}/v1\"\n");
    sandbox.live().config(&row);
    let login =
        ["login", "work", "--stdin", "--no-check", "--name", "mine", "--store", "keyfile", "--keyfile", "key.txt"];
    sandbox.monster(&login).stdin(sandbox.key("work")).done().ok();
    assert!(line(&sandbox, "mine").starts_with("bad work: no connection"), "{}", line(&sandbox, "mine"));
    sandbox.config("");
    let told = sandbox.monster(&["doctor"]).done();
    let told = &told.exits(1).stdout;
    assert!(told.contains("bad    mine       its upstream \"work\" is not in your settings"), "{told}");
}

#[test]
fn a_model_that_nobody_serves_is_named_with_the_setting_that_names_it() {
    let upstream = provider();
    let sandbox = keyed(&upstream);
    sandbox.config("model = \"gpt-4.1-turbo\"\n[roles]\nfast = [\"openai/gpt-9\", \"openai/gpt-4.1\"]\n[aliases]\nx = \"openai/gone(high)\"\n");
    insta::assert_snapshot!("models_missing", sandbox.monster(&["doctor"]).done().exits(1).all());
    sandbox.config("[roles]\nfast = [\"fast\", \"openai/gpt-4.1-mini\"]\n");
    assert_eq!(line(&sandbox, "models"), "good the model that your settings name is served");
    sandbox.config("model = \"openai/gpt-4.1\"\n[roles]\nfast = [\"openai/gpt-4.1-mini\"]\n[aliases]\nx = \"openai/gpt-4.1(high)\"\n");
    assert_eq!(line(&sandbox, "models"), "good all 2 models that your settings name are served");
}

#[test]
fn a_provider_that_there_is_not_makes_the_settings_bad() {
    let upstream = provider();
    let sandbox = keyed(&upstream);
    sandbox.config("[upstreams.work]\nprovider = \"opnai\"\nbase_url = \"https://models.example.com/v1\"\n");
    let told = sandbox.monster(&["doctor"]).done();
    let told = &told.exits(1).stdout;
    assert!(told.contains("1 problem, the first: upstreams.work: there is no provider \"opnai\""), "{told}");
    let warned = sandbox.monster(&["models", "list"]).done();
    assert!(warned.ok().stderr.contains("warning: upstreams.work: there is no provider \"opnai\""), "{}", warned.all());
}

/// The hook of this repository, as if this program had installed it.
fn of(repo: &Repo<'_>, program: &str) {
    repo.monster(&["hook", "install"]).done().ok();
    let file = ".git/hooks/prepare-commit-msg";
    let changed = |line: &str| match line.starts_with("monster='") {
        true => format!("monster='{program}'\n"),
        false => format!("{line}\n"),
    };
    let text: String = repo.read(file).lines().map(changed).collect();
    let mark = "# sha256 of the other lines: ";
    let mut hash = Sha256::new();
    text.split_inclusive('\n').filter(|l| !l.starts_with(mark)).for_each(|l| hash.update(l));
    let sum: String = hash.finalize().iter().map(|b| format!("{b:02x}")).collect();
    let text: String = text
        .split_inclusive('\n')
        .map(|l| if l.starts_with(mark) { format!("{mark}{sum}\n") } else { l.to_owned() })
        .collect();
    repo.write(file, &text);
}

#[test]
fn a_hook_that_drafts_nothing_or_too_late_is_bad() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("notes");
    of(&repo, "/nowhere/monster");
    insta::assert_snapshot!("hook_of_a_program_that_is_gone", repo.monster(&["doctor"]).done().exits(1).all());
    let slow = sandbox.home().join("slow");
    fs::write(&slow, "#!/bin/sh\nexec sleep 3\n").unwrap();
    crate::program::runnable(&slow);
    of(&repo, &slow.display().to_string());
    sandbox.config("[hook]\ndeadline = 1\n");
    let told = repo.monster(&["doctor"]).done();
    assert!(told.exits(1).stdout.contains("longer than hook.deadline"), "{}", told.all());
    fs::write(&slow, "#!/bin/sh\nexec sleep 60\n").unwrap();
    let told = repo.monster(&["doctor"]).done();
    assert!(told.exits(1).stdout.contains("bad    hook       installed"), "it comes to no end: {}", told.all());
    repo.write(".git/hooks/prepare-commit-msg", "#!/bin/sh\nexit 0\n");
    let told = repo.monster(&["doctor"]).done();
    assert!(told.exits(1).stdout.contains("bad    hook       another hook stands there"), "{}", told.all());
    sandbox.config("[hook]\nenabled = false\n");
    fs::remove_file(repo.path().join(".git/hooks/prepare-commit-msg")).unwrap();
    repo.monster(&["hook", "install"]).done().ok();
    let told = repo.monster(&["doctor"]).done();
    assert!(told.ok().stdout.contains("absent hook       installed"), "{}", told.all());
}

#[test]
fn a_store_with_a_damaged_page_is_bad_although_it_opens() {
    let sandbox = Sandbox::new();
    sandbox.monster(&["doctor"]).done().ok();
    let file = sandbox.state_dir().join("monster.db");
    // An index that misses a row is damage that no command comes by.
    let db = rusqlite::Connection::open(&file).unwrap();
    db.execute_batch("INSERT INTO fact VALUES ('a', 'b'); PRAGMA wal_checkpoint(TRUNCATE); PRAGMA writable_schema = ON; UPDATE sqlite_schema SET rootpage = (SELECT rootpage FROM sqlite_schema WHERE name = 'fact') WHERE rowid = (SELECT max(rowid) FROM sqlite_schema WHERE type = 'index');").unwrap();
    drop(db);
    let told = sandbox.monster(&["doctor"]).done();
    assert!(told.exits(1).stdout.contains("bad    store "), "{}", told.all());
}

#[test]
fn a_store_that_takes_no_row_is_bad() {
    let sandbox = Sandbox::new();
    sandbox.monster(&["doctor"]).done().ok();
    let db = rusqlite::Connection::open(sandbox.state_dir().join("monster.db")).unwrap();
    db.execute_batch("CREATE TRIGGER full BEFORE INSERT ON fact BEGIN SELECT RAISE(ABORT, 'no room'); END").unwrap();
    insta::assert_snapshot!("store_takes_nothing", sandbox.monster(&["doctor"]).done().exits(1).all());
}

#[test]
fn a_keychain_that_does_not_answer_is_bad_where_something_of_ours_lies_in_it() {
    let sandbox = Sandbox::new();
    let login = ["login", "openai", "--stdin", "--no-check", "--store", "keyfile", "--keyfile", "key.txt"];
    sandbox.monster(&login).stdin(sandbox.key("openai")).done().ok();
    let file = sandbox.config_dir().join("slots.json");
    let mut slots: serde_json::Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    let entry = json!({ "name": "keychain", "kind": { "is": "keychain", "entry": "identity-a" } });
    slots["slots"].as_array_mut().unwrap().push(entry);
    fs::write(&file, slots.to_string()).unwrap();
    insta::assert_snapshot!("keychain", sandbox.monster(&["doctor", "--offline"]).done().exits(1).all());
}

#[test]
fn a_keychain_is_bad_where_nobody_can_read_whether_something_lies_in_it() {
    let sandbox = Sandbox::new();
    let login = ["login", "openai", "--stdin", "--no-check", "--store", "keyfile", "--keyfile", "key.txt"];
    sandbox.monster(&login).stdin(sandbox.key("openai")).done().ok();
    for file in ["slots.json", "slots.json.previous"] {
        fs::write(sandbox.config_dir().join(file), "{").unwrap();
    }
    let found = line(&sandbox, "keychain");
    assert!(found.starts_with("bad ") && found.contains("slots.json"), "{found}");
}

#[test]
fn servers_are_bad_where_nobody_can_say_who_is_to_be_asked() {
    let upstream = provider();
    let sandbox = keyed(&upstream);
    let done = sandbox.monster(&["doctor", "--json", "--account", "nobody"]).done();
    let json = done.exits(1).json();
    let found = json["checks"].as_array().unwrap().iter().find(|c| c["part"] == "servers");
    let found = found.unwrap_or_else(|| panic!("no line for servers: {json:#}"));
    assert_eq!((&found["state"], &found["says"]), (&json!("bad"), &json!("there is no account \"nobody\"")));
    assert_eq!(found["hint"], "there are: env (openai)");
}

#[test]
fn a_sealed_file_that_nobody_can_open_is_bad() {
    let sandbox = Sandbox::new();
    let login = ["login", "openai", "--stdin", "--no-check", "--store", "keyfile", "--keyfile", "key.txt"];
    sandbox.monster(&login).stdin(sandbox.key("openai")).done().ok();
    fs::remove_file(sandbox.home().join("key.txt")).unwrap();
    insta::assert_snapshot!("vault", sandbox.monster(&["doctor", "--offline"]).done().exits(1).all());
}

#[test]
fn a_proxy_is_named_with_who_names_it_and_asked_to_connect() {
    let refuses = Proxy::start(|stream| told(stream, "407 Proxy Authentication Required"));
    let sandbox = away(&format!("[net]\nproxy = \"http://ada:word@127.0.0.1:{}\"", refuses.port));
    insta::assert_snapshot!("proxy_wants_a_password", sandbox.monster(&["doctor"]).done().exits(1).all());

    let good = Proxy::start(|stream| told(stream, "200 Connection established"));
    let mut sandbox = away("");
    sandbox.set("HTTPS_PROXY", &format!("http://127.0.0.1:{}", good.port));
    let shown = sandbox.normal(&line(&sandbox, "proxy"));
    assert_eq!(shown, "good [UPSTREAM], an HTTP proxy that HTTPS_PROXY names, connects to models.invalid");
    sandbox.set("NO_PROXY", "models.invalid");
    // Nobody is asked through it, but it is there.
    let shown = sandbox.normal(&line(&sandbox, "proxy"));
    assert_eq!(shown, "good [UPSTREAM], an HTTP proxy that HTTPS_PROXY names, can be reached; nothing was asked of it");
    sandbox.set("NO_PROXY", "*");
    assert_eq!(line(&sandbox, "proxy"), "absent neither settings nor environment name one");
    sandbox.set("NO_PROXY", "");

    let socks5 = Proxy::start(|stream| socks_place(stream, 0));
    sandbox.set("HTTPS_PROXY", &format!("socks5h://127.0.0.1:{}", socks5.port));
    assert!(line(&sandbox, "proxy").ends_with("a SOCKS proxy that HTTPS_PROXY names, connects to models.invalid"));
    let refuses = Proxy::start(|stream| socks_place(stream, 5));
    sandbox.set("HTTPS_PROXY", &format!("socks5://127.0.0.1:{}", refuses.port));
    assert!(line(&sandbox, "proxy").ends_with("it does not connect to models.invalid: that host refuses"));
    let odd = Proxy::start(|stream| {
        let mut hello = [0; 3];
        stream.read_exact(&mut hello)?;
        stream.write_all(&[5, 255])?;
        Ok(String::new())
    });
    sandbox.set("HTTPS_PROXY", &format!("socks5://127.0.0.1:{}", odd.port));
    assert!(line(&sandbox, "proxy").ends_with("HTTPS_PROXY names: it wants a user name and a password"));
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    sandbox.set("HTTPS_PROXY", &format!("127.0.0.1:{free}"));
    assert!(line(&sandbox, "proxy").contains("it cannot be reached ("));
    sandbox.set("HTTPS_PROXY", "gopher://127.0.0.1:70");
    assert!(line(&sandbox, "proxy").starts_with("bad "));
}

#[test]
fn a_clock_that_is_off_is_told_with_what_suffers() {
    let upstream = provider();
    let sandbox = keyed(&upstream);
    assert_eq!(line(&sandbox, "clock"), "good no more than 60 s from openai's");
    upstream.dates("Tue, 24 Nov 2026 10:31:00 GMT");
    assert_eq!(line(&sandbox, "clock"), "good no more than 60 s from openai's");
    upstream.dates("Tue, 24 Nov 2026 12:35:00 GMT");
    insta::assert_snapshot!("clock", sandbox.monster(&["doctor"]).done().exits(1).all());
    upstream.dates("Tue, 24 Nov 2026 10:28:59 GMT");
    assert!(
        line(&sandbox, "clock").starts_with("bad it is 1 min 1 s ahead of openai's"),
        "{}",
        line(&sandbox, "clock")
    );
    upstream.dates("yesterday");
    assert_eq!(line(&sandbox, "clock"), "absent nobody told the time");
}

#[test]
fn a_server_of_ones_own_that_does_not_run_is_bad() {
    let sandbox = Sandbox::new();
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    sandbox.config(&format!("[upstreams.house]\nprovider = \"ollama\"\nbase_url = \"http://127.0.0.1:{free}\"\n"));
    insta::assert_snapshot!("server", sandbox.monster(&["doctor"]).done().exits(1).all());
}

#[test]
fn a_server_of_ones_own_that_has_no_model_answers_all_the_same() {
    let (house, sandbox) = (Upstream::start(), Sandbox::new());
    house.lists(&[]);
    let base = house.base("ollama");
    sandbox.config(&format!("[upstreams.house]\nprovider = \"ollama\"\nbase_url = \"{base}\"\n"));
    let told = line(&sandbox, "house");
    assert!(told.starts_with("bad ") && told.contains(" answers, and serves nothing"), "{told}");
}

#[test]
fn a_server_of_ones_own_that_answers_with_no_list_is_told_as_that_and_not_asked_offline() {
    let (odd, sandbox) = (Proxy::start(|stream| told(stream, "200 OK")), Sandbox::new());
    let base = format!("http://127.0.0.1:{}", odd.port);
    sandbox.config(&format!("[upstreams.house]\nprovider = \"ollama\"\nbase_url = \"{base}\"\n"));
    let offline = sandbox.monster(&["doctor", "--offline", "--json"]).done().json();
    let checks = offline["checks"].as_array().unwrap();
    assert!(checks.iter().all(|check| check["part"] != "house"), "{offline:#}");
    assert_eq!(odd.asked(), Vec::<String>::new());
    let says = line(&sandbox, "house");
    assert!(says.starts_with("bad ") && says.ends_with(" answers with something that is no list of models"), "{says}");
}

/// One model, after longer than a command waits for a list.
fn slow(stream: &mut TcpStream) -> std::io::Result<String> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    std::thread::sleep(Duration::from_secs(3));
    let body = json!({ "models": [{ "name": "qwen3:4b", "model": "qwen3:4b" }] }).to_string();
    let length = body.len();
    let reply = format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}");
    stream.write_all(reply.as_bytes())?;
    Ok(String::from_utf8_lossy(&head).lines().next().unwrap_or_default().to_owned())
}

#[test]
fn a_server_of_ones_own_that_is_slow_to_say_what_it_serves_serves_it_all_the_same() {
    let (house, sandbox) = (Proxy::start(slow), Sandbox::new());
    let base = format!("http://127.0.0.1:{}", house.port);
    sandbox.config(&format!("model = \"qwen3:4b\"\n[upstreams.house]\nprovider = \"ollama\"\nbase_url = \"{base}\"\n"));
    let told = sandbox.monster(&["doctor", "--json"]).done().json();
    let said = |part: &str| {
        let found = told["checks"].as_array().unwrap().iter().find(|check| check["part"] == part).unwrap().clone();
        format!("{} {}", found["state"].as_str().unwrap(), found["says"].as_str().unwrap())
    };
    assert_eq!(said("house"), format!("good {base} serves 1 model, and was slow to say so"));
    assert_eq!(
        said("models"),
        "good the model that your settings name is served",
        "what it said is known from then on"
    );
}

#[test]
fn a_server_of_ones_own_that_refuses_to_say_what_it_serves_is_told_in_its_own_words() {
    for (speaks, word) in [
        ((|stream| told(stream, "401 Unauthorized")) as fn(&mut TcpStream) -> _, "unauthorized"),
        (|stream| told(stream, "500 Internal Server Error"), "broken"),
    ] {
        let (house, sandbox) = (Proxy::start(speaks), Sandbox::new());
        let base = format!("http://127.0.0.1:{}", house.port);
        sandbox.config(&format!("[upstreams.house]\nprovider = \"ollama\"\nbase_url = \"{base}\"\n"));
        let says = line(&sandbox, "house");
        assert!(says.starts_with(&format!("bad {base}: ")), "{says}");
        let report = sandbox.monster(&["doctor", "--report"]).done().stdout.clone();
        assert!(report.contains(&format!("ollama does not say what it serves: {word}")), "{report}");
        assert!(!report.contains(&base), "{report}");
    }
}

#[test]
fn an_endpoint_that_needs_no_key_is_asked_and_one_whose_key_is_missing_is_told() {
    let upstream = Upstream::start();
    let mut sandbox = Sandbox::new();
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let row = |name: &str, url: &str, more: &str| {
        format!("[upstreams.{name}]\nprovider = \"generic\"\nbase_url = \"{url}\"\nmodels = [\"m\"]\n{more}")
    };
    sandbox.live().config(
        &[
            row("open", &upstream.base("open"), ""),
            row("gone", &format!("http://127.0.0.1:{free}/v1"), ""),
            row("shut", &upstream.base("shut"), "key_env = \"SHUT_KEY\"\n"),
            "[upstreams.mistral]\nfirst_byte_timeout = 9\n".to_owned(),
        ]
        .concat(),
    );
    let says = |part: &str| line(&sandbox, part);
    assert!(says("open").starts_with("good ") && says("open").contains("answers"), "{}", says("open"));
    assert!(says("gone").starts_with("bad no connection"), "{}", says("gone"));
    assert_eq!(says("shut"), "bad SHUT_KEY is not set, so it is not asked");
    assert_eq!(says("mistral"), "absent there is no key for it, so it is not asked");
    let report = sandbox.monster(&["doctor", "--report"]).done();
    assert!(!report.raw.contains("SHUT_KEY") && !report.raw.contains(&free.to_string()), "{}", report.raw);
}

#[test]
fn a_report_holds_no_secret_no_place_and_no_name_of_the_users() {
    let upstream = provider();
    let mut sandbox = keyed(&upstream);
    upstream.always(|_| Answer::status(402, "insufficient_quota", "ada@example.org has spent it all."));
    sandbox.set("USER", "ada").set("LOGNAME", "ada");
    let away = sandbox.home().join("places/ada/state");
    sandbox.set("XDG_STATE_HOME", &away.display().to_string());
    let key = sandbox.key("keyed");
    sandbox.set("HOUSE_KEY", &key);
    sandbox.config(&format!(
        "model = \"ada-house/gpt-4.1\"\n[commit]\nstyle = \"plain\"\n[aliases]\nadas = \"openai/gpt-4.1\"\n[upstreams.ada-house]\nbase_url = \"{}\"\nkey_env = \"HOUSE_KEY\"\n",
        upstream.base("keyed")
    ));
    sandbox.monster(&["ask", "why?", "--model", "openai/gpt-4.1"]).done().exits(5);
    let repo = sandbox.repo("ada-notes");
    repo.monster(&["hook", "install"]).done().ok();
    let done = repo.monster(&["doctor", "--report"]).done();
    insta::assert_snapshot!("report", done.all());
    let home = sandbox.home().display().to_string();
    for hidden in [&key, &sandbox.key("openai"), &home, "ada-house", "adas", "ada@example.org", "ada-notes"] {
        assert!(!done.raw.contains(hidden), "{hidden}: {}", done.raw);
    }
    assert!(!done.raw.to_lowercase().split(|c: char| !c.is_alphanumeric()).any(|word| word == "ada"), "{}", done.raw);
    let json = repo.monster(&["doctor", "--report", "--json"]).done().json();
    assert_eq!(json["schema"], "monster.report/1");
    assert!(!json.to_string().contains(&home));
}

#[test]
fn a_report_of_what_cannot_be_opened_names_no_file_and_no_account() {
    let sandbox = Sandbox::new();
    let place = sandbox.home().parent().unwrap().join("corp.example/key.txt");
    fs::create_dir_all(place.parent().unwrap()).unwrap();
    let file = place.display().to_string();
    let login = ["login", "openai", "--stdin", "--no-check", "--store", "keyfile", "--keyfile", &file];
    sandbox.monster(&login).stdin(sandbox.key("openai")).done().ok();
    fs::remove_file(&place).unwrap();
    let done = sandbox.monster(&["doctor", "--report", "--account", "customer-7"]).done();
    assert!(done.raw.contains("bad    accounts   it cannot be used"), "{}", done.raw);
    assert!(!done.raw.contains("corp.example") && !done.raw.contains("customer-7"), "{}", done.raw);
}

#[test]
fn what_the_user_put_aside_is_not_asked_and_not_bad() {
    let upstream = provider();
    upstream.refuses_keys();
    let mut sandbox = keyed(&upstream);
    let login =
        ["login", "openai", "--stdin", "--no-check", "--name", "home", "--store", "keyfile", "--keyfile", "key.txt"];
    sandbox.monster(&login).stdin(sandbox.key("openai")).done().ok();
    sandbox.set("OPENAI_API_KEY", "");
    sandbox.monster(&["accounts", "disable", "home"]).done().ok();
    assert_eq!(line(&sandbox, "home"), "absent disabled, so openai is not asked");
}

#[test]
fn a_model_that_a_server_here_serves_is_not_missing() {
    let (upstream, house) = (provider(), Upstream::start());
    house.lists(&["qwen3:4b"]);
    let sandbox = keyed(&upstream);
    let base = house.base("ollama");
    sandbox.config(&format!("model = \"qwen3:4b\"\n[upstreams.house]\nprovider = \"ollama\"\nbase_url = \"{base}\"\n"));
    assert_eq!(line(&sandbox, "models"), "good the model that your settings name is served");
    sandbox.config("model = \"openai/gpt-4.1\"\n[roles]\nfast = [\"openai/gpt-4.1-mini\"]\n[aliases]\nx = \"openai/gpt-4.1(high)\"\n");
    assert_eq!(line(&sandbox, "models"), "good all 2 models that your settings name are served");
}
