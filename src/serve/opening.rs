//! How a caller begins: HTTP/2 has a preface of its own (RFC 9113, 3.4), everything else is HTTP/1.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, ReadBuf};

use super::stall::Hung;

/// The preface's first bytes: no method of HTTP/1 is called so.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// What is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Opening {
    Http1,
    Http2,
}

/// Reads as much as tells one from the other, and gives it back to be read again.
///
/// # Errors
/// Nothing came.
pub(super) async fn opening<S: AsyncRead + Unpin>(mut stream: S) -> io::Result<(Again<S>, Opening)> {
    let mut first = Vec::with_capacity(1024);
    loop {
        if stream.read_buf(&mut first).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let same = first.iter().zip(PREFACE).take_while(|(a, b)| a == b).count();
        if same == PREFACE.len() {
            return Ok((Again { first, given: 0, stream }, Opening::Http2));
        }
        if same < first.len() {
            return Ok((Again { first, given: 0, stream }, Opening::Http1));
        }
    }
}

/// A stream whose first bytes come again.
pub(super) struct Again<S> {
    first: Vec<u8>,
    given: usize,
    stream: S,
}

impl<S: Hung> Hung for Again<S> {
    fn hung(&self, cx: &mut Context<'_>) -> bool {
        self.stream.hung(cx)
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Again<S> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let rest = this.first.get(this.given..).unwrap_or_default();
        if rest.is_empty() {
            return Pin::new(&mut this.stream).poll_read(cx, buf);
        }
        let length = rest.len().min(buf.remaining());
        buf.put_slice(rest.get(..length).unwrap_or_default());
        this.given += length;
        if this.given >= this.first.len() {
            this.first = Vec::new();
            this.given = 0;
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Again<S> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write(cx, buf)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
