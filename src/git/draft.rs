//! What a commit is known by before it is there, and which commits were made.

use std::path::Path as FsPath;

use super::error::GitError;
use super::repo::Repo;
use super::source::Source;
use super::tree;
use crate::world::Env;

/// How far back HEAD's own log is read (entries).
const BACK: &str = "1000";
/// Variables that would lead from one repository into another.
const ELSEWHERE: [&str; 4] = ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR"];

/// A commit that HEAD stood on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// Its id.
    pub id: String,
    /// What it was known by as a draft: see [`Repo::draft`].
    pub draft: String,
}

impl Repo {
    /// What the commit that `git commit` would make now will be known by: `PARENTS:TREE`. A message may be written
    /// anew, or in an editor, and the commit is still found. `None` where nobody can tell yet.
    #[must_use]
    pub fn draft(&self, source: &Source) -> Option<String> {
        let parents = match source {
            Source::Staged => self.head_id().unwrap_or_default(),
            Source::Amend => self.git().line(&["log", "-1", "--format=%P", "HEAD"]).ok()?,
            _ => return None,
        };
        Some(format!("{parents}:{}", tree::staged(self)?))
    }

    /// The commit that a change comes from, where it is one already.
    #[must_use]
    pub fn commit_of(&self, source: &Source) -> Option<String> {
        let rev = match source {
            Source::Commit(rev) | Source::Range(_, rev) | Source::Parted(_, rev) | Source::Whole(rev) => rev,
            Source::Staged
            | Source::Worktree
            | Source::WithUntracked
            | Source::Tracked
            | Source::Amend
            | Source::AmendTracked => return None,
        };
        self.commit_named(rev)
    }

    /// The commit that a change begins at; of one commit, that commit. Two changes with the same beginning and label are
    /// states of one. Full hex.
    #[must_use]
    pub fn begins(&self, source: &Source) -> Option<String> {
        match source {
            Source::Staged
            | Source::Worktree
            | Source::WithUntracked
            | Source::Tracked
            | Source::Amend
            | Source::AmendTracked => self.head_id(),
            Source::Commit(rev) | Source::Range(rev, _) => self.commit_named(rev),
            Source::Whole(_) => None,
            Source::Parted(one, other) => {
                let (one, other) = (self.commit_named(one)?, self.commit_named(other)?);
                self.git().line(&["merge-base", &one, &other]).ok()
            }
        }
    }

    fn commit_named(&self, rev: &str) -> Option<String> {
        match self.inner() {
            Some(repo) => Some(repo.revparse_single(rev).ok()?.peel_to_commit().ok()?.id().to_string()),
            None => {
                let commit = format!("{rev}^{{commit}}");
                self.git().line(&["rev-parse", "--verify", "-q", "--end-of-options", &commit]).ok()
            }
        }
    }
}

/// The commits that HEAD of the work tree at `root` has stood on, newest first; also those that were amended or
/// rebased away since. Without a log of HEAD, those that it comes from.
///
/// # Errors
/// [`GitError`] where there is no repository any more.
pub fn made(root: &FsPath, env: &Env) -> Result<Vec<Made>, GitError> {
    // Where we are called from is another repository, perhaps one that a hook runs for.
    let env = Env::fixed(env.vars().filter(|(name, _)| !ELSEWHERE.contains(name)), root);
    let git = Repo::discover(root, &env)?.git();
    let log =
        |walk: &[&str]| git.bytes(&[&["log"], walk, &["-n", BACK, "--format=%H%x09%P:%T", "HEAD", "--"]].concat());
    let out = match log(&["-g"]) {
        Ok(out) if !out.is_empty() => out,
        _ => log(&["--first-parent"])?,
    };
    let text = String::from_utf8_lossy(&out);
    let made =
        |line: &str| line.split_once('\t').map(|(id, draft)| Made { id: id.to_owned(), draft: draft.to_owned() });
    Ok(text.lines().filter_map(made).collect())
}
