//! The log: one line of JSON for each request, in which nothing stands that a caller wrote but the masked name of a model, in
//! a file of the state folder that stays small. Lines are spelled and written together, a moment later: nobody's answer waits
//! for them.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde::Serialize;
use tokio::runtime::Handle;

use crate::world::files;

/// The file's name in the state folder.
pub const FILE: &str = "serve.log";
/// A longer one becomes the one before (bytes).
const LONGEST: u64 = 8 << 20;
/// So long a line waits for others.
const GATHER: Duration = Duration::from_millis(20);
/// More than so many do not wait.
const MOST: usize = 512;

/// What a line says.
pub(super) trait Line: Send + Sync {
    /// Adds it as JSON.
    fn spell(&self, out: &mut Vec<u8>);
}

impl<T: Serialize + Send + Sync> Line for T {
    fn spell(&self, out: &mut Vec<u8>) {
        let from = out.len();
        match serde_json::to_writer(&mut *out, self) {
            Ok(()) => out.push(b'\n'),
            Err(_) => out.truncate(from),
        }
    }
}

/// Where lines go.
pub struct Journal {
    kept: Option<Arc<Kept>>,
}

struct Kept {
    path: PathBuf,
    waiting: Mutex<Waiting>,
    open: Mutex<Option<(File, u64)>>,
}

#[derive(Default)]
struct Waiting {
    lines: Vec<Arc<dyn Line>>,
    /// Somebody will write them.
    due: bool,
}

impl Journal {
    /// In this folder; `None` keeps nothing.
    #[must_use]
    pub fn at(dir: Option<&Path>) -> Self {
        let kept = |dir: &Path| Kept { path: dir.join(FILE), waiting: Mutex::default(), open: Mutex::default() };
        Self { kept: dir.map(|dir| Arc::new(kept(dir))) }
    }

    /// Adds a line. One that cannot be written is lost: requests are not.
    pub(super) fn line(&self, line: Arc<dyn Line>) {
        let Some(kept) = &self.kept else { return };
        let mut waiting = kept.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.lines.push(line);
        let full = waiting.lines.len() >= MOST;
        let first = !std::mem::replace(&mut waiting.due, true);
        drop(waiting);
        match Handle::try_current() {
            Ok(runtime) if first && !full => {
                let kept = Arc::clone(kept);
                drop(runtime.spawn(async move {
                    tokio::time::sleep(GATHER).await;
                    kept.write();
                }));
            }
            Ok(_) if !full => {}
            _ => kept.write(),
        }
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        if let Some(kept) = &self.kept {
            kept.write();
        }
    }
}

impl Kept {
    /// Writes what waits.
    fn write(&self) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let waiting = std::mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner));
        if waiting.lines.is_empty() {
            return;
        }
        if open.as_ref().is_some_and(|(_, length)| *length > LONGEST) {
            *open = None;
            files::turn(&self.path);
        }
        if open.is_none() {
            *open = files::append_private(&self.path).ok();
        }
        if let Some((file, length)) = open.as_mut() {
            let mut lines = Vec::new();
            waiting.lines.iter().for_each(|line| line.spell(&mut lines));
            match file.write_all(&lines) {
                Ok(()) => *length += lines.len() as u64,
                Err(_) => *open = None,
            }
        }
    }
}
