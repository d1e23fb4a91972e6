//! What holds for every command.

use crate::sandbox::Sandbox;

#[test]
fn help_and_version_are_answers() {
    let sandbox = Sandbox::new();
    insta::assert_snapshot!("help", sandbox.monster(&["--help"]).done().ok().all());
    assert!(sandbox.monster(&["--version"]).done().ok().stdout.starts_with("monster "));
    for command in [
        "commit",
        "review",
        "ask",
        "hook",
        "login",
        "logout",
        "accounts",
        "models",
        "history",
        "cost",
        "config",
        "doctor",
        "completions",
        "man",
    ] {
        let done = sandbox.monster(&[command, "--help"]).done();
        assert!(done.ok().stdout.contains("Usage: monster"), "{command}");
        assert!(done.stderr.is_empty());
    }
    assert!(!sandbox.config_dir().exists() && !sandbox.state_dir().exists(), "and write nothing");
}

#[test]
fn a_wrong_command_line_is_exit_2() {
    let sandbox = Sandbox::new();
    insta::assert_snapshot!("no_such_command", sandbox.monster(&["comit"]).done().exits(2).all());
    insta::assert_snapshot!("no_such_level", sandbox.monster(&["ask", "x", "--effort", "lots"]).done().exits(2).all());
}

#[test]
fn errors_are_json_where_json_is_asked_for() {
    let sandbox = Sandbox::new();
    let value = sandbox.monster(&["commit", "--json"]).done().exits(3).json();
    assert_eq!(value["exit"], 3);
    assert!(value["error"].as_str().unwrap().contains("repository"));
}

#[test]
fn history_cost_and_models_begin_empty() {
    let sandbox = Sandbox::new();
    insta::assert_snapshot!("history", sandbox.monster(&["history"]).done().ok().all());
    insta::assert_snapshot!("cost", sandbox.monster(&["cost"]).done().ok().all());
    insta::assert_snapshot!("models", sandbox.monster(&["models"]).done().ok().all());
    insta::assert_snapshot!("doctor", sandbox.monster(&["doctor"]).done().ok().all());
}

#[test]
fn a_store_that_cannot_be_opened_costs_no_answer() {
    let sandbox = Sandbox::new();
    std::fs::create_dir_all(sandbox.state_dir()).unwrap();
    std::fs::write(
        sandbox.state_dir().join("monster.db"),
        "this is no database, and it is longer than a header of one would be",
    )
    .unwrap();
    let repo = sandbox.repo("notes");
    repo.stage("README.md", "# Notes\n");
    let done = repo.monster(&["commit"]).done();
    assert!(done.ok().stderr.contains("nothing of this call is kept"), "{}", done.stderr);
    sandbox.monster(&["doctor"]).done().exits(1);
    let kept = std::fs::read_to_string(sandbox.state_dir().join("monster.db")).unwrap();
    assert!(kept.starts_with("this is no database"), "what is there is not overwritten");
}

#[test]
fn a_wrong_command_line_is_json_too_where_json_is_asked_for() {
    let sandbox = Sandbox::new();
    let value = sandbox.monster(&["ask", "x", "--effort", "lots", "--json"]).done().exits(2).json();
    assert!(value["error"].as_str().unwrap().contains("lots"), "{value:#}");
}
