//! Message files as git itself writes them, and what becomes of a draft in them.

use super::message::{Draft, Problem, Rules, sanitise, taken_from, validate, wrap};
use super::*;

/// The message file that `git commit` with these words hands to its hooks.
fn written_by_git(desk: &Desk, words: &[&str]) -> String {
    let hook = desk.root().join(".git/hooks/prepare-commit-msg");
    std::fs::create_dir_all(hook.parent().unwrap()).unwrap();
    files::replace(&hook, b"#!/bin/sh\ncp \"$1\" .git/seen\nexit 1\n", 0o755).unwrap();
    // An editor, or git would not explain itself in the file.
    desk.try_git(&[&["-c", "core.editor=true", "commit", "--allow-empty"], words].concat());
    std::fs::remove_file(hook).unwrap();
    std::fs::read_to_string(desk.root().join(".git/seen")).unwrap()
}

fn drafted(desk: &Desk, there: &str, text: &str) -> Option<String> {
    let path = desk.root().join(".git/MSG");
    files::replace(&path, there.as_bytes(), 0o640).unwrap();
    let repo = desk.repo();
    let put = insert(&repo, &path, &Draft { text, comment: Some("why") }).unwrap();
    let now = std::fs::read_to_string(&path).unwrap();
    assert!(now.ends_with(there), "what stood there stays");
    assert_eq!(put, now != there);
    put.then(|| now.strip_suffix(there).unwrap().to_owned())
}

#[cfg(unix)]
#[test]
fn a_signed_off_message_is_still_to_be_written() {
    let desk = Desk::new();
    desk.stage("a", b"1\n");
    let there = written_by_git(&desk, &["--signoff"]);
    assert!(there.contains("Signed-off-by: a <a@b>"), "{there}");
    assert_eq!(drafted(&desk, &there, "feat: a").as_deref(), Some("feat: a\n\n# why\n"));
    assert_eq!(drafted(&desk, "Fix: mine\n", "feat: a"), None, "a subject in the first line is somebody's own");
}

#[cfg(unix)]
#[test]
fn comments_are_written_only_where_git_takes_them_out() {
    let desk = Desk::new();
    desk.stage("a", b"1\n");
    for (words, expected) in [
        (&["--verbose"][..], "feat: a\n\n# why\n"),
        (&["--cleanup=scissors"], "feat: a\n"),
        (&["--cleanup=scissors", "--verbose"], "feat: a\n"),
        (&["--cleanup=whitespace"], "feat: a\n"),
        (&["--cleanup=verbatim", "--verbose"], "feat: a\n"),
    ] {
        let there = written_by_git(&desk, words);
        assert_eq!(drafted(&desk, &there, "feat: a").as_deref(), Some(expected), "{words:?}");
    }
    let path = desk.root().join(".git/MSG");
    files::replace(&path, b"\n", 0o644).unwrap();
    let blind = Repo::discover(desk.root(), &desk.env(&[("GIT_EDITOR", ":")])).unwrap();
    insert(&blind, &path, &Draft { text: "feat: a", comment: Some("why") }).unwrap();
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "feat: a\n\n", "no editor opens, so git keeps comments");
}

#[test]
fn what_looks_like_a_comment_is_the_message_where_git_keeps_it() {
    let desk = Desk::new();
    let taken = |there: &str, cleanup: Option<&str>, editor: &str| {
        let path = desk.root().join(".git/MSG");
        files::replace(&path, there.as_bytes(), 0o644).unwrap();
        match cleanup {
            Some(how) => drop(desk.git(&["config", "commit.cleanup", how])),
            None => drop(desk.try_git(&["config", "--unset", "commit.cleanup"])),
        }
        let repo = Repo::discover(desk.root(), &desk.env(&[("GIT_EDITOR", editor)])).unwrap();
        taken_from(&repo, &path).unwrap()
    };
    for (there, cleanup, editor, expected) in [
        ("#12 count\n", None, ":", "#12 count"),
        ("#12 count\n", None, "vi", ""),
        ("#12 count\n", Some("strip"), ":", ""),
        ("# a note\nfeat: a\n", None, ":", "feat: a"),
        ("#12 count\n\nwhy\n", Some("whitespace"), "vi", "#12 count\n\nwhy"),
        (
            "#12 count\n# ------------------------ >8 ------------------------\ndiff\n",
            Some("scissors"),
            "vi",
            "#12 count",
        ),
    ] {
        assert_eq!(taken(there, cleanup, editor), expected, "{there:?} {cleanup:?} {editor}");
    }
}

#[cfg(unix)]
#[test]
fn the_comment_mark_that_git_chose_is_found() {
    let desk = Desk::new();
    desk.stage("a", b"1\n");
    desk.git(&["config", "core.commentChar", "auto"]);
    assert_eq!(drafted(&desk, &written_by_git(&desk, &[]), "feat: a").as_deref(), Some("feat: a\n\n# why\n"));
    desk.write(".git/template", b"# Heading\n");
    desk.git(&["config", "commit.template", ".git/template"]);
    let there = written_by_git(&desk, &[]);
    assert!(there.contains("\n; "), "{there}");
    assert_eq!(drafted(&desk, &there, "feat: a\n\n; b").as_deref(), Some("feat: a\n\n ; b\n\n; why\n\n"));
}

#[test]
fn of_the_two_names_of_the_comment_mark_the_nearer_layer_holds() {
    let desk = Desk::new();
    desk.write(".git/global", b"[core]\n\tcommentString = //\n");
    desk.git(&["config", "core.commentChar", ";"]);
    let global = desk.root().join(".git/global").display().to_string();
    let asked = Repo::discover(desk.root(), &desk.env(&[("GIT_CONFIG_GLOBAL", &global)])).unwrap();
    assert_eq!(asked.comment_mark(), ";");
    let words = [("GIT_CONFIG_COUNT", "1"), ("GIT_CONFIG_KEY_0", "core.commentString"), ("GIT_CONFIG_VALUE_0", "//")];
    let read = |vars: &[(&str, &str)]| {
        let vars = vars.iter().copied().chain([("A", "b")]);
        Repo::discover(desk.root(), &Env::fixed(vars, desk.root())).unwrap().comment_mark()
    };
    assert_eq!((read(&[]), read(&words)), (";".to_owned(), "//".to_owned()));
    desk.git(&["config", "core.commentString", "%%"]);
    assert_eq!(read(&[]), "%%");
}

#[cfg(unix)]
#[test]
fn a_message_files_mode_stays() {
    use std::os::unix::fs::PermissionsExt;
    let desk = Desk::new();
    drafted(&desk, "\n", "feat: a").unwrap();
    let mode = std::fs::metadata(desk.root().join(".git/MSG")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o640);
}

#[test]
fn wrapping_makes_no_comments_and_keeps_trailers_apart() {
    let words = format!("{} closes #12 and #13", "word ".repeat(13));
    let wrapped = wrap(&words);
    assert!(wrapped.lines().all(|l| !l.starts_with('#') && l.chars().count() <= 72), "{wrapped}");
    assert_eq!(wrapped.split_whitespace().count(), words.split_whitespace().count());
    let marks = "#123456789 ".repeat(12);
    assert_eq!(wrap(&format!("see {marks}")).lines().filter(|l| l.starts_with('#')).count(), 0);
    assert_eq!(wrap("Refs: ABC-1\nFixes: #12"), "Refs: ABC-1\nFixes: #12");
    assert_eq!(wrap("It was slow: it read\nall pages."), "It was slow: it read all pages.");
}

#[test]
fn half_an_answer_and_hidden_characters_are_no_message() {
    assert_eq!(sanitise("<think>I should"), "");
    assert_eq!(sanitise("fix: \u{1b}]8;;http://x\u{1b}\\a link\u{1b}]8;;\u{1b}\\"), "fix: a link");
    assert_eq!(sanitise("fix: a\u{1b}]0;never ended\nbody"), "fix: a\nbody");
    assert_eq!(sanitise("fix: \u{200b}a\u{61c}\0"), "fix: a");
    assert_eq!(validate("fix: a\0b", &Rules::default()), Err(vec![Problem::Nul]));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn wrapping_loses_no_word_and_makes_no_comment(words in proptest::collection::vec("[a-z#;:@]{1,30}", 1..60)) {
        let text = format!("x {}", words.join(" "));
        let wrapped = wrap(&text);
        prop_assert_eq!(wrapped.split_whitespace().collect::<Vec<_>>(), text.split_whitespace().collect::<Vec<_>>());
        prop_assert!(wrapped.lines().all(|l| !l.starts_with(['#', ';', ':', '@'])), "{}", wrapped);
    }

    #[test]
    fn nothing_a_model_says_makes_the_sanitiser_panic_or_leaves_controls(text in "\\PC{0,40}(\u{1b}\\[|\u{1b}\\]|\u{7}|\n|```|\"|<think>|</think>|\u{202e}|\0){0,6}\\PC{0,40}") {
        prop_assert!(sanitise(&text).chars().all(|c| c == '\n' || c == '\t' || !c.is_control()));
    }
}

#[test]
fn a_subject_that_is_cut_does_not_end_in_the_middle_of_a_promise() {
    let rules = Rules { subject_max: 40, ..Rules::default() };
    let cut = |text: &str| message::repair(text, &rules);
    assert_eq!(cut("fix: improve error handling and logging in the client"), "fix: improve error handling and logging");
    assert_eq!(cut("fix: close files, sockets, and the pipes of children"), "fix: close files, sockets");
}
