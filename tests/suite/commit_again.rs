//! Commits that are made once more: amended, refused and tried again, and of paths alone.

use serde_json::json;

use crate::commit::{connected, hook, pager};
use crate::sandbox::Sandbox;
use crate::upstream::{Answer, Upstream};

const MODEL: [&str; 2] = ["--model", "openai/gpt-4.1-mini"];

/// What a commit of somebody's may say below its first line.
const BODY: &str = "It lost the last page.\nFixes #12\n\nCo-authored-by: Bo <bo@example.org>\nChange-Id: I0123456789";

#[test]
fn an_amended_commit_keeps_its_trailers_and_what_is_replaced_is_said() {
    let upstream = Upstream::start();
    let body = "The division cut it off.\n\nCo-authored-by: Eve <eve@example.org>";
    let said = json!({ "type": "fix", "scope": "pager", "subject": "round pages up", "body": body });
    upstream.always(move |_| Answer::json(&said));
    let sandbox = connected(&upstream);
    for flags in [&MODEL[..], &["--offline"]] {
        let repo = pager(&sandbox);
        repo.git(&["commit", "-q", "-m", "fix: count", "-m", BODY]);
        let done = repo.monster(&[&["commit", "--amend", "-y"], flags].concat()).done();
        assert!(
            done.ok().stderr.contains("it replaces \"fix: count\" and the 1 line below it; its trailers stay"),
            "{}",
            done.stderr
        );
        let told = repo.message();
        let trailers = "\n\nFixes #12\n\nCo-authored-by: Bo <bo@example.org>\nChange-Id: I0123456789";
        assert!(told.ends_with(trailers) && !told.contains("Eve") && !told.contains("fix: count"), "{told}");
        // Once more, with git's own flag for one of them.
        repo.monster(&[&["commit", "--amend", "-y"], flags, &["--", "--signoff"]].concat()).done().ok();
        assert_eq!(repo.message(), format!("{told}\nSigned-off-by: Ada Example <ada@example.org>"));
        std::fs::remove_dir_all(repo.path()).unwrap();
    }
}

#[test]
fn an_amended_commit_still_says_that_it_breaks_its_users() {
    let sandbox = Sandbox::new();
    let repo = pager(&sandbox);
    repo.git(&["commit", "-q", "-m", "feat!: add a and break it"]);
    repo.monster(&["commit", "--amend", "-y", "--offline", "-t", "feat"]).done().ok();
    let told = repo.message();
    assert!(told.starts_with("feat") && told.contains("!: ") && !told.contains("break it"), "{told}");
    // With -a and nothing changed, the words alone are others.
    repo.monster(&["commit", "--amend", "-a", "-y", "--offline", "-t", "fix"]).done().ok();
    assert!(repo.message().starts_with("fix"), "{}", repo.message());
    // Where no subject shows it, that is told.
    let done = repo.monster(&["commit", "--amend", "-y", "--offline", "--style", "plain"]).done();
    assert!(done.ok().stderr.contains("the \"!\" of a breaking change is lost"), "{}", done.stderr);
}

#[test]
fn an_amended_commit_of_another_encoding_keeps_its_names() {
    let sandbox = Sandbox::new();
    let repo = pager(&sandbox);
    let words = repo.path().join(".git/words");
    std::fs::write(&words, b"fix: count\n\nCo-authored-by: J\xf6rg <j@example.org>\n").unwrap();
    let file = words.to_str().unwrap();
    repo.git(&["config", "i18n.commitEncoding", "ISO-8859-1"]);
    repo.git(&["commit", "-q", "-F", file]);
    repo.monster(&["commit", "--amend", "-y", "--offline"]).done().ok();
    // What is there now is labelled as what it is.
    repo.git(&["config", "--unset", "i18n.commitEncoding"]);
    assert!(repo.message().ends_with("\n\nCo-authored-by: J\u{f6}rg <j@example.org>"), "{}", repo.message());
}

#[test]
fn what_kept_trailers_alone_break_is_told_and_refuses_no_message() {
    let upstream = Upstream::start();
    upstream.always(|_| Answer::json(&json!({ "type": "fix", "subject": "round pages up" })));
    let sandbox = connected(&upstream);
    let repo = pager(&sandbox);
    repo.stage(".commitlintrc.json", "{\"rules\": {\"footer-max-line-length\": [2, \"always\", 60]}}");
    repo.git(&["commit", "-q", "-m", "chore: declare rules", ".commitlintrc.json"]);
    let trailer = format!("BREAKING CHANGE: {}", "pages ".repeat(12).trim_end());
    repo.git(&["commit", "-q", "-m", "fix: count", "-m", &trailer]);
    let done = repo.monster(&[&["commit", "--amend", "-y"], &MODEL[..]].concat()).done();
    assert!(done.ok().stderr.contains("the message breaks a rule: "), "{}", done.stderr);
    let told = repo.message();
    assert!(told.contains("round pages up") && told.ends_with(&trailer), "{told}\n{}", done.stderr);
}

#[test]
fn a_scope_in_the_declared_case_is_told_as_that() {
    let sandbox = Sandbox::new();
    let repo = pager(&sandbox);
    repo.stage(".commitlintrc.json", "{\"rules\": {\"scope-case\": [2, \"always\", \"lower-case\"]}}");
    repo.git(&["commit", "-q", "-m", "chore: declare rules", ".commitlintrc.json"]);
    let done = repo.monster(&["commit", "-y", "--offline", "-t", "fix", "-s", "Pager"]).done();
    assert!(repo.message().starts_with("fix(pager): "), "{}", repo.message());
    assert!(done.ok().stderr.contains("the scope Pager is written in the case that is declared"), "{}", done.stderr);
    assert!(!done.stderr.contains("-s does not show"), "{}", done.stderr);
}

#[cfg(unix)]
#[test]
fn a_kept_message_for_an_amend_is_for_the_commit_that_stood_there() {
    let sandbox = Sandbox::new();
    let repo = pager(&sandbox);
    repo.git(&["commit", "-q", "-m", "fix: count"]);
    hook(&repo, "commit-msg", "exit 1");
    repo.monster(&["commit", "--amend", "-y", "--offline"]).done().exits(1);
    hook(&repo, "commit-msg", "exit 0");
    repo.git(&["commit", "-q", "--amend", "-m", "fix: my own words"]);
    let done = repo.monster(&["commit", "--retry"]).done();
    assert!(done.exits(1).stderr.contains("is for another change"), "{}", done.stderr);
    assert_eq!(repo.message(), "fix: my own words");
}

#[cfg(unix)]
#[test]
fn kept_words_outlive_a_commit_of_something_else() {
    let mut sandbox = Sandbox::new();
    sandbox.set("GIT_EDITOR", "sh -c 'echo fix: my own words > \"$0\"'");
    let repo = pager(&sandbox);
    hook(&repo, "commit-msg", "exit 1");
    repo.monster(&["commit", "-e", "--offline"]).done().exits(1);
    // Another change fails too, and then succeeds.
    repo.git(&["stash", "-q"]);
    repo.stage("README.md", "# Pager!\n");
    repo.monster(&["commit", "-y", "--offline"]).done().exits(1);
    hook(&repo, "commit-msg", "exit 0");
    repo.git(&["reset", "-q", "--hard"]);
    repo.git(&["stash", "pop", "-q", "--index"]);
    let done = repo.monster(&["commit", "--offline", "--dry-run"]).done();
    assert!(done.ok().stderr.contains("a message for this change is kept from before"), "{}", done.stderr);
    repo.monster(&["commit", "--retry"]).done().ok();
    assert_eq!(repo.message(), "fix: my own words");
}

#[cfg(unix)]
#[test]
fn kept_words_are_for_a_change_whatever_was_committed_before_it() {
    let sandbox = Sandbox::new();
    let repo = pager(&sandbox);
    hook(&repo, "commit-msg", "exit 1");
    repo.monster(&["commit", "-y", "--offline"]).done().exits(1);
    let words = repo.read(".git/MONSTER_MSG");
    repo.write("README.md", "# Pager!\n");
    repo.monster(&["commit", "-y", "--offline", "--", "README.md"]).done().exits(1);
    // Of two that are kept, the one that fits no more is not taken for the one that does.
    repo.write("README.md", "# Pager?\n");
    hook(&repo, "commit-msg", "exit 0");
    repo.monster(&["commit", "-y", "--offline", "--", "README.md"]).done().ok();
    repo.monster(&["commit", "--retry"]).done().ok();
    assert_eq!(repo.message(), words.trim_end());
    assert_eq!(repo.git(&["show", "--format=", "--name-only"]).trim(), "src/pager.rs");
    // What is committed now is no longer to be committed, and the message that is left is named.
    let done = repo.monster(&["commit", "--retry"]).done();
    assert!(done.exits(1).stderr.contains("--git-path MONSTER_MSG)"), "{}", done.stderr);
}

#[cfg(unix)]
#[test]
fn of_several_kept_messages_each_is_named_by_its_file() {
    let sandbox = Sandbox::new();
    let repo = pager(&sandbox);
    hook(&repo, "commit-msg", "exit 1");
    repo.monster(&["commit", "-y", "--offline"]).done().exits(1);
    repo.stage("README.md", "# Pager!\n");
    repo.monster(&["commit", "-y", "--offline"]).done().exits(1);
    repo.stage("README.md", "# Pager?\n");
    let told = repo.monster(&["commit", "--retry"]).done().exits(1).stderr.clone();
    for file in ["MONSTER_MSG", "MONSTER_MSG.1"] {
        let subject = repo.read(&format!(".git/{file}")).lines().next().unwrap().to_owned();
        let named = format!("\"{subject}\" all the same: git commit -e -F \"$(git rev-parse --git-path {file})\"");
        assert!(told.contains(&named), "{named}\n{told}");
    }
}

#[cfg(unix)]
#[test]
fn a_kept_message_is_offered_only_for_the_commit_that_is_asked_for() {
    let sandbox = Sandbox::new();
    let repo = pager(&sandbox);
    hook(&repo, "commit-msg", "exit 1");
    repo.monster(&["commit", "-y", "--offline"]).done().exits(1);
    repo.write("README.md", "# Pager!\n");
    let offered = |args: &[&str]| {
        let done = repo.monster(&[&["commit", "--dry-run", "--offline"], args].concat()).done();
        done.ok().stderr.contains("a message for this change is kept from before")
    };
    assert!(offered(&[]));
    for other in [&["--", "README.md"][..], &["-a"], &["--amend"], &["--", "--signoff"]] {
        assert!(!offered(other), "{other:?} is another commit");
    }
    // The other one fails too: with --retry it is the last that fits, and so the one that is offered.
    repo.monster(&["commit", "-y", "--offline", "--", "README.md"]).done().exits(1);
    assert!(offered(&["--", "README.md"]) && !offered(&[]));
}

#[test]
fn of_a_move_the_message_is_for_the_side_that_is_committed() {
    let sandbox = Sandbox::new();
    let repo = pager(&sandbox);
    repo.git(&["reset", "-q", "--hard"]);
    repo.git(&["mv", "README.md", "GUIDE.md"]);
    repo.monster(&["commit", "-y", "--offline", "--", "GUIDE.md"]).done().ok();
    assert_eq!(repo.message(), "docs: add GUIDE.md");
    assert_eq!(repo.git(&["show", "--format=", "--name-status", "--no-renames"]).trim(), "A\tGUIDE.md");
}

#[cfg(unix)]
#[test]
fn what_became_of_the_message_in_the_editor_is_what_is_told() {
    let mut sandbox = Sandbox::new();
    sandbox.set("GIT_EDITOR", "sh -c 'echo fix: my own words > \"$0\"'");
    let repo = pager(&sandbox);
    let done = repo.monster(&["commit", "-e", "--offline", "--json"]).done();
    assert_eq!(done.ok().json()["message"], "fix: my own words");
    // A hook has the last word as well.
    repo.stage("README.md", "# Pager!\n");
    hook(&repo, "commit-msg", "echo 'Seen-by: hook' >> \"$1\"");
    let done = repo.monster(&["commit", "-y", "--offline", "--json"]).done();
    assert!(done.ok().json()["message"].as_str().unwrap().ends_with("Seen-by: hook"), "{}", done.stdout);
}

#[test]
fn a_model_that_did_no_better_than_chance_is_asked_for_the_subject_alone() {
    let upstream = Upstream::start();
    // It finds something in every line of every change that it is shown.
    upstream.always(|call| {
        let added = |line: &str| {
            let (number, code) = line.split_once(" +")?;
            Some((number.trim().parse::<u32>().ok()?, code.trim().to_owned()))
        };
        let found = |(line, quote): (u32, String)| {
            json!({ "file": "F1", "line": line, "quote": quote, "severity": "high", "class": "defect",
                "title": "It is wrong", "why": "It breaks.", "fix": "" })
        };
        let findings: Vec<_> = call.user().lines().filter_map(added).map(found).collect();
        Answer::json(&json!({ "summary": [], "findings": findings }))
    });
    let sandbox = connected(&upstream);
    let repo = pager(&sandbox);
    let asked = || {
        let done = repo.monster(&[&["commit", "--show-prompt"], &MODEL[..]].concat()).done();
        done.ok().json().to_string()
    };
    assert!(asked().contains("\"scope\"") || asked().contains("scope"), "{}", asked());
    let told = repo.monster(&["review", "--calibrate", MODEL[1]]).done();
    told.ok();
    assert!(asked().contains("commit_subject"), "{}\n{}", asked(), told.all());
    upstream.always(|_| Answer::json(&json!({ "subject": "count the last page" })));
    repo.monster(&[&["commit", "-y"], &MODEL[..]].concat()).done().ok();
    assert!(repo.message().ends_with(": count the last page"), "{}", repo.message());
}

#[test]
fn what_git_wrote_about_another_commit_stays_when_it_is_amended() {
    let upstream = Upstream::start();
    let mut sandbox = connected(&upstream);
    sandbox.set("MONSTER_MODEL", "openai/gpt-4.1-mini").set("GIT_EDITOR", "true");
    let repo = pager(&sandbox);
    repo.git(&["commit", "-q", "--fixup", "HEAD~1"]);
    let note = repo.message();
    repo.stage("a.txt", "a\n");
    let done = repo.monster(&["commit", "--amend", "-y"]).done();
    assert!(done.ok().stderr.contains("the last commit is meant for another one: its own message stays"));
    assert_eq!(repo.message(), note);
    let done = repo.monster(&["commit", "--amend", "-y", "-t", "fix"]).done();
    assert!(done.exits(3).stderr.contains("the last commit is meant for another one, and its own message stays"));
    repo.git(&["revert", "--no-edit", "HEAD"]);
    let revert = repo.message();
    repo.stage("b.txt", "b\n").monster(&["commit", "--amend", "-y"]).done().ok();
    assert_eq!(repo.message(), revert);
    // The hook leaves it alone, too.
    repo.monster(&["hook", "install"]).done().ok();
    repo.any("git", &["commit", "-q", "--amend"]).env("MONSTER_HOOK_AMEND", "true").done().ok();
    assert_eq!(repo.message(), revert);
    assert!(upstream.calls().is_empty(), "no model is asked");
}

#[test]
fn where_a_rebase_stopped_to_edit_a_commit_it_is_made_as_always() {
    let sandbox = Sandbox::new();
    let repo = pager(&sandbox);
    repo.git(&["commit", "-q", "-m", "fix: count"]);
    let edit = ["-c", "sequence.editor=sed -i.bak s/^pick/edit/", "rebase", "-q", "-i", "HEAD~1"];
    for more in [&[][..], &["--force-rebase"]] {
        repo.git(&[&edit[..], more].concat());
        repo.stage("README.md", "# Pages\n");
        repo.monster(&["commit", "-y", "--offline"]).done().ok();
        assert_eq!(repo.message(), "docs: update README");
        repo.stage("README.md", "# Pages of pages\n");
        repo.monster(&["commit", "--amend", "-y", "--offline", "-t", "docs"]).done().ok();
        repo.git(&["rebase", "--continue"]);
        repo.git(&["reset", "-q", "--hard", "HEAD~1"]);
    }
}
