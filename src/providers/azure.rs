//! Azure OpenAI and Microsoft Foundry (azure-foundry.md). What is asked for by name there is a deployment, which the
//! customer names: `deployment` of a model in the settings; the model's own name where that is left out.

use super::adapt::adapt;
use super::classify::classify;
use super::compatible::{endpoint, listed, sign, unsampled, with_query};
use super::limits::limits;
use super::listing::ids;
use super::{Auth, Head, Intent, Limit, Provider, SignIn, Upstream};
use crate::model::{Control, Dialect, Failure, ModelCard, Secret};
use crate::wire::{Adapted, Quirks};

/// One of the two rows of the catalog.
pub(super) struct Azure {
    id: &'static str,
    label: &'static str,
    env: &'static [&'static str],
    base_env: Option<&'static str>,
}

/// Azure OpenAI.
pub(super) static AZURE: Azure = Azure {
    id: "azure",
    label: "Azure OpenAI",
    env: &["AZURE_OPENAI_API_KEY"],
    base_env: Some("AZURE_OPENAI_ENDPOINT"),
};

/// Microsoft Foundry: other makers' models beside OpenAI's, Claude among them.
pub(super) static FOUNDRY: Azure =
    Azure { id: "azure-foundry", label: "Microsoft Foundry", env: &["ANTHROPIC_FOUNDRY_API_KEY"], base_env: None };

/// The address of a resource as people have it, and what follows it: `https://NAME.openai.azure.com` alone, or with a
/// path of its own.
fn split(base: &str) -> (&str, &str) {
    let host = base.find("://").map_or(0, |n| n + 3);
    let end = base[host..].find('/').map_or(base.len(), |n| host + n);
    (&base[..end], base[end..].trim_end_matches('/'))
}

/// A dated version is asked for: the older surface, whose path names the deployment.
fn dated(upstream: &Upstream) -> bool {
    let version = upstream.query.iter().find(|(name, _)| name == "api-version").map(|(_, version)| version.as_str());
    let (_, path) = split(&upstream.base_url);
    version.is_some_and(|version| version.starts_with("20")) && matches!(path, "" | "/openai")
}

/// The same upstream with the path that this dialect is served at.
fn at(upstream: &Upstream, dialect: Dialect, model: &str) -> Upstream {
    let (origin, path) = split(&upstream.base_url);
    let base_url = match dialect {
        Dialect::AnthropicMessages if path.ends_with("/anthropic") => upstream.base_url.clone(),
        Dialect::AnthropicMessages => format!("{origin}/anthropic"),
        _ if dated(upstream) => format!("{origin}/openai/deployments/{model}"),
        _ if matches!(path, "" | "/openai") => format!("{origin}/openai/v1"),
        _ => upstream.base_url.clone(),
    };
    Upstream { base_url, ..upstream.clone() }
}

impl Provider for Azure {
    fn id(&self) -> &'static str {
        self.id
    }

    fn label(&self) -> &'static str {
        self.label
    }

    fn sign_in(&self) -> SignIn {
        SignIn { env: self.env, base_env: self.base_env, url: "https://ai.azure.com", needs_key: true }
    }

    fn base_url(&self) -> &'static str {
        ""
    }

    /// Claude speaks its own; OpenAI's models that reason are asked over Responses, which the dated surface does not have;
    /// everything else over Chat.
    fn dialect(&self, upstream: &Upstream, card: &ModelCard, _: &Intent) -> Dialect {
        if let Some(dialect) = upstream.dialect {
            return dialect;
        }
        let serves = |dialect| card.dialects.contains(&dialect);
        if serves(Dialect::AnthropicMessages) {
            return Dialect::AnthropicMessages;
        }
        let (_, path) = split(&upstream.base_url);
        let newest = matches!(path, "" | "/openai") || path.ends_with("/openai/v1");
        let responses = serves(Dialect::OpenAiResponses) && newest && !dated(upstream);
        if responses && (card.reasoning.control != Control::None || !serves(Dialect::OpenAiChat)) {
            return Dialect::OpenAiResponses;
        }
        Dialect::OpenAiChat
    }

    fn endpoint(&self, upstream: &Upstream, dialect: Dialect, model: &str, stream: bool) -> String {
        // A path that the settings name stands below the address as it is.
        let own = upstream.paths.0.is_some();
        let at = if own { upstream.clone() } else { at(upstream, dialect, model) };
        endpoint(&at, dialect, model, stream)
    }

    fn models_url(&self, upstream: &Upstream) -> String {
        if let Some(url) = listed(upstream) {
            return with_query(&url, &upstream.query);
        }
        let (origin, path) = split(&upstream.base_url);
        let url = match path {
            "" | "/openai" if dated(upstream) => format!("{origin}/openai/models"),
            "" | "/openai" => format!("{origin}/openai/v1/models"),
            "/models" => format!("{}/info", upstream.base_url),
            _ => format!("{}/models", upstream.base_url),
        };
        with_query(&url, &upstream.query)
    }

    fn sign(&self, upstream: &Upstream, dialect: Dialect, key: Option<&Secret>) -> Vec<(String, String)> {
        let under = |name: &str| sign(upstream, dialect, key, &Auth::Header(name.to_owned()));
        let mut out = under("api-key");
        if dialect == Dialect::AnthropicMessages {
            // The SDK for Claude sends the key under both names.
            out.extend(under("x-api-key").into_iter().filter(|(name, _)| name == "x-api-key"));
        }
        out
    }

    fn adapt(&self, upstream: &Upstream, dialect: Dialect, card: &ModelCard, intent: &Intent) -> Adapted {
        let openai = card.maker.0 == "openai";
        let usual = Quirks {
            max_tokens_field: if openai { "max_completion_tokens" } else { "max_tokens" }.to_owned(),
            developer_role: openai,
            strict: openai,
            store: openai,
            bounded_ids: openai,
            ..Quirks::default()
        };
        unsampled(upstream, dialect, adapt(dialect, card, intent, usual.with(&upstream.quirks)))
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
