//! What tokens cost, in integers, rounded once.

use crate::model::{ModelCard, NanoUsd, Prices, Usage};

const MILLION: u128 = 1_000_000;

/// The list price of `usage` at `card`. `None` when a price that is needed is not known: never zero.
///
/// The tier with the largest bound below the whole prompt (cached parts included) prices every token of the
/// request; its own cache prices fall back within the tier, never to the base row. A missing cache-read or
/// cache-write price counts as plain input, a missing long-cache price as the short one: for reads that is
/// never too cheap. A price is needed only for kinds of tokens that were used.
#[must_use]
pub fn price(card: &ModelCard, usage: &Usage) -> Option<NanoUsd> {
    if card.local {
        return Some(NanoUsd(0));
    }
    let prices = prices_at(card, usage.prompt())?;
    let write = prices.cache_write.or(prices.input);
    let parts = [
        (usage.input, prices.input),
        (usage.cache_read, prices.cache_read.or(prices.input)),
        (usage.cache_write_short, write),
        (usage.cache_write_long, prices.cache_write_long.or(write)),
        (usage.output, prices.output),
    ];
    // An unpriced model stays unpriced even when it used nothing.
    if parts.iter().all(|(_, price)| price.is_none()) {
        return None;
    }
    let mut sum: u128 = 0;
    for (tokens, price) in parts {
        if tokens > 0 {
            sum = sum.saturating_add(u128::from(tokens).saturating_mul(u128::from(price?)));
        }
    }
    let nano = sum.saturating_add(MILLION / 2) / MILLION;
    u64::try_from(nano).ok().map(NanoUsd)
}

fn prices_at(card: &ModelCard, prompt: u64) -> Option<Prices> {
    let tier = card.tiers.iter().filter(|t| prompt > t.above_input_tokens).max_by_key(|t| t.above_input_tokens);
    tier.map(|t| t.prices).or(card.prices)
}
