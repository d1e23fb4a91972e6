//! Every version that a file ever had, what was said with it, and what git would leave out of a folder.

use std::collections::{HashMap, HashSet, VecDeque};
use std::path::{Component, Path as FsPath};

use git2::{FileMode, ObjectType, Oid, ReferenceType, Repository, Sort};

use super::Path;
use super::diff::{head_commit, unreadable};
use super::error::GitError;
use super::refs;
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
    blob: Oid,
}

/// What somebody wrote about a commit or a tag.
#[derive(Debug, Clone)]
pub struct Said {
    /// The commit or tag, full hex.
    pub id: String,
    /// It belongs to a tag.
    pub tag: bool,
    /// The message, as git stores it.
    pub message: Vec<u8>,
    /// Who wrote and who committed it, `Name <mail>`; each once.
    pub people: Vec<Vec<u8>>,
}

/// What a history holds.
#[derive(Debug, Clone)]
pub enum Piece {
    /// A version of a file.
    Version(Version),
    /// A message.
    Said(Said),
}

enum Waiting {
    Blob { commit: Oid, blob: Oid, path: Path },
    Said(Said),
}

/// Walks all commits that a branch, a tag or HEAD leads to, the oldest first, and gives every message once, and every
/// version once for each path it stands at, until it is said that one path was enough ([`Versions::enough`]).
pub struct Versions<'r> {
    repo: &'r Repository,
    commits: Vec<Oid>,
    next: usize,
    /// The paths at which a blob was given already; `None` = no more of them is wanted.
    seen: HashMap<Oid, Option<HashSet<Path>>>,
    waiting: VecDeque<Waiting>,
    limit: u64,
}

impl Repo {
    /// Every version of every file, content up to `limit` bytes, and every message.
    ///
    /// # Errors
    /// [`GitError`]: no commit yet, a name that cannot be read, or a format that only git itself reads.
    pub fn versions(&self, limit: u64) -> Result<Versions<'_>, GitError> {
        let Some(repo) = self.inner() else {
            return Err(GitError::Format);
        };
        let mut walk = repo.revwalk()?;
        walk.set_sorting(Sort::TOPOLOGICAL | Sort::REVERSE)?;
        tips(repo)?.into_iter().try_for_each(|tip| walk.push(tip))?;
        let commits = walk.collect::<Result<Vec<_>, _>>()?;
        if commits.is_empty() {
            return Err(GitError::Unborn);
        }
        let waiting = tags(repo)?.into_iter().map(Waiting::Said).collect();
        Ok(Versions { repo, commits, next: 0, seen: HashMap::new(), waiting, limit })
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

/// The commits that branches, tags and HEAD lead to. What was not read is not called clean.
fn tips(repo: &Repository) -> Result<Vec<Oid>, GitError> {
    // Libgit2 passes over those that were cut off.
    if let Some(what) = refs::torn_anywhere(repo.commondir()) {
        return Err(GitError::References(what));
    }
    // A detached HEAD is no branch's.
    let mut tips = match head_commit(repo) {
        Ok(commit) => vec![commit.id()],
        Err(GitError::Unborn) => Vec::new(),
        Err(error) => return Err(error),
    };
    for one in repo.references()? {
        let one = one?;
        // The name that another one leads to comes by itself, where it is there.
        if one.kind() == Some(ReferenceType::Symbolic) {
            continue;
        }
        let named = || unreadable(&String::from_utf8_lossy(one.name_bytes()));
        let object = one.peel(ObjectType::Any).map_err(|_| GitError::Damaged(named()))?;
        // A tag may lead to a tree or a file.
        tips.extend(Some(object.id()).filter(|_| object.kind() == Some(ObjectType::Commit)));
    }
    Ok(tips)
}

/// The messages of tags that have one, also of tags that name tags.
fn tags(repo: &Repository) -> Result<Vec<Said>, GitError> {
    let mut ids = Vec::new();
    repo.tag_foreach(|id, _| {
        ids.push(id);
        true
    })?;
    let (mut out, mut seen) = (Vec::new(), HashSet::new());
    while let Some(id) = ids.pop() {
        if !seen.insert(id) {
            continue;
        }
        let Ok(tag) = repo.find_tag(id) else { continue };
        if tag.target_type() == Some(ObjectType::Tag) {
            ids.push(tag.target_id());
        }
        let people = tag.tagger().iter().map(person).collect();
        let message = tag.message_bytes().unwrap_or_default().to_vec();
        out.push(Said { id: id.to_string(), tag: true, message, people });
    }
    Ok(out)
}

/// `Name <mail>`.
pub(super) fn person(who: &git2::Signature<'_>) -> Vec<u8> {
    [who.name_bytes(), b" <", who.email_bytes(), b">"].concat()
}

impl Versions<'_> {
    /// Commits looked at, and all there are.
    #[must_use]
    pub const fn progress(&self) -> (usize, usize) {
        (self.next, self.commits.len())
    }

    /// The content of this version is not given again, wherever else it stands.
    pub fn enough(&mut self, version: &Version) {
        self.seen.insert(version.blob, None);
    }

    fn enter(&mut self, id: Oid) -> Result<(), GitError> {
        let commit = self.repo.find_commit(id)?;
        let mut people = vec![person(&commit.author()), person(&commit.committer())];
        people.dedup();
        let message = commit.message_bytes().to_vec();
        self.waiting.push_back(Waiting::Said(Said { id: id.to_string(), tag: false, message, people }));
        let parent = commit.parent(0).ok().map(|p| p.tree()).transpose()?;
        let diff = self.repo.diff_tree_to_tree(parent.as_ref(), Some(&commit.tree()?), None)?;
        for delta in diff.deltas() {
            let file = delta.new_file();
            let blob = matches!(file.mode(), FileMode::Blob | FileMode::BlobExecutable | FileMode::Link);
            if blob && !file.id().is_zero() {
                let path = Path::new(file.path_bytes().unwrap_or_default());
                self.waiting.push_back(Waiting::Blob { commit: id, blob: file.id(), path });
            }
        }
        Ok(())
    }

    /// Nobody has asked about this content at this path yet.
    fn unseen(&mut self, blob: Oid, path: &Path) -> bool {
        let paths = self.seen.entry(blob).or_insert_with(|| Some(HashSet::new()));
        paths.as_mut().is_some_and(|paths| paths.insert(path.clone()))
    }

    fn read(&self, commit: Oid, blob: Oid, path: Path) -> Result<Version, GitError> {
        // What is too large is not unpacked to find that out.
        let (size, _) = self.repo.odb()?.read_header(blob)?;
        let small = u64::try_from(size).is_ok_and(|size| size <= self.limit);
        let bytes = if small { Some(self.repo.find_blob(blob)?.content().to_vec()) } else { None };
        Ok(Version { commit: commit.to_string(), path, bytes, blob })
    }
}

impl Iterator for Versions<'_> {
    type Item = Result<Piece, GitError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            match self.waiting.pop_front() {
                Some(Waiting::Said(said)) => return Some(Ok(Piece::Said(said))),
                Some(Waiting::Blob { commit, blob, path }) => {
                    if self.unseen(blob, &path) {
                        return Some(self.read(commit, blob, path).map(Piece::Version));
                    }
                }
                None => {
                    let id = *self.commits.get(self.next)?;
                    self.next += 1;
                    if let Err(error) = self.enter(id) {
                        return Some(Err(error));
                    }
                }
            }
        }
    }
}
