//! A reserved place for an attempt's end.

use std::sync::Arc;

use super::row::AttemptEnd;
use super::verb::{Note, Verb};
use super::writer::Writer;
use crate::model::{Kind, Scope};
use crate::world::Clock;

/// Finishes an attempt's row, at the latest when dropped: then as cancelled.
pub struct AttemptSlot {
    writer: Arc<Writer>,
    clock: Clock,
    request: String,
    number: u32,
    /// It is a proxy's: its end is on disk at once.
    ahead: bool,
    finished: bool,
}

impl AttemptSlot {
    pub(super) const fn new(writer: Arc<Writer>, clock: Clock, request: String, number: u32, ahead: bool) -> Self {
        Self { writer, clock, request, number, ahead, finished: false }
    }

    /// Writes how it ended; the first word counts.
    pub fn finish(&mut self, end: AttemptEnd) {
        if !std::mem::replace(&mut self.finished, true) {
            let note = Note(Verb::AttemptEnd, end.cells(&self.request, self.number));
            match self.ahead {
                // It goes with what follows: another attempt, or the request's end.
                true => self.writer.keep(note),
                false => self.writer.aside(move |c| note.run(c)),
            }
        }
    }
}

impl Drop for AttemptSlot {
    fn drop(&mut self) {
        let failure = Some((Kind::Cancelled, Scope::Request, "stopped before the end".to_owned()));
        self.finish(AttemptEnd { ended_ms: self.clock.millis(), failure, ..AttemptEnd::default() });
    }
}
