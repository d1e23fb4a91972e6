//! Committing is git's own: its hooks, signing, templates and editor stay as the user has them.

use std::ffi::OsString;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::error::GitError;
use super::message;
use super::repo::Repo;
use crate::world::files;
use crate::world::process::Run;

/// The variable that tells our own hook, inside `git commit`, that the message is drafted.
pub const DRAFTED: &str = "MONSTER_DRAFTED";

/// Where a message lies until git has taken it, and what it was for.
const MESSAGE: &str = "MONSTER_MSG";
const PURPOSE: &str = "MONSTER_MSG.json";
/// So many messages are kept: the words of one commit that failed are not lost because another fails, or succeeds.
const KEPT: usize = 5;
/// The largest of these that is read (bytes).
const LIMIT: u64 = 1 << 20;
/// Git ended without a code: a signal ended it.
const INTERRUPTED: i32 = 130;

/// A commit to make.
#[derive(Debug, Clone, Copy)]
pub struct Commit<'a> {
    /// The message; `None` for the one that git has itself, of a merge for example.
    pub message: Option<&'a str>,
    /// Open the message in git's editor.
    pub edit: bool,
    /// Lines for whoever reads it in the editor, as comments.
    pub remark: Option<&'a str>,
    /// How it is committed.
    pub how: &'a How,
}

/// What became of it.
#[derive(Debug)]
pub struct Committed {
    /// Git's exit code.
    pub code: i32,
    /// Where the message was kept, when git refused it.
    pub kept: Option<PathBuf>,
}

/// A message that git refused, and what it was for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// The name of its file in the git folder.
    pub file: String,
    /// The message.
    pub message: String,
    /// How it was to be committed.
    pub how: How,
}

/// How a message is committed, and what with.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct How {
    /// What is committed, see [`Repo::stands`]: a message that git refuses is kept for just that.
    pub stands: Option<String>,
    /// What the commit is known by before it is there, see [`Repo::draft`].
    pub draft: Option<String>,
    /// `-a`.
    pub all: bool,
    /// `--amend`.
    pub amend: bool,
    /// Flags for git, as they are.
    pub flags: Vec<String>,
}

/// How git cleans a message up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cleanup {
    /// Git's own way: comments go when the message was edited.
    Own,
    /// Comments go.
    Strip,
    /// Every line stays.
    Whitespace,
    /// Every line above the scissors stays.
    Scissors,
}

impl Repo {
    /// Runs `git commit` with this message, as the user would: hooks and editor get the user's whole environment, and
    /// so does our own hook, which finds keys there. The message lies in a file of the git folder until git has taken
    /// it, and no line of it is taken for a comment.
    ///
    /// # Errors
    /// `File` or `Process`, when git could not be started.
    pub fn commit(&self, commit: &Commit<'_>) -> Result<Committed, GitError> {
        let path = self.git_dir().join(MESSAGE);
        let cleanup = self.cleanup(commit);
        let mut args: Vec<OsString> = vec!["commit".into()];
        if let Some(message) = commit.message {
            self.make_room(message, commit.how)?;
            self.put(MESSAGE, &self.laid_out(commit, message, cleanup))?;
            self.put(PURPOSE, &serde_json::to_string(commit.how).unwrap_or_default())?;
            // Ours is UTF-8, whatever is declared for messages here: a wrong label would garble it.
            if self.setting("i18n.commitEncoding").is_some_and(|name| !name.eq_ignore_ascii_case("utf-8")) {
                args.splice(0..0, ["-c".into(), "i18n.commitEncoding=UTF-8".into()]);
            }
            args.extend(["-F".into(), path.clone().into_os_string()]);
        } else if !commit.edit {
            args.push("--no-edit".into());
        }
        let flags = [(commit.how.all, "-a"), (commit.how.amend, "--amend"), (commit.edit, "-e")];
        args.extend(flags.iter().filter(|(on, _)| *on).map(|(_, flag)| OsString::from(flag)));
        match cleanup {
            Cleanup::Own => {}
            Cleanup::Strip => args.push("--cleanup=strip".into()),
            Cleanup::Whitespace => args.push("--cleanup=whitespace".into()),
            Cleanup::Scissors => args.push("--cleanup=scissors".into()),
        }
        // Behind ours: the user's word is the last.
        args.extend(commit.how.flags.iter().map(OsString::from));
        let edited = self.git_dir().join("COMMIT_EDITMSG");
        let before = files::look(&edited);
        let code = self.attached("commit", args)?;
        if commit.message.is_none() {
            return Ok(Committed { code, kept: None });
        }
        if code == 0 {
            // Left behind, it would only confuse.
            self.drop_kept(0);
            return Ok(Committed { code, kept: None });
        }
        // What a person wrote in the editor is better than our draft. A hook may have refused before there was one: then
        // the words of the last commit stand in git's file.
        if commit.edit && files::look(&edited) != before {
            let theirs = self.finished(&edited, cleanup).filter(|text| !text.is_empty());
            let text = theirs.as_deref().or(commit.message).unwrap_or_default();
            self.put(MESSAGE, &format!("{text}\n"))?;
        }
        Ok(Committed { code, kept: Some(path) })
    }

    /// Lets the user pick what is staged, with `git add -p` on their terminal; git's exit code.
    ///
    /// # Errors
    /// `Process`, when git could not be started.
    pub fn pick(&self, paths: &[String]) -> Result<i32, GitError> {
        let words = ["add", "-p", "--"].map(OsString::from).into_iter();
        self.attached("add", words.chain(paths.iter().map(OsString::from)).collect())
    }

    /// The messages that git refused, the last one first.
    #[must_use]
    pub fn kept(&self) -> Vec<Kept> {
        (0..KEPT).filter_map(|n| self.kept_at(n)).collect()
    }

    fn kept_at(&self, n: usize) -> Option<Kept> {
        let read = |path: PathBuf| files::read_bounded(&path, LIMIT).ok();
        let [message, how] = self.places(n);
        let file = message.file_name()?.to_str()?.to_owned();
        let message = String::from_utf8(read(message)?).ok()?.trim_end().to_owned();
        let how = serde_json::from_slice(&read(how)?).ok()?;
        (!message.is_empty()).then_some(Kept { file, message, how })
    }

    /// Where a kept message lies, and where what it was for: the last one, and those before it.
    fn places(&self, n: usize) -> [PathBuf; 2] {
        let name = |name: &str| match (n, name.strip_suffix(".json")) {
            (0, _) => name.to_owned(),
            (n, Some(stem)) => format!("{stem}.{n}.json"),
            (n, None) => format!("{name}.{n}"),
        };
        [MESSAGE, PURPOSE].map(|one| self.git_dir().join(name(one)))
    }

    /// Moves kept messages back by one, the oldest out, so that another can be the last. One that is committed again
    /// leaves its own place.
    fn make_room(&self, message: &str, how: &How) -> Result<(), GitError> {
        let same = |kept: &Kept| kept.message == message.trim_end() && kept.how.stands == how.stands;
        let there = |n: usize| self.places(n).iter().any(|path| path.exists());
        let own = (0..KEPT).find(|n| self.kept_at(*n).is_some_and(|kept| same(&kept)));
        let Some(free) = own.or_else(|| (0..KEPT).find(|n| !there(*n))).or(Some(KEPT - 1)) else { return Ok(()) };
        self.places(free).into_iter().for_each(|path| drop(std::fs::remove_file(path)));
        for n in (0..free).rev() {
            self.shift(n, n + 1)?;
        }
        Ok(())
    }

    /// Takes a kept message away; those before it move up.
    fn drop_kept(&self, n: usize) {
        self.places(n).into_iter().for_each(|path| drop(std::fs::remove_file(path)));
        for n in n + 1..KEPT {
            // What cannot be moved stays where it is, and is found there.
            drop(self.shift(n, n - 1));
        }
    }

    fn shift(&self, from: usize, to: usize) -> Result<(), GitError> {
        for (from, to) in self.places(from).into_iter().zip(self.places(to)) {
            match std::fs::rename(&from, &to) {
                Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
                    return Err(GitError::File { path: from, source });
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn put(&self, name: &str, text: &str) -> Result<(), GitError> {
        let path = self.git_dir().join(name);
        files::replace(&path, text.as_bytes(), 0o600).map_err(|source| GitError::File { path, source })
    }

    /// Git on the user's own terminal. Paths among the words are meant from where the user stands.
    fn attached(&self, what: &str, args: Vec<OsString>) -> Result<i32, GitError> {
        // Our own hook has nothing to add to our own message; those that judge do so all the same.
        let env = vec![(DRAFTED.to_owned(), Some("1".to_owned()))];
        let ran = Run { program: "git", args, cwd: self.from(), stdin: None, env, timeout: None }.attached();
        let failed = |e: std::io::Error| GitError::Process { what: what.to_owned(), said: e.to_string() };
        Ok(ran.map_err(failed)?.unwrap_or(INTERRUPTED))
    }

    /// How git is to clean up, where its own way or the user's settings would take a line of ours.
    fn cleanup(&self, commit: &Commit<'_>) -> Cleanup {
        let own = self.setting("commit.cleanup").unwrap_or_default();
        let Some(message) = commit.message else {
            // Git writes comments into its own messages, and leaves them there when nobody edits.
            return if commit.edit { Cleanup::Own } else { Cleanup::Strip };
        };
        match (commit.edit, own.as_str()) {
            (false, "verbatim") | (true, "verbatim" | "whitespace" | "scissors") => Cleanup::Own,
            (false, _) => Cleanup::Whitespace,
            (true, _) if self.like_comments(message) => Cleanup::Scissors,
            (true, _) => Cleanup::Own,
        }
    }

    fn like_comments(&self, message: &str) -> bool {
        let mark = self.comment_mark();
        message.lines().any(|line| line.starts_with(&mark))
    }

    /// The message as it goes into the file.
    fn laid_out(&self, commit: &Commit<'_>, message: &str, cleanup: Cleanup) -> String {
        let mark = self.comment_mark();
        let asked = commit.how.flags.iter().position(|flag| flag.starts_with("--cleanup"));
        let asked = asked.and_then(|at| Some((commit.how.flags.get(at)?, commit.how.flags.get(at + 1))));
        let strips = asked.is_some_and(|(flag, next)| match flag.strip_prefix("--cleanup=") {
            Some(how) => matches!(how, "strip" | "default"),
            None => next.is_some_and(|how| matches!(how.as_str(), "strip" | "default")),
        });
        let mut out = String::new();
        for line in message.lines() {
            // A blank in front keeps a line from being taken for a comment, where the user wants comments out.
            let kept = if strips && line.starts_with(&mark) { " " } else { "" };
            out.push_str(&format!("{kept}{line}\n"));
        }
        let chosen = self.either(message::COMMENTS);
        let own = self.setting("commit.cleanup").unwrap_or_default();
        // Only where git takes comments out, and by a mark that is known.
        let comments = commit.edit
            && cleanup == Cleanup::Own
            && matches!(own.as_str(), "" | "default" | "strip")
            && asked.is_none()
            && chosen.as_deref() != Some("auto");
        if let Some(remark) = commit.remark.filter(|_| comments) {
            out.push('\n');
            remark.lines().for_each(|line| out.push_str(&format!("{mark} {line}\n")));
        }
        out
    }

    /// What a person left in git's file, as git would have taken it.
    fn finished(&self, path: &std::path::Path, cleanup: Cleanup) -> Option<String> {
        let own = self.setting("commit.cleanup").unwrap_or_default();
        if cleanup == Cleanup::Own && !matches!(own.as_str(), "verbatim" | "whitespace" | "scissors") {
            return message::finished_in(self, path).ok();
        }
        let text = String::from_utf8_lossy(&files::read_bounded(path, LIMIT).ok()?).into_owned();
        let mark = self.comment_mark();
        let above = text.lines().take_while(|line| !(line.starts_with(&mark) && line.contains(">8 ---")));
        Some(above.collect::<Vec<_>>().join("\n").trim().to_owned())
    }
}
