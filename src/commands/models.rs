//! `monster models`: what the connected accounts and local servers can serve, with window, price and abilities.

use clap::{Args, Subcommand};
use serde_json::json;

use super::context::Context;
use super::error::{Exit, Outcome};
use crate::catalog::{Catalog, Role};
use crate::client::{CallError, Route};
use crate::model::{Control, ModelName, NanoUsd};
use crate::providers::provider;
use crate::ui::Table;

/// List models.
#[derive(Debug, Args)]
pub(super) struct Models {
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List models (the default).
    List(List),
}

#[derive(Debug, Args, Default)]
struct List {
    /// Only this provider's.
    provider: Option<String>,
    /// Also models of providers that are not connected.
    #[arg(long)]
    all: bool,
}

impl Models {
    /// Does it.
    pub(super) fn run(self, context: &Context) -> Outcome {
        let Action::List(list) = self.action.unwrap_or(Action::List(List::default()));
        list.run(context)
    }
}

impl List {
    fn run(&self, context: &Context) -> Outcome {
        let catalog = Catalog::embedded();
        let client = context.block_on(async { context.connect(&ModelName("balanced".to_owned()), false).await })?;
        let mut rows: Vec<(Option<Route>, crate::model::ModelCard, String)> = Vec::new();
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
                        "reasoning": card.reasoning.control != Control::None, "roles": roles(&card.id, &card.provider),
                        "usd_per_million": { "input": card.prices.and_then(|p| p.input).map(|p| NanoUsd(p).dollars()),
                            "output": card.prices.and_then(|p| p.output).map(|p| NanoUsd(p).dollars()) } })
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
            context.ui.out("no models: nothing is connected")?;
            context.ui.hint("connect one with: monster login; see all that are known with: monster models list --all");
            return Ok(Exit::Done);
        }
        let mut table = Table::new(&["model", "maker", ">window", ">$ in/M", ">$ out/M", "thinks", "good for"]);
        for (_, card, upstream) in &rows {
            let price = |p: Option<u64>| match p {
                _ if card.local => "local".to_owned(),
                Some(p) => format!("{:.2}", NanoUsd(p).dollars()),
                None => "unknown".to_owned(),
            };
            let window = card.context.map_or_else(|| "unknown".to_owned(), super::show::count);
            let thinks = if card.reasoning.control == Control::None { "" } else { "yes" };
            table.row([
                format!("{upstream}/{}", card.id),
                card.maker.to_string(),
                window,
                price(card.prices.and_then(|p| p.input)),
                price(card.prices.and_then(|p| p.output)),
                thinks.to_owned(),
                roles(&card.id, &card.provider).join(", "),
            ]);
        }
        context.ui.out(&table.render())?;
        context.ui.status(&format!("prices as of {}", catalog.as_of()));
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
