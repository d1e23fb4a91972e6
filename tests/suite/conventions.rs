//! What a repository declares about its messages, and what its people do: both hold for whoever writes them.

use serde_json::json;

use crate::commit::{connected, pager};
use crate::sandbox::{Repo, Sandbox};
use crate::upstream::{Answer, Upstream};

const MODEL: [&str; 3] = ["commit", "--model", "openai/gpt-4.1-mini"];

fn answer(type_: &str, scope: &str, subject: &str, body: &str) -> Answer {
    Answer::json(&json!({ "type": type_, "scope": scope, "subject": subject, "body": body }))
}

/// The pager, with this file in its last commit beside.
fn declares<'a>(sandbox: &'a Sandbox, file: &str, text: &str) -> Repo<'a> {
    let repo = pager(sandbox);
    repo.write(file, text);
    repo.git(&["add", "-f", file]);
    repo.git(&["commit", "-q", "-m", "chore: declare rules", file]);
    repo
}

#[test]
fn a_models_message_is_put_into_the_form_that_is_declared() {
    for (file, text) in [
        (
            ".commitlintrc.yml",
            "extends: ['@commitlint/config-conventional']\nrules:\n  type-enum: [2, always, [bugfix, feature]]\n  scope-enum: [2, always, [core]]\n  subject-case: [2, always, sentence-case]\n",
        ),
        (
            "commitlint.config.js",
            "module.exports = { extends: ['@commitlint/config-conventional'], rules: { 'type-enum': [2, 'always', ['bugfix', 'feature']], 'scope-enum': [2, 'always', ['core']], 'subject-case': [2, 'always', 'sentence-case'] } };\n",
        ),
    ] {
        let upstream = Upstream::start();
        upstream.next(answer("bugfix", "pager", "count the last page.", ""));
        let sandbox = connected(&upstream);
        let repo = declares(&sandbox, file, text);
        let done = repo.monster(&[&MODEL[..], &["-y"]].concat()).done();
        done.ok();
        assert_eq!(repo.message(), "bugfix: Count the last page", "{file}: {}", done.stderr);
        assert!(upstream.only().prompt().contains("bugfix, feature"), "the model is told the types");
        assert!(upstream.only().prompt().contains("the subject must be sentence-case"));
    }
}

#[test]
fn a_scope_that_must_stand_there_is_spelled_as_history_does() {
    let sandbox = Sandbox::new();
    let pattern = "[tool.commitizen]\nname = \"cz_customize\"\n[tool.commitizen.customize]\nschema_pattern = '(build|docs|feat|fix|chore|refactor)\\(\\w+\\): .+'\n";
    let repo = declares(&sandbox, ".cz.toml", pattern);
    repo.git(&["reset", "-q", "--hard"]);
    for subject in
        ["docs(contributing): say how", "docs(breaking-changes): say what", "build(deps): bump a", "fix(widgets): a"]
    {
        repo.git(&["commit", "-q", "--allow-empty", "-m", subject]);
    }
    let dockerfile = "chore(dockerfile): ";
    for (files, mark) in [
        (&["CONTRIBUTING.md"][..], "docs(contributing): "),
        (&["BREAKING-CHANGES.md"], "docs(breaking-changes): "),
        (&["Dockerfile"], dockerfile),
        (&["Cargo.lock"], "build(deps): "),
        (&["app-widgets/src/list.rs"], "(widgets): "),
        (&["BREAKING-CHANGES.md", "app-widgets/src/list.rs"], "(widgets): "),
        (&["README.md", "tools/src/main.rs"], "(tools): "),
        // One that history does not know is written as the pattern takes it.
        (&["my-gadgets/src/list.rs"], "(my_gadgets): "),
    ] {
        for file in files {
            repo.write(file, &"a line\n".repeat(30));
        }
        repo.git(&["add", "-A"]);
        let done = repo.monster(&["commit", "--offline", "--dry-run"]).done();
        let subject = done.ok().stdout.lines().next().unwrap_or_default().to_owned();
        assert!(subject.contains(mark), "{files:?}: {}", done.all());
        assert!(!done.stderr.contains("schema_pattern"), "{}", done.all());
        repo.git(&["reset", "-q", "--hard"]);
    }
    // The user's own stands as it is written, and what it breaks is told.
    repo.write("my-gadgets/src/list.rs", "a line\n");
    repo.git(&["add", "-A"]);
    let done = repo.monster(&["commit", "--offline", "--dry-run", "-t", "feat", "-s", "my-gadgets"]).done();
    assert!(done.stdout.starts_with("feat(my-gadgets): "), "{}", done.all());
    assert!(done.stderr.contains("schema_pattern") && !done.stderr.contains("-s does not show"), "{}", done.all());
}

#[test]
fn the_rules_messages_obey_too() {
    let sandbox = Sandbox::new();
    let repo = declares(
        &sandbox,
        ".commitlintrc.json",
        "{\"rules\": {\"type-enum\": [2, \"always\", [\"Dokumentation\", \"Bug\", \"Feature\"]], \"type-empty\": [2, \"never\"], \"scope-empty\": [2, \"never\"], \"scope-enum\": [2, \"always\", [\"pager\"]], \"header-max-length\": [2, \"always\", 30], \"subject-full-stop\": [2, \"always\", \".\"], \"body-empty\": [2, \"never\"]}}",
    );
    let done = repo.monster(&["commit", "--offline"]).done();
    let message = done.ok().stdout.clone();
    let (subject, body) = message.split_once("\n\n").unwrap_or_else(|| panic!("{message}"));
    assert!(subject.starts_with("Bug(pager): "), "as what it is most likely is called here: {message}");
    assert!(done.stderr.contains("types that may fit: Bug, "), "which was not decided: {}", done.stderr);
    assert!(subject.ends_with('.') && subject.chars().count() <= 30, "{message}");
    assert!(body.contains("src/pager.rs"), "{message}");
}

#[test]
fn of_types_that_say_nothing_of_the_change_none_is_taken_in_silence() {
    let sandbox = Sandbox::new();
    let rules = |types: &str| {
        format!("{{\"rules\": {{\"type-enum\": [2, \"always\", [{types}]], \"type-empty\": [2, \"never\"]}}}}")
    };
    let repo = declares(&sandbox, ".commitlintrc.json", &rules("\"docs\", \"release\""));
    let done = repo.monster(&["commit", "--offline"]).done();
    assert!(done.ok().stdout.starts_with("Update pages in pager.rs"), "{}", done.all());
    assert!(done.stderr.contains("types that may fit: docs, release"), "{}", done.stderr);
    assert!(done.stderr.contains("the message breaks a rule: "), "{}", done.stderr);
    // What is decided is called as it is called here.
    repo.git(&["reset", "-q", "--hard"]);
    repo.stage("tests/pager.rs", "#[test]\nfn pages() {}\n");
    repo.stage(".commitlintrc.json", &rules("\"tests\", \"feature\""));
    repo.git(&["commit", "-q", "-m", "chore: other types", ".commitlintrc.json"]);
    assert_eq!(repo.monster(&["commit", "--offline"]).done().ok().stdout, "tests: add pager tests\n");
}

#[test]
fn what_the_model_is_asked_of_the_scope_is_what_it_is_judged_by() {
    let scoped = |rule: &str, said: &str| {
        let upstream = Upstream::start();
        let one = answer("fix", said, "count the last page", "");
        upstream.always(move |_| one.clone());
        let sandbox = connected(&upstream);
        let repo =
            declares(&sandbox, ".commitlintrc.json", &format!("{{\"rules\": {{\"scope-empty\": [2, \"{rule}\"]}}}}"));
        // Whatever holds both files has no name.
        repo.stage("extra.rs", "pub fn extra() {}\n");
        let flags = if rule == "never" { &["-y"][..] } else { &[] };
        let done = repo.monster(&[&MODEL[..], flags].concat()).done();
        let message = if rule == "never" { repo.message() } else { done.ok().stdout.trim_end().to_owned() };
        (
            upstream.only().prompt(),
            message,
            repo.monster(&["commit", "--offline", "-s", "core", "-t", "fix"]).done().all(),
        )
    };
    let (prompt, message, _) = scoped("never", "counting");
    assert!(prompt.contains("The scope is not empty"), "{prompt}");
    assert_eq!(message, "fix(counting): count the last page", "in one request");
    // A name is no word of a model's own: the rules' scope stands in its place.
    let (_, message, _) = scoped("never", "PagerCore");
    assert_eq!(message, "fix(pager): count the last page", "in one request");
    let (prompt, message, own) = scoped("always", "pager");
    assert!(prompt.contains("The scope is empty") && !prompt.contains("decided by rule"), "{prompt}");
    assert_eq!(message, "fix: count the last page");
    assert!(own.contains("-s does not show: the rules of this repository want no scope"), "{own}");
}

#[test]
fn a_short_first_line_ends_with_a_phrase_or_is_said_anew() {
    let upstream = Upstream::start();
    let sandbox = connected(&upstream);
    let repo = declares(&sandbox, ".commitlintrc.json", "{\"rules\": {\"header-max-length\": [2, \"always\", 50]}}");
    for (said, told) in [
        ("count the last page because the list of items is long", "fix(pager): count the last page"),
        ("count the very last page of each of the lists", "fix: count the very last page of each of the lists"),
    ] {
        upstream.next(answer("fix", "pager", said, ""));
        assert_eq!(repo.monster(&MODEL).done().ok().stdout.trim_end(), told);
    }
    let calls = upstream.calls().len();
    upstream.next(answer("fix", "pager", "teach the pager to never ever forget the last page of items", ""));
    upstream.next(answer("fix", "pager", "never forget the last page", ""));
    assert_eq!(repo.monster(&MODEL).done().ok().stdout, "fix(pager): never forget the last page\n");
    assert_eq!(upstream.calls().len() - calls, 2, "no part of it says it");
    assert!(upstream.calls().last().unwrap().prompt().contains("at most 50 fit"));
}

#[test]
fn what_still_breaks_a_rule_is_asked_for_again_and_then_the_rules_write_it() {
    let upstream = Upstream::start();
    upstream.always(|_| answer("fix", "pager", "count the last page of the list", "Closes the gap."));
    let sandbox = connected(&upstream);
    let rules =
        "{\"extends\": \"@commitlint/config-conventional\", \"rules\": {\"subject-min-length\": [2, \"always\", 60]}}";
    let repo = declares(&sandbox, ".commitlintrc.json", rules);
    let done = repo.monster(&MODEL).done();
    done.ok();
    let second = upstream.calls()[1].prompt();
    assert!(
        second.contains("the subject must not be shorter than 60 (subject-min-length in .commitlintrc.json)"),
        "{second}"
    );
    assert!(done.stderr.contains("written by monster's own rules"), "{}", done.stderr);
}

#[test]
fn a_type_that_is_none_is_one_reason_and_not_several() {
    let upstream = Upstream::start();
    upstream.always(|_| answer("chapter", "", "say line seven in words", ""));
    let sandbox = connected(&upstream);
    let lines: String = (0..30).map(|n| format!("line {n}\n")).collect();
    let repo = declares(&sandbox, ".commitlintrc.json", "{\"extends\": [\"@commitlint/config-conventional\"]}");
    repo.git(&["reset", "-q", "--hard"]);
    repo.stage("notes.src", &lines).commit("feat: go on");
    repo.stage("notes.src", &lines.replace("line 7\n", "line seven\n"));
    let done = repo.monster(&[&MODEL[..], &["--no-fallback"]].concat()).done();
    let told = &done.exits(5).stderr;
    assert!(told.contains("its type is none of") && !told.contains("-empty"), "{told}");
}

#[cfg(target_os = "linux")]
#[test]
fn on_a_terminal_a_message_that_breaks_a_rule_is_shown_with_what_is_wrong() {
    let upstream = Upstream::start();
    upstream.always(|_| answer("fix", "pager", "count the last page", ""));
    let sandbox = connected(&upstream);
    let repo = declares(&sandbox, ".commitlintrc.json", "{\"rules\": {\"references-empty\": [2, \"never\"]}}");
    let mut terminal = repo.terminal(&MODEL);
    terminal.until("count the last page").until("it must refer to an issue (references-empty in .commitlintrc.json)");
    terminal.until("[e]").keys("q");
    assert_eq!(terminal.left().code, 1);
}

#[test]
fn a_change_does_not_loosen_its_own_rules_and_programs_are_not_run() {
    let sandbox = Sandbox::new();
    let rules =
        "{\"extends\": [\"@commitlint/config-conventional\"], \"rules\": {\"type-enum\": [2, \"always\", [\"doc\"]]}}";
    let repo = declares(&sandbox, ".commitlintrc.json", rules);
    repo.git(&["restore", "--staged", "src/pager.rs"]);
    repo.stage(".commitlintrc.json", "{}");
    repo.stage("README.md", "# Pager\n\nCounts all pages.\n");
    let done = repo.monster(&["commit", "--offline"]).done();
    assert!(done.ok().stdout.starts_with("doc: "), "{}", done.all());
    // A configuration that is a program, and would leave a trace.
    let trap = "require('fs').writeFileSync('sprung', '');\nmodule.exports = {};\n";
    repo.git(&["reset", "-q", "--hard"]);
    repo.git(&["rm", "-q", ".commitlintrc.json"]);
    repo.stage("commitlint.config.js", trap).commit("doc: trap");
    repo.stage("README.md", "# Pager\n\nCounts.\n");
    let done = repo.monster(&["-v", "commit", "--offline"]).done();
    assert!(done.ok().stderr.contains("commitlint.config.js: it is a program and is not run"), "{}", done.stderr);
    assert!(done.stderr.contains("--commitlint-json FILE"), "{}", done.stderr);
    assert!(!repo.path().join("sprung").exists());
    // What the user has printed of it holds.
    repo.write(
        "lint.json",
        "{\"rules\": {\"type-enum\": [2, \"always\", [\"words\"]], \"type-empty\": [2, \"never\"]}}",
    );
    let told = repo.monster(&["commit", "--offline", "--commitlint-json", "lint.json"]).done();
    assert_eq!(told.ok().stdout, "words: update README\n");
    repo.write("lint.json", "{}");
    let told = repo.monster(&["commit", "--offline", "--commitlint-json", "lint.json"]).done();
    assert!(told.exits(2).stderr.contains("commitlint --print-config json"), "{}", told.stderr);
}

#[test]
fn rules_that_nobody_knows_are_named_and_hostile_files_are_refused_in_words() {
    let sandbox = Sandbox::new();
    let repo =
        declares(&sandbox, ".commitlintrc.yaml", "rules:\n  jira-key: [2, always]\n  type-enum: [2, always, [docs]]\n");
    let told = |repo: &Repo<'_>| repo.monster(&["-v", "commit", "--offline"]).done().ok().stderr.clone();
    let said = told(&repo);
    assert!(said.contains("messages follow .commitlintrc.yaml"), "{said}");
    assert!(said.contains(".commitlintrc.yaml: the rule jira-key is not known"), "{said}");
    let mut bomb = "a0: &a0 [x, x]\n".to_owned();
    for n in 1..30 {
        bomb.push_str(&format!("a{n}: &a{n} [*a{p}, *a{p}]\n", p = n - 1));
    }
    for (text, why) in [(bomb.as_str(), "too many aliases"), (&"- ".repeat(9_000), "nested too deeply")] {
        repo.write(".commitlintrc.yaml", text);
        repo.git(&["commit", "-q", "-m", "chore: trap", ".commitlintrc.yaml"]);
        let said = told(&repo);
        assert!(said.contains(why), "{said}");
    }
    let quiet = repo.monster(&["commit", "--offline"]).done();
    assert!(!quiet.ok().stderr.contains("aliases"), "only who asks is told");
}

#[test]
fn conventions_may_be_left_alone_by_the_user_and_not_by_the_repository() {
    let mut sandbox = Sandbox::new();
    let rules =
        "{\"extends\": [\"@commitlint/config-conventional\"], \"rules\": {\"type-enum\": [2, \"always\", [\"doc\"]]}}";
    let repo = declares(&sandbox, ".commitlintrc.json", rules);
    repo.git(&["restore", "--staged", "src/pager.rs"]);
    repo.stage("README.md", "# Pager\n\nCounts all pages.\n");
    repo.write(".monster.toml", "[commit]\nconventions = \"off\"\n");
    let done = repo.monster(&["commit", "--offline"]).done();
    assert!(done.ok().stdout.starts_with("doc: "), "{}", done.all());
    assert!(done.stderr.contains("a repository may only tighten commit.conventions"), "{}", done.stderr);
    let path = repo.path().to_owned();
    sandbox.set("MONSTER_COMMIT_CONVENTIONS", "off");
    let again = sandbox.at(path.file_name().unwrap().to_str().unwrap());
    assert!(again.monster(&["commit", "--offline"]).done().ok().stdout.starts_with("docs: "));
}

#[test]
fn the_commit_msg_hook_judges_by_what_is_declared() {
    let mut sandbox = Sandbox::new();
    sandbox.set("MONSTER_HOOK_VALIDATE", "block");
    let rules = "extends: ['@commitlint/config-conventional']\nrules:\n  scope-enum: [1, always, [core]]\n";
    let repo = declares(&sandbox, ".commitlintrc", rules);
    repo.monster(&["hook", "install", "commit-msg"]).done().ok();
    let commit = |message: &str| {
        let out = sandbox.command("git", repo.path()).args(["commit", "-m", message]).output().unwrap();
        (out.status.success(), String::from_utf8_lossy(&out.stderr).into_owned())
    };
    let (ok, said) = commit("Pages are counted.");
    assert!(!ok && said.contains("the type must not be empty (type-empty in .commitlintrc)"), "{said}");
    let (ok, said) = commit(&format!("fix: {}", "count pages ".repeat(7).trim()));
    assert!(ok && !said.contains("at most 72"), "the declared length stands for ours: {said}");
    repo.stage("README.md", "# Other\n");
    let (ok, said) = commit("fix(pager): count pages");
    assert!(
        ok && said.contains("the scope must be one of core (scope-enum in .commitlintrc)"),
        "a wish is told: {said}"
    );
}

#[test]
fn a_key_of_the_branch_goes_where_history_puts_keys_and_nowhere_else() {
    let upstream = Upstream::start();
    upstream.always(|_| answer("fix", "", "count the last page", ""));
    let sandbox = connected(&upstream);
    let keyed = |name: &str, subjects: [&str; 4], branch: &str| -> String {
        let repo = sandbox.repo(name);
        for (n, subject) in subjects.iter().enumerate() {
            repo.stage("src/pager.rs", &format!("pub fn pages() -> usize {{\n    {n}\n}}\n")).commit(subject);
        }
        repo.git(&["checkout", "-q", "-b", branch]);
        repo.stage("src/pager.rs", "pub fn pages() -> usize {\n    40 + 2\n}\n");
        repo.monster(&MODEL).done().ok().stdout.trim_end().to_owned()
    };
    let front = ["PAY-1: Add pages", "PAY-2: Fix pages", "PAY-3: Count pages", "PAY-4: Drop pages"];
    let end = ["fix: add pages (#11)", "fix: count (#12)", "feat: a page (#13)", "fix: drop it (#14)"];
    let none = ["fix: add pages", "fix: count", "feat: a page", "fix: drop it"];
    let refs = ["fix: a\n\nRefs: PAY-1", "fix: b\n\nRefs: PAY-2", "fix: c\n\nRefs: PAY-3", "fix: d"];
    assert_eq!(keyed("front", front, "feature/PAY-77-last-page"), "PAY-77: Count the last page");
    assert_eq!(keyed("end", end, "fix/45-last-page"), "fix: count the last page (#45)");
    assert_eq!(keyed("refs", refs, "PAY-9"), "fix: count the last page\n\nRefs: PAY-9");
    assert_eq!(keyed("none", none, "fix/PAY-77-last-page"), "fix: count the last page");
    for (n, branch) in
        ["utf-8", "fix/SHA-256", "CVE-2024-12345", "upgrade/JAVA-17", "QUARKUS-3", "iso-8601", "2024-10-31"]
            .iter()
            .enumerate()
    {
        assert_eq!(keyed(&format!("front{n}"), front, branch), "Count the last page", "{branch}");
        let said = keyed(&format!("end{n}"), end, branch);
        assert!(said.ends_with(": count the last page"), "{branch}: {said}");
    }
    let repo = sandbox.at("none");
    let said = |issue: &str| repo.monster(&[&MODEL[..], &["--issue", issue]].concat()).done();
    assert_eq!(said("PAY-5").ok().stdout, "fix: count the last page\n\nRefs: PAY-5\n", "who names it wants it there");
    assert!(said("no key").exits(2).stderr.contains("is no key of an issue"));
    let front = sandbox.at("front");
    let never = front.monster(&[&MODEL[..], &["--issue", "never"]].concat()).done();
    assert_eq!(never.ok().stdout, "Count the last page\n");
    front.write(".monster.toml", "[commit]\nissue = \"never\"\n");
    assert_eq!(front.monster(&MODEL).done().ok().stdout, "Count the last page\n");
}

#[test]
fn messages_are_written_as_this_author_writes_them() {
    let upstream = Upstream::start();
    upstream.always(|_| answer("fix", "", "count the last page", ""));
    let sandbox = connected(&upstream);
    let repo = sandbox.repo("habits");
    let by = |repo: &Repo<'_>, who: &str, n: usize, subject: &str| {
        repo.stage("src/pager.rs", &format!("pub fn pages() -> usize {{\n    {n}\n}}\n// {who}\n"));
        repo.git(&["commit", "-q", "-m", subject, "--author", &format!("{who} <{who}@example.org>")]);
    };
    for n in 0..20 {
        by(&repo, "ada", n, &format!("Added page {n} to the list."));
        by(&repo, "bob", n, &format!("feat: add page {n}"));
        by(&repo, "renovate[bot]", n, &format!("chore(deps): update dependency a to v{n}"));
    }
    repo.stage("src/pager.rs", "pub fn pages() -> usize {\n    40 + 2\n}\n");
    let said = repo.monster(&MODEL).done().ok().stdout.clone();
    assert_eq!(said, "Count the last page.\n", "capital and full stop are Ada's");
    assert!(upstream.only().prompt().contains("in the past tense"));
    assert!(!upstream.only().prompt().contains("update dependency"), "a program's subjects are no examples");
    let rules = repo.monster(&["commit", "--offline"]).done().ok().stdout.clone();
    assert_eq!(rules, "Updated pages in pager.rs.\n");
}

#[test]
fn pictures_are_written_as_history_writes_them() {
    let upstream = Upstream::start();
    upstream.always(|_| answer("fix", "", "count the last page", ""));
    let sandbox = connected(&upstream);
    let repo = sandbox.repo("pictures");
    for n in 0..5 {
        let subject = [":sparkles: add a", ":bug: fix b", ":memo: tell c", ":art: shape d", ":bug: fix e"][n];
        repo.stage("src/pager.rs", &format!("pub fn pages() -> usize {{\n    {n}\n}}\n")).commit(subject);
    }
    repo.stage("src/pager.rs", "pub fn pages() -> usize {\n    40 + 2\n}\n");
    assert_eq!(repo.monster(&MODEL).done().ok().stdout, ":bug: count the last page\n");
    repo.git(&["restore", "--staged", "src/pager.rs"]);
    repo.stage("README.md", "# Pages\n");
    assert_eq!(repo.monster(&["commit", "--offline"]).done().ok().stdout, ":memo: add README\n");
}

#[test]
fn a_weak_model_is_known_by_the_user_by_its_servers_listing_and_by_its_name() {
    let upstream = Upstream::start();
    upstream.lists(&["helper"]);
    upstream.always(|_| answer("fix", "", "count the last page", ""));
    let sandbox = Sandbox::new();
    let asked = |repo: &Repo<'_>, args: &[&str]| {
        repo.monster(&[&["commit"], args].concat()).done().ok();
        upstream.calls().last().unwrap().prompt().contains("You write the subject line of one git commit")
    };
    // The server lists 494 million parameters for each of its models.
    let row = |name: &str, provider: &str, more: &str| {
        format!(
            "[upstreams.{name}]\nprovider = \"{provider}\"\nbase_url = \"{}\"\n{more}\n",
            upstream.base(if provider == "ollama" { "ollama" } else { "lmstudio" })
        )
    };
    sandbox.config(&row("ollama", "ollama", ""));
    let repo = pager(&sandbox);
    assert!(asked(&repo, &[]), "its server lists its size");
    assert!(!asked(&repo, &["--model", "ollama/helper"]), "a model that is named is not looked up");
    let models = "[[upstreams.own.models]]\nid = \"big\"\nweak = true\n\n[[upstreams.own.models]]\nid = \"tiny-1b\"\nweak = false\n\n[[upstreams.own.models]]\nid = \"small-1b\"\n";
    sandbox.config(&row("own", "generic", &format!("auth = \"none\"\nlocal = true\n\n{models}")));
    for (model, weak) in [("own/big", true), ("own/tiny-1b", false), ("own/small-1b", true)] {
        assert_eq!(asked(&repo, &["--model", model]), weak, "{model}");
    }
}

#[test]
fn what_the_user_calls_local_costs_nothing_whoever_describes_it() {
    let upstream = Upstream::start();
    upstream.lists(&["listed"]);
    upstream.always(|_| Answer::text("Yes."));
    let sandbox = Sandbox::new();
    sandbox.config(&format!(
        "[upstreams.box]\nprovider = \"generic\"\nbase_url = \"{}\"\nauth = \"none\"\nlocal = true\n",
        upstream.base("lmstudio")
    ));
    for model in ["box/listed", "box/nobody-knows"] {
        let done = sandbox.monster(&["ask", "why?", "--model", model]).done();
        assert!(done.ok().stderr.contains("local") && !done.stderr.contains("unpriced"), "{model}: {}", done.stderr);
    }
}

#[test]
fn our_own_messages_do_not_teach_us() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("ours");
    let pages = |n: usize| repo.stage("src/pager.rs", &format!("pub fn pages() -> usize {{\n    {n}\n}}\n"));
    for n in 0..5 {
        pages(n).commit(&format!("Count page {n}"));
    }
    for n in 5..13 {
        pages(n);
        repo.monster(&["commit", "-y", "--offline", "--style", "conventional", "--type", "feat"]).done().ok();
        assert!(repo.message().starts_with("feat"), "{}", repo.message());
    }
    pages(40);
    let said = repo.monster(&["commit", "--offline"]).done().ok().stdout.clone();
    assert!(said.starts_with("Update"), "eight of thirteen are ours and conventional: {said}");
}

#[test]
fn configurations_that_extend_each_other_without_end_are_read_to_an_end() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("work");
    let many = serde_json::json!({ "extends": vec!["./commitlint.config.json"; 50], "rules": {} }).to_string();
    repo.stage("commitlint.config.json", &many).stage(".commitlintrc.json", &many).commit("chore: add rules");
    repo.stage("a.txt", "one\n");
    let began = std::time::Instant::now();
    repo.monster(&["commit", "--dry-run", "--offline"]).done().ok();
    assert!(began.elapsed() < std::time::Duration::from_secs(20), "{:?}", began.elapsed());
}

#[test]
fn what_a_declared_length_leaves_no_room_for_stands_in_the_body() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("work");
    let name = "a".repeat(36);
    let lock = |version: &str| format!("[[package]]\nname = \"{name}\"\nversion = \"{version}\"\n");
    let rules = "{\"extends\": [\"@commitlint/config-conventional\"], \"rules\": {\"subject-max-length\": [2, \"always\", 50]}}";
    repo.history(&[("feat: begin", ".commitlintrc.json", rules), ("feat: go on", "Cargo.lock", &lock("1.0.0"))]);
    repo.stage("Cargo.lock", &lock("1.1.0"));
    let done = repo.monster(&["commit", "--offline", "--dry-run"]).done();
    let told = format!(": bump {name}\n\n- bump {name} 1.0.0 → 1.1.0");
    assert!(done.ok().stdout.contains(&told), "{}", done.all());
}

#[test]
fn what_the_rules_write_keeps_what_is_declared() {
    let sandbox = Sandbox::new();
    for (n, rules) in [
        "\"subject-max-length\": [2, \"always\", 16]",
        "\"body-max-length\": [2, \"always\", 10]",
        "\"scope-enum\": [2, \"always\", [\"core\"]], \"scope-empty\": [2, \"never\"]",
    ]
    .into_iter()
    .enumerate()
    {
        let repo = sandbox.repo(&format!("r{n}"));
        let declared = format!("{{\"extends\": [\"@commitlint/config-conventional\"], \"rules\": {{{rules}}}}}");
        repo.history(&[
            ("feat: begin", ".commitlintrc.json", &declared),
            ("feat: go on", "src/pager.rs", "fn a() {}\n"),
        ]);
        repo.stage("src/pager.rs", "fn count_all_the_pages() {}\nfn a() {}\n");
        repo.stage("settings.toml", "a = 1\n");
        let done = repo.monster(&["commit", "--offline", "--dry-run"]).done();
        assert!(!done.ok().stderr.contains("breaks a rule"), "{rules}: {}", done.all());
    }
}

#[test]
fn a_proposal_says_which_rule_it_breaks_as_a_message_does() {
    let sandbox = Sandbox::new();
    let repo = declares(&sandbox, ".commitlintrc.json", "{\"rules\": {\"references-empty\": [2, \"never\"]}}");
    let told = repo.monster(&["commit", "--dry-run"]).done();
    let problem = told.ok().stderr.lines().find_map(|line| line.split_once("breaks a rule: ")).unwrap().1.to_owned();
    let split = repo.monster(&["commit", "--split"]).done();
    assert!(split.ok().stderr.contains(&format!("breaks a rule: {problem}")), "{}", split.all());
    let json = repo.monster(&["commit", "--split", "--json"]).done().ok().json();
    assert_eq!(json["commits"][0]["problems"], json!([problem]), "{json:#}");
}
