//! A message that git or a hook refused, committed once more: for the same change, and free of charge.

use super::talk::Next;
use super::write::{answer, found};
use super::{Commit, Taken, committed, decided, finish};
use crate::commands::context::Context;
use crate::commands::error::{CommandError, Exit, Outcome};
use crate::git::{Commit as GitCommit, How, Kept, Repo, apart};
use crate::ui::plain;

/// Commits it as it was to be committed, with further flags.
///
/// # Errors
/// `Nothing` when no message is kept; `Failed` when it is for something else.
pub(super) fn run(command: &Commit, context: &Context, repo: &Repo) -> Outcome {
    let kept = repo.kept();
    if kept.is_empty() {
        return Err(CommandError::new(Exit::Nothing, "no message is kept")
            .hint("one is kept when git or a hook refuses a commit; write one with: monster commit"));
    }
    let Some(kept) = fitting(repo, &kept).cloned() else { return Err(beside(&kept)) };
    let how = How { flags: together(&kept.how.flags, &command.git)?, ..kept.how };
    let taken = Taken::something(repo, &how)?;
    command.check_markers(context, &taken.change)?;
    command.check_secrets(context, repo, &taken)?;
    let mut written = found(kept.message);
    if command.dry_run || context.globals.show_prompt {
        return answer(context, &written, "kept", None);
    }
    let next = if command.edit { Next::Edit } else { Next::Commit };
    let (text, edit) = decided(context, next(written.text.clone()))?;
    let made = finish(context, repo, &GitCommit { message: Some(&text), edit, remark: None, how: &how })?;
    if context.ui.look().json {
        written.text = committed(repo, made.as_deref(), text);
        return answer(context, &written, "kept", made.as_deref());
    }
    Ok(Exit::Done)
}

/// Whether what is asked for now is what `--retry` would commit: it takes flags and paths of before along.
pub(super) fn offers(repo: &Repo, how: &How) -> bool {
    let alike = |kept: &Kept| {
        let asked = |how: &How| (how.all, how.amend);
        asked(&kept.how) == asked(how) && apart(&kept.how.flags) == apart(&how.flags)
    };
    let kept = repo.kept();
    // What none was kept for needs no change to be read.
    kept.iter().any(alike) && fitting(repo, &kept).is_some_and(alike)
}

/// The kept message that is for what lies there now.
fn fitting<'a>(repo: &Repo, kept: &'a [Kept]) -> Option<&'a Kept> {
    kept.iter().find(|kept| fits(repo, kept))
}

/// As it was, before flags were added: they do not change what is committed.
fn fits(repo: &Repo, kept: &Kept) -> bool {
    let stands = Taken::read(repo, &kept.how).ok().and_then(|taken| taken.stands(repo));
    stands.is_some() && stands == kept.how.stands
}

/// None fits. Each is named, the last one first, for whoever wants its words all the same.
fn beside(kept: &[Kept]) -> CommandError {
    let what = match kept {
        [_] => "the kept message is for another change than lies there now",
        _ => "the kept messages are for other changes than lie there now",
    };
    let error = CommandError::new(Exit::Failed, what).hint("write another: monster commit");
    kept.iter().fold(error, |error, one| {
        let subject = plain(one.message.lines().next().unwrap_or_default());
        let which = if kept.len() > 1 { format!("\"{subject}\"") } else { "it".to_owned() };
        error
            .hint(format!("or use {which} all the same: git commit -e -F \"$(git rev-parse --git-path {})\"", one.file))
    })
}

/// The flags of before and those of now; paths stay behind all of them.
fn together(before: &[String], now: &[String]) -> Result<Vec<String>, CommandError> {
    let ((first, paths), (second, more)) = (apart(before), apart(now));
    if !more.is_empty() {
        return Err(CommandError::new(Exit::Usage, "with --retry, what is committed was said before")
            .hint("commit other paths with a message of their own: monster commit -- PATH"));
    }
    let mut out: Vec<&str> = first.into_iter().chain(second).collect();
    if !paths.is_empty() {
        out.push("--");
        out.extend(paths);
    }
    Ok(out.into_iter().map(str::to_owned).collect())
}
