//! A body that comes while it is read: whoever reads it drives the call.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderName, HeaderValue};
use http_body::Frame;
use tokio::time::{Instant, Sleep, sleep};

use super::teller::Beside;

/// As much may wait to be written before nothing more is read from the upstream (bytes).
const FULL: usize = 256 << 10;
/// While nothing comes, a sign of life is given so often.
const SILENCE: Duration = Duration::from_secs(10);

/// What is ready to be written.
#[derive(Default)]
pub(super) struct Pipe {
    ready: VecDeque<Bytes>,
    held: usize,
    trailers: Vec<(String, String)>,
    beside: Beside,
    /// The response's head is written, or something of its body is ready.
    begun: bool,
}

/// Shared between the call, which fills it, and the body, which empties it: both are polled by one task.
#[derive(Clone, Default)]
pub(super) struct Shared(Arc<Mutex<Pipe>>);

impl Shared {
    fn with<T>(&self, work: impl FnOnce(&mut Pipe) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn put(&self, bytes: Bytes) {
        if !bytes.is_empty() {
            self.with(|pipe| {
                pipe.begun = true;
                pipe.held += bytes.len();
                pipe.ready.push_back(bytes);
            });
        }
    }

    /// What follows the body, in HTTP/2.
    pub(super) fn trail(&self, trailers: Vec<(String, String)>) {
        self.with(|pipe| pipe.trailers = trailers);
    }

    /// The head goes out now.
    pub(super) fn begin(&self) {
        self.with(|pipe| pipe.begun = true);
    }

    /// Whether it is too late for another head.
    pub(super) fn begun(&self) -> bool {
        self.with(|pipe| pipe.begun)
    }

    /// What is told beside the answer.
    pub(super) fn beside(&self) -> Beside {
        self.with(|pipe| pipe.beside.clone())
    }

    pub(super) fn aside(&self, work: impl FnOnce(&mut Beside)) {
        self.with(|pipe| work(&mut pipe.beside));
    }

    pub(super) fn full(&self) -> bool {
        self.with(|pipe| pipe.held >= FULL)
    }

    fn some(&self) -> bool {
        self.with(|pipe| !pipe.ready.is_empty())
    }

    /// What is there, in one piece where the pieces are small.
    fn take(&self) -> Option<Bytes> {
        self.with(|pipe| {
            let first = pipe.ready.pop_front()?;
            pipe.held = pipe.held.saturating_sub(first.len());
            if first.len() >= SMALL || pipe.ready.front().is_none_or(|next| next.len() >= SMALL) {
                return Some(first);
            }
            let mut all = BytesMut::from(&*first);
            while let Some(next) = pipe.ready.front().filter(|next| next.len() < SMALL && all.len() < 8 * SMALL) {
                all.extend_from_slice(next);
                pipe.held = pipe.held.saturating_sub(next.len());
                pipe.ready.pop_front();
            }
            Some(all.freeze())
        })
    }
}

/// Pieces below this are put together where several wait (bytes).
const SMALL: usize = 4 << 10;

/// A call that is under way.
pub(super) type Work = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A call, and whom what happens in it wakes.
pub(super) struct Call {
    /// `None` = it is over.
    work: Option<Work>,
    reader: Waker,
}

impl Call {
    /// Goes on with it; whether it is over.
    fn drive(&mut self) -> bool {
        if let Some(work) = self.work.as_mut()
            && work.as_mut().poll(&mut Context::from_waker(&self.reader)).is_ready()
        {
            self.work = None;
        }
        self.work.is_none()
    }
}

/// A call that the house ends when its time is up, for as long as it lasts: its reader may not.
pub(super) trait Late: Send + Sync {
    /// Its time is up.
    fn late(&self);
}

impl Late for Mutex<Call> {
    fn late(&self) {
        // It knows by itself how long it may take: somebody only has to go on with it.
        let mut call = self.lock().unwrap_or_else(PoisonError::into_inner);
        call.drive();
        call.reader.wake_by_ref();
    }
}

/// The body of a streamed response.
pub(super) struct Flow {
    call: Arc<Mutex<Call>>,
    shared: Shared,
    /// A sign of life in the caller's dialect; empty = none is given.
    ping: Bytes,
    silence: Pin<Box<Sleep>>,
    ended: bool,
}

impl Flow {
    pub(super) fn new(work: Work, shared: Shared, ping: Vec<u8>) -> Self {
        let call = Arc::new(Mutex::new(Call { work: Some(work), reader: Waker::noop().clone() }));
        Self { call, shared, ping: ping.into(), silence: Box::pin(sleep(SILENCE)), ended: false }
    }

    /// Its call.
    pub(super) const fn call(&self) -> &Arc<Mutex<Call>> {
        &self.call
    }

    /// Drives the call until there is something to write, it is over, or `hold` has passed.
    pub(super) async fn begin(&mut self, hold: Duration) {
        let until = sleep(hold);
        tokio::pin!(until);
        std::future::poll_fn(|context| {
            let over = self.drive(context);
            if self.shared.some() || over || until.as_mut().poll(context).is_ready() {
                return Poll::Ready(());
            }
            Poll::Pending
        })
        .await;
    }

    /// Goes on with the call while there is room for what it says; whether it is over.
    fn drive(&self, context: &Context<'_>) -> bool {
        let mut call = self.call.lock().unwrap_or_else(PoisonError::into_inner);
        call.reader.clone_from(context.waker());
        if self.shared.full() { call.work.is_none() } else { call.drive() }
    }

    /// The next frame.
    pub(super) fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Frame<Bytes>>> {
        if self.ended {
            return Poll::Ready(None);
        }
        let over = self.drive(context);
        if let Some(bytes) = self.shared.take() {
            self.silence.as_mut().reset(Instant::now() + SILENCE);
            return Poll::Ready(Some(Frame::data(bytes)));
        }
        if over {
            self.ended = true;
            let trailers = self.shared.with(|pipe| std::mem::take(&mut pipe.trailers));
            return Poll::Ready((!trailers.is_empty()).then(|| Frame::trailers(headers(&trailers))));
        }
        if !self.ping.is_empty() && self.silence.as_mut().poll(context).is_ready() {
            self.silence.as_mut().reset(Instant::now() + SILENCE);
            // It wakes anew.
            let _ = self.silence.as_mut().poll(context);
            return Poll::Ready(Some(Frame::data(self.ping.clone())));
        }
        Poll::Pending
    }
}

/// Names and values as headers; what cannot be one is left out.
pub(super) fn headers(pairs: &[(String, String)]) -> HeaderMap {
    let header = |(name, value): &(String, String)| {
        Some((HeaderName::from_bytes(name.as_bytes()).ok()?, HeaderValue::from_str(value).ok()?))
    };
    pairs.iter().filter_map(header).collect()
}
