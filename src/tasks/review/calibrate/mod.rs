//! Whether a model's findings beat chance: pairs of changes, one with a defect and one without, put through the same
//! review as everything else, with the rules left out.

mod pair;
mod score;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

pub use score::{Calibration, Verdict};

use self::pair::Pair;
use super::{Job, Report, Rules, Second, Verify, answer, look, plan, review};
use crate::client::{CallError, Client, Deaf, Route};
use crate::git::{ChangeSet, Contents};
use crate::model::{Demand, NanoUsd};
use crate::store::{CalibrationRow, StoreError};
use crate::tasks::finding::{Finding, Severity, Source};
use crate::tasks::weak;
use crate::world::clock::Stopwatch;

/// Pairs that are asked about at once, where the model runs elsewhere.
const AT_ONCE: usize = 2;

/// The version of what a model is asked for a review: another prompt needs another calibration.
#[must_use]
fn prompt_version() -> String {
    let asked = format!("{}\0{}", super::PROMPT, answer::schema(None).schema);
    Sha256::digest(asked).iter().take(6).map(|b| format!("{b:02x}")).collect()
}

/// How many pairs there are; each takes two reviews.
#[must_use]
pub fn pairs() -> usize {
    pair::pairs().len()
}

/// Sees how far it has come.
pub trait Watcher {
    /// So many of so many pairs are done.
    fn step(&mut self, done: usize, all: usize);
}

/// How a review of one side of a pair ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Side {
    /// Something was found at the place where the sides differ.
    there: bool,
    /// Something was found that would be shown.
    shown: bool,
}

/// The most that calibrating can cost over the first of these routes, every pair asked about; `None` = nobody knows its
/// price.
///
/// # Errors
/// What is to be sent cannot be.
pub fn ceiling(client: &Client, routes: &[Route], effort: Demand) -> Result<Option<NanoUsd>, CallError> {
    let Some(route) = routes.first() else { return Ok(None) };
    let mut sum = Some(NanoUsd(0));
    for (pair, planted) in pair::pairs().iter().flat_map(|pair| [(pair, true), (pair, false)]) {
        let (change, contents) = pair.change(planted);
        let beside = ChangeSet::default();
        let job = job((&change, &beside), &contents, (effort, std::time::Duration::ZERO));
        for request in plan(&job, client, &route.name(), routes).0 {
            let most = client.foresee(route, request)?.1;
            sum = sum.zip(most).map(|(sum, most)| NanoUsd(sum.0.saturating_add(most.0)));
        }
    }
    Ok(sum)
}

/// Calibrates the model of these routes. It stops where no answer could change the result any more, and where one answer
/// after the other is no review: [`Calibration::mute`].
///
/// # Errors
/// The first call that failed: what was not answered measures nothing.
pub async fn calibrate(
    client: &Client,
    routes: &[Route],
    effort: Demand,
    patience: std::time::Duration,
    watcher: &mut dyn Watcher,
) -> Result<Calibration, CallError> {
    let model = routes.first().map(Route::name).unwrap_or_default();
    let began = Stopwatch::start();
    let all = pair::pairs();
    let local = routes.first().is_some_and(Route::local);
    let mut out = Calibration::of(&model, &prompt_version(), client.clock.millis(), all.len());
    for batch in all.chunks(if local { 1 } else { AT_ONCE }) {
        let one = |pair| async move {
            let planted = side(client, routes, (effort, patience), pair, true);
            if local {
                let planted = planted.await?;
                Ok((planted, side(client, routes, (effort, patience), pair, false).await?))
            } else {
                let (planted, clean) = tokio::join!(planted, side(client, routes, (effort, patience), pair, false));
                Ok::<_, CallError>((planted?, clean?))
            }
        };
        let answers = futures_util::future::join_all(batch.iter().map(one)).await;
        for answer in answers {
            let ((planted, first), (clean, second)) = answer?;
            out.count(planted, clean);
            for report in [first, second] {
                out.read(report.unreadable, report.findings.len());
                for reply in &report.replies {
                    out.requests += 1;
                    match reply.used.cost {
                        Some(cost) => out.cost = NanoUsd(out.cost.0.saturating_add(cost.amount.0)),
                        None => out.unpriced += 1,
                    }
                }
            }
        }
        out.seconds = began.elapsed().as_secs();
        watcher.step(out.pairs, all.len());
        if out.settled() || out.mute() {
            break;
        }
    }
    out.local = local;
    Ok(out)
}

/// One review, and what it found of what there is.
async fn side(
    client: &Client,
    routes: &[Route],
    (effort, patience): (Demand, std::time::Duration),
    pair: &Pair,
    planted: bool,
) -> Result<(Side, Report), CallError> {
    let (change, contents) = pair.change(planted);
    let beside = ChangeSet::default();
    let job = job((&change, &beside), &contents, (effort, patience));
    let mut report = review(&job, client, routes, &mut Deaf).await;
    if let Some(error) = report.failure.take() {
        return Err(error);
    }
    let worth = |f: &&Finding| f.severity >= Severity::Medium && !report.over.contains(&f.id);
    let found = || report.findings.iter().filter(|f| f.source == Source::Model).filter(worth);
    let there = found().any(|f| f.line.abs_diff(pair.line) <= super::NEAR);
    Ok((Side { there, shown: found().next().is_some() }, report))
}

/// What is asked about one side.
fn job<'j>(
    (change, beside): (&'j ChangeSet, &'j ChangeSet),
    contents: &'j dyn Contents,
    (effort, patience): (Demand, std::time::Duration),
) -> Job<'j> {
    let second = Second { verify: Verify::Never, model_only: true, ..Second::default() };
    Job { change, beside, contents, rules: Rules::default(), max: 10, max_bytes: 200_000, effort, patience, second }
}

/// How a model stands.
#[derive(Debug, Clone, PartialEq)]
pub enum Standing {
    /// It beat chance.
    Passed(Calibration),
    /// It did not.
    Failed(Calibration),
    /// It was calibrated for another prompt.
    Stale(Calibration),
    /// It was never calibrated.
    Never,
}

/// What this machine knows of a model, `upstream/model`.
#[must_use]
pub fn standing(client: &Client, model: &str) -> Standing {
    let row = client.store.calibration(model).ok().flatten();
    let Some((row, of)) = row.and_then(|row| serde_json::from_str::<Calibration>(&row.result).ok().map(|of| (row, of)))
    else {
        return Standing::Never;
    };
    match of.verdict() {
        _ if row.prompt != prompt_version() => Standing::Stale(of),
        Verdict::Beats => Standing::Passed(of),
        _ => Standing::Failed(of),
    }
}

/// Keeps a result for this machine.
///
/// # Errors
/// [`StoreError`].
pub fn keep(client: &Client, of: &Calibration) -> Result<(), StoreError> {
    let result = serde_json::to_string(of).unwrap_or_default();
    let (model, prompt, made_ms) = (of.model.clone(), of.prompt.clone(), of.made_ms);
    client.store.calibrated(CalibrationRow { model, prompt, made_ms, result })
}

/// Whoever said what a report holds, `upstream/model`, and whether nobody knows that it is large enough.
pub(super) fn speakers(routes: &[Route], report: &Report) -> Vec<(String, bool)> {
    let weak = |name: &String| routes.iter().find(|r| r.name() == *name).is_some_and(weak::doubtful);
    let asked = report.replies.iter().map(|reply| (reply.route.name(), weak::doubtful(&reply.route)));
    asked.chain(report.looks.kept_by.iter().map(|name| (name.clone(), weak(name)))).collect()
}

/// Marks findings of models when nobody knows of one of `speakers` that it beats chance, and says why: it failed, or it
/// is small and was never calibrated for this prompt.
pub(super) fn doubt(client: &Client, speakers: &[(String, bool)], report: &mut Report) {
    if !report.findings.iter().any(|f| f.source == Source::Model) {
        return;
    }
    let why = speakers.iter().find_map(|(name, weak)| match standing(client, name) {
        Standing::Passed(_) => None,
        Standing::Failed(of) => Some((format!("{name} {}", of.failing()), true)),
        Standing::Stale(_) if *weak => Some((format!("{name} is small and was calibrated for another prompt"), false)),
        Standing::Never if *weak => Some((format!("{name} is small and was never calibrated"), false)),
        Standing::Stale(_) | Standing::Never => None,
    });
    if let Some((why, measured)) = why {
        for finding in report.findings.iter_mut().filter(|f| f.source == Source::Model) {
            finding.confidence = finding.confidence.min(look::DOUBTED);
        }
        report.looks.doubt = Some(why);
        report.looks.measured = measured;
    }
}
