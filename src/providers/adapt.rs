//! Wishes into what a model accepts (reasoning.md, "Enforcement rules"; translation.md, "Reasoning").

use super::Intent;
use super::reason::{LEAST_BUDGET, off, reasoned, waits};
use crate::model::{Control, Count, Demand, Dialect, Effort, ModelCard};
use crate::wire::{Adapted, Quirks, Thinking};

/// The least budget of Gemini's models that cannot be kept from thinking (tokens; reasoning.md, "Gemini").
const LEAST_GEMINI: u32 = 128;
/// Output tokens added for a local model of which nobody knows whether it thinks.
const UNKNOWN_ROOM: u32 = 2_048;
/// The largest window a local server is asked for, unless the settings name one (tokens): memory for it is taken at
/// once, whatever the model was made for.
pub(super) const LOCAL_WINDOW: u64 = 32_768;
/// Output tokens that room is made for where nobody says how many.
const ANSWER: u32 = 2_048;
/// Tokens that stand around a prompt.
const AROUND: u64 = 256;
/// Bytes a token of code; on the safe side, because a window that is too small cuts silently.
const BYTES_PER_TOKEN: usize = 3;

/// What is sent to this model for these wishes.
pub(super) fn adapt(dialect: Dialect, card: &ModelCard, intent: &Intent, mut quirks: Quirks) -> Adapted {
    let translated = routed(card, intent, &quirks);
    let card = translated.as_ref().unwrap_or(card);
    let structured = card.structured.unwrap_or(quirks.schema);
    let unforced = !quirks.forced || card.forced == Some(false) || dialect == Dialect::Ollama;
    // Where a schema or a call forms the answer, there is no place in it to think.
    let words = !(intent.structured && structured) && (!intent.forced || unforced);
    let mut reasoned = reasoned(dialect, card, &quirks, &intent.effort, words);
    // Other programs mean their limit, and pay for what is thought.
    let kept = kept(dialect, card, intent);
    // Where they state none, and the dialect wants one, it has room for what is asked for.
    let kept = kept && (intent.max_output.is_some() || dialect != Dialect::AnthropicMessages);
    if let (Thinking::Budget(1..), Some(limit), true) = (&reasoned.thinking, intent.max_output, kept)
        && limit <= LEAST_BUDGET
    {
        // No budget leaves room for an answer in it.
        (reasoned.thinking, reasoned.sent) = match off(dialect, card) {
            Some(off) => (off, Some(Effort::None)),
            None if dialect == Dialect::Gemini => (Thinking::Budget(LEAST_GEMINI), Some(Effort::Minimal)),
            None => (Thinking::Unset, None),
        };
        reasoned.short = Some(format!("{limit} output tokens leave {} no room to think", card.id));
    }
    let mut notes: Vec<String> = Vec::new();
    if let Some(short) = reasoned.short.as_ref().filter(|_| !intent.effort.usual) {
        let how = if reasoned.coaxed.is_some() { "; it was asked in words to think first" } else { "" };
        notes.push(format!("{short}{how}"));
    }
    let (thinking, sent) = (reasoned.thinking, reasoned.sent);
    let reasons = active(dialect, card, &thinking);
    let unforced = unforced || (reasons && thinking != Thinking::Unset && busy(dialect, card));
    // Both are about thoughts: of a model that has none, or has them taken out already, nothing is said.
    quirks.parsed_reasoning &= card.reasoning.control != Control::None && card.maker.0 != "openai";
    quirks.stream_thinking &= reasons;
    let room = match (&thinking, reasons || reasoned.coaxed.is_some()) {
        _ if kept => 0,
        (Thinking::Budget(tokens), _) => *tokens,
        // Nothing is known of what a server on this machine was given; it may well think. Other programs mean their limit.
        (Thinking::Unset, true) if stranger_here(dialect, card) && reasoned.coaxed.is_none() => {
            if intent.asked.is_some() { 0 } else { UNKNOWN_ROOM }
        }
        (_, true) => sent.or(reasoned.coaxed).unwrap_or(Effort::Auto).headroom(),
        _ => 0,
    };
    // Prompt and answer share the window.
    let prompt = intent.prompt(BYTES_PER_TOKEN);
    // Counts are off by a few tokens, and what fits by one too many is refused.
    let prompt = prompt + if intent.count.is_some() { prompt / Count::DRIFT } else { 0 };
    // What the dialect puts around it, and the words that ask a model to think, are not in its bytes.
    let left = card.context.map(|window| window.saturating_sub(prompt).saturating_sub(AROUND));
    let wanted = u64::from(intent.max_output.unwrap_or(0));
    let cap = card.max_output.unwrap_or(u64::MAX).min(left.unwrap_or(u64::MAX).max(wanted));
    let cap = u32::try_from(cap).unwrap_or(u32::MAX);
    let max_output = intent.max_output.map(|visible| visible.saturating_add(room).min(cap));
    let raised = intent.max_output.zip(max_output).filter(|(said, sent)| intent.asked.is_some() && sent > said);
    if let Some((said, sent)) = raised {
        notes
            .push(format!("as the settings have {} think more, {sent} output tokens are allowed, not {said}", card.id));
    }
    let max_output =
        max_output.or_else(|| (dialect == Dialect::AnthropicMessages).then(|| room.saturating_add(16_384).min(cap)));
    let mut cut = false;
    let thinking = match (thinking, max_output) {
        // A budget leaves room for the answer.
        (Thinking::Budget(tokens), Some(limit)) if tokens >= limit && tokens > LEAST_BUDGET => {
            let fits = (limit / 2).max(LEAST_BUDGET);
            let narrow = |level: Effort| {
                format!(
                    "{limit} output tokens leave {} no room for effort {level}; it is given {fits} to think",
                    card.id
                )
            };
            if let Some(least) = intent.effort.least.filter(|least| Effort::of_budget(u64::from(fits)) < *least) {
                notes.push(narrow(least));
                reasoned.short.get_or_insert_with(|| narrow(least));
            } else if let (Some(level), true) = (sent, intent.asked.is_some()) {
                // Who states a limit is told what it costs.
                notes.push(match intent.effort.budget {
                    Some(asked) => {
                        format!("{limit} output tokens leave {} no room to think {asked}; it is given {fits}", card.id)
                    }
                    None => narrow(level),
                });
            }
            cut = true;
            Thinking::Budget(fits)
        }
        (thinking, _) => thinking,
    };
    // A model of OpenAI's that nobody knows is likely one that reasons, and refuses sampling.
    let stranger = card.provider == "openai" && card.dialects.is_empty();
    let free = card.local || (card.reasoning.control == Control::None && !stranger);
    let sampling = (card.local || !reasons) && card.sampling.unwrap_or(free);
    if intent.forced && unforced {
        notes.push(format!("{} cannot be made to call a tool; it was left to choose", card.id));
    }
    let thought = max_output.or_else(|| (room > 0).then(|| room.saturating_add(ANSWER)));
    let context = (dialect == Dialect::Ollama).then(|| window(card, intent, thought));
    Adapted {
        thinking,
        max_output,
        sampling,
        single: dialect == Dialect::AnthropicMessages && claude(&card.id).is_some_and(one_sampler),
        unforced,
        // What reasons unseen, or is not known to, gives nothing back that could be kept.
        reasons: reasons && !matches!(card.reasoning.control, Control::None | Control::Fixed | Control::Unmapped),
        // Whoever demands it natively wants no answer without it.
        hopes: translated.is_some() && !intent.effort.strict,
        cut_stops: unstoppable(dialect, card, reasons),
        no_prefill: dialect == Dialect::AnthropicMessages && !prefilled(&card.id),
        breakpoints: quirks.newest && marked(&card.id),
        structured,
        sealed: sealed(dialect, card, &quirks),
        signed: signed(dialect, card),
        quirks,
        context,
        versioned: None,
        tag: None,
        sent,
        // Then the number tells more than the level.
        counted: cut || (intent.effort.budget.is_some() && sent == Some(intent.effort.level)),
        coax: reasoned.coaxed.is_some(),
        tagged: reasoned.coaxed.is_some() || tagged(dialect, card),
        short: reasoned.short,
        content: reasoned.content,
        notes,
    }
}

/// The output limit stays as it is: another program states it, and the settings have the model think no harder than that asked
/// for, or than the model does by itself. Of one that thinks nobody knows how much, that counts as medium.
fn kept(dialect: Dialect, card: &ModelCard, intent: &Intent) -> bool {
    let Some(asked) = intent.asked else { return false };
    let idle = if active(dialect, card, &Thinking::Unset) { Effort::Medium } else { Effort::None };
    let own = Some(card.reasoning.default_effort.unwrap_or(idle));
    let level = |wish: Demand| wish.aim(own).or(own);
    level(intent.effort) <= level(Demand { least: None, most: None, ..asked })
}

/// A model on this machine of which nothing is known. Ollama says of each whether it thinks.
pub(super) fn stranger_here(dialect: Dialect, card: &ModelCard) -> bool {
    card.local && card.reasoning.control == Control::None && dialect != Dialect::Ollama
}

/// Claude, OpenAI's own servers and Gemini take no thoughts but their own. Other servers of these dialects (DeepSeek's, those
/// on this machine) seal none, and some want back what was thought.
fn sealed(dialect: Dialect, card: &ModelCard, quirks: &Quirks) -> bool {
    let strict = match dialect {
        Dialect::AnthropicMessages => card.maker.0 == "anthropic",
        Dialect::OpenAiResponses => quirks.store,
        Dialect::Gemini => card.maker.0 == "google",
        Dialect::OpenAiChat | Dialect::Ollama | Dialect::XaiGrpc => false,
    };
    strict && !card.local && !quirks.return_reasoning
}

/// Gemini's models with levels hold each call of a turn against its signature (gemini.md, "Thinking"); one that nobody knows
/// yet is likely one of them.
fn signed(dialect: Dialect, card: &ModelCard) -> bool {
    let newer = card.reasoning.control == Control::Level || card.dialects.is_empty();
    dialect == Dialect::Gemini && card.maker.0 == "google" && newer
}

/// Responses has no word for stop sequences, and OpenAI's and xAI's models that reason refuse them (openai-chat.md,
/// "Request"; xai.md, "REST"), whoever serves them.
fn unstoppable(dialect: Dialect, card: &ModelCard, reasons: bool) -> bool {
    let refuses = matches!(card.maker.0.as_str(), "openai" | "xai") && reasons && !card.local;
    let sent = matches!(dialect, Dialect::OpenAiChat | Dialect::XaiGrpc);
    dialect == Dialect::OpenAiResponses || (sent && refuses)
}

/// Thoughts may stand in the text between tags: of open models, where the server does not take them out.
fn tagged(dialect: Dialect, card: &ModelCard) -> bool {
    matches!(dialect, Dialect::OpenAiChat | Dialect::Ollama) && card.maker.0 != "openai"
}

/// The card with what a router makes of any effort: it translates levels for whatever model it asks
/// (openrouter.md, "Request additions"). `None` where the card says enough.
fn routed(card: &ModelCard, intent: &Intent, quirks: &Quirks) -> Option<ModelCard> {
    if !quirks.reasoning_object || card.reasoning.control != Control::None || intent.effort.idle() {
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
        Thinking::Level(_) if waits(dialect, card) => false,
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
                    Control::Think
                        | Control::Effort
                        | Control::Level
                        | Control::SwitchAndEffort
                        | Control::Enable
                        | Control::Unmapped
                        | Control::Fixed
                )
                // Nothing is known of what a server on this machine was given.
                || stranger_here(dialect, card)
                // Gemini 2.5 chooses a budget by itself.
                || (card.reasoning.control == Control::Budget
                    && dialect == Dialect::Gemini
                    && card.reasoning.default_effort != Some(Effort::None))
        }
        _ => true,
    }
}

/// A window that holds prompt and answer. Ollama loads a model anew for another window, and a conversation grows with every
/// turn: each step is twice the last.
fn window(card: &ModelCard, intent: &Intent, max_output: Option<u32>) -> u64 {
    let prompt = intent.prompt(BYTES_PER_TOKEN);
    let needed = prompt + u64::from(max_output.unwrap_or(ANSWER).min(8_192)) + 512;
    needed.next_power_of_two().max(4_096).min(card.context.unwrap_or(LOCAL_WINDOW))
}

/// Family and number of one of Anthropic's models: `claude-opus-4-8` is `("opus", 4, 8)`, a date is no number.
pub(super) fn claude(id: &str) -> Option<(&str, u32, u32)> {
    let mut words = id.rsplit('/').next()?.strip_prefix("claude-")?.split(['-', '.', '@']);
    let family = words.next().filter(|word| word.chars().all(|c| c.is_ascii_alphabetic()))?;
    let mut number = || words.next().filter(|word| word.len() < 3).and_then(|word| word.parse().ok());
    let major = number()?;
    Some((family, major, number().unwrap_or(0)))
}

/// Models from 4.1 on refuse a temperature beside `top_p` ("cannot both be specified for this model").
fn one_sampler((_, major, minor): (&str, u32, u32)) -> bool {
    (major, minor) >= (4, 1)
}

/// Anthropic's models from 4.5 on take no demand to call while they think (reasoning.md); which of the newest do, and which
/// never take one, is said by their cards.
fn busy(dialect: Dialect, card: &ModelCard) -> bool {
    dialect == Dialect::AnthropicMessages
        && card.forced.is_none()
        && claude(&card.id).is_some_and(|(_, major, minor)| (major, minor) >= (4, 5))
}

/// Models up to 4.5 go on from words put into their mouth (anthropic-messages.md, "Request").
fn prefilled(id: &str) -> bool {
    claude(id).is_none_or(|(_, major, minor)| (major, minor) < (4, 6))
}

/// OpenAI's models from gpt-5.6 on take marks for the cache inside prompts (openai-chat.md, "Request").
fn marked(id: &str) -> bool {
    gpt(id).is_some_and(|version| version >= (5, 6))
}

/// OpenAI's models from gpt-5.4 on take no function tools over Chat while they reason (openai-chat.md).
pub(crate) fn steered(id: &str, intent: &Intent) -> bool {
    intent.tools && intent.effort.level != Effort::None && gpt(id).is_some_and(|version| version >= (5, 4))
}

/// The version in a name of OpenAI's: `gpt-5.4-mini` is 5 and 4, `gpt-6-luna` 6 and 0.
fn gpt(id: &str) -> Option<(u32, u32)> {
    let number = id.strip_prefix("gpt-")?.split('-').next()?;
    let (major, minor) = number.split_once('.').unwrap_or((number, "0"));
    Some((major.parse().ok()?, minor.parse().ok()?))
}
