use std::path::{Path as FsPath, PathBuf};

use proptest::prelude::*;

use super::*;
use crate::world::process::{Ran, Run};
use crate::world::{Env, files};

mod agree;
mod edge;
#[cfg(unix)]
mod hook;
mod letter;
mod patches;
#[cfg(unix)]
mod trap;
mod undone;

/// A repository of its own, with nothing of the machine's configuration.
struct Desk {
    dir: tempfile::TempDir,
}

impl Desk {
    fn new() -> Self {
        Self::with(&[])
    }

    /// With words for `git init`.
    fn with(how: &[&str]) -> Self {
        let desk = Self { dir: tempfile::tempdir().unwrap() };
        desk.git(&[&["init", "-q", "-b", "main"], how].concat());
        desk
    }

    fn root(&self) -> &FsPath {
        self.dir.path()
    }

    fn git(&self, args: &[&str]) -> String {
        let ran = self.ran(args);
        assert!(ran.ok(), "git {args:?}: {}", String::from_utf8_lossy(&ran.stderr));
        String::from_utf8_lossy(&ran.stdout).trim_end().to_owned()
    }

    /// Whether git was content.
    fn try_git(&self, args: &[&str]) -> bool {
        self.ran(args).ok()
    }

    fn ran(&self, args: &[&str]) -> Ran {
        let mut env: Vec<(String, Option<String>)> =
            ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"].map(|n| (n.to_owned(), None)).to_vec();
        for (name, value) in [
            ("GIT_CONFIG_GLOBAL", "/dev/null"),
            ("GIT_CONFIG_NOSYSTEM", "1"),
            ("GIT_AUTHOR_NAME", "a"),
            ("GIT_AUTHOR_EMAIL", "a@b"),
            ("GIT_AUTHOR_DATE", "2025-01-02T03:04:05Z"),
            ("GIT_COMMITTER_DATE", "2025-01-02T03:04:05Z"),
            ("GIT_COMMITTER_NAME", "a"),
            ("GIT_COMMITTER_EMAIL", "a@b"),
        ] {
            env.push((name.to_owned(), Some(value.to_owned())));
        }
        let run = Run {
            program: "git",
            args: args.iter().map(Into::into).collect(),
            cwd: self.root(),
            stdin: None,
            env,
            timeout: Some(std::time::Duration::from_secs(30)),
        };
        run.collect().unwrap()
    }

    fn write(&self, name: &str, content: &[u8]) {
        let path = self.root().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        files::replace(&path, content, 0o644).unwrap();
    }

    fn stage(&self, name: &str, content: &[u8]) {
        self.write(name, content);
        self.git(&["add", "-A"]);
    }

    fn commit(&self, message: &str) {
        self.git(&["commit", "-q", "--allow-empty", "-m", message]);
    }

    fn repo(&self) -> Repo {
        Repo::discover(self.root(), &self.env(&[])).unwrap()
    }

    fn env(&self, vars: &[(&str, &str)]) -> Env {
        Env::fixed(vars.iter().copied(), self.root())
    }
}

fn paths(change: &ChangeSet) -> Vec<(String, Status)> {
    change.files.iter().map(|f| (f.path.as_str().to_owned(), f.status)).collect()
}

#[test]
fn a_folder_without_a_repository_is_told_apart() {
    let dir = tempfile::tempdir().unwrap();
    let found = Repo::discover(dir.path(), &Env::fixed([("A", "b")], dir.path()));
    assert!(matches!(found, Err(GitError::NotARepository(_))));
}

#[test]
fn staged_changes_of_every_kind_are_read() {
    let desk = Desk::new();
    desk.stage("a.txt", b"one\ntwo\nthree\nfour\nfive\nsix\nseven\n");
    desk.stage("gone.txt", b"x\n");
    desk.stage("old/name.rs", b"fn a() {}\nfn b() {}\nfn c() {}\nfn d() {}\n");
    desk.commit("feat: begin");
    desk.stage("a.txt", b"one\nTWO\nthree\nfour\nfive\nsix\nseven\n");
    desk.stage("bin.dat", b"\0\x01\x02");
    desk.git(&["mv", "old/name.rs", "new-name.rs"]);
    desk.git(&["rm", "-q", "gone.txt"]);
    let change = desk.repo().diff(&Source::Staged).unwrap();
    assert_eq!(
        paths(&change),
        [
            ("a.txt".into(), Status::Modified),
            ("bin.dat".into(), Status::Added),
            ("gone.txt".into(), Status::Deleted),
            ("new-name.rs".into(), Status::Renamed),
        ]
    );
    let a = &change.files[0];
    assert_eq!((a.added, a.removed), (1, 1));
    let line = a.added_lines().next().unwrap();
    assert_eq!((line.text.as_str(), line.new, line.old), ("TWO", Some(2), None));
    assert_eq!(change.files[1].kind, FileKind::Binary { old_size: None, new_size: Some(3) });
    assert_eq!(change.files[3].old_path.as_ref().unwrap().as_str(), "old/name.rs");
}

#[test]
fn the_first_commit_and_names_that_are_no_text_are_read() {
    let desk = Desk::new();
    desk.stage("größe.txt", b"caf\xe9\n");
    desk.stage("with space \"quote\".txt", b"x");
    let change = desk.repo().diff(&Source::Staged).unwrap();
    assert_eq!(change.files.len(), 2);
    assert!(change.files.iter().any(|f| f.path.as_str() == "größe.txt"));
    assert!(change.files.iter().any(|f| f.added_lines().any(|l| l.no_newline)));
    assert!(matches!(desk.repo().diff(&Source::Amend), Err(GitError::Unborn)));
}

#[test]
fn commits_ranges_and_partings_are_compared() {
    let desk = Desk::new();
    desk.stage("a", b"1\n");
    desk.commit("one");
    desk.git(&["switch", "-q", "-c", "side"]);
    desk.stage("b", b"1\n");
    desk.commit("two");
    desk.git(&["switch", "-q", "main"]);
    desk.stage("c", b"quite another\n");
    desk.commit("three");
    let of = |text: &str| {
        paths(&desk.repo().diff(&Source::parse(text)).unwrap()).into_iter().map(|(p, _)| p).collect::<Vec<_>>()
    };
    assert_eq!(of("HEAD"), ["c"]);
    assert_eq!(of("HEAD~1"), ["a"], "the root commit, against nothing");
    assert_eq!(of("main..side"), ["b", "c"]);
    assert_eq!(of("main...side"), ["b"]);
    assert_eq!(of("HEAD~1.."), ["c"]);
    assert_eq!(of("HEAD^!"), ["c"], "a commit against its first parent");
    let empty = desk.git(&["hash-object", "-t", "tree", "/dev/null"]);
    assert_eq!(of(&format!("{empty}..HEAD")), ["a", "c"]);
    assert_eq!(of(&format!("{empty}..")), ["a", "c"]);
    assert!(matches!(desk.repo().diff(&Source::parse("nosuch")), Err(GitError::UnknownRevision(_))));
    assert!(matches!(desk.repo().diff(&Source::parse("--output=x")), Err(GitError::Dash(_))));
}

#[test]
fn line_endings_white_space_and_links_are_noticed() {
    let desk = Desk::new();
    desk.stage("eol", b"a\nb\n");
    desk.stage("white", b"a b\n");
    desk.commit("one");
    desk.stage("eol", b"a\r\nb\r\n");
    desk.stage("white", b"a  b\n");
    #[cfg(unix)]
    std::os::unix::fs::symlink("eol", desk.root().join("link")).unwrap();
    desk.git(&["add", "-A"]);
    let change = desk.repo().diff(&Source::Staged).unwrap();
    assert!(change.files[0].eol_only);
    #[cfg(unix)]
    assert_eq!(change.files[1].kind, FileKind::Symlink);
    assert!(change.files.last().unwrap().whitespace_only);
}

#[test]
fn whole_files_are_read_from_both_sides() {
    let desk = Desk::new();
    desk.stage("a", b"old\n");
    desk.commit("one");
    desk.stage("a", b"staged\n");
    desk.write("a", b"working\n");
    let repo = desk.repo();
    let sides = |source: Source| {
        let (change, contents) = (repo.diff(&source).unwrap(), repo.contents(&source).unwrap());
        let text = |b: Option<Vec<u8>>| b.map(|b| String::from_utf8(b).unwrap());
        (
            text(contents.before(&change.files[0], 99)),
            text(contents.after(&change.files[0], 99)),
            text(contents.base("a", 99)),
        )
    };
    let some = |s: &str| Some(s.to_owned());
    assert_eq!(sides(Source::Staged), (some("old\n"), some("staged\n"), some("old\n")));
    assert_eq!(sides(Source::Worktree), (some("staged\n"), some("working\n"), some("old\n")));
}

#[test]
fn states_and_branches() {
    let desk = Desk::new();
    assert_eq!((desk.repo().branch().as_deref(), desk.repo().head_id()), (Some("main"), None));
    desk.stage("a", b"1\n");
    desk.commit("one");
    assert_eq!(desk.repo().state(), State::Clean);
    desk.git(&["switch", "-q", "-c", "x"]);
    desk.stage("a", b"2\n");
    desk.commit("two");
    desk.git(&["switch", "-q", "main"]);
    desk.stage("a", b"3\n");
    desk.commit("three");
    let merge = Run {
        program: "git",
        args: ["merge", "x"].map(Into::into).to_vec(),
        cwd: desk.root(),
        stdin: None,
        env: Vec::new(),
        timeout: None,
    };
    drop(merge.collect());
    assert_eq!(desk.repo().state(), State::Unmerged);
    desk.git(&["checkout", "-q", "--theirs", "a"]);
    desk.git(&["add", "a"]);
    assert_eq!(desk.repo().state(), State::Merging);
    assert!(desk.repo().state().keeps_message());
}

#[test]
fn style_is_learned_from_history() {
    let desk = Desk::new();
    for n in 0..6 {
        desk.stage("src/pager/a.rs", format!("{n}").as_bytes());
        desk.commit(&format!("fix(pager): change {n}"));
    }
    let learned = desk.repo().style(&Ours::default());
    assert!(learned.conventional && learned.looks == Looks::Conventional);
    assert!(learned.scopes.contains(&("src/pager/".into(), "pager".into())), "{:?}", learned.scopes);
    let prior = learned.priors.iter().find(|p| p.prefix == "src/").unwrap();
    assert_eq!((prior.type_.as_str(), prior.count), ("fix", 6));
    assert_eq!(learned.recent[0], "fix(pager): change 5");

    let plain = Desk::new();
    for n in 0..6 {
        plain.stage("a", format!("{n}").as_bytes());
        plain.commit(&format!("Change the number to {n}"));
    }
    assert_eq!(plain.repo().style(&Ours::default()).looks, Looks::Plain);
}

#[test]
fn hooks_are_installed_beside_what_stands_there() {
    let desk = Desk::new();
    let program = PathBuf::from("/opt/it's/monster");
    let repo = desk.repo();
    assert_eq!(hooks::status(&repo, HOOK).unwrap().state, hooks::State::Absent);
    let done = install(&repo, &program).unwrap();
    assert!(done.changed && !install(&repo, &program).unwrap().changed, "a second time changes nothing");
    assert!(std::fs::read_to_string(&done.path).unwrap().contains("'/opt/it'\\''s/monster'"));
    assert_eq!(hooks::status(&repo, HOOK).unwrap().state, hooks::State::Installed);
    assert!(hooks::uninstall(&repo, HOOK).unwrap().changed);
    assert!(!done.path.exists());

    let theirs = b"#!/bin/sh\nexit 0\n";
    files::replace(&done.path, theirs, 0o755).unwrap();
    assert_eq!(hooks::status(&repo, HOOK).unwrap().state, hooks::State::Taken);
    assert!(install(&repo, &program).unwrap().prior.is_some());
    assert!(hooks::uninstall(&repo, HOOK).unwrap().changed && !hooks::uninstall(&repo, HOOK).unwrap().changed);
    assert_eq!(std::fs::read(&done.path).unwrap(), theirs);
    std::fs::remove_file(&done.path).unwrap();
    desk.git(&["config", "core.hooksPath", ".husky"]);
    assert_eq!(hooks::status(&desk.repo(), HOOK).unwrap().state, hooks::State::Tracked);
}

#[test]
fn a_draft_is_put_above_what_stands_in_the_message_file() {
    let desk = Desk::new();
    let path = desk.root().join("MSG");
    let scissors = "\n# Please enter the commit message.\n# ------------------------ >8 ------------------------\ndiff --git a/x b/x\n+x\n";
    files::replace(&path, scissors.as_bytes(), 0o644).unwrap();
    let repo = desk.repo();
    assert!(insert(&repo, &path, &message::Draft { text: "fix: x", comment: Some("why") }).unwrap());
    assert_eq!(std::fs::read_to_string(&path).unwrap(), format!("fix: x\n\n# why\n{scissors}"));
    files::replace(&path, b"my words\n", 0o644).unwrap();
    assert!(!insert(&repo, &path, &message::Draft { text: "fix: x", comment: None }).unwrap());
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "my words\n");
    desk.git(&["config", "core.commentChar", ";"]);
    files::replace(&path, b"\n; note\n", 0o644).unwrap();
    insert(&desk.repo(), &path, &message::Draft { text: "fix: x", comment: Some("why") }).unwrap();
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "fix: x\n\n; why\n\n; note\n");
}

#[test]
fn what_models_say_becomes_a_message_or_is_refused() {
    use message::{Problem, Rules, join, repair, sanitise, validate, wrap};
    assert_eq!(sanitise("Sure! Here is the message:\n```\nfix: a\n\nb\n```\nBye"), "fix: a\n\nb");
    assert_eq!(sanitise("<think>x</think>\n\"fix: a\""), "fix: a");
    assert_eq!(sanitise("fix: \u{1b}[31mred\u{1b}[0m\u{202e}"), "fix: red");
    let rules = Rules { subject_max: 20, ..Rules::default() };
    assert_eq!(repair("fix: count pages up because they ask.", &rules), "fix: count pages up");
    let torn = "fix: add support for the long form";
    assert_eq!(repair(torn, &rules), torn, "what no phrase ends in time is not torn");
    assert_eq!(message::shortened(torn, 24), "fix: add support");
    assert_eq!(message::shortened(torn, 40), torn);
    assert_eq!(validate("", &rules), Err(vec![Problem::Empty]));
    assert!(validate("fix: use MSEC_x", &rules).unwrap_err().contains(&Problem::Placeholder));
    assert!(validate("fix: a\n\n# gone", &rules).is_err());
    assert!(validate("fix: a [skip ci]", &rules).is_err());
    assert!(validate("fixup! fix: a", &rules).is_err());
    assert_eq!(validate("fix: a\n\nbody", &rules), Ok(()));
    let long = "word ".repeat(30);
    assert!(wrap(&long).lines().all(|l| l.chars().count() <= 72));
    assert_eq!(wrap("- a\n- b"), "- a\n- b");
    assert_eq!(join("s", Some(" ")), "s");
}

#[test]
fn patches_apply_where_their_context_stands_and_nowhere_else() {
    let text = "a\nb\nc\nd\n";
    let apply = |p: &str| patch::apply(text, p).map_err(|e| e.to_string());
    assert_eq!(apply("@@ -2,1 +2,1 @@\n-b\n+B\n"), Ok("a\nB\nc\nd\n".into()));
    assert_eq!(apply("@@ -3,1 +3,1 @@\n-b\n+B\n"), Ok("a\nB\nc\nd\n".into()), "a line off is found");
    assert_eq!(apply("@@ -4,1 +4,2 @@\n d\n+e\n"), Ok("a\nb\nc\nd\ne\n".into()));
    assert_eq!(apply("@@ -0,0 +1,1 @@\n+x\n"), Ok("x\na\nb\nc\nd\n".into()));
    assert!(apply("@@ -2,1 +2,1 @@\n-x\n+B\n").is_err());
    assert!(apply("@@ -2,3 +2,1 @@\n-b\n+B\n").is_err(), "shorter than it says");
    assert!(apply("nonsense").is_err());
    assert!(apply("@@ -50,0 +51,1 @@\n+x\n").is_err(), "nothing to hold on to");
    let swapped = "@@ -3,1 +3,1 @@\n-c\n+C\n@@ -4,1 +4,1 @@\n-a\n+A\n";
    assert!(apply(swapped).is_err(), "hunks stand in order");
    assert_eq!(patch::apply("a\r\nb\r\n", "@@ -2,1 +2,1 @@\n-b\n+B\n").unwrap(), "a\r\nB\r\n", "line endings stay");
    assert_eq!(patch::apply("a", "@@ -1,1 +1,2 @@\n a\n+b\n").unwrap(), "a\nb\n");
}

#[test]
fn a_patch_that_went_through_windows_is_read() {
    let text = "diff --git a/x y.c b/x y.c\nindex 1111111..2222222 100644\n--- a/x y.c\n+++ b/x y.c\n@@ -1,3 +1,3 @@\n a\n\n-b\n+c\n";
    let change = patch::parse(text.replace('\n', "\r\n").as_bytes()).unwrap();
    let file = &change.files[0];
    assert_eq!(
        (file.path.as_str(), file.old_mode, file.new_id.as_deref()),
        ("x y.c", Some(0o100_644), Some("2222222"))
    );
    assert_eq!((file.added, file.removed, file.hunks[0].lines.len()), (1, 1, 4));
    let bare = "--- x.c\n+++ x.c\n@@ -1 +1 @@\n-b\n+c\n".replace('\n', "\r\n");
    assert_eq!(patch::parse(bare.as_bytes()).unwrap().files[0].path.as_str(), "x.c");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn no_bytes_make_the_patch_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        drop(patch::parse(&bytes));
    }

    #[test]
    fn no_nearly_patch_makes_it_panic(lines in proptest::collection::vec("(diff --git |--- |\\+\\+\\+ |@@ -|1,2 \\+0,99 @@|rename from |new file mode 100644|\\+|-| |\\\\|a/b|\"\\\\303|,|9999999999| b/){0,6}", 0..14)) {
        let text = lines.join("\n");
        if let Ok(change) = patch::parse(text.as_bytes()) {
            drop(patch::render(&change));
        }
        drop(patch::apply("a\nb\n", &text));
    }

    #[test]
    fn a_rendered_edit_applies(old in proptest::collection::vec("[a-d]{0,3}", 1..12), new in proptest::collection::vec("[a-d]{0,3}", 1..12)) {
        let text = |v: &[String]| v.iter().map(|l| format!("{l}\n")).collect::<String>();
        let (old, new) = (text(&old), text(&new));
        prop_assume!(old != new);
        let diff = similar::TextDiff::from_lines(&old, &new).unified_diff().context_radius(3).header("a/x", "b/x").to_string();
        prop_assert_eq!(patch::apply(&old, &diff).unwrap(), new);
    }
}

#[test]
fn the_environment_names_another_place() {
    let desk = Desk::new();
    desk.stage("a", b"1\n");
    desk.stage("b", b"1\n");
    desk.commit("one");
    desk.write("a", b"2\n");
    desk.write("b", b"2\n");
    // What a hook sees during "git commit a": an index of its own, named from the root.
    desk.git(&["add", "b"]);
    std::fs::copy(desk.root().join(".git/index"), desk.root().join(".git/next-index")).unwrap();
    desk.git(&["reset", "-q"]);
    desk.git(&["add", "a"]);
    let partial = Repo::discover(desk.root(), &desk.env(&[("GIT_INDEX_FILE", ".git/next-index")])).unwrap();
    let only_b = [("b".to_owned(), Status::Modified)];
    assert_eq!(paths(&partial.diff(&Source::Staged).unwrap()), only_b);
    assert_eq!(paths(&plumbing::diff(&partial, &Source::Staged).unwrap()), only_b);

    let elsewhere = tempfile::tempdir().unwrap();
    let git_dir = desk.root().join(".git").display().to_string();
    let vars = [("GIT_DIR", git_dir.as_str()), ("GIT_WORK_TREE", desk.root().to_str().unwrap())];
    let repo = Repo::discover(elsewhere.path(), &Env::fixed(vars, elsewhere.path())).unwrap();
    assert_eq!(repo.head_id(), Some(desk.git(&["rev-parse", "HEAD"])));
    let staged = paths(&repo.diff(&Source::Staged).unwrap());
    assert_eq!((staged.len(), staged[0].0.as_str()), (1, "a"));
    assert_eq!(paths(&plumbing::diff(&repo, &Source::Staged).unwrap()), staged);
}

#[test]
fn a_bare_repository_has_commits_and_nothing_staged() {
    let desk = Desk::new();
    desk.stage("a", b"1\n");
    desk.commit("one");
    let beside = tempfile::tempdir().unwrap();
    let bare = beside.path().join("x.git");
    desk.git(&["clone", "-q", "--bare", ".", bare.to_str().unwrap()]);
    let repo = Repo::discover(&bare, &Env::fixed([("A", "b")], &bare)).unwrap();
    assert!(matches!(repo.diff(&Source::Staged), Err(GitError::Bare)));
    let head = Source::Commit("HEAD".into());
    assert_eq!(repo.diff(&head).unwrap(), plumbing::diff(&repo, &head).unwrap());
    assert_eq!(repo.contents(&head).unwrap().tracked(), ["a".into()]);
}

#[test]
fn revisions_that_are_none_are_told() {
    for how in [&[][..], &["--object-format=sha256"]] {
        let desk = Desk::with(how);
        let repo = desk.repo();
        let unknown = |text: &str| matches!(repo.diff(&Source::parse(text)), Err(GitError::UnknownRevision(_)));
        assert!(unknown("HEAD") && unknown("nobody..") && unknown("HEAD...x"), "{how:?}");
        let dash = repo.diff(&Source::parse("--output=x"));
        assert!(matches!(dash, Err(GitError::Dash(_))) && !desk.root().join("x").exists(), "{how:?}");
        assert!(matches!(repo.diff(&Source::Amend), Err(GitError::Unborn)), "{how:?}");
        desk.stage("a", b"1\n");
        desk.commit("one");
        assert!(desk.repo().branch().is_some());
        desk.git(&["checkout", "-q", "--detach"]);
        assert_eq!(desk.repo().branch(), None, "{how:?}");
    }
}

/// Puts a draft into a message file; `false` where somebody has written already.
fn insert(repo: &Repo, path: &FsPath, draft: &message::Draft<'_>) -> Result<bool, GitError> {
    let slot = message::Slot::look(repo, path, false)?;
    slot.as_ref().map_or(Ok(()), |slot| slot.fill(draft)).map(|()| slot.is_some())
}

/// The hook that drafts.
const HOOK: hooks::Name = hooks::Name::PrepareCommitMsg;

/// Installs it as far as nobody has to be asked.
fn install(repo: &Repo, program: &FsPath) -> Result<hooks::Done, GitError> {
    hooks::install(repo, HOOK, program, hooks::How::default())
}
