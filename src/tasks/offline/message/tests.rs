use super::*;
use crate::git::patch::{Bare, parse};

fn draft(patch: &str, hints: &Hints) -> Draft {
    message(&parse(patch.as_bytes()).unwrap(), &Bare, hints)
}

fn edit(path: &str, section: &str, removed: &str, added: &str) -> String {
    format!(
        "diff --git a/{path} b/{path}\n--- a/{path}\n+++ b/{path}\n@@ -1,1 +1,1 @@ {section}\n-{removed}\n+{added}\n"
    )
}

fn subject(patch: &str) -> String {
    draft(patch, &Hints::default()).subject
}

#[test]
fn the_kind_of_change_decides_the_type() {
    assert_eq!(subject(&edit("README.md", "", "a", "b")), "docs: update README");
    assert_eq!(subject(&edit("tests/pager.rs", "", "a", "b")), "test: update pager tests");
    assert_eq!(subject(&edit(".github/workflows/ci.yml", "", "a", "b")), "ci: update ci.yml");
    assert_eq!(
        subject(
            "diff --git a/src/pager.rs b/src/paging.rs\nsimilarity index 100%\nrename from src/pager.rs\nrename to src/paging.rs\n"
        ),
        "refactor: rename src/pager.rs to src/paging.rs"
    );
    assert_eq!(
        subject("diff --git a/run.sh b/run.sh\nold mode 100644\nnew mode 100755\n"),
        "chore: mark run.sh executable"
    );
    assert_eq!(subject(&edit("a.txt", "", "x\r", "x")), "style: normalise line endings of a.txt");
    assert_eq!(subject(&edit("a.rs", "", "let  x=1;", "let x = 1;")), "style: reformat a.rs");
    assert_eq!(
        subject(
            "diff --git a/vendor/lib b/vendor/lib\nindex 1111111..2222222 160000\n--- a/vendor/lib\n+++ b/vendor/lib\n@@ -1 +1 @@\n-Subproject commit 1111111\n+Subproject commit 2222222\n"
        ),
        "build: move vendor/lib to another commit"
    );
}

#[test]
fn source_without_evidence_gets_no_type_and_offers_some() {
    let draft = draft(
        &edit("src/pager.rs", "fn page_count(n: usize) -> usize {", "    n / 10", "    n.div_ceil(10)"),
        &Hints::default(),
    );
    assert_eq!(draft.subject, "Update page_count in pager.rs");
    assert_eq!((draft.type_, draft.alternatives.first().map(String::as_str)), (None, Some("feat")));
}

#[test]
fn branch_and_history_give_type_and_scope() {
    let patch = edit("src/pager.rs", "fn page_count(n: usize) -> usize {", "    n / 10", "    n.div_ceil(10)");
    let mut hints = Hints {
        branch: Some("fix/last-page".into()),
        scopes: vec![("src/".into(), "pager".into())],
        ..Hints::default()
    };
    assert_eq!(draft(&patch, &hints).subject, "fix(pager): update page_count in pager.rs");
    hints.branch = None;
    hints.priors = vec![Prior { prefix: "src/".into(), type_: "perf".into(), share: 0.9, count: 9 }];
    assert_eq!(draft(&patch, &hints).subject, "perf(pager): update page_count in pager.rs");
    hints.priors[0].count = 2;
    assert_eq!(draft(&patch, &hints).type_, None, "two commits are no habit");
}

#[test]
fn firm_rules_are_not_overruled_by_history() {
    let hints = Hints {
        priors: vec![Prior { prefix: String::new(), type_: "feat".into(), share: 1.0, count: 50 }],
        ..Hints::default()
    };
    assert_eq!(draft(&edit("README.md", "", "a", "b"), &hints).subject, "docs: update README");
}

#[test]
fn other_styles_and_long_subjects() {
    let patch = edit("README.md", "", "a", "b");
    let of = |looks| draft(&patch, &Hints { looks, ..Hints::default() }).subject;
    assert_eq!(of(Looks::Plain), "Update README");
    assert_eq!(of(Looks::Gitmoji), "📝 update README");
    let many: String = (0..6).map(|n| edit(&format!("docs/chapter-{n}.md"), "", "a", "b")).collect();
    let long = draft(&many, &Hints { subject_max: 24, ..Hints::default() });
    assert!(long.subject.chars().count() <= 24, "{}", long.subject);
    assert_eq!(long.body.unwrap().lines().count(), 6, "every file is named");
}
