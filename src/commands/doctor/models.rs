//! Whether the models that the settings name are there, as far as those who serve them say what they have.

use std::collections::BTreeSet;

use super::accounts::Asked;
use super::{Context, Finding, State};
use crate::catalog::{Catalog, Role};
use crate::client::upstreams;
use crate::commands::show::counted;
use crate::model::Demand;
use crate::providers::Upstream;

pub(super) fn check(context: &Context, asked: &Asked) -> Finding {
    let all = upstreams(context.config(), &context.env);
    let (mut there, mut missing) = (BTreeSet::new(), Vec::new());
    for (by, name) in named(context) {
        match served(context, &all, asked, &name) {
            None => {}
            // What several settings name is one model, however hard it is to think.
            Some(true) => drop(there.insert(Demand::suffix(&name).map_or(&*name, |(base, _)| base).to_owned())),
            Some(false) => missing.push(format!("{name} ({by})")),
        }
    }
    if !missing.is_empty() {
        let many = counted(missing.len(), "model");
        return Finding::new(
            "models",
            State::Bad,
            format!("not served by whom it is asked of: {}", missing.join(", ")),
        )
        .hint("see what is there: monster models list --all; correct it with: monster config edit")
        .public("models", format!("{many} that the settings name are not served"));
    }
    match there.len() {
        0 => Finding::new("models", State::Absent, "your settings name none that could be looked for"),
        n => {
            let says = match n {
                1 => "the model that your settings name is served".to_owned(),
                n => format!("all {n} models that your settings name are served"),
            };
            Finding::new("models", State::Good, says)
        }
    }
}

/// Every model that the settings name, with the setting that does.
fn named(context: &Context) -> Vec<(String, String)> {
    let config = context.config();
    let mut out = Vec::new();
    let mut add = |by: &str, names: &str| {
        let names = names.split(',').map(str::trim).filter(|name| !name.is_empty());
        out.extend(names.map(|name| (by.to_owned(), name.to_owned())));
    };
    for (by, name) in [
        ("model", &config.model),
        ("ask.first", &config.ask.first),
        ("ask.second", &config.ask.second),
        ("ask.synthesis", &config.ask.synthesis),
    ] {
        add(by, name.as_deref().unwrap_or_default());
    }
    for role in ["fast", "balanced", "reasoning", "long"] {
        config.roles.of(role).iter().for_each(|name| add(&format!("roles.{role}"), name));
    }
    for row in &config.names {
        row.members.iter().for_each(|name| add(&row.key(), name));
    }
    out
}

/// Whether this is served; `None` where nobody says so, or it is a role or a name of the user's.
fn served(context: &Context, all: &[Upstream], asked: &Asked, name: &str) -> Option<bool> {
    let base = Demand::suffix(name).map_or(name, |(base, _)| base);
    if Role::parse(base).is_some() || context.config().names.iter().any(|row| row.name == base) {
        return None;
    }
    if let Some((head, model)) = base.split_once('/')
        && let Some(upstream) = all.iter().find(|u| u.name == head)
    {
        // Of a deployment only the customer knows the name: the listing has the models behind it. Google's cloud lists
        // one maker's.
        let own = upstream.provider.starts_with("azure") || upstream.provider == "vertex";
        let lists = if own { Vec::new() } else { asked.lists(&upstream.name) };
        return (!lists.is_empty()).then(|| lists.iter().any(|list| holds(context.catalog(), upstream, list, model)));
    }
    // Without an upstream, anybody may serve it: only where all have said what they have, it can be missing.
    let mut said = asked.upstreams.iter().chain(&asked.servers).map(|u| (u, asked.lists(&u.name))).collect::<Vec<_>>();
    let silent = said.iter().any(|(_, lists)| lists.is_empty());
    said.retain(|(_, lists)| !lists.is_empty());
    let there = said.iter().any(|(u, lists)| lists.iter().any(|list| holds(context.catalog(), u, list, base)));
    (there || !silent && !said.is_empty()).then_some(there)
}

/// A listing holds a model: under this name, another name of it, or as one of its dated versions.
fn holds(catalog: &Catalog, upstream: &Upstream, list: &[String], model: &str) -> bool {
    let own = upstream.models.iter().find(|card| card.id == model);
    let known = own.or_else(|| catalog.card(&upstream.provider, model));
    let names: Vec<&str> = known
        .map(|card| {
            card.aliases.iter().chain([&card.id]).chain(&card.deployment).map(String::as_str).collect::<Vec<_>>()
        })
        .unwrap_or_default();
    list.iter().map(|listed| listed.strip_prefix("models/").unwrap_or(listed)).any(|listed| {
        let dated = |name: &str| listed.strip_prefix(name).is_some_and(|rest| rest.starts_with(['-', ':', '@']));
        names.iter().chain([&model]).any(|name| *name == listed || dated(name))
    })
}
