//! Why a call gave no answer.

use std::time::Duration;

use super::clean::Blocked;
use super::route::NO_KEY;
use crate::model::{Count, Failure, Kind, NanoUsd};
use crate::store::CoolDown;

/// One attempt that failed, as people see it.
#[derive(Debug, Clone)]
pub struct Tried {
    /// `account at upstream`.
    pub account: String,
    /// `upstream/model`.
    pub model: String,
    /// Why.
    pub failure: Failure,
}

impl Tried {
    /// `upstream/model (account NAME)`, or the model alone where no account is needed.
    #[must_use]
    pub fn who(&self) -> String {
        if self.account == NO_KEY { self.model.clone() } else { format!("{} (account {})", self.model, self.account) }
    }
}

/// Why the sealed file could not be opened.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{why}")]
pub struct Locked {
    /// One sentence.
    pub why: String,
    /// What helps.
    pub hint: Option<String>,
}

/// Why a call gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// Nothing is connected that could answer.
    #[error("no model is connected")]
    NoRoute {
        /// What stood in the way, one sentence each (locked accounts, servers not yet accepted).
        notes: Vec<String>,
    },
    /// The sealed file could not be opened, and nothing else could answer.
    #[error(transparent)]
    Locked(#[from] Locked),
    /// Nobody knows that model.
    #[error("no connected provider serves the model \"{model}\"")]
    UnknownModel {
        /// As asked for.
        model: String,
        /// Names that look like it.
        near: Vec<String>,
    },
    /// What stands in parentheses behind a model's name is no effort.
    #[error("\"{word}\" is no effort: in parentheses behind a model's name stands how hard it is to think")]
    NoEffort {
        /// What stands there.
        word: String,
    },
    /// Secrets, and the policy is to block.
    #[error(transparent)]
    Blocked(#[from] Blocked),
    /// It would cost more than allowed.
    #[error("this request may cost {estimate}, more than {}", held(*.limit, *.whole))]
    TooDear {
        /// Upper estimate.
        estimate: NanoUsd,
        /// What the user allows for it.
        limit: NanoUsd,
        /// What he allows for the command, where that is a rest of it.
        whole: Option<NanoUsd>,
    },
    /// It could go beyond a budget.
    #[error("{key} is {limit:#}: {spent} is spent or reserved {span}, and this call may cost {estimate}")]
    Budget {
        /// The setting, and whose it is.
        key: String,
        /// `today` or `this month`.
        span: &'static str,
        /// Spent, and reserved by calls that run.
        spent: NanoUsd,
        /// What of that is kept for calls that were killed.
        killed: NanoUsd,
        /// Upper estimate.
        estimate: NanoUsd,
        /// What the user allows.
        limit: NanoUsd,
    },
    /// A budget cannot be kept where nobody knows what was spent.
    #[error("the budget cannot be kept: {why}")]
    Unwatched {
        /// What is in the way.
        why: String,
    },
    /// What the caller states as the limit of his answer is none, and money is limited.
    #[error("{0}")]
    Unlimited(String),
    /// A limit cannot be kept where nobody knows the price.
    #[error("the price of {model} is not known, so the limit of {limit:#} cannot be kept")]
    Unpriced {
        /// `upstream/model`.
        model: String,
        /// What the user allows.
        limit: NanoUsd,
    },
    /// The request fits no route's context window.
    #[error("the request is too long for {model}: {prompt}, the window holds {window}")]
    TooLong {
        /// The route with the largest window.
        model: String,
        /// Its prompt.
        prompt: Count,
        /// Its window in tokens.
        window: u64,
    },
    /// No route can do what the request needs.
    #[error("no model that could be asked can serve this: {model}: {why}")]
    Unable {
        /// The first of them.
        model: String,
        /// What it lacks.
        why: String,
    },
    /// Every route was tried.
    #[error("no model {}: {}", if !.0.is_empty() && .0.iter().all(refused) { "would answer" } else { "answered" }, last(.0))]
    Exhausted(Vec<Tried>),
    /// The answer broke off after content had arrived.
    #[error("{} stopped in the middle of its answer: {}", .tried.model, .tried.failure.message)]
    Broken {
        /// Who and why.
        tried: Box<Tried>,
        /// The text that had arrived.
        partial: String,
    },
    /// All routes are cooling down for longer than the user waits.
    #[error(
        "every route is cooling down; the first wakes in {}{}",
        crate::client::park::spell(*.wakes_in),
        met(.known.as_deref(), .tried)
    )]
    Cooling {
        /// Until the first route wakes.
        wakes_in: Duration,
        /// What that one was cooled down by, where this call did not meet it itself.
        known: Option<Box<CoolDown>>,
        /// What was tried before.
        tried: Vec<Tried>,
    },
    /// Others wait for the same routes, and there is no place behind them or no time to wait for it.
    #[error("{waiting} {} for the same routes already", if *.waiting == 1 { "request waits" } else { "requests wait" })]
    Crowded {
        /// How many wait.
        waiting: usize,
        /// Until the first of those routes wakes.
        wakes_in: Duration,
        /// What was tried before.
        tried: Vec<Tried>,
    },
    /// A deadline passed.
    #[error("no answer within {}", crate::client::park::spell(*.0))]
    Deadline(Duration),
}

/// The limit in words.
fn held(limit: NanoUsd, whole: Option<NanoUsd>) -> String {
    match whole {
        Some(whole) => format!("the {limit} that are left of the limit of {whole:#}"),
        None => format!("the limit of {limit:#}"),
    }
}

impl CallError {
    /// The user's own rules stopped it: a secret, a budget. No other answer may take its place.
    #[must_use]
    pub const fn policy(&self) -> bool {
        matches!(
            self,
            Self::Blocked(_)
                | Self::TooDear { .. }
                | Self::Budget { .. }
                | Self::Unwatched { .. }
                | Self::Unpriced { .. }
        )
    }

    /// Something was sent.
    #[must_use]
    pub const fn sent(&self) -> bool {
        match self {
            Self::Exhausted(tried) | Self::Cooling { tried, .. } | Self::Crowded { tried, .. } => !tried.is_empty(),
            Self::Broken { .. } | Self::Deadline(_) => true,
            _ => false,
        }
    }

    /// The last failure, if an attempt was made.
    #[must_use]
    pub fn failure(&self) -> Option<&Failure> {
        match self {
            Self::Exhausted(tried) | Self::Cooling { tried, .. } | Self::Crowded { tried, .. } => {
                tried.last().map(|t| &t.failure)
            }
            Self::Broken { tried, .. } => Some(&tried.failure),
            _ => None,
        }
    }

    /// What it is, in one word: what the last attempt met, and where none was made, what stood in its way.
    #[must_use]
    pub fn kind(&self) -> Kind {
        if let Some(last) = self.failure() {
            return last.kind;
        }
        match self {
            Self::NoRoute { .. } | Self::Locked(_) | Self::Exhausted(_) => Kind::Unreachable,
            Self::UnknownModel { .. } => Kind::NotFound,
            Self::NoEffort { .. } | Self::Blocked(_) | Self::Unlimited(_) | Self::Unable { .. } => Kind::BadRequest,
            Self::TooLong { .. } => Kind::TooLong,
            // No money is missing: whoever comes again may be answered.
            Self::Unwatched { .. } => Kind::Overloaded,
            Self::TooDear { .. } | Self::Budget { .. } | Self::Unpriced { .. } => Kind::QuotaSpent,
            Self::Deadline(_) => Kind::TimedOut,
            // Whoever backs off wants to know from what: a limit of his own, or a provider that is not well.
            Self::Cooling { known: Some(known), .. } if known.key.starts_with("provider:") => Kind::Overloaded,
            Self::Cooling { .. } | Self::Crowded { .. } => Kind::RateLimited,
            Self::Broken { tried, .. } => tried.failure.kind,
        }
    }

    /// What the user can do about it, naming the command that helps.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::NoRoute { notes } if notes.is_empty() => Some(
                "connect one with: monster login, or set OPENAI_API_KEY (or another provider's key) in the environment"
                    .to_owned(),
            ),
            Self::NoRoute { notes } => notes.first().cloned(),
            Self::Locked(locked) => locked.hint.clone(),
            Self::UnknownModel { near, .. } if near.is_empty() => {
                Some("see what is there: monster models list".to_owned())
            }
            Self::UnknownModel { near, .. } => Some(format!("did you mean {}?", near.join(", "))),
            Self::Blocked(Blocked::Secrets { named, .. }) => Some(match named.as_slice() {
                [] => "take the secrets out, or allow masking with: --secrets redact".to_owned(),
                [.., (name, true)] => {
                    format!("take the secrets out: this repository's .monster.toml blocks {name} (redact.kinds)")
                }
                _ => {
                    let lines: Vec<String> = named.iter().map(|(name, _)| format!("{name} = \"redact\"")).collect();
                    format!(
                        "take the secrets out, or let them be masked: {} under [redact.kinds] (monster config edit)",
                        lines.join(", ")
                    )
                }
            }),
            Self::Blocked(Blocked::TooLarge(_)) => Some("send less at once".to_owned()),
            Self::Blocked(Blocked::Unreadable(_)) => {
                Some("send it as UTF-8 text, or name its media type if it is no text".to_owned())
            }
            Self::NoEffort { .. } => Some(
                "one of auto, none, minimal, low, medium, high, xhigh, max, or a number of thinking tokens, as in model(high)"
                    .to_owned(),
            ),
            Self::TooDear { .. } => Some("raise it with --max-cost, or name a cheaper model with --model".to_owned()),
            Self::Budget { key, killed, .. } => {
                let killed = match killed {
                    NanoUsd(0) => String::new(),
                    kept => format!(
                        "{kept} of that is kept for calls that were killed, until a day after they began or until they are purged (monster history purge ID --ledger); "
                    ),
                };
                Some(format!(
                    "{killed}see what was spent: monster cost --since month; raise it with: monster config set {} …, or let it only warn: monster config set budget.on_limit warn",
                    key.split(' ').next().unwrap_or(key)
                ))
            }
            Self::Unwatched { .. } => Some(
                "see what is wrong with: monster doctor; or let the budget only warn: monster config set budget.on_limit warn"
                    .to_owned(),
            ),
            Self::Unpriced { .. } => Some(
                "name a model with a known price (monster models list), or give its price in your settings".to_owned(),
            ),
            Self::TooLong { .. } => Some("name a model with a larger window: --model long".to_owned()),
            Self::Unable { .. } => Some("name another with --model; monster models list tells what each can do".to_owned()),
            Self::Cooling { .. } => Some("wait longer with --wait, or add an account: monster login".to_owned()),
            Self::Crowded { .. } => {
                Some("see who waits with: monster quota; wait with --wait, or add an account: monster login".to_owned())
            }
            Self::Exhausted(_) | Self::Broken { .. } => match self.failure()?.kind {
                Kind::Unauthorized => Some("check the key with: monster doctor".to_owned()),
                Kind::QuotaSpent => Some("add credit at the provider, or another account: monster login".to_owned()),
                Kind::Unreachable => Some("check the network or the local server with: monster doctor".to_owned()),
                Kind::NotFound => Some("see what is there: monster models list".to_owned()),
                Kind::Untrusted => {
                    Some("behind a company proxy, name its certificate: monster config set net.ca_file FILE".to_owned())
                }
                _ => None,
            },
            Self::Unlimited(_) | Self::Deadline(_) => None,
        }
    }
}

/// What another call met, in the upstream's words; what this call met itself is told with its tries.
fn met(known: Option<&CoolDown>, tried: &[Tried]) -> String {
    let known = known.filter(|known| tried.is_empty() && !known.cause.is_empty());
    known.map(|known| format!(": {}", known.cause)).unwrap_or_default()
}

fn refused(tried: &Tried) -> bool {
    tried.failure.kind == Kind::Refused
}

fn last(tried: &[Tried]) -> String {
    tried.last().map_or_else(|| "nothing was tried".to_owned(), |t| format!("{}: {}", t.who(), t.failure.message))
}
