//! Where git really looks for hooks: its own answer, and whose place that is.

use std::io;
use std::path::{Component, Path, PathBuf};

pub(super) use crate::world::program::{executable, runs};

use super::{State, Status, script};
use crate::git::contents::os_path;
use crate::git::process::Git;
use crate::git::{GitError, Repo};
use crate::world::{Env, files, program};

/// Whose the folder of hooks is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    /// The repository's own, or one in its git folder: nobody else sees it.
    Repository,
    /// `core.hooksPath` leads into the work tree: its files may be tracked.
    Tree,
    /// `core.hooksPath` leads out of the repository: other repositories use it too.
    Shared,
    /// husky's generated folder: what it runs lies beside it.
    Husky,
    /// `core.hooksPath` leads to something that is no folder: git runs no hooks.
    Nowhere,
}

/// The folder in which git looks for hooks.
#[derive(Debug, Clone)]
pub(super) struct Place {
    /// Absolute.
    pub(super) dir: PathBuf,
    pub(super) owner: Owner,
    /// A symbolic link on the way, from the repository's own folder on.
    pub(super) link: Option<PathBuf>,
    /// Where hooks would lie without `core.hooksPath`.
    pub(super) own: PathBuf,
}

impl Place {
    /// Asks git, with everything taken away that it could run meanwhile.
    pub(super) fn of(repo: &Repo) -> Result<Self, GitError> {
        let empty = repo.setting("core.hooksPath").is_some_and(|path| path.is_empty());
        let dir = match repo.inner() {
            // Then git looks for them at the top of all folders, and cannot say so.
            _ if empty => PathBuf::from("/"),
            // Nothing leads elsewhere: git needs not be asked.
            Some(inner) if !repo.is_set("core.hooksPath") => inner.commondir().join("hooks"),
            _ => repo.git().hooks(None)?,
        };
        let common = match repo.inner() {
            Some(inner) => inner.commondir().to_owned(),
            None => PathBuf::from(repo.git().line(&["rev-parse", "--path-format=absolute", "--git-common-dir"])?),
        };
        let own = common.join("hooks");
        let dir = tidy(&dir);
        let below = |base: &Path| dir.starts_with(tidy(base)) && dir != tidy(base);
        let inside = [Some(common.as_path()), Some(repo.git_dir()), repo.root()];
        let base = inside.into_iter().flatten().find(|base| below(base));
        let owner = if dir == tidy(&own) {
            Owner::Repository
        } else if empty || nowhere(&dir) {
            Owner::Nowhere
        } else if [common.as_path(), repo.git_dir()].into_iter().any(below) {
            Owner::Repository
        } else if repo.root().is_some_and(below) {
            if dir.ends_with(".husky/_") { Owner::Husky } else { Owner::Tree }
        } else {
            Owner::Shared
        };
        let link = base.and_then(|base| link(&tidy(base), &dir)).or_else(|| is_link(&dir).then(|| dir.clone()));
        Ok(Self { dir, owner, link, own })
    }
}

impl Place {
    /// Another work tree of this repository for which git looks for hooks in the repository's own folder. One that cannot
    /// be asked about counts: its gates are not for us to take.
    pub(super) fn other(&self, repo: &Repo) -> Option<PathBuf> {
        let common = self.own.parent()?;
        let here = |dir: &Path| std::fs::canonicalize(dir).ok() == std::fs::canonicalize(repo.git_dir()).ok();
        let top = if common.ends_with(".git") { common.parent()? } else { common };
        // Without a work tree there is none that a hook runs in.
        let ask = |dir| Git::at(common, repo.env()).line(&["--git-dir", dir, "rev-parse", "--is-bare-repository"]);
        let mut all = Vec::new();
        if !common.to_str().is_some_and(|dir| ask(dir).is_ok_and(|said| said == "true")) {
            all.push((common.to_owned(), top.to_owned()));
        }
        for entry in std::fs::read_dir(common.join("worktrees")).into_iter().flatten().flatten() {
            let dir = entry.path();
            let said = files::read_bounded(&dir.join("gitdir"), PATH).unwrap_or_default();
            let Some(link) = os_path(&crate::git::Path::new(said.trim_ascii_end())) else { continue };
            // One that was removed by hand runs nothing; one that is locked may only not be here now.
            let link = dir.join(link);
            if let Some(top) = link.parent().filter(|_| link.exists() || dir.join("locked").exists()) {
                all.push((dir, tidy(top)));
            }
        }
        let runs =
            |dir: &Path, top: &Path| match Git::at(if top.is_dir() { top } else { dir }, repo.env()).hooks(Some(dir)) {
                Ok(found) => real(&found) == real(&self.own),
                Err(_) => true,
            };
        all.into_iter().find(|(dir, top)| !here(dir) && runs(dir, top)).map(|(_, top)| top)
    }

    /// Makes a folder for hooks where there is none, and remembers that it was made.
    pub(super) fn make(&self, dir: &Path) -> io::Result<()> {
        if dir.is_dir() {
            return Ok(());
        }
        std::fs::create_dir_all(dir)?;
        files::replace(&self.made(), dir.as_os_str().as_encoded_bytes(), 0o644)
    }

    /// Takes away a folder that was made for hooks of ours, once nothing is in it. `left` = one of ours still is.
    pub(super) fn unmake(&self, dir: &Path, left: bool) -> io::Result<()> {
        let ours = files::read_bounded(&self.made(), PATH).is_ok_and(|path| path == dir.as_os_str().as_encoded_bytes());
        // One in which somebody has put something is theirs by now: such a folder is not taken away.
        if !ours || (std::fs::remove_dir(dir).is_err() && left) {
            return Ok(());
        }
        std::fs::remove_file(self.made())
    }

    /// Which folder was made here.
    fn made(&self) -> PathBuf {
        self.own.with_file_name("monster-hooks-folder")
    }
}

/// Longer paths are none (bytes).
const PATH: u64 = 4 << 10;

/// Without `.` and `..`; no link is followed.
fn tidy(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => drop(out.pop()),
            part => out.push(part),
        }
    }
    out
}

/// The same, by whatever links lead there; of what is not there yet, as far as it is.
fn real(path: &Path) -> PathBuf {
    let path = tidy(path);
    let there = path.ancestors().find_map(|top| Some((top, std::fs::canonicalize(top).ok()?)));
    match there {
        Some((top, found)) => path.strip_prefix(top).map_or_else(|_| found.clone(), |rest| found.join(rest)),
        None => path,
    }
}

pub(super) fn is_link(path: &Path) -> bool {
    std::fs::symlink_metadata(path).is_ok_and(|m| m.file_type().is_symlink())
}

/// A hook that finds no monster where it looks for one does nothing, and nobody hears of it.
pub(super) fn reached(status: Status, env: &Env) -> Status {
    let named = script::program(&super::read(&status.path)).and_then(|path| os_path(&crate::git::Path::new(&path)));
    if !status.state.runs() || named.as_deref().is_some_and(runs) || !program::unfound("monster", env) {
        return status;
    }
    let folder = program::called(env).ok().and_then(|program| Some(program.parent()?.display().to_string()));
    let advice = match (named, folder) {
        (Some(gone), _) => {
            format!("{} is gone, and there is no other: write it anew with: monster hook install", gone.display())
        }
        (None, folder) => {
            let folder = folder.unwrap_or_else(|| "the folder of monster".to_owned());
            format!("it runs the monster that PATH leads to, and there is none: put {folder} into PATH")
        }
    };
    // Of an edited one that is not the first thing to do.
    let advice = if status.state == State::Edited { status.advice.clone().unwrap_or(advice) } else { advice };
    Status { state: State::Unfound, advice: Some(advice), ..status }
}

/// The first link below `base` on the way to `dir`.
fn link(base: &Path, dir: &Path) -> Option<PathBuf> {
    let mut at = base.to_owned();
    for part in dir.strip_prefix(base).ok()?.components() {
        at.push(part);
        if is_link(&at) {
            return Some(at);
        }
    }
    None
}

/// There is something that is no folder, or nothing in which a folder could be made.
fn nowhere(dir: &Path) -> bool {
    match std::fs::metadata(dir) {
        Ok(meta) => !meta.is_dir(),
        Err(_) => !is_link(dir) && !dir.parent().is_some_and(Path::is_dir),
    }
}
