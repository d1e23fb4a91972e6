//! Programs that a story writes itself: scripts in the place of `gh`, hooks, a browser.
//!
//! A file cannot be started while anybody holds it open for writing, and in a process of many stories somebody may: a
//! program that another story starts in that moment inherits the file for an instant. So the file that is started was
//! written by a process that starts nothing.

use std::path::Path;
use std::process::Command;

/// Makes this file one that can be started by all.
pub fn runnable(path: impl AsRef<Path>) {
    through("cp \"$1\" \"$1.new\" && chmod 755 \"$1.new\" && mv \"$1.new\" \"$1\"", path.as_ref(), path.as_ref());
}

/// Copies a program.
pub fn copied(from: impl AsRef<Path>, to: impl AsRef<Path>) {
    through("cp -p \"$1\" \"$2\"", from.as_ref(), to.as_ref());
}

fn through(script: &str, from: &Path, to: &Path) {
    let done = Command::new("sh").args(["-c", script, "sh"]).arg(from).arg(to).status().unwrap();
    assert!(done.success(), "{} was not made", to.display());
}
