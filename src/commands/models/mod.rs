//! `monster models`: what can be asked, what it costs, and where that is known from.

mod accounts;
mod list;
mod lists;
mod update;

use clap::{Args, Subcommand};

use super::context::Context;
use super::error::Outcome;

pub(super) use lists::in_use;

#[derive(Debug, Args)]
pub(super) struct Models {
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List models (the default).
    List(list::List),
    /// Fetch a newer list of models and prices.
    Update(update::Update),
}

impl Models {
    /// Does it.
    pub(super) fn run(self, context: &Context) -> Outcome {
        match self.action.unwrap_or(Action::List(list::List::default())) {
            Action::List(list) => list.run(context),
            Action::Update(update) => update.run(context),
        }
    }
}
