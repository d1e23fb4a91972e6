//! The hook: installed only where nothing stands, removed only when it is ours.

use std::path::{Path, PathBuf};

use super::error::GitError;
use super::repo::Repo;
use crate::world::files;

const NAME: &str = "prepare-commit-msg";
const SCRIPT: &str = include_str!("../../hooks/prepare-commit-msg.sh");
/// The line by which a hook is known as ours.
const MARK: &str = "# Installed by monster;";
/// A hook larger than this is not ours (bytes).
const LIMIT: u64 = 64 << 10;

/// What stands where our hook would.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Ours, and git would run it.
    Installed,
    /// Ours, but it cannot be executed.
    Broken,
    /// Nothing.
    Absent,
    /// Somebody else's hook.
    Taken,
    /// `core.hooksPath` sends git elsewhere.
    Elsewhere,
}

impl State {
    /// One word or two.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Installed => "installed",
            Self::Broken => "not executable",
            Self::Absent => "not installed",
            Self::Taken => "another hook stands there",
            Self::Elsewhere => "core.hooksPath is set",
        }
    }
}

/// How it stands.
#[derive(Debug, Clone)]
pub struct Status {
    /// What stands there.
    pub state: State,
    /// Where.
    pub path: PathBuf,
    /// What to do.
    pub advice: Option<String>,
}

/// What an action did.
#[derive(Debug, Clone)]
pub struct Done {
    /// The hook's file.
    pub path: PathBuf,
    /// Something was changed.
    pub changed: bool,
}

/// Looks.
///
/// # Errors
/// [`GitError`].
pub fn status(repo: &Repo) -> Result<Status, GitError> {
    if let Some(path) = repo.setting("core.hooksPath").filter(|p| !p.is_empty()) {
        let advice = format!(
            "git runs hooks from {path}; put this line into {path}/{NAME}: exec monster hook run {NAME} \"$@\""
        );
        return Ok(Status { state: State::Elsewhere, path: PathBuf::from(path).join(NAME), advice: Some(advice) });
    }
    let path = common_dir(repo)?.join("hooks").join(NAME);
    let Ok(meta) = std::fs::symlink_metadata(&path) else {
        return Ok(Status { state: State::Absent, path, advice: None });
    };
    let ours =
        meta.is_file() && files::read_bounded(&path, LIMIT).is_ok_and(|b| String::from_utf8_lossy(&b).contains(MARK));
    if !ours {
        let advice = format!("add this line to {}: monster hook run {NAME} \"$@\"", path.display());
        return Ok(Status { state: State::Taken, path, advice: Some(advice) });
    }
    if executable(&meta) {
        Ok(Status { state: State::Installed, path, advice: None })
    } else {
        let advice = format!("chmod +x '{}'", path.display());
        Ok(Status { state: State::Broken, path, advice: Some(advice) })
    }
}

/// Installs the hook for the program at `program`.
///
/// # Errors
/// `HookTaken` where another hook or `core.hooksPath` stands; nothing is changed then.
pub fn install(repo: &Repo, program: &Path) -> Result<Done, GitError> {
    let status = status(repo)?;
    let path = status.path;
    if matches!(status.state, State::Taken | State::Elsewhere) {
        let what = match status.state {
            State::Taken => format!("another {NAME} hook stands in {}", path.display()),
            _ => "this repository's hooks are run from another place (core.hooksPath is set)".to_owned(),
        };
        return Err(GitError::HookTaken { what, advice: status.advice.unwrap_or_default() });
    }
    let script = SCRIPT.replace("@MONSTER@", &quoted(&program.to_string_lossy()));
    if status.state == State::Installed && files::read_bounded(&path, LIMIT).is_ok_and(|b| b == script.as_bytes()) {
        return Ok(Done { path, changed: false });
    }
    let io = |source| GitError::File { path: path.clone(), source };
    if let Some(dir) = path.parent() {
        std::fs::create_dir_all(dir).map_err(io)?;
    }
    files::replace(&path, script.as_bytes(), 0o755).map_err(io)?;
    Ok(Done { path, changed: true })
}

/// Removes the hook if it is ours.
///
/// # Errors
/// `HookTaken` when somebody else's stands there; `File`.
pub fn uninstall(repo: &Repo) -> Result<Done, GitError> {
    let status = status(repo)?;
    match status.state {
        State::Installed | State::Broken => {
            std::fs::remove_file(&status.path)
                .map_err(|source| GitError::File { path: status.path.clone(), source })?;
            Ok(Done { path: status.path, changed: true })
        }
        State::Absent => Ok(Done { path: status.path, changed: false }),
        State::Taken | State::Elsewhere => Err(GitError::HookTaken {
            what: format!("the hook in {} is not monster's and is left alone", status.path.display()),
            advice: "remove monster's line from it by hand".to_owned(),
        }),
    }
}

/// Hooks are shared by all work trees of a repository.
fn common_dir(repo: &Repo) -> Result<PathBuf, GitError> {
    match repo.inner() {
        Some(inner) => Ok(inner.commondir().to_owned()),
        None => Ok(PathBuf::from(repo.git().line(&["rev-parse", "--path-format=absolute", "--git-common-dir"])?)),
    }
}

/// For a POSIX shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

#[cfg(unix)]
fn executable(meta: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    meta.permissions().mode() & 0o100 != 0
}

#[cfg(not(unix))]
const fn executable(_: &std::fs::Metadata) -> bool {
    true
}
