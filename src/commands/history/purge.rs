//! `monster history purge`: what is to be forgotten.

use clap::{ArgGroup, Args};
use serde_json::json;

use super::when::{Moment, age, day, moment};
use crate::commands::context::Context;
use crate::commands::error::{CommandError, Exit, Outcome};
use crate::commands::show::counted;
use crate::store::{Chosen, Depth, Purged};

/// Forget kept prompts, answers and steps, for good.
#[derive(Debug, Args)]
#[command(
    group = ArgGroup::new("chosen").args(["before", "older_than", "all", "ids"]).multiple(false),
    after_help = "Without a choice, only prompts and answers that are past their time go (history.keep).\nWhat was spent stays in the ledger, and monster cost shows the same as before; --ledger forgets that too.\nCalls that are running are left alone.\n\nExamples:\n  monster history purge --older-than 30d\n  monster history purge --content-only rk3\n  monster history purge --all --ledger --yes"
)]
pub(super) struct Purge {
    /// These calls, and what belongs to them: ids, their beginnings, or last.
    #[arg(value_name = "ID")]
    ids: Vec<String>,
    /// Calls before this date or time.
    #[arg(long, value_name = "WHEN", value_parser = moment)]
    before: Option<Moment>,
    /// Calls older than this: 12h, 30d, 8w.
    #[arg(long, value_name = "AGE", value_parser = age)]
    older_than: Option<Moment>,
    /// All calls.
    #[arg(long)]
    all: bool,
    /// Only prompts and answers; the steps stay.
    #[arg(long, conflicts_with = "ledger")]
    content_only: bool,
    /// The calls themselves too, with what they cost: sums of the past become smaller.
    #[arg(long, requires = "chosen")]
    ledger: bool,
    /// Do not ask.
    #[arg(short, long)]
    yes: bool,
}

impl Purge {
    /// Forgets.
    pub(super) fn run(self, context: &Context) -> Outcome {
        let store = context.kept()?;
        let now = context.clock.millis();
        let chosen = if self.all {
            Chosen::All
        } else if let Some(at) = self.before.or(self.older_than) {
            Chosen::Before(at.before(now))
        } else if self.ids.is_empty() {
            Chosen::Expired
        } else {
            let found: Result<Vec<String>, CommandError> =
                self.ids.iter().map(|id| super::find(&store, id).map(|row| row.id)).collect();
            Chosen::Ids(found?)
        };
        let depth = match (self.content_only, self.ledger) {
            (true, _) => Depth::Content,
            (false, false) => Depth::Traces,
            (false, true) => Depth::Ledger,
        };
        let there = store.purgeable(&chosen, depth)?;
        let nothing =
            there.parts + there.cached + there.steps + there.masked + if self.ledger { there.requests } else { 0 } == 0;
        if !nothing && chosen != Chosen::Expired && !self.yes {
            let which = match &chosen {
                Chosen::Before(at) => format!(" of calls before {}", day(*at)),
                _ => String::new(),
            };
            let question = format!("Forget {}{which}? It cannot be undone.", told(there, depth));
            match context.ui.confirm(&question, false) {
                Some(true) => {}
                Some(false) => return Err(CommandError::new(Exit::Failed, "nothing was forgotten")),
                None => {
                    return Err(CommandError::new(Exit::Usage, "nothing was forgotten: there is nobody to ask")
                        .hint("do it without a question: --yes"));
                }
            }
        }
        // Also when there is nothing: an earlier one may have left something in the log.
        let gone = store.purge(&chosen, depth)?;
        if gone.lingers {
            context.ui.warn(
                "another monster is reading, so a copy stays beside the file for now; run this once more when it has ended",
            );
        }
        if context.ui.look().json {
            context
                .ui
                .json(&json!({ "schema": "monster.history.purge/1", "requests": gone.requests, "parts": gone.parts,
                "cached": gone.cached, "steps": gone.steps, "masked": gone.masked, "attempts": gone.attempts, "ledger": self.ledger, "lingers": gone.lingers }))?;
        } else {
            let what = if nothing {
                "there was nothing to forget".to_owned()
            } else {
                format!("forgot {}", told(gone, depth))
            };
            context.ui.out(&what)?;
        }
        Ok(Exit::Done)
    }
}

fn told(gone: Purged, depth: Depth) -> String {
    let number = |n: u64, what: &str| counted(usize::try_from(n).unwrap_or(usize::MAX), what);
    let mut parts = Vec::new();
    if gone.parts > 0 || depth == Depth::Content {
        parts.push(format!("{} of prompts and answers", number(gone.parts, "kept text")));
    }
    if gone.cached > 0 {
        parts.push(number(gone.cached, "kept answer") + " of reviews");
    }
    if depth >= Depth::Traces {
        parts.push(number(gone.steps, "step"));
        if gone.masked > 0 {
            parts.push(number(gone.masked, "line") + " about masked secrets");
        }
    }
    if depth >= Depth::Ledger {
        parts.push(format!("{} with what they cost", number(gone.requests, "call")));
    }
    parts.join(", ")
}
