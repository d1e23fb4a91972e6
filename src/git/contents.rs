//! Whole files on both sides of a change, out of trees, index, work tree, or the git process.

use std::collections::HashSet;
use std::path::{Path as FsPath, PathBuf};
use std::rc::Rc;
use std::sync::OnceLock;

use git2::{Oid, Repository};

use super::batch::Batch;
use super::diff::{beyond_library, head_commit, head_tree, live, parent_tree, trees};
use super::error::GitError;
use super::process::Git;
use super::repo::Repo;
use super::{Contents, FileChange, Path, Source, Status, plumbing, trial};
use crate::world::{Env, files};

/// Where the sides of a source lie.
pub(super) struct Blobs {
    /// `None` where libgit2 cannot read: then the git process does.
    repo: Option<Repository>,
    git: Git,
    env: Env,
    root: Option<PathBuf>,
    /// The new side lies in the work tree.
    live: bool,
    /// The base side's commit or tree, full hex; `None` when it is empty.
    base: Option<String>,
    /// The new side's; `None` = the index.
    tip: Option<String>,
    /// Files of the work tree that are not what git would keep ([`Git::held_back`]); read when first asked for.
    held: OnceLock<Held>,
    /// One process for many of them.
    batch: Option<Rc<Batch>>,
}

/// What of the work tree is not what git would keep.
enum Held {
    These(HashSet<Path>),
    /// Nobody knows what is not: git cannot say what there is.
    All,
}

impl Held {
    fn holds(&self, path: &Path) -> bool {
        match self {
            Self::These(paths) => paths.contains(path),
            Self::All => true,
        }
    }
}

impl Blobs {
    pub(super) fn open(repo: &Repo, source: &Source) -> Result<Self, GitError> {
        let Some(inner) = repo.inner() else { return Self::by_process(repo, source) };
        match Self::by_library(repo, inner, source) {
            Err(GitError::Git(error)) if beyond_library(&error) => Self::by_process(repo, source),
            other => other,
        }
    }

    fn by_library(repo: &Repo, inner: &Repository, source: &Source) -> Result<Self, GitError> {
        let hex = |tree: &git2::Tree<'_>| tree.id().to_string();
        let (base, tip) = match source {
            Source::Staged | Source::Worktree | Source::WithUntracked | Source::Tracked => {
                (head_tree(inner)?.as_ref().map(hex), None)
            }
            Source::Amend | Source::AmendTracked => {
                let parent = parent_tree(inner, &head_commit(inner)?, "HEAD")?;
                (parent.as_ref().map(hex), None)
            }
            Source::Commit(_) | Source::Range(..) | Source::Parted(..) => {
                let (old, new) = trees(inner, source)?;
                (old.as_ref().map(hex), Some(hex(&new)))
            }
            Source::Whole(_) => {
                let tree = hex(&trees(inner, source)?.1);
                (Some(tree.clone()), Some(tree))
            }
        };
        Ok(Self { repo: Some(repo.again()?), base, tip, ..Self::bare(repo, source) })
    }

    /// By the git process alone.
    pub(super) fn by_process(repo: &Repo, source: &Source) -> Result<Self, GitError> {
        let mut sides = plumbing::sides(repo, source)?;
        if matches!(source, Source::Worktree | Source::WithUntracked) {
            // Rules are read from the last commit, not from what is staged.
            sides.old = plumbing::sides(repo, &Source::Staged)?.old;
        } else if matches!(source, Source::Whole(_)) {
            sides.old.clone_from(&sides.new);
        }
        Ok(Self { base: sides.old, tip: sides.new, ..Self::bare(repo, source) })
    }

    /// Of blobs that stand in no commit.
    pub(super) fn alone(repo: &Repo) -> Result<Self, GitError> {
        let inner = repo.inner().is_some().then(|| repo.again()).transpose()?;
        Ok(Self { repo: inner, live: false, ..Self::bare(repo, &Source::Staged) })
    }

    /// Of one of many commits.
    pub(super) fn of_many(repo: &Repo, tip: &str, base: Option<&str>, batch: &Rc<Batch>) -> Self {
        let bare = Self::bare(repo, &Source::Staged);
        Self { base: base.map(str::to_owned), tip: Some(tip.to_owned()), batch: Some(Rc::clone(batch)), ..bare }
    }

    fn bare(repo: &Repo, source: &Source) -> Self {
        let root = repo.root().map(Into::into);
        Self {
            repo: None,
            git: repo.git(),
            env: repo.env().clone(),
            root,
            live: live(source),
            base: None,
            tip: None,
            held: OnceLock::new(),
            batch: None,
        }
    }

    fn blob(&self, id: &str, limit: u64) -> Option<Vec<u8>> {
        if let Some(batch) = &self.batch {
            return batch.blob(id, limit).ok();
        }
        match &self.repo {
            Some(repo) => {
                let blob = repo.find_blob(Oid::from_str(id).ok()?).ok()?;
                (u64::try_from(blob.size()).ok()? <= limit).then(|| blob.content().to_vec())
            }
            None => self.git.bytes(&["cat-file", "blob", id]).ok().filter(|b| b.len() as u64 <= limit),
        }
    }

    fn listed(&self, repo: &Repository) -> Result<Vec<Path>, git2::Error> {
        let Some(tip) = &self.tip else { return Ok(repo.index()?.iter().map(|e| Path::new(&e.path)).collect()) };
        let mut out = Vec::new();
        repo.find_tree(Oid::from_str(tip)?)?.walk(git2::TreeWalkMode::PreOrder, |dir, entry| {
            if entry.kind() != Some(git2::ObjectType::Tree) {
                out.push(Path::new(&[dir.as_bytes(), entry.name_bytes()].concat()));
            }
            git2::TreeWalkResult::Ok
        })?;
        Ok(out)
    }

    fn held(&self) -> &Held {
        self.held.get_or_init(|| {
            if !self.git.filtering() {
                return Held::These(HashSet::new());
            }
            let Ok(tracked) = self.all() else { return Held::All };
            let mut files: Vec<_> = tracked.into_iter().map(|p| FileChange::new(p, Status::Modified)).collect();
            let said = plumbing::attributes(&self.git, &mut files);
            let held = files.into_iter().zip(said).filter(|(file, said)| self.git.held_back(file, said).is_some());
            Held::These(held.map(|(file, _)| file.path).collect())
        })
    }

    fn all(&self) -> Result<Vec<Path>, GitError> {
        let known = self.repo.as_ref().and_then(|repo| self.listed(repo).ok());
        let mut out = known.map_or_else(|| self.listed_by_process(), Ok)?;
        // A file in conflict stands in the index once for each side.
        out.dedup();
        Ok(out)
    }

    fn listed_by_process(&self) -> Result<Vec<Path>, GitError> {
        let out = match &self.tip {
            Some(tip) => self.git.bytes(&["ls-tree", "-r", "-z", "--full-tree", "--name-only", tip])?,
            None => self.git.bytes(&["ls-files", "-z", "--cached", "--full-name"])?,
        };
        Ok(out.split(|b| *b == 0).filter(|name| !name.is_empty()).map(Path::new).collect())
    }
}

impl Contents for Blobs {
    fn before(&self, file: &FileChange, limit: u64) -> Option<Vec<u8>> {
        self.blob(file.old_id.as_deref()?, limit)
    }

    fn after(&self, file: &FileChange, limit: u64) -> Option<Vec<u8>> {
        file.new_mode?;
        if self.live {
            // What is not tracked is not among those that are held back, and says so itself.
            let alone = file.status == Status::Added && file.unread.is_some();
            if alone || self.held().holds(&file.path) {
                return None;
            }
            return in_work_tree(self.root.as_deref()?, &file.path, limit);
        }
        self.blob(file.new_id.as_deref()?, limit)
    }

    fn slow(&self) -> bool {
        self.repo.is_none() && self.batch.is_none()
    }

    fn base(&self, path: &str, limit: u64) -> Option<Vec<u8>> {
        let base = self.base.as_deref()?;
        let Some(repo) = &self.repo else { return self.blob(&format!("{base}:{path}"), limit) };
        let tree = repo.find_tree(Oid::from_str(base).ok()?).ok()?;
        let entry = tree.get_path(std::path::Path::new(path)).ok()?;
        self.blob(&entry.id().to_string(), limit)
    }

    fn tracked(&self) -> Vec<Path> {
        self.all().unwrap_or_default()
    }

    fn current(&self, path: &Path, limit: u64) -> Option<Vec<u8>> {
        if self.live {
            if self.held().holds(path) {
                return None;
            }
            return in_work_tree(self.root.as_deref()?, path, limit);
        }
        let Some(repo) = &self.repo else {
            let name = std::str::from_utf8(path.raw()).ok()?;
            return self.blob(&format!("{}:{name}", self.tip.as_deref().unwrap_or_default()), limit);
        };
        let name = os_path(path)?;
        let id = match &self.tip {
            Some(tip) => repo.find_tree(Oid::from_str(tip).ok()?).ok()?.get_path(&name).ok()?.id(),
            None => repo.index().ok()?.get_path(&name, 0)?.id,
        };
        self.blob(&id.to_string(), limit)
    }

    fn applies(&self, path: &Path, text: &[u8], patch: &str) -> Option<bool> {
        trial::applies(path, text, patch, &self.env)
    }
}

/// What a file of the work tree holds: of a link its target's name, not the target's content.
pub(super) fn in_work_tree(root: &FsPath, path: &Path, limit: u64) -> Option<Vec<u8>> {
    let path = root.join(os_path(path)?);
    let meta = std::fs::symlink_metadata(&path).ok()?;
    if meta.file_type().is_symlink() {
        return Some(std::fs::read_link(&path).ok()?.into_os_string().into_encoded_bytes());
    }
    files::read_bounded(&path, limit).ok()
}

/// A path as the file system takes it.
#[cfg(unix)]
pub(super) fn os_path(path: &Path) -> Option<PathBuf> {
    use std::os::unix::ffi::OsStrExt;
    Some(PathBuf::from(std::ffi::OsStr::from_bytes(path.raw())))
}

#[cfg(not(unix))]
pub(super) fn os_path(path: &Path) -> Option<PathBuf> {
    std::str::from_utf8(path.raw()).ok().map(PathBuf::from)
}
