//! A new version of the project itself: its manifests, what they lock, and the log of changes.

use super::Verdict;
use crate::git::{FileChange, Hunk, Line, LineKind, Status};
use crate::tasks::offline::classify::Class;

/// Files that say in their title what every version brings.
const LOGS: [&str; 5] = ["changelog", "changes", "history", "news", "releases"];

/// Nothing but the version of the project is another one, everywhere the same; its log may say what for.
pub(super) fn decide(files: &[&FileChange], classes: &[Class]) -> Option<Verdict> {
    let mut to: Option<String> = None;
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
            Class::Manifest | Class::Config => {
                let version = moved(file)?;
                if to.get_or_insert_with(|| version.clone()) != &version {
                    return None;
                }
            }
            _ => return None,
        }
    }
    let to = to?;
    // Who asks for other packages by the way says more with their names.
    let about =
        |file: &&FileChange| file.added_lines().filter(|l| !l.text.trim().is_empty()).all(|l| l.text.contains(&to));
    let packages = files.iter().zip(classes).filter(|(_, class)| **class != Class::Docs).map(|(file, _)| file);
    let texts = vec![format!("bump version to {to}"), "bump version".to_owned()];
    packages.into_iter().all(about).then_some(Verdict {
        rule: "release",
        type_: Some("chore"),
        texts,
        soft: true,
        body: None,
        packages: Vec::new(),
    })
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
    use crate::tasks::offline::message::tests::{edit, subject};

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
        for other in [
            cargo("dependencies.a") + LOG,
            json("a/package.json", "1.2.0") + &json("b/package.json", "1.3.0"),
            json("package.json", "1.2.0") + &edit("README.md", "", "a", "b"),
            json("package.json", "1.2.0") + &edit("src/a.js", "", "a", "b"),
            json("package.json", "1.2.0") + &edit("b/package.json", "", "    \"a\": \"1.0.0\"", "    \"a\": \"2.0.0\""),
            edit("package.json", "", "      \"version\": \"1.1.0\"", "      \"version\": \"1.2.0\""),
        ] {
            assert!(!subject(&other).contains("version"), "{}", subject(&other));
        }
    }
}
