//! `monster review`: a summary, then findings that point at real changed lines.

mod calibrate;
mod input;
mod second;
mod text;

use clap::Args;
use serde_json::json;

use super::context::Context;
use super::error::{CommandError, Exit, Outcome};
use super::listen::Watch;
use super::{plan, show};
use crate::client::CallError;
use crate::git::{ChangeSet, Contents};
use crate::model::Purpose;
use crate::tasks::dialectic::CastError;
use crate::tasks::finding::{Finding, Severity};
use crate::tasks::review::{self, Job, Report, Rules, leaks};

/// Review a change: staged if anything is staged, else the working tree; or a revision, a range, a patch.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  monster review\n  monster review HEAD~3..\n  git diff | monster review -\n  monster review main... --fail-on high"
)]
pub(super) struct Review {
    /// What to review: REV (that commit), A..B, A...B (since they parted), or - for a patch on standard input.
    #[arg(value_name = "REV|RANGE|-")]
    target: Option<String>,
    /// Review what is staged.
    #[arg(long, conflicts_with_all = ["target", "worktree", "base"])]
    staged: bool,
    /// Review what is changed in the working tree and not staged.
    #[arg(long, conflicts_with_all = ["target", "base"])]
    worktree: bool,
    /// Review the working tree with the files in it that git does not track, but for those it ignores.
    #[arg(long, conflicts_with_all = ["target", "staged", "base"])]
    untracked: bool,
    /// Review everything since the branch left this one; auto = its upstream, else origin's default, else main.
    #[arg(long, value_name = "REV|auto", conflicts_with = "target")]
    base: Option<String>,
    /// Only files below this path; may be repeated.
    #[arg(long = "path", value_name = "PATH")]
    paths: Vec<String>,
    /// End with 1 when a finding is at least this severe.
    #[arg(long, value_name = "SEVERITY", value_parser = severity)]
    fail_on: Option<Severity>,
    /// An incomplete review is no failure.
    #[arg(long)]
    allow_incomplete: bool,
    /// Show every finding, however mild and however many.
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    second: second::Flags,
}

fn severity(text: &str) -> Result<Severity, String> {
    Severity::parse(text).ok_or_else(|| "one of low, medium, high, critical".to_owned())
}

/// What is shown without `--all`.
const SHOWN: usize = 10;

impl Review {
    /// Reviews.
    pub(super) fn run(self, context: &Context) -> Outcome {
        self.second.check()?;
        if let Some(model) = &self.second.calibrate {
            return calibrate::run(context, model);
        }
        let (mut change, contents) = self.read(context)?;
        let left = leave(context, &mut change);
        if change.is_empty() && left.is_empty() {
            return Err(CommandError::new(Exit::Nothing, format!("there is nothing to review ({})", change.label))
                .hint("name a commit or a range, for example: monster review HEAD~3.."));
        }
        for note in &change.notes {
            context.ui.warn(note);
        }
        let (mut report, by) = self.report(context, &change, contents.as_ref())?;
        if context.globals.show_prompt {
            return Ok(Exit::Done);
        }
        if !left.is_empty() {
            // A path that is not reviewed may still not carry a secret out.
            let redactor = context.redactor()?;
            report.add(leaks(&left, &redactor));
            let whose = context.loaded().get("review.ignore").map(|s| s.origin.to_string()).unwrap_or_default();
            report.coverage.ignored = left.files.iter().map(|f| (f.path.to_string(), whose.clone())).collect();
        }
        report.coverage.miss(&change);
        self.compare(context, &change, &mut report)?;
        let exit = self.exit(context, &report);
        let (shown, hidden) = self.split(&report);
        if context.ui.look().json {
            context.ui.json(&as_json(&change, &report, &by, exit))?;
        } else {
            context.ui.out(&text::render(&context.ui, &change, &report, &shown, hidden, &by))?;
        }
        if let Some(error) = &report.failure {
            let what = format!("the model's part is missing: {error}");
            context.ui.warn(&what);
            if let Some(hint) = error.hint() {
                context.ui.hint(&hint);
            }
        }
        if !report.replies.is_empty() {
            let replies: Vec<_> = report.replies.iter().collect();
            context.ui.status(&show::cost_line(&replies));
        }
        Ok(exit)
    }

    fn report(
        &self,
        context: &Context,
        change: &ChangeSet,
        contents: &dyn Contents,
    ) -> Result<(Report, By), CommandError> {
        let config = context.config();
        let rules = rules(context, change, contents);
        let asked = context.model(if self.second.dialectic { "reasoning" } else { "balanced" });
        let shelf = self.second.shelf(context);
        let job = Job {
            change,
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
                return Ok((Report::default(), By::Rules(None)));
            }
            return Ok((self.by_rules(context, &job)?, By::Rules(None)));
        }
        context.block_on(async {
            let client = context.connect(&self.second.survey(context, &asked), false).await?;
            let cast = self.second.dialectic.then(|| self.second.cast(context, &client, &asked)).transpose();
            let routes = match cast {
                Ok(None) => client.routes(&asked).map(|routes| (routes, None)),
                Ok(Some(cast)) => Ok((cast.first.clone(), Some(cast))),
                Err(CastError::Call(error)) => Err(error),
                Err(other) => return Err(second::uncast(other)),
            };
            let (routes, cast) = match routes {
                Ok(routes) => routes,
                Err(error @ (CallError::NoRoute { .. } | CallError::Locked(_))) if !context.globals.no_fallback => {
                    if context.globals.show_prompt {
                        context.ui.status(&format!("{error}: nothing would be sent"));
                        return Ok((Report::default(), By::Rules(None)));
                    }
                    let report = review::by_rules(change, contents, &client.redactor);
                    client.record_offline(Purpose::Review).await;
                    let why = match &error {
                        CallError::NoRoute { notes } => notes.first().cloned(),
                        locked => Some(format!("{locked}; {}", locked.hint().unwrap_or_default())),
                    };
                    return Ok((report, By::Rules(why.or_else(connect))));
                }
                Err(error) => return Err(error.into()),
            };
            let (mut report, name) = match &cast {
                Some(cast) => match self.twice(context, &client, (&job, cast)).await? {
                    Some(done) => done,
                    None => return Ok((Report::default(), By::Rules(None))),
                },
                None if context.globals.show_prompt => {
                    let request = review::first_request(&job, &client.redactor, &asked.0, &routes);
                    plan::show_prompt(context, &client, &routes, request)?;
                    return Ok((Report::default(), By::Rules(None)));
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
                // Blocked: the rules' findings say where the secret is, so they are shown, and the exit code tells.
                Some(error) if second::stopped(&error) => return Err(error.into()),
                Some(error @ CallError::Blocked(_)) => report.failure = Some(error),
                Some(error) if context.globals.no_fallback => return Err(error.into()),
                _ => {}
            }
            let by = match cast {
                Some(_) if report.failure.is_none() => By::Model(name),
                _ => second::by(&report, name),
            };
            Ok((report, by))
        })
    }

    fn by_rules(&self, context: &Context, job: &Job<'_>) -> Result<Report, CommandError> {
        let redactor = context.redactor()?;
        let report = review::by_rules(job.change, job.contents, &redactor);
        context.record_offline(Purpose::Review);
        Ok(report)
    }

    fn exit(&self, context: &Context, report: &Report) -> Exit {
        let gate = self.fail_on.or_else(|| context.config().review.fail_on.as_deref().and_then(Severity::parse));
        let over = gate.is_some_and(|gate| report.findings.iter().any(|f| f.severity >= gate && f.counts()));
        if matches!(report.failure, Some(CallError::Blocked(_))) {
            Exit::Policy
        } else if over {
            Exit::Failed
        } else if self.second.strict && report.looks.single.is_some() {
            Exit::NoModel
        } else if !report.complete() && !self.allow_incomplete {
            Exit::Incomplete
        } else {
            Exit::Done
        }
    }

    /// What is shown, and how many are not.
    fn split<'r>(&self, report: &'r Report) -> (Vec<&'r Finding>, usize) {
        let worth = |f: &&Finding| self.all || (f.severity >= Severity::Medium && !f.moot());
        let fresh: Vec<&Finding> = report.findings.iter().filter(|f| self.fresh(report, f)).collect();
        let mut shown: Vec<&Finding> = fresh.iter().copied().filter(worth).collect();
        if !self.all {
            shown.truncate(SHOWN);
        }
        let hidden = fresh.len() - shown.len();
        (shown, hidden)
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
/// say so about itself.
fn leave(context: &Context, change: &mut ChangeSet) -> ChangeSet {
    let origin = context.loaded().get("review.ignore").map(|s| s.origin).ok();
    let own = change.files.iter().any(|f| f.path.as_str() == ".monster.toml");
    if own && origin.is_some_and(|o| o.untrusted()) {
        context.ui.warn("this change edits .monster.toml, so the repository's review.ignore is not obeyed");
        return ChangeSet::default();
    }
    let ignored = |file: &crate::git::FileChange| context.config().review.ignored(file.path.as_str());
    let (out, kept) = std::mem::take(&mut change.files).into_iter().partition(ignored);
    change.files = kept;
    ChangeSet { files: out, label: change.label.clone(), ..ChangeSet::default() }
}

/// The repository's own rules, from before the change. One that edits the repository's settings does not get to name
/// another file for itself.
fn rules(context: &Context, change: &ChangeSet, contents: &dyn Contents) -> Rules {
    let untrusted = context.loaded().get("review.rules").is_ok_and(|s| s.origin.untrusted());
    let own = untrusted && change.files.iter().any(|f| f.path.as_str() == ".monster.toml");
    let named = context.config().review.rules.as_deref().filter(|_| !own);
    let rules = Rules::read(change, contents, named);
    if let Some(name) = named.filter(|name| !rules.hold(name)) {
        context.ui.warn(&format!("review.rules names {name}, which did not stand there before this change"));
    }
    rules
}

fn as_json(change: &ChangeSet, report: &Report, by: &By, exit: Exit) -> serde_json::Value {
    json!({
        "schema": "monster.review/2", "target": change.label, "summary": report.summary,
        "files": change.files.len(), "added": change.added(), "removed": change.removed(),
        "by": match by { By::Rules(_) | By::Unanswered(_) => "offline", By::Model(name) => name },
        "findings": report.findings, "dropped": report.dropped, "withheld": report.withheld, "coverage": report.coverage,
        "second_look": second::json(report), "since_last": report.looks.since, "complete": report.complete(), "failure": report.failure.as_ref().map(ToString::to_string),
        "requests": report.replies.iter().map(show::reply_json).collect::<Vec<_>>(),
        "exit": exit as u8,
    })
}
