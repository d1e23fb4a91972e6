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
    /// What goes into the file with whatever comes next.
    unsaid: Vec<u8>,
    /// The writer knows that something waits.
    told: bool,
}

impl State {
    fn push(&mut self, note: Note) {
        if self.waiting.len() < LAST {
            say(&mut self.unsaid, &note);
            self.waiting.push(note);
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

    /// Takes it in, with all that was kept aside. Whether the writer is to be told, and whether it is on disk: where it is
    /// not, it is written all the same.
    pub(super) fn put(&self, note: Note) -> (bool, io::Result<()>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.push(note);
        let kept = self.keep(&mut state);
        (!std::mem::replace(&mut state.told, true), kept)
    }

    fn keep(&self, state: &mut State) -> io::Result<()> {
        let said = std::mem::take(&mut state.unsaid);
        if state.pages.is_none() {
            let folder = self.folder.as_deref().ok_or(io::ErrorKind::NotFound)?;
            state.pages = Some((Page::make(folder, NAME)?, Page::make(folder, NAME)?));
        }
        let added = match &mut state.pages {
            Some((page, _)) => page.add(&said),
            None => Ok(()),
        };
        if added.is_err() {
            // It may have taken half a line.
            state.unsaid.push(b'\n');
        }
        added
    }

    /// There is no room for more: the database takes nothing.
    pub(super) fn full(&self) -> bool {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).waiting.len() >= MOST
    }

    /// Something waits for the writer.
    pub(super) fn waits(&self) -> bool {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).told
    }

    /// What waits, for the writer; once it is in the database, [`Self::settled`] says so, and nothing is taken before.
    pub(super) fn take(&self) -> Vec<Note> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.told = false;
        if let Some((page, other)) = &mut state.pages {
            std::mem::swap(page, other);
        }
        // What was kept aside has its place in the other file now.
        std::mem::take(&mut state.waiting)
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

/// Runs what was taken, in its order; what began and ended meanwhile is one row.
pub(super) fn run(c: &Connection, notes: &[Note]) -> rusqlite::Result<()> {
    let mut rows = merged(notes);
    placed(c, &mut rows)?;
    rows.iter().try_for_each(|note| note.run(c))
}

/// Gives attempts that come whole the place of their sums: found once for all that share it, and not for each by a trigger.
/// One whose request is not among them is left to that.
fn placed(c: &Connection, rows: &mut [Note]) -> rusqlite::Result<()> {
    let begun = |note: &&Note| matches!(note.0, Verb::Request | Verb::WholeRequest);
    let requests = rows.iter().filter(begun).map(|note| (note.1.first().cloned(), note.1.clone()));
    let requests: HashMap<Option<Cell>, Cells> = requests.collect();
    let mut known: HashMap<Cells, i64> = HashMap::new();
    for note in rows.iter_mut().filter(|note| note.0 == Verb::WholeAttempt) {
        let Some(request) = requests.get(&note.1.first().cloned()) else { continue };
        // Upstream, account and model of the attempt; repository, branch, caller and commit of the request.
        let there = |cells: &[Cell], at: usize| cells.get(at).cloned().flatten().or(Some(Flat::Text(String::new())));
        let place = [4, 5, 6].map(|at| there(&note.1, at)).into_iter();
        let place: Cells = place.chain([4, 5, 10, 11].map(|at| there(request, at))).collect();
        let scene = match known.get(&place) {
            Some(scene) => *scene,
            None => {
                let scene = scene(c, &place)?;
                known.insert(place, scene);
                scene
            }
        };
        if let Some(last) = note.1.last_mut() {
            *last = cell(scene);
        }
    }
    Ok(())
}

fn scene(c: &Connection, place: &[Cell]) -> rusqlite::Result<i64> {
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

fn merged(notes: &[Note]) -> Vec<Note> {
    let mut out: Vec<Note> = Vec::with_capacity(notes.len());
    let mut begun: HashMap<&[Cell], usize> = HashMap::with_capacity(notes.len());
    for note in notes {
        match note.0 {
            Verb::Request | Verb::Attempt => {
                begun.insert(note.row(), out.len());
                out.push(note.clone());
            }
            _ => {
                let begin = begun.get(note.row()).and_then(|at| out.get_mut(*at));
                let other = match begin {
                    Some(begin) => begin.ends(note.clone()),
                    None => Some(note.clone()),
                };
                out.extend(other);
            }
        }
    }
    out
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
