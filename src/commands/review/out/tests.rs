//! Every form, held to its published shape, with findings as hostile and as many as they come.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Format, Told};
use crate::commands::error::Exit;
use crate::commands::review::By;
use crate::commands::review::silence::Suppressed;
use crate::git::{ChangeSet, FileChange, Path, Status, patch};
use crate::tasks::finding::{Finding, Severity, Side, Source, Verification};
use crate::tasks::review::{Masked, Report, Since};
use crate::world::clock::Stopwatch;

fn schema(file: &str) -> jsonschema::Validator {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    let text = std::fs::read_to_string(path).unwrap();
    // The published patterns for languages close a bracket that they never open.
    let schema = serde_json::from_str(&text.replace("{2}]?$", "{2}$")).unwrap();
    jsonschema::options().should_validate_formats(true).build(&schema).unwrap()
}

const OURS: &str = "src/commands/review/schema.json";
const QUALITY: &str = "tests/schemas/codequality.json";
const SARIF: &str = "tests/schemas/sarif-2.1.0.json";

/// Schemas that take a while to read, for tests that ask often.
static SHAPES: LazyLock<[jsonschema::Validator; 3]> = LazyLock::new(|| [OURS, QUALITY, SARIF].map(schema));

#[track_caller]
fn valid(schema: &jsonschema::Validator, value: &Value) {
    let wrong: Vec<String> = schema.iter_errors(value).take(3).map(|e| format!("{}: {e}", e.instance_path())).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

fn finding(n: usize, file: &str) -> Finding {
    Finding {
        id: format!("{n:010x}"),
        file: file.to_owned(),
        line: 3,
        end_line: 4,
        side: Side::New,
        severity: Severity::ALL[n % 4],
        confidence: 0.6,
        class: ["sql-injection", "unwrap", "off-by-one"][n % 3].to_owned(),
        title: format!("Finding {n}"),
        why: "Because of what follows.".to_owned(),
        suggestion: None,
        source: Source::Model,
        verification: Verification::Unverified,
        rule: None,
    }
}

/// Tells a review of these findings in which every file of theirs is changed.
fn told<T>(findings: Vec<Finding>, suppressed: Vec<Finding>, with: impl FnOnce(&Told<'_>) -> T) -> T {
    let names: BTreeSet<String> = findings.iter().chain(&suppressed).map(|f| f.file.clone()).collect();
    let files = names.iter().map(|name| FileChange::new(Path::from(name.as_str()), Status::Modified)).collect();
    of(ChangeSet { files, label: "staged".to_owned(), ..ChangeSet::default() }, findings, suppressed, with)
}

fn of<T>(change: ChangeSet, findings: Vec<Finding>, suppressed: Vec<Finding>, with: impl FnOnce(&Told<'_>) -> T) -> T {
    let accept = |finding| Suppressed { finding, by: "baseline.jsonl".to_owned(), reason: "known".to_owned() };
    let suppressed: Vec<Suppressed> = suppressed.into_iter().map(accept).collect();
    let report = Report { findings, summary: "It changes things.".to_owned(), ..Report::default() };
    with(&Told {
        change: &change,
        contents: &patch::Bare,
        report: &report,
        names: &Masked::default(),
        suppressed: &suppressed,
        by: &By::Rules(None),
        exit: Exit::Done,
        all: false,
        applied: &[],
        since: false,
        decisive: &[],
    })
}

fn json(told: &Told<'_>, format: Format) -> Value {
    serde_json::from_str(&told.in_form(format)).unwrap()
}

/// Texts as models and repositories write them when they mean harm.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "\\PC{0,40}",
        any::<String>(),
        Just("a\r\n::error file=x::gone%0A\u{1b}[31m\u{202e}".to_owned()),
        Just("```\n</details> @ada #1 https://evil.example/ <img src=x>".to_owned()),
    ]
}

prop_compose! {
    fn any_finding()(
        id in "[0-9a-f]{10}", file in "[^/.\u{0}][^/\u{0}]{0,11}(/[^/\u{0}]{1,12}){0,2}", line in 0_u32..50, more in 0_u32..3, old: bool,
        severity in 0_usize..4, class in "[a-z-]{0,12}", title in text(), why in text(), fix: bool, model: bool, look in 0_usize..3,
    ) -> Finding {
        Finding {
            id, file: Path::from(file.as_str()).as_str().to_owned(), line,
            end_line: line + if line > 0 { more } else { 0 },
            side: if old { Side::Old } else { Side::New }, severity: Severity::ALL[severity], confidence: 0.5, class,
            title: title.chars().take(80).collect(), why,
            suggestion: fix.then(|| "--- a/x\n+++ b/x\n@@ -1,3 +1,3 @@\n one\n-two\n+2\n three\n".to_owned()),
            source: if model { Source::Model } else { Source::Static },
            verification: [Verification::Confirmed, Verification::Unsure, Verification::Unverified][look],
            rule: None,
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn every_finding_of_the_json_stands_in_the_sarif_and_both_keep_their_shape(
        findings in prop::collection::vec(any_finding(), 0..12), suppressed in prop::collection::vec(any_finding(), 0..4),
    ) {
        let (json, sarif) =
            told(findings, suppressed, |told| (json(told, Format::Json), json(told, Format::Sarif)));
        valid(&SHAPES[0], &json);
        valid(&SHAPES[2], &sarif);
        let results = sarif["runs"][0]["results"].as_array().unwrap();
        let all = ["findings", "suppressed"].map(|list| json[list].as_array().unwrap());
        prop_assert_eq!(results.len(), all[0].len() + all[1].len());
        for (finding, result) in all.into_iter().flatten().zip(results) {
            for key in ["id", "severity", "line", "side", "source", "verification"] {
                prop_assert_eq!(&result["properties"][key], &finding[key]);
            }
            prop_assert!(result["message"]["text"].as_str().unwrap().contains(finding["why"].as_str().unwrap().trim()));
            prop_assert_eq!(result["suppressions"].as_array().unwrap().len(), usize::from(finding.get("suppressed").is_some()));
            prop_assert_eq!(result.get("fixes").is_some(), !finding["suggestion"].is_null());
            let rule = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
            prop_assert_eq!(&sarif["runs"][0]["tool"]["driver"]["rules"][rule]["id"], &result["ruleId"]);
        }
        let prints: BTreeSet<&str> =
            results.iter().map(|r| r["partialFingerprints"]["monsterFinding/v1"].as_str().unwrap()).collect();
        prop_assert_eq!(prints.len(), results.len(), "no two results have one fingerprint");
    }

    #[test]
    fn no_text_breaks_out_of_its_line_or_its_block(
        findings in prop::collection::vec(any_finding(), 0..12), suppressed in prop::collection::vec(any_finding(), 0..3),
    ) {
        let forms = [Format::Jsonl, Format::Github, Format::Codeclimate, Format::Markdown, Format::Text];
        let [jsonl, github, codeclimate, markdown, text] =
            told(findings.clone(), suppressed.clone(), |told| forms.map(|form| told.in_form(form)));
        let shape = serde_json::from_str::<Value>(include_str!("../schema.json")).unwrap();
        let line = json!({ "$ref": "#/$defs/line", "$defs": shape["$defs"] });
        let line = jsonschema::validator_for(&line).unwrap();
        let lines: Vec<&str> = jsonl.lines().collect();
        prop_assert_eq!(lines.len(), 1 + findings.len() + suppressed.len());
        lines.iter().for_each(|one| valid(&line, &serde_json::from_str(one).unwrap()));
        valid(&SHAPES[1], &serde_json::from_str(&codeclimate).unwrap());
        for command in github.lines() {
            let (head, _) = command.strip_prefix("::").unwrap().split_once("::").unwrap();
            let (level, properties) = head.split_once(' ').unwrap();
            prop_assert!(["error", "warning", "notice"].contains(&level), "{}", command);
            for property in properties.split(',') {
                let (name, value) = property.split_once('=').unwrap();
                prop_assert!(["file", "line", "endLine", "title"].contains(&name), "{}", command);
                prop_assert!(!value.contains([':', ',']));
            }
        }
        prop_assert!(!markdown.contains("<img") && !markdown.contains("https://") && !markdown.contains("</details>"));
        for form in [&jsonl, &github, &codeclimate, &markdown, &text] {
            prop_assert!(form.chars().all(|c| matches!(c, '\n' | '\t') || !c.is_control()), "{:?}", form);
        }
    }
}

#[test]
fn a_name_with_line_ends_and_foreign_bytes_is_one_address_and_one_property() {
    let raw = b"src/a\r\nb,c:d e%\xff.rs";
    let file = FileChange::new(Path::new(raw), Status::Modified);
    let name = file.path.as_str().to_owned();
    let change = ChangeSet { files: vec![file], ..ChangeSet::default() };
    let (sarif, github, quality, ours) = of(change, vec![finding(2, &name)], Vec::new(), |told| {
        let [sarif, quality, ours] =
            [Format::Sarif, Format::Codeclimate, Format::Json].map(|format| json(told, format));
        (sarif, told.in_form(Format::Github), quality, ours)
    });
    assert_eq!(ours["findings"][0]["file"], "src/a\\x0d\\x0ab,c:d e%\\xff.rs", "what is no text is shown");
    assert_eq!(ours["findings"][0]["file_uri"], "src/a%0D%0Ab%2Cc%3Ad%20e%25%FF.rs", "and held beside it");
    let place = &sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "src/a%0D%0Ab%2Cc%3Ad%20e%25%FF.rs");
    assert_eq!(place["region"], json!({ "startLine": 3, "endLine": 4 }));
    assert!(
        github.starts_with("::error file=src/a%0D%0Ab%2Cc%3Ad e%25\u{fffd}.rs,line=3,endLine=4,title="),
        "{github}"
    );
    assert_eq!(quality[0]["location"]["path"], "src/a\r\nb,c:d e%\u{fffd}.rs");
    let file = FileChange::new(Path::new(b"a\x1b[31m.rs"), Status::Modified);
    let name = file.path.as_str().to_owned();
    let change = ChangeSet { files: vec![file], ..ChangeSet::default() };
    let github = of(change, vec![finding(2, &name)], Vec::new(), |told| told.in_form(Format::Github));
    assert!(github.starts_with("::error file=a\\x1b[31m.rs,"), "{github}");
}

#[test]
fn names_that_are_text_stand_in_json_as_git_has_them() {
    for name in ["a b.rs", "say \"hi\".rs", "it's.rs", "a\nb\t.rs", "größe.rs", "a\\x0ab.rs", "a\u{1b}[31m.rs"] {
        let file = FileChange::new(Path::from(name), Status::Modified);
        let shown = file.path.as_str().to_owned();
        let change = ChangeSet { files: vec![file], ..ChangeSet::default() };
        let (json, jsonl, text, sarif) = of(change, vec![finding(2, &shown)], vec![finding(3, &shown)], |told| {
            let mut report = Report { findings: told.report.findings.clone(), ..Report::default() };
            report.coverage.by_rules.push(shown.clone());
            report.coverage.ignored.push((shown.clone(), "yours".to_owned()));
            let told = &Told { report: &report, ..*told };
            let text = told.in_form(Format::Text);
            (json(told, Format::Json), told.in_form(Format::Jsonl), text, json(told, Format::Sarif))
        });
        valid(&SHAPES[0], &json);
        assert_eq!(json["findings"][0]["file"], name);
        assert_eq!(json["suppressed"][0]["file"], name);
        assert_eq!(json["coverage"]["by_rules"][0], name);
        assert_eq!(json["coverage"]["ignored"][0][0], name);
        assert_eq!(json["findings"][0].get("file_uri"), None);
        let found: Value = serde_json::from_str(jsonl.lines().nth(1).unwrap()).unwrap();
        assert_eq!(found["file"], name);
        let place = &sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], crate::commands::sarif::uri(name.as_bytes()));
        assert!(text.contains(&format!("{shown}:3")), "people see one line: {text}");
    }
}

#[test]
fn no_two_files_stand_under_one_name_in_any_form() {
    let names: [&[u8]; 3] = [b"caf\xe9.rs", b"caf\\xe9.rs", b"caf\\x5cxe9.rs"];
    let files: Vec<FileChange> = names.iter().map(|n| FileChange::new(Path::new(n), Status::Modified)).collect();
    let shown: Vec<String> = files.iter().map(|file| file.path.as_str().to_owned()).collect();
    assert_eq!(shown, ["caf\\xe9.rs", "caf\\x5cxe9.rs", "caf\\x5cx5cxe9.rs"]);
    let found = shown.iter().map(|name| finding(2, name)).collect();
    let change = ChangeSet { files, ..ChangeSet::default() };
    let (json, sarif) = of(change, found, Vec::new(), |told| {
        let gone = told.report.findings.clone();
        let since = Since { fixed: gone.clone(), unseen: gone.clone(), left: gone, ..Since::default() };
        let mut report = Report { findings: told.report.findings.clone(), ..Report::default() };
        report.looks.since = Some(since);
        let told = &Told { report: &report, ..*told };
        (json(told, Format::Json), json(told, Format::Sarif))
    });
    valid(&SHAPES[0], &json);
    let lists =
        [&json["findings"], &json["since_last"]["fixed"], &json["since_last"]["unseen"], &json["since_last"]["left"]];
    for list in lists {
        // What is no text stands with its other bytes as \xNN, and its address beside it.
        assert_eq!(list[0]["file_uri"], "caf%E9.rs");
        assert_eq!(list[1]["file"], "caf\\xe9.rs");
        assert_eq!(list[2]["file"], "caf\\x5cxe9.rs");
    }
    let uri = |n: usize| &sarif["runs"][0]["results"][n]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
    assert_eq!([uri(0), uri(1), uri(2)], ["caf%E9.rs", "caf%5Cxe9.rs", "caf%5Cx5cxe9.rs"]);
}

#[test]
fn running_text_is_as_wide_as_the_terminal_within_reason() {
    assert_eq!([None, Some(20), Some(60), Some(80), Some(300)].map(crate::ui::measure), [96, 60, 60, 80, 100]);
    let mut long = finding(3, "a.rs");
    long.why = "word ".repeat(80);
    told(vec![long], Vec::new(), |told| {
        let report = Report {
            summary: format!("{}\nWhat: a", "said ".repeat(80)),
            findings: told.report.findings.clone(),
            ..Report::default()
        };
        let told = &Told { report: &report, ..*told };
        for width in [60, 80, 100] {
            let text = told.text(width, &|_, text| text.to_owned());
            for word in ["word", "said"] {
                let longest = text.lines().filter(|l| l.contains(word)).map(str::len).max();
                assert!(longest.is_some_and(|longest| (width - 5..=width).contains(&longest)), "{width}: {text}");
            }
            assert!(text.contains("said\nWhat: a\n"), "each line stays one of its own: {text}");
        }
    });
}

#[test]
fn a_suggestion_is_a_fix_of_whole_lines() {
    let fix = |suggestion: &str| {
        let mut found = finding(1, "a.rs");
        found.suggestion = Some(suggestion.to_owned());
        let sarif = told(vec![found], Vec::new(), |told| json(told, Format::Sarif));
        valid(&SHAPES[2], &sarif);
        let changes = &sarif["runs"][0]["results"][0]["fixes"][0]["artifactChanges"][0];
        assert_eq!(changes["artifactLocation"]["uri"], "a.rs");
        changes["replacements"].clone()
    };
    let lines = |first: u32, to: u32| json!({ "startLine": first, "startColumn": 1, "endLine": to, "endColumn": 1 });
    assert_eq!(
        fix("--- a/a.rs\n+++ b/a.rs\n@@ -4,4 +4,5 @@\n a\n-b\n-c\n+B\n+C\n+D\n d\n"),
        json!([{ "deletedRegion": lines(5, 7), "insertedContent": { "text": "B\nC\nD\n" } }])
    );
    assert_eq!(
        fix("diff --git a/a.rs b/a.rs\n--- a/a.rs\n+++ b/a.rs\n@@ -1,2 +1,3 @@\n+first\n a\n-b\n+B\n"),
        json!([{ "deletedRegion": lines(1, 1), "insertedContent": { "text": "first\n" } },
            { "deletedRegion": lines(2, 3), "insertedContent": { "text": "B\n" } }])
    );
    assert_eq!(
        fix(
            "--- a/a.rs\n+++ b/a.rs\n@@ -9,1 +9,1 @@\n-z\n\\ No newline at end of file\n+Z\n\\ No newline at end of file\n"
        ),
        json!([{ "deletedRegion": { "startLine": 9, "startColumn": 1, "endLine": 9 }, "insertedContent": { "text": "Z" } }])
    );
}

#[test]
fn five_thousand_findings_are_told_in_every_form_and_soon() {
    let findings: Vec<Finding> = (0..5_000).map(|n| finding(n, &format!("src/m{}.rs", n % 700))).collect();
    told(findings, (0..1_000).map(|n| finding(n, "old.rs")).collect(), |told| {
        for format in [
            Format::Text,
            Format::Json,
            Format::Jsonl,
            Format::Sarif,
            Format::Github,
            Format::Markdown,
            Format::Patch,
            Format::Codeclimate,
        ] {
            let began = Stopwatch::start();
            let length = told.in_form(format).len();
            // Whatever grows with the square of them takes far longer here.
            assert!(began.elapsed().as_secs() < 60, "{format:?}: {length} bytes in {:?}", began.elapsed());
        }
        let github = told.in_form(Format::Github);
        let of = |level: &str| github.lines().filter(|l| l.starts_with(level)).count();
        assert_eq!((of("::error"), of("::warning"), of("::notice")), (10, 10, 0), "as many as GitHub shows");
        let summary = super::github_summary(told);
        assert!(summary.len() < 1 << 20 && summary.contains("stand here alone"), "{} bytes", summary.len());
        assert!(super::comment(told).len() < 65_536);
    });
}

#[test]
fn what_is_not_believed_is_hidden_unless_too_much_hangs_on_it() {
    let mut findings: Vec<Finding> = (0..4).map(|n| finding(n, "a.rs")).collect();
    for (finding, class) in findings.iter_mut().zip(["sql-injection", "style", "data-loss", "author-name"]) {
        (finding.class, finding.severity) = (class.to_owned(), Severity::High);
        finding.verification = Verification::Unsure;
    }
    let text = told(findings, vec![finding(9, "b.rs")], |told| told.in_form(Format::Text));
    assert!(text.contains("sql-injection · model, unsure") && text.contains("data-loss · model, unsure"), "{text}");
    assert!(text.contains("2 shown · 2 hidden (--all) · 1 suppressed"), "{text}");
}
