//! Masking: what was found becomes placeholders, and nothing else changes.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use super::allow::{self, Asked};
use super::engine::{self, Found};
use super::grams::Grams;
use super::gutter::lead;
use super::hit::{Hit, Redacted};
use super::known::{Book, Known};
use super::mode::Mode;
use super::placeholder::{HEAD, Mint, shape};
use super::policy::{KNOWN, Place, Policy, Verdict, sure};
use super::rules::pii;
use super::value;

/// Values whose first kind is remembered.
const REMEMBERED: usize = 10_000;
/// So many values are looked for one by one.
const FEW: usize = 12;
/// Masking changes what surrounds a place; text is looked at until nothing new turns up, at most so often.
const ROUNDS: usize = 8;

/// Finds secrets and replaces them. One per conversation: its placeholders stay the same throughout.
pub struct Redactor {
    policy: Policy,
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
        Self::with(Policy::all(mode), known, nonce)
    }

    /// As [`Self::new`], with what the user wants of each kind.
    #[must_use]
    pub fn with(policy: Policy, known: Vec<Known>, nonce: [u8; 8]) -> Self {
        Self {
            policy,
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

    /// What is done with what is found, where nothing more is said of its kind.
    pub const fn mode(&self) -> Mode {
        self.policy.mode
    }

    /// What is looked for and what happens to it.
    pub const fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Nothing is looked for.
    pub fn idle(&self) -> bool {
        self.policy.idle()
    }

    /// Something may be sent as it is although it was found.
    pub fn lax(&self) -> bool {
        self.policy.lax()
    }

    /// Finds and masks. What is switched off is not found, what is only warned of is found and left as it is.
    #[must_use]
    pub fn redact<'a>(&self, text: &'a str) -> Redacted<'a> {
        if self.policy.idle() {
            return Redacted { text: Cow::Borrowed(text), hits: Vec::new() };
        }
        let (found, masked) = self.pass(text, &Wish { all: false, place: Place::default() });
        let hits = found.iter().map(|f| self.hit(text, f)).collect();
        Redacted { text: masked.map_or(Cow::Borrowed(text), Cow::Owned), hits }
    }

    /// The text with everything found masked, in every mode and whatever is allowed: for what is shown or kept and
    /// never sent.
    #[must_use]
    pub fn hide(&self, text: &str) -> String {
        self.pass(text, &Wish { all: true, place: Place::default() }).1.unwrap_or_else(|| text.to_owned())
    }

    /// What [`Self::redact`] finds.
    pub(super) fn found(&self, text: &str) -> Vec<Hit> {
        let found = self.pass(text, &Wish { all: false, place: Place::default() }).0;
        found.iter().map(|f| self.hit(text, f)).collect()
    }

    /// Finds, in every mode: for review findings and hooks.
    #[must_use]
    pub fn scan(&self, text: &str) -> Vec<Hit> {
        self.scan_in(text, Place { path: None, report: true })
    }

    /// Finds, in every mode, what is allowed nowhere and in this place.
    #[must_use]
    pub fn scan_in(&self, text: &str, place: Place<'_>) -> Vec<Hit> {
        let judged = self.judge(text, place);
        judged.into_iter().filter(|(_, verdict)| *verdict == Verdict::Kept).map(|(hit, _)| hit).collect()
    }

    /// Finds everything, in every mode, and says what becomes of it.
    #[must_use]
    pub fn judge(&self, text: &str, place: Place<'_>) -> Vec<(Hit, Verdict)> {
        let found = self.pass(text, &Wish { all: true, place }).0;
        found.iter().map(|f| (self.hit(text, f), self.verdict(text, f, place))).collect()
    }

    /// What becomes of something found in `text`. A report does not care for modes.
    fn verdict(&self, text: &str, found: &Found, place: Place<'_>) -> Verdict {
        let policy = &self.policy;
        if policy.strict && !sure(found.confidence, found.checksum) {
            return Verdict::Unsure;
        }
        let off = if place.report {
            policy.silenced(found.rule, found.tag)
        } else {
            policy.mode_of(found.rule, found.tag) == Mode::Off
        };
        if off {
            return Verdict::Off;
        }
        let value = text.get(found.span.clone()).unwrap_or_default();
        let line = if place.report { allow::line(text, found.span.start, found.span.end) } else { "" };
        let certain = found.checksum || found.rule == KNOWN.0;
        let asked = Asked { rule: found.rule, value, certain, path: place.path, line };
        policy.allow.by(&asked).map_or(Verdict::Kept, Verdict::Allowed)
    }

    fn pass(&self, text: &str, wish: &Wish<'_>) -> (Vec<Found>, Option<String>) {
        let mut all = self.look(text, wish);
        if all.is_empty() {
            return (Vec::new(), None);
        }
        all = self.merged(text, all);
        let mut masked = self.write(text, &all, wish);
        for _ in 1..ROUNDS {
            let more = self.look(&masked.text, wish);
            let more = more.into_iter().filter_map(|f| masked.origin(f));
            // What is left as it is, is found again.
            let seen = |f: &Found| all.iter().any(|a| a.span.start <= f.span.start && f.span.end <= a.span.end);
            let more: Vec<Found> = more.filter(|f| !seen(f)).collect();
            if more.is_empty() {
                break;
            }
            all.extend(more);
            all = self.merged(text, all);
            masked = self.write(text, &all, wish);
        }
        let changed = !masked.pieces.is_empty();
        (all, Some(masked.text).filter(|_| changed))
    }

    /// All that rules, known values and repetition find, outside placeholders of ours.
    fn look(&self, text: &str, wish: &Wish<'_>) -> Vec<Found> {
        let words = self.placeholders(text);
        let book = Arc::clone(&self.book.read().unwrap_or_else(PoisonError::into_inner));
        let mut found = engine::find_with(text, &|text, found| {
            self.policy.own.find(text, found);
            if self.policy.pii {
                pii::find(text, found);
            }
            book.find(text, |start, end, label| found.push(known(start..end, Some(label))));
        });
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
        if !wish.all {
            found.retain(|f| self.verdict(text, f, wish.place) == Verdict::Kept);
        }
        found
    }

    /// The strictest of overlapping ones gives the name, and of equally strict ones the surest.
    fn merged(&self, text: &str, found: Vec<Found>) -> Vec<Found> {
        merged(text, found, |f| self.policy.mode_of(f.rule, f.tag))
    }

    /// Placeholders in the text, and which are ours.
    fn placeholders(&self, text: &str) -> Vec<(Range<usize>, bool)> {
        memchr::memmem::find_iter(text.as_bytes(), HEAD)
            .filter_map(|at| {
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
            mode: self.policy.mode_of(found.rule, found.tag),
            fingerprint: self.policy.allow.key.fingerprint(text.get(found.span.clone()).unwrap_or_default()),
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

    fn write(&self, text: &str, found: &[Found], wish: &Wish<'_>) -> Masked {
        let mut out = String::with_capacity(text.len());
        let mut pieces = Vec::new();
        let mut at = 0;
        for f in found.iter().filter(|f| wish.all || self.policy.mode_of(f.rule, f.tag) >= Mode::Redact) {
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
        f.debug_struct("Redactor").field("mode", &self.policy.mode).finish_non_exhaustive()
    }
}

/// What a pass is made for.
struct Wish<'a> {
    /// Everything found counts and is masked, whatever its mode and whoever allows it.
    all: bool,
    place: Place<'a>,
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
    let (rule, tag) = KNOWN;
    Found { span, kind: "known credential", rule, tag, confidence: 1.0, checksum: false, label }
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
    let mut again = |f: &Found, start: usize, end: usize| {
        if f.span != (start..end) {
            found.push(Found { span: start..end, ..f.clone() });
        }
    };
    if values.len() <= FEW {
        for (value, f) in &values {
            memchr::memmem::find_iter(text.as_bytes(), value).for_each(|at| again(f, at, at + value.len()));
        }
        return;
    }
    let words = Grams::new(values.iter().enumerate().map(|(at, (value, _))| (at, *value, true)));
    words.each(text.as_bytes(), |word, start, end| {
        if let Some((_, f)) = values.get(word) {
            again(f, start, end);
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

/// Sorted, and overlapping ones made one: the union is masked, under the name of the one whose `rank` is highest.
fn merged(text: &str, mut found: Vec<Found>, rank: impl Fn(&Found) -> Mode) -> Vec<Found> {
    found.retain(|f| f.span.start < f.span.end && f.span.end <= text.len());
    found.sort_by(|a, b| a.span.start.cmp(&b.span.start).then(b.span.end.cmp(&a.span.end)));
    let mut out: Vec<Found> = Vec::with_capacity(found.len());
    for f in found {
        match out.last_mut() {
            Some(last) if f.span.start < last.span.end => {
                let span = last.span.start..last.span.end.max(f.span.end);
                if (rank(&f), f.confidence) > (rank(last), last.confidence) {
                    *last = f;
                }
                last.span = span;
            }
            _ => out.push(f),
        }
    }
    out
}

/// What logs and error texts are masked with beside the rules.
static SHARED: RwLock<Option<Arc<Book>>> = RwLock::new(None);

/// From now on [`mask`] knows the values that this redactor knows.
pub fn remember(redactor: &Redactor) {
    let book = Arc::clone(&redactor.book.read().unwrap_or_else(PoisonError::into_inner));
    *SHARED.write().unwrap_or_else(PoisonError::into_inner) = Some(book);
}

/// Masks what the rules find and what was [remembered](remember), without stable names: for logs and error texts, where
/// no redactor is at hand.
#[must_use]
pub fn mask(text: &str) -> String {
    let mut found = engine::find(text);
    if let Some(book) = SHARED.read().unwrap_or_else(PoisonError::into_inner).as_ref() {
        book.find(text, |start, end, label| found.push(known(start..end, Some(label))));
    }
    let found = merged(text, found, |_| Mode::Redact);
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
