//! Masking: what was found becomes placeholders, and nothing else changes.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use super::engine::{self, Found};
use super::gutter::lead;
use super::hit::{Hit, Redacted};
use super::known::{Book, Known};
use super::literals::Literals;
use super::mode::Mode;
use super::placeholder::{HEAD, Mint, shape};
use super::value;

/// Values whose first kind is remembered.
const REMEMBERED: usize = 10_000;
/// Masking changes what surrounds a place; text is looked at until nothing new turns up, at most so often.
const ROUNDS: usize = 8;

/// Finds secrets and replaces them. One per conversation: its placeholders stay the same throughout.
pub struct Redactor {
    mode: Mode,
    mint: Mint,
    book: RwLock<Arc<Book>>,
    /// The kind a value was first found as: its placeholder must not change when another rule finds it.
    tags: Mutex<HashMap<[u8; 32], &'static str>>,
    /// How often it has learned.
    age: AtomicUsize,
}

impl Redactor {
    /// `known` are values to mask wherever they stand; shorter than [`KNOWN_MIN`](super::KNOWN_MIN) bytes they
    /// are not looked for. `nonce` must be random: whoever knows it can make up placeholders.
    #[must_use]
    pub fn new(mode: Mode, known: Vec<Known>, nonce: [u8; 8]) -> Self {
        Self {
            mode,
            mint: Mint::new(nonce),
            book: RwLock::new(Arc::new(Book::new(known))),
            tags: Mutex::new(HashMap::new()),
            age: AtomicUsize::new(0),
        }
    }

    /// Masks this value too from now on: a token that was just refreshed, a key typed at a prompt.
    pub fn learn(&self, known: impl Into<Known>) {
        let mut book = self.book.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(more) = book.with(known.into()) {
            *book = Arc::new(more);
            self.age.fetch_add(1, Ordering::Release);
        }
    }

    /// Grows with what it learns: what was found before may be too little since.
    pub(super) fn age(&self) -> usize {
        self.age.load(Ordering::Acquire)
    }

    /// What is done with what is found.
    pub const fn mode(&self) -> Mode {
        self.mode
    }

    /// Finds and masks. In mode `off` nothing is found, in mode `warn` the text is left as it is.
    #[must_use]
    pub fn redact<'a>(&self, text: &'a str) -> Redacted<'a> {
        if self.mode == Mode::Off {
            return Redacted { text: Cow::Borrowed(text), hits: Vec::new() };
        }
        let (hits, masked) = self.pass(text);
        let text = match masked {
            Some(masked) if self.mode != Mode::Warn => Cow::Owned(masked),
            _ => Cow::Borrowed(text),
        };
        Redacted { text, hits }
    }

    /// The text with everything found masked, in every mode: for what is shown or kept and never sent.
    #[must_use]
    pub fn hide(&self, text: &str) -> String {
        self.pass(text).1.unwrap_or_else(|| text.to_owned())
    }

    /// Finds, in every mode: for review findings and hooks.
    #[must_use]
    pub fn scan(&self, text: &str) -> Vec<Hit> {
        self.pass(text).0
    }

    fn pass(&self, text: &str) -> (Vec<Hit>, Option<String>) {
        let mut all = self.look(text);
        if all.is_empty() {
            return (Vec::new(), None);
        }
        all = merged(text, all);
        let mut masked = self.write(text, &all);
        for _ in 1..ROUNDS {
            let more = self.look(&masked.text);
            let more: Vec<Found> = more.into_iter().filter_map(|f| masked.origin(f)).collect();
            if more.is_empty() {
                break;
            }
            all.extend(more);
            all = merged(text, all);
            masked = self.write(text, &all);
        }
        let hits = all.iter().map(|f| self.hit(text, f)).collect();
        (hits, Some(masked.text))
    }

    /// All that rules, known values and repetition find, outside placeholders of ours.
    fn look(&self, text: &str) -> Vec<Found> {
        let words = self.placeholders(text);
        let mut found = engine::find(text);
        let book = Arc::clone(&self.book.read().unwrap_or_else(PoisonError::into_inner));
        book.find(text, |start, end, label| found.push(known(start..end, Some(label))));
        if !found.is_empty() {
            repeated(text, &mut found);
        }
        if !words.is_empty() {
            found.retain(|f| {
                let at = words.partition_point(|(word, _)| word.end <= f.span.start);
                words.get(at).is_none_or(|(word, ours)| {
                    // Another conversation's word is left alone; what merely touches it is still a secret.
                    let inside = word.start <= f.span.start && f.span.end <= word.end;
                    word.start >= f.span.end || !ours && !inside
                })
            });
        }
        found
    }

    /// Placeholders in the text, and which are ours.
    fn placeholders(&self, text: &str) -> Vec<(Range<usize>, bool)> {
        text.match_indices(HEAD)
            .filter_map(|(at, _)| {
                let rest = text.as_bytes().get(at..)?;
                let length = shape(rest)?;
                Some((at..at + length, self.mint.recognise(rest).is_some()))
            })
            .collect()
    }

    fn hit(&self, text: &str, found: &Found) -> Hit {
        Hit {
            start: found.span.start,
            end: found.span.end,
            kind: found.kind,
            rule: found.rule,
            confidence: found.confidence,
            checksum: found.checksum,
            placeholder: self.placeholder(text, found),
            label: found.label.clone(),
        }
    }

    fn placeholder(&self, text: &str, found: &Found) -> String {
        let fingerprint = self.mint.fingerprint(text.get(found.span.clone()).unwrap_or_default());
        let mut tags = self.tags.lock().unwrap_or_else(PoisonError::into_inner);
        let tag = match tags.get(&fingerprint) {
            Some(tag) => *tag,
            None => {
                if tags.len() < REMEMBERED {
                    tags.insert(fingerprint, found.tag);
                }
                found.tag
            }
        };
        self.mint.placeholder(tag, &fingerprint)
    }

    fn write(&self, text: &str, found: &[Found]) -> Masked {
        let mut out = String::with_capacity(text.len());
        let mut pieces = Vec::new();
        let mut at = 0;
        for f in found {
            out.push_str(text.get(at..f.span.start).unwrap_or_default());
            let begin = out.len();
            out.push_str(&self.placeholder(text, f));
            out.push_str(&line_ends(text, &f.span));
            pieces.push((f.span.clone(), begin..out.len()));
            at = f.span.end;
        }
        out.push_str(text.get(at..).unwrap_or_default());
        Masked { text: out, pieces }
    }
}

impl std::fmt::Debug for Redactor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Redactor").field("mode", &self.mode).finish_non_exhaustive()
    }
}

/// A masked text that remembers where its parts came from.
struct Masked {
    text: String,
    /// Original and masked range of each placeholder.
    pieces: Vec<(Range<usize>, Range<usize>)>,
}

impl Masked {
    /// Something found in the masked text, by position in the original.
    fn origin(&self, mut found: Found) -> Option<Found> {
        let at = self.pieces.partition_point(|(_, m)| m.end <= found.span.start);
        if self.pieces.get(at).is_some_and(|(_, m)| m.start < found.span.end) {
            return None;
        }
        let (from, to) = at.checked_sub(1).and_then(|i| self.pieces.get(i)).map_or((0, 0), |(o, m)| (o.end, m.end));
        found.span = (found.span.start - to + from)..(found.span.end - to + from);
        Some(found)
    }
}

fn known(span: Range<usize>, label: Option<Arc<str>>) -> Found {
    Found { span, kind: "known credential", rule: "known-value", tag: "known", confidence: 1.0, checksum: false, label }
}

/// A value found once is a secret everywhere in the same text, whatever stands round it elsewhere.
fn repeated(text: &str, found: &mut Vec<Found>) {
    let mut values: Vec<(&str, Found)> = Vec::new();
    for f in found.iter() {
        let Some(secret) = text.get(f.span.clone()) else { continue };
        let telling = secret.len() >= 8 && f.confidence >= 0.8 && (secret.len() >= 16 || value::random(secret));
        if telling && !secret.contains('\n') {
            values.push((secret, f.clone()));
        }
    }
    values.sort_by(|a, b| a.0.cmp(b.0));
    values.dedup_by(|a, b| a.0 == b.0);
    if values.is_empty() {
        return;
    }
    let words = Literals::exact(values.iter().map(|(s, _)| (*s).to_owned()).collect());
    words.each(text, |word, start, end| {
        if let Some((_, f)) = values.get(word)
            && f.span != (start..end)
        {
            found.push(Found { span: start..end, ..f.clone() });
        }
    });
}

/// What stays of a masked block: lines stay lines, and a diff's marks and numbers stay, so that a hunk's lines can still
/// be counted and pointed at.
pub(super) fn line_ends(text: &str, span: &Range<usize>) -> String {
    let mut out = String::new();
    let block = text.get(span.clone()).unwrap_or_default();
    if !block.contains('\n') {
        return out;
    }
    let line = text.get(..span.start).unwrap_or_default().rfind('\n').map_or(0, |p| p + 1);
    let marked = text.get(line..).is_some_and(|l| !lead(l).is_empty());
    for next in block.split('\n').skip(1) {
        out.push('\n');
        out.push_str(if marked { lead(next) } else { "" });
    }
    out
}

/// Sorted, and overlapping ones made one: the union is masked, under the name of the surest.
fn merged(text: &str, mut found: Vec<Found>) -> Vec<Found> {
    found.retain(|f| f.span.start < f.span.end && f.span.end <= text.len());
    found.sort_by(|a, b| a.span.start.cmp(&b.span.start).then(b.span.end.cmp(&a.span.end)));
    let mut out: Vec<Found> = Vec::with_capacity(found.len());
    for f in found {
        match out.last_mut() {
            Some(last) if f.span.start < last.span.end => {
                let span = last.span.start..last.span.end.max(f.span.end);
                if f.confidence > last.confidence {
                    *last = f;
                }
                last.span = span;
            }
            _ => out.push(f),
        }
    }
    out
}

/// Masks what the rules find, without known values and without stable names: for logs and error texts, where no
/// redactor is at hand.
#[must_use]
pub fn mask(text: &str) -> String {
    let found = merged(text, engine::find(text));
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for f in &found {
        out.push_str(text.get(at..f.span.start).unwrap_or_default());
        out.push_str("<hidden ");
        out.push_str(f.kind);
        out.push('>');
        at = f.span.end;
    }
    out.push_str(text.get(at..).unwrap_or_default());
    out
}
