//! The `offline` provider's rules: a commit message and a review from the diff alone, without any model.
//!
//! Everything here is a pure function of the change and the files on its two sides, so that the same input
//! gives the same words on every machine. The rules stand in `git-workflows.md` §5.5.

pub mod classify;
mod inside;
pub mod lockfile;
pub mod message;
pub mod review;
mod symbol;

pub(super) use inside::{Apart, apart};
pub(super) use symbol::Places;

use crate::git::FileChange;

/// Names that a file's hunks define, define no more, and change inside, as far as single lines tell.
pub(super) fn touched(file: &FileChange) -> [Vec<String>; 3] {
    let symbol::Touched { added, removed, updated } = symbol::touched(file);
    [added, removed, updated]
}

/// The definition that a line on the new side stands in, as far as its hunk tells.
pub(super) fn around(file: &FileChange, line: u32) -> Option<String> {
    Places::new(file).around(line).map(str::to_owned)
}

/// The name that a line defines, if it defines one.
pub(super) fn defined(line: &str) -> Option<&str> {
    symbol::defined(line)
}
