//! Thoughts that stand in the text between tags: what open models print where their server does not take it out, and what
//! a model is told to do that has no reasoning control. At the head of an answer they become thoughts.

use std::collections::VecDeque;

use crate::model::{BlockKind, Event};

/// The tags that open models use, and that [`ORDER`] asks for.
const TAGS: [(&str, &str); 2] = [("<think>", "</think>"), ("<thinking>", "</thinking>")];

/// What a model is told that has no reasoning control (reasoning.md, "Enforcement rules", 6).
pub(super) const ORDER: &str = "Before you answer, think step by step. Write these thoughts between <think> and </think> \
at the very beginning, and then give only the answer.";

/// Most bytes that are held back while nothing but white space came.
const MOST: usize = 4_096;

#[derive(Debug, PartialEq, Eq)]
enum At {
    /// Nothing was said yet; what came may be the beginning of a tag.
    Head,
    /// Between the tags; this one ends it.
    Inside(&'static str),
    /// Behind the end tag; white space is left out.
    Behind,
    /// In the answer.
    Answer,
}

/// Turns tagged thoughts at the head of an answer into blocks of their own. What comes in pieces is cut anywhere.
#[derive(Debug)]
pub struct Think {
    at: At,
    /// The text block that may begin with thoughts, and what of it is held back.
    block: Option<usize>,
    held: String,
    /// What is told of that block before its first words.
    told: Vec<Event>,
    /// Blocks from there on have a number more.
    moved: Option<usize>,
    out: VecDeque<Event>,
}

impl Default for Think {
    fn default() -> Self {
        Self { at: At::Head, block: None, held: String::new(), told: Vec::new(), moved: None, out: VecDeque::new() }
    }
}

impl Think {
    /// Takes an event as it was read; [`Self::pull`] gives what becomes of it.
    pub fn push(&mut self, event: Event) {
        if self.at == At::Answer {
            let event = self.numbered(event);
            self.out.push_back(event);
            return;
        }
        match event {
            Event::BlockStart { index, kind: BlockKind::Text } if self.block.is_none() => self.block = Some(index),
            Event::Text { index, text } if self.block == Some(index) => {
                self.held.push_str(&text);
                self.look(index, false);
            }
            Event::BlockEnd { index } if self.block == Some(index) => {
                self.end(index);
                let event = self.numbered(Event::BlockEnd { index });
                self.out.push_back(event);
            }
            Event::About { index, .. } | Event::Cited { index, .. } if self.block == Some(index) => {
                self.told.push(event)
            }
            // What says nothing may come between.
            Event::Start { .. } | Event::Usage(_) | Event::Charged(_) | Event::Served(_) => self.out.push_back(event),
            event => {
                if let Some(index) = self.block {
                    self.end(index);
                }
                let event = self.numbered(event);
                self.out.push_back(event);
            }
        }
    }

    /// The next event, if there is one.
    pub fn pull(&mut self) -> Option<Event> {
        self.out.pop_front()
    }

    /// The answer broke off: gives out what was held back.
    pub fn cut(&mut self) {
        if let Some(index) = self.block.filter(|_| self.at != At::Answer) {
            self.end(index);
        }
    }

    fn look(&mut self, index: usize, whole: bool) {
        loop {
            match self.at {
                At::Head => {
                    let text = self.held.trim_start();
                    if let Some((open, close)) = TAGS.iter().find(|(open, _)| text.starts_with(open)) {
                        self.held = text[open.len()..].to_owned();
                        self.at = At::Inside(close);
                        self.moved = Some(index);
                        self.out.push_back(Event::BlockStart { index, kind: BlockKind::Thought });
                    } else if !whole && self.held.len() < MOST && TAGS.iter().any(|(open, _)| open.starts_with(text)) {
                        return;
                    } else {
                        self.at = At::Answer;
                        self.open(index);
                        self.say(index);
                        return;
                    }
                }
                At::Inside(close) => {
                    let end = self.held.find(close);
                    // The end tag may be cut: what could be its beginning is held back.
                    let sure = end.unwrap_or_else(|| self.held.len() - if whole { 0 } else { tail(&self.held, close) });
                    let text: String = self.held.drain(..sure).collect();
                    if !text.is_empty() {
                        self.out.push_back(Event::Thought { index, text });
                    }
                    if end.is_none() {
                        return;
                    }
                    self.held.drain(..close.len());
                    self.at = At::Behind;
                    self.out.push_back(Event::BlockEnd { index });
                }
                At::Behind => {
                    self.held = self.held.trim_start().to_owned();
                    if self.held.is_empty() {
                        return;
                    }
                    self.at = At::Answer;
                    self.open(index + 1);
                    self.say(index + 1);
                    return;
                }
                At::Answer => return,
            }
        }
    }

    /// The answer's own block begins, under its number.
    fn open(&mut self, index: usize) {
        self.out.push_back(Event::BlockStart { index, kind: BlockKind::Text });
        for event in std::mem::take(&mut self.told) {
            let event = self.numbered(event);
            self.out.push_back(event);
        }
    }

    fn say(&mut self, index: usize) {
        if !self.held.is_empty() {
            self.out.push_back(Event::Text { index, text: std::mem::take(&mut self.held) });
        }
    }

    /// The block ends, or something else begins: what was held back is what it is.
    fn end(&mut self, index: usize) {
        self.look(index, true);
        match self.at {
            // Its end closes the thoughts; no text came.
            At::Inside(_) => self.moved = None,
            At::Behind => self.open(index + 1),
            At::Head | At::Answer => {}
        }
        self.at = At::Answer;
    }

    /// The event with the number that its block has now.
    fn numbered(&self, mut event: Event) -> Event {
        let moved = self.moved.is_some_and(|from| event.number().is_some_and(|number| *number >= from));
        if moved { event.shifted(1) } else { event }
    }
}

/// How many bytes at the end of `text` may be the beginning of `tag`.
fn tail(text: &str, tag: &str) -> usize {
    (1..tag.len()).rev().find(|n| text.ends_with(&tag[..*n])).unwrap_or(0)
}
