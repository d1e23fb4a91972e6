//! Which account a conversation stays with, so that what the provider has cached of it is used again.

use std::sync::PoisonError;
use std::time::Duration;

use rusqlite::params;

use super::{Store, StoreError};

/// What another process did with a conversation is seen within this: its caller is this process's.
const BOUND: Duration = Duration::from_secs(1);
/// Conversations that are remembered at once.
const MOST: usize = 1024;

/// A conversation that nobody goes on with is forgotten after this (ms).
pub const STAYS: i64 = 3_600_000;

/// A conversation's account for one model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    /// A hash; never the text of a conversation.
    pub conversation: String,
    /// Upstream name.
    pub upstream: String,
    /// Model id.
    pub model: String,
    /// Account name.
    pub account: String,
    /// When it was last served, milliseconds since 1970.
    pub used_ms: i64,
}

impl Store {
    /// Binds a conversation, or goes on with a binding; written in the background. `instead` gives up what the
    /// conversation was bound to.
    pub fn bind(&self, binding: Binding, instead: Option<Binding>) {
        let oldest = binding.used_ms.saturating_sub(STAYS);
        self.rebound(&binding, instead.as_ref());
        self.writer.later(move |c| {
            c.execute("DELETE FROM sticky WHERE used_ms < ?1", [oldest])?;
            if let Some(old) = &instead {
                c.execute(
                    "DELETE FROM sticky WHERE conversation = ?1 AND upstream = ?2 AND model = ?3 AND account = ?4",
                    params![old.conversation, old.upstream, old.model, old.account],
                )?;
            }
            c.execute(
                "INSERT INTO sticky (conversation, upstream, model, account, used_ms) VALUES (?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT (conversation, upstream, model) DO UPDATE SET account = ?4, used_ms = max(used_ms, ?5)",
                params![binding.conversation, binding.upstream, binding.model, binding.account, binding.used_ms],
            )?;
            Ok(())
        });
    }

    /// Gives up every binding at an upstream, or of one account there: the user has ranked them anew. Written in the
    /// background.
    pub fn unbind(&self, upstream: &str, account: Option<&str>) {
        self.lately.lock().unwrap_or_else(PoisonError::into_inner).bound.clear();
        let (upstream, account) = (upstream.to_owned(), account.map(str::to_owned));
        self.writer.later(move |c| {
            c.execute(
                "DELETE FROM sticky WHERE upstream = ?1 AND (?2 IS NULL OR account = ?2)",
                params![upstream, account],
            )
            .map(drop)
        });
    }

    /// What a conversation is bound to now.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn bound(&self, conversation: &str) -> Result<Vec<Binding>, StoreError> {
        let oldest = self.clock.millis().saturating_sub(STAYS);
        let holds = |all: Vec<Binding>| all.into_iter().filter(|binding| binding.used_ms > oldest).collect();
        if self.writer.lasts() {
            let mut lately = self.lately.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some((seen, known)) = lately.bound.get_mut(conversation)
                && (seen.at.elapsed() < BOUND || self.stands(seen))
            {
                return Ok(holds(known.clone()));
            }
        }
        let (name, seen) = (conversation.to_owned(), self.seen());
        let all: Vec<Binding> = self.writer.glance(move |c| {
            // A limit in the statement would have it planned anew for each value.
            let mut rows = c.prepare_cached(
                "SELECT conversation, upstream, model, account, used_ms FROM sticky
                 WHERE conversation = ?1 ORDER BY used_ms DESC, upstream, model",
            )?;
            rows.query_map(params![name], read)?.collect()
        })?;
        if self.writer.lasts() {
            let mut lately = self.lately.lock().unwrap_or_else(PoisonError::into_inner);
            if lately.bound.len() >= MOST {
                lately.bound.clear();
            }
            lately.bound.insert(conversation.to_owned(), (seen, all.clone()));
        }
        Ok(holds(all))
    }

    /// What was seen of a conversation's bindings is so no more.
    fn rebound(&self, binding: &Binding, instead: Option<&Binding>) {
        let mut lately = self.lately.lock().unwrap_or_else(PoisonError::into_inner);
        let Some((_, known)) = lately.bound.get_mut(&binding.conversation) else { return };
        let same = |a: &Binding, b: &Binding| a.upstream == b.upstream && a.model == b.model;
        known.retain(|one| {
            !same(one, binding) && instead.is_none_or(|old| !(same(one, old) && one.account == old.account))
        });
        known.insert(0, binding.clone());
    }

    /// Every binding that holds, by upstream and account.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn bindings(&self) -> Result<Vec<Binding>, StoreError> {
        let oldest = self.clock.millis().saturating_sub(STAYS);
        self.writer.read(move |c| {
            let mut rows = c.prepare_cached(
                "SELECT conversation, upstream, model, account, used_ms FROM sticky
                 WHERE used_ms > ?1 ORDER BY upstream, account, conversation, model",
            )?;
            rows.query_map([oldest], read)?.collect()
        })
    }
}

fn read(r: &rusqlite::Row<'_>) -> rusqlite::Result<Binding> {
    Ok(Binding {
        conversation: r.get(0)?,
        upstream: r.get(1)?,
        model: r.get(2)?,
        account: r.get(3)?,
        used_ms: r.get(4)?,
    })
}
