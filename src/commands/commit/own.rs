//! A merge, squash, cherry-pick or revert that is resolved, or amended: git has a message for it, and that is committed.

use super::talk::{Next, about};
use super::write::{answer, found};
use super::{Commit, Taken, committed, decided, finish};
use crate::commands::context::Context;
use crate::commands::error::{CommandError, Exit, Outcome};
use crate::git::{Commit as GitCommit, How, Repo, patch};

/// Commits git's own message. Nothing is sent anywhere.
pub(super) fn run(command: &Commit, context: &Context, repo: &Repo) -> Outcome {
    let Some(text) = repo.own_message() else {
        return Err(CommandError::new(Exit::Repository, format!("{} is in progress", repo.state())));
    };
    // A merge may change nothing and is a commit all the same; of everything else git says so.
    let taken = Taken::read(repo, &command.how())?;
    keep(
        command,
        context,
        repo,
        taken,
        text,
        &format!("{} is in progress: this is git's own message for it", repo.state()),
    )
}

/// Adds what is staged to a merge that is made already, and keeps its words: the change alone does not say what it joins.
/// So it does with what git has written about another commit; `what` that is.
pub(super) fn amend(command: &Commit, context: &Context, repo: &Repo, what: &str) -> Outcome {
    let text = repo.last_message().map(|(_, text)| text).unwrap_or_default();
    // What the merge itself brought was looked at when it was made.
    let taken = Taken::read(repo, &How { amend: false, ..command.how() })?;
    keep(command, context, repo, taken, text, &format!("the last commit is {what}: its own message stays"))
}

fn keep(command: &Commit, context: &Context, repo: &Repo, taken: Taken, text: String, why: &str) -> Outcome {
    let how = command.how();
    command.check_markers(context, &taken.change)?;
    command.check_secrets(context, repo, &taken)?;
    context.ui.status(why);
    if context.globals.show_prompt {
        context.ui.status("nothing would be sent");
        return Ok(Exit::Done);
    }
    let mut written = found(text);
    if command.prints(context) {
        command.tell_uncommitted(context);
        return answer(context, &written, "git", None);
    }
    let next = match (command.edit, command.yes) {
        (true, _) => Next::Edit(written.text.clone()),
        (false, true) => Next::Commit(written.text.clone()),
        (false, false) => about(context, &written.text, &|| patch::render(&taken.change))?,
    };
    let (text, edit) = decided(context, next)?;
    if repo.snapshot(&taken.source)? != taken.before {
        return Err(CommandError::new(Exit::Failed, "what would be committed changed while it was looked at")
            .hint("run monster commit again"));
    }
    let made = finish(context, repo, &GitCommit { message: None, edit, remark: None, how: &how })?;
    if context.ui.look().json {
        written.text = committed(repo, made.as_deref(), text);
        return answer(context, &written, "git", made.as_deref());
    }
    Ok(Exit::Done)
}
