//! `monster review`: a summary, then findings that point at real changed lines.

mod apply;
mod calibrate;
mod deed;
mod forecast;
mod gh;
mod input;
mod mend;
mod out;
mod post;
mod pushed;
mod second;
mod silence;
mod veil;

use std::path::{Path, PathBuf};

use clap::Args;

use super::context::Context;
use super::error::{CommandError, Exit, Outcome};
use super::listen::Watch;
use super::{plan, show};
use crate::client::CallError;
use crate::git::{ChangeSet, Contents, FileChange, Status};
use crate::model::Purpose;
use crate::tasks::dialectic::CastError;
use crate::tasks::finding::{Finding, Severity};
use crate::tasks::review::{self, Job, Masked, Report, Rules};
use crate::world::files;

use gh::Gh;
use input::{Pull, Read, What};
use out::{Format, Told};
pub(super) use pushed::{Pushed, open, secrets};
use silence::Accepted;

/// Gaps that are warned of one by one.
const WARNED: usize = 20;

#[derive(Debug, Default, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "Examples:\n  monster review\n  monster review HEAD~3..\n  git diff | monster review -\n  monster review main... --fail-on high\n  monster review --base auto --format sarif -o review.sarif\n  monster review --pr 12 --post"
)]
pub(super) struct Review {
    #[command(flatten)]
    what: What,
    /// End with 1 when a finding is at least this severe, shown or not: also one that --since-last or the limit of
    /// findings leaves out, but nothing accepted and no hint of a model that is not believed. never: whatever settings say.
    #[arg(long, value_name = "SEVERITY", value_parser = gate)]
    fail_on: Option<Gate>,
    /// An incomplete review is no failure.
    #[arg(long)]
    allow_incomplete: bool,
    /// Show every finding, however mild and however many.
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    second: second::Flags,
    /// In which form; beside text they are for programs.
    #[arg(long, value_enum, value_name = "FORM")]
    format: Option<Format>,
    /// Write the form to this file, and show the text on standard output all the same; - for standard output alone.
    #[arg(short, long, value_name = "FILE", requires = "format")]
    output: Option<PathBuf>,
    /// Leave out what this file accepts; written by: monster review baseline write.
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Write the suggestion of this finding into the working tree, if that holds what was reviewed; may be repeated.
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    apply: Vec<String>,
    /// Bring the pull request of --pr up to this review: one comment, and a remark at each line. Needs gh.
    #[arg(long, requires = "pr")]
    post: bool,
    /// Ask and send nothing: say which files and requests there would be, and what they may cost. With --post, review and
    /// print what would be posted.
    #[arg(long)]
    dry_run: bool,
    #[command(subcommand)]
    deed: Option<deed::Deed>,
}

/// From which severity on a finding fails a review.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Gate {
    Never,
    From(Severity),
}

fn gate(text: &str) -> Result<Gate, String> {
    let from = Severity::parse(text).map(Gate::From).or_else(|| (text == "never").then_some(Gate::Never));
    from.ok_or_else(|| "one of never, low, medium, high, critical".to_owned())
}

/// A review that took place.
struct Looked {
    change: ChangeSet,
    /// What settings leave out of it.
    contents: Box<dyn Contents>,
    report: Report,
    by: By,
    pull: Option<Pull>,
}

impl Review {
    /// Reviews.
    pub(super) fn run(mut self, context: &Context) -> Outcome {
        if let Some(deed) = self.deed.take() {
            return deed.run(context);
        }
        if self.output.as_deref() == Some(Path::new("-")) {
            self.output = None;
        }
        // Whoever reads JSON there gets the error as JSON, too; --json has it from whoever prints errors.
        let object = self.object() && !context.ui.look().json;
        self.answer(context).inspect_err(|error| {
            if object && !error.what.is_empty() {
                let _ = context.ui.json(&show::error_json(error));
            }
        })
    }

    /// Whether standard output is to hold the review as JSON by its own flags.
    fn object(&self) -> bool {
        self.format == Some(Format::Json) && self.output.is_none()
    }

    fn answer(mut self, context: &Context) -> Outcome {
        self.check(context)?;
        self.second.seats.two()?;
        if let Some(model) = &self.second.calibrate {
            if context.globals.show_prompt {
                let what = "--calibrate asks up to 48 times, and --show-prompt asks nobody";
                return Err(CommandError::new(Exit::Usage, what).hint("leave out one of them"));
            }
            return calibrate::run(context, model, self.dry_run);
        }
        let gh = if self.post { Some(Gh::find(context)?) } else { None };
        let Some(mut looked) = self.look_at(context, gh.as_ref())? else { return Ok(Exit::Done) };
        let accepted = Accepted::read(context, &looked.change, looked.contents.as_ref(), self.baseline.as_deref())?;
        // The names are needed until all is done; then they are only shown.
        let redactor = context.redactor()?;
        let names = Masked::of_review(&looked.change, &looked.report, &redactor);
        let mut suppressed = accepted.take(&mut looked.report);
        let Looked { change, contents, report, by, pull } = &mut looked;
        let (change, contents) = (&*change, contents.as_ref());
        let applied = if self.apply.is_empty() {
            Vec::new()
        } else {
            apply::apply(context, change, contents, &report.findings, &self.apply)?
        };
        // Behind the file itself a suggestion goes nowhere with a secret in it.
        let told = report.findings.iter_mut().chain(suppressed.iter_mut().map(|s| &mut s.finding));
        report.looks.veiled = veil::veil(&redactor, change, contents, told);
        names.report(report);
        suppressed.iter_mut().for_each(|s| names.finding(&mut s.finding));
        let report = &*report;
        let (exit, decisive) = self.exit(context, report, &applied);
        let told = Told {
            change,
            contents,
            report,
            names: &names,
            suppressed: &suppressed,
            by,
            exit,
            all: self.all,
            applied: &applied,
            since: self.second.since_last,
            decisive: &decisive,
        };
        let dry = self.dry_run && self.post;
        if !dry {
            self.show(context, &told)?;
        }
        if let Some(error) = &report.failure {
            context.ui.warn(&format!("the model's part is missing: {error}"));
            if let Some(hint) = error.hint() {
                context.ui.hint(&hint);
            }
        }
        if !report.replies.is_empty() {
            let replies: Vec<_> = report.replies.iter().collect();
            context.ui.status(&show::cost_line(&replies));
        }
        if let (Some(gh), Some(pull)) = (&gh, pull) {
            post::post(context, gh, pull, &told, (dry, self.what.narrow())).map_err(|error| {
                // Standard output holds one document, and that was the review.
                if dry || !(self.object() || context.ui.look().json) {
                    return error;
                }
                show::error_beside(&context.ui, &error);
                CommandError::silent(error.exit)
            })?;
        }
        Ok(exit)
    }

    /// Flags that do not go together, where that depends on more than their names.
    fn check(&self, context: &Context) -> Result<(), CommandError> {
        let told = |what: &str, hint: &str| Err(CommandError::new(Exit::Usage, what).hint(hint));
        let json = context.ui.look().json;
        if json && self.output.is_none() && self.format.is_some_and(|f| f != Format::Json) {
            return told("--json and another --format cannot both be the answer", "write one to a file with -o FILE");
        }
        if let Some(path) = &self.output {
            let path = context.env.cwd().join(path);
            // Before anything is paid for.
            if path.parent().is_none_or(|folder| files::look(folder).is_none()) {
                let what = format!("the review was not written to {}: its folder is not there", path.display());
                return Err(CommandError::new(Exit::Failed, what).hint("nothing was asked"));
            }
            files::publishable(&path).map_err(|e| {
                let what = format!("the review was not written to {}: {e}", path.display());
                CommandError::new(Exit::Failed, what).hint("nothing was asked")
            })?;
        }
        if self.dry_run && (self.output.is_some() || !self.apply.is_empty()) {
            return told("--dry-run writes nothing", "leave out -o and --apply");
        }
        Ok(())
    }

    /// Prints the answer, and writes what goes into a file.
    fn show(&self, context: &Context, told: &Told<'_>) -> Result<(), CommandError> {
        let format = self.format.unwrap_or(Format::Text);
        if let Some(path) = &self.output {
            let path = context.env.cwd().join(path);
            files::publish(&path, told.in_form(format).as_bytes()).map_err(|e| {
                CommandError::new(Exit::Failed, format!("the review was not written to {}: {e}", path.display()))
            })?;
        }
        let on_terminal = if self.output.is_some() { Format::Text } else { format };
        if context.ui.look().json {
            context.ui.json(&out::json(told))?;
        } else if on_terminal.for_people() {
            context.ui.out(&told.text(context.ui.measure(), &|tone, text| context.ui.paint(tone, text)))?;
        } else {
            let text = told.in_form(on_terminal);
            if !text.is_empty() {
                context.ui.out(&text)?;
            }
        }
        if format == Format::Github {
            summarise(context, told);
        }
        // These forms have no place for it, and an exit code alone says nothing.
        if !context.ui.look().json && !on_terminal.says_why() {
            unsaid(told).iter().for_each(|why| context.ui.warn(why));
        }
        if format == Format::Patch {
            for (finding, why) in mend::together(told.change, told.contents, &told.report.findings).left {
                context.ui.warn(&format!("the suggestion of {} is left out: {why}", finding.id));
            }
        }
        Ok(())
    }

    /// Reads and reviews; `None` where all was said by showing what would be asked.
    fn look(&mut self, context: &Context) -> Result<Option<Looked>, CommandError> {
        self.look_at(context, None)
    }

    fn look_at(&mut self, context: &Context, gh: Option<&Gh<'_>>) -> Result<Option<Looked>, CommandError> {
        let Read { mut change, contents, begins, pull, rest, below } = self.what.read(context, gh)?;
        whole(&change)?;
        let left = leave(context, &mut change, &rest);
        if change.is_empty() && left.is_empty() {
            return Err(CommandError::new(Exit::Nothing, format!("there is nothing to review ({})", change.label))
                .hint("name a commit or a range, for example: monster review HEAD~3.."));
        }
        for note in &change.notes {
            context.ui.warn(note);
        }
        if let Some(named) = &self.baseline {
            Accepted::check(context, &change, named)?;
        }
        self.recall(context, &change, (begins.as_deref(), &below))?;
        // Who reviews a part still knows what else the change does.
        let beside = ChangeSet { files: left.files.iter().cloned().chain(rest).collect(), ..ChangeSet::default() };
        let told = self.report(context, (&change, &beside), contents.as_ref(), &left)?;
        let Some((mut report, by)) = told else { return Ok(None) };
        if !left.is_empty() {
            // A path that is not reviewed may still not carry a secret out.
            let redactor = context.redactor()?;
            report.search(&left, contents.as_ref(), &redactor);
            let whose = context.loaded().get("review.ignore").map(|s| s.origin.to_string()).unwrap_or_default();
            report.coverage.ignored = left.files.iter().map(|f| (f.path.to_string(), whose.clone())).collect();
        }
        report.coverage.miss(&change);
        self.compare(context, &change, (begins.as_deref(), &below), &mut report)?;
        Ok(Some(Looked { change, contents, report, by, pull }))
    }

    fn report(
        &self,
        context: &Context,
        (change, beside): (&ChangeSet, &ChangeSet),
        contents: &dyn Contents,
        left: &ChangeSet,
    ) -> Result<Option<(Report, By)>, CommandError> {
        let forecast = self.dry_run && !self.post;
        let config = context.config();
        let rules = rules(context, (change, beside), contents);
        let asked = self.second.asked(context);
        let shelf = self.second.shelf(context);
        let job = Job {
            change,
            beside,
            contents,
            rules,
            max: config.review.max_findings,
            max_bytes: config.review.max_bytes,
            effort: second::effort(context),
            patience: context.patience(Purpose::Review),
            second: self.second.second(context, shelf.as_ref(), &asked),
        };
        if context.offline() {
            if context.globals.show_prompt {
                context.ui.status("offline: nothing would be sent");
                return Ok(None);
            }
            if forecast {
                forecast::by_rules(context, change, left, None)?;
                return Ok(None);
            }
            return Ok(Some((self.by_rules(context, &job)?, By::Rules(None))));
        }
        context.block_on(async {
            // A plan is made without asking anybody for anything.
            let client = context.connect(&self.second.survey(context, &asked), forecast).await?;
            let cast = self.second.dialectic.then(|| self.second.cast(context, &client, &asked)).transpose();
            let routes = match cast {
                Ok(None) => client.routes(&asked).map(|routes| (routes, None)),
                Ok(Some(cast)) => Ok((cast.member(0).to_vec(), Some(cast))),
                Err(CastError::Call(error)) => Err(error),
                Err(other) => return Err(second::uncast(other)),
            };
            let (routes, cast) = match routes {
                Ok(routes) => routes,
                Err(error @ (CallError::NoRoute { .. } | CallError::Locked(_))) if !context.globals.no_fallback => {
                    if context.globals.show_prompt {
                        context.ui.status(&format!("{error}: nothing would be sent"));
                        return Ok(None);
                    }
                    if forecast {
                        forecast::by_rules(context, change, left, Some(&error.to_string()))?;
                        return Ok(None);
                    }
                    let report = review::by_rules(change, beside, contents, &client.redactor);
                    client.record_offline(Purpose::Review).await;
                    let why = match &error {
                        CallError::NoRoute { notes } => notes.first().cloned(),
                        locked => Some(format!("{locked}; {}", locked.hint().unwrap_or_default())),
                    };
                    return Ok(Some((report, By::Rules(why.or_else(connect)))));
                }
                Err(error) => return Err(error.into()),
            };
            if forecast {
                forecast::by_model(context, &job, left, &client, &routes, cast.as_ref())?;
                return Ok(None);
            }
            let (mut report, name) = match &cast {
                Some(cast) => match self.twice(context, &client, (&job, cast)).await? {
                    Some(done) => done,
                    None => return Ok(None),
                },
                None if context.globals.show_prompt => {
                    let request = review::first_request(&job, &client.redactor, &asked.0, &routes);
                    plan::show_prompt(context, &client, &routes, request)?;
                    return Ok(None);
                }
                None => {
                    let name = routes[0].name();
                    let files = show::counted(change.files.len(), "file");
                    let mut watch = Watch::new(&context.ui, &format!("{name} is reviewing {files}"));
                    let report = review::review(&job, &client, &routes, &mut watch).await;
                    watch.end();
                    (report, name)
                }
            };
            match report.failure {
                // Nothing is sent, for a secret in it or for its price: what the rules found costs nothing and is shown,
                // the secret among it, and the exit code tells.
                Some(error) if error.policy() => report.failure = Some(error),
                Some(error) if context.globals.no_fallback => return Err(error.into()),
                _ => {}
            }
            let by = match cast {
                Some(_) if report.failure.is_none() => By::Model(name),
                _ => second::by(&report, name),
            };
            Ok(Some((report, by)))
        })
    }

    fn by_rules(&self, context: &Context, job: &Job<'_>) -> Result<Report, CommandError> {
        let redactor = context.redactor()?;
        let report = review::by_rules(job.change, job.beside, job.contents, &redactor);
        context.record_offline(Purpose::Review);
        Ok(report)
    }

    /// What it ends with, and the findings at or above the gate.
    fn exit(&self, context: &Context, report: &Report, applied: &[String]) -> (Exit, Vec<String>) {
        let settings = || context.config().review.fail_on.as_deref().and_then(Severity::parse).map(Gate::From);
        let over: Vec<String> = match self.fail_on.or_else(settings) {
            Some(Gate::From(gate)) => {
                let counts = |f: &&Finding| f.severity >= gate && f.counts() && !applied.contains(&f.id);
                report.findings.iter().filter(counts).map(|f| f.id.clone()).collect()
            }
            Some(Gate::Never) | None => Vec::new(),
        };
        let exit = if report.failure.as_ref().is_some_and(CallError::policy) {
            Exit::Policy
        } else if !over.is_empty() {
            Exit::Failed
        } else if self.second.seats.strict && report.looks.single.is_some() {
            Exit::NoModel
        } else if !report.complete() && !self.allow_incomplete {
            Exit::Incomplete
        } else {
            Exit::Done
        };
        (exit, over)
    }
}

/// Why the exit code is not 0, where the form does not say it and nothing else does.
fn unsaid(told: &Told<'_>) -> Vec<String> {
    let (change, looks) = (told.change, &told.report.looks);
    // Where no model answered, that is said once and not of every file; notes were told when the change was read.
    let gaps = if told.report.failure.is_some() { Vec::new() } else { told.missing(WARNED) };
    let mut out: Vec<String> = gaps.into_iter().filter(|gap| !change.notes.iter().any(|n| gap.contains(n))).collect();
    out.extend(looks.unverified.iter().filter(|_| looks.undecided).map(|why| format!("not all was decided: {why}")));
    out.extend(told.decided());
    out
}

/// A file in conflict has no new side yet: nobody can say that nothing is wrong with it.
fn whole(change: &ChangeSet) -> Result<(), CommandError> {
    let mut open = change.files.iter().filter(|f| f.status == Status::Unmerged);
    let Some(first) = open.next() else { return Ok(()) };
    let what = match open.count() {
        0 => format!("{} is in conflict", first.path),
        more => format!("{} and {more} more are in conflict", first.path),
    };
    Err(CommandError::new(Exit::Repository, what)
        .hint("resolve it and git add it; until then a part can be reviewed with: monster review --path PATH"))
}

/// Writes the whole review where GitHub Actions shows it beside the step, if that is where this runs.
fn summarise(context: &Context, told: &Told<'_>) {
    let Some(path) = context.env.get("GITHUB_STEP_SUMMARY").filter(|path| !path.is_empty()) else { return };
    if let Err(error) = files::append(Path::new(path), out::github_summary(told).as_bytes()) {
        context.ui.warn(&format!("the step's summary could not be written: {error}"));
    }
}

/// Who reviewed.
enum By {
    /// The rules alone, with what would connect a model.
    Rules(Option<String>),
    /// The rules alone, because this model did not answer.
    Unanswered(String),
    /// Rules and this model.
    Model(String),
}

fn connect() -> Option<String> {
    Some("for a model's eye as well: monster login, or set OPENAI_API_KEY (or another provider's key)".to_owned())
}

/// Takes out what settings say is not to be reviewed. A change that edits the repository's settings does not get to
/// say so about itself, nor one of which only a part is reviewed (`rest` is the other).
fn leave(context: &Context, change: &mut ChangeSet, rest: &[FileChange]) -> ChangeSet {
    let origin = context.loaded().get("review.ignore").map(|s| s.origin).ok();
    let own = change.files.iter().chain(rest).any(|f| f.path.as_str() == ".monster.toml");
    if own && origin.is_some_and(|o| o.untrusted()) {
        context.ui.warn("this change edits .monster.toml, so the repository's review.ignore is not obeyed");
        return ChangeSet::default();
    }
    ignored(context, change)
}

/// Takes out what `review.ignore` names.
fn ignored(context: &Context, change: &mut ChangeSet) -> ChangeSet {
    let ignored = |file: &FileChange| context.config().review.ignored(file.path.as_str());
    let (out, kept) = std::mem::take(&mut change.files).into_iter().partition(ignored);
    change.files = kept;
    ChangeSet { files: out, label: change.label.clone(), ..ChangeSet::default() }
}

/// The repository's own rules, from before the change. One that edits the repository's settings does not get to name
/// another file for itself.
fn rules(context: &Context, (change, beside): (&ChangeSet, &ChangeSet), contents: &dyn Contents) -> Rules {
    let untrusted = context.loaded().get("review.rules").is_ok_and(|s| s.origin.untrusted());
    let own = untrusted && change.files.iter().chain(&beside.files).any(|f| f.path.as_str() == ".monster.toml");
    let named = context.config().review.rules.as_deref().filter(|_| !own);
    let rules = Rules::read(change, contents, named);
    if let Some(name) = named.filter(|name| !rules.hold(name)) {
        context.ui.warn(&format!("review.rules names {name}, which did not stand there before this change"));
    }
    rules
}
