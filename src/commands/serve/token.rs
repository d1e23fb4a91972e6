//! `monster serve token`: what opens the admin interface over TCP.

use clap::Args;
use serde_json::json;

use crate::commands::context::Context;
use crate::commands::error::{CommandError, Exit, Outcome};
use crate::serve::Token;

/// Print the token that opens monster serve's admin interface over TCP.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  curl -H \"Authorization: Bearer $(monster serve token)\" http://127.0.0.1:7766/monster/v1/status\n\nIt shows what happens inside and asks no model; keys of callers (monster serve key) ask models and show nothing. Over the socket in the state folder no token is needed."
)]
pub(super) struct Show {
    /// Make another one first: the one before opens nothing any more, also in a monster serve that runs.
    #[arg(long)]
    new: bool,
}

impl Show {
    pub(super) fn run(&self, context: &Context) -> Outcome {
        let token = Token::at(&context.state_dir()?);
        let secret = if self.new { token.renew() } else { token.made() };
        let secret = secret.map_err(|error| CommandError::of(Exit::Failed, &error))?;
        if context.ui.look().json {
            let path = token.path().display().to_string();
            context.ui.json(
                &json!({ "schema": "monster.serve.token/1", "token": secret.expose(), "path": path, "new": self.new }),
            )?;
        } else {
            context.ui.out(secret.expose())?;
        }
        Ok(Exit::Done)
    }
}
