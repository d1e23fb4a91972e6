//! Whether a change takes an earlier commit back.

use git2::{Commit, Oid, Repository};

use super::apart::apart;
use super::diff::head_commit;
use super::repo::Repo;
use super::{ChangeSet, FileChange, LineKind, Source, Status, diff};

/// So many commits are looked at: who takes back an older one says so.
const COMMITS: usize = 50;
/// Larger changes are compared with nothing (files).
const FILES: usize = 200;

/// A commit that a change takes back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undone {
    /// Its id, full hex.
    pub id: String,
    /// Its subject.
    pub subject: String,
}

impl Repo {
    /// The newest of the last 50 commits of which this change is the inverse: of its files and of what it did to them,
    /// wherever in them that stands by now. `None` where libgit2 cannot read.
    #[must_use]
    pub fn undone(&self, change: &ChangeSet) -> Option<Undone> {
        let repo = self.inner()?;
        let (first, many) = (change.files.first()?, change.files.len());
        if many > FILES {
            return None;
        }
        let mut commit = head_commit(repo).ok()?;
        let mut is = standing(&commit, first);
        for _ in 0..COMMITS {
            let parent = commit.parent(0).ok()?;
            // Most commits leave the first file alone, which costs no comparison of trees to see.
            let was = standing(&parent, first);
            let now = std::mem::replace(&mut is, was);
            if commit.parent_count() == 1
                && now != was
                && weighs(repo, first, was, now)
                && narrow(repo, &commit, &parent)
                && self.inverse(&commit, change)
            {
                let subject = String::from_utf8_lossy(commit.summary_bytes().unwrap_or_default()).into_owned();
                return Some(Undone { id: commit.id().to_string(), subject });
            }
            commit = parent;
        }
        None
    }

    fn inverse(&self, commit: &Commit<'_>, change: &ChangeSet) -> bool {
        let Ok(done) = diff::diff(self, &Source::Commit(commit.id().to_string())) else { return false };
        done.files.len() == change.files.len()
            && change.files.iter().all(|file| done.files.iter().any(|other| undoes(file, other)))
    }
}

/// Whether what a commit made of a file (`was` to `now`) can be what the change takes back, by the size of both: this is
/// known without reading them. Lines have their own length back and forth; the last may lack its end.
fn weighs(repo: &Repository, file: &FileChange, was: Option<Oid>, now: Option<Oid>) -> bool {
    let lines = || file.hunks.iter().flat_map(|hunk| &hunk.lines);
    let (Some(was), Some(now), Status::Modified) = (was, now, file.status) else { return true };
    // What is no text was turned into some, of another length.
    if file.unread.is_some() || lines().next().is_none() || lines().any(|line| line.text.contains('\u{fffd}')) {
        return true;
    }
    let Ok(odb) = repo.odb() else { return true };
    let size = |id| odb.read_header(id).ok().and_then(|(size, _)| i64::try_from(size).ok());
    let (Some(was), Some(now)) = (size(was), size(now)) else { return true };
    let bytes = |kind| lines().filter(|l| l.kind == kind).map(|l| l.text.len() + 1).sum::<usize>();
    let ours = i64::try_from(bytes(LineKind::Added)).ok().zip(i64::try_from(bytes(LineKind::Removed)).ok());
    ours.is_none_or(|(added, removed)| (now - was + added - removed).abs() <= 2)
}

/// Whether a commit is small enough to be read whole; a moved file counts twice.
fn narrow(repo: &Repository, commit: &Commit<'_>, parent: &Commit<'_>) -> bool {
    let (Ok(old), Ok(new)) = (parent.tree(), commit.tree()) else { return false };
    apart(repo, Some(&old), Some(&new), 2 * FILES + 1).is_ok_and(|paths| paths.len() <= 2 * FILES)
}

/// What stood at a file's place after a commit.
fn standing(commit: &Commit<'_>, file: &FileChange) -> Option<Oid> {
    let path = super::contents::os_path(&file.path)?;
    Some(commit.tree().ok()?.get_path(&path).ok()?.id())
}

/// Whether the one does to a file the inverse of what the other did.
fn undoes(file: &FileChange, other: &FileChange) -> bool {
    let back = match other.status {
        Status::Added => Status::Deleted,
        Status::Deleted => Status::Added,
        Status::Renamed => Status::Renamed,
        Status::Modified => Status::Modified,
        _ => return false,
    };
    let (from, to) = (file.old_path.as_ref().unwrap_or(&file.path), &file.path);
    let (was, is) = (other.old_path.as_ref().unwrap_or(&other.path), &other.path);
    if file.status != back
        || from != is
        || to != was
        || file.old_mode != other.new_mode
        || file.new_mode != other.old_mode
    {
        return false;
    }
    if file.old_id.is_some() && (&file.old_id, &file.new_id) == (&other.new_id, &other.old_id) {
        return true;
    }
    // With what stands round them: the same line elsewhere is another one.
    let told = |file: &FileChange, back: bool| -> Vec<(u8, String)> {
        let mark = |kind: LineKind| match (kind, back) {
            (LineKind::Context, _) => 0,
            (LineKind::Added, false) | (LineKind::Removed, true) => 1,
            _ => 2,
        };
        // Where some lines take others' place, those that go stand first, whichever way it is read.
        let mut out: Vec<(u8, String)> = Vec::new();
        for hunk in &file.hunks {
            let (mut gone, mut come): (Vec<_>, Vec<_>) = (Vec::new(), Vec::new());
            for line in &hunk.lines {
                match mark(line.kind) {
                    1 => come.push((1, line.text.clone())),
                    2 => gone.push((2, line.text.clone())),
                    _ => {
                        out.append(&mut gone);
                        out.append(&mut come);
                        out.push((0, line.text.clone()));
                    }
                }
            }
            out.append(&mut gone);
            out.append(&mut come);
        }
        out
    };
    let says =
        file.hunks.iter().flat_map(|h| &h.lines).any(|l| l.kind != LineKind::Context && !l.text.trim().is_empty());
    says && (file.added, file.removed) == (other.removed, other.added) && told(file, false) == told(other, true)
}
