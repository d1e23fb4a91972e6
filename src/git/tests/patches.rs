//! Patches as people pipe them in, whatever their git was told to print.

use super::*;

fn read(text: &str) -> ChangeSet {
    patch::parse(text.as_bytes()).unwrap()
}

/// What git prints for the same change, with these words, read back.
fn printed(desk: &Desk, words: &[&str]) -> ChangeSet {
    let ran = desk.ran(words);
    assert!(ran.ok(), "{words:?}: {}", String::from_utf8_lossy(&ran.stderr));
    patch::parse(&ran.stdout).unwrap_or_else(|e| panic!("{words:?}: {e}"))
}

#[test]
fn names_are_the_same_whatever_stands_before_them() {
    let desk = Desk::new();
    desk.stage("src/a.py", b"1\n");
    desk.stage("a/b.py", b"1\n");
    desk.stage("gone with blank", b"1\n");
    desk.stage("run", b"1\n");
    desk.stage("old.txt", b"a\nb\nc\nd\ne\nf\n");
    desk.commit("one");
    desk.stage("src/a.py", b"2\n");
    desk.stage("a/b.py", b"2\n");
    desk.stage("b/new file", b"quite new\n");
    desk.stage("empty", b"");
    desk.git(&["rm", "-q", "gone with blank"]);
    desk.git(&["update-index", "--chmod=+x", "run"]);
    desk.git(&["mv", "old.txt", "moved.txt"]);
    let plain = printed(&desk, &["diff", "--cached", "-M"]);
    assert_eq!(plain.files.len(), 7, "{:?}", paths(&plain));
    for words in [
        &["-c", "diff.mnemonicPrefix=true", "diff", "--cached", "-M"][..],
        &["diff", "--cached", "-M", "--no-prefix"],
        &["diff", "--cached", "-M", "--src-prefix=before/", "--dst-prefix=after/"],
        &["diff", "--cached", "-M", "--src-prefix=x/y/", "--dst-prefix=z/"],
    ] {
        let read = printed(&desk, words);
        assert_eq!(paths(&read), paths(&plain), "{words:?}");
        assert_eq!(read, plain, "{words:?}");
    }
    let back = printed(&desk, &["diff", "--cached", "-M", "-R"]);
    assert!(paths(&back).contains(&("src/a.py".to_owned(), Status::Modified)), "{:?}", paths(&back));
}

#[test]
fn a_combined_diff_is_read_as_against_the_first_parent() {
    let desk = Desk::new();
    desk.stage("a", b"1\n2\n3\n");
    desk.commit("one");
    desk.git(&["switch", "-q", "-c", "x"]);
    desk.stage("a", b"1\ntheirs\n3\n");
    desk.commit("two");
    desk.git(&["switch", "-q", "main"]);
    desk.stage("a", b"1\nours\n3\n");
    desk.commit("three");
    desk.try_git(&["merge", "x"]);
    desk.stage("a", b"1\nboth\n3\nand more\n");
    desk.commit("merged");
    let combined = printed(&desk, &["show", "HEAD"]);
    let first = printed(&desk, &["diff", "HEAD^1", "HEAD"]);
    assert!(combined.notes.is_empty(), "{:?}", combined.notes);
    assert_eq!(paths(&combined), [("a".to_owned(), Status::Modified)]);
    let lines = |c: &ChangeSet| {
        c.files[0]
            .hunks
            .iter()
            .flat_map(|h| h.lines.clone())
            .map(|l| (l.kind, l.text, l.old, l.new))
            .collect::<Vec<_>>()
    };
    assert_eq!(lines(&combined), lines(&first));
}

#[test]
fn what_is_not_read_is_told() {
    let head = "diff --git a/x b/x\n--- a/x\n+++ b/x\n";
    for (text, told) in [
        (format!("{head}@@ -1,3 +1,3 @@\n a\n-b\n"), "x: a hunk is shorter than it says"),
        (format!("{head}@@ -1 +1 @@\n-b\n+c\n+d\n"), "x: lines outside of its hunks"),
        (format!("{head}@@ -one +1 @@\n-b\n+c\n"), "x: the head of a hunk"),
        (format!("{head}@@ -1 +1 @@\n-b\n+c\nSubmodule lib 123..456:\n  > more\n"), "the log of a submodule"),
        (format!("{head}@@ -1 +1 @@\n-b\n+c\n***************\n*** 1 ****\n"), "the context format"),
    ] {
        let change = read(&text);
        assert!(change.notes.iter().any(|n| n.contains(told)), "{told}: {:?}", change.notes);
    }
    let mail = format!("{head}@@ -1 +1 @@\n-b\n+c\n-- \n2.47.3\n\nFrom 123\n- a list\n");
    assert!(read(&mail).notes.is_empty(), "{:?}", read(&mail).notes);
}

#[test]
fn a_name_is_one_line_wherever_it_is_written() {
    for (name, shown) in [
        ("new\nSigned-off-by: x", "new\\x0aSigned-off-by: x"),
        ("\u{1b}[31mred", "\\x1b[31mred"),
        ("a\u{2028}b", "a\\xe2\\x80\\xa8b"),
        ("größe.txt", "größe.txt"),
        ("a\u{202e}cod.exe", "a\\xe2\\x80\\xaecod.exe"),
        ("a\u{200b}b\u{200d}c", "a\\xe2\\x80\\x8bb\\xe2\\x80\\x8dc"),
        // Letters of a script, and pictures, are joined and parted by some.
        ("\u{6cc}\u{200c}\u{62e}", "\u{6cc}\u{200c}\u{62e}"),
    ] {
        let path = Path::new(name.as_bytes());
        assert_eq!((path.as_str(), path.raw()), (shown, name.as_bytes()));
    }
}
