//! What the repository is in the middle of.

use git2::RepositoryState;

use super::message;
use super::repo::Repo;

/// What `git merge --squash` leaves for the next commit.
const SQUASH: &str = "SQUASH_MSG";

/// What the repository is in the middle of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Nothing.
    Clean,
    /// Files in conflict.
    Unmerged,
    /// A merge.
    Merging,
    /// A merge into one plain commit, `git merge --squash`.
    Squashing,
    /// A cherry-pick.
    CherryPicking,
    /// A revert.
    Reverting,
    /// A rebase.
    Rebasing,
    /// A rebase that stopped for changes to a commit it has made: commits are made as always.
    Editing,
    /// `git am`.
    Applying,
    /// A bisection: commits are made as always.
    Bisecting,
}

impl State {
    /// Git has a message for the next commit already.
    #[must_use]
    pub const fn keeps_message(self) -> bool {
        !matches!(self, Self::Clean | Self::Bisecting | Self::Editing)
    }
}

impl std::fmt::Display for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Clean => "nothing",
            Self::Unmerged => "a conflict",
            Self::Merging => "a merge",
            Self::Squashing => "a squash",
            Self::CherryPicking => "a cherry-pick",
            Self::Reverting => "a revert",
            Self::Rebasing | Self::Editing => "a rebase",
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
                // libgit2 does not look for the message that a squash leaves.
                RepositoryState::Clean if self.git_dir().join(SQUASH).exists() => State::Squashing,
                RepositoryState::Clean => State::Clean,
                RepositoryState::Merge => State::Merging,
                RepositoryState::Revert | RepositoryState::RevertSequence => State::Reverting,
                RepositoryState::CherryPick | RepositoryState::CherryPickSequence => State::CherryPicking,
                RepositoryState::Bisect => State::Bisecting,
                RepositoryState::Rebase | RepositoryState::RebaseInteractive | RepositoryState::RebaseMerge => {
                    self.rebase()
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
            ("rebase-merge", self.rebase()),
            ("rebase-apply", State::Rebasing),
            (SQUASH, State::Squashing),
            ("BISECT_LOG", State::Bisecting),
        ]
        .into_iter()
        .find_map(|(name, state)| there(name).then_some(state))
        .unwrap_or(State::Clean)
    }

    /// A rebase, by what it stopped for: `edit` leaves this file, and no message where the commit could be made.
    fn rebase(&self) -> State {
        let there = |name: &str| self.git_dir().join(name).exists();
        let message = [SQUASH, "MERGE_MSG", "CHERRY_PICK_HEAD"].into_iter().any(there);
        if there("rebase-merge/amend") && !message { State::Editing } else { State::Rebasing }
    }

    /// The message that git has for the next commit, without its comments, where it has one: that of a merge, a squash,
    /// a cherry-pick, a revert, or a rebase that stopped.
    #[must_use]
    pub fn own_message(&self) -> Option<String> {
        if matches!(self.state(), State::Clean | State::Bisecting | State::Editing | State::Applying | State::Unmerged)
        {
            return None;
        }
        // As git puts them together: a squash that conflicted has both.
        let parts: Vec<String> = [SQUASH, "MERGE_MSG"]
            .into_iter()
            .map(|name| self.git_dir().join(name))
            .filter(|path| path.is_file())
            .filter_map(|path| message::finished_in(self, &path).ok())
            .filter(|text| !text.is_empty())
            .collect();
        (!parts.is_empty()).then(|| parts.join("\n\n"))
    }

    /// Files stand in conflict, as the git process sees it.
    pub(super) fn unmerged(&self) -> bool {
        self.git().bytes(&["ls-files", "-u"]).is_ok_and(|out| !out.is_empty())
    }
}
