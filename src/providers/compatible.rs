//! Everybody who speaks OpenAI's dialects: a description as data.

use super::adapt::adapt;
use super::classify::classify;
use super::limits::limits;
use super::listing::ids;
use super::{Auth, Head, Intent, Limit, Provider, SignIn, Upstream};
use crate::model::{Dialect, Failure, ModelCard, Secret};
use crate::wire::{Adapted, Quirks};

/// One OpenAI-compatible provider.
pub(super) struct Compatible {
    pub(super) id: &'static str,
    pub(super) label: &'static str,
    pub(super) sign_in: SignIn,
    pub(super) base_url: &'static str,
    pub(super) local: bool,
    /// Which of its dialects to speak about this model.
    pub(super) choose: fn(&Upstream, &ModelCard) -> Dialect,
    pub(super) quirks: fn() -> Quirks,
    /// Where models are listed, if that is not below the address of calls.
    pub(super) listing: Option<fn(&str) -> String>,
    /// Dialects with an address of their own, used where the settings name none.
    pub(super) doors: &'static [(Dialect, &'static str)],
    /// Headers that its SDK fills from the environment.
    pub(super) header_env: &'static [(&'static str, &'static str)],
}

impl Compatible {
    /// The address of a dialect's own door.
    fn door(&self, upstream: &Upstream, dialect: Dialect) -> Option<&'static str> {
        let ours = upstream.base_url == self.base_url;
        self.doors.iter().find(|(spoken, _)| ours && *spoken == dialect).map(|(_, base)| *base)
    }
}

impl Provider for Compatible {
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

    fn dialect(&self, upstream: &Upstream, card: &ModelCard, _: &Intent) -> Dialect {
        upstream.dialect.unwrap_or_else(|| (self.choose)(upstream, card))
    }

    fn endpoint(&self, upstream: &Upstream, dialect: Dialect, model: &str, stream: bool) -> String {
        match self.door(upstream, dialect) {
            Some(base) => endpoint(&Upstream { base_url: base.to_owned(), ..upstream.clone() }, dialect, model, stream),
            None => endpoint(upstream, dialect, model, stream),
        }
    }

    fn header_env(&self) -> &'static [(&'static str, &'static str)] {
        self.header_env
    }

    fn models_url(&self, upstream: &Upstream) -> String {
        let url = match (listed(upstream), self.listing) {
            (Some(url), _) => url,
            (None, Some(listing)) => listing(&upstream.base_url),
            (None, None) if upstream.dialect.is_some_and(Dialect::is_grpc) => {
                method(&upstream.base_url, "Models/ListLanguageModels")
            }
            // Models are listed at the usual address, whatever the door.
            (None, None) if upstream.dialect.is_some_and(|d| self.door(upstream, d).is_some()) => {
                versioned(&upstream.base_url, None, "models")
            }
            (None, None) => versioned(&upstream.base_url, upstream.dialect, "models"),
        };
        with_query(&url, &upstream.query)
    }

    fn sign(&self, upstream: &Upstream, dialect: Dialect, key: Option<&Secret>) -> Vec<(String, String)> {
        // The vendor's key opens all its doors in the same way.
        let usual = if self.door(upstream, dialect).is_some() { Auth::Bearer } else { default_auth(dialect) };
        sign(upstream, dialect, key, &usual)
    }

    fn adapt(&self, upstream: &Upstream, dialect: Dialect, card: &ModelCard, intent: &Intent) -> Adapted {
        adapt(dialect, card, intent, (self.quirks)().with(&upstream.quirks))
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

/// The first dialect of the card that this client and the provider share; Chat when the card names none.
pub(super) fn first(card: &ModelCard, spoken: &[Dialect]) -> Dialect {
    card.dialects.iter().copied().find(|d| spoken.contains(d)).unwrap_or(Dialect::OpenAiChat)
}

/// How a dialect's own clients send the key.
pub(super) fn default_auth(dialect: Dialect) -> Auth {
    match dialect {
        Dialect::AnthropicMessages => Auth::Header("x-api-key".to_owned()),
        Dialect::Gemini => Auth::Header("x-goog-api-key".to_owned()),
        _ => Auth::Bearer,
    }
}

/// The URL of a generation call, whatever the dialect.
pub(super) fn endpoint(upstream: &Upstream, dialect: Dialect, model: &str, stream: bool) -> String {
    let base = &upstream.base_url;
    let mut query = upstream.query.clone();
    if let Some(path) = &upstream.paths.0 {
        return with_query(&format!("{base}{}", path.replace("{model}", &escaped(model))), &query);
    }
    let url = match dialect {
        Dialect::OpenAiChat => format!("{base}/chat/completions"),
        Dialect::OpenAiResponses => format!("{base}/responses"),
        Dialect::AnthropicMessages => versioned(base, Some(dialect), "messages"),
        Dialect::Ollama => format!("{base}/api/chat"),
        Dialect::Gemini => {
            if stream {
                query.push(("alt".to_owned(), "sse".to_owned()));
            }
            let verb = if stream { "streamGenerateContent" } else { "generateContent" };
            versioned(base, Some(dialect), &format!("models/{}:{verb}", escaped(model)))
        }
        Dialect::XaiGrpc => method(base, if stream { "Chat/GetCompletionChunk" } else { "Chat/GetCompletion" }),
    };
    with_query(&url, &query)
}

/// The URL of a method of xAI's service, which knows no versions.
fn method(base: &str, name: &str) -> String {
    format!("{}/xai_api.{name}", base.strip_suffix("/v1").unwrap_or(base))
}

/// Dialects whose SDKs take an address without a version put it in themselves; one that is there already stays.
pub(super) fn versioned(base: &str, dialect: Option<Dialect>, rest: &str) -> String {
    // Only a path has versions: `v2.example.com` is a host.
    let path = base.split_once("://").map_or(base, |(_, rest)| rest).split_once('/').map_or("", |(_, path)| path);
    let last = path.rsplit('/').next().unwrap_or_default();
    let has_version = last.strip_prefix('v').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    match dialect {
        Some(Dialect::AnthropicMessages) if !has_version => format!("{base}/v1/{rest}"),
        Some(Dialect::Gemini) if !has_version => format!("{base}/v1beta/{rest}"),
        Some(Dialect::Ollama) => format!("{base}/api/tags"),
        _ => format!("{base}/{rest}"),
    }
}

/// Headers of a call.
pub(super) fn sign(
    upstream: &Upstream,
    dialect: Dialect,
    key: Option<&Secret>,
    default: &Auth,
) -> Vec<(String, String)> {
    let mut out = upstream.headers.clone();
    if dialect == Dialect::AnthropicMessages && !out.iter().any(|(n, _)| n.eq_ignore_ascii_case("anthropic-version")) {
        // The newer version refuses every sampling parameter; this one serves all models (anthropic-messages.md).
        out.push(("anthropic-version".to_owned(), "2023-06-01".to_owned()));
    }
    if let Some(key) = key {
        match upstream.auth.as_ref().unwrap_or(default) {
            Auth::Bearer => out.push(("authorization".to_owned(), format!("Bearer {}", key.expose()))),
            Auth::Prefixed(name, word) => {
                out.push((name.to_ascii_lowercase(), format!("{word} {}", key.expose())));
            }
            Auth::Header(name) => out.push((name.to_ascii_lowercase(), key.expose().to_owned())),
            Auth::None => {}
        }
    }
    out
}

/// A newer version of Anthropic's interface, which the settings name among the headers, refuses every sampling parameter.
pub(super) fn unsampled(upstream: &Upstream, dialect: Dialect, mut adapted: Adapted) -> Adapted {
    let newer = |(name, value): &(String, String)| {
        name.eq_ignore_ascii_case("anthropic-version") && value.as_str() != "2023-06-01"
    };
    adapted.sampling &= dialect != Dialect::AnthropicMessages || !upstream.headers.iter().any(newer);
    adapted
}

/// Where the settings say that models are listed.
pub(super) fn listed(upstream: &Upstream) -> Option<String> {
    upstream.paths.1.as_ref().map(|path| format!("{}{path}", upstream.base_url))
}

/// Adds query parameters.
pub(super) fn with_query(url: &str, query: &[(String, String)]) -> String {
    let mut out = url.to_owned();
    for (n, (name, value)) in query.iter().enumerate() {
        out.push(if n == 0 && !url.contains('?') { '?' } else { '&' });
        out.push_str(&format!("{}={}", escaped(name), escaped(value)));
    }
    out
}

/// Percent encoding of everything a path segment or query value may not hold as it is.
pub(super) fn escaped(text: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~/".contains(&b);
    text.bytes().map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}
