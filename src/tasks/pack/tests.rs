use super::*;
use crate::git::Path;
use crate::git::patch::{Bare, parse};

/// A change of one new or edited file with these lines.
fn lines(path: &str, new: bool, kind: char, lines: &[String]) -> String {
    let (before, after) = if kind == '+' { (0, lines.len()) } else { (lines.len(), 0) };
    let head = if new { "new file mode 100644\n" } else { "" };
    let body: String = lines.iter().map(|line| format!("{kind}{line}\n")).collect();
    format!(
        "diff --git a/{path} b/{path}\n{head}--- {}\n+++ b/{path}\n@@ -{},{before} +{},{after} @@\n{body}",
        if new { "/dev/null".to_owned() } else { format!("a/{path}") },
        usize::from(before > 0),
        usize::from(after > 0),
    )
}

fn packed(patch: &str, room: usize) -> Packed {
    pack(&parse(patch.as_bytes()).unwrap(), &Bare, room, Lines::Plain)
}

#[test]
fn the_table_tells_of_a_file_what_its_lines_do_not() {
    let file = |change: &dyn Fn(&mut FileChange)| {
        let mut file = FileChange::new(Path::from("a/b.rs"), Status::Modified);
        (file.old_mode, file.new_mode) = (Some(0o100_644), Some(0o100_644));
        change(&mut file);
        row(0, &file, &Bare, 0)
    };
    let binary = |old_size, new_size| FileKind::Binary { old_size, new_size };
    type Row<'a> = (&'a dyn Fn(&mut FileChange), &'a str);
    let table: [Row<'_>; 14] = [
        (&|_| {}, "F1 modified a/b.rs"),
        (&|f| (f.added, f.removed) = (3, 1), "F1 modified a/b.rs +3 -1"),
        (&|f| f.new_mode = Some(0o100_755), "F1 modified a/b.rs mode 100644 -> 100755"),
        (
            &|f| (f.status, f.old_mode, f.new_mode, f.added) = (Status::Added, None, Some(0o100_755), 1),
            "F1 added a/b.rs +1 -0 mode 100755",
        ),
        (&|f| (f.status, f.old_mode, f.added) = (Status::Added, None, 1), "F1 added a/b.rs +1 -0"),
        (&|f| (f.status, f.new_mode, f.removed) = (Status::Deleted, None, 1), "F1 deleted a/b.rs +0 -1"),
        (&|f| (f.status, f.old_path) = (Status::Renamed, Some(Path::from("a/a.rs"))), "F1 renamed a/a.rs -> a/b.rs"),
        (&|f| f.kind = binary(Some(10), Some(2_000)), "F1 modified a/b.rs binary, 10 bytes -> 2000 bytes"),
        (&|f| f.kind = binary(None, Some(7)), "F1 modified a/b.rs binary, none -> 7 bytes"),
        (
            &|f| {
                f.kind = FileKind::Submodule {
                    from: Some("a".repeat(40)),
                    to: Some("b".repeat(40)),
                    subjects: vec!["fix: one".to_owned(), "feat: two".to_owned()],
                };
            },
            "F1 modified a/b.rs submodule aaaaaaaaaa -> bbbbbbbbbb\n   commit: fix: one\n   commit: feat: two",
        ),
        (
            &|f| (f.kind, f.status, f.old_mode, f.new_mode) = (FileKind::Symlink, Status::Added, None, Some(0o120_000)),
            "F1 added a/b.rs symbolic link",
        ),
        (&|f| f.eol_only = true, "F1 modified a/b.rs (only line endings)"),
        (&|f| f.whitespace_only = true, "F1 modified a/b.rs (only white space)"),
        (&|f| f.lfs = true, "F1 modified a/b.rs (Git LFS)"),
    ];
    for (change, told) in table {
        assert_eq!(file(change), told);
    }
}

#[test]
fn what_people_did_not_write_is_told_by_the_table_alone() {
    let long = |n: usize, bytes: usize| (0..n).map(|i| format!("{i}{}", "x;".repeat(bytes / 2))).collect::<Vec<_>>();
    let plain = || long(4, 30);
    type Row<'a> = (&'a str, bool, char, Vec<String>, Option<&'a str>);
    let table: [Row<'_>; 12] = [
        ("src/a.rs", false, '+', plain(), None),
        ("src/spin.lock.rs", false, '+', plain(), None),
        ("Cargo.lock", false, '+', plain(), Some("lock file")),
        ("vendor/a.rs", false, '+', plain(), Some("vendored")),
        ("api/user.pb.go", false, '+', plain(), Some("generated")),
        ("dist/bundle.js", true, '+', long(20, 1_500), Some("generated")),
        ("dist/bundle.js", false, '-', long(20, 1_500), Some("very long lines")),
        ("dist/one.js", false, '-', long(1, 2_100), Some("very long lines")),
        ("docs/data.md", true, '+', long(20, 1_500), Some("very long lines")),
        ("docs/prose.md", true, '+', long(20, 600), None),
        ("tests/data.json", true, '+', long(20, 600), Some("very long lines")),
        ("src/short.rs", true, '+', long(2, 600), None),
    ];
    for (path, new, kind, text, why) in table {
        let told = packed(&lines(path, new, kind, &text), 64 << 10);
        assert_eq!(told.named.first().map(|(_, why)| *why), why, "{path} {kind}");
        assert_eq!(told.text.contains("@@"), why.is_none(), "{path} {kind}");
        assert!(told.text.contains(path), "{path} stands in the table");
    }
}

#[test]
fn source_goes_before_settings_before_tests_before_documents() {
    let paths = ["README.md", "config/app.toml", "src/a.rs", "tests/a.rs"];
    let text: Vec<String> = (0..12).map(|n| format!("line {n} of a change that is not small at all")).collect();
    let patch: String = paths.iter().map(|path| lines(path, false, '+', &text)).collect();
    let ranked = ["src/a.rs", "config/app.toml", "tests/a.rs", "README.md"];
    let all = packed(&patch, 64 << 10);
    let places: Vec<usize> = ranked.iter().map(|path| all.text.find(&format!("{path}\n@@")).unwrap()).collect();
    assert!(places.is_sorted(), "{places:?}");
    let table = all.text.find("\n--- ").unwrap();
    let one = (all.text.len() - table) / ranked.len() + 40;
    for shown in 1..ranked.len() {
        let told = packed(&patch, table + one * shown);
        let names: Vec<&str> =
            ranked.iter().copied().filter(|path| told.text.contains(&format!("{path}\n@@"))).collect();
        assert_eq!(names, ranked[..shown], "in room for {shown}");
    }
}

/// A file of so many small hunks.
fn hunks(path: &str, count: usize) -> String {
    let body: String =
        (0..count).map(|n| format!("@@ -{0},1 +{0},1 @@\n-old{n}.{path}\n+new {n} {n}\n", n * 20 + 1)).collect();
    format!("diff --git a/{path} b/{path}\n--- a/{path}\n+++ b/{path}\n{body}")
}

#[test]
fn large_files_do_not_starve_the_small_edit_of_a_person() {
    for large in [1, 3, 6, 12] {
        let mut patch: String = (0..large).map(|n| hunks(&format!("gen/{n:02}.rs"), 400)).collect();
        patch.push_str(&hunks("src/zpager.rs", 1));
        for room in [12 << 10, 16 << 10, 64 << 10] {
            let told = packed(&patch, room);
            assert_eq!(told.shown.len(), large + 1, "{large} large files in {room}");
            assert!(told.text.contains("+new 0 0\n") && told.text.contains("src/zpager.rs\n@@"), "{large} in {room}");
            assert!(told.text.len() <= room, "{} in {room}", told.text.len());
            let next = told.rest.len() * 40 > room;
            assert!(!next || told.text.len() * 10 > room * 6, "{} of {room} are used", told.text.len());
        }
    }
}

#[test]
fn lock_files_share_one_budget() {
    struct Locks;
    impl Contents for Locks {
        fn before(&self, _: &FileChange, _: u64) -> Option<Vec<u8>> {
            Some(locked("1.0.0"))
        }
        fn after(&self, _: &FileChange, _: u64) -> Option<Vec<u8>> {
            Some(locked("1.1.0"))
        }
        fn base(&self, _: &str, _: u64) -> Option<Vec<u8>> {
            None
        }
        fn tracked(&self) -> Vec<Path> {
            Vec::new()
        }
    }
    fn locked(version: &str) -> Vec<u8> {
        let one = |n: usize| format!("[[package]]\nname = \"package-number-{n:03}\"\nversion = \"{version}\"\n\n");
        format!("version = 4\n\n{}", (0..60).map(one).collect::<String>()).into_bytes()
    }
    for files in [1, 6, 40] {
        let patch: String = (0..files)
            .map(|n| lines(&format!("c{n:02}/Cargo.lock"), false, '+', &["version = 1".to_owned()]))
            .collect();
        let told = pack(&parse(patch.as_bytes()).unwrap(), &Locks, 64 << 10, Lines::Plain).text;
        assert!(told.len() < 1_500 + files * 100, "{} bytes for {files} files", told.len());
        assert!(told.contains("package-number-000 1.0.0 -> 1.1.0") == (files < 40), "{told}");
        assert_eq!(told.matches("packages\n").count(), files, "{told}");
    }
}
