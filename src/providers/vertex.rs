//! Gemini and Claude on Vertex (gemini.md, "Vertex"; anthropic-messages.md, "On other clouds"): a project and a location
//! stand in the address, and a token of Google's opens it.

use super::adapt::adapt;
use super::classify::classify;
use super::compatible::{endpoint, escaped, listed, sign, with_query};
use super::count;
use super::limits::limits;
use super::listing::ids;
use super::{Auth, Counting, Head, Intent, Limit, Provider, SignIn, Upstream};
use crate::model::{Dialect, Failure, Listed, ModelCard, Secret};
use crate::wire::{Adapted, Quirks};

/// Where the location `global` is served; others have hosts of their own.
const GLOBAL: &str = "https://aiplatform.googleapis.com";
/// What the body for Claude has to name (read in the source of the SDK, anthropic 2.14.0).
const VERSION: &str = "2026-10-21";
/// What a listed model of Google's is called before its id.
const LISTED: &str = "publishers/google/models/";

/// The description.
pub(super) struct Vertex;

/// The location; the one without a region where nothing is said.
fn location(upstream: &Upstream) -> &str {
    upstream.location.as_deref().unwrap_or("global")
}

/// It can stand in front of a host's name, and nothing else can: a dot or a slash would make another host of it.
fn region(word: &str) -> bool {
    !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
}

/// Scheme, host and version: as the settings have it, else by location. Whatever the location is called, the host is one
/// of Google's.
fn root(upstream: &Upstream, version: &str) -> String {
    let base = &upstream.base_url;
    if base != GLOBAL {
        let last = base.rsplit('/').next().unwrap_or_default();
        let versioned = last.strip_prefix('v').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        return if versioned { base.clone() } else { format!("{base}/{version}") };
    }
    match location(upstream) {
        "global" => format!("{GLOBAL}/{version}"),
        wide @ ("us" | "eu") => format!("https://aiplatform.{wide}.rep.googleapis.com/{version}"),
        word if region(word) => format!("https://{word}-aiplatform.googleapis.com/{version}"),
        _ => format!("{GLOBAL}/{version}"),
    }
}

/// It can stand in a host or a path as it is.
fn plain(word: &str) -> bool {
    !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || "-._:".contains(c))
}

impl Provider for Vertex {
    fn id(&self) -> &'static str {
        "vertex"
    }

    fn label(&self) -> &'static str {
        "Vertex"
    }

    fn sign_in(&self) -> SignIn {
        let url = "https://console.cloud.google.com/vertex-ai";
        SignIn { env: &[], base_env: Some("GOOGLE_VERTEX_BASE_URL"), url, needs_key: true }
    }

    /// Names that Google's own SDK reads, then those of Anthropic's for Vertex.
    fn place_env(&self) -> [&'static [&'static str]; 2] {
        [&["GOOGLE_CLOUD_PROJECT", "ANTHROPIC_VERTEX_PROJECT_ID"], &["GOOGLE_CLOUD_LOCATION", "CLOUD_ML_REGION"]]
    }

    fn lacks(&self, upstream: &Upstream) -> Option<String> {
        let name = &upstream.name;
        match &upstream.project {
            None => Some(format!(
                "{name} does not know your project: set upstreams.{name}.project, or GOOGLE_CLOUD_PROJECT"
            )),
            Some(project) if !plain(project) => Some(format!("\"{project}\" is no project of {name}")),
            Some(_) if !region(location(upstream)) => {
                Some(format!("\"{}\" is no location of {name}", location(upstream)))
            }
            Some(_) => None,
        }
    }

    fn base_url(&self) -> &'static str {
        GLOBAL
    }

    fn dialect(&self, upstream: &Upstream, card: &ModelCard, _: &Intent) -> Dialect {
        let claude = card.dialects.contains(&Dialect::AnthropicMessages) || card.id.starts_with("claude-");
        upstream.dialect.unwrap_or(if claude { Dialect::AnthropicMessages } else { Dialect::Gemini })
    }

    fn endpoint(&self, upstream: &Upstream, dialect: Dialect, model: &str, stream: bool) -> String {
        if upstream.paths.0.is_some() {
            return endpoint(upstream, dialect, model, stream);
        }
        let mut query = upstream.query.clone();
        let (version, publisher, verb) = match (dialect, stream) {
            (Dialect::AnthropicMessages, true) => ("v1", "anthropic", "streamRawPredict"),
            (Dialect::AnthropicMessages, false) => ("v1", "anthropic", "rawPredict"),
            (_, true) => ("v1beta1", "google", "streamGenerateContent"),
            (_, false) => ("v1beta1", "google", "generateContent"),
        };
        if stream && dialect == Dialect::Gemini {
            query.push(("alt".to_owned(), "sse".to_owned()));
        }
        let project = upstream.project.as_deref().unwrap_or_default();
        let place = format!("projects/{project}/locations/{}", location(upstream));
        let url =
            format!("{}/{place}/publishers/{publisher}/models/{}:{verb}", root(upstream, version), escaped(model));
        with_query(&url, &query)
    }

    fn counting(&self, upstream: &Upstream, dialect: Dialect, model: &str) -> Option<Counting> {
        let own = upstream.paths.0.is_none();
        own.then(|| count::vertex(&self.endpoint(upstream, dialect, model, false), dialect)).flatten()
    }

    /// Google's own models are listed; of Anthropic's there is no list. That the project may use them shows a call alone.
    fn models_url(&self, upstream: &Upstream) -> String {
        let usual = || format!("{}/publishers/google/models?pageSize=1000", root(upstream, "v1beta1"));
        with_query(&listed(upstream).unwrap_or_else(usual), &upstream.query)
    }

    fn sign(&self, upstream: &Upstream, _: Dialect, key: Option<&Secret>) -> Vec<(String, String)> {
        // The version for Claude stands in the body.
        sign(upstream, Dialect::Gemini, key, &Auth::Bearer)
    }

    fn adapt(&self, upstream: &Upstream, dialect: Dialect, card: &ModelCard, intent: &Intent) -> Adapted {
        let mut adapted = adapt(dialect, card, intent, Quirks::default().with(&upstream.quirks));
        if dialect == Dialect::AnthropicMessages {
            adapted.versioned = Some(VERSION);
            // This version refuses every sampling parameter (anthropic-messages.md).
            adapted.sampling = false;
        }
        adapted
    }

    fn classify(&self, who: &str, dialect: Dialect, head: &Head, body: &[u8], now: i64) -> Failure {
        classify(self, who, dialect, head, body, now)
    }

    fn limits(&self, head: &Head, now: i64) -> Vec<Limit> {
        limits(head, now)
    }

    fn read_models(&self, body: &[u8]) -> Vec<String> {
        let value = serde_json::from_slice::<serde_json::Value>(body).unwrap_or_default();
        let Some(rows) = value["publisherModels"].as_array() else { return ids(body) };
        let names = rows.iter().filter_map(|row| row["name"].as_str());
        names.map(|name| name.strip_prefix(LISTED).unwrap_or(name).to_owned()).collect()
    }

    /// The listing names models and says nothing of them that we read.
    fn read_cards(&self, body: &[u8]) -> Vec<Listed> {
        self.read_models(body).into_iter().map(Listed::new).collect()
    }
}
