//! Requests whose rows lie nowhere on disk: no file took them, and the database takes none either. They wait in memory, and
//! a process that is killed now loses them.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use super::StoreError;
use super::verb::{Flat, Note};

/// No more are told apart.
const MOST: usize = 65_536;

/// How many requests, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adrift {
    /// So many requests.
    pub requests: usize,
    /// What keeps their rows from the disk.
    pub why: String,
    /// What helps.
    pub hint: Option<String>,
}

#[derive(Default)]
pub(super) struct Afloat {
    requests: Mutex<HashSet<String>>,
    /// Why the database takes nothing, as long as that is so, and what helps.
    stuck: Mutex<Option<(String, Option<String>)>>,
}

impl Afloat {
    /// No file took a row of this request.
    pub(super) fn add(&self, request: &str) {
        let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        if requests.len() < MOST && !requests.contains(request) {
            requests.insert(request.to_owned());
        }
    }

    /// The database took it.
    pub(super) fn took(&self, request: &str) {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).remove(request);
    }

    /// The database takes no rows now.
    pub(super) fn stuck(&self, error: &rusqlite::Error) {
        let code = error.sqlite_error().map(|code| rusqlite::Error::SqliteFailure(*code, None));
        let hint = code.and_then(|code| StoreError::Sqlite(code).hint());
        let why = format!("the store could not be written: {error}");
        *self.stuck.lock().unwrap_or_else(PoisonError::into_inner) = Some((why, hint));
    }

    /// The database has these, and takes more; `all` = nothing waits behind them.
    pub(super) fn landed(&self, rows: &[Note], all: bool) {
        *self.stuck.lock().unwrap_or_else(PoisonError::into_inner) = None;
        let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        if all {
            // One that was in the database before it was told of here is among them.
            return requests.clear();
        }
        for note in rows {
            if let Some(Some(Flat::Text(id))) = note.row().first() {
                requests.remove(id.as_str());
            }
        }
    }

    /// What lies nowhere on disk now; what the database takes at its next turn is not told.
    pub(super) fn told(&self) -> Option<Adrift> {
        let (why, hint) = self.stuck.lock().unwrap_or_else(PoisonError::into_inner).clone()?;
        let requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner).len();
        (requests > 0).then_some(Adrift { requests, why, hint })
    }
}

#[cfg(test)]
mod tests {
    use super::super::verb::{Verb, cell};
    use super::*;

    #[test]
    fn what_waits_behind_a_batch_is_told_of_until_it_has_landed_too() {
        let afloat = Afloat::default();
        let full = || rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_FULL), None);
        let rows = |ids: &[&str]| ids.iter().map(|id| Note(Verb::RequestEnd, vec![cell(*id)])).collect::<Vec<_>>();
        let told = |afloat: &Afloat| afloat.told().map(|adrift| adrift.requests);
        ["a", "b", "c"].iter().for_each(|id| afloat.add(id));
        assert_eq!(told(&afloat), None, "the database has not refused it yet");
        afloat.stuck(&full());
        assert_eq!(told(&afloat), Some(3));
        afloat.landed(&rows(&["a"]), false);
        afloat.stuck(&full());
        assert_eq!(told(&afloat), Some(2));
        afloat.landed(&rows(&["b", "c"]), false);
        afloat.stuck(&full());
        assert_eq!(told(&afloat), None);
        // One that was told of after it had landed.
        afloat.add("d");
        afloat.landed(&rows(&["e"]), true);
        afloat.stuck(&full());
        assert_eq!(told(&afloat), None);
    }
}
