//! How hard a model is asked to think, as it is spelled.

use crate::model::Effort;

/// Reasoning controls as the dialects spell them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Thinking {
    /// Send nothing.
    #[default]
    Unset,
    /// `reasoning_effort` (Chat), `reasoning.effort` (Responses), `thinkingLevel` (Gemini), `think` (Ollama).
    Level(Effort),
    /// `thinking.budget_tokens` (Anthropic), `thinkingBudget` (Gemini; 0 = off).
    Budget(u32),
    /// `thinking: adaptive` with `output_config.effort`.
    Adaptive(Option<Effort>),
    /// `thinking: disabled`.
    Disabled,
    /// `thinking: between_tools`: the least that some models allow.
    BetweenTools,
    /// `thinking.type` enabled or disabled, with `reasoning_effort` beside it (DeepSeek).
    Switch(bool, Option<Effort>),
    /// `think: true|false` (Ollama).
    Think(bool),
    /// `enable_thinking` and, where it thinks, `thinking_budget` in tokens (Qwen).
    Enable(bool, Option<u32>),
}
