//! The door to how much room a disk has.

use std::path::Path;

/// Bytes that we could still write in a folder; `None` where the platform does not say.
#[cfg(unix)]
#[must_use]
pub fn free(dir: &Path) -> Option<u64> {
    let told = rustix::fs::statvfs(dir).ok()?;
    Some(told.f_bavail.saturating_mul(told.f_frsize))
}

/// Bytes that we could still write in a folder; `None` where the platform does not say.
#[cfg(not(unix))]
#[must_use]
pub const fn free(_: &Path) -> Option<u64> {
    None
}
