//! `monster commit` of changes that no single request holds, and of locked versions.

use serde_json::json;

use crate::commit::connected;
use crate::sandbox::Repo;
use crate::upstream::{Answer, Upstream};

/// 2,000 edited files, one of 80,000 lines, 300 renames; and the paths of all of them.
fn large(repo: &Repo<'_>) -> Vec<String> {
    let mut paths = Vec::new();
    for n in 0..2_000 {
        paths.push(format!("src/m{}/f{n}.rs", n % 50));
        repo.write(&paths[n], "pub fn old() {}\n");
    }
    for n in 0..300 {
        repo.write(&format!("old/r{n}.rs"), &format!("pub fn moved{n}() -> u64 {{\n    {n}\n}}\n"));
    }
    repo.git(&["add", "-A"]);
    repo.git(&["commit", "-q", "-m", "feat: begin"]);
    for path in &paths {
        let name = path.rsplit('/').next().unwrap().trim_end_matches(".rs");
        repo.write(path, &format!("pub fn new_{name}() {{}}\n"));
    }
    repo.write("src/big.rs", &(0..80_000).map(|n| format!("let value{n} = {n};\n")).collect::<String>());
    repo.git(&["mv", "old", "new"]);
    repo.git(&["add", "-A"]);
    paths.push("src/big.rs".to_owned());
    paths.extend((0..300).map(|n| format!("new/r{n}.rs")));
    paths
}

#[test]
fn a_large_change_takes_at_most_eight_requests_and_every_file_is_in_one() {
    let upstream = Upstream::start();
    upstream.always(|call| {
        if call.prompt().contains("A part of a larger change") {
            Answer::json(&json!({ "summary": "renames old to new in many modules" }))
        } else {
            Answer::json(&json!({ "type": "refactor", "scope": "", "subject": "rename old everywhere", "body": "" }))
        }
    });
    let sandbox = connected(&upstream);
    let repo = sandbox.repo("large");
    let paths = large(&repo);
    let done = repo.monster(&["commit", "--model", "openai/gpt-4.1-mini"]).done();
    let said = done.ok().stdout.trim_end();
    assert!(said.ends_with("rename old everywhere"), "{said}: {}", done.stderr);
    let calls = upstream.calls();
    assert!((2..=8).contains(&calls.len()), "{} requests", calls.len());
    let told: String = calls.iter().map(|call| call.prompt()).collect();
    for path in paths {
        assert!(told.contains(&path), "{path} is told nowhere");
    }
    assert!(told.contains("+let value0 = 0;"), "the file of 80,000 lines is shown in part");
    let last = calls.last().unwrap().prompt();
    assert!(last.contains("renames old to new in many modules"), "the summaries are in the last request");
}

#[test]
fn locked_versions_alone_are_named_by_the_rules_and_sent_only_when_words_are_wanted() {
    let upstream = Upstream::start();
    let sandbox = connected(&upstream);
    let repo = sandbox.repo("locked");
    repo.history(&[("feat: begin", "README.md", "# Locked\n"), ("feat: go on", "README.md", "# Locked up\n")]);
    let locked = |version: &str| {
        let packages: String = (0..30)
            .map(|n| format!("[[package]]\nname = \"{}\"\nversion = \"{version}\"\n\n", format!("p{n:02}").repeat(66)))
            .collect();
        format!("version = 4\n\n{packages}")
    };
    repo.stage("Cargo.lock", &locked("1.0.0"));
    repo.git(&["commit", "-q", "-m", "feat: lock"]);
    repo.stage("Cargo.lock", &locked("1.1.0"));
    let name = "p00".repeat(66);
    repo.monster(&["commit", "-y", "--model", "openai/gpt-4.1-mini"]).done().ok();
    let told = repo.message();
    assert_eq!(told.lines().next().unwrap(), "build: bump 30 packages", "no name is cut");
    assert_eq!(told.lines().count(), 2 + 12 + 1, "twelve are listed, the others counted: {told}");
    assert!(told.ends_with("\n- and 18 more packages"), "{told}");
    assert!(upstream.calls().is_empty(), "names and versions need no model");

    repo.stage("Cargo.lock", &locked("1.2.0"));
    upstream.next(Answer::json(
        &json!({ "type": "feat", "scope": "", "subject": "bump all packages at once", "body": "" }),
    ));
    let done = repo.monster(&["commit", "-i", "monthly bump", "--model", "openai/gpt-4.1-mini"]).done();
    let told = done.ok().stdout.trim_end();
    assert_eq!(told.lines().next(), Some("build: bump all packages at once"), "never a feature");
    assert!(told.lines().count() == 2 + 12 + 1 && told.ends_with("\n- and 18 more packages"), "{told}");
    let body = upstream.only().body.to_string();
    assert!(body.len() < 4_096, "{} bytes were sent", body.len());
    assert!(body.contains(&name), "the first package is told by its whole name");
}

#[test]
fn locked_versions_keep_their_names_in_words_of_a_model() {
    let upstream = Upstream::start();
    let sandbox = connected(&upstream);
    let repo = sandbox.repo("named");
    let locked = |serde: &str, rand: &str| {
        let one = |name: &str, version: &str| format!("[[package]]\nname = \"{name}\"\nversion = \"{version}\"\n\n");
        format!("version = 4\n\n{}{}", one("rand", rand), one("serde", serde))
    };
    repo.history(&[("feat: begin", "README.md", "# A\n"), ("feat: lock", "Cargo.lock", &locked("1.0.1", "0.8.5"))]);
    let said = |subject: &str, body: &str, flags: &[&str]| {
        let answer = Answer::json(&json!({ "type": "build", "scope": "", "subject": subject, "body": body }));
        upstream.next(answer);
        let done = repo.monster(&[&["commit", "--model", "openai/gpt-4.1-mini"], flags].concat()).done();
        done.ok().stdout.trim_end().to_owned()
    };
    let intent = ["-i", "take the mended parser"];
    repo.stage("Cargo.lock", &locked("1.0.2", "0.8.5"));
    assert_eq!(
        said("take the mended parser", "", &intent),
        "build: bump serde 1.0.1 → 1.0.2\n\nTake the mended parser."
    );
    assert_eq!(
        said("take the mended parser of serde", "", &intent),
        "build: take the mended parser of serde\n\n- bump serde 1.0.1 → 1.0.2"
    );
    assert_eq!(
        said("take serde 1.0.2 for its mended parser", "", &intent),
        "build: take serde 1.0.2 for its mended parser"
    );
    assert_eq!(
        said("update dependencies", "The parser is mended.", &["--body", "always"]),
        "build: bump serde 1.0.1 → 1.0.2\n\nThe parser is mended."
    );
    assert_eq!(
        said("take the mended parser", "", &[&intent[..], &["--body", "never"]].concat()),
        "build: bump serde 1.0.1 → 1.0.2"
    );
    assert_eq!(
        said("den Parser erneuern", "", &["--lang", "German"]),
        "build: den Parser erneuern\n\n- bump serde 1.0.1 → 1.0.2"
    );
    repo.stage("Cargo.lock", &locked("1.0.2", "0.9.0"));
    assert_eq!(
        said("take the mended parser of serde", "", &intent),
        "build: take the mended parser of serde\n\n- bump rand 0.8.5 → 0.9.0\n- bump serde 1.0.1 → 1.0.2"
    );
}

#[test]
fn a_weak_model_is_asked_for_the_subject_alone_and_rules_say_the_rest() {
    let upstream = Upstream::start();
    upstream.next(Answer::json(&json!({ "subject": "Count the last page" })));
    let sandbox = connected(&upstream);
    let repo = crate::commit::pager(&sandbox);
    repo.git(&["checkout", "-q", "-b", "fix/last-page"]);
    let done = repo.monster(&["commit", "--model", "openrouter/qwen/qwen2.5-coder-1.5b-instruct"]).done();
    assert_eq!(done.ok().stdout.trim_end(), "fix(pager): count the last page");
    let asked = upstream.only().body.to_string();
    assert!(!asked.contains("\"scope\"") && asked.contains("items.div_ceil(size)"), "{asked}");
}

#[test]
fn a_body_that_must_stand_is_the_rules_where_a_weak_model_says_the_subject_alone() {
    let upstream = Upstream::start();
    upstream.next(Answer::json(&json!({ "subject": "Count the last page" })));
    let sandbox = connected(&upstream);
    let repo = crate::commit::pager(&sandbox);
    repo.git(&["checkout", "-q", "-b", "fix/last-page"]);
    let flags = ["commit", "--body", "always", "--model", "openrouter/qwen/qwen2.5-coder-1.5b-instruct"];
    let done = repo.monster(&flags).done();
    let (subject, body) = done.ok().stdout.trim_end().split_once("\n\n").unwrap();
    assert_eq!(subject, "fix(pager): count the last page");
    assert!(body.contains("pager.rs"), "{body}");
    assert!(!done.stderr.contains("monster's own rules"), "{}", done.stderr);
    assert_eq!(upstream.calls().len(), 1);
}
