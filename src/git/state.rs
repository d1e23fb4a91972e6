//! What the repository is in the middle of.

use git2::RepositoryState;

use super::repo::Repo;

/// What the repository is in the middle of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Nothing.
    Clean,
    /// Files in conflict.
    Unmerged,
    /// A merge.
    Merging,
    /// A cherry-pick.
    CherryPicking,
    /// A revert.
    Reverting,
    /// A rebase.
    Rebasing,
    /// `git am`.
    Applying,
    /// A bisection: commits are made as always.
    Bisecting,
}

impl State {
    /// Git has a message for the next commit already.
    #[must_use]
    pub const fn keeps_message(self) -> bool {
        !matches!(self, Self::Clean | Self::Bisecting)
    }
}

impl std::fmt::Display for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Clean => "nothing",
            Self::Unmerged => "a conflict",
            Self::Merging => "a merge",
            Self::CherryPicking => "a cherry-pick",
            Self::Reverting => "a revert",
            Self::Rebasing => "a rebase",
            Self::Applying => "git am",
            Self::Bisecting => "a bisection",
        })
    }
}

impl Repo {
    /// What the repository is in the middle of.
    #[must_use]
    pub fn state(&self) -> State {
        if let Some(repo) = self.inner() {
            // An index that libgit2 cannot read is no index without conflicts.
            if repo.index().map_or_else(|_| self.unmerged(), |i| i.has_conflicts()) {
                return State::Unmerged;
            }
            return match repo.state() {
                RepositoryState::Clean => State::Clean,
                RepositoryState::Merge => State::Merging,
                RepositoryState::Revert | RepositoryState::RevertSequence => State::Reverting,
                RepositoryState::CherryPick | RepositoryState::CherryPickSequence => State::CherryPicking,
                RepositoryState::Bisect => State::Bisecting,
                RepositoryState::Rebase | RepositoryState::RebaseInteractive | RepositoryState::RebaseMerge => {
                    State::Rebasing
                }
                RepositoryState::ApplyMailbox | RepositoryState::ApplyMailboxOrRebase => State::Applying,
            };
        }
        if self.unmerged() {
            return State::Unmerged;
        }
        let there = |name: &str| self.git_dir().join(name).exists();
        [
            ("MERGE_HEAD", State::Merging),
            ("REVERT_HEAD", State::Reverting),
            ("CHERRY_PICK_HEAD", State::CherryPicking),
            ("rebase-merge", State::Rebasing),
            ("rebase-apply", State::Rebasing),
            ("BISECT_LOG", State::Bisecting),
        ]
        .into_iter()
        .find_map(|(name, state)| there(name).then_some(state))
        .unwrap_or(State::Clean)
    }
    /// Files stand in conflict, as the git process sees it.
    pub(super) fn unmerged(&self) -> bool {
        self.git().bytes(&["ls-files", "-u"]).is_ok_and(|out| !out.is_empty())
    }
}
