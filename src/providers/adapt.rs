//! Wishes into what a model accepts (reasoning.md, "Enforcement rules"; translation.md, "Reasoning").

use super::Intent;
use crate::model::{Control, Dialect, Effort, ModelCard};
use crate::wire::{Adapted, Quirks, Thinking};

/// Anthropic's least thinking budget (tokens).
const LEAST_BUDGET: u32 = 1_024;
/// The most that every Gemini model with budgets takes (tokens; reasoning.md, "Gemini").
const MOST_GEMINI: u32 = 24_576;
/// The window a local server is asked for when nothing is known of the model (tokens).
const LOCAL_WINDOW: u64 = 32_768;
/// Bytes a token of code; on the safe side, because a window that is too small cuts silently.
const BYTES_PER_TOKEN: usize = 3;

/// What is sent to this model for these wishes.
pub(super) fn adapt(dialect: Dialect, card: &ModelCard, intent: &Intent, quirks: Quirks) -> Adapted {
    let translated = routed(card, intent, &quirks);
    let card = translated.as_ref().unwrap_or(card);
    let mut notes = Vec::new();
    let (thinking, sent) = thinking(dialect, card, intent, &mut notes);
    let reasons = active(dialect, card, &thinking);
    let room = match (&thinking, reasons) {
        (Thinking::Budget(tokens), _) => *tokens,
        (_, true) => sent.unwrap_or(Effort::Auto).headroom(),
        _ => 0,
    };
    let cap = card.max_output.and_then(|n| u32::try_from(n).ok()).unwrap_or(u32::MAX);
    let max_output = intent.max_output.map(|visible| visible.saturating_add(room).min(cap));
    let max_output =
        max_output.or_else(|| (dialect == Dialect::AnthropicMessages).then(|| room.saturating_add(16_384).min(cap)));
    let thinking = match (thinking, max_output) {
        // A budget leaves room for the answer.
        (Thinking::Budget(tokens), Some(limit)) if tokens >= limit => Thinking::Budget((limit / 2).max(LEAST_BUDGET)),
        (thinking, _) => thinking,
    };
    // A model of OpenAI's that nobody knows is likely one that reasons, and refuses sampling.
    let stranger = card.provider == "openai" && card.dialects.is_empty();
    let free = card.local || (card.reasoning.control == Control::None && !stranger);
    let sampling = (card.local || !reasons) && card.sampling.unwrap_or(free);
    let unforced = !quirks.forced || dialect == Dialect::Ollama;
    if intent.forced && unforced {
        notes.push(format!("{} cannot be made to call a tool; it was left to choose", card.id));
    }
    let context = (dialect == Dialect::Ollama).then(|| window(card, intent, max_output));
    Adapted {
        thinking,
        max_output,
        sampling,
        unforced,
        structured: card.structured.unwrap_or(quirks.schema),
        quirks,
        context,
        tag: None,
        sent,
        notes,
    }
}

/// The card with what a router makes of any effort: it translates levels for whatever model it asks
/// (openrouter.md, "Request additions"). `None` where the card says enough.
fn routed(card: &ModelCard, intent: &Intent, quirks: &Quirks) -> Option<ModelCard> {
    if !quirks.reasoning_object || card.reasoning.control != Control::None || intent.effort == Effort::Auto {
        return None;
    }
    let mut card = card.clone();
    card.reasoning.control = Control::Effort;
    card.reasoning.efforts = Effort::ALL[1..].to_vec();
    Some(card)
}

/// The model will reason.
fn active(dialect: Dialect, card: &ModelCard, thinking: &Thinking) -> bool {
    match thinking {
        Thinking::Disabled
        | Thinking::Switch(false, _)
        | Thinking::Think(false)
        | Thinking::Enable(false, _)
        | Thinking::Level(Effort::None)
        | Thinking::Budget(0) => false,
        Thinking::Unset => {
            card.reasoning.always_on
                || card.reasoning.default_effort.is_some_and(|e| e != Effort::None)
                || matches!(
                    card.reasoning.control,
                    Control::Think | Control::Effort | Control::Level | Control::SwitchAndEffort
                )
                // Gemini 2.5 chooses a budget by itself.
                || (card.reasoning.control == Control::Budget && dialect == Dialect::Gemini)
        }
        _ => true,
    }
}

fn thinking(
    dialect: Dialect,
    card: &ModelCard,
    intent: &Intent,
    notes: &mut Vec<String>,
) -> (Thinking, Option<Effort>) {
    let asked = intent.effort;
    let reasoning = &card.reasoning;
    let control = reasoning.control;
    if asked == Effort::Auto {
        return (Thinking::Unset, None);
    }
    if matches!(control, Control::None | Control::Fixed | Control::Unmapped) {
        if asked != Effort::None && control != Control::Fixed {
            notes.push(format!("{} has no reasoning control that monster knows; effort {asked} was not sent", card.id));
        }
        return (Thinking::Unset, None);
    }
    let known = if reasoning.efforts.is_empty() {
        vec![Effort::Low, Effort::Medium, Effort::High]
    } else {
        reasoning.efforts.clone()
    };
    if asked == Effort::None {
        if let Some(off) = off(dialect, card, &known) {
            return (off, Some(Effort::None));
        }
        let least = known.iter().copied().filter(|e| *e != Effort::None).min().unwrap_or(Effort::Low);
        notes.push(format!("{} cannot be kept from reasoning; effort {least} was sent", card.id));
        return (level(dialect, control, least, card), Some(least));
    }
    let positive: Vec<Effort> = known.into_iter().filter(|e| *e != Effort::None).collect();
    let sent = if matches!(control, Control::Budget | Control::Enable)
        || (control == Control::Think && reasoning.efforts.is_empty())
    {
        asked
    } else {
        asked.nearest(&positive).unwrap_or(asked)
    };
    if sent != asked {
        notes.push(format!("{} takes no effort {asked}; {sent} was sent", card.id));
    }
    (level(dialect, control, sent, card), Some(sent))
}

fn level(dialect: Dialect, control: Control, effort: Effort, card: &ModelCard) -> Thinking {
    match control {
        Control::Adaptive => Thinking::Adaptive(Some(effort)),
        Control::Budget => {
            let half = card.max_output.and_then(|n| u32::try_from(n / 2).ok()).unwrap_or(32_768);
            // The catalog knows a model's own bound; of a Gemini model it does not know, the least of its kind is taken.
            let own = card.reasoning.most_budget.or((dialect == Dialect::Gemini).then_some(MOST_GEMINI));
            let most = own.map_or(half, |most| most.min(half));
            Thinking::Budget(effort.budget().unwrap_or(most).clamp(LEAST_BUDGET, most.max(LEAST_BUDGET)))
        }
        Control::SwitchAndEffort => Thinking::Switch(true, Some(effort)),
        Control::Enable => Thinking::Enable(true, effort.budget()),
        Control::Think if card.reasoning.efforts.is_empty() => Thinking::Think(true),
        _ => Thinking::Level(effort),
    }
}

/// How this model is kept from reasoning, if it can be.
fn off(dialect: Dialect, card: &ModelCard, known: &[Effort]) -> Option<Thinking> {
    let spelled = card.reasoning.off.as_deref();
    match card.reasoning.control {
        _ if card.reasoning.always_on => None,
        Control::SwitchAndEffort => Some(Thinking::Switch(false, None)),
        Control::Enable => Some(Thinking::Enable(false, None)),
        Control::Think => Some(Thinking::Think(false)),
        Control::Adaptive | Control::Budget => match (spelled, dialect) {
            (Some("between_tools"), _) => Some(Thinking::BetweenTools),
            (Some("budget:0"), _) | (Some(_), Dialect::Gemini) => Some(Thinking::Budget(0)),
            (Some(_), _) => Some(Thinking::Disabled),
            // Older Anthropic models think only when asked.
            (None, Dialect::AnthropicMessages) if card.reasoning.control == Control::Budget => Some(Thinking::Unset),
            (None, _) => None,
        },
        _ if known.contains(&Effort::None) => Some(Thinking::Level(Effort::None)),
        _ => None,
    }
}

/// A window that holds prompt and answer, in steps that let the server keep a loaded model.
fn window(card: &ModelCard, intent: &Intent, max_output: Option<u32>) -> u64 {
    let prompt = intent.prompt_bytes.div_ceil(BYTES_PER_TOKEN) as u64;
    let needed = prompt + u64::from(max_output.unwrap_or(2_048).min(8_192)) + 512;
    needed.next_multiple_of(4_096).min(card.context.unwrap_or(LOCAL_WINDOW))
}
