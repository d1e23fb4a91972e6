//! Money in integers: prices are nano-dollars per million tokens, sums are nano-dollars.

use serde::{Deserialize, Serialize};

/// Billionths of a US dollar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct NanoUsd(pub u64);

impl NanoUsd {
    /// From a dollar figure as providers print it (at most nine decimals count, rounded half up).
    /// `None` for negative, non-finite or absurd amounts.
    #[must_use]
    pub fn from_dollars(dollars: f64) -> Option<Self> {
        let nano = (dollars * 1e9).round();
        // 2^63 nano-dollars are nine billion dollars: beyond that it is no price.
        if !(0.0..9.2e18).contains(&nano) {
            return None;
        }
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // range checked above
        Some(Self(nano as u64))
    }

    /// The amount in dollars, for printing only.
    #[must_use]
    #[allow(clippy::cast_precision_loss)]
    pub fn dollars(self) -> f64 {
        self.0 as f64 / 1e9
    }
}

impl std::fmt::Display for NanoUsd {
    /// `$0`, `$0.0012`, `$1.24`, `$18.50`: four significant places below a dollar, cents above. `{:#}` gives the
    /// amount to the last nano-dollar, for limits that somebody typed.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let d = self.dollars();
        if f.alternate() {
            let whole = format!("{}.{:09}", self.0 / 1_000_000_000, self.0 % 1_000_000_000);
            write!(f, "${}", whole.trim_end_matches('0').trim_end_matches('.'))
        } else if self.0 == 0 {
            f.write_str("$0")
        } else if d >= 1.0 {
            write!(f, "${d:.2}")
        } else if d >= 0.0001 {
            write!(f, "${d:.4}")
        } else {
            f.write_str("<$0.0001")
        }
    }
}

/// Where a cost figure comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CostSource {
    /// The provider said what it charged.
    Reported,
    /// Reported tokens times catalog prices.
    Computed,
    /// Estimated tokens times catalog prices.
    Estimated,
    /// The model runs on this machine.
    Local,
}

impl CostSource {
    /// One word for the ledger.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Reported => "reported",
            Self::Computed => "computed",
            Self::Estimated => "estimated",
            Self::Local => "local",
        }
    }
}

/// What one attempt cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cost {
    /// How much.
    pub amount: NanoUsd,
    /// How we know.
    pub source: CostSource,
}

impl Cost {
    /// Together with what a further piece of the same answer cost, known as that is.
    #[must_use]
    pub const fn plus(self, further: Self) -> Self {
        Self { amount: NanoUsd(self.amount.0.saturating_add(further.amount.0)), ..further }
    }
}

#[cfg(test)]
mod tests {
    use super::NanoUsd;

    #[test]
    fn amounts_are_short_for_reading_and_exact_for_limits() {
        let shown = |nano: u64| (NanoUsd(nano).to_string(), format!("{:#}", NanoUsd(nano)));
        assert_eq!(shown(100), ("<$0.0001".into(), "$0.0000001".into()));
        assert_eq!(shown(1_240_000_000), ("$1.24".into(), "$1.24".into()));
        assert_eq!(shown(0), ("$0".into(), "$0".into()));
    }
}
