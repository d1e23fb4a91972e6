//! The log: one line of JSON for each request, in which nothing stands that a caller wrote but the masked name of a model, in a file of the state folder that stays small.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde::Serialize;

use crate::world::files;

/// The file's name in the state folder.
pub const FILE: &str = "serve.log";
/// A longer one becomes the one before (bytes).
const LONGEST: u64 = 8 << 20;

/// Where lines go.
pub struct Journal {
    path: Option<PathBuf>,
    open: Mutex<Option<(File, u64)>>,
}

impl Journal {
    /// In this folder; `None` keeps nothing.
    #[must_use]
    pub fn at(dir: Option<&Path>) -> Self {
        Self { path: dir.map(|dir| dir.join(FILE)), open: Mutex::default() }
    }

    /// Adds a line. One that cannot be written is lost: requests are not.
    pub(super) fn line(&self, line: &impl Serialize) {
        let Some(path) = &self.path else { return };
        let mut text = Vec::with_capacity(512);
        if serde_json::to_writer(&mut text, line).is_err() {
            return;
        }
        text.push(b'\n');
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if open.as_ref().is_some_and(|(_, length)| *length > LONGEST) {
            *open = None;
            files::turn(path);
        }
        if open.is_none() {
            *open = files::append_private(path).ok();
        }
        if let Some((file, length)) = open.as_mut() {
            match file.write_all(&text) {
                Ok(()) => *length += text.len() as u64,
                Err(_) => *open = None,
            }
        }
    }
}
