//! The door to the environment: read once, passed down, scripted in tests.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// The environment a command runs in.
#[derive(Clone, Default)]
pub struct Env {
    vars: BTreeMap<String, String>,
    cwd: PathBuf,
}

impl std::fmt::Debug for Env {
    /// Names only: values may be keys.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Env").field("vars", &self.vars.keys()).field("cwd", &self.cwd).finish()
    }
}

impl Env {
    /// The process environment. Values that are not UTF-8 are left out.
    #[must_use]
    #[allow(clippy::disallowed_methods)] // the one door
    pub fn system() -> Self {
        let text = |s: OsString| s.into_string().ok();
        let vars = std::env::vars_os().filter_map(|(k, v)| Some((text(k)?, text(v)?))).collect();
        Self { vars, cwd: std::env::current_dir().unwrap_or_else(|_| PathBuf::from(".")) }
    }

    /// A scripted environment.
    pub fn fixed<K: Into<String>, V: Into<String>>(vars: impl IntoIterator<Item = (K, V)>, cwd: &Path) -> Self {
        Self { vars: vars.into_iter().map(|(k, v)| (k.into(), v.into())).collect(), cwd: cwd.to_owned() }
    }

    /// A variable, if set and not empty.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.vars.get(name).map(String::as_str).filter(|v| !v.is_empty())
    }

    /// All variables.
    pub fn vars(&self) -> impl Iterator<Item = (&str, &str)> {
        self.vars.iter().map(|(k, v)| (k.as_str(), v.as_str()))
    }

    /// Whether a switch variable is on: set, and neither `0`, `false` nor `no`.
    #[must_use]
    pub fn flag(&self, name: &str) -> bool {
        self.get(name).is_some_and(|v| !matches!(v.to_ascii_lowercase().as_str(), "0" | "false" | "no"))
    }

    /// Where the command runs.
    #[must_use]
    pub fn cwd(&self) -> &Path {
        &self.cwd
    }

    /// The user's home folder, if known.
    #[must_use]
    pub fn home(&self) -> Option<PathBuf> {
        self.get("HOME").or_else(|| self.get("USERPROFILE")).map(PathBuf::from)
    }

    /// Where configuration lives: `MONSTER_CONFIG_DIR`, else `monster` under the platform's place
    /// (XDG on Linux, also on macOS; `%APPDATA%` on Windows).
    #[must_use]
    pub fn config_dir(&self) -> Option<PathBuf> {
        self.place("MONSTER_CONFIG_DIR", "XDG_CONFIG_HOME", "APPDATA", ".config")
    }

    /// Where state (ledger, history, locks, accounts) lives: `MONSTER_STATE_DIR`, else as above.
    #[must_use]
    pub fn state_dir(&self) -> Option<PathBuf> {
        self.place("MONSTER_STATE_DIR", "XDG_STATE_HOME", "LOCALAPPDATA", ".local/state")
    }

    fn place(&self, own: &str, xdg: &str, windows: &str, under_home: &str) -> Option<PathBuf> {
        if let Some(dir) = self.get(own) {
            return Some(PathBuf::from(dir));
        }
        // The XDG rules say that a relative path is to be ignored.
        if let Some(dir) = self.get(xdg).map(PathBuf::from).filter(|p| p.is_absolute()) {
            return Some(dir.join("monster"));
        }
        if cfg!(windows)
            && let Some(dir) = self.get(windows)
        {
            return Some(PathBuf::from(dir).join("monster"));
        }
        Some(self.home()?.join(under_home).join("monster"))
    }
}
