//! `--dry-run`: what a review would read and ask, and what that may cost. Nobody is asked, and nothing is kept.

use serde_json::{Value, json};

use crate::client::{CallError, Client, Route};
use crate::commands::context::Context;
use crate::commands::error::{CommandError, Exit, Outcome};
use crate::commands::show;
use crate::git::ChangeSet;
use crate::model::{Cost, CostSource, NanoUsd};
use crate::tasks::dialectic::Cast;
use crate::tasks::review::{self, Coverage, Job, SECOND_LOOKS};
use crate::ui::plain;

/// One request.
struct Step {
    tokens: u64,
    /// At most; `None` = unpriced.
    cost: Option<NanoUsd>,
}

/// Says what the rules alone would look at.
pub(super) fn by_rules(context: &Context, change: &ChangeSet, left: &ChangeSet, why: Option<&str>) -> Outcome {
    tell(context, change, left, &Coverage::rules_only(change), None, &[], why)
}

/// Says what would be asked of these routes, and where several speak, of the second too.
pub(super) fn by_model(
    context: &Context,
    job: &Job<'_>,
    left: &ChangeSet,
    client: &Client,
    routes: &[Route],
    cast: Option<&Cast>,
) -> Outcome {
    let Some(route) = routes.first() else { return by_rules(context, job.change, left, None) };
    let (mut steps, mut covered, mut cached): (Vec<Step>, Option<Coverage>, usize) = (Vec::new(), None, 0);
    for voice in [Some(routes), cast.map(|cast| cast.member(1))].into_iter().flatten() {
        let Some(route) = voice.first() else { continue };
        let (requests, coverage, known) = review::plan(job, client, &route.name(), voice);
        cached = cached.max(known);
        let seen = |request| client.foresee(route, request).map(|(tokens, cost)| Step { tokens, cost });
        // What could not be sent is told as the review itself would tell it.
        steps
            .extend(requests.into_iter().map(seen).collect::<Result<Vec<_>, CallError>>().map_err(CommandError::from)?);
        covered.get_or_insert(coverage);
    }
    let coverage = covered.unwrap_or_default();
    tell(context, job.change, left, &coverage, Some((route, cached)), &steps, None)
}

fn tell(
    context: &Context,
    change: &ChangeSet,
    left: &ChangeSet,
    coverage: &Coverage,
    asked: Option<(&Route, usize)>,
    steps: &[Step],
    why: Option<&str>,
) -> Outcome {
    let (route, cached) = (asked.map(|(route, _)| route), asked.map_or(0, |(_, cached)| cached));
    let of = |step: &Step| step.cost.map(|amount| cost(route, amount));
    let tokens: u64 = steps.iter().fold(0, |sum, step| sum.saturating_add(step.tokens));
    let costs: Vec<Option<Cost>> = steps.iter().map(of).collect();
    if context.ui.look().json {
        let most = costs.iter().try_fold(0_u64, |sum, c| Some(sum.saturating_add(c.as_ref()?.amount.0)));
        let requests: Vec<Value> =
            steps.iter().map(|s| json!({ "tokens": s.tokens, "most_nano_usd": s.cost.map(|c| c.0) })).collect();
        context.ui.json(&json!({
            "schema": "monster.review.plan/1", "target": change.label, "files": files(change, left, coverage, route),
            "model": route.map(Route::name), "requests": requests, "tokens": tokens,
            "most_nano_usd": most.filter(|_| route.is_some()), "second_looks": route.map_or(0, |_| SECOND_LOOKS),
            "cached_files": cached,
        }))?;
        return Ok(Exit::Done);
    }
    let mut out = format!("{}: {}\n", change.label, show::counted(change.files.len() + left.files.len(), "file"));
    for (name, status, how) in listed(change, left, coverage, route) {
        out.push_str(&format!("  {status:<9} {name}  {how}\n"));
    }
    match route {
        Some(route) => out.push_str(&format!(
            "{} to {} · about {} tokens in · {}\nnot in it: at most {SECOND_LOOKS} second looks at what is found, and repeats of what fails\n",
            show::counted(steps.len(), "request"),
            plain(&route.name()),
            show::count(tokens),
            match show::money(&costs).as_str() {
                "local" => "local".to_owned(),
                "unpriced" => "price unknown".to_owned(),
                sum => format!("at most {sum}"),
            },
        )),
        None => out.push_str("no request: monster's own rules alone\n"),
    }
    if cached > 0 {
        out.push_str(&format!("answers of before hold for {}, which is not sent\n", show::counted(cached, "file")));
    }
    if let Some(why) = why {
        out.push_str(&format!("{}\n", plain(why)));
    }
    context.ui.out(&out)?;
    context.ui.status("nothing was asked and nothing was sent");
    Ok(Exit::Done)
}

fn cost(route: Option<&Route>, amount: NanoUsd) -> Cost {
    let local = route.is_some_and(Route::local);
    Cost { amount, source: if local { CostSource::Local } else { CostSource::Estimated } }
}

fn files(change: &ChangeSet, left: &ChangeSet, coverage: &Coverage, route: Option<&Route>) -> Value {
    let rows = listed(change, left, coverage, route).into_iter();
    rows.map(|(name, status, how)| json!({ "path": name, "status": status, "how": how })).collect()
}

/// Every file, what happened to it, and how it would be looked at.
fn listed<'a>(
    change: &'a ChangeSet,
    left: &'a ChangeSet,
    coverage: &Coverage,
    route: Option<&Route>,
) -> Vec<(&'a str, String, String)> {
    use std::collections::HashMap;
    let told = |rows: &[(String, String)], word: &str| -> HashMap<String, String> {
        rows.iter().map(|(name, why)| (name.clone(), format!("{word}: {why}"))).collect()
    };
    let mut how = told(&coverage.summarised, "summarised");
    how.extend(told(&coverage.skipped, "skipped"));
    let usual = if route.is_some() { "reviewed" } else { "by rule" };
    let row = |f: &'a crate::git::FileChange, how: String| {
        let status = json!(f.status).as_str().unwrap_or_default().to_owned();
        (f.path.as_str(), status, how)
    };
    let read = change.files.iter().map(|f| {
        let unread = f.unread.as_ref().map(|why| format!("skipped: {why}"));
        row(f, unread.or_else(|| how.get(f.path.as_str()).cloned()).unwrap_or_else(|| usual.to_owned()))
    });
    let ignored = left.files.iter().map(|f| row(f, "left out by review.ignore".to_owned()));
    read.chain(ignored).collect()
}
