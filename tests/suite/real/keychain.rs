//! The accounts file with a real Secret Service. The cases stand in `tests/real/keychain.sh`, which also runs alone.

use std::process::{Command, Stdio};
use std::time::Duration;

use crate::patience::ended;

const PARTS: [&str; 5] = ["bash", "dbus-run-session", "dbus-send", "gnome-keyring-daemon", "secret-tool"];

#[test]
fn the_accounts_file_lives_with_a_real_keychain() {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let there = |part: &&str| std::env::split_paths(&path).any(|dir| dir.join(part).is_file());
    let missing: Vec<&str> = PARTS.into_iter().filter(|part| !there(part)).collect();
    if !missing.is_empty() {
        return super::skip("keychain", &format!("{} missing", missing.join(", ")));
    }
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/real/keychain.sh");
    let mut bash = Command::new("bash");
    bash.arg(script).arg(env!("CARGO_BIN_EXE_monster")).stdout(Stdio::piped()).stderr(Stdio::null());
    // A Secret Service that outlives its case holds the output open.
    let done = ended(bash.spawn().unwrap(), Duration::from_secs(15 * 60), "keychain.sh");
    let said = String::from_utf8_lossy(&done.stdout);
    assert!(done.status.success(), "{said}");
    // A script that stopped early would have nothing to complain about.
    assert!(said.lines().any(|line| line == "ok: dead_bus: another process opens it"), "{said}");
    let cases = said.lines().filter(|line| line.starts_with("ok: ")).count();
    super::result(
        "keychain",
        "login, reading back, locked, dead and dying Secret Services",
        &format!("{cases} cases hold"),
    );
}
