//! What a tag may point to besides a commit: git pushes a file and a folder that stand in no commit as well.

use git2::ObjectType;

use super::contents::Blobs;
use super::diff::RETYPED;
use super::error::GitError;
use super::repo::Repo;
use super::{ChangeSet, Contents, FileChange, Path, Source, Status, lines, patch};

/// A file alone, as a change that adds it, and what it holds.
pub(crate) type Alone = (ChangeSet, Box<dyn Contents>);

impl Repo {
    /// The file that this names, or that a tag of this name leads to, as one that is added under `name`; `None` where it
    /// leads to something else.
    ///
    /// # Errors
    /// [`GitError`].
    pub fn file_tagged(&self, rev: &str, name: &str) -> Result<Option<Alone>, GitError> {
        let id = match self.inner() {
            Some(repo) => repo.revparse_single(rev)?.peel(ObjectType::Blob).ok().map(|blob| blob.id().to_string()),
            None => {
                self.git().line(&["rev-parse", "--verify", "-q", "--end-of-options", &format!("{rev}^{{blob}}")]).ok()
            }
        };
        let Some(id) = id else { return Ok(None) };
        let contents = Blobs::alone(self)?;
        let mut file = FileChange::new(Path::from(name), Status::Added);
        file.new_mode = Some(0o100_644);
        file.new_id = Some(id);
        match contents.after(&file, RETYPED) {
            Some(text) => lines::between(&mut file, b"", &text, None)?,
            None => file.unread = Some("it is very large, or cannot be read".to_owned()),
        }
        patch::finish(&mut file);
        let label = Source::Whole(rev.to_owned()).label();
        Ok(Some((ChangeSet { files: vec![file], label, notes: Vec::new() }, Box::new(contents))))
    }
}
