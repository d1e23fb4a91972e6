//! Putting secrets back into what a client gets, while it streams in.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use memchr::memchr2;

use super::guard::{self, Reason};
use super::json::escaped;
use super::link::Link;
use super::placeholder::{Reading, read};
use super::sink::{Channel, Sink, Source};
use super::vault::{Kept, Vault};

/// Arguments are judged as a whole and held for it, up to this many bytes.
const ARGUMENT: usize = 1 << 20;

/// Bytes for the client. They may hold secrets: they go to it and nowhere else.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Restored(Vec<u8>);

impl Restored {
    /// There is nothing to forward.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The bytes, to be written to the client's connection.
    #[must_use]
    pub fn forward(self) -> Vec<u8> {
        self.0
    }
}

impl std::fmt::Debug for Restored {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Restored({} bytes)", self.0.len())
    }
}

/// A placeholder that was passed on as it stood, though its secret is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The placeholder.
    pub placeholder: String,
    /// Why it stands there still.
    pub reason: Reason,
}

/// Restores one channel: a content block, or one tool call's arguments. Made by
/// [`Restore::restorer`](super::Restore::restorer) alone.
///
/// At most 40 bytes are held back, and only what may become a placeholder; behind a restored block of lines, the line
/// ends that stand in its place. Arguments of a tool are held from their first placeholder to their end.
pub struct Restorer {
    sink: Sink,
    source: Source,
    tool: String,
    vault: Arc<Vault>,
    now: Duration,
    finder: Finder,
    link: Link,
    /// What masking left of a block that was restored, and how much of it was seen again.
    fill: (Vec<u8>, usize),
    /// A tool's arguments so far, and how many bytes of them have gone.
    whole: Vec<u8>,
    sent: usize,
    state: State,
    refusals: Vec<Refusal>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// What is no placeholder is passed on.
    Passing,
    /// A placeholder was seen in a tool's arguments: their end is waited for.
    Holding,
    /// They are too long to be judged.
    Beyond,
}

impl Restorer {
    pub(super) fn new(channel: Channel<'_>, vault: Arc<Vault>, now: Duration) -> Self {
        Self {
            sink: channel.sink,
            source: channel.source,
            tool: channel.tool.to_owned(),
            vault,
            now,
            finder: Finder::default(),
            link: Link::new(channel.source),
            fill: (Vec::new(), 0),
            whole: Vec::new(),
            sent: 0,
            state: State::Passing,
            refusals: Vec::new(),
        }
    }

    /// Takes the next bytes of the channel, cut anywhere, and gives what may be forwarded now.
    pub fn feed(&mut self, bytes: &[u8]) -> Restored {
        let mut out = Vec::with_capacity(bytes.len());
        match self.sink {
            Sink::ClientText => self.text(bytes, &mut out),
            Sink::ToolArguments => self.argument(bytes, &mut out),
        }
        Restored(out)
    }

    /// What was held back: on the channel's end, and on an error or a cancelling too. What is not complete is given as
    /// it came.
    #[must_use]
    pub fn finish(mut self) -> (Restored, Vec<Refusal>) {
        let mut out = Vec::new();
        if self.state == State::Holding {
            self.judge(&mut out);
        } else {
            self.drop_fill(&mut out);
            self.finder.finish(|bytes| out.extend_from_slice(bytes));
        }
        (Restored(out), self.refusals)
    }

    /// What was not restored so far, and why.
    #[must_use]
    pub fn refusals(&self) -> &[Refusal] {
        &self.refusals
    }

    fn text(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        let mut bytes = bytes;
        loop {
            bytes = self.skip_fill(bytes, out);
            let Self { finder, link, vault, now, source, refusals, .. } = self;
            let mut fill = Vec::new();
            bytes = finder.push(bytes, |piece| match piece {
                Piece::Bytes(bytes) => {
                    link.push(bytes);
                    out.extend_from_slice(bytes);
                    Next::Go
                }
                Piece::Word(word) => {
                    let Some(kept) = vault.take(word, *now) else { return Next::Verbatim };
                    if link.inside().is_some_and(|host| !kept.hosts.contains(&host)) {
                        refuse(refusals, word, Reason::Link);
                        return Next::Verbatim;
                    }
                    out.extend_from_slice(written(kept.value.expose(), *source).as_bytes());
                    fill = written(&kept.fill, *source).into_bytes();
                    if fill.is_empty() { Next::Go } else { Next::Stop }
                }
            });
            if fill.is_empty() {
                return;
            }
            self.fill = (fill, 0);
        }
    }

    /// Masking left a block's line ends in its place; the block brings its own.
    fn skip_fill<'b>(&mut self, bytes: &'b [u8], out: &mut Vec<u8>) -> &'b [u8] {
        let mut bytes = bytes;
        while let Some(wanted) = self.fill.0.get(self.fill.1)
            && let Some((first, rest)) = bytes.split_first()
        {
            if first != wanted {
                self.drop_fill(out);
                break;
            }
            self.fill.1 += 1;
            bytes = rest;
            if self.fill.1 == self.fill.0.len() {
                self.fill = (Vec::new(), 0);
            }
        }
        bytes
    }

    fn drop_fill(&mut self, out: &mut Vec<u8>) {
        let (fill, seen) = std::mem::take(&mut self.fill);
        let seen = fill.get(..seen).unwrap_or_default();
        self.link.push(seen);
        out.extend_from_slice(seen);
    }

    fn argument(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        if self.state == State::Passing {
            let Self { finder, vault, now, sent, state, .. } = self;
            finder.push(bytes, |piece| match piece {
                _ if *state == State::Holding => Next::Go,
                Piece::Bytes(bytes) => {
                    *sent += bytes.len();
                    out.extend_from_slice(bytes);
                    Next::Go
                }
                Piece::Word(word) => {
                    if vault.take(word, *now).is_none() {
                        return Next::Verbatim;
                    }
                    *state = State::Holding;
                    Next::Go
                }
            });
        }
        if self.state == State::Beyond {
            out.extend_from_slice(bytes);
            return;
        }
        self.whole.extend_from_slice(bytes);
        if self.whole.len() > ARGUMENT {
            if self.state == State::Holding {
                for word in self.words() {
                    refuse(&mut self.refusals, &word, Reason::Long);
                }
            }
            out.extend_from_slice(self.whole.get(self.sent..).unwrap_or_default());
            self.finder = Finder::default();
            (self.whole, self.state) = (Vec::new(), State::Beyond);
        }
    }

    /// The placeholders in the arguments whose secrets are known.
    fn words(&self) -> BTreeSet<String> {
        let whole = String::from_utf8_lossy(&self.whole);
        let words = guard::places(&whole).into_iter().map(|(_, word)| word);
        words.filter(|word| self.vault.take(word, self.now).is_some()).collect()
    }

    /// The arguments are complete: all of their secrets are put back, or none.
    fn judge(&mut self, out: &mut Vec<u8>) {
        let words = self.words();
        let kept: Vec<Kept> = words.iter().filter_map(|word| self.vault.take(word, self.now)).collect();
        let mut hosts = kept.iter().map(|k| k.hosts.clone());
        let first = hosts.next().unwrap_or_default();
        let known = hosts.fold(first, |all, more| all.intersection(&more).cloned().collect());
        let verdict = std::str::from_utf8(&self.whole)
            .map_err(|_| Reason::Unreadable)
            .and_then(|whole| guard::judge(&self.tool, self.source, whole, &known));
        let whole = std::mem::take(&mut self.whole);
        let held = whole.get(self.sent..).unwrap_or_default();
        if let Err(reason) = verdict {
            for word in words {
                refuse(&mut self.refusals, &word, reason);
            }
            out.extend_from_slice(held);
            return;
        }
        // A judged argument is text without links.
        let channel = Channel { sink: Sink::ClientText, source: self.source, tool: "" };
        let mut plain = Self::new(channel, Arc::clone(&self.vault), self.now);
        plain.link = Link::none();
        plain.text(held, out);
        plain.drop_fill(out);
        plain.finder.finish(|bytes| out.extend_from_slice(bytes));
    }
}

impl std::fmt::Debug for Restorer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Restorer").field("sink", &self.sink).field("refusals", &self.refusals).finish_non_exhaustive()
    }
}

fn refuse(refusals: &mut Vec<Refusal>, word: &str, reason: Reason) {
    if !refusals.iter().any(|r| r.placeholder == word && r.reason == reason) {
        refusals.push(Refusal { placeholder: word.to_owned(), reason });
    }
}

/// A value as the channel writes it.
fn written(value: &str, source: Source) -> String {
    match source {
        Source::Plain => value.to_owned(),
        Source::Json => escaped(value),
    }
}

/// What a [`Finder`] found.
enum Piece<'a> {
    Bytes(&'a [u8]),
    Word(&'a str),
}

/// What is done about it.
enum Next {
    Go,
    /// No placeholder of ours: it stays as it is written, and another may begin inside it.
    Verbatim,
    /// The rest is not for the finder.
    Stop,
}

/// Finds placeholders in bytes that come in pieces; what is restored never comes back to it.
#[derive(Default)]
struct Finder {
    held: Vec<u8>,
    /// The two bytes before what is held.
    before: [u8; 2],
}

impl Finder {
    /// Calls `then` with everything in order; gives what was not looked at because `then` said stop.
    fn push<'b>(&mut self, bytes: &'b [u8], mut then: impl FnMut(Piece<'_>) -> Next) -> &'b [u8] {
        let mut bytes = bytes;
        loop {
            if self.held.is_empty() {
                let at = memchr2(b'M', b'm', bytes).unwrap_or(bytes.len());
                let (plain, rest) = bytes.split_at_checked(at).unwrap_or((bytes, &[]));
                self.pass(plain, &mut then);
                bytes = rest;
            }
            let Some((first, rest)) = bytes.split_first() else { return bytes };
            bytes = rest;
            self.held.push(*first);
            if self.settle(&mut then) {
                return bytes;
            }
        }
    }

    fn finish(&mut self, mut then: impl FnMut(&[u8])) {
        then(&std::mem::take(&mut self.held));
    }

    /// Reads what is held until only what may become a placeholder is left. `true` when it has to stop.
    fn settle(&mut self, then: &mut impl FnMut(Piece<'_>) -> Next) -> bool {
        while let Some(first) = self.held.first().copied() {
            let reading = if self.begins(first) { read(&self.held) } else { Reading::No };
            match reading {
                Reading::Open => return false,
                Reading::Whole(length, word) => {
                    let next = then(Piece::Word(&word));
                    if matches!(next, Next::Verbatim) {
                        self.pass_first(then);
                        continue;
                    }
                    // A placeholder ends with a letter or digit.
                    self.before = [b'a', b'a'];
                    self.held.drain(..length);
                    if matches!(next, Next::Stop) {
                        return true;
                    }
                }
                Reading::No => self.pass_first(then),
            }
        }
        false
    }

    fn pass_first(&mut self, then: &mut impl FnMut(Piece<'_>) -> Next) {
        let first = self.held.remove(0);
        self.pass(&[first], then);
    }

    fn pass(&mut self, bytes: &[u8], then: &mut impl FnMut(Piece<'_>) -> Next) {
        for byte in bytes.iter().skip(bytes.len().saturating_sub(2)) {
            self.before = [self.before[1], *byte];
        }
        if !bytes.is_empty() {
            then(Piece::Bytes(bytes));
        }
    }

    /// A placeholder may begin with this byte: where somebody changed its case, only at the beginning of a word, so
    /// that ordinary text is not held.
    fn begins(&self, byte: u8) -> bool {
        let [escape, last] = self.before;
        let word = last.is_ascii_alphanumeric() && !(escape == b'\\' && matches!(last, b'n' | b'r' | b't'));
        byte == b'M' || byte == b'm' && !word
    }
}
