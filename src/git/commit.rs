//! Committing is git's own: its hooks, signing, templates and editor stay as the user has them.

use std::ffi::OsString;
use std::path::PathBuf;

use super::error::GitError;
use super::repo::Repo;
use crate::world::files;
use crate::world::process::Run;

/// A commit to make.
#[derive(Debug, Clone, Copy)]
pub struct Commit<'a> {
    /// The message.
    pub message: &'a str,
    /// `-a`.
    pub all: bool,
    /// `--amend`.
    pub amend: bool,
    /// Open the message in git's editor.
    pub edit: bool,
    /// Flags for git, as they are.
    pub flags: &'a [String],
}

/// What became of it.
#[derive(Debug)]
pub struct Committed {
    /// Git's exit code.
    pub code: i32,
    /// Where the message was kept, when git refused it.
    pub kept: Option<PathBuf>,
}

impl Repo {
    /// Runs `git commit` with this message, as the user would: hooks and editor get the user's whole environment, and
    /// so does our own hook, which finds keys there. The message lies in a file of the git folder until git has taken it.
    ///
    /// # Errors
    /// `File` or `Process`, when git could not be started.
    pub fn commit(&self, commit: &Commit<'_>) -> Result<Committed, GitError> {
        let path = self.git_dir().join("MONSTER_MSG");
        let file = |source| GitError::File { path: path.clone(), source };
        files::replace(&path, format!("{}\n", commit.message).as_bytes(), 0o600).map_err(file)?;
        let mut args: Vec<OsString> = vec!["commit".into(), "-F".into(), path.clone().into_os_string()];
        let flags = [(commit.all, "-a"), (commit.amend, "--amend"), (commit.edit, "-e")];
        args.extend(flags.iter().filter(|(on, _)| *on).map(|(_, flag)| OsString::from(flag)));
        args.extend(commit.flags.iter().map(OsString::from));
        // Our own hook has nothing to add to our own message.
        let env = vec![("MONSTER_SKIP".to_owned(), Some("1".to_owned()))];
        // Paths among the flags are meant from where the user stands.
        let code = Run { program: "git", args, cwd: self.from(), stdin: None, env, timeout: None }
            .attached()
            .map_err(|e| GitError::Process { what: "commit".to_owned(), said: e.to_string() })?
            .unwrap_or(130);
        if code == 0 {
            // Left behind, it would only confuse.
            drop(std::fs::remove_file(&path));
            return Ok(Committed { code, kept: None });
        }
        // What a person wrote in the editor is git's file, and better than our draft.
        let edited = self.git_dir().join("COMMIT_EDITMSG");
        Ok(Committed { code, kept: Some(if commit.edit && edited.is_file() { edited } else { path }) })
    }
}
