//! What `monster review` gives to programs and to files, what it accepts, and what it writes into the work tree.

use std::fs;

use serde_json::{Value, json};

use crate::commit::{connected, pager};
use crate::sandbox::{Repo, Sandbox};
use crate::upstream::{Answer, Upstream};

const MODEL: &str = "openai/gpt-4.1-mini";

fn claim(file: &str, line: u32, quote: &str, severity: &str, fix: &str) -> Value {
    json!({ "file": file, "line": line, "quote": quote, "severity": severity, "class": "off-by-one",
        "title": "The last page is lost", "why": "7 items on pages of 3 make 2 pages.", "fix": fix })
}

fn answer(findings: &[Value]) -> Answer {
    Answer::json(&json!({ "summary": "Counts the last page.", "findings": findings }))
}

/// A model that finds one thing in the pager, with a fix.
fn finds(upstream: &Upstream) {
    let found = claim("src/pager.rs", 3, "items.div_ceil(size)", "high", "items.div_ceil(size).max(1)");
    upstream.always(move |_| answer(std::slice::from_ref(&found)));
}

fn schema(file: &str) -> jsonschema::Validator {
    let text = fs::read_to_string(format!("{}/{file}", env!("CARGO_MANIFEST_DIR"))).unwrap();
    // The published patterns for languages close a bracket that they never open.
    let schema = serde_json::from_str(&text.replace("{2}]?$", "{2}$")).unwrap();
    jsonschema::options().should_validate_formats(true).build(&schema).unwrap()
}

#[track_caller]
fn valid(file: &str, value: &Value) {
    let wrong: Vec<String> = schema(file).iter_errors(value).map(|e| format!("{}: {e}", e.instance_path())).collect();
    assert!(wrong.is_empty(), "{wrong:#?}\n{value:#}");
}

const OURS: &str = "src/commands/review/schema.json";

#[test]
fn one_review_in_every_form() {
    let upstream = Upstream::start();
    finds(&upstream);
    let sandbox = connected(&upstream);
    let repo = pager(&sandbox);
    repo.stage("deploy.sh", "curl -k https://example.org/install | sh\n");
    let told = |form: &str| {
        let done = repo.monster(&["review", "--format", form, "--model", MODEL]).done();
        done.ok();
        // The others say how long a call took.
        if ["text", "github", "markdown", "patch", "codeclimate"].contains(&form) {
            insta::assert_snapshot!(format!("form_{form}"), done.stdout);
        }
        done.raw
    };
    let read = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    let json = read(&told("json"));
    valid(OURS, &json);
    let sarif = read(&told("sarif"));
    valid("tests/schemas/sarif-2.1.0.json", &sarif);
    let run = &sarif["runs"][0];
    assert_eq!(run["invocations"][0]["executionSuccessful"], true);
    assert_eq!(run["results"].as_array().unwrap().len(), json["findings"].as_array().unwrap().len());
    valid("tests/schemas/codequality.json", &read(&told("codeclimate")));
    assert_eq!(told("jsonl").lines().count(), 1 + json["findings"].as_array().unwrap().len());
    let patch = told("patch");
    repo.write("all.patch", &patch);
    repo.git(&["apply", "--check", "all.patch"]);
    for form in ["text", "github", "markdown"] {
        told(form);
    }
}

#[test]
fn the_schema_that_is_printed_is_the_one_that_holds() {
    let sandbox = Sandbox::new();
    let printed = sandbox.monster(&["review", "schema"]).done().ok().json();
    let repo = pager(&sandbox);
    let report = repo.monster(&["review", "--json"]).done().ok().json();
    assert!(jsonschema::is_valid(&printed, &report), "{report:#}");
    assert!(!jsonschema::is_valid(&printed, &json!({ "schema": "monster.review/2" })));
}

#[test]
fn a_form_goes_into_a_file_and_the_text_stays_on_the_terminal() {
    let sandbox = Sandbox::new();
    let repo = pager(&sandbox);
    repo.stage("deploy.sh", "curl -k https://example.org/install | sh\n");
    let done = repo.monster(&["review", "--format", "sarif", "-o", "out.sarif"]).done();
    assert!(done.ok().stdout.contains("deploy.sh:1") && !done.stdout.contains("schemastore"), "{}", done.stdout);
    valid("tests/schemas/sarif-2.1.0.json", &serde_json::from_str(&repo.read("out.sarif")).unwrap());
    // JSON as the answer and another form in the file.
    let report = repo.monster(&["review", "--json", "--format", "markdown", "-o", "out.md"]).done().ok().json();
    assert_eq!(report["schema"], "monster.review/2");
    assert!(repo.read("out.md").starts_with("## Review of staged"));
    let both = repo.monster(&["review", "--format", "text", "-o", "out.txt"]).done();
    assert!(both.ok().stdout.contains("high     deploy.sh:1"), "the text stays: {}", both.all());
    assert!(repo.read("out.txt").contains("deploy.sh:1"));
    repo.monster(&["review", "--json", "--format", "sarif"]).done().exits(2);
    repo.monster(&["review", "-o", "out.sarif"]).done().exits(2);
    let nowhere = repo.monster(&["review", "--format", "json", "-o", "no/such/folder.json"]).done();
    assert!(nowhere.exits(1).stderr.contains("was not written"), "{}", nowhere.stderr);
}

#[cfg(unix)]
#[test]
fn a_file_is_replaced_whole_keeps_its_mode_and_no_link_is_followed() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let sandbox = Sandbox::new();
    let repo = pager(&sandbox);
    repo.write("out.json", "old").write("precious", "mine");
    fs::set_permissions(repo.path().join("out.json"), fs::Permissions::from_mode(0o640)).unwrap();
    repo.monster(&["review", "--staged", "--format", "json", "-o", "out.json"]).done().ok();
    assert_eq!(fs::metadata(repo.path().join("out.json")).unwrap().permissions().mode() & 0o777, 0o640);
    valid(OURS, &serde_json::from_str(&repo.read("out.json")).unwrap());
    symlink("precious", repo.path().join("link.json")).unwrap();
    let done = repo.monster(&["review", "--staged", "--format", "json", "-o", "link.json"]).done();
    assert!(done.exits(1).stderr.contains("is a symbolic link"), "{}", done.stderr);
    assert_eq!(repo.read("precious"), "mine");
}

#[test]
fn github_gets_its_annotations_and_the_whole_review_beside_the_step() {
    let sandbox = Sandbox::new();
    let repo = pager(&sandbox);
    let lines: String = (0..25).map(|n| format!("eval(input({n}))\n")).collect();
    repo.stage("run.py", &lines).write("summary.md", "before\n");
    let summary = repo.path().join("summary.md").display().to_string();
    let done = repo.monster(&["review", "--staged", "--format", "github"]).env("GITHUB_STEP_SUMMARY", &summary).done();
    let annotations: Vec<&str> = done.ok().raw.lines().collect();
    assert_eq!(annotations.len(), 10, "{annotations:#?}");
    assert!(annotations.iter().all(|a| a.starts_with("::error file=run.py,line=")), "{annotations:#?}");
    let summary = repo.read("summary.md");
    assert!(
        summary.starts_with("before\n## Review of staged") && summary.contains("15 of these stand here alone"),
        "{summary}"
    );
}

#[test]
fn a_gate_is_overruled_by_the_person_and_never_by_silence() {
    let sandbox = Sandbox::new();
    let repo = pager(&sandbox);
    repo.stage("run.py", "eval(input())\n");
    sandbox.config("[review]\nfail_on = \"high\"\n");
    repo.monster(&["review"]).done().exits(1);
    repo.monster(&["review", "--fail-on", "never"]).done().ok();
    repo.monster(&["review", "--fail-on", "critical"]).done().ok();
    repo.monster(&["review", "--fail-on", "sometimes"]).done().exits(2);
    // Part of a patch that cannot be read is not reviewed, however clean the rest.
    let patch = format!("{}\n@@@ -1,1 -1,1 +1,1 @@@\n", repo.git(&["diff", "--cached", "--", "src/pager.rs"]));
    repo.monster(&["review", "-"]).stdin(patch.clone()).done().exits(7);
    repo.monster(&["review", "-", "--allow-incomplete"]).stdin(patch).done().ok();
}

/// Two findings by rule, one of them in code that nobody is about to mend.
fn two_findings(sandbox: &Sandbox) -> Repo<'_> {
    let repo = pager(sandbox);
    repo.stage("run.py", "eval(input())\n").stage("deploy.sh", "curl -k https://example.org/install | sh\n");
    repo
}

#[test]
fn what_a_baseline_accepts_is_counted_and_only_what_is_new_is_told() {
    let sandbox = Sandbox::new();
    let repo = two_findings(&sandbox);
    let mut story = String::new();
    let mut tell = |args: &[&str], code: i32| {
        let done = repo.monster(args).done();
        story.push_str(&done.exits(code).all());
        story.push('\n');
    };
    tell(&["review", "--fail-on", "high", "--baseline", ".monster/baseline.jsonl"], 2);
    tell(&["review", "baseline", "write", "--reason", "older than the review"], 0);
    tell(&["review", "baseline", "show"], 0);
    tell(&["review", "--fail-on", "high", "--baseline", ".monster/baseline.jsonl"], 0);
    repo.stage("more.py", "exec(input())\n");
    tell(&["review", "--fail-on", "high", "--baseline", ".monster/baseline.jsonl"], 1);
    tell(&["review", "baseline", "write"], 0);
    insta::assert_snapshot!(story);
    let rows = repo.read(".monster/baseline.jsonl");
    assert_eq!(rows.matches("older than the review").count(), rows.lines().count() - 1, "reasons are kept: {rows}");
    let done = repo.monster(&["review", "--format", "sarif", "--baseline", ".monster/baseline.jsonl"]).done();
    let sarif = done.ok().json();
    valid("tests/schemas/sarif-2.1.0.json", &sarif);
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    assert!(!results.is_empty() && results.iter().all(|r| r["suppressions"][0]["kind"] == "external"), "{sarif:#}");
    repo.write("bad.jsonl", "{}\n");
    let bad = repo.monster(&["review", "--baseline", "bad.jsonl"]).done();
    assert!(bad.exits(1).stderr.contains("line 1 of the baseline"), "{}", bad.stderr);
}

#[test]
fn a_change_cannot_accept_itself() {
    let sandbox = Sandbox::new();
    let repo = two_findings(&sandbox);
    // Neither by a baseline that it brings along …
    repo.monster(&["review", "baseline", "write"]).done().ok();
    repo.git(&["add", ".monster"]);
    let gate = ["review", "--staged", "--fail-on", "high", "--baseline", ".monster/baseline.jsonl"];
    let done = repo.monster(&gate).done();
    assert!(done.exits(1).stderr.contains("read as it was before"), "{}", done.stderr);
    // … nor by rules of its own.
    repo.stage(".monster/ignore", "** * all of it\n");
    let done = repo.monster(&gate).done();
    assert!(done.exits(1).stderr.contains("holds from the next change on"), "{}", done.stderr);
    assert!(!done.stdout.contains("suppressed"));
}

#[test]
fn a_repository_accepts_by_paths_and_class_with_a_reason() {
    let sandbox = Sandbox::new();
    let repo = pager(&sandbox);
    let rules = "# What we live with\nrun.py code-injection a calculator for ourselves\n*.sh pipe-to-shell\n";
    repo.stage(".monster/ignore", rules).commit("chore: say what is accepted");
    repo.stage("run.py", "eval(input())\n").stage("deploy.sh", "curl -k https://example.org/install | sh\n");
    let done = repo.monster(&["review", "--json"]).done();
    let report = done.ok().json();
    valid(OURS, &report);
    assert_eq!(
        report["suppressed"][0]["suppressed"],
        json!({ "by": ".monster/ignore:2", "reason": "a calculator for ourselves" }),
        "{report:#}"
    );
    let files: Vec<&str> = report["findings"].as_array().unwrap().iter().map(|f| f["file"].as_str().unwrap()).collect();
    assert!(
        files.contains(&"deploy.sh") && !files.contains(&"run.py"),
        "a line without a reason binds nobody: {files:?}"
    );
    assert!(done.stderr.contains(".monster/ignore:3 gives no reason"), "{}", done.stderr);
}

/// The id of the one finding of the model.
fn id(repo: &Repo<'_>, flags: &[&str]) -> String {
    let all = [&["review", "--json", "--model", MODEL], flags].concat();
    let report = repo.monster(&all).done().ok().json();
    report["findings"].as_array().unwrap().iter().find(|f| f["source"] == "model").unwrap()["id"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[test]
fn a_suggestion_is_applied_to_the_work_tree_and_to_nothing_else() {
    let upstream = Upstream::start();
    finds(&upstream);
    let sandbox = connected(&upstream);
    let repo = pager(&sandbox);
    repo.write("other.txt", "mine\n");
    let id = id(&repo, &[]);
    let index = fs::read(repo.path().join(".git/index")).unwrap();
    let refs = repo.git(&["show-ref"]);
    let done = repo.monster(&["review", "--fail-on", "high", "--apply", &id, "--model", MODEL]).done();
    // What was applied is no reason to fail any more.
    insta::assert_snapshot!(done.ok().all());
    assert!(repo.read("src/pager.rs").contains("    items.div_ceil(size).max(1)\n"), "{}", repo.read("src/pager.rs"));
    assert_eq!(fs::read(repo.path().join(".git/index")).unwrap(), index, "nothing is staged");
    assert_eq!(repo.git(&["show-ref"]), refs);
    assert_eq!(repo.git(&["status", "--porcelain"]), "MM src/pager.rs\n?? other.txt");
    let again = repo.monster(&["review", "--staged", "--apply", &id, "--model", MODEL]).done();
    assert!(again.exits(1).stderr.contains("does not hold what was reviewed"), "{}", again.stderr);
    let unknown = repo.monster(&["review", "--staged", "--apply", "0000000000", "--model", MODEL]).done();
    assert!(unknown.exits(1).stderr.contains("is not in this review"), "{}", unknown.stderr);
}

#[cfg(unix)]
#[test]
fn an_applied_file_keeps_its_mode_and_its_line_ends_and_no_link_is_followed() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let upstream = Upstream::start();
    finds(&upstream);
    let sandbox = connected(&upstream);
    let repo = pager(&sandbox);
    let file = repo.path().join("src/pager.rs");
    // As git would check it out where it is told to turn line ends.
    let windows = repo.read("src/pager.rs").replace('\n', "\r\n");
    repo.git(&["config", "core.autocrlf", "true"]);
    repo.write("src/pager.rs", &windows);
    fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
    let id = id(&repo, &["--staged"]);
    let apply = ["review", "--staged", "--apply", &id, "--model", MODEL];
    repo.monster(&apply).done().ok();
    let after = repo.read("src/pager.rs");
    assert_eq!(after, windows.replace("items.div_ceil(size)", "items.div_ceil(size).max(1)"));
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o755);
    // The same file, reached by a folder that is a link.
    repo.write("src/pager.rs", &windows);
    fs::rename(repo.path().join("src"), repo.path().join("real")).unwrap();
    symlink("real", repo.path().join("src")).unwrap();
    let done = repo.monster(&apply).done();
    assert!(done.exits(1).stderr.contains("a link leads to it"), "{}", done.stderr);
    assert_eq!(repo.read("real/pager.rs"), windows);
}

#[test]
fn two_suggestions_are_applied_together_or_not_at_all() {
    let upstream = Upstream::start();
    let sandbox = connected(&upstream);
    let repo = sandbox.repo("two");
    repo.history(&[("docs: begin", "README.md", "# Two\n")]);
    let code: String = (0..30).map(|n| format!("pub fn f{n}(x: u64) -> u64 {{ x + {n} }}\n")).collect();
    repo.stage("src/a.rs", &code).stage("src/b.rs", &code);
    let fix = |n: usize| format!("pub fn f{n}(x: u64) -> u64 {{ x.wrapping_add({n}) }}");
    let line = |n: usize| format!("pub fn f{n}(x: u64) -> u64 {{ x + {n} }}");
    upstream.always(move |_| {
        let one = |file: &str, n: usize| claim(file, u32::try_from(n + 1).unwrap(), &line(n), "high", &fix(n));
        answer(&[one("F1", 2), one("F1", 12), one("F1", 25), one("F2", 12)])
    });
    let report = repo.monster(&["review", "--json", "--model", MODEL]).done().ok().json();
    let ids: Vec<String> =
        report["findings"].as_array().unwrap().iter().map(|f| f["id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(ids.len(), 4, "{report:#}");
    let missing = format!("{},{},0000000000", ids[0], ids[1]);
    repo.monster(&["review", "--apply", &missing, "--model", MODEL]).done().exits(1);
    assert_eq!(repo.git(&["diff", "--stat"]), "", "one of them is missing, so none was applied");
    let patch = repo.monster(&["review", "--format", "patch", "--model", MODEL]).done();
    repo.write("all.patch", &patch.ok().raw);
    repo.git(&["apply", "all.patch"]);
    let by_git = [repo.read("src/a.rs"), repo.read("src/b.rs")];
    assert_eq!(by_git.iter().map(|t| t.matches("wrapping_add").count()).sum::<usize>(), 4);
    repo.git(&["checkout", "-q", "--", "src"]);
    let all = repo.monster(&["review", "--json", "--apply", &ids.join(","), "--model", MODEL]).done().ok().json();
    assert_eq!(all["applied"].as_array().unwrap().len(), 4, "{all:#}");
    assert_eq!([repo.read("src/a.rs"), repo.read("src/b.rs")], by_git, "as git applies them");
}

#[test]
fn a_dry_run_says_what_there_would_be_and_asks_nobody() {
    let upstream = Upstream::start();
    let sandbox = connected(&upstream);
    let repo = pager(&sandbox);
    repo.stage("logo.png", "\u{0}\u{1}\u{2}binary");
    let done = repo.monster(&["review", "--dry-run", "--model", MODEL]).done();
    insta::assert_snapshot!(done.ok().all());
    let plan = repo.monster(&["review", "--dry-run", "--json", "--model", MODEL]).done().ok().json();
    assert_eq!(plan["schema"], "monster.review.plan/1");
    assert_eq!(plan["requests"].as_array().unwrap().len(), 1, "{plan:#}");
    assert!(plan["most_nano_usd"].as_u64().unwrap() > 0 && plan["tokens"].as_u64().unwrap() > 100, "{plan:#}");
    assert!(upstream.calls().is_empty());
    let kept = repo.monster(&["history", "--json"]).done().ok().json();
    assert_eq!(kept["requests"], json!([]), "nothing was asked, so nothing is kept");
    let offline = repo.monster(&["review", "--dry-run", "--offline"]).done();
    assert!(offline.ok().stdout.contains("no request: monster's own rules alone"), "{}", offline.stdout);
    repo.monster(&["review", "--dry-run", "--format", "json", "-o", "x.json"]).done().exits(2);
}

#[test]
fn a_large_change_is_planned_as_it_is_asked() {
    let upstream = Upstream::start();
    upstream.always(|_| answer(&[]));
    let sandbox = connected(&upstream);
    sandbox.config("[review]\nmax_bytes = 20000\n");
    let repo = sandbox.repo("wide");
    repo.history(&[("docs: begin", "README.md", "# Wide\n")]);
    for n in 0..20 {
        let body: String =
            (0..60).map(|line| format!("pub fn f{n}_{line}(x: u64) -> u64 {{ x + {line} }}\n")).collect();
        repo.stage(&format!("src/m{n}.rs"), &body);
    }
    let plan = repo.monster(&["review", "--dry-run", "--json", "--model", MODEL]).done().ok().json();
    repo.monster(&["review", "--json", "--model", MODEL]).done().ok();
    let calls = upstream.calls();
    assert!(calls.len() > 2);
    assert_eq!(plan["requests"].as_array().unwrap().len(), calls.len(), "{plan:#}");
}

#[test]
fn a_dash_is_standard_output_and_no_file() {
    let sandbox = Sandbox::new();
    let repo = pager(&sandbox);
    let done = repo.monster(&["review", "--offline", "--format", "json", "-o", "-"]).done();
    assert_eq!(done.ok().json()["schema"], "monster.review/2");
    assert!(!repo.path().join("-").exists());
}

#[test]
fn a_suggestion_beside_a_secret_is_shown_in_no_form_and_applied_all_the_same() {
    let upstream = Upstream::start();
    upstream.always(|_| answer(&[claim("F1", 2, "a = items / size", "high", "a = items // size")]));
    let sandbox = connected(&upstream);
    let repo = sandbox.repo("keys");
    let key = sandbox.key("anthropic");
    repo.stage("conf.py", &format!("token = \"{key}\"\n")).commit("feat: conf");
    repo.stage("conf.py", &format!("token = \"{key}\"\na = items / size\n"));
    for form in ["text", "json", "jsonl", "sarif", "github", "markdown", "patch", "codeclimate"] {
        let done = repo.monster(&["review", "--format", form, "--model", MODEL]).done();
        assert!(!done.ok().all().contains(&key) && !done.raw.contains(&key), "{form}: {}", done.all());
        assert!(!done.raw.contains("items // size"), "{form}: {}", done.all());
    }
    let text = repo.monster(&["review", "--model", MODEL]).done();
    assert!(text.ok().stdout.contains("1 suggestion not shown, as lines of a secret"), "{}", text.stdout);
    let id = id(&repo, &[]);
    let report = repo.monster(&["review", "--json", "--apply", &id, "--model", MODEL]).done().ok().json();
    valid(OURS, &report);
    assert_eq!((&report["applied"], &report["second_look"]["veiled"]), (&json!([id]), &json!([id])), "{report:#}");
    assert_eq!(repo.read("conf.py"), format!("token = \"{key}\"\na = items // size\n"));
}

#[test]
fn a_fix_in_a_file_of_two_line_ends_keeps_those_of_its_line() {
    let upstream = Upstream::start();
    upstream.always(|_| answer(&[claim("F1", 4, "a = items / size", "high", "a = items // size")]));
    let sandbox = connected(&upstream);
    let repo = sandbox.repo("ends");
    repo.git(&["config", "core.autocrlf", "false"]);
    let text = |own: &str, sign: &str| format!("x = 1\r\ny = 2\nz = 3\r\na = items {sign} size{own}b = 4\r\n");
    for own in ["\n", "\r\n"] {
        repo.stage("ends.py", &text(own, "/"));
        let id = id(&repo, &[]);
        repo.monster(&["review", "--apply", &id, "--model", MODEL]).done().ok();
        assert_eq!(repo.read("ends.py"), text(own, "//"));
    }
}

#[test]
fn markdown_says_what_the_text_says_of_a_review_s_limits() {
    let upstream = Upstream::start();
    upstream.always(|_| {
        let fix = |line: u32, quote: &str, fix: &str| claim("F1", line, quote, "high", fix);
        answer(&[fix(3, "items.div_ceil(size)", "MSEC_x"), fix(9, "nothing like this()", "")])
    });
    let sandbox = connected(&upstream);
    let repo = pager(&sandbox);
    let page = repo.monster(&["review", "--format", "markdown", "--model", MODEL]).done().ok().raw.clone();
    for said in ["1 fix was not seen to apply", "1 claim did not hold", "not looked at a second time"] {
        assert!(page.contains(said), "{said}\n{page}");
    }
}

#[test]
fn five_thousand_findings_end_in_seconds() {
    let mut sandbox = Sandbox::new();
    sandbox.set("MONSTER_REVIEW_CACHE", "true");
    let repo = sandbox.repo("many");
    repo.history(&[("docs: begin", "README.md", "# Many\n")]);
    let code: String = (0..5_000).map(|n| format!("    os.system(\"x{n} \" + x)\n")).collect();
    repo.stage("many.py", &format!("import os\n\n\ndef run(x):\n{code}"));
    let begun = std::time::Instant::now();
    let report = repo.monster(&["review", "--offline", "--json"]).done().ok().json();
    assert!(report["findings"].as_array().unwrap().len() >= 5_000);
    let write = || repo.monster(&["review", "baseline", "write", "--offline"]).done().ok().stdout.clone();
    assert!(write().contains("0 kept"));
    assert!(write().contains("0 new"));
    let baseline = ["review", "--staged", "--offline", "--json", "--baseline", ".monster/baseline.jsonl"];
    assert_eq!(repo.monster(&baseline).done().ok().json()["findings"], json!([]));
    let again = repo.monster(&["review", "--staged", "--offline", "--json", "--since-last"]).done().ok().json();
    assert_eq!(again["since_last"]["new"], json!([]));
    assert!(begun.elapsed().as_secs() < 60, "{:?}", begun.elapsed());
}

#[test]
fn what_cannot_be_read_or_written_is_found_out_before_anybody_is_asked() {
    let upstream = Upstream::start();
    finds(&upstream);
    let sandbox = connected(&upstream);
    let repo = pager(&sandbox);
    let run = |more: &[&str]| repo.monster(&[&["review", "--model", MODEL], more].concat()).done();
    assert!(run(&["--baseline", "nothing.jsonl"]).exits(2).stderr.contains("nothing.jsonl cannot be read"));
    run(&["--baseline", "src"]).exits(1);
    let folder = run(&["--format", "sarif", "-o", "src"]);
    assert!(folder.exits(1).stderr.contains("is a folder"), "{}", folder.stderr);
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("README.md", repo.path().join("link.sarif")).unwrap();
        let link = run(&["--format", "sarif", "-o", "link.sarif"]);
        assert!(link.exits(1).stderr.contains("is a symbolic link"), "{}", link.stderr);
    }
    assert!(upstream.calls().is_empty());
}

#[test]
fn where_json_is_the_form_a_failure_is_json_too() {
    let sandbox = Sandbox::new();
    let repo = pager(&sandbox);
    let done = repo.monster(&["review", "nowhere", "--offline", "--format", "json"]).done();
    let error = done.exits(2).json();
    assert_eq!((&error["schema"], &error["exit"]), (&json!("monster.error/1"), &json!(2)), "{error:#}");
    assert!(!done.stderr.is_empty(), "and people read it, too");
    let inside = repo.monster(&["review", "nowhere", "--offline", "--json"]).done();
    assert_eq!(inside.exits(2).json(), error, "once, and the same");
}
