//! A caller who does not take what is written for him is not waited for without end, and one who says no more is not yet
//! gone.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

/// Who says no more and waits has an answer that is made within this; then he counts as gone, because nobody can tell one
/// from the other, and what is asked upstream costs money.
const LINGER: Duration = Duration::from_millis(10);

/// What knows, without reading, that its other end says no more.
pub(super) trait Hung {
    /// Whether it does so; who asks is woken when it comes to that.
    fn hung(&self, cx: &mut Context<'_>) -> bool;
}

/// A stream whose other end takes something now and then.
pub(super) struct Stall<S> {
    stream: S,
    span: Duration,
    /// Runs while nothing is taken.
    until: Option<Pin<Box<Sleep>>>,
    /// Runs from the end of what is said on, as far as it is known.
    over: Option<Pin<Box<Sleep>>>,
    /// All that was said has been read.
    ended: bool,
}

impl<S> Stall<S> {
    /// Nothing is waited for longer than this.
    pub(super) const fn new(stream: S, span: Duration) -> Self {
        Self { stream, span, until: None, over: None, ended: false }
    }

    /// Over when its other end has said no more for a while.
    fn linger(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.over.get_or_insert_with(|| Box::pin(sleep(LINGER))).as_mut().poll(cx)
    }

    fn within<T>(&mut self, cx: &mut Context<'_>, polled: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if polled.is_ready() {
            self.until = None;
            return polled;
        }
        let until = self.until.get_or_insert_with(|| Box::pin(sleep(self.span)));
        match until.as_mut().poll(cx) {
            Poll::Ready(()) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Stall<S> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if !this.ended {
            let (before, room) = (buf.filled().len(), buf.remaining() > 0);
            let polled = Pin::new(&mut this.stream).poll_read(cx, buf);
            if buf.filled().len() > before {
                // He said more before he was done.
                this.over = None;
                return polled;
            }
            if !matches!(polled, Poll::Ready(Ok(()))) || !room {
                return polled;
            }
            this.ended = true;
        }
        this.linger(cx).map(Ok)
    }
}

impl<S: AsyncWrite + Hung + Unpin> AsyncWrite for Stall<S> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let polled = Pin::new(&mut this.stream).poll_write(cx, buf);
        this.within(cx, polled)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        // While an answer is being made, and the next request lies read already, nobody reads here: this is where it is seen
        // that its caller is gone.
        if (this.over.is_some() || this.stream.hung(cx)) && this.linger(cx).is_ready() {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        let polled = Pin::new(&mut this.stream).poll_flush(cx);
        this.within(cx, polled)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let polled = Pin::new(&mut this.stream).poll_shutdown(cx);
        this.within(cx, polled)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let polled = Pin::new(&mut this.stream).poll_write_vectored(cx, bufs);
        this.within(cx, polled)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    impl Hung for tokio::io::DuplexStream {
        fn hung(&self, _: &mut Context<'_>) -> bool {
            false
        }
    }

    #[tokio::test(start_paused = true)]
    async fn who_takes_nothing_is_left_and_who_takes_slowly_is_served() {
        let (near, mut far) = tokio::io::duplex(8);
        let mut near = Stall::new(near, Duration::from_secs(60));
        let slow = async {
            let mut got = [0; 32];
            for piece in got.chunks_mut(8) {
                sleep(Duration::from_secs(50)).await;
                far.read_exact(piece).await.unwrap();
            }
            got
        };
        let (written, got) = tokio::join!(near.write_all(&[7; 32]), slow);
        written.unwrap();
        assert_eq!(got, [7; 32]);
        let error = near.write_all(&[7; 32]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }

    /// Its other end says no more, as far as can be seen without reading.
    struct Over(tokio::io::DuplexStream);

    impl Hung for Over {
        fn hung(&self, _: &mut Context<'_>) -> bool {
            true
        }
    }

    impl AsyncWrite for Over {
        fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
            Pin::new(&mut self.get_mut().0).poll_write(cx, buf)
        }

        fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
            Pin::new(&mut self.get_mut().0).poll_flush(cx)
        }

        fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
            Pin::new(&mut self.get_mut().0).poll_shutdown(cx)
        }
    }

    impl AsyncRead for Over {
        fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
            Pin::new(&mut self.get_mut().0).poll_read(cx, buf)
        }
    }

    #[tokio::test(start_paused = true)]
    async fn who_says_no_more_is_heard_to_the_end_of_what_he_said() {
        let (near, mut far) = tokio::io::duplex(64);
        let mut near = Stall::new(Over(near), Duration::from_secs(60));
        far.write_all(b"hello").await.unwrap();
        far.shutdown().await.unwrap();
        near.flush().await.unwrap();
        sleep(LINGER * 2).await;
        let mut said = [0; 5];
        near.read_exact(&mut said).await.unwrap();
        assert_eq!(&said, b"hello");
        assert!(tokio::time::timeout(LINGER / 2, near.read(&mut said)).await.is_err(), "he is still answered");
        assert_eq!(near.read(&mut said).await.unwrap(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_flushed_meanwhile_arrives() {
        let (near, mut far) = tokio::io::duplex(64);
        let mut near = Stall::new(Over(near), Duration::from_secs(60));
        near.flush().await.unwrap();
        sleep(LINGER / 2).await;
        near.write_all(b"hello").await.unwrap();
        near.flush().await.unwrap();
        sleep(LINGER).await;
        assert_eq!(near.flush().await.unwrap_err().kind(), io::ErrorKind::BrokenPipe);
        let mut said = [0; 5];
        far.read_exact(&mut said).await.unwrap();
        assert_eq!(&said, b"hello");
    }

    #[tokio::test(start_paused = true)]
    async fn who_says_no_more_is_gone_a_moment_later() {
        let (near, mut far) = tokio::io::duplex(64);
        let mut near = Stall::new(near, Duration::from_secs(60));
        far.write_all(b"hello").await.unwrap();
        far.shutdown().await.unwrap();
        let mut said = [0; 5];
        near.read_exact(&mut said).await.unwrap();
        let began = tokio::time::Instant::now();
        // Until then he is answered.
        assert!(tokio::time::timeout(LINGER / 2, near.read(&mut said)).await.is_err());
        near.write_all(b"world").await.unwrap();
        assert_eq!(near.read(&mut said).await.unwrap(), 0);
        assert!(began.elapsed() >= LINGER);
        far.read_exact(&mut said).await.unwrap();
        assert_eq!(&said, b"world");
    }
}
