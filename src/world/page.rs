//! The door to files that one process writes and the next one finds when it was killed: locked as long as their writer
//! lives, and gone when it ended well.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use super::files;

/// Names that were taken by others before one gives up.
const TRIES: usize = 64;

/// A file that this process writes.
#[derive(Debug)]
pub struct Page {
    file: File,
    path: PathBuf,
}

impl Page {
    /// A new one in a folder, under a name that begins so.
    ///
    /// # Errors
    /// The file system's own; one that has no locks has no pages.
    pub fn make(folder: &Path, name: &str) -> io::Result<Self> {
        static MADE: AtomicU64 = AtomicU64::new(0);
        for _ in 0..TRIES {
            let number = MADE.fetch_add(1, Ordering::Relaxed);
            let path = folder.join(format!("{name}{}-{number}", std::process::id()));
            let file = match files::append_private(&path) {
                Ok((file, _)) => file,
                // Whoever took it for left behind has removed it before it was opened.
                Err(error) if error.kind() == io::ErrorKind::NotFound && folder.is_dir() => continue,
                Err(error) => return Err(error),
            };
            match file.try_lock() {
                Ok(()) => {}
                // Another container's process of this number has it, or somebody looks at what one left behind.
                Err(std::fs::TryLockError::WouldBlock) => continue,
                Err(std::fs::TryLockError::Error(error)) => {
                    drop(std::fs::remove_file(&path));
                    return Err(error);
                }
            }
            // Whoever took it for left behind has just removed it, or it is left behind.
            if files::look(&path).is_some_and(|(_, length)| length == 0) {
                return Ok(Self { file, path });
            }
        }
        Err(io::Error::other(format!("no file {name}... could be made in {}", folder.display())))
    }

    /// Adds to it.
    ///
    /// # Errors
    /// The file system's own.
    pub fn add(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)
    }

    /// Empties it.
    pub fn clear(&self) {
        // What stays is written once more by whoever finds it, and changes nothing.
        drop(self.file.set_len(0));
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        // What is in it is for whoever comes next.
        if self.file.metadata().is_ok_and(|meta| meta.len() == 0) {
            drop(std::fs::remove_file(&self.path));
        }
    }
}

/// Something stands in a file of a folder under a name that begins so, whoever writes it.
#[must_use]
pub fn said(folder: &Path, name: &str) -> bool {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut ours = entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(name));
    ours.any(|entry| files::look(&entry.path()).is_some_and(|(_, length)| length > 0))
}

/// What a process left behind.
#[derive(Debug)]
pub struct Left {
    file: File,
    path: PathBuf,
}

impl Left {
    /// All that nobody writes to any more, in a folder, under names that begin so.
    #[must_use]
    pub fn all(folder: &Path, name: &str) -> Vec<Self> {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        let ours = entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(name));
        ours.filter_map(|entry| Self::of(entry.path()).ok().flatten()).collect()
    }

    fn of(path: PathBuf) -> io::Result<Option<Self>> {
        let file = files::open_private(&path)?;
        Ok(file.try_lock().is_ok().then_some(Self { file, path }))
    }

    /// What is in it.
    ///
    /// # Errors
    /// The file system's own; `InvalidData` beyond `limit` bytes.
    pub fn read(&self, limit: u64) -> io::Result<Vec<u8>> {
        let mut out = Vec::new();
        (&self.file).take(limit.saturating_add(1)).read_to_end(&mut out)?;
        if u64::try_from(out.len()).is_ok_and(|length| length > limit) {
            return Err(io::ErrorKind::InvalidData.into());
        }
        Ok(out)
    }

    /// Nobody needs it any more.
    pub fn done(self) {
        // While it is locked: its name is nobody else's yet.
        drop(std::fs::remove_file(&self.path));
        drop(self.file);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicBool;

    use super::*;

    #[test]
    fn a_page_is_made_while_somebody_sweeps_up_what_was_left_behind() {
        let dir = tempfile::tempdir().unwrap();
        let over = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !over.load(Ordering::Relaxed) {
                    Left::all(dir.path(), "page-").into_iter().for_each(Left::done);
                }
            });
            let failed: Vec<io::Error> = (0..20_000).filter_map(|_| Page::make(dir.path(), "page-").err()).collect();
            over.store(true, Ordering::Relaxed);
            assert!(failed.is_empty(), "{} of them: {:?}", failed.len(), failed.first());
        });
    }
}
