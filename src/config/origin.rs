//! Where a value comes from.

use std::path::PathBuf;

/// Where a value comes from, weakest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Nobody set it.
    Default,
    /// A line of the user's file.
    File(PathBuf, usize),
    /// `git config --global monster.…`.
    GitGlobal(String),
    /// `git -c monster.…`.
    GitCommand(String),
    /// A line of the repository's file.
    RepoFile(PathBuf, usize),
    /// `git config monster.…` in the repository.
    GitLocal(String),
    /// A variable.
    Env(String),
    /// A flag.
    Flag,
}

impl Origin {
    /// It lies in a repository, which may have come from anybody.
    #[must_use]
    pub const fn untrusted(&self) -> bool {
        matches!(self, Self::RepoFile(..) | Self::GitLocal(_))
    }
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(path, line) | Self::RepoFile(path, line) => write!(f, "{}:{line}", path.display()),
            Self::GitGlobal(name) => write!(f, "git config --global {name}"),
            Self::GitCommand(name) => write!(f, "git -c {name}"),
            Self::GitLocal(name) => write!(f, "git config {name}"),
            Self::Env(name) => write!(f, "${name}"),
            Self::Flag => f.write_str("flag"),
        }
    }
}
