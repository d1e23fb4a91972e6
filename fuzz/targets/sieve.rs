//! Messages that are passed on, cut anywhere: what goes on is what came, from its beginning, and whether it is refused, and
//! why, does not depend on how it came. A known secret never goes on.
#![no_main]

use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::{Arc, LazyLock};
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use http_body::{Body, Frame};
use libfuzzer_sys::fuzz_target;
use monster::model::{Failure, Secret};
use monster::secrets::{Known, Mode, Redactor};
use monster::serve::sieve::Sieve;
use monster::wire::prefix;

static SECRET: LazyLock<String> = LazyLock::new(|| format!("{}{}", "kq7Zp2Vx9", "Lm4Tn8Rw3"));
static REDACTOR: LazyLock<Arc<Redactor>> = LazyLock::new(|| {
    Arc::new(Redactor::new(Mode::Redact, vec![Known::new("work", Secret::new(SECRET.clone()))], [7; 8]))
});
/// Larger messages are refused (bytes).
const MOST: usize = 2_048;

struct Pieces(VecDeque<Bytes>);

impl Body for Pieces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.0.pop_front().map(|piece| Ok(Frame::data(piece))))
    }
}

fn sifted(pieces: impl Iterator<Item = Bytes>) -> (Vec<u8>, Option<Failure>) {
    let mut sieve = Sieve::new(Pieces(pieces.collect()), Arc::clone(&REDACTOR), MOST);
    let (stop, mut out) = (sieve.stop(), Vec::new());
    let mut cx = Context::from_waker(Waker::noop());
    while let Poll::Ready(Some(Ok(frame))) = Pin::new(&mut sieve).poll_frame(&mut cx) {
        out.extend_from_slice(frame.data_ref().expect("nothing but data came"));
    }
    (out, stop.get())
}

fuzz_target!(|data: &[u8]| {
    let Some(([size, cut], body)) = data.split_first_chunk::<2>().map(|(head, body)| (*head, body)) else { return };
    // A mark stands for the secret, so that it comes to lie anywhere.
    let body = body.split(|byte| *byte == 1).collect::<Vec<_>>().join(SECRET.as_bytes());
    let all = match size {
        // As it came.
        0 => body,
        size => body.chunks(usize::from(size) * 8).flat_map(|m| [&prefix(m.len())[..], m].concat()).collect(),
    };
    let whole = sifted(std::iter::once(Bytes::copy_from_slice(&all)));
    let cut = sifted(all.chunks(usize::from(cut).max(1)).map(Bytes::copy_from_slice));
    assert_eq!(whole.1, cut.1);
    for (out, stop) in [&whole, &cut] {
        assert!(all.starts_with(out));
        assert!(stop.is_some() || out.len() == all.len());
        let mut rest = out.as_slice();
        // A secret across two messages is none: only whole messages are read by anybody.
        while let Some(([_, a, b, c, d], more)) = rest.split_first_chunk::<5>().map(|(head, more)| (*head, more)) {
            let (message, next) = more.split_at(u32::from_be_bytes([a, b, c, d]) as usize);
            assert!(!message.windows(SECRET.len()).any(|part| part == SECRET.as_bytes()));
            rest = next;
        }
        assert!(rest.is_empty());
        assert!(stop.as_ref().is_none_or(|failure| !failure.message.contains(SECRET.as_str())));
    }
});
