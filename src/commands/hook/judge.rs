//! The hooks that judge a finished message and what is staged; how all that judge are waited for. They stop only what the user asked them to
//! stop, and trouble of monster's own stops nobody.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use crate::commands::context::Context;
use crate::commands::error::{CommandError, Exit, Outcome};
use crate::config::Origin;
use crate::git::message::{NOTES, Problem, Rules, taken_from, validate};
use crate::git::{Ours, Repo, State};
use crate::tasks::conventions::Level;
use crate::ui::plain;

/// Trouble of monster's own is told and stops nobody.
pub(super) fn harmless(context: &Context, done: Outcome) -> Outcome {
    match done {
        Err(error) if matches!(error.exit, Exit::Policy | Exit::Interrupted) => Err(error),
        Err(error) => {
            context.ui.warn(&error.what);
            Ok(Exit::Done)
        }
        done => done,
    }
}

/// Longer messages are not judged (bytes): nobody has written them.
const LONG: usize = 1 << 20;

/// What work aside tells while it goes on.
pub(super) enum Word {
    /// What stops what waits already, whatever else there will be.
    Stops(CommandError),
    /// Secrets were looked for in all of it.
    Looked,
    Done(Outcome),
}

/// Tells a word; nobody listens any more when it was too late.
pub(super) type Tell<'a> = dyn Fn(Word) + 'a;

/// What is said of work that was not done in time.
pub(super) struct Late {
    /// What was not done.
    pub(super) what: &'static str,
    /// Secrets are looked for in it, and what is said where they were not.
    pub(super) unlooked: Option<&'static str>,
    /// Nothing passes in which they were not looked for.
    pub(super) strict: bool,
}

/// What stops a push in which secrets were not looked for, where they may go nowhere, and what helps against what was in
/// the way.
pub(super) fn unlooked(why: &str, helps: &[String]) -> CommandError {
    let what = format!("the push was stopped: it was not looked through for secrets ({why}), and redact.mode is block");
    let error = CommandError::new(Exit::Policy, what).hints(helps.iter().cloned());
    error.hint("to push all the same: MONSTER_SKIP=1 git push")
}

/// Does a hook's work aside, and waits for it no longer than the hook's deadline.
pub(super) fn in_time(
    context: &Context,
    late: &Late,
    work: impl FnOnce(&Context, &Tell<'_>) -> Outcome + Send + 'static,
) -> Outcome {
    let whole = Duration::from_secs(context.config().hook.deadline);
    let globals = context.globals.clone();
    let (tell, hear) = channel();
    let aside = std::thread::Builder::new().name("hook".to_owned()).stack_size(super::wait::STACK);
    aside.spawn(move || {
        if let Ok(aside) = Context::new(globals) {
            aside.in_hook();
            // No model is asked.
            aside.as_gate();
            // By the context that waits.
            aside.told();
            // Nobody hears it when it came too late.
            let done = work(&aside, &|word| drop(tell.send(word)));
            drop(tell.send(Word::Done(done)));
        }
    })?;
    let (known, ended) = match hear_out(&hear, || whole.saturating_sub(context.began.elapsed())) {
        Ok(done) => return done,
        Err(early) => early,
    };
    let (why, helps) = match ended {
        RecvTimeoutError::Timeout => {
            let helps = vec!["give it more time: git -c monster.hook.deadline=60 push".to_owned()];
            (super::wait::late("the work was not done", whole), helps)
        }
        // A defect of ours was told where it was met.
        RecvTimeoutError::Disconnected => ("the work came to no end".to_owned(), Vec::new()),
    };
    let part = if known.stops.is_some() { " as a whole" } else { "" };
    let more = late.unlooked.filter(|_| !known.looked);
    context.ui.warn(&format!("{}{part}{}: {why}", late.what, more.unwrap_or_default()));
    let strict = more.filter(|_| late.strict).map(|_| unlooked(&why, &helps));
    known.stops.or(strict).map_or(Ok(Exit::Done), Err)
}

/// What was heard of work that has not ended.
#[derive(Default)]
struct Heard {
    stops: Option<CommandError>,
    looked: bool,
}

/// How the work ended; else what was known by then, and why it is not waited for.
fn hear_out(hear: &Receiver<Word>, left: impl Fn() -> Duration) -> Result<Outcome, (Heard, RecvTimeoutError)> {
    let mut known = Heard::default();
    loop {
        match hear.recv_timeout(left()) {
            Ok(Word::Done(done)) => return Ok(done),
            Ok(Word::Stops(stops)) => known.stops = Some(stops),
            Ok(Word::Looked) => known.looked = true,
            Err(ended) => return Err((known, ended)),
        }
    }
}

/// `commit-msg`: what is wrong with the message; rules that somebody set may stop it.
pub(super) fn message(context: &Context, file: PathBuf) -> Outcome {
    // A gate that is open for a slip of the pen is told.
    if let Some(what) = misjudged(context) {
        context.ui.warn(&what);
    }
    if context.config().hook.validate == "off" {
        return Ok(Exit::Done);
    }
    let late = Late { what: "the commit message was not judged", unlooked: None, strict: false };
    in_time(context, &late, move |aside, _| judged(aside, &file))
}

/// What holds where a value of `hook.validate` cannot be read.
pub(super) fn misjudged(context: &Context) -> Option<String> {
    let holds = &context.config().hook.validate;
    let misread = context.loaded().misread("hook.validate");
    misread.then(|| format!("a value of hook.validate cannot be read: {holds} holds for messages of commits"))
}

fn judged(context: &Context, file: &Path) -> Outcome {
    let mode = context.config().hook.validate.as_str();
    let repo = context.repo()?;
    let state = repo.state();
    // What a squash makes is a commit like any other, and its message is the author's to write.
    if state.keeps_message() && state != State::Squashing {
        return Ok(Exit::Done);
    }
    let text = taken_from(repo, file)?;
    if text.len() > LONG {
        context.ui.warn("the commit message is longer than 1 MB and was not judged");
        return Ok(Exit::Done);
    }
    let subject = text.lines().next().unwrap_or_default();
    // Git's own words, and notes to a rebase that will take them away.
    let own = ["Merge ", "Revert ", "Reapply \""];
    if subject.is_empty() || own.iter().chain(&NOTES).any(|start| subject.starts_with(start)) {
        return Ok(Exit::Done);
    }
    let mut stops = false;
    for (what, set) in wrong(context, repo, &text) {
        stops |= set && mode == "block";
        context.ui.warn(&format!("the commit message: {what}"));
    }
    if stops {
        let what = "the message breaks a rule that was set, and hook.validate is block";
        // In work trees and submodules it lies elsewhere than in .git.
        let kept = "your message is kept; commit it all the same with: git commit --no-verify -e -F \"$(git rev-parse --git-path COMMIT_EDITMSG)\"";
        return Err(CommandError::new(Exit::Policy, what).hint(kept));
    }
    Ok(Exit::Done)
}

/// What is wrong with a message, and whether somebody set the rule that it breaks.
fn wrong(context: &Context, repo: &Repo, text: &str) -> Vec<(String, bool)> {
    let config = &context.config().commit;
    let set = |key: &str| context.loaded().get(key).is_ok_and(|shown| shown.origin != Origin::Default);
    let mut conventions = super::wish::conventions(context, repo);
    if conventions.patterned() {
        conventions.learn(&repo.style(&Ours::default()).spelled);
    }
    let rules = Rules { subject_max: config.subject_max, comment: repo.comment_mark(), ..Rules::default() };
    let mut out = Vec::new();
    for problem in validate(text, &rules).err().unwrap_or_default() {
        let declared = match problem {
            // Where the repository declares a length, ours is only a habit.
            Problem::Long(..) if !set("commit.subject_max") && conventions.subject_max().is_some() => continue,
            Problem::Long(..) => set("commit.subject_max"),
            Problem::Placeholder | Problem::Nul | Problem::Empty => false,
            // A person may well want what a model may not write.
            _ => continue,
        };
        out.push((problem.to_string(), declared));
    }
    let head = text.lines().next().unwrap_or_default().split_once(": ").map(|(head, _)| head.trim_end_matches('!'));
    let (type_, scope) = match head.map(|head| (head, head.split_once('('))) {
        Some((_, Some((type_, scope)))) => (Some(type_), scope.strip_suffix(')')),
        Some((type_, None)) => (Some(type_), None),
        None => (None, None),
    };
    let listed = |all: &[String]| all.join(", ");
    if !config.types.is_empty() && !type_.is_some_and(|t| config.types.iter().any(|one| one == t)) {
        out.push((format!("its type is none of {}", listed(&config.types)), true));
    }
    if let Some(scope) = scope.filter(|s| !config.scopes.is_empty() && !config.scopes.iter().any(|one| one == s)) {
        out.push((format!("its scope \"{}\" is none of {}", plain(scope), listed(&config.scopes)), true));
    }
    let declared = conventions.judge(text).into_iter().map(|breach| {
        let what = format!("{} ({} in {})", breach.said, breach.rule, breach.file);
        (plain(&what), breach.level == Level::Must)
    });
    out.extend(declared);
    out
}

/// `pre-commit`: what `monster redact scan --staged` finds.
pub(super) fn staged(context: &Context) -> Outcome {
    let stops = context.config().hook.stops_secrets;
    context.as_gate();
    let looked = crate::commands::redact::staged(context)?;
    let what = match looked {
        Exit::Done => return Ok(Exit::Done),
        Exit::Interrupted => return Ok(Exit::Interrupted),
        Exit::Failed => "what is staged holds a secret",
        _ => "what is staged could not be looked through as a whole",
    };
    if !stops {
        context.ui.warn(&format!("{what}; hook.secrets is warn"));
        return Ok(Exit::Done);
    }
    let helps = if looked == Exit::Failed {
        "a false alarm is allowed with: monster redact allow FILE:LINE (with --repo for everybody here), or by its id in a .monster/ignore that is committed"
    } else {
        "what it was stands above; take it out of the commit with: git restore --staged FILE"
    };
    Err(CommandError::new(Exit::Policy, format!("the commit was stopped: {what}"))
        .hint(helps)
        .hint("to commit all the same: MONSTER_SKIP=1 git commit"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_to_stop_stops_although_the_rest_takes_too_long() {
        let secret = || CommandError::new(Exit::Policy, "a secret");
        let soon = || Duration::from_millis(20);
        let (tell, hear) = channel();
        tell.send(Word::Stops(secret())).unwrap();
        // The other rules are still at it: the sender lives.
        let (known, ended) = hear_out(&hear, soon).err().unwrap();
        assert!(known.stops.is_some_and(|error| error.exit == Exit::Policy) && ended == RecvTimeoutError::Timeout);
        let (known, _) = hear_out(&hear, soon).err().unwrap();
        assert!(known.stops.is_none() && !known.looked, "nothing was found, and nobody waits");
        tell.send(Word::Stops(secret())).unwrap();
        tell.send(Word::Done(Ok(Exit::Done))).unwrap();
        assert!(hear_out(&hear, soon).is_ok_and(|done| done.is_ok()), "the end says it all");
    }
}
