//! An answer's own bytes, cut at the borders of its frames: what is forwarded uncopied is whole, so that an error can
//! follow it.

use bytes::Bytes;
use memchr::memmem::find;
use serde::de::IgnoredAny;

use crate::model::{Event, Failure};
use crate::wire::{Reader, feed_passed};

/// What comes of an answer.
#[derive(Debug)]
pub(super) enum Item {
    /// What it says.
    Event(Event),
    /// The bytes that said the events before this.
    Raw(Bytes),
    /// It came in another way than was announced: there will be no such bytes.
    Anew,
}

/// The cutting's state between two pieces.
pub(super) struct Frames {
    /// Frames are lines instead of events with a blank line behind them.
    lines: bool,
    /// What counts tokens alone was not asked for, and is not forwarded.
    quiet: bool,
    /// The beginning of a frame.
    tail: Vec<u8>,
    /// Bytes of it in which no border lies.
    looked: usize,
}

impl Frames {
    pub(super) const fn new(lines: bool, quiet: bool) -> Self {
        Self { lines, quiet, tail: Vec::new(), looked: 0 }
    }

    /// Takes the next bytes, and appends what the frames they complete say, and the frames.
    ///
    /// # Errors
    /// As [`Reader::feed`]; frames before the one that fails are given.
    pub(super) fn feed(
        &mut self,
        piece: Bytes,
        reader: &mut dyn Reader,
        out: &mut Vec<Event>,
        raw: &mut Vec<Bytes>,
    ) -> Result<(), Failure> {
        let (bytes, mut looked) = if self.tail.is_empty() {
            (piece, 0)
        } else {
            self.tail.extend_from_slice(&piece);
            let looked = self.looked;
            // A frame that comes in many pieces is put together once, when it is complete.
            if self.border(&self.tail, looked).is_none() {
                self.looked = self.tail.len().saturating_sub(3);
                return Ok(());
            }
            (Bytes::from(std::mem::take(&mut self.tail)), looked)
        };
        let (mut from, mut at) = (0, 0);
        while let Some(end) = self.border(&bytes, looked.max(at)) {
            looked = 0;
            let frame = bytes.get(at..end).unwrap_or_default();
            let before = out.len();
            if let Err(failure) = feed_passed(reader, frame, out) {
                push(&bytes, from..at, raw);
                return Err(failure);
            }
            if self.quiet && counts(out.get(before..).unwrap_or_default(), frame) {
                push(&bytes, from..at, raw);
                from = end;
            }
            at = end;
        }
        push(&bytes, from..at, raw);
        self.tail.extend_from_slice(bytes.get(at..).unwrap_or_default());
        self.looked = self.tail.len().saturating_sub(3);
        Ok(())
    }

    /// The end: a frame without its border still counts.
    ///
    /// # Errors
    /// As [`Reader::feed`].
    pub(super) fn end(
        self,
        reader: &mut dyn Reader,
        out: &mut Vec<Event>,
        raw: &mut Vec<Bytes>,
    ) -> Result<(), Failure> {
        if !self.tail.is_empty() {
            // A last line that is whole but for its end is a line.
            let line = self.lines && serde_json::from_slice::<IgnoredAny>(&self.tail).is_ok();
            let end: &[u8] = if line { b"\n" } else { b"" };
            feed_passed(reader, &[&self.tail, end].concat(), out)?;
            raw.push(self.tail.into());
        }
        Ok(())
    }

    /// Where the frame ends that lies open at `from`.
    fn border(&self, bytes: &[u8], from: usize) -> Option<usize> {
        let mut at = from;
        loop {
            let rest = bytes.get(at..)?;
            let end = at + memchr::memchr(b'\n', rest)? + 1;
            if self.lines {
                return Some(end);
            }
            match bytes.get(end..)? {
                [b'\n', ..] => return Some(end + 1),
                [b'\r', b'\n', ..] => return Some(end + 2),
                _ => at = end,
            }
        }
    }
}

fn push(bytes: &Bytes, span: std::ops::Range<usize>, raw: &mut Vec<Bytes>) {
    if !span.is_empty() {
        raw.push(bytes.slice(span));
    }
}

/// The last frame of a Chat stream that was asked to count: it has no choice in it (openai-chat.md, "Stream").
fn counts(events: &[Event], frame: &[u8]) -> bool {
    !events.is_empty()
        && events.iter().all(|e| matches!(e, Event::Usage(_) | Event::Charged(_) | Event::Served(_)))
        && (find(frame, b"\"choices\":[]").is_some() || find(frame, b"\"choices\": []").is_some())
}

#[cfg(test)]
#[path = "tests/frames.rs"]
mod tests;
