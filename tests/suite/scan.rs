//! `monster redact scan`, as people and machines use it: what can be named, how a run that ended early is told, and how a
//! false alarm is allowed from where somebody stands.

use std::fs;

use serde_json::{Value, json};

use crate::key::{github, password};
use crate::redact::silent;
use crate::sandbox::Sandbox;

/// UTF-16 without a byte order mark, the low byte first.
pub fn wide(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

#[test]
fn a_commit_and_a_range_are_looked_at_and_so_are_paths_of_them() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("ranges");
    let (first, second) = (github("first"), github("second"));
    repo.stage("README.md", "# Ranges\n").commit("chore: begin");
    repo.write("src/a.py", &format!("a = '{first}'\n")).write("src/b.py", &format!("b = '{second}'\n"));
    repo.git(&["add", "."]);
    repo.commit("feat: call both");
    let found = |args: &[&str], code: i32| {
        let done = repo.monster(&[&["redact", "scan"], args].concat()).done();
        silent(&done, &first);
        done.exits(code).stdout.lines().filter(|l| l.contains("(github-token)")).map(str::to_owned).collect::<Vec<_>>()
    };
    let both = ["src/a.py:1:6 GitHub token (github-token)", "src/b.py:1:6 GitHub token (github-token)"];
    assert_eq!(found(&["HEAD"], 1), both);
    assert_eq!(found(&["HEAD~1..HEAD"], 1), both);
    assert_eq!(found(&["HEAD~1..HEAD", "src"], 1), both);
    assert_eq!(found(&["HEAD", "src/b.py"], 1), both[1..]);
    assert_eq!(found(&["HEAD", "README.md", "./src/../src/a.py"], 1), both[..1]);
    assert!(found(&["HEAD", "src/b"], 0).is_empty(), "a piece of a name is another name");
    // Paths are read from where somebody stands.
    let mut there = sandbox.command(env!("CARGO_BIN_EXE_monster"), &repo.path().join("src"));
    let out = there.args(["redact", "scan", "HEAD", "a.py"]).output().unwrap();
    assert!(String::from_utf8_lossy(&out.stdout).starts_with("src/a.py:1:6"), "{out:?}");
    let told = |args: &[&str]| repo.monster(&[&["redact", "scan"], args].concat()).done().exits(2).all();
    insta::assert_snapshot!(
        "scan_nowhere",
        [
            told(&["../nofile"]),
            told(&["nofile"]),
            told(&["README.md", "HEAD"]),
            told(&["HEAD", "../outside"]),
            told(&["no..such"]),
        ]
        .join("\n")
    );
}

#[test]
fn standard_input_is_a_text_to_look_through() {
    let sandbox = Sandbox::new();
    let token = github("piped");
    let text = format!("10:00 started\n10:01 with {token}\n");
    let done = sandbox.monster(&["redact", "scan", "-"]).stdin(text.as_str()).done();
    silent(&done, &token);
    insta::assert_snapshot!("scan_stdin", done.exits(1).all());
    let json = sandbox.monster(&["redact", "scan", "-", "--json"]).stdin(text.as_str()).done().exits(1).json();
    let found = &json["findings"][0];
    assert_eq!((&found["in"], &found["line"]), (&json!("standard input"), &json!(2)), "{json:#}");
    sandbox.monster(&["redact", "scan", "-"]).stdin("nothing\n").done().ok();
    let broken = sandbox.monster(&["redact", "scan", "-"]).stdin(wide(&text)).done();
    assert!(broken.exits(1).stdout.contains("standard input:2:12 GitHub token"), "{}", broken.all());
}

/// What no host can place does not spoil what it can, and a run that saw only a part does not look clean.
#[test]
fn sarif_places_files_alone_and_says_whether_the_run_was_whole() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("sarif");
    let (token, said) = (github("file"), github("said"));
    repo.stage("a.py", &format!("a = '{token}'\n")).commit(&format!("feat: call with {said}"));
    let run = |args: &[&str], stdin: &str, code: i32| {
        let done = repo.monster(&[&["redact", "scan", "--sarif"], args].concat()).stdin(stdin).done();
        silent(&done, &said);
        done.exits(code).json()["runs"][0].clone()
    };
    let history = run(&["--history"], "", 1);
    let places: Vec<&Value> = history["results"].as_array().unwrap().iter().collect();
    assert_eq!(places.len(), 1, "{history:#}");
    assert_eq!(places[0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"], "a.py");
    let call = &history["invocations"][0];
    assert_eq!(call["executionSuccessful"], true);
    let told = call["toolExecutionNotifications"][0]["message"]["text"].as_str().unwrap();
    let commit = repo.git(&["rev-parse", "HEAD"]);
    let whole = format!("A secret stands in the commit message of {commit}, line 1: GitHub token (github-token)");
    assert_eq!(told, whole);
    let diff = "diff --git a/x.dat b/x.dat\nnew file mode 100644\nindex 0000000..1111111\nBinary files /dev/null and b/x.dat differ\n";
    let cut = run(&["--diff"], diff, 2);
    assert_eq!((&cut["invocations"][0]["executionSuccessful"], &cut["results"]), (&json!(false), &json!([])));
}

#[test]
fn flags_that_say_two_things_are_refused() {
    let sandbox = Sandbox::new();
    for args in [
        &["scan", "--jsonl", "--json"][..],
        &["scan", "--sarif", "--json"],
        &["scan", "--sarif", "--explain"],
        &["scan", "--jsonl", "--explain"],
        &["scan", "--staged", "--history"],
        &["scan", "--staged", "a.txt"],
        &["report", "--csv", "--json"],
        &["allow", "--list", "--for", "3"],
        &["allow", "--list", "--repo"],
        &["allow", "--list", "--reason", "x"],
        &["allow", "--remove", "123456", "--repo"],
        &["allow", "--remove", "123456", "--for", "3"],
        &["allow", "a.txt:1", "--list"],
    ] {
        let done = sandbox.monster(&[&["redact"], args].concat()).done();
        assert!(done.exits(2).all().contains("cannot be used with"), "{}", done.all());
    }
    let short = sandbox.monster(&["redact", "allow", "--remove", "12345"]).done();
    assert!(short.exits(2).stderr.contains("it takes 6 digits or more"), "{}", short.all());
}

#[test]
fn what_is_left_out_is_counted_by_its_reason() {
    let sandbox = Sandbox::new();
    sandbox.config("[redact.kinds]\nslack = \"off\"\n");
    let repo = sandbox.repo("reasons");
    let slack = ["xo", "xb-", "204816327685-204816327685-", &github("slack")[4..28]].concat();
    repo.write(
        "all.py",
        &format!(
            "a_password = '{}'\nb_password = '{}'  # monster:allow\nc = '{slack}'\nd = '{}'\n",
            // Somebody chose it: likely one, and not certain.
            "sunny-day7",
            password("b"),
            github("d")
        ),
    );
    let done = repo.monster(&["redact", "scan", "--strict"]).done();
    let sum = "1 secret in 1 text; left out: 1 allowed, 1 of a kind that is off, 1 not certain enough, see them with --explain";
    assert!(done.exits(1).stderr.starts_with(sum), "{}", done.all());
    let json = repo.monster(&["redact", "scan", "--strict", "--json"]).done().exits(1).json();
    let left =
        json!({ "binary": 0, "too_large": 0, "unreadable": 0, "allowed": 1, "switched_off": 1, "not_certain": 1 });
    assert_eq!(json["left_out"], left);
}

#[test]
fn a_place_is_allowed_as_it_was_printed_from_wherever_somebody_stands() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("below");
    let (word, said) = (password("below"), github("said below"));
    repo.stage("src/deep/db.py", &format!("password = '{word}'\n"));
    let deep = repo.path().join("src/deep");
    let monster = |args: &[&str]| {
        let out = sandbox.command(env!("CARGO_BIN_EXE_monster"), &deep).arg("redact").args(args).output().unwrap();
        let said = format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
        (out.status.code(), said)
    };
    let (code, printed) = monster(&["scan", "--staged"]);
    assert_eq!(code, Some(1));
    let place = printed.split(' ').next().unwrap();
    assert_eq!(place, "src/deep/db.py:1:13");
    let (code, told) = monster(&["allow", place]);
    assert_eq!(code, Some(0), "{told}");
    assert_eq!(monster(&["scan", "--staged"]).0, Some(0));
    // What stands in no file has no place; the hint says what works, and it does.
    repo.commit(&format!("feat: call with {said}"));
    let history = repo.monster(&["redact", "scan", "--history"]).done();
    insta::assert_snapshot!("scan_message", history.exits(1).all());
    repo.monster(&["redact", "allow"]).stdin(format!("{said}\n")).done().ok();
    repo.monster(&["redact", "scan", "--history"]).done().ok();
}

/// Waits until the process answers Ctrl-C itself.
#[cfg(target_os = "linux")]
fn answers(process: u32) {
    let patience = std::time::Instant::now();
    let caught = || {
        let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
        let mask = status.lines().find_map(|l| l.strip_prefix("SigCgt:")).unwrap_or_default().trim().to_owned();
        u64::from_str_radix(&mask, 16).is_ok_and(|mask| mask & 2 != 0)
    };
    while !caught() {
        assert!(patience.elapsed() < std::time::Duration::from_secs(60), "it never came to answer Ctrl-C");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn ctrl_c_while_a_text_streams_ends_it_with_whole_lines_alone() {
    use std::io::{BufRead, BufReader, Read, Write};
    use std::process::Stdio;
    let sandbox = Sandbox::new();
    let token = github("cut off");
    let mut command = sandbox.command(env!("CARGO_BIN_EXE_monster"), &sandbox.home());
    command.arg("redact").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let (mut to, mut from) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
    to.write_all(format!("10:00 with {token}\n10:01 and again {}", &token[..20]).as_bytes()).unwrap();
    let mut line = String::new();
    from.read_line(&mut line).unwrap();
    assert!(line.starts_with("10:00 with MSEC_github_"), "{line}");
    answers(child.id());
    let kill = std::process::Command::new("sh").args(["-c", &format!("kill -INT {}", child.id())]).status().unwrap();
    assert!(kill.success());
    // Nobody closed its input.
    let mut rest = String::new();
    from.read_to_string(&mut rest).unwrap();
    assert_eq!((child.wait().unwrap().code(), rest.as_str()), (Some(130), ""), "half a token is not printed");
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!(said, "interrupted\n");
}

#[cfg(target_os = "linux")]
#[test]
fn ctrl_c_in_a_long_history_tells_what_was_found_until_then() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("long");
    let mut stream = String::new();
    for n in 0..2_000 {
        let text = format!("line {n} of a long history, with token {}\n", github(&format!("long {n}"))).repeat(100);
        stream.push_str(&format!(
            "commit refs/heads/main\ncommitter Ada <ada@example.org> {} +0000\ndata 1\n.\nM 100644 inline f{n}.txt\ndata {}\n{text}\n",
            1_700_000_000 + n,
            text.len()
        ));
    }
    repo.any("git", &["fast-import", "--quiet"]).stdin(stream).done().ok();
    let running = repo.monster(&["redact", "scan", "--history", "--json"]).start();
    answers(running.id());
    running.signal("INT");
    let done = running.done(&sandbox);
    let json = done.exits(130).json();
    assert_eq!((&json["schema"], &json["complete"]), (&json!("monster.redact/1"), &json!(false)), "one whole value");
    let found = json["findings"].as_array().unwrap().len();
    assert!((1..2_000 * 100).contains(&found), "{found} were found");
    assert!(done.stderr.contains("interrupted; not everything was looked at"), "{}", done.stderr);
}
