//! Something turns while a model thinks.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use super::Ui;

/// A spinner on stderr; invisible off a terminal and when quiet. Cleared when dropped.
pub struct Spinner(Option<ProgressBar>);

impl Spinner {
    /// Begins to turn beside `text`.
    #[must_use]
    pub fn start(ui: &Ui, text: &str) -> Self {
        if !ui.look().lively {
            return Self(None);
        }
        let bar = ProgressBar::new_spinner();
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} ({elapsed})") {
            bar.set_style(style);
        }
        bar.set_message(super::plain(text));
        bar.enable_steady_tick(Duration::from_millis(100));
        Self(Some(bar))
    }

    /// None: something else shows what goes on.
    #[must_use]
    pub const fn none() -> Self {
        Self(None)
    }

    /// Changes the text.
    pub fn text(&self, text: &str) {
        if let Some(bar) = &self.0 {
            bar.set_message(super::plain(text));
        }
    }

    /// Runs `f` with the spinner out of the way, so that lines do not mix.
    pub fn aside<T>(&self, f: impl FnOnce() -> T) -> T {
        match &self.0 {
            Some(bar) => bar.suspend(f),
            None => f(),
        }
    }

    /// Stops and leaves nothing.
    pub fn stop(&mut self) {
        if let Some(bar) = self.0.take() {
            bar.finish_and_clear();
        }
    }
}

impl Drop for Spinner {
    fn drop(&mut self) {
        self.stop();
    }
}
