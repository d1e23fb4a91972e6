//! `monster ask`: one question to one model, or to two whose answers a third reconciles.

use std::time::Duration;

use clap::Args;
use serde_json::json;

use super::context::Context;
use super::error::{CommandError, Exit, Outcome};
use super::listen::{Watch, tell};
use super::{plan, show};
use crate::client::{Call, CallError, Client, Notice, Reply, Route, Terms, conversation};
use crate::model::{ModelName, Purpose, Request};
use crate::tasks::ask::{self, Material};
use crate::tasks::dialectic::{self, Outcome as Made, Question, Verdict, Voice, Watcher, Wish};
use crate::ui::{Spinner, Ui, plain};

/// Ask a model; with --dialectic, two models of different makers, and a third that reconciles their answers.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  monster ask \"what does EXDEV mean?\"\n  git log -5 | monster ask \"what changed lately?\" --with -\n  monster ask --dialectic \"is this migration safe?\" --with HEAD"
)]
pub(super) struct Ask {
    /// The question; read from standard input when it is left out.
    question: Option<String>,
    /// Material to answer from: a file, a revision or range of this repository, or - for standard input.
    #[arg(long, value_name = "FILE|REV|-")]
    with: Option<String>,
    /// Two models of different makers answer in parallel, a third reconciles.
    #[arg(long)]
    dialectic: bool,
    /// The two members, separated by a comma.
    #[arg(long, value_name = "A,B", requires = "dialectic", value_delimiter = ',', num_args = 1)]
    models: Vec<String>,
    /// Who reconciles.
    #[arg(long, value_name = "MODEL", requires = "dialectic")]
    synth: Option<String>,
    /// Allow two models of one maker.
    #[arg(long, requires = "dialectic")]
    same_family: bool,
    /// What to print: the reconciliation alone, or the two answers as they come and then the reconciliation.
    #[arg(long, value_name = "WHAT", requires = "dialectic", value_parser = ["final", "all"], default_value = "all")]
    show: String,
    /// A single source, when one member fails, is an error.
    #[arg(long, requires = "dialectic")]
    strict: bool,
}

impl Ask {
    /// Asks.
    pub(super) fn run(self, context: &Context) -> Outcome {
        let (question, material) = self.read(context)?;
        if self.dialectic && !matches!(self.models.len(), 0 | 2) {
            return Err(CommandError::new(Exit::Usage, format!("--models takes two names, not {}", self.models.len()))
                .hint("for example: --models anthropic/claude-sonnet-4-5,openai/gpt-5"));
        }
        if context.offline() {
            return Err(CommandError::new(Exit::NoModel, "ask needs a model, and --offline allows none"));
        }
        let asked = context.model(if self.dialectic { "reasoning" } else { "balanced" });
        let survey = self.survey_name(context, &asked);
        context.block_on(async {
            let client = context.connect(&survey, false).await?;
            if self.dialectic {
                self.discuss(context, &client, asked, &question, material.as_ref()).await
            } else {
                self.one(context, &client, &asked, &question, material.as_ref()).await
            }
        })
    }

    /// Everything that must be looked for: the members by name, or the pool they are chosen from.
    fn survey_name(&self, context: &Context, asked: &ModelName) -> ModelName {
        if !self.dialectic {
            return asked.clone();
        }
        let wish = self.wish(context, asked.clone());
        match (wish.first, wish.second, wish.synthesis) {
            (Some(a), Some(b), Some(c)) => ModelName([a, b, c].join(",")),
            _ => ModelName("reasoning".to_owned()),
        }
    }

    fn wish(&self, context: &Context, pool: ModelName) -> Wish {
        let ask = &context.config().ask;
        let of =
            |n: usize, own: &Option<String>| self.models.get(n).map(|m| m.trim().to_owned()).or_else(|| own.clone());
        Wish {
            first: of(0, &ask.first),
            second: of(1, &ask.second),
            synthesis: self.synth.clone().or_else(|| ask.synthesis.clone()),
            same_family: self.same_family,
            pool,
        }
    }

    fn read(&self, context: &Context) -> Result<(String, Option<Material>), CommandError> {
        let question = match &self.question {
            Some(question) if question != "-" => question.clone(),
            _ if self.with.as_deref() == Some("-") => {
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
        let material = match self.with.as_deref() {
            None => None,
            Some("-") => {
                Some(Material { label: "Standard input".to_owned(), text: context.stdin_text("the material")? })
            }
            Some(name) => Some(context.material(name)?),
        };
        Ok((question, material))
    }

    async fn one(
        &self,
        context: &Context,
        client: &Client,
        asked: &ModelName,
        question: &str,
        material: Option<&Material>,
    ) -> Outcome {
        let routes = client.routes(asked).map_err(|error| explained(error, client))?;
        if let Some(note) = ask::cut_note(material, &routes) {
            context.ui.warn(&note);
        }
        let mut request = Request::text(asked.0.clone(), Purpose::Ask, ask::prompt(question, material, &routes));
        request.effort = context.effort(Purpose::Ask);
        request.stream = true;
        if context.globals.show_prompt {
            return plan::show_prompt(context, client, &routes, request);
        }
        let json = context.ui.look().json;
        let mut watch = if json { Watch::new(&context.ui, "asking") } else { Watch::streaming(&context.ui, "asking") };
        let patience = context.patience(Purpose::Ask);
        // Asked again of the same material, the whole prompt is one that was read before; a bare question is too short
        // for any cache.
        let repo = client.place.repo.as_deref().unwrap_or_default();
        let conversation = material.map(|m| conversation(&["ask", repo, question, &m.label, &m.text]));
        let terms = Terms { conversation, patience, ..Terms::default() };
        let call = Call { terms, ..Call::new(&routes, request) };
        let answer = client.call(call, &mut watch).await;
        watch.end();
        let reply = answer?;
        if json {
            let mut value = show::reply_json(&reply);
            value["schema"] = json!("monster.ask/1");
            value["answer"] = json!(reply.text);
            value["finish"] = json!(reply.finish.as_ref().map(|f| f.name()));
            context.ui.json(&value)?;
        }
        if let Some(why) = show::incomplete(reply.finish.as_ref()) {
            context.ui.warn(why);
            context.ui.status(&show::cost_line(&[&reply]));
            return Ok(Exit::Incomplete);
        }
        context.ui.status(&format!("{} · {}", reply.route.name(), show::cost_line(&[&reply])));
        Ok(Exit::Done)
    }

    async fn discuss(
        &self,
        context: &Context,
        client: &Client,
        pool: ModelName,
        question: &str,
        material: Option<&Material>,
    ) -> Outcome {
        let ui = &context.ui;
        let cast = dialectic::cast(client, &self.wish(context, pool)).map_err(|error| match error {
            dialectic::CastError::Call(error) => explained(error, client),
            other => CommandError::of(Exit::NoModel, &other).hints(other.hint()),
        })?;
        // All three read the same text, so the smallest window decides.
        let seats = [&cast.first, &cast.second, &cast.synthesis];
        let window = |seat: &&Vec<Route>| seat.first().and_then(Route::window).unwrap_or(u64::MAX);
        let smallest = seats.into_iter().min_by_key(window).unwrap_or(&cast.first);
        if let Some(note) = ask::cut_note(material, smallest) {
            ui.warn(&note);
        }
        let text = ask::prompt(question, material, smallest);
        if context.globals.show_prompt {
            let request = dialectic::member_request(&cast.first, &text, context.effort(Purpose::Member));
            return plan::show_prompt(context, client, &cast.first, request);
        }
        ui.status(&format!("{}, at most 4 calls", cast.name()));
        let effort = context.effort(Purpose::Synthesis);
        let deadline = Some(Duration::from_secs(context.config().ask.deadline));
        let patience = context.patience(Purpose::Ask);
        let question = Question { text: &text, effort, patience, deadline, caller: None, id: None, ceilings: &[] };
        let stream = !ui.look().json && self.show != "final";
        let mut panes = Panes::new(ui, stream);
        let verdict = dialectic::discuss(client, &cast, &question, &mut panes).await;
        panes.end();
        drop(panes);
        let exit = self.exit(&verdict);
        if ui.look().json {
            ui.json(&as_json(&verdict, exit))?;
        } else {
            print(ui, &verdict, stream)?;
        }
        for (name, member) in ["A", "B"].iter().zip(&verdict.members) {
            if let Err(error) = member {
                ui.warn(&format!("{name} gave no answer: {error}"));
            }
        }
        let replies: Vec<&Reply> = verdict.replies().collect();
        if let Made::Nothing = verdict.outcome {
            let mut error = CommandError::new(exit, "neither member answered");
            error.hints = verdict.members.iter().filter_map(|m| m.as_ref().err()?.hint()).take(1).collect();
            if ui.look().json {
                // The one value is on stdout already.
                ui.error(&error.what, &error.causes, &error.hints);
                return Ok(exit);
            }
            return Err(error);
        }
        for reply in &replies {
            ui.detail(&format!("{}: {}", reply.route.name(), show::cost_line(&[reply])));
        }
        ui.status(&format!("{} · {}", verdict.id, show::cost_line(&replies)));
        Ok(exit)
    }

    fn exit(&self, verdict: &Verdict) -> Exit {
        match &verdict.outcome {
            Made::Reconciled { .. } | Made::Equal => Exit::Done,
            Made::SingleSource(_) if self.strict => Exit::NoModel,
            Made::SingleSource(_) => Exit::Done,
            Made::Unreconciled { .. } => Exit::Incomplete,
            Made::Nothing if verdict.members.iter().any(|m| m.as_ref().is_err_and(CallError::policy)) => Exit::Policy,
            Made::Nothing => Exit::NoModel,
        }
    }
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

/// Two answers growing at once: whole lines, each with whose it is.
struct Panes<'a> {
    ui: &'a Ui,
    stream: bool,
    lines: [String; 2],
    spinner: Spinner,
}

impl<'a> Panes<'a> {
    fn new(ui: &'a Ui, stream: bool) -> Self {
        Self {
            ui,
            stream,
            lines: [String::new(), String::new()],
            spinner: Spinner::start(ui, "two models are working"),
        }
    }

    fn flush(&mut self, voice: usize, all: bool) {
        while let Some(at) = self.lines[voice]
            .find('\n')
            .or_else(|| (all && !self.lines[voice].is_empty()).then(|| self.lines[voice].len()))
        {
            let rest = self.lines[voice].split_off(at);
            let line = std::mem::replace(&mut self.lines[voice], rest.trim_start_matches('\n').to_owned());
            let mark = ["A", "B"][voice];
            let ui = self.ui;
            let _ = self.spinner.aside(|| ui.out(&format!("{mark}│ {line}")));
        }
    }

    fn end(&mut self) {
        self.spinner.stop();
        self.flush(0, true);
        self.flush(1, true);
    }
}

impl Watcher for Panes<'_> {
    fn piece(&mut self, voice: Voice, text: &str) {
        let place = match voice {
            Voice::A => 0,
            Voice::B => 1,
            Voice::Synthesis => return,
        };
        if self.stream {
            self.lines[place].push_str(&plain(text));
            // In a file or a pipe each answer stands as a whole; on a terminal both grow.
            if self.ui.look().stdout_terminal {
                self.flush(place, false);
            }
        }
    }

    fn notice(&mut self, voice: Voice, notice: &Notice) {
        let whose = match voice {
            Voice::A => "A: ",
            Voice::B => "B: ",
            Voice::Synthesis => "synthesis: ",
        };
        let ui = self.ui;
        self.spinner.aside(|| tell(ui, whose, notice));
    }

    fn turn(&mut self, voice: Voice, begins: bool) {
        match (voice, begins) {
            (Voice::A, false) => self.flush(0, true),
            (Voice::B, false) => self.flush(1, true),
            (Voice::Synthesis, true) => self.spinner.text("reconciling"),
            _ => {}
        }
    }
}

fn print(ui: &Ui, verdict: &Verdict, streamed: bool) -> Result<(), CommandError> {
    let out = verdict.told(!streamed);
    if !out.is_empty() {
        ui.out(&plain(&format!("\n{out}")))?;
    }
    Ok(())
}

fn as_json(verdict: &Verdict, exit: Exit) -> serde_json::Value {
    let member = |m: &Result<Reply, CallError>| match m {
        Ok(reply) => {
            let mut value = show::reply_json(reply);
            value["answer"] = json!(reply.text);
            value
        }
        Err(error) => json!({ "error": error.to_string() }),
    };
    let (state, synthesis, by, why) = match &verdict.outcome {
        Made::Reconciled { synthesis, reply, .. } => ("reconciled", json!(synthesis), show::reply_json(reply), None),
        Made::Equal => ("equal", json!(null), json!(null), None),
        Made::SingleSource(_) => ("single_source", json!(null), json!(null), None),
        Made::Unreconciled { why, replies } => {
            ("unreconciled", json!(null), json!(replies.last().map(show::reply_json)), Some(why.clone()))
        }
        Made::Nothing => ("nothing", json!(null), json!(null), None),
    };
    json!({ "schema": "monster.dialectic/1", "id": verdict.id, "state": state, "why": why, "exit": exit as u8,
        "a": member(&verdict.members[0]), "b": member(&verdict.members[1]), "synthesis": synthesis, "synthesis_by": by })
}
