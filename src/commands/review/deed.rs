//! What `monster review` does beside reviewing: baselines, and the schema of its JSON.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::json;

use super::Review;
use super::input::What;
use super::silence::{self, Row};
use crate::client::CallError;
use crate::commands::context::Context;
use crate::commands::error::{CommandError, Exit, Outcome};
use crate::commands::show::counted;
use crate::tasks::finding::Finding;
use crate::tasks::review::Masked;
use crate::ui::{Table, plain};
use crate::world::files;

/// Where a baseline lies unless another place is named, below the work tree.
const BASELINE: &str = ".monster/baseline.jsonl";
/// What is given as the reason where none is.
const REASON: &str = "was there when the baseline was written";
/// What the JSON looks like.
const SCHEMA: &str = include_str!("schema.json");

/// Something beside a review. A branch of this name is reviewed as refs/heads/NAME.
#[derive(Debug, Subcommand)]
pub(super) enum Deed {
    /// Accept what a review finds now, so that later ones with --baseline tell only what is new.
    #[command(subcommand)]
    Baseline(Baseline),
    /// Print the JSON Schema of --format json and jsonl.
    Schema,
}

/// Work with a baseline.
#[derive(Debug, Subcommand)]
pub(super) enum Baseline {
    /// Review, and write what was found into a baseline; what stands in it already keeps its reason and its day.
    Write(Write),
    /// Show what a baseline holds.
    Show(Show),
}

/// Review, and write what was found.
#[derive(Debug, Args)]
pub(super) struct Write {
    #[command(flatten)]
    what: What,
    /// The baseline; usually .monster/baseline.jsonl.
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// Why what is new in it is accepted.
    #[arg(long, value_name = "TEXT", default_value = REASON)]
    reason: String,
}

/// Show what a baseline holds.
#[derive(Debug, Args)]
pub(super) struct Show {
    /// The baseline; usually .monster/baseline.jsonl.
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
}

impl Deed {
    /// Does it.
    pub(super) fn run(self, context: &Context) -> Outcome {
        match self {
            Self::Baseline(Baseline::Write(write)) => write.run(context),
            Self::Baseline(Baseline::Show(show)) => show.run(context),
            Self::Schema => {
                context.ui.out(SCHEMA)?;
                Ok(Exit::Done)
            }
        }
    }
}

fn place(context: &Context, named: Option<&Path>) -> Result<PathBuf, CommandError> {
    match named {
        Some(path) => Ok(context.env.cwd().join(path)),
        None => context.repo()?.root().map(|root| root.join(BASELINE)).ok_or_else(|| {
            CommandError::new(Exit::Repository, "this repository has no work tree").hint("name a file with --file")
        }),
    }
}

impl Write {
    fn run(self, context: &Context) -> Outcome {
        let path = place(context, self.file.as_deref())?;
        let known = if files::look(&path).is_some() { silence::baseline(&path)? } else { Vec::new() };
        let mut review = Review { what: self.what, ..Review::default() };
        let Some(mut looked) = review.look(context)? else { return Ok(Exit::Done) };
        // A baseline lies in the repository.
        Masked::of_review(&looked.change, &looked.report, &*context.redactor()?).report(&mut looked.report);
        let complete = looked.report.complete();
        if let Some(error) = looked.report.failure.take().filter(|e| e.policy() && !matches!(e, CallError::Blocked(_)))
        {
            return Err(error.into());
        }
        let date = context.clock.now().to_zoned_datetime(crate::world::clock::zone()).date().to_string();
        let before = known.len();
        let mut left: HashMap<(String, String), Vec<Row>> = HashMap::new();
        for row in known {
            left.entry((row.id.clone(), row.class.clone())).or_default().push(row);
        }
        let mut kept = 0;
        let row = |f: &Finding| {
            let old = left.get_mut(&(f.id.clone(), f.class.clone())).and_then(Vec::pop);
            kept += usize::from(old.is_some());
            let (reason, date) = old.map_or_else(|| (self.reason.clone(), date.clone()), |old| (old.reason, old.date));
            Row { id: f.id.clone(), class: f.class.clone(), path: f.file.clone(), reason, date }
        };
        let rows: Vec<Row> = looked.report.findings.iter().map(row).collect();
        if !complete {
            return Err(CommandError::new(Exit::Incomplete, "the review is not complete, so no baseline was written")
                .hint("see what is missing with: monster review"));
        }
        if let Some(folder) = path.parent().filter(|_| self.file.is_none()) {
            // Only our own folder is made; where somebody names a place, it has to be there.
            files::folder(folder)?;
        }
        files::publish(&path, silence::written(&rows).as_bytes())
            .map_err(|e| CommandError::new(Exit::Failed, format!("{} was not written: {e}", path.display())))?;
        let gone = before - kept;
        if context.ui.look().json {
            context.ui.json(&json!({ "schema": "monster.review.baseline/1", "file": path.display().to_string(),
                "findings": rows, "new": rows.len() - kept, "kept": kept, "gone": gone }))?;
        } else {
            let new = rows.len() - kept;
            context.ui.out(&format!(
                "{} in {}: {new} new, {kept} kept, {gone} gone",
                counted(rows.len(), "finding"),
                plain(&path.display().to_string())
            ))?;
        }
        Ok(Exit::Done)
    }
}

impl Show {
    fn run(self, context: &Context) -> Outcome {
        let path = place(context, self.file.as_deref())?;
        let rows = silence::baseline(&path)?;
        if context.ui.look().json {
            context.ui.json(&json!({ "schema": "monster.review.baseline/1", "file": path.display().to_string(),
                "findings": rows }))?;
        } else if rows.is_empty() {
            context.ui.out("nothing is accepted by this baseline")?;
        } else {
            let mut table = Table::new(&["id", "class", "file", "since", "why"]);
            for row in rows {
                table.row([row.id, row.class, row.path, row.date, row.reason].map(|cell| plain(&cell)));
            }
            context.ui.out(&table.render())?;
        }
        Ok(Exit::Done)
    }
}
