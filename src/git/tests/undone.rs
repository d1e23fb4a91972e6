use super::*;

/// Commits one file and tells its subject.
fn commit(desk: &Desk, name: &str, text: &str, subject: &str) {
    desk.write(name, text.as_bytes());
    desk.git(&["add", "-A"]);
    desk.git(&["commit", "-q", "-m", subject]);
}

fn undone(desk: &Desk, source: &Source) -> Option<String> {
    let repo = desk.repo();
    repo.undone(&repo.diff(source).unwrap()).map(|undone| undone.subject)
}

#[test]
fn a_change_that_takes_a_commit_back_is_known_wherever_its_lines_stand_by_now() {
    let desk = Desk::new();
    let body = |middle: &str| format!("a\nb\nc\nd\n{middle}e\nf\ng\nh\n");
    commit(&desk, "a.txt", &body(""), "feat: begin");
    commit(&desk, "a.txt", &body("new\n"), "feat: add new");
    let id = desk.git(&["rev-parse", "HEAD"]);
    commit(&desk, "a.txt", &format!("first\n{}", body("new\n")), "feat: add first");
    commit(&desk, "b.txt", "b\n", "feat: add b");
    desk.write("a.txt", format!("first\n{}", body("")).as_bytes());
    assert_eq!(undone(&desk, &Source::Tracked).as_deref(), Some("feat: add new"), "not yet staged");
    desk.git(&["add", "-A"]);
    let repo = desk.repo();
    let found = repo.undone(&repo.diff(&Source::Staged).unwrap()).unwrap();
    assert_eq!((found.subject.as_str(), found.id), ("feat: add new", id));
    desk.write("b.txt", b"c\n");
    desk.git(&["add", "-A"]);
    assert_eq!(undone(&desk, &Source::Staged), None, "it does more than that");
}

#[test]
fn a_file_that_came_or_was_moved_goes_back() {
    let desk = Desk::new();
    commit(&desk, "a.txt", "a\nb\nc\nd\ne\n", "begin");
    commit(&desk, "b.txt", "b\n", "add b");
    desk.git(&["mv", "a.txt", "c.txt"]);
    desk.git(&["commit", "-q", "-m", "move a"]);
    desk.git(&["mv", "c.txt", "a.txt"]);
    assert_eq!(undone(&desk, &Source::Staged).as_deref(), Some("move a"));
    desk.git(&["reset", "-q", "--hard"]);
    desk.git(&["rm", "-q", "b.txt"]);
    assert_eq!(undone(&desk, &Source::Staged).as_deref(), Some("add b"));
    desk.git(&["revert", "-n", "HEAD"]);
    assert_eq!(undone(&desk, &Source::Staged), None, "two at once are neither of them");
}

#[test]
fn an_empty_or_an_own_change_takes_nothing_back() {
    let desk = Desk::new();
    commit(&desk, "a.txt", "a\n", "begin");
    assert_eq!(undone(&desk, &Source::Staged), None);
    commit(&desk, "a.txt", "b\n", "b");
    desk.write("a.txt", b"c\n");
    desk.git(&["add", "-A"]);
    assert_eq!(undone(&desk, &Source::Staged), None);
}
