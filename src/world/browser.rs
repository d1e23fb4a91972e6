//! The door to the user's browser.

use std::process::Command;
use std::time::Duration;

use super::{Env, process};

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

/// A browser has this long to say that it cannot be started; one that goes on is taken to show the page.
const PATIENCE: Duration = Duration::from_secs(2);

/// Shows an address in the user's browser, which gets none of our keys in its environment; `false` when there is none or
/// it could not be started.
#[must_use]
pub fn open(url: &str, env: &Env) -> bool {
    if !sensible(env) {
        return false;
    }
    let chosen = env.get("BROWSER").map(|all| all.split(':').filter_map(|words| chosen(words, url)).collect());
    let mut programs: Vec<Command> = chosen.unwrap_or_else(|| ::open::commands(url));
    programs.drain(..).any(|program| process::launch(program, PATIENCE))
}

/// One of the programs in `BROWSER`: the address stands where it says `%s`, else at the end.
fn chosen(words: &str, url: &str) -> Option<Command> {
    let place = |word: &str| word.replace("%s", url);
    let mut all: Vec<String> = words.split_whitespace().map(place).collect();
    if !words.contains("%s") {
        all.push(url.to_owned());
    }
    process::words(all.iter().map(String::as_str))
}
