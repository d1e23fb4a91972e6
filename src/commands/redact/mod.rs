//! `monster redact`: what would be masked, where secrets lie, and what was masked in the past.

mod jsonl;
mod scan;

use clap::{Args, Subcommand};

use super::context::Context;
use super::error::Outcome;

/// Mask secrets in a text, and find them in files and changes.
#[derive(Debug, Args)]
pub(super) struct Redact {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    Scan(scan::Scan),
}

impl Redact {
    /// Does it.
    pub(super) fn run(self, context: &Context) -> Outcome {
        match self.action {
            Action::Scan(scan) => scan.run(context),
        }
    }
}
