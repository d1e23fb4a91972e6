//! `monster serve`: the same client as a local proxy.

mod key;
mod logs;
mod run;

use clap::{Args, Subcommand};

use super::context::Context;
use super::error::Outcome;

/// Serve editors and agents: the same accounts, failover, redaction and cost, behind one address.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  monster serve --listen 127.0.0.1:7766 --no-auth")]
pub(super) struct Serve {
    #[command(subcommand)]
    action: Option<Action>,
    #[command(flatten)]
    run: run::Run,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Serve until it is stopped (the default).
    Run(run::Run),
    /// Show what was asked, request by request.
    Logs(logs::Logs),
    /// Make, list, change and remove the keys that callers need.
    Key {
        #[command(subcommand)]
        action: key::Key,
    },
}

impl Serve {
    pub(super) fn run(self, context: &Context) -> Outcome {
        match self.action {
            None => self.run.run(context),
            Some(Action::Run(run)) => run.run(context),
            Some(Action::Logs(logs)) => logs.run(context),
            Some(Action::Key { action }) => action.run(context),
        }
    }
}
