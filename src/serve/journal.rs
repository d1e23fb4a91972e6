//! The log: one line of JSON for each request, in which nothing stands that a caller wrote but the masked name of a model, in
//! a file of the state folder that stays small. Lines are written together, a moment later: nobody's answer waits for them.

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
/// More lines do not wait.
const MOST: usize = 1024;

/// Spells a line.
type Line = Box<dyn FnOnce(&mut Vec<u8>) + Send>;

/// Where lines go.
pub struct Journal {
    kept: Option<Arc<Kept>>,
}

struct Kept {
    path: PathBuf,
    lines: Mutex<Lines>,
    open: Mutex<Option<(File, u64)>>,
}

#[derive(Default)]
struct Lines {
    waiting: Vec<Line>,
    /// Somebody will write them.
    due: bool,
}

impl Journal {
    /// In this folder; `None` keeps nothing.
    #[must_use]
    pub fn at(dir: Option<&Path>) -> Self {
        let kept = |dir: &Path| Kept { path: dir.join(FILE), lines: Mutex::default(), open: Mutex::default() };
        Self { kept: dir.map(|dir| Arc::new(kept(dir))) }
    }

    /// Adds a line. One that cannot be written is lost: requests are not.
    pub(super) fn line<T: Serialize + Send + Sync + 'static>(&self, line: Arc<T>) {
        let Some(kept) = &self.kept else { return };
        let spell = move |out: &mut Vec<u8>| {
            let before = out.len();
            match serde_json::to_writer(&mut *out, &*line) {
                Ok(()) => out.push(b'\n'),
                Err(_) => out.truncate(before),
            }
        };
        let mut lines = kept.lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines.waiting.push(Box::new(spell));
        let full = lines.waiting.len() >= MOST;
        let first = !std::mem::replace(&mut lines.due, true);
        drop(lines);
        match Handle::try_current() {
            Ok(runtime) if !full => {
                if first {
                    let kept = Arc::clone(kept);
                    runtime.spawn(async move {
                        tokio::time::sleep(GATHER).await;
                        kept.write();
                    });
                }
            }
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
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        let waiting = std::mem::take(&mut lines.waiting);
        lines.due = false;
        drop(lines);
        let mut text = Vec::with_capacity(512 * waiting.len());
        waiting.into_iter().for_each(|spell| spell(&mut text));
        if text.is_empty() {
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
            match file.write_all(&text) {
                Ok(()) => *length += text.len() as u64,
                Err(_) => *open = None,
            }
        }
    }
}
