//! What remotes have had already: whether a text stood in any file of it, as far as there is time to look.

use std::cell::{Cell, OnceCell};
use std::collections::HashSet;
use std::rc::Rc;

use git2::{ObjectType, Oid, Repository, Sort, TreeWalkMode, TreeWalkResult};

use super::Path;
use super::batch::Batch;
use super::error::GitError;
use super::repo::Repo;
use super::steps::{Side, listed};

/// Commits whose files are looked at, the newest first.
const COMMITS: usize = 1_000;
/// Bytes that are read for all questions together.
const BYTES: u64 = 64 << 20;
/// The largest file that is read (bytes).
const LARGEST: u64 = 1 << 20;
/// Files, however small.
const FILES: usize = 50_000;

/// A version of a file: where it stood, and its id.
type Old = (Path, String);

/// Files of the histories of some commits: what the newest commits changed, and then what stands in the last states.
pub struct Older<'r> {
    repo: &'r Repo,
    tips: Vec<String>,
    states: Vec<String>,
    known: OnceCell<Vec<Old>>,
    batch: Rc<Batch>,
    left: Cell<u64>,
}

impl Repo {
    /// The histories of `tips`, and all that stands in `states`.
    #[must_use]
    pub fn older(&self, tips: Vec<String>, states: Vec<String>) -> Older<'_> {
        let batch = Rc::new(Batch::new(self.git()));
        Older { repo: self, tips, states, known: OnceCell::new(), batch, left: Cell::new(BYTES) }
    }
}

impl Older<'_> {
    /// Some version of a file holds this text, and `see` says that it counts there.
    pub fn holds(&self, text: &str, mut see: impl FnMut(&Path, &[u8]) -> bool) -> bool {
        // What cannot be read says nothing.
        let known = self.known.get_or_init(|| self.files().unwrap_or_default());
        let finder = memchr::memmem::Finder::new(text.as_bytes());
        known.iter().any(|(path, id)| {
            let Some(bytes) = self.blob(id) else { return false };
            finder.find(&bytes).is_some() && see(path, &bytes)
        })
    }

    fn blob(&self, id: &str) -> Option<Vec<u8>> {
        let most = LARGEST.min(self.left.get());
        if most == 0 {
            return None;
        }
        let bytes = match self.repo.inner() {
            Some(repo) => {
                let id = Oid::from_str(id).ok()?;
                let (size, _) = repo.odb().ok()?.read_header(id).ok()?;
                u64::try_from(size).ok().filter(|size| *size <= most)?;
                repo.find_blob(id).ok()?.content().to_vec()
            }
            None => self.batch.blob(id, most).ok()?,
        };
        self.left.set(self.left.get().saturating_sub(bytes.len() as u64));
        Some(bytes)
    }

    fn files(&self) -> Result<Vec<Old>, GitError> {
        if self.tips.is_empty() {
            return Ok(Vec::new());
        }
        let mut out = match self.repo.inner() {
            Some(repo) => by_library(repo, &self.tips, &self.states)?,
            None => self.by_process()?,
        };
        let mut seen = HashSet::new();
        out.retain(|(_, id)| seen.insert(id.clone()));
        out.truncate(FILES);
        Ok(out)
    }

    fn by_process(&self) -> Result<Vec<Old>, GitError> {
        let git = self.repo.git();
        let most = format!("--max-count={COMMITS}");
        let words = ["rev-list", "--parents", &most].into_iter().chain(self.tips.iter().map(String::as_str));
        let commits = git.bytes(&words.chain(["--"]).collect::<Vec<_>>())?;
        let commits = String::from_utf8_lossy(&commits);
        let side = |line| {
            let mut words = str::split(line, ' ');
            Some((words.next()?, words.next().unwrap_or_default()))
        };
        let sides: Vec<Side<'_>> = commits.lines().filter_map(side).collect();
        let mut out = Vec::new();
        for file in listed(&git, &sides, &["--no-renames"])?.into_iter().flatten() {
            let ids = [file.new_id, file.old_id].into_iter().flatten();
            out.extend(ids.map(|id| (file.path.clone(), id)));
        }
        for state in &self.states {
            // "MODE blob ID TAB PATH"
            let rows = git.bytes(&["ls-tree", "-r", "-z", "--full-tree", state])?;
            out.extend(rows.split(|b| *b == 0).filter_map(|row| {
                let (head, path) = row.split_at_checked(row.iter().position(|b| *b == b'\t')?)?;
                let id = std::str::from_utf8(head).ok()?.split_once(" blob ")?.1;
                Some((Path::new(path.get(1..)?), id.to_owned()))
            }));
        }
        Ok(out)
    }
}

fn by_library(repo: &Repository, tips: &[String], states: &[String]) -> Result<Vec<Old>, GitError> {
    let mut walk = repo.revwalk()?;
    walk.set_sorting(Sort::TIME)?;
    for tip in tips {
        // A reference that leads nowhere tells nothing.
        drop(Oid::from_str(tip).map(|id| walk.push(id)));
    }
    let mut out = Vec::new();
    for id in walk.take(COMMITS) {
        let commit = repo.find_commit(id?)?;
        let parent = commit.parent(0).ok().map(|parent| parent.tree()).transpose()?;
        let diff = repo.diff_tree_to_tree(parent.as_ref(), Some(&commit.tree()?), None)?;
        for delta in diff.deltas() {
            let sides = [delta.new_file(), delta.old_file()];
            let there = sides.iter().filter(|side| !side.id().is_zero());
            out.extend(there.map(|side| (Path::new(side.path_bytes().unwrap_or_default()), side.id().to_string())));
        }
    }
    for state in states {
        repo.find_commit(Oid::from_str(state)?)?.tree()?.walk(TreeWalkMode::PreOrder, |folder, entry| {
            if entry.kind() == Some(ObjectType::Blob) {
                out.push((Path::new(&[folder.as_bytes(), entry.name_bytes()].concat()), entry.id().to_string()));
            }
            if out.len() < FILES { TreeWalkResult::Ok } else { TreeWalkResult::Abort }
        })?;
    }
    Ok(out)
}
