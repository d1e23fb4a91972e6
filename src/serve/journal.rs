//! The log: one line of JSON for each request, in which nothing stands that a caller wrote but the masked name of a model, in
//! a file of the state folder that stays small. Lines are spelled and written together, a moment later: nobody's answer waits
//! for them.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde::Serialize;
use tokio::runtime::Handle;

use crate::world::{Clock, files};

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
    open: Mutex<Open>,
}

/// The file, and what became of it.
#[derive(Default)]
struct Open {
    /// With its length, as far as we know.
    file: Option<(File, u64)>,
    /// It ends in half a line that could not be taken back.
    torn: bool,
    /// Lines that it did not take, and have not been told of in it, and why.
    lost: usize,
    why: String,
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
        if open.file.as_ref().is_some_and(|(_, length)| *length > LONGEST) {
            (open.file, open.torn) = (None, false);
            files::turn(&self.path);
        }
        let mut lines = Vec::new();
        if open.lost > 0 {
            open.gap().spell(&mut lines);
        }
        let told = lines.len();
        waiting.lines.iter().for_each(|line| line.spell(&mut lines));
        match open.add(&self.path, &lines) {
            Ok(()) => open.lost = 0,
            Err((kept, error)) => {
                // What was lost before is told of where that line went through.
                if told > 0 && kept >= told {
                    open.lost = 0;
                }
                let rest = lines.get(kept.max(told)..).unwrap_or_default();
                open.lost += rest.iter().filter(|byte| **byte == b'\n').count();
                open.why = error.to_string();
            }
        }
    }
}

impl Open {
    /// What is said of lines that are missing.
    fn gap(&self) -> serde_json::Value {
        let (lost, why) = (self.lost, &self.why);
        let lines =
            if lost == 1 { "1 line of this log was".to_owned() } else { format!("{lost} lines of this log were") };
        serde_json::json!({ "event": "lines_lost", "started_ms": Clock::system().millis(),
            "message": format!("{lines} lost before this one: {why}"), "lines": lost })
    }

    /// Adds lines, each of them whole or not at all.
    ///
    /// # Errors
    /// The system's, and so many bytes of them, whole lines, that are there nevertheless.
    fn add(&mut self, path: &Path, lines: &[u8]) -> Result<(), (usize, io::Error)> {
        let (mut file, mut length) = match self.file.take() {
            Some(open) => open,
            None => files::append_private(path).map_err(|error| (0, error))?,
        };
        if self.torn {
            file.write_all(b"\n").map_err(|error| (0, error))?;
            (self.torn, length) = (false, length + 1);
        }
        let mut written = 0;
        let failed = loop {
            let left = lines.get(written..).unwrap_or_default();
            match file.write(left) {
                _ if left.is_empty() => break None,
                Ok(0) => break Some(io::ErrorKind::WriteZero.into()),
                Ok(more) => written += more,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => break Some(error),
            }
        };
        let Some(error) = failed else {
            self.file = Some((file, length + written as u64));
            return Ok(());
        };
        let whole =
            lines.get(..written).unwrap_or_default().iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        // Half a line is taken back, unless another process has written behind it.
        let last = file.metadata().is_ok_and(|meta| meta.len() == length + written as u64);
        self.torn = whole < written && !(last && file.set_len(length + whole as u64).is_ok());
        Err((whole, error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file that takes nothing.
    #[cfg(target_os = "linux")]
    fn full() -> File {
        File::options().append(true).open("/dev/full").unwrap()
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn lines_that_are_lost_are_told_of_once_the_log_takes_some_again() {
        let dir = tempfile::tempdir().unwrap();
        let journal = Journal::at(Some(dir.path()));
        let kept = journal.kept.as_ref().unwrap();
        kept.open.lock().unwrap().file = Some((full(), 0));
        let line = |n: usize| journal.line(Arc::new(serde_json::json!({ "n": n })));
        line(1);
        assert_eq!(kept.open.lock().unwrap().lost, 1);
        kept.open.lock().unwrap().file = Some((full(), 0));
        line(2);
        line(3);
        line(4);
        let text = std::fs::read_to_string(dir.path().join(FILE)).unwrap();
        let told: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!((told.len(), &told[0]["event"], &told[0]["lines"]), (3, &"lines_lost".into(), &2.into()), "{text}");
        assert!(told[0]["message"].as_str().unwrap().starts_with("2 lines of this log were lost"), "{text}");
        assert_eq!((&told[1]["n"], &told[2]["n"]), (&3.into(), &4.into()));
    }

    #[test]
    fn half_a_line_that_cannot_be_taken_back_glues_to_no_other() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(FILE);
        files::append_private(&path).unwrap().0.write_all(b"{\"half\":").unwrap();
        let mut open = Open { torn: true, ..Open::default() };
        open.add(&path, b"{}\n").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "{\"half\":\n{}\n");
    }
}
