//! commitlint itself: of every message and every configuration it says what our reading of the same files says.

use std::collections::BTreeMap;
use std::io::Write;
use std::process::{Command, Stdio};
use std::time::Duration;

use monster::tasks::conventions::{Conventions, Level};
use serde_json::{Value, json};

use super::setup::tools;
use super::{result, skip};
use crate::patience::ended;

/// Configurations by their file.
const CONFIGS: [(&str, &str); 15] = [
    (".commitlintrc.json", "{\"extends\": [\"@commitlint/config-conventional\"]}"),
    ("commitlint.config.cjs", "module.exports = { extends: ['@commitlint/config-angular'] };"),
    (
        ".commitlintrc.yaml",
        "extends:\n- '@commitlint/config-conventional'\nrules:\n  scope-enum: [2, always, [api, ui, user-db]]\n  scope-case: [2, always, [kebab-case, upper-case]]\n  subject-case: [0]\n  header-max-length: [1, always, 30]\n",
    ),
    (
        ".commitlintrc",
        "rules:\n  type-empty: [2, never]\n  type-enum: [2, never, [wip]]\n  subject-case: [2, always, [sentence-case, start-case]]\n  references-empty: [1, never]\n  body-empty: [1, never]\n",
    ),
    (
        "package.json",
        "{\"name\": \"a\", \"commitlint\": {\"extends\": \"@commitlint/config-conventional\", \"rules\": {\"scope-empty\": [2, \"never\"], \"body-max-line-length\": [2, \"always\", 20], \"footer-max-line-length\": [1, \"always\", 15], \"body-case\": [1, \"always\", \"sentence-case\"], \"body-full-stop\": [1, \"always\", \".\"]}}}",
    ),
    (
        ".commitlintrc.json",
        "{\"rules\": {\"signed-off-by\": [2, \"always\", \"Signed-off-by:\"], \"header-full-stop\": [1, \"never\", \".\"], \"header-case\": [1, \"always\", \"lower-case\"], \"header-trim\": [2, \"always\"], \"header-min-length\": [2, \"always\", 8]}}",
    ),
    (
        ".commitlintrc.json",
        "{\"extends\": [\"@commitlint/config-conventional\"], \"rules\": {\"subject-case\": [2, \"always\", \"lower-case\"], \"type-case\": [1, \"always\", \"upper-case\"], \"subject-min-length\": [1, \"always\", 6], \"subject-max-length\": [1, \"always\", 12], \"scope-max-length\": [1, \"always\", 3], \"scope-min-length\": [1, \"always\", 3], \"type-max-length\": [1, \"always\", 4], \"type-min-length\": [1, \"always\", 4]}}",
    ),
    (
        ".commitlintrc.json",
        "{\"extends\": [\"@commitlint/config-conventional\"], \"rules\": {\"subject-case\": [2, \"always\", [\"kebab-case\", \"camel-case\", \"snake-case\"]], \"breaking-change-exclamation-mark\": [1, \"always\"], \"subject-exclamation-mark\": [1, \"never\"]}}",
    ),
    (
        ".commitlintrc.json",
        "{\"extends\": [\"@commitlint/config-conventional\"], \"rules\": {\"subject-case\": [1, \"always\", \"pascal-case\"], \"scope-delimiter-style\": [1, \"always\", [\"/\"]], \"scope-enum\": [1, \"always\", {\"scopes\": [\"api\", \"a/b\"], \"delimiters\": [\"/\"]}], \"scope-case\": [1, \"never\", \"lower-case\"]}}",
    ),
    (
        ".commitlintrc.json",
        "{\"defaultIgnores\": false, \"rules\": {\"type-empty\": [2, \"never\"], \"footer-empty\": [1, \"always\"], \"footer-leading-blank\": [2, \"always\"], \"body-leading-blank\": [2, \"never\"], \"body-min-length\": [1, \"always\", 4], \"body-max-length\": [1, \"always\", 9]}}",
    ),
    (
        ".commitlintrc.json",
        "{\"parserPreset\": {\"parserOpts\": {\"headerPattern\": \"^\\\\[(\\\\w+)\\\\] (.*)$\", \"headerCorrespondence\": [\"type\", \"subject\"], \"issuePrefixes\": [\"ABC-\"]}}, \"rules\": {\"type-empty\": [2, \"never\"], \"subject-empty\": [2, \"never\"], \"references-empty\": [1, \"never\"], \"scope-empty\": [1, \"always\"]}}",
    ),
    (
        ".commitlintrc.json",
        "{\"rules\": {\"subject-case\": [1, \"always\", \"camel-case\"], \"type-empty\": [1, \"always\"], \"subject-empty\": [1, \"always\"], \"subject-full-stop\": [1, \"always\", \"!\"], \"header-full-stop\": [2, \"always\", \".\"]}}",
    ),
    (
        ".commitlintrc.json",
        "{\"rules\": {\"subject-case\": [1, \"always\", \"snake-case\"], \"header-case\": [1, \"never\", [\"start-case\"]], \"trailer-exists\": [1, \"always\", \"Refs:\"], \"references-empty\": [1, \"always\"]}}",
    ),
    (
        ".commitlintrc.json",
        "{\"rules\": {\"subject-case\": [1, \"always\", \"start-case\"], \"scope-case\": [1, \"always\", \"pascal-case\"], \"type-case\": [1, \"always\", \"camel-case\"], \"footer-min-length\": [1, \"always\", 12], \"footer-max-length\": [1, \"always\", 30]}}",
    ),
    (
        ".commitlintrc.json",
        "{\"parserPreset\": \"conventional-changelog-conventionalcommits\", \"rules\": {\"type-empty\": [2, \"never\"], \"subject-case\": [1, \"always\", {\"case\": \"upper-case\", \"when\": \"never\"}], \"body-case\": [1, \"never\", [\"upper-case\"]], \"body-full-stop\": [1, \"never\", \".\"]}}",
    ),
];

const MESSAGES: [&str; 62] = [
    "feat: add paging",
    "feat: Add paging",
    "Feat: add paging",
    "FEAT: ADD PAGING",
    "feat(api): add paging.",
    "feat(api,ui): add paging",
    "feat(api, ui): add paging",
    "feat(api/db): add paging",
    "feat(a/b): add paging",
    "feat(user-db): add paging",
    "feat(UserDb): add paging",
    "feat(USER): Add Paging To All",
    "feat(): add paging",
    "feat:add paging",
    "feat :add paging",
    "feat!: drop paging",
    "feat(api)!: drop paging\n\nBREAKING CHANGE: there is none any more",
    "fix: drop paging\n\nBREAKING CHANGE: there is none any more\nfixes #12\nand on",
    "wip: nothing yet",
    "just some words",
    "Just Some Words",
    "words.",
    "feat: ",
    "feat: a",
    "chore: do it",
    "chore(deps): bump a from 1 to 2",
    "docs: `Pager` counts",
    "docs: use `ChangeSet` and \"Git\" in it",
    "docs: HTTP stays open",
    "docs: addThePaging",
    "docs: add-the-paging",
    "docs: add_the_paging",
    "docs: AddThePaging",
    "docs: add HTTPServer2 to the 21st page",
    "docs: 12 pages",
    "docs: über alles",
    "docs: Über alles",
    "docs: добавить чтение",
    "docs: Добавить Чтение",
    "docs: 修复分页",
    "docs: ✨ shine",
    "docs: don't stop",
    "docs: wait...",
    "docs: wait…",
    "docs: a subject that is quite a lot longer than what any of these configurations would ever allow for a first line",
    "fix: count (#12)",
    "fix: count pages\n\nCloses #12",
    "fix: count pages\n\nWhy it is so.\n\nRefs: #12, #13",
    "fix: count pages\n\nWhy it is so\nRefs #12",
    "fix: count pages\nwithout a blank",
    "fix: count pages\n\n\nTwo blanks before.",
    "fix: count pages\n\nSee https://example.org/a/very/long/address/that/needs/more/than/hundred/characters/to/be/written/down/here",
    "fix: count pages\n\na body line that is longer than the twenty or the hundred characters that some of these configurations do allow",
    "fix: count pages\n\nWHY IT IS SO.\n\nSigned-off-by: Ada Example <ada@example.org>",
    "fix: count pages\n\nSigned-off-by: Ada Example <ada@example.org>",
    "fix: count pages\n\nBecause.\n\nRefs: ABC-12\nReviewed-by: Bob",
    "[feat] add paging ABC-12",
    "[feat] ",
    "Merge branch 'main' into topic",
    "Revert \"feat: add paging\"",
    "fixup! feat: add paging",
    "chore(release): 1.2.3",
];

/// Loads each configuration and judges each message by it.
const PROGRAM: &str = "
import load from '@commitlint/load';
import lint from '@commitlint/lint';
import { readFileSync } from 'node:fs';
const { dirs, messages } = JSON.parse(readFileSync(0, 'utf8'));
const out = [];
for (const [cwd, file] of dirs) {
    const config = await load({}, { cwd, file });
    const parserOpts = config.parserPreset?.parserOpts;
    const opts = { parserOpts: parserOpts ?? {}, plugins: {}, ignores: [], defaultIgnores: config.defaultIgnores !== false };
    const row = [];
    for (const message of messages) {
        const told = await lint(message, config.rules, opts);
        const names = (all) => all.map((one) => one.name).sort();
        row.push([names(told.errors), names(told.warnings)]);
    }
    out.push(row);
}
console.log(JSON.stringify(out));
";

#[test]
fn commitlint_says_the_same_of_every_message() {
    let npm = tools().join("npm");
    if !npm.join("node_modules/@commitlint/lint").exists() {
        return skip("lint", "commitlint is not there");
    }
    let place = tempfile::tempdir().unwrap();
    let mut dirs = Vec::new();
    for (n, (file, text)) in CONFIGS.iter().enumerate() {
        let dir = place.path().join(n.to_string());
        std::fs::create_dir(&dir).unwrap();
        std::fs::write(dir.join(file), text).unwrap();
        std::os::unix::fs::symlink(npm.join("node_modules"), dir.join("node_modules")).unwrap();
        dirs.push(json!([dir.display().to_string(), file]));
    }
    let mut node = Command::new("node")
        .args(["--input-type=module", "-e", PROGRAM])
        .current_dir(&npm)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let asked = json!({ "dirs": dirs, "messages": MESSAGES.as_slice() }).to_string();
    node.stdin.take().unwrap().write_all(asked.as_bytes()).unwrap();
    let out = ended(node, Duration::from_secs(300), "commitlint");
    assert!(out.status.success(), "commitlint could not be asked");
    let told: Value = serde_json::from_slice(&out.stdout).unwrap();
    let mut wrong = Vec::new();
    for (n, (file, text)) in CONFIGS.iter().enumerate() {
        let files: BTreeMap<&str, &str> = [(*file, *text)].into();
        let ours = Conventions::read(&|path: &str| files.get(path).map(|t| (*t).to_owned()), None).unwrap();
        assert_eq!(ours.notes(), [""; 0], "{text}");
        for (m, message) in MESSAGES.iter().enumerate() {
            let breaches = ours.judge(message);
            let of = |level: Level| {
                let mut names: Vec<&str> =
                    breaches.iter().filter(|b| b.level == level).map(|b| b.rule.as_str()).collect();
                names.sort_unstable();
                names
            };
            let ours = json!([of(Level::Must), of(Level::Wish)]);
            if ours != told[n][m] {
                wrong.push(format!("{message:?}: commitlint {}, ours {ours}\n    {text}", told[n][m]));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), CONFIGS.len() * MESSAGES.len(), wrong.join("\n"));
    let what = format!("{} messages by {} configurations", MESSAGES.len(), CONFIGS.len());
    result("lint", &what, "commitlint breaks the same rules with the same levels");
}
