//! The door to which processes live: a row that nobody finished is either being worked on or was left by a process
//! that was killed.

use std::sync::OnceLock;

/// What tells this process from every other of this machine, also from later ones with its number: boot, process
/// namespace, number and start. `None` where the system does not say (everywhere but on Linux).
#[must_use]
pub fn own() -> Option<&'static str> {
    static OWN: OnceLock<Option<String>> = OnceLock::new();
    OWN.get_or_init(|| Some(format!("{}/{}/{}", world()?, std::process::id(), begun(std::process::id())?))).as_deref()
}

/// Whether the process that [`own`] named still runs; `None` when nobody can tell from here, because it belongs to
/// another process namespace.
#[must_use]
pub fn runs(who: &str) -> Option<bool> {
    let mut parts = who.split('/');
    let (boot, space, number, start) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let here = world()?;
    let (our_boot, our_space) = here.split_once('/')?;
    if boot != our_boot {
        // The machine has been started anew since.
        return Some(false);
    }
    if space != our_space {
        return None;
    }
    Some(begun(number.parse().ok()?).is_some_and(|begun| begun == start))
}

/// This boot and this process namespace.
#[cfg(target_os = "linux")]
fn world() -> Option<String> {
    let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    let space = std::fs::read_link("/proc/self/ns/pid").ok()?;
    let digits: String = space.to_string_lossy().chars().filter(char::is_ascii_digit).collect();
    // Eight hex digits of a random number are enough to tell two boots apart.
    Some(format!("{}/{digits}", boot.trim().get(..8)?))
}

#[cfg(not(target_os = "linux"))]
const fn world() -> Option<String> {
    None
}

/// When a process began, in ticks since boot; `None` when there is none, or only what a killed one leaves behind until
/// its parent has asked.
#[cfg(target_os = "linux")]
fn begun(number: u32) -> Option<String> {
    let stat = std::fs::read_to_string(format!("/proc/{number}/stat")).ok()?;
    // The name stands in brackets and may hold anything, brackets and spaces too.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
    let state = fields.next()?;
    (!matches!(state, "Z" | "X")).then(|| fields.nth(18).map(str::to_owned))?
}

#[cfg(not(target_os = "linux"))]
const fn begun(_: u32) -> Option<String> {
    None
}
