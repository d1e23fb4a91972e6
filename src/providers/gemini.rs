//! Gemini (gemini.md).

use super::adapt::adapt;
use super::classify::classify;
use super::compatible::{default_auth, endpoint, listed, sign, versioned, with_query};
use super::limits::limits;
use super::listing::ids;
use super::{Head, Intent, Limit, Provider, SignIn, Upstream};
use crate::model::{Dialect, Failure, ModelCard, Secret};
use crate::wire::{Adapted, Quirks};

/// The description.
pub(super) struct Gemini;

/// Its door in OpenAI's way is meant, which the address does not name.
fn door(upstream: &Upstream, dialect: Dialect) -> bool {
    dialect == Dialect::OpenAiChat && upstream.dialect.is_none()
}

impl Provider for Gemini {
    fn id(&self) -> &'static str {
        "gemini"
    }

    fn label(&self) -> &'static str {
        "Gemini"
    }

    fn sign_in(&self) -> SignIn {
        SignIn {
            env: &["GEMINI_API_KEY", "GOOGLE_API_KEY"],
            base_env: Some("GOOGLE_GEMINI_BASE_URL"),
            url: "https://aistudio.google.com/apikey",
            needs_key: true,
        }
    }

    fn base_url(&self) -> &'static str {
        "https://generativelanguage.googleapis.com"
    }

    fn dialect(&self, upstream: &Upstream, _: &ModelCard, _: &Intent) -> Dialect {
        upstream.dialect.unwrap_or(Dialect::Gemini)
    }

    /// It has a door in OpenAI's way beside its own (gemini.md).
    fn embeds(&self, upstream: &Upstream, usual: Dialect) -> Dialect {
        if upstream.dialect.is_none() { Dialect::OpenAiChat } else { usual }
    }

    fn endpoint(&self, upstream: &Upstream, dialect: Dialect, model: &str, stream: bool) -> String {
        if door(upstream, dialect) {
            let base = versioned(&upstream.base_url, Some(Dialect::Gemini), "openai");
            return endpoint(&Upstream { base_url: base, ..upstream.clone() }, dialect, model, stream);
        }
        endpoint(upstream, dialect, model, stream)
    }

    fn models_url(&self, upstream: &Upstream) -> String {
        let usual = || versioned(&upstream.base_url, Some(Dialect::Gemini), "models?pageSize=1000");
        with_query(&listed(upstream).unwrap_or_else(usual), &upstream.query)
    }

    fn sign(&self, upstream: &Upstream, dialect: Dialect, key: Option<&Secret>) -> Vec<(String, String)> {
        let dialect = if door(upstream, dialect) { dialect } else { Dialect::Gemini };
        sign(upstream, dialect, key, &default_auth(dialect))
    }

    fn adapt(&self, _: &Upstream, dialect: Dialect, card: &ModelCard, intent: &Intent) -> Adapted {
        adapt(dialect, card, intent, Quirks::default())
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
