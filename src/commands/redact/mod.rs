//! `monster redact`: a text with its secrets masked, where secrets lie, what was masked, and what is allowed.

mod allow;
mod gather;
mod jsonl;
mod look;
mod policy;
mod report;
mod rules;
mod sarif;
mod scan;
mod text;
mod told;

use clap::{Args, Subcommand};

use super::context::Context;
use super::error::Outcome;
use crate::secrets::{form, legible};

pub(super) use crate::secrets::legible::sendable;
pub(super) use policy::{UNSENT, named_values, policy, within};
pub(super) use scan::staged;

#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "Examples:\n  monster redact server.log > for-the-ticket.log\n  kubectl logs web | monster redact\n  monster redact scan --staged\n  monster redact report --since 7d\n\nWhat is found and what is not: docs/REDACTION.md"
)]
pub(super) struct Redact {
    /// The text to print with its secrets masked; standard input when it is - or nothing.
    #[arg(value_name = "FILE")]
    file: Option<String>,
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(Debug, Subcommand)]
enum Action {
    Scan(scan::Scan),
    Allow(allow::Allow),
    Report(report::Report),
    Rules(rules::Rules),
}

/// What may be mistyped where a file is expected.
const SUBCOMMANDS: [&str; 4] = ["scan", "allow", "report", "rules"];

impl Redact {
    /// Does it.
    pub(super) fn run(self, context: &Context) -> Outcome {
        match self.action {
            None => text::run(context, self.file.as_deref()),
            Some(Action::Scan(scan)) => scan.run(context),
            Some(Action::Allow(allow)) => allow.run(context),
            Some(Action::Report(report)) => report.run(context),
            Some(Action::Rules(rules)) => rules.run(context),
        }
    }
}
