//! Texts that grow beside each other in a region of the terminal that is drawn again and again.

use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use console::{Alignment, measure_text_width, pad_str, truncate_str};

use super::{Tone, Ui, plain};
use crate::world::clock::Stopwatch;

/// A terminal needs so many columns.
const WIDE: usize = 100;
/// And each text so many.
const NARROW: usize = 32;
/// The region is drawn no more often than so.
const PAUSE: Duration = Duration::from_millis(50);
/// Lines of the terminal that are left alone.
const MARGIN: usize = 3;
const BETWEEN: &str = " │ ";

/// Texts beside each other.
pub struct Panes(Arc<Mutex<Region>>);

struct Region {
    ui: Ui,
    heads: Vec<String>,
    texts: Vec<String>,
    /// What goes on, below them.
    state: String,
    /// Lines of the region that stand on the terminal.
    drawn: usize,
    /// Columns of the terminal when they were drawn.
    columns: usize,
    last: Option<Stopwatch>,
    /// Something came that is not drawn yet.
    late: bool,
}

impl Panes {
    /// A region with a column for each head; `None` where the terminal is no terminal, too narrow or too dumb for it.
    #[must_use]
    pub fn open(ui: &Ui, heads: &[String]) -> Option<Self> {
        let columns = ui.columns().filter(|_| ui.look().lively)?;
        if columns < WIDE || heads.is_empty() || width(columns, heads.len()) < NARROW {
            return None;
        }
        Some(Self(Arc::new(Mutex::new(Region {
            ui: ui.clone(),
            heads: heads.iter().map(|head| plain(head)).collect(),
            texts: vec![String::new(); heads.len()],
            state: String::new(),
            drawn: 0,
            columns,
            last: None,
            late: false,
        }))))
    }

    fn region(&self) -> MutexGuard<'_, Region> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A text goes on; what it holds must be safe for a terminal.
    pub fn push(&mut self, at: usize, text: &str) {
        let mut region = self.region();
        if let Some(known) = region.texts.get_mut(at) {
            known.push_str(&text.replace('\t', "    "));
        }
        region.late = true;
        if region.last.is_none_or(|last| last.elapsed() >= PAUSE) {
            region.draw();
        }
    }

    /// Draws what came too soon after the last time: nothing may follow it for long, and it is to be seen. Never ends; runs
    /// beside whatever brings the texts.
    pub fn keep(&self) -> impl Future<Output = Infallible> + use<> {
        let kept = Self(Arc::clone(&self.0));
        async move {
            loop {
                tokio::time::sleep(PAUSE).await;
                let mut region = kept.region();
                if region.late {
                    region.draw();
                }
            }
        }
    }

    /// Says what goes on.
    pub fn say(&mut self, state: &str) {
        let mut region = self.region();
        region.state = plain(state);
        region.draw();
    }

    /// Takes the region away while `f` prints lines of its own, which stay above it.
    pub fn aside<T>(&mut self, f: impl FnOnce() -> T) -> T {
        let mut region = self.region();
        region.wipe();
        let out = f();
        region.draw();
        out
    }

    /// Draws the region as it stands.
    pub fn draw(&mut self) {
        self.region().draw();
    }

    /// The whole texts stay on the terminal, and the region ends.
    pub fn settle(&mut self) {
        self.region().settle();
    }

    /// As [`Self::settle`]; new texts under these heads follow below.
    pub fn next(&mut self, heads: &[String]) {
        let mut region = self.region();
        region.settle();
        let _ = region.ui.piece("\n");
        region.heads = heads.iter().map(|head| plain(head)).collect();
    }
}

impl Region {
    fn draw(&mut self) {
        self.late = false;
        let (rows, columns) = match console::Term::stdout().size_checked() {
            Some((rows, columns)) => (usize::from(rows), usize::from(columns)),
            None => return,
        };
        if columns != self.columns {
            // Lines that were drawn for another width have moved: a new region begins below them.
            (self.columns, self.drawn) = (columns, 0);
        }
        let lines = self.lines(columns, Some(rows.saturating_sub(MARGIN).max(2)));
        self.write(&lines);
        self.drawn = lines.len();
        self.last = Some(Stopwatch::start());
    }

    fn settle(&mut self) {
        self.late = false;
        self.state.clear();
        let lines = self.lines(self.columns, None);
        if self.texts.iter().any(|text| !text.trim().is_empty()) {
            self.write(&lines);
        } else {
            self.wipe();
        }
        self.drawn = 0;
        self.texts.iter_mut().for_each(String::clear);
    }

    fn lines(&self, columns: usize, most: Option<usize>) -> Vec<String> {
        let width = width(columns, self.heads.len());
        let mut out = vec![self.heads.iter().map(|head| cell(head, width)).collect::<Vec<_>>().join(BETWEEN)];
        if let Some(head) = out.first_mut() {
            *head = self.ui.paint(Tone::Bold, head.trim_end());
        }
        // The head and the state have a line each.
        out.extend(rows(&self.texts, width, most.map(|most| most.saturating_sub(2))));
        if !self.state.is_empty() {
            out.push(self.ui.paint(Tone::Dim, &truncate_str(&self.state, columns.saturating_sub(1), "…")));
        }
        out
    }

    fn write(&self, lines: &[String]) {
        let mut out = self.up();
        for line in lines {
            out.push_str(line);
            out.push_str("\u{1b}[K\n");
        }
        out.push_str("\u{1b}[J");
        // A terminal that is gone is noticed by whoever prints the result.
        let _ = self.ui.piece(&out);
    }

    fn wipe(&mut self) {
        let _ = self.ui.piece(&format!("{}\u{1b}[J", self.up()));
        self.drawn = 0;
    }

    fn up(&self) -> String {
        if self.drawn == 0 { "\r".to_owned() } else { format!("\r\u{1b}[{}A", self.drawn) }
    }
}

/// Columns of one text; the terminal's last column stays free, because what stands there makes some begin a new line.
fn width(columns: usize, texts: usize) -> usize {
    let between = measure_text_width(BETWEEN) * texts.saturating_sub(1);
    columns.saturating_sub(1 + between) / texts.max(1)
}

fn cell(text: &str, width: usize) -> String {
    pad_str(text, width, Alignment::Left, Some("…")).into_owned()
}

/// The texts as rows, at most so many: the last ones, because there something happens.
fn rows(texts: &[String], width: usize, most: Option<usize>) -> Vec<String> {
    let folded: Vec<Vec<String>> = texts.iter().map(|text| folded(text, width)).collect();
    let longest = folded.iter().map(Vec::len).max().unwrap_or(0);
    let height = most.map_or(longest, |most| longest.min(most));
    let tail = |lines: &Vec<String>| lines.iter().skip(lines.len().saturating_sub(height)).cloned().collect::<Vec<_>>();
    let columns: Vec<Vec<String>> = folded.iter().map(tail).collect();
    let row = |at: usize| {
        let cells = columns.iter().map(|lines| cell(lines.get(at).map_or("", String::as_str), width));
        cells.collect::<Vec<_>>().join(BETWEEN).trim_end().to_owned()
    };
    (0..height).map(row).collect()
}

/// A text in lines of at most so many columns, broken between words where there are any.
fn folded(text: &str, width: usize) -> Vec<String> {
    let mut out = Vec::new();
    for line in text.trim_end().lines() {
        let mut current = String::new();
        for word in line.split_inclusive(' ') {
            if !current.is_empty() && measure_text_width(&current) + measure_text_width(word.trim_end()) > width {
                out.push(std::mem::take(&mut current));
            }
            for c in word.chars() {
                if measure_text_width(&current) + measure_text_width(c.encode_utf8(&mut [0; 4])) > width && c != ' ' {
                    out.push(std::mem::take(&mut current));
                }
                current.push(c);
            }
        }
        out.push(current);
    }
    out.iter().map(|line| line.trim_end().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_stand_beside_each_other_and_the_newest_lines_are_seen() {
        let texts = ["one two three four".to_owned(), "a\n\nverylongwordindeed".to_owned()];
        let all = rows(&texts, 9, None);
        assert_eq!(all, ["one two   │ a", "three     │", "four      │ verylongw", "          │ ordindeed"]);
        assert_eq!(rows(&texts, 9, Some(1)), ["four      │ ordindeed"]);
        assert!(rows(&[String::new()], 9, None).is_empty());
    }

    #[test]
    fn wide_characters_count_for_what_they_take() {
        assert_eq!(folded("日本語の文", 4), ["日本", "語の", "文"]);
        assert_eq!(rows(&["日".to_owned(), "x".to_owned()], 4, None), ["日   │ x"]);
    }

    #[test]
    fn each_text_has_its_share_of_the_terminal() {
        assert_eq!(width(100, 2), 48);
        assert_eq!(width(100, 3), 31);
    }
}
