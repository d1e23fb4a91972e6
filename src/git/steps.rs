//! What each of many commits changed. Where only the git process reads, it is asked once for all of them: a process takes
//! longer than most commits.

use std::collections::HashMap;
use std::rc::Rc;

use super::attributes::{Said, doubts};
use super::batch::{Batch, Lost};
use super::change::MODULE;
use super::contents::Blobs;
use super::diff::unread;
use super::error::GitError;
use super::plumbing::{FLAGS, attributes, compare, partial, raw};
use super::process::Git;
use super::repo::Repo;
use super::{ChangeSet, Contents, FileChange, FileKind, Newer, Path, Source, patch};

/// The largest file that lines are read of (bytes).
const LARGEST: u64 = 256 << 20;

/// A commit and one that it was made on; empty = none.
pub(super) type Side<'a> = (&'a str, &'a str);

/// What some commits changed.
pub struct Steps<'r> {
    repo: &'r Repo,
    /// `None` = each is asked for by itself.
    read: Option<Read>,
}

/// What git said of all of them.
struct Read {
    sides: HashMap<(String, String), Vec<FileChange>>,
    said: HashMap<Path, Said>,
    batch: Rc<Batch>,
    partial: bool,
}

impl Repo {
    /// What each of these commits changed; the newest stands first.
    #[must_use]
    pub fn steps(&self, commits: &[Newer]) -> Steps<'_> {
        // Where one of them cannot be read, the others may be.
        let read = if self.inner().is_none() { Read::all(self, commits).ok() } else { None };
        Steps { repo: self, read }
    }
}

impl Steps<'_> {
    /// What this commit changed over each of those that it was made on; over nothing where there is none.
    pub fn of<'s>(
        &'s self,
        commit: &'s Newer,
    ) -> impl Iterator<Item = Result<(ChangeSet, Box<dyn Contents>), GitError>> + 's {
        sides(commit).map(|side| match self.read.as_ref().and_then(|read| read.side(self.repo, side)) {
            Some(read) => Ok(read),
            None => {
                let source = source(side);
                Ok((self.repo.diff(&source)?, self.repo.contents(&source)?))
            }
        })
    }
}

fn sides(commit: &Newer) -> impl Iterator<Item = Side<'_>> {
    let root = commit.parents.is_empty().then_some("");
    commit.parents.iter().map(String::as_str).chain(root).map(|parent| (commit.id.as_str(), parent))
}

fn source((commit, parent): Side<'_>) -> Source {
    match parent {
        "" => Source::Whole(commit.to_owned()),
        parent => Source::Range(parent.to_owned(), commit.to_owned()),
    }
}

impl Read {
    fn all(repo: &Repo, commits: &[Newer]) -> Result<Self, GitError> {
        // What holds for a file is what the newest says.
        let git = || commits.first().map_or_else(|| repo.git(), |commit| repo.git().attributes_of(&commit.id));
        let asked: Vec<Side<'_>> = commits.iter().flat_map(sides).collect();
        let listed = changed(&git(), &asked)?;
        let mut files: Vec<FileChange> = Vec::new();
        for one in listed.iter().flatten() {
            files.push(FileChange::new(one.path.clone(), one.status));
        }
        files.sort_by(|a, b| a.path.raw().cmp(b.path.raw()));
        files.dedup_by(|a, b| a.path == b.path);
        let mut said = attributes(&git(), &mut files);
        let doubtful =
            |file: &FileChange| doubts(file.path.raw()) || file.old_path.as_ref().is_some_and(|p| doubts(p.raw()));
        if listed.iter().flatten().any(doubtful) {
            // One of them says of others that they are not to be shown.
            said = said.into_iter().map(Said::shown).collect();
        }
        let said = files.into_iter().map(|file| file.path).zip(said).collect();
        let sides = asked.iter().map(|(commit, parent)| ((*commit).to_owned(), (*parent).to_owned())).zip(listed);
        let (sides, batch, partial) = (sides.collect(), Rc::new(Batch::new(repo.git())), partial(&repo.git()));
        Ok(Self { sides, said, batch, partial })
    }

    fn side(&self, repo: &Repo, (commit, parent): Side<'_>) -> Option<(ChangeSet, Box<dyn Contents>)> {
        let mut files = self.sides.get(&(commit.to_owned(), parent.to_owned()))?.clone();
        for file in &mut files {
            self.fill(file);
        }
        let contents = Blobs::of_many(repo, commit, Some(parent).filter(|parent| !parent.is_empty()), &self.batch);
        Some((ChangeSet { files, label: source((commit, parent)).label(), notes: Vec::new() }, Box::new(contents)))
    }

    fn fill(&self, file: &mut FileChange) {
        if file.is_module() {
            let commit = |mode, id: &Option<String>| id.clone().filter(|_| mode == Some(MODULE));
            let (from, to) = (commit(file.old_mode, &file.old_id), commit(file.new_mode, &file.new_id));
            file.kind = FileKind::Submodule { from, to, subjects: Vec::new() };
            return;
        }
        if file.new_mode.or(file.old_mode) == Some(0o120_000) {
            file.kind = FileKind::Symlink;
        }
        let said = self.said.get(&file.path).cloned().unwrap_or_default();
        (file.generated, file.vendored, file.lfs) = (said.generated, said.vendored, said.lfs);
        let side = |there: bool, id: &Option<String>, large: &mut Option<u64>| {
            let Some(id) = id.as_deref().filter(|_| there) else { return Ok(Vec::new()) };
            self.batch.blob(id, LARGEST).or_else(|lost| match lost {
                Lost::Large(size) => {
                    *large = Some(size);
                    Ok(Vec::new())
                }
                lost => Err(unread((lost == Lost::Missing).then_some(id), self.partial)),
            })
        };
        let (mut old_size, mut new_size) = (None, None);
        let old = side(file.had_content(), &file.old_id, &mut old_size);
        let new = side(file.new_mode.is_some(), &file.new_id, &mut new_size);
        if old_size.or(new_size).is_some() {
            file.kind = FileKind::Binary { old_size, new_size };
        } else {
            compare(file, old, new, &said);
        }
        patch::finish(file);
    }
}

/// The files that differ between the two of each side, and what moved.
fn changed(git: &Git, sides: &[Side<'_>]) -> Result<Vec<Vec<FileChange>>, GitError> {
    // To see what moved takes content, and some of it may not be here.
    listed(git, sides, &[]).or_else(|_| listed(git, sides, &["--no-renames"]))
}

/// The files that differ between the two of each side.
pub(super) fn listed(git: &Git, sides: &[Side<'_>], more: &[&str]) -> Result<Vec<Vec<FileChange>>, GitError> {
    if sides.is_empty() {
        return Ok(Vec::new());
    }
    let input = sides.iter().map(|(commit, parent)| format!("{commit} {parent}").trim_end().to_owned() + "\n");
    let words = ["diff-tree", "--stdin", "-r", "-m", "--root", "--always", "--raw", "-z", "--no-abbrev"];
    let words: Vec<&str> = words.into_iter().chain(FLAGS).chain(more.iter().copied()).collect();
    let out = git.fed(&words, Some(input.collect::<String>().into_bytes()))?;
    let parts: Vec<&[u8]> = parts(&out);
    let whole = parts.len() == sides.len();
    let odd = || GitError::Process { what: "diff-tree".to_owned(), said: "it told of other commits".to_owned() };
    if whole { Ok(parts.into_iter().map(raw).collect()) } else { Err(odd()) }
}

/// What is told of each commit, behind its id.
fn parts(out: &[u8]) -> Vec<&[u8]> {
    let (mut parts, mut from, mut at) = (Vec::new(), None, 0);
    let next = |at: usize| out[at..].iter().position(|b| *b == 0).map_or(out.len(), |end| at + end + 1);
    while at < out.len() {
        let end = next(at);
        if out[at] == b':' {
            // A path, and where something moved another one.
            let moved =
                out[at..end].rsplit(|b| *b == b' ').next().is_some_and(|l| l.starts_with(b"R") || l.starts_with(b"C"));
            at = next(end);
            if moved {
                at = next(at);
            }
        } else {
            parts.extend(from.map(|from| &out[from..at]));
            (from, at) = (Some(end), end);
        }
    }
    parts.extend(from.map(|from| &out[from..]));
    parts
}
