//! Ollama (ollama-lmstudio.md).

use super::adapt::adapt;
use super::classify::classify;
use super::compatible::{default_auth, endpoint, listed, sign, versioned, with_query};
use super::limits::limits;
use super::listing::ids;
use super::{Head, Intent, Limit, Provider, SignIn, Upstream};
use crate::model::{Dialect, Failure, ModelCard, Secret};
use crate::wire::{Adapted, Quirks};

/// A server of one's own, or the maker's.
pub(super) struct Ollama {
    id: &'static str,
    label: &'static str,
    sign_in: SignIn,
    base_url: &'static str,
    local: bool,
}

/// On this machine.
pub(super) static OLLAMA: Ollama = Ollama {
    id: "ollama",
    label: "Ollama",
    sign_in: SignIn { env: &[], base_env: None, url: "", needs_key: false },
    base_url: "http://127.0.0.1:11434",
    local: true,
};

/// The maker's own machines.
pub(super) static CLOUD: Ollama = Ollama {
    id: "ollama-cloud",
    label: "Ollama's cloud",
    sign_in: SignIn {
        env: &["OLLAMA_API_KEY"],
        base_env: None,
        url: "https://ollama.com/settings/keys",
        needs_key: true,
    },
    base_url: "https://ollama.com",
    local: false,
};

impl Provider for Ollama {
    fn id(&self) -> &'static str {
        self.id
    }

    fn label(&self) -> &'static str {
        self.label
    }

    fn sign_in(&self) -> SignIn {
        self.sign_in
    }

    fn base_url(&self) -> &'static str {
        self.base_url
    }

    fn local(&self) -> bool {
        self.local
    }

    fn dialect(&self, upstream: &Upstream, _: &ModelCard, _: &Intent) -> Dialect {
        upstream.dialect.unwrap_or(Dialect::Ollama)
    }

    /// It has a door in OpenAI's way beside its own (ollama-lmstudio.md).
    fn embeds(&self, upstream: &Upstream, usual: Dialect) -> Dialect {
        if upstream.dialect.is_none() { Dialect::OpenAiChat } else { usual }
    }

    fn endpoint(&self, upstream: &Upstream, dialect: Dialect, model: &str, stream: bool) -> String {
        if dialect == Dialect::OpenAiChat && upstream.dialect.is_none() {
            let base_url = format!("{}/v1", upstream.base_url);
            return endpoint(&Upstream { base_url, ..upstream.clone() }, dialect, model, stream);
        }
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
