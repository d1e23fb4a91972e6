//! Takes connections, counts them, gives them to HTTP, and lets what is open come to its end.

use std::convert::Infallible;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock, Weak};
use std::time::Duration;

use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use serde_json::{Value, json};
use tokio::sync::{Notify, Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};

use super::access::Access;
use super::board::{Board, Entry};
use super::body::Reading;
use super::call::Failed;
use super::crew::Crew;
use super::desk::Desk;
use super::flow::Late;
use super::front;
use super::host::Names;
use super::listen::{Address, Bound, Line};
use super::opening::{Opening, opening};
use super::stall::Stall;
use super::token::Token;
use crate::client::Reply;
use crate::world::heap;

/// It is looked so often whether answers are over that nobody reads.
const SWEEP: Duration = Duration::from_secs(1);
/// A caller who takes nothing of what is written for him is left after this, or after as long as an answer may take.
const DEAF: Duration = Duration::from_secs(600);
/// Answers that are ended at the end are told of within this.
const LAST: Duration = Duration::from_secs(2);
/// A caller says what he wants within this.
const BRISK: Duration = Duration::from_secs(10);
/// More answers of one HTTP/2 connection are not made at once.
const STREAMS: u32 = 256;
/// A message of xAI's clients may be so large (bytes).
const WINDOW: u32 = 1 << 20;
/// Connections over HTTP/2 are asked so often whether somebody is still there.
const ALIVE: Duration = Duration::from_secs(30);

/// The proxy: what it serves with, and who is in.
pub struct House {
    desk: RwLock<Arc<Desk>>,
    /// Places for connections.
    places: Arc<Semaphore>,
    /// The threads that carry them.
    crew: Crew,
    /// Connections; they outlive the doors they came in by, and end with the house.
    callers: Mutex<JoinSet<()>>,
    /// Requests that are being answered.
    busy: AtomicUsize,
    /// No new connections are taken.
    closing: watch::Sender<bool>,
    /// Open answers are ended.
    cutting: watch::Sender<bool>,
    board: Arc<Board>,
    /// Somebody wants settings and accounts read anew.
    reload: Notify,
    access: Arc<Access>,
    /// What opens its own interface over TCP.
    token: Token,
    /// Where it listens, once it does.
    listen: Mutex<Vec<Address>>,
    started_ms: i64,
    /// Streamed answers, and when each must be over.
    flows: Mutex<Vec<(Instant, Weak<dyn Late>)>>,
    /// Bodies that are still coming.
    reading: Reading,
}

/// A request is being answered.
pub(super) struct Busy(Arc<House>);

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.busy.fetch_sub(1, Ordering::AcqRel);
    }
}

impl House {
    /// With places for so many connections, which the crew carries.
    #[must_use]
    pub fn new(
        desk: Desk,
        (connections, crew): (usize, Crew),
        board: Arc<Board>,
        access: Access,
        token: Token,
    ) -> Arc<Self> {
        board.learn(&desk);
        Arc::new(Self {
            started_ms: desk.client.clock.millis(),
            board,
            reload: Notify::new(),
            access: Arc::new(access),
            token,
            listen: Mutex::default(),
            flows: Mutex::default(),
            reading: Reading::default(),
            desk: RwLock::new(Arc::new(desk)),
            places: Arc::new(Semaphore::new(connections.min(Semaphore::MAX_PERMITS))),
            crew,
            callers: Mutex::default(),
            busy: AtomicUsize::new(0),
            closing: watch::Sender::new(false),
            cutting: watch::Sender::new(false),
        })
    }

    /// What serves now.
    #[must_use]
    pub fn desk(&self) -> Arc<Desk> {
        Arc::clone(&self.desk.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// From now on new requests are served with this; those under way keep what they began with.
    pub fn furnish(&self, mut desk: Desk) {
        // What callers were given stays theirs, whatever the settings.
        desk.client.seals = Arc::clone(&self.desk().client.seals);
        self.board.learn(&desk);
        *self.desk.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(desk);
    }

    /// What happens here.
    #[must_use]
    pub const fn board(&self) -> &Arc<Board> {
        &self.board
    }

    /// Who may come in.
    #[must_use]
    pub const fn access(&self) -> &Arc<Access> {
        &self.access
    }

    /// What opens its own interface over TCP.
    pub(super) const fn token(&self) -> &Token {
        &self.token
    }

    fn listen(&self) -> Vec<Address> {
        self.listen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The names under which it may be called.
    pub(super) fn names<'a>(&self, desk: &'a Desk) -> &'a Names {
        desk.names(|| {
            let listen = self.listen().into_iter();
            listen.filter_map(|address| if let Address::Tcp(at) = address { Some(at) } else { None }).collect()
        })
    }

    /// Who serves, where, since when.
    #[must_use]
    pub fn status(&self) -> Value {
        let desk = self.desk();
        let listen: Vec<String> = self.listen().iter().map(Address::to_string).collect();
        json!({ "schema": "monster.serve.house/1", "version": env!("CARGO_PKG_VERSION"), "pid": std::process::id(),
            "started_ms": self.started_ms, "listen": listen, "busy": self.busy(), "closing": self.closing(),
            "upstreams": desk.upstreams(), "placeholders_in_arguments": self.board.leaks(),
            "restore": desk.settings.restore.name() })
    }

    /// The sums, as Prometheus reads them.
    pub(super) fn metrics(&self) -> String {
        self.board.metrics(self.desk().client.store.adrift().map_or(0, |adrift| adrift.requests))
    }

    /// Settings and accounts are to be read anew.
    pub fn ask_reload(&self) {
        self.reload.notify_one();
    }

    /// Waits until somebody asks for that.
    pub async fn reload_asked(&self) {
        self.reload.notified().await;
    }

    /// A request is over: the board and the log say how.
    pub(super) fn finished(&self, entry: Option<Entry>, outcome: &Result<Box<Reply>, Failed>) {
        if let Some(entry) = entry {
            entry.end(outcome.as_ref().map(|reply| &**reply).map_err(|failed| failed.word));
        }
    }

    /// Tells when it closes.
    pub(super) fn closes(&self) -> watch::Receiver<bool> {
        self.closing.subscribe()
    }

    /// Requests that are being answered.
    #[must_use]
    pub fn busy(&self) -> usize {
        self.busy.load(Ordering::Acquire)
    }

    /// It takes no new requests.
    #[must_use]
    pub fn closing(&self) -> bool {
        *self.closing.borrow()
    }

    /// Bodies that are still coming.
    pub(super) const fn reading(&self) -> &Reading {
        &self.reading
    }

    pub(super) fn enter(self: &Arc<Self>) -> Busy {
        self.busy.fetch_add(1, Ordering::AcqRel);
        Busy(Arc::clone(self))
    }

    /// This answer is over after `within`, whether its caller reads it or not.
    pub(super) fn ends<T: Late + 'static>(&self, call: &Arc<T>, within: Duration) {
        let mut flows = self.flows.lock().unwrap_or_else(PoisonError::into_inner);
        let held: Weak<T> = Arc::downgrade(call);
        flows.extend(Instant::now().checked_add(within).map(|until| (until, held as Weak<dyn Late>)));
    }

    /// Brings calls to their end that nobody reads any more: they are driven by whoever reads them.
    async fn sweep(&self) {
        loop {
            tokio::time::sleep(SWEEP).await;
            let now = Instant::now();
            // Those that are late, without the lock: they may take their time.
            let late: Vec<_> = {
                let mut flows = self.flows.lock().unwrap_or_else(PoisonError::into_inner);
                flows.retain(|(_, flow)| flow.strong_count() > 0);
                flows.iter().filter(|(until, _)| *until <= now).filter_map(|(_, flow)| flow.upgrade()).collect()
            };
            late.iter().for_each(|flow| flow.late());
        }
    }

    /// Serves until [`Self::close`]; then waits for what is open, at most `drain`. How many answers were cut.
    pub async fn run(self: &Arc<Self>, doors: Vec<Bound>, drain: Duration) -> usize {
        let graceful = GracefulShutdown::new();
        *self.listen.lock().unwrap_or_else(PoisonError::into_inner) =
            doors.iter().map(|door| door.address.clone()).collect();
        let mut tasks = JoinSet::new();
        let watcher = Arc::new(graceful);
        for door in doors {
            let (house, watcher) = (Arc::clone(self), Arc::clone(&watcher));
            tasks.spawn(async move { house.door(door, &watcher).await });
        }
        let house = Arc::clone(self);
        tasks.spawn(async move { house.sweep().await });
        let mut closing = self.closing.subscribe();
        let _ = closing.wait_for(|closing| *closing).await;
        tasks.shutdown().await;
        let mut cut = 0;
        if let Some(graceful) = Arc::into_inner(watcher) {
            let done = graceful.shutdown();
            tokio::pin!(done);
            let ended = tokio::select! {
                () = &mut done => true,
                () = tokio::time::sleep(drain) => false,
                () = self.over() => false,
            };
            if !ended {
                cut = self.busy();
                self.cut();
                // Those who read are told; who does not is cut off.
                let _ = timeout(LAST, done).await;
            }
        }
        let mut callers = std::mem::take(&mut *self.callers.lock().unwrap_or_else(PoisonError::into_inner));
        // Each writes how its answer ended.
        let _ = timeout(LAST, callers.shutdown()).await;
        cut
    }

    /// Ends open answers: who reads one is told so in his dialect.
    pub fn cut(&self) {
        self.cutting.send_replace(true);
    }

    /// Waits until open answers are to end.
    pub(super) fn over(&self) -> impl Future<Output = ()> + Send + use<> {
        let mut cutting = self.cutting.subscribe();
        async move {
            // The house lives as long as what it answers.
            let _ = cutting.wait_for(|cutting| *cutting).await;
        }
    }

    /// Takes no new connections, and lets [`Self::run`] come to its end.
    pub fn close(&self) {
        self.closing.send_replace(true);
    }

    async fn door(self: Arc<Self>, door: Bound, watcher: &GracefulShutdown) {
        loop {
            let line = match door.accept().await {
                Ok(line) => line,
                Err(error) => {
                    // Too many open files, or somebody who left at once: neither ends the others.
                    if error.raw_os_error().is_some() {
                        tokio::time::sleep(Duration::from_millis(20)).await;
                    }
                    continue;
                }
            };
            // A place is for a caller, not for a door that waits for one: others' doors would be shut by it. Strangers do not
            // keep the owner out of his own socket.
            let place = match door.own() {
                true => None,
                false => match Arc::clone(&self.places).acquire_owned().await {
                    Ok(place) => Some(place),
                    Err(_) => return,
                },
            };
            let (house, watch) = (Arc::clone(&self), watcher.watcher());
            let (hand, carried) = self.crew.least();
            let mut callers = self.callers.lock().unwrap_or_else(PoisonError::into_inner);
            while callers.try_join_next().is_some() {}
            let carry = async move {
                house.connection(line, watch).await;
                drop((place, carried));
            };
            callers.spawn_on(carry, &hand);
        }
    }

    async fn connection(self: Arc<Self>, line: Line, watch: hyper_util::server::graceful::Watcher) {
        let peer = line.peer;
        // Who says nothing is gone after a while; how he begins says which HTTP he speaks.
        let begun = async {
            let wire = timeout(BRISK, line.here().ok()?.ready()).await.ok()?.ok()?;
            timeout(BRISK, opening(wire)).await.ok()?.ok()
        };
        // Who has not said what he wants by the time it closes keeps nobody from going.
        let mut closing = self.closing.subscribe();
        let begun = tokio::select! {
            begun = begun => begun,
            _ = closing.wait_for(|closing| *closing) => None,
        };
        let Some((io, spoken)) = begun else { return };
        let (house, asked, began) = (Arc::clone(&self), Arc::<Notify>::default(), Arc::<AtomicBool>::default());
        let (asks, begins) = (Arc::clone(&asked), Arc::clone(&began));
        let mute = async move {
            let _ = closing.wait_for(|closing| *closing).await;
            if began.load(Ordering::Acquire) {
                std::future::pending::<()>().await;
            }
        };
        let service = service_fn(move |request| {
            begins.store(true, Ordering::Release);
            asks.notify_one();
            let house = Arc::clone(&house);
            // On the heap: who is only connected holds no room for a call.
            async move { Ok::<_, Infallible>(heap::pinned(|| front::call(&house, peer, request)).await) }
        });
        let io = TokioIo::new(Stall::new(io, self.desk().settings.deadline.min(DEAF)));
        match spoken {
            Opening::Http1 => {
                let mut http = http1::Builder::new();
                http.timer(TokioTimer::new()).header_read_timeout(BRISK).max_headers(96).title_case_headers(false);
                let served = watch.watch(http.serve_connection(io, service));
                tokio::select! {
                    _ = served => {}
                    () = mute => {}
                }
            }
            Opening::Http2 => {
                let mut http = http2::Builder::new(TokioExecutor::new());
                http.timer(TokioTimer::new())
                    .max_concurrent_streams(STREAMS)
                    .initial_stream_window_size(WINDOW)
                    .initial_connection_window_size(4 * WINDOW)
                    .max_header_list_size(64 << 10)
                    .keep_alive_interval(ALIVE)
                    .keep_alive_timeout(ALIVE);
                let served = watch.watch(http.serve_connection(io, service));
                // By then no answer is under way any more.
                let later = self.desk().settings.deadline.saturating_add(2 * BRISK);
                tokio::select! {
                    _ = served => {}
                    () = silence(&asked, later) => {}
                    () = mute => {}
                }
            }
        }
    }
}

/// Over when nobody asks anything: at first within [`BRISK`], as over HTTP/1, then within `later` of what was asked last.
/// Who only answers our pings is there, and takes somebody's place.
async fn silence(asked: &Notify, later: Duration) {
    let mut wait = BRISK;
    while timeout(wait, asked.notified()).await.is_ok() {
        wait = later;
    }
}

impl std::fmt::Debug for House {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("House").field("busy", &self.busy()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn who_asks_nothing_is_let_go_and_who_asked_has_more_time() {
        let (asked, later) = (Notify::new(), Duration::from_secs(600));
        let began = Instant::now();
        silence(&asked, later).await;
        assert_eq!(began.elapsed(), BRISK);
        asked.notify_one();
        silence(&asked, later).await;
        assert_eq!(began.elapsed(), BRISK + later);
    }
}
