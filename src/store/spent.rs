//! Sums of the ledger, out of the quarters of an hour that the schema's triggers keep (`steps/ledger.sql`).

use std::collections::HashMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use rusqlite::{Connection, Row, params};

use super::history::left;
use super::{Store, StoreError};
use crate::model::{NanoUsd, Usage};

/// A slot's length (milliseconds): every day of every time zone begins with one.
pub(super) const SLOT: i64 = 900_000;

/// What sums are made by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpentBy {
    /// The user's day, `2026-11-24`.
    Day,
    /// `upstream/model`.
    Model,
    /// `upstream/account`.
    Account,
    /// Work tree.
    Repo,
    /// Branch and work tree.
    Branch,
    /// The commit it ended in, or is about.
    Commit,
    /// Who asked.
    Command,
}

/// Which part of the ledger, and whose days.
#[derive(Debug, Clone)]
pub struct SpentFilter {
    /// Begun at or after, milliseconds since 1970; the begin of a quarter of an hour.
    pub since_ms: i64,
    /// In this work tree.
    pub repo: Option<String>,
    /// By this account: its name, or `upstream/name`.
    pub account: Option<String>,
    /// By models with this in their `upstream/model`.
    pub model: Option<String>,
    /// Whose days.
    pub zone: TimeZone,
}

/// A sum of attempts that used something.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sum {
    /// How many attempts: a request that failed over counts each of those that used something.
    pub attempts: u64,
    /// Their tokens.
    pub usage: Usage,
    /// How many have a cost that providers reported, or that was computed from reported tokens.
    pub exact: u64,
    /// What those cost.
    pub exact_cost: NanoUsd,
    /// How many have a cost of estimated tokens.
    pub guessed: u64,
    /// What those cost.
    pub guessed_cost: NanoUsd,
    /// How many ran on this machine.
    pub local: u64,
    /// How many have a price that nobody knows; they are in no cost.
    pub unpriced: u64,
    /// How many were killed: what they used is not known.
    pub interrupted: u64,
    /// How many run now.
    pub running: u64,
}

impl Sum {
    /// Exact and estimated together; `None` when nothing in it is priced.
    #[must_use]
    pub fn cost(&self) -> Option<NanoUsd> {
        let priced = self.exact + self.guessed + self.local > 0;
        priced.then_some(NanoUsd(self.exact_cost.0.saturating_add(self.guessed_cost.0)))
    }

    /// Adds another.
    pub fn add(&mut self, other: &Self) {
        let plus = |a: &mut u64, b: u64| *a = a.saturating_add(b);
        plus(&mut self.attempts, other.attempts);
        plus(&mut self.usage.input, other.usage.input);
        plus(&mut self.usage.cache_read, other.usage.cache_read);
        plus(&mut self.usage.cache_write_short, other.usage.cache_write_short);
        plus(&mut self.usage.cache_write_long, other.usage.cache_write_long);
        plus(&mut self.usage.output, other.usage.output);
        let reasoning = other.usage.reasoning.unwrap_or(0).saturating_add(self.usage.reasoning.unwrap_or(0));
        self.usage.reasoning = Some(reasoning).filter(|n| *n > 0);
        plus(&mut self.exact, other.exact);
        plus(&mut self.exact_cost.0, other.exact_cost.0);
        plus(&mut self.guessed, other.guessed);
        plus(&mut self.guessed_cost.0, other.guessed_cost.0);
        plus(&mut self.local, other.local);
        plus(&mut self.unpriced, other.unpriced);
        plus(&mut self.interrupted, other.interrupted);
        plus(&mut self.running, other.running);
    }
}

/// One sum and what it is the sum of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpentRow {
    /// Day, `upstream/model`, …; empty where there is none, such as no repository.
    pub key: String,
    /// The work tree, where sums are by branch.
    pub repo: Option<String>,
    /// The sum.
    pub sum: Sum,
}

/// All sums, the dearest first (days in their order), and their total.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spent {
    /// The sums.
    pub rows: Vec<SpentRow>,
    /// Of everything.
    pub total: Sum,
}

/// What sums are made by, as it stands in the table.
struct Scene {
    upstream: String,
    account: String,
    model: String,
    repo: String,
    branch: String,
    caller: String,
    commit: String,
}

impl Store {
    /// What was spent. Empty when nothing was.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn spent(&self, filter: &SpentFilter, by: SpentBy) -> Result<Spent, StoreError> {
        let (filter, now) = (filter.clone(), self.clock.millis());
        self.writer.read(move |c| {
            // One moment's view for all of it; in memory, the writer is in a transaction already.
            let view = if c.is_autocommit() { Some(c.unchecked_transaction()?) } else { None };
            let spent = gather(c, &filter, by, now);
            drop(view);
            spent
        })
    }
}

fn gather(c: &Connection, filter: &SpentFilter, by: SpentBy, now: i64) -> rusqlite::Result<Spent> {
    let scenes = scenes(c, filter)?;
    let mut sums: HashMap<(&str, &str, &str), Sum> = HashMap::new();
    // By the day, the key changes with the slot; by anything else, with the scene. So each is found out once.
    let mut days: Vec<(i64, String)> = Vec::new();
    let mut by_scene: HashMap<i64, Sum> = HashMap::new();
    let mut by_day: Vec<Sum> = Vec::new();
    let mut total = Sum::default();
    let mut add = |slot: i64, scene: i64, sum: &Sum| {
        if !scenes.contains_key(&scene) {
            return;
        }
        total.add(sum);
        if by != SpentBy::Day {
            by_scene.entry(scene).or_default().add(sum);
            return;
        }
        if days.last().is_none_or(|(last, _)| *last != slot) {
            let day = day(slot, &filter.zone);
            match days.last_mut().filter(|(_, last)| *last == day) {
                Some((last, _)) => *last = slot,
                None => {
                    days.push((slot, day));
                    by_day.push(Sum::default());
                }
            }
        }
        if let Some(sums) = by_day.last_mut() {
            sums.add(sum);
        }
    };
    // Rows nobody finished are few; they come between the others in the order of time.
    let mut open = unfinished(c, filter.since_ms, now)?.into_iter().peekable();
    let mut rows = c.prepare_cached(
        "SELECT slot, scene, attempts, input, cache_read, cache_write_short, cache_write_long, output, reasoning,
                exact, exact_nano, guessed, guessed_nano, local, unpriced
         FROM spent WHERE slot >= ?1 ORDER BY slot, scene",
    )?;
    let mut rows = rows.query([filter.since_ms.div_euclid(SLOT)])?;
    while let Some(row) = rows.next()? {
        let (slot, scene) = (row.get(0)?, row.get(1)?);
        while let Some((slot, scene, sum)) = open.next_if(|(at, ..)| *at < slot) {
            add(slot, scene, &sum);
        }
        add(slot, scene, &read(row)?);
    }
    open.for_each(|(slot, scene, sum)| add(slot, scene, &sum));
    let mut out: Vec<SpentRow> = if by == SpentBy::Day {
        days.into_iter().zip(by_day).map(|((_, key), sum)| SpentRow { key, repo: None, sum }).collect()
    } else {
        for (id, sum) in &by_scene {
            if let Some(scene) = scenes.get(id) {
                sums.entry(scene.key(by)).or_default().add(sum);
            }
        }
        let row = |((a, b, repo), sum): ((&str, &str, &str), Sum)| SpentRow {
            key: if b.is_empty() { a.to_owned() } else { format!("{a}/{b}") },
            repo: Some(repo.to_owned()).filter(|r| !r.is_empty()),
            sum,
        };
        sums.into_iter().map(row).collect()
    };
    if by != SpentBy::Day {
        out.sort_by(|a, b| b.sum.cost().cmp(&a.sum.cost()).then_with(|| (&a.key, &a.repo).cmp(&(&b.key, &b.repo))));
    }
    Ok(Spent { rows: out, total })
}

impl Scene {
    /// The two parts of the key, and the work tree where the same name means another thing in another.
    fn key(&self, by: SpentBy) -> (&str, &str, &str) {
        match by {
            SpentBy::Day => ("", "", ""),
            SpentBy::Model => (&self.upstream, &self.model, ""),
            SpentBy::Account => (&self.upstream, &self.account, ""),
            SpentBy::Repo => (&self.repo, "", ""),
            SpentBy::Branch => (&self.branch, "", &self.repo),
            SpentBy::Commit => (&self.commit, "", ""),
            SpentBy::Command => (&self.caller, "", ""),
        }
    }
}

fn day(slot: i64, zone: &TimeZone) -> String {
    let at = Timestamp::from_millisecond(slot.saturating_mul(SLOT)).unwrap_or(Timestamp::UNIX_EPOCH);
    at.to_zoned_datetime(zone.clone()).strftime("%Y-%m-%d").to_string()
}

/// Those that occur in this time: there may be one for each commit of years.
fn scenes(c: &Connection, filter: &SpentFilter) -> rusqlite::Result<HashMap<i64, Scene>> {
    let mut rows = c.prepare_cached(
        "SELECT id, upstream, account, model, repo, branch, caller, commit_id FROM scene
         WHERE (?1 IS NULL OR repo = ?1)
         AND (?4 IS NULL OR account = ?4 OR upstream || '/' || account = ?4)
         AND (?5 IS NULL OR instr(upstream || '/' || model, ?5))
         AND id IN (
             SELECT scene FROM spent WHERE slot >= ?2
             UNION SELECT scene FROM attempt WHERE ended_ms IS NULL AND started_ms >= ?3)",
    )?;
    let since = (filter.since_ms.div_euclid(SLOT), filter.since_ms);
    let rows = rows.query_map(params![filter.repo, since.0, since.1, filter.account, filter.model], |r| {
        let scene = Scene {
            upstream: r.get(1)?,
            account: r.get(2)?,
            model: r.get(3)?,
            repo: r.get(4)?,
            branch: r.get(5)?,
            caller: r.get(6)?,
            commit: r.get(7)?,
        };
        Ok((r.get(0)?, scene))
    })?;
    rows.collect()
}

/// Attempts without an end: slot, scene, and what they count as.
fn unfinished(c: &Connection, since_ms: i64, now: i64) -> rusqlite::Result<Vec<(i64, i64, Sum)>> {
    let mut rows = c.prepare_cached(
        "SELECT started_ms, scene, process FROM attempt WHERE ended_ms IS NULL AND started_ms >= ?1 ORDER BY started_ms",
    )?;
    let rows = rows.query_map([since_ms], |r| {
        let (started_ms, process): (i64, Option<String>) = (r.get(0)?, r.get(2)?);
        let left = left(process.as_deref(), started_ms, now);
        let sum = Sum { interrupted: u64::from(left), running: u64::from(!left), ..Sum::default() };
        Ok((started_ms.div_euclid(SLOT), r.get::<_, Option<i64>>(1)?.unwrap_or(0), sum))
    })?;
    rows.collect()
}

fn read(r: &Row<'_>) -> rusqlite::Result<Sum> {
    let count = |place: usize| r.get::<_, i64>(place).map(|n| u64::try_from(n).unwrap_or(0));
    Ok(Sum {
        attempts: count(2)?,
        usage: Usage {
            input: count(3)?,
            cache_read: count(4)?,
            cache_write_short: count(5)?,
            cache_write_long: count(6)?,
            output: count(7)?,
            reasoning: Some(count(8)?).filter(|n| *n > 0),
        },
        exact: count(9)?,
        exact_cost: NanoUsd(count(10)?),
        guessed: count(11)?,
        guessed_cost: NanoUsd(count(12)?),
        local: count(13)?,
        unpriced: count(14)?,
        interrupted: 0,
        running: 0,
    })
}
