//! Repositories at their edges: shallow, without a common commit, incomplete, and changed while we look.

use super::*;

/// By libgit2 where it can, and by the git process.
fn both(repo: &Repo, source: &Source) -> [Result<ChangeSet, GitError>; 2] {
    [diff::diff(repo, source), plumbing::diff(repo, source)]
}

#[test]
fn where_a_shallow_clone_ends_nothing_is_made_up() {
    let desk = Desk::new();
    for n in 0..3 {
        desk.stage("a", format!("{n}\n").as_bytes());
        desk.commit("one");
    }
    let beside = tempfile::tempdir().unwrap();
    let clone = beside.path().join("c");
    desk.git(&["clone", "-q", "--depth=1", &format!("file://{}", desk.root().display()), clone.to_str().unwrap()]);
    let repo = Repo::discover(&clone, &Env::fixed([("A", "b")], &clone)).unwrap();
    for source in [Source::Commit("HEAD".into()), Source::Amend] {
        for read in both(&repo, &source) {
            let error = read.unwrap_err();
            assert!(matches!(&error, GitError::Shallow(name) if name == "HEAD"), "{error}");
            assert!(error.about_state() && error.hint().unwrap().contains("--deepen"));
        }
    }
    assert!(repo.diff(&Source::Staged).unwrap().is_empty(), "what is staged has no need of a parent");
    // A real root is one, in a shallow clone's origin too.
    assert_eq!(desk.repo().diff(&Source::Commit("HEAD~2".into())).unwrap().files.len(), 1);
}

#[test]
fn without_a_common_commit_there_is_no_parting() {
    let desk = Desk::new();
    desk.stage("a", b"1\n");
    desk.commit("one");
    desk.git(&["switch", "-q", "--orphan", "other"]);
    desk.stage("b", b"1\n");
    desk.commit("two");
    for read in both(&desk.repo(), &Source::parse("main...other")) {
        let error = read.unwrap_err();
        assert!(matches!(&error, GitError::NoMergeBase(a, b) if a == "main" && b == "other"), "{error}");
        assert!(error.about_state() && error.hint().unwrap().contains("main..other"));
    }
}

#[test]
fn what_changes_while_we_look_is_noticed() {
    for how in [&[][..], &["--object-format=sha256"]] {
        let desk = Desk::with(how);
        desk.stage("a", b"1\n");
        desk.commit("one");
        desk.stage("a", b"2\n");
        let repo = desk.repo();
        let (staged, all) = (repo.snapshot(&Source::Staged).unwrap(), repo.snapshot(&Source::Tracked).unwrap());
        assert_eq!(repo.diff(&Source::Staged).unwrap().files.len(), 1);
        assert_eq!(repo.snapshot(&Source::Staged).unwrap(), staged, "{how:?}");
        desk.write("a", b"3 and more\n");
        assert_eq!(repo.snapshot(&Source::Staged).unwrap(), staged, "{how:?}: nothing more is staged");
        assert_ne!(repo.snapshot(&Source::Tracked).unwrap(), all, "{how:?}: git commit -a takes it");
        desk.stage("b", b"1\n");
        assert_ne!(repo.snapshot(&Source::Staged).unwrap(), staged, "{how:?}");
        assert_eq!(repo.diff(&Source::Staged).unwrap().files.len(), 2, "{how:?}: and it is read from disk again");
        desk.git(&["reset", "-q"]);
        desk.git(&["switch", "-q", "-c", "elsewhere"]);
        desk.git(&["add", "a"]);
        assert_ne!(repo.snapshot(&Source::Staged).unwrap(), staged, "{how:?}: another branch");
    }
}

#[test]
fn a_draft_is_known_without_an_object_being_written() {
    for how in [&[][..], &["--object-format=sha256"]] {
        let desk = Desk::with(how);
        let objects = || desk.git(&["count-objects", "-v"]);
        for name in ["a", "a-b", "a.b", "dir/x", "dir/deep/y", "dir-z", "dir.z/w"] {
            desk.stage(name, name.as_bytes());
        }
        #[cfg(unix)]
        std::os::unix::fs::symlink("a", desk.root().join("link")).unwrap();
        desk.git(&["add", "-A"]);
        let before = objects();
        let draft = desk.repo().draft(&Source::Staged).unwrap();
        assert_eq!(objects(), before, "{how:?}");
        assert_eq!(draft, format!(":{}", desk.git(&["write-tree"])), "{how:?}");
    }
}

#[test]
fn a_file_that_is_assumed_to_be_unchanged_is_missed_in_no_tree() {
    let desk = Desk::new();
    desk.stage("a", b"1\n");
    desk.stage("b", b"1\n");
    desk.commit("one");
    desk.git(&["update-index", "--assume-unchanged", "a"]);
    std::fs::remove_file(desk.root().join("a")).unwrap();
    desk.write("b", b"2\n");
    let of = |source| paths(&desk.repo().diff(&source).unwrap()).into_iter().map(|(p, _)| p).collect::<Vec<_>>();
    assert_eq!(of(Source::Worktree), ["b"]);
    assert_eq!(of(Source::Amend), ["a", "b"], "it is in the index all the same");
}

#[cfg(unix)]
#[allow(clippy::disallowed_methods)] // a pipe is nothing that the program makes, and its wait is a real one
#[test]
fn a_pipe_in_the_place_of_attributes_holds_nobody() {
    for how in [&[][..], &["--object-format=sha256"]] {
        for place in ["deep/.gitattributes", "deep/.gitignore", ".git/info/attributes", "elsewhere"] {
            let desk = Desk::with(how);
            desk.stage("deep/a", b"1\n");
            desk.commit("one");
            desk.stage("deep/a", b"2\n");
            desk.write("deep/a", b"3\n");
            let pipe = desk.root().join(place);
            if place == "elsewhere" {
                desk.git(&["config", "core.attributesFile", pipe.to_str().unwrap()]);
            }
            drop(std::fs::remove_file(&pipe));
            std::fs::create_dir_all(pipe.parent().unwrap()).unwrap();
            let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
            assert!(made.success());
            let repo = desk.repo();
            let began = std::time::Instant::now();
            for source in [Source::Worktree, Source::Tracked] {
                let error = repo.diff(&source).unwrap_err();
                assert!(matches!(&error, GitError::NotPlain(_)), "{how:?} {place}: {error}");
                assert!(error.about_state());
            }
            for source in [Source::Staged, Source::Commit("HEAD".into())] {
                // What libgit2 and we read of commits asks nobody; git would.
                match repo.diff(&source) {
                    Ok(change) => assert_eq!(change.files.len(), 1, "{how:?} {place}"),
                    Err(error) => assert!(matches!(&error, GitError::NotPlain(_)), "{how:?} {place}: {error}"),
                }
            }
            assert!(began.elapsed() < std::time::Duration::from_secs(20), "{how:?} {place}");
        }
    }
}

/// Takes an object away, or writes nonsense over it.
fn harm(desk: &Desk, id: &str, with: Option<&[u8]>) {
    let path = desk.root().join(format!(".git/objects/{}/{}", &id[..2], &id[2..]));
    std::fs::remove_file(&path).unwrap();
    if let Some(bytes) = with {
        files::replace(&path, bytes, 0o444).unwrap();
    }
}

#[test]
fn a_file_that_cannot_be_read_takes_no_other_with_it() {
    for how in [&[][..], &["--object-format=sha256"]] {
        for (damage, told) in [(None, "missing"), (Some(&b"nonsense"[..]), "damaged")] {
            let desk = Desk::with(how);
            for name in ["a", "b", "gone"] {
                desk.stage(name, format!("{name}\n1\n2\n3\n").as_bytes());
            }
            desk.commit("one");
            desk.git(&["rm", "-q", "gone"]);
            desk.stage("a", b"a\n1\n2\n4\n");
            desk.stage("b", b"b\n1\n2\n4\n");
            desk.stage("new", b"quite another\n");
            harm(&desk, &desk.git(&["rev-parse", "HEAD:b"]), damage);
            harm(&desk, &desk.git(&["rev-parse", "HEAD:gone"]), damage);
            let repo = desk.repo();
            for read in both(&repo, &Source::Staged) {
                let change = read.unwrap_or_else(|e| panic!("{how:?} {told}: {e}"));
                let unread: Vec<_> =
                    change.files.iter().filter_map(|f| Some((f.path.as_str(), f.unread.as_deref()?))).collect();
                assert_eq!(change.files.len(), 4, "{how:?} {told}");
                assert!(
                    unread.len() == 2 && unread.iter().all(|(_, why)| why.contains(told)),
                    "{how:?} {told}: {unread:?}"
                );
                assert_eq!((change.files[0].added, change.files[0].removed), (1, 1), "{how:?} {told}: a is read");
            }
            harm(&desk, &desk.git(&["rev-parse", "HEAD^{tree}"]), damage);
            let error = desk.repo().diff(&Source::Staged).unwrap_err();
            assert!(matches!(&error, GitError::Damaged(_)) && error.about_state(), "{how:?} {told}: {error:?}");
        }
    }
}

#[test]
fn a_last_commit_that_cannot_be_read_is_damage_and_no_unknown_name() {
    for how in [&[][..], &["--object-format=sha256"]] {
        for damage in [None, Some(&b"nonsense"[..])] {
            let desk = Desk::with(how);
            for n in 0..2 {
                desk.stage("a", format!("{n}\n").as_bytes());
                desk.commit("one");
            }
            desk.stage("a", b"3\n");
            harm(&desk, &desk.git(&["rev-parse", "HEAD"]), damage);
            let repo = desk.repo();
            for source in ["HEAD", "main", "HEAD~1", "HEAD..", "main...HEAD"].map(Source::parse) {
                for read in both(&repo, &source) {
                    let error = read.unwrap_err();
                    assert!(matches!(&error, GitError::Damaged(_)), "{how:?} {source:?}: {error:?}");
                    assert!(error.about_state() && error.hint().unwrap().contains("git fsck"));
                }
            }
            for source in [Source::Staged, Source::Amend, Source::Tracked] {
                for read in both(&repo, &source) {
                    let error = read.unwrap_err();
                    assert!(matches!(&error, GitError::Damaged(_)), "{how:?} {source:?}: {error:?}");
                }
            }
            for name in ["nosuch", "nosuch~1", "0123456789012345678901234567890123456789"] {
                for read in both(&repo, &Source::parse(name)) {
                    let error = read.unwrap_err();
                    assert!(matches!(&error, GitError::UnknownRevision(_)), "{how:?} {name}: {error:?}");
                }
            }
        }
    }
}

#[test]
fn paths_for_git_commit_are_told_from_its_other_words() {
    let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
    let found = |text: &str| named(&words(text)).join(" ");
    assert_eq!(found("--signoff -m x a.rs --author y b"), "a.rs b");
    assert_eq!(found("--no-verify -- -odd x"), "-odd x");
    assert_eq!(found("-S --trailer A:b"), "");
    let desk = Desk::new();
    desk.stage("src/a", b"1\n");
    desk.stage("src/b", b"1\n");
    desk.commit("one");
    desk.write("src/a", b"2\n");
    desk.stage("src/b", b"2\n");
    let here = Repo::discover(&desk.root().join("src"), &desk.env(&[])).unwrap();
    let mut change = here.diff(&Source::Tracked).unwrap();
    here.keep_named(&mut change, &["a"]).unwrap();
    assert_eq!(paths(&change), [("src/a".to_owned(), Status::Modified)]);
    assert!(matches!(here.keep_named(&mut change, &["nosuch"]), Err(GitError::Unmatched(_))));
}

#[test]
fn of_a_move_the_side_that_is_named_is_what_git_takes() {
    let desk = Desk::new();
    desk.stage("old.rs", b"fn one() {}\nfn two() {}\nfn three() {}\n");
    desk.stage("other", b"1\n");
    desk.commit("one");
    desk.git(&["mv", "old.rs", "new.rs"]);
    let repo = desk.repo();
    let told = |paths: &[&str]| {
        let mut change = repo.diff(&Source::Tracked).unwrap();
        repo.keep_named(&mut change, paths).unwrap();
        let row = |f: &FileChange| (f.path.as_str().to_owned(), f.status, f.added, f.removed);
        change.files.iter().map(row).collect::<Vec<_>>()
    };
    assert_eq!(told(&["new.rs"]), [("new.rs".to_owned(), Status::Added, 3, 0)]);
    assert_eq!(told(&["old.rs"]), [("old.rs".to_owned(), Status::Deleted, 0, 3)]);
    assert_eq!(told(&["old.rs", "new.rs"]), [("new.rs".to_owned(), Status::Renamed, 0, 0)]);
}

#[test]
fn files_that_are_not_tracked_are_read_when_asked_for() {
    for how in [&[][..], &["--object-format=sha256"]] {
        let desk = Desk::with(how);
        desk.stage(".gitignore", b"*.log\n");
        desk.stage("a", b"1\n");
        desk.commit("one");
        desk.write("a", b"2\n");
        desk.write("new/deep.rs", b"fn new() {}\n");
        desk.write("new/out.log", b"x\n");
        desk.write("picture", b"\0\0");
        drop(Desk::git(&desk, &["init", "-q", "inner"]));
        desk.write("inner/x", b"1\n");
        let change = desk.repo().diff(&Source::WithUntracked).unwrap();
        assert_eq!(
            paths(&change),
            [
                ("a".to_owned(), Status::Modified),
                ("new/deep.rs".to_owned(), Status::Added),
                ("picture".to_owned(), Status::Added)
            ],
            "{how:?}"
        );
        assert_eq!((change.files[1].added, change.files[1].new_id.as_deref()), (1, None), "{how:?}");
        assert_eq!(change.files[2].kind, FileKind::Binary { old_size: None, new_size: Some(2) }, "{how:?}");
        assert!(change.notes[0].contains("inner/ is a repository of its own"), "{how:?}: {:?}", change.notes);
        let contents = desk.repo().contents(&Source::WithUntracked).unwrap();
        assert_eq!(contents.after(&change.files[1], 99).as_deref(), Some(&b"fn new() {}\n"[..]), "{how:?}");
    }
}

#[cfg(unix)]
#[test]
fn what_git_encodes_on_the_way_is_compared_as_git_does() {
    let desk = Desk::new();
    desk.stage(".gitattributes", b"*.wide working-tree-encoding=UTF-16LE\n");
    let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    desk.stage("a.wide", &wide("one\ntwo\n"));
    desk.commit("one");
    desk.write("a.wide", &wide("one\nthree\n"));
    let change = desk.repo().diff(&Source::Worktree).unwrap();
    let added: Vec<_> = change.files[0].added_lines().map(|l| l.text.as_str()).collect();
    assert_eq!(added, ["three"]);
}

/// What lies in the work tree is what such a filter keeps out of git: passwords, where it encrypts.
#[test]
fn what_a_filter_would_change_on_its_way_into_git_is_not_read_before_it_did() {
    for (how, vault) in [(&[][..], "vault"), (&["--object-format=sha256"], "vault"), (&[], "lfs.vault")] {
        let desk = Desk::with(how);
        desk.stage(".gitattributes", format!("*.key filter={vault}\n*.odd filter=nobody\n").as_bytes());
        desk.stage("a.key", b"sealed 1\n");
        desk.stage("still.key", b"sealed 1\n");
        desk.stage("b.odd", b"1\n");
        desk.commit("one");
        desk.stage("a.key", b"sealed 2\n");
        desk.write("a.key", b"open 2\n");
        desk.write("b.odd", b"2\n");
        desk.write("new.key", b"open\n");
        desk.git(&["config", &format!("filter.{vault}.clean"), "touch ran; sed s/open/sealed/"]);
        for source in [Source::Worktree, Source::WithUntracked, Source::Tracked, Source::AmendTracked] {
            let change = desk.repo().diff(&source).unwrap();
            let of = |name: &str| change.files.iter().find(|f| f.path.as_str() == name).unwrap();
            let held = if source == Source::WithUntracked { &["a.key", "new.key"][..] } else { &["a.key"] };
            let contents = desk.repo().contents(&source).unwrap();
            for name in held {
                let file = of(name);
                assert!(
                    file.unread.as_ref().is_some_and(|why| why.contains(&format!("{vault:?}"))),
                    "{how:?}: {source:?}: {file:?}"
                );
                assert!(file.hunks.is_empty(), "{how:?}: {source:?}: {file:?}");
                assert_eq!(contents.after(file, 99), None, "{how:?}: {source:?}: {name}");
            }
            assert_eq!(of("b.odd").added_lines().map(|l| l.text.as_str()).collect::<Vec<_>>(), ["2"], "{how:?}");
            let current = |name: &str| contents.current(&Path::new(name.as_bytes()), 99);
            assert_eq!([current("a.key"), current("still.key")], [None, None], "{how:?}: {source:?}");
            assert_eq!(current("b.odd").as_deref(), Some(&b"2\n"[..]), "{how:?}: {source:?}");
        }
        let staged = desk.repo().diff(&Source::Staged).unwrap();
        let lines: Vec<_> = staged.files.iter().flat_map(FileChange::added_lines).map(|l| l.text.as_str()).collect();
        assert_eq!(lines, ["sealed 2"], "{how:?}");
        assert!(!desk.root().join("ran").exists(), "{how:?}: a program of the repository's ran");
    }
}

#[cfg(unix)]
#[test]
fn errors_of_the_repository_say_what_helps() {
    let desk = Desk::new();
    desk.stage("a", b"1\n");
    desk.commit("one");
    desk.write(".git/index", b"DIRCnonsense");
    let error = desk.repo().diff(&Source::Staged).unwrap_err();
    assert!(matches!(&error, GitError::Index(..)), "{error:?}");
    assert!(error.about_state() && error.hint().unwrap().contains("git read-tree HEAD"));
    let theirs = GitError::Owner("/srv/it".into());
    assert!(theirs.about_state() && theirs.hint().unwrap().ends_with("safe.directory '/srv/it'"));
}

#[test]
fn attributes_are_those_of_the_commit_that_is_read() {
    for how in [&[][..], &["--object-format=sha256"]] {
        let desk = Desk::with(how);
        desk.stage(".gitattributes", b"[attr]made linguist-generated\nmade.c made\nraw.txt -diff\n");
        desk.stage("deep/.gitattributes", b"*.c linguist-vendored\n");
        for text in [b"1\n", b"2\n"] {
            for name in ["made.c", "raw.txt", "deep/x.c", "own.c"] {
                desk.stage(name, text);
            }
            desk.commit("one");
        }
        let source = Source::Commit("HEAD".into());
        let check = |repo: &Repo, what: &str| {
            for read in both(repo, &source) {
                // libgit2 knows nothing of the other format, and such a repository is read once.
                let change = read.unwrap();
                let hidden = |f: &&FileChange| f.generated || matches!(f.kind, FileKind::Binary { .. });
                let names: Vec<&str> = change.files.iter().filter(hidden).map(|f| f.path.as_str()).collect();
                assert_eq!(names, ["deep/x.c", "made.c", "raw.txt"], "{how:?}: {what}");
            }
        };
        check(&desk.repo(), "checked out");
        let bare = tempfile::tempdir().unwrap();
        let bare = bare.path().join("bare");
        desk.git(&["clone", "-q", "--bare", ".", bare.to_str().unwrap()]);
        check(&Repo::discover(&bare, &Env::fixed([("A", "b")], &bare)).unwrap(), "bare");
        desk.write(".gitattributes", b"own.c -diff linguist-generated\nraw.txt diff\n");
        std::fs::remove_file(desk.root().join("deep/.gitattributes")).unwrap();
        check(&desk.repo(), "another state in the work tree");
    }
}

#[test]
fn a_commit_that_is_missing_on_the_way_is_told_as_what_it_is() {
    for how in [&[][..], &["--object-format=sha256"]] {
        let desk = Desk::with(how);
        for n in 0..4 {
            desk.stage("a", format!("{n}\n").as_bytes());
            desk.commit("one");
        }
        desk.git(&["switch", "-q", "-c", "side", "HEAD~3"]);
        desk.commit("two");
        desk.git(&["switch", "-q", "main"]);
        let id = desk.git(&["rev-parse", "HEAD~1"]);
        std::fs::remove_file(desk.root().join(".git/objects").join(&id[..2]).join(&id[2..])).unwrap();
        let sources = ["HEAD", "HEAD~2..HEAD", "HEAD~1...HEAD", "side...HEAD"];
        for source in sources.map(Source::parse).into_iter().chain([Source::Amend]) {
            let error = desk.repo().diff(&source).unwrap_err();
            assert!(error.about_state(), "{how:?} {}: {error}", source.label());
        }
        for source in ["side~7", "side^2", "nowhere~1"] {
            let error = desk.repo().diff(&Source::parse(source)).unwrap_err();
            assert!(matches!(error, GitError::UnknownRevision(_)), "{how:?} {source}: {error}");
        }
        assert!(desk.repo().diff(&Source::Staged).unwrap().is_empty(), "{how:?}: what is whole is read");
    }
}

#[test]
fn an_index_that_was_cut_off_is_not_read_as_if_it_was_whole() {
    for how in [&[][..], &["--object-format=sha256"]] {
        let desk = Desk::with(how);
        for name in ["a", "b", "c"] {
            desk.stage(name, b"1\n");
        }
        desk.commit("one");
        desk.stage("a", b"2\n");
        let index = desk.root().join(".git/index");
        let whole = std::fs::read(&index).unwrap();
        let sum = if how.is_empty() { 20 } else { 32 };
        for length in [0, 1, 12, 12 + sum, 100, whole.len() / 2, whole.len() - sum, whole.len() - 1] {
            files::replace(&index, &whole[..length], 0o644).unwrap();
            for source in [Source::Staged, Source::Worktree, Source::Tracked, Source::Amend] {
                let error = desk.repo().diff(&source).unwrap_err();
                assert!(matches!(error, GitError::Index(..)), "{how:?} {length} {}: {error}", source.label());
            }
            assert!(desk.repo().diff(&Source::Commit("HEAD".into())).is_ok(), "{how:?} {length}: it is not asked");
            assert_eq!(std::fs::read(&index).unwrap(), &whole[..length], "{how:?} {length}: nothing is written");
        }
        files::replace(&index, &whole, 0o644).unwrap();
        assert_eq!(desk.repo().diff(&Source::Staged).unwrap().files.len(), 1);
        // Whoever leaves the sum out has an index all the same.
        desk.git(&["config", "index.skipHash", "true"]);
        desk.git(&["update-index", "--force-remove", "b"]);
        assert_eq!(desk.repo().diff(&Source::Staged).unwrap().files.len(), 2, "{how:?}");
    }
}

#[test]
fn what_only_moved_is_a_move_however_many_there_are() {
    let desk = Desk::new();
    let lines = |n: usize| (0..20).map(|k| format!("{n}: line {k}\n")).collect::<String>();
    for n in 0..2_100 {
        desk.write(&format!("old/{}/{n}.txt", n % 7), lines(n).as_bytes());
    }
    desk.git(&["add", "-A"]);
    desk.commit("one");
    std::fs::rename(desk.root().join("old"), desk.root().join("new")).unwrap();
    // One that changed on the way is looked for among what is left.
    desk.stage("new/0/7.txt", (lines(7) + "more\n").as_bytes());
    for change in both(&desk.repo(), &Source::Staged) {
        let change = change.unwrap();
        assert_eq!(change.files.len(), 2_100);
        let other = change.files.iter().find(|f| f.status != Status::Renamed);
        assert!(other.is_none(), "{other:?}");
        assert_eq!(change.files.iter().filter(|f| !f.hunks.is_empty()).count(), 1);
    }
    // Nor is a move lost where each of them changed on the way.
    desk.commit("two");
    for n in 0..2_100 {
        desk.write(&format!("next/{}/{n}.txt", n % 7), (lines(n) + "more\n").as_bytes());
    }
    std::fs::remove_dir_all(desk.root().join("new")).unwrap();
    desk.git(&["add", "-A"]);
    for change in both(&desk.repo(), &Source::Staged) {
        let files = change.unwrap().files;
        let moved = |file: &FileChange| file.status == Status::Renamed && file.hunks.len() == 1;
        assert_eq!(files.iter().filter(|file| moved(file)).count(), files.len() - 1);
        assert_eq!(files.len(), 2_100, "one had that line already");
    }
}
