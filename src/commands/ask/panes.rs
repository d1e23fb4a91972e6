//! Several answers growing at once: beside each other where the terminal is wide enough, else whole lines, each with
//! whose it is.

use std::convert::Infallible;

use crate::client::Notice;
use crate::commands::listen::tell;
use crate::tasks::dialectic::{Cast, Stage, Voice, Watcher, letter};
use crate::ui::{Panes as Columns, Spinner, Ui, plain};

/// What a member was heard to say.
#[derive(Debug, Clone, Default)]
pub(super) struct Said {
    /// Its last answer that came to its end.
    pub whole: Option<String>,
    /// What has come of the one after it.
    pub piece: String,
}

impl Said {
    /// How far it came, for one sentence.
    pub(super) fn state(&self) -> &'static str {
        match (&self.whole, self.piece.is_empty()) {
            (Some(_), true) => "was whole",
            (Some(_), false) => "had answered and broke off in the next round",
            (None, false) => "broke off",
            (None, true) => "had said nothing",
        }
    }
}

/// What is left when all is said, or when it was stopped.
pub(super) struct Heard {
    /// By member.
    pub said: Vec<Said>,
    /// Every call that was begun, and its id.
    pub calls: Vec<(Voice, String)>,
    /// The answers were shown as they came.
    pub shown: bool,
}

/// Shows and remembers.
pub(super) struct Panes<'a> {
    ui: &'a Ui,
    /// Answers are shown as they come.
    stream: bool,
    /// Beside each other.
    columns: Option<Columns>,
    names: Vec<String>,
    /// The stage that is shown.
    stage: Stage,
    /// Pieces that are no whole line yet; off a terminal, whole answers that wait for those before them.
    lines: Vec<String>,
    /// Who has ended this stage.
    ended: Vec<bool>,
    said: Vec<Said>,
    calls: Vec<(Voice, String)>,
    spinner: Spinner,
}

impl<'a> Panes<'a> {
    pub(super) fn new(ui: &'a Ui, cast: &Cast, stream: bool) -> Self {
        let names = cast.names.clone();
        let columns = if stream { Columns::open(ui, &heads(&names, Stage::Answer)) } else { None };
        let doing = match names.len() {
            2 => "two models are working".to_owned(),
            number => format!("{number} models are working"),
        };
        // Where columns are drawn, they say themselves what goes on.
        let spinner = if columns.is_some() { Spinner::none() } else { Spinner::start(ui, &doing) };
        let (lines, said) = (vec![String::new(); names.len()], vec![Said::default(); names.len()]);
        let ended = vec![false; names.len()];
        let mut out =
            Self { ui, stream, columns, names, stage: Stage::Answer, lines, ended, said, calls: Vec::new(), spinner };
        out.doing(&doing);
        out
    }

    fn doing(&mut self, text: &str) {
        match &mut self.columns {
            Some(columns) => columns.say(text),
            None => self.spinner.text(text),
        }
    }

    /// Prints whole lines of a member; with `all` what is left of them, too.
    fn flush(&mut self, member: usize, all: bool) {
        let (ui, spinner) = (self.ui, &self.spinner);
        let Some(lines) = self.lines.get_mut(member) else { return };
        while let Some(at) = lines.find('\n').or_else(|| (all && !lines.is_empty()).then_some(lines.len())) {
            let rest = lines.split_off(at);
            let line = std::mem::replace(lines, rest.strip_prefix('\n').unwrap_or_default().to_owned());
            let _ = spinner.aside(|| ui.out(&format!("{}│ {line}", letter(member))));
        }
    }

    fn has_ended(&mut self, member: usize) {
        if let Some(ended) = self.ended.get_mut(member) {
            *ended = true;
        }
        match &mut self.columns {
            Some(columns) => columns.draw(),
            None if self.ui.look().stdout_terminal => self.flush(member, true),
            // In a file or a pipe A comes before B.
            None => {
                let ended = self.ended.iter().take_while(|ended| **ended).count();
                (0..ended).for_each(|at| self.flush(at, true));
            }
        }
    }

    /// Keeps what is shown up to date while nothing new comes; never ends.
    pub(super) fn keep(&self) -> impl Future<Output = Infallible> + use<> {
        let drawn = self.columns.as_ref().map(Columns::keep);
        async move {
            match drawn {
                Some(drawn) => drawn.await,
                None => std::future::pending().await,
            }
        }
    }

    /// Everything is said, or it was stopped.
    pub(super) fn end(mut self) -> Heard {
        self.spinner.stop();
        if let Some(columns) = &mut self.columns {
            columns.settle();
        }
        (0..self.lines.len()).for_each(|at| self.flush(at, true));
        Heard { said: self.said, calls: self.calls, shown: self.stream }
    }
}

impl Watcher for Panes<'_> {
    fn piece(&mut self, voice: Voice, text: &str) {
        let Voice::Member(at) = voice else { return };
        if let Some(said) = self.said.get_mut(at) {
            said.piece.push_str(text);
        }
        if !self.stream {
            return;
        }
        let text = plain(text);
        match (&mut self.columns, self.lines.get_mut(at)) {
            (Some(columns), _) => columns.push(at, &text),
            (None, Some(lines)) => {
                lines.push_str(&text);
                // In a file or a pipe each answer stands as a whole; on a terminal all grow.
                if self.ui.look().stdout_terminal {
                    self.flush(at, false);
                }
            }
            (None, None) => {}
        }
    }

    fn notice(&mut self, voice: Voice, notice: &Notice) {
        let whose = format!("{}: ", voice.name());
        let ui = self.ui;
        match &mut self.columns {
            Some(columns) => columns.aside(|| tell(ui, &whose, notice)),
            None => self.spinner.aside(|| tell(ui, &whose, notice)),
        }
    }

    fn turn(&mut self, voice: Voice, stage: Stage, begins: bool) {
        match (stage, begins) {
            (Stage::Answer | Stage::Round(_), false) => {
                if let Voice::Member(at) = voice {
                    self.has_ended(at);
                }
            }
            (Stage::Round(round), true) => {
                if self.stage != stage {
                    self.stage = stage;
                    self.ended.fill(false);
                    let heads = heads(&self.names, stage);
                    if let Some(columns) = &mut self.columns {
                        columns.next(&heads);
                    }
                    self.doing(&format!("round {round}: they criticise each other and answer again"));
                }
                if let (Voice::Member(at), None, true) = (voice, &self.columns, self.stream)
                    && let Some(lines) = self.lines.get_mut(at)
                {
                    lines.push_str(&format!("(round {round})\n"));
                }
            }
            (Stage::Ranking, true) => self.doing("ranking the answers"),
            (Stage::Synthesis, true) => self.doing("reconciling"),
            _ => {}
        }
    }

    fn broke(&mut self, voice: Voice, stage: Stage) {
        let (Voice::Member(at), Stage::Answer | Stage::Round(_), true) = (voice, stage, self.stream) else { return };
        let Some(piece) = self.said.get(at).map(|said| &said.piece).filter(|piece| !piece.is_empty()) else { return };
        let mark = if piece.ends_with('\n') { "(broken off)" } else { "\n(broken off)" };
        match (&mut self.columns, self.lines.get_mut(at)) {
            (Some(columns), _) => columns.push(at, mark),
            (None, Some(lines)) => lines.push_str(mark),
            (None, None) => {}
        }
    }

    fn whole(&mut self, voice: Voice, text: &str) {
        if let Voice::Member(at) = voice
            && let Some(said) = self.said.get_mut(at)
        {
            (said.whole, said.piece) = (Some(text.to_owned()), String::new());
        }
    }

    fn call(&mut self, voice: Voice, id: &str) {
        self.calls.push((voice, id.to_owned()));
    }
}

fn heads(names: &[String], stage: Stage) -> Vec<String> {
    let round = match stage {
        Stage::Round(round) => format!(", round {round}"),
        _ => String::new(),
    };
    names.iter().enumerate().map(|(at, name)| format!("{} {name}{round}", letter(at))).collect()
}
