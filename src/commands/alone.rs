//! One process at a time, where several would change the same files.

use std::fs::{File, TryLockError};
use std::time::Duration;

use super::context::Context;
use super::error::{CommandError, Exit};
use crate::world::files;

/// How long another one is waited for.
const PATIENCE: Duration = Duration::from_secs(30);
const STEP: Duration = Duration::from_millis(20);

/// Keeps other processes of this user away while this one works; the system frees it when its holder ends. `lock` is the
/// name of a file in the state folder, `busy` what is said of one that does not come to an end. Where there is no such
/// folder, nobody waits.
///
/// # Errors
/// Exit 1 after half a minute; the file system's.
pub(super) fn alone(context: &Context, lock: &str, busy: &str) -> Result<Option<File>, CommandError> {
    let Some(dir) = context.env.state_dir() else { return Ok(None) };
    files::private_dir(&dir)?;
    let file = files::open_private(&dir.join(lock))?;
    let mut waited = Duration::ZERO;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(Some(file)),
            Err(TryLockError::Error(error)) => return Err(error.into()),
            Err(TryLockError::WouldBlock) if waited >= PATIENCE => {
                return Err(CommandError::new(Exit::Failed, busy));
            }
            Err(TryLockError::WouldBlock) => {
                std::thread::sleep(STEP);
                waited += STEP;
            }
        }
    }
}
