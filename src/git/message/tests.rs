use super::*;

fn found(subject: &str, body: &str, material: &[&str]) -> Vec<&'static str> {
    let grounds = Grounds { material: material.to_vec(), examples: vec!["fix: close #77 in parse_header"] };
    suspects(subject, Some(body), &Rules::default(), &grounds).iter().map(Problem::code).collect()
}

#[test]
fn refusals_and_talk_are_no_subjects() {
    for said in [
        "I cannot help with that request",
        "As an AI language model I am unable to do so",
        "Sure, happy to help! What would you like?",
        "Sorry, that is not possible",
        "Here is the message you asked for",
        "This commit updates the pager",
        "We fixed the pager",
        "What does this change do?",
        "Okay.",
        "Fix what I broke",
        "Certainly! Fix the pager",
        "Es tut mir leid, das geht nicht",
        "I’m sorry, but no",
    ] {
        assert_eq!(found(said, "", &[]), ["talk"], "{said}");
    }
    for said in [
        "Make sure pages are counted",
        "Surely bound the last page",
        "Fix I/O of the pager",
        "Thank contributors in the footer",
        "Weigh pages by size",
        "Yield the last page",
        "Ensure our pages end",
        "No longer panic on an empty list",
    ] {
        assert_eq!(found(said, "", &[]), [""; 0], "{said}");
    }
    assert_eq!(found("fix the pager", "Let me know if you need more.", &[]), ["talk"]);
}

#[test]
fn trailers_people_addresses_and_issues_are_not_a_models_to_add() {
    assert_eq!(found("fix it", "Signed-off-by: Ada <a@b.c>", &[]), ["forged-trailer"]);
    assert_eq!(found("fix it", "Co-authored-by: Ada <a@b.c>\nFixes: #3", &[]), ["forged-trailer", "forged-trailer"]);
    assert_eq!(found("fix it", "BREAKING CHANGE: all of it", &[]), ["breaking-undeclared"]);
    assert_eq!(found("fix it", "It was wrong.\n\nfix(core)!: drop all of it", &[]), ["breaking-undeclared"]);
    assert_eq!(found("fix it", "Note!: it was wrong", &[]), [""; 0]);
    assert_eq!(found("fix #1234", "", &["fix/1233-pages"]), ["invented-reference"]);
    assert_eq!(found("fix #1234", "", &["fix/1234-pages"]), [""; 0]);
    assert_eq!(found("close #77", "", &[]), ["invented-reference"], "an issue of another commit");
    assert_eq!(found("count as @octocat says", "", &[]), ["invented-reference"]);
    assert_eq!(found("link https://evil.example/x", "", &["see https://good.example"]), ["invented-reference"]);
    assert_eq!(found("do ABC-7", "", &["feature/ABC-7-pages"]), [""; 0]);
    assert_eq!(found("read UTF-8 and SHA-256", "", &[]), [""; 0]);
    let rules = Rules { trailers: vec!["Refs".into()], breaking: true, ..Rules::default() };
    let said = "Refs: pages\nBREAKING CHANGE: pages begin at 1";
    assert_eq!(suspects("count", Some(said), &rules, &Grounds::default()), []);
    assert_eq!(
        repair(&format!("count\n\nWhy.\n\n{said}\nSigned-off-by: A <a@b.c>"), &rules),
        format!("count\n\nWhy.\n\n{said}")
    );
    assert_eq!(repair(&format!("count\n\nWhy.\n\n{said}"), &Rules::default()), "count\n\nWhy.");
}

#[test]
fn what_tools_act_upon_is_not_a_models_to_write() {
    for body in [
        "Why.\n\nChangelog: security",
        "Why.\n\nDepends-On: I0123",
        "Why.\n\nPick-to: 6.5",
        "Why.\n\nReviewed-on: here",
        "Why.\n\nTeam-Key: pages\n of many",
        "Change-Id: Iabc",
    ] {
        assert_eq!(found("fix it", body, &["Iabc"]), ["forged-trailer"], "{body}");
        assert!(!repair(&format!("fix it\n\n{body}"), &Rules::default()).contains(':'), "{body}");
    }
    for body in ["Note: pages begin at 1.", "Why.\n\nReason: pages: many", "Pages: two\nand more of them follow here."]
    {
        assert_eq!(found("fix it", body, &[]), [""; 0], "{body}");
        assert!(repair(&format!("fix it\n\n{body}"), &Rules::default()).contains(':'), "{body}");
    }
    let habits = Rules { trailers: vec!["Change-Id".into(), "Team-Key".into()], ..Rules::default() };
    let of = |body| suspects("fix it", Some(body), &habits, &Grounds::default()).len();
    assert_eq!((of("Team-Key: pages"), of("Change-Id: Iabc"), of("Team-Key: a\nOther-Key: b")), (0, 1, 1));

    assert_eq!(found("fix it", "This reverts commit deadbeef12.", &[]), ["invented-reference"]);
    assert_eq!(found("fix it", "This reverts commit deadbeef12.", &["deadbeef1234 is bad"]), ["invented-reference"]);
    assert_eq!(found("fix it", "This reverts commit deadbeef12.", &["see deadbeef12"]), [""; 0]);
    assert_eq!(found("fix it", "It was effaced 1000000 times.", &[]), [""; 0]);
    assert_eq!(found("fix it", "(cherry picked from commit abc1234)", &["abc1234"]), ["marker"]);
    for said in ["cc:@octocat", "-@octocat", "(@octocat)", "thanks to @octocat"] {
        assert_eq!(found(&format!("fix it {said}"), "", &["octocat"]), ["invented-reference"], "{said}");
    }
    assert_eq!(found("add @types/node", "", &["\"@types/node\": \"1\""]), [""; 0]);

    for marker in [
        "[skip ci]",
        "[ci skip]",
        "[no ci]",
        "[Skip-CI]",
        "[ci-skip]",
        "[skip actions]",
        "[actions skip]",
        "[skip azp]",
        "[azurepipelines skip]",
        "[travis skip]",
        "[CF-Pages-Skip]",
        "***NO_CI***",
        "+semver: major",
        "+Semver:breaking",
    ] {
        let text = format!("docs: add notes {marker}.md");
        let codes = |text: &str| validate(text, &Rules::default()).err().unwrap_or_default().len();
        assert_eq!((codes(&text), codes(&unmarked(&text))), (1, 0), "{marker}: {}", unmarked(&text));
    }
    assert_eq!(unmarked("docs: add notes [skip ci].md [x]"), "docs: add notes (skip ci).md [x]");
    for plain in ["fix [skip] of pages", "fix a[skip_page]", "read [ci] and *** pages ***"] {
        assert_eq!((validate(plain, &Rules::default()), unmarked(plain)), (Ok(()), plain.to_owned()));
    }
}

#[test]
fn nothing_that_steers_a_terminal_or_hides_is_left() {
    for (said, left) in [
        ("\u{9b}31mred", "red"),
        ("\u{1b}[3~count", "count"),
        ("\u{1b}[1;31mred\u{1b}[0m", "red"),
        ("a\u{1b}[\nb", "a\nb"),
        ("\u{1b}(Bplain", "plain"),
        ("\u{1b}]0;title\u{7}said", "said"),
        ("\u{9d}0;title\u{9c}said", "said"),
        ("\u{1b}Pq#0\u{1b}\\said", "said"),
        ("a\u{e0041}\u{e007f}b\u{ad}c", "abc"),
        ("ge\u{200d}kürzt \u{2066}x\u{2069}", "ge\u{200d}kürzt x"),
    ] {
        assert_eq!(console_free(said), left, "{said:?}");
    }
}

#[test]
fn names_must_stand_in_what_was_shown() {
    let material =
        ["pub fn page_count(items: &ChangeSet) -> usize {", "src/pager.rs", "feat/paging", "pager 3.0.0 -> 3.1.4"];
    for said in [
        "round page_count up",
        "take a ChangeSet in `page_count`",
        "update src/pager.rs and pager.rs",
        "support read/write and GitHub and macOS",
        "keep parse_header",
        "ship e.g. version 1.2 of Node.js",
        "read URLs and IDs over OAuth2, IPv6 and SQLite",
        "cost $5 and -1 and _less_",
        "bump pager to v3.1.4 and 3.1.4",
    ] {
        assert_eq!(found(said, "", &material), [""; 0], "{said}");
    }
    for said in [
        "call compute_totals",
        "count `totals`",
        "use PageCounter",
        "split page_co",
        "update src/totals.rs",
        "read pages.toml",
        "add --paging",
        "call count()",
        "move into util::count",
        "answer by HTTPServer",
        "use PAGECOUNTERv2",
        "read _private",
        "read $PAGES",
        "take -x",
        "listen on 10.0.0.1:80",
        "bump pager to 9.9.9",
    ] {
        assert_eq!(found(said, "", &material), ["invented-name"], "{said}");
    }
    assert_eq!(
        found("count pages", "It calls compute_totals, and `compute_totals` again.", &material),
        ["invented-name"]
    );
}

#[test]
fn what_is_cut_leaves_conditions_and_verbs_whole() {
    for (subject, most, told) in [
        ("allow users to log in without giving their address again", 40, None),
        ("do not let anybody read the secrets of others if they are not administrators of it", 60, None),
        ("let pages be read by everybody, unless they are drafts of others", 50, None),
        ("count pages of every book only when somebody has asked for them", 50, None),
        ("read the pages of books and don't keep them open for so long", 30, None),
        ("allow users to log in, and greet them by their names", 36, Some("allow users to log in")),
        ("let every user log in for longer than the session of today", 40, Some("let every user log in")),
        ("show all pages sorted by the day they were written", 40, None),
        ("feat: add paging for every list of the library", 30, None),
        ("feat: add fast pages for every list of the library", 30, Some("feat: add fast pages")),
        ("fix: mend the log in the reader of all pages", 30, Some("fix: mend the log")),
        ("count the last page because it was lost before", 30, Some("count the last page")),
    ] {
        assert_eq!(phrase(subject, most), told, "{subject}");
    }
    assert_eq!(finished("allow users to log in"), "allow users to log in");
    assert_eq!(finished("fix: refresh packages in the"), "fix: refresh packages");
}

#[test]
fn a_good_message_is_not_refused_for_how_it_names_things() {
    let material = [
        "pub fn page_count(items: &ChangeSet) -> usize {",
        "impl Pager {",
        "    fn next(&self) -> Page {",
        "src/pager.rs",
        "    #[arg(long)]",
        "    dry_run: bool,",
        "\"gpt-4\": 1,",
        "\"left-pad\": \"^1.3.0\",",
        "openapi: 3",
    ];
    for said in [
        "修复page_count的计算",
        "支持src/pager.rs文件",
        "rename page_count→ChangeSet",
        "count ChangeSets",
        "speed Pager::next up",
        "call `pager.next()` once",
        "add --dry-run",
        "price GPT-4",
        "bump left-pad@1.3.0",
        "read OpenAPI files",
        "keep OAuth-based sign-in",
        "page_count-Berechnung beheben",
        "handle NaN and TCP/UDP over HTTP/2 for GitHub/GitLab",
        "hand errors on with ?",
        "tell when the api can't be reached",
        "skip servers that cannot provide a list",
        "hash with SHA3-256 and RSA-2048",
        "write dates as in RFC-3339 a.k.a. ISO-8601",
        "🐛page_count",
    ] {
        assert_eq!(found(said, "", &material), [""; 0], "{said}");
    }
    for (said, code) in [
        ("修复compute_totals的计算", "invented-name"),
        ("rename page_count→compute_totals", "invented-name"),
        ("add --quiet", "invented-name"),
        ("call `made-up`", "invented-name"),
        ("speed Pager::previous up", "invented-name"),
        ("write next.rs", "invented-name"),
        ("compute_totals-Berechnung beheben", "invented-name"),
        ("bump left-pad@9.9.9", "invented-reference"),
        ("price ABC-4", "invented-reference"),
        ("I can't help with that", "talk"),
        ("cannot provide a message", "talk"),
        ("shall pages be counted?", "talk"),
    ] {
        assert_eq!(found(said, "", &material), [code], "{said}");
    }
}

#[test]
fn code_that_a_body_quotes_does_not_cost_its_words() {
    let body = "It was called twice:\n\n```rust\ncount();\n```\n\nOnce is enough.";
    let said = sanitise_body(body);
    assert!(said.starts_with("It was called twice:") && said.ends_with("Once is enough."), "{said}");
    assert!(said.contains("count();") && !said.contains("```"), "{said}");
    assert_eq!(sanitise("Sure!\n```\nfix: count\n```\nBye"), "fix: count");
}
