//! What goes out with a push although it looks like something else, and what an accepted id lets through.

use std::fs::File;

use crate::chain::offline;
use crate::push::{added, committed, gated, push, wrapped};
use crate::sandbox::{Repo, Sandbox};

/// Another key of the same kind.
fn other(sandbox: &Sandbox) -> String {
    let key = sandbox.key("anthropic");
    let (head, tail) = key.split_at(key.len() - 60);
    let (middle, end) = tail.split_at(50);
    format!("{head}{}{end}", middle.chars().rev().collect::<String>())
}

/// The ids of what was told of this.
pub fn ids(said: &str, of: &str) -> Vec<String> {
    let told = said.lines().filter(|line| line.contains(of) && line.contains(" · secret · "));
    told.filter_map(|line| Some(line.rsplit(" · ").next()?.to_owned())).collect()
}

/// Has these ids accepted from now on.
pub fn accept(repo: &Repo<'_>, ids: &[String]) {
    let lines: String = ids.iter().map(|id| format!("{id} looked at\n")).collect();
    committed(repo, ".monster/ignore", &lines);
    repo.git(&["push", "-q", "--no-verify", "origin", "main"]);
}

/// A repository with two remotes that are known, one of which lacks a commit with a key.
fn behind(sandbox: &Sandbox) -> Repo<'_> {
    let repo = gated(sandbox, "origin");
    added(&repo, "pub");
    repo.git(&["push", "-q", "--no-verify", "origin", "main"]);
    repo.git(&["push", "-q", "--no-verify", "pub", "main"]);
    committed(&repo, "key.txt", &format!("token = {}\n", sandbox.key("anthropic")));
    repo.git(&["push", "-q", "--no-verify", "origin", "main"]);
    repo
}

#[test]
fn a_file_that_takes_the_place_of_a_submodule_is_looked_through() {
    for format in ["sha1", "sha256"] {
        let mut sandbox = offline();
        sandbox.set("GIT_DEFAULT_HASH", format);
        let repo = gated(&sandbox, "origin");
        let id = repo.git(&["rev-parse", "HEAD"]);
        repo.git(&["update-index", "--add", "--cacheinfo", &format!("160000,{id},m")]);
        repo.git(&["commit", "-q", "-m", "a module"]);
        repo.git(&["push", "-q", "--no-verify", "origin", "main"]);
        repo.git(&["rm", "-q", "--cached", "m"]);
        repo.stage("m", &format!("k = {}\n", sandbox.key("anthropic")));
        repo.monster(&["redact", "scan", "--staged"]).done().exits(1);
        let done = repo.monster(&["review", "--staged", "--fail-on", "high"]).done();
        assert!(done.exits(1).stdout.contains("m:1") && !done.stdout.contains("submodule"), "{format}: {}", done.all());
        repo.git(&["commit", "-q", "-m", "a file"]);
        let (ok, said) = push(&sandbox, &repo, &["origin", "main"]);
        assert!(!ok && said.contains("m:1: A secret is added"), "{format}: {said}");
        let carried = repo.git(&["rev-parse", "HEAD"]);
        committed(&repo, "m", "none\n");
        let (ok, said) = push(&sandbox, &repo, &["origin", "main"]);
        assert!(!ok && said.contains("m:1: ") && said.contains(&format!("(in {}", &carried[..12])), "{format}: {said}");
    }
}

#[test]
fn an_accepted_key_opens_no_way_for_another() {
    let sandbox = offline();
    let repo = gated(&sandbox, "origin");
    let (one, two) = (sandbox.key("anthropic"), other(&sandbox));
    let words = [["kV9xQm2w", "Tr4bLz8p"].concat(), ["Zq7nWc3y", "Hd5kRv6m"].concat()];
    for (file, [first, second]) in [("q.py", [&one, &two]), ("w.py", [&words[0], &words[1]])] {
        repo.git(&["push", "-q", "--no-verify", "origin", "main"]);
        let line = |value: &str| format!("password = \"{value}\"\n");
        let carried = [committed(&repo, file, &line(first)), committed(&repo, file, &line(second))];
        committed(&repo, file, "password = None\n");
        let (ok, said) = push(&sandbox, &repo, &["origin", "main"]);
        let all = carried.iter().all(|commit| said.contains(&format!("(in {}", &commit[..12])));
        assert!(!ok && all && said.contains(": 2 findings at or above"), "{file}: {said}");
    }
    repo.git(&["push", "-q", "--no-verify", "origin", "main"]);
    committed(&repo, "a.py", &format!("tok = \"{one}\"\n"));
    let (ok, said) = push(&sandbox, &repo, &["origin", "main"]);
    let known = ids(&said, "a.py:1");
    assert!(!ok && known.len() == 1, "{said}");
    repo.git(&["reset", "-q", "--hard", "HEAD~1"]);
    accept(&repo, &known);
    committed(&repo, "a.py", &format!("# moved\nTOK = \"{one}\"\n"));
    let (ok, said) = push(&sandbox, &repo, &["origin", "main"]);
    assert!(ok && !said.contains("a.py"), "{said}");
    for (file, key) in [("a.py", &two), ("b.py", &two), ("b.py", &one)] {
        let before = repo.git(&["rev-parse", "HEAD"]);
        committed(&repo, file, &format!("tok = \"{key}\"\n"));
        let (ok, said) = push(&sandbox, &repo, &["origin", "main"]);
        assert!(!ok && said.contains(&format!("{file}:1: A secret")), "{file}: {said}");
        repo.git(&["reset", "-q", "--hard", &before]);
    }
}

#[test]
fn what_is_accepted_stays_so_whatever_comes_beside_it_and_after_a_rebase() {
    let sandbox = offline();
    let repo = gated(&sandbox, "origin");
    repo.git(&["push", "-q", "--no-verify", "origin", "main"]);
    let (one, two) = (sandbox.key("anthropic"), other(&sandbox));
    let words = format!("note\n\nused {one}");
    repo.stage(&format!("a/{one}.txt"), "").stage(&format!("b/{two}.txt"), "");
    repo.git(&["commit", "-q", "-m", &words]);
    let (ok, said) = push(&sandbox, &repo, &["origin", "main"]);
    let known = [ids(&said, "name of "), ids(&said, "the message of ")].concat();
    assert!(!ok && known.len() == 3, "{said}");
    repo.git(&["reset", "-q", "--hard", "HEAD~1"]);
    accept(&repo, &known);
    repo.stage(&format!("b/{two}.txt"), "").git(&["commit", "-q", "-m", &words]);
    let (ok, said) = push(&sandbox, &repo, &["origin", "main"]);
    assert!(ok && !said.contains("A secret is added"), "{said}");
    // The same key in other words is another matter.
    repo.stage("c.txt", "c\n").git(&["commit", "-q", "-m", &format!("more of {one}")]);
    let (ok, said) = push(&sandbox, &repo, &["origin", "main"]);
    assert!(!ok && said.contains("the message of "), "{said}");
}

#[test]
fn what_another_remote_has_is_new_to_one_that_has_a_history_of_its_own() {
    for format in ["sha1", "sha256"] {
        let mut sandbox = offline();
        sandbox.set("GIT_DEFAULT_HASH", format);
        let repo = behind(&sandbox);
        let (ok, said) = push(&sandbox, &repo, &["pub", "main"]);
        assert!(!ok && said.contains("key.txt:1"), "{format}: {said}");
        // Nor by its address.
        let (ok, said) = push(&sandbox, &repo, &["../pub.git", "main"]);
        assert!(!ok && said.contains("key.txt:1"), "{format}: {said}");
        // A first push to a remote is not asked about the project's past.
        added(&repo, "fork");
        let (ok, said) = push(&sandbox, &repo, &["fork", "main"]);
        assert!(ok && !said.contains("key.txt"), "{format}: {said}");
    }
}

#[test]
fn the_name_of_a_tag_is_looked_at_whatever_it_leads_to() {
    let sandbox = offline();
    let repo = gated(&sandbox, "origin");
    repo.git(&["push", "-q", "--no-verify", "origin", "main"]);
    for to in ["main^{tree}", "main:README.md", "main"] {
        let named = format!("{}:refs/tags/{}", repo.git(&["rev-parse", to]), sandbox.key("anthropic"));
        let (ok, said) = push(&sandbox, &repo, &["origin", &named]);
        assert!(!ok && said.contains("the name of a branch or tag:1"), "{to}: {said}");
    }
}

#[test]
fn the_hint_about_people_touches_the_one_commit_alone() {
    let sandbox = offline();
    let key = sandbox.key("anthropic");
    // In the middle, and the first of all.
    for root in [false, true] {
        let repo = gated(&sandbox, "origin");
        let author = format!("{key} <a@example.org>");
        if root {
            repo.git(&["switch", "-q", "--orphan", "anew"]);
        } else {
            repo.git(&["push", "-q", "--no-verify", "origin", "main"]);
        }
        repo.stage("mine.txt", "1\n").git(&["commit", "-q", "-m", "mine", "--author", &author]);
        let mine = repo.git(&["rev-parse", "HEAD"]);
        repo.git(&["switch", "-q", "-c", "side"]);
        repo.stage("side.txt", "1\n").git(&["commit", "-q", "-m", "side", "--author", "Eve <eve@example.org>"]);
        repo.git(&["switch", "-q", "-"]);
        repo.stage("bob.txt", "1\n").git(&["commit", "-q", "-m", "bob", "--author", "Bob <bob@example.org>"]);
        repo.git(&["merge", "-q", "--no-edit", "side"]);
        let (ok, said) = push(&sandbox, &repo, &["origin", "HEAD:refs/heads/main", "-f"]);
        let hint = said.lines().find(|line| line.contains("who made a commit")).unwrap_or_else(|| panic!("{said}"));
        assert!(!ok && hint.contains("with \"edit\" before that one alone"), "{hint}");
        // As it is told.
        let (_, rest) = hint.split_once("of an older one ").unwrap();
        let (begin, rest) = rest.split_once(", of the first of all ").unwrap();
        let (first, rest) = rest.split_once(" in the place of COMMIT~1").unwrap();
        let (_, rest) = rest.split_once(", there ").unwrap();
        let (amend, rest) = rest.split_once(", then ").unwrap();
        let (go, _) = rest.split_once(';').unwrap();
        let begin =
            if root { begin.replace("COMMIT~1", first) } else { begin.replace("COMMIT~1", &format!("{mine}~1")) };
        let editor = format!("sed -i 's/^pick {}/edit {0}/'", &mine[..7]);
        let script = format!("set -e; GIT_SEQUENCE_EDITOR=\"{editor}\" {begin}; {amend}; GIT_EDITOR=true {go}");
        repo.any("sh", &["-c", &script]).done().ok();
        let made = repo.git(&["log", "--format=%an %s", "-5"]);
        assert!(made.contains("Bob bob") && made.contains("Eve side") && !made.contains(&key), "{made}");
        assert!(repo.git(&["log", "-1", "--merges", "--format=%s"]).starts_with("Merge branch 'side'"), "{made}");
        let (ok, said) = push(&sandbox, &repo, &["origin", "HEAD:refs/heads/main", "-f"]);
        assert!(ok, "{said}");
        for dir in ["pager", "origin.git"] {
            std::fs::remove_dir_all(sandbox.at(dir).path()).unwrap();
        }
    }
}

#[test]
fn a_file_that_is_too_large_to_be_looked_through_is_named() {
    let mut sandbox = offline();
    sandbox.set("GIT_DEFAULT_HASH", "sha256");
    let repo = gated(&sandbox, "origin");
    repo.git(&["push", "-q", "--no-verify", "origin", "main"]);
    repo.git(&["config", "--global", "monster.hook.deadline", "60"]);
    repo.git(&["config", "core.compression", "1"]);
    File::create(repo.path().join("log.txt")).unwrap().set_len((256 << 20) + 1).unwrap();
    repo.git(&["add", "log.txt"]);
    repo.git(&["commit", "-q", "-m", "a log"]);
    let carried = repo.git(&["rev-parse", "HEAD"]);
    repo.git(&["rm", "-q", "log.txt"]);
    repo.git(&["commit", "-q", "-m", "no log"]);
    let (ok, said) = push(&sandbox, &repo, &["origin", "main"]);
    let told = format!("not looked through for secrets: log.txt (it is larger than 256 MiB) in {}", &carried[..12]);
    assert!(ok && said.contains(&told), "{said}");
}

#[test]
fn what_a_git_that_breaks_off_did_not_read_is_named() {
    let mut sandbox = offline();
    sandbox.set("GIT_DEFAULT_HASH", "sha256");
    let repo = gated(&sandbox, "origin");
    repo.git(&["push", "-q", "--no-verify", "origin", "main"]);
    let there = repo.git(&["rev-parse", "HEAD"]);
    let key = sandbox.key("anthropic");
    committed(&repo, &format!("{key}.txt"), &format!("token = {key}\n"));
    repo.git(&["rm", "-q", &format!("{key}.txt")]);
    repo.git(&["commit", "-q", "-m", "no key"]);
    let tip = repo.git(&["rev-parse", "HEAD"]);
    let path = wrapped(&sandbox, &repo, "case \"$*\" in\n*'cat-file --batch') exit 1 ;;\nesac");
    let line = format!("refs/heads/main {tip} refs/heads/main {there}\n");
    let done = repo.monster(&["hook", "run", "pre-push", "origin"]).env("PATH", &path).stdin(line).done();
    let told = "of refs/heads/main this was not looked through for secrets: <hidden Anthropic key>.txt (";
    assert!(done.stderr.contains(told) && !done.stderr.contains(&key), "{}", done.all());
}

#[test]
fn no_message_by_rule_tells_a_key_that_stands_in_a_name() {
    let sandbox = offline();
    let repo = sandbox.repo("bodies");
    repo.history(&[("feat: begin", "a.py", "a = 1\n")]);
    let (key, short) = (sandbox.key("anthropic"), crate::key::github("short"));
    let message = || repo.git(&["log", "-1", "--format=%B"]);
    for n in 1..5 {
        repo.stage(&format!("keys/{n}{key}.txt"), "one\n");
    }
    repo.write("msg", "");
    repo.monster(&["hook", "run", "prepare-commit-msg", "msg"]).done().ok();
    let drafted = std::fs::read_to_string(repo.path().join("msg")).unwrap();
    repo.monster(&["commit", "-y"]).done().ok();
    for text in [drafted, message()] {
        assert!(text.contains("- keys/1<hidden Anthropic key>.txt: +1 -0") && !text.contains(&key), "{text}");
    }
    for n in 1..5 {
        repo.git(&["mv", &format!("keys/{n}{key}.txt"), &format!("keys/{n}.txt")]);
    }
    repo.monster(&["commit", "-y"]).done().ok();
    let text = message();
    assert!(text.contains("- keys/1.txt (from keys/1<hidden Anthropic key>.txt): renamed"), "{text}");
    assert!(!text.contains(&key), "{text}");
    // A subject has room for a short one.
    repo.stage(&format!("{short}.txt"), "one\n");
    repo.monster(&["commit", "-y"]).done().ok();
    assert!(message().contains("<hidden GitHub token>") && !message().contains(&short), "{}", message());
}

#[test]
fn a_new_branch_and_a_forced_push_are_asked_about_what_this_remote_lacks() {
    for format in ["sha1", "sha256"] {
        let mut sandbox = offline();
        sandbox.set("GIT_DEFAULT_HASH", format);
        let repo = behind(&sandbox);
        let (ok, said) = push(&sandbox, &repo, &["pub", "main:feat"]);
        assert!(!ok && said.contains("key.txt:1"), "{format}: {said}");
        // Somebody else has pushed there meanwhile.
        repo.git(&["clone", "-q", "../pub.git", "../other"]);
        let other = sandbox.at("other");
        other.git(&["switch", "-q", "-C", "main", "origin/main"]);
        committed(&other, "theirs.txt", "1\n");
        other.git(&["push", "-q", "origin", "main"]);
        let (ok, said) = push(&sandbox, &repo, &["--force", "pub", "main"]);
        assert!(!ok && said.contains("key.txt:1"), "{format}: {said}");
        let (ok, said) = push(&sandbox, &repo, &["origin", "main:feat"]);
        assert!(ok, "{format}: {said}");
    }
}

/// The same where the main branch is called otherwise, and what the public one has came from there.
#[test]
fn a_remote_that_was_heard_of_is_known_by_any_branch_that_came_from_it() {
    for (format, main) in [("sha1", "develop"), ("sha256", "develop"), ("sha1", "main")] {
        let mut sandbox = offline();
        sandbox.set("GIT_DEFAULT_HASH", format);
        let repo = gated(&sandbox, "origin");
        repo.git(&["branch", "-q", "-M", main]);
        repo.git(&["push", "-q", "--no-verify", "origin", main]);
        let there = format!("{main}:refs/heads/develop");
        // Somebody else has put it there.
        repo.git(&["init", "-q", "--bare", "../public.git"]);
        repo.git(&["push", "-q", "--no-verify", "../public.git", &there]);
        repo.git(&["remote", "add", "public", "../public.git"]);
        repo.git(&["fetch", "-q", "public"]);
        // Newer versions of git note this by themselves.
        let _ = repo.any("git", &["remote", "set-head", "public", "-d"]).done();
        committed(&repo, "key.txt", &format!("token = {}\n", sandbox.key("anthropic")));
        repo.git(&["push", "-q", "--no-verify", "origin", main]);
        for known in [false, true] {
            if known {
                repo.git(&["remote", "set-head", "origin", main]);
            } else {
                let _ = repo.any("git", &["remote", "set-head", "origin", "-d"]).done();
            }
            let at = format!("{format} {main} {known}");
            let new = format!("{main}:refs/heads/feat");
            for to in [&there, &new] {
                let (ok, said) = push(&sandbox, &repo, &["public", to]);
                assert!(!ok && said.contains("key.txt:1"), "{at}, {to}: {said}");
            }
            if known && main == "develop" {
                let (ok, said) = push(&sandbox, &repo, &["../public.git", &there]);
                assert!(!ok && said.contains("key.txt:1"), "{at}, by its address: {said}");
            }
        }
    }
}

#[test]
fn where_git_does_not_say_what_holds_for_a_file_the_work_tree_is_not_read() {
    let mut sandbox = offline();
    sandbox.set("GIT_DEFAULT_HASH", "sha256");
    let repo = gated(&sandbox, "origin");
    repo.git(&["config", "filter.vault.clean", "cat"]);
    committed(&repo, "a.txt", "1\n");
    repo.write("a.txt", &format!("token = {}\n", sandbox.key("anthropic")));
    let path = wrapped(&sandbox, &repo, "case \"$*\" in\n*check-attr*) exit 1 ;;\nesac");
    let review = || repo.monster(&["review", "--format", "json"]);
    let found = |done: &crate::sandbox::Done| done.json()["findings"].as_array().unwrap().len();
    assert_eq!(found(&review().done()), 1);
    let done = review().env("PATH", &path).done();
    assert_eq!(found(&done), 0, "{}", done.all());
    assert!(done.all().contains("whether it passes it through a filter"), "{}", done.all());
}

#[test]
fn what_a_filter_changes_is_committed_once_it_is_staged_where_secrets_may_go_nowhere() {
    let mut sandbox = offline();
    sandbox.set("MONSTER_REDACT_MODE", "block");
    let repo = gated(&sandbox, "origin");
    repo.git(&["config", "filter.vault.clean", "sed s/open/sealed/"]);
    repo.stage(".gitattributes", "*.key filter=vault\n");
    committed(&repo, "a.key", "open 1\n");
    repo.write("a.key", "open 2\n");
    for way in [&["-a"][..], &["--", "a.key"]] {
        let done = repo.monster(&[&["commit", "-y"], way].concat()).done();
        let said = &done.exits(6).stderr;
        assert!(said.contains("staged: git add FILE, then monster commit") && !said.contains("git fsck"), "{said}");
    }
    repo.git(&["add", "a.key"]);
    repo.monster(&["commit", "-y"]).done().ok();
}

#[test]
fn what_the_last_commit_accepts_holds_for_whoever_rewrites_it() {
    let mut sandbox = offline();
    sandbox.set("MONSTER_REDACT_MODE", "block");
    sandbox.set("MONSTER_HOOK_AMEND", "true");
    let repo = gated(&sandbox, "origin");
    let key = sandbox.key("anthropic");
    repo.stage("a.txt", &format!("token = {key}\n"));
    let found = repo.monster(&["review", "--staged", "--format", "json"]).done().json();
    let id = found["findings"][0]["id"].as_str().unwrap().to_owned();
    repo.git(&["rm", "-q", "--cached", "a.txt"]);
    committed(&repo, ".monster/ignore", &format!("{id} looked at\n"));
    repo.write("msg", "");
    let hook = |args: &[&str]| repo.monster(&[&["hook", "run"][..], args].concat()).done();
    let drafted = ["prepare-commit-msg", "msg", "commit", "HEAD"];
    let amend = || repo.monster(&["commit", "--amend", "-y"]).done();
    repo.git(&["add", "a.txt"]);
    hook(&["pre-commit"]).ok();
    hook(&drafted).ok();
    amend().ok();
    // Nor does any other pass.
    repo.stage("b.txt", &format!("token = {}\n", other(&sandbox)));
    hook(&["pre-commit"]).exits(6);
    hook(&drafted).exits(6);
    amend().exits(6);
}

#[test]
fn a_key_in_a_note_is_told_as_what_it_stands_in() {
    for format in ["sha1", "sha256"] {
        let mut sandbox = offline();
        sandbox.set("GIT_DEFAULT_HASH", format);
        let repo = gated(&sandbox, "origin");
        let id = repo.git(&["rev-parse", "HEAD"]);
        repo.git(&["notes", "add", "-m", &format!("token = {}", sandbox.key("anthropic"))]);
        let note = format!("the note of commit {} in refs/notes/commits:1: A secret is added", &id[..12]);
        let (ok, said) = push(&sandbox, &repo, &["origin", "refs/notes/commits"]);
        assert!(!ok && said.contains(&note) && !said.contains(&id), "{format}: {said}");
        assert!(said.contains("git notes --ref=NAME edit COMMIT") && said.contains("by its id"), "{said}");
        // Also once it was taken out of the note again.
        repo.git(&["notes", "add", "-f", "-m", "none"]);
        let (ok, said) = push(&sandbox, &repo, &["origin", "refs/notes/commits"]);
        assert!(!ok && said.contains(&note[..60]) && !said.contains("git rebase"), "{format}: {said}");
        // What is advised helps, and keeps the note.
        let fresh = repo.git(&["commit-tree", "refs/notes/commits^{tree}", "-m", "notes"]);
        repo.git(&["update-ref", "refs/notes/commits", &fresh]);
        let (ok, said) = push(&sandbox, &repo, &["origin", "refs/notes/commits"]);
        assert!(ok && repo.git(&["notes", "show"]) == "none", "{format}: {said}");
    }
}
