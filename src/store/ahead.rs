//! Rows of a proxy's requests: on disk at once, in a file of this process beside the database, and in the database a
//! moment later, many together. Nobody waits for a commit, and a process that is killed loses nothing: it leaves its file
//! behind, and whoever opens the store next takes it in.

use std::collections::HashMap;
use std::hash::{BuildHasher, BuildHasherDefault, Hasher};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, TransactionBehavior};
use tokio::runtime::Handle;

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
/// Most rows are no longer (bytes).
const LINE: usize = 512;
/// Nothing of ours is larger (bytes).
const LARGEST: u64 = 256 << 20;

/// Rows of whatever process lie in a file of this folder and may not be in the database yet.
pub(super) fn waits(folder: &Path) -> bool {
    page::said(folder, NAME)
}

/// So many parts of it can be written to at once: runtimes that carry requests would wait for each other.
const SHARDS: usize = 4;

/// What waits to be written. Whatever one runtime writes lies in one shard, in its order.
pub(super) struct Ahead {
    folder: Option<PathBuf>,
    shards: [Mutex<Shard>; SHARDS],
    /// The writer knows that something waits.
    told: AtomicBool,
    /// Rows that wait, of all shards.
    waiting: AtomicUsize,
}

#[derive(Default)]
struct Shard {
    /// The file that is written to, and the one whose rows are being taken into the database.
    pages: Option<(Page, Page)>,
    waiting: Vec<Note>,
    /// What goes into the file next.
    unsaid: Vec<u8>,
    /// How many were taken in, and how many of those lie in a file or lay there.
    taken: u64,
    kept: u64,
}

/// What was taken in.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Taken {
    /// The writer is to be told.
    pub(super) first: bool,
    shard: usize,
    /// How many were before it in its shard, and itself.
    number: u64,
}

/// Takes a number as what it is, and names that are ours in eight bytes at a time: nobody chooses them to collide.
#[derive(Default)]
pub(super) struct Plain(u64);

/// For rows by their ids, which we make.
pub(super) type Ours = BuildHasherDefault<Plain>;

impl Hasher for Plain {
    fn write(&mut self, bytes: &[u8]) {
        for part in bytes.chunks(8) {
            let mut whole = [0; 8];
            whole[..part.len()].copy_from_slice(part);
            self.write_u64(u64::from_le_bytes(whole));
        }
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = self.0.wrapping_mul(MIX).rotate_left(8) ^ number;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// Spreads what was taken in before (the golden ratio's digits, odd).
const MIX: u64 = 0x9e37_79b9_7f4a_7c15;

/// The shard of the runtime that asks. Runtimes are numbered as they are made, mostly; two that share a shard wait for each
/// other now and then.
fn mine() -> Option<usize> {
    let number = Ours::default().hash_one(Handle::try_current().ok()?.id());
    usize::try_from(number).ok().map(|number| number % SHARDS)
}

impl Ahead {
    /// Files in this folder; `None` = in memory.
    pub(super) fn new(folder: Option<&Path>) -> Self {
        Self {
            folder: folder.map(Path::to_owned),
            shards: std::array::from_fn(|_| Mutex::default()),
            told: AtomicBool::new(false),
            waiting: AtomicUsize::new(0),
        }
    }

    fn shard(&self, at: usize) -> MutexGuard<'_, Shard> {
        let [first, ..] = &self.shards;
        self.shards.get(at).unwrap_or(first).lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn each(&self) -> impl Iterator<Item = MutexGuard<'_, Shard>> {
        (0..SHARDS).map(|at| self.shard(at))
    }

    /// Keeps it for what comes next of this runtime.
    pub(super) fn aside(&self, note: Note) {
        self.add(note);
    }

    /// Takes it in, with all that was kept aside for it, for whoever flushes.
    pub(super) fn push(&self, note: Note) -> Taken {
        let (shard, number) = self.add(note);
        Taken { first: !self.told.swap(true, Ordering::AcqRel), shard, number }
    }

    /// What finds no room is not kept: nobody was told that it would be.
    fn add(&self, note: Note) -> (usize, u64) {
        // Spelled before anybody is kept from the shard.
        let line = said(&note);
        let at = mine().unwrap_or(0);
        let mut shard = self.shard(at);
        if self.waiting.load(Ordering::Acquire) >= LAST {
            // It will never be in a file.
            return (at, u64::MAX);
        }
        shard.unsaid.extend_from_slice(&line);
        shard.waiting.push(note);
        shard.taken += 1;
        self.waiting.fetch_add(1, Ordering::AcqRel);
        (at, shard.taken)
    }

    /// Writes what this runtime wrote into its file, outside of any what all wrote; what that does not take stays for the
    /// next time, and in memory. Whether it took all.
    pub(super) fn flush(&self) -> bool {
        match mine() {
            Some(at) => self.keep(&mut self.shard(at)).is_ok(),
            None => self.each().filter_map(|mut shard| self.keep(&mut shard).err()).count() == 0,
        }
    }

    /// Has what was taken in so, and whose row is `row`, in the file.
    ///
    /// # Errors
    /// It is not: the note, where it still waits, which is written all the same.
    pub(super) fn sure(&self, taken: Taken, verb: Verb, row: &[Cell]) -> Result<(), Option<Note>> {
        let mut shard = self.shard(taken.shard);
        if shard.kept < taken.number {
            drop(self.keep(&mut shard));
        }
        if shard.kept >= taken.number {
            return Ok(());
        }
        Err(shard.waiting.iter().find(|note| note.0 == verb && note.row() == row).cloned())
    }

    fn keep(&self, shard: &mut Shard) -> io::Result<()> {
        if !shard.unsaid.is_empty() {
            if let Err(error) = self.say(shard) {
                // Rows beyond go into the database alone; and the file may have taken half a line.
                if shard.unsaid.len() > UNSAID {
                    shard.unsaid.clear();
                }
                shard.unsaid.insert(0, b'\n');
                return Err(error);
            }
            shard.unsaid.clear();
        }
        shard.kept = shard.taken;
        Ok(())
    }

    fn say(&self, shard: &mut Shard) -> io::Result<()> {
        let page = match &mut shard.pages {
            Some((page, _)) => page,
            none => {
                let folder = self.folder.as_deref().ok_or(io::ErrorKind::NotFound)?;
                &mut none.insert((Page::make(folder, NAME)?, Page::make(folder, NAME)?)).0
            }
        };
        page.add(&shard.unsaid)
    }

    /// There is no room for more: the database takes nothing.
    pub(super) fn full(&self) -> bool {
        self.waiting.load(Ordering::Acquire) >= MOST
    }

    /// Nothing waits.
    pub(super) fn empty(&self) -> bool {
        self.waiting.load(Ordering::Acquire) == 0
    }

    /// Something waits for the writer.
    pub(super) fn waits(&self) -> bool {
        self.told.load(Ordering::Acquire)
    }

    /// What waits, for the writer, what began and ended meanwhile as one row; once it is in the database,
    /// [`Self::settled`] says so, and nothing is taken before.
    pub(super) fn take(&self) -> Vec<Note> {
        // All at once: what another runtime ends never comes without its beginning.
        let mut shards: Vec<MutexGuard<'_, Shard>> = self.each().collect();
        self.told.store(false, Ordering::Release);
        let mut notes = Vec::new();
        for shard in &mut shards {
            if let Some((page, other)) = &mut shard.pages {
                std::mem::swap(page, other);
            }
            // What was kept aside has its place in the other file now.
            notes.append(&mut shard.waiting);
        }
        drop(shards);
        self.waiting.fetch_sub(notes.len(), Ordering::AcqRel);
        notes.sort_by_key(|note| note.0.turn());
        merged(notes)
    }

    /// What was taken stands in the database.
    pub(super) fn settled(&self) {
        for shard in self.each() {
            if let Some((_, done)) = &shard.pages {
                done.clear();
            }
        }
    }
}

/// As a line.
fn said(note: &Note) -> Vec<u8> {
    let mut line = Vec::with_capacity(LINE);
    match serde_json::to_writer(&mut line, note) {
        Ok(()) => line.push(b'\n'),
        Err(_) => line.clear(),
    }
    line
}

/// What began and ended is one row, in the place of its beginning.
pub(super) fn merged(notes: Vec<Note>) -> Vec<Note> {
    let mut begun: HashMap<&[Cell], usize, Ours> = HashMap::with_capacity_and_hasher(notes.len(), Ours::default());
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
