//! Whole files on both sides of a change, out of trees, index, work tree, or the git process.

use std::path::PathBuf;

use git2::{Oid, Repository};

use super::diff::{head_commit, head_tree, trees};
use super::error::GitError;
use super::process::Git;
use super::repo::Repo;
use super::{Contents, FileChange, Path, Source};
use crate::world::files;

/// Where the sides of a source lie.
pub(super) struct Blobs {
    repo: Option<Repository>,
    git: Git,
    root: Option<PathBuf>,
    /// The new side lies in the work tree.
    live: bool,
    /// The old side's tree, full hex; `None` when it is empty or the index.
    base: Option<String>,
    /// The new side's tree; `None` = the index.
    tip: Option<String>,
}

impl Blobs {
    pub(super) fn open(repo: &Repo, source: &Source) -> Result<Self, GitError> {
        let live = matches!(source, Source::Worktree | Source::Tracked);
        let mut out =
            Self { repo: None, git: repo.git(), root: repo.root().map(Into::into), live, base: None, tip: None };
        let Some(inner) = repo.inner() else { return Ok(out) };
        let hex = |tree: &git2::Tree<'_>| tree.id().to_string();
        match source {
            Source::Staged | Source::Worktree | Source::Tracked => out.base = head_tree(inner)?.as_ref().map(hex),
            Source::Amend => {
                out.base = head_commit(inner)?.parent(0).ok().and_then(|p| p.tree().ok()).as_ref().map(hex)
            }
            Source::Commit(_) | Source::Range(..) | Source::Parted(..) => {
                let (old, new) = trees(inner, source)?;
                out.base = old.as_ref().map(hex);
                out.tip = Some(hex(&new));
            }
        }
        let own = Repository::open(inner.path())?;
        if let Some(root) = repo.root() {
            own.set_workdir(root, false)?;
        }
        if let Some(index) = repo.env().get("GIT_INDEX_FILE") {
            own.set_index(&mut git2::Index::open(&repo.env().cwd().join(index))?)?;
        }
        out.repo = Some(own);
        Ok(out)
    }

    fn blob(&self, id: &str, limit: u64) -> Option<Vec<u8>> {
        match &self.repo {
            Some(repo) => {
                let blob = repo.find_blob(Oid::from_str(id).ok()?).ok()?;
                (u64::try_from(blob.size()).ok()? <= limit).then(|| blob.content().to_vec())
            }
            None => self.git.bytes(&["cat-file", "blob", id]).ok().filter(|b| b.len() as u64 <= limit),
        }
    }

    fn live(&self, path: &Path, limit: u64) -> Option<Vec<u8>> {
        let path = self.root.as_ref()?.join(os_path(path)?);
        // A link is its target's name, not the target's content.
        let meta = std::fs::symlink_metadata(&path).ok()?;
        if meta.file_type().is_symlink() {
            return Some(std::fs::read_link(&path).ok()?.to_string_lossy().into_owned().into_bytes());
        }
        files::read_bounded(&path, limit).ok()
    }
}

impl Contents for Blobs {
    fn before(&self, file: &FileChange, limit: u64) -> Option<Vec<u8>> {
        self.blob(file.old_id.as_deref()?, limit)
    }

    fn after(&self, file: &FileChange, limit: u64) -> Option<Vec<u8>> {
        file.new_mode?;
        if self.live {
            return self.live(&file.path, limit);
        }
        self.blob(file.new_id.as_deref()?, limit)
    }

    fn base(&self, path: &str, limit: u64) -> Option<Vec<u8>> {
        let repo = self.repo.as_ref()?;
        let tree = repo.find_tree(Oid::from_str(self.base.as_deref()?).ok()?).ok()?;
        let entry = tree.get_path(std::path::Path::new(path)).ok()?;
        self.blob(&entry.id().to_string(), limit)
    }

    fn tracked(&self) -> Vec<Path> {
        let Some(repo) = &self.repo else { return Vec::new() };
        let mut out = Vec::new();
        match self.tip.as_deref().and_then(|id| Oid::from_str(id).ok()).and_then(|id| repo.find_tree(id).ok()) {
            Some(tree) => {
                let walked = tree.walk(git2::TreeWalkMode::PreOrder, |dir, entry| {
                    if entry.kind() != Some(git2::ObjectType::Tree) {
                        out.push(Path::new(&[dir.as_bytes(), entry.name_bytes()].concat()));
                    }
                    git2::TreeWalkResult::Ok
                });
                if walked.is_err() {
                    out.clear();
                }
            }
            None => {
                if let Ok(index) = repo.index() {
                    out.extend(index.iter().map(|e| Path::new(&e.path)));
                }
            }
        }
        out
    }
}

#[cfg(unix)]
fn os_path(path: &Path) -> Option<PathBuf> {
    use std::os::unix::ffi::OsStrExt;
    Some(PathBuf::from(std::ffi::OsStr::from_bytes(path.raw())))
}

#[cfg(not(unix))]
fn os_path(path: &Path) -> Option<PathBuf> {
    std::str::from_utf8(path.raw()).ok().map(PathBuf::from)
}
