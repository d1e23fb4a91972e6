//! One renewal at a time on this machine: a file lock per credential, with a bounded wait.
//!
//! The system frees such a lock when its holder dies, however it dies, so that none outlives its process. What a
//! holder writes into the file before it asks the endpoint, and takes out once the answer is on disk, tells the
//! next one that an answer was lost.

use std::fs::{File, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::world::{Clock, files};

/// How long a renewal by another process is waited for: longer than a token endpoint may take.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);
const STEP: Duration = Duration::from_millis(10);
/// A note in a lock file is one line (bytes).
const LIMIT: u64 = 256;

/// Why a renewal could not begin.
#[derive(Debug, thiserror::Error)]
pub(super) enum LockError {
    /// Another process has it and does not come to an end.
    #[error("{0} renews the same token and does not come to an end")]
    Busy(String),
    /// The lock file cannot be used.
    #[error("{} cannot be used: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// A held lock; freed when dropped.
pub(super) struct Lock {
    file: File,
    /// What an earlier holder left when it died between asking and writing.
    pub(super) left: Option<String>,
}

/// Where the lock of a credential lies; `id` is any text.
pub(super) fn place(dir: &Path, id: &str) -> PathBuf {
    use sha2::{Digest, Sha256};
    // Names of accounts may hold what file names may not.
    let name: String = Sha256::digest(id.as_bytes()).iter().take(12).map(|b| format!("{b:02x}")).collect();
    dir.join("refresh").join(format!("{name}.lock"))
}

impl Lock {
    /// Waits for the lock, at most `patience`.
    pub(super) fn take(path: &Path, patience: Duration) -> Result<Self, LockError> {
        let broken = |source| LockError::Io { path: path.to_owned(), source };
        if let Some(dir) = path.parent() {
            files::private_dir(dir).map_err(broken)?;
        }
        let mut file = files::open_private(path).map_err(broken)?;
        let mut waited = Duration::ZERO;
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::Error(error)) => return Err(broken(error)),
                Err(TryLockError::WouldBlock) if waited >= patience => {
                    let holder = note(&mut file).unwrap_or_default();
                    let who = holder.split_whitespace().next().unwrap_or_default();
                    let who = if who.is_empty() { "another monster".to_owned() } else { format!("process {who}") };
                    return Err(LockError::Busy(who));
                }
                Err(TryLockError::WouldBlock) => {
                    std::thread::sleep(STEP);
                    waited += STEP;
                }
            }
        }
        let left = note(&mut file).map_err(broken)?;
        Ok(Self { file, left: Some(left).filter(|l| !l.is_empty()) })
    }

    /// Notes that the endpoint is about to be asked. Losing the note loses only an explanation.
    pub(super) fn asking(&mut self, clock: &Clock) {
        let line = format!("{} {}\n", std::process::id(), clock.now().strftime("%Y-%m-%dT%H:%M:%SZ"));
        drop(
            self.file.rewind().and_then(|()| self.file.set_len(0)).and_then(|()| self.file.write_all(line.as_bytes())),
        );
    }

    /// Notes that the answer is on disk, or that there was none.
    pub(super) fn settled(&mut self) {
        drop(self.file.set_len(0));
    }
}

fn note(file: &mut File) -> io::Result<String> {
    file.rewind()?;
    let mut bytes = Vec::new();
    file.take(LIMIT).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).trim().to_owned())
}
