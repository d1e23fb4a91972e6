//! The git process, for what libgit2 cannot read, with everything a repository could make it run taken away.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::error::GitError;
use crate::world::process::Run;

/// Reading never takes this long unless something hangs.
const PATIENCE: Duration = Duration::from_secs(60);

/// A folder to run git in.
pub(super) struct Git {
    dir: PathBuf,
}

impl Git {
    pub(super) fn at(dir: &Path) -> Self {
        Self { dir: dir.to_owned() }
    }

    /// Runs a reading command, hardened, and gives its output.
    pub(super) fn bytes(&self, args: &[&str]) -> Result<Vec<u8>, GitError> {
        let mut all: Vec<OsString> = [
            "--no-pager",
            "-c",
            "core.fsmonitor=false",
            "-c",
            "core.quotePath=false",
            "-c",
            "core.hooksPath=/dev/null",
            "-c",
            "core.sshCommand=false",
            "-c",
            "protocol.allow=never",
            "-c",
            "submodule.recurse=false",
            "-c",
            "diff.external=",
        ]
        .iter()
        .map(OsString::from)
        .collect();
        for name in self.filters()? {
            for part in ["clean=", "smudge=", "process=", "required=false"] {
                all.push("-c".into());
                all.push(format!("{name}.{part}").into());
            }
        }
        all.extend(args.iter().map(OsString::from));
        self.run(all, args.first().copied().unwrap_or_default())
    }

    /// The output's first line.
    pub(super) fn line(&self, args: &[&str]) -> Result<String, GitError> {
        let out = self.bytes(args)?;
        Ok(String::from_utf8_lossy(&out).lines().next().unwrap_or_default().to_owned())
    }

    /// Names of configured filters, `filter.lfs`.
    fn filters(&self) -> Result<Vec<String>, GitError> {
        // Listing configuration runs nothing; exit 1 means that nothing matched.
        let args = ["--no-pager", "config", "-z", "--name-only", "--get-regexp", "^filter\\."];
        let out = self.run(args.iter().map(OsString::from).collect(), "config").unwrap_or_default();
        let mut names: Vec<String> = out
            .split(|b| *b == 0)
            .filter_map(|n| std::str::from_utf8(n).ok()?.rsplit_once('.').map(|(head, _)| head.to_owned()))
            .filter(|n| n.starts_with("filter."))
            .collect();
        names.dedup();
        Ok(names)
    }

    fn run(&self, args: Vec<OsString>, what: &str) -> Result<Vec<u8>, GitError> {
        let set = |name: &str, value: &str| (name.to_owned(), Some(value.to_owned()));
        let env = vec![
            set("GIT_NO_LAZY_FETCH", "1"),
            set("GIT_TERMINAL_PROMPT", "0"),
            set("GIT_OPTIONAL_LOCKS", "0"),
            set("GIT_PAGER", "cat"),
            set("LC_ALL", "C"),
            ("GIT_EXTERNAL_DIFF".to_owned(), None),
            ("GIT_SSH_COMMAND".to_owned(), None),
        ];
        let run = Run { program: "git", args, cwd: &self.dir, stdin: None, env, timeout: Some(PATIENCE) };
        let failed = |said: String| GitError::Process { what: what.to_owned(), said };
        let ran = run.collect().map_err(|e| failed(e.to_string()))?;
        if ran.ok() {
            Ok(ran.stdout)
        } else {
            let said = String::from_utf8_lossy(&ran.stderr);
            Err(failed(said.lines().last().unwrap_or("no reason given").to_owned()))
        }
    }
}
