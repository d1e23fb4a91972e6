//! The `offline` provider's rules: a commit message and a review from the diff alone, without any model.
//!
//! Everything here is a pure function of the change and the files on its two sides, so that the same input
//! gives the same words on every machine. The rules stand in `git-workflows.md` §5.5.

pub mod classify;
pub mod lockfile;
pub mod message;
pub mod review;
mod symbol;

use crate::git::{ChangeSet, Status};

/// Definitions named in a summary before they are only counted.
const NAMED: usize = 4;

/// What a change is made of, in one or two sentences: files by what happened to them, then the definitions it touches.
#[must_use]
pub fn summary(change: &ChangeSet) -> String {
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
    .filter_map(|(status, word)| match count(status) {
        0 => None,
        n => Some(format!("{n} {word}")),
    })
    .collect();
    let folder = message::common_folder(&change.files.iter().collect::<Vec<_>>());
    let place = if folder.is_empty() { String::new() } else { format!(" in {folder}") };
    format!("Files{place}: {}.{}", parts.join(", "), definitions(change))
}

/// ` Adds a, b and 3 more; changes c.`; empty when no definition is touched.
fn definitions(change: &ChangeSet) -> String {
    let source = |file: &&crate::git::FileChange| {
        matches!(classify::classify(file), classify::Class::Source | classify::Class::Test)
    };
    let mut all = symbol::Touched::default();
    for file in change.files.iter().filter(source) {
        let one = symbol::touched(file);
        all.added.extend(one.added);
        all.removed.extend(one.removed);
        all.updated.extend(one.updated);
    }
    let list = |verb: &str, names: &[String]| match names.len() {
        0 => None,
        n if n <= NAMED + 1 => Some(format!("{verb} {}", names.join(", "))),
        n => Some(format!("{verb} {} and {} more", names[..NAMED].join(", "), n - NAMED)),
    };
    let parts: Vec<String> = [list("adds", &all.added), list("changes", &all.updated), list("removes", &all.removed)]
        .into_iter()
        .flatten()
        .collect();
    let said = parts.join("; ");
    match said.split_at_checked(1) {
        Some((first, rest)) => format!(" {}{rest}.", first.to_uppercase()),
        None => String::new(),
    }
}
