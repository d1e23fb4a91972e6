//! A reserved place for an attempt's end.

use std::sync::Arc;

use smol_str::SmolStr;

use super::StoreError;
use super::row::AttemptEnd;
use super::verb::{Note, Verb};
use super::writer::Writer;
use crate::model::{Kind, Scope};
use crate::world::Clock;

/// Finishes an attempt's row, at the latest when dropped: then as cancelled.
pub struct AttemptSlot {
    writer: Arc<Writer>,
    clock: Clock,
    request: SmolStr,
    number: u32,
    /// It is a proxy's: its end is on disk at once.
    ahead: bool,
    finished: bool,
    /// Why a process that is killed now loses it.
    doubt: Option<StoreError>,
}

impl AttemptSlot {
    pub(super) const fn new(writer: Arc<Writer>, clock: Clock, request: SmolStr, number: u32, ahead: bool) -> Self {
        Self { writer, clock, request, number, ahead, finished: false, doubt: None }
    }

    /// It waits in memory alone, for this reason.
    pub(super) fn unsure(self, doubt: Option<StoreError>) -> Self {
        let mut slot = self;
        slot.doubt = doubt;
        slot
    }

    /// Nothing is written of it.
    pub(super) fn forget(mut self) {
        self.finished = true;
    }

    /// Why its row is not on disk yet, where it is not.
    #[must_use]
    pub const fn doubt(&self) -> Option<&StoreError> {
        self.doubt.as_ref()
    }

    /// Writes how it ended; the first word counts.
    pub fn finish(&mut self, end: AttemptEnd) {
        if !std::mem::replace(&mut self.finished, true) {
            let note = Note(Verb::AttemptEnd, end.cells(self.request.clone(), self.number));
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
        if !self.finished {
            let failure = Some((Kind::Cancelled, Scope::Request, "stopped before the end".to_owned()));
            self.finish(AttemptEnd { ended_ms: self.clock.millis(), failure, ..AttemptEnd::default() });
        }
    }
}
