//! The commits behind the last one, newest first, each read once however often it is asked for.

use std::cell::{OnceCell, RefCell};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashSet};
use std::rc::Rc;

use git2::{Oid, Repository};

use super::apart::apart;

/// What is known of a commit.
pub(super) struct Known {
    pub(super) id: Oid,
    pub(super) parents: Vec<Oid>,
    pub(super) tree: Oid,
    /// First line; empty where it says nothing.
    pub(super) subject: String,
    pub(super) body: String,
    pub(super) name: String,
    pub(super) mail: String,
    /// Of whoever committed it.
    pub(super) by: Vec<u8>,
    time: i64,
    paths: OnceCell<Option<Vec<String>>>,
}

impl Known {
    fn read(repo: &Repository, id: Oid) -> Option<Self> {
        let commit = repo.find_commit(id).ok()?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Some(Self {
            id,
            parents: commit.parent_ids().collect(),
            tree: commit.tree_id(),
            subject: text(commit.summary_bytes().unwrap_or_default()),
            body: text(commit.body_bytes().unwrap_or_default()),
            name: text(commit.author().name_bytes()),
            mail: text(commit.author().email_bytes()),
            by: commit.committer().email_bytes().to_vec(),
            time: commit.time().seconds(),
            paths: OnceCell::new(),
        })
    }

    /// The paths it changed, at most `most`; `None` where its tree has more than `wide` entries at the top.
    pub(super) fn paths(&self, repo: &Repository, wide: usize, most: usize) -> Option<&[String]> {
        let read = || {
            let tree = repo.find_tree(self.tree).ok().filter(|tree| tree.len() <= wide)?;
            let parent = self.parents.first().and_then(|id| repo.find_commit(*id).ok()?.tree().ok());
            let paths = apart(repo, parent.as_ref(), Some(&tree), most).ok()?;
            Some(paths.iter().map(|path| String::from_utf8_lossy(path).into_owned()).collect())
        };
        self.paths.get_or_init(read).as_deref()
    }
}

/// The order of git's own log: newest first, and of the same second whoever was met first.
#[derive(Default)]
struct Walk {
    head: Option<Oid>,
    known: Vec<Rc<Known>>,
    /// Met, and not gone past yet.
    next: BinaryHeap<(i64, Reverse<usize>)>,
    met: Vec<Rc<Known>>,
    seen: HashSet<Oid>,
}

impl Walk {
    fn meet(&mut self, repo: &Repository, id: Oid) {
        if !self.seen.insert(id) {
            return;
        }
        // History may be cut off here.
        if let Some(commit) = Known::read(repo, id) {
            self.next.push((commit.time, Reverse(self.met.len())));
            self.met.push(Rc::new(commit));
        }
    }

    fn step(&mut self, repo: &Repository) -> Option<()> {
        let (_, Reverse(at)) = self.next.pop()?;
        let commit = Rc::clone(self.met.get(at)?);
        commit.parents.iter().for_each(|parent| self.meet(repo, *parent));
        self.known.push(commit);
        Some(())
    }
}

/// What was read of the past so far.
#[derive(Default)]
pub(super) struct Past(RefCell<Walk>);

impl Past {
    /// The commits from the one at `head` on.
    pub(super) fn from<'r>(&'r self, repo: &'r Repository, head: Oid) -> impl Iterator<Item = Rc<Known>> + 'r {
        if self.0.borrow().head != Some(head) {
            let mut walk = Walk { head: Some(head), ..Walk::default() };
            walk.meet(repo, head);
            self.0.replace(walk);
        }
        (0..).map_while(move |n| {
            let mut walk = self.0.borrow_mut();
            if walk.known.len() <= n {
                walk.step(repo)?;
            }
            walk.known.get(n).cloned()
        })
    }
}

#[cfg(test)]
#[path = "tests/past.rs"]
mod tests;
