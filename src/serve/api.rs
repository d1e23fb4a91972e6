//! Method and path into what is wanted: one table, for every dialect that is served.

use http::{HeaderMap, Method, Uri};

use crate::model::Dialect;

/// What is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// An answer.
    Answer(Answer),
    /// Vectors for texts.
    Embed,
    /// How long a prompt is.
    Count {
        /// How the prompt is spelled.
        dialect: Dialect,
        /// The model, where the path names it.
        model: Option<String>,
    },
    /// The models there are.
    Models(List),
    /// One of them.
    Model(List, String),
    /// What Ollama's clients ask of a model.
    Show,
    /// The version, as Ollama's clients ask for it.
    Version,
    /// A gRPC call of a service that is none of ours.
    Pass,
    /// What happens in the house.
    Admin(Admin),
    /// It runs.
    Health,
    /// It can serve.
    Ready,
    /// The path exists, and is called in another way.
    Method(Dialect, &'static str),
    /// There is something of that name, and not here; a sentence.
    Absent(Dialect, &'static str),
    /// Another protocol is wanted than HTTP: Codex falls back at once where it hears that there is none
    /// (openai/codex#43353).
    Upgrade(Dialect),
    /// Nothing of that name.
    Unknown(Dialect),
}

/// What is asked of the house itself, below `/monster/v1/`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admin {
    /// Who serves, where, since when.
    Status,
    /// Requests under way and finished.
    Requests,
    /// News as they come.
    Events,
    /// Sums, as Prometheus reads them.
    Metrics,
    /// Settings and accounts are read anew.
    Reload,
    /// What can be asked here.
    Document,
}

/// An answer that is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// How it is asked for and told.
    pub dialect: Dialect,
    /// The model, where the path names it (Gemini).
    pub model: Option<String>,
    /// Whether a stream is wanted, where the path says it.
    pub stream: Option<bool>,
    /// A stream is one growing JSON array (Gemini without `alt=sse`).
    pub array: bool,
    /// Ollama's older call, with a prompt in the place of messages.
    pub plain: bool,
}

/// How a list of models is spelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum List {
    /// `data` of `model` objects.
    OpenAi,
    /// The same with Anthropic's members and pages.
    Anthropic,
    /// `models` with `models/` before each name.
    Gemini,
    /// `models` with sizes and digests.
    Ollama,
}

/// Where the service of xAI's clients lies.
const XAI: &str = "/xai_api.Chat/";
/// What is said of stored completions.
const UNKEPT: &str = "answers are not kept here, so there are no stored completions; for an answer, /v1/chat/completions is called with POST";

impl Target {
    /// Whose words an error about it is told in.
    #[must_use]
    pub const fn dialect(&self) -> Dialect {
        match self {
            Self::Answer(answer) => answer.dialect,
            Self::Count { dialect, .. }
            | Self::Absent(dialect, _)
            | Self::Upgrade(dialect)
            | Self::Method(dialect, _)
            | Self::Unknown(dialect) => *dialect,
            Self::Models(list) | Self::Model(list, _) => list.dialect(),
            Self::Show | Self::Version => Dialect::Ollama,
            Self::Pass => Dialect::XaiGrpc,
            Self::Embed | Self::Admin(_) | Self::Health | Self::Ready => Dialect::OpenAiChat,
        }
    }
}

impl List {
    pub(super) const fn dialect(self) -> Dialect {
        match self {
            Self::OpenAi => Dialect::OpenAiChat,
            Self::Anthropic => Dialect::AnthropicMessages,
            Self::Gemini => Dialect::Gemini,
            Self::Ollama => Dialect::Ollama,
        }
    }
}

/// What a request wants.
#[must_use]
pub fn target(method: &Method, uri: &Uri, headers: &HeaderMap) -> Target {
    let path = uri.path();
    let path = if path.len() > 1 { path.trim_end_matches('/') } else { path };
    if let Some(call) = path.strip_prefix(XAI) {
        return xai(method, call);
    }
    if *method == Method::POST && super::pass::spoken(headers) && super::pass::service(path).is_some() {
        return Target::Pass;
    }
    if path.starts_with("/xai_api.") {
        return Target::Absent(Dialect::XaiGrpc, "of xAI's services, only Chat is served here");
    }
    let get = *method == Method::GET || *method == Method::HEAD;
    let post = *method == Method::POST;
    let only = |right: bool, how: &'static str, target: Target| match right {
        true => target,
        false => Target::Method(target.dialect(), how),
    };
    match path {
        "/healthz" | "/health" | "/livez" => return only(get, "GET", Target::Health),
        "/readyz" => return only(get, "GET", Target::Ready),
        "/metrics" => return only(get, "GET", Target::Admin(Admin::Metrics)),
        "/monster/v1/status" => return only(get, "GET", Target::Admin(Admin::Status)),
        "/monster/v1/requests" => return only(get, "GET", Target::Admin(Admin::Requests)),
        "/monster/v1/events" => return only(get, "GET", Target::Admin(Admin::Events)),
        "/monster/v1/reload" => return only(post, "POST", Target::Admin(Admin::Reload)),
        "/monster/v1/openapi.json" => return only(get, "GET", Target::Admin(Admin::Document)),
        // Ollama's clients look whether somebody is there.
        "/" => return only(get, "GET", Target::Health),
        "/api/chat" => return only(post, "POST", answer(Dialect::Ollama)),
        "/api/generate" => return only(post, "POST", Target::Answer(Answer { plain: true, ..of(Dialect::Ollama) })),
        "/api/tags" | "/api/ps" => return only(get, "GET", Target::Models(List::Ollama)),
        "/api/show" => return only(post, "POST", Target::Show),
        "/api/version" => return only(get, "GET", Target::Version),
        _ => {}
    }
    if path.starts_with("/api/") {
        return Target::Unknown(Dialect::Ollama);
    }
    if let Some(rest) = path.strip_prefix("/v1beta/").or_else(|| path.strip_prefix("/v1alpha/")) {
        return gemini(method, uri, rest);
    }
    // Clients differ in whether the version belongs to the address they are given.
    let rest = path.strip_prefix("/openai/").or_else(|| path.strip_prefix('/')).unwrap_or(path);
    let rest = rest.strip_prefix("v1/").unwrap_or(rest);
    let (deployed, rest) = deployed(rest);
    if rest.starts_with("models/") && rest.contains(':') && post {
        return gemini(method, uri, rest);
    }
    match rest {
        "chat/completions" if get => Target::Absent(Dialect::OpenAiChat, UNKEPT),
        rest if rest.starts_with("chat/completions/") => Target::Absent(Dialect::OpenAiChat, UNKEPT),
        "chat/completions" => only(post, "POST", Target::Answer(Answer { model: deployed, ..of(Dialect::OpenAiChat) })),
        "responses" if get && headers.contains_key(http::header::UPGRADE) => Target::Upgrade(Dialect::OpenAiResponses),
        "responses" if get => {
            Target::Absent(Dialect::OpenAiResponses, "answers are streamed over HTTP here, not over a WebSocket")
        }
        "responses" => only(post, "POST", answer(Dialect::OpenAiResponses)),
        "embeddings" => only(post, "POST", Target::Embed),
        "messages" => only(post, "POST", answer(Dialect::AnthropicMessages)),
        "messages/count_tokens" => {
            only(post, "POST", Target::Count { dialect: Dialect::AnthropicMessages, model: None })
        }
        "models" => only(get, "GET", Target::Models(list(headers, uri))),
        "completions" => Target::Absent(
            Dialect::OpenAiChat,
            "completions without messages are not served; call /v1/chat/completions or /v1/responses",
        ),
        "responses/input_tokens" | "responses/compact" if post => Target::Absent(
            Dialect::OpenAiResponses,
            "of responses, only answers are served; prompts are counted at /v1/messages/count_tokens",
        ),
        rest if rest.starts_with("responses/") => Target::Absent(
            Dialect::OpenAiResponses,
            "answers are not kept here, so none can be fetched; send store: false and the whole conversation",
        ),
        rest if rest.starts_with("messages/") => {
            Target::Absent(Dialect::AnthropicMessages, "batches are not served here")
        }
        rest => match rest.strip_prefix("models/") {
            Some(name) if !name.is_empty() => only(get, "GET", Target::Model(list(headers, uri), decoded(name))),
            _ => Target::Unknown(if headers.contains_key("anthropic-version") {
                Dialect::AnthropicMessages
            } else {
                Dialect::OpenAiChat
            }),
        },
    }
}

/// The model that Azure's clients, who send their key as `api-key`, name in the path too (azure-foundry.md), and what is
/// asked of it.
fn deployed(rest: &str) -> (Option<String>, &str) {
    let named = |call: &'static str| {
        let model = rest.strip_prefix("deployments/")?.strip_suffix(call)?.strip_suffix('/')?;
        (!model.is_empty()).then(|| (Some(decoded(model)), call))
    };
    ["chat/completions", "embeddings"].into_iter().find_map(named).unwrap_or((None, rest))
}

/// An answer in this dialect, of which the path says nothing else.
pub(super) const fn of(dialect: Dialect) -> Answer {
    Answer { dialect, model: None, stream: None, array: false, plain: false }
}

const fn answer(dialect: Dialect) -> Target {
    Target::Answer(of(dialect))
}

fn xai(method: &Method, call: &str) -> Target {
    if *method != Method::POST {
        return Target::Method(Dialect::XaiGrpc, "POST");
    }
    let stream = match call {
        "GetCompletion" => Some(false),
        "GetCompletionChunk" => Some(true),
        _ => {
            let what = "answers are not kept here, so there are no deferred and no stored completions";
            return Target::Absent(Dialect::XaiGrpc, what);
        }
    };
    Target::Answer(Answer { stream, ..of(Dialect::XaiGrpc) })
}

/// `models/NAME:METHOD`, below the version (gemini.md, "Endpoints").
fn gemini(method: &Method, uri: &Uri, rest: &str) -> Target {
    let get = *method == Method::GET || *method == Method::HEAD;
    if rest == "models" {
        return if get { Target::Models(List::Gemini) } else { Target::Method(Dialect::Gemini, "GET") };
    }
    let Some(rest) = rest.strip_prefix("models/") else { return Target::Unknown(Dialect::Gemini) };
    let Some((model, call)) = rest.rsplit_once(':') else {
        return if get { Target::Model(List::Gemini, decoded(rest)) } else { Target::Method(Dialect::Gemini, "GET") };
    };
    if *method != Method::POST {
        return Target::Method(Dialect::Gemini, "POST");
    }
    let model = Some(decoded(model));
    match call {
        "generateContent" => Target::Answer(Answer { model, stream: Some(false), ..of(Dialect::Gemini) }),
        "streamGenerateContent" => {
            let array = parameter(uri, "alt").as_deref() != Some("sse");
            Target::Answer(Answer { model, stream: Some(true), array, ..of(Dialect::Gemini) })
        }
        "countTokens" => Target::Count { dialect: Dialect::Gemini, model },
        _ => Target::Absent(
            Dialect::Gemini,
            "of models, only generateContent, streamGenerateContent and countTokens are served",
        ),
    }
}

/// Whose client asks for the list (field notes, "Clients").
fn list(headers: &HeaderMap, uri: &Uri) -> List {
    if headers.contains_key("anthropic-version") {
        List::Anthropic
    } else if headers.contains_key("x-goog-api-key") || parameter(uri, "key").is_some() {
        List::Gemini
    } else {
        List::OpenAi
    }
}

/// A parameter of the query.
pub(super) fn parameter(uri: &Uri, name: &str) -> Option<String> {
    let pairs = url::form_urlencoded::parse(uri.query()?.as_bytes());
    pairs.into_iter().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

/// A part of a path without `%2F` and its kin: models' names hold slashes.
fn decoded(part: &str) -> String {
    let whole = format!("p={}", part.replace('+', "%2B"));
    let mut pairs = url::form_urlencoded::parse(whole.as_bytes());
    pairs.next().map_or_else(|| part.to_owned(), |(_, value)| value.into_owned())
}

#[cfg(test)]
#[path = "tests/api.rs"]
mod tests;
