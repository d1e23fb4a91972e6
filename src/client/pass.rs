//! A gRPC call that is passed on as it came, where the settings allow it for an upstream (DESIGN.md §4, "One pipeline"):
//! one account, the first that has a key and does not rest, no failover, nothing read of it, metered by bytes. What may not
//! leave is stopped before it comes here.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};
use http_body::{Body, Frame};
use tokio::time::timeout;

use super::fault::{cut, slow, unreachable, unsendable};
use super::lease::Lease;
use super::record::Record;
use super::route::Route;
use super::{CallError, Client};
use crate::model::{Dialect, Failure, Kind, Maker, ModelCard, Purpose, Scope, Via};
use crate::net::Net;
use crate::providers::{Upstream, provider};
use crate::secrets::Redactor;
use crate::store::{AttemptEnd, AttemptSlot, Ceiling, CoolDown, NewRequest, Outcome, RequestEnd};
use crate::wire::{stated, status};
use crate::world::Clock;

/// The status of a method that is not there.
const UNIMPLEMENTED: i32 = 12;

/// How the ledger calls it.
const GRPC: &str = "grpc";

/// What is sent: messages as they come from a caller.
pub type Sent = Pin<Box<dyn Body<Data = Bytes, Error = Box<dyn std::error::Error + Send + Sync>> + Send + Sync>>;

/// What comes back: the service's messages, and at the end its trailers.
pub type Came = Pin<Box<dyn Body<Data = Bytes, Error = Failure> + Send>>;

/// What a line carries.
pub struct Carried {
    /// The full URL.
    pub url: String,
    /// Metadata, credential included.
    pub headers: HeaderMap,
    /// Messages.
    pub body: Sent,
    /// How the upstream is reached.
    pub via: Via,
}

/// A call of somebody's, to be passed on.
pub struct Pass {
    /// Its id.
    pub id: String,
    /// Who asks, for the ledger.
    pub caller: String,
    /// Whom.
    pub upstream: Arc<Upstream>,
    /// `/package.Service/Method`.
    pub path: String,
    /// What the caller says beside, without what is between him and us.
    pub headers: HeaderMap,
    /// Its messages, and how many bytes of them went.
    pub body: (Sent, Arc<AtomicU64>),
    /// When it is given up.
    pub within: Duration,
}

/// A call whose head has come back.
pub struct Passed {
    /// Head and body as they came.
    pub response: http::Response<Came>,
    /// To be told how it ended.
    pub booking: Booking,
}

/// The rows of a call: closed as cancelled when it is dropped before anybody said how it ended.
pub struct Booking {
    record: Option<Record>,
    slot: Option<AttemptSlot>,
    route: Route,
    http: Option<u16>,
    sent: Arc<AtomicU64>,
    /// Bytes that came back.
    pub received: u64,
    clock: Clock,
    redactor: Arc<Redactor>,
}

impl Client {
    /// The upstream whose settings let this service through; of several, the first as they are sorted there.
    #[must_use]
    pub fn passes(&self, service: &str) -> Option<Arc<Upstream>> {
        let fits = |pattern: &String| match pattern.strip_suffix('*') {
            Some(lead) => service.starts_with(lead),
            None => pattern == service,
        };
        self.landscape.upstreams.iter().find(|upstream| upstream.pass.iter().any(fits)).cloned()
    }

    /// Why nobody may be asked to pass this on: what it costs is not known, and a budget wants to.
    #[must_use]
    pub fn unmetered(&self, upstream: &Upstream, service: &str, ceilings: &[Ceiling]) -> Option<CallError> {
        let limit = self.stopping(ceilings).filter(|_| !upstream.local)?;
        Some(CallError::Unpriced { model: format!("{}/{service}", upstream.name), limit })
    }

    /// Passes a call on, and waits for the head of the answer.
    ///
    /// # Errors
    /// `Unauthorized` where no account is connected, `Unreachable`, `TimedOut`, and what the line says.
    pub async fn pass(&self, pass: Pass) -> Result<Passed, Failure> {
        let Pass { id, caller, upstream, path, headers, body: (body, sent), within } = pass;
        let call = path.trim_start_matches('/');
        let row = NewRequest {
            id: id.into(),
            parent: None,
            started_ms: self.clock.millis(),
            purpose: Purpose::Serve,
            caller,
            place: self.place.clone(),
            asked_model: self.redactor.hide(call),
            asked_effort: crate::model::Demand::default(),
            redacted: 0,
            stream: true,
        };
        let mut record = Record::open(&self.store, &self.clock, row).await;
        let (route, lease, slot) = match self.seat(&upstream, call, &mut record).await {
            Ok(seat) => seat,
            Err(failure) => {
                let outcome = Outcome::Failed(failure.kind);
                record.passed(RequestEnd { ended_ms: self.clock.millis(), outcome, served_by: None });
                return Err(failure);
            }
        };
        let mut booking = Booking {
            record: Some(record),
            slot,
            route,
            http: None,
            sent,
            received: 0,
            clock: self.clock.clone(),
            redactor: Arc::clone(&self.redactor),
        };
        let headers = match signed(&booking.route, &lease, headers) {
            Ok(headers) => headers,
            Err(failure) => {
                booking.end(Some(&failure));
                return Err(failure);
            }
        };
        let url = match whole(&lease.upstream.base_url, &path) {
            Ok(url) => url,
            Err(failure) => {
                booking.end(Some(&failure));
                return Err(failure);
            }
        };
        let carried = Carried { url, headers, body, via: lease.upstream.via_of(booking.route.account()) };
        let came = match timeout(within, self.line.carry(carried)).await {
            Ok(came) => came,
            Err(_) => Err(slow("did not begin to answer", within)),
        };
        match came {
            Ok(response) => {
                booking.http = Some(response.status().as_u16());
                Ok(Passed { response, booking })
            }
            Err(failure) => {
                booking.end(Some(&failure));
                Err(failure)
            }
        }
    }

    /// Who is asked, with his key and the row of it: the first account that does not rest, else the first; one whose
    /// key is not to be had has its row and is passed over.
    async fn seat(
        &self,
        upstream: &Arc<Upstream>,
        call: &str,
        record: &mut Record,
    ) -> Result<(Route, Lease, Option<AttemptSlot>), Failure> {
        let mut unseated = None;
        for route in self.ways(upstream, call)? {
            let attempt = record.attempt(&route, GRPC);
            let mut slot = record.slot(attempt).await.ok();
            match Lease::take(self, &route, None).await {
                Ok(lease) => return Ok((route, lease, slot)),
                Err(failure) => {
                    if let Some(slot) = &mut slot {
                        let told = (failure.kind, failure.scope, self.redactor.hide(&failure.message));
                        let ended_ms = self.clock.millis();
                        slot.finish(AttemptEnd { ended_ms, failure: Some(told), ..AttemptEnd::default() });
                    }
                    unseated.get_or_insert(failure);
                }
            }
        }
        Err(unseated.unwrap_or_else(|| unconnected(upstream)))
    }

    /// The accounts that may be asked: those first that do not rest, among them those that are not drained, among them
    /// the pinned one.
    fn ways(&self, upstream: &Arc<Upstream>, call: &str) -> Result<Vec<Route>, Failure> {
        let served = provider(&upstream.provider)
            .ok_or_else(|| Failure::new(Kind::NotFound, Scope::Provider, "there is no such provider"))?;
        let mut credentials: Vec<_> = self.landscape.keys_of(upstream).cloned().map(Some).collect();
        if credentials.is_empty() {
            if self.landscape.needs_key(upstream, served) {
                return Err(unconnected(upstream));
            }
            credentials.push(None);
        }
        let card = ModelCard::unknown(&upstream.provider, call, Maker(String::new()), vec![Dialect::XaiGrpc]);
        let route = |credential| Route::new(Arc::clone(upstream), served, card.clone(), credential);
        let mut routes: Vec<Route> = credentials.into_iter().map(route).collect();
        let (now_ms, known) = (self.clock.millis(), self.store.traffic(None).unwrap_or_default());
        let (name, standing) = (&upstream.name, &self.landscape.standing);
        let pin = standing.pin(name).map(|(account, _)| account);
        let rests = |route: &Route| {
            let bars = |cool: &CoolDown| cool.until_ms > now_ms && route.shared_keys().contains(&cool.key);
            known.cool_downs.iter().any(bars)
        };
        routes.sort_by_cached_key(|route| {
            let account = route.account();
            (rests(route), standing.draining(name, account), pin.is_some_and(|pinned| pinned != account))
        });
        Ok(routes)
    }
}

fn unconnected(upstream: &Upstream) -> Failure {
    let what = format!("no account is connected to {}; connect one with: monster login", upstream.name);
    Failure::new(Kind::Unauthorized, Scope::Account, what)
}

/// What is said beside the messages, with the account's key.
fn signed(route: &Route, lease: &Lease, mut headers: HeaderMap) -> Result<HeaderMap, Failure> {
    for (name, value) in &route.provider.sign(&lease.upstream, Dialect::XaiGrpc, lease.key.as_ref()) {
        let key = HeaderName::from_bytes(name.as_bytes());
        let (Ok(key), Ok(mut value)) = (key, HeaderValue::from_str(value)) else { return Err(unsendable(name)) };
        value.set_sensitive(true);
        headers.insert(key, value);
    }
    Ok(headers)
}

impl Booking {
    /// It ended: what the service stated, or how it broke; `None` = well. The first word counts.
    pub fn end(&mut self, failure: Option<&Failure>) {
        let Some(record) = self.record.take() else { return };
        let ended_ms = self.clock.millis();
        if let Some(mut slot) = self.slot.take() {
            slot.finish(AttemptEnd {
                ended_ms,
                status: self.http,
                failure: failure.map(|f| (f.kind, f.scope, self.redactor.hide(&f.message))),
                bytes: Some((self.sent.load(Ordering::Relaxed), self.received)),
                ..AttemptEnd::default()
            });
        }
        let outcome = failure.map_or(Outcome::Done, |f| Outcome::Failed(f.kind));
        let route = &self.route;
        let served_by = failure.is_none().then(|| route.served());
        record.passed(RequestEnd { ended_ms, outcome, served_by });
    }

    /// The service said this at the end, in trailers or in a head that nothing follows; `None` = nothing of a status.
    #[must_use]
    pub fn stated(trailers: &HeaderMap) -> Option<Result<(), Failure>> {
        let code: i32 = trailers.get("grpc-status")?.to_str().ok()?.parse().ok()?;
        if code == 0 {
            return Some(Ok(()));
        }
        let message = trailers.get("grpc-message").and_then(|m| m.to_str().ok()).unwrap_or_default();
        if code == UNIMPLEMENTED {
            // Of a model's service it would be something broken; here a method is named that nobody has.
            let what = format!("the service has no such method: {message}");
            return Some(Err(Failure::new(Kind::NotFound, Scope::Request, what)));
        }
        Some(Err(stated(Dialect::XaiGrpc, &status(code, message, &[]).1)))
    }

    /// Bytes that went to the service so far.
    #[must_use]
    pub fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    /// `upstream/package.Service/Method`.
    #[must_use]
    pub fn route(&self) -> String {
        self.route.name()
    }
}

impl Drop for Booking {
    fn drop(&mut self) {
        let left = Failure::new(Kind::Cancelled, Scope::Request, "stopped before the end");
        self.end(Some(&left));
    }
}

/// Where a method lies: beside whatever the address of the upstream says behind its host.
fn whole(base: &str, path: &str) -> Result<String, Failure> {
    let wrong = || Failure::new(Kind::BadRequest, Scope::Provider, "the upstream has no address that can be called");
    let place: http::Uri = base.parse().map_err(|_| wrong())?;
    match (place.scheme_str(), place.authority()) {
        (Some(scheme), Some(authority)) => Ok(format!("{scheme}://{authority}{path}")),
        _ => Err(wrong()),
    }
}

/// Carries it over the one HTTP client.
pub(super) async fn carry(net: &Net, carried: Carried) -> Result<http::Response<Came>, Failure> {
    let Carried { url, headers, body, via } = carried;
    let wrong = |why: String| Failure::new(Kind::BadRequest, Scope::Provider, why);
    let client = net.caller_via(&url, &via).map_err(|e| wrong(e.to_string()))?;
    let mut request = http::Request::post(&url)
        .version(http::Version::HTTP_2)
        .body(reqwest::Body::wrap(body))
        .map_err(|e| wrong(e.to_string()))?;
    *request.headers_mut() = headers;
    let request = request.try_into().map_err(|e: reqwest::Error| wrong(e.to_string()))?;
    let response = client.execute(request).await.map_err(|e| unreachable(&e, e.is_connect()))?;
    Ok(http::Response::from(response).map(|body| Box::pin(Back(body)) as Came))
}

/// A body whose failures are told as everywhere.
struct Back(reqwest::Body);

impl Body for Back {
    type Data = Bytes;
    type Error = Failure;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Failure>>> {
        let frame = ready!(Pin::new(&mut self.0).poll_frame(cx));
        Poll::Ready(frame.map(|frame| frame.map_err(|error| Failure { kind: Kind::Unreachable, ..cut(&error) })))
    }

    /// A head that ends the stream is a status of its own ("Trailers-Only"), and has to end it on our side too. The
    /// client's layers say it by the length alone.
    fn is_end_stream(&self) -> bool {
        self.0.is_end_stream() || self.0.size_hint().exact() == Some(0)
    }
}
