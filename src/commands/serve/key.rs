//! `monster serve key`: keys for those who call, and what each may do.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use clap::{Args, Subcommand, ValueEnum};
use globset::Glob;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use crate::auth::quoted;
use crate::commands::accounts::fit;
use crate::commands::context::Context;
use crate::commands::error::{CommandError, Exit, Outcome};
use crate::commands::show::moment;
use crate::model::{NanoUsd, Secret};
use crate::secrets::{Mode, Restore};
use crate::store::{CallerRow, KeyHash, Permit, SpentBy, SpentFilter, Store};
use crate::ui::{Table, plain};
use crate::world::{clock, random};

/// Keys of ours begin with this, so that people and scanners know one where they see it.
const PREFIX: &str = "mk_";
/// A key that a person chose is at least so long.
const SHORTEST: usize = 24;
/// And at most so long: headers of more are refused by some clients.
const LONGEST: usize = 1_024;
/// Requests in a minute and at once have at most this limit.
const MOST: i64 = 100_000;

#[derive(Debug, Subcommand)]
pub(super) enum Key {
    /// Make a key and print it, once.
    #[command(
        after_help = "Examples:\n  monster serve key add editor\n  monster serve key add agent --models 'gpt-*' --models 'anthropic/*' --per-minute 60 --at-once 4 --day 5 --secrets block\n  pass show proxy | monster serve key add laptop --stdin\n\n--secrets, said here, holds for requests with this key in the place of redact.mode. Only the hash of a key is kept."
    )]
    Add(Add),
    /// Show every key: what it may do, what it has cost, when it was last used.
    List,
    /// Change what a key may do; what is not named stays.
    #[command(
        after_help = "Examples:\n  monster serve key change agent --day 10\n  monster serve key change agent --reset models --reset secrets\n\nWhat is changed holds for requests that come two seconds later, without a restart."
    )]
    Change(Change),
    /// Forget a key: nobody comes in with it any more.
    Remove {
        /// Its name.
        name: String,
    },
}

#[derive(Debug, Args)]
pub(super) struct Add {
    /// What to call it; the ledger calls its requests serve/NAME.
    name: String,
    /// Take the key from standard input instead of making one: at least 24 characters, no spaces.
    #[arg(long)]
    stdin: bool,
    #[command(flatten)]
    limits: Limits,
}

#[derive(Debug, Args)]
pub(super) struct Change {
    /// Its name.
    name: String,
    #[command(flatten)]
    limits: Limits,
    /// Take a limit away, or let settings say again; may be given several times.
    #[arg(long, value_name = "WHAT")]
    reset: Vec<Limit>,
}

/// What can be said of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Limit {
    Models,
    PerMinute,
    AtOnce,
    Day,
    Month,
    Secrets,
    Restore,
}

#[derive(Debug, Default, Args)]
struct Limits {
    /// Only these models: names as they are asked for or UPSTREAM/MODEL, with * for any text; may be given several times.
    #[arg(long, value_name = "GLOB", value_parser = glob)]
    models: Vec<String>,
    /// Most requests in a minute.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=MOST), allow_negative_numbers = true)]
    per_minute: Option<u32>,
    /// Most requests at once.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=MOST), allow_negative_numbers = true)]
    at_once: Option<u32>,
    /// Most that its requests may cost in a day, in dollars.
    #[arg(long, value_name = "USD", value_parser = amount, allow_negative_numbers = true)]
    day: Option<NanoUsd>,
    /// Most that its requests may cost in a month, in dollars.
    #[arg(long, value_name = "USD", value_parser = amount, allow_negative_numbers = true)]
    month: Option<NanoUsd>,
    /// Where placeholders become the caller's own secrets again, in the place of serve.restore: off, text, tools.
    #[arg(long, value_name = "MODE", value_parser = restore)]
    restore: Option<Restore>,
}

fn glob(text: &str) -> Result<String, String> {
    let fits = !text.trim().is_empty() && !text.contains(char::is_control);
    match Glob::new(text) {
        Ok(_) if fits => Ok(text.trim().to_owned()),
        Ok(_) => Err("a name or a pattern such as 'gpt-*' or 'anthropic/*'".to_owned()),
        Err(error) => Err(error.kind().to_string()),
    }
}

fn amount(text: &str) -> Result<NanoUsd, String> {
    let number: Option<f64> = text.trim_start_matches('$').parse().ok();
    number.and_then(NanoUsd::from_dollars).ok_or_else(|| "an amount of 0 or more, such as 5 or 0.50".to_owned())
}

fn restore(text: &str) -> Result<Restore, String> {
    Restore::parse(text).ok_or_else(|| "one of off, text, tools".to_owned())
}

impl Limits {
    /// What a key may do after this was said of it. `secrets` is the flag that every command has.
    fn upon(self, before: Permit, secrets: Option<Mode>) -> Permit {
        Permit {
            models: if self.models.is_empty() { before.models } else { self.models },
            per_minute: self.per_minute.or(before.per_minute),
            at_once: self.at_once.or(before.at_once),
            day: self.day.or(before.day),
            month: self.month.or(before.month),
            secrets: secrets.map(|mode| mode.name().to_owned()).or(before.secrets),
            restore: self.restore.map(|mode| mode.name().to_owned()).or(before.restore),
        }
    }
}

fn reset(mut permit: Permit, limits: &[Limit]) -> Permit {
    for limit in limits {
        match limit {
            Limit::Models => permit.models.clear(),
            Limit::PerMinute => permit.per_minute = None,
            Limit::AtOnce => permit.at_once = None,
            Limit::Day => permit.day = None,
            Limit::Month => permit.month = None,
            Limit::Secrets => permit.secrets = None,
            Limit::Restore => permit.restore = None,
        }
    }
    permit
}

impl Key {
    pub(super) fn run(self, context: &Context) -> Outcome {
        match self {
            Self::Add(add) => add.run(context),
            Self::List => list(context),
            Self::Change(change) => change.run(context),
            Self::Remove { name } => remove(context, &name),
        }
    }
}

impl Add {
    fn run(self, context: &Context) -> Outcome {
        fit(&self.name).map_err(|error| CommandError { what: error.what.replace("an account", "a key"), ..error })?;
        let permit = self.limits.upon(Permit::default(), context.globals.secrets);
        let store = context.kept()?;
        // Looked at before a key is read or made: nobody should have to give his own twice.
        if store.callers()?.iter().any(|row| row.name == self.name) {
            return Err(taken(&self.name));
        }
        let made = if self.stdin { None } else { Some(draw()?) };
        let key = match &made {
            Some(key) => Secret::new(key.clone()),
            None => Secret::new(given(context)?),
        };
        if !store.add_caller(&self.name, KeyHash::of(&key), permit.clone())? {
            let what = "the key is not kept: a key of this name, or this very key, is there already";
            return Err(CommandError::new(Exit::Failed, what).hint("see every key: monster serve key list"));
        }
        looser(context, &permit);
        if context.ui.look().json {
            context.ui.json(&json!({ "schema": "monster.serve.key/1", "name": self.name, "key": made,
                "permit": shown(&permit) }))?;
            return Ok(Exit::Done);
        }
        match &made {
            Some(key) => {
                context.ui.out(key)?;
                let name = quoted(&self.name);
                context.ui.status(&format!("this is the key {name}. It is shown this once: only its hash is kept."));
            }
            None => context.ui.out(&plain(&format!("{} may come in with this key", self.name)))?,
        }
        Ok(Exit::Done)
    }
}

impl Change {
    fn run(self, context: &Context) -> Outcome {
        let store = context.kept()?;
        let row = store.callers()?.into_iter().find(|row| row.name == self.name).ok_or_else(|| absent(&self.name))?;
        let permit = self.limits.upon(reset(row.permit.clone(), &self.reset), context.globals.secrets);
        if permit == row.permit {
            return Err(CommandError::new(Exit::Nothing, "that is what the key may do already")
                .hint("see what can be changed: monster serve key change --help"));
        }
        if !store.change_caller(&self.name, permit.clone())? {
            return Err(absent(&self.name));
        }
        looser(context, &permit);
        if context.ui.look().json {
            context
                .ui
                .json(&json!({ "schema": "monster.serve.key/1", "name": self.name, "permit": shown(&permit) }))?;
        } else {
            let may = cells(&permit).join(", ");
            context.ui.out(&plain(&format!("{}: {}", self.name, if may.is_empty() { "no limits" } else { &may })))?;
        }
        Ok(Exit::Done)
    }
}

fn remove(context: &Context, name: &str) -> Outcome {
    if !context.kept()?.remove_caller(name)? {
        return Err(absent(name));
    }
    if context.ui.look().json {
        context.ui.json(&json!({ "schema": "monster.serve.key/1", "name": name, "removed": true }))?;
    } else {
        context.ui.out(&plain(&format!("nobody comes in with the key {name} any more")))?;
    }
    Ok(Exit::Done)
}

fn list(context: &Context) -> Outcome {
    let store = context.kept()?;
    let rows = store.callers()?;
    let spent = spent(&store, context)?;
    let cost = |row: &CallerRow| spent.iter().find(|(caller, _)| *caller == row.caller()).and_then(|(_, cost)| *cost);
    if context.ui.look().json {
        let time = |ms: i64| jiff::Timestamp::from_millisecond(ms).ok().map(|at| at.to_string());
        let one = |row: &CallerRow| {
            json!({ "name": row.name, "created": time(row.made_ms), "used": row.used_ms.and_then(time),
                "permit": shown(&row.permit), "caller": row.caller(),
                "spent_this_month_nano_usd": cost(row).map(|cost| cost.0) })
        };
        let keys: Vec<Value> = rows.iter().map(one).collect();
        context.ui.json(&json!({ "schema": "monster.serve.keys/1", "keys": keys }))?;
        return Ok(Exit::Done);
    }
    if rows.is_empty() {
        context.ui.out("no keys")?;
        context.ui.hint("make one with: monster serve key add NAME");
        return Ok(Exit::Done);
    }
    let mut table = Table::new(&["key", "made", "last used", ">this month", "limits"]);
    for row in &rows {
        let used = row.used_ms.map_or_else(|| "never".to_owned(), moment);
        let cost = cost(row).map_or_else(String::new, |cost| cost.to_string());
        table.row([row.name.clone(), moment(row.made_ms), used, cost, cells(&row.permit).join(", ")]);
    }
    context.ui.out(&table.render())?;
    Ok(Exit::Done)
}

/// What each caller has cost this month; `None` where nothing is priced.
fn spent(store: &Store, context: &Context) -> Result<Vec<(String, Option<NanoUsd>)>, CommandError> {
    let since_ms = context.clock.month_start().as_millisecond();
    let zone: TimeZone = clock::zone();
    let filter = SpentFilter { since_ms, repo: None, account: None, model: None, zone };
    let spent = store.spent(&filter, SpentBy::Command)?;
    Ok(spent.rows.into_iter().map(|row| (row.key, row.sum.cost())).collect())
}

/// A new key: 256 random bits.
fn draw() -> Result<String, CommandError> {
    let bytes = random::bytes::<32>().map_err(|e| CommandError::of(Exit::Failed, &e))?;
    Ok(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes)))
}

/// A key of the user's own. It is never repeated.
fn given(context: &Context) -> Result<String, CommandError> {
    let key = context.stdin_text("the key")?.trim().to_owned();
    let wrong = if key.chars().count() < SHORTEST {
        "it has fewer than 24 characters"
    } else if key.len() > LONGEST {
        "it is longer than 1024 bytes"
    } else if !key.bytes().all(|b| b.is_ascii_graphic()) {
        "it holds spaces, or characters that no header can carry"
    } else {
        return Ok(key);
    };
    let error = CommandError::new(Exit::Usage, format!("that cannot be a key: {wrong}"));
    Err(error.hint("leave --stdin out, and monster makes one"))
}

/// Says so where nothing is masked in requests with this key.
fn looser(context: &Context, permit: &Permit) {
    if let Some(mode) = permit.secrets.as_deref().filter(|mode| matches!(*mode, "off" | "warn")) {
        context.ui.warn(&format!("secrets in requests with this key are not masked ({mode})"));
    }
}

fn taken(name: &str) -> CommandError {
    CommandError::new(Exit::Failed, format!("there is a key called {name}")).hint(format!(
        "change what it may do with: monster serve key change {0}; or remove it first: monster serve key remove {0}",
        quoted(name)
    ))
}

fn absent(name: &str) -> CommandError {
    CommandError::new(Exit::Failed, format!("there is no key called {name}"))
        .hint("see every key: monster serve key list")
}

/// What a key may do, for people; nothing where nothing is said.
fn cells(permit: &Permit) -> Vec<String> {
    let mut out = Vec::new();
    if !permit.models.is_empty() {
        out.push(format!("only {}", permit.models.join(" ")));
    }
    out.extend(permit.per_minute.map(|most| format!("{most} a minute")));
    out.extend(permit.at_once.map(|most| format!("{most} at once")));
    out.extend(permit.day.map(|most| format!("{most:#} a day")));
    out.extend(permit.month.map(|most| format!("{most:#} a month")));
    out.extend(permit.secrets.as_ref().map(|mode| format!("secrets {mode}")));
    out.extend(permit.restore.as_ref().map(|mode| format!("restore {mode}")));
    out
}

/// The same for programs.
fn shown(permit: &Permit) -> Value {
    let money = |amount: Option<NanoUsd>| amount.map(|amount| amount.0);
    json!({ "models": permit.models, "per_minute": permit.per_minute, "at_once": permit.at_once,
        "day_nano_usd": money(permit.day), "month_nano_usd": money(permit.month), "secrets": permit.secrets,
        "restore": permit.restore })
}
