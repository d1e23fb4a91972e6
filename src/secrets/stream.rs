//! Masking what comes in pieces and never ends: a pipe, a log that is followed.
//!
//! The text is looked at in windows: what was given out and may matter still, what is about to be given, and what comes
//! after it. Where a window ends depends on the text alone, so that any pieces give the same output. A line is given out
//! when [`AHEAD`] lines or [`REACH`] bytes have come after it, at the latest with the [`BATCH`]th line that waits: some
//! ten lines are held, below the heading of a hunk or a secret's manifest two kibibytes. What is open is held longer, a key's block or a run of lines of base64 up to [`HOLD`] bytes; a
//! secret that is longer still is masked without being held, until it ends. A text that fits the window, ten lines or
//! eight kibibytes, comes out as [`Redactor::redact`] gives it.

use std::borrow::Cow;
use std::collections::VecDeque;

use super::decode::Decoder;
use super::gutter::lead;
use super::hit::{Hit, Redacted};
use super::mode::Mode;
use super::redactor::{Redactor, line_ends};
use super::seen::Seen;

/// Lines that must have come after a line before it is given out, or bytes.
const AHEAD: usize = 6;
const REACH: usize = 4 * 1024;
/// Lines that are given out together, or bytes.
const BATCH: usize = 4;
const BULK: usize = 4 * 1024;
/// Lines that are looked at again with the next ones, and bytes where a heading far above matters.
const BACK: usize = 8;
/// A longer line is taken apart.
const PIECE: usize = 4 * 1024;
/// Most that is held.
const HOLD: usize = 16 * 1024;

/// Masks a text that comes in pieces. Positions of hits count in the whole text.
pub struct Stream<'r> {
    redactor: &'r Redactor,
    decoder: Decoder,
    /// What was given out and may matter still, then what is held.
    window: String,
    /// Bytes of the window that were given out.
    given: usize,
    /// Where the window begins in the whole text.
    base: usize,
    /// Where the lines and pieces that are held end; the last one may go on behind them.
    ends: VecDeque<usize>,
    /// Nothing changes before so many bytes are held.
    wait: usize,
    seen: Seen,
    /// A secret that is masked while it goes on.
    open: Option<Open>,
}

/// A secret longer than what is held.
struct Open {
    hit: Hit,
    /// It goes over lines.
    lines: bool,
    /// Its lines carry a diff's marks.
    marked: bool,
}

impl<'r> Stream<'r> {
    /// Masks as `redactor` does, each kind in its mode; what a request would be refused for is masked.
    #[must_use]
    pub fn new(redactor: &'r Redactor) -> Self {
        Self {
            redactor,
            decoder: Decoder::default(),
            window: String::new(),
            given: 0,
            base: 0,
            ends: VecDeque::new(),
            wait: 0,
            seen: Seen::default(),
            open: None,
        }
    }

    /// Takes the next text and gives what can be given out by now.
    pub fn feed(&mut self, text: &str) -> Redacted<'static> {
        let mut out = Out::default();
        if self.redactor.idle() {
            out.text.push_str(text);
            return out.done();
        }
        let mut rest = text;
        while !rest.is_empty() {
            let begun = self.window.len() - self.ends.back().copied().unwrap_or(self.given);
            let most = rest.ceil_char_boundary(PIECE.saturating_sub(begun).max(1).min(rest.len()));
            let line = memchr::memchr(b'\n', rest.as_bytes().get(..most).unwrap_or_default());
            let (taken, after) = rest.split_at_checked(line.map_or(most, |at| at + 1)).unwrap_or((rest, ""));
            self.window.push_str(taken);
            rest = after;
            if line.is_some() || begun + taken.len() >= PIECE {
                self.ends.push_back(self.window.len());
                self.advance(&mut out);
            }
        }
        out.done()
    }

    /// Takes bytes, cut anywhere: UTF-8, or UTF-16 where the first ones say so. What is invalid becomes U+FFFD.
    pub fn feed_bytes(&mut self, bytes: &[u8]) -> Redacted<'static> {
        let text = self.decoder.feed(bytes);
        self.feed(&text)
    }

    /// The end: what is held.
    #[must_use]
    pub fn finish(mut self) -> Redacted<'static> {
        let last = self.decoder.finish();
        let first = self.feed(&last);
        let mut out = Out { text: first.text.into_owned(), hits: first.hits };
        if self.ends.back().copied().unwrap_or(self.given) < self.window.len() {
            self.ends.push_back(self.window.len());
        }
        if self.open.is_some() {
            self.go_on(&mut out);
            self.close(&mut out);
        }
        let hits = self.look();
        self.give(self.window.len(), &hits, &mut out);
        out.done()
    }

    /// Bytes it keeps in memory of what came in: never more than some tens of kilobytes, and the values it has found.
    #[must_use]
    pub const fn held(&self) -> usize {
        self.window.capacity()
    }

    fn advance(&mut self, out: &mut Out) {
        if self.open.is_some() {
            self.go_on(out);
        }
        let held = self.window.len() - self.given;
        let due = self.ends.len() >= AHEAD + BATCH || held >= REACH + BULK;
        if self.open.is_some() || !due || held < self.wait {
            return;
        }
        let hits = self.look();
        let mut limit = self.limit(&hits, true);
        if limit <= self.given && held > HOLD {
            limit = self.limit(&hits, false);
            if limit <= self.given {
                limit = match hits.iter().find(|h| h.end > self.given) {
                    Some(hit) if self.unfinished(hit) => return self.open(hit.clone(), out),
                    Some(hit) => hit.end,
                    None => self.window.len(),
                };
            }
        }
        if limit > self.given {
            self.give(limit, &hits, out);
        } else {
            // Looking at every line of a long block anew would be quadratic work.
            self.wait = held + held / 2;
        }
    }

    /// What there is to mask in the window.
    fn look(&self) -> Vec<Hit> {
        let mut hits = self.redactor.found(&self.window);
        self.seen.find(&self.window, &mut hits);
        hits.sort_by(|a, b| a.start.cmp(&b.start).then(b.end.cmp(&a.end)));
        let mut out: Vec<Hit> = Vec::with_capacity(hits.len());
        for hit in hits {
            match out.last_mut() {
                Some(last) if hit.start < last.end => {
                    let (start, end) = (last.start, last.end.max(hit.end));
                    // What is remembered may be of a stricter kind than what stands round it here.
                    if hit.mode > last.mode {
                        *last = hit;
                    }
                    (last.start, last.end) = (start, end);
                }
                _ => out.push(hit),
            }
        }
        out
    }

    /// How far may be given out. `patient` says whether it waits for what is only probably going on.
    fn limit(&self, hits: &[Hit], patient: bool) -> usize {
        let after = |(at, end): (usize, &usize)| self.ends.len() - 1 - at >= AHEAD || self.window.len() - *end >= REACH;
        let mut limit =
            self.ends.iter().enumerate().rev().find(|e| after((e.0, e.1))).map_or(self.given, |(_, end)| *end);
        if patient {
            limit = self.run(limit).min(self.manifest());
        }
        // A hit is given out whole.
        match hits.iter().find(|h| h.start < limit && limit < h.end) {
            Some(hit) => hit.start,
            None => limit,
        }
    }

    /// `limit`, or the beginning of the lines of base64 it would cut: their END may say what they are.
    fn run(&self, limit: usize) -> usize {
        let next = self.window.get(limit..).and_then(|t| t.split_inclusive('\n').next()).unwrap_or_default();
        if !dense(next) {
            return limit;
        }
        let mut at = limit;
        for line in self.window.get(self.given..limit).unwrap_or_default().split_inclusive('\n').rev() {
            if !dense(line) {
                return if line.contains("-----BEGIN ") { at - line.len() } else { at };
            }
            at -= line.len();
        }
        at
    }

    /// The beginning of a manifest that has not said its kind yet: it may be a secret's.
    fn manifest(&self) -> usize {
        let held = self.window.get(self.given..).unwrap_or_default();
        let mut open = None;
        if held.contains("apiVersion") {
            let mut at = self.given;
            for line in held.split_inclusive('\n') {
                let word = line.trim_start_matches(|c: char| !c.is_ascii_alphabetic());
                if word.starts_with("apiVersion") {
                    open = Some(at);
                } else if word.starts_with("kind") {
                    open = None;
                }
                at += line.len();
            }
        }
        open.filter(|at| self.window.len() - at <= REACH).unwrap_or(self.window.len())
    }

    /// Nothing but marks stands behind it: it may go on.
    fn unfinished(&self, hit: &Hit) -> bool {
        let behind = self.window.get(hit.end..).unwrap_or_default();
        behind.len() < 64 && !behind.contains(|c: char| c.is_alphanumeric())
    }

    fn give(&mut self, limit: usize, hits: &[Hit], out: &mut Out) {
        let mut at = self.given;
        for hit in hits.iter().filter(|h| h.end > self.given && h.start < limit) {
            let span = hit.start.max(self.given)..hit.end.min(limit);
            if hit.mode >= Mode::Redact {
                out.text.push_str(self.window.get(at..span.start).unwrap_or_default());
                out.text.push_str(&hit.placeholder);
                out.text.push_str(&line_ends(&self.window, &span));
                at = span.end;
            }
            self.seen.remember(&self.window, hit);
            out.hits.push(Hit { start: self.base + span.start, end: self.base + span.end, ..hit.clone() });
        }
        out.text.push_str(self.window.get(at..limit).unwrap_or_default());
        self.given = limit;
        self.forget();
        // What is looked at again is a few times what is new, also below a heading that stays in the window.
        self.wait = self.given / 4 + REACH.min(self.given / 4);
    }

    /// Drops what lies too far back to matter.
    fn forget(&mut self) {
        while self.ends.front().is_some_and(|end| *end <= self.given) {
            self.ends.pop_front();
        }
        let done = self.window.get(..self.given).unwrap_or_default();
        let floor = done.ceil_char_boundary(done.len().saturating_sub(REACH));
        let back = done.rmatch_indices('\n').nth(BACK).map_or(0, |(at, _)| at + 1).max(floor);
        let mut cut = back;
        // The headings of hunks and manifests say what the lines below them are.
        let mut at = floor;
        for line in done.get(floor..back).unwrap_or_default().split_inclusive('\n') {
            let lower = line.get(..line.floor_char_boundary(64)).unwrap_or_default().to_ascii_lowercase();
            if ["kind: secret", "@@ -", "-----begin", "putty-user-key"].iter().any(|h| lower.contains(h)) {
                cut = at;
                break;
            }
            at += line.len();
        }
        self.drop_front(cut);
    }

    fn drop_front(&mut self, cut: usize) {
        self.window.drain(..cut);
        self.base += cut;
        self.given -= cut;
        self.ends.iter_mut().for_each(|end| *end -= cut);
    }

    /// Masks the beginning of a secret that is too long to be held.
    fn open(&mut self, hit: Hit, out: &mut Out) {
        let span = hit.start.max(self.given)..hit.end;
        let line = self.window.get(..span.start).and_then(|t| t.rfind('\n')).map_or(0, |at| at + 1);
        let marked = self.window.get(line..).is_some_and(|l| !lead(l).is_empty());
        let lines = self.window.get(span.clone()).is_some_and(|t| t.contains('\n'));
        if hit.mode < Mode::Redact {
            out.text.push_str(self.window.get(self.given..span.end).unwrap_or_default());
        } else {
            out.text.push_str(self.window.get(self.given..span.start).unwrap_or_default());
            out.text.push_str(&hit.placeholder);
            out.text.push_str(&line_ends(&self.window, &span));
        }
        let (start, end) = (self.base + span.start, self.base + span.end);
        self.open = Some(Open { hit: Hit { start, end, ..hit }, lines, marked });
        self.skip(span.end);
        self.go_on(out);
        self.advance(out);
    }

    /// Goes on masking, up to the end of the last line or piece that is complete.
    fn go_on(&mut self, out: &mut Out) {
        while let Some(end) = self.ends.front().copied()
            && let Some(open) = &self.open
        {
            let part = self.window.get(self.given..end).unwrap_or_default();
            let (length, over) = if open.lines { more_lines(part) } else { more_bytes(part, end == self.window.len()) };
            let masked = part.get(..length).unwrap_or_default();
            if open.hit.mode < Mode::Redact {
                out.text.push_str(masked);
            } else if open.lines && masked.ends_with('\n') {
                out.text.push_str(if open.marked { lead(masked.trim_end_matches(['\n', '\r'])) } else { "" });
                out.text.push('\n');
            }
            let stuck = length == 0;
            self.skip(self.given + length);
            if over {
                self.close(out);
            } else if stuck {
                break;
            }
        }
    }

    fn close(&mut self, out: &mut Out) {
        if let Some(open) = self.open.take() {
            out.hits.push(Hit { end: self.base + self.given, ..open.hit });
        }
    }

    fn skip(&mut self, to: usize) {
        self.given = to;
        self.wait = 0;
        while self.ends.front().is_some_and(|end| *end <= to) {
            self.ends.pop_front();
        }
        self.drop_front(to);
    }
}

impl std::fmt::Debug for Stream<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Stream").field("at", &(self.base + self.given)).finish_non_exhaustive()
    }
}

#[derive(Default)]
struct Out {
    text: String,
    hits: Vec<Hit>,
}

impl Out {
    fn done(self) -> Redacted<'static> {
        Redacted { text: Cow::Owned(self.text), hits: self.hits }
    }
}

const fn base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=')
}

/// Place and length of the longest run of base64 in a line.
fn longest(line: &str) -> (usize, usize) {
    let (bytes, mut best, mut at) = (line.as_bytes(), (0, 0), 0);
    while at < bytes.len() {
        let length = bytes.get(at..).unwrap_or_default().iter().take_while(|b| base64(**b)).count();
        if length > best.1 {
            best = (at, length);
        }
        at += length + 1;
    }
    best
}

/// What may stand round a line's data: marks, quotes, numbers, a time.
const ROUND: usize = 24;

/// A line of base64 and little else.
fn dense(line: &str) -> bool {
    let (_, length) = longest(line);
    length >= 40 && line.len() - length <= ROUND
}

/// How much of this line or piece belongs to a block of lines, and whether the block is over.
fn more_lines(part: &str) -> (usize, bool) {
    if let Some(border) = part.find("-----") {
        let (at, length) = longest(part.get(..border).unwrap_or_default());
        return (if length >= 16 { at + length } else { 0 }, true);
    }
    let (_, length) = longest(part);
    let text = part.trim_end_matches(['\n', '\r']);
    if length == 0 || length >= 16 && text.len() - length <= ROUND {
        return (part.len(), false);
    }
    // The last line of a key is short.
    let core = text.trim_matches(|c: char| !c.is_ascii_alphanumeric() && c != '=');
    let last = !core.is_empty() && core.bytes().all(base64);
    (if last { text.len() } else { 0 }, true)
}

/// How much of this piece belongs to one long token or a key written in one line, and whether it is over. `open` says
/// that more of the line may come.
fn more_bytes(part: &str, open: bool) -> (usize, bool) {
    let bytes = part.as_bytes();
    let border = memchr::memmem::find(bytes, b"-----").unwrap_or(bytes.len());
    let inside = |b: &u8| base64(*b) || matches!(b, b'-' | b'_' | b'.' | b'%' | b'\\');
    let length = bytes.iter().take(border).take_while(|b| inside(b)).count();
    if length < bytes.len() || !open {
        return (length, length < bytes.len());
    }
    // A border may have begun.
    let dashes = bytes.iter().rev().take(4).take_while(|b| **b == b'-').count();
    (length - dashes, false)
}
