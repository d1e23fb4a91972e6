//! The hook: installed only where nothing stands, removed only when it is ours.

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::error::GitError;
use super::repo::Repo;
use crate::world::files;

const NAME: &str = "prepare-commit-msg";
const SCRIPT: &str = include_str!("../../hooks/prepare-commit-msg.sh");
/// The line by which a hook is known as ours.
const MARK: &str = "# Installed by monster;";
/// The line that says what we installed, so that somebody's own lines are never removed with ours.
const SUM: &str = "# sha256 of the other lines: ";
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
    /// Ours, but somebody has written into it since.
    Edited,
    /// Somebody else's hook.
    Taken,
    /// The folder of hooks is a symbolic link, perhaps to tracked files.
    Linked,
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
            Self::Edited => "installed, and edited since",
            Self::Linked => "the hooks folder is a symbolic link",
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
        let advice = format!("git runs hooks from {path}; put this line into {path}/{NAME}: {}", line());
        return Ok(Status { state: State::Elsewhere, path: PathBuf::from(path).join(NAME), advice: Some(advice) });
    }
    let path = common_dir(repo)?.join("hooks").join(NAME);
    let line = line();
    let with = |state, path: PathBuf, advice: Option<String>| Ok(Status { state, path, advice });
    let linked = |dir: &Path| std::fs::symlink_metadata(dir).is_ok_and(|m| m.file_type().is_symlink());
    if path.parent().is_some_and(linked) {
        // Writing through a link could write into somebody's tracked files.
        let advice = format!("add this line to {} yourself: {line}", path.display());
        return with(State::Linked, path, Some(advice));
    }
    let Ok(meta) = std::fs::symlink_metadata(&path) else { return with(State::Absent, path, None) };
    let content = if meta.is_file() { files::read_bounded(&path, LIMIT).unwrap_or_default() } else { Vec::new() };
    let text = String::from_utf8_lossy(&content);
    if !text.contains(MARK) {
        let advice = format!("add this line to {}: {line}", path.display());
        return with(State::Taken, path, Some(advice));
    }
    if !whole(&content) {
        let advice = format!("edit or remove {} by hand; monster's line in it runs: {line}", path.display());
        return with(State::Edited, path, Some(advice));
    }
    if executable(&meta) {
        Ok(Status { state: State::Installed, path, advice: None })
    } else {
        let advice = format!("chmod +x '{}'", path.display());
        Ok(Status { state: State::Broken, path, advice: Some(advice) })
    }
}

/// What somebody else's hook needs to call us. Where monster is missing it does nothing: a hook is shared with people
/// who may not have it.
fn line() -> String {
    format!("! command -v monster >/dev/null || monster hook run {NAME} \"$@\"")
}

/// Installs the hook for the program at `program`.
///
/// # Errors
/// `HookTaken` where another hook or `core.hooksPath` stands; nothing is changed then.
pub fn install(repo: &Repo, program: &Path) -> Result<Done, GitError> {
    let status = status(repo)?;
    let path = status.path;
    if matches!(status.state, State::Taken | State::Edited | State::Linked | State::Elsewhere) {
        let what = match status.state {
            State::Taken => format!("another {NAME} hook stands in {}", path.display()),
            State::Edited => format!("the hook in {} was edited since monster installed it", path.display()),
            State::Linked => format!("the folder of {} is a symbolic link", path.display()),
            _ => "this repository's hooks are run from another place (core.hooksPath is set)".to_owned(),
        };
        return Err(GitError::HookTaken { what, advice: status.advice.unwrap_or_default() });
    }
    let script = script(program);
    if status.state == State::Installed && files::read_bounded(&path, LIMIT).is_ok_and(|b| b == script) {
        return Ok(Done { path, changed: false });
    }
    let io = |source| GitError::File { path: path.clone(), source };
    if let Some(dir) = path.parent() {
        std::fs::create_dir_all(dir).map_err(io)?;
    }
    files::replace(&path, &script, 0o755).map_err(io)?;
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
        State::Edited => Err(GitError::HookTaken {
            what: format!(
                "the hook in {} was edited since monster installed it and is left alone",
                status.path.display()
            ),
            advice: status.advice.unwrap_or_default(),
        }),
        State::Taken | State::Linked | State::Elsewhere => Err(GitError::HookTaken {
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

/// The hook's text for a program.
fn script(program: &Path) -> Vec<u8> {
    let named = replaced(SCRIPT.as_bytes(), b"@MONSTER@", &quoted(program.as_os_str().as_encoded_bytes()));
    let sum = sum(&named);
    replaced(&named, b"@SUM@", sum.as_bytes())
}

/// It is as [`script`] wrote it, for whatever program and by whatever version of monster.
fn whole(content: &[u8]) -> bool {
    let sum = sum(content);
    content.split(|b| *b == b'\n').any(|line| line.strip_prefix(SUM.as_bytes()) == Some(sum.as_bytes()))
}

/// Of all lines but the one that says it.
fn sum(content: &[u8]) -> String {
    let mut hash = Sha256::new();
    for line in content.split_inclusive(|b| *b == b'\n').filter(|line| !line.starts_with(SUM.as_bytes())) {
        hash.update(line);
    }
    hash.finalize().iter().map(|b| format!("{b:02x}")).collect()
}

/// The first `from` replaced; in bytes, because a program's path may be no text.
fn replaced(content: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    match content.windows(from.len()).position(|w| w == from) {
        Some(at) => [&content[..at], to, &content[at + from.len()..]].concat(),
        None => content.to_vec(),
    }
}

/// For a POSIX shell.
fn quoted(text: &[u8]) -> Vec<u8> {
    let inner = text.split(|b| *b == b'\'').collect::<Vec<_>>().join(&b"'\\''"[..]);
    [b"'", inner.as_slice(), b"'"].concat()
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
