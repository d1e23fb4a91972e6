//! What the conventions call things: providers by their well-known names, places by host and port.

use std::collections::HashMap;

use opentelemetry::KeyValue;
use url::Url;

/// Attributes (OpenTelemetry, "Semantic conventions for generative AI systems"). The constants of the crate of conventions
/// are deprecated, because these have moved to a repository of their own.
pub(super) mod attribute {
    pub(in crate::serve::telemetry) const ERROR_TYPE: &str = "error.type";
    pub(in crate::serve::telemetry) const OPERATION: &str = "gen_ai.operation.name";
    pub(in crate::serve::telemetry) const PROVIDER: &str = "gen_ai.provider.name";
    pub(in crate::serve::telemetry) const REQUEST_MODEL: &str = "gen_ai.request.model";
    pub(in crate::serve::telemetry) const REQUEST_STREAM: &str = "gen_ai.request.stream";
    pub(in crate::serve::telemetry) const RESPONSE_MODEL: &str = "gen_ai.response.model";
    pub(in crate::serve::telemetry) const FINISH_REASONS: &str = "gen_ai.response.finish_reasons";
    pub(in crate::serve::telemetry) const FIRST_CHUNK: &str = "gen_ai.response.time_to_first_chunk";
    pub(in crate::serve::telemetry) const TOKEN_TYPE: &str = "gen_ai.token.type";
    pub(in crate::serve::telemetry) const INPUT_TOKENS: &str = "gen_ai.usage.input_tokens";
    pub(in crate::serve::telemetry) const OUTPUT_TOKENS: &str = "gen_ai.usage.output_tokens";
    pub(in crate::serve::telemetry) const CACHE_READ: &str = "gen_ai.usage.cache_read.input_tokens";
    pub(in crate::serve::telemetry) const CACHE_CREATION: &str = "gen_ai.usage.cache_creation.input_tokens";
    pub(in crate::serve::telemetry) const REASONING_TOKENS: &str = "gen_ai.usage.reasoning.output_tokens";
    pub(in crate::serve::telemetry) const SERVER_ADDRESS: &str = "server.address";
    pub(in crate::serve::telemetry) const SERVER_PORT: &str = "server.port";
}

/// Histograms.
pub(super) mod metric {
    pub(in crate::serve::telemetry) const TOKENS: &str = "gen_ai.client.token.usage";
    pub(in crate::serve::telemetry) const DURATION: &str = "gen_ai.client.operation.duration";
    pub(in crate::serve::telemetry) const FIRST_TOKEN: &str = "gen_ai.server.time_to_first_token";
}

/// Well-known values of `gen_ai.provider.name`, where ours is another word.
const PROVIDERS: [(&str, &str); 8] = [
    ("gemini", "gcp.gemini"),
    ("vertex", "gcp.vertex_ai"),
    ("azure", "azure.ai.openai"),
    ("foundry", "azure.ai.inference"),
    ("github", "azure.ai.inference"),
    ("xai", "x_ai"),
    ("mistral", "mistral_ai"),
    ("moonshot", "moonshot_ai"),
];

/// Where an upstream lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    provider: String,
    host: Option<String>,
    port: Option<u16>,
}

impl Place {
    /// Of a provider's id and an address.
    pub(super) fn of(provider: &str, base_url: &str) -> Self {
        let known = PROVIDERS.iter().find(|(ours, _)| *ours == provider).map(|(_, theirs)| *theirs);
        let url = Url::parse(base_url).ok();
        Self {
            provider: known.unwrap_or(provider).to_owned(),
            host: url.as_ref().and_then(|url| url.host_str().map(str::to_owned)),
            port: url.and_then(|url| url.port_or_known_default()),
        }
    }
}

/// Who is asked, by `upstream/model`.
pub(super) fn asked(route: &str, places: &HashMap<String, Place>) -> Vec<KeyValue> {
    let (upstream, model) = route.split_once('/').unwrap_or(("", route));
    let mut out = vec![KeyValue::new(attribute::REQUEST_MODEL, model.to_owned())];
    match places.get(upstream) {
        None => out.push(KeyValue::new(attribute::PROVIDER, upstream.to_owned())),
        Some(Place { provider, host, port }) => {
            out.push(KeyValue::new(attribute::PROVIDER, provider.clone()));
            if let Some(host) = host {
                out.push(KeyValue::new(attribute::SERVER_ADDRESS, host.clone()));
            }
            out.extend(port.map(|port| KeyValue::new(attribute::SERVER_PORT, i64::from(port))));
        }
    }
    out
}
