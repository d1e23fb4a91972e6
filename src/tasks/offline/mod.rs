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

/// What a change is made of, in one sentence.
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
    format!("Files{place}: {}.", parts.join(", "))
}
