//! The git process, for what libgit2 cannot read, with everything a repository could make it run taken away.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use super::attributes::Said;
use super::error::GitError;
use super::{FileChange, FileKind};
use crate::world::Env;
use crate::world::process::{Run, Talk};

/// Reading never takes this long unless something hangs.
const PATIENCE: Duration = Duration::from_secs(60);
/// Variables that name a place and would mean another one from another folder.
const PLACES: [&str; 5] = ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY"];
/// What is said for a git that failed without a word.
const SILENT: &str = "no reason given";
/// How a reason ends where git reads what we do not, once it is staged.
pub const STAGE: &str = "; stage it to have it read";
/// An empty variable, for settings whose name holds an equals sign.
const NOTHING: &str = "MONSTER_NOTHING";
/// Settings that could start a program, and what they are set to.
const TAMED: [&str; 9] = [
    "core.fsmonitor=false",
    "core.quotePath=false",
    "core.hooksPath=/dev/null",
    "core.sshCommand=false",
    "protocol.allow=never",
    "submodule.recurse=false",
    "diff.external=",
    // git log would start gpg.program for every signed commit.
    "log.showSignature=false",
    "diff.interHunkContext=0",
];

/// A folder to run git in, and its surroundings.
pub(super) struct Git {
    dir: PathBuf,
    env: Vec<(String, Option<String>)>,
    asked: Asked,
}

/// What the configuration said: git is asked once for a repository, not once for every question.
#[derive(Clone, Default)]
pub(super) struct Asked {
    filters: Arc<OnceLock<Vec<OsString>>>,
    settings: Arc<OnceLock<Vec<Row>>>,
}

/// A setting: scope, name, value.
pub(super) type Row = (String, String, String);

impl Git {
    pub(super) fn at(dir: &Path, env: &Env) -> Self {
        let own = |text: &str| Some(text.to_owned());
        let mut vars: Vec<(String, Option<String>)> = env.vars().map(|(n, v)| (n.to_owned(), own(v))).collect();
        for name in PLACES {
            if let Some(value) = env.get(name) {
                vars.push((name.to_owned(), own(&env.cwd().join(value).to_string_lossy())));
            }
        }
        for (name, value) in [
            ("GIT_NO_LAZY_FETCH", "1"),
            // Before 2.44 git does not know the one above; and protocol.NAME.allow goes before protocol.allow.
            ("GIT_ALLOW_PROTOCOL", ""),
            // What stands in for another object here does so nowhere else, and libgit2 knows of none.
            ("GIT_NO_REPLACE_OBJECTS", "1"),
            ("GIT_TERMINAL_PROMPT", "0"),
            ("GIT_OPTIONAL_LOCKS", "0"),
            ("GIT_PAGER", "cat"),
            ("LC_ALL", "C"),
            (NOTHING, ""),
        ] {
            vars.push((name.to_owned(), own(value)));
        }
        for name in ["GIT_EXTERNAL_DIFF", "GIT_SSH_COMMAND", "GIT_SSH", "GIT_DIFF_OPTS", "GIT_TRACE2_EVENT"] {
            vars.push((name.to_owned(), None));
        }
        Self { dir: dir.to_owned(), env: vars, asked: Asked::default() }
    }

    /// With what was asked before.
    pub(super) fn remembering(self, asked: &Asked) -> Self {
        Self { asked: asked.clone(), ..self }
    }

    /// Reads attributes from this commit and from no work tree. A git before 2.41 does not know how.
    pub(super) fn attributes_of(mut self, commit: &str) -> Self {
        self.env.push(("GIT_ATTR_SOURCE".to_owned(), Some(commit.to_owned())));
        self
    }

    /// As a git that does not know this variable.
    #[cfg(test)]
    pub(super) fn without(mut self, name: &str) -> Self {
        self.env.retain(|(n, _)| n != name);
        self
    }

    /// Runs a reading command, hardened, and gives its output.
    pub(super) fn bytes(&self, args: &[&str]) -> Result<Vec<u8>, GitError> {
        self.fed(args, None)
    }

    /// As [`Self::bytes`], with something to read.
    pub(super) fn fed(&self, args: &[&str], input: Option<Vec<u8>>) -> Result<Vec<u8>, GitError> {
        self.run(self.tamed(args)?, args.first().copied().unwrap_or_default(), input)
    }

    /// Starts a reading command, hardened, that answers as often as it is asked.
    pub(super) fn talk(&self, args: &[&str]) -> Result<Talk, GitError> {
        let what = args.first().copied().unwrap_or_default().to_owned();
        let run = Run { args: self.tamed(args)?, ..self.bare() };
        run.talk().map_err(|error| GitError::Process { what, said: error.to_string() })
    }

    /// These words behind those that take away whatever could start a program.
    fn tamed(&self, args: &[&str]) -> Result<Vec<OsString>, GitError> {
        let mut all: Vec<OsString> = vec!["--no-pager".into()];
        for setting in TAMED {
            all.extend(["-c".into(), setting.into()]);
        }
        for name in self.filters()? {
            // An empty "required" is false.
            for part in ["clean", "smudge", "process", "required"] {
                // "-c" ends a name at its first equals sign, and a filter may be called "a=b".
                let mut word = OsString::from("--config-env=");
                word.push(name);
                word.push(format!(".{part}={NOTHING}"));
                all.push(word);
            }
        }
        all.extend(args.iter().map(OsString::from));
        Ok(all)
    }

    /// Git without a word.
    fn bare(&self) -> Run<'_> {
        let env = self.env.clone();
        Run { program: "git", args: Vec::new(), cwd: &self.dir, stdin: None, env, timeout: Some(PATIENCE) }
    }

    /// The output's first line.
    pub(super) fn line(&self, args: &[&str]) -> Result<String, GitError> {
        let out = self.bytes(args)?;
        Ok(String::from_utf8_lossy(&out).lines().next().unwrap_or_default().to_owned())
    }

    /// The folder in which git looks for hooks, perhaps of the work tree with this git folder. Naming it runs none, so
    /// `core.hooksPath` may be seen here.
    pub(super) fn hooks(&self, git_dir: Option<&Path>) -> Result<PathBuf, GitError> {
        let seen = TAMED.into_iter().filter(|setting| !setting.starts_with("core.hooksPath"));
        let mut all: Vec<OsString> = seen.flat_map(|setting| ["-c".into(), setting.into()]).collect();
        if let Some(dir) = git_dir {
            all.extend(["--git-dir".into(), dir.into()]);
        }
        all.extend(["rev-parse", "--path-format=absolute", "--git-path", "hooks"].map(Into::into));
        let mut out = self.run(all, "rev-parse", None)?;
        if out.last() == Some(&b'\n') {
            out.pop();
        }
        Ok(PathBuf::from(os_string(&out)?))
    }

    /// The output's first line; `None` when git found none and had nothing to say about it.
    pub(super) fn maybe(&self, args: &[&str]) -> Result<Option<String>, GitError> {
        match self.line(args) {
            Ok(line) => Ok(Some(line)),
            Err(GitError::Process { said, .. }) if said == SILENT => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The output; empty when git found nothing and had nothing to say about it.
    pub(super) fn found(&self, args: &[&str]) -> Result<Vec<u8>, GitError> {
        match self.bytes(args) {
            Err(GitError::Process { said, .. }) if said == SILENT => Ok(Vec::new()),
            other => other,
        }
    }

    /// Every setting, lowest layer first. Listing runs nothing, and none of ours is among them.
    pub(super) fn settings(&self) -> Result<&[Row], GitError> {
        if let Some(known) = self.asked.settings.get() {
            return Ok(known);
        }
        let rows = self.list()?;
        Ok(self.asked.settings.get_or_init(|| rows))
    }

    /// Why the work tree's text of such a file is not read: git keeps what a program of the user's makes of it, and only git
    /// runs that. Where the settings cannot be read, or git does not say what holds for the file, it may be so.
    pub(super) fn held_back(&self, file: &FileChange, said: &Said) -> Option<String> {
        if said.unknown && file.kind != FileKind::Symlink && self.filtering() {
            return Some(format!("git does not say whether it passes it through a filter{STAGE}"));
        }
        let name = said.filter.as_ref().filter(|_| file.kind != FileKind::Symlink)?;
        let set = |all: &[Row], key: &str| {
            let key = format!("filter.{name}.{key}");
            all.iter().rev().find(|(_, name, _)| *name == key).is_some_and(|(_, _, value)| !value.is_empty())
        };
        let runs = self.settings().map_or(true, |all| set(all, "clean") || set(all, "process"));
        runs.then(|| format!("git passes it through the filter {name:?}, which was not run{STAGE}"))
    }

    /// Whether there is any such filter at all.
    pub(super) fn filtering(&self) -> bool {
        // A name may have dots.
        let foreign = |key: &str| {
            let of = key.strip_prefix("filter.").and_then(|key| key.rsplit_once('.'));
            of.is_some_and(|(name, what)| name != "lfs" && matches!(what, "clean" | "process"))
        };
        self.settings().map_or(true, |all| all.iter().any(|(_, name, value)| foreign(name) && !value.is_empty()))
    }

    fn list(&self) -> Result<Vec<Row>, GitError> {
        let out = self.run(["config", "--list", "-z", "--show-scope"].map(Into::into).to_vec(), "config", None)?;
        let text = |b: &[u8]| String::from_utf8_lossy(b).into_owned();
        let mut parts = out.split(|b| *b == 0);
        let mut rows = Vec::new();
        while let (Some(scope), Some(row)) = (parts.next(), parts.next()) {
            let row = text(row);
            let (name, value) = row.split_once('\n').unwrap_or((&row, "true"));
            rows.push((text(scope), name.to_owned(), value.to_owned()));
        }
        Ok(rows)
    }

    /// Names of configured filters, `filter.lfs`.
    fn filters(&self) -> Result<&[OsString], GitError> {
        if let Some(known) = self.asked.filters.get() {
            return Ok(known);
        }
        let names = self.filter_names()?;
        Ok(self.asked.filters.get_or_init(|| names))
    }

    fn filter_names(&self) -> Result<Vec<OsString>, GitError> {
        let listed = self.run(["config", "--list", "-z", "--name-only"].map(Into::into).to_vec(), "config", None)?;
        let mut names = Vec::new();
        for name in listed.split(|b| *b == 0).filter(|n| n.starts_with(b"filter.")) {
            let Some(dot) = name.iter().rposition(|b| *b == b'.').filter(|at| *at > b"filter".len()) else { continue };
            names.push(os_string(&name[..dot])?);
        }
        names.sort();
        names.dedup();
        Ok(names)
    }

    fn run(&self, args: Vec<OsString>, what: &str, stdin: Option<Vec<u8>>) -> Result<Vec<u8>, GitError> {
        let run = Run { args, stdin, ..self.bare() };
        let failed = |said: String| GitError::Process { what: what.to_owned(), said };
        let ran = run.collect().map_err(|e| failed(e.to_string()))?;
        if ran.ok() {
            Ok(ran.stdout)
        } else {
            let said = String::from_utf8_lossy(&ran.stderr);
            Err(failed(said.lines().last().unwrap_or(SILENT).to_owned()))
        }
    }
}

#[cfg(unix)]
fn os_string(bytes: &[u8]) -> Result<OsString, GitError> {
    use std::os::unix::ffi::OsStringExt;
    Ok(OsString::from_vec(bytes.to_vec()))
}

/// A filter that cannot be named cannot be cleared: then nothing is run.
#[cfg(not(unix))]
fn os_string(bytes: &[u8]) -> Result<OsString, GitError> {
    let said = |_| GitError::Process { what: "config".to_owned(), said: "a filter's name is no text".to_owned() };
    std::str::from_utf8(bytes).map(OsString::from).map_err(said)
}
