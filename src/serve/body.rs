//! What a response's body is made of, and how a request's is read.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::FutureExt;
use http_body::{Frame, SizeHint};
use http_body_util::BodyExt as _;
use tokio::time::{Instant, timeout};

use super::flow::Flow;
use crate::model::{Failure, Kind, Scope};

/// A request's body comes within this, from piece to piece.
const IDLE: Duration = Duration::from_secs(30);

/// A whole body has so long, and longer the more of it came: a line of [`SLOW`] bytes a second is good enough.
const BEGIN: Duration = Duration::from_secs(60);
const SLOW: u64 = 8 << 10;
/// All bodies together that are still coming may hold so many of the largest.
const TOGETHER: usize = 4;
/// ... and this much in any case (bytes).
const ROOM: usize = 256 << 20;

/// Who found no room comes again after this.
const AGAIN: Duration = Duration::from_secs(2);

/// What bodies that are still coming hold together (bytes).
#[derive(Debug, Default)]
pub(super) struct Reading(AtomicUsize);

/// What one of them holds; let go with it.
struct Held<'a> {
    reading: &'a Reading,
    bytes: usize,
}

impl Held<'_> {
    /// Takes more in; `false` where all together would hold more than `most`.
    fn take(&mut self, more: usize, most: usize) -> bool {
        self.bytes += more;
        self.reading.0.fetch_add(more, Ordering::AcqRel) + more <= most
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.reading.0.fetch_sub(self.bytes, Ordering::AcqRel);
    }
}

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
            Self::Flow(_) => false,
            Self::Passed(answer) => answer.is_end_stream(),
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
/// [`Unread`]: it is larger, comes too slowly, breaks off, or there is no room for it beside others.
pub(super) async fn read<B>(mut body: B, limit: usize, reading: &Reading) -> Result<Bytes, Unread>
where
    B: http_body::Body<Data = Bytes> + Unpin,
    B::Error: std::fmt::Display,
{
    let mut held = Held { reading, bytes: 0 };
    let (began, most) = (Instant::now(), limit.saturating_mul(TOGETHER).max(ROOM));
    let wrong =
        |status: u16, what: String| Unread { status, failure: Failure::new(Kind::BadRequest, Scope::Request, what) };
    let large = || wrong(413, format!("the body is larger than {} MiB (serve.body)", limit >> 20));
    if body.size_hint().lower() > limit as u64 {
        return Err(large());
    }
    let (mut first, mut more) = (None::<Bytes>, BytesMut::new());
    loop {
        // Most came with the head, and no clock is asked for them.
        let came = match body.frame().now_or_never() {
            Some(came) => came,
            None => {
                let came = (first.as_ref().map_or(0, Bytes::len) + more.len()) as u64;
                let left = (BEGIN + Duration::from_secs(came / SLOW)).saturating_sub(began.elapsed());
                let slow = |_| match left < IDLE {
                    true => wrong(408, "the body comes too slowly".to_owned()),
                    false => wrong(408, format!("nothing of the body came for {} s", IDLE.as_secs())),
                };
                timeout(IDLE.min(left), body.frame()).await.map_err(slow)?
            }
        };
        let frame = match came {
            None => break,
            Some(Ok(frame)) => frame,
            Some(Err(error)) => return Err(wrong(400, format!("the body broke off ({error})"))),
        };
        let Ok(data) = frame.into_data() else { continue };
        if first.as_ref().map_or(0, Bytes::len) + more.len() + data.len() > limit {
            return Err(large());
        }
        if !held.take(data.len(), most) {
            let what = "the bodies of other requests have taken all room there is for them";
            let failure = Failure { retry_after: Some(AGAIN), ..Failure::new(Kind::Overloaded, Scope::Request, what) };
            return Err(Unread { status: 503, failure });
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

#[cfg(test)]
mod tests {
    use http_body_util::StreamBody;

    use super::*;

    /// A body of so many pieces, one after each wait.
    fn pieces(
        count: usize,
        size: usize,
        wait: Duration,
    ) -> impl http_body::Body<Data = Bytes, Error = Infallible> + Unpin {
        let next = move |at: usize| async move {
            if at == count {
                return None;
            }
            tokio::time::sleep(wait).await;
            Some((Ok(Frame::data(Bytes::from(vec![b'x'; size]))), at + 1))
        };
        StreamBody::new(Box::pin(futures_util::stream::unfold(0, next)))
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_trickles_is_ended_and_a_slow_line_is_not() {
        let reading = Reading::default();
        let began = Instant::now();
        let trickle = read(pieces(1_000, 1, Duration::from_secs(5)), 1 << 20, &reading).await.map(|b| b.len());
        let unread = trickle.err().unwrap();
        assert_eq!((unread.status, unread.failure.message.as_str()), (408, "the body comes too slowly"));
        assert!(began.elapsed() <= BEGIN, "{:?}", began.elapsed());
        let silent = read(pieces(1, 1, IDLE * 2), 1 << 20, &reading).await.err().unwrap();
        assert!(silent.failure.message.starts_with("nothing of the body came"), "{}", silent.failure.message);
        // 16 KiB a second, for more than two minutes.
        let slow = read(pieces(150, 16 << 10, Duration::from_secs(1)), 4 << 20, &reading).await.map(|b| b.len());
        assert_eq!(slow.ok(), Some(150 * (16 << 10)));
        assert_eq!(reading.0.load(Ordering::Acquire), 0, "what is over holds nothing");
    }

    #[tokio::test(start_paused = true)]
    async fn bodies_that_are_still_coming_hold_so_much_together_and_no_more() {
        let (reading, piece) = (Reading::default(), 1 << 20);
        let slow = || read(pieces(60, piece, Duration::from_millis(10)), 60 * piece, &reading);
        let all = futures_util::future::join_all((0..6).map(|_| slow())).await;
        let (taken, refused): (Vec<_>, Vec<_>) = all.into_iter().partition(Result::is_ok);
        assert!(!taken.is_empty() && !refused.is_empty(), "{} taken", taken.len());
        for refused in refused.into_iter().filter_map(Result::err) {
            assert_eq!((refused.status, refused.failure.kind), (503, Kind::Overloaded));
        }
        assert_eq!(reading.0.load(Ordering::Acquire), 0);
        assert!(slow().await.is_ok(), "then there is room again");
    }
}
