//! Git: what changed, in whose style, which hooks stand, and how a message may look. Nothing the
//! repository or its configuration names is ever executed from here.

mod change;

pub use change::{ChangeSet, Contents, FileChange, FileKind, Hunk, Line, LineKind, Path, Status};
