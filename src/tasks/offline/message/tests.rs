use proptest::prelude::*;

use super::*;
use crate::git::patch::{Bare, parse};
use crate::git::{FileChange, Hunk, Line, LineKind, Path, Status};

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
    assert_eq!(
        (draft.type_, draft.alternatives.first().map(String::as_str)),
        (None, Some("fix")),
        "the likeliest first"
    );
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
fn a_new_public_definition_among_features_is_a_feature_and_a_small_condition_with_its_test_a_fix() {
    let priors: Vec<Prior> = [("feat", 0.4), ("fix", 0.4), ("refactor", 0.2)]
        .map(|(type_, share)| Prior { prefix: "src/".into(), type_: type_.into(), share, count: 20 })
        .to_vec();
    let hints = Hints { priors, ..Hints::default() };
    let lines: String = (0..40).map(|n| format!("+pub fn page{n}() -> usize {{ {n} }}\n")).collect();
    let new = format!(
        "diff --git a/src/page.rs b/src/page.rs\nnew file mode 100644\n--- /dev/null\n+++ b/src/page.rs\n@@ -0,0 +1,40 @@\n{lines}"
    );
    assert_eq!(draft(&new, &hints).type_.as_deref(), Some("feat"));
    let small = edit("src/page.rs", "fn page() {", "    if size > 0 {", "    if size > 0 && !items.is_empty() {");
    let small = small + &edit("tests/page.rs", "fn empty() {", "    old();", "    assert_eq!(page(), 0);");
    assert_eq!(draft(&small, &hints).type_.as_deref(), Some("fix"));
    let comments = edit("src/page.rs", "fn page() {", "    // count", "    // counts all");
    assert_eq!(draft(&comments, &hints).type_, None, "documents and tests are told by their files, not by weights");
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
fn what_takes_a_commit_back_is_named_after_it() {
    let patch = edit("src/pager.rs", "fn page() {", "    a();", "    b();");
    let undone = |subject: &str, looks| {
        let undone = Undone { id: "0a1b2c3d".repeat(5), subject: subject.into() };
        let scopes = vec![("src/".into(), "pager".into())];
        draft(&patch, &Hints { undone: Some(undone), looks, scopes, ..Hints::default() })
    };
    let back = undone("feat(pager): count the last page", Looks::Conventional);
    assert_eq!(back.subject, "revert: feat(pager): count the last page");
    assert_eq!((back.type_.as_deref(), back.rule), (Some("revert"), "revert"));
    assert_eq!(back.body.as_deref(), Some(&*format!("This reverts commit {}.", "0a1b2c3d".repeat(5))));
    assert_eq!(undone("Count pages", Looks::Plain).subject, "Revert \"Count pages\"");
    assert_eq!(undone("Revert \"Count pages\"", Looks::Plain).subject, "Reapply \"Count pages\"");
    assert_eq!(undone("Count pages", Looks::Gitmoji).subject, "⏪ revert \"Count pages\"");
    let forged = undone("Count\nSigned-off-by: x", Looks::Plain);
    assert!(!forged.subject.contains('\n'), "{}", forged.subject);
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

#[test]
fn a_file_that_moves_and_changes_is_said_to_do_both() {
    let moved = |to: &str| {
        format!(
            "diff --git a/src/pager.rs b/{to}\nsimilarity index 90%\nrename from src/pager.rs\nrename to {to}\n--- a/src/pager.rs\n+++ b/{to}\n@@ -1,1 +1,1 @@\n-a\n+b\n"
        )
    };
    assert_eq!(subject(&moved("src/paging.rs")), "Rename pager.rs to paging.rs and edit it");
    assert_eq!(subject(&moved("src/text/pager.rs")), "Move pager.rs to src/text and edit it");
}

#[test]
fn names_cannot_forge_lines() {
    let file = |name: &str| {
        let mut file = FileChange::new(Path::from(name), Status::Modified);
        file.hunks = vec![Hunk { lines: vec![line("x")], ..Hunk::default() }];
        file
    };
    let files = ["a\nSigned-off-by: B <b@c>.md", "b\u{202e}.md", "c.md", "d.md"].map(file).to_vec();
    let draft = message(&ChangeSet { files, ..ChangeSet::default() }, &Bare, &Hints::default());
    assert!(!draft.subject.contains('\n'));
    assert_eq!(draft.body.unwrap().lines().count(), 4);
    let one = message(&ChangeSet { files: vec![file("a\nb.md")], ..ChangeSet::default() }, &Bare, &Hints::default());
    assert_eq!(one.subject, "docs: update a\\x0ab.md");
}

#[test]
fn no_change_at_all_invents_nothing() {
    let draft = message(&ChangeSet::default(), &Bare, &Hints::default());
    assert_eq!((draft.type_, draft.body), (None, None));
    assert!(!draft.subject.contains("submodule"), "{}", draft.subject);
}

/// A lockfile on both sides.
struct Lock(&'static str, &'static str);

impl Contents for Lock {
    fn before(&self, _: &FileChange, _: u64) -> Option<Vec<u8>> {
        Some(self.0.into())
    }
    fn after(&self, _: &FileChange, _: u64) -> Option<Vec<u8>> {
        Some(self.1.into())
    }
    fn base(&self, _: &str, _: u64) -> Option<Vec<u8>> {
        None
    }
    fn tracked(&self) -> Vec<Path> {
        Vec::new()
    }
}

#[test]
fn a_lock_file_is_named_after_its_packages() {
    let said = |before, after| {
        message(&parse(edit("Cargo.lock", "", "a", "b").as_bytes()).unwrap(), &Lock(before, after), &Hints::default())
            .subject
    };
    let one = "[[package]]\nname = \"serde\"\nversion = \"1.0.1\"\n";
    assert_eq!(said(one, "[[package]]\nname = \"serde\"\nversion = \"1.1.0\"\n"), "build: bump serde 1.0.1 → 1.1.0");
    assert_eq!(said("", one), "build: add serde 1.0.1");
    assert_eq!(said(one, ""), "build: remove serde 1.0.1");
    assert_eq!(said(one, one), "build: refresh the lock file");
    assert_eq!(said(one, "<<<<<<< not toml"), "build: refresh the lock file");
}

#[test]
fn a_change_of_lock_files_alone_is_never_a_feature() {
    let change = parse(edit("Cargo.lock", "", "a", "b").as_bytes()).unwrap();
    let lock = Lock("", "[[package]]\nname = \"serde\"\nversion = \"1.0.1\"\n");
    let said = |habit: &str| {
        let priors = vec![Prior { prefix: "Cargo.lock".into(), type_: habit.into(), share: 1.0, count: 6 }];
        message(&change, &lock, &Hints { priors, ..Hints::default() }).subject
    };
    assert_eq!(said("feat"), "build: add serde 1.0.1");
    assert_eq!(said("chore"), "chore: add serde 1.0.1");
    let long = format!("[[package]]\nname = \"{}\"\nversion = \"1.0.1\"\n", "a".repeat(200));
    let long: &'static str = Box::leak(long.into_boxed_str());
    let subject = message(&change, &Lock("", long), &Hints::default()).subject;
    assert_eq!(subject, format!("build: add {}… 1.0.1", "a".repeat(32)), "a name that fits no subject is told in part");
}

fn line(text: &str) -> Line {
    Line { kind: LineKind::Added, text: text.to_owned(), old: None, new: Some(1), no_newline: false }
}

proptest! {
    #[test]
    fn every_change_gets_one_short_line(
        files in proptest::collection::vec(("\\PC{1,30}|(src|tests|docs)/[a-z]{1,8}\\.(rs|py|md|lock)", 0..7_usize, "\\PC{0,60}", "\\PC{0,30}"), 0..6),
        branch in proptest::option::of("\\PC{0,30}"), most in 0..100_usize, looks in 0..4_usize,
    ) {
        use Status::{Added, Copied, Deleted, Modified, Renamed, TypeChanged, Unmerged};
        let files = files.into_iter().map(|(path, status, text, section)| {
            let status = [Added, Modified, Deleted, Renamed, Copied, TypeChanged, Unmerged][status];
            let mut file = FileChange::new(Path::new(path.as_bytes()), status);
            file.hunks = vec![Hunk { section, lines: vec![line(&text)], ..Hunk::default() }];
            file
        });
        let change = ChangeSet { files: files.collect(), ..ChangeSet::default() };
        let looks = [Looks::Plain, Looks::Conventional, Looks::Gitmoji, Looks::Subsystem][looks];
        let hints = Hints { branch, subject_max: most, looks, ..Hints::default() };
        let draft = message(&change, &Bare, &hints);
        prop_assert_eq!(draft.subject.lines().count().max(1), 1);
        let limit = if most == 0 { 72 } else { most };
        prop_assert!(draft.subject.chars().count() <= limit);
        prop_assert_eq!(message(&change, &Bare, &hints), draft);
    }
}

#[test]
fn what_is_wanted_beats_rules_and_history() {
    let change = parse(edit("README.md", "", "a", "b").as_bytes()).unwrap();
    let hints =
        Hints { scopes: vec![(String::new(), "docs".into())], branch: Some("fix/x".into()), ..Hints::default() };
    let made = |wanted: &Wanted<'_>| message_as(&change, &Bare, &hints, wanted);
    assert_eq!(made(&Wanted::default()).subject, "docs(docs): update README");
    let fixed = Wanted { type_: Some("fix"), scope: Some("core"), ..Wanted::default() };
    assert_eq!(made(&fixed).subject, "fix(core): update README");
    let own = ["feature".to_owned(), "bug".to_owned()];
    let limited = made(&Wanted { types: &own, scopes: &own, ..Wanted::default() });
    assert_eq!((limited.subject.as_str(), limited.type_, limited.scope), ("Update README", None, None));
    assert_eq!(limited.alternatives, own, "only allowed types are offered");
    assert_eq!(made(&Wanted::default()).body, None);
    assert_eq!(made(&Wanted { body: true, ..Wanted::default() }).body.as_deref(), Some("- README.md: +1 -1"));
}
