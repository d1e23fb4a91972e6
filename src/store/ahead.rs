//! Rows of a proxy's requests: on disk at once, in a file of this process beside the database, and in the database a
//! moment later, many together. Nobody waits for a commit, and a process that is killed loses nothing: it leaves its file
//! behind, and whoever opens the store next takes it in.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use rusqlite::{Connection, TransactionBehavior};

use super::verb::{Cell, Note, Verb};
use crate::world::page::{self, Left, Page};

/// Files of this kind begin so.
const NAME: &str = "ahead-";
/// More rows than these do not wait: somebody keeps the database locked, or it cannot be written.
const MOST: usize = 16_384;
/// And more than these are not kept, whatever becomes of them: nobody was told that they would be.
const LAST: usize = 4 * MOST;
/// What no file took is tried again up to this (bytes).
const UNSAID: usize = 1 << 20;
/// Nothing of ours is larger (bytes).
const LARGEST: u64 = 256 << 20;

/// Rows of whatever process lie in a file of this folder and may not be in the database yet.
pub(super) fn waits(folder: &Path) -> bool {
    page::said(folder, NAME)
}

/// What waits to be written.
pub(super) struct Ahead {
    folder: Option<PathBuf>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// The file that is written to, and the one whose rows are being taken into the database.
    pages: Option<(Page, Page)>,
    waiting: Vec<Note>,
    /// What goes into the file next.
    unsaid: Vec<u8>,
    /// The writer knows that something waits.
    told: bool,
    /// How many were taken in, and how many of those lie in a file or lay there.
    taken: u64,
    kept: u64,
}

/// What was taken in.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Taken {
    /// The writer is to be told.
    pub(super) first: bool,
    /// How many were before it, and itself.
    pub(super) number: u64,
}

impl State {
    /// Takes it in. What finds no room is not kept: nobody was told that it would be.
    fn push(&mut self, note: Note) {
        if self.waiting.len() < LAST {
            say(&mut self.unsaid, &note);
            self.waiting.push(note);
            self.taken += 1;
        }
    }
}

impl Ahead {
    /// Files in this folder; `None` = in memory.
    pub(super) fn new(folder: Option<&Path>) -> Self {
        Self { folder: folder.map(Path::to_owned), state: Mutex::default() }
    }

    /// Keeps it for what comes next.
    pub(super) fn aside(&self, note: Note) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).push(note);
    }

    /// Takes it in, with all that was kept aside, for whoever flushes.
    pub(super) fn push(&self, note: Note) -> Taken {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.push(note);
        let first = !std::mem::replace(&mut state.told, true);
        Taken { first, number: state.taken }
    }

    /// Writes what was taken in into the file; what that does not take stays for the next time, and in memory.
    pub(super) fn flush(&self) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        drop(self.keep(&mut state));
    }

    /// Has what was taken in as the `number`th, and whose row is `row`, in the file.
    ///
    /// # Errors
    /// It is not: the note, where it still waits, which is written all the same.
    pub(super) fn sure(&self, number: u64, verb: Verb, row: &[Cell]) -> Result<(), Option<Note>> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.kept >= number || self.keep(&mut state).is_ok() {
            return Ok(());
        }
        Err(state.waiting.iter().find(|note| note.0 == verb && note.row() == row).cloned())
    }

    fn keep(&self, state: &mut State) -> io::Result<()> {
        if !state.unsaid.is_empty() {
            if let Err(error) = self.say(state) {
                // Rows beyond go into the database alone; and the file may have taken half a line.
                if state.unsaid.len() > UNSAID {
                    state.unsaid.clear();
                }
                state.unsaid.insert(0, b'\n');
                return Err(error);
            }
            state.unsaid.clear();
        }
        state.kept = state.taken;
        Ok(())
    }

    fn say(&self, state: &mut State) -> io::Result<()> {
        let page = match &mut state.pages {
            Some((page, _)) => page,
            none => {
                let folder = self.folder.as_deref().ok_or(io::ErrorKind::NotFound)?;
                &mut none.insert((Page::make(folder, NAME)?, Page::make(folder, NAME)?)).0
            }
        };
        page.add(&state.unsaid)
    }

    /// There is no room for more: the database takes nothing.
    pub(super) fn full(&self) -> bool {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).waiting.len() >= MOST
    }

    /// Something waits for the writer.
    pub(super) fn waits(&self) -> bool {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).told
    }

    /// What waits, for the writer, what began and ended meanwhile as one row; once it is in the database,
    /// [`Self::settled`] says so, and nothing is taken before.
    pub(super) fn take(&self) -> Vec<Note> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.told = false;
        if let Some((page, other)) = &mut state.pages {
            std::mem::swap(page, other);
        }
        // What was kept aside has its place in the other file now.
        let notes = std::mem::take(&mut state.waiting);
        drop(state);
        merged(notes)
    }

    /// What was taken stands in the database.
    pub(super) fn settled(&self) {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, done)) = &state.pages {
            done.clear();
        }
    }
}

/// One line.
fn say(out: &mut Vec<u8>, note: &Note) {
    if serde_json::to_writer(&mut *out, note).is_ok() {
        out.push(b'\n');
    }
}

/// What began and ended is one row, in the place of its beginning.
pub(super) fn merged(notes: Vec<Note>) -> Vec<Note> {
    let mut begun: HashMap<&[Cell], usize> = HashMap::with_capacity(notes.len());
    let mut begins: Vec<Option<usize>> = Vec::with_capacity(notes.len());
    for (at, note) in notes.iter().enumerate() {
        begins.push(match note.0 {
            Verb::Request | Verb::Attempt => {
                begun.insert(note.row(), at);
                None
            }
            _ => begun.get(note.row()).copied(),
        });
    }
    let mut rows: Vec<Option<Note>> = notes.into_iter().map(Some).collect();
    for (at, begin) in begins.into_iter().enumerate() {
        let Some(begin) = begin else { continue };
        let Some(end) = rows.get_mut(at).and_then(Option::take) else { continue };
        let other = match rows.get_mut(begin) {
            Some(Some(row)) => row.ends(end),
            _ => Some(end),
        };
        if let Some(row) = rows.get_mut(at) {
            *row = other;
        }
    }
    rows.into_iter().flatten().collect()
}

/// Takes in what processes left behind that were killed: all files at once, and what begins before what ends, because one
/// story may begin in one file and end in another. Where somebody keeps the database locked, it is left for whoever opens
/// the store next.
pub(super) fn adopt(folder: &Path, c: &Connection) {
    // One that cannot be read stays, and keeps nobody from his work.
    let read = |left: Left| left.read(LARGEST).ok().map(|content| (left, content));
    let found: Vec<(Left, Vec<u8>)> = Left::all(folder, NAME).into_iter().filter_map(read).collect();
    // The last line of one that was killed while it wrote may be half of one.
    let lines = found.iter().flat_map(|(_, content)| content.split(|byte| *byte == b'\n'));
    let mut notes: Vec<Note> = lines.filter_map(|line| serde_json::from_slice(line).ok()).collect();
    notes.sort_by_key(|note| note.0.turn());
    if notes.is_empty() || taken_in(c, notes).is_ok() {
        found.into_iter().for_each(|(left, _)| left.done());
    }
}

fn taken_in(c: &Connection, notes: Vec<Note>) -> rusqlite::Result<()> {
    let all = rusqlite::Transaction::new_unchecked(c, TransactionBehavior::Immediate)?;
    for note in notes {
        // Whoever was killed may have been an older version, whose rows were shorter.
        note.padded().run(&all)?;
    }
    all.commit()
}
