//! Hooks beside what stands there already: plain hooks, managers, core.hooksPath. Nothing of anybody else's is lost.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::commit::pager;
use crate::sandbox::{Repo, Sandbox};

/// Without a model, and with a `monster` for hooks that look for it on the PATH.
pub fn offline() -> Sandbox {
    let mut sandbox = Sandbox::new();
    let bin = sandbox.home().join("bin");
    std::fs::create_dir_all(&bin).unwrap();
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_monster"), bin.join("monster")).unwrap();
    let path = sandbox.command("sh", &sandbox.home()).args(["-c", "printf %s \"$PATH\""]).output().unwrap().stdout;
    sandbox.set("PATH", &format!("{}:{}", bin.display(), String::from_utf8(path).unwrap()));
    sandbox.set("MONSTER_OFFLINE", "true");
    sandbox
}

fn write(repo: &Repo<'_>, file: &str, text: &str, mode: u32) {
    repo.write(file, text);
    let path = repo.path().join(file);
    crate::program::runnable(&path);
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

/// `git commit` by an author who takes the draft.
pub fn commit(sandbox: &Sandbox, repo: &Repo<'_>, args: &[&str]) -> (bool, String) {
    let out = sandbox.command("git", repo.path()).arg("commit").args(args).env("GIT_EDITOR", "true").output().unwrap();
    (out.status.success(), String::from_utf8_lossy(&out.stderr).into_owned())
}

const HOOK: &str = ".git/hooks/prepare-commit-msg";
/// What the rules write for the change of [`pager`].
const DRAFT: &str = "Update pages in pager.rs";

#[test]
fn a_hook_that_stands_there_runs_first_with_the_same_words_and_comes_back_as_it_was() {
    let sandbox = offline();
    let repo = pager(&sandbox);
    let theirs = "#!/bin/sh\nprintf '%s|' \"$@\" > .git/seen\n# \u{fc}, and no final line feed";
    write(&repo, HOOK, theirs, 0o711);
    let done = repo.monster(&["hook", "install"]).done();
    assert!(done.ok().stdout.contains("what stood there runs first: "), "{}", done.all());
    assert!(repo.monster(&["hook", "install"]).done().ok().stdout.starts_with("already installed"), "a second time");
    let (ok, said) = commit(&sandbox, &repo, &[]);
    assert!(ok, "{said}");
    assert_eq!((repo.read(".git/seen").as_str(), repo.message().as_str()), (".git/COMMIT_EDITMSG|", DRAFT));
    repo.monster(&["hook", "uninstall"]).done().ok();
    assert_eq!(repo.read(HOOK), theirs);
    assert_eq!(mode(&repo.path().join(HOOK)), 0o711);
    assert_eq!(
        std::fs::read_dir(repo.path().join(".git/hooks"))
            .unwrap()
            .flatten()
            .filter(|e| e.file_name().to_string_lossy().contains("monster"))
            .count(),
        0
    );
}

#[test]
fn what_a_hook_that_stands_there_refuses_stays_refused_and_what_did_not_run_still_does_not() {
    let sandbox = offline();
    let repo = pager(&sandbox);
    write(&repo, HOOK, "#!/bin/sh\necho no commits on a Tuesday >&2\nexit 3\n", 0o755);
    repo.monster(&["hook", "install"]).done().ok();
    let (ok, said) = commit(&sandbox, &repo, &[]);
    assert!(!ok && said.contains("no commits on a Tuesday"), "{said}");
    repo.monster(&["hook", "uninstall"]).done().ok();
    // Git would not run it, nor do we.
    std::fs::set_permissions(repo.path().join(HOOK), std::fs::Permissions::from_mode(0o644)).unwrap();
    repo.monster(&["hook", "install"]).done().ok();
    let (ok, said) = commit(&sandbox, &repo, &[]);
    assert!(ok, "{said}");
    repo.monster(&["hook", "uninstall"]).done().ok();
    assert_eq!(mode(&repo.path().join(HOOK)), 0o644);
}

#[test]
fn lines_that_somebody_added_to_ours_stay_and_what_stood_there_before_goes_on_running() {
    let sandbox = offline();
    let repo = pager(&sandbox);
    write(&repo, HOOK, "#!/bin/sh\necho theirs >> .git/seen\n", 0o755);
    repo.monster(&["hook", "install"]).done().ok();
    let ours = repo.read(HOOK);
    write(&repo, HOOK, &format!("{ours}echo added >> .git/seen\n"), 0o755);
    let json = repo.monster(&["hook", "status", "--json"]).done().ok().json();
    assert_eq!(json["hooks"][0]["state"], "installed, and edited since", "{json:#}");
    repo.monster(&["hook", "uninstall"]).done().ok();
    assert!(!repo.read(HOOK).contains("hook run"), "{}", repo.read(HOOK));
    repo.git(&["commit", "-q", "-m", "my own words"]);
    assert_eq!(repo.read(".git/seen"), "theirs\nadded\n");
}

#[test]
fn hooks_lie_where_git_looks_for_them() {
    let sandbox = offline();
    let repo = pager(&sandbox);
    // In git's own folder, by a relative path.
    repo.git(&["config", "core.hooksPath", ".git/my-hooks"]);
    repo.monster(&["hook", "install"]).done().ok();
    assert!(repo.path().join(".git/my-hooks/prepare-commit-msg").exists());
    let (ok, said) = commit(&sandbox, &repo, &[]);
    assert!(ok && repo.message() == DRAFT, "{said}");
    repo.monster(&["hook", "install", "commit-msg"]).done().ok();
    repo.monster(&["hook", "uninstall", "commit-msg"]).done().ok();
    assert!(repo.path().join(".git/my-hooks").exists(), "the other hook is in it");
    repo.monster(&["hook", "uninstall"]).done().ok();
    assert!(!repo.path().join(".git/my-hooks").exists(), "nothing was there before");
    assert!(!repo.path().join(".git/monster-hooks-folder").exists());
    // One that was there stays, and so does one with something in it.
    for file in [None, Some(".git/my-hooks/README")] {
        if file.is_none() {
            std::fs::create_dir(repo.path().join(".git/my-hooks")).unwrap();
        }
        repo.monster(&["hook", "install"]).done().ok();
        if let Some(file) = file {
            repo.write(file, "why");
        }
        repo.monster(&["hook", "uninstall"]).done().ok();
        assert!(repo.path().join(".git/my-hooks").exists());
        if file.is_none() {
            std::fs::remove_dir(repo.path().join(".git/my-hooks")).unwrap();
        }
    }
    assert!(!repo.path().join(".git/monster-hooks-folder").exists());

    // Ours lies where git looks no more.
    repo.git(&["config", "--unset", "core.hooksPath"]);
    repo.monster(&["hook", "install"]).done().ok();
    repo.git(&["config", "core.hooksPath", ".git/my-hooks"]);
    let json = repo.monster(&["hook", "status", "--json"]).done().ok().json();
    assert_eq!((&json["hooks"][0]["shadowed"], &json["installed"]), (&true.into(), &false.into()), "{json:#}");
    repo.monster(&["hook", "uninstall"]).done().ok();
    assert!(!repo.path().join(HOOK).exists());

    // Of one work tree only.
    repo.git(&["config", "--unset", "core.hooksPath"]);
    repo.git(&["config", "extensions.worktreeConfig", "true"]);
    repo.git(&["worktree", "add", "-q", "../side"]);
    let side = sandbox.at("side");
    side.git(&["config", "--worktree", "core.hooksPath", "tools/hooks"]);
    let told = side.monster(&["hook", "install"]).done();
    assert!(told.exits(3).stderr.contains("side/tools"), "{}", told.all());
    repo.monster(&["hook", "install"]).done().ok();
    let ours = repo.read(HOOK);
    // What git runs for one of them is not another's to take away; once it runs it for none, it is.
    let told = side.monster(&["hook", "status"]).done();
    assert!(told.ok().stdout.contains("another work tree's: ") && !told.all().contains("shadowed"), "{}", told.all());
    let told = side.monster(&["hook", "uninstall"]).done();
    assert!(told.ok().stdout.contains("left alone: ") && told.stdout.contains("another work tree's"), "{}", told.all());
    assert_eq!(repo.read(HOOK), ours);
    repo.git(&["config", "core.hooksPath", "/dev/null"]);
    side.monster(&["hook", "uninstall"]).done().ok();
    assert!(!repo.path().join(HOOK).exists());
}

#[test]
fn a_bare_repository_is_no_work_tree_that_a_hook_runs_in() {
    let sandbox = offline();
    pager(&sandbox).git(&["clone", "-q", "--bare", ".", "../all.git"]);
    let all = sandbox.at("all.git");
    all.git(&["config", "extensions.worktreeConfig", "true"]);
    all.git(&["config", "--worktree", "core.bare", "true"]);
    all.git(&["config", "--unset", "core.bare"]);
    all.git(&["worktree", "add", "-q", "--detach", "../only"]);
    let only = sandbox.at("only");
    only.monster(&["hook", "install"]).done().ok();
    let hook = all.path().join("hooks/prepare-commit-msg");
    assert!(hook.exists());
    only.git(&["config", "--worktree", "core.hooksPath", "tools/hooks"]);
    only.monster(&["hook", "uninstall"]).done().ok();
    assert!(!hook.exists());
}

#[test]
fn hooks_that_other_repositories_use_too_are_touched_only_when_asked() {
    let sandbox = offline();
    let repo = pager(&sandbox);
    let shared = sandbox.home().join("all-hooks");
    std::fs::create_dir(&shared).unwrap();
    let theirs = shared.join("prepare-commit-msg");
    std::fs::write(&theirs, "#!/bin/sh\necho theirs >> .git/seen\n").unwrap();
    crate::program::runnable(&theirs);
    repo.git(&["config", "--global", "core.hooksPath", "~/all-hooks"]);
    let told = repo.monster(&["hook", "install"]).done();
    assert!(told.exits(3).stderr.contains("--global-hooks"), "{}", told.all());
    assert_eq!(std::fs::read_dir(&shared).unwrap().count(), 1);
    repo.monster(&["hook", "install", "--global-hooks"]).done().ok();
    let (ok, said) = commit(&sandbox, &repo, &[]);
    assert!(ok && repo.message() == DRAFT, "{said}");
    assert_eq!(repo.read(".git/seen"), "theirs\n");
    repo.monster(&["hook", "uninstall"]).done().ok();
    assert_eq!(std::fs::read_to_string(&theirs).unwrap(), "#!/bin/sh\necho theirs >> .git/seen\n");
    assert_eq!(std::fs::read_dir(&shared).unwrap().count(), 1);
}

#[test]
fn a_tracked_hook_is_edited_only_when_asked_and_comes_back_byte_for_byte() {
    let sandbox = offline();
    let repo = pager(&sandbox);
    let theirs = "#!/usr/bin/env bash\necho theirs >> .git/seen\n";
    write(&repo, "tools/hooks/prepare-commit-msg", theirs, 0o755);
    repo.git(&["config", "core.hooksPath", "tools/hooks"]);
    repo.monster(&["hook", "install"]).done().exits(3);
    assert_eq!(repo.read("tools/hooks/prepare-commit-msg"), theirs);
    let done = repo.monster(&["hook", "install", "--write"]).done();
    assert!(done.ok().stdout.contains("\n+# >>> monster "), "the diff is shown: {}", done.all());
    let (ok, said) = commit(&sandbox, &repo, &[]);
    assert!(ok && repo.message() == DRAFT, "{said}");
    assert_eq!(repo.read(".git/seen"), "theirs\n");
    repo.monster(&["hook", "uninstall"]).done().ok();
    assert_eq!(repo.read("tools/hooks/prepare-commit-msg"), theirs);
    assert_eq!(mode(&repo.path().join("tools/hooks/prepare-commit-msg")), 0o755);
}

#[test]
fn huskys_own_folder_is_left_alone_and_its_scripts_are_edited_when_asked() {
    let sandbox = offline();
    let repo = pager(&sandbox);
    // As husky 9 lays it out: what git runs is generated and runs the script beside it.
    let generated = "#!/bin/sh\ns=.husky/$(basename \"$0\")\n[ ! -f \"$s\" ] || sh -e \"$s\" \"$@\"\n";
    write(&repo, ".husky/_/prepare-commit-msg", generated, 0o755);
    repo.git(&["config", "core.hooksPath", ".husky/_"]);
    let told = repo.monster(&["hook", "install"]).done().exits(3).all();
    insta::assert_snapshot!("husky", told.replace(env!("CARGO_PKG_VERSION"), "[VERSION]"));
    repo.monster(&["hook", "install", "--write"]).done().ok();
    assert_eq!(repo.read(".husky/_/prepare-commit-msg"), generated);
    let (ok, said) = commit(&sandbox, &repo, &[]);
    assert!(ok && repo.message() == DRAFT, "{said}");
    let json = repo.monster(&["hook", "status", "--json"]).done().ok().json();
    assert_eq!((&json["installed"], &json["hooks"][0]["manager"]), (&true.into(), &"husky".into()), "{json:#}");
    repo.monster(&["hook", "uninstall"]).done().ok();
    assert!(!repo.path().join(".husky/prepare-commit-msg").exists());
}

#[test]
fn lefthook_and_pre_commit_are_told_what_to_add_and_edited_when_asked() {
    for (file, text) in [
        ("lefthook.yml", "# ours\npre-commit:\n  commands:\n    lint:\n      run: true\n"),
        (
            ".pre-commit-config.yaml",
            "repos:\n  - repo: https://example.org/a\n    rev: v1\n    hooks:\n      - id: a\n",
        ),
    ] {
        let sandbox = offline();
        let repo = pager(&sandbox);
        repo.write(file, text);
        let told = repo.monster(&["hook", "install"]).done();
        assert!(told.exits(3).stderr.contains("monster hook run prepare-commit-msg"), "{}", told.all());
        assert_eq!(repo.read(file), text);
        assert!(!repo.path().join(HOOK).exists());
        let done = repo.monster(&["hook", "install", "--write"]).done();
        assert!(done.ok().stderr.contains(" install"), "{}", done.all());
        assert!(repo.read(file).starts_with(text));
        // Git runs the manager only when that has put its own hook there.
        let manager = if file.starts_with("lefthook") { "lefthook" } else { "pre-commit" };
        let told = repo.monster(&["hook", "status"]).done();
        let unmade = format!("{manager} has not made git's hook for it; run: {manager} install");
        assert!(told.ok().stdout.starts_with("written down, and not run by git yet: "), "{}", told.all());
        assert!(told.stderr.contains(&unmade), "{}", told.all());
        assert!(repo.monster(&["doctor"]).done().all().contains(&unmade));
        let again = repo.monster(&["hook", "install", "--write"]).done();
        assert!(again.ok().stderr.contains("git does not run it yet; run: "), "{}", again.all());
        write(&repo, HOOK, "#!/bin/sh\nexit 0\n", 0o755);
        let json = repo.monster(&["hook", "status", "--json"]).done().ok().json();
        assert_eq!(json["installed"], false, "somebody else's hook does not call it: {json:#}");
        write(&repo, HOOK, &format!("#!/bin/sh\nexec {manager} run\n"), 0o755);
        assert!(repo.monster(&["hook", "status"]).done().ok().stdout.starts_with("installed: "));
        // The lines look for monster, and where there is none they do nothing.
        let path = sandbox.command("sh", repo.path()).args(["-c", "printf %s \"${PATH#*:}\""]).output().unwrap().stdout;
        let path = String::from_utf8(path).unwrap();
        let told = repo.monster(&["hook", "status"]).env("PATH", &path).done();
        assert!(
            told.ok().stdout.starts_with("in its place, and does nothing: PATH has no monster: "),
            "{}",
            told.all()
        );
        let advice = "it runs the monster that PATH leads to, and there is none: put /";
        assert!(told.stderr.contains(advice), "{}", told.all());
        let told = repo.monster(&["doctor"]).env("PATH", &path).done();
        assert!(told.all().contains(advice), "{}", told.all());
        let json = repo.monster(&["hook", "status", "--json"]).env("PATH", &path).done().ok().json();
        assert_eq!(json["installed"], false, "{json:#}");
        let again = repo.monster(&["hook", "install", "--write"]).done();
        assert!(!again.ok().stderr.contains("run: "), "{}", again.all());
        std::fs::remove_file(repo.path().join(HOOK)).unwrap();
        repo.monster(&["hook", "uninstall"]).done().ok();
        assert_eq!(repo.read(file), text);
        // Beside the manager's own, which runs first.
        let shim = "#!/bin/sh\necho shim >> .git/seen\n";
        write(&repo, HOOK, shim, 0o755);
        repo.monster(&["hook", "install", "--beside"]).done().ok();
        let (ok, said) = commit(&sandbox, &repo, &[]);
        assert!(ok && repo.message() == DRAFT, "{said}");
        assert_eq!(repo.read(".git/seen"), "shim\n");
        repo.monster(&["hook", "uninstall"]).done().ok();
        assert_eq!(repo.read(HOOK), shim);
    }
}

#[test]
fn a_message_that_breaks_a_rule_is_told_of_and_stopped_only_by_a_rule_that_somebody_set() {
    let sandbox = offline();
    let repo = pager(&sandbox);
    repo.monster(&["hook", "install", "commit-msg"]).done().ok();
    let long = "a subject that goes on and on and says more than anybody wants to read in a list of commits";
    let (ok, said) = commit(&sandbox, &repo, &["-m", long]);
    assert!(ok && said.contains("its subject has"), "{said}");
    repo.git(&["reset", "-q", "--soft", "HEAD~1"]);

    let strict = ["-c", "monster.hook.validate=block", "commit", "-q", "-m", long];
    assert!(sandbox.command("git", repo.path()).args(strict).output().unwrap().status.success(), "nobody set a length");
    repo.git(&["reset", "-q", "--soft", "HEAD~1"]);
    repo.write(".monster.toml", "[commit]\nsubject_max = 60\ntypes = [\"fix\", \"feat\"]\n");
    repo.git(&["config", "--global", "monster.hook.validate", "block"]);
    for (message, passes) in [
        (long, false),
        ("chore: tidy", false),
        ("#12 tidy", false),
        ("fix(pager)!: count", true),
        ("Revert \"a\"", true),
    ] {
        let (ok, said) = commit(&sandbox, &repo, &["--allow-empty", "-m", message]);
        assert_eq!(ok, passes, "{message}: {said}");
    }
    // What a squash makes is a commit like any other.
    repo.git(&["switch", "-qc", "other"]);
    repo.stage("b.txt", "b\n").git(&["commit", "-q", "--no-verify", "-m", "feat: b"]);
    repo.git(&["switch", "-q", "main"]);
    repo.git(&["merge", "-q", "--squash", "other"]);
    let (ok, said) = commit(&sandbox, &repo, &["-m", "chore: tidy"]);
    assert!(!ok, "{said}");
}

#[test]
fn a_staged_secret_stops_a_commit_where_that_was_asked_for() {
    let sandbox = offline();
    let repo = pager(&sandbox);
    repo.monster(&["hook", "install", "pre-commit"]).done().ok();
    let (ok, said) = commit(&sandbox, &repo, &["-m", "clean"]);
    assert!(ok, "{said}");
    let token = sandbox.key("anthropic");
    repo.stage("deploy.sh", &format!("export DEPLOY={token}\n"));
    let (ok, said) = commit(&sandbox, &repo, &["-m", "a secret"]);
    assert!(!ok && said.contains("deploy.sh:1") && !said.contains(&token), "{said}");
    repo.git(&["config", "--global", "monster.hook.secrets", "warn"]);
    let (ok, said) = commit(&sandbox, &repo, &["-m", "a secret"]);
    assert!(ok && said.contains("deploy.sh:1"), "{said}");
}

#[test]
fn what_is_pushed_is_heard_by_both_hooks_and_stopped_by_the_users_own_gate() {
    let sandbox = offline();
    let repo = pager(&sandbox);
    let remote = sandbox.repo("remote");
    remote.git(&["config", "receive.denyCurrentBranch", "ignore"]);
    repo.git(&["remote", "add", "origin", "../remote"]);
    write(&repo, ".git/hooks/pre-push", "#!/bin/sh\necho \"$1\" > .git/seen\ncat >> .git/seen\n", 0o755);
    repo.monster(&["hook", "install", "pre-push"]).done().ok();
    repo.git(&["push", "-q", "origin", "main"]);
    let head = repo.git(&["rev-parse", "HEAD"]);
    assert!(repo.read(".git/seen").starts_with(&format!("origin\nrefs/heads/main {head} refs/heads/main 0000")));
    repo.stage("a.py", "<<<<<<< HEAD\na = 1\n=======\na = 2\n>>>>>>> side\n");
    repo.git(&["commit", "-q", "-m", "markers"]);
    let push = || sandbox.command("git", repo.path()).args(["push", "-q", "origin", "main"]).output().unwrap();
    repo.git(&["config", "--global", "monster.review.failOn", "high"]);
    let out = push();
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    assert!(!out.status.success() && said.contains("a.py:1") && said.contains("review.fail_on"), "{said}");
    repo.git(&["config", "--global", "--unset", "monster.review.failOn"]);
    assert!(push().status.success(), "a finding alone stops no push");
}

#[test]
fn an_amend_is_drafted_for_only_where_that_is_wished() {
    let sandbox = offline();
    let repo = pager(&sandbox);
    repo.monster(&["hook", "install"]).done().ok();
    repo.git(&["commit", "-q", "-m", "my own words"]);
    let (ok, said) = commit(&sandbox, &repo, &["--amend"]);
    assert!(ok && repo.message() == "my own words", "{said}");
    repo.git(&["config", "--global", "monster.hook.amend", "true"]);
    // Without an editor nobody would see it: these mean the words that stand there.
    for kept in [["--amend", "--no-edit"], ["--amend", "-CHEAD"]] {
        let (ok, said) = commit(&sandbox, &repo, &kept);
        assert!(ok && repo.message() == "my own words", "{kept:?}: {said}: {}", repo.message());
    }
    repo.stage("b.txt", "b\n");
    let (ok, said) = commit(&sandbox, &repo, &["-C", "HEAD"]);
    assert!(ok && repo.message() == "my own words", "{said}: {}", repo.message());
    repo.git(&["reset", "-q", "--soft", "HEAD~1"]);
    repo.git(&["restore", "-q", "--staged", "b.txt"]);
    let (ok, said) = commit(&sandbox, &repo, &["--amend"]);
    assert!(ok && repo.message() == format!("{DRAFT}\n\nmy own words"), "{said}: {}", repo.message());
    // The pre-commit framework says in variables what git says in words.
    let run = |source: &str, commit: &str| {
        repo.write("message", "my own words\n");
        let run = repo.monster(&["hook", "run", "prepare-commit-msg", "message"]);
        run.env("PRE_COMMIT_COMMIT_MSG_SOURCE", source).env("PRE_COMMIT_COMMIT_OBJECT_NAME", commit).done().ok();
        repo.read("message")
    };
    assert!(run("commit", "HEAD").starts_with(DRAFT), "{}", run("commit", "HEAD"));
    assert_eq!(run("commit", "0123abc"), "my own words\n");
}

#[test]
fn installing_over_what_was_edited_keeps_all_that_ran() {
    let sandbox = offline();
    let repo = pager(&sandbox);
    let theirs = "#!/bin/sh\necho theirs >> .git/seen\n";
    write(&repo, HOOK, theirs, 0o755);
    repo.monster(&["hook", "install"]).done().ok();
    for _ in 0..2 {
        write(&repo, HOOK, &format!("{}echo added >> .git/seen\n", repo.read(HOOK)), 0o755);
        assert!(repo.monster(&["hook", "install"]).done().exits(3).stderr.contains("install it anew"));
        repo.monster(&["hook", "uninstall"]).done().ok();
        let told = repo.monster(&["hook", "status"]).done();
        assert!(told.ok().stdout.contains("what stood there runs first: "), "{}", told.all());
        repo.monster(&["hook", "install"]).done().ok();
    }
    let (ok, said) = commit(&sandbox, &repo, &[]);
    assert!(ok && repo.message() == DRAFT, "{said}");
    assert_eq!(repo.read(".git/seen"), "theirs\nadded\nadded\n");
    for added in ["theirs\nadded\nadded\n", "theirs\nadded\n", "theirs\n"] {
        let done = repo.monster(&["hook", "uninstall"]).done();
        std::fs::remove_file(repo.path().join(".git/seen")).unwrap();
        repo.git(&["commit", "-q", "--allow-empty", "-m", "my own words"]);
        assert_eq!(repo.read(".git/seen"), added, "{}", done.all());
        // By hand, as somebody who wants one layer less.
        let prior = repo.path().join(format!("{HOOK}.monster-prior"));
        if prior.exists() {
            std::fs::remove_file(repo.path().join(HOOK)).unwrap();
            let told = repo.monster(&["hook", "status"]).done();
            assert!(told.ok().stderr.contains("put it back with: monster hook uninstall"), "{}", told.all());
        }
    }
    assert_eq!(repo.read(HOOK), theirs);
}

#[test]
fn what_stood_there_before_is_not_said_to_run_when_nothing_runs_it() {
    let sandbox = offline();
    let repo = pager(&sandbox);
    let theirs = "#!/bin/sh\necho theirs >> .git/seen\n";
    write(&repo, HOOK, theirs, 0o755);
    repo.monster(&["hook", "install"]).done().ok();
    // As another program that writes over whatever stands there.
    write(&repo, HOOK, "#!/bin/sh\nexit 0\n", 0o755);
    let told = repo.monster(&["hook", "status"]).done();
    assert!(!told.ok().all().contains("runs first") && told.stderr.contains("put it back with: mv "), "{}", told.all());
    let told = repo.monster(&["hook", "install"]).done();
    assert!(told.exits(3).stderr.contains("put it back with: mv "), "{}", told.all());
    std::fs::remove_file(repo.path().join(HOOK)).unwrap();
    let done = repo.monster(&["hook", "uninstall"]).done();
    assert!(done.ok().stdout.contains("what stood there before is back"), "{}", done.all());
    assert_eq!(repo.read(HOOK), theirs);
}

#[test]
fn where_git_runs_no_hooks_a_managers_file_is_not_edited() {
    let sandbox = offline();
    let repo = pager(&sandbox);
    let text = "pre-commit:\n  commands:\n    lint:\n      run: true\n";
    repo.write("lefthook.yml", text);
    repo.git(&["config", "core.hooksPath", "/dev/null"]);
    let told = repo.monster(&["hook", "install", "--write"]).done();
    assert!(told.exits(3).stderr.contains("git runs no hooks here"), "{}", told.all());
    assert!(told.stderr.contains("git config --show-origin core.hooksPath"), "{}", told.all());
    assert_eq!(repo.read("lefthook.yml"), text);
    repo.git(&["config", "--unset", "core.hooksPath"]);
    repo.monster(&["hook", "install", "--write"]).done().ok();
    repo.git(&["config", "core.hooksPath", "/dev/null"]);
    let json = repo.monster(&["hook", "status", "--json"]).done().ok().json();
    assert_eq!((&json["state"], &json["installed"]), (&"core.hooksPath leads nowhere".into(), &false.into()));
    repo.monster(&["hook", "uninstall"]).done().ok();
    assert_eq!(repo.read("lefthook.yml"), text);
}

#[test]
fn the_lines_for_others_files_stop_a_commit_only_for_a_policy_or_ctrl_c() {
    let sandbox = offline();
    let repo = pager(&sandbox);
    let stand_in = "#!/bin/sh\nprintf '%s|' \"$@\" > called\n[ \"$CODE\" != 139 ] || kill -SEGV $$\nexit \"$CODE\"\n";
    write(&repo, "bin/monster", stand_in, 0o755);
    let path =
        String::from_utf8(sandbox.command("sh", repo.path()).args(["-c", "echo \"$PATH\""]).output().unwrap().stdout);
    let path = format!("{}:{}", repo.path().join("bin").display(), path.unwrap().trim());
    // What is shown, between these marks and to the end of the line.
    let line = |mark: &str| {
        let told = repo.monster(&["hook", "install"]).done().exits(3).stderr.clone();
        told.split_once(mark).unwrap().1.lines().next().unwrap().to_owned()
    };
    repo.write("lefthook.yml", "pre-commit: {}\n");
    let lefthook = line("      run: ").replace("{0}", "MSG");
    std::fs::remove_file(repo.path().join("lefthook.yml")).unwrap();
    repo.write(".pre-commit-config.yaml", "repos:\n- repo: a\n");
    let framework = format!("{} MSG", line("      entry: "));
    std::fs::remove_file(repo.path().join(".pre-commit-config.yaml")).unwrap();
    let link = ".git/hooks/commit-msg";
    write(&repo, "tools/check", "#!/bin/sh\nexit 0\n", 0o755);
    std::os::unix::fs::symlink("../../tools/check", repo.path().join(link)).unwrap();
    let told = repo.monster(&["hook", "status"]).done();
    assert!(told.ok().stdout.contains("commit-msg: a symbolic link stands there: "), "{}", told.all());
    assert!(!told.stdout.contains("pre-push"), "{}", told.all());
    std::fs::remove_file(repo.path().join(link)).unwrap();
    std::os::unix::fs::symlink("elsewhere", repo.path().join(HOOK)).unwrap();
    let advised = format!("set -e -- MSG; {}", line("yourself: "));
    for line in [&lefthook, &framework, &advised] {
        for (code, ends) in [("0", 0), ("1", 0), ("2", 0), ("70", 0), ("101", 0), ("139", 0), ("6", 6), ("130", 130)] {
            let done = repo.any("sh", &["-c", line]).env("PATH", &path).env("CODE", code).done();
            done.exits(ends);
            assert_eq!(repo.read("called"), "hook|run|prepare-commit-msg|MSG|", "{line}: {code}");
        }
        // Nor does it stop anybody who has none.
        std::fs::remove_file(repo.path().join("called")).unwrap();
        repo.any("sh", &["-c", line]).env("PATH", "/usr/bin:/bin").done().ok();
        assert!(!repo.path().join("called").exists());
    }
}

#[test]
fn what_is_wrong_with_the_call_itself_stops_no_commit() {
    let sandbox = offline();
    let repo = pager(&sandbox);
    for hook in ["prepare-commit-msg", "commit-msg", "pre-commit", "pre-push"] {
        repo.write("message", "");
        let run = repo.monster(&["hook", "run", hook, "message"]).stdin("").env("MONSTER_NOW", "soon").done();
        assert!(run.ok().stderr.contains("MONSTER_NOW"), "{}", run.all());
    }
    for hook in ["prepare-commit-msg", "commit-msg"] {
        let run = repo.monster(&["hook", "run", hook]).done();
        assert!(run.ok().stderr.contains("is told the message file"), "{}", run.all());
    }
}

#[test]
fn one_hook_that_cannot_be_taken_out_keeps_no_other_in() {
    let sandbox = offline();
    let repo = pager(&sandbox);
    repo.monster(&["hook", "install", "--all"]).done().ok();
    let edited = format!("{}echo mine\n", repo.read(HOOK).replace("# <<< monster <<<", "#"));
    write(&repo, HOOK, &edited, 0o755);
    let done = repo.monster(&["hook", "uninstall"]).done();
    assert!(done.exits(7).stderr.contains("prepare-commit-msg was edited so that"), "{}", done.all());
    for hook in ["commit-msg", "pre-commit", "pre-push"] {
        assert!(done.stdout.contains(&format!("hooks/{hook}\n")), "{}", done.all());
        assert!(!repo.path().join(".git/hooks").join(hook).exists());
    }
    assert_eq!(repo.read(HOOK), edited);
}

#[test]
fn a_template_that_the_command_line_names_is_drafted_above() {
    let sandbox = offline();
    let repo = pager(&sandbox);
    repo.monster(&["hook", "install"]).done().ok();
    repo.write("tmpl", "TICKET: 7\n\n# a note\n");
    let (ok, said) = commit(&sandbox, &repo, &["-t", "tmpl"]);
    assert!(ok && repo.message() == format!("{DRAFT}\n\nTICKET: 7"), "{said}: {}", repo.message());
}

#[test]
fn a_commit_that_wants_no_draft_gets_none() {
    let sandbox = offline();
    let repo = pager(&sandbox);
    repo.monster(&["hook", "install"]).done().ok();
    let git = |args: &[&str], skip: &str| {
        let mut git = sandbox.command("git", repo.path());
        git.args(args).env("GIT_EDITOR", "true").env("MONSTER_SKIP", skip);
        let out = git.output().unwrap();
        (out.status.success(), String::from_utf8_lossy(&out.stderr).into_owned())
    };
    let ways: [(&[&str], &str); 3] = [
        (&["commit"], "1"),
        (&["-c", "monster.hook=false", "commit"], "0"),
        (&["-c", "monster.hook.enabled=false", "commit"], ""),
    ];
    for (args, skip) in ways {
        // Nobody else writes a message either.
        let (ok, said) = git(args, skip);
        assert!(!ok && said.contains("empty commit message"), "{args:?}: {said}");
    }
    let (ok, said) = git(&["commit"], "0");
    assert!(ok && repo.message() == DRAFT, "{said}");
}

#[test]
fn what_the_hook_remarks_is_in_no_commit_however_git_cleans_messages_up() {
    for cleanup in ["default", "strip", "whitespace", "verbatim", "scissors"] {
        let sandbox = offline();
        let repo = pager(&sandbox);
        repo.monster(&["hook", "install"]).done().ok();
        repo.git(&["config", "commit.cleanup", cleanup]);
        let (ok, said) = commit(&sandbox, &repo, &[]);
        // Where comments are kept, git's own are too.
        let message = repo.message();
        assert!(ok && message.starts_with(DRAFT) && !message.contains("monster"), "{cleanup}: {said}: {message}");
    }
}
