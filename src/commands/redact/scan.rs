//! `monster redact scan`: where secrets lie.

use std::cell::RefCell;
use std::sync::atomic::Ordering;

use clap::{ArgGroup, Args};

use super::look::Found;
use super::{gather, jsonl, sarif, told};
use crate::commands::context::Context;
use crate::commands::error::{CommandError, Exit, Outcome};
use crate::git::{ChangeSet, Contents, Piece, Source};
use crate::secrets::Redactor;
use crate::ui::Spinner;

/// Find secrets in files, a change, the index, a commit, a range or a whole history.
#[derive(Debug, Default, Args)]
#[command(
    group = ArgGroup::new("source").args(["what", "diff", "staged", "history", "jsonl"]).multiple(false),
    after_help = "Without anything named, the files of this folder that git does not ignore are looked at. Of changes only added\nlines are reported. Exit 0 when nothing was found, 1 when something was, 2 when something could not be looked through\nor the command line is wrong, 3 outside of a repository where one is needed, 130 after Ctrl-C.\n\nA false alarm is allowed by \"monster:allow\" on its line, or with: monster redact allow FILE:LINE\n\nExamples:\n  monster redact scan\n  kubectl logs web | monster redact scan -\n  monster redact scan --staged\n  monster redact scan origin/main..HEAD --sarif > secrets.sarif\n  git diff | monster redact scan --diff\n  monster redact scan --history --strict"
)]
pub(super) struct Scan {
    /// Files and folders, - for standard input; or a commit or a range such as main..HEAD, and then paths of it.
    #[arg(value_name = "PATH|REV|A..B|-")]
    what: Vec<String>,
    /// The added lines of a diff, from this file or from standard input.
    #[arg(long, value_name = "FILE", num_args = 0..=1, default_missing_value = "-")]
    diff: Option<String>,
    /// The added lines of what is staged.
    #[arg(long)]
    staged: bool,
    /// Every version of every file in every commit, their names, and the messages of commits and tags.
    #[arg(long)]
    history: bool,
    /// Read lines {"id","text"} from standard input and print a line for each finding: {"id","start","end","kind",
    /// "rule","confidence"}, offsets in bytes of the text.
    #[arg(long, conflicts_with = "json")]
    jsonl: bool,
    /// As SARIF 2.1.0, for code hosts.
    #[arg(long, conflicts_with_all = ["jsonl", "json"])]
    sarif: bool,
    /// Only what is nearly certain.
    #[arg(long)]
    strict: bool,
    /// Personal data too: mail addresses, telephone, card, bank account and social security numbers, and IP addresses of
    /// visitors; in a history also who made commits and tags.
    #[arg(long)]
    pii: bool,
    /// Say of each finding what found it, how sure that is, and what became of it; also of those that are allowed.
    #[arg(long, conflicts_with_all = ["jsonl", "sarif"])]
    explain: bool,
    /// Git runs it before every commit: where nothing is found, nothing is said.
    #[arg(skip)]
    by_git: bool,
}

/// Looks through what is staged, as `monster redact scan --staged` does, and says nothing where nothing is found.
///
/// # Errors
/// As there.
pub(in crate::commands) fn staged(context: &Context) -> Outcome {
    Scan { staged: true, by_git: true, ..Scan::default() }.run(context)
}

impl Scan {
    /// Looks.
    pub(super) fn run(self, context: &Context) -> Outcome {
        self.looked(context).map_err(unlooked)
    }

    fn looked(self, context: &Context) -> Outcome {
        let mut policy = super::policy::whole(context)?;
        policy.strict |= self.strict;
        policy.pii |= self.pii;
        let people = policy.pii;
        let full = policy.allow.listed.full();
        let redactor = context.redactor_with(policy)?;
        if self.jsonl {
            return jsonl::run(context, |text| redactor.scan(text));
        }
        let found = RefCell::new(Found::new(self.by_git));
        let ended = self.look(context, &redactor, &found, people);
        let interrupted = ended.as_ref().is_err_and(|error| error.exit == Exit::Interrupted);
        if !interrupted {
            ended?;
        }
        if full.load(Ordering::Relaxed) {
            let list = crate::config::redact_allow::REPOSITORYS;
            context.ui.warn(&format!(
                "{list} was compared with as many values as it may be; what came then is not allowed by it"
            ));
        }
        // What was found before an interruption is told.
        let mut found = found.into_inner();
        if self.by_git && found.kept().next().is_some() {
            // Where that cannot be known, nothing is accepted.
            let known = gather::change(context, &Source::Staged).and_then(|(change, contents)| {
                crate::commands::review::secrets(context, &change, contents.as_ref(), &redactor)
            });
            found.known(&known.unwrap_or_default());
        }
        if self.sarif {
            context.ui.out(&crate::ui::escaped(&format!("{:#}", sarif::log(&found, interrupted))))?;
        } else if context.ui.look().json {
            context.ui.json(&told::json(&found, self.explain, interrupted))?;
        } else if !self.by_git || interrupted || found.kept().next().is_some() || !found.complete() {
            told::text(context, &found, self.explain)?;
        }
        if interrupted {
            // What was found stands on standard output already, as one value where it is one.
            context.ui.status("interrupted; not everything was looked at");
            return Ok(Exit::Interrupted);
        }
        Ok(if found.kept().next().is_some() {
            Exit::Failed
        } else if found.complete() {
            Exit::Done
        } else {
            // Nobody can say that there is nothing.
            Exit::Usage
        })
    }

    fn look(
        &self,
        context: &Context,
        redactor: &Redactor,
        found: &RefCell<Found>,
        people: bool,
    ) -> Result<(), CommandError> {
        let told = |looked: Result<(), String>| looked.unwrap_or_else(|why| context.ui.warn(&why));
        let noted = |change: &ChangeSet| {
            change.notes.iter().for_each(|note| context.ui.warn(note));
            found.borrow_mut().cut |= !change.notes.is_empty();
        };
        let changed = |source: &Source, only: &[String], theirs: Option<&dyn Contents>| {
            let (change, contents) = gather::change(context, source)?;
            noted(&change);
            let only = gather::below(context, only)?;
            context.block_on(async {
                for file in change.files.iter().filter(|file| only.takes(file)) {
                    told(gather::file(redactor, &mut found.borrow_mut(), file, Some(contents.as_ref()), theirs));
                    // Between two files somebody may want this to end.
                    tokio::task::yield_now().await;
                }
                Ok(())
            })
        };
        if self.staged {
            return changed(&Source::Staged, &[], gather::merged(context).as_deref());
        }
        if let Some(name) = &self.diff {
            let change = gather::patch(context, name)?;
            noted(&change);
            let mut found = found.borrow_mut();
            change.files.iter().for_each(|file| told(gather::file(redactor, &mut found, file, None, None)));
            return Ok(());
        }
        if self.history {
            return history(context, redactor, found, people);
        }
        if let [name, paths @ ..] = self.what.as_slice()
            && let Some(source) = gather::revisions(context, name)?
        {
            return changed(&source, paths, None);
        }
        let here = [".".to_owned()];
        let names = if self.what.is_empty() { &here } else { self.what.as_slice() };
        let mut walk = gather::Walk::new(context, names)?;
        let spinner = Spinner::start(&context.ui, "looking for secrets");
        context.block_on(async {
            while walk.step(redactor, &mut found.borrow_mut()) {
                spinner.text(&format!("looked at {} files", found.borrow().files));
                tokio::task::yield_now().await;
            }
            Ok(())
        })
    }
}

/// `people`: who made commits and tags is looked at too.
fn history(context: &Context, redactor: &Redactor, found: &RefCell<Found>, people: bool) -> Result<(), CommandError> {
    let mut versions = gather::repo(context)?.versions(gather::LARGEST)?;
    let spinner = Spinner::start(&context.ui, "looking for secrets");
    context.block_on(async {
        while let Some(piece) = versions.next() {
            match piece {
                Ok(Piece::Version(version)) => {
                    let again = gather::version(redactor, &mut found.borrow_mut(), &version);
                    if !again {
                        versions.enough(&version);
                    }
                }
                Ok(Piece::Said(said)) => gather::said(redactor, &mut found.borrow_mut(), &said, people),
                // What is missing or damaged hides nothing else.
                Err(error) => {
                    found.borrow_mut().unreadable += 1;
                    context.ui.warn(&format!("a part of the history cannot be read: {error}"));
                }
            }
            let (done, all) = versions.progress();
            spinner.text(&format!("looked at {done} of {all} commits, {} versions", found.borrow().files));
            tokio::task::yield_now().await;
        }
        Ok(())
    })
}

/// Here 1 says that something was found: whatever came between says it with 2.
fn unlooked(error: CommandError) -> CommandError {
    if error.exit == Exit::Failed { CommandError { exit: Exit::Usage, ..error } } else { error }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_found_ends_with_1() {
        let ends = |exit: Exit| unlooked(CommandError::new(exit, "")).exit;
        assert_eq!(
            [Exit::Failed, Exit::Repository, Exit::Interrupted].map(ends),
            [Exit::Usage, Exit::Repository, Exit::Interrupted]
        );
    }
}
