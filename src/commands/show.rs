//! What several commands print alike: errors, the cost line, money, tokens.

use crate::client::Reply;
use crate::model::{Cost, CostSource, FinishReason, NanoUsd, Usage, UsageSource};
use crate::secrets::mask;
use crate::ui::{Ui, plain};

use super::error::{CommandError, Exit};
use crate::world::clock::zone;

/// Prints an error, unless everything was said already. A key that was typed where none belongs is not repeated.
pub(super) fn error(ui: &Ui, error: &CommandError) {
    if error.what.is_empty() {
        return;
    }
    if ui.look().json {
        let _ = ui.json(&error_json(error));
    }
    error_beside(ui, error);
}

/// The same for people alone, where programs have their document already.
pub(super) fn error_beside(ui: &Ui, error: &CommandError) {
    let (what, causes, hints) = sayable(error);
    if error.exit == Exit::Interrupted {
        ui.status(&what);
    } else {
        ui.error(&what, &causes, &hints);
    }
}

fn sayable(error: &CommandError) -> (String, Vec<String>, Vec<String>) {
    let shown = |text: &String| mask(&plain(text));
    (shown(&error.what), error.causes.iter().map(shown).collect(), error.hints.iter().map(shown).collect())
}

/// An error as programs see it.
pub(super) fn error_json(error: &CommandError) -> serde_json::Value {
    let (what, causes, hints) = sayable(error);
    let mut out = serde_json::json!({ "schema": "monster.error/1", "error": what, "causes": causes, "hints": hints,
        "exit": error.exit as u8 });
    if let Some(partial) = &error.partial {
        out["partial"] = serde_json::json!(partial);
    }
    out
}

/// `2 requests · 3.1k in / 40 out · $0.0012 · account work-2`.
pub(super) fn cost_line(replies: &[&Reply]) -> String {
    with_failed(replies.iter().copied(), 0)
}

/// The same, and so many requests that got no answer.
pub(super) fn cost_line_with(replies: &[Reply], failed: usize) -> String {
    with_failed(replies.iter(), failed)
}

fn with_failed<'a>(replies: impl Iterator<Item = &'a Reply>, failed: usize) -> String {
    let spends: Vec<Spend> = replies
        .map(|reply| Spend {
            usage: reply.used.usage,
            source: reply.used.source,
            cost: reply.used.cost,
            account: reply.route.credential.is_some().then(|| reply.route.account().to_owned()),
        })
        .collect();
    spend_line(spends.len() + failed, &spends)
}

/// What one request used.
pub(super) struct Spend {
    /// Tokens.
    pub usage: Usage,
    /// How they are known.
    pub source: UsageSource,
    /// Money; `None` = unpriced.
    pub cost: Option<Cost>,
    /// The account, where one was needed.
    pub account: Option<String>,
}

/// As [`cost_line`], of so many requests, of which these used something.
pub(super) fn spend_line(requests: usize, spends: &[Spend]) -> String {
    let number = counted(requests, "request");
    if spends.is_empty() && requests > 0 {
        return format!("{number} · nothing used");
    }
    let (mut input, mut output, mut guessed) = (0_u64, 0_u64, false);
    for spend in spends {
        input = input.saturating_add(spend.usage.prompt());
        output = output.saturating_add(spend.usage.output);
        guessed |= spend.source == UsageSource::Estimated;
    }
    let about = if guessed { "about " } else { "" };
    let mut accounts: Vec<&str> = spends.iter().filter_map(|spend| spend.account.as_deref()).collect();
    accounts.sort_unstable();
    accounts.dedup();
    let by =
        if accounts.is_empty() { "no account needed".to_owned() } else { format!("account {}", accounts.join(", ")) };
    format!(
        "{number} · {about}{} in / {} out · {} · {by}",
        count(input),
        count(output),
        money(&spends.iter().map(|spend| spend.cost).collect::<Vec<_>>()),
    )
}

/// A sum; `local` when all of it ran here, `unpriced` where a price is not known.
pub(super) fn money(costs: &[Option<Cost>]) -> String {
    let priced: Vec<&Cost> = costs.iter().flatten().collect();
    if priced.is_empty() {
        return "unpriced".to_owned();
    }
    if priced.len() == costs.len() && priced.iter().all(|c| c.source == CostSource::Local) {
        return "local".to_owned();
    }
    let sum = NanoUsd(priced.iter().fold(0, |sum: u64, c| sum.saturating_add(c.amount.0)));
    let unpriced = if priced.len() < costs.len() { " + unpriced" } else { "" };
    format!("{sum}{unpriced}")
}

/// The moment as people read it, in their zone.
pub(super) fn moment(millis: i64) -> String {
    jiff::Timestamp::from_millisecond(millis)
        .map(|t| t.to_zoned_datetime(zone()).strftime("%Y-%m-%d %H:%M").to_string())
        .unwrap_or_default()
}

/// `1 file`, `2 files`.
pub(super) fn counted(n: usize, what: &str) -> String {
    if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") }
}

/// `812`, `3.1k`, `1.2M`.
pub(super) fn count(n: u64) -> String {
    match n {
        0..1_000 => n.to_string(),
        1_000..1_000_000 => format!("{}.{}k", n / 1_000, n % 1_000 / 100),
        _ => format!("{}.{}M", n / 1_000_000, n % 1_000_000 / 100_000),
    }
}

/// The parts of a reply that `--json` shows.
pub(super) fn reply_json(reply: &Reply) -> serde_json::Value {
    serde_json::json!({
        "id": reply.id, "model": reply.route.name(), "account": reply.route.account(),
        "maker": reply.route.card.maker.0,
        "effort": { "asked": reply.effort.0.to_string(), "sent": reply.effort.1, "confirmed": reply.used.confirmed },
        "usage": { "input": reply.used.usage.input, "cache_read": reply.used.usage.cache_read,
            "cache_write_short": reply.used.usage.cache_write_short, "cache_write_long": reply.used.usage.cache_write_long,
            "output": reply.used.usage.output, "reasoning": reply.used.usage.reasoning,
            "source": reply.used.source.name() },
        "cost": reply.used.cost.map(|c| serde_json::json!({ "nano_usd": c.amount.0, "usd": c.amount.dollars(), "source": c.source.name() })),
        "milliseconds": u64::try_from(reply.used.took.as_millis()).unwrap_or(u64::MAX),
        "failed_over_from": reply.tried.iter().map(|t| serde_json::json!({ "model": t.model, "account": t.account,
            "kind": t.failure.kind.name(), "message": t.failure.message })).collect::<Vec<_>>(),
        "masked": reply.masked,
    })
}

/// The command as it was typed, for hints that add to it; what looks like a key is masked.
pub(super) fn typed() -> String {
    let words = std::env::args_os().skip(1).map(|word| crate::auth::quoted(&mask(&word.to_string_lossy())));
    std::iter::once("monster".to_owned()).chain(words).collect::<Vec<_>>().join(" ")
}

/// Why an answer is not all that the model would have said, if it is not.
pub(super) fn incomplete(reply: &Reply) -> Option<&'static str> {
    match &reply.finish {
        Some(FinishReason::Length) => Some("the answer was cut off at the output limit"),
        Some(FinishReason::Refused) => reply.refused(),
        Some(FinishReason::Pause(_)) => {
            Some("the provider paused in the middle of the answer, and cannot be asked to go on")
        }
        _ => None,
    }
}
