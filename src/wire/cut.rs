//! Ends an answer at a stop sequence, where dialect or model takes none (translation.md, "Sampling and limits"). The sequence
//! itself is no part of the answer.

use std::collections::{BTreeMap, VecDeque};

use crate::model::{BlockKind, Event, FinishReason};

/// Looks for stop sequences in the visible text, however it is cut into pieces.
#[derive(Debug)]
pub struct Cut {
    stops: Vec<String>,
    /// The end of a block's text that may be the beginning of a sequence.
    held: Option<(usize, String)>,
    /// Blocks that have begun and not ended, and whether each is a call.
    open: BTreeMap<usize, bool>,
    out: VecDeque<Event>,
    over: bool,
    /// Why it ends, which is told when nothing more comes.
    finish: Option<FinishReason>,
}

impl Cut {
    /// `None` when there is nothing to look for.
    #[must_use]
    pub fn at(stops: &[String]) -> Option<Self> {
        let stops: Vec<String> = stops.iter().filter(|stop| !stop.is_empty()).cloned().collect();
        let (open, out) = (BTreeMap::new(), VecDeque::new());
        (!stops.is_empty()).then(|| Self { stops, held: None, open, out, over: false, finish: None })
    }

    /// The answer is over: of what comes, only counts are told, and the rest of calls that had begun before.
    #[must_use]
    pub const fn over(&self) -> bool {
        self.over
    }

    /// Takes an event; [`Self::pull`] gives what becomes of it.
    pub fn push(&mut self, event: Event) {
        match event {
            // Counts may come between two pieces of a text; and what is left out was made, and is paid for.
            Event::Usage(_) | Event::Charged(_) | Event::Served(_) => self.out.push_back(event),
            // Half a call is none, and some dialects end no call before their last word.
            Event::ToolInput { index, .. } | Event::Sealed { index, .. } if self.over => {
                if self.open.contains_key(&index) {
                    self.out.push_back(event);
                }
            }
            Event::BlockEnd { index } if self.over => {
                if self.open.remove(&index).is_some() {
                    self.out.push_back(event);
                }
            }
            _ if self.over => {}
            Event::Text { index, text } => self.text(index, &text),
            event => {
                self.release();
                match &event {
                    Event::BlockStart { index, kind } => {
                        self.open.insert(*index, matches!(kind, BlockKind::ToolCall { .. }));
                    }
                    Event::BlockEnd { index } => drop(self.open.remove(index)),
                    _ => {}
                }
                self.out.push_back(event);
            }
        }
    }

    /// What may be given out.
    pub fn pull(&mut self) -> Option<Event> {
        self.out.pop_front()
    }

    /// Nothing more comes: what was held back is text, and an answer that was cut has come to its end.
    pub fn end(&mut self) {
        self.release();
        if let Some(finish) = self.finish.take() {
            let left = std::mem::take(&mut self.open);
            self.out.extend(left.into_keys().map(|index| Event::BlockEnd { index }));
            self.out.push_back(Event::Finish(finish));
        }
    }

    fn release(&mut self) {
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
            self.finish = Some(FinishReason::StopSequence(Some(stop.clone())));
            text.truncate(at);
            self.held = Some((index, text));
            self.release();
            self.open.insert(index, false);
            let (calls, said) = std::mem::take(&mut self.open).into_iter().partition(|(_, call)| *call);
            self.open = calls;
            let said: BTreeMap<usize, bool> = said;
            self.out.extend(said.into_keys().map(|index| Event::BlockEnd { index }));
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
    use crate::model::Usage;

    fn cut(stops: &[&str]) -> Cut {
        let stops: Vec<String> = stops.iter().map(|s| (*s).to_owned()).collect();
        Cut::at(&stops).unwrap()
    }

    fn text(index: usize, text: &str) -> Event {
        Event::Text { index, text: text.to_owned() }
    }

    fn all(cut: &mut Cut) -> Vec<Event> {
        std::iter::from_fn(|| cut.pull()).collect()
    }

    fn read(stops: &[&str], pieces: &[&str]) -> (String, bool, bool) {
        let mut cut = cut(stops);
        cut.push(Event::BlockStart { index: 0, kind: BlockKind::Text });
        pieces.iter().for_each(|piece| cut.push(text(0, piece)));
        cut.push(Event::BlockEnd { index: 0 });
        cut.end();
        let mut out = String::new();
        let mut ends = 0;
        for event in all(&mut cut) {
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

    #[test]
    fn what_is_left_out_is_counted_and_the_end_is_told_last() {
        let mut cut = cut(&["END"]);
        let usage = Event::Usage(Usage { output: 5_000, ..Usage::default() });
        let stop = Event::Finish(FinishReason::Stop);
        for event in [text(0, "one END two"), text(0, "three"), usage.clone(), Event::BlockEnd { index: 0 }, stop] {
            cut.push(event);
        }
        let told = [text(0, "one "), Event::BlockEnd { index: 0 }, usage];
        assert_eq!(all(&mut cut), told);
        cut.end();
        assert_eq!(all(&mut cut), [Event::Finish(FinishReason::StopSequence(Some("END".to_owned())))]);
        cut.end();
        assert_eq!(all(&mut cut), [], "it is told once");
    }

    #[test]
    fn a_call_before_the_text_is_told_to_its_end() {
        let kind = BlockKind::ToolCall { id: "c".into(), name: "add".into(), custom: false };
        let call = Event::BlockStart { index: 0, kind: kind.clone() };
        let input = Event::ToolInput { index: 0, json: "{}".into() };
        let end = |index| Event::BlockEnd { index };
        let later = [Event::BlockStart { index: 2, kind }, Event::ToolInput { index: 2, json: "{}".into() }, end(2)];
        for whole in [true, false] {
            let mut cut = cut(&["END"]);
            cut.push(call.clone());
            cut.push(Event::BlockStart { index: 1, kind: BlockKind::Text });
            cut.push(text(1, "one END"));
            let told = [call.clone(), Event::BlockStart { index: 1, kind: BlockKind::Text }, text(1, "one "), end(1)];
            assert_eq!(all(&mut cut), told, "the call is open still");
            later.iter().for_each(|event| cut.push(event.clone()));
            if whole {
                [input.clone(), end(0)].into_iter().for_each(|event| cut.push(event));
            }
            cut.end();
            let mut told = all(&mut cut);
            assert_eq!(told.pop(), Some(Event::Finish(FinishReason::StopSequence(Some("END".to_owned())))));
            let meant = if whole { vec![input.clone(), end(0)] } else { vec![end(0)] };
            assert_eq!(told, meant, "what began behind the sequence is not told, and nothing stays open");
        }
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
