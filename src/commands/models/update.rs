//! `monster models update`: a newer list from models.dev, LiteLLM or wherever the settings say, held against what is
//! known before it is believed; then what the providers list to the connected accounts.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::Context;
use super::{accounts, lists};
use crate::catalog::{Catalog, Changed, Feed, Format, Verdict, read_feed};
use crate::client::{Limits, fetch};
use crate::commands::error::{CommandError, Exit, Outcome};
use crate::model::{NanoUsd, Prices};
use crate::net::Net;
use crate::providers::provider;
use crate::world::files;

/// More changes than this are counted, not shown.
const SHOWN: usize = 20;

#[derive(Debug, Args)]
pub(super) struct Update {
    /// Fetch this list instead of the one in models.url.
    #[arg(long, value_name = "URL")]
    from: Option<String>,
    /// Fetch from where its owner publishes it: models.dev or litellm.
    #[arg(long, value_name = "NAME", conflicts_with = "from", value_parser = format)]
    source: Option<Format>,
    /// Take it only if its SHA-256 is this, in hex.
    #[arg(long, value_name = "HEX", value_parser = hex)]
    sha256: Option<String>,
    /// Ask only what the providers list to the connected accounts.
    #[arg(long, conflicts_with_all = ["from", "source", "sha256"])]
    accounts: bool,
    /// Show what would change, and keep nothing.
    #[arg(long)]
    check: bool,
}

fn format(text: &str) -> Result<Format, String> {
    Format::ALL.into_iter().find(|f| f.name() == text).ok_or_else(|| "one of models.dev, litellm".to_owned())
}

fn hex(text: &str) -> Result<String, String> {
    let whole = text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit());
    if whole { Ok(text.to_ascii_lowercase()) } else { Err("64 hexadecimal digits".to_owned()) }
}

impl Update {
    /// Fetches, judges, keeps.
    pub(super) fn run(self, context: &Context) -> Outcome {
        let url = self.url(context);
        if context.offline() {
            return Err(CommandError::new(Exit::Failed, "nothing is fetched while offline is set")
                .hint("leave out --offline, or see: monster config explain offline"));
        }
        if let Some(problem) = context.loaded().unsafe_to_call() {
            return Err(CommandError::new(Exit::Failed, problem).hint("mend it with: monster config edit"));
        }
        if self.accounts {
            let (asked, locked) = accounts::ask(context, self.check, true)?;
            if context.ui.look().json {
                let accounts = accounts::as_json(&asked);
                let told = json!({ "schema": "monster.models_update/1", "accounts": accounts, "locked": locked });
                context.ui.json(&told)?;
            } else {
                accounts::told(context, &asked)?;
            }
            // Somebody who asked for nothing else wants to know.
            let none = !asked.is_empty() && asked.iter().all(|a| a.failure.is_some());
            return Ok(if none || locked { Exit::Failed } else { Exit::Done });
        }
        let bytes = get(context, &url)?;
        let sha256: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        if let Some(wanted) = self.sha256.as_ref().filter(|wanted| **wanted != sha256) {
            let mut error = CommandError::new(Exit::Failed, format!("what came from {url} is another file"));
            error.causes.push(format!("its SHA-256 is {sha256}, and --sha256 says {wanted}"));
            return Err(
                error.hint("nothing was changed; see whether the list has a newer version, or leave out --sha256")
            );
        }
        let ours = |id: &str| provider(id).is_some_and(|p| !p.local());
        let refused = |why: &dyn std::fmt::Display| {
            let mut error = CommandError::new(Exit::Failed, format!("the list at {url} is not taken"));
            error.causes.push(why.to_string());
            error.hint("nothing was changed; another list: monster models update --source models.dev, or --from URL")
        };
        let (format, models) = read_feed(&bytes, &ours).map_err(|e| refused(&e))?;
        let before = lists::fetched(context);
        let mut feed = Feed::new(format, &url, context.clock.now(), sha256, models);
        let known = match &before {
            Some(before) => Catalog::embedded().clone().with_feed(before),
            None => Catalog::embedded().clone(),
        };
        let verdict = feed.judge(&known, before.as_ref());
        if let Some(why) = &verdict.refused {
            return Err(refused(why));
        }
        let kept = if self.check { None } else { Some(keep(context, &feed)?) };
        let (asked, _) = accounts::ask(context, self.check, false)?;
        if context.ui.look().json {
            let mut told = as_json(&feed, &verdict, kept.as_ref());
            told["accounts"] = accounts::as_json(&asked);
            context.ui.json(&told)?;
            return Ok(Exit::Done);
        }
        told(context, &feed, &verdict, kept.as_ref())?;
        accounts::told(context, &asked)?;
        Ok(Exit::Done)
    }

    fn url(&self, context: &Context) -> String {
        let named = self.from.clone().or_else(|| self.source.map(|format| format.url().to_owned()));
        named.unwrap_or_else(|| context.config().models_url.clone())
    }
}

fn get(context: &Context, url: &str) -> Result<Vec<u8>, CommandError> {
    let settings = &context.config().net;
    let limits = Limits {
        first_byte: Duration::from_secs(settings.first_byte_timeout),
        idle: Duration::from_secs(settings.idle_timeout),
    };
    let net = Net::new(settings.clone());
    context.block_on(async {
        fetch(&net, limits, url, lists::LARGEST).await.map_err(|failure| {
            let mut error = CommandError::new(Exit::Failed, format!("{url} could not be fetched"));
            error.causes.push(failure.message);
            error.hint("nothing was changed; another address: monster config set models.url URL, or --from URL")
        })
    })
}

/// Writes the list where commands look for it; the one before stays beside it.
fn keep(context: &Context, feed: &Feed) -> Result<PathBuf, CommandError> {
    let state = context.state_dir()?;
    let path = lists::kept(&state);
    let failed = |error: std::io::Error| {
        let mut failed = CommandError::new(Exit::Failed, format!("{} could not be written", path.display()));
        failed.causes.push(error.to_string());
        failed.hint("nothing was changed")
    };
    files::private_dir(&state).map_err(failed)?;
    // A damaged list is not worth keeping.
    if let Some(before) = lists::fetched(context) {
        files::replace(&lists::previous(&state), before.text().as_bytes(), 0o600).map_err(failed)?;
    }
    files::replace(&path, feed.text().as_bytes(), 0o600).map_err(failed)?;
    Ok(path)
}

fn told(context: &Context, feed: &Feed, verdict: &Verdict, kept: Option<&PathBuf>) -> Outcome {
    let ui = &context.ui;
    ui.out(&format!(
        "{} models, {} of them priced, in the format of {}",
        feed.models.len(),
        feed.priced(),
        feed.format.name()
    ))?;
    let rows = |title: &str, changes: &[Changed]| -> std::io::Result<()> {
        if changes.is_empty() {
            return Ok(());
        }
        ui.out(title)?;
        for change in changes.iter().take(SHOWN) {
            ui.out(&format!("  {}: {} -> {}", change.model, spelled(change.before), spelled(change.after)))?;
        }
        if changes.len() > SHOWN {
            ui.out(&format!("  and {} more; all of them with --json", changes.len() - SHOWN))?;
        }
        Ok(())
    };
    rows("changed, in and out, dollars per million tokens:", &verdict.changed)?;
    rows("left out, because it moved by more than ten times:", &verdict.left_out)?;
    ui.out(&match (verdict.changed.len(), verdict.added) {
        (0, 0) => "no price changed, and no model is new".to_owned(),
        (changed, added) => {
            let prices = if changed == 1 { "price" } else { "prices" };
            let (models, are) = if added == 1 { ("model", "is") } else { ("models", "are") };
            format!("{changed} {prices} changed, {added} {models} {are} new")
        }
    })?;
    ui.status(&format!("fetched from {}", feed.url));
    ui.status(&format!("sha256 {}", feed.sha256));
    match kept {
        Some(path) => ui.status(&format!("kept in {}", path.display())),
        None => ui.status("nothing was kept (--check)"),
    }
    Ok(Exit::Done)
}

/// `5.00 / 30.00`.
fn spelled(prices: Prices) -> String {
    let of = |price: Option<u64>| price.map_or_else(|| "unknown".to_owned(), super::list::dollars);
    format!("{} / {}", of(prices.input), of(prices.output))
}

fn as_json(feed: &Feed, verdict: &Verdict, kept: Option<&PathBuf>) -> Value {
    let price = |p: Option<u64>| p.map(|n| NanoUsd(n).dollars());
    let prices = |p: Prices| json!({ "input": price(p.input), "output": price(p.output) });
    let changes = |list: &[Changed]| -> Value {
        list.iter().map(|c| json!({ "model": c.model, "before": prices(c.before), "after": prices(c.after) })).collect()
    };
    json!({ "schema": "monster.models_update/1", "url": feed.url, "format": feed.format.name(),
        "fetched_at": feed.fetched_at, "as_of": feed.as_of, "sha256": feed.sha256, "models": feed.models.len(),
        "priced": feed.priced(), "added": verdict.added, "changed": changes(&verdict.changed),
        "left_out": changes(&verdict.left_out), "kept": kept.map(|p| p.display().to_string()) })
}
