//! A reserved place for an attempt's end.

use std::sync::Arc;

use super::row::AttemptEnd;
use super::writer::Writer;
use crate::model::{Kind, Scope};
use crate::world::Clock;

/// Finishes an attempt's row, at the latest when dropped: then as cancelled.
pub struct AttemptSlot {
    writer: Arc<Writer>,
    clock: Clock,
    request: String,
    number: u32,
    finished: bool,
}

impl AttemptSlot {
    pub(super) const fn new(writer: Arc<Writer>, clock: Clock, request: String, number: u32) -> Self {
        Self { writer, clock, request, number, finished: false }
    }

    /// Writes how it ended; the first word counts.
    pub fn finish(&mut self, end: AttemptEnd) {
        if !std::mem::replace(&mut self.finished, true) {
            let (request, number) = (self.request.clone(), self.number);
            self.writer.aside(move |c| end.update(c, &request, number));
        }
    }
}

impl Drop for AttemptSlot {
    fn drop(&mut self) {
        let failure = Some((Kind::Cancelled, Scope::Request, "stopped before the end".to_owned()));
        self.finish(AttemptEnd { ended_ms: self.clock.millis(), failure, ..AttemptEnd::default() });
    }
}
