//! What a person and `monster commit` say to each other on a terminal.

use serde_json::json;

use crate::commit::{connected, pager};
use crate::sandbox::{Repo, Sandbox};
use crate::terminal::Terminal;
use crate::upstream::{Answer, Upstream};

const MODEL: [&str; 2] = ["--model", "openai/gpt-4.1-mini"];

fn said(subject: &str) -> Answer {
    Answer::json(&json!({ "type": "fix", "scope": "pager", "subject": subject, "body": "" }))
}

fn commit(repo: &Repo<'_>, flags: &[&str]) -> Terminal {
    let mut all = vec!["commit"];
    all.extend(MODEL);
    all.extend(flags);
    repo.terminal(&all)
}

#[test]
fn every_key_is_offered_and_yes_commits() {
    let upstream = Upstream::start();
    upstream.next(said("count the last page"));
    let sandbox = connected(&upstream);
    let repo = pager(&sandbox);
    let mut terminal = commit(&repo, &[]);
    terminal.until("fix(pager): count the last page");
    terminal.until("[y]es  [e]dit  [r]egenerate  [n]ext  [t]ype  [i]ntent  [d]iff  [q]uit").keys("y");
    terminal.left().exits(0).whole();
    assert_eq!(repo.message(), "fix(pager): count the last page");
}

#[test]
fn another_message_is_another_and_the_model_knows_what_was_seen() {
    let upstream = Upstream::start();
    for subject in ["count the last page", "round pages up", "divide upwards"] {
        upstream.next(said(subject));
    }
    let sandbox = connected(&upstream);
    let repo = pager(&sandbox);
    let mut terminal = commit(&repo, &[]);
    terminal.until("count the last page").until("[q]uit").keys("n");
    terminal.until("round pages up").until("message 2 of 2").until("[q]uit").keys("n");
    terminal.until("divide upwards").until("message 3 of 3").until("[q]uit").keys("y");
    terminal.left().exits(0).whole();
    assert_eq!(repo.message(), "fix(pager): divide upwards");
    let last = upstream.calls().last().unwrap().prompt();
    for seen in ["fix(pager): count the last page", "fix(pager): round pages up"] {
        assert!(last.contains(seen), "{last}");
    }
}

#[test]
fn a_model_that_repeats_itself_gives_no_second_message() {
    let upstream = Upstream::start();
    upstream.always(|_| said("count the last page"));
    let sandbox = connected(&upstream);
    let repo = pager(&sandbox);
    let mut terminal = commit(&repo, &[]);
    terminal.until("[q]uit").keys("n").until("there is no other message").until("[q]uit").keys("q");
    terminal.left().exits(1).whole();
    assert_eq!(upstream.calls().len(), 2);
}

#[test]
fn the_end_of_what_is_typed_is_no_commit() {
    let sandbox = Sandbox::new();
    let repo = pager(&sandbox);
    let before = repo.git(&["rev-parse", "HEAD"]);
    let mut terminal = repo.terminal(&["commit", "--offline"]);
    // Before the prompt reads keys it is the terminal that takes this one, and tells nobody.
    terminal.until("[q]uit").until_hidden().keys("\u{4}").until("nothing was committed");
    terminal.left().exits(1).whole();
    assert_eq!(repo.git(&["rev-parse", "HEAD"]), before);
}

#[test]
fn candidates_come_from_one_request_and_are_walked_through_in_a_circle() {
    let upstream = Upstream::start();
    let one = |subject: &str| json!({ "type": "fix", "scope": "pager", "subject": subject, "body": "" });
    let several = [one("count the last page"), one("Count the last page."), one("round pages up")];
    upstream.next(Answer::json(&json!({ "messages": several })));
    let sandbox = connected(&upstream);
    let repo = pager(&sandbox);
    let mut terminal = commit(&repo, &["-n", "3"]);
    terminal.until("count the last page").until("message 1 of 2").until("[q]uit").keys("n");
    terminal.until("round pages up").until("message 2 of 2").until("[q]uit");
    upstream.next(said("round pages up"));
    terminal.keys("n").until("these are all").until("count the last page").until("[q]uit").keys("y");
    terminal.left().exits(0).whole();
    assert_eq!(repo.message(), "fix(pager): count the last page");
}

#[test]
fn a_type_is_chosen_without_asking_the_model_again() {
    let upstream = Upstream::start();
    upstream.next(said("count the last page"));
    let sandbox = connected(&upstream);
    sandbox.config("[commit]\ntypes = [\"fix\", \"feat\", \"perf\"]\n");
    let repo = pager(&sandbox);
    let mut terminal = commit(&repo, &[]);
    terminal.until("fix(pager): count").until("[q]uit").keys("t");
    terminal.until("the type").until("perf").keys("\u{1b}[B").until("feat").keys("\r");
    terminal.until("feat(pager): count the last page").until("[q]uit").keys("y");
    terminal.left().exits(0).whole();
    assert_eq!(repo.message(), "feat(pager): count the last page");
    assert_eq!(upstream.calls().len(), 1);
}

#[test]
fn a_type_stands_once_behind_the_key_of_an_issue() {
    for (subjects, told) in [
        (["ABC-1: feat: add a", "ABC-2: fix: mend b"], "ABC-12: feat(pager): count the last page"),
        (["[ABC-1] feat: add a", "[ABC-2] fix: mend b"], "[ABC-12] feat(pager): count the last page"),
    ] {
        let upstream = Upstream::start();
        upstream.next(said("count the last page"));
        let sandbox = connected(&upstream);
        sandbox.config("[commit]\ntypes = [\"fix\", \"feat\", \"perf\"]\n");
        let repo = pager(&sandbox);
        for subject in [subjects[0], subjects[1], subjects[0]] {
            repo.git(&["commit", "-q", "--allow-empty", "-m", subject, "--", "README.md"]);
        }
        repo.git(&["switch", "-qc", "topic/ABC-12-pages"]);
        let mut terminal = commit(&repo, &[]);
        terminal.until("ABC-12").until("fix(pager): count").until("[q]uit").keys("t");
        terminal.until("the type").until("perf").keys("\u{1b}[B").until("feat").keys("\r");
        terminal.until("feat(pager): count the last page").until("[q]uit").keys("y");
        terminal.left().exits(0).whole();
        assert_eq!(repo.message(), told);
    }
}

#[test]
fn a_message_of_the_rules_is_called_so_where_enter_takes_it() {
    let sandbox = Sandbox::new();
    let repo = pager(&sandbox);
    let mut terminal = repo.terminal(&["commit", "--offline"]);
    terminal.until("pages in pager.rs").until("written by monster's own rules").until("[q]uit").keys("q");
    terminal.left().exits(1).whole();
}

#[test]
fn an_intent_goes_to_the_model_and_the_message_is_written_anew() {
    let upstream = Upstream::start();
    upstream.next(said("count the last page"));
    upstream.next(said("keep the last page in reports"));
    let sandbox = connected(&upstream);
    let repo = pager(&sandbox);
    let mut terminal = commit(&repo, &[]);
    terminal.until("[q]uit").keys("i");
    terminal.until("what the change is for").keys("reports lose their last page\r");
    terminal.until("keep the last page in reports").until("[q]uit").keys("y");
    terminal.left().exits(0).whole();
    assert_eq!(repo.message(), "fix(pager): keep the last page in reports");
    assert!(upstream.calls()[1].prompt().contains("reports lose their last page"));
}

#[test]
fn regenerating_asks_for_something_else() {
    let upstream = Upstream::start();
    upstream.next(said("count the last page"));
    upstream.next(said("round pages up"));
    let sandbox = connected(&upstream);
    let repo = pager(&sandbox);
    let mut terminal = commit(&repo, &[]);
    terminal.until("count the last page").until("[q]uit").keys("r");
    terminal.until("round pages up").until("[q]uit").keys("d").until("items.div_ceil(size)").until("[q]uit").keys("y");
    terminal.left().exits(0).whole();
    assert_eq!(repo.message(), "fix(pager): round pages up");
    assert!(upstream.calls()[1].prompt().contains("fix(pager): count the last page"));
}

#[test]
fn the_message_that_is_there_stays_when_no_other_comes() {
    let upstream = Upstream::start();
    upstream.next(said("count the last page"));
    upstream.always(|_| Answer::status(401, "authentication_error", "the key was revoked"));
    let sandbox = connected(&upstream);
    let repo = pager(&sandbox);
    let mut terminal = commit(&repo, &[]);
    terminal.until("count the last page").until("[q]uit");
    terminal
        .keys("r")
        .until("no model answered")
        .until("revoked")
        .until("fix(pager): count the last page")
        .until("[q]uit");
    terminal.keys("n").until("no model answered").until("fix(pager): count the last page").until("[q]uit");
    terminal.keys("i").until("what the change is for").keys("pages get lost\r");
    terminal.until("no model answered").until("fix(pager): count the last page").until("[q]uit").keys("y");
    let left = terminal.left();
    left.exits(0).whole();
    assert!(!left.all.contains("monster's own rules"), "{}", left.all);
    assert_eq!(repo.message(), "fix(pager): count the last page");
}

/// One limit holds for all messages that are asked for, however often.
#[test]
fn what_the_first_message_cost_is_not_there_for_the_second() {
    let upstream = Upstream::start();
    let mut dear = said("count the last page");
    // More than the whole limit holds, for what was sent.
    dear.usage.input = 100_000;
    upstream.next(dear);
    upstream.always(|_| said("round pages up"));
    let sandbox = connected(&upstream);
    let repo = pager(&sandbox);
    let mut terminal = commit(&repo, &["--max-cost", "0.03"]);
    terminal.until("count the last page").until("[q]uit").keys("r");
    terminal.until("limit").until("[q]uit").keys("y");
    terminal.left().exits(0).whole();
    assert_eq!(repo.message(), "fix(pager): count the last page");
    assert_eq!(upstream.calls().len(), 1, "nothing more was sent");
}

#[test]
fn a_file_staged_while_the_message_is_read_gives_another_message() {
    let upstream = Upstream::start();
    upstream.next(said("count the last page"));
    upstream.next(said("round pages up"));
    let sandbox = connected(&upstream);
    let repo = pager(&sandbox);
    let mut terminal = commit(&repo, &[]);
    terminal.until("count the last page").until("[q]uit");
    repo.stage("src/other.rs", "pub fn other() {}\n");
    terminal.keys("y").until("what would be committed changed").until("round pages up").until("[q]uit").keys("y");
    terminal.left().exits(0).whole();
    assert_eq!(repo.message(), "fix(pager): round pages up");
    assert!(upstream.calls()[1].prompt().contains("src/other.rs"), "the second message is about both files");
}

#[test]
fn hunks_are_picked_with_gits_own_questions() {
    let upstream = Upstream::start();
    upstream.next(said("count the last page"));
    let sandbox = connected(&upstream);
    let repo = pager(&sandbox);
    repo.git(&["reset", "-q"]);
    repo.write("README.md", "# Pager\n\nCounts all pages.\n");
    // Paths say what is picked from; they are no paths for git commit then.
    let mut terminal = commit(&repo, &["-p", "--", "src"]);
    terminal.until("Stage this hunk").keys("y\n");
    terminal.until("count the last page").until("[q]uit").keys("y");
    terminal.left().exits(0).whole();
    assert_eq!(repo.git(&["show", "--format=", "--name-only", "HEAD"]), "src/pager.rs");
    assert_eq!(repo.git(&["status", "--porcelain"]), " M README.md");
    repo.monster(&["commit", "-p"]).done().exits(2);
}

#[test]
fn where_the_rules_do_not_know_the_type_they_offer_some() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("any");
    repo.history(&[("chore: begin", "a.txt", "a\n")]);
    repo.stage("src/a.rs", "pub fn a() -> u8 {\n    1\n}\n").commit("feat: give one");
    repo.stage("src/a.rs", "pub fn a() -> u8 {\n    2\n}\n");
    let mut terminal = repo.terminal(&["commit", "--offline"]);
    terminal.until("types that may fit: ").until("[q]uit").keys("t");
    terminal.until("the type").keys("\r").until("[q]uit").keys("y");
    terminal.left().exits(0).whole();
    let message = repo.message();
    assert!(message.contains(": update a in a.rs") || message.contains(": change a in a.rs"), "{message}");
}

#[test]
fn a_resolved_merge_is_committed_with_gits_own_message() {
    let sandbox = Sandbox::new();
    let repo = merging(&sandbox, &[]);
    let mut terminal = repo.terminal(&["commit"]);
    terminal.until("a merge is in progress").until("Merge branch 'other'");
    terminal.until("[y]es  [e]dit  [d]iff  [q]uit").keys("y");
    terminal.left().exits(0).whole();
    assert_eq!(repo.message(), "Merge branch 'other'", "without git's remarks on conflicts");
    assert_eq!(repo.git(&["log", "-1", "--format=%P"]).split(' ').count(), 2);
}

/// A repository whose merge of `other` conflicted and is resolved.
fn merging<'a>(sandbox: &'a Sandbox, flags: &[&str]) -> Repo<'a> {
    let repo = sandbox.repo("merge");
    repo.history(&[("feat: begin", "a.txt", "one\n")]);
    repo.git(&["switch", "-qc", "other"]);
    repo.stage("a.txt", "two\n").commit("feat: two");
    repo.git(&["switch", "-q", "main"]);
    repo.stage("a.txt", "three\n").commit("feat: three");
    let mut words = vec!["merge", "-q", "other"];
    words.extend(flags);
    let _ = repo.any("git", &words).done();
    repo.stage("a.txt", "two and three\n");
    repo
}
