//! What may be spent, and what happens then.

use super::value::Value;
use crate::model::NanoUsd;

/// What may be spent, and what happens then.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Budget {
    /// A day, in all.
    pub day: Option<NanoUsd>,
    /// A month, in all.
    pub month: Option<NanoUsd>,
    /// A day, in each repository.
    pub repo_day: Option<NanoUsd>,
    /// A month, in each repository.
    pub repo_month: Option<NanoUsd>,
    /// Of single accounts.
    pub accounts: Vec<AccountBudget>,
    /// The part of a budget, in percent, at which it is told that it runs out.
    pub warn_at: u64,
    /// A call that would go beyond is not made; otherwise it is only told.
    pub stop: bool,
}

/// What one account may spend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountBudget {
    /// The account's name, or `UPSTREAM/NAME`.
    pub account: String,
    /// How much.
    pub amount: NanoUsd,
    /// A month; otherwise a day.
    pub month: bool,
}

impl Budget {
    /// Nothing is limited.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.day.is_none()
            && self.month.is_none()
            && self.repo_day.is_none()
            && self.repo_month.is_none()
            && self.accounts.is_empty()
    }
}

/// What an entry of `budget.accounts` looks like.
pub(super) const TAKES: &str = "entries such as \"work=5/day\" or \"work=100/month\"";

/// `NAME=5/day` or `NAME=100/month`.
pub(super) fn account(text: &str) -> Option<AccountBudget> {
    let (account, amount) = text.rsplit_once('=')?;
    let (amount, span) = amount.split_once('/')?;
    let month = match span.trim() {
        "day" => false,
        "month" => true,
        _ => return None,
    };
    let amount = NanoUsd::from_dollars(amount.trim().trim_start_matches('$').parse().ok()?)?;
    let account = account.trim();
    (!account.is_empty()).then(|| AccountBudget { account: account.to_owned(), amount, month })
}

/// An amount, if one is set.
pub(super) const fn amount(value: Option<&Value>) -> Option<NanoUsd> {
    if let Some(Value::Dollars(amount)) = value { *amount } else { None }
}
