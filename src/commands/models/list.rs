//! `monster models list`: what the connected accounts and local servers can serve, with window, price and abilities.

use clap::Args;
use serde_json::{Value, json};

use super::Context;
use crate::catalog::{Catalog, Layer, Provenance, Role};
use crate::client::{CallError, Route, upstreams};
use crate::commands::error::{CommandError, Exit, MEND, Outcome};
use crate::commands::show;
use crate::model::{Control, Effort, ModelCard, ModelName, NanoUsd};
use crate::providers::provider;
use crate::ui::Table;

#[derive(Debug, Args, Default)]
pub(super) struct List {
    /// Only this provider's.
    provider: Option<String>,
    /// Also models of providers that are not connected.
    #[arg(long)]
    all: bool,
}

impl List {
    /// Lists.
    pub(super) fn run(&self, context: &Context) -> Outcome {
        let catalog = context.catalog();
        let client = context.block_on(async { context.connect(&ModelName::any(), false).await })?;
        let mut rows: Vec<(Option<Route>, ModelCard, String)> = Vec::new();
        for upstream in &client.landscape.upstreams {
            for route in client.landscape.served_by(upstream, catalog) {
                rows.push((Some(route.clone()), (*route.card).clone(), upstream.name.clone()));
            }
        }
        if self.all {
            for card in catalog.all().filter(|c| provider(&c.provider).is_some()) {
                if !rows.iter().any(|(_, c, _)| c.id == card.id && c.provider == card.provider) {
                    rows.push((None, card.clone(), card.provider.clone()));
                }
            }
        }
        if let Some(only) = &self.provider {
            let known = upstreams(context.config(), &context.env);
            let there = &client.landscape.upstreams;
            if provider(only).is_none() && known.iter().chain(there.iter().map(|u| &**u)).all(|u| u.name != *only) {
                let lost = CommandError::lost(only, &client.landscape.lost);
                return Err(lost.unwrap_or_else(|| CommandError::stranger(only, known.iter().map(|u| u.name.as_str()))));
            }
            rows.retain(|(_, card, upstream)| card.provider == *only || upstream == only);
        }
        let roles = |id: &str, provider: &str| -> Vec<&'static str> {
            Role::ALL
                .iter()
                .filter(|r| catalog.role(**r).iter().take(3).any(|c| c.id == id && c.provider == provider))
                .map(|r| r.name())
                .collect()
        };
        if context.ui.look().json {
            let models: Vec<_> = rows
                .iter()
                .map(|(route, card, upstream)| {
                    json!({ "name": format!("{upstream}/{}", card.id), "provider": card.provider, "maker": card.maker.0,
                        "connected": route.is_some(), "local": card.local, "context": card.context, "max_output": card.max_output,
                        "reasoning": card.reasoning.control != Control::None,
                        "efforts": card.reasoning.efforts.iter().map(|e| e.name()).collect::<Vec<_>>(),
                        "default_effort": card.reasoning.default_effort.map(Effort::name),
                        "tools": card.tools, "forced_tools": card.forced, "images": card.images,
                        "documents": card.documents, "structured": card.structured, "sampling": card.sampling,
                        "dialects": card.dialects.iter().map(|d| d.name()).collect::<Vec<_>>(),
                        "shutdown": card.shutdown, "roles": roles(&card.id, &card.provider),
                        "usd_per_million": prices(card), "prices_from": from_json(catalog, card, context),
                        "context_from": window_json(catalog, card, context) })
                })
                .collect();
            context
                .ui
                .json(&json!({ "schema": "monster.models/1", "catalog_as_of": catalog.as_of(), "models": models }))?;
            return Ok(Exit::Done);
        }
        if let (true, Some(locked)) = (rows.is_empty(), &client.landscape.locked) {
            return Err(CallError::from(locked.clone()).into());
        }
        if rows.is_empty() {
            let (what, name) = match &self.provider {
                Some(only) => (format!("{only} is not connected"), format!(" {only}")),
                None => ("nothing is connected".to_owned(), String::new()),
            };
            // Whoever has named an upstream needs no other connection, but that one.
            if let Some(lost) = self.provider.as_ref().and_then(|only| CommandError::lost(only, &client.landscape.lost))
            {
                return Err(lost);
            }
            let lost = client.landscape.lost.iter().filter(|_| self.provider.is_none());
            let lost: Vec<&str> = lost.map(|(name, _)| name.as_str()).collect();
            if !lost.is_empty() {
                let what = format!("the settings of {} cannot be read", lost.join(" and "));
                context.ui.out(&format!("no models: {what}"))?;
                client.landscape.lost.iter().for_each(|(_, why)| context.ui.hint(why));
                context.ui.hint(MEND);
                return Ok(Exit::Done);
            }
            context.ui.out(&format!("no models: {what}"))?;
            context.ui.hint(&format!(
                "connect one with: monster login{name}; see all that are known with: monster models list{name} --all"
            ));
            return Ok(Exit::Done);
        }
        let mut table = Table::new(&[
            "model",
            "maker",
            ">window",
            ">$ in/M",
            ">$ out/M",
            "prices from",
            "thinks",
            "takes",
            "good for",
        ]);
        for (_, card, upstream) in &rows {
            let price = |p: Option<u64>| match p {
                _ if card.local => "local".to_owned(),
                Some(p) => dollars(p),
                None => "unknown".to_owned(),
            };
            let window = card.context.map_or_else(|| "unknown".to_owned(), show::count);
            table.row([
                format!("{upstream}/{}", card.id),
                card.maker.to_string(),
                window,
                price(card.prices.and_then(|p| p.input)),
                price(card.prices.and_then(|p| p.output)),
                from(catalog, card),
                thinks(card),
                takes(card).join(" "),
                roles(&card.id, &card.provider).join(", "),
            ]);
        }
        context.ui.out(&table.render())?;
        for line in ages(catalog, rows.iter().map(|(_, card, _)| card), context) {
            context.ui.status(&line);
        }
        if let Some(locked) = &client.landscape.locked {
            context.ui.warn(&locked.why);
            locked.hint.iter().for_each(|hint| context.ui.hint(hint));
        }
        for note in &client.landscape.notes {
            context.ui.hint(note);
        }
        Ok(Exit::Done)
    }
}

/// How hard it can be asked to think: its weakest and its strongest level, `yes` where none is known.
fn thinks(card: &ModelCard) -> String {
    let levels = &card.reasoning.efforts;
    match (card.reasoning.control, levels.iter().min(), levels.iter().max()) {
        (Control::None, ..) => String::new(),
        (_, Some(least), Some(most)) if least == most => least.to_string(),
        (_, Some(least), Some(most)) => format!("{least}..{most}"),
        _ => "yes".to_owned(),
    }
}

/// What is known to work with it.
fn takes(card: &ModelCard) -> Vec<&'static str> {
    let all = [(card.tools, "tools"), (card.images, "images"), (card.documents, "pdf"), (card.structured, "schema")];
    all.into_iter().filter(|(known, _)| *known == Some(true)).map(|(_, word)| word).collect()
}

/// Nano-dollars as dollars with cents, and with as many more digits as a small price needs.
pub(super) fn dollars(price: u64) -> String {
    let exact = format!("{:#}", NanoUsd(price));
    let exact = exact.trim_start_matches('$');
    let (_, cents) = exact.split_once('.').unwrap_or((exact, ""));
    if cents.len() < 2 { format!("{:.2}", NanoUsd(price).dollars()) } else { exact.to_owned() }
}

/// Where a card's price was read; nothing when it has none, or when the settings say it.
fn provenance<'a>(catalog: &'a Catalog, card: &ModelCard) -> Option<Provenance<'a>> {
    let known = catalog.card(&card.provider, &card.id).filter(|known| known.prices == card.prices)?;
    known.prices?;
    catalog.provenance(&card.provider, &card.id)
}

/// Where a card's window was read; nothing when it has none, or when the settings say it.
fn window<'a>(catalog: &'a Catalog, card: &ModelCard) -> Option<Provenance<'a>> {
    catalog.card(&card.provider, &card.id).filter(|known| known.context == card.context)?;
    catalog.window(&card.provider, &card.id)
}

/// The same in a few words; of the window only where it was listed.
fn from(catalog: &Catalog, card: &ModelCard) -> String {
    let short = |told: Provenance<'_>| format!("{} {}", told.layer.name(), told.as_of);
    let prices = match provenance(catalog, card) {
        _ if card.local => return String::new(),
        Some(told) => short(told),
        None if card.prices.is_some() => "settings".to_owned(),
        None => String::new(),
    };
    match window(catalog, card).filter(|told| told.layer == Layer::Listed).map(short) {
        Some(window) if window != prices && prices.is_empty() => format!("window {window}"),
        Some(window) if window != prices => format!("{prices}, window {window}"),
        _ => prices,
    }
}

fn window_json(catalog: &Catalog, card: &ModelCard, context: &Context) -> Value {
    match window(catalog, card) {
        _ if card.local || card.context.is_none() => Value::Null,
        Some(told) => json!({ "list": told.layer.name(), "source": told.source, "as_of": told.as_of,
            "age_days": age(told.as_of, context) }),
        None => json!({ "list": "settings" }),
    }
}

fn prices(card: &ModelCard) -> Value {
    let prices = card.prices.unwrap_or_default();
    let of = |price: Option<u64>| price.map(|p| NanoUsd(p).dollars());
    json!({ "input": of(prices.input), "output": of(prices.output), "cache_read": of(prices.cache_read),
        "cache_write": of(prices.cache_write), "cache_write_long": of(prices.cache_write_long) })
}

fn from_json(catalog: &Catalog, card: &ModelCard, context: &Context) -> Value {
    match provenance(catalog, card) {
        Some(told) => json!({ "list": told.layer.name(), "source": told.source, "as_of": told.as_of,
            "checked": told.checked, "age_days": age(told.as_of, context) }),
        None if card.prices.is_some() => json!({ "list": "settings" }),
        None => Value::Null,
    }
}

/// Days since then; nothing for a day to come.
fn age(day: &str, context: &Context) -> Option<i32> {
    let then: jiff::civil::Date = day.parse().ok()?;
    let today: jiff::civil::Date = context.clock.now().strftime("%Y-%m-%d").to_string().parse().ok()?;
    today.since(then).ok().map(|span| span.get_days()).filter(|days| *days >= 0)
}

/// One line for each list that a price shown was taken from: where that list comes from, and how old it is.
fn ages<'a>(catalog: &Catalog, cards: impl Iterator<Item = &'a ModelCard>, context: &Context) -> Vec<String> {
    let mut days: Vec<(Layer, String)> = Vec::new();
    let listed = |told: &Provenance<'_>| told.layer == Layer::Listed;
    let told = cards.filter(|c| !c.local).flat_map(|card| {
        let window = window(catalog, card).filter(listed).map(|told| ("windows", told));
        provenance(catalog, card).map(|told| ("prices", told)).into_iter().chain(window)
    });
    for (what, told) in told {
        let source = match told.layer {
            Layer::Embedded => "built into this version".to_owned(),
            _ => told.source.to_owned(),
        };
        let old = match age(told.as_of, context) {
            Some(0) => "today".to_owned(),
            Some(1) => "1 day old".to_owned(),
            Some(days) => format!("{days} days old"),
            None => "of a day to come".to_owned(),
        };
        let line = format!("{} {what} of {} ({old}): {source}", told.layer.name(), told.as_of);
        if !days.iter().any(|(layer, seen)| *layer == told.layer && *seen == line) {
            days.push((told.layer, line));
        }
    }
    days.into_iter().map(|(_, line)| line).collect()
}
