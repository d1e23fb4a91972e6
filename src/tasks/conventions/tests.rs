use std::collections::BTreeMap;

use super::*;

/// Conventions of these files.
fn of(files: &[(&str, &str)]) -> Conventions {
    let files: BTreeMap<&str, &str> = files.iter().copied().collect();
    Conventions::read(&|path: &str| files.get(path).map(|text| (*text).to_owned()), None).unwrap()
}

fn broken(conventions: &Conventions, text: &str) -> Vec<String> {
    let must = conventions.judge(text).into_iter().filter(|b| b.level == Level::Must);
    let mut names: Vec<String> = must.map(|b| b.rule).collect();
    names.sort();
    names
}

const CONVENTIONAL: &str = "{\"extends\": [\"@commitlint/config-conventional\"]}";

#[test]
fn commitlint_is_read_wherever_it_may_lie() {
    let yaml = "extends:\n- '@commitlint/config-conventional'\nrules:\n  header-max-length: [2, always, 50]\n";
    let js = "module.exports = { extends: ['@commitlint/config-conventional'], rules: { 'header-max-length': [2, 'always', 50] } };";
    let toml = "extends = [\"@commitlint/config-conventional\"]\n[rules]\nheader-max-length = [2, \"always\", 50]\n";
    let package = "{\"name\": \"a\", \"commitlint\": {\"extends\": \"@commitlint/config-conventional\", \"rules\": {\"header-max-length\": [2, \"always\", 50]}}}";
    for (file, text) in [
        (".commitlintrc", yaml),
        (".commitlintrc.yaml", yaml),
        (".commitlintrc.yml", yaml),
        ("commitlint.config.js", js),
        ("commitlint.config.cjs", js),
        (".commitlintrc.toml", toml),
        ("package.json", package),
    ] {
        let found = of(&[(file, text)]);
        assert_eq!((found.subject_max(), found.types().len()), (Some(50), 11), "{file}");
        assert_eq!(found.notes(), [""; 0], "{file}");
        assert_eq!(
            broken(&found, "Feature: Add it."),
            ["subject-case", "subject-full-stop", "type-case", "type-enum"],
            "{file}"
        );
    }
    assert_eq!(of(&[("package.json", "{\"name\": \"a\"}"), (".commitlintrc", yaml)]).subject_max(), Some(50));
    assert_eq!(of(&[]).files().count(), 0);
}

#[test]
fn own_rules_stand_over_those_that_are_extended() {
    let found = of(&[
        (
            ".commitlintrc.json",
            "{\"extends\": [\"@commitlint/config-angular\", \"./more.json\"], \"rules\": {\"subject-case\": [0], \"type-empty\": [1, \"never\"], \"subject-empty\": [0]}}",
        ),
        ("more.json", "{\"rules\": {\"scope-enum\": [2, \"always\", [\"api\"]]}}"),
    ]);
    assert_eq!(found.scopes(), ["api"]);
    assert_eq!(broken(&found, "feat(api): Add It"), [""; 0]);
    assert_eq!(broken(&found, "chore(db): a"), ["scope-enum", "type-enum"]);
    assert_eq!(broken(&found, "no type at all"), [""; 0], "a wish stops nobody");
    assert_eq!(found.judge("no type at all").len(), 1);
}

#[test]
fn what_is_not_known_is_named() {
    let found = of(&[(
        ".commitlintrc.json",
        "{\"extends\": [\"@acme/commitlint\", \"../up.json\"], \"plugins\": [\"x\"], \"rules\": {\"jira-key\": [2, \"always\"], \"subject-case\": [2, \"always\", \"title-case\"], \"type-enum\": [2, \"always\", [\"feat\"]]}}",
    )]);
    assert_eq!(
        found.notes(),
        [
            ".commitlintrc.json: it extends @acme/commitlint, whose rules are not known",
            ".commitlintrc.json: it extends ../up.json, whose rules are not known",
            ".commitlintrc.json: the rule jira-key is not known",
            ".commitlintrc.json: the value of the rule subject-case cannot be followed",
        ]
    );
    assert_eq!(found.types(), ["feat"], "what is known holds");
    let program = of(&[("commitlint.config.ts", "export default defineConfig({})"), (".commitlintrc.toml", "x = 1")]);
    assert!(program.notes()[0].contains("commitlint --print-config json > FILE"), "{:?}", program.notes());
    assert_eq!(program.types(), [""; 0]);
    let odd = of(&[(
        ".commitlintrc.json",
        "{\"parserPreset\": {\"parserOpts\": {\"headerPattern\": \"^(?!x)(.*)$\"}}, \"rules\": {\"type-empty\": [2, \"never\"], \"header-max-length\": [2, \"always\", 5]}}",
    )]);
    assert_eq!(broken(&odd, "long header"), ["header-max-length"], "without its pattern no type is looked for");
    assert_eq!(odd.notes(), [".commitlintrc.json: its headerPattern cannot be followed"]);
}

#[test]
fn a_printed_configuration_stands_for_the_files() {
    let none = |_: &str| None;
    let printed = "{\"extends\":[\"@commitlint/config-conventional\"],\"parserPreset\":{\"name\":\"conventional-changelog-conventionalcommits\",\"parserOpts\":{\"headerPattern\":{}}},\"rules\":{\"type-enum\":[2,\"always\",[\"feat\"]]}}";
    let read = |text| Conventions::read(&none, Some(("lint.json", text)));
    let found = read(printed).unwrap();
    assert_eq!((found.types(), broken(&found, "fix!: a")), (vec!["feat".to_owned()], vec!["type-enum".to_owned()]));
    assert!(read("rules: {}").unwrap_err().starts_with("it is no JSON"));
    assert!(read("{}").unwrap_err().contains("--print-config"));
}

#[test]
fn commitizen_cocogitto_and_git_cliff_are_read_too() {
    let cz =
        of(&[("pyproject.toml", "[tool.commitizen]\nname = \"cz_conventional_commits\"\nmessage_length_limit = 40\n")]);
    assert_eq!(cz.subject_max(), Some(40));
    assert_eq!(broken(&cz, "wip"), ["subject-empty", "type-empty"]);
    assert_eq!(broken(&cz, "Pull request #1"), [""; 0]);
    assert_eq!(broken(&cz, "bump: version 1 → 2"), [""; 0]);
    let own = of(&[(
        ".cz.yaml",
        "commitizen:\n  name: cz_customize\n  customize:\n    schema_pattern: '(feature|bug): .+'\n    questions:\n    - {type: list, name: change_type, choices: [{value: feature}, {value: bug}]}\n",
    )]);
    assert_eq!(own.types(), ["feature", "bug"]);
    assert_eq!(broken(&own, "feat: a"), ["schema_pattern"]);
    assert_eq!(broken(&own, "bug: a"), [""; 0]);
    assert_eq!((own.scope(), own.typed()), (Some(false), true), "the pattern has no place for a scope");
    let scoped = of(&[(
        ".cz.toml",
        "[tool.commitizen]\nname = \"cz_customize\"\n[tool.commitizen.customize]\nschema_pattern = '(feat|fix)\\(\\w+\\): .+'\n",
    )]);
    assert_eq!(broken(&scoped, "fix: a"), ["schema_pattern", "scope-empty"]);
    // Of the folders round it the first that the pattern takes.
    let folders = ["my-app".to_owned(), "apps".to_owned()];
    assert_eq!(scoped.mend("fix: a", &folders), "fix(my_app): a");
    assert_eq!(scoped.mend("fix(api): a", &folders), "fix(api): a");
    // People write it as they do, whatever the pattern calls a word.
    let known = ["my-app".to_owned()];
    assert_eq!(scoped.mend_as("fix: a", &known, &folders), "fix(my-app): a");
    // As commitizen does with it; what history writes all the same is let pass.
    assert_eq!(broken(&scoped, "fix(my-app): a"), ["schema_pattern"]);
    assert_eq!(scoped.mend("fix(my-app): a", &folders), "fix(my_app): a");
    let mut learned = scoped;
    learned.learn(&["my-app".to_owned()]);
    for (text, wrong) in
        [("fix(my-app): a", &[][..]), ("fix(my-tool): a", &["schema_pattern"]), ("fix(a b): a", &["schema_pattern"])]
    {
        assert_eq!(broken(&learned, text), wrong, "{text}");
    }
    assert_eq!(learned.mend("fix(my-app): a", &folders), "fix(my-app): a");
    assert_eq!(learned.mend("fix(my-tool): a", &folders), "fix(my_tool): a");
    let program = of(&[(".cz.toml", "[tool.commitizen]\nname = \"cz_jira\"\n")]);
    assert_eq!(program.notes(), [".cz.toml: its rules come from cz_jira, which is a program and is not run"]);
    let cog =
        of(&[("cog.toml", "scopes = [\"api\"]\n[commit_types]\nhotfix = { changelog_title = \"Hot\" }\nchore = {}\n")]);
    assert_eq!(broken(&cog, "chore(api): a"), ["type-enum"]);
    assert_eq!(broken(&cog, "hotfix(db): a"), ["scope-enum"]);
    assert_eq!(broken(&cog, "fix: a"), [""; 0]);
    let cliff = of(&[(
        "cliff.toml",
        "[git]\nconventional_commits = true\ncommit_parsers = [{ message = \"^feat\", group = \"F\" }, { message = \"^doc\", group = \"D\" }, { message = \"^chore\", skip = true }, { body = \".*security\", group = \"S\" }, { message = \".*\", group = \"O\" }]\n",
    )]);
    assert_eq!(cliff.types(), ["feat", "docs"]);
    assert_eq!(broken(&cliff, "whatever"), [""; 0], "it refuses nothing");
    assert!(cliff.typed());
}

#[test]
fn several_programs_hold_together() {
    let both =
        of(&[(".commitlintrc.json", CONVENTIONAL), ("cog.toml", "[commit_types]\nhotfix = { a = 1 }\nci = {}\n")]);
    assert!(!both.types().contains(&"ci".to_owned()) && !both.types().contains(&"hotfix".to_owned()));
    assert_eq!(both.files().collect::<Vec<_>>(), [".commitlintrc.json", "cog.toml"]);
}

#[test]
fn gits_own_words_and_versions_are_not_judged() {
    let found = of(&[(".commitlintrc.json", CONVENTIONAL)]);
    for text in [
        "Merge branch 'main' into x",
        "Merge pull request #1 from a/b",
        "Revert \"feat: a\"",
        "fixup! feat: a",
        "1.2.3",
        "v1.2.3-rc.1",
        "chore(release): 1.2.3 [skip ci]",
    ] {
        assert_eq!(broken(&found, text), [""; 0], "{text}");
    }
    for text in ["Merge it", "1.2", "v1.2.3 is out", "chore: 01.2.3 b"] {
        assert!(!found.judge(text).is_empty() || text.starts_with("chore"), "{text}");
    }
}

#[test]
fn a_message_is_mended_where_nothing_else_is_said_by_it() {
    let found = of(&[(
        ".commitlintrc.json",
        "{\"extends\": [\"@commitlint/config-conventional\"], \"rules\": {\"scope-enum\": [2, \"always\", [\"api\", \"user-db\"]], \"header-max-length\": [2, \"always\", 40], \"body-max-line-length\": [2, \"always\", 30]}}",
    )]);
    let mended = |text: &str| found.mend(text, &[]);
    for (before, after) in [
        ("Feat(API): Add paging.", "feat(api): add paging"),
        ("fix(userDb): HTTP stays open", "fix(user-db): http stays open"),
        ("fix(pager): count pages", "fix: count pages"),
        ("fix: count the pages of it because the list is long", "fix: count the pages of it"),
        ("fix: `Pager` counts", "fix: `Pager` counts"),
        (
            "fix: a b\n\n- src/a/very/long/path/to/some/file.rs: +1 -2",
            "fix: a b\n\n- …/long/path/to/some/file.rs:\n  +1 -2",
        ),
        (
            "fix: a b\n\nIt was wrong for quite some time.\n\nRefs: x",
            "fix: a b\n\nIt was wrong for quite some\ntime.\n\nRefs: x",
        ),
    ] {
        assert_eq!(mended(before), after);
        assert_eq!(broken(&found, after), [""; 0], "{after}");
    }
    let needs = of(&[(
        ".commitlintrc.json",
        "{\"rules\": {\"scope-empty\": [2, \"never\"], \"subject-case\": [2, \"always\", \"sentence-case\"], \"subject-full-stop\": [2, \"always\", \".\"]}}",
    )]);
    assert_eq!(needs.mend("fix: count pages", &["src".to_owned()]), "fix(src): Count pages.");
    assert_eq!(needs.mend("fix: count pages", &[]), "fix: Count pages.", "no scope is made up");
    let own = of(&[(
        ".commitlintrc.json",
        "{\"parserPreset\": {\"parserOpts\": {\"headerPattern\": \"^\\\\[(.*)\\\\] (.*)$\", \"headerCorrespondence\": [\"type\", \"subject\"]}}, \"rules\": {\"type-empty\": [2, \"never\"]}}",
    )]);
    assert_eq!(own.mend("Fix: A.", &[]), "Fix: A.", "a form that is not known is left alone");
    assert_eq!(broken(&own, "fix: a"), ["type-empty"]);
    assert_eq!(broken(&own, "[fix] a"), [""; 0]);
}

#[test]
fn what_flags_of_git_put_is_marked_as_such() {
    let found = of(&[(
        ".commitlintrc.json",
        "{\"rules\": {\"signed-off-by\": [2, \"always\", \"Signed-off-by:\"], \"references-empty\": [2, \"never\"]}}",
    )]);
    let breaches = found.judge("fix: a");
    assert_eq!(
        breaches.iter().map(|b| (b.rule.as_str(), b.of_flags)).collect::<Vec<_>>(),
        [("signed-off-by", true), ("references-empty", false)]
    );
    assert!(found.refers());
}

mod properties {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_file_is_read_without_a_panic(text in "[-\\[\\]{}\"':,a-z0-9 \n@/.]{0,200}", n in 0_usize..6) {
            let file = [".commitlintrc", ".commitlintrc.json", "commitlint.config.js", "cog.toml", ".cz.yaml", "cliff.toml"][n];
            let found = of(&[(file, &text)]);
            let _ = (found.types(), found.judge("fix: a"), found.mend("fix: a", &[]));
        }

        #[test]
        fn what_is_mended_breaks_no_more_than_before_and_stays_so(text in "(feat|Fix|docs)(\\([A-Za-z]{1,6}\\))?: [A-Za-z .`]{1,60}(\n\n[A-Za-z .\n]{0,80})?") {
            let found = of(&[(".commitlintrc.json", CONVENTIONAL)]);
            let once = found.mend(&text, &[]);
            prop_assert!(broken(&found, &once).len() <= broken(&found, &text).len(), "{once}");
            prop_assert_eq!(found.mend(&once, &[]), once);
        }
    }
}
