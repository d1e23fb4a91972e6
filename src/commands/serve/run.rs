//! `monster serve run`.

use clap::Args;

use super::super::context::Context;
use super::super::error::Outcome;

/// How it serves.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct Run {
    /// Where to listen, instead of `serve.listen`: `127.0.0.1:7766`, `unix:PATH`, `pipe:NAME`; may be given several times.
    #[arg(long, value_name = "ADDRESS")]
    listen: Vec<String>,
    /// Ask callers on this machine's own addresses for no key.
    #[arg(long)]
    no_auth: bool,
}

impl Run {
    pub(super) fn run(self, _context: &Context) -> Outcome {
        todo!()
    }
}
