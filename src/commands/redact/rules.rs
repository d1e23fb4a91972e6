//! `monster redact rules`: what is looked for.

use clap::Args;
use serde_json::json;

use crate::commands::context::Context;
use crate::commands::error::{Exit, Outcome};
use crate::ui::Table;

/// List what is looked for and what happens to it.
#[derive(Debug, Args)]
#[command(
    after_help = "What an assignment is depends on its value: how sure that is stands beside each finding (scan --explain). Personal\ndata (pii-) is off unless redact.pii is true.\n\nA mode is given to a rule, or to all rules that share a word in placeholders:\n  monster config edit\n\n  [redact.kinds]\n  password = \"warn\"\n  private-key = \"block\""
)]
pub(super) struct Rules {}

impl Rules {
    /// Lists.
    pub(super) fn run(self, context: &Context) -> Outcome {
        let rules = super::policy(context)?.rules();
        if context.ui.look().json {
            let rows: Vec<_> = rules
                .iter()
                .map(|r| {
                    json!({ "rule": r.rule, "kind": r.kind, "word": r.tag, "confidence": r.confidence,
                        "mode": r.mode.name(), "own": r.own })
                })
                .collect();
            context.ui.json(&json!({ "schema": "monster.redact.rules/1", "rules": rows }))?;
            return Ok(Exit::Done);
        }
        let mut table = Table::new(&["rule", "word", "what it is", ">confidence", "mode"]);
        for r in &rules {
            let confidence = r.confidence.map_or_else(|| "0.55-0.90".to_owned(), |c| format!("{c:.2}"));
            let kind = if r.own { format!("{} (yours)", r.kind) } else { r.kind.to_owned() };
            table.row([r.rule.to_owned(), r.tag.to_owned(), kind, confidence, r.mode.name().to_owned()]);
        }
        context.ui.out(&table.render())?;
        Ok(Exit::Done)
    }
}
