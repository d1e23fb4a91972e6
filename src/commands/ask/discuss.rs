//! One question to several models: who is asked, what that may cost, how it is shown while it goes on and what is left of
//! it when it is stopped.

use std::time::Duration;

use clap::ValueEnum;

use super::explained;
use super::json::{Spending, as_json, interrupted};
use super::panes::{Heard, Panes};
use crate::client::{CallError, Client, Route};
use crate::commands::context::Context;
use crate::commands::error::{CommandError, Exit, Outcome};
use crate::commands::{plan, show};
use crate::model::{NanoUsd, Purpose, random_id};
use crate::tasks::ask::{self, Material, Sent};
use crate::tasks::dialectic::{
    self, Cast, Estimate, Given, Outcome as Made, Question, Shape, Verdict, Voice, Wish, letter,
};
use crate::ui::plain;
use crate::world::{random, signal};

/// What to print.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::commands) enum Shown {
    /// The reconciliation alone.
    Final,
    /// The answers that stand in the end, and the reconciliation.
    Both,
    /// Everything as it comes: first answers, criticism, new answers, reconciliation.
    All,
}

/// A discussion that is to be had.
pub(in crate::commands) struct Discussion<'a> {
    pub(in crate::commands) context: &'a Context,
    pub(in crate::commands) client: &'a Client,
    pub(in crate::commands) cast: &'a Cast,
    pub(in crate::commands) shape: Shape,
    /// The question with its material.
    pub(in crate::commands) text: &'a str,
    /// How much of its material is sent.
    pub(in crate::commands) materials: &'a [Sent],
    /// What stands from an earlier one.
    pub(in crate::commands) given: Given,
    /// Its id.
    pub(in crate::commands) replay_of: Option<&'a str>,
    pub(in crate::commands) show: Shown,
    /// A single source is an error.
    pub(in crate::commands) strict: bool,
}

/// Fills the seats and asks.
pub(super) async fn fresh(
    context: &Context,
    client: &Client,
    wish: &Wish,
    shape: Shape,
    question: &str,
    materials: &[Material],
    (show, strict): (Shown, bool),
) -> Outcome {
    let cast = dialectic::cast(client, wish).map_err(|error| match error {
        dialectic::CastError::Call(error) => explained(error, client),
        other => CommandError::of(Exit::NoModel, &other).hints(other.hint()),
    })?;
    // All read the same text, so the smallest window decides.
    let window = |seat: &&Vec<Route>| seat.first().and_then(Route::window).unwrap_or(u64::MAX);
    let smallest = cast.seats().min_by_key(window).unwrap_or(&cast.synthesis);
    let sent = ask::sent(materials, smallest);
    sent.iter().filter_map(Sent::note).for_each(|note| context.ui.warn(&note));
    let text = ask::prompt(question, materials, smallest);
    if context.globals.show_prompt {
        let routes = cast.members.first().unwrap_or(&cast.synthesis);
        let request = dialectic::member_request(routes, &text, context.effort(Purpose::Member));
        let exit = plan::show_prompt(context, client, routes, request)?;
        let others: Vec<String> = cast.names.iter().skip(1).cloned().collect();
        let last = cast.synthesis.first().map(Route::name).unwrap_or_default();
        context.ui.status(&format!(
            "the same is sent to {}; what is asked after that holds their answers, and {last} reconciles them",
            others.join(", ")
        ));
        return Ok(exit);
    }
    let (given, replay_of) = (Given::default(), None);
    let (text, materials) = (&text, &sent);
    Discussion { context, client, cast: &cast, shape, text, materials, given, replay_of, show, strict }.run().await
}

impl Discussion<'_> {
    /// Has it, prints what came out, and says what it cost.
    pub(in crate::commands) async fn run(self) -> Outcome {
        let (context, ui) = (self.context, &self.context.ui);
        let json = ui.look().json;
        let id = random_id("r", random::bytes().unwrap_or_default());
        let ask = &context.config().ask;
        let question = Question {
            text: self.text,
            shape: self.shape,
            effort: context.effort(Purpose::Synthesis),
            patience: context.patience(Purpose::Ask),
            deadline: Some(Duration::from_secs(ask.deadline)),
            caller: self.replay_of.map(|_| "monster history replay"),
            id: Some(&id),
            ceilings: &[],
            given: self.given.clone(),
            keep: if context.globals.no_store { 0 } else { ask.keep },
        };
        let estimate = dialectic::estimate(self.client, self.cast, &question);
        ui.status(&planned(self.cast, &estimate));
        self.affordable(&estimate)?;
        let growing = self.show == Shown::All || (self.show == Shown::Both && self.shape.rounds == 0);
        let mut panes = Panes::new(ui, self.cast, growing && !json);
        let kept = panes.keep();
        let done = tokio::select! {
            biased;
            verdict = dialectic::discuss(self.client, self.cast, &question, &mut panes) => Some(verdict),
            () = signal::end(ui.interactive()) => None,
            never = kept => match never {},
        };
        let heard = panes.end();
        if let Some(original) = self.replay_of {
            self.client.store.replays(&id, original);
        }
        // What each call used stands in the ledger, also of those that failed or were stopped.
        self.client.store.flush(Duration::from_secs(2));
        let spending = Spending::read(&self.client.store, &id, &heard.calls);
        let Some(verdict) = done else { return self.stopped(&id, &heard, &spending) };
        let exit = self.exit(&verdict);
        if json {
            ui.json(&as_json(&verdict, self.shape, exit, &spending, (self.materials, self.replay_of)))?;
        } else {
            self.print(&verdict, heard.shown)?;
        }
        for (at, member) in verdict.members.iter().enumerate() {
            if let Err(error) = &member.said {
                ui.warn(&format!("{} gave no answer: {error}", letter(at)));
            }
            for (round, why) in &member.missed {
                ui.warn(&format!("{} did not come through round {round}, its answer before stands: {why}", letter(at)));
            }
        }
        if let Made::Nothing = verdict.outcome {
            self.costs(&verdict.id, &spending, &self.models(&verdict));
            let mut error = CommandError::new(
                exit,
                if verdict.members.len() == 2 { "neither member answered" } else { "no member answered" },
            );
            error.hints = verdict.members.iter().filter_map(|m| m.said.as_ref().err()?.hint()).take(1).collect();
            if json {
                // The one value is on stdout already.
                ui.error(&error.what, &error.causes, &error.hints);
                return Ok(exit);
            }
            return Err(error);
        }
        self.costs(&verdict.id, &spending, &self.models(&verdict));
        Ok(exit)
    }

    /// What the calls would usually cost must keep the limit, and the most that those can which begin; what comes after
    /// them has what they leave.
    fn affordable(&self, estimate: &Estimate) -> Result<(), CommandError> {
        let Some(limit) = self.context.config().max_cost else { return Ok(()) };
        let usual = NanoUsd(estimate.usual.iter().flatten().fold(0, |sum, cost| sum.saturating_add(cost.amount.0)));
        // Those who begin together must have room beside each other, or the second of them would stay silent.
        match usual.max(estimate.begin) {
            estimate if estimate > limit => Err(CallError::TooDear { estimate, limit, whole: None }.into()),
            _ => Ok(()),
        }
    }

    fn print(&self, verdict: &Verdict, shown: bool) -> Result<(), CommandError> {
        let mut out = String::new();
        let reconciled = matches!(verdict.outcome, Made::Reconciled { .. });
        if !shown && self.show != Shown::Final && reconciled {
            out.push_str(&verdict.answers());
            out.push('\n');
        }
        out.push_str(&verdict.told(!shown));
        if !out.is_empty() {
            let before = if shown || self.show == Shown::Final { "\n" } else { "" };
            self.context.ui.out(&plain(&format!("{before}{out}")))?;
        }
        Ok(())
    }

    /// Stopped in the middle: what arrived is kept, and what it cost is told.
    fn stopped(&self, id: &str, heard: &Heard, spending: &Spending) -> Outcome {
        let ui = &self.context.ui;
        let names = &self.cast.names;
        if ui.look().json {
            ui.json(&interrupted(id, self.shape, names, heard, spending, self.replay_of))?;
        } else {
            let mut out = String::new();
            let mut state = Vec::new();
            for (at, said) in heard.said.iter().enumerate() {
                let text =
                    if said.piece.trim().is_empty() { said.whole.as_deref().unwrap_or_default() } else { &said.piece };
                state.push(format!("{} {}", letter(at), said.state()));
                if !heard.shown {
                    text.trim_end().lines().for_each(|line| out.push_str(&format!("{}│ {line}\n", letter(at))));
                }
            }
            out.push_str(&format!("INTERRUPTED: {}; nothing was reconciled.\n", state.join(", ")));
            ui.out(&plain(&format!("\n{out}")))?;
        }
        let model = |voice| match voice {
            Voice::Member(at) => names.get(at).cloned().unwrap_or_default(),
            Voice::Synthesis => self.cast.synthesis.first().map(Route::name).unwrap_or_default(),
        };
        self.costs(id, spending, &model);
        // Everything is said, and on stdout there is one value at most.
        ui.status("interrupted");
        Ok(Exit::Interrupted)
    }

    /// Who a voice was in the end.
    fn models<'v>(&'v self, verdict: &'v Verdict) -> impl Fn(Voice) -> String + 'v {
        move |voice| match (voice, &verdict.outcome) {
            (Voice::Member(at), _) => verdict.members.get(at).map(|m| m.model.clone()).unwrap_or_default(),
            (Voice::Synthesis, Made::Reconciled { reply, .. }) => reply.route.name(),
            (Voice::Synthesis, _) => self.cast.synthesis.first().map(Route::name).unwrap_or_default(),
        }
    }

    /// One line for each voice that asked for anything, and one for all.
    fn costs(&self, id: &str, spending: &Spending, model: &dyn Fn(Voice) -> String) {
        let ui = &self.context.ui;
        for (voice, spent) in &spending.voices {
            ui.status(&format!("{} {} · {}", voice.name(), model(*voice), spent.line()));
        }
        ui.status(&format!("{id} · {}", spending.all().line()));
    }

    fn exit(&self, verdict: &Verdict) -> Exit {
        let policy = |m: &dialectic::Member| m.said.as_ref().is_err_and(CallError::policy);
        match &verdict.outcome {
            Made::Reconciled { .. } | Made::Equal if self.strict && verdict.members.iter().any(|m| m.said.is_err()) => {
                Exit::NoModel
            }
            Made::Reconciled { .. } | Made::Equal => Exit::Done,
            Made::SingleSource(_) if self.strict => Exit::NoModel,
            Made::SingleSource(_) => Exit::Done,
            Made::Unreconciled { .. } => Exit::Incomplete,
            Made::Nothing if verdict.members.iter().any(policy) => Exit::Policy,
            Made::Nothing => Exit::NoModel,
        }
    }
}

/// `A + B → C, est. $0.03 (≤ $0.11), ≤ 4 calls, repeats aside`; nothing of money where all of it runs on this machine.
fn planned(cast: &Cast, estimate: &Estimate) -> String {
    let money = match show::money(&estimate.usual).as_str() {
        "local" => "local".to_owned(),
        "unpriced" => "price unknown".to_owned(),
        sum => {
            let most = estimate.most.map(|most| format!(" (≤ {most})")).unwrap_or_default();
            format!("est. {sum}{most}")
        }
    };
    format!("{}, {money}, ≤ {} calls, repeats aside", cast.name(), estimate.calls)
}
