//! Whether anybody changed what all processes share since it was looked at: asking that is much cheaper than looking again.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use rusqlite::Connection;

use super::glimpse;

/// Looks at the database through a connection that writes nothing, so that it sees what every other one changes, that of
/// this process's writer too. Whoever makes one call needs none.
pub(super) struct Watch {
    path: PathBuf,
    on: AtomicBool,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    connection: Option<Connection>,
    /// What SQLite called the state of the database when it was last looked at; other values mean other states, and no
    /// more (`PRAGMA data_version`).
    version: i64,
    /// Grows with what somebody changed.
    epoch: u64,
}

/// The writer's view of the database at the beginning of a change of its own.
pub(super) struct Before {
    version: i64,
    writer: i64,
}

impl Watch {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path, on: AtomicBool::new(false), state: Mutex::default() }
    }

    /// From now on it is worth its connection.
    pub(super) fn start(&self) {
        self.on.store(true, Ordering::Release);
    }

    /// A number that stays as long as nobody changes what is shared; rows of this process's own requests are not. `None` =
    /// nobody can say.
    pub(super) fn epoch(&self) -> Option<u64> {
        self.on.load(Ordering::Acquire).then(|| self.look().map(|(_, epoch)| epoch)).flatten()
    }

    fn look(&self) -> Option<(i64, u64)> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.connection.is_none() {
            state.connection = glimpse(&self.path).ok();
        }
        let version = version(state.connection.as_ref()?)?;
        if version != state.version {
            state.version = version;
            state.epoch += 1;
        }
        Some((state.version, state.epoch))
    }

    /// The writer, which nobody can interrupt any more, is about to change what is not shared.
    pub(super) fn before(&self, writer: &Connection) -> Option<Before> {
        if !self.on.load(Ordering::Acquire) {
            return None;
        }
        let (version, _) = self.look()?;
        Some(Before { version, writer: self::version(writer)? })
    }

    /// It has done so. What is seen now differs by that alone, unless somebody looked or wrote meanwhile.
    pub(super) fn after(&self, writer: &Connection, before: &Before) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(version) = state.connection.as_ref().and_then(version) else { return };
        // The writer's own view changes by what others do, and is looked at last.
        if state.version == before.version && self::version(writer) == Some(before.writer) {
            state.version = version;
        }
    }
}

fn version(connection: &Connection) -> Option<i64> {
    connection.prepare_cached("PRAGMA data_version").ok()?.query_row([], |row| row.get(0)).ok()
}
