//! A question that can be interrupted: whatever ends it, the terminal is left as it was.

use std::future::{Future, poll_fn};
use std::io;
use std::sync::OnceLock;
use std::task::Poll;
use std::time::Duration;

/// How long a question that was interrupted as it began may take to begin (milliseconds).
const SETTLING: u32 = 200;

/// What became of a question.
pub(super) enum Asked<T> {
    /// It was answered, or given up.
    Done(Option<T>),
    /// Ctrl-C, or the process was asked to end.
    Interrupted,
}

/// What the command unwinds with when a question was interrupted: nothing after the question happens, and everything in
/// hand is put away as for any other end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Interrupted;

impl<T> Asked<T> {
    /// The answer. An interruption ends the command here: an answer that was not given must not pass for a no.
    pub(super) fn or_end(self) -> Option<T> {
        match self {
            Self::Done(answer) => answer,
            Self::Interrupted => std::panic::resume_unwind(Box::new(Interrupted)),
        }
    }
}

/// The terminal of a question that was left unanswered.
static ABANDONED: OnceLock<Terminal> = OnceLock::new();

/// Puts the terminal back once more, as the last thing that happens.
pub fn leave() {
    if let Some(terminal) = ABANDONED.get() {
        terminal.forget_typed();
        terminal.set();
    }
}

/// Asks on a thread of its own and waits for the answer or for a signal: a thread that reads cannot be woken.
/// What was typed before the question is no answer to it.
pub(super) fn ask<T: Send + 'static>(question: impl FnOnce() -> io::Result<Option<T>> + Send + 'static) -> Asked<T> {
    // The caller may be inside a runtime, and runtimes do not nest.
    let asked = std::thread::spawn(move || {
        let terminal = Terminal::remember();
        terminal.forget_typed();
        terminal.hold_on();
        let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else {
            return result(question());
        };
        let asked = runtime.block_on(answer_or_end(question, &terminal));
        runtime.shutdown_background();
        if matches!(asked, Asked::Done(_)) {
            terminal.set();
        }
        if matches!(asked, Asked::Interrupted) {
            // The thread that reads goes on until the process ends, and a key would wake it.
            // Half a passphrase must not become the shell's next line.
            terminal.forget_typed();
            terminal.restore();
            let _ = ABANDONED.set(terminal);
        }
        asked
    });
    let asked = asked.join().unwrap_or(Asked::Done(None));
    if matches!(asked, Asked::Interrupted) {
        // The question's line has no end.
        let _ = io::Write::write_all(&mut io::stderr(), b"\n");
    }
    asked
}

async fn answer_or_end<T: Send + 'static>(
    question: impl FnOnce() -> io::Result<Option<T>> + Send + 'static,
    terminal: &Terminal,
) -> Asked<T> {
    let mut end = std::pin::pin!(crate::world::signal::end(true));
    // Signals are caught before the question changes anything.
    if poll_fn(|task| Poll::Ready(end.as_mut().poll(task).is_ready())).await {
        return Asked::Interrupted;
    }
    let mut answer = tokio::task::spawn_blocking(question);
    tokio::select! {
        biased;
        done = &mut answer => done.map_or(Asked::Done(None), result),
        () = end => {
            // What is put back before the question has changed it would be changed after all.
            for _ in 0..SETTLING {
                if terminal.changed() || answer.is_finished() {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            Asked::Interrupted
        }
    }
}

fn result<T>(answer: io::Result<Option<T>>) -> Asked<T> {
    match answer {
        Ok(answer) => Asked::Done(answer),
        Err(error) if error.kind() == io::ErrorKind::Interrupted => Asked::Interrupted,
        Err(_) => Asked::Done(None),
    }
}

/// The terminal's settings before a question.
struct Terminal {
    #[cfg(unix)]
    settings: Option<rustix::termios::Termios>,
}

impl Terminal {
    fn remember() -> Self {
        Self {
            #[cfg(unix)]
            settings: rustix::termios::tcgetattr(rustix::stdio::stdin()).ok(),
        }
    }

    #[allow(clippy::unused_self)] // of this terminal
    fn forget_typed(&self) {
        #[cfg(unix)]
        let _ = rustix::termios::tcflush(rustix::stdio::stdin(), rustix::termios::QueueSelector::IFlush);
    }

    /// Ctrl-Z and Ctrl-\ do nothing while a question is open: a shell that takes the terminal back meanwhile would show
    /// what is typed afterwards.
    #[allow(clippy::unused_self)] // of this terminal
    fn hold_on(&self) {
        #[cfg(unix)]
        if let Some(settings) = &self.settings {
            use rustix::termios::SpecialCodeIndex;
            let mut held = settings.clone();
            // POSIX: a code of zero is none.
            held.special_codes[SpecialCodeIndex::VSUSP] = 0;
            held.special_codes[SpecialCodeIndex::VQUIT] = 0;
            let _ = rustix::termios::tcsetattr(rustix::stdio::stdin(), rustix::termios::OptionalActions::Now, &held);
        }
    }

    /// The question has its own settings, which it keeps until it is answered.
    fn changed(&self) -> bool {
        #[cfg(unix)]
        if let (Some(before), Ok(now)) = (&self.settings, rustix::termios::tcgetattr(rustix::stdio::stdin())) {
            return before.local_modes != now.local_modes;
        }
        true
    }

    fn restore(&self) {
        self.set();
        let _ = console::Term::stderr().show_cursor();
    }

    #[allow(clippy::unused_self)] // of this terminal
    fn set(&self) {
        #[cfg(unix)]
        if let Some(settings) = &self.settings {
            let _ = rustix::termios::tcsetattr(rustix::stdio::stdin(), rustix::termios::OptionalActions::Now, settings);
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.restore();
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::*;

    #[test]
    fn an_interruption_unwinds_past_everything_that_would_have_followed() {
        let mut followed = false;
        let ended = catch_unwind(AssertUnwindSafe(|| {
            let answer: Option<bool> = result(Err(io::ErrorKind::Interrupted.into())).or_end();
            followed = true;
            answer
        }));
        assert_eq!(ended.unwrap_err().downcast_ref(), Some(&Interrupted));
        assert!(!followed);
    }

    #[test]
    fn a_question_that_fails_is_one_that_nobody_answered() {
        assert_eq!(ask(|| Ok(Some(7))).or_end(), Some(7));
        assert_eq!(ask::<bool>(|| Err(io::ErrorKind::NotConnected.into())).or_end(), None);
        assert_eq!(ask::<bool>(|| panic!("a defect of the prompt")).or_end(), None);
    }
}
