//! `monster quota --watch`: shown again when something has changed, never more than once a second.

use std::time::{Duration, SystemTime};

use super::gather::Gather;
use super::view::{FRESH, Facts, Lane, judge};
use super::{hints, text, value};
use crate::commands::context::Context;
use crate::commands::error::{CommandError, Exit, Outcome};
use crate::store::{FILE, Store};

/// How often it is looked whether something has changed.
const LOOK: Duration = Duration::from_secs(1);

/// Shows until a signal comes. `ask` asks the endpoints again when what they said is old.
pub(super) fn watch(context: &Context, store: &Store, gather: &Gather, ask: bool) -> Outcome {
    let watched = context.block_on(async {
        let terminal = context.ui.look().stdout_terminal && !context.ui.look().json;
        if terminal {
            context.ui.piece("\u{1b}[2J")?;
        }
        let (mut asked_ms, mut files) = (context.clock.millis(), stamp(context));
        let mut facts = gather.facts(context, store)?;
        let mut shown = Shown::default();
        hints(context, gather, &judge(&facts, asked_ms));
        loop {
            shown.show(context, gather, &facts, terminal)?;
            tokio::time::sleep(LOOK).await;
            if ask && context.clock.millis() - asked_ms >= FRESH {
                asked_ms = context.clock.millis();
                gather.ask(context, store, true).await?;
            }
            let now = stamp(context);
            if now != files {
                files = now;
                let read = gather.facts(context, store)?;
                if !read.same(&facts) {
                    facts = read;
                }
            }
        }
    });
    // Ctrl-C is how it ends: among lines of JSON no other value stands.
    watched.map_err(|error: CommandError| {
        let silent = error.exit == Exit::Interrupted && context.ui.look().json;
        if silent { CommandError::silent(Exit::Interrupted) } else { error }
    })
}

/// When the store's files were last written, and how long they are: a look that opens nothing.
fn stamp(context: &Context) -> Vec<Option<(SystemTime, u64)>> {
    let Ok(dir) = context.state_dir() else { return Vec::new() };
    let look = |name: String| {
        let about = std::fs::metadata(dir.join(name)).ok()?;
        Some((about.modified().ok()?, about.len()))
    };
    vec![look(FILE.to_owned()), look(format!("{FILE}-wal"))]
}

/// What is on the screen.
#[derive(Default)]
struct Shown {
    text: String,
    lanes: Option<Vec<Lane>>,
}

impl Shown {
    /// On a terminal in the place of what stood there, ages too; elsewhere a new block, or with `--json` a new line,
    /// when more than ages has changed.
    fn show(&mut self, context: &Context, gather: &Gather, facts: &Facts, terminal: bool) -> Result<(), CommandError> {
        let lanes = judge(facts, context.clock.millis());
        if terminal {
            let text = text(context, &lanes);
            if text != self.text {
                context.ui.redraw(&text)?;
                self.text = text;
            }
        } else if self.lanes.as_ref() != Some(&lanes) {
            if context.ui.look().json {
                context.ui.out(&value(context, gather, facts, &lanes).to_string())?;
            } else {
                let gap = if self.lanes.is_some() { "\n" } else { "" };
                context.ui.out(&format!("{gap}{}", text(context, &lanes)))?;
            }
            self.lanes = Some(lanes);
        }
        Ok(())
    }
}
