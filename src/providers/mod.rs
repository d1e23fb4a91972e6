//! Who answers: pure descriptions, no input or output. One table line per provider.

mod adapt;
mod amount;
mod anthropic;
mod azure;
mod balance;
mod classify;
mod compatible;
mod count;
mod deepseek;
mod gemini;
mod generic;
mod github;
mod huggingface;
mod limits;
mod listing;
mod lmstudio;
mod ollama;
mod openai;
mod openrouter;
mod reason;
pub mod retry;
mod vendors;
mod vertex;
mod xai;

#[cfg(test)]
mod tests;

use std::time::Duration;

pub(crate) use adapt::steered;
pub use balance::{Balance, Opens, Reading, Then};
pub use count::Counting;
use http::header::{AsHeaderName, HeaderMap, HeaderName};

use crate::model::{
    Block, Count, Demand, Dialect, ENV, Failure, Listed, ModelCard, Purpose, Request, Secret, ToolChoice, Via,
};
use crate::wire::Adapted;

/// Headers that name a request as its provider knows it.
static IDS: [HeaderName; 3] = [
    HeaderName::from_static("x-request-id"),
    HeaderName::from_static("request-id"),
    HeaderName::from_static("apim-request-id"),
];

/// Status line and headers of an answer, names in lower case.
#[derive(Debug, Clone, Default)]
pub struct Head {
    /// HTTP status.
    pub status: u16,
    /// What it says beside.
    pub headers: HeaderMap,
}

impl Head {
    /// The first value of a header that is text, by lower-case name.
    #[must_use]
    pub fn get(&self, name: impl AsHeaderName) -> Option<&str> {
        self.headers.get_all(name).iter().find_map(|value| value.to_str().ok())
    }

    /// The request as its provider knows it.
    pub(crate) fn id(&self) -> Option<&str> {
        IDS.iter().find_map(|name| self.get(name))
    }

    /// Every header that is text, in order.
    pub(crate) fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.headers.iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)))
    }
}

/// How a key travels.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Auth {
    /// `Authorization: Bearer KEY`.
    #[default]
    Bearer,
    /// The named header holds the key.
    Header(String),
    /// The named header holds this word and the key.
    Prefixed(String, String),
    /// No key.
    None,
}

/// A provider plus settings: what config calls an entry.
#[derive(Debug, Clone)]
pub struct Upstream {
    /// The user's name for it; the provider's id when nothing was configured.
    pub name: String,
    /// Provider id in the table.
    pub provider: String,
    /// For example `https://api.openai.com/v1`; no trailing slash.
    pub base_url: String,
    /// Dialect forced by config; otherwise the provider chooses by model.
    pub dialect: Option<Dialect>,
    /// How the key travels; `None` = the provider's way.
    pub auth: Option<Auth>,
    /// A variable that holds its key, named in settings.
    pub key_env: Option<String>,
    /// Headers to add; never credentials.
    pub headers: Vec<(String, String)>,
    /// Headers that the environment adds to its own key: they name what that key belongs to, and nothing of another.
    pub of_env: Vec<(String, String)>,
    /// The customer's project, where the address names one.
    pub project: Option<String>,
    /// Where it is served from, where the customer chooses.
    pub location: Option<String>,
    /// Query parameters to add.
    pub query: Vec<(String, String)>,
    /// Where it is called and listed, below its address; `None` = as its dialect has it.
    pub paths: (Option<String>, Option<String>),
    /// Spelling that differs from the provider's own ([`crate::model::TWEAKS`]).
    pub quirks: Vec<(String, String)>,
    /// How it is reached, where that differs from the settings' `net`.
    pub via: Via,
    /// Models from config rows, beyond the catalog.
    pub models: Vec<ModelCard>,
    /// gRPC services whose calls are passed on to it; a `*` at the end is any text.
    pub pass: Vec<String>,
    /// It runs on this machine and costs nothing: the user says so, or nothing speaks against it.
    pub local: bool,
}

impl Upstream {
    /// An entry of which nothing but its place is set.
    #[must_use]
    pub fn at(name: &str, provider: &str, base_url: &str) -> Self {
        Self {
            name: name.to_owned(),
            provider: provider.to_owned(),
            base_url: base_url.trim_end_matches('/').to_owned(),
            dialect: None,
            auth: None,
            key_env: None,
            headers: Vec::new(),
            of_env: Vec::new(),
            project: None,
            location: None,
            query: Vec::new(),
            paths: (None, None),
            quirks: Vec::new(),
            via: Via::default(),
            models: Vec::new(),
            pass: Vec::new(),
            local: self::provider(provider).is_some_and(Provider::local),
        }
    }

    /// As it is asked for this account, which may have a proxy of its own.
    #[must_use]
    pub fn over(self, account: &str) -> Self {
        let via = self.via_of(account);
        Self { via, ..self.with_env(account).unwrap_or(self) }
    }

    /// As it is asked with the key of the environment, where that comes with headers; what the settings say goes before
    /// them. `None` = as it is, as for every other account.
    #[must_use]
    pub fn with_env(&self, account: &str) -> Option<Self> {
        if account != ENV || self.of_env.is_empty() {
            return None;
        }
        let mut out = self.clone();
        let said = |name: &str| self.headers.iter().any(|(own, _)| own.eq_ignore_ascii_case(name));
        out.headers.extend(self.of_env.iter().filter(|(name, _)| !said(name)).cloned());
        Some(out)
    }

    /// How it is reached for this account.
    #[must_use]
    pub fn via_of(&self, account: &str) -> Via {
        Via { account: Some(format!("{}/{account}", self.name)), ..self.via.clone() }
    }
}

/// What a sign-in needs: data for the command, the probe and the hint.
#[derive(Debug, Clone, Copy)]
pub struct SignIn {
    /// Environment names that hold a key, first wins.
    pub env: &'static [&'static str],
    /// Environment name of a base URL override, if the official SDK reads one.
    pub base_env: Option<&'static str>,
    /// Where a person gets a key.
    pub url: &'static str,
    /// A key is needed at all.
    pub needs_key: bool,
}

/// What the request wishes, decided without knowing the model.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Intent {
    /// Reasoning asked for.
    pub effort: Demand,
    /// What another program asked for by itself: in every dialect its limit counts what is thought, too.
    pub asked: Option<Demand>,
    /// Output tokens wanted; of monster's own commands those that are seen.
    pub max_output: Option<u32>,
    /// A JSON Schema is wanted.
    pub structured: bool,
    /// Tools are offered.
    pub tools: bool,
    /// Calls of tools, or their results, stand in the conversation.
    pub called: bool,
    /// A tool must be called.
    pub forced: bool,
    /// Images are part of it.
    pub images: bool,
    /// PDF documents are part of it.
    pub documents: bool,
    /// Why.
    pub purpose: Purpose,
    /// Bytes of the prompt.
    pub prompt_bytes: usize,
    /// Its tokens, where somebody counted them for the model that is asked.
    pub count: Option<Count>,
    /// Vectors are asked for: there is no output that would cost anything.
    pub vectors: bool,
}

impl Intent {
    /// What a request wishes.
    #[must_use]
    pub fn of(request: &Request, prompt_bytes: usize) -> Self {
        Self {
            effort: request.effort,
            asked: (request.purpose == Purpose::Serve).then_some(request.effort),
            max_output: request.max_output,
            structured: request.schema.is_some(),
            tools: !request.tools.is_empty(),
            called: request.messages.iter().any(|m| m.blocks.iter().any(Block::is_call)),
            forced: matches!(request.tool_choice, ToolChoice::Required | ToolChoice::Named(_)),
            images: request.messages.iter().any(|m| m.blocks.iter().any(Block::is_image)),
            documents: request.messages.iter().any(|m| m.blocks.iter().any(Block::is_pdf)),
            purpose: request.purpose,
            prompt_bytes,
            count: None,
            vectors: false,
        }
    }

    /// Tokens of the prompt: counted, else by so many bytes a token.
    #[must_use]
    pub fn prompt(&self, bytes_per_token: usize) -> u64 {
        self.count.map_or_else(|| self.prompt_bytes.div_ceil(bytes_per_token.max(1)) as u64, |count| count.tokens)
    }
}

/// One counter the provider told us about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limit {
    /// `requests`, `tokens`, `input-tokens`, `output-tokens`, `plan`, …
    pub what: String,
    /// What is counted: `requests`, `tokens`, `percent`, …
    pub unit: String,
    /// Which of several windows: `minute`, `day`, `5h`, or a policy's name; `None` = the only one, or not said.
    pub window: Option<String>,
    /// The ceiling, if said.
    pub limit: Option<u64>,
    /// What is left; never more than the ceiling.
    pub remaining: Option<u64>,
    /// Until it is full again, measured from now.
    pub reset: Option<Duration>,
    /// It covers the account, whatever the model.
    pub wide: bool,
}

impl Limit {
    /// A counter of which nothing but its ceiling is known; what is counted follows from its name.
    #[must_use]
    pub fn new(what: &str, limit: Option<u64>) -> Self {
        let unit = if what.ends_with("tokens") { "tokens" } else { what };
        let (what, unit) = (what.to_owned(), unit.to_owned());
        Self { what, unit, window: None, limit, remaining: None, reset: None, wide: false }
    }

    /// Its name with its window: one of a kind in an answer.
    #[must_use]
    pub fn name(&self) -> String {
        self.window.as_ref().map_or_else(|| self.what.clone(), |window| format!("{}/{window}", self.what))
    }
}

/// A provider, sans-IO.
pub trait Provider: Sync {
    /// Its id, for example `openai`.
    fn id(&self) -> &'static str;
    /// Its name for people.
    fn label(&self) -> &'static str;
    /// What a sign-in needs.
    fn sign_in(&self) -> SignIn;
    /// Where it is, without trailing slash; empty when only config knows.
    fn base_url(&self) -> &'static str;
    /// Variables from which the official SDKs take project and location, where the address names these; first wins.
    fn place_env(&self) -> [&'static [&'static str]; 2] {
        [&[], &[]]
    }
    /// Variables from which the official SDK takes headers that go with its key, and these headers' names.
    fn header_env(&self) -> &'static [(&'static str, &'static str)] {
        &[]
    }
    /// What has to be said before its address is known, one sentence; `None` = nothing.
    fn lacks(&self, _: &Upstream) -> Option<String> {
        None
    }
    /// Runs on this machine.
    fn local(&self) -> bool {
        false
    }
    /// How it is spoken to about this model (card from catalog or config) and request.
    fn dialect(&self, upstream: &Upstream, card: &ModelCard, intent: &Intent) -> Dialect;
    /// How it is asked for vectors, where it is spoken to in `usual` else: OpenAI's lie beside Chat.
    fn embeds(&self, _: &Upstream, usual: Dialect) -> Dialect {
        if usual == Dialect::OpenAiResponses { Dialect::OpenAiChat } else { usual }
    }
    /// The full URL of a generation call.
    fn endpoint(&self, upstream: &Upstream, dialect: Dialect, model: &str, stream: bool) -> String;
    /// The full URL that lists models; used as key check.
    fn models_url(&self, upstream: &Upstream) -> String;
    /// Headers of a call, credential included.
    fn sign(&self, upstream: &Upstream, dialect: Dialect, key: Option<&Secret>) -> Vec<(String, String)>;
    /// Maps wishes to what this model accepts.
    fn adapt(&self, upstream: &Upstream, dialect: Dialect, card: &ModelCard, intent: &Intent) -> Adapted;
    /// The name for people of whoever answers for this upstream: one of the user's own has no other than its own.
    fn called<'u>(&self, upstream: &'u Upstream) -> &'u str {
        match self.id() {
            generic::ID => &upstream.name,
            _ => self.label(),
        }
    }
    /// What a non-success answer of `who` means ([`Self::called`]). `now` is wall-clock seconds since 1970, for dates in headers.
    fn classify(&self, who: &str, dialect: Dialect, head: &Head, body: &[u8], now: i64) -> Failure;
    /// What a failure that an answer states after it began well means here, and for how long. `now` is seconds since
    /// 1970. One that no provider stated (a cut, silence) is left as it is.
    fn inside(&self, failure: Failure, now: i64) -> Failure {
        classify::inside(self.id(), failure, now)
    }
    /// Limits stated by a successful answer.
    fn limits(&self, head: &Head, now: i64) -> Vec<Limit>;
    /// Documented endpoints that say what is left or spent; empty when there is none.
    fn balances(&self) -> &'static [Balance] {
        balance::of(self.id())
    }
    /// Where it counts a prompt's tokens free of charge for a call of this dialect; `None` = nowhere that is known.
    fn counting(&self, upstream: &Upstream, dialect: Dialect, model: &str) -> Option<Counting> {
        count::at(self.id(), upstream, dialect, model)
    }
    /// Model ids listed by the models endpoint.
    fn read_models(&self, body: &[u8]) -> Vec<String>;
    /// Whether what the models endpoint said is a list at all.
    fn lists(&self, dialect: Dialect, body: &[u8]) -> bool {
        // What is said in protobuf is read as what it is.
        dialect == Dialect::XaiGrpc || listing::is_list(body)
    }
    /// The full URL where it says what its models can do and cost; often where it lists them.
    fn cards_url(&self, upstream: &Upstream) -> String {
        listing::elsewhere(self.id(), upstream).unwrap_or_else(|| self.models_url(upstream))
    }
    /// What it says there.
    fn read_cards(&self, body: &[u8]) -> Vec<Listed> {
        listing::cards(self.id(), body)
    }
    /// Where a server on this machine describes one model, and what is posted there; `None` = nowhere.
    fn about(&self, upstream: &Upstream, id: &str) -> Option<(String, Option<Vec<u8>>)> {
        listing::about(self.id(), upstream, id)
    }
    /// What it says there; the name is left empty.
    fn read_about(&self, body: &[u8]) -> Listed {
        listing::described(self.id(), body)
    }
}

/// The table: one line a provider, in the order people are offered them.
static TABLE: [&dyn Provider; 26] = [
    &openai::OPENAI,
    &anthropic::Anthropic,
    &gemini::Gemini,
    &openrouter::OPENROUTER,
    &deepseek::DEEPSEEK,
    &xai::XAI,
    &github::GITHUB,
    &huggingface::HUGGINGFACE,
    &vendors::MISTRAL,
    &vendors::GROQ,
    &vendors::TOGETHER,
    &vendors::COHERE,
    &vendors::QWEN,
    &vendors::ZHIPU,
    &vendors::MINIMAX,
    &vendors::MOONSHOT,
    &vendors::CEREBRAS,
    &ollama::OLLAMA,
    &ollama::CLOUD,
    &lmstudio::LMSTUDIO,
    &vendors::LLAMACPP,
    &vendors::VLLM,
    &azure::AZURE,
    &azure::FOUNDRY,
    &vertex::Vertex,
    &generic::GENERIC,
];

/// Every provider.
#[must_use]
pub fn all() -> &'static [&'static dyn Provider] {
    &TABLE
}

/// The provider with this id.
#[must_use]
pub fn provider(id: &str) -> Option<&'static dyn Provider> {
    TABLE.iter().copied().find(|p| p.id() == id)
}
