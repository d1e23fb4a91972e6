//! The schema, as a list of steps that is only ever appended to.

use std::path::Path;

use rusqlite::Connection;

use super::StoreError;

/// Each step brings the schema from its place in the list to the next. Never edit one that was released.
#[rustfmt::skip] // one step, one line
const STEPS: &[&str] = &[
    include_str!("steps/core.sql"),
    include_str!("steps/strikes.sql"),
    include_str!("steps/limits.sql"),
    include_str!("steps/parking.sql"),
    include_str!("steps/vendor.sql"),
    include_str!("steps/ledger.sql"),
    include_str!("steps/history.sql"),
    include_str!("steps/routing.sql"),
    include_str!("steps/redaction.sql"),
    include_str!("steps/callers.sql"),
    include_str!("steps/whole.sql"),
    include_str!("steps/bytes.sql"),
    include_str!("steps/plain.sql"),
    include_str!("steps/cache.sql"),
    include_str!("steps/voices.sql"),
];

/// Brings the schema up to date; two processes may do so at once.
pub(super) fn migrate(connection: &Connection, path: &Path) -> Result<(), StoreError> {
    let known = i64::try_from(STEPS.len()).unwrap_or(i64::MAX);
    let version =
        || connection.query_row("PRAGMA user_version", [], |r| r.get::<_, i64>(0)).map_err(|e| StoreError::of(path, e));
    let found = version()?;
    if found > known {
        return Err(StoreError::Newer { path: path.to_owned(), found, known });
    }
    if found == known {
        return Ok(());
    }
    connection.execute_batch("BEGIN IMMEDIATE").map_err(|e| StoreError::of(path, e))?;
    let done = version().and_then(|found| {
        // Another process may have been first.
        for step in STEPS.iter().skip(usize::try_from(found).unwrap_or(0)) {
            connection.execute_batch(step).map_err(|e| StoreError::of(path, e))?;
        }
        connection.pragma_update(None, "user_version", known).map_err(|e| StoreError::of(path, e))
    });
    connection.execute_batch(if done.is_ok() { "COMMIT" } else { "ROLLBACK" }).map_err(|e| StoreError::of(path, e))?;
    done
}
