//! `monster hook`: a drafted message in the editor of `git commit`. It never stops a commit for a model's sake.

mod draft;
mod install;
mod judge;
mod notes;
mod push;
mod wait;
mod wish;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Subcommand};
pub(super) use wish::{declare, learned, wish};

use super::context::Context;
use super::error::{CommandError, Exit, Outcome};
use crate::git::hooks::{Name, status};
use crate::git::{DRAFTED, Looks};

#[derive(Debug, Args)]
#[command(after_help = "git commit --no-verify does not skip prepare-commit-msg: git runs it all the same. \
Skip any of them once with: MONSTER_SKIP=1 git commit\n\n\
A commit waits for prepare-commit-msg no longer than hook.deadline (8 s), whatever it is about: reading the change,\n\
looking for secrets, the model. Where redact.mode is block it is waited for until the change was looked through.\n\n\
What stands in a hook's place already is kept beside it and runs first; uninstall puts it back as it was.\n\
Hooks of husky, lefthook, pre-commit and core.hooksPath: docs/HOOKS.md")]
pub(super) struct Hook {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Install hooks in this repository, beside what stands there.
    Install(install::Install),
    /// Remove what install put there, and put back what stood there before.
    Uninstall(install::Uninstall),
    /// Show whether hooks are installed and would run.
    Status,
    /// What git runs; not for people.
    Run(Run),
}

#[derive(Debug, Args)]
struct Run {
    /// The hook.
    #[arg(value_parser = ["prepare-commit-msg", "commit-msg", "pre-commit", "pre-push"])]
    hook: String,
    /// What git says to it: the message file, where the message comes from and the commit of an amend; or the remote.
    #[arg(value_name = "WORD", allow_hyphen_values = true, trailing_var_arg = true)]
    words: Vec<OsString>,
}

/// What git is about to make a message of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Nothing.
    Fresh,
    /// A template.
    Template,
    /// The message of the commit that is amended.
    Amend,
}

impl Hook {
    /// Git runs it, and a commit or a push waits for how it ends.
    pub(super) const fn run_by_git(&self) -> bool {
        matches!(self.action, Action::Run(_))
    }

    /// Does it.
    pub(super) fn run(self, context: &Context) -> Outcome {
        match self.action {
            Action::Install(install) => install.run(context),
            Action::Uninstall(uninstall) => uninstall.run(context),
            Action::Status => install::status(context),
            Action::Run(run) => run.run(context),
        }
    }
}

impl Run {
    /// Does the hook's work. Whatever goes wrong with models, the commit goes on.
    fn run(self, context: &Context) -> Outcome {
        if context.env.flag("MONSTER_SKIP") {
            return Ok(Exit::Done);
        }
        let file = || {
            let file = self.words.first().map(PathBuf::from);
            file.ok_or_else(|| CommandError::new(Exit::Usage, format!("{} is told the message file", self.hook)))
        };
        let name = Name::parse(&self.hook);
        if name == Some(Name::CommitMsg) {
            heard(context, Name::CommitMsg);
        }
        match name {
            Some(Name::PrepareCommitMsg) if context.env.flag(DRAFTED) => Ok(Exit::Done),
            Some(Name::PrepareCommitMsg) => {
                // The pre-commit framework says in variables what git says in words.
                let word = |at: usize, name: &str| {
                    let told = context.env.get(name).unwrap_or_default();
                    self.words.get(at).map_or_else(|| told.to_owned(), |word| word.to_string_lossy().into_owned())
                };
                let source = word(1, "PRE_COMMIT_COMMIT_MSG_SOURCE");
                let kind = match source.as_str() {
                    "" => Kind::Fresh,
                    "template" => Kind::Template,
                    // Words of -C and -c are kept; of --amend they are HEAD's, which the setting gives up.
                    "commit" if word(2, "PRE_COMMIT_COMMIT_OBJECT_NAME") == "HEAD" => Kind::Amend,
                    _ => return Ok(Exit::Done),
                };
                judge::harmless(context, file().and_then(|file| wait::draft(context, file, kind)))
            }
            _ if !context.config().hook.judges => Ok(Exit::Done),
            Some(Name::CommitMsg) => judge::harmless(context, file().and_then(|file| judge::message(context, file))),
            Some(Name::PreCommit) => judge::harmless(context, judge::staged(context)),
            Some(Name::PrePush) => {
                let remote = self.words.first().map(|word| word.to_string_lossy().into_owned());
                judge::harmless(context, push::pushed(context, remote))
            }
            None => Ok(Exit::Done),
        }
    }
}

/// Where another hook of ours runs for the same commit, that one tells what is wrong with the settings: the first of those
/// that read them whatever the commit is about. With `-m` nothing is drafted, and the settings are not read for it.
fn heard(context: &Context, name: Name) {
    let order = [Name::PreCommit, Name::CommitMsg, Name::PrepareCommitMsg];
    let Ok(repo) = context.repo() else { return };
    let ran = |hook: &Name| status(repo, *hook).is_ok_and(|status| status.state.runs());
    if order.iter().take_while(|hook| **hook != name).any(ran) {
        context.told();
    }
}

/// A style by name; `None` for `auto`.
pub(super) fn looks(name: &str) -> Option<Looks> {
    match name {
        "conventional" => Some(Looks::Conventional),
        "plain" => Some(Looks::Plain),
        "gitmoji" => Some(Looks::Gitmoji),
        "subsystem" => Some(Looks::Subsystem),
        _ => None,
    }
}
