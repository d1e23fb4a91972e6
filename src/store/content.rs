//! Kept content: sealed before it comes here, so that the store holds nothing that it could read.

use std::collections::HashSet;

use rusqlite::{Connection, params};

use super::trace::TraceRow;
use super::writer::Gone;
use super::{Store, StoreError, kept};

/// Which side of the conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// What was asked.
    Request,
    /// What came back.
    Answer,
    /// What had come when the answer broke off.
    Partial,
}

impl Part {
    /// One word.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Answer => "answer",
            Self::Partial => "partial",
        }
    }

    fn parse(name: &str) -> Option<Self> {
        [Self::Request, Self::Answer, Self::Partial].into_iter().find(|p| p.name() == name)
    }
}

/// Seals when it is called, on the writer's thread; gives the size of the clear text and the sealed bytes, or half a
/// sentence why not.
pub type Seal = Box<dyn Fn() -> Result<(usize, Vec<u8>), String> + Send>;

/// Content to keep.
pub struct NewContent {
    /// The request.
    pub request_id: String,
    /// Which part of it.
    pub part: Part,
    /// Milliseconds since 1970.
    pub made_ms: i64,
    /// How long (milliseconds). It is this content's own end: what another call wants to be kept is no matter of it.
    pub keep_ms: i64,
    /// Makes the sealed bytes.
    pub seal: Seal,
}

/// Content that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContentRow {
    /// Which part.
    pub part: Part,
    /// Milliseconds since 1970.
    pub made_ms: i64,
    /// Milliseconds since 1970.
    pub kept_until_ms: i64,
    /// Size of the clear text.
    pub bytes: u64,
    /// As it lies there.
    pub sealed: Vec<u8>,
}

impl NewContent {
    fn insert(&self, c: &Connection, gone: &Gone) -> rusqlite::Result<()> {
        gone.tell(expire(c, self.made_ms)?);
        // What was purged while it waited here stays forgotten.
        if !c.prepare_cached("SELECT 1 FROM request WHERE id = ?1")?.exists([&self.request_id])? {
            return Ok(());
        }
        match (self.seal)() {
            Ok((bytes, sealed)) => c
                .prepare_cached(
                    "INSERT OR REPLACE INTO content (request_id, part, made_ms, kept_until_ms, bytes, sealed)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                )?
                .execute(params![
                    self.request_id,
                    self.part.name(),
                    self.made_ms,
                    self.made_ms.saturating_add(self.keep_ms),
                    i64::try_from(bytes).unwrap_or(i64::MAX),
                    sealed
                ])
                .map(drop),
            Err(why) => {
                let next = "SELECT coalesce(max(seq), -1) + 1 FROM trace WHERE request_id = ?1";
                let seq = c.query_row(next, [&self.request_id], |r| r.get(0))?;
                let said = Some(format!("the {} is not kept: {why}", self.part.name()));
                let row = TraceRow { at_ms: self.made_ms, step: "note".to_owned(), said, ..TraceRow::default() };
                row.insert(c, &self.request_id, seq)
            }
        }
    }
}

/// Takes away what is past its time. How many.
pub(super) fn expire(c: &Connection, now_ms: i64) -> rusqlite::Result<usize> {
    let others = super::cache::expire(c, now_ms)? + kept::expire(c, now_ms)?;
    Ok(others + c.prepare_cached("DELETE FROM content WHERE kept_until_ms <= ?1")?.execute([now_ms])?)
}

impl Store {
    /// Seals and keeps content in the background, and takes away what is past its time. A failure leaves a step in the
    /// request's trace.
    pub fn keep(&self, content: NewContent) {
        let gone = self.writer.gone();
        self.writer.later(move |c| content.insert(c, &gone));
    }

    /// Takes away content that is past its time, in the background.
    pub fn expire(&self) {
        let (now, gone) = (self.clock.millis(), self.writer.gone());
        self.writer.later(move |c| expire(c, now).map(|rows| gone.tell(rows)));
    }

    /// The requests of which something is kept that is not past its time.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn holding(&self) -> Result<HashSet<String>, StoreError> {
        let now = self.clock.millis();
        self.writer.read(move |c| {
            let mut rows = c.prepare("SELECT DISTINCT request_id FROM content WHERE kept_until_ms > ?1")?;
            rows.query_map([now], |r| r.get(0))?.collect()
        })
    }

    /// What is kept of a request and not past its time.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn content(&self, request: &str) -> Result<Vec<ContentRow>, StoreError> {
        let (request, now) = (request.to_owned(), self.clock.millis());
        self.writer.read(move |c| {
            let mut rows = c.prepare(
                "SELECT part, made_ms, kept_until_ms, bytes, sealed FROM content
                 WHERE request_id = ?1 AND kept_until_ms > ?2 ORDER BY part DESC",
            )?;
            let found = rows.query_map(params![request, now], |r| {
                Ok(Part::parse(&r.get::<_, String>(0)?).map(|part| (part, r.get(1), r.get(2), r.get(3), r.get(4))))
            })?;
            let mut out = Vec::new();
            for row in found {
                // A part that a newer monster wrote is nothing we could read.
                if let Some((part, made_ms, kept_until_ms, bytes, sealed)) = row? {
                    let bytes = u64::try_from(bytes.map(|n: i64| n)?).unwrap_or(0);
                    out.push(ContentRow {
                        part,
                        made_ms: made_ms?,
                        kept_until_ms: kept_until_ms?,
                        bytes,
                        sealed: sealed?,
                    });
                }
            }
            Ok(out)
        })
    }
}
