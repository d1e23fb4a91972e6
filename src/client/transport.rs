//! Step: one exchange, over HTTP or as a gRPC call. Knows bytes, time-outs and dialect readers; knows no routes.

use std::collections::VecDeque;
use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{FutureExt, StreamExt};
use http::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use tokio::time::error::Elapsed;
use tokio::time::{Instant, timeout, timeout_at};

use super::fault::{cut, oversized, packed, slow, unnamed, unreachable, unsendable};
use super::frames::{Frames, Item};
use super::grpc;
use super::pass::{self, Came, Carried};
use crate::model::{Dialect, Event, Failure, Kind, Scope, Via};
use crate::net::Net;
use crate::net::road::{BoxError, OWN, Pieces, nothing};
use crate::providers::Head;
use crate::wire::{Names, Reader, framed, read_passed, read_whole, wire};
use crate::world::heap;

/// How long each phase may take.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// From sending to the first byte of the answer.
    pub first_byte: Duration,
    /// Between two pieces of the answer.
    pub idle: Duration,
}

impl Limits {
    /// As an upstream has them that needs others.
    #[must_use]
    pub fn of(self, via: &Via) -> Self {
        let or = |own: Option<u64>, usual: Duration| own.map_or(usual, Duration::from_secs);
        Self { first_byte: or(via.first_byte_timeout, self.first_byte), idle: or(via.idle_timeout, self.idle) }
    }
}

/// A whole answer larger than this is no answer (bytes).
const REPLY_LIMIT: usize = 64 << 20;
/// A streamed answer larger than this is none either (bytes): its frames say the same at greater length.
const STREAM_LIMIT: usize = 256 << 20;
/// Signs of life that say nothing (comments, pings) keep an answer alive for so many times the idle time-out, because
/// models think for long behind them; not for ever.
const PATIENCE: u32 = 10;
/// For so long the connection of an answer that is all there is given time to end, so that the next request can have it.
const ENDS: Duration = Duration::from_millis(10);
/// Within this a stream is known by its first word (bytes).
const HEAD: usize = 64;
/// An error body beyond this tells nothing more (bytes).
const ERROR_LIMIT: usize = 1 << 20;

/// What is sent.
#[derive(Debug)]
pub struct Outgoing {
    /// Full URL.
    pub url: String,
    /// Headers, credential included.
    pub headers: Vec<(String, String)>,
    /// JSON, or one protobuf message; `None` makes it a GET.
    pub body: Option<Vec<u8>>,
    /// What carries it.
    pub carriage: Carriage,
    /// How the upstream is reached, where that differs from the settings' `net`.
    pub via: Via,
}

impl Outgoing {
    /// Something that is only read.
    #[must_use]
    pub fn get(url: String, headers: Vec<(String, String)>) -> Self {
        Self { url, headers, body: None, carriage: Carriage::Http, via: Via::default() }
    }

    /// What lists models, in the dialect of an upstream; none forced is JSON.
    #[must_use]
    pub fn listing(url: String, headers: Vec<(String, String)>, dialect: Option<Dialect>) -> Self {
        let grpc = dialect.filter(|d| d.is_grpc());
        let carriage = grpc.map_or(Carriage::Http, |d| Carriage::of(d, false, None));
        // A call has a message, if an empty one.
        Self { url, headers, body: grpc.map(|_| Vec::new()), carriage, via: Via::default() }
    }

    /// Over this.
    #[must_use]
    pub fn via(self, via: &Via) -> Self {
        Self { via: via.clone(), ..self }
    }
}

/// What carries an exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carriage {
    /// HTTP alone.
    Http,
    /// A gRPC call.
    Call {
        /// What its messages mean.
        dialect: Dialect,
        /// Its answer may be of several messages.
        streamed: bool,
        /// The server is told to be done within this.
        within: Duration,
    },
}

impl Carriage {
    /// What carries a dialect; `until` is when nobody waits for an answer any more.
    #[must_use]
    pub fn of(dialect: Dialect, streamed: bool, until: Option<Instant>) -> Self {
        let left = |until: Instant| until.saturating_duration_since(Instant::now());
        match dialect.is_grpc() {
            true => Self::Call { dialect, streamed, within: until.map_or(grpc::LONGEST, left) },
            false => Self::Http,
        }
    }
}

/// An answer whose head has arrived.
pub struct Incoming {
    /// Status and headers.
    pub head: Head,
    body: Body,
    limits: Limits,
}

/// What follows a head.
enum Body {
    /// Bytes of HTTP.
    Http(Pieces),
    /// Messages of a call.
    Call(Box<grpc::Answer>),
    /// The status of a call that failed at once.
    Stated(Vec<u8>),
}

/// What carries exchanges: the network, and in tests a script.
pub trait Line: Send + Sync {
    /// Sends and waits for the head of the answer.
    ///
    /// # Errors
    /// `Unreachable`, `Untrusted` or `TimedOut`.
    fn send(
        &self,
        outgoing: Outgoing,
        limits: Limits,
    ) -> Pin<Box<dyn Future<Output = Result<Incoming, Failure>> + Send + '_>>;

    /// Carries a gRPC call as it comes, and waits for the head of the answer.
    ///
    /// # Errors
    /// `Unreachable` or `Untrusted`.
    fn carry(
        &self,
        _carried: Carried,
    ) -> Pin<Box<dyn Future<Output = Result<http::Response<Came>, Failure>> + Send + '_>> {
        let what = "nothing is passed on over this line";
        Box::pin(std::future::ready(Err(Failure::new(Kind::Unreachable, Scope::Provider, what))))
    }
}

impl Line for Net {
    fn send(
        &self,
        outgoing: Outgoing,
        limits: Limits,
    ) -> Pin<Box<dyn Future<Output = Result<Incoming, Failure>> + Send + '_>> {
        heap::pinned(|| send(self, outgoing, limits))
    }

    fn carry(
        &self,
        carried: Carried,
    ) -> Pin<Box<dyn Future<Output = Result<http::Response<Came>, Failure>> + Send + '_>> {
        heap::pinned(|| pass::carry(self, carried))
    }
}

/// Sends and waits for the head of the answer.
///
/// # Errors
/// `Unreachable`, `Untrusted` or `TimedOut`.
pub async fn send(net: &Net, outgoing: Outgoing, limits: Limits) -> Result<Incoming, Failure> {
    if let Carriage::Call { dialect, streamed, within } = outgoing.carriage {
        let within = within.min(grpc::LONGEST);
        return Box::pin(grpc::call(net, outgoing, limits, grpc::Terms { dialect, streamed, within })).await;
    }
    let unsendable_to = |e: crate::net::NetError| Failure::new(Kind::BadRequest, Scope::Provider, e.to_string());
    net.away(&outgoing.url, &outgoing.via).await.map_err(unsendable_to)?;
    let road = net.road_via(&outgoing.url, &outgoing.via).map_err(unsendable_to)?;
    let sent = road.send(headers(&outgoing.headers)?, outgoing.body.map(Bytes::from));
    match timeout(limits.first_byte, sent).await {
        Ok(Ok(response)) => Ok(Incoming::of(response, limits)),
        Ok(Err(lost)) => Err(unreachable(lost.cause(), lost.unconnected)),
        Err(_) => Err(slow("did not begin to answer", limits.first_byte)),
    }
}

/// As they are sent. Any of them may be a key.
fn headers(named: &[(String, String)]) -> Result<HeaderMap, Failure> {
    let mut all = HeaderMap::with_capacity(named.len() + OWN);
    for (name, value) in named {
        let Ok(key) = HeaderName::from_bytes(name.as_bytes()) else { return Err(unnamed(name)) };
        let Ok(mut value) = HeaderValue::from_str(value) else { return Err(unsendable(name)) };
        value.set_sensitive(true);
        all.append(key, value);
    }
    Ok(all)
}

impl Incoming {
    /// What a server answered.
    #[must_use]
    pub fn of(response: http::Response<Pieces>, limits: Limits) -> Self {
        let (head, body) = response.into_parts();
        let head = Head { status: head.status.as_u16(), headers: head.headers };
        Self { head, body: Body::Http(body), limits }
    }

    /// What a gRPC service answered.
    pub(super) fn called(head: Head, answer: grpc::Answer, limits: Limits) -> Self {
        Self { head, body: Body::Call(Box::new(answer)), limits }
    }

    /// The status with which a call failed at once.
    pub(super) const fn refused(head: Head, status: Vec<u8>, limits: Limits) -> Self {
        Self { head, body: Body::Stated(status), limits }
    }

    /// Success by status.
    #[must_use]
    pub const fn ok(&self) -> bool {
        self.head.status >= 200 && self.head.status < 300
    }

    /// The whole body of an error or a small answer; what comes too late or too much is left out.
    pub async fn error_body(self) -> Vec<u8> {
        self.collect(ERROR_LIMIT).await.unwrap_or_else(|(got, _)| got)
    }

    /// The whole body.
    ///
    /// # Errors
    /// `Truncated`, `TimedOut`, or `Broken` when it is too large.
    pub async fn whole(self) -> Result<Vec<u8>, Failure> {
        self.collect(REPLY_LIMIT).await.map_err(|(_, failure)| failure)
    }

    /// The whole body, if it is no larger than this.
    ///
    /// # Errors
    /// As [`Self::whole`].
    pub async fn at_most(self, limit: usize) -> Result<Vec<u8>, Failure> {
        self.collect(limit).await.map_err(|(_, failure)| failure)
    }

    async fn collect(self, limit: usize) -> Result<Vec<u8>, (Vec<u8>, Failure)> {
        let idle = self.limits.idle;
        // One that trickles says no more for it.
        let until = Instant::now() + idle * PATIENCE;
        let mut stream = match self.body {
            Body::Http(pieces) => pieces,
            Body::Stated(status) => return Ok(status),
            Body::Call(answer) => {
                let message = answer.only(idle).await.map_err(|failure| (Vec::new(), failure))?;
                return Ok(message.into());
            }
        };
        let mut out = Vec::new();
        loop {
            match timeout_at(until.min(Instant::now() + idle), stream.next()).await {
                Ok(None) => return Ok(out),
                Ok(Some(Ok(bytes))) if out.len() + bytes.len() <= limit => out.extend_from_slice(&bytes),
                Ok(Some(Ok(_))) => return Err((out, oversized())),
                Ok(Some(Err(error))) => return Err((out, cut(&*error))),
                Err(_) => return Err((out, slow("stopped sending", idle))),
            }
        }
    }

    /// The answer as events, streamed or whole as the server chose.
    ///
    /// # Errors
    /// `Broken` when the body announces itself as a web page, or is packed in a way that nobody asked for.
    pub fn events(self, dialect: Dialect, names: Names) -> Result<Events, Failure> {
        let content_type = self.head.get(CONTENT_TYPE).unwrap_or("").to_ascii_lowercase();
        if content_type.starts_with("text/html") {
            return Err(Failure::broken("a web page came instead of an answer: is the base URL right?"));
        }
        if let Some(how) = self.head.get(CONTENT_ENCODING) {
            return Err(packed(how));
        }
        let streamed =
            content_type.starts_with("text/event-stream") || content_type.starts_with("application/x-ndjson");
        let (pace, reader) = (Pace::new(self.limits.idle), wire(dialect).reader());
        let source = match self.body {
            Body::Http(bytes) if streamed => {
                // A line of Ollama's begins as an answer does.
                let head = Some(dialect).filter(|dialect| *dialect != Dialect::Ollama);
                Source::Stream { bytes, reader, pace, head }
            }
            Body::Http(bytes) => {
                let pace = Pace { room: REPLY_LIMIT, ..pace };
                Source::Whole { bytes, got: Vec::new(), pace, dialect }
            }
            Body::Call(answer) if answer.terms.streamed => Source::Call { answer, reader, pace },
            _ => Source::Once(Some(self), dialect),
        };
        Ok(Events { source, names, ready: VecDeque::new(), frames: None, other: None })
    }
}

enum Source {
    Stream {
        bytes: Pieces,
        reader: Box<dyn Reader>,
        pace: Pace,
        /// Nothing was said yet: it may be a whole answer all the same.
        head: Option<Dialect>,
    },
    Call {
        answer: Box<grpc::Answer>,
        reader: Box<dyn Reader>,
        pace: Pace,
    },
    /// It says that it is no stream, and may be one all the same: its first bytes tell.
    Whole {
        bytes: Pieces,
        got: Vec<u8>,
        pace: Pace,
        dialect: Dialect,
    },
    /// The one message of a call, or its status.
    Once(Option<Incoming>, Dialect),
    /// All was said that belongs to it.
    Ending(Pieces),
    Failed(Failure),
    Done,
}

/// How a stream may come: pieces in time, something said in them now and then, and not without end.
struct Pace {
    idle: Duration,
    /// When something was said at last.
    said: Instant,
    /// Bytes that may still come.
    room: usize,
}

impl Pace {
    fn new(idle: Duration) -> Self {
        Self { idle, said: Instant::now(), room: STREAM_LIMIT }
    }

    /// How long it may say nothing.
    fn mute(&self) -> Duration {
        self.idle.saturating_mul(PATIENCE)
    }

    /// What is left of that.
    fn left(&self, now: Instant) -> Duration {
        self.mute().saturating_sub(now.saturating_duration_since(self.said))
    }

    /// How long the next piece is waited for.
    fn patience(&self, now: Instant) -> Duration {
        self.idle.min(self.left(now))
    }

    /// When it comes too late.
    fn until(&self) -> Instant {
        let now = Instant::now();
        now + self.patience(now)
    }

    /// It did not come.
    fn late(&self) -> Failure {
        match self.left(Instant::now()).is_zero() {
            true => slow("sent signs of life and nothing else", self.mute()),
            false => slow("stopped sending", self.idle),
        }
    }

    /// A piece came.
    fn took(&mut self, bytes: usize, said: bool) -> Result<(), Failure> {
        let now = Instant::now();
        if said {
            self.said = now;
        }
        match self.room.checked_sub(bytes) {
            Some(left) => self.room = left,
            None => return Err(oversized()),
        }
        if self.left(now).is_zero() { Err(self.late()) } else { Ok(()) }
    }
}

/// The next piece, in time; one that is there already is taken without asking when.
async fn soon(bytes: &mut Pieces, pace: &Pace) -> Result<Option<Result<Bytes, BoxError>>, Elapsed> {
    match bytes.next().now_or_never() {
        Some(piece) => Ok(piece),
        None => timeout_at(pace.until(), bytes.next()).await,
    }
}

/// Reads a whole answer.
type Whole = fn(&[u8]) -> Result<Vec<Event>, Failure>;

/// The events of one answer, in order. Dropping it closes the connection.
pub struct Events {
    source: Source,
    /// How calls return whose tools were renamed.
    names: Names,
    ready: VecDeque<Item>,
    /// The answer's own bytes are wanted beside its events.
    frames: Option<Frames>,
    /// Reads a whole answer, where that is none of a model.
    other: Option<Whole>,
}

impl Events {
    /// The whole answer is read by this instead.
    pub(super) fn read_by(mut self, read: Whole) -> Self {
        self.other = Some(read);
        self
    }

    /// With room for so many bytes.
    #[cfg(test)]
    pub(super) fn narrowed(mut self, room: usize) -> Self {
        if let Source::Stream { pace, .. } | Source::Whole { pace, .. } | Source::Call { pace, .. } = &mut self.source {
            pace.room = room;
        }
        self
    }

    /// Gives the answer's own bytes too, where they come in the way in which they are wanted, streamed or whole. `quiet`
    /// keeps what counts tokens alone to itself. Whether they come.
    pub(super) fn forwarded(&mut self, streamed: bool, dialect: Dialect, quiet: bool) -> bool {
        let fits = match &self.source {
            Source::Stream { .. } => streamed,
            Source::Whole { .. } => !streamed,
            _ => false,
        };
        self.frames = fits.then(|| Frames::new(dialect == Dialect::Ollama, quiet));
        fits
    }

    /// The next event; `None` at the clean end.
    ///
    /// # Errors
    /// What the answer states, or how it broke. Events decoded before that are given first.
    pub async fn next(&mut self) -> Option<Result<Event, Failure>> {
        loop {
            match self.item().await? {
                Ok(Item::Event(event)) => return Some(Ok(event)),
                Ok(Item::Raw(_) | Item::Anew) => {}
                Err(failure) => return Some(Err(failure)),
            }
        }
    }

    /// The next event, or the bytes that said those before it.
    ///
    /// # Errors
    /// As [`Self::next`].
    pub(super) async fn item(&mut self) -> Option<Result<Item, Failure>> {
        loop {
            if let Some(item) = self.ready.pop_front() {
                return Some(Ok(item));
            }
            let (mut out, mut raw) = (Vec::new(), Vec::new());
            let outcome = match &mut self.source {
                Source::Done => return None,
                Source::Failed(failure) => {
                    let failure = failure.clone();
                    self.source = Source::Done;
                    return Some(Err(failure));
                }
                Source::Whole { bytes, got, pace, dialect } => match soon(bytes, pace).await {
                    Ok(Some(Ok(piece))) => {
                        got.extend_from_slice(&piece);
                        // Servers that take long fill the time with blanks.
                        let took = pace.took(piece.len(), !piece.trim_ascii().is_empty());
                        if took.is_ok() && got.len() - piece.len() < HEAD && framed(got) {
                            let (rest, head) = (std::mem::replace(bytes, nothing()), std::mem::take(got));
                            let (mut reader, mut pace) = (wire(*dialect).reader(), Pace::new(pace.idle));
                            // It is not what was wanted: it is told anew.
                            self.ready.extend(self.frames.take().map(|_| Item::Anew));
                            let fed = reader.feed(&head, &mut out);
                            let fed = fed.and_then(|()| pace.took(head.len(), !out.is_empty()));
                            self.source = Source::Stream { bytes: rest, reader, pace, head: None };
                            fed
                        } else {
                            took
                        }
                    }
                    Ok(None) => {
                        let (body, dialect) = (std::mem::take(got), *dialect);
                        self.source = Source::Done;
                        let read = match self.other {
                            Some(read) => read(&body),
                            None if self.frames.is_some() => read_passed(dialect, &body),
                            None => read_whole(dialect, &body),
                        };
                        let read = read.map(|events| out = events);
                        raw.extend(self.frames.take().filter(|_| read.is_ok()).map(|_| body.into()));
                        read
                    }
                    Ok(Some(Err(error))) => Err(cut(&*error)),
                    Err(_) => Err(pace.late()),
                },
                Source::Once(incoming, dialect) => {
                    let (incoming, dialect) = (incoming.take(), *dialect);
                    self.source = Source::Done;
                    match incoming {
                        None => return None,
                        Some(incoming) => match incoming.whole().await {
                            Ok(body) => read_whole(dialect, &body).map(|events| out = events),
                            Err(failure) => Err(failure),
                        },
                    }
                }
                // It said itself that this is all: what becomes of its connection is no part of it.
                Source::Stream { bytes, reader, .. } if reader.done() => {
                    let end = reader.end(&mut out);
                    self.source = Source::Ending(std::mem::replace(bytes, nothing()));
                    end
                }
                Source::Ending(bytes) => {
                    let _ = timeout(ENDS, async { while let Some(Ok(_)) = bytes.next().await {} }).await;
                    self.source = Source::Done;
                    return None;
                }
                Source::Stream { bytes, reader, pace, head } => match timeout_at(pace.until(), bytes.next()).await {
                    Ok(Some(Ok(piece))) => {
                        let length = piece.len();
                        let first = piece.trim_ascii_start().first();
                        if let (Some(dialect), Some(b'{' | b'[')) = (*head, first) {
                            let bytes = std::mem::replace(bytes, nothing());
                            let mut pace = Pace { room: REPLY_LIMIT, ..Pace::new(pace.idle) };
                            self.ready.extend(self.frames.take().map(|_| Item::Anew));
                            self.source = match pace.took(length, true) {
                                Ok(()) => Source::Whole { bytes, got: piece.to_vec(), pace, dialect },
                                Err(failure) => Source::Failed(failure),
                            };
                            continue;
                        }
                        *head = head.filter(|_| first.is_none());
                        let fed = match &mut self.frames {
                            Some(frames) => frames.feed(piece, &mut **reader, &mut out, &mut raw),
                            None => reader.feed(&piece, &mut out),
                        };
                        fed.and_then(|()| pace.took(length, !out.is_empty()))
                    }
                    Ok(None) => {
                        let (rest, mut last) = (self.frames.take(), Vec::new());
                        let fed = rest.map_or(Ok(()), |rest| rest.end(&mut **reader, &mut out, &mut last));
                        let end = fed.and_then(|()| reader.end(&mut out));
                        // Half a frame is none.
                        if end.is_ok() {
                            raw.append(&mut last);
                        }
                        self.source = Source::Done;
                        end
                    }
                    Ok(Some(Err(error))) => Err(cut(&*error)),
                    Err(_) => Err(pace.late()),
                },
                Source::Call { answer, reader, pace } => match answer.next(pace.patience(Instant::now())).await {
                    Ok(Some(message)) => {
                        let fed = grpc::framed(&message).iter().try_for_each(|piece| reader.feed(piece, &mut out));
                        fed.and_then(|()| pace.took(message.len(), !out.is_empty()))
                    }
                    Ok(None) => {
                        let end = reader.end(&mut out);
                        self.source = Source::Done;
                        end
                    }
                    Err(failure) => Err(failure),
                },
            };
            self.names.back(&mut out);
            self.ready.reserve(out.len() + raw.len());
            self.ready.extend(out.into_iter().map(Item::Event));
            self.ready.extend(raw.into_iter().map(Item::Raw));
            if let Err(failure) = outcome {
                self.source = Source::Done;
                // What was decoded before the failure has arrived: the caller sees it first.
                if self.ready.is_empty() {
                    return Some(Err(failure));
                }
                self.source = Source::Failed(failure);
            }
        }
    }
}
