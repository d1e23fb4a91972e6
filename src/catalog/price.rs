//! What tokens cost, in integers, rounded once.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::model::{ModelCard, NanoUsd, OffPeak, Offer, Prices, Service, Tier, Usage};

const MILLION: u128 = 1_000_000;
/// A factor of one, in thousandths.
const ONE: u128 = 1_000;

/// The moment and the way a request was served: both change what it costs.
#[derive(Debug, Clone, Copy)]
pub struct When {
    /// When the attempt began.
    pub at: Timestamp,
    /// The service tier that the answer names; `None` = it names none, which is the plain one.
    pub service: Option<Service>,
}

impl When {
    /// Served plainly at that moment.
    #[must_use]
    pub const fn plainly(at: Timestamp) -> Self {
        Self { at, service: None }
    }
}

/// The list price of `usage` at `card` at that moment. `None` when a price that is needed is not known: never zero.
///
/// - An announced change holds from its day (UTC) on; it ends what was known of other hours and service tiers.
/// - The tier with the largest bound below the whole prompt (cached parts included) prices every token of the
///   request; its own cache prices fall back within the tier, never to the base row.
/// - A missing cache-read or cache-write price counts as plain input, a missing long-cache price as the short one:
///   for reads that is never too cheap. In another service tier it is not known where the plain tier has one.
/// - What a service tier costs on a long prompt is known only for factors.
/// - A price is needed only for kinds of tokens that were used.
#[must_use]
pub fn price(card: &ModelCard, usage: &Usage, when: &When) -> Option<NanoUsd> {
    if card.local {
        return Some(NanoUsd(0));
    }
    let change = match card.dated.as_slice() {
        [] => None,
        dated => {
            // Dates in this form sort as text.
            let day = when.at.strftime("%Y-%m-%d").to_string();
            dated.iter().filter(|d| d.from <= day).max_by_key(|d| &d.from)
        }
    };
    let first = change.is_none_or(|d| d.from.is_empty());
    let (base, tiers) = change.map_or((card.prices, &card.tiers), |d| (d.prices, &d.tiers));
    let long = tier(tiers, usage);
    let plain = || match (long, &card.off_peak) {
        (None, Some(off)) if first && low(off, when.at) => Some(reduced(off.prices, base?)),
        _ => long.or(base),
    };
    match when.service {
        None | Some(Service::Standard) => sum(&plain()?.into(), usage, ONE),
        Some(service) => match card.services.iter().find(|(name, _)| *name == service)?.1 {
            Offer::Factor(thousandths) => sum(&plain()?.into(), usage, u128::from(thousandths)),
            Offer::Prices(own) if first && long.is_none() => sum(&closed(own, base), usage, ONE),
            Offer::Prices(_) => None,
        },
    }
}

/// The most that `usage`, or the same with a shorter prompt, costs at `card` at the prices that stand, at any hour: the
/// dearest of the tiers that may apply. `None` when it is not priced.
#[must_use]
pub fn most(card: &ModelCard, usage: &Usage) -> Option<NanoUsd> {
    if card.local {
        return Some(NanoUsd(0));
    }
    let whole = sum(&tier(&card.tiers, usage).or(card.prices)?.into(), usage, ONE)?;
    // Whoever counts fewer tokens may bill a lower tier, which is not always the cheaper one.
    let prompt = usage.prompt();
    let lower = card.tiers.iter().filter(|t| prompt > t.above_input_tokens).map(|t| t.prices).chain(card.prices);
    Some(lower.filter_map(|prices| sum(&prices.into(), usage, ONE)).fold(whole, NanoUsd::max))
}

fn tier(tiers: &[Tier], usage: &Usage) -> Option<Prices> {
    let prompt = usage.prompt();
    tiers.iter().filter(|t| prompt > t.above_input_tokens).max_by_key(|t| t.above_input_tokens).map(|t| t.prices)
}

/// Whether that moment lies in the cheaper hours.
fn low(off: &OffPeak, at: Timestamp) -> bool {
    let utc = at.to_zoned_datetime(TimeZone::UTC);
    let day = utc.weekday().to_monday_one_offset();
    let minute = i32::from(utc.hour()) * 60 + i32::from(utc.minute());
    off.hours
        .iter()
        .filter(|hours| hours.days.contains(&day))
        .any(|hours| hours.minutes.iter().any(|(from, to)| (i32::from(*from)..i32::from(*to)).contains(&minute)))
}

/// Prices of cheaper hours; what is not said there costs the same as ever.
fn reduced(off: Prices, base: Prices) -> Prices {
    Prices {
        input: off.input.or(base.input),
        output: off.output.or(base.output),
        cache_read: off.cache_read.or(base.cache_read),
        cache_write: off.cache_write.or(base.cache_write),
        cache_write_long: off.cache_write_long.or(base.cache_write_long),
    }
}

/// Prices of a service tier. A cache price that it lacks and the plain tier has is no reason to take another kind's.
fn closed(own: Prices, base: Option<Prices>) -> Known {
    let base = base.unwrap_or_default();
    let write = own.cache_write.or(own.input.filter(|_| base.cache_write.is_none()));
    Known {
        input: own.input,
        output: own.output,
        cache_read: own.cache_read.or(own.input.filter(|_| base.cache_read.is_none())),
        cache_write: write,
        cache_write_long: own.cache_write_long.or(write.filter(|_| base.cache_write_long.is_none())),
    }
}

/// What one kind of token costs, with every fallback taken.
struct Known {
    input: Option<u64>,
    output: Option<u64>,
    cache_read: Option<u64>,
    cache_write: Option<u64>,
    cache_write_long: Option<u64>,
}

impl From<Prices> for Known {
    fn from(prices: Prices) -> Self {
        let cache_write = prices.cache_write.or(prices.input);
        Self {
            input: prices.input,
            output: prices.output,
            cache_read: prices.cache_read.or(prices.input),
            cache_write,
            cache_write_long: prices.cache_write_long.or(cache_write),
        }
    }
}

fn sum(prices: &Known, usage: &Usage, thousandths: u128) -> Option<NanoUsd> {
    let parts = [
        (usage.input, prices.input),
        (usage.cache_read, prices.cache_read),
        (usage.cache_write_short, prices.cache_write),
        (usage.cache_write_long, prices.cache_write_long),
        (usage.output, prices.output),
    ];
    // An unpriced model stays unpriced even when it used nothing.
    if parts.iter().all(|(_, price)| price.is_none()) {
        return None;
    }
    let mut sum: u128 = 0;
    for (tokens, price) in parts {
        if tokens > 0 {
            sum = sum.checked_add(u128::from(tokens).checked_mul(u128::from(price?))?)?;
        }
    }
    let scale = MILLION * ONE;
    let nano = sum.checked_mul(thousandths)?.checked_add(scale / 2)? / scale;
    u64::try_from(nano).ok().map(NanoUsd)
}
