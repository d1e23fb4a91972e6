//! `monster setup`: points the user's own tools to `monster serve`, shows what it would change before it does, and takes
//! it back.

mod change;
mod dotenv;
mod edit;
mod json;
mod over;
mod place;
mod plan;
mod record;
mod restore;
mod show;
#[cfg(test)]
mod tests;
mod toml;
mod tools;
mod wish;
mod yaml;

use std::fs::File;

use clap::Args;
use clap::builder::PossibleValuesParser;

use super::context::Context;
use super::error::{CommandError, Exit, Outcome};
use crate::model::Secret;
use plan::{Plan, plan};
use record::Record;
use tools::{TOOLS, Tool};
use wish::{Key, Wish};

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  monster setup\n  monster setup codex\n  monster setup codex opencode --write\n  \
monster serve key add gemini | monster setup gemini-cli --key-stdin --write\n  monster setup codex --undo\n\nWithout \
--write nothing is changed. --model names the models that a tool is offered; the first is the one it starts with.")]
pub(super) struct Setup {
    /// The tools; left out, those of this machine are listed with their state.
    #[arg(value_name = "TOOL", value_parser = names())]
    tools: Vec<String>,
    /// Change the settings; the original is kept beside them as FILE.monster-backup.
    #[arg(long)]
    write: bool,
    /// Take back what was written: the original as a whole, or only monster's own settings where you changed more since.
    #[arg(long, conflicts_with = "write")]
    undo: bool,
    /// Read the access key from standard input and put it into the tool's settings, readable by you alone.
    #[arg(long, conflicts_with = "undo")]
    key_stdin: bool,
    /// Give the tool no key, for monster serve --no-auth.
    #[arg(long, conflicts_with_all = ["key_stdin", "undo"])]
    no_auth: bool,
    /// Where placeholders become your secrets again: off, text (in answers) or tools (in arguments of tools too).
    #[arg(long, value_name = "MODE", requires = "write", value_parser = restore::MODES.map(|(mode, _)| mode))]
    restore: Option<String>,
}

fn names() -> PossibleValuesParser {
    TOOLS.iter().map(|tool| tool.name).collect::<Vec<_>>().into()
}

impl Setup {
    /// Does it.
    pub(super) fn run(self, context: &Context) -> Outcome {
        let record = known(context)?;
        let mut named: Vec<&'static Tool> = Vec::new();
        for tool in self.tools.iter().filter_map(|name| tools::find(name)) {
            // A tool that is named twice is one.
            if !named.iter().any(|known| known.name == tool.name) {
                named.push(tool);
            }
        }
        if named.is_empty() {
            if self.write || self.undo || self.key_stdin || self.no_auth {
                return Err(CommandError::new(Exit::Usage, "name the tools")
                    .hint(format!("there are: {}", TOOLS.iter().map(|t| t.name).collect::<Vec<_>>().join(", "))));
            }
            return show::list(context, |tool| self.wish(context, tool, &record, &Key::Variable), &record);
        }
        if self.undo {
            let _alone = alone(context)?;
            return undo(context, &named, &mut known(context)?);
        }
        let key = self.key(context)?;
        // Nothing is written while one of them is not understood.
        let plans = self.plans(context, &named, &record, |_| &key)?;
        if !self.write {
            return show::plans(context, &plans, &record);
        }
        // Whatever is asked is asked before anything is read that will be written.
        let keyless: Vec<&str> = plans.iter().filter(|plan| plan.keyless).map(|plan| plan.tool.name).collect();
        let given = if keyless.is_empty() { None } else { Some(asked(context, &plans)?) };
        let restoring = restore::settle(context, &self)?;
        let _alone = alone(context)?;
        let mut record = known(context)?;
        let of = |tool: &Tool| given.as_ref().filter(|_| keyless.contains(&tool.name)).unwrap_or(&key);
        let plans = self.plans(context, &named, &record, of)?;
        self.write(context, plans, &mut record, &restoring)
    }

    fn plans<'a>(
        &self,
        context: &Context,
        named: &[&'static Tool],
        record: &Record,
        key: impl Fn(&Tool) -> &'a Key,
    ) -> Result<Vec<Plan>, CommandError> {
        named.iter().map(|tool| plan(context, tool, &self.wish(context, tool, record, key(tool))?, record)).collect()
    }

    fn write(
        &self,
        context: &Context,
        plans: Vec<Plan>,
        record: &mut Record,
        restoring: &restore::Restoring,
    ) -> Outcome {
        let mut done = Vec::new();
        for plan in plans {
            let tool = plan.tool.name.to_owned();
            match &context.globals.model {
                Some(model) => drop(record.models.insert(tool, model.clone())),
                None if record.tools.contains_key(&tool) => {}
                None => drop(record.models.remove(&tool)),
            }
            let files = change::write(context, &plan, record)?;
            done.push((plan, files));
        }
        show::written(context, &done, restoring)
    }

    /// What a tool is to be told: the models asked for now, else those of the last time.
    fn wish(&self, context: &Context, tool: &Tool, record: &Record, key: &Key) -> Result<Wish, CommandError> {
        let model = context.globals.model.as_deref().or_else(|| record.models.get(tool.name).map(String::as_str));
        Wish::new(&context.config().serve, model, key.clone())
    }

    fn key(&self, context: &Context) -> Result<Key, CommandError> {
        if self.no_auth {
            return Ok(Key::Open);
        }
        if !self.key_stdin {
            return Ok(Key::Variable);
        }
        let key = context.stdin_text("the key")?.trim().to_owned();
        fit(Secret::new(key))
    }
}

/// Asks for a key that settings have to hold.
fn asked(context: &Context, plans: &[Plan]) -> Result<Key, CommandError> {
    let labels: Vec<&str> = plans.iter().filter(|plan| plan.keyless).map(|plan| plan.tool.label).collect();
    let labels = labels.join(" and ");
    match context.ui.secret(&format!("Access key of monster serve for {labels}"), false) {
        Some(key) => fit(key),
        None => Err(CommandError::new(Exit::Usage, format!("the settings of {labels} have to hold an access key"))
            .hint("give it on standard input: monster serve key add NAME | monster setup TOOL --key-stdin --write")
            .hint("or, where monster serve asks for none: monster setup TOOL --no-auth --write")),
    }
}

/// A key is one word: what else it might be would break somebody's settings.
fn fit(key: Secret) -> Result<Key, CommandError> {
    if key.is_word() {
        Ok(Key::Given(key))
    } else {
        Err(CommandError::new(Exit::Usage, "the key is not one word of letters, digits and signs"))
    }
}

/// Files and what is written down of them change together.
fn alone(context: &Context) -> Result<Option<File>, CommandError> {
    super::alone::alone(context, "setup.lock", "another monster setup is at work and does not come to an end")
}

/// What is set up.
fn known(context: &Context) -> Result<Record, CommandError> {
    let mut record = Record::load(context)?;
    change::forget(context, &mut record);
    Ok(record)
}

fn undo(context: &Context, named: &[&'static Tool], record: &mut Record) -> Outcome {
    let mut done = Vec::new();
    for tool in named {
        done.push((*tool, change::undo(context, tool, record)?));
    }
    let any = done.iter().any(|(_, files)| files.is_some());
    let staying = if any { restore::staying(context) } else { None };
    show::undone(context, &done, staying)
}
