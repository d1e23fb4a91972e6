//! Settings in layers, each value with its origin: default < user file < git global < repository < environment < flags.
//!
//! The repository's layer is not trusted: it may set style and conventions and may tighten limits. Nothing in a
//! repository can name an endpoint, a header, a command, an account or a model's address, or weaken redaction.

mod budget;
mod effort;
mod file;
mod keys;
mod load;
mod names;
mod oauth;
mod origin;
mod problem;
mod proxy;
mod redact;
pub mod redact_allow;
mod rules;
mod schema;
mod served;
mod strategy;
mod upstream;
mod value;
mod write;

#[cfg(test)]
mod tests;

use globset::GlobSet;

pub use budget::{AccountBudget, Budget};
pub use effort::EffortRow;
pub use load::{Inputs, Loaded, Shown, key_names, worded};
pub use names::{NameRow, Sharing, bare};
pub use oauth::OauthRow;
pub use origin::Origin;
pub use problem::{ConfigError, Problem};
pub use redact::{FindRow, KindRow, Redact, modes};
pub use rules::RuleRow;
pub use schema::schema;
pub use served::UpstreamModel;
pub use strategy::Strategy;
pub use upstream::{Paths, UpstreamRow};
pub use write::{check, set, unset};

use crate::model::{Demand, NanoUsd};

/// The settings that hold, after all layers.
#[derive(Debug, Clone)]
pub struct Config {
    /// Role, model or list of models; `None` = each command's own role.
    pub model: Option<String>,
    /// Reasoning; `None` = each command's own.
    pub effort: Option<Demand>,
    /// Reasoning of single models; the first row that fits counts.
    pub efforts: Vec<EffortRow>,
    /// No model is asked that cannot be held to it.
    pub effort_strict: bool,
    /// Ask no model.
    pub offline: bool,
    /// The user's models per role.
    pub roles: Roles,
    /// The user's names for models, from the user's own file only.
    pub names: Vec<NameRow>,
    /// Entries under `upstreams`, from the user's own file only.
    pub upstreams: Vec<UpstreamRow>,
    /// Upstreams of the user's that cannot be read: their names, and where and why.
    pub lost: Vec<(String, String)>,
    /// Entries under `rules`, from the user's own file only.
    pub rules: Vec<RuleRow>,
    /// Commit messages.
    pub commit: Commit,
    /// The hook.
    pub hook: Hook,
    /// Reviews.
    pub review: Review,
    /// Questions.
    pub ask: Ask,
    /// Secrets in what is sent.
    pub redact: Redact,
    /// Most a request may cost.
    pub max_cost: Option<NanoUsd>,
    /// What may be spent by the day, the month, the repository and the account.
    pub budget: Budget,
    /// Waits for cooling routes.
    pub park: Park,
    /// The local proxy.
    pub serve: Serve,
    /// The sealed file.
    pub accounts: Accounts,
    /// What history keeps.
    pub history: History,
    /// HTTP.
    pub net: Network,
    /// Servers on this machine.
    pub local: Local,
    /// Where a newer list of models and prices is fetched from.
    pub models_url: String,
    /// Signing in with ChatGPT is offered.
    pub chatgpt: bool,
    /// `auto`, `always` or `never`.
    pub color: String,
}

/// Models per role, in failover order; empty = the catalog's ranks.
#[derive(Debug, Clone, Default)]
pub struct Roles(Vec<(&'static str, Vec<String>)>);

impl Roles {
    /// The list for a role's name.
    #[must_use]
    pub fn of(&self, role: &str) -> &[String] {
        self.0.iter().find(|(name, _)| *name == role).map_or(&[], |(_, models)| models)
    }
}

/// Commit messages.
#[derive(Debug, Clone)]
pub struct Commit {
    /// Reasoning; `None` = not said.
    pub effort: Option<Demand>,
    /// `conventional`, `plain`, `gitmoji`, `subsystem`; `None` = learned from history.
    pub style: Option<String>,
    /// Language; `None` = English.
    pub language: Option<String>,
    /// Longest subject in characters.
    pub subject_max: usize,
    /// `auto`, `always` or `never`.
    pub body: String,
    /// Allowed types; empty = the usual ones.
    pub types: Vec<String>,
    /// Allowed scopes; empty = any.
    pub scopes: Vec<String>,
    /// What the repository declares for other programs is followed.
    pub conventions: bool,
    /// The branch's issue key is put where history puts keys.
    pub issue: bool,
    /// Most bytes of the request.
    pub max_bytes: usize,
    /// Seconds for a message.
    pub deadline: u64,
}

/// The hook.
#[derive(Debug, Clone)]
pub struct Hook {
    /// Draft messages at all.
    pub enabled: bool,
    /// Judge messages, what is staged and what is pushed. What the files of a repository say is not asked: they came from
    /// anybody.
    pub judges: bool,
    /// Seconds for a message.
    pub deadline: u64,
    /// Draft for amends too.
    pub amend: bool,
    /// `off`, `warn` or `block`: what is done about a message that breaks a rule.
    pub validate: String,
    /// A staged secret stops a commit.
    pub stops_secrets: bool,
}

/// Reviews.
#[derive(Debug, Clone)]
pub struct Review {
    /// Reasoning; `None` = not said.
    pub effort: Option<Demand>,
    /// The severity that fails a review; `None` = none does.
    pub fail_on: Option<String>,
    /// A file of the repository with rules for reviews, by its path.
    pub rules: Option<String>,
    /// Most findings a model may make.
    pub max_findings: usize,
    /// Most bytes of one request.
    pub max_bytes: usize,
    /// What models said is kept, and not asked again.
    pub cache: bool,
    /// `auto`, `always` or `never`: whether claims are looked at a second time.
    pub verify: String,
    /// Who does; `None` = chosen.
    pub verifier: Option<String>,
    ignore: GlobSet,
}

impl Review {
    /// The user or the repository does not want this path reviewed.
    #[must_use]
    pub fn ignored(&self, path: &str) -> bool {
        self.ignore.is_match(path)
    }
}

/// Questions.
#[derive(Debug, Clone)]
pub struct Ask {
    /// Reasoning; `None` = not said.
    pub effort: Option<Demand>,
    /// Member A of a dialectic.
    pub first: Option<String>,
    /// Member B.
    pub second: Option<String>,
    /// Who reconciles.
    pub synthesis: Option<String>,
    /// Seconds for each voice of a dialectic.
    pub deadline: u64,
    /// How the voices of a dialectic work together.
    pub mode: String,
    /// Rounds of criticism; `None` = the mode's own.
    pub rounds: Option<u8>,
    /// Days that a dialectic is kept.
    pub keep: u64,
}

/// How long requests may wait for cooling routes, in seconds.
#[derive(Debug, Clone)]
pub struct Park {
    /// `ask`.
    pub ask: u64,
    /// `review`.
    pub review: u64,
    /// `commit`.
    pub commit: u64,
    /// Most requests that wait for the same routes.
    pub queue: usize,
}

/// The local proxy.
#[derive(Debug, Clone)]
pub struct Serve {
    /// Where it listens, as written.
    pub listen: Vec<String>,
    /// PEM file with the certificate for addresses beyond this machine.
    pub certificate: Option<String>,
    /// PEM file with its private key.
    pub key: Option<String>,
    /// Names under which it is called, beside this machine's own.
    pub hosts: Vec<String>,
    /// Where placeholders become secrets again (`secrets::Restore`).
    pub restore: String,
    /// Seconds that requests wait for cooling routes.
    pub park: u64,
    /// Seconds that one request may take.
    pub deadline: u64,
    /// Largest body (bytes).
    pub body: usize,
    /// Most connections at once.
    pub connections: usize,
    /// Seconds that open answers get at the end.
    pub drain: u64,
    /// The collector of traces and metrics; `off` = none, whatever the environment says.
    pub telemetry: Option<String>,
    /// The file with headers for it.
    pub telemetry_headers: Option<String>,
}

/// The sealed file, and which of its accounts is asked first.
#[derive(Debug, Clone)]
pub struct Accounts {
    /// Which of several accounts with equal priority is asked first, where an upstream does not say otherwise.
    pub strategy: Strategy,
    /// Seconds that the Linux kernel keeps it unlocked; 0 = not at all.
    pub unlock_for: u64,
}

/// What history keeps beside metadata.
#[derive(Debug, Clone)]
pub struct History {
    /// `all`, `failed` or `off`.
    pub content: String,
    /// Days that content is kept.
    pub keep: u64,
}

/// HTTP.
#[derive(Debug, Clone)]
pub struct Network {
    /// More trusted certificates, a PEM file.
    pub ca_file: Option<String>,
    /// A proxy's URL; `None` = the environment's.
    pub proxy: Option<String>,
    /// Accounts (`name` or `upstream/name`) that have a proxy of their own, and its URL.
    pub proxies: Vec<(String, String)>,
    /// Seconds to connect.
    pub connect_timeout: u64,
    /// Seconds from sending to the first byte of an answer.
    pub first_byte_timeout: u64,
    /// Seconds between two pieces of an answer.
    pub idle_timeout: u64,
}

impl Network {
    /// No proxy, the system's certificates, and so many seconds for each phase.
    #[must_use]
    pub const fn within(seconds: u64) -> Self {
        Self {
            ca_file: None,
            proxy: None,
            proxies: Vec::new(),
            connect_timeout: seconds,
            first_byte_timeout: seconds,
            idle_timeout: seconds,
        }
    }
}

/// Servers on this machine.
#[derive(Debug, Clone)]
pub struct Local {
    /// Look on the default ports.
    pub discover: bool,
    /// Addresses that are accepted without a question, `127.0.0.1:11434`.
    pub servers: Vec<String>,
}
