//! What happens to secrets in requests: modes of single kinds, rules and lists of the user's and of a repository, the
//! audit, and every place a secret can hide in.

use std::fs;

use serde_json::{Value, json};

use crate::commit::connected;
use crate::key::{github, password, real_github};
use crate::redact::silent;
use crate::sandbox::{Done, Repo, Sandbox};
use crate::upstream::{Answer, Upstream};

const MODEL: [&str; 2] = ["--model", "openai/gpt-4.1-mini"];

fn answering() -> Upstream {
    let upstream = Upstream::start();
    upstream.always(|_| Answer::text("Yes."));
    upstream
}

/// Settings beside those of [`connected`].
fn settings(sandbox: &Sandbox, more: &str) {
    let path = sandbox.config_dir().join("config.toml");
    let old = fs::read_to_string(&path).unwrap_or_default();
    let base = old.split("# more").next().unwrap().to_owned();
    sandbox.config(&format!("{base}# more\n{more}"));
}

fn ask(repo: &Repo<'_>, material: &str, flags: &[&str]) -> Done {
    let args = [&["ask", "is it right?", "--with", "-"], &MODEL[..], flags].concat();
    repo.monster(&args).stdin(material).done()
}

/// What the last call was asked.
fn sent(upstream: &Upstream) -> String {
    upstream.calls().last().unwrap().body.to_string()
}

#[test]
fn each_kind_has_the_mode_the_user_gave_it() {
    let upstream = answering();
    let sandbox = connected(&upstream);
    let repo = sandbox.repo("modes");
    let (token, word) = (github("m"), password("m"));
    let text = format!("token {token}\ndb_password = \"{word}\"\n");
    settings(&sandbox, "[redact.kinds]\npassword = \"warn\"\n");
    ask(&repo, &text, &[]).ok();
    assert!(sent(&upstream).contains(&word) && !sent(&upstream).contains(&token), "passwords are only told");
    // The command line and a repository can only make it stricter.
    ask(&repo, &text, &["--secrets", "redact"]).ok();
    assert!(!sent(&upstream).contains(&word));
    repo.write(".monster.toml", "[redact.kinds]\npassword = \"redact\"\ngithub = \"off\"\n");
    ask(&repo, &text, &[]).ok();
    assert!(!sent(&upstream).contains(&word) && !sent(&upstream).contains(&token));
    repo.write(
        ".monster.toml",
        "[redact]\nmode = \"redact\"\nstrict = true\n[redact.kinds]\nno-such-kind = \"block\"\n",
    );
    let told = ask(&repo, &text, &[]);
    assert!(!sent(&upstream).contains(&word), "a mode of the repository's holds for every kind");
    insta::assert_snapshot!("modes_of_a_repository", told.ok().stderr);
    repo.write(".monster.toml", "");
    settings(&sandbox, "[redact.kinds]\ngithub = \"off\"\ngithub-token = \"block\"\n");
    let before = upstream.calls().len();
    let blocked = ask(&repo, &text, &[]);
    silent(&blocked, &token);
    insta::assert_snapshot!("blocked_kind", blocked.exits(6).all());
    assert_eq!(upstream.calls().len(), before, "nothing was sent");
    // A kind's own mode is above the flag, and what is advised works.
    let still = ask(&repo, &text, &["--secrets", "redact"]);
    assert_eq!(still.exits(6).stderr, blocked.stderr);
    settings(&sandbox, "[redact.kinds]\ngithub = \"off\"\ngithub-token = \"redact\"\n");
    ask(&repo, &text, &[]).ok();
    assert!(!sent(&upstream).contains(&token));
    repo.write(".monster.toml", "[redact.kinds]\ngithub = \"block\"\n");
    assert!(ask(&repo, &text, &[]).exits(6).stderr.contains("this repository's .monster.toml blocks github"));
    repo.write(".monster.toml", "");
    settings(&sandbox, "[redact]\nmode = \"block\"\n");
    assert!(ask(&repo, &text, &[]).exits(6).stderr.contains("allow masking with: --secrets redact"));
    ask(&repo, &text, &["--secrets", "redact"]).ok();
    assert!(!sent(&upstream).contains(&token), "the flag takes the place of redact.mode");
    settings(&sandbox, "[redact.kinds]\ngithub = \"off\"\ngithub-token = \"block\"\n");
    ask(&repo, &text, &["--secrets", "off"]).ok();
    assert!(sent(&upstream).contains(&token), "off on the command line is off for everything");
}

#[test]
fn settings_that_cannot_hold_stop_what_would_be_sent() {
    let upstream = answering();
    let sandbox = connected(&upstream);
    let repo = sandbox.repo("wrong");
    let mut told = Vec::new();
    for wrong in [
        "[redact.kinds]\npasword = \"warn\"\n",
        "[redact.kinds]\npassword = \"mask\"\n",
        "[[redact.rule]]\nname = \"acme\"\npattern = \"ACME-(a{1000}){1000}\"\nliteral = \"ACME-\"\n",
        "[[redact.rule]]\nname = \"acme\"\npattern = \"x*\"\nslow = true\n",
        "[[redact.rule]]\nname = \"acme\"\npattern = \"ACME-[0-9]+\"\n",
        "[[redact.rule]]\nname = \"acme\"\npattern = \"(?<=ACME-)[0-9]+\"\nslow = true\n",
        "[[redact.rule]]\nname = \"acme\"\npattern = \"ACME-[0-9]+\"\nliteral = \"ACME-\"\ngroup = 1\n",
        "[[redact.rule]]\nname = \"acme\"\nliteral = \"ok\"\n",
        "[[redact.rule]]\nname = \"github-token\"\nliteral = \"ACME-\"\n",
        "[[redact.rule]]\nname = \"acme\"\nregex = \"ACME-[0-9]+\"\n",
        "[[redact.rule]]\nname = \"acme\"\n",
        "[redact]\ndeny_values_from = [\"folder\"]\n",
    ] {
        fs::create_dir_all(repo.path().join("folder")).unwrap();
        settings(&sandbox, wrong);
        let done = ask(&repo, "text", &[]);
        done.exits(1);
        told.push(format!("{}\n{}", wrong.trim_end(), done.stderr.trim_end()));
    }
    assert!(upstream.calls().is_empty(), "nothing was sent");
    insta::assert_snapshot!("settings_that_cannot_hold", told.join("\n\n"));
}

#[test]
fn rules_of_the_users_own_mask_what_no_list_knows() {
    let upstream = answering();
    let sandbox = connected(&upstream);
    let repo = sandbox.repo("own");
    settings(
        &sandbox,
        r#"[[redact.rule]]
name = "ticket"
kind = "ticket of ours"
literal = "TCK-"
pattern = 'TCK-([0-9]{6})'
[[redact.rule]]
name = "codename"
literal = "Project Bluebird"
[[redact.rule]]
name = "host"
pattern = '[a-z]+\.internal\.example'
slow = true
[[redact.rule]]
name = "planting"
literal = "seed="
pattern = 'seed=(\S+)'
min_entropy = 3.0
"#,
    );
    let text = "TCK-123456 in Project Bluebird on db.internal.example, seed=aaaaaaaaaaaa seed=q8Zr1xWm4T\n";
    ask(&repo, text, &[]).ok();
    let sent = sent(&upstream);
    for gone in ["123456", "Bluebird", "db.internal", "q8Zr1xWm4T"] {
        assert!(!sent.contains(gone), "{gone}: {sent}");
    }
    assert!(
        sent.contains("TCK-MSEC_ticket_") && sent.contains("seed=aaaaaaaaaaaa"),
        "only the group, only the random one"
    );
    repo.write("a.txt", text);
    let found = repo.monster(&["redact", "scan", "a.txt"]).done();
    insta::assert_snapshot!("own_rules", found.exits(1).all());
    let rules = repo.monster(&["redact", "rules"]).done();
    assert!(rules.ok().stdout.lines().any(|l| l.starts_with("ticket ") && l.contains("ticket of ours (yours)")));
    // Every kind is listed; personal data is looked for only where somebody asks.
    let people = |done: &Done| done.stdout.lines().find(|l| l.starts_with("pii-mail ")).map(str::to_owned).unwrap();
    assert!(people(&rules).ends_with(" 0.85  off"), "{}", people(&rules));
    let asked = repo.monster(&["redact", "rules"]).env("MONSTER_REDACT_PII", "true").done();
    assert!(people(asked.ok()).ends_with(" 0.85  redact"), "{}", people(&asked));
    let json = repo.monster(&["redact", "rules", "--json"]).done().ok().json();
    assert!(json["rules"].as_array().unwrap().iter().any(|r| r["rule"] == "codename" && r["own"] == true));
    repo.write(".monster.toml", "[[redact.rule]]\nname = \"theirs\"\nliteral = \"everything\"\n");
    let theirs = repo.monster(&["redact", "rules"]).done();
    assert!(theirs.ok().stderr.contains("a repository may not set redact.rule; ignored"), "{}", theirs.all());
}

#[test]
fn values_of_named_files_and_variables_are_masked_wherever_they_stand() {
    let upstream = answering();
    let mut sandbox = connected(&upstream);
    sandbox.set("HOUSE_WORD", "seven grey herons");
    let repo = sandbox.repo("named");
    repo.write(
        ".env",
        "# local\nexport MAIL_LOGIN='correct horse battery'\nDB_PASSWORD=plainword\nMODE=development\nPORT=5432001\nSITE=https://x.example/1a2b3c\n",
    );
    settings(
        &sandbox,
        "[redact]\ndeny_values_from = [\".env\", \"missing.env\"]\nvalues = [\"HOUSE_WORD\", \"NOT_SET\"]\n",
    );
    let text = "we say correct horse battery, then plainword and seven%20grey%20herons; development on 5432001 of https://x.example/1a2b3c";
    ask(&repo, text, &[]).ok();
    let sent = sent(&upstream);
    for gone in ["correct horse", "plainword", "grey", "1a2b3c"] {
        assert!(!sent.contains(gone), "{gone}: {sent}");
    }
    assert!(sent.contains("development on 5432001"), "plain words and numbers stay: {sent}");
    repo.write("said.txt", text);
    let found = repo.monster(&["redact", "scan", "said.txt", "--json"]).done().exits(1).json();
    let names: Vec<&str> =
        found["findings"].as_array().unwrap().iter().map(|f| f["known_as"].as_str().unwrap()).collect();
    assert_eq!(names, [".env: MAIL_LOGIN", ".env: DB_PASSWORD", "$HOUSE_WORD", ".env: SITE"], "{found:#}");
    // What cannot be masked is told, once, and the rest is.
    sandbox.set("PIN", "4711");
    let repo = sandbox.at("named");
    repo.write(".env", "DB_PASSWORD=abc\nAPI_TOKEN=plainword\nMODE=dev\n");
    settings(
        &sandbox,
        "[redact]\ndeny_values_from = [\".env\", \"missing.env\", \"/nowhere/missing.env\"]\nvalues = [\"PIN\", \"NOT_SET\"]\n",
    );
    let told = ask(&repo, "plainword 4711", &[]);
    assert!(self::sent(&upstream).contains("4711") && !self::sent(&upstream).contains("plainword"));
    insta::assert_snapshot!("named_in_vain", told.ok().stderr);
    // A repository cannot name files to read.
    settings(&sandbox, "");
    repo.write(".monster.toml", "[redact]\ndeny_values_from = [\".env\"]\n");
    let told = ask(&repo, text, &[]);
    assert!(told.ok().stderr.contains("a repository may not set redact.deny_values_from; ignored"), "{}", told.all());
}

#[test]
fn the_user_allows_a_value_for_a_time() {
    let upstream = answering();
    let mut sandbox = connected(&upstream);
    let (word, token) = (password("allowed"), real_github("allowed"));
    let repo = sandbox.repo("mine");
    repo.write("a.py", &format!("password = \"{word}\"\ntoken = \"{token}\"\n"));
    let place = repo.monster(&["redact", "allow", "a.py:1", "--for", "30", "--reason", "made up"]).done();
    let typed = repo.monster(&["redact", "allow", "--json"]).stdin(format!("{token}\n")).done();
    silent(&place, &word);
    silent(&typed, &token);
    let print = regex::Regex::new("[0-9a-f]{32}").unwrap();
    let plain = |done: &Done| print.replace_all(&done.all(), "[PRINT]").into_owned();
    let list = repo.monster(&["redact", "allow", "--list"]).done();
    insta::assert_snapshot!("allow", [plain(&place), plain(&typed), plain(&list)].join("\n"));
    let own = fs::read_to_string(sandbox.config_dir().join("allow.toml")).unwrap();
    assert!(!own.contains(&word) && !own.contains(&token) && own.contains("made up"), "{own}");
    assert_eq!(repo.monster(&["redact", "scan"]).done().ok().stdout, "");
    ask(&repo, &repo.read("a.py"), &[]).ok();
    assert!(sent(&upstream).contains(&word), "what is allowed is sent");
    let kept = fs::read(sandbox.state_dir().join("redact.key")).unwrap();
    assert_eq!(kept.len(), 32);
    // Time goes by.
    sandbox.set("MONSTER_NOW", "2026-12-25T10:30:00Z");
    let repo = sandbox.at("mine");
    let over = repo.monster(&["redact", "scan"]).done();
    assert_eq!(over.exits(1).stdout.matches("a.py:1").count(), 1, "{}", over.all());
    assert!(!over.stdout.contains("a.py:2"));
    assert!(repo.monster(&["redact", "allow", "--list"]).done().ok().stdout.contains("(over)"));
    // Without the key nobody's fingerprint is the same, and nothing is allowed any more.
    fs::remove_file(sandbox.state_dir().join("redact.key")).unwrap();
    assert!(repo.monster(&["redact", "scan"]).done().exits(1).stdout.contains("a.py:2"));
    let row = own.lines().find_map(|l| l.strip_prefix("fingerprint = \"")).unwrap()[..8].to_owned();
    repo.monster(&["redact", "allow", "--remove", &row]).done().ok();
    let told = [
        repo.monster(&["redact", "allow", "--remove", &row]).done().exits(1).all().replace(&row, "[PRINT]"),
        repo.monster(&["redact", "allow", "a.py:7"]).done().exits(1).all(),
        repo.monster(&["redact", "allow", "a.py"]).done().exits(2).all(),
        repo.monster(&["redact", "allow"]).done().exits(2).all(),
        repo.monster(&["redact", "allow"]).stdin("ab\n").done().exits(2).all(),
    ];
    insta::assert_snapshot!("allow_wrong", told.join("\n"));
}

#[test]
fn a_repository_allows_values_in_places_and_never_a_real_token() {
    let upstream = answering();
    let sandbox = connected(&upstream);
    let repo = sandbox.repo("theirs");
    let (word, token) = (password("theirs"), real_github("theirs"));
    repo.write("tests/login.py", &format!("password = \"{word}\"\ntoken = \"{token}\"\n"));
    repo.write("src/login.py", &format!("password = \"{word}\"\n"));
    repo.monster(&["redact", "allow", "--repo", "tests/login.py:1", "--reason", "made up"]).done().ok();
    let refused = repo.monster(&["redact", "allow", "--repo", "tests/login.py:2"]).done();
    insta::assert_snapshot!("allow_real_token", refused.exits(1).all());
    let list = repo.read(".monster/allow.toml");
    assert!(!list.contains(&word), "{list}");
    let scan = |dir: &str| repo.monster(&["redact", "scan", dir]).done();
    let tests = scan("tests");
    assert!(!tests.exits(1).stdout.contains("login.py:1") && tests.stdout.contains("login.py:2"), "{}", tests.all());
    assert!(scan("src").exits(1).stdout.contains("src/login.py:1"), "it is allowed in its place alone");
    // Somebody writes the token into the list by hand: its own check holds, and it stays a secret.
    let other = |seed: &str| {
        let salt = list.lines().find_map(|l| l.strip_prefix("salt = \"")).unwrap().trim_end_matches('"');
        let salt: Vec<u8> = (0..16).map(|n| u8::from_str_radix(&salt[2 * n..2 * n + 2], 16).unwrap()).collect();
        let mut hash = [0; 32];
        scrypt::scrypt(seed.as_bytes(), &salt, &scrypt::Params::new(14, 8, 1, 32).unwrap(), &mut hash).unwrap();
        hash.iter().map(|b| format!("{b:02x}")).collect::<String>()
    };
    let forged = format!("{list}\n[[allow]]\nrule = \"github-token\"\npath = \"**\"\nhash = \"{}\"\n", other(&token));
    repo.write(".monster/allow.toml", &forged);
    assert!(scan("tests").exits(1).stdout.contains("login.py:2"));
    ask(&repo, &repo.read("tests/login.py"), &[]).ok();
    assert!(!sent(&upstream).contains(&token), "it is masked in requests too");
    assert!(sent(&upstream).contains(&word), "the made-up word is let through");
    // A mark on the line silences reports. It unmasks nothing: anybody could have written it.
    ask(&repo, &format!("password = \"{}\"  # monster:allow\n", password("marked")), &[]).ok();
    assert!(!sent(&upstream).contains(&password("marked")));
    // Lists that cannot be read allow nothing.
    let mut told = Vec::new();
    for broken in [
        "salt = 5\n",
        &list.replace("hash = \"", "hash = \"zz"),
        &list.replace("path = \"tests", "path = \"{tests"),
        &format!("{list}until = \"soon\"\n"),
        &format!("{list}value = \"x\"\n"),
        "[[allow]\n",
    ] {
        repo.write(".monster/allow.toml", broken);
        let done = scan("tests");
        assert!(done.exits(1).stdout.contains("login.py:1"), "{}", done.all());
        told.push(done.stderr.lines().next().unwrap().to_owned());
    }
    repo.write(".monster/allow.toml", &format!("{list}until = \"2026-11-23\"\n"));
    assert!(scan("tests").exits(1).stdout.contains("login.py:1"), "yesterday was its last day");
    insta::assert_snapshot!("broken_lists", told.join("\n"));
}

/// `--secrets` speaks of what is sent; whoever asks for a masked text gets the same one in every mode.
#[test]
fn a_masked_text_is_masked_as_the_settings_say_whatever_the_flag() {
    let sandbox = Sandbox::new();
    sandbox.config("[redact.kinds]\ngithub-token = \"off\"\n");
    let (token, word) = (github("flag"), password("flag"));
    let text = format!("see {token}\npassword = '{word}'\n");
    for flag in ["off", "warn"] {
        let done = sandbox.monster(&["redact", "--secrets", flag]).stdin(text.as_str()).done();
        silent(&done, &word);
        assert!(done.ok().raw.contains(&token), "its kind is off: {}", done.raw);
    }
    // Asked for every kind, it holds for every kind.
    silent(&sandbox.monster(&["redact", "--secrets", "redact"]).stdin(text.as_str()).done(), &token);
}

/// A list that came with a repository lets something leave: whoever sends it is told.
#[test]
fn what_a_repository_lets_through_is_told() {
    let upstream = answering();
    let sandbox = connected(&upstream);
    let repo = sandbox.repo("through");
    let (token, other) = (github("through"), github("both"));
    repo.write("seen.txt", &format!("see {token}\n")).write("db.py", &format!("db_password = '{other}'\n"));
    repo.monster(&["redact", "allow", "--repo", "seen.txt:1"]).done().ok();
    let told = ask(&repo, &format!("see {token} and {token}"), &[]);
    assert!(told.ok().stderr.contains("sent as allowed by .monster/allow.toml: 1 × GitHub token\n"), "{}", told.all());
    assert!(sent(&upstream).contains(&token));
    let shown = ask(&repo, &format!("see {token}"), &["--show-prompt"]);
    assert!(
        shown.ok().stderr.contains("shown as allowed by .monster/allow.toml: 1 × GitHub token\n"),
        "{}",
        shown.all()
    );
    let text = repo.monster(&["redact", "seen.txt"]).done();
    assert_eq!(text.ok().stderr, "left in the text as allowed by .monster/allow.toml: 1 × GitHub token\n");
    assert!(text.raw.contains(&token));
    assert!(!ask(&repo, "nothing", &[]).ok().stderr.contains("allow.toml"));
    // Another rule knows it too: it is not sent, and nobody is told that it was.
    let allowed = repo.monster(&["redact", "allow", "--repo", "db.py:1"]).done();
    insta::assert_snapshot!("allow_masked_still", allowed.ok().stderr);
    repo.monster(&["redact", "scan", "db.py"]).done().ok();
    let masked = ask(&repo, &repo.read("db.py"), &[]);
    assert!(!masked.ok().stderr.contains("allow.toml") && !sent(&upstream).contains(&other), "{}", masked.all());
}

#[test]
fn the_audit_says_what_was_masked_and_never_a_byte_of_it() {
    let upstream = answering();
    let sandbox = connected(&upstream);
    let repo = sandbox.repo("audit");
    let empty = repo.monster(&["redact", "report"]).done();
    assert_eq!(empty.ok().stdout, "nothing was found in any request\n");
    let (token, word) = (real_github("audit"), password("audit"));
    settings(&sandbox, "[redact.kinds]\npassword = \"warn\"\n");
    ask(&repo, &format!("é {token} and {token}\ndb_password = \"{word}\"\n"), &[]).ok();
    // A little later: what happens in one moment has no order.
    let later = repo.monster(&[&["ask", "is it right?", "--with", "-", "--secrets", "block"], &MODEL[..]].concat());
    later.env("MONSTER_NOW", "2026-11-24T10:30:01Z").stdin(format!("token {token}\n")).done().exits(6);
    ask(&repo, "nothing", &[]).ok();
    let print = regex::Regex::new("[0-9a-f]{16}").unwrap();
    let all = |args: &[&str]| {
        let done = repo.monster(&[&["redact", "report"], args].concat()).done();
        silent(&done, &token);
        silent(&done, &word);
        print.replace_all(&done.ok().all(), "[FINGERPRINT...]").into_owned()
    };
    insta::assert_snapshot!("report", [all(&[]), all(&["--csv", "--since", "1h"])].join("\n"));
    let json = repo.monster(&["redact", "report", "--json"]).done().ok().json();
    let rows = json["rows"].as_array().unwrap();
    let of = |row: &Value, key: &str| row[key].as_str().unwrap().to_owned();
    assert_eq!(rows.iter().filter(|r| of(r, "fingerprint") == of(&rows[0], "fingerprint")).count(), 3, "{json:#}");
    assert_eq!(rows.iter().map(|r| of(r, "action")).filter(|a| a == "block").count(), 1);
    for file in fs::read_dir(sandbox.state_dir()).unwrap().flatten().filter(|f| f.path().is_file()) {
        let bytes = fs::read(file.path()).unwrap();
        for value in [&token, &word] {
            assert!(!bytes.windows(12).any(|w| w == &value.as_bytes()[..12]), "{:?} holds a value", file.path());
        }
    }
    assert_eq!(repo.monster(&["redact", "report", "--since", "2026-11-25"]).done().ok().stdout, empty.stdout);
    repo.monster(&["history", "purge", "--content-only", "--all", "--yes"]).done().ok();
    assert_eq!(repo.monster(&["redact", "report", "--json"]).done().ok().json()["rows"].as_array().unwrap().len(), 4);
    insta::assert_snapshot!("purge_audit", repo.monster(&["history", "purge", "--all", "--yes"]).done().ok().stdout);
    assert_eq!(repo.monster(&["redact", "report"]).done().ok().stdout, empty.stdout);
}

/// Every place of a request that a secret can get into without anybody having meant it.
#[test]
fn no_planted_secret_leaves_whatever_place_it_stands_in() {
    let upstream = Upstream::start();
    let message = json!({ "type": "fix", "scope": "", "subject": "connect to the database", "body": "" });
    upstream.always(move |call| match call.schema() {
        Some(schema) if schema.to_string().contains("findings") => {
            Answer::json(&json!({ "summary": "A change.", "findings": [] }))
        }
        Some(_) => Answer::json(&message),
        None => Answer::text(format!("It says {}.", github("answer"))),
    });
    let sandbox = crate::history::keeping(&upstream, "all");
    let repo = sandbox.repo("places");
    let places = [
        "branch",
        "file name",
        "folder",
        "subject",
        "removed",
        "context",
        "added",
        "question",
        "material",
        "intent",
        "template",
        "scope",
        "language",
        "rename",
        "link",
        "conventions",
        "attached",
        "attached name",
        "attached folder",
    ];
    let of = |place: &str| github(place);
    repo.history(&[
        ("chore: begin", "src/db.py", &format!("import db\n\n# {}\nA = '{}'\nB = 1\n", of("context"), of("removed"))),
        (
            &format!("fix: drop {}", of("subject")),
            &format!("src/{}.txt", of("rename")),
            "one\ntwo\nthree\nfour\nfive\n",
        ),
    ]);
    repo.git(&["checkout", "-q", "-b", &format!("feature/{}", of("branch"))]);
    repo.write("template.txt", &format!("# ticket {}\n", of("template")));
    repo.git(&["config", "commit.template", "template.txt"]);
    repo.write(
        ".monster.toml",
        &format!("[commit]\nscopes = [\"db\", \"{}\"]\nlanguage = \"English {}\"\n", of("scope"), of("language")),
    );
    repo.write("CONTRIBUTING.md", &format!("Commits name {}.\n", of("conventions")));
    repo.stage("src/db.py", &format!("import db\n\n# {}\nB = 1\nC = '{}'\n", of("context"), of("added")));
    repo.stage(&format!("{}/{}.py", of("folder"), of("file name")), "print(1)\n");
    repo.git(&["mv", &format!("src/{}.txt", of("rename")), "src/plain.txt"]);
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(format!("/srv/{}", of("link")), repo.path().join("link")).unwrap();
        repo.git(&["add", "link"]);
    }
    let mut printed = Vec::new();
    let mut run = |args: &[&str], stdin: &str| {
        let done = repo.monster(&[args, &MODEL[..]].concat()).stdin(stdin).done();
        printed.push(format!("{}{}", done.all(), done.raw));
        done
    };
    let intent = format!("for {}", of("intent"));
    run(&["commit", "--dry-run", "--intent", &intent], "").ok();
    run(&["commit", "--dry-run", "--show-prompt", "--intent", &intent], "").ok();
    run(&["review", "--staged"], "").ok();
    run(&["review", "--staged", "--show-prompt"], "").ok();
    let question = format!("what is {}?", of("question"));
    run(&["ask", &question, "--with", "-"], &format!("see {}", of("material"))).ok();
    run(&["ask", &question, "--show-prompt"], "").ok();
    run(&["ask", &question, "--effort", "high", "--with", "HEAD"], "").ok();
    let attached = format!("{}/{}.md", of("attached folder"), of("attached name"));
    repo.write(&attached, &format!("# Notes\n\nwith {}\n", of("attached")));
    run(&["-v", "ask", "what is it?", "--with", &attached], "").ok();
    // A folder is no material; what is said of it is masked too.
    run(&["ask", "what is it?", "--with", &of("attached folder")], "").exits(2);
    run(&["-v", "review", "HEAD"], "").ok();
    run(&["review", "HEAD~1..HEAD", "--json"], "").ok();
    repo.write("MSG", "");
    run(&["hook", "run", "prepare-commit-msg", "MSG"], "").ok();
    let unknown = repo.monster(&["ask", "why?", "--model", &of("model")]).done();
    let _ = run(&["history", "list"], "");
    let _ = run(&["history", "show", "last", "--content"], "");
    let _ = run(&["history", "show", "last", "--json"], "");
    let _ = run(&["cost", "--by", "branch"], "");
    let kept = repo.monster(&["history", "export", "--content"]).done();
    assert!(kept.raw.contains("It says MSEC_github_"), "an answer is kept masked: {}", kept.raw);
    printed.push(format!("{}{}", kept.all(), kept.raw));
    printed.push(format!("{}{}", unknown.all(), unknown.raw));
    assert!(upstream.calls().len() >= 4);
    let bodies: Vec<String> = upstream.calls().iter().map(|c| format!("{} {}", c.path, c.body)).collect();
    for place in places {
        let value = of(place);
        for body in &bodies {
            assert!(!body.contains(&value[4..]), "{place}: sent in\n{body}");
        }
    }
    // A file is called by its name where its owner reads it.
    let names = ["file name", "folder", "rename", "attached name", "attached folder"];
    for place in places.iter().copied().filter(|place| !names.contains(place)).chain(["model"]) {
        let value = of(place);
        let printed = printed.iter().enumerate().find(|(_, p)| p.contains(&value[4..]));
        // The command line itself is printed by this story.
        let printed = printed.filter(|(_, p)| p.lines().skip(1).any(|l| l.contains(&value[4..])));
        assert!(printed.is_none(), "{place}: printed in\n{}", printed.unwrap().1);
    }
    for place in places.iter().chain(&["model", "answer"]) {
        let value = of(place);
        for file in fs::read_dir(sandbox.state_dir()).unwrap().flatten().filter(|f| f.path().is_file()) {
            let bytes = fs::read(file.path()).unwrap();
            assert!(!bytes.windows(20).any(|w| w == &value.as_bytes()[4..24]), "{place}: kept in {:?}", file.path());
        }
    }
}
