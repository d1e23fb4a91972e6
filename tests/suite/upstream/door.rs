//! Which path belongs to whom: the addresses of every provider, below one port.

use super::anthropic::Anthropic;
use super::chat::Chat;
use super::count::Counted;
use super::dialect::Dialect;
use super::gemini::Gemini;
use super::ollama::Ollama;
use super::responses::Responses;
use super::vendor;

/// What a path asks for.
pub enum Asked {
    /// A generation call in this dialect. Gemini names model and streaming in the path.
    Generation { dialect: &'static dyn Dialect, model: Option<String>, stream: Option<bool> },
    /// The models, listed in this dialect.
    Models(&'static dyn Dialect),
    /// The models, as Vertex lists them.
    Published,
    /// What Ollama knows of a model.
    Show,
    /// Tokens of a prompt.
    Count(Counted),
    /// Nothing there.
    Nothing,
}

/// The address a provider's SDK would be given, below `root`.
pub fn base(root: &str, provider: &str) -> String {
    let below = match provider {
        "openrouter" => "openrouter/api/v1",
        "anthropic" | "gemini" | "vertex" | "deepseek" | "ollama" => provider,
        "azure" | "azure-foundry" => return root.to_owned(),
        other => return format!("{root}/{other}/{}", vendor::of(other).map_or("v1", |vendor| vendor.path)),
    };
    format!("{root}/{below}")
}

/// Whether this provider takes no request without its key.
pub fn needs_key(provider: &str) -> bool {
    ["openai", "anthropic", "gemini", "openrouter", "deepseek", "xai", "keyed"].contains(&provider)
}

/// The dialect whose errors a provider speaks when nothing else is known.
pub fn native(provider: &str) -> &'static dyn Dialect {
    match provider {
        "anthropic" => &Anthropic,
        "gemini" => &Gemini,
        "ollama" => &Ollama,
        _ => &Chat,
    }
}

/// The dialect of that name.
pub fn spoken(name: &str) -> &'static dyn Dialect {
    let all: [&'static dyn Dialect; 5] = [&Chat, &Responses, &Anthropic, &Gemini, &Ollama];
    all.into_iter().find(|d| d.name() == name).expect("a dialect")
}

/// What `method` and `path` (without the query) ask of whom.
pub fn asked(method: &str, path: &str, query: &str) -> (String, Asked) {
    let path = path.trim_start_matches('/');
    let (provider, rest) = path.split_once('/').unwrap_or((path, ""));
    // A bare server on a default port has no folder of its own.
    let (provider, rest) = match provider {
        "api" => ("ollama", path),
        "v1" | "v1beta" => ("local", path),
        _ => (provider, rest),
    };
    let plain = |dialect: &'static dyn Dialect| Asked::Generation { dialect, model: None, stream: None };
    let what = match (provider, method, rest) {
        ("anthropic" | "local", "POST", "v1/messages") => plain(&Anthropic),
        ("local", "POST", _) if rest.starts_with("v1beta/") => gemini(rest, query),
        ("anthropic" | "local", "POST", "v1/messages/count_tokens" | "messages/count_tokens") => {
            Asked::Count(Counted::Anthropic)
        }
        ("anthropic", "GET", "v1/models") => Asked::Models(&Anthropic),
        ("gemini", "GET", "v1beta/models" | "v1/models") => Asked::Models(&Gemini),
        ("gemini", "POST", _) if rest.ends_with(":countTokens") => Asked::Count(Counted::Gemini),
        ("gemini", "POST", _) => gemini(rest, query),
        ("ollama", "POST", "api/chat") => plain(&Ollama),
        ("ollama", "POST", "api/show") => Asked::Show,
        ("ollama", "GET", "api/tags") => Asked::Models(&Ollama),
        // Azure's older surface names the deployment in the path.
        ("openai", "POST", _) if rest.starts_with("deployments/") && rest.ends_with("/chat/completions") => {
            let model = rest.split('/').nth(1).map(str::to_owned);
            return ("azure".to_owned(), Asked::Generation { dialect: &Chat, model, stream: None });
        }
        ("deepseek", "POST", "chat/completions" | "v1/chat/completions") => plain(&Chat),
        ("deepseek", "GET", "models" | "v1/models") => Asked::Models(&Chat),
        ("openrouter", "POST", "api/v1/chat/completions") => plain(&Chat),
        ("openrouter", "GET", "api/v1/models") => Asked::Models(&Chat),
        ("vertex", "GET", "v1beta1/publishers/google/models") => Asked::Published,
        ("vertex", "POST", _) if rest.ends_with(":countTokens") => Asked::Count(Counted::Vertex),
        ("vertex", "POST", _) if rest.ends_with("/publishers/anthropic/models/count-tokens:rawPredict") => {
            Asked::Count(Counted::Anthropic)
        }
        ("vertex", "POST", _) => vertex(rest, query),
        ("vertex" | "anthropic" | "gemini" | "ollama" | "deepseek" | "openrouter", ..) => Asked::Nothing,
        (_, _, below) if vendor::of(provider).is_some_and(|v| below.starts_with(v.path)) => vendors(method, below),
        (_, "POST", "v1/chat/completions") => plain(&Chat),
        (_, "POST", "v1/responses/input_tokens") => Asked::Count(Counted::Responses),
        (_, "POST", "v1/responses") => plain(&Responses),
        (_, "GET", "v1/models") => Asked::Models(&Chat),
        _ => Asked::Nothing,
    };
    (provider.to_owned(), what)
}

/// Below a vendor's own path.
fn vendors(method: &str, below: &str) -> Asked {
    match method {
        "POST" if below.ends_with("/chat/completions") => {
            Asked::Generation { dialect: &Chat, model: None, stream: None }
        }
        "GET" if below.ends_with("/models") => Asked::Models(&Chat),
        _ => Asked::Nothing,
    }
}

/// `v1beta/models/M:verb`; without `alt=sse` a stream would be one long array, which nobody here reads.
fn gemini(rest: &str, query: &str) -> Asked {
    let named = rest.strip_prefix("v1beta/models/").or_else(|| rest.strip_prefix("v1/models/"));
    let stream = match named.and_then(|n| n.split_once(':')) {
        Some((_, "generateContent")) => false,
        Some((_, "streamGenerateContent")) if query.split('&').any(|q| q == "alt=sse") => true,
        _ => return Asked::Nothing,
    };
    let model = named.and_then(|n| n.split_once(':')).map(|(model, _)| model.to_owned());
    Asked::Generation { dialect: &Gemini, model, stream: Some(stream) }
}

/// `projects/P/locations/L/publishers/WHO/models/M:verb` below the version that each publisher's own SDK asks for.
fn vertex(rest: &str, query: &str) -> Asked {
    let parts: Vec<&str> = rest.split('/').collect();
    let [version, "projects", _, "locations", _, "publishers", who, "models", named] = parts[..] else {
        return Asked::Nothing;
    };
    let Some((model, verb)) = named.split_once(':') else { return Asked::Nothing };
    let sse = query.split('&').any(|q| q == "alt=sse");
    let (dialect, stream): (&'static dyn Dialect, bool) = match (version, who, verb) {
        ("v1beta1", "google", "generateContent") => (&Gemini, false),
        ("v1beta1", "google", "streamGenerateContent") if sse => (&Gemini, true),
        ("v1", "anthropic", "rawPredict") => (&Anthropic, false),
        ("v1", "anthropic", "streamRawPredict") => (&Anthropic, true),
        _ => return Asked::Nothing,
    };
    Asked::Generation { dialect, model: Some(model.to_owned()), stream: Some(stream) }
}
