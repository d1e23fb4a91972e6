//! Step: one gRPC call, over the one HTTP client. tonic knows messages and statuses; connections, certificates and
//! proxies are those of `net`.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use base64::Engine;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use bytes::{Buf, BufMut, Bytes};
use http_body::{Body, Frame};
use tokio::time::{Instant, timeout};
use tonic::client::{Grpc, GrpcService};
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder, Streaming};
use tonic::metadata::{AsciiMetadataKey, AsciiMetadataValue};
use tonic::{Code, Status};

use super::fault::{cut, slow, unreachable, unsendable};
use super::transport::{Incoming, Limits, Outgoing};
use crate::model::{Dialect, Failure, Kind, Scope};
use crate::net::Net;
use crate::net::road::pieces;
use crate::providers::Head;
use crate::wire::{LARGEST, prefix, stated, status};

/// How long a call may take that nobody gave less time (xai.md, "gRPC").
pub(super) const LONGEST: Duration = Duration::from_secs(27 * 60);

/// What is agreed on for a call.
#[derive(Debug, Clone, Copy)]
pub(super) struct Terms {
    /// What its messages mean.
    pub dialect: Dialect,
    /// There may be more than one message.
    pub streamed: bool,
    /// The server is told to be done within this, and is not waited for longer.
    pub within: Duration,
}

/// A call that was answered: its messages, and then its status.
pub(super) struct Answer {
    pub terms: Terms,
    /// Looked at already: a call that fails at once fails before anything was said.
    first: Option<Bytes>,
    messages: Streaming<Bytes>,
    until: Instant,
}

/// Calls, and waits for the first message or the failure.
///
/// # Errors
/// `Unreachable`, `Untrusted`, `TimedOut`; `TooLong` when the request is larger than any service takes.
pub(super) async fn call(net: &Net, outgoing: Outgoing, limits: Limits, terms: Terms) -> Result<Incoming, Failure> {
    let wrong = |why: String| Failure::new(Kind::BadRequest, Scope::Provider, why);
    let client = net.caller_via(&outgoing.url, &outgoing.via).map_err(|e| wrong(e.to_string()))?;
    let body = Bytes::from(outgoing.body.unwrap_or_default());
    if body.len() > LARGEST {
        return Err(Failure::new(Kind::TooLong, Scope::Model, "the request is larger than 20 MiB"));
    }
    let mut place = outgoing.url.parse::<http::Uri>().map_err(|e| wrong(e.to_string()))?.into_parts();
    let method = place.path_and_query.replace(http::uri::PathAndQuery::from_static("/"));
    let origin = http::Uri::from_parts(place).map_err(|e| wrong(e.to_string()))?;
    let within = terms.within;
    let mut request = tonic::Request::new(body);
    request.set_timeout(within);
    for (name, value) in &outgoing.headers {
        let key = AsciiMetadataKey::from_bytes(name.to_ascii_lowercase().as_bytes());
        let (Ok(key), Ok(mut value)) = (key, AsciiMetadataValue::try_from(value.as_str())) else {
            return Err(unsendable(name));
        };
        value.set_sensitive(true);
        request.metadata_mut().insert(key, value);
    }
    let stray = Arc::default();
    let line = Calls { client, stray: Arc::clone(&stray) };
    let mut grpc =
        Grpc::with_origin(line, origin).max_decoding_message_size(LARGEST).max_encoding_message_size(LARGEST);
    let until = Instant::now() + within;
    let method = method.unwrap_or_else(|| http::uri::PathAndQuery::from_static("/"));
    let patience = [limits.first_byte.min(within), limits.idle.min(within)];
    let failed = match timeout(patience[0], grpc.server_streaming(request, method, Plain)).await {
        Err(_) => return Err(slow("did not begin to answer", patience[0])),
        Ok(Err(status)) => status,
        Ok(Ok(mut response)) => match timeout(patience[1], response.get_mut().message()).await {
            Err(_) => return Err(slow("stopped sending", patience[1])),
            Ok(Err(status)) => status,
            Ok(Ok(first)) => {
                let (metadata, messages, _) = response.into_parts();
                let answer = Answer { terms, first, messages, until };
                let head = Head { status: 200, headers: metadata.into_headers() };
                return Ok(Incoming::called(head, answer, limits));
            }
        },
    };
    if let Some(response) = stray.lock().unwrap_or_else(PoisonError::into_inner).take() {
        return Ok(Incoming::of(http::Response::from(response).map(pieces), limits));
    }
    if let Some(error) = lost(&failed) {
        return Err(unreachable(error, error.is_connect()));
    }
    if let Some(failure) = unreadable(&failed) {
        return Err(failure);
    }
    let (http, body) = status(failed.code().into(), failed.message(), failed.details());
    let head = Head { status: http, headers: failed.metadata().clone().into_headers() };
    Ok(Incoming::refused(head, body, limits))
}

impl Answer {
    /// The next message; `None` at the clean end.
    ///
    /// # Errors
    /// What the service states, in the words of its dialect, or how the call broke.
    pub(super) async fn next(&mut self, idle: Duration) -> Result<Option<Bytes>, Failure> {
        if let Some(first) = self.first.take() {
            return Ok(Some(first));
        }
        let left = self.until.saturating_duration_since(Instant::now());
        match timeout(idle.min(left), self.messages.message()).await {
            Ok(Ok(message)) => Ok(message),
            Ok(Err(failed)) => Err(match lost(&failed) {
                Some(error) => cut(error),
                None => unreadable(&failed).unwrap_or_else(|| {
                    stated(self.terms.dialect, &status(failed.code().into(), failed.message(), failed.details()).1)
                }),
            }),
            Err(_) if left < idle => Err(slow("was not done", self.terms.within)),
            Err(_) => Err(slow("stopped sending", idle)),
        }
    }

    /// The one message of a call that has no more.
    ///
    /// # Errors
    /// As [`Self::next`]; `Truncated` when there is none, `Broken` when there are more.
    pub(super) async fn only(mut self, idle: Duration) -> Result<Bytes, Failure> {
        let Some(message) = self.next(idle).await? else {
            return Err(Failure::new(Kind::Truncated, Scope::Provider, "the call ended without an answer"));
        };
        match self.next(idle).await? {
            None => Ok(message),
            Some(_) => Err(Failure::broken("the answer is several where one was asked for")),
        }
    }
}

/// A message with its prefix, as the reader of a dialect takes it.
pub(super) fn framed(message: &Bytes) -> [Bytes; 2] {
    [Bytes::copy_from_slice(&prefix(message.len())), message.clone()]
}

/// The connection's own failure behind a status that tonic made.
fn lost(status: &Status) -> Option<&reqwest::Error> {
    std::error::Error::source(status)?.downcast_ref()
}

/// What tonic itself says of bytes it cannot read: no code that a service stated.
fn unreadable(status: &Status) -> Option<Failure> {
    let said = status.message();
    match status.code() {
        Code::OutOfRange if said.starts_with("Error, decoded message length too large") => {
            Some(Failure::broken("the answer holds a message larger than 20 MiB"))
        }
        Code::Internal if said.starts_with("Unexpected EOF decoding stream") => {
            Some(Failure::new(Kind::Truncated, Scope::Provider, "the answer ended in the middle of a message"))
        }
        Code::Internal if said.starts_with("protocol error: received message with") => {
            Some(Failure::broken("the answer holds a message of an unknown kind"))
        }
        _ => None,
    }
}

/// Carries calls for tonic.
struct Calls {
    client: reqwest::Client,
    /// An answer that is none of a gRPC service: whoever stands before it, or somebody else altogether.
    stray: Arc<Mutex<Option<reqwest::Response>>>,
}

/// Why there is nothing for tonic to read.
#[derive(Debug, thiserror::Error)]
enum Nothing {
    /// No connection, or one that broke.
    #[error(transparent)]
    Lost(#[from] reqwest::Error),
    /// The request could not be put together.
    #[error(transparent)]
    Unsaid(#[from] Status),
    /// It lies beside.
    #[error("the answer is none of a gRPC service")]
    Stray,
}

type Carried =
    Pin<Box<dyn Future<Output = Result<http::Response<Calm>, Box<dyn std::error::Error + Send + Sync>>> + Send>>;

impl GrpcService<tonic::body::Body> for Calls {
    type ResponseBody = Calm;
    type Error = Box<dyn std::error::Error + Send + Sync>;
    type Future = Carried;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<tonic::body::Body>) -> Self::Future {
        let (client, stray) = (self.client.clone(), Arc::clone(&self.stray));
        Box::pin(async move {
            let (parts, mut body) = request.into_parts();
            // There is one message, and it is here already.
            let mut all = Vec::new();
            while let Some(frame) = std::future::poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
                if let Ok(data) = frame?.into_data() {
                    all.extend_from_slice(&data);
                }
            }
            let response = client.execute(http::Request::from_parts(parts, all).try_into()?).await?;
            let kind = response.headers().get(http::header::CONTENT_TYPE).map_or(&b""[..], http::HeaderValue::as_bytes);
            if response.status() != http::StatusCode::OK || !kind.starts_with(b"application/grpc") {
                *stray.lock().unwrap_or_else(PoisonError::into_inner) = Some(response);
                return Err(Nothing::Stray.into());
            }
            let mut response = http::Response::from(response).map(Calm);
            calm(response.headers_mut());
            Ok(response)
        })
    }
}

/// A body whose trailers tonic can read.
struct Calm(reqwest::Body);

impl Body for Calm {
    type Data = Bytes;
    type Error = reqwest::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, reqwest::Error>>> {
        Poll::Ready(match ready!(Pin::new(&mut self.0).poll_frame(cx)) {
            Some(Ok(frame)) => Some(Ok(match frame.into_trailers() {
                Ok(mut trailers) => {
                    calm(&mut trailers);
                    Frame::trailers(trailers)
                }
                Err(frame) => frame,
            })),
            other => other,
        })
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_end_stream()
    }

    fn size_hint(&self) -> http_body::SizeHint {
        self.0.size_hint()
    }
}

/// Takes out details that are no base64: tonic panics at them (`Status::from_header_map`).
fn calm(headers: &mut http::HeaderMap) {
    const NAME: &str = "grpc-status-details-bin";
    const EITHER: GeneralPurposeConfig =
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let coded = GeneralPurpose::new(&base64::alphabet::STANDARD, EITHER);
    if headers.get(NAME).is_some_and(|value| coded.decode(value.as_bytes()).is_err()) {
        headers.remove(NAME);
    }
}

/// Messages as bytes: what they mean is the dialect's matter.
struct Plain;

impl Codec for Plain {
    type Encode = Bytes;
    type Decode = Bytes;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for Plain {
    type Item = Bytes;
    type Error = Status;

    fn encode(&mut self, item: Bytes, to: &mut EncodeBuf<'_>) -> Result<(), Status> {
        to.put(item);
        Ok(())
    }
}

impl Decoder for Plain {
    type Item = Bytes;
    type Error = Status;

    fn decode(&mut self, from: &mut DecodeBuf<'_>) -> Result<Option<Bytes>, Status> {
        Ok(Some(from.copy_to_bytes(from.remaining())))
    }
}
