//! husky, lefthook and the pre-commit framework themselves: told once, they run monster in a real `git commit`, and what
//! was written for that is taken out again.

use super::setup::tools;
use super::{result, skip};
use crate::chain::{commit, offline};
use crate::commit::pager;
use crate::sandbox::{Repo, Sandbox};

/// A manager: its program, how it takes a repository over, its own file, and how it hears of a new hook.
struct Manager {
    name: &'static str,
    program: &'static str,
    begins: &'static [&'static str],
    file: Option<(&'static str, &'static str)>,
    hears: &'static [&'static str],
}

static MANAGERS: [Manager; 3] = [
    Manager { name: "husky", program: "npm/node_modules/.bin/husky", begins: &[], file: None, hears: &[] },
    Manager {
        name: "lefthook",
        program: "npm/node_modules/.bin/lefthook",
        begins: &["install"],
        file: Some(("lefthook.yml", "pre-commit:\n  commands:\n    ok:\n      run: \"true\"\n")),
        hears: &["install"],
    },
    Manager {
        name: "pre-commit",
        program: "pre-commit/bin/pre-commit",
        begins: &["install"],
        file: Some((
            ".pre-commit-config.yaml",
            "repos:\n- repo: local\n  hooks:\n  - id: ok\n    name: ok\n    entry: \"true\"\n    language: system\n",
        )),
        hears: &["install", "--hook-type", "prepare-commit-msg"],
    },
];

/// Where it lies, if it is installed.
fn program(manager: &Manager) -> Option<String> {
    let program = tools().join(manager.program);
    if !program.exists() {
        skip("managers", &format!("{} is not there", manager.name));
        return None;
    }
    Some(program.display().to_string())
}

#[test]
fn managers_of_hooks_run_what_was_written_for_them() {
    for manager in &MANAGERS {
        let Some(program) = program(manager) else { return };
        let sandbox = offline();
        let repo = pager(&sandbox);
        if let Some((file, text)) = manager.file {
            repo.stage(file, text);
            repo.git(&["commit", "-q", "-m", "chore: keep hooks", file]);
        }
        repo.any(&program, manager.begins).done().ok();
        let told = repo.monster(&["hook", "install"]).done();
        assert!(told.exits(3).stderr.contains("monster hook run prepare-commit-msg"), "{}", told.all());
        repo.monster(&["hook", "install", "--write"]).done().ok();
        if let Some((file, _)) = manager.file {
            repo.git(&["add", file]);
        }
        if !manager.hears.is_empty() {
            let told = repo.monster(&["hook", "status"]).done();
            let unmade = format!("{} has not made git's hook for it", manager.name);
            // lefthook has made none for a hook that it did not know of; whoever has, knows.
            assert!(told.ok().stderr.contains(&unmade), "{}", told.all());
            repo.any(&program, manager.hears).done().ok();
        }
        let told = repo.monster(&["hook", "status"]).done();
        assert!(told.ok().stdout.starts_with("installed: "), "{}: {}", manager.name, told.all());
        let (ok, said) = commit(&sandbox, &repo, &[]);
        // Nobody else writes one, and git makes no commit without.
        assert!(ok, "{}: {said}", manager.name);
        assert!(!repo.message().is_empty(), "{}: {said}", manager.name);
        repo.monster(&["hook", "uninstall"]).done().ok();
        match manager.file {
            Some((file, text)) => assert_eq!(repo.read(file), text, "{}", manager.name),
            None => assert!(!repo.path().join(".husky/prepare-commit-msg").exists()),
        }
        result("managers", manager.name, "its own git commit is drafted, and nothing is left behind");
    }
}

fn push(sandbox: &Sandbox, repo: &Repo<'_>, branch: &str) -> (bool, String) {
    let out = sandbox.command("git", repo.path()).args(["push", "origin", branch]).output().unwrap();
    let said = [out.stdout, out.stderr].concat();
    (out.status.success(), String::from_utf8_lossy(&said).into_owned())
}

#[test]
fn pushes_and_amends_reach_monster_through_a_manager() {
    const MARKERS: &str = "<<<<<<< HEAD\na = 1\n=======\na = 2\n>>>>>>> side\n";
    for manager in MANAGERS.iter().filter(|manager| manager.file.is_some()) {
        let Some(program) = program(manager) else { return };
        let sandbox = offline();
        let repo = pager(&sandbox);
        repo.git(&["commit", "-q", "-m", "count the last page"]);
        repo.git(&["init", "-q", "--bare", "../bare.git"]);
        repo.git(&["remote", "add", "origin", "../bare.git"]);
        for (name, value) in [("monster.review.failOn", "high"), ("monster.hook.amend", "true")] {
            repo.git(&["config", "--global", name, value]);
        }
        let (file, text) = manager.file.unwrap();
        repo.write(file, text);
        repo.monster(&["hook", "install", "--write", "prepare-commit-msg", "pre-push"]).done().ok();
        repo.git(&["add", file]);
        repo.git(&["commit", "-q", "-m", "keep hooks"]);
        for hook in ["prepare-commit-msg", "pre-push"] {
            let framework = manager.name == "pre-commit";
            let words = if framework { vec!["install", "--hook-type", hook] } else { vec!["install"] };
            repo.any(&program, &words).done().ok();
        }
        let by = manager.name;
        repo.stage("m.py", MARKERS).git(&["commit", "-q", "-m", "m"]);
        repo.stage("b.txt", "b\n").git(&["commit", "-q", "-m", "b"]);
        // All of it is new, then a branch, then what a branch has over what stands there.
        let (ok, said) = push(&sandbox, &repo, "main");
        assert!(!ok && said.contains("m.py:1"), "{by}: {said}");
        repo.stage("m.py", "a = 1\n").git(&["commit", "-q", "-m", "m"]);
        let (ok, said) = push(&sandbox, &repo, "main");
        assert!(ok, "{by}: {said}");
        repo.git(&["switch", "-qc", "feat"]);
        repo.stage("n.py", MARKERS).git(&["commit", "-q", "-m", "n"]);
        repo.stage("c.txt", "c\n").git(&["commit", "-q", "-m", "c"]);
        let (ok, said) = push(&sandbox, &repo, "feat");
        assert!(!ok && said.contains("n.py:1"), "{by}: {said}");
        repo.git(&["push", "-q", "--no-verify", "origin", "feat"]);
        repo.stage("o.py", MARKERS).git(&["commit", "-q", "-m", "o"]);
        let (ok, said) = push(&sandbox, &repo, "feat");
        assert!(!ok && said.contains("o.py:1") && !said.contains("n.py"), "{by}: {said}");
        let (ok, said) = commit(&sandbox, &repo, &["--amend", "--no-edit"]);
        assert!(ok && repo.message() == "o", "{by}: {said}: {}", repo.message());
        let (ok, said) = commit(&sandbox, &repo, &["--amend"]);
        assert!(ok && repo.message() != "o" && repo.message().ends_with("\n\no"), "{by}: {said}: {}", repo.message());
        result("managers", by, "its own git push is reviewed, and an amend is drafted where that is wished");
    }
}
