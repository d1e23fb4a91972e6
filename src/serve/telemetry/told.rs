//! What is remembered of a request for the collector: who was tried, for how long, and how it ended.

use std::time::Duration;

use smol_str::SmolStr;

use crate::client::{Notice, Reply};
use crate::model::{Kind, Usage};

/// One attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Leg {
    /// `upstream/model`.
    pub route: SmolStr,
    /// Unix milliseconds.
    pub from_ms: i64,
    /// The same; `None` while it lasts.
    pub till_ms: Option<i64>,
    /// Why it gave nothing; `None` = nobody said.
    pub failed: Option<Kind>,
}

/// Kept with a request under way, where a collector wants to know.
#[derive(Debug)]
pub(in crate::serve) struct Trace {
    operation: &'static str,
    legs: Vec<Leg>,
    model: String,
}

impl Default for Trace {
    fn default() -> Self {
        Self { operation: "chat", legs: Vec::new(), model: String::new() }
    }
}

/// What ended a request.
#[derive(Debug)]
pub(super) struct Got {
    pub usage: Usage,
    pub finish: Option<String>,
    /// From sending to the first content.
    pub first: Option<Duration>,
}

/// A request that is over.
#[derive(Debug)]
pub(in crate::serve) struct Told {
    pub(super) id: String,
    pub(super) operation: &'static str,
    /// The model as it was asked for, masked.
    pub(super) asked: String,
    pub(super) stream: bool,
    /// Unix milliseconds.
    pub(super) from_ms: i64,
    pub(super) took: Duration,
    pub(super) legs: Vec<Leg>,
    /// The model that says it answered; empty when none did.
    pub(super) model: String,
    pub(super) end: Result<Got, Kind>,
}

impl Trace {
    /// It is another thing than a chat that is wanted (`embeddings`).
    pub(in crate::serve) const fn wants(&mut self, operation: &'static str) {
        self.operation = operation;
    }

    /// Something happened to the request.
    pub(in crate::serve) fn hear(&mut self, notice: &Notice, now_ms: i64) {
        match notice {
            Notice::Trying { model, .. } => {
                self.ends(now_ms, None);
                self.legs.push(Leg { route: model.clone(), from_ms: now_ms, till_ms: None, failed: None });
            }
            Notice::FailedOver { failure, .. } | Notice::Retrying { failure, .. } => {
                self.ends(now_ms, Some(failure.kind));
            }
            Notice::Parked { .. } => self.ends(now_ms, None),
            _ => {}
        }
    }

    /// The model that says it answers.
    pub(in crate::serve) fn answers(&mut self, model: &str) {
        if self.model.is_empty() {
            model.clone_into(&mut self.model);
        }
    }

    fn ends(&mut self, now_ms: i64, why: Option<Kind>) {
        if let Some(leg) = self.legs.last_mut() {
            leg.till_ms = leg.till_ms.or(Some(now_ms));
            leg.failed = leg.failed.or(why);
        }
    }

    /// The request is over.
    pub(in crate::serve) fn end(
        mut self,
        (id, asked, stream): (&str, &str, bool),
        from_ms: i64,
        took: Duration,
        outcome: Result<&Reply, Kind>,
    ) -> Told {
        let till_ms = from_ms.saturating_add(i64::try_from(took.as_millis()).unwrap_or(i64::MAX));
        self.ends(till_ms, outcome.err());
        if let Ok(reply) = outcome {
            // All that failed before, in order; the last is the one that answered.
            for (leg, tried) in self.legs.iter_mut().zip(&reply.tried) {
                leg.failed = leg.failed.or(Some(tried.failure.kind));
            }
        }
        let got = |reply: &Reply| Got {
            usage: reply.used.usage,
            finish: reply.finish.as_ref().map(|finish| finish.name().to_owned()),
            first: reply.used.first_content,
        };
        Told {
            id: id.to_owned(),
            operation: self.operation,
            asked: asked.to_owned(),
            stream,
            from_ms,
            took,
            legs: self.legs,
            model: self.model,
            end: outcome.map(got),
        }
    }
}

impl Told {
    /// So many spans it makes.
    pub(super) const fn spans(&self) -> usize {
        self.legs.len() + 1
    }
}
