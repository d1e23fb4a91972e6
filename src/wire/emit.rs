//! Numbers and brackets blocks, so that every codec gives well-formed events whatever the provider sends.

use serde_json::Value;

use crate::model::{BlockKind, Dialect, Event};

/// What a provider calls a block, for finding it again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Key {
    /// The one running text.
    Text,
    /// The one running refusal.
    Refusal,
    /// The one running thought.
    Thought,
    /// A numbered block or call.
    Number(u64),
}

/// Blocks so far.
#[derive(Debug, Default)]
pub(super) struct Emit {
    started: bool,
    next: usize,
    /// Few are open at a time.
    open: Vec<(Key, usize)>,
}

impl Emit {
    /// The answer begins; said once.
    pub(super) fn start(&mut self, id: &str, model: &str, out: &mut Vec<Event>) {
        if !std::mem::replace(&mut self.started, true) {
            out.push(Event::Start { id: id.to_owned(), model: model.to_owned() });
        }
    }

    /// No block was opened yet.
    pub(super) const fn empty(&self) -> bool {
        self.next == 0
    }

    /// The number of an open block.
    pub(super) fn find(&self, key: &Key) -> Option<usize> {
        self.open.iter().find(|(known, _)| known == key).map(|(_, index)| *index)
    }

    /// Opens a block, unless it is open.
    pub(super) fn open(&mut self, key: Key, kind: BlockKind, out: &mut Vec<Event>) -> usize {
        if let Some(index) = self.find(&key) {
            return index;
        }
        let index = self.next;
        self.next += 1;
        self.open.push((key, index));
        out.push(Event::BlockStart { index, kind });
        index
    }

    /// Closes a block, if it is open.
    pub(super) fn close(&mut self, key: &Key, out: &mut Vec<Event>) {
        if let Some(at) = self.open.iter().position(|(known, _)| known == key) {
            let (_, index) = self.open.swap_remove(at);
            out.push(Event::BlockEnd { index });
        }
    }

    /// Closes all blocks, in the order they were opened in.
    pub(super) fn close_all(&mut self, out: &mut Vec<Event>) {
        let mut left: Vec<usize> = self.open.drain(..).map(|(_, index)| index).collect();
        left.sort_unstable();
        out.extend(left.into_iter().map(|index| Event::BlockEnd { index }));
    }

    /// Closes what runs on, but for this.
    pub(super) fn only(&mut self, key: Option<&Key>, out: &mut Vec<Event>) {
        for running in [Key::Text, Key::Refusal, Key::Thought] {
            if Some(&running) != key {
                self.close(&running, out);
            }
        }
    }

    /// A piece of the running text; a running thought ends before it.
    pub(super) fn text(&mut self, piece: &str, out: &mut Vec<Event>) {
        if !piece.is_empty() {
            self.only(Some(&Key::Text), out);
            let index = self.open(Key::Text, BlockKind::Text, out);
            out.push(Event::Text { index, text: piece.to_owned() });
        }
    }

    /// A piece of the running refusal; a running text ends before it.
    pub(super) fn refusal(&mut self, piece: &str, out: &mut Vec<Event>) {
        if !piece.is_empty() {
            self.only(Some(&Key::Refusal), out);
            let index = self.open(Key::Refusal, BlockKind::Refusal, out);
            out.push(Event::Text { index, text: piece.to_owned() });
        }
    }

    /// A piece of the running thought; a running text ends before it.
    pub(super) fn thought(&mut self, piece: &str, out: &mut Vec<Event>) {
        if !piece.is_empty() {
            self.only(Some(&Key::Thought), out);
            let index = self.open(Key::Thought, BlockKind::Thought, out);
            out.push(Event::Thought { index, text: piece.to_owned() });
        }
    }

    /// A whole tool call; `names` are its id and the tool's name.
    pub(super) fn call(
        &mut self,
        key: Key,
        [id, name]: [&str; 2],
        input: &str,
        custom: bool,
        out: &mut Vec<Event>,
    ) -> usize {
        self.only(None, out);
        let kind = BlockKind::ToolCall { id: id.to_owned(), name: name.to_owned(), custom };
        let index = self.open(key.clone(), kind, out);
        if !input.is_empty() {
            out.push(Event::ToolInput { index, json: input.to_owned() });
        }
        self.close(&key, out);
        index
    }

    /// A block that comes whole.
    pub(super) fn whole(&mut self, kind: BlockKind, out: &mut Vec<Event>) {
        self.only(None, out);
        let index = self.next;
        self.next += 1;
        out.push(Event::BlockStart { index, kind });
        out.push(Event::BlockEnd { index });
    }

    /// A whole block that only one dialect knows.
    pub(super) fn opaque(&mut self, dialect: Dialect, value: &Value, out: &mut Vec<Event>) {
        self.whole(BlockKind::Opaque { dialect, value: value.clone() }, out);
    }
}
