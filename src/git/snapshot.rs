//! What a commit would take, as it lies on disk at one moment: a message for one state is not committed with another.

use sha2::{Digest, Sha256};

use super::contents::{in_work_tree, os_path};
use super::error::{Anew, GitError};
use super::repo::Repo;
use super::{ChangeSet, FileKind, Path, Source, tree};

/// Of a larger file in the work tree (bytes), what the file system says of it tells its states apart.
const READ: u64 = 64 << 20;

/// One moment of branch, last commit, index and, where a commit takes it, work tree. Two are equal when nothing that a
/// commit takes has changed in between.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot([u8; 32]);

impl Repo {
    /// What lies on disk now, however long ago this repository was opened. To be taken before the change is read.
    ///
    /// # Errors
    /// [`GitError::Index`] when the index cannot be read.
    pub fn snapshot(&self, source: &Source) -> Result<Snapshot, GitError> {
        let mut hasher = Sha256::new();
        let mut part = |bytes: &[u8]| {
            hasher.update(bytes.len().to_le_bytes());
            hasher.update(bytes);
        };
        part(self.branch().unwrap_or_default().as_bytes());
        self.lies(source, &mut part)?;
        Ok(Snapshot(hasher.finalize().into()))
    }

    /// What a commit of this change does, as one word: to which files it does what, whatever commit or branch it is put
    /// upon. An amend belongs to the commit that it takes the place of. `None` when nothing would be committed.
    #[must_use]
    pub fn stands(&self, source: &Source, change: &ChangeSet) -> Option<String> {
        // With the same parents and files, another message may stand in the last commit by now.
        let amends = matches!(source, Source::Amend | Source::AmendTracked);
        let amended = if amends { self.head_id()? } else { String::new() };
        if amended.is_empty() && change.is_empty() {
            return None;
        }
        let mut hasher = Sha256::new();
        let mut part = |bytes: &[u8]| {
            hasher.update(bytes.len().to_le_bytes());
            hasher.update(bytes);
        };
        for file in &change.files {
            part(file.old_path.as_ref().map(Path::raw).unwrap_or_default());
            part(file.path.raw());
            part(format!("{:?} {:?} {:?} {:?}", file.status, file.old_mode, file.new_mode, file.old_id).as_bytes());
            match (&file.kind, source) {
                (FileKind::Submodule { from, to, .. }, _) => part(format!("{from:?} {to:?}").as_bytes()),
                // What lies in the work tree has no id yet.
                (_, Source::Tracked | Source::AmendTracked) if file.new_mode.is_some() => {
                    let text = self.root().and_then(|root| in_work_tree(root, &file.path, READ));
                    part(&text.unwrap_or_else(|| self.looks(file.path.raw()).into_bytes()));
                }
                (_, Source::Tracked | Source::AmendTracked) => {}
                _ => part(file.new_id.as_deref().unwrap_or_default().as_bytes()),
            }
        }
        Some(amended + &hasher.finalize().iter().map(|b| format!("{b:02x}")).collect::<String>())
    }

    /// Last commit, index and, where a commit takes it, work tree, piece by piece.
    fn lies(&self, source: &Source, part: &mut dyn FnMut(&[u8])) -> Result<(), GitError> {
        part(self.head_id().unwrap_or_default().as_bytes());
        let entries = tree::entries(self)
            .ok_or_else(|| GitError::Index("the index cannot be read".to_owned(), Anew::of(self)))?;
        for entry in &entries {
            part(&entry.path);
            part(format!("{:o} {} {} {}", entry.mode, entry.id, entry.stage, entry.soon).as_bytes());
            if matches!(source, Source::Tracked | Source::AmendTracked) {
                part(self.looks(&entry.path).as_bytes());
            }
        }
        Ok(())
    }

    /// What the file system says of a tracked file; reading them all again would take as long as reading the change.
    fn looks(&self, path: &[u8]) -> String {
        let place = self.root().zip(os_path(&Path::new(path))).map(|(root, path)| root.join(path));
        let Some(meta) = place.and_then(|place| std::fs::symlink_metadata(place).ok()) else { return String::new() };
        let kind = meta.file_type();
        format!("{} {:?} {:?} {:?}", meta.len(), meta.modified().ok(), meta.permissions(), kind)
    }
}
