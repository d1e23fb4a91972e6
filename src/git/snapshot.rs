//! What a commit would take, as it lies on disk at one moment: a message for one state is not committed with another.

use sha2::{Digest, Sha256};

use super::contents::os_path;
use super::error::GitError;
use super::repo::Repo;
use super::{Path, Source, tree};

/// One moment of branch, last commit, index and, where a commit takes it, work tree. Two are equal when nothing that a
/// commit takes has changed in between.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot([u8; 32]);

impl Repo {
    /// What lies on disk now, however long ago this repository was opened. To be taken before the change is read.
    ///
    /// # Errors
    /// `Damaged` when the index cannot be read.
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

    /// What a commit of this would rest on and hold, as one word: the same as long as the same would be committed, on
    /// whatever branch. `None` when the index cannot be read.
    #[must_use]
    pub fn stands(&self, source: &Source) -> Option<String> {
        if let Some(draft) = self.draft(source) {
            // What is amended belongs to it: with the same parents and files, another message may stand there by now.
            let amended = if *source == Source::Amend { self.head_id().unwrap_or_default() } else { String::new() };
            return Some(amended + &draft);
        }
        let mut hasher = Sha256::new();
        let mut part = |bytes: &[u8]| {
            hasher.update(bytes.len().to_le_bytes());
            hasher.update(bytes);
        };
        self.lies(source, &mut part).ok()?;
        Some(hasher.finalize().iter().map(|b| format!("{b:02x}")).collect())
    }

    /// Last commit, index and, where a commit takes it, work tree, piece by piece.
    fn lies(&self, source: &Source, part: &mut dyn FnMut(&[u8])) -> Result<(), GitError> {
        part(self.head_id().unwrap_or_default().as_bytes());
        let entries = tree::entries(self).ok_or_else(|| GitError::Damaged("the index cannot be read".to_owned()))?;
        for entry in &entries {
            part(&entry.path);
            part(format!("{:o} {} {} {}", entry.mode, entry.id, entry.stage, entry.soon).as_bytes());
            if matches!(source, Source::Tracked) {
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
