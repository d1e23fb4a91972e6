//! The gates: what keeps a secret out of a commit, whatever the repository says and git can read.

use std::fs;

use serde_json::json;

use crate::commit::connected;
use crate::sandbox::{Repo, Sandbox};
use crate::upstream::{Answer, Upstream};

fn offline() -> Sandbox {
    let mut sandbox = Sandbox::new();
    sandbox.set("MONSTER_OFFLINE", "true");
    sandbox
}

#[test]
fn a_file_of_the_repository_stops_drafts_and_no_gate() {
    let sandbox = offline();
    let repo = sandbox.repo("theirs");
    repo.history(&[("feat: begin", "a.py", "a = 1\n")]);
    repo.monster(&["hook", "install", "--all"]).done().ok();
    repo.write(".monster.toml", "[hook]\nenabled = false\n");
    let status = repo.monster(&["hook", "status"]).done();
    let told = "hook.enabled is false (";
    let what = ".monster.toml:2): no message is drafted; the other hooks do their work";
    assert!(status.ok().stderr.contains(told) && status.stderr.contains(what), "{}", status.stderr);
    let json = repo.monster(&["hook", "status", "--json"]).done().ok().json();
    assert_eq!((&json["drafts"], &json["judges"]), (&json!(false), &json!(true)));
    repo.stage("a.py", &format!("a = '{}'\n", sandbox.key("anthropic")));
    let said = repo.any("git", &["commit", "-m", "feat: two"]).done().exits(1).stderr.clone();
    assert!(said.contains("the commit was stopped: what is staged holds a secret"), "{said}");
    // Nor does it open the one that stands in the draft's hook.
    let draft = || {
        repo.write("msg", "");
        let done =
            repo.monster(&["hook", "run", "prepare-commit-msg", "msg"]).env("MONSTER_REDACT_MODE", "block").done();
        assert_eq!(fs::read_to_string(repo.path().join("msg")).unwrap(), "");
        done
    };
    let done = draft();
    assert!(
        done.exits(6).stderr.contains("the staged change adds a secret, and redact.mode is block"),
        "{}",
        done.all()
    );
    repo.stage("a.py", "a = 2\n");
    assert_eq!(draft().ok().stderr, "");
    repo.stage("a.py", &format!("a = '{}'\n", sandbox.key("anthropic")));
    // The user's own word switches all of them off.
    repo.git(&["config", "monster.hook", "false"]);
    assert_eq!(draft().ok().stderr, "");
    let status = repo.monster(&["hook", "status"]).done();
    let what = "hook.enabled is false (git config monster.hook): the hooks do nothing";
    assert!(status.ok().stderr.contains(what), "{}", status.stderr);
    repo.any("git", &["commit", "-m", "feat: two"]).done().ok();
}

#[test]
fn a_change_takes_itself_out_of_nobodys_sight() {
    let sandbox = offline();
    let repo = sandbox.repo("silent");
    repo.history(&[("feat: begin", "a.py", "a = 1\n")]);
    let gate = || repo.monster(&["review", "--staged", "--fail-on", "low"]).done().exits(1).stdout.clone();
    repo.stage("a.py", "import os\na = eval(input())\nos.system(\"rm \" + a)\n");
    let plain = gate();
    assert!(plain.contains("Input is run as code"), "{plain}");
    for hides in ["* linguist-generated\n", "*.py linguist-vendored\n", "*.py -diff\n", "*.py binary\n"] {
        repo.stage(".gitattributes", hides);
        let told = gate();
        assert!(told.contains("Input is run as code"), "{hides}: {told}");
    }
    // What stood there before is believed.
    repo.git(&["commit", "--quiet", "-m", "chore: marks", "--", ".gitattributes"]);
    let told = repo.monster(&["review", "--staged", "--fail-on", "low"]).done().ok().stdout.clone();
    assert!(told.contains("no findings"), "{told}");
    // Nor does one long line hide those beside it.
    let long = format!("KEY = \"{}\"\na = eval(input())\n", "ab cd ".repeat(500));
    repo.git(&["rm", "--quiet", "-f", ".gitattributes"]);
    repo.git(&["commit", "--quiet", "-m", "chore: no marks", "--", ".gitattributes"]);
    repo.stage("a.py", &long);
    let told = gate();
    assert!(told.contains("Input is run as code"), "{told}");
}

#[test]
fn what_no_rule_about_code_reads_is_not_said_to_be_read() {
    let sandbox = offline();
    let repo = sandbox.repo("made");
    repo.history(&[("feat: begin", "a.py", "a = 1\n")]);
    repo.stage("vendor/v.py", "a = eval(input())\n");
    repo.stage("src/api_pb2.py", "a = eval(input())\n");
    repo.stage("a.py", "a = 2\n");
    let told = repo.monster(&["review", "--staged"]).done().ok().stdout.clone();
    assert!(told.contains("files: 1 read by the rules, 2 summarised"), "{told}");
    let json = repo.monster(&["review", "--staged", "--json"]).done().ok().json();
    let why = json!([
        ["src/api_pb2.py", "generated: searched for secrets alone"],
        ["vendor/v.py", "vendored: searched for secrets alone"],
    ]);
    assert_eq!(json["coverage"]["summarised"], why, "{json:#}");
}

/// A clone without contents, in which the old side of what is staged is not here and the new one adds `line`.
fn partial<'s>(sandbox: &'s Sandbox, line: &str) -> Repo<'s> {
    let whole = sandbox.repo("whole");
    whole.history(&[("feat: begin", "a.py", "a = 1\nb = 1\n"), ("feat: two", "a.py", "a = 2\nb = 1\n")]);
    whole.git(&["config", "uploadpack.allowFilter", "true"]);
    let from = format!("file://{}", whole.path().display());
    let to = whole.path().with_file_name("part").display().to_string();
    whole.git(&["clone", "-q", "--filter=blob:none", &from, &to]);
    let repo = sandbox.at("part");
    repo.git(&["reset", "-q", "--soft", "HEAD~1"]);
    repo.stage("a.py", &format!("a = 2\nb = 1\n{line}\n"));
    repo
}

#[test]
fn what_git_can_read_one_side_of_alone_is_looked_through() {
    let sandbox = offline();
    let repo = partial(&sandbox, &format!("k = '{}'", sandbox.key("anthropic")));
    repo.monster(&["hook", "install", "pre-commit"]).done().ok();
    let said = repo.any("git", &["commit", "-q", "-m", "squashed"]).done().exits(1).all();
    assert!(said.contains("a.py:3") && said.contains("what is staged holds a secret"), "{said}");
    repo.monster(&["redact", "scan", "--staged"]).done().exits(1);
    for args in [&["commit", "-y", "--secrets", "block"][..], &["commit", "-a", "-y", "--secrets", "block"]] {
        let said = repo.monster(args).done().exits(6).stderr.clone();
        assert!(said.contains("a.py:3: A secret is added"), "{args:?}: {said}");
    }
    // Without one it goes through.
    repo.stage("a.py", "a = 2\nb = 1\nc = 3\n");
    repo.monster(&["redact", "scan", "--staged"]).done().ok();
    repo.any("git", &["commit", "-q", "-m", "squashed"]).done().ok();
}

#[test]
fn what_a_partial_clone_lacks_is_no_damage_and_comes_with_the_command_that_is_named() {
    for format in ["sha1", "sha256"] {
        let mut sandbox = offline();
        sandbox.set("GIT_DEFAULT_HASH", format);
        let repo = partial(&sandbox, "c = 3");
        let review = || repo.monster(&["review", "--staged", "--json"]).done().json();
        let why = review()["coverage"]["skipped"][0][1].as_str().unwrap_or_default().to_owned();
        let command = why.strip_prefix("its content is not here (partial clone); git fetches it with: git ");
        let words: Vec<&str> = command.unwrap_or_else(|| panic!("{format}: {why}")).split(' ').collect();
        repo.git(&words);
        assert_eq!(review()["coverage"]["skipped"], serde_json::json!([]), "{format}");
        // In a clone that promises nothing it is missing; git would take it from the work tree.
        fs::remove_file(repo.path().join("a.py")).unwrap();
        let id = repo.git(&["rev-parse", ":a.py"]);
        repo.git(&["config", "remote.origin.promisor", "false"]);
        fs::remove_file(repo.path().join(".git/objects").join(&id[..2]).join(&id[2..])).unwrap();
        let why = review()["coverage"]["skipped"][0][1].as_str().unwrap_or_default().to_owned();
        assert_eq!(why, "its content is missing from the repository", "{format}");
    }
}

#[test]
fn what_nobody_can_read_passes_no_gate() {
    let sandbox = offline();
    let repo = sandbox.repo("damaged");
    repo.history(&[("feat: begin", "a.py", "a = 1\n")]);
    repo.monster(&["hook", "install", "pre-commit"]).done().ok();
    repo.stage("a.py", "a = 2\n");
    let id = repo.git(&["rev-parse", ":a.py"]);
    fs::remove_file(repo.path().join(".git/objects").join(&id[..2]).join(&id[2..])).unwrap();
    let done = repo.monster(&["redact", "scan", "--staged"]).done();
    assert!(done.exits(2).stderr.contains("a.py cannot be read: its content is missing"), "{}", done.stderr);
    let done = repo.monster(&["hook", "run", "pre-commit"]).done();
    assert!(done.exits(6).stderr.contains("could not be looked through as a whole"), "{}", done.stderr);
    let done = repo.monster(&["commit", "-y", "--secrets", "block"]).done();
    assert!(done.exits(6).stderr.contains("a.py cannot be looked through for secrets"), "{}", done.stderr);
    repo.write("msg", "");
    let done = repo.monster(&["hook", "run", "prepare-commit-msg", "msg"]).env("MONSTER_REDACT_MODE", "block").done();
    assert!(done.exits(6).stderr.contains("a.py cannot be looked through for secrets"), "{}", done.stderr);
}

#[test]
fn what_no_model_saw_of_a_change_is_told() {
    let upstream = Upstream::start();
    upstream.always(|_| Answer::json(&json!({ "type": "feat", "scope": "", "subject": "add a constant", "body": "" })));
    let mut sandbox = connected(&upstream);
    sandbox.set("MONSTER_MODEL", "openai/gpt-4.1-mini");
    let repo = partial(&sandbox, "c = 3");
    let done = repo.monster(&["commit", "--dry-run", "--json"]).done();
    let unread = done.ok().json()["unread"].clone();
    let why = unread["why"].as_str().unwrap_or_default();
    assert!(why.starts_with("a.py: its content is ") && unread["parts"] == 1 && unread["of"] == 1, "{unread}");
    assert!(done.stderr.contains(&format!("1 of 1 parts of the change were not read: {why}")), "{}", done.stderr);
    repo.write("msg", "");
    repo.monster(&["hook", "run", "prepare-commit-msg", "msg"]).done().ok();
    let draft = repo.read("msg");
    assert!(draft.contains("# warning: a.py was not read: its content is "), "{draft}");
}

#[test]
fn a_merge_that_begins_while_the_message_is_read_is_not_committed_as_something_else() {
    let sandbox = offline();
    let repo = sandbox.repo("merge");
    repo.history(&[("feat: begin", "a.txt", "one\n")]);
    repo.git(&["switch", "-qc", "other"]);
    repo.stage("a.txt", "two\n").commit("feat: two");
    repo.git(&["switch", "-q", "main"]);
    repo.stage("a.txt", "three\n").stage("b.txt", "b\n").commit("feat: three");
    repo.write("b.txt", "more\n");
    let mut terminal = repo.terminal(&["commit", "-a"]);
    terminal.until("[q]uit");
    drop(repo.any("git", &["merge", "-q", "other"]).done());
    let before = repo.git(&["rev-parse", "HEAD"]);
    terminal.keys("y").until("unmerged files");
    terminal.left().exits(3);
    assert_eq!(repo.git(&["rev-parse", "HEAD"]), before);
}

#[test]
fn what_is_wrong_with_the_settings_is_told_once_in_a_commit_and_nothing_of_what_is_well() {
    let sandbox = offline();
    let repo = sandbox.repo("settings");
    repo.history(&[("feat: begin", "a.py", "a = 1\n")]);
    repo.monster(&["hook", "install", "--all"]).done().ok();
    let commit = |message: &str| {
        repo.stage("a.py", &format!("a = '{message}'\n"));
        repo.any("git", &["commit", "-q", "-m", message]).done().ok().stderr.clone()
    };
    assert_eq!(commit("feat: two"), "");
    repo.write(".monster.toml", "[hook]\nsecrets = \"warn\"\n");
    assert_eq!(commit("feat: three").matches("a repository may not set hook.secrets").count(), 1);
    // Whoever stands alone tells it, also where another has nothing to do.
    repo.monster(&["hook", "uninstall", "pre-commit"]).done().ok();
    assert_eq!(commit("feat: more").matches("a repository may not set hook.secrets").count(), 1);
    repo.monster(&["hook", "uninstall", "prepare-commit-msg"]).done().ok();
    assert_eq!(commit("feat: four").matches("a repository may not set hook.secrets").count(), 1);
    repo.stage("a.py", "a = 5\n");
    let said = repo.any("git", &["-c", "monster.hook=maybe", "commit", "-qm", "feat: five"]).done().ok().stderr.clone();
    assert!(said.contains("git -c monster.hook: hook.enabled takes true or false"), "{said}");
}

#[test]
fn a_key_that_another_hook_writes_stands_before_the_draft() {
    let sandbox = offline();
    let repo = sandbox.repo("keys");
    repo.history(&[("feat: begin", "a.py", "a = 1\n"), ("feat: more", "a.py", "a = 2\n")]);
    repo.stage("README.md", "# A\n");
    repo.write(
        ".git/hooks/prepare-commit-msg",
        "#!/bin/sh\nf=$(cat \"$1\"); printf 'ABC-7: \\n%s\\n' \"$f\" > \"$1\"\n",
    );
    crate::program::runnable(repo.path().join(".git/hooks/prepare-commit-msg"));
    repo.monster(&["hook", "install"]).done().ok();
    let out = sandbox.command("git", repo.path()).arg("commit").env("GIT_EDITOR", "true").output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    assert_eq!(repo.message(), "ABC-7: docs: add README");
}

#[test]
fn a_draft_is_written_in_the_encoding_of_the_repository() {
    let upstream = Upstream::start();
    upstream.next(Answer::json(&json!({ "type": "fix", "scope": "", "subject": "zähle die Seite", "body": "" })));
    let mut sandbox = connected(&upstream);
    sandbox.set("MONSTER_MODEL", "openai/gpt-4.1-mini");
    let repo = sandbox.repo("latin");
    repo.history(&[("feat: begin", "a.py", "a = 1\n"), ("feat: more", "a.py", "a = 2\n")]);
    repo.git(&["config", "i18n.commitEncoding", "ISO-8859-1"]);
    repo.monster(&["hook", "install"]).done().ok();
    repo.stage("a.py", "a = 3\n");
    let out = sandbox.command("git", repo.path()).arg("commit").env("GIT_EDITOR", "true").output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    assert_eq!(repo.git(&["log", "-1", "--encoding=UTF-8", "--format=%s"]), "fix: zähle die Seite");
}

#[test]
fn a_hook_of_the_work_tree_that_cannot_be_executed_is_made_so() {
    use std::os::unix::fs::PermissionsExt;
    let sandbox = offline();
    let repo = sandbox.repo("modes");
    repo.history(&[("feat: begin", "a.py", "a = 1\n")]);
    repo.git(&["config", "core.hooksPath", ".husky"]);
    let install = |more: &[&str]| repo.monster(&[&["hook", "install"], more].concat()).done().ok().all();
    install(&["--write"]);
    let hook = repo.path().join(".husky/prepare-commit-msg");
    fs::set_permissions(&hook, fs::Permissions::from_mode(0o644)).unwrap();
    let said = install(&[]);
    assert!(said.contains("git does not run it yet; run: chmod +x '"), "{said}");
    install(&["--write"]);
    assert_eq!(fs::metadata(&hook).unwrap().permissions().mode() & 0o777, 0o755);
    assert!(install(&["--write"]).contains("already installed: "));
}

#[test]
fn a_hook_names_the_link_by_which_monster_was_called_and_status_tells_when_it_is_gone() {
    let sandbox = offline();
    let repo = sandbox.repo("link");
    repo.history(&[("feat: begin", "a.py", "a = 1\n")]);
    let link = repo.path().join(".git/monster");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_monster"), &link).unwrap();
    repo.any(&link.display().to_string(), &["hook", "install", "pre-push", "pre-push"]).done().ok();
    let hook = repo.read(".git/hooks/pre-push");
    assert!(hook.contains(&format!("monster='{}'", link.display())), "{hook}");
    fs::remove_file(&link).unwrap();
    let said = repo.monster(&["hook", "status"]).done().ok().stderr.clone();
    assert!(said.contains("/.git/monster is gone"), "{said}");
}

#[test]
fn what_is_taken_out_of_somebodys_file_is_not_called_removed() {
    let sandbox = offline();
    let repo = sandbox.repo("lefthook");
    repo.history(&[("feat: begin", "lefthook.yml", "output: false\n")]);
    let done = repo.monster(&["hook", "install", "commit-msg", "commit-msg", "--write"]).done();
    assert_eq!(done.ok().stdout.matches("lefthook.yml: commit-msg").count(), 1, "{}", done.all());
    let done = repo.monster(&["hook", "uninstall"]).done();
    assert!(done.ok().stdout.starts_with("taken out of ") && !done.stdout.contains("removed"), "{}", done.all());
    assert_eq!(repo.read("lefthook.yml"), "output: false\n");
}

#[test]
fn an_upstream_that_cannot_be_read_is_the_reason_why_nobody_is_asked() {
    let sandbox = Sandbox::new();
    sandbox.config("[upstreams.mine]\nbase_url = \"http://127.0.0.1:9/v1\"\nbase = \"x\"\n");
    for args in [&["ask", "hello"][..], &["ask", "--model", "mine/m1", "hello"]] {
        let done = sandbox.monster(args).done();
        let said = done.stderr.replace("warning: ", "");
        let why = "upstreams.mine: there is no setting \"base\" for an upstream";
        assert!(said.matches(why).count() > 1 && !said.contains("connect one with"), "{}", done.all());
    }
    let why = "upstreams.mine: there is no setting \"base\" for an upstream";
    for args in [&["models", "list", "mine"][..], &["login", "mine"]] {
        let said = sandbox.monster(args).done().exits(1).stderr.clone();
        assert!(said.contains("the upstream \"mine\" of the settings cannot be used") && said.contains(why), "{said}");
        assert!(said.contains("monster config edit") && !said.contains("there are: "), "{said}");
    }
    let done = sandbox.monster(&["models", "list"]).done();
    assert!(done.ok().stdout.contains("no models: the settings of mine cannot be read"), "{}", done.all());
    // Also where there is a provider of that name.
    sandbox.config("[upstreams.openai]\nbase_url = \"http://127.0.0.1:9/v1\"\nbase = \"x\"\n");
    let said = sandbox.monster(&["models", "list", "openai"]).done().exits(1).all();
    let why = "upstreams.openai: there is no setting \"base\" for an upstream";
    assert!(said.contains(why) && !said.contains("not connected") && !said.contains("monster login"), "{said}");
    sandbox.config("[upstreams.mine]\nbase_url = \"http://127.0.0.1:9/v1\"\nbase = \"x\"\n");
    let done = sandbox.monster(&["models", "list"]).done();
    assert!(done.stderr.contains(&format!("hint: {}", "mend it with: monster config edit")), "{}", done.all());
    assert!(!done.stderr.contains("connect one with"), "{}", done.all());
}

#[test]
fn a_provider_whose_address_only_the_customer_knows_is_told_how_to_write_it() {
    let sandbox = Sandbox::new();
    let said = |name: &str| sandbox.monster(&["login", name]).done().exits(2).stderr.clone();
    let azure = said("azure");
    assert!(azure.contains("[upstreams.azure]\nprovider = \"azure\"\nbase_url = "), "{azure}");
    assert!(said("generic").contains("[upstreams.mine]\nprovider = \"generic\""));
    assert!(said("ollama").contains("runs on this machine and needs no login"));
    assert!(said("nobody").contains("there is no provider or upstream \"nobody\""));
    let offered = sandbox.monster(&["login"]).done().exits(2).stderr.clone();
    assert!(offered.contains("anthropic") && !offered.contains("azure") && !offered.contains("generic"), "{offered}");
}

#[test]
fn what_is_damaged_ends_with_3_whatever_was_asked() {
    let sandbox = offline();
    let repo = sandbox.repo("broken");
    for n in 0..3 {
        repo.stage("a.py", &format!("a = {n}\n")).commit("feat: more");
    }
    repo.stage("a.py", "a = 9\n");
    // Git would commit what is left of a list that was cut off: the other files would go.
    let index = repo.path().join(".git/index");
    let whole = fs::read(&index).unwrap();
    fs::write(&index, &whole[..whole.len() - 30]).unwrap();
    let head = repo.git(&["rev-parse", "HEAD"]);
    for args in [&["review", "--staged"][..], &["review"], &["commit", "-y"], &["commit", "--dry-run"]] {
        let done = repo.monster(args).done();
        assert!(done.exits(3).stderr.contains("the repository is damaged or not complete"), "{}", done.all());
        assert!(done.stderr.contains("&& git read-tree HEAD") && !done.stderr.contains("git fsck"), "{}", done.all());
        assert_eq!(fs::read(&index).unwrap().len(), whole.len() - 30, "{args:?}");
    }
    assert_eq!(repo.git(&["rev-parse", "HEAD"]), head);
    fs::write(&index, &whole).unwrap();
    let id = repo.git(&["rev-parse", "HEAD~1"]);
    fs::remove_file(repo.path().join(".git/objects").join(&id[..2]).join(&id[2..])).unwrap();
    for args in [&["review", "HEAD"][..], &["review", "HEAD~2.."], &["commit", "--amend", "--dry-run"]] {
        let done = repo.monster(args).done();
        assert!(done.exits(3).stderr.contains("the repository is damaged or not complete"), "{}", done.all());
        assert!(done.stderr.contains("git fsck"), "{}", done.all());
    }
}

/// A cut file, and what the hint of the index says done.
fn cut(repo: &Repo<'_>, file: &std::path::Path, by: usize) {
    let whole = fs::read(file).unwrap();
    fs::write(file, &whole[..whole.len() - by]).unwrap();
    for args in [&["review", "--staged"][..], &["commit", "-y"], &["commit", "--amend", "--dry-run"]] {
        let done = repo.monster(args).done();
        assert!(done.exits(3).stderr.contains("the repository is damaged or not complete"), "{}", done.all());
        assert!(!done.stderr.contains("git fsck"), "{}", done.all());
    }
    fs::write(file, &whole).unwrap();
}

#[test]
fn of_an_index_in_two_parts_both_are_missed_where_they_were_cut_off() {
    let sandbox = offline();
    let repo = sandbox.repo("split");
    for n in 0..30 {
        repo.stage(&format!("{n}.py"), "a = 1\n");
    }
    repo.commit("feat: begin");
    repo.git(&["update-index", "--split-index"]);
    repo.stage("1.py", "a = 2\n").stage("new.py", "b = 1\n");
    repo.monster(&["review", "--staged"]).done().ok();
    let mut entries = fs::read_dir(repo.path().join(".git")).unwrap().map(|entry| entry.unwrap().path());
    let shared = entries.find(|path| path.to_string_lossy().contains("sharedindex.")).unwrap();
    for (file, by) in [(&repo.path().join(".git/index"), 30), (&shared, 30), (&shared, 5)] {
        cut(&repo, file, by);
    }
    fs::remove_file(&shared).unwrap();
    let said = repo.monster(&["review", "--staged"]).done().exits(3).stderr.clone();
    let command = said.split_once("what was staged: ").unwrap().1.lines().next().unwrap();
    repo.any("sh", &["-c", command]).done().ok();
    repo.git(&["add", "-A"]);
    assert!(repo.monster(&["review", "--staged"]).done().ok().stdout.contains("2 files"));
}

#[test]
fn of_references_in_tables_somebody_is_told_where_they_were_cut_off() {
    let sandbox = offline();
    let repo = sandbox.repo("tables");
    let made = repo.command("git").args(["init", "-q", "--ref-format=reftable", "../reftable"]).output().unwrap();
    if !made.status.success() {
        // This git is older than they are.
        return;
    }
    let repo = sandbox.at("reftable");
    let review = || repo.monster(&["review", "--staged"]).done();
    repo.stage("a.py", "a = 1\n");
    review().ok();
    repo.commit("feat: begin");
    repo.stage("a.py", "a = 2\n").stage("b.py", "b = 2\n");
    review().ok();
    cut(&repo, &repo.path().join(".git/index"), 30);
    let mut entries = fs::read_dir(repo.path().join(".git/reftable")).unwrap().map(|entry| entry.unwrap().path());
    let table = entries.find(|path| path.extension().is_some_and(|end| end == "ref")).unwrap();
    for (file, by) in [(&table, 10), (&table, 200), (&repo.path().join(".git/reftable/tables.list"), 3)] {
        cut(&repo, file, by);
    }
    repo.git(&["switch", "-q", "--detach"]);
    let done = repo.monster(&["review", "nobody"]).done();
    assert!(done.stderr.contains("there is no revision \"nobody\""), "{}", done.all());
}

#[test]
fn a_key_in_the_name_of_a_file_is_found_by_a_review_as_by_the_hook_of_a_push() {
    let sandbox = offline();
    let repo = sandbox.repo("named");
    repo.history(&[("feat: begin", "a.py", "a = 1\n")]);
    let key = sandbox.key("anthropic");
    repo.stage(&format!("keys/{key}.txt"), "");
    for format in ["text", "json", "sarif", "github", "markdown"] {
        let done = repo.monster(&["review", "--staged", "--fail-on", "high", "--format", format]).done();
        let said = done.exits(1).stdout.clone();
        assert!(said.contains("keys/<hidden ") && said.contains(">.txt"), "{format}: {said}");
        assert!(!said.contains(&key), "{format}: {said}");
        assert!(!done.stderr.contains("panicked"), "{}", done.all());
    }
    // One that was there before is not this change's.
    repo.commit("feat: keys");
    repo.stage(&format!("keys/{key}.txt"), "more\n");
    assert!(!repo.monster(&["review", "--staged"]).done().ok().stdout.contains("name of"));
}

#[test]
fn no_form_of_a_review_tells_a_key_that_stands_in_a_name() {
    let sandbox = offline();
    let repo = sandbox.repo("told");
    let key = sandbox.key("anthropic");
    let named = |end: &str| format!("keys/{key}.{end}");
    repo.history(&[("feat: begin", &named("py"), "a = 1\n"), ("feat: more", &named("old"), "one\ntwo\nthree\n")]);
    repo.stage(&named("py"), &format!("k = '{}'\n", sandbox.key("openai")));
    repo.git(&["rm", "-q", &named("old")]);
    repo.stage(&named("bin"), "a\0b\0\u{1}");
    repo.stage(&format!("{key}.txt"), "");
    let say = |args: &[&str]| {
        let done = repo.monster(&[&["review", "--staged", "--all"], args].concat()).done();
        assert!(!done.stdout.contains(&key) && !done.stderr.contains(&key), "{args:?}: {}", done.all());
        assert!(!done.stderr.contains("panicked"), "{}", done.all());
        done.stdout
    };
    for format in ["text", "markdown", "json", "jsonl", "patch", "github", "sarif", "codeclimate"] {
        let said = say(&["--format", format]);
        assert!(format == "patch" || said.contains("keys/<hidden "), "{format}: {said}");
        let same = !matches!(format, "github" | "sarif" | "codeclimate") || said == say(&["--format", format]);
        assert!(same, "{format} is the same in every run");
    }
    for args in [&["--dry-run"][..], &["--dry-run", "--json"], &["--json"]] {
        say(args);
    }
    // Nobody is sent to a file that is not there.
    let said = say(&["--format", "github"]);
    assert!(said.contains("A secret is added") && !said.contains("file="), "{said}");
    let value = |format: &str| -> serde_json::Value { serde_json::from_str(&say(&["--format", format])).unwrap() };
    let sarif = value("sarif");
    let places = |at: &str| -> Vec<serde_json::Value> {
        let results = sarif["runs"][0]["results"].as_array().unwrap().iter();
        results
            .map(|one| one.pointer(&format!("/locations/0/physicalLocation{at}")).cloned().unwrap_or_default())
            .collect()
    };
    let uris = places("/artifactLocation/uri");
    assert!(uris.contains(&json!("keys/")) && uris.contains(&json!("./")), "{uris:?}");
    assert!(uris.iter().all(|uri| *uri == json!("keys/") || *uri == json!("./")), "{uris:?}");
    assert!(places("/region").iter().all(serde_json::Value::is_null));
    let paths: Vec<_> =
        value("codeclimate").as_array().unwrap().iter().map(|one| one["location"]["path"].clone()).collect();
    assert!(paths.contains(&json!("keys")) && paths.iter().all(|path| *path == json!("keys") || *path == json!(".")));
    repo.monster(&["review", "baseline", "write", "--file", "base.jsonl", "--staged"]).done().ok();
    assert!(!fs::read_to_string(repo.path().join("base.jsonl")).unwrap().contains(&key));
    assert!(say(&["--baseline", "base.jsonl"]).contains("suppressed"));
    // Nor does the hook of a push.
    repo.commit("feat: keys");
    let (id, none) = (repo.git(&["rev-parse", "HEAD"]), "0".repeat(40));
    let pushed = format!("refs/heads/main {id} refs/heads/main {none}\n");
    let done = repo.monster(&["hook", "run", "pre-push", "origin", "nowhere"]).stdin(pushed).done();
    assert!(done.stderr.contains("keys/<hidden ") && !done.all().contains(&key), "{}", done.all());
}

#[test]
fn a_key_in_a_name_keeps_a_commit_back_as_one_in_a_file_does() {
    let sandbox = offline();
    let repo = sandbox.repo("commit");
    repo.history(&[("feat: begin", "a.py", "a = 1\n")]);
    let key = sandbox.key("anthropic");
    repo.stage(&format!("keys/{key}.txt"), "");
    let head = repo.git(&["rev-parse", "HEAD"]);
    let done = repo.monster(&["commit", "-y", "--secrets", "block"]).done();
    assert!(done.exits(6).stderr.contains("redact.mode is block"), "{}", done.all());
    assert!(done.stderr.contains("name of keys/<hidden ") && !done.all().contains(&key), "{}", done.all());
    assert_eq!(repo.git(&["rev-parse", "HEAD"]), head);
    let draft = |mode: &str| {
        repo.write("msg", "");
        let done = repo.monster(&["hook", "run", "prepare-commit-msg", "msg"]).env("MONSTER_REDACT_MODE", mode).done();
        (done, fs::read_to_string(repo.path().join("msg")).unwrap())
    };
    let (done, text) = draft("block");
    assert!(done.exits(6).stderr.contains("the staged change adds a secret") && text.is_empty(), "{}", done.all());
    let (done, text) = draft("redact");
    done.ok();
    assert!(text.contains("warning: name of keys/<hidden "), "{text}");
    // Where nothing blocks it is told, and the commit is made.
    let done = repo.monster(&["commit", "-y"]).done();
    assert!(done.ok().stderr.contains("name of keys/<hidden "), "{}", done.all());
    assert_ne!(repo.git(&["rev-parse", "HEAD"]), head);
}

#[test]
fn a_branch_that_cannot_be_read_is_damage_and_no_repository_without_commits() {
    for format in ["sha1", "sha256"] {
        let mut sandbox = offline();
        sandbox.set("GIT_DEFAULT_HASH", format);
        let repo = sandbox.repo("names");
        repo.history(&[("feat: begin", "a.py", "a = 1\n"), ("feat: two", "b.py", "b = 1\n")]);
        repo.stage("a.py", "a = 2\n");
        let told = |args: &[&str]| {
            let done = repo.monster(args).done();
            let said = &done.exits(3).stderr;
            assert!(said.contains("the repository is damaged or not complete"), "{format}: {}", done.all());
            assert!(said.contains("put back what git keeps them in"), "{format}: {}", done.all());
        };
        let asked: [&[&str]; 5] = [
            &["review", "--staged"],
            &["review", "HEAD"],
            &["review", "main~1"],
            &["commit", "--dry-run"],
            &["commit", "-y"],
        ];
        let branch = repo.path().join(".git/refs/heads/main");
        let whole = fs::read(&branch).unwrap();
        for left in [&[][..], &whole[..20]] {
            fs::write(&branch, left).unwrap();
            asked.iter().for_each(|args| told(args));
        }
        fs::write(&branch, &whole).unwrap();
        repo.git(&["pack-refs", "--all"]);
        let packed = repo.path().join(".git/packed-refs");
        let whole = fs::read(&packed).unwrap();
        fs::write(&packed, &whole[..whole.len() - 20]).unwrap();
        asked.iter().for_each(|args| told(args));
        fs::write(&packed, &whole).unwrap();
        // What nobody has named is no damage.
        for name in ["nobody", "config", "../config"] {
            let done = repo.monster(&["review", name]).done();
            assert!(done.exits(2).stderr.contains("there is no revision"), "{format}: {}", done.all());
        }
        repo.monster(&["review", "--staged"]).done().ok();
    }
}

#[test]
fn an_index_is_made_anew_before_the_first_commit_and_in_a_sparse_checkout_too() {
    let sandbox = offline();
    let repo = sandbox.repo("anew");
    let mend = || {
        let index = repo.path().join(".git/index");
        let whole = fs::read(&index).unwrap();
        fs::write(&index, &whole[..whole.len() - 30]).unwrap();
        let said = repo.monster(&["review", "--staged"]).done().exits(3).stderr.clone();
        let command = said.split_once("what was staged: ").unwrap().1.lines().next().unwrap().to_owned();
        repo.any("sh", &["-c", &command]).done().ok();
        command
    };
    repo.stage("in/a.py", "a = 1\n").stage("out/b.py", "b = 1\n");
    assert!(mend().ends_with("git read-tree --empty"));
    repo.git(&["add", "-A"]);
    repo.commit("feat: begin");
    repo.git(&["sparse-checkout", "set", "--cone", "in"]);
    assert!(mend().ends_with("git read-tree HEAD && git sparse-checkout reapply"));
    assert_eq!(repo.git(&["status", "--porcelain"]), "");
    assert!(repo.git(&["ls-files", "-t"]).contains("S out/b.py"));
    repo.git(&["sparse-checkout", "disable"]);
    assert!(mend().ends_with("git read-tree HEAD"));
}

#[test]
fn settings_that_cannot_be_read_open_no_gate() {
    let sandbox = offline();
    let repo = sandbox.repo("misread");
    repo.history(&[("feat: begin", "a.py", "a = 1\n")]);
    repo.monster(&["hook", "install", "pre-commit"]).done().ok();
    repo.stage("a.py", &format!("a = '{}'\n", sandbox.key("anthropic")));
    let stopped = |what: &str, word: &str| {
        let done = repo.monster(&["hook", "run", "pre-commit"]).env("MONSTER_REDACT_MODE", word).done();
        let said = &done.exits(6).stderr;
        assert!(said.contains("what is staged holds a secret"), "{what}: {said}");
        assert!(!said.contains("nothing is sent"), "{what}: {said}");
    };
    stopped("a variable", "blok");
    let wrong = [
        "[review]\nfail_on = \"hihg\"\n",
        "[redact]\nmode = \"blok\"\n",
        "[redact]\nmode = \n[review\n",
        "[redact.kinds]\nnobodys = \"warn\"\n",
        "[redact.kinds]\npassword = \"wran\"\n",
        "[[redact.rule]]\nname = \"ours\"\npattern = \"(\"\n",
    ];
    for what in wrong {
        sandbox.config(what);
        stopped(what, "redact");
    }
    // Nobody knows what was meant: nothing laxer is done. And what it means is told.
    sandbox.config("[redact]\nmode = \"blok\"\n\n[review]\nfail_on = \"hihg\"\n");
    repo.write("msg", "");
    let done = repo.monster(&["hook", "run", "prepare-commit-msg", "msg"]).done();
    assert!(done.exits(6).stderr.contains("the staged change adds a secret"), "{}", done.all());
    let status = repo.monster(&["hook", "status"]).done().ok().stderr.clone();
    assert!(status.contains("no model is asked, and secrets are looked for with what can be read"), "{status}");
    assert!(status.contains("a value of review.fail_on cannot be read: never holds for a push"), "{status}");
    // A change without one goes through.
    repo.stage("a.py", "a = 2\n");
    repo.any("git", &["commit", "-q", "-m", "feat: two"]).done().ok();
}

#[test]
fn an_id_of_the_repositorys_list_opens_the_gate_of_a_commit_as_that_of_a_push() {
    let sandbox = offline();
    let repo = sandbox.repo("accepted");
    repo.history(&[("feat: begin", "a.py", "a = 1\n")]);
    repo.monster(&["hook", "install", "pre-commit"]).done().ok();
    repo.stage("a.py", &format!("a = '{}'\n", sandbox.key("anthropic")));
    let gate = || repo.monster(&["hook", "run", "pre-commit"]).done();
    let json = repo.monster(&["review", "--staged", "--json"]).done().json();
    let id = json["findings"][0]["id"].as_str().unwrap().to_owned();
    let done = gate();
    assert!(done.exits(6).stdout.contains(&format!(" · {id}\n")), "{}", done.all());
    assert!(done.stderr.contains("by its id in a .monster/ignore"), "{}", done.stderr);
    // What the change says of itself counts no more than in a review.
    repo.stage(".monster/ignore", &format!("{id} made up, by Ada\n"));
    gate().exits(6);
    repo.git(&["commit", "-q", "--no-verify", "-m", "chore: accept", "--", ".monster/ignore"]);
    let done = gate();
    assert_eq!((done.ok().stdout.as_str(), done.stderr.as_str()), ("", ""));
    // It accepts that secret there, and no other.
    repo.stage("a.py", &format!("a = '{0}'\nb = '{1}'\n", sandbox.key("anthropic"), sandbox.key("openai")));
    let done = gate();
    assert!(done.exits(6).stdout.contains("a.py:2") && !done.stdout.contains("a.py:1"), "{}", done.all());
    assert!(done.stderr.contains("1 accepted by .monster/ignore"), "{}", done.stderr);
}
