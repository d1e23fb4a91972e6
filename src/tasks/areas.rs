//! The areas of a change: what could be a commit of its own. By paths alone, so that it is told in no time; whether each
//! part builds without the others nobody knows.

use std::collections::BTreeMap;

use super::offline::apart;
use super::offline::classify::{Class, classify};
use crate::git::{ChangeSet, Contents, FileChange};

/// More areas than this are too many commits: the smallest are taken together.
const MOST: usize = 8;

/// Folders that say what kind of thing lies below, not what it is for.
const GENERIC: [&str; 24] = [
    "app",
    "apps",
    "cmd",
    "crates",
    "go",
    "include",
    "internal",
    "java",
    "kotlin",
    "lib",
    "libs",
    "main",
    "modules",
    "packages",
    "pkg",
    "plugins",
    "services",
    "source",
    "sources",
    "spec",
    "src",
    "test",
    "tests",
    "__tests__",
];

/// Files of a change that belong together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Area {
    /// `dependencies`, `docs`, `tests`, or a component's name.
    pub name: String,
    /// Its part of the change.
    pub change: ChangeSet,
}

/// The areas, in an order in which they could be committed: what others rest on comes first. `scopes` are path prefixes
/// and the names that history has for what lies below.
#[must_use]
pub fn areas(change: &ChangeSet, contents: &dyn Contents, scopes: &[(String, String)]) -> Vec<Area> {
    // A source in which nothing but its tests changes is a test.
    let classes = apart(change, contents).files;
    let files = || change.files.iter().zip(&classes);
    let mut of_stem: BTreeMap<String, String> = BTreeMap::new();
    for (file, _) in files().filter(|(_, class)| **class == Class::Source) {
        of_stem.entry(stem(file)).or_insert_with(|| component(file, scopes));
    }
    let known: Vec<String> = of_stem.values().cloned().collect();
    let mut found: BTreeMap<(u8, String), ChangeSet> = BTreeMap::new();
    for (file, class) in files() {
        let own = || component(file, scopes);
        let place = match class {
            Class::Lock | Class::Manifest => (0, "dependencies".to_owned()),
            Class::Vendored => (1, "vendored".to_owned()),
            Class::Docs => (4, "docs".to_owned()),
            Class::Ci => (5, "ci".to_owned()),
            // A test goes with what it tests.
            Class::Test => match (of_stem.get(&stem(file)), own()) {
                (Some(area), _) => (2, area.clone()),
                (None, name) if known.contains(&name) => (2, name),
                (None, _) => (3, "tests".to_owned()),
            },
            Class::Source | Class::Config | Class::Generated | Class::Asset | Class::Minified => (2, own()),
        };
        found.entry(place).or_default().files.push(file.clone());
    }
    let mut out: Vec<Area> = found.into_iter().map(|((_, name), change)| Area { name, change }).collect();
    gather(&mut out);
    out
}

/// Takes the smallest together, in the place of the first of them.
fn gather(areas: &mut Vec<Area>) {
    if areas.len() <= MOST {
        return;
    }
    let mut sizes: Vec<usize> = areas.iter().map(|area| area.change.files.len()).collect();
    sizes.sort_unstable_by(|a, b| b.cmp(a));
    let least = sizes.get(MOST - 1).copied().unwrap_or_default();
    let (mut out, mut rest): (Vec<Area>, Option<usize>) = (Vec::new(), None);
    let mut room = MOST - 1;
    for area in std::mem::take(areas) {
        if area.change.files.len() > least && room > 0 {
            room -= 1;
            out.push(area);
            continue;
        }
        match rest.and_then(|at| out.get_mut(at)) {
            Some(others) => others.change.files.extend(area.change.files),
            None => {
                rest = Some(out.len());
                out.push(Area { name: "everything else".to_owned(), change: area.change });
            }
        }
    }
    *areas = out;
}

/// What a file belongs to: as history calls it, else the first folder that says what it is for.
fn component(file: &FileChange, scopes: &[(String, String)]) -> String {
    let path = file.path.as_str();
    let near = scopes.iter().filter(|(prefix, _)| path.starts_with(prefix.as_str()));
    if let Some((_, scope)) = near.max_by_key(|(prefix, _)| prefix.len()) {
        return scope.clone();
    }
    let mut folders = file.path.folders();
    if let Some(folder) = folders.find(|folder| !GENERIC.contains(folder)) {
        return folder.to_owned();
    }
    match (file.path.folders().last(), classify(file)) {
        (Some(folder), _) => folder.to_owned(),
        (None, Class::Config) => "config".to_owned(),
        (None, _) => "top level".to_owned(),
    }
}

/// The name of a file without what makes it a test of something.
fn stem(file: &FileChange) -> String {
    let lower = file.path.stem().to_lowercase();
    let bare = lower.strip_prefix("test_").unwrap_or(&lower);
    for end in ["_test", "_tests", "_spec", "-test", "-spec", "tests", "test", "spec"] {
        if let Some(stem) = bare.strip_suffix(end).filter(|stem| !stem.is_empty()) {
            return stem.to_owned();
        }
    }
    bare.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::Status;
    use crate::git::patch::{Bare, parse};

    fn told(paths: &[&str], scopes: &[(&str, &str)]) -> Vec<(String, Vec<String>)> {
        let files = paths.iter().map(|path| FileChange::new((*path).into(), Status::Modified)).collect();
        let scopes: Vec<_> = scopes.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
        let names = |change: ChangeSet| change.files.iter().map(|f| f.path.as_str().to_owned()).collect();
        areas(&ChangeSet { files, ..ChangeSet::default() }, &Bare, &scopes)
            .into_iter()
            .map(|area| (area.name, names(area.change)))
            .collect()
    }

    fn row(name: &str, paths: &[&str]) -> (String, Vec<String>) {
        (name.to_owned(), paths.iter().map(|p| (*p).to_owned()).collect())
    }

    #[test]
    fn what_others_rest_on_comes_first_and_a_test_goes_with_what_it_tests() {
        let paths = [
            ".github/workflows/ci.yml",
            "Cargo.lock",
            "Cargo.toml",
            "README.md",
            "src/git/diff.rs",
            "src/ui/table.rs",
            "tests/other.rs",
            "tests/table_test.rs",
        ];
        assert_eq!(
            told(&paths, &[]),
            [
                row("dependencies", &["Cargo.lock", "Cargo.toml"]),
                row("git", &["src/git/diff.rs"]),
                row("ui", &["src/ui/table.rs", "tests/table_test.rs"]),
                row("tests", &["tests/other.rs"]),
                row("docs", &["README.md"]),
                row("ci", &[".github/workflows/ci.yml"]),
            ]
        );
    }

    #[test]
    fn tests_inside_of_a_source_are_tests() {
        let edit = |path: &str, section: &str| {
            format!(
                "diff --git a/{path} b/{path}\n--- a/{path}\n+++ b/{path}\n@@ -9,1 +9,1 @@ {section}\n-    a();\n+    b();\n"
            )
        };
        let patch = edit("src/net/http.rs", "fn close() {") + &edit("src/ui/table.rs", "mod tests {");
        let told = areas(&parse(patch.as_bytes()).unwrap(), &Bare, &[]);
        let names: Vec<&str> = told.iter().map(|area| area.name.as_str()).collect();
        assert_eq!(names, ["net", "tests"]);
        // With what it tests it goes.
        let patch = edit("src/ui/list.rs", "fn rows() {") + &edit("src/ui/table.rs", "mod tests {");
        assert_eq!(areas(&parse(patch.as_bytes()).unwrap(), &Bare, &[]).len(), 1);
    }

    #[test]
    fn history_names_areas_and_packages_of_a_large_repository_are_some() {
        let paths = ["packages/web/src/a.ts", "packages/api/src/b.ts", "packages/api/test/c.test.ts", "src/net/d.rs"];
        assert_eq!(
            told(&paths, &[("src/net/", "transport")]),
            [
                row("api", &["packages/api/src/b.ts", "packages/api/test/c.test.ts"]),
                row("transport", &["src/net/d.rs"]),
                row("web", &["packages/web/src/a.ts"]),
            ]
        );
    }

    #[test]
    fn many_small_areas_are_taken_together_and_no_file_is_lost() {
        let mut paths: Vec<String> = (0..40).map(|n| format!("src/m{n:02}/a.rs")).collect();
        paths.extend((0..3).map(|n| format!("src/large/f{n}.rs")));
        let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
        let told = told(&paths, &[]);
        assert!(told.len() <= MOST, "{told:?}");
        assert!(told.contains(&row("large", &["src/large/f0.rs", "src/large/f1.rs", "src/large/f2.rs"])), "{told:?}");
        let mut all: Vec<&str> = told.iter().flat_map(|(_, files)| files.iter().map(String::as_str)).collect();
        all.sort_unstable();
        let mut wanted = paths.clone();
        wanted.sort_unstable();
        assert_eq!(all, wanted);
    }
}
