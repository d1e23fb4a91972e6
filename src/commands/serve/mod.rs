//! `monster serve`: the same client as a local proxy.

pub(super) mod address;
mod env;
mod install;
mod key;
mod logs;
mod run;
mod telemetry;
mod token;

use clap::{Args, Subcommand};

use super::context::Context;
use super::error::Outcome;

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
    Env(env::Print),
    Token(token::Show),
    Install(install::Install),
    /// Stop what install started, and remove what it wrote.
    Uninstall,
    /// Show what is installed, whether it runs, and who answers.
    Status,
}

impl Serve {
    pub(super) fn run(self, context: &Context) -> Outcome {
        match self.action {
            None => self.run.run(context),
            Some(Action::Run(run)) => run.run(context),
            Some(Action::Logs(logs)) => logs.run(context),
            Some(Action::Key { action }) => action.run(context),
            Some(Action::Env(env)) => env.run(context),
            Some(Action::Token(token)) => token.run(context),
            Some(Action::Install(install)) => install.run(context),
            Some(Action::Uninstall) => install::uninstall(context),
            Some(Action::Status) => install::status(context),
        }
    }
}
