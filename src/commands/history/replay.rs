//! `monster history replay`: a kept request, asked again.

use clap::Args;
use serde_json::json;

use super::kept;
use crate::catalog::UNKNOWN;
use crate::client::{Call, CallError, Client, Route, Terms};
use crate::commands::ask::{Discussion, Shown};
use crate::commands::context::Context;
use crate::commands::error::{CommandError, Exit, Outcome};
use crate::commands::listen::Watch;
use crate::commands::{plan, show};
use crate::model::{ModelName, Purpose};
use crate::store::{Store, Voices};
use crate::tasks::dialectic::{self, Cast, CastError, Kept, Mode, Voice, letter};

/// Ask a kept request again, by the same model or another.
#[derive(Debug, Args)]
#[command(
    after_help = "What was masked stays masked. The answer is a new call in history, which says what it repeats.\nIn a dialectic one seat can be given to another model with --swap: A, B and so on are members, synth is who reconciles,\nand so is C where there are two members. Only what depends on that seat is asked again. A dialectic is kept for this,\nmasked and sealed for this machine, for as long as ask.keep says.\n\nExamples:\n  monster history replay last --model anthropic/claude-sonnet-4-5\n  monster history replay rk3 --account work-2 --effort high --dry-run\n  monster history replay last --swap C=anthropic/claude-sonnet-4-5"
)]
pub(super) struct Replay {
    /// Its id, the beginning of it, or last.
    id: String,
    /// Print what would be sent, and send nothing.
    #[arg(long)]
    dry_run: bool,
    /// In a dialectic, give this seat to that model and ask again only what depends on it.
    #[arg(long, value_name = "SEAT=MODEL", value_parser = seat)]
    swap: Option<(String, String)>,
    /// Allow models of one maker.
    #[arg(long, requires = "swap")]
    same_family: bool,
    /// What to print of it.
    #[arg(long, value_enum, value_name = "WHAT", requires = "swap", default_value = "all")]
    show: Shown,
    /// A single source, when the other members fail, is an error.
    #[arg(long, requires = "swap")]
    strict: bool,
}

fn seat(said: &str) -> Result<(String, String), String> {
    match said.split_once('=') {
        Some((seat, model)) if !seat.trim().is_empty() && !model.trim().is_empty() => {
            Ok((seat.trim().to_owned(), model.trim().to_owned()))
        }
        _ => Err("a seat and a model are wanted, for example C=anthropic/claude-sonnet-4-5".to_owned()),
    }
}

impl Replay {
    /// Asks again.
    pub(super) fn run(self, context: &Context) -> Outcome {
        let store = context.kept()?;
        let row = super::find(&store, &self.id)?;
        if let Some((name, model)) = &self.swap {
            return self.swapped(context, &store, &row.id, name, model);
        }
        let rows = store.content(&row.id)?;
        if rows.is_empty() {
            if store.voices(&row.id)? != Voices::None {
                // It is kept, and another way than a call: what would keep a call's content helps nobody here.
                let what = format!("{} is a dialectic, which is repeated with one seat given to another model", row.id);
                return Err(CommandError::new(Exit::Failed, what)
                    .hint(format!("name the seat and the model: monster history replay {} --swap A=MODEL", row.id)));
            }
            return Err(kept::missing(context, &row.id, "the content"));
        }
        if context.offline() {
            return Err(CommandError::new(Exit::NoModel, "a replay needs a model, and --offline allows none"));
        }
        let opened = kept::unlock(context)?;
        let Some(mut request) = kept::read(&opened, &row.id, &rows)?.request else {
            return Err(kept::missing(context, &row.id, "the request"));
        };
        // Nobody is asked twice for what opens the accounts.
        context.adopt(opened).map_err(CallError::from)?;
        if let Some(model) = &context.globals.model {
            request.model = ModelName(model.clone());
        }
        // Ceilings hold for what was asked before, too.
        request.effort = request.effort.with(context.globals.effort).within(context.effort(request.purpose));
        request.stream = true;
        let dry = self.dry_run || context.globals.show_prompt;
        context.block_on(async {
            let mut client = context.connect(&request.model, false).await?;
            client.keep.replay_of = Some(row.id.clone());
            let routes = client.routes(&request.model)?;
            if dry {
                return plan::show_prompt(context, &client, &routes, request);
            }
            let json = context.ui.look().json;
            let doing = "asking again";
            let mut watch = if json { Watch::new(&context.ui, doing) } else { Watch::streaming(&context.ui, doing) };
            let patience = context.patience(Purpose::Ask);
            let terms = Terms { patience, ..Terms::default() };
            let call = Call { terms, ..Call::new(&routes, request) };
            let answer = client.call(call, &mut watch).await;
            watch.end();
            let reply = answer?;
            if json {
                let mut value = show::reply_json(&reply);
                value["schema"] = json!("monster.history.replay/1");
                value["replay_of"] = json!(row.id);
                value["answer"] = json!(reply.text);
                value["finish"] = json!(reply.finish.as_ref().map(|f| f.name()));
                context.ui.json(&value)?;
            }
            context.ui.status(&format!(
                "{} repeats {} · {} · {}",
                reply.id,
                row.id,
                reply.route.name(),
                show::cost_line(&[&reply])
            ));
            if let Some(why) = show::incomplete(&reply) {
                context.ui.warn(why);
                return Ok(Exit::Incomplete);
            }
            Ok(Exit::Done)
        })
    }

    /// A dialectic with one seat given to another model.
    fn swapped(&self, context: &Context, store: &Store, id: &str, name: &str, model: &str) -> Outcome {
        let clear = match store.voices(id)? {
            Voices::Clear(clear) => clear,
            Voices::None => {
                let what = format!("no dialectic is kept under {id}, or it is kept no longer");
                let error = CommandError::new(Exit::Failed, what);
                return Err(match context.config().ask.keep {
                    0 => error.hint("keep them with: monster config set ask.keep 30"),
                    _ => error.hint(format!("see what it was: monster history show {id}")),
                });
            }
            Voices::Broken => {
                let what = format!("the dialectic kept under {id} cannot be read");
                return Err(CommandError::new(Exit::Failed, what).hint(format!(
                    "it was damaged, moved, or sealed on another machine; forget it with: monster history purge --content-only {id}"
                )));
            }
        };
        let kept = Kept::read(&clear, id).map_err(|error| CommandError::of(Exit::Failed, &error))?;
        let Some(seat) = kept.seat(name) else {
            let members: Vec<&str> = (0..kept.seats.len()).map(letter).collect();
            let what = format!("{id} has no seat {name:?}");
            return Err(
                CommandError::new(Exit::Usage, what).hint(format!("there are {} and synth", members.join(", ")))
            );
        };
        if context.offline() {
            return Err(CommandError::new(Exit::NoModel, "a replay needs a model, and --offline allows none"));
        }
        let mut names = kept.asked.clone();
        let mut synthesis = kept.synthesis.clone();
        match seat {
            Voice::Member(at) => names.iter_mut().skip(at).take(1).for_each(|name| model.clone_into(name)),
            Voice::Synthesis => model.clone_into(&mut synthesis),
        }
        let given = dialectic::swap(&kept, seat);
        let shape = kept.shape();
        // Who has answered already and has nothing more to say needs no route.
        let speaks = |at: usize| {
            let stands = given.members.get(at).is_some_and(Option::is_some);
            !given.settled && (!stands || shape.rounds > 0 || shape.mode == Mode::Council)
        };
        let asked: Vec<Option<String>> =
            names.iter().enumerate().map(|(at, name)| speaks(at).then(|| name.clone())).collect();
        let survey: Vec<String> = asked.iter().flatten().chain([&synthesis]).cloned().collect();
        context.block_on(async {
            let client = context.connect(&ModelName(survey.join(",")), false).await?;
            let cast = self.cast(&client, &kept, seat, &asked, names, &synthesis)?;
            let (text, replay_of) = (kept.question.as_str(), Some(id));
            if self.dry_run || context.globals.show_prompt {
                let effort = context.effort(Purpose::Synthesis);
                let (routes, request) = match seat {
                    Voice::Member(at) => {
                        let routes = cast.members.get(at).unwrap_or(&cast.synthesis);
                        (routes, dialectic::member_request(routes, text, effort))
                    }
                    Voice::Synthesis => {
                        let last = |at: usize| Some((at, kept.seats.get(at)?.as_ref()?.last.as_str()));
                        let live: Vec<usize> = (0..kept.seats.len()).filter(|at| last(*at).is_some()).collect();
                        let answers: Vec<(usize, &str)> =
                            dialectic::seated(text, &live).into_iter().filter_map(last).collect();
                        let (routes, ranking) = (&cast.synthesis, given.ranking.as_ref());
                        (routes, dialectic::synthesis_request(routes, text, &answers, ranking, effort))
                    }
                };
                return plan::show_prompt(context, &client, routes, request);
            }
            let (show, strict) = (self.show, self.strict);
            let materials = &[];
            Discussion { context, client: &client, cast: &cast, shape, text, materials, given, replay_of, show, strict }
                .run()
                .await
        })
    }

    /// Routes for the seats that speak; a member of another's maker is refused as it is in a new dialectic.
    fn cast(
        &self,
        client: &Client,
        kept: &Kept,
        seat: Voice,
        asked: &[Option<String>],
        mut names: Vec<String>,
        synthesis: &str,
    ) -> Result<Cast, CommandError> {
        let routes = |name: &Option<String>| match name {
            Some(name) => client.routes(&ModelName(name.clone())),
            None => Ok(Vec::new()),
        };
        let members = asked.iter().map(routes).collect::<Result<Vec<Vec<Route>>, _>>()?;
        for (name, routes) in names.iter_mut().zip(&members) {
            if let Some(lead) = routes.first() {
                *name = lead.name();
            }
        }
        // Whoever allowed models of one maker then allows them now.
        let makers: Vec<&String> = kept.seats.iter().flatten().map(|seat| &seat.maker).collect();
        let before = makers.iter().enumerate().any(|(n, maker)| makers.iter().skip(n + 1).any(|other| other == maker));
        if let (Voice::Member(at), false) = (seat, self.same_family || before)
            && let Some(lead) = members.get(at).and_then(|routes| routes.first())
        {
            let others =
                kept.seats.iter().enumerate().filter(|(other, _)| *other != at).filter_map(|(_, seat)| seat.as_ref());
            if let Some(other) = others.into_iter().find(|other| other.maker == lead.card.maker.0) {
                let (first, second) = (other.model.clone(), lead.name());
                let error = match other.maker.as_str() {
                    UNKNOWN => CastError::Unknown { model: second },
                    maker => CastError::SameMaker { first, second, maker: maker.to_owned() },
                };
                return Err(CommandError::of(Exit::NoModel, &error).hints(error.hint()));
            }
        }
        Ok(Cast { members, names, synthesis: client.routes(&ModelName(synthesis.to_owned()))? })
    }
}
