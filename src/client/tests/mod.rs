//! Stories about which route is taken, when another one is, and what it costs.

mod able;
mod clean;
mod count;
mod ease;
mod grpc;
mod inline;
mod meter;
mod names;
mod plan;
mod route;
mod service;
mod simulator;
mod sticky;
mod stitch;
mod stops;
mod stream;
mod tape;
mod unread;
mod waits;

use std::sync::Arc;

use super::route::{Landscape, Route};
use crate::auth::{Credential, Source};
use crate::catalog::maker_of;
use crate::model::{ModelCard, Secret};
use crate::providers::{Upstream, provider};

fn upstream(name: &str, provider: &str) -> Arc<Upstream> {
    Arc::new(Upstream::at(name, provider, "http://127.0.0.1:9"))
}

fn key(upstream: &str, account: &str) -> Arc<Credential> {
    let secret = Secret::new(format!("sk-{upstream}-{account}"));
    Arc::new(Credential::key(account, upstream, secret, Source::Vault))
}

fn card(provider: &str, id: &str) -> ModelCard {
    ModelCard::unknown(provider, id, maker_of(provider, id), Vec::new())
}

/// A route over an upstream named like its provider.
fn route(id: &str, account: &str, model: &str, window: Option<u64>) -> Route {
    let mut card = card(id, model);
    card.context = window;
    Route::new(upstream(id, id), provider(id).unwrap(), card, Some(key(id, account)))
}
