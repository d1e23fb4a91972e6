//! `monster redact scan`: where secrets lie.

use clap::Args;

use super::jsonl;
use crate::commands::context::Context;
use crate::commands::error::{CommandError, Exit, Outcome};

/// Find secrets; exit 1 when there are any.
#[derive(Debug, Args)]
pub(super) struct Scan {
    /// Read lines {"id","text"} from standard input and print a line for each finding: {"id","start","end","kind",
    /// "rule","confidence"}, offsets in bytes of the text.
    #[arg(long)]
    jsonl: bool,
    /// Only what is nearly certain.
    #[arg(long)]
    strict: bool,
    /// Personal data too: mail addresses, telephone and card numbers.
    #[arg(long)]
    pii: bool,
}

impl Scan {
    /// Looks.
    pub(super) fn run(self, context: &Context) -> Outcome {
        if !self.jsonl {
            return Err(CommandError::new(Exit::Usage, "say what to look at").hint("monster redact scan --jsonl"));
        }
        let redactor = context.redactor();
        let strict = self.strict;
        jsonl::run(context, |text| {
            let mut hits = redactor.scan(text);
            hits.retain(|h| !strict || h.confidence >= 0.9 || h.checksum);
            hits
        })
    }
}
