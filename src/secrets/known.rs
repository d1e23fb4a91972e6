//! Values that are secret because we hold them: masked wherever they stand, whatever surrounds them, also
//! percent-encoded, JSON-escaped, in hexadecimal or in base64.

use std::collections::{BTreeSet, HashSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use base64::Engine;

use super::digits::{STANDARD, URL_SAFE};
use super::grams::Grams;
use crate::model::{Secret, hex};

/// Shorter values would mask ordinary words.
pub const KNOWN_MIN: usize = 6;

/// A credential of the user's and what to call it.
#[derive(Debug, Clone)]
pub struct Known {
    label: Arc<str>,
    value: Secret,
}

impl Known {
    /// `label` is for the user alone (`openai/work`); it never reaches a placeholder.
    #[must_use]
    pub fn new(label: &str, value: Secret) -> Self {
        Self { label: Arc::from(label), value }
    }
}

impl From<Secret> for Known {
    fn from(value: Secret) -> Self {
        Self::new("credential", value)
    }
}

/// Every form of every known value, ready to be searched.
#[derive(Clone, Default)]
pub(super) struct Book {
    values: Vec<Known>,
    /// By the place of the value a form belongs to.
    forms: Grams,
}

impl Book {
    pub(super) fn new(values: Vec<Known>) -> Self {
        let forms: Vec<(usize, String)> = values
            .iter()
            .enumerate()
            .flat_map(|(at, known)| encodings(known.value.expose().trim()).into_iter().map(move |form| (at, form)))
            .collect();
        let forms = Grams::new(forms.iter().map(|(at, form)| (*at, form.as_str(), true)));
        Self { values, forms }
    }

    /// This book and values more; `None` when they are all there.
    pub(super) fn with(&self, known: Vec<Known>) -> Option<Self> {
        let there: HashSet<&str> = self.values.iter().map(|known| known.value.expose()).collect();
        let more: Vec<Known> = known.into_iter().filter(|known| !there.contains(known.value.expose())).collect();
        (!more.is_empty()).then(|| Self::new(self.values.iter().cloned().chain(more).collect()))
    }

    /// Calls `found` with each place and label.
    pub(super) fn find(&self, text: &str, mut found: impl FnMut(usize, usize, Arc<str>)) {
        self.forms.each(text.as_bytes(), |at, start, end| {
            if let Some(known) = self.values.get(at) {
                found(start, end, Arc::clone(&known.label));
            }
        });
    }
}

/// What is known now, for all who look for it: whatever one of them learns, the others know.
#[derive(Default)]
pub(super) struct Learned {
    book: RwLock<Arc<Book>>,
    /// How often something was learned.
    age: AtomicUsize,
}

impl Learned {
    pub(super) fn new(values: Vec<Known>) -> Self {
        Self { book: RwLock::new(Arc::new(Book::new(values))), age: AtomicUsize::new(0) }
    }

    /// As it is at this moment.
    pub(super) fn book(&self) -> Arc<Book> {
        Arc::clone(&self.book.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn add(&self, known: Vec<Known>) {
        let mut book = self.book.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(more) = book.with(known) {
            *book = Arc::new(more);
            self.age.fetch_add(1, Ordering::Release);
        }
    }

    pub(super) fn age(&self) -> usize {
        self.age.load(Ordering::Acquire)
    }
}

fn encodings(value: &str) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    if value.len() < KNOWN_MIN {
        return out;
    }
    out.insert(value.to_owned());
    // A form with `/` alone escaped, as many programs do, and one with everything but word characters escaped.
    for keep in ["-._~", "-._~/", "-._~!$&'()*+,;=:@/"] {
        let upper = percent(value, keep);
        out.insert(upper.replace('%', "%25"));
        out.insert(lower_escapes(&upper));
        out.insert(upper);
    }
    if let Ok(json) = serde_json::to_string(value) {
        let once = json.trim_matches('"').to_owned();
        if let Ok(twice) = serde_json::to_string(&once) {
            out.insert(twice.trim_matches('"').to_owned());
        }
        out.insert(once.replace('/', "\\/"));
        out.insert(once);
    }
    let hex = hex(value.as_bytes());
    out.insert(hex.to_uppercase());
    out.insert(hex);
    for engine in [STANDARD, URL_SAFE] {
        // Inside a longer text the value may begin at any of three positions; only the characters that depend
        // on it alone are searched.
        for shift in 0..3 {
            let padded = [vec![0u8; shift], value.as_bytes().to_vec()].concat();
            let text = engine.encode(&padded);
            let first = (shift * 8).div_ceil(6);
            let last = padded.len() * 8 / 6;
            if let Some(core) = text.get(first..last).filter(|c| c.len() >= 8) {
                out.insert(core.to_owned());
            }
        }
    }
    out
}

fn percent(value: &str, keep: &str) -> String {
    value.bytes().fold(String::new(), |mut s, b| {
        if b.is_ascii_alphanumeric() || keep.as_bytes().contains(&b) {
            s.push(char::from(b));
        } else {
            s.push_str(&format!("%{b:02X}"));
        }
        s
    })
}

fn lower_escapes(text: &str) -> String {
    let mut left = 0;
    text.chars()
        .map(|c| {
            if c == '%' {
                left = 2;
                return c;
            }
            let inside = left > 0;
            left = if inside { left - 1 } else { 0 };
            if inside { c.to_ascii_lowercase() } else { c }
        })
        .collect()
}
