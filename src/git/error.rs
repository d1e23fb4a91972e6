//! What can be wrong with a repository.

use std::path::PathBuf;

/// What can be wrong with a repository.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    /// There is none.
    #[error("{} is not in a git repository", .0.display())]
    NotARepository(PathBuf),
    /// It has no work tree.
    #[error("this repository is bare: it has nothing staged and no working tree")]
    Bare,
    /// No such revision.
    #[error("there is no revision \"{0}\"")]
    UnknownRevision(String),
    /// A revision that looks like a flag.
    #[error("\"{0}\" is no revision: it begins with a dash")]
    Dash(String),
    /// There is no commit yet.
    #[error("there is no commit yet")]
    Unborn,
    /// No branch to compare with.
    #[error("there is no branch to compare with: neither an upstream, nor origin's default, nor main or master")]
    NoBase,
    /// Something stands where our hook would.
    #[error("{what}")]
    HookTaken {
        /// What stands there.
        what: String,
        /// What to do.
        advice: String,
    },
    /// The patch could not be understood.
    #[error("this is no patch: {0}")]
    Patch(String),
    /// A message file could not be read or written.
    #[error("{} could not be read or written", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The git program is not there or ended badly.
    #[error("git {what} failed: {said}")]
    Process {
        /// The subcommand.
        what: String,
        /// Its last words.
        said: String,
    },
    /// libgit2 says so.
    #[error("the repository could not be read: {}", .0.message())]
    Git(#[from] git2::Error),
}

impl GitError {
    /// What helps.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::NotARepository(_) => {
                Some("run it inside a repository, or give a patch: git diff | monster review -".to_owned())
            }
            Self::Bare => Some("name a commit or a range: monster review HEAD~3..".to_owned()),
            Self::UnknownRevision(_) => Some("see what there is: git log --oneline, git branch -a".to_owned()),
            Self::Unborn => Some("make the first commit: git add FILE, then monster commit".to_owned()),
            Self::NoBase => Some("name one: monster review --base BRANCH".to_owned()),
            Self::HookTaken { advice, .. } => Some(advice.clone()),
            _ => None,
        }
    }

    /// The repository is in no state for the command, as opposed to a failure of reading or writing.
    #[must_use]
    pub const fn about_state(&self) -> bool {
        matches!(self, Self::NotARepository(_) | Self::Bare | Self::Unborn | Self::NoBase | Self::HookTaken { .. })
    }
}
