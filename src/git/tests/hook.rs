//! The hook as git runs it: real commits, and stand-ins for the program.

use super::*;
use crate::git::{Commit, How};

/// A program that writes what it was given into `.git/called` and ends with this code.
fn stand_in(at: &FsPath, code: u8) {
    std::fs::create_dir_all(at.parent().unwrap()).unwrap();
    let script = format!("#!/bin/sh\nprintf '%s|' \"$@\" > \"$(git rev-parse --git-dir)/called\"\nexit {code}\n");
    files::replace(at, script.as_bytes(), 0o755).unwrap();
}

fn called(git_dir: &FsPath) -> Option<String> {
    std::fs::read_to_string(git_dir.join("called")).ok()
}

#[test]
fn it_calls_the_program_with_what_git_gave_and_lets_the_commit_through() {
    for (code, passes) in [(0, true), (1, true), (70, true), (101, true), (139, true), (6, false), (130, false)] {
        let desk = Desk::new();
        let program = desk.root().join(".git/it's a $(folder)/monster");
        stand_in(&program, code);
        install(&desk.repo(), &program).unwrap();
        assert_eq!(desk.try_git(&["commit", "-q", "--allow-empty", "-m", "x"]), passes, "exit code {code}");
        let said = called(&desk.root().join(".git")).unwrap();
        assert_eq!(said, "hook|run|prepare-commit-msg|.git/COMMIT_EDITMSG|message|");
    }
}

#[test]
fn a_program_that_is_gone_or_no_program_stops_nothing() {
    let desk = Desk::new();
    let program = desk.root().join(".git/monster");
    install(&desk.repo(), &program).unwrap();
    assert!(desk.try_git(&["commit", "-q", "--allow-empty", "-m", "gone"]));
    std::fs::create_dir(&program).unwrap();
    assert!(desk.try_git(&["commit", "-q", "--allow-empty", "-m", "a folder"]));
    std::fs::remove_dir(&program).unwrap();
    files::replace(&program, b"\x7fELF nonsense", 0o755).unwrap();
    assert!(desk.try_git(&["commit", "-q", "--allow-empty", "-m", "broken"]));
}

#[test]
fn it_works_in_work_trees_and_submodules() {
    let desk = Desk::new();
    desk.stage("a", b"1\n");
    desk.commit("one");
    let program = desk.root().join(".git/monster");
    stand_in(&program, 0);
    let beside = tempfile::tempdir().unwrap();
    let tree = beside.path().join("tree");
    desk.git(&["worktree", "add", "-q", tree.to_str().unwrap(), "-b", "side"]);
    let url = desk.root().to_str().unwrap().to_owned();
    desk.git(&["-c", "protocol.file.allow=always", "submodule", "add", "-q", &url, "sub"]);
    let sub = desk.root().join("sub");
    for (place, git_dir) in [(&tree, ".git/worktrees/tree"), (&sub, ".git/modules/sub")] {
        let repo = Repo::discover(place, &Env::fixed([("A", "b")], place)).unwrap();
        install(&repo, &program).unwrap();
        assert_eq!(hooks::status(&repo, HOOK).unwrap().state, hooks::State::Installed);
        desk.git(&["-C", place.to_str().unwrap(), "commit", "-q", "--allow-empty", "-m", "x"]);
        assert!(called(&desk.root().join(git_dir)).is_some(), "{}", place.display());
        assert!(hooks::uninstall(&repo, HOOK).unwrap().changed);
    }
}

#[test]
fn lines_that_somebody_added_are_never_removed() {
    let desk = Desk::new();
    let repo = desk.repo();
    let program = PathBuf::from("/opt/monster");
    let path = install(&repo, &program).unwrap().path;
    let edited = [std::fs::read(&path).unwrap(), b"echo mine\n".to_vec()].concat();
    files::replace(&path, &edited, 0o755).unwrap();
    assert_eq!(hooks::status(&repo, HOOK).unwrap().state, hooks::State::Edited);
    assert!(matches!(install(&repo, &program), Err(GitError::HookTaken { .. })));
    assert_eq!(std::fs::read(&path).unwrap(), edited);
    assert!(hooks::uninstall(&repo, HOOK).unwrap().changed);
    assert_eq!(std::fs::read(&path).unwrap(), b"#!/bin/sh\necho mine\n");
    // One that was switched off is somebody's all the same.
    files::replace(&path, &edited, 0o644).unwrap();
    assert_eq!(hooks::status(&repo, HOOK).unwrap().state, hooks::State::Broken);
    assert!(matches!(install(&repo, &program), Err(GitError::HookTaken { .. })));
    assert_eq!(std::fs::read(&path).unwrap(), edited);
    // Where the end of ours is gone nobody can tell them apart.
    let cut = edited.split(|b| *b == b'\n').filter(|l| !l.starts_with(b"# <<<")).collect::<Vec<_>>().join(&b'\n');
    files::replace(&path, &cut, 0o755).unwrap();
    assert!(matches!(hooks::uninstall(&repo, HOOK), Err(GitError::HookTaken { .. })));
    assert_eq!(std::fs::read(&path).unwrap(), cut);
}

#[test]
fn a_hook_for_another_program_is_ours_all_the_same() {
    let desk = Desk::new();
    let repo = desk.repo();
    install(&repo, FsPath::new("/opt/old/monster")).unwrap();
    assert!(install(&repo, FsPath::new("/opt/new/monster")).unwrap().changed);
    assert!(hooks::uninstall(&repo, HOOK).unwrap().changed);
}

#[test]
fn nothing_is_written_through_a_link() {
    let desk = Desk::new();
    std::fs::create_dir(desk.root().join("tracked")).unwrap();
    let dir = desk.root().join(".git/hooks");
    drop(std::fs::remove_dir_all(&dir));
    std::os::unix::fs::symlink("../tracked", &dir).unwrap();
    assert!(matches!(install(&desk.repo(), FsPath::new("/m")), Err(GitError::HookTaken { .. })));
    assert_eq!(std::fs::read_dir(desk.root().join("tracked")).unwrap().count(), 0);

    let desk = Desk::new();
    let path = desk.root().join(".git/hooks/prepare-commit-msg");
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::os::unix::fs::symlink("nowhere", &path).unwrap();
    assert!(matches!(install(&desk.repo(), FsPath::new("/m")), Err(GitError::HookTaken { .. })));
    assert!(!path.with_file_name("nowhere").exists());
}

#[test]
fn hooks_path_of_the_users_own_configuration_counts() {
    let desk = Desk::new();
    desk.write(".git/global", b"[core]\n\thooksPath = /somewhere/hooks\n");
    let global = desk.root().join(".git/global").display().to_string();
    let repo = Repo::discover(desk.root(), &desk.env(&[("GIT_CONFIG_GLOBAL", &global)])).unwrap();
    assert_eq!(hooks::status(&repo, HOOK).unwrap().state, hooks::State::Nowhere);
    assert!(matches!(install(&repo, FsPath::new("/m")), Err(GitError::HookTaken { .. })));
    desk.git(&["config", "core.hooksPath", ""]);
    for repo in [Repo::discover(desk.root(), &Env::fixed([("A", "b")], desk.root())).unwrap(), desk.repo()] {
        assert_eq!(hooks::status(&repo, HOOK).unwrap().state, hooks::State::Nowhere, "an empty one too");
        assert!(!hooks::uninstall(&repo, HOOK).unwrap().changed);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_hooks_path_that_is_no_text_is_one_all_the_same() {
    let desk = Desk::new();
    desk.write(".git/config", &[b"[core]\n\tbare = false\n\thooksPath = .git/h\xffks\n".as_slice()].concat());
    // One for whom git's configuration is read here, and one for whom git is asked.
    for repo in [Repo::discover(desk.root(), &Env::fixed([("A", "b")], desk.root())).unwrap(), desk.repo()] {
        let done = install(&repo, FsPath::new("/m")).unwrap();
        assert!(done.path.as_os_str().as_encoded_bytes().ends_with(b".git/h\xffks/prepare-commit-msg"), "{done:?}");
        assert_eq!(hooks::status(&repo, HOOK).unwrap().state, hooks::State::Installed);
        assert!(hooks::uninstall(&repo, HOOK).unwrap().changed);
    }
}

#[test]
fn a_refused_commit_keeps_its_message_and_paths_mean_where_the_user_stands() {
    let desk = Desk::new();
    for (name, value) in [("user.name", "a"), ("user.email", "a@b")] {
        desk.git(&["config", name, value]);
    }
    desk.stage("deep/a", b"1\n");
    desk.stage("b", b"1\n");
    let hook = desk.root().join(".git/hooks/commit-msg");
    std::fs::create_dir_all(hook.parent().unwrap()).unwrap();
    files::replace(&hook, b"#!/bin/sh\nexit 1\n", 0o755).unwrap();
    let deep = desk.root().join("deep");
    let repo = Repo::discover(&deep, &Env::fixed([("A", "b")], &deep)).unwrap();
    let flags = ["-q".to_owned(), "--only".to_owned(), "--".to_owned(), "a".to_owned()];
    let how = How { stands: Some("here".to_owned()), flags: flags.to_vec(), ..How::default() };
    let commit = Commit { message: Some("feat: a\n\n#12 stays"), edit: false, remark: None, how: &how };
    let done = repo.commit(&commit).unwrap();
    assert_ne!(done.code, 0);
    assert_eq!(std::fs::read_to_string(done.kept.unwrap()).unwrap(), "feat: a\n\n#12 stays\n");
    let kept = repo.kept().remove(0);
    assert_eq!((kept.message.as_str(), &kept.how), ("feat: a\n\n#12 stays", &how));
    // Another that fails takes nothing away from it, and of more than five the oldest goes.
    let said = || repo.kept().into_iter().map(|kept| kept.message).collect::<Vec<_>>();
    for n in 1..6 {
        let message = format!("feat: other {n}");
        repo.commit(&Commit { message: Some(&message), ..commit }).unwrap();
    }
    assert_eq!(said(), ["feat: other 5", "feat: other 4", "feat: other 3", "feat: other 2", "feat: other 1"]);
    repo.commit(&commit).unwrap();
    assert_eq!(said(), ["feat: a\n\n#12 stays", "feat: other 5", "feat: other 4", "feat: other 3", "feat: other 2"]);
    // One that is tried again leaves its own place.
    repo.commit(&Commit { message: Some("feat: other 4"), ..commit }).unwrap();
    assert_eq!(said(), ["feat: other 4", "feat: a\n\n#12 stays", "feat: other 5", "feat: other 3", "feat: other 2"]);
    std::fs::remove_file(&hook).unwrap();
    let done = repo.commit(&commit).unwrap();
    assert_eq!((done.code, done.kept), (0, None));
    assert_eq!(desk.git(&["log", "-1", "--format=%B", "--name-only"]), "feat: a\n\n#12 stays\n\n\ndeep/a");
    assert_eq!(
        said(),
        ["feat: other 4", "feat: other 5", "feat: other 3", "feat: other 2"],
        "and one that succeeds its own"
    );
}

#[test]
fn no_line_of_a_message_is_taken_for_a_comment() {
    let desk = Desk::new();
    for (name, value) in [("user.name", "a"), ("user.email", "a@b"), ("core.editor", "true")] {
        desk.git(&["config", name, value]);
    }
    let message = "feat: a\n\n#12 stays";
    let cases: [(&str, bool, &[&str], &str); 7] = [
        ("default", false, &[], message),
        ("default", true, &[], message),
        ("strip", false, &[], message),
        ("strip", true, &[], message),
        ("whitespace", true, &[], message),
        ("verbatim", false, &[], message),
        // The user's word is the last: comments go, and this is none any more.
        ("default", true, &["--cleanup", "strip"], "feat: a\n\n #12 stays"),
    ];
    for (n, (cleanup, edit, flags, wanted)) in cases.into_iter().enumerate() {
        desk.git(&["config", "commit.cleanup", cleanup]);
        desk.stage("a", format!("{n}\n").as_bytes());
        let flags = ["-q"].iter().chain(flags).map(|flag| (*flag).to_owned()).collect();
        let how = How { flags, ..How::default() };
        let commit = Commit { message: Some(message), edit, remark: Some("types"), how: &how };
        assert_eq!(desk.repo().commit(&commit).unwrap().code, 0);
        let made = desk.git(&["log", "-1", "--format=%B"]);
        let made = made.trim_end();
        // With an editor git's own remarks stand there too, where the user keeps comments.
        assert!(if edit { made.starts_with(wanted) } else { made == wanted }, "{cleanup}, {edit}: {made}");
        assert!(!made.contains("types"), "{cleanup}, {edit}: {made}");
    }
}
