//! `monster route explain`: what would be chosen now for a model, and what would not and why.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::context::Context;
use super::error::{Exit, Outcome};
use super::show::{count, counted, moment};
use crate::auth::Why;
use crate::client::{Choice, Client, Explained, Route, State};
use crate::model::{IN_WORDS, ModelName, NanoUsd, Purpose};
use crate::store::CoolDown;
use crate::ui::{Table, plain};

#[derive(Debug, Args)]
pub(super) struct Routes {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Say what would be chosen now for a model, in order, with price, and what would be skipped and why. Nothing is
    /// sent.
    #[command(
        after_help = "Examples:\n  monster route explain smart\n  monster route explain 'openai/gpt-5.5(high)' --tokens 200000\n  monster route explain fast --max-cost 0.05 --json"
    )]
    Explain {
        /// A role, an alias or pool of yours, a model, UPSTREAM/MODEL, or several separated by commas, each with an
        /// effort in parentheses if you like; what --model and your settings say when left out.
        model: Option<String>,
        /// Size of the prompt.
        #[arg(long, value_name = "N", default_value_t = 0)]
        tokens: u64,
    },
}

impl Routes {
    /// Does it.
    pub(super) fn run(self, context: &Context) -> Outcome {
        let Action::Explain { model, tokens } = self.action;
        let asked = model.map_or_else(|| context.model("balanced"), ModelName);
        context.block_on(async {
            let client = context.connect(&asked, false).await?;
            let told = client.explain(&asked, context.effort(Purpose::Ask), tokens, None)?;
            if context.ui.look().json {
                context.ui.json(&as_json(&client, &asked, &told))?;
            } else {
                print(context, &client, &told)?;
            }
            Ok(if told.chosen().is_some() { Exit::Done } else { Exit::NoModel })
        })
    }
}

fn print(context: &Context, client: &Client, told: &Explained) -> std::io::Result<()> {
    let ui = &context.ui;
    for step in &told.steps {
        ui.out(&plain(&format!("{}: {}", step.name, step.means)))?;
    }
    let mut table = Table::new(&[">#", "model", "account", ">$ in/M", ">$ out/M", ">window", "effort", "why", "now"]);
    let chosen = told.chosen();
    for (n, choice) in told.choices.iter().enumerate() {
        let route = &choice.route;
        let prices = route.card.prices;
        let price = |p: Option<u64>| match p {
            _ if route.local() => "local".to_owned(),
            Some(p) => format!("{:.2}", NanoUsd(p).dollars()),
            None => "unknown".to_owned(),
        };
        table.row([
            (n + 1).to_string(),
            route.name(),
            route.account().to_owned(),
            price(prices.and_then(|p| p.input)),
            price(prices.and_then(|p| p.output)),
            route.window().map_or_else(|| "unknown".to_owned(), count),
            match choice.effort.as_deref() {
                None => "the model's own".to_owned(),
                Some(IN_WORDS) => "in words".to_owned(),
                Some(level) => level.to_owned(),
            },
            why(client, told, choice),
            if chosen == Some(n) { now(choice, "is asked") } else { now(choice, "ready") },
        ]);
    }
    ui.out(&table.render())?;
    if told.in_line > 0 {
        ui.out(&format!("{} in line for these routes; see who with: monster quota", counted(told.in_line, "request")))?;
    }
    for (name, reason) in &told.left_out {
        ui.out(&plain(&format!("not asked: {name}: {reason}")))?;
    }
    for warning in &told.warnings {
        ui.warn(warning);
    }
    for line in sources(client, told) {
        ui.status(&line);
    }
    if told.chosen().is_none() {
        ui.warn("nothing would be asked now");
        if let Some(soonest) = soonest(told) {
            ui.hint(&soonest);
        }
    }
    Ok(())
}

/// Why a route stands where it stands.
fn why(client: &Client, told: &Explained, choice: &Choice) -> String {
    let route = &choice.route;
    let several = told.choices.iter().filter(|c| c.route.name() == route.name()).count() > 1;
    let mut parts = vec![match route.rank.why {
        _ if route.credential.is_none() => "no account is needed".to_owned(),
        Why::Alone if several => "by priority".to_owned(),
        Why::Alone => "the only account".to_owned(),
        Why::Pinned => match client.landscape.standing.pin(&route.upstream.name).and_then(|(_, until)| until) {
            Some(until) => format!("pinned until {}", moment(until)),
            None => "pinned".to_owned(),
        },
        Why::Bound => "this conversation's".to_owned(),
        Why::Stored => "in the order of storing".to_owned(),
        Why::Turn(0) => "its turn is next".to_owned(),
        Why::Turn(n) => format!("its turn is in {n}"),
        Why::Share(mine, whole) => format!("share {mine} of {whole}, drawn each time"),
        Why::Used(tokens, attempts) => {
            format!(
                "{} tokens in {} in 5 h",
                count(tokens),
                counted(usize::try_from(attempts).unwrap_or(usize::MAX), "attempt")
            )
        }
        Why::Resets(at) => format!("its window ends {}", moment(at)),
        Why::NoReset => "no end of its window is known".to_owned(),
        Why::Empty(at) => format!("nothing is left until {}", moment(at)),
        Why::Draining => "drained".to_owned(),
        Why::SignedOut => "signed out".to_owned(),
    }];
    if let Some(priority) = route.credential.as_ref().map(|c| c.priority).filter(|p| *p != 0) {
        parts.push(format!("priority {priority}"));
    }
    if choice.bound > 0 {
        parts.push(format!("{} bound to it", counted(choice.bound, "conversation")));
    }
    parts.join(", ")
}

/// How it stands now; `open` is the word for one that may be asked.
fn now(choice: &Choice, open: &str) -> String {
    match &choice.state {
        State::Ready => open.to_owned(),
        State::Try(cool) => format!("{open}, to see whether it is over: {}", cause(cool)),
        State::Cooling { cool, .. } if !cool.waits => format!("asked last, for waiting does not help: {}", cause(cool)),
        State::Cooling { cool, until_ms } if *until_ms > cool.until_ms => {
            format!("another request tries now whether it is over: {}", cause(cool))
        }
        State::Cooling { cool, until_ms } if *until_ms < cool.until_ms => {
            format!("cools until {}, one may try at {}: {}", moment(cool.until_ms), moment(*until_ms), cause(cool))
        }
        State::Cooling { cool, .. } => format!("cools until {}: {}", moment(cool.until_ms), cause(cool)),
        State::Lacks(why) => format!("skipped: {why}"),
        State::TooSmall(window) => format!("skipped: the window holds {window} tokens"),
        State::TooDear(most) => format!("skipped: it may cost {most}"),
        State::OverBudget(what) => format!("skipped: {what}"),
        State::Unpriced(limit) => format!("skipped: its price is not known, so {limit:#} cannot be kept"),
        State::Drained(how) => format!("skipped: {how}"),
        State::SignedOut(again) => format!("skipped: sign in again with: {again}"),
        State::NoFallback => "skipped: --no-fallback".to_owned(),
    }
}

fn cause(cool: &CoolDown) -> String {
    format!("{} (seen by {} at {})", cool.cause, cool.source, moment(cool.set_ms))
}

/// Where the prices come from and how old they are, each once.
fn sources(client: &Client, told: &Explained) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for choice in &told.choices {
        if let Some((source, day)) = source(client, &choice.route) {
            let day = day.map(|day| format!(" as of {day}")).unwrap_or_default();
            out.push(format!("prices of {}{day}: {source}", choice.route.upstream.name));
        }
    }
    out.sort();
    out.dedup();
    out
}

/// Where a route's price comes from, and the day it was read.
fn source(client: &Client, route: &Route) -> Option<(String, Option<String>)> {
    if route.local() {
        return None;
    }
    if route.upstream.models.iter().any(|m| m.id == route.card.id && m.prices.is_some()) {
        return Some(("your settings".to_owned(), None));
    }
    let known = client.catalog.provenance(&route.card.provider, &route.card.id)?;
    route.card.prices.map(|_| (known.source.to_owned(), Some(known.checked.unwrap_or(known.as_of).to_owned())))
}

fn soonest(told: &Explained) -> Option<String> {
    let cooling = told.choices.iter().filter_map(|c| match &c.state {
        State::Cooling { until_ms, cool } if cool.waits => Some((*until_ms, c.route.name())),
        _ => None,
    });
    let (at, name) = cooling.min()?;
    Some(format!("{name} may be tried at {}; end the cool-down with: monster accounts wake", moment(at)))
}

fn as_json(client: &Client, asked: &ModelName, told: &Explained) -> Value {
    let stamp = |ms: i64| jiff::Timestamp::from_millisecond(ms).map(|t| t.to_string()).ok();
    let chosen = told.chosen();
    let routes: Vec<Value> = told
        .choices
        .iter()
        .enumerate()
        .map(|(n, choice)| {
            let route = &choice.route;
            let (word, cool, try_ms) = state(choice);
            let usd = |pick: fn(crate::model::Prices) -> Option<u64>| {
                route.card.prices.and_then(pick).map(|p| NanoUsd(p).dollars())
            };
            let (source, day) = source(client, route).unzip();
            json!({
                "name": route.name(), "upstream": route.upstream.name, "model": route.card.id, "account": route.account(),
                "chosen": chosen == Some(n), "local": route.local(), "window": route.window(),
                "usd_per_million": { "input": usd(|p| p.input), "output": usd(|p| p.output), "source": source,
                    "as_of": day.flatten() },
                "most_usd": choice.most.map(NanoUsd::dollars), "effort": choice.effort,
                "why": why(client, told, choice), "priority": route.credential.as_ref().map(|c| c.priority),
                "conversations": choice.bound, "state": word, "now": now(choice, "ready"),
                "cool_down": cool.map(|c| json!({ "covers": c.key, "until": stamp(c.until_ms), "since": stamp(c.set_ms),
                    "cause": c.cause, "seen_by": c.source, "next_try": try_ms.and_then(stamp) })),
            })
        })
        .collect();
    let steps: Vec<Value> = told.steps.iter().map(|s| json!({ "name": s.name, "means": s.means })).collect();
    let left: Vec<Value> = told.left_out.iter().map(|(name, why)| json!({ "name": name, "why": why })).collect();
    json!({ "schema": "monster.route/1", "asked": asked.0, "names": steps, "routes": routes, "left_out": left,
        "warnings": told.warnings, "in_line": told.in_line, "chosen": chosen.map(|n| told.choices[n].route.name()) })
}

/// One word for a state, what cools down, and when something may be tried next (milliseconds since 1970).
fn state(choice: &Choice) -> (&'static str, Option<&CoolDown>, Option<i64>) {
    match &choice.state {
        State::Ready => ("ready", None, None),
        State::Try(cool) => ("try", Some(cool), None),
        State::Cooling { cool, until_ms } if cool.waits => ("cooling", Some(cool), Some(*until_ms)),
        State::Cooling { cool, until_ms } => ("asked last", Some(cool), Some(*until_ms)),
        State::Lacks(_) => ("unable", None, None),
        State::TooSmall(_) => ("window too small", None, None),
        State::TooDear(_) => ("too dear", None, None),
        State::OverBudget(_) => ("over budget", None, None),
        State::Unpriced(_) => ("unpriced", None, None),
        State::Drained(_) => ("drained", None, None),
        State::SignedOut(_) => ("signed out", None, None),
        State::NoFallback => ("no fallback", None, None),
    }
}
