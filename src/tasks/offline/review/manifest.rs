//! Manifests and lock files that do not agree after the change.

use std::collections::{BTreeMap, BTreeSet};

use super::{Found, finding};
use crate::git::{ChangeSet, Contents, FileChange, Path, Status};
use crate::tasks::finding::Severity;
use crate::tasks::offline::classify::{Class, classify};
use crate::tasks::offline::lockfile;

/// Larger manifests are not read (bytes).
const LIMIT: u64 = 1 << 20;

/// Manifests and the lock files that stand beside or above them.
const PAIRS: [(&str, &[&str]); 4] = [
    ("package.json", &["package-lock.json", "yarn.lock", "pnpm-lock.yaml"]),
    ("Cargo.toml", &["Cargo.lock"]),
    ("pyproject.toml", &["poetry.lock", "uv.lock", "pdm.lock"]),
    ("go.mod", &["go.sum"]),
];

/// What a manifest wants: name and requirement.
type Wanted = BTreeMap<String, String>;

pub(super) fn check(change: &ChangeSet, contents: &dyn Contents, tracked: &[Path], out: &mut Vec<Found>) {
    if tracked.is_empty() {
        return;
    }
    let tracked: BTreeSet<&str> = tracked.iter().map(Path::as_str).collect();
    let changed: BTreeSet<&str> = change.files.iter().map(|f| f.path.as_str()).collect();
    for file in &change.files {
        let Some((name, locks)) = PAIRS.iter().find(|(name, _)| *name == file.path.file_name()) else { continue };
        if classify(file) != Class::Manifest || file.status == Status::Deleted {
            continue;
        }
        let Some(lock) = nearest(file.path.as_str(), locks, &tracked).filter(|l| !changed.contains(l.as_str())) else {
            continue;
        };
        let Some(differs) = difference(name, file, contents) else { continue };
        let line = file.added_lines().find(|l| l.text.contains(&differs));
        out.push(finding(
            file,
            line.and_then(|l| l.new).unwrap_or(0),
            line.map_or(differs.as_str(), |l| &l.text),
            "stale-lock",
            Severity::Medium,
            &format!("{differs} changed and {lock} did not"),
            "Builds that insist on the lock file will fail, others will get other versions.",
        ));
    }
}

/// Reads out of a lock file what the project itself asks for.
type Own = fn(&str) -> Option<BTreeSet<String>>;

/// A lock file that now says something else about the project's own wishes, with no manifest changed.
pub(super) fn orphans(change: &ChangeSet, contents: &dyn Contents, out: &mut Vec<Found>) {
    for file in change.files.iter().filter(|f| f.status == Status::Modified) {
        let (manifest, own): (&str, Own) = match file.path.file_name() {
            "Cargo.lock" => ("Cargo.toml", own_of_cargo),
            "package-lock.json" => ("package.json", own_of_npm),
            _ => continue,
        };
        if change.files.iter().any(|f| f.path.file_name() == manifest) {
            continue;
        }
        let read = |bytes: Option<Vec<u8>>| own(std::str::from_utf8(&bytes?).ok()?);
        let (before, after) = (contents.before(file, lockfile::LIMIT), contents.after(file, lockfile::LIMIT));
        let (Some(before), Some(after)) = (read(before), read(after)) else { continue };
        if let Some(wish) = before.symmetric_difference(&after).next() {
            out.push(finding(
                file,
                0,
                wish,
                "stale-manifest",
                Severity::Medium,
                &format!("The lock file changed {wish} and {manifest} did not"),
                "The next run of the package manager takes it back, and builds that insist on the lock file fail.",
            ));
        }
    }
}

/// What the workspace's own packages, which come from nowhere else, depend on. Versions are the lock's to choose.
fn own_of_cargo(text: &str) -> Option<BTreeSet<String>> {
    let root: toml::Table = toml::from_str(text).ok()?;
    let packages = root.get("package").and_then(toml::Value::as_array)?;
    let own = packages.iter().filter(|p| p.get("source").is_none());
    let wishes = own.flat_map(|p| p.get("dependencies").and_then(toml::Value::as_array).into_iter().flatten());
    Some(wishes.filter_map(toml::Value::as_str).filter_map(|d| d.split(' ').next()).map(str::to_owned).collect())
}

/// What npm copied from the manifest.
fn own_of_npm(text: &str) -> Option<BTreeSet<String>> {
    let root: serde_json::Value = serde_json::from_str(text).ok()?;
    let own = root.get("packages")?.get("")?;
    let groups = ["dependencies", "devDependencies", "optionalDependencies"].into_iter();
    let wishes = groups.flat_map(|g| own.get(g).and_then(serde_json::Value::as_object).into_iter().flatten());
    Some(wishes.map(|(name, range)| format!("{name} {}", range.as_str().unwrap_or_default())).collect())
}

/// The lock file that rules a manifest: beside it, or in a folder above (a workspace).
fn nearest(manifest: &str, locks: &[&str], tracked: &BTreeSet<&str>) -> Option<String> {
    let mut folder = manifest.rsplit_once('/').map_or("", |(f, _)| f);
    loop {
        let place = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        if let Some(lock) = locks.iter().map(|l| format!("{place}{l}")).find(|l| tracked.contains(l.as_str())) {
            return Some(lock);
        }
        if folder.is_empty() {
            return None;
        }
        folder = folder.rsplit_once('/').map_or("", |(f, _)| f);
    }
}

/// The first package that the two sides want differently, in a way that the lock file must show.
fn difference(name: &str, file: &FileChange, contents: &dyn Contents) -> Option<String> {
    let after = wanted(name, &contents.after(file, LIMIT)?)?;
    let before = match contents.before(file, LIMIT) {
        Some(bytes) => wanted(name, &bytes)?,
        None if file.status == Status::Added => Wanted::new(),
        None => return None,
    };
    // Cargo's lock file names packages and not what was asked for: another range may well leave it as it is.
    let ranges = name != "Cargo.toml";
    let gone = before.keys().find(|k| !after.contains_key(*k));
    let come = after.iter().find(|(k, v)| before.get(*k).is_none_or(|old| ranges && old != *v)).map(|(k, _)| k);
    come.or(gone).cloned()
}

fn wanted(name: &str, bytes: &[u8]) -> Option<Wanted> {
    let text = std::str::from_utf8(bytes).ok()?;
    match name {
        "package.json" => npm(text),
        "go.mod" => {
            let locked = lockfile::read("go.mod", text)?;
            Some(locked.into_iter().map(|(k, v)| (k, v.into_iter().collect::<Vec<_>>().join(" "))).collect())
        }
        "Cargo.toml" => Some(cargo(&toml::from_str(text).ok()?)),
        _ => Some(python(&toml::from_str(text).ok()?)),
    }
}

fn npm(text: &str) -> Option<Wanted> {
    let root: serde_json::Value = serde_json::from_str(text).ok()?;
    let mut out = Wanted::new();
    for group in ["dependencies", "devDependencies", "optionalDependencies"] {
        for (name, range) in root.get(group).and_then(serde_json::Value::as_object).into_iter().flatten() {
            out.insert(name.clone(), range.to_string());
        }
    }
    Some(out)
}

/// All tables of dependencies, those for single targets too. A workspace's own list locks nothing by itself.
fn cargo(root: &toml::Table) -> Wanted {
    let targets =
        root.get("target").and_then(toml::Value::as_table).into_iter().flatten().filter_map(|(_, t)| t.as_table());
    let mut out = Wanted::new();
    for table in std::iter::once(root).chain(targets) {
        for group in ["dependencies", "dev-dependencies", "build-dependencies"] {
            for (name, value) in table.get(group).and_then(toml::Value::as_table).into_iter().flatten() {
                let real = value.get("package").and_then(toml::Value::as_str).unwrap_or(name);
                out.insert(real.to_owned(), value.to_string());
            }
        }
    }
    out
}

/// `project.dependencies` with its extras, and Poetry's own tables.
fn python(root: &toml::Table) -> Wanted {
    let mut out = Wanted::new();
    let project = root.get("project");
    let list = |v: Option<&toml::Value>| v.and_then(toml::Value::as_array).cloned().unwrap_or_default();
    let mut all = list(project.and_then(|p| p.get("dependencies")));
    for (_, extra) in
        project.and_then(|p| p.get("optional-dependencies")).and_then(toml::Value::as_table).into_iter().flatten()
    {
        all.extend(list(Some(extra)));
    }
    for spec in all.iter().filter_map(toml::Value::as_str) {
        let end = spec.find(|c: char| !c.is_ascii_alphanumeric() && !"-_.".contains(c)).unwrap_or(spec.len());
        let (name, range) = spec.split_at(end);
        out.insert(name.to_owned(), range.trim().to_owned());
    }
    let poetry = root.get("tool").and_then(|t| t.get("poetry"));
    for (name, value) in
        poetry.and_then(|p| p.get("dependencies")).and_then(toml::Value::as_table).into_iter().flatten()
    {
        out.insert(name.clone(), value.to_string());
    }
    out
}
