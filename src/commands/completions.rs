//! `monster completions SHELL`: the shell's completion script on stdout.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::context::Context;
use super::error::Outcome;
use super::{Cli, Exit};

#[derive(Debug, Args)]
pub(super) struct Completions {
    /// The shell.
    shell: Shell,
}

impl Completions {
    /// Prints it.
    pub(super) fn run(self, context: &Context) -> Outcome {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "monster", &mut script);
        let script = String::from_utf8_lossy(&script);
        if context.ui.look().json {
            let value = serde_json::json!({ "schema": "monster.completions/1", "shell": self.shell.to_string(), "script": script });
            context.ui.json(&value)?;
        } else {
            context.ui.out(&script)?;
        }
        Ok(Exit::Done)
    }
}
