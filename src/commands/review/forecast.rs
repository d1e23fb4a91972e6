//! `--dry-run`: what a review would read and ask, and what that may cost. Nobody is asked, and nothing is kept.

use serde_json::{Value, json};

use crate::client::{CallError, Client, Route};
use crate::commands::context::Context;
use crate::commands::error::{CommandError, Exit, Outcome};
use crate::commands::show;
use crate::git::{ChangeSet, Path};
use crate::model::{Cost, CostSource, NanoUsd};
use crate::tasks::dialectic::Cast;
use crate::tasks::review::{self, Coverage, Job, Masked, SECOND_LOOKS};
use crate::ui::plain;

/// One request.
struct Step {
    tokens: u64,
    /// At most; `None` = unpriced.
    cost: Option<NanoUsd>,
}

/// Who would be asked, and for what.
struct Seat<'a> {
    route: &'a Route,
    steps: Vec<Step>,
}

impl Seat<'_> {
    fn tokens(&self) -> u64 {
        self.steps.iter().fold(0, |sum, step| sum.saturating_add(step.tokens))
    }

    fn costs(&self) -> Vec<Option<Cost>> {
        self.steps.iter().map(|step| step.cost.map(|amount| cost(self.route, amount))).collect()
    }
}

/// Everybody who would be asked.
#[derive(Default)]
struct Plan<'a> {
    seats: Vec<Seat<'a>>,
    /// Who decides about what is found, and the most that one request of it costs.
    judge: Option<(&'a Route, Option<NanoUsd>)>,
    /// Files whose answers are known.
    cached: usize,
}

/// The most that those requests of two reviewers can cost which begin together, each over the first of its routes that
/// keeps the limit; `None` = a price is not known.
///
/// # Errors
/// What is to be sent cannot be.
pub(super) fn begin(job: &Job<'_>, client: &Client, cast: &Cast, limit: NanoUsd) -> Result<Option<NanoUsd>, CallError> {
    let mut sum = NanoUsd(0);
    for voice in [cast.member(0), cast.member(1)] {
        let Some(lead) = voice.first() else { continue };
        let Some(first) = review::plan(job, client, &lead.name(), voice).0.into_iter().next() else { continue };
        let each = voice.iter().map(|route| client.foresee(route, first.clone()).map(|(_, cost)| cost));
        let each: Vec<NanoUsd> = each.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect();
        let Some(most) = each.iter().find(|most| **most <= limit).or_else(|| each.iter().min()) else {
            return Ok(None);
        };
        sum = NanoUsd(sum.0.saturating_add(most.0));
    }
    Ok(Some(sum))
}

/// Says what the rules alone would look at.
pub(super) fn by_rules(context: &Context, change: &ChangeSet, left: &ChangeSet, why: Option<&str>) -> Outcome {
    tell(context, change, left, &Coverage::rules_only(change), &Plan::default(), why)
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
    if routes.is_empty() {
        return by_rules(context, job.change, left, None);
    }
    let (mut plan, mut covered): (Plan<'_>, Option<Coverage>) = Default::default();
    let mut longest = 0;
    for voice in [Some(routes), cast.map(|cast| cast.member(1))].into_iter().flatten() {
        let Some(route) = voice.first() else { continue };
        let (requests, coverage, known) = review::plan(job, client, &route.name(), voice);
        plan.cached = plan.cached.max(known);
        let seen = |request| client.foresee(route, request).map(|(tokens, cost)| Step { tokens, cost });
        // What could not be sent is told as the review itself would tell it.
        let steps =
            requests.into_iter().map(seen).collect::<Result<Vec<_>, CallError>>().map_err(CommandError::from)?;
        longest = steps.iter().map(|step| step.tokens).fold(longest, u64::max);
        plan.seats.push(Seat { route, steps });
        covered.get_or_insert(coverage);
    }
    // Whoever decides reads the findings, and of the change no more than those who found them.
    plan.judge = cast
        .and_then(|cast| cast.synthesis.first())
        .map(|route| (route, review::most_to_decide(job, client, route, longest)));
    tell(context, job.change, left, &covered.unwrap_or_default(), &plan, None)
}

fn tell(
    context: &Context,
    change: &ChangeSet,
    left: &ChangeSet,
    coverage: &Coverage,
    plan: &Plan<'_>,
    why: Option<&str>,
) -> Outcome {
    let lead = plan.seats.first().map(|seat| seat.route);
    let all = [change, left].into_iter().flat_map(|part| &part.files).map(|file| file.path.as_str());
    let names = Masked::of(all, &*context.redactor()?);
    if context.ui.look().json {
        context.ui.json(&as_json((change, left), coverage, plan, &names))?;
        return Ok(Exit::Done);
    }
    let mut out = format!("{}: {}\n", change.label, show::counted(change.files.len() + left.files.len(), "file"));
    for (name, status, how) in listed(change, left, coverage, lead) {
        out.push_str(&format!("  {status:<9} {}  {how}\n", names.told(name.as_str())));
    }
    for seat in &plan.seats {
        out.push_str(&format!(
            "{} to {} · about {} tokens in · {}\n",
            show::counted(seat.steps.len(), "request"),
            plain(&seat.route.name()),
            show::count(seat.tokens()),
            most(&seat.costs()),
        ));
    }
    match (&plan.judge, lead) {
        (Some((route, ceiling)), _) => out.push_str(&format!(
            "decided by {} · {} for every 10 findings\nnot in it: repeats of what fails\n",
            plain(&route.name()),
            most(&[ceiling.map(|amount| cost(route, amount))]),
        )),
        (None, Some(_)) => out.push_str(&format!(
            "not in it: at most {SECOND_LOOKS} second looks at what is found, and repeats of what fails\n"
        )),
        (None, None) => out.push_str("no request: monster's own rules alone\n"),
    }
    if plan.cached > 0 {
        let what = show::counted(plan.cached, "file");
        out.push_str(&format!("answers of before hold for {what}, which is not sent\n"));
    }
    if let Some(why) = why {
        out.push_str(&format!("{}\n", plain(why)));
    }
    context.ui.out(&out)?;
    context.ui.status("nothing was asked and nothing was sent");
    Ok(Exit::Done)
}

fn as_json((change, left): (&ChangeSet, &ChangeSet), coverage: &Coverage, plan: &Plan<'_>, names: &Masked) -> Value {
    let lead = plan.seats.first().map(|seat| seat.route);
    let steps = || plan.seats.iter().flat_map(|seat| seat.steps.iter().map(move |step| (seat.route, step)));
    let ceilings = steps().map(|(_, step)| step.cost).chain(plan.judge.iter().map(|(_, most)| *most));
    let most = ceilings.into_iter().try_fold(0_u64, |sum, most| Some(sum.saturating_add(most?.0)));
    let request = |(route, step): (&Route, &Step)| json!({ "model": route.name(), "tokens": step.tokens, "most_nano_usd": step.cost.map(|c| c.0) });
    let judge = plan
        .judge
        .as_ref()
        .map(|(route, most)| json!({ "model": route.name(), "most_nano_usd": most.map(|most| most.0) }));
    json!({
        "schema": "monster.review.plan/1", "target": change.label, "files": files((change, left), coverage, lead, names),
        "model": lead.map(Route::name), "requests": steps().map(request).collect::<Vec<_>>(),
        "tokens": plan.seats.iter().fold(0_u64, |sum, seat| sum.saturating_add(seat.tokens())),
        "most_nano_usd": most.filter(|_| lead.is_some()), "judge": judge,
        "second_looks": lead.filter(|_| plan.judge.is_none()).map_or(0, |_| SECOND_LOOKS), "cached_files": plan.cached,
    })
}

/// `local`, `price unknown`, or what it costs at most.
fn most(costs: &[Option<Cost>]) -> String {
    match show::money(costs).as_str() {
        "local" => "local".to_owned(),
        "unpriced" => "price unknown".to_owned(),
        sum => format!("at most {sum}"),
    }
}

fn cost(route: &Route, amount: NanoUsd) -> Cost {
    Cost { amount, source: if route.local() { CostSource::Local } else { CostSource::Estimated } }
}

fn files(
    (change, left): (&ChangeSet, &ChangeSet),
    coverage: &Coverage,
    route: Option<&Route>,
    names: &Masked,
) -> Value {
    let rows = listed(change, left, coverage, route).into_iter();
    rows.map(|(path, status, how)| {
        let path = super::out::exact(&names.told(path.as_str()));
        json!({ "path": path, "status": status, "how": how })
    })
    .collect()
}

/// Every file, what happened to it, and how it would be looked at.
fn listed<'a>(
    change: &'a ChangeSet,
    left: &'a ChangeSet,
    coverage: &Coverage,
    route: Option<&Route>,
) -> Vec<(&'a Path, String, String)> {
    use std::collections::HashMap;
    let told = |rows: &[(String, String)], word: &str| -> HashMap<String, String> {
        rows.iter().map(|(name, why)| (name.clone(), format!("{word}: {why}"))).collect()
    };
    let mut how = told(&coverage.summarised, "summarised");
    how.extend(told(&coverage.skipped, "skipped"));
    let usual = if route.is_some() { "reviewed" } else { "by rule" };
    let row = |f: &'a crate::git::FileChange, how: String| {
        let status = json!(f.status).as_str().unwrap_or_default().to_owned();
        (&f.path, status, how)
    };
    let read = change.files.iter().map(|f| {
        let unread = f.unread.as_ref().map(|why| format!("skipped: {why}"));
        row(f, unread.or_else(|| how.get(f.path.as_str()).cloned()).unwrap_or_else(|| usual.to_owned()))
    });
    let ignored = left.files.iter().map(|f| row(f, "left out by review.ignore".to_owned()));
    read.chain(ignored).collect()
}
