//! `monster redact report`: what was found in requests, without a byte of it.

use clap::Args;
use serde_json::{Value, json};

use crate::commands::context::Context;
use crate::commands::error::{Exit, Outcome};
use crate::commands::history::when::{Moment, clock, iso, moment};
use crate::commands::show::counted;
use crate::store::MaskedRow;
use crate::ui::Table;

/// Most lines that are printed for people.
const LINES: usize = 50;

/// Show what was found in requests, and what became of it: masked, sent with a warning, or blocked.
#[derive(Debug, Args)]
#[command(
    after_help = "The 50 newest findings are printed; --csv and --json give all.\n\nA fingerprint tells whether two findings are the same value; only this machine's key makes it, and nobody finds\nthe value by it. No value and no text is kept. The lines go with: monster history purge\n\nExamples:\n  monster redact report --since 7d\n  monster redact report --since 2026-11-01 --csv > masked.csv"
)]
pub(super) struct Report {
    /// Since a date, a time or an age such as 7d.
    #[arg(long, value_name = "WHEN", value_parser = moment)]
    since: Option<Moment>,
    /// Comma-separated values, for a spreadsheet.
    #[arg(long, conflicts_with = "json")]
    csv: bool,
}

impl Report {
    /// Shows.
    pub(super) fn run(self, context: &Context) -> Outcome {
        let since = self.since.map_or(i64::MIN, |since| since.before(context.clock.millis()));
        let rows = context.kept()?.audit(since)?;
        if context.ui.look().json {
            let counts: Vec<Value> = counts(&rows)
                .into_iter()
                .map(|c| json!({ "rule": c.rule, "kind": c.kind, "found": c.found, "values": c.values }))
                .collect();
            context.ui.json(&json!({ "schema": "monster.redact.report/1", "rules": counts,
                "rows": rows.iter().map(row).collect::<Vec<_>>() }))?;
        } else if self.csv {
            context.ui.out(&csv(&rows))?;
        } else if rows.is_empty() {
            context.ui.out("nothing was found in any request")?;
        } else {
            context.ui.out(&text(&rows))?;
        }
        Ok(Exit::Done)
    }
}

struct Count<'a> {
    rule: &'a str,
    kind: &'a str,
    found: usize,
    values: usize,
}

/// By rule, the most frequent first.
fn counts(rows: &[MaskedRow]) -> Vec<Count<'_>> {
    let mut by: std::collections::BTreeMap<&str, (&str, usize, std::collections::BTreeSet<&str>)> =
        std::collections::BTreeMap::new();
    for row in rows {
        let (_, found, values) = by.entry(&row.rule).or_insert_with(|| (&row.kind, 0, Default::default()));
        *found += 1;
        values.insert(&row.fingerprint);
    }
    let mut out: Vec<Count<'_>> =
        by.into_iter().map(|(rule, (kind, found, values))| Count { rule, kind, found, values: values.len() }).collect();
    out.sort_by_key(|c| std::cmp::Reverse(c.found));
    out
}

fn text(rows: &[MaskedRow]) -> String {
    let mut table = Table::new(&["rule", "what it is", ">found", ">values"]);
    for c in counts(rows) {
        table.row([c.rule.to_owned(), c.kind.to_owned(), c.found.to_string(), c.values.to_string()]);
    }
    let mut out = table.render();
    out.push('\n');
    let heads = ["when", "call", "command", "rule", "action", ">confidence", "checksum", ">bytes", "fingerprint"];
    let mut table = Table::new(&heads);
    for row in rows.iter().take(LINES) {
        table.row([
            clock(row.at_ms),
            row.request_id.clone(),
            row.caller.clone(),
            row.rule.clone(),
            row.action.clone(),
            format!("{:.2}", row.confidence),
            row.checksum.clone(),
            format!("{}-{}", row.start, row.end),
            row.fingerprint.clone(),
        ]);
    }
    out.push_str(&table.render());
    if rows.len() > LINES {
        out.push_str(&format!("and {}; all of them: --json or --csv\n", counted(rows.len() - LINES, "older line")));
    }
    out
}

fn row(row: &MaskedRow) -> Value {
    json!({ "at": iso(row.at_ms), "call": row.request_id, "command": row.caller, "rule": row.rule, "kind": row.kind,
        "action": row.action, "confidence": row.confidence, "checksum": row.checksum, "start": row.start,
        "end": row.end, "fingerprint": row.fingerprint })
}

fn csv(rows: &[MaskedRow]) -> String {
    let mut out = "at,call,command,rule,kind,action,confidence,checksum,start,end,fingerprint\n".to_owned();
    for row in rows {
        let cells = [
            iso(row.at_ms).unwrap_or_default(),
            row.request_id.clone(),
            row.caller.clone(),
            row.rule.clone(),
            row.kind.clone(),
            row.action.clone(),
            row.confidence.to_string(),
            row.checksum.clone(),
            row.start.to_string(),
            row.end.to_string(),
            row.fingerprint.clone(),
        ];
        let cell = |text: &String| {
            if text.contains([',', '"', '\n']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.clone() }
        };
        out.push_str(&cells.iter().map(cell).collect::<Vec<_>>().join(","));
        out.push('\n');
    }
    out
}
