//! Stories about messages that are passed on: whole and as they were, or not at all.

use std::collections::VecDeque;

use super::*;
use crate::secrets::Mode;

/// A body that comes in these pieces.
struct Pieces(VecDeque<Bytes>);

impl Body for Pieces {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        Poll::Ready(self.0.pop_front().map(|piece| Ok(Frame::data(piece))))
    }
}

fn framed(message: &[u8]) -> Vec<u8> {
    [&[0][..], &u32::try_from(message.len()).unwrap().to_be_bytes(), message].concat()
}

fn secret() -> String {
    ["gh", "p_", &"aB3dE5gH1jK7mN9pQ2rS4tU6vW8xY0zA1bC2"[..36]].concat()
}

/// What goes on of these bytes cut into pieces, and why it stopped.
async fn sifted(bytes: &[u8], cut: usize, most: usize) -> (Vec<u8>, Option<Failure>) {
    let redactor = Arc::new(Redactor::new(Mode::Redact, Vec::new(), [7; 8]));
    let pieces = bytes.chunks(cut).map(Bytes::copy_from_slice).collect();
    let mut sieve = Sieve::new(Pieces(pieces), redactor, most);
    let (stop, sent) = (sieve.stop(), sieve.sent());
    let mut out = Vec::new();
    while let Some(Ok(frame)) = std::future::poll_fn(|cx| Pin::new(&mut sieve).poll_frame(cx)).await {
        out.extend_from_slice(&frame.into_data().unwrap());
    }
    assert_eq!(sent.load(Ordering::Relaxed), out.len() as u64);
    (out, stop.get())
}

#[tokio::test]
async fn messages_go_on_as_they_were_however_they_came() {
    let all = [framed(b"one"), framed(b""), framed(&[0xff; 300]), framed("größer".as_bytes())].concat();
    for cut in [1, 3, 5, 7, 64, 1_000] {
        assert_eq!(sifted(&all, cut, 1 << 20).await, (all.clone(), None), "{cut}");
    }
}

#[tokio::test]
async fn what_holds_a_secret_stops_and_nothing_behind_it_goes_on() {
    let bad = framed(format!("\u{a}\u{28}{} ok", secret()).as_bytes());
    let all = [framed(b"one"), bad, framed(b"three")].concat();
    for cut in [1, 10, 1_000] {
        let (out, stop) = sifted(&all, cut, 1 << 20).await;
        let stop = stop.unwrap();
        assert!(out.is_empty() || out == framed(b"one"), "{cut}");
        assert!(stop.kind == Kind::BadRequest && stop.message.contains("GitHub"), "{stop}");
        assert!(!stop.message.contains(&secret()));
    }
}

#[tokio::test]
async fn what_cannot_be_looked_through_or_is_no_message_stops_too() {
    let mut packed = framed(b"one");
    packed[0] = 1;
    for (bytes, kind, what) in [
        (packed, Kind::BadRequest, "compressed"),
        (framed(&[b'x'; 2_000]), Kind::TooLong, "larger than"),
        (vec![0, 255, 255, 255, 255], Kind::TooLong, "larger than"),
        (framed(b"one")[..6].to_vec(), Kind::BadRequest, "middle of a message"),
        (vec![0, 0], Kind::BadRequest, "middle of a message"),
    ] {
        let (out, stop) = sifted(&bytes, 4, 1_000).await;
        let stop = stop.unwrap();
        assert!(out.is_empty() && stop.kind == kind && stop.message.contains(what), "{stop}");
    }
}
