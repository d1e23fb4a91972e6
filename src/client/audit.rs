//! What the audit keeps of what was found in a request: never a byte of it.

use crate::secrets::{Hit, checksum};
use crate::store::MaskedRow;

/// A row for each.
pub(super) fn rows(id: &str, caller: &str, at_ms: i64, hits: &[Hit]) -> Vec<MaskedRow> {
    let whole = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
    let row = |hit: &Hit| MaskedRow {
        request_id: id.to_owned(),
        at_ms,
        caller: caller.to_owned(),
        rule: hit.rule.to_owned(),
        kind: hit.kind.to_owned(),
        action: hit.mode.name().to_owned(),
        confidence: hit.confidence,
        checksum: checksum(hit).to_owned(),
        start: whole(hit.start),
        end: whole(hit.end),
        fingerprint: hit.fingerprint.iter().take(8).map(|b| format!("{b:02x}")).collect(),
    };
    hits.iter().map(row).collect()
}
