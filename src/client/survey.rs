//! What is connected: upstreams from config, keys from environment and vault, servers on this machine.
//!
//! A server on a default port is used only when its owner is this user or root, and only after the user
//! accepted it once, in config or on a terminal. A hook never asks, so it never adopts one by itself.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;

use super::error::Locked;
use super::resolve::heads;
use super::route::Landscape;
use super::standing::{Standing, Strategies};
use super::transport::{Incoming, Limits, Outgoing, send};
use crate::auth::Credential;
use crate::catalog::{Catalog, Role, maker_of};
use crate::config::{Config, UpstreamModel, UpstreamRow};
use crate::model::{Control, Dialect, ENV, Listed, Maker, ModelCard, ModelName, NanoUsd, Prices, Reasoning};
use crate::net::{Net, here};
use crate::providers::{Auth, Provider, Upstream, all, provider};
use crate::store::Store;
use crate::world::ports::{self, Owner};
use crate::world::{Clock, Env};

/// Default ports of model servers (ollama-lmstudio.md, "Discovery order").
const LOCAL: &[(&str, &str, u16)] = &[
    ("ollama", "ollama", 11434),
    ("lmstudio", "lmstudio", 1234),
    ("llamacpp", "llamacpp", 8080),
    ("vllm", "vllm", 8000),
];

/// More models than this are not looked at on one server.
const LISTED: usize = 64;
/// So many of them are asked for one by one.
const DESCRIBED: usize = 8;
/// How long a server has to describe all of these.
const DESCRIBES: Duration = Duration::from_secs(2);

/// A server on this machine that nobody has accepted yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// `ollama`, `lmstudio`, `llamacpp`, `vllm`.
    pub name: String,
    /// `127.0.0.1:11434`.
    pub address: String,
    /// Models it says it has.
    pub models: Vec<String>,
}

/// Asks the user whether to use a found server; `None` when there is nobody to ask.
pub(super) type Consent<'a> = &'a dyn Fn(&Found) -> Option<bool>;

/// What a survey looks at.
pub struct Survey<'a> {
    /// The user's settings.
    pub config: &'a Config,
    /// Keys and base URLs in the environment.
    pub env: &'a Env,
    /// HTTP, for asking local servers what they have.
    pub net: &'a Net,
    /// Remembers which servers were accepted or refused, and which accounts are pinned.
    pub store: &'a Store,
    /// Wall time, for pins that end.
    pub clock: &'a Clock,
    /// Keys from the vault, opened only if asked for.
    pub vault: &'a dyn Fn() -> Result<Vec<Credential>, Locked>,
    /// What models can do.
    pub catalog: &'static Catalog,
    /// Asks the user whether to use a found server; `None` when there is nobody to ask.
    pub consent: Consent<'a>,
    /// The one account that will be used, where the user named it: the environment has no other than its own.
    pub account: Option<&'a str>,
}

impl Survey<'_> {
    /// Looks around for what could serve `asked`.
    pub async fn look(&self, asked: &ModelName) -> Landscape {
        let mut out = Landscape { lost: self.config.lost.clone(), ..Landscape::default() };
        let rows = self.config.upstreams.iter().filter(|row| row.oauth.is_some() || row.key_env.is_some());
        out.keyed = rows.map(|row| row.name.clone()).collect();
        let mut upstreams = upstreams(self.config, self.env);
        for (upstream, row) in upstreams.iter_mut().zip(&self.config.upstreams) {
            for (card, model) in upstream.models.iter_mut().zip(&row.models) {
                if let Some(known) = self.catalog.card(&upstream.provider, &card.id) {
                    *card = std::mem::replace(card, known.clone()).over(known);
                    described(card, model);
                }
            }
        }
        // What only administrates is never called with.
        let served: Vec<(String, String)> = upstreams.iter().map(|u| (u.name.clone(), u.provider.clone())).collect();
        let admin = |c: &Credential| {
            served.iter().any(|(name, provider)| *name == c.upstream && crate::auth::admin(provider, &c.secret))
        };
        let (admins, mut credentials): (Vec<_>, Vec<_>) =
            crate::auth::from_env(self.env, &upstreams).into_iter().partition(admin);
        out.set_aside(admins);
        // An explicit upstream whose key stands in the environment needs no unlocked vault.
        out.names = self.config.names.iter().map(|row| (row.name.clone(), row.clone())).collect();
        let roles = |role: Role| self.config.roles.of(role.name()).to_vec();
        let named = heads(&asked.0, &out.names, &roles, &upstreams);
        let in_env = |name: &String| credentials.iter().any(|c| c.upstream == *name);
        let may = self.account.is_none_or(|account| account == ENV);
        let served_by_env = may && named.as_ref().is_some_and(|names| names.iter().all(in_env));
        if !served_by_env {
            match (self.vault)() {
                Ok(more) => {
                    out.keyed.extend(more.iter().map(|c| c.upstream.clone()));
                    let (on, off): (Vec<_>, Vec<_>) = more.into_iter().partition(|c| c.enabled);
                    out.disabled = off.into_iter().map(|c| (c.account, c.upstream)).collect();
                    let dead = on.iter().filter(|c| c.grant.as_ref().is_some_and(|g| g.ended.is_some()));
                    out.notes.extend(dead.map(|c| {
                        let again = crate::auth::again(&c.upstream, &c.account, c.grant.as_ref());
                        format!("{} is signed out; sign in again with: {again}", c.account)
                    }));
                    let (admins, on): (Vec<_>, Vec<_>) = on.into_iter().partition(admin);
                    out.set_aside(admins);
                    credentials.extend(on);
                }
                Err(locked) => out.locked = Some(locked),
            }
        }
        let wants_lists = named.is_none();
        if self.config.local.discover && wants_lists {
            for (name, provider, port) in LOCAL {
                let own = (*name == "ollama").then(|| ollama_port(self.env)).flatten();
                let port = &own.unwrap_or(*port);
                if upstreams.iter().any(|u| u.name == *name) || upstreams.iter().any(|u| on_port(u, *port)) {
                    continue;
                }
                if let Some(upstream) = self.local(name, provider, *port, &mut out).await {
                    upstreams.push(upstream);
                }
            }
        }
        if wants_lists {
            for upstream in upstreams.iter().filter(|u| lists(u) && u.models.is_empty()) {
                for card in self.list(upstream).await.unwrap_or_default() {
                    out.listed.push((upstream.name.clone(), card));
                }
            }
        }
        // Whoever has an account where nothing can be asked yet is told what is missing.
        let opened = upstreams.iter().filter(|u| credentials.iter().any(|c| c.upstream == u.name));
        out.notes.extend(opened.filter_map(|u| provider(&u.provider)?.lacks(u)));
        // It can be asked, and nobody knows what for.
        let silent = out.upstreams.iter().filter(|u| out.reachable(u) && u.models.is_empty());
        let silent = silent.filter(|u| out.known(u).next().is_none() && self.catalog.of(&u.provider).next().is_none());
        let notes: Vec<String> = silent
            .map(|u| {
                let name = &u.name;
                format!("what {name} serves is not known: ask for it as {name}/MODEL, or list it under [[upstreams.{name}.models]]")
            })
            .collect();
        out.notes.extend(notes);
        out.entered = self.config.upstreams.iter().map(|row| row.name.clone()).collect();
        out.upstreams = upstreams.into_iter().map(Arc::new).collect();
        out.credentials = credentials.into_iter().map(Arc::new).collect();
        out.strategies = Strategies::of(self.config);
        out.efforts.clone_from(&self.config.efforts);
        // Without a store nobody is pinned, and everybody's turn is the first.
        out.standing = Standing::read(self.store, self.config, self.clock.millis()).unwrap_or_default();
        out
    }

    /// A server on a default port, if it may be used.
    async fn local(&self, name: &str, provider: &str, port: u16, out: &mut Landscape) -> Option<Upstream> {
        let address = format!("127.0.0.1:{port}");
        let memory = format!("local:{address}");
        let answered = self.store.recall(&memory).ok().flatten();
        match ports::owner(port) {
            Owner::Nobody => {
                if self.config.local.servers.contains(&address) || answered.as_deref() == Some("accepted") {
                    out.notes.push(format!(
                        "the model server on {address} ({name}), which you accepted, does not run; start it"
                    ));
                }
                return None;
            }
            Owner::Foreign => {
                out.notes.push(format!("a server on {address} belongs to another user and is not used"));
                return None;
            }
            // Where the platform does not tell the owner, only an explicit line in config counts.
            Owner::Unknown if !self.config.local.servers.contains(&address) => return None,
            Owner::Unknown | Owner::Trusted => {}
        }
        let upstream = upstream_at(name, provider, &address);
        if self.config.local.servers.contains(&address) {
            return Some(upstream);
        }
        match answered.as_deref() {
            Some("accepted") => return Some(upstream),
            Some(_) => {
                out.notes.push(format!(
                    "a model server ({name}) on {address} was declined; accept it after all with: monster config set local.servers '[\"{address}\"]'"
                ));
                return None;
            }
            None => {}
        }
        let models: Vec<String> = self.list(&upstream).await?.into_iter().map(|c| c.id).collect();
        let found = Found { name: name.to_owned(), address: address.clone(), models };
        match (self.consent)(&found) {
            Some(answer) => {
                let word = if answer { "accepted" } else { "refused" };
                if let Err(error) = self.store.remember(&memory, word) {
                    out.notes.push(format!("the answer about {address} could not be kept: {error}"));
                }
                answer.then_some(upstream)
            }
            None => {
                out.notes.push(format!(
                    "a model server ({name}) answers on {address}; accept it with: monster config set local.servers '[\"{address}\"]'"
                ));
                None
            }
        }
    }

    /// What a server says it has; `None` when it does not answer as a model server does.
    async fn list(&self, upstream: &Upstream) -> Option<Vec<ModelCard>> {
        if self.config.offline {
            // Nothing is sent then, not to this machine's own servers either.
            return None;
        }
        let provider = provider(&upstream.provider)?;
        let dialect = upstream.dialect.unwrap_or(Dialect::OpenAiChat);
        let limits = Limits { first_byte: Duration::from_secs(2), idle: Duration::from_secs(2) };
        let headers = provider.sign(upstream, dialect, None);
        let listing =
            Outgoing::listing(provider.models_url(upstream), headers.clone(), upstream.dialect).via(&upstream.via);
        let incoming = send(self.net, listing, limits).await.ok()?;
        if !incoming.ok() {
            return None;
        }
        let body = incoming.whole().await.ok()?;
        let get = async |url: String, body: Option<Vec<u8>>| {
            let asked = Outgoing { body, ..Outgoing::get(url, headers.clone()) }.via(&upstream.via);
            let answer = send(self.net, asked, limits).await.ok().filter(Incoming::ok)?;
            answer.whole().await.ok()
        };
        let more = provider.cards_url(upstream);
        let elsewhere = more != provider.models_url(upstream);
        let said = if elsewhere { get(more, None).await.unwrap_or_default() } else { body.clone() };
        let mut said = provider.read_cards(&said);
        let mut ids = provider.read_models(&body);
        ids.truncate(LISTED);
        // All at once and with one limit: a server that stalls holds up whatever command it is.
        let asked = ids.iter().take(DESCRIBED).map(async |id| {
            let (url, body) = provider.about(upstream, id)?;
            let said = tokio::time::timeout(DESCRIBES, get(url, body)).await.ok().flatten()?;
            Some(provider.read_about(&said))
        });
        let mut described = join_all(asked).await.into_iter();
        let mut cards = Vec::new();
        for id in ids {
            let dialects = upstream.dialect.into_iter().collect();
            let mut card = ModelCard::unknown(&upstream.provider, &id, maker_of(&upstream.provider, &id), dialects);
            card.local = upstream.local;
            let mut listed = match said.iter().position(|listed| listed.id == id) {
                Some(place) => said.swap_remove(place),
                None => Listed::new(&id),
            };
            if let Some(more) = described.next().flatten() {
                listed = listed.or(more);
            }
            (card.context, card.max_output) = (listed.context, listed.max_output);
            listed.describe(&mut card);
            cards.push(card);
        }
        Some(cards)
    }
}

impl Landscape {
    /// Tells of keys with which no calls are made.
    fn set_aside(&mut self, admins: Vec<Credential>) {
        self.keyed.extend(admins.iter().map(|c| c.upstream.clone()));
        self.notes.extend(admins.iter().map(|c| {
            format!("{} at {} is an administrator's key: it serves monster quota alone", c.account, c.upstream)
        }));
    }
}

/// Upstreams from config, and every hosted provider at its own address.
#[must_use]
pub fn upstreams(config: &Config, env: &Env) -> Vec<Upstream> {
    let mut out: Vec<Upstream> = config.upstreams.iter().map(|row| from_row(row, env)).collect();
    for provider in all() {
        // Of some only the customer knows where they are.
        let base = provider.sign_in().base_env.and_then(|name| env.get(name)).unwrap_or(provider.base_url());
        if provider.local() || base.is_empty() || out.iter().any(|u| u.name == provider.id()) {
            continue;
        }
        out.push(Upstream {
            of_env: headed(*provider, env),
            project: placed(*provider, 0, env),
            location: placed(*provider, 1, env),
            ..Upstream::at(provider.id(), provider.id(), base)
        });
    }
    out
}

/// Headers as the environment has them, under the names that a provider's SDK reads.
fn headed(provider: &dyn Provider, env: &Env) -> Vec<(String, String)> {
    let said = |(name, header): &(&str, &str)| {
        let value =
            env.get(name).map(str::trim).filter(|v| !v.is_empty() && v.bytes().all(|b| b.is_ascii_graphic()))?;
        Some(((*header).to_owned(), value.to_owned()))
    };
    provider.header_env().iter().filter_map(said).collect()
}

/// The port that `OLLAMA_HOST` names on this machine; another machine is an entry under `upstreams`.
fn ollama_port(env: &Env) -> Option<u16> {
    let said = env.get("OLLAMA_HOST")?.trim().trim_end_matches('/');
    let (host, port) = said.strip_prefix("http://").unwrap_or(said).rsplit_once(':')?;
    let here = ["", "127.0.0.1", "localhost", "0.0.0.0", "[::1]", "[::]"].contains(&host);
    port.parse().ok().filter(|_| here)
}

/// Project (0) or location (1) as the environment has it, under the names that a provider's SDKs read.
fn placed(provider: &dyn Provider, which: usize, env: &Env) -> Option<String> {
    let names = provider.place_env().into_iter().nth(which)?;
    names.iter().filter_map(|name| env.get(name)).find(|said| !said.is_empty()).map(str::to_owned)
}

/// A settings entry as an upstream.
fn from_row(row: &UpstreamRow, env: &Env) -> Upstream {
    // An entry without an address that is called like a provider means that provider: `[upstreams.huggingface.oauth]`.
    let plain = row.provider == "generic" && row.base_url.is_none();
    let own = Some(row.name.as_str()).filter(|name| plain && provider(name).is_some());
    let id = own.unwrap_or(&row.provider);
    let served = provider(id);
    // Such an entry is found where the provider is.
    let itself = own.is_some() || (row.name == row.provider && row.base_url.is_none());
    let moved =
        served.filter(|_| itself).and_then(|p| p.sign_in().base_env).and_then(|name| env.get(name)).map(str::to_owned);
    let base_url =
        row.base_url.clone().or(moved).or_else(|| served.map(|p| p.base_url().to_owned())).unwrap_or_default();
    let local = local(row, served, &base_url);
    let dialects: Vec<Dialect> = row.dialect.into_iter().collect();
    let card = |model: &UpstreamModel| {
        let maker = model.maker.clone().map_or_else(|| maker_of(id, &model.id), Maker);
        let mut card = ModelCard::unknown(id, &model.id, maker, dialects.clone());
        card.deployment.clone_from(&model.deployment);
        card.aliases.clone_from(&model.aliases);
        (card.context, card.max_output, card.local) = (model.context, model.max_output, local);
        let nano = |amount: Option<NanoUsd>| amount.map(|n| n.0);
        let prices = Prices {
            input: nano(model.input),
            output: nano(model.output),
            cache_read: nano(model.cache_read),
            cache_write: nano(model.cache_write),
            cache_write_long: None,
        };
        card.prices = Some(prices).filter(|prices| *prices != Prices::default());
        (card.tools, card.images, card.documents) = (model.tools, model.images, model.documents);
        (card.structured, card.sampling) = (model.schema, model.sampling);
        card.weak = model.weak;
        described(&mut card, model);
        card
    };
    let placed = |n: usize| served.and_then(|p| placed(p, n, env));
    Upstream {
        name: row.name.clone(),
        provider: id.to_owned(),
        base_url,
        dialect: row.dialect,
        auth: row.auth.as_deref().map(|auth| match auth {
            "none" => Auth::None,
            "bearer" => Auth::Bearer,
            header => match header.split_once(' ') {
                Some((header, word)) => Auth::Prefixed(header.to_owned(), word.trim().to_owned()),
                None => Auth::Header(header.to_owned()),
            },
        }),
        key_env: row.key_env.clone(),
        project: row.project.clone().or_else(|| placed(0)),
        location: row.location.clone().or_else(|| placed(1)),
        headers: row.headers.clone(),
        // What the environment says is about an entry that is its provider's own.
        of_env: served.filter(|_| id == row.name).map(|p| headed(p, env)).unwrap_or_default(),
        query: row.query.clone(),
        paths: (row.paths.call.clone(), row.paths.models.clone()),
        pass: row.pass.clone(),
        local,
        quirks: row.quirks.clone(),
        via: row.via.clone(),
        models: row.models.iter().map(card).collect(),
    }
}

/// Who made a model and how it reasons, where the settings say so.
fn described(card: &mut ModelCard, model: &UpstreamModel) {
    card.maker = model.maker.clone().map_or_else(|| card.maker.clone(), Maker);
    let known = card.reasoning.control;
    // Levels without a way are those of the commonest, where none is known.
    let usual = if known == Control::None && !model.efforts.is_empty() { Control::Effort } else { known };
    let control = model.reasoning.unwrap_or(usual);
    if control != known {
        card.reasoning = Reasoning { control, ..Reasoning::default() };
    }
    if !model.efforts.is_empty() {
        card.reasoning.efforts.clone_from(&model.efforts);
    }
}

fn upstream_at(name: &str, provider_id: &str, address: &str) -> Upstream {
    let path = if provider_id == "ollama" { "" } else { "/v1" };
    Upstream {
        auth: Some(Auth::None),
        local: true,
        ..Upstream::at(name, provider_id, &format!("http://{address}{path}"))
    }
}

/// Whether it runs on this machine and costs nothing. Where nobody says so, a server without keys has to have an address
/// of this machine, and no price: what stands in front of others may be here, and charge.
fn local(row: &UpstreamRow, served: Option<&dyn Provider>, base_url: &str) -> bool {
    let priced = |m: &UpstreamModel| [m.input, m.output, m.cache_read, m.cache_write].iter().any(Option::is_some);
    let own = served.is_none_or(|provider| provider.base_url().is_empty());
    let keyless = || own && row.auth.as_deref() == Some("none") && !row.models.iter().any(priced);
    let is = || served.is_some_and(Provider::local) || (keyless() && here(base_url));
    row.local.unwrap_or_else(is)
}

/// Whether anybody may ask what it has, and nobody else says it.
fn lists(upstream: &Upstream) -> bool {
    upstream.local
        || matches!(upstream.auth, Some(Auth::None))
        || provider(&upstream.provider).is_some_and(|p| p.local())
}

fn on_port(upstream: &Upstream, port: u16) -> bool {
    upstream.base_url.starts_with("http://")
        && ["127.0.0.1", "localhost", "[::1]"]
            .iter()
            .any(|host| upstream.base_url.contains(&format!("//{host}:{port}")))
}
