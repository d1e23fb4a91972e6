//! `monster history show`: what happened to one call, step by step.

use std::time::Duration;

use clap::Args;
use serde_json::{Value, json};

use super::kept::{self, Kept};
use super::list::{as_json, cost, outcome};
use super::when::{clock, day, iso, seconds};
use crate::client::park;
use crate::commands::context::Context;
use crate::commands::error::{Exit, Outcome};
use crate::model::{CostSource, IN_WORDS, UsageSource};
use crate::store::{AttemptRow, ContentRow, HistoryFilter, HistoryRow, TraceRow};
use crate::ui::{named, plain};

/// Show what happened to a call, step by step.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  monster history show last\n  monster history show rk3 --content")]
pub(super) struct Show {
    /// Its id, the beginning of it, or last.
    id: String,
    /// Also what was asked and answered, if that was kept; opens the accounts.
    #[arg(long)]
    content: bool,
}

/// Everything that is known of a call.
struct Told {
    row: HistoryRow,
    steps: Vec<TraceRow>,
    children: Vec<HistoryRow>,
    /// Which call this one repeats, and which repeat it.
    replays: (Option<String>, Vec<String>),
    rows: Vec<ContentRow>,
    kept: Option<Kept>,
}

impl Show {
    /// Shows.
    pub(super) fn run(self, context: &Context) -> Outcome {
        let store = context.kept()?;
        let row = super::find(&store, &self.id)?;
        let filter = HistoryFilter { limit: 1_000, parent: Some(row.id.clone()), ..HistoryFilter::default() };
        let mut children = store.history(&filter)?;
        children.reverse();
        let rows = store.content(&row.id)?;
        let kept = match (self.content, rows.is_empty()) {
            (true, true) => return Err(kept::missing(context, &row.id, "the content")),
            (true, false) => Some(kept::read(&kept::unlock(context)?, &row.id, &rows)?),
            (false, _) => None,
        };
        let (steps, replays) = (store.steps(&row.id)?, store.replayed(&row.id)?);
        let told = Told { row, steps, children, replays, rows, kept };
        if context.ui.look().json {
            context.ui.json(&told.json())?
        } else {
            context.ui.out(&plain(&told.text()))?
        }
        Ok(Exit::Done)
    }
}

impl Told {
    fn json(&self) -> Value {
        let mut request = as_json(&self.row);
        request["replay_of"] = json!(self.replays.0);
        request["replays"] = json!(self.replays.1);
        let text = self.kept.as_ref().map(|kept| {
            json!({ "request": kept.request,
                "answer": kept.answer.as_ref().map(|(answer, whole)| json!({ "text": answer.text, "finish": answer.finish,
                    "calls": answer.calls, "whole": whole })) })
        });
        json!({ "schema": "monster.history.show/1", "request": request,
            "trace": self.steps.iter().map(|step| step_json(step, self.row.started_ms)).collect::<Vec<_>>(),
            "children": self.children.iter().map(as_json).collect::<Vec<_>>(),
            "kept": self.rows.iter().map(|row| json!({ "part": row.part.name(), "bytes": row.bytes,
                "until": iso(row.kept_until_ms) })).collect::<Vec<_>>(),
            "content": text })
    }

    fn text(&self) -> String {
        let row = &self.row;
        let took = row.ended_ms.map_or_else(String::new, |end| format!("  {}s", seconds(row.started_ms, end)));
        let money = Some(cost(row)).filter(|c| !c.is_empty()).map_or_else(String::new, |c| format!("  {c}"));
        let mut out =
            format!("{}  {}  {}  {}{took}{money}\n", row.id, row.purpose, outcome(row), clock(row.started_ms));
        let place = row.repo.as_ref().map(|repo| match &row.branch {
            Some(branch) => format!("{repo} ({branch})"),
            None => repo.clone(),
        });
        let (of, by) = &self.replays;
        let head = [
            ("in", place),
            ("asked", Some(format!("{}, effort {}", named(&row.asked_model), row.asked_effort))),
            ("part of", row.parent.clone()),
            ("repeats", of.clone()),
            ("repeated", Some(by.join(", ")).filter(|by| !by.is_empty())),
        ];
        for (name, text) in head {
            out.extend(text.map(|text| format!("{name:<10}{text}\n")));
        }
        out.push('\n');
        let mut children = Some(self.children(row.started_ms)).filter(|c| !c.is_empty());
        for step in &self.steps {
            // Of a call that other calls belong to, they are the steps before its end.
            if step.step == "done" {
                out.extend(children.take());
            }
            out.push_str(&spelled(step, row.started_ms));
        }
        if self.steps.is_empty() && children.is_none() {
            out.push_str("  no steps are kept of it\n");
        }
        out.extend(children);
        let used: Vec<String> = row.attempts.iter().filter_map(used).collect();
        out.push('\n');
        out.extend(used);
        out.push_str(&self.effort());
        out.push_str(&self.content());
        out.lines().map(|l| format!("{}\n", l.trim_end())).collect()
    }

    fn children(&self, began_ms: i64) -> String {
        let line = |child: &HistoryRow| {
            let served = child.served_by.as_ref().map_or_else(String::new, |(u, _, m)| format!("  {u}/{}", named(m)));
            let at = seconds(began_ms, child.started_ms);
            format!("{at:>6} {:<10} {}{served}  {}  {}\n", child.purpose, child.id, outcome(child), cost(child))
        };
        self.children.iter().map(line).collect()
    }

    /// Asked, sent, obtained.
    fn effort(&self) -> String {
        let Some(last) = self.row.attempts.last() else { return String::new() };
        if last.effort_sent.is_none() && self.row.asked_effort == "auto" {
            return format!("{:<10}left to the model\n", "effort");
        }
        let sent = match last.effort_sent.as_deref() {
            None => "none sent".to_owned(),
            Some(IN_WORDS) => "asked for in words".to_owned(),
            Some(level) => format!("sent {level}"),
        };
        let off = last.effort_sent.as_deref() == Some("none");
        let got = match (
            last.effort_confirmed.filter(|_| !off),
            last.usage.and_then(|(usage, _)| usage.reasoning).filter(|n| *n > 0),
        ) {
            (Some(true), Some(tokens)) => format!("obtained: {tokens} tokens of reasoning"),
            (Some(true), None) => "obtained: the model reasoned".to_owned(),
            (None, _) if off && last.effort_confirmed == Some(true) => "obtained: no reasoning".to_owned(),
            (None, _) if off && last.effort_confirmed == Some(false) => "not obtained: it reasoned".to_owned(),
            (Some(false), _) => "not obtained: the model did not reason".to_owned(),
            (None, _) => "not confirmed".to_owned(),
        };
        format!("{:<10}asked {}, {sent}, {got}\n", "effort", self.row.asked_effort)
    }

    fn content(&self) -> String {
        let Some(first) = self.rows.first() else { return format!("{:<10}not kept\n", "content") };
        let parts: Vec<String> = self.rows.iter().map(|r| format!("{} ({} bytes)", r.part.name(), r.bytes)).collect();
        let how = if self.kept.is_some() { "" } else { "; show it with --content" };
        let mut out = format!("{:<10}{} until {}{how}\n", "content", parts.join(", "), day(first.kept_until_ms));
        if let Some(kept) = &self.kept {
            out.push('\n');
            out.push_str(&kept.request.as_ref().map(kept::spelled).unwrap_or_default());
            out.push_str(&kept.answer.as_ref().map(|(a, whole)| kept::answered(a, *whole)).unwrap_or_default());
        }
        out
    }
}

/// A line of the timeline.
fn spelled(step: &TraceRow, began_ms: i64) -> String {
    let mut head = step.step.clone();
    if let (Some(n), "attempt") = (step.attempt, head.as_str()) {
        head.push_str(&format!(" {n}"));
    }
    let mut parts: Vec<String> = Vec::new();
    if let (Some(upstream), Some(model)) = (&step.upstream, &step.model) {
        let account = step.account.as_ref().map_or_else(String::new, |a| format!(" (account {a})"));
        parts.push(format!("{upstream}/{}{account}", named(model)));
    }
    let wait = step.wait_ms.map(|ms| Duration::from_millis(u64::try_from(ms).unwrap_or(0)));
    match step.step.as_str() {
        "failed" => {
            let kind = step.reason.as_deref().unwrap_or("unknown").replace('_', " ");
            let scope = step.scope.as_deref().unwrap_or("request");
            parts.push(format!("{kind}, condemns this {scope}"));
        }
        "redact" if step.said.is_none() => parts.push("nothing was masked".to_owned()),
        "content" => parts.push("the first word; no other route from here on".to_owned()),
        "usage" | "done" => {}
        _ => parts.extend(step.reason.clone()),
    }
    if let Some(said) = &step.said {
        let said = said.trim_end_matches('.').replace('\n', " ");
        parts.push(if step.step == "redact" { format!("masked {said}") } else { said });
    }
    match (step.step.as_str(), step.reason.as_deref()) {
        ("usage", Some("reported")) => parts.push("reported by the provider".to_owned()),
        ("usage", Some(_)) => parts.push("estimated from its length".to_owned()),
        ("done", Some(reason)) => parts.push(reason.replace('_', " ")),
        _ => {}
    }
    if let Some(position) = step.position {
        parts.push(format!("place {position} in the queue"));
    }
    match (step.step.as_str(), wait) {
        ("skip", Some(wait)) => parts.push(format!("wakes in {}", park::spell(wait))),
        ("park", Some(wait)) => parts.push(format!("wakes in {}", park::spell(wait))),
        ("failed", Some(wait)) => parts.push(format!("the server says: again in {}", park::spell(wait))),
        ("content", Some(wait)) => {
            parts.push(format!("{}s after asking", seconds(0, i64::try_from(wait.as_millis()).unwrap_or(0))))
        }
        _ => {}
    }
    parts.extend(step.action.clone());
    format!("{:>6} {head:<10} {}\n", seconds(began_ms, step.at_ms), parts.join("; "))
}

/// What an attempt used and cost, and how that is known.
fn used(attempt: &AttemptRow) -> Option<String> {
    if let Some((sent, received)) = attempt.bytes {
        let head = format!("bytes {}", attempt.number);
        return Some(format!("{head:<10}{sent} sent, {received} received; passed on as they came\n"));
    }
    let (usage, source) = attempt.usage?;
    let mut tokens = format!("in {}", usage.prompt());
    if usage.cache_read > 0 {
        tokens.push_str(&format!(" (cached {})", usage.cache_read));
    }
    let written = usage.cache_write_short.saturating_add(usage.cache_write_long);
    if written > 0 {
        tokens.push_str(&format!(" (written to the cache {written})"));
    }
    tokens.push_str(&format!(" out {}", usage.output));
    tokens.push_str(&usage.reasoning.map_or_else(String::new, |n| format!(" (reasoning {n})")));
    let known =
        if source == UsageSource::Reported { "reported by the provider" } else { "estimated from their length" };
    let money = match attempt.cost {
        None => "unpriced: no price is known".to_owned(),
        Some(cost) => match cost.source {
            CostSource::Reported => format!("{:#}, charged by the provider", cost.amount),
            CostSource::Computed => format!("{:#}, computed from reported tokens and the price list", cost.amount),
            CostSource::Estimated => format!("{:#}, estimated tokens at the price list", cost.amount),
            CostSource::Local => "local: nobody charges for it".to_owned(),
        },
    };
    let head = |name: &str| format!("{name} {}", attempt.number);
    Some(format!("{:<10}{tokens}, {known}\n{:<10}{money}\n", head("tokens"), head("cost")))
}

/// A step for machines.
pub(super) fn step_json(step: &TraceRow, began_ms: i64) -> Value {
    json!({ "at": iso(step.at_ms), "after_ms": step.at_ms.saturating_sub(began_ms), "step": step.step, "attempt": step.attempt,
        "upstream": step.upstream, "account": step.account, "model": step.model, "reason": step.reason,
        "scope": step.scope, "action": step.action, "wait_ms": step.wait_ms, "position": step.position, "said": step.said })
}
