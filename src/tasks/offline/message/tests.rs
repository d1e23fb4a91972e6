use proptest::prelude::*;

use super::*;
use crate::git::patch::{Bare, parse};
use crate::git::{FileChange, FileKind, Hunk, Line, LineKind, Path, Status};

pub(super) fn draft(patch: &str, hints: &Hints) -> Draft {
    message(&parse(patch.as_bytes()).unwrap(), &Bare, hints)
}

pub(super) fn edit(path: &str, section: &str, removed: &str, added: &str) -> String {
    format!(
        "diff --git a/{path} b/{path}\n--- a/{path}\n+++ b/{path}\n@@ -1,1 +1,1 @@ {section}\n-{removed}\n+{added}\n"
    )
}

pub(super) fn subject(patch: &str) -> String {
    draft(patch, &Hints::default()).subject
}

#[test]
fn the_kind_of_change_decides_the_type() {
    assert_eq!(subject(&edit("README.md", "", "a", "b")), "docs: update README");
    assert_eq!(subject(&edit("tests/pager.rs", "", "a", "b")), "test: update pager tests");
    assert_eq!(subject(&edit(".github/workflows/ci.yml", "", "a", "b")), "ci: update ci.yml");
    let fixtures = ["a", "b"].map(|name| edit(&format!(".github/fixtures/{name}.md"), "", "a", "b")).concat();
    let with = fixtures + &edit(".github/workflows/ci.yml", "", "a", "b");
    assert_eq!(subject(&with), "test: update 3 files in .github");
    assert!(subject(&edit("src/changelog.rs", "", "a", "b")).ends_with("pdate changelog.rs"), "it is no document");
    assert_eq!(
        subject(
            "diff --git a/src/pager.rs b/src/paging.rs\nsimilarity index 100%\nrename from src/pager.rs\nrename to src/paging.rs\n"
        ),
        "refactor: rename pager.rs to paging.rs"
    );
    assert_eq!(
        subject("diff --git a/run.sh b/run.sh\nold mode 100644\nnew mode 100755\n"),
        "chore: mark run.sh executable"
    );
    assert_eq!(subject(&edit("a.txt", "", "x\r", "x")), "style: normalise line endings of a.txt");
    assert_eq!(subject(&edit("a.rs", "", "let  x = 1;", "let x = 1;")), "style: reformat a.rs");
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

/// Files by name, on both sides.
struct Files(&'static [(&'static str, &'static str, &'static str)]);

impl Files {
    fn of(&self, file: &FileChange) -> Option<&(&str, &str, &str)> {
        self.0.iter().find(|(name, ..)| *name == file.path.as_str())
    }

    fn draft(&self, hints: &Hints) -> Draft {
        let edits = self.0.iter().map(|(name, before, after)| {
            let lines = |mark: &str, text: &str| text.lines().map(|line| format!("{mark}{line}\n")).collect::<String>();
            let (old, new) = (before.lines().count(), after.lines().count());
            let lines = lines("-", before) + &lines("+", after);
            format!("diff --git a/{name} b/{name}\n--- a/{name}\n+++ b/{name}\n@@ -1,{old} +1,{new} @@\n{lines}")
        });
        message(&parse(edits.collect::<String>().as_bytes()).unwrap(), self, hints)
    }
}

impl Contents for Files {
    fn before(&self, file: &FileChange, _: u64) -> Option<Vec<u8>> {
        Some(self.of(file)?.1.into())
    }
    fn after(&self, file: &FileChange, _: u64) -> Option<Vec<u8>> {
        Some(self.of(file)?.2.into())
    }
    fn base(&self, _: &str, _: u64) -> Option<Vec<u8>> {
        None
    }
    fn tracked(&self) -> Vec<Path> {
        Vec::new()
    }
}

#[test]
fn of_many_packages_one_is_named_and_all_are_listed() {
    let package = |name: &str, version: &str| format!("[[package]]\nname = \"{name}\"\nversion = \"{version}\"\n");
    let text = |all: &[(&str, &str)]| -> &'static str {
        Box::leak(all.iter().map(|(name, version)| package(name, version)).collect::<String>().into_boxed_str())
    };
    let change = parse(edit("Cargo.lock", "", "a", "b").as_bytes()).unwrap();
    let said = |before: &[(&str, &str)], after: &[(&str, &str)]| {
        message(&change, &Lock(text(before), text(after)), &Hints::default())
    };
    let mixed =
        said(&[("anyhow", "1.0.1"), ("old", "0.1.0")], &[("anyhow", "1.0.2"), ("serde", "1.0.0"), ("toml", "0.8.0")]);
    assert_eq!(mixed.subject, "build: bump anyhow and change 3 more packages");
    assert_eq!(
        mixed.body.as_deref(),
        Some("- bump anyhow 1.0.1 → 1.0.2\n- remove old 0.1.0\n- add serde 1.0.0\n- add toml 0.8.0")
    );
    let stays = said(
        &[("autocfg", "0.1.8"), ("autocfg", "1.5.0"), ("rand", "0.6.5")],
        &[("autocfg", "1.5.0"), ("bitflags", "1.0.0")],
    );
    assert_eq!(stays.subject, "build: add bitflags and change 2 more packages");
    let twice = said(&[("autocfg", "0.1.8"), ("autocfg", "1.5.0"), ("rand", "0.6.5")], &[("autocfg", "1.5.0")]);
    assert_eq!(twice.subject, "build: remove autocfg 0.1.8 and rand", "another version of it stays");
    let two = said(&[], &[("serde", "1.0.0"), ("toml", "0.8.0")]);
    assert_eq!((two.subject.as_str(), two.body), ("build: add serde and toml", None));
    // Of one, the versions stand below whatever has no room for them.
    let long = "a".repeat(40);
    let one = said(&[(&long, "1.0.0")], &[(&long, "1.1.0")]);
    let body = Some(format!("- bump {long} 1.0.0 → 1.1.0"));
    assert!(one.subject.ends_with(" 1.0.0 → 1.1.0") && one.body.is_none(), "{one:?}");
    assert_eq!(one.bodies, vec![body; one.shorter.len()]);
    assert!(one.shorter.iter().any(|said| *said == format!("build: bump {long}")), "{one:?}");
    let one = said(&[("old", "0.1.0")], &[("serde", "1.0.0")]);
    assert_eq!(one.subject, "build: add serde and change 1 more package");
    let forged = said(&[("b", "1")], &[("a\\nSigned-off-by: x", "1")]);
    assert_eq!(forged.body.unwrap().lines().count(), 2);
}

#[test]
fn what_a_manifest_asks_for_is_what_is_named() {
    let hints = Hints::default();
    let lock = "[[package]]\nname = \"serde\"\nversion = \"1.0.1\"\n[[package]]\nname = \"syn\"\nversion = \"2.0.1\"\n";
    let cargo: &'static [_] = Box::leak(Box::new([
        ("Cargo.lock", "", lock),
        ("Cargo.toml", "[dependencies]\n", "[dependencies]\nserde = { version = \"1\", features = [\"derive\"] }\n"),
    ]));
    let added = Files(cargo).draft(&hints);
    assert_eq!((added.subject.as_str(), added.body, added.rule), ("build: add serde", None, "lock"));

    let npm = |before: &'static str, after: &'static str| {
        Files(Box::leak(Box::new([("package.json", before, after)]))).draft(&hints).subject
    };
    let (old, new) = (
        "{\n  \"dependencies\": {\n    \"left-pad\": \"^1.0.0\"\n  }\n}\n",
        "{\n  \"dependencies\": {\n    \"left-pad\": \"^1.3.0\"\n  }\n}\n",
    );
    assert_eq!(npm(old, new), "build: bump left-pad 1.0.0 → 1.3.0");
    let two = "{\n  \"dependencies\": {\n    \"left-pad\": \"^1.0.0\",\n    \"zod\": \"workspace:*\"\n  }\n}\n";
    assert_eq!(npm(old, two), "build: add zod", "the comma before it is no change");
    assert_eq!(npm(two, old), "build: remove zod");
    let more = "{\n  \"main\": \"a.js\",\n  \"dependencies\": {\n    \"left-pad\": \"^1.3.0\"\n  }\n}\n";
    assert_eq!(npm(old, more), "build: update package.json", "something else changed in it, too");
    let go = "module a\n\nrequire x.org/b v1.2.0\nrequire x.org/a v1.0.0 // indirect\n";
    let go = Files(Box::leak(Box::new([("go.mod", "module a\n", go)]))).draft(&hints).subject;
    assert_eq!(go, "build: add x.org/b", "what comes along is not asked for");
}

fn gone(path: &str) -> FileChange {
    let mut file = FileChange::new(Path::from(path), Status::Deleted);
    file.removed = 1;
    let line = Line { kind: LineKind::Removed, text: "x".to_owned(), old: Some(1), new: None, no_newline: false };
    file.hunks = vec![Hunk { lines: vec![line], ..Hunk::default() }];
    file
}

#[test]
fn what_is_deleted_is_said_to_be_removed() {
    let draft = |files: &[&str], hints: &Hints| {
        let files = files.iter().map(|path| gone(path)).collect();
        message(&ChangeSet { files, ..ChangeSet::default() }, &Bare, hints)
    };
    let one = draft(&["src/pager.rs"], &Hints::default());
    assert_eq!((one.subject.as_str(), one.rule, one.guessed), ("refactor: remove pager.rs", "delete", true));
    let with_test = draft(&["src/pager.rs", "tests/pager.rs"], &Hints::default());
    assert_eq!(with_test.subject, "refactor: remove pager.rs");
    assert_eq!(draft(&["docs/pager.md"], &Hints::default()).subject, "docs: remove pager.md");
    let branch = Hints { branch: Some("feat/no-pager".into()), ..Hints::default() };
    let feature = draft(&["src/pager.rs"], &branch);
    assert_eq!(
        (feature.subject.as_str(), feature.guessed),
        ("feat: remove pager.rs", false),
        "the author knows better"
    );
    let plain = Hints { looks: Looks::Plain, ..Hints::default() };
    assert_eq!(draft(&["src/pager.rs"], &plain).subject, "Remove pager.rs");
    let own = ["bug".to_owned()];
    let files = vec![gone("src/pager.rs")];
    let change = ChangeSet { files, ..ChangeSet::default() };
    let limited = message_as(&change, &Bare, &Hints::default(), &Wanted { types: &own, ..Wanted::default() });
    assert_eq!(limited.type_, None, "no type of its own says it");
}

#[test]
fn a_folder_that_is_gone_as_a_whole_is_named() {
    struct Left(&'static str);
    impl Contents for Left {
        fn before(&self, _: &FileChange, _: u64) -> Option<Vec<u8>> {
            None
        }
        fn after(&self, _: &FileChange, _: u64) -> Option<Vec<u8>> {
            None
        }
        fn base(&self, _: &str, _: u64) -> Option<Vec<u8>> {
            None
        }
        fn tracked(&self) -> Vec<Path> {
            vec![Path::from(self.0)]
        }
    }
    let files = vec![gone("src/pager/a.rs"), gone("src/pager/b.rs"), gone("src/pager/c.rs")];
    let change = ChangeSet { files, ..ChangeSet::default() };
    let said = |left| message(&change, &Left(left), &Hints::default()).subject;
    assert_eq!(said("src/pagers.rs"), "refactor: remove src/pager");
    assert_eq!(said("src/pager/mod.rs"), "refactor: remove 3 files in src/pager");
}

#[test]
fn a_submodule_says_which_way_it_went() {
    let said = |commits: Option<(usize, usize)>| {
        let mut file = FileChange::new(Path::from("vendor/lib"), Status::Modified);
        let subjects = vec!["feat: a".to_owned(); commits.map_or(0, |(come, _)| come.min(20))];
        let id = |letter: &str| Some(letter.repeat(40));
        file.kind = FileKind::Submodule { from: id("a"), to: id("b"), subjects };
        file.commits = commits;
        message(&ChangeSet { files: vec![file], ..ChangeSet::default() }, &Bare, &Hints::default()).subject
    };
    assert_eq!(said(Some((2, 0))), "build: move vendor/lib 2 commits ahead");
    assert_eq!(said(Some((1, 0))), "build: move vendor/lib 1 commit ahead");
    assert_eq!(said(Some((0, 3))), "build: move vendor/lib 3 commits back");
    assert_eq!(said(Some((2, 3))), "build: move vendor/lib to another commit", "neither ahead nor back");
    assert_eq!(said(None), "build: move vendor/lib to another commit");
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
fn a_package_is_named_by_its_scope_or_before_its_file() {
    let patch = edit("core/src/lib.rs", "fn page_count() {", "    a();", "    b();");
    let said = |scope: &str| {
        let hints =
            Hints { scopes: vec![("core/".into(), scope.into())], branch: Some("fix/x".into()), ..Hints::default() };
        draft(&patch, &hints).subject
    };
    assert_eq!(said("core"), "fix(core): update page_count in src/lib.rs");
    assert_eq!(said("pages"), "fix(pages): update page_count in core/src/lib.rs");
}

#[test]
fn settings_of_a_site_go_along_with_its_pages() {
    let page = |n: u8| edit(&format!("website/docs/{n}.md"), "", "a", "b");
    let settings = edit("website/docusaurus.config.js", "", "a", "b");
    assert!(draft(&(page(1) + &page(2) + &settings), &Hints::default()).subject.starts_with("docs: "));
    assert!(!draft(&(page(1) + &settings), &Hints::default()).subject.starts_with("docs: "));
    assert!(!draft(&settings, &Hints::default()).subject.starts_with("docs: "));
}

#[test]
fn what_is_wanted_beats_rules_and_history() {
    let change = parse(edit("README.md", "", "a", "b").as_bytes()).unwrap();
    let hints =
        Hints { scopes: vec![(String::new(), "docs".into())], branch: Some("fix/x".into()), ..Hints::default() };
    let made = |wanted: &Wanted<'_>| message_as(&change, &Bare, &hints, wanted);
    assert_eq!(made(&Wanted::default()).subject, "docs: update README", "its scope would say the same twice");
    let fixed = Wanted { type_: Some("fix"), scope: Some("core"), ..Wanted::default() };
    assert_eq!(made(&fixed).subject, "fix(core): update README");
    let own = ["feature".to_owned(), "bug".to_owned()];
    let limited = made(&Wanted { types: &own, scopes: &own, ..Wanted::default() });
    assert_eq!((limited.subject.as_str(), limited.type_, limited.scope), ("Update README", None, None));
    assert_eq!(limited.alternatives, own, "only allowed types are offered");
    assert_eq!(made(&Wanted::default()).body, None);
    assert_eq!(made(&Wanted { body: true, ..Wanted::default() }).body.as_deref(), Some("- README.md: +1 -1"));
}

#[test]
fn what_the_subject_does_not_name_is_told_below() {
    let body = |patch: &str| draft(patch, &Hints::default()).body.unwrap_or_default();
    let source = edit("src/pager.rs", "fn page_count() {", "    a();", "    b();");
    let added = |path: &str| {
        format!(
            "diff --git a/{path} b/{path}\nnew file mode 100644\n--- /dev/null\n+++ b/{path}\n@@ -0,0 +1,1 @@\n+A=1\n"
        )
    };
    assert_eq!(body(&format!("{source}{}", added(".env"))), "- src/pager.rs: +1 -1\n- .env: +1 -0");
    assert_eq!(body(&source), "");
    assert_eq!(body(&format!("{source}{}", added("tests/pager.rs"))), "", "tests go along with the source");
    assert_eq!(body(&format!("{source}{}", added("src/list.rs"))), "", "both are named");
    let blob = "diff --git a/blob.bin b/blob.bin\nnew file mode 100644\nindex 0000000..1111111\nBinary files /dev/null and b/blob.bin differ\n";
    assert_eq!(body(&format!("{blob}{}", added(".env"))), "- blob.bin: binary\n- .env: +1 -0");
    let renamed = "diff --git a/src/pager.rs b/src/paging.rs\nsimilarity index 100%\nrename from src/pager.rs\nrename to src/paging.rs\n";
    let mode = "diff --git a/run.sh b/run.sh\nold mode 100644\nnew mode 100755\n";
    assert_eq!(body(&format!("{mode}{renamed}")), "- run.sh: executable\n- src/paging.rs (from src/pager.rs): renamed");
}

#[test]
fn comments_that_document_are_documentation() {
    for (path, gone, come) in [
        ("src/pager.rs", "/// Counts the the pages.", "/// Counts the pages."),
        ("src/lib.rs", "//! Pages", "//! Pages."),
        ("src/a.ts", "/** Pages */", "/** All pages */"),
    ] {
        let draft = draft(&edit(path, "fn page_count() {", gone, come), &Hints::default());
        assert_eq!((draft.type_.as_deref(), draft.rule), (Some("docs"), "comments"), "{path}");
    }
    let block = "diff --git a/src/a.ts b/src/a.ts\n--- a/src/a.ts\n+++ b/src/a.ts\n@@ -1,3 +1,3 @@\n /**\n- * Pages\n+ * All pages\n  */\n";
    assert_eq!(subject(block), "docs: update comments in a.ts");
    let beside = format!("{}{block}", edit("docs/a.md", "", "a", "b"));
    assert_eq!(draft(&beside, &Hints::default()).type_.as_deref(), Some("docs"));
    for (gone, come) in [
        ("/// Pages", "let pages = 1; /// Pages"),
        ("    * 60", "    * 61"),
        ("// prettier-ignore", "// oxfmt-ignore"),
        ("#[inline]", "#[inline(always)]"),
    ] {
        assert_ne!(draft(&edit("src/a.rs", "", gone, come), &Hints::default()).rule, "comments", "{come}");
    }
    let tested = format!("{block}{}", edit("tests/a.ts", "", "a", "b"));
    assert_ne!(draft(&tested, &Hints::default()).rule, "comments");
}

#[test]
fn what_goes_along_leaves_the_type_to_what_it_goes_along_with() {
    let both = format!("{}{}", edit(".github/workflows/ci.yml", "", "a", "b"), edit("CONTRIBUTING.md", "", "a", "b"));
    assert_eq!(subject(&both), "ci: update ci.yml and CONTRIBUTING");
    let renamed = |from: &str, to: &str| {
        subject(&format!("diff --git a/{from} b/{to}\nsimilarity index 100%\nrename from {from}\nrename to {to}\n"))
    };
    assert_eq!(renamed("docs/a.md", "docs/b.md"), "docs: rename a.md to b.md");
    assert_eq!(renamed("tests/a.rs", "tests/b.rs"), "test: rename a.rs to b.rs");
}

#[test]
fn a_branch_about_a_button_takes_nothing_back() {
    let on = |branch: &str| {
        let hints = Hints { branch: Some(branch.to_owned()), ..Hints::default() };
        draft(&edit("src/pager.rs", "", "    a();", "    b();"), &hints).rule
    };
    assert_eq!((on("revert-button"), on("revert-12-pages"), on("revert/pages")), ("source", "revert", "revert"));
}

#[test]
fn tests_inside_of_a_source_are_tests_and_give_a_mixed_change_no_words() {
    let inside = |path: &str| {
        format!(
            "diff --git a/{path} b/{path}\n--- a/{path}\n+++ b/{path}\n@@ -40,2 +40,5 @@ mod tests {{\n     }}\n+\n+    #[test]\n+    fn counts_twice() {{}}\n }}\n"
        )
    };
    let one = draft(&inside("src/pager.rs"), &Hints { branch: Some("feat/rows".into()), ..Hints::default() });
    assert_eq!((one.subject.as_str(), one.rule), ("test: add pager tests", "test"));
    assert_eq!(subject(&inside("src/lib.rs")), "test: add tests in src/lib.rs");
    let two = format!("{}{}", inside("src/pager.rs"), inside("src/rows.rs"));
    assert_eq!(subject(&two), "test: add tests in pager.rs and rows.rs");
    assert_eq!(
        subject(&edit("src/pager.rs", "mod tests {", "        one();", "        two();")),
        "test: update pager tests"
    );
    assert_eq!(
        subject(&edit("app/pager.py", "class Rows(unittest.TestCase):", "        a()", "        b()")),
        "test: update pager tests"
    );
    let hunk = "@@ -3,1 +3,2 @@ impl Pager {\n     one();\n+    pub fn rows() {}\n";
    let mixed = inside("src/pager.rs").replacen("@@ -40", &format!("{hunk}@@ -40"), 1);
    let told = draft(&mixed, &Hints::default());
    assert_eq!((told.subject.ends_with("dd rows to pager.rs"), told.rule), (true, "source"), "{}", told.subject);
    let comments = mixed.replace("+    pub fn rows() {}", "+    /// Rows.");
    assert_ne!(draft(&comments, &Hints::default()).rule, "comments", "tests are no documentation");
    let new = "diff --git a/src/a.rs b/src/a.rs\nnew file mode 100644\n--- /dev/null\n+++ b/src/a.rs\n@@ -0,0 +1,5 @@\n+fn rows() {}\n+#[cfg(test)]\n+mod tests {\n+    fn counts() {}\n+}\n";
    assert!(subject(new).ends_with("dd a.rs with rows"), "{}", subject(new));
}

#[test]
fn data_of_tests_is_called_what_it_is() {
    for (path, told) in [
        ("tests/ui/fails.stderr", "test: update the expected output of fails"),
        ("tests/snapshots/pager__rows.snap", "test: update the expected output of pager__rows"),
        ("tests/fixtures/rows.json", "test: update rows.json"),
        ("tests/rows.rs", "test: update rows tests"),
        ("tests/changelog.rs", "test: update changelog tests"),
    ] {
        assert_eq!(subject(&edit(path, "", "a", "b")), told);
    }
}

#[test]
fn a_subsystem_stands_in_front_where_history_puts_it() {
    let hints = Hints {
        looks: Looks::Subsystem,
        scopes: vec![("net/".to_owned(), "net".to_owned()), ("Documentation/".to_owned(), "docs".to_owned())],
        ..Hints::default()
    };
    let patch = edit("net/core.c", "int packets(void)", "    a();", "    b();");
    assert_eq!(draft(&patch, &hints).subject, "net: update packets in core.c");
    let told = draft(&(patch + &edit("Documentation/net.rst", "", "a", "b")), &hints);
    assert_eq!(told.subject, "net: update packets in core.c and update net.rst", "the source says where");
}
