//! Masking what comes in pieces and never ends: a pipe, a log that is followed.
//!
//! The text is looked at in windows: what was given out and may matter still, what is about to be given, and what comes
//! after it. Where a window ends depends on the text alone, so that any pieces give the same output: some forty
//! kibibytes are given out at a time, each byte looked at with eight kibibytes before and behind it. What is open is held
//! longer, a key's block or a run of lines of base64 up to fifty kibibytes; a secret that is longer still is masked
//! without being held, until it ends. A text that fits the window comes out as [`Redactor::redact`] gives it.
//!
//! Whoever follows a log does not wait for forty kibibytes: [`Stream::pause`] gives out the lines that are complete.

use std::borrow::Cow;
use std::collections::VecDeque;

use super::gutter::lead;
use super::hit::{Hit, Redacted};
use super::mode::Mode;
use super::redactor::{Redactor, line_ends};
use super::seen::Seen;

/// A longer line is taken apart.
const PIECE: usize = 4 * 1024;

/// How much is looked at and held, in bytes.
#[derive(Clone, Copy)]
pub(super) struct Sizes {
    /// What is looked at before and behind what is given out.
    pub(super) reach: usize,
    /// What is given out together.
    pub(super) bulk: usize,
    /// What is open is held up to here.
    pub(super) hold: usize,
}

/// All of it stays below the 64 KiB up to which a key's block is read: one that begins in the window is seen to reach its
/// end, or to be over.
const SIZES: Sizes = Sizes { reach: 8 * 1024, bulk: 40 * 1024, hold: 52 * 1024 };

/// Masks a text that comes in pieces. Positions of hits count in the whole text.
pub struct Stream<'r> {
    redactor: &'r Redactor,
    sizes: Sizes,
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
        Self::sized(redactor, SIZES)
    }

    pub(super) fn sized(redactor: &'r Redactor, sizes: Sizes) -> Self {
        Self {
            redactor,
            sizes,
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

    /// Nothing more comes for now: gives out the lines that are complete, although what comes after them is not known.
    /// What would be masked only because of that is not; a key's block whose end has not come is held on.
    pub fn pause(&mut self) -> Redacted<'static> {
        let mut out = Out::default();
        let last = memchr::memrchr(b'\n', self.window.as_bytes()).map_or(0, |at| at + 1);
        if self.open.is_none() && last > self.given {
            let hits = self.look();
            let mut limit = self.closed(self.tail(last).min(self.manifest()), &hits);
            if let Some(block) = hits.iter().find(|h| h.end > self.given && h.start < limit && self.growing(h)) {
                limit = block.start;
            }
            if limit > self.given {
                self.give(limit, &hits, &mut out);
            }
        }
        out.done()
    }

    /// Something is held that [`Self::pause`] may give out.
    #[must_use]
    pub fn waits(&self) -> bool {
        self.window.len() > self.given
    }

    /// The end: what is held.
    #[must_use]
    pub fn finish(mut self) -> Redacted<'static> {
        let mut out = Out::default();
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

    /// Bytes it keeps in memory of what came in: never more than some hundreds of kibibytes. The values it has found come on
    /// top, a quarter of a mebibyte at most.
    #[must_use]
    pub const fn held(&self) -> usize {
        self.window.capacity()
    }

    fn advance(&mut self, out: &mut Out) {
        if self.open.is_some() {
            self.go_on(out);
        }
        let held = self.window.len() - self.given;
        if self.open.is_some() || held < (self.sizes.reach + self.sizes.bulk).max(self.wait) {
            return;
        }
        let hits = self.look();
        let mut limit = self.limit(&hits, true);
        if limit <= self.given && held > self.sizes.hold {
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
        }
        // Looking at every line of a long block anew would be quadratic work.
        let held = self.window.len() - self.given;
        self.wait = (held + PIECE / 2).min(self.sizes.hold + 1);
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
        let far = |end: &&usize| self.window.len() - **end >= self.sizes.reach;
        let limit = self.ends.iter().rev().find(far).copied().unwrap_or(self.given);
        self.closed(if patient { self.run(limit).min(self.manifest()) } else { limit }, hits)
    }

    /// `limit`, or the beginning of the hit it would cut: a hit is given out whole.
    fn closed(&self, limit: usize, hits: &[Hit]) -> usize {
        hits.iter().find(|h| h.start < limit && limit < h.end).map_or(limit, |hit| hit.start)
    }

    /// A block that may go on in the lines to come.
    fn growing(&self, hit: &Hit) -> bool {
        let lines = self.window.get(hit.start..hit.end).is_some_and(|text| text.contains('\n'));
        let begun = self.window.get(..hit.start).unwrap_or_default().trim_end().ends_with("-----");
        (lines || begun) && self.unfinished(hit)
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

    /// `limit`, or the beginning of the lines of base64 that end there, a short last one included: their END may come.
    fn tail(&self, limit: usize) -> usize {
        let (mut at, mut begin) = (limit, limit);
        for line in self.window.get(self.given..limit).unwrap_or_default().split_inclusive('\n').rev() {
            at -= line.len();
            if dense(line) {
                begin = at;
            } else if !last(line) && !line.starts_with("\\ ") {
                break;
            }
        }
        begin
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
        open.filter(|at| self.window.len() - at <= self.sizes.reach).unwrap_or(self.window.len())
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
        self.wait = 0;
    }

    /// Drops what lies too far back to matter.
    fn forget(&mut self) {
        while self.ends.front().is_some_and(|end| *end <= self.given) {
            self.ends.pop_front();
        }
        let done = self.window.get(..self.given).unwrap_or_default();
        let floor = done.ceil_char_boundary(done.len().saturating_sub(self.sizes.reach));
        let line = done.get(floor..).and_then(|t| t.find('\n')).map_or(floor, |at| floor + at + 1);
        self.drop_front(if floor == 0 { 0 } else { line });
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

/// As the last line of a key, which is short.
fn last(line: &str) -> bool {
    let core = line.trim_matches(|c: char| !c.is_ascii_alphanumeric() && c != '=');
    !core.is_empty() && core.bytes().all(base64)
}

/// How much of this line or piece belongs to a block of lines, and whether the block is over.
fn more_lines(part: &str) -> (usize, bool) {
    if let Some(border) = part.find("-----") {
        let (at, length) = longest(part.get(..border).unwrap_or_default());
        return (if length >= 16 { at + length } else { 0 }, true);
    }
    let text = part.trim_end_matches(['\n', '\r']);
    let (_, length) = longest(text);
    if length >= 16 && text.len() - length <= ROUND {
        return (part.len(), false);
    }
    // Blank lines, and those that hold a mark alone, stand between the lines of a key too.
    let mark = |b: u8| b.is_ascii_whitespace() || b.is_ascii_punctuation();
    if text.len() <= ROUND && text.bytes().all(mark) {
        return (part.len(), false);
    }
    // Keys may be written narrow, and the last line of one is short. A word is one too: behind it the block is over.
    let data = text.get(lead(text).len()..).unwrap_or_default();
    let core = data.trim_matches(|c: char| !c.is_ascii_alphanumeric() && c != '=');
    if core.is_empty() || !core.bytes().all(base64) {
        return (0, true);
    }
    if worded(core) { (text.len(), true) } else { (part.len(), false) }
}

/// Base64 that could as well be a word or a number, or the end of a key.
fn worded(core: &str) -> bool {
    let rest = core.get(1..).unwrap_or_default();
    let one = |same: fn(&u8) -> bool| rest.bytes().all(|b| same(&b));
    core.ends_with('=')
        || core.bytes().all(|b| b.is_ascii_digit())
        || core.bytes().all(|b| b.is_ascii_uppercase())
        || core.as_bytes().first().is_some_and(u8::is_ascii_alphabetic) && one(u8::is_ascii_lowercase)
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
