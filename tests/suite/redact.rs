//! `monster redact`: a text as it would be sent, and where secrets lie.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::Stdio;

use serde_json::{Value, json};

use crate::key::{github, password, real_github};
use crate::sandbox::{Done, Repo, Sandbox};

/// Nothing that was printed holds the value.
#[track_caller]
pub fn silent(done: &Done, value: &str) {
    let all = format!("{}{}", done.all(), done.raw);
    assert!(!all.contains(value), "a value was printed:\n{all}");
}

/// A shop with a token, a password, a picture and a file that git leaves out.
fn shop(sandbox: &Sandbox) -> Repo<'_> {
    let repo = sandbox.repo("shop");
    repo.write("src/pay.py", &format!("import os\n\nTOKEN = \"{}\"\nSIZE = 12\n", github("pay")));
    repo.write("deploy/prod.env", &format!("HOST=db.example.org\nDB_PASSWORD={}\n", password("db")));
    repo.write("debug.log", &format!("sent {}\n", github("log")));
    repo.write("build/out/config.js", &format!("const key = '{}'\n", github("built")));
    repo.write(".gitignore", "*.log\nbuild/\n");
    fs::write(repo.path().join("logo.png"), b"\x89PNG\0\0\0").unwrap();
    repo
}

#[test]
fn a_text_comes_out_as_it_would_be_sent() {
    let sandbox = Sandbox::new();
    let (token, word) = (github("a"), password("a"));
    let text = format!("user = ann\ntoken = \"{token}\"\npassword = \"{word}\"\nagain {token}\n");
    let done = sandbox.monster(&["redact"]).stdin(text.as_str()).done();
    silent(&done, &token);
    silent(&done, &word);
    let lines: Vec<&str> = done.ok().raw.lines().collect();
    assert_eq!(lines[0], "user = ann");
    let placeholder = lines[1].trim_start_matches("token = \"").trim_end_matches('"');
    assert!(placeholder.starts_with("MSEC_github_"), "{placeholder}");
    assert_eq!(lines[3], format!("again {placeholder}"), "the same value has the same placeholder");
    fs::write(sandbox.home().join("notes.txt"), &text).unwrap();
    let json = sandbox.monster(&["redact", "notes.txt", "--json"]).done().ok().json();
    assert_eq!((&json["schema"], &json["masked"]), (&json!("monster.redact.text/1"), &json!(3)), "{json:#}");
    let same = sandbox.monster(&["redact", "-", "--secrets", "off"]).stdin("nothing to hide\n").done();
    assert_eq!(same.ok().raw, "nothing to hide\n");
}

#[test]
fn bytes_that_are_no_text_pass_as_they_are() {
    let sandbox = Sandbox::new();
    let run = |bytes: &[u8]| {
        fs::write(sandbox.home().join("in"), bytes).unwrap();
        let line = format!("{} redact in > out", crate::sandbox::quoted(env!("CARGO_BIN_EXE_monster")));
        let out = sandbox.command("sh", &sandbox.home()).args(["-c", &line]).output().unwrap();
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        fs::read(sandbox.home().join("out")).unwrap()
    };
    let token = github("bytes");
    let place = |bytes: &[u8], of: &[u8]| bytes.windows(of.len()).position(|w| w == of);
    // Latin-1, NULs and a cut character round a secret.
    let odd = [b"caf\xe9\0\xff ".as_slice(), token.as_bytes(), b" \xc3".as_slice()].concat();
    let masked = run(&odd);
    assert!(masked.starts_with(b"caf\xe9\0\xff MSEC_github_") && masked.ends_with(b" \xc3"), "{masked:?}");
    assert_eq!(place(&masked, token.as_bytes()), None);
    let plain = b"\xff\x00\xfe\xed\n\x80".to_vec();
    assert_eq!(run(&plain), plain);
    // UTF-16 stays UTF-16, its mark and a half of a pair included.
    for unit in [u16::to_le_bytes as fn(u16) -> [u8; 2], u16::to_be_bytes] {
        let wide = |text: &str| text.encode_utf16().flat_map(unit).collect::<Vec<u8>>();
        let half = unit(0xD800).to_vec();
        let masked = run(&[wide(&format!("\u{feff}k {token} z")), half.clone()].concat());
        assert!(masked.starts_with(&wide("\u{feff}k MSEC_github_")), "{masked:?}");
        assert!(masked.ends_with(&[wide(" z"), half].concat()) && place(&masked, &wide(&token)).is_none());
        fs::write(sandbox.home().join("wide.txt"), wide(&format!("\u{feff}k {token} ü"))).unwrap();
        let text = sandbox.monster(&["redact", "wide.txt", "--json"]).done().ok().json()["text"].to_string();
        assert!(text.contains("k MSEC_github_") && text.ends_with(" ü\""), "JSON is UTF-8: {text}");
    }
}

/// `tail -f` as it is used: nothing ends, and a line is wanted when it comes.
#[test]
fn lines_come_out_while_the_input_goes_on() {
    let sandbox = Sandbox::new();
    let mut child = sandbox
        .command(env!("CARGO_BIN_EXE_monster"), &sandbox.home())
        .arg("redact")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let (mut to, mut from) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
    let mut line = |given: &str| {
        to.write_all(given.as_bytes()).unwrap();
        let mut line = String::new();
        from.read_line(&mut line).unwrap();
        line
    };
    assert_eq!(line("10:00 started\n"), "10:00 started\n");
    let token = github("followed");
    let masked = line(&format!("10:01 with {token}\n10:02 half a l"));
    assert!(masked.starts_with("10:01 with MSEC_github_"), "{masked}");
    assert_eq!(line("ine\n"), "10:02 half a line\n");
    assert_eq!(line(&format!("10:03 {token}\n")), masked.replace("10:01 with", "10:03"), "the same word for it");
    drop(to);
    let mut rest = String::new();
    from.read_to_string(&mut rest).unwrap();
    assert_eq!((rest.as_str(), child.wait().unwrap().success()), ("", true));
}

/// An input without an end is masked as long as somebody reads; then it is over, without a word.
#[cfg(unix)]
#[test]
fn an_input_without_an_end_is_masked_as_long_as_somebody_reads() {
    let sandbox = Sandbox::new();
    let token = github("endless");
    let line = format!(
        "yes 'GET /?t={token}' | {{ {} redact; echo \"exit $?\" >&2; }} | head -n 20000 | sort | uniq -c",
        crate::sandbox::quoted(env!("CARGO_BIN_EXE_monster"))
    );
    let out = sandbox.command("sh", &sandbox.home()).args(["-c", &line]).output().unwrap();
    let (said, told) = (String::from_utf8(out.stdout).unwrap(), String::from_utf8(out.stderr).unwrap());
    assert!(said.trim().starts_with("20000 GET /?t=MSEC_") && said.lines().count() == 1, "{said}");
    assert_eq!(told.trim_end(), "exit 0");
}

#[test]
fn a_kind_that_is_only_told_stays_in_the_text() {
    let sandbox = Sandbox::new();
    let (token, word) = (github("kinds"), password("kinds"));
    let text = format!("token {token}\ndb_password = \"{word}\"\n");
    for mode in ["warn", "off"] {
        sandbox.config(&format!("[redact.kinds]\npassword = \"{mode}\"\n"));
        let done = sandbox.monster(&["redact"]).stdin(text.as_str()).done();
        silent(&done, &token);
        assert!(done.ok().raw.ends_with(&format!("db_password = \"{word}\"\n")), "{}", done.raw);
        let json = sandbox.monster(&["redact", "--json"]).stdin(text.as_str()).done().ok().json();
        assert_eq!(json["masked"], json!(1));
    }
}

#[test]
fn files_and_folders_are_looked_at_as_git_sees_them() {
    let sandbox = Sandbox::new();
    let repo = shop(&sandbox);
    let done = repo.monster(&["redact", "scan"]).done();
    for value in [github("pay"), password("db"), github("log")] {
        silent(&done, &value);
    }
    insta::assert_snapshot!("scan", done.exits(1).all());
    let named = repo.monster(&["redact", "scan", "debug.log", "src"]).done();
    assert_eq!(named.exits(1).stdout.matches("github-token").count(), 2, "what is named is looked at: {}", named.all());
    repo.git(&["add", "-f", "debug.log"]);
    let tracked = repo.monster(&["redact", "scan"]).done();
    assert!(tracked.exits(1).stdout.contains("debug.log:1:6"), "{}", tracked.all());
    let clean = repo.monster(&["redact", "scan", ".gitignore"]).done();
    insta::assert_snapshot!("scan_clean", clean.ok().all());
    let quiet = repo.monster(&["redact", "scan", "-q", "src/pay.py"]).done();
    assert_eq!(quiet.exits(1).stderr, "");
}

#[test]
fn of_what_is_staged_only_added_lines_are_reported() {
    let sandbox = Sandbox::new();
    let repo = shop(&sandbox);
    repo.git(&["add", "."]);
    repo.commit("feat: begin");
    let clean = repo.monster(&["redact", "scan", "--staged"]).done();
    assert!(clean.ok().stderr.starts_with("there is no text to look through"), "{}", clean.all());
    let second = password("second");
    let old = repo.read("src/pay.py");
    repo.stage("src/pay.py", &format!("{old}\n\ndef connect():\n    password = \"{second}\"\n"));
    repo.write("src/pay.py", "nothing");
    let staged = repo.monster(&["redact", "scan", "--staged"]).done();
    silent(&staged, &second);
    insta::assert_snapshot!("scan_staged", staged.exits(1).all());
    repo.commit("feat: connect");
    let range = repo.monster(&["redact", "scan", "HEAD~1..HEAD"]).done();
    assert_eq!(range.exits(1).stdout, staged.stdout, "a range is looked at in the same way");
    let diff = repo.git(&["diff", "HEAD~1..HEAD"]);
    let piped = repo.monster(&["redact", "scan", "--diff"]).stdin(diff.as_str()).done();
    assert_eq!(piped.exits(1).stdout, staged.stdout, "and so is a diff");
    repo.write("change.diff", &diff);
    assert_eq!(repo.monster(&["redact", "scan", "--diff", "change.diff"]).done().exits(1).stdout, staged.stdout);
    assert_eq!(repo.monster(&["redact", "scan", "--diff"]).stdin("").done().ok().stdout, "", "an empty diff is clean");
}

#[test]
fn a_key_that_is_added_line_by_line_is_seen_whole() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("keys");
    let line = |n: usize| crate::key::key(&format!("pem {n}"))[4..].repeat(2)[..64].to_owned();
    let key = |lines: std::ops::Range<usize>| {
        let (begin, end) =
            (["-----BEGIN RSA PRI", "VATE KEY-----"].concat(), ["-----END RSA PRI", "VATE KEY-----"].concat());
        format!("{begin}\n{}\n{end}\n", lines.map(line).collect::<Vec<_>>().join("\n"))
    };
    repo.stage("id.pem", &key(0..12)).commit("chore: begin");
    let middle = key(0..12).replace(&line(6), &format!("{}\n{}", line(6), line(40)));
    repo.stage("id.pem", &middle);
    let done = repo.monster(&["redact", "scan", "--staged", "--json"]).done();
    let found = &done.exits(1).json()["findings"];
    assert_eq!(found.as_array().unwrap().len(), 1, "{found:#}");
    assert_eq!((&found[0]["line"], &found[0]["kind"]), (&json!(9), &json!("private key")), "{found:#}");
    silent(&done, &line(40));
}

#[test]
fn a_history_is_looked_through_once_for_each_version() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("old");
    let (gone, side) = (github("gone"), github("side"));
    repo.history(&[
        ("chore: begin", "README.md", "# Old\n"),
        ("feat: call the API", "api.rb", &format!("client = Api.new\nclient.token = '{gone}'\n")),
        ("feat: call it twice", "api.rb", &format!("client = Api.new\nclient.token = '{gone}'\nclient.call\n")),
        ("fix: read the token from the environment", "api.rb", "client = Api.new\nclient.call\n"),
    ]);
    repo.git(&["checkout", "-q", "-b", "aside"]);
    repo.history(&[("test: try", "try.rb", &format!("key = '{side}'\n"))]);
    repo.git(&["checkout", "-q", "main"]);
    let done = repo.monster(&["redact", "scan", "--history"]).done();
    silent(&done, &gone);
    silent(&done, &side);
    insta::assert_snapshot!("scan_history", done.exits(1).all());
    let found = repo.monster(&["redact", "scan", "--history", "--json"]).done().exits(1).json();
    assert_eq!(found["findings"][0]["commit"], repo.git(&["rev-parse", "main~2"]).as_str(), "the oldest that has it");
    assert_eq!(found["findings"][0]["versions"], 2);
    assert_eq!(repo.monster(&["redact", "scan"]).done().ok().stdout, "", "what lies there now is clean");
}

#[test]
fn a_history_that_was_not_read_is_not_called_clean() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("cut");
    repo.history(&[("chore: begin", "README.md", "# Cut\n"), ("feat: call", "api.rb", "one\n")]);
    repo.git(&["branch", "aside"]);
    repo.history(&[("feat: call twice", "api.rb", &format!("token = '{}'\n", github("cut")))]);
    let scan = || repo.monster(&["redact", "scan", "--history"]).done();
    let damaged = || assert!(scan().exits(3).stderr.contains("the repository is damaged or not complete"));
    // That a name leads to another which is not there is no damage.
    repo.git(&["symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main"]);
    scan().exits(1);
    let names = ["main", "aside"].map(|name| repo.path().join(".git/refs/heads").join(name));
    for name in &names {
        let whole = fs::read(name).unwrap();
        for left in [&b""[..], &whole[..20], &[&b"f".repeat(40)[..], b"\n"].concat()] {
            fs::write(name, left).unwrap();
            damaged();
        }
        fs::write(name, &whole).unwrap();
    }
    // Nor is one without any commit.
    scan().exits(1);
    names.iter().for_each(|name| fs::write(name, "").unwrap());
    damaged();
}

#[test]
fn sarif_is_as_code_hosts_take_it() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("hosts");
    repo.write("a b/ü.py", &format!("KEY = '{}'\nPASSWORD = '{}'\n", github("s"), password("s")));
    let done = repo.monster(&["redact", "scan", "--sarif"]).done();
    silent(&done, &github("s"));
    let log = done.exits(1).json();
    assert_eq!((&log["version"], log["$schema"].is_string()), (&json!("2.1.0"), true));
    let run = &log["runs"][0];
    assert_eq!(run["tool"]["driver"]["name"], "monster");
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), 2, "{log:#}");
    for result in results {
        let rule = &run["tool"]["driver"]["rules"][usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap()];
        assert_eq!(rule["id"], result["ruleId"]);
        assert!(
            result["message"]["text"].is_string() && ["error", "warning"].contains(&result["level"].as_str().unwrap())
        );
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "a%20b/%C3%BC.py");
        assert!(
            place["region"]["startLine"].as_u64().unwrap() >= 1 && place["region"]["startColumn"].as_u64() >= Some(1)
        );
        let print = result["partialFingerprints"]["monsterSecret/v1"].as_str().unwrap();
        assert!(print.len() == 34 && print.ends_with(":1"), "{print}");
    }
    let again = repo.monster(&["redact", "scan", "--sarif"]).done().exits(1).json();
    assert_eq!(again, log, "fingerprints stay");
    // Another machine, another value on the same line, and other lines before it.
    let other = Sandbox::new();
    let there = other.repo("hosts");
    let twice = format!("import os\n\nKEY = '{}'\nKEY = '{}'\n", github("t"), github("u"));
    there.write("a b/ü.py", &twice);
    let prints = |log: &Value| -> Vec<String> {
        let results = log["runs"][0]["results"].as_array().unwrap();
        results.iter().map(|r| r["partialFingerprints"]["monsterSecret/v1"].as_str().unwrap().to_owned()).collect()
    };
    let there = prints(&there.monster(&["redact", "scan", "--sarif"]).done().exits(1).json());
    let here = prints(&log);
    assert_eq!(there[0], here[0], "nothing of a machine or a value is in it");
    assert_eq!(there[1], here[0].replace(":1", ":2"));
    assert_ne!(here[0], here[1]);
}

#[test]
fn lines_of_json_give_lines_of_findings_in_bytes() {
    let sandbox = Sandbox::new();
    let token = github("lines");
    let text = format!("é 😀 令牌{token}。");
    let input = [
        json!({ "id": 7, "text": text }).to_string(),
        json!({ "text": "nothing", "id": { "a": [1] }, "label": "is not read" }).to_string(),
        String::new(),
        format!("{{\"id\":\"broken\",\"text\":\"{token}"),
        json!({ "id": "b", "text": format!("a\n{token}\u{0}") }).to_string(),
        "{\"id\":1}".to_owned(),
    ];
    let done = sandbox.monster(&["redact", "scan", "--jsonl"]).stdin(input.join("\n")).done();
    silent(&done, &token);
    let lines: Vec<Value> = done.exits(2).raw.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    assert_eq!(lines.len(), 2, "{}", done.all());
    let at = text.find(&token).unwrap();
    let whole = json!({ "id": 7, "start": at, "end": at + token.len(), "kind": "GitHub token", "rule": "github-token",
        "confidence": lines[0]["confidence"] });
    assert_eq!(lines[0], whole);
    assert_eq!((&lines[1]["id"], &lines[1]["start"]), (&json!("b"), &json!(2)));
    insta::assert_snapshot!("jsonl_errors", done.stderr);
    let clean = sandbox.monster(&["redact", "scan", "--jsonl"]).stdin("{\"id\":1,\"text\":\"x\"}\n").done();
    assert_eq!(clean.ok().raw, "");
    let found = sandbox.monster(&["redact", "scan", "--jsonl"]).stdin(input[0].as_str()).done();
    assert_eq!(found.exits(1).raw.lines().count(), 1);
    sandbox.monster(&["redact", "scan", "--jsonl"]).stdin(input[0].clone()).no_reader().done().ok();
}

#[test]
fn strict_keeps_what_is_nearly_certain_and_explain_says_why() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("why");
    let text = format!(
        "a = '{}'\nb_password = '{}'\nc_password = '{}' # monster:allow\nd = '{}' # monster:allow\n",
        github("x"),
        // Somebody chose it: likely one, and not certain.
        "sunny-day7",
        password("c"),
        real_github("d")
    );
    repo.write("all.py", &text);
    let done = repo.monster(&["redact", "scan", "--strict", "--explain"]).done();
    for value in [github("x"), "sunny-day7".to_owned(), password("c"), real_github("d")] {
        silent(&done, &value);
    }
    insta::assert_snapshot!("explain", done.exits(1).all());
    let json = repo.monster(&["redact", "scan", "--json", "--explain"]).done().exits(1).json();
    let verdicts: Vec<&str> =
        json["findings"].as_array().unwrap().iter().map(|f| f["verdict"].as_str().unwrap()).collect();
    assert_eq!(
        verdicts,
        ["kept", "kept", "left out: its line says monster:allow", "kept"],
        "a real token is no false alarm"
    );
}

#[test]
fn bad_input_is_told_and_breaks_nothing() {
    let sandbox = Sandbox::new();
    let nowhere = sandbox.monster(&["redact", "scan", "gone.txt"]).done();
    let staged = sandbox.monster(&["redact", "scan", "--staged"]).done();
    let history = sandbox.monster(&["redact", "scan", "--history"]).done();
    let missing = sandbox.monster(&["redact", "gone.txt"]).done();
    let diff = sandbox.monster(&["redact", "scan", "--diff"]).stdin("this is no diff\n").done();
    let repo = sandbox.repo("empty");
    let unborn = repo.monster(&["redact", "scan", "--history"]).done();
    let range = repo.monster(&["redact", "scan", "no..such"]).done();
    let told = [
        nowhere.exits(2).all(),
        staged.exits(3).all(),
        history.exits(3).all(),
        missing.exits(2).all(),
        diff.exits(2).all(),
        unborn.exits(3).all(),
        range.exits(2).all(),
    ];
    insta::assert_snapshot!("scan_bad_input", told.join("\n"));
    let token = github("deep");
    // A hundred thousand brackets, and one line of eight megabytes with a secret at each end.
    let deep = format!("{}\"{token}\"{}", "[".repeat(100_000), "]".repeat(100_000));
    let long = format!("{token} {} {token}", "x y z 1 2 3 ".repeat(700_000));
    for text in [deep, long] {
        let done = sandbox.monster(&["redact"]).stdin(text.as_str()).done();
        assert!(!done.ok().raw.contains(&token) && done.raw.len() > 200_000);
    }
}

#[test]
fn a_commit_that_adds_a_secret_is_stopped_by_the_hook() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("hooked");
    // A program's folder may have a blank in its name, and a template has to bear it.
    let program = sandbox.home().join("my programs/monster");
    fs::create_dir_all(program.parent().unwrap()).unwrap();
    crate::program::copied(env!("CARGO_BIN_EXE_monster"), &program);
    let hook = include_str!("../../hooks/pre-commit.sh").replace("@MONSTER@", &program.display().to_string());
    repo.write("../hooks/pre-commit", &hook);
    #[cfg(unix)]
    {
        let path = repo.path().join("../hooks/pre-commit");
        crate::program::runnable(path);
    }
    repo.git(&["config", "core.hooksPath", "../hooks"]);
    repo.stage("ok.py", "print('hello')\n").commit("feat: greet");
    let word = password("hook");
    repo.stage("db.py", &format!("import db\n\ndb.connect(password=\"{word}\")\n"));
    let stopped = repo.any("git", &["commit", "-q", "-m", "feat: connect"]).done();
    silent(&stopped, &word);
    insta::assert_snapshot!("pre_commit", stopped.exits(1).all());
    assert_eq!(repo.message(), "feat: greet");
    repo.any("git", &["commit", "-q", "-m", "feat: connect"]).env("MONSTER_SKIP", "1").done().ok();
    repo.stage(
        "db.py",
        &format!("import db\n\ndb.connect(password=\"{word}\")\nagain(password=\"{word}\")  # monster:allow\n"),
    );
    repo.commit("feat: connect twice");
    assert_eq!(repo.message(), "feat: connect twice");
    // Where monster is gone nobody is stopped, and nobody is left to think that somebody looked.
    fs::remove_file(&program).unwrap();
    repo.stage("key.py", &format!("key = '{}'\n", github("unseen")));
    let unseen = repo.any("git", &["commit", "-q", "-m", "feat: add a key"]).done();
    let told = "warning: monster is not there, so nobody looked for secrets in this commit (.git/hooks/pre-commit)\n";
    assert_eq!(unseen.ok().stderr, told);
}

#[test]
fn a_template_that_was_only_copied_works_where_monster_is_on_the_path() {
    let mut sandbox = Sandbox::new();
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_monster")).parent().unwrap();
    let path = sandbox.command("sh", &sandbox.home()).args(["-c", "echo $PATH"]).output().unwrap();
    sandbox.set("PATH", &format!("{}:{}", program.display(), String::from_utf8(path.stdout).unwrap().trim()));
    let repo = sandbox.repo("copied");
    repo.write(".git/hooks/pre-commit", include_str!("../../hooks/pre-commit.sh"));
    repo.any("chmod", &["+x", ".git/hooks/pre-commit"]).done().ok();
    repo.stage("key.py", &format!("key = '{}'\n", github("copied")));
    assert!(repo.any("git", &["commit", "-q", "-m", "feat: add"]).done().exits(1).stderr.contains("key.py:1:8"));
}

#[test]
fn a_mistyped_command_is_told_from_a_file() {
    let sandbox = Sandbox::new();
    let near = sandbox.monster(&["redact", "scann"]).done();
    let told = "error: scann cannot be read: No such file or directory (os error 2)\nhint: did you mean: monster redact scan\n";
    assert_eq!(near.exits(2).stderr, told);
    assert!(!sandbox.monster(&["redact", "scan.txt"]).done().exits(2).stderr.contains("did you mean"));
}

/// What UTF-16 without a mark says is found wherever it is read.
#[test]
fn utf_16_without_a_mark_is_read_everywhere() {
    let upstream = crate::upstream::Upstream::start();
    upstream.always(|_| crate::upstream::Answer::text("Yes."));
    let sandbox = crate::commit::connected(&upstream);
    let token = github("unmarked");
    let text = crate::scan::wide(&format!("see {token}, it is what we use everywhere in this house\r\n"));
    fs::write(sandbox.home().join("notes.txt"), &text).unwrap();
    let line = format!("{} redact notes.txt > out", crate::sandbox::quoted(env!("CARGO_BIN_EXE_monster")));
    assert!(sandbox.command("sh", &sandbox.home()).args(["-c", &line]).status().unwrap().success());
    let masked = fs::read(sandbox.home().join("out")).unwrap();
    let ends = crate::scan::wide(", it is what we use everywhere in this house\r\n");
    assert!(masked.starts_with(&crate::scan::wide("see MSEC_github_")) && masked.ends_with(&ends), "{masked:?}");
    assert_eq!(
        sandbox.monster(&["redact", "scan", "notes.txt"]).done().exits(1).stdout.matches(":1:5 GitHub").count(),
        1
    );
    let ask = ["ask", "what is it?", "--model", "openai/gpt-4.1-mini", "--with"];
    for (with, stdin) in [("notes.txt", Vec::new()), ("-", text)] {
        sandbox.monster(&[&ask[..], &[with]].concat()).stdin(stdin).done().ok();
        let sent = upstream.calls().last().unwrap().body.to_string();
        assert!(
            sent.contains("see MSEC_github_") && !sent.contains(&token[4..]) && !sent.contains("\\u0000"),
            "{sent}"
        );
    }
    // What is no text is not sent: nobody can say what a model would make of it.
    let calls = upstream.calls().len();
    fs::write(sandbox.home().join("odd.bin"), b"one\0two\xff").unwrap();
    fs::write(sandbox.home().join("nul.txt"), format!("one\0 {token}")).unwrap();
    let told = [
        sandbox.monster(&[&ask[..], &["odd.bin"]].concat()).done().exits(2).all(),
        sandbox.monster(&[&ask[..], &["nul.txt"]].concat()).done().exits(2).all(),
        sandbox.monster(&[&ask[..], &["-"]].concat()).stdin(b"a\0b".to_vec()).done().exits(2).all(),
    ];
    insta::assert_snapshot!("ask_no_text", told.join("\n"));
    assert_eq!(upstream.calls().len(), calls);
}

#[test]
fn what_cannot_be_looked_through_is_not_called_a_finding() {
    let mut sandbox = Sandbox::new();
    let repo = sandbox.repo("unborn");
    for of in [&["HEAD"][..], &["@"], &["main"], &["HEAD~1..HEAD"], &["--history"]] {
        let told = repo.monster(&[&["redact", "scan"][..], of].concat()).done();
        assert!(told.exits(3).stderr.contains("there is no commit yet"), "{of:?}: {}", told.all());
    }
    repo.monster(&["redact", "scan", "gone.txt"]).done().exits(2);
    sandbox.set("GIT_DEFAULT_HASH", "sha256");
    let repo = sandbox.repo("other");
    repo.history(&[("feat: begin", "a.py", "a = 1\n")]);
    let told = repo.monster(&["redact", "scan", "--history"]).done();
    assert!(told.exits(2).stderr.contains("in a repository of this format (SHA-256, reftable, "), "{}", told.all());
    repo.monster(&["redact", "scan", "HEAD"]).done().ok();
}
