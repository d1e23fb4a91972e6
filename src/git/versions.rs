//! Every version that a file ever had, and what git would leave out of a folder.

use std::collections::{HashSet, VecDeque};
use std::path::{Component, Path as FsPath};

use git2::{FileMode, Oid, Repository, Sort};

use super::Path;
use super::error::GitError;
use super::repo::Repo;

/// One version of one file.
#[derive(Debug, Clone)]
pub struct Version {
    /// The oldest commit that has it, full hex.
    pub commit: String,
    /// Where it stands there.
    pub path: Path,
    /// The content; `None` when it is larger than asked for.
    pub bytes: Option<Vec<u8>>,
}

/// Walks all commits that a branch, a tag or HEAD leads to, the oldest first, and gives every version once.
pub struct Versions<'r> {
    repo: &'r Repository,
    commits: Vec<Oid>,
    next: usize,
    seen: HashSet<Oid>,
    waiting: VecDeque<(Oid, Oid, Path)>,
    limit: u64,
}

impl Repo {
    /// Every version of every file, content up to `limit` bytes.
    ///
    /// # Errors
    /// [`GitError`]: no commit yet, or a format that only git itself reads.
    pub fn versions(&self, limit: u64) -> Result<Versions<'_>, GitError> {
        let Some(repo) = self.inner() else {
            return Err(GitError::Process {
                what: "log".to_owned(),
                said: "the history of a repository in this format is not read; scan ranges of it instead".to_owned(),
            });
        };
        let mut walk = repo.revwalk()?;
        walk.set_sorting(Sort::TOPOLOGICAL | Sort::REVERSE)?;
        walk.push_glob("*")?;
        // A detached HEAD is no branch's; one without a commit leads nowhere.
        drop(walk.push_head());
        let commits = walk.collect::<Result<Vec<_>, _>>()?;
        if commits.is_empty() {
            return Err(GitError::Unborn);
        }
        Ok(Versions { repo, commits, next: 0, seen: HashSet::new(), waiting: VecDeque::new(), limit })
    }

    /// Git leaves this out: it is ignored and not tracked. `path` is relative to the work tree.
    #[must_use]
    pub fn leaves_out(&self, path: &FsPath) -> bool {
        if path.components().any(|c| c == Component::Normal(".git".as_ref())) {
            return true;
        }
        let Some(repo) = self.inner() else { return false };
        let tracked = || {
            let Ok(index) = repo.index() else { return false };
            let name = path.to_string_lossy().replace('\\', "/");
            let inside = format!("{}/", name.trim_end_matches('/'));
            index.get_path(path, 0).is_some() || index.find_prefix(inside.as_str()).is_ok()
        };
        repo.is_path_ignored(path).unwrap_or(false) && !tracked()
    }
}

impl Versions<'_> {
    /// Commits looked at, and all there are.
    #[must_use]
    pub const fn progress(&self) -> (usize, usize) {
        (self.next, self.commits.len())
    }

    fn enter(&mut self, id: Oid) -> Result<(), GitError> {
        let commit = self.repo.find_commit(id)?;
        let parent = commit.parent(0).ok().map(|p| p.tree()).transpose()?;
        let diff = self.repo.diff_tree_to_tree(parent.as_ref(), Some(&commit.tree()?), None)?;
        for delta in diff.deltas() {
            let file = delta.new_file();
            let blob = matches!(file.mode(), FileMode::Blob | FileMode::BlobExecutable | FileMode::Link);
            if blob && !file.id().is_zero() && self.seen.insert(file.id()) {
                self.waiting.push_back((id, file.id(), Path::new(file.path_bytes().unwrap_or_default())));
            }
        }
        Ok(())
    }
}

impl Iterator for Versions<'_> {
    type Item = Result<Version, GitError>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.waiting.is_empty() {
            let id = *self.commits.get(self.next)?;
            self.next += 1;
            if let Err(error) = self.enter(id) {
                return Some(Err(error));
            }
        }
        let (commit, blob, path) = self.waiting.pop_front()?;
        let found = self.repo.find_blob(blob).map_err(GitError::from);
        Some(found.map(|blob| {
            let small = u64::try_from(blob.size()).is_ok_and(|size| size <= self.limit);
            Version { commit: commit.to_string(), path, bytes: small.then(|| blob.content().to_vec()) }
        }))
    }
}
