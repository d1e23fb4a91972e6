//! A review: rules always, a model where one is connected, and nothing shown that does not hold.

mod anchor;
mod answer;
mod coverage;
mod fix;
mod leak;
mod plan;

use std::time::Duration;

pub use coverage::Coverage;
pub use leak::{blocks, leaks};
pub use plan::plan;

use super::fence::fence;
use super::finding::{Finding, Side, Source, Verification, identify};
use super::pack::{Lines, Packed, pack, pack_rest};
use super::{offline, room};
use crate::client::{Call, CallError, Client, Listener, Reply, Route, Terms};
use crate::git::{ChangeSet, Contents};
use crate::model::{Demand, ModelName, Purpose, Request, random_id};
use crate::secrets::Redactor;
use crate::world::random;

const PROMPT: &str = include_str!("../prompts/review.md");
/// A change is read in at most this many requests; what is left is named as skipped.
const REQUESTS: usize = 8;
/// How much to believe a model's claim whose anchor holds and that nobody has verified.
const CLAIMED: f64 = 0.6;
/// Two findings of one class this near are one.
const NEAR: u32 = 3;

/// What to review and how.
pub struct Job<'a> {
    /// The change.
    pub change: &'a ChangeSet,
    /// Whole files.
    pub contents: &'a dyn Contents,
    /// Rules of the repository, from the base side: name and text.
    pub rules: Option<(String, String)>,
    /// Most findings a model may make.
    pub max: usize,
    /// Most bytes of one request.
    pub max_bytes: usize,
    /// Reasoning.
    pub effort: Demand,
    /// Waits for cooling routes.
    pub patience: Duration,
}

/// What a review found.
#[derive(Debug, Default)]
pub struct Report {
    /// What the change does.
    pub summary: String,
    /// Worst first.
    pub findings: Vec<Finding>,
    /// Claims of the model that did not hold and are not shown.
    pub dropped: usize,
    /// What was looked at.
    pub coverage: Coverage,
    /// Calls that answered.
    pub replies: Vec<Reply>,
    /// Why the model's part is missing or not whole.
    pub failure: Option<CallError>,
    /// Answers that were no review.
    pub unreadable: usize,
}

impl Report {
    /// Takes more findings in, at their place by rank.
    pub fn add(&mut self, findings: Vec<Finding>) {
        self.findings.extend(findings);
        self.findings = ranked(std::mem::take(&mut self.findings));
    }

    /// Every part was looked at and understood.
    #[must_use]
    pub fn complete(&self) -> bool {
        self.failure.is_none() && self.unreadable == 0 && self.coverage.complete()
    }
}

/// The deterministic part alone: no network, no model.
#[must_use]
pub fn by_rules(change: &ChangeSet, contents: &dyn Contents, redactor: &Redactor) -> Report {
    let mut findings = offline::review::review(change, contents);
    findings.extend(leaks(change, redactor));
    leak::whole(change, contents, &mut findings);
    Report { summary: offline::summary(change), findings: ranked(findings), ..Report::default() }
}

/// Rules and model together. Always gives at least what the rules found.
pub async fn review(job: &Job<'_>, client: &Client, routes: &[Route], listener: &mut dyn Listener) -> Report {
    let mut report = by_rules(job.change, job.contents, &client.redactor);
    let room = room::bytes(routes, job.max_bytes);
    let mut packed = pack(job.change, job.contents, room, Lines::Numbered);
    let (mut shown, named) = (Vec::new(), packed.named.clone());
    // The parts of one review go to one account, which has read the rules.
    let conversation = random_id("c", random::bytes().unwrap_or_default());
    let mut summaries = Vec::new();
    for _ in 0..REQUESTS {
        if packed.shown.is_empty() {
            break;
        }
        let before = packed.rest.len();
        match ask(job, client, (routes, &conversation), &packed, listener).await {
            Ok(reply) => {
                shown.extend(packed.shown.iter().copied());
                match answer::read(&reply.text) {
                    Some(answer) => {
                        if !answer.summary.is_empty() {
                            summaries.push(answer.summary.clone());
                        }
                        take(job, &mut report, answer);
                    }
                    None => report.unreadable += 1,
                }
                report.replies.push(reply);
            }
            Err(error) => {
                packed.rest.extend(packed.shown.iter().map(|place| (*place, 0)));
                report.failure = Some(error);
                break;
            }
        }
        if packed.rest.is_empty() {
            break;
        }
        packed = pack_rest(job.change, &packed.rest, room, Lines::Numbered);
        if packed.rest.len() >= before {
            break;
        }
    }
    let why = if report.failure.is_some() { "no model answered" } else { "larger than the room" };
    let mut unread: Vec<(usize, String)> = packed.rest.iter().map(|(place, _)| (*place, why.to_owned())).collect();
    unread.dedup_by_key(|(place, _)| *place);
    unread.sort();
    unread.dedup();
    shown.sort_unstable();
    shown.dedup();
    report.coverage = Coverage::new(job.change, &shown, &named, &unread);
    if let Some(summary) = summaries.into_iter().next() {
        report.summary = unlabelled(job.change, summary);
    }
    report.findings = ranked(std::mem::take(&mut report.findings));
    let mut left = job.max;
    report.findings.retain(|f| {
        let kept = f.source == Source::Static || left > 0;
        left = left.saturating_sub(usize::from(f.source == Source::Model));
        report.dropped += usize::from(!kept);
        kept
    });
    report
}

/// The request for one part of the change, as it would be sent.
#[must_use]
pub fn request(job: &Job<'_>, model: &str, packed: &Packed) -> Request {
    let rules = job.rules.as_ref().map_or_else(String::new, |(name, text)| {
        format!("\nThe repository's own review rules, from {name} before this change:\n{}", fence("Rules", text))
    });
    let mut request = Request::text(model, Purpose::Review, fence("The change", &packed.text));
    request.system = PROMPT.replace("{max}", &job.max.to_string()).replace("{rules}", &rules);
    request.schema = Some(answer::schema());
    request.effort = job.effort;
    request.max_output = Some(4_096);
    request.stream = true;
    request
}

/// The first request of a review, for `--show-prompt`.
#[must_use]
pub fn first_request(job: &Job<'_>, model: &str, routes: &[Route]) -> Request {
    let packed = pack(job.change, job.contents, room::bytes(routes, job.max_bytes), Lines::Numbered);
    request(job, model, &packed)
}

async fn ask(
    job: &Job<'_>,
    client: &Client,
    (routes, conversation): (&[Route], &str),
    packed: &Packed,
    listener: &mut dyn Listener,
) -> Result<Reply, CallError> {
    let model = routes.first().map(Route::name).unwrap_or_default();
    let request = Request { model: ModelName(model.clone()), ..request(job, &model, packed) };
    let conversation = Some(conversation.to_owned());
    let terms = Terms { conversation, patience: job.patience, ..Terms::default() };
    let call = Call { terms, ..Call::new(routes, request) };
    client.call(call, listener).await
}

/// Keeps the claims that hold.
fn take(job: &Job<'_>, report: &mut Report, answer: answer::Answer) {
    report.dropped += answer.unusable;
    for claim in answer.claims {
        let Some(at) = anchor::anchor(job.change, &claim.file, claim.line, &claim.quote) else {
            report.dropped += 1;
            continue;
        };
        let suggestion = match fix::fix(job.change, job.contents, &at, &claim.quote, &claim.fix) {
            fix::Fix::None => None,
            fix::Fix::Applies(patch) => Some(patch),
            fix::Fix::Broken => {
                report.dropped += 1;
                continue;
            }
        };
        let file = &job.change.files[at.place];
        let side_path = if at.side == Side::Old { file.old_path.as_ref().unwrap_or(&file.path) } else { &file.path };
        report.findings.push(Finding {
            id: identify(&claim.class, &at.text, "", 0),
            file: side_path.as_str().to_owned(),
            line: at.line,
            end_line: at.line,
            side: at.side,
            severity: claim.severity,
            confidence: CLAIMED,
            class: claim.class,
            title: claim.title,
            why: claim.why,
            suggestion,
            source: Source::Model,
            verification: Verification::Unverified,
            rule: None,
        });
    }
}

/// Worst first, rules before models, and one finding for one problem.
fn ranked(mut findings: Vec<Finding>) -> Vec<Finding> {
    findings.sort_by(|a, b| {
        let model = |f: &Finding| f.source == Source::Model;
        (b.severity, model(a)).cmp(&(a.severity, model(b))).then_with(|| (&a.file, a.line).cmp(&(&b.file, b.line)))
    });
    let mut out: Vec<Finding> = Vec::new();
    for finding in findings {
        let known = out.iter().any(|f| {
            f.file == finding.file
                && f.class == finding.class
                && f.side == finding.side
                && f.line.abs_diff(finding.line) <= near(f, &finding)
        });
        if !known {
            out.push(finding);
        }
    }
    out
}

/// Rules point exactly, so only a repetition of the same line is one problem; models circle around theirs.
const fn near(a: &Finding, b: &Finding) -> u32 {
    if matches!((a.source, b.source), (Source::Static, Source::Static)) { 0 } else { NEAR }
}

/// A model's words with files by their names: the labels are between it and us.
fn unlabelled(change: &ChangeSet, summary: String) -> String {
    // The longest labels first, so that F1 is not taken out of F12.
    (0..change.files.len()).rev().fold(summary, |text, n| {
        let (label, path) = (super::pack::file_id(n), change.files[n].path.as_str());
        if text.contains(&label) { text.replace(&format!("{label} {path}"), path).replace(&label, path) } else { text }
    })
}
