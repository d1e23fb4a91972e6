//! gRPC calls of services that are none of ours: passed on as they came, where the user's settings name the service at an
//! upstream. Keys, limits and the ledger are those of every request.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::header::{
    AUTHORIZATION, CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, COOKIE, HOST, TE, TRANSFER_ENCODING, USER_AGENT,
};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Version};
use http_body::Frame;
use hyper::body::Incoming;
use tokio::time::{Instant, Sleep, sleep_until};

use super::board::Entry;
use super::body::Body;
use super::desk::Desk;
use super::flow::Late;
use super::flow::headers as pairs;
use super::front::Caller;
use super::house::{Busy, House};
use super::reject::{Out, failed, failure};
use super::sieve::{Sieve, Stop};
use crate::client::{Booking, Came, Pass, Passed, kinds};
use crate::model::{Dialect, Failure, Kind, Scope};
use crate::secrets::{Hit, Mode};
use crate::wire;

/// How the board calls it.
const GRPC: &str = "grpc";
/// A service that is partly ours: what of it is not.
const XAI: &str = "xai_api.";
/// What is between the caller and us, or opens our own door.
const OURS: [HeaderName; 8] =
    [AUTHORIZATION, CONNECTION, CONTENT_LENGTH, COOKIE, HOST, TE, TRANSFER_ENCODING, USER_AGENT];
/// The same, by names that have no constant.
const KEYS: [&str; 6] = ["x-api-key", "x-goog-api-key", "api-key", "keep-alive", "proxy-connection", "upgrade"];

/// A method's service, of `/package.Service/Method`.
pub(super) fn service(path: &str) -> Option<&str> {
    let (service, method) = path.strip_prefix('/')?.split_once('/')?;
    let named = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_alphanumeric() || b"._".contains(&b));
    (named(service) && named(method)).then_some(service)
}

/// Passes a call on.
///
/// # Errors
/// Why it is not.
pub(super) async fn pass(
    house: &Arc<House>,
    desk: &Arc<Desk>,
    caller: Caller,
    head: Parts,
    body: Incoming,
    id: &str,
) -> Result<Out, Failure> {
    let refuse = |kind: Kind, what: String| Failure::new(kind, Scope::Request, what);
    let path = head.uri.path().to_owned();
    let Some(service) = service(&path) else {
        return Err(refuse(Kind::NotFound, "there is no such method".to_owned()));
    };
    if head.version != Version::HTTP_2 {
        return Err(refuse(Kind::BadRequest, "gRPC is called over HTTP/2".to_owned()));
    }
    let Some(upstream) = desk.client.passes(service) else {
        let what = match service.starts_with(XAI) {
            true => "of xAI's services, only Chat is served here".to_owned(),
            false => format!("calls of {service} are passed on to nobody: upstreams.NAME.pass says whose are"),
        };
        return Err(refuse(Kind::NotFound, what));
    };
    let route = format!("{}/{service}", upstream.name);
    caller.key.choose(service, vec![route], String::clone)?;
    if let Some(error) = desk.client.unmetered(&upstream, service, &house.access().ceilings(&caller.key)) {
        return Err(failure(&error));
    }
    let within = patience(&head.headers).unwrap_or(desk.settings.deadline).min(desk.settings.deadline);
    let until = Instant::now() + within;
    let headers = onward(&head.headers);
    for (name, value) in &headers {
        let hits = caller.redactor.barred(value.as_bytes());
        if !hits.is_empty() {
            let what = format!("the metadata {name} holds {}, so the call is not passed on", kinds(&hits));
            barred(house, desk, &caller, id, hits);
            return Err(refuse(Kind::BadRequest, what));
        }
    }
    let busy = house.enter();
    let sieve = Sieve::new(body, Arc::clone(&caller.redactor), desk.settings.body);
    let (stop, sent) = (sieve.stop(), sieve.sent());
    let entry = house.board().open(id, &caller.name, GRPC, path.trim_start_matches('/'), true);
    let body = (Box::pin(sieve) as crate::client::Sent, sent);
    let call = Pass { id: id.to_owned(), caller: caller.name.clone(), upstream, path, headers, body, within };
    match desk.client.pass(call).await {
        Ok(Passed { response, mut booking }) => {
            let (head, body) = response.into_parts();
            let mut entry = entry;
            entry.routed(&booking.route());
            entry.begins();
            // A call that fails at once says so in its head, and nothing follows.
            let early = Booking::stated(&head.headers);
            if let Some(said) = &early {
                booking.end(said.as_ref().err());
            }
            let alone = early.is_some() && body.is_end_stream() && stop.get().is_none();
            let mut going = Going {
                body: Some(body),
                booking,
                entry: Some(entry),
                stop,
                late: Box::pin(sleep_until(until)),
                within,
                closing: Box::pin(house.over()),
                said: early,
                house: (Arc::clone(house), Arc::clone(desk), id.to_owned()),
                busy: Some((busy, caller)),
                left: None,
            };
            if alone {
                going.over();
            }
            let going = Arc::new(Mutex::new(going));
            house.ends(&going, within);
            let mut out = http::Response::new(Body::Passed(Box::pin(Answer(going))));
            *out.status_mut() = head.status;
            *out.headers_mut() = back(&head.headers);
            Ok(out)
        }
        Err(failure) => {
            let failure = stop.get().unwrap_or(failure);
            barred(house, desk, &caller, id, stop.hits());
            entry.passed(Err(failure.kind), None);
            // It was begun, and stands on the board.
            Ok(failed(Dialect::XaiGrpc, &failure, None))
        }
    }
}

/// What does not go on for its secrets is counted and stands in the audit; in every mode nothing of it was sent.
pub(super) fn barred(house: &House, desk: &Desk, caller: &Caller, id: &str, hits: Vec<Hit>) {
    let hits: Vec<Hit> = hits.into_iter().map(|hit| Hit { mode: Mode::Block, ..hit }).collect();
    if !hits.is_empty() {
        desk.client.audited(id, &caller.name, &hits);
        house.board().refused("secret");
    }
}

/// What goes on of what the caller says beside his messages.
fn onward(headers: &HeaderMap) -> HeaderMap {
    let mut out = between(headers);
    OURS.iter().for_each(|name| drop(out.remove(name)));
    KEYS.iter().for_each(|name| drop(out.remove(*name)));
    out.insert(TE, HeaderValue::from_static("trailers"));
    out
}

/// What comes back of what the service says beside its messages.
fn back(headers: &HeaderMap) -> HeaderMap {
    let mut out = between(headers);
    [CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING, http::header::SET_COOKIE]
        .iter()
        .for_each(|name| drop(out.remove(name)));
    out
}

/// Without what is said to us, and not to whoever is behind.
fn between(headers: &HeaderMap) -> HeaderMap {
    let ours = |name: &HeaderName| name.as_str().starts_with("x-monster-");
    headers.iter().filter(|(name, _)| !ours(name)).map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// How long the caller waits, as he says it (gRPC over HTTP/2, "grpc-timeout"): up to eight digits and a unit.
fn patience(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get("grpc-timeout")?.to_str().ok()?;
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let n: u64 = digits.parse().ok().filter(|_| digits.len() <= 8)?;
    Some(match unit {
        "H" => Duration::from_secs(n.checked_mul(3_600)?),
        "M" => Duration::from_secs(n.checked_mul(60)?),
        "S" => Duration::from_secs(n),
        "m" => Duration::from_millis(n),
        "u" => Duration::from_micros(n),
        "n" => Duration::from_nanos(n),
        _ => return None,
    })
}

/// A call's target by its kind of content.
pub(super) fn spoken(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).map_or(&b""[..], HeaderValue::as_bytes);
    kind.starts_with(b"application/grpc") && !kind.starts_with(b"application/grpc-web")
}

/// The service's answer on its way to the caller.
pub(super) struct Answer(Arc<Mutex<Going>>);

/// A call for as long as it goes on: its reader drives it, and the house ends it where he reads nothing.
pub(super) struct Going {
    body: Option<Came>,
    booking: Booking,
    entry: Option<Entry>,
    stop: Arc<Stop>,
    late: Pin<Box<Sleep>>,
    within: Duration,
    /// The house ends what is open.
    closing: Pin<Box<dyn Future<Output = ()> + Send>>,
    /// How it ended, once the service said so.
    said: Option<Result<(), Failure>>,
    /// Where a secret that stops it is written down, and as whose.
    house: (Arc<House>, Arc<Desk>, String),
    /// It counts, and he does, as long as it goes on.
    busy: Option<(Busy, Caller)>,
    /// How it was ended, for a reader who comes late.
    left: Option<Frame<Bytes>>,
}

impl Late for Mutex<Going> {
    fn late(&self) {
        let mut going = self.lock().unwrap_or_else(PoisonError::into_inner);
        if going.body.is_some() {
            let failure = going.late();
            going.left = Some(going.breaks(failure));
        }
    }
}

impl Going {
    fn late(&self) -> Failure {
        Failure::new(Kind::TimedOut, Scope::Request, format!("the call was not done within {:?}", self.within))
    }

    /// It is over.
    fn end(&mut self, failure: Option<Failure>) {
        self.body = None;
        self.stop.close();
        let bytes = (self.booking.sent(), self.booking.received);
        self.booking.end(failure.as_ref());
        if let Some(entry) = self.entry.take() {
            entry.passed(failure.map_or(Ok(()), |f| Err(f.kind)), Some(bytes));
        }
        self.busy = None;
    }

    /// Nothing follows.
    fn over(&mut self) {
        let silent = || Err(Failure::new(Kind::Truncated, Scope::Provider, "the call ended without a status"));
        let said = self.said.take().unwrap_or_else(silent);
        self.end(said.err());
    }

    /// It broke: the caller is told in the words of gRPC.
    fn breaks(&mut self, failure: Failure) -> Frame<Bytes> {
        let (house, desk, id) = &self.house;
        if let Some((_, caller)) = &self.busy {
            barred(house, desk, caller, id, self.stop.hits());
        }
        let told = pairs(&wire::trailers(Some(&failure)));
        self.end(Some(failure));
        Frame::trailers(told)
    }
}

impl http_body::Body for Answer {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let mut going = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let this = &mut *going;
        let Some(body) = &mut this.body else { return Poll::Ready(this.left.take().map(Ok)) };
        if let Some(failure) = this.stop.poll(cx) {
            return Poll::Ready(Some(Ok(this.breaks(failure))));
        }
        let frame = match body.as_mut().poll_frame(cx) {
            Poll::Ready(frame) => frame,
            Poll::Pending if this.late.as_mut().poll(cx).is_ready() => {
                let failure = this.late();
                return Poll::Ready(Some(Ok(this.breaks(failure))));
            }
            Poll::Pending if this.closing.as_mut().poll(cx).is_ready() => {
                return Poll::Ready(Some(Ok(this.breaks(super::call::stopped()))));
            }
            Poll::Pending => return Poll::Pending,
        };
        Poll::Ready(match frame {
            Some(Ok(frame)) => {
                if let Some(data) = frame.data_ref() {
                    this.booking.received = this.booking.received.saturating_add(data.len() as u64);
                } else if let Some(trailers) = frame.trailers_ref() {
                    let said = Booking::stated(trailers);
                    let told = Frame::trailers(back(trailers));
                    this.end(said.and_then(Result::err));
                    return Poll::Ready(Some(Ok(told)));
                }
                Some(Ok(frame))
            }
            Some(Err(failure)) => Some(Ok(this.breaks(this.stop.get().unwrap_or(failure)))),
            None => {
                this.over();
                None
            }
        })
    }

    /// A head that nothing follows ends the stream itself: an empty piece after it would not be gRPC.
    fn is_end_stream(&self) -> bool {
        let going = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        going.body.is_none() && going.left.is_none()
    }
}
