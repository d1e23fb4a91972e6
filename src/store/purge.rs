//! Forgetting: what is purged is gone from the file and from what SQLite keeps beside it.

use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{Connection, params};

use super::content::expire;
use super::history::left;
use super::{Store, StoreError};

/// Which requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Chosen {
    /// None: only content that is past its time.
    Expired,
    /// These, and the requests that belong to them.
    Ids(Vec<String>),
    /// Begun before, milliseconds since 1970.
    Before(i64),
    /// Every one.
    All,
}

/// What goes of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Depth {
    /// Content alone.
    Content,
    /// Content and trace; what was spent stays.
    Traces,
    /// The rows of the ledger too: sums change.
    Ledger,
}

/// How much there is to forget, or was forgotten.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Purged {
    /// Requests chosen.
    pub requests: u64,
    /// Parts of kept content, those past their time among them.
    pub parts: u64,
    /// Steps of traces.
    pub steps: u64,
    /// Rows of the ledger: attempts.
    pub attempts: u64,
    /// Rows of the audit: what was masked.
    pub masked: u64,
    /// Kept answers that commands would have used again, those past their time among them.
    pub cached: u64,
    /// Another process is reading, so SQLite still has a copy beside the file.
    pub lingers: bool,
}

const CHOSEN: &str = "SELECT id FROM request WHERE ?1 OR started_ms < ?2
    OR id IN (SELECT value FROM json_each(?3)) OR parent IN (SELECT value FROM json_each(?3))";

impl Store {
    /// What [`Self::purge`] would forget.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn purgeable(&self, chosen: &Chosen, depth: Depth) -> Result<Purged, StoreError> {
        let (chosen, now) = (chosen.clone(), self.clock.millis());
        self.writer.read(move |c| choice(c, &chosen, now, |c| count(c, depth, now)))
    }

    /// Forgets. A checkpoint follows, so that nothing of it stays in the write-ahead log.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn purge(&self, chosen: &Chosen, depth: Depth) -> Result<Purged, StoreError> {
        let (chosen, now) = (chosen.clone(), self.clock.millis());
        let place = Arc::new(Mutex::new(Purged::default()));
        let told = Arc::clone(&place);
        self.writer.now(move |c| {
            let gone = choice(c, &chosen, now, |c| {
                let gone = count(c, depth, now)?;
                forget(c, depth, now)?;
                Ok(gone)
            })?;
            *told.lock().unwrap_or_else(PoisonError::into_inner) = gone;
            Ok(())
        })?;
        let mut gone = *place.lock().unwrap_or_else(PoisonError::into_inner);
        gone.lingers = !self.writer.settle()?;
        Ok(gone)
    }
}

/// Runs `f` while the chosen ids stand in a table of this connection's own.
fn choice<T>(
    c: &Connection,
    chosen: &Chosen,
    now: i64,
    f: impl Fn(&Connection) -> rusqlite::Result<T>,
) -> rusqlite::Result<T> {
    let ids = if let Chosen::Ids(ids) = chosen { serde_json::to_string(ids).ok() } else { None };
    let before = if let Chosen::Before(at) = chosen { Some(*at) } else { None };
    // Left by a job whose group failed and that runs again.
    c.execute_batch("DROP TABLE IF EXISTS temp.chosen")?;
    c.execute_batch("CREATE TEMP TABLE chosen (id TEXT PRIMARY KEY) WITHOUT ROWID")?;
    c.execute(&format!("INSERT INTO temp.chosen {CHOSEN}"), params![*chosen == Chosen::All, before, ids])?;
    c.execute_batch("DROP TABLE IF EXISTS temp.unrecorded")?;
    c.execute_batch("CREATE TEMP TABLE unrecorded (id TEXT PRIMARY KEY) WITHOUT ROWID")?;
    c.execute(
        "INSERT INTO temp.unrecorded SELECT DISTINCT request_id FROM masked WHERE (?1 OR at_ms < ?2)
         AND request_id NOT IN (SELECT id FROM request)",
        params![*chosen == Chosen::All, before],
    )?;
    c.execute_batch("DROP TABLE IF EXISTS temp.time")?;
    c.execute_batch("CREATE TEMP TABLE time (before_ms INTEGER)")?;
    let time = if *chosen == Chosen::All { Some(i64::MAX) } else { before };
    c.execute("INSERT INTO temp.time VALUES (?1)", [time])?;
    // What runs is left alone: it would go on writing. What was killed will not.
    let mut open =
        c.prepare("SELECT id, process, started_ms FROM request JOIN temp.chosen USING (id) WHERE ended_ms IS NULL")?;
    let open: Vec<(String, Option<String>, i64)> =
        open.query_map([], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)))?.collect::<Result<_, _>>()?;
    for (id, process, started_ms) in open {
        if !left(process.as_deref(), started_ms, now) {
            c.execute("DELETE FROM temp.chosen WHERE id = ?1", [id])?;
        }
    }
    let out = f(c)?;
    c.execute_batch("DROP TABLE temp.chosen; DROP TABLE temp.unrecorded; DROP TABLE temp.time")?;
    Ok(out)
}

const OF_CHOSEN: &str = "request_id IN (SELECT id FROM temp.chosen)";
/// A request that was blocked has no row of its own; it belongs to those of its time.
const OF_MASKED: &str = "request_id IN (SELECT id FROM temp.chosen) OR request_id IN (SELECT id FROM temp.unrecorded)";

/// An answer goes with any of the calls that gave it, and with everything of its time.
const CACHED: &str = "made_ms < (SELECT before_ms FROM temp.time) OR EXISTS (SELECT 1 FROM json_each(
    '[\"' || replace(request_id, ' ', '\",\"') || '\"]') AS call JOIN temp.chosen ON temp.chosen.id = call.value)";

fn count(c: &Connection, depth: Depth, now: i64) -> rusqlite::Result<Purged> {
    let number = |sql: String| c.query_row(&sql, [], |r| r.get::<_, i64>(0)).map(|n| u64::try_from(n).unwrap_or(0));
    let of = |table: &str| number(format!("SELECT count(*) FROM {table} WHERE {OF_CHOSEN}"));
    Ok(Purged {
        requests: number("SELECT count(*) FROM temp.chosen".to_owned())?,
        parts: number(format!(
            "SELECT (SELECT count(*) FROM content WHERE kept_until_ms <= {now} OR {OF_CHOSEN})
                  + (SELECT count(*) FROM voices WHERE kept_until_ms <= {now} OR {OF_CHOSEN})"
        ))?,
        steps: if depth >= Depth::Traces { of("trace")? } else { 0 },
        attempts: if depth >= Depth::Ledger { of("attempt")? } else { 0 },
        masked: if depth >= Depth::Traces {
            number(format!("SELECT count(*) FROM masked WHERE {OF_MASKED}"))?
        } else {
            0
        },
        cached: number(format!("SELECT count(*) FROM cache WHERE kept_until_ms <= {now} OR {CACHED}"))?,
        lingers: false,
    })
}

fn forget(c: &Connection, depth: Depth, now: i64) -> rusqlite::Result<()> {
    expire(c, now)?;
    let from = |table: &str| c.execute(&format!("DELETE FROM {table} WHERE {OF_CHOSEN}"), []).map(drop);
    from("content")?;
    c.execute(&format!("DELETE FROM cache WHERE {CACHED}"), [])?;
    from("voices")?;
    if depth >= Depth::Traces {
        from("trace")?;
        c.execute(&format!("DELETE FROM masked WHERE {OF_MASKED}"), [])?;
    }
    if depth >= Depth::Ledger {
        from("attempt")?;
        from("replay")?;
        // Killed calls: what they may have cost counts against no budget any more.
        from("reserve")?;
        c.execute("DELETE FROM request WHERE id IN (SELECT id FROM temp.chosen)", [])?;
        // What only they told: repositories, branches and commits, and whose accounts those are.
        c.execute_batch(
            "DELETE FROM scene WHERE id NOT IN (SELECT scene FROM attempt WHERE scene IS NOT NULL)
                AND id NOT IN (SELECT scene FROM spent);
             DELETE FROM fact WHERE key GLOB 'organization:*'
                AND substr(key, 14) NOT IN (SELECT upstream || '/' || account FROM attempt);",
        )?;
    }
    Ok(())
}
