//! Rows of a proxy's requests: on disk at once, in a file of this process beside the database, and in the database a
//! moment later, many together. Nobody waits for a commit, and a process that is killed loses nothing: it leaves its file
//! behind, and whoever opens the store next takes it in.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use rusqlite::{Connection, TransactionBehavior, params_from_iter};

use super::verb::{Cell, Cells, Flat, Note, Verb, cell};
use crate::world::page::{Left, Page};

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

/// Runs what was taken, in its order.
pub(super) fn run(c: &Connection, rows: &mut [Note]) -> rusqlite::Result<()> {
    placed(c, rows)?;
    rows.iter().try_for_each(|note| note.run(c))
}

/// Gives attempts that come whole the place of their sums: found once for all that share it, and not for each by a trigger.
/// One whose request is not among them is left to that.
fn placed(c: &Connection, rows: &mut [Note]) -> rusqlite::Result<()> {
    let begun = |note: &&Note| matches!(note.0, Verb::Request | Verb::WholeRequest);
    let requests: HashMap<Option<&Cell>, &Cells> =
        rows.iter().filter(begun).map(|note| (note.1.first(), &note.1)).collect();
    let mut known: HashMap<[&str; 7], i64> = HashMap::new();
    let mut scenes: Vec<(usize, i64)> = Vec::new();
    for (at, note) in rows.iter().enumerate().filter(|(_, note)| note.0 == Verb::WholeAttempt) {
        let Some(request) = requests.get(&note.1.first()) else { continue };
        // Upstream, account and model of the attempt; repository, branch, caller and commit of the request.
        let [upstream, account, model] = [4, 5, 6].map(|at| there(&note.1, at));
        let [repo, branch, caller, commit] = [4, 5, 10, 11].map(|at| there(request, at));
        let place = [upstream, account, model, repo, branch, caller, commit];
        let scene = match known.get(&place) {
            Some(scene) => *scene,
            None => {
                let scene = scene(c, place)?;
                known.insert(place, scene);
                scene
            }
        };
        scenes.push((at, scene));
    }
    for (at, scene) in scenes {
        if let Some(last) = rows.get_mut(at).and_then(|note| note.1.last_mut()) {
            *last = cell(scene);
        }
    }
    Ok(())
}

/// The text at a place; none is an empty one.
fn there(cells: &[Cell], at: usize) -> &str {
    match cells.get(at) {
        Some(Some(Flat::Text(text))) => text,
        _ => "",
    }
}

fn scene(c: &Connection, place: [&str; 7]) -> rusqlite::Result<i64> {
    c.prepare_cached(
        "INSERT INTO scene (upstream, account, model, repo, branch, caller, commit_id) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT DO NOTHING",
    )?
    .execute(params_from_iter(place))?;
    c.prepare_cached(
        "SELECT id FROM scene WHERE upstream = ?1 AND account = ?2 AND model = ?3 AND repo = ?4 AND branch = ?5
         AND caller = ?6 AND commit_id = ?7",
    )?
    .query_row(params_from_iter(place), |row| row.get(0))
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
