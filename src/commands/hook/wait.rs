//! The promise of the hook: a commit waits for it no longer than `hook.deadline`, counted from the start of the process,
//! whatever takes so long. The work runs aside and tells what it knows; the commit takes what there is when time is up.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use super::Kind;
use super::draft::draft as work;
use crate::client::park::spell;
use crate::commands::context::Context;
use crate::commands::error::{CommandError, Exit, Outcome};
use crate::commands::globals::Globals;
use crate::git::hooks::Name;
use crate::git::message::{Draft, Slot};
use crate::model::Purpose;
use crate::world::clock::Stopwatch;

/// Kept of the deadline to put a message into the file and to end.
const KEPT: Duration = Duration::from_millis(300);
/// Until the settings were read nobody knows better (the setting's own default).
const UNTIL_KNOWN: Duration = Duration::from_secs(8);
/// As much as a main thread has.
pub(super) const STACK: usize = 8 << 20;

/// A message for the file, and what is said of it in comments.
#[derive(Debug, Clone)]
pub(super) struct Letter {
    pub(super) text: String,
    pub(super) comments: Vec<String>,
    /// No model's.
    pub(super) ruled: bool,
}

impl Letter {
    /// Says that this is the rules' message, and why no model wrote it.
    pub(super) fn because(&mut self, why: &str) {
        let also = self.comments.drain(..).fold(String::new(), |all, one| format!("{all}; {one}"));
        self.comments.push(format!("monster's own rules wrote this: {why}{also}"));
    }
}

/// What the work tells while it goes on.
pub(super) enum Word {
    /// The user's own deadline.
    Deadline(Duration),
    /// A secret may have to stop the commit: the change must have been looked through.
    Strict,
    /// Where a draft would be put.
    Slot(Slot),
    /// The change was looked through; what was found.
    Scanned(Vec<String>),
    /// What the rules say.
    Ruled(Letter),
    /// The draft, or why there is none.
    Done(Result<Option<Letter>, CommandError>),
    /// A token is being renewed, and would be lost.
    Renewing,
}

/// Tells a word to whoever waits; nobody listens any more when it was too late.
pub(super) type Tell<'a> = dyn Fn(Word) + 'a;

/// What is known so far.
#[derive(Default)]
struct Known {
    deadline: Option<Duration>,
    /// The change must be, and was not yet, looked through.
    strict: bool,
    slot: Option<Slot>,
    warnings: Vec<String>,
    ruled: Option<Letter>,
    done: Option<Result<Option<Letter>, CommandError>>,
    renewing: bool,
}

impl Known {
    fn whole(&self) -> Duration {
        self.deadline.unwrap_or(UNTIL_KNOWN)
    }

    fn learn(&mut self, word: Word) {
        match word {
            Word::Deadline(deadline) => self.deadline = Some(deadline),
            Word::Strict => self.strict = true,
            Word::Slot(slot) => self.slot = Some(slot),
            Word::Scanned(warnings) => (self.strict, self.warnings) = (false, warnings),
            Word::Ruled(letter) => self.ruled = Some(letter),
            Word::Done(done) => (self.strict, self.done) = (false, Some(done)),
            Word::Renewing => self.renewing = true,
        }
    }
}

/// What is kept of a deadline to end in order.
pub(super) fn kept(whole: Duration) -> Duration {
    KEPT.min(whole / 4)
}

/// `no answer came within hook.deadline (8 s)`.
pub(super) fn late(what: &str, whole: Duration) -> String {
    format!("{what} within hook.deadline ({})", spell(whole))
}

/// Drafts a message into git's file in time, or leaves the file to git.
///
/// # Errors
/// `Policy` when the change adds what may go nowhere, `Interrupted`; nothing else stops a commit.
pub(super) fn draft(context: &Context, file: PathBuf, kind: Kind) -> Outcome {
    let (tell, hear) = channel();
    let globals = context.globals.clone();
    let began = context.began;
    let aside = std::thread::Builder::new().name("hook".to_owned()).stack_size(STACK);
    let started = aside.spawn(move || {
        let tell = |word| drop(tell.send(word));
        aside_of_the_commit(globals, (&file, kind), &tell, &began);
    });
    if let Err(error) = started {
        return nothing(context, &format!("no thread could be started: {error}"));
    }
    let mut known = Known::default();
    let in_time = listen(context, &hear, &mut known);
    let letter = match known.done.take() {
        Some(Ok(letter)) => letter,
        Some(Err(error)) if matches!(error.exit, Exit::Policy | Exit::Interrupted) => return Err(error),
        Some(Err(error)) => return nothing(context, &error.what),
        // Its thread met a defect of ours, which was told.
        None if in_time => return nothing(context, "the work came to no end"),
        None => {
            let why = late("the work was not done", known.whole());
            context.ui.warn(&format!("a commit waits no longer: {why}"));
            let none = || Letter { text: String::new(), comments: Vec::new(), ruled: true };
            let mut letter = known.ruled.take().unwrap_or_else(none);
            if letter.text.is_empty() {
                letter.comments.push(format!("monster drafted nothing: {why}"));
            } else {
                letter.because(&why);
            }
            letter.comments.extend(known.warnings);
            Some(letter)
        }
    };
    if let (Some(letter), Some(slot)) = (letter, known.slot) {
        let comment = letter.comments.join("\n");
        let put = slot.fill(&Draft { text: &letter.text, comment: Some(comment.as_str()).filter(|c| !c.is_empty()) });
        if let Err(error) = put {
            return nothing(context, &CommandError::from(error).what);
        }
        // What the author is to know must not be lost with the comments.
        if !slot.takes_comments() {
            letter.comments.iter().for_each(|said| context.ui.status(said));
        }
    }
    Ok(Exit::Done)
}

/// The file is left to git.
fn nothing(context: &Context, why: &str) -> Outcome {
    context.ui.warn(&format!("no message was drafted: {why}"));
    Ok(Exit::Done)
}

/// Hears until the work has come to its end, or time is up: `false` then.
fn listen(context: &Context, hear: &Receiver<Word>, known: &mut Known) -> bool {
    let mut told = false;
    loop {
        let whole = known.whole();
        let left = whole.saturating_sub(kept(whole)).saturating_sub(context.began.elapsed());
        let word = if left.is_zero() && (known.strict || known.renewing) {
            if known.strict && !told {
                told = true;
                context.ui.status(
                    "still looking for secrets, because redact.mode is block; to commit all the same: MONSTER_SKIP=1 git commit",
                );
            }
            hear.recv().map_err(|_| RecvTimeoutError::Disconnected)
        } else {
            hear.recv_timeout(left)
        };
        match word {
            Ok(word) => known.learn(word),
            Err(RecvTimeoutError::Timeout) if known.strict || known.renewing => {}
            Err(ended) => return ended == RecvTimeoutError::Disconnected,
        }
    }
}

/// On a thread of its own, with settings, repository, store and accounts of its own.
fn aside_of_the_commit(globals: Globals, (file, kind): (&Path, Kind), tell: &Tell<'_>, began: &Stopwatch) {
    // What could not be made here was refused in the command's own beginning.
    let Ok(context) = Context::new(globals) else { return };
    context.in_hook();
    super::heard(&context, Name::PrepareCommitMsg);
    let done = work(&context, file, kind, tell, began);
    let ruled = done.as_ref().is_ok_and(|letter| letter.as_ref().is_some_and(|letter| letter.ruled));
    tell(Word::Done(done));
    if ruled {
        // Behind what the commit waits for.
        context.record_offline(Purpose::Hook);
    } else {
        context.tell_unwritten();
    }
    if context.held().is_some_and(|sealed| !sealed.tokens.settle(Duration::ZERO)) {
        tell(Word::Renewing);
    }
    context.close();
}
