//! The one thread that writes. Jobs that arrive together share a commit. What is kept in memory only has no disk to wait
//! for: there every job runs at once, on its caller's thread.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use rusqlite::Connection;
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::sync::oneshot;

use super::afloat::Afloat;
use super::ahead::{self, Ahead, Taken};
use super::verb::{Cell, Note, Verb};
use super::watch::Watch;
use super::{BUSY, StoreError, connect, group, patiently};
use crate::world::clock::Stopwatch;
use crate::world::files;

/// Jobs that may wait; a caller that is faster than the disk waits itself.
const QUEUE: usize = 1024;
/// Connections for reads that are kept open.
const READERS: usize = 4;
/// Rows that nobody waits for are written within this.
const LAZY: Duration = Duration::from_millis(5);
/// Rows that lie in a file of ours already are written within this.
const AHEAD: Duration = Duration::from_millis(100);
/// Rows that could not be written are tried again after this.
const AGAIN: Duration = Duration::from_secs(1);
/// What every request looks at is waited for no longer than this.
const GLANCE: Duration = Duration::from_millis(250);
/// Most jobs that share a commit.
const GROUP: usize = 128;

/// A log beside the database that is longer than this is taken in by whoever leaves (bytes): taking it in costs several
/// waits for the disk, which a hook's commit would feel, and reading it costs the next who opens it.
const LOG: u64 = 256 << 10;

/// How long a writer is waited for that has kept us waiting before.
const SHORT: Duration = Duration::from_millis(100);

type Work = Box<dyn Fn(&Connection) -> rusqlite::Result<()> + Send>;
type Done = Box<dyn FnOnce(Result<(), StoreError>) + Send>;

struct Job {
    work: Work,
    done: Option<Done>,
    /// [`Writer::glance`] must see it.
    tells: bool,
}

/// The writer's end that callers hold.
pub(super) struct Writer {
    queue: Mutex<Option<SyncSender<Vec<Job>>>>,
    /// Jobs that go with the next one: nobody is woken for them.
    aside: Mutex<Vec<Job>>,
    thread: Mutex<Option<JoinHandle<()>>>,
    /// Rows for which nobody waits, because they lie in a file already.
    ahead: Arc<Ahead>,
    /// ... and those for which no file was found.
    pub(super) afloat: Arc<Afloat>,
    path: PathBuf,
    /// What reads came over, for the next ones: a new connection parses the whole schema.
    readers: Mutex<Vec<Connection>>,
    /// The connection itself, where there is no thread.
    memory: Option<Mutex<Connection>>,
    /// Jobs under way that [`Self::glance`] must see.
    telling: Arc<AtomicUsize>,
    /// How many there were.
    told: AtomicU64,
    /// Another process keeps the database locked.
    locked: Arc<AtomicBool>,
    /// Something went that must not lie in the file or its log any longer.
    gone: Gone,
    /// Tells whether anybody changed what is shared.
    watch: Arc<Watch>,
    /// Why the thread could not begin.
    unable: Arc<OnceLock<Arc<StoreError>>>,
}

/// Told by jobs that take away what is past its time.
#[derive(Clone, Default)]
pub(super) struct Gone(Arc<AtomicBool>);

impl Gone {
    /// So many rows went.
    pub(super) fn tell(&self, rows: usize) {
        self.0.fetch_or(rows > 0, Ordering::AcqRel);
    }
}

impl Writer {
    /// Starts the thread. It opens a connection of its own, because that parses the whole schema, and whoever waits for
    /// the store reads over this one meanwhile.
    pub(super) fn start(first: Connection, path: PathBuf) -> Self {
        let (queue, jobs) = sync_channel(QUEUE);
        let telling = Arc::new(AtomicUsize::new(0));
        let (told, locked) = (Arc::clone(&telling), Arc::new(AtomicBool::new(false)));
        let shut = Arc::clone(&locked);
        let ahead = Arc::new(Ahead::new(path.parent()));
        let (rows, afloat) = (Arc::clone(&ahead), Arc::<Afloat>::default());
        let adrift = Arc::clone(&afloat);
        let watch = Arc::new(Watch::new(path.clone()));
        let watched = Arc::clone(&watch);
        let (folder, file) = (path.parent().map(Path::to_owned), path.clone());
        let unable: Arc<OnceLock<Arc<StoreError>>> = Arc::default();
        let why = Arc::clone(&unable);
        let work = move || {
            let connection = match patiently(|| connect(&file)) {
                Ok(connection) => connection,
                Err(error) => {
                    // The queue closes after this, and whoever writes is told.
                    let _ = why.set(Arc::new(error));
                    return;
                }
            };
            if let Some(folder) = folder {
                // Nobody waits long for what others left behind.
                patience(&connection, true);
                ahead::adopt(&folder, &connection);
                patience(&connection, false);
            }
            serve(&connection, &jobs, &told, (&rows, &adrift), &shut, &watched);
        };
        let thread = std::thread::Builder::new().name("store".to_owned()).spawn(work).ok();
        let queue = thread.is_some().then_some(queue);
        let (queue, thread) = (Mutex::new(queue), Mutex::new(thread));
        let (readers, aside) = (Mutex::new(vec![first]), Mutex::default());
        Self {
            queue,
            aside,
            thread,
            ahead,
            afloat,
            path,
            readers,
            memory: None,
            telling,
            told: AtomicU64::new(0),
            locked,
            gone: Gone::default(),
            watch,
            unable,
        }
    }

    /// In memory, without a thread; without a connection every job fails as closed.
    pub(super) fn memory(connection: Option<Connection>) -> Self {
        let memory = connection.map(Mutex::new);
        Self {
            queue: Mutex::new(None),
            aside: Mutex::default(),
            thread: Mutex::new(None),
            ahead: Arc::new(Ahead::new(None)),
            afloat: Arc::default(),
            path: PathBuf::new(),
            readers: Mutex::default(),
            memory,
            telling: Arc::default(),
            told: AtomicU64::new(0),
            locked: Arc::default(),
            gone: Gone::default(),
            watch: Arc::new(Watch::new(PathBuf::new())),
            unable: Arc::default(),
        }
    }

    /// Where jobs tell that they took something away for good.
    pub(super) fn gone(&self) -> Gone {
        self.gone.clone()
    }

    /// Why the thread could not begin, as far as that is known.
    pub(super) fn unable(&self) -> Option<StoreError> {
        self.unable.get().map(|cause| StoreError::Unwritable(Arc::clone(cause)))
    }

    /// Why nothing is written any more.
    fn closed(&self) -> StoreError {
        self.unable().unwrap_or(StoreError::Closed)
    }

    /// There is a file behind it.
    pub(super) const fn lasts(&self) -> bool {
        self.memory.is_none()
    }

    /// Where the file lies; `None` in memory.
    pub(super) fn folder(&self) -> Option<&Path> {
        self.path.parent().filter(|_| self.lasts())
    }

    /// Writes, and comes back when it is on disk.
    pub(super) async fn acknowledged(
        &self,
        work: impl Fn(&Connection) -> rusqlite::Result<()> + Send + 'static,
    ) -> Result<(), StoreError> {
        let (sent, got) = oneshot::channel();
        let done = move |result| drop(sent.send(result));
        self.send(Job { work: Box::new(work), done: Some(Box::new(done)), tells: false })?;
        got.await.map_err(|_| self.closed())?
    }

    /// As [`Self::acknowledged`], for callers without a runtime.
    pub(super) fn now(
        &self,
        work: impl Fn(&Connection) -> rusqlite::Result<()> + Send + 'static,
    ) -> Result<(), StoreError> {
        let (sent, got) = sync_channel(1);
        let done = move |result| drop(sent.send(result));
        self.send(Job { work: Box::new(work), done: Some(Box::new(done)), tells: true })?;
        aside(|| got.recv()).map_err(|_| self.closed())?
    }

    /// Writes in the background.
    pub(super) fn later(&self, work: impl Fn(&Connection) -> rusqlite::Result<()> + Send + 'static) {
        // A closed store has nobody left to tell.
        drop(self.send(Job { work: Box::new(work), done: None, tells: true }));
    }

    /// A number that stays as long as nobody changes what [`Self::glance`] must see; `None` = nobody can say.
    pub(super) fn epoch(&self) -> Option<u64> {
        self.watch.epoch()
    }

    /// Grows with what [`Self::glance`] must see.
    pub(super) fn told(&self) -> u64 {
        self.told.load(Ordering::Acquire)
    }

    /// As [`Self::noted`], together with whatever comes next: for what is always followed by something.
    pub(super) fn aside(&self, work: impl Fn(&Connection) -> rusqlite::Result<()> + Send + 'static) {
        let job = Job { work: Box::new(work), done: None, tells: false };
        if self.memory.is_some() {
            return drop(self.send(job));
        }
        let mut aside = self.aside.lock().unwrap_or_else(PoisonError::into_inner);
        aside.push(job);
        if aside.len() >= GROUP {
            drop(aside);
            self.noted(|_| Ok(()));
        }
    }

    /// Keeps a row for the next one that is [`Self::put`].
    pub(super) fn keep(&self, note: Note) {
        if self.memory.is_some() {
            return self.noted(move |c| note.run(c));
        }
        self.ahead.aside(note);
    }

    /// Takes a row, and all that were kept for it: it is in the database in a moment, whatever becomes of its caller, and in
    /// a file once [`Self::sure`] says so.
    pub(super) fn put(&self, note: Note) -> Taken {
        if self.memory.is_some() {
            self.noted(move |c| note.run(c));
            return Taken::default();
        }
        self.watch.start();
        let taken = self.ahead.push(note);
        if taken.first {
            drop(self.post(Vec::new()));
        }
        taken
    }

    /// Has a row that was [`Self::put`] in a file: a process that is killed now does not lose it.
    ///
    /// # Errors
    /// No file takes it: the row, where it has not gone on into the database meanwhile.
    pub(super) fn sure(&self, taken: Taken, verb: Verb, row: &[Cell]) -> Result<(), Option<Note>> {
        if self.memory.is_some() { Ok(()) } else { self.ahead.sure(taken, verb, row) }
    }

    /// Has all that was [`Self::put`] by this runtime in a file; whether one takes it.
    pub(super) fn kept(&self) -> bool {
        self.memory.is_some() || self.ahead.flush()
    }

    /// Rows lie ahead of the database.
    #[cfg(test)]
    pub(super) fn ahead_waits(&self) -> bool {
        self.ahead.waits()
    }

    /// So much waits for a database that takes nothing that no more can.
    pub(super) fn full(&self) -> bool {
        self.ahead.full()
    }

    /// As [`Self::later`], of what [`Self::glance`] need not see: rows of requests and attempts.
    pub(super) fn noted(&self, work: impl Fn(&Connection) -> rusqlite::Result<()> + Send + 'static) {
        drop(self.send(Job { work: Box::new(work), done: None, tells: false }));
    }

    /// Reads over a connection that nobody else uses meanwhile; after everything that was written before.
    pub(super) fn read<T: Send + 'static>(
        &self,
        work: impl Fn(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        if self.lasts() {
            self.flush(Duration::from_secs(5));
        }
        self.reading(work)
    }

    /// As [`Self::read`]; where another process keeps the database locked, as things stood when it did: nobody waits.
    pub(super) fn standing<T: Send + 'static>(
        &self,
        work: impl Fn(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        if self.lasts() && !self.locked.load(Ordering::Acquire) {
            self.flush(GLANCE);
        }
        self.reading(work)
    }

    /// Reads what every request looks at, without waiting for rows that say nothing of it: after all that was written
    /// with [`Self::later`] and [`Self::now`].
    pub(super) fn glance<T: Send + 'static>(
        &self,
        work: impl Fn(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        // Where another process keeps it locked, what was seen before is good enough.
        if self.telling.load(Ordering::Acquire) > 0 && !self.locked.load(Ordering::Acquire) {
            self.flush(GLANCE);
        }
        self.reading(work)
    }

    fn reading<T>(&self, work: impl Fn(&Connection) -> rusqlite::Result<T>) -> Result<T, StoreError> {
        if let Some(memory) = &self.memory {
            let connection = memory.lock().unwrap_or_else(PoisonError::into_inner);
            return work(&connection).map_err(StoreError::from);
        }
        patiently(|| {
            let spare = self.readers.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let connection = spare.map_or_else(|| connect(&self.path), Ok)?;
            let read = work(&connection).map_err(|e| StoreError::of(&self.path, e))?;
            // One that failed is closed, and so is one too many.
            let mut readers = self.readers.lock().unwrap_or_else(PoisonError::into_inner);
            if readers.len() < READERS {
                readers.push(connection);
            }
            Ok(read)
        })
    }

    /// Brings everything into the file itself and empties the log beside it; `false` when another process that reads is
    /// in the way.
    pub(super) fn settle(&self) -> Result<bool, StoreError> {
        // In memory there is no log.
        if self.memory.is_some() {
            return Ok(true);
        }
        self.read(|c| c.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |r| r.get::<_, i64>(0))).map(|busy| busy == 0)
    }

    /// Waits for what is queued; `false` when it took longer than `limit`.
    pub(super) fn flush(&self, limit: Duration) -> bool {
        let (sent, got) = sync_channel(1);
        let done = move |_| {
            let _ = sent.send(());
        };
        let job = Job { work: Box::new(|_| Ok(())), done: Some(Box::new(done)), tells: false };
        self.send(job).is_err() || aside(|| got.recv_timeout(limit)).is_ok()
    }

    fn send(&self, job: Job) -> Result<(), StoreError> {
        if let Some(memory) = &self.memory {
            let result = {
                let connection = memory.lock().unwrap_or_else(PoisonError::into_inner);
                together(&connection, &mut [], std::slice::from_ref(&job), &self.watch)
            };
            if let Some(done) = job.done {
                done(result.map_err(StoreError::from));
            }
            return Ok(());
        }
        let tells = job.tells;
        if tells {
            self.telling.fetch_add(1, Ordering::AcqRel);
            self.told.fetch_add(1, Ordering::AcqRel);
        }
        // What was put aside goes before it, in the order in which it came.
        let mut aside = self.aside.lock().unwrap_or_else(PoisonError::into_inner);
        let mut jobs = std::mem::take(&mut *aside);
        jobs.push(job);
        let sent = match self.offer(jobs) {
            Ok(()) => Ok(()),
            Err(jobs) => {
                drop(aside);
                self.post(jobs)
            }
        };
        sent.inspect_err(|_| {
            if tells {
                self.telling.fetch_sub(1, Ordering::AcqRel);
            }
        })
    }

    /// Wakes the writer with these, if there is room for them.
    fn offer(&self, jobs: Vec<Job>) -> Result<(), Vec<Job>> {
        let queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(queue) = &*queue else { return Err(jobs) };
        queue.try_send(jobs).map_err(|refused| match refused {
            TrySendError::Full(jobs) | TrySendError::Disconnected(jobs) => jobs,
        })
    }

    /// As [`Self::offer`], and waits for room.
    fn post(&self, jobs: Vec<Job>) -> Result<(), StoreError> {
        let Err(jobs) = self.offer(jobs) else { return Ok(()) };
        let queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner).clone().ok_or_else(|| self.closed())?;
        aside(|| queue.send(jobs)).map_err(|_| self.closed())
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        if self.memory.is_none() {
            self.noted(|_| Ok(()));
        }
        // Closing the queue ends the thread, after everything in it.
        drop(self.queue.lock().unwrap_or_else(PoisonError::into_inner).take());
        if let Some(thread) = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take() {
            drop(thread.join());
        }
        let mut log = self.path.clone().into_os_string();
        log.push("-wal");
        let long = files::look(Path::new(&log)).is_some_and(|(_, bytes)| bytes > LOG);
        if self.memory.is_none() && (long || self.gone.0.load(Ordering::Acquire)) {
            // Who leaves waits for nobody: where another one reads or writes, he takes it in, or the next.
            drop(self.read(|c| {
                c.busy_timeout(Duration::ZERO)?;
                c.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
            }));
        }
    }
}

/// Waits for something: of a runtime that has other threads, others' work goes on meanwhile.
fn aside<T>(wait: impl FnOnce() -> T) -> T {
    match Handle::try_current().map(|handle| handle.runtime_flavor()) {
        Ok(RuntimeFlavor::MultiThread) => tokio::task::block_in_place(wait),
        _ => wait(),
    }
}

/// Waits for other writers shortly, once one of them has kept us waiting for the whole time: every row that is waited
/// for keeps an answer waiting.
fn patience(connection: &Connection, kept_waiting: bool) {
    drop(connection.busy_timeout(if kept_waiting { SHORT } else { BUSY }));
}

fn busy(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(rusqlite::ErrorCode::DatabaseBusy)
}

/// Another process was in the way.
fn occupied() -> rusqlite::Error {
    rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_BUSY), None)
}

fn serve(
    connection: &Connection,
    jobs: &Receiver<Vec<Job>>,
    telling: &AtomicUsize,
    (ahead, afloat): (&Ahead, &Afloat),
    locked: &AtomicBool,
    watch: &Watch,
) {
    let mut kept_waiting = false;
    // Rows that are not in the database yet, and jobs that nobody waits for, which another process was in the way of.
    let (mut rows, mut late): (Vec<Note>, Vec<Job>) = (Vec::new(), Vec::new());
    loop {
        let due = if !rows.is_empty() || !late.is_empty() {
            Some(AGAIN)
        } else if ahead.waits() {
            Some(Duration::ZERO)
        } else {
            None
        };
        let first = match due {
            None => jobs.recv().ok(),
            Some(wait) => match jobs.recv_timeout(wait) {
                Err(RecvTimeoutError::Disconnected) => None,
                came => Some(came.unwrap_or_default()),
            },
        };
        let Some(mut group) = first else { break };
        // What nobody waits for waits a moment for company: a commit costs the same for one row and for many.
        let company = |group: &[Job]| match group {
            [] => AHEAD,
            group if group.iter().all(|job| job.done.is_none() && !job.tells) => LAZY,
            _ => Duration::ZERO,
        };
        let until = Stopwatch::start();
        while group.len() < GROUP {
            let left = company(&group).saturating_sub(until.elapsed());
            match if left.is_zero() { jobs.try_recv().ok() } else { jobs.recv_timeout(left).ok() } {
                Some(jobs) => group.extend(jobs),
                None => break,
            }
        }
        if rows.is_empty() {
            rows = ahead.take();
        }
        group.splice(0..0, late.drain(..));
        let alone = group.len() == 1 && rows.is_empty();
        let whole = together(connection, &mut rows, &group, watch);
        let in_the_way = whole.as_ref().is_err_and(busy);
        if in_the_way != kept_waiting {
            kept_waiting = in_the_way;
            locked.store(in_the_way, Ordering::Release);
            patience(connection, kept_waiting);
        }
        let written = whole.is_ok() || (!in_the_way && together(connection, &mut rows, &[], watch).is_ok());
        if written && !rows.is_empty() {
            afloat.landed(&rows, ahead.empty());
            rows.clear();
            ahead.settled();
        } else if !rows.is_empty()
            && let Err(error) = &whole
        {
            afloat.stuck(error);
        }
        let mut shared = Some(whole);
        for mut job in group {
            let result = match &shared {
                Some(Ok(())) => Ok(()),
                // Nothing is written now, of whomever: one wait is enough for all.
                _ if in_the_way => Err(occupied()),
                _ if alone => shared.take().unwrap_or(Ok(())),
                // One bad job must not cost its neighbours their rows: each gets its own commit.
                _ => together(connection, &mut [], std::slice::from_ref(&job), watch),
            };
            if std::mem::take(&mut job.tells) {
                telling.fetch_sub(1, Ordering::AcqRel);
            }
            match job.done.take() {
                Some(done) => done(result.map_err(StoreError::from)),
                None if result.is_err_and(|error| busy(&error)) && late.len() < QUEUE => late.push(job),
                None => {}
            }
        }
    }
    if !late.is_empty() {
        drop(together(connection, &mut [], &late, watch));
    }
}

/// Runs rows and jobs in one transaction: all of them or none.
fn together(connection: &Connection, rows: &mut [Note], group: &[Job], watch: &Watch) -> rusqlite::Result<()> {
    if rows.is_empty() && group.is_empty() {
        return Ok(());
    }
    let mut run = || {
        connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        let before = if group.iter().any(|job| job.tells) { None } else { watch.before(connection) };
        group::run(connection, rows)?;
        group.iter().try_for_each(|job| (job.work)(connection))?;
        connection.prepare_cached("COMMIT")?.execute([])?;
        if let Some(before) = before {
            watch.after(connection, &before);
        }
        Ok(())
    };
    let whole = run();
    if whole.is_err() && !connection.is_autocommit() {
        drop(connection.execute_batch("ROLLBACK"));
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_writer_that_cannot_begin_says_why() {
        let dir = tempfile::tempdir().unwrap();
        // What the reader has open, and where nobody can open a file a moment later.
        let first = Connection::open_in_memory().unwrap();
        let writer = Writer::start(first, dir.path().join("gone").join("monster.db"));
        for _ in 0..2 {
            let error = writer.now(|_| Ok(())).unwrap_err();
            assert!(error.to_string().contains("unable to open database file"), "{error}");
            assert!(error.hint().is_some_and(|hint| hint.contains("MONSTER_STATE_DIR")), "{error}");
        }
    }
}
