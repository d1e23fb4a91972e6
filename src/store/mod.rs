//! What survives a run: history, ledger, cool-downs, leases, callers' keys and small facts. Metadata, and content only as somebody sealed
//! it who holds no key to it here.
//!
//! One SQLite file in the state folder, shared by every `monster` process without a daemon. One writer
//! thread owns the only write connection and groups commits; reads take connections of their own.

mod afloat;
mod ahead;
mod attempt;
mod budget;
mod cache;
mod calibration;
mod caller;
mod content;
mod cool;
mod draft;
mod error;
mod group;
mod health;
mod history;
mod kept;
mod lease;
mod limit;
mod masked;
mod migrate;
mod purge;
mod row;
mod shelf;
mod spent;
mod sticky;
mod ticket;
mod trace;
mod turn;
mod vendor;
mod verb;
mod watch;
mod writer;

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OptionalExtension, params};

pub use afloat::Adrift;
pub use attempt::AttemptSlot;
pub use budget::{Admitted, Ceiling, Offer, Reserved, Wanted};
pub use cache::{CacheRow, NewCache};
pub use calibration::CalibrationRow;
pub use caller::{CallerRow, KeyHash, Permit};
pub use content::{ContentRow, NewContent, Part, Seal};
pub use cool::CoolDown;
pub use draft::Draft;
pub use error::StoreError;
pub use health::Health;
pub use history::{AttemptRow, HistoryFilter, HistoryRow};
pub use kept::{NewVoices, Voices};
pub use lease::Lease;
pub use limit::{AHEAD, LimitRow};
pub use masked::MaskedRow;
pub use purge::{Chosen, Depth, Purged};
pub use row::{AttemptEnd, NewAttempt, NewRequest, Outcome, Place, RequestEnd};
pub use shelf::Shelf;
pub use spent::{Spent, SpentBy, SpentFilter, SpentRow, Sum};
pub use sticky::{Binding, STAYS};
pub use ticket::{NewTicket, Probe, Queued, Ticket, TicketRow, Traffic};
pub use trace::TraceRow;
pub use turn::{Load, Steering};
pub use vendor::{PurseRow, VendorRow};

use crate::world::clock::Stopwatch;
use crate::world::{Clock, files};
use verb::{Note, Verb};
use writer::Writer;

/// The file's name in the state folder.
pub const FILE: &str = "monster.db";

/// How long another writer is waited for.
const BUSY: Duration = Duration::from_secs(5);

/// A pause between two tries of what is busy.
const STEP: Duration = Duration::from_millis(5);

/// The store; clones share one writer.
#[derive(Clone)]
pub struct Store {
    writer: Arc<Writer>,
    clock: Clock,
    /// What was seen a moment ago of what all processes share.
    lately: Arc<Mutex<Lately>>,
}

/// What was looked at last.
#[derive(Default)]
struct Lately {
    traffic: Option<(Seen, Traffic)>,
    limits: Option<(Seen, Vec<LimitRow>)>,
    /// By conversation, what it is bound to.
    bound: HashMap<String, (Seen, Vec<Binding>)>,
    /// When kept content that is past its time was taken away (Unix milliseconds).
    expired: Option<i64>,
}

/// When something was looked at, and how the store was then.
#[derive(Clone, Copy)]
struct Seen {
    at: Stopwatch,
    mark: Mark,
}

/// How the store was at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// What this process had told by then.
    told: u64,
    /// What others had done; `None` = not known.
    epoch: Option<u64>,
}

impl Mark {
    /// What was read after this mark was made is so still, but for rows of requests: no process has changed it.
    #[must_use]
    pub fn holds(self, store: &Store) -> bool {
        self.epoch.is_some() && self == store.mark()
    }
}

/// Whoever makes many requests takes away what is past its time no more often than so (milliseconds).
const EXPIRES: i64 = 60_000;
/// What another process did is seen within this; what this one did, at once.
const LATELY: Duration = Duration::from_millis(50);

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Store")
    }
}

impl Store {
    /// Opens the store in `dir`, making both when they are not there.
    ///
    /// # Errors
    /// [`StoreError`]: no permission, a damaged file, or one written by a newer `monster`. Nothing is ever reset.
    pub fn at(dir: &Path, clock: &Clock) -> Result<Self, StoreError> {
        files::private_dir(dir).map_err(|e| StoreError::Folder { dir: dir.to_owned(), source: e })?;
        let path = dir.join(FILE);
        // SQLite would make the file with the umask's mode.
        drop(files::open_private(&path).map_err(|e| StoreError::Folder { dir: path.clone(), source: e })?);
        let connection = patiently(|| {
            let connection = connect(&path)?;
            migrate::migrate(&connection, &path)?;
            Ok(connection)
        })?;
        let (writer, lately) = (Arc::new(Writer::start(connection, path)), Arc::default());
        Ok(Self { writer, clock: clock.clone(), lately })
    }

    /// A store that forgets everything with its last clone.
    #[must_use]
    pub fn memory(clock: &Clock) -> Self {
        let connection =
            Connection::open_in_memory().ok().filter(|c| migrate::migrate(c, Path::new(":memory:")).is_ok());
        Self { writer: Arc::new(Writer::memory(connection)), clock: clock.clone(), lately: Arc::default() }
    }

    /// What was seen of something, where that is still so. What does not change by itself, as `rests` says, is so as long
    /// as nobody changed anything.
    fn still<T: Clone>(
        &self,
        of: impl FnOnce(&mut Lately) -> &mut Option<(Seen, T)>,
        rests: impl FnOnce(&T) -> bool,
    ) -> Option<T> {
        let mut lately = self.lately.lock().unwrap_or_else(PoisonError::into_inner);
        let (seen, what) = of(&mut lately).as_mut()?;
        if seen.mark.told != self.writer.told() || !self.lasts() {
            return None;
        }
        let fresh = seen.at.elapsed() < LATELY || (rests(what) && self.stands(seen));
        fresh.then(|| what.clone())
    }

    /// Nobody has changed anything since; then it was seen just now.
    fn stands(&self, seen: &mut Seen) -> bool {
        let same = seen.mark.epoch.is_some() && seen.mark == self.mark();
        if same {
            seen.at = Stopwatch::start();
        }
        same
    }

    /// Remembers what is about to be looked at.
    fn seen(&self) -> Seen {
        Seen { at: Stopwatch::start(), mark: self.mark() }
    }

    /// What everything but the rows of requests may be known by: see [`Mark::holds`].
    #[must_use]
    pub fn mark(&self) -> Mark {
        Mark { told: self.writer.told(), epoch: self.writer.epoch() }
    }

    /// Opens a request's row, and takes away kept content that is past its time: also where nothing is kept any more.
    ///
    /// # Errors
    /// [`StoreError`]; the caller goes on unrecorded.
    pub async fn open_request(&self, row: NewRequest) -> Result<(), StoreError> {
        let now = self.clock.millis();
        self.writer
            .acknowledged(move |c| {
                row.insert(c)?;
                content::expire(c, now).map(drop)
            })
            .await
    }

    /// As [`Self::open_request`], for a proxy: it is on disk with the row of its first attempt.
    pub fn note_request(&self, row: NewRequest) {
        let now = self.clock.millis();
        let mut lately = self.lately.lock().unwrap_or_else(PoisonError::into_inner);
        let due = lately.expired.is_none_or(|at| now.saturating_sub(at) > EXPIRES);
        if due {
            lately.expired = Some(now);
        }
        drop(lately);
        if due {
            self.writer.aside(move |c| content::expire(c, now).map(drop));
        }
        self.writer.keep(Note(Verb::Request, row.cells()));
    }

    /// Opens an attempt's row. The slot finishes it, at the latest when dropped.
    ///
    /// # Errors
    /// As above.
    pub async fn open_attempt(&self, row: NewAttempt) -> Result<AttemptSlot, StoreError> {
        let (request, number) = (row.request_id.clone(), row.number);
        let note = Note(Verb::Attempt, row.cells());
        self.writer.acknowledged(move |c| note.0.run(c, &note.1)).await?;
        Ok(AttemptSlot::new(Arc::clone(&self.writer), self.clock.clone(), request, number, false))
    }

    /// As [`Self::open_attempt`], for a proxy: nobody waits for the database.
    ///
    /// # Errors
    /// As there, where nothing else takes it either.
    pub async fn note_attempt(&self, row: NewAttempt) -> Result<AttemptSlot, StoreError> {
        let (request, number) = (row.request_id.clone(), row.number);
        let note = Note(Verb::Attempt, row.cells());
        let asked = request.clone();
        let slot = AttemptSlot::new(Arc::clone(&self.writer), self.clock.clone(), request, number, true);
        if self.writer.full() {
            if let Err(error) = self.writer.acknowledged(move |c| note.run(c)).await {
                // There is no row that could end.
                slot.forget();
                self.writer.afloat.add(&asked);
                return Err(error);
            }
            return Ok(slot);
        }
        let whose = note.row().to_vec();
        let taken = self.writer.put(note);
        // What is sent meanwhile is on its way before the disk is asked.
        tokio::task::yield_now().await;
        let Err(left) = self.writer.sure(taken, Verb::Attempt, &whose) else { return Ok(slot) };
        self.writer.afloat.add(&asked);
        // What is in the database already, or goes there now, is written before this is.
        let written = self.writer.acknowledged(move |c| left.as_ref().map_or(Ok(()), |note| note.run(c))).await;
        if written.is_ok() {
            self.writer.afloat.took(&asked);
        }
        // What no file took waits in memory, and so does its end.
        Ok(slot.unsure(written.err()))
    }

    /// Closes a request's row; written in the background.
    pub fn close_request(&self, id: &str, end: RequestEnd) {
        let note = Note(Verb::RequestEnd, end.cells(id.into()));
        self.writer.noted(move |c| note.run(c));
    }

    /// As [`Self::close_request`], for a proxy; [`Self::sure`] has it on disk.
    pub fn note_end(&self, id: &str, end: RequestEnd) {
        self.writer.put(Note(Verb::RequestEnd, end.cells(id.into())));
    }

    /// Has what this runtime noted of a proxy's requests, this one among them, in a file: whoever was answered has the end
    /// of his row, whatever becomes of this process. What no file takes is written to the database all the same, unless
    /// that takes nothing either ([`Self::adrift`]).
    pub fn sure(&self, id: &str) {
        if !self.writer.kept() {
            self.writer.afloat.add(id);
        }
    }

    /// Requests whose rows lie nowhere on disk, where the database takes none: a process that is killed now loses them.
    #[must_use]
    pub fn adrift(&self) -> Option<Adrift> {
        self.writer.afloat.told()
    }

    /// Why nothing can be written, where that is so.
    #[must_use]
    pub fn unable(&self) -> Option<StoreError> {
        self.writer.unable()
    }

    /// Waits until everything is written, at most `limit`. `false` when it was not.
    pub fn flush(&self, limit: Duration) -> bool {
        self.writer.flush(limit)
    }

    /// Keeps a small fact under a name; the newest counts.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn remember(&self, key: &str, value: &str) -> Result<(), StoreError> {
        let (key, value) = (key.to_owned(), value.to_owned());
        self.writer.now(move |c| {
            c.execute(
                "INSERT INTO fact (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = ?2",
                params![key, value],
            )?;
            Ok(())
        })
    }

    /// Keeps a number under a name, unless a larger one is there.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn raise(&self, key: &str, value: u64) -> Result<(), StoreError> {
        let (key, value) = (key.to_owned(), value.to_string());
        // As texts, because SQLite's integers end at half of ours: the longer one is larger.
        self.writer.now(move |c| {
            c.execute(
                "INSERT INTO fact (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = ?2
                 WHERE length(value) < length(?2) OR (length(value) = length(?2) AND value < ?2)",
                params![key, value],
            )?;
            Ok(())
        })
    }

    /// A fact kept before.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn recall(&self, key: &str) -> Result<Option<String>, StoreError> {
        let key = key.to_owned();
        self.writer.read(move |c| c.query_row("SELECT value FROM fact WHERE key = ?1", [&key], |r| r.get(0)).optional())
    }
}

/// Tries again while the file is busy, at most [`BUSY`] long. When the last user of the file leaves or the log of one
/// that was killed is taken in, SQLite says that it is busy without waiting.
fn patiently<T>(work: impl Fn() -> Result<T, StoreError>) -> Result<T, StoreError> {
    let began = Stopwatch::start();
    loop {
        match work() {
            Err(error) if error.busy() && began.elapsed() < BUSY => std::thread::sleep(STEP),
            done => return done,
        }
    }
}

/// A connection that never asks for a table: nothing of them is read into it, which is most of the memory that one takes.
fn glimpse(path: &Path) -> Result<Connection, StoreError> {
    let broken = |e| StoreError::of(path, e);
    let connection = Connection::open(path).map_err(broken)?;
    connection.busy_timeout(BUSY).map_err(broken)?;
    // Whoever leaves last does not take the log in: see `Writer`.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true).map_err(broken)?;
    Ok(connection)
}

/// A connection with the settings every one of ours has.
fn connect(path: &Path) -> Result<Connection, StoreError> {
    let broken = |e| StoreError::of(path, e);
    let connection = glimpse(path)?;
    connection.pragma_update(None, "journal_mode", "WAL").map_err(broken)?;
    connection.pragma_update(None, "synchronous", "NORMAL").map_err(broken)?;
    connection.pragma_update(None, "foreign_keys", "ON").map_err(broken)?;
    // What is deleted is written over, not only unlinked.
    connection.pragma_update(None, "secure_delete", "ON").map_err(broken)?;
    Ok(connection)
}
