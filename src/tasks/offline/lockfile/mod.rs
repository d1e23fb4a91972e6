//! Lockfiles as what they mean: packages added, removed and bumped. A lockfile's text diff is noise, its
//! package list is one line.

mod listed;
mod node;
mod plain;

use std::collections::{BTreeMap, BTreeSet};

use crate::git::{Contents, FileChange};

/// Lockfiles larger than this, in bytes, are named but not read.
pub const LIMIT: u64 = 16 * 1024 * 1024;

/// One package that a lockfile change added, removed or moved to another version.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PackageChange {
    /// The package's name as its registry spells it.
    pub name: String,
    /// The version before; `None` when added.
    pub from: Option<String>,
    /// The version after; `None` when removed.
    pub to: Option<String>,
    /// The package is locked in some version both before and after.
    pub stays: bool,
}

/// Every version locked, by package name.
pub(crate) type Locked = BTreeMap<String, BTreeSet<String>>;

/// What a lockfile of this name locks; `None` when the format is not known or the text does not parse.
pub(crate) fn read(name: &str, text: &str) -> Option<Locked> {
    match name {
        "Cargo.lock" | "poetry.lock" | "uv.lock" | "pdm.lock" => listed::toml(text),
        "package-lock.json" | "npm-shrinkwrap.json" => node::npm(text),
        "yarn.lock" => Some(node::yarn(text)),
        "pnpm-lock.yaml" => Some(node::pnpm(text)),
        "Pipfile.lock" => listed::pipfile(text),
        "composer.lock" => listed::composer(text),
        "packages.lock.json" => listed::nuget(text),
        "flake.lock" => listed::flake(text),
        "deno.lock" => listed::deno(text),
        "bun.lock" => Some(node::bun(text)),
        "mix.lock" => Some(plain::mix(text)),
        "pubspec.lock" => Some(plain::pubspec(text)),
        "Podfile.lock" => Some(plain::podfile(text)),
        "gradle.lockfile" => Some(plain::gradle(text)),
        "Gemfile.lock" => Some(plain::gemfile(text)),
        "go.sum" => Some(plain::go_sum(text)),
        "go.mod" => Some(plain::go_mod(text)),
        _ => None,
    }
}

/// Packages that the project itself asks for, with the versions locked for each; empty where the format does not tell.
pub(crate) fn direct(name: &str, text: &str) -> Locked {
    match name {
        "Cargo.lock" => listed::cargo_direct(text),
        "pnpm-lock.yaml" => node::pnpm_direct(text),
        _ => Locked::new(),
    }
}

/// Packages that differ between two texts of the lockfile `name`, ordered by name. A missing side is an empty
/// file. `None` when the format is unknown or a side does not parse.
#[must_use]
pub fn changes(name: &str, before: Option<&str>, after: Option<&str>) -> Option<Vec<PackageChange>> {
    let side = |text: Option<&str>| text.map_or_else(|| Some(Locked::new()), |t| read(name, t));
    Some(compare(&side(before)?, &side(after)?))
}

/// Packages that differ between the two sides of a changed lockfile; `None` when they cannot be read.
#[must_use]
pub fn of(file: &FileChange, contents: &dyn Contents) -> Option<Vec<PackageChange>> {
    let before = contents.before(file, LIMIT);
    let after = contents.after(file, LIMIT);
    if (file.old_mode.is_some() && before.is_none()) || (file.new_mode.is_some() && after.is_none()) {
        return None;
    }
    if before.is_none() && after.is_none() {
        return None;
    }
    let text = |bytes: &Option<Vec<u8>>| bytes.as_deref().map(|b| String::from_utf8_lossy(b).into_owned());
    changes(file.path.file_name(), text(&before).as_deref(), text(&after).as_deref())
}

fn compare(before: &Locked, after: &Locked) -> Vec<PackageChange> {
    let none = BTreeSet::new();
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let mut out = Vec::new();
    for name in names {
        let old = before.get(name).unwrap_or(&none);
        let new = after.get(name).unwrap_or(&none);
        let mut gone = old.difference(new);
        let mut come = new.difference(old);
        loop {
            // Where several versions stand side by side, the n-th lost one is taken to have become the n-th new one.
            let (from, to) = (gone.next().cloned(), come.next().cloned());
            if from.is_none() && to.is_none() {
                break;
            }
            out.push(PackageChange { name: name.clone(), from, to, stays: !old.is_empty() && !new.is_empty() });
        }
    }
    out
}

fn lock(out: &mut Locked, name: &str, version: &str) {
    if !name.is_empty() {
        out.entry(name.to_owned()).or_default().insert(version.to_owned());
    }
}

#[cfg(test)]
mod tests;
