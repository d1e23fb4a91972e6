//! The only printer: stdout is the answer, stderr everything else. Colour, quiet, `--json`, terminal
//! detection and the cleaning of untrusted text are decided here.

mod guard;
mod panes;
mod progress;
mod prompt;
mod table;

use std::io::{IsTerminal, Write};

use console::Style;

use crate::model::disguises;

pub use guard::{Interrupted, leave};
pub use panes::Panes;
pub use progress::Spinner;
pub use prompt::{Choice, INTERRUPT};
pub use table::Table;

/// How much to say and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// Machine-readable answer on stdout.
    pub json: bool,
    /// Nothing on stderr but errors.
    pub quiet: bool,
    /// More on stderr.
    pub verbose: bool,
    /// Colour on stdout and stderr.
    pub color: (bool, bool),
    /// stdin and stderr are terminals, so a person can be asked.
    pub interactive: bool,
    /// stderr is a terminal, so a spinner may turn.
    pub lively: bool,
    /// stdout is a terminal.
    pub stdout_terminal: bool,
}

/// The printer.
#[derive(Debug, Clone)]
pub struct Ui {
    look: Look,
    /// Warnings that need no repeating.
    warned: std::sync::Arc<std::sync::Mutex<std::collections::BTreeSet<String>>>,
    /// Colour on stdout and stderr as settings wish it, known only once they are read.
    wished: std::sync::Arc<std::sync::OnceLock<(bool, bool)>>,
}

/// When to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// How a piece of the answer stands out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// A head line.
    Bold,
    /// Less important.
    Dim,
    /// As bad as it gets.
    Alarm,
    /// Bad, or a removed line.
    Red,
    /// Worth a look.
    Yellow,
    /// Worth knowing.
    Cyan,
    /// Good, or an added line.
    Green,
}

impl Tone {
    const fn style(self) -> Style {
        let style = Style::new();
        match self {
            Self::Bold => style.bold(),
            Self::Dim => style.dim(),
            Self::Alarm => style.red().bold(),
            Self::Red => style.red(),
            Self::Yellow => style.yellow(),
            Self::Cyan => style.cyan(),
            Self::Green => style.green(),
        }
    }
}

/// Text in lines of at most `width` columns, broken between words.
#[must_use]
pub fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        if !line.is_empty() && console::measure_text_width(&line) + 1 + console::measure_text_width(word) > width {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

/// How long a line of running text is (columns): as long as the terminal's, where that can be read.
#[must_use]
pub fn measure(columns: Option<usize>) -> usize {
    columns.map_or(96, |columns| columns.clamp(60, 100))
}

impl Ui {
    /// A printer for the process's streams.
    #[must_use]
    pub fn new(json: bool, quiet: bool, verbose: bool, color: Color, env: &crate::world::Env) -> Self {
        let (out, err, input) =
            (std::io::stdout().is_terminal(), std::io::stderr().is_terminal(), std::io::stdin().is_terminal());
        let plain = env.get("NO_COLOR").is_some() || env.get("TERM") == Some("dumb");
        let colored = |terminal: bool| match color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => terminal && !plain,
        };
        let look = Look {
            json,
            quiet,
            verbose,
            color: (colored(out) && !json, colored(err)),
            interactive: input && err && !json && env.get("CI").is_none(),
            lively: err && !quiet && env.get("TERM") != Some("dumb"),
            stdout_terminal: out,
        };
        Self { look, warned: std::sync::Arc::default(), wished: std::sync::Arc::default() }
    }

    /// Takes the settings' word on colour; the first word holds. `--no-color` and `NO_COLOR` are the caller's to obey.
    pub fn prefer(&self, color: Color) {
        let _ = match color {
            Color::Auto => Ok(()),
            Color::Always => self.wished.set((!self.look.json, true)),
            Color::Never => self.wished.set((false, false)),
        };
    }

    fn color(&self) -> (bool, bool) {
        self.wished.get().copied().unwrap_or(self.look.color)
    }

    /// How it prints.
    #[must_use]
    pub const fn look(&self) -> &Look {
        &self.look
    }

    /// A person can be asked.
    #[must_use]
    pub const fn interactive(&self) -> bool {
        self.look.interactive
    }

    /// Prints the answer, as it is plus a line feed.
    ///
    /// # Errors
    /// The stream's; a broken pipe is the caller's to forgive.
    pub fn out(&self, text: &str) -> std::io::Result<()> {
        let mut stdout = std::io::stdout().lock();
        stdout.write_all(text.as_bytes())?;
        if !text.ends_with('\n') {
            stdout.write_all(b"\n")?;
        }
        stdout.flush()
    }

    /// How many columns a line of the answer has; `None` off a terminal.
    #[must_use]
    pub fn columns(&self) -> Option<usize> {
        let size = console::Term::stdout().size_checked().filter(|_| self.look.stdout_terminal);
        size.map(|(_, columns)| usize::from(columns))
    }

    /// How long a line of running text is in the answer.
    #[must_use]
    pub fn measure(&self) -> usize {
        measure(self.columns())
    }

    /// Prints the answer in the place of the one before, from the top of the terminal.
    ///
    /// # Errors
    /// As [`Self::out`].
    pub fn redraw(&self, text: &str) -> std::io::Result<()> {
        // Home, and what is below is cleared after each line's end: nothing flickers, and nothing needs putting back.
        let lines = text.trim_end_matches('\n').replace('\n', "\u{1b}[K\n");
        self.piece(&format!("\u{1b}[H{lines}\u{1b}[K\n\u{1b}[J"))
    }

    /// Prints a piece of the answer at once, without a line feed.
    ///
    /// # Errors
    /// As [`Self::out`].
    pub fn piece(&self, text: &str) -> std::io::Result<()> {
        let mut stdout = std::io::stdout().lock();
        stdout.write_all(text.as_bytes())?;
        stdout.flush()
    }

    /// Takes an answer that is long, piece by piece; what is written is there once it was flushed.
    #[must_use]
    #[allow(clippy::unused_self)] // the printer is asked, even where no setting matters
    pub fn writer(&self) -> impl Write {
        std::io::BufWriter::with_capacity(1 << 16, std::io::stdout().lock())
    }

    /// Prints one JSON object as the answer.
    ///
    /// # Errors
    /// As [`Self::out`].
    pub fn json(&self, value: &serde_json::Value) -> std::io::Result<()> {
        self.out(&escaped(&format!("{value:#}")))
    }

    /// Hands text to the terminal's clipboard, which the terminal may refuse to take; `false` where there is none.
    #[must_use]
    pub fn copy(&self, text: &str) -> bool {
        if !self.look.lively {
            return false;
        }
        // OSC 52 goes through SSH, where no program on this side could reach a clipboard.
        let code = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, text);
        let mut err = std::io::stderr().lock();
        err.write_all(format!("\u{1b}]52;c;{code}\u{7}").as_bytes()).and_then(|()| err.flush()).is_ok()
    }

    /// Says what happens; silent when quiet.
    pub fn status(&self, text: &str) {
        if !self.look.quiet {
            self.err_line(&plain(text));
        }
    }

    /// Shows text that a person is asked about, in a tone; also when quiet, because nobody decides blindly.
    pub fn show(&self, tone: Tone, text: &str) {
        self.err_line(&tone.style().force_styling(self.color().1).apply_to(plain(text)).to_string());
    }

    /// Says something only with `--verbose`.
    pub fn detail(&self, text: &str) {
        if self.look.verbose {
            self.err_line(&self.err_style(Style::new().dim()).apply_to(plain(text)).to_string());
        }
    }

    /// Warns; silent when quiet.
    pub fn warn(&self, text: &str) {
        if !self.look.quiet {
            let mark = self.err_style(Style::new().yellow().bold()).apply_to("warning:");
            self.err_line(&format!("{mark} {}", plain(text)));
        }
    }

    /// Warns, the first time the command comes to it.
    pub fn warn_once(&self, text: &str) {
        let mut warned = self.warned.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if warned.insert(text.to_owned()) {
            self.warn(text);
        }
    }

    /// Points at a command that helps; silent when quiet.
    pub fn hint(&self, text: &str) {
        if !self.look.quiet {
            self.err_line(&format!("{} {}", self.err_style(Style::new().cyan().bold()).apply_to("hint:"), plain(text)));
        }
    }

    /// Says what went wrong, what caused it, and what helps. Never silent.
    pub fn error(&self, what: &str, causes: &[String], hints: &[String]) {
        self.err_line(&format!("{} {}", self.err_style(Style::new().red().bold()).apply_to("error:"), plain(what)));
        for cause in causes {
            self.err_line(&format!("  caused by: {}", plain(cause)));
        }
        for hint in hints {
            self.err_line(&format!("{} {}", self.err_style(Style::new().cyan().bold()).apply_to("hint:"), plain(hint)));
        }
    }

    /// Text of the answer in a tone, plain when stdout takes no colour.
    #[must_use]
    pub fn paint(&self, tone: Tone, text: &str) -> String {
        tone.style().force_styling(self.color().0).apply_to(text).to_string()
    }

    fn err_style(&self, style: Style) -> Style {
        style.force_styling(self.color().1)
    }

    #[allow(clippy::unused_self)] // the printer is asked, even where no setting matters
    fn err_line(&self, text: &str) {
        // A closed stderr is no reason to stop working.
        let _ = writeln!(std::io::stderr().lock(), "{}", text.trim_end());
    }
}

/// JSON of which no character drives a terminal: what its own rules do not escape (DEL, the second set of controls and
/// direction marks) stands only in strings, and is escaped there.
#[must_use]
pub fn escaped(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        if safe(c) { out.push(c) } else { out.push_str(&format!("\\u{:04x}", u32::from(c))) }
    }
    out
}

/// Text from outside made safe for a terminal: control sequences, other controls and direction marks
/// are taken out; tabs and line feeds stay.
#[must_use]
pub fn plain(text: &str) -> String {
    let stripped = console::strip_ansi_codes(text);
    stripped.chars().filter(|c| safe(*c)).collect()
}

/// A name from outside, on one line and as no other than it is: what would make it seem another is shown as `\xNN` for
/// each byte.
#[must_use]
pub fn named(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for (at, c) in name.char_indices() {
        if disguises(c, || name.get(..at)?.chars().next_back()) {
            c.encode_utf8(&mut [0; 4]).bytes().for_each(|byte| out.push_str(&format!("\\x{byte:02x}")));
        } else {
            out.push(c);
        }
    }
    out
}

fn safe(c: char) -> bool {
    match c {
        '\n' | '\t' => true,
        // Bidirectional marks can make a line read otherwise than it is.
        '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => false,
        c => !c.is_control(),
    }
}

#[cfg(test)]
mod tests {
    use super::{escaped, named, plain};

    #[test]
    fn a_name_is_shown_as_no_other_than_it_is() {
        assert_eq!(named("a\u{202e}b\n\u{200b}\u{1b}[1m é"), "a\\xe2\\x80\\xaeb\\x0a\\xe2\\x80\\x8b\\x1b[1m é");
    }

    #[test]
    fn json_says_everything_and_drives_no_terminal() {
        let value = serde_json::json!({ "repo": "/a\u{1b}[31m\u{7f}\u{9b}31m\u{202e}b\n\u{e9}" });
        let text = escaped(&format!("{value:#}"));
        assert!(text.chars().all(|c| c == '\n' || !c.is_control()) && !text.contains('\u{202e}'), "{text:?}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap(), value);
    }

    #[test]
    fn a_models_text_cannot_drive_the_terminal() {
        let hostile = "ok\u{1b}[31m red\u{1b}]0;title\u{7} bell\u{7} back\u{8} cr\rover \u{202e}txet\u{202c}\tend\n";
        let clean = plain(hostile);
        assert!(clean.chars().all(|c| c == '\n' || c == '\t' || !c.is_control()), "{clean:?}");
        assert!(!clean.contains('\u{202e}'));
        assert!(clean.starts_with("ok red"), "{clean:?}");
        assert!(clean.ends_with("\tend\n"), "{clean:?}");
    }
}
