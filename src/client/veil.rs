//! Who did not ask for thoughts is shown none, and no block before his text: programs read the first one. What a tool loop
//! brings back is kept until a call begins, and stands right before it (translation.md, "Reasoning"). What comes behind the
//! last call is not told: a router's seals are remembered with that call (`Seals::keep`).

use std::collections::HashMap;

use super::clean::Clean;
use crate::model::{BlockKind, Dialect, Event};
use crate::wire::Adapted;

/// A thought that no call has followed yet.
struct Held {
    index: usize,
    text: String,
    seal: Option<String>,
}

/// Takes thoughts out of an answer.
#[derive(Default)]
pub(super) struct Veil {
    /// Its model wants back what it thought, in words.
    words: bool,
    held: Vec<Held>,
    /// What the blocks that are told are called, by their own numbers.
    numbers: HashMap<usize, usize>,
    next: usize,
}

impl Veil {
    /// For an answer in `dialect`; `None` = its caller wants thoughts, or it is spelled as he speaks.
    pub(super) fn of(clean: &Clean, dialect: Dialect, adapted: &Adapted) -> Option<Self> {
        let (asker, request) = (clean.origin()?.dialect, clean.request());
        let wanted = match asker {
            // A block without words is one that he asked for, too.
            Dialect::AnthropicMessages => request.thinks(),
            Dialect::Gemini => request.show_thoughts.unwrap_or(request.thinks()),
            _ => true,
        };
        let veiled = asker != dialect && !clean.embeds() && !wanted;
        veiled.then(|| Self { words: adapted.quirks.return_reasoning, ..Self::default() })
    }

    /// Tells what is left of an event.
    pub(super) fn hear(&mut self, event: &Event, mut tell: impl FnMut(&Event)) {
        match event {
            Event::BlockStart { index, kind: BlockKind::Thought } => drop(self.thought(*index)),
            Event::Thought { index, text } => self.thought(*index).text.push_str(text),
            Event::Sealed { index, seal } if !self.numbers.contains_key(index) => {
                self.thought(*index).seal = Some(seal.clone());
            }
            event => {
                if let Event::BlockStart { kind: BlockKind::ToolCall { .. }, .. } = event {
                    self.give(&mut tell);
                }
                let (mut event, beside) =
                    (event.clone(), matches!(event, Event::BlockEnd { .. } | Event::About { .. }));
                if let Some(number) = event.number() {
                    let known = self.numbers.get(number).copied();
                    if known.is_none() && beside {
                        // Of a thought.
                        return;
                    }
                    *number = known.unwrap_or_else(|| self.named(*number));
                }
                tell(&event);
            }
        }
    }

    fn thought(&mut self, index: usize) -> &mut Held {
        let at = self.held.iter().position(|held| held.index == index).unwrap_or(self.held.len());
        if at == self.held.len() {
            self.held.push(Held { index, text: String::new(), seal: None });
        }
        &mut self.held[at]
    }

    fn named(&mut self, index: usize) -> usize {
        let number = self.next;
        self.next += 1;
        self.numbers.insert(index, number);
        number
    }

    /// A call begins: what led to it.
    fn give(&mut self, tell: &mut impl FnMut(&Event)) {
        for Held { text, seal, .. } in std::mem::take(&mut self.held) {
            let text = Some(text).filter(|text| self.words && !text.is_empty());
            if seal.is_none() && text.is_none() {
                continue;
            }
            let index = self.next;
            self.next += 1;
            tell(&Event::BlockStart { index, kind: BlockKind::Thought });
            text.into_iter().for_each(|text| tell(&Event::Thought { index, text }));
            seal.into_iter().for_each(|seal| tell(&Event::Sealed { index, seal }));
            tell(&Event::BlockEnd { index });
        }
    }
}

#[cfg(test)]
#[path = "tests/veil.rs"]
mod tests;
