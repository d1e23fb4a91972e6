//! Places in the queues for cooling routes. A ticket carries the keys it waits for; the oldest one that waits for a key
//! goes first, whichever process it belongs to. Who is not heard of for a while has lost its place.

use std::collections::HashSet;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, params};
use sha2::{Digest, Sha256};

use super::cool::{CoolDown, millis};
use super::writer::Writer;
use super::{Store, StoreError};
use crate::world::{Clock, life};

/// Who still has a place at `?1` (ms). Who tries keeps it for longer: an answer may take its time to begin.
const HEARD: &str = "(beat_ms >= ?1 - (CASE running WHEN 1 THEN 600000 ELSE 10000 END) AND beat_ms <= ?1 + 300000)";

/// Keys for which somebody waits who came before `?2`, at `?1` (ms).
const AHEAD: &str = "SELECT DISTINCT key FROM ticket_key
     WHERE wants IN (
         SELECT wants FROM ticket
         WHERE running = 0 AND beat_ms >= ?1 - 10000 AND beat_ms <= ?1 + 300000 AND id < ?2)";
/// How many came before `?2`, and how many there are, among those who want one of its keys.
const PLACE: &str = "SELECT count(*) FILTER (WHERE running = 0 AND id < ?2), count(*) FROM ticket
     WHERE beat_ms >= ?1 - (CASE running WHEN 1 THEN 600000 ELSE 10000 END) AND beat_ms <= ?1 + 300000 AND wants IN (
         SELECT theirs.wants FROM ticket_key AS mine JOIN ticket_key AS theirs ON theirs.key = mine.key
         WHERE mine.wants = (SELECT wants FROM ticket WHERE id = ?2))";
/// Whether the one try of the cool-down `?3` is to be had by `?4`: nobody else had it since `?2`, and nobody who came
/// before waits for it. What lies in the future was written before the clock was set back, and counts for nothing.
const PROBE: &str = "SELECT EXISTS (SELECT 1 FROM cool_down
         WHERE key = ?3 AND (probe_ms IS NULL OR probe_ms <= ?2 OR probe_ms > ?1 + 300000
             OR (probe_ms < set_ms AND set_ms <= ?1 + 300000)))
     AND NOT EXISTS (SELECT 1 FROM ticket_key JOIN ticket USING (wants)
         WHERE key = ?3 AND running = 0 AND beat_ms >= ?1 - 10000 AND beat_ms <= ?1 + 300000 AND id < ?4)";
/// Everybody who has a place, one row a key.
const TICKETS: &str = "SELECT id, request_id, purpose, model, since_ms, beat_ms, wakes_ms, gives_up_ms, running, key
     FROM ticket LEFT JOIN ticket_key USING (wants)
     WHERE beat_ms >= ?1 - (CASE running WHEN 1 THEN 600000 ELSE 10000 END) AND beat_ms <= ?1 + 300000
     ORDER BY id, key";

/// A request that begins to wait.
#[derive(Debug, Clone)]
pub struct NewTicket {
    /// The request's id.
    pub request_id: String,
    /// Why it is made, one word.
    pub purpose: String,
    /// The model it asked for.
    pub model: String,
    /// What it waits for: it may go when one of these is free.
    pub keys: Vec<String>,
    /// When the first of them is expected to be, milliseconds since 1970.
    pub wakes_ms: Option<i64>,
    /// When it gives up, milliseconds since 1970.
    pub gives_up_ms: i64,
}

/// A request that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TicketRow {
    /// Its place: a smaller one came earlier.
    pub id: i64,
    /// The request's id.
    pub request_id: String,
    /// Why it is made, one word.
    pub purpose: String,
    /// The model it asked for.
    pub model: String,
    /// Since when, milliseconds since 1970.
    pub since_ms: i64,
    /// When its process was last heard of, milliseconds since 1970.
    pub beat_ms: i64,
    /// When its first key is expected to be free, milliseconds since 1970.
    pub wakes_ms: Option<i64>,
    /// When it gives up, milliseconds since 1970.
    pub gives_up_ms: i64,
    /// It tries now, and keeps its place in case that fails.
    pub running: bool,
    /// What it waits for.
    pub keys: Vec<String>,
}

/// What decides who may go now.
#[derive(Debug, Clone, Default)]
pub struct Traffic {
    /// Cool-downs, those too that have ended and through which nothing has come since.
    pub cool_downs: Vec<CoolDown>,
    /// Keys for which somebody waits who came before.
    pub ahead: HashSet<String>,
    /// How many wait for one of the same keys and came before.
    pub before: usize,
    /// How many have a place for one of the same keys, this one included.
    pub waiting: usize,
}

impl Traffic {
    /// Nothing cools and nobody waits: no time that passes changes that.
    fn is_idle(&self) -> bool {
        self.cool_downs.is_empty() && self.ahead.is_empty() && self.waiting == 0
    }
}

/// A place in the queue; given back when dropped.
pub struct Ticket {
    writer: Arc<Writer>,
    clock: Clock,
    id: i64,
    keys: Vec<String>,
}

impl Ticket {
    /// Its place.
    #[must_use]
    pub const fn id(&self) -> i64 {
        self.id
    }

    /// Says that its request is still there, and whether it tries now; written in the background.
    pub fn beat(&self, running: bool, wakes_ms: Option<i64>) {
        let (id, now) = (self.id, self.clock.millis());
        self.writer.later(move |c| {
            c.prepare_cached("UPDATE ticket SET beat_ms = ?2, running = ?3, wakes_ms = ?4 WHERE id = ?1")?
                .execute(params![id, now, running, wakes_ms])
                .map(drop)
        });
    }

    /// Waits for these keys from now on; written in the background.
    pub fn want(&mut self, keys: Vec<String>) {
        if keys != self.keys {
            let id = self.id;
            self.keys.clone_from(&keys);
            self.writer.later(move |c| {
                let wants = hold(c, &keys)?;
                c.prepare_cached("UPDATE ticket SET wants = ?2 WHERE id = ?1")?.execute(params![id, wants])?;
                forget(c)
            });
        }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let id = self.id;
        self.writer.later(move |c| leave(c, id));
    }
}

/// Keeps a set of keys once, whoever wants it, and gives its name.
fn hold(c: &Connection, keys: &[String]) -> rusqlite::Result<String> {
    let mut hash = Sha256::new();
    keys.iter().for_each(|key| hash.update([key.as_bytes(), &[0]].concat()));
    let wants: String = hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    let mut insert = c.prepare_cached("INSERT OR IGNORE INTO ticket_key (wants, key) VALUES (?1, ?2)")?;
    keys.iter().try_for_each(|key| insert.execute(params![wants, key]).map(drop))?;
    Ok(wants)
}

/// Drops sets that nobody wants any more.
fn forget(c: &Connection) -> rusqlite::Result<()> {
    c.prepare_cached("DELETE FROM ticket_key WHERE wants NOT IN (SELECT wants FROM ticket)")?.execute([]).map(drop)
}

fn leave(c: &Connection, id: i64) -> rusqlite::Result<()> {
    c.prepare_cached("DELETE FROM ticket WHERE id = ?1")?.execute([id])?;
    forget(c)
}

/// The one try that some cool-downs allow. Given back when dropped, so that whoever left, or failed by something else
/// than the limit, is in nobody's way; where the try has ended or renewed the cool-down there is nothing to give back.
pub struct Probe {
    writer: Arc<Writer>,
    keys: Vec<String>,
    at: i64,
}

impl Probe {
    /// Whose try it is.
    #[must_use]
    pub fn keys(&self) -> &[String] {
        &self.keys
    }
}

impl Drop for Probe {
    fn drop(&mut self) {
        let (keys, at) = (std::mem::take(&mut self.keys), self.at);
        self.writer.later(move |c| {
            let mut back = c.prepare_cached("UPDATE cool_down SET probe_ms = NULL WHERE key = ?1 AND probe_ms = ?2")?;
            keys.iter().try_for_each(|key| back.execute(params![key, at]).map(drop))
        });
    }
}

/// Whether a place was to be had.
pub enum Queued {
    /// Yes.
    In(Ticket),
    /// No: so many wait already for one of the same keys.
    Full(usize),
}

impl Store {
    /// Takes a place behind everybody who waits for one of the same keys, if fewer than `most` do.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn queue(&self, new: NewTicket, most: usize) -> Result<Queued, StoreError> {
        let now = self.clock.millis();
        // A job whose group fails runs again: the last answer counts.
        let keys = new.keys.clone();
        let answer = Arc::new((AtomicI64::new(0), Mutex::new(None)));
        let told = Arc::clone(&answer);
        self.writer.now(move |c| {
            c.prepare_cached(&format!("DELETE FROM ticket WHERE NOT {HEARD}"))?.execute([now])?;
            let wants = hold(c, &new.keys)?;
            let waiting: i64 = c
                .prepare_cached(
                    "SELECT count(*) FROM ticket WHERE wants IN (
                         SELECT theirs.wants FROM ticket_key AS mine JOIN ticket_key AS theirs ON theirs.key = mine.key
                         WHERE mine.wants = ?1)",
                )?
                .query_row([&wants], |r| r.get(0))?;
            let waiting = usize::try_from(waiting).unwrap_or(0);
            if waiting >= most {
                *told.1.lock().unwrap_or_else(PoisonError::into_inner) = Some(waiting);
                return forget(c);
            }
            *told.1.lock().unwrap_or_else(PoisonError::into_inner) = None;
            c.prepare_cached(
                "INSERT INTO ticket (request_id, purpose, model, since_ms, beat_ms, wakes_ms, gives_up_ms, wants, process)
                 VALUES (?1, ?2, ?3, ?4, ?4, ?5, ?6, ?7, ?8)",
            )?
            .execute(params![new.request_id, new.purpose, new.model, now, new.wakes_ms, new.gives_up_ms, wants, life::own()])?;
            let id = c.last_insert_rowid();
            told.0.store(id, Ordering::SeqCst);
            Ok(())
        })?;
        let full = answer.1.lock().unwrap_or_else(PoisonError::into_inner).take();
        Ok(match full {
            Some(waiting) => Queued::Full(waiting),
            None => Queued::In(Ticket {
                writer: Arc::clone(&self.writer),
                clock: self.clock.clone(),
                id: answer.0.load(Ordering::SeqCst),
                keys,
            }),
        })
    }

    /// Takes the one try that each of these cool-downs allows, all or none: `None` when another request has had one,
    /// less than `stale` ago, or when an older ticket than `ticket` waits for one (without a ticket, any).
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn probe(&self, keys: &[String], ticket: Option<i64>, stale: Duration) -> Result<Option<Probe>, StoreError> {
        let (keys, now) = (keys.to_vec(), self.clock.millis());
        let (wanted, stale) = (keys.clone(), now - millis(stale));
        // A job whose group fails runs again: the last answer counts.
        let taken = Arc::new(AtomicI64::new(0));
        let told = Arc::clone(&taken);
        self.writer.now(move |c| {
            told.store(0, Ordering::SeqCst);
            for key in &keys {
                let free: bool = c
                    .prepare_cached(PROBE)?
                    .query_row(params![now, stale, key, ticket.unwrap_or(i64::MAX)], |r| r.get(0))?;
                if !free {
                    return Ok(());
                }
            }
            for key in &keys {
                c.prepare_cached("UPDATE cool_down SET probe_ms = ?2 WHERE key = ?1")?.execute(params![key, now])?;
            }
            told.store(1, Ordering::SeqCst);
            Ok(())
        })?;
        let probe = || Probe { writer: Arc::clone(&self.writer), keys: wanted, at: now };
        Ok((taken.load(Ordering::SeqCst) == 1).then(probe))
    }

    /// Who cools down and who waits, at one moment, as it concerns the request with this ticket (`None` = a new one).
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn traffic(&self, ticket: Option<i64>) -> Result<Traffic, StoreError> {
        if ticket.is_none()
            && let Some(traffic) = self.still(|lately| &mut lately.traffic, Traffic::is_idle)
        {
            return Ok(traffic);
        }
        let seen = self.seen();
        let now = self.clock.millis();
        let mine = ticket.unwrap_or(i64::MAX);
        let (out, others) = self.writer.glance(move |c| {
            let mut out = Traffic { cool_downs: super::cool::all(c, now)?, ..Traffic::default() };
            // Nearly always nobody waits.
            if !c.prepare_cached("SELECT EXISTS (SELECT 1 FROM ticket)")?.query_row([], |r| r.get::<_, bool>(0))? {
                return Ok((out, Vec::new()));
            }
            let mut ahead = c.prepare_cached(AHEAD)?;
            out.ahead = ahead.query_map(params![now, mine], |r| r.get(0))?.collect::<Result<_, _>>()?;
            let count = |n: i64| usize::try_from(n).unwrap_or(0);
            (out.before, out.waiting) =
                c.prepare_cached(PLACE)?.query_row(params![now, mine], |r| Ok((count(r.get(0)?), count(r.get(1)?))))?;
            let mut others: Vec<String> = Vec::new();
            if !out.ahead.is_empty() {
                let mut rows = c.prepare_cached("SELECT DISTINCT process FROM ticket WHERE process IS NOT NULL")?;
                others = rows.query_map([], |r| r.get(0))?.collect::<Result<_, _>>()?;
            }
            Ok((out, others))
        })?;
        // Whose process is gone stands in nobody's way: the next look finds it gone.
        for gone in others.into_iter().filter(|who| life::runs(who) == Some(false)) {
            self.writer.later(move |c| {
                c.execute("DELETE FROM ticket WHERE process = ?1", [&gone])?;
                forget(c)
            });
        }
        if ticket.is_none() {
            self.lately.lock().unwrap_or_else(PoisonError::into_inner).traffic = Some((seen, out.clone()));
        }
        Ok(out)
    }

    /// Requests that wait for cooling routes, of all processes, the oldest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn tickets(&self) -> Result<Vec<TicketRow>, StoreError> {
        let now = self.clock.millis();
        self.writer.read(move |c| tickets(c, now))
    }
}

fn tickets(c: &Connection, now: i64) -> rusqlite::Result<Vec<TicketRow>> {
    let mut found = c.prepare_cached(TICKETS)?;
    let mut rows = found.query([now])?;
    let mut out: Vec<TicketRow> = Vec::new();
    while let Some(r) = rows.next()? {
        let (id, key) = (r.get(0)?, r.get::<_, Option<String>>(9)?);
        if out.last().is_none_or(|last| last.id != id) {
            out.push(TicketRow {
                id,
                request_id: r.get(1)?,
                purpose: r.get(2)?,
                model: r.get(3)?,
                since_ms: r.get(4)?,
                beat_ms: r.get(5)?,
                wakes_ms: r.get(6)?,
                gives_up_ms: r.get(7)?,
                running: r.get(8)?,
                keys: Vec::new(),
            });
        }
        if let (Some(last), Some(key)) = (out.last_mut(), key) {
            last.keys.push(key);
        }
    }
    Ok(out)
}
