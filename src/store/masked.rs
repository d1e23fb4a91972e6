//! The audit of redaction: what was found in requests, without a byte of it.

use rusqlite::{Connection, params};

use super::{Store, StoreError};

/// Most rows of one request; the request's own row has the whole count.
const ROWS: usize = 2_000;

/// Something that was found in a request.
#[derive(Debug, Clone, PartialEq)]
pub struct MaskedRow {
    /// The request; one that was blocked has no other row.
    pub request_id: String,
    /// Milliseconds since 1970.
    pub at_ms: i64,
    /// The command.
    pub caller: String,
    /// The rule that found it.
    pub rule: String,
    /// What it is, for people.
    pub kind: String,
    /// `warn`, `redact` or `block`.
    pub action: String,
    /// 0 to 1.
    pub confidence: f64,
    /// `good`, `bad` or `none`.
    pub checksum: String,
    /// First byte in the text that held it.
    pub start: u64,
    /// First byte after it.
    pub end: u64,
    /// Keyed, 16 hexadecimal digits.
    pub fingerprint: String,
}

impl MaskedRow {
    fn insert(&self, c: &Connection, seq: usize) -> rusqlite::Result<()> {
        let whole = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
        c.prepare_cached(
            "INSERT OR REPLACE INTO masked (request_id, seq, at_ms, caller, rule, kind, action, confidence, checksum,
             start, stop, fingerprint) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
        )?
        .execute(params![
            self.request_id,
            i64::try_from(seq).unwrap_or(i64::MAX),
            self.at_ms,
            self.caller,
            self.rule,
            self.kind,
            self.action,
            self.confidence,
            self.checksum,
            whole(self.start),
            whole(self.end),
            self.fingerprint
        ])
        .map(drop)
    }
}

impl Store {
    /// Writes down in the background what was found in a request.
    pub fn masked(&self, mut rows: Vec<MaskedRow>) {
        rows.truncate(ROWS);
        if !rows.is_empty() {
            self.writer.later(move |c| rows.iter().enumerate().try_for_each(|(seq, row)| row.insert(c, seq)));
        }
    }

    /// What was found since then (milliseconds since 1970), the newest request first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn audit(&self, since_ms: i64) -> Result<Vec<MaskedRow>, StoreError> {
        self.writer.read(move |c| {
            let mut rows = c.prepare(
                "SELECT request_id, at_ms, caller, rule, kind, action, confidence, checksum, start, stop, fingerprint
                 FROM masked WHERE at_ms >= ?1 ORDER BY at_ms DESC, request_id, seq",
            )?;
            let whole = |n: i64| u64::try_from(n).unwrap_or(0);
            let row = |r: &rusqlite::Row<'_>| {
                Ok(MaskedRow {
                    request_id: r.get(0)?,
                    at_ms: r.get(1)?,
                    caller: r.get(2)?,
                    rule: r.get(3)?,
                    kind: r.get(4)?,
                    action: r.get(5)?,
                    confidence: r.get(6)?,
                    checksum: r.get(7)?,
                    start: whole(r.get(8)?),
                    end: whole(r.get(9)?),
                    fingerprint: r.get(10)?,
                })
            };
            rows.query_map([since_ms], row)?.collect()
        })
    }
}
