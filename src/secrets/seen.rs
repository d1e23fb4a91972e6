//! Values that were found earlier in a stream: they stay secrets, whatever stands round them later.

use std::collections::HashMap;

use zeroize::Zeroizing;

use super::heads::{HEAD, Heads};
use super::hit::Hit;
use super::value;

/// Values remembered, their bytes together, and values that begin alike.
const VALUES: usize = 4096;
const BYTES: usize = 256 * 1024;
const ALIKE: usize = 64;
/// Bits of the filter before the table.
const BITS: usize = 1 << 16;

/// What was found, to be found again at a nanosecond a byte.
#[derive(Default)]
pub(super) struct Seen {
    heads: Heads<BITS>,
    values: HashMap<[u8; HEAD], Vec<Value>>,
    count: usize,
    bytes: usize,
}

struct Value {
    text: Zeroizing<String>,
    hit: Hit,
}

impl Seen {
    /// Remembers the values that would be looked for in the rest of a text too.
    pub(super) fn remember(&mut self, text: &str, hit: &Hit) {
        let Some(secret) = text.get(hit.start..hit.end) else { return };
        let telling = hit.confidence >= 0.8 && (secret.len() >= 16 || value::random(secret));
        let Some(head) = secret.as_bytes().first_chunk::<HEAD>() else { return };
        if !telling || secret.contains('\n') || self.count >= VALUES || self.bytes + secret.len() > BYTES {
            return;
        }
        let alike = self.values.entry(*head).or_default();
        if alike.len() >= ALIKE || alike.iter().any(|v| v.text.as_str() == secret) {
            return;
        }
        // The longest first: a value may begin with another.
        let at = alike.partition_point(|v| v.text.len() >= secret.len());
        alike.insert(at, Value { text: Zeroizing::new(secret.to_owned()), hit: hit.clone() });
        (self.count, self.bytes) = (self.count + 1, self.bytes + secret.len());
        self.heads.add(head);
    }

    /// Adds to `hits` where remembered values stand.
    pub(super) fn find(&self, text: &str, hits: &mut Vec<Hit>) {
        if self.count == 0 {
            return;
        }
        let (bytes, mut at) = (text.as_bytes(), 0);
        while let Some(head) = bytes.get(at..).and_then(|b| b.first_chunk::<HEAD>()) {
            at += 1;
            if !self.heads.may(head) {
                continue;
            }
            let rest = bytes.get(at - 1..).unwrap_or_default();
            let alike = self.values.get(head).map(Vec::as_slice).unwrap_or_default();
            if let Some(value) = alike.iter().find(|v| rest.starts_with(v.text.as_bytes())) {
                hits.push(Hit { start: at - 1, end: at - 1 + value.text.len(), ..value.hit.clone() });
                at += value.text.len() - 1;
            }
        }
    }
}
