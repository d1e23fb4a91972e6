//! A new version of the project itself: its manifests, what they lock, and the log of changes.

use super::deps::{LISTED, more};
use super::{Verdict, plain};
use crate::git::{Contents, FileChange, Hunk, Line, LineKind, Status};
use crate::tasks::offline::classify::Class;
use crate::tasks::offline::lockfile::LIMIT;

/// Files that say in their title what every version brings.
const LOGS: [&str; 5] = ["changelog", "changes", "history", "news", "releases"];

/// A package of the project, and its new version.
struct Released {
    name: String,
    to: String,
}

/// Nothing but the version of the project is another one, or those of its packages; the log may say what for.
pub(super) fn decide(files: &[&FileChange], classes: &[Class], contents: &dyn Contents) -> Option<Verdict> {
    let (mut all, mut others) = (Vec::new(), Vec::new());
    for (file, class) in files.iter().zip(classes) {
        if file.status != Status::Modified || file.mode_only() {
            return None;
        }
        match class {
            Class::Docs => {
                let stem = file.path.file_name().split('.').next().unwrap_or_default().to_lowercase();
                LOGS.contains(&stem.as_str()).then_some(())?;
            }
            Class::Lock => {}
            Class::Manifest | Class::Config => match moved(file) {
                Some(to) => all.push(Released { name: named(file, contents), to }),
                None => others.push(*file),
            },
            _ => return None,
        }
    }
    // Who asks for other packages by the way says more with their names.
    let about = |line: &Line| line.text.trim().is_empty() || all.iter().any(|one| line.text.contains(&one.to));
    let packages = files.iter().zip(classes).filter(|(_, class)| **class != Class::Docs).map(|(file, _)| file);
    // Packages of the project ask for each other, and so does their workspace.
    let own = |line: &Line| all.iter().any(|one| line.text.contains(&one.name) && line.text.contains(&one.to));
    let follow = others.iter().all(|file| file.added > 0 && file.added_lines().all(own));
    if all.is_empty() || !follow || !packages.flat_map(|file| file.added_lines()).all(about) {
        return None;
    }
    let (texts, body) = told(&all);
    Some(Verdict { rule: "release", type_: Some("chore"), texts, soft: true, body, packages: Vec::new() })
}

/// One version is the project's; of several each is a package's.
fn told(all: &[Released]) -> (Vec<String>, Option<String>) {
    let Some(first) = all.first() else { return (Vec::new(), None) };
    if all.iter().all(|one| one.to == first.to) {
        return (vec![format!("bump version to {}", first.to), "bump version".to_owned()], None);
    }
    let said = |one: &Released| format!("{} {}", one.name, one.to);
    let count = format!("release {} packages", all.len());
    match all {
        [a, b] => (vec![format!("release {} and {}", said(a), said(b)), count], None),
        _ => {
            let mut lines: Vec<String> =
                all.iter().take(LISTED).map(|one| plain(&format!("- {}", said(one)))).collect();
            if all.len() > LISTED {
                lines.push(format!("- and {}", more(all.len() - LISTED)));
            }
            (vec![count], Some(lines.join("\n")))
        }
    }
}

/// What a package calls itself, else its folder.
fn named(file: &FileChange, contents: &dyn Contents) -> String {
    let text = contents.after(file, LIMIT).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let shown = || file.hunks.iter().flat_map(|hunk| &hunk.lines).filter(|line| line.kind != LineKind::Removed);
    let text = text.unwrap_or_else(|| shown().map(|line| format!("{}\n", line.text)).collect());
    let json = file.path.extension() == "json";
    let name = |line: &str| {
        let rest = if json { line.trim().strip_prefix("\"name\"") } else { line.strip_prefix("name") }?;
        let value = rest.trim_start().strip_prefix(if json { ':' } else { '=' })?.trim_start().strip_prefix('"')?;
        value.split_once('"').map(|(name, _)| name.to_owned())
    };
    let folder = || file.path.folders().last().unwrap_or(file.path.stem()).to_owned();
    text.lines().find_map(name).unwrap_or_else(folder)
}

/// The version that a manifest has now, where it had another one before.
fn moved(file: &FileChange) -> Option<String> {
    let json = file.path.extension() == "json";
    let of = |kind: LineKind| {
        file.hunks.iter().find_map(|hunk| {
            let at = hunk.lines.iter().position(|line| line.kind == kind && version(&line.text, json).is_some())?;
            let line = hunk.lines.get(at)?;
            (json || own(hunk, at)).then(|| version(&line.text, json)).flatten()
        })
    };
    let (old, new) = (of(LineKind::Removed)?, of(LineKind::Added)?);
    (old != new).then(|| new.to_owned())
}

fn version(line: &str, json: bool) -> Option<&str> {
    // Deeper down in JSON it is that of something else.
    let deep = line.len() - line.trim_start().len() > 4;
    let text = line.trim();
    let rest = if json { text.strip_prefix("\"version\"") } else { text.strip_prefix("version") }?.trim_start();
    let value = rest.strip_prefix(if json { ':' } else { '=' })?.trim().trim_end_matches(',');
    let (value, behind) = value.strip_prefix('"')?.split_once('"')?;
    // Behind it TOML may have a comment.
    if !behind.is_empty() && (json || !behind.trim_start().starts_with('#')) {
        return None;
    }
    let plain = value.chars().all(|c| c.is_ascii_alphanumeric() || ".-+".contains(c));
    (!deep && plain && value.starts_with(|c: char| c.is_ascii_digit())).then_some(value)
}

/// The table above says that the version is that of a package of this project, and not of one that it asks for.
fn own(hunk: &Hunk, at: usize) -> bool {
    let head = |line: &&Line| line.text.starts_with('[');
    let above = hunk.lines.get(..at).unwrap_or_default().iter().rev().find(head);
    above.is_some_and(|line| {
        matches!(line.text.trim(), "[package]" | "[workspace.package]" | "[project]" | "[tool.poetry]")
    })
}

#[cfg(test)]
mod tests {
    use crate::tasks::offline::message::Hints;
    use crate::tasks::offline::message::tests::{draft, edit, subject};

    const LOG: &str = "diff --git a/CHANGELOG.md b/CHANGELOG.md\n--- a/CHANGELOG.md\n+++ b/CHANGELOG.md\n@@ -1,1 +1,2 @@\n+## 1.2.0\n # Changes\n";

    #[test]
    fn a_new_version_is_told_as_one() {
        let json =
            |path: &str, to: &str| edit(path, "", "  \"version\": \"1.1.0\",", &format!("  \"version\": \"{to}\","));
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
}
