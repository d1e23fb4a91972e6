//! Git: reading changes, learning style, message files, hooks. Nothing a repository names is ever run by us;
//! committing is git's own work.

mod apart;
mod attributes;
mod change;
mod commit;
mod contents;
mod diff;
mod draft;
mod error;
mod glob;
mod head;
pub mod hooks;
mod lfs;
mod lines;
pub mod message;
mod named;
mod parse;
mod past;
pub mod patch;
mod plain;
mod plumbing;
mod prefix;
mod process;
mod published;
mod rehearse;
mod repo;
mod snapshot;
mod source;
mod space;
mod state;
pub mod style;
mod tree;
mod trial;
mod undone;
mod untracked;
mod versions;

#[cfg(test)]
mod tests;

pub use change::{ChangeSet, Contents, FileChange, FileKind, Hunk, Line, LineKind, Path, Status};
pub use commit::{Commit, Committed, DRAFTED, How, Kept};
pub use draft::{Made, made};
pub use error::GitError;
pub use head::HeadFiles;
pub use named::{Meddling, apart, meddles, named, only, take_edit};
pub use rehearse::{Rehearsed, rehearse, version};
pub use repo::{Repo, Settings};
pub use snapshot::Snapshot;
pub use source::Source;
pub use state::State;
pub use style::{Habits, Learned, Looks, Ours, Prior};
pub use trial::takes;
pub use undone::Undone;
pub use versions::{Piece, Said, Version, Versions};
