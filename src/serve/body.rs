//! What a response's body is made of, and how a request's is read.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body::{Body as _, Frame, SizeHint};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use tokio::time::timeout;

use super::flow::Flow;
use crate::model::{Failure, Kind, Scope};

/// A request's body comes within this, from piece to piece.
const IDLE: Duration = Duration::from_secs(30);

/// A response's body.
pub(super) enum Body {
    /// Known as a whole.
    Whole(Option<Bytes>),
    /// It comes while it is read.
    Flow(Box<Flow>),
    /// It is passed on.
    Passed(Pin<Box<super::pass::Answer>>),
}

impl Body {
    pub(super) fn whole(bytes: impl Into<Bytes>) -> Self {
        Self::Whole(Some(bytes.into()))
    }
}

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        match self.get_mut() {
            Self::Whole(bytes) => Poll::Ready(bytes.take().filter(|b| !b.is_empty()).map(|b| Ok(Frame::data(b)))),
            Self::Flow(flow) => flow.poll(context).map(|frame| frame.map(Ok)),
            Self::Passed(answer) => answer.as_mut().poll_frame(context),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Whole(bytes) => bytes.as_ref().is_none_or(Bytes::is_empty),
            Self::Flow(_) | Self::Passed(_) => false,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(bytes) => SizeHint::with_exact(bytes.as_ref().map_or(0, |b| b.len() as u64)),
            Self::Flow(_) | Self::Passed(_) => SizeHint::default(),
        }
    }
}

/// Why a request's body could not be read.
pub(super) struct Unread {
    /// HTTP status.
    pub status: u16,
    /// As it is told.
    pub failure: Failure,
}

/// The whole body of a request, at most `limit` bytes.
///
/// # Errors
/// [`Unread`]: it is larger, comes too slowly, or breaks off.
pub(super) async fn read(mut body: Incoming, limit: usize) -> Result<Bytes, Unread> {
    let wrong =
        |status: u16, what: String| Unread { status, failure: Failure::new(Kind::BadRequest, Scope::Request, what) };
    let large = || wrong(413, format!("the body is larger than {} MiB (serve.body)", limit >> 20));
    if body.size_hint().lower() > limit as u64 {
        return Err(large());
    }
    let (mut first, mut more) = (None::<Bytes>, BytesMut::new());
    loop {
        let frame = match timeout(IDLE, body.frame()).await {
            Ok(None) => break,
            Ok(Some(Ok(frame))) => frame,
            Ok(Some(Err(error))) => return Err(wrong(400, format!("the body broke off ({error})"))),
            Err(_) => return Err(wrong(408, format!("nothing of the body came for {} s", IDLE.as_secs()))),
        };
        let Ok(data) = frame.into_data() else { continue };
        if first.as_ref().map_or(0, Bytes::len) + more.len() + data.len() > limit {
            return Err(large());
        }
        // One that comes in one piece is not copied.
        match &first {
            None if more.is_empty() => first = Some(data),
            _ => {
                if let Some(first) = first.take() {
                    let whole = usize::try_from(body.size_hint().lower()).unwrap_or(0);
                    more.reserve(first.len() + data.len() + whole.min(limit));
                    more.extend_from_slice(&first);
                }
                more.extend_from_slice(&data);
            }
        }
    }
    Ok(first.unwrap_or_else(|| more.freeze()))
}
