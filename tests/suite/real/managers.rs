//! husky, lefthook and the pre-commit framework themselves: told once, they run monster in a real `git commit`, and what
//! was written for that is taken out again.

use super::setup::tools;
use super::{result, skip};
use crate::chain::{commit, offline};
use crate::commit::pager;

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

#[test]
fn managers_of_hooks_run_what_was_written_for_them() {
    for manager in &MANAGERS {
        let program = tools().join(manager.program);
        if !program.exists() {
            return skip("managers", &format!("{} is not there", manager.name));
        }
        let program = program.display().to_string();
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
            repo.any(&program, manager.hears).done().ok();
        }
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
