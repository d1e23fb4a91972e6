//! What can be wrong with a repository.

use std::path::PathBuf;

use super::repo::Repo;

/// How git says that something of a repository is missing or broken.
const BROKEN: [&str; 8] = [
    "bad object",
    "unable to read",
    "could not fetch",
    "bad tree",
    "is corrupt",
    "missing object",
    "could not parse commit",
    "Failed to traverse parents",
];

/// The same of the index.
const INDEX: [&str; 7] = [
    "bad index",
    "index file corrupt",
    "index file smaller",
    // A part of it is gone; one that may not be read is another matter.
    "index file open failed: No such file",
    "bad signature 0x",
    "broken index",
    "unordered stage entries",
];

/// libgit2 says that something of a repository is missing or broken.
pub(super) fn broken(error: &git2::Error) -> bool {
    use git2::ErrorClass::{Index, Object, Odb, Tree, Zlib};
    matches!(error.class(), Index | Object | Odb | Tree | Zlib)
}

/// libgit2 says that a branch or a tag cannot be read, as opposed to that there is none of this name.
pub(super) fn unreadable(error: &git2::Error) -> bool {
    error.class() == git2::ErrorClass::Reference && error.code() == git2::ErrorCode::GenericError
}

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
    /// A commit at the edge of a shallow clone: what it changed cannot be told.
    #[error("{0} is where this shallow clone ends: the commit before it is not here")]
    Shallow(String),
    /// Two histories without a common commit.
    #[error("{0} and {1} have no commit in common")]
    NoMergeBase(String, String),
    /// The repository is somebody else's, and git would not read it either.
    #[error("the repository at {} belongs to another user", .0.display())]
    Owner(PathBuf),
    /// Git would read this file, and wait for ever: a pipe, a device.
    #[error("{} is no plain file, and git would read it", .0.display())]
    NotPlain(PathBuf),
    /// A commit or a tree is missing or broken.
    #[error("the repository is damaged or not complete: {0}")]
    Damaged(String),
    /// The index is broken; all else may be well.
    #[error("the repository is damaged or not complete: {0}")]
    Index(String, Anew),
    /// What branches, tags and HEAD lead to cannot be read.
    #[error("the repository is damaged or not complete: {0}")]
    References(String),
    /// Paths that git does not know.
    #[error("git knows no file that matches: {0}")]
    Unmatched(String),
    /// Something stands where our hook would.
    #[error("{what}")]
    HookTaken {
        /// What stands there.
        what: String,
        /// What to do.
        advice: String,
        /// Lines to add by hand, where the advice says so; else empty.
        lines: String,
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
    /// Only git itself reads this repository, and it is not asked for all of a history.
    #[error(
        "in a repository of this format (SHA-256, reftable, another extension) a whole history cannot be looked through"
    )]
    Format,
    /// libgit2 says so.
    #[error("the repository could not be read: {}", .0.message())]
    Git(#[from] git2::Error),
}

/// How an index is made anew.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Anew {
    /// There is no commit yet to make it from.
    pub unborn: bool,
    /// Some files are left out of the work tree, and only the index knows which.
    pub sparse: bool,
}

impl Anew {
    /// Of this repository.
    pub(super) fn of(repo: &Repo) -> Self {
        let on = |value: String| git2::Config::parse_bool(value).unwrap_or(false);
        Self { unborn: repo.head_id().is_none(), sparse: repo.setting("core.sparseCheckout").is_some_and(on) }
    }

    fn hint(self) -> String {
        let aside = "i=\"$(git rev-parse --git-path index)\" && mv \"$i\" \"$i.broken\" && git read-tree";
        if self.unborn {
            return format!("put it aside, then stage again what was staged: {aside} --empty");
        }
        let sparse = if self.sparse { " && git sparse-checkout reapply" } else { "" };
        format!(
            "put it aside, make it anew from the last commit, then stage again what was staged: {aside} HEAD{sparse}"
        )
    }
}

impl GitError {
    /// With what is to be known of the repository for a hint.
    pub(super) fn of(self, repo: &Repo) -> Self {
        match self.judged() {
            Self::Index(said, _) => Self::Index(said, Anew::of(repo)),
            other => other,
        }
    }

    /// What helps.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::NotARepository(_) => Some("run it inside a repository".to_owned()),
            Self::Bare => Some("name a commit or a range: monster review HEAD~3..".to_owned()),
            Self::UnknownRevision(_) => Some("see what there is: git log --oneline, git branch -a".to_owned()),
            Self::Unborn => Some("make the first commit: git add FILE, then monster commit".to_owned()),
            Self::NoBase => Some("name one: monster review --base BRANCH".to_owned()),
            Self::Shallow(_) => Some("fetch what lies before it: git fetch --deepen=1".to_owned()),
            Self::NoMergeBase(a, b) => Some(format!(
                "compare the two as they are: monster review {a}..{b}; in a shallow clone first: git fetch --unshallow"
            )),
            Self::Format => {
                Some("look through all that leads to a commit, and what is there now: monster redact scan \"$(git hash-object -t tree /dev/null)..HEAD\", monster redact scan".to_owned())
            }
            Self::Owner(path) => Some(format!(
                "if you trust it: git config --global --add safe.directory '{}'",
                path.display().to_string().trim_end_matches('/')
            )),
            Self::NotPlain(_) => Some("take it away, or put a plain file in its place".to_owned()),
            Self::Damaged(_) => Some(
                "see what is wrong: git fsck; what a partial clone lacks comes with: git fetch --refetch".to_owned(),
            ),
            Self::Index(_, anew) => Some(anew.hint()),
            Self::References(_) => Some(
                "take away a file that is none of git's (desktop.ini and its like), or put back what git keeps them in (refs or reftable in the git folder), or clone anew and take your files along"
                    .to_owned(),
            ),
            Self::HookTaken { advice, lines, .. } if lines.is_empty() => Some(advice.clone()),
            Self::HookTaken { advice, lines, .. } => Some(format!("{advice}:\n{lines}")),
            _ => None,
        }
    }

    /// The repository is in no state for the command, as opposed to a failure of reading or writing.
    #[must_use]
    pub const fn about_state(&self) -> bool {
        matches!(
            self,
            Self::NotARepository(_)
                | Self::Bare
                | Self::Unborn
                | Self::NoBase
                | Self::Shallow(_)
                | Self::NoMergeBase(..)
                | Self::Owner(_)
                | Self::NotPlain(_)
                | Self::Damaged(_)
                | Self::Index(..)
                | Self::References(_)
                | Self::HookTaken { .. }
        )
    }

    /// The last words of git's process or library, as what they mean where that is known.
    #[must_use]
    pub fn judged(self) -> Self {
        let speaks = |said: &str, words: &[&str]| words.iter().any(|words| said.contains(words));
        match self {
            Self::Process { said, .. } if speaks(&said, &INDEX) => Self::Index(bare(&said), Anew::default()),
            Self::Process { said, .. } if speaks(&said, &BROKEN) => Self::Damaged(bare(&said)),
            Self::Git(error) if error.class() == git2::ErrorClass::Index => {
                Self::Index(error.message().to_owned(), Anew::default())
            }
            Self::Git(error) if unreadable(&error) => Self::References(error.message().to_owned()),
            Self::Git(error) if broken(&error) => Self::Damaged(error.message().to_owned()),
            other => other,
        }
    }
}

/// Without what git says before it.
fn bare(said: &str) -> String {
    said.trim_start_matches("fatal: ").trim_start_matches("error: ").to_owned()
}
