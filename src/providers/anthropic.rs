//! Anthropic (anthropic-messages.md).

use super::adapt::adapt;
use super::classify::classify;
use super::compatible::{default_auth, endpoint, listed, sign, unsampled, versioned, with_query};
use super::limits::limits;
use super::listing::ids;
use super::{Head, Intent, Limit, Provider, SignIn, Upstream};
use crate::model::{Dialect, Failure, ModelCard, Secret};
use crate::wire::{Adapted, Quirks};

/// The description.
pub(super) struct Anthropic;

impl Provider for Anthropic {
    fn id(&self) -> &'static str {
        "anthropic"
    }

    fn label(&self) -> &'static str {
        "Anthropic"
    }

    fn sign_in(&self) -> SignIn {
        SignIn {
            env: &["ANTHROPIC_API_KEY"],
            base_env: Some("ANTHROPIC_BASE_URL"),
            url: "https://console.anthropic.com/settings/keys",
            needs_key: true,
        }
    }

    fn base_url(&self) -> &'static str {
        "https://api.anthropic.com"
    }

    fn dialect(&self, upstream: &Upstream, _: &ModelCard, _: &Intent) -> Dialect {
        upstream.dialect.unwrap_or(Dialect::AnthropicMessages)
    }

    fn endpoint(&self, upstream: &Upstream, dialect: Dialect, model: &str, stream: bool) -> String {
        endpoint(upstream, dialect, model, stream)
    }

    fn models_url(&self, upstream: &Upstream) -> String {
        let usual = || versioned(&upstream.base_url, Some(Dialect::AnthropicMessages), "models?limit=1000");
        with_query(&listed(upstream).unwrap_or_else(usual), &upstream.query)
    }

    fn sign(&self, upstream: &Upstream, _: Dialect, key: Option<&Secret>) -> Vec<(String, String)> {
        let dialect = Dialect::AnthropicMessages;
        sign(upstream, dialect, key, &default_auth(dialect))
    }

    fn adapt(&self, upstream: &Upstream, dialect: Dialect, card: &ModelCard, intent: &Intent) -> Adapted {
        unsampled(upstream, dialect, adapt(dialect, card, intent, Quirks::default()))
    }

    fn classify(&self, who: &str, dialect: Dialect, head: &Head, body: &[u8], now: i64) -> Failure {
        classify(self, who, dialect, head, body, now)
    }

    fn limits(&self, head: &Head, now: i64) -> Vec<Limit> {
        limits(head, now)
    }

    fn read_models(&self, body: &[u8]) -> Vec<String> {
        ids(body)
    }
}
