//! The live feed: first what is, then what happens, for whoever reads it as fast as he reads it.

use std::sync::Arc;

use tokio::sync::broadcast::error::RecvError;
use tokio::sync::watch;

use super::board::Board;
use super::flow::{Flow, Shared};

/// Server-sent events.
pub(super) const EVENTS: &str = "text/event-stream";
/// Lines of JSON.
pub(super) const LINES: &str = "application/x-ndjson";
/// A sign of life among events, and among lines, where each is read as JSON.
const PINGS: [&[u8]; 2] = [b": keep-alive\n\n", b"{\"event\":\"alive\"}\n"];

/// News until the house closes. Whoever reads drives it: a slow reader costs the house a bounded number of bytes, and is
/// told anew what is when he has missed something.
pub(super) fn feed(board: Arc<Board>, mut closing: watch::Receiver<bool>, lines: bool) -> Flow {
    let shared = Shared::default();
    let (now, mut news) = board.follow();
    let pipe = shared.clone();
    let put = move |pipe: &Shared, text: &str| {
        pipe.put(if lines { format!("{text}\n") } else { format!("data: {text}\n\n") }.into());
    };
    put(&shared, &now);
    let work = async move {
        loop {
            let next = tokio::select! {
                next = news.recv() => next,
                _ = closing.wait_for(|closing| *closing) => return,
            };
            match next {
                Ok(text) => put(&pipe, &text),
                Err(RecvError::Lagged(_)) => {
                    let (now, again) = board.follow();
                    news = again;
                    put(&pipe, &now);
                }
                Err(RecvError::Closed) => return,
            }
            while pipe.full() {
                tokio::task::yield_now().await;
            }
        }
    };
    let [event, line] = PINGS;
    Flow::new(Box::pin(work), shared, if lines { line } else { event }.to_vec())
}

#[cfg(test)]
#[path = "tests/feed.rs"]
mod tests;
