//! What is pushed is reviewed for what is new with it, whoever calls the hook, and against what was accepted.

use crate::chain::offline;
use crate::commit::pager;
use crate::sandbox::{Repo, Sandbox};

/// A finding at or above the gate.
const MARKERS: &str = "<<<<<<< HEAD\na = 1\n=======\na = 2\n>>>>>>> side\n";

/// Commits a file.
pub fn committed(repo: &Repo<'_>, file: &str, text: &str) -> String {
    repo.stage(file, text).git(&["commit", "-q", "-m", file]);
    repo.git(&["rev-parse", "HEAD"])
}

/// A repository with the hook, a gate, and an empty remote of this name.
pub fn gated<'s>(sandbox: &'s Sandbox, remote: &str) -> Repo<'s> {
    let repo = pager(sandbox);
    repo.git(&["commit", "-q", "-m", "count the last page"]);
    repo.git(&["config", "--global", "monster.review.failOn", "high"]);
    repo.monster(&["hook", "install", "pre-push"]).done().ok();
    added(&repo, remote);
    repo
}

pub fn added(repo: &Repo<'_>, remote: &str) {
    let bare = format!("../{remote}.git");
    repo.git(&["init", "-q", "--bare", &bare]);
    repo.git(&["remote", "add", remote, &bare]);
}

/// Pushes; whether it went, and what was said.
pub fn push(sandbox: &Sandbox, repo: &Repo<'_>, args: &[&str]) -> (bool, String) {
    let out = sandbox.command("git", repo.path()).args(["push", "-q"]).args(args).output().unwrap();
    (out.status.success(), String::from_utf8_lossy(&out.stderr).into_owned())
}

/// A `PATH` on which git does this first.
pub fn wrapped(sandbox: &Sandbox, repo: &Repo<'_>, script: &str) -> String {
    let path = sandbox.command("sh", repo.path()).args(["-c", "printf %s \"$PATH\""]).output().unwrap().stdout;
    let git = repo.any("sh", &["-c", "command -v git"]).done().ok().stdout.trim().to_owned();
    repo.write(".git/first/git", &format!("#!/bin/sh\n{script}\nexec {git} \"$@\"\n"));
    crate::program::runnable(repo.path().join(".git/first/git"));
    format!("{}:{}", repo.path().join(".git/first").display(), String::from_utf8(path).unwrap())
}

#[test]
fn a_first_push_is_reviewed_as_a_whole_and_each_finding_is_told_once() {
    for format in ["sha1", "sha256"] {
        let mut sandbox = offline();
        sandbox.set("GIT_DEFAULT_HASH", format);
        let repo = gated(&sandbox, "origin");
        committed(&repo, "m.py", MARKERS);
        committed(&repo, "b.txt", "b\n");
        repo.git(&["tag", "v1"]);
        let (ok, said) = push(&sandbox, &repo, &["origin", "main", "v1"]);
        assert!(!ok && said.contains("m.py:1") && said.contains(": 1 finding at or above"), "{format}: {said}");
        committed(&repo, "m.py", "a = 1\n");
        let (ok, said) = push(&sandbox, &repo, &["origin", "main"]);
        assert!(ok, "{format}: {said}");
        // A new branch brings what it has over what is there.
        repo.git(&["switch", "-qc", "feat"]);
        committed(&repo, "n.py", MARKERS);
        committed(&repo, "c.txt", "c\n");
        let (ok, said) = push(&sandbox, &repo, &["origin", "feat"]);
        assert!(!ok && said.contains("n.py:1") && !said.contains("m.py"), "{format}: {said}");
    }
}

#[test]
fn of_very_many_findings_the_first_are_listed_and_all_are_counted() {
    let sandbox = offline();
    let repo = gated(&sandbox, "origin");
    for n in 10..35 {
        repo.stage(&format!("m{n}.py"), MARKERS);
    }
    repo.git(&["commit", "-q", "-m", "conflicts"]);
    let (ok, said) = push(&sandbox, &repo, &["origin", "main"]);
    assert!(!ok && said.contains(": 25 findings at or above"), "{said}");
    assert_eq!(said.matches("critical: m").count(), 20, "{said}");
    assert!(said.contains("and 5 findings that are not listed"), "{said}");
}

#[test]
fn what_stops_a_push_is_listed_however_much_else_is_found() {
    let sandbox = offline();
    let repo = gated(&sandbox, "origin");
    repo.git(&["push", "-q", "--no-verify", "origin", "main"]);
    let lines: String = (0..25).map(|n| format!("    dbg!({n});\n")).collect();
    committed(&repo, "src/a.rs", &format!("fn main() {{\n{lines}}}\n"));
    committed(&repo, "z.py", MARKERS);
    let (ok, said) = push(&sandbox, &repo, &["origin", "main"]);
    assert!(!ok && said.contains("critical: z.py:1: ") && said.contains(": 1 finding at or above"), "{said}");
    assert_eq!(said.matches("medium: src/a.rs").count(), 20, "{said}");
    assert!(said.contains("and 5 findings that are not listed"), "{said}");
    // Of more than have lines, each kind of help has one that it is for.
    let key = sandbox.key("anthropic");
    for n in 10..35 {
        repo.stage(&format!("k{n}.txt"), &format!("token = {key}\n"));
    }
    repo.git(&["commit", "-q", "-m", &format!("keys\n\nthey were {key}")]);
    let (ok, said) = push(&sandbox, &repo, &["origin", "main"]);
    assert_eq!(said.matches(": k").count(), 20, "{said}");
    let named = |of: &str| said.lines().any(|line| line.contains(of) && line.contains(" · secret · "));
    assert!(!ok && named("the message of commit") && said.contains(": 27 findings at or above"), "{said}");
    // 5 keys, 5 calls, and what z.py has.
    assert!(said.contains("and 11 findings that are not listed") && !said.contains("z.py"), "{said}");
}

#[test]
fn what_is_new_does_not_depend_on_the_branch_one_stands_on() {
    let sandbox = offline();
    let repo = gated(&sandbox, "one");
    committed(&repo, "m.py", MARKERS);
    repo.git(&["switch", "-qc", "feat"]);
    let (ok, said) = push(&sandbox, &repo, &["one", "main"]);
    assert!(!ok && said.contains("m.py:1"), "{said}");
    // What another remote has is out already: a fork is not asked about the project's own past.
    repo.git(&["push", "-q", "--no-verify", "one", "main"]);
    added(&repo, "fork");
    committed(&repo, "b.txt", "b\n");
    let (ok, said) = push(&sandbox, &repo, &["fork", "feat"]);
    assert!(ok && !said.contains("m.py"), "{said}");
}

/// The usual way with a fork: its own branches are pushed to it, and the main one only comes from where it was forked.
#[test]
fn what_the_origin_brought_is_not_new_to_a_fork_that_was_only_pushed_to() {
    let sandbox = offline();
    let repo = gated(&sandbox, "origin");
    repo.git(&["push", "-q", "--no-verify", "origin", "main"]);
    added(&repo, "fork");
    repo.git(&["switch", "-qc", "topic"]);
    committed(&repo, "b.txt", "b\n");
    let (ok, said) = push(&sandbox, &repo, &["fork", "topic"]);
    assert!(ok, "{said}");
    // Meanwhile something that would stop a push comes to main, from elsewhere.
    repo.git(&["switch", "-q", "main"]);
    committed(&repo, "m.py", MARKERS);
    repo.git(&["push", "-q", "--no-verify", "origin", "main"]);
    repo.git(&["switch", "-q", "topic"]);
    repo.git(&["merge", "-q", "--no-edit", "main"]);
    repo.git(&["branch", "later", "main"]);
    for branch in ["topic", "later"] {
        let (ok, said) = push(&sandbox, &repo, &["fork", branch]);
        assert!(ok && !said.contains("m.py"), "{branch}: {said}");
    }
    committed(&repo, "n.py", MARKERS);
    let (ok, said) = push(&sandbox, &repo, &["fork", "topic"]);
    assert!(!ok && said.contains("n.py:1") && !said.contains("m.py"), "{said}");
}

#[test]
fn a_forced_push_over_a_commit_that_is_not_here_is_reviewed() {
    let sandbox = offline();
    let repo = gated(&sandbox, "origin");
    repo.git(&["push", "-q", "--no-verify", "origin", "main"]);
    repo.git(&["clone", "-q", "../origin.git", "../other"]);
    let other = sandbox.at("other");
    other.git(&["switch", "-q", "-C", "main", "origin/main"]);
    committed(&other, "theirs.txt", "1\n");
    other.git(&["push", "-q", "origin", "main"]);
    committed(&repo, "m.py", MARKERS);
    let (ok, said) = push(&sandbox, &repo, &["--force", "origin", "main"]);
    assert!(!ok && said.contains("m.py:1"), "{said}");
    committed(&repo, "m.py", "a = 1\n");
    let (ok, said) = push(&sandbox, &repo, &["--force", "origin", "main"]);
    assert!(ok && !said.contains("not reviewed"), "{said}");
    // A history that has nothing in common with what stands there.
    repo.git(&["switch", "-q", "--orphan", "anew"]);
    committed(&repo, "n.py", MARKERS);
    let (ok, said) = push(&sandbox, &repo, &["--force", "origin", "anew:main"]);
    assert!(!ok && said.contains("n.py:1"), "{said}");
}

#[test]
fn what_is_accepted_or_left_out_of_reviews_stops_no_push() {
    let sandbox = offline();
    let repo = gated(&sandbox, "origin");
    committed(&repo, ".monster/ignore", "old/** * we accept all of it\ngen/** * not written here\n** secret all\n");
    committed(&repo, ".monster.toml", "[review]\nignore = [\"gen/**\"]\n");
    // Of a history that is new as a whole, its own files say it.
    committed(&repo, "old/a.py", MARKERS);
    committed(&repo, "gen/a.py", MARKERS);
    let (ok, said) = push(&sandbox, &repo, &["origin", "main"]);
    assert!(ok && !said.contains("a.py"), "{said}");
    committed(&repo, "old/b.py", MARKERS);
    committed(&repo, "gen/b.py", MARKERS);
    let (ok, said) = push(&sandbox, &repo, &["origin", "main"]);
    assert!(ok && !said.contains("b.py"), "{said}");
    committed(&repo, "c.py", MARKERS);
    let (ok, said) = push(&sandbox, &repo, &["origin", "main"]);
    assert!(!ok && said.contains("c.py:1"), "{said}");
    repo.git(&["reset", "-q", "--hard", "HEAD~1"]);
    let token = sandbox.key("anthropic");
    for file in ["gen/key.txt", "old/key.txt"] {
        committed(&repo, file, &format!("{token}\n"));
        let (ok, said) = push(&sandbox, &repo, &["origin", "main"]);
        assert!(!ok && said.contains(&format!("{file}:1")), "a secret goes nowhere: {said}");
        repo.git(&["reset", "-q", "--hard", "HEAD~1"]);
    }
    committed(&repo, &format!("gen/{token}.txt"), "");
    let (ok, said) = push(&sandbox, &repo, &["origin", "main"]);
    assert!(!ok && said.contains("name of gen/") && !said.contains(&token), "nor in a name: {said}");
    // A change does not accept itself.
    repo.git(&["reset", "-q", "--hard", "HEAD~1"]);
    committed(&repo, ".monster/ignore", "old/** * we accept all of it\nd.py * and this\n");
    committed(&repo, "d.py", MARKERS);
    let (ok, said) = push(&sandbox, &repo, &["origin", "main"]);
    assert!(!ok && said.contains("d.py:1") && said.contains("holds from the next change on"), "{said}");
}

#[test]
fn what_was_merged_and_is_out_already_is_not_new() {
    for format in ["sha1", "sha256"] {
        let mut sandbox = offline();
        sandbox.set("GIT_DEFAULT_HASH", format);
        let repo = gated(&sandbox, "origin");
        repo.git(&["push", "-q", "--no-verify", "origin", "main"]);
        for (branch, file) in [("one", "one.py"), ("two", "two.py"), ("main", "main.py")] {
            match branch {
                "main" => repo.git(&["switch", "-q", "main"]),
                new => repo.git(&["switch", "-q", "-c", new, "main"]),
            };
            committed(&repo, file, MARKERS);
            repo.git(&["push", "-q", "--no-verify", "origin", branch]);
        }
        // A new branch of two that are there; each of the two is new over the other.
        repo.git(&["switch", "-q", "-c", "both", "main~1"]);
        repo.git(&["merge", "-q", "--no-ff", "--no-edit", "one", "two"]);
        committed(&repo, "clean.txt", "1\n");
        let (ok, said) = push(&sandbox, &repo, &["origin", "both"]);
        assert!(ok && !said.contains(".py"), "{format}: {said}");
        committed(&repo, "both.py", MARKERS);
        repo.git(&["switch", "-q", "-c", "again"]);
        repo.git(&["merge", "-q", "--no-edit", "main"]);
        let (ok, said) = push(&sandbox, &repo, &["origin", "again"]);
        assert!(!ok && said.contains("both.py:1") && !said.contains("main.py"), "{format}: {said}");
        // A branch that is there, and takes in the one that others come from.
        repo.git(&["switch", "-q", "both"]);
        repo.git(&["reset", "-q", "--hard", "HEAD~1"]);
        repo.git(&["merge", "-q", "--no-edit", "main"]);
        let (ok, said) = push(&sandbox, &repo, &["origin", "both"]);
        assert!(ok && !said.contains(".py"), "{format}: {said}");
        // The same by a rebase.
        repo.git(&["switch", "-q", "one"]);
        repo.git(&["rebase", "-q", "main"]);
        let (ok, said) = push(&sandbox, &repo, &["--force", "origin", "one"]);
        assert!(!ok && said.contains("one.py:1") && !said.contains("main.py"), "{format}: {said}");
        // What is merged into it, it is asked for.
        repo.git(&["switch", "-q", "main"]);
        repo.git(&["merge", "-q", "--no-edit", "two"]);
        let (ok, said) = push(&sandbox, &repo, &["origin", "main"]);
        assert!(!ok && said.contains("two.py:1"), "{format}: {said}");
    }
}

#[test]
fn what_stopped_a_push_is_shown_by_the_command_that_is_named() {
    let sandbox = offline();
    let repo = gated(&sandbox, "elsewhere");
    // No branch that --base auto would find.
    repo.git(&["branch", "-q", "-m", "trunk"]);
    repo.git(&["push", "-q", "--no-verify", "elsewhere", "trunk"]);
    committed(&repo, "m.py", MARKERS);
    let (ok, said) = push(&sandbox, &repo, &["elsewhere", "trunk"]);
    assert!(!ok, "{said}");
    let command = said.split_once("see them with: monster ").unwrap().1.lines().next().unwrap();
    let words: Vec<&str> = command.split(' ').collect();
    assert!(repo.monster(&words).done().stdout.contains("m.py:1"), "{command}");
    // All of a history is no range.
    added(&repo, "fresh");
    repo.git(&["update-ref", "-d", "refs/remotes/elsewhere/trunk"]);
    let (ok, said) = push(&sandbox, &repo, &["fresh", "trunk"]);
    assert!(!ok && said.contains("m.py:1") && !said.contains("see them with"), "{said}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_branch_whose_name_is_no_text_is_reviewed_too() {
    use std::os::unix::ffi::OsStrExt;
    let sandbox = offline();
    let repo = gated(&sandbox, "origin");
    committed(&repo, "m.py", MARKERS);
    let name = std::ffi::OsStr::from_bytes(b"HEAD:refs/heads/caf\xe9");
    let out = sandbox.command("git", repo.path()).args(["push", "-q", "origin"]).arg(name).output().unwrap();
    let said = String::from_utf8_lossy(&out.stderr);
    assert!(!out.status.success() && said.contains("m.py:1"), "{said}");
}

#[test]
fn the_pre_commit_framework_tells_in_variables_what_is_pushed() {
    let sandbox = offline();
    let repo = gated(&sandbox, "origin");
    let clean = repo.git(&["rev-parse", "HEAD"]);
    let markers = committed(&repo, "m.py", MARKERS);
    let tip = committed(&repo, "b.txt", "b\n");
    let run = || repo.monster(&["hook", "run", "pre-push"]).stdin("").env("PRE_COMMIT_REMOTE_NAME", "origin");
    let between = |from: &str, to: &str| run().env("PRE_COMMIT_FROM_REF", from).env("PRE_COMMIT_TO_REF", to).done();
    assert!(between(&clean, &tip).exits(6).stderr.contains("m.py:1"));
    between(&markers, &tip).ok();
    // Where all of it is new to the remote, no commit is named.
    assert!(run().env("PRE_COMMIT_LOCAL_BRANCH", "refs/heads/main").done().exits(6).stderr.contains("m.py:1"));
    run().env("PRE_COMMIT_LOCAL_BRANCH", &clean).done().ok();
    // A tag's own words go out with it.
    repo.git(&["tag", "-a", "-m", &sandbox.key("anthropic"), "v1", &clean]);
    let told = run().env("PRE_COMMIT_LOCAL_BRANCH", "refs/tags/v1").done();
    assert!(told.exits(6).stderr.contains("the message of tag "), "{}", told.all());
    // Git's own words go before.
    let line = format!("refs/heads/main {tip} refs/heads/main {markers}\n");
    run().stdin(line).env("PRE_COMMIT_FROM_REF", &clean).env("PRE_COMMIT_TO_REF", &tip).done().ok();
    repo.monster(&["hook", "run", "pre-push", "origin", "url"]).stdin("").done().ok();
}

#[test]
fn secrets_of_all_that_is_pushed_are_told_before_any_other_rule_is_asked() {
    let sandbox = offline();
    let repo = gated(&sandbox, "origin");
    repo.git(&["push", "-q", "--no-verify", "origin", "main"]);
    committed(&repo, "m.py", MARKERS);
    repo.git(&["switch", "-qc", "feat"]);
    committed(&repo, "key.txt", &format!("{}\n", sandbox.key("anthropic")));
    let (ok, said) = push(&sandbox, &repo, &["origin", "main", "feat"]);
    let at = |what: &str| said.find(what).unwrap_or_else(|| panic!("{what}: {said}"));
    assert!(!ok && at("key.txt:1") < at("m.py:1") && said.contains("2 findings at or above"), "{said}");
}

#[test]
fn a_file_or_a_folder_that_only_a_tag_leads_to_carries_no_secret_out() {
    for format in ["sha1", "sha256"] {
        let mut sandbox = offline();
        sandbox.set("GIT_DEFAULT_HASH", format);
        let repo = gated(&sandbox, "origin");
        repo.git(&["push", "-q", "--no-verify", "origin", "main"]);
        let key = format!("token = {}\n", sandbox.key("anthropic"));
        repo.stage("keys/prod.txt", &key);
        let (file, folder) = (repo.git(&["rev-parse", ":keys/prod.txt"]), repo.git(&["write-tree"]));
        repo.git(&["reset", "-q", "--hard"]);
        repo.git(&["tag", "light", &file]);
        repo.git(&["tag", "-a", "-m", "heavy", "heavy", "light"]);
        repo.git(&["tag", "tree", &folder]);
        repo.git(&["tag", "-a", "-m", "a tree", "trees", "tree"]);
        for (tag, place) in [
            ("light", "refs/tags/light:1"),
            ("heavy", "refs/tags/heavy:1"),
            ("tree", "keys/prod.txt:1"),
            ("trees", "keys/prod.txt:1"),
        ] {
            let (ok, said) = push(&sandbox, &repo, &["origin", tag]);
            assert!(!ok && said.contains(place) && said.contains("1 finding at or above"), "{format} {tag}: {said}");
        }
        // What carries none goes.
        let (ok, said) = push(&sandbox, &repo, &["origin", "main:refs/heads/other", "main^{tree}:refs/tags/clean"]);
        assert!(ok && !said.contains("not reviewed"), "{format}: {said}");
        repo.git(&["tag", "words", &repo.git(&["rev-parse", "main:src/pager.rs"])]);
        let (ok, said) = push(&sandbox, &repo, &["origin", "words", "main:refs/heads/third"]);
        assert!(ok && !said.contains("not reviewed"), "{format}: {said}");
    }
}

#[test]
fn a_secret_stops_a_push_although_the_other_rules_come_to_no_end() {
    let mut sandbox = offline();
    // Where libgit2 cannot read, git does: one file that the other rules read as a whole never comes.
    sandbox.set("GIT_DEFAULT_HASH", "sha256");
    let repo = gated(&sandbox, "origin");
    repo.git(&["push", "-q", "--no-verify", "origin", "main"]);
    repo.git(&["config", "--global", "monster.hook.deadline", "5"]);
    committed(&repo, "data.json", "{\"a\": 1}\n");
    let slow = repo.git(&["rev-parse", "HEAD:data.json"]);
    repo.git(&["switch", "-qc", "feat"]);
    committed(&repo, "key.txt", &format!("{}\n", sandbox.key("anthropic")));
    let slow = wrapped(&sandbox, &repo, &format!("case \"$*\" in\n*'cat-file blob {slow}'*) exec sleep 30 ;;\nesac"));
    let line = |branch: &str| {
        let id = repo.git(&["rev-parse", branch]);
        format!("refs/heads/{branch} {id} refs/heads/{branch} {}\n", "0".repeat(64))
    };
    let run =
        |lines: String| repo.monster(&["hook", "run", "pre-push", "origin"]).env("PATH", &slow).stdin(lines).done();
    // The other rules are at it, and nobody waits for them.
    let clean = run(line("main"));
    assert!(clean.ok().stderr.contains("was not reviewed"), "{}", clean.all());
    let done = run(line("main") + &line("feat"));
    let said = &done.exits(6).stderr;
    assert!(said.contains("key.txt:1") && said.contains("was not reviewed as a whole"), "{said}");
}

#[test]
fn what_a_later_commit_takes_out_again_goes_out_all_the_same() {
    for format in ["sha1", "sha256"] {
        let mut sandbox = offline();
        sandbox.set("GIT_DEFAULT_HASH", format);
        let repo = gated(&sandbox, "origin");
        let key = format!("token = {}\n", sandbox.key("anthropic"));
        // Of a history that is new as a whole, and of one that is not; where the sum of it is nothing, and where not.
        for (n, beside) in ["", "more\n", "less\n"].into_iter().enumerate() {
            let before = repo.git(&["rev-parse", "HEAD"]);
            let carried = committed(&repo, "key.txt", &key);
            if !beside.is_empty() {
                committed(&repo, "beside.txt", beside);
            }
            repo.git(&["rm", "-q", "key.txt"]);
            repo.git(&["commit", "-q", "-m", "no key"]);
            let (ok, said) = push(&sandbox, &repo, &["origin", "main"]);
            let of = format!("(in {}, and taken out since)", &carried[..12]);
            assert!(!ok && said.contains("key.txt:1: A secret is added") && said.contains(&of), "{format} {n}: {said}");
            assert!(said.contains(": 1 finding at or above") && said.contains("git rebase -i"), "{format} {n}: {said}");
            repo.git(&["reset", "-q", "--hard", &before]);
            committed(&repo, "clean.txt", &format!("{n}\n"));
            let (ok, said) = push(&sandbox, &repo, &["origin", "main"]);
            assert!(ok && !said.contains("not reviewed"), "{format} {n}: {said}");
        }
        // What was marked since is a false alarm, and what somebody else brought is theirs.
        committed(&repo, "sample.txt", &key);
        committed(&repo, "sample.txt", &format!("{} # monster:allow\n", key.trim_end()));
        let (ok, said) = push(&sandbox, &repo, &["origin", "main"]);
        assert!(ok && !said.contains("sample.txt"), "{format}: {said}");
        // What stays where nothing gives it away is not told by what stays.
        let word = ["kV9xQm2w", "Tr4bLz8p"].concat();
        let carried = committed(&repo, "pass.py", &format!("password = \"{word}\"\n"));
        committed(&repo, "pass.py", &format!("# see {word} for it\n"));
        let (ok, said) = push(&sandbox, &repo, &["origin", "main"]);
        assert!(!ok && said.contains(&format!("(in {}, and taken out since)", &carried[..12])), "{format}: {said}");
    }
}

#[test]
fn many_commits_are_read_by_as_few_processes_as_one() {
    let mut sandbox = offline();
    sandbox.set("GIT_DEFAULT_HASH", "sha256");
    let repo = gated(&sandbox, "origin");
    repo.git(&["push", "-q", "--no-verify", "origin", "main"]);
    let there = repo.git(&["rev-parse", "HEAD"]);
    let path = wrapped(&sandbox, &repo, "echo start >> .git/starts");
    let key = sandbox.key("anthropic");
    let starts = |commits: u32| {
        repo.git(&["reset", "-q", "--hard", &there]);
        for n in 0..commits {
            // Lines, what git calls binary, and what moves.
            repo.stage("a.txt", &format!("{n}\n")).stage("b.bin", &format!("\u{0}b\n{n}\n"));
            repo.git(&["commit", "-q", "-m", "more"]);
        }
        let carried = committed(&repo, "key.txt", &format!("a line\nand more\nand another\n{key}\n"));
        repo.git(&["mv", "key.txt", "moved.txt"]);
        repo.git(&["commit", "-q", "-m", "move"]);
        repo.git(&["rm", "-q", "moved.txt"]);
        repo.git(&["commit", "-q", "-m", "no key"]);
        let tip = repo.git(&["rev-parse", "HEAD"]);
        repo.write(".git/starts", "");
        let line = format!("refs/heads/main {tip} refs/heads/main {there}\n");
        let done = repo.monster(&["hook", "run", "pre-push", "origin"]).env("PATH", &path).stdin(line).done();
        let said = &done.exits(6).stderr;
        assert!(
            said.contains(&format!("key.txt:4: A secret is added: Anthropic key (in {}", &carried[..12])),
            "{said}"
        );
        assert!(said.contains(": 1 finding at or above") && !said.contains("moved.txt"), "{said}");
        repo.read(".git/starts").lines().count()
    };
    let few = starts(1);
    assert_eq!(starts(30), few);
}

#[test]
fn what_stopped_a_push_is_accepted_by_the_id_that_is_told() {
    let sandbox = offline();
    let repo = gated(&sandbox, "origin");
    repo.git(&["push", "-q", "--no-verify", "origin", "main"]);
    committed(&repo, "m.py", MARKERS);
    let (ok, said) = push(&sandbox, &repo, &["origin", "main"]);
    assert!(!ok, "{said}");
    let told: Vec<&str> = said.lines().filter(|line| line.contains("m.py:")).collect();
    let ids = told.iter().map(|line| line.rsplit(" · ").next().unwrap());
    let accepted: String = ids.map(|id| format!("{id} looked at\n")).collect();
    assert_eq!(accepted.lines().next().unwrap().find(' '), Some(10), "{said}");
    repo.git(&["reset", "-q", "--hard", "HEAD~1"]);
    committed(&repo, ".monster/ignore", &accepted);
    repo.git(&["push", "-q", "--no-verify", "origin", "main"]);
    committed(&repo, "m.py", MARKERS);
    let (ok, said) = push(&sandbox, &repo, &["origin", "main"]);
    assert!(ok && !said.contains("m.py"), "{said}");
}

#[test]
fn of_more_commits_than_are_read_one_by_one_somebody_is_told() {
    let sandbox = offline();
    let repo = gated(&sandbox, "origin");
    repo.git(&["push", "-q", "--no-verify", "origin", "main"]);
    let tree = repo.git(&["rev-parse", "HEAD^{tree}"]);
    let mut tip = repo.git(&["rev-parse", "HEAD"]);
    for n in 0..257 {
        tip = repo.git(&["commit-tree", &tree, "-p", &tip, "-m", &format!("{n}")]);
    }
    repo.git(&["reset", "-q", "--hard", &tip]);
    // A key in the name of a branch is not told.
    let key = sandbox.key("anthropic");
    let (ok, said) = push(&sandbox, &repo, &["origin", &format!("main:refs/heads/{key}")]);
    let told = "only the newest 256 commits of refs/heads/<hidden Anthropic key> were looked at";
    assert!(!ok && said.contains(told), "{said}");
    let (ok, said) = push(&sandbox, &repo, &["origin", "main"]);
    assert!(ok && said.contains("only the newest 256 commits of refs/heads/main were looked at one by one"), "{said}");
}

#[test]
fn a_message_carries_no_key_out() {
    for format in ["sha1", "sha256"] {
        let mut sandbox = offline();
        sandbox.set("GIT_DEFAULT_HASH", format);
        let repo = gated(&sandbox, "origin");
        repo.git(&["push", "-q", "--no-verify", "origin", "main"]);
        committed(&repo, "a.txt", "a\n");
        let key = sandbox.key("anthropic");
        repo.git(&["commit", "-q", "--amend", "-m", "note\n\npassword: see the safe", "-m", &format!("used {key}")]);
        let id = repo.git(&["rev-parse", "HEAD"]);
        let (ok, said) = push(&sandbox, &repo, &["origin", "main"]);
        assert!(!ok && said.contains(&format!("the message of commit {}:5: ", &id[..12])), "{format}: {said}");
        assert!(!said.contains(&key), "{format}: {said}");
        repo.git(&["commit", "-q", "--amend", "-m", "note\n\npassword: see the safe"]);
        repo.git(&["tag", "-a", "-m", &key, "v1"]);
        let (ok, said) = push(&sandbox, &repo, &["origin", "main", "v1"]);
        assert!(!ok && said.contains("the message of tag "), "{format}: {said}");
        let (ok, said) = push(&sandbox, &repo, &["origin", "main"]);
        assert!(ok, "{format}: {said}");
        // Nor do a name and an address of somebody, of a branch or of a file, whatever stands in it.
        let named = format!("main:refs/heads/{key}");
        let (ok, said) = push(&sandbox, &repo, &["origin", &named]);
        assert!(!ok && said.contains("the name of a branch or tag:1"), "{format}: {said}");
        assert!(said.contains("git branch -m") && !said.contains("--amend"), "{format}: {said}");
        committed(&repo, &format!("{key}.txt"), "");
        let (ok, said) = push(&sandbox, &repo, &["origin", "main"]);
        assert!(!ok && said.contains("name of <hidden ") && said.contains(">.txt:1: A secret"), "{format}: {said}");
        assert!(!said.contains(&format!("{key}.txt")), "{format}: {said}");
        repo.git(&["reset", "-q", "--hard", "HEAD~1"]);
        repo.stage("b.txt", "b\n").git(&["commit", "-q", "-m", "b", "--author", &format!("{key} <a@example.org>")]);
        let (ok, said) = push(&sandbox, &repo, &["origin", "main"]);
        assert!(!ok && said.contains("who made commit ") && !said.contains("the message of"), "{format}: {said}");
        assert!(said.contains("git commit --amend --reset-author"), "{format}: {said}");
        repo.git(&["commit", "-q", "--amend", "--no-edit", "--reset-author"]);
        let (ok, said) = push(&sandbox, &repo, &["origin", "main:refs/heads/mended"]);
        assert!(ok, "{format}: {said}");
        // What stands in for a commit here is not what goes out.
        repo.git(&["reset", "-q", "--hard", "HEAD~1"]);
        let clean = repo.git(&["rev-parse", "HEAD"]);
        let carried = committed(&repo, "key.txt", &format!("token = {key}\n"));
        let looks = repo.git(&["commit-tree", "-p", &clean, "-m", "key.txt", &format!("{clean}^{{tree}}")]);
        repo.git(&["replace", &carried, &looks]);
        let (ok, said) = push(&sandbox, &repo, &["origin", "main"]);
        assert!(!ok && said.contains("key.txt:1"), "{format}: {said}");
        repo.git(&["replace", "-d", &carried]);
        // A picture is one by what it holds, not by its name.
        repo.git(&["reset", "-q", "--hard", "HEAD~1"]);
        committed(&repo, "photo.png", &format!("\u{0}PNG\ntoken = {key}\n"));
        let (ok, said) = push(&sandbox, &repo, &["origin", "main"]);
        assert!(!ok && said.contains("photo.png:2"), "{format}: {said}");
    }
}

#[test]
fn where_secrets_may_go_nowhere_no_push_passes_that_nobody_looked_through() {
    let mut sandbox = offline();
    sandbox.set("GIT_DEFAULT_HASH", "sha256");
    let repo = gated(&sandbox, "origin");
    repo.git(&["push", "-q", "--no-verify", "origin", "main"]);
    repo.git(&["config", "--global", "monster.hook.deadline", "3"]);
    repo.git(&["switch", "-qc", "feat"]);
    committed(&repo, "b.txt", "b\n");
    let id = repo.git(&["rev-parse", "HEAD"]);
    let slow =
        wrapped(&sandbox, &repo, "case \"$*\" in\n*'cat-file '*|*'diff-tree '*|*'rev-list '*) exec sleep 20 ;;\nesac");
    let line = format!("refs/heads/feat {id} refs/heads/feat {}\n", "0".repeat(64));
    let run = |mode: &str| {
        let run = repo.monster(&["hook", "run", "pre-push", "origin"]).env("PATH", &slow).stdin(line.clone());
        run.env("MONSTER_REDACT_MODE", mode).done()
    };
    let done = run("redact");
    assert!(done.ok().stderr.contains("and not looked through for secrets as a whole"), "{}", done.all());
    let done = run("block");
    let said = &done.exits(6).stderr;
    assert!(said.contains("the push was stopped: it was not looked through for secrets"), "{said}");
    assert!(said.contains("monster.hook.deadline=60 push") && said.contains("MONSTER_SKIP=1 git push"), "{said}");
    // Nor one of which git tells more than is read.
    let name = "a".repeat(5 << 20);
    let long = format!("refs/heads/{name} {id} refs/heads/{name} {}\n", "0".repeat(64));
    for (mode, exit) in [("redact", 0), ("block", 6)] {
        let run = repo.monster(&["hook", "run", "pre-push", "origin"]).stdin(long.clone());
        let done = run.env("MONSTER_REDACT_MODE", mode).done();
        assert!(done.exits(exit).stderr.contains("what is pushed"), "{mode}: {}", done.all());
        assert!(!done.stderr.contains("more time"), "{mode}: {}", done.all());
    }
}
