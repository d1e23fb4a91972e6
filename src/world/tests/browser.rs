//! When a browser would be seen by the person at the terminal.

use std::path::Path;

use crate::world::Env;
use crate::world::browser::sensible;

fn with(vars: &[(&str, &str)]) -> bool {
    sensible(&Env::fixed(vars.iter().copied(), Path::new("/")))
}

#[test]
fn a_browser_on_the_far_end_of_ssh_is_seen_by_nobody() {
    assert!(!with(&[("DISPLAY", ":0"), ("SSH_CONNECTION", "192.0.2.1 1 192.0.2.2 22")]));
    assert!(!with(&[("WAYLAND_DISPLAY", "wayland-0"), ("SSH_TTY", "/dev/pts/0")]));
}

#[test]
fn a_screen_or_a_browser_of_the_user_s_choice_is_enough() {
    assert!(with(&[("DISPLAY", ":0")]) && with(&[("WAYLAND_DISPLAY", "wayland-0")]));
    assert!(with(&[("BROWSER", "w3m"), ("SSH_TTY", "/dev/pts/0")]));
    assert_eq!(with(&[]), cfg!(any(windows, target_os = "macos")), "without a screen there is none");
}
