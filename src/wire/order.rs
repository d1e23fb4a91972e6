//! Blocks in the order they began in, for dialects that tell a call when it is complete: what comes after a call waits
//! for its end.

use std::collections::BTreeMap;

use crate::model::{BlockKind, Event};

/// Holds back what would overtake a call.
#[derive(Debug, Default)]
pub(super) struct Order {
    /// The call that is being told.
    open: Option<usize>,
    /// What later blocks hold so far.
    held: BTreeMap<usize, Vec<Event>>,
}

impl Order {
    /// The events that are told now, in their order.
    pub(super) fn take(&mut self, event: &Event) -> Vec<Event> {
        let mut event = event.clone();
        let mut out = Vec::with_capacity(1);
        let number = event.number().copied();
        match (self.open, number) {
            (Some(open), Some(index)) if open < index => self.held.entry(index).or_default().push(event),
            _ => {
                self.tell(event, &mut out);
                self.waited(&mut out);
            }
        }
        out
    }

    /// What is left at the end: a call that was never ended, and what waited for it.
    pub(super) fn rest(&mut self) -> Vec<Event> {
        let mut out = Vec::new();
        while let Some(index) = self.open {
            self.tell(Event::BlockEnd { index }, &mut out);
            self.waited(&mut out);
        }
        out
    }

    fn tell(&mut self, event: Event, out: &mut Vec<Event>) {
        match &event {
            Event::BlockStart { index, kind: BlockKind::ToolCall { .. } } => {
                self.open.get_or_insert(*index);
            }
            Event::BlockEnd { index } if self.open == Some(*index) => self.open = None,
            _ => {}
        }
        out.push(event);
    }

    /// What waited, up to the next call that goes on.
    fn waited(&mut self, out: &mut Vec<Event>) {
        while self.open.is_none()
            && let Some((_, events)) = self.held.pop_first()
        {
            events.into_iter().for_each(|event| self.tell(event, out));
        }
    }
}
