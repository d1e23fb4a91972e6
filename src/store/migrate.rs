//! The schema, as a list of steps that is only ever appended to.

use std::path::Path;

use rusqlite::Connection;

use super::StoreError;

/// Each step brings the schema from its place in the list to the next. Never edit one that was released.
const STEPS: &[&str] = &["
CREATE TABLE request (
    id TEXT PRIMARY KEY, parent TEXT, started_ms INTEGER NOT NULL, ended_ms INTEGER, purpose TEXT NOT NULL,
    repo TEXT, branch TEXT, asked_model TEXT NOT NULL, asked_effort TEXT NOT NULL, redacted INTEGER NOT NULL,
    stream INTEGER NOT NULL, outcome TEXT, upstream TEXT, account TEXT, model TEXT
) STRICT;
CREATE INDEX request_started ON request (started_ms);
CREATE INDEX request_parent ON request (parent) WHERE parent IS NOT NULL;
CREATE TABLE attempt (
    request_id TEXT NOT NULL, number INTEGER NOT NULL, started_ms INTEGER NOT NULL, ended_ms INTEGER,
    first_content_ms INTEGER, provider TEXT NOT NULL, upstream TEXT NOT NULL, account TEXT NOT NULL,
    model TEXT NOT NULL, maker TEXT NOT NULL, dialect TEXT NOT NULL, status INTEGER,
    failure_kind TEXT, failure_scope TEXT, failure TEXT,
    input INTEGER, cache_read INTEGER, cache_write_short INTEGER, cache_write_long INTEGER, output INTEGER,
    reasoning INTEGER, usage_source TEXT, cost_nano INTEGER, cost_source TEXT,
    finish TEXT, effort_sent TEXT, effort_confirmed INTEGER, upstream_id TEXT,
    PRIMARY KEY (request_id, number)
) STRICT;
CREATE INDEX attempt_started ON attempt (started_ms);
CREATE TABLE cool_down (key TEXT PRIMARY KEY, until_ms INTEGER NOT NULL, cause TEXT NOT NULL, source TEXT NOT NULL, set_ms INTEGER NOT NULL) STRICT;
CREATE TABLE lease (name TEXT PRIMARY KEY, holder TEXT NOT NULL, until_ms INTEGER NOT NULL) STRICT;
CREATE TABLE fact (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
", "
ALTER TABLE cool_down ADD COLUMN strikes INTEGER NOT NULL DEFAULT 1;
ALTER TABLE cool_down ADD COLUMN probe_ms INTEGER;
"];

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
