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
    include_str!("steps/counted.sql"),
];

/// What all steps together make of an empty file. Made from them, and held against them by a test: a new store is made at
/// once, a quarter of what its steps would take.
const WHOLE: &str = include_str!("schema.sql");

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
        let steps = STEPS.get(usize::try_from(found).unwrap_or(0)..).unwrap_or_default();
        let whole = [WHOLE];
        for step in if steps.len() == STEPS.len() { &whole } else { steps } {
            connection.execute_batch(step).map_err(|e| StoreError::of(path, e))?;
        }
        connection.pragma_update(None, "user_version", known).map_err(|e| StoreError::of(path, e))
    });
    connection.execute_batch(if done.is_ok() { "COMMIT" } else { "ROLLBACK" }).map_err(|e| StoreError::of(path, e))?;
    done
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The schema as SQLite keeps it.
    fn dumped(connection: &Connection) -> String {
        let ours = "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY rowid";
        let mut rows = connection.prepare(ours).unwrap();
        let rows = rows.query_map([], |row| row.get::<_, String>(0)).unwrap();
        rows.map(|sql| sql.unwrap() + ";\n").collect()
    }

    #[test]
    fn a_new_store_is_what_its_steps_would_have_made() {
        let steps = Connection::open_in_memory().unwrap();
        STEPS.iter().for_each(|step| steps.execute_batch(step).unwrap());
        let wanted = dumped(&steps);
        assert!(WHOLE == wanted, "src/store/schema.sql is stale; it has to be:\n{wanted}");
        let new = Connection::open_in_memory().unwrap();
        migrate(&new, Path::new("new")).unwrap();
        assert_eq!(dumped(&new), wanted);
        assert_eq!(new.query_row("PRAGMA user_version", [], |r| r.get::<_, u32>(0)).unwrap() as usize, STEPS.len());
        // No step leaves a row in an empty store that the whole would have to bring.
        let mut names = steps.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").unwrap();
        for name in names.query_map([], |row| row.get::<_, String>(0)).unwrap().map(Result::unwrap) {
            let rows =
                steps.query_row(&format!("SELECT count(*) FROM \"{name}\""), [], |r| r.get::<_, i64>(0)).unwrap();
            assert_eq!(rows, 0, "{name}");
        }
    }
}
