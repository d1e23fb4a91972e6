//! A control that a model refused is left out: once in the call that met the refusal, and from then on in this process
//! (reasoning.md, "Enforcement rules", 8).

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::model::{Effort, Failure, Kind};
use crate::wire::{Adapted, Thinking};

/// A wish that is given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ease {
    /// Adaptive thinking in place of a budget or of none: the refusal says that this is what the model takes.
    Adaptive,
    /// No reasoning control.
    Thinking,
    /// No temperature and top_p.
    Sampling,
    /// No schema by the provider's own means; it is stated in words.
    Schema,
    /// No call is demanded.
    Forced,
    /// A router may drop what a model does not take: it found nobody who takes all of it. A schema, which would be
    /// dropped in silence, is stated in words.
    Required,
}

impl Ease {
    /// What the failure refuses of what was sent; `None` when it names nothing of it.
    pub(super) fn of(failure: &Failure, adapted: &Adapted, forced: bool) -> Option<Self> {
        let said = failure.message.to_ascii_lowercase();
        let names = |words: &[&str]| words.iter().any(|w| said.contains(w));
        // openrouter.md, "Errors".
        let nobody = failure.kind == Kind::NotFound && names(&["the requested parameters"]);
        if nobody && adapted.quirks.require_parameters {
            return Some(Self::Required);
        }
        if failure.kind != Kind::BadRequest {
            return None;
        }
        let thinks = adapted.thinking != Thinking::Unset;
        if forced && !adapted.unforced && names(&["tool_choice", "tool choice", "toolconfig"]) {
            Some(Self::Forced)
        } else if thinks && !matches!(adapted.thinking, Thinking::Adaptive(_)) && names(&["thinking.type.adaptive"]) {
            Some(Self::Adaptive)
        } else if thinks && names(&["reasoning", "thinking", "effort"]) {
            Some(Self::Thinking)
        } else if adapted.sampling && names(&["temperature", "top_p"]) {
            Some(Self::Sampling)
        } else if adapted.structured && names(&["response_format", "json_schema", "schema", "output_config"]) {
            Some(Self::Schema)
        } else {
            None
        }
    }

    /// It leaves a wish for reasoning behind, or may do so; that may have been demanded.
    pub(super) const fn reasoning(self) -> bool {
        matches!(self, Self::Adaptive | Self::Thinking | Self::Required)
    }

    /// The same wishes without that one. A model that reasons after all needs room for it, up to `most` output tokens;
    /// `None` = the limit stays.
    pub(super) fn apply(self, adapted: &mut Adapted, most: Option<u32>) {
        if matches!(self, Self::Adaptive | Self::Thinking) && !adapted.reasons {
            (adapted.reasons, adapted.sampling) = (true, false);
            let room = if self == Self::Adaptive { Effort::Low } else { Effort::Auto }.headroom();
            if let (Some(limit), Some(most)) = (adapted.max_output, most) {
                adapted.max_output = Some(limit.saturating_add(room).min(most).max(limit));
            }
        }
        match self {
            Self::Adaptive => {
                // Where none was wished, the least that there is.
                let level = adapted.sent.filter(|level| *level != Effort::None).unwrap_or(Effort::Low);
                (adapted.thinking, adapted.sent) = (Thinking::Adaptive(Some(level)), Some(level));
            }
            Self::Thinking => (adapted.thinking, adapted.sent) = (Thinking::Unset, None),
            Self::Sampling => adapted.sampling = false,
            Self::Schema => adapted.structured = false,
            Self::Forced => adapted.unforced = true,
            Self::Required => (adapted.quirks.require_parameters, adapted.structured) = (false, false),
        }
    }
}

/// What models refused in this process, by `upstream/model`.
#[derive(Debug, Default)]
pub struct Eased(Mutex<HashMap<String, Vec<Ease>>>);

impl Eased {
    /// Leaves out what this model is known to refuse.
    pub(super) fn apply(&self, model: &str, adapted: &mut Adapted, most: Option<u32>, strict: bool) {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = known.get(model).into_iter().flatten().filter(|ease| !(strict && ease.reasoning()));
        kept.for_each(|ease| ease.apply(adapted, most));
    }

    /// Remembers it.
    pub(super) fn learn(&self, model: String, ease: Ease) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let list = known.entry(model).or_default();
        if !list.contains(&ease) {
            list.push(ease);
        }
    }
}
