//! Questions to a person. Off a terminal nothing is ever asked.

use dialoguer::{Confirm, Input, Password, Select, theme::SimpleTheme};

use super::Ui;
use crate::model::Secret;

/// One answer of several, by its letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choice {
    /// The key.
    pub key: char,
    /// What it does.
    pub label: &'static str,
}

/// What Ctrl-C at a question gives, where the terminal hands it over as a key.
pub const INTERRUPT: char = '\u{3}';

impl Ui {
    /// Yes or no; `None` when there is nobody to ask or the question was cancelled.
    #[must_use]
    pub fn confirm(&self, question: &str, default: bool) -> Option<bool> {
        if !self.interactive() {
            return None;
        }
        Confirm::with_theme(&SimpleTheme)
            .with_prompt(super::plain(question))
            .default(default)
            // One key would leave the line's end behind, as the answer to the next question.
            .wait_for_newline(true)
            .interact_opt()
            .ok()
            .flatten()
    }

    /// A secret, not echoed; asked twice when it is new. `None` as above.
    #[must_use]
    pub fn secret(&self, question: &str, twice: bool) -> Option<Secret> {
        if !self.interactive() {
            return None;
        }
        let mut password = Password::with_theme(&SimpleTheme).with_prompt(super::plain(question));
        if twice {
            password = password.with_confirmation("once more", "the two differ");
        }
        password.interact().ok().map(Secret::new)
    }

    /// A line of text, with what stands there already. `None` as above.
    #[must_use]
    pub fn line(&self, question: &str, initial: &str) -> Option<String> {
        if !self.interactive() {
            return None;
        }
        Input::<String>::with_theme(&SimpleTheme)
            .with_prompt(super::plain(question))
            .with_initial_text(initial)
            .allow_empty(true)
            .interact_text()
            .ok()
    }

    /// One of several lines, by its place. `None` as above.
    #[must_use]
    pub fn select(&self, question: &str, items: &[String]) -> Option<usize> {
        if !self.interactive() {
            return None;
        }
        Select::with_theme(&SimpleTheme)
            .with_prompt(super::plain(question))
            .items(items)
            .default(0)
            .interact_opt()
            .ok()
            .flatten()
    }

    /// One of several keys, or [`INTERRUPT`]. `None` as above, and for Esc.
    #[must_use]
    pub fn choose(&self, choices: &[Choice]) -> Option<char> {
        if !self.interactive() {
            return None;
        }
        let menu: Vec<String> =
            choices.iter().map(|c| format!("[{}]{}", c.key, &c.label[c.key.len_utf8()..])).collect();
        self.show(super::Tone::Dim, &menu.join("  "));
        let term = console::Term::stderr();
        loop {
            match term.read_key().ok()? {
                console::Key::Char(c) if choices.iter().any(|x| x.key == c.to_ascii_lowercase()) => {
                    return Some(c.to_ascii_lowercase());
                }
                console::Key::Enter => return choices.first().map(|c| c.key),
                console::Key::CtrlC => return Some(INTERRUPT),
                console::Key::Escape => return None,
                _ => {}
            }
        }
    }
}
