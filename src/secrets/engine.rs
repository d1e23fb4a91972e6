//! Finding: one pass over the text for all keys and names, an anchored look at each place it points to, and the same
//! again over what the text says once decoded or put together.

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use regex::bytes::{Regex, RegexBuilder};

use super::grams::{Choice, Grams};
use super::lines::Lines;
use super::names::{KEYS, Weight};
use super::rules::{Find, Look, Rule, STRUCTURES, VENDORS};
use super::{assign, escapes, gutter, joined, runs, token, value};

/// Something found, before placeholders.
#[derive(Clone)]
pub(super) struct Found {
    pub(super) span: Range<usize>,
    pub(super) kind: &'static str,
    pub(super) rule: &'static str,
    pub(super) tag: &'static str,
    pub(super) confidence: f64,
    pub(super) checksum: bool,
    pub(super) label: Option<Arc<str>>,
}

/// What a key leads to.
#[derive(Clone, Copy)]
enum Lead {
    Rule(usize),
    Name,
    /// Encoded marks: only once decoded is there something to look at.
    Escaped,
}

struct Engine {
    keys: Grams,
    leads: Vec<Lead>,
    /// Compiled when a rule's key is first seen: most texts need two or three of them.
    patterns: Vec<OnceLock<Option<Regex>>>,
}

/// How far a pattern reads. Longer tokens are masked to the end of their run.
const WINDOW: usize = 8 * 1024;
/// How far past its key a `Near` pattern reads.
const NEAR: usize = 512;
/// Most that a find in pieces is sure of.
const GUESS: f64 = 0.85;
/// How often what was decoded is decoded again.
const DEPTH: usize = 3;
/// How far round a change a text is looked at again: no value under a name is longer.
const AROUND: usize = 4 * 1024;
/// What of the text round a key is decoded when there are escapes behind the key: before and after it.
const ROUND: (usize, usize) = (96, 640);
/// What is decoded behind a key that opens a block.
const BLOCK: usize = 12 * 1024;
/// How far behind a key an escape may stand to matter.
const HINT: usize = 16;
/// What was chosen for the keys: choosing takes longer than most commands.
const CHOICE: &str = include_str!("keys.txt");
/// Marks of URLs as percent signs and backslashes write them.
const ESCAPED: [&str; 3] = ["%3a%2f%2f", ":\\/\\/", "%2f%2f"];

fn engine() -> &'static Engine {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    ENGINE.get_or_init(|| {
        let leads = leads();
        let words = leads.iter().enumerate().map(|(at, (word, _))| (at, *word, false));
        let keys = Grams::chosen(words, &Choice::read(CHOICE));
        Engine {
            keys,
            leads: leads.into_iter().map(|(_, lead)| lead).collect(),
            patterns: rules().map(|_| OnceLock::new()).collect(),
        }
    })
}

/// Every key and what it leads to.
fn leads() -> Vec<(&'static str, Lead)> {
    let ruled = rules().enumerate().flat_map(|(at, rule)| rule.keys.iter().map(move |key| (*key, Lead::Rule(at))));
    let named = KEYS.iter().map(|name| (*name, Lead::Name));
    ruled.chain(named).chain(ESCAPED.map(|mark| (mark, Lead::Escaped))).collect()
}

/// Every rule, vendors first.
pub(super) fn rules() -> impl Iterator<Item = &'static Rule> {
    VENDORS.iter().chain(STRUCTURES)
}

fn rule(at: usize) -> Option<&'static Rule> {
    VENDORS.get(at).or_else(|| STRUCTURES.get(at.checked_sub(VENDORS.len())?))
}

/// The pattern of a rule as compiled; `None` only for rules without one (a test compiles them all).
pub(super) fn compile(rule: &Rule) -> Option<Regex> {
    let pattern = match rule.find {
        Find::Here(p) => format!("^(?:{p})"),
        Find::Near(_, p) => p.to_owned(),
        Find::Custom(_) | Find::Token(_) | Find::Named(_) => return None,
    };
    RegexBuilder::new(&pattern).unicode(false).size_limit(1 << 21).dfa_size_limit(1 << 20).build().ok()
}

/// Everything the rules find in `text`, unsorted, possibly overlapping.
pub(super) fn find(text: &str) -> Vec<Found> {
    find_with(text, &|_, _| {})
}

/// The same and what `more` finds, which looks at the text and at every view of it.
pub(super) fn find_with(text: &str, more: More<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    scan(text, 0, None, more, &mut found);
    found
}

/// The same for a text that was looked at before and has changed in `places` since, in order and apart from each other:
/// what does not reach so far from a change is not looked at again.
pub(super) fn find_near(text: &str, places: &[Range<usize>], more: More<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    scan(text, 0, Some(&around(text, places)), more, &mut found);
    found
}

/// What stands near these places, of which none stands before the one before it.
fn around(text: &str, places: &[Range<usize>]) -> Vec<Range<usize>> {
    let mut near: Vec<Range<usize>> = Vec::new();
    for place in places {
        let (from, to) = (place.start.saturating_sub(AROUND), (place.end + AROUND).min(text.len()));
        match near.last_mut() {
            Some(last) if from <= last.end => last.end = to,
            _ => near.push(from..to),
        }
    }
    near
}

/// Looks for what no rule knows: the user's own values and rules.
pub(super) type More<'a> = &'a dyn Fn(&str, &mut Vec<Found>);

/// Looks at the text as it stands and at every view of it, down to [`DEPTH`]; of a text with `near` only there.
fn scan(text: &str, depth: usize, near: Option<&[Range<usize>]>, more: More<'_>, found: &mut Vec<Found>) {
    let go_on = depth < DEPTH;
    // Colours stand inside names and values: only without them is there anything to read.
    if let Some(view) = Some(text).filter(|_| go_on).and_then(escapes::colourless) {
        inside(view.text(), depth, None, more, found, &|span| vec![view.origin(span)]);
        return;
    }
    let mut windows = if go_on { escapes::dense(text) } else { Vec::new() };
    if let Some(near) = near {
        windows.retain(|w| near.get(near.partition_point(|n| n.end <= w.start)).is_some_and(|n| n.start < w.end));
    }
    direct(text, near, &mut windows, found);
    more(text, found);
    if !go_on {
        return;
    }
    for window in windows {
        if let Some(view) = escapes::view(text, window) {
            inside(view.text(), depth, None, more, found, &|span| vec![view.origin(span)]);
        }
    }
    let Some(near) = near else { return views(text, depth, more, found) };
    for part in near {
        let from = text.floor_char_boundary(part.start);
        let mut inner = Vec::new();
        views(text.get(from..text.ceil_char_boundary(part.end)).unwrap_or_default(), depth, more, &mut inner);
        found.extend(inner.into_iter().map(|f| Found { span: f.span.start + from..f.span.end + from, ..f }));
    }
}

/// Looks at a view; `origins` says where in the text that it is a view of something found in it stands.
fn inside(
    view: &str,
    depth: usize,
    near: Option<&[Range<usize>]>,
    more: More<'_>,
    found: &mut Vec<Found>,
    origins: &dyn Fn(&Range<usize>) -> Vec<Range<usize>>,
) {
    let mut inner = Vec::new();
    scan(view, depth + 1, near, more, &mut inner);
    found.extend(inner.iter().flat_map(|f| origins(&f.span).into_iter().map(|span| Found { span, ..f.clone() })));
}

/// Looks at every view of a text but those that its names and keys point to.
fn views(text: &str, depth: usize, more: More<'_>, found: &mut Vec<Found>) {
    // A numbered diff or listing is looked at once more without its numbers: no rule that reads on into the next line
    // knows them. Far from numbers it is the text that was just looked at.
    let lines = Lines::of(text);
    if let Some(first) = lines.first {
        for view in [gutter::plain(text, first), gutter::listing(text, first)].into_iter().flatten() {
            let near = around(view.text(), &view.seams());
            inside(view.text(), depth, Some(&near), more, found, &|span| vec![view.origin(span)]);
        }
    }
    joined::each(text, depth == 0, &lines, |view| {
        let mut pieces = Vec::new();
        inside(view.text(), depth, None, more, &mut pieces, &|span| match view.crosses(span) {
            true => view.origins(span),
            false => Vec::new(),
        });
        // That pieces belong together is a guess, if a good one; and of marks alone no secret is made.
        pieces.retain(|f| text.get(f.span.clone()).is_some_and(|p| p.bytes().any(|b| b.is_ascii_alphanumeric())));
        found.extend(pieces.into_iter().map(|f| match f.checksum {
            true => f,
            false => Found { confidence: f.confidence.min(GUESS), ..f },
        }));
    });
    runs::each(text, |run| inside(&run.text, depth, None, more, found, &|span| vec![run.origin(span)]));
    // No name points to a value of the user's that is written in escapes.
    if depth == 0
        && escapes::numbered(text)
        && let Some(view) = escapes::view(text, 0..text.len())
    {
        let mut inner = Vec::new();
        more(view.text(), &mut inner);
        found.extend(inner.into_iter().map(|f| Found { span: view.origin(&f.span), ..f }));
    }
}

/// Looks at the text as it stands; `windows` takes the pieces that want decoding.
fn direct(text: &str, near: Option<&[Range<usize>]>, windows: &mut Vec<Range<usize>>, found: &mut Vec<Found>) {
    let engine = engine();
    let bytes = text.as_bytes();
    let dense = windows.len();
    let within = |windows: &[Range<usize>], at: usize| {
        let dense = windows.get(..dense).unwrap_or_default();
        dense.get(dense.partition_point(|w| w.end <= at)).is_some_and(|w| w.start <= at)
    };
    // Where each rule has looked already: a million keys in a row are still one look.
    let mut done: Vec<usize> = Vec::new();
    let mut name_done = 0usize;
    let mut seen = |key: usize, start: usize, end: usize| {
        let lead = engine.leads.get(key).copied();
        let mut behind = end;
        match lead {
            Some(Lead::Rule(at)) if done.get(at).is_none_or(|d| start >= *d) => {
                let Some(rule) = rule(at) else { return };
                let before = found.len();
                look(engine, at, rule, text, start..end, found);
                let reached = found.get(before..).unwrap_or_default().iter().map(|f| f.span.end).max();
                if let Some(reached) = reached {
                    done.resize(engine.patterns.len(), 0);
                    if let Some(done) = done.get_mut(at) {
                        *done = reached;
                    }
                    behind = reached;
                }
            }
            Some(Lead::Name) if start >= name_done => {
                let (assigned, reached) = assign::find(text, start..end);
                name_done = reached;
                // Where its end and its marks are written in percent signs, a value is read once they are decoded.
                if !within(windows, start) {
                    found.extend(assigned.into_iter().flat_map(named));
                }
            }
            Some(Lead::Escaped) => {}
            _ => return,
        }
        // What was found may end at an escape; where nothing was, one may stand between name and value.
        let near = if behind == end { HINT } else { 1 };
        let hinted = || escapes::hinted(text, behind..(behind + near).min(bytes.len()));
        if (matches!(lead, Some(Lead::Escaped)) || hinted()) && !within(windows, start) {
            window(text, start..end, dense, windows);
        }
    };
    let Some(near) = near else { return engine.keys.each(bytes, seen) };
    for part in near {
        let bytes = bytes.get(part.clone()).unwrap_or_default();
        engine.keys.each(bytes, |key, start, end| seen(key, part.start + start, part.start + end));
    }
}

fn named(a: assign::Assigned) -> impl Iterator<Item = Found> {
    let (kind, tag) = match a.weight {
        Weight::Password => ("password", "password"),
        Weight::Strong | Weight::Weak => ("secret value", "secret"),
    };
    let confidence = a.confidence;
    let found = move |span| Found { span, kind, rule: "assignment", tag, confidence, checksum: false, label: None };
    std::iter::once(a.span).chain(a.more).map(found)
}

/// Notes the piece round a key for decoding; pieces that touch become one.
fn window(text: &str, key: Range<usize>, dense: usize, windows: &mut Vec<Range<usize>>) {
    let block = text.get(key.clone()).is_some_and(|k| k.starts_with("-----"));
    let (before, after) = (ROUND.0, if block { BLOCK } else { ROUND.1 });
    let floor = windows.get(dense..).and_then(<[_]>::last).map_or(0, |w| w.end);
    let to = text.floor_char_boundary((key.end + after).min(text.len()));
    match windows.get_mut(dense..).and_then(<[_]>::last_mut) {
        // Long enough for anything: the next piece begins anew, so that no piece grows without end.
        Some(last) if key.start < last.end.saturating_sub(HINT) && last.len() < WINDOW => last.end = last.end.max(to),
        _ => {
            let from = text.floor_char_boundary(key.start.saturating_sub(before));
            windows.push(from.max(floor.saturating_sub(ROUND.1)).min(to)..to);
        }
    }
}

fn look(engine: &Engine, at: usize, rule: &'static Rule, text: &str, key: Range<usize>, found: &mut Vec<Found>) {
    let bytes = text.as_bytes();
    let mut spans = Vec::new();
    match rule.find {
        Find::Custom(custom) => custom(text, key.start, &mut spans),
        Find::Token(tokens) => spans.extend(tokens.iter().find_map(|t| token::read(bytes, key.clone(), t))),
        Find::Named(tokens) => spans.extend(token::named(bytes, key, tokens)),
        Find::Here(_) | Find::Near(..) => {
            if matches!(rule.find, Find::Here(_)) && !token::boundary(bytes, key.start) {
                return;
            }
            let Some(Some(pattern)) = engine.patterns.get(at).map(|p| p.get_or_init(|| compile(rule)).as_ref()) else {
                return;
            };
            let (from, to) = match rule.find {
                Find::Near(before, _) => (key.start.saturating_sub(before), key.end + NEAR),
                _ => (key.start, key.start + WINDOW),
            };
            let to = to.min(bytes.len());
            let mut next = from;
            while let Some(window) = bytes.get(next..to)
                && let Some(groups) = pattern.captures(window)
                && let Some(whole) = groups.get(0)
            {
                let (begin, end) = (next + whole.start(), next + whole.end());
                if token::boundary(bytes, begin)
                    && let Some(secret) = groups.get(1).or(Some(whole))
                {
                    let mut stop = next + secret.end();
                    // Cut by the window: the rest of the run is secret too.
                    if stop == to && to - from >= WINDOW {
                        stop += bytes.get(to..).unwrap_or_default().iter().take_while(|b| in_token(**b)).count();
                    }
                    spans.push(next + secret.start()..stop);
                }
                if matches!(rule.find, Find::Here(_)) {
                    break;
                }
                next = end.max(next + 1);
            }
        }
    }
    for mut span in spans {
        while !text.is_char_boundary(span.start) {
            span.start -= 1;
        }
        while !text.is_char_boundary(span.end) {
            span.end += 1;
        }
        let Some(secret) = text.get(span.clone()).filter(|s| !s.is_empty()) else { continue };
        if matches!(rule.find, Find::Here(_) | Find::Near(..)) && !passes(rule.look, secret) {
            continue;
        }
        let checksum = rule.check.is_some_and(|check| check(secret));
        found.push(Found {
            span,
            kind: rule.kind,
            rule: rule.name,
            tag: rule.tag,
            confidence: if checksum { 1.0 } else { rule.confidence },
            checksum,
            label: None,
        });
    }
}

fn passes(look: Look, secret: &str) -> bool {
    match look {
        Look::Shape => !value::example(secret),
        Look::Random => !value::example(secret) && !value::reference(secret) && value::random(secret),
        Look::Password => !value::dummy(secret) && !value::reference(secret),
        Look::Basic => super::checksum::basic(secret),
    }
}

const fn in_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'+' | b'/' | b'=' | b'%')
}

#[cfg(test)]
mod tests {
    use super::*;

    // It makes one of this project's sources, no file of a user's.
    #[allow(clippy::disallowed_methods)]
    #[test]
    fn what_was_chosen_for_the_keys_is_fresh() {
        let made = Choice::of(leads().iter().map(|(word, _)| *word)).write();
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/src/secrets/keys.txt"), made).unwrap();
        } else {
            assert_eq!(made, CHOICE, "src/secrets/keys.txt is stale; run: UPDATE=1 cargo test --lib keys_is_fresh");
        }
    }
}
