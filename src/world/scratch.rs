//! A folder of our own for what is needed only while something runs.

use std::io;
use std::path::{Path, PathBuf};

use super::{files, random};

/// An empty folder among the temporary ones that only its owner can enter; it goes when this is dropped.
#[derive(Debug)]
pub struct Scratch(PathBuf);

impl Scratch {
    /// A new one, with this word in its name.
    ///
    /// # Errors
    /// The file system's own.
    pub fn new(word: &str) -> io::Result<Self> {
        let name = format!("monster-{word}-{:016x}", u64::from_le_bytes(random::bytes()?));
        let dir = std::env::temp_dir().join(name);
        files::private_dir(&dir)?;
        Ok(Self(dir))
    }

    /// Where it lies.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What is left in a folder for temporary files does no harm.
        drop(std::fs::remove_dir_all(&self.0));
    }
}
