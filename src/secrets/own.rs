//! The user's own rules: a literal, a pattern, or both. Patterns match in linear time, are limited in size, and run only
//! where their literal stands, unless the user says that slowness is accepted.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use regex::{Regex, RegexBuilder};

use super::engine::Found;
use super::grams::Grams;
use super::value;

/// Most rules.
const RULES: usize = 200;
/// The longest match of a pattern, and how far round its literal it is looked for (bytes).
const REACH: usize = 4096;
/// What a compiled pattern may take (bytes).
const SIZE: usize = 1 << 20;
/// Tags of placeholders are 2 to 12 lower-case letters or digits.
const TAG: usize = 12;

/// A rule as the user wrote it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct OwnRule {
    /// Its name: `acme-token`.
    pub name: String,
    /// A text that stands in or near every match; alone, it is itself what is masked.
    pub literal: Option<String>,
    /// A regular expression.
    pub pattern: Option<String>,
    /// Which group is the secret; `None` = the first, if there is one, else the whole match.
    pub group: Option<usize>,
    /// Least bits of entropy in a character of it.
    pub min_entropy: Option<f64>,
    /// What it is, for people; `None` = its name.
    pub kind: Option<String>,
    /// The pattern may run over everything.
    pub slow: bool,
}

struct Rule {
    name: &'static str,
    kind: &'static str,
    tag: &'static str,
    pattern: Option<Regex>,
    group: usize,
    min_entropy: f64,
    /// The pattern runs only round the literal.
    near: bool,
}

/// The user's rules, ready to be used.
#[derive(Default)]
pub struct Own {
    rules: Vec<Rule>,
    /// By the place of the rule a literal belongs to.
    words: Grams,
}

impl std::fmt::Debug for Own {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.rules.iter().map(|r| r.name)).finish()
    }
}

impl Own {
    /// Checks and compiles rules.
    ///
    /// # Errors
    /// For each rule that cannot hold: its place in the list, and one sentence why.
    pub fn new(rules: &[OwnRule]) -> Result<Self, Vec<(usize, String)>> {
        if rules.is_empty() {
            return Ok(Self::default());
        }
        let (mut out, mut words, mut wrong) = (Vec::new(), Vec::new(), Vec::new());
        let taken = super::policy::kinds();
        let mut names = BTreeSet::new();
        for (at, rule) in rules.iter().enumerate() {
            let named = if taken.contains(rule.name.as_str()) || !names.insert(rule.name.as_str()) {
                Err(format!("the name \"{}\" is taken", rule.name))
            } else if at >= RULES {
                Err(format!("there may be {RULES} rules"))
            } else {
                Ok(())
            };
            match named.and_then(|()| compile(rule)) {
                Ok(made) => {
                    if let Some(literal) = rule.literal.clone() {
                        words.push((out.len(), literal));
                    }
                    out.push(made);
                }
                Err(what) => wrong.push((at, what)),
            }
        }
        if !wrong.is_empty() {
            return Err(wrong);
        }
        let words = Grams::new(words.iter().map(|(at, literal)| (*at, literal.as_str(), true)));
        Ok(Self { rules: out, words })
    }

    /// Name, kind and word of each.
    pub(super) fn names(&self) -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
        self.rules.iter().map(|r| (r.name, r.kind, r.tag))
    }

    /// What they find.
    pub(super) fn find(&self, text: &str, found: &mut Vec<Found>) {
        if self.rules.is_empty() {
            return;
        }
        let mut places: Vec<Vec<Range<usize>>> = vec![Vec::new(); self.rules.len()];
        self.words.each(text.as_bytes(), |at, start, end| {
            if let Some(places) = places.get_mut(at) {
                places.push(start..end);
            }
        });
        for (rule, places) in self.rules.iter().zip(places) {
            match &rule.pattern {
                None => found.extend(places.into_iter().map(|span| rule.found(span))),
                Some(pattern) if rule.near => {
                    around(text, &places).into_iter().for_each(|part| rule.look(text, pattern, part, found));
                }
                Some(pattern) => rule.look(text, pattern, 0..text.len(), found),
            }
        }
    }
}

impl Rule {
    fn found(&self, span: Range<usize>) -> Found {
        let (kind, rule, tag) = (self.kind, self.name, self.tag);
        Found { span, kind, rule, tag, confidence: 1.0, checksum: false, label: None }
    }

    /// In overlapping pieces: looking for all matches of one pattern can take quadratic time in the length of what it is
    /// given, and a piece is short.
    fn look(&self, text: &str, pattern: &Regex, part: Range<usize>, found: &mut Vec<Found>) {
        let mut from = part.start;
        loop {
            let to = text.floor_char_boundary((from + 2 * REACH).min(part.end));
            self.piece(text, pattern, from..to, found);
            if to >= part.end {
                break;
            }
            from = text.floor_char_boundary(from + REACH);
        }
    }

    fn piece(&self, text: &str, pattern: &Regex, piece: Range<usize>, found: &mut Vec<Found>) {
        let Some(part) = text.get(piece.clone()) else { return };
        for groups in pattern.captures_iter(part) {
            let Some(secret) = groups.get(self.group).filter(|m| !m.is_empty()) else { continue };
            if self.min_entropy > 0.0 && value::entropy(secret.as_str()) < self.min_entropy {
                continue;
            }
            found.push(self.found(piece.start + secret.start()..piece.start + secret.end()));
        }
    }
}

/// What lies round the places, each byte once.
fn around(text: &str, places: &[Range<usize>]) -> Vec<Range<usize>> {
    let mut out: Vec<Range<usize>> = Vec::new();
    for place in places {
        let from = text.floor_char_boundary(place.start.saturating_sub(REACH));
        let to = text.floor_char_boundary((place.end + REACH).min(text.len()));
        match out.last_mut() {
            Some(last) if from <= last.end => last.end = last.end.max(to),
            _ => out.push(from..to),
        }
    }
    out
}

fn compile(rule: &OwnRule) -> Result<Rule, String> {
    let name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if !(2..=40).contains(&rule.name.len()) || !rule.name.chars().all(name) {
        return Err("its name takes 2 to 40 lower-case letters, digits and dashes".to_owned());
    }
    let said = |what: &str| format!("{}: {what}", rule.name);
    if rule.literal.as_ref().is_some_and(|l| l.trim().len() < 3) {
        return Err(said("a literal of fewer than three characters would mask ordinary text"));
    }
    let pattern = match &rule.pattern {
        None if rule.literal.is_none() => return Err(said("it needs a literal, a pattern, or both")),
        None => None,
        Some(_) if rule.literal.is_none() && !rule.slow => {
            return Err(said(
                "a pattern without a literal runs over every byte that is sent; give it a literal that stands near \
                 every match, or accept that with slow = true",
            ));
        }
        Some(pattern) => Some(regex(pattern).map_err(|what| said(&what))?),
    };
    let groups = pattern.as_ref().map_or(1, Regex::captures_len);
    let group = rule.group.unwrap_or(usize::from(groups > 1));
    if group >= groups {
        return Err(said(&format!("it has no group {group}")));
    }
    if rule.min_entropy.is_some_and(|bits| !(0.0..=8.0).contains(&bits)) {
        return Err(said("min_entropy is a number of bits from 0 to 8"));
    }
    let tag: String = rule.name.chars().filter(char::is_ascii_alphanumeric).take(TAG).collect();
    let kind = rule.kind.as_deref().map(str::trim).filter(|k| !k.is_empty()).unwrap_or(&rule.name);
    Ok(Rule {
        name: lasting(&rule.name),
        kind: lasting(kind),
        tag: lasting(if tag.len() < 2 { "own" } else { &tag }),
        pattern,
        group,
        min_entropy: rule.min_entropy.unwrap_or(0.0),
        near: rule.literal.is_some(),
    })
}

fn regex(pattern: &str) -> Result<Regex, String> {
    let built = RegexBuilder::new(pattern).size_limit(SIZE).dfa_size_limit(SIZE).nest_limit(50).build();
    let regex = built.map_err(|error| match error {
        regex::Error::CompiledTooBig(limit) => {
            format!("its pattern is too large: it would take more than {limit} bytes")
        }
        regex::Error::Syntax(text) => {
            // The parser draws the pattern and what is wrong with it; the last line says it.
            let what = text.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
            format!("its pattern cannot be read: {what}")
        }
        other => format!("its pattern cannot be used: {other}"),
    })?;
    if ["", "a", " ", "a b\n"].iter().any(|text| regex.find_iter(text).any(|m| m.is_empty())) {
        return Err("its pattern matches the empty text".to_owned());
    }
    Ok(regex)
}

/// Names of rules live as long as the program: the same name takes its place once.
fn lasting(text: &str) -> &'static str {
    static NAMES: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
    let mut names = NAMES.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(name) = names.get(text) {
        return name;
    }
    let name: &'static str = Box::leak(text.to_owned().into_boxed_str());
    names.insert(name);
    name
}

/// The values of an environment file that are worth masking wherever they stand, each with its name. What is plainly a
/// word, a number or a path is left out, unless its name says that it is secret; such a one may be shorter than what can
/// be masked.
#[must_use]
pub fn env_values(text: &str) -> Vec<(Arc<str>, String)> {
    let mut out = Vec::new();
    for line in text.lines() {
        let line = line.trim().strip_prefix("export ").unwrap_or(line.trim());
        if line.starts_with('#') {
            continue;
        }
        let Some((name, value)) = line.split_once('=') else { continue };
        let (name, value) = (name.trim(), value.trim());
        let quoted = |mark: char| {
            let inner = value.strip_prefix(mark)?;
            inner.rfind(mark).and_then(|end| inner.get(..end))
        };
        let bare = || value.split(" #").next().unwrap_or(value).trim_end();
        let value = quoted('"').or_else(|| quoted('\'')).unwrap_or_else(bare);
        let telling = super::names::weigh(name).is_some();
        let plain = |value: &str| {
            let word = value.bytes().all(|b| b.is_ascii_alphabetic() || matches!(b, b'-' | b'_' | b'.'));
            let number = value.bytes().all(|b| b.is_ascii_digit() || b"._-:".contains(&b));
            word || number || value.starts_with(['/', '.', '~'])
        };
        if !value.is_empty() && (telling || (value.len() >= super::KNOWN_MIN && !plain(value))) {
            out.push((Arc::from(name), value.to_owned()));
        }
    }
    out
}
