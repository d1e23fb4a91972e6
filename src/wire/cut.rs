//! Ends an answer at a stop sequence, where dialect or model takes none (translation.md, "Sampling and limits"). The sequence
//! itself is no part of the answer.

use std::collections::VecDeque;

use crate::model::{Event, FinishReason};

/// Looks for stop sequences in the visible text, however it is cut into pieces.
#[derive(Debug)]
pub struct Cut {
    stops: Vec<String>,
    /// The end of a block's text that may be the beginning of a sequence.
    held: Option<(usize, String)>,
    out: VecDeque<Event>,
    over: bool,
}

impl Cut {
    /// `None` when there is nothing to look for.
    #[must_use]
    pub fn at(stops: &[String]) -> Option<Self> {
        let stops: Vec<String> = stops.iter().filter(|stop| !stop.is_empty()).cloned().collect();
        (!stops.is_empty()).then(|| Self { stops, held: None, out: VecDeque::new(), over: false })
    }

    /// The answer is over: what comes is not read.
    #[must_use]
    pub const fn over(&self) -> bool {
        self.over
    }

    /// Takes an event; [`Self::pull`] gives what becomes of it.
    pub fn push(&mut self, event: Event) {
        if self.over {
            return;
        }
        match event {
            Event::Text { index, text } => self.text(index, &text),
            event => {
                // Counts may come between two pieces of a text.
                if !matches!(event, Event::Usage(_) | Event::Charged(_) | Event::Served(_)) {
                    self.release();
                }
                self.out.push_back(event);
            }
        }
    }

    /// What may be given out.
    pub fn pull(&mut self) -> Option<Event> {
        self.out.pop_front()
    }

    /// Nothing more comes: what was held back is text.
    pub fn release(&mut self) {
        if let Some((index, text)) = self.held.take().filter(|(_, text)| !text.is_empty()) {
            self.out.push_back(Event::Text { index, text });
        }
    }

    fn text(&mut self, index: usize, piece: &str) {
        if self.held.as_ref().is_some_and(|(of, _)| *of != index) {
            self.release();
        }
        let mut text = self.held.take().map_or_else(String::new, |(_, text)| text);
        text.push_str(piece);
        let found = self.stops.iter().filter_map(|stop| Some((text.find(stop.as_str())?, stop)));
        // The first that ends it; of several at one place the longest.
        if let Some((at, stop)) = found.min_by_key(|(at, stop)| (*at, usize::MAX - stop.len())) {
            let stop = stop.clone();
            text.truncate(at);
            self.held = Some((index, text));
            self.release();
            self.out.push_back(Event::BlockEnd { index });
            self.out.push_back(Event::Finish(FinishReason::StopSequence(Some(stop))));
            self.over = true;
            return;
        }
        let keep = self.stops.iter().map(|stop| begun(&text, stop)).max().unwrap_or(0);
        let rest = text.split_off(text.len() - keep);
        if !text.is_empty() {
            self.out.push_back(Event::Text { index, text });
        }
        self.held = Some((index, rest));
    }
}

/// Bytes at the end of a text that are the beginning of a sequence.
fn begun(text: &str, stop: &str) -> usize {
    let most = text.len().min(stop.len().saturating_sub(1));
    (1..=most).rev().find(|n| stop.is_char_boundary(*n) && text.ends_with(&stop[..*n])).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::BlockKind;

    fn read(stops: &[&str], pieces: &[&str]) -> (String, bool, bool) {
        let stops: Vec<String> = stops.iter().map(|s| (*s).to_owned()).collect();
        let mut cut = Cut::at(&stops).unwrap();
        cut.push(Event::BlockStart { index: 0, kind: BlockKind::Text });
        pieces.iter().for_each(|text| cut.push(Event::Text { index: 0, text: (*text).to_owned() }));
        cut.push(Event::BlockEnd { index: 0 });
        let mut out = String::new();
        let mut ends = 0;
        while let Some(event) = cut.pull() {
            match event {
                Event::Text { text, .. } => out.push_str(&text),
                Event::BlockEnd { .. } => ends += 1,
                _ => {}
            }
        }
        (out, cut.over(), ends == 1)
    }

    #[test]
    fn what_comes_behind_a_sequence_is_not_said_however_the_text_is_cut() {
        assert_eq!(read(&["END"], &["one EN", "D two"]), ("one ".to_owned(), true, true));
        assert_eq!(read(&["END"], &["one EN", "OUGH"]), ("one ENOUGH".to_owned(), false, true));
        assert_eq!(read(&["\n\n", "two"], &["one\n", "tw", "o"]), ("one\n".to_owned(), true, true));
        assert_eq!(read(&["ab", "abc"], &["xabc"]), ("x".to_owned(), true, true));
        assert_eq!(read(&["é!"], &["caf", "é", "?"]), ("café?".to_owned(), false, true));
        assert_eq!(read(&["stop"], &["sto"]), ("sto".to_owned(), false, true), "what was held back is text");
        assert!(Cut::at(&[String::new()]).is_none());
    }

    proptest! {
        #[test]
        fn cuts_change_nothing(text in "[ab\u{e9}]{0,40}", stop in "[ab\u{e9}]{1,4}", at in 0_usize..40) {
            let at = text.char_indices().map(|(n, _)| n).nth(at).unwrap_or(text.len());
            let (head, tail) = text.split_at(at);
            let whole = read(&[&stop], &[&text]);
            prop_assert_eq!(&read(&[&stop], &[head, tail]), &whole);
            prop_assert_eq!(whole.0, text.split(stop.as_str()).next().unwrap().to_owned());
        }
    }
}
