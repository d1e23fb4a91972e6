//! What a failed answer means, as one table (rate-limits.md): the first line that fits.
//!
//! A line is looked up by who answered, by status and by the words of the answer; it says what is condemned, for how
//! long, and what the request does. Lines of the user's settings are looked at before these (config, `rules`).

use std::time::Duration;

use super::{Action, Kind, Scope};

/// How long what failed rests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rest {
    /// As long as the server says; as a ladder where it does not.
    Stated,
    /// As long as the server says, else this long.
    Usually(Duration),
    /// As long as the server says, and no less than this.
    Least(Duration),
    /// As long as the server says, else until midnight in California, where Google's days end.
    Pacific,
    /// As long as the server says, else until the next day begins in UTC.
    Day,
    /// As long as the server says, else until the next month begins in UTC.
    Month,
}

/// One line.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// Provider ids; empty = any.
    pub by: &'static [&'static str],
    /// HTTP statuses; empty = any.
    pub status: &'static [u16],
    /// Words of which one must stand in the error's code or class.
    pub code: &'static [&'static str],
    /// Words of which one must stand in code, class or message. With both lists empty the status decides alone.
    pub says: &'static [&'static str],
    /// What it is.
    pub kind: Kind,
    /// What it condemns.
    pub scope: Scope,
    /// What the request does.
    pub action: Action,
    /// For how long.
    pub rest: Rest,
}

/// What an answer says of its failure, in lower case.
#[derive(Debug, Clone, Copy)]
pub struct Said<'a> {
    /// Provider id; empty where it is not known.
    pub by: &'a str,
    /// HTTP status; `None` inside a stream that began well.
    pub status: Option<u16>,
    /// Code and class.
    pub code: &'a str,
    /// The sentence for a person.
    pub message: &'a str,
}

const fn rule(status: &'static [u16], code: &'static [&'static str], kind: Kind, scope: Scope) -> Rule {
    Rule { by: &[], status, code, says: &[], kind, scope, action: Action::usual(kind, scope), rest: Rest::Stated }
}

const fn says(status: &'static [u16], says: &'static [&'static str], kind: Kind, scope: Scope) -> Rule {
    Rule { says, ..rule(status, &[], kind, scope) }
}

impl Rule {
    const fn at(self, by: &'static [&'static str]) -> Self {
        Self { by, ..self }
    }

    const fn rests(self, rest: Rest) -> Self {
        Self { rest, ..self }
    }

    const fn does(self, action: Action) -> Self {
        Self { action, ..self }
    }

    /// Whether it speaks of this answer.
    #[must_use]
    pub fn fits(&self, said: &Said<'_>) -> bool {
        let status = match said.status {
            Some(status) => self.status.is_empty() || self.status.contains(&status),
            // Inside a stream only a code decides.
            None => !self.code.is_empty(),
        };
        let found = |words: &[&str], text: &str| words.iter().any(|word| text.contains(word));
        let words = (self.code.is_empty() && self.says.is_empty())
            || found(self.code, said.code)
            || found(self.says, said.code)
            || found(self.says, said.message);
        (self.by.is_empty() || self.by.contains(&said.by)) && status && words
    }
}

/// The line that fits first; `None` when nothing is known of such an answer.
#[must_use]
pub fn meaning(said: &Said<'_>) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.fits(said))
}

const fn seconds(n: u64) -> Duration {
    Duration::from_secs(n)
}

/// The table.
pub const RULES: &[Rule] = &[
    // Money and entitlement: waiting never helps, so nothing of this is ever parked.
    rule(&[402], &["in_flight_budget"], Kind::RateLimited, Scope::Account),
    rule(
        &[400, 402, 403, 429],
        &["enforced_spend_limit", "contract_spend_limit", "linked_organization_spend_limit"],
        Kind::QuotaSpent,
        Scope::Account,
    )
    .rests(Rest::Month),
    rule(&[402], &["payment_required", "exceeds_budget"], Kind::QuotaSpent, Scope::Account),
    rule(&[402], &[], Kind::QuotaSpent, Scope::Account),
    rule(
        &[400, 403, 429],
        &[
            "insufficient_quota",
            "credit_balance",
            "billing_",
            "organization_on_hold",
            "exceeded_current_quota",
            "allocationquota",
            "arrearage",
        ],
        Kind::QuotaSpent,
        Scope::Account,
    ),
    // Zhipu and MiniMax answer with bare numbers (openai-compatible.md; not verified).
    rule(&[429], &["1112", "1113"], Kind::QuotaSpent, Scope::Account).at(&["zhipu", "generic"]),
    rule(&[429], &["1304"], Kind::RateLimited, Scope::Account).at(&["zhipu", "generic"]).rests(Rest::Day),
    rule(&[429], &["1302", "1305"], Kind::RateLimited, Scope::Model).at(&["zhipu", "generic"]).does(Action::Retry),
    rule(&[], &["minimax_1008"], Kind::QuotaSpent, Scope::Account),
    rule(&[], &["minimax_1004"], Kind::Unauthorized, Scope::Account),
    rule(&[], &["minimax_1002", "minimax_1039"], Kind::RateLimited, Scope::Model),
    rule(&[], &["minimax_1026", "minimax_1027"], Kind::Refused, Scope::Request),
    rule(&[], &["minimax_2013"], Kind::BadRequest, Scope::Request),
    says(&[429], &["limit: 0"], Kind::Forbidden, Scope::Model),
    // A plan's window, at OpenAI with a sign-in instead of a key (not verified: the code's ending, and the hour).
    rule(&[429], &["usage_limit_"], Kind::RateLimited, Scope::Account)
        .at(&["openai"])
        .rests(Rest::Usually(seconds(3_600))),
    // Its service has one code for rates and money (xai.md).
    says(&[429], &["used all available credits", "monthly spending limit"], Kind::QuotaSpent, Scope::Account)
        .at(&["xai"]),
    // A code that names a rate is believed before words: the texts of plain rate limits speak of billing too.
    rule(&[429], &["slow_down"], Kind::RateLimited, Scope::Model).rests(Rest::Least(seconds(30))),
    rule(&[503], &["slow_down"], Kind::Overloaded, Scope::Provider).rests(Rest::Least(seconds(30))),
    rule(&[429], &["perday"], Kind::RateLimited, Scope::Model).at(&["gemini"]).rests(Rest::Pacific),
    says(&[429], &["free-models-per-day"], Kind::RateLimited, Scope::Model).at(&["openrouter"]).rests(Rest::Day),
    says(&[429], &[" spend"], Kind::RateLimited, Scope::Model).at(&["gemini"]).rests(Rest::Usually(seconds(600))),
    // Too large for the whole of a minute's allowance: no wait makes it fit (Groq).
    says(&[413], &["tokens per minute", "tpm"], Kind::TooLong, Scope::Request),
    rule(&[429], &["resource_exhausted", "rate_limit", "perminute", "ramp_limit"], Kind::RateLimited, Scope::Model),
    says(&[400, 403, 429], &["specified api usage limits"], Kind::QuotaSpent, Scope::Account),
    says(&[403, 429], &["billing"], Kind::QuotaSpent, Scope::Account),
    says(
        &[400, 403, 429],
        &[
            "billing is not enabled",
            "credit balance",
            "exceeded your current quota, please check",
            "used all available credits",
            "monthly spending limit",
        ],
        Kind::QuotaSpent,
        Scope::Account,
    ),
    // Keys.
    rule(&[401], &["authentication", "unauthenticated"], Kind::Unauthorized, Scope::Account),
    rule(&[401], &[], Kind::Unauthorized, Scope::Account),
    rule(&[400, 403], &["api_key_invalid", "invalid_api_key", "api_key"], Kind::Unauthorized, Scope::Account),
    says(&[400, 403], &["api key not valid", "incorrect api key"], Kind::Unauthorized, Scope::Account),
    // Content.
    rule(
        &[400, 403, 422],
        &["content_filter", "content_policy", "moderation", "policy_violation", "bio_policy"],
        Kind::Refused,
        Scope::Request,
    ),
    says(
        &[400, 403, 422],
        &["content_filter", "moderation", "flagged", "policy_violation", "safety system", "safety reasons"],
        Kind::Refused,
        Scope::Request,
    ),
    rule(&[403], &["permission"], Kind::Forbidden, Scope::Model),
    rule(&[403], &[], Kind::Forbidden, Scope::Model),
    // Too long.
    rule(
        &[400, 413, 422],
        &[
            "context_length",
            "too_long",
            "string_above_max",
            "exceed_context_size",
            "max_tokens_exceeded",
            "token_limit",
            "too_large",
        ],
        Kind::TooLong,
        Scope::Request,
    ),
    says(
        &[400, 413, 422],
        &[
            "context length",
            "context window",
            "maximum context",
            "too long",
            "too many tokens",
            "token limit",
            "exceeds the limit",
        ],
        Kind::TooLong,
        Scope::Request,
    ),
    rule(&[413], &[], Kind::TooLong, Scope::Request),
    // No such model.
    rule(&[400, 404], &["model_not_found", "not_found"], Kind::NotFound, Scope::Model),
    says(
        &[400, 404],
        &["model not found", "does not exist", "not found, try pulling", "unknown model"],
        Kind::NotFound,
        Scope::Model,
    ),
    rule(&[404], &[], Kind::NotFound, Scope::Model),
    // Load.
    rule(&[429], &["engine_overloaded"], Kind::RateLimited, Scope::Model).does(Action::Retry),
    // Its limit is on how many run at once: one of them ends soon (deepseek.md).
    rule(&[429], &[], Kind::RateLimited, Scope::Model).at(&["deepseek"]).rests(Rest::Usually(seconds(5))),
    rule(&[429], &[], Kind::RateLimited, Scope::Model),
    says(&[503], &["loading"], Kind::Overloaded, Scope::Model).rests(Rest::Usually(seconds(3))),
    says(&[503], &["overloaded"], Kind::Overloaded, Scope::Model).at(&["gemini"]).rests(Rest::Usually(seconds(30))),
    rule(&[503, 529], &["overloaded", "unavailable"], Kind::Overloaded, Scope::Provider),
    rule(&[503, 529], &[], Kind::Overloaded, Scope::Provider),
    says(&[500], &["overloaded"], Kind::Overloaded, Scope::Provider),
    rule(&[408, 504, 524], &["timeout", "deadline_exceeded"], Kind::TimedOut, Scope::Model),
    rule(&[408, 504, 524], &[], Kind::TimedOut, Scope::Model),
    rule(&[409, 424, 425, 498, 499, 500, 502], &[], Kind::Broken, Scope::Model),
    // The request's own fault: nobody else would do better.
    rule(
        &[400, 405, 415, 422],
        &["invalid_request", "invalid_prompt", "invalid_argument"],
        Kind::BadRequest,
        Scope::Request,
    ),
    rule(&[400, 405, 415, 422], &[], Kind::BadRequest, Scope::Request),
];
