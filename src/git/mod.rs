//! Git: reading changes, learning style, message files, hooks. Nothing a repository names is ever run by us;
//! committing is git's own work.

mod change;
mod commit;
mod contents;
mod diff;
mod draft;
mod error;
mod history;
pub mod hooks;
pub mod message;
pub mod patch;
mod plumbing;
mod process;
mod rehearse;
mod repo;
mod source;
mod state;
mod versions;

#[cfg(test)]
mod tests;

pub use change::{ChangeSet, Contents, FileChange, FileKind, Hunk, Line, LineKind, Path, Status};
pub use commit::{Commit, Committed};
pub use draft::{Made, made};
pub use error::GitError;
pub use history::{Learned, Looks, Prior};
pub use rehearse::{Rehearsed, rehearse, version};
pub use repo::{Repo, Settings};
pub use source::Source;
pub use state::State;
pub use versions::{Piece, Said, Version, Versions};
