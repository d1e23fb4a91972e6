//! Repositories that mean harm, that are not whole, and that change under our hands.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;

use crate::commit::connected;
use crate::sandbox::{Repo, Sandbox};
use crate::upstream::{Answer, Upstream};

/// Every command that reads a repository, with what is piped into it; each must leave the repository as it was.
fn reading<'m>(message_file: &'m str, finished: &'m str) -> Vec<(Vec<&'m str>, Option<&'static str>)> {
    let plain = |words: &[&'static str]| (words.to_vec(), None);
    vec![
        plain(&["commit", "--offline", "--dry-run"]),
        plain(&["commit", "--offline", "--dry-run", "-a"]),
        plain(&["commit", "--offline", "--dry-run", "--amend"]),
        plain(&["commit", "--offline", "--dry-run", "--", "a"]),
        plain(&["review", "--offline"]),
        plain(&["review", "--offline", "--staged", "--json"]),
        plain(&["review", "--offline", "--worktree"]),
        plain(&["review", "--offline", "--untracked"]),
        plain(&["review", "--offline", "HEAD"]),
        plain(&["review", "--offline", "HEAD~1.."]),
        plain(&["review", "--offline", "other...HEAD"]),
        plain(&["review", "--offline", "--base", "other"]),
        (vec!["review", "--offline", "-"], Some(PATCH)),
        plain(&["hook", "status"]),
        plain(&["doctor", "--json"]),
        plain(&["redact", "scan"]),
        plain(&["redact", "scan", "--history"]),
        (vec!["redact", "scan", "--diff"], Some(PATCH)),
        plain(&["config", "list"]),
        plain(&["history"]),
        plain(&["cost"]),
        (vec!["hook", "run", "prepare-commit-msg", message_file], None),
        (vec!["hook", "run", "commit-msg", finished], None),
        plain(&["hook", "run", "pre-commit"]),
        (vec!["hook", "run", "pre-push", "far", "url"], Some("refs/heads/main HEAD refs/heads/main 000\n")),
        (vec!["hook", "run", "pre-push", "far", "url"], Some("refs/heads/main HEAD refs/heads/main HEAD~2\n")),
    ]
}

const PATCH: &str = "diff --git a/a b/a\n--- a/a\n+++ b/a\n@@ -1 +1 @@\n-1\n+2\n";

/// Everything below a folder: kinds, modes, content, targets.
fn picture(root: &Path) -> BTreeMap<String, String> {
    let mut out = BTreeMap::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().flatten() {
            let (path, meta) = (entry.path(), entry.path().symlink_metadata().unwrap());
            let held = if meta.is_dir() {
                folders.push(path.clone());
                String::new()
            } else if meta.is_symlink() {
                format!("{:?}", fs::read_link(&path).unwrap())
            } else if meta.is_file() {
                format!("{:?}", fs::read(&path).unwrap())
            } else {
                String::new()
            };
            out.insert(format!("{path:?}"), format!("{:?} {:?} {held}", meta.file_type(), meta.permissions()));
        }
    }
    out
}

/// A repository whose every setting that could start a program starts one that leaves a mark.
fn trapped<'s>(sandbox: &'s Sandbox, name: &str) -> Repo<'s> {
    let repo = sandbox.repo(name);
    let trap = repo.path().join(".git/trap.sh");
    fs::write(&trap, "#!/bin/sh\necho \"$0 $*\" >> \"$(dirname \"$0\")/sprung\"\nexit 1\n").unwrap();
    executable(&trap);
    repo.write(".gitattributes", "* filter=evil diff=evil\n*.odd filter=a=b.c\n*.lfs filter=lfs\n");
    for (name, subject) in [("a", "feat: one"), ("b.odd", "fix: two")] {
        repo.git(&["switch", "-q", "-C", "main"]);
        repo.write(name, "1\n").write("c.lfs", name).git(&["add", "-A"]);
        repo.commit(subject);
        repo.git(&["branch", "-f", "other", "HEAD"]);
    }
    repo.write("a", "1\n2\n").git(&["add", "-A"]);
    repo.commit("feat: three");
    repo.write("a", "1\n2\n3\n").git(&["add", "-A"]);
    repo.write("a", "1\n2\n3\n4\n").write("b.odd", "2\n").write("c.lfs", "other");
    repo.write(".env", "OPENAI_BASE_URL=http://127.0.0.1:9\nOPENAI_API_KEY=planted\n");
    let missing = repo.git(&["rev-parse", "HEAD:b.odd"]);
    fs::remove_file(repo.path().join(format!(".git/objects/{}/{}", &missing[..2], &missing[2..]))).unwrap();
    for hook in [
        "pre-commit",
        "prepare-commit-msg",
        "commit-msg",
        "post-commit",
        "post-index-change",
        "reference-transaction",
        "pre-auto-gc",
        "post-checkout",
        "fsmonitor-watchman",
    ] {
        let path = repo.path().join(".git/hooks").join(hook);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::copy(&trap, &path).unwrap();
        executable(&path);
    }
    let trap = trap.display().to_string();
    let (alias, ext) = (format!("!{trap}"), format!("ext::{trap}"));
    let sha256 = repo.git(&["rev-parse", "--show-object-format"]) == "sha256";
    let mut settings = vec![
        ("filter.evil.clean", trap.as_str()),
        ("filter.evil.smudge", &trap),
        ("filter.evil.process", &trap),
        ("filter.evil.required", "true"),
        ("filter.a=b.c.clean", &trap),
        ("filter.a=b.c.process", &trap),
        ("filter.lfs.process", &trap),
        ("diff.external", &trap),
        ("diff.evil.command", &trap),
        ("diff.evil.textconv", &trap),
        ("core.fsmonitor", &trap),
        ("core.pager", &trap),
        ("core.editor", &trap),
        ("core.sshCommand", &trap),
        ("core.askPass", &trap),
        ("core.alternateRefsCommand", &trap),
        ("credential.helper", &alias),
        ("gpg.program", &trap),
        ("log.showSignature", "true"),
        ("alias.diff", &alias),
        ("alias.log", &alias),
        ("remote.far.url", &ext),
        ("remote.far.promisor", "true"),
        ("remote.far.partialclonefilter", "blob:none"),
        ("protocol.ext.allow", "always"),
        ("extensions.partialClone", "far"),
    ];
    if !sha256 {
        settings.push(("core.repositoryFormatVersion", "1"));
    }
    for (key, value) in settings {
        repo.git(&["config", key, value]);
    }
    repo
}

fn executable(path: &Path) {
    crate::program::runnable(path);
}

#[test]
fn nothing_that_a_repository_names_is_started_and_nothing_of_it_is_written() {
    for format in ["sha1", "sha256"] {
        let mut sandbox = Sandbox::new();
        sandbox.set("GIT_DEFAULT_HASH", format);
        let repo = trapped(&sandbox, "trapped");
        let sprung = || fs::read_to_string(repo.path().join(".git/sprung")).unwrap_or_default();
        assert_eq!(sprung(), "", "{format}: nothing has run yet");
        let message = sandbox.home().join("MSG");
        fs::write(&message, "\n# Please enter the commit message.\n").unwrap();
        let finished = sandbox.home().join("FINISHED");
        fs::write(&finished, "feat: four\n").unwrap();
        let (message, finished) = (message.display().to_string(), finished.display().to_string());
        let before = picture(repo.path());
        for (words, piped) in reading(&message, &finished) {
            let run = repo.monster(&words).env("MONSTER_OFFLINE", "true");
            let done = if let Some(piped) = piped { run.stdin(piped).done() } else { run.done() };
            assert_eq!(sprung(), "", "{format}: {}", done.all());
            let after = picture(repo.path());
            for (path, held) in &after {
                assert_eq!(before.get(path), Some(held), "{format}: {path} was written by {}", done.all());
            }
            assert_eq!(before.len(), after.len(), "{format}: something is gone after {}", done.all());
            // A code of the table, and none of a defect or of a command line that does not exist; of a repository with
            // extensions a whole history is not looked through.
            let unlooked = words.contains(&"--history");
            let mistaken = done.all().contains("exit 2\n") && !unlooked;
            assert!(!done.all().contains("exit 70") && !mistaken, "{format}: {}", done.all());
        }
        // What stands there is moved and not run, and comes back as it was.
        repo.monster(&["hook", "install", "--all"]).done().ok();
        repo.monster(&["hook", "status"]).done().ok();
        repo.monster(&["hook", "uninstall"]).done().ok();
        assert_eq!(sprung(), "", "{format}: installing runs nothing");
        assert_eq!(before, picture(repo.path()), "{format}: all is as it was");
        // The trap is one: git itself walks into it.
        drop(repo.command("git").arg("status").output().unwrap());
        assert_ne!(sprung(), "", "{format}: the trap does not work");
    }
}

#[test]
fn names_that_steer_terminals_and_end_lines_do_neither() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("odd");
    repo.history(&[("docs: begin", "README.md", "# A\n")]);
    for name in
        ["new\nSigned-off-by: Mallory", "\u{1b}[31mred\u{1b}]0;owned\u{7}.rs", "\u{202e}cod.exe", "tab\tbed", "-rf"]
    {
        repo.write(name, "const X: u8 = todo!();\n");
    }
    repo.git(&["add", "-A"]);
    let review = repo.monster(&["review", "--offline", "--all"]).done();
    let commit = repo.monster(&["commit", "--offline", "--dry-run", "--body", "always"]).done();
    for said in [review.ok(), commit.ok()] {
        let all = said.all();
        assert!(!all.contains(['\u{1b}', '\u{7}', '\u{202e}', '\t']), "{all:?}");
        assert!(!all.lines().any(|l| l.starts_with("Signed-off-by")), "{all}");
    }
    let upstream = Upstream::start();
    upstream.next(Answer::json(&json!({ "type": "feat", "scope": "", "subject": "add odd files", "body": "" })));
    let sandbox = connected(&upstream);
    let repo = sandbox.repo("asked");
    repo.history(&[("docs: begin", "README.md", "# A\n")]);
    repo.stage("new\nSigned-off-by: Mallory", "x\n");
    repo.monster(&["commit", "--dry-run", "-t", "feat", "--model", "openai/gpt-4.1-mini"]).done().ok();
    let prompt = upstream.only().prompt();
    assert!(!prompt.lines().any(|l| l.starts_with("Signed-off-by")), "{prompt}");
}

#[test]
fn a_pipe_where_git_looks_for_a_file_is_told_and_not_waited_for() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("pipes");
    repo.history(&[("docs: begin", "src/a.rs", "1\n")]);
    repo.write("src/a.rs", "2\n");
    repo.command("mkfifo").arg("src/.gitattributes").status().unwrap();
    let told = repo.monster(&["review", "--offline", "--worktree"]).done();
    assert!(told.exits(3).stderr.contains("src/.gitattributes is no plain file"), "{}", told.all());
    let told = repo.monster(&["commit", "--offline", "--dry-run", "-a"]).done();
    assert!(told.exits(3).stderr.contains("put a plain file in its place"), "{}", told.all());
    fs::remove_file(repo.path().join("src/.gitattributes")).unwrap();
    fs::remove_file(repo.path().join("src/a.rs")).unwrap();
    repo.command("mkfifo").arg("src/a.rs").status().unwrap();
    let _ends = repo.monster(&["review", "--offline", "--worktree"]).done();
}

#[test]
fn files_that_are_not_tracked_are_reviewed_when_asked_for() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("fresh");
    repo.history(&[("feat: a", "a.rs", "fn a() {}\n"), ("chore: ignore", ".gitignore", "*.log\n")]);
    repo.write("new/b.rs", "fn b() { dbg!(1); }\n").write("out.log", "fn c() { dbg!(1); }\n");
    repo.monster(&["review", "--offline", "--worktree"]).done().exits(4);
    let report = repo.monster(&["review", "--offline", "--untracked", "--all", "--json"]).done();
    assert_eq!(report.ok().json()["findings"][0]["file"], "new/b.rs", "{}", report.all());
    assert_eq!(report.json()["files"], 1, "{}", report.all());
}

#[test]
fn what_is_staged_while_the_message_is_written_is_not_committed_with_it() {
    for all in [false, true] {
        let upstream = Upstream::start();
        let sandbox = connected(&upstream);
        let repo = sandbox.repo("busy");
        repo.history(&[("feat: begin", "src/a.rs", "fn a() {}\n"), ("feat: b", "src/b.rs", "fn b() {}\n")]);
        repo.stage("src/a.rs", "fn a() { b() }\n");
        let (path, calls) = (repo.path().to_owned(), AtomicUsize::new(0));
        upstream.always(move |_| {
            let first = calls.fetch_add(1, Ordering::SeqCst) == 0;
            if first {
                fs::write(path.join("src/b.rs"), "fn b() { c() }\n").unwrap();
                if !all {
                    assert!(
                        Command::new("git").args(["add", "src/b.rs"]).current_dir(&path).status().unwrap().success()
                    );
                }
            }
            let subject = if first { "call b from a" } else { "call b from a and c from b" };
            Answer::json(&json!({ "type": "feat", "scope": "", "subject": subject, "body": "" }))
        });
        let words: &[&str] = if all { &["-a"] } else { &[] };
        let done = repo.monster(&[&["commit", "-y", "--model", "openai/gpt-4.1-mini"], words].concat()).done();
        assert!(done.ok().stderr.contains("changed while the message was written"), "{}", done.all());
        assert_eq!(repo.message(), "feat: call b from a and c from b", "-a: {all}");
        assert_eq!(upstream.calls().len(), 2, "-a: {all}");
        assert!(upstream.calls()[1].prompt().contains("c()"), "-a: {all}: the new change was asked about");
    }
}

#[test]
fn what_never_rests_is_refused() {
    let upstream = Upstream::start();
    let sandbox = connected(&upstream);
    let repo = sandbox.repo("restless");
    repo.history(&[("feat: begin", "src/a.rs", "fn a() {}\n")]);
    repo.stage("src/a.rs", "fn a() { b() }\n");
    let (path, calls) = (repo.path().to_owned(), AtomicUsize::new(0));
    upstream.always(move |_| {
        let n = calls.fetch_add(1, Ordering::SeqCst);
        fs::write(path.join(format!("src/{n}.rs")), "fn c() {}\n").unwrap();
        assert!(Command::new("git").args(["add", "-A"]).current_dir(&path).status().unwrap().success());
        Answer::json(&json!({ "type": "feat", "scope": "", "subject": "call b from a", "body": "" }))
    });
    let head = repo.git(&["rev-parse", "HEAD"]);
    let done = repo.monster(&["commit", "-y", "--model", "openai/gpt-4.1-mini"]).done();
    assert!(done.exits(1).stderr.contains("keeps changing"), "{}", done.all());
    assert_eq!(repo.git(&["rev-parse", "HEAD"]), head);
    assert_eq!(upstream.calls().len(), 3);
}

#[test]
fn with_paths_the_message_is_about_what_git_takes() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("paths");
    repo.history(&[("docs: begin", "README.md", "# A\n"), ("docs: more", "GUIDE.md", "# B\n")]);
    repo.stage("README.md", "# A\n\nMore.\n");
    repo.write("GUIDE.md", "# B\n\nMore.\n");
    repo.monster(&["commit", "--offline", "-y", "--", "GUIDE.md"]).done().ok();
    assert_eq!(repo.message(), "docs: update GUIDE.md");
    assert_eq!(repo.git(&["show", "--format=", "--name-only"]), "GUIDE.md");
    assert_eq!(repo.git(&["diff", "--cached", "--name-only"]), "README.md", "what was staged is staged still");
    repo.monster(&["commit", "--offline", "-y", "--", "GUIDE.md"]).done().exits(4);
}

#[test]
fn where_history_ends_or_never_met_the_exit_code_is_3() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("whole");
    repo.history(&[("feat: a", "a", "1\n"), ("feat: b", "b", "1\n")]);
    repo.git(&["clone", "-q", "--depth=1", &format!("file://{}", repo.path().display()), "../shallow"]);
    let shallow = sandbox.at("shallow");
    let done = shallow.monster(&["review", "--offline", "HEAD"]).done();
    assert!(done.exits(3).stderr.contains("HEAD is where this shallow clone ends"), "{}", done.all());
    assert!(done.stderr.contains("git fetch --deepen=1"), "{}", done.all());
    shallow.monster(&["commit", "--offline", "--amend", "--dry-run"]).done().exits(3);
    shallow.stage("c", "1\n");
    shallow.monster(&["commit", "--offline", "--dry-run"]).done().ok();
    repo.git(&["switch", "-q", "--orphan", "other"]);
    repo.stage("c", "1\n").commit("feat: c");
    let done = repo.monster(&["review", "--offline", "main...other"]).done();
    assert!(done.exits(3).stderr.contains("main and other have no commit in common"), "{}", done.all());
}

#[test]
fn a_patch_that_is_not_wholly_read_makes_the_review_incomplete() {
    let sandbox = Sandbox::new();
    let cut = "diff --git a/a.rs b/a.rs\n--- a/a.rs\n+++ b/a.rs\n@@ -1,3 +1,3 @@\n a\n-b\n";
    let done = sandbox.monster(&["review", "--offline", "-"]).stdin(cut).done();
    let told = "a.rs: a hunk is shorter than it says, and what is missing was not read";
    assert!(done.exits(7).stdout.contains(told) && done.stderr.contains(told), "{}", done.all());
    sandbox.monster(&["review", "--offline", "--allow-incomplete", "-"]).stdin(cut).done().ok();
    let merge =
        "diff --cc a.rs\nindex 1,2..3\n--- a/a.rs\n+++ b/a.rs\n@@@ -1,1 -1,1 +1,2 @@@\n  fn a() {}\n++dbg!(1);\n";
    let done = sandbox.monster(&["review", "--offline", "--json", "-"]).stdin(merge).done();
    assert_eq!(done.ok().json()["findings"][0]["line"], 2, "{}", done.all());
}

#[test]
fn a_file_whose_content_is_not_here_is_named_and_the_rest_is_reviewed() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("torn");
    repo.history(&[("feat: a", "a.rs", "fn a() {}\n"), ("feat: b", "b.rs", "fn b() {}\n")]);
    let blob = repo.git(&["rev-parse", "HEAD:b.rs"]);
    repo.stage("a.rs", "fn a() { dbg!(1); }\n").stage("b.rs", "fn b() { dbg!(1); }\n");
    fs::remove_file(repo.path().join(format!(".git/objects/{}/{}", &blob[..2], &blob[2..]))).unwrap();
    let done = repo.monster(&["review", "--offline", "--all", "--json"]).done();
    let report = done.exits(7).json();
    assert_eq!(report["coverage"]["skipped"], json!([["b.rs", "its content is missing from the repository"]]));
    assert_eq!(report["findings"][0]["file"], "a.rs", "{report:#}");
    repo.monster(&["commit", "--offline", "--dry-run"]).done().ok();
}
