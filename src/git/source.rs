//! Which change.

/// Which change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// HEAD to index: what `git commit` would take.
    Staged,
    /// Index to working tree.
    Worktree,
    /// Index to working tree, and files that git neither tracks nor ignores.
    WithUntracked,
    /// HEAD to working tree, tracked files only: what `git commit -a` would take.
    Tracked,
    /// The last commit's parent to index: what `git commit --amend` would take.
    Amend,
    /// The last commit's parent to working tree, tracked files only: what `git commit -a --amend` would take.
    AmendTracked,
    /// One commit against its first parent.
    Commit(String),
    /// From one revision to another.
    Range(String, String),
    /// From where two revisions parted to the second.
    Parted(String, String),
    /// All files of a commit, or of a tree that a tag leads to, as if nothing had been there before; its own files say what holds for it.
    Whole(String),
}

/// What git calls a tree with nothing in it, in either format.
const EMPTY: [&str; 2] =
    ["4b825dc642cb6eb9a060e54bf8d69288fbee4904", "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321"];

impl Source {
    /// `A..B`, `A...B` (an empty side is HEAD), or one commit, also as `A^!`. From the empty tree on it is all of a commit.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let side = |s: &str| if s.is_empty() { "HEAD".to_owned() } else { s.to_owned() };
        if let Some((a, b)) = text.split_once("...") {
            return Self::Parted(side(a), side(b));
        }
        match text.split_once("..") {
            Some((a, b)) if EMPTY.contains(&a) => Self::Whole(side(b)),
            Some((a, b)) => Self::Range(side(a), side(b)),
            None => Self::Commit(text.strip_suffix("^!").filter(|rev| !rev.is_empty()).unwrap_or(text).to_owned()),
        }
    }

    /// For people.
    #[must_use]
    pub fn label(&self) -> String {
        match self {
            Self::Staged => "staged".to_owned(),
            Self::Worktree => "working tree".to_owned(),
            Self::WithUntracked => "working tree with untracked files".to_owned(),
            Self::Tracked => "all tracked changes".to_owned(),
            Self::Amend => "amended commit".to_owned(),
            Self::AmendTracked => "amended commit with all tracked changes".to_owned(),
            Self::Commit(rev) | Self::Whole(rev) => rev.clone(),
            Self::Range(a, b) => format!("{a}..{b}"),
            Self::Parted(a, b) => format!("{a}...{b}"),
        }
    }
}
