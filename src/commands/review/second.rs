//! What a review does beside asking one model once: known answers, a verifier, a second model, the last review.

use clap::Args;
use serde_json::{Value, json};

use super::out::Paint;
use super::{By, Review, forecast};
use crate::client::{CallError, Client, Route, Shelf};
use crate::commands::context::Context;
use crate::commands::error::{CommandError, Exit};
use crate::commands::listen::Watch;
use crate::commands::seats::{self, Seats};
use crate::commands::{plan, show};
use crate::git::ChangeSet;
use crate::model::{ModelName, Purpose};
use crate::tasks::dialectic::{self, Cast, CastError, Wish};
use crate::tasks::finding::{Finding, Source, Verification};
use crate::tasks::review::{self, Asked, Job, Look, Report, Second, Verify};
use crate::ui::{Tone, plain, wrapped};

/// Flags of the second look.
#[derive(Debug, Default, Args)]
pub(super) struct Flags {
    /// Two models of different makers review the change, a third decides about each finding.
    #[arg(long)]
    pub(super) dialectic: bool,
    #[command(flatten)]
    pub(super) seats: Seats,
    /// Show only what is new since the last review of the same, and what is fixed.
    #[arg(long)]
    pub(super) since_last: bool,
    /// Ask again what was asked before, and keep no answer for the next time.
    #[arg(long)]
    no_cache: bool,
    /// Measure whether this model's findings beat chance: small changes with and without a defect, up to 48 requests.
    #[arg(
        long,
        value_name = "MODEL",
        conflicts_with_all = ["target", "staged", "worktree", "untracked", "base", "pr", "paths", "files", "fail_on",
            "allow_incomplete", "all", "dialectic", "models", "synth", "same_family", "strict", "since_last", "no_cache",
            "format", "output", "baseline", "apply", "post"]
    )]
    pub(super) calibrate: Option<String>,
    /// The model that the last review asked, where a finding of it is to be applied.
    #[arg(skip)]
    recalled: Option<String>,
}

impl Flags {
    /// Where answers are kept; `None` when nothing is.
    pub(super) fn shelf(&self, context: &Context) -> Option<Shelf> {
        if self.no_cache || context.globals.no_store || !context.config().review.cache {
            return None;
        }
        let dir = context.state_dir().ok()?;
        Shelf::open(&dir).inspect_err(|e| context.ui.warn(&format!("no answer is kept for the next review: {e}"))).ok()
    }

    /// Who is asked.
    pub(super) fn asked(&self, context: &Context) -> ModelName {
        let usual = || context.model(if self.dialectic { "reasoning" } else { "balanced" });
        self.recalled.clone().map_or_else(usual, ModelName)
    }

    /// Asks whom the last review asked: its finding stands in what that one says, and nobody has to be paid for that
    /// again.
    fn recall(&mut self, asked: Asked) {
        self.dialectic = asked.dialectic;
        self.seats.recall(asked.members, asked.synthesis, asked.same_family);
        self.recalled = Some(asked.model);
    }

    /// What there is to recall of this.
    fn told(&self, context: &Context) -> Asked {
        let model = self.asked(context).0;
        let (members, synthesis, same_family) = self.seats.told();
        Asked { model, dialectic: self.dialectic, members, synthesis, same_family }
    }

    /// What is done beside asking.
    pub(super) fn second<'s>(&self, context: &Context, shelf: Option<&'s Shelf>, asked: &ModelName) -> Second<'s> {
        let config = &context.config().review;
        let (verify, verifier) = (Verify::parse(&config.verify), config.verifier.clone());
        Second { shelf, verify, verifier, pool: asked.0.clone(), model_only: false }
    }

    /// Everything that must be looked for.
    pub(super) fn survey(&self, context: &Context, asked: &ModelName) -> ModelName {
        let config = &context.config().review;
        if self.dialectic {
            return seats::survey(&self.wish(context, asked));
        }
        match &config.verifier {
            Some(verifier) if config.verify != "never" => ModelName(format!("{},{verifier}", asked.0)),
            _ => asked.clone(),
        }
    }

    fn wish(&self, context: &Context, pool: &ModelName) -> Wish {
        self.seats.wish(context, (2, 2), pool.clone())
    }

    /// The seats.
    ///
    /// # Errors
    /// What `ask --dialectic` says of the same.
    pub(super) fn cast(&self, context: &Context, client: &Client, pool: &ModelName) -> Result<Cast, CastError> {
        dialectic::cast(client, &self.wish(context, pool))
    }
}

impl Review {
    /// Two review, a third decides. `None` when only the request was to be shown.
    pub(super) async fn twice(
        &self,
        context: &Context,
        client: &Client,
        (job, cast): (&Job<'_>, &Cast),
    ) -> Result<Option<(Report, String)>, CommandError> {
        if context.globals.show_prompt {
            let name = cast.member(0).first().map(Route::name).unwrap_or_default();
            plan::show_prompt(
                context,
                client,
                cast.member(0),
                review::first_request(job, &client.redactor, &name, cast.member(0)),
            )?;
            let route = |routes: &[Route]| routes.first().map(Route::name).unwrap_or_default();
            context.ui.status(&format!(
                "the same is sent to {}; {} is asked about what they find",
                route(cast.member(1)),
                route(&cast.synthesis)
            ));
            return Ok(None);
        }
        context.ui.status(&cast.name());
        // Without room for both only one would review, and whoever wants two does not pay for that.
        if let Some(limit) = context.config().max_cost
            && let Some(estimate) = forecast::begin(job, client, cast, limit)?
            && estimate > limit
        {
            client.record_offline(Purpose::Review).await;
            let mut report = review::by_rules(job.change, job.beside, job.contents, &client.redactor);
            report.failure = Some(CallError::TooDear { estimate, limit, whole: None });
            return Ok(Some((report, cast.name())));
        }
        let files = show::counted(job.change.files.len(), "file");
        let mut watch = Watch::new(&context.ui, &format!("two models are reviewing {files}"));
        let report = review::review_twice(job, client, cast, &mut watch).await;
        watch.end();
        Ok(Some((report, cast.name())))
    }

    /// Where a finding of a model is to be applied that the last review of the same made: asks the same model again,
    /// unless another one is named.
    pub(super) fn recall(
        &mut self,
        context: &Context,
        change: &ChangeSet,
        (begins, below): (Option<&str>, &[String]),
    ) -> Result<(), CommandError> {
        let named = context.globals.model.is_some() || self.second.dialectic;
        let piped = self.what.target.as_deref() == Some("-");
        if self.apply.is_empty() || named || piped || context.offline() {
            return Ok(());
        }
        let Some(shelf) = self.second.shelf(context) else { return Ok(()) };
        let (label, redactor) = (label(context, begins, below)?, context.redactor()?);
        let asked = review::asked(context.store(), &redactor, &shelf, &label, change, &self.apply);
        if let Some(asked) = asked {
            self.second.recall(asked);
        }
        Ok(())
    }

    /// Compares with the last review of the same, and remembers this one.
    pub(super) fn compare(
        &self,
        context: &Context,
        change: &ChangeSet,
        (begins, below): (Option<&str>, &[String]),
        report: &mut Report,
    ) -> Result<(), CommandError> {
        // Patches on standard input have nothing in common but their way.
        let piped = self.what.target.as_deref() == Some("-");
        let Some(shelf) = self.second.shelf(context).filter(|_| !piped) else {
            if self.second.since_last {
                let why = if piped {
                    "a patch on standard input is not compared with an earlier one"
                } else if self.second.no_cache {
                    "--no-cache keeps and uses no earlier review"
                } else if context.globals.no_store {
                    "--no-store keeps and uses no earlier review"
                } else {
                    "no earlier review is kept (review.cache)"
                };
                context.ui.warn(&format!("{why}, so --since-last has nothing to compare with; all is shown"));
            }
            return Ok(());
        };
        let label = label(context, begins, below)?;
        let redactor = context.redactor()?;
        let asked = (!context.offline()).then(|| self.second.told(context));
        report.looks.since = review::since(context.store(), &redactor, &shelf, (&label, asked), change, report);
        if self.second.since_last && report.looks.since.is_none() {
            context.ui.status(&format!("there is no earlier review ({}) to compare with; all is shown", change.label));
        }
        Ok(())
    }
}

/// By what states of one change are found again: what a later change does not show any more is not fixed by it.
fn label(context: &Context, begins: Option<&str>, below: &[String]) -> Result<String, CommandError> {
    let root = context.repo()?.root().map(|root| root.display().to_string()).unwrap_or_default();
    Ok(format!("{root}\0{}\0{}", begins.unwrap_or_default(), below.join("\0")))
}

/// Why there are no two models, where the rules do not answer in their stead.
pub(super) fn uncast(error: CastError) -> CommandError {
    match error {
        CastError::Call(error) => error.into(),
        other => CommandError::of(Exit::NoModel, &other).hints(other.hint()),
    }
}

/// Who reviewed, by what is there of it.
pub(super) fn by(report: &Report, planned: String) -> By {
    let first = report.looks.kept_by.first().cloned().or_else(|| Some(report.replies.first()?.route.name()));
    match first {
        Some(name) => By::Model(name),
        None if report.failure.is_some() => By::Unanswered(planned),
        None => By::Rules(None),
    }
}

/// What stands above the first hint of a model that is not believed, in one line.
pub(super) fn doubt(report: &Report) -> Option<String> {
    let doubt = report.looks.doubt.as_ref()?;
    let name = doubt.split(' ').next().unwrap_or_default();
    let measure = match report.looks.measured {
        true => String::new(),
        false => format!(" To measure it: monster review --calibrate {name}"),
    };
    Some(format!("LOW CONFIDENCE: {doubt}. What follows are hints, not findings.{measure}"))
}

/// The same for a terminal.
pub(super) fn banner((width, paint): (usize, Paint<'_>), report: &Report) -> String {
    let Some(text) = doubt(report) else { return String::new() };
    let mut out = String::new();
    for line in wrapped(&plain(&text), width) {
        out.push_str(&format!("{}\n", paint(Tone::Yellow, &line)));
    }
    out
}

/// What a second look said of one finding, for people.
pub(super) fn note(look: &Look, finding: &Finding) -> Vec<String> {
    let mut out = Vec::new();
    if !look.found_by.is_empty() {
        out.push(format!("found by {}", look.found_by.join(" and ")));
    }
    if let Some(by) = &look.by {
        let word = match finding.verification {
            Verification::Confirmed => "confirmed",
            Verification::Unsure => "not decided",
            Verification::Unverified => return out,
        };
        let reason = look.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
        out.push(format!("{word} by {by}{reason}"));
    }
    out
}

/// What second looks came to and what is not shown, for people, one line each. The same for the same change, whenever and
/// wherever it is reviewed: a comment that says it is not written anew.
pub(super) fn limits(by: &By, report: &Report) -> Vec<String> {
    let looks = &report.looks;
    let mut out = Vec::new();
    let mut say = |line: String| out.push(line);
    if matches!(by, By::Model(_)) {
        match report.withheld {
            0 => {}
            1 => say("1 fix was not seen to apply and is not shown".to_owned()),
            n => say(format!("{n} fixes were not seen to apply and are not shown")),
        }
        match report.dropped {
            0 => {}
            1 => say("1 claim did not hold and is not shown".to_owned()),
            n => say(format!("{n} claims did not hold and are not shown")),
        }
    }
    if let Some(first) = looks.veiled.first() {
        let what = show::counted(looks.veiled.len(), "suggestion");
        say(format!(
            "{what} not shown, as lines of a secret stand in or beside what changes; write one with: --apply {first}"
        ));
    }
    if let Some(name) = &looks.single {
        let why = looks.unheard.as_ref().map(|why| format!("; the other gave no answer: {why}")).unwrap_or_default();
        say(format!("SINGLE SOURCE: only {name} reviewed{why}"));
    } else if let Some(why) = &looks.unheard {
        say(format!("nor did the other model review: {why}"));
    }
    match looks.refuted {
        0 => {}
        1 => say("1 claim was refuted by a second look and is not shown".to_owned()),
        n => say(format!("{n} claims were refuted by a second look and are not shown")),
    }
    if !report.over.is_empty() {
        let what = show::counted(report.over.len(), "finding");
        say(format!("{what} of a model beyond the limit (review.max_findings), shown with --all"));
    }
    if !looks.silenced.is_empty() {
        say(format!("{} silenced by monster:ignore, not shown", show::counted(looks.silenced.len(), "finding")));
    }
    let open = |f: &&Finding| f.source == Source::Model && f.verification == Verification::Unverified && !f.hint();
    let open = report.findings.iter().filter(open).count();
    if looks.unverified.is_none() && open > 0 {
        say(format!("{} of a model, not looked at a second time", show::counted(open, "finding")));
    }
    if let Some(why) = &looks.unverified {
        let what = if looks.undecided { "nobody decided about all findings" } else { "not all findings are verified" };
        say(format!("{what}: {why}"));
    }
    out
}

/// What was known from before, and what became of it, for people, one line each.
pub(super) fn before(report: &Report) -> Vec<String> {
    let looks = &report.looks;
    let mut out = Vec::new();
    let mut say = |line: String| out.push(line);
    if looks.cached > 0 {
        let files = show::counted(looks.cached, "file");
        let asked = if report.replies.is_empty() { "; nothing was asked" } else { "" };
        say(format!("answers of before hold for {files}{asked}"));
    }
    if let Some(since) = &looks.since {
        let when = show::moment(since.at_ms);
        let (new, still, fixed) = (since.new.len(), since.still.len(), since.fixed.len());
        let left = match since.left.len() {
            0 => String::new(),
            n => format!(", {n} in files that are no longer in this change"),
        };
        say(format!("since the last review ({when}): {new} new, {still} still there, {fixed} fixed{left}"));
        for finding in &since.fixed {
            say(format!("  fixed: {}:{}  {}", finding.file, finding.line, finding.title));
        }
        for finding in &since.unseen {
            let place = format!("{}:{}", finding.file, finding.line);
            say(format!("  not found again, but others were asked this time: {place}  {}", finding.title));
        }
        for finding in &since.left {
            say(format!("  no longer in this change: {}:{}  {}", finding.file, finding.line, finding.title));
        }
    }
    out
}

/// The same for machines.
pub(super) fn json(report: &Report) -> Value {
    let looks = &report.looks;
    json!({ "findings": looks.notes, "refuted": looks.refuted, "silenced": looks.silenced.len(),
        "unverified": looks.unverified, "undecided": looks.undecided, "single_source": looks.single,
        "unheard": looks.unheard, "cached_files": looks.cached, "low_confidence": looks.doubt, "veiled": looks.veiled })
}

/// Reasoning that is asked of whoever reviews.
pub(super) fn effort(context: &Context) -> crate::model::Demand {
    context.effort(Purpose::Review)
}
