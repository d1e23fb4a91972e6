//! A review: rules always, a model where one is connected, and nothing shown that does not hold.

mod adjudicate;
mod anchor;
mod answer;
mod blind;
mod cache;
mod calibrate;
mod callers;
mod chain;
mod class;
mod context;
mod coverage;
mod fix;
mod label;
mod leak;
mod look;
mod masked;
mod outline;
mod plan;
mod rules;
mod since;
mod summary;
mod vendor;
mod verify;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::time::Duration;

pub use adjudicate::{most_to_decide, review_twice};
pub use blind::helps;
pub use calibrate::{Calibration, Standing, Verdict, Watcher, calibrate, ceiling, keep, pairs, standing};
pub use class::grave;
pub use coverage::Coverage;
pub use leak::{Sum, blocks, kind, leaks, unseen};
pub use look::{Look, Looks, Second, Verify};
pub use masked::{Masked, Veil};
pub use plan::plan;
pub use rules::Rules;
pub use since::{Asked, Since, asked, since};
pub use verify::SECOND_LOOKS;

use super::fence::fence;
use super::finding::{Finding, Severity, Side, Source, Verification};
use super::pack::{Lines, Packed, Part, pack_rest, pack_with};
use super::{offline, room, weak};
use crate::client::{Call, CallError, Client, Listener, Reply, Route, Terms};
use crate::git::{ChangeSet, Contents};
use crate::model::{Demand, ModelName, Purpose, Request, random_id};
use crate::secrets::Redactor;
use crate::world::random;

const PROMPT: &str = include_str!("../prompts/review.md");
/// A change is read in at most this many requests; what is left is named as skipped.
const REQUESTS: usize = 8;
/// Most tokens of an answer.
const ANSWER: u32 = 4_096;
/// Small models that find nothing go on to the end of what they may say, which is minutes on a processor: they are
/// asked for fewer findings, and stopped where these end.
const SMALL_CLAIMS: usize = 5;
const SMALL_ANSWER: u32 = 2_048;
/// How much to believe a model's claim whose anchor holds and that nobody has verified.
const CLAIMED: f64 = 0.6;
/// Why a hunk was not shown that no request holds.
const TOO_LARGE: &str = "larger than the room";
/// Why one was not shown for which there is no money.
const TOO_DEAR: &str = "what is left of the limit on money (--max-cost) does not hold it";
/// Two findings of one class this near are one.
const NEAR: u32 = 3;

/// What to review and how.
pub struct Job<'a> {
    /// The change.
    pub change: &'a ChangeSet,
    /// What is changed with it and not reviewed: what the rules say of several files knows of it.
    pub beside: &'a ChangeSet,
    /// Whole files.
    pub contents: &'a dyn Contents,
    /// Rules of the repository, from the base side.
    pub rules: Rules,
    /// Most findings a model may make.
    pub max: usize,
    /// Most bytes of one request.
    pub max_bytes: usize,
    /// Reasoning.
    pub effort: Demand,
    /// Waits for cooling routes.
    pub patience: Duration,
    /// What is done beside asking.
    pub second: Second<'a>,
}

/// What a review found.
#[derive(Debug, Default)]
pub struct Report {
    /// What the change is, in three to six lines: a model's own sentences if there are some, then what the rules say.
    pub summary: String,
    /// Worst first.
    pub findings: Vec<Finding>,
    /// Claims of the model that did not hold and are not shown.
    pub dropped: usize,
    /// Ids of findings of the model beyond as many as are wanted: they are shown when all are.
    pub over: BTreeSet<String>,
    /// Fixes that were not seen to apply and are not shown; their findings are.
    pub withheld: usize,
    /// What was looked at.
    pub coverage: Coverage,
    /// Calls that answered.
    pub replies: Vec<Reply>,
    /// Why the model's part is missing or not whole.
    pub failure: Option<CallError>,
    /// Answers that were no review, or the beginning of one.
    pub unreadable: usize,
    /// What second looks said, what was known before, and how far the model is to be believed.
    pub looks: Looks,
}

impl Report {
    /// Takes in the secrets that a part of the change adds which nobody reviews.
    pub fn search(&mut self, part: &ChangeSet, contents: &dyn Contents, redactor: &Redactor) {
        let added = leak::search(part, contents, redactor);
        self.looks.silenced.extend(added.silenced);
        self.findings.extend(added.found);
        self.findings.extend(leak::names(part, redactor));
        self.findings = ranked(std::mem::take(&mut self.findings));
    }

    /// The calls whose words stand in it, also those of before.
    fn calls(&self) -> BTreeSet<String> {
        let now = self.replies.iter().map(|reply| reply.id.clone());
        now.chain(self.looks.kept_calls.iter().cloned()).collect()
    }

    /// Every part was looked at and understood.
    #[must_use]
    pub fn complete(&self) -> bool {
        self.failure.is_none() && self.unreadable == 0 && self.coverage.complete() && !self.looks.undecided
    }
}

/// The deterministic part alone: no network, no model. What is changed `beside` it is known and not reviewed.
#[must_use]
pub fn by_rules(change: &ChangeSet, beside: &ChangeSet, contents: &dyn Contents, redactor: &Redactor) -> Report {
    let sheets = leak::sheets(change, contents);
    let rules = || offline::review::counted(change, beside, contents);
    // Neither needs anything of the other, and each takes half of the time.
    let (seen, (mut findings, mut silenced)) =
        both(leak::weight(&sheets) > WORTH, || leak::scan(&sheets, redactor), rules);
    let mut added = leak::added(contents, &sheets, seen, redactor);
    leak::whole(change, contents, redactor, &mut added);
    findings.extend(added.found);
    findings.extend(leak::names(change, redactor));
    let findings = ranked(findings);
    let summary = summary::by_rules(change, beside, contents, &findings);
    silenced.extend(added.silenced);
    let looks = Looks { silenced, ..Looks::default() };
    Report { summary, findings, looks, coverage: Coverage::rules_only(change), ..Report::default() }
}

/// The secrets alone that a change adds: they wait for no other rule.
#[must_use]
pub fn secrets(change: &ChangeSet, contents: &dyn Contents, redactor: &Redactor) -> Report {
    let mut added = leak::search(change, contents, redactor);
    leak::whole(change, contents, redactor, &mut added);
    added.found.extend(leak::names(change, redactor));
    part(added.found, added.silenced)
}

/// The secrets that one commit adds and a later one takes out again, so that the `sum` of them does not show them.
#[must_use]
pub fn secrets_passed(commit: (&ChangeSet, &dyn Contents), sum: &Sum, redactor: &Redactor) -> Report {
    let added = leak::passed(commit, sum, redactor);
    part(added.found, added.silenced)
}

/// The secrets in what was written about a commit or a tag, as findings in a file of this name.
#[must_use]
pub fn secrets_said(text: &str, name: &str, redactor: &Redactor) -> Report {
    part(leak::said(text, name, redactor), Vec::new())
}

/// What the rules find apart from secrets. What is changed `beside` it is known and not reviewed.
#[must_use]
pub fn beside_secrets(change: &ChangeSet, beside: &ChangeSet, contents: &dyn Contents) -> Report {
    let (findings, silenced) = offline::review::counted(change, beside, contents);
    part(findings, silenced)
}

/// A report of one kind of look.
fn part(found: Vec<Finding>, silenced: Vec<Finding>) -> Report {
    Report { findings: ranked(found), looks: Looks { silenced, ..Looks::default() }, ..Report::default() }
}

/// Text of this many bytes is worth a thread of its own.
const WORTH: usize = 32 << 10;

/// Does both, the first on a thread of its own where that is worth it.
fn both<A: Send, B>(worth: bool, first: impl FnOnce() -> A + Send, second: impl FnOnce() -> B) -> (A, B) {
    if !worth {
        return (first(), second());
    }
    std::thread::scope(|scope| {
        let other = scope.spawn(first);
        let second = second();
        (other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)), second)
    })
}

/// Rules and model together. Always gives at least what the rules found.
pub async fn review(job: &Job<'_>, client: &Client, routes: &[Route], listener: &mut dyn Listener) -> Report {
    let mut report = if job.second.model_only {
        Report { summary: summary::by_rules(job.change, job.beside, job.contents, &[]), ..Report::default() }
    } else {
        by_rules(job.change, job.beside, job.contents, &client.redactor)
    };
    generate(job, client, Voice { routes, parent: None }, &mut report, listener).await;
    report.findings = ranked(std::mem::take(&mut report.findings));
    let speakers = calibrate::speakers(routes, &report);
    calibrate::doubt(client, &speakers, &mut report);
    verify::verify(job, client, routes, &mut report, listener).await;
    cap(job, &mut report);
    report
}

/// Worst first, and names what a model found beyond as much as is wanted: of what is worth a person's time, security
/// and lost data go before anything else.
fn cap(job: &Job<'_>, report: &mut Report) {
    report.findings = ranked(std::mem::take(&mut report.findings));
    let mut wanted: Vec<&Finding> = report.findings.iter().filter(|f| f.source == Source::Model).collect();
    // Equals stay in the order that they are told in.
    wanted.sort_by_key(|f| {
        (
            look::doubted(f),
            f.moot(),
            !(f.severity >= Severity::Medium && grave(&f.class)),
            std::cmp::Reverse(f.severity),
        )
    });
    report.over = wanted.into_iter().skip(job.max).map(|f| f.id.clone()).collect();
}

/// Who is asked, and the call that holds the calls.
#[derive(Clone, Copy)]
struct Voice<'a> {
    routes: &'a [Route],
    parent: Option<&'a str>,
}

/// Lets one model read the change: its claims that hold, and what it has not read. What it said before of files that
/// are the same is not asked again.
async fn generate(job: &Job<'_>, client: &Client, voice: Voice<'_>, report: &mut Report, listener: &mut dyn Listener) {
    let ready = Ready::new(job, &client.redactor, voice.routes);
    let (mut book, known, mut packed) = cache::begin(job, &ready, client, voice.routes);
    let (mut shown, named) = (Vec::new(), packed.named.clone());
    let again = packed.shown.is_empty() && !known.is_empty();
    // Who is shown only what is new sums up only that: such a sentence would stand over files that it is not about.
    let whole = known.is_empty();
    // The parts of one review go to one account, which has read the rules.
    let conversation = random_id("c", random::bytes().unwrap_or_default());
    let (mut summaries, mut asked, mut short) = (Vec::new(), 0, false);
    while !packed.shown.is_empty() {
        if asked == REQUESTS {
            packed.rest.extend(packed.shown.iter().map(|place| (*place, 0)));
            break;
        }
        asked += 1;
        let before = packed.rest.len();
        match ask(job, client, (voice, &conversation), (&ready, &packed), listener).await {
            Ok(reply) => {
                // Of an answer that a filter ended, what came first is read.
                let read = answer::read(&reply.text).filter(|_| !reply.in_words());
                if let Some(refusal) = reply.refusal().filter(|_| read.is_none()) {
                    if let Some(book) = &mut book {
                        book.forget(&packed);
                    }
                    packed.rest.extend(packed.shown.iter().map(|place| (*place, 0)));
                    report.replies.push(reply);
                    report.failure = Some(refusal);
                    break;
                }
                shown.extend(packed.shown.iter().copied());
                match read {
                    Some(answer) => {
                        report.unreadable += usize::from(answer.cut);
                        match &mut book {
                            Some(book) if answer.cut => book.forget(&packed),
                            Some(book) => book.hear(&packed, &answer, &reply),
                            None => {}
                        }
                        if whole && !answer.summary.is_empty() {
                            if let Some(book) = book.as_ref().filter(|_| summaries.is_empty() && !answer.cut) {
                                book.sum_up(&ready.labels.told(&answer.summary), &reply);
                            }
                            summaries.push(ready.labels.told(&answer.summary));
                        }
                        take(job, &ready, report, answer);
                    }
                    None => {
                        report.unreadable += 1;
                        if let Some(book) = &mut book {
                            book.forget(&packed);
                        }
                    }
                }
                report.replies.push(reply);
            }
            Err(error) => {
                packed.rest.extend(packed.shown.iter().map(|place| (*place, 0)));
                // What was paid for before is there all the same.
                short = matches!(error, CallError::TooDear { whole: Some(_), .. }) && asked > 1;
                report.failure = Some(error).filter(|_| !short);
                break;
            }
        }
        if packed.rest.is_empty() {
            break;
        }
        packed = ready.next(&packed.rest);
        if packed.rest.len() >= before {
            break;
        }
    }
    let why = match report.failure {
        Some(_) => "no model answered",
        None if short => TOO_DEAR,
        None => TOO_LARGE,
    };
    if let Some(book) = book.as_mut().filter(|_| report.failure.is_none() && packed.shown.is_empty()) {
        book.leave(&packed.rest, TOO_LARGE);
    }
    match &mut book {
        Some(book) if again => take(job, &ready, report, book.strays()),
        Some(book) => book.stray(),
        None => {}
    }
    report.coverage = covered(job, shown, &named, (&packed.rest, why), &known);
    for (place, kept) in known {
        if !report.looks.kept_by.contains(&kept.model) {
            report.looks.kept_by.push(kept.model.clone());
        }
        report.looks.cached += 1;
        report.looks.kept_calls.extend(kept.calls.iter().cloned());
        take(job, &ready, report, kept.answer(place));
    }
    let fresh = summaries.into_iter().next();
    // A sentence about other files than these is none about this change.
    let kept = || book.as_ref()?.summary();
    if let Some(summary) = fresh.or_else(kept) {
        report.summary = summary::with(&summary, &report.summary);
    }
}

/// What was looked at: what was shown, what is left of the change and why, and what was known from before.
fn covered(
    job: &Job<'_>,
    mut shown: Vec<usize>,
    named: &[(usize, &str)],
    (rest, why): (&[Part], &str),
    known: &[(usize, cache::Kept)],
) -> Coverage {
    let mut unread: Vec<(usize, String)> = rest.iter().map(|(place, _)| (*place, why.to_owned())).collect();
    shown.extend(known.iter().map(|(place, _)| *place));
    unread.extend(known.iter().filter_map(|(place, kept)| Some((*place, kept.unread.clone()?))));
    unread.sort();
    unread.dedup();
    shown.sort_unstable();
    shown.dedup();
    Coverage::new(job.change, &shown, named, &unread)
}

/// What all requests of one review share.
struct Ready<'c> {
    shown: context::Shown,
    labels: label::Labels<'c>,
    rules: Rules,
    /// Bytes of one request's material.
    room: usize,
    /// Most findings that are asked for at once.
    claims: usize,
    /// Most tokens of an answer.
    answer: u32,
    /// The server here keeps a list as short as its schema says.
    bounded: bool,
}

impl<'c> Ready<'c> {
    fn new(job: &Job<'c>, redactor: &Redactor, routes: &[Route]) -> Self {
        let room = room::bytes(routes, job.max_bytes);
        let rules = job.rules.within(room / 4);
        let room = room.saturating_sub(rules.text().len());
        let shown = context::shown(job.change, job.contents, redactor, room, REQUESTS);
        let small = routes.first().is_some_and(weak::small);
        let claims = if small { job.max.min(SMALL_CLAIMS) } else { job.max };
        Self {
            shown,
            labels: label::Labels::new(job.change),
            rules,
            room,
            claims,
            answer: if small { SMALL_ANSWER } else { ANSWER },
            bounded: !routes.is_empty() && routes.iter().all(Route::local),
        }
    }

    fn first(&self, job: &Job<'_>) -> Packed {
        pack_with(&self.shown.change, job.contents, self.room, Lines::Numbered, &self.shown.brief)
    }

    fn next(&self, rest: &[Part]) -> Packed {
        pack_rest(&self.shown.change, rest, self.room, Lines::Numbered, &self.shown.brief)
    }

    /// The request for one part of the change, as it would be sent.
    fn request(&self, job: &Job<'_>, model: &str, packed: &Packed) -> Request {
        let mut rules = String::new();
        if !self.rules.is_empty() {
            let text = fence("Rules", &self.rules.text());
            rules = format!("\nThe repository's own rules, from before this change, by file and line:\n{text}");
        }
        let classes = class::names().collect::<Vec<_>>().join(", ");
        let mut request = Request::text(model, Purpose::Review, fence("The change", &packed.text));
        let prompt = PROMPT.replace("{max}", &self.claims.to_string()).replace("{classes}", &classes);
        request.system = prompt.replace("{rules}", &rules);
        request.schema = Some(answer::schema(self.bounded.then_some(self.claims)));
        request.effort = job.effort;
        request.max_output = Some(self.answer);
        request.stream = true;
        request
    }
}

/// The first request of a review, for `--show-prompt`.
#[must_use]
pub fn first_request(job: &Job<'_>, redactor: &Redactor, model: &str, routes: &[Route]) -> Request {
    let ready = Ready::new(job, redactor, routes);
    ready.request(job, model, &ready.first(job))
}

async fn ask(
    job: &Job<'_>,
    client: &Client,
    (voice, conversation): (Voice<'_>, &str),
    (ready, packed): (&Ready<'_>, &Packed),
    listener: &mut dyn Listener,
) -> Result<Reply, CallError> {
    let model = voice.routes.first().map(Route::name).unwrap_or_default();
    let request = Request { model: ModelName(model.clone()), ..ready.request(job, &model, packed) };
    let conversation = Some(conversation.to_owned());
    let parent = voice.parent.map(str::to_owned);
    let terms = Terms { parent, conversation, patience: job.patience, ..Terms::default() };
    let call = Call { terms, ..Call::new(voice.routes, request) };
    client.call(call, listener).await
}

/// Keeps the claims that hold.
fn take(job: &Job<'_>, ready: &Ready<'_>, report: &mut Report, answer: answer::Answer) {
    report.dropped += answer.unusable;
    let parsed = &ready.shown.parsed;
    for claim in answer.claims {
        let Some(at) = anchor::anchor(job.change, &claim.file, claim.line, &claim.quote) else {
            report.dropped += 1;
            continue;
        };
        let file = &job.change.files[at.place];
        if claim.class == class::STYLE && rules::kept(&file.path, job.contents) {
            report.dropped += 1;
            continue;
        }
        let suggestion = match fix::fix(job.change, job.contents, &at, &claim.quote, &claim.fix) {
            fix::Fix::None => None,
            fix::Fix::Applies(patch) => Some(patch),
            fix::Fix::Withheld => {
                report.withheld += 1;
                None
            }
        };
        let side_path = if at.side == Side::Old { file.old_path.as_ref().unwrap_or(&file.path) } else { &file.path };
        let finding = Finding {
            id: parsed.id(job.change, &at, &claim.class),
            file: side_path.as_str().to_owned(),
            line: at.line,
            end_line: at.line,
            side: at.side,
            severity: claim.severity,
            confidence: CLAIMED,
            class: claim.class,
            title: ready.labels.told(&claim.title),
            why: ready.labels.told(&claim.why),
            suggestion,
            source: Source::Model,
            verification: Verification::Unverified,
            rule: ready.rules.cited(&claim.rule),
        };
        // A person has looked at it; that holds for models as for rules.
        if at.side == Side::New && offline::review::silenced(&offline::Places::new(file), &finding) {
            report.looks.silenced.push(finding);
            continue;
        }
        report.findings.push(finding);
    }
}

/// Worst first, rules before models, and one finding for one problem. Each secret that rules find is one, by its id: many
/// may stand on one line, and whoever accepts one of them accepts no other.
fn ranked(mut findings: Vec<Finding>) -> Vec<Finding> {
    findings.sort_by(|a, b| {
        let model = |f: &Finding| f.source == Source::Model;
        let rank = |f: &Finding| (!look::doubted(f), f.severity, !model(f));
        rank(b).cmp(&rank(a)).then_with(|| (&a.file, a.line).cmp(&(&b.file, b.line)))
    });
    // Kept ones of one kind in one file, by line, and whether a model's is among them.
    let mut kept: HashMap<(String, String, Side), BTreeMap<u32, bool>> = HashMap::new();
    let mut secrets: HashSet<(String, u32, String)> = HashSet::new();
    findings.retain(|finding| {
        let model = finding.source == Source::Model;
        let secret = kind(finding).is_some();
        let lines = kept.entry((finding.file.clone(), finding.class.clone(), finding.side)).or_default();
        let (line, near) = (finding.line, finding.line.saturating_sub(NEAR)..=finding.line.saturating_add(NEAR));
        // Rules point exactly, so only a repetition of the same line is one problem; models circle around theirs.
        let known = if secret {
            !secrets.insert((finding.file.clone(), line, finding.id.clone()))
        } else {
            lines.contains_key(&line) || lines.range(near).any(|(_, of_model)| model || *of_model)
        };
        if !known {
            lines.insert(line, model);
        }
        !known
    });
    findings
}
