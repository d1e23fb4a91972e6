//! Masking: what was found becomes placeholders, and nothing else changes.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use super::allow::{self, Asked, By};
use super::engine::{self, Found};
use super::gutter::lead;
use super::hit::{Hit, Redacted};
use super::known::{Known, Learned};
use super::mode::Mode;
use super::placeholder::{HEAD, Mint, shape};
use super::policy::{KNOWN, Place, Policy, Verdict, sure};
use super::repeated::repeated;
use super::rules::pii;
use super::value;
use super::view::View;

/// Values whose first kind is remembered.
const REMEMBERED: usize = 10_000;
/// Fewer bytes beside a placeholder of ours are no secret.
const REST: usize = 4;
/// Masking changes what surrounds a place; text is looked at until nothing new turns up, at most so often.
const ROUNDS: usize = 8;

/// Finds secrets and replaces them. One per conversation: its placeholders stay the same throughout.
pub struct Redactor {
    policy: Arc<Policy>,
    mint: Mint,
    /// Shared with what masks logs, and with others of the same process.
    learned: Arc<Learned>,
    /// The kind a value was first found as: its placeholder must not change when another rule finds it.
    tags: Mutex<HashMap<[u8; 32], &'static str>>,
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
            policy: Arc::new(policy),
            mint: Mint::new(nonce),
            learned: Arc::new(Learned::new(known)),
            tags: Mutex::new(HashMap::new()),
        }
    }

    /// Another one, which wants something else of each kind and knows the same values: what either learns, both do.
    #[must_use]
    pub fn beside(&self, policy: Policy, nonce: [u8; 8]) -> Self {
        let learned = Arc::clone(&self.learned);
        Self { policy: Arc::new(policy), mint: Mint::new(nonce), learned, tags: Mutex::new(HashMap::new()) }
    }

    /// Masks this value too from now on: a token that was just refreshed, a key typed at a prompt.
    pub fn learn(&self, known: impl Into<Known>) {
        self.learned.add(vec![known.into()]);
    }

    /// As [`Self::learn`], of several.
    pub fn learn_all(&self, known: Vec<Known>) {
        self.learned.add(known);
    }

    /// Grows with what it learns: what was found before may be too little since.
    pub(super) fn age(&self) -> usize {
        self.learned.age()
    }

    /// What is looked for and what happens to it.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Nothing is looked for.
    pub fn idle(&self) -> bool {
        self.policy.idle()
    }

    /// Some kind of secret is to stop what holds it.
    pub fn may_block(&self) -> bool {
        self.policy.may_block()
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
        let Pass { found, left, masked } = self.pass(text, &Wish { place: Some(Place::default()), whole: false });
        for (f, _) in left.iter().filter(|(_, verdict)| *verdict == Verdict::Allowed(By::Repository)) {
            let over = |o: &Found| o.span.start < f.span.end && f.span.start < o.span.end;
            if !found.iter().any(over) {
                // Somebody else's word lets it leave: that is told.
                let value = text.get(f.span.clone()).unwrap_or_default();
                self.policy.allow.listed.pass(self.policy.allow.key.fingerprint(value), f.kind);
            }
        }
        let hits = found.iter().map(|f| self.hit(text, f)).collect();
        Redacted { text: masked.map_or(Cow::Borrowed(text), Cow::Owned), hits }
    }

    /// The text with everything found masked, in every mode and whatever is allowed: for what is shown or kept and
    /// never sent.
    #[must_use]
    pub fn hide(&self, text: &str) -> String {
        self.pass(text, &Wish { place: None, whole: true }).masked.unwrap_or_else(|| text.to_owned())
    }

    /// What becomes of a text that is sent, by place: each hit carries its mode, and no mark on a line counts.
    pub(super) fn found(&self, text: &str) -> Vec<Hit> {
        self.redact(text).hits
    }

    /// Finds, in every mode: for review findings and hooks.
    #[must_use]
    pub fn scan(&self, text: &str) -> Vec<Hit> {
        self.scan_in(text, Place { path: None, report: true })
    }

    /// Finds, in every mode, what is allowed nowhere and in this place.
    #[must_use]
    pub fn scan_in(&self, text: &str, place: Place<'_>) -> Vec<Hit> {
        let found = self.pass(text, &Wish { place: Some(place), whole: true }).found;
        found.iter().map(|f| self.hit(text, f)).collect()
    }

    /// What keeps these bytes from leaving where nothing in them can be masked: what the policy would mask or block, and in
    /// every mode a value of the user's own accounts (DESIGN.md §4). Positions count in the bytes as text.
    #[must_use]
    pub fn barred(&self, bytes: &[u8]) -> Vec<Hit> {
        let text = String::from_utf8_lossy(bytes);
        let mut out = self.redact(&text).hits;
        out.retain(|hit| hit.mode >= Mode::Redact);
        let all = self.pass(&text, &Wish { place: None, whole: true }).found;
        let own = all.iter().filter(|f| f.rule == KNOWN.0 && !out.iter().any(|hit| hit.start == f.span.start));
        let own: Vec<Hit> = own.map(|f| self.hit(&text, f)).collect();
        out.extend(own);
        out
    }

    /// Finds everything, in every mode, and says what becomes of it.
    #[must_use]
    pub fn judge(&self, text: &str, place: Place<'_>) -> Vec<(Hit, Verdict)> {
        let Pass { found, left, .. } = self.pass(text, &Wish { place: Some(place), whole: true });
        let mut out: Vec<(Found, Verdict)> = found.into_iter().map(|f| (f, Verdict::Kept)).collect();
        for verdict in Verdict::LEFT {
            let some = left.iter().filter(|(_, v)| *v == verdict).map(|(f, _)| f.clone()).collect();
            let mut some = self.merged(text, some);
            // Where something else counts, this says nothing more.
            some.retain(|f| {
                let at = out.partition_point(|(o, _)| o.span.end <= f.span.start);
                out.get(at).is_none_or(|(o, _)| o.span.start >= f.span.end)
            });
            out.extend(some.into_iter().map(|f| (f, verdict)));
            out.sort_by_key(|(f, _)| f.span.start);
        }
        out.into_iter().map(|(f, verdict)| (self.hit(text, &f), verdict)).collect()
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
        let asked = Asked { rule: found.rule, value, certain: certain(found), path: place.path, line };
        policy.allow.by(&asked).map_or(Verdict::Kept, Verdict::Allowed)
    }

    fn pass(&self, text: &str, wish: &Wish<'_>) -> Pass {
        let (found, left) = self.look(text, None, wish);
        if found.is_empty() {
            return Pass { found, left, masked: None };
        }
        let mut all = self.merged(text, found);
        let mut masked = self.write(text, &all, wish);
        let mut places = changed(&masked, None);
        for _ in 1..ROUNDS {
            if places.is_empty() {
                break;
            }
            let more = self.look(masked.text(), Some(&places), wish).0;
            let more = more.into_iter().filter_map(|f| Some(Found { span: masked.copied(&f.span)?, ..f }));
            // What is left as it is, is found again.
            let seen = |f: &Found| {
                let at = all.partition_point(|a| a.span.end < f.span.end);
                all.get(at).is_some_and(|a| a.span.start <= f.span.start)
            };
            let more: Vec<Found> = more.filter(|f| !seen(f)).collect();
            if more.is_empty() {
                break;
            }
            all.extend(more);
            all = self.merged(text, all);
            let next = self.write(text, &all, wish);
            places = changed(&next, Some(&masked));
            masked = next;
        }
        let any = masked.puts().next().is_some();
        Pass { found: all, left, masked: any.then(|| masked.into_text()) }
    }

    /// All that rules, known values and repetition find, outside placeholders of ours: what counts, and what does not.
    /// Each is judged by itself, before any that overlap are made one. With `changed`, places in which the text is not
    /// what it was when it was looked at before, what stands far from them is not found again.
    fn look(
        &self,
        text: &str,
        changed: Option<&[Range<usize>]>,
        wish: &Wish<'_>,
    ) -> (Vec<Found>, Vec<(Found, Verdict)>) {
        let words = self.placeholders(text);
        let book = self.learned.book();
        let more: engine::More<'_> = &|text, found| {
            self.policy.own.find(text, found);
            if self.policy.pii {
                pii::find(text, found);
            }
            book.find(text, |start, end, label| found.push(known(start..end, Some(label))));
        };
        let mut found = match changed {
            Some(places) => engine::find_near(text, places, more),
            None => engine::find_with(text, more),
        };
        let outside = |found: Vec<Found>| match words.is_empty() {
            true => found,
            false => found.into_iter().flat_map(|f| outside(text, &words, f)).collect(),
        };
        found = outside(found);
        repeated(text, &mut found);
        found = outside(found);
        let Some(place) = wish.place else { return (found, Vec::new()) };
        let judged = found.into_iter().map(|f| (self.verdict(text, &f, place), f));
        let mut judged: Vec<(Verdict, Found)> = judged.collect();
        if place.report {
            alike(&mut judged);
        }
        let (kept, left): (Vec<_>, Vec<_>) = judged.into_iter().partition(|(verdict, _)| *verdict == Verdict::Kept);
        (kept.into_iter().map(|(_, f)| f).collect(), left.into_iter().map(|(verdict, f)| (f, verdict)).collect())
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

    /// The text with placeholders for what was found.
    fn write(&self, text: &str, found: &[Found], wish: &Wish<'_>) -> View {
        let (mut out, mut at) = (View::new(text.len()), 0);
        for f in found.iter().filter(|f| wish.whole || self.policy.mode_of(f.rule, f.tag) >= Mode::Redact) {
            out.copy(text.get(at..f.span.start).unwrap_or_default(), at);
            out.put(&(self.placeholder(text, f) + &line_ends(text, &f.span)), f.span.clone());
            at = f.span.end;
        }
        out.copy(text.get(at..).unwrap_or_default(), at);
        out
    }
}

impl std::fmt::Debug for Redactor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Redactor").field("mode", &self.policy.mode).finish_non_exhaustive()
    }
}

/// What a pass is made for.
struct Wish<'a> {
    /// Where the text stands, for what counts there; `None` = everything counts.
    place: Option<Place<'a>>,
    /// Everything that counts is masked, whatever its mode.
    whole: bool,
}

/// What a pass gives.
struct Pass {
    /// What counts, by place; no two overlap.
    found: Vec<Found>,
    /// What was found at first and does not count.
    left: Vec<(Found, Verdict)>,
    /// The text, where it had to change.
    masked: Option<String>,
}

/// Where placeholders stand in `masked` that did not stand in `before`.
fn changed(masked: &View, before: Option<&View>) -> Vec<Range<usize>> {
    let old: HashSet<Range<usize>> = before.into_iter().flat_map(View::puts).map(|(original, _)| original).collect();
    masked.puts().filter(|(original, _)| !old.contains(original)).map(|(_, place)| place).collect()
}

fn known(span: Range<usize>, label: Option<Arc<str>>) -> Found {
    let (rule, tag) = KNOWN;
    Found { span, kind: "known credential", rule, tag, confidence: 1.0, checksum: false, label }
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

/// A check inside it holds, or it is known.
fn certain(found: &Found) -> bool {
    found.checksum || found.rule == KNOWN.0
}

/// What a repository's list allows is allowed whichever rule finds it there, as far as that list may allow anything.
fn alike(judged: &mut [(Verdict, Found)]) {
    const LISTED: Verdict = Verdict::Allowed(By::Repository);
    let listed: HashSet<Range<usize>> = judged.iter().filter(|j| j.0 == LISTED).map(|j| j.1.span.clone()).collect();
    for (verdict, f) in judged {
        if *verdict == Verdict::Kept && !certain(f) && listed.contains(&f.span) {
            *verdict = LISTED;
        }
    }
}

/// What a finding says outside of placeholders of ours: what stands beside one in the same value is a secret still.
fn outside(text: &str, words: &[(Range<usize>, bool)], found: Found) -> Vec<Found> {
    let span = found.span.clone();
    let first = words.partition_point(|(word, _)| word.end <= span.start);
    let over = words.iter().skip(first).take_while(|(word, _)| word.start < span.end);
    let (mut rests, mut at, mut cut) = (Vec::new(), span.start, false);
    for (word, ours) in over {
        if *ours {
            rests.push(at..word.start.max(at));
            (at, cut) = (word.end, true);
        } else if word.start <= span.start && span.end <= word.end {
            // Another conversation's word is left alone; what merely touches it is still a secret.
            return Vec::new();
        }
    }
    if !cut {
        return vec![found];
    }
    rests.push(at..span.end.max(at));
    let rest = |span: Range<usize>| {
        let rest = text.get(span.clone())?;
        let start = span.end - rest.trim_start().len();
        let end = start + rest.trim().len();
        telling(rest).then(|| Found { span: start..end, checksum: false, ..found.clone() })
    };
    rests.into_iter().filter_map(rest).collect()
}

/// Something is left that could be a part of a secret: neither marks, nor a diff's numbers, nor a word that only says
/// what belongs there.
fn telling(rest: &str) -> bool {
    rest.split('\n').any(|line| {
        let core = line.get(lead(line).len()..).unwrap_or_default().trim_matches(|c: char| !c.is_alphanumeric());
        core.len() >= REST && !value::dummy(core)
    })
}

/// Sorted, and overlapping ones made one: the union is masked, under the name of the one whose `rank` is highest, and as
/// sure as the surest.
fn merged(text: &str, mut found: Vec<Found>, rank: impl Fn(&Found) -> Mode) -> Vec<Found> {
    found.retain(|f| f.span.start < f.span.end && f.span.end <= text.len());
    found.sort_by(|a, b| a.span.start.cmp(&b.span.start).then(b.span.end.cmp(&a.span.end)));
    let mut out: Vec<Found> = Vec::with_capacity(found.len());
    for f in found {
        match out.last_mut() {
            Some(last) if f.span.start < last.span.end => {
                let span = last.span.start..last.span.end.max(f.span.end);
                let other = if (rank(&f), f.confidence) > (rank(last), last.confidence) {
                    std::mem::replace(last, f)
                } else {
                    f
                };
                last.span = span;
                last.checksum |= other.checksum;
                last.confidence = last.confidence.max(other.confidence);
                last.label = last.label.take().or(other.label);
            }
            _ => out.push(f),
        }
    }
    out
}

/// What one redactor knows, wherever else it is wanted.
struct Shared {
    policy: Arc<Policy>,
    learned: Arc<Learned>,
}

/// What logs and error texts are masked with beside the rules.
static SHARED: RwLock<Option<Shared>> = RwLock::new(None);

/// From now on [`mask`] knows the values that this redactor knows or learns, and the user's own rules.
pub fn remember(redactor: &Redactor) {
    let shared = Shared { policy: Arc::clone(&redactor.policy), learned: Arc::clone(&redactor.learned) };
    *SHARED.write().unwrap_or_else(PoisonError::into_inner) = Some(shared);
}

/// Masks what the rules find and what was [remembered](remember), without stable names: for logs and error texts, where
/// no redactor is at hand.
#[must_use]
pub fn mask(text: &str) -> String {
    let mut found = engine::find(text);
    if let Some(shared) = SHARED.read().unwrap_or_else(PoisonError::into_inner).as_ref() {
        shared.policy.own.find(text, &mut found);
        shared.learned.book().find(text, |start, end, label| found.push(known(start..end, Some(label))));
    }
    repeated(text, &mut found);
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
