//! `monster history replay`: a kept request, asked again.

use clap::Args;
use serde_json::json;

use super::kept;
use crate::client::{Call, CallError, Terms};
use crate::commands::context::Context;
use crate::commands::error::{CommandError, Exit, Outcome};
use crate::commands::listen::Watch;
use crate::commands::{plan, show};
use crate::model::{ModelName, Purpose};

/// Ask a kept request again, by the same model or another.
#[derive(Debug, Args)]
#[command(
    after_help = "What was masked stays masked. The answer is a new call in history, which says what it repeats.\n\nExamples:\n  monster history replay last --model anthropic/claude-sonnet-4-5\n  monster history replay rk3 --account work-2 --effort high --dry-run"
)]
pub(super) struct Replay {
    /// Its id, the beginning of it, or last.
    id: String,
    /// Print what would be sent, and send nothing.
    #[arg(long)]
    dry_run: bool,
}

impl Replay {
    /// Asks again.
    pub(super) fn run(self, context: &Context) -> Outcome {
        let store = context.kept()?;
        let row = super::find(&store, &self.id)?;
        let rows = store.content(&row.id)?;
        if rows.is_empty() {
            return Err(kept::missing(context, &row.id, "the content"));
        }
        if context.offline() {
            return Err(CommandError::new(Exit::NoModel, "a replay needs a model, and --offline allows none"));
        }
        let opened = kept::unlock(context)?;
        let Some(mut request) = kept::read(&opened, &row.id, &rows)?.request else {
            return Err(kept::missing(context, &row.id, "the request"));
        };
        // Nobody is asked twice for what opens the accounts.
        context.adopt(opened).map_err(CallError::from)?;
        if let Some(model) = &context.globals.model {
            request.model = ModelName(model.clone());
        }
        // Ceilings hold for what was asked before, too.
        request.effort = request.effort.with(context.globals.effort).within(context.effort(request.purpose));
        request.stream = true;
        let dry = self.dry_run || context.globals.show_prompt;
        context.block_on(async {
            let mut client = context.connect(&request.model, false).await?;
            client.keep.replay_of = Some(row.id.clone());
            let routes = client.routes(&request.model)?;
            if dry {
                return plan::show_prompt(context, &client, &routes, request);
            }
            let json = context.ui.look().json;
            let doing = "asking again";
            let mut watch = if json { Watch::new(&context.ui, doing) } else { Watch::streaming(&context.ui, doing) };
            let patience = context.patience(Purpose::Ask);
            let terms = Terms { patience, ..Terms::default() };
            let call = Call { terms, ..Call::new(&routes, request) };
            let answer = client.call(call, &mut watch).await;
            watch.end();
            let reply = answer?;
            if json {
                let mut value = show::reply_json(&reply);
                value["schema"] = json!("monster.history.replay/1");
                value["replay_of"] = json!(row.id);
                value["answer"] = json!(reply.text);
                value["finish"] = json!(reply.finish.as_ref().map(|f| f.name()));
                context.ui.json(&value)?;
            }
            context.ui.status(&format!(
                "{} repeats {} · {} · {}",
                reply.id,
                row.id,
                reply.route.name(),
                show::cost_line(&[&reply])
            ));
            if let Some(why) = show::incomplete(reply.finish.as_ref()) {
                context.ui.warn(why);
                return Ok(Exit::Incomplete);
            }
            Ok(Exit::Done)
        })
    }
}
