//! Real counterparts: a model server, official SDKs, editors and agents, a Secret Service. A group whose parts are missing says so and
//! passes; with `MONSTER_TEST_ALL=1`, as `.ci/run` sets it, a missing part is a failure. `.ci/parts` installs them.

#[cfg(target_os = "linux")]
mod crash;
mod keychain;
#[cfg(unix)]
mod lint;
#[cfg(unix)]
mod managers;
mod model;
#[cfg(target_os = "linux")]
mod programs;
mod sdk;
#[cfg(unix)]
mod setup;

use std::io::Write;
use std::path::PathBuf;

/// Where `.ci/parts` puts things.
fn parts() -> PathBuf {
    let set = std::env::var_os("MONSTER_TEST_PARTS").map(PathBuf::from);
    set.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target/parts"))
}

/// Says that a group cannot run here. Written past the test harness, which would swallow it.
fn skip(group: &str, why: &str) {
    assert!(std::env::var_os("MONSTER_TEST_ALL").is_none(), "real/{group} must run here, and {why}");
    let _ = writeln!(std::io::stderr(), "skipped: real/{group} ({why}; install with: .ci/parts target/parts)");
}

/// A line of the result table that `.ci/real` keeps.
fn result(group: &str, what: &str, outcome: &str) {
    let _ = writeln!(std::io::stderr(), "real: | {group} | {what} | {outcome} |");
}
