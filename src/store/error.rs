//! Why the store cannot be used.

use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Why the store cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The folder or the file cannot be made or is not private.
    #[error("{} cannot be used for monster's state: {source}", dir.display())]
    Folder {
        /// What.
        dir: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It was written by a newer version.
    #[error("{} was written by a newer monster (schema {found}; this one knows {known})", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its schema.
        found: i64,
        /// Ours.
        known: i64,
    },
    /// It is no database, or a damaged one.
    #[error("{} is damaged and left as it is: {source}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What SQLite says.
        source: rusqlite::Error,
    },
    /// Reading or writing failed.
    #[error("the store could not be read or written: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// The writer is gone.
    #[error("the store is closed")]
    Closed,
    /// The writer could not begin.
    #[error("{0}")]
    Unwritable(Arc<StoreError>),
}

impl StoreError {
    pub(super) fn of(path: &Path, source: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
        match source.sqlite_error_code() {
            Some(NotADatabase | DatabaseCorrupt) => Self::Damaged { path: path.to_owned(), source },
            _ => Self::Sqlite(source),
        }
    }

    /// Another has it at the moment.
    #[must_use]
    pub fn busy(&self) -> bool {
        match self {
            Self::Sqlite(e) => e.sqlite_error_code() == Some(rusqlite::ErrorCode::DatabaseBusy),
            Self::Unwritable(cause) => cause.busy(),
            _ => false,
        }
    }

    /// What helps.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        use rusqlite::ErrorCode::{
            CannotOpen, DatabaseBusy, DatabaseLocked, DiskFull, PermissionDenied, ReadOnly, SystemIoFailure,
        };
        match self {
            // The system's own word: it is no question of modes.
            Self::Folder { source, .. } if source.raw_os_error().is_some() => {
                Some("set HOME, XDG_STATE_HOME or MONSTER_STATE_DIR to a folder that you can write in".to_owned())
            }
            Self::Folder { .. } => {
                Some("it must belong to you alone: chmod 700 the folder, or set MONSTER_STATE_DIR".to_owned())
            }
            Self::Newer { .. } => Some("update monster, or set MONSTER_STATE_DIR to another folder".to_owned()),
            Self::Damaged { path, .. } => {
                Some(format!("move it away and a new one is made: mv '{0}' '{0}.damaged'", path.display()))
            }
            Self::Sqlite(source) => match source.sqlite_error_code()? {
                DiskFull | SystemIoFailure => Some(
                    "see whether the disk with monster's state is full: df, or set MONSTER_STATE_DIR to another folder"
                        .to_owned(),
                ),
                DatabaseBusy | DatabaseLocked => Some("another program keeps monster.db locked; end it".to_owned()),
                ReadOnly | CannotOpen | PermissionDenied => {
                    Some("set MONSTER_STATE_DIR to a folder that you can write in".to_owned())
                }
                _ => None,
            },
            Self::Closed => None,
            Self::Unwritable(cause) => cause.hint(),
        }
    }
}
