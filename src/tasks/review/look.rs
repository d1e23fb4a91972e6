//! What is done beside asking once, and what came of it.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::class;
use super::since::Since;
use crate::client::Shelf;
use crate::tasks::finding::{Finding, Source, Verification};

/// Confidence in the claims of a model that nobody knows to beat chance.
pub(super) const DOUBTED: f64 = 0.2;

/// When claims are looked at a second time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Verify {
    /// Where the model is worth it and one is there that can.
    Auto,
    /// Always.
    Always,
    /// Never.
    #[default]
    Never,
}

impl Verify {
    /// The word of the setting.
    #[must_use]
    pub fn parse(word: &str) -> Self {
        match word {
            "always" => Self::Always,
            "never" => Self::Never,
            _ => Self::Auto,
        }
    }
}

/// What is done beside asking once; the default is nothing.
#[derive(Debug, Clone, Default)]
pub struct Second<'a> {
    /// With what answers are kept and found again; `None` = nothing is kept.
    pub shelf: Option<&'a Shelf>,
    /// When claims are verified.
    pub verify: Verify,
    /// Who verifies; `None` = chosen from `pool`.
    pub verifier: Option<String>,
    /// Role or names that the user asked for: nobody else is shown the change.
    pub pool: String,
    /// The rules are left out: a model is measured.
    pub model_only: bool,
}

/// What a second look said of one finding.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Look {
    /// Models that found it, `upstream/model`; empty when only one was asked.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub found_by: Vec<String>,
    /// Who looked again.
    pub by: Option<String>,
    /// The line that shows it, as it was shown.
    pub evidence: Option<String>,
    /// In one sentence.
    pub reason: Option<String>,
}

/// What second looks said, what was known before, and how far the model is to be believed.
#[derive(Debug, Clone, Default)]
pub struct Looks {
    /// By the finding's id.
    pub notes: BTreeMap<String, Look>,
    /// Claims that a second look refuted; they are not shown.
    pub refuted: usize,
    /// Findings of rules and claims of models that a `monster:ignore` silences.
    pub silenced: Vec<Finding>,
    /// Why claims that should have been looked at again were not, one sentence.
    pub unverified: Option<String>,
    /// Two models reviewed and nobody decided between them: the review is not whole.
    pub undecided: bool,
    /// Of two models only this one answered.
    pub single: Option<String>,
    /// Why the other gave no answer.
    pub unheard: Option<String>,
    /// What the one whose sentence stands above said.
    pub(super) told: String,
    /// Files of which it was known what a model says.
    pub cached: usize,
    /// Models that had said it.
    pub kept_by: Vec<String>,
    /// The calls in which they had said it.
    pub(super) kept_calls: BTreeSet<String>,
    /// Ids of findings whose suggestion shows a secret and is not shown.
    pub veiled: Vec<String>,
    /// Why the model's findings are hints and no more, one sentence.
    pub doubt: Option<String>,
    /// It was calibrated for this prompt, and failed.
    pub measured: bool,
    /// Against the last review of the same.
    pub since: Option<Since>,
}

impl Looks {
    /// The finding's note, made when there is none.
    pub(super) fn note(&mut self, id: &str) -> &mut Look {
        self.notes.entry(id.to_owned()).or_default()
    }
}

/// A claim of a model that nobody knows to beat chance.
#[must_use]
pub(super) fn doubted(finding: &Finding) -> bool {
    finding.source == Source::Model && finding.confidence <= DOUBTED
}

impl Finding {
    /// Nobody could show or refute it, and it is not grave enough to be shown all the same.
    #[must_use]
    pub fn moot(&self) -> bool {
        self.source == Source::Model && self.verification == Verification::Unsure && !class::grave(&self.class)
    }

    /// It may decide whether a review fails: no hint of a model that is not believed, nothing that is moot.
    #[must_use]
    pub fn counts(&self) -> bool {
        !self.moot() && !doubted(self)
    }

    /// A hint of a model that nobody knows to beat chance.
    #[must_use]
    pub fn hint(&self) -> bool {
        doubted(self)
    }
}
