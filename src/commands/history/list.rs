//! `monster history list`: calls, newest first, and their rows as JSON.

use std::path::Path;

use clap::Args;
use serde_json::json;

use super::when::{Moment, clock, moment};
use crate::commands::context::{Context, named};
use crate::commands::error::{CommandError, Exit, Outcome};
use crate::commands::show::count;
use crate::model::{CostSource, NanoUsd};
use crate::store::{AttemptRow, HistoryFilter, HistoryRow};
use crate::ui::Table;

/// Which calls.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct Which {
    /// Begun since: a date, a time, or an age such as 7d or 12h.
    #[arg(long, value_name = "WHEN", value_parser = moment)]
    since: Option<Moment>,
    /// Only calls that gave no answer: failed, cancelled or interrupted.
    #[arg(long)]
    failed: bool,
    /// Only of this repository: a path, the name of its folder, or . for the one here.
    #[arg(long, value_name = "REPO")]
    repo: Option<String>,
    /// Only of this command: commit, hook, review, ask, member, synthesis.
    #[arg(long, value_name = "COMMAND")]
    command: Option<String>,
}

impl Which {
    /// As the store takes it; model and account come from the global flags.
    pub(super) fn filter(&self, context: &Context, limit: usize) -> Result<HistoryFilter, CommandError> {
        let repo = match self.repo.as_deref() {
            Some(".") => context.repo()?.root().map(named),
            Some(path) if Path::new(path).is_absolute() => Some(path.trim_end_matches('/').to_owned()),
            other => other.map(str::to_owned),
        };
        Ok(HistoryFilter {
            limit,
            since_ms: self.since.map(|since| since.before(context.clock.millis())),
            failed: self.failed,
            model: context.globals.model.clone(),
            account: context.globals.account.clone(),
            repo,
            purpose: self.command.clone(),
            ..HistoryFilter::default()
        })
    }
}

/// List calls, newest first.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  monster history list --failed --since 7d\n  monster history list --repo . --command review --model openai/"
)]
pub(super) struct List {
    /// How many.
    #[arg(short = 'n', long, default_value_t = 20)]
    limit: usize,
    #[command(flatten)]
    which: Which,
}

impl Default for List {
    fn default() -> Self {
        Self { limit: 20, which: Which::default() }
    }
}

impl List {
    /// Lists.
    pub(super) fn run(&self, context: &Context) -> Outcome {
        let filter = self.which.filter(context, self.limit)?;
        let store = context.kept()?;
        crate::commands::ended::look(context, &store);
        let rows = store.history(&filter)?;
        if context.ui.look().json {
            let rows: Vec<_> = rows.iter().map(as_json).collect();
            context.ui.json(&json!({ "schema": "monster.history/1", "requests": rows }))?;
            return Ok(Exit::Done);
        }
        if rows.is_empty() {
            // Whoever wants none of them has not asked whether there are any.
            if self.limit == 0 {
                return Ok(Exit::Done);
            }
            let narrow = filter != HistoryFilter { limit: self.limit, ..HistoryFilter::default() };
            context.ui.out(if narrow { "no calls like that" } else { "no calls yet" })?;
            return Ok(Exit::Done);
        }
        let mut table = Table::new(&["when", "id", "what", "served by", "outcome", ">in", ">out", ">cost"]);
        for row in &rows {
            let (input, output) =
                row.attempts.iter().filter_map(|a| a.usage).fold((0, 0), |(i, o): (u64, u64), (u, _)| {
                    (i.saturating_add(u.prompt()), o.saturating_add(u.output))
                });
            let id = if row.parent.is_some() { format!("  {}", row.id) } else { row.id.clone() };
            let served =
                row.served_by.as_ref().map_or_else(String::new, |(upstream, _, model)| format!("{upstream}/{model}"));
            table.row([
                clock(row.started_ms),
                id,
                row.purpose.clone(),
                served,
                outcome(row),
                used(row, input),
                used(row, output),
                cost(row),
            ]);
        }
        context.ui.out(&table.render())?;
        Ok(Exit::Done)
    }
}

/// `done`, and how many tries failed on the way there.
pub(super) fn outcome(row: &HistoryRow) -> String {
    let failed = row.attempts.iter().filter(|a| a.failure.is_some()).count();
    match (row.served_by.is_some(), failed) {
        (true, 1) => format!("{} after 1 failure", row.outcome),
        (true, n) if n > 1 => format!("{} after {n} failures", row.outcome),
        _ => row.outcome.clone(),
    }
}

/// Tokens; what a killed call used is not known, which is not none.
fn used(row: &HistoryRow, tokens: u64) -> String {
    if tokens == 0 && row.attempts.iter().any(|a| a.interrupted) { "?".to_owned() } else { count(tokens) }
}

/// What it cost in all; empty when nothing was used.
pub(super) fn cost(row: &HistoryRow) -> String {
    let local = |a: &AttemptRow| a.cost.is_some_and(|c| c.source == CostSource::Local);
    if row.attempts.iter().any(local) && row.attempts.iter().all(|a| a.usage.is_none() || local(a)) {
        return "local".to_owned();
    }
    let priced: Vec<NanoUsd> = row.attempts.iter().filter_map(|a| a.cost.map(|c| c.amount)).collect();
    let unpriced = row.attempts.iter().any(|a| a.usage.is_some() && a.cost.is_none());
    if priced.is_empty() {
        if row.attempts.iter().any(|a| a.interrupted) {
            return "?".to_owned();
        }
        return if unpriced { "unpriced".to_owned() } else { String::new() };
    }
    let sum = NanoUsd(priced.iter().fold(0, |sum: u64, c| sum.saturating_add(c.0)));
    if unpriced { format!("{sum} + unpriced") } else { sum.to_string() }
}

/// A request with its attempts.
pub(super) fn as_json(row: &HistoryRow) -> serde_json::Value {
    let at = |ms: i64| jiff::Timestamp::from_millisecond(ms).map(|t| t.to_string()).ok();
    json!({
        "id": row.id, "parent": row.parent, "started": at(row.started_ms), "ended": row.ended_ms.and_then(at),
        "purpose": row.purpose, "repo": row.repo, "branch": row.branch,
        "caller": row.caller, "commit": row.commit, "asked_model": row.asked_model,
        "asked_effort": row.asked_effort, "redacted": row.redacted, "outcome": row.outcome,
        "served_by": row.served_by.as_ref().map(|(u, a, m)| json!({ "upstream": u, "account": a, "model": m })),
        "attempts": row.attempts.iter().map(|a| weighed(a, json!({
            "number": a.number, "upstream": a.upstream, "account": a.account, "model": a.model, "maker": a.maker, "dialect": a.dialect,
            "started": at(a.started_ms), "first_content": a.first_content_ms.and_then(at),
            "first_content_ms": a.first_content_ms.map(|ms| ms.saturating_sub(a.started_ms)),
            "ended": a.ended_ms.and_then(at), "status": a.status,
            "failure": a.failure.as_ref().map(|(kind, scope, message)| json!({ "kind": kind, "scope": scope, "message": message })),
            "usage": a.usage.map(|(u, source)| json!({ "input": u.input, "cache_read": u.cache_read,
                "cache_write_short": u.cache_write_short, "cache_write_long": u.cache_write_long,
                "output": u.output, "reasoning": u.reasoning, "source": source.name() })),
            "cost": a.cost.map(|c| json!({ "nano_usd": c.amount.0, "source": c.source.name() })),
            "known": json!({ "usage": usage_known(a), "cost": cost_known(a), "priced": a.priced }),
            "effort_sent": a.effort_sent, "effort_confirmed": a.effort_confirmed, "finish": a.finish,
        }))).collect::<Vec<_>>(),
    })
}

/// With its bytes, where a call was passed on as it came.
fn weighed(a: &AttemptRow, mut told: serde_json::Value) -> serde_json::Value {
    if let Some((sent, received)) = a.bytes {
        told["bytes"] = json!({ "sent": sent, "received": received });
    }
    told
}

/// How the tokens are known; `null` when none were used, or while it runs.
fn usage_known(a: &AttemptRow) -> Option<&'static str> {
    if a.interrupted { Some("unknown") } else { a.usage.map(|(_, source)| source.name()) }
}

/// How the cost is known.
fn cost_known(a: &AttemptRow) -> Option<&'static str> {
    match (a.cost, a.usage) {
        _ if a.interrupted => Some("unknown"),
        (Some(cost), _) => Some(cost.source.name()),
        (None, Some(_)) => Some("unpriced"),
        (None, None) => None,
    }
}
