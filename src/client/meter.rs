//! Step: what an attempt used and cost, and whether the reasoning asked for took place.

use crate::catalog::{self, When};
use crate::model::{Cost, CostSource, Count, IN_WORDS, ModelCard, NanoUsd, Usage, UsageSource};
use crate::providers::Intent;

/// Bytes a token where money is limited and nobody counted: hardly any text has fewer.
pub(super) const DENSE: usize = 2;

/// Visible output tokens that a request without a limit of its own is held to, where its cost is limited.
pub(super) const UNSAID_OUTPUT: u32 = 4_096;

/// Tokens, when nobody counted them.
#[must_use]
pub const fn tokens(bytes: usize) -> u64 {
    Count::guess(bytes).tokens
}

/// Usage as reported, else guessed from bytes; `whole` says that the answer came to its end.
#[must_use]
pub(super) fn usage(
    reported: Option<Usage>,
    whole: bool,
    prompt_bytes: usize,
    output_bytes: usize,
) -> (Usage, UsageSource) {
    let output = tokens(output_bytes);
    match reported {
        None => (Usage { input: tokens(prompt_bytes), output, ..Usage::default() }, UsageSource::Estimated),
        // What was counted at the beginning of an answer that broke off says nothing of what came after.
        Some(usage) if !whole && usage.output < output => (Usage { output, ..usage }, UsageSource::Estimated),
        Some(usage) => (usage, UsageSource::Reported),
    }
}

/// The cost: what the provider charged, else zero on this machine, else tokens × prices of that moment.
/// `None` = unpriced, which is never shown as free.
///
/// What was charged up to where an answer broke off is no more than a beginning: where more was made than was counted,
/// the larger amount holds.
#[must_use]
pub(super) fn cost(
    card: &ModelCard,
    local: bool,
    charged: Option<Cost>,
    usage: &Usage,
    source: UsageSource,
    when: &When,
) -> Option<Cost> {
    if let Some(charged) = charged.filter(|_| source == UsageSource::Reported) {
        return Some(charged);
    }
    if local {
        return Some(Cost { amount: NanoUsd(0), source: CostSource::Local });
    }
    let counted = catalog::price(card, usage, when).map(|amount| match source {
        UsageSource::Reported => Cost { amount, source: CostSource::Computed },
        UsageSource::Estimated => Cost { amount, source: CostSource::Estimated },
    });
    match (charged, counted) {
        (Some(charged), Some(counted)) if counted.amount > charged.amount => Some(counted),
        (Some(charged), _) => Some(charged),
        (None, counted) => counted,
    }
}

/// The most that one answer to a request may cost: its prompt as counted, else at two bytes a token, booked as whatever is
/// dearest (plain input or a cache write), and the whole output limit used, in the dearest tier that may apply. `None` when
/// the model is unpriced.
///
/// Not bounded by it: what attempts cost that failed before this one answers, text of less than two bytes a token (a few
/// scripts and long runs of digits) where nobody counted, a service tier that the account has by itself, and what is
/// charged beside tokens.
#[must_use]
pub(super) fn ceiling(card: &ModelCard, local: bool, intent: &Intent, max_output: Option<u32>) -> Option<NanoUsd> {
    if local {
        return Some(NanoUsd(0));
    }
    let prompt = intent.prompt(DENSE);
    let prompt = prompt + if intent.count.is_some() { prompt.div_ceil(Count::DRIFT) } else { 0 };
    let output = if intent.vectors { 0 } else { u64::from(max_output.unwrap_or(UNSAID_OUTPUT)) };
    let plain = catalog::most(card, &Usage { input: prompt, output, ..Usage::default() })?;
    let written = [
        Usage { cache_write_short: prompt, output, ..Usage::default() },
        Usage { cache_write_long: prompt, output, ..Usage::default() },
    ];
    Some(written.iter().filter_map(|usage| catalog::most(card, usage)).fold(plain, NanoUsd::max))
}

/// Whether reasoning was asked for and seen: `None` when none was asked or nothing can be known.
#[must_use]
pub(super) fn confirmed(sent: Option<&str>, usage: &Usage, thought: bool) -> Option<bool> {
    match sent {
        None => None,
        // None was asked for.
        Some("none") if thought => Some(false),
        Some("none") => usage.reasoning.map(|n| n == 0),
        Some(_) if thought => Some(true),
        // What it thinks, it writes into the answer.
        Some(IN_WORDS) => Some(false),
        Some(_) => usage.reasoning.map(|n| n > 0),
    }
}
