//! Commits that some others do not have yet, each by itself, and the words that tags bring along.

use git2::{Oid, Repository, Sort};

use super::error::GitError;
use super::repo::Repo;
use super::versions::person;

/// One commit, or a tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Newer {
    /// Full hex.
    pub id: String,
    /// Those that it was made on, full hex.
    pub parents: Vec<String>,
    /// What somebody wrote about it, as git stores it.
    pub message: Vec<u8>,
    /// Who made it, `Name <mail>`, one a line.
    pub people: Vec<u8>,
}

impl Repo {
    /// The commits of the history of `tip` that are in the history of none of `bases`, the newest first, at most `most`.
    ///
    /// # Errors
    /// [`GitError`].
    pub fn newer(&self, tip: &str, bases: &[&str], most: usize) -> Result<Vec<Newer>, GitError> {
        match self.inner() {
            Some(repo) => Ok(by_library(repo, tip, bases, most)?),
            None => self.newer_by_process(tip, bases, most),
        }
    }

    fn newer_by_process(&self, tip: &str, bases: &[&str], most: usize) -> Result<Vec<Newer>, GitError> {
        let (most, without) = (format!("--max-count={most}"), bases.iter().map(|base| format!("^{base}")));
        let without: Vec<String> = without.collect();
        let mut words = vec!["log", "-z", "--topo-order", "--format=%H%n%P%n%an <%ae>%n%cn <%ce>%n%B", &most, tip];
        words.extend(without.iter().map(String::as_str));
        words.push("--");
        let out = self.git().bytes(&words)?;
        let one = |row: &[u8]| {
            let mut lines = row.splitn(5, |b| *b == b'\n');
            let mut text = || lines.next().map(|line| String::from_utf8_lossy(line).into_owned());
            let (id, parents, people) = (text()?, text()?, [text()?, text()?].join("\n").into_bytes());
            let message = lines.next().unwrap_or_default().to_vec();
            Some(Newer { id, parents: parents.split_whitespace().map(str::to_owned).collect(), message, people })
        };
        Ok(out.split(|b| *b == 0).filter(|row| !row.is_empty()).filter_map(one).collect())
    }

    /// The tags on the way from this object to what it leads to in the end, with their words.
    #[must_use]
    pub fn tags_from(&self, rev: &str) -> Vec<Newer> {
        let (mut out, mut next) = (Vec::new(), rev.to_owned());
        while out.len() < NESTED {
            let Some((target, tag)) = self.tag(&next) else { break };
            out.push(tag);
            next = target;
        }
        out
    }

    /// What a tag leads to, and the tag.
    fn tag(&self, id: &str) -> Option<(String, Newer)> {
        let Some(repo) = self.inner() else {
            let git = self.git();
            let raw = git.bytes(&["cat-file", "tag", id]).ok()?;
            let head = raw.split(|b| *b == b'\n').next()?.strip_prefix(b"object ")?;
            let target = String::from_utf8_lossy(head).into_owned();
            let at = raw.windows(2).position(|two| two == b"\n\n").map_or(raw.len(), |at| at + 2);
            let people = raw.split(|b| *b == b'\n').find_map(|line| line.strip_prefix(b"tagger "));
            let (message, people) = (raw[at..].to_vec(), people.unwrap_or_default().to_vec());
            return Some((target, Newer { id: id.to_owned(), parents: Vec::new(), message, people }));
        };
        let tag = repo.revparse_single(id).ok()?.into_tag().ok()?;
        let message = tag.message_bytes().unwrap_or_default().to_vec();
        let people = tag.tagger().iter().map(person).collect::<Vec<_>>().concat();
        Some((tag.target_id().to_string(), Newer { id: id.to_owned(), parents: Vec::new(), message, people }))
    }
}

/// Tags that lead to tags that lead to tags.
const NESTED: usize = 8;

fn by_library(repo: &Repository, tip: &str, bases: &[&str], most: usize) -> Result<Vec<Newer>, git2::Error> {
    let commit = |rev: &str| repo.revparse_single(rev)?.peel_to_commit();
    let mut walk = repo.revwalk()?;
    walk.set_sorting(Sort::TOPOLOGICAL)?;
    walk.push(commit(tip)?.id())?;
    for base in bases {
        walk.hide(commit(base)?.id())?;
    }
    let one = |id: Result<Oid, git2::Error>| {
        let commit = repo.find_commit(id?)?;
        let parents = commit.parent_ids().map(|id| id.to_string()).collect();
        let people = [person(&commit.author()), person(&commit.committer())].join(&b'\n');
        Ok(Newer { id: commit.id().to_string(), parents, message: commit.message_bytes().to_vec(), people })
    };
    walk.take(most).map(one).collect()
}
