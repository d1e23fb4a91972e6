//! A value found once is a secret everywhere in the same text, whatever stands round it elsewhere.

use std::collections::HashMap;
use std::ops::Range;

use super::engine::Found;
use super::heads::{HEAD, Heads};
use super::value;

/// So many values are looked for one by one.
const FEW: usize = 12;
/// Bits of the filter before the table.
const BITS: usize = 1 << 18;
/// Bytes that are compared for each byte of the text, at most: values that begin alike for long, in a text that does
/// nothing else, end the search.
const COMPARED: usize = 64;

/// Adds to `found` where its values stand once more.
pub(super) fn repeated(text: &str, found: &mut Vec<Found>) {
    let mut values: Vec<(&str, usize)> = Vec::new();
    for (at, f) in found.iter().enumerate() {
        let Some(secret) = text.get(f.span.clone()) else { continue };
        let telling = secret.len() >= HEAD && f.confidence >= 0.8 && (secret.len() >= 16 || value::random(secret));
        if telling && !secret.contains('\n') {
            values.push((secret, at));
        }
    }
    values.sort_by(|a, b| a.0.cmp(b.0));
    values.dedup_by(|a, b| a.0 == b.0);
    let mut again: Vec<Found> = Vec::new();
    let mut add = |at: usize, span: Range<usize>| {
        if let Some(f) = found.get(at).filter(|f| f.span != span) {
            again.push(Found { span, ..f.clone() });
        }
    };
    if values.len() <= FEW {
        for (value, f) in &values {
            memchr::memmem::find_iter(text.as_bytes(), value).for_each(|at| add(*f, at..at + value.len()));
        }
    } else {
        Many::new(&values).each(text.as_bytes(), add);
    }
    found.extend(again);
}

/// Values by their first bytes.
struct Many<'v, 't> {
    /// Sorted: those that begin alike stand together, and each before those that begin with it.
    values: &'v [(&'t str, usize)],
    begins: HashMap<[u8; HEAD], Range<usize>>,
    heads: Heads<BITS>,
    /// For each value the longest other one that it begins with.
    within: Vec<Option<usize>>,
}

impl<'v, 't> Many<'v, 't> {
    fn new(values: &'v [(&'t str, usize)]) -> Self {
        let mut begins: HashMap<[u8; HEAD], Range<usize>> = HashMap::new();
        let (mut heads, mut within, mut open) = (Heads::default(), Vec::new(), Vec::<(usize, &str)>::new());
        for (at, (value, _)) in values.iter().enumerate() {
            while open.last().is_some_and(|(_, outer)| !value.starts_with(outer)) {
                open.pop();
            }
            within.push(open.last().map(|(outer, _)| *outer));
            open.push((at, *value));
            let Some(head) = value.as_bytes().first_chunk::<HEAD>() else { continue };
            begins.entry(*head).or_insert(at..at).end = at + 1;
            heads.add(head);
        }
        Self { values, begins, heads, within }
    }

    /// Calls `found` with the longest value at every place where one stands.
    fn each(&self, text: &[u8], mut found: impl FnMut(usize, Range<usize>)) {
        let mut left = text.len().saturating_mul(COMPARED);
        for (start, head) in text.windows(HEAD).enumerate() {
            let Some(head) = head.first_chunk::<HEAD>() else { continue };
            if !self.heads.may(head) {
                continue;
            }
            let Some(alike) = self.begins.get(head) else { continue };
            let rest = text.get(start..).unwrap_or_default();
            let values = self.values.get(alike.clone()).unwrap_or_default();
            // What the rest begins with stands before it in the order.
            let mut steps = usize::try_from(values.len().ilog2()).unwrap_or(0);
            let mut next = (alike.start + values.partition_point(|(value, _)| value.as_bytes() <= rest)).checked_sub(1);
            while let Some(at) = next.filter(|at| alike.contains(at))
                && let Some((value, f)) = self.values.get(at)
            {
                left = left.saturating_sub((steps + 1) * value.len());
                if left == 0 {
                    return;
                }
                if rest.starts_with(value.as_bytes()) {
                    found(*f, start..start + value.len());
                    break;
                }
                (steps, next) = (0, self.within.get(at).copied().flatten());
            }
        }
    }
}
