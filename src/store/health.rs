//! Whether the store works: what is written comes back, and the file is whole.

use rusqlite::params;

use super::{Store, StoreError};
use crate::world::{random, space};

/// More damage than this is not told (lines).
const TOLD: i64 = 3;

/// How the file is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    /// What is wrong with it, in SQLite's words; empty when it is whole.
    pub damage: Vec<String>,
    /// Free space beside it (bytes); `None` where the platform does not say.
    pub free: Option<u64>,
}

impl Store {
    /// Writes a row, reads it back and takes it away again, all in one transaction, and looks through the whole file.
    ///
    /// # Errors
    /// [`StoreError`]: it cannot be written.
    pub fn health(&self) -> Result<Health, StoreError> {
        let mark = u64::from_le_bytes(random::bytes().unwrap_or_default()).to_string();
        self.writer.now(move |c| {
            c.execute_batch("SAVEPOINT probe")?;
            let back = c
                .execute("INSERT OR REPLACE INTO fact (key, value) VALUES ('probe', ?1)", params![mark])
                .and_then(|_| c.query_row("SELECT value FROM fact WHERE key = 'probe'", [], |r| r.get::<_, String>(0)));
            c.execute_batch("ROLLBACK TO probe; RELEASE probe")?;
            if back? == mark { Ok(()) } else { Err(rusqlite::Error::QueryReturnedNoRows) }
        })?;
        let damage = self.writer.read(|c| {
            let mut lines = c.prepare(&format!("PRAGMA quick_check({TOLD})"))?;
            let lines = lines.query_map([], |r| r.get::<_, String>(0))?;
            lines.filter(|line| !line.as_ref().is_ok_and(|line| line == "ok")).collect()
        })?;
        Ok(Health { damage, free: self.writer.folder().and_then(space::free) })
    }
}
