//! The same change, read by libgit2 and by the git process, is the same [`ChangeSet`].

use sha2::{Digest, Sha256};

use super::*;

/// What a repository looks like and how the change in it was made.
struct Case {
    name: &'static str,
    build: fn(&Desk),
}

const CORPUS: &[Case] = &[
    Case {
        name: "before the first commit",
        build: |desk| {
            desk.stage("a.rs", b"fn a() {}\n");
            desk.stage("deep/er/b.txt", b"no line feed");
        },
    },
    Case {
        name: "names and bytes that are no text",
        build: |desk| {
            desk.stage("caf\u{e9} \"x\".txt", b"1\n");
            desk.stage("tab\tname", b"1\n");
            desk.commit("one");
            desk.stage("caf\u{e9} \"x\".txt", b"caf\xe9\n");
            desk.stage("tab\tname", b"2\r\n");
            desk.stage("new\nline", b"x\n");
            #[cfg(target_os = "linux")]
            {
                use std::os::unix::ffi::OsStrExt;
                let name = std::ffi::OsStr::from_bytes(b"latin-\xe9");
                std::fs::File::create(desk.root().join(name)).unwrap();
                desk.git(&["add", "-A"]);
            }
        },
    },
    Case {
        name: "kinds, modes and binaries",
        build: |desk| {
            desk.stage("run.sh", b"x\n");
            desk.stage("bin", b"\0one");
            desk.stage("gone", b"\0two");
            desk.stage("turns", b"text\n");
            desk.stage("target", b"a\n");
            #[cfg(unix)]
            std::os::unix::fs::symlink("target", desk.root().join("link")).unwrap();
            desk.git(&["add", "-A"]);
            desk.commit("one");
            desk.git(&["update-index", "--chmod=+x", "run.sh"]);
            #[cfg(unix)]
            {
                use std::os::unix::fs::PermissionsExt;
                let mode = std::fs::Permissions::from_mode(0o755);
                std::fs::set_permissions(desk.root().join("run.sh"), mode).unwrap();
                std::fs::remove_file(desk.root().join("link")).unwrap();
                std::os::unix::fs::symlink("bin", desk.root().join("link")).unwrap();
                std::fs::remove_file(desk.root().join("turns")).unwrap();
                std::os::unix::fs::symlink("target", desk.root().join("turns")).unwrap();
            }
            desk.write("bin", b"\0one and more");
            std::fs::remove_file(desk.root().join("gone")).unwrap();
            desk.stage("empty", b"");
        },
    },
    Case {
        name: "moves",
        build: |desk| {
            let lines = |n: u32| (0..40).map(|i| format!("line {}\n", i * n)).collect::<String>();
            desk.stage("pure.txt", lines(3).as_bytes());
            desk.stage("edited.txt", lines(7).as_bytes());
            desk.commit("one");
            desk.git(&["mv", "pure.txt", "moved pure.txt"]);
            desk.git(&["mv", "edited.txt", "moved.txt"]);
            desk.stage("moved.txt", lines(7).replace("line 21\n", "changed\n").as_bytes());
        },
    },
    Case {
        name: "attributes",
        build: |desk| {
            desk.stage(".gitattributes", b"gen.rs linguist-generated\nvendor/** linguist-vendored\nraw.txt -diff\n");
            for name in ["gen.rs", "vendor/x.c", "raw.txt", "own.rs"] {
                desk.stage(name, b"1\n");
            }
            desk.commit("one");
            for name in ["gen.rs", "vendor/x.c", "raw.txt", "own.rs"] {
                desk.stage(name, b"2\n");
            }
        },
    },
    Case {
        name: "attributes that come with the change",
        build: |desk| {
            desk.stage("gen.rs", b"1\n");
            desk.commit("one");
            desk.stage("deep/.gitattributes", b"*.c -diff\n");
            desk.stage(".gitattributes", b"* linguist-generated\nraw.txt -diff\n");
            for name in ["gen.rs", "raw.txt", "deep/x.c"] {
                desk.stage(name, b"2\n");
            }
        },
    },
    Case {
        name: "sections and several hunks",
        build: |desk| {
            let code = |a: &str, b: &str| {
                format!(
                    "fn a() {{\n{}    {a}\n}}\n\nfn b() {{\n{}    {b}\n}}\n",
                    "    x;\n".repeat(9),
                    "    y;\n".repeat(9)
                )
            };
            desk.stage("a.rs", code("1", "2").as_bytes());
            desk.commit("one");
            desk.stage("a.rs", code("3", "4").as_bytes());
        },
    },
    Case {
        name: "a submodule moves on",
        build: |desk| {
            let inner = Desk::new();
            inner.stage("a", b"1\n");
            inner.commit("inner one");
            let url = inner.root().display().to_string();
            desk.git(&["-c", "protocol.file.allow=always", "submodule", "add", "-q", &url, "vendor/lib"]);
            desk.commit("one");
            let sub = desk.root().join("vendor/lib");
            let at = sub.display().to_string();
            files::replace(&sub.join("a"), b"2\n", 0o644).unwrap();
            desk.git(&["-C", &at, "commit", "-qam", "inner two"]);
            desk.git(&["add", "-A"]);
        },
    },
    Case {
        name: "files take the place of submodules",
        build: |desk| {
            desk.stage("a", b"1\n");
            desk.commit("one");
            let id = desk.git(&["rev-parse", "HEAD"]);
            for name in ["text", "binary", "empty"] {
                desk.git(&["update-index", "--add", "--cacheinfo", &format!("160000,{id},{name}")]);
            }
            desk.commit("modules");
            desk.git(&["rm", "-q", "--cached", "text", "binary", "empty"]);
            desk.stage("text", b"a line\n");
            desk.stage("binary", b"\0one");
            desk.stage("empty", b"");
        },
    },
    Case {
        name: "announced, not added",
        build: |desk| {
            desk.stage("a", b"1\n");
            desk.commit("one");
            desk.write("soon", b"x\n");
            desk.git(&["add", "-N", "soon"]);
        },
    },
    Case {
        name: "staged, and then edited further",
        build: |desk| {
            desk.stage("a", b"1\n2\n3\n");
            desk.stage("b", b"1\n");
            desk.stage("run", b"1\n");
            desk.commit("one");
            desk.stage("a", b"1\n2\nthree\n");
            desk.write("a", b"one\n2\nthree\n");
            std::fs::remove_file(desk.root().join("b")).unwrap();
            #[cfg(unix)]
            {
                use std::os::unix::fs::PermissionsExt;
                let mode = std::fs::Permissions::from_mode(0o755);
                std::fs::set_permissions(desk.root().join("run"), mode).unwrap();
            }
        },
    },
    Case {
        name: "a conflict",
        build: |desk| {
            desk.stage("a", b"1\n");
            desk.stage("b", b"1\n");
            desk.commit("one");
            desk.git(&["switch", "-q", "-c", "x"]);
            desk.stage("a", b"2\n");
            desk.commit("two");
            desk.git(&["switch", "-q", "main"]);
            desk.stage("a", b"3\n");
            desk.stage("b", b"3\n");
            desk.commit("three");
            desk.try_git(&["merge", "x"]);
        },
    },
    Case {
        name: "copies",
        build: |desk| {
            let lines = |n: u32| (0..40).map(|i| format!("line {}\n", i * n)).collect::<String>();
            desk.stage("one.txt", lines(3).as_bytes());
            desk.stage("two.txt", lines(7).as_bytes());
            desk.stage("left.txt", lines(11).as_bytes());
            desk.commit("one");
            desk.stage("one.txt", format!("{}more\n", lines(3)).as_bytes());
            desk.stage("one copied.txt", lines(3).as_bytes());
            desk.stage("two.txt", format!("{}more\n", lines(7)).as_bytes());
            desk.stage("two copied.txt", lines(7).replace("line 21\n", "changed\n").as_bytes());
            desk.stage("copied of what did not change.txt", lines(11).as_bytes());
        },
    },
    Case {
        name: "attributes of every kind",
        build: |desk| {
            desk.stage(
                ".gitattributes",
                b"# a note\n[attr]made linguist-generated -diff\n*.made made\n\"with space.txt\" linguist-generated\n\
                  *.pb linguist-generated=true\ndeep/** linguist-vendored\n/top.only -diff\n*.bin binary\n*.txt diff\n\
                  [a-c]?.rs linguist-generated\n",
            );
            desk.stage("deep/.gitattributes", b"back.c -linguist-vendored\n*.made !linguist-generated diff\n");
            desk.write(".git/info/attributes", b"last.c linguist-generated\n");
            let names = [
                "a.made",
                "with space.txt",
                "x.pb",
                "deep/in/x.c",
                "deep/back.c",
                "deep/x.made",
                "top.only",
                "deep/top.only",
                "x.bin",
                "zero.txt",
                "b1.rs",
                "d1.rs",
                "last.c",
                "deep/last.c",
            ];
            for name in names {
                desk.write(name, b"1\n");
            }
            desk.stage("zero.txt", b"1\n\0\n");
            desk.commit("one");
            for name in names {
                desk.write(name, b"2\n");
            }
            desk.stage("zero.txt", b"2\n\0\n");
        },
    },
    Case {
        name: "files that Git LFS keeps elsewhere",
        build: |desk| {
            let pointer = |content: &[u8]| {
                let hash: String = Sha256::digest(content).iter().map(|b| format!("{b:02x}")).collect();
                format!("version https://git-lfs.github.com/spec/v1\noid sha256:{hash}\nsize {}\n", content.len())
            };
            desk.stage(".gitattributes", b"*.big filter=lfs\n");
            for (name, content) in [("same.big", &b"one"[..]), ("other.big", b"two"), ("bare.big", b"three")] {
                desk.stage(name, pointer(content).as_bytes());
            }
            desk.commit("one");
            desk.stage("other.big", pointer(b"staged").as_bytes());
            desk.write("same.big", b"one");
            desk.write("other.big", b"\0quite another");
        },
    },
    Case {
        name: "a sparse checkout",
        build: |desk| {
            for name in ["in/a", "out/b", "out/c"] {
                desk.stage(name, b"1\n");
            }
            desk.commit("one");
            desk.git(&["sparse-checkout", "set", "--cone", "in"]);
            desk.write("in/a", b"2\n");
        },
    },
    Case {
        name: "a merge commit",
        build: |desk| {
            desk.stage("a", b"1\n");
            desk.commit("one");
            desk.git(&["switch", "-q", "-c", "x"]);
            desk.stage("b", b"2\n");
            desk.commit("two");
            desk.git(&["switch", "-q", "main"]);
            desk.stage("c", b"3\n");
            desk.commit("three");
            desk.git(&["merge", "-q", "--no-edit", "x"]);
        },
    },
];

fn sources(desk: &Desk) -> Vec<Source> {
    let mut out = vec![Source::Staged, Source::Worktree, Source::Tracked];
    if desk.try_git(&["rev-parse", "-q", "--verify", "HEAD"]) {
        out.extend([Source::Amend, Source::Commit("HEAD".into()), Source::Range("HEAD".into(), "HEAD".into())]);
    }
    if desk.try_git(&["rev-parse", "-q", "--verify", "x"]) {
        out.extend([Source::Parted("HEAD".into(), "x".into()), Source::Range("x".into(), "main".into())]);
    }
    out
}

#[test]
fn over_the_whole_corpus() {
    for case in CORPUS {
        let desk = Desk::new();
        (case.build)(&desk);
        let repo = desk.repo();
        for source in sources(&desk) {
            let gits = plumbing::diff(&repo, &source).unwrap();
            let ours = match diff::by_library(&repo, &source) {
                // It hides what the change says is to be hidden: such a work tree is left to git.
                Err(_) if case.name == "attributes that come with the change" && diff::live(&source) => continue,
                ours => ours.unwrap(),
            };
            similar_asserts(&format!("{}, {}", case.name, source.label()), &ours, &gits);
        }
    }
}

/// As `assert_eq`, one file at a time, so that a failure can be read.
fn similar_asserts(what: &str, ours: &ChangeSet, gits: &ChangeSet) {
    let names = |c: &ChangeSet| paths(c);
    assert_eq!(names(ours), names(gits), "{what}: libgit2 left, git right");
    for (a, b) in ours.files.iter().zip(&gits.files) {
        assert_eq!(a, b, "{what}: libgit2 left, git right");
    }
    assert_eq!(ours, gits, "{what}");
}

#[test]
fn whole_files_are_the_same_too() {
    for case in CORPUS {
        let desk = Desk::new();
        (case.build)(&desk);
        let repo = desk.repo();
        for source in sources(&desk) {
            let change = repo.diff(&source).unwrap();
            let ours = repo.contents(&source).unwrap();
            let gits = contents::Blobs::by_process(&repo, &source).unwrap();
            let what = format!("{}, {}", case.name, source.label());
            assert_eq!(ours.tracked(), Contents::tracked(&gits), "{what}");
            for file in &change.files {
                let both = |c: &dyn Contents| (c.before(file, 99), c.after(file, 99), c.base(file.path.as_str(), 99));
                assert_eq!(both(ours.as_ref()), both(&gits), "{what}: {}", file.path);
            }
        }
    }
}

/// What git can write and libgit2 cannot read.
#[test]
fn formats_that_libgit2_refuses_give_what_plain_ones_give() {
    let fill = |desk: &Desk| {
        desk.stage("src/a.rs", b"fn a() {\n    1\n}\n");
        desk.stage("docs/b.md", b"b\n");
        desk.commit("feat: begin");
        desk.stage("src/a.rs", b"fn a() {\n    2\n}\n");
        desk.commit("fix: two");
        desk.stage("docs/b.md", b"B\n");
        desk.stage("bin", b"\0\0\0");
        desk.write("src/a.rs", b"fn a() {\n    3\n}\n");
    };
    let plain = Desk::new();
    fill(&plain);
    let nothing: fn(&Desk) = |_| {};
    let strange = [
        ("sha256", Desk::with(&["--object-format=sha256"]), nothing),
        ("reftable", Desk::with(&["--ref-format=reftable"]), |_| {}),
        ("split index", Desk::new(), |d| drop(d.git(&["update-index", "--split-index"]))),
        ("sparse index", Desk::new(), |d| drop(d.git(&["sparse-checkout", "set", "--cone", "--sparse-index", "docs"]))),
    ];
    for (what, desk, then) in strange {
        fill(&desk);
        if what == "sparse index" {
            // Edits outside the cone would keep it from folding.
            desk.git(&["checkout", "-q", "src/a.rs"]);
        }
        then(&desk);
        let repo = desk.repo();
        let sources = [
            Source::Staged,
            Source::Worktree,
            Source::Amend,
            Source::Commit("HEAD~1".into()),
            Source::parse("HEAD~1.."),
        ];
        for source in sources {
            if what == "sparse index" && source == Source::Worktree {
                continue;
            }
            let without_ids = |desk: &Desk| {
                let mut change = desk.repo().diff(&source).unwrap();
                for file in &mut change.files {
                    (file.old_id, file.new_id) = (None, None);
                }
                change
            };
            assert_eq!(without_ids(&desk), without_ids(&plain), "{what}, {}", source.label());
            let change = repo.diff(&source).unwrap();
            let contents = repo.contents(&source).unwrap();
            let all: Vec<String> = contents.tracked().iter().map(|p| p.as_str().to_owned()).collect();
            assert!(all.contains(&"src/a.rs".to_owned()) && all.contains(&"docs/b.md".to_owned()), "{what}: {all:?}");
            for file in &change.files {
                assert!(contents.after(file, 99).is_some(), "{what}: {}", file.path);
                assert_eq!(contents.before(file, 99).is_some(), file.old_mode.is_some(), "{what}: {}", file.path);
            }
            if source == Source::Staged {
                assert_eq!(contents.base("docs/b.md", 99).as_deref(), Some(&b"b\n"[..]), "{what}");
            }
        }
        assert_eq!(repo.branch().as_deref(), Some("main"), "{what}");
        assert_eq!(repo.state(), State::Clean, "{what}");
        assert_eq!(repo.head_id(), Some(desk.git(&["rev-parse", "HEAD"])), "{what}");
        assert_eq!(repo.style(&Ours::default()).recent, ["fix: two", "feat: begin"], "{what}");
    }
}

#[test]
fn settings_are_told_apart_where_libgit2_cannot_read() {
    let desk = Desk::with(&["--object-format=sha256"]);
    desk.git(&["config", "monster.commit.language", "de"]);
    let env =
        desk.env(&[("GIT_CONFIG_COUNT", "1"), ("GIT_CONFIG_KEY_0", "monster.hook"), ("GIT_CONFIG_VALUE_0", "false")]);
    let settings = Repo::discover(desk.root(), &env).unwrap().settings();
    assert_eq!(settings.local, [("monster.commit.language".to_owned(), "de".to_owned())]);
    assert_eq!(settings.command, [("monster.hook".to_owned(), "false".to_owned())], "{settings:?}");
}
