//! Messages of a caller on their way to a service: each is looked through when it is complete, and goes on byte for byte or
//! not at all.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker, ready};

use bytes::{Bytes, BytesMut};
use http::HeaderMap;
use http_body::{Body, Frame};
use hyper::body::Incoming;

use crate::client::kinds;
use crate::model::{Failure, Kind, Scope};
use crate::secrets::{Hit, Redactor};

/// Bytes before a message: a flag and its length (xai.md, "gRPC").
const PREFIX: usize = 5;

/// Why nothing more goes on, for whoever answers the caller.
#[derive(Default)]
pub struct Stop {
    inner: Mutex<(Option<Failure>, Option<Waker>)>,
    found: Mutex<Vec<Hit>>,
    /// The call is over, and whom that wakes.
    over: Mutex<(bool, Option<Waker>)>,
}

impl Stop {
    /// The call is over: nothing more goes on, also where the caller would go on speaking.
    pub(super) fn close(&self) {
        let mut over = self.over.lock().unwrap_or_else(PoisonError::into_inner);
        over.0 = true;
        if let Some(waker) = over.1.take() {
            waker.wake();
        }
    }

    /// Whether it is; until then its end wakes the asker.
    fn closed(&self, cx: &Context<'_>) -> bool {
        let mut over = self.over.lock().unwrap_or_else(PoisonError::into_inner);
        if !over.0 {
            over.1 = Some(cx.waker().clone());
        }
        over.0
    }

    fn set(&self, failure: Failure) {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.0.get_or_insert(failure);
        if let Some(waker) = inner.1.take() {
            waker.wake();
        }
    }

    /// What it is, once something is; until then its coming wakes the asker.
    pub(super) fn poll(&self, cx: &Context<'_>) -> Option<Failure> {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        if inner.0.is_none() {
            inner.1 = Some(cx.waker().clone());
        }
        inner.0.clone()
    }

    /// The secrets that it is for, once: whoever takes them writes them down.
    pub(super) fn hits(&self) -> Vec<Hit> {
        std::mem::take(&mut *self.found.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// What it is.
    #[must_use]
    pub fn get(&self) -> Option<Failure> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner).0.clone()
    }
}

/// The messages.
pub struct Sieve<B = Incoming> {
    body: B,
    rest: BytesMut,
    ready: VecDeque<Bytes>,
    trailers: Option<HeaderMap>,
    ended: bool,
    redactor: Arc<Redactor>,
    /// Largest message (bytes).
    most: usize,
    stop: Arc<Stop>,
    sent: Arc<AtomicU64>,
}

impl<B> Sieve<B> {
    /// What comes in `body`, looked through by `redactor`; no message of more than `most` bytes.
    #[must_use]
    pub fn new(body: B, redactor: Arc<Redactor>, most: usize) -> Self {
        Self {
            body,
            rest: BytesMut::new(),
            ready: VecDeque::new(),
            trailers: None,
            ended: false,
            redactor,
            most,
            stop: Arc::default(),
            sent: Arc::default(),
        }
    }

    /// Why nothing more goes on.
    #[must_use]
    pub fn stop(&self) -> Arc<Stop> {
        Arc::clone(&self.stop)
    }

    /// Bytes that went on.
    #[must_use]
    pub fn sent(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.sent)
    }

    /// Takes complete messages out of what has come.
    fn sift(&mut self) -> Result<(), Failure> {
        let wrong = |kind: Kind, what: String| Failure::new(kind, Scope::Request, what);
        while let Some([flag, a, b, c, d]) = self.rest.first_chunk::<PREFIX>().copied() {
            let length = usize::try_from(u32::from_be_bytes([a, b, c, d])).unwrap_or(usize::MAX);
            if flag != 0 {
                let what = "a compressed message cannot be looked through for secrets, so it is not passed on";
                return Err(wrong(Kind::BadRequest, what.to_owned()));
            }
            if length > self.most {
                let what = format!("a message is larger than {} MiB (serve.body)", self.most >> 20);
                return Err(wrong(Kind::TooLong, what));
            }
            if self.rest.len() - PREFIX < length {
                break;
            }
            let message = self.rest.split_to(PREFIX + length).freeze();
            self.look(message.get(PREFIX..).unwrap_or_default())?;
            self.ready.push_back(message);
        }
        Ok(())
    }

    fn look(&self, message: &[u8]) -> Result<(), Failure> {
        let hits = self.redactor.barred(message);
        if hits.is_empty() {
            return Ok(());
        }
        let what = format!("the message holds {}: nothing can be masked in it, so it is not passed on", kinds(&hits));
        *self.stop.found.lock().unwrap_or_else(PoisonError::into_inner) = hits;
        Err(Failure::new(Kind::BadRequest, Scope::Request, what))
    }

    fn stopped(&mut self, failure: Failure) -> Box<dyn std::error::Error + Send + Sync> {
        self.ended = true;
        let told = failure.message.clone();
        self.stop.set(failure);
        told.into()
    }
}

impl<B> Body for Sieve<B>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    type Data = Bytes;
    type Error = Box<dyn std::error::Error + Send + Sync>;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let this = self.get_mut();
        loop {
            if let Some(message) = this.ready.pop_front() {
                this.sent.fetch_add(message.len() as u64, Ordering::Relaxed);
                return Poll::Ready(Some(Ok(Frame::data(message))));
            }
            if let Some(trailers) = this.trailers.take() {
                return Poll::Ready(Some(Ok(Frame::trailers(trailers))));
            }
            if this.ended {
                return Poll::Ready(None);
            }
            if this.stop.closed(cx) {
                this.ended = true;
                return Poll::Ready(Some(Err("the call is over".into())));
            }
            match ready!(Pin::new(&mut this.body).poll_frame(cx)) {
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) => {
                        this.rest.extend_from_slice(&data);
                        if let Err(failure) = this.sift() {
                            return Poll::Ready(Some(Err(this.stopped(failure))));
                        }
                    }
                    Err(frame) => this.trailers = frame.into_trailers().ok(),
                },
                Some(Err(error)) => {
                    this.ended = true;
                    return Poll::Ready(Some(Err(error.into())));
                }
                None => {
                    this.ended = true;
                    if !this.rest.is_empty() {
                        let what = "the call ended in the middle of a message";
                        let failure = Failure::new(Kind::BadRequest, Scope::Request, what);
                        return Poll::Ready(Some(Err(this.stopped(failure))));
                    }
                }
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.ended && self.ready.is_empty() && self.trailers.is_none()
    }
}

#[cfg(test)]
#[path = "tests/sieve.rs"]
mod tests;
