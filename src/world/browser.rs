//! The door to the user's browser.

use super::Env;

/// A browser on this machine would be seen by the person who sits at the terminal.
#[must_use]
pub fn sensible(env: &Env) -> bool {
    if env.get("BROWSER").is_some() {
        return true;
    }
    if ["SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY"].iter().any(|name| env.get(name).is_some()) {
        return false;
    }
    let screen = ["DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME"];
    cfg!(any(windows, target_os = "macos")) || screen.iter().any(|name| env.get(name).is_some())
}

/// Shows an address in the user's browser; `false` when there is none or it could not be started. May take as long as
/// a browser that runs in the terminal.
#[must_use]
pub fn open(url: &str, env: &Env) -> bool {
    sensible(env) && webbrowser::open(url).is_ok()
}
