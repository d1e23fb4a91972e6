//! One thing a review found.

use serde::{Deserialize, Serialize};

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Low,
    /// Worth mending.
    Medium,
    /// Wrong in a case that will happen.
    High,
    /// Loses data, leaks secrets or breaks the build for everybody.
    Critical,
}

impl Severity {
    /// All, mildest first.
    pub const ALL: [Self; 4] = [Self::Low, Self::Medium, Self::High, Self::Critical];

    /// The spelling in flags and output.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    /// The severity of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.name() == name)
    }
}

/// Which side of the change a finding points at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// The file after the change.
    New,
    /// The file before the change.
    Old,
}

/// Who found it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// A deterministic check.
    Static,
    /// A model.
    Model,
}

/// What a second look said of a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verification {
    /// It holds: a rule matched, or a verifier showed the line that makes it so.
    Confirmed,
    /// A verifier could neither show it nor refute it.
    Unsure,
    /// Nobody looked again.
    Unverified,
}

/// One finding, anchored to a line of the change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// Stable across line shifts: hash of class, normalised anchor text and enclosing symbol.
    pub id: String,
    /// Path inside the repository.
    pub file: String,
    /// First line, from 1; 0 when the whole file is meant.
    pub line: u32,
    /// Last line, at least `line`.
    pub end_line: u32,
    /// Which side `line` counts on.
    pub side: Side,
    /// How bad.
    pub severity: Severity,
    /// 0 to 1.
    pub confidence: f64,
    /// Kind of problem, kebab-case.
    pub class: String,
    /// At most 80 characters.
    pub title: String,
    /// What triggers it and what then happens.
    pub why: String,
    /// A unified diff that applies, if there is one.
    pub suggestion: Option<String>,
    /// Who found it.
    pub source: Source,
    /// What a second look said of it.
    pub verification: Verification,
    /// The repository's own rule it rests on, as `FILE:LINE`.
    pub rule: Option<String>,
}

/// A finding's id: a short hash of class, anchor text without white space, enclosing symbol, and the number among
/// equals. It survives line shifts and moves of the file, unless the anchor names that (a secret's does).
#[must_use]
pub fn identify(class: &str, anchor: &str, symbol: &str, ordinal: usize) -> String {
    use sha2::{Digest, Sha256};
    let anchor: String = anchor.split_whitespace().collect();
    let hash = Sha256::digest(format!("{class}\0{anchor}\0{symbol}\0{ordinal}"));
    hash.iter().take(5).map(|b| format!("{b:02x}")).collect()
}
