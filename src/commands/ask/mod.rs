//! `monster ask`: one question to one model, or to several whose answers another reconciles.

mod discuss;
mod json;
mod material;
mod one;
mod panes;

use std::path::PathBuf;

use clap::{Args, ValueEnum};

pub(super) use discuss::{Discussion, Shown};

use super::context::Context;
use super::error::{CommandError, Exit, Outcome};
use super::seats::{self, Seats};
use crate::client::{CallError, Client};
use crate::tasks::ask::Material;
use crate::tasks::dialectic::{Mode, Shape};
use crate::tasks::form::Form;
use crate::world::files;

/// Most bytes of a schema.
const SCHEMA: u64 = 1 << 20;

#[derive(Debug, Args)]
#[command(
    after_help = "How models work together (--dialectic=MODE, or the setting ask.mode):\n  two      two answer without seeing each other, a third reconciles; at most 4 calls\n  debate   they read each other's answers, criticise them and answer again, then a third reconciles; at most 6 calls\n  council  up to five answer and rank all answers without names, then another reconciles; at most 8 calls for three\nEvery mode says its most calls and what they may cost before it begins. A call that fails and is repeated, over the\nsame route or another, counts once.\n\nExamples:\n  monster ask \"what does EXDEV mean?\"\n  git log -5 | monster ask \"what changed lately?\" --with -\n  monster ask \"do the docs fit the change?\" --with HEAD --with docs/API.md\n  monster ask \"name three ports\" --schema ports.json\n  monster ask --dialectic \"is this migration safe?\" --with HEAD\n  monster ask --dialectic=council \"which index?\" --with main...topic"
)]
pub(super) struct Ask {
    /// The question; read from standard input when it is left out.
    question: Option<String>,
    /// Material to answer from: a file (FILE:10-20 for lines of it, REV:FILE as a commit has it), a revision or range of
    /// this repository, or - for standard input. May be repeated.
    #[arg(long, value_name = "FILE|REV|-")]
    with: Vec<String>,
    /// A JSON Schema that the answer must keep to; it is checked, and asked for once more when it does not.
    #[arg(long, value_name = "FILE", conflicts_with = "dialectic")]
    schema: Option<PathBuf>,
    /// Several models of different makers answer in parallel, another reconciles: two, debate or council.
    #[arg(long, value_name = "MODE", num_args = 0..=1, require_equals = true)]
    #[allow(clippy::option_option)] // not there, there without a mode, there with one
    dialectic: Option<Option<Way>>,
    #[command(flatten)]
    seats: Seats,
    /// Rounds in which members criticise each other and answer again, at most two; a debate has one by itself.
    #[arg(long, value_name = "N", requires = "dialectic", value_parser = clap::value_parser!(u8).range(0..=2))]
    rounds: Option<u8>,
    /// What to print: the reconciliation alone, the answers and then the reconciliation, or everything as it comes.
    #[arg(long, value_enum, value_name = "WHAT", requires = "dialectic", default_value = "all")]
    show: Shown,
    /// Reconcile twice, with the seats swapped, and say what differs.
    #[arg(long, requires = "dialectic")]
    debias: bool,
}

/// How models work together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Way {
    Two,
    Debate,
    Council,
}

impl From<Way> for Mode {
    fn from(way: Way) -> Self {
        match way {
            Way::Two => Self::Two,
            Way::Debate => Self::Debate,
            Way::Council => Self::Council,
        }
    }
}

impl Ask {
    /// Asks.
    pub(super) fn run(self, context: &Context) -> Outcome {
        let form = self.schema.as_deref().map(|path| form(context, path)).transpose()?;
        let shape = self.shape(context)?;
        let (question, materials) = self.read(context)?;
        if context.offline() {
            return Err(CommandError::new(Exit::NoModel, "ask needs a model, and --offline allows none"));
        }
        let asked = context.model(if shape.is_some() { "reasoning" } else { "balanced" });
        let Some(shape) = shape else {
            return context.block_on(async {
                let client = context.connect(&asked, false).await?;
                one::One { context, client: &client, asked: &asked, form: form.as_ref() }
                    .run(&question, &materials)
                    .await
            });
        };
        let wish = self.seats.wish(context, shape.mode.seats(), asked);
        context.block_on(async {
            let client = context.connect(&seats::survey(&wish), false).await?;
            let (show, strict) = (self.show, self.seats.strict);
            discuss::fresh(context, &client, &wish, shape, &question, &materials, (show, strict)).await
        })
    }

    /// How models are to work together; `None` = one is asked.
    fn shape(&self, context: &Context) -> Result<Option<Shape>, CommandError> {
        let Some(way) = self.dialectic else { return Ok(None) };
        let ask = &context.config().ask;
        let mode = way.map(Mode::from).or_else(|| Mode::parse(&ask.mode)).unwrap_or(Mode::Two);
        let own = if mode == Mode::Two { None } else { ask.rounds };
        let rounds = self.rounds.or(own).unwrap_or_else(|| mode.rounds());
        if mode == Mode::Two && rounds > 0 {
            return Err(CommandError::new(Exit::Usage, "two models that criticise each other are a debate")
                .hint(format!("say so: --dialectic=debate --rounds {rounds}")));
        }
        let (names, most) = (self.seats.named(), mode.most());
        if mode == Mode::Two {
            self.seats.two().map_err(|error| error.hint("for more of them: --dialectic=council"))?;
        }
        if names == 1 || names > most {
            let what = format!("--models takes two to five names for a {}, not {names}", mode.name());
            return Err(CommandError::new(Exit::Usage, what));
        }
        Ok(Some(Shape { mode, rounds, debias: self.debias }))
    }

    fn read(&self, context: &Context) -> Result<(String, Vec<Material>), CommandError> {
        let piped = self.with.iter().filter(|name| *name == "-").count();
        let question = match &self.question {
            Some(question) if question != "-" => question.clone(),
            _ if piped > 0 => {
                return Err(CommandError::new(
                    Exit::Usage,
                    "standard input cannot be both the question and its material",
                ));
            }
            _ => context.stdin_text("the question")?,
        };
        if question.trim().is_empty() {
            return Err(CommandError::new(Exit::Usage, "there is no question").hint("monster ask \"…\""));
        }
        if piped > 1 {
            return Err(CommandError::new(Exit::Usage, "standard input can be read only once"));
        }
        let material = |name: &String| match name.as_str() {
            "-" => Ok(Material { label: "Standard input".to_owned(), text: context.stdin_text("the material")? }),
            name => material::material(context, name),
        };
        let materials = self.with.iter().map(material).collect::<Result<Vec<_>, _>>()?;
        Ok((question, something(context, materials)?))
    }
}

/// Material in which something stands. What is empty is told: a model would answer as if nothing had been named.
fn something(context: &Context, materials: Vec<Material>) -> Result<Vec<Material>, CommandError> {
    let (empty, told): (Vec<Material>, Vec<Material>) = materials.into_iter().partition(|m| m.text.trim().is_empty());
    if told.is_empty() && !empty.is_empty() {
        let labels: Vec<&str> = empty.iter().map(|m| m.label.as_str()).collect();
        let verb = if labels.len() == 1 { "is" } else { "are" };
        let what = format!("there is nothing to ask about: {} {verb} empty", labels.join(", "));
        return Err(CommandError::new(Exit::Nothing, what).hint("name other material, or ask without --with"));
    }
    for material in &empty {
        context.ui.warn(&format!("{} is empty, and nothing of it is sent", material.label));
    }
    Ok(told)
}

/// The schema in a file.
fn form(context: &Context, path: &std::path::Path) -> Result<Form, CommandError> {
    let name = path.display();
    let whole = context.env.cwd().join(path);
    let bytes = files::read_bounded(&whole, SCHEMA).map_err(|error| {
        let mut out = CommandError::new(Exit::Usage, format!("the schema {name} cannot be read"));
        out.causes.push(error.to_string());
        out
    })?;
    Form::read(&String::from_utf8_lossy(&bytes)).map_err(|error| {
        let mut out = CommandError::new(Exit::Usage, format!("{name} is no schema that an answer could be held to"));
        out.causes.push(error.to_string());
        out
    })
}

/// Why there is no route, with everything that stands in the way and how to connect a model.
fn explained(error: CallError, client: &Client) -> CommandError {
    let bare = matches!(error, CallError::NoRoute { .. });
    let mut out = CommandError::from(error);
    if bare {
        out.hints.extend(client.landscape.notes.iter().filter(|n| !out.hints.contains(n)).cloned().collect::<Vec<_>>());
        let ways = "connect a model: monster login, or set OPENAI_API_KEY, ANTHROPIC_API_KEY, GEMINI_API_KEY (or another provider's), or start a local server such as Ollama";
        if !out.hints.iter().any(|h| h.contains("monster login")) {
            out.hints.push(ways.to_owned());
        }
    }
    out
}
