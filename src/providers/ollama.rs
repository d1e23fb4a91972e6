//! Ollama (ollama-lmstudio.md).

use super::adapt::adapt;
use super::classify::classify;
use super::compatible::{default_auth, endpoint, listed, sign, versioned, with_query};
use super::limits::limits;
use super::listing::ids;
use super::{Head, Intent, Limit, Provider, SignIn, Upstream};
use crate::model::{Dialect, Failure, ModelCard, Secret};
use crate::wire::{Adapted, Quirks};

/// The description.
pub(super) struct Ollama;

impl Provider for Ollama {
    fn id(&self) -> &'static str {
        "ollama"
    }

    fn label(&self) -> &'static str {
        "Ollama"
    }

    fn sign_in(&self) -> SignIn {
        SignIn { env: &[], base_env: None, url: "", needs_key: false }
    }

    fn base_url(&self) -> &'static str {
        "http://127.0.0.1:11434"
    }

    fn local(&self) -> bool {
        true
    }

    fn dialect(&self, upstream: &Upstream, _: &ModelCard, _: &Intent) -> Dialect {
        upstream.dialect.unwrap_or(Dialect::Ollama)
    }

    fn endpoint(&self, upstream: &Upstream, dialect: Dialect, model: &str, stream: bool) -> String {
        endpoint(upstream, dialect, model, stream)
    }

    fn models_url(&self, upstream: &Upstream) -> String {
        let usual = || versioned(&upstream.base_url, Some(Dialect::Ollama), "tags");
        with_query(&listed(upstream).unwrap_or_else(usual), &upstream.query)
    }

    fn sign(&self, upstream: &Upstream, _: Dialect, key: Option<&Secret>) -> Vec<(String, String)> {
        let dialect = Dialect::Ollama;
        sign(upstream, dialect, key, &default_auth(dialect))
    }

    fn adapt(&self, _: &Upstream, dialect: Dialect, card: &ModelCard, intent: &Intent) -> Adapted {
        adapt(dialect, card, intent, Quirks::default())
    }

    fn classify(&self, dialect: Dialect, head: &Head, body: &[u8], now: i64) -> Failure {
        classify(self, dialect, head, body, now)
    }

    fn limits(&self, head: &Head, now: i64) -> Vec<Limit> {
        limits(head, now)
    }

    fn read_models(&self, body: &[u8]) -> Vec<String> {
        ids(body)
    }
}
