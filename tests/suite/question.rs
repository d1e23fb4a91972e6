//! Questions on a terminal: whatever ends them, the terminal is as it was, and nothing is done that was not answered.

use std::sync::Mutex;
use std::sync::mpsc::channel;

use serde_json::json;

use crate::commit::{connected, pager};
use crate::sandbox::Sandbox;
use crate::terminal::Terminal;
use crate::upstream::{Answer, Upstream};

const CTRL_C: &str = "\u{3}";

fn message() -> Answer {
    Answer::json(&json!({ "type": "fix", "scope": "pager", "subject": "count the last page", "body": "" }))
}

/// Ways to end a question.
const WAYS: [fn(&mut Terminal) -> &mut Terminal; 4] =
    [|t| t.keys(CTRL_C), |t| t.signal("INT"), |t| t.signal("TERM"), |t| t.signal("HUP")];

#[test]
fn a_question_for_a_key_that_is_interrupted_leaves_the_terminal_with_its_echo() {
    for way in WAYS {
        let sandbox = Sandbox::new();
        let repo = sandbox.repo("any");
        let mut terminal = repo.terminal(&["login", "openai", "--store", "plaintext", "--no-check"]);
        terminal.until("API key for OpenAI").until_hidden();
        way(&mut terminal);
        let left = terminal.left();
        left.exits(130).whole();
        assert!(left.all.ends_with("\r\ninterrupted\r\n"), "it is told on a line of its own: {:?}", left.all);
        assert!(!sandbox.config_dir().join("accounts.age").exists(), "and nothing was stored");
    }
}

#[test]
fn a_new_passphrase_that_is_interrupted_leaves_no_half_made_accounts() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("any");
    let login = ["login", "openai", "--store", "passphrase", "--no-check"];
    let mut terminal = repo.terminal(&login);
    terminal.until("API key for OpenAI").until_hidden().keys(&format!("{}\n", sandbox.key("openai")));
    terminal.until("New passphrase").until_hidden().keys("correct horse").keys(CTRL_C).left().exits(130).whole();
    for file in ["accounts.age", "slots.json"] {
        assert!(!sandbox.config_dir().join(file).exists(), "{file} was left behind");
    }
    // Nothing is locked either: the next try goes through.
    let mut terminal = repo.terminal(&login);
    terminal.until("API key for OpenAI").until_hidden().keys(&format!("{}\n", sandbox.key("openai")));
    terminal.until("New passphrase").until_hidden().keys("correct horse battery\n");
    terminal.until("once more").until_hidden().keys("correct horse battery\n");
    terminal.until("stored the key of openai").left().exits(0).whole();
}

#[test]
fn a_yes_or_no_that_is_interrupted_leaves_the_cursor_and_commits_nothing() {
    for way in WAYS {
        let sandbox = Sandbox::new();
        let repo = pager(&sandbox);
        repo.stage("deploy.sh", &format!("export DEPLOY={}\n", sandbox.key("anthropic")));
        let before = repo.git(&["rev-parse", "HEAD"]);
        let mut terminal = repo.terminal(&["commit"]);
        terminal.until("Commit it all the same?").until("\u{1b}[?25l");
        way(&mut terminal);
        let left = terminal.left();
        left.exits(130).whole();
        assert!(left.all.contains("\u{1b}[?25l"), "the cursor was hidden meanwhile");
        assert_eq!(repo.git(&["rev-parse", "HEAD"]), before);
    }
}

#[test]
fn the_menu_of_a_commit_that_is_interrupted_commits_nothing() {
    for way in WAYS {
        let upstream = Upstream::start();
        upstream.always(|_| message());
        let sandbox = connected(&upstream);
        let repo = pager(&sandbox);
        let before = repo.git(&["rev-parse", "HEAD"]);
        let mut terminal = repo.terminal(&["commit", "--model", "openai/gpt-4.1-mini"]);
        terminal.until("[y]es  [e]dit");
        way(&mut terminal);
        let left = terminal.left();
        left.exits(130).whole();
        assert!(left.all.ends_with("\r\ninterrupted; nothing was committed\r\n"), "{:?}", left.all);
        assert_eq!(repo.git(&["rev-parse", "HEAD"]), before);
    }
}

#[test]
fn what_is_typed_while_the_model_works_answers_no_question() {
    let upstream = Upstream::start();
    let (go, wait) = channel::<()>();
    let wait = Mutex::new(wait);
    upstream.always(move |_| {
        let _ = wait.lock().unwrap().recv();
        message()
    });
    let sandbox = connected(&upstream);
    let repo = pager(&sandbox);
    let before = repo.git(&["rev-parse", "HEAD"]);
    let mut terminal = repo.terminal(&["commit", "--model", "openai/gpt-4.1-mini"]);
    terminal.until("is working").keys("yzy").until("yzy");
    drop(go);
    terminal.until("[y]es  [e]dit").keys("q");
    let left = terminal.left();
    left.exits(1).whole();
    assert!(left.all.contains("nothing was committed"), "{:?}", left.all);
    assert_eq!(repo.git(&["rev-parse", "HEAD"]), before, "the typed y was no answer");
}

#[test]
fn an_answered_question_leaves_the_terminal_as_it_was_too() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("any");
    let key = sandbox.key("openai");
    let mut terminal = repo.terminal(&["login", "openai", "--store", "plaintext", "--no-check"]);
    terminal.until("API key for OpenAI").until_hidden().keys(&format!("{key}\n"));
    let left = terminal.left();
    left.exits(0).whole();
    assert!(left.all.contains("stored the key of openai"), "{:?}", left.all);
    assert!(!left.all.contains(&key), "the key was not shown");
}

#[test]
fn a_hidden_question_cannot_be_suspended_and_shows_nothing_of_the_answer() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("any");
    let key = sandbox.key("openai");
    let mut terminal = repo.terminal(&["login", "openai", "--store", "plaintext", "--no-check"]);
    terminal.until("API key for OpenAI").until_hidden();
    // Ctrl-Z and Ctrl-\: a shell would take the terminal back, and show what is typed after that.
    terminal.keys("\u{1a}\u{1c}").keys(&key).keys("\r");
    let left = terminal.left();
    assert!(!left.all.contains(&key), "{:?}", left.all);
    left.whole();
    assert_eq!(left.code, 2, "the two are no part of a key: {:?}", left.all);
}
