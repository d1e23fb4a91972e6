//! What a change is, before anything is said about it: five lines by rule, and a model's own sentences where there are.

use std::collections::BTreeMap;

use crate::git::{ChangeSet, Contents, FileChange, FileKind, Status};
use crate::tasks::finding::{Finding, Severity};
use crate::tasks::offline;
use crate::tasks::offline::classify::Class;
use crate::tasks::offline::message::common_folder;

/// Names that are told of one kind.
const NAMED: usize = 3;

/// Places and names that say what may go wrong, by words of a path.
const RISKY: &[(&str, &[&str])] = &[
    (
        "signing in and rights",
        &["acl", "auth", "login", "logout", "oauth", "permission", "permissions", "rbac", "session", "sessions"],
    ),
    (
        "cryptography and secrets",
        &["cipher", "crypto", "encryption", "jwt", "keys", "secret", "secrets", "tls", "vault"],
    ),
    ("stored data", &["migrate", "migration", "migrations", "schema", "sql"]),
    ("money", &["billing", "checkout", "invoice", "invoices", "payment", "payments", "pricing"]),
];

/// The lines, one to a sentence, ended by none. What is changed beside it counts where tests are looked for. Always five, or none where there is no file to speak of.
#[must_use]
pub(super) fn by_rules(
    change: &ChangeSet,
    beside: &ChangeSet,
    contents: &dyn Contents,
    findings: &[Finding],
) -> String {
    if change.is_empty() {
        return String::new();
    }
    let told = offline::apart(change, contents);
    let files: Vec<(Class, &FileChange)> = told.classes.iter().copied().zip(&told.change.files).collect();
    let other = offline::apart(beside, contents);
    let beside: Vec<(Class, &FileChange)> = other.classes.iter().copied().zip(&other.change.files).collect();
    let within: Vec<&FileChange> = told.within.iter().chain(&other.within).copied().collect();
    let tests = tests(&files, &beside, &within);
    [what(&files), place(change), size(change), tests, risk(&files, findings)].join("\n")
}

/// A change with what each file is for.
type Files<'c> = [(Class, &'c FileChange)];

/// A model's sentences before what the rules say.
#[must_use]
pub(super) fn with(sentences: &str, by_rules: &str) -> String {
    [sentences, by_rules].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n")
}

fn list(names: &[String]) -> String {
    match names.len() {
        n if n <= NAMED + 1 => names.join(", "),
        n => format!("{} and {} more", names.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", "), n - NAMED),
    }
}

fn of(files: &Files<'_>, wanted: &[Class]) -> Vec<String> {
    let wanted = |class: Class, f: &FileChange| wanted.contains(&class) && Kind::of(class, f) == Kind::Class(class);
    files.iter().filter(|(class, f)| wanted(*class, f)).map(|(_, f)| f.path.to_string()).collect()
}

/// What a file is called: by what it is, where its name says nothing of that, else by what it is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Class(Class),
    /// Words or rows, and no program.
    Text,
    Binary,
    Link,
    /// Git LFS keeps elsewhere what it stands for.
    Pointer,
    /// A commit of another repository is no file of this one.
    Submodule,
}

impl Kind {
    fn of(class: Class, file: &FileChange) -> Self {
        let vague = matches!(class, Class::Source | Class::Config);
        match file.kind {
            FileKind::Submodule { .. } => Self::Submodule,
            FileKind::Symlink => Self::Link,
            _ if file.lfs => Self::Pointer,
            FileKind::Binary { .. } if vague => Self::Binary,
            FileKind::Text if vague && TEXTS.contains(&file.path.extension().as_str()) => Self::Text,
            _ => Self::Class(class),
        }
    }

    const fn word(self, n: usize) -> &'static str {
        match (self, n) {
            (Self::Class(class), n) => kind(class, n),
            (Self::Text, 1) => "text file",
            (Self::Text, _) => "text files",
            (Self::Binary, 1) => "binary file",
            (Self::Binary, _) => "binary files",
            (Self::Link, 1) => "symbolic link",
            (Self::Link, _) => "symbolic links",
            (Self::Pointer, 1) => "Git LFS pointer",
            (Self::Pointer, _) => "Git LFS pointers",
            (Self::Submodule, 1) => "submodule",
            (Self::Submodule, _) => "submodules",
        }
    }
}

/// Endings of plain text that is neither documentation nor a program.
const TEXTS: [&str; 6] = ["csv", "log", "out", "text", "tsv", "txt"];

/// What it adds, changes and removes; where no definition is touched, what kinds of files it is about.
fn what(files: &Files<'_>) -> String {
    // Tests go along with what they test; where there is nothing else, they are what it is about.
    if let Some(told) = definitions(files, Class::Source).or_else(|| definitions(files, Class::Test)) {
        return format!("What: {told}");
    }
    let mut kinds: BTreeMap<Kind, usize> = BTreeMap::new();
    let mut last = None;
    for (class, file) in files {
        // Of a source with its tests the source counts.
        if last.replace(&file.path) != Some(&file.path) {
            *kinds.entry(Kind::of(*class, file)).or_default() += 1;
        }
    }
    let kinds: Vec<String> = kinds.into_iter().map(|(kind, n)| format!("{n} {}", kind.word(n))).collect();
    format!("What: {}", kinds.join(", "))
}

/// The definitions that files of a kind touch.
fn definitions(files: &Files<'_>, wanted: Class) -> Option<String> {
    let mut all: [Vec<String>; 3] = Default::default();
    for (_, file) in files.iter().filter(|(class, file)| Kind::of(*class, file) == Kind::Class(wanted)) {
        for (all, one) in all.iter_mut().zip(offline::touched(file)) {
            all.extend(one);
        }
    }
    let [added, removed, updated] = &all;
    let parts: Vec<String> = [("adds", added), ("changes", updated), ("removes", removed)]
        .into_iter()
        .filter(|(_, names)| !names.is_empty())
        .map(|(verb, names)| format!("{verb} {}", list(names)))
        .collect();
    (!parts.is_empty()).then(|| parts.join("; "))
}

pub(super) const fn kind(class: Class, n: usize) -> &'static str {
    match (class, n) {
        (Class::Source, 1) => "source file",
        (Class::Source, _) => "source files",
        (Class::Test, 1) => "test",
        (Class::Test, _) => "tests",
        (Class::Docs, 1) => "document",
        (Class::Docs, _) => "documents",
        (Class::Config, 1) => "setting file",
        (Class::Config, _) => "setting files",
        (Class::Ci, _) => "of the build server",
        (Class::Lock, 1) => "lock file",
        (Class::Lock, _) => "lock files",
        (Class::Manifest, 1) => "manifest",
        (Class::Manifest, _) => "manifests",
        (Class::Generated, _) => "generated",
        (Class::Vendored, _) => "vendored",
        (Class::Asset, 1) => "asset",
        (Class::Asset, _) => "assets",
        (Class::Minified, _) => "minified",
    }
}

fn place(change: &ChangeSet) -> String {
    let count = |status: Status| change.files.iter().filter(|f| f.status == status).count();
    let parts: Vec<String> = [
        (Status::Added, "added"),
        (Status::Modified, "modified"),
        (Status::Deleted, "deleted"),
        (Status::Renamed, "renamed"),
        (Status::Copied, "copied"),
        (Status::TypeChanged, "changed in type"),
        (Status::Unmerged, "in conflict"),
    ]
    .into_iter()
    .filter_map(|(status, word)| Some((count(status), word)).filter(|(n, _)| *n > 0))
    .map(|(n, word)| format!("{n} {word}"))
    .collect();
    let at = match change.files.as_slice() {
        [one] => one.path.to_string(),
        files => match common_folder(&files.iter().collect::<Vec<_>>()) {
            folder if !folder.is_empty() => folder,
            _ if files.iter().all(|f| f.path.folders().next().is_none()) => "the top folder".to_owned(),
            _ => "several folders".to_owned(),
        },
    };
    format!("Where: {at}: {}", parts.join(", "))
}

fn size(change: &ChangeSet) -> String {
    let files = if change.files.len() == 1 { "file" } else { "files" };
    let mut out = format!("Size: +{} -{} lines in {} {files}", change.added(), change.removed(), change.files.len());
    let most = change.files.iter().max_by_key(|f| f.added.saturating_add(f.removed));
    if let Some(file) = most.filter(|f| change.files.len() > 1 && f.added + f.removed > 0) {
        out.push_str(&format!(", most in {} (+{} -{})", file.path, file.added, file.removed));
    }
    out
}

fn tests(files: &Files<'_>, beside: &Files<'_>, within: &[&FileChange]) -> String {
    let inside: Vec<String> = within.iter().map(|f| f.path.to_string()).collect();
    let mut own = of(files, &[Class::Test]);
    own.extend(of(beside, &[Class::Test]));
    own.retain(|path| !inside.contains(path));
    let parts: Vec<String> = [("", own), ("inside ", inside)]
        .into_iter()
        .filter(|(_, paths)| !paths.is_empty())
        .map(|(word, paths)| format!("{word}{}", list(&paths)))
        .collect();
    if !parts.is_empty() {
        return format!("Tests: {}", parts.join("; "));
    }
    let source = !of(files, &[Class::Source]).is_empty();
    format!("Tests: none touched{}", if source { ", though source is" } else { "" })
}

/// Classes of risk by place, by kind of file, and by what the rules found.
fn risk(files: &Files<'_>, findings: &[Finding]) -> String {
    let mut out: Vec<String> = Vec::new();
    for (name, words) in RISKY {
        let risky = |f: &FileChange| {
            f.path.as_str().to_lowercase().split(|c: char| !c.is_alphanumeric()).any(|w| words.contains(&w))
        };
        if files.iter().any(|(class, f)| !matches!(class, Class::Docs | Class::Test) && risky(f)) {
            out.push((*name).to_owned());
        }
    }
    for (name, classes) in
        [("the build server", &[Class::Ci][..]), ("dependencies", &[Class::Manifest, Class::Lock][..])]
    {
        if !of(files, classes).is_empty() {
            out.push(name.to_owned());
        }
    }
    let gone = files.iter().filter(|(_, f)| f.status == Status::Deleted).count();
    if gone > 0 {
        out.push(format!("{gone} deleted"));
    }
    let mut grave: Vec<String> =
        findings.iter().filter(|f| f.severity >= Severity::High).map(|f| f.class.clone()).collect();
    grave.sort();
    grave.dedup();
    out.extend(grave);
    format!("Risk: {}", if out.is_empty() { "no class that the rules know".to_owned() } else { out.join(", ") })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::patch::{Bare, parse};

    #[test]
    fn five_lines_say_what_where_how_much_what_tests_and_what_risk() {
        let patch = "diff --git a/src/auth/login.rs b/src/auth/login.rs\n--- a/src/auth/login.rs\n+++ b/src/auth/login.rs\n@@ -1,2 +1,3 @@\n fn a() {\n+    go();\n }\ndiff --git a/Cargo.toml b/Cargo.toml\n--- a/Cargo.toml\n+++ b/Cargo.toml\n@@ -1,1 +1,1 @@\n-a = 1\n+a = 2\n";
        let change = parse(patch.as_bytes()).unwrap();
        let told = by_rules(&change, &ChangeSet::default(), &Bare, &[]);
        assert_eq!(
            told,
            "What: changes a\nWhere: several folders: 2 modified\nSize: +2 -1 lines in 2 files, most in Cargo.toml (+1 -1)\nTests: none touched, though source is\nRisk: signing in and rights, dependencies"
        );
        let beside = parse(b"diff --git a/tests/login.rs b/tests/login.rs\n--- a/tests/login.rs\n+++ b/tests/login.rs\n@@ -1 +1 @@\n-a\n+b\n");
        let part = by_rules(&change, &beside.unwrap(), &Bare, &[]);
        assert_eq!(part, told.replace("none touched, though source is", "tests/login.rs"), "a part knows of the tests");
        assert_eq!(with("It goes.", &told).lines().count(), 6);
        assert_eq!(with("", &told), told);
    }

    #[test]
    fn tests_inside_of_a_source_are_told_and_what_is_no_file_is_no_source() {
        let told = |patch: &str| by_rules(&parse(patch.as_bytes()).unwrap(), &ChangeSet::default(), &Bare, &[]);
        let of = |all: &str, word: &str| all.lines().find(|l| l.starts_with(word)).unwrap().to_owned();
        let edit =
            |path: &str, hunks: &str| format!("diff --git a/{path} b/{path}\n--- a/{path}\n+++ b/{path}\n{hunks}");
        let inside = "@@ -40,2 +40,2 @@ mod tests {\n     fn counts() {\n-        one();\n+        two();\n     }\n";
        let product = "@@ -1,1 +1,2 @@\n use a;\n+pub fn rows() {}\n";
        let mixed = told(&edit("src/a.rs", &format!("{product}{inside}")));
        assert_eq!(of(&mixed, "What"), "What: adds rows");
        assert_eq!(of(&mixed, "Tests"), "Tests: inside src/a.rs");
        assert_eq!(of(&mixed, "Size"), "Size: +2 -1 lines in 1 file");
        let alone = told(&format!("{}{}", edit("src/a.rs", inside), edit("tests/a.rs", "@@ -1 +1 @@\n-a\n+b\n")));
        assert_eq!(of(&alone, "What"), "What: changes counts");
        assert_eq!(of(&alone, "Tests"), "Tests: tests/a.rs; inside src/a.rs");

        let top = told(&format!("{}{}", edit("a.rs", "@@ -1 +1 @@\n-a\n+b\n"), edit("b.rs", "@@ -1 +1 @@\n-a\n+b\n")));
        assert_eq!(of(&top, "Where"), "Where: the top folder: 2 modified");
        let pointer = told(
            "diff --git a/lib/rows b/lib/rows\nindex 1111111..2222222 160000\n--- a/lib/rows\n+++ b/lib/rows\n@@ -1 +1 @@\n-Subproject commit 1111111\n+Subproject commit 2222222\n",
        );
        assert_eq!(of(&pointer, "What"), "What: 1 submodule");
        assert_eq!(of(&pointer, "Tests"), "Tests: none touched");
    }

    #[test]
    fn what_is_no_source_is_called_what_it_is() {
        let new = |path: &str, mode: &str, text: &str| {
            format!(
                "diff --git a/{path} b/{path}\nnew file mode {mode}\n--- /dev/null\n+++ b/{path}\n@@ -0,0 +1 @@\n+{text}\n"
            )
        };
        let lfs = "version https://git-lfs.github.com/spec/v1";
        let patch = [
            new("current", "120000", "releases/4"),
            new("robots.txt", "100644", "Disallow: /"),
            new("rows.csv", "100644", "fn a() {}"),
            new("model.weights", "100644", lfs),
            "diff --git a/a.blob b/a.blob\nnew file mode 100644\nindex 0000000..1111111\nBinary files /dev/null and b/a.blob differ\n"
                .to_owned(),
        ];
        let change = parse(patch.concat().as_bytes()).unwrap();
        let told = by_rules(&change, &ChangeSet::default(), &Bare, &[]);
        let first = "What: 2 text files, 1 binary file, 1 symbolic link, 1 Git LFS pointer\n";
        assert!(told.starts_with(first) && told.contains("Tests: none touched\n"), "{told}");
    }

    #[test]
    fn no_change_is_without_its_five_lines() {
        for patch in [
            "diff --git a/README.md b/README.md\n--- a/README.md\n+++ b/README.md\n@@ -1,1 +1,1 @@\n-a\n+b\n",
            "diff --git a/a.png b/a.png\nnew file mode 100644\nindex 0000000..1111111\nBinary files /dev/null and b/a.png differ\n",
        ] {
            let told = by_rules(&parse(patch.as_bytes()).unwrap(), &ChangeSet::default(), &Bare, &[]);
            assert_eq!(told.lines().count(), 5, "{told}");
            assert!(told.lines().all(|line| line.split_once(": ").is_some_and(|(_, what)| !what.is_empty())), "{told}");
        }
    }
}
