//! Questions to a person. Off a terminal nothing is ever asked.

use dialoguer::{Confirm, Input, Password, Select, theme::SimpleTheme};

use super::Ui;
use super::guard::{Asked, ask};
use crate::model::Secret;

/// One answer of several, by its letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choice {
    /// The key.
    pub key: char,
    /// What it does.
    pub label: &'static str,
}

/// What an interruption of [`Ui::choose`] gives.
pub const INTERRUPT: char = '\u{3}';

/// A question that is interrupted, by Ctrl-C or from elsewhere, ends the command with [`super::Interrupted`]; the
/// terminal is as it was before, and nothing after the question is done. Only [`Ui::choose`] leaves the last word to
/// its caller. What was typed before a question is thrown away.
impl Ui {
    /// Yes or no; `None` when there is nobody to ask or the question was cancelled.
    #[must_use]
    pub fn confirm(&self, question: &str, default: bool) -> Option<bool> {
        let question = self.asks(question)?;
        let confirm = move || {
            Confirm::with_theme(&SimpleTheme)
                .with_prompt(question)
                .default(default)
                // One key would leave the line's end behind, as the answer to the next question.
                .wait_for_newline(true)
                .interact_opt()
        };
        ask(|| confirm().map_err(io)).or_end()
    }

    /// A secret, not echoed; asked twice when it is new. `None` as above.
    #[must_use]
    pub fn secret(&self, question: &str, twice: bool) -> Option<Secret> {
        let question = self.asks(question)?;
        let password = move || {
            let mut password = Password::with_theme(&SimpleTheme).with_prompt(question);
            if twice {
                password = password.with_confirmation("once more", "the two differ");
            }
            password.interact()
        };
        ask(|| password().map(|given| Some(Secret::new(given))).map_err(io)).or_end()
    }

    /// A line of text, with what stands there already. `None` as above.
    #[must_use]
    pub fn line(&self, question: &str, initial: &str) -> Option<String> {
        let (question, initial) = (self.asks(question)?, initial.to_owned());
        let input = || {
            Input::<String>::with_theme(&SimpleTheme)
                .with_prompt(question)
                .with_initial_text(initial)
                .allow_empty(true)
                .interact_text()
        };
        ask(|| input().map(Some).map_err(io)).or_end()
    }

    /// One of several lines, by its place. `None` as above.
    #[must_use]
    pub fn select(&self, question: &str, items: &[String]) -> Option<usize> {
        let (question, items) = (self.asks(question)?, items.to_vec());
        let select =
            move || Select::with_theme(&SimpleTheme).with_prompt(question).items(&items).default(0).interact_opt();
        ask(|| select().map_err(io)).or_end()
    }

    /// One of several keys, or [`INTERRUPT`]. `None` as above, and for Esc and Ctrl-D.
    #[must_use]
    pub fn choose(&self, choices: &[Choice]) -> Option<char> {
        if !self.interactive() {
            return None;
        }
        let menu: Vec<String> =
            choices.iter().map(|c| format!("[{}]{}", c.key, &c.label[c.key.len_utf8()..])).collect();
        let keys: Vec<char> = choices.iter().map(|c| c.key).collect();
        let ui = self.clone();
        let asked = ask(move || {
            ui.show(super::Tone::Dim, &menu.join("  "));
            key(&keys)
        });
        match asked {
            Asked::Done(key) => key,
            Asked::Interrupted => Some(INTERRUPT),
        }
    }

    /// The question as it may be shown, if there is somebody to ask.
    fn asks(&self, question: &str) -> Option<String> {
        self.interactive().then(|| super::plain(question))
    }
}

/// Waits for one of these keys; Enter is the first, Esc and Ctrl-D, which ends what is typed, none.
fn key(keys: &[char]) -> std::io::Result<Option<char>> {
    let term = console::Term::stderr();
    loop {
        match term.read_key_raw()? {
            console::Key::Char(c) if keys.contains(&c.to_ascii_lowercase()) => return Ok(Some(c.to_ascii_lowercase())),
            console::Key::Enter => return Ok(keys.first().copied()),
            console::Key::CtrlC => return Err(std::io::ErrorKind::Interrupted.into()),
            console::Key::Escape | console::Key::Char('\u{4}') => return Ok(None),
            _ => {}
        }
    }
}

fn io(error: dialoguer::Error) -> std::io::Error {
    let dialoguer::Error::IO(error) = error;
    error
}
