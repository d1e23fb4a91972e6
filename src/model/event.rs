//! What a model's answer is made of while it arrives. The same events come from a plain answer.

use super::{About, Citation, Cost, Dialect, Service, Source, Usage};

/// What kind of block begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BlockKind {
    /// Visible text.
    Text,
    /// Words in which the model refuses to answer; they come as text does.
    Refusal,
    /// Reasoning.
    Thought,
    /// A tool call with its id and name.
    ToolCall {
        /// Links call and result; made up where the dialect has none.
        id: String,
        /// Tool name.
        name: String,
        /// The tool takes plain text instead of JSON.
        custom: bool,
    },
    /// An image, whole.
    Image(Source),
    /// Something only one dialect knows, whole.
    Opaque {
        /// The dialect that spelled it.
        dialect: Dialect,
        /// The raw value.
        value: serde_json::Value,
    },
}

/// Why the model stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FinishReason {
    /// It was done.
    Stop,
    /// A stop sequence; which, where the provider says.
    StopSequence(Option<String>),
    /// The output limit, or the context window, was reached.
    Length,
    /// It wants tool results.
    ToolCalls,
    /// A filter or the model refused.
    Refused,
    /// The provider wants to be asked again to go on; with what, beside the turn or in its place.
    Pause(Option<String>),
    /// Something we have no word for, as the provider spelled it.
    Other(String),
}

impl FinishReason {
    /// One word for the ledger.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Stop => "stop",
            Self::StopSequence(_) => "stop_sequence",
            Self::Length => "length",
            Self::ToolCalls => "tool_calls",
            Self::Refused => "refused",
            Self::Pause(_) => "pause",
            Self::Other(s) => s,
        }
    }
}

/// One step of an answer. Blocks are numbered by us from 0, opened and closed in pairs, and may interleave.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// The answer began: handshake only, not content.
    Start {
        /// The provider's id of the answer; empty when it has none.
        id: String,
        /// The model that really answers; empty when not said.
        model: String,
    },
    /// A block begins.
    BlockStart {
        /// Block number.
        index: usize,
        /// What it will hold.
        kind: BlockKind,
    },
    /// More visible text, or more of a refusal.
    Text {
        /// Block number.
        index: usize,
        /// The new piece.
        text: String,
    },
    /// More reasoning text.
    Thought {
        /// Block number.
        index: usize,
        /// The new piece.
        text: String,
    },
    /// The signature of a reasoning block or of a tool call, whole.
    Sealed {
        /// Block number.
        index: usize,
        /// Opaque; echoed unchanged.
        seal: String,
    },
    /// More of a tool call's arguments (JSON text in pieces).
    ToolInput {
        /// Block number.
        index: usize,
        /// The new piece.
        json: String,
    },
    /// Where a statement of a text block comes from.
    Cited {
        /// Block number.
        index: usize,
        /// The source.
        citation: Citation,
    },
    /// What is said about a text block beside its words.
    About {
        /// Block number.
        index: usize,
        /// Id and phase.
        about: About,
    },
    /// A block ended.
    BlockEnd {
        /// Block number.
        index: usize,
    },
    /// Running totals: replace what was known, do not add.
    Usage(Usage),
    /// What the provider says it charged; better than any price table.
    Charged(Cost),
    /// The service tier that the answer was served in.
    Served(Service),
    /// Why it will stop, in the provider's words.
    Why {
        /// Its category, for example `cyber`; empty when there is none.
        code: String,
        /// A sentence; may be empty.
        text: String,
    },
    /// The model stopped. More `Usage` may follow.
    Finish(FinishReason),
}

impl Event {
    /// The number of the block that it is about.
    #[must_use]
    pub const fn number(&mut self) -> Option<&mut usize> {
        match self {
            Self::BlockStart { index, .. }
            | Self::Text { index, .. }
            | Self::Thought { index, .. }
            | Self::Sealed { index, .. }
            | Self::ToolInput { index, .. }
            | Self::Cited { index, .. }
            | Self::About { index, .. }
            | Self::BlockEnd { index } => Some(index),
            Self::Start { .. }
            | Self::Usage(_)
            | Self::Charged(_)
            | Self::Served(_)
            | Self::Why { .. }
            | Self::Finish(_) => None,
        }
    }

    /// The same of a block so many numbers on.
    #[must_use]
    pub fn shifted(mut self, by: usize) -> Self {
        if let Some(number) = self.number() {
            *number += by;
        }
        self
    }

    /// Whether the caller has now seen content, so that a silent retry is no longer honest.
    #[must_use]
    pub const fn is_content(&self) -> bool {
        matches!(self, Self::Text { .. } | Self::Thought { .. } | Self::ToolInput { .. } | Self::Sealed { .. })
            || matches!(self, Self::BlockStart { kind: BlockKind::ToolCall { .. } | BlockKind::Image(_), .. })
    }
}
