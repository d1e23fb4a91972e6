//! Streamed answers that come as server-sent events: the framing is the same for all; what an event means is a dialect's
//! own.

use super::Reader;
use super::exact;
use super::json::whole;
use super::sse::Sse;
use crate::model::{Event, Failure};

/// What a dialect makes of the events of a stream.
pub(super) trait Frames: Default + Send {
    /// Takes one event: its name, which may be empty, and its data, which are not.
    ///
    /// # Errors
    /// As [`Reader::feed`].
    fn frame(&mut self, name: &str, data: &str, out: &mut Vec<Event>) -> Result<(), Failure>;

    /// The connection ended.
    ///
    /// # Errors
    /// As [`Reader::end`].
    fn over(&mut self, out: &mut Vec<Event>) -> Result<(), Failure>;

    /// As [`Reader::done`].
    fn done(&self) -> bool {
        false
    }
}

/// A reader of such a stream.
#[derive(Default)]
pub(super) struct Framed<S> {
    sse: Sse,
    state: S,
}

impl<S: Frames> Framed<S> {
    fn events(&mut self, events: &[super::SseEvent], out: &mut Vec<Event>) -> Result<(), Failure> {
        let said = events.iter().map(|event| (&event.name, event.data.trim()));
        said.filter(|(_, data)| !data.is_empty()).try_for_each(|(name, data)| {
            let from = out.len();
            let read = self.state.frame(name, data, out);
            exact::events(data.as_bytes(), out.get_mut(from..).unwrap_or_default());
            read
        })
    }
}

impl<S: Frames> Reader for Framed<S> {
    fn feed(&mut self, bytes: &[u8], out: &mut Vec<Event>) -> Result<(), Failure> {
        let mut events = Vec::new();
        let framed = self.sse.feed(bytes, &mut events);
        self.events(&events, out)?;
        framed
    }

    fn end(&mut self, out: &mut Vec<Event>) -> Result<(), Failure> {
        let mut events = Vec::new();
        self.sse.end(&mut events);
        // What was cut is no event.
        events.retain(|event| whole(&event.data));
        self.events(&events, out)?;
        self.state.over(out)
    }

    fn done(&self) -> bool {
        self.state.done()
    }
}
