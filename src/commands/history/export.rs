//! `monster history export`: everything that is known, for other programs.

use std::collections::HashSet;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use super::kept;
use super::list::{Which, as_json};
use super::show::step_json;
use crate::auth::Opened;
use crate::commands::context::Context;
use crate::commands::error::{CommandError, Exit, Outcome};
use crate::commands::show::counted;
use crate::store::{HistoryRow, Store, TraceRow};
use crate::ui::{escaped, plain};
use crate::world::files;

/// Write calls, their attempts and steps as JSON.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  monster history export --since 7d > week.jsonl\n  monster history export --content --out calls.jsonl"
)]
pub(super) struct Export {
    #[command(flatten)]
    which: Which,
    /// Also what was asked and answered, where that was kept: in plain text. Opens the accounts.
    #[arg(long)]
    content: bool,
    /// One object a line, or one for all.
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "jsonl")]
    format: Format,
    /// Into this file, which only you can read, instead of standard output.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Replace the file when it is there.
    #[arg(long, requires = "out")]
    force: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Jsonl,
    Json,
}

const SCHEMA: &str = "monster.history.export/1";

impl Export {
    /// Writes.
    pub(super) fn run(self, context: &Context) -> Outcome {
        let file = self.out.as_ref().map(|out| context.env.cwd().join(out));
        let there = |file: &std::path::Path| {
            CommandError::new(Exit::Failed, format!("{} is there already", file.display()))
                .hint("name another file, or replace it with --force")
        };
        // Before anybody is asked for a passphrase.
        if let Some(file) = file.as_ref().filter(|f| !self.force && f.symlink_metadata().is_ok()) {
            return Err(there(file));
        }
        let store = context.kept()?;
        let mut rows = store.history(&self.which.filter(context, usize::MAX)?)?;
        rows.sort_by_key(|row| row.started_ms);
        let ids: Vec<String> = rows.iter().map(|row| row.id.clone()).collect();
        let steps = store.steps_of(&ids)?;
        let holding = if self.content { store.holding()? } else { HashSet::new() };
        let opened = if rows.iter().any(|row| holding.contains(&row.id)) { Some(kept::unlock(context)?) } else { None };
        let none = Vec::new();
        let mut values = Vec::with_capacity(rows.len());
        for row in &rows {
            let opened = opened.as_ref().filter(|_| holding.contains(&row.id));
            values.push(value(&store, row, steps.get(&row.id).unwrap_or(&none), opened)?);
        }
        let count = values.len();
        let text = match self.format {
            Format::Json => format!("{:#}\n", json!({ "schema": SCHEMA, "requests": values })),
            Format::Jsonl => values
                .into_iter()
                .map(|mut value| {
                    value["schema"] = json!(SCHEMA);
                    format!("{value}\n")
                })
                .collect(),
        };
        let Some(file) = file else {
            if !text.is_empty() {
                context.ui.out(&escaped(&text))?;
            }
            return Ok(Exit::Done);
        };
        let written = if self.force {
            files::replace(&file, text.as_bytes(), 0o600)
        } else {
            files::create_private(&file, text.as_bytes())
        };
        match written {
            Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => return Err(there(&file)),
            done => {
                done.map_err(|e| CommandError::new(Exit::Failed, format!("{} cannot be written: {e}", file.display())))?
            }
        }
        if opened.is_some() {
            context.ui.warn("the file holds prompts and answers in plain text");
        }
        if context.ui.look().json {
            context.ui.json(&json!({ "schema": "monster.history.exported/1", "file": file, "requests": count }))?;
        } else {
            context.ui.out(&plain(&format!("{} in {}", counted(count, "call"), file.display())))?;
        }
        Ok(Exit::Done)
    }
}

fn value(store: &Store, row: &HistoryRow, steps: &[TraceRow], opened: Option<&Opened>) -> Result<Value, CommandError> {
    let mut value = as_json(row);
    value["trace"] = steps.iter().map(|step| step_json(step, row.started_ms)).collect();
    if let Some(opened) = opened {
        let kept = kept::read(opened, &row.id, &store.content(&row.id)?)?;
        value["content"] = json!({ "request": kept.request,
            "answer": kept.answer.map(|(answer, whole)| json!({ "text": answer.text, "finish": answer.finish,
                "calls": answer.calls, "whole": whole })) });
    }
    Ok(value)
}
