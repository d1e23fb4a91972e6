//! Locks between processes that expire: a holder that dies frees them by doing nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rusqlite::params;

use super::writer::Writer;
use super::{Store, StoreError};
use crate::model::random_id;
use crate::world::random;

/// A held lease; given back when dropped.
pub struct Lease {
    writer: Arc<Writer>,
    name: String,
    holder: String,
}

impl Drop for Lease {
    fn drop(&mut self) {
        let (name, holder) = (self.name.clone(), self.holder.clone());
        self.writer
            .later(move |c| c.execute("DELETE FROM lease WHERE name = ?1 AND holder = ?2", [&name, &holder]).map(drop));
    }
}

impl Store {
    /// Takes the lease `name` for at most `ttl`; `None` while somebody else holds it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn lease(&self, name: &str, ttl: Duration) -> Result<Option<Lease>, StoreError> {
        let holder = random_id("l", random::bytes().unwrap_or_default());
        let now = self.clock.millis();
        let until = now.saturating_add(i64::try_from(ttl.as_millis()).unwrap_or(i64::MAX));
        let (wanted, by) = (name.to_owned(), holder.clone());
        // The one statement says whether we have it: asking afterwards would meet a holder that has just gone.
        let taken = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&taken);
        self.writer.now(move |c| {
            let changed = c.execute(
                "INSERT INTO lease (name, holder, until_ms) VALUES (?1, ?2, ?3)
                 ON CONFLICT (name) DO UPDATE SET holder = ?2, until_ms = ?3 WHERE lease.until_ms <= ?4",
                params![wanted, by, until, now],
            )?;
            told.store(changed == 1, Ordering::SeqCst);
            Ok(())
        })?;
        let writer = Arc::clone(&self.writer);
        Ok(taken.load(Ordering::SeqCst).then(|| Lease { writer, name: name.to_owned(), holder }))
    }
}
