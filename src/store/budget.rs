//! Budgets: what was spent, what calls that run may still cost, and whether one more fits; decided and reserved in one
//! transaction, so that calls which begin at once do not all take the last of it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{Connection, params};

use super::history::left;
use super::spent::SLOT;
use super::writer::Writer;
use super::{Store, StoreError};
use crate::model::NanoUsd;
use crate::world::life;

/// What a killed call may have cost is given back so long after it began (milliseconds): what it did cost stands in the
/// provider's bill by then, and would otherwise be missing from a monthly budget until the month is over.
const KEPT: i64 = 86_400_000;

/// What may be spent on something since a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ceiling {
    /// Since when, milliseconds since 1970; the begin of a quarter of an hour.
    pub since_ms: i64,
    /// In this work tree alone.
    pub repo: Option<String>,
    /// By this account alone: its name, or `upstream/name`.
    pub account: Option<String>,
    /// By this caller alone, as the ledger has it.
    pub caller: Option<String>,
    /// How much.
    pub most: NanoUsd,
}

/// One way to make the call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// `upstream/account`.
    pub account: String,
    /// The most it may cost.
    pub most: NanoUsd,
}

/// A call that wants to begin.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// The request.
    pub id: String,
    /// Work tree.
    pub repo: Option<String>,
    /// Who asks, as the ledger has it.
    pub caller: String,
    /// The ways it could go.
    pub offers: Vec<Offer>,
    /// What limits it.
    pub ceilings: Vec<Ceiling>,
    /// Ways that would go beyond are not taken.
    pub stop: bool,
}

/// What became of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Admitted {
    /// For each ceiling: spent, and reserved by other calls.
    pub taken: Vec<NanoUsd>,
    /// For each ceiling: what of that is kept for calls that were killed.
    pub killed: Vec<NanoUsd>,
    /// For each way: the first ceiling that it would go beyond.
    pub beyond: Vec<Option<usize>>,
}

/// Keeps what a call may cost reserved while it runs.
pub struct Reserved {
    writer: Arc<Writer>,
    id: String,
}

impl Drop for Reserved {
    fn drop(&mut self) {
        let id = std::mem::take(&mut self.id);
        self.writer.later(move |c| c.execute("DELETE FROM reserve WHERE request_id = ?1", [&id]).map(drop));
    }
}

impl Store {
    /// Whether what is written outlives this process.
    #[must_use]
    pub fn lasts(&self) -> bool {
        self.writer.lasts()
    }

    /// Looks whether a call fits into its budgets, and reserves what the dearest way that fits may cost. Nothing is
    /// reserved where none does.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn admit(&self, wanted: Wanted) -> Result<(Admitted, Reserved), StoreError> {
        let reserved = Reserved { writer: Arc::clone(&self.writer), id: wanted.id.clone() };
        Ok((self.renew(wanted)?, reserved))
    }

    /// As [`Self::admit`], for a call that has something reserved already, which stays where this does not fit.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn renew(&self, wanted: Wanted) -> Result<Admitted, StoreError> {
        let now = self.clock.millis();
        // A job whose group fails runs again: the last answer counts.
        let answer = Arc::new(Mutex::new(Admitted::default()));
        let told = Arc::clone(&answer);
        self.writer.now(move |c| {
            let admitted = decide(c, &wanted, now)?;
            *told.lock().unwrap_or_else(PoisonError::into_inner) = admitted;
            Ok(())
        })?;
        let admitted = answer.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Ok(admitted)
    }

    /// As [`Self::admit`], but nothing is reserved: what a call would meet now, or, where another process keeps the ledger
    /// locked, would have met before it did.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn weigh(&self, wanted: Wanted) -> Result<Admitted, StoreError> {
        let now = self.clock.millis();
        self.writer.standing(move |c| weigh(c, &wanted, now))
    }
}

fn decide(c: &Connection, wanted: &Wanted, now: i64) -> rusqlite::Result<Admitted> {
    let mut gone = c.prepare_cached("DELETE FROM reserve WHERE request_id = ?1")?;
    for call in calls(c, now)?.iter().filter(|call| call.fate == Fate::Over) {
        gone.execute([&call.id])?;
    }
    let admitted = weigh(c, wanted, now)?;
    let mut most: BTreeMap<&str, u64> = BTreeMap::new();
    for (offer, beyond) in wanted.offers.iter().zip(&admitted.beyond) {
        if beyond.is_none() || !wanted.stop {
            let known = most.entry(&offer.account).or_default();
            *known = offer.most.0.max(*known);
        }
    }
    let mut insert = c.prepare_cached(
        "INSERT OR REPLACE INTO reserve (request_id, account, repo, started_ms, nano, process, caller)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?;
    for (account, nano) in most {
        let (repo, nano) = (wanted.repo.as_deref().unwrap_or_default(), i64::try_from(nano).unwrap_or(i64::MAX));
        insert.execute(params![wanted.id, account, repo, now, nano, life::own(), wanted.caller])?;
    }
    Ok(admitted)
}

/// Whether a call fits, as things stand.
fn weigh(c: &Connection, wanted: &Wanted, now: i64) -> rusqlite::Result<Admitted> {
    let mut taken: Vec<u64> = vec![0; wanted.ceilings.len()];
    let mut killed = taken.clone();
    spent(c, &wanted.ceilings, &mut taken)?;
    for call in calls(c, now)?.iter().filter(|call| call.fate != Fate::Over && call.id != wanted.id) {
        for ((ceiling, taken), killed) in wanted.ceilings.iter().zip(&mut taken).zip(&mut killed) {
            let most = call.most(ceiling);
            *taken = taken.saturating_add(most);
            if call.fate == Fate::Killed {
                *killed = killed.saturating_add(most);
            }
        }
    }
    let beyond: Vec<Option<usize>> = wanted
        .offers
        .iter()
        .map(|offer| {
            wanted.ceilings.iter().zip(&taken).position(|(ceiling, taken)| {
                ceiling.covers_account(&offer.account) && taken.saturating_add(offer.most.0) > ceiling.most.0
                    // What costs nothing takes nothing.
                    && offer.most.0 > 0
            })
        })
        .collect();
    let money = |amounts: Vec<u64>| amounts.into_iter().map(NanoUsd).collect();
    Ok(Admitted { taken: money(taken), killed: money(killed), beyond })
}

impl Ceiling {
    fn covers(&self, slot: i64, repo: &str, caller: &str) -> bool {
        let same = |wanted: &Option<String>, there: &str| wanted.as_deref().is_none_or(|wanted| wanted == there);
        slot >= self.since_ms.div_euclid(SLOT) && same(&self.repo, repo) && same(&self.caller, caller)
    }

    fn covers_account(&self, account: &str) -> bool {
        self.account
            .as_deref()
            .is_none_or(|wanted| wanted == account || account.split_once('/').is_some_and(|(_, name)| name == wanted))
    }
}

/// Adds what the ledger's sums say.
fn spent(c: &Connection, ceilings: &[Ceiling], taken: &mut [u64]) -> rusqlite::Result<()> {
    let earliest = ceilings.iter().map(|ceiling| ceiling.since_ms).min().unwrap_or(i64::MAX).div_euclid(SLOT);
    // Where whose it is matters not, the names are not read.
    let whose =
        ceilings.iter().any(|ceiling| ceiling.repo.is_some() || ceiling.account.is_some() || ceiling.caller.is_some());
    let mut rows = c.prepare_cached(if whose {
        "SELECT s.slot, s.exact_nano, s.guessed_nano, c.repo, c.upstream || '/' || c.account, c.caller
         FROM spent AS s JOIN scene AS c ON c.id = s.scene WHERE s.slot >= ?1"
    } else {
        "SELECT slot, exact_nano, guessed_nano, '', '', '' FROM spent WHERE slot >= ?1"
    })?;
    let mut rows = rows.query([earliest])?;
    while let Some(row) = rows.next()? {
        let (slot, exact, guessed): (i64, i64, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let nano = u64::try_from(exact).unwrap_or(0).saturating_add(u64::try_from(guessed).unwrap_or(0));
        let (repo, account) = (row.get_ref(3)?.as_str().unwrap_or(""), row.get_ref(4)?.as_str().unwrap_or(""));
        let caller = row.get_ref(5)?.as_str().unwrap_or("");
        for (ceiling, taken) in ceilings.iter().zip(taken.iter_mut()) {
            if ceiling.covers(slot, repo, caller) && ceiling.covers_account(account) {
                *taken = taken.saturating_add(nano);
            }
        }
    }
    Ok(())
}

/// How a call stands for which something is reserved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// It runs.
    Runs,
    /// It was killed in the middle: it counts with all it may have cost, for nobody knows what it did.
    Killed,
    /// It was killed before it had sent anything, which cost nothing; or that is long ago, or its row was purged.
    Over,
}

/// A call for which something is reserved.
struct Call {
    id: String,
    repo: String,
    caller: String,
    started_ms: i64,
    fate: Fate,
    /// Account, and the most it may cost there (nano-dollars).
    ways: Vec<(String, u64)>,
}

impl Call {
    /// What of it counts against a ceiling: a call takes one of its ways, so the dearest.
    fn most(&self, ceiling: &Ceiling) -> u64 {
        if !ceiling.covers(self.started_ms.div_euclid(SLOT), &self.repo, &self.caller) {
            return 0;
        }
        let ways = self.ways.iter().filter(|(account, _)| ceiling.covers_account(account));
        ways.map(|(_, nano)| *nano).max().unwrap_or(0)
    }
}

fn calls(c: &Connection, now: i64) -> rusqlite::Result<Vec<Call>> {
    let mut rows = c.prepare_cached(
        "SELECT request_id, repo, started_ms, process, account, nano, caller FROM reserve ORDER BY request_id, account",
    )?;
    let mut open =
        c.prepare_cached("SELECT EXISTS (SELECT 1 FROM attempt WHERE request_id = ?1 AND ended_ms IS NULL)")?;
    let mut rows = rows.query([])?;
    let mut out: Vec<Call> = Vec::new();
    while let Some(row) = rows.next()? {
        let way = (row.get(4)?, u64::try_from(row.get::<_, i64>(5)?).unwrap_or(0));
        let (id, started_ms, process): (String, i64, Option<String>) = (row.get(0)?, row.get(2)?, row.get(3)?);
        if let Some(call) = out.last_mut().filter(|call| call.id == id) {
            call.ways.push(way);
            continue;
        }
        let fate = if !left(process.as_deref(), started_ms, now) {
            Fate::Runs
        } else if now.saturating_sub(started_ms) < KEPT && open.query_row([&id], |r| r.get(0))? {
            Fate::Killed
        } else {
            Fate::Over
        };
        out.push(Call { id, repo: row.get(1)?, caller: row.get(6)?, started_ms, fate, ways: vec![way] });
    }
    Ok(out)
}
