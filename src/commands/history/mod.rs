//! `monster history`: every call, who served it, what happened on its way, and what was kept of it.

mod diff;
mod export;
mod kept;
mod list;
mod purge;
mod replay;
mod show;
pub(super) mod when;

use std::time::Duration;

use clap::{Args, Subcommand};

use super::context::Context;
use super::error::{CommandError, Exit, Outcome};
use crate::store::{HistoryFilter, HistoryRow, Store};

/// Rows that a proxy has written ahead are in the database by then.
const SOON: Duration = Duration::from_millis(200);

#[derive(Debug, Args)]
#[command(
    after_help = "Metadata is kept of every call. Prompts and answers are kept only where you want it, masked and sealed:\n  monster config set history.content failed\n\nAn ID may be shortened to its first letters; \"last\" is the newest call."
)]
pub(super) struct History {
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(Debug, Subcommand)]
enum Action {
    List(list::List),
    Show(show::Show),
    Replay(replay::Replay),
    Diff(diff::Diff),
    Export(export::Export),
    Purge(purge::Purge),
}

impl History {
    /// Does it.
    pub(super) fn run(self, context: &Context) -> Outcome {
        match self.action.unwrap_or_else(|| Action::List(list::List::default())) {
            Action::List(list) => list.run(context),
            Action::Show(show) => show.run(context),
            Action::Replay(replay) => replay.run(context),
            Action::Diff(diff) => diff.run(context),
            Action::Export(export) => export.run(context),
            Action::Purge(purge) => purge.run(context),
        }
    }
}

/// The one request whose id begins so.
fn find(store: &Store, given: &str) -> Result<HistoryRow, CommandError> {
    let nothing = |what: String| CommandError::new(Exit::Failed, what).hint("see what there is: monster history list");
    let look = || if given.is_empty() { Ok(Vec::new()) } else { store.ids(given) };
    // Looked at first: what lies nowhere ahead is in the database by then.
    let behind = store.behind();
    let mut ids = look()?;
    if behind && (ids.is_empty() || given == "last") {
        std::thread::sleep(SOON);
        ids = look()?;
    }
    let id = match ids.len() {
        0 if given == "last" => return Err(CommandError::new(Exit::Failed, "there are no calls yet")),
        0 => return Err(nothing(format!("there is no call {given:?}"))),
        1 => ids.remove(0),
        // A whole id counts, even where another begins with it.
        _ if ids[0] == given => ids.remove(0),
        _ => {
            let what = format!("{given:?} is the beginning of several ids: {}", ids.join(", "));
            return Err(CommandError::new(Exit::Usage, what).hint("give more of its letters"));
        }
    };
    let filter = HistoryFilter { limit: 1, id: Some(id.clone()), ..HistoryFilter::default() };
    // It may be purged between the two looks.
    store.history(&filter)?.pop().ok_or_else(|| nothing(format!("there is no call {id:?}")))
}
