//! Where tools lie, and where they keep their settings.

use std::path::PathBuf;

use crate::world::Env;

/// The folder from which a tool's own one is named.
#[derive(Debug, Clone, Copy)]
pub(super) enum Root {
    /// The user's home.
    Home,
    /// `XDG_CONFIG_HOME`, else `.config` in the home, on every platform.
    Config,
    /// As [`Root::Config`]; `%APPDATA%` on Windows.
    Roaming,
    /// As [`Root::Roaming`]; `Library/Application Support` on macOS.
    App,
}

/// A tool's folder.
#[derive(Debug, Clone, Copy)]
pub(super) struct Folder {
    /// A variable of the tool's own that moves it, and what is below the variable's value.
    pub moved: Option<(&'static str, &'static str)>,
    /// Otherwise below this.
    pub root: Root,
    /// Folders with `/` between them; empty = the root itself.
    pub below: &'static str,
}

impl Folder {
    /// Where it lies; `None` where the environment names no home.
    pub(super) fn path(&self, env: &Env) -> Option<PathBuf> {
        let below =
            |base: PathBuf, parts: &str| parts.split('/').filter(|p| !p.is_empty()).fold(base, |p, n| p.join(n));
        if let Some((variable, parts)) = self.moved
            && let Some(dir) = env.get(variable)
        {
            return Some(below(env.cwd().join(dir), parts));
        }
        Some(below(root(self.root, env)?, self.below))
    }
}

fn root(root: Root, env: &Env) -> Option<PathBuf> {
    let config = || {
        let set = env.get("XDG_CONFIG_HOME").map(PathBuf::from).filter(|p| p.is_absolute());
        set.or_else(|| Some(env.home()?.join(".config")))
    };
    let roaming = || env.get("APPDATA").map(PathBuf::from).filter(|_| cfg!(windows));
    match root {
        Root::Home => env.home(),
        Root::Config => config(),
        Root::Roaming => roaming().or_else(config),
        Root::App if cfg!(target_os = "macos") => Some(env.home()?.join("Library/Application Support")),
        Root::App => roaming().or_else(config),
    }
}

/// Where one of these programs lies on the `PATH`.
pub(super) fn program(names: &[&str], env: &Env) -> Option<PathBuf> {
    let endings: &[&str] = if cfg!(windows) { &["exe", "cmd", "bat"] } else { &[""] };
    let dirs: Vec<PathBuf> = std::env::split_paths(env.get("PATH").unwrap_or_default()).collect();
    let all = names.iter().flat_map(|name| dirs.iter().map(move |dir| dir.join(name)));
    all.flat_map(|path| {
        endings.iter().map(move |ending| if ending.is_empty() { path.clone() } else { path.with_extension(ending) })
    })
    .find(|path| runs(path))
}

fn runs(path: &std::path::Path) -> bool {
    let Ok(meta) = std::fs::metadata(path) else { return false };
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        meta.is_file() && meta.permissions().mode() & 0o111 != 0
    }
    #[cfg(not(unix))]
    meta.is_file()
}
