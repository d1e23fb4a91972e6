//! The installed hook, run by the same git in a repository of its own: whether it would draft a message in the user's.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::error::GitError;
use crate::world::clock::Stopwatch;
use crate::world::process::{Ran, Run};
use crate::world::scratch::Scratch;
use crate::world::{Env, files};

/// A hook larger than this is not ours (bytes).
const LIMIT: u64 = 64 << 10;
/// Beside the hook's own time: starting git, and writing a commit.
const GIT: Duration = Duration::from_secs(5);
/// Where git keeps the hook, below a work tree.
const HOOK: &str = ".git/hooks/prepare-commit-msg";

/// What came of it.
#[derive(Debug, Clone)]
pub struct Rehearsed {
    /// The message that stood in the commit; `None` when none was made.
    pub message: Option<String>,
    /// The last thing that was said; for people.
    pub said: String,
    /// How long the commit took, the hook with it.
    pub took: Duration,
}

/// Commits one file in a new repository that has this hook, asking no model, and takes everything away again. `limit` is
/// the hook's own deadline. Nothing of the user's repository and state is touched, and no setting of the user's git holds.
///
/// # Errors
/// `File` when there is no place for it; `Process` when git cannot make the repository, or the commit takes too long.
pub fn rehearse(hook: &Path, limit: Duration, env: &Env) -> Result<Rehearsed, GitError> {
    let scratch = Scratch::new("doctor").map_err(|source| GitError::File { path: std::env::temp_dir(), source })?;
    let stage = Stage { dir: scratch.path().join("repo"), state: scratch.path().join("state"), env };
    let io = |path: &Path| {
        let path = path.to_owned();
        move |source| GitError::File { path, source }
    };
    files::private_dir(&stage.dir).map_err(io(&stage.dir))?;
    stage.git(&["init", "-q"], GIT)?;
    let script = files::read_bounded(hook, LIMIT).map_err(io(hook))?;
    let ours = stage.dir.join(HOOK);
    if let Some(folder) = ours.parent() {
        std::fs::create_dir_all(folder).map_err(io(folder))?;
    }
    files::replace(&ours, &script, 0o755).map_err(io(&ours))?;
    let note = stage.dir.join("README.md");
    files::replace(&note, b"# Notes\n", 0o600).map_err(io(&note))?;
    stage.git(&["add", "README.md"], GIT)?;
    let began = Stopwatch::start();
    let ran = stage.git_run(&["commit", "-q"], limit.saturating_add(GIT))?;
    let took = began.elapsed();
    let said = String::from_utf8_lossy(&ran.stderr);
    let said = said.lines().last().unwrap_or_default().trim().to_owned();
    if !ran.ok() {
        return Ok(Rehearsed { message: None, said, took });
    }
    let message = stage.git(&["log", "-1", "--format=%B"], GIT)?;
    let message = String::from_utf8_lossy(&message).trim().to_owned();
    Ok(Rehearsed { message: Some(message).filter(|m| !m.is_empty()), said, took })
}

/// What git calls itself, `2.47.3`.
///
/// # Errors
/// `Process` when it is not there.
pub fn version(env: &Env) -> Result<String, GitError> {
    let told = Stage { dir: env.cwd().to_owned(), state: PathBuf::new(), env }.git(&["--version"], GIT)?;
    let told = String::from_utf8_lossy(&told);
    Ok(told.trim().trim_start_matches("git version ").to_owned())
}

/// Where git runs, with nothing of the user's that would change what it does there.
pub(super) struct Stage<'a> {
    pub(super) dir: PathBuf,
    pub(super) state: PathBuf,
    pub(super) env: &'a Env,
}

impl Stage<'_> {
    fn git_run(&self, args: &[&str], limit: Duration) -> Result<Ran, GitError> {
        self.fed(args, None, limit)
    }

    /// Runs git with something to read.
    pub(super) fn fed(&self, args: &[&str], stdin: Option<Vec<u8>>, limit: Duration) -> Result<Ran, GitError> {
        // A folder for temporary files may lie in a repository, which is not looked for.
        let ceiling = self.dir.parent().unwrap_or(&self.dir).to_string_lossy().into_owned();
        let own = |text: &str| Some(text.to_owned());
        // Another index, work tree or editor, settings by variable: none of it means this repository.
        let git = self.env.vars().map(|(name, _)| name).filter(|n| n.starts_with("GIT_") && *n != "GIT_EXEC_PATH");
        let mut env: Vec<(String, Option<String>)> = git.map(|name| (name.to_owned(), None)).collect();
        env.push(("MONSTER_SKIP".to_owned(), None));
        for (name, value) in [
            ("GIT_CONFIG_NOSYSTEM", "1"),
            ("GIT_CONFIG_GLOBAL", "/dev/null"),
            ("GIT_TERMINAL_PROMPT", "0"),
            ("GIT_TEMPLATE_DIR", ""),
            ("GIT_CEILING_DIRECTORIES", &ceiling),
            ("GIT_EDITOR", "true"),
            ("GIT_AUTHOR_NAME", "monster"),
            ("GIT_AUTHOR_EMAIL", "monster@localhost"),
            ("GIT_COMMITTER_NAME", "monster"),
            ("GIT_COMMITTER_EMAIL", "monster@localhost"),
            ("MONSTER_OFFLINE", "true"),
            ("MONSTER_HOOK_ENABLED", "true"),
            ("MONSTER_STATE_DIR", &self.state.to_string_lossy()),
        ] {
            env.push((name.to_owned(), own(value)));
        }
        let args: Vec<OsString> = args.iter().map(OsString::from).collect();
        let what = args.first().map(|a| a.to_string_lossy().into_owned()).unwrap_or_default();
        let run = Run { program: "git", args, cwd: &self.dir, stdin, env, timeout: Some(limit) };
        run.collect().map_err(|e| GitError::Process { what, said: e.to_string() })
    }

    fn git(&self, args: &[&str], limit: Duration) -> Result<Vec<u8>, GitError> {
        let ran = self.git_run(args, limit)?;
        if ran.ok() {
            return Ok(ran.stdout);
        }
        let said = String::from_utf8_lossy(&ran.stderr);
        let said = said.lines().last().unwrap_or("no reason given").to_owned();
        Err(GitError::Process { what: args.first().copied().unwrap_or_default().to_owned(), said })
    }
}
