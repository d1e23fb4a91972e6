//! Manifests and lock files that do not agree after the change.

use std::collections::BTreeSet;

use super::classes::{STALE_LOCK, STALE_MANIFEST};
use super::wanted::{self, Wanted};
use super::{Around, Found, Looked, beside, finding, own};
use crate::git::{Contents, FileChange, Path, Status};
use crate::tasks::offline::classify::Class;
use crate::tasks::offline::lockfile;

/// Larger manifests are not read (bytes).
const LIMIT: u64 = 1 << 20;

/// A manifest and the lock files that follow it.
pub(super) struct Pair {
    /// Its name, or how its name ends where that begins with a dot.
    manifest: &'static str,
    pub(super) locks: &'static [&'static str],
    /// The lock may stand in a folder above (a workspace).
    above: bool,
    /// The lock shows the range that was asked for; where it does not, another range may well leave it as it is.
    ranges: bool,
    /// A package that is no longer wanted leaves the lock.
    leaves: bool,
    wanted: fn(&str) -> Option<Wanted>,
}

const fn pair(manifest: &'static str, locks: &'static [&'static str], wanted: fn(&str) -> Option<Wanted>) -> Pair {
    Pair { manifest, locks, above: false, ranges: true, leaves: true, wanted }
}

#[rustfmt::skip]
pub(super) static PAIRS: [Pair; 12] = [
    Pair {
        above: true,
        ..pair(
            "package.json",
            &["package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", "bun.lock", "bun.lockb"],
            wanted::npm,
        )
    },
    Pair { above: true, ranges: false, ..pair("Cargo.toml", &["Cargo.lock"], wanted::cargo) },
    Pair { above: true, ..pair("pyproject.toml", &["poetry.lock", "uv.lock", "pdm.lock"], wanted::python) },
    pair("go.mod", &["go.sum"], wanted::go),
    pair("composer.json", &["composer.lock"], wanted::composer),
    pair("Gemfile", &["Gemfile.lock"], wanted::gems),
    pair("Pipfile", &["Pipfile.lock"], wanted::pipfile),
    Pair { ranges: false, leaves: false, ..pair("mix.exs", &["mix.lock"], wanted::mix) },
    Pair { ranges: false, ..pair("pubspec.yaml", &["pubspec.lock"], wanted::pub_dev) },
    Pair { ranges: false, ..pair("Podfile", &["Podfile.lock"], wanted::pods) },
    Pair { ranges: false, leaves: false, ..pair("Package.swift", &["Package.resolved"], wanted::swift) },
    pair(".csproj", &["packages.lock.json"], wanted::nuget),
];

pub(super) fn check(around: &Around<'_>, out: &mut Vec<Found>) {
    for it in &around.files {
        if it.class == Class::Manifest && it.file.status != Status::Deleted {
            stale_lock(it, around, out);
        } else if it.class == Class::Lock && it.file.status == Status::Modified {
            stale_manifest(it.file, around, out);
        }
    }
}

fn pair_of(file: &FileChange) -> Option<&'static Pair> {
    let name = file.path.file_name();
    let of = |p: &&Pair| if p.manifest.starts_with('.') { name.ends_with(p.manifest) } else { name == p.manifest };
    PAIRS.iter().find(of)
}

fn stale_lock(it: &Looked<'_>, around: &Around<'_>, out: &mut Vec<Found>) {
    let file = it.file;
    let Some(pair) = pair_of(file) else { return };
    let changed = |path: &str| around.files.iter().any(|f| f.file.path.as_str() == path);
    let Some(lock) = nearest(file.path.as_str(), pair, around).filter(|lock| !changed(lock)) else { return };
    let Some(differs) = difference(pair, file, around.contents) else { return };
    if !rules(&lock, file, around.contents) {
        return;
    }
    let line = file.added_lines().find(|l| l.text.contains(&differs));
    let anchor = line.map_or(differs.as_str(), |l| &l.text);
    let title = format!("{differs} changed and {lock} did not");
    out.push(finding(file, line.and_then(|l| l.new).unwrap_or(0), anchor, STALE_LOCK).titled(&title));
}

/// A lock file that now says something else about the project's own wishes, with no manifest changed.
fn stale_manifest(file: &FileChange, around: &Around<'_>, out: &mut Vec<Found>) {
    let Some(lock) = own::LOCKS.iter().find(|lock| lock.name == file.path.file_name()) else { return };
    let manifest = |it: &Looked<'_>| {
        let name = it.file.path.file_name();
        lock.manifests.iter().any(|m| if m.starts_with('.') { name.ends_with(m) } else { name == *m })
    };
    if around.files.iter().any(manifest) {
        return;
    }
    let text = |bytes: Option<Vec<u8>>| String::from_utf8(bytes?).ok();
    let Some(before) = text(around.contents.before(file, lockfile::LIMIT)) else { return };
    let Some(after) = text(around.contents.after(file, lockfile::LIMIT)) else { return };
    let (Some((tool, old)), Some((same, new))) = ((lock.own)(&before), (lock.own)(&after)) else { return };
    // Another version of the package manager says the same in other words.
    if tool != same {
        return;
    }
    let come: Vec<&String> = new.difference(&old).filter(|wish| !(lock.knows)(&before, wish)).collect();
    let gone = old.difference(&new).find(|wish| !(lock.knows)(&after, wish));
    let name = lock.manifests.first().copied().unwrap_or_default();
    if let Some(wish) = come.first().copied().or(gone)
        && !caught_up(&file.path, name, &come, around)
    {
        let title = format!("The lock file changed {wish} and {name} did not");
        out.push(finding(file, 0, wish, STALE_MANIFEST).titled(&title));
    }
}

/// All that is new in the lock file stands in the manifest beside it already: it was behind.
fn caught_up(lock: &Path, manifest: &str, come: &[&String], around: &Around<'_>) -> bool {
    let beside = beside(lock, manifest);
    if come.is_empty() || !around.stands(&beside) {
        return false;
    }
    let Some(text) = around.contents.base(&beside, LIMIT) else { return false };
    let text = String::from_utf8_lossy(&text);
    // `left-pad ^1`, `left-pad@^1`, `puma (~> 6)`, `requests >=2`.
    let parts = |wish: &str| {
        let at = wish.get(1..).and_then(|w| w.find(['@', ' '])).map_or(wish.len(), |at| at + 1);
        let (name, range) = wish.split_at(at);
        let range = range.trim_matches(|c: char| "@ ()".contains(c));
        (name.to_owned(), range.rsplit(' ').next().unwrap_or_default().trim_start_matches("npm:").to_owned())
    };
    come.iter().all(|wish| {
        let (name, range) = parts(wish);
        let part = |c: char| c.is_alphanumeric() || "-_./@".contains(c);
        text.split(|c| !part(c)).any(|word| word == name) && text.contains(&range)
    })
}

/// The lock file that rules a manifest: beside it, or in a folder above.
fn nearest(manifest: &str, pair: &Pair, around: &Around<'_>) -> Option<String> {
    let mut folder = manifest.rsplit_once('/').map_or("", |(f, _)| f);
    loop {
        let place = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        if let Some(lock) = pair.locks.iter().map(|l| format!("{place}{l}")).find(|l| around.stands(l)) {
            return Some(lock);
        }
        if folder.is_empty() || !pair.above {
            return None;
        }
        folder = folder.rsplit_once('/').map_or("", |(f, _)| f);
    }
}

/// A lock file above names the members of its workspace: templates and examples below it are often none.
fn rules(lock: &str, manifest: &FileChange, contents: &dyn Contents) -> bool {
    let folder = |path: &str| path.rsplit_once('/').map_or(String::new(), |(f, _)| f.to_owned());
    let (above, below) = (folder(lock), folder(manifest.path.as_str()));
    if above == below {
        return true;
    }
    let member = if above.is_empty() { below.as_str() } else { below.get(above.len() + 1..).unwrap_or_default() };
    let text = |path: &str| contents.base(path, lockfile::LIMIT).map(|b| String::from_utf8_lossy(&b).into_owned());
    match lock.rsplit('/').next().unwrap_or_default() {
        "Cargo.lock" => {
            let name = contents.after(manifest, LIMIT).and_then(|b| wanted::crate_name(&String::from_utf8_lossy(&b)));
            name.zip(text(lock)).is_some_and(|(name, text)| text.contains(&format!("name = \"{name}\"\n")))
        }
        "pnpm-lock.yaml" => text(lock).is_some_and(|t| t.contains(&format!("\n  {member}:"))),
        "bun.lockb" => false,
        // Its first format does not say whom it is for.
        "yarn.lock" => {
            let root = if above.is_empty() { "package.json".to_owned() } else { format!("{above}/package.json") };
            let berry = |t: String| t.contains(&format!("workspace:{member}\"")) || !t.contains("__metadata:");
            text(lock).is_some_and(berry) && text(&root).is_some_and(|t| t.contains("\"workspaces\""))
        }
        _ => text(lock).is_some_and(|t| t.contains(&format!("\"{member}\""))),
    }
}

/// What people ask for on both sides of a manifest; `None` where it is of no known kind or cannot be read.
pub(in crate::tasks::offline) fn asked_for(file: &FileChange, contents: &dyn Contents) -> Option<(Wanted, Wanted)> {
    // Go writes down what comes along, too.
    let by_people = |text: &str| {
        let lines = text.lines().filter(|line| !line.trim_end().ends_with("// indirect"));
        lines.fold(String::with_capacity(text.len()), |all, line| all + line + "\n")
    };
    sides(pair_of(file)?, file, contents, &by_people)
}

fn sides(
    pair: &Pair,
    file: &FileChange,
    contents: &dyn Contents,
    of: &dyn Fn(&str) -> String,
) -> Option<(Wanted, Wanted)> {
    let read = |bytes: Vec<u8>| (pair.wanted)(&of(std::str::from_utf8(&bytes).ok()?));
    let after = read(contents.after(file, LIMIT)?)?;
    let before = match contents.before(file, LIMIT) {
        Some(bytes) => read(bytes)?,
        None if file.status == Status::Added => Wanted::new(),
        None => return None,
    };
    Some((before, after))
}

/// The first package that the two sides want differently, in a way that the lock file must show.
fn difference(pair: &Pair, file: &FileChange, contents: &dyn Contents) -> Option<String> {
    let (before, after) = sides(pair, file, contents, &str::to_owned)?;
    let gone: BTreeSet<&String> = before.keys().filter(|k| pair.leaves && !after.contains_key(*k)).collect();
    let come = after.iter().find(|(k, v)| before.get(*k).is_none_or(|old| pair.ranges && old != *v)).map(|(k, _)| k);
    come.or(gone.first().copied()).cloned()
}
