//! A wish for reasoning into what a model takes (reasoning.md, "Enforcement rules"; translation.md, "Reasoning").

use super::adapt::{claude, stranger_here};
use crate::model::{Control, Demand, Dialect, Effort, ModelCard};
use crate::wire::{Quirks, Thinking};

/// Anthropic's least thinking budget (tokens).
pub(super) const LEAST_BUDGET: u32 = 1_024;
/// The most that every Gemini model with budgets takes (tokens; reasoning.md, "Gemini").
const MOST_GEMINI: u32 = 24_576;

/// What becomes of a wish at one model.
#[derive(Debug, Default)]
pub(super) struct Reasoned {
    /// The control to send.
    pub thinking: Thinking,
    /// The level that this is; `None` = nothing is sent.
    pub sent: Option<Effort>,
    /// The model is asked in words to think at about this level: it has no control.
    pub coaxed: Option<Effort>,
    /// Why the wish is not met exactly, one sentence.
    pub short: Option<String>,
    /// What was asked for lies within the bounds as it is, so that a caller's own words for it may stand.
    pub content: bool,
}

impl Reasoned {
    fn unsent(short: Option<String>) -> Self {
        Self { short, ..Self::default() }
    }
}

/// What is sent to this model. `words`: it may be asked in words where it has no control (nothing else forms its answer).
pub(super) fn reasoned(dialect: Dialect, card: &ModelCard, quirks: &Quirks, wish: &Demand, words: bool) -> Reasoned {
    let content = content(dialect, card, wish);
    Reasoned { content, ..sent(dialect, card, quirks, wish, words) }
}

/// Nothing has to be done to keep this model within the bounds.
fn content(dialect: Dialect, card: &ModelCard, wish: &Demand) -> bool {
    let reasoning = &card.reasoning;
    let Some(aim) = wish.aim(reasoning.default_effort) else { return true };
    if let Some(about) = wish.about(reasoning.default_effort) {
        // It does not think less for being asked.
        return wish.held(about) == about;
    }
    match reasoning.control {
        _ if wish.level != Effort::Auto => wish.held(wish.level) == wish.level && wish.tokens() == wish.budget,
        Control::Fixed => true,
        Control::None | Control::Unmapped => wish.least.is_none() && aim > Effort::None,
        _ => wish.content(&unasked(dialect, card, aim, off(dialect, card).is_some())),
    }
}

/// What makes this model think as much as it does by itself; `None` = no control says that.
fn woken(dialect: Dialect, card: &ModelCard, quirks: &Quirks) -> Option<Thinking> {
    let reasoning = &card.reasoning;
    let thinking = match reasoning.control {
        Control::Adaptive => Thinking::Adaptive(None),
        Control::SwitchAndEffort => Thinking::Switch(true, None),
        Control::Enable => Thinking::Enable(true, None),
        Control::Think if reasoning.efforts.is_empty() => Thinking::Think(true),
        _ => return None,
    };
    spelled(dialect, &thinking, quirks).then_some(thinking)
}

fn sent(dialect: Dialect, card: &ModelCard, quirks: &Quirks, wish: &Demand, words: bool) -> Reasoned {
    let reasoning = &card.reasoning;
    let Some(aim) = wish.aim(reasoning.default_effort) else { return Reasoned::default() };
    // A ceiling asks for nothing: what does not reason by itself stays as it is.
    let ceiling = wish.level == Effort::Auto && wish.least.is_none() && !wish.open();
    let uncontrolled = || {
        let short = Some(format!("{} has no reasoning control that monster knows", card.id));
        match reasoning.control {
            // Of a model that does not reason nothing is left to be wished; whether one that nobody knows does, nobody does.
            Control::None if ceiling || (aim == Effort::None && (wish.usual || !unheard(dialect, card))) => {
                Reasoned::default()
            }
            _ if aim == Effort::None || ceiling => Reasoned::unsent(short),
            // Whoever leaves it to the model how much it thinks wants no words for that in his prompt.
            _ if wish.open() && wish.least.is_none() => Reasoned::unsent(short),
            _ => Reasoned { coaxed: words.then_some(aim), ..Reasoned::unsent(short) },
        }
    };
    match reasoning.control {
        // Its name alone says whether it reasons, and whoever names it knows; how much, nobody does.
        // It reasons, or not, whatever is asked for; that it is not to is the one wish that its name denies.
        Control::Fixed if (wish.strict && !wish.open()) || (wish.level == Effort::None && !wish.usual) => {
            return uncontrolled_by_name(card);
        }
        Control::Fixed => return Reasoned::default(),
        Control::None | Control::Unmapped => return uncontrolled(),
        _ => {}
    }
    let off = off(dialect, card);
    // Bounds move a model only where it would leave them, or where nobody knows that it would not.
    if wish.level == Effort::Auto && content(dialect, card, wish) {
        let thinks = reasoning.always_on || reasoning.default_effort.is_some_and(|own| own > Effort::None);
        // Gemini models with budgets choose one by themselves, where they are not known for none (reasoning.md, "Gemini").
        let dynamic = dialect == Dialect::Gemini && reasoning.control == Control::Budget;
        let thinks = thinks || (dynamic && reasoning.default_effort.is_none());
        match (wish.open(), woken(dialect, card, quirks)) {
            (true, Some(thinking)) => return Reasoned { thinking, sent: Some(aim), ..Reasoned::default() },
            // It has to be told a level to think at all.
            (true, None) if !thinks => {}
            _ => return Reasoned::default(),
        }
    }
    let sent = wish.choose(aim, &accepted(card, off.is_some())).unwrap_or(aim);
    let thinking = match (sent, off) {
        // A floor makes it think, a ceiling does not.
        _ if wish.still && aim <= wish.level && waits(dialect, card) => match takes_effort(card) {
            // No effort is none; the least is nearest to it.
            true => Thinking::Level(sent.max(Effort::Low)),
            false => return Reasoned::unsent(Some(format!("{} takes no effort without thinking", card.id))),
        },
        (Effort::None, Some(off)) => off,
        _ => level(dialect, card, sent, wish.tokens().filter(|_| wish.level == sent)),
    };
    if !spelled(dialect, &thinking, quirks) {
        return uncontrolled();
    }
    let named = if wish.level == Effort::Auto { aim } else { wish.level };
    let short = match (&thinking, wish.budget) {
        (Thinking::Budget(tokens), Some(asked))
            if wish.level == sent && wish.tokens() == Some(*tokens) && *tokens != asked =>
        {
            Some(format!("{asked} thinking tokens were asked for, and {tokens} are allowed"))
        }
        (Thinking::Budget(tokens), Some(asked)) if wish.level == sent && *tokens != asked => {
            Some(format!("{} takes no {asked} thinking tokens; the nearest is {tokens}", card.id))
        }
        _ if sent == named => None,
        // Bounds alone ask for no level.
        _ if wish.level == Effort::Auto && wish.held(sent) == sent => None,
        _ if aim != named && sent == aim => Some(format!("effort {named} was asked for, and {aim} is allowed")),
        _ if aim == Effort::None => {
            Some(format!("{} cannot be kept from reasoning; its least effort is {sent}", card.id))
        }
        _ => Some(format!("{} takes no effort {aim}; the nearest is {sent}", card.id)),
    };
    Reasoned { thinking, sent: Some(sent), short, ..Reasoned::default() }
}

/// Nothing is known of it, so that it may well reason.
fn unheard(dialect: Dialect, card: &ModelCard) -> bool {
    let bare = card.tools.is_none() && card.context.is_none() && card.max_output.is_none();
    stranger_here(dialect, card) || (bare && !card.local)
}

fn uncontrolled_by_name(card: &ModelCard) -> Reasoned {
    Reasoned::unsent(Some(format!("how much {} reasons is its own", card.id)))
}

/// An effort alone does not make it think.
pub(super) fn waits(dialect: Dialect, card: &ModelCard) -> bool {
    idle_unasked(dialect, card) && matches!(card.reasoning.control, Control::Adaptive | Control::Budget)
}

/// It takes an effort beside thinking: of those with budgets one does (reasoning.md, "Anthropic").
fn takes_effort(card: &ModelCard) -> bool {
    card.reasoning.control == Control::Adaptive || claude(&card.id) == Some(("opus", 4, 5))
}

/// Thinks only when asked (reasoning.md, "Anthropic", without `thinking`: off).
fn idle_unasked(dialect: Dialect, card: &ModelCard) -> bool {
    let reasoning = &card.reasoning;
    dialect == Dialect::AnthropicMessages
        && !reasoning.always_on
        && reasoning.default_effort.is_none_or(|own| own == Effort::None)
}

/// What a model may do that nobody asks for anything: its own level where that is known, and else any that it has, but none
/// above high: all that are known are at most that.
fn unasked(dialect: Dialect, card: &ModelCard, aim: Effort, off: bool) -> Vec<Effort> {
    let reasoning = &card.reasoning;
    match reasoning.default_effort {
        _ if idle_unasked(dialect, card) => vec![Effort::None],
        Some(own) => vec![own],
        // On is as much as it has, so no ceiling but none is left by it.
        None if switch(card) => off.then_some(Effort::None).into_iter().chain([aim.max(Effort::Minimal)]).collect(),
        None => {
            let mut all = accepted(card, off);
            // How far others go within a budget, nobody knows.
            let free = matches!(reasoning.control, Control::Budget | Control::Enable) && dialect != Dialect::Gemini;
            if !free && all.iter().any(|level| *level <= Effort::High) {
                all.retain(|level| *level <= Effort::High);
            }
            all
        }
    }
}

/// The dialect has a place for this control: settings may name one that it has not.
fn spelled(dialect: Dialect, thinking: &Thinking, quirks: &Quirks) -> bool {
    match (dialect, thinking) {
        (_, Thinking::Unset) => true,
        (Dialect::OpenAiChat, Thinking::Budget(_)) => quirks.reasoning_object,
        (Dialect::OpenAiChat, Thinking::Adaptive(_) | Thinking::BetweenTools) => false,
        (Dialect::OpenAiChat, _) => true,
        (Dialect::OpenAiResponses | Dialect::XaiGrpc, thinking) => matches!(
            thinking,
            Thinking::Level(_) | Thinking::Disabled | Thinking::Switch(false, _) | Thinking::Switch(true, Some(_))
        ),
        (Dialect::AnthropicMessages, thinking) => !matches!(thinking, Thinking::Think(_) | Thinking::Enable(..)),
        (Dialect::Gemini, thinking) => {
            matches!(thinking, Thinking::Level(_) | Thinking::Budget(_) | Thinking::Disabled)
        }
        (Dialect::Ollama, thinking) => {
            matches!(thinking, Thinking::Level(_) | Thinking::Think(_) | Thinking::Disabled)
        }
    }
}

/// It has a switch alone: on is as much as it has.
fn switch(card: &ModelCard) -> bool {
    let reasoning = &card.reasoning;
    matches!(reasoning.control, Control::Think | Control::SwitchAndEffort) && reasoning.efforts.is_empty()
}

/// The levels that a model takes, none among them where it can be kept from reasoning.
fn accepted(card: &ModelCard, off: bool) -> Vec<Effort> {
    let reasoning = &card.reasoning;
    let free = matches!(reasoning.control, Control::Budget | Control::Enable) || switch(card);
    let levels: &[Effort] = match &*reasoning.efforts {
        _ if free => &Effort::ALL,
        [] => &[Effort::Low, Effort::Medium, Effort::High],
        [Effort::None] => &[Effort::Low],
        known => known,
    };
    let none = off.then_some(Effort::None);
    none.into_iter().chain(levels.iter().copied().filter(|e| *e > Effort::None)).collect()
}

fn level(dialect: Dialect, card: &ModelCard, effort: Effort, budget: Option<u32>) -> Thinking {
    let control = card.reasoning.control;
    match control {
        Control::Adaptive => Thinking::Adaptive(Some(effort)),
        Control::Budget => {
            let half = card.max_output.and_then(|n| u32::try_from(n / 2).ok()).unwrap_or(32_768);
            // The catalog knows a model's own bound; of a Gemini model it does not know, the least of its kind is taken.
            let own = card.reasoning.most_budget.or((dialect == Dialect::Gemini).then_some(MOST_GEMINI));
            let most = own.map_or(half, |most| most.min(half));
            let tokens = budget.or(effort.budget()).unwrap_or(most);
            Thinking::Budget(tokens.clamp(LEAST_BUDGET, most.max(LEAST_BUDGET)))
        }
        Control::SwitchAndEffort => Thinking::Switch(true, Some(effort).filter(|_| !card.reasoning.efforts.is_empty())),
        Control::Enable => Thinking::Enable(true, budget.or(effort.budget())),
        Control::Think if card.reasoning.efforts.is_empty() => Thinking::Think(true),
        _ => Thinking::Level(effort),
    }
}

/// How this model is kept from reasoning, if it can be.
pub(super) fn off(dialect: Dialect, card: &ModelCard) -> Option<Thinking> {
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
        _ if card.reasoning.efforts.contains(&Effort::None) => Some(Thinking::Level(Effort::None)),
        _ => None,
    }
}
