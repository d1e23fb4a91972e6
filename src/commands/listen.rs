//! What a person sees while a model works: a spinner, notices, and pieces of the answer where it streams.

use std::time::Duration;

use crate::client::{Listener, Notice, park};
use crate::model::Event;
use crate::ui::{Spinner, Ui, plain};

/// A wait that is shorter than this is not told to whoever is next.
const GLANCE: Duration = Duration::from_millis(300);

/// Watches one call.
pub(super) struct Watch<'a> {
    ui: &'a Ui,
    spinner: Spinner,
    /// Print visible text as it comes.
    stream: bool,
    /// Something was printed, and whether it ended with a line feed.
    printed: Option<bool>,
}

impl<'a> Watch<'a> {
    /// Watches silently but for notices.
    pub(super) fn new(ui: &'a Ui, doing: &str) -> Self {
        Self { ui, spinner: Spinner::start(ui, doing), stream: false, printed: None }
    }

    /// Also prints the answer as it comes.
    pub(super) fn streaming(ui: &'a Ui, doing: &str) -> Self {
        Self { stream: true, ..Self::new(ui, doing) }
    }

    /// Ends the spinner; ends the line when the answer did not. Returns whether anything was printed.
    pub(super) fn end(&mut self) -> bool {
        self.spinner.stop();
        if self.printed == Some(false) {
            let _ = self.ui.piece("\n");
        }
        self.printed.take().is_some()
    }
}

impl Listener for Watch<'_> {
    fn event(&mut self, event: &Event) {
        if let (true, Event::Text { text, .. }) = (self.stream, event) {
            self.spinner.stop();
            let text = plain(text);
            if !text.is_empty() {
                // A reader that went away is noticed at the end; the answer is paid for either way.
                let _ = self.ui.piece(&text);
                self.printed = Some(text.ends_with('\n'));
            }
        }
    }

    fn notice(&mut self, notice: &Notice) {
        let ui = self.ui;
        self.spinner.aside(|| tell(ui, "", notice));
        match notice {
            Notice::Trying { model, .. } => self.spinner.text(&format!("{model} is working")),
            Notice::Parked { model, .. } => self.spinner.text(&format!("waiting for {model}")),
            _ => {}
        }
    }
}

/// Says a notice on stderr, with whose it is before it.
pub(super) fn tell(ui: &Ui, whose: &str, notice: &Notice) {
    match notice {
        Notice::Trying { model, account } => ui.detail(&format!("{whose}asking {model} ({account})")),
        Notice::FailedOver { from, to, failure } => {
            let why = failure.message.trim_end_matches('.');
            ui.warn(&format!("{whose}{from} failed ({why}); asking {to} instead"));
        }
        Notice::Retrying { model, failure, delay } => {
            let why = failure.message.trim_end_matches('.');
            ui.status(&format!("{whose}{model}: {why}; again in {}", park::spell(*delay)))
        }
        // Who goes at once need not be told of a moment in line.
        Notice::Parked { wait, position: 1, .. } if *wait < GLANCE => {}
        Notice::Parked { model, wait, position, waiting } => {
            let place = if *waiting > 1 { format!(" (number {position} of {waiting} in line)") } else { String::new() };
            ui.status(&format!("{whose}waiting {} until {model} wakes{place}", park::spell(*wait)));
        }
        Notice::Masked { what } => ui.status(&format!("{whose}masked before sending: {what}")),
        Notice::Unmasked { what } => ui.warn(&format!("{whose}sent as it is: {what}")),
        Notice::LetThrough { what } => ui.status(&format!("{whose}{}", let_through("sent", what))),
        Notice::Took { who } => ui.detail(&format!("{whose}{who}")),
        Notice::Note(text) => ui.status(&format!("{whose}{text}")),
    }
}

/// What a repository's list let through is told: it is somebody else's word.
pub(super) fn let_through(done: &str, what: &str) -> String {
    format!("{done} as allowed by {}: {what}", crate::config::redact_allow::REPOSITORYS)
}
