//! Events into what a caller keeps: the message, its text, usage and end.

use std::collections::BTreeMap;

use crate::model::{
    About, Block, BlockKind, Citation, Cost, Event, FinishReason, Message, Role, Seal, Service, Tag, Usage,
};

/// What has arrived so far.
#[derive(Debug, Clone, Default)]
pub struct Fold {
    blocks: BTreeMap<usize, Part>,
    /// Tokens as last reported.
    pub usage: Option<Usage>,
    /// What the provider says it charged.
    pub charged: Option<Cost>,
    /// The service tier it was served in, where the provider says.
    pub service: Option<Service>,
    /// Why the model stopped.
    pub finish: Option<FinishReason>,
    /// Why it stopped, in the provider's words.
    pub why: Option<String>,
    about: About,
    bytes: usize,
}

#[derive(Debug, Clone)]
struct Part {
    kind: BlockKind,
    text: String,
    seal: Option<String>,
    cited: Vec<Citation>,
}

impl Part {
    fn of(kind: BlockKind) -> Self {
        Self { kind, text: String::new(), seal: None, cited: Vec::new() }
    }
}

impl Fold {
    /// Takes one event.
    pub fn push(&mut self, event: &Event) {
        match event {
            Event::BlockStart { index, kind } => {
                self.blocks.insert(*index, Part::of(kind.clone()));
            }
            Event::Text { index, text } => self.add(*index, BlockKind::Text, text),
            Event::Thought { index, text } => self.add(*index, BlockKind::Thought, text),
            Event::ToolInput { index, json } => {
                let unnamed = BlockKind::ToolCall { id: String::new(), name: String::new(), custom: false };
                self.add(*index, unnamed, json);
            }
            Event::Sealed { index, seal } => {
                self.add(*index, BlockKind::Thought, "");
                if let Some(part) = self.blocks.get_mut(index) {
                    part.seal = Some(seal.clone());
                }
            }
            Event::Usage(usage) => self.usage = Some(*usage),
            Event::Charged(cost) => self.charged = Some(*cost),
            Event::Served(service) => self.service = Some(*service),
            Event::Finish(reason) => self.finish = Some(reason.clone()),
            Event::Cited { index, citation } => {
                if let Some(part) = self.blocks.get_mut(index) {
                    part.cited.push(citation.clone());
                }
            }
            Event::About { index, about } => {
                if self.blocks.contains_key(index) && self.about.phase.is_none() {
                    self.about = about.clone();
                }
            }
            Event::Why { text, .. } => self.why = Some(text.clone()).filter(|text| !text.is_empty()),
            Event::Start { .. } | Event::BlockEnd { .. } => {}
        }
    }

    /// Somebody sealed a part of it.
    #[must_use]
    pub fn sealed(&self) -> bool {
        self.blocks.values().any(|part| part.seal.is_some())
    }

    /// How many numbers its blocks take.
    #[must_use]
    pub fn blocks(&self) -> usize {
        self.blocks.keys().next_back().map_or(0, |last| last + 1)
    }

    /// Takes what came after it in another answer that goes on with this one.
    pub fn append(&mut self, further: Self) {
        let shift = self.blocks();
        self.blocks.extend(further.blocks.into_iter().map(|(index, part)| (index + shift, part)));
        self.usage = match (self.usage, further.usage) {
            (Some(one), Some(other)) => Some(one.plus(&other)),
            (one, other) => one.or(other),
        };
        self.charged = match (self.charged, further.charged) {
            (Some(one), Some(other)) => Some(one.plus(other)),
            (one, other) => one.or(other),
        };
        self.service = further.service.or(self.service);
        (self.finish, self.why) = (further.finish, further.why);
        self.bytes = self.bytes.saturating_add(further.bytes);
    }

    fn add(&mut self, index: usize, kind: BlockKind, piece: &str) {
        self.bytes = self.bytes.saturating_add(piece.len());
        let part = self.blocks.entry(index).or_insert_with(|| Part::of(kind));
        part.text.push_str(piece);
    }

    /// The visible text, the words of a refusal among it.
    #[must_use]
    pub fn text(&self) -> String {
        self.parts(|k| matches!(k, BlockKind::Text | BlockKind::Refusal))
    }

    /// Reasoning was shown or sealed.
    #[must_use]
    pub fn thought(&self) -> bool {
        self.blocks.values().any(|p| p.kind == BlockKind::Thought && (!p.text.is_empty() || p.seal.is_some()))
    }

    /// Bytes of text, reasoning and tool arguments: the base of an estimate where nobody counted.
    #[must_use]
    pub const fn bytes(&self) -> usize {
        self.bytes
    }

    /// There is an answer: visible words, or a tool call.
    #[must_use]
    pub fn has_content(&self) -> bool {
        self.blocks.values().any(|p| match p.kind {
            BlockKind::Text | BlockKind::Refusal => !p.text.trim().is_empty(),
            BlockKind::ToolCall { .. } | BlockKind::Image(_) => true,
            BlockKind::Thought | BlockKind::Opaque { .. } => false,
        })
    }

    /// It calls tools and says nothing.
    #[must_use]
    pub fn only_calls(&self) -> bool {
        let calls = |kind: &BlockKind| matches!(kind, BlockKind::ToolCall { .. });
        let mut kinds = self.blocks.values().map(|p| (&p.kind, p.text.trim().is_empty()));
        self.blocks.values().any(|p| calls(&p.kind))
            && kinds.all(|(kind, silent)| calls(kind) || silent || matches!(kind, BlockKind::Thought))
    }

    /// The model's turn; thoughts carry `tag`, so that they are sent back only where they came from.
    #[must_use]
    pub fn message(&self, tag: Option<Tag>) -> Message {
        let blocks = self
            .blocks
            .values()
            .flat_map(|part| {
                let block = match &part.kind {
                    BlockKind::Text | BlockKind::Refusal if part.text.is_empty() => None,
                    BlockKind::Text => Some(Block::Text(part.text.clone())),
                    BlockKind::Refusal => Some(Block::Refusal(part.text.clone())),
                    BlockKind::Thought => {
                        Some(Block::Thought { text: part.text.clone(), seal: part.seal.clone(), tag: tag.clone() })
                    }
                    BlockKind::ToolCall { id, name, custom } => Some(Block::ToolCall {
                        id: id.clone(),
                        name: name.clone(),
                        input: part.text.clone(),
                        custom: *custom,
                        seal: part.seal.clone().map(|text| Seal { text, tag: tag.clone() }),
                    }),
                    BlockKind::Image(source) => Some(Block::Image { source: source.clone(), detail: None }),
                    BlockKind::Opaque { dialect, value } => {
                        Some(Block::Opaque { dialect: *dialect, value: value.clone(), tag: tag.clone() })
                    }
                };
                block.into_iter().chain(part.cited.iter().cloned().map(Block::Cited))
            })
            .collect();
        Message { role: Role::Assistant, blocks, about: self.about.clone() }
    }

    fn parts(&self, of: impl Fn(&BlockKind) -> bool) -> String {
        self.blocks.values().filter(|p| of(&p.kind)).map(|p| p.text.as_str()).collect()
    }
}
