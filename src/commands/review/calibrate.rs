//! `monster review --calibrate MODEL`: whether a model's findings beat chance, and at what price.

use serde_json::json;

use super::second::effort;
use crate::commands::context::Context;
use crate::commands::error::{CommandError, Exit, Outcome};
use crate::commands::show::{counted, moment};
use crate::model::{ModelName, Purpose};
use crate::tasks::review::{Calibration, Standing, Verdict, Watcher, calibrate, ceiling, keep, pairs, standing};
use crate::ui::{Spinner, plain};

/// Measures.
pub(super) fn run(context: &Context, model: &str, dry: bool) -> Outcome {
    if context.offline() {
        return Err(CommandError::new(Exit::NoModel, "calibrating asks a model, and --offline allows none"));
    }
    let asked = ModelName(model.to_owned());
    let done = context.block_on(async {
        let client = context.connect(&asked, dry).await?;
        let mut routes = client.routes(&asked)?;
        // Failing over to another model would measure that one.
        let name = routes.first().map(crate::client::Route::name).unwrap_or_default();
        routes.retain(|route| route.name() == name);
        let before = standing(&client, &name);
        let all = pairs();
        let most = ceiling(&client, &routes, effort(context))?;
        let local = routes.first().is_some_and(crate::client::Route::local);
        let money = match most {
            _ if local => "local".to_owned(),
            Some(most) => format!("at most {most}"),
            None => "price unknown".to_owned(),
        };
        let plan = format!("{name}: {all} pairs, at most {} requests, {money}", 2 * all);
        if dry {
            match context.ui.look().json {
                true => {
                    context.ui.json(&json!({ "schema": "monster.calibration.plan/1", "model": name, "pairs": all,
                    "requests": 2 * all, "local": local, "most_nano_usd": most.map(|most| most.0) }))?
                }
                false => context.ui.out(&plain(&plan))?,
            }
            context.ui.status("nothing was asked and nothing was sent");
            return Ok(None);
        }
        context.ui.status(&plan);
        // One that ends in the middle measures nothing, and is paid for all the same.
        if let (Some(most), Some(limit)) = (most, context.config().max_cost)
            && most > limit
        {
            let what =
                format!("calibrating {name} may cost {most}, more than the {limit} that are allowed for a command");
            return Err(CommandError::new(Exit::Policy, what).hint("raise it with --max-cost, or name a cheaper model"));
        }
        let mut steps = Steps(Spinner::start(&context.ui, &format!("{name} is being calibrated")));
        let patience = context.patience(Purpose::Review);
        let result = calibrate(&client, &routes, effort(context), patience, &mut steps).await;
        steps.0.stop();
        let result = result?;
        if !context.globals.no_store && !result.mute() {
            keep(&client, &result)?;
        }
        Ok(Some((result, before)))
    })?;
    let Some((result, before)) = done else { return Ok(Exit::Done) };
    if result.mute() {
        context.ui.status(&format!("{} · {}", counted(result.requests, "request"), price(&result)));
        let (model, of) = (&result.model, result.requests);
        let what = format!("nothing is measured: {} of {of} answers of {model} were no review", result.unreadable);
        return Err(CommandError::new(Exit::Incomplete, what).hint("no verdict is kept; name a larger model"));
    }
    if context.ui.look().json {
        context.ui.json(&as_json(&result))?;
    } else {
        context.ui.out(&plain(&told(&result, &before)))?;
    }
    Ok(Exit::Done)
}

/// Pairs as they are done.
struct Steps(Spinner);

impl Watcher for Steps {
    fn step(&mut self, done: usize, all: usize) {
        self.0.text(&format!("{done} of {all} pairs"));
    }
}

fn word(result: &Calibration) -> &'static str {
    match result.verdict() {
        Verdict::Beats => "beats_chance",
        Verdict::Chance => "chance",
        Verdict::Noise => "noise",
    }
}

fn told(result: &Calibration, before: &Standing) -> String {
    let pairs = result.pairs;
    let said = match result.verdict() {
        Verdict::Beats => "its findings beat chance",
        Verdict::Chance => "its findings do not beat chance",
        Verdict::Noise => "it finds something in too many clean changes",
    };
    let mut out = format!("{}: {said} (p = {:.3})\n", result.model, result.chance());
    out.push_str(&format!(
        "  planted defects found where they are: {} of {pairs}\n  clean changes with a finding: {} of {pairs}\n",
        result.found, result.false_alarms
    ));
    out.push_str(&format!(
        "  told apart: {} rightly, {} the wrong way round\n",
        counted(result.only_planted, "pair"),
        result.only_clean
    ));
    if result.unreadable > 0 {
        out.push_str(&format!("  answers that were no review: {} of {}\n", result.unreadable, result.requests));
    }
    if pairs < result.of {
        out.push_str(&format!(
            "  stopped after {pairs} of {} pairs: the others could not have made it pass\n",
            result.of
        ));
    }
    let seconds = counted(usize::try_from(result.seconds).unwrap_or(usize::MAX), "second");
    out.push_str(&format!("  {} · {} · {seconds}\n", counted(result.requests, "request"), price(result)));
    out.push_str(match result.verdict() {
        Verdict::Beats => "Its findings are shown as they are, until the review's prompt changes.\n",
        _ => "Its findings are shown with low confidence under a banner, after those of the rules.\n",
    });
    match before {
        Standing::Passed(of) | Standing::Failed(of) | Standing::Stale(of) => {
            let stale = if matches!(before, Standing::Stale(_)) { ", for another prompt" } else { "" };
            out.push_str(&format!(
                "Before ({}{stale}): {} of {} found, {} false alarms.\n",
                moment(of.made_ms),
                of.found,
                of.pairs,
                of.false_alarms
            ));
        }
        Standing::Never => {}
    }
    out
}

fn price(result: &Calibration) -> String {
    match (result.local, result.unpriced) {
        (true, _) => "local".to_owned(),
        (_, 0) => result.cost.to_string(),
        (_, n) if n == result.requests => "unpriced".to_owned(),
        _ => format!("{} + unpriced", result.cost),
    }
}

fn as_json(result: &Calibration) -> serde_json::Value {
    json!({ "schema": "monster.calibration/1", "model": result.model, "prompt": result.prompt,
        "made": moment(result.made_ms), "verdict": word(result), "p": result.chance(), "pairs": result.pairs,
        "of": result.of, "found": result.found, "false_alarms": result.false_alarms,
        "only_planted": result.only_planted, "only_clean": result.only_clean, "unreadable": result.unreadable,
        "requests": result.requests, "seconds": result.seconds, "local": result.local,
        "cost": { "nano_usd": result.cost.0, "usd": result.cost.dollars(), "unpriced": result.unpriced } })
}
