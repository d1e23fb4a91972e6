//! Finding: one automaton over all keys and names, then an anchored look at each place it points to.

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use regex::bytes::{Regex, RegexBuilder};

use super::gutter::Plain;
use super::literals::Literals;
use super::names::{KEYS, Weight};
use super::rules::{Find, Look, Rule, STRUCTURES, VENDORS};
use super::{assign, token, value};

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

/// What a key of the automaton leads to.
#[derive(Clone, Copy)]
enum Lead {
    Rule(usize),
    Name,
}

struct Engine {
    keys: Literals,
    leads: Vec<Lead>,
    /// Compiled when a rule's key is first seen: most texts need two or three of them.
    patterns: Vec<OnceLock<Option<Regex>>>,
}

/// How far a pattern reads. Longer tokens are masked to the end of their run.
const WINDOW: usize = 8 * 1024;
/// How far past its key a `Near` pattern reads.
const NEAR: usize = 512;

fn engine() -> &'static Engine {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    ENGINE.get_or_init(|| {
        let mut words = Vec::new();
        let mut leads = Vec::new();
        for (at, rule) in rules().enumerate() {
            for key in rule.keys {
                words.push((*key).to_owned());
                leads.push(Lead::Rule(at));
            }
        }
        for name in KEYS {
            words.push((*name).to_owned());
            leads.push(Lead::Name);
        }
        Engine { keys: Literals::any_case(words), leads, patterns: rules().map(|_| OnceLock::new()).collect() }
    })
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

/// Everything the rules find in `text`, unsorted, possibly overlapping. A numbered diff is looked at once more without
/// its numbers: no rule that reads on into the next line knows about them.
pub(super) fn find(text: &str) -> Vec<Found> {
    let mut found = direct(text);
    if let Some(plain) = Plain::of(text) {
        found.extend(direct(&plain.text).into_iter().map(|f| Found { span: plain.origin(f.span.clone()), ..f }));
    }
    found
}

fn direct(text: &str) -> Vec<Found> {
    let engine = engine();
    let mut found: Vec<Found> = Vec::new();
    // Where each rule has looked already: a million keys in a row are still one look.
    let mut done = vec![0usize; engine.patterns.len()];
    let mut name_done = 0usize;
    engine.keys.each(text, |key, start, end| match engine.leads.get(key) {
        Some(Lead::Rule(at)) if done.get(*at).is_some_and(|d| start >= *d) => {
            let Some(rule) = rule(*at) else { return };
            let before = found.len();
            look(engine, *at, rule, text, start..end, &mut found);
            let reached = found.get(before..).unwrap_or_default().iter().map(|f| f.span.end).max();
            if let (Some(reached), Some(done)) = (reached, done.get_mut(*at)) {
                *done = reached;
            }
        }
        Some(Lead::Name) if start >= name_done => {
            let (assigned, reached) = assign::find(text, start..end);
            name_done = reached;
            if let Some(a) = assigned {
                let (kind, tag) = match a.weight {
                    Weight::Password => ("password", "password"),
                    Weight::Strong | Weight::Weak => ("secret value", "secret"),
                };
                found.push(Found {
                    span: a.span,
                    kind,
                    rule: "assignment",
                    tag,
                    confidence: a.confidence,
                    checksum: false,
                    label: None,
                });
            }
        }
        _ => {}
    });
    found
}

fn look(engine: &Engine, at: usize, rule: &'static Rule, text: &str, key: Range<usize>, found: &mut Vec<Found>) {
    let bytes = text.as_bytes();
    let mut spans = Vec::new();
    match rule.find {
        Find::Custom(custom) => custom(text, key.start, &mut spans),
        Find::Token(tokens) => spans.extend(tokens.iter().find_map(|t| token::read(bytes, key.clone(), t))),
        Find::Named(tokens) => spans.extend(token::named(bytes, key.clone(), tokens)),
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
