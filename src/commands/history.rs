//! `monster history`: every call, who served it, what it used and how it ended.

use clap::{Args, Subcommand};
use serde_json::json;

use super::context::Context;
use super::error::{Exit, Outcome};
use super::show::count;
use crate::model::{CostSource, NanoUsd};
use crate::store::{AttemptRow, HistoryFilter, HistoryRow};
use crate::ui::Table;

/// Show the calls of the past.
#[derive(Debug, Args)]
pub(super) struct History {
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List calls, newest first (the default).
    List(List),
}

#[derive(Debug, Args)]
struct List {
    /// How many.
    #[arg(short = 'n', long, default_value_t = 20)]
    limit: usize,
}

impl History {
    /// Does it.
    pub(super) fn run(self, context: &Context) -> Outcome {
        let Action::List(list) = self.action.unwrap_or(Action::List(List { limit: 20 }));
        list.run(context)
    }
}

impl List {
    fn run(&self, context: &Context) -> Outcome {
        let store = context.kept()?;
        super::ended::look(context, &store);
        let rows = store.history(&HistoryFilter { limit: self.limit, ..HistoryFilter::default() })?;
        if context.ui.look().json {
            let rows: Vec<_> = rows.iter().map(as_json).collect();
            context.ui.json(&json!({ "schema": "monster.history/1", "requests": rows }))?;
            return Ok(Exit::Done);
        }
        if rows.is_empty() {
            context.ui.out("no calls yet")?;
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
                when(row.started_ms),
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
fn outcome(row: &HistoryRow) -> String {
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

fn cost(row: &HistoryRow) -> String {
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

fn when(ms: i64) -> String {
    jiff::Timestamp::from_millisecond(ms).map_or_else(
        |_| ms.to_string(),
        |at| at.to_zoned_datetime(jiff::tz::TimeZone::system()).strftime("%Y-%m-%d %H:%M:%S").to_string(),
    )
}

fn as_json(row: &HistoryRow) -> serde_json::Value {
    let at = |ms: i64| jiff::Timestamp::from_millisecond(ms).map(|t| t.to_string()).ok();
    json!({
        "id": row.id, "parent": row.parent, "started": at(row.started_ms), "ended": row.ended_ms.and_then(at),
        "purpose": row.purpose, "repo": row.repo, "branch": row.branch,
        "caller": row.caller, "commit": row.commit, "asked_model": row.asked_model,
        "asked_effort": row.asked_effort, "redacted": row.redacted, "outcome": row.outcome,
        "served_by": row.served_by.as_ref().map(|(u, a, m)| json!({ "upstream": u, "account": a, "model": m })),
        "attempts": row.attempts.iter().map(|a| json!({
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
        })).collect::<Vec<_>>(),
    })
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
