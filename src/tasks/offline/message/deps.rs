//! Dependencies: what a lock file's thousands of lines mean.

use super::Verdict;
use crate::git::{Contents, FileChange};
use crate::tasks::offline::classify::Class;
use crate::tasks::offline::lockfile::{LIMIT, PackageChange, changes};

/// Longer names are told by their beginning (characters).
const NAME: usize = 32;

/// Types that a habit of history may give a change of locked versions. It adds nothing that a user could see, so it is
/// never a feature, whatever commits of these files were called before.
pub(super) const TYPES: [&str; 5] = ["build", "chore", "deps", "fix", "ci"];

/// Only lock files, or lock files with their manifests.
pub(super) fn decide(files: &[&FileChange], classes: &[Class], contents: &dyn Contents) -> Option<Verdict> {
    let deps = classes.iter().all(|c| matches!(c, Class::Lock | Class::Manifest)) && classes.contains(&Class::Lock);
    if !deps {
        return None;
    }
    let mut all: Vec<PackageChange> = Vec::new();
    for (file, _) in files.iter().zip(classes).filter(|(_, c)| **c == Class::Lock) {
        let text = |bytes: Option<Vec<u8>>| bytes.map(|b| String::from_utf8_lossy(&b).into_owned());
        let (before, after) = (text(contents.before(file, LIMIT)), text(contents.after(file, LIMIT)));
        if before.is_some() || after.is_some() {
            all.extend(changes(file.path.file_name(), before.as_deref(), after.as_deref()).unwrap_or_default());
        }
    }
    all.sort();
    all.dedup();
    let with_manifest = classes.contains(&Class::Manifest);
    Some(Verdict { rule: "lock", type_: Some("build"), text: words(&all, with_manifest), soft: true, body: None })
}

/// A name as far as it fits into a subject.
fn named(change: &PackageChange) -> String {
    if change.name.chars().count() <= NAME {
        return change.name.clone();
    }
    change.name.chars().take(NAME).chain(['…']).collect()
}

fn words(all: &[PackageChange], with_manifest: bool) -> String {
    match all {
        [] if with_manifest => "update dependencies".to_owned(),
        [] => "refresh the lock file".to_owned(),
        [one] => one_package(one),
        many => {
            let bumped: Vec<&PackageChange> = many.iter().filter(|c| c.from.is_some() && c.to.is_some()).collect();
            if bumped.len() == many.len() {
                return match bumped.as_slice() {
                    [a, b] => format!("bump {} and {}", named(a), named(b)),
                    _ => format!("bump {} and {} more packages", named(bumped[0]), bumped.len() - 1),
                };
            }
            let which = |pick: fn(&PackageChange) -> bool| many.iter().filter(|c| pick(c)).collect::<Vec<_>>();
            let (added, removed) = (which(|c| c.from.is_none()), which(|c| c.to.is_none()));
            match (added.as_slice(), removed.as_slice()) {
                ([one], []) => format!("add {} and update {} packages", named(one), many.len() - 1),
                ([], [one]) => format!("remove {} and update {} packages", named(one), many.len() - 1),
                _ => format!("update {} packages", many.len()),
            }
        }
    }
}

fn one_package(change: &PackageChange) -> String {
    match (&change.from, &change.to) {
        (None, Some(to)) => format!("add {} {to}", named(change)),
        (Some(from), None) => format!("remove {} {from}", named(change)),
        (Some(from), Some(to)) => format!("bump {} {from} → {to}", named(change)),
        (None, None) => format!("update {}", named(change)),
    }
}
