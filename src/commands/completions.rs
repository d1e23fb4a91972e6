//! `monster completions SHELL`: the shell's completion script on stdout.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::context::Context;
use super::error::Outcome;
use super::{Cli, Exit};

/// Print the completion script of a shell.
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
        context.ui.out(&String::from_utf8_lossy(&script))?;
        Ok(Exit::Done)
    }
}
