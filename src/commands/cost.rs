//! `monster cost`: what was spent today, by model. Unknown prices are counted, never shown as free.

use clap::Args;
use serde_json::json;

use super::context::Context;
use super::error::{Exit, Outcome};
use super::show::count;
use crate::store::{SpentBy, SpentRow};
use crate::ui::Table;

/// Show what was spent today, by model.
#[derive(Debug, Args)]
pub(super) struct Cost {
    /// Since this many days, today included.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=3660))]
    days: u16,
}

impl Cost {
    /// Does it.
    pub(super) fn run(self, context: &Context) -> Outcome {
        let store = context.kept()?;
        let start = context.clock.day_start().as_millisecond() - i64::from(self.days - 1) * 86_400_000;
        let rows = store.spent(start, SpentBy::Model)?;
        let total = store.spent(start, SpentBy::Total)?.into_iter().next();
        if context.ui.look().json {
            let since = jiff::Timestamp::from_millisecond(start).map(|t| t.to_string()).ok();
            let rows: Vec<_> = rows.iter().map(as_json).collect();
            context.ui.json(&json!({ "schema": "monster.cost/1", "since": since, "by_model": rows, "total": total.as_ref().map(as_json) }))?;
            return Ok(Exit::Done);
        }
        if rows.is_empty() {
            context.ui.out(if self.days == 1 { "nothing was spent today" } else { "nothing was spent" })?;
            return Ok(Exit::Done);
        }
        let mut table = Table::new(&["model", ">requests", ">in", ">out", ">cost"]);
        for row in rows.iter().chain(total.as_ref().filter(|_| rows.len() > 1)) {
            let cost = match (row.cost, row.unpriced) {
                (None, _) => "unpriced".to_owned(),
                (Some(cost), 0) => cost.to_string(),
                (Some(cost), n) => format!("{cost} + {n} unpriced"),
            };
            table.row([
                row.key.clone(),
                row.requests.to_string(),
                count(row.usage.prompt()),
                count(row.usage.output),
                cost,
            ]);
        }
        context.ui.out(&table.render())?;
        Ok(Exit::Done)
    }
}

fn as_json(row: &SpentRow) -> serde_json::Value {
    json!({ "key": row.key, "requests": row.requests, "input": row.usage.prompt(), "output": row.usage.output,
        "nano_usd": row.cost.map(|c| c.0), "unpriced": row.unpriced })
}
