//! What is asked of a model, independent of provider and dialect.

use serde::{Deserialize, Serialize};

use super::{Effort, Message, ModelName, ToolSpec, Demand};

/// Why the request is made: decides deadlines, patience and what history calls it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Purpose {
    /// A commit message, typed by hand.
    Commit,
    /// A commit message, from the git hook: never waits longer than its own deadline.
    Hook,
    /// A diff review.
    Review,
    /// One question, one answer.
    Ask,
    /// A member's answer in a dialectic.
    Member,
    /// The reconciliation in a dialectic.
    Synthesis,
    /// A key check at sign-in.
    Check,
}

impl Purpose {
    /// One word for the ledger.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Commit => "commit",
            Self::Hook => "hook",
            Self::Review => "review",
            Self::Ask => "ask",
            Self::Member => "member",
            Self::Synthesis => "synthesis",
            Self::Check => "check",
        }
    }

    /// The reasoning that such a request wishes for by itself.
    #[must_use]
    pub const fn effort(self) -> Effort {
        match self {
            Self::Commit | Self::Hook => Effort::None,
            Self::Review | Self::Member | Self::Synthesis => Effort::High,
            Self::Ask | Self::Check => Effort::Auto,
        }
    }

    /// Who asks for such a thing, unless somebody else is named.
    #[must_use]
    pub const fn caller(self) -> &'static str {
        match self {
            Self::Commit => "monster commit",
            Self::Hook => "git hook",
            Self::Review => "monster review",
            Self::Ask | Self::Member | Self::Synthesis => "monster ask",
            Self::Check => "monster login",
        }
    }
}

/// Sampling controls. Left out of the wire where the model does not take them.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Sampling {
    /// 0 to 2; clamped to 1 for Anthropic.
    pub temperature: Option<f64>,
    /// Nucleus sampling, 0 to 1.
    pub top_p: Option<f64>,
}

/// A JSON Schema the answer must follow.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Schema {
    /// `[A-Za-z0-9_-]{1,64}`.
    pub name: String,
    /// The schema; every object closed and every property required, so that strict modes take it.
    pub schema: serde_json::Value,
}

/// Whether tools may, must or must not be called.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ToolChoice {
    /// The model decides.
    #[default]
    Auto,
    /// No calls.
    None,
    /// At least one call.
    Required,
    /// This tool.
    Named(String),
}

/// What is asked. Nothing here is safe to send yet: only the redactor makes it so (`client::Clean`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// What the user asked for: a role, a model, an `upstream/model`.
    pub model: ModelName,
    /// System text; empty means none.
    pub system: String,
    /// The conversation, oldest first.
    pub messages: Vec<Message>,
    /// Tools on offer.
    pub tools: Vec<ToolSpec>,
    /// Tool policy.
    pub tool_choice: ToolChoice,
    /// Sampling wishes.
    pub sampling: Sampling,
    /// Reasoning asked for.
    pub effort: Demand,
    /// Visible output tokens wanted; room for reasoning is added by `adapt`.
    pub max_output: Option<u32>,
    /// Structure of the answer, if one is wanted.
    pub schema: Option<Schema>,
    /// Whether the caller wants pieces as they come.
    pub stream: bool,
    /// Why.
    pub purpose: Purpose,
}

impl Request {
    /// A request of one user text with everything else at rest.
    pub fn text(model: impl Into<String>, purpose: Purpose, text: impl Into<String>) -> Self {
        Self {
            model: ModelName(model.into()),
            system: String::new(),
            messages: vec![Message::user(text)],
            tools: Vec::new(),
            tool_choice: ToolChoice::Auto,
            sampling: Sampling::default(),
            effort: Demand::default(),
            max_output: None,
            schema: None,
            stream: false,
            purpose,
        }
    }
}
